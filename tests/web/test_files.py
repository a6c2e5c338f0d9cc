import pytest

from reviewqueue.domain.finding import (
    Confidence,
    Finding,
    Location,
    Pathway,
    Severity,
    Side,
)
from reviewqueue.scan.diff import Diff, FileFacts, Unread
from reviewqueue.scan.parser import parse
from reviewqueue.web import hunks
from reviewqueue.web.files import PAGE_FILES, PAGE_LINES, view
from reviewqueue.web.hunks import FILE_LINES

PATCH = b"""diff --git a/src/a.py b/src/a.py
index 1111111..2222222 100644
--- a/src/a.py
+++ b/src/a.py
@@ -1,4 +1,4 @@
 one
-two
+TWO
 three
 four
@@ -10,2 +10,3 @@ def later():
 ten
+added
 eleven
\\ No newline at end of file
"""


def make_finding(*locations: Location) -> Finding:
    return Finding("rule", Pathway.GATE, Severity.HIGH, Confidence.HIGH, "why", locations, "0" * 16)


def added_file(path: str, lines: int) -> bytes:
    body = "".join(f"+line {number}\n" for number in range(lines))
    return (
        f"diff --git a/{path} b/{path}\nnew file mode 100644\nindex 0000000..1111111\n"
        f"--- /dev/null\n+++ b/{path}\n@@ -0,0 +1,{lines} @@\n{body}"
    ).encode()


def test_it_numbers_both_sides() -> None:
    (file,) = view(Diff(PATCH), ()).files

    numbers = [(line.mark, line.old, line.new) for hunk in file.hunks for line in hunk.lines]

    assert numbers == [
        (" ", 1, 1),
        ("-", 2, None),
        ("+", None, 2),
        (" ", 3, 3),
        (" ", 4, 4),
        (" ", 10, 10),
        ("+", None, 11),
        (" ", 11, 12),
        ("\\", None, None),
    ]


def test_it_pairs_what_was_replaced() -> None:
    (file,) = view(Diff(PATCH), ()).files

    pairs = [(old and old.old, new and new.new) for old, new in file.hunks[0].pairs()]

    assert pairs == [(1, 1), (2, 2), (3, 3), (4, 4)]


def test_it_shows_a_finding_beside_its_line_on_its_side() -> None:
    finding = make_finding(
        Location("src/a.py", 2, Side.OLD, "two"), Location("src/a.py", 11, Side.NEW, "added")
    )

    shown = view(Diff(PATCH), (finding,))

    marked = [
        (line.mark, line.html.striptags())
        for hunk in shown.files[0].hunks
        for line in hunk.lines
        if line.beside
    ]
    assert marked == [("-", "two"), ("+", "added")]
    assert shown.anchors == {
        ("src/a.py", Side.OLD, 2): "file-1-o2",
        ("src/a.py", Side.NEW, 11): "file-1-n11",
    }


def test_it_shows_a_finding_without_a_line_at_the_head_of_its_file() -> None:
    finding = make_finding(
        Location("src/a.py", None, Side.NONE, ""), Location("src/a.py", 99, Side.NEW, "far")
    )

    (file,) = view(Diff(PATCH), (finding,)).files

    assert [spot.location.line for spot in file.beside] == [None, 99]


def test_it_shows_a_finding_on_no_file_apart() -> None:
    finding = make_finding(Location("", None, Side.NONE, "title"))

    assert len(view(Diff(PATCH), (finding,)).elsewhere) == 1


def test_it_lists_a_file_that_was_not_read() -> None:
    shown = view(Diff(PATCH, unread=(Unread(b"logo.svg", "NUL in source"),)), ())

    assert [file.path for file in shown.files] == ["src/a.py", "logo.svg"]
    assert shown.files[1].remarks == ("Its content was not read: NUL in source.",)


def test_it_lists_a_file_that_only_git_names() -> None:
    facts = (
        FileFacts("M", b"src/a.py", b"src/a.py", 0o100644, 0o100644, "1", "2", 2, 1),
        FileFacts("M", b"big.bin", b"big.bin", 0o100644, 0o100644, "1", "2", None, None),
    )

    shown = view(Diff(PATCH, files=facts), ())

    assert [file.path for file in shown.files] == ["src/a.py", "big.bin"]


def test_it_shows_files_and_text_of_a_diff_it_cannot_parse() -> None:
    facts = (FileFacts("M", b"a", b"a", 0o100644, 0o100644, "1", "2", 1, 1),)

    shown = view(Diff(b"@@ -1,1 +1,9 @@\n+<script>\xff\n", files=facts), ())

    assert shown.problem
    assert [file.path for file in shown.files] == ["a"]
    assert "&lt;script&gt;" in shown.raw[1]


def test_it_says_why_git_could_not_give_the_diff() -> None:
    assert view(Diff(b"", problem="missing object 1234"), ()).problem == "missing object 1234"


def test_it_leaves_files_beyond_the_page_for_later_but_never_hides_one() -> None:
    patch = b"".join(added_file(f"f{number}.txt", PAGE_LINES // 2) for number in range(5))

    files = view(Diff(patch), ()).files

    assert [file.deferred for file in files] == [False, False, True, True, True]
    assert view(Diff(patch), (), only=4).files[0].hunks


def test_it_shows_files_page_by_page_and_knows_where_each_finding_is() -> None:
    patch = b"".join(added_file(f"f{number}.txt", 1) for number in range(PAGE_FILES + 2))
    finding = make_finding(Location(f"f{PAGE_FILES + 1}.txt", 1, Side.NEW, "line 0"))

    first = view(Diff(patch), (finding,))
    second = view(Diff(patch), (finding,), page=2)
    beyond = view(Diff(patch), (finding,), page=99)

    assert (len(first.files), first.total, first.pages) == (PAGE_FILES, PAGE_FILES + 2, 2)
    assert [file.number for file in second.files] == [PAGE_FILES + 1, PAGE_FILES + 2]
    assert beyond.page == 2
    assert first.anchor(finding.locations[0]) is None
    assert first.numbers == {f"f{PAGE_FILES + 1}.txt": PAGE_FILES + 2}
    assert second.anchor(finding.locations[0]) == f"file-{PAGE_FILES + 2}-n1"


def test_it_prefers_files_with_findings_on_the_page() -> None:
    patch = b"".join(added_file(f"f{number}.txt", PAGE_LINES) for number in range(3))
    finding = make_finding(Location("f2.txt", 1, Side.NEW, "line"))

    files = view(Diff(patch), (finding,)).files

    assert [file.deferred for file in files] == [True, True, False]
    assert files[2].open


def test_it_cuts_a_huge_file_and_says_how_much_is_left() -> None:
    patch = added_file("huge.txt", FILE_LINES + 123)

    (file,) = view(Diff(patch), (), only=1).files

    assert (sum(len(hunk.lines) for hunk in file.hunks), file.cut) == (FILE_LINES, 123)


def test_it_keeps_a_finding_on_a_line_that_was_cut() -> None:
    finding = make_finding(Location("huge.txt", FILE_LINES + 5, Side.NEW, "line"))

    (file,) = view(Diff(added_file("huge.txt", FILE_LINES + 10)), (finding,), only=1).files

    assert [spot.location.line for spot in file.beside] == [FILE_LINES + 5]


def test_it_cuts_a_long_line_and_says_so() -> None:
    patch = added_file("min.js", 1).replace(b"+line 0", b"+" + b"x" * 5000)

    (file,) = view(Diff(patch), ()).files

    assert "3,000 more characters, not shown" in file.hunks[0].lines[0].html


def test_it_shows_carriage_returns_and_bytes_that_are_no_text() -> None:
    patch = added_file("a.txt", 1).replace(b"+line 0", b"+caf\xe9 \r")

    (file,) = view(Diff(patch), ()).files

    html = file.hunks[0].lines[0].html
    assert "xE9" in html
    assert "␍" in html


@pytest.mark.parametrize(
    "text", [b"--- a/other", b"+++ b/other", b"@@ -1 +1 @@", b"diff --git a b"]
)
def test_it_takes_no_line_of_content_for_a_header(text: bytes) -> None:
    patch = added_file("a.txt", 2).replace(b"+line 0", b"+" + text)

    (file,) = view(Diff(patch), ()).files

    assert [line.html.unescape() for line in file.hunks[0].lines] == [text.decode(), "line 1"]


def test_it_falls_back_to_the_strict_parser_where_unidiff_differs(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    expected = view(Diff(PATCH), ()).files[0].hunks
    monkeypatch.setattr(hunks, "PatchSet", lambda _: [[]])

    assert view(Diff(PATCH), ()).files[0].hunks == expected


def test_it_agrees_with_unidiff_where_unidiff_reads_the_file() -> None:
    (patch,) = parse(PATCH)
    strict = [hunks._raw_lines(hunk) for hunk in patch.hunks]

    assert hunks._by_unidiff(strict) == strict


def test_it_says_what_else_happened_to_a_file() -> None:
    patch = (
        b"diff --git a/run.sh b/bin/run.sh\nold mode 100644\nnew mode 100755\n"
        b"similarity index 100%\nrename from run.sh\nrename to bin/run.sh\n"
    )

    (file,) = view(Diff(patch), ()).files

    assert (file.old_path, file.path, file.status) == ("run.sh", "bin/run.sh", "renamed")
    assert "Mode changed from 100644 to 100755." in file.remarks
    assert "It is executable." in file.remarks
