"""Lines that stay, and are put between marks by which they do nothing any more.

A block comment, a string that nobody reads, a condition that never holds: only the marks come,
and what stands between them is the same as before.
"""

from bisect import bisect_left
from collections import defaultdict
from collections.abc import Callable, Container, Iterator, Sequence
from functools import partial
from itertools import accumulate

from reviewqueue.scan.rule import FileView
from reviewqueue.scan.structure.hunks import Marked, numbered
from reviewqueue.scan.structure.pairs import Numbered, finds

Found = Callable[[bytes], bool]

_NEVER = r"^[ \t]*(?:if|when|while)[ \t]*\(?[ \t]*(?:[Ff]alse|0|nil)[ \t]*\)?"
_OPENS: tuple[tuple[str, str], ...] = (
    (r"^[ \t]*(?:\{[ \t]*)?/\*(?:[^*\n]|\*[^/\n])*\**$", r"\*/"),
    (r"^[ \t]*#[ \t]*if[ \t]+(?:0|false)\b", r"^[ \t]*#[ \t]*(?:endif|else|elif)\b"),
    (r"^=(?:begin|pod|comment|for[ ]comment)\b", r"^=(?:end|cut)\b"),
    (r"^[ \t]*--\[=*\[[^\]\n]*$", r"\]=*\]"),
    (r"^[ \t]*<!--(?:[^-\n]|-[^-\n])*$", r"-->"),
    (r"^[ \t]*\(\*(?:[^*\n]|\*[^)\n])*$", r"\*\)"),
    (r"^[ \t]*\{-(?:[^-\n]|-[^}\n])*$", r"-\}"),
    (_NEVER + r"[ \t]*(?::|\{|then)?[ \t]*$", r"^[ \t]*\}"),
)
"""What begins such a block, on a line of its own, and what ends it."""
_STRINGS = (b'"""', b"'''")
_ALONE = r"^[ \t]*[rR]?(?:\"\"\"|''')[^\"'\n]*$"
_QUICK = (
    r"/\*|#[ \t]*if[ \t]|^=[bpcf]|--\[|<!--|\(\*|\{-|\"\"\"|'''|"
    r"\b(?:if|when|while)[ \t]*\(?[ \t]*(?:[Ff]alse|0|nil)"
)
_NEW = 12
"""Lines by which the new ones may outnumber those that were there."""
_REACH = 400
"""Lines up to which such a block is followed."""


def wrapped(file: FileView, wanted: str) -> Iterator[tuple[Numbered, Numbered]]:
    """Yield each mark that came before lines that were there, with the first that is wanted."""
    quick = finds(_QUICK)
    if file.status == "A" or not quick(file.added):
        return
    before = {b"".join(text.split()) for _, text in file.removed_lines()} - {b""}
    for hunk in file.hunks():
        if any(line[:1] == b"+" and quick(line[1:]) for line in hunk[2]):
            yield from _After(hunk, before).blocks(finds(wanted))


class _After:
    """The lines of a hunk as they stand after the change.

    What a block would hold is told by sums and places that are taken once: of many marks one
    after the other, each is followed as far as the next.
    """

    def __init__(self, hunk: tuple[int, int, list[bytes]], before: Container[bytes]) -> None:
        self._lines = [line for line in numbered(hunk) if line[0] != b"-"]
        kept = [_was_there(line, before) for line in self._lines]
        self._kept = [0, *accumulate(kept)]
        self._first = self._said(kept)
        self._excess: defaultdict[int, list[int]] = defaultdict(list)
        for end, count in enumerate(self._kept):
            self._excess[end - 2 * count].append(end)
        self._ends: dict[str | bytes, list[int]] = {}

    def _said(self, kept: Sequence[bool]) -> list[tuple[int, bool]]:
        """Return for each place that of the next line with text, and whether it was there."""
        found, last = [], (len(kept), False)
        for at in range(len(kept) - 1, -1, -1):
            if self._lines[at][2].strip():
                last = (at, kept[at])
            found.append(last)
        return [*reversed(found), (len(kept), False)]

    def blocks(self, is_wanted: Found) -> Iterator[tuple[Numbered, Numbered]]:
        """Yield each mark, with the first line that is wanted of those it holds."""
        at, inside, quick = 0, False, finds(_QUICK)
        while at < len(self._lines):
            mark, number, text = self._lines[at]
            end = 0 if inside or mark != b"+" or not quick(text) else self._end(at)
            held = (line for line in self._lines[at + 1 : end] if is_wanted(line[2]))
            found = next(held, None) if end else None
            if found:
                yield (number, text), found[1:]
            if end:
                at = end
            else:
                inside ^= sum(map(text.count, _STRINGS)) % 2 == 1
                at += 1

    def _end(self, at: int) -> int:
        """Return the place after what a mark holds, if these are lines that were there; or 0."""
        text = self._lines[at][2]
        if finds(_ALONE)(text):
            quote = next(quote for quote in _STRINGS if quote in text)
            end = self._followed(at, quote)
            mark, _, last = self._lines[end - 1]
            return end if end and mark == b"+" and quote in last else 0
        ends = next((ends for opens, ends in _OPENS if finds(opens)(text)), "")
        return self._followed(at, ends) if ends else 0

    def _followed(self, at: int, ends: str | bytes) -> int:
        """Return the place after the line that ends a block of which most were there; or 0."""
        first, last = at + 1, min(at + _REACH, len(self._lines))
        said, was_there = self._first[first]
        if said >= last or not was_there:
            return 0
        places = self._places(ends)
        closes = bisect_left(places, first)
        closed = closes < len(places) and places[closes] < last
        end = places[closes] if closed else last
        many = self._excess[at - 2 * self._kept[first] + _NEW + 1]
        outgrown = bisect_left(many, first)
        if outgrown < len(many) and many[outgrown] <= end:
            return 0
        kept = self._kept[end] - self._kept[first]
        end += closed
        return end if 2 * kept > end - at - 2 else 0

    def _places(self, ends: str | bytes) -> list[int]:
        """Return the places of the lines that may end such a block."""
        if ends not in self._ends:
            ended = finds(ends) if isinstance(ends, str) else partial(_holds, ends)
            self._ends[ends] = [at for at, line in enumerate(self._lines) if ended(line[2])]
        return self._ends[ends]


def _holds(quote: bytes, text: bytes) -> bool:
    return quote in text


def _was_there(line: Marked, before: Container[bytes]) -> bool:
    mark, _, text = line
    return mark == b" " or b"".join(text.split()) in before
