# The world of facts comes from a fixture, so its class has no name here.
# ruff: noqa: ANN401 -- a fixture's type lives in conftest

import signal
import sqlite3
import subprocess
import sys
import threading
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from reviewqueue.store import Head, Store
from reviewqueue.store.anchor import move_anchor, read_anchor

DIES_BEFORE_ANCHORING = """
import os, signal, sys
from datetime import UTC, datetime
from pathlib import Path
import reviewqueue.store.store as room
from reviewqueue.domain.event import Pulled

room.move_anchor = lambda *_: os.kill(os.getpid(), signal.SIGKILL)
store = room.Store(sys.argv[1], Path(sys.argv[2]))
with store.writing() as writer:
    fact = Pulled(repository="acme-app", tip="", heads=0, landings=0, left_out={})
    writer.record(datetime.now(UTC), "reviewqueue", fact)
"""


def _head(seq: int) -> Head:
    return Head(seq, f"{seq:064x}")


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "r.db"


@pytest.fixture
def kept(path: Path, anchor: Path, world: Any) -> Iterator[Store]:
    store = Store(f"sqlite:///{path}", anchor)
    store.upgrade()
    world.fill(store, 2)
    yield store
    store.close()


def _copy(path: Path) -> bytes:
    source = sqlite3.connect(path)
    source.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    source.close()
    return path.read_bytes()


def _restore(path: Path, content: bytes) -> None:
    for suffix in ("-wal", "-shm"):
        path.with_name(path.name + suffix).unlink(missing_ok=True)
    path.write_bytes(content)


def test_it_anchors_the_head_after_every_commit(kept: Store, anchor: Path, world: Any) -> None:
    assert anchor.read_text() == f"{kept.head()}\n"
    with kept.writing() as writer:
        writer.record(world.tick(), "ann", world.pulled())
    assert anchor.read_text() == f"{kept.head()}\n"


def test_it_anchors_an_empty_ledger(path: Path, anchor: Path) -> None:
    Store(f"sqlite:///{path}", anchor).upgrade()
    assert read_anchor(anchor) == Head(0, "0" * 64)


def test_it_never_moves_the_anchor_backwards(anchor: Path) -> None:
    assert move_anchor(anchor, _head(5), lambda _: True)
    assert not move_anchor(anchor, _head(4), lambda _: True)
    assert not move_anchor(anchor, _head(5), lambda _: True)
    assert read_anchor(anchor) == _head(5)


def test_it_keeps_the_latest_under_racing_writers(anchor: Path) -> None:
    heads = [_head(seq) for seq in range(1, 40)]
    threads = [
        threading.Thread(target=move_anchor, args=(anchor, head, lambda _: True))
        for head in (*heads[::2], *heads[1::2])
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert read_anchor(anchor) == heads[-1]
    assert sorted(p.name for p in anchor.parent.iterdir()) == ["ledger-head", "ledger-head.lock"]


def test_it_takes_a_kill_between_commit_and_anchor_for_no_tampering(
    kept: Store, path: Path, anchor: Path, world: Any
) -> None:
    before = kept.head()
    died = subprocess.run(
        [sys.executable, "-c", DIES_BEFORE_ANCHORING, f"sqlite:///{path}", str(anchor)],
        check=False,
    )
    assert died.returncode == -signal.SIGKILL
    assert kept.head().seq == before.seq + 1
    assert read_anchor(anchor) == before
    assert kept.verify().ok
    with kept.writing() as writer:
        writer.record(world.tick(), "ann", world.pulled())
    assert read_anchor(anchor) == kept.head()
    assert kept.verify().ok


def test_it_finds_a_restored_database_even_after_it_grew_past_the_anchor(
    kept: Store, path: Path, anchor: Path, world: Any
) -> None:
    older = _copy(path)
    with kept.writing() as writer:
        for _ in range(3):
            writer.record(world.tick(), "ann", world.pulled())
    anchored = read_anchor(anchor)
    kept.close()
    _restore(path, older)
    found = kept.verify()
    assert found.problem is not None
    assert "older database was restored" in found.problem
    with kept.writing() as writer:
        for _ in range(9):
            writer.record(world.tick(), "ann", world.pulled())
    assert read_anchor(anchor) == anchored
    found = kept.verify()
    assert found.problem is not None
    assert found.seq == (anchored.seq if anchored else None)
    assert "rebuilt" in found.problem


@pytest.mark.parametrize("content", ["", "nonsense", "12:abc", "-1:" + "0" * 64, "1:" + "é" * 64])
def test_it_takes_an_anchor_that_says_nothing_for_a_finding_and_leaves_it(
    kept: Store, anchor: Path, world: Any, content: str
) -> None:
    anchor.write_text(content, encoding="utf-8")
    with kept.writing() as writer:
        writer.record(world.tick(), "ann", world.pulled())
    assert anchor.read_text(encoding="utf-8") == content
    found = kept.verify()
    assert found.problem is not None
    assert str(anchor) in found.problem
    assert kept.verify(kept.head()).ok


def test_it_says_that_a_missing_anchor_hides_cut_tails(kept: Store, anchor: Path) -> None:
    anchor.unlink()
    found = kept.verify()
    assert found.problem is not None
    assert "is missing" in found.problem
    assert kept.verify(str(kept.head())).ok


def test_it_commits_though_the_anchor_cannot_be_written(
    kept: Store, anchor: Path, world: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(*_: object) -> None:
        raise OSError(28, "No space left on device")

    before = read_anchor(anchor)
    monkeypatch.setattr("reviewqueue.store.anchor._replace", full)
    with kept.writing() as writer:
        writer.record(world.tick(), "ann", world.pulled())
    assert read_anchor(anchor) == before
    assert kept.verify().ok
