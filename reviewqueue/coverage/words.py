"""Phrases that the report says alike in every form."""

from collections.abc import Iterator

from reviewqueue.coverage.erosion import Erosion
from reviewqueue.coverage.intervals import wilson
from reviewqueue.coverage.measure import Coverage, Tally
from reviewqueue.coverage.report import Row
from reviewqueue.coverage.text import k_of_n, percent, ratio
from reviewqueue.domain.landing import Landing

_MOST_CLAIMS = 3


def figures(week: Coverage, window: Coverage) -> Iterator[tuple[str, str, str]]:
    """Yield the headline figures: a label, the week's, the 26 weeks'."""

    def pair(label: str, k: str, n: str, part: str = "agents") -> tuple[str, str, str]:
        def figure(coverage: Coverage) -> str:
            tally: Tally = getattr(coverage, part)
            return ratio(getattr(tally, k), getattr(tally, n))

        return label, figure(week), figure(window)

    yield pair("Reviewed at head", "reviewed", "n")
    yield pair("Flagged, reviewed at head", "reviewed", "n", "flagged")
    yield pair("By line", "reviewed_lines", "lines")
    yield "Findings unanswered", _unanswered(week.agents), _unanswered(window.agents)
    yield "Apart: no sign of an agent", str(week.unattributed.n), str(window.unattributed.n)
    yield "Apart: mechanical bots", str(week.mechanical.n), str(window.mechanical.n)


def _unanswered(tally: Tally) -> str:
    return ratio(tally.unanswered, tally.findings) if tally.findings else "no findings"


def landed(landing: Landing) -> str:
    """Return the day of a landing, and what that rests on."""
    return f"{landing.landed_at:%Y-%m-%d}, by {landing.dated_by.value}"


def claimed(landing: Landing) -> tuple[str, ...]:
    """Return what the commit claims of its own review, marked as a claim; raw text."""
    return tuple(f"(claims: {claim})" for claim in landing.claims[:_MOST_CLAIMS])


def no_exceptions(week: Coverage) -> str:
    """Return what an empty list of exceptions means."""
    if not week.agents.n:
        return "Nothing that agents wrote landed in this week."
    return "None: nothing flagged landed unreviewed, nothing bypassed the queue, nothing stale."


def week_figure(row: Row) -> str:
    """Return a row's figure of the week; where it rests on few it says so."""
    if not row.few:
        return ratio(row.week.reviewed, row.week.n)
    few = ", too few" if row.week.n else ""
    return k_of_n(row.week.reviewed, row.week.n) + few


def process(chart: Erosion) -> str:
    """Return a chart's 26 weeks, whole ones, with the interval of the process behind them."""
    low, high = wilson(chart.reviewed, chart.n)
    span = f" (the process behind it: {percent(low)} to {percent(high)} at 95 %)" if chart.n else ""
    until = f"to {chart.points[-1].count.week} " if chart.points else ""
    return f"{ratio(chart.reviewed, chart.n)} reviewed in 26 weeks {until}".rstrip() + span
