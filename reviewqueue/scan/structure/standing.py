"""Lines that stand in another place than before: taken from one owner, given to another.

Such a line is neither new nor gone by its text, and still it may give a right to somebody
else. A line's owners are the less and less indented lines above it, as far as the hunk
shows them: names in YAML, JSON and HCL alike, templates too. Owners without a name, like
the items of a list, are told apart by what stands in them. Where a hunk does not show
enough nothing is known, and nothing is said; nor of a line that only moved further in or
out.
"""

import re
from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from reviewqueue.domain.finding import Side
from reviewqueue.scan.rule import FileView, expression
from reviewqueue.scan.structure.hunks import on_side

_LINES = 50_000
"""Lines of a file's side that are read."""
_MOST = 400
"""Lines of a side that are looked up: more of them are a rewrite."""
_REACH = 2_000
"""Lines above a line in which its owners are looked for."""
_HELD = 200
"""Lines below a nameless owner that are compared."""
_DEPTH = 12
"""Owners of a line that are compared."""
_LONGEST = 1_000
"""Bytes of a line that are compared."""
_CONTEXT = 3
"""Unchanged lines around a change that git shows, unless it is told otherwise."""
_LIKE = 0.5
"""Share of what two nameless owners hold from which they are one, changed."""
_ASIDE = re.compile(rb"#|//|\{\{|<!--|$")
"""Comments, directives of templates and empty lines own nothing."""
_OPENS = re.compile(rb"-\s.*|.*[:\[{(]|.*:\s+[&!|>#].*", re.DOTALL)
"""What other lines can stand in."""
_NAMELESS = re.compile(rb"[^\w]*|-\s.*|[\w-]+\s*\{", re.DOTALL)
_SILENT = re.compile(rb"[^\w*]*|.*[:\[{]", re.DOTALL)
"""Names of what stands below, and brackets: they tell no owner from another."""


@dataclass(frozen=True, slots=True)
class _Owner:
    text: bytes
    is_whole: bool
    """Whether the hunk shows all that it holds."""
    holds: frozenset[bytes]
    """What stands in it; empty where it has a name."""


@dataclass(frozen=True, slots=True)
class Standing:
    """A changed line, and what it stands in."""

    text: bytes
    """White space folded, without the comma at its end."""
    whole: bytes
    """The line as it is."""
    number: int
    """1-based on its side."""
    owners: tuple[_Owner, ...]
    """The innermost first."""


def moved(file: FileView, regex: str) -> Iterator[tuple[Standing, Standing]]:
    """Yield (before, after) of the matching lines that came to stand under another owner."""
    wanted = _folded(file.removed, regex) & _folded(file.added, regex)
    if not wanted:
        return
    before: defaultdict[bytes, list[Standing]] = defaultdict(list)
    for line in _standing(file, Side.OLD, wanted):
        before[line.text].append(line)
    for line in _standing(file, Side.NEW, wanted):
        left = before[line.text]
        stayed = next((old for old in left if not _differ(old, line)), None)
        if stayed is not None:
            left.remove(stayed)
        elif left:
            yield left.pop(0), line


def _folded(text: bytes, regex: str) -> set[bytes]:
    found = expression(regex)
    return {_fold(line) for line in text.split(b"\n") if found.search(line)}


def _fold(line: bytes) -> bytes:
    return b" ".join(line[:_LONGEST].split()).rstrip(b",")


def _standing(file: FileView, side: Side, wanted: set[bytes]) -> Iterator[Standing]:
    mark = b"+" if side is Side.NEW else b"-"
    left, found = _LINES, 0
    for old_start, new_start, hunk in file.hunks():
        lines = on_side(hunk[:left], side)
        left -= min(left, len(hunk))
        start = new_start if side is Side.NEW else old_start
        places = [at for at, line in enumerate(lines) if line[:1] == mark]
        texts = [line[1:] for line in lines]
        reader = _Owners(texts, wanted, ends=_ends(hunk, old_start)) if places else None
        for at in places:
            if reader and found < _MOST and _fold(lines[at][1:]) in wanted:
                found += 1
                yield reader.standing(at, start + at)


class _Owners:
    """One side of a hunk, read upwards from a line."""

    def __init__(self, lines: Sequence[bytes], wanted: set[bytes], *, ends: bool) -> None:
        self._lines = lines
        self._texts = [_fold(line) for line in lines]
        self._depths = [_depth(line) for line in lines]
        self._ends = ends
        self._wanted = wanted

    def standing(self, at: int, number: int) -> Standing:
        depth = self._depths[at] or 0
        owners: list[_Owner] = []
        for above in range(at - 1, max(-1, at - _REACH), -1):
            here = self._depths[above]
            if here is None or here >= depth or not _OPENS.fullmatch(self._texts[above]):
                continue
            depth = here
            owners.append(self._owner(above, here))
            if len(owners) == _DEPTH:
                break
        return Standing(self._texts[at], self._lines[at], number, tuple(owners))

    def _owner(self, at: int, depth: int) -> _Owner:
        text = self._texts[at]
        if not _NAMELESS.fullmatch(text):
            return _Owner(text, is_whole=True, holds=frozenset())
        last = min(len(self._lines), at + _HELD)
        end = next((below for below in range(at + 1, last) if self._is_out(below, depth)), last)
        is_whole = end < last or (self._ends and last == len(self._lines))
        held = set(self._texts[at:end]) - self._wanted
        says = frozenset(line for line in held if not _SILENT.fullmatch(line))
        return _Owner(text, is_whole=is_whole, holds=says)

    def _is_out(self, at: int, depth: int) -> bool:
        here = self._depths[at]
        return here is not None and here <= depth


def _ends(hunk: Sequence[bytes], start: int) -> bool:
    """Return whether the file ends with the hunk: git shows less after it than before."""
    if start > 1 and any(line[:1] != b" " for line in hunk[:_CONTEXT]):
        return False
    return any(line[:1] != b" " for line in hunk[-_CONTEXT:])


def _depth(line: bytes) -> int | None:
    """Return how far in a line stands; None where it owns nothing and is in nothing."""
    bare = line.lstrip(b" \t")
    if _ASIDE.match(bare.rstrip()):
        return None
    indent = len(line[: len(line) - len(bare)].expandtabs(4))
    # An item may stand as far out as the name of its list.
    return 2 * indent + bare.startswith((b"- ", b"-\t"))


def _differ(old: Standing, new: Standing) -> bool:
    """Return whether two lines surely stand under different owners."""
    for before, after in zip(old.owners, new.owners, strict=False):
        nameless = bool(before.holds or after.holds)
        if nameless and before.is_whole and after.is_whole and not _are_like(before, after):
            return True
        if not nameless and before.text != after.text:
            return True
    return False


def _are_like(before: _Owner, after: _Owner) -> bool:
    both = before.holds | after.holds
    return len(before.holds & after.holds) >= _LIKE * len(both)
