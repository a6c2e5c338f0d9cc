"""``reviewqueue attribute``: the answers in order, the errors apart."""

import json
import sys
from collections.abc import Iterable, Iterator
from pathlib import Path
from types import ModuleType

import pytest
from click.testing import CliRunner, Result

from reviewqueue.commands import cli
from reviewqueue.domain.attribution import UNATTRIBUTED, Attribution, Certainty
from reviewqueue.domain.people import Person

CLAUDE = Attribution(
    "claude",
    Certainty.DECLARED,
    Person("Ann \x1b[31mLee", "ann@corp.io"),
    ("trailer \u202eClaude",),
    "author of commit 1",
)


@pytest.fixture(name="branches", autouse=True)
def _branches(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """Stand in for the reading of git; return the branches it was asked about."""
    asked: list[str] = []

    def attribute_git(
        directory: Path, revs: Iterable[str], *, branch: str = ""
    ) -> Iterator[tuple[str, Attribution | str]]:
        assert directory.is_dir()
        asked.append(branch)
        for rev in revs:
            if rev.startswith("no"):
                yield rev, "no such\nrevision"
            else:
                yield rev, CLAUDE if rev.startswith("c") else UNATTRIBUTED

    module = ModuleType("reviewqueue.pipeline.scanning")
    module.attribute_git = attribute_git  # type: ignore[attr-defined]  # a stand-in
    monkeypatch.setitem(sys.modules, "reviewqueue.pipeline.scanning", module)
    return asked


def run(tmp_path: Path, *arguments: str, stdin: str | bytes = "") -> Result:
    return CliRunner().invoke(cli, ["attribute", "--git", str(tmp_path), *arguments], input=stdin)


def test_it_prints_one_object_a_line_in_order(tmp_path: Path) -> None:
    result = run(tmp_path, "c1", "h1", "--format", "jsonl")
    first, second = (json.loads(line) for line in result.stdout.splitlines())

    assert result.exit_code == 0
    assert list(first) == ["rev", "agent", "confidence", "operator", "evidence"]
    assert (first["rev"], first["agent"], first["confidence"]) == ("c1", "claude", "declared")
    assert first["operator"] == "Ann  [31mLee <ann@corp.io>"
    assert second == {
        "rev": "h1",
        "agent": None,
        "confidence": "none",
        "operator": None,
        "evidence": [],
    }


def test_it_reads_names_from_standard_input(tmp_path: Path) -> None:
    result = run(tmp_path, "--stdin", "--format", "jsonl", stdin=b"h2\n\nc\xff\nh1\n")

    assert result.exit_code == 0, result
    assert [json.loads(line)["rev"][0] for line in result.stdout.splitlines()] == ["h", "c", "h"]


def test_it_answers_the_rest_and_fails_at_the_end(tmp_path: Path) -> None:
    result = run(tmp_path, "h1", "no\x1b", "c1", "--format", "jsonl")

    assert result.exit_code == 2
    assert [json.loads(line)["rev"] for line in result.stdout.splitlines()] == ["h1", "c1"]
    assert result.stderr == "Error: no%1B: no such revision\n"


def test_it_prints_reasons_for_people_without_control_characters(tmp_path: Path) -> None:
    result = run(tmp_path, "c1", "h1")

    assert result.stdout.splitlines() == [
        "c1: claude (declared), run by Ann  [31mLee <ann@corp.io> (author of commit 1)",
        "  trailer  Claude",
        "h1: no agent seen (none)",
    ]


def test_it_passes_the_branch_on(tmp_path: Path, branches: list[str]) -> None:
    run(tmp_path, "c1", "--branch", "claude/fix")

    assert branches == ["claude/fix"]


@pytest.mark.parametrize("arguments", [(), ("--stdin", "h1"), ("h1", "--format", "xml")])
def test_it_refuses_what_it_cannot_mean(tmp_path: Path, arguments: tuple[str, ...]) -> None:
    result = run(tmp_path, *arguments)

    assert result.exit_code == 2
    assert "Traceback" not in result.output


def test_it_refuses_a_directory_that_is_not_there(tmp_path: Path) -> None:
    assert run(tmp_path / "gone", "h1").exit_code == 2
