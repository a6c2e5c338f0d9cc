"""The lines that open what a changed line stands in: its block, its section.

Read off indentation and ``[section]`` headings of one side, as far as a hunk shows them.
"""

from bisect import bisect_right
from functools import cached_property

from reviewqueue.domain.finding import Side
from reviewqueue.scan.rule import FileView
from reviewqueue.scan.structure.hunks import on_side

_ABOVE = 12
"""Lines above a line that may open what it stands in."""


class Openers:
    """The lines of one side of a file's hunks, taken out once, and only where asked for."""

    def __init__(self, file: FileView, side: Side = Side.NEW, *, reach: int = _ABOVE) -> None:
        """Remember the file, the side, and how many lines above a line may open its block."""
        self._file = file
        self._side = side
        self._reach = reach

    def above(self, number: int) -> bytes:
        """Return the less and less indented lines above a line, and its section's heading."""
        lines, place = self._hunk(number)
        return _opening(lines[max(0, place - self._reach) : place + 1])

    def beside(self, number: int, reach: int) -> bytes:
        r"""Return a line and so many on either side of it, joined by ``\n``."""
        lines, place = self._hunk(number)
        return b"\n".join(lines[max(0, place - reach) : place + reach + 1])

    def before(self, number: int) -> bytes:
        r"""Return the lines within reach above a line, and itself, joined by ``\n``."""
        lines, place = self._hunk(number)
        return b"\n".join(lines[max(0, place - self._reach) : place + 1])

    def _hunk(self, number: int) -> tuple[list[bytes], int]:
        """Return the lines of the hunk that a line stands in, and its place there."""
        at = bisect_right(self._starts, number) - 1
        return (self._lines[at], number - self._starts[at]) if at >= 0 else ([], 0)

    @cached_property
    def _starts(self) -> list[int]:
        new = self._side is Side.NEW
        return [start if new else before for before, start, _ in self._file.hunks()]

    @cached_property
    def _lines(self) -> list[list[bytes]]:
        return [
            [line[1:] for line in on_side(lines, self._side)] for _, _, lines in self._file.hunks()
        ]


def _opening(lines: list[bytes]) -> bytes:
    if not lines:
        return b""
    found: list[bytes] = []
    depth = len(lines[-1]) - len(lines[-1].lstrip())
    for line in reversed(lines[:-1]):
        bare = line.strip()
        indent = len(line) - len(line.lstrip())
        if bare.startswith(b"[") and bare.endswith(b"]"):
            found.append(line)
            break
        if bare and indent < depth:
            found.append(line)
            depth = indent
    return b"\n".join(found)
