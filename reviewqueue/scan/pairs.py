"""What became of a line: removed and added lines of one change block, paired.

Lines pair by the words they share, whatever their order in the block; lines that are the same
but for white space pair silently. The work per line is bounded, so a hostile block costs no
more than a long one; what is beyond a bound stays unpaired, as if it were unlike.
"""

import re
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass

from reviewqueue.scan.rule import FileView, expression

_WORD = re.compile(
    rb"[A-Za-z_$][\w$]*|\d[\w.]*|"
    rb"[=!]==|[=!<>+*/%|&^:-]=|&&|\|\||->|=>|::|\?\.|\?\?|<<|>>|\.\.\.?|//|\*\*|[^\s\w]"
)
"""Linear: no part can match what another part matched otherwise."""
_NUMBER = r"^\d"
_SWITCHES = {
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
_CONNECTIVES = frozenset({b"&&", b"||", b"and", b"or", b"AND", b"OR"})
_LIKE = 0.5
"""Share of the tokens that two lines must have in common to be one line, changed."""
_WINDOW = 12
"""How far from its proportional place in a long block a line is looked for."""
_ALL = 900
"""Comparisons up to which every line of a block is compared with every other."""
_SHORT = 24
"""Lines of a block up to which it is taken as it stands."""
_LONGEST = 2000
"""Bytes of a line that are looked at."""
_ALIGNED = 64
"""Tokens up to which two differing middles are aligned one by one."""

Numbered = tuple[int, bytes]
"""1-based line number on its side, and the line's text without marker."""


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


def blocks(file: FileView) -> Iterator[Block]:
    """Yield the change blocks of a file, in order; one side may be empty."""
    for old_at, new_at, lines in file.hunks():
        old_number, new_number = old_at, new_at
        old: list[Numbered] = []
        new: list[Numbered] = []
        for line in lines:
            marker = line[:1]
            if marker == b"-":
                old.append((old_number, line[1:]))
                old_number += 1
            elif marker == b"+":
                new.append((new_number, line[1:]))
                new_number += 1
            elif marker != b"\\":
                if old or new:
                    yield Block(tuple(old), tuple(new))
                    old, new = [], []
                old_number += 1
                new_number += 1
        if old or new:
            yield Block(tuple(old), tuple(new))


def condensed(block: Block) -> Block:
    """Return a long block without the lines that both sides have, but for white space.

    What is left of one that was only indented anew is short.
    """
    if len(block.old) <= _SHORT or not block.new:
        return block
    old = Counter(b"".join(text.split()) for _, text in block.old)
    new = Counter(b"".join(text.split()) for _, text in block.new)
    return Block(_unshared(block.old, old & new), _unshared(block.new, old & new))


def _unshared(lines: tuple[Numbered, ...], shared: Counter[bytes]) -> tuple[Numbered, ...]:
    left, found = Counter(shared), []
    for number, text in lines:
        key = b"".join(text.split())
        if left[key] > 0:
            left[key] -= 1
        else:
            found.append((number, text))
    return tuple(found)


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


def tokens(text: bytes) -> list[bytes]:
    """Return the words, numbers and operators of a line (of its first kilobytes)."""
    return _WORD.findall(text[:_LONGEST])


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
    return _likeness(_bag(pair.old), _bag(pair.new))


def skeleton(text: bytes) -> tuple[bytes, ...]:
    """Return a line's tokens with ``#`` for each number and each switch."""
    number = expression(_NUMBER)
    return tuple(
        b"#" if token.lower() in _SWITCHES or number.search(token) else token
        for token in tokens(text)
    )


def conjuncts(text: bytes) -> list[tuple[bytes, ...]]:
    """Return the terms of a condition between its ``and`` and ``or``, as tokens.

    The first and the last term carry what stands before and after the condition; brackets at
    a term's ends are dropped, so that a term stays the same when its neighbours go.
    """
    found: list[list[bytes]] = [[]]
    for token in tokens(text):
        if token in _CONNECTIVES:
            found.append([])
        else:
            found[-1].append(token)
    return [tuple(_trimmed(term)) for term in found if term]


def dropped_conjuncts(pair: Pair) -> list[tuple[bytes, ...]]:
    """Return the terms that the old condition had and the new one does not hold anywhere.

    Empty where neither term nor connective went: a term that is only changed is not dropped.
    """
    before, after = conjuncts(pair.old), tokens(pair.new)
    if len(before) <= len(conjuncts(pair.new)):
        return []
    there = frozenset(after)
    return [term for term in before if not there.issuperset(term)]


def _trimmed(term: list[bytes]) -> list[bytes]:
    start, end = 0, len(term)
    while start < end and term[start] in {b"(", b")", b"if", b"elif", b"while"}:
        start += 1
    while end > start and term[end - 1] in {b"(", b")", b"{", b":", b"}", b";", b","}:
        end -= 1
    return term[start:end]


def _is_flip(old: bytes, new: bytes) -> bool:
    before, after = _SWITCHES.get(old.lower()), _SWITCHES.get(new.lower())
    return before is not None and after is not None and before != after


def _bag(text: bytes) -> frozenset[tuple[bytes, int]]:
    """Return a line's tokens as a multiset: each with its how-manieth."""
    seen: dict[bytes, int] = {}
    found = []
    for token in tokens(text):
        seen[token] = nth = seen.get(token, 0) + 1
        found.append((token, nth))
    return frozenset(found)


Bag = frozenset[tuple[bytes, int]]


def _partners(block: Block, places: Sequence[int]) -> dict[int, int]:
    """Return for places on the old side their places on the new one, the likest first."""
    new = [_bag(text) for _, text in block.new]
    ranked: list[tuple[float, int, int, int]] = []
    for place in places:
        bag = _bag(block.old[place][1])
        expected = place * len(new) // len(block.old)
        for other in _near(expected, len(places), len(new)):
            likeness = _likeness(bag, new[other])
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


def _likeness(one: Bag, other: Bag) -> float:
    """Return Dice's coefficient; nothing is like an empty line."""
    if not (one and other):
        return 0.0
    return 2 * len(one & other) / (len(one) + len(other))


def _difference(old: list[bytes], new: list[bytes]) -> Changed:
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


def _gaps(old: list[bytes], new: list[bytes]) -> Iterator[tuple[list[bytes], list[bytes]]]:
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


def _common(old: list[bytes], new: list[bytes]) -> list[list[int]]:
    """Return the lengths of the longest common sequences of all pairs of tails."""
    table = [[0] * (len(new) + 1) for _ in range(len(old) + 1)]
    for i in range(len(old) - 1, -1, -1):
        for j in range(len(new) - 1, -1, -1):
            if old[i] == new[j]:
                table[i][j] = table[i + 1][j + 1] + 1
            else:
                table[i][j] = max(table[i + 1][j], table[i][j + 1])
    return table
