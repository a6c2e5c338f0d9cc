"""Intervals for a share."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from reviewqueue.coverage.intervals import clopper_pearson, wilson

K_OF_N = st.integers(0, 300).flatmap(lambda n: st.tuples(st.integers(0, n), st.just(n)))


@pytest.mark.parametrize(
    ("k", "n", "low", "high"),
    [
        (8, 10, 0.4902, 0.9433),
        (5, 10, 0.2366, 0.7634),
        (0, 20, 0.0, 0.1611),
        (20, 20, 0.8389, 1.0),
        (81, 263, 0.2553, 0.3662),
        (15, 148, 0.0624, 0.1605),
    ],
)
def test_it_gives_wilsons_published_values(k: int, n: int, low: float, high: float) -> None:
    assert wilson(k, n) == pytest.approx((low, high), abs=1e-4)


@pytest.mark.parametrize(
    ("k", "n", "low", "high"),
    [
        (8, 10, 0.4439, 0.9748),
        (5, 10, 0.1871, 0.8129),
        (0, 20, 0.0, 0.1684),
        (20, 20, 0.8316, 1.0),
        (81, 263, 0.2527, 0.3676),
        (15, 148, 0.0578, 0.1617),
        (1, 1, 0.025, 1.0),
    ],
)
def test_it_gives_the_exact_intervals_published_values(
    k: int, n: int, low: float, high: float
) -> None:
    assert clopper_pearson(k, n) == pytest.approx((low, high), abs=1e-4)


def test_it_needs_59_clean_audits_to_claim_fewer_than_one_in_twenty() -> None:
    assert clopper_pearson(0, 58, level=0.9)[1] > 0.05
    assert clopper_pearson(0, 59, level=0.9)[1] < 0.05


@given(K_OF_N)
def test_it_holds_the_observed_share_and_mirrors(given_: tuple[int, int]) -> None:
    k, n = given_
    for interval in (wilson, clopper_pearson):
        low, high = interval(k, n)
        assert 0 <= low <= high <= 1
        if n:
            assert low <= k / n <= high
        mirrored = interval(n - k, n)
        assert (1 - high, 1 - low) == pytest.approx(mirrored, abs=1e-9)


def test_it_knows_nothing_of_nothing_and_refuses_the_impossible() -> None:
    assert wilson(0, 0) == (0.0, 1.0)
    assert clopper_pearson(0, 0) == (0.0, 1.0)
    for bad in ((2, 1), (-1, 3)):
        with pytest.raises(ValueError, match="k of n"):
            wilson(*bad)
        with pytest.raises(ValueError, match="k of n"):
            clopper_pearson(*bad)
    with pytest.raises(ValueError, match="level"):
        clopper_pearson(1, 2, level=1.0)
