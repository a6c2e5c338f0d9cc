"""Real git as the oracle: two trees in, git's own patch and list out."""

import os
import subprocess
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path

import pytest

from reviewqueue.scan.diff import FileFacts

Tree = Mapping[bytes, tuple[str, bytes]]
"""Path -> (mode, content; for a submodule the commit's id)."""


class Git:
    """A throw-away bare repository."""

    def __init__(self, directory: Path) -> None:
        self.directory = directory
        self.environment = {
            "PATH": os.environ["PATH"],
            "HOME": str(directory),
            "GIT_CONFIG_NOSYSTEM": "1",
            "GIT_CONFIG_GLOBAL": os.devnull,
        }
        self.run("init", "--quiet", "--bare", "--initial-branch=main")

    def run(self, *arguments: str, stdin: bytes = b"") -> bytes:
        done = subprocess.run(
            ["git", *arguments],
            cwd=self.directory,
            env=self.environment,
            input=stdin,
            capture_output=True,
            check=False,
        )
        assert done.returncode == 0, done.stderr
        return done.stdout

    def commit(self, name: str, tree: Tree, message: bytes = b"m") -> None:
        """Write a commit without parents that holds exactly ``tree``."""
        stream = [
            b"commit refs/heads/%s\n" % name.encode(),
            b"committer a <a@b> 1700000000 +0000\n",
        ]
        stream.append(b"data %d\n%s\n" % (len(message), message))
        stream.append(b"deleteall\n")
        for path, (mode, content) in tree.items():
            if mode == "160000":
                stream.append(b"M 160000 %s %s\n" % (content, quoted(path)))
                continue
            stream.append(b"M %s inline %s\n" % (mode.encode(), quoted(path)))
            stream.append(b"data %d\n%s\n" % (len(content), content))
        self.run("fast-import", "--quiet", "--force", stdin=b"".join(stream))

    def diff(
        self, old: Tree, new: Tree, *flags: str, config: Sequence[str] = ()
    ) -> tuple[bytes, tuple[FileFacts, ...]]:
        """Return git's patch between two trees, and its own list of what changed."""
        self.commit("old", old)
        self.commit("new", new)
        settings = [word for item in config for word in ("-c", item)]
        base = ["diff", "--no-ext-diff", "--no-textconv", "--no-color"]
        ends = ["old", "new", "--"]
        patch = self.run(*settings, *base, "--full-index", *flags, *ends)
        # What decides on names and on which lines are paired must be the same for both.
        same = ("-M", "-C", "--find", "--no-renames", "--patience")
        names = [flag for flag in flags if flag.startswith(same)]
        raw = self.run(*base, "--raw", "--no-abbrev", "-z", *names, *ends)
        counts = self.run(*base, "--numstat", "-z", *names, *ends)
        return patch, facts(raw, counts)


def quoted(path: bytes) -> bytes:
    return b'"' + b"".join(b"\\%03o" % byte for byte in path) + b'"'


def facts(raw: bytes, counts: bytes) -> tuple[FileFacts, ...]:
    """Join the two NUL-separated lists of git."""
    numbers: dict[bytes, tuple[int | None, int | None]] = {}
    fields = iter(counts.split(b"\0")[:-1])
    for field in fields:
        added, removed, path = field.split(b"\t", 2)
        if not path:
            next(fields)
            path = next(fields)
        numbers[path] = tuple(None if n == b"-" else int(n) for n in (added, removed))
    found = []
    fields = iter(raw.split(b"\0")[:-1])
    for field in fields:
        old_mode, new_mode, old_blob, new_blob, status = field[1:].decode().split(" ")
        first = next(fields)
        second = next(fields) if status[0] in "RC" else first
        added, removed = numbers[second]
        found.append(
            FileFacts(
                status[0],
                b"" if status[0] == "A" else first,
                b"" if status[0] == "D" else second,
                int(old_mode, 8),
                int(new_mode, 8),
                old_blob,
                new_blob,
                added,
                removed,
            )
        )
    return tuple(found)


@pytest.fixture(scope="session")
def git(tmp_path_factory: pytest.TempPathFactory) -> Git:
    return Git(tmp_path_factory.mktemp("oracle"))


@pytest.fixture
def make_git(tmp_path: Path) -> Callable[[], Git]:
    return lambda: Git(tmp_path)
