"""Recording: an event into the ledger, and what it makes of the tables."""

from datetime import datetime

import sqlalchemy as sa

from reviewqueue.domain.event import Fact, Handled
from reviewqueue.store import inbox
from reviewqueue.store.ledger import Head, Recorded, StoreError, make_row
from reviewqueue.store.projection import project
from reviewqueue.store.reader import Reader
from reviewqueue.store.stage import Stage


class Writer(Reader):
    """Reads and records within the one write transaction; sees what it recorded."""

    def __init__(self, connection: sa.Connection) -> None:
        """Take the connection of the open write transaction."""
        super().__init__(connection)
        self._stage = Stage(connection)
        self._head = super().head()

    def record(self, at: datetime, actor: str, fact: Fact) -> Recorded:
        """Append one event to the ledger and project it into the tables.

        ``actor`` is a person's handle or ``reviewqueue``. Raises ValueError for a naive
        datetime.
        """
        row, payload = make_row(self._head, at, actor, fact)
        self._stage.insert("event", row)
        project(self._stage, row["seq"], row["at"], row["kind"], payload)
        self._head = Head(row["seq"], row["hash"])
        return Recorded(
            at=at,
            actor=row["actor"],
            fact=fact,
            seq=row["seq"],
            subject=row["subject"],
            previous=row["previous"],
            hash=row["hash"],
        )

    def handle(self, delivery: str, handled: Handled, at: datetime) -> bool:
        """Record a delivery's effect; False, with nothing recorded, if it had one already.

        Ask first, then record the effect in the same transaction: that is what makes it
        happen once. Raises StoreError where there is no such delivery, or where what was
        handled is not what was received.
        """
        found = self.delivery(delivery)
        if found is None or handled.delivery != delivery:
            raise StoreError(f"there is no delivery {delivery[:80]!r} to handle")
        if found.handled:
            return False
        if handled.digest != found.digest:
            raise StoreError(f"delivery {delivery[:80]!r} is not the one that was received")
        self.record(at, "reviewqueue", handled)
        return True

    def attempted(self, delivery: str, error: str, park_after: int) -> inbox.Delivery | None:
        """Count an attempt without effect; park the delivery at ``park_after`` of them."""
        self._settle()
        return inbox.count_attempt(self._connection, delivery, error, park_after)

    def head(self) -> Head:
        """Return the ledger's length and last hash, with what was recorded here."""
        return self._head

    def finish(self) -> Head:
        """Write everything staged; return the head to be anchored after the commit."""
        self._settle()
        return self._head

    def _settle(self) -> None:
        self._stage.flush()
