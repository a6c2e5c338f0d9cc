"""Events: every state change, as the ledger keeps it.

An event's ``fact`` is one noun; its kind follows from the noun's type, so that a row
of the ledger alone says what every table held.
"""

from dataclasses import dataclass
from datetime import datetime

from reviewqueue.domain.attribution import Attribution
from reviewqueue.domain.change import Change, ChangeState, Head, Jump, Repository, Revision
from reviewqueue.domain.finding import Scan
from reviewqueue.domain.landing import Landing, ReviewClass
from reviewqueue.domain.review import Assignment, Decision, Disposition
from reviewqueue.domain.verdict import Verdict


@dataclass(frozen=True, slots=True, kw_only=True)
class Attributed:
    """A change's attribution, the strongest over every revision seen so far."""

    change: str
    revision: str
    attribution: Attribution


@dataclass(frozen=True, slots=True, kw_only=True)
class Scanned:
    """A revision was scanned."""

    change: str
    revision: str
    scan: Scan


@dataclass(frozen=True, slots=True, kw_only=True)
class Assigned:
    """A revision's reviewers were chosen; replaces the change's earlier assignments."""

    change: str
    revision: str
    assignments: tuple[Assignment, ...]
    note: str = ""
    """Why nobody, or fewer than wanted, could be assigned."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Evaluated:
    """The gate reached a verdict on a revision."""

    change: str
    revision: str
    verdict: Verdict


@dataclass(frozen=True, slots=True, kw_only=True)
class Moved:
    """A change was closed, re-opened or landed."""

    change: str
    state: ChangeState
    reason: str


@dataclass(frozen=True, slots=True, kw_only=True)
class ReviewedLater:
    """A landing that nobody had reviewed was reviewed after it merged."""

    repository: str
    sha: str
    decision: str
    review_class: ReviewClass
    reason: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Pulled:
    """A repository was read; what was left out is counted, never silent."""

    repository: str
    tip: str
    """The default branch's head, empty for an empty repository."""
    heads: int
    landings: int
    left_out: dict[str, int]
    notes: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Handled:
    """A delivery had its effect."""

    delivery: str
    event: str
    digest: str
    """SHA-256 of the body as received."""
    outcome: str


Fact = (
    Repository
    | Change
    | Revision
    | Head
    | Jump
    | Attributed
    | Scanned
    | Assigned
    | Decision
    | Disposition
    | Evaluated
    | Moved
    | Landing
    | ReviewedLater
    | Pulled
    | Handled
)

KINDS: dict[str, type] = {
    "repository.observed": Repository,
    "change.opened": Change,
    "revision.seen": Revision,
    "head.seen": Head,
    "history.jumped": Jump,
    "change.attributed": Attributed,
    "revision.scanned": Scanned,
    "change.assigned": Assigned,
    "decision.made": Decision,
    "finding.disposed": Disposition,
    "verdict.reached": Evaluated,
    "change.moved": Moved,
    "change.landed": Landing,
    "landing.reviewed": ReviewedLater,
    "repository.pulled": Pulled,
    "delivery.handled": Handled,
}
_KIND_OF = {noun: kind for kind, noun in KINDS.items()}


@dataclass(frozen=True, slots=True)
class Event:
    """One state change."""

    at: datetime
    actor: str
    """A person's handle, or ``reviewqueue``."""
    fact: Fact

    @property
    def kind(self) -> str:
        """The event's kind, by the type of its fact."""
        return _KIND_OF[type(self.fact)]
