"""What the pages and the command line read: a change's diff, and the weekly report."""

from datetime import datetime

from reviewqueue.coverage import Report, build_report
from reviewqueue.forge.git.command import GitError
from reviewqueue.forge.git.mirror import Mirror
from reviewqueue.pipeline.decide import Refused
from reviewqueue.scan.diff import Diff
from reviewqueue.settings import Settings
from reviewqueue.store import Store


def change_diff(store: Store, settings: Settings, change_id: str, sha: str) -> Diff:
    """Return what a revision changes; raises Refused with a sentence where git cannot tell."""
    with store.reading() as reader:
        change, revision = reader.change(change_id), reader.revision(change_id, sha)
    if change is None or revision is None:
        raise Refused("There is no such revision.")
    directory = settings.mirrors / change.repository
    if not directory.is_dir():
        raise Refused("The mirror of this repository is not on this machine: pull it again.")
    try:
        return Mirror(directory).diff(revision.base, revision.sha)
    except GitError as error:
        raise Refused(f"Git cannot show this diff: {error}.") from error


def weekly_report(
    store: Store, settings: Settings, week: str, now: datetime, repository: str | None = None
) -> Report:
    """Build the report of an ISO week such as ``2026-W47``, of one repository or of all.

    Raises ReportError, one line, for a week or a repository that is none.
    """
    with store.reading() as reader:
        repositories = reader.repositories()
        pulls = [pull for one in repositories if (pull := reader.last_pull(one.id))]
        return build_report(
            reader.landings(),
            reader.jumps(),
            pulls,
            week,
            settings.target,
            reader.head(),
            now,
            scope=repository or "",
            repositories=repositories,
        )
