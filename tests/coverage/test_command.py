"""``reviewqueue report`` on a real store."""

import json
from pathlib import Path

import pytest
from click.testing import CliRunner

from reviewqueue.commands import cli
from reviewqueue.settings import read_settings
from reviewqueue.store import Store


@pytest.fixture
def runner(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> CliRunner:
    monkeypatch.setenv("REVIEWQUEUE_DATA_DIR", str(tmp_path))
    monkeypatch.delenv("DATABASE_URL", raising=False)
    settings = read_settings()
    store = Store(settings.store_url, settings.anchor)
    store.upgrade()
    store.close()
    return CliRunner()


def test_it_prints_an_honest_report_of_an_empty_store(runner: CliRunner) -> None:
    result = runner.invoke(cli, ["report"])
    assert result.exit_code == 0
    assert "NOT ENOUGH DATA" in result.output


def test_it_prints_every_form_of_the_week_asked_for(runner: CliRunner) -> None:
    page = runner.invoke(cli, ["report", "--week", "2026-W40", "--format", "html"])
    assert page.exit_code == 0
    assert page.output.startswith("<!doctype html>")
    data = runner.invoke(cli, ["report", "--week", "2026-W40", "--format", "json"])
    assert data.exit_code == 0
    assert json.loads(data.output)["week"] == "2026-W40"


@pytest.mark.parametrize(
    "arguments",
    [
        ["--week", "yesterday"],
        ["--week", "2026-W99"],
        ["--week", "9000-W01"],
        ["--format", "pdf"],
        ["--repository", "nowhere"],
    ],
)
def test_it_refuses_in_one_line_and_exits_2(runner: CliRunner, arguments: list[str]) -> None:
    result = runner.invoke(cli, ["report", *arguments])
    assert result.exit_code == 2
    said = [line for line in result.output.splitlines() if line.startswith("Error:")]
    assert len(said) == 1
    assert "Traceback" not in result.output


def test_it_says_where_it_looked_for_a_database(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("REVIEWQUEUE_DATA_DIR", str(tmp_path / "nowhere"))
    monkeypatch.delenv("DATABASE_URL", raising=False)
    result = CliRunner().invoke(cli, ["report"])
    assert result.exit_code == 2
    assert "no database" in result.output
