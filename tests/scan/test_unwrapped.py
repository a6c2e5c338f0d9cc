"""Calls that cleaned or checked a value, gone from around it."""

import pytest

from reviewqueue.scan.effects.unwrapped import is_let_out, is_untagged, is_unwrapped
from reviewqueue.scan.structure.pairs import Pair, changed_tokens


def pair(old: str, new: str) -> Pair:
    """Return one line, changed."""
    return Pair(1, 1, old.encode(), new.encode())


def unwrapped(old: str, new: str) -> bool:
    """Return whether a line lost such a call, where nothing else changed."""
    both = pair(old, new)
    return is_unwrapped(both, changed_tokens(both), lambda _: True)


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("<b><?= $this->e($name) ?></b>", "<b><?= $name ?></b>"),
        ('run("ping " + shlex.quote(host))', 'run("ping " + host)'),
        ("order := pq.QuoteIdentifier(column)", "order := column"),
        ("a.title = filterXSS(a.title) + b", "a.title = a.title + b"),
        ("path = dir + basename($name)", "path = dir + $name"),
        ("get('/a', requireOwner, show)", "get('/a', show)"),
        ("}, reqToken(), assign(true))", "}, assign(true))"),
        ("x = e(a) + e(b)", "x = a + e(b)"),
        ("log(scrub(headers))", "log(headers)"),
    ],
)
def test_what_cleaned_or_asked_is_gone(old: str, new: str) -> None:
    assert unwrapped(old, new)
    assert not unwrapped(new, old)


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("x = escape(name)", "x = sanitize(name)"),
        ("ok = ensure_permissions(user)", "ok = is_allowed(user)"),
        ("def validate_name(name):", "def name_of(name):"),
        ("x = escape(name)", "x = title"),
        ('row["redacted"] = part', "row = part"),
        ("get('/a', onlyone, show)", "get('/a', show)"),
    ],
)
def test_another_wrapper_or_another_value_is_passed_over(old: str, new: str) -> None:
    assert not unwrapped(old, new)


def test_a_call_no_longer_gets_the_place_to_stay_below() -> None:
    both = pair("if (F::exists($file, $root)) {", "if (file_exists($file)) {")
    assert is_let_out(both, changed_tokens(both), lambda _: True)
    other = pair("draw($shape, $root)", "draw($shape)")
    assert not is_let_out(other, changed_tokens(other), lambda _: True)


def test_a_value_leaves_the_tag_that_escaped_it() -> None:
    assert is_untagged(pair('<td><c:out value="${a.b}"/></td>', "<td>${a.b}</td>"))
    assert not is_untagged(pair('<td><c:out value="${a.b}"/></td>', "<td>${c.d}</td>"))
