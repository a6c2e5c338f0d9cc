"""Alembic's environment: one connection, one transaction, the ledger's guards kept."""

from typing import Any, Literal

import sqlalchemy as sa
from alembic import context
from alembic.runtime.migration import MigrationContext
from sqlmodel import AutoString, SQLModel

from reviewqueue.store import tables
from reviewqueue.store.guards import missing_guards

LEDGER = frozenset({tables.EventRow.__tablename__})
"""Tables that never go through batch mode: it copies the table and drops its triggers."""


_BATCH_COPY = "_alembic_tmp_"


class LedgerUnguarded(Exception):  # noqa: N818 -- a state, said plainly
    """A migration would leave the ledger without its triggers."""


def refuse_batch(name: str) -> None:
    """Raise LedgerUnguarded for a ledger table."""
    if name in LEDGER:
        raise LedgerUnguarded(f"{name} is the ledger: never migrate it in batch mode")


def _refuse_copy(_connection: Any, _cursor: Any, statement: str, *_: Any) -> None:  # noqa: ANN401 -- SQLAlchemy's signature
    """Refuse the copy that batch mode makes of a ledger table, however it was asked for."""
    for name in LEDGER:
        if f"{_BATCH_COPY}{name}" in statement:
            refuse_batch(name)


def _render_item(kind: str, item: Any, _context: Any) -> str | Literal[False]:  # noqa: ANN401 -- Alembic's signature
    """Name our own types as ``script.py.mako`` imports them."""
    if kind == "type" and isinstance(item, tables.Instant):
        return "Instant()"
    if kind == "type" and isinstance(item, sa.JSON):
        return "Json"
    if kind == "type" and isinstance(item, sa.BigInteger):
        return "Count"
    if kind == "type" and isinstance(item, AutoString):
        return "sa.String()"
    return False


def _assert_guards(ctx: MigrationContext, *_: object, **__: object) -> None:
    """Refuse a step that leaves the ledger unguarded; the transaction is rolled back."""
    connection = ctx.connection
    if connection is None:
        return
    if sa.inspect(connection).has_table("event") and (missing := missing_guards(connection)):
        raise LedgerUnguarded(f"the migration dropped the ledger's guard {missing[0]}")


def _run(connection: sa.Connection) -> None:
    sa.event.listen(connection, "before_cursor_execute", _refuse_copy)
    context.configure(
        connection=connection,
        target_metadata=SQLModel.metadata,
        render_as_batch=True,
        render_item=_render_item,
        compare_server_default=True,
        transactional_ddl=True,
        on_version_apply=_assert_guards,
    )
    context.run_migrations()


_run(context.config.attributes["connection"])
