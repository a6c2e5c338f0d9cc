"""What hunks show, and what of them stands on one side."""

from reviewqueue.domain.finding import Side
from reviewqueue.scan.parser import parse
from reviewqueue.scan.structure.hunks import (
    ChangedLines,
    numbered,
    on_side,
    placed,
    shown,
    shown_after,
)
from reviewqueue.scan.view import ChangedFile

PATCH = rb"""diff --git a/f b/f
index 1111111..2222222 100644
--- a/f
+++ b/f
@@ -4,3 +6,3 @@
 a
-b
+c
 d
@@ -20,2 +22,2 @@
 e
-f
\ No newline at end of file
+g
"""
FILE = ChangedFile(parse(PATCH)[0])


def changed() -> ChangedFile:
    head = b"diff --git a/f b/f\n--- a/f\n+++ b/f\n@@ -3,2 +3,3 @@\n"
    return ChangedFile(parse(head + b" a\n-b\n\\ No newline at end of file\n+c\n+d\n")[0])


def test_it_keeps_what_stands_on_a_side() -> None:
    [(_, _, lines)] = changed().hunks()
    assert on_side(lines, Side.OLD) == [b" a", b"-b"]
    assert on_side(lines, Side.NEW) == [b" a", b"+c", b"+d"]


def test_it_places_the_added_lines() -> None:
    found = [(number, hunk[place]) for number, place, hunk in placed(changed())]
    assert found == [(4, b"+c"), (5, b"+d")]


def test_it_shows_both_sides_or_what_is_there_now() -> None:
    assert shown(FILE) == b"a\nb\nc\nd\ne\nf\ng"
    assert shown_after(FILE) == b"a\nc\nd\ne\ng"


def test_each_line_has_its_number_on_its_own_side() -> None:
    first, last = FILE.hunks()
    assert numbered(first) == [
        (b" ", 6, b"a"),
        (b"-", 5, b"b"),
        (b"+", 7, b"c"),
        (b" ", 8, b"d"),
    ]
    assert numbered(first, 1) == [(b" ", 6, b"a")]
    assert numbered(last)[-1] == (b"+", 23, b"g")


def test_changed_lines_are_looked_up_by_number() -> None:
    assert ChangedLines(FILE).within(range(7, 23)) == b"c"
    assert ChangedLines(FILE).within(range(7, 24)) == b"c\ng"
    assert ChangedLines(FILE, Side.OLD).within(range(99)) == b"b\nf"
    assert ChangedLines(FILE).within(range(8, 23)) == b""
