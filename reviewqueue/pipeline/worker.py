"""The worker: every stored delivery has its effect once, whatever dies on the way.

The inbox is the truth; DBOS runs what it is given. A dispatcher hands waiting deliveries
over, by their ids, and takes up again what a dead process left.
"""

import os
import threading
import time
from datetime import UTC, datetime

import structlog
from dbos import DBOS, SetWorkflowID

from reviewqueue.pipeline.deliveries import Looks, handle
from reviewqueue.pipeline.pull import PullError
from reviewqueue.settings import Settings
from reviewqueue.store import Store

_QUEUE = "deliveries"
_EVERY = 0.5
"""Seconds between looks into the inbox."""
_FIRST, _LONGEST = 5.0, 600.0
"""Seconds until a delivery that failed is tried again: twice as long each time."""

_log = structlog.get_logger()


class Worker:
    """One process's share of the work; there is one a process, as DBOS has it."""

    def __init__(self, store: Store, settings: Settings) -> None:
        """Prepare to work on the store's inbox."""
        self.store = store
        self.settings = settings
        self.looks = Looks()
        self._stop = threading.Event()
        self._dispatcher = threading.Thread(target=self._dispatch, name="dispatcher", daemon=True)
        self._next: dict[str, float] = {}
        """When a delivery is handed over again, should it still wait then."""

    def start(self) -> None:
        """Launch DBOS and the dispatcher."""
        url = f"sqlite:///{self.settings.data_dir / 'dbos.db'}"
        if not self.settings.store_url.startswith("sqlite"):
            url = self.settings.store_url
        DBOS(
            config={
                "name": "reviewqueue",
                "system_database_url": url,
                # Not DBOS's hash of the sources: an upgrade must not strand what is begun.
                "application_version": "1",
                "executor_id": f"{os.uname().nodename}",
                "log_level": "ERROR",
                "console_log_level": "ERROR",
                "run_migrations": True,
            }
        )
        DBOS.launch()
        DBOS.register_queue(_QUEUE, worker_concurrency=1, polling_interval_sec=0.1)
        self._dispatcher.start()

    def stop(self) -> None:
        """Begin nothing more; what is under way is taken up at the next start."""
        self._stop.set()
        self._dispatcher.join(timeout=5)
        DBOS.destroy(workflow_completion_timeout_sec=10)

    def _dispatch(self) -> None:
        while not self._stop.wait(_EVERY):
            try:
                self._hand_over(time.monotonic())
            except Exception as error:  # noqa: BLE001 -- the next round tries again
                _log.warning("inbox not dispatched", reason=type(error).__name__)

    def _hand_over(self, now: float) -> None:
        waiting = self.store.waiting()
        self._next = {id_: at for id_, at in self._next.items() if id_ in waiting}
        for delivery, attempts in waiting.items():
            if self._next.get(delivery, now) > now:
                continue
            self._next[delivery] = now + min(_LONGEST, _FIRST * 2**attempts)
            attempt = f"{delivery}#{attempts}"
            if DBOS.get_workflow_status(attempt) is None:
                with SetWorkflowID(attempt):
                    DBOS.enqueue_workflow(_QUEUE, handle_delivery, delivery)


_worker: Worker | None = None


def start(store: Store, settings: Settings) -> None:
    """Start this process's worker."""
    global _worker  # noqa: PLW0603 -- DBOS's workflows are module functions, one set a process
    _worker = Worker(store, settings)
    _worker.start()


def stop() -> None:
    """Stop this process's worker, if it runs."""
    if _worker is not None:
        _worker.stop()


@DBOS.workflow()
def handle_delivery(delivery_id: str) -> str:
    """Handle one delivery; DBOS runs it again where the process died."""
    return _effect(delivery_id)


@DBOS.step()
def _effect(delivery_id: str) -> str:
    if _worker is None:
        raise RuntimeError("no worker runs in this process")
    store = _worker.store
    # Counted before it is tried: a delivery that kills us is parked in the end.
    delivery = store.attempted(delivery_id)
    if delivery is None or delivery.handled or delivery.parked:
        return "nothing to do"
    try:
        return handle(store, _worker.settings, delivery, datetime.now(UTC), _worker.looks)
    except Exception as error:  # noqa: BLE001 -- whatever it was: kept, shown, tried again
        reason = str(error) if isinstance(error, PullError) else type(error).__name__
        _log.warning("delivery not handled", delivery=delivery_id, reason=reason)
        store.failed(delivery_id, reason)
        return "to be tried again"
