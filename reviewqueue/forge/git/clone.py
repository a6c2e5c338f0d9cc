"""A look into any repository, however hostile, by the names its owner uses."""

import os
import re
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path
from typing import Self

from reviewqueue.domain.change import Commit
from reviewqueue.forge.git import bare, walk
from reviewqueue.forge.git.borrow import Borrowed, borrow
from reviewqueue.forge.git.command import GitError
from reviewqueue.forge.git.difference import difference
from reviewqueue.scan.diff import Diff

_RANGE = re.compile(r"(?P<old>.*?)\.{2,3}(?P<new>.*)", re.DOTALL)


@dataclass(frozen=True, slots=True)
class Resolved:
    """What a revision, as somebody wrote it, stands for."""

    source: str
    """The revision as given."""
    diffs: tuple[tuple[str, str], ...]
    """(base, head) to compare; an empty base is the empty tree. A merge has one for each
    parent."""
    commits: tuple[Commit, ...]
    """Newest first: the one commit, or those of a range."""
    message: str
    """Of the commit, or of all commits of a range."""


class Quarantine:
    """A repository's objects, names and nothing else of it.

    Works in a temporary repository of ours, so that no configuration, attribute, hook,
    graft or replacement of the repository applies, and nothing is written into it.
    """

    def __init__(self, directory: Path) -> None:
        """Prepare to look into the repository at ``directory``."""
        self._directory = directory
        self._open = ExitStack()
        self._source: Borrowed | None = None

    def __enter__(self) -> Self:
        """Borrow the objects; GitError if there is no repository."""
        source = self._open.enter_context(borrow(self._directory))
        self._source = source
        head = f"ref: {source.head}" if source.head else source.detached
        bare.write(source.git.directory / "HEAD", f"{head}\n")
        return self

    def __exit__(self, *_: object) -> None:
        """Give everything back."""
        self._source = None
        self._open.close()

    def resolve(self, rev: str) -> Resolved:
        """Return what ``rev`` (a commit by any of its names, or ``A..B``) stands for.

        A range is compared from its merge base. Raises GitError if it names nothing.
        """
        if found := _RANGE.fullmatch(rev):
            return self._range(rev, found["old"] or "HEAD", found["new"] or "HEAD")
        commit = self._commit(rev)
        self._known(commit.sha)
        diffs = tuple((parent, commit.sha) for parent in commit.parents or ("",))
        return Resolved(rev, diffs, (commit,), commit.message)

    def diff(self, base: str, sha: str) -> Diff:
        """Return what changed from ``base`` (empty: the empty tree) to ``sha``."""
        if not base:
            self._known(sha)
        return difference(self._ours.git, base, sha)

    @property
    def _ours(self) -> Borrowed:
        if self._source is None:
            raise GitError(f"{self._directory} is not open")
        return self._source

    def _range(self, rev: str, old: str, new: str) -> Resolved:
        start, end = self._commit(old).sha, self._commit(new).sha
        status, out = self._ours.git.status("merge-base", start, end)
        base = out.decode().split()[0] if status == 0 else ""
        # git trusts dates to end a walk; forged ones make it run into what is known.
        known = frozenset(walk.names(self._ours.git, revisions=[start]))
        walked = walk.commits(self._ours.git, "--topo-order", stdin=[end, f"^{start}"])
        commits = tuple(commit for commit in walked if commit.sha not in known)
        if not base:
            for commit in commits:
                self._known(commit.sha)
        message = "\n\n".join(commit.message.strip() for commit in commits)
        return Resolved(rev, ((base, end),), commits, message)

    def _commit(self, rev: str) -> Commit:
        unknown = f"{walk.text(os.fsencode(rev))!r} names no commit in {self._directory}"
        if not rev or "\0" in rev:
            raise GitError(unknown)
        try:
            found = list(walk.named(self._ours.git, rev))
        except GitError as error:
            if "bad revision" in str(error):
                raise GitError(unknown) from error
            raise
        if len(found) != 1:
            raise GitError(unknown)
        return found[0]

    def _known(self, sha: str) -> None:
        """Refuse a commit that only looks like a root because history was cut off."""
        if sha.encode() in self._ours.shallow.split():
            raise GitError(f"the parents of {sha[:12]} are missing (shallow clone)")
