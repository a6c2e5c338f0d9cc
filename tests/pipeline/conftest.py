"""A scene: a real repository that moves, a real database, and a clock that is told."""
# What a test says of a scene goes on to the pipeline as it is.
# ruff: noqa: ANN401 -- a fixture's type lives in conftest

import os
import re
import shutil
import subprocess
import sys
from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from functools import partial
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa

from reviewqueue.domain.change import Change, Head, Jump, RepositoryKind
from reviewqueue.domain.event import Pulled
from reviewqueue.domain.landing import Landing, ReviewClass
from reviewqueue.domain.people import Person
from reviewqueue.domain.review import Decision, DecisionKind
from reviewqueue.forge.git.fast_import import FileChange, PlannedCommit, move_refs, write_repository
from reviewqueue.pipeline import decide, pull, seen_token
from reviewqueue.settings import Settings
from reviewqueue.store import Store
from reviewqueue.store.tables import PROJECTED

ANNA = Person("Anna Ek", "anna@ek.org")
BO = Person("Bo Lind", "bo@lind.org")
FORGE = Person("GitHub", "noreply@github.com")
NOW = datetime(2026, 11, 18, 12, tzinfo=UTC)
LONG_AGO = NOW - timedelta(days=3000)
MAIN = "refs/heads/main"
SIGNED = "\n\nCo-Authored-By: Claude <noreply@anthropic.com>\n"

Runner = Callable[..., bytes]


@dataclass
class Scene:
    """One repository, the store that reads it, and everything a test asks of both."""

    folder: Path
    blank: Path
    """A data folder with an empty database."""
    kind: RepositoryKind = RepositoryKind.DEMO
    now: datetime = NOW
    written: int = 0
    tips: dict[str, str] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self.origin = self.folder / "acme" / "app.git"
        self.settings = Settings(data_dir=self.folder / "data", secret_key="s" * 32)
        shutil.copytree(self.blank, self.settings.data_dir)
        self.store = Store(self.settings.store_url, self.settings.anchor)

    # The repository

    def commit(
        self,
        ref: str | None,
        files: Mapping[str, str | None],
        *,
        on: tuple[str, ...] | None = None,
        by: Person = ANNA,
        committer: Person | None = None,
        message: str = "",
        agent: bool = False,
        at: datetime | None = None,
    ) -> str:
        """Write one commit on ``ref`` (or on the commits ``on``); a minute passes."""
        self.now += timedelta(minutes=1)
        self.written += 1
        parents = on if on is not None else tuple(filter(None, [self.tips.get(ref or "")]))
        text = message or f"Write {self.written}"
        planned = PlannedCommit(
            key="it",
            author=by,
            committer=committer,
            at=at or self.now,
            message=text + (SIGNED if agent else "\n"),
            files=[
                FileChange(path.encode(), None if content is None else content.encode())
                for path, content in files.items()
            ],
            parents=parents,
            refs=[ref] if ref else [],
        )
        sha = write_repository(self.origin, [planned])["it"]
        if ref:
            self.tips[ref] = sha
        return sha

    def move(self, ref: str, sha: str | None) -> None:
        """Point a ref elsewhere, or delete it."""
        move_refs(self.origin, {ref: sha})
        if sha is None:
            self.tips.pop(ref, None)
        else:
            self.tips[ref] = sha

    def start(self) -> str:
        """Write the first commit of the default branch, by a person."""
        lines = "".join(f"line {number}\n" for number in range(1, 21))
        return self.commit(
            MAIN, {"app.py": lines, "README.md": "app\n"}, message="Begin", at=LONG_AGO
        )

    def propose(self, number: int = 1, files: Mapping[str, str] | None = None, **more: Any) -> str:
        """Open a pull request of an agent, on the default branch's tip."""
        content = files or {f"part{number}.py": f"part = {number}\n"}
        options = {"agent": True, "on": (self.tips[MAIN],), "message": f"Add part {number}"}
        return self.commit(f"refs/pull/{number}/head", content, **{**options, **more})

    def merge(self, *heads: str, files: Mapping[str, str], **more: Any) -> str:
        """Merge heads into the default branch, giving what the merge changes."""
        options = {"message": "Merge branch 'part'", **more}
        return self.commit(MAIN, files, on=(self.tips[MAIN], *heads), **options)

    # The flow

    def pull(self, **more: Any) -> Pulled:
        """Pull the repository; a minute passes, unless told what time it is."""
        self.now += timedelta(minutes="now" not in more)
        options = {"now": self.now, "kind": self.kind, **more}
        address = options.pop("address", os.fspath(self.origin))
        return pull(self.store, self.settings, address, **options)

    def approve(self, change: str, by: Person = BO, **more: Any) -> Decision:
        """Approve a change's latest revision on our page."""
        self.now += timedelta(minutes=1)
        with self.store.reading() as reader:
            latest = reader.latest_revision(change)
            assert latest is not None
            sha = more.pop("revision", latest.sha)
            scan = reader.scan(change, sha)
        found = scan.findings if scan else ()
        options: dict[str, Any] = {
            "kind": DecisionKind.APPROVE,
            "body": "",
            "seen": seen_token(finding.fingerprint for finding in found),
            "development": True,
            "now": self.now,
            **more,
        }
        return decide(self.store, change=change, revision=sha, reviewer=by, **options)

    # What came of it

    @property
    def id(self) -> str:
        """The one repository's id."""
        with self.store.reading() as reader:
            (repository,) = reader.repositories()
        return repository.id

    def open(self) -> tuple[Change, ...]:
        """Return the open changes."""
        with self.store.reading() as reader:
            return reader.open_changes()

    def only(self) -> Change:
        """Return the one open change."""
        (change,) = self.open()
        return change

    def heads(self) -> dict[str, Head]:
        """Return every head, by ref."""
        with self.store.reading() as reader:
            return reader.heads(self.id)

    def outcomes(self) -> dict[str, str]:
        """Return what became of every head."""
        return {ref: head.outcome for ref, head in self.heads().items()}

    def landings(self) -> dict[str, Landing]:
        """Return all landings by sha; none is in two classes, none in none."""
        with self.store.reading() as reader:
            found = reader.landings()
        assert sum(Counter(landing.review_class for landing in found).values()) == len(found)
        assert {landing.review_class for landing in found} <= set(ReviewClass)
        return {landing.sha: landing for landing in found}

    def letter(self, sha: str) -> str:
        """Return the class of one landing."""
        return self.landings()[sha].review_class.letter

    def shas(self, change: str) -> list[str]:
        """Return a change's revisions, oldest first."""
        with self.store.reading() as reader:
            return [revision.sha for revision in reader.revisions(change)]

    def state(self, change: str) -> str:
        """Return where a change is in its life, and why."""
        with self.store.reading() as reader:
            return f"{reader.state(change)}: {reader.state_reason(change)}".removesuffix(": ")

    def jumps(self) -> tuple[Jump, ...]:
        """Return the jumps seen."""
        with self.store.reading() as reader:
            return reader.jumps()

    def tables(self) -> dict[str, list[tuple[Any, ...]]]:
        """Return every table's rows, ordered, without places in the ledger and times of ours."""
        engine = sa.create_engine(self.settings.store_url)
        ours = {"seq", "at", "seen_at", "first_seen_at", "due_at", "rules_version"}
        found: dict[str, list[tuple[Any, ...]]] = {}
        with engine.connect() as connection:
            for table in PROJECTED:
                columns = [column for column in table.c if column.name not in ours]
                rows = connection.execute(sa.select(*columns)).all()
                found[table.name] = sorted(map(tuple, rows), key=repr)
        engine.dispose()
        return found

    def sound(self) -> None:
        """Assert that the ledger is whole and that every table follows from it."""
        found = self.store.verify()
        assert found.ok, found.problem
        assert found.expected is not None

    def facts(self) -> Counter[str]:
        """Return how often each fact is in the ledger, whatever its times."""
        with self.store.reading() as reader:
            events = reader.events(limit=100_000)
        facts = (event.fact for event in events if not isinstance(event.fact, Pulled))
        return Counter(re.sub(r"datetime\.datetime\([^()]*\)", "", repr(fact)) for fact in facts)

    def run(self, *arguments: str, **environment: str) -> subprocess.CompletedProcess[str]:
        """Run the command line in a process of its own."""
        return subprocess.run(
            [sys.executable, "-m", "reviewqueue", *arguments],
            env=self.environment(**environment),
            capture_output=True,
            text=True,
            check=False,
        )

    def environment(self, **more: str) -> dict[str, str]:
        """Return what a process of ours needs to reach the same store."""
        return {
            "PATH": os.environ["PATH"],
            "HOME": os.fspath(self.folder),
            # What is compiled for one test serves the others.
            "XDG_CACHE_HOME": os.fspath(self.folder.parents[1] / "cache"),
            "PYTHONPATH": os.fspath(Path(__file__).parents[2]),
            "REVIEWQUEUE_DATA_DIR": os.fspath(self.settings.data_dir),
            "REVIEWQUEUE_SECRET_KEY": "s" * 32,
            "PYTHONDONTWRITEBYTECODE": "1",
            **more,
        }


@pytest.fixture(scope="session")
def scene_in(blank: Path) -> Callable[..., Scene]:
    """Make a scene in a folder; whoever asks closes its store."""
    return partial(Scene, blank=blank)


@pytest.fixture
def make_scene(tmp_path: Path, scene_in: Callable[..., Scene]) -> Iterator[Callable[..., Scene]]:
    """Make any number of scenes; in the end each one's record is sound."""
    scenes: list[Scene] = []

    def make(**options: Any) -> Scene:
        folder = tmp_path / f"scene{len(scenes)}"
        folder.mkdir()
        scenes.append(scene_in(folder, **options))
        return scenes[-1]

    yield make
    for scene in scenes:
        scene.sound()
        scene.store.close()


@pytest.fixture
def scene(make_scene: Callable[..., Scene]) -> Scene:
    """One scene of the kind DEMO, with a default branch."""
    made = make_scene()
    made.start()
    return made


@pytest.fixture
def plain(make_scene: Callable[..., Scene]) -> Scene:
    """One scene of the kind PLAIN, with a default branch."""
    made = make_scene(kind=RepositoryKind.PLAIN)
    made.start()
    return made


@pytest.fixture
def git(tmp_path: Path) -> Runner:
    """Run git the way a person does."""

    def runner(directory: Path, *arguments: str, stdin: bytes = b"") -> bytes:
        done = subprocess.run(
            ["git", "-c", "protocol.file.allow=always", *arguments],
            cwd=directory,
            input=stdin,
            env={
                "PATH": os.environ["PATH"],
                "HOME": os.fspath(tmp_path),
                "GIT_CONFIG_NOSYSTEM": "1",
                "GIT_AUTHOR_NAME": ANNA.name,
                "GIT_AUTHOR_EMAIL": ANNA.email,
                "GIT_COMMITTER_NAME": ANNA.name,
                "GIT_COMMITTER_EMAIL": ANNA.email,
            },
            capture_output=True,
            check=False,
        )
        assert done.returncode == 0, done.stderr
        return done.stdout.strip()

    return runner
