"""The review class of a landing: exactly one, from stored evidence, with a sentence.

What a commit claims of its own review changes no class; a claim is shown as a claim.
"""

import re
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import NamedTuple

from reviewqueue.domain.attribution import Attribution
from reviewqueue.domain.change import Change, DatedBy, RepositoryKind, Revision
from reviewqueue.domain.landing import Landing, ReviewClass
from reviewqueue.domain.machines import is_machine
from reviewqueue.domain.review import (
    Decision,
    DecisionKind,
    approvals_at,
    disqualification,
    standing,
)

_CLAIM = re.compile(
    r"^[ \t]*((?:Reviewed|Acked|Approved|LGTM)-by[ \t]*:[ \t]*\S[^\r\n]{0,160})",
    re.IGNORECASE | re.MULTILINE,
)
_BORS = re.compile(r"(?:^|[\s(\[])(r=[A-Za-z0-9_,.-]{1,60})")
_MOST_CLAIMS = 20
_LONGEST_MESSAGE = 100_000
_DEVELOPMENT = frozenset({RepositoryKind.DEMO, RepositoryKind.PLAIN})
_LATER = frozenset(
    {
        ReviewClass.NONE,
        ReviewClass.BYPASS,
        ReviewClass.UNKNOWN,
        ReviewClass.REQUESTER_ONLY,
        ReviewClass.BOT_ONLY,
    }
)


class Classified(NamedTuple):
    """A class and why."""

    review_class: ReviewClass
    reason: str
    """One sentence; holds names that others chose: escape it wherever it is shown."""


@dataclass(frozen=True, slots=True, kw_only=True)
class _Case:
    """What was known when the landing was first seen."""

    kind: RepositoryKind
    change: Change
    landed: Revision | None
    attribution: Attribution
    decisions: tuple[Decision, ...]
    """Given in time and vouched for, moved to the landed head where content is equal."""
    revisions: dict[str, Revision]
    content_matches: bool
    changed_since: Callable[[str], int | None] | None

    @property
    def development_counts(self) -> bool:
        return self.kind in _DEVELOPMENT


def classify(  # noqa: PLR0913 -- the evidence is named one by one, and nothing else is read
    kind: RepositoryKind,
    change: Change | None,
    landed_revision: Revision | None,
    attribution: Attribution,
    decisions: Iterable[Decision],
    *,
    revisions: Iterable[Revision] = (),
    content_matches: bool,
    landed_at: datetime,
    seen_at: datetime,
    dated_by: DatedBy = DatedBy.SIGHTING,
    changed_since: Callable[[str], int | None] | None = None,
) -> Classified:
    """Return the landing's review class and the sentence that says why.

    ``landed_revision`` is the seen revision whose content landed, or None;
    ``content_matches`` says whether what landed equals that revision's content.
    ``decisions`` and ``revisions`` are all of the change, in any order. A decision is in
    time if it was made before the landing was first seen, or before it merged where the
    forge's clock says when. ``changed_since`` gives, for the head SHA that was approved,
    the lines that differ in what landed; it is asked only for a stale approval.
    """
    if attribution.agent is None:
        return Classified(
            ReviewClass.UNKNOWN, "No agent had a part in it; it was not in our queue."
        )
    if change is None or not change.ref.startswith("refs/"):
        return _without_change(kind)
    deadline = min(landed_at, seen_at) if dated_by is DatedBy.FORGE else seen_at
    known = {revision.sha: revision for revision in revisions}
    if landed_revision is not None:
        known.setdefault(landed_revision.sha, landed_revision)
    case = _Case(
        kind=kind,
        change=change,
        landed=landed_revision,
        attribution=attribution,
        decisions=tuple(_moved(_in_time(decisions, deadline), landed_revision, known)),
        revisions=known,
        content_matches=content_matches,
        changed_since=changed_since,
    )
    for rule in (_refused, _reviewed, _stale, _requester_only, _bot_only):
        found = rule(case)
        if found is not None:
            return found
    return _without_review(kind)


def later_class(  # noqa: PLR0913 -- as for classify
    landing: Landing,
    decision: Decision,
    *,
    kind: RepositoryKind,
    change: Change,
    revision: Revision,
    content_id: str = "",
) -> Classified | None:
    """Return the class that a decision made after the landing gives it, or None.

    Only ever *post-merge*, and only for a landing that no eligible human had approved:
    a later review never makes a landing reviewed at head, and a stale one stays stale.
    ``revision`` is the one that was reviewed; it must be what landed: the same head,
    the landed commit itself, or equal content (``content_id`` of what landed).
    """
    if landing.review_class not in _LATER or landing.attribution.agent is None:
        return None
    same_content = bool(content_id) and revision.content_id == content_id
    if revision.sha not in {landing.revision, landing.sha} and not same_content:
        return None
    counted, _ = approvals_at(
        (decision,),
        change,
        revision,
        landing.attribution,
        development_counts=kind in _DEVELOPMENT,
    )
    if not counted:
        return None
    return Classified(
        ReviewClass.POST_MERGE,
        f"{_name(decision)} approved what landed only after it had landed "
        f"(it had landed as: {landing.review_class}).",
    )


def claims_in(message: str) -> tuple[str, ...]:
    """Return what a commit's message claims of its own review, at most 20, as written.

    Anybody can write such a line: it is shown as a claim and changes no class.
    """
    message = message[:_LONGEST_MESSAGE]
    found = [match[1].strip() for match in _CLAIM.finditer(message)]
    found += [match[1] for match in _BORS.finditer(message.split("\n", 1)[0])]
    return tuple(dict.fromkeys(found))[:_MOST_CLAIMS]


def _in_time(decisions: Iterable[Decision], deadline: datetime) -> Iterator[Decision]:
    return (decision for decision in decisions if decision.at <= deadline)


def _moved(
    decisions: Iterable[Decision], landed: Revision | None, known: dict[str, Revision]
) -> Iterator[Decision]:
    """Yield the decisions, those on equal content moved to the landed head."""
    for decision in decisions:
        seen = known.get(decision.revision)
        if landed and seen and seen.content_id and seen.content_id == landed.content_id:
            yield replace(decision, revision=landed.sha)
        else:
            yield decision


def _without_change(kind: RepositoryKind) -> Classified:
    if kind is RepositoryKind.DEMO:
        return Classified(
            ReviewClass.BYPASS,
            "It reached the default branch directly: no change in our queue ever stood for it.",
        )
    return Classified(
        ReviewClass.UNKNOWN,
        "No change for it was ever seen here; it may have been reviewed where we cannot see.",
    )


def _without_review(kind: RepositoryKind) -> Classified:
    if kind is RepositoryKind.DEMO:
        return Classified(ReviewClass.NONE, "Nobody had approved it when it landed.")
    return Classified(
        ReviewClass.UNKNOWN,
        "No review was seen here; it may have been reviewed where we cannot see.",
    )


def _refused(case: _Case) -> Classified | None:
    """Refuse what landed over the standing request of somebody who may decide."""
    landed = case.landed
    if landed is None:
        return None
    for decision in _standing(case):
        if (
            decision.kind is DecisionKind.REQUEST_CHANGES
            and decision.revision == landed.sha
            and disqualification(decision.reviewer, case.change, landed, case.attribution) is None
        ):
            return Classified(
                ReviewClass.NONE,
                f"It landed over the standing request for changes of {_name(decision)}.",
            )
    return None


def _reviewed(case: _Case) -> Classified | None:
    if case.landed is None or not case.content_matches:
        return None
    counted = _counted(case, case.landed)
    if not counted:
        return None
    names = " and ".join(_name(decision) for decision in counted)
    unknown = "" if case.attribution.operator else "; who ran the agent is not known"
    return Classified(
        ReviewClass.REVIEWED, f"Approved by {names} at the content that landed{unknown}."
    )


def _stale(case: _Case) -> Classified | None:
    given = [
        approval for revision in case.revisions.values() for approval in _counted(case, revision)
    ]
    if not given:
        return None
    last = max(given, key=lambda decision: decision.at)
    lines = case.changed_since(last.revision) if case.changed_since else None
    if lines is None:
        delta = "other content landed (how many lines differ is not known)"
    else:
        delta = f"{lines} {'line' if lines == 1 else 'lines'} changed before it landed"
    return Classified(
        ReviewClass.STALE, f"Approved by {_name(last)} at {last.revision[:12]}, then {delta}."
    )


def _requester_only(case: _Case) -> Classified | None:
    """Name the approval of somebody who had a part in the change."""
    for decision in _standing(case):
        if decision.kind is not DecisionKind.APPROVE or is_machine(decision.reviewer):
            continue
        seen = case.revisions.get(decision.revision) or case.landed
        why = seen and disqualification(decision.reviewer, case.change, seen, case.attribution)
        if why:
            return Classified(
                ReviewClass.REQUESTER_ONLY,
                f"Approved only by {_name(decision)}, who {why}.",
            )
    return None


def _bot_only(case: _Case) -> Classified | None:
    for decision in case.decisions:
        approves = decision.kind is DecisionKind.APPROVE and not decision.dismissed
        if approves and is_machine(decision.reviewer):
            return Classified(
                ReviewClass.BOT_ONLY, f"Approved only by {_name(decision)}, which is a machine."
            )
    return None


def _counted(case: _Case, revision: Revision) -> tuple[Decision, ...]:
    counted, _ = approvals_at(
        case.decisions,
        case.change,
        revision,
        case.attribution,
        development_counts=case.development_counts,
    )
    return counted


def _standing(case: _Case) -> Sequence[Decision]:
    """Return each human's standing decision that is vouched for and not dismissed."""
    vouched = (
        decision
        for decision in case.decisions
        if not is_machine(decision.reviewer)
        and (case.development_counts or not decision.development)
    )
    return [decision for decision in standing(vouched) if not decision.dismissed]


def _name(decision: Decision) -> str:
    reviewer = decision.reviewer
    mark = " (development sign-in)" if decision.development else ""
    return f"{reviewer.name or reviewer.handle}{mark}"
