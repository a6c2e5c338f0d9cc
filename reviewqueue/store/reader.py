"""What the store answers, in nouns."""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, TypeVar

import sqlalchemy as sa
from pydantic import TypeAdapter

from reviewqueue.domain.attribution import UNATTRIBUTED, Attribution
from reviewqueue.domain.change import Change, ChangeState, Head, Jump, Repository, Revision
from reviewqueue.domain.event import Assigned, Evaluated, Pulled
from reviewqueue.domain.finding import Risk, Scan
from reviewqueue.domain.landing import Landing
from reviewqueue.domain.review import Assignment, Decision, Disposition
from reviewqueue.domain.verdict import VerdictStatus
from reviewqueue.store import inbox
from reviewqueue.store.canonical import read_instant
from reviewqueue.store.inbox import Delivery
from reviewqueue.store.ledger import EMPTY, Recorded, read_fact
from reviewqueue.store.ledger import Head as LedgerHead
from reviewqueue.store.tables import TABLES

T = TypeVar("T")
Where = sa.ColumnElement[bool]

_ADAPTERS: dict[type, TypeAdapter[Any]] = {
    noun: TypeAdapter(noun)
    for noun in (
        *(Assignment, Attribution, Change, Decision, Disposition, Evaluated, Head, Jump),
        *(Landing, Pulled, Repository, Revision, Scan),
    )
}
_EVENT = TABLES["event"]
_CHANGE = TABLES["change"]
_REVISION = TABLES["revision"]
_SCAN = TABLES["scan"]
_FINDING = TABLES["finding"]
_ATTRIBUTION = TABLES["attribution"]
_ASSIGNMENT = TABLES["assignment"]
_DECISION = TABLES["decision"]
_DISPOSITION = TABLES["disposition"]
_VERDICT = TABLES["verdict"]
_LANDING = TABLES["landing"]
_UNKNOWN_RANK = len(Risk)


@dataclass(frozen=True, slots=True, kw_only=True)
class QueueRow:
    """One change as the queue shows it, at its latest revision."""

    change: Change
    repository: Repository
    revision: Revision | None
    """None where no revision was seen yet."""
    state: ChangeState
    attribution: Attribution
    risk: Risk | None
    """None where the latest revision was not scanned: never the same as Risk.NONE."""
    unscannable: str | None
    findings: int
    unanswered: int
    """Findings that nobody gave a disposition on."""
    verdict: VerdictStatus | None
    """None where the gate has not judged the latest revision."""
    sentence: str
    assignments: tuple[Assignment, ...]
    decisions: int
    """Decisions on the change, at any revision, comments included."""


class Reader:
    """Answers from one snapshot of the store; for the thread that opened it."""

    def __init__(self, connection: sa.Connection) -> None:
        """Take the connection of an open transaction."""
        self._connection = connection

    # Repositories and heads

    def repositories(self) -> tuple[Repository, ...]:
        """Return every repository, by name."""
        table = TABLES["repository"]
        return self._nouns(Repository, sa.select(table).order_by(table.c.name, table.c.id))

    def repository(self, repository: str) -> Repository | None:
        """Return a repository by its id."""
        table = TABLES["repository"]
        return self._noun(Repository, sa.select(table).where(table.c.id == repository))

    def heads(self, repository: str) -> dict[str, Head]:
        """Return every head ever seen, as last seen, by ref."""
        table = TABLES["head"]
        query = sa.select(table).where(table.c.repository == repository).order_by(table.c.ref)
        return {head.ref: head for head in self._nouns(Head, query)}

    def last_pull(self, repository: str) -> Pulled | None:
        """Return the latest reading of a repository."""
        table = TABLES["pull"]
        query = sa.select(table).where(table.c.repository == repository)
        return self._noun(Pulled, query.order_by(table.c.seq.desc()).limit(1))

    def last_pulled_at(self, repository: str) -> datetime | None:
        """Return when a repository was read last."""
        table = TABLES["pull"]
        query = sa.select(table.c.at).where(table.c.repository == repository)
        at: datetime | None = self._scalar(query.order_by(table.c.seq.desc()).limit(1))
        return at

    def jumps(
        self,
        repository: str | None = None,
        since: datetime | None = None,
        until: datetime | None = None,
    ) -> tuple[Jump, ...]:
        """Return the jumps seen in ``[since, until)``, in the order they were recorded."""
        table = TABLES["jump"]
        where = _window(table.c.seen_at, since, until)
        if repository is not None:
            where.append(table.c.repository == repository)
        return self._nouns(Jump, sa.select(table).where(*where).order_by(table.c.seq))

    # Changes and revisions

    def change(self, change: str) -> Change | None:
        """Return a change by its id."""
        return self._noun(Change, sa.select(_CHANGE).where(_CHANGE.c.id == change))

    def change_of_head(self, repository: str, ref: str) -> Change | None:
        """Return the latest change of a head that is still open."""
        query = sa.select(_CHANGE).where(
            _CHANGE.c.repository == repository,
            _CHANGE.c.ref == ref,
            _CHANGE.c.state == ChangeState.OPEN.value,
        )
        return self._noun(Change, query.order_by(_CHANGE.c.seq.desc()).limit(1))

    def open_changes(self, repository: str | None = None) -> tuple[Change, ...]:
        """Return the open changes, first recorded first."""
        query = sa.select(_CHANGE).where(_CHANGE.c.state == ChangeState.OPEN.value)
        if repository is not None:
            query = query.where(_CHANGE.c.repository == repository)
        return self._nouns(Change, query.order_by(_CHANGE.c.seq))

    def state(self, change: str) -> ChangeState | None:
        """Return where a change is in its life; None where there is no such change."""
        found = self._scalar(sa.select(_CHANGE.c.state).where(_CHANGE.c.id == change))
        return ChangeState(found) if found is not None else None

    def state_reason(self, change: str) -> str:
        """Return why a change is where it is; empty where nothing was said."""
        found = self._scalar(sa.select(_CHANGE.c.state_reason).where(_CHANGE.c.id == change))
        return str(found or "")

    def revisions(self, change: str) -> tuple[Revision, ...]:
        """Return a change's revisions, oldest first."""
        query = sa.select(_REVISION).where(_REVISION.c.change == change)
        return self._nouns(Revision, query.order_by(_REVISION.c.number, _REVISION.c.sha))

    def revision(self, change: str, sha: str) -> Revision | None:
        """Return one revision of a change."""
        return self._noun(
            Revision,
            sa.select(_REVISION).where(_REVISION.c.change == change, _REVISION.c.sha == sha),
        )

    def latest_revision(self, change: str) -> Revision | None:
        """Return a change's latest revision."""
        query = sa.select(_REVISION).join(
            _CHANGE,
            sa.and_(_CHANGE.c.id == _REVISION.c.change, _CHANGE.c.revision == _REVISION.c.sha),
        )
        return self._noun(Revision, query.where(_CHANGE.c.id == change))

    def latest_since(
        self, repository: str, since: datetime
    ) -> tuple[tuple[Change, Revision, Attribution], ...]:
        """Return a repository's changes at their latest revisions first seen since, oldest first.

        Those that were closed without landing are left out.
        """
        latest = sa.and_(_CHANGE.c.id == _REVISION.c.change, _CHANGE.c.revision == _REVISION.c.sha)
        where = (
            _CHANGE.c.repository == repository,
            _CHANGE.c.state != ChangeState.CLOSED,
            _REVISION.c.seen_at >= since,
        )
        order = (_REVISION.c.seen_at, _CHANGE.c.seq)
        joined = _REVISION.join(_CHANGE, latest)
        revisions = sa.select(_REVISION).select_from(joined).where(*where).order_by(*order)
        changes = sa.select(_CHANGE).select_from(joined).where(*where).order_by(*order)
        attributed = joined.join(_ATTRIBUTION, _ATTRIBUTION.c.change == _CHANGE.c.id)
        rows = self._rows(sa.select(_ATTRIBUTION).select_from(attributed).where(*where))
        by_change = {row["change"]: _read(Attribution, row) for row in rows}
        pairs = zip(self._nouns(Change, changes), self._nouns(Revision, revisions), strict=True)
        return tuple(
            (change, revision, by_change.get(change.id, UNATTRIBUTED)) for change, revision in pairs
        )

    def revisions_with(
        self, repository: str, *, sha: str | None = None, content_id: str | None = None
    ) -> tuple[Revision, ...]:
        """Return a repository's revisions with this head or this content, first recorded first.

        An empty content id means unread content, which is like no other: nothing has it.
        """
        if sha is None and not content_id:
            return ()
        query = sa.select(_REVISION).join(_CHANGE, _CHANGE.c.id == _REVISION.c.change)
        query = query.where(_CHANGE.c.repository == repository)
        if sha is not None:
            query = query.where(_REVISION.c.sha == sha)
        if content_id is not None:
            query = query.where(_REVISION.c.content_id == content_id)
        return self._nouns(Revision, query.order_by(_CHANGE.c.seq, _REVISION.c.number))

    def attribution(self, change: str) -> Attribution:
        """Return a change's attribution; UNATTRIBUTED where there is none."""
        query = sa.select(_ATTRIBUTION).where(_ATTRIBUTION.c.change == change)
        return self._noun(Attribution, query) or UNATTRIBUTED

    def scan(self, change: str, sha: str) -> Scan | None:
        """Return the latest scan of a revision; None where it was not scanned."""
        query = sa.select(_SCAN).where(_SCAN.c.change == change, _SCAN.c.revision == sha)
        row = self._rows(query)
        if not row:
            return None
        findings = self._rows(
            sa.select(_FINDING)
            .where(_FINDING.c.change == change, _FINDING.c.revision == sha)
            .order_by(_FINDING.c.ordinal)
        )
        return _read(Scan, {**row[0], "findings": [dict(finding) for finding in findings]})

    # Reviewers and what they did

    def assignments(self, change: str) -> tuple[Assignment, ...]:
        """Return a change's assignments, in the order they were chosen."""
        query = sa.select(_ASSIGNMENT).where(_ASSIGNMENT.c.change == change)
        return self._nouns(Assignment, query.order_by(_ASSIGNMENT.c.ordinal))

    def assigned(self, change: str) -> Assigned | None:
        """Return a change's assignments with the note on them; None for an unknown change."""
        row = self._rows(
            sa.select(_CHANGE.c.assigned_note, _CHANGE.c.revision).where(_CHANGE.c.id == change)
        )
        if not row:
            return None
        assignments = self.assignments(change)
        revision = assignments[0].revision if assignments else row[0]["revision"]
        return Assigned(
            change=change,
            revision=revision,
            assignments=assignments,
            note=row[0]["assigned_note"],
        )

    def load(self) -> dict[str, int]:
        """Return the number of open changes that each handle is assigned to."""
        count = sa.func.count(sa.distinct(_ASSIGNMENT.c.change))
        query = (
            sa.select(_ASSIGNMENT.c.handle, count)
            .join(_CHANGE, _CHANGE.c.id == _ASSIGNMENT.c.change)
            .where(_CHANGE.c.state == ChangeState.OPEN.value)
            .group_by(_ASSIGNMENT.c.handle)
        )
        return dict(self._pairs(query))

    def decisions(self, change: str) -> tuple[Decision, ...]:
        """Return a change's decisions, first recorded first, dismissed ones too."""
        query = sa.select(_DECISION).where(_DECISION.c.change == change)
        return self._nouns(Decision, query.order_by(_DECISION.c.seq))

    def decision(self, decision: str) -> Decision | None:
        """Return a decision by its id."""
        return self._noun(Decision, sa.select(_DECISION).where(_DECISION.c.id == decision))

    def dispositions(self, change: str) -> tuple[Disposition, ...]:
        """Return every disposition ever given on a change, oldest first."""
        query = sa.select(_DISPOSITION).where(_DISPOSITION.c.change == change)
        return self._nouns(Disposition, query.order_by(_DISPOSITION.c.seq))

    def dispositions_of(self, rule: str) -> tuple[Disposition, ...]:
        """Return every disposition ever given on a rule's findings, oldest first."""
        query = sa.select(_DISPOSITION).where(_DISPOSITION.c.rule == rule)
        return self._nouns(Disposition, query.order_by(_DISPOSITION.c.seq))

    def findings_of(self, rule: str) -> int:
        """Return how many findings a rule made; in all revisions of a change it is one."""
        each = sa.select(_FINDING.c.change, _FINDING.c.fingerprint).distinct()
        listed = each.where(_FINDING.c.rule == rule).subquery()
        return int(self._scalar(sa.select(sa.func.count()).select_from(listed)) or 0)

    def verdict(self, change: str) -> Evaluated | None:
        """Return the gate's latest verdict, with the revision it judged."""
        return self._noun(Evaluated, sa.select(_VERDICT).where(_VERDICT.c.change == change))

    # Landings

    def landing(self, repository: str, sha: str) -> Landing | None:
        """Return a landing, a later review applied."""
        found = self._landings(_LANDING.c.repository == repository, _LANDING.c.sha == sha)
        return found[0] if found else None

    def landing_of(self, change: str) -> Landing | None:
        """Return a change's latest landing, a later review applied."""
        found = self._landings(_LANDING.c.change == change)
        return found[-1] if found else None

    def landings(
        self,
        since: datetime | None = None,
        until: datetime | None = None,
        repository: str | None = None,
    ) -> tuple[Landing, ...]:
        """Return what landed in ``[since, until)``, oldest first, later reviews applied."""
        where = _window(_LANDING.c.landed_at, since, until)
        if repository is not None:
            where.append(_LANDING.c.repository == repository)
        return self._landings(*where)

    def landed(self, repository: str) -> frozenset[str]:
        """Return the SHAs of a repository's landings."""
        query = sa.select(_LANDING.c.sha).where(_LANDING.c.repository == repository)
        return frozenset(self._execute(query).scalars())

    # Queue

    def queue(  # noqa: PLR0913, PLR0917 -- each is a filter of the page
        self,
        repository: str | None = None,
        risk: Risk | None = None,
        agent: str | None = None,
        reviewer: str | None = None,
        state: str = "open",
        limit: int = 50,
        offset: int = 0,
    ) -> tuple[tuple[QueueRow, ...], int]:
        """Return a page of the queue, most urgent first, and how many rows there are.

        Urgent: the worst risk (unknown above all), then what is not satisfied, then the
        oldest. ``state`` is ``open``, ``landed``, ``closed`` or ``all``; ``reviewer`` is
        a handle. Six statements, however long the page.
        """
        where = _queue_filter(repository, risk, agent, reviewer, state)
        total = self._scalar(_queue_from(sa.func.count()).where(*where))
        query = _queue_from(_CHANGE.c.id).where(*where).order_by(*_urgency())
        changes = list(self._execute(query.limit(limit).offset(offset)).scalars())
        return self._queue_rows(changes), int(total or 0)

    def _queue_rows(self, changes: Sequence[str]) -> tuple[QueueRow, ...]:
        if not changes:
            return ()
        repositories = {repository.id: repository for repository in self.repositories()}
        parts = {name: self._parts(table, changes) for name, table in _PARTS.items()}
        counts = self._finding_counts(changes)
        decisions = self._counts(_DECISION, changes)
        assignments = self._assignments_of(changes)
        rows = []
        for change in changes:
            found = {name: part.get(change) for name, part in parts.items()}
            core = parts["change"][change]
            rows.append(
                QueueRow(
                    change=_read(Change, core),
                    repository=repositories[core["repository"]],
                    state=ChangeState(core["state"]),
                    **_revision_parts(found, counts.get(change, (0, 0))),
                    assignments=assignments.get(change, ()),
                    decisions=decisions.get(change, 0),
                )
            )
        return tuple(rows)

    def _parts(self, table: sa.Table, changes: Sequence[str]) -> dict[str, Mapping[str, Any]]:
        """Return the rows of the latest revisions (or of the changes) by change."""
        if table is _CHANGE:
            query = sa.select(table).where(table.c.id.in_(changes))
            return {row["id"]: row for row in self._rows(query)}
        query = sa.select(table).where(table.c.change.in_(changes))
        if table is not _ATTRIBUTION:
            sha = table.c.sha if table is _REVISION else table.c.revision
            latest = sa.and_(_CHANGE.c.id == table.c.change, _CHANGE.c.revision == sha)
            query = query.join(_CHANGE, latest)
        return {row["change"]: row for row in self._rows(query)}

    def _finding_counts(self, changes: Sequence[str]) -> dict[str, tuple[int, int]]:
        latest = sa.and_(
            _CHANGE.c.id == _FINDING.c.change, _CHANGE.c.revision == _FINDING.c.revision
        )
        answered = sa.exists().where(
            _DISPOSITION.c.change == _FINDING.c.change,
            _DISPOSITION.c.fingerprint == _FINDING.c.fingerprint,
        )
        query = (
            sa.select(
                _FINDING.c.change, sa.func.count(), sa.func.sum(sa.case((answered, 0), else_=1))
            )
            .join(_CHANGE, latest)
            .where(_FINDING.c.change.in_(changes))
            .group_by(_FINDING.c.change)
        )
        return {row[0]: (int(row[1]), int(row[2])) for row in self._execute(query)}

    def _counts(self, table: sa.Table, changes: Sequence[str]) -> dict[str, int]:
        query = sa.select(table.c.change, sa.func.count()).where(table.c.change.in_(changes))
        return dict(self._pairs(query.group_by(table.c.change)))

    def _assignments_of(self, changes: Sequence[str]) -> dict[str, tuple[Assignment, ...]]:
        query = sa.select(_ASSIGNMENT).where(_ASSIGNMENT.c.change.in_(changes))
        found: dict[str, list[Assignment]] = defaultdict(list)
        for row in self._rows(query.order_by(_ASSIGNMENT.c.change, _ASSIGNMENT.c.ordinal)):
            found[row["change"]].append(_read(Assignment, row))
        return {change: tuple(assignments) for change, assignments in found.items()}

    # Ledger and inbox

    def head(self) -> LedgerHead:
        """Return the ledger's length and last hash."""
        query = sa.select(_EVENT.c.seq, _EVENT.c.hash).order_by(_EVENT.c.seq.desc()).limit(1)
        row = self._execute(query).first()
        return LedgerHead(row.seq, row.hash) if row else EMPTY

    def events(  # noqa: PLR0913 -- each is a filter of the page
        self,
        subject_change: str | None = None,
        *,
        kind: str | None = None,
        after_seq: int = 0,
        before_seq: int | None = None,
        limit: int = 100,
        newest_first: bool = False,
    ) -> tuple[Recorded, ...]:
        """Return events of the ledger in order, of one subject (change, repository) or all."""
        query = sa.select(_EVENT).where(_EVENT.c.seq > after_seq)
        if before_seq is not None:
            query = query.where(_EVENT.c.seq < before_seq)
        if subject_change is not None:
            query = query.where(_EVENT.c.subject == subject_change)
        if kind is not None:
            query = query.where(_EVENT.c.kind == kind)
        order = _EVENT.c.seq.desc() if newest_first else _EVENT.c.seq
        return tuple(_recorded(row) for row in self._rows(query.order_by(order).limit(limit)))

    def delivery(self, delivery: str) -> Delivery | None:
        """Return a delivery by its id."""
        self._settle()
        return inbox.find(self._connection, delivery)

    def parked(self) -> tuple[Delivery, ...]:
        """Return the deliveries that were given up after too many attempts, oldest first."""
        self._settle()
        return inbox.parked(self._connection)

    # Inside

    def _settle(self) -> None:
        """Make what was staged readable; a reader stages nothing."""

    def _execute(self, query: sa.Executable) -> sa.CursorResult[*tuple[Any, ...]]:
        self._settle()
        return self._connection.execute(query)

    def _rows(self, query: sa.Executable) -> list[Mapping[str, Any]]:
        return [dict(row) for row in self._execute(query).mappings()]

    def _pairs(self, query: sa.Executable) -> list[tuple[str, int]]:
        return [(str(row[0]), int(row[1])) for row in self._execute(query)]

    def _scalar(self, query: sa.Executable) -> Any:  # noqa: ANN401 -- the column's type
        return self._execute(query).scalar()

    def _noun(self, noun: type[T], query: sa.Executable) -> T | None:
        row = self._execute(query).mappings().first()
        return _read(noun, dict(row)) if row is not None else None

    def _nouns(self, noun: type[T], query: sa.Executable) -> tuple[T, ...]:
        return tuple(_read(noun, row) for row in self._rows(query))

    def _landings(self, *where: Where) -> tuple[Landing, ...]:
        query = sa.select(_LANDING).where(*where)
        rows = self._rows(query.order_by(_LANDING.c.landed_at, _LANDING.c.seq))
        return tuple(_read(Landing, _with_later_review(row)) for row in rows)


_PARTS = {
    "change": _CHANGE,
    "revision": _REVISION,
    "attribution": _ATTRIBUTION,
    "scan": _SCAN,
    "verdict": _VERDICT,
}


def _read(noun: type[T], row: Mapping[str, Any]) -> T:
    found: T = _ADAPTERS[noun].validate_python(dict(row))
    return found


def _recorded(row: Mapping[str, Any]) -> Recorded:
    return Recorded(
        at=read_instant(row["at"]),
        actor=row["actor"],
        fact=read_fact(row["kind"], row["payload"]),
        seq=row["seq"],
        subject=row["subject"],
        previous=row["previous"],
        hash=row["hash"],
    )


def _with_later_review(row: Mapping[str, Any]) -> Mapping[str, Any]:
    if row["later_class"] is None:
        return row
    return {**row, "review_class": row["later_class"], "reason": row["later_reason"]}


def _window(
    column: sa.ColumnElement[Any], since: datetime | None, until: datetime | None
) -> list[Where]:
    where: list[Where] = []
    if since is not None:
        where.append(column >= since)
    if until is not None:
        where.append(column < until)
    return where


def _queue_from(*columns: sa.ColumnElement[Any]) -> sa.Select[Any]:
    """Select from changes with the scan and verdict of their latest revision."""
    change, sha = _CHANGE.c.id, _CHANGE.c.revision
    return (
        sa.select(*columns)
        .select_from(_CHANGE)
        .outerjoin(_SCAN, sa.and_(_SCAN.c.change == change, _SCAN.c.revision == sha))
        .outerjoin(_VERDICT, sa.and_(_VERDICT.c.change == change, _VERDICT.c.revision == sha))
        .outerjoin(_ATTRIBUTION, _ATTRIBUTION.c.change == change)
    )


def _queue_filter(
    repository: str | None,
    risk: Risk | None,
    agent: str | None,
    reviewer: str | None,
    state: str,
) -> list[Where]:
    where: list[Where] = []
    if state != "all":
        where.append(_CHANGE.c.state == ChangeState(state).value)
    if repository is not None:
        where.append(_CHANGE.c.repository == repository)
    if risk is not None:
        where.append(_SCAN.c.risk == Risk(risk).value)
    if agent is not None:
        where.append(_ATTRIBUTION.c.agent == agent)
    if reviewer is not None:
        asked = sa.select(_ASSIGNMENT.c.change).where(_ASSIGNMENT.c.handle == reviewer)
        where.append(_CHANGE.c.id.in_(asked))
    return where


def _urgency() -> Iterable[sa.ColumnElement[Any]]:
    rank = sa.case(
        {risk.value: risk.rank for risk in Risk}, value=_SCAN.c.risk, else_=_UNKNOWN_RANK
    )
    done = [
        status.value
        for status in VerdictStatus
        if status not in {VerdictStatus.UNSATISFIED, VerdictStatus.ERROR}
    ]
    settled = sa.case((_VERDICT.c.status.in_(done), 1), else_=0)
    return rank.desc(), settled, _CHANGE.c.opened_at, _CHANGE.c.seq


def _revision_parts(
    found: Mapping[str, Mapping[str, Any] | None], counts: tuple[int, int]
) -> dict[str, Any]:
    revision, attribution = found["revision"], found["attribution"]
    scan, verdict = found["scan"], found["verdict"]
    return {
        "revision": _read(Revision, revision) if revision else None,
        "attribution": _read(Attribution, attribution) if attribution else UNATTRIBUTED,
        "risk": Risk(scan["risk"]) if scan else None,
        "unscannable": scan["unscannable"] if scan else None,
        "findings": counts[0],
        "unanswered": counts[1],
        "verdict": VerdictStatus(verdict["status"]) if verdict else None,
        "sentence": verdict["sentence"] if verdict else "",
    }
