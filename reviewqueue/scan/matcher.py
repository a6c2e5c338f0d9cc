"""Which expressions match which side of a file, and where: in linear time.

One RE2 Set answers *whether* for all expressions at once; only what fired is located.
Net-new compares the matched lines whole, with white space folded: a call that merely
moved or was re-indented inside its file is not new, a call whose destination changed is.
"""

from bisect import bisect_right
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping
from functools import cache
from hashlib import blake2b
from itertools import accumulate, compress

import re2

from reviewqueue.scan.parser import FilePatch
from reviewqueue.scan.prefilter import needed
from reviewqueue.scan.rule import encoded, expression, identity, options

_SHOWN = 2_000
"""Bytes of a line that are kept as text; identity covers all of it."""
_LOCATED = 10_000
"""Matches of one expression in one file that are looked up; the text after them is
compared as one piece, so that a diff of millions of matches costs no more memory."""
REST = "more places than are looked at one by one"
"""The text of what stands for that piece."""
_REST = -1
"""The start of the piece that is compared as one."""

_IS_CHANGED = bytes(byte in b"+-" for byte in range(256))

_Match = tuple[int, int, bytes]
"""Start, end of the last matched line, identity of the lines."""


class MatcherError(Exception):
    """The Set gave no answer, which must not look like "nothing found"."""


class Matcher:
    """All expressions of a catalogue, compiled once.

    A Set looks for what each surely needs; only where that is, the whole is looked for.
    """

    __slots__ = ("_added", "_names", "_removed", "index", "regexes", "searched")

    def __init__(
        self,
        added: Iterable[Iterable[str]],
        removed: Iterable[Iterable[str]] = (),
        names: Iterable[str] = (),
    ) -> None:
        """Compile what is looked for in added text, in removed text and in names.

        Each group is a Set of its own, since a smaller one is much the quicker. Raises
        RuleError or re2's error where an expression is not RE2.
        """
        groups = [[tuple(group) for group in of] for of in (added, removed, (names,))]
        every = (regex for of in groups for group in of for regex in group)
        self.regexes = tuple(dict.fromkeys(every))
        self.index = {regex: number for number, regex in enumerate(self.regexes)}
        wholes: dict[str, _Whole] = {}
        self._added, self._removed, self._names = (
            [_Set(group, self.index, wholes) for group in of if group] for of in groups
        )
        self.searched = tuple(
            frozenset(self.index[regex] for group in of for regex in group) for of in groups[:2]
        )
        """The numbers of the expressions that are looked for in added and in removed text."""

    def added(self, text: bytes) -> list[int]:
        """Return the numbers of the expressions that match in added text, in order.

        Raises MatcherError where a Set ran out of memory.
        """
        return _all(self._added, text)

    def removed(self, text: bytes) -> list[int]:
        """Return likewise for removed text."""
        return _all(self._removed, text)

    def names(self, text: bytes) -> list[int]:
        """Return likewise for names, one a line."""
        return _all(self._names, text)


def _all(sets: "list[_Set]", text: bytes) -> list[int]:
    if len(sets) == 1:
        return sorted(sets[0].fired(text))
    found = {number for one in sets for number in one.fired(text)}
    return sorted(found)


class _Set:
    """The expressions of one group."""

    __slots__ = ("_always", "_match", "_of")

    def __init__(
        self, regexes: Iterable[str], index: Mapping[str, int], wholes: "dict[str, _Whole]"
    ) -> None:
        """Compile what each expression needs; ``wholes`` are shared by all Sets."""
        numbers: dict[str, int] = {}
        needs: dict[int, list[tuple[_Whole, frozenset[int]]]] = {}
        for regex in dict.fromkeys(regexes):
            encoded(regex)  # refuses what is not ASCII
            parts, is_all = _needed(regex)
            first, *others = (numbers.setdefault(part, len(numbers)) for part in parts)
            if regex not in wholes:
                wholes[regex] = _Whole(index[regex], None if is_all else regex)
            needs.setdefault(first, []).append((wholes[regex], frozenset(others)))
        self._of = [needs.get(number, []) for number in range(len(numbers))]
        self._match, self._always = _compiled(numbers)

    def fired(self, text: bytes) -> list[int]:
        """Return the numbers of those that match; see Matcher."""
        found = self._match(text)
        # The numbers come sorted, and the last one always matches.
        if not found or found.pop() != self._always:
            raise MatcherError("the pattern set ran out of memory")
        if not found:
            return found
        there = set(found)
        return [
            whole.number
            for part in found
            for whole, others in self._of[part]
            if others <= there and whole.is_in(text)
        ]


_needed = cache(needed)


class _Whole:
    """One expression, looked for where its part was found."""

    __slots__ = ("_always", "_match", "number", "regex")

    def __init__(self, number: int, regex: str | None) -> None:
        """Remember it; None where the part is the whole."""
        self.number, self.regex = number, regex
        self._match: Callable[[bytes], list[int] | None] | None = None
        self._always = 1

    def is_in(self, text: bytes) -> bool:
        """Return whether it matches anywhere in the text."""
        if self.regex is None:
            return True
        if self._match is None:
            self._match, self._always = _compiled([self.regex])
        found = self._match(text)
        if not found or found.pop() != self._always:
            raise MatcherError("an expression ran out of memory")
        return bool(found)


def _compiled(regexes: Iterable[str]) -> tuple[Callable[[bytes], list[int] | None], int]:
    """Return what gives the numbers of those that match, and the number that always does."""
    expressions = re2.Set.SearchSet(options())
    for regex in regexes:
        expressions.Add(encoded(regex))
    # Matches any text, at its end: an empty answer can then only be a failure of the Set.
    always = expressions.Add(rb"\z")
    expressions.Compile()
    return expressions._set.Match, always  # noqa: SLF001 -- called for every side: no wrapper


class Sides:
    """The two sides of one file, searched once for each expression."""

    __slots__ = ("_is_silent", "_lines", "_matches", "_places", "patch")

    def __init__(
        self, patch: FilePatch, is_silent: Callable[[str, bool], bool] | None = None
    ) -> None:
        """Wrap a parsed file; nothing is read yet.

        ``is_silent`` says that an expression is known not to match on a side (True: added).
        """
        self.patch = patch
        self._is_silent = is_silent
        self._matches: dict[tuple[str, bool], list[_Match]] = {}
        self._places: dict[tuple[str, bool], tuple[Place, ...]] = {}
        self._lines: dict[bool, _Lines] = {}

    def net(self, regex: str, *, added: bool) -> "tuple[Place, ...]":
        """Return the places of one side whose text the other side does not have."""
        known = self._places.get((regex, added))
        if known is None:
            known = tuple(self._net(regex, added=added))
            self._places[regex, added] = known
        return known

    def count(self, regex: str, *, added: bool) -> int:
        """Return on how many lines of one side the expression matches, new or not."""
        return len(self._all(regex, added=added))

    def overflows(self, regex: str, *, added: bool) -> bool:
        """Return whether a search was made and given up after the limit."""
        found = self._matches.get((regex, added)) or [(0, 0, b"")]
        return found[-1][0] == _REST

    def number(self, offset: int, *, added: bool) -> int:
        """Return the line number at an offset of a side's joined lines."""
        known = self._lines.get(added)
        if known is None:
            known = self._lines[added] = _Lines(self.side(added=added), self.patch, added=added)
        return known.number(offset)

    def side(self, *, added: bool) -> bytes:
        """Return one side's joined lines."""
        return self.patch.added if added else self.patch.removed

    def _net(self, regex: str, *, added: bool) -> "Iterator[Place]":
        own = self._all(regex, added=added)
        # A side of more lines is searched in any case, so that a search that is given up shows.
        if not own and self.side(added=not added).count(b"\n") <= _LOCATED:
            return
        other = Counter([key for _, _, key in self._all(regex, added=not added)])
        for start, end, key in own:
            if other[key] > 0:
                other[key] -= 1
            else:
                yield Place(self, (start, end), key, added=added)

    def _all(self, regex: str, *, added: bool) -> list[_Match]:
        known = self._matches.get((regex, added))
        if known is None:
            silent = self._is_silent is not None and self._is_silent(regex, added)
            known = [] if silent else list(_search(regex, self.side(added=added)))
            self._matches[regex, added] = known
        return known


class Place:
    """Where an expression matched; see Line. Number and text are found when asked for."""

    __slots__ = ("_added", "_end", "_sides", "_start", "key")

    def __init__(self, sides: Sides, span: tuple[int, int], key: bytes, *, added: bool) -> None:
        """Remember the span."""
        self._sides, (self._start, self._end), self._added = sides, span, added
        self.key = key

    @property
    def number(self) -> int | None:
        """The 1-based line on the side; None for the piece that was not looked up."""
        if self._start == _REST:
            return None
        return self._sides.number(self._start, added=self._added)

    @property
    def whole(self) -> bytes:
        """The matched lines, however long."""
        side = self._sides.side(added=self._added)
        if self._start == _REST:
            return side
        return side[side.rfind(b"\n", 0, self._start) + 1 : self._end]

    @property
    def text(self) -> str:
        """Return the matched lines; of a very long line, from the matched word on.

        A word is never entered in its middle: half a secret would not be known as one.
        """
        if self._start == _REST:
            return REST
        side, start = self._sides.side(added=self._added), self._start
        first = side.rfind(b"\n", 0, start) + 1
        if self._end - first > _SHOWN:
            word = side[max(first, start - _SHOWN) : start].split()
            first = start - (len(word[-1]) if word and side[start - 1 : start].strip() else 0)
        return side[first : min(self._end, first + _SHOWN)].decode("utf-8", "replace").strip()


class _Lines:
    """The line numbers of one side; quickest when asked in order."""

    __slots__ = ("_before", "_numbers", "_offset", "_starts", "_text")

    def __init__(self, text: bytes, patch: FilePatch, *, added: bool) -> None:
        """Read the numbers off the hunks."""
        self._text = text
        self._numbers = list(_numbers(patch, added=added))
        self._offset = self._before = 0
        self._starts: list[int] = []

    def number(self, offset: int) -> int:
        """Return the line number at an offset of the joined lines."""
        return self._numbers[min(self._line(offset), len(self._numbers) - 1)]

    def _line(self, offset: int) -> int:
        if self._starts:
            return bisect_right(self._starts, offset) - 1
        if offset < self._offset:
            lines = self._text.split(b"\n")
            self._starts = [0, *accumulate(len(line) + 1 for line in lines)]
            return self._line(offset)
        self._before += self._text.count(b"\n", self._offset, offset)
        self._offset = offset
        return self._before


def _numbers(patch: FilePatch, *, added: bool) -> Iterator[int]:
    wanted, other = (b"+", b"-") if added else (b"-", b"+")
    passed_over = other + b"\\"
    for hunk in patch.hunks:
        number = hunk.new_start if added else hunk.old_start
        marks = b"".join([line[:1] or b" " for line in hunk.lines])
        kept = marks.translate(None, passed_over)
        if kept.count(wanted) == len(kept):
            yield from range(number, number + len(kept))
        else:
            yield from compress(range(number, number + len(kept)), kept.translate(_IS_CHANGED))


def _search(regex: str, text: bytes) -> Iterator[_Match]:
    """Yield each match, at most one that starts on each line."""
    compiled = expression(regex)
    position = found = 0
    while position < len(text) and (match := compiled.search(text, position)):
        found += 1
        if found > _LOCATED:
            yield _REST, _REST, blake2b(memoryview(text)[position:], digest_size=32).digest()
            return
        start, end = match.span()
        stop = text.find(b"\n", max(end - 1, start))
        stop = len(text) if stop < 0 else stop
        first = text.rfind(b"\n", 0, start) + 1
        yield start, stop, identity(text[first:stop])
        position = stop + 1
