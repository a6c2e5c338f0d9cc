"""The identity of content: the same change anywhere, and nothing else."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Protocol

import pytest

from reviewqueue.scan.content import content_id
from reviewqueue.scan.diff import Diff, FileFacts, Unread

Tree = Mapping[bytes, tuple[str, bytes]]
_TEXT = b"".join(b"line %d\n" % number for number in range(30))


class Git(Protocol):
    """See the conftest of this folder."""

    def diff(
        self, old: Tree, new: Tree, *flags: str, config: Sequence[str] = ()
    ) -> tuple[bytes, tuple[FileFacts, ...]]: ...


def _id(git: Git, old: Tree, new: Tree, *flags: str) -> str:
    patch, listed = git.diff(old, new, "-M", *flags)
    return content_id(Diff(patch, listed))


def _edit(text: bytes) -> tuple[Tree, Tree]:
    return {b"f": ("100644", text)}, {b"f": ("100644", text.replace(b"line 20", b"changed"))}


def test_it_is_the_same_wherever_the_change_applies(git: Git) -> None:
    shifted = _edit(b"new first line\n" + _TEXT)
    renamed_hunk = _edit(b"def f():\n" + _TEXT)
    other_file = tuple({**tree, b"z": ("100644", b"z\n")} for tree in _edit(_TEXT))
    same = {_id(git, *_edit(_TEXT)), _id(git, *shifted), _id(git, *renamed_hunk)}
    same.add(_id(git, other_file[0], other_file[1]))
    assert len(same) == 1
    assert all(len(one) == 64 for one in same)


@pytest.mark.parametrize(
    ("old", "new"),
    [
        (b"line 20", b"line  20"),
        (b"line 20", b"    line 20"),
        (b"line 20", b"line 20 "),
        (b"line 20", b"line 20\r"),
        (b"line 19", b"line 19 changed"),
        (b"line 29\n", b"line 29"),
    ],
)
def test_it_differs_by_any_byte_of_a_shown_line(git: Git, old: bytes, new: bytes) -> None:
    before, after = _edit(_TEXT)
    other = {b"f": ("100644", after[b"f"][1].replace(old, new).replace(b"changed", b"CHANGED"))}
    assert _id(git, before, after) != _id(git, before, other)


def test_it_differs_by_context_path_and_mode(git: Git) -> None:
    before, after = _edit(_TEXT)
    context = _edit(_TEXT.replace(b"line 18", b"line eighteen"))
    moved = {b"g": before[b"f"]}, {b"g": after[b"f"]}
    mode = before, {b"f": ("100755", after[b"f"][1])}
    added = before, {**after, b"new": ("100644", b"")}
    ids = [_id(git, before, after), _id(git, *context), _id(git, *moved), _id(git, *mode)]
    ids.append(_id(git, *added))
    assert len(set(ids)) == len(ids)


def test_lines_cannot_pretend_to_be_in_another_hunk_or_file(git: Git) -> None:
    one = git.diff({b"f": ("100644", b"")}, {b"f": ("100644", b"a\nb\n")}, "-U0")
    two = git.diff(
        {b"f": ("100644", b""), b"g": ("100644", b"")},
        {b"f": ("100644", b"a\n"), b"g": ("100644", b"b\n")},
        "-U0",
    )
    assert content_id(Diff(*one)) != content_id(Diff(*two))


def test_what_was_not_seen_counts_by_its_blobs(git: Git) -> None:
    old: Tree = {b"f": ("100644", b"\0")}
    one = _id(git, old, {b"f": ("100644", b"\0one")})
    two = _id(git, old, {b"f": ("100644", b"\0two")})
    assert one
    assert two
    assert one != two
    patch, _ = git.diff(old, {b"f": ("100644", b"\0one")})
    assert content_id(Diff(patch)) == ""


def test_a_file_marked_unread_counts_by_its_blobs_too(git: Git) -> None:
    before, after = _edit(_TEXT)
    patch, listed = git.diff(before, after, "-M")
    unread = (Unread(b"f", "LFS"),)
    one = content_id(Diff(patch, listed, unread))
    two = content_id(Diff(patch, (replace(listed[0], new_blob="1" * 40),), unread))
    assert len({one, two, content_id(Diff(patch, listed)), ""}) == 4
    assert content_id(Diff(patch, None, unread)) == ""


def test_there_is_none_for_what_cannot_be_read(git: Git) -> None:
    patch, listed = git.diff(*_edit(_TEXT), "-M")
    assert content_id(Diff(patch[:-1], listed)) == ""
    assert content_id(Diff(b"garbage\n")) == ""
    assert content_id(Diff(patch, (replace(listed[0], added=7),))) == ""
    assert content_id(Diff(patch, ())) == ""


def test_an_empty_diff_has_one_of_its_own() -> None:
    assert content_id(Diff(b"")) == content_id(Diff(b"", ())) != ""
