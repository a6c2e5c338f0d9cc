"""What was code, and is a comment now."""

import pytest

from reviewqueue.scan.diff import Diff
from reviewqueue.scan.engine import Scanner
from reviewqueue.scan.parser import parse
from reviewqueue.scan.rule import Subject
from reviewqueue.scan.structure.commented import commented_out
from reviewqueue.scan.view import ChangedFile

HEAD = b"diff --git a/f b/f\n--- a/f\n+++ b/f\n@@ -1,2 +1,2 @@\n context\n"


def file(old: str, new: str) -> ChangedFile:
    return ChangedFile(parse(HEAD + f"-{old}\n+{new}\n".encode())[0])


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("  run_tests()", "  # run_tests()"),
        ("  assertEqual(a, b);", "//  assertEqual(a, b);"),
        ("    - run: make test", "#    - run: make test"),
        ("WHERE deleted = 0", "-- WHERE deleted = 0"),
        ('"cloud-alerts",', '// "cloud-alerts",'),
        ("<Monitor on/>", "<!-- <Monitor on/> -->"),
        ("expect(total).toBe(3)", "/* expect(total).toBe(3) */"),
    ],
)
def test_it_finds_what_is_switched_off(old: str, new: str) -> None:
    [(line, _, was)] = commented_out(file(old, new))
    assert (line, was) == (2, 2)


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("run_tests()", "# run the tests"),
        ("# run_tests()", "# run_tests()  "),
        ("}", "// }"),
        ("run_tests()", "run_tests(1)"),
    ],
)
def test_it_finds_nothing_else(old: str, new: str) -> None:
    assert not list(commented_out(file(old, new)))


def test_it_reads_no_side_that_is_empty() -> None:
    diff = b"diff --git a/f b/f\n--- a/f\n+++ b/f\n@@ -1,0 +1,1 @@\n+# run_tests()\n"
    assert not list(commented_out(ChangedFile(parse(diff)[0])))
    assert Scanner([], b"s").scan(Diff(diff), Subject()).findings == ()
