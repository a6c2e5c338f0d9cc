"""Verification: has the record been touched, and where first.

The chain is walked from the first event; every event is replayed into a fresh database
by the very projection that recorded it, and the tables are compared row by row. All of
it streams but the replayed tables.
"""

import hashlib
import json
import sqlite3
from collections.abc import Generator, Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass
from functools import cache
from itertools import zip_longest
from typing import Any

import sqlalchemy as sa
from sqlalchemy.exc import SQLAlchemyError
from sqlalchemy.schema import CreateTable

from reviewqueue.store.canonical import canonical, plain, read_instant
from reviewqueue.store.engine import scratch
from reviewqueue.store.guards import missing_guards
from reviewqueue.store.ledger import EMPTY, Head, StoreError, canonical_event, digest, read_fact
from reviewqueue.store.projection import project
from reviewqueue.store.stage import Stage
from reviewqueue.store.tables import PROJECTED, TABLES

_EVENT = TABLES["event"]
_DELIVERY = TABLES["delivery"]
_HANDLED = TABLES["handled"]
_AT_ONCE = 1_000
_BODIES_AT_ONCE = 20
_LONGEST = 60

Values = tuple[Any, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Verification:
    """What verifying the record gave."""

    problem: str | None
    """One line that names the first bad row, or None where nothing is wrong."""
    head: Head
    """The end of the part of the chain that is sound."""
    expected: Head | None
    """The head it was checked against; None where there was none, so that a cut tail
    or a rebuilt chain would not have been seen."""
    seq: int | None = None
    """The first bad row of the ledger, where the ledger is at fault."""
    table: str | None = None
    """The first table that differs from the ledger's account."""
    key: str | None = None
    """The key of the first row that differs."""

    @property
    def ok(self) -> bool:
        """Whether nothing is wrong."""
        return self.problem is None


class _Found(Exception):  # noqa: N818 -- it carries a result, not an error
    """The first thing that is wrong."""

    def __init__(
        self,
        problem: str,
        *,
        seq: int | None = None,
        table: str | None = None,
        key: str | None = None,
    ) -> None:
        super().__init__(problem)
        self.seq, self.table, self.key = seq, table, key


def verify(connection: sa.Connection, expected: Head | None) -> Verification:
    """Verify chain, head and tables on one snapshot; never raises for what it finds."""
    walk = _Walk(expected)
    try:
        with _any_bytes(connection), scratch().begin() as replayed:
            for statement in _create_tables():
                replayed.exec_driver_sql(statement)
            walk.run(connection, Stage(replayed))
            for table in PROJECTED:
                _compare(table, connection, replayed)
            _check_deliveries(connection)
            _check_guards(connection)
    except _Found as found:
        return Verification(
            problem=str(found),
            head=walk.head,
            expected=expected,
            seq=found.seq,
            table=found.table,
            key=found.key,
        )
    return Verification(problem=None, head=walk.head, expected=expected)


@cache
def _create_tables() -> tuple[str, ...]:
    """Return what makes the tables, without the indexes that only queries need."""
    dialect = scratch().dialect
    return tuple(str(CreateTable(table).compile(dialect=dialect)) for table in TABLES.values())


class _Walk:
    """Walks the chain, replaying each event that is sound."""

    def __init__(self, expected: Head | None) -> None:
        self._expected = expected
        self.head = EMPTY

    def run(self, connection: sa.Connection, stage: Stage) -> None:
        """Walk to the end; raises _Found at the first event that is not sound."""
        self._check_head()
        names = _EVENT.columns.keys()
        with closing(_stream(connection, _EVENT, _EVENT.c.seq)) as rows:
            for row in rows:
                event = dict(zip(names, row, strict=True))
                payload = self._check(event)
                self.head = Head(event["seq"], event["hash"])
                self._check_head()
                _replay(stage, event, payload)
        if self._expected is not None and self._expected.seq > self.head.seq:
            raise _Found(
                f"the ledger ends at event {self.head.seq}, but the head is event "
                f"{self._expected.seq}: its tail is cut, or an older database was restored",
                seq=self.head.seq + 1,
            )
        try:
            stage.flush()
        except (SQLAlchemyError, StoreError) as error:
            raise _Found(f"the events cannot be replayed: {_line(error)}") from None

    def _check(self, event: dict[str, Any]) -> Any:  # noqa: ANN401 -- JSON of any shape
        """Return the event's payload; raises _Found where the event is not what was hashed."""
        seq, place = event["seq"], self.head.seq + 1
        if type(seq) is not int or seq < place:
            raise _Found(f"event {seq!r} stands where event {place} belongs", seq=place)
        if seq > place:
            missing = f"event {place} is" if seq == place + 1 else f"{place} to {seq - 1} are"
            raise _Found(f"{missing} missing from the ledger", seq=place)
        bad = [name for name, value in event.items() if name != "seq" and type(value) is not str]
        if bad:
            raise _Found(f"event {seq} was altered: its {bad[0]} is no text", seq=seq)
        if event["previous"] != self.head.hash:
            raise _Found(f"event {seq} does not follow event {seq - 1}: the chain breaks", seq=seq)
        if event["hash"] != digest(event["previous"], canonical_event(event)):
            raise _Found(f"event {seq} was altered: its hash does not match", seq=seq)
        return _payload(event)

    def _check_head(self) -> None:
        expected = self._expected
        if expected and expected.seq == self.head.seq and expected.hash != self.head.hash:
            raise _Found(
                f"event {self.head.seq} is not the one at the head that was kept: "
                "the chain was rebuilt",
                seq=self.head.seq,
            )


def _payload(event: dict[str, Any]) -> Any:  # noqa: ANN401 -- JSON of any shape
    """Return the payload as today's nouns have it.

    A field that it was written without takes the noun's default, as migrations do.
    """
    seq = event["seq"]
    try:
        read_instant(event["at"])
        if canonical(json.loads(event["payload"])) != event["payload"]:
            raise _Found(f"event {seq} is not in canonical form", seq=seq)
        return plain(read_fact(event["kind"], event["payload"]))
    except (ValueError, StoreError) as error:
        raise _Found(f"event {seq} cannot be read: {_line(error)}", seq=seq) from None


def _replay(stage: Stage, event: dict[str, Any], payload: Any) -> None:  # noqa: ANN401 -- JSON of any shape
    try:
        project(stage, event["seq"], event["at"], event["kind"], payload)
    except (KeyError, TypeError, AttributeError, ValueError, SQLAlchemyError, StoreError) as error:
        raise _Found(
            f"event {event['seq']} ({event['kind'][:_LONGEST]}) cannot be replayed: {_line(error)}",
            seq=event["seq"],
        ) from None


def _compare(table: sa.Table, actual: sa.Connection, replayed: sa.Connection) -> None:
    order = list(table.primary_key)
    raw = actual.dialect.name == "sqlite"
    with (
        closing(_stream(actual, table, *order)) as rows,
        closing(_stream(replayed, table, *order, raw=raw)) as truths,
    ):
        for row, truth in zip_longest(rows, truths):
            if row != truth or list(map(type, row)) != list(map(type, truth)):
                raise _difference(table, row, truth)


def _difference(table: sa.Table, row: Values | None, truth: Values | None) -> _Found:
    names = table.columns.keys()
    keys = [column.name for column in table.primary_key]
    values, expected = _named(names, row), _named(names, truth)
    key = _first_key(keys, values, expected)
    where = f"table {table.name}, row {_shown(key)}"
    if values is None or key != _key(keys, values):
        problem = f"{where}: missing, though the ledger tells of it"
    elif expected is None or key != _key(keys, expected):
        problem = f"{where}: there, though the ledger does not tell of it"
    else:
        differ = next(
            name
            for name in names
            if values[name] != expected[name] or type(values[name]) is not type(expected[name])
        )
        problem = f"{where}: {differ} is not what the ledger says"
    return _Found(problem, table=table.name, key=_shown(key))


def _first_key(
    keys: list[str], values: dict[str, Any] | None, expected: dict[str, Any] | None
) -> Values:
    found = [_key(keys, row) for row in (values, expected) if row is not None]
    return min(found, key=lambda key: [(type(part).__name__, part) for part in key])


def _key(keys: list[str], row: dict[str, Any]) -> Values:
    return tuple(row[name] for name in keys)


def _shown(key: Values) -> str:
    return "/".join(str(part) for part in key).encode("ascii", "backslashreplace").decode()[:200]


def _named(names: list[str], row: Values | None) -> dict[str, Any] | None:
    return None if row is None else dict(zip(names, row, strict=True))


def _check_deliveries(connection: sa.Connection) -> None:
    """Compare what was received with what the ledger says was handled."""
    names = _DELIVERY.columns.keys()
    received = _stream(connection, _DELIVERY, _DELIVERY.c.id, at_once=_BODIES_AT_ONCE)
    with closing(received) as rows:
        for row in rows:
            delivery = dict(zip(names, row, strict=True))
            body = delivery["body"]
            if type(body) is not bytes or hashlib.sha256(body).hexdigest() != delivery["digest"]:
                raise _bad_delivery(delivery["id"], "its body is not the one that was received")
    same = sa.and_(
        _DELIVERY.c.id == _HANDLED.c.delivery,
        _DELIVERY.c.digest == _HANDLED.c.digest,
        _DELIVERY.c.event == _HANDLED.c.event,
        _DELIVERY.c.handled == sa.true(),
    )
    told = sa.select(_HANDLED.c.delivery).where(~sa.exists().where(same))
    claimed = sa.select(_DELIVERY.c.id).where(
        _DELIVERY.c.handled != sa.false(),
        ~sa.exists().where(_HANDLED.c.delivery == _DELIVERY.c.id),
    )
    for query in (told, claimed):
        delivery_id = connection.execute(query.limit(1)).scalar()
        if delivery_id is not None:
            raise _bad_delivery(delivery_id, "it is not as the ledger says it was handled")


def _bad_delivery(delivery: str, problem: str) -> _Found:
    key = _shown((delivery,))
    return _Found(f"table delivery, row {key}: {problem}", table="delivery", key=key)


def _check_guards(connection: sa.Connection) -> None:
    missing = missing_guards(connection)
    if missing:
        raise _Found(f"the ledger's guard {missing[0]} is missing or altered", table="event")


def _stream(
    connection: sa.Connection,
    table: sa.Table,
    *order: sa.Column[Any],
    raw: bool = True,
    at_once: int = _AT_ONCE,
) -> Generator[Values, None, None]:
    """Stream a table by key in byte order; on SQLite with ``raw`` the values as stored."""
    sqlite = connection.dialect.name == "sqlite"
    columns: list[sa.ColumnElement[Any]] = list(table.columns)
    if sqlite and raw:
        columns = [sa.type_coerce(column, sa.types.NullType()) for column in columns]
    by = [c if sqlite or not isinstance(c.type, sa.String) else c.collate("C") for c in order]
    query = sa.select(*columns).order_by(*by).execution_options(yield_per=at_once)
    try:
        with connection.execute(query) as found:
            for row in found:
                yield tuple(row)
    except (SQLAlchemyError, ValueError, TypeError) as error:
        raise _Found(
            f"table {table.name} cannot be read: {_line(error)}", table=table.name
        ) from None


@contextmanager
def _any_bytes(connection: sa.Connection) -> Iterator[None]:
    """Read text that is no UTF-8 too, as text that equals no other."""
    raw: Any = connection.connection.dbapi_connection
    if not isinstance(raw, sqlite3.Connection):
        yield
        return
    usual = raw.text_factory
    raw.text_factory = lambda found: found.decode("utf-8", "surrogateescape")
    try:
        yield
    finally:
        raw.text_factory = usual


def _line(error: Exception) -> str:
    reason = getattr(error, "orig", None) or error
    return str(reason).strip().split("\n", 1)[0][:200]
