"""Blocks of a declaration that stand, word for word, in another file of their folder now.

All files of a folder of Terraform are read as one: in which of them a block stands decides
nothing. Files that override others are read after them, so nothing moves there or from there.
A block counts only where the hunk shows all of it as changed.
"""

from collections import defaultdict
from collections.abc import Iterator, Mapping
from fnmatch import fnmatchcase
from pathlib import PurePosixPath

from reviewqueue.domain.finding import Side
from reviewqueue.scan.rule import FileView, View, expression
from reviewqueue.scan.structure.hunks import numbered

_OPENS = r"^[a-z_]+(?:[ \t]+\"[^\"\n]*\"){1,2}[ \t]*\{[ \t]*$"
"""The head of a block that has a name, at the file's margin."""
_MARKS = {Side.NEW: b"+", Side.OLD: b"-"}
_LINES = 20_000
"""Lines of a hunk that are read."""

Place = tuple[str, Side]
_Block = tuple[bytes, ...]


def moved_blocks(view: View) -> Mapping[Place, frozenset[int]]:
    """Return the numbers of the lines of moved blocks, by path and side."""
    found: defaultdict[tuple[str, _Block], list[tuple[Place, range]]] = defaultdict(list)
    for file in view.files:
        for side in _MARKS:
            path = file.path if side is Side.NEW else file.old_path or file.path
            for block, numbers in _blocks(file, side) if _is_read(path) else ():
                folder = str(PurePosixPath(path).parent)
                found[folder, block].append(((file.path, side), numbers))
    moved: defaultdict[Place, set[int]] = defaultdict(set)
    for places in found.values():
        # One that is there twice, or that only went or came, is not the same one elsewhere.
        if len(places) == len(_MARKS) == len({side for (_, side), _ in places}):
            for place, numbers in places:
                moved[place].update(numbers)
    return {place: frozenset(numbers) for place, numbers in moved.items()}


def _is_read(path: str) -> bool:
    name = PurePosixPath(path).name
    return name.endswith(".tf") and not fnmatchcase(name, "*override.tf")


def _blocks(file: FileView, side: Side) -> Iterator[tuple[_Block, range]]:
    """Yield each block that is changed as a whole on a side, and the numbers of its lines."""
    opens, meant = expression(_OPENS), _MARKS[side]
    other = _MARKS[Side.OLD if side is Side.NEW else Side.NEW]
    for hunk in file.hunks():
        block, first = list[bytes](), 0
        for mark, number, text in numbered(hunk, _LINES):
            if mark == other:
                continue
            if mark != meant:
                block = []
            elif opens.search(text):
                block, first = [text], number
            elif block:
                block.append(text)
                if text.rstrip() == b"}":
                    yield tuple(line.rstrip() for line in block), range(first, number + 1)
                    block = []
