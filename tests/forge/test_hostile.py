"""Repositories made to mislead: each must read as if it were honest."""

import os
from collections.abc import Callable
from pathlib import Path

import pytest

from reviewqueue.forge.git.clone import Quarantine
from reviewqueue.forge.git.command import GitError
from reviewqueue.forge.git.fast_import import SYMLINK, FileChange, PlannedCommit
from reviewqueue.forge.git.mirror import sync

Written = tuple[Path, dict[str, str]]
Planner = Callable[..., PlannedCommit]
Writer = Callable[..., tuple[Path, dict[str, str]]]
Runner = Callable[..., bytes]

HOSTILE_SETTINGS = """
[core]
    repositoryformatversion = 0
    bare = true
    hooksPath = {here}/hooks
    fsmonitor = {touch}
    attributesFile = {here}/attributes
    sshCommand = {touch}
    gitProxy = {touch}
    alternateRefsCommand = {touch}
    pager = {touch}
    editor = {touch}
    quotePath = false
    worktree = {here}
    bigFileThreshold = 1
    commitGraph = true
[diff]
    external = {touch}
    noprefix = true
    renames = copies
    algorithm = patience
    context = 0
    orderFile = {here}/order
[diff "hide"]
    command = {touch}
    textconv = {touch}
    binary = true
[filter "hide"]
    clean = {touch}
    smudge = {touch}
    process = {touch}
    required = true
[merge "hide"]
    driver = {touch}
[uploadpack]
    packObjectsHook = {touch}
    hideRefs = refs/pull
[transfer]
    hideRefs = refs/pull
[gpg]
    program = {touch}
[log]
    showSignature = true
    mailmap = true
[credential]
    helper = !{touch}
[alias]
    log = !{touch}
    diff-tree = !{touch}
[url "ext::{touch}"]
    insteadOf = {here}
[remote "origin"]
    url = ext::{touch}
    promisor = true
    partialCloneFilter = blob:none
    uploadpack = {touch}
    vcs = ext
[extensions]
    partialClone = origin
[include]
    path = {here}/more
"""


@pytest.fixture
def hostile(origin: Written, tmp_path: Path) -> tuple[Path, dict[str, str], Path]:
    """Give a repository whose every setting would run something, and the trace of it."""
    path, ids = origin
    marker = tmp_path / "marker"
    touch = tmp_path / "touch"
    touch.write_text(f"#!/bin/sh\necho ran >> {marker}\ncat\n")
    touch.chmod(0o700)
    (path / "hooks").mkdir()
    for hook in ("post-checkout", "reference-transaction", "pre-auto-gc", "proc-receive", "update"):
        (path / "hooks" / hook).write_bytes(touch.read_bytes())
        (path / "hooks" / hook).chmod(0o700)
    (path / "attributes").write_text("* diff=hide filter=hide merge=hide\n")
    (path / "info").mkdir(exist_ok=True)
    (path / "info" / "attributes").write_text("* -diff filter=hide merge=hide\n")
    (path / "more").write_text(f"[core]\n\tpager = {touch}\n")
    (path / "order").write_text("docs/*\n")
    settings = HOSTILE_SETTINGS.format(here=path, touch=touch)
    (path / "config").write_text(settings)
    return path, ids, marker


def test_its_traps_are_set(hostile: tuple[Path, dict[str, str], Path], git: Runner) -> None:
    path, ids, marker = hostile
    with pytest.raises(AssertionError):
        git(path, "diff", ids["merge"], ids["two"])
    assert marker.exists()


def test_it_runs_nothing_that_a_repository_configures(
    hostile: tuple[Path, dict[str, str], Path], tmp_path: Path
) -> None:
    path, ids, marker = hostile
    mirror = sync(str(path), tmp_path / "m")
    found = mirror.pending(mirror.heads())
    assert found["refs/pull/7/head"].commits[0].sha == ids["pull2"]
    assert b"-a = 1\n+a = 2\n" in mirror.diff(ids["merge"], ids["two"]).patch
    assert mirror.diff(ids["merge"], ids["two"]).unread == ()
    assert mirror.merges_cleanly_to(ids["one"], ids["side2"], ids["merge"])
    list(mirror.history(9))
    with Quarantine(path) as quarantine:
        resolved = quarantine.resolve("main")
        assert quarantine.diff(*resolved.diffs[0]) == mirror.diff(ids["merge"], ids["two"])
    sync(str(path), tmp_path / "m")
    assert not marker.exists()


def test_it_reads_the_same_from_a_hostile_repository_as_from_an_honest_one(
    hostile: tuple[Path, dict[str, str], Path],
) -> None:
    path, ids, _ = hostile
    ends = ("", ids["one"])
    with Quarantine(path) as quarantine:
        misled = quarantine.diff(*ends)
    (path / "config").unlink()
    (path / "info" / "attributes").unlink()
    with Quarantine(path) as quarantine:
        assert quarantine.diff(*ends) == misled
    assert b"+a = 1\n" in misled.patch
    assert b"diff --git a/a.py b/a.py" in misled.patch


def test_it_writes_nothing_into_the_repository_it_reads(origin: Written, tmp_path: Path) -> None:
    path, _ = origin

    def state() -> dict[Path, tuple[int, bytes]]:
        return {
            file: (file.stat().st_mtime_ns, file.read_bytes())
            for file in path.rglob("*")
            if file.is_file()
        }

    before = state()
    sync(str(path), tmp_path / "m")
    with Quarantine(path) as quarantine:
        quarantine.diff(*quarantine.resolve("main").diffs[0])
    assert state() == before


def test_it_ignores_replacements(plan: Planner, write: Writer, git: Runner, tmp_path: Path) -> None:
    path, ids = write(
        plan("a", {"f.py": b"1\n"}),
        plan("evil", {"f.py": b"evil\n"}, ["a"]),
        plan("benign", {"f.py": b"benign\n"}, ["a"], refs=[]),
    )
    git(path, "replace", ids["evil"], ids["benign"])
    blobs = [git(path, "rev-parse", f"{ids[k]}:f.py").decode() for k in ("evil", "benign")]
    git(path, "replace", *blobs)
    mirror = sync(str(path), tmp_path / "m")
    assert b"+evil\n" in mirror.diff(ids["a"], mirror.tip()).patch
    assert not any(ref.startswith("refs/replace") for ref in mirror.heads())
    assert mirror.read(mirror.tip(), "f.py") == b"evil\n"
    with Quarantine(path) as quarantine:
        [ends] = quarantine.resolve("main").diffs
        assert b"+evil\n" in quarantine.diff(*ends).patch


def test_it_ignores_grafts(origin: Written, tmp_path: Path) -> None:
    path, ids = origin
    (path / "info").mkdir(exist_ok=True)
    (path / "info" / "grafts").write_text(f"{ids['two']}\n")
    mirror = sync(str(path), tmp_path / "m")
    assert len(mirror.first_parent()) == 3
    with Quarantine(path) as quarantine:
        assert quarantine.resolve("main").diffs == ((ids["merge"], ids["two"]),)


def test_it_ignores_an_index_of_commits_that_is_not_ours(
    origin: Written, git: Runner, tmp_path: Path
) -> None:
    path, ids = origin
    git(path, "commit-graph", "write", "--reachable")
    graph = path / "objects" / "info" / "commit-graph"
    graph.chmod(0o600)
    content = bytearray(graph.read_bytes())
    content[-60:] = os.urandom(60)
    graph.write_bytes(content)
    with Quarantine(path) as quarantine:
        assert len(quarantine.resolve(f"{ids['one']}..main").commits) == 4
    assert len(sync(str(path), tmp_path / "m").first_parent()) == 3


def test_it_follows_only_stores_of_objects_when_a_repository_names_others(
    origin: Written, tmp_path: Path
) -> None:
    path, ids = origin
    (path / "objects" / "info").mkdir(exist_ok=True)
    (path / "objects" / "info" / "alternates").write_text(
        f"/etc\n{path}/objects\n{tmp_path}/nowhere\n../objects\n#\n"
    )
    assert sync(str(path), tmp_path / "m").tip() == ids["two"]
    with Quarantine(path) as quarantine:
        assert quarantine.resolve("main").commits[0].sha == ids["two"]


def test_it_never_asks_a_promisor_for_what_is_missing(
    hostile: tuple[Path, dict[str, str], Path], git: Runner, tmp_path: Path
) -> None:
    path, ids, marker = hostile
    (path / "config").rename(tmp_path / "kept")
    blob = git(path, "rev-parse", f"{ids['two']}:a.py").decode()
    (tmp_path / "kept").rename(path / "config")
    (path / "objects" / blob[:2] / blob[2:]).unlink()
    mirror = sync(str(path), tmp_path / "m")
    diff = mirror.diff(ids["merge"], ids["two"])
    assert [(u.path, u.reason) for u in diff.unread] == [(b"a.py", "missing object")]
    with Quarantine(path) as quarantine:
        assert quarantine.diff(ids["merge"], ids["two"]) == diff
    assert not marker.exists()


def test_it_ignores_a_mailmap_and_reads_odd_commits(
    plan: Planner, write: Writer, git: Runner, tmp_path: Path
) -> None:
    path, ids = write(plan("a", {".mailmap": b"Nice <nice@x> <bo@example.org>\n", "f": b"1\n"}))
    tree = git(path, "rev-parse", f"{ids['a']}^{{tree}}").decode()
    endless = (
        b"author Bo <bo@example.org> nonsense\n"
        b"committer Bo <bo@example.org> 99999999999999999999 +9999\n"
        b"encoding latin-1\n\nGr\xfc\xdfe\n\nReviewed-by: x\n"
    )
    nameless = b"author <> 0 +0000\ncommitter \xff\xfe <\x01> -5 +0000\n\n\xff\xfe\r\n"
    parent = ids["a"]
    for rest in (endless, nameless):
        raw = f"tree {tree}\nparent {parent}\n".encode() + rest
        parent = git(
            path, "hash-object", "-w", "--literally", "-t", "commit", "--stdin", stdin=raw
        ).decode()
    git(path, "update-ref", "refs/heads/main", parent)
    mirror = sync(str(path), tmp_path / "m")
    _, first, second = mirror.first_parent()
    dates = {commit.sha: commit.committed_at for commit in mirror.first_parent()}
    assert mirror.first_parent_dates() == dates
    assert first.author.email == "bo@example.org"
    assert first.message == "Grüße\n\nReviewed-by: x\n"
    assert first.authored_at.year == first.committed_at.year == 1970
    assert second.message == "\\xff\\xfe\r\n"
    for commit in (first, second):
        f"{commit.message}{commit.author}{commit.committer}".encode()


def test_it_shows_ref_names_that_are_not_text(origin: Written, tmp_path: Path) -> None:
    path, ids = origin
    name = b"refs/heads/b\xff\xe2\x80\xa8ad"
    file = path / os.fsdecode(name)
    file.write_text(ids["pull"] + "\n")
    mirror = sync(str(path), tmp_path / "m")
    assert mirror.heads()["refs/heads/b\\xff\u2028ad"] == ids["pull"]
    assert sync(str(path), tmp_path / "m").heads() == mirror.heads()


def test_it_writes_no_file_of_the_repository_to_the_disk(
    plan: Planner, write: Writer, tmp_path: Path
) -> None:
    modules = b'[submodule "x"]\n\turl = ext::sh\n\tpath = x\n\tupdate = !sh\n'
    link = FileChange(b"link", b"/etc/passwd", SYMLINK)
    path, ids = write(plan("a", {"link": link, ".gitmodules": modules}))
    mirror = sync(str(path), tmp_path / "m")
    assert mirror.read(ids["a"], "link") is None
    assert b"+/etc/passwd" in mirror.diff("", ids["a"]).patch
    assert not list((tmp_path / "m").rglob("link"))


def test_it_refuses_a_repository_that_reads_from_a_pipe(
    origin: Written, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path, _ = origin
    (path / "config").unlink()
    os.mkfifo(path / "config")
    monkeypatch.setattr("reviewqueue.forge.git.borrow.QUICK", 0.5)
    with pytest.raises(GitError, match="took more than"):
        sync(str(path), tmp_path / "m")
