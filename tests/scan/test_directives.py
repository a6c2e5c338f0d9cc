"""Headers, attributes and flags that hold back less than before."""

import pytest

from reviewqueue.scan.effects.directives import FLAGS, TELLING, held_back_less, told_less
from reviewqueue.scan.matcher import Matcher
from reviewqueue.scan.parser import parse
from reviewqueue.scan.rule import Subject
from reviewqueue.scan.structure.pairs import Pair
from reviewqueue.scan.view import ChangeView

HEAD = "diff --git a/a.c b/a.c\n--- a/a.c\n+++ b/a.c\n@@ -1,2 +1,2 @@\n same\n"
REPORT = "default-src 'self'; object-src 'none'; frame-ancestors 'none'"


def told(old: str, new: str) -> str:
    """Return what a changed line tells less of."""
    return told_less(Pair(1, 1, old.encode(), new.encode()))


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ('h["Cache-Control"] = "no-store"', 'h["Cache-Control"] = "public, max-age=9"'),
        ("CacheControl.maxAge(1).cachePrivate()", "CacheControl.maxAge(1).cachePublic()"),
        ("CACHED = 'private, max-age=9'", "CACHED = 'public, max-age=9'"),
        ("expires_in 5.minutes", "expires_in 5.minutes, public: true"),
        ('"Content-Disposition", "attachment; f"', '"Content-Disposition", "inline; f"'),
        ("send_file(p, as_attachment=True)", "send_file(p)"),
        (f"Content-Security-Policy: {REPORT}", "Content-Security-Policy: default-src 'self'"),
        ("policy.object_src  :none", "policy.object_src  :self"),
    ],
)
def test_a_header_tells_less(old: str, new: str) -> None:
    assert told(old, new)
    assert not told(new, old)


def test_what_was_public_stays_so() -> None:
    assert not told('"Cache-Control": "public, max-age=9"', '"Cache-Control": "public, immutable"')


@pytest.mark.parametrize(
    ("old", "new", "found"),
    [
        ("fd = open(p, O_CREAT | O_EXCL);", "fd = open(p, O_CREAT);", 1),
        ("fd = open(p, O_CREAT | O_EXCL);", "fd = openat(d, p, O_EXCL | O_CREAT);", 0),
        ("// O_EXCL would be nice", "", 0),
    ],
)
def test_a_flag_is_gone(old: str, new: str, found: int) -> None:
    patch = f"{HEAD}-{old}\n+{new}\n".encode()
    triggers = [[FLAGS, TELLING]]
    view = ChangeView(parse(patch), Subject(), Matcher(triggers, triggers))
    assert len(list(held_back_less(view, lambda _: True))) == found
