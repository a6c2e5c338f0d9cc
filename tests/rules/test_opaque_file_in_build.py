"""The shape that needs a binary file, which another rule tells of as well."""

import pytest

from reviewqueue.domain.finding import Finding, Severity
from reviewqueue.rules import catalogue
from reviewqueue.scan.diff import Diff
from reviewqueue.scan.engine import Scanner
from reviewqueue.scan.rule import Subject

RULE = "opaque-file-in-build"
BINARY = """\
diff --git a/{path} b/{path}
new file mode 100644
index 0000000000000000000000000000000000000000..85e2d51fd0ae3e4bd2a4ee4a0d1ff4ef5f9c4b48
Binary files /dev/null and b/{path} differ
"""
BUILD = """\
diff --git a/{path} b/{path}
index 30d74d258442c7c65512eafab474568dd706c430..5f1cc5a1b3a0d4d4b62f3a8b7a6b4c4d1f3b2a19 100644
--- a/{path}
+++ b/{path}
@@ -1,2 +1,3 @@
 check:
 \t./run
+{line}
"""


def found(binary: str, build: str, line: str) -> list[Finding]:
    patch = BINARY.format(path=binary) + BUILD.format(path=build, line=line)
    scanner = Scanner([rule for rule in catalogue() if rule.id == RULE], b"salt")
    scan = scanner.scan(Diff(patch=patch.encode()), Subject())
    return [finding for finding in scan.findings if finding.rule == RULE]


@pytest.mark.parametrize("build", ["Makefile", "m4/host.m4", ".github/workflows/test.yml"])
def test_it_flags_a_packed_file_that_a_build_names(build: str) -> None:
    (finding,) = found("tests/files/large-2.xz", build, "\tcat tests/files/large-2.xz > work")
    assert finding.severity is Severity.HIGH
    assert finding.locations[0].path == build


def test_a_picture_that_a_build_copies_is_left_alone() -> None:
    assert not found("docs/logo.png", "Makefile", "\tcp docs/logo.png public/")


def test_a_file_that_no_build_names_is_left_alone() -> None:
    assert not found("tests/files/large-2.xz", "Makefile", "\techo done")
