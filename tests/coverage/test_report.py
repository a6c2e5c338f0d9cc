"""The weekly report, in every form."""

import json
import re
import xml.etree.ElementTree as ET
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from html.parser import HTMLParser
from typing import Any

import pytest
from markdown_it import MarkdownIt

from reviewqueue.coverage import (
    ErosionState,
    Report,
    build_report,
    chart_rows,
    chart_svg,
    report_data,
    report_html,
    report_json,
    report_markdown,
)
from reviewqueue.coverage.rows import Theme
from reviewqueue.domain.attribution import UNATTRIBUTED
from reviewqueue.domain.change import DatedBy, Jump, Repository, RepositoryKind
from reviewqueue.domain.event import Pulled
from reviewqueue.domain.finding import Risk
from reviewqueue.domain.landing import Landing, ReviewClass

MAKE = Callable[..., Landing]
HISTORY = Callable[..., list[Landing]]
HEAD = (1234, "ab" * 32)
HOSTILE = (
    "<script>alert(1)</script>",
    "<img src=x onerror=alert(1)>",
    "@acme/everyone please look",
    "![x](https://evil.example/pixel.png) [y](javascript:alert(1))",
    "one | two | three",
    "`` ` ``` code` <b>bold</b>",
    "line\n# Heading\r\n\u2028- item\u0085next",
    "\x1b[2J\x1b]8;;https://evil.example\x07click",
    "\u202egnp.exe \u200bhidden\ufeff",
    "</title></desc></svg><svg onload=alert(1)>",
    "=cmd|'/c calc'!A1",
    "::set-output name=x::y #1 GH-2",
    '"><a href="https://evil.example">x</a>',
    "x" * 5000,
    "",
    "`",
    "\\",
)


def report_of(landings: list[Landing], now: datetime, **given: Any) -> Report:  # noqa: ANN401 -- any argument of build_report
    facts: dict[str, Any] = {
        "jumps": (),
        "pulls": (),
        "week": "2026-W47",
        "target": 0.9,
        "head": HEAD,
        "now": now,
    }
    return build_report(landings, **(facts | given))


def test_it_calls_the_eroding_team_and_not_the_steady_one(report: Report) -> None:
    states = {chart.name: chart.state for chart in report.charts}
    assert states["@acme/anchor"] is ErosionState.ALARM
    assert states["@acme/tide"] is not ErosionState.ALARM
    assert report.state is ErosionState.ALARM
    assert report.charts[0].likely_began is not None
    assert report.charts[0].likely_began >= "2026-W33"


def test_it_sums_the_breakdowns_and_the_weeks_to_the_window(report: Report) -> None:
    assert sum(row.n for row in chart_rows(report)) == report.window.agents.n
    assert len(chart_rows(report)) == 26
    for part in report.breakdowns:
        assert sum(row.window.n for row in part.rows) == report.window.agents.n
        assert sum(row.week.n for row in part.rows) == report.this_week.agents.n


def test_it_reports_a_week_as_it_was_whatever_came_after(history: HISTORY, now: datetime) -> None:
    landings = history()
    before = [x for x in landings if x.landed_at < datetime(2026, 11, 2, tzinfo=UTC)]
    then = report_of(before, now, week="2026-W44")
    since = report_of(landings, now, week="2026-W44")
    assert since.health.later == len(landings) - len(before) > 0
    assert replace(since, health=then.health) == then


def test_it_keeps_an_open_week_out_of_the_charts_and_says_so(
    make_landing: MAKE, history: HISTORY, now: datetime
) -> None:
    bad = [make_landing(landed_at=now, review_class=ReviewClass.NONE) for _ in range(50)]
    running = report_of([*history(), *bad], now, week="2026-W48")
    assert not running.closed
    assert running.this_week.agents.n == 50
    assert {chart.points[-1].count.week for chart in running.charts} == {"2026-W47"}
    for text in (report_markdown(running), report_html(running)):
        assert "still running" in text


@pytest.mark.parametrize("week", ["2026-W49", "2027-W01", "9999-W52", "2026-47", "", "x\ny"])
def test_it_refuses_a_week_that_is_malformed_or_to_come(week: str, now: datetime) -> None:
    with pytest.raises(ValueError, match=r"week|Week") as refused:
        report_of([], now, week=week)
    assert "\n" not in str(refused.value)


def test_it_is_honest_about_nothing(now: datetime) -> None:
    empty = report_of([], now)
    assert empty.state is ErosionState.NOT_ENOUGH_DATA
    assert empty.charts == ()
    text = report_markdown(empty)
    assert "## Verdict: NOT ENOUGH DATA" in text
    assert "Nothing that agents wrote landed in this week." in text
    assert "none landed" in text
    assert "100 %" not in text
    assert "No agent's landing in these 26 weeks." in chart_svg(empty).replace("&#x27;", "'")
    assert "Nothing that agents wrote landed" in report_html(empty)
    assert json.loads(report_json(empty))["this_week"]["agents"]["n"] == 0


def test_it_calls_a_repository_whose_reviews_it_cannot_see_neither_ok_nor_alarm(
    make_landing: MAKE, now: datetime
) -> None:
    unknown = [
        make_landing(
            review_class=ReviewClass.UNKNOWN,
            landed_at=now - timedelta(weeks=1 + n % 20),
            dated_by=DatedBy.COMMIT,
        )
        for n in range(200)
    ]
    found = report_of(unknown, now)
    assert found.state is ErosionState.NOT_ENOUGH_DATA
    assert found.health.poor
    assert (found.health.unknown, found.health.backfilled) == (200, 200)
    assert "Too much is unknown" in report_markdown(found)
    assert "Dated by what the commit claims: 200 of 200." in report_markdown(found)


def test_it_keeps_people_and_mechanical_bots_out_of_the_charts(
    make_landing: MAKE, now: datetime
) -> None:
    theirs = [make_landing(attribution=UNATTRIBUTED, team="@acme/people") for _ in range(40)]
    found = report_of(theirs, now)
    assert found.charts == ()
    assert found.this_week.unattributed.n == 40


def test_it_lists_jumps_and_what_was_left_out(make_landing: MAKE, now: datetime) -> None:
    jumps = [
        Jump(
            repository="harbor",
            sha=f"{n:040x}",
            seen_at=now - timedelta(days=9),
            kind="date",
            detail="dated 2099-01-01",
        )
        for n in range(25)
    ]
    pulled = Pulled(
        repository="harbor",
        tip="a" * 40,
        heads=9,
        landings=1,
        left_out={"no agent": 7, "older": 0},
        notes=("shallow: history before 2026-06-01 is not here",),
    )
    text = report_markdown(report_of([make_landing()], now, jumps=jumps, pulls=[pulled]))
    assert "Jumped dates and rewritten histories: 25." in text
    assert "and 5 more" in text
    assert "Left out of `harbor`: 7 of `no agent`." in text
    assert "older" not in text
    assert "shallow" in text


def test_it_reports_one_repository_alone(make_landing: MAKE, now: datetime) -> None:
    known = [
        Repository(
            id=name,
            name=f"acme/{name}",
            address="",
            kind=RepositoryKind.PLAIN,
            default_branch="main",
            first_seen_at=now,
        )
        for name in ("harbor", "quay")
    ]
    both = [make_landing(), make_landing(repository="quay"), make_landing(repository="quay")]
    found = report_of(both, now, scope="quay", repositories=known)
    assert found.scope == "acme/quay"
    assert found.this_week.agents.n == 2
    assert [row.key for row in found.breakdowns[3].rows] == ["acme/quay"]
    with pytest.raises(ValueError, match="no such repository"):
        report_of(both, now, scope="nowhere", repositories=known)


def test_it_prints_too_few_and_no_percentage_below_twenty(
    make_landing: MAKE, now: datetime
) -> None:
    text = report_markdown(report_of([make_landing() for _ in range(19)], now))
    assert "19 of 19, too few" in text
    assert "19 of 19 (" not in text


def test_it_states_target_head_limits_and_definitions_in_every_form(report: Report) -> None:
    for text in (report_markdown(report), report_html(report)):
        assert "target 90 %" in text
        assert f"1234:{'ab' * 32}" in text
        assert "cannot see" in text
        assert "Definitions" in text
        assert "every 52 weeks" in text


def test_it_gives_the_same_figures_in_every_form(report: Report) -> None:
    data = json.loads(report_json(report))
    assert data == report_data(report)
    agents = data["this_week"]["agents"]
    assert sum(agents["classes"].values()) == agents["n"] == report.this_week.agents.n
    figure = f"{agents['reviewed']} of {agents['n']}"
    for text in (report_markdown(report), report_html(report)):
        assert figure in text
        for week in data["weeks"]:
            assert week["week"] in text
    assert [row["change"] for row in data["exceptions"]] == [
        row.landing.change for row in report.exceptions
    ]


def test_it_shows_a_claim_as_a_claim_and_a_commit_date_as_one(
    make_landing: MAKE, now: datetime
) -> None:
    landing = make_landing(
        review_class=ReviewClass.UNKNOWN,
        risk=Risk.HIGH,
        claims=("Reviewed-by: Pat Lee",),
        dated_by=DatedBy.COMMIT,
    )
    found = report_of([landing], now)
    assert found.this_week.agents.reviewed == 0
    for text in (report_markdown(found), report_html(found)):
        assert "(claims: Reviewed-by: Pat Lee)" in text
        assert "2026-11-18, by commit" in text


def test_it_keeps_its_keys(report: Report) -> None:
    assert list(report_data(report)) == [
        "week",
        "begins_at",
        "ends_at",
        "closed",
        "made_at",
        "scope",
        "target",
        "verdict",
        "health",
        "this_week",
        "window",
        "weeks",
        "exceptions",
        "breakdowns",
        "cannot_see",
        "definitions",
        "ledger_head",
    ]


@pytest.fixture
def hostile(make_landing: MAKE, now: datetime) -> Report:
    landings = [
        make_landing(
            title=text,
            reason=text,
            team=text,
            repository=text,
            change=text,
            claims=(text,),
            attribution=replace(make_landing().attribution, agent=text or "x"),
            risk=Risk.CRITICAL,
            review_class=ReviewClass.BYPASS,
        )
        for text in HOSTILE
    ]
    jumps = [
        Jump(repository=text, sha=text, seen_at=now - timedelta(days=9), kind=text, detail=text)
        for text in HOSTILE
    ]
    pulls = [
        Pulled(repository=text, tip="", heads=0, landings=0, left_out={text: 1}, notes=(text,))
        for text in HOSTILE
    ]
    repositories = [
        Repository(
            id=text,
            name=text,
            address=text,
            kind=RepositoryKind.PLAIN,
            default_branch=text,
            first_seen_at=now,
        )
        for text in HOSTILE
    ]
    return report_of(landings, now, jumps=jumps, pulls=pulls, repositories=repositories)


def outside_code(markdown: str) -> str:
    """Return what is left of Markdown when its code spans are taken out."""
    return re.sub(r"(?<!`)(`+)(?!`)(.+?)(?<!`)\1(?!`)", "", markdown)


def test_it_lets_no_text_of_others_become_markdown(hostile: Report, report: Report) -> None:
    text = report_markdown(hostile)
    rest = outside_code(text)
    for sign in ("<", "@", "](", "`", "evil", "alert", "set-output", "\x1b"):
        assert sign not in rest, sign
    tame = report_markdown(report)
    assert headings(text) == headings(tame)
    exceptions = text[text.index("## Exceptions") : text.index("## Coverage by")]
    rows = [line for line in exceptions.splitlines() if line.startswith("|")]
    assert len(rows) == len(HOSTILE) + 2
    assert {line.count("|") for line in rows} == {8}


def headings(markdown: str) -> list[str]:
    lines = (line for line in markdown.splitlines() if line.startswith("#"))
    return [line.partition(":")[0] for line in lines]


def test_it_renders_to_nothing_but_headings_lists_tables_and_code(hostile: Report) -> None:
    page = _Elements()
    page.feed(MarkdownIt("commonmark").enable("table").render(report_markdown(hostile)))
    assert page.tags <= TAME


def test_it_shows_what_would_hide_or_reorder_text(hostile: Report) -> None:
    for text in (report_markdown(hostile), report_html(hostile), chart_svg(hostile)):
        assert not set("\x1b\x07\u202e\u200b\ufeff\u2028\x85\r") & set(text)
    assert "\\u202egnp.exe \\u200bhidden" in report_markdown(hostile)


TAME = {"h1", "h2", "p", "ul", "li", "strong", "code"} | {
    "table",
    "thead",
    "tbody",
    "tr",
    "th",
    "td",
}


class _Elements(HTMLParser):
    def __init__(self) -> None:
        super().__init__()
        self.tags: set[str] = set()
        self.attributes: set[str] = set()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.add(tag)
        self.attributes |= {name for name, _ in attrs}


def test_it_lets_no_text_of_others_become_html(hostile: Report) -> None:
    page = _Elements()
    page.feed(report_html(hostile))
    assert not page.tags & {"script", "img", "a", "b", "iframe", "link", "object", "form"}
    assert not {name for name in page.attributes if name.startswith(("on", "href", "src"))}
    assert "evil.example" in report_html(hostile)
    assert not re.search(r"(?:src|href|url)\s*[=(]", report_html(hostile).split("<body>")[0])


@pytest.mark.parametrize("theme", ["light", "dark"])
def test_it_draws_a_chart_that_a_strict_policy_and_a_screen_reader_accept(
    report: Report, theme: Theme
) -> None:
    svg = chart_svg(report, theme)
    root = ET.fromstring(svg)  # noqa: S314 -- our own drawing
    names = {element.tag.rpartition("}")[2] for element in root.iter()}
    attributes = {name for element in root.iter() for name in element.attrib}
    assert not names & {"script", "style", "image", "foreignObject", "a", "use"}
    assert "style" not in attributes
    assert not {name for name in attributes if name.startswith("on")}
    assert root.get("role") == "img"
    labels = (root.get("aria-labelledby") or "").split()
    words = {element.get("id"): element.text or "" for element in root[:2]}
    assert list(words) == labels
    assert "26 weeks to 2026-W47" in words[labels[0]]
    assert f"{report.window.agents.reviewed} of {report.window.agents.n}" in words[labels[1]]
    assert float(root.get("width") or 0) <= 900
    drawn = {element.text for element in root.iter() if element.text}
    assert {row.label.replace(" of ", "/") for row in chart_rows(report)} <= drawn
    assert {"A reviewed at head", "U unknown", "target 90 %"} <= drawn


def test_it_draws_a_bar_for_each_class_and_each_week(report: Report) -> None:
    # One bar segment for each class that a week holds, and one bar of numbers a week.
    svg = chart_svg(report)
    segments = sum(sum(count > 0 for count in row.counts) for row in chart_rows(report))
    bars = re.findall(r'<path d="M[^"]*" fill="#[0-9a-f]{6}"', svg)
    assert len(bars) == segments + 26


def test_it_tells_charts_of_both_themes_apart_on_one_page(report: Report) -> None:
    page = report_html(report)
    ids = re.findall(r' id="([^"]+)"', page)
    assert len(ids) == len(set(ids)) == 4
