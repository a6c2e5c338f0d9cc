"""A change with one revision, and decisions on it."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta

import pytest

from reviewqueue.domain.attribution import Attribution, Certainty
from reviewqueue.domain.change import Change, DatedBy, Revision
from reviewqueue.domain.people import Person
from reviewqueue.domain.review import Decision, DecisionKind, Source

START = datetime(2026, 3, 2, 9, tzinfo=UTC)
BOT = Person("Claude", "noreply@anthropic.com")


@pytest.fixture(name="change")
def _change() -> Change:
    return Change(
        id="c" * 12,
        repository="r",
        ref="refs/pull/1/head",
        branch="claude/fix",
        number=1,
        title="Fix",
        author=Person("Opie Ner", "opie@corp.io", "opie"),
        opened_at=START,
        dated_by=DatedBy.FORGE,
    )


@pytest.fixture(name="revision")
def _revision(change: Change) -> Revision:
    return Revision(
        change=change.id,
        number=2,
        sha="2" * 40,
        base="0" * 40,
        seen_at=START,
        message="Fix",
        authors=(BOT, Person("Cora Thor", "cora@corp.io")),
        pusher=Person("Push Er", "push@corp.io", "pusher"),
        commits=("2" * 40,),
        content_id="x",
    )


@pytest.fixture(name="attribution")
def _attribution() -> Attribution:
    operator = Person("Oper Ator", "oper@corp.io", "oper")
    return Attribution("claude", Certainty.DECLARED, operator, ("author",))


@pytest.fixture(name="decide")
def _decide(change: Change, revision: Revision) -> Callable[..., Decision]:
    """Make a decision, each an hour after the one before."""
    made: list[Decision] = []

    def make(
        reviewer: Person,
        kind: DecisionKind = DecisionKind.APPROVE,
        sha: str = "",
        *,
        development: bool = False,
        dismissed: bool = False,
    ) -> Decision:
        decision = Decision(
            id=str(len(made)),
            change=change.id,
            revision=sha or revision.sha,
            reviewer=reviewer,
            kind=kind,
            body="",
            at=START + timedelta(hours=len(made)),
            source=Source.PAGE,
            development=development,
            dismissed=dismissed,
        )
        made.append(decision)
        return decision

    return make
