"""A repository is read: every open head and every landing is accounted for."""

import fcntl
import hashlib
import re
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from urllib.parse import urlsplit

from reviewqueue.domain.change import DatedBy, Jump, Repository, RepositoryKind
from reviewqueue.domain.event import Pulled
from reviewqueue.forge.git.command import GitError, strip_credentials
from reviewqueue.forge.git.dates import trusted_dates
from reviewqueue.forge.git.mirror import silent, sync
from reviewqueue.forge.limits import ScannerError
from reviewqueue.pipeline.decide import SYSTEM
from reviewqueue.pipeline.examine import Context
from reviewqueue.pipeline.heads import (
    SINCE,
    ForgeFacts,
    Heads,
    Progress,
    candidates,
    close_gone,
    left_out,
    take,
)
from reviewqueue.pipeline.hidden import WINDOW, Earlier, Part
from reviewqueue.pipeline.land import Candidate, Dated, land, look_at
from reviewqueue.pipeline.scanner import limited_scanner
from reviewqueue.settings import Settings
from reviewqueue.store import Store

WEEKS = 26
"""How far back landings are taken when a repository is first read."""


class PullError(Exception):
    """A repository could not be read; the message is one line without credentials."""


def pull(  # noqa: PLR0913 -- what a caller may choose, all with defaults
    store: Store,
    settings: Settings,
    address: str,
    *,
    now: datetime,
    kind: RepositoryKind = RepositoryKind.PLAIN,
    name: str = "",
    since: timedelta | None = None,
    weeks: int = WEEKS,
    facts: Mapping[str, ForgeFacts] | None = None,
    progress: Progress = silent,
) -> Pulled:
    """Read a repository into the store; again and again, only what is new.

    ``since`` (default 90 days) and ``weeks`` bound the first reading only: afterwards what
    is newly seen counts, whatever date it bears. ``facts`` are the forge's own, by head
    ref. Killed anywhere, the next pull completes it, and records nothing twice. Raises
    PullError.
    """
    known = address_of(address)
    mirror_of = settings.mirrors / _repository(store, known, kind, name, now).id
    try:
        with _alone(mirror_of, progress):
            # Whoever was here before us may have been the first to read it.
            repository = _kept_in(mirror_of, _repository(store, known, kind, name, now))
            mirror = sync(known, mirror_of, progress)
            current = replace(repository, default_branch=mirror.default_branch())
            earlier = Earlier(lambda: _parts(store, repository.id, now))
            context = Context(current, mirror, limited_scanner(settings), now, earlier)
            return _read(store, context, _Wanted(since, weeks, facts or {}), progress)
    except (GitError, ScannerError) as error:
        raise PullError(f"{strip_credentials(address)}: {error}") from error


def _parts(store: Store, repository: str, now: datetime) -> list[Part]:
    """Return what was changed in a repository lately, as it last was."""
    with store.reading() as reader:
        return [Part(*found) for found in reader.latest_since(repository, now - WINDOW)]


@contextmanager
def _alone(mirror: Path, progress: Progress) -> Iterator[None]:
    """Wait until nobody else pulls the repository: what two read at once is recorded twice."""
    try:
        mirror.mkdir(parents=True, exist_ok=True)
        lock = (mirror / "reading-lock").open("w")
    except OSError as error:
        raise GitError(f"cannot keep a mirror in {mirror}: {error.strerror or error}") from error
    with lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            progress("Waiting for another pull", 0, None)
            fcntl.flock(lock, fcntl.LOCK_EX)
        yield


def _kept_in(mirror: Path, repository: Repository) -> Repository:
    """Return the repository; GitError where another took its name, and so its mirror."""
    if repository.id != mirror.name:
        raise GitError(f"another repository became {mirror.name} just now: pull again")
    return repository


def address_of(given: str) -> str:
    """Return a path as an absolute one, a URL as it is."""
    if "://" in given or re.match(r"^[^/\s]+@[^/\s]+:", given):
        return given
    return str(Path(given).expanduser().absolute())


def name_of(address: str) -> str:
    """Return what to call a repository: the last two parts of its path."""
    path = urlsplit(address).path if "://" in address else address
    parts = [part for part in re.split(r"[/:]", path) if part not in {"", ".git"}]
    named = "/".join(parts[-2:]).removesuffix(".git")
    return "".join(c if c.isprintable() else "?" for c in named) or "repository"


def _repository(
    store: Store, address: str, kind: RepositoryKind, name: str, now: datetime
) -> Repository:
    """Return the repository of an address, known or new."""
    shown = strip_credentials(address)
    name = name or name_of(shown)
    slug = re.sub(r"[^a-z0-9._-]+", "-", name.lower()).strip("-.")[:80] or "repository"
    with store.reading() as reader:
        known = reader.repositories()
    for repository in known:
        if repository.address == shown and repository.kind is kind:
            return repository
    if slug in {repository.id for repository in known}:
        slug += "-" + hashlib.sha256(shown.encode()).hexdigest()[:8]
    return Repository(
        id=slug, name=name, address=shown, kind=kind, default_branch="", first_seen_at=now
    )


@dataclass(frozen=True, slots=True)
class _Wanted:
    since: timedelta | None
    weeks: int
    facts: Mapping[str, ForgeFacts]


def _read(store: Store, context: Context, wanted: _Wanted, progress: Progress) -> Pulled:
    """Take what is new: landings first, so that a head that landed is not called gone."""
    repository, mirror, now = context.repository, context.mirror, context.now
    with store.writing() as writer:
        begun = writer.head()
        before = writer.last_pull(repository.id)
        heads = Heads(
            now=mirror.heads(),
            before=writer.heads(repository.id),
            open={change.id: change for change in writer.open_changes(repository.id)},
        )
        if writer.repository(repository.id) != repository:
            writer.record(now, SYSTEM, repository)
    # Asked for by name, an age limit also takes up what an earlier one left out.
    again = frozenset({"older"}) if wanted.since is not None else frozenset()
    new_heads = candidates(context, heads, wanted.facts, again, progress)
    chain, too_old = _chain(store, context, before, wanted.weeks)
    _land(store, context, chain, new_heads, progress)
    first = before is None or not before.tip
    oldest = now - (wanted.since or SINCE) if first or again else None
    take(store, context, new_heads, heads, wanted.facts, oldest, progress)
    close_gone(store, context, heads)
    counts = left_out(store, context)
    if too_old:
        counts["landings before the window"] = too_old
    pulled = Pulled(
        repository=repository.id,
        # A default branch that is away for a while comes back to where it was left.
        tip=mirror.tip() or (before.tip if before else ""),
        heads=len(heads.now),
        landings=len(chain),
        left_out=counts,
        notes=_notes(context, first=first),
    )
    with store.writing() as writer:
        if before is None or writer.head() != begun or before.tip != pulled.tip:
            writer.record(now, SYSTEM, pulled)
    return pulled


def _notes(context: Context, *, first: bool) -> tuple[str, ...]:
    mirror = context.mirror
    notes = [mirror.note] if mirror.note else []
    if not mirror.tip():
        notes.append("the repository is empty")
    if mirror.shallow:
        notes.append("a shallow clone: nothing before its oldest commits is seen")
    if first and mirror.tip():
        notes.append("a backfill: what was seen for the first time bears its commits' dates")
    notes += context.owners.problems[:5]
    return tuple(notes)


def _chain(
    store: Store, context: Context, before: Pulled | None, weeks: int
) -> tuple[list[Dated], int]:
    """Return the new landings, oldest first, dated, and how many are before the window.

    Dates that jumped and a default branch that was rewritten are recorded, never believed.
    """
    mirror, now = context.mirror, context.now
    first = before is None or not before.tip
    chain = mirror.first_parent(None if first or before is None else before.tip)
    last = context.forked_at(before.tip) if chain and before and before.tip else None
    dates = trusted_dates(chain, now, since=last if last and last <= now else None)
    begin = _monday(now) - timedelta(weeks=weeks)
    dated: list[Dated] = []
    jumps: list[Jump] = []
    too_old = 0
    with store.reading() as reader:
        landed = reader.landed(context.repository.id)
        listed = {replace(jump, seen_at=now) for jump in reader.jumps(context.repository.id)}
    if not first and before is not None and not mirror.contains(before.tip):
        detail = "the default branch was rewritten: it no longer contains its former head"
        jumps.append(_jump(context, before.tip, "rewrite", detail))
    for commit, (claimed, jumped) in zip(chain, dates, strict=True):
        if first and claimed < begin:
            too_old += 1
        elif commit.sha not in landed:
            at = claimed if first else now
            dated.append(Dated(commit, at, DatedBy.COMMIT if first else DatedBy.SIGHTING))
            if jumped:
                detail = f"its commit claims {commit.committed_at:%Y-%m-%d}; counted {at:%Y-%m-%d}"
                jumps.append(_jump(context, commit.sha, "date", detail))
    new = [jump for jump in jumps if jump not in listed]
    if new:
        with store.writing() as writer:
            for jump in new:
                writer.record(now, SYSTEM, jump)
    return dated, too_old


def _jump(context: Context, sha: str, kind: str, detail: str) -> Jump:
    repository = context.repository.id
    return Jump(repository=repository, sha=sha, seen_at=context.now, kind=kind, detail=detail)


def _monday(now: datetime) -> datetime:
    day = now.astimezone(UTC).replace(hour=0, minute=0, second=0, microsecond=0)
    return day - timedelta(days=day.weekday())


def _land(
    store: Store,
    context: Context,
    chain: Sequence[Dated],
    heads: Mapping[str, Candidate],
    progress: Progress,
) -> None:
    """Record the landings one by one: each may match what the one before it left open."""
    for done, dated in enumerate(chain, 1):
        with store.reading() as reader:
            merge = look_at(context, reader, dated, heads)
        with store.writing() as writer:
            land(writer, context, merge)
        progress("Classifying landings", done, len(chain))
