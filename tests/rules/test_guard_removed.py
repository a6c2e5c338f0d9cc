"""A guard that is one in two ways is one place."""

from reviewqueue.rules import catalogue
from reviewqueue.scan.diff import Diff
from reviewqueue.scan.engine import Scanner
from reviewqueue.scan.rule import Subject

RULE = "guard-removed"
GUARD = 'if not caller.allowed(page): raise PermissionDenied("this page is for its owner alone");'


def test_a_line_that_is_found_twice_is_told_once() -> None:
    patch = (
        "diff --git a/shop/pages.py b/shop/pages.py\nindex 1111111..2222222 100644\n"
        "--- a/shop/pages.py\n+++ b/shop/pages.py\n@@ -1,3 +1,2 @@\n"
        f" page = find(name)\n-{GUARD}\n show(page)\n"
    )
    scanner = Scanner([rule for rule in catalogue() if rule.id == RULE], b"salt")
    (finding,) = scanner.scan(Diff(patch=patch.encode()), Subject()).findings
    assert "a refusal is removed" in finding.message
    assert "a condition that refused is removed" in finding.message
    assert [place.line for place in finding.locations] == [2]
