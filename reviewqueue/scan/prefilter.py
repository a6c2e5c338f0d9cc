r"""What must be there for an expression to match: a weaker expression, cheap to search for.

A Set of expressions with long loops (``curl[^\n]*sh``) needs a state for every mix of
loops that have begun, and soon more than any cache holds. Searching only for the best
part between loops, and for the whole where that part is found, finds the same.
"""

# Python's own reader of expressions: RE2's syntax is a part of its syntax. Whatever it does
# not know, or knows otherwise in another version, is searched for as it stands.
import re
from collections.abc import Iterable, Iterator, Sequence
from enum import Enum
from functools import cache
from math import log2
from re import _constants as op  # type: ignore[attr-defined]  # no stubs; see above
from re import _parser as reader  # type: ignore[attr-defined]  # likewise
from typing import Any

_BROAD = 12
"""Characters of a class from which an endless loop over it is a long one."""
_LONGEST = 8
"""Repetitions up to which a bounded loop over such a class is no long one."""
_HEX = 22
"""Characters of a class up to which any bounded loop is no long one."""
_TOGETHER = 3
"""Parts of one expression that are looked for."""
_ENOUGH = 3
"""Literal characters that make a part worth searching for."""
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


class _How(Enum):
    """How an expression is read."""

    RARE = "without long loops; words that are everywhere count for nothing"
    ANY = "without long loops"
    WHOLE = "as it is"


Items = Sequence[tuple[Any, Any]]
_Part = tuple[float, str]
"""How many rare characters it surely has, and the expression."""
_Piece = tuple[tuple[Any, Any], _Part]


def needed(regex: str) -> tuple[tuple[str, ...], bool]:
    """Return expressions without long loops that all match wherever the given one does.

    Second, whether they match nowhere else. The expression itself, alone, where none is
    known that is worth it.
    """
    if "[:" in regex or "{," in regex:
        return (regex,), True
    try:
        parsed = reader.parse(regex)
        if parsed.state.flags & ~_KNOWN:
            return (regex,), True
        branches = _branches(parsed)
        found = [_worthwhile(branch) for branch in branches]
    except (KeyError, TypeError, ValueError, FutureWarning, reader.error):
        return (regex,), True
    exact = all(is_all for _, is_all in found)
    parts = found[0][0] if len(found) == 1 else [_either(some[0] for some, _ in found)]
    flags = "(?i)" if parsed.state.flags & op.SRE_FLAG_IGNORECASE else ""
    return tuple(flags + part for part in parts), exact


def _branches(items: Items) -> Sequence[Items]:
    """Return the alternatives of the outermost level, each with all that is around them."""
    if len(items) == 1 and items[0][0] is op.BRANCH:
        return [branch for one in items[0][1][1] for branch in _branches(one)]
    if len(items) == 1 and items[0][0] is op.SUBPATTERN and not any(items[0][1][1:3]):
        return _branches(items[0][1][3])
    return [items]


def _worthwhile(items: Items) -> tuple[list[str], bool]:
    """Return the parts of one alternative that say enough, and whether they say all of it.

    Where none says enough, that is the alternative itself.
    """
    whole = _joined(items, _How.ANY)
    if whole is not None:
        return [whole[1]], True
    for how in (_How.RARE, _How.ANY):
        found = sorted((part for part in _parts(items, how) if part[0] >= _ENOUGH), reverse=True)
        if found:
            return list(dict.fromkeys(part for _, part in found[:_TOGETHER])), False
    return [_joined(items, _How.WHOLE)[1]], True  # type: ignore[index]  # as a whole there is one


def _best(items: Items, how: _How) -> _Part:
    """Return the part between long loops with the most rare characters."""
    return max(_parts(items, how), key=lambda found: found[0])


def _parts(items: Items, how: _How) -> Iterator[_Part]:
    """Yield what stands between, and in, the long loops."""
    begun: list[_Piece] = []
    for item in items:
        whole = _whole(item, how)
        if whole is None:
            yield _sum(begun, how)
            yield _inside(item, how)
            begun = []
        else:
            begun.append((item, whole))
    yield _sum(begun, how)


def _inside(item: tuple[Any, Any], how: _How) -> _Part:
    """Return what must be there of an item that holds a long loop."""
    code, value = item
    if code is op.SUBPATTERN:
        size, part = _best(value[3], how)
        return size, _grouped(part, value[1])
    if code is op.BRANCH:
        parts = [_best(branch, how) for branch in value[1]]
        return _least(parts), _either(part for _, part in parts)
    if code in {op.MAX_REPEAT, op.MIN_REPEAT} and value[0] > 0:
        return _best(value[2], how)
    return 0, ""


def _whole(item: tuple[Any, Any], how: _How) -> _Part | None:
    """Return an item as it is written; None for one with long loops, unless they are wanted."""
    code, value = item
    if code is op.LITERAL:
        return _rarity(chr(value)), _escaped(value)
    if code in {op.NOT_LITERAL, op.ANY, op.IN}:
        return 0.5 if _width(item) < _BROAD / 2 else 0, _class(item)
    if code is op.AT:
        return 0, _ANCHORS[value]
    if code is op.SUBPATTERN:
        return _group(value, how)
    if code is op.BRANCH:
        return _alternatives(value[1], how)
    if code in {op.MAX_REPEAT, op.MIN_REPEAT}:
        return _repeat(*value, how=how)
    raise KeyError(code)


def _alternatives(branches: Sequence[Items], how: _How) -> _Part | None:
    parts = [_joined(branch, how) for branch in branches]
    known = [part for part in parts if part is not None]
    if len(known) < len(parts):
        return None
    return _least(known), _either(part for _, part in known)


def _group(value: tuple[Any, ...], how: _How) -> _Part | None:
    _, added, removed, items = value
    if removed:
        raise KeyError("flags switched off")
    joined = _joined(items, how)
    return None if joined is None else (joined[0], _grouped(joined[1], added))


def _grouped(part: str, added: int) -> str:
    return f"(?i:{part})" if added & op.SRE_FLAG_IGNORECASE else f"(?:{part})"


def _joined(items: Items, how: _How) -> _Part | None:
    pieces: list[_Piece] = []
    for item in items:
        whole = _whole(item, how)
        if whole is None:
            return None
        pieces.append((item, whole))
    return _sum(pieces, how)


def _sum(pieces: Iterable[_Piece], how: _How) -> _Part:
    """Return the pieces one after another; a word that is everywhere adds little."""
    size, text, word = 0.0, "", ""
    for (code, value), (rare, part) in pieces:
        letter = chr(value) if code is op.LITERAL else ""
        if letter.isalnum():
            word += letter
        else:
            size, word = size - _overrated(word, how), ""
        size, text = size + rare, text + part
    return size - _overrated(word, how), text


def _overrated(word: str, how: _How) -> float:
    """Return what the letters of a word count for that is everywhere."""
    return sum(map(_rarity, word)) if how is _How.RARE and word.lower() in _COMMON else 0


def _repeat(least: int, most: int, items: Items, *, how: _How) -> _Part | None:
    joined = _joined(items, how)
    if joined is None:
        return None
    size, part = joined
    endless = most is op.MAXREPEAT
    if how is not _How.WHOLE and _is_long(None if endless else most, _loop_width(items)):
        return None
    times = f"{{{least},{'' if endless else most}}}"
    short = {(0, 1): "?", (0, None): "*", (1, None): "+"}
    times = short.get((least, None if endless else most), times)
    return size * least, f"(?:{part}){times}"


def _is_long(most: int | None, width: int) -> bool:
    if most is None:
        return width >= _BROAD
    return most > _LONGEST and width > _HEX


def _loop_width(items: Items) -> int:
    """Return how many characters keep a loop alive; many where it is not over one class."""
    return _width(items[0]) if len(items) == 1 else 256


def _width(item: tuple[Any, Any]) -> int:
    code, value = item
    if code is op.LITERAL:
        return 1
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


def _class(item: tuple[Any, Any]) -> str:
    code, value = item
    if code is op.ANY:
        return "."
    if code is op.NOT_LITERAL:
        return f"[^{_escaped(value)}]"
    parts = []
    for kind, inner in value:
        if kind is op.NEGATE:
            parts.append("^")
        elif kind is op.LITERAL:
            parts.append(_escaped(inner))
        elif kind is op.RANGE:
            parts.append(f"{_escaped(inner[0])}-{_escaped(inner[1])}")
        else:
            parts.append(_CATEGORIES[inner][0])
    return f"[{''.join(parts)}]"


@cache
def _escaped(code: int) -> str:
    letter = chr(code)
    return letter if letter.isascii() and letter.isalnum() else f"\\x{code:02x}"


def _least(parts: Sequence[_Part]) -> float:
    """Return what the most common of several alternatives has; many match more often."""
    return max(min(size for size, _ in parts) - log2(len(parts)) / 4, 0)


@cache
def _rarity(letter: str) -> float:
    """Return how much a character narrows: words of plain letters are everywhere."""
    return 1.0 if letter.isalpha() and letter.islower() else 1.4


def _either(parts: Iterable[str]) -> str:
    return f"(?:{'|'.join(dict.fromkeys(parts))})"
