"""How a condition is read: its head, its terms, and what it does."""

import pytest

from reviewqueue.scan.effects.asked import Condition, conditions, has_plain


def read(*lines: str) -> list[Condition]:
    """Return the conditions of some lines, the first of which was added."""
    marked = [b"+" + lines[0].encode(), *(b" " + line.encode() for line in lines[1:])]
    return list(conditions(marked, b"+", 7))


@pytest.mark.parametrize(
    ("line", "head", "way", "terms"),
    [
        ("if (!a || b.c) {", "if", "or", [b"!a", b"b.c"]),
        ("if a and not b:", "if", "and", [b"a", b"notb"]),
        ("} else if (a && (b || c)) {", "if", "and", [b"a", b"b||c"]),
        ("if err := f(x); err != nil || y {", "if", "or", [b"err!=nil", b"y"]),
        ("guard a, b.c else { return }", "unless", "and", [b"a", b"b.c"]),
        ('if [[ "$a" != x || -z "$b" ]]; then', "if", "or", [b'"$a"!=x', b'-z"$b"']),
        ("return a && b;", "value", "and", [b"a", b"b"]),
        ("return nil unless a && b", "unless", "and", [b"a", b"b"]),
        ("abort_unless($a->owns($b) || $c, 403);", "unless", "or", [b"$a->owns($b)", b"$c"]),
        ("ok = a or b", "value", "or", [b"a", b"b"]),
        ("a? || b?", "value", "or", [b"a?", b"b?"]),
    ],
)
def test_a_condition_is_read(line: str, head: str, way: str, terms: list[bytes]) -> None:
    (found,) = read(line)
    assert (found.line, found.head, found.way) == (7, head, way)
    assert [b"".join(term) for term in found.terms] == terms


def test_a_condition_reaches_over_lines_that_did_not_change() -> None:
    (found,) = read("if (", "  a ||", "  b", ") {", "  throw refused;", "}")
    assert [b"".join(term) for term in found.terms] == [b"a", b"b"]
    assert found.protecting == "or"


def test_what_follows_tells_what_a_condition_does() -> None:
    (refuses,) = read("if (a) {", "  return false;")
    (grants,) = read("if (a) {", "  return true;")
    (neither,) = read("if (a) {", "  paint();")
    assert (refuses.protecting, grants.protecting, neither.protecting) == ("or", "and", "")


def test_a_line_that_is_no_condition_is_none() -> None:
    assert read("# a or b") == []
    assert read("a") == []
    assert list(conditions([b" if (a || b) {"], b"+", 1)) == []


def test_a_condition_stands_where_it_changed() -> None:
    (found,) = conditions([b" if (", b"   a ||", b"+  b", b" ) {"], b"+", 7)
    assert found.line == 9


def test_a_value_by_itself_is_told_from_a_condition() -> None:
    assert has_plain([b"+ owner? || admin?"], b"+")
    assert not has_plain([b"+if a or b:", b"- c or d", b"+# e or f"], b"+")
    assert list(conditions([b"+ owner? || admin?"], b"+", 1, plain=False)) == []
