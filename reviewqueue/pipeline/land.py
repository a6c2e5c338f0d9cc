"""A merge: matched to the change it landed, scanned, and classified for good."""

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from reviewqueue.attribution import Vouched, attribute, settled, strongest
from reviewqueue.coverage import claims_in, classify
from reviewqueue.domain.attribution import Attribution
from reviewqueue.domain.change import Change, ChangeState, Commit, DatedBy, Revision
from reviewqueue.domain.event import Moved
from reviewqueue.domain.finding import Scan
from reviewqueue.domain.landing import Landing
from reviewqueue.domain.review import Disposition
from reviewqueue.forge.git.command import GitError
from reviewqueue.pipeline.decide import SYSTEM
from reviewqueue.pipeline.examine import (
    Context,
    Examined,
    change_id,
    changed_lines,
    examine,
    record_revision,
)
from reviewqueue.scan.content import content_id
from reviewqueue.store import Reader, Writer

_TITLE = 500
_NUMBERED = re.compile(r"\(#(\d{1,9})\)\s*$|^Merge pull request #(\d{1,9}) from ")
_REQUESTED = re.compile(r"^See merge request \S*!(\d{1,9})\s*$", re.MULTILINE)
_MERGED_TITLE = re.compile(r"^Merge (?:pull request|branch|remote-tracking branch) ")


@dataclass(frozen=True, slots=True, kw_only=True)
class Candidate:
    """A head that a landing may have landed."""

    ref: str
    sha: str
    base: str
    commits: tuple[Commit, ...]
    """Newest first; none where the default branch contains the head."""
    attribution: Attribution
    branch: str
    problem: str
    """Why the head could not be read; empty if it could."""


@dataclass(frozen=True, slots=True)
class Dated:
    """A first-parent commit, and when it is taken to have landed."""

    commit: Commit
    at: datetime
    by: DatedBy


@dataclass(frozen=True, slots=True, kw_only=True)
class Merge:
    """A landing, looked at, before it is recorded."""

    dated: Dated
    commits: tuple[Commit, ...]
    """What it brought in, newest first."""
    attribution: Attribution
    change: Change | None
    revision: Revision | None
    """The seen revision that it landed; None where its content is its own."""
    matches: bool
    """Whether what landed is mechanically what merging that revision gives."""
    examined: Examined | None
    """What it landed, where that was not seen before."""
    lines: dict[str, int]


def look_at(
    context: Context, reader: Reader, dated: Dated, heads: Mapping[str, Candidate]
) -> Merge:
    """Find out what a first-parent commit landed; nothing is recorded yet.

    ``heads`` are heads of this pull by ref, for those merged before we saw them open.
    """
    commit = dated.commit
    mirror = context.mirror
    commits = mirror.landed(commit) if len(commit.parents) > 1 else (commit,)
    attribution = settled(attribute(commits), Vouched(), ())
    found = _known_change(context, reader, commit, attribution)
    if found is not None:
        change, revision, matches = found
        attribution = _as_known(reader.attribution(change.id), attribution)
        examined = None
        if not matches:
            examined = _own_content(context, change, commit, commits, attribution)
        return Merge(
            dated=dated,
            commits=commits,
            attribution=attribution,
            change=change,
            revision=revision if matches else None,
            matches=matches,
            examined=examined,
            lines=examined.lines if examined else _lines(context, commit),
        )
    head = _unseen_head(context, commit, heads, attribution)
    if head is not None:
        attribution = _as_known(head.attribution, attribution)
    if attribution.agent is None:
        return _nobody(dated, commits, attribution)
    change = _change_of(context, dated, head)
    if head is None:
        examined = _own_content(context, change, commit, commits, attribution)
    else:
        examined = examine(context, change, head.commits, head.base, head.sha, attribution)
    return Merge(
        dated=dated,
        commits=commits,
        attribution=attribution,
        change=change,
        revision=None,
        matches=True,
        examined=examined,
        lines=examined.lines,
    )


def _as_known(known: Attribution, merged: Attribution) -> Attribution:
    """Return the stronger attribution, run by whom the change itself names.

    The merging commit's committer is who merged: often the reviewer, not the operator.
    """
    return replace(
        strongest(known, merged),
        operator=known.operator,
        operator_evidence=known.operator_evidence,
    )


def land(writer: Writer, context: Context, merge: Merge) -> None:
    """Record a landing with its class; once, however often it is asked."""
    commit, now = merge.dated.commit, context.now
    if writer.landing(context.repository.id, commit.sha) is not None:
        return
    change = merge.change
    if merge.examined is not None:
        record_revision(writer, merge.examined, now)
    if change is None:
        writer.record(now, SYSTEM, _landing(writer, context, merge, None, None))
        _land_within(writer, context, merge)
        return
    content = merge.examined.revision if merge.examined else merge.revision
    sha = content.sha if content else ""
    landed = writer.revision(change.id, sha)
    scan = writer.scan(change.id, sha)
    writer.record(now, SYSTEM, _landing(writer, context, merge, landed, scan))
    where = f"landed as {commit.sha[:12]}"
    writer.record(now, SYSTEM, Moved(change=change.id, state=ChangeState.LANDED, reason=where))
    _land_within(writer, context, merge)


def _land_within(writer: Writer, context: Context, merge: Merge) -> None:
    """Close the other open changes whose heads the same merge brought in."""
    if len(merge.commits) < 2:  # noqa: PLR2004 -- a merge of one commit holds no other head
        return
    inside = {commit.sha for commit in merge.commits}
    for other in writer.open_changes(context.repository.id):
        latest = writer.latest_revision(other.id)
        if latest is not None and latest.sha in inside:
            reason = f"landed within {merge.dated.commit.sha[:12]}"
            moved = Moved(change=other.id, state=ChangeState.LANDED, reason=reason)
            writer.record(context.now, SYSTEM, moved)


def _landing(
    writer: Writer,
    context: Context,
    merge: Merge,
    landed: Revision | None,
    scan: Scan | None,
) -> Landing:
    commit, change = merge.dated.commit, merge.change
    decisions = writer.decisions(change.id) if change else ()
    revisions = writer.revisions(change.id) if change else ()
    classified = classify(
        context.repository.kind,
        change,
        landed if merge.matches else None,
        merge.attribution,
        decisions,
        revisions=revisions,
        content_matches=merge.matches,
        landed_at=merge.dated.at,
        seen_at=context.now,
        dated_by=merge.dated.by,
        changed_since=lambda sha: _changed_since(context, sha, commit.sha, merge.lines),
    )
    answers = writer.dispositions(change.id) if change else ()
    return Landing(
        repository=context.repository.id,
        sha=commit.sha,
        change=change.id if change else None,
        revision=landed.sha if landed else None,
        landed_at=merge.dated.at,
        dated_by=merge.dated.by,
        seen_at=context.now,
        by=commit.committer,
        title=change.title if change else title_of(commit),
        attribution=merge.attribution,
        team=context.owners.team_of(merge.lines),
        risk=scan.risk if scan else None,
        unscannable=bool(scan and scan.unscannable),
        findings=len(scan.findings) if scan else 0,
        unanswered=_unanswered(scan, answers) if scan else 0,
        added=scan.added if scan else 0,
        removed=scan.removed if scan else 0,
        review_class=classified.review_class,
        reason=classified.reason,
        claims=_claims(merge),
    )


def _claims(merge: Merge) -> tuple[str, ...]:
    found: dict[str, None] = {}
    for commit in merge.commits[:50]:
        found.update(dict.fromkeys(claims_in(commit.message)))
    return tuple(found)[:20]


def _unanswered(scan: Scan, answers: Iterable[Disposition]) -> int:
    answered = {answer.fingerprint for answer in answers}
    return sum(finding.fingerprint not in answered for finding in scan.findings)


def _known_change(
    context: Context, reader: Reader, commit: Commit, attribution: Attribution
) -> tuple[Change, Revision, bool] | None:
    """Return the open change that a commit landed, the revision, and whether they match.

    A merged head is evidence of itself. A number in the title is the writer's claim: it
    only says where to look, and the content decides.
    """
    for parent in (*commit.parents[1:], commit.sha):
        for revision in reader.revisions_with(context.repository.id, sha=parent):
            change = _open(reader, revision)
            if change:
                return change, revision, _merges(context, commit, revision.base, revision.sha)
    for ref in claimed_refs(commit.message):
        change = reader.change_of_head(context.repository.id, ref)
        for revision in reversed(reader.revisions(change.id) if change else ()):
            if change and _merges(context, commit, revision.base, revision.sha):
                return change, revision, True
    if attribution.agent is None:
        return None
    content = content_id(context.diff(next(iter(commit.parents), ""), commit.sha))
    same = reader.revisions_with(context.repository.id, content_id=content) if content else ()
    for revision in reversed(same):
        change = _open(reader, revision)
        if change:
            return change, revision, _merges(context, commit, revision.base, revision.sha)
    return None


def _open(reader: Reader, revision: Revision) -> Change | None:
    if reader.state(revision.change) is not ChangeState.OPEN:
        return None
    return reader.change(revision.change)


def _merges(context: Context, commit: Commit, base: str, head: str) -> bool:
    """Return whether the commit's tree is what merging ``head`` mechanically gives.

    Where this git cannot merge without a work tree: whether both change the same.
    """
    if head == commit.sha:
        return True
    if not commit.parents:
        return False
    try:
        clean = context.mirror.merges_cleanly_to(commit.parents[0], head, commit.sha)
    except GitError:
        return False
    if clean is None:
        ours = content_id(context.diff(commit.parents[0], commit.sha))
        return bool(ours) and ours == content_id(context.diff(base, head))
    return clean


def claimed_refs(message: str) -> tuple[str, ...]:
    """Return the head refs that a message claims to have merged."""
    subject = message.split("\n", 1)[0]
    refs = []
    if found := _NUMBERED.search(subject):
        refs.append(f"refs/pull/{found[1] or found[2]}/head")
    if found := _REQUESTED.search(message):
        refs.append(f"refs/merge-requests/{found[1]}/head")
    return tuple(refs)


def _unseen_head(
    context: Context,
    commit: Commit,
    heads: Mapping[str, Candidate],
    attribution: Attribution,
) -> Candidate | None:
    """Return the head of this pull that a commit landed before we saw it open."""
    merged = set(commit.parents[1:])
    refs = [ref for ref, head in heads.items() if head.sha in merged] if merged else []
    for ref in (*sorted(refs, reverse=True), *claimed_refs(commit.message)):
        head = heads.get(ref)
        if head is None or not (attribution.agent or head.attribution.agent):
            continue
        if head.sha in merged:
            head = _as_it_was(context, commit, head)
        if head.commits and _merges(context, commit, head.base, head.sha):
            return head
    return None


def _as_it_was(context: Context, merge: Commit, head: Candidate) -> Candidate:
    """Return a head with the commits that it had before it was merged."""
    try:
        commits = context.mirror.commits(merge.parents[:1], head.sha)
    except GitError:
        return head
    own = {commit.sha for commit in commits}
    forks = (parent for commit in commits for parent in commit.parents if parent not in own)
    attribution = attribute(commits, branch=head.branch)
    return replace(head, commits=commits, base=next(forks, ""), attribution=attribution)


def _own_content(
    context: Context,
    change: Change,
    commit: Commit,
    commits: Sequence[Commit],
    attribution: Attribution,
) -> Examined:
    base = next(iter(commit.parents), "")
    return examine(context, change, commits, base, commit.sha, attribution)


def _lines(context: Context, commit: Commit) -> dict[str, int]:
    return changed_lines(context.diff(next(iter(commit.parents), ""), commit.sha))


def _changed_since(context: Context, approved: str, landed: str, lines: dict[str, int]) -> int:
    """Return the lines that differ between what was approved and what landed.

    Only in the files that landed: the rest is what others merged meanwhile.
    """
    changed = changed_lines(context.diff(approved, landed))
    return sum(count for path, count in changed.items() if path in lines)


def _nobody(dated: Dated, commits: tuple[Commit, ...], attribution: Attribution) -> Merge:
    return Merge(
        dated=dated,
        commits=commits,
        attribution=attribution,
        change=None,
        revision=None,
        matches=False,
        examined=None,
        lines={},
    )


def _change_of(context: Context, dated: Dated, head: Candidate | None) -> Change:
    """Return the change that stands for a landing that was never seen open."""
    commit, repository = dated.commit, context.repository.id
    ref = head.ref if head else commit.sha
    number = re.search(r"/(\d+)/head$", ref)
    return Change(
        id=change_id(repository, ref, head.sha if head else commit.sha),
        repository=repository,
        ref=ref,
        branch=head.branch if head else "",
        number=int(number[1]) if number else None,
        title=title_of(commit),
        author=head.commits[-1].author if head else commit.author,
        opened_at=dated.at,
        dated_by=dated.by,
    )


def title_of(commit: Commit) -> str:
    """Return what a commit is about: for a forge's merge, the title that its body repeats."""
    subject = commit.subject[:_TITLE]
    if _MERGED_TITLE.match(subject):
        body = [line.strip() for line in commit.message.split("\n")[1:50] if line.strip()]
        if body and not _is_trailer(body[0]):
            return body[0][:_TITLE]
    return subject or "(no message)"


def _is_trailer(line: str) -> bool:
    """Return whether a line is a trailer rather than a title."""
    return bool(re.match(r"[A-Za-z-]+-by: |See merge request ", line))
