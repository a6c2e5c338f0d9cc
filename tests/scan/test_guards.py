"""Conditions that went with their refusals; what a change lost and what it only moved."""

import pytest

from reviewqueue.scan.effects.balance import Balance
from reviewqueue.scan.effects.guards import (
    is_condition,
    is_harmless,
    is_presence,
    is_program,
    is_refusal,
    long_block,
    lost_guards,
    shrinks,
)
from reviewqueue.scan.matcher import Matcher
from reviewqueue.scan.parser import parse
from reviewqueue.scan.rule import Subject
from reviewqueue.scan.view import ChangedFile, ChangeView


def changed(old: list[str], new: list[str], path: str = "app/read.py") -> ChangedFile:
    """Return a file that has one line in common before and after."""
    head = f"diff --git a/{path} b/{path}\nindex 1111111..2222222 100644\n"
    head += f"--- a/{path}\n+++ b/{path}\n@@ -1,{len(old) + 1} +1,{len(new) + 1} @@\n same\n"
    body = "".join(f"-{line}\n" for line in old) + "".join(f"+{line}\n" for line in new)
    (patch,) = parse((head + body).encode())
    return ChangedFile(patch)


def view(*files: ChangedFile) -> ChangeView:
    """Return the change of these files."""
    return ChangeView([file.patch for file in files], Subject(), Matcher([[]], [[]]))


GUARD = ["if not is_allowed(user):", "    raise Forbidden()"]


def test_it_tells_a_condition_that_went_with_its_refusal() -> None:
    assert list(lost_guards(changed([*GUARD, "x = 1"], ["x = 2"]))) == [(2, GUARD[0].encode())]


@pytest.mark.parametrize(
    "guard",
    [
        ["if (size > MAX_SIZE) {", "  throw new Error('too large');", "}"],
        ["if err := validate(name); err != nil {", "\treturn err", "}"],
        ["if !allowed.contains(&host) {", "    return Err(Denied);", "}"],
        ["return head(:forbidden) unless current_user.admin? && allowed"],
        ['[ -L "$path" ] && refuse=symlink', "if [ $refuse ]; then exit 1; fi"],
        ["if path.is_symlink():", "    continue"],
        ["    ensure!(allowed.contains(&host), Denied);"],
    ],
)
def test_it_knows_guards_in_many_languages(guard: list[str]) -> None:
    assert len(list(lost_guards(changed(guard, [])))) == 1


@pytest.mark.parametrize(
    ("old", "new"),
    [
        (GUARD, ["if user not in allowed:", "    raise Forbidden()"]),
        (["if not rows:", "    return None"], []),
        (["if is_allowed(user):", "    show(user)"], []),
        ([f"# {line}" for line in GUARD], []),
        ([*GUARD, "x = 1"], ["x = 1", *(f"    {line}" for line in GUARD)]),
    ],
)
def test_it_leaves_alone_what_is_no_guard_or_comes_back(old: list[str], new: list[str]) -> None:
    assert list(lost_guards(changed(old, new))) == []


def test_it_tells_whether_a_change_takes_more_than_it_brings() -> None:
    assert shrinks(view(changed(["a", "b"], ["c"])))
    assert not shrinks(view(changed(["a"], ["c", "d"])))
    assert shrinks(view(changed(["a"], []), changed([], ["t"] * 9, "tests/test_read.py")))
    assert shrinks(view(changed(["a"], ["# b", "c"])))


def test_it_counts_words_over_all_files() -> None:
    balance = Balance([changed(["quote(a)"], ["a"]), changed([], ["escape(b)"])])
    assert balance.is_lost(b"quote")
    assert not balance.is_lost(b"escape")
    assert not balance.is_lost(b"a")


@pytest.mark.parametrize(
    ("path", "expected"),
    [
        ("app/read.py", True),
        (".github/workflows/build.yml", True),
        ("tests/test_read.py", False),
        ("docs/read.md", False),
        ("vendor/lib/read.go", False),
    ],
)
def test_it_looks_at_what_machines_run(path: str, expected: bool) -> None:  # noqa: FBT001 -- a parameter of the table
    assert is_program(changed(["a"], ["b"], path)) is expected


@pytest.mark.parametrize(
    ("line", "path", "is_only"),
    [
        ("if not rows:", "app/read.py", True),
        ("if (cfg == null) {", "src/Read.java", True),
        ("if err != nil {", "pkg/read.go", True),
        ("guard let name = self.name else { return }", "Read.swift", True),
        ("if not user:", "app/read.py", False),
        ("if depth > top:", "app/read.py", False),
        ("if (!frame) {", "src/read.c", False),
        ("if err != nil {", "pkg/rbac/read.go", False),
    ],
)
def test_it_tells_a_question_for_a_thing(line: str, path: str, is_only: bool) -> None:  # noqa: FBT001 -- a parameter of the table
    assert is_presence(changed([line], [], path), line.encode()) is is_only


def test_it_tells_names_that_only_sound_safe() -> None:
    assert is_harmless(b"safe_char_boundary")
    assert is_harmless(b"sanitize_numpy")
    assert not is_harmless(b"safe_join")
    assert not is_harmless(b"sanitize_path")


def test_it_tells_conditions_and_refusals() -> None:
    assert is_condition(b"} else if (a) {")
    assert is_condition(b"raise Denied if a")
    assert is_condition(b"raise Denied unless @user.admin?")
    assert not is_condition(b"notify(a)")
    assert is_refusal(b"return Answer(403)")
    assert not is_refusal(b"return 4096")
    assert is_refusal(b"return res.status(403)")
    assert is_refusal(b"    return;")
    assert not is_refusal(b"return rows")
    assert not is_condition(b"required_fields = [NAME]")


LONG = [f"x{number} = {number}" for number in range(80)]


def test_it_only_names_a_block_too_long_to_be_looked_at() -> None:
    file = changed([*LONG, *GUARD], ["y = 1"])
    balance = Balance([file])
    assert list(lost_guards(file, balance)) == []
    assert long_block(file, balance) == (82, GUARD[0].encode())


def test_it_looks_at_a_long_block_that_was_only_indented_anew() -> None:
    file = changed([*LONG, *GUARD], [f"    {line}" for line in LONG])
    assert list(lost_guards(file)) == [(82, GUARD[0].encode())]
    assert long_block(file, Balance([file])) is None


def test_a_guard_that_stands_in_another_file_is_not_lost() -> None:
    old, new = changed(GUARD, []), changed([], [f"    {line}" for line in GUARD], "app/new.py")
    assert list(lost_guards(old, Balance([old, new]))) == []
    assert len(list(lost_guards(old, Balance([old])))) == 1
