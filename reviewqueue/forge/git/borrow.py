"""Somebody else's repository, read through one of ours.

A repository's own configuration, attributes, grafts, replacements and hooks decide what
git shows of it. So its objects are borrowed by a temporary bare repository of ours, into
which nothing but its branches and pull request heads is copied, by name.
"""

import os
import tempfile
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from reviewqueue.forge.git import bare
from reviewqueue.forge.git.command import QUICK, Git, GitError

PREFIX = "reviewqueue-"
"""How the names of the folders of borrowed repositories start."""

_LONGEST_PATH = 8192
_NEVER = ("refs/replace/", "refs/notes/", "refs/stash", "refs/bisect/", "refs/original/")


@dataclass(frozen=True, slots=True)
class Borrowed:
    """A repository of ours over another one's objects."""

    git: Git
    refs: Mapping[str, str]
    """Every ref by its full name, to the object it names."""
    head: str
    """The ref that HEAD stands for; empty if detached."""
    detached: str
    """The commit of a detached HEAD; empty if it stands for a ref."""
    remote_head: str
    """The branch that ``refs/remotes/origin/HEAD`` names, without prefix, or empty."""
    shallow: bytes
    """The source's list of commits whose parents it lacks."""


def find(path: Path) -> tuple[Path, Path]:
    """Return the git directory of a repository and the one it shares with others.

    Takes a working tree, a linked one, a ``.git`` folder or a bare repository, with or
    without a ``config`` file. Raises GitError where there is none.
    """
    try:
        for place in (path / ".git", path):
            found = _followed(place)
            common = found / "commondir"
            shared = found / _line(common) if common.is_file() else found
            if (found / "HEAD").is_file() and (shared / "objects").is_dir():
                return found.absolute(), shared.absolute()
    except (OSError, ValueError) as error:
        raise GitError(f"{_shown(path)} cannot be read: {error}") from error
    what = "is not a git repository" if path.exists() else "does not exist"
    raise GitError(f"{_shown(path)} {what}")


def _followed(place: Path) -> Path:
    """Return the folder that a ``.git`` file of a linked working tree points to."""
    if not place.is_file():
        return place
    return place.parent / _line(place).removeprefix("gitdir: ")


def _line(file: Path) -> str:
    """Return a small file's one line, which is a path and may hold anything."""
    with file.open("rb") as stream:
        return os.fsdecode(stream.read(_LONGEST_PATH).rstrip(b"\r\n"))


@contextmanager
def borrow(path: Path, within: Path | None = None) -> Iterator[Borrowed]:
    """Give a repository of ours over the objects of the one at ``path``.

    It lies in the folder ``within``, or where temporary files lie, and is removed at the
    end; only a process that is killed leaves it behind.
    """
    own, shared = find(path)
    with tempfile.TemporaryDirectory(
        prefix=PREFIX, dir=within, ignore_cleanup_errors=True
    ) as folder:
        try:
            borrowed = _borrowed(own, shared, Path(folder), _shown(path))
        except OSError as error:
            raise GitError(f"{_shown(path)} cannot be read: {error.strerror or error}") from error
        yield borrowed


def _borrowed(own: Path, shared: Path, folder: Path, name: str) -> Borrowed:
    git = bare.make(folder, name=name, indexed=False)
    objects = os.fspath(shared / "objects")
    if "\n" in objects:
        # The list of borrowed stores has one a line.
        (folder / "borrowed").symlink_to(objects)
        objects = os.fspath(folder / "borrowed")
    (folder / "objects" / "info" / "alternates").write_bytes(os.fsencode(objects) + b"\n")
    shallow = shared / "shallow"
    cut = shallow.read_bytes() if shallow.is_file() else b""
    if cut:
        (folder / "shallow").write_bytes(cut)
    source = Git(own, name=name)
    refs, remote_head = _refs(source)
    lines = (f"{sha} {ref}\n" for ref, sha in sorted(refs.items()))
    (folder / "packed-refs").write_text("".join(lines), errors="surrogateescape")
    status, said = source.status("symbolic-ref", "--quiet", "HEAD")
    head = said.decode(errors="surrogateescape").strip() if status == 0 else ""
    detached = "" if head else (own / "HEAD").read_text(errors="replace").strip()
    return Borrowed(git, refs, head, detached, remote_head, cut)


def _refs(source: Git) -> tuple[dict[str, str], str]:
    """Return the refs of a repository, and the branch its origin's HEAD names."""
    shape = "--format=%(objectname)%00%(refname)%00%(symref)"
    out = source.run("for-each-ref", shape, timeout=QUICK)
    refs, remote_head = {}, ""
    for line in out.decode(errors="surrogateescape").split("\n")[:-1]:
        sha, ref, symbolic = line.split("\0")
        if ref == "refs/remotes/origin/HEAD":
            remote_head = symbolic.removeprefix("refs/remotes/origin/")
        if not ref.startswith(_NEVER):
            refs[ref] = sha
    return refs, remote_head


def _shown(path: Path) -> str:
    return os.fsencode(path).decode("utf-8", "backslashreplace")
