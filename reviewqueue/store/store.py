"""The store: where everything recorded lives."""

import threading
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from datetime import datetime
from pathlib import Path
from typing import TextIO

import sqlalchemy as sa
import structlog
from sqlalchemy.exc import DBAPIError

from reviewqueue.store import inbox, schema
from reviewqueue.store.anchor import move_anchor, read_anchor
from reviewqueue.store.engine import BUSY_SECONDS, database_file, open_engine, reading, writing
from reviewqueue.store.export import export
from reviewqueue.store.inbox import Delivery
from reviewqueue.store.ledger import EMPTY, Head, StoreError, read_head
from reviewqueue.store.reader import Reader
from reviewqueue.store.tables import TABLES
from reviewqueue.store.verify import Verification, verify
from reviewqueue.store.writer import Writer

_EVENT = TABLES["event"]
_log = structlog.get_logger(__name__)


class Store:
    """A database and the anchor of its ledger.

    ``url`` is a SQLAlchemy URL (``sqlite:///…`` or ``postgresql+psycopg://…``), ``anchor``
    the file outside the database that keeps the ledger's head. Opens nothing before it
    is used; one store serves any number of threads.
    """

    def __init__(self, url: str, anchor: Path | None = None, *, park_after: int = 5) -> None:
        """Take the database's URL; raises StoreError for one that is none."""
        self._engine = open_engine(url)
        self._anchor = anchor
        self._park_after = park_after
        self._lock = threading.Lock()
        self._holder: int | None = None

    def upgrade(self) -> bool:
        """Bring the schema to the newest version; False where it was there already.

        Creates the database where there is none. Safe to call from several processes.
        """
        path = database_file(self._engine)
        if path is not None:
            path.parent.mkdir(parents=True, exist_ok=True)
            path.touch()
        with reading(self._engine) as connection:
            version = schema.version(connection)
        if version == schema.newest():
            return False
        with self._alone(), writing(self._engine) as connection:
            schema.upgrade(connection)
            head = Reader(connection).head()
        if self._anchor is not None and head == EMPTY:
            move_anchor(self._anchor, head, lambda _: False)
        return True

    def close(self) -> None:
        """Close every connection."""
        self._engine.dispose()

    @contextmanager
    def reading(self) -> Iterator[Reader]:
        """Open a snapshot to read from."""
        with reading(self._engine) as connection:
            yield Reader(connection)

    @contextmanager
    def writing(self) -> Iterator[Writer]:
        """Open the one write transaction: all of it is committed, or none.

        Other writers wait, for at most 10 seconds: keep it short, and never open one
        inside another. After the commit the ledger's head is anchored. Raises
        StoreError where the database stays busy.
        """
        with self._alone():
            with writing(self._engine) as connection:
                writer = Writer(connection)
                before = writer.head()
                yield writer
                head = writer.finish()
            if head != before:
                self._move_anchor(head)

    # Inbox

    def receive(
        self, delivery: str, event: str, headers: Mapping[str, str], body: bytes, at: datetime
    ) -> bool:
        """Keep a delivery; False where its id is there already. Inserts and nothing else."""
        with self._alone(), writing(self._engine) as connection:
            return inbox.put(connection, delivery, event, headers, body, at)

    def pending(self, limit: int = 100, before: datetime | None = None) -> tuple[Delivery, ...]:
        """Return deliveries without effect, oldest first, received until ``before``."""
        with reading(self._engine) as connection:
            return inbox.waiting(connection, limit, before)

    def recent(self, limit: int = 100) -> tuple[Delivery, ...]:
        """Return the deliveries received last, whatever became of them, newest first."""
        with reading(self._engine) as connection:
            return inbox.recent(connection, limit)

    def waiting(self) -> dict[str, int]:
        """Return the ids of deliveries without effect, oldest first, with their attempts."""
        with reading(self._engine) as connection:
            return inbox.waiting_ids(connection)

    def failed(self, delivery: str, error: str) -> None:
        """Keep what the last attempt said; it was counted when it began."""
        with self._alone(), writing(self._engine) as connection:
            inbox.note_error(connection, delivery, error)

    def attempted(self, delivery: str, error: str = "") -> Delivery | None:
        """Count an attempt without effect; the delivery is parked after too many of them.

        Also a process that may die trying counts first: a delivery that kills it is
        parked in the end.
        """
        with self._alone(), writing(self._engine) as connection:
            return inbox.count_attempt(connection, delivery, error, self._park_after)

    def retry(self, delivery: str) -> bool:
        """Take a parked delivery up again; False where it is not parked."""
        with self._alone(), writing(self._engine) as connection:
            return inbox.retry(connection, delivery)

    # Record

    def head(self) -> Head:
        """Return the ledger's length and last hash; prints as ``SEQ:HASH``."""
        with self.reading() as reader:
            return reader.head()

    def verify(self, head: Head | str | None = None) -> Verification:
        """Verify chain and tables, against ``head`` if given, else the anchored one.

        Raises StoreError where there is nothing to verify (no database, no tables,
        another version's) and for a ``head`` that is none.
        """
        if isinstance(head, str):
            head = read_head(head)
        try:
            # Before the snapshot, so that the anchor is never ahead of what we read.
            expected = head or (read_anchor(self._anchor) if self._anchor else None)
        except StoreError as error:
            return Verification(problem=str(error), head=EMPTY, expected=None)
        with reading(self._engine) as connection:
            schema.require_newest(connection)
            found = verify(connection, expected)
        unanchored = expected is None and self._anchor is not None and found.head != EMPTY
        if found.ok and unanchored:
            problem = (
                f"the anchored head {self._anchor} is missing: a cut tail cannot be told "
                "from a short ledger; check against a head kept elsewhere (--head SEQ:HASH)"
            )
            return Verification(problem=problem, head=found.head, expected=None)
        return found

    def export(self, file: TextIO) -> int:
        """Write the ledger as JSON lines, oldest first; return how many."""
        with reading(self._engine) as connection:
            schema.require_newest(connection)
            return export(connection, file)

    # Inside

    @contextmanager
    def _alone(self) -> Iterator[None]:
        """Keep this process's other threads from waiting inside the database."""
        me = threading.get_ident()
        if self._holder == me:
            raise StoreError("a write transaction was opened inside another")
        if not self._lock.acquire(timeout=BUSY_SECONDS):
            raise StoreError("the database is busy: another thread keeps writing")
        self._holder = me
        try:
            yield
        finally:
            self._holder = None
            self._lock.release()

    def _move_anchor(self, head: Head) -> None:
        """Anchor the head; what is committed stays committed, whatever becomes of the file."""
        if self._anchor is None:
            return
        try:
            moved = move_anchor(self._anchor, head, self._holds)
        except OSError as error:
            _log.error("anchor not written", path=str(self._anchor), reason=error.strerror)
            return
        if not moved:
            _log.debug("anchor stays", path=str(self._anchor), seq=head.seq)

    def _holds(self, head: Head) -> bool:
        """Return whether the ledger holds an earlier head."""
        if head == EMPTY:
            return True
        query = sa.select(_EVENT.c.hash).where(_EVENT.c.seq == head.seq)
        try:
            with reading(self._engine) as connection:
                held = connection.execute(query).scalar() == head.hash
        except DBAPIError:
            held = False
        if not held:
            _log.error("anchored head is not in the ledger", seq=head.seq)
        return held
