"""What is let past a guard by the place it asks for."""

import pytest

from reviewqueue.scan.effects.exempted import (
    entries,
    held_by_condition,
    is_asked_of_fewer,
    is_of_markup,
    let_past,
    lets_more_past,
)
from reviewqueue.scan.parser import parse
from reviewqueue.scan.structure.pairs import Block, Pair
from reviewqueue.scan.view import ChangedFile


def changed(path: str, *lines: str) -> ChangedFile:
    """Return a file with one hunk of marked lines."""
    old, new = (sum(line[0] != mark for line in lines) for mark in "+-")
    head = f"diff --git a/{path} b/{path}\nindex 1111111..2222222 100644\n"
    head += f"--- a/{path}\n+++ b/{path}\n@@ -1,{old} +1,{new} @@\n"
    (patch,) = parse((head + "".join(f"{line}\n" for line in lines)).encode())
    return ChangedFile(patch)


PASSED = ("+  if (req.path.startsWith('/hooks')) {", "+    return next();", "+  }")


def test_a_path_is_let_past_what_stands_below_it() -> None:
    file = changed("server/web.js", *PASSED, "   requireAuth(req);")
    assert [number for number, _ in let_past(file)] == [1]


def test_no_guard_is_passed_where_none_is_shown() -> None:
    assert not list(let_past(changed("server/web.js", *PASSED, "   draw(req);")))
    assert not list(let_past(changed("server/web.js", PASSED[0], "   requireAuth(req);")))


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("before_action :require_login", "before_action :require_login, only: [:edit]"),
        ("registry.add(auth)", 'registry.add(auth).excludePathPatterns("/x")'),
        ("authenticate(request);", "if (!is_open(request)) authenticate(request);"),
        ("skip_authorization_check only: [:index]", "skip_authorization_check"),
    ],
)
def test_a_guard_is_asked_of_some_only(old: str, new: str) -> None:
    assert is_asked_of_fewer(Pair(1, 1, old.encode(), new.encode()))
    assert not is_asked_of_fewer(Pair(1, 1, new.encode(), old.encode()))


def test_a_guard_is_held_by_a_new_condition() -> None:
    guard = b"authenticate(request)"
    new = ((1, b"if not request.is_open:"), (2, b"    authenticate(request)"))
    assert held_by_condition(Block(((1, guard),), new)) == new[0]
    assert not held_by_condition(Block(((1, guard), (2, new[0][1])), new))
    assert not held_by_condition(Block(((1, b"draw(request)"),), new))


def test_a_list_of_places_that_need_not_pass_grows() -> None:
    old, new = b"PUBLIC_PATHS = ['/login']", b"PUBLIC_PATHS = ['/login', '/export']"
    assert lets_more_past(Pair(1, 1, old, new))
    assert not lets_more_past(Pair(1, 1, new, old))
    assert not lets_more_past(Pair(1, 1, b"NAMES = ['/a']", b"NAMES = ['/a', '/b']"))


@pytest.mark.parametrize(
    ("path", "lines"),
    [
        ("runner/allowed_commands.py", (' "ls",', '+"curl",')),
        ("app/settings.py", (" LOGIN_EXEMPT_URLS = [", ' r"^login/",', '+r"^api/",', " ]")),
    ],
)
def test_an_entry_of_a_list_that_lets_through(path: str, lines: tuple[str, ...]) -> None:
    assert len(list(entries(changed(path, *lines)))) == 1


def test_other_lists_let_nothing_through() -> None:
    assert not list(entries(changed("app/names.py", " NAMES = [", '+"curl",', " ]")))
    assert not list(entries(changed("tools/vulture_whitelist.py", ' "ls",', '+"curl",')))
    assert not list(entries(changed("allowed_hosts.py", '-"a",', '+"a"')))


def test_a_list_of_markup_is_another_list() -> None:
    file = changed("lib/cleaner/safe_list.rb", " TAGS = [", '+  "svg",', " ]")
    assert is_of_markup(file)
    assert not list(entries(file))
    assert not is_of_markup(changed("lib/hosts/safe_list.rb", " HOSTS = [", '+  "a",', " ]"))
    assert not is_of_markup(changed("lib/names.rb", " TAGS = [", '+  "svg",', " ]"))
