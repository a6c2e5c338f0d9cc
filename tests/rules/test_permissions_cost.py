"""What rules on permissions compare costs no more than the lines there are, however many."""

import gc
import time
from collections.abc import Callable

import pytest

from reviewqueue.rules import catalogue
from reviewqueue.scan.diff import Diff
from reviewqueue.scan.engine import Scanner
from reviewqueue.scan.rule import Subject

LEAST = 0.03
"""Seconds below which a time is mostly what any scan costs."""
Lines = Callable[[int], list[str]]
LINES: dict[str, tuple[str, Lines]] = {
    "iam-widened": (
        "infra/iam.tf",
        lambda n: [f'{verb}{at}",' for verb in ('-"s3:Get', '+"s3:Put') for at in range(n)],
    ),
    "cluster-access-widened": (
        "deploy/role.yaml",
        lambda n: [
            " rules:",
            ' - verbs: ["get"]',
            "   apiGroups:",
            *(f"{name}{at}.dev" for name in ("-   - a", "+   - b") for at in range(n)),
        ],
    ),
    "approval-passed-by": (
        "src/tools/approval.py",
        lambda n: [
            line
            for at in range(n)
            for line in (f"-  if known_{at} and tool:", f"+  if known_{at} and tool and x:", " ")
        ],
    ),
    "workflow-pin-loosened": (
        ".github/workflows/ci.yml",
        lambda n: [
            f"{uses}{at}" for uses in ("-  uses: a/b@v", "+  uses: a/b@w") for at in range(n)
        ],
    ),
}
"""Of each rule a path, and changed lines of which it compares each with the others."""


def edited(path: str, lines: list[str]) -> bytes:
    """Return the patch of one hunk."""
    old, new = (sum(line[0] in marks for line in lines) for marks in (" -", " +"))
    head = f"diff --git a/{path} b/{path}\nindex 1111111..2222222 100644\n"
    head += f"--- a/{path}\n+++ b/{path}\n@@ -{int(old > 0)},{old} +1,{new} @@\n"
    return (head + "\n".join([*lines, ""])).encode()


def seconds(scanner: Scanner, patch: bytes) -> float:
    gc.collect()
    start = time.process_time()
    assert scanner.scan(Diff(patch), Subject()).unscannable is None
    return max(time.process_time() - start, LEAST)


@pytest.mark.parametrize("rule", LINES)
def test_four_times_the_lines_cost_at_most_eight_times_as_much(rule: str) -> None:
    scanner = Scanner([known for known in catalogue() if known.id == rule], b"salt")
    path, made = LINES[rule]
    few, many = (edited(path, made(count)) for count in (2_000, 8_000))
    seconds(scanner, few)
    assert any(seconds(scanner, many) <= 8 * seconds(scanner, few) for _ in range(3))
