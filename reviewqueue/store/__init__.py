"""Where everything recorded lives: the ledger, its projections, the inbox.

``store.writing()`` gives a :class:`Writer` whose ``record`` appends one event to the
hash-chained ledger and projects it into the tables; ``store.reading()`` gives a
:class:`Reader` that answers in nouns. This room alone opens database sessions.
"""

from reviewqueue.store.inbox import Delivery
from reviewqueue.store.ledger import Head, Recorded, StoreError
from reviewqueue.store.reader import QueueRow, Reader
from reviewqueue.store.store import Store
from reviewqueue.store.verify import Verification
from reviewqueue.store.writer import Writer

__all__ = [
    "Delivery",
    "Head",
    "QueueRow",
    "Reader",
    "Recorded",
    "Store",
    "StoreError",
    "Verification",
    "Writer",
]
