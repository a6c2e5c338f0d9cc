"""Lines that are neither new nor gone, and stand under another owner than before."""

import pytest

from reviewqueue.scan.parser import FilePatch, Hunk
from reviewqueue.scan.structure.standing import moved
from reviewqueue.scan.view import ChangedFile

_GRANT = r"\bprivileged\b|\bwrite\b|['\"]\w+:\w+['\"]"


def changed(*hunks: list[str]) -> ChangedFile:
    """Return a file with these hunks; each line carries its marker."""
    patch = FilePatch(b"a", b"a")
    for place, lines in enumerate(hunks):
        marked = [line.encode() for line in lines]
        patch.hunks.append(Hunk(1 + 100 * place, 1 + 100 * place, marked))
        patch.added += b"".join(line[1:] + b"\n" for line in marked if line[:1] == b"+")
        patch.removed += b"".join(line[1:] + b"\n" for line in marked if line[:1] == b"-")
    return ChangedFile(patch)


def found(*hunks: list[str]) -> list[tuple[int, int, str]]:
    """Return (line before, line after, text) of what is told."""
    return [
        (before.number, after.number, after.text.decode())
        for before, after in moved(changed(*hunks), _GRANT)
    ]


def test_it_tells_a_line_that_went_from_one_name_to_another() -> None:
    lines = [" services:", "   web:", "+    privileged: true", "   dev:", "-    privileged: true"]
    assert found(lines) == [(4, 3, "privileged: true")]


def test_it_looks_past_names_that_are_the_same() -> None:
    lines = [
        " jobs:",
        "   a:",
        "     permissions:",
        "-      packages: write",
        "   b:",
        "     permissions:",
        "+      packages: write",
    ]
    assert found(lines) == [(4, 6, "packages: write")]


def test_it_tells_items_apart_by_what_they_hold() -> None:
    lines = [
        " Statement:",
        '   - Resource: "reports"',
        "     Action:",
        '-      - "s3:Put"',
        '       - "s3:Get"',
        '   - Resource: "*"',
        "     Action:",
        '+      - "s3:Put"',
        '       - "s3:List"',
    ]
    assert found(lines) == [(4, 7, '- "s3:Put"')]


@pytest.mark.parametrize("comma", ["", ","])
def test_it_reads_json_and_overlooks_a_comma(comma: str) -> None:
    lines = [
        " {",
        '   "allow": [',
        f'+    "x:run"{comma}',
        "   ],",
        '   "deny": [',
        '-    "x:run"',
        "   ]",
        " }",
    ]
    assert found(lines) == [(5, 3, '"x:run"')]


def test_what_is_reordered_under_its_owner_stays() -> None:
    assert not found([" web:", "-  privileged: true", "   image: a", "+  privileged: true"])


def test_what_moves_with_its_owner_stays() -> None:
    block = ["  web:", "    privileged: true"]
    other = ["   dev:", "     image: b"]
    assert not found([*["-" + line for line in block], *other, *["+" + line for line in block]])


def test_what_is_reindented_stays() -> None:
    old = ["web:", "  list:", "  - a: 1", "    privileged: true"]
    new = ["web:", "    list:", "      - a: 1", "        privileged: true"]
    assert not found([*["-" + line for line in old], *["+" + line for line in new]])


def test_what_moves_further_in_or_out_is_not_told() -> None:
    block = ["-permissions:", "-  packages: write", " jobs:", "   a:"]
    assert not found([*block, "+    permissions:", "+      packages: write"])


def test_where_the_owners_are_not_shown_nothing_is_told() -> None:
    first = ["     image: a", "-    privileged: true", "     ports: b"]
    second = ["     image: c", "+    privileged: true", "     ports: d"]
    assert not found(first, second)


def test_an_item_that_is_cut_off_is_not_compared() -> None:
    lines = [
        " rules:",
        " - names: a",
        "-  privileged: true",
        " - names: b",
        "+  privileged: true",
        "   other: 1",
        "   more: 2",
        "   last: 3",
    ]
    assert not found(lines)
    assert found(lines[:-1]) == [(3, 4, "privileged: true")]


def test_comments_and_templates_own_nothing() -> None:
    lines = [
        " web:",
        "-  privileged: true",
        " {{- if .x }}",
        " # dev:",
        "+  privileged: true",
    ]
    assert not found(lines)


def test_each_line_is_taken_once() -> None:
    lines = [
        " a:",
        "-  privileged: true",
        "+  privileged: true ",
        " b:",
        "+  privileged: true",
    ]
    assert not found(lines)


def test_it_reads_deep_and_long_files_in_little_time() -> None:
    deep = [" " * (depth + 1) + "- {" for depth in range(300)]
    many = [mark + " " * 300 + "privileged: true" for mark in "-+" for _ in range(2_000)]
    assert not found([*deep, *many])
