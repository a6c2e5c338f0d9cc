"""A way in that stood behind a guard asked of a whole group, and stands outside of it now.

The guard is not touched, nor is the line of the way in, but for its indentation: what changed is
which of them surrounds the other, or which comes first.
"""

from collections.abc import Iterator, Sequence

from reviewqueue.domain.finding import Side
from reviewqueue.scan.rule import FileView, expression
from reviewqueue.scan.structure.comments import is_comment
from reviewqueue.scan.structure.hunks import on_side
from reviewqueue.scan.structure.pairs import Numbered, finds

ROUTE = (
    r"^[ +-]?[ \t]*(?:return[ ]+)?(?:[$\w]+(?:\.|::|->))*(?i:get|post|put|patch|delete|head|"
    r"options|any|all|handle(?:func)?|mount|route|path|re_path|match|resources?|map(?:get|post|put|delete)|"
    r"add_?(?:route|url_rule|api_route)|websocket|ws|live|forward)\b[ ]*[(' \"][^\n'\"`]{0,40}"
    r"(['\"`]/?[\w/:{}<>*.$-]*['\"`])"
)
"""A way in, with the path that it is found by."""
_GUARD = (
    r"(?i)auth(?:[^o]|$|ori[sz])|sign(?:ed)?_?in|login|logged|require|protect|guard|csrf|admin|permission|"
    r"verif|member|session|jwt|token|acl|throttle|rate_?limit|limiter|private|ip_?allow|firewall"
)
_USES = (
    r"^[ \t]*(?:\w+\.)*(?:use|Use|add_middleware|pipe|pipe_through|plug|before_action|middleware|"
    r"register)\b[ ]*\(?[^\n]*"
)
"""A guard that all that follows on the same level stands behind."""
_NO_GROUP = (
    r"(?i)^\}?\)?[,;]?[ ]*(?:if|else|for|while|switch|match|case|def|fn|func|function|class|"
    r"struct|try|impl)\b"
)
"""What opens no group of ways in."""
_OPENS = r"[{(\[:]$|\bdo\b(?:[ ]*\|[^|]*\|)?$|=>$|=>[ ]*\{$|\bbegin$"
_MOST = 120
"""Lines of a hunk up to which it is read."""
_TAB = 8

Line = tuple[bytes, int, int, bytes]
"""A line's mark, number, depth, and its text without white space around it."""


def left_group(file: FileView) -> Iterator[Numbered]:
    """Yield the ways in that stand outside of a guarded group now, or before the guard."""
    if not any(kind(file.removed) and kind(file.added) for kind in map(finds, (ROUTE, _USES))):
        return
    for old_start, new_start, hunk in file.hunks():
        whole = b"\n".join(hunk) if len(hunk) <= _MOST else b""
        if not (finds(ROUTE)(whole) and finds(_GUARD)(whole)):
            continue
        old = _read(on_side(hunk, Side.OLD), old_start)
        new = _read(on_side(hunk, Side.NEW), new_start)
        yield from _left(old, new)
        yield from _overtaken(old, new)


def _left(old: Sequence[Line], new: Sequence[Line]) -> Iterator[Numbered]:
    before: dict[bytes, int] = {}
    for at, (mark, _, _, text) in enumerate(old):
        if mark == b"-" and (path := _path(text)):
            before.setdefault(path, at)
    sides: tuple[_Guards, _Guards] | None = None
    for at, (mark, number, depth, text) in enumerate(new):
        path = _path(text) if mark == b"+" else b""
        if not path or path not in before or finds(_GUARD)(text):
            continue
        was = before.pop(path)
        if depth > old[was][2]:
            continue
        sides = sides or (_Guards(old), _Guards(new))
        if sides[0].of(was) - sides[1].of(at):
            yield number, text


def _overtaken(old: Sequence[Line], new: Sequence[Line]) -> Iterator[Numbered]:
    """Yield the guards of all that follows that ways in, themselves unchanged, come before now."""
    uses, guard = finds(_USES), finds(_GUARD)
    was = {text: at for at, (mark, _, _, text) in enumerate(old) if mark == b"-"}
    places = {line[3]: at for at, line in enumerate(old) if line[0] == b" "}
    passed: list[int] = []
    for mark, number, depth, text in new:
        if mark == b" " and _path(text):
            passed.append(places[text])
        elif mark == b"+" and text in was and uses(text) and guard(text):
            start = was[text]
            if any(at > start and old[at][2] == depth for at in passed):
                yield number, text


def _path(text: bytes) -> bytes:
    found = expression(ROUTE).search(text) if not is_comment(text) else None
    return found[1] if found else b""


class _Guards:
    """What guards the lines of one side; what each line is, is asked once for all of them."""

    def __init__(self, lines: Sequence[Line]) -> None:
        guard, opens, uses, no_group = map(finds, (_GUARD, _OPENS, _USES, _NO_GROUP))
        self._lines: list[tuple[int, bytes, bool, bool, bool, bool]] = []
        for _, _, depth, text in lines:
            guards = guard(text)
            is_said = bool(text) and not is_comment(text)
            is_group, closes = guards and not no_group(text), guards and text[:1] in b"})]"
            is_use, is_open = is_said and guards and uses(text), is_said and opens(text)
            self._lines.append((depth, text, is_open, is_group, is_use, closes))

    def of(self, at: int) -> frozenset[bytes]:
        """Return the lines that guard whatever stands where a line does."""
        start = depth = self._lines[at][0]
        found = set()
        for own, text, opens, is_group, is_use, _ in reversed(self._lines[:at]):
            if own < depth and opens:
                depth = own
                if is_group:
                    found.add(text)
            elif own == depth and is_use:
                found.add(text)
        depth = start
        for own, text, _, _, _, closes in self._lines[at + 1 :]:
            if own < depth and text:
                depth = own
                if closes:
                    found.add(text)
        return frozenset(found)


def _read(lines: Sequence[bytes], start: int) -> list[Line]:
    found = []
    for at, line in enumerate(lines):
        text = line[1:]
        space = text[: len(text) - len(text.lstrip())]
        found.append((line[:1], start + at, len(space.expandtabs(_TAB)), text.strip()))
    return found
