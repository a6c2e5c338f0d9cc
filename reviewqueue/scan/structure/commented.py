"""Lines that are still there, as a comment: switched off rather than removed."""

from collections.abc import Container, Iterator

from reviewqueue.scan.rule import FileView, expression
from reviewqueue.scan.structure.comments import is_comment
from reviewqueue.scan.structure.hunks import numbered
from reviewqueue.scan.structure.pairs import Numbered, finds

_COMMENT = r"^[ \t]*(?:(?://+|#+|--+|;+|%+|<!--|/\*+|\*)[ \t]*|\{\{?[#/!*]-*[ \t]*)([^\n]*)$"
_CLOSING = b" \t\r*/-->}"
_LEAST = 6
"""Characters that a line must have, so that brackets alone are no coincidence."""

_HOLDS = (
    r"(?i)(?:^|[.:>@!(=\s])_?((?:ensure|require|must|verif\w*|authori[sz]e\w*|authenticate\w*|assert_?|"
    r"check_?(?:auth|perm|acc|sig|hash|tok|own|lim|csrf|origin|quota|sum)|saniti[sz]e|escape|validate|"
    r"enforce|restrict|throttle|rate_?limit|limiter|forbid|deny|guard|csrf|helmet|protect|sandbox|"
    r"setrlimit|prlimit|ulimit|seccomp|chroot|setuid|setgid|drop_?priv|with_?timeout|"
    r"set_?(?:read|write)?_?(?:deadline|limit)|limit_?reader|max_?bytes|audit|redact|mask)\w*)[!?]*"
    r"(?:[ ]*[(:.<)]|[ ][-:\w]|;|$)"
)
"""A statement that asks for leave, cleans, or holds a limit: its name."""
_REFUSES = r"^(?:raise|throw|abort|panic!?|return\b[^\n]*(?:\b40[13]\b|[ ]Err\())\b"
_WALLS = frozenset({b"/*", b"<!--", b"{/*", b"=begin", b"--[["})
_ENDS = frozenset({b"*/", b"-->", b"*/}", b"=end", b"]]", b"--]]"})
"""Marks between which a comment stands, alone on their lines."""
_SAYS = r"^(?:import|from|use|using|include|require[d_]|log|print|console|puts|echo|TODO|\w+:$)"
_WORDS = r"^[A-Z]?[a-z' ]+[.,:]?$"
"""A sentence, and no statement."""

Commented = tuple[int, bytes, int]
"""New line number, the text without its marker, old line number."""


def commented_out(file: FileView) -> Iterator[Commented]:
    """Yield the lines that were code before the change, and are a comment after it."""
    if not (file.added and file.removed):
        return
    now = {_bare(found[1]) for found in expression(_COMMENT).finditer(file.added)}
    now = {bare for bare in now if len(bare) >= _LEAST}
    if now and any(_bare(text) in now for text in file.removed.split(b"\n")):
        yield from _paired(file, now)


def _paired(file: FileView, now: Container[bytes]) -> Iterator[Commented]:
    """Yield the comments that were code, with where they stood."""
    before: dict[bytes, int] = {}
    for number, text in file.removed_lines():
        bare = _bare(text)
        if bare in now:
            before.setdefault(bare, number)
    comment = expression(_COMMENT)
    for number, text in file.added_lines():
        found = comment.search(text)
        bare = _bare(found[1]) if found else b""
        if bare in before:
            yield number, bytes(found[1]).strip(), before[bare]


def _bare(text: bytes) -> bytes:
    return b" ".join(text.split()).rstrip(_CLOSING + b",;")


def switched_off(file: FileView) -> Iterator[Numbered]:
    """Yield the comments that guarded, or held a limit, and that no other line took over."""
    said = None
    for number, text, _ in commented_out(file):
        name = _guards(text)
        if not name:
            continue
        if said is None:
            said = b"\n".join([line for _, line in file.added_lines() if not is_comment(line)])
        if name not in said:
            yield number, text


def _guards(text: bytes) -> bytes:
    """Return the name of what a statement guards by, or how it refuses; empty for any other."""
    if finds(f"{_SAYS}|{_WORDS}")(text):
        return b""
    found = expression(_HOLDS).search(text)
    return found[1] if found else text if finds(_REFUSES)(text) else b""


def walled_off(file: FileView) -> Iterator[Numbered]:
    """Yield the marks that open a long comment around what guards, and stands unchanged."""
    if not any(mark in file.added for mark in _WALLS):
        return
    for hunk in file.hunks():
        opened: Numbered | None = None
        for mark, number, text in numbered(hunk):
            bare = text.strip()
            if mark == b"+" and not opened and bare in _WALLS:
                opened = number, text
            elif opened and bare in _ENDS:
                opened = None
            elif opened and mark == b" " and _guards(bare):
                yield opened
                opened = None
