"""Landings and reports made up for the tests of this folder."""

import random
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from reviewqueue.coverage import Report, build_report
from reviewqueue.coverage.weeks import week_start, weeks_up_to
from reviewqueue.domain.attribution import Attribution, Certainty
from reviewqueue.domain.change import DatedBy
from reviewqueue.domain.finding import Risk
from reviewqueue.domain.landing import Landing, ReviewClass
from reviewqueue.domain.people import Person

NOW = datetime(2026, 11, 25, 12, tzinfo=UTC)
AGENT = Attribution("claude", Certainty.DECLARED, Person("Op Erator", "op@example.org"), ("sign",))


@pytest.fixture
def now() -> datetime:
    return NOW


@pytest.fixture
def make_landing() -> Callable[..., Landing]:
    numbers = iter(range(10**6))

    def make(**given: Any) -> Landing:  # noqa: ANN401 -- any field of Landing
        number = next(numbers)
        at = given.get("landed_at", datetime(2026, 11, 18, tzinfo=UTC))
        facts: dict[str, Any] = {
            "repository": "harbor",
            "sha": f"{number:040x}",
            "change": f"{number:012x}",
            "revision": f"{number + 10**9:040x}",
            "landed_at": at,
            "dated_by": DatedBy.SIGHTING,
            "seen_at": at,
            "by": Person("Mo Reed", "mo@example.org"),
            "title": f"Change number {number}",
            "attribution": AGENT,
            "team": "",
            "risk": Risk.NONE,
            "unscannable": False,
            "findings": 0,
            "unanswered": 0,
            "added": 10,
            "removed": 2,
            "review_class": ReviewClass.REVIEWED,
            "reason": "Approved by Mo Reed at the content that landed.",
        }
        return Landing(**(facts | given))

    return make


@pytest.fixture
def history(make_landing: Callable[..., Landing]) -> Callable[..., list[Landing]]:
    """Return a function that makes 26 weeks of two teams: one steady, one eroding."""

    def make(seed: int = 7, *, per_week: int = 12) -> list[Landing]:
        return list(_two_teams(random.Random(seed), make_landing, per_week))  # noqa: S311 -- no secret

    return make


def _two_teams(
    chance: random.Random, make: Callable[..., Landing], per_week: int
) -> Iterator[Landing]:
    bad = (
        ReviewClass.STALE,
        ReviewClass.REQUESTER_ONLY,
        ReviewClass.BOT_ONLY,
        ReviewClass.POST_MERGE,
        ReviewClass.NONE,
        ReviewClass.NONE,
        ReviewClass.BYPASS,
    )
    for number, week in enumerate(weeks_up_to("2026-W47", 26)):
        for team, share in (
            ("@acme/tide", 0.96),
            ("@acme/anchor", 0.96 - max(0, number - 13) / 25),
        ):
            for _ in range(per_week + chance.randrange(-3, 4)):
                reviewed = chance.random() < share
                yield make(
                    team=team,
                    landed_at=week_start(week) + timedelta(hours=chance.randrange(160)),
                    review_class=ReviewClass.REVIEWED if reviewed else chance.choice(bad),
                    risk=chance.choices(list(Risk), [60, 20, 10, 7, 3])[0],
                )


@pytest.fixture
def report(history: Callable[..., list[Landing]]) -> Report:
    return build_report(history(), (), (), "2026-W47", 0.9, (1234, "ab" * 32), NOW)
