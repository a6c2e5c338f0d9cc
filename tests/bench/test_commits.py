"""Diffs of real commits for the benches: whatever folder of a repository is named."""

import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest
from corpora.commits import FOLDER, RepositoryError, read

from reviewqueue.scan.parser import parse

ROOT = Path(__file__).parents[2]


@pytest.fixture(name="mirror")
def _mirror(tmp_path: Path, git: Callable[..., str]) -> Path:
    """A folder that holds a repository of two commits, the second of which moves a file."""
    place = tmp_path / "acme+app" / "repo"
    place.mkdir(parents=True)
    git(place, "init", "-q", "-b", "main")
    (place / "a.py").write_text("x = 1\n" * 9)
    git(place, "add", "-A")
    git(place, "commit", "-qm", "Start")
    git(place, "mv", "a.py", "b.py")
    git(place, "commit", "-qm", "Move a")
    return place.parent


def test_it_takes_a_repository_and_a_folder_that_holds_one(mirror: Path) -> None:
    found = read(mirror, 9)
    assert found == read(mirror / "repo", 9) == read(mirror / "repo" / ".git" / "..", 9)
    assert (found.name, len(found.diffs)) == ("acme+app", 2)
    assert [file.status for diff in found.diffs for file in parse(diff)] == ["R", "A"]


def test_it_takes_the_newest_first_and_no_more_than_asked(mirror: Path) -> None:
    assert read(mirror, 1).diffs == read(mirror, 9).diffs[:1]


def test_it_puts_every_path_into_a_folder(mirror: Path) -> None:
    files = [file for diff in read(mirror, 9, in_folder=True).diffs for file in parse(diff)]
    assert {file.path for file in files} == {FOLDER + b"/a.py", FOLDER + b"/b.py"}
    assert "R" not in {file.status for file in files}


def test_it_names_what_is_no_repository(tmp_path: Path, git: Callable[..., str]) -> None:
    with pytest.raises(RepositoryError, match="a git repository is expected"):
        read(tmp_path, 9)
    git(tmp_path, "init", "-q")
    with pytest.raises(RepositoryError, match=str(tmp_path)):
        read(tmp_path, 9)


@pytest.mark.parametrize("bench", ["scan", "hostile"])
def test_a_bench_tells_of_a_wrong_folder_in_one_line(bench: str, tmp_path: Path) -> None:
    done = subprocess.run(
        [sys.executable, str(ROOT / f"scripts/benches/{bench}.py"), "--git", str(tmp_path)],
        env={**os.environ, "PYTHONPATH": str(ROOT)},
        capture_output=True,
        check=False,
        text=True,
    )
    assert done.returncode == 2
    assert done.stderr.startswith(f"scripts/bench {bench}: {tmp_path}")
    assert done.stderr.count("\n") == 1
