"""Coverage and the weekly report: what landed, how it had been reviewed, is it eroding."""

import hashlib
from datetime import datetime
from http import HTTPStatus
from typing import Any

from flask import Blueprint, Response, abort, redirect, render_template, request, url_for
from werkzeug.wrappers import Response as BaseResponse

from reviewqueue import pipeline
from reviewqueue.coverage import (
    ErosionState,
    Report,
    ReportError,
    chart_rows,
    chart_svg,
    last_closed_week,
    report_json,
    report_markdown,
    week_of,
)
from reviewqueue.coverage.rows import Theme
from reviewqueue.coverage.text import percent
from reviewqueue.coverage.weeks import week_end, week_start
from reviewqueue.coverage.words import figures, no_exceptions, process, week_figure
from reviewqueue.domain.landing import ReviewClass
from reviewqueue.web.site import site

blueprint = Blueprint("coverage", __name__)

FEWEST = 20
"""Landings below which no figure is coloured or given as a percentage."""


def _report(week: str, repository: str, now: datetime) -> Report:
    at = site()
    try:
        return pipeline.weekly_report(at.store, at.settings, week, now, repository or None)
    except ReportError as error:
        abort(404, f"{str(error)[:1].upper()}{str(error)[1:]}.")


def _neighbour(week: str, now: datetime, *, before: bool) -> str | None:
    """Return the week next to this one, or None where it has not begun."""
    if before:
        return last_closed_week(week_start(week))
    following = week_of(week_end(week))
    return following if week_start(following) <= now else None


def _shown(report: Report, repository: str) -> dict[str, Any]:
    """Return what both pages print of a report."""
    with site().store.reading() as reader:
        repositories = reader.repositories()
        changes = {x.landing.change for x in report.window.exceptions if x.landing.change}
    return {
        "report": report,
        "rows": chart_rows(report),
        "figures": tuple(figures(report.this_week, report.window)),
        "classes": tuple(ReviewClass),
        "fewest": FEWEST,
        "process": process,
        "week_figure": week_figure,
        "percent": percent,
        "no_exceptions": no_exceptions(report.this_week),
        "repositories": repositories,
        "names": {one.id: one.name for one in repositories},
        "repository": repository,
        "changes": changes,
        "states": ErosionState,
    }


@blueprint.get("/coverage")
def show() -> str:
    """Show the last 26 weeks, or only their figures to htmx."""
    now = site().clock()
    repository = request.args.get("repository", "")
    report = _report(week_of(now), repository, now)
    fragment = request.headers.get("HX-Target") == "measures"
    return render_template(
        "coverage/measures.html" if fragment else "coverage.html",
        **_shown(report, repository),
    )


@blueprint.get("/coverage/chart.svg")
def chart() -> Response:
    """Draw the stacked bars of 26 weeks, for a light or a dark page."""
    now = site().clock()
    week = request.args.get("week", "") or week_of(now)
    report = _report(week, request.args.get("repository", ""), now)
    theme: Theme = "dark" if request.args.get("theme") == "dark" else "light"
    response = Response(mimetype="image/svg+xml")
    drawn_from = f"{report.head[1]} {report.week} {report.scope} {report.target} {theme}"
    response.set_etag(hashlib.sha256(drawn_from.encode()).hexdigest()[:32])
    if response.make_conditional(request).status_code == HTTPStatus.OK:
        response.set_data(chart_svg(report, theme))
    return response


@blueprint.get("/report")
def latest() -> BaseResponse:
    """Go to the report of the last closed week."""
    return redirect(url_for("coverage.week", week=last_closed_week(site().clock())))


@blueprint.get("/reports/<week>")
def week(week: str) -> str:
    """Show one week's report."""
    now = site().clock()
    repository = request.args.get("repository", "")
    report = _report(week, repository, now)
    return render_template(
        "report.html",
        before=_neighbour(week, now, before=True),
        after=_neighbour(week, now, before=False),
        **_shown(report, repository),
    )


@blueprint.get("/reports/<week>.md")
def week_markdown(week: str) -> Response:
    """Give one week's report as Markdown."""
    report = _report(week, request.args.get("repository", ""), site().clock())
    return Response(report_markdown(report), mimetype="text/markdown")


@blueprint.get("/reports/<week>.json")
def week_json(week: str) -> Response:
    """Give one week's report as JSON."""
    report = _report(week, request.args.get("repository", ""), site().clock())
    return Response(report_json(report), mimetype="application/json")
