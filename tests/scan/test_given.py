"""Switches, options and limits that are given otherwise, or no longer."""

import pytest

from reviewqueue.scan.effects.given import drops_option, flips, unbounds
from reviewqueue.scan.structure.pairs import Changed, Pair, changed_tokens


def pair(old: str, new: str) -> tuple[Pair, Changed]:
    """Return one line, changed, and what differs."""
    both = Pair(1, 1, old.encode(), new.encode())
    return both, changed_tokens(both)


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("verify_tls = True", "verify_tls = False"),
        ("include_sensitive: bool = False", "include_sensitive: bool = True"),
        ('getenv("RECORD_INPUTS", "false")', 'getenv("RECORD_INPUTS", "true")'),
    ],
)
def test_a_switch_protects_less(old: str, new: str) -> None:
    assert flips(*pair(old, new))
    assert not flips(*pair(new, old))


def test_a_switch_that_protects_nothing_is_passed_over() -> None:
    assert not flips(*pair("colour = True", "colour = False"))
    assert not flips(*pair("verify = True", "verify = False or x"))


def test_an_option_is_no_longer_given() -> None:
    both = pair("get(url, timeout=3)", "get(url)")
    assert drops_option(*both, lambda _: True)
    assert not drops_option(*both, lambda _: False)
    assert not drops_option(*pair("get(url, colour=3)", "get(url)"), lambda _: True)


def test_a_limit_is_one_that_nothing_reaches() -> None:
    assert unbounds(*pair("max_size = 10", "max_size = INT_MAX"))
    assert not unbounds(*pair("total = 10", "total = INT_MAX"))
    assert not unbounds(*pair("max_size = INT_MAX", "max_size = 10"))


def test_a_limit_of_nought_is_none() -> None:
    assert unbounds(*pair("ReadTimeout: 10 * time.Second,", "ReadTimeout: 0,"))
    assert not unbounds(*pair("ReadTimeout: 0,", "ReadTimeout: 10 * time.Second,"))
