"""Which reviews count: people are counted, not approvals."""

import itertools
from collections.abc import Callable
from dataclasses import replace

import pytest

from reviewqueue.domain.attribution import Attribution
from reviewqueue.domain.change import Change, Revision
from reviewqueue.domain.people import Person
from reviewqueue.domain.review import (
    Decision,
    DecisionKind,
    approvals_at,
    distinct_people,
    objections_at,
    standing,
)

Decide = Callable[..., Decision]
Count = Callable[..., tuple[list[str], dict[str, str]]]
ObjectTo = Callable[..., list[str]]
ANN = Person("Ann Lee", "ann@corp.io", "annlee")
BOB = Person("Bob Ray", "bob@corp.io", "bob")
REQUEST = DecisionKind.REQUEST_CHANGES
COMMENT = DecisionKind.COMMENT


@pytest.fixture(name="count")
def _count(
    change: Change, revision: Revision, attribution: Attribution
) -> Callable[..., tuple[list[str], dict[str, str]]]:
    """Return the ids that count, and why each other does not."""

    def count(
        *decisions: Decision, development_counts: bool = False
    ) -> tuple[list[str], dict[str, str]]:
        counted, refused = approvals_at(
            decisions, change, revision, attribution, development_counts=development_counts
        )
        return [d.id for d in counted], {d.id: why for d, why in refused}

    return count


@pytest.fixture(name="object_to")
def _object_to(change: Change, revision: Revision) -> Callable[..., list[str]]:
    def objections(*decisions: Decision, development_counts: bool = False) -> list[str]:
        found = objections_at(decisions, change, revision, development_counts=development_counts)
        return [decision.id for decision in found]

    return objections


def test_it_counts_each_human_who_approved_this_revision(count: Count, decide: Decide) -> None:
    assert count(decide(ANN), decide(BOB)) == (["0", "1"], {})


@pytest.mark.parametrize(
    ("reviewer", "why"),
    [
        (Person("Opie", "x@y.org", "opie"), "opened the change"),
        (Person("C", "CORA@corp.io"), "is an author or co-author"),
        (Person("", "", "pusher"), "pushed the head"),
        (Person("Oper Ator"), "is the operator who ran the agent"),
        (Person("reviewer[bot]", "", "reviewer[bot]"), "is a machine"),
        (Person("Claude", "noreply@anthropic.com"), "is a machine"),
        (Person("Claude Code", "ann@corp.io"), "is a machine"),
    ],
)
def test_it_counts_nobody_who_had_a_part_and_no_machine(
    count: Count, decide: Decide, reviewer: Person, why: str
) -> None:
    assert count(decide(reviewer)) == ([], {"0": why})


def test_it_counts_one_person_once(count: Count, decide: Decide) -> None:
    counted, refused = count(
        decide(ANN), decide(Person("Ann Lee", "ann@home.org")), decide(Person("A", "", "AnnLee"))
    )

    assert counted == ["2"]
    assert set(refused) == {"0", "1"}


def test_it_counts_one_decision_that_came_twice_once(count: Count, decide: Decide) -> None:
    decision = decide(ANN)

    assert count(decision, replace(decision)) == (["0"], {})


def test_it_finds_a_part_in_the_change_through_another_name(count: Count, decide: Decide) -> None:
    bridge = Person("Cora Thor", "c@home.org")

    counted, refused = count(decide(Person("C. T.", "c@home.org")), decide(bridge))

    assert counted == []
    assert refused["0"] == "is an author or co-author"


def test_it_counts_no_approval_of_another_revision(count: Count, decide: Decide) -> None:
    assert count(decide(ANN, sha="1" * 40)) == (
        [],
        {"0": "approved another revision, 111111111111"},
    )


def test_it_keeps_an_approval_here_when_another_revision_is_approved_later(
    count: Count, decide: Decide
) -> None:
    counted, refused = count(decide(ANN), decide(ANN, sha="3" * 40))

    assert counted == ["0"]
    assert set(refused) == {"1"}


@pytest.mark.parametrize("sha", ["", "1" * 40, "3" * 40])
def test_it_lets_a_later_request_for_changes_end_an_approval(
    count: Count, decide: Decide, sha: str
) -> None:
    assert count(decide(ANN), decide(ANN, REQUEST, sha))[0] == []


def test_it_counts_no_dismissed_approval_nor_the_one_before_it(
    count: Count, decide: Decide
) -> None:
    assert count(decide(ANN), decide(ANN, dismissed=True))[0] == []


def test_it_lets_a_comment_change_nothing(count: Count, decide: Decide) -> None:
    assert count(decide(ANN), decide(ANN, COMMENT)) == (["0"], {})


def test_it_counts_development_decisions_only_where_they_do(count: Count, decide: Decide) -> None:
    decision = decide(ANN, development=True)

    assert count(decision)[0] == []
    assert count(decision, development_counts=True)[0] == ["0"]


def test_it_lets_an_unvouched_decision_end_nothing(
    count: Count, object_to: ObjectTo, decide: Decide
) -> None:
    approval, request = decide(ANN), decide(BOB, REQUEST)
    unvouched = [decide(ANN, REQUEST, development=True), decide(BOB, development=True)]

    assert count(approval, request, *unvouched)[0] == ["0"]
    assert object_to(approval, request, *unvouched) == ["1"]


def test_it_counts_nothing_of_another_change(
    count: Count, object_to: ObjectTo, decide: Decide
) -> None:
    approval = replace(decide(ANN), change="another")
    request = replace(decide(BOB, REQUEST), change="another")

    assert count(approval, request)[0] == []
    assert object_to(approval, request) == []


def test_it_does_not_depend_on_the_order_given(
    count: Count, object_to: ObjectTo, decide: Decide
) -> None:
    decisions = [decide(ANN, REQUEST), decide(BOB), decide(ANN), decide(BOB, REQUEST)]

    for order in itertools.permutations(decisions):
        assert count(*order)[0] == ["2"]
        assert object_to(*order) == ["3"]


@pytest.mark.parametrize(
    "reviewer", [ANN, Person("Cora Thor", "cora@corp.io"), Person("Oper Ator", login="oper")]
)
def test_it_hears_a_request_for_changes_from_anybody(
    object_to: ObjectTo, decide: Decide, reviewer: Person
) -> None:
    assert object_to(decide(reviewer, REQUEST, sha="1" * 40)) == ["0"]


def test_it_hears_no_request_of_a_machine_or_one_dismissed(
    object_to: ObjectTo, decide: Decide
) -> None:
    bot = decide(Person("x[bot]", login="x[bot]"), REQUEST)

    assert object_to(bot, decide(ANN, REQUEST, dismissed=True)) == []


@pytest.mark.parametrize(
    ("later", "sha", "stands"),
    [
        (ANN, "", False),
        (ANN, "1" * 40, False),
        (ANN, "9" * 40, True),
        (Person("Ann Lee", "evil@x.org", "evil"), "", True),
        (Person("Ann Lee"), "", True),
        (BOB, "", True),
    ],
)
def test_it_lets_only_the_same_account_take_a_request_back(
    object_to: ObjectTo, decide: Decide, later: Person, sha: str, *, stands: bool
) -> None:
    request = decide(ANN, REQUEST, sha="1" * 40)

    assert object_to(request, decide(later, sha=sha)) == (["0"] if stands else [])


def test_it_keeps_a_request_that_a_dismissed_approval_would_take_back(
    object_to: ObjectTo, decide: Decide
) -> None:
    assert object_to(decide(ANN, REQUEST), decide(ANN, dismissed=True)) == ["0"]


def test_it_reduces_to_the_latest_of_each_person(decide: Decide) -> None:
    stands = standing([decide(ANN), decide(BOB), decide(ANN, COMMENT), decide(ANN, REQUEST)])

    assert [decision.id for decision in stands] == ["1", "3"]


def test_it_names_each_person_once() -> None:
    assert distinct_people([ANN, BOB, Person("Ann Lee")]) == (ANN, BOB)
