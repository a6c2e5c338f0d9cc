"""What a change takes away whole, and what a small loss held."""

import pytest

from reviewqueue.scan.effects.balance import Balance
from reviewqueue.scan.effects.taken import conditions, deleted_checks, fallbacks, losses, only_takes
from reviewqueue.scan.parser import parse
from reviewqueue.scan.view import ChangedFile


def changed(old: list[str], new: list[str], around: str = "same") -> ChangedFile:
    """Return a file that has one line in common before and after."""
    path = "app/read.py"
    head = f"diff --git a/{path} b/{path}\nindex 1111111..2222222 100644\n"
    head += f"--- a/{path}\n+++ b/{path}\n@@ -1,{len(old) + 1} +1,{len(new) + 1} @@\n {around}\n"
    body = "".join(f"-{line}\n" for line in old) + "".join(f"+{line}\n" for line in new)
    (patch,) = parse((head + body).encode())
    return ChangedFile(patch)


GUARD = ["if size + 2 > left:", "    raise ValueError(size)"]


def found(file: ChangedFile) -> list[tuple[int, bytes]]:
    return list(conditions(file, Balance([file])))


def test_a_condition_that_is_gone_whole_needs_no_word_of_protection() -> None:
    assert found(changed(GUARD, [])) == [(2, GUARD[0].encode())]


@pytest.mark.parametrize(
    "new", [["if room(size):", "    raise ValueError(size)"], ["need(size)"], GUARD]
)
def test_one_that_something_takes_the_place_of_is_not_gone(new: list[str]) -> None:
    assert not found(changed(GUARD, new))


def test_a_function_that_goes_with_its_conditions_is_no_guard() -> None:
    assert not found(changed(["def old(size):", *GUARD], []))


def test_a_demand_that_ends_the_work_by_itself_is_a_condition() -> None:
    demand = ["ensure!(size < left, Full);"]
    assert found(changed(demand, [])) == [(2, demand[0].encode())]


@pytest.mark.parametrize(
    "refusal",
    [["    return FS_ERROR;"], ["  show(it);", "} else {", "  res.status(403).end();"]],
)
def test_a_condition_ends_the_work_in_any_words(refusal: list[str]) -> None:
    assert found(changed(["if (size > left) {", *refusal, "}"], []))


def test_a_comment_does_not_take_its_place() -> None:
    assert found(changed(GUARD, ["# sizes are small"]))


def test_only_a_change_that_adds_nothing_only_takes() -> None:
    assert only_takes([changed(GUARD, ["# gone"])])
    assert not only_takes([changed(GUARD, ["x = 1"])])
    assert not only_takes([changed([f"x{n} = {n}" for n in range(99)], [])])
    assert not only_takes([])


@pytest.mark.parametrize(
    "line",
    [
        "session.rotate()",
        "value = text.replace('<', '')",
        "ctx.verify_mode = STRICT",
        "*key = 0;",
    ],
)
def test_in_a_small_loss_each_line_counts(line: str) -> None:
    assert [told[:2] for _, told in losses([changed([line], [])])] == [(2, line.encode())]


@pytest.mark.parametrize(
    ("lines", "is_told"),
    [
        (["if depth > LIMIT:", "    raise TooDeep(depth)"], True),
        (["if not user:", "    return False"], True),
        (["if not rows:", "    return False"], False),
        (["if depth > top:", "    show(depth)"], False),
        (["if (done) {", "  end(this)", "} else {", "  next(this)", "  return", "}"], False),
        (["if (a < b) {", "  go(this)", "} else {", "  throw new Error(a)", "}"], True),
    ],
)
def test_a_condition_counts_where_it_ended_the_work(lines: list[str], is_told: bool) -> None:  # noqa: FBT001 -- a parameter
    assert bool(list(losses([changed(lines, [])]))) is is_told


@pytest.mark.parametrize("line", ["import os", "print(text)", "# deny", "def reset():", "'x',"])
def test_what_does_nothing_does_not(line: str) -> None:
    assert not list(losses([changed([line], [])]))


def test_an_entry_of_a_list_counts_where_the_list_denies() -> None:
    assert list(losses([changed(["    'ctypes',"], [], "UNSAFE = (")]))
    assert not list(losses([changed(["    'ctypes',"], [], "MODULES = (")]))


def test_a_value_no_longer_falls_back() -> None:
    branch = ["} else {", "  chunked = false;"]
    assert [text for _, text in fallbacks(changed(branch, [], "chunked = true"))]
    assert not list(fallbacks(changed(branch, [], "same")))
    assert not list(fallbacks(changed(branch, ["chunked = false;"], "chunked = true")))
    assert not list(fallbacks(changed(["} else {", "  run();"], [], "run()")))


def test_a_fallback_is_looked_for_in_its_own_hunk() -> None:
    head = "diff --git a/a.c b/a.c\nindex 1111111..2222222 100644\n--- a/a.c\n+++ b/a.c\n"
    longer = "@@ -1 +1,41 @@\n same\n" + "+more\n" * 40
    branch = "@@ -20,3 +60 @@\n chunked = true\n-} else {\n-  chunked = false;\n"
    (patch,) = parse((head + longer + branch).encode())
    assert [number for number, _ in fallbacks(ChangedFile(patch))] == [22]


def test_a_deleted_check_is_asked_no_more() -> None:
    head = "diff --git a/IpGuard.py b/IpGuard.py\ndeleted file mode 100644\n"
    head += "index 1111111..0000000\n--- a/IpGuard.py\n+++ /dev/null\n@@ -1 +0,0 @@\n"
    (patch,) = parse(f"{head}-class IpGuard:\n".encode())
    gone = [ChangedFile(patch)]
    asked = changed(["IpGuard().run()"], [])
    replaced = changed(["IpGuard().run()"], ["OtherGuard().run()"])
    assert list(deleted_checks(gone, [asked], Balance([asked])))
    assert not list(deleted_checks(gone, [replaced], Balance([replaced])))
    assert not list(deleted_checks([], [asked], Balance([asked])))
