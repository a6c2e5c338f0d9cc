"""Open heads: which are an agent's changes, and what became of every other."""

import re
from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from reviewqueue.attribution import attribute, strongest
from reviewqueue.domain.attribution import Attribution
from reviewqueue.domain.change import Change, ChangeState, Commit, DatedBy, Head, Jump
from reviewqueue.domain.event import Attributed, Moved
from reviewqueue.domain.people import Person
from reviewqueue.forge.git.pending import PendingHead
from reviewqueue.pipeline.decide import SYSTEM, reach_verdict
from reviewqueue.pipeline.examine import Context, Examined, change_id, examine, observe
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


_NO_FACTS = ForgeFacts()


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


def candidates(  # noqa: PLR0913, PLR0917 -- what the caller read already is not read again
    context: Context,
    heads: Mapping[str, str],
    seen: Mapping[str, Head],
    facts: Mapping[str, ForgeFacts],
    again: frozenset[str],
    progress: Progress,
) -> dict[str, Candidate]:
    """Return the heads to look at, by ref, with what each would bring in.

    Those never seen, those that moved, those with facts from the forge, and those that
    were left out for one of the reasons ``again``.
    """
    wanted = {
        ref: sha
        for ref, sha in heads.items()
        if ref not in seen or seen[ref].sha != sha or seen[ref].outcome in again or ref in facts
    }
    progress("Reading heads", 0, len(wanted))
    pending = context.mirror.pending(wanted)
    branches = {
        sha: ref.removeprefix(_BRANCH)
        for ref, sha in sorted(heads.items(), reverse=True)
        if ref.startswith(_BRANCH)
    }
    found: dict[str, Candidate] = {}
    for ref, head in pending.items():
        told = facts.get(ref, _NO_FACTS)
        found[ref] = _candidate(head, told, told.branch or branches.get(head.sha, ""))
        progress("Reading heads", len(found), len(wanted))
    return found


def _candidate(head: PendingHead, facts: ForgeFacts, branch: str) -> Candidate:
    return Candidate(
        ref=head.ref,
        sha=head.sha,
        base=head.base,
        commits=head.commits,
        attribution=attribute(
            head.commits,
            branch=branch,
            opener=facts.opener,
            title=facts.title,
            body=facts.body,
            labels=facts.labels,
        ),
        branch=branch,
        problem=head.problem,
    )


def take(  # noqa: PLR0913, PLR0917 -- as for candidates
    store: Store,
    context: Context,
    heads: Mapping[str, Candidate],
    facts: Mapping[str, ForgeFacts],
    oldest: datetime | None,
    progress: Progress,
) -> None:
    """Record every head: an agent's becomes a revision in the queue, newest first.

    ``oldest`` leaves out what is older, on a first reading; None afterwards, when what is
    newly seen counts whatever date it bears.
    """
    ordered = sorted(heads.values(), key=lambda head: _preference(head, context.now))
    shas: dict[str, Change] = {}
    done = 0
    for batch in _batches(ordered):
        with store.reading() as reader:
            taken = [_look(context, reader, head, facts, oldest, shas) for head in batch]
        with store.writing() as writer:
            for one in taken:
                _record(writer, context, one)
        done += len(batch)
        progress("Looking at open changes", done, len(ordered))


def close_gone(
    store: Store, context: Context, heads: Mapping[str, str], seen: Mapping[str, Head]
) -> None:
    """Close the open changes whose head is gone; every head that went is noted."""
    repository, now = context.repository.id, context.now
    gone = [head for ref, head in seen.items() if ref not in heads and head.outcome != "gone"]
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
    facts: Mapping[str, ForgeFacts],
    oldest: datetime | None,
    shas: dict[str, Change],
) -> _Taken:
    known = reader.change_of_head(context.repository.id, head.ref)
    outcome, detail = _left_out(head, known is not None)
    if outcome:
        return _Taken(head=head, outcome=outcome, detail=detail)
    if head.sha in shas:
        detail = f"the same head as {shas[head.sha].ref}"
        return _Taken(head=head, outcome=_CHANGE, detail=detail, change=shas[head.sha])
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
    if reader.revision(change.id, head.sha) is None:
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
    number = _NUMBER.match(head.ref)
    backfilled = first and oldest.committed_at <= context.now
    return Change(
        id=change_id(context.repository.id, head.ref, head.sha),
        repository=context.repository.id,
        ref=head.ref,
        branch=head.branch,
        number=int(number[1]) if number else None,
        title=facts.title or title_of(oldest),
        author=facts.opener or oldest.author,
        opened_at=oldest.committed_at if backfilled else context.now,
        dated_by=DatedBy.COMMIT if backfilled else DatedBy.SIGHTING,
    )


def _record(writer: Writer, context: Context, taken: _Taken) -> None:
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


def _preference(head: Candidate, now: datetime) -> tuple[float, int, str]:
    """Order newest first; among refs of one head those that forges keep for changes."""
    return (-_newest(head, now).timestamp(), head.ref.startswith(_BRANCH), head.ref)


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
