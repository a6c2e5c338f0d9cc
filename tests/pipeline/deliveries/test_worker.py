# ruff: noqa: ANN401 -- a fixture's type lives in conftest
import itertools
import json
import os
import random
import threading
import time
from collections import Counter
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest
from dbos import DBOS

from reviewqueue.domain.change import Change, Revision
from reviewqueue.domain.event import Evaluated, Handled
from reviewqueue.domain.review import Decision
from reviewqueue.domain.verdict import VerdictStatus
from reviewqueue.pipeline import PullError, worker
from reviewqueue.pipeline.worker import pause
from reviewqueue.settings import Settings
from reviewqueue.store import Store, StoreError

Make = Callable[..., Any]
AT_ONCE = {"_EVERY": 0.05, "_FIRST": 0.2, "_LONGEST": 0.4, "_RECHECK": 0.2}
DELIVERIES = int(os.environ.get("DELIVERIES", "500"))
KILLS = 5


def facts(store: Store, kind: type) -> list[Any]:
    with store.reading() as reader:
        events = reader.events(limit=100_000)
    return [event.fact for event in events if isinstance(event.fact, kind)]


def until(true: Callable[[], bool], within: float = 60) -> None:
    end = time.monotonic() + within
    while not true():
        assert time.monotonic() < end, "it never came true"
        time.sleep(0.02)


# In this process


def apart(function: Callable[..., Any], *arguments: Any) -> Any:
    """Call in a thread of its own: a browser test may have left its event loop in ours."""
    with ThreadPoolExecutor(1) as pool:
        return pool.submit(function, *arguments).result()


@pytest.fixture
def at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    for name, seconds in AT_ONCE.items():
        monkeypatch.setattr(worker, name, seconds)


@pytest.fixture
def started(desk: Any, at_once: None) -> Any:  # noqa: ARG001 -- sets the pace
    """Start a worker on the desk's store, with its own engine as in a server."""
    store = Store(desk.settings.store_url, desk.settings.anchor, park_after=12)

    def start() -> Store:
        apart(worker.start, store, desk.settings)
        return store

    yield start
    worker.stop()
    store.close()


def test_it_waits_twice_as_long_after_each_attempt() -> None:
    assert [pause(n) for n in (1, 2, 3, 8, 12, 10_000)] == [5, 10, 20, 600, 600, 600]


def test_it_takes_most_of_an_hour_to_give_a_delivery_up() -> None:
    assert sum(pause(n) for n in range(1, 12)) > 45 * 60


def test_it_handles_what_waits_and_what_comes(desk: Any, started: Make) -> None:
    desk.receive("pull_request")
    store = started()
    until(lambda: not store.waiting())
    desk.receive("push")
    desk.receive("issues")
    until(lambda: not store.waiting())
    assert len(facts(store, Handled)) == 3


def test_it_tries_again_where_the_database_was_busy_before_an_attempt_counted(
    desk: Any, started: Make, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A run that ended without counting must not stand in the way of the next."""
    failures = itertools.count()
    attempted = Store.attempted

    def busy(store: Store, delivery: str, error: str = "") -> Any:
        if next(failures) < 3:
            raise StoreError("the database is busy")
        return attempted(store, delivery, error)

    monkeypatch.setattr(Store, "attempted", busy)
    desk.receive("push")
    store = started()
    until(lambda: not store.waiting())
    assert next(failures) >= 4
    assert len(facts(store, Handled)) == 1


def test_it_takes_a_parked_delivery_up_again(
    desk: Any, started: Make, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(*_: Any) -> str:
        raise PullError("away")

    with monkeypatch.context() as broken:
        broken.setattr(worker, "handle", fail)
        id_ = desk.receive("push")
        store = started()
        until(lambda: not store.waiting())
        with store.reading() as reader:
            delivery = reader.delivery(id_)
        assert delivery is not None
        assert (delivery.parked, delivery.attempts, delivery.error) == (True, 12, "away")
    assert store.retry(id_)
    until(lambda: len(facts(store, Handled)) == 1)


def test_it_keeps_a_delivery_that_fails_from_starving_others(
    desk: Any, started: Make, monkeypatch: pytest.MonkeyPatch
) -> None:
    handle = worker.handle
    bad = desk.receive("push")
    good = [desk.receive("push") for _ in range(3)]

    def some(store: Any, settings: Any, delivery: Any, *rest: Any) -> str:
        if delivery.id == bad:
            raise ValueError(f"a secret in {delivery.body!r}")
        return handle(store, settings, delivery, *rest)

    monkeypatch.setattr(worker, "handle", some)
    monkeypatch.setattr(worker, "_FIRST", 30.0)
    monkeypatch.setattr(worker, "_LONGEST", 30.0)
    store = started()
    until(lambda: list(store.waiting()) == [bad])
    assert {fact.delivery for fact in facts(store, Handled)} == set(good)

    def failed() -> tuple[int, str]:
        with store.reading() as reader:
            delivery = reader.delivery(bad)
        assert delivery is not None
        return delivery.attempts, delivery.error

    until(lambda: bool(failed()[1]))  # counted before it is tried, its reason after
    assert failed() == (1, "ValueError")


def test_it_hands_nothing_over_twice_while_it_is_under_way(
    desk: Any, started: Make, monkeypatch: pytest.MonkeyPatch
) -> None:
    handle = worker.handle
    begun: list[str] = []
    go = threading.Event()

    def slow(store: Any, settings: Any, delivery: Any, *rest: Any) -> str:
        begun.append(delivery.id)
        assert go.wait(30)
        return handle(store, settings, delivery, *rest)

    monkeypatch.setattr(worker, "handle", slow)
    id_ = desk.receive("push")
    store = started()
    until(lambda: bool(begun))
    time.sleep(5 * AT_ONCE["_LONGEST"])
    runs = [
        run.workflow_id for run in apart(DBOS.list_workflows) if run.workflow_id.startswith(id_)
    ]
    assert runs == [f"{id_}#0.0"]
    go.set()
    until(lambda: not store.waiting())
    assert begun == [id_]


def test_it_takes_up_what_a_process_left_under_another_name(
    desk: Any, started: Make, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A container's host name changes at each start."""
    monkeypatch.setattr("os.uname", lambda: pytest.fail("the machine's name decides nothing"))
    desk.receive("push")
    store = started()
    until(lambda: not store.waiting())


def test_it_begins_nothing_more_once_stopped(desk: Any) -> None:
    desk.receive("push")
    stopped = worker.Worker(desk.store, desk.settings)
    stopped._stop.set()
    assert stopped.work("delivery-1") == "left for the next start"
    assert desk.store.waiting() == {"delivery-1": 0}


# The real server


def state_of(store: Store) -> dict[str, Any]:
    with store.reading() as reader:
        (change,) = reader.open_changes()
        verdict = reader.verdict(change.id)
        assert verdict is not None
        return {
            "title": change.title,
            "decisions": [one.reviewer.login for one in reader.decisions(change.id)],
            "status": verdict.verdict.status,
            "revision": verdict.revision,
        }


def through(server: Any, store: Store, origin: Any, payload: Make, a_review: Make) -> None:
    """Open, push and review a change, the review's delivery first."""
    origin.add("agent-2", ["agent"], "refs/pull/1/head")
    head = origin.ids["agent-2"]
    sent = [
        ("pull_request_review", payload("pull_request_review", review=a_review(head))),
        ("pull_request", payload("pull_request", action="synchronize")),
        ("push", payload("push", ref="refs/heads/branch-1")),
        ("pull_request", payload("pull_request", action="opened")),
    ]
    for number, (event, body) in enumerate(sent):
        assert server.post(event, f"d-{number}", body) == 202
        assert server.post(event, f"d-{number}", body) == 202
    server.until(lambda: not store.waiting(), "all is handled")
    assert state_of(store) == {
        "title": "Change 1",
        "decisions": ["carol"],
        "status": VerdictStatus.SATISFIED,
        "revision": head,
    }
    (change,) = facts(store, Change)
    assert server.get(f"/changes/{change.id}") == 200
    assert len(facts(store, Decision)) == 1
    assert Counter(fact.delivery for fact in facts(store, Handled)) == {
        f"d-{number}": 1 for number in range(4)
    }
    assert facts(store, Evaluated)[-1].verdict.status is VerdictStatus.SATISFIED
    assert store.verify().ok


def test_it_goes_from_a_delivery_to_a_verdict_over_http(
    origin: Any,
    served: str,
    settings: Settings,
    make_server_of: Make,
    opened: Make,
    payload: Make,
    a_review: Make,
) -> None:
    address = f"{served.replace('//', '//anna:hunter2@')}/{origin.path.name}"
    known = settings.model_copy(update={"github_repositories": {"acme/app": address}})
    server = make_server_of(known).start()
    through(server, opened(known), origin, payload, a_review)
    assert server.stop() == 0
    said = server.log.read_text()
    assert said.count("\n") == 1, said
    assert "hunter2" not in said


def test_it_does_the_same_on_postgresql(
    origin: Any,
    settings: Settings,
    empty_postgresql: str,
    make_server_of: Make,
    opened: Make,
    payload: Make,
    a_review: Make,
) -> None:
    url = empty_postgresql.replace("postgresql+psycopg://", "postgresql://")
    known = settings.model_copy(update={"database_url": url})
    server = make_server_of(known).start()
    store = opened(known)
    through(server, store, origin, payload, a_review)
    server.kill()
    server.start()
    assert server.post("push", "after", payload("push")) == 202
    server.until(lambda: not store.waiting(), "what came after is handled")
    assert server.stop() == 0
    assert not known.data_dir.joinpath("dbos.db").exists()
    assert server.log.read_text().count("\n") == 2, server.log.read_text()


def test_it_handles_after_a_kill_what_it_received_before(
    server: Any, settings: Settings, opened: Make, origin: Any, payload: Make, a_review: Make
) -> None:
    away = origin.path.rename(origin.path.with_suffix(".away"))
    server.start()
    store = opened(settings)
    review = a_review(origin.ids["agent"])
    body = payload("pull_request_review", review=review)
    assert server.post("pull_request_review", "before", body) == 202
    server.kill()
    assert list(store.waiting()) == ["before"]
    away.rename(origin.path)
    server.start()
    server.until(lambda: not store.waiting(), "it is handled")
    assert [fact.delivery for fact in facts(store, Handled)] == ["before"]
    assert len(facts(store, Decision)) == 1
    assert store.verify().ok


def test_it_takes_up_what_a_kill_interrupted(
    origin: Any,
    served: str,
    gate: Any,
    settings: Settings,
    make_server_of: Make,
    opened: Make,
    payload: Make,
    a_review: Make,
) -> None:
    names = {"acme/app": f"{served}/{origin.path.name}"}
    known = settings.model_copy(update={"github_repositories": names})
    server = make_server_of(known).start()
    store = opened(known)
    gate.open.clear()
    body = payload("pull_request_review", review=a_review(origin.ids["agent"]))
    assert server.post("pull_request_review", "cut", body) == 202
    assert gate.came.wait(60)
    assert store.waiting() == {"cut": 1}
    server.kill()
    gate.open.set()
    server.start()
    server.until(lambda: not store.waiting(), "it is handled")
    with store.reading() as reader:
        cut = reader.delivery("cut")
    assert cut is not None
    assert (cut.handled, cut.parked, cut.attempts) == (True, False, 2)
    assert len(facts(store, Handled)) == len(facts(store, Decision)) == 1
    assert store.verify().ok


def test_it_loses_nothing_and_does_nothing_twice_through_five_kills(
    server: Any,
    settings: Settings,
    opened: Make,
    origin: Any,
    payload: Make,
    a_review: Make,
    capsys: pytest.CaptureFixture[str],
) -> None:
    chance = random.Random(7)  # noqa: S311 -- moments, no secrets
    bodies = dict(_storm(origin, payload, a_review))
    sending = [*bodies, *chance.sample(sorted(bodies), DELIVERIES // 5)]
    chance.shuffle(sending)
    begun = time.monotonic()
    server.start()
    store = opened(settings)
    burst = len(sending) // (KILLS + 1)
    for number, id_ in enumerate(sending, 1):
        while server.post(bodies[id_][0], id_, bodies[id_][1]) != 202:
            time.sleep(0.05)  # as the forge delivers again
        if number % burst == 0 and number // burst <= KILLS:
            origin.add(f"agent-{number}", [origin.commits[-1].key], "refs/pull/1/head")
            time.sleep(chance.uniform(0.2, 1.5))
            if number // burst % 2:
                server.kill()
                server.start()
            else:
                server.kill_worker()
    posted = time.monotonic()
    server.until(lambda: not store.waiting(), "all is handled", within=240)
    done = time.monotonic()
    assert server.stop() == 0
    with store.reading() as reader:
        kept = [reader.delivery(id_) for id_ in bodies]
        decided = [one for change in reader.open_changes() for one in reader.decisions(change.id)]
    assert all(one is not None and one.handled and not one.parked for one in kept)
    handled = Counter(fact.delivery for fact in facts(store, Handled))
    assert handled == dict.fromkeys(bodies, 1)
    reviews = [body for event, body in bodies.values() if event == "pull_request_review"]
    ids = {f"github-acme-app-{json.loads(body)['review']['id']}" for body in reviews}
    assert Counter(one.id for one in facts(store, Decision)) == dict.fromkeys(ids, 1)
    assert {one.id for one in decided} == ids
    assert len(facts(store, Change)) == 1
    revisions = [one.sha for one in facts(store, Revision)]
    assert len(revisions) == len(set(revisions))
    assert revisions[-1] == origin.ids[origin.commits[-1].key]
    assert store.verify().ok
    again = sum(one.attempts - 1 for one in kept if one is not None)
    with capsys.disabled():
        print(  # noqa: T201 -- the figures of the run
            f"\n{len(sending)} posted of {len(bodies)} deliveries, {KILLS} kills: "
            f"{posted - begun:.1f} s to post, {done - begun:.1f} s in all, {again} re-attempts"
        )


def _storm(origin: Any, payload: Make, a_review: Make) -> Any:
    """Yield ids with event and body: reviews, pushes, and what is of no concern."""
    head = origin.add("agent-0", ["agent"], "refs/pull/1/head")
    for number in range(DELIVERIES):
        kind = ("pull_request_review", "pull_request", "push", "issues")[number % 4]
        more: dict[str, Any] = {}
        if kind == "pull_request_review":
            more["review"] = a_review(head, number + 1, login=f"reviewer-{number}")
        yield f"d-{number:03}", (kind, payload(kind, action="submitted", **more))
