"""Tests skipped, or removed while what they test stays.

What it flags
    A test newly marked to be skipped or expected to fail, without a condition; a run
    narrowed to some tests; a test file deleted, or several tests removed, in a change
    that leaves the code under test in place.

Why it matters
    A test that does not run reports nothing. Removing what fails is the shortest way to
    a green run, for an agent under pressure as much as for somebody with a plan.

How to review it
    Run the skipped or removed test against this change: does it fail?
    Look at whether the tested behaviour is also gone, or merely untested now.
    Ask for the reason, and the date by which the test is back.

Not flagged
    Skips with a condition (platform, missing tool, short mode); tests moved or renamed;
    tests removed together with the code they tested.
"""

from collections.abc import Iterator

from reviewqueue.domain.finding import Confidence, Pathway, Severity, Side
from reviewqueue.domain.paths import Label
from reviewqueue.scan.disappeared import disappeared
from reviewqueue.scan.rule import FileView, Hit, Rule, Stability, View

_SKIP = (
    r"^[ \t]*@(?:pytest\.mark\.|unittest\.)?(?:skip|xfail|expectedFailure)\b(?:\(|\s*$)|"
    r"^[ \t]*pytestmark\s*=\s*pytest\.mark\.(?:skip|xfail)\b(?:\(|\s*$)|"
    r"^[ \t]*(?:it|test|describe|context)\.skip\s*\(|^[ \t]*x(?:it|describe|test)\s*\(|"
    r"^[ \t]*#\[ignore\b|^[ \t]*@(?:Disabled|Ignore)\b|^[ \t]*\[(?:Ignore|Fact\s*\(\s*Skip)|"
    r"^func\s+(?:\([^)]*\)\s*)?Test\w*\([^)]*\)\s*\{\n\s*t\.Skip(?:f|Now)?\("
)
_ONLY = r"^[ \t]*(?:it|test|describe|context)\.only\s*\(|^[ \t]*f(?:it|describe)\s*\("
_TEST = (
    r"^[ \t]*(?:async\s+)?def\s+test\w*\s*\(|"
    r"^[ \t]*func\s+(?:\([^)\n]*\)\s*)?(?:Test|Fuzz)\w*\s*\(|"
    r"^[ \t]*(?:it|test)(?:\.each\([^\n]*\))?\s*\(\s*['\"`]|"
    r"^[ \t]*#\[(?:tokio::)?test\b|^[ \t]*@(?:Parameterized)?Test\b|^[ \t]*\[(?:Fact|Theory|Test)\b"
)
_FEW = 3
"""Tests that must be missing in the end before it is told."""


def check(view: View) -> Iterator[Hit]:
    """Mark skips, narrowed runs, and tests that disappear alone."""
    for file in view.where(_SKIP, _ONLY, side=Side.NEW):
        if Label.DOCS in file.labels:
            continue
        for line in file.new(_SKIP):
            yield Hit.at(file, line, "a test no longer runs, without a condition")
        if Label.TEST in file.labels:
            for line in file.new(_ONLY):
                yield Hit.at(file, line, "only these tests still run")
    yield from _removed(view)


def _removed(view: View) -> Iterator[Hit]:
    """Mark lost tests, unless the tested code went as well."""
    before = view.where(_TEST, side=Side.OLD)
    if sum(file.matches(_TEST, Side.OLD) for file in before) < _FEW:
        return
    files = [file for file in view.where(_TEST) if Label.DOCS not in file.labels]
    lost = [(found.file, found.lost) for found in disappeared(files, _TEST)]
    if sum(len(lines) for _, lines in lost) < _FEW or _removes_code(view):
        return
    for file, lines in lost:
        told = "the file's tests are removed" if file.status == "D" else "tests are removed"
        for line in lines:
            yield Hit.at(
                file, line, f"{told}, and no tested code is removed with them", side=Side.OLD
            )


def _removes_code(view: View) -> bool:
    """Return whether source outside of tests shrinks."""
    removed = sum(_net_removed(file) for file in view.files)
    return removed > 0


def _net_removed(file: FileView) -> int:
    if Label.TEST in file.labels or Label.SOURCE not in file.labels:
        return 0
    return max(0, file.removed.count(b"\n") - file.added.count(b"\n"))


RULE = Rule(
    id="test-skipped-or-removed",
    pathway=Pathway.SAFETY_SABOTAGE,
    severity=Severity.MEDIUM,
    confidence=Confidence.MEDIUM,
    stability=Stability.STABLE,
    summary="skips tests, or removes them while the tested code stays",
    triggers=(_SKIP, _ONLY, _TEST),
    check=check,
)
