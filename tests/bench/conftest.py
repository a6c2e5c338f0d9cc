"""The benches' own modules, and items to count."""

import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

sys.path.insert(0, str(Path(__file__).parents[2] / "scripts" / "benches"))


@pytest.fixture(name="git")
def _git() -> Callable[..., str]:
    """Run git in a directory, with nobody's settings; return what it says."""

    def git(directory: Path, *arguments: str) -> str:
        settings = ["user.name=Ann Lee", "user.email=ann@corp.io", "commit.gpgsign=false"]
        given = [word for setting in settings for word in ("-c", setting)]
        done = subprocess.run(
            ["git", "-C", str(directory), *given, *arguments],
            capture_output=True,
            check=True,
            text=True,
        )
        return done.stdout.strip()

    return git


@pytest.fixture(name="row")
def _row() -> Callable[..., dict[str, Any]]:
    """Make a manifest's row."""

    def row(**fields: Any) -> dict[str, Any]:  # noqa: ANN401 -- a row holds what JSON holds
        return {"id": "one", "repo": "acme/app", "rev": "0" * 40, **fields}

    return row
