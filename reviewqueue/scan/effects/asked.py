"""Conditions as they stand on one side of a change: what they ask, and what they do.

A condition reaches over several lines and may hold unchanged ones, so that each side of a hunk
is read as a whole. What joins the terms at the outmost says what each of them is worth; what
follows says whether the condition refuses or grants.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from reviewqueue.domain.finding import Side
from reviewqueue.scan.effects.guards import CONDITION, REFUSING
from reviewqueue.scan.structure.comments import is_comment
from reviewqueue.scan.structure.hunks import on_side
from reviewqueue.scan.structure.pairs import finds, tokens

DECIDING = (
    r"(?i)owner|permi|forbid|\b403\b|\b401\b|unauthor|admin|\brole|access|denied|trusted|csrf|"
    r"allow|member|tenant|signature|verif|https|scheme|(?-i:\b(?:may|can)[A-Z_]\w)|confirm|trust|"
    r"expire|usable|\bactive|enabled|locked|revoked|visible|publish|valid"
)
"""What a condition that decides speaks of."""
ASKS = CONDITION + (
    r"|^[ \t]*(?:\}?[ \t]*else[ \t]+)?(?:return|ensure|abort_if|abort_unless|throw_if|throw_unless|"
    r"precondition|invariant|check)\b"
)
"""How a line asks something, or gives an answer that may decide."""
_PLAIN = (
    r"^[^'\"#/]*(?:&&|\|\|)|^[^'\"#]*=[^'\"#]*[ ](?:and|or)[ ]|"
    r"^[ \t]*[\w.?!()]+[ ](?:and|or)[ ][\w.?!() ]+$"
)
"""A line that joins terms, and is more than text."""
_WAYS = {b"||": "or", b"or": "or", b"OR": "or", b"&&": "and", b"and": "and", b"AND": "and"}
_IFS = frozenset(b"if elif elsif abort_if throw_if".split())
_DEMANDS = frozenset(
    b"guard assert ensure require abort_unless throw_unless precondition invariant check".split()
)
_HEADS = _IFS | _DEMANDS | {b"unless"}
_CALLED = (_DEMANDS | _IFS) - {b"guard", b"if", b"elif", b"elsif"}
"""What takes its condition as the first argument of a call."""
_MODIFIED = frozenset(b"return raise next throw head redirect_to render die abort".split())
_OPEN, _CLOSE = frozenset({b"(", b"[", b"{"}), frozenset({b")", b"]", b"}"})
_ENDS = frozenset({b"then", b"else"})
_GOES_ON = frozenset({b".", b"==", b"!=", b"<", b">", b"?.", *_WAYS})
_REFUSES = REFUSING + (
    r"|\b40[0134]\b|\{:error\b|\bNotFound\(|\bgoto\s+\w|(?i:bad_?request|forbid|reject|"
    r"unauthori[sz]ed|not_?allowed|access_?denied|send_?error|http_?error)"
)
_PASSES_OVER = r"^[ \t]*continue\b"
_GRANTS = (
    r"\breturn[ \t]+(?:true|True|allow\w*|next\(\)|nil|Ok\(\(?\)?\))[ \t;,})]*$|"
    r"^[ \t]*(?:allow\w*|grant\w*)\b"
)
_SPAN = 8
"""Lines up to which a condition reaches."""
_BODY = 3
"""Lines below a condition that tell what it does."""
_ABOVE = 2
"""Lines above a value that tell what it is for."""
_TARGET = 6
"""Words up to which what a value is given to reaches."""

Term = tuple[bytes, ...]


@dataclass(frozen=True, slots=True)
class Condition:
    """One condition, as it stands on one side."""

    line: int
    """1-based number of its first changed line."""
    text: bytes
    above: bytes
    body: bytes
    head: str
    """What it begins with: if, unless (also guard, assert) or value."""
    way: str
    """What joins its terms: or, and; empty for a single one."""
    terms: tuple[Term, ...]

    @property
    def protecting(self) -> str:
        """How terms are joined of which each one protects; empty where it decides nothing."""
        passed_over = finds(_PASSES_OVER)(self.body) and finds(DECIDING)(self.text)
        refuses = finds(_REFUSES)(self.body) or passed_over
        if self.head != "if":
            return "and" if refuses or self.head == "value" else ""
        if refuses:
            return "or"
        return "and" if finds(_GRANTS)(self.body) else ""


def has_plain(lines: Sequence[bytes], mark: bytes) -> bool:
    """Return whether a changed line joins terms without a word that begins a condition."""
    asks, plain = finds(ASKS), finds(_PLAIN)
    changed = (line[1:] for line in lines if line[:1] == mark)
    return any(plain(text) and not asks(text) and not is_comment(text) for text in changed)


def conditions(
    lines: Sequence[bytes], mark: bytes, at: int, *, plain: bool = True
) -> Iterator[Condition]:
    """Yield the conditions of one side of a hunk that hold a changed line.

    With those lines, where ``plain``, that only may be conditions: a value by itself.
    """
    marked = on_side(lines, Side.NEW if mark == b"+" else Side.OLD)
    side = [line[1:] for line in marked]
    changed = [line[:1] == mark for line in marked]
    asks = finds(ASKS)
    place = 0
    while place < len(side):
        if not any(changed[place : place + _SPAN]) or is_comment(side[place]):
            place += 1
        elif (plain and changed[place]) or asks(side[place]):
            end = _end(side, place)
            if any(changed[place:end]):
                found = _read(side, place, end, at + changed.index(True, place, end))
                if found:
                    yield found
            place = end
        else:
            place += 1


def _end(side: Sequence[bytes], place: int) -> int:
    """Return the place after the last line of a condition."""
    depth, end = 0, place
    while end < len(side) and end - place < _SPAN:
        words = tokens(side[end])
        depth += words.count(b"(") - words.count(b")")
        end += 1
        below = tokens(side[end]) if end < len(side) else ()
        hangs = (words and words[-1] in _WAYS) or (below and below[0] in _WAYS)
        if depth <= 0 and not hangs:
            break
    return end


def _read(side: Sequence[bytes], place: int, end: int, number: int) -> Condition | None:
    text = b" ".join([line.strip() for line in side[place:end]])
    words = list(tokens(text))
    while words and words[0] in {b"}", b"else"}:
        words.pop(0)
    head, rest = _head(words) if words else ("", ())
    if not rest:
        return None
    inner, tail = _inner(rest)
    if words[0] in _CALLED:
        inner = _first_argument(inner)
    inside = tail if head != "value" else ()
    if words[0] in _MODIFIED and head != "value":
        inside = words[: len(words) - len(rest)]
    way, terms = _split(inner, by_comma=words[0] == b"guard")
    if not terms or (head == "value" and not way and len(terms[0]) <= 1):
        return None
    always = b"raise" if words[0] in _DEMANDS or words[0].endswith(b"_if") else b""
    body = b"\n".join((b" ".join(inside), *side[end : end + _BODY], always))
    above = b"\n".join(side[max(0, place - _ABOVE) : place])
    return Condition(number, text, above, body, head, way, terms)


def _head(words: Sequence[bytes]) -> tuple[str, Sequence[bytes]]:
    """Return what a condition begins with, and its words after that."""
    first = words[0]
    if first in _HEADS:
        return ("if" if first in _IFS else "unless"), words[1:]
    if first in _MODIFIED and b"else" not in words:
        for word in (b"if", b"unless"):
            if word in words:
                return word.decode(), words[words.index(word) + 1 :]
    if first == b"return":
        return "value", words[1:]
    for sign in (b"=", b":="):
        if sign in words[:_TARGET]:
            return "value", words[words.index(sign) + 1 :]
    return "value", words


def _inner(words: Sequence[bytes]) -> tuple[Sequence[bytes], Sequence[bytes]]:
    """Return the words of the condition itself, and what follows them."""
    if list(words[:2]) == [b"[", b"["] and b"]" in words:
        end = words.index(b"]")
        return words[2:end], words[end + 2 :]
    depth, start = 0, 0
    for at, word in enumerate(words):
        depth += (word in _OPEN) - (word in _CLOSE)
        if (depth == 1 and word == b"{" and at) or (depth == 0 and word in _ENDS):
            return words[start:at], words[at + 1 :]
        if depth == 0 and word == b")" and _is_bracketed(words, at):
            return words[1:at], words[at + 1 :]
        if depth == 0 and word == b";" and at + 1 < len(words):
            start = at + 1
    return words[start:], ()


def _is_bracketed(words: Sequence[bytes], at: int) -> bool:
    """Return whether a bracket closes the one that a condition stands in as a whole."""
    return words[0] == b"(" and _GOES_ON.isdisjoint(words[at + 1 : at + 2])


def _first_argument(words: Sequence[bytes]) -> Sequence[bytes]:
    depth = 0
    for at, word in enumerate(words):
        depth += (word in _OPEN) - (word in _CLOSE)
        if depth == 0 and word == b",":
            return words[:at]
    return words


def _split(words: Sequence[bytes], *, by_comma: bool) -> tuple[str, tuple[Term, ...]]:
    """Return how the terms are joined, at the outmost, and the terms."""
    outmost, depth = [], 0
    for word in words:
        depth += (word in _OPEN) - (word in _CLOSE)
        way = _WAYS.get(word, "") if depth == 0 else ""
        outmost.append("and" if by_comma and word == b"," and depth == 0 else way)
    joined = "or" if "or" in outmost else "and" if "and" in outmost else ""
    found: list[list[bytes]] = [[]]
    for word, way in zip(words, outmost, strict=True):
        if joined and way == joined:
            found.append([])
        else:
            found[-1].append(word)
    return joined, tuple(tuple(_bare(term)) for term in found if term)


def _bare(term: list[bytes]) -> list[bytes]:
    """Return a term without the brackets around it, and what ends the line."""
    while term and term[-1] in {b";", b",", b":", b"{"}:
        term = term[:-1]
    while term[:1] == [b"("] and term[-1:] == [b")"] and b"(" not in term[1:]:
        term = term[1:-1]
    return term
