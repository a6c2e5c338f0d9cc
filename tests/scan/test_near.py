"""Numbers and lines near others."""

from dataclasses import dataclass

import pytest

from reviewqueue.scan.structure.near import lines_in, numbered, stands_in


@dataclass(frozen=True)
class At:
    number: int | None
    text: str = ""
    whole: bytes = b""
    key: bytes = b""


@pytest.mark.parametrize(
    ("start", "stop", "expected"), [(0, 3, False), (0, 4, True), (3, 4, True), (4, 9, False)]
)
def test_it_knows_whether_a_number_is_in_a_range(start: int, stop: int, *, expected: bool) -> None:
    assert stands_in([3, 9, 12], range(start, stop)) is expected
    assert not stands_in([], range(start, stop))


def test_it_returns_the_lines_in_a_range_and_never_the_rest() -> None:
    lines = numbered([At(2), At(5), At(5), At(9), At(None)])
    assert [number for number, _ in lines_in(lines, range(3, 9))] == [5, 5]
    assert [number for number, _ in lines_in(lines, range(9, 99))] == [9]
    assert list(lines_in(numbered([At(None)]), range(99))) == []
