# The world of facts comes from a fixture, so its class has no name here.
# ruff: noqa: ANN401 -- a fixture's type lives in conftest

import dataclasses
import threading
from collections.abc import Callable
from datetime import timedelta, timezone
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy.exc import IntegrityError

from reviewqueue.domain.attribution import UNATTRIBUTED
from reviewqueue.domain.change import Change, ChangeState, Head, Jump, Revision
from reviewqueue.domain.event import (
    KINDS,
    Assigned,
    Attributed,
    Evaluated,
    Moved,
    Pulled,
    ReviewedLater,
    Scanned,
)
from reviewqueue.domain.finding import Risk, Scan, Severity
from reviewqueue.domain.landing import Landing, ReviewClass
from reviewqueue.domain.review import Decision, Disposition
from reviewqueue.domain.verdict import VerdictStatus
from reviewqueue.store import Store, StoreError, Writer


def _opened(writer: Writer, world: Any, number: int = 1) -> tuple[Change, Revision]:
    change = world.change(number=number)
    revision = world.revision(change)
    writer.record(world.tick(), "reviewqueue", change)
    writer.record(world.tick(), "reviewqueue", revision)
    return change, revision


@pytest.fixture
def observed(store: Store, world: Any) -> Store:
    with store.writing() as writer:
        writer.record(world.tick(), "reviewqueue", world.repository())
    return store


def test_it_gives_back_every_noun_as_it_was_recorded(store: Store, world: Any) -> None:
    facts = list(world.facts(3))
    with store.writing() as writer:
        for fact in facts:
            writer.record(world.tick(), "ann", fact)
    found: dict[type, Any] = {type(fact): fact for fact in facts}
    change, landing = found[Change], found[Landing]
    later = found[ReviewedLater]
    with store.reading() as reader:
        assert [event.fact for event in reader.events(limit=1000)] == facts
        assert reader.repositories() == (world.repository(),)
        assert reader.repository("acme-app") == world.repository()
        assert reader.change(change.id) == change
        assert reader.state(change.id) is ChangeState.LANDED
        assert reader.state_reason(change.id) == "merged"
        assert reader.revisions(change.id) == (found[Revision],)
        assert reader.latest_revision(change.id) == found[Revision]
        assert reader.heads("acme-app")[change.ref] == found[Head]
        assert reader.attribution(change.id) == found[Attributed].attribution
        assert reader.scan(change.id, found[Revision].sha) == found[Scanned].scan
        assert reader.assigned(change.id) == found[Assigned]
        assert reader.assignments(change.id) == found[Assigned].assignments
        assert reader.decisions(change.id) == (found[Decision],)
        assert reader.decision(found[Decision].id) == found[Decision]
        assert reader.dispositions(change.id) == (found[Disposition],)
        assert reader.verdict(change.id) == found[Evaluated]
        assert reader.jumps("acme-app") == (found[Jump],)
        assert reader.last_pull("acme-app") == found[Pulled]
        assert reader.last_pulled_at("acme-app") == world.now
        assert reader.landed("acme-app") == {landing.sha}
        assert reader.landing_of(change.id) == reader.landing("acme-app", landing.sha)
        assert reader.landings() == (
            dataclasses.replace(landing, review_class=later.review_class, reason=later.reason),
        )


def test_it_finds_a_rules_findings_and_what_was_said_of_them(observed: Store, world: Any) -> None:
    finding, other = world.finding(), world.finding(path="src/b.py")
    with observed.writing() as writer:
        change, first = _opened(writer, world)
        second = world.revision(change, 2)
        writer.record(world.tick(), "reviewqueue", second)
        for revision, found in ((first, (finding, other)), (second, (finding,))):
            scanned = Scanned(change=change.id, revision=revision.sha, scan=world.scan(*found))
            writer.record(world.tick(), "reviewqueue", scanned)
        said = [world.disposition(first, finding), world.disposition(second, finding)]
        for disposition in said:
            writer.record(world.tick(), "ann", disposition)
    with observed.reading() as reader:
        assert reader.findings_of(finding.rule) == 2
        assert reader.dispositions_of(finding.rule) == tuple(said)
        assert reader.findings_of("another") == 0
        assert reader.dispositions_of("another") == ()


def test_it_projects_every_kind_of_event(store: Store, world: Any) -> None:
    kinds = {type(fact) for fact in world.facts(3)}
    assert {noun.__name__ for noun in KINDS.values()} - {kind.__name__ for kind in kinds} == {
        "Handled"  # recorded through the inbox only
    }
    assert store.verify().ok


def test_it_sees_its_own_writes_within_a_transaction(observed: Store, world: Any) -> None:
    with observed.writing() as writer:
        change, revision = _opened(writer, world)
        assert writer.change_of_head("acme-app", change.ref) == change
        assert writer.revision(change.id, revision.sha) == revision
        assert writer.head().seq == 3
        assert [event.seq for event in writer.events(change.id)] == [2, 3]
        with observed.reading() as reader:
            assert reader.change(change.id) is None


def test_it_keeps_nothing_of_a_transaction_that_fails(
    observed: Store, anchor: Path, world: Any
) -> None:
    before, anchored = observed.head(), anchor.read_text()

    def fail() -> None:
        with observed.writing() as writer:
            _opened(writer, world)
            assert writer.open_changes()
            raise RuntimeError

    with pytest.raises(RuntimeError):
        fail()
    assert observed.head() == before
    assert anchor.read_text() == anchored
    with observed.reading() as reader:
        assert reader.open_changes() == ()


def test_it_refuses_a_fact_about_what_is_not_there(observed: Store, world: Any) -> None:
    change = world.change()
    with pytest.raises(IntegrityError), observed.writing() as writer:
        writer.record(world.tick(), "ann", world.revision(change))
    moved = Moved(change=change.id, state=ChangeState.CLOSED, reason="")
    with pytest.raises(StoreError, match="not in the ledger"), observed.writing() as writer:
        writer.record(world.tick(), "ann", moved)
    assert observed.head().seq == 1


def test_it_refuses_a_transaction_inside_another(store: Store) -> None:
    with store.writing(), pytest.raises(StoreError, match="inside another"):
        store.writing().__enter__()


def test_it_refuses_a_naive_time(observed: Store, world: Any) -> None:
    naive = world.now.replace(tzinfo=None)
    with pytest.raises(ValueError, match="time zone"), observed.writing() as writer:
        writer.record(naive, "ann", world.pulled())


def test_it_replaces_what_no_database_can_hold_alike_in_ledger_and_tables(
    observed: Store, world: Any
) -> None:
    change = dataclasses.replace(world.change(), title="a\0b\ud800c \U0001f600 '\"; DROP")
    with observed.writing() as writer:
        writer.record(world.tick(), "an\0n", change)
    with observed.reading() as reader:
        found = reader.change(change.id)
        (event,) = reader.events(change.id)
    assert found is not None
    assert found.title == "a\ufffdb\ufffdc \U0001f600 '\"; DROP"
    assert (event.fact, event.actor) == (found, "an\ufffdn")
    assert observed.verify().ok


def test_it_stores_every_time_in_utc(observed: Store, world: Any) -> None:
    shifted = world.change()
    zone = timezone(timedelta(hours=5, minutes=30))
    shifted = dataclasses.replace(shifted, opened_at=shifted.opened_at.astimezone(zone))
    with observed.writing() as writer:
        writer.record(world.now.astimezone(zone), "ann", shifted)
    with observed.reading() as reader:
        found = reader.change(shifted.id)
        (event,) = reader.events(shifted.id)
    assert found == shifted
    assert found.opened_at.utcoffset() == event.at.utcoffset() == timedelta(0)


def test_it_follows_a_change_through_its_revisions(observed: Store, world: Any) -> None:
    with observed.writing() as writer:
        change, first = _opened(writer, world)
        second = world.revision(change, 2)
        writer.record(world.tick(), "reviewqueue", second)
        writer.record(world.tick(), "reviewqueue", dataclasses.replace(first, message="again"))
        writer.record(world.tick(), "reviewqueue", dataclasses.replace(change, title="new"))
    with observed.reading() as reader:
        assert [r.number for r in reader.revisions(change.id)] == [1, 2]
        assert reader.latest_revision(change.id) == second
        assert reader.revisions_with("acme-app", sha=second.sha) == (second,)
        assert reader.revisions_with("acme-app", content_id=second.content_id) == (second,)
        assert reader.revisions_with("other", sha=second.sha) == ()
        found = reader.change(change.id)
        assert found is not None
        assert found.title == "new"
    assert observed.verify().ok


def test_it_matches_no_revision_whose_content_was_not_read(observed: Store, world: Any) -> None:
    with observed.writing() as writer:
        change, revision = _opened(writer, world)
        unread = dataclasses.replace(revision, content_id="")
        writer.record(world.tick(), "reviewqueue", unread)
        assert writer.revisions_with("acme-app", content_id="") == ()
        assert writer.revisions_with("acme-app") == ()
        assert writer.revisions(change.id) == (unread,)


def test_it_gives_the_latest_open_change_of_a_head(observed: Store, world: Any) -> None:
    with observed.writing() as writer:
        first, _ = _opened(writer, world, 1)
        second = dataclasses.replace(world.change(number=2), ref=first.ref)
        writer.record(world.tick(), "reviewqueue", second)
        assert writer.change_of_head("acme-app", first.ref) == second
        closed = Moved(change=second.id, state=ChangeState.CLOSED, reason="")
        writer.record(world.tick(), "reviewqueue", closed)
        assert writer.change_of_head("acme-app", first.ref) == first
        assert writer.open_changes("acme-app") == (first,)
        reopened = Moved(change=second.id, state=ChangeState.OPEN, reason="")
        writer.record(world.tick(), "reviewqueue", reopened)
        assert writer.open_changes() == (first, second)


def test_it_replaces_scans_and_assignments_whole(observed: Store, world: Any) -> None:
    with observed.writing() as writer:
        change, revision = _opened(writer, world)
        for findings in (3, 1):
            scan = world.scan(*(world.finding(path=f"{n}.py") for n in range(findings)))
            fact = Scanned(change=change.id, revision=revision.sha, scan=scan)
            writer.record(world.tick(), "reviewqueue", fact)
        writer.record(world.tick(), "reviewqueue", world.assigned(revision, world.ANN, world.BOB))
        assert writer.load() == {"ann": 1, "bob@example.org": 1}
        last = world.assigned(revision, world.BOB)
        writer.record(world.tick(), "reviewqueue", last)
        assert writer.scan(change.id, revision.sha) == scan
        assert writer.assigned(change.id) == last
        assert writer.load() == {"bob@example.org": 1}
        landed = Moved(change=change.id, state=ChangeState.LANDED, reason="")
        writer.record(world.tick(), "reviewqueue", landed)
        assert writer.load() == {}
    assert observed.verify().ok


def test_it_keeps_an_empty_scan_apart_from_none(observed: Store, world: Any) -> None:
    with observed.writing() as writer:
        change, revision = _opened(writer, world)
        assert writer.scan(change.id, revision.sha) is None
        clean = Scan(Risk.NONE, (), None, 0, 0, 0, "1")
        fact = Scanned(change=change.id, revision=revision.sha, scan=clean)
        writer.record(world.tick(), "reviewqueue", fact)
        assert writer.scan(change.id, revision.sha) == clean
        assert writer.attribution(change.id) == UNATTRIBUTED
        assert writer.verdict(change.id) is None
        assert writer.assigned("nowhere") is None
        assert writer.state("nowhere") is None


def test_it_takes_landings_by_when_they_landed(observed: Store, world: Any) -> None:
    with observed.writing() as writer:
        landings = []
        for number in (1, 2, 3):
            change, revision = _opened(writer, world, number)
            landing = dataclasses.replace(
                world.landing(change, revision), landed_at=world.START + timedelta(days=7 * number)
            )
            writer.record(world.tick(), "reviewqueue", landing)
            landings.append(landing)
        first, second, third = landings
        assert writer.landings() == (first, second, third)
        assert writer.landings(second.landed_at, third.landed_at) == (second,)
        assert writer.landings(since=second.landed_at, repository="acme-app") == (second, third)
        assert writer.landings(repository="other") == ()
        assert writer.landings()[0].review_class is ReviewClass.NONE


def _queue_of(writer: Writer, world: Any) -> dict[str, Change]:
    """Changes of every urgency, recorded least urgent first."""
    changes = {}
    plan: list[tuple[str, Severity | None, VerdictStatus | None]] = [
        ("low", Severity.LOW, VerdictStatus.UNSATISFIED),
        ("critical satisfied", Severity.CRITICAL, VerdictStatus.SATISFIED),
        ("critical", Severity.CRITICAL, VerdictStatus.UNSATISFIED),
        ("critical later", Severity.CRITICAL, None),
        ("unscanned", None, None),
    ]
    for number, (name, severity, status) in enumerate(plan, 1):
        change, revision = _opened(writer, world, number)
        key = {"change": change.id, "revision": revision.sha}
        if severity:
            scan = world.scan(world.finding(severity), world.finding(severity, "b.py"))
            writer.record(world.tick(), "reviewqueue", Scanned(**key, scan=scan))
        if status:
            verdict = Evaluated(**key, verdict=world.verdict(status))
            writer.record(world.tick(), "reviewqueue", verdict)
        changes[name] = change
    return changes


def test_it_queues_the_most_urgent_first(observed: Store, world: Any) -> None:
    with observed.writing() as writer:
        changes = _queue_of(writer, world)
        rows, total = writer.queue()
        names = {change.id: name for name, change in changes.items()}
        assert [names[row.change.id] for row in rows] == [
            "unscanned",
            "critical",
            "critical later",
            "critical satisfied",
            "low",
        ]
        assert total == 5
        assert [row.risk for row in rows][::4] == [None, Risk.LOW]
        page, total = writer.queue(limit=2, offset=1)
        assert ([names[row.change.id] for row in page], total) == (
            ["critical", "critical later"],
            5,
        )


def test_it_says_in_the_queue_what_is_known_of_the_latest_revision(
    observed: Store, world: Any
) -> None:
    with observed.writing() as writer:
        change, revision = _opened(writer, world)
        key = {"change": change.id, "revision": revision.sha}
        finding, other = world.finding(path="a.py"), world.finding(path="b.py")
        facts = [
            Scanned(**key, scan=world.scan(finding, other)),
            Attributed(**key, attribution=world.attribution()),
            Evaluated(**key, verdict=world.verdict(VerdictStatus.UNSATISFIED)),
            world.assigned(revision, world.ANN),
            world.disposition(revision, finding),
            world.decision(revision),
        ]
        for fact in facts:
            writer.record(world.tick(), "ann", fact)
        ((row,), _) = writer.queue()
        assert (row.change, row.revision) == (change, revision)
        assert row.repository == world.repository()
        assert row.attribution == world.attribution()
        assert (row.risk, row.findings, row.unanswered) == (Risk.HIGH, 2, 1)
        assert (row.verdict, row.sentence) == (
            VerdictStatus.UNSATISFIED,
            "One human is missing.",
        )
        assert row.assignments == facts[3].assignments
        assert (row.decisions, row.state) == (1, ChangeState.OPEN)

        second = world.revision(change, 2)
        writer.record(world.tick(), "reviewqueue", second)
        ((row,), _) = writer.queue()
        assert (row.revision, row.risk, row.verdict, row.findings) == (second, None, None, 0)


@pytest.mark.parametrize(
    ("query", "names"),
    [
        ({"risk": Risk.LOW}, ["low"]),
        ({"agent": "devin"}, ["low"]),
        ({"reviewer": "ann"}, ["critical"]),
        ({"reviewer": "nobody"}, []),
        ({"repository": "other"}, []),
        ({"state": "landed"}, ["critical satisfied"]),
        ({"state": "closed"}, []),
        ({"state": "all", "risk": Risk.CRITICAL, "limit": 1}, ["critical"]),
    ],
)
def test_it_filters_the_queue(
    observed: Store, world: Any, query: dict[str, Any], names: list[str]
) -> None:
    with observed.writing() as writer:
        changes = _queue_of(writer, world)
        low, done = changes["low"], changes["critical satisfied"]
        revision = writer.latest_revision(changes["critical"].id)
        facts = [
            Attributed(change=low.id, revision="", attribution=world.attribution("devin")),
            Moved(change=done.id, state=ChangeState.LANDED, reason=""),
            world.assigned(revision, world.ANN),
        ]
        for fact in facts:
            writer.record(world.tick(), "reviewqueue", fact)
        rows, total = writer.queue(**query)
        assert [row.change for row in rows] == [changes[name] for name in names]
        assert total == (3 if query.get("limit") else len(names))


def test_it_answers_the_queue_in_as_many_statements_however_long_it_is(
    observed: Store, world: Any, statements: Callable[[Store], list[str]]
) -> None:
    counts = []
    for first, last in ((1, 2), (3, 40)):
        with observed.writing() as writer:
            for number in range(first, last):
                for fact in world.life("acme-app", number):
                    writer.record(world.tick(), "reviewqueue", fact)
        seen = statements(observed)
        with observed.reading() as reader:
            reader.queue(state="all")
        counts.append(sum(statement.startswith("SELECT") for statement in seen))
    assert counts[0] == counts[1] <= 12


def test_it_pages_through_the_ledger_both_ways(store: Store, world: Any) -> None:
    world.fill(store, 2)
    with store.reading() as reader:
        last = reader.head().seq
        assert [e.seq for e in reader.events(after_seq=3, limit=2)] == [4, 5]
        assert [e.seq for e in reader.events(newest_first=True, limit=2)] == [last, last - 1]
        assert [e.seq for e in reader.events(newest_first=True, before_seq=4)] == [3, 2, 1]
        assert {e.kind for e in reader.events(kind="decision.made")} == {"decision.made"}
        (change, _) = reader.open_changes()
        about = reader.events(change.id)
        assert about
        assert {e.subject for e in about} == {change.id}


def test_it_keeps_one_chain_under_eight_writers(url: str, anchor: Path, world: Any) -> None:
    stores = [Store(url, anchor) for _ in range(2)]
    stores[0].upgrade()
    with stores[0].writing() as writer:
        writer.record(world.tick(), "reviewqueue", world.repository())
    fact, at, failed = world.pulled(), world.now, []

    def append(store: Store, name: str) -> None:
        try:
            for _ in range(10):
                with store.writing() as writer:
                    writer.record(at, name, fact)
                    writer.record(at, name, fact)
        except Exception as error:  # noqa: BLE001 -- whatever it is, the test must see it
            failed.append(error)

    threads = [
        threading.Thread(target=append, args=(stores[n % 2], f"writer-{n}")) for n in range(8)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert failed == []
    head = stores[0].head()
    assert head.seq == 161
    assert anchor.read_text() == f"{head}\n"
    with stores[0].reading() as reader:
        events = reader.events(limit=1000)
    assert [event.seq for event in events] == list(range(1, 162))
    assert [event.actor for event in events[1::2]] == [event.actor for event in events[2::2]]
    assert stores[1].verify().ok
    for store in stores:
        store.close()
