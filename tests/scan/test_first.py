"""One line for all that changes in a file."""

import pytest

from reviewqueue.domain.finding import Side
from reviewqueue.scan.parser import parse
from reviewqueue.scan.structure.first import as_a_whole
from reviewqueue.scan.view import ChangedFile

HEAD = "diff --git a/f b/f\nindex 1111111..2222222 100644\n--- a/f\n+++ b/f\n"
BOTH = HEAD + "@@ -4,3 +6,3 @@\n a\n-b\n+c\n d\n"
LOST = HEAD + "@@ -4,3 +6,2 @@\n a\n-b\n d\n"
MODE = "diff --git a/f b/f\nold mode 100644\nnew mode 100755\n"


def changed(patch: str) -> ChangedFile:
    return ChangedFile(parse(patch.encode())[0])


@pytest.mark.parametrize(
    ("patch", "expected"),
    [(BOTH, (7, "c", Side.NEW)), (LOST, (5, "b", Side.OLD)), (MODE, (None, "f", Side.NONE))],
)
def test_it_shows_the_first_added_line_or_else_the_first_removed(
    patch: str, expected: tuple[int | None, str, Side]
) -> None:
    hit = as_a_whole(changed(patch), "told")
    assert (hit.line, hit.text, hit.side) == expected
    assert (hit.message, hit.path) == ("told", "f")


def test_it_is_another_hit_where_anything_else_changes() -> None:
    other = BOTH.replace("-b", "-x")
    assert as_a_whole(changed(BOTH), "told").text == as_a_whole(changed(other), "told").text
    assert as_a_whole(changed(BOTH), "told").key != as_a_whole(changed(other), "told").key
