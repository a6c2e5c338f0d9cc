# The world of facts comes from a fixture, so its class has no name here.
# ruff: noqa: ANN401 -- a fixture's type lives in conftest

import hashlib
import threading
from datetime import timedelta
from typing import Any

import pytest

from reviewqueue.domain.event import Handled
from reviewqueue.store import Store, StoreError

BODY = b'{"action":"opened","title":"\xff\x00"}'


def _handled(delivery: str, body: bytes = BODY) -> Handled:
    digest = hashlib.sha256(body).hexdigest()
    return Handled(delivery=delivery, event="push", digest=digest, outcome="read again")


def _receive(store: Store, delivery: str, world: Any, body: bytes = BODY) -> bool:
    return store.receive(delivery, "push", {"X-GitHub-Event": "push"}, body, world.tick())


def test_it_keeps_a_delivery_byte_for_byte(store: Store, world: Any) -> None:
    assert _receive(store, "d1", world)
    (delivery,) = store.pending()
    assert (delivery.id, delivery.event, delivery.body) == ("d1", "push", BODY)
    assert delivery.headers == {"X-GitHub-Event": "push"}
    assert delivery.digest == hashlib.sha256(BODY).hexdigest()
    assert delivery.received_at == world.now
    assert (delivery.attempts, delivery.error, delivery.parked) == (0, "", False)
    assert store.head().seq == 0


def test_it_keeps_the_first_of_two_with_one_id(store: Store, world: Any) -> None:
    assert _receive(store, "d1", world)
    assert not _receive(store, "d1", world, b"another")
    assert [delivery.body for delivery in store.pending()] == [BODY]


def test_it_gives_the_oldest_first_and_none_after_the_time(store: Store, world: Any) -> None:
    for name in ("b", "a", "c"):
        _receive(store, name, world)
    assert [d.id for d in store.pending()] == ["b", "a", "c"]
    assert [d.id for d in store.pending(limit=1)] == ["b"]
    before = world.now - timedelta(microseconds=1)
    assert [d.id for d in store.pending(before=before)] == ["b", "a"]


def test_it_has_each_effect_once(store: Store, world: Any) -> None:
    _receive(store, "d1", world)
    effects = []
    for _ in range(2):
        with store.writing() as writer:
            if writer.handle("d1", _handled("d1"), world.tick()):
                effects.append(writer.record(world.tick(), "reviewqueue", world.repository()))
    assert len(effects) == 1
    assert store.pending() == ()
    with store.reading() as reader:
        assert [event.kind for event in reader.events()] == [
            "delivery.handled",
            "repository.observed",
        ]
        delivery = reader.delivery("d1")
        assert delivery is not None
        assert delivery.handled
    assert not _receive(store, "d1", world)
    assert store.verify().ok


def test_it_has_each_effect_once_under_racing_workers(store: Store, world: Any) -> None:
    for number in range(6):
        _receive(store, f"d{number}", world)
    with store.writing() as writer:
        writer.record(world.tick(), "reviewqueue", world.repository())
    at, fact, done, failed = world.now, world.pulled(), [], []

    def work() -> None:
        try:
            for delivery in store.pending():
                with store.writing() as writer:
                    if writer.handle(delivery.id, _handled(delivery.id), at):
                        writer.record(at, "reviewqueue", fact)
                        done.append(delivery.id)
        except Exception as error:  # noqa: BLE001 -- whatever it is, the test must see it
            failed.append(error)

    threads = [threading.Thread(target=work) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert failed == []
    assert sorted(done) == [f"d{number}" for number in range(6)]
    with store.reading() as reader:
        assert len(reader.events(kind="repository.pulled")) == 6


def test_it_takes_a_delivery_up_again_when_its_effect_failed(store: Store, world: Any) -> None:
    _receive(store, "d1", world)

    def fail() -> None:
        with store.writing() as writer:
            assert writer.handle("d1", _handled("d1"), world.tick())
            raise RuntimeError

    with pytest.raises(RuntimeError):
        fail()
    assert [d.id for d in store.pending()] == ["d1"]
    assert store.head().seq == 0


def test_it_refuses_to_handle_what_was_not_received(store: Store, world: Any) -> None:
    _receive(store, "d1", world)
    for name, handled in (
        ("d2", _handled("d2")),
        ("d1", _handled("d2")),
        ("d1", _handled("d1", b"another")),
    ):
        with pytest.raises(StoreError), store.writing() as writer:
            writer.handle(name, handled, world.tick())
    assert store.head().seq == 0


def test_it_parks_what_fails_too_often_and_shows_it(store: Store, world: Any) -> None:
    _receive(store, "d1", world)
    _receive(store, "d2", world)
    for attempt in range(1, 6):
        found = store.attempted("d1", f"no route\0 ({attempt})")
        assert found is not None
        assert (found.attempts, found.parked) == (attempt, attempt == 5)
    assert [d.id for d in store.pending()] == ["d2"]
    with store.reading() as reader:
        (parked,) = reader.parked()
    assert (parked.id, parked.error) == ("d1", "no route\ufffd (5)")
    found = store.attempted("d1", "again")
    assert found is not None
    assert found.attempts == 5
    assert store.verify().ok


def test_it_takes_a_parked_delivery_up_again_when_asked(store: Store, world: Any) -> None:
    _receive(store, "d1", world)
    assert not store.retry("d1")
    for _ in range(5):
        store.attempted("d1", "no route")
    assert store.retry("d1")
    assert [(d.id, d.attempts) for d in store.pending()] == [("d1", 0)]
    assert store.attempted("unknown", "") is None
