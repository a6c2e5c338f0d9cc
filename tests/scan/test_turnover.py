"""Lines of a kind that come and go."""

from reviewqueue.domain.finding import Side
from reviewqueue.scan.matcher import Matcher
from reviewqueue.scan.parser import parse
from reviewqueue.scan.rule import Subject
from reviewqueue.scan.structure.pairs import finds
from reviewqueue.scan.structure.turnover import QUIET, turnover
from reviewqueue.scan.view import ChangeView

KEEPS = "where"
PATCH = b"""diff --git a/q.sql b/q.sql
index 1111111..2222222 100644
--- a/q.sql
+++ b/q.sql
@@ -1,4 +1,4 @@
 select 1
-where a
-where c
-where d
+where b
+-- where e
+    where d
"""


def test_it_tells_what_came_and_then_what_went_but_not_what_stayed_or_is_passed_over() -> None:
    view = ChangeView(parse(PATCH), Subject(), Matcher([[KEEPS]], [[KEEPS]]))
    found = turnover(view.files[0], KEEPS, "it is {}", finds(QUIET))
    assert [(hit.message, hit.text, hit.line, hit.side) for hit in found] == [
        ("it is changed", "where b", 2, Side.NEW),
        ("it is removed", "where a", 2, Side.OLD),
        ("it is removed", "where c", 3, Side.OLD),
    ]
