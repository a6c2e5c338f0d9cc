"""Diffs of a repository's newest commits, as one run of git after another gives them."""

import os
import subprocess
from dataclasses import dataclass
from pathlib import Path

_FLAGS = (
    "--no-ext-diff",
    "--no-textconv",
    "--no-color",
    "--full-index",
    "--submodule=short",
)
_ENVIRONMENT = {
    "GIT_CONFIG_GLOBAL": os.devnull,
    "GIT_CONFIG_NOSYSTEM": "1",
    "GIT_NO_LAZY_FETCH": "1",
    "GIT_TERMINAL_PROMPT": "0",
}
FOLDER = b"at-the-top-of-all-paths"
"""Stands before each path where that is asked for, to be replaced by another name."""


class RepositoryError(Exception):
    """A folder is no repository; the message names it."""


@dataclass(frozen=True, slots=True)
class Commits:
    """The diffs of one repository."""

    name: str
    diffs: tuple[bytes, ...]


def read(directory: Path, limit: int, *, in_folder: bool = False) -> Commits:
    """Return the diffs of the newest commits that are no merges and change something.

    ``directory`` is a repository, or holds one as ``repo``. With ``in_folder`` every path is
    below :data:`FOLDER`, and nothing is shown as moved. Raises RepositoryError.
    """
    folder = _found(directory.resolve())
    name = folder.parent.name if folder.name == "repo" else folder.name
    try:
        listed = _git(folder, "rev-list", "--no-merges", f"--max-count={limit * 2}", "HEAD")
    except subprocess.CalledProcessError as error:
        said = error.stderr.decode("utf-8", "replace").strip().partition("\n")[0]
        raise RepositoryError(f"{directory}: {said or 'git failed'}") from error
    below = f"{FOLDER.decode()}/" if in_folder else ""
    ways = (f"--src-prefix=a/{below}", f"--dst-prefix=b/{below}")
    flags = (*_FLAGS, *ways, "--no-renames" if in_folder else "-M")
    diffs: list[bytes] = []
    for sha in listed.decode().split():
        show = ["diff-tree", "-p", "--root", "--no-commit-id", *flags, "--end-of-options", sha]
        try:
            diff = _git(folder, "-c", "core.quotePath=false", *show)
        except subprocess.CalledProcessError:
            continue  # a partial mirror lacks some blobs
        if diff:
            diffs.append(diff)
        if len(diffs) == limit:
            break
    if not diffs:
        raise RepositoryError(f"{directory}: no commit is here whose diff is")
    return Commits(name, tuple(diffs))


def _found(directory: Path) -> Path:
    """Return the folder that git is told: a bare repository, or one with its files."""
    for folder in (directory, directory / "repo"):
        for place in (folder / ".git", folder):
            if (place / "HEAD").is_file() and (place / "objects").is_dir():
                return folder
    problem = "a git repository is expected, or a folder that holds one as `repo`"
    raise RepositoryError(f"{directory}: {problem}")


def _git(directory: Path, *arguments: str) -> bytes:
    folder = directory / ".git" if (directory / ".git").exists() else directory
    command = ["git", "-c", "core.bare=true", f"--git-dir={folder}", *arguments]
    environment = {**os.environ, **_ENVIRONMENT}
    return subprocess.run(command, env=environment, capture_output=True, check=True).stdout
