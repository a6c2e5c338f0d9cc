"""ISO weeks in UTC."""

from datetime import UTC, datetime, timedelta, timezone

import pytest

from reviewqueue.coverage.weeks import (
    last_closed_week,
    week_end,
    week_of,
    week_start,
    weeks_between,
    weeks_up_to,
)


@pytest.mark.parametrize(
    ("at", "week"),
    [
        (datetime(2026, 11, 16, tzinfo=UTC), "2026-W47"),
        (datetime(2026, 11, 15, 23, 59, 59, tzinfo=UTC), "2026-W46"),
        (datetime(2027, 1, 1, tzinfo=UTC), "2026-W53"),
        (datetime(2024, 12, 30, tzinfo=UTC), "2025-W01"),
        (datetime(2026, 11, 16, 1, tzinfo=timezone(timedelta(hours=2))), "2026-W46"),
    ],
)
def test_it_gives_the_week_in_utc(at: datetime, week: str) -> None:
    assert week_of(at) == week
    assert week_start(week) <= at < week_end(week)


@pytest.mark.parametrize(
    "text",
    [
        "",
        "2026-47",
        "2026-W00",
        "2025-W53",
        "2026-W99",
        "2026-w47",
        "2026-W47\n",
        "٢٠٢٦-W47",
        "0000-W01",
    ],
)
def test_it_refuses_what_is_no_week_in_one_line(text: str) -> None:
    with pytest.raises(ValueError, match="ISO week") as refused:
        week_start(text)
    assert "\n" not in str(refused.value)


def test_it_closes_a_week_with_its_last_second() -> None:
    assert last_closed_week(datetime(2026, 11, 22, 23, 59, 59, tzinfo=UTC)) == "2026-W46"
    assert last_closed_week(datetime(2026, 11, 23, tzinfo=UTC)) == "2026-W47"


def test_it_lists_weeks_across_a_year_of_53() -> None:
    assert weeks_between("2026-W52", "2027-W02") == (
        "2026-W52",
        "2026-W53",
        "2027-W01",
        "2027-W02",
    )
    assert weeks_up_to("2027-W01", 3) == ("2026-W52", "2026-W53", "2027-W01")
    assert len(weeks_up_to("0001-W02", 26)) == 2
