"""Diffs and commits out of bare mirrors, kept in a folder where one is given."""

import hashlib
import os
import re
import subprocess
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from corpora.items import Item
from reviewqueue.domain.change import Commit
from reviewqueue.domain.people import Person

_DIFF = (
    "--no-color",
    "--no-ext-diff",
    "--no-textconv",
    "--find-renames",
    "--submodule=short",
    "--src-prefix=a/",
    "--dst-prefix=b/",
)
_COMMIT = "%H%x00%an%x00%ae%x00%at%x00%cn%x00%ce%x00%ct%x00%P%x00%B"
_ENVIRONMENT = {
    "GIT_CONFIG_GLOBAL": os.devnull,
    "GIT_CONFIG_NOSYSTEM": "1",
    "GIT_NO_LAZY_FETCH": "1",
    "GIT_TERMINAL_PROMPT": "0",
    "LC_ALL": "C.UTF-8",
}
_SECONDS = 180
_EXACT = re.compile(r"[0-9a-f]{40}|[0-9a-f]{64}")
"""A revision that means the same for ever: only what it gives may be kept."""


class MissingError(Exception):
    """An item cannot be had; the message says why."""


@dataclass(frozen=True, slots=True)
class Source:
    """What a mirror holds of one item."""

    diff: bytes
    commit: Commit


@dataclass(frozen=True, slots=True)
class Mirrors:
    """A folder of bare repositories, each in ``OWNER+NAME/repo``."""

    folder: Path
    cache: Path | None = None

    def read(self, item: Item) -> Source | str:
        """Return what the mirror holds of an item, or why there is nothing to measure."""
        try:
            diff = self._kept(item, "diff")
            commit = self._kept(item, "commit")
            return Source(diff, _commit(commit))
        except MissingError as error:
            return str(error)

    def _kept(self, item: Item, what: str) -> bytes:
        """Return the diff or the commit: as kept from an earlier run, or from git."""
        kept = self._place(item, what)
        if kept is not None and kept.exists():
            return kept.read_bytes()
        content = self._diff(item) if what == "diff" else self._show(item)
        if kept is not None:
            kept.parent.mkdir(parents=True, exist_ok=True)
            new = kept.with_name(f"{kept.name}.{os.getpid()}")
            new.write_bytes(content)
            new.replace(kept)
        return content

    def _place(self, item: Item, what: str) -> Path | None:
        if self.cache is None or not _EXACT.fullmatch(item.revision):
            return None
        told = (item.repository, item.revision, item.path, str(item.reverse), *_DIFF, _COMMIT)
        digest = hashlib.sha256("\0".join(told).encode()).hexdigest()
        return self.cache / digest[:2] / f"{digest[2:40]}.{what}"

    def _diff(self, item: Item) -> bytes:
        if item.path:
            empty = self._git(item, "hash-object", "-t", "tree", "--stdin").decode().strip()
            ends = (empty, item.revision, "--", f":(literal){item.path}")
            return self._git(item, "diff", *_DIFF, *ends)
        way = ("-R",) if item.reverse else ()
        return self._git(item, "show", "--format=", "-p", *_DIFF, *way, item.revision, "--")

    def _show(self, item: Item) -> bytes:
        return self._git(item, "show", "-s", f"--format={_COMMIT}", item.revision, "--")

    def _git(self, item: Item, *arguments: str) -> bytes:
        place = self.folder / item.repository.replace("/", "+") / "repo"
        directory = place / ".git" if (place / ".git").is_dir() else place
        if not directory.is_dir():
            raise MissingError(f"no mirror of {item.repository}")
        if item.revision.startswith("-"):
            raise MissingError("a revision that is an option")
        command = ["git", "-c", "core.bare=true", "-c", "core.quotePath=false"]
        try:
            done = subprocess.run(
                [*command, f"--git-dir={directory}", *arguments],
                env={**os.environ, **_ENVIRONMENT},
                stdin=subprocess.DEVNULL,
                capture_output=True,
                timeout=_SECONDS,
                check=False,
            )
        except subprocess.TimeoutExpired as error:
            raise MissingError(f"git took more than {_SECONDS} s") from error
        if done.returncode:
            complaint = done.stderr.decode("utf-8", "replace").strip()
            raise MissingError(complaint.splitlines()[0] if complaint else "git failed")
        return done.stdout


def _commit(shown: bytes) -> Commit:
    fields = shown.decode("utf-8", "replace").split("\0", 8)
    sha, name, mail, authored, committer, its_mail, committed, parents, message = fields
    return Commit(
        sha=sha,
        parents=tuple(parents.split()),
        author=Person(name, mail),
        committer=Person(committer, its_mail),
        authored_at=datetime.fromtimestamp(int(authored), UTC),
        committed_at=datetime.fromtimestamp(int(committed), UTC),
        message=message.rstrip("\n"),
    )
