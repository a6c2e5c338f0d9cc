r"""What must be there for an expression to match: a weaker expression, cheap to search for.

A Set of expressions with long loops (``curl[^\n]*sh``) needs a state for every mix of
loops that have begun, and soon more than any cache holds. Searching only for the best
part between loops, and for the whole where that part is found, finds the same.
"""

# Python's own reader of expressions: RE2's syntax is a part of its syntax. Whatever it does
# not know, or knows otherwise in another version, is searched for as it stands.
import re
from collections.abc import Callable, Iterable, Iterator, Sequence
from functools import cache
from math import log2
from operator import attrgetter
from re import _constants as op  # type: ignore[attr-defined]  # no stubs; see above
from re import _parser as reader  # type: ignore[attr-defined]  # likewise
from typing import Any, NamedTuple

_BROAD = 12
"""Characters of a class from which an endless loop over it is a long one."""
_LONGEST = 8
"""Repetitions up to which a bounded loop over such a class is no long one."""
_HEX = 22
"""Characters of a class up to which any bounded loop is no long one."""
_WORD = 66
"""Characters of a class up to which a loop ends with the word: no long one after what is rare."""
_BEGUN = 1.5
"""Literal characters after which a loop is seldom begun."""
_TOGETHER = 3
"""Parts of one expression that are looked for."""
_ENOUGH = 2.5
"""Literal characters that make a part worth searching for."""
_ONLY_RE2 = re.compile(r"\[:\^?\w+:\]|\{,")
"""What Python takes for something else, without a word."""
_KNOWN = op.SRE_FLAG_IGNORECASE | op.SRE_FLAG_UNICODE | op.SRE_FLAG_MULTILINE
_COMMON = frozenset(
    re.findall(
        r"\w+",
        """
        the from for and return not import with string this name true error type use that path run
        false set get all config err default test file when none const only are json func github
        issue new com nil create version data user self git text any status key context add def
        title else server issues value api agent can check list url should str types export code
        content ctx command https http mode after failed result auto fmt cli output has app join
        first time via before var start current one description args without map update repo null
        open state message dir request must full python into empty tests returns project len
        database function format task init sync env local main have int let assert store testing
        using read where commit will dependencies directory build max show strings await non package
        call then cmd async runtime you info write same query metadata class files tool event
        session found try make base select dev close out push source root expected count filter used
        see exists reference next parent work instead range target response find internal input
        existing tools append was per changes environment setup client each now label sql available
        install process token running shared example items match number help optional your object
        other model storage src flags remove does still case single remote some skip system pull
        want prefix utils parse commands both delete log line level values enabled interface
        position may like verify custom edit index lookup resolve union extend concat destroy insert
        settings params print allow grant fetch curl host uses exec load catch except raise bash on
        no or is if do to of in at
        """,
    )
)
"""Words that every third to thirtieth file has, by a count over honest changes."""
_CATEGORIES = {
    op.CATEGORY_DIGIT: (r"\d", 10),
    op.CATEGORY_NOT_DIGIT: (r"\D", 246),
    op.CATEGORY_SPACE: (r"\s", 5),
    op.CATEGORY_NOT_SPACE: (r"\S", 251),
    op.CATEGORY_WORD: (r"\w", 63),
    op.CATEGORY_NOT_WORD: (r"\W", 193),
}
_ANCHORS = {
    op.AT_BEGINNING: "^",
    op.AT_END: "$",
    op.AT_BEGINNING_STRING: r"\A",
    op.AT_BOUNDARY: r"\b",
    op.AT_NON_BOUNDARY: r"\B",
}


_REPEATS = frozenset({op.MAX_REPEAT, op.MIN_REPEAT})
_NESTED = _REPEATS | {op.BRANCH, op.SUBPATTERN}

Item = tuple[Any, Any]
"""As Python's reader gives it; of a word all letters together, as text."""
Items = Sequence[Item]
_EMPTY: Item = (None, ())


class _Part(NamedTuple):
    """An expression, and how many literal characters it surely has.

    The words that are everywhere count as nothing for ``rare``.
    """

    rare: float
    plain: float
    text: str


_By = Callable[[_Part], float]
_NOTHING = _Part(0, 0, "")


def needed(regex: str) -> tuple[tuple[str, ...], bool]:
    """Return expressions without long loops that all match wherever the given one does.

    Second, whether they match nowhere else. The expression itself, alone, where none is
    known that is worth it.
    """
    if _ONLY_RE2.search(regex):
        return (regex,), True
    try:
        parsed = reader.parse(_with_flags_in_groups(regex))
        if parsed.state.flags & ~_KNOWN:
            return (regex,), True
        items = _core(_words(parsed))
        reading = _Reading()
        branches = [items] if reading.joined(items) else _branches(items)
        found = [reading.worthwhile(branch) for branch in branches]
    except (KeyError, TypeError, ValueError, FutureWarning, reader.error):
        return (regex,), True
    exact = all(is_all for _, is_all in found)
    parts = found[0][0] if len(found) == 1 else [_either(some[0] for some, _ in found)]
    flags = "(?i)" if parsed.state.flags & op.SRE_FLAG_IGNORECASE else ""
    return tuple(flags + part for part in parts), exact


def _with_flags_in_groups(regex: str) -> str:
    """Return an expression as Python's reader wants it: flags from an alternative on in a group.

    Raises the reader's error where these are not alternatives of the outermost level.
    """
    first, *rest = regex.split("|(?i)")
    if not rest:
        return regex
    for alternative in (first, *rest):
        reader.parse(alternative)
    return f"{first}|(?i:{'|'.join(rest)})"


def _words(parsed: reader.SubPattern) -> Items:
    """Return the items with the letters and digits of each word in one."""
    read: list[Item] = []
    word = ""
    for code, value in parsed.data:
        if code is op.LITERAL and (letter := chr(value)).isalnum():
            word += letter
            continue
        if word:
            read.append((op.LITERAL, word))
            word = ""
        if code is op.BRANCH:
            read.append((code, (None, [_words(branch) for branch in value[1]])))
        elif code in _NESTED:
            read.append((code, (*value[:-1], _words(value[-1]))))
        else:
            read.append((code, letter if code is op.LITERAL else value))
    if word:
        read.append((op.LITERAL, word))
    return read


def _branches(items: Items) -> Sequence[Items]:
    """Return the alternatives of the outermost level, each with what stands before them."""
    code, value = items[-1] if items else _EMPTY
    before = items[:-1]
    if any(one not in {op.LITERAL, op.AT} for one, _ in before):
        return [items]
    if code is op.BRANCH:
        return [each for one in value[1] for each in _branches([*before, *one])]
    if code is op.SUBPATTERN and not any(value[1:3]):
        return _branches([*before, *value[3]])
    return [items]


def _core(items: Items) -> Items:
    """Return the items without what may be missing at their ends: they match in the same texts."""
    return _cut(_cut(items, 0), -1)


def _cut(items: Items, end: int) -> Items:
    """Return likewise for one end: 0 or -1."""
    left = list(items)
    while left:
        code, value = left[end]
        least = value[0] if code in _REPEATS else None
        if least == 0:
            del left[end]
        elif least == 1:
            left[end : end + 1 or None] = value[2]
        elif least:
            left[end] = code, (least, least, value[2])
            break
        elif code is op.SUBPATTERN and (inner := _cut(value[3], end)):
            left[end] = code, (*value[:3], inner)
            break
        elif code is op.BRANCH and all(each := [_cut(one, end) for one in value[1]]):
            left[end] = code, (value[0], each)
            break
        elif code in {op.SUBPATTERN, op.BRANCH}:
            del left[end]
        else:
            break
    return left


class _Reading:
    """One expression, each item of it read once."""

    def __init__(self, *, as_it_is: bool = False) -> None:
        """Begin; ``as_it_is`` takes no loop for a long one."""
        self._as_it_is = as_it_is
        self._known: dict[tuple[int, bool], tuple[Item, _Part | None]] = {}

    def worthwhile(self, items: Items) -> tuple[list[str], bool]:
        """Return the parts of one alternative that say enough, and whether they say all of it.

        Where none says enough, that is the alternative itself.
        """
        if whole := self.joined(items):
            return [whole.text], True
        for by in (attrgetter("rare"), attrgetter("plain")):
            sized = ((by(part), part.text) for part in self._parts(items, by))
            if found := sorted((one for one in sized if one[0] >= _ENOUGH), reverse=True):
                return list(dict.fromkeys(text for _, text in found[:_TOGETHER])), False
        whole = _Reading(as_it_is=True).joined(items) or _NOTHING
        return [whole.text], True

    def joined(self, items: Items, *, begun: bool = False) -> _Part | None:
        """Return items as they are written; None where one holds a long loop.

        ``begun`` says that they are only looked for after something rare.
        """
        pieces: list[_Part] = []
        for item in items:
            piece = self._piece(item, begun=begun)
            if piece is None and not begun:
                piece = self._after(item, pieces)
            if piece is None:
                return None
            pieces.append(piece)
        return _sum(pieces)

    def _best(self, items: Items, by: _By) -> _Part:
        """Return the part between long loops with the most characters, rare or plain."""
        return max(self._parts(items, by), key=by)

    def _parts(self, items: Items, by: _By) -> Iterator[_Part]:
        """Yield what stands between, and in, the long loops."""
        begun: list[Item] = []
        pieces: list[_Part] = []
        for item in items:
            piece = self._piece(item) or self._after(item, pieces)
            if piece:
                begun.append(item)
                pieces.append(piece)
            else:
                yield self._between(begun, pieces)
                yield self._inside(item, by)
                begun, pieces = [], []
        yield self._between(begun, pieces)

    def _between(self, items: Items, pieces: Sequence[_Part]) -> _Part:
        """Return what must be there of items that hold no long loop."""
        core = _core(items)
        return _sum(pieces) if core == items else self.joined(core) or _NOTHING

    def _inside(self, item: Item, by: _By) -> _Part:
        """Return what must be there of an item that holds a long loop."""
        code, value = item
        if code is op.SUBPATTERN:
            return _grouped(self._best(value[3], by), value)
        if code is op.BRANCH:
            return _either_of([self._best(branch, by) for branch in value[1]])
        if code in _REPEATS and value[0] > 0:
            return self._best(value[2], by)
        return _NOTHING

    def _after(self, item: Item, before: Sequence[_Part]) -> _Part | None:
        """Return an item that holds a loop, if what stands before it is so rare."""
        if sum([piece.plain for piece in before]) < _BEGUN:
            return None
        return self._piece(item, begun=True)

    def _piece(self, item: Item, *, begun: bool = False) -> _Part | None:
        """Return one item as it is written; see joined."""
        if item[0] not in _NESTED:
            return _simple(item)
        known = self._known.get((id(item), begun))
        if known is None:
            known = self._known[id(item), begun] = item, self._nested(*item, begun=begun)
        return known[1]

    def _nested(self, code: Any, value: Any, *, begun: bool) -> _Part | None:  # noqa: ANN401 -- see reader
        if code is op.SUBPATTERN:
            joined = self.joined(value[3], begun=begun)
            return joined and _grouped(joined, value)
        if code is op.BRANCH:
            parts = [self.joined(branch, begun=begun) for branch in value[1]]
            known = [part for part in parts if part]
            return _either_of(known) if len(known) == len(parts) else None
        least, most, items = value
        if not self._as_it_is and _is_long(most, items, begun=begun):
            return None
        joined = self.joined(items, begun=begun)
        return joined and _repeated(joined, least, most)


def _simple(item: Item) -> _Part:
    code, value = item
    if code is op.LITERAL:
        return _word(value)
    if code is op.AT:
        return _Part(0, 0, _ANCHORS[value])
    if code is op.IN or code is op.ANY or code is op.NOT_LITERAL:
        size = 0.5 if _width(item) < _BROAD / 2 else 0
        return _Part(size, size, _class(item))
    raise KeyError(code)


def _grouped(part: _Part, group: tuple[Any, ...]) -> _Part:
    _, added, removed, _ = group
    if removed or added & ~op.SRE_FLAG_IGNORECASE:
        raise KeyError("other flags")
    flags = "i" if added else ""
    return part._replace(text=f"(?{flags}:{part.text})")


def _repeated(part: _Part, least: int, most: int) -> _Part:
    to = "" if most is op.MAXREPEAT else most
    times = {(0, 1): "?", (0, ""): "*", (1, ""): "+"}.get((least, to), f"{{{least},{to}}}")
    return _Part(part.rare * least, part.plain * least, f"(?:{part.text}){times}")


def _either_of(parts: Sequence[_Part]) -> _Part:
    """Return any of the parts: it has what the least of them has; many match more often."""
    less = log2(len(parts)) / 4
    rare = max(min(part.rare for part in parts) - less, 0)
    plain = max(min(part.plain for part in parts) - less, 0)
    return _Part(rare, plain, _either(part.text for part in parts))


def _sum(pieces: Sequence[_Part]) -> _Part:
    """Return the pieces one after another."""
    if len(pieces) == 1:
        return pieces[0]
    return _Part(
        sum([piece.rare for piece in pieces]),
        sum([piece.plain for piece in pieces]),
        "".join([piece.text for piece in pieces]),
    )


def _is_long(most: int, items: Items, *, begun: bool) -> bool:
    """Return whether a loop may be alive for long, whatever else has begun meanwhile."""
    if begun and max(map(_widest, items), default=0) <= _WORD:
        return False
    # One that is not over one class is kept alive by many characters.
    width = _width(items[0]) if len(items) == 1 else 256
    return width >= _BROAD if most is op.MAXREPEAT else most > _LONGEST and width > _HEX


def _widest(item: Item) -> int:
    """Return how many characters the broadest class in an item has."""
    code, value = item
    if code is op.BRANCH:
        return max((_widest(one) for branch in value[1] for one in branch), default=0)
    if code is op.SUBPATTERN or code in _REPEATS:
        return max(map(_widest, value[-1]), default=0)
    return 0 if code is op.AT else _width(item)


def _width(item: Item) -> int:
    code, value = item
    if code is op.LITERAL:
        return len(value)
    if code is not op.IN:
        return 255
    total, negated = 0, False
    for kind, inner in value:
        if kind is op.NEGATE:
            negated = True
        elif kind is op.LITERAL:
            total += 1
        elif kind is op.RANGE:
            total += inner[1] - inner[0] + 1
        else:
            total += _CATEGORIES[inner][1]
    return 256 - total if negated else total


def _class(item: Item) -> str:
    code, value = item
    if code is op.ANY:
        return "."
    if code is op.NOT_LITERAL:
        return f"[^{_escaped(chr(value))}]"
    parts = []
    for kind, inner in value:
        if kind is op.NEGATE:
            parts.append("^")
        elif kind is op.LITERAL:
            parts.append(_escaped(chr(inner)))
        elif kind is op.RANGE:
            parts.append("-".join(_escaped(chr(end)) for end in inner))
        else:
            parts.append(_CATEGORIES[inner][0])
    return f"[{''.join(parts)}]"


@cache
def _word(word: str) -> _Part:
    """Return a word, and how much it narrows: plain letters are everywhere."""
    plain = sum(1.0 if letter.isalpha() and letter.islower() else 1.4 for letter in word)
    text = "".join(map(_escaped, word))
    return _Part(0 if word.lower() in _COMMON else plain, plain, text)


def _escaped(letter: str) -> str:
    return letter if letter.isascii() and letter.isalnum() else f"\\x{ord(letter):02x}"


def _either(parts: Iterable[str]) -> str:
    return f"(?:{'|'.join(dict.fromkeys(parts))})"
