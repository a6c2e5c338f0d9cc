"""How often a rule is right: each finding once, only answers that count, disagreement told."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from reviewqueue.coverage import Answered, Precision, precision
from reviewqueue.domain.attribution import Attribution, Certainty
from reviewqueue.domain.change import Change, DatedBy, Revision
from reviewqueue.domain.people import Person
from reviewqueue.domain.review import Answer, Disposition

NOW = datetime(2026, 11, 25, 12, tzinfo=UTC)
ADA = Person("Ada", "ada@x.org")
BO = Person("Bo", "bo@x.org")
OPERATOR = Person("Op", "op@x.org")
AGENT = Person("Claude", "noreply@anthropic.com")
REAL, RISK, FALSE = Answer.CONFIRMED, Answer.ACCEPTED_RISK, Answer.FALSE_POSITIVE


def said(
    answer: Answer,
    finding: str = "f",
    by: Person = ADA,
    *,
    change: str = "c",
    minute: int = 0,
    **more: Any,  # noqa: ANN401 -- any field of Disposition
) -> Answered:
    at = NOW + timedelta(minutes=minute)
    facts: dict[str, Any] = {"revision": "s", "reason": "because", **more}
    return Answered(
        disposition=Disposition(
            change=change, fingerprint=finding, rule="r", answer=answer, reviewer=by, at=at, **facts
        ),
        change=Change(
            id=change,
            repository="r",
            ref="refs/heads/x",
            branch="x",
            number=None,
            title="t",
            author=AGENT,
            opened_at=NOW,
            dated_by=DatedBy.SIGHTING,
        ),
        revision=Revision(
            change=change,
            number=1,
            sha="s",
            base="b",
            seen_at=NOW,
            message="m",
            authors=(AGENT,),
            pusher=None,
            commits=("s",),
            content_id="",
        ),
        attribution=Attribution("claude", Certainty.DECLARED, OPERATOR, ("sign",)),
    )


def counts(*answers: Answered, found: int = 99) -> tuple[int, int, int, int]:
    told = precision(answers, found)
    return told.confirmed, told.accepted, told.false, told.disputed


def test_it_counts_each_finding_once() -> None:
    answers = [said(REAL, "1"), said(RISK, "2"), said(FALSE, "3"), said(FALSE, "4")]
    told = precision(answers, 9)
    assert counts(*answers) == (1, 1, 2, 0)
    assert (told.k, told.n, told.found) == (2, 4, 9)
    again = [said(FALSE, "3", BO), said(FALSE, "3", revision="later")]
    assert counts(*answers, *again) == (1, 1, 2, 0)
    assert counts(said(REAL), said(REAL, change="d")) == (2, 0, 0, 0)


def test_the_latest_answer_of_a_person_holds() -> None:
    first, second = said(FALSE), said(REAL, minute=5)
    assert counts(first, second) == counts(second, first) == (1, 0, 0, 0)
    assert counts(said(REAL), said(FALSE, minute=5)) == (0, 0, 1, 0)


def test_where_people_disagree_the_rule_was_not_right() -> None:
    told = precision([said(REAL), said(FALSE, by=BO)], 1)
    assert (told.k, told.n, told.disputed) == (0, 1, 1)
    assert counts(said(REAL), said(RISK, by=BO)) == (1, 0, 0, 0)
    assert counts(said(REAL), said(FALSE, by=BO), said(RISK, by=BO, minute=3)) == (1, 0, 0, 0)


@pytest.mark.parametrize(
    ("answer", "why"),
    [
        (said(REAL, by=OPERATOR), "is the operator who ran the agent"),
        (said(REAL, by=AGENT), "is a machine"),
        (said(REAL, reason="  "), "gave no reason"),
    ],
)
def test_an_answer_that_does_not_count_is_told_apart(answer: Answered, why: str) -> None:
    assert answer.refusal == why
    told = precision([answer, said(FALSE)], 3)
    assert (told.k, told.n, told.not_counted) == (0, 1, 1)


def test_it_gives_no_share_of_few() -> None:
    nine = [said(REAL, str(number)) for number in range(9)]
    assert precision(nine, 9).few
    assert not precision([*nine, said(FALSE, "10")], 10).few
    assert precision([], 0) == Precision(
        found=0, confirmed=0, accepted=0, false=0, disputed=0, not_counted=0, development=0
    )


def test_it_says_how_many_nobody_vouches_for() -> None:
    assert precision([said(REAL, development=True), said(FALSE, "2")], 2).development == 1
