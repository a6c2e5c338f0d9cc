from collections.abc import Callable
from pathlib import Path

import pytest

from reviewqueue.forge.git import difference
from reviewqueue.forge.git.command import GitError
from reviewqueue.forge.git.fast_import import (
    EXECUTABLE,
    SUBMODULE,
    SYMLINK,
    FileChange,
    PlannedCommit,
)
from reviewqueue.forge.git.mirror import sync
from reviewqueue.scan.diff import Diff
from reviewqueue.scan.parser import cross_check, parse

Written = tuple[Path, dict[str, str]]
Planner = Callable[..., PlannedCommit]
Writer = Callable[..., tuple[Path, dict[str, str]]]
Runner = Callable[..., bytes]
Files = dict[str | bytes, bytes | FileChange | None]
Changer = Callable[..., Diff]


@pytest.fixture
def changed(plan: Planner, write: Writer, tmp_path: Path) -> Changer:
    """Give the difference that a second commit makes to a first one's files."""

    def change(before: Files, after: Files) -> Diff:
        path, ids = write(plan("a", before), plan("b", after, ["a"]))
        return sync(str(path), tmp_path / "m").diff(ids["a"], ids["b"])

    return change


def _facts(diff: Diff) -> list[tuple[str, bytes, bytes, int, int, int | None, int | None]]:
    return [
        (f.status, f.old_path, f.new_path, f.old_mode, f.new_mode, f.added, f.removed)
        for f in diff.files
    ]


def _unread(diff: Diff) -> set[tuple[bytes, str]]:
    return {(unread.path, unread.reason) for unread in diff.unread}


def test_it_gives_lists_counts_and_patch_of_one_difference(changed: Changer) -> None:
    lines = b"".join(b"line %d\n" % n for n in range(20))
    diff = changed(
        {"gone": b"1\n", "kept": b"1\n", "moved": lines, "mode": b"#!\n"},
        {
            "gone": None,
            "kept": b"2\n3\n",
            "moved": None,
            "new/moved": lines + b"more\n",
            "mode": FileChange(b"mode", b"#!\n", EXECUTABLE),
        },
    )
    assert _facts(diff) == [
        ("D", b"gone", b"", 0o100644, 0, 0, 1),
        ("M", b"kept", b"kept", 0o100644, 0o100644, 2, 1),
        ("M", b"mode", b"mode", 0o100644, 0o100755, 0, 0),
        ("R", b"moved", b"new/moved", 0o100644, 0o100644, 1, 0),
    ]
    assert diff.unread == ()
    assert diff.patch.startswith(b"diff --git a/gone b/gone\ndeleted file mode 100644\nindex ")
    assert b"\n-1\n+2\n+3\n" in diff.patch
    assert b"old mode 100644\nnew mode 100755\n" in diff.patch
    assert b"rename from moved\nrename to new/moved\n" in diff.patch
    assert diff.patch.endswith(b"+more\n")


def test_it_compares_a_root_with_the_empty_tree_and_equal_trees_with_nothing(
    plan: Planner, write: Writer, tmp_path: Path
) -> None:
    path, ids = write(plan("a", {"f": b"1\n"}), plan("b", {}, ["a"]))
    mirror = sync(str(path), tmp_path / "m")
    assert _facts(mirror.diff("", ids["a"])) == [("A", b"", b"f", 0, 0o100644, 1, 0)]
    assert mirror.diff(ids["a"], ids["b"]) == difference.Diff(b"", ())


def test_it_keeps_every_byte_of_content_and_path(changed: Changer) -> None:
    paths = [
        b"x\ny",
        b"\xff\xfe",
        b'a"b',
        b"t\tb",
        b"x b/y.py",
        "é".encode(),
        b"-o",
        b":(top)",
        b"*",
    ]
    content = b"\xff\xfe\r\n\x1b[31m\r \xe2\x80\xa8 no newline"
    diff = changed({"z": b""}, dict.fromkeys(paths, content))
    assert sorted(f.new_path for f in diff.files) == sorted(paths)
    assert diff.patch.count(b"+\xff\xfe\r\n") == len(paths)
    assert diff.patch.count(b"\n\\ No newline at end of file") == len(paths)


def test_it_reads_content_whatever_the_attributes_say(changed: Changer) -> None:
    attributes = (
        b"* -diff\n*.py binary\n*.js linguist-generated diff=hide filter=hide text eol=crlf\n"
    )
    diff = changed(
        {".gitattributes": attributes, "sub/.gitattributes": b"* -diff\n", "a.py": b"1\n"},
        {"a.py": b"2\n", "b.js": b"x\n", "sub/c": b"y\n"},
    )
    assert diff.unread == ()
    assert b"-1\n+2\n" in diff.patch
    assert b"+x\n" in diff.patch
    assert b"+y\n" in diff.patch


def test_it_tells_hidden_source_from_binary(changed: Changer) -> None:
    diff = changed(
        {"old.py": b"x = 1\n\0"},
        {
            "old.py": b"x = 2\n",
            "a.py": b"import os\0\nos.system('x')\n",
            "noext": b"words and more words, and a zero\0 byte\n" * 9,
            "tool": b"#!/usr/bin/perl\n\0" + bytes(range(256)) * 9,
            "utf16.txt": "import os\n".encode("utf-16"),
            "image.png": b"\x89PNG\r\n\x1a\n\0\0" + bytes(range(256)),
            "program": b"\x7fELF\x02\0\0" + bytes(range(256)) * 9,
            "noise": bytes(range(256)) * 9,
            "late": b"y\n" * 9000 + b"\0 late\n",
        },
    )
    assert _unread(diff) == {
        (b"image.png", "binary"),
        (b"program", "binary"),
        (b"noise", "binary"),
    }
    assert b"+\0 late\n" in diff.patch
    assert b"+import os\0\n+os.system('x')\n" in diff.patch
    assert b"-x = 1\n-\0\n" in diff.patch
    assert diff.patch.count(b"\nBinary files ") == 3
    assert cross_check(parse(diff.patch), diff.files) is None
    assert {f.new_path for f in diff.files if f.added is None} == {
        path for path, _ in _unread(diff)
    }


def test_hidden_source_that_was_renamed_or_is_too_long_stays_unread(
    changed: Changer, monkeypatch: pytest.MonkeyPatch
) -> None:
    lines = b"import os\nprint(os)\n" * 99
    diff = changed({"a.py": b"\0" + lines}, {"a.py": None, "b.py": b"\0" + lines})
    assert _unread(diff) == {(b"b.py", "NUL in source")}
    monkeypatch.setattr("reviewqueue.forge.git.difference.LARGEST_PATCH", 9_000)
    diff = changed({"a.py": b"1\n"}, {"c.py": b"\0" + lines * 99, "a.py": b"2\n"})
    assert _unread(diff) == {(b"c.py", "NUL in source")}
    assert b"-1\n+2\n" in diff.patch


def test_it_marks_links_submodules_and_pointers(changed: Changer) -> None:
    pointer = b"version https://git-lfs.github.com/spec/v1\noid sha256:" + b"a" * 64 + b"\n"
    diff = changed(
        {
            "was": b"1\n",
            "model.bin": pointer,
            "sub": FileChange(b"sub", b"1" * 40, SUBMODULE),
            ".gitmodules": b'[submodule "sub"]\n\tpath = sub\n\turl = ext::x\n\tignore = all\n',
        },
        {
            "was": FileChange(b"was", b"../../etc/passwd", SYMLINK),
            "model.bin": pointer.replace(b"aaa", b"bbb"),
            "sub": FileChange(b"sub", b"2" * 40, SUBMODULE),
            "new": FileChange(b"new", b"3" * 40, SUBMODULE),
            "about-lfs.md": pointer * 99,
        },
    )
    assert _unread(diff) == {
        (b"model.bin", "LFS"),
        (b"sub", "submodule"),
        (b"new", "submodule"),
    }
    assert ("T", b"was", b"was", 0o100644, 0o120000, 1, 1) in _facts(diff)
    assert b"+../../etc/passwd\n\\ No newline" in diff.patch


def test_it_gives_up_on_what_is_too_large_and_says_so(
    changed: Changer, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(difference, "LARGEST_PATCH", 2000)
    diff = changed({"a": b"1\n"}, {"a": b"2\n", "b": b"line\n" * 1000})
    assert diff.patch == b""
    assert _unread(diff) == {(b"a", "too large"), (b"b", "too large")}
    assert len(diff.files) == 2


def test_it_leaves_out_a_file_that_is_too_large_only(changed: Changer) -> None:
    diff = changed({"a": b"1\n"}, {"a": b"2\n", "b": b"x" * (difference.LARGEST_BLOB + 1)})
    assert _unread(diff) == {(b"b", "too large")}
    assert b"-1\n+2\n" in diff.patch


def test_it_names_a_path_that_one_tree_holds_twice(
    origin: Written, git: Runner, tmp_path: Path
) -> None:
    path, ids = origin
    blobs = [git(path, "hash-object", "-w", "--stdin", stdin=text) for text in (b"1\n", b"2\n")]
    raw = b"".join(b"100644 twice\0" + bytes.fromhex(blob.decode()) for blob in blobs)
    tree = git(
        path, "hash-object", "-w", "--literally", "-t", "tree", "--stdin", stdin=raw
    ).decode()
    commit = git(path, "commit-tree", tree, "-p", ids["two"], "-m", "x").decode()
    git(path, "update-ref", "refs/pull/1/head", commit)
    diff = sync(str(path), tmp_path / "m").diff(ids["two"], commit)
    assert (b"twice", "named twice in one tree") in _unread(diff)


def test_it_reads_trees_a_thousand_levels_deep(changed: Changer) -> None:
    deep = b"/".join([b"d"] * 1000) + b"/f.py"
    diff = changed({"a": b"1\n"}, {deep: b"evil = 1\n"})
    assert [f.new_path for f in diff.files] == [deep]
    assert b"+evil = 1\n" in diff.patch
    assert diff.unread == ()


def test_it_reads_around_missing_content(
    plan: Planner, write: Writer, git: Runner, tmp_path: Path
) -> None:
    path, ids = write(
        plan("a", {"gone.py": b"1\n", "kept.py": b"3\n", "z:*": b"5\n"}),
        plan("b", {"gone.py": b"2\n", "kept.py": b"4\n", "z:*": b"6\n"}, ["a"]),
    )
    blob = git(path, "rev-parse", f"{ids['b']}:gone.py").decode()
    (path / "objects" / blob[:2] / blob[2:]).unlink()
    diff = sync(str(path), tmp_path / "m").diff(ids["a"], ids["b"])
    assert _unread(diff) == {(b"gone.py", "missing object")}
    assert b"-3\n+4\n" in diff.patch
    assert b"-5\n+6\n" in diff.patch
    assert [(f.new_path, f.added) for f in diff.files] == [
        (b"gone.py", None),
        (b"kept.py", 1),
        (b"z:*", 1),
    ]


def test_it_raises_where_a_commit_is_missing(origin: Written, tmp_path: Path) -> None:
    mirror = sync(str(origin[0]), tmp_path / "m")
    with pytest.raises(GitError, match="damaged or missing"):
        mirror.diff("1" * 40, mirror.tip())


def test_it_shows_small_files_of_settings_as_a_whole(changed: Changer) -> None:
    lines = b"".join(b"    key-%d: a\n" % number for number in range(40))
    jobs = b"jobs:\n" + lines
    diff = changed(
        {"ci.yml": jobs, "notes.txt": lines, "x.py": lines, "l.lock.json": lines, "old.yml": jobs},
        {
            "ci.yml": jobs.replace(b"key-30: a", b"key-30: b"),
            "notes.txt": lines + b"more\n",
            "x.py": lines + b"more\n",
            "package-lock.json": lines,
            "new.yml": jobs,
            "old.yml": None,
        },
    )
    assert b" jobs:" not in parse(diff.patch)[0].hunks[0].lines
    (whole,) = parse(diff.whole)
    assert whole.path == b"ci.yml"
    assert whole.hunks[0].lines[0] == b" jobs:"
    assert (whole.added, whole.removed) == (b"    key-30: b\n", b"    key-30: a\n")


@pytest.mark.parametrize("content", [b"a: b\n" * (difference._WHOLE // 5 + 1), b"a: \0\n"])
def test_a_large_or_opaque_file_is_not_shown_as_a_whole(changed: Changer, content: bytes) -> None:
    assert changed({"a.yml": content}, {"a.yml": content + b"c: d\n"}).whole == b""


def test_a_change_too_large_to_show_as_a_whole_is_still_scanned(
    changed: Changer, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(difference, "_WHOLE_PATCH", 100)
    diff = changed({"a.yml": b"a: b\n" * 50}, {"a.yml": b"a: b\n" * 50 + b"c: d\n"})
    assert (diff.whole, diff.problem) == (b"", "")
    assert b"+c: d\n" in diff.patch
