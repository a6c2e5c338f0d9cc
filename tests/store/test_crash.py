"""What is promised when things go wrong around the store."""
# The world of facts comes from a fixture, so its class has no name here.
# ruff: noqa: ANN401 -- a fixture's type lives in conftest

import random
import signal
import sqlite3
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa

from reviewqueue.store import Store, StoreError

DELIVERIES = 150
WORKS_UNTIL_KILLED = """
import sys
from datetime import UTC, datetime
from pathlib import Path
from reviewqueue.domain.event import Handled, Pulled
from reviewqueue.store import Store

store = Store(sys.argv[1], Path(sys.argv[2]))
print("working", flush=True)
for delivery in store.pending(limit=1000):
    now = datetime.now(UTC)
    with store.writing() as writer:
        handled = Handled(
            delivery=delivery.id, event=delivery.event, digest=delivery.digest, outcome=""
        )
        if writer.handle(delivery.id, handled, now):
            tip = delivery.id
            fact = Pulled(repository="acme-app", tip=tip, heads=0, landings=0, left_out={})
            writer.record(now, "reviewqueue", fact)
"""


def test_it_has_each_effect_once_though_the_worker_is_killed_again_and_again(
    url: str, anchor: Path, world: Any
) -> None:
    store = Store(url, anchor)
    store.upgrade()
    with store.writing() as writer:
        writer.record(world.tick(), "reviewqueue", world.repository())
    names = [f"d{number:03}" for number in range(DELIVERIES)]
    for name in names:
        assert store.receive(name, "push", {}, name.encode(), world.tick())
    chance = random.Random(7)  # noqa: S311 -- when to kill
    killed = 0
    for attempt in range(8):
        with subprocess.Popen(
            [sys.executable, "-c", WORKS_UNTIL_KILLED, url, str(anchor)], stdout=subprocess.PIPE
        ) as worker:
            assert worker.stdout is not None
            assert worker.stdout.readline() == b"working\n"
            if attempt < 3:
                time.sleep(chance.uniform(0.0, 0.08))
                worker.kill()
            killed += worker.wait() == -signal.SIGKILL
        assert store.verify().ok
        if not store.pending(limit=1):
            break
    assert killed >= 1
    with store.reading() as reader:
        effects = [event.fact for event in reader.events(kind="repository.pulled", limit=1000)]
        assert sorted(getattr(fact, "tip", "") for fact in effects) == names
    assert anchor.read_text() == f"{store.head()}\n"
    store.close()


@contextmanager
def _locked(url: str) -> Iterator[None]:
    """Hold the write lock from outside."""
    engine = sa.create_engine(url, isolation_level="AUTOCOMMIT")
    with engine.connect() as connection:
        if engine.dialect.name == "sqlite":
            connection.exec_driver_sql("BEGIN IMMEDIATE")
        else:
            connection.exec_driver_sql(f"SELECT pg_advisory_lock({0x7265766965777175})")
        yield
        if engine.dialect.name == "sqlite":
            connection.exec_driver_sql("ROLLBACK")
    engine.dispose()


def test_it_says_that_the_database_is_busy_and_goes_on_when_it_is_free(
    url: str, world: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("reviewqueue.store.engine.BUSY_SECONDS", 0.1)
    store = Store(url)
    store.upgrade()
    with _locked(url):
        with pytest.raises(StoreError, match="the database is busy") as error:
            store.receive("d1", "push", {}, b"", world.tick())
        assert "\n" not in str(error.value)
        assert store.pending() == ()
    assert store.receive("d1", "push", {}, b"", world.tick())
    store.close()


def test_it_loses_nothing_committed_when_the_disk_is_full(tmp_path: Path, world: Any) -> None:
    path = tmp_path / "r.db"
    store = Store(f"sqlite:///{path}", tmp_path / "ledger-head")
    store.upgrade()
    world.fill(store, 2)
    head = store.head()

    def limit(connection: sqlite3.Connection, _record: object) -> None:
        connection.execute("PRAGMA max_page_count = 1")  # no page beyond those there are

    store.close()
    sa.event.listen(store._engine, "connect", limit)
    with pytest.raises(StoreError, match="full") as error:
        world.fill(store, 200)
    assert "\n" not in str(error.value)
    assert store.head() == head
    assert store.verify().ok
    store.close()
    sa.event.remove(store._engine, "connect", limit)
    with store.writing() as writer:
        writer.record(world.tick(), "reviewqueue", world.pulled())
    assert store.verify().ok
    store.close()


def test_it_shows_no_stored_value_in_an_error(store: Store, world: Any) -> None:
    change = world.change()  # of a repository that is not there
    with pytest.raises(Exception, match=r"(?i)foreign key") as error, store.writing() as writer:
        writer.record(world.tick(), "reviewqueue", change)
    assert change.title not in str(error.value)
    assert change.branch not in str(error.value)


def test_it_upgrades_from_several_processes_at_once(url: str, anchor: Path) -> None:
    code = "import sys; from pathlib import Path; from reviewqueue.store import Store;"
    code += "Store(sys.argv[1], Path(sys.argv[2])).upgrade()"
    workers = [
        subprocess.Popen([sys.executable, "-W", "ignore", "-c", code, url, str(anchor)])
        for _ in range(3)
    ]
    assert [worker.wait() for worker in workers] == [0, 0, 0]
    with closing(Store(url, anchor)) as store:
        assert store.verify().ok
        assert store.upgrade() is False


def test_it_verifies_one_snapshot_while_others_write(store: Store, world: Any) -> None:
    world.fill(store, 3)
    with store.reading() as reader:
        head = reader.head()
        world.fill(store, 1)
        assert reader.head() == head
    assert store.head().seq > head.seq
    assert store.verify().ok
    assert store.verify(head).ok
