from collections.abc import Callable
from pathlib import Path

import pytest

from reviewqueue.forge.git.clone import Quarantine
from reviewqueue.forge.git.command import GitError
from reviewqueue.forge.git.fast_import import PlannedCommit

Written = tuple[Path, dict[str, str]]
Planner = Callable[..., PlannedCommit]
Writer = Callable[..., tuple[Path, dict[str, str]]]
Runner = Callable[..., bytes]


def test_it_compares_a_commit_with_its_first_parent(origin: Written) -> None:
    path, ids = origin
    with Quarantine(path) as quarantine:
        for name in ("main", "HEAD", ids["two"], ids["two"][:9], "refs/heads/main"):
            found = quarantine.resolve(name)
            assert found.source == name
            assert found.diffs == ((ids["merge"], ids["two"]),)
            assert found.message == "Write two\n"
            assert [c.sha for c in found.commits] == [ids["two"]]
        assert quarantine.diff(*found.diffs[0]).patch.endswith(b"-a = 1\n+a = 2\n")


def test_it_compares_a_merge_with_each_parent_and_a_root_with_nothing(origin: Written) -> None:
    path, ids = origin
    with Quarantine(path) as quarantine:
        assert quarantine.resolve("main~1").diffs == (
            (ids["one"], ids["merge"]),
            (ids["side2"], ids["merge"]),
        )
        [root] = quarantine.resolve(ids["one"]).diffs
        assert root == ("", ids["one"])
        assert b"+a = 1" in quarantine.diff(*root).patch


def test_it_compares_a_range_from_its_merge_base(origin: Written) -> None:
    path, ids = origin
    with Quarantine(path) as quarantine:
        for name in ("main..refs/pull/7/head", "main...refs/pull/7/head"):
            found = quarantine.resolve(name)
            assert found.diffs == ((ids["merge"], ids["pull2"]),)
            assert [c.sha for c in found.commits] == [ids["pull2"], ids["pull"]]
            assert found.message == "Write pull2\n\nWrite pull"
        assert quarantine.resolve(f"{ids['one']}..").diffs == ((ids["one"], ids["two"]),)
        assert quarantine.resolve("main..main").commits == ()


def test_it_is_not_misled_by_forged_dates_in_a_range(plan: Planner, write: Writer) -> None:
    old, late = plan("x").at.replace(year=1971), plan("x").at.replace(year=2098)
    path, ids = write(
        plan("a", {"f": b"0\n"}, at=late),
        plan("shared", {"f": b"1\n"}, ["a"], at=late),
        *[plan(f"m{n}", {}, [f"m{n - 1}" if n else "shared"], at=old) for n in range(12)],
        plan("head", {"g": b"1\n"}, ["shared"], refs=["refs/heads/h"]),
        plan("tip", {"f": b"2\n"}, ["m11"]),
    )
    with Quarantine(path) as quarantine:
        found = quarantine.resolve("main..h")
    assert [c.sha for c in found.commits] == [ids["head"]]
    assert found.diffs == ((ids["shared"], ids["head"]),)


def test_it_knows_the_names_of_a_working_clone(
    origin: Written, git: Runner, tmp_path: Path
) -> None:
    path, ids = origin
    clone = tmp_path / "clone\nof é"
    git(tmp_path, "clone", "-q", str(path), str(clone))
    git(clone, "tag", "-a", "v1", "-m", "one", ids["one"])
    git(clone, "checkout", "-q", "--detach", "origin/side")
    with Quarantine(clone) as quarantine:
        for name, sha in [("HEAD", "side2"), ("origin/side", "side2"), ("v1", "one")]:
            assert quarantine.resolve(name).commits[0].sha == ids[sha]
        assert quarantine.resolve("v1..origin/main").diffs == ((ids["one"], ids["two"]),)


def test_it_says_what_names_nothing(origin: Written) -> None:
    path, ids = origin
    names = [
        "",
        "absent",
        "main^{tree}",
        "main:a.py",
        "^main",
        "main absent",
        "a\nb",
        "a\0b",
        "..x",
    ]
    with Quarantine(path) as quarantine:
        for name in names:
            with pytest.raises(GitError, match="names no commit"):
                quarantine.resolve(name)
        with pytest.raises(GitError):
            quarantine.resolve("1" * 40)
        assert quarantine.resolve("main").commits[0].sha == ids["two"]


def test_it_refuses_to_guess_where_history_is_cut_off(
    origin: Written, git: Runner, tmp_path: Path
) -> None:
    path, _ = origin
    git(tmp_path, "clone", "-q", "--depth=1", path.as_uri(), "shallow")
    shallow = Quarantine(tmp_path / "shallow")
    with shallow as quarantine, pytest.raises(GitError, match="shallow"):
        quarantine.resolve("HEAD")


def test_it_is_closed_when_it_is_left(origin: Written) -> None:
    quarantine = Quarantine(origin[0])
    with quarantine:
        quarantine.resolve("main")
    with pytest.raises(GitError, match="not open"):
        quarantine.resolve("main")
