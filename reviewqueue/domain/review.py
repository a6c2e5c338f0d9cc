"""What reviewers do, and which of it counts.

Which review counts is decided here once, for gate and coverage alike: people are
counted, not approvals.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from reviewqueue.domain.attribution import Attribution
from reviewqueue.domain.change import Change, Revision
from reviewqueue.domain.machines import is_machine
from reviewqueue.domain.people import Person, people, same_person, traits


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
    decided = [d for d in decisions if d.kind is not DecisionKind.COMMENT]
    group_of = _groups(decided)
    latest: dict[int, Decision] = {}
    for decision in sorted(decided, key=lambda d: d.at):
        latest[group_of[decision.reviewer]] = decision
    return tuple(sorted(latest.values(), key=lambda d: d.at))


def distinct_people(persons: Iterable[Person]) -> tuple[Person, ...]:
    """Return one of each person, first seen first."""
    return tuple(group[0] for group in people(persons))


def approvals_at(
    decisions: Iterable[Decision],
    change: Change,
    revision: Revision,
    attribution: Attribution,
    *,
    development_counts: bool,
) -> tuple[tuple[Decision, ...], tuple[tuple[Decision, str], ...]]:
    """Return the approvals that count at the revision, and those that do not with why.

    ``decisions`` are all of the change, in any order. Counted: one each of distinct
    people, at this revision, vouched for, not withdrawn, and of nobody who had a part in
    the change; oldest first. Refused: every other approval with a sentence fragment
    ("is the operator who ran the agent", "approved another revision, 1a2b3c4d5e6f", …).
    """
    refused: list[tuple[Decision, str]] = []
    candidates: list[Decision] = []
    for decision in dict.fromkeys(decisions):
        why = _not_heard(decision, change, development_counts=development_counts)
        why = why or _elsewhere(decision, revision)
        if why is None:
            candidates.append(decision)
        elif decision.kind is DecisionKind.APPROVE:
            refused.append((decision, why))
    stands = standing(candidates)
    barred = _barred(candidates, change, revision, attribution)
    group_of = _groups(candidates)
    counted: list[Decision] = []
    for decision in candidates:
        if decision.kind is not DecisionKind.APPROVE:
            continue
        why = barred.get(group_of[decision.reviewer]) or _withdrawn(decision, stands)
        if why is None:
            counted.append(decision)
        else:
            refused.append((decision, why))
    counted.sort(key=lambda decision: decision.at)
    return tuple(counted), tuple(sorted(refused, key=lambda pair: pair[0].at))


def objections_at(
    decisions: Iterable[Decision], change: Change, revision: Revision, *, development_counts: bool
) -> tuple[Decision, ...]:
    """Return the requests for changes that stand at the revision, oldest first.

    Whoever asks: having had a part in the change bars nobody from saying that it must not
    merge yet, or an agent could silence a reviewer by naming them as co-author. Only the
    same account's later approval, of that revision or of this one, takes a request back.
    """
    heard = [
        decision
        for decision in dict.fromkeys(decisions)
        if _not_heard(decision, change, development_counts=development_counts) is None
        and not decision.dismissed
    ]
    requests = [d for d in heard if d.kind is DecisionKind.REQUEST_CHANGES]
    return tuple(
        request
        for request in sorted(requests, key=lambda d: d.at)
        if not any(_takes_back(later, request, revision) for later in heard)
    )


def same_account(one: Person, other: Person) -> bool:
    """Return whether two names surely are one person: by login or address, not by name."""
    shared = traits(one) & traits(other)
    return one == other or any(not trait.startswith("name:") for trait in shared)


def _takes_back(later: Decision, request: Decision, revision: Revision) -> bool:
    if later.at <= request.at or not same_account(later.reviewer, request.reviewer):
        return False
    if later.kind is DecisionKind.REQUEST_CHANGES:
        return True  # the later request stands in its place
    return later.kind is DecisionKind.APPROVE and later.revision in (request.revision, revision.sha)


def _not_heard(decision: Decision, change: Change, *, development_counts: bool) -> str | None:
    if decision.change != change.id:
        return "decided on another change"
    if is_machine(decision.reviewer):
        return "is a machine"
    if decision.development and not development_counts:
        return "decided under the development sign-in, which vouches for nobody"
    return None


def _elsewhere(decision: Decision, revision: Revision) -> str | None:
    if decision.kind is DecisionKind.APPROVE and decision.revision != revision.sha:
        return f"approved another revision, {decision.revision[:12]}"
    return None


def _withdrawn(decision: Decision, stands: tuple[Decision, ...]) -> str | None:
    if decision.dismissed:
        return "was dismissed"
    if not any(decision is other for other in stands):
        return "decided again later, or somebody who may be the same person did"
    return None


def _groups(decisions: Sequence[Decision]) -> dict[Person, int]:
    """Return by reviewer the number of the human behind the name."""
    groups = people(dict.fromkeys(decision.reviewer for decision in decisions))
    return {person: number for number, group in enumerate(groups) for person in group}


def _barred(
    decisions: Sequence[Decision], change: Change, revision: Revision, attribution: Attribution
) -> dict[int, str]:
    """Return by human why they cannot review; one barred name bars the human's others."""
    found: dict[int, str] = {}
    for person, number in _groups(decisions).items():
        why = disqualification(person, change, revision, attribution)
        if why is not None:
            found.setdefault(number, why)
    return found
