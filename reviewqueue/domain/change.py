"""What comes from the forge: repositories, changes and their revisions."""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from reviewqueue.domain.people import Person


class RepositoryKind(StrEnum):
    """Where a repository's reviews happen, and so what their absence means."""

    DEMO = "demo"
    """Made on the spot; reviews happen on our page only, so none seen means none given."""
    PLAIN = "plain"
    """An observed git repository; its reviews happen where we cannot see them."""
    GITHUB = "github"
    """A GitHub repository whose deliveries we receive."""


class DatedBy(StrEnum):
    """What a date rests on; only a first sighting cannot be forged."""

    SIGHTING = "sighting"
    COMMIT = "commit"
    """A backfill: the date that the commit claims."""
    FORGE = "forge"
    """The forge's own clock."""


class ChangeState(StrEnum):
    """Where a change is in its life."""

    OPEN = "open"
    LANDED = "landed"
    CLOSED = "closed"


@dataclass(frozen=True, slots=True, kw_only=True)
class Repository:
    """A repository under observation."""

    id: str
    """A URL-safe slug, unique."""
    name: str
    address: str
    """Where it is fetched from, without credentials."""
    kind: RepositoryKind
    default_branch: str
    """Without ``refs/heads/``; empty for an empty repository."""
    first_seen_at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class Commit:
    """One commit as git stores it; every field is the writer's claim but the ids."""

    sha: str
    parents: tuple[str, ...]
    author: Person
    committer: Person
    authored_at: datetime
    committed_at: datetime
    message: str

    @property
    def subject(self) -> str:
        """The first line of the message."""
        return self.message.split("\n", 1)[0]


@dataclass(frozen=True, slots=True, kw_only=True)
class Change:
    """A pull request, or what stands for one in a plain repository."""

    id: str
    """12 hex digits, unique over all repositories."""
    repository: str
    ref: str
    """The head's full ref name, or the landed commit where no head was ever seen."""
    branch: str
    """The branch as people name it; empty where unknown."""
    number: int | None
    title: str
    author: Person
    opened_at: datetime
    dated_by: DatedBy


@dataclass(frozen=True, slots=True, kw_only=True)
class Revision:
    """One head of a change with its base: what is scanned, reviewed and landed."""

    change: str
    number: int
    """1 for the first head seen of the change."""
    sha: str
    base: str
    """The merge base with the default branch (empty for a root: the empty tree)."""
    seen_at: datetime
    message: str
    """The head commit's message, or the forge's description."""
    authors: tuple[Person, ...]
    """Authors, co-authors and committers of all its commits, machines included."""
    pusher: Person | None
    """Who pushed the head: the forge's word, else the head's committer; a claim."""
    commits: tuple[str, ...]
    """SHAs in ``base..sha``, newest first."""
    content_id: str
    """Equal for equal diffs wherever they apply; empty where it could not be read."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Head:
    """One head ref, as last seen, and what became of it: every head is accounted for."""

    repository: str
    ref: str
    sha: str
    seen_at: datetime
    outcome: str
    """``change``, or why it was left out: ``contained``, ``no agent``, ``older``,
    ``unreadable``, ``gone``."""
    change: str | None
    detail: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Jump:
    """A date or a history that jumped: listed, never believed."""

    repository: str
    sha: str
    seen_at: datetime
    kind: str
    """``date`` (a commit date out of order, or in the future) or ``rewrite`` (the
    default branch no longer contains its former head)."""
    detail: str
