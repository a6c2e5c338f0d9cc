"""The whole way by hand: from a repository through the queue to the weekly report."""

import os
import re
import socket
import subprocess
import sys
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Page, expect

from reviewqueue.coverage import week_of
from reviewqueue.domain.people import Person
from reviewqueue.forge.git.fast_import import (
    FileChange,
    PlannedCommit,
    move_refs,
    write_repository,
)

ADA = Person("Ada Lovelace", "ada@example.org")
BO = Person("Bo Diddley", "bo@example.org")
EVE = Person("Eve Operator", "eve@example.org")
NOW = datetime.now(UTC).replace(microsecond=0)
BACKDOOR = b"""import base64

exec(base64.b64decode("cHJpbnQoJ2hlbGxvJyk="))
"""
MESSAGE = """Load the palette at start

Co-Authored-By: Claude <noreply@anthropic.com>
"""


@pytest.fixture(scope="session")
def browser_type_launch_args(browser_type_launch_args: dict[str, Any]) -> dict[str, Any]:
    flags = (
        *("no-sandbox", "disable-gpu", "disable-quic", "no-first-run", "disable-sync"),
        *("disable-background-networking", "disable-component-update"),
    )
    return {
        **browser_type_launch_args,
        "executable_path": "/usr/bin/chromium",
        "args": [f"--{flag}" for flag in flags],
    }


@pytest.fixture(scope="session")
def base_url() -> None:
    """Stand in for the plugin's own, whose form pytest 9 warns about."""


@dataclass(frozen=True)
class Installation:
    """A data folder, a repository to pull, and the product's own command line."""

    repository: Path
    commits: dict[str, str]
    environment: dict[str, str]

    def run(self, *arguments: str) -> str:
        command = [sys.executable, "-m", "reviewqueue", *arguments]
        done = subprocess.run(
            command, env=self.environment, capture_output=True, text=True, check=False, timeout=120
        )
        assert done.returncode == 0, done.stderr
        return done.stdout


def commit(
    key: str,
    who: Person,
    days: float,
    files: dict[str, bytes],
    message: str,
    parents: Sequence[str] = (),
    refs: Sequence[str] = (),
) -> PlannedCommit:
    return PlannedCommit(
        key=key,
        author=who,
        at=NOW - timedelta(days=days),
        message=message,
        files=[FileChange(path.encode(), content) for path, content in files.items()],
        parents=parents,
        refs=refs,
    )


@pytest.fixture
def installation(tmp_path: Path) -> Installation:
    repository = tmp_path / "origin.git"
    ground = {"app/main.py": b"print('hello')\n", "CODEOWNERS": b"/app/ ada@example.org\n"}
    commits = write_repository(
        repository,
        [
            commit("start", ADA, 20, ground, message="Start", refs=["refs/heads/main"]),
            commit(
                *("doc", BO, 10, {"README": b"An app.\n"}, "Say what it is"),
                parents=["start"],
                refs=["refs/heads/main"],
            ),
            commit(
                *("head", EVE, 1, {"app/palette.py": BACKDOOR}, MESSAGE),
                parents=["doc"],
                refs=["refs/pull/7/head", "refs/heads/claude/palette"],
            ),
            commit(
                *("merge", BO, 0, {"app/palette.py": BACKDOOR}),
                message="Merge pull request #7 from claude/palette\n\nLoad the palette at start\n",
                parents=["doc", "head"],
            ),
        ],
    )
    environment = {
        **os.environ,
        "PYTHONPATH": str(Path(__file__).parent.parent),
        "REVIEWQUEUE_DATA_DIR": str(tmp_path / "data"),
    }
    return Installation(repository, commits, environment)


@pytest.fixture
def address(installation: Installation) -> Iterator[str]:
    """Serve the installation, once its repository has been pulled."""
    installation.run("pull", str(installation.repository))
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    command = [sys.executable, "-m", "reviewqueue", "serve", "--dev", "--port", str(port)]
    server = subprocess.Popen(command, env=installation.environment, stderr=subprocess.DEVNULL)
    try:
        for _ in range(300):
            with socket.socket() as probe:
                if probe.connect_ex(("127.0.0.1", port)) == 0:
                    break
            assert server.poll() is None, "the server ended"
            time.sleep(0.1)
        yield f"http://127.0.0.1:{port}"
    finally:
        server.terminate()
        server.wait(timeout=30)


def act_as(page: Page, address: str, name: str) -> None:
    page.goto(f"{address}/sign-in")
    page.get_by_role("button", name=name).click()


def test_it_goes_from_queue_to_decision_to_landing_to_report(
    page: Page, address: str, installation: Installation
) -> None:
    page.goto(address)
    row = page.locator("tr[data-stop]")
    expect(row).to_have_count(1)
    expect(row).to_contain_text("Load the palette at start")
    expect(row).to_contain_text("claude")

    act_as(page, address, "Ada Lovelace")
    page.goto(address)
    page.get_by_role("link", name="Load the palette at start").click()
    change = page.url
    expect(page.locator("#verdict")).to_contain_text("unsatisfied")
    finding = page.get_by_role("article", name="decode-and-execute")
    expect(finding).to_contain_text("app/palette.py:3")
    findings = page.locator("article.finding").all()
    for finding in findings:
        finding.locator("summary").click()
        finding.get_by_label("Accepted risk").check()
        finding.get_by_label("Why").fill("The text is a constant; I decoded it.")
        finding.get_by_role("button").click()
        expect(finding).to_contain_text("I decoded it.")
    page.get_by_role("button", name="Approve").click()
    expect(page.locator("#verdict")).to_contain_text("unsatisfied")

    act_as(page, address, "Bo Diddley")
    page.goto(change)
    page.get_by_role("button", name="Approve").click()
    expect(page.locator("#verdict")).not_to_contain_text("unsatisfied")

    move_refs(
        installation.repository,
        {"refs/heads/main": installation.commits["merge"], "refs/pull/7/head": None},
    )
    installation.run("pull", str(installation.repository))
    page.goto(change)
    expect(page.get_by_text("reviewed at head").first).to_be_visible()
    page.goto(address)
    expect(page.locator("tr[data-stop]")).to_have_count(0)

    week = week_of(datetime.now(UTC))
    page.goto(f"{address}/reports/{week}")
    expect(page.get_by_role("row", name=re.compile("Reviewed at head"))).to_contain_text("1 of 1")
    assert "1 of 1" in installation.run("report", "--week", week)
    assert "sound" in installation.run("ledger", "verify")
