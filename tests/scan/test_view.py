"""Where an expression matched, on whichever side it is asked for."""

from collections.abc import Sequence

import pytest

from reviewqueue.domain.finding import Side
from reviewqueue.scan.matcher import Matcher
from reviewqueue.scan.parser import parse
from reviewqueue.scan.rule import Subject, View
from reviewqueue.scan.view import ChangeView


def view(added: Sequence[str], removed: Sequence[str]) -> ChangeView:
    patch = "".join(
        f"diff --git a/{path} b/{path}\nindex 1111111..2222222 100644\n--- a/{path}\n+++ b/{path}\n"
        f"@@ -1 +1 @@\n-{old}\n+{new}\n"
        for path, old, new in (("a", "key", "x"), ("b", "x", "key"), ("c", "x", "y"))
    )
    return ChangeView(parse(patch.encode()), Subject(), Matcher([added], [removed]))


@pytest.mark.parametrize("trigger", ["key", r"k[^\n]*y\b"])
@pytest.mark.parametrize("searched", [Side.NEW, Side.OLD, Side.NONE])
def test_it_finds_an_expression_on_the_side_that_it_does_not_wake_from(
    trigger: str, searched: Side
) -> None:
    new = [trigger] if searched is not Side.OLD else []
    old = [trigger] if searched is not Side.NEW else []
    seen = view(new, old)
    assert [file.path for file in seen.where(trigger, side=Side.NEW)] == ["b"]
    assert [file.path for file in seen.where(trigger, side=Side.OLD)] == ["a"]
    assert {file.path for file in seen.where(trigger)} == {"a", "b"}


def test_what_several_rules_ask_of_a_change_is_asked_once() -> None:
    asked: list[View] = []

    def files(view: View) -> int:
        asked.append(view)
        return len(view.files)

    change = view([], [])
    assert [change.once(files), change.once(files), change.once(bool)] == [3, 3, True]
    assert asked == [change]
