"""Connections: one writer at a time, readers on a snapshot, SQLite and PostgreSQL alike."""

import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from functools import cache
from pathlib import Path
from typing import Any

import sqlalchemy as sa
from sqlalchemy import event
from sqlalchemy.exc import ArgumentError, DBAPIError, NoSuchModuleError, OperationalError
from sqlalchemy.pool import ConnectionPoolEntry, NullPool

from reviewqueue.store.canonical import canonical
from reviewqueue.store.ledger import StoreError

BUSY_SECONDS = 10
_WRITER = "reviewqueue_writer"
_LOCK = 0x7265766965777175
"""PostgreSQL's advisory lock of the one writer: ``reviewqu`` in hexadecimal."""
# What is stored was read from strangers: an error shows the statement, never its values.
_SHARED: dict[str, Any] = {"json_serializer": canonical, "hide_parameters": True}


def open_engine(url: str) -> sa.Engine:
    """Return an engine for a SQLite or PostgreSQL URL; connects to nothing yet."""
    try:
        parsed = sa.make_url(url)
        if parsed.get_backend_name() not in {"sqlite", "postgresql"}:
            raise StoreError(f"{parsed.get_backend_name()} is no database this store knows")
        engine = sa.create_engine(parsed, **_SHARED, **_options(parsed))
    except (ArgumentError, NoSuchModuleError, ImportError, ValueError):
        raise StoreError("DATABASE_URL is no SQLAlchemy URL of a known database") from None
    if engine.dialect.name == "sqlite":
        event.listen(engine, "do_connect", _refuse_missing)
        event.listen(engine, "connect", _set_pragmas)
        event.listen(engine, "begin", _begin_sqlite)
    else:
        event.listen(engine, "begin", _begin_postgresql)
    return engine


@cache
def scratch() -> sa.Engine:
    """Return an engine each of whose connections is a fresh in-memory SQLite database."""
    engine = sa.create_engine("sqlite://", poolclass=NullPool, **_SHARED)
    event.listen(engine, "connect", _set_pragmas)
    event.listen(engine, "begin", _begin_sqlite)
    return engine


def database_file(engine: sa.Engine) -> Path | None:
    """Return the SQLite database's file, or None where there is none."""
    name = engine.url.database
    in_file = engine.dialect.name == "sqlite" and name and name != ":memory:"
    return Path(str(name)) if in_file else None


@contextmanager
def reading(engine: sa.Engine) -> Iterator[sa.Connection]:
    """Open a read transaction on one snapshot."""
    with _connect(engine, **_snapshot(engine)) as connection, connection.begin():
        yield connection


@contextmanager
def writing(engine: sa.Engine) -> Iterator[sa.Connection]:
    """Open the one write transaction; waits for another writer, at most BUSY_SECONDS."""
    with _connect(engine, **{_WRITER: True}, **_current(engine)) as connection, connection.begin():
        yield connection


def _options(url: sa.URL) -> dict[str, Any]:
    if url.get_backend_name() == "sqlite":
        return {"connect_args": {"timeout": BUSY_SECONDS}}
    return {"connect_args": {"connect_timeout": BUSY_SECONDS}, "pool_pre_ping": True}


def _snapshot(engine: sa.Engine) -> dict[str, str]:
    return {} if engine.dialect.name == "sqlite" else {"isolation_level": "REPEATABLE READ"}


def _current(engine: sa.Engine) -> dict[str, str]:
    """See what was committed while waiting for the lock, whatever the server's default."""
    return {} if engine.dialect.name == "sqlite" else {"isolation_level": "READ COMMITTED"}


@contextmanager
def _connect(engine: sa.Engine, **options: Any) -> Iterator[sa.Connection]:  # noqa: ANN401 -- execution options of any type
    try:
        connection = engine.connect()
    except (DBAPIError, sqlite3.Error) as error:
        raise StoreError(f"the database cannot be opened: {_reason(error)}") from None
    with connection:
        try:
            yield connection.execution_options(**options)
        except OperationalError as error:
            raise StoreError(f"the database failed: {_reason(error)}") from error


def _refuse_missing(_dialect: Any, _record: Any, arguments: list[Any], _options: Any) -> None:  # noqa: ANN401 -- SQLAlchemy's event signature
    name = str(arguments[0])
    if name != ":memory:" and not Path(name).exists():
        raise StoreError(f"there is no database at {name}")


def _set_pragmas(connection: sqlite3.Connection, _record: ConnectionPoolEntry) -> None:
    connection.isolation_level = None  # transactions are begun below, by name
    for pragma in (
        f"busy_timeout={int(BUSY_SECONDS * 1000)}",
        "journal_mode=WAL",
        "synchronous=FULL",
        "foreign_keys=ON",
        "recursive_triggers=ON",
    ):
        connection.execute(f"PRAGMA {pragma}")


def _begin_sqlite(connection: sa.Connection) -> None:
    writer = connection.get_execution_options().get(_WRITER)
    try:
        connection.exec_driver_sql("BEGIN IMMEDIATE" if writer else "BEGIN")
    except DBAPIError as error:
        raise StoreError(f"the database is busy: {_reason(error)}") from None


def _begin_postgresql(connection: sa.Connection) -> None:
    if not connection.get_execution_options().get(_WRITER):
        return
    connection.exec_driver_sql(f"SET LOCAL lock_timeout = '{int(BUSY_SECONDS * 1000)}ms'")
    try:
        connection.exec_driver_sql(f"SELECT pg_advisory_xact_lock({_LOCK})")
    except DBAPIError as error:
        raise StoreError(f"the database is busy: {_reason(error)}") from None


def _reason(error: Exception) -> str:
    """Return what the database itself said, in one line."""
    return str(getattr(error, "orig", error)).strip().split("\n", 1)[0]
