"""Comparisons that accept more than before, and lists that are asked in another way."""

import pytest

from reviewqueue.scan.effects.laxer import (
    is_another_question,
    is_asked_of_less,
    is_asked_otherwise,
    is_bound_wider,
    is_laxer,
    is_prefix_only,
    is_widened,
)
from reviewqueue.scan.structure.pairs import Changed, Pair, changed_tokens


def pair(old: str, new: str) -> tuple[Pair, Changed]:
    """Return one line, changed, and what differs."""
    both = Pair(1, 1, old.encode(), new.encode())
    return both, changed_tokens(both)


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("return re.fullmatch(NAME, host)", "return re.match(NAME, host)"),
        (r"ok = name =~ /\A[a-z]+\z/", "ok = name =~ /^[a-z]+$/"),
        ("if origin == trusted:", "if origin.startswith(trusted):"),
        ("full = os.path.realpath(path)", "full = path"),
        ("if name.lower() in SENSITIVE:", "if name in SENSITIVE:"),
        ("return path.startswith(root + os.sep)", "return path.startswith(root)"),
        ("path = request.path.strip('/')", "path = request.path.rstrip('/')"),
        ("return $given === $token;", "return $given == $token;"),
        ("if (e.origin !== HOME) return;", "if (e.origin.indexOf(HOME) === -1) return;"),
        ("return scope.split(' ').includes(need)", "return scope.includes(need)"),
        ("x = re.fullmatch(A, b.strip())", "x = re.match(A, b.rstrip())"),
    ],
)
def test_a_comparison_accepts_more(old: str, new: str) -> None:
    assert is_laxer(*pair(old, new))
    assert not is_laxer(*pair(new, old))


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("title = title.lower()", "title = title"),
        ("if colour == 'red':", "if colour.startswith('red'):"),
        ("label = label.strip(' ')", "label = label.rstrip(' ')"),
        ("if (hash === undefined)", "if (hash == undefined)"),
        ("value.resolve()", "other.resolve()"),
    ],
)
def test_a_comparison_that_protects_nothing_is_passed_over(old: str, new: str) -> None:
    assert not is_laxer(*pair(old, new))


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("return word in BLOCKED_WORDS", "return word.startswith(BLOCKED_WORDS)"),
        ("denyList.some((p) => p.test(cmd))", "denyList.some((p) => p === cmd)"),
        ("return allowedTools.has(name)", "return allowedTools.has(name) || name.startsWith('x')"),
    ],
)
def test_a_list_is_asked_otherwise(old: str, new: str) -> None:
    assert is_asked_otherwise(*pair(old, new))


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("return word in BLOCKED_WORDS", "return term in BLOCKED_WORDS"),
        ("names.some((n) => n === x)", "names.some((n) => n.includes(x))"),
    ],
)
def test_the_same_question_or_another_list_is_passed_over(old: str, new: str) -> None:
    assert not is_asked_otherwise(*pair(old, new))


def test_lines_ask_a_list_in_another_way() -> None:
    old = [b"for flag in blockedFlags:", b"    if flag.startswith(given):"]
    assert is_another_question(old, [b"if given in blockedFlags:"])
    assert not is_another_question(old, [*old[:1], b"    if flag.startswith(word):"])
    assert not is_another_question(old, [])


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("ownerProcedure.query(f)", "ownerOrMemberProcedure.query(f)"),
        ("put('/x', requireAdmin, f)", "put('/x', requireAdminOrUser, f)"),
        ("plug :require_admin", "plug :require_admin_or_editor"),
        ("fn f(_u: AdminUser)", "fn f(_u: AnyUser)"),
        ("save = requireLogin(f)", "save = optionalLogin(f)"),
    ],
)
def test_a_guard_is_widened_by_its_name(old: str, new: str) -> None:
    assert is_widened(pair(old, new)[1])
    assert not is_widened(pair(new, old)[1])


def test_a_server_no_longer_names_its_address() -> None:
    assert is_bound_wider(*pair("app.listen(port, '127.0.0.1')", "app.listen(port)"))
    assert is_bound_wider(*pair('serve("localhost:80")', 'serve(":80")'))
    assert not is_bound_wider(*pair("app.listen(port, HOST)", "app.listen(port, host)"))
    assert not is_bound_wider(*pair("ping('127.0.0.1')", "ping()"))


def test_a_limit_is_about_less() -> None:
    assert is_asked_of_less(*pair("if a + b > max_size:", "if b > max_size:"))
    assert not is_asked_of_less(*pair("if a + b > max_size:", "if a > max_size + b:"))
    assert not is_asked_of_less(*pair("if a + b > size:", "if b > size:"))


def test_a_way_up_is_looked_for_in_one_place_only() -> None:
    old = b"parts = name.split('/')\nif '..' in parts:\n"
    assert is_prefix_only(old, b"if name.startswith('..'):\n")
    assert not is_prefix_only(old, b"if any(part == '..' for part in name.split('/')):\n")
