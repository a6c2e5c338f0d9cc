"""Expressions and names that keep out less than before."""

import pytest

from reviewqueue.scan.effects.narrower import keeps_out_less, loses_replacements
from reviewqueue.scan.structure.pairs import Pair, changed_tokens


def less(old: str, new: str) -> bool:
    """Return whether a changed line keeps out less."""
    pair = Pair(1, 1, old.encode(), new.encode())
    return keeps_out_less(pair, changed_tokens(pair))


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("drop(/^(?:cookie|authorization)$/i, h)", "drop(/^(?:cookie)$/i, h)"),
        ("redacted = 'password|token|secret'", "redacted = 'password|token'"),
        ('BAD = re.compile(r"(javascript|data):")', 'BAD = re.compile(r"(javascript):")'),
        ("strip(/^(?:x-)?(?:cookie|token)$/, h)", "strip(/^(?:cookie|token)$/, h)"),
        ("if (/^javascript:/i.test(url)) drop()", "if (/^javascript:/.test(url)) drop()"),
        (r"path = url.replace(/^[\\/]+/, '/')", r"path = url.replace(/^\/+/, '/')"),
        (r"location = trim(location, '/\\')", "location = trim(location, '/')"),
        (
            "if (to.startsWith('/') && !to.startsWith('//')) path = to",
            "if (to.startsWith('/')) path = to",
        ),
        ('<a target="_blank" rel="noopener">', '<a target="_blank">'),
    ],
)
def test_it_keeps_out_less(old: str, new: str) -> None:
    assert less(old, new)
    assert not less(new, old)


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("allowed(/^(?:png|gif)$/, blocked)", "allowed(/^(?:png)$/, blocked)"),
        ("drop(/^(?:cookie|token)$/, h)", "drop(/^(?:cookie|authorization|token)$/, h)"),
        ("drop(/^(?:cookie|token)$/, h)", "drop(HEADERS, h)"),
        ("title = a.replace('//', '/')", "title = a"),
    ],
)
def test_it_lets_in_less_or_says_another_thing(old: str, new: str) -> None:
    assert not less(old, new)


@pytest.mark.parametrize(
    ("old", "new", "loses"),
    [
        (b"t = re.sub('<', '', t)\nt = re.sub('&', '', t)", b"t = re.sub('&', '', t)", True),
        (b"t = re.sub('<', '', t)", b"t = re.sub('&', '', t)", True),
        (b"t.replace('<', '')", b't.replace("<", "")', False),
        (b"t.replace('<', '')", b"html_escape(t.replace('&', ''))", False),
        (b"t.replace('<', '')", b"t", False),
    ],
)
def test_lines_replace_fewer_marks(old: bytes, new: bytes, loses: bool) -> None:  # noqa: FBT001 -- a column of the table
    assert loses_replacements(old, new) is loses
