import os
from collections.abc import Callable
from pathlib import Path

import pytest

from reviewqueue.forge.git.fast_import import PlannedCommit, move_refs
from reviewqueue.forge.git.mirror import sync

Written = tuple[Path, dict[str, str]]
Planner = Callable[..., PlannedCommit]
Writer = Callable[..., tuple[Path, dict[str, str]]]
Runner = Callable[..., bytes]


def test_it_pulls_over_http_what_it_pulls_from_a_path(
    origin: Written, served: str, tmp_path: Path
) -> None:
    path, ids = origin
    seen = []
    afar = sync(f"{served}/origin.git", tmp_path / "m", lambda *step: seen.append(step))
    near = sync(str(path), tmp_path / "n")
    assert (afar.default_branch(), afar.tip()) == ("main", ids["two"])
    assert afar.heads() == near.heads()
    assert afar.pending(afar.heads()) == near.pending(near.heads())
    assert afar.first_parent() == near.first_parent()
    assert afar.diff("", ids["one"]) == near.diff("", ids["one"])
    assert any(what.endswith("objects") and done == total for what, done, total in seen)


def test_it_follows_a_forge_over_http(
    origin: Written, plan: Planner, write: Writer, served: str, git: Runner, tmp_path: Path
) -> None:
    path, ids = origin
    address = f"{served}/origin.git"
    sync(address, tmp_path / "m")
    _, more = write(
        plan("forced", {"c.py": b"c = 9\n"}, [ids["one"]], refs=["refs/pull/7/head"]),
        plan("three", {"a.py": b"a = 3\n"}, [ids["two"]]),
    )
    move_refs(path, {"refs/heads/side": None})
    move_refs(path, {"refs/heads/side/deeper": ids["side2"], "refs/heads/--output=x": ids["pull"]})
    mirror = sync(address, tmp_path / "m")
    assert mirror.heads() == {
        "refs/heads/side/deeper": ids["side2"],
        "refs/heads/--output=x": ids["pull"],
        "refs/pull/7/head": more["forced"],
        "refs/merge-requests/3/head": ids["request"],
    }
    assert [c.sha for c in mirror.first_parent(ids["two"])] == [more["three"]]
    assert b"+c = 2" in mirror.diff(ids["merge"], ids["pull2"]).patch
    git(tmp_path / "m", "fsck", "--strict")


def test_it_pulls_an_empty_repository_over_http(write: Writer, served: str, tmp_path: Path) -> None:
    write()
    mirror = sync(f"{served}/origin.git", tmp_path / "m")
    assert (mirror.tip(), mirror.heads()) == ("", {})


def test_it_pulls_a_shallow_repository_over_http(
    origin: Written, git: Runner, served: str, tmp_path: Path
) -> None:
    path, ids = origin
    git(tmp_path, "clone", "-q", "--bare", "--depth=1", path.as_uri(), "shallow.git")
    mirror = sync(f"{served}/shallow.git", tmp_path / "m")
    assert mirror.tip() == ids["two"]
    assert mirror.shallow


def test_it_takes_main_where_head_is_detached_over_http(
    origin: Written, served: str, tmp_path: Path
) -> None:
    path, ids = origin
    (path / "HEAD").write_text(ids["pull"] + "\n")
    mirror = sync(f"{served}/origin.git", tmp_path / "m")
    assert (mirror.default_branch(), mirror.tip()) == ("main", ids["two"])
    assert "HEAD names no branch" in mirror.note


def test_it_keeps_a_password_out_of_lists_of_processes_and_files(
    origin: Written, served: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    _, ids = origin
    address = f"{served.replace('//', '//anna:hunter2@')}/origin.git"
    spy = tmp_path / "bin"
    spy.mkdir()
    lines = ("#!/bin/sh", f'printf "%s\\n" "$*" >> {tmp_path}/seen', f"PATH={os.environ['PATH']}")
    (spy / "git").write_text("\n".join([*lines, 'exec git "$@"']))
    (spy / "git").chmod(0o700)
    monkeypatch.setenv("PATH", f"{spy}:{os.environ['PATH']}")
    mirror = sync(address, tmp_path / "m")
    assert mirror.tip() == ids["two"]
    assert "fetch" in (tmp_path / "seen").read_text()
    assert "hunter2" not in (tmp_path / "seen").read_text()
    kept = [file for file in (tmp_path / "m").rglob("*") if file.is_file()]
    assert not any(b"hunter2" in file.read_bytes() for file in kept)
