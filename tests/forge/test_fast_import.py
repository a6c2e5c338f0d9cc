from collections.abc import Callable
from pathlib import Path

import pytest

from reviewqueue.forge.git.command import GitError
from reviewqueue.forge.git.fast_import import (
    EXECUTABLE,
    SYMLINK,
    FileChange,
    PlannedCommit,
    move_refs,
)

Written = tuple[Path, dict[str, str]]
Planner = Callable[..., PlannedCommit]
Writer = Callable[..., tuple[Path, dict[str, str]]]
Runner = Callable[..., bytes]


def test_it_writes_the_same_repository_from_the_same_plan(
    plan: Planner, write: Writer, git: Runner
) -> None:
    commits = [
        plan("a", {"f": b"1\n", b'\xff\n"': b"\0", "x": FileChange(b"x", b"#!", EXECUTABLE)}),
        plan("b", {"l": FileChange(b"l", b"f", SYMLINK), "f": None}, ["a"]),
        plan("c", {"g": b"1\n"}, ["a"], refs=["refs/pull/1/head"]),
        plan("m", {"g": b"1\n"}, ["b", "c"]),
        plan("root", {"r": b"1\n"}, refs=["refs/heads/other"]),
    ]
    one, ids = write(*commits, name="one.git")
    two, again = write(*commits, name="two.git")
    assert ids == again
    assert git(one, "for-each-ref") == git(two, "for-each-ref")
    assert git(one, "rev-parse", "main", "refs/pull/1/head", "other").decode().split() == [
        ids["m"],
        ids["c"],
        ids["root"],
    ]
    assert git(one, "rev-parse", "main^1", "main^2").decode().split() == [ids["b"], ids["c"]]
    listed = git(one, "ls-tree", "-z", "main").split(b"\0")[:-1]
    assert [(line[:6], line.partition(b"\t")[2]) for line in listed] == [
        (b"100644", b"g"),
        (b"120000", b"l"),
        (b"100755", b"x"),
        (b"100644", b'\xff\n"'),
    ]
    assert git(one, "ls-tree", "--name-only", "other") == b"r"
    assert git(one, "rev-list", "--count", "other") == b"1"
    git(one, "fsck", "--strict")


def test_it_goes_on_from_commits_that_are_there(
    origin: Written, plan: Planner, write: Writer, git: Runner
) -> None:
    path, ids = origin
    _, more = write(plan("three", {"a.py": b"3\n"}, [ids["two"]]))
    assert git(path, "rev-parse", "main^").decode() == ids["two"]
    assert git(path, "show", "main:docs/x.md") == b"x"
    assert git(path, "rev-parse", "main").decode() == more["three"]


def test_it_moves_refs_all_at_once(origin: Written, git: Runner) -> None:
    path, ids = origin
    move_refs(
        path, {"refs/heads/main": ids["one"], "refs/heads/side": None, "refs/heads/-x": ids["pull"]}
    )
    assert git(path, "rev-parse", "main", "refs/heads/-x").decode().split() == [
        ids["one"],
        ids["pull"],
    ]
    with pytest.raises(GitError):
        move_refs(path, {"refs/heads/main": ids["two"], "refs/heads/bad": "1" * 40})
    assert git(path, "rev-parse", "main").decode() == ids["one"]
    assert b"side" not in git(path, "for-each-ref")
