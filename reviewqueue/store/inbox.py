"""The inbox: every delivery is kept before it is answered, and has its effect once."""

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

import sqlalchemy as sa
from sqlalchemy.dialects import postgresql, sqlite

from reviewqueue.store.canonical import text
from reviewqueue.store.tables import TABLES

_DELIVERY = TABLES["delivery"]
_WAITING = (_DELIVERY.c.handled == sa.false(), _DELIVERY.c.parked == sa.false())


@dataclass(frozen=True, slots=True, kw_only=True)
class Delivery:
    """One webhook as it was received."""

    id: str
    event: str
    headers: dict[str, str]
    body: bytes
    digest: str
    """SHA-256 of the body, hexadecimal."""
    received_at: datetime
    attempts: int
    """How often it was tried without effect."""
    error: str
    """What the last attempt said; empty where there was none."""
    parked: bool
    """Given up after too many attempts: an ERROR that a human must see."""
    handled: bool


def put(  # noqa: PLR0913, PLR0917 -- a delivery as it arrives
    connection: sa.Connection,
    delivery: str,
    event: str,
    headers: Mapping[str, str],
    body: bytes,
    at: datetime,
) -> bool:
    """Insert a delivery; return False where its id is there already."""
    insert = sqlite.insert if connection.dialect.name == "sqlite" else postgresql.insert
    row = {
        "id": text(delivery),
        "event": text(event),
        "headers": {text(name): text(value) for name, value in headers.items()},
        "body": body,
        "digest": hashlib.sha256(body).hexdigest(),
        "received_at": at,
        "attempts": 0,
        "error": "",
        "parked": False,
        "handled": False,
    }
    statement = insert(_DELIVERY).values(row).on_conflict_do_nothing()
    done = connection.execute(statement.execution_options(preserve_rowcount=True))
    return done.rowcount == 1


def waiting(connection: sa.Connection, limit: int, before: datetime | None) -> tuple[Delivery, ...]:
    """Return deliveries without effect that are not parked, oldest first."""
    query = sa.select(_DELIVERY).where(*_WAITING)
    if before is not None:
        query = query.where(_DELIVERY.c.received_at <= before)
    query = query.order_by(_DELIVERY.c.received_at, _DELIVERY.c.id).limit(limit)
    return tuple(Delivery(**row) for row in connection.execute(query).mappings())


def recent(connection: sa.Connection, limit: int) -> tuple[Delivery, ...]:
    """Return the deliveries received last, whatever became of them, newest first."""
    newest = (_DELIVERY.c.received_at.desc(), _DELIVERY.c.id)
    query = sa.select(_DELIVERY).order_by(*newest).limit(limit)
    return tuple(Delivery(**row) for row in connection.execute(query).mappings())


def waiting_ids(connection: sa.Connection) -> dict[str, int]:
    """Return the ids of all deliveries without effect, oldest first, with their attempts."""
    query = sa.select(_DELIVERY.c.id, _DELIVERY.c.attempts).where(*_WAITING)
    rows = connection.execute(query.order_by(_DELIVERY.c.received_at, _DELIVERY.c.id))
    return {row[0]: row[1] for row in rows}


def note_error(connection: sa.Connection, delivery: str, error: str) -> None:
    """Keep what the last attempt said."""
    update = _DELIVERY.update().where(_DELIVERY.c.id == delivery)
    connection.execute(update.values(error=text(error)[:1000]))


def parked(connection: sa.Connection) -> tuple[Delivery, ...]:
    """Return the deliveries that were given up, oldest first."""
    query = (
        sa.select(_DELIVERY)
        .where(_DELIVERY.c.parked == sa.true(), _DELIVERY.c.handled == sa.false())
        .order_by(_DELIVERY.c.received_at, _DELIVERY.c.id)
    )
    return tuple(Delivery(**row) for row in connection.execute(query).mappings())


def find(connection: sa.Connection, delivery: str) -> Delivery | None:
    """Return a delivery by its id."""
    query = sa.select(_DELIVERY).where(_DELIVERY.c.id == delivery)
    row = connection.execute(query).mappings().first()
    return Delivery(**row) if row else None


def count_attempt(
    connection: sa.Connection, delivery: str, error: str, park_after: int
) -> Delivery | None:
    """Count one attempt without effect; park the delivery at ``park_after`` of them."""
    connection.execute(
        _DELIVERY.update()
        .where(_DELIVERY.c.id == delivery, *_WAITING)
        .values(
            attempts=_DELIVERY.c.attempts + 1,
            # What the attempt before said stays, until this one says something.
            error=text(error)[:1000] or _DELIVERY.c.error,
            parked=_DELIVERY.c.attempts + 1 >= park_after,
        )
    )
    return find(connection, delivery)


def retry(connection: sa.Connection, delivery: str) -> bool:
    """Take a parked delivery up again, its attempts forgotten; False if it is not parked."""
    done = connection.execute(
        _DELIVERY.update()
        .where(_DELIVERY.c.id == delivery, _DELIVERY.c.parked == sa.true())
        .values(attempts=0, parked=False)
    )
    return done.rowcount == 1
