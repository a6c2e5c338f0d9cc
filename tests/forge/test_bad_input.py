import errno
import os
import signal
import subprocess
import sys
import textwrap
import time
from collections.abc import Callable
from pathlib import Path
from unittest.mock import Mock

import pytest

from reviewqueue.forge.git.clone import Quarantine
from reviewqueue.forge.git.command import Git, GitError, explain, strip_credentials
from reviewqueue.forge.git.fast_import import PlannedCommit
from reviewqueue.forge.git.mirror import Mirror, sync

Written = tuple[Path, dict[str, str]]
Planner = Callable[..., PlannedCommit]
Writer = Callable[..., tuple[Path, dict[str, str]]]
Runner = Callable[..., bytes]


def _one_line(error: pytest.ExceptionInfo[GitError]) -> str:
    message = str(error.value)
    assert message
    assert message.isprintable()
    assert len(message) < 400
    return message


def test_it_says_that_a_folder_is_no_repository(tmp_path: Path) -> None:
    (tmp_path / "folder").mkdir()
    (tmp_path / "file").write_text("x")
    (tmp_path / "odd").mkdir()
    (tmp_path / "odd" / ".git").write_text("gitdir: /nowhere\n")
    for name, words in [
        ("folder", "is not a git repository"),
        ("file", "is not a git repository"),
        ("odd", "is not a git repository"),
        ("absent\nline", "does not exist"),
    ]:
        with pytest.raises(GitError) as error:
            sync(str(tmp_path / name), tmp_path / "m")
        assert words in _one_line(error)
        with pytest.raises(GitError), Quarantine(tmp_path / name):
            pass
    with pytest.raises(GitError):
        sync("", tmp_path / "m")
    with pytest.raises(GitError):
        sync("a\0b", tmp_path / "m")


def test_it_says_that_an_address_cannot_be_reached(tmp_path: Path, served: str) -> None:
    for address, words in [
        ("http://anna:hunter2@127.0.0.1:1/x.git", "cannot be reached"),
        ("git://127.0.0.1:1/x.git", "cannot be reached"),
        (f"{served.replace('//', '//anna:hunter2@')}/absent.git", "is not a git repository"),
        ("ext::sh -c touch% PWNED", "refused protocol"),
        ("gopher://127.0.0.1/hunter2", "refused protocol"),
        ("nobody@host.invalid:hunter2.git", ""),
    ]:
        with pytest.raises(GitError) as error:
            sync(address, tmp_path / "m")
        assert words in _one_line(error)
        assert "hunter2@" not in _one_line(error)
    assert not list(tmp_path.rglob("PWNED"))
    kept = [file.read_bytes() for file in (tmp_path / "m").rglob("*") if file.is_file()]
    assert not any(b"hunter2" in content for content in kept)


def test_it_takes_credentials_out_of_addresses() -> None:
    assert strip_credentials("https://a:b@c.example/d.git") == "https://c.example/d.git"
    assert strip_credentials("https://token@c.example/d@e") == "https://c.example/d@e"
    assert strip_credentials("https://a:p@ss@c.example/d") == "https://c.example/d"
    assert strip_credentials("ssh://git:pw@c.example/d") == "ssh://git@c.example/d"
    assert strip_credentials("git@c.example:d/e") == "git@c.example:d/e"
    assert strip_credentials("/a/b@c") == "/a/b@c"
    assert strip_credentials("see 'http://a:b@c/' now") == "see 'http://c/' now"


def test_it_explains_a_failure_in_one_line() -> None:
    said = explain(128, ["remote: \x1b[31mhello", "fatal: no\tsuch \x07thing"], "https://a:b@c/d")
    assert said == "git failed on https://c/d: no?such ?thing"
    assert "SIGKILL" in explain(-9, [], "x")
    assert "disk is full" in explain(128, ["error: No space left on device"], "x")


def test_it_mirrors_an_empty_repository(write: Writer, tmp_path: Path) -> None:
    path, _ = write()
    mirror = sync(str(path), tmp_path / "m")
    assert (mirror.default_branch(), mirror.tip(), mirror.heads()) == ("", "", {})
    assert mirror.first_parent() == ()
    assert list(mirror.history(5)) == []
    assert not mirror.contains("1" * 40)
    assert mirror.pending({"refs/pull/1/head": "1" * 40})["refs/pull/1/head"].problem
    with Quarantine(path) as quarantine, pytest.raises(GitError, match="names no commit"):
        quarantine.resolve("HEAD")


def test_it_says_that_objects_are_damaged(origin: Written, git: Runner, tmp_path: Path) -> None:
    path, ids = origin
    tree = git(path, "rev-parse", f"{ids['merge']}^{{tree}}").decode()
    loose = path / "objects" / tree[:2] / tree[2:]
    content = loose.read_bytes()
    loose.chmod(0o600)
    loose.write_bytes(content[:8] + bytes(byte ^ 0x55 for byte in content[8:]))
    with pytest.raises(GitError) as error:
        sync(str(path), tmp_path / "m")
    assert "damaged or missing objects" in _one_line(error)
    assert Mirror(tmp_path / "m").tip() == ""
    loose.write_bytes(content)
    assert sync(str(path), tmp_path / "m").tip() == ids["two"]


def test_it_says_that_a_pack_is_cut_short(origin: Written, git: Runner, tmp_path: Path) -> None:
    path, ids = origin
    git(path, "repack", "-adq")
    [pack] = (path / "objects" / "pack").glob("*.pack")
    pack.chmod(0o600)
    content = pack.read_bytes()
    pack.write_bytes(content[: len(content) // 2])
    with pytest.raises(GitError) as error:
        sync(str(path), tmp_path / "m")
    _one_line(error)
    with Quarantine(path) as quarantine, pytest.raises(GitError):
        quarantine.resolve(ids["two"])


def test_it_says_that_content_is_damaged_when_it_is_read(
    plan: Planner, write: Writer, git: Runner
) -> None:
    path, ids = write(plan("a", {"a.py": b"a = 1\n", "b.bin": os.urandom(9000)}))
    files = {}
    for name in ("a.py", "b.bin"):
        blob = git(path, "rev-parse", f"{ids['a']}:{name}").decode()
        files[name] = path / "objects" / blob[:2] / blob[2:]
        files[name].chmod(0o600)
    files["a.py"].write_bytes(b"garbage")
    with Quarantine(path) as quarantine:
        [ends] = quarantine.resolve("main").diffs
        found = quarantine.diff(*ends)
        assert (b"a.py", "missing object") in {(u.path, u.reason) for u in found.unread}
        files["b.bin"].write_bytes(files["b.bin"].read_bytes()[:5000])
        with pytest.raises(GitError) as error:
            quarantine.diff(*ends)
    assert "damaged" in _one_line(error)


def test_it_follows_a_branch_named_like_an_option(
    origin: Written, git: Runner, tmp_path: Path
) -> None:
    path, ids = origin
    for branch in ("--output=x", "-h", "--all"):
        git(path, "update-ref", f"refs/heads/{branch}", ids["pull"])
    mirror = sync(str(path), tmp_path / "m")
    found = mirror.pending(mirror.heads())
    for branch in ("--output=x", "-h", "--all"):
        assert [c.sha for c in found[f"refs/heads/{branch}"].commits] == [ids["pull"]]
    (path / "HEAD").write_text("ref: refs/heads/--output=x\n")
    mirror = sync(str(path), tmp_path / "m")
    assert mirror.default_branch() == "--output=x"
    assert mirror.first_parent()[-1].sha == ids["pull"]
    assert b"+c = 1" in mirror.diff(ids["merge"], mirror.tip()).patch


def test_it_never_takes_a_name_for_an_option(
    origin: Written, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path, ids = origin
    monkeypatch.chdir(tmp_path)
    target = tmp_path / "written"
    mirror = sync(str(path), tmp_path / "m")
    for name in (f"--output={target}", f"-o{target}", f"{ids['one']} --output={target}", "main"):
        with pytest.raises(GitError):
            mirror.diff("", name)
        with pytest.raises(GitError):
            mirror.diff(name, ids["one"])
        with pytest.raises(GitError):
            mirror.commits([name], ids["one"])
        with pytest.raises(GitError):
            mirror.read(name, "a.py")
        with pytest.raises(GitError):
            mirror.merges_cleanly_to(ids["one"], name, ids["one"])
    with Quarantine(path) as quarantine:
        for name in (f"--output={target}", f"..--output={target}", "--all", "-h", "--stdin"):
            with pytest.raises(GitError, match="names no commit"):
                quarantine.resolve(name)
    assert not target.exists()


def test_it_says_that_the_disk_is_full_and_pulls_again(
    plan: Planner, write: Writer, tmp_path: Path
) -> None:
    path, ids = write(plan("a", {"big": os.urandom(3 << 20)}))
    limited = textwrap.dedent(
        """
        import resource, sys
        from pathlib import Path
        from reviewqueue.forge.git.command import GitError
        from reviewqueue.forge.git.mirror import sync
        resource.setrlimit(resource.RLIMIT_FSIZE, (1 << 20, 1 << 20))
        try:
            sync(sys.argv[1], Path(sys.argv[2]))
        except GitError as error:
            print(error)
        """
    )
    done = subprocess.run(
        [sys.executable, "-c", limited, str(path), str(tmp_path / "m")],
        capture_output=True,
        text=True,
        check=True,
    )
    assert "disk is full" in done.stdout
    assert done.stdout.count("\n") == 1
    assert Mirror(tmp_path / "m").tip() == ""
    mirror = sync(str(path), tmp_path / "m")
    assert mirror.tip() == ids["a"]
    assert not list((tmp_path / "m").rglob("tmp_*"))


def test_it_says_that_the_disk_is_full_when_it_writes_itself(
    origin: Written, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path, ids = origin
    with monkeypatch.context() as patched:
        full = OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))
        patched.setattr(Path, "replace", Mock(side_effect=full))
        with pytest.raises(GitError, match="No space left"):
            sync(str(path), tmp_path / "m")
    assert sync(str(path), tmp_path / "m").tip() == ids["two"]


def test_it_pulls_again_after_being_killed_anywhere(
    plan: Planner, write: Writer, git: Runner, tmp_path: Path
) -> None:
    chain = [
        plan(f"c{n}", {f"f{n}": os.urandom(20_000)}, [f"c{n - 1}"] if n else []) for n in range(60)
    ]
    path, ids = write(*chain)
    script = (
        "import sys; from pathlib import Path; from reviewqueue.forge.git.mirror import sync;"
        "sync(sys.argv[1], Path(sys.argv[2]), lambda *step: print(*step, flush=True))"
    )
    killed = 0
    for turn in range(8):
        process = subprocess.Popen(
            [sys.executable, "-c", script, str(path), str(tmp_path / "m")],
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
        )
        for _ in range(turn * 20 + 1):
            process.stdout.readline()
        killed += process.poll() is None
        process.send_signal(signal.SIGKILL)
        process.wait()
        process.stdout.close()
    assert killed
    mirror = sync(str(path), tmp_path / "m")
    assert mirror.tip() == ids["c59"]
    assert len(mirror.first_parent()) == 60
    assert not list((tmp_path / "m").glob("reviewqueue-*"))
    git(tmp_path / "m", "fsck", "--strict")


def test_it_cleans_up_what_a_killed_pull_left(origin: Written, tmp_path: Path) -> None:
    path, ids = origin
    sync(str(path), tmp_path / "m")
    left = [
        "packed-refs.lock",
        "HEAD.lock",
        "config.lock",
        "refs/heads/main.lock",
        "shallow.lock",
        "objects/pack/tmp_pack_abc",
        "objects/pack/.tmp-1-pack-abc.pack",
        "objects/aa/tmp_obj_abc",
        "objects/tmp_objdir-incoming-abc/pack/x",
        "objects/info/commit-graph.lock",
        "config.1.new",
    ]
    for name in left:
        (tmp_path / "m" / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / "m" / name).write_text("x")
    (tmp_path / "m" / "config").write_text("[core")
    (tmp_path / "m" / "HEAD").write_text("")
    assert sync(str(path), tmp_path / "m").tip() == ids["two"]
    assert not [name for name in left if (tmp_path / "m" / name).exists()]


def test_it_lets_only_one_pull_at_a_time_into_a_mirror(
    origin: Written, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path, _ = origin
    sync(str(path), tmp_path / "m")
    script = (
        "import fcntl, sys; f = open(sys.argv[1]); fcntl.flock(f, fcntl.LOCK_EX);"
        "print(flush=True); sys.stdin.read()"
    )
    holder = subprocess.Popen(
        [sys.executable, "-c", script, str(tmp_path / "m" / "pull-lock")],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
    )
    holder.stdout.readline()
    monkeypatch.setattr("reviewqueue.forge.git.mirror.PATIENCE", 0.1)
    with pytest.raises(GitError, match="still running"):
        sync(str(path), tmp_path / "m")
    holder.communicate()
    sync(str(path), tmp_path / "m")


def test_it_says_where_a_mirror_cannot_be_kept(origin: Written, tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(GitError, match="cannot keep a mirror"):
        sync(str(origin[0]), tmp_path / "file" / "m")


def test_it_ends_a_git_that_takes_too_long(origin: Written) -> None:
    git = Git(origin[0], name="slow")
    started = time.monotonic()
    with pytest.raises(GitError, match="took more than"):
        git.run("-c", "alias.slow=!sleep 60 & wait", "slow", timeout=0.3)
    assert time.monotonic() - started < 50


def test_it_says_that_git_is_missing(
    origin: Written, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PATH", str(tmp_path / "empty"))
    with pytest.raises(GitError) as error:
        Git(origin[0]).run("version")
    assert "git" in _one_line(error)


def test_it_takes_nothing_from_the_environment_it_runs_in(
    origin: Written, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path, ids = origin
    marker = tmp_path / "marker"
    config = tmp_path / "config"
    config.write_text(f"[core]\n\tfsmonitor = touch {marker}\n[alias]\n\tdiff-tree = !false\n")
    (tmp_path / "attributes").write_text("* -diff\n")
    for name, value in {
        "GIT_DIR": "/nowhere",
        "GIT_WORK_TREE": "/nowhere",
        "GIT_INDEX_FILE": "/nowhere",
        "GIT_OBJECT_DIRECTORY": "/nowhere",
        "GIT_EXTERNAL_DIFF": f"touch {marker};",
        "GIT_DIFF_OPTS": "-u0",
        "GIT_CONFIG": str(config),
        "GIT_CONFIG_GLOBAL": str(config),
        "GIT_CONFIG_COUNT": "1",
        "GIT_CONFIG_KEY_0": "diff.external",
        "GIT_CONFIG_VALUE_0": f"touch {marker};",
        "GIT_CONFIG_PARAMETERS": f"'diff.external=touch {marker};'",
        "GIT_TRACE": str(marker),
        "GIT_EXEC_PATH": "/nowhere",
        "GIT_NAMESPACE": "elsewhere",
        "LC_ALL": "de_DE.UTF-8",
        "XDG_CONFIG_HOME": str(tmp_path),
    }.items():
        monkeypatch.setenv(name, value)
    monkeypatch.delenv("HOME", raising=False)
    mirror = sync(str(path), tmp_path / "m")
    assert mirror.tip() == ids["two"]
    assert b" a = 1\n" not in mirror.diff(ids["merge"], ids["two"]).patch
    assert b"-a = 1\n+a = 2\n" in mirror.diff(ids["merge"], ids["two"]).patch
    assert not marker.exists()
