"""What a story is made of: commits, and dated steps that a replay performs."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from reviewqueue.domain.people import Person
from reviewqueue.domain.review import Answer, DecisionKind
from reviewqueue.forge.git.fast_import import PlannedCommit

Files = Mapping[str, str | None]
"""Path -> the file's whole new text, or None where it is deleted."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Step:
    """Refs move, and the repository is pulled."""

    at: datetime
    moves: Mapping[str, str | None]
    """Full ref name -> commit key, or None where the ref is deleted. A change's head is
    deleted when it is merged or closed, as forges do with merged branches."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Decide:
    """A person decides on a revision of the change at ``ref``."""

    at: datetime
    ref: str
    revision: str
    """The key of the head that was seen."""
    reviewer: Person
    kind: DecisionKind
    body: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Dispose:
    """A person answers every finding of a revision, if it has any."""

    at: datetime
    ref: str
    revision: str
    reviewer: Person
    answer: Answer
    reason: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Story:
    """A repository's months, ready to be replayed through the pipeline in order."""

    repository: str
    default_branch: str
    commits: tuple[PlannedCommit, ...]
    """Parents before children, as git takes them; they bring no refs along."""
    steps: tuple[Step | Decide | Dispose, ...]
    """In the order of their dates."""
