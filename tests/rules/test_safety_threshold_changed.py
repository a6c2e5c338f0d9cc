"""A figure of any length is read."""

from reviewqueue.rules import catalogue
from reviewqueue.scan.diff import Diff
from reviewqueue.scan.engine import RULE_FAILED, Scanner
from reviewqueue.scan.rule import Subject

RULE = "safety-threshold-changed"


def test_a_shift_by_thousands_of_digits_crashes_nothing() -> None:
    patch = (
        "diff --git a/shop/cart.py b/shop/cart.py\nindex 1111111..2222222 100644\n"
        "--- a/shop/cart.py\n+++ b/shop/cart.py\n@@ -1 +1 @@\n"
        f"-max_size = 1 << 4\n+max_size = 1 << {'9' * 5000}\n"
    )
    scanner = Scanner([rule for rule in catalogue() if rule.id == RULE], b"salt")
    found = scanner.scan(Diff(patch=patch.encode()), Subject()).findings
    assert RULE_FAILED not in {finding.rule for finding in found}
