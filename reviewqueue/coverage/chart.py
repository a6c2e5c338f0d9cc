"""The report's picture: what agents landed in 26 weeks, stacked by review class.

Drawn with Altair and written as SVG by vl-convert: no script, no style attribute, a
title and a description in words, so that it passes a strict content security policy
and speaks to those who do not see it. Its figures are in ``chart_rows`` as well.
"""

import re
from html import escape

from reviewqueue.coverage.erosion import FEWEST
from reviewqueue.coverage.report import Report
from reviewqueue.coverage.rows import Theme, chart_rows
from reviewqueue.coverage.text import percent, ratio, visible
from reviewqueue.domain.landing import ReviewClass

_OPEN = re.compile(r"<svg\b[^>]*>")
_INNER = re.compile(r' (?:role|aria-[a-z]+)="[^"]*"')


def chart_title(report: Report) -> str:
    """Return the picture's title."""
    return f"Agents' landings by review class, 26 weeks to {report.week}"


def chart_description(report: Report) -> str:
    """Return what the picture shows, in words."""
    rows = [row for row in chart_rows(report) if row.n]
    if not rows:
        return "No agent's landing in these 26 weeks."
    tally = report.window.agents
    classes = ", ".join(f"{tally.of(x)} {x.value} ({x.letter})" for x in ReviewClass if tally.of(x))
    judged = [row for row in rows if row.n >= FEWEST]
    below = sum(row.reviewed < report.target * row.n for row in judged)
    return (
        f"Stacked bars, one a week, for {report.scope}. {ratio(tally.reviewed, tally.n)} were "
        f"reviewed at head against a target of {percent(report.target)}: {classes}. "
        f"Of {len(judged)} weeks with at least {FEWEST} landings, {below} were below the target. "
        f"The last bar, {rows[-1].week}: {rows[-1].label}."
    )


def chart_svg(report: Report, theme: Theme = "light") -> str:
    """Return the picture as one SVG element, 900 wide, for a light or a dark page."""
    # Altair takes a second to import, which only those who draw should pay.
    from reviewqueue.coverage.drawing import draw  # noqa: PLC0415 -- slow to import

    svg = draw(chart_rows(report), report.target, theme)
    key = f"coverage-{report.week}-{theme}".lower()
    title = escape(visible(chart_title(report)))
    words = escape(visible(chart_description(report), longest=1000))
    svg = _INNER.sub("", svg)
    opening = _OPEN.search(svg)
    if opening is None:
        raise ValueError("the chart could not be drawn")
    head = opening[0].removesuffix(">")
    return (
        f'{head} role="img" aria-labelledby="{key}-title {key}-words">'
        f'<title id="{key}-title">{title}</title><desc id="{key}-words">{words}</desc>'
        f"{svg[opening.end() :].replace('clip', f'{key}-clip')}"
    )
