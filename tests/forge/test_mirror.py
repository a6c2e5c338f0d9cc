from collections.abc import Callable
from pathlib import Path

import pytest

from reviewqueue.forge.git.command import GitError
from reviewqueue.forge.git.fast_import import PlannedCommit, move_refs
from reviewqueue.forge.git.mirror import sync

Written = tuple[Path, dict[str, str]]
Planner = Callable[..., PlannedCommit]
Writer = Callable[..., tuple[Path, dict[str, str]]]
Runner = Callable[..., bytes]


def test_it_mirrors_named_heads_and_nothing_else(origin: Written, tmp_path: Path) -> None:
    path, ids = origin
    mirror = sync(str(path), tmp_path / "m")
    assert mirror.default_branch() == "main"
    assert mirror.tip() == ids["two"]
    assert mirror.heads() == {
        "refs/heads/side": ids["side2"],
        "refs/pull/7/head": ids["pull2"],
        "refs/merge-requests/3/head": ids["request"],
    }
    assert not mirror.shallow
    assert mirror.note == ""


def test_it_reports_progress_with_totals(origin: Written, tmp_path: Path) -> None:
    seen = []
    sync(str(origin[0]), tmp_path / "m", lambda *step: seen.append(step))
    assert any(what == "Writing objects" and done == total for what, done, total in seen)


def test_it_reads_the_first_parent_chain_oldest_first(origin: Written, tmp_path: Path) -> None:
    path, ids = origin
    mirror = sync(str(path), tmp_path / "m")
    assert [c.sha for c in mirror.first_parent()] == [ids["one"], ids["merge"], ids["two"]]
    assert [c.sha for c in mirror.first_parent(ids["one"])] == [ids["merge"], ids["two"]]
    assert mirror.first_parent(ids["two"]) == ()
    assert mirror.first_parent()[1].parents == (ids["one"], ids["side2"])
    assert mirror.first_parent()[0].subject == "Write one"
    dates = {commit.sha: commit.committed_at for commit in mirror.first_parent()}
    assert mirror.first_parent_dates() == dates


def test_it_reads_the_chain_after_a_commit_that_is_no_longer_on_it(
    origin: Written, plan: Planner, write: Writer, tmp_path: Path
) -> None:
    path, ids = origin
    sync(str(path), tmp_path / "m")
    write(plan("new", {"a.py": b"a = 3\n"}, [ids["merge"]]))
    mirror = sync(str(path), tmp_path / "m")
    assert not mirror.contains(ids["two"])
    assert [c.subject for c in mirror.first_parent(ids["two"])] == ["Write new"]
    assert len(mirror.first_parent("1" * 40)) == 3


def test_it_tells_which_commits_a_landing_brought(origin: Written, tmp_path: Path) -> None:
    path, ids = origin
    mirror = sync(str(path), tmp_path / "m")
    landings = {commit.sha: commit for commit in mirror.first_parent()}
    assert [c.sha for c in mirror.landed(landings[ids["merge"]])] == [
        ids["merge"],
        ids["side2"],
        ids["side"],
    ]
    assert [c.sha for c in mirror.landed(landings[ids["one"]])] == [ids["one"]]
    assert [c.sha for c in mirror.commits([ids["merge"]], ids["pull2"])] == [
        ids["pull2"],
        ids["pull"],
    ]


def test_it_finds_what_each_head_would_bring(origin: Written, tmp_path: Path) -> None:
    path, ids = origin
    mirror = sync(str(path), tmp_path / "m")
    found = mirror.pending(mirror.heads())
    pull = found["refs/pull/7/head"]
    assert (pull.base, pull.problem) == (ids["merge"], "")
    assert [c.sha for c in pull.commits] == [ids["pull2"], ids["pull"]]
    side = found["refs/heads/side"]
    assert (side.commits, side.base, side.problem) == ((), ids["side2"], "")


def test_it_takes_the_newest_fork_point_of_a_head_that_merged_main(
    plan: Planner, write: Writer, tmp_path: Path
) -> None:
    path, ids = write(
        plan("a", {"f": b"1\n"}),
        plan("h1", {"g": b"1\n"}, ["a"], refs=[]),
        plan("b", {"f": b"2\n"}, ["a"]),
        plan("h2", {"f": b"2\n"}, ["h1", "b"], refs=["refs/pull/1/head"]),
        plan("c", {"f": b"3\n"}, ["b"]),
    )
    mirror = sync(str(path), tmp_path / "m")
    head = mirror.pending(mirror.heads())["refs/pull/1/head"]
    assert head.base == ids["b"]
    assert [c.sha for c in head.commits] == [ids["h2"], ids["h1"]]


def test_it_compares_an_unrelated_head_with_the_empty_tree(
    plan: Planner, write: Writer, tmp_path: Path
) -> None:
    path, ids = write(
        plan("a", {"f": b"1\n"}), plan("o", {"g": b"1\n"}, refs=["refs/heads/orphan"])
    )
    mirror = sync(str(path), tmp_path / "m")
    head = mirror.pending(mirror.heads())["refs/heads/orphan"]
    assert (head.base, head.problem, head.commits[0].sha) == ("", "", ids["o"])


def test_it_names_the_head_that_cannot_be_told_and_keeps_the_others(
    origin: Written, git: Runner, tmp_path: Path
) -> None:
    path, ids = origin
    blob = git(path, "hash-object", "-w", "--stdin", stdin=b"x").decode()
    (path / "refs" / "pull" / "9").mkdir(parents=True)
    (path / "refs" / "pull" / "9" / "head").write_text("5" * 40 + "\n")
    git(path, "update-ref", "refs/pull/8/head", blob)
    mirror = sync(str(path), tmp_path / "m")
    assert mirror.heads()["refs/pull/9/head"] == "5" * 40
    found = mirror.pending(mirror.heads())
    assert "missing" in found["refs/pull/9/head"].problem
    assert "blob" in found["refs/pull/8/head"].problem
    assert found["refs/pull/7/head"].commits[0].sha == ids["pull2"]


def test_it_walks_thousands_of_heads_at_once(plan: Planner, write: Writer, tmp_path: Path) -> None:
    commits = [plan("main", {"f": b"0\n"})]
    commits += [
        plan(
            f"h{n}",
            {"g": b"%d\n" % n},
            [f"h{n - 1}" if n % 50 else "main"],
            [f"refs/pull/{n}/head"],
        )
        for n in range(3000)
    ]
    path, _ = write(*commits)
    mirror = sync(str(path), tmp_path / "m")
    found = mirror.pending(mirror.heads())
    assert len(found) == 3000
    assert sum(len(head.commits) for head in found.values()) == 60 * sum(range(1, 51))
    assert not any(head.problem for head in found.values())


def test_it_says_when_a_head_is_another_history(
    plan: Planner, write: Writer, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("reviewqueue.forge.git.pending.MOST_COMMITS", 2)
    chain = [plan(f"h{n}", {}, [f"h{n - 1}"] if n else [], ["refs/heads/far"]) for n in range(4)]
    path, _ = write(plan("main", {"f": b"0\n"}), *chain)
    mirror = sync(str(path), tmp_path / "m")
    head = mirror.pending(mirror.heads())["refs/heads/far"]
    assert "more than 2 commits" in head.problem
    assert head.commits == ()


def test_it_is_not_misled_by_forged_dates_in_a_walk(
    plan: Planner, write: Writer, tmp_path: Path
) -> None:
    old, late = plan("x").at.replace(year=1971), plan("x").at.replace(year=2098)
    path, ids = write(
        plan("a", {"f": b"0\n"}, at=late),
        plan("shared", {"f": b"1\n"}, ["a"], at=late),
        *[plan(f"m{n}", {}, [f"m{n - 1}" if n else "shared"], at=old) for n in range(12)],
        plan("tip", {"f": b"2\n"}, ["m11"]),
        plan("head", {"g": b"1\n"}, ["shared"], refs=["refs/pull/1/head"]),
    )
    mirror = sync(str(path), tmp_path / "m")
    head = mirror.pending(mirror.heads())["refs/pull/1/head"]
    assert [c.sha for c in head.commits] == [ids["head"]]
    assert head.base == ids["shared"]
    assert [c.sha for c in mirror.commits([mirror.tip()], ids["head"])] == [ids["head"]]
    assert len(mirror.first_parent()) == 15


def test_it_reads_files_at_a_commit(origin: Written, tmp_path: Path) -> None:
    path, ids = origin
    mirror = sync(str(path), tmp_path / "m")
    assert mirror.read(ids["one"], "a.py") == b"a = 1\n"
    assert mirror.read(ids["one"], "docs") is None
    assert mirror.read(ids["one"], "absent") is None
    assert mirror.read(ids["one"], "*.py") is None
    with pytest.raises(GitError, match=r"damaged or missing|not a tree"):
        mirror.read("1" * 40, "a.py")


def test_it_tells_who_touched_what(origin: Written, tmp_path: Path) -> None:
    path, ids = origin
    touches = list(sync(str(path), tmp_path / "m").history(10))
    assert [(t.sha, t.paths) for t in touches] == [
        (ids["two"], ("a.py",)),
        (ids["side2"], ("b.py",)),
        (ids["side"], ("b.py",)),
        (ids["one"], ("a.py", "docs/x.md")),
    ]
    assert touches[0].author.email == "anna@example.org"
    assert len(list(sync(str(path), tmp_path / "m").history(2))) == 2


def test_it_tells_touches_apart_whatever_the_paths_hold(
    plan: Planner, write: Writer, tmp_path: Path
) -> None:
    sha_like = b"0" * 40
    path, ids = write(
        plan("a", {sha_like: b"1\n", b"\n": b"1\n", b"x\n\ny": b"1\n", b"\xff": b"1\n"}),
        plan("empty", {}, ["a"], message="no\n\nfiles\n"),
        plan("b", {sha_like: b"2\n"}, ["empty"], message="\n\n\x01\n"),
    )
    touches = list(sync(str(path), tmp_path / "m").history(10))
    assert [t.sha for t in touches] == [ids["b"], ids["empty"], ids["a"]]
    assert touches[0].paths == ("0" * 40,)
    assert touches[1].paths == ()
    assert sorted(touches[2].paths) == sorted(("\n", "0" * 40, "x\n\ny", "\\xff"))


def test_it_tells_a_clean_merge_from_an_edited_one(
    plan: Planner, write: Writer, tmp_path: Path
) -> None:
    path, ids = write(
        plan("a", {"f": b"1\n", "g": b"1\n"}),
        plan("h", {"g": b"2\n"}, ["a"], refs=["refs/pull/1/head"]),
        plan("b", {"f": b"2\n"}, ["a"]),
        plan("clean", {"g": b"2\n"}, ["b", "h"], refs=["refs/heads/clean"]),
        plan("evil", {"g": b"2\n", "x": b"!\n"}, ["b", "h"], refs=["refs/heads/evil"]),
        plan("clash", {"f": b"3\n"}, ["a"], refs=["refs/heads/clash"]),
    )
    mirror = sync(str(path), tmp_path / "m")
    assert mirror.merges_cleanly_to(ids["b"], ids["h"], ids["clean"]) is True
    assert mirror.merges_cleanly_to(ids["b"], ids["h"], ids["evil"]) is False
    assert mirror.merges_cleanly_to(ids["b"], ids["clash"], ids["evil"]) is False


def test_it_does_not_know_a_merge_where_git_is_too_old(
    origin: Written, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path, ids = origin
    mirror = sync(str(path), tmp_path / "m")
    monkeypatch.setattr("reviewqueue.forge.git.bare.version", lambda _: (2, 37))
    assert mirror.merges_cleanly_to(ids["one"], ids["side2"], ids["merge"]) is None


def test_it_follows_moves_deletions_and_force_pushes(
    origin: Written, plan: Planner, write: Writer, git: Runner, tmp_path: Path
) -> None:
    path, ids = origin
    sync(str(path), tmp_path / "m")
    write(plan("forced", {"c.py": b"c = 9\n"}, [ids["one"]], refs=["refs/pull/7/head"]))
    move_refs(path, {"refs/heads/side": None})
    move_refs(path, {"refs/heads/side/deeper": ids["side2"]})
    mirror = sync(str(path), tmp_path / "m")
    assert "refs/heads/side" not in mirror.heads()
    assert mirror.heads()["refs/heads/side/deeper"] == ids["side2"]
    assert mirror.heads()["refs/pull/7/head"] != ids["pull2"]
    # What was reviewed before the force-push can still be shown.
    assert b"+c = 2" in mirror.diff(ids["merge"], ids["pull2"]).patch
    git(tmp_path / "m", "fsck", "--strict")


def test_it_keeps_reading_after_many_small_pulls(
    origin: Written, plan: Planner, write: Writer, tmp_path: Path
) -> None:
    path, ids = origin
    parent = ids["two"]
    for turn in range(25):
        _, more = write(plan(f"t{turn}", {"t": b"%d\n" % turn}, [parent]))
        parent = more[f"t{turn}"]
        mirror = sync(str(path), tmp_path / "m")
    assert mirror.tip() == parent
    assert len(mirror.first_parent()) == 28
    assert len(list((tmp_path / "m").glob("objects/pack/*.pack"))) <= 21
    assert b"+c = 2" in mirror.diff(ids["merge"], ids["pull2"]).patch


def test_it_takes_the_default_branch_from_head_or_says_how_else(
    plan: Planner, write: Writer, tmp_path: Path
) -> None:
    one = plan("a", {"f": b"1\n"}, refs=["refs/heads/trunk"])
    path, ids = write(one, head="refs/heads/gone")
    mirror = sync(str(path), tmp_path / "m")
    assert (mirror.default_branch(), mirror.tip()) == ("trunk", ids["a"])
    assert "only branch" in mirror.note
    move_refs(path, {"refs/heads/other": ids["a"]})
    mirror = sync(str(path), tmp_path / "m")
    assert (mirror.default_branch(), mirror.tip()) == ("", "")
    assert "no default branch" in mirror.note
    assert mirror.first_parent() == ()
    move_refs(path, {"refs/heads/master": ids["a"]})
    (path / "HEAD").write_text(ids["a"] + "\n")
    mirror = sync(str(path), tmp_path / "m")
    assert mirror.default_branch() == "master"
    assert "HEAD names no branch" in mirror.note


def test_it_takes_a_working_clone_and_its_origins_branches(
    origin: Written, git: Runner, tmp_path: Path
) -> None:
    path, ids = origin
    clone = tmp_path / "-a clone é\n%41"
    git(tmp_path, "clone", "-q", str(path), str(clone))
    git(clone, "checkout", "-q", "-b", "topic", "origin/side")
    git(clone, "worktree", "add", "-q", "--detach", str(tmp_path / "linked"), "origin/side")
    for address in (clone, clone / ".git", tmp_path / "linked"):
        mirror = sync(str(address), tmp_path / "m")
        assert (mirror.default_branch(), mirror.tip()) == ("main", ids["two"])
        assert mirror.heads() == {
            "refs/heads/side": ids["side2"],
            "refs/heads/topic": ids["side2"],
        }


def test_it_takes_odd_addresses(
    origin: Written, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path, ids = origin
    odd = tmp_path / "--output=x"
    path.rename(odd)
    monkeypatch.chdir(tmp_path)
    for address in ("--output=x", f"file://{tmp_path}/%2D-output=x", f"{odd}/"):
        assert sync(address, Path("m")).tip() == ids["two"]


def test_it_takes_a_bare_repository_without_settings(origin: Written, tmp_path: Path) -> None:
    path, ids = origin
    (path / "config").unlink()
    assert sync(str(path), tmp_path / "m").tip() == ids["two"]


def test_it_leaves_nothing_borrowed_behind(origin: Written, git: Runner, tmp_path: Path) -> None:
    path, ids = origin
    (tmp_path / "store").mkdir()
    (path / "objects").rename(tmp_path / "store" / "objects")
    (path / "objects" / "info").mkdir(parents=True)
    (path / "objects" / "info" / "alternates").write_text(f"{tmp_path}/store/objects\n")
    mirror = sync(str(path), tmp_path / "m")
    (tmp_path / "store").rename(tmp_path / "away")
    assert b"+a = 1" in mirror.diff("", ids["one"]).patch
    assert not (tmp_path / "m" / "objects" / "info" / "alternates").exists()
    git(tmp_path / "m", "fsck", "--strict")


def test_it_says_where_a_shallow_history_ends(origin: Written, git: Runner, tmp_path: Path) -> None:
    path, ids = origin
    shallow = tmp_path / "shallow"
    git(
        tmp_path,
        "clone",
        "-q",
        "--bare",
        "--depth=1",
        "--no-single-branch",
        path.as_uri(),
        str(shallow),
    )
    git(shallow, "fetch", "-q", "--depth=2", "origin", "+refs/pull/*/head:refs/pull/*/head")
    mirror = sync(str(shallow), tmp_path / "m")
    assert mirror.shallow
    assert mirror.tip() == ids["two"]
    cut = next(iter(mirror.cut))
    with pytest.raises(GitError, match="shallow"):
        mirror.diff("", cut)
    git(shallow, "fetch", "-q", "--unshallow", "origin")
    mirror = sync(str(shallow), tmp_path / "m")
    assert not mirror.shallow
    assert len(mirror.first_parent()) == 3
    git(tmp_path / "m", "fsck", "--strict")


def test_it_refuses_a_base_for_a_head_whose_history_is_cut_off(
    plan: Planner, write: Writer, git: Runner, tmp_path: Path
) -> None:
    path, _ = write(
        plan("a", {"f": b"1\n"}),
        plan("h", {"g": b"1\n"}, ["a"], refs=["refs/heads/h"]),
        plan("b", {"f": b"2\n"}, ["a"]),
    )
    shallow = tmp_path / "shallow"
    git(
        tmp_path,
        "clone",
        "-q",
        "--bare",
        "--depth=1",
        "--no-single-branch",
        path.as_uri(),
        str(shallow),
    )
    mirror = sync(str(shallow), tmp_path / "m")
    assert "shallow" in mirror.pending(mirror.heads())["refs/heads/h"].problem


def test_it_lists_what_a_partial_clone_lacks_as_unread(
    origin: Written, git: Runner, tmp_path: Path
) -> None:
    path, ids = origin
    git(path, "config", "uploadpack.allowFilter", "true")
    partial = tmp_path / "partial"
    git(tmp_path, "clone", "-q", "--bare", "--filter=blob:none", path.as_uri(), str(partial))
    mirror = sync(str(partial), tmp_path / "m")
    found = mirror.diff("", ids["one"])
    assert found.patch == b""
    assert {(unread.path, unread.reason) for unread in found.unread} == {
        (b"a.py", "missing object"),
        (b"docs/x.md", "missing object"),
    }
    assert [file.new_path for file in found.files] == [b"a.py", b"docs/x.md"]
    assert len(list(sync(str(partial), tmp_path / "m").first_parent())) == 3
