"""The story, performed: refs move, the repository is pulled, people decide."""

import shutil
from datetime import datetime
from pathlib import Path

from reviewqueue.domain.change import RepositoryKind
from reviewqueue.forge.git.fast_import import move_refs, write_repository
from reviewqueue.pipeline.decide import decide, dispose, seen_token
from reviewqueue.pipeline.demo.shape import Decide, Dispose, Step
from reviewqueue.pipeline.demo.story import tell
from reviewqueue.pipeline.heads import Progress
from reviewqueue.pipeline.pull import pull
from reviewqueue.settings import Settings
from reviewqueue.store import Store


class Replay:
    """One performance of a story, into an empty store."""

    def __init__(self, store: Store, settings: Settings, directory: Path) -> None:
        """Prepare to build the repository in ``directory`` and record into ``store``."""
        self._store = store
        self._settings = settings
        self._directory = directory
        self._commits: dict[str, str] = {}
        self._repository = ""

    def perform(self, end: datetime, progress: Progress) -> None:
        """Build the repository of the months that end at ``end``, and replay them."""
        story = tell(end)
        shutil.rmtree(self._directory, ignore_errors=True)
        progress("Writing the demo repository", 0, None)
        head = f"refs/heads/{story.default_branch}"
        self._commits = write_repository(self._directory, story.commits, head=head)
        steps = story.steps
        for done, step in enumerate(steps, 1):
            if isinstance(step, Step):
                self._pull(step, story.repository)
            elif isinstance(step, Decide):
                self._decide(step)
            else:
                self._dispose(step)
            progress("Replaying 26 weeks", done, len(steps))

    def _pull(self, step: Step, name: str) -> None:
        moves = {ref: self._commits[key] if key else None for ref, key in step.moves.items()}
        if moves:
            move_refs(self._directory, moves)
        pulled = pull(
            self._store,
            self._settings,
            str(self._directory),
            now=step.at,
            kind=RepositoryKind.DEMO,
            name=name,
        )
        self._repository = pulled.repository

    def _decide(self, step: Decide) -> None:
        change, sha, fingerprints = self._shown(step)
        decide(
            self._store,
            change=change,
            revision=sha,
            kind=step.kind,
            body=step.body,
            reviewer=step.reviewer,
            seen=seen_token(fingerprints),
            now=step.at,
            development=True,
        )

    def _dispose(self, step: Dispose) -> None:
        change, sha, fingerprints = self._shown(step)
        for fingerprint in fingerprints:
            dispose(
                self._store,
                change=change,
                revision=sha,
                fingerprint=fingerprint,
                answer=step.answer,
                reason=step.reason,
                reviewer=step.reviewer,
                now=step.at,
                development=True,
            )

    def _shown(self, step: Decide | Dispose) -> tuple[str, str, tuple[str, ...]]:
        """Return what the reviewer's page showed: change, revision, findings."""
        sha = self._commits[step.revision]
        with self._store.reading() as reader:
            found = reader.revisions_with(self._repository, sha=sha)
            change = next(one.change for one in found)
            scan = reader.scan(change, sha)
        return change, sha, tuple(f.fingerprint for f in scan.findings) if scan else ()
