"""Calls that verify, and are given less to verify against than before.

An identity, a key, an issuer that is no longer handed over is no longer asked for; the call
still stands where it stood. A call whose function lost the parameter in the same change only
follows it.
"""

import re
from collections import Counter
from collections.abc import Iterator

from reviewqueue.domain.finding import Side
from reviewqueue.scan.rule import FileView, Hit, View, expression
from reviewqueue.scan.structure.call_spans import changed_calls
from reviewqueue.scan.structure.comments import is_comment
from reviewqueue.scan.structure.pairs import blocks, finds, paired

_VERIFIES = r"(?:verif(?:y|ies)|check|validate|attest|authenticate|authori[sz]e|ensure)"
_NAME = rf"(?:_*{_VERIFIES}|[a-z]\w*_{_VERIFIES}|[a-z]\w*(?-i:Verif|Check|Valid|Authen|Author))\w*"
_CALL = rf"(?i)\b({_NAME})[!?]?\("
_BARE = (
    rf"(?i)(?:^|[=.]|\b(?:return|if|unless|and)\b|&&)[ \t]*({_NAME})[!?]?[ ]+([\w:@\"'][^=\n]*)$"
)
"""A call without brackets, as Ruby has it: its arguments reach to the end of the line."""
_ARGUMENT = (
    r"^[ \t]*(?:\w+[ ]?[=:][ ]?)?[\w.:@$>-]*(?i:ident|issuer|audience|scope|polic|nonce|origin|"
    r"owner|role|permission|secret|digest|hash|key|root|expected|required|cert|workflow|algorithm|"
    r"tenant)\w*(?:\(\))?,?[ \t]*$"
)
"""An argument on a line of its own."""
LACKING = rf"{_CALL}|{_BARE}|{_ARGUMENT}"
"""Calls that verify, and what they verify against: a trigger of what is removed."""
_AGAINST = (
    r"(?i)ident|issuer|\biss\b|audien|scope|sign|cert|keys?\b|[_.]key|owner|user|role|perm|secret|"
    r"hash|digest|sha\d|checksum|nonce|origin|host|domain|workflow|ur[il]\b|actor|tenant|\borg|"
    r"project|algorithm|polic|expect|requir|trust|\broots?\b|\bca\b|repo|subject|realm|purpose|"
    r"member|account|session|token|passw|challenge|expir|max|min_|limit|schema|allowed|claim|"
    r"principal|publisher|author|thumbprint"
)
"""What something is verified against."""
_SAYS = r"^[frb]{0,2}[\"'`]|(?i:[=:][ ]*(?:false|none|null|nil)$|\blog(?:ger)?\b|message|callback)"
"""What is only told, or asks for nothing."""
_DEFINES = (
    r"\b(?:def|func|fn|fun|function|sub)[ ]+(?:self\.|\([^)\n]*\)[ ]*)?(\w+)|"
    r"^[ \t]*(?:[\w<>\[\],?]+[ ]+)*(\w+)\([^\n]*\)[^\n;]*\{[ \t]*$"
)
"""Where a function begins, and its name."""
_OPENED = r"\b(?:def|func|fn|fun|function|sub)[ ]+(?:self\.)?(\w+)[ ]?\([^)\n]*$"
"""Where a function begins whose parameters stand on lines of their own."""
_PART = re.compile(rb"\"[^\"\n]*\"|'[^'\n]*'|[^()\[\]{},\"']+|[\s\S]")
_LONGEST = 2_000
"""Bytes of a call that are read."""
_TOLD = "a call that verifies is given less to verify against"

Given = tuple[bytes, list[bytes]]
"""A call's name and its arguments."""


def lacking(file: FileView, view: View) -> Iterator[Hit]:
    """Mark the calls that verify, and lost what they verified against."""
    for old, new in changed_calls(file, _CALL):
        was, now = _bracketed(old.text), _bracketed(new.text)
        if _is_less(was, now) and was[0] not in view.once(_redefined):
            side = Side.NEW if new.changed else Side.OLD
            yield Hit.on(file, *(new.changed or old.changed)[0], _TOLD, side=side)
    if not file.path.endswith((".rb", ".rake")):
        return
    for block in blocks(file, _BARE):
        for pair in paired(block, finds(_BARE)):
            was, now = _bare(pair.old), _bare(pair.new)
            is_less = not is_comment(pair.new) and _is_less(was, now)
            if is_less and was[0] not in view.once(_redefined):
                yield Hit.on(file, pair.new_line, pair.new, _TOLD)


def _is_less(was: Given, now: Given) -> bool:
    """Return whether the same call is about the same, and has less to hold it against."""
    (name, old), (same, new) = was, now
    if not (name and name == same and 0 < len(new) < len(old) and old[0] == new[0]):
        return False
    lost = Counter(old) - Counter(new)
    if lost.total() != len(old) - len(new):
        return False
    return any(finds(_AGAINST)(given) and not finds(_SAYS)(given) for given in lost)


def _redefined(view: View) -> frozenset[bytes]:
    """Return the names of the functions whose parameters a change takes away or changes."""
    names = (name for file in view.files for name in expression(_DEFINES).findall(file.removed))
    whole = frozenset(one or other for one, other in names)
    return whole.union(*(map(_reduced, view.where(LACKING, side=Side.OLD))))


def _reduced(file: FileView) -> frozenset[bytes]:
    """Return the names of those whose parameters stand one below the other, and are fewer."""
    lost: Counter[bytes] = Counter()
    for _, _, lines in file.hunks():
        name, depth = b"", 0
        for line in lines:
            mark = line[:1]
            if depth > 0:
                lost[name] += (mark == b"-") - (mark == b"+")
            if mark == b"+" or len(line) > _LONGEST:
                continue
            if depth <= 0:
                begins = expression(_OPENED).search(line[1:])
                name, depth = (begins[1], 0) if begins else (b"", 0)
            depth += (line.count(b"(") - line.count(b")")) if name else 0
    return frozenset(name for name, count in lost.items() if count > 0)


def _bracketed(text: bytes) -> Given:
    found = expression(_CALL).search(text)
    return (found[1], _arguments(text[found.end() :])) if found else (b"", [])


def _bare(text: bytes) -> Given:
    found = expression(_BARE).search(text)
    return (found[1], _arguments(found[2])) if found else (b"", [])


def _arguments(text: bytes) -> list[bytes]:
    """Return the arguments before the bracket that closes the call, or the line's end."""
    depth, found = 0, [b""]
    for part in _PART.findall(text[:_LONGEST]):
        depth += part in {b"(", b"[", b"{"}
        depth -= part in {b")", b"]", b"}"}
        if depth < 0:
            break
        if depth == 0 and part == b",":
            found.append(b"")
        else:
            found[-1] += part
    return [b" ".join(given.split()) for given in found if given.strip()]
