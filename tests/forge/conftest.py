"""Real repositories to look at, real git to make them odd, and a real server of them."""

import os
import subprocess
import threading
from collections.abc import Callable, Iterator, Mapping, Sequence
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from werkzeug.serving import WSGIRequestHandler, make_server

from reviewqueue.domain.people import Person
from reviewqueue.forge.git.fast_import import FileChange, PlannedCommit, write_repository

ANNA = Person("Anna Ek", "anna@example.org")
START = datetime(2026, 1, 5, 9, tzinfo=UTC)

Planner = Callable[..., PlannedCommit]
Writer = Callable[..., tuple[Path, dict[str, str]]]
Runner = Callable[..., bytes]


@pytest.fixture
def plan() -> Planner:
    """Plan a commit on main, an hour after the one planned before it."""
    planned = 0

    def planner(
        key: str,
        files: Mapping[str | bytes, bytes | FileChange | None] | None = None,
        parents: Sequence[str] = (),
        refs: Sequence[str] = ("refs/heads/main",),
        at: datetime | None = None,
        message: str = "",
        author: Person = ANNA,
    ) -> PlannedCommit:
        nonlocal planned
        planned += 1
        return PlannedCommit(
            key=key,
            author=author,
            at=at or START + timedelta(hours=planned),
            message=message or f"Write {key}\n",
            files=[
                content
                if isinstance(content, FileChange)
                else FileChange(os.fsencode(path), content)
                for path, content in (files or {}).items()
            ],
            parents=parents,
            refs=refs,
        )

    return planner


@pytest.fixture
def write(tmp_path: Path) -> Writer:
    """Write planned commits into a bare repository; give its path and the ids by key."""

    def writer(
        *commits: PlannedCommit, name: str = "origin.git", head: str = "refs/heads/main"
    ) -> tuple[Path, dict[str, str]]:
        path = tmp_path / name
        return path, write_repository(path, commits, head=head)

    return writer


@pytest.fixture
def git(tmp_path: Path) -> Runner:
    """Run git the way a person does."""
    home = tmp_path / "home"
    home.mkdir()
    environment = {
        "PATH": os.environ["PATH"],
        "HOME": os.fspath(home),
        "GIT_CONFIG_NOSYSTEM": "1",
        "GIT_AUTHOR_NAME": "Bo",
        "GIT_AUTHOR_EMAIL": "bo@example.org",
        "GIT_COMMITTER_NAME": "Bo",
        "GIT_COMMITTER_EMAIL": "bo@example.org",
    }

    def runner(directory: Path, *arguments: str, stdin: bytes = b"") -> bytes:
        done = subprocess.run(
            ["git", "-c", "protocol.file.allow=always", *arguments],
            cwd=directory,
            input=stdin,
            env=environment,
            capture_output=True,
            check=False,
        )
        assert done.returncode == 0, done.stderr
        return done.stdout.strip()

    return runner


@pytest.fixture
def origin(plan: Planner, write: Writer) -> tuple[Path, dict[str, str]]:
    """Give a small repository: three landings, one a merge, and two open heads."""
    pull = "refs/pull/7/head"
    return write(
        plan("one", {"a.py": b"a = 1\n", "docs/x.md": b"x\n"}),
        plan("side", {"b.py": b"b = 1\n"}, ["one"], refs=["refs/heads/side"]),
        plan("side2", {"b.py": b"b = 2\n"}, ["side"], refs=["refs/heads/side"]),
        plan("merge", {"b.py": b"b = 2\n"}, ["one", "side2"]),
        plan("two", {"a.py": b"a = 2\n"}, ["merge"]),
        plan("pull", {"c.py": b"c = 1\n"}, ["merge"], refs=[pull]),
        plan("pull2", {"c.py": b"c = 2\n"}, ["pull"], refs=[pull]),
        plan("request", {"d.py": b"d\n"}, ["two"], refs=["refs/merge-requests/3/head"]),
        plan("note", {"n": b"n\n"}, refs=["refs/notes/commits"]),
    )


class _Quiet(WSGIRequestHandler):
    def log_request(self, code: int | str = "-", size: int | str = "-") -> None:
        """Say nothing."""


@pytest.fixture
def served(tmp_path: Path) -> Iterator[str]:
    """Serve the repositories of the test's folder by git's own HTTP backend."""

    def app(environ: dict[str, str], start_response: Callable[..., object]) -> list[bytes]:
        passed = ("PATH_INFO", "QUERY_STRING", "REQUEST_METHOD", "HTTP_CONTENT_ENCODING")
        environment = {
            "GIT_PROJECT_ROOT": os.fspath(tmp_path),
            "GIT_HTTP_EXPORT_ALL": "1",
            "PATH": os.environ["PATH"],
            "GIT_PROTOCOL": environ.get("HTTP_GIT_PROTOCOL", ""),
            "CONTENT_TYPE": environ.get("CONTENT_TYPE", ""),
            **{name: environ.get(name, "") for name in passed},
        }
        stream = environ["wsgi.input"]
        body = stream.read(int(environ.get("CONTENT_LENGTH") or 0)) if stream else b""  # type: ignore[attr-defined]  # a file in a mapping of texts
        done = subprocess.run(
            ["git", "http-backend"], input=body, env=environment, capture_output=True, check=False
        )
        head, _, payload = done.stdout.partition(b"\r\n\r\n")
        headers = [tuple(line.split(": ", 1)) for line in head.decode().split("\r\n")]
        status = dict(headers).get("Status", "200 OK")
        start_response(status, [pair for pair in headers if pair[0] != "Status"])
        return [payload]

    server = make_server("127.0.0.1", 0, app, threaded=True, request_handler=_Quiet)
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    yield f"http://127.0.0.1:{server.server_port}"
    server.shutdown()
    thread.join()
    server.server_close()
