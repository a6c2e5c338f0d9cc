"""Diffs and commits out of bare mirrors, read as the product reads any repository."""

import os
import threading
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, replace
from pathlib import Path

from corpora.items import Item
from reviewqueue.domain.change import Commit
from reviewqueue.forge.git import walk
from reviewqueue.forge.git.borrow import borrow
from reviewqueue.forge.git.command import EMPTY_TREE, Git, GitError
from reviewqueue.forge.git.difference import difference
from reviewqueue.scan.diff import Diff


@dataclass(frozen=True, slots=True)
class Source:
    """What a mirror holds of one item."""

    diff: Diff
    commit: Commit


class Mirrors:
    """A folder of bare repositories, each in ``OWNER+NAME/repo``; to be had from `mirrors`."""

    def __init__(self, folder: Path, opened: ExitStack) -> None:
        """Read below ``folder``; what is borrowed is given back by ``opened``."""
        self._folder = folder
        self._opened = opened
        self._known: dict[str, Git | str] = {}
        self._lock = threading.Lock()

    def read(self, item: Item) -> Source | str:
        """Return what the mirror holds of an item, or why there is nothing to measure.

        A merge is what it brings to its first parent.
        """
        git = self._git(item.repository)
        if isinstance(git, str):
            return git
        try:
            found = list(walk.named(git, item.revision))
            if len(found) != 1:
                return "a revision that names no commit"
            commit = replace(found[0], message=found[0].message.rstrip("\n"))
            return Source(_diff(git, item, commit), commit)
        except GitError as error:
            return str(error)

    def _git(self, repository: str) -> Git | str:
        with self._lock:
            if repository not in self._known:
                self._known[repository] = self._borrowed(repository)
            return self._known[repository]

    def _borrowed(self, repository: str) -> Git | str:
        try:
            place = self._folder / repository.replace("/", "+") / "repo"
            return self._opened.enter_context(borrow(place)).git
        except GitError:
            return f"no mirror of {repository}"


@contextmanager
def mirrors(folder: Path) -> Iterator[Mirrors]:
    """Give the mirrors in a folder; each is opened once, when it is first asked for."""
    with ExitStack() as opened:
        yield Mirrors(folder, opened)


def _diff(git: Git, item: Item, commit: Commit) -> Diff:
    if item.path:
        return difference(git, "", _alone(git, commit.sha, item.path))
    base = commit.parents[0] if commit.parents else EMPTY_TREE
    ends = (commit.sha, base) if item.reverse else (base, commit.sha)
    return difference(git, *ends)


def _alone(git: Git, sha: str, path: str) -> str:
    """Return a tree in which one file of a commit stands alone, at its place."""
    entry = git.run("ls-tree", "-z", "--full-tree", "--end-of-options", sha, "--", path)
    if entry.count(b"\0") != 1 or not entry.startswith((b"100", b"120")):
        raise GitError(f"{sha[:12]} has no file of that path")
    for name in reversed(Path(path).parts):
        told = entry.rstrip(b"\0").split(b"\t")[0] + b"\t" + os.fsencode(name) + b"\0"
        tree = git.run("mktree", "-z", "--missing", stdin=told).decode().strip()
        entry = f"040000 tree {tree}\t".encode()
    return tree
