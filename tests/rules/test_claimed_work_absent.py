"""A long block is work, whatever its lines are."""

import pytest

from reviewqueue.rules import catalogue
from reviewqueue.scan.diff import Diff
from reviewqueue.scan.engine import Scanner
from reviewqueue.scan.rule import Subject

RULE = "claimed-work-absent"


@pytest.mark.parametrize("size", [2, 600])
def test_a_block_of_any_length_that_changes_is_work(size: int) -> None:
    patch = (
        "diff --git a/shop/pages.py b/shop/pages.py\nindex 1111111..2222222 100644\n"
        f"--- a/shop/pages.py\n+++ b/shop/pages.py\n@@ -1,{size} +1,{size} @@\n"
    )
    patch += "".join(f"-page_{number} = text\n" for number in range(size))
    patch += "".join(f"+page_{number} = escape(text)\n" for number in range(size))
    scanner = Scanner([rule for rule in catalogue() if rule.id == RULE], b"salt")
    scan = scanner.scan(Diff(patch=patch.encode()), Subject(title="Fix XSS in the pages"))
    assert not [finding for finding in scan.findings if finding.rule == RULE]
