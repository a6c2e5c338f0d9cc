"""What somebody writes to be slow: work stays in proportion to the change."""

from time import perf_counter

import pytest

from reviewqueue.scan.effects.alert_terms import _divides
from reviewqueue.scan.effects.runs import is_nearer, left_out, words
from reviewqueue.scan.structure.pairs import Pair, holding

_SPACES = b" " * 1_900
_AT_MOST = 1.0


@pytest.mark.parametrize(
    "line",
    [
        b'"test": "pytest"' + _SPACES + b"x",
        b"pytest -m 'not" + _SPACES + b"!'",
        b"go list " * 90 + b"|grep -" + b"v" * 900,
    ],
)
def test_words_of_a_command_are_read_once(line: bytes) -> None:
    start = perf_counter()
    for _ in range(20):
        words(line)
        left_out(line)
    assert perf_counter() - start < _AT_MOST


def test_what_an_expression_divides_by_is_read_once() -> None:
    new = b"expr: a_b > 3 and a_b >0" + b" " * 100_000 + b"x"
    start = perf_counter()
    assert not _divides(Pair(1, 1, b"expr: a_b > 3", new))
    assert perf_counter() - start < _AT_MOST


def test_a_path_below_another_is_nearer() -> None:
    assert is_nearer(b"pytest src/a tests", b"pytest src/a/b")
    assert not is_nearer(b"pytest src/a", b"pytest src/ab")


def test_names_are_found_whatever_stands_around_them() -> None:
    found = holding([b"a.b", b"long" * 99], 20)
    assert found(b"xa.bx")
    assert not found(b"axb" + b"long" * 99)
    assert not holding([], 20)(b"anything")
