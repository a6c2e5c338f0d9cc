"""ISO weeks in UTC: the report's only unit of time."""

import re
from datetime import UTC, date, datetime, timedelta

_FORM = re.compile(r"(?P<year>[0-9]{4})-W(?P<week>[0-9]{2})")
_WEEK = timedelta(weeks=1)


class ReportError(ValueError):
    """The report asked for cannot be made; the message is one line."""


def week_of(at: datetime) -> str:
    """Return the ISO week in UTC that holds an aware datetime, as ``2026-W47``."""
    year, week, _ = at.astimezone(UTC).isocalendar()
    return f"{year:04d}-W{week:02d}"


def week_start(week: str) -> datetime:
    """Return the Monday, 00:00 UTC, on which ``2026-W47`` begins.

    Raises ReportError with one line where the text names no week.
    """
    found = _FORM.fullmatch(week)
    if found is None:
        raise ReportError(f"not an ISO week such as 2026-W47: {week[:40]!r}")
    try:
        monday = date.fromisocalendar(int(found["year"]), int(found["week"]), 1)
    except ValueError:
        raise ReportError(f"no such ISO week: {week}") from None
    return datetime(monday.year, monday.month, monday.day, tzinfo=UTC)


def week_end(week: str) -> datetime:
    """Return the moment, exclusive, at which the week ends."""
    try:
        return week_start(week) + _WEEK
    except OverflowError:
        raise ReportError(f"no such ISO week: {week}") from None


def last_closed_week(now: datetime) -> str:
    """Return the latest week that is wholly past at ``now``."""
    return week_of(now - _WEEK)


def weeks_between(first: str, last: str) -> tuple[str, ...]:
    """Return every week from ``first`` to ``last``, both included, oldest first."""
    start, end = week_start(first), week_start(last)
    count = (end - start) // _WEEK + 1
    return tuple(week_of(start + _WEEK * number) for number in range(count))


def weeks_up_to(last: str, count: int) -> tuple[str, ...]:
    """Return the ``count`` weeks that end with ``last``, oldest first."""
    end = week_start(last)
    earliest = datetime(1, 1, 1, tzinfo=UTC)
    reach = min(count - 1, (end - earliest) // _WEEK)
    return weeks_between(week_of(end - _WEEK * reach), last)
