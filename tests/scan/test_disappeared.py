"""Lost, replaced, moved: what a change takes away of one kind of line."""

from reviewqueue.scan.matcher import Matcher
from reviewqueue.scan.parser import parse
from reviewqueue.scan.rule import Subject
from reviewqueue.scan.structure.disappeared import disappeared, lost
from reviewqueue.scan.view import ChangeView

GUARD = "guard"
PATCH = b"""diff --git a/%(path)s b/%(path)s
index 1111111..2222222 100644
--- a/%(path)s
+++ b/%(path)s
@@ -1,2 +1,2 @@
 same
-%(old)s
+%(new)s
"""


def edited(path: str, old: list[str], new: list[str]) -> bytes:
    """Return the patch of a changed file."""
    head = f"diff --git a/{path} b/{path}\nindex 1111111..2222222 100644\n"
    head += f"--- a/{path}\n+++ b/{path}\n@@ -1,{len(old) + 1} +1,{len(new) + 1} @@\n same\n"
    return (head + "".join(f"-{x}\n" for x in old) + "".join(f"+{x}\n" for x in new)).encode()


def told(*patches: bytes) -> list[tuple[str, list[str], list[str], list[str]]]:
    view = ChangeView(parse(b"".join(patches)), Subject(), Matcher([[GUARD]], [[GUARD]]))
    return [
        (
            found.file.path,
            [line.text for line in found.lost],
            [line.text for line in found.replaced],
            [line.text for line in found.moved],
        )
        for found in disappeared(view.where(GUARD), GUARD)
    ]


def test_it_tells_what_is_lost() -> None:
    assert told(edited("a", ["guard 1", "x"], ["x"])) == [("a", ["guard 1"], [], [])]


def test_it_is_silent_about_what_only_moves_in_its_file() -> None:
    assert told(edited("a", ["guard 1", "x"], ["x", "  guard 1"])) == []


def test_it_tells_what_is_replaced_in_its_file() -> None:
    assert told(edited("a", ["guard 1"], ["guard 2"])) == [("a", [], ["guard 1"], [])]


def test_it_tells_all_where_fewer_come_back() -> None:
    (found,) = told(edited("a", ["guard 1", "guard 2"], ["guard 3"]))
    assert found == ("a", ["guard 1", "guard 2"], [], [])


def test_it_takes_only_the_very_same_text_for_moved() -> None:
    away, here = edited("a", ["guard 1"], ["x"]), edited("b", ["x"], ["guard 1"])
    other = edited("b", ["x"], ["guard 2"])
    assert told(away, here) == [("a", [], [], ["guard 1"])]
    assert told(away, other) == [("a", ["guard 1"], [], [])]


def test_it_uses_each_place_that_gains_a_line_once() -> None:
    away = edited("a", ["guard 1", "y", "guard 1"], ["x"])
    here = edited("b", ["x"], ["guard 1"])
    assert told(away, here) == [("a", ["guard 1"], [], ["guard 1"])]


def lost_of(*changes: tuple[bytes, bytes, bytes]) -> list[tuple[str, str]]:
    patch = b"".join(PATCH % {b"path": p, b"old": o, b"new": n} for p, o, n in changes)
    view = ChangeView(parse(patch), Subject(), Matcher([[GUARD]], [[GUARD]]))
    found = lost(view, GUARD, lambda file: file.path != "aside")
    return [(file.path, line.text) for file, line in found]


def test_it_tells_each_line_with_its_file() -> None:
    assert lost_of((b"a", b"guard 1", b"x"), (b"b", b"guard 2", b"y")) == [
        ("a", "guard 1"),
        ("b", "guard 2"),
    ]


def test_files_that_do_not_count_neither_lose_nor_gain() -> None:
    assert lost_of((b"aside", b"guard 1", b"x")) == []
    assert lost_of((b"a", b"guard 1", b"x"), (b"aside", b"y", b"guard 1")) == [("a", "guard 1")]


def test_what_moves_or_is_only_gained_is_not_lost() -> None:
    assert lost_of((b"a", b"guard 1", b"x"), (b"b", b"y", b"guard 1")) == []
    assert lost_of((b"a", b"x", b"guard 1")) == []


def test_a_comment_that_alone_names_it_is_lost_where_none_is_gained() -> None:
    old = ["# the guard: who may come in", "ask(who)"]
    assert told(edited("a", old, ["x"])) == [("a", ["# the guard: who may come in"], [], [])]
    comment = "# no guard any more"
    assert told(edited("a", old, [comment])) == [("a", [], ["# the guard: who may come in"], [])]
