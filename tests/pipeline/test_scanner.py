"""What stops the scanner, in a pull and on the command line: told, recorded, not repeated."""
# ruff: noqa: ANN401 -- a fixture's type lives in conftest

import io
import json
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from reviewqueue.commands import main
from reviewqueue.commands import scan as command
from reviewqueue.domain.finding import Risk
from reviewqueue.domain.verdict import VerdictStatus
from reviewqueue.pipeline import PullError, scanner
from reviewqueue.settings import Settings

RULES = """
import os, time
from pathlib import Path
from reviewqueue.domain.finding import Confidence, Pathway, Severity
from reviewqueue.scan.rule import Hit, Rule, Stability

def hurt(view):
    if any(b"LOOP" in file.added for file in view.files):
        with Path(__file__).with_name("tried").open("a") as tried:
            tried.write(".")
        while True:
            time.sleep(1)
    for file in view.files:
        if b"BAD" in file.added:
            yield Hit(message="is bad", text="BAD", path=file.path)

def rules():
    if Path(__file__).with_name("broken").exists():
        raise ValueError("out of order")
    return [Rule(id="hurt", pathway=Pathway.BACKDOOR, severity=Severity.MEDIUM, check=hurt,
                 confidence=Confidence.HIGH, stability=Stability.STABLE, summary="hurts")]
"""


@pytest.fixture
def rules(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """A catalogue of one rule, which loops where a diff says so."""
    folder = tmp_path / "rules"
    folder.mkdir()
    (folder / "looping_rules.py").write_text(RULES)
    monkeypatch.syspath_prepend(folder)
    monkeypatch.delitem(sys.modules, "looping_rules", raising=False)
    monkeypatch.setattr(scanner, "CATALOGUE", "looping_rules:rules")
    scanner._scanner.cache_clear()
    yield folder
    scanner._scanner.cache_clear()


@pytest.fixture
def hurried(make_scene: Callable[..., Any], rules: Path) -> Any:
    """A scene whose scans may take a second."""
    assert rules.is_dir()
    scene = make_scene()
    scene.settings = scene.settings.model_copy(update={"scan_seconds": 1})
    scene.start()
    return scene


def test_a_change_that_stops_the_scanner_is_unscannable_and_held(hurried: Any, rules: Path) -> None:
    hurried.propose(1, {"a.py": "LOOP\n"})
    hurried.propose(2, {"b.py": "BAD\n"})
    hurried.pull()
    found = {}
    with hurried.store.reading() as reader:
        for change in hurried.open():
            scan = reader.scan(change.id, hurried.shas(change.id)[-1])
            found[scan.unscannable] = (scan.risk, reader.verdict(change.id).verdict.status)
    assert found == {
        "the scan was stopped: more than 1 s": (Risk.HIGH, VerdictStatus.UNSATISFIED),
        None: (Risk.MEDIUM, VerdictStatus.UNSATISFIED),
    }
    assert (rules / "tried").read_text() == ".."


def test_it_is_not_tried_again_by_the_next_pull(hurried: Any, rules: Path) -> None:
    hurried.propose(1, {"a.py": "LOOP\n"})
    hurried.pull()
    before = hurried.facts()
    scanner._scanner.cache_clear()
    hurried.pull()
    assert hurried.facts() == before
    assert (rules / "tried").read_text() == ".."


def test_where_nothing_can_scan_nothing_is_recorded_as_scanned(hurried: Any, rules: Path) -> None:
    hurried.propose(1, {"b.py": "BAD\n"})
    (rules / "broken").touch()
    with pytest.raises(PullError, match="could not be made: ValueError: out of order"):
        hurried.pull()
    assert not hurried.open()
    (rules / "broken").unlink()
    hurried.pull()
    with hurried.store.reading() as reader:
        change = hurried.only()
        assert reader.scan(change.id, hurried.shas(change.id)[-1]).risk is Risk.MEDIUM


def test_the_settings_limit_it() -> None:
    settings = Settings(secret_key="s" * 32, scan_seconds=7, scan_megabytes=300)
    limited = scanner.limited_scanner(settings)
    assert (limited._limits.seconds, limited._limits.megabytes) == (7, 300)
    assert scanner.limited_scanner(settings) is limited


def test_the_command_goes_on_after_a_diff_that_stops_the_scanner(
    rules: Path,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsysbinary: pytest.CaptureFixture[bytes],
) -> None:
    import looping_rules  # noqa: PLC0415 -- written by the fixture

    assert rules.is_dir()
    names = []
    for line in ("LOOP", "BAD", "good"):
        names.append(str(tmp_path / f"{line}.diff"))
        patch = "diff --git a/a b/a\nnew file mode 100644\n--- /dev/null\n+++ b/a\n"
        Path(names[-1]).write_text(f"{patch}@@ -0,0 +1 @@\n+{line}\n")
    monkeypatch.setattr(command, "catalogue", looping_rules.rules)
    monkeypatch.setattr(command, "CATALOGUE", "looping_rules:rules")
    monkeypatch.setattr(sys, "argv", ["reviewqueue", "scan", "--format=jsonl", "--diff", *names])
    monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO()))
    monkeypatch.setenv("REVIEWQUEUE_SCAN_SECONDS", "1")
    monkeypatch.setenv("REVIEWQUEUE_DATA_DIR", str(tmp_path / "data"))
    with pytest.raises(SystemExit) as caught:
        main()
    assert caught.value.code == 1
    rows = [json.loads(line) for line in capsysbinary.readouterr().out.splitlines()]
    assert [row["unscannable"] for row in rows] == [
        "the scan was stopped: more than 1 s",
        None,
        None,
    ]
    assert [row["risk"] for row in rows] == ["high", "medium", "none"]
