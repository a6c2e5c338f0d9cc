"""The ledger as JSON lines, for anybody to verify offline."""

from typing import Any, TextIO

import sqlalchemy as sa

from reviewqueue.store.ledger import StoreError, export_line
from reviewqueue.store.tables import TABLES

_EVENT = TABLES["event"]
_AT_ONCE = 1_000


def export(connection: sa.Connection, file: TextIO) -> int:
    """Write one canonical JSON object a line; return how many.

    Raises StoreError at a row that holds no event; verifying says more.
    """
    query = sa.select(_EVENT).order_by(_EVENT.c.seq).execution_options(yield_per=_AT_ONCE)
    written = 0
    for row in connection.execute(query).mappings():
        file.write(f"{_line(dict(row))}\n")
        written += 1
    return written


def _line(row: dict[str, Any]) -> str:
    try:
        return export_line(row)
    except (TypeError, ValueError):
        raise StoreError(f"event {row['seq']!r} cannot be exported: verify the ledger") from None
