"""Odd and hostile diffs: the right answer or a reason, never a crash or a silent zero."""

import tracemalloc
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Protocol

import pytest

from reviewqueue.scan.diff import FileFacts
from reviewqueue.scan.parser import (
    MAX_BYTES,
    MAX_FILES,
    MAX_LINE,
    MAX_LINES,
    MAX_PATH,
    FilePatch,
    Unscannable,
    cross_check,
    parse,
)

Tree = Mapping[bytes, tuple[str, bytes]]


class Git(Protocol):
    """See the conftest of this folder."""

    directory: Path

    def run(self, *arguments: str, stdin: bytes = b"") -> bytes: ...

    def commit(self, name: str, tree: Tree, message: bytes = b"m") -> None: ...

    def diff(
        self, old: Tree, new: Tree, *flags: str, config: Sequence[str] = ()
    ) -> tuple[bytes, tuple[FileFacts, ...]]: ...


def _one(patch: bytes) -> FilePatch:
    (file,) = parse(patch)
    return file


def _refused(patch: bytes) -> str:
    with pytest.raises(Unscannable) as caught:
        parse(patch)
    return str(caught.value)


def _modified(path: bytes = b"f", lines: bytes = b"-a\n+b\n", counts: bytes = b"-1 +1") -> bytes:
    return (
        b"diff --git a/%s b/%s\nindex 11111111..22222222 100644\n--- a/%s\n+++ b/%s\n@@ %s @@\n%s"
        % (path, path, path, path, counts, lines)
    )


# --- empty, cut and foreign


@pytest.mark.parametrize("patch", [b"", b"\n", b"\n\n"])
def test_it_takes_an_empty_diff_for_one_without_files(patch: bytes) -> None:
    assert parse(patch) == ()


@pytest.mark.parametrize(
    "patch",
    [
        b"garbage\n",
        b"\x00\x01\x02\xff\n",
        b"hello\nworld\n--- \n",
        _modified().decode().encode("utf-16"),
        b"\xef\xbb\xbf" + _modified(),
        b"\x1b[1mdiff --git a/f b/f\x1b[m\n\x1b[1mindex 11111111..22222222 100644\x1b[m\n",
        b"1c1\n< a\n---\n> b\n",
        b"*** a/f\t2020\n--- b/f\t2020\n***************\n*** 1 ****\n! a\n--- 1 ----\n! b\n",
        b"Only in b: secret.py\n",
        b"Binary files a/x and b/x differ\n",
        b"<html><body>502 Bad Gateway</body></html>\n",
    ],
)
def test_it_refuses_what_is_no_unified_diff(patch: bytes) -> None:
    assert _refused(patch)


def test_it_refuses_a_diff_that_is_cut_anywhere() -> None:
    whole = _modified(lines=b" x\n-a\n+b\n y\n", counts=b"-1,3 +1,3")
    assert parse(whole)
    for end in range(1, len(whole)):
        assert _refused(whole[:end])


@pytest.mark.parametrize(
    ("lines", "counts"),
    [
        (b"-a\n+b\n", b"-1 +1,2"),
        (b"-a\n+b\n+c\n", b"-1 +1"),
        (b"-a\n-a\n+b\n", b"-1 +1"),
        (b" a\n", b"-1 +1"),
        (b"", b"-1,0 +1,0"),
        (b"\\ No newline at end of file\n-a\n+b\n", b"-1 +1"),
        (b"-a\n\\ No newline\n\\ No newline\n+b\n", b"-1 +1"),
        (b"-a\n+b\n\\evil\n", b"-1 +1"),
        (b"-a\n+b\nevil\n", b"-1 +1"),
        (b"-a\nevil\n+b\n", b"-1 +1"),
        (b"-a\n+b\n", b"-1 +99999999999999999999"),
    ],
)
def test_it_refuses_a_hunk_that_does_not_add_up(lines: bytes, counts: bytes) -> None:
    assert _refused(_modified(lines=lines, counts=counts))


def test_it_refuses_words_marked_within_lines(git: Git) -> None:
    old: Tree = {b"f": ("100644", b"  a b\n  c\n")}
    new: Tree = {b"f": ("100644", b"  a B\n  c\n")}
    patch, _ = git.diff(old, new, "--word-diff=plain")
    assert b"{+B+}" in patch
    assert _refused(patch)


# --- content that looks like a header


@pytest.mark.parametrize(
    "text",
    [b"++ b/evil", b"@@ -1 +1 @@", b"diff --git a/x b/x", b"-- a/x", b"\\ No newline", b"", b"\r"],
)
def test_it_keeps_added_lines_that_look_like_headers(text: bytes) -> None:
    file = _one(_modified(lines=b"-" + text + b"\n+" + text + b"\n"))
    assert (file.added, file.removed) == (text + b"\n", text + b"\n")
    assert file.path == b"f"


def test_it_does_not_end_a_hunk_at_a_line_that_looks_like_the_next_file() -> None:
    lines = b"--- a/g\n+++ b/g\n--- a/h\n+@@ -1 +1 @@\n"
    file = _one(_modified(lines=lines, counts=b"-1,2 +1,2"))
    assert file.added == b"++ b/g\n@@ -1 +1 @@\n"
    assert file.removed == b"-- a/g\n-- a/h\n"


@pytest.mark.parametrize(
    "letter", ["\x0b", "\x0c", "\x1c", "\x1d", "\x1e", "\x85", "\u2028", "\u2029", "\r"]
)
def test_it_ends_lines_at_the_line_feed_only(letter: str) -> None:
    text = f"a{letter}b{letter}".encode()
    file = _one(_modified(lines=b"-a\n+" + text + b"\n"))
    assert (file.added, file.added_count) == (text + b"\n", 1)


def test_it_reads_carriage_returns_as_content() -> None:
    file = _one(_modified(lines=b" x\r\n-a\r\n+b\rc\r\n \r\n", counts=b"-1,3 +1,3"))
    assert (file.added, file.removed) == (b"b\rc\r\n", b"a\r\n")


def test_it_refuses_headers_with_carriage_returns() -> None:
    assert "carriage return" in _refused(_modified().replace(b"\n", b"\r\n"))


def test_it_reads_context_lines_that_lost_their_blank() -> None:
    file = _one(_modified(lines=b"\n-a\n+b\n\r\n\n", counts=b"-1,4 +1,4"))
    assert list(file.added_lines()) == [(2, b"b")]
    assert [line[:1] for line in file.hunks[0].lines] == [b" ", b"-", b"+", b" ", b" "]


def test_it_reads_invalid_utf8_and_nul_bytes() -> None:
    file = _one(_modified(lines=b"-a\n+\xff\xfe\x00\x80\n"))
    assert file.added == b"\xff\xfe\x00\x80\n"


def test_it_reads_missing_line_ends() -> None:
    lines = b"-a\n\\ No newline at end of file\n+b\n\\ No newline at end of file\n"
    file = _one(_modified(lines=lines))
    assert (file.added, file.removed, file.added_count) == (b"b\n", b"a\n", 1)


# --- paths


@pytest.mark.parametrize(
    "path",
    [
        b"x b/y.py",
        b"x b/x b/y.py",
        b" b/ b/ b",
        b"a/x b/a/x",
        b".github/workflows/\xc3\xa9.yml",
        b"caf\xe9.py",
        b"a\tb",
        b"a\nb",
        b"\nindex 1..2",
        b'a"b\\c',
        b'"quoted"',
        b"trailing ",
        b"cr\r",
        b"dev/null",
        b"a/b/c",
        b"b",
        b"\x01\x02\x7f",
        b"x\tb/y",
        b"-- a/x",
    ],
)
@pytest.mark.parametrize("quote", ["core.quotePath=true", "core.quotePath=false"])
def test_it_names_every_path_as_git_does(git: Git, path: bytes, quote: str) -> None:
    run, link, first, second = "100755", "120000", b"1" * 40, b"2" * 40
    text = [b"%d\n" % number * 9 for number in range(20)]
    changes: list[tuple[Tree, Tree]] = [
        ({path: ("100644", text[0])}, {path: ("100644", text[1])}),
        ({path: ("100644", text[2])}, {path: (run, text[2])}),
        ({path: ("100644", b"\0")}, {path: ("100644", b"\0\0")}),
        ({}, {path: ("100644", text[3])}),
        ({}, {path: ("100644", b"")}),
        ({path: ("100644", b"")}, {}),
        ({path: ("100644", b"")}, {path: ("100644", text[4])}),
        ({path: ("100644", text[5])}, {path: (link, b"target")}),
        ({path: ("100644", text[6])}, {b"new b/name": ("100644", text[6])}),
        ({b"old b/name": ("100644", text[7])}, {path: (run, text[7] + b"x\n")}),
        ({path: ("160000", first)}, {path: ("160000", second)}),
        ({path: ("100644", text[8])}, {}),
    ]
    old, new = dict(changes[0][0]), dict(changes[0][1])
    for number, (before, after) in enumerate(changes):
        old |= {b"%d/%s" % (number, name): entry for name, entry in before.items()}
        new |= {b"%d/%s" % (number, name): entry for name, entry in after.items()}
    for flags in (("-M",), ("-M", "--no-prefix"), ("-M", "--binary")):
        patch, listed = git.diff(old, new, *flags, config=[quote])
        assert {facts.status for facts in listed} == set("ADMRT")
        assert cross_check(parse(patch), listed) is None


def test_it_keeps_the_whole_path_of_a_changed_mode() -> None:
    file = _one(b"diff --git a/x b/y.sh b/x b/y.sh\nold mode 100644\nnew mode 100755\n")
    assert (file.old_path, file.new_path, file.status) == (b"x b/y.sh", b"x b/y.sh", "M")
    assert (file.old_mode, file.new_mode) == (0o100644, 0o100755)


def test_it_keeps_a_real_folder_named_like_a_prefix(git: Git) -> None:
    old: Tree = {b"a/x": ("100644", b"1\n"), b"b/y": ("100644", b"1\n")}
    new: Tree = {b"a/x": ("100755", b"2\n"), b"b/z": ("100644", b"1\n")}
    patch, listed = git.diff(old, new, "--no-prefix", "-M")
    assert cross_check(parse(patch), listed) is None


@pytest.mark.parametrize(
    "patch",
    [
        b"diff --git a/x b/y\nold mode 100644\nnew mode 100755\n",
        b"diff --git a/x\nold mode 100644\nnew mode 100755\n",
        b"diff --git x/f y/f\nold mode 100644\nnew mode 100755\n",
        b'diff --git "a/x b/x"\nold mode 100644\nnew mode 100755\n',
        b'diff --git "a/\\9" "b/\\9"\nold mode 100644\nnew mode 100755\n',
        b'diff --git "a/\\000" "b/\\000"\nold mode 100644\nnew mode 100755\n',
        b"diff --git a/d/../x b/d/../x\nold mode 100644\nnew mode 100755\n",
        b"diff --git a/./x b/./x\nold mode 100644\nnew mode 100755\n",
        b"diff --git a//x b//x\nold mode 100644\nnew mode 100755\n",
        b"diff --git a/x/.. b/x/..\nold mode 100644\nnew mode 100755\n",
        b"diff --git a/ b/\nold mode 100644\nnew mode 100755\n",
        b"diff --git a/x b/x\nsimilarity index 100%\nrename from x\nrename to y\n",
        b"diff --git a/x b/y\nsimilarity index 100%\nrename from x\nrename to z\n",
        b"diff --git a/x b/y\nsimilarity index 100%\nrename from x\n",
        b"diff --git a/x b/x\nnew file mode 100644\ndeleted file mode 100644\n",
        b"diff --git a/x b/x\nold mode 100644\nold mode 100644\nnew mode 100755\n",
        b"diff --git a/x b/x\nold mode 100648\nnew mode 100755\n",
        _modified().replace(b"+++ b/f", b"+++ b/g"),
        _modified().replace(b"--- a/f", b"--- a/g"),
        _modified().replace(b"--- a/f\n+++ b/f", b"--- a/g\n+++ b/g"),
        _modified().replace(b"--- a/f", b"--- /dev/null"),
        _modified().replace(b"--- a/f\n", b""),
        _modified().replace(b"index ", b"index"),
    ],
)
def test_it_refuses_a_header_whose_names_disagree(patch: bytes) -> None:
    assert _refused(patch)


@pytest.mark.parametrize(
    "patch",
    [
        b"diff --git a/x b/x\n",
        b"diff --git a/x b/x\nindex 11111111..22222222 100644\n",
        b"diff --git a/x b/x\nnew file mode 100644\nindex 00000000..22222222\n",
        b"diff --git a/x b/x\ndeleted file mode 100644\nindex 22222222..00000000\n",
        b"diff --git a/x b/y\nsimilarity index 90%\nrename from x\nrename to y\nindex 1111..2222\n",
        b"diff --git a/x b/x\nindex 1111..2222 100644\n--- a/x\n+++ b/x\n",
    ],
)
def test_it_refuses_a_changed_file_whose_lines_are_not_shown(patch: bytes) -> None:
    assert _refused(patch)


def test_it_reads_empty_files() -> None:
    empty = b"e69de29bb2d1d6434b8b29ae775ad8c2e48c5391"
    for blob in (empty, empty[:7]):
        zero = b"0" * len(blob)
        added = b"diff --git a/x b/x\nnew file mode 100644\nindex %s..%s\n" % (zero, blob)
        deleted = b"diff --git a/x b/x\ndeleted file mode 100644\nindex %s..%s\n" % (blob, zero)
        assert (_one(added).status, _one(added).new_mode) == ("A", 0o100644)
        assert (_one(deleted).status, _one(deleted).old_mode) == ("D", 0o100644)


def test_filling_an_empty_file_does_not_add_it(git: Git) -> None:
    patch, _ = git.diff({b"f": ("100644", b"")}, {b"f": ("100644", b"1\n")})
    assert (_one(patch).status, _one(patch).old_path, _one(patch).added) == ("M", b"f", b"1\n")


def test_a_copy_is_no_rename(git: Git) -> None:
    text = b"1\n2\n3\n4\n5\n"
    old: Tree = {b"f": ("100644", text)}
    new: Tree = {b"f": ("100644", text), b"g": ("100755", text + b"6\n")}
    patch, listed = git.diff(old, new, "-C", "--find-copies-harder")
    assert (_one(patch).status, _one(patch).new_mode) == ("C", 0o100755)
    assert cross_check(parse(patch), listed) is None


def test_a_binary_patch_is_not_read_as_lines(git: Git) -> None:
    noise = bytes(range(256)) * 40
    old: Tree = {b"f": ("100644", noise), b"z": ("100644", b"1\n")}
    new: Tree = {b"f": ("100644", noise[::-1] + b"+x"), b"z": ("100644", b"2\n")}
    patch, listed = git.diff(old, new, "--binary")
    first, second = parse(patch)
    assert (first.binary, first.added, first.hunks) == (True, b"", [])
    assert (second.binary, second.added) == (False, b"2\n")
    assert cross_check((first, second), listed) is None
    assert _refused(
        patch.replace(b"\n\ndelta", b"\n+evil\n\ndelta").replace(b"\n\nlit", b"\nevil\n\nlit")
    )


# --- merges, submodules, mails


def test_it_refuses_combined_diffs(git: Git) -> None:
    git.commit("base", {b"f": ("100644", b"1\n2\n3\n")})
    base = git.run("rev-parse", "base").strip().decode()
    trees = []
    for text in (b"1\nours\n3\n", b"1\ntheirs\n3\n", b"1\nevil\n3\n"):
        git.commit("side", {b"f": ("100644", text)})
        trees.append(git.run("rev-parse", "side^{tree}").strip().decode())
    environment = ["-c", "user.name=a", "-c", "user.email=a@b"]
    sides = [
        git.run(*environment, "commit-tree", "-m", "s", "-p", base, tree).strip().decode()
        for tree in trees[:2]
    ]
    parents = [word for side in sides for word in ("-p", side)]
    merge = git.run(*environment, "commit-tree", "-m", "m", *parents, trees[2]).strip().decode()
    for flags in (["--cc"], ["-c"]):
        patch = git.run("diff-tree", "-p", "--no-commit-id", *flags, merge)
        assert patch.startswith(b"diff --c")
        assert "combined" in _refused(patch)
        assert "combined" in _refused(_modified() + patch)
        assert _refused(patch + _modified())
        assert _refused(git.run("show", *flags, merge))


def test_it_reads_short_submodule_changes_and_refuses_their_log() -> None:
    line = b"Subproject commit "
    short = (
        b"diff --git a/lib b/lib\nindex %s..%s 160000\n--- a/lib\n+++ b/lib\n@@ -1 +1 @@\n"
        b"-%s%s\n+%s%s\n" % (b"1" * 40, b"2" * 40, line, b"1" * 40, line, b"2" * 40)
    )
    assert (_one(short).new_mode, _one(short).added) == (0o160000, line + b"2" * 40 + b"\n")
    log = b"Submodule lib 1111111..2222222:\n  > a harmless message\n"
    for patch in (log, log + _modified(), _modified() + log, _modified() + log + _modified(b"g")):
        assert _refused(patch)
    assert _refused(b"Submodule lib 0000000...2222222 (new submodule)\n" + _modified())


def test_it_reads_what_git_show_and_format_patch_write(git: Git) -> None:
    git.commit("main", {b"f": ("100644", b"1\n")}, b"Start\n\nwith a body\n")
    for flags in (["show"], ["format-patch", "--stdout", "--root", "-1"], ["show", "--stat", "-p"]):
        patch = git.run(*flags, "main")
        assert not patch.startswith(b"diff")
        assert (_one(patch).path, _one(patch).added, _one(patch).status) == (b"f", b"1\n", "A")


def test_the_signature_of_a_mail_is_no_removed_line(git: Git) -> None:
    git.commit("main", {b"f": ("100644", b"-\n--\n")}, b"m\n")
    patch = git.run("format-patch", "--stdout", "--root", "-1", "main")
    assert patch.rstrip(b"\n").split(b"\n")[-2] == b"-- "
    assert (_one(patch).added, _one(patch).removed) == (b"-\n--\n", b"")
    assert _refused(patch.replace(b"\n-- \n", b"\n-- \nevil\n"))


@pytest.mark.parametrize(
    "message",
    [
        b"Subject\n\n@@ -1,3 +1,3 @@\n",
        b"Subject\n\n+++ b/x\n",
        b"Subject\n\n--- a/x\n+++ b/x\n@@ -1 +1 @@\n-a\n+b\n",
        b"Subject\n\n" + _modified(b"phantom"),
        b"Subject\n\ndiff --git a/x b/x\nold mode 100644\nnew mode 100755\n",
        b"Subject\n\nGIT binary patch\nliteral 0\n",
        b"Subject\n\n---\n" + _modified(b"phantom"),
    ],
)
def test_it_refuses_a_mail_whose_message_holds_a_diff(git: Git, message: bytes) -> None:
    git.commit("main", {b"f": ("100644", b"1\n")}, message)
    assert _refused(git.run("format-patch", "--stdout", "--root", "-1", "main"))
    # `git show` indents the message: there it can be told from the diff.
    assert _one(git.run("show", "main")).path == b"f"


def test_a_message_cannot_swallow_the_diffstat(git: Git) -> None:
    fake = b"diff --git a/p b/p\nindex 1111..2222 100644\n--- a/p\n+++ b/p\n@@ -1,5 +1,4 @@\n x\n"
    git.commit("main", {b"f": ("100644", b"1\n")}, b"Subject\n\n" + fake)
    assert _refused(git.run("format-patch", "--stdout", "--root", "-1", "main"))


def test_it_refuses_several_commits_in_one(git: Git) -> None:
    git.commit("one", {b"f": ("100644", b"1\n")})
    git.commit("two", {b"g": ("100644", b"1\n")})
    assert "more than one commit" in _refused(git.run("show", "one", "two"))
    assert _refused(git.run("log", "-p", "one", "two"))


@pytest.mark.parametrize(
    "before",
    [
        b"old mode 100644\nnew mode 100755\n",
        b"--- a/g\n+++ b/g\n@@ -1 +1 @@\n-a\n+b\n",
        b"rename from a\nrename to b\n",
        b"Binary files a/x and b/x differ\n",
        b"Only in b: x\n",
        b"* Unmerged path f\n",
        b"1c1\n< a\n---\n> b\n",
    ],
)
def test_it_refuses_text_before_a_file_that_could_be_another(before: bytes) -> None:
    assert _one(b"just words\n" + _modified()).path == b"f"
    assert _refused(before + _modified())


@pytest.mark.parametrize(
    "after", [b"evil\n", b"--- a/g\n", b"+evil\n", b"-- \n2.39.5\n", b"\n+x\n"]
)
def test_it_refuses_text_after_a_file(after: bytes) -> None:
    assert _refused(_modified() + after)
    assert _one(_modified() + b"\n").path == b"f"


# --- plain diffs


def test_it_reads_plain_diffs_of_one_and_many_files() -> None:
    patch = (
        b"Index: x/one\n" + b"=" * 67 + b"\n--- x.orig/one\t2020-01-01 10:00:00 +0000\n"
        b"+++ x/one\t2020-01-02 10:00:00 +0000\n@@ -1 +1 @@\n--- old\n+++ new\n"
        b"diff -Naur a/two b/two\n--- a/two\n+++ b/two\n@@ -1,2 +1 @@\n-x\n y\n"
        b"--- a/three four\n+++ b/three four\n@@ -0,0 +1 @@\n+z\n"
    )
    one, two, three = parse(patch)
    assert (one.old_path, one.new_path) == (b"x.orig/one", b"x/one")
    assert (one.added, one.removed) == (b"++ new\n", b"-- old\n")
    assert (two.path, two.removed_count, two.added_count) == (b"two", 1, 0)
    assert (three.path, three.status) == (b"three four", "M")


def test_it_reads_files_that_quilt_adds() -> None:
    header = b"--- /dev/null\n+++ b/%s\n@@ -0,0 +1 @@\n+%s\n"
    files = parse(header % (b"one", b"1") + header % (b"two", b"2"))
    assert [(f.status, f.old_path, f.new_path, f.added) for f in files] == [
        ("A", b"", b"one", b"1\n"),
        ("A", b"", b"two", b"2\n"),
    ]


def test_it_reads_what_diff_writes_of_absent_files() -> None:
    gone = b"1970-01-01 00:00:00.000000000 +0000"
    added = b"--- a/f\t%s\n+++ b/f\t2020-01-01\n@@ -0,0 +1 @@\n+x\n" % gone
    deleted = b"--- a/f\t2020-01-01\n+++ b/f\t%s\n@@ -1 +0,0 @@\n-x\n" % gone
    assert (_one(added).status, _one(added).old_path) == ("A", b"")
    assert (_one(deleted).status, _one(deleted).new_path) == ("D", b"")
    forged = b"--- a/f\t%s\n+++ b/f\t2020-01-01\n@@ -1 +1 @@\n-x\n+y\n" % gone
    assert _one(forged).status == "M"


@pytest.mark.parametrize(
    "patch",
    [
        b"--- a/f\n+++ b/f\n",
        b"--- a/f\n+++ b/f\n@@ -1 +1 @@\n-a\n",
        b"--- a/f\n@@ -1 +1 @@\n-a\n+b\n",
        b"+++ b/f\n@@ -1 +1 @@\n-a\n+b\n",
        b"--- a/f\n+++ b/f\n@@ -1 +1 @@\n-a\n+b\nOnly in b: evil.py\n",
        b"Only in b: evil.py\n--- a/f\n+++ b/f\n@@ -1 +1 @@\n-a\n+b\n",
        b"--- a/f\n+++ b/f\n@@ -1 +1 @@\n-a\n+b\nBinary files x and y differ\n",
        b"--- a/f\n+++ b/f\n@@ -1 +1 @@\n-a\n+b\ndiff --cc g\n",
        b"--- ../f\n+++ ../f\n@@ -1 +1 @@\n-a\n+b\n",
        b"--- a/d/../f\n+++ b/d/../f\n@@ -1 +1 @@\n-a\n+b\n",
        b"--- /dev/null\n+++ /dev/null\n@@ -1 +1 @@\n-a\n+b\n",
        b"--- a/f\n+++ b/f\n@@ -1 +1 @@\n-a\n+b\n--- a/g\n",
    ],
)
def test_it_refuses_plain_diffs_that_show_too_little(patch: bytes) -> None:
    assert _refused(patch)


# --- size and time


def _many_files(count: int, lines: int) -> bytes:
    body = b"".join(b"+line %d of some ordinary length\n" % number for number in range(lines))
    return b"".join(
        b"diff --git a/d/%d b/d/%d\nnew file mode 100644\nindex 00000000..22222222\n"
        b"--- /dev/null\n+++ b/d/%d\n@@ -0,0 +1,%d @@\n%s" % (n, n, n, lines, body)
        for n in range(count)
    )


def test_it_reads_a_hundred_megabytes_in_five_thousand_files() -> None:
    patch = _many_files(5000, 600)
    assert len(patch) > 100_000_000
    files = parse(patch)
    assert len(files) == 5000
    assert sum(file.added_count for file in files) == 5000 * 600


def test_it_joins_the_lines_of_a_long_file_as_those_of_a_short_one() -> None:
    lines = [b"%s%d\n" % (mark, n) for n in range(60_000) for mark in (b"-", b"+x", b"+")]
    file = _one(_modified(lines=b"".join(lines), counts=b"-1,60000 +1,120000"))
    for text, mark in ((file.added, b"+"), (file.removed, b"-")):
        assert text == b"".join(line[1:] for line in lines if line[:1] == mark)


def test_it_reads_two_hundred_thousand_files() -> None:
    patch = _many_files(200_000, 1)
    files = parse(patch)
    assert len(files) == 200_000
    assert files[-1].path == b"d/199999"


def test_it_takes_less_than_six_bytes_of_memory_for_each_byte() -> None:
    for patch in (_many_files(400, 580), _many_files(20_000, 1), _many_files(1, 230_000)):
        tracemalloc.start()
        try:
            files = parse(patch)
            peak = tracemalloc.get_traced_memory()[1]
        finally:
            tracemalloc.stop()
        assert files
        assert peak < 6 * len(patch)


def test_it_refuses_a_line_of_fifty_megabytes_and_reads_a_long_one() -> None:
    long = b"x" * (MAX_LINE - 10)
    assert _one(_modified(lines=b"-a\n+" + long + b"\n")).added == long + b"\n"
    assert "too large" in _refused(_modified(lines=b"-a\n+" + b"x" * 50_000_000 + b"\n"))


def test_it_refuses_more_than_its_caps() -> None:
    assert "too large" in _refused(b"x" * (MAX_BYTES + 1))
    header = b"diff --git a/f b/f\nold mode 100644\nnew mode 100755\n"
    assert "too large" in _refused(header * (MAX_FILES + 1))
    assert "too large" in _refused(b"\n" + b"+\n" * (MAX_LINES + 1))
    assert "too large" in _refused(_modified(b"x" * (MAX_PATH + 1)))


@pytest.mark.parametrize(
    "line",
    [
        b"diff --git ://" + b"://" * 300_000,
        b"diff --git " + b"a/ b/" * 200_000,
        b'diff --git "' + b"\\" * 1_000_000,
        b'diff --git "' + b'\\"' * 500_000 + b'" "',
        b"Binary files " + b" and " * 200_000,
        b"Submodule " + b"a" * 1_000_000,
        b"@@ -" + b"1" * 1_000_000,
        b"index " + b"a" * 1_000_000,
        b"--- " + b"a\t" * 500_000,
        b"1," * 500_000,
    ],
)
def test_it_reads_hostile_lines_in_linear_time(line: bytes) -> None:
    header = b"diff --git a/f b/f\n"
    # The lines are so long that anything but linear time would not end.
    for patch in (line + b"\n", header + line + b"\n", line + b"\n" + _modified()):
        assert _outcome(patch)


def _outcome(patch: bytes) -> str:
    try:
        return str(parse(patch))[:10]
    except Unscannable as reason:
        return str(reason)
