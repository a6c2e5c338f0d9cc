"""A workflow is known by its place, or by what is in it."""

import pytest

from reviewqueue.scan.parser import parse
from reviewqueue.scan.structure.workflows import is_like_workflow, is_workflow
from reviewqueue.scan.view import ChangedFile

JOBS = b"+on: push\n+jobs:\n+  a:\n+    runs-on: x\n"


def added(path: str, body: bytes = JOBS) -> ChangedFile:
    name = path.encode()
    lines = body.count(b"\n")
    head = b"diff --git a/%b b/%b\nnew file mode 100644\n--- /dev/null\n+++ b/%b\n" % (
        name,
        name,
        name,
    )
    return ChangedFile(parse(head + b"@@ -0,0 +1,%d @@\n" % lines + body)[0])


def test_it_knows_one_by_its_place() -> None:
    file = added(".github/workflows/ci.yml", b"+name: x\n")
    assert is_workflow(file)
    assert not is_like_workflow(file)


def test_it_knows_one_by_what_is_in_it() -> None:
    file = added("tests/data/bad.yaml")
    assert is_workflow(file)
    assert is_like_workflow(file)


@pytest.mark.parametrize("path", ["tests/data/bad.txt", "src/jobs.py"])
def test_it_knows_none_of_another_suffix(path: str) -> None:
    assert not is_workflow(added(path))


def test_it_asks_for_steps() -> None:
    assert not is_workflow(added("config/jobs.yml", b"+jobs:\n+  - name: x\n"))
