"""Which line numbers stand near others: by halving, so that many of both cost little."""

from bisect import bisect_left
from collections.abc import Iterable, Sequence

from reviewqueue.scan.rule import Line

Found = tuple[int, Line]
"""A place that an expression found, and its 1-based line on its side."""


def stands_in(numbers: Sequence[int], reach: range) -> bool:
    """Return whether one of some ascending numbers lies in a range of step one."""
    at = bisect_left(numbers, reach.start)
    return at < len(numbers) and numbers[at] < reach.stop


def numbered(lines: Iterable[Line]) -> list[Found]:
    """Return the lines with their numbers, ascending as a file gives them.

    Asked for once and in order, since a number that is asked for out of order costs the more.
    A place without a number, which stands for all beyond a limit, is left out.
    """
    found = ((line.number, line) for line in lines)
    return [(number, line) for number, line in found if number is not None]


def lines_in(lines: Sequence[Found], reach: range) -> Sequence[Found]:
    """Return those of some numbered lines that lie in a range of step one."""
    first = bisect_left(lines, reach.start, key=_number)
    return lines[first : bisect_left(lines, reach.stop, first, key=_number)]


def _number(line: Found) -> int:
    return line[0]
