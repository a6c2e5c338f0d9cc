"""Intervals for a share: of the process behind k of n, or of a sample.

Coverage itself is a census: k of n is exact. These say how far the process behind it,
or the whole behind a random sample, may lie from that.
"""

from collections.abc import Callable
from math import exp, lgamma, log, log1p, sqrt

_Z = 1.96
_STEPS = 100


def wilson(k: int, n: int, z: float = _Z) -> tuple[float, float]:
    """Return the Wilson score interval for k of n, both ends in [0, 1].

    ``z`` is the normal quantile (1.96 for 95 %). (0, 1) for n = 0: nothing is known.
    Raises ValueError where k is not within 0..n.
    """
    _check(k, n)
    if n == 0:
        return 0.0, 1.0
    p = k / n
    square = z * z
    centre = (p + square / (2 * n)) / (1 + square / n)
    half = z * sqrt(p * (1 - p) / n + square / (4 * n * n)) / (1 + square / n)
    low = 0.0 if k == 0 else max(0.0, centre - half)
    high = 1.0 if k == n else min(1.0, centre + half)
    return low, high


def clopper_pearson(k: int, n: int, level: float = 0.95) -> tuple[float, float]:
    """Return the exact (conservative) binomial interval for k of n, ends in [0, 1].

    By bisection on the binomial tails. Raises ValueError where k is not within 0..n or
    the level is not within (0, 1).
    """
    _check(k, n)
    if not 0 < level < 1:
        raise ValueError(f"a confidence level is between 0 and 1: {level}")
    alpha = (1 - level) / 2
    low = 0.0 if k == 0 else _where(lambda p: 1 - _at_most(k - 1, n, p) >= alpha)
    high = 1.0 if k == n else _where(lambda p: _at_most(k, n, p) <= alpha)
    return low, high


def _check(k: int, n: int) -> None:
    if not 0 <= k <= n:
        raise ValueError(f"k of n needs 0 <= k <= n, not {k} of {n}")


def _where(holds: Callable[[float], bool]) -> float:
    """Return the smallest p in [0, 1] at which a monotone predicate begins to hold."""
    low, high = 0.0, 1.0
    for _ in range(_STEPS):
        middle = (low + high) / 2
        if holds(middle):
            high = middle
        else:
            low = middle
    return (low + high) / 2


def _at_most(k: int, n: int, p: float) -> float:
    """Return P(X <= k) for X binomial (n, p)."""
    if p <= 0:
        return 1.0
    if p >= 1:
        return 1.0 if k >= n else 0.0
    whole = lgamma(n + 1)
    return min(
        1.0,
        sum(
            exp(whole - lgamma(i + 1) - lgamma(n - i + 1) + i * log(p) + (n - i) * log1p(-p))
            for i in range(k + 1)
        ),
    )
