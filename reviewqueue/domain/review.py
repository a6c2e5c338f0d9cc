"""What reviewers do, and which of it counts.

Which review counts is decided here once, for gate and coverage alike: people are
counted, not approvals.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from reviewqueue.domain.attribution import Attribution
from reviewqueue.domain.change import Change, Revision
from reviewqueue.domain.people import Person, same_person


class DecisionKind(StrEnum):
    """What a reviewer decided."""

    APPROVE = "approve"
    REQUEST_CHANGES = "request changes"
    COMMENT = "comment"


class Source(StrEnum):
    """Where a decision was made."""

    PAGE = "page"
    GITHUB = "github"


class Answer(StrEnum):
    """A reviewer's answer to one finding."""

    CONFIRMED = "confirmed"
    FALSE_POSITIVE = "false positive"
    ACCEPTED_RISK = "accepted risk"


@dataclass(frozen=True, slots=True, kw_only=True)
class Decision:
    """A reviewer's decision, pinned to the revision that was seen."""

    id: str
    change: str
    revision: str
    """The head SHA that was reviewed."""
    reviewer: Person
    kind: DecisionKind
    body: str
    at: datetime
    source: Source
    development: bool = False
    """Made under the development sign-in: nobody vouches for who it was."""
    dismissed: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Disposition:
    """A reviewer's answer to one finding, with a reason; the latest of each person holds."""

    change: str
    revision: str
    fingerprint: str
    rule: str
    answer: Answer
    reason: str
    reviewer: Person
    at: datetime
    development: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class RosterMember:
    """Somebody who may be asked to review."""

    person: Person
    source: str
    """Why they are on the roster, in a sentence."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Assignment:
    """Who was asked to review a change, and why."""

    change: str
    revision: str
    reviewer: Person
    reasons: tuple[str, ...]
    at: datetime
    due_at: datetime


def disqualification(
    reviewer: Person, change: Change, revision: Revision, attribution: Attribution
) -> str | None:
    """Return why this person's review of the revision cannot count, or None.

    A sentence fragment: "is the operator", "is an author", ….
    """
    if attribution.operator and same_person(reviewer, attribution.operator):
        return "is the operator who ran the agent"
    if same_person(reviewer, change.author):
        return "opened the change"
    if any(same_person(reviewer, author) for author in revision.authors):
        return "is an author or co-author"
    if revision.pusher and same_person(reviewer, revision.pusher):
        return "pushed the head"
    return None


def standing(decisions: Iterable[Decision]) -> tuple[Decision, ...]:
    """Return each person's latest decision that is not a comment, oldest first.

    Reduces to the latest *before* anything is filtered, so that a later dismissal or
    request for changes supersedes an approval.
    """
    latest: list[Decision] = []
    for decision in sorted(decisions, key=lambda d: d.at):
        if decision.kind is DecisionKind.COMMENT:
            continue
        latest = [d for d in latest if not same_person(d.reviewer, decision.reviewer)]
        latest.append(decision)
    return tuple(latest)


def distinct_people(people: Iterable[Person]) -> tuple[Person, ...]:
    """Return one of each person, first seen first."""
    found: list[Person] = []
    for person in people:
        if not any(same_person(person, other) for other in found):
            found.append(person)
    return tuple(found)
