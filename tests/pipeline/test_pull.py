"""Pulling: from anywhere, again and again, killed, starved and raced; nothing lost or twice."""
# The scene comes from a fixture, so its class has no name here.
# ruff: noqa: ANN401 -- a fixture's type lives in conftest

import json
import os
import re
import signal
import subprocess
import sys
import time
import zlib
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from reviewqueue.domain.change import DatedBy, RepositoryKind
from reviewqueue.pipeline import PullError
from reviewqueue.pipeline.heads import ForgeFacts
from reviewqueue.pipeline.pull import address_of, name_of

MAIN = "refs/heads/main"
PULL = "refs/pull/1/head"
Git = Callable[..., bytes]

FORKS = """
import json, os, signal, sys, traceback
from datetime import datetime

from reviewqueue.domain.change import RepositoryKind
from reviewqueue.forge.limits import LimitedScanner, Limits, forked
import reviewqueue.pipeline.pull
from reviewqueue.rules import catalogue
from reviewqueue.scan.engine import Scanner
from reviewqueue.settings import read_settings
from reviewqueue.store import Store

module = sys.modules["reviewqueue.pipeline.pull"]
scanner = Scanner(catalogue(), b"salt")
module.limited_scanner = lambda _: LimitedScanner(forked(scanner), Limits(60, 2048))
calls = limit = 0

def step(*_):
    global calls
    calls += 1
    if calls == limit:
        os.kill(os.getpid(), signal.SIGKILL)

class Counted(Store):
    def writing(self):
        step()
        return super().writing()

def pull(asked):
    global limit
    limit = asked["limit"]
    os.environ.clear()
    os.environ.update(asked["environment"])
    settings = read_settings()
    store = Counted(settings.store_url, settings.anchor)
    if asked["full"]:
        import resource
        signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
        resource.setrlimit(resource.RLIMIT_FSIZE, (asked["full"], asked["full"]))
    now = datetime.fromisoformat(asked["now"])
    module.pull(
        store, settings, asked["address"], now=now, kind=RepositoryKind.DEMO, progress=step
    )

for line in sys.stdin:
    asked = json.loads(line)
    if "wait" in asked:
        _, status = os.waitpid(asked["wait"], 0)
        print(os.waitstatus_to_exitcode(status), flush=True)
        continue
    pid = os.fork()
    if pid:
        print(pid, flush=True)
        continue
    os.dup2(os.open(asked["errors"], os.O_WRONLY | os.O_CREAT | os.O_TRUNC), 2)
    failed = 1
    try:
        pull(asked)
        failed = 0
    except BaseException:
        traceback.print_exc()
    finally:
        os._exit(failed)
"""
"""Pulls in copies of itself: a process for each pull, without the price of starting one."""


@dataclass
class Pulling:
    """A process that pulls, and where its errors go."""

    pid: int
    errors: Path


class Pullers:
    """Makes processes that pull."""

    def __init__(self, source: "subprocess.Popen[str]") -> None:
        self._source = source

    def start(self, scene: Any, limit: int = 0, full: int = 0) -> Pulling:
        """Begin a pull in a process that kills itself at the given step, if it gets there."""
        errors = scene.folder / f"errors-{time.monotonic_ns()}"
        asked = {
            "address": os.fspath(scene.origin),
            "environment": scene.environment(),
            "errors": os.fspath(errors),
            "full": full,
            "limit": limit,
            "now": scene.now.isoformat(),
        }
        return Pulling(self._ask(asked), errors)

    def end(self, pulling: Pulling) -> tuple[int, str]:
        """Wait for a process; return its code and what it said."""
        return self._ask({"wait": pulling.pid}), pulling.errors.read_text()

    def pull(self, scene: Any, limit: int = 0, full: int = 0) -> tuple[int, str]:
        """Pull in a process of its own."""
        return self.end(self.start(scene, limit, full))

    def _ask(self, asked: dict[str, Any]) -> int:
        assert self._source.stdin is not None
        assert self._source.stdout is not None
        self._source.stdin.write(f"{json.dumps(asked)}\n")
        self._source.stdin.flush()
        return int(self._source.stdout.readline())


@pytest.fixture(scope="module")
def pullers() -> Iterator[Pullers]:
    """A source of processes that pull."""
    with subprocess.Popen(
        [sys.executable, "-c", FORKS],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
        env={**os.environ, "PYTHONPATH": os.fspath(Path(__file__).parents[2])},
    ) as source:
        yield Pullers(source)
        assert source.stdin is not None
        source.stdin.close()


def busy(scene: Any) -> None:
    """Give a repository something of everything."""
    for number in range(1, 5):
        scene.propose(number)
    head = scene.tips[PULL]
    scene.merge(head, files={"part1.py": "part = 1\n"})
    scene.commit(MAIN, {"part2.py": "part = 2\n"}, message="Add part 2 (#2)")
    scene.commit(MAIN, {"direct.py": "direct = 1\n"}, agent=True)
    scene.commit(MAIN, {"odd.py": "odd = 1\n"}, agent=True, at=datetime(1999, 1, 1, tzinfo=UTC))
    scene.commit(MAIN, {"hand.py": "hand = 1\n"})
    scene.move("refs/heads/codex/three", scene.tips["refs/pull/3/head"])
    scene.commit("refs/heads/anna", {"e.py": "e = 1\n"}, on=(scene.tips[MAIN],))
    scene.propose(5, at=datetime(2099, 1, 1, tzinfo=UTC))


def busier(scene: Any) -> None:
    """Move everything on."""
    scene.commit("refs/pull/3/head", {"more.py": "more = 1\n"}, agent=True)
    scene.merge(scene.tips["refs/pull/4/head"], files={"part4.py": "part = 4\n"})
    scene.propose(6)
    scene.move("refs/pull/5/head", None)
    scene.commit(MAIN, {"again.py": "again = 1\n"}, agent=True)


# Where it comes from


def test_it_reads_a_bare_repository(scene: Any) -> None:
    scene.propose(1)
    scene.pull()
    with scene.store.reading() as reader:
        (repository,) = reader.repositories()
    assert (repository.id, repository.name) == ("acme-app", "acme/app")
    assert (repository.default_branch, repository.address) == ("main", os.fspath(scene.origin))
    assert scene.only().ref == PULL


def test_it_reads_a_file_url(scene: Any) -> None:
    scene.propose(1)
    scene.pull(address=f"file://{scene.origin}")
    assert scene.only().ref == PULL


def test_it_reads_a_working_clone_with_its_origins_branches(scene: Any, git: Git) -> None:
    scene.commit("refs/heads/claude/a", {"a.py": "a = 1\n"}, on=(scene.tips[MAIN],))
    clone = scene.folder / "clone"
    git(scene.folder, "clone", "-q", os.fspath(scene.origin), os.fspath(clone))
    git(clone, "switch", "-qc", "codex/b")
    (clone / "b.py").write_text("b = 1\n")
    git(clone, "add", "b.py")
    git(clone, "commit", "-qm", "Add b")
    scene.pull(address=os.fspath(clone), now=datetime.now(UTC))
    assert {change.ref for change in scene.open()} == {
        "refs/heads/claude/a",
        "refs/heads/codex/b",
    }
    with scene.store.reading() as reader:
        assert reader.repositories()[0].default_branch == "main"


def test_it_takes_the_same_place_for_the_same_repository(
    scene: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    scene.pull()
    monkeypatch.chdir(scene.origin.parent)
    scene.pull(address="app.git")
    assert scene.id == "acme-app"


def test_it_tells_repositories_of_one_name_apart(scene: Any, git: Git) -> None:
    other = scene.folder / "other" / "acme"
    other.mkdir(parents=True)
    git(other, "clone", "-q", "--bare", os.fspath(scene.origin), "app.git")
    first = scene.pull().repository
    second = scene.pull(address=os.fspath(other / "app.git")).repository
    assert first != second
    assert scene.pull(address=os.fspath(other / "app.git")).repository == second
    assert scene.pull().repository == first


@pytest.mark.parametrize(
    ("address", "name"),
    [
        ("https://git.example.org/team/project.git", "team/project"),
        ("https://git.example.org/team/project/", "team/project"),
        ("git@example.org:team/project.git", "team/project"),
        ("/srv/git/project/.git", "git/project"),
        ("file:///srv/git/project.git", "git/project"),
        ("/", "repository"),
        ("/srv/a\nb\x1b[31m", "srv/a?b?[31m"),
    ],
)
def test_it_names_a_repository_by_its_path(address: str, name: str) -> None:
    assert name_of(address) == name


def test_it_makes_paths_absolute_and_leaves_urls() -> None:
    assert address_of("https://example.org/a.git") == "https://example.org/a.git"
    assert address_of("git@example.org:a/b.git") == "git@example.org:a/b.git"
    assert Path(address_of("a/b")).is_absolute()


# Again


def test_it_records_nothing_at_all_when_nothing_is_new(scene: Any) -> None:
    busy(scene)
    scene.pull()
    before = scene.store.head()
    scene.now += timedelta(days=40)
    pulled = scene.pull()
    assert scene.store.head() == before
    assert pulled.landings == 0


def test_it_takes_only_what_is_new(scene: Any) -> None:
    busy(scene)
    first = scene.pull()
    assert first.landings == 5
    busier(scene)
    second = scene.pull()
    assert second.landings == 2
    assert len(scene.landings()) == 7
    once(scene)


def test_it_makes_one_change_of_many_pulls(scene: Any) -> None:
    scene.propose(1)
    for number in range(4):
        scene.pull()
        scene.commit(PULL, {f"{number}.py": "x = 1\n"}, agent=True)
    assert len(scene.shas(scene.only().id)) == 4


# Dates


def test_it_dates_a_backfill_by_commits_within_the_weeks_asked_for(scene: Any) -> None:
    shas = [
        scene.commit(MAIN, {f"{weeks}.py": "x = 1\n"}, at=scene.now - timedelta(weeks=weeks))
        for weeks in (6, 4, 2, 0)
    ]
    pulled = scene.pull(weeks=3)
    landings = scene.landings()
    assert set(landings) == set(shas[2:])
    assert {landing.dated_by for landing in landings.values()} == {DatedBy.COMMIT}
    assert landings[shas[2]].landed_at < scene.now - timedelta(weeks=1)
    assert pulled.left_out == {"landings before the window": 3}
    assert any("backfill" in note for note in pulled.notes)


def test_it_dates_what_comes_later_by_when_it_saw_it(scene: Any) -> None:
    scene.commit(MAIN, {"b.py": "b = 1\n"})
    scene.pull()
    sha = scene.commit(MAIN, {"a.py": "a = 1\n"}, at=scene.now - timedelta(weeks=100))
    pulled = scene.pull()
    landing = scene.landings()[sha]
    assert (landing.dated_by, landing.landed_at) == (DatedBy.SIGHTING, scene.now)
    assert not any("backfill" in note for note in pulled.notes)
    assert [jump.sha for jump in scene.jumps()] == [sha]


@pytest.mark.parametrize("year", [1970, 2099])
@pytest.mark.parametrize("place", [1, 2])
def test_it_lets_a_forged_date_move_itself_only(scene: Any, year: int, place: int) -> None:
    shas = []
    for number in range(3):
        day = scene.now - timedelta(days=20 - number)
        at = datetime(year, 1, 2, tzinfo=UTC) if number == place else day
        shas.append(scene.commit(MAIN, {f"{number}.py": "x = 1\n"}, agent=True, at=at))
    now = scene.now
    scene.pull()
    landings = scene.landings()
    assert set(landings) == set(shas)
    for sha in shas:
        assert now - timedelta(days=21) < landings[sha].landed_at <= scene.now
    honest = [sha for number, sha in enumerate(shas) if number != place]
    assert landings[honest[0]].landed_at.date() == (now - timedelta(days=20)).date()
    assert [(jump.kind, jump.sha) for jump in scene.jumps()] == [("date", shas[place])]
    assert f"claims {year}-01-02" in scene.jumps()[0].detail


def test_it_lists_a_rewritten_default_branch_and_keeps_what_landed(scene: Any) -> None:
    base = scene.tips[MAIN]
    kept = scene.commit(MAIN, {"a.py": "a = 1\n"}, agent=True)
    lost = scene.commit(MAIN, {"b.py": "b = 1\n"}, agent=True)
    scene.pull()
    new = scene.commit(MAIN, {"c.py": "c = 1\n"}, agent=True, on=(kept,))
    pulled = scene.pull()
    assert pulled.landings == 1
    assert set(scene.landings()) == {kept, lost, new}
    assert [(jump.kind, jump.sha) for jump in scene.jumps()] == [("rewrite", lost)]
    scene.move(MAIN, lost)
    scene.pull()
    assert set(scene.landings()) == {kept, lost, new}
    assert [jump.sha for jump in scene.jumps() if jump.kind == "rewrite"] == [lost, new]
    scene.move(MAIN, base)
    assert scene.pull().landings == 0
    assert len(scene.landings()) == 3


def test_it_does_not_begin_anew_when_the_default_branch_was_away(scene: Any) -> None:
    old = scene.commit(MAIN, {"a.py": "a = 1\n"}, agent=True)
    scene.propose(1)
    scene.pull()
    scene.move("refs/heads/elsewhere", old)
    scene.move("refs/heads/nowhere", old)
    scene.move(MAIN, None)
    pulled = scene.pull()
    assert any("default branch" in note for note in pulled.notes)
    scene.tips[MAIN] = old
    backdated = scene.now - timedelta(weeks=200)
    new = scene.commit(MAIN, {"b.py": "b = 1\n"}, agent=True, at=backdated)
    assert scene.pull().landings == 1
    landing = scene.landings()[new]
    assert (landing.dated_by, landing.landed_at) == (DatedBy.SIGHTING, scene.now)


# The forge's word


def test_it_believes_the_forge_about_a_change(scene: Any) -> None:
    scene.propose(1, agent=False)
    scene.pull()
    assert scene.open() == ()
    facts = {PULL: ForgeFacts(title="Better part", branch="codex/part", labels=("codex",))}
    scene.pull(facts=facts)
    change = scene.only()
    assert (change.title, change.branch) == ("Better part", "codex/part")


def test_it_closes_what_the_forge_closed_and_opens_it_again(scene: Any) -> None:
    scene.propose(1)
    scene.pull()
    change = scene.only()
    scene.pull(facts={PULL: ForgeFacts(closed=True)})
    assert scene.state(change.id) == "closed: closed on the forge"
    scene.pull(facts={PULL: ForgeFacts()})
    assert scene.only().id == change.id


def test_it_keeps_a_landed_change_landed_when_the_forge_speaks_of_it_again(scene: Any) -> None:
    scene.propose(1)
    scene.pull()
    change = scene.only()
    scene.commit(PULL, {"more.py": "more = 1\n"}, agent=True)
    scene.pull()
    files = {"part1.py": "part = 1\n", "more.py": "more = 1\n"}
    scene.commit(MAIN, files, message="Add part 1 (#1)")
    scene.pull()
    assert scene.state(change.id).startswith("landed")
    scene.pull(facts={PULL: ForgeFacts(title="Add part 1")})
    assert scene.open() == ()
    assert scene.state(change.id).startswith("landed")
    assert scene.heads()[PULL].change == change.id


# Killed, starved, raced


@pytest.fixture(scope="module")
def undisturbed(scene_in: Callable[[Path], Any], tmp_path_factory: Any) -> dict[str, Any]:
    """What is recorded by two pulls that nobody killed."""
    scene = scene_in(tmp_path_factory.mktemp("undisturbed"))
    scene.start()
    busy(scene)
    scene.pull()
    busier(scene)
    scene.pull()
    found = comparable(scene)
    scene.store.close()
    return found


def test_it_completes_after_a_kill_anywhere(
    make_scene: Callable[..., Any], undisturbed: Any, pullers: Pullers
) -> None:
    killed = 0
    for limit in (4, 11, 17, 24):
        scene = make_scene()
        scene.start()
        busy(scene)
        scene.now += timedelta(minutes=1)
        killed += pullers.pull(scene, limit)[0] == -signal.SIGKILL
        scene.sound()
        scene.pull(now=scene.now)
        busier(scene)
        scene.now += timedelta(minutes=1)
        killed += pullers.pull(scene, limit)[0] == -signal.SIGKILL
        scene.pull(now=scene.now)
        assert comparable(scene) == undisturbed
        once(scene)
    assert killed > 4


def test_it_completes_after_being_killed_again_and_again(
    make_scene: Callable[..., Any], undisturbed: Any, pullers: Pullers
) -> None:
    scene = make_scene()
    scene.start()
    busy(scene)
    scene.now += timedelta(minutes=1)
    for limit in (9, 18, 30):
        if pullers.pull(scene, limit)[0] == 0:
            break
    scene.pull(now=scene.now)
    busier(scene)
    scene.pull()
    assert comparable(scene) == undisturbed
    once(scene)


@pytest.mark.parametrize("size", [4_096, 150_000, 400_000])
def test_it_says_that_the_disk_is_full_and_completes_later(
    make_scene: Callable[..., Any], undisturbed: Any, pullers: Pullers, size: int
) -> None:
    scene = make_scene()
    scene.start()
    busy(scene)
    scene.now += timedelta(minutes=1)
    code, said = pullers.pull(scene, full=size)
    assert code == 1
    assert re.search(r"(StoreError|PullError|OperationalError): .", said.splitlines()[-1])
    scene.pull(now=scene.now)
    busier(scene)
    scene.pull()
    assert comparable(scene) == undisturbed


def test_it_says_in_one_line_that_the_disk_is_full(scene: Any) -> None:
    scene.propose(1)
    limited = f"ulimit -f 100; trap '' XFSZ; exec {sys.executable} -m reviewqueue pull"
    done = subprocess.run(
        ["bash", "-c", f"{limited} {scene.origin}"],
        env=scene.environment(),
        capture_output=True,
        text=True,
        check=False,
    )
    errors = [line for line in done.stderr.splitlines() if line.startswith("Error: ")]
    assert (done.returncode, len(errors)) == (2, 1), done.stderr
    assert "Traceback" not in done.stderr
    scene.pull(kind=RepositoryKind.PLAIN)
    assert scene.only().ref == PULL


def test_it_records_nothing_twice_when_two_pull_at_the_same_time(
    make_scene: Callable[..., Any], undisturbed: Any, pullers: Pullers
) -> None:
    scene = make_scene()
    scene.start()
    busy(scene)
    scene.now += timedelta(minutes=1)
    race(scene, pullers)
    busier(scene)
    scene.now += timedelta(minutes=1)
    race(scene, pullers)
    assert comparable(scene) == undisturbed
    once(scene)


def race(scene: Any, pullers: Pullers) -> None:
    """Pull in three processes at once."""
    for racer in [pullers.start(scene) for _ in range(3)]:
        code, said = pullers.end(racer)
        assert code == 0, said


def comparable(scene: Any) -> dict[str, Any]:
    """Return every table without times, folders, and how many landings each pull took."""
    tables: dict[str, Any] = scene.tables()
    tables.pop("pull")
    tables["repository"] = [row[:2] for row in tables["repository"]]
    return tables


def once(scene: Any) -> None:
    """Assert that nothing was recorded twice, at whatever time."""
    twice = {fact: count for fact, count in scene.facts().items() if count > 1}
    assert twice == {}


# Bad input


def test_it_says_in_one_line_what_cannot_be_read_and_reads_the_rest(
    scene: Any, tmp_path: Path, git: Git
) -> None:
    scene.propose(1)
    folder = tmp_path / "folder"
    folder.mkdir()
    git(tmp_path, "init", "-q", "--bare", "empty.git")
    done = scene.run(
        "pull",
        os.fspath(folder),
        os.fspath(tmp_path / "absent"),
        "http://127.0.0.1:9/a/b.git",
        "ext::sh -c touch% owned",
        os.fspath(tmp_path / "empty.git"),
        os.fspath(scene.origin),
    )
    assert done.returncode == 2
    errors = [line for line in done.stderr.splitlines() if line.startswith("Error: ")]
    assert len(errors) == 4
    assert "is not a git repository" in errors[0]
    assert "does not exist" in errors[1]
    assert "127.0.0.1" in errors[2]
    assert "Traceback" not in done.stdout + done.stderr
    assert "acme-app: 1 open changes by agents" in done.stdout
    assert "the repository is empty" in done.stdout
    assert not list(tmp_path.rglob("owned"))


def test_it_keeps_passwords_out_of_what_it_says(scene: Any) -> None:
    done = scene.run("pull", "http://someone:hunter2@127.0.0.1:9/a/b.git")
    assert done.returncode == 2
    assert "hunter2" not in done.stdout + done.stderr
    assert "hunter2" not in "".join(
        path.read_text(errors="replace")
        for path in scene.settings.data_dir.rglob("*")
        if path.is_file()
    )


def test_it_reads_a_path_that_begins_like_an_option(
    scene: Any, git: Git, monkeypatch: pytest.MonkeyPatch
) -> None:
    git(scene.folder, "clone", "-q", "--bare", os.fspath(scene.origin), "./--output=x")
    monkeypatch.chdir(scene.folder)
    done = scene.run("pull", "--", "--output=x")
    assert done.returncode == 0, done.stderr
    assert not (scene.folder / "x").exists()


def test_it_says_that_objects_are_corrupt(scene: Any, git: Git) -> None:
    clone = scene.folder / "loose"
    git(scene.folder, "clone", "-q", "--no-local", os.fspath(scene.origin), os.fspath(clone))
    (clone / "a.py").write_text("a = 1\n" * 50)
    git(clone, "add", "a.py")
    git(clone, "commit", "-qm", "Add a")
    blob = git(clone, "rev-parse", "HEAD:a.py").decode()
    commit = git(clone, "rev-parse", "HEAD").decode()
    for sha in (blob, commit):
        path = clone / ".git" / "objects" / sha[:2] / sha[2:]
        path.chmod(0o600)
        path.write_bytes(zlib.compress(b"blob 3\0abc"))
    done = scene.run("pull", os.fspath(clone))
    assert done.returncode == 2
    assert "Traceback" not in done.stderr
    assert len([line for line in done.stderr.splitlines() if line.startswith("Error: ")]) == 1


HOSTILE = [
    "refs/heads/--output=owned",
    "refs/heads/<script>alert(1)</script>",
    "refs/heads/$(touch${IFS}owned)",
    "refs/heads/claude/`touch${IFS}owned`",
    "refs/heads/\u202egnp.exe",
    "refs/heads/refs/heads/main",
    "refs/heads/HEAD",
    "refs/heads/" + "a" * 200,
]


def test_it_reads_branches_whatever_they_are_called(scene: Any) -> None:
    for number, ref in enumerate(HOSTILE):
        files = {f"h{number}.py": f"h = {number}\n"}
        scene.commit(ref, files, on=(scene.tips[MAIN],), agent=True)
    done = scene.run("pull", os.fspath(scene.origin))
    assert done.returncode == 0, done.stderr
    assert {change.ref for change in scene.open()} == set(HOSTILE)
    assert not list(scene.folder.rglob("owned"))


def test_it_reads_a_branch_that_is_not_utf8(scene: Any, git: Git) -> None:
    sha = scene.propose(1)
    line = b"create refs/heads/caf\xe9\0" + sha.encode() + b"\0"
    git(scene.origin, "update-ref", "--stdin", "-z", stdin=line)
    scene.pull()
    assert scene.only().ref == PULL
    assert len(scene.heads()) == 2


def test_it_fills_an_empty_repository_later(make_scene: Callable[..., Any], git: Git) -> None:
    scene = make_scene(kind=RepositoryKind.PLAIN)
    git(scene.folder, "init", "-q", "--bare", "-b", "main", os.fspath(scene.origin))
    pulled = scene.pull()
    assert (pulled.tip, pulled.landings, pulled.heads) == ("", 0, 0)
    before = scene.store.head()
    scene.pull()
    assert scene.store.head() == before
    scene.start()
    scene.commit(MAIN, {"a.py": "a = 1\n"}, agent=True)
    pulled = scene.pull()
    assert pulled.landings == 1
    assert any("backfill" in note for note in pulled.notes)


def test_it_records_no_repository_that_it_could_not_read(scene: Any, tmp_path: Path) -> None:
    with pytest.raises(PullError, match="does not exist"):
        scene.pull(address=os.fspath(tmp_path / "absent"))
    with scene.store.reading() as reader:
        assert reader.repositories() == ()
    scene.pull()


def test_it_says_that_a_clone_is_shallow(scene: Any, git: Git) -> None:
    for number in range(4):
        scene.commit(MAIN, {f"{number}.py": "x = 1\n"}, agent=True)
    clone = scene.folder / "shallow"
    address = f"file://{scene.origin}"
    git(scene.folder, "clone", "-q", "--depth", "2", address, os.fspath(clone))
    pulled = scene.pull(address=os.fspath(clone))
    assert any("shallow" in note for note in pulled.notes)
    assert pulled.landings == 2
