# The world of facts comes from a fixture, so its class has no name here.
# ruff: noqa: ANN401 -- a fixture's type lives in conftest

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from reviewqueue.commands import main
from reviewqueue.store import Store

Run = Callable[..., tuple[int, str, str]]


@pytest.fixture
def data(tmp_path: Path) -> Path:
    return tmp_path / "data"


@pytest.fixture
def run(data: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Run:
    """Run the command line; give its exit status, output and complaint."""
    monkeypatch.delenv("DATABASE_URL", raising=False)
    monkeypatch.setenv("REVIEWQUEUE_DATA_DIR", str(data))

    def run(*arguments: str) -> tuple[int, str, str]:
        monkeypatch.setattr("sys.argv", ["reviewqueue", *arguments])
        capsys.readouterr()
        with pytest.raises(SystemExit) as left:
            main()
        said = capsys.readouterr()
        return int(left.value.code or 0), said.out, said.err

    return run


@pytest.fixture
def filled(data: Path, world: Any) -> Store:
    store = Store(f"sqlite:///{data / 'reviewqueue.db'}", data / "ledger-head")
    store.upgrade()
    world.fill(store, 2)
    store.close()
    return store


def test_it_creates_the_database_once_and_verifies_it(run: Run, data: Path) -> None:
    assert run("db", "upgrade") == (0, "upgraded\n", "")
    assert run("db", "upgrade") == (0, "up to date\n", "")
    code, said, _ = run("ledger", "verify")
    assert code == 0
    assert said.startswith("sound: 0 events")
    assert (data / "reviewqueue.db").exists()


def test_it_exits_with_2_in_one_line_where_nothing_can_be_told(run: Run, data: Path) -> None:
    head = "1:" + "0" * 64
    for arguments in (
        ("ledger", "verify"),
        ("ledger", "export"),
        ("ledger", "verify", "--head", "nonsense"),
        ("ledger", "verify", "--head", head, "--database", "sqlite:////nowhere/r.db"),
        ("ledger", "verify", "--database", "nonsense"),
        ("ledger", "verify", "--database", f"sqlite:///{Path(__file__)}"),
        ("ledger", "verify", "--database", "postgresql://u:secret@127.0.0.1:1/x"),
    ):
        code, said, complaint = run(*arguments)
        assert (code, said) == (2, ""), arguments
        assert complaint.startswith("Error: ")
        assert complaint.count("\n") == 1
        assert "secret" not in complaint
    assert not data.exists()


def test_it_tells_the_sound_from_the_touched_by_its_exit(run: Run, filled: Store) -> None:
    head = filled.head()
    code, said, _ = run("ledger", "verify")
    assert code == 0
    assert f"head: {head}\n" in said
    assert run("ledger", "verify", "--head", str(head))[0] == 0
    code, said, _ = run("ledger", "verify", "--head", f"{head.seq + 1}:{head.hash}")
    assert code == 1
    assert said.startswith(f"NOT SOUND: the ledger ends at event {head.seq}")
    assert said.count("\n") == 1


def test_it_says_when_no_head_was_there_to_check_against(
    run: Run, filled: Store, data: Path, tmp_path: Path
) -> None:
    filled.close()
    copy = (data / "reviewqueue.db").rename(tmp_path / "copy.db")
    code, said, _ = run("ledger", "verify", "--database", f"sqlite:///{copy}")
    assert code == 0
    assert "checked against no head" in said


def test_it_exports_to_a_file_and_to_standard_output(
    run: Run, filled: Store, tmp_path: Path
) -> None:
    code, lines, complaint = run("ledger", "export")
    assert (code, complaint) == (0, f"{filled.head().seq} events\n")
    assert [json.loads(line)["seq"] for line in lines.splitlines()] == list(
        range(1, filled.head().seq + 1)
    )
    assert run("ledger", "export", str(tmp_path / "l.jsonl"))[0] == 0
    assert (tmp_path / "l.jsonl").read_text() == lines


@pytest.mark.parametrize("command", ["ledger", "ledger verify", "ledger export", "db upgrade"])
def test_it_teaches(run: Run, command: str) -> None:
    code, said, _ = run(*command.split(), "--help")
    assert code == 0
    assert len(said.splitlines()) > 7
