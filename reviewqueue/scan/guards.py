"""Guards in program text: what speaks of protection, what refuses, and what a change lost of it.

A guard is a condition followed by a refusal. Whether one is *lost* is asked of the whole
change: what comes back elsewhere, in other words too, was moved or rewritten.
"""

import re
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Sequence

from reviewqueue.domain.paths import Label, read_by_machines
from reviewqueue.scan.pairs import Block, Numbered, blocks
from reviewqueue.scan.rule import FileView, expression

SECURITY = (
    r"(?i)permi(?:ssion|tted)|authori[sz]|authenticat|unauth|forbid|csrf|xsrf|ssrf|travers|trusted|"
    r"sanit|redact|escape|allow_?list|whitelist|allowed|den(?:y|ied)|reject|restrict|signature|"
    r"hmac|verif|validat|invalid|secure|unsafe|owner|tenant|privilege|symlink|exceed|expired|"
    r"revoked|must not|must be|protect|sandbox|_access|can_?access|access(?:_?denied|ible)|"
    r"is_?admin|is_?safe|disabled|password|secret\b|too (?:large|long|many)|confirm|quota|"
    r"max_?(?:size|len|bytes|depth|count)|refus(?:e|ing)\b|limits?\b|sizeof|overflow|"
    r"out of (?:range|bounds)|may only|may contain|nonce|"
    r"(?:returned|stored|expected|saved)_?state|(?:owner|team|organi[sz]ation|org|tenant)_?id\b"
)
"""Words that security is written in; a trigger of the rules that look for lost guards."""
_CONDITION = (
    r"^[ \t]*(?:\}?[ \t]*else[ \t]+)?(?:if|elif|elsif|unless|guard|when|case|assert\w*!?|require|"
    r"IF|WHEN)\b|\b(?:if|unless)\b[ \t]*[(!\w]|^[ \t]*\[\[?[ \t]|\bensure!|\bor[ \t]+die\b|"
    r"ThrowIf|Guard\.Against"
)
_REFUSAL = (
    r"\b(?:raise|throw|abort\w*|panic!?|bail!?|ensure!|reject|deny|die|exit|sendError|"
    r"next\(\s*(?:new\s+)?\w*Err\w*)\b|"
    r"\breturn\b[^\n]*(?:[Ee]rr|false|False|null|None|nil|40\d|[Ff]orbid|[Uu]nauth|[Dd]en(?:y|ied)|"
    r"[Rr]edirect|Response|UNAUTH|FORBID|DENIED|pending)|\breturn[ \t]*;?[ \t]*\}?[ \t]*$|"
    r"^[ \t]*continue\b|\bErr\(|\.error\(|"
    r"(?i:status(?:_?code)?|code)['\"]?\s*[(=:]\s*(?:\w+\.)*['\"]?(?:HTTP_)?40\d|"
    r"ThrowIf|Guard\.Against"
)
_COMMENT = r"^[ \t]*(?:#[^!\[]|#$|//|/\*|\*[ \t/]|<!--|--[ \t]|;;|%%|\"\"\"|''')"
_WORD = re.compile(rb"[A-Za-z_$][\w$]*")
_SILENT = re.compile(rb"^[ \t]*(?:\r?$|#|//|/\*|\*[ /\n]|--[ ])", re.MULTILINE)
_PROSE = 2
"""So many times as many new lines cannot all be comments."""
_REACH = 8
"""Lines from a condition within which its refusal stands."""
_MOST_LINES = 20_000
"""Changed lines up to which a file is looked at block by block."""
_NOT_PROGRAM = frozenset({Label.GENERATED, Label.VENDORED, Label.LOCK, Label.DATA})


def is_program(file: FileView) -> bool:
    """Return whether machines run a file, and it is still there: no test, no prose.

    A new file is one: what it holds may have been moved there.
    """
    found = file.labels
    if file.status == "D" or not _NOT_PROGRAM.isdisjoint(found):
        return False
    if Label.TEST in found and not read_by_machines(found):
        return False
    return Label.SOURCE in found or Label.CI in found


def shrinks(files: Iterable[FileView]) -> bool:
    """Return whether the programs of a change lose at least as many lines as they gain.

    A rewrite brings its guards back in other words, and grows; what only takes away does not.
    """
    programs = [f for f in files if Label.SOURCE in f.labels and Label.TEST not in f.labels]
    lost = sum(file.removed.count(b"\n") for file in programs)
    gained = sum(file.added.count(b"\n") for file in programs)
    if lost >= gained or gained > _PROSE * lost:
        return lost >= gained
    return sum(_speaking(f.removed) for f in programs) >= sum(_speaking(f.added) for f in programs)


def _speaking(text: bytes) -> int:
    """Return how many lines are neither empty nor comments."""
    return text.count(b"\n") - sum(1 for _ in _SILENT.finditer(text))


def is_comment(text: bytes) -> bool:
    """Return whether a line only speaks: in any of the usual languages."""
    return expression(_COMMENT).search(text) is not None


def is_refusal(text: bytes) -> bool:
    """Return whether a line ends the work: raises, returns an error, leaves a loop."""
    return expression(_REFUSAL).search(text) is not None


def is_condition(text: bytes) -> bool:
    """Return whether a line asks something."""
    return expression(_CONDITION).search(text) is not None


def is_security(text: bytes) -> bool:
    """Return whether text speaks of protection."""
    return expression(SECURITY).search(text) is not None


class Balance:
    """How often each word stands on the two sides of some files."""

    def __init__(self, files: Iterable[FileView]) -> None:
        """Count the words of every changed line."""
        self._old: Counter[bytes] = Counter()
        self._new: Counter[bytes] = Counter()
        for file in files:
            self._old.update(_WORD.findall(file.removed))
            self._new.update(_WORD.findall(file.added))

    def is_lost(self, word: bytes) -> bool:
        """Return whether a word stands less often than before."""
        return self._old[word] > self._new[word]


def lost_guards(file: FileView) -> Iterator[Numbered]:
    """Yield the conditions of one file that went together with their refusals.

    Only those that speak of protection, and where the block's new lines neither ask nor
    refuse as often. At most one of each block: its first.
    """
    if file.removed.count(b"\n") > _MOST_LINES:
        return
    kept: frozenset[bytes] | None = None
    for block in blocks(file):
        found = _guard(block)
        if found:
            kept = kept or frozenset(b"".join(line.split()) for line in file.added.splitlines())
            if b"".join(found[1].split()) not in kept:
                yield found


def _guard(block: Block) -> Numbered | None:
    whole = b"\n".join(text for _, text in block.old)
    if not (is_security(whole) and is_refusal(whole) and is_condition(whole)):
        return None
    old = [(number, text) for number, text in block.old if not is_comment(text)]
    if not (_is_emptied(old, block.new, is_refusal) and _is_emptied(old, block.new, is_condition)):
        return None
    for place, (_, text) in enumerate(old):
        if is_condition(text):
            reach = [line for _, line in old[place : place + _REACH]]
            near = [line for _, line in old[max(0, place - _REACH) : place] if not block.new]
            if any(map(is_refusal, reach)) and is_security(b"\n".join((*near, *reach))):
                return old[place]
    return None


def _is_emptied(
    old: Sequence[Numbered], new: Sequence[Numbered], kind: Callable[[bytes], bool]
) -> bool:
    """Return whether a block has fewer lines of a kind than before."""
    before = sum(1 for _, text in old if kind(text))
    return before > 0 and before > sum(1 for _, text in new if kind(text) and not is_comment(text))
