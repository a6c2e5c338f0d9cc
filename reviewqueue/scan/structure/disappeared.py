"""What a change takes away: lost, replaced in its file, or moved to another file.

A line counts as moved only where another file gains the very same text; as replaced
where its own file gains as many lines of the kind: a comment takes no line's place, only that
of a comment. Neither hides it: they only weigh less.
"""

from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass

from reviewqueue.domain.finding import Side
from reviewqueue.scan.rule import FileView, Line, View
from reviewqueue.scan.structure.comments import is_comment


@dataclass(frozen=True, slots=True)
class Disappeared:
    """The lines of one kind that one file no longer has."""

    file: FileView
    lost: tuple[Line, ...]
    replaced: tuple[Line, ...]
    moved: tuple[Line, ...]


def disappeared(files: Sequence[FileView], trigger: str) -> Iterator[Disappeared]:
    """Yield what each file lost of an expression's lines, in diff order."""
    if not any(file.matches(trigger, Side.OLD) for file in files):
        return
    gained = Counter(line.key for file in files for line in file.new(trigger))
    for file in files:
        new = file.new(trigger)
        here = _acting(new)
        moved: list[Line] = []
        rest: list[Line] = []
        for line in file.gone(trigger):
            if gained[line.key] > 0:
                gained[line.key] -= 1
                moved.append(line)
            else:
                rest.append(line)
        if _acting(rest) > here or (not here and len(rest) > len(new)):
            yield Disappeared(file, tuple(rest), (), tuple(moved))
        elif rest or moved:
            yield Disappeared(file, (), tuple(rest), tuple(moved))


def _acting(lines: Sequence[Line]) -> int:
    return sum(not is_comment(line.whole) for line in lines)


def lost(
    view: View, trigger: str, counts: Callable[[FileView], bool]
) -> Iterator[tuple[FileView, Line]]:
    """Yield the lost lines of an expression, in diff order, from the files that count.

    What another of these files gains, or what its own file has others of the kind for, is not
    lost.
    """
    if not view.where(trigger, side=Side.OLD):
        return
    files = [file for file in view.where(trigger) if counts(file)]
    for found in disappeared(files, trigger):
        for line in found.lost:
            yield found.file, line
