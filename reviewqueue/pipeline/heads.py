"""Open heads: which are an agent's changes, and what became of every other."""

import re
from collections import Counter
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta

from reviewqueue.attribution import Vouched, attribute, settled, strongest
from reviewqueue.domain.attribution import Attribution
from reviewqueue.domain.change import Change, ChangeState, Commit, DatedBy, Head, Jump
from reviewqueue.domain.event import Attributed, Moved
from reviewqueue.domain.people import Person
from reviewqueue.forge.git.pending import PendingHead
from reviewqueue.pipeline.decide import SYSTEM, reach_verdict
from reviewqueue.pipeline.examine import (
    Context,
    Examined,
    change_id,
    changed_lines,
    examine,
    observe,
)
from reviewqueue.pipeline.land import Candidate, title_of
from reviewqueue.store import Reader, Store, Writer

Progress = Callable[[str, int, int | None], None]
"""What, how much is done, of how much (None: not known)."""

SINCE = timedelta(days=90)
"""How old an open head may be when a repository is first read."""
_BATCH = 25
"""Heads recorded in one transaction: what a kill loses is read again."""
_TOLERANCE = timedelta(days=1)
_NUMBER = re.compile(r"^refs/(?:pull|merge-requests)/(\d{1,9})/head$")
_BRANCH = "refs/heads/"
_CHANGE = "change"


@dataclass(frozen=True, slots=True, kw_only=True)
class ForgeFacts:
    """What a forge itself vouches for of one change."""

    title: str = ""
    body: str = ""
    branch: str = ""
    opener: Person | None = None
    labels: tuple[str, ...] = ()
    closed: bool = False
    """Closed there without a merge."""
    vouched: Vouched = field(default_factory=Vouched)
    """What the forge confirms of who wrote it."""


_NO_FACTS = ForgeFacts()


@dataclass(frozen=True, slots=True, kw_only=True)
class Heads:
    """A repository's heads: where they are, and what earlier pulls made of them."""

    now: Mapping[str, str]
    """The commit of each ref."""
    before: Mapping[str, Head]
    """Every ref ever seen, as last seen."""
    open: Mapping[str, Change]
    """The open changes, by id."""

    def stands(self, ref: str) -> bool:
        """Return whether a ref is as it was, and the change that it belongs to with it."""
        before = self.before.get(ref)
        if before is None or before.sha != self.now[ref] or before.outcome == "gone":
            return False
        change = self.open.get(before.change or "")
        return change is None or self.now.get(change.ref) == before.sha


@dataclass(frozen=True, slots=True, kw_only=True)
class _Taken:
    """What a head turned out to be."""

    head: Candidate
    outcome: str
    detail: str = ""
    change: Change | None = None
    examined: Examined | None = None
    attribution: Attribution | None = None
    """The strongest so far."""
    closed: bool = False
    jump: str = ""


def candidates(
    context: Context,
    heads: Heads,
    facts: Mapping[str, ForgeFacts],
    again: frozenset[str],
    progress: Progress,
) -> dict[str, Candidate]:
    """Return the heads to look at, by ref, with what each would bring in.

    Those never seen, those that moved or are back, those that parted from the ref of their
    change, those with facts from the forge, and those that were left out for one of the
    reasons ``again``.
    """
    wanted = {
        ref: sha
        for ref, sha in heads.now.items()
        if not heads.stands(ref) or heads.before[ref].outcome in again or ref in facts
    }
    progress("Reading heads", 0, len(wanted))
    pending = context.mirror.pending(wanted)
    branches = {
        sha: ref.removeprefix(_BRANCH)
        for ref, sha in sorted(heads.now.items(), reverse=True)
        if ref.startswith(_BRANCH)
    }
    found: dict[str, Candidate] = {}
    for ref, head in pending.items():
        told = facts.get(ref, _NO_FACTS)
        found[ref] = _candidate(context, head, told, told.branch or branches.get(head.sha, ""))
        progress("Reading heads", len(found), len(wanted))
    return found


def _candidate(context: Context, head: PendingHead, facts: ForgeFacts, branch: str) -> Candidate:
    attribution = attribute(
        head.commits,
        branch=branch,
        opener=facts.opener,
        title=facts.title,
        body=facts.body,
        labels=facts.labels,
    )
    if attribution.mechanical:
        paths = changed_lines(context.diff(head.base, head.sha))
        attribution = settled(attribution, facts.vouched, paths)
    return Candidate(
        ref=head.ref,
        sha=head.sha,
        base=head.base,
        commits=head.commits,
        attribution=attribution,
        branch=branch,
        problem=head.problem,
    )


def take(  # noqa: PLR0913, PLR0917 -- as for candidates
    store: Store,
    context: Context,
    new: Mapping[str, Candidate],
    heads: Heads,
    facts: Mapping[str, ForgeFacts],
    oldest: datetime | None,
    progress: Progress,
) -> None:
    """Record the new heads: an agent's becomes a revision in the queue, newest first.

    ``oldest`` leaves out what is older, on a first reading; None afterwards, when what is
    newly seen counts whatever date it bears.
    """
    owners = {change.ref for change in heads.open.values()}
    ordered = sorted(new.values(), key=lambda head: _preference(head, owners, context.now))
    shas = {
        heads.now[change.ref]: change
        for change in heads.open.values()
        if change.ref in heads.now and change.ref not in new
    }
    done = 0
    for batch in _batches(ordered):
        with store.reading() as reader:
            taken = [_look(context, reader, head, heads, facts, oldest, shas) for head in batch]
        with store.writing() as writer:
            for one in taken:
                _record(writer, context, one, heads.before.get(one.head.ref))
        done += len(batch)
        progress("Looking at open changes", done, len(ordered))


def close_gone(store: Store, context: Context, heads: Heads) -> None:
    """Close the open changes whose head is gone; every head that went is noted."""
    repository, now = context.repository.id, context.now
    missing = [head for ref, head in heads.before.items() if ref not in heads.now]
    gone = [head for head in missing if head.outcome != "gone"]
    if not gone:
        return
    with store.writing() as writer:
        for head in gone:
            change = writer.change_of_head(repository, head.ref)
            if change is not None:
                moved = Moved(change=change.id, state=ChangeState.CLOSED, reason="its head is gone")
                writer.record(now, SYSTEM, moved)
            noun = Head(
                repository=repository,
                ref=head.ref,
                sha=head.sha,
                seen_at=now,
                outcome="gone",
                change=head.change,
            )
            writer.record(now, SYSTEM, noun)


def left_out(store: Store, context: Context) -> dict[str, int]:
    """Return how many heads are no changes, by reason."""
    with store.reading() as reader:
        heads = reader.heads(context.repository.id)
    reasons = (head.outcome for head in heads.values())
    counts = Counter(f"heads: {why}" for why in reasons if why not in {_CHANGE, "gone"})
    return dict(sorted(counts.items()))


def _look(  # noqa: PLR0913, PLR0917 -- as for take
    context: Context,
    reader: Reader,
    head: Candidate,
    heads: Heads,
    facts: Mapping[str, ForgeFacts],
    oldest: datetime | None,
    shas: dict[str, Change],
) -> _Taken:
    known = _continued(context, reader, head, heads, shas)
    outcome, detail = _left_out(head, known is not None or head.sha in shas)
    if outcome:
        return _Taken(head=head, outcome=outcome, detail=detail)
    if known is None and head.sha in shas:
        shared = shas[head.sha] = _shared(shas[head.sha], head)
        detail = f"the same head as {shared.ref}" if shared.ref != head.ref else ""
        return _Taken(head=head, outcome=_CHANGE, detail=detail, change=shared)
    jump = _implausible(context, head)
    first = oldest is not None
    if known is None and oldest is not None and not jump and _newest(head, context.now) < oldest:
        detail = f"last commit of {_newest(head, context.now):%Y-%m-%d}"
        return _Taken(head=head, outcome="older", detail=detail)
    told = facts.get(head.ref, _NO_FACTS)
    change = _told(known, told) if known else _new_change(context, head, told, first=first)
    shas[head.sha] = change
    attribution = _strongest(reader, known, head.attribution)
    examined = None
    if reader.state(change.id) is not ChangeState.LANDED and not _latest(reader, change, head):
        examined = examine(context, change, head.commits, head.base, head.sha, attribution)
    return _Taken(
        head=head,
        outcome=_CHANGE,
        change=change,
        examined=examined,
        attribution=attribution,
        closed=told.closed,
        jump=jump,
    )


def _continued(
    context: Context, reader: Reader, head: Candidate, heads: Heads, shas: Mapping[str, Change]
) -> Change | None:
    """Return the change that a head belongs to already.

    A change follows its ref, also when that was gone for a while; where it is gone for
    good, another ref that stood at the same head takes its place.
    """
    known = reader.change_of_head(context.repository.id, head.ref)
    before = heads.before.get(head.ref)
    change = reader.change(before.change) if before and before.change else None
    if known is not None or change is None or before is None:
        return known
    state = reader.state(change.id)
    if change.ref == head.ref:
        back = state is ChangeState.CLOSED or before.sha == head.sha
        return change if back else None
    passed_on = any(other.id == change.id for other in shas.values())
    if state is ChangeState.OPEN and change.ref not in heads.now and not passed_on:
        return _moved(change, head)
    return None


def _shared(change: Change, head: Candidate) -> Change:
    """Return the change of two refs: that of the request a forge opened, if one is."""
    opened = change.ref.startswith(_BRANCH) and _NUMBER.match(head.ref)
    return _moved(change, head) if opened else change


def _moved(change: Change, head: Candidate) -> Change:
    """Return the change as that of another ref."""
    branch = change.branch or head.branch
    if change.ref.startswith(_BRANCH):
        branch = change.ref.removeprefix(_BRANCH)
    return replace(change, ref=head.ref, number=_number(head.ref), branch=branch)


def _number(ref: str) -> int | None:
    number = _NUMBER.match(ref)
    return int(number[1]) if number else None


def _latest(reader: Reader, change: Change, head: Candidate) -> bool:
    """Return whether a head is the change's latest revision, and nothing new."""
    latest = reader.latest_revision(change.id)
    return latest is not None and latest.sha == head.sha


def _left_out(head: Candidate, known: bool) -> tuple[str, str]:  # noqa: FBT001 -- a fact
    """Return why a head is no change of an agent's, and more of it; empty if it is one."""
    if head.problem:
        return "unreadable", head.problem
    if not head.commits:
        return "contained", ""
    if head.attribution.agent is None and not known:
        return "no agent", "a dependency or release bot" if head.attribution.mechanical else ""
    return "", ""


def _strongest(reader: Reader, known: Change | None, found: Attribution) -> Attribution:
    """Return the strongest attribution over every revision ever seen."""
    return strongest(found, reader.attribution(known.id)) if known else found


def _told(known: Change, facts: ForgeFacts) -> Change:
    """Return a known change as the forge describes it now."""
    return replace(
        known,
        title=facts.title or known.title,
        branch=facts.branch or known.branch,
        author=facts.opener or known.author,
    )


def _new_change(context: Context, head: Candidate, facts: ForgeFacts, *, first: bool) -> Change:
    oldest = head.commits[-1]
    backfilled = first and oldest.committed_at <= context.now
    return Change(
        id=change_id(context.repository.id, head.ref, head.sha),
        repository=context.repository.id,
        ref=head.ref,
        branch=head.branch,
        number=_number(head.ref),
        title=facts.title or title_of(oldest),
        author=facts.opener or oldest.author,
        opened_at=oldest.committed_at if backfilled else context.now,
        dated_by=DatedBy.COMMIT if backfilled else DatedBy.SIGHTING,
    )


def _record(writer: Writer, context: Context, taken: _Taken, before: Head | None) -> None:
    now, head, repository = context.now, taken.head, context.repository.id
    if taken.change is not None:
        _record_change(writer, context, taken.change, taken)
    if taken.jump:
        jump = Jump(
            repository=repository, sha=head.sha, seen_at=now, kind="date", detail=taken.jump
        )
        writer.record(now, SYSTEM, jump)
    noun = Head(
        repository=repository,
        ref=head.ref,
        sha=head.sha,
        seen_at=now,
        outcome=taken.outcome,
        change=taken.change.id if taken.change else None,
        detail=taken.detail,
    )
    if before is None or replace(before, seen_at=now) != noun:
        writer.record(now, SYSTEM, noun)


def _record_change(writer: Writer, context: Context, change: Change, taken: _Taken) -> None:
    now = context.now
    state = writer.state(change.id)
    if state is ChangeState.CLOSED and not taken.closed:
        moved = Moved(change=change.id, state=ChangeState.OPEN, reason="its head is back")
        writer.record(now, SYSTEM, moved)
    if state is not None and writer.change(change.id) != change:
        writer.record(now, SYSTEM, change)
    if taken.examined is not None:
        observe(writer, context, taken.examined)
    elif taken.attribution and taken.attribution != writer.attribution(change.id):
        noun = Attributed(change=change.id, revision=taken.head.sha, attribution=taken.attribution)
        writer.record(now, SYSTEM, noun)
    reach_verdict(writer, change.id, now)
    if taken.closed and writer.state(change.id) is ChangeState.OPEN:
        moved = Moved(change=change.id, state=ChangeState.CLOSED, reason="closed on the forge")
        writer.record(now, SYSTEM, moved)


def _newest(head: Candidate, now: datetime) -> datetime:
    """Return the newest date that any commit of a head can have been made."""
    dates = [commit.committed_at for commit in head.commits]
    return max((date for date in dates if date <= now + _TOLERANCE), default=now)


def _preference(
    head: Candidate, owners: Collection[str], now: datetime
) -> tuple[float, bool, bool, str]:
    """Order newest first; of the refs of one head that of a change, then a forge's own."""
    age = -_newest(head, now).timestamp()
    return (age, head.ref not in owners, head.ref.startswith(_BRANCH), head.ref)


def _implausible(context: Context, head: Candidate) -> str:
    """Return what is wrong with a head's date: it must hide nothing, so it never ages one."""
    tip: Commit = head.commits[0]
    claimed = f"{head.ref} claims {tip.committed_at:%Y-%m-%d}"
    if tip.committed_at > context.now + _TOLERANCE:
        return f"{claimed}, which has not come yet"
    if tip.committed_at > context.now - _TOLERANCE:
        return ""
    begun = context.forked_at(head.base)
    if begun is not None and tip.committed_at < begun - _TOLERANCE:
        return f"{claimed}, before the commit that it starts from"
    return ""


def _batches(heads: Sequence[Candidate]) -> Iterator[Sequence[Candidate]]:
    for start in range(0, len(heads), _BATCH):
        yield heads[start : start + _BATCH]
