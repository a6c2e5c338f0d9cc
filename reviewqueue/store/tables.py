"""The tables: the ledger, the inbox, and one projection for each noun.

Every column that is no key of ours is named as the noun's field is; nested parts are
canonical JSON. Nothing outside this room sees a row.
"""

from datetime import datetime
from typing import Any, ClassVar

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.engine import Dialect
from sqlalchemy.types import TypeDecorator, TypeEngine
from sqlmodel import Field, SQLModel

from reviewqueue.store.canonical import instant, read_instant

SQLModel.metadata.naming_convention = {
    "ix": "ix_%(table_name)s_%(column_0_N_name)s",
    "uq": "uq_%(table_name)s_%(column_0_N_name)s",
    "ck": "ck_%(table_name)s_%(constraint_name)s",
    "fk": "fk_%(table_name)s_%(column_0_N_name)s_%(referred_table_name)s",
    "pk": "pk_%(table_name)s",
}

Count = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
"""A 64-bit integer; as a key it is SQLite's own row id."""

Json = sa.JSON(none_as_null=True).with_variant(JSONB(none_as_null=True), "postgresql")
"""Canonical text on SQLite, JSONB on PostgreSQL; None is NULL."""


class Instant(TypeDecorator[datetime]):
    """An aware UTC datetime: canonical text on SQLite, timestamptz on PostgreSQL.

    Takes the canonical text too, as a ledger's payload holds it.
    """

    impl = sa.DateTime(timezone=True)
    cache_ok = True

    def load_dialect_impl(self, dialect: Dialect) -> TypeEngine[Any]:
        """Return the column's type on this database."""
        if dialect.name == "sqlite":
            return dialect.type_descriptor(sa.Text())
        return dialect.type_descriptor(sa.DateTime(timezone=True))

    def process_bind_param(self, value: datetime | str | None, dialect: Dialect) -> Any:  # noqa: ANN401 -- text or datetime, as the database wants
        """Return what the database driver takes."""
        if value is None:
            return None
        if dialect.name == "sqlite":
            return instant(value) if isinstance(value, datetime) else value
        return read_instant(value) if isinstance(value, str) else value

    def process_result_value(self, value: Any, dialect: Dialect) -> datetime | None:  # noqa: ANN401 -- text or datetime, as the database gave it
        """Return the aware UTC datetime."""
        if value is None:
            return None
        if dialect.name == "sqlite":
            return read_instant(value)
        return read_instant(instant(value))


class EventRow(SQLModel, table=True):
    """One event of the ledger, as it was hashed."""

    __tablename__: ClassVar[str] = "event"
    __table_args__ = (sa.Index(None, "subject", "seq"), sa.Index(None, "kind", "seq"))

    seq: int = Field(sa_type=Count, primary_key=True, sa_column_kwargs={"autoincrement": False})
    at: str
    actor: str
    kind: str
    subject: str
    payload: str
    previous: str
    hash: str


class DeliveryRow(SQLModel, table=True):
    """One delivery of the inbox, as received."""

    __tablename__: ClassVar[str] = "delivery"
    __table_args__ = (
        sa.Index(
            "ix_delivery_pending",
            "received_at",
            sqlite_where=sa.text("handled = 0 AND parked = 0"),
            postgresql_where=sa.text("NOT handled AND NOT parked"),
        ),
    )

    id: str = Field(primary_key=True)
    event: str
    headers: dict[str, str] = Field(sa_type=Json)
    body: bytes
    digest: str
    received_at: datetime = Field(sa_type=Instant)
    attempts: int
    error: str
    parked: bool
    handled: bool


class HandledRow(SQLModel, table=True):
    """A delivery's effect: once each."""

    __tablename__: ClassVar[str] = "handled"

    delivery: str = Field(primary_key=True)
    event: str
    digest: str
    outcome: str
    at: datetime = Field(sa_type=Instant)


class RepositoryRow(SQLModel, table=True):
    """A repository under observation."""

    __tablename__: ClassVar[str] = "repository"

    id: str = Field(primary_key=True)
    name: str
    address: str
    kind: str
    default_branch: str
    first_seen_at: datetime = Field(sa_type=Instant)


class ChangeRow(SQLModel, table=True):
    """A change, with where it is in its life and its latest revision."""

    __tablename__: ClassVar[str] = "change"
    __table_args__ = (
        sa.Index(None, "repository", "ref"),
        sa.Index(None, "state", "repository"),
    )

    id: str = Field(primary_key=True)
    seq: int = Field(sa_type=Count)
    repository: str = Field(foreign_key="repository.id")
    ref: str
    branch: str
    number: int | None = Field(sa_type=Count)
    title: str
    author: dict[str, str] = Field(sa_type=Json)
    opened_at: datetime = Field(sa_type=Instant)
    dated_by: str
    state: str
    state_reason: str
    revision: str
    revision_number: int
    assigned_note: str


class RevisionRow(SQLModel, table=True):
    """One head of a change."""

    __tablename__: ClassVar[str] = "revision"
    __table_args__ = (sa.Index(None, "change", "number"),)

    change: str = Field(primary_key=True, foreign_key="change.id")
    sha: str = Field(primary_key=True, index=True)
    number: int
    base: str
    seen_at: datetime = Field(sa_type=Instant)
    message: str
    authors: list[dict[str, str]] = Field(sa_type=Json)
    pusher: dict[str, str] | None = Field(sa_type=Json)
    commits: list[str] = Field(sa_type=Json)
    content_id: str = Field(index=True)


class HeadRow(SQLModel, table=True):
    """A head ref as last seen."""

    __tablename__: ClassVar[str] = "head"

    repository: str = Field(primary_key=True, foreign_key="repository.id")
    ref: str = Field(primary_key=True)
    sha: str
    seen_at: datetime = Field(sa_type=Instant)
    outcome: str
    change: str | None = Field(foreign_key="change.id", index=True)
    detail: str


class JumpRow(SQLModel, table=True):
    """A date or a history that jumped."""

    __tablename__: ClassVar[str] = "jump"

    seq: int = Field(sa_type=Count, primary_key=True, sa_column_kwargs={"autoincrement": False})
    repository: str = Field(foreign_key="repository.id", index=True)
    sha: str
    seen_at: datetime = Field(sa_type=Instant)
    kind: str
    detail: str


class PullRow(SQLModel, table=True):
    """One reading of a repository, and what it left out."""

    __tablename__: ClassVar[str] = "pull"
    __table_args__ = (sa.Index(None, "repository", "seq"),)

    seq: int = Field(sa_type=Count, primary_key=True, sa_column_kwargs={"autoincrement": False})
    at: datetime = Field(sa_type=Instant)
    repository: str = Field(foreign_key="repository.id")
    tip: str
    heads: int
    landings: int
    left_out: dict[str, int] = Field(sa_type=Json)
    notes: list[str] = Field(sa_type=Json)


class AttributionRow(SQLModel, table=True):
    """A change's attribution."""

    __tablename__: ClassVar[str] = "attribution"

    change: str = Field(primary_key=True, foreign_key="change.id")
    revision: str
    agent: str | None = Field(index=True)
    confidence: str
    operator: dict[str, str] | None = Field(sa_type=Json)
    evidence: list[str] = Field(sa_type=Json)
    operator_evidence: str
    mechanical: bool


class ScanRow(SQLModel, table=True):
    """A scan of one revision."""

    __tablename__: ClassVar[str] = "scan"
    __table_args__ = (
        sa.ForeignKeyConstraint(["change", "revision"], ["revision.change", "revision.sha"]),
    )

    change: str = Field(primary_key=True)
    revision: str = Field(primary_key=True)
    at: datetime = Field(sa_type=Instant)
    risk: str
    unscannable: str | None
    files: int
    added: int = Field(sa_type=Count)
    removed: int = Field(sa_type=Count)
    rules_version: str


class FindingRow(SQLModel, table=True):
    """One finding of a scan, with its locations."""

    __tablename__: ClassVar[str] = "finding"
    __table_args__ = (
        sa.ForeignKeyConstraint(["change", "revision"], ["scan.change", "scan.revision"]),
        sa.Index(None, "rule"),
    )

    change: str = Field(primary_key=True)
    revision: str = Field(primary_key=True)
    ordinal: int = Field(primary_key=True, sa_column_kwargs={"autoincrement": False})
    rule: str
    pathway: str
    severity: str
    confidence: str
    message: str
    fingerprint: str
    locations: list[dict[str, Any]] = Field(sa_type=Json)


class AssignmentRow(SQLModel, table=True):
    """Who was asked to review a change; the latest choice only."""

    __tablename__: ClassVar[str] = "assignment"

    change: str = Field(primary_key=True, foreign_key="change.id")
    ordinal: int = Field(primary_key=True, sa_column_kwargs={"autoincrement": False})
    revision: str
    handle: str = Field(index=True)
    reviewer: dict[str, str] = Field(sa_type=Json)
    reasons: list[str] = Field(sa_type=Json)
    at: datetime = Field(sa_type=Instant)
    due_at: datetime = Field(sa_type=Instant)


class DecisionRow(SQLModel, table=True):
    """A reviewer's decision."""

    __tablename__: ClassVar[str] = "decision"
    __table_args__ = (sa.Index(None, "change", "seq"),)

    id: str = Field(primary_key=True)
    seq: int = Field(sa_type=Count)
    change: str = Field(foreign_key="change.id")
    revision: str
    reviewer: dict[str, str] = Field(sa_type=Json)
    kind: str
    body: str
    at: datetime = Field(sa_type=Instant)
    source: str
    development: bool
    dismissed: bool


class DispositionRow(SQLModel, table=True):
    """A reviewer's answer to one finding."""

    __tablename__: ClassVar[str] = "disposition"
    __table_args__ = (sa.Index(None, "change", "fingerprint"),)

    seq: int = Field(sa_type=Count, primary_key=True, sa_column_kwargs={"autoincrement": False})
    change: str = Field(foreign_key="change.id")
    revision: str
    fingerprint: str
    rule: str
    answer: str
    reason: str
    reviewer: dict[str, str] = Field(sa_type=Json)
    at: datetime = Field(sa_type=Instant)
    development: bool


class VerdictRow(SQLModel, table=True):
    """The gate's latest verdict on a change."""

    __tablename__: ClassVar[str] = "verdict"

    change: str = Field(primary_key=True, foreign_key="change.id")
    revision: str
    at: datetime = Field(sa_type=Instant)
    status: str
    sentence: str
    verdict: dict[str, Any] = Field(sa_type=Json)


class LandingRow(SQLModel, table=True):
    """What merged, with its frozen class and what a later review made of it."""

    __tablename__: ClassVar[str] = "landing"
    __table_args__ = (sa.Index(None, "repository", "landed_at"),)

    repository: str = Field(primary_key=True, foreign_key="repository.id")
    sha: str = Field(primary_key=True)
    seq: int = Field(sa_type=Count)
    change: str | None = Field(foreign_key="change.id", index=True)
    revision: str | None
    landed_at: datetime = Field(sa_type=Instant, index=True)
    dated_by: str
    seen_at: datetime = Field(sa_type=Instant)
    by: dict[str, str] = Field(sa_type=Json)
    title: str
    attribution: dict[str, Any] = Field(sa_type=Json)
    team: str
    risk: str | None
    unscannable: bool
    findings: int
    unanswered: int
    added: int = Field(sa_type=Count)
    removed: int = Field(sa_type=Count)
    review_class: str
    reason: str
    claims: list[str] = Field(sa_type=Json)
    later_class: str | None
    later_reason: str | None
    later_decision: str | None


TABLES = {table.name: table for table in SQLModel.metadata.sorted_tables}
"""Every table by name, parents before children."""

PROJECTED = tuple(table for name, table in TABLES.items() if name not in {"event", "delivery"})
"""The tables that the ledger alone determines."""
