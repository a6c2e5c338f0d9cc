"""The figures of the report's picture, week by week."""

from dataclasses import dataclass
from typing import Literal

from reviewqueue.coverage.report import Report
from reviewqueue.coverage.text import k_of_n

Theme = Literal["light", "dark"]


@dataclass(frozen=True, slots=True)
class ChartRow:
    """One week of the picture."""

    week: str
    counts: tuple[int, ...]
    """By class, A to G, U."""
    reviewed: int
    n: int

    @property
    def label(self) -> str:
        """The week's coverage as text, ``18 of 20``."""
        return k_of_n(self.reviewed, self.n)


def chart_rows(report: Report) -> tuple[ChartRow, ...]:
    """Return the picture's figures, one row a week, oldest first."""
    return tuple(
        ChartRow(group.key, group.tally.counts, group.tally.reviewed, group.tally.n)
        for group in report.window.by_week
    )
