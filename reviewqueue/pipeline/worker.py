"""The worker: every stored delivery has its effect once, whatever dies on the way.

The inbox is the truth; DBOS runs what it is given. A dispatcher hands waiting deliveries
over, by their ids, and takes up again what a dead process left.
"""

import itertools
import math
import sqlite3
import threading
import time
from contextlib import closing, suppress
from datetime import UTC, datetime

import structlog
from dbos import DBOS, SetWorkflowID

from reviewqueue.pipeline.deliveries import Looks, handle
from reviewqueue.pipeline.pull import PullError
from reviewqueue.settings import Settings
from reviewqueue.store import Store, StoreError

_QUEUE = "deliveries"
_SQLITE = "sqlite:///"
_EVERY = 0.5
"""Seconds between looks into the inbox."""
_FIRST, _LONGEST = 5.0, 600.0
"""Seconds until a delivery that failed is tried again: twice as long each time."""
_RECHECK = 60.0
"""Seconds until a delivery that was handed over, and is not yet begun, is looked at again."""
_GRACE = 5
"""Seconds that a delivery under way is given to finish when we stop."""
_AT_HAND = 20
"""Deliveries that DBOS takes off its queue in one poll; they are handled one by one."""
_ACTIVE = frozenset({"ENQUEUED", "PENDING", "DELAYED"})

_log = structlog.get_logger()


class Worker:
    """One process's share of the work; there is one a process, as DBOS has it."""

    def __init__(self, store: Store, settings: Settings) -> None:
        """Prepare to work on the store's inbox."""
        self._store = store
        self._settings = settings
        self._looks = Looks()
        self._stop = threading.Event()
        self._alone = threading.Lock()
        self._dispatcher = threading.Thread(target=self._dispatch, name="dispatcher", daemon=True)
        self._next: dict[str, float] = {}
        """When a delivery is handed over (again), should it still wait then."""

    def start(self) -> None:
        """Launch DBOS and the dispatcher."""
        DBOS(
            config={
                "name": "reviewqueue",
                "system_database_url": _jobs_url(self._settings),
                # Not DBOS's hash of the sources: an upgrade must not strand what is begun.
                "application_version": "1",
                # Not the machine's name either: what a container left, the next one takes up.
                "executor_id": "serve",
                "log_level": "ERROR",
                "console_log_level": "ERROR",
                "run_migrations": True,
            }
        )
        DBOS.launch()
        DBOS.register_queue(_QUEUE, worker_concurrency=_AT_HAND, polling_interval_sec=0.1)
        self._dispatcher.start()

    def stop(self) -> bool:
        """Begin nothing more; return whether nothing is left under way.

        What is under way is safe to kill: it is taken up at the next start.
        """
        self._stop.set()
        self._dispatcher.join(timeout=_GRACE)
        done = self._alone.acquire(timeout=_GRACE)
        DBOS.destroy(workflow_completion_timeout_sec=1 if done else 0)
        return done

    def work(self, delivery_id: str) -> str:
        """Try to give one delivery its effect; return what became of it, in words."""
        self._next[delivery_id] = math.inf
        wait = _FIRST
        with self._alone:
            if self._stop.is_set():
                return "left for the next start"
            try:
                # Counted before it is tried: a delivery that kills us is parked in the end.
                delivery = self._store.attempted(delivery_id)
                if delivery is None or delivery.handled or delivery.parked:
                    return "nothing to do"
                wait = pause(delivery.attempts)
                now = datetime.now(UTC)
                return handle(self._store, self._settings, delivery, now, self._looks)
            except Exception as error:  # noqa: BLE001 -- whatever it was: kept, tried again
                self._failed(delivery_id, error)
                return "to be tried again"
            finally:
                self._next[delivery_id] = time.monotonic() + wait

    def _failed(self, delivery: str, error: Exception) -> None:
        told = isinstance(error, PullError | StoreError)
        reason = str(error) if told else type(error).__name__
        _log.warning("delivery not handled", delivery=delivery, reason=reason)
        with suppress(StoreError):
            self._store.failed(delivery, reason)

    def _dispatch(self) -> None:
        while not self._stop.wait(_EVERY):
            try:
                self._hand_over(time.monotonic())
            except Exception as error:  # noqa: BLE001 -- the next round tries again
                _log.warning("inbox not dispatched", reason=type(error).__name__)

    def _hand_over(self, now: float) -> None:
        waiting = self._store.waiting()
        for gone in self._next.keys() - waiting.keys():
            self._next.pop(gone, None)
        for delivery, attempts in waiting.items():
            if self._stop.is_set():
                return
            if self._next.get(delivery, now) <= now:
                self._next[delivery] = now + _RECHECK
                _enqueue(delivery, attempts)


def check_jobs(settings: Settings) -> None:
    """Raise StoreError in one line where DBOS could not keep its runs."""
    url = _jobs_url(settings)
    if not url.startswith(_SQLITE):
        return  # the store's own database, which was opened before
    path = url.removeprefix(_SQLITE)
    try:
        with closing(sqlite3.connect(path)) as connection:
            connection.execute("PRAGMA schema_version")
    except sqlite3.Error as error:
        raise StoreError(f"the worker's database {path} cannot be opened: {error}") from None


def _jobs_url(settings: Settings) -> str:
    if not settings.store_url.startswith("sqlite"):
        return settings.store_url
    return f"{_SQLITE}{settings.data_dir / 'dbos.db'}"


def pause(attempts: int) -> float:
    """Return the seconds to wait after so many attempts without effect."""
    return min(_LONGEST, _FIRST * 2.0 ** min(attempts - 1, 20))


def _enqueue(delivery: str, attempts: int) -> None:
    """Give DBOS one more run of a delivery, unless it has one that is not over.

    A run that is over and left the delivery waiting had no effect (the database was busy,
    a parked delivery was taken up again): it must not stand in the way of the next.
    """
    for again in itertools.count():
        run = f"{delivery}#{attempts}.{again}"
        status = DBOS.get_workflow_status(run)
        if status is None:
            with SetWorkflowID(run):
                DBOS.enqueue_workflow(_QUEUE, handle_delivery, delivery)
            return
        if status.status in _ACTIVE:
            return


_worker: Worker | None = None


def start(store: Store, settings: Settings) -> None:
    """Start this process's worker."""
    global _worker  # noqa: PLW0603 -- DBOS's workflows are module functions, one set a process
    _worker = Worker(store, settings)
    _worker.start()


def stop() -> bool:
    """Stop this process's worker, if it runs; return whether nothing is left under way."""
    return _worker is None or _worker.stop()


@DBOS.workflow()
def handle_delivery(delivery_id: str) -> str:
    """Handle one delivery; DBOS runs it again where the process died."""
    return _effect(delivery_id)


@DBOS.step()
def _effect(delivery_id: str) -> str:
    if _worker is None:
        raise RuntimeError("no worker runs in this process")
    return _worker.work(delivery_id)
