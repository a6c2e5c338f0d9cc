"""Terms of a condition, and those that a line lost."""

import pytest

from reviewqueue.scan.effects.conjuncts import conjuncts, dropped_conjuncts, drops_term, joined
from reviewqueue.scan.structure.pairs import Block, Pair, changed_tokens


def pair(old: str, new: str) -> Pair:
    return Pair(1, 1, old.encode(), new.encode())


def test_it_splits_a_condition() -> None:
    assert conjuncts(b"if (a && is_owner(u)) {") == [(b"a",), (b"is_owner", b"(", b"u")]


@pytest.mark.parametrize(
    ("old", "new", "dropped"),
    [
        ("if a and is_owner(u):", "if a:", [(b"is_owner", b"(", b"u")]),
        ("if (ok || !user.admin) {", "if (ok) {", [(b"!", b"user", b".", b"admin")]),
        ("if a and b:", "if a and c:", []),
        ("if a and b:", "if b and a and c:", []),
        ("if b and a:", "if a and b:", []),
    ],
)
def test_it_tells_a_condition_that_lost_a_term(
    old: str, new: str, dropped: list[tuple[bytes, ...]]
) -> None:
    assert dropped_conjuncts(pair(old, new)) == dropped


def test_only_a_term_that_protects_and_is_lost_counts() -> None:
    both = pair("if a and is_owner(u):", "if a:")
    assert drops_term(both, changed_tokens(both), lambda _: True)
    assert not drops_term(both, changed_tokens(both), lambda _: False)
    colour = pair("if a and is_green(u):", "if a:")
    assert not drops_term(colour, changed_tokens(colour), lambda _: True)


def test_a_condition_over_several_lines_is_read_as_one() -> None:
    block = Block(((4, b"if (a"), (5, b"    // why"), (6, b"    && b) {")), ((4, b"if (a) {"),))
    assert joined(block) == Pair(4, 4, b"if (a && b) {", b"if (a) {")
    assert joined(Block(((4, b"a = 1"),), ((4, b"a = 2"),))) is None
    assert joined(Block(((4, b"if (a &&"),), ())) is None
