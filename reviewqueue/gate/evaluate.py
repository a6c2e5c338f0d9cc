"""The verdict on one revision."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime

from reviewqueue.domain.attribution import Attribution, Certainty
from reviewqueue.domain.change import Change, Revision
from reviewqueue.domain.finding import Risk, Scan, worst
from reviewqueue.domain.machines import is_machine
from reviewqueue.domain.people import Person
from reviewqueue.domain.review import (
    Decision,
    Disposition,
    approvals_at,
    distinct_people,
    objections_at,
)
from reviewqueue.domain.verdict import Verdict, VerdictStatus
from reviewqueue.gate.answers import answered

ROOT = "an agent's change is reviewed before it merges"
ONE_HUMAN = "one human at head"
SCRUTINY = "two humans and every finding answered, at high or critical risk"
TWO_HUMANS = "two humans at head"
FINDINGS = "every finding answered"
OBJECTIONS = "nobody asks for changes"
_NAMED = 8
"""People that one sentence lists."""
_NODES = 200
"""Findings that the tree lists; its sentence counts them all."""

Approvals = tuple[tuple[Decision, ...], tuple[tuple[Decision, str], ...]]


@dataclass(frozen=True, slots=True, kw_only=True)
class _Case:
    """All that bears on one verdict."""

    change: Change
    revision: Revision
    attribution: Attribution
    scan: Scan | None
    decisions: tuple[Decision, ...]
    dispositions: tuple[Disposition, ...]
    approvals: Approvals
    development_counts: bool


def evaluate(  # noqa: PLR0913, PLR0917  # the gate's facts, in the order they come to be
    change: Change,
    revision: Revision,
    attribution: Attribution | None,
    scan: Scan | None,
    decisions: Iterable[Decision],
    dispositions: Iterable[Disposition],
    *,
    development_counts: bool,
    now: datetime,
) -> Verdict:
    """Return whether the revision may merge, as a tree with a sentence on each node.

    ``decisions`` and ``dispositions`` are all of the change; those after ``now`` are not
    looked at. None for ``attribution`` or ``scan`` means that it is not known: an error,
    never a pass. A change that no agent and no bot had a part in is not applicable.
    """
    if attribution is None:
        return _unknown("Nobody has looked at who wrote it yet.")
    if not _by_a_machine(attribution):
        return Verdict(
            ROOT,
            VerdictStatus.NOT_APPLICABLE,
            "No sign of an agent was seen. That proves nothing, and asks for nothing here.",
        )
    if not revision.authors:
        return _unknown("Its authors are not known, so nobody's independence of them is.")
    heard = tuple(decision for decision in decisions if decision.at <= now)
    case = _Case(
        change=change,
        revision=revision,
        attribution=attribution,
        scan=scan,
        decisions=heard,
        dispositions=tuple(
            answer
            for answer in dispositions
            if answer.at <= now
            and answer.change == change.id
            and (development_counts or not answer.development)
            and not is_machine(answer.reviewer)
        ),
        approvals=approvals_at(
            heard, change, revision, attribution, development_counts=development_counts
        ),
        development_counts=development_counts,
    )
    children = (_humans(case, ONE_HUMAN, 1), _scrutiny(case), _objections(case))
    return Verdict(ROOT, _combined(children), _summary(children), children)


def _by_a_machine(attribution: Attribution) -> bool:
    """Return whether an agent or bot had a part; a suspicion is enough."""
    return (
        attribution.agent is not None
        or attribution.mechanical
        or attribution.confidence is not Certainty.NONE
    )


def _unknown(sentence: str) -> Verdict:
    return Verdict(ROOT, VerdictStatus.ERROR, sentence)


def _humans(case: _Case, name: str, wanted: int) -> Verdict:
    counted, refused = case.approvals
    names = [_name(decision.reviewer) for decision in counted]
    head = case.revision.sha[:12]
    given = f"{_listed(names)} approved this revision, {head}" if names else ""
    not_counted = [f"{_name(decision.reviewer)} {why}" for decision, why in refused]
    aside = f" Not counted: {_listed(not_counted, '; ')}." if not_counted else ""
    if len(counted) >= wanted:
        return Verdict(name, VerdictStatus.SATISFIED, f"{given}.{aside}")
    missing = wanted - len(counted)
    have = f"{given}; {missing} more is wanted" if given else f"No human approved {head} yet"
    who = f"Anybody can but those who had a part in it: {_listed(_parties(case))}."
    return Verdict(name, VerdictStatus.UNSATISFIED, f"{have}.{aside} {who}")


def _scrutiny(case: _Case) -> Verdict:
    if case.scan is None:
        return Verdict(
            SCRUTINY, VerdictStatus.ERROR, "The revision was not scanned, so its risk is not known."
        )
    risk = max(case.scan.risk, worst(case.scan.findings), key=lambda risk: risk.rank)
    unread = case.scan.unscannable
    if risk.rank < Risk.HIGH.rank and unread is None:
        return Verdict(SCRUTINY, VerdictStatus.NOT_APPLICABLE, f"The risk is {risk}, below high.")
    children = (_humans(case, TWO_HUMANS, 2), _findings(case, case.scan))
    status = _combined(children)
    why = f"The risk is {risk}"
    why += f", and part of it could not be read ({unread})" if unread is not None else ""
    return Verdict(SCRUTINY, status, f"{why}. {_summary(children)}", children)


def _findings(case: _Case, scan: Scan) -> Verdict:
    children = tuple(
        answered(finding, case.dispositions, case.change, case.revision, case.attribution)
        for finding in scan.findings
    )
    if not children:
        return Verdict(
            FINDINGS,
            VerdictStatus.SATISFIED,
            "What could be read gave no finding; the two reviewers answer for the rest."
            if scan.unscannable is not None
            else "There is no finding to answer.",
        )
    status = _combined(children)
    open_ = sum(child.status is not VerdictStatus.SATISFIED for child in children)
    sentence = (
        f"{open_} of {len(children)} findings block: unanswered, or confirmed."
        if open_
        else f"All {len(children)} findings are answered."
    )
    return Verdict(FINDINGS, status, sentence, _shown(children))


def _shown(children: tuple[Verdict, ...]) -> tuple[Verdict, ...]:
    """Return the nodes worth showing, those that block first."""
    ordered = sorted(children, key=lambda child: child.status is VerdictStatus.SATISFIED)
    return children if len(children) <= _NODES else tuple(ordered[:_NODES])


def _objections(case: _Case) -> Verdict:
    objections = objections_at(
        case.decisions, case.change, case.revision, development_counts=case.development_counts
    )
    if not objections:
        return Verdict(OBJECTIONS, VerdictStatus.SATISFIED, "No request for changes stands.")
    said = [f"{_name(o.reviewer)}, at {o.revision[:12]}" for o in objections]
    return Verdict(
        OBJECTIONS,
        VerdictStatus.UNSATISFIED,
        f"Changes are requested by {_listed(said, '; ')}."
        " Only they can take that back, by approving.",
    )


def _combined(children: Sequence[Verdict]) -> VerdictStatus:
    """Return the status of all together: what is unknown first, then what is missing."""
    statuses = {child.status for child in children}
    for status in (VerdictStatus.ERROR, VerdictStatus.UNSATISFIED):
        if status in statuses:
            return status
    return VerdictStatus.SATISFIED


def _summary(children: Sequence[Verdict]) -> str:
    """Return the sentences of what blocks, or that nothing does."""
    blocking = [
        child.sentence
        for child in children
        if child.status in (VerdictStatus.ERROR, VerdictStatus.UNSATISFIED)
    ]
    return " ".join(dict.fromkeys(blocking)) or "Everything required is there."


def _parties(case: _Case) -> list[str]:
    operator = [case.attribution.operator] if case.attribution.operator else []
    pusher = [case.revision.pusher] if case.revision.pusher else []
    persons = [*operator, case.change.author, *case.revision.authors, *pusher]
    humans = [person for person in persons if not is_machine(person)]
    return [_name(person) for person in distinct_people(humans)] or ["machines"]


def _name(person: Person) -> str:
    return person.name or person.handle


def _listed(texts: Sequence[str], separator: str = ", ") -> str:
    more = len(texts) - _NAMED
    listed = separator.join(texts[:_NAMED])
    return f"{listed} and {more} more" if more > 0 else listed
