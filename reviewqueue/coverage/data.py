"""The weekly report as data: the same figures, under keys that stay."""

import json
from datetime import datetime
from typing import Any

from reviewqueue.coverage.erosion import ARL_WEEKS, Erosion
from reviewqueue.coverage.intervals import wilson
from reviewqueue.coverage.measure import Coverage, Exceptional, Tally
from reviewqueue.coverage.report import Health, Report
from reviewqueue.domain.landing import ReviewClass


def report_json(report: Report) -> str:
    """Return the report as JSON, two spaces deep, ended by a line feed."""
    return json.dumps(report_data(report), indent=2, ensure_ascii=True) + "\n"


def report_data(report: Report) -> dict[str, Any]:
    """Return the report as plain data: text, numbers, lists and dicts only."""
    return {
        "week": report.week,
        "begins_at": _at(report.begins_at),
        "ends_at": _at(report.ends_at),
        "closed": report.closed,
        "made_at": _at(report.made_at),
        "scope": report.scope,
        "target": report.target,
        "verdict": {
            "state": report.state.value,
            "summary": report.summary,
            "average_run_length_weeks": ARL_WEEKS,
            "charts": [_chart(chart) for chart in report.charts],
        },
        "health": _health(report.health),
        "this_week": _coverage(report.this_week),
        "window": _coverage(report.window),
        "weeks": [{"week": group.key, **_tally(group.tally)} for group in report.window.by_week],
        "exceptions": [_exceptional(row) for row in report.exceptions],
        "breakdowns": {
            part.title: [
                {"key": row.key, "week": _tally(row.week), "window": _tally(row.window)}
                for row in part.rows
            ]
            for part in report.breakdowns
        },
        "cannot_see": list(report.cannot_see),
        "definitions": dict(report.definitions),
        "ledger_head": {"seq": report.head[0], "hash": report.head[1]},
    }


def _at(moment: datetime) -> str:
    return moment.isoformat()


def _tally(tally: Tally) -> dict[str, Any]:
    return {
        "n": tally.n,
        "reviewed": tally.reviewed,
        "classes": {x.letter: tally.of(x) for x in ReviewClass},
        "lines": tally.lines,
        "reviewed_lines": tally.reviewed_lines,
        "findings": tally.findings,
        "unanswered": tally.unanswered,
    }


def _coverage(coverage: Coverage) -> dict[str, Any]:
    return {
        "agents": _tally(coverage.agents),
        "flagged": _tally(coverage.flagged),
        "unattributed": _tally(coverage.unattributed),
        "mechanical": _tally(coverage.mechanical),
        "suspected": coverage.suspected,
        "dated_by": {dated_by.value: count for dated_by, count in coverage.dated_by},
    }


def _chart(chart: Erosion) -> dict[str, Any]:
    return {
        "name": chart.name,
        "state": chart.state.value,
        "sentence": chart.sentence,
        "n": chart.n,
        "reviewed": chart.reviewed,
        "unknown": chart.unknown,
        "process_interval_95": list(wilson(chart.reviewed, chart.n)),
        "evidence": chart.evidence,
        "threshold": chart.threshold,
        "cusum": chart.cusum,
        "cusum_threshold": chart.cusum_threshold,
        "alarm_week": chart.alarm_week,
        "likely_began": chart.likely_began,
        "points": [
            {
                "week": point.count.week,
                "n": point.count.n,
                "reviewed": point.count.reviewed,
                "unknown": point.count.unknown,
                "evidence": point.evidence,
                "threshold": point.threshold,
                "cusum": point.cusum,
            }
            for point in chart.points
        ],
    }


def _health(health: Health) -> dict[str, Any]:
    return {
        "n": health.n,
        "unknown": health.unknown,
        "poor": health.poor,
        "dated_by_commit": health.backfilled,
        "suspected": health.suspected,
        "later": health.later,
        "jumps": [
            {
                "repository": jump.repository,
                "sha": jump.sha,
                "seen_at": _at(jump.seen_at),
                "kind": jump.kind,
                "detail": jump.detail,
            }
            for jump in health.jumps
        ],
        "left_out": [
            {"repository": row.repository, "reason": row.reason, "count": row.count}
            for row in health.left_out
        ],
        "notes": list(health.notes),
    }


def _exceptional(row: Exceptional) -> dict[str, Any]:
    landing = row.landing
    return {
        "repository": landing.repository,
        "sha": landing.sha,
        "change": landing.change,
        "title": landing.title,
        "why": list(row.why),
        "class": landing.review_class.letter,
        "reason": landing.reason,
        "risk": landing.risk.value if landing.risk else None,
        "unscannable": landing.unscannable,
        "findings": landing.findings,
        "unanswered": landing.unanswered,
        "agent": landing.attribution.agent,
        "team": landing.team,
        "landed_at": _at(landing.landed_at),
        "dated_by": landing.dated_by.value,
        "added": landing.added,
        "removed": landing.removed,
        "claims": list(landing.claims),
    }
