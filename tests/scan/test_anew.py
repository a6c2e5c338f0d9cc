"""What is new in substance, and what is only said otherwise."""

import pytest

from reviewqueue.scan.parser import parse
from reviewqueue.scan.structure.anew import anew
from reviewqueue.scan.view import ChangedFile

WANTED = r"\bremove\w*\("


def file(old: list[str], new: list[str]) -> ChangedFile:
    lines = [*(f"-{text}" for text in old), *(f"+{text}" for text in new)]
    head = f"diff --git a/f.py b/f.py\n--- a/f.py\n+++ b/f.py\n@@ -1,{len(old)} +1,{len(new)} @@\n"
    return ChangedFile(parse((head + "\n".join(lines) + "\n").encode())[0])


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("remove_tree(util.path(name))", "remove_tree(utilx.path(name))"),
        ("run('remove(x)', check=True)", "run('remove(x)', check=True, quiet=True)"),
    ],
)
def test_it_leaves_out_what_is_only_said_otherwise(old: str, new: str) -> None:
    assert list(anew(file([old], [new]), WANTED)) == []


def test_it_yields_what_was_not_there() -> None:
    found = anew(file(["remove(a.b.c)"], ["x = 1", "remove_all(home, recursive=True)"]), WANTED)
    assert [line.number for line in found] == [2]


def test_it_lets_one_old_line_stand_for_one_new_line() -> None:
    found = anew(file(["remove(a, b, c)"], ["remove(a, b, d)", "remove(a, b, e)"]), WANTED)
    assert [line.number for line in found] == [2]


def test_it_compares_so_many_lines_and_takes_the_rest_for_new() -> None:
    old = [f"remove(a, b, c, {number})" for number in range(100)]
    new = [f"remove(a, b, c, {number}, x)" for number in range(100)]
    assert len(list(anew(file(old, new), WANTED))) == 68
