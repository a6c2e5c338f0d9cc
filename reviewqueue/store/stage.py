"""Rows on their way into the tables, written many at a time.

Operations on one table keep their order; tables are written parents first, so what
belongs together may be staged in any order between two reads.
"""

from collections.abc import Collection
from functools import cache
from typing import Any, NamedTuple

import sqlalchemy as sa
from sqlalchemy.dialects import postgresql, sqlite

from reviewqueue.store.ledger import StoreError
from reviewqueue.store.tables import TABLES

Row = dict[str, Any]
_ENOUGH = 2_000
_SCOPES = {name: tuple(c.name for c in table.primary_key) for name, table in TABLES.items()}
_SCOPES |= {"assignment": ("change",), "finding": ("change", "revision")}
"""The columns that tell whether two operations on a table can touch the same row."""


class _Run(NamedTuple):
    """Rows for one statement, in order."""

    statement: sa.Executable
    must: bool
    rows: list[Row]


class Stage:
    """Stages rows for one connection; ``flush`` before reading through it."""

    def __init__(self, connection: sa.Connection) -> None:
        """Take the connection of an open transaction."""
        self._connection = connection
        self._runs: dict[str, list[_Run]] = {}
        self._touched: dict[tuple[str, tuple[Any, ...]], int] = {}
        self._staged = 0

    def insert(self, table: str, row: Row) -> None:
        """Stage a new row."""
        self._add(table, _insert(table), row, row)

    def upsert(self, table: str, row: Row, once: Collection[str] = ()) -> None:
        """Stage a row that replaces the one with its key, but for the columns ``once``."""
        statement = _upsert(self._connection.dialect.name, table, tuple(once))
        self._add(table, statement, row, row)

    def update(self, table: str, key: Row, values: Row, *, must: bool = True) -> None:
        """Stage new values for the row of a key; with ``must`` it has to exist."""
        statement = _update(table, tuple(key), tuple(values))
        self._add(table, statement, key, {**_named(key), **values}, must=must)

    def advance(self, table: str, key: Row, counter: str, values: Row) -> None:
        """Stage new values, ``counter`` among them, unless the row's counter is higher."""
        statement = _advance(table, tuple(key), counter, tuple(values))
        self._add(table, statement, key, {**_named(key), **values})

    def delete(self, table: str, key: Row) -> None:
        """Stage the deletion of all rows with these values."""
        self._add(table, _delete(table, tuple(key)), key, _named(key))

    def flush(self) -> None:
        """Write everything staged; raises StoreError where a row was to exist and does not."""
        if not self._staged:
            return
        runs, self._runs, self._touched, self._staged = self._runs, {}, {}, 0
        for table in TABLES:
            for run in runs.get(table, ()):
                written = self._connection.execute(run.statement, run.rows)
                if run.must and written.rowcount != len(run.rows):
                    raise StoreError(f"an event is about a {table} that is not in the ledger")

    def _add(
        self, table: str, statement: sa.Executable, key: Row, row: Row, *, must: bool = False
    ) -> None:
        """Append to the last run of the statement, unless its rows were touched since."""
        runs = self._runs.setdefault(table, [])
        scope = (table, tuple(key[name] for name in _SCOPES[table]))
        index = len(runs) - 1
        first = self._touched.get(scope, 0)
        while index >= first and runs[index].statement is not statement:
            index -= 1
        if index < first:
            index = len(runs)
            runs.append(_Run(statement, must, []))
        runs[index].rows.append(row)
        self._touched[scope] = index
        self._staged += 1
        if self._staged >= _ENOUGH:
            self.flush()


def _named(key: Row) -> Row:
    return {f"key_{name}": value for name, value in key.items()}


@cache
def _insert(table: str) -> sa.Executable:
    return TABLES[table].insert()


@cache
def _upsert(dialect: str, table: str, once: tuple[str, ...]) -> sa.Executable:
    target = TABLES[table]
    insert = sqlite.insert(target) if dialect == "sqlite" else postgresql.insert(target)
    keys = [column.name for column in target.primary_key]
    values = {
        column.name: insert.excluded[column.name]
        for column in target.columns
        if column.name not in keys and column.name not in once
    }
    return insert.on_conflict_do_update(index_elements=keys, set_=values)


def _where(target: sa.Table, keys: tuple[str, ...]) -> list[sa.ColumnElement[bool]]:
    return [
        target.c[name] == sa.bindparam(f"key_{name}", type_=target.c[name].type) for name in keys
    ]


@cache
def _update(table: str, keys: tuple[str, ...], values: tuple[str, ...]) -> sa.Executable:
    target = TABLES[table]
    return (
        target.update()
        .where(*_where(target, keys))
        .values({name: sa.bindparam(name, type_=target.c[name].type) for name in values})
    )


@cache
def _advance(
    table: str, keys: tuple[str, ...], counter: str, values: tuple[str, ...]
) -> sa.Executable:
    target = TABLES[table]
    return (
        target.update()
        .where(*_where(target, keys), target.c[counter] <= sa.bindparam(counter))
        .values({name: sa.bindparam(name, type_=target.c[name].type) for name in values})
    )


@cache
def _delete(table: str, keys: tuple[str, ...]) -> sa.Executable:
    target = TABLES[table]
    return target.delete().where(*_where(target, keys))
