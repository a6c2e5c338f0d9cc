"""The weekly report as Markdown: whatever others chose is in code spans, inert."""

import re
from collections.abc import Iterator

from reviewqueue.coverage.measure import Exceptional
from reviewqueue.coverage.report import Breakdown, Report
from reviewqueue.coverage.rows import chart_rows
from reviewqueue.coverage.text import MOST, k_of_n, percent, ratio, visible
from reviewqueue.coverage.words import claimed, figures, landed, no_exceptions, process, week_figure
from reviewqueue.domain.landing import ReviewClass

_TICKS = re.compile(r"`+")


def report_markdown(report: Report) -> str:
    """Return the report as GitHub-flavoured Markdown, ended by a line feed.

    No title, name or path in it can add a heading, link, mention, image, HTML or cell.
    """
    sections = (
        _head,
        _verdict,
        _health,
        _landed,
        _exceptions,
        _breakdowns,
        _cannot_see,
        _definitions,
    )
    return "\n".join(line for section in sections for line in section(report)) + "\n"


def code(text: str) -> str:
    """Return text as a code span that nothing in it can end, safe in a table's cell."""
    text = visible(text).replace("|", "¦") or "-"
    longest = max((len(run) for run in _TICKS.findall(text)), default=0)
    fence = "`" * (longest + 1)
    pad = " " if text[0] == "`" or text[-1] == "`" else ""
    return f"{fence}{pad}{text}{pad}{fence}"


def _head(report: Report) -> Iterator[str]:
    days = f"{report.begins_at:%Y-%m-%d} to {report.ends_at:%Y-%m-%d} (exclusive), UTC"
    yield f"# Review coverage, {report.week}"
    yield ""
    yield f"{days} · {code(report.scope)} · target {percent(report.target)} reviewed at head"
    if not report.closed:
        yield ""
        yield "**This week is still running: its figures will change, and no chart counts it.**"
    yield ""


def _verdict(report: Report) -> Iterator[str]:
    yield f"## Verdict: {report.state.value.upper()}"
    yield ""
    yield report.summary
    yield ""
    for chart in report.charts:
        yield f"- **{chart.state.value}** · {code(chart.name)} · {process(chart)}. {chart.sentence}"
    if report.charts:
        yield ""


def _health(report: Report) -> Iterator[str]:
    health = report.health
    yield "## Data health"
    yield ""
    if health.poor:
        yield (
            "**Too much is unknown: read every figure below as a lower bound, not as a judgement.**"
        )
        yield ""
    yield f"- Unknown (U), of agents' landings in 26 weeks: {ratio(health.unknown, health.n)}."
    yield f"- Dated by what the commit claims: {k_of_n(health.backfilled, health.n)}."
    yield f"- Attributed by a weak sign only: {k_of_n(health.suspected, health.n)}."
    if health.later:
        yield f"- Landings after this week, in no figure here: {health.later}."
    yield f"- Jumped dates and rewritten histories: {len(health.jumps) or 'none'}."
    for jump in health.jumps[:MOST]:
        yield f"  - {code(jump.kind)} {code(jump.sha[:12])} {code(jump.detail)}"
    if len(health.jumps) > MOST:
        yield f"  - and {len(health.jumps) - MOST} more"
    for row in health.left_out:
        yield f"- Left out of {code(row.repository)}: {row.count} of {code(row.reason)}."
    for note in health.notes:
        yield f"- {code(note)}"
    yield ""


def _landed(report: Report) -> Iterator[str]:
    yield "## What agents landed"
    yield ""
    yield "| | this week | 26 weeks |"
    yield "|---|---:|---:|"
    for label, now, over in figures(report.this_week, report.window):
        yield f"| {label} | {now} | {over} |"
    yield ""
    letters = " | ".join(review_class.letter for review_class in ReviewClass)
    yield f"| week | {letters} | reviewed at head |"
    yield f"|---|{'---:|' * len(ReviewClass)}---:|"
    for row in chart_rows(report):
        counts = " | ".join(str(count) for count in row.counts)
        yield f"| {row.week} | {counts} | {row.label} |"
    yield ""


def _exceptions(report: Report) -> Iterator[str]:
    yield "## Exceptions of this week"
    yield ""
    if not report.exceptions:
        yield no_exceptions(report.this_week)
        yield ""
        return
    yield "| change | landed | risk | class | why | title | reason |"
    yield "|---|---|---|---|---|---|---|"
    for row in report.exceptions:
        yield _exceptional(row)
    yield ""


def _exceptional(row: Exceptional) -> str:
    landing = row.landing
    cells = (
        code(landing.change or landing.sha[:12]),
        landed(landing),
        landing.risk.value if landing.risk else "not scanned",
        landing.review_class.letter,
        ", ".join(row.why),
        code(landing.title),
        " ".join([code(landing.reason), *map(code, claimed(landing))]),
    )
    return f"| {' | '.join(cells)} |"


def _breakdowns(report: Report) -> Iterator[str]:
    yield "## Coverage by"
    yield ""
    for part in report.breakdowns:
        yield from _breakdown(part)


def _breakdown(part: Breakdown) -> Iterator[str]:
    yield f"| {part.title} | this week | 26 weeks |"
    yield "|---|---:|---:|"
    for row in part.rows:
        window = ratio(row.window.reviewed, row.window.n)
        yield f"| {code(row.key)} | {week_figure(row)} | {window} |"
    if not part.rows:
        yield "| nothing landed | | |"
    yield ""


def _cannot_see(report: Report) -> Iterator[str]:
    yield "## What this report cannot see"
    yield ""
    for line in report.cannot_see:
        yield f"- {line}"
    yield ""


def _definitions(report: Report) -> Iterator[str]:
    yield "## Definitions"
    yield ""
    for word, meaning in report.definitions:
        yield f"- **{word}**: {meaning}"
    yield ""
    seq, digest = report.head
    yield f"Ledger head `{seq}:{digest}` · made {report.made_at:%Y-%m-%d %H:%M} UTC"
