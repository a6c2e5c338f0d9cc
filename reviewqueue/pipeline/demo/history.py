"""The demo's repository as it grows: its commits, its main branch, and where its refs go."""

from dataclasses import dataclass
from datetime import datetime

from reviewqueue.domain.people import Person
from reviewqueue.forge.git.fast_import import EXECUTABLE, REGULAR, FileChange, PlannedCommit
from reviewqueue.pipeline.demo.desk import Desk
from reviewqueue.pipeline.demo.shape import Files

MAIN = "refs/heads/main"


@dataclass(frozen=True, slots=True)
class Stamp:
    """Everything about a commit but its place and its content."""

    message: str
    author: Person
    committer: Person
    at: datetime


class History:
    """Commits and refs to be."""

    def __init__(self) -> None:
        """Start with nothing."""
        self.desk = Desk({})
        self.commits: list[PlannedCommit] = []
        self.tip = ""
        self.moves: dict[str, str | None] = {}
        """Where refs have gone since :meth:`moved` was last asked."""

    def commit(self, stamp: Stamp, parents: tuple[str, ...], files: Files) -> str:
        """Add a commit and return its key."""
        key = f"c{len(self.commits):04}"
        self.commits.append(
            PlannedCommit(
                key=key,
                parents=parents,
                author=stamp.author,
                committer=stamp.committer,
                at=stamp.at,
                message=stamp.message,
                files=[_file(path, text) for path, text in files.items()],
            )
        )
        return key

    def advance(self, stamp: Stamp, files: Files, *, merged: str = "") -> None:
        """Put a commit on the main branch; ``merged`` is the head that a merge brings in."""
        self.tip = self.commit(stamp, tuple(key for key in (self.tip, merged) if key), files)
        self.desk.apply(files)
        self.moves[MAIN] = self.tip

    def moved(self) -> dict[str, str | None]:
        """Return where refs have gone since the last call."""
        moves, self.moves = self.moves, {}
        return moves


def _file(path: str, text: str | None) -> FileChange:
    return FileChange(
        path=path.encode(),
        content=None if text is None else text.encode(),
        mode=EXECUTABLE if path.endswith(".sh") else REGULAR,
    )
