"""The terms of a condition between its ``and`` and ``or``, and those that a line lost."""

from reviewqueue.scan.effects.asked import ASKS
from reviewqueue.scan.effects.balance import Lost
from reviewqueue.scan.effects.laxer import PROTECTION
from reviewqueue.scan.structure.comments import is_comment
from reviewqueue.scan.structure.pairs import Block, Changed, Pair, finds, tokens

_CONNECTIVES = frozenset({b"&&", b"||", b"and", b"or", b"AND", b"OR"})
_CONDITION = ASKS + r"|^[ \t]*(?:while|and|or)\b|&&|\|\||\bwhere\b|=[^='\"\n]*[ ]and[ ]"
"""A line that may hold a condition: prose has its ``and``, too."""
_CONTINUED = r"^[ \t]*(?:&&|\|\||and\b|or\b)|(?:&&|\|\||\band|\bor|\\)[ \t]*$"
"""A line of a condition that spans several."""
_FEW = 3
"""New tokens from which a line was written anew rather than robbed of a term."""
_SHORT = 16
"""Lines of a block up to which it is looked at as one statement."""
_LEAST = 3
"""Tokens up to which what is left of a block is no condition."""


def drops_term(pair: Pair, changed: Changed, is_lost: Lost) -> bool:
    """Return whether a term of a condition that speaks of protection is gone."""
    if len(changed.all_came) >= _FEW:
        return False
    terms = dropped_conjuncts(pair)
    if not (terms and finds(_CONDITION)(pair.old)):
        return False
    protects = finds(PROTECTION)
    return any(protects(b" ".join(term)) and any(map(is_lost, term)) for term in terms)


def joined(block: Block) -> Pair | None:
    """Return a short block as one line before and after; None where it is no condition."""
    if len(block.old) + len(block.new) > _SHORT:
        return None
    if not any(finds(_CONTINUED)(text) for _, text in block.old):
        return None
    old, new = (
        b" ".join(text.strip() for _, text in side if not is_comment(text))
        for side in (block.old, block.new)
    )
    if len(tokens(new)) <= _LEAST:
        return None
    return Pair(block.old[0][0], block.new[0][0], old, new)


def dropped_conjuncts(pair: Pair) -> list[tuple[bytes, ...]]:
    """Return the terms that the old condition had and the new one does not hold anywhere.

    Empty where neither term nor connective went: a term that is only changed is not dropped.
    """
    before, after = conjuncts(pair.old), tokens(pair.new)
    if len(before) <= len(conjuncts(pair.new)):
        return []
    there = frozenset(after)
    return [term for term in before if not there.issuperset(term)]


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


def _trimmed(term: list[bytes]) -> list[bytes]:
    start, end = 0, len(term)
    while start < end and term[start] in {b"(", b")", b"if", b"elif", b"while"}:
        start += 1
    while end > start and term[end - 1] in {b"(", b")", b"{", b":", b"}", b";", b","}:
        end -= 1
    return term[start:end]
