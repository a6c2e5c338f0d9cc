"""Kinds weigh the same in tests, and are looked for in code only."""

import pytest

from reviewqueue.domain.finding import Confidence, Pathway, Severity
from reviewqueue.scan.diff import Diff
from reviewqueue.scan.engine import Scanner
from reviewqueue.scan.rule import Rule, Stability, Subject
from reviewqueue.scan.structure.kinds import Kind, expressions, hits

KINDS = (
    Kind(
        r"\bopen_door\s*\(",
        "opens the door",
        unless=r"def\s",
        globs=("*.py", "*.md"),
        but=("old/*",),
    ),
    Kind(r"\bopen_window\b", "opens a window", line=r"wide", severity=Severity.LOW),
)
RULE = Rule(
    id="doors",
    pathway=Pathway.BACKDOOR,
    severity=Severity.MEDIUM,
    confidence=Confidence.HIGH,
    stability=Stability.STABLE,
    summary="opens",
    added_triggers=expressions(KINDS),
    check=lambda view: hits(view, KINDS),
    docs="\n".join(
        f"{heading}\n    Text."
        for heading in ("What it flags", "Why it matters", "How to review it", "Not flagged")
    ),
)
DIFF = """\
diff --git a/{path} b/{path}
new file mode 100644
index 0000000000000000000000000000000000000000..85e2d51fd0ae3e4bd2a4ee4a0d1ff4ef5f9c4b48
--- /dev/null
+++ b/{path}
@@ -0,0 +1 @@
+{line}
"""


def marks(path: str, line: str) -> list[Severity]:
    patch = DIFF.format(path=path, line=line).encode()
    findings = Scanner([RULE], b"salt").scan(Diff(patch=patch), Subject()).findings
    return [finding.severity for finding in findings if finding.rule == RULE.id]


@pytest.mark.parametrize("path", ["src/house.py", "tests/test_house.py"])
def test_it_weighs_the_same_in_tests(path: str) -> None:
    assert marks(path, "open_door(1)") == [Severity.MEDIUM]


@pytest.mark.parametrize(
    ("path", "line"),
    [
        ("docs/house.md", "open_door(1)"),
        ("src/house.rb", "open_door(1)"),
        ("old/house.py", "open_door(1)"),
        ("src/house.py", "# open_door(1)"),
        ("src/house.py", "def open_door(number):"),
        ("src/house.py", "open_window"),
        ("uv.lock", "open_window wide"),
    ],
)
def test_it_leaves_alone(path: str, line: str) -> None:
    assert marks(path, line) == []


def test_a_kind_may_have_a_weight_of_its_own() -> None:
    assert marks("src/house.py", "open_window wide") == [Severity.LOW]
