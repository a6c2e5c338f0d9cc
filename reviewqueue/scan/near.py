"""Which line numbers stand near others: by halving, so that many of both cost little."""

from bisect import bisect_left
from collections.abc import Sequence

from reviewqueue.scan.rule import Line


def stands_in(numbers: Sequence[int], reach: range) -> bool:
    """Return whether one of some ascending numbers lies in a range of step one."""
    at = bisect_left(numbers, reach.start)
    return at < len(numbers) and numbers[at] < reach.stop


def lines_in(lines: Sequence[Line], reach: range) -> Sequence[Line]:
    """Return those of some lines, ascending as a file gives them, whose number is in a range.

    A place without a number, which stands for all beyond a limit, is the last, and in none.
    """
    end = len(lines)
    while end and lines[end - 1].number is None:
        end -= 1
    first = bisect_left(lines, reach.start, 0, end, key=_number)
    return lines[first : bisect_left(lines, reach.stop, first, end, key=_number)]


def _number(line: Line) -> int:
    return line.number or 0
