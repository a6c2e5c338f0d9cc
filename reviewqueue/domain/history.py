"""Who touched which paths, and when: what routing learns from."""

from dataclasses import dataclass
from datetime import datetime

from reviewqueue.domain.people import Person


@dataclass(frozen=True, slots=True)
class Touch:
    """One commit of the default branch, as routing sees it."""

    sha: str
    author: Person
    """The commit's author: a claim."""
    at: datetime
    """When the commit says it was made; orders and weighs, and decides nothing else."""
    paths: tuple[str, ...]
    message: str = ""
