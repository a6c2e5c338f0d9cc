"""Bare repositories of our own: nobody else's settings, hooks or attributes in them."""

import os
from pathlib import Path

from reviewqueue.forge.git.command import QUICK, Git, GitError

OLDEST = (2, 34)
"""The oldest git whose environment variables keep foreign settings out."""
MERGES = (2, 38)
"""The first git that merges trees without a working tree."""

# These outrank every .gitattributes, so that a file is text or binary by its content and
# its difference is the plain one.
_ATTRIBUTES = "* !diff !merge !text !eol !ident !filter !working-tree-encoding\n"
_SETTINGS = """[core]
\trepositoryformatversion = 0
\tfilemode = true
\tbare = true
\tcommitGraph = {indexed}
"""


def make(
    directory: Path, held: tuple[int, ...] = (), name: str = "", *, indexed: bool = True
) -> Git:
    """Make, or make whole again, a bare repository of ours.

    ``indexed`` lets git use the store's index of commits, which must then be ours: it
    can say anything about a commit's parents.
    """
    try:
        for folder in ("objects/info", "objects/pack", "refs/heads", "info"):
            (directory / folder).mkdir(parents=True, exist_ok=True)
        write(directory / "config", _SETTINGS.format(indexed=str(indexed).lower()))
        write(directory / "info" / "attributes", _ATTRIBUTES)
        head = directory / "HEAD"
        if not head.exists() or not head.read_text(errors="replace").startswith("ref: refs/"):
            write(head, "ref: refs/heads/main\n")
    except OSError as error:
        raise GitError(f"cannot keep a repository in {directory}: {error.strerror}") from error
    git = Git(directory.absolute(), held, name or str(directory))
    if version(git) < OLDEST:
        raise GitError(f"git {'.'.join(map(str, OLDEST))} or newer is needed")
    return git


def write(path: Path, content: str) -> None:
    """Write a small file whole or not at all; an equal one stays as it is."""
    raw = content.encode(errors="surrogateescape")
    if path.exists() and path.read_bytes() == raw:
        return
    part = path.with_name(f"{path.name}.{os.getpid()}.new")
    part.write_bytes(raw)
    part.replace(path)


def version(git: Git) -> tuple[int, int]:
    """Return git's major and minor version; asked once, since git stays what it is."""
    path = os.environ.get("PATH", "")
    if path not in _versions:
        _versions[path] = _version(git)
    return _versions[path]


_versions: dict[str, tuple[int, int]] = {}


def _version(git: Git) -> tuple[int, int]:
    said = git.run("version", timeout=QUICK).decode(errors="replace").strip()
    numbers = said.removeprefix("git version ").split(".")
    try:
        return int(numbers[0]), int(numbers[1])
    except (IndexError, ValueError) as error:
        raise GitError(f"cannot tell git's version from {said!r}") from error
