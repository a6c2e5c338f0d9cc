"""What a reviewer's form does: a decision, or an answer to a finding, and what follows."""

import hashlib
from collections.abc import Iterable
from datetime import datetime

from reviewqueue.coverage import later_class
from reviewqueue.domain.change import Change, ChangeState, RepositoryKind, Revision
from reviewqueue.domain.event import Evaluated, ReviewedLater
from reviewqueue.domain.people import Person
from reviewqueue.domain.review import Answer, Decision, DecisionKind, Disposition, Source
from reviewqueue.gate import evaluate
from reviewqueue.store import Reader, Store, Writer

SYSTEM = "reviewqueue"
"""The actor of what nobody but the flow itself did."""


class Refused(Exception):  # noqa: N818 -- the answer's word, shown on the page
    """It cannot be taken; the message is a sentence for the person who asked."""


class Outdated(Refused):
    """The page it was made on no longer shows what there is."""


def seen_token(fingerprints: Iterable[str]) -> str:
    """Return 16 hex digits over the findings that a page showed, in any order."""
    return hashlib.sha256("\n".join(sorted(fingerprints)).encode()).hexdigest()[:16]


def decide(  # noqa: PLR0913 -- a form's fields
    store: Store,
    *,
    change: str,
    revision: str,
    kind: DecisionKind,
    body: str,
    reviewer: Person,
    seen: str,
    now: datetime,
    development: bool,
) -> Decision:
    """Take a reviewer's decision on the revision and findings that they saw.

    ``seen`` is the :func:`seen_token` of the findings shown. Raises Outdated where the
    revision or its findings are no longer those, Refused where nothing can be decided.
    """
    with store.writing() as writer:
        _, at = _current(writer, change, revision)
        scan = writer.scan(change, revision)
        if seen != seen_token(finding.fingerprint for finding in (scan.findings if scan else ())):
            raise Outdated("The findings changed since this page was loaded. Look again.")
        made = str(len(writer.decisions(change)) + 1)
        decision = Decision(
            id=f"{change}-{made}",
            change=change,
            revision=at.sha,
            reviewer=reviewer,
            kind=kind,
            body=body,
            at=now,
            source=Source.PAGE,
            development=development,
        )
        record_decision(writer, decision, now)
    return decision


def dispose(  # noqa: PLR0913 -- a form's fields
    store: Store,
    *,
    change: str,
    revision: str,
    fingerprint: str,
    answer: Answer,
    reason: str,
    reviewer: Person,
    now: datetime,
    development: bool,
) -> Disposition:
    """Take a reviewer's answer to one finding of the revision that they saw.

    Raises Outdated where the finding is not (or no longer) one of the latest revision's.
    """
    if not reason.strip():
        raise Refused("An answer needs a reason that others can read.")
    with store.writing() as writer:
        _current(writer, change, revision)
        scan = writer.scan(change, revision)
        found = {finding.fingerprint: finding for finding in (scan.findings if scan else ())}
        if fingerprint not in found:
            raise Outdated("This revision has no such finding. Look again.")
        disposition = Disposition(
            change=change,
            revision=revision,
            fingerprint=fingerprint,
            rule=found[fingerprint].rule,
            answer=answer,
            reason=reason,
            reviewer=reviewer,
            at=now,
            development=development,
        )
        writer.record(now, reviewer.handle, disposition)
        reach_verdict(writer, change, now)
    return disposition


def record_decision(writer: Writer, decision: Decision, now: datetime) -> None:
    """Record a decision and what follows from it: the verdict, or a review after the merge."""
    writer.record(now, decision.reviewer.handle, decision)
    reach_verdict(writer, decision.change, now)
    landing = writer.landing_of(decision.change)
    change = writer.change(decision.change)
    revision = writer.revision(decision.change, decision.revision)
    if landing is None or change is None or revision is None:
        return
    found = later_class(
        landing,
        decision,
        kind=_kind(writer, change),
        change=change,
        revision=revision,
    )
    if found is not None:
        later = ReviewedLater(
            repository=landing.repository,
            sha=landing.sha,
            decision=decision.id,
            review_class=found.review_class,
            reason=found.reason,
        )
        writer.record(now, decision.reviewer.handle, later)


def reach_verdict(writer: Writer, change_id: str, now: datetime) -> None:
    """Reach the verdict on an open change's latest revision; record it where it changed."""
    change, revision = writer.change(change_id), writer.latest_revision(change_id)
    if change is None or revision is None or writer.state(change_id) is not ChangeState.OPEN:
        return
    verdict = evaluate(
        change,
        revision,
        writer.attribution(change_id),
        writer.scan(change_id, revision.sha),
        writer.decisions(change_id),
        writer.dispositions(change_id),
        development_counts=_kind(writer, change) is not RepositoryKind.GITHUB,
        now=now,
    )
    before = writer.verdict(change_id)
    if before and (before.revision, before.verdict) == (revision.sha, verdict):
        return
    evaluated = Evaluated(change=change_id, revision=revision.sha, verdict=verdict)
    writer.record(now, SYSTEM, evaluated)


def _kind(reader: Reader, change: Change) -> RepositoryKind:
    repository = reader.repository(change.repository)
    return repository.kind if repository else RepositoryKind.GITHUB


def _current(reader: Reader, change_id: str, sha: str) -> tuple[Change, Revision]:
    change, revision = reader.change(change_id), reader.latest_revision(change_id)
    if change is None or revision is None:
        raise Refused("There is no such change.")
    if reader.state(change_id) is ChangeState.CLOSED:
        raise Refused(f"The change is closed: {reader.state_reason(change_id)}")
    if revision.sha != sha:
        raise Outdated(
            f"The change has a newer revision, {revision.sha[:12]}. Look at that one first."
        )
    return change, revision
