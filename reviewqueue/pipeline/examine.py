"""One revision, looked at: who wrote it, what it changes, what is risky in it."""

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from functools import cached_property

from reviewqueue.attribution.trailers import co_authors
from reviewqueue.domain.attribution import Attribution
from reviewqueue.domain.change import Change, ChangeState, Commit, Repository, Revision
from reviewqueue.domain.event import Attributed, Scanned
from reviewqueue.domain.finding import Finding, Scan
from reviewqueue.domain.history import Touch
from reviewqueue.domain.owners import Owners, parse_owners
from reviewqueue.domain.people import Person
from reviewqueue.domain.review import RosterMember
from reviewqueue.forge.git.command import GitError
from reviewqueue.forge.git.mirror import Mirror
from reviewqueue.pipeline.decide import SYSTEM, reach_verdict
from reviewqueue.pipeline.hidden import (
    WINDOW,
    Earlier,
    Part,
    false_revert,
    in_commits,
    in_parts,
    with_more,
)
from reviewqueue.pipeline.scanner import Scans
from reviewqueue.routing import Expertise, assign, derive_roster
from reviewqueue.scan.content import content_id
from reviewqueue.scan.diff import Diff
from reviewqueue.scan.parser import display
from reviewqueue.scan.rule import Subject
from reviewqueue.store import Writer

_OWNERS_FILES = (".github/CODEOWNERS", "CODEOWNERS", "docs/CODEOWNERS")
"""Where a forge looks, in its order; the first that exists is the only one."""
_LEARNED = 5000
"""Commits of the default branch that routing learns from."""
_MESSAGE = 20_000
"""Characters of a message that are kept and scanned."""
_FORGE = "noreply@github.com"


@dataclass(frozen=True)
class Context:
    """What all changes of one repository are judged by, read once a pull.

    All of it comes from what is merged already, never from the change.
    """

    repository: Repository
    mirror: Mirror
    scanner: Scans
    now: datetime
    earlier: Earlier

    @cached_property
    def owners(self) -> Owners:
        """The owners file of the default branch; one that cannot be read owns nothing."""
        tip = self.mirror.tip()
        for path in _OWNERS_FILES if tip else ():
            try:
                content = self.mirror.read(tip, path)
            except GitError:
                return Owners(problems=(f"{path} could not be read",))
            if content is not None:
                return parse_owners(content)
        return Owners()

    @cached_property
    def touches(self) -> tuple[Touch, ...]:
        """The default branch's last commits."""
        return tuple(self.mirror.history(_LEARNED))

    @cached_property
    def expertise(self) -> Expertise:
        """Who knows which paths."""
        expertise = Expertise()
        expertise.learn(self.touches)
        return expertise

    @cached_property
    def roster(self) -> tuple[RosterMember, ...]:
        """Who may be asked, derived until there is a policy.

        Where nobody wrote lately, those who wrote last: a quiet repository has people too.
        """
        dates = [touch.at for touch in self.touches if touch.at <= self.now]
        last = max(dates, default=self.now)
        return derive_roster(self.touches, self.now) or derive_roster(self.touches, last)

    @cached_property
    def _dates(self) -> dict[str, datetime]:
        return self.mirror.first_parent_dates()

    def forked_at(self, base: str) -> datetime | None:
        """Return the date of a commit of the default branch's first-parent chain."""
        return self._dates.get(base)

    def diff(self, base: str, sha: str) -> Diff:
        """Return what changed; where git cannot tell, a diff that says so."""
        try:
            return self.mirror.diff(base, sha)
        except GitError as error:
            return Diff(b"", problem=str(error))


@dataclass(frozen=True, slots=True, kw_only=True)
class Examined:
    """A revision with all that was found out about it, ready to be recorded."""

    change: Change
    revision: Revision
    attribution: Attribution
    scan: Scan
    lines: dict[str, int]
    """Changed lines by path."""


def change_id(repository: str, ref: str, sha: str) -> str:
    """Return 12 hex digits for the change that a head ref began at ``sha``."""
    return hashlib.sha256(f"{repository}\0{ref}\0{sha}".encode()).hexdigest()[:12]


def changed_lines(diff: Diff) -> dict[str, int]:
    """Return added and removed lines by path, as git counts them."""
    return {
        display(file.new_path or file.old_path): (file.added or 0) + (file.removed or 0)
        for file in diff.files or ()
    }


def examine(  # noqa: PLR0913, PLR0917 -- the revision's facts, in the order they are found
    context: Context,
    change: Change,
    commits: Sequence[Commit],
    base: str,
    sha: str,
    attribution: Attribution,
) -> Examined:
    """Scan what ``sha`` changes since ``base``; the revision's number is given when recorded."""
    diff = context.diff(base, sha)
    message = commits[0].message[:_MESSAGE] if commits else ""
    subject = Subject(
        message="\n\n".join(commit.message for commit in commits)[:_MESSAGE],
        branch=change.branch,
        title=change.title,
    )
    revision = Revision(
        change=change.id,
        number=0,
        sha=sha,
        base=base,
        seen_at=context.now,
        message=message,
        authors=authors_of(commits),
        pusher=_pusher(commits),
        commits=tuple(commit.sha for commit in commits),
        content_id=content_id(diff),
    )
    scan = context.scanner.scan(diff, subject)
    part = Part(change, revision, attribution)
    return Examined(
        change=change,
        revision=revision,
        attribution=attribution,
        scan=with_more(scan, _hidden(context, part, commits, diff, scan)),
        lines=changed_lines(diff),
    )


def _hidden(
    context: Context, part: Part, commits: Sequence[Commit], diff: Diff, own: Scan
) -> list[Finding]:
    """Return what the diff alone does not show, and note it for those that come after."""
    scanner = context.scanner
    found = in_commits(scanner, commits, context.diff, own)
    said = "\n".join(commit.message for commit in commits[:1])
    found += false_revert(said, diff, context.diff, context.mirror.parent)
    if context.now - part.at <= WINDOW and not diff.problem:
        before = context.earlier.of(part.change, part.attribution, part.at)
        patches, left_out = context.earlier.patches(before, context.diff)
        found += in_parts(scanner, diff, patches, own, left_out)
    context.earlier.add(part, diff)
    return found


def authors_of(commits: Sequence[Commit]) -> tuple[Person, ...]:
    """Return authors, committers and co-authors, each once, newest commit first."""
    found: dict[Person, None] = {}
    for commit in commits:
        found.update(dict.fromkeys((commit.author, commit.committer)))
        found.update(dict.fromkeys(co_authors(commit.message)))
    return tuple(found)


def record_revision(writer: Writer, examined: Examined, now: datetime) -> bool:
    """Record a change's new revision, its attribution and scan; False if it is the latest.

    A head that the change comes back to is its latest again, with what was decided on it.
    """
    change = examined.change
    if writer.change(change.id) is None:
        writer.record(now, SYSTEM, change)
    sha = examined.revision.sha
    latest, known = writer.latest_revision(change.id), writer.revision(change.id, sha)
    if latest is not None and latest.sha == sha:
        return False
    revision = replace(
        examined.revision,
        number=latest.number + 1 if latest else 1,
        seen_at=known.seen_at if known else examined.revision.seen_at,
    )
    writer.record(now, SYSTEM, revision)
    attributed = Attributed(change=change.id, revision=sha, attribution=examined.attribution)
    writer.record(now, SYSTEM, attributed)
    writer.record(now, SYSTEM, Scanned(change=change.id, revision=sha, scan=examined.scan))
    return True


def observe(writer: Writer, context: Context, examined: Examined) -> None:
    """Record an open change's new revision, ask its reviewers, reach its verdict."""
    if not record_revision(writer, examined, context.now):
        return
    change = examined.change
    if writer.state(change.id) is not ChangeState.OPEN:
        return
    scan = examined.scan
    assigned = assign(
        change,
        examined.revision,
        examined.attribution,
        tuple(examined.lines),
        context.owners,
        context.expertise,
        context.roster,
        writer.load(),
        None if scan.unscannable else scan.risk,
        context.now,
    )
    writer.record(context.now, SYSTEM, assigned)
    reach_verdict(writer, change.id, context.now)


def _pusher(commits: Sequence[Commit]) -> Person | None:
    """Return who made the head; not the forge itself, which commits for others."""
    if not commits or commits[0].committer.email.lower() == _FORGE:
        return None
    return commits[0].committer
