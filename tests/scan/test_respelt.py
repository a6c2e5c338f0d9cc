"""Which changed lines say the same in another spelling."""

import time

import pytest

from reviewqueue.scan.effects.respelt import is_respelt, named
from reviewqueue.scan.parser import parse
from reviewqueue.scan.view import ChangedFile


def changed(old: list[str], new: list[str]) -> ChangedFile:
    head = "diff --git a/run.py b/run.py\n--- a/run.py\n+++ b/run.py\n"
    head += f"@@ -1,{len(old)} +1,{len(new)} @@\n"
    body = "".join(f"-{line}\n" for line in old) + "".join(f"+{line}\n" for line in new)
    (patch,) = parse((head + body).encode())
    return ChangedFile(patch)


def same(old: list[str], new: list[str]) -> list[bool]:
    names = named(changed(old, new))
    return [
        is_respelt(before.encode(), after.encode(), names)
        for before, after in zip(old, new, strict=True)
    ]


@pytest.mark.parametrize(
    ("old", "new"),
    [
        (["if f(a) is None:"], ["if (found := f(a)) is None:"]),
        (["if f(a):", "    keep(f(a))"], ["if (n := f(a)):", "    keep(n)"]),
        (["    'three shots'"], ["    f'three shots'"]),
        (["x = logits[good, ...]"], ["x = logits.index_select(0, good)"]),
        (["if (a > b) and (c is not None):"], ["if a > b and c is not None:"]),
    ],
)
def test_the_same_is_the_same(old: list[str], new: list[str]) -> None:
    assert same(old, new)[-1]


@pytest.mark.parametrize(
    ("old", "new"),
    [
        (["if f(a) is None:"], ["if (found := f(b)) is None:"]),
        (["if f(a) is None:"], ["if (found := f(a)) is not None:"]),
        (["keep(f(a))", "x"], ["keep(n)", "if (n := f(b)):"]),
        (["keep(f(a))", "x", "y"], ["keep(n)", "if (n := f(a)):", "n = []"]),
        (["keep(f(a))", "x", "y"], ["keep(n)", "if (n := f(a)):", "n, m = [], []"]),
        (["    'three shots'"], ["    f'{three} shots'"]),
        (["x = logits[good, ...]"], ["x = logits.index_select(0, bad)"]),
        (["x = logits[0, ...]"], ["x = logits.index_select(0, 0)"]),
        (["x = logits[good]"], ["x = logits.index_select(0, good)"]),
        (["if (a or b) and c:"], ["if a or b and c:"]),
        (["if not (a == b) + 1:"], ["if not a == b + 1:"]),
    ],
)
def test_what_differs_is_told(old: list[str], new: list[str]) -> None:
    assert not same(old, new)[0]


def test_many_names_cost_little() -> None:
    file = changed(["x"], [f"if (n{at} := f(n{at})) in n{at}, n{at} ," for at in range(3_000)])
    began = time.process_time()
    assert named(file) == {}
    assert time.process_time() - began < 1
