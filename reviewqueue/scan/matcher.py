"""Which expressions match which side of a file, and where: in linear time.

One RE2 Set answers *whether* for all expressions at once; only what fired is located.
Net-new compares the matched lines whole, with white space folded: a call that merely
moved or was re-indented inside its file is not new, a call whose destination changed is.
"""

import re
from array import array
from bisect import bisect_right
from collections import Counter, defaultdict
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from functools import cache
from hashlib import blake2b
from itertools import compress

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

_LINE_END = re.compile(rb"\n")
_ANYWHERE = re2._re2.RE2.Anchor.UNANCHORED  # noqa: SLF001 -- see _spans
_NOTHING: list[int] = []
_IS_CHANGED = bytes(byte in b"+-" for byte in range(256))

_Match = tuple[int, int]
"""Start, and end of the last matched line; of the piece that is compared as one, its start."""


Search = Callable[[bytes], list[int]]
"""Gives which expressions a text holds: their places in what was compiled, ascending."""
Possible = Callable[[bytes], Collection[int]]
"""Gives the numbers of a catalogue's expressions that may match a text, in any order."""
Compile = Callable[[Sequence[bytes]], Search]
"""Makes one search of many expressions: all of them at once, in time linear to the text."""


class MatcherError(Exception):
    """A search gave no answer, which must not look like "nothing found"."""


class Matcher:
    """All expressions of a catalogue, compiled once.

    One search looks for what each surely needs; only where that is, and only of what is
    asked for, the whole is looked for. So it does not matter to what is found who makes that
    search, if it misses nothing.
    """

    __slots__ = ("_exact", "_names", "added", "index", "regexes", "removed", "searched")

    def __init__(
        self,
        added: Iterable[Iterable[str]],
        removed: Iterable[Iterable[str]] = (),
        names: Iterable[str] = (),
        *,
        compiled: Compile | None = None,
    ) -> None:
        """Compile what is looked for in added text, in removed text and in names.

        Each group is a search of its own, since a smaller one is much the quicker. Raises
        RuleError or re2's error where an expression is not RE2.
        """
        compiled = compiled or set_of
        groups = [[tuple(group) for group in of] for of in (added, removed, (names,))]
        every = (regex for of in groups for group in of for regex in group)
        self.regexes = tuple(dict.fromkeys(every))
        self.index = {regex: number for number, regex in enumerate(self.regexes)}
        self._exact = frozenset(number for regex, number in self.index.items() if _needed(regex)[1])
        self.added, self.removed, self._names = (
            _together([_Group(group, self.index, compiled).possible for group in of if group])
            for of in groups
        )
        """Give the numbers of the expressions that may match a text, of those for added and for
        removed text: none that is left out does. MatcherError where a Set ran out of memory."""
        self.searched = tuple(
            frozenset(self.index[regex] for group in of for regex in group) for of in groups[:2]
        )
        """The numbers of the expressions that are looked for in added and in removed text."""

    def is_in(self, number: int, text: bytes) -> bool:
        """Return whether one that is possible matches; nothing is said of others."""
        return number in self._exact or next(_spans(self.regexes[number], text), None) is not None

    def matching(self, text: bytes, *, added: bool) -> list[int]:
        """Return the numbers of the expressions that match, in order.

        Raises MatcherError where a Set ran out of memory.
        """
        return self._those(self.added if added else self.removed, text)

    def names(self, text: bytes) -> list[int]:
        """Return likewise for names, one a line."""
        return self._those(self._names, text)

    def _those(self, possible: Possible, text: bytes) -> list[int]:
        return sorted(number for number in possible(text) if self.is_in(number, text))


def _together(searches: Sequence[Possible]) -> Possible:
    """Return what gives all that any of them gives."""
    if len(searches) == 1:
        return searches[0]
    return lambda text: {number for search in searches for number in search(text)}


class _Group:
    """The expressions of one group."""

    __slots__ = ("_of", "_search")

    def __init__(self, regexes: Iterable[str], index: Mapping[str, int], compiled: Compile) -> None:
        """Compile what each expression needs."""
        numbers: dict[str, int] = {}
        needs: defaultdict[int, list[tuple[int, frozenset[int]]]] = defaultdict(list)
        for regex in dict.fromkeys(regexes):
            encoded(regex)  # refuses what is not ASCII
            parts, _ = _needed(regex)
            first, *others = (numbers.setdefault(part, len(numbers)) for part in parts)
            needs[first].append((index[regex], frozenset(others)))
        self._of = [needs[number] for number in range(len(numbers))]
        self._search = compiled([encoded(part) for part in numbers])

    def possible(self, text: bytes) -> list[int]:
        """Return the numbers of those whose needs are all there; see Matcher."""
        found = self._search(text)
        if not found:
            return found
        there = set(found)
        return [number for part in found for number, others in self._of[part] if others <= there]


_needed = cache(needed)


def set_of(expressions: Sequence[bytes]) -> Search:
    """Return the search that RE2's Set makes; MatcherError, then, where it has no memory left."""
    compiled = re2.Set.SearchSet(options())
    for each in expressions:
        compiled.Add(each)
    # Matches any text, at its end: an empty answer can then only be a failure of the Set.
    always = compiled.Add(rb"\z")
    compiled.Compile()
    nothing = [always]
    match = compiled._set.Match  # noqa: SLF001 -- called for every side: no wrapper

    def search(text: bytes) -> list[int]:
        found: list[int] | None = match(text)
        if found == nothing:  # of nearly every text
            return _NOTHING
        if not found:
            raise MatcherError("the pattern set ran out of memory")
        found.sort()
        if found.pop() != always:
            raise MatcherError("the pattern set stopped before the end")
        return found

    return search


class Sides:
    """The two sides of one file, searched once for each expression."""

    __slots__ = ("_identities", "_is_silent", "_lines", "_matches", "_places", "patch")

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
        self._identities: dict[tuple[int, int, bool], bytes] = {}

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
        found = self._matches.get((regex, added)) or [(0, 0)]
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
        if not own and not self._is_long(added=not added):
            return
        others = self._all(regex, added=not added)
        left = Counter([self.identity(*other, added=not added) for other in others])
        for match in own:
            if left and left[key := self.identity(*match, added=added)] > 0:
                left[key] -= 1
            else:
                yield Place(self, match, added=added)

    def _is_long(self, *, added: bool) -> bool:
        side = self.side(added=added)
        return len(side) > _LOCATED and side.count(b"\n") > _LOCATED

    def identity(self, start: int, end: int, *, added: bool) -> bytes:
        """Return what tells the lines of a match from others; long ones are read once."""
        text = self.side(added=added)
        if start == _REST:
            return blake2b(memoryview(text)[end:], digest_size=32).digest()
        first = text.rfind(b"\n", 0, start) + 1
        if end - first < _SHOWN:
            return identity(text[first:end])
        known = self._identities.get((first, end, added))
        if known is None:
            known = self._identities[first, end, added] = identity(text[first:end])
        return known

    def _all(self, regex: str, *, added: bool) -> list[_Match]:
        known = self._matches.get((regex, added))
        if known is None:
            silent = self._is_silent is not None and self._is_silent(regex, added)
            known = [] if silent else list(_search(regex, self.side(added=added)))
            self._matches[regex, added] = known
        return known


class Place:
    """Where an expression matched; see Line. Number and text are found when asked for."""

    __slots__ = ("_added", "_end", "_sides", "_start")

    def __init__(self, sides: Sides, match: _Match, *, added: bool) -> None:
        """Remember where."""
        self._sides, (self._start, self._end), self._added = sides, match, added

    @property
    def key(self) -> bytes:
        """What tells the matched lines from others."""
        return self._sides.identity(self._start, self._end, added=self._added)

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
        self._numbers = array("L", _numbers(patch, added=added))
        self._offset = self._before = 0
        self._starts = array("Q")

    def number(self, offset: int) -> int:
        """Return the line number at an offset of the joined lines."""
        return self._numbers[min(self._line(offset), len(self._numbers) - 1)]

    def _line(self, offset: int) -> int:
        if self._starts:
            return bisect_right(self._starts, offset) - 1
        if offset < self._offset:
            self._starts = array("Q", [0])
            self._starts.extend(end.end() for end in _LINE_END.finditer(self._text))
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
    for found, (start, end) in enumerate(_spans(regex, text)):
        if found == _LOCATED:
            yield _REST, text.rfind(b"\n", 0, start) + 1
            return
        yield start, _line_end(text, max(end - 1, start))


def _spans(regex: str, text: bytes) -> Iterator[tuple[int, int]]:
    """Yield where an expression matches, at most once for each line it starts on."""
    position, size = 0, len(text)
    match = expression(regex)._regexp.Match  # noqa: SLF001 -- called for every file: no wrapper
    while position < size:
        start, end = match(_ANYWHERE, text, position, size)[0]
        if start < 0:
            return
        yield start, end
        position = _line_end(text, max(end - 1, start)) + 1


def _line_end(text: bytes, offset: int) -> int:
    end = text.find(b"\n", offset)
    return len(text) if end < 0 else end
