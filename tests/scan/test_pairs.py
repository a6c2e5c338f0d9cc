"""Removed and added lines paired: what became of a line."""

import time

import pytest

from reviewqueue.scan.parser import parse
from reviewqueue.scan.structure.pairs import (
    Block,
    Pair,
    blocks,
    blocks_losing,
    changed_tokens,
    condensed,
    exchanged,
    is_about_the_same,
    is_reflowed,
    pairs,
    pairs_losing,
    parts,
    skeleton,
    tokens,
)
from reviewqueue.scan.view import ChangedFile


def changed(lines: list[str]) -> ChangedFile:
    """Return the file of one hunk given as marked lines."""
    old = sum(line[0] in " -" for line in lines)
    new = sum(line[0] in " +" for line in lines)
    head = "diff --git a/f b/f\nindex 1111111..2222222 100644\n--- a/f\n+++ b/f\n"
    body = f"@@ -10,{old} +20,{new} @@\n" + "".join(f"{line}\n" for line in lines)
    (patch,) = parse((head + body).encode())
    return ChangedFile(patch)


def pair(old: str, new: str) -> Pair:
    return Pair(1, 1, old.encode(), new.encode())


def told(lines: list[str]) -> list[tuple[int, int, str, str]]:
    return [(p.old_line, p.new_line, p.old.decode(), p.new.decode()) for p in pairs(changed(lines))]


def test_it_pairs_a_changed_line_with_its_numbers() -> None:
    assert told([" a", "-limit = 10", "+limit = 20", " b"]) == [
        (11, 21, "limit = 10", "limit = 20")
    ]


def test_it_pairs_across_lines_that_came_between() -> None:
    lines = ["-if a and b:", "-    return x", "+import os", "+log(x)", "+if a:", "+    return x"]
    assert told(lines) == [(10, 22, "if a and b:", "if a:")]


def test_it_leaves_lines_unpaired_that_are_unlike() -> None:
    assert told(["-raise Forbidden()", "+total = count(rows) + 1"]) == []


def test_it_does_not_pair_across_an_unchanged_line() -> None:
    assert told(["-limit = 10", " same", "+limit = 20"]) == []


def test_it_is_silent_about_white_space() -> None:
    assert told(["-if a:", "-  b()", "+  if a:", "+    b()"]) == []


def test_it_takes_the_likest_line_and_each_line_once() -> None:
    lines = ["-a = get(1, x)", "-b = get(2, y)", "+b = get(3, y)", "+a = get(1, z)"]
    assert told(lines) == [
        (10, 21, "a = get(1, x)", "a = get(1, z)"),
        (11, 20, "b = get(2, y)", "b = get(3, y)"),
    ]


def test_it_counts_lines_past_the_mark_of_a_missing_newline() -> None:
    lines = [" a", "-x = 1", "\\ No newline at end of file", "+x = 2"]
    assert told(lines) == [(11, 21, "x = 1", "x = 2")]


def test_it_gives_the_blocks_of_a_hunk() -> None:
    found = list(blocks(changed(["-a", " b", "+c", "-d"])))
    assert [(b.old, b.new) for b in found] == [
        (((10, b"a"),), ()),
        (((12, b"d"),), ((21, b"c"),)),
    ]


def test_it_splits_words_numbers_and_operators() -> None:
    assert tokens(b"if x.y<=0.95 && !n: 30s") == (
        *(b"if", b"x", b".", b"y", b"<=", b"0.95", b"&&", b"!", b"n", b":", b"30s"),
    )


def test_it_splits_a_name_into_its_words() -> None:
    assert parts(b"requireAdmin_or_HTTPUser2") == [b"require", b"admin", b"or", b"httpu", b"ser"]
    assert parts(b"") == []


def test_two_names_in_common_are_about_the_same() -> None:
    assert is_about_the_same(Pair(1, 1, b"run(door, 1)", b"run(door, 2)"))
    assert not is_about_the_same(Pair(1, 1, b"run(door, 1)", b"run(gate, 1)"))


def test_it_tells_numbers_old_and_new() -> None:
    found = changed_tokens(pair("threshold = 0.95, n=3", "threshold = 0.5, n=3"))
    assert found.numbers == ((b"0.95", b"0.5"),)
    assert (found.gone, found.came) == ((), ())


@pytest.mark.parametrize(("old", "new"), [("false", "true"), ("True", "False"), ("deny", "allow")])
def test_it_tells_a_switch_that_flips(old: str, new: str) -> None:
    found = changed_tokens(pair(f"auto_approve: {old}", f"auto_approve: {new}"))
    assert found.switches == ((old.encode(), new.encode()),)


def test_it_tells_what_goes_and_what_comes() -> None:
    found = changed_tokens(pair("run(quote(name))", "run(name)"))
    assert found.gone in {(b"quote", b"(", b")"), (b"(", b"quote", b")")}
    assert found.came == ()
    assert changed_tokens(pair("a < b", "a <= b")).swapped == ((b"<", b"<="),)


def test_it_tells_two_gaps_apart() -> None:
    found = changed_tokens(pair("f(a, 1, b, x)", "g(a, 1, b, y)"))
    assert found.swapped == ((b"f", b"g"), (b"x", b"y"))


def test_it_compares_only_values_by_the_skeleton() -> None:
    assert skeleton(b"max = 10, on: true") == skeleton(b"max = 999, on: false")
    assert skeleton(b"max = 10") != skeleton(b"min = 10")


def cost(size: int) -> float:
    lines = ["-" + "a b c d e f " * 20 + str(i) for i in range(size)]
    lines += ["+" + "a b c d e f " * 20 + str(-i) for i in range(size)]
    started = time.process_time()
    assert sum(1 for _ in pairs(changed(lines))) > 0
    return time.process_time() - started


def test_it_stays_linear_on_a_hostile_block() -> None:
    assert any(cost(3000) <= 8 * cost(750) for _ in range(3))
    long = pair("a " * 100_000, "b " * 100_000)
    assert changed_tokens(long).gone


def test_it_gives_only_the_blocks_that_are_wanted() -> None:
    file = changed(["-a", " b", "+c", "-d", "+d", " e", "-a", "-d", " f", "+d"])
    assert [b.old for b in blocks(file, "d")] == [((12, b"d"),), ((14, b"a"), (15, b"d"))]
    assert [b.old for b in blocks(file, "", range(2, 9))] == [((14, b"a"), (15, b"d"))]


def test_it_leaves_out_of_a_long_block_what_both_sides_have() -> None:
    lines = [f"x{i} = {i}" for i in range(40)]
    file = changed(["-check(a)", *(f"-{x}" for x in lines), *(f"+    {x}" for x in lines)])
    (block,) = blocks(file)
    assert condensed(block).old == ((10, b"check(a)"),)
    assert condensed(block).new == ()


DIFF = b"""diff --git a/f b/f
--- a/f
+++ b/f
@@ -1,5 +1,5 @@
-limit = 3
+limit = 4
 same
-name = "a"
+name = "b"
 same
-limit = 9
+limit = 8
"""


def test_it_compares_the_blocks_that_lose_something_of_the_kind() -> None:
    file = ChangedFile(parse(DIFF)[0])
    assert [block.old for block in blocks_losing(file, "limit")] == [
        ((1, b"limit = 3"),),
        ((5, b"limit = 9"),),
    ]
    assert [(pair.old, pair.new) for pair in pairs_losing(file, "name", "absent")] == [
        (b'name = "a"', b'name = "b"')
    ]


def test_it_compares_nothing_where_nothing_of_the_kind_goes() -> None:
    file = ChangedFile(parse(DIFF)[0])
    assert not list(blocks_losing(file, "absent"))
    assert not list(pairs_losing(file, "same"))


def test_it_shows_the_line_before_and_after() -> None:
    file = ChangedFile(parse(DIFF)[0])
    hit = exchanged(file, Pair(3, 4, b'  name =  "a"', b'  name = "b"'), "another name")
    assert (hit.text, hit.path, hit.line) == ('name = "a" -> name = "b"', "f", 4)
    assert hit.key == b'name = "a" -> name = "b"'


def test_lines_that_are_broken_otherwise_say_the_same() -> None:
    old = ((1, b"if a in {'x', 'y'}:"),)
    new = ((1, b"if a in {"), (2, b'    "x",'), (3, b'    "y",'), (4, b"}:"))
    assert is_reflowed(Block(old, new))
    assert not is_reflowed(Block(old, new[:-2]))
    assert not is_reflowed(Block(old, ()))
