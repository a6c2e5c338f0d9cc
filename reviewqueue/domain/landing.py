"""What merged, and how it had been reviewed when it did."""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from reviewqueue.domain.attribution import Attribution
from reviewqueue.domain.change import DatedBy
from reviewqueue.domain.finding import Risk
from reviewqueue.domain.people import Person


class ReviewClass(StrEnum):
    """How a landing was reviewed: exactly one each, so the classes sum to what landed."""

    REVIEWED = "reviewed at head"
    STALE = "stale"
    REQUESTER_ONLY = "requester only"
    BOT_ONLY = "bot only"
    POST_MERGE = "post-merge"
    NONE = "none"
    BYPASS = "bypass"
    UNKNOWN = "unknown"

    @property
    def letter(self) -> str:
        """A to G, and U: the letters of the report."""
        return dict(zip(ReviewClass, "ABCDEFGU", strict=True))[self]


@dataclass(frozen=True, slots=True, kw_only=True)
class Landing:
    """One first-parent commit of the default branch, classified when it was first seen."""

    repository: str
    sha: str
    change: str | None
    """The change it landed; None where no agent had a part in it."""
    revision: str | None
    """The head SHA whose content landed, where it is known."""
    landed_at: datetime
    dated_by: DatedBy
    seen_at: datetime
    by: Person
    """Who merged: the commit's committer, a claim, unless the forge vouched."""
    title: str
    attribution: Attribution
    team: str
    """The owning team of most of what it touched; empty where nobody owns it."""
    risk: Risk | None
    """None where it was not scanned (no agent had a part in it)."""
    unscannable: bool
    findings: int
    unanswered: int
    """Findings without a disposition when it landed."""
    added: int
    removed: int
    review_class: ReviewClass
    reason: str
    """Why this class, in a sentence."""
    claims: tuple[str, ...] = ()
    """What the commit claims of its own review (``Reviewed-by:``); changes no class."""
