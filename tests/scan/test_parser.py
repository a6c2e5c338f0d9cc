"""The strict parser against git itself."""

from collections.abc import Sequence
from dataclasses import replace
from itertools import pairwise
from typing import Any, Protocol
from urllib.parse import unquote_to_bytes

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from reviewqueue.scan.diff import FileFacts
from reviewqueue.scan.parser import FilePatch, Unscannable, cross_check, display, parse

Tree = dict[bytes, tuple[str, bytes]]
Flags = tuple[tuple[str, ...], tuple[str, ...]]


class Git(Protocol):
    """See the conftest of this folder."""

    def diff(
        self, old: Tree, new: Tree, *flags: str, config: Sequence[str] = ()
    ) -> tuple[bytes, tuple[FileFacts, ...]]: ...


COMMIT = b"1234567890123456789012345678901234567890"
_OTHER = b"abcdefabcdefabcdefabcdefabcdefabcdefabcd"

_words = st.sampled_from(
    b'a|b| b|a b|x|dev|null|\t|\n|\r|"|\\|\xff|\xc3\xa9|\x01|\x7f|%41| |->|=>|{|...'.split(b"|")
)
_names = (
    st.lists(_words, min_size=1, max_size=3)
    .map(b"".join)
    .filter(lambda name: name not in {b".", b".."})
)
_paths = st.lists(_names, min_size=1, max_size=3).map(b"/".join)
_line = st.sampled_from(
    b"a|b||--- a/x|+++ b/x|@@ -1 +1 @@|diff --git a/x b/x|\r|x\r|-- |- a/x|+ b/x|-|+| |\xff|\x0c"
    b"|\\ No newline at end of file|\xe2\x80\xa8|\tx|From 0123|index 1..2|GIT binary patch".split(
        b"|"
    )
)
_content = st.builds(
    lambda lines, end, nul: b"\n".join(lines) + end + nul,
    st.lists(_line, max_size=12),
    st.sampled_from([b"", b"\n"]),
    st.sampled_from([b"", b"", b"", b"", b"\0"]),
)
_entry = st.one_of(
    st.tuples(st.sampled_from(["100644", "100644", "100755"]), _content),
    st.tuples(st.just("120000"), _paths),
    st.tuples(st.just("160000"), st.sampled_from([COMMIT, _OTHER])),
)
_flags = st.sampled_from(
    [
        (("-M",), ()),
        (("-M", "-U0"), ("core.quotePath=false",)),
        (("-M", "-C", "--find-copies-harder"), ("core.quotePath=false",)),
        (("-M", "--no-prefix"), ()),
        (("-M", "--binary"), ()),
        (("-M",), ("diff.mnemonicPrefix=true",)),
        (("--no-renames", "--src-prefix=b/", "--dst-prefix=a/"), ()),
        (("-M", "--function-context", "--patience"), ("diff.suppressBlankEmpty=true",)),
    ]
)


@st.composite
def _trees(draw: st.DrawFn) -> tuple[Tree, Tree]:
    old = draw(st.dictionaries(_paths, _entry, max_size=4))
    new = dict(old)
    for path in draw(st.lists(st.sampled_from(sorted(old)), max_size=3)) if old else []:
        entry = new.pop(path, None)
        fate = draw(st.sampled_from(["delete", "edit", "move", "mode", "replace"]))
        if entry is None or fate == "delete":
            continue
        mode, content = entry
        if fate == "move":
            new[draw(_paths)] = entry
        elif fate == "mode" and mode.startswith("100"):
            new[path] = ("100755" if mode == "100644" else "100644", content)
        elif fate == "edit" and mode.startswith("100"):
            new[path] = (mode, content + draw(_content))
        else:
            new[path] = draw(_entry)
    new.update(draw(st.dictionaries(_paths, _entry, max_size=2)))
    return old, new


def _applied(patch: FilePatch, content: bytes) -> bytes:
    """Apply a patch by its hunks alone, checking every context and removed line."""
    lines = _ended(content)
    result: list[bytes] = []
    at = 0
    for hunk in patch.hunks:
        body = [*hunk.lines, b""]
        kept = any(line[:1] in {b" ", b"-"} for line in hunk.lines)
        start = hunk.old_start - 1 if kept else hunk.old_start
        result += lines[at:start]
        at = start
        for line, following in pairwise(body):
            text = line[1:] if following.startswith(b"\\") else line[1:] + b"\n"
            if line[:1] in {b" ", b"-"}:
                assert lines[at] == text
                at += 1
            if line[:1] in {b" ", b"+"}:
                result.append(text)
    return b"".join(result + lines[at:])


def _ended(content: bytes) -> list[bytes]:
    lines = [line + b"\n" for line in content.split(b"\n")]
    return [*lines[:-1], lines[-1][:-1]] if lines[-1] != b"\n" else lines[:-1]


@settings(max_examples=100)
@given(trees=_trees(), flags=_flags)
@example(
    trees=({b"x b/y.sh": ("100644", b"a\n")}, {b"x b/y.sh": ("100755", b"a\n")}),
    flags=(("-M",), ()),
)
@example(trees=({b"f": ("100644", b"target")}, {b"f": ("120000", b"target")}), flags=(("-M",), ()))
@example(trees=({b"f": ("100644", b"")}, {b"f": ("100644", b"a\n")}), flags=(("-M",), ()))
@example(
    trees=({b"a": ("100644", b"b\na\na\na")}, {b"a": ("100644", b"a\na\nb\na")}),
    flags=(("-M", "--function-context", "--patience"), ()),
)
def test_it_agrees_with_git_on_hostile_trees(
    git: Git, trees: tuple[Tree, Tree], flags: Flags
) -> None:
    old, new = trees
    patch, listed = git.diff(old, new, *flags[0], config=flags[1])
    files = parse(patch)
    if "--src-prefix=b/" not in flags[0]:
        assert cross_check(files, listed) is None
    assert [(f.status, f.old_path, f.new_path) for f in files] == [
        (f.status, f.old_path, f.new_path) for f in listed
    ]
    for file in files:
        assert file.added_count == file.added.count(b"\n") == len(list(file.added_lines()))
        assert file.removed_count == file.removed.count(b"\n") == len(list(file.removed_lines()))


@settings(max_examples=60)
@given(old=_content, new=_content, context=st.sampled_from(["-U0", "-U1", "-U3"]))
def test_its_hunks_turn_the_old_content_into_the_new(
    git: Git, old: bytes, new: bytes, context: str
) -> None:
    before, after = {b"f": ("100644", old)}, {b"f": ("100644", new)}
    patch, _ = git.diff(before, after, "--text", context)
    for file in parse(patch):
        assert _applied(file, old) == new
        lines = new.split(b"\n")
        assert all(lines[number - 1] == text for number, text in file.added_lines())
        lines = old.split(b"\n")
        assert all(lines[number - 1] == text for number, text in file.removed_lines())


def test_a_cut_diff_is_never_taken_for_a_whole_one(git: Git) -> None:
    old = {b"a": ("100644", b"1\n2\n3\n"), b"b": ("100644", b"x\n"), b"c": ("100644", b"q\0")}
    new = {b"a": ("100644", b"1\n4\n3\n"), b"b": ("100755", b"x\ny\n")}
    for after in (new, new | {b"d": ("100644", b"n\n")}, {**new, b"c": old[b"c"]}):
        patch, listed = git.diff(old, after, "-M")
        for end in range(1, len(patch)):
            try:
                files = parse(patch[:end])
            except Unscannable:
                continue
            # Between files, or where what is left is a change of mode: git's counts tell.
            assert patch[end:].startswith((b"diff --git ", b"index "))
            assert cross_check(files, listed) is not None


def _reason(patch: bytes) -> str | None:
    try:
        parse(patch)
    except Unscannable as reason:
        return str(reason)
    return None


@settings(max_examples=400)
@given(noise=st.binary(max_size=200), data=st.data())
def test_it_gives_files_or_a_reason_whatever_it_reads(noise: bytes, data: st.DataObject) -> None:
    whole = (
        b"diff --git a/a b/a\nindex 1191247b..e0b3f1b9 100644\n--- a/a\n+++ b/a\n"
        b"@@ -1,2 +1,2 @@\n 1\n-2\n+3\n"
    )
    assert len(parse(whole)) == 1
    at = data.draw(st.integers(0, len(whole)))
    for patch in (noise, whole[:at] + noise + whole[at:], whole[:at] + whole[at + 1 :]):
        reason = _reason(patch)
        assert reason is None or (reason and "\n" not in reason)


def test_it_reads_line_numbers_on_both_sides() -> None:
    patch = parse(
        b"diff --git a/f b/f\nindex 11111111..22222222 100644\n--- a/f\n+++ b/f\n"
        b"@@ -3,3 +3,3 @@ def f():\n a\n-b\n+B\n c\n@@ -10 +10,2 @@\n-x\n+y\n+z\n"
        b"\\ No newline at end of file\n"
    )[0]
    assert list(patch.added_lines()) == [(4, b"B"), (10, b"y"), (11, b"z")]
    assert list(patch.removed_lines()) == [(4, b"b"), (10, b"x")]
    assert (patch.added, patch.removed) == (b"B\ny\nz\n", b"b\nx\n")
    assert (patch.old_mode, patch.new_mode, patch.status) == (0o100644, 0o100644, "M")


@pytest.mark.parametrize(
    ("change", "reason"),
    [
        ({"status": "T"}, "the patch says M, git says T"),
        ({"added": 2}, "the patch has +1 -1 lines, git counts +2 -1"),
        ({"removed": 0}, "the patch has"),
        ({"added": None}, "binary on one side only"),
        ({"new_mode": 0o100755}, "the modes differ"),
        ({"old_path": b"b", "new_path": b"b"}, "missing from the patch"),
    ],
)
def test_the_cross_check_finds_every_difference(
    git: Git, change: dict[str, Any], reason: str
) -> None:
    patch, listed = git.diff({b"a": ("100644", b"1\n")}, {b"a": ("100644", b"2\n")}, "-M")
    files = parse(patch)
    assert cross_check(files, listed) is None
    found = cross_check(files, (replace(listed[0], **change),))
    assert found is not None
    assert reason in found


def test_the_cross_check_finds_files_that_only_one_side_has(git: Git) -> None:
    old, new = {}, {b"a": ("100644", b"1\n"), b"b": ("100644", b"2\n")}
    patch, listed = git.diff(old, new)
    files = parse(patch)
    assert cross_check(files[:1], listed) == "b is missing from the patch"
    assert cross_check(files, listed[1:]) == "a is in the patch, but not in git's list"
    assert cross_check(files + files[:1], listed) == "the patch names a file twice"


@pytest.mark.parametrize(
    ("path", "shown"),
    [
        (b"src/a b.py", "src/a b.py"),
        ("docs/é.md".encode(), "docs/é.md"),
        (b"caf\xe9.py", "caf%E9.py"),
        (b"a\nb\x1b[1m", "a%0Ab%1B[1m"),
        ("a\u202egpj.exe".encode(), "a%E2%80%AEgpj.exe"),
        (b"100%.txt", "100%.txt"),
        (b"%41", "%2541"),
        (b"%2541", "%252541"),
    ],
)
def test_it_shows_paths_that_cannot_deceive(path: bytes, shown: str) -> None:
    assert display(path) == shown


@given(st.binary(max_size=12), st.binary(max_size=12))
def test_no_two_paths_are_shown_alike(one: bytes, other: bytes) -> None:
    assert (display(one) == display(other)) == (one == other)


@given(
    st.lists(st.sampled_from([b"%", b"4", b"1", b"F", b"\xff", b"\n", b"2", b"5"]), max_size=8).map(
        b"".join
    )
)
def test_a_shown_path_leads_back_to_its_bytes(path: bytes) -> None:
    assert unquote_to_bytes(display(path)) == path


def test_a_hunk_keeps_what_git_wrote_behind_its_numbers() -> None:
    head = b"diff --git a/a b/a\n--- a/a\n+++ b/a\n"
    hunks = b"@@ -1 +1 @@\n-a\n+b\n@@ -9 +9 @@ def may_read(user): \n-a\n+b\n"
    (file,) = parse(head + hunks)
    assert [hunk.heading for hunk in file.hunks] == [b"", b"def may_read(user):"]
