"""What became of a line: removed and added lines of one change block, paired.

Lines pair by the words they share, whatever their order in the block; lines that are the same
but for white space pair silently. The work per line is bounded, so a hostile block costs no
more than a long one; what is beyond a bound stays unpaired, as if it were unlike.
"""

import re
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from functools import lru_cache

import re2

from reviewqueue.domain.finding import Side
from reviewqueue.scan.rule import FileView, Hit, expression, options
from reviewqueue.scan.structure.near import stands_in

_ANYWHERE = re2._re2.RE2.Anchor.UNANCHORED  # noqa: SLF001 -- see finds
_WORD = re.compile(
    rb"[A-Za-z_$][\w$]*|\d[\w.]*|[=!]==|[=!<>+*/%|&^:-]=|&&|\|\||->|=>|::|\?\.|\?\?|<<|>>|\.\.\.?|"
    rb"//|\*\*|[^\s\w]"
)
"""Linear: no part can match what another part matched otherwise."""
_PART = r"[A-Z]?[a-z]+|[A-Z]+"
_RUN = re.compile(rb"[-+\\]+")
"""The marks of changed lines, and of a missing newline between them."""
_NUMBER = r"^\d"
SWITCHES = {
    b"true": True,
    b"false": False,
    b"yes": True,
    b"no": False,
    b"on": True,
    b"off": False,
    b"enabled": True,
    b"disabled": False,
    b"enable": True,
    b"disable": False,
    b"always": True,
    b"never": False,
    b"allow": True,
    b"deny": False,
}
"""Words that switch something, folded, and whether it is on then."""
_LIKE = 0.5
"""Share of the tokens that two lines must have in common to be one line, changed."""
_WINDOW = 12
"""How far from its proportional place in a long block a line is looked for."""
_ALL = 900
"""Comparisons up to which every line of a block is compared with every other."""
_SHORT = 24
"""Lines of a block up to which it is taken as it stands."""
MOST = 2000
"""Lines of either side up to which a block is compared line by line as a whole."""
_LONGEST = 2000
"""Bytes of a line that are looked at."""
_SHOWN = 300
"""Bytes of each line of a pair that are shown."""
_ALIGNED = 64
"""Tokens up to which two differing middles are aligned one by one."""

_PARTING = frozenset({b",", b"(", b")", b";"})
"""What a formatter puts between words, or takes away."""

_SHARED = 2
"""Names that two lines share which are about the same value."""

ANY = range(1 << 62)
SOME = range(1, MOST + 1)
"""How many lines of a block may be removed: any number; some, and few enough to compare."""

Numbered = tuple[int, bytes]
"""1-based line number on its side, and the line's text without marker."""
Bag = frozenset[tuple[bytes, int]]
"""The tokens of a line, each with its how-manieth."""


@dataclass(frozen=True, slots=True)
class Block:
    """Neighbouring changed lines of one hunk, between unchanged ones."""

    old: tuple[Numbered, ...]
    new: tuple[Numbered, ...]


@dataclass(frozen=True, slots=True)
class Pair:
    """One line before and after; the two differ by more than white space."""

    old_line: int
    new_line: int
    old: bytes
    new: bytes


@dataclass(frozen=True, slots=True)
class Changed:
    """What differs between the two lines of a pair, in order."""

    gone: tuple[bytes, ...]
    """Tokens with no counterpart in the new line."""
    came: tuple[bytes, ...]
    """Tokens with no counterpart in the old line."""
    swapped: tuple[tuple[bytes, bytes], ...]
    """Tokens that stand one for one in the same place: (old, new)."""

    @property
    def all_gone(self) -> tuple[bytes, ...]:
        """What is gone, and what another token took the place of."""
        return (*self.gone, *(old for old, _ in self.swapped))

    @property
    def all_came(self) -> tuple[bytes, ...]:
        """What came, and what took another token's place."""
        return (*self.came, *(new for _, new in self.swapped))

    @property
    def numbers(self) -> tuple[tuple[bytes, bytes], ...]:
        """The numbers that changed, (old, new)."""
        number = expression(_NUMBER)
        return tuple(
            (old, new) for old, new in self.swapped if number.search(old) and number.search(new)
        )

    @property
    def switches(self) -> tuple[tuple[bytes, bytes], ...]:
        """The switches that changed sense (true, no, on, deny …), (old, new)."""
        return tuple((old, new) for old, new in self.swapped if _is_flip(old, new))


def blocks(file: FileView, wanted: str = "", of: range = ANY) -> Iterator[Block]:
    """Yield the change blocks of a file, in order; one side may be empty.

    Only those of so many removed lines, and with a removed line that matches what is wanted,
    where that is given: the others cost next to nothing.
    """
    places = matching(file.removed, wanted) if wanted else None
    if places is not None and not places:
        return
    before = 0
    for old_at, new_at, lines in file.hunks():
        if places is None and len(lines) < of.start:
            continue
        marks = b"".join([line[:1] or b" " for line in lines])
        removed = marks.count(b"-")
        reach = range(before, before + removed)
        before += removed
        if (removed or 0 in of) and (places is None or stands_in(places, reach)):
            for first, block in _runs(marks, lines, (old_at, new_at), of):
                at = reach.start + first
                if places is None or stands_in(places, range(at, at + len(block.old))):
                    yield block


def blocks_losing(file: FileView, *triggers: str) -> Iterator[Block]:
    """Yield the blocks with a removed line that one of these expressions lost there."""
    lost = {line.number for trigger in triggers for line in file.gone(trigger)}
    if not lost:
        return
    for block in blocks(file):
        if any(number in lost for number, _ in block.old):
            yield block


def pairs_losing(file: FileView, *triggers: str) -> Iterator[Pair]:
    """Yield the pairs of these blocks."""
    for block in blocks_losing(file, *triggers):
        yield from paired(block)


def matching(text: bytes, wanted: str) -> list[int]:
    """Return the places (the first line's is 0) of the lines on which an expression matches."""
    match = expression(wanted)._regexp.Match  # noqa: SLF001 -- see finds
    found: list[int] = []
    at = passed = place = 0
    size = len(text)
    while at < size:
        start, end = match(_ANYWHERE, text, at, size)[0]
        if start < 0:
            break
        place += text.count(b"\n", passed, start)
        passed = start
        found.append(place)
        at = (text.find(b"\n", max(end - 1, start)) + 1) or size
    return found


@lru_cache(maxsize=1 << 13)
def finds(regex: str) -> Callable[[bytes], bool]:
    """Return what tells whether an expression matches: for the many lines of many files.

    Asked of RE2 itself, since the wrapper around it takes as long as the search.
    """
    match = expression(regex)._regexp.Match  # noqa: SLF001 -- as said

    def found(text: bytes) -> bool:
        start: int = match(_ANYWHERE, text, 0, len(text))[0][0]
        return start >= 0

    return found


def holding(names: Iterable[bytes], longest: int) -> Callable[[bytes], bool]:
    """Return what tells whether one of some names is in a text, in one pass however many they are.

    But for those that are longer than so many bytes.
    """
    short = sorted({name for name in names if len(name) <= longest})
    if not short:
        return lambda _: False
    found = re2.compile(b"|".join(map(re2.escape, short)), options=options())
    return lambda text: bool(found.search(text))


def _runs(
    marks: bytes, lines: Sequence[bytes], at: tuple[int, int], of: range
) -> Iterator[tuple[int, Block]]:
    """Yield the blocks of a hunk, each with how many removed lines stand before it."""
    old, new = at
    passed = before = 0
    for run in _RUN.finditer(marks):
        start, end = run.span()
        old, new = old + start - passed, new + start - passed
        passed = end
        gone, came = marks.count(b"-", start, end), marks.count(b"+", start, end)
        if gone in of and (gone or came):
            yield before, _block(lines[start:end], old, new)
        before, old, new = before + gone, old + gone, new + came


def _block(lines: Sequence[bytes], old: int, new: int) -> Block:
    """Return the block of some marked lines, numbered from there on each side."""
    return Block(
        tuple(enumerate([line[1:] for line in lines if line[:1] == b"-"], old)),
        tuple(enumerate([line[1:] for line in lines if line[:1] == b"+"], new)),
    )


def condensed(block: Block) -> Block:
    """Return a long block without the lines that both sides have, but for white space.

    What is left of one that was only indented anew is short.
    """
    if not (_SHORT < len(block.old) <= MOST and 0 < len(block.new) <= MOST):
        return block
    old = [b"".join(text.split()) for _, text in block.old]
    new = [b"".join(text.split()) for _, text in block.new]
    if frozenset(old).isdisjoint(new):
        return block
    both = Counter(old) & Counter(new)
    return Block(_unshared(block.old, old, both), _unshared(block.new, new, both))


def _unshared(
    lines: Sequence[Numbered], keys: Sequence[bytes], both: Counter[bytes]
) -> tuple[Numbered, ...]:
    left, found = dict(both), []
    for line, key in zip(lines, keys, strict=True):
        if left.get(key, 0) > 0:
            left[key] -= 1
        else:
            found.append(line)
    return tuple(found)


def is_reflowed(block: Block) -> bool:
    """Return whether a short block says the same in lines that are broken otherwise."""
    if not (0 < len(block.old) <= _SHORT and 0 < len(block.new) <= _SHORT):
        return False
    return _said(block.old) == _said(block.new)


def _said(lines: Sequence[Numbered]) -> list[bytes]:
    """Return the tokens of some lines, but for what only parts or surrounds them."""
    said = b" ".join([text.rstrip(b" \t\r\\") for _, text in lines]).replace(b"'", b'"')
    return [token for token in _WORD.findall(said[: _SHORT * _LONGEST]) if token not in _PARTING]


def pairs(file: FileView) -> Iterator[Pair]:
    """Yield the lines of a file that were changed rather than removed or added."""
    for block in blocks(file):
        yield from paired(block)


def paired(block: Block, wanted: Callable[[bytes], bool] | None = None) -> Iterator[Pair]:
    """Yield the pairs of one block, in the order of the removed lines.

    Only of the removed lines that are wanted, where that is given; looking for the others'
    partners, too, costs time, and seldom finds these a better one.
    """
    if not (block.old and block.new):
        return
    places = [at for at, (_, text) in enumerate(block.old) if wanted is None or wanted(text)]
    partner = _partners(block, places) if places else {}
    for place in places:
        if place in partner:
            old_line, old = block.old[place]
            new_line, new = block.new[partner[place]]
            if old.split() != new.split():
                yield Pair(old_line, new_line, old, new)


@lru_cache(maxsize=1 << 8)
def tokens(text: bytes) -> tuple[bytes, ...]:
    """Return the words, numbers and operators of a line (of its first kilobytes)."""
    return tuple(_WORD.findall(text[:_LONGEST]))


def parts(name: bytes) -> list[bytes]:
    """Return the words that a name is made of, in lower case."""
    return [word.lower() for word in expression(_PART).findall(name)]


@lru_cache(maxsize=1 << 4)
def changed_tokens(pair: Pair) -> Changed:
    """Return what went, what came and what took another's place."""
    old, new = tokens(pair.old), tokens(pair.new)
    start = 0
    while start < min(len(old), len(new)) and old[start] == new[start]:
        start += 1
    end = 0
    while end < min(len(old), len(new)) - start and old[-1 - end] == new[-1 - end]:
        end += 1
    return _difference(old[start : len(old) - end], new[start : len(new) - end])


def likeness(pair: Pair) -> float:
    """Return the share of tokens that the two lines have in common: 0 to 1."""
    return shared(bag(pair.old), bag(pair.new))


def bag(text: bytes) -> Bag:
    """Return a line's tokens as a multiset."""
    seen: dict[bytes, int] = {}
    found = []
    for token in tokens(text):
        seen[token] = nth = seen.get(token, 0) + 1
        found.append((token, nth))
    return frozenset(found)


def shared(one: Bag, other: Bag) -> float:
    """Return Dice's coefficient, 0 to 1; nothing is like an empty line."""
    if not (one and other):
        return 0.0
    return 2 * len(one & other) / (len(one) + len(other))


def is_about_the_same(pair: Pair) -> bool:
    """Return whether two lines share names enough to be about the same value."""
    both = frozenset(tokens(pair.old)).intersection(tokens(pair.new))
    return len([name for name in both if name[:1].isalpha()]) >= _SHARED


def exchanged(file: FileView, pair: Pair, message: str) -> Hit:
    """Return the hit of a new line, with the old one shown before it; identity covers both."""
    return Hit(
        message=message,
        text=f"{_shown(pair.old)} -> {_shown(pair.new)}",
        path=file.path,
        line=pair.new_line,
        side=Side.NEW,
        key=b" ".join((*pair.old.split(), b"->", *pair.new.split())),
    )


def skeleton(text: bytes) -> tuple[bytes, ...]:
    """Return a line's tokens with ``#`` for each number and each switch."""
    number = expression(_NUMBER)
    return tuple(
        b"#" if token.lower() in SWITCHES or number.search(token) else token
        for token in tokens(text)
    )


def _shown(text: bytes) -> str:
    return b" ".join(text.split())[:_SHOWN].decode("utf-8", "replace")


def _is_flip(old: bytes, new: bytes) -> bool:
    before, after = SWITCHES.get(old.lower()), SWITCHES.get(new.lower())
    return before is not None and after is not None and before != after


def _partners(block: Block, places: Sequence[int]) -> dict[int, int]:
    """Return for places on the old side their places on the new one, the likest first."""
    new = [bag(text) for _, text in block.new]
    ranked: list[tuple[float, int, int, int]] = []
    for place in places:
        wanted = bag(block.old[place][1])
        expected = place * len(new) // len(block.old)
        for other in _near(expected, len(places), len(new)):
            likeness = shared(wanted, new[other])
            if likeness >= _LIKE:
                ranked.append((-likeness, abs(other - expected), place, other))
    found: dict[int, int] = {}
    taken: set[int] = set()
    for _, _, place, other in sorted(ranked):
        if place not in found and other not in taken:
            found[place] = other
            taken.add(other)
    return found


def _near(expected: int, old: int, new: int) -> range:
    if old * new <= _ALL:
        return range(new)
    return range(max(0, expected - _WINDOW), min(new, expected + _WINDOW + 1))


def _difference(old: Sequence[bytes], new: Sequence[bytes]) -> Changed:
    """Tell the difference of two middles that share neither first nor last token."""
    if len(old) > _ALIGNED or len(new) > _ALIGNED:
        before, after = Counter(old), Counter(new)
        return Changed(tuple((before - after).elements()), tuple((after - before).elements()), ())
    gone: list[bytes] = []
    came: list[bytes] = []
    swapped: list[tuple[bytes, bytes]] = []
    for went, arrived in _gaps(old, new):
        if len(went) == len(arrived):
            swapped.extend(zip(went, arrived, strict=True))
        else:
            gone.extend(went)
            came.extend(arrived)
    return Changed(tuple(gone), tuple(came), tuple(swapped))


def _gaps(old: Sequence[bytes], new: Sequence[bytes]) -> Iterator[tuple[list[bytes], list[bytes]]]:
    """Yield what stands between the tokens of a longest common sequence, old and new."""
    table = _common(old, new)
    went: list[bytes] = []
    arrived: list[bytes] = []
    i = j = 0
    while i < len(old) or j < len(new):
        if i < len(old) and j < len(new) and old[i] == new[j]:
            if went or arrived:
                yield went, arrived
                went, arrived = [], []
            i, j = i + 1, j + 1
        elif j >= len(new) or (i < len(old) and table[i + 1][j] >= table[i][j + 1]):
            went.append(old[i])
            i += 1
        else:
            arrived.append(new[j])
            j += 1
    if went or arrived:
        yield went, arrived


def _common(old: Sequence[bytes], new: Sequence[bytes]) -> list[list[int]]:
    """Return the lengths of the longest common sequences of all pairs of tails."""
    table = [[0] * (len(new) + 1) for _ in range(len(old) + 1)]
    for i in range(len(old) - 1, -1, -1):
        for j in range(len(new) - 1, -1, -1):
            if old[i] == new[j]:
                table[i][j] = table[i + 1][j + 1] + 1
            else:
                table[i][j] = max(table[i + 1][j], table[i][j + 1])
    return table
