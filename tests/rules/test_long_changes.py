"""A long change costs a rule's check as much time for each line as a short one."""

import gc
import time
from collections.abc import Callable, Iterator

import pytest

from reviewqueue.rules import catalogue
from reviewqueue.scan.diff import Diff
from reviewqueue.scan.engine import RULE_FAILED, Scanner
from reviewqueue.scan.rule import Subject

LINES = 750


def patch(path: str, *lines: str) -> str:
    """Return the patch of a file with one hunk of marked lines."""
    old = sum(line[0] != "+" for line in lines)
    new = sum(line[0] != "-" for line in lines)
    head = f"diff --git a/{path} b/{path}\nindex 1111111..2222222 100644\n--- a/{path}\n"
    return f"{head}+++ b/{path}\n@@ -1,{old} +1,{new} @@\n" + "".join(f"{line}\n" for line in lines)


def each(size: int, *lines: str) -> Iterator[str]:
    """Yield some lines so many times, each time with another number in place of ``#``."""
    return (line.replace("#", str(number)) for number in range(size) for line in lines)


CHANGES: dict[str, Callable[[int], str]] = {
    "check-made-non-failing": lambda size: patch(
        ".github/workflows/test.yml", *each(size, "+  run: pytest --deselect tests/#"), " on: push"
    ),
    "deferred-check": lambda size: patch(
        "app/receive.py", *each(size, "+// TODO: verify the signature of #"), " end()"
    ),
    "demand-lowered": lambda size: patch(
        "ci/scan.yml",
        *each(size, "-  severity-threshold: low, #"),
        *each(size, "+  severity-threshold: high, #"),
    ),
    "guard-removed": lambda size: (
        patch("app/rights.py", *each(size, "-def check_permission_#(): ask()"))
        + "".join(patch(f"app/page_{at}.py", "-verify_token()", "+show()") for at in range(size))
    ),
    "monitoring-switched-off": lambda size: patch(
        "infra/alarms.tf",
        *each(size, ' resource "aws_cloudwatch_metric_alarm" "a#" {', "+  count = var.on", " }"),
    ),
    "protection-withdrawn": lambda size: (
        patch("app/names.py", *each(2 * size, "-def name_of_#_and_more(): ask()"), "+pass")
        + patch("tests/test_names.py", *each(size, "-    assert ask(#) == 'refused'"), "+pass")
    ),
    "safety-filter-bypassed": lambda size: patch(
        "app/answer.py", " start()", *each(size, "-moderate(text_#)"), " end()"
    ),
    "test-assertion-loosened": lambda size: patch(
        "tests/test_list.py",
        "-    assertEqual(value, [" + ",".join(each(size, "'old_#'")) + "])",
        "+    assertTrue(value, [" + ",".join(each(size, "'new_#'")) + "])",
    ),
    "test-put-out-of-reach": lambda size: patch(
        "tests/test_numbers.py",
        *each(size, "-def test_number_#_of_all():"),
        *each(size, "+def helper_number_#_of_all():"),
        *each(size, "+    return"),
    ),
}


def cost(rule: str, size: int) -> float:
    """Return the seconds that a rule takes for a change of so many lines."""
    scanner = Scanner([one for one in catalogue() if one.id == rule], b"salt")
    diff = Diff(patch=CHANGES[rule](size).encode())
    gc.collect()
    gc.disable()  # what it takes to look through this process's other objects is not the rule's
    try:
        started = time.process_time()
        scan = scanner.scan(diff, Subject())
        passed = time.process_time() - started
    finally:
        gc.enable()
    assert scan.unscannable is None
    assert RULE_FAILED not in {finding.rule for finding in scan.findings}
    return passed


def test_many_calls_on_long_lines_are_counted_once() -> None:
    calls = "-    " + "ensure_permissions(visitor" * 200
    diff = Diff(patch=patch("app/show.py", " def show():", *[calls] * 200, " pass").encode())
    scanner = Scanner([one for one in catalogue() if one.id == "guard-removed"], b"salt")
    started = time.process_time()
    assert scanner.scan(diff, Subject()).findings
    whole = time.process_time() - started
    small = Diff(patch=patch("app/show.py", " def show():", *[calls] * 50, " pass").encode())
    started = time.process_time()
    scanner.scan(small, Subject())
    assert whole <= 8 * max(time.process_time() - started, 0.05)


def test_the_arguments_of_a_call_are_read_no_further_than_two_kilobytes() -> None:
    scanner = Scanner([one for one in catalogue() if one.id == "runs-computed-code"], b"salt")

    def found(size: int) -> int:
        call = f"+frame.x = eval('{'y' * size}', width=3)"
        return len(scanner.scan(Diff(patch=patch("a.py", call).encode()), Subject()).findings)

    assert (found(10), found(3_000)) == (0, 1)


@pytest.mark.parametrize("rule", CHANGES)
def test_it_takes_linear_time(rule: str) -> None:
    assert any(cost(rule, 4 * LINES) <= 8 * cost(rule, LINES) for _ in range(3))
