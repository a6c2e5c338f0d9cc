"""The ledger's events as sentences."""

from collections.abc import Callable
from typing import Any

from reviewqueue.domain.change import Change, Head, Jump, Repository, Revision
from reviewqueue.domain.event import (
    Assigned,
    Attributed,
    Evaluated,
    Handled,
    Moved,
    Pulled,
    ReviewedLater,
    Scanned,
)
from reviewqueue.domain.landing import Landing
from reviewqueue.domain.review import Decision, Disposition

HUMAN = (Decision, Disposition)
"""Facts that a person made."""


def _plural(count: int, noun: str) -> str:
    return f"{count:,} {noun}" if count == 1 else f"{count:,} {noun}s"


def _scanned(fact: Scanned) -> str:
    if fact.scan.unscannable:
        return f"Revision {fact.revision[:10]} could not be scanned: {fact.scan.unscannable}"
    found = _plural(len(fact.scan.findings), "finding")
    return f"Scanned revision {fact.revision[:10]}: risk {fact.scan.risk}, {found}"


def _attributed(fact: Attributed) -> str:
    attribution = fact.attribution
    if attribution.agent is None:
        return "No sign of an agent"
    operator = f", run by {attribution.operator.name}" if attribution.operator else ""
    return f"Attributed to {attribution.agent} ({attribution.confidence}){operator}"


def _assigned(fact: Assigned) -> str:
    if not fact.assignments:
        return f"Nobody could be asked to review: {fact.note}"
    names = ", ".join(one.reviewer.name or one.reviewer.handle for one in fact.assignments)
    return f"Asked to review: {names}" + (f" ({fact.note})" if fact.note else "")


def _pulled(fact: Pulled) -> str:
    heads, landings = _plural(fact.heads, "head"), _plural(fact.landings, "landing")
    left = ", ".join(f"{count:,} {reason}" for reason, count in sorted(fact.left_out.items()))
    return f"Read {fact.repository}: {heads}, {landings}" + (f"; left out: {left}" if left else "")


_OUTCOMES = {"change": "a change to review", "contained": "already in the default branch"}

_SENTENCES: dict[type, Callable[[Any], str]] = {
    Repository: lambda fact: f"Began to observe {fact.name}",
    Change: lambda fact: f"Change seen: {fact.title}",
    Revision: lambda fact: f"Revision {fact.number} seen: {fact.sha[:10]}",
    Head: lambda fact: (
        f"Head {fact.ref} seen at {fact.sha[:10]}: {_OUTCOMES.get(fact.outcome, fact.outcome)}"
    ),
    Jump: lambda fact: f"History jumped in {fact.repository} ({fact.kind}): {fact.detail}",
    Attributed: _attributed,
    Scanned: _scanned,
    Assigned: _assigned,
    Decision: lambda fact: f"Decided at {fact.revision[:10]}: {fact.kind}",
    Disposition: lambda fact: f"Answered {fact.rule}: {fact.answer}",
    Evaluated: lambda fact: f"Verdict {fact.verdict.status}: {fact.verdict.sentence}",
    Moved: lambda fact: f"Now {fact.state}: {fact.reason}",
    Landing: lambda fact: f"Landed as {fact.sha[:10]}: {fact.review_class}. {fact.reason}",
    ReviewedLater: lambda fact: f"Reviewed after it landed: {fact.review_class}. {fact.reason}",
    Pulled: _pulled,
    Handled: lambda fact: f"Delivery {fact.delivery} ({fact.event}): {fact.outcome}",
}


def narrate(fact: object) -> str:
    """Return one sentence on an event's fact."""
    return _SENTENCES[type(fact)](fact)


def words(fact: object) -> str:
    """Return what a person wrote with a fact, if anything."""
    if isinstance(fact, Decision):
        return fact.body
    return fact.reason if isinstance(fact, Disposition) else ""
