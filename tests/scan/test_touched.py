"""Only the blocks that lose something of one kind are compared."""

from reviewqueue.scan.parser import parse
from reviewqueue.scan.touched import blocks_losing, pairs_losing
from reviewqueue.scan.view import ChangedFile

DIFF = b"""diff --git a/f b/f
--- a/f
+++ b/f
@@ -1,5 +1,5 @@
-limit = 3
+limit = 4
 same
-name = "a"
+name = "b"
 same
-limit = 9
+limit = 8
"""


def test_it_compares_the_blocks_that_lose_something_of_the_kind() -> None:
    file = ChangedFile(parse(DIFF)[0])
    assert [block.old for block in blocks_losing(file, "limit")] == [
        ((1, b"limit = 3"),),
        ((5, b"limit = 9"),),
    ]
    assert [(pair.old, pair.new) for pair in pairs_losing(file, "name", "absent")] == [
        (b'name = "a"', b'name = "b"')
    ]


def test_it_compares_nothing_where_nothing_of_the_kind_goes() -> None:
    file = ChangedFile(parse(DIFF)[0])
    assert not list(blocks_losing(file, "absent"))
    assert not list(pairs_losing(file, "same"))
