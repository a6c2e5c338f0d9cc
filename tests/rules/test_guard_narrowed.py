"""A block of settings that is too long to be compared is told of as a whole."""

from reviewqueue.domain.finding import Finding, Severity
from reviewqueue.rules import catalogue
from reviewqueue.scan.diff import Diff
from reviewqueue.scan.engine import Scanner
from reviewqueue.scan.rule import Subject
from reviewqueue.scan.structure.pairs import MOST

RULE = "guard-narrowed"
SWITCH = "verify_tls: true"


def found(lines: list[str]) -> list[Finding]:
    """Return what the rule says of a file of settings that loses these lines for one."""
    patch = (
        "diff --git a/deploy/values.yaml b/deploy/values.yaml\n"
        "index 1111111..2222222 100644\n--- a/deploy/values.yaml\n+++ b/deploy/values.yaml\n"
        f"@@ -1,{len(lines) + 1} +1,2 @@\n name: shop\n"
    )
    patch += "".join(f"-{line}\n" for line in lines) + "+replicas: 3\n"
    scanner = Scanner([rule for rule in catalogue() if rule.id == RULE], b"salt")
    scan = scanner.scan(Diff(patch=patch.encode()), Subject())
    return [finding for finding in scan.findings if finding.rule == RULE]


def test_a_long_block_of_settings_is_told_at_its_first_switch() -> None:
    (finding,) = found([*(f"key_{number}: value" for number in range(MOST)), SWITCH])
    assert finding.severity is Severity.LOW
    assert "compare it as a whole" in finding.message
    assert (finding.locations[0].path, finding.locations[0].line) == (
        "deploy/values.yaml",
        MOST + 2,
    )


def test_a_long_block_without_a_switch_is_not_told() -> None:
    assert found([f"key_{number}: value" for number in range(MOST + 1)]) == []


def test_a_block_that_can_be_compared_is_not_told_as_a_whole() -> None:
    told = found([*(f"key_{number}: value" for number in range(MOST - 1)), SWITCH])
    assert not any("compare it as a whole" in finding.message for finding in told)
