"""What a guard knows what it holds back by: fewer spellings of it than before.

A piece of text, or an expression, that is looked for and then refused catches all the less the
longer it is; and one that has to be the whole text catches less than one that only begins it.
"""

from collections.abc import Iterator, Mapping

from reviewqueue.scan.effects.guards import REFUSING, is_condition
from reviewqueue.scan.rule import FileView, expression
from reviewqueue.scan.structure.comments import is_comment
from reviewqueue.scan.structure.hunks import numbered
from reviewqueue.scan.structure.pairs import Pair, blocks, changed_tokens, finds, paired

_LOOKS = (
    r"(?i)\b(?:re|regex\w*|pattern\w*)?\.?(?:search|match\w*|test|includes?\??|contains|indexOf|"
    r"starts?_?with\??|ends?_?with\??|HasPrefix|HasSuffix|find|strpos|stripos|str_contains|"
    r"preg_match\w*|MatchString|is_match|fnmatch)\b|=~|[ ]in[ ]"
)
"""How a line looks for a piece of text."""
_PARTLY = frozenset(
    b"startswith startsWith starts_with start_with HasPrefix hasPrefix StartsWith str_starts_with "
    b"includes contains Contains include search =~".split()
)
_WHOLLY = frozenset(b"== === eq equals Equals Equal fullmatch eql".split())
_TEXT = (
    r"'((?:[^'\\\n]|\\[^\n]){2,})'|\"((?:[^\"\\\n]|\\[^\n]){2,})\"|/((?:[^/\\\n ]|\\[^\n]){2,})/"
)
_FIRMLY = (
    r"(?i)\b(?:throttle|block_?list\w*|black_?list\w*|deny|denied|forbid\w*|restrict\w*|protect\w*|"
    r"rate_?limit\w*|limiter|require_?auth\w*|needs_?\w+|is_?(?:blocked|dangerous|unsafe|private|"
    r"internal|sensitive|protected|restricted|reserved)\w*)\b"
)
"""What stands above a question that catches, rather than lets in."""
_NO = r"(?i)\bunauthori[sz]ed|forbidden|\b40[013]\b|not_?allowed|denied|block"
_BELOW = 3
_ABOVE = 3
_SHORT = 24
"""Removed lines of a block up to which it is looked at."""


def caught_less(file: FileView) -> Iterator[tuple[Pair, str]]:
    """Yield the questions that catch less than they did, and how."""
    looks = finds(_LOOKS)
    if not (looks(file.removed) and file.added):
        return
    shown: dict[int, bytes] = {}
    for block in blocks(file, _LOOKS, of=range(1, _SHORT + 1)):
        for pair in paired(block, looks) if len(block.new) <= _SHORT else ():
            told = "" if is_comment(pair.new) else _told(pair)
            if told:
                shown = shown or {
                    number: text
                    for hunk in file.hunks()
                    for mark, number, text in numbered(hunk)
                    if mark != b"-"
                }
                if _catches(pair, shown):
                    yield pair, told


def _told(pair: Pair) -> str:
    old, new = _texts(pair.old), _texts(pair.new)
    is_same = bool(old) and set(old) == set(new)
    differ = [(was, now) for was, now in zip(old, new, strict=False) if was != now]
    if not is_same and (len(old) != len(new) or len(differ) != 1):
        return ""
    changed = changed_tokens(pair)
    gone, came = frozenset(changed.all_gone), frozenset(changed.all_came)
    if is_same and gone & _PARTLY and came & _WHOLLY:
        return "what is caught has to be the whole text now, and not a part of it"
    if len(old) != len(new) or not finds(_LOOKS)(pair.new) or came & _WHOLLY:
        return ""
    if len(differ) == 1 and _is_fewer(*differ[0]):
        return "one of the texts that are caught is gone"
    if len(differ) == 1 and _is_longer(*differ[0]):
        return "what is caught is spelled out further, so that less is caught"
    return ""


def _is_longer(was: bytes, now: bytes) -> bool:
    """Return whether the same text goes on, or begins earlier; not where it has an alternative."""
    if any(mark in now for mark in (b"|", b"?", b"*")) or len(was) < len(b"ab"):
        return False
    return was != now and (now.startswith(was) or now.endswith(was))


def _is_fewer(was: bytes, now: bytes) -> bool:
    """Return whether an expression has lost some of its alternatives, and nothing else."""
    before, after = ([part.strip(b"()^$?: ") for part in text.split(b"|")] for text in (was, now))
    return len(before) > 1 and frozenset(after) < frozenset(before)


def _texts(line: bytes) -> list[bytes]:
    return [b"".join(found) for found in expression(_TEXT).findall(line)]


def _catches(pair: Pair, shown: Mapping[int, bytes]) -> bool:
    """Return whether what is found is refused, or held back by what stands above."""
    line = pair.new_line
    above = b"\n".join(shown.get(number, b"") for number in range(line - _ABOVE, line))
    below = (shown.get(number, b"") for number in range(line, line + _BELOW))
    negated = finds(r"(?:\bnot\b|!)[ ]*[\w.]")(pair.new)
    refused = any(finds(REFUSING)(text) or finds(_NO)(text) for text in below)
    if is_condition(pair.new) and not finds(_FIRMLY)(above):
        return refused and not negated
    return finds(_FIRMLY)(above + b"\n" + pair.new) and not negated
