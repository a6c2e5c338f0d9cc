from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from reviewqueue.domain.change import Commit
from reviewqueue.domain.people import Person
from reviewqueue.forge.git.dates import trusted_dates

NOW = datetime(2026, 7, 1, tzinfo=UTC)
DAY = timedelta(days=1)
ANNA = Person("Anna Ek", "anna@example.org")


def _commits(*dates: datetime) -> list[Commit]:
    return [
        Commit(
            sha=f"{n:040x}",
            parents=(),
            author=ANNA,
            committer=ANNA,
            authored_at=NOW,
            committed_at=date,
            message="",
        )
        for n, date in enumerate(dates)
    ]


@pytest.mark.parametrize(
    "forged",
    [
        datetime(1970, 1, 1, tzinfo=UTC),
        datetime(1970, 5, 5, tzinfo=UTC),
        datetime(2099, 1, 1, tzinfo=UTC),
    ],
)
@pytest.mark.parametrize("place", [1, 5, 9])
def test_it_moves_only_the_commit_whose_date_is_forged(forged: datetime, place: int) -> None:
    dates = [NOW - 20 * DAY + n * DAY for n in range(10)]
    honest = trusted_dates(_commits(*dates), NOW)
    dates[place] = forged
    found = trusted_dates(_commits(*dates), NOW)
    assert found[place] == (dates[place - 1], True)
    assert [found[n] for n in range(10) if n != place] == [
        honest[n] for n in range(10) if n != place
    ]
    assert not any(jumped for _, jumped in honest)


def test_it_takes_the_next_date_where_the_first_is_forged() -> None:
    epoch, late = datetime.fromtimestamp(0, UTC), NOW + 400 * DAY
    for forged in (epoch, late):
        found = trusted_dates(_commits(forged, NOW - 3 * DAY, NOW - 2 * DAY), NOW)
        assert found == ((NOW - 3 * DAY, True), (NOW - 3 * DAY, False), (NOW - 2 * DAY, False))


def test_it_believes_nothing_older_than_what_came_before() -> None:
    found = trusted_dates(_commits(NOW - 300 * DAY, NOW - DAY), NOW, since=NOW - 5 * DAY)
    assert found == ((NOW - 5 * DAY, True), (NOW - DAY, False))


def test_it_tolerates_clocks_that_differ_by_less_than_a_day() -> None:
    found = trusted_dates(_commits(NOW - 3 * DAY, NOW - 3.5 * DAY, NOW - 2 * DAY), NOW)
    assert [jumped for _, jumped in found] == [False, False, False]


def test_it_gives_now_where_no_date_can_be_believed() -> None:
    assert trusted_dates(_commits(NOW + 9 * DAY), NOW) == ((NOW, True),)
    assert trusted_dates([], NOW) == ()


@given(st.lists(st.integers(-500, 50), max_size=40))
def test_it_never_goes_back_nor_into_the_future(days: list[int]) -> None:
    found = trusted_dates(_commits(*[NOW + day * DAY for day in days]), NOW)
    dates = [date for date, _ in found]
    assert len(dates) == len(days)
    assert dates == sorted(dates)
    assert all(date <= NOW for date in dates)


def test_it_dates_a_hundred_thousand_commits() -> None:
    dates = [NOW - timedelta(minutes=n ^ 0x55) for n in range(100_000, 0, -1)]
    assert len(trusted_dates(_commits(*dates), NOW)) == 100_000
