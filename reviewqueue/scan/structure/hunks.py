"""What the hunks of a file show: its changed lines, and the unchanged ones around them."""

from bisect import bisect_left
from collections.abc import Iterator, Sequence

from reviewqueue.domain.finding import Side
from reviewqueue.scan.rule import FileView

_NOT_ON = {Side.NEW: frozenset({b"-", b"\\"}), Side.OLD: frozenset({b"+", b"\\"})}
Marked = tuple[bytes, int, bytes]
"""A line's mark (space, ``+`` or ``-``), its 1-based number (on the old side for ``-``, else on
the new one), and its text without the mark."""


def on_side(lines: Sequence[bytes], side: Side) -> list[bytes]:
    """Return the lines, with their markers, that stand on a side: changed or not.

    Their numbers there follow each other without a gap.
    """
    other = _NOT_ON[side]
    return [line for line in lines if line[:1] not in other]


def placed(file: FileView) -> Iterator[tuple[int, int, list[bytes]]]:
    """Yield (1-based new line number, place in the hunk, the hunk) of each added line."""
    other = _NOT_ON[Side.NEW]
    for _, number, lines in file.hunks():
        for place, line in enumerate(lines):
            if line[:1] == b"+":
                yield number, place, lines
            number += line[:1] not in other  # noqa: PLW2901 -- counted on through the hunk


def shown(file: FileView) -> bytes:
    r"""Return every line that the hunks show, of both sides, without marks, joined by ``\n``."""
    # Hunk by hunk, as all lines at once would take several times what their text does.
    return b"\n".join(
        [
            b"\n".join([line[1:] for line in lines if line[:1] != b"\\"])
            for _, _, lines in file.hunks()
        ]
    )


def shown_after(file: FileView) -> bytes:
    r"""Return the lines of the new side that the hunks show, without marks, joined by ``\n``."""
    return b"\n".join(
        [
            b"\n".join([line[1:] for line in on_side(lines, Side.NEW)])
            for _, _, lines in file.hunks()
        ]
    )


def numbered(hunk: tuple[int, int, Sequence[bytes]], most: int | None = None) -> list[Marked]:
    """Return the lines of a hunk in their order: all, or those among its first so many."""
    old, new, lines = hunk
    found: list[Marked] = []
    for line in lines[:most]:
        mark = line[:1]
        if mark == b"\\":
            continue
        found.append((mark, old if mark == b"-" else new, line[1:]))
        old, new = old + (mark != b"+"), new + (mark != b"-")
    return found


class ChangedLines:
    """The changed lines of one side of a file, taken out once, to be looked up by number."""

    def __init__(self, file: FileView, side: Side = Side.NEW) -> None:
        """Take out the added lines, or the removed ones for the old side."""
        self._lines = list(file.added_lines() if side is Side.NEW else file.removed_lines())

    def within(self, numbers: range) -> bytes:
        r"""Return those whose number lies in a range of step one, joined by ``\n``."""
        first = bisect_left(self._lines, (numbers.start, b""))
        last = bisect_left(self._lines, (numbers.stop, b""))
        return b"\n".join([text for _, text in self._lines[first:last]])
