import hashlib
import hmac
import json
import os
import re
import signal
import socket
import subprocess
import sys
import threading
import time
import urllib.request
from collections.abc import Callable, Iterator, Mapping
from datetime import UTC, datetime
from http.client import HTTPConnection
from pathlib import Path
from typing import NoReturn

import pytest

from reviewqueue.commands import main
from reviewqueue.store import Store

ROOT = Path(__file__).resolve().parents[2]
SECRET = "a-made-up-webhook-secret"
KEY = "a-made-up-secret-key"
Serve = Callable[..., subprocess.CompletedProcess[str]]


def environment(data: Path, **more: str) -> dict[str, str]:
    kept = {name: value for name, value in os.environ.items() if "REVIEWQUEUE" not in name}
    kept.pop("DATABASE_URL", None)
    return {
        **kept,
        "REVIEWQUEUE_DATA_DIR": str(data),
        "REVIEWQUEUE_SECRET_KEY": KEY,
        "REVIEWQUEUE_GITHUB_WEBHOOK_SECRET": SECRET,
        **more,
    }


def command(*arguments: str) -> list[str]:
    return [sys.executable, "-m", "reviewqueue", "serve", *arguments]


def apart(*arguments: str, data: Path, **more: str) -> subprocess.CompletedProcess[str]:
    """Run serve in a process of its own; a minute is more than it needs to refuse."""
    return subprocess.run(
        command(*arguments),
        cwd=ROOT,
        env=environment(data, **more),
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )


@pytest.fixture
def refused(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> Serve:
    """Run serve, in this process, where it cannot serve."""

    def serve(*_: object, **__: object) -> NoReturn:
        pytest.fail("it serves")

    def run(
        *arguments: str, data: Path = tmp_path / "data", **more: str
    ) -> subprocess.CompletedProcess[str]:
        wanted = environment(data, **more)
        for name in set(os.environ) - set(wanted):
            monkeypatch.delenv(name)
        for name, value in wanted.items():
            monkeypatch.setenv(name, value)
        monkeypatch.setattr(sys, "argv", ["reviewqueue", "serve", *arguments])
        monkeypatch.setattr("reviewqueue.commands.serve._Server", serve)
        with pytest.raises(SystemExit) as ended:
            main()
        said = capsys.readouterr()
        code = ended.value.code
        assert isinstance(code, int)
        return subprocess.CompletedProcess(arguments, code, said.out, said.err)

    return run


class Running:
    """A server of this test's, and what it said."""

    def __init__(self, log: Path, env: Mapping[str, str], *arguments: str) -> None:
        self.log = log
        with log.open("wb") as file:
            self.process = subprocess.Popen(
                command("--port", "0", *arguments),
                cwd=ROOT,
                env=env,
                stdout=file,
                stderr=file,
                start_new_session=True,
            )
        self.port = 0

    def wait(self) -> "Running":
        end = time.monotonic() + 60
        while time.monotonic() < end:
            assert self.process.poll() is None, self.said()
            found = re.search(r"http://127\.0\.0\.1:(\d+) ", self.said())
            if found:
                self.port = int(found[1])
                try:
                    urllib.request.urlopen(  # noqa: S310 -- loopback
                        self.url("/healthz"), timeout=30
                    ).close()
                except OSError:
                    pass
                else:
                    return self
            time.sleep(0.05)
        raise AssertionError(self.said())

    def url(self, path: str) -> str:
        return f"http://127.0.0.1:{self.port}{path}"

    def said(self) -> str:
        return self.log.read_text()

    def post(self, delivery: str, body: bytes) -> int:
        sum_ = hmac.new(SECRET.encode(), body, hashlib.sha256).hexdigest()
        headers = {
            "X-GitHub-Event": "push",
            "X-GitHub-Delivery": delivery,
            "X-Hub-Signature-256": f"sha256={sum_}",
            "Content-Type": "application/json",
        }
        request = urllib.request.Request(  # noqa: S310 -- loopback
            self.url("/webhooks/github"), body, headers
        )
        with urllib.request.urlopen(request, timeout=30) as answer:  # noqa: S310 -- loopback
            status: int = answer.status
        return status

    def stop(self, how: int = signal.SIGTERM) -> int:
        self.process.send_signal(how)
        return self.process.wait(timeout=60)


@pytest.fixture
def running(tmp_path: Path) -> Iterator[Callable[..., Running]]:
    made: list[Running] = []

    def start(*arguments: str, **more: str) -> Running:
        log = tmp_path / f"serve-{len(made)}.log"
        made.append(Running(log, environment(tmp_path / "data", **more), *arguments))
        return made[-1].wait()

    yield start
    for one in made:
        if one.process.poll() is None:
            os.killpg(one.process.pid, signal.SIGKILL)
            one.process.wait()


@pytest.fixture
def silent() -> Iterator[tuple[int, threading.Event]]:
    """A port whose server takes connections and never says a word; set once somebody came."""
    came = threading.Event()
    held: list[socket.socket] = []
    with socket.create_server(("127.0.0.1", 0)) as server:

        def take() -> None:
            while True:
                try:
                    held.append(server.accept()[0])
                except OSError:
                    return
                came.set()

        thread = threading.Thread(target=take)
        thread.start()
        yield server.getsockname()[1], came
        server.shutdown(socket.SHUT_RDWR)
        thread.join()
    for one in held:
        one.close()


def one_line(done: subprocess.CompletedProcess[str]) -> str:
    assert done.returncode == 2, done
    assert done.stdout == ""
    assert done.stderr.startswith("Error: ")
    assert done.stderr.count("\n") == 1, done.stderr
    assert "Traceback" not in done.stderr
    assert "Errno" not in done.stderr
    return done.stderr


def test_it_says_that_a_port_is_taken(tmp_path: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as other:
        port = other.getsockname()[1]
        said = one_line(apart("--port", str(port), data=tmp_path / "data"))
    assert f"cannot serve on 127.0.0.1:{port}: Address already in use" in said


@pytest.mark.parametrize("host", ["no-such-host.invalid", "203.0.113.7", "not a host"])
def test_it_says_that_a_host_is_not_here(refused: Serve, host: str) -> None:
    assert f"cannot serve on {host}:8000: " in one_line(refused("--host", host))


@pytest.mark.parametrize(
    "host", ["10.0.0.1", "::", "203.0.113.7", "example.com", "127.0.0.1.nip.io"]
)
def test_it_offers_the_development_sign_in_on_loopback_only(refused: Serve, host: str) -> None:
    said = one_line(refused("--dev", "--host", host))
    assert f"--dev serves this machine only: {host} is not loopback" in said


def test_it_says_that_its_data_folder_cannot_be_had(refused: Serve, tmp_path: Path) -> None:
    (tmp_path / "file").write_text("in the way")
    said = one_line(refused(data=tmp_path / "file" / "data"))
    assert "file/data" in said
    assert "Not a directory" in said


@pytest.mark.skipif(os.geteuid() == 0, reason="root may write everywhere")
def test_it_says_that_its_data_folder_cannot_be_written(refused: Serve, tmp_path: Path) -> None:
    (tmp_path / "closed").mkdir(mode=0o500)
    assert "Permission denied" in one_line(refused(data=tmp_path / "closed" / "data"))


def test_it_says_that_its_jobs_cannot_be_kept(refused: Serve, tmp_path: Path) -> None:
    (tmp_path / "data" / "dbos.db").mkdir(parents=True)
    said = one_line(refused("--port", "0"))
    assert "dbos.db" in said


@pytest.mark.parametrize("url", ["mysql://u:hunter2@h/d", "no url: hunter2"])
def test_it_says_that_its_database_is_none_without_its_password(refused: Serve, url: str) -> None:
    assert "hunter2" not in one_line(refused(DATABASE_URL=url))


def test_it_says_that_its_database_is_away_without_its_password(refused: Serve) -> None:
    url = "postgresql://anna:hunter2@127.0.0.1:9/reviews"
    said = one_line(refused(DATABASE_URL=url))
    assert "the database cannot be opened" in said
    assert "hunter2" not in said


def test_it_says_that_a_setting_is_wrong_without_its_value(refused: Serve) -> None:
    said = one_line(refused(REVIEWQUEUE_GITHUB_REPOSITORIES="{hunter2"))
    assert "github_repositories" in said.lower()
    assert "hunter2" not in said


@pytest.mark.parametrize(("how", "arguments"), [(signal.SIGTERM, ()), (signal.SIGINT, ("--dev",))])
def test_it_serves_on_a_free_port_and_says_which_until_a_signal(
    running: Callable[..., Running], how: signal.Signals, arguments: tuple[str, ...]
) -> None:
    server = running(*arguments)
    assert server.port > 0
    assert server.stop(how) == 0
    assert server.said() == f"Serving on http://127.0.0.1:{server.port} (Ctrl-C stops)\n"


def test_it_finishes_requests_in_flight(running: Callable[..., Running]) -> None:
    server = running()
    body = b'{"repository": {"full_name": "acme/app"}}'
    sum_ = hmac.new(SECRET.encode(), body, hashlib.sha256).hexdigest()
    connection = HTTPConnection("127.0.0.1", server.port, timeout=30)
    connection.putrequest("POST", "/webhooks/github")
    for name, value in {
        "X-GitHub-Event": "push",
        "X-GitHub-Delivery": "in-flight",
        "X-Hub-Signature-256": f"sha256={sum_}",
        "Content-Length": str(len(body)),
    }.items():
        connection.putheader(name, value)
    connection.endheaders(body[:10])
    time.sleep(1)  # the request is being read by now
    server.process.send_signal(signal.SIGTERM)
    time.sleep(1)
    connection.send(body[10:])
    answer = connection.getresponse()
    assert (answer.status, json.load(answer)["stored"]) == (202, True)
    connection.close()
    assert server.process.wait(timeout=60) == 0


def test_it_stops_although_a_repository_does_not_answer(
    running: Callable[..., Running], silent: tuple[int, threading.Event]
) -> None:
    port, came = silent
    address = f"http://anna:hunter2@127.0.0.1:{port}/app.git"
    server = running(REVIEWQUEUE_GITHUB_REPOSITORIES=json.dumps({"acme/app": address}))
    assert server.post("hangs", b'{"repository": {"full_name": "acme/app"}}') == 202
    assert came.wait(30)
    # Before gunicorn's patience ends, which is when it would be killed.
    server.process.send_signal(signal.SIGTERM)
    assert server.process.wait(timeout=25) == 0
    said = server.said()
    assert "hunter2" not in said
    assert "Traceback" not in said


def test_it_tells_of_a_failure_in_one_line_without_secrets(
    running: Callable[..., Running],
) -> None:
    address = "http://anna:hunter2@127.0.0.1:9/app.git"
    server = running(REVIEWQUEUE_GITHUB_REPOSITORIES=json.dumps({"acme/app": address}))
    server.post("fails", b'{"repository": {"full_name": "acme/app", "description": "a-private"}}')
    end = time.monotonic() + 30
    while "not handled" not in server.said() and time.monotonic() < end:
        time.sleep(0.05)
    assert server.stop() == 0
    said = server.said()
    assert re.search(r"delivery not handled .*fails.*cannot be reached", said)
    for secret in ("hunter2", SECRET, KEY, "a-private"):
        assert secret not in said
    for noise in ("dbos", "DBOS", "alembic", "Traceback", "gunicorn"):
        assert noise not in said


def test_it_says_what_was_given_up_and_takes_it_up_again(tmp_path: Path, refused: Serve) -> None:
    data = tmp_path / "data"
    store = Store(f"sqlite:///{data / 'reviewqueue.db'}", data / "ledger-head", park_after=1)
    store.upgrade()
    store.receive("d-1", "push", {}, b"{}", datetime.now(UTC))
    store.attempted("d-1", "away")
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = str(taken.getsockname()[1])

        told = refused("--port", port, data=data).stderr
        again = refused("--port", port, "--retry", data=data).stderr

    assert "1 delivery was given up" in told
    assert "taken up again" in again
    assert list(store.waiting()) == ["d-1"]
    store.close()
