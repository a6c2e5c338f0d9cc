"""Calls over several lines, as they stand on the two sides of a hunk."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import islice

from reviewqueue.scan.rule import FileView, expression
from reviewqueue.scan.structure.hunks import Marked, numbered
from reviewqueue.scan.structure.pairs import Numbered, finds

_MOST = 14
"""Lines of a call that are read after its first."""
_BYTES = 2_000
"""Bytes of a line that are read; a call does not begin in a longer one."""
_CALLS = 2_000
"""Calls of a file that are compared: nobody writes more into one change by hand."""


@dataclass(frozen=True, slots=True)
class Call:
    """A call on one side of a hunk, from its name to its closing bracket."""

    text: bytes
    lines: int
    changed: tuple[Numbered, ...]
    """The lines of it that the other side does not have."""


def changed_calls(file: FileView, opens: str) -> Iterator[tuple[Call, Call]]:
    """Yield the calls that both sides of a hunk have, as they were and as they are.

    Only where a hunk has as many of them as before: they are matched by their order.
    """
    left = _CALLS
    for hunk in file.hunks():
        if left <= 0:
            return
        lines = numbered(hunk)
        was, now = (
            list(islice(_calls([line for line in lines if line[0] != other], opens), _CALLS))
            for other in (b"+", b"-")
        )
        left -= len(was)
        if len(was) != len(now):
            continue
        for old, new in zip(was, now, strict=True):
            if (old.changed or new.changed) and old.text != new.text:
                yield old, new


def _calls(lines: Sequence[Marked], opens: str) -> Iterator[Call]:
    """Yield the calls of one side whose closing bracket is not far."""
    call, begins = expression(opens), finds(opens)
    at = 0
    while at < len(lines):
        text = lines[at][2]
        found = call.search(text) if len(text) <= _BYTES and begins(text) else None
        at += 1
        if not found:
            continue
        first = at
        said = [text[found.start() :]]
        depth = _depth(said[0])
        while depth > 0 and at < len(lines) and at - first < _MOST:
            said.append(lines[at][2][:_BYTES])
            depth += _depth(said[-1])
            at += 1
        if depth <= 0:
            changed = [
                (number, line) for mark, number, line in lines[first - 1 : at] if mark != b" "
            ]
            yield Call(b"\n".join(said), len(said), tuple(changed))


def _depth(text: bytes) -> int:
    return text.count(b"(") - text.count(b")")
