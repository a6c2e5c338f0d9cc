"""The weekly report as one HTML document to mail, keep or print: it fetches nothing."""

from collections.abc import Iterable, Iterator
from html import escape

from reviewqueue.coverage.chart import chart_description, chart_svg
from reviewqueue.coverage.erosion import Erosion
from reviewqueue.coverage.measure import Exceptional
from reviewqueue.coverage.report import Breakdown, Report
from reviewqueue.coverage.rows import chart_rows
from reviewqueue.coverage.text import MOST, k_of_n, percent, ratio, visible
from reviewqueue.coverage.words import claimed, figures, landed, no_exceptions, process, week_figure
from reviewqueue.domain.landing import ReviewClass

_STYLE = """
:root { color-scheme: light dark; --ink: #1f2933; --soft: #5b6875; --line: #d5dbe1;
  --paper: #fff; --alarm: #b3213b; --watch: #9a5b00; --ok: #2f6db3; }
body { font: 15px/1.5 system-ui, "Helvetica Neue", Arial, sans-serif; color: var(--ink);
  background: var(--paper); max-width: 920px; margin: 2rem auto; padding: 0 1rem; }
h1 { font-size: 1.5rem; margin: 0; } h2 { font-size: 1.1rem; margin: 2rem 0 .5rem; }
p { margin: .4rem 0; } .soft { color: var(--soft); }
table { border-collapse: collapse; width: 100%; font-variant-numeric: tabular-nums; }
th, td { text-align: left; padding: .25rem .6rem .25rem 0; vertical-align: top;
  border-bottom: 1px solid var(--line); overflow-wrap: anywhere; min-width: 6rem; }
th { font-weight: 600; } td.n, th.n { text-align: right; white-space: nowrap; }
.state { font-weight: 700; } .alarm { color: var(--alarm); } .watch { color: var(--watch); }
.ok { color: var(--ok); } .scroll { overflow-x: auto; } figure { margin: 1rem 0; }
figure div { overflow-x: auto; } figure svg { width: 100%; min-width: 44rem; height: auto; }
.dark { display: none; }
details summary { cursor: pointer; } code { font-size: .9em; overflow-wrap: anywhere; }
@media (prefers-color-scheme: dark) { :root { --ink: #e4e9ee; --soft: #9aa7b3; --line: #3d4853;
  --paper: #14191f; --alarm: #ff8296; --watch: #f2c14e; --ok: #7fb4ee; }
  .dark { display: block; } .light { display: none; } }
@media print { :root { --ink: #000; --soft: #444; --line: #bbb; --paper: #fff; --alarm: #b3213b;
  --watch: #9a5b00; --ok: #2f6db3; } .dark { display: none; } .light { display: block; } }
"""


def report_html(report: Report) -> str:
    """Return the report as a self-contained HTML document; all it shows is escaped."""
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
    body = "\n".join(line for section in sections for line in section(report))
    return (
        '<!doctype html>\n<html lang="en">\n<head>\n<meta charset="utf-8">\n'
        '<meta name="viewport" content="width=device-width, initial-scale=1">\n'
        f"<title>Review coverage, {_safe(report.week)}</title>\n<style>{_STYLE}</style>\n</head>\n"
        f"<body>\n{body}\n</body>\n</html>\n"
    )


def _safe(text: str, longest: int = 400) -> str:
    return escape(visible(text, longest))


def _code(text: str) -> str:
    return f"<code>{_safe(text)}</code>"


def _list(items: Iterable[str]) -> str:
    return "<ul>" + "".join(f"<li>{item}</li>" for item in items) + "</ul>"


def _table(heads: Iterable[str], rows: Iterable[Iterable[str]], numbers: int) -> str:
    """Return a table of escaped cells; from column ``numbers`` on they are figures."""

    def line(cells: Iterable[str], tag: str) -> str:
        marked = (
            f'<{tag} class="n">{cell}</{tag}>' if at >= numbers else f"<{tag}>{cell}</{tag}>"
            for at, cell in enumerate(cells)
        )
        return f"<tr>{''.join(marked)}</tr>"

    body = "".join(line(cells, "td") for cells in rows)
    head = line(heads, "th")
    return f'<div class="scroll"><table><thead>{head}</thead><tbody>{body}</tbody></table></div>'


def _head(report: Report) -> Iterator[str]:
    yield f"<h1>Review coverage, {_safe(report.week)}</h1>"
    yield (
        f'<p class="soft">{report.begins_at:%Y-%m-%d} to {report.ends_at:%Y-%m-%d} (exclusive), '
        f"UTC · {_safe(report.scope)} · target {percent(report.target)} reviewed at head</p>"
    )
    if not report.closed:
        yield (
            "<p><strong>This week is still running: its figures will change, and no chart "
            "counts it.</strong></p>"
        )


def _state(state: str) -> str:
    return f'<span class="state {state.partition(" ")[0]}">{escape(state)}</span>'


def _verdict(report: Report) -> Iterator[str]:
    yield f"<h2>Verdict: {_state(report.state.value)}</h2><p>{_safe(report.summary)}</p>"
    yield _list(map(_chart, report.charts)) if report.charts else ""


def _chart(chart: Erosion) -> str:
    return (
        f"{_state(chart.state.value)} · <strong>{_safe(chart.name)}</strong> · "
        f"{process(chart)}. {_safe(chart.sentence, 1000)}"
    )


def _health(report: Report) -> Iterator[str]:
    health = report.health
    yield "<h2>Data health</h2>"
    if health.poor:
        yield (
            "<p><strong>Too much is unknown: read every figure below as a lower bound, not as a "
            "judgement.</strong></p>"
        )
    lines = [
        f"Unknown (U), of agents' landings in 26 weeks: {ratio(health.unknown, health.n)}.",
        f"Dated by what the commit claims: {k_of_n(health.backfilled, health.n)}.",
        f"Attributed by a weak sign only: {k_of_n(health.suspected, health.n)}.",
        f"Jumped dates and rewritten histories: {len(health.jumps) or 'none'}.",
    ]
    lines += [
        f"{_safe(jump.kind)}: {_code(jump.sha[:12])} {_safe(jump.detail)}"
        for jump in health.jumps[:MOST]
    ]
    lines += [
        f"Left out of {_safe(row.repository)}: {row.count} of {_safe(row.reason)}."
        for row in health.left_out
    ]
    lines += [_safe(note) for note in health.notes]
    if health.later:
        lines.append(f"Landings after this week, in no figure here: {health.later}.")
    yield _list(lines)


def _landed(report: Report) -> Iterator[str]:
    yield "<h2>What agents landed</h2>"
    yield _table(("", "this week", "26 weeks"), figures(report.this_week, report.window), 1)
    yield f'<figure><div class="light">{chart_svg(report, "light")}</div>'
    yield f'<div class="dark">{chart_svg(report, "dark")}</div>'
    yield f'<figcaption class="soft">{_safe(chart_description(report), 1000)}</figcaption></figure>'
    heads = ("week", *(x.letter for x in ReviewClass), "reviewed at head")
    rows = ((row.week, *map(str, row.counts), row.label) for row in chart_rows(report))
    yield f"<details><summary>The chart's figures</summary>{_table(heads, rows, 1)}</details>"


def _exceptions(report: Report) -> Iterator[str]:
    yield "<h2>Exceptions of this week</h2>"
    if not report.exceptions:
        yield f"<p>{no_exceptions(report.this_week)}</p>"
        return
    heads = ("change", "landed", "risk", "class", "why", "title and reason")
    yield _table(heads, map(_exceptional, report.exceptions), len(heads))


def _exceptional(row: Exceptional) -> tuple[str, ...]:
    landing = row.landing
    reason = " ".join([_safe(landing.reason), *map(_safe, claimed(landing))])
    return (
        _code(landing.change or landing.sha[:12]),
        escape(landed(landing)),
        escape(landing.risk.value) if landing.risk else "not scanned",
        landing.review_class.letter,
        escape(", ".join(row.why)),
        f'{_safe(landing.title)}<br><span class="soft">{reason}</span>',
    )


def _breakdowns(report: Report) -> Iterator[str]:
    for part in report.breakdowns:
        yield f"<h2>Coverage by {escape(part.title)}</h2>"
        yield _breakdown(part)


def _breakdown(part: Breakdown) -> str:
    rows = (
        (_safe(row.key), week_figure(row), ratio(row.window.reviewed, row.window.n))
        for row in part.rows
    )
    return _table((part.title, "this week", "26 weeks"), rows, 1) if part.rows else "<p>None.</p>"


def _cannot_see(report: Report) -> Iterator[str]:
    yield "<h2>What this report cannot see</h2>"
    yield _list(map(_safe, report.cannot_see))


def _definitions(report: Report) -> Iterator[str]:
    yield "<h2>Definitions</h2>"
    yield _list(
        f"<strong>{_safe(word)}</strong>: {_safe(text)}" for word, text in report.definitions
    )
    seq, digest = report.head
    yield (
        f'<p class="soft">Ledger head {_code(f"{seq}:{digest}")} · '
        f"made {report.made_at:%Y-%m-%d %H:%M} UTC</p>"
    )
