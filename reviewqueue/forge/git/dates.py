"""Which commit dates to believe: anybody can write any date into a commit."""

from bisect import bisect_left, bisect_right
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta

from reviewqueue.domain.change import Commit

TOLERANCE = timedelta(days=1)
"""How far a date may be off before it counts as a jump: clocks differ."""

_EPOCH = datetime.fromtimestamp(0, UTC)


def trusted_dates(
    commits: Sequence[Commit], now: datetime, *, since: datetime | None = None
) -> tuple[tuple[datetime, bool], ...]:
    """Return for each commit, oldest first, the date to use and whether its own jumped.

    The longest run of committer dates that never goes back, never lies after ``now`` nor
    before ``since`` (the date of what came before the first commit) is believed. Every
    other commit takes the believed date before it, at the start the one after it, and so
    moves nobody but itself. A date that cannot be read is 1970's first second, and never
    believed.
    """
    floor = max(since, _EPOCH) if since else _EPOCH
    believed = _longest_run([commit.committed_at for commit in commits], floor, now)
    first = next((commits[at].committed_at for at in sorted(believed)), now)
    last = min(since, now) if since else first
    dates = []
    for at, commit in enumerate(commits):
        if at in believed:
            last = commit.committed_at
        dates.append((last, abs(commit.committed_at - last) > TOLERANCE))
    return tuple(dates)


def _longest_run(dates: Sequence[datetime], floor: datetime, now: datetime) -> frozenset[int]:
    """Return the places of a longest non-decreasing subsequence, in O(n log n).

    Of several, the one with the latest dates: forged ones tend to be far back.
    """
    ends: list[datetime] = []
    # The places that can be a run's first, second … member; in each, dates only sink.
    levels: list[list[int]] = []
    for at, date in enumerate(dates):
        if not floor <= date <= now or date == _EPOCH:
            continue
        length = bisect_right(ends, date)
        if length == len(ends):
            ends.append(date)
            levels.append([])
        ends[length] = date
        levels[length].append(at)
    run: set[int] = set()
    latest = now
    for level in reversed(levels):
        place = level[bisect_left(level, now - latest, key=lambda at: now - dates[at])]
        run.add(place)
        latest = dates[place]
    return frozenset(run)
