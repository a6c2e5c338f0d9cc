"""Real repositories, written from a description: for the demo, and for whoever tests."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path

from reviewqueue.domain.people import Person
from reviewqueue.forge.git import bare
from reviewqueue.forge.git.command import Git

REGULAR, EXECUTABLE, SYMLINK, SUBMODULE = 0o100644, 0o100755, 0o120000, 0o160000

_SCRATCH = "refs/scratch/import"
_NONE = "0" * 40


@dataclass(frozen=True, slots=True)
class FileChange:
    """One file of a commit."""

    path: bytes
    content: bytes | None
    """The whole new content (a submodule's commit id in hex); None deletes the file."""
    mode: int = REGULAR


@dataclass(frozen=True, slots=True, kw_only=True)
class PlannedCommit:
    """A commit to be written. The same description always gives the same id."""

    key: str
    """What other commits call it as a parent; unique."""
    author: Person
    at: datetime
    """When it was authored and committed, to the second."""
    message: str
    files: Sequence[FileChange] = ()
    """What differs from the first parent."""
    parents: Sequence[str] = ()
    """Keys of commits that come earlier in the list, or full ids of existing ones."""
    committer: Person | None = None
    """The author, if None."""
    committed_at: datetime | None = None
    """``at``, if None."""
    refs: Sequence[str] = field(default=())
    """Full names of refs that shall point here; the last commit to name one wins."""


def write_repository(
    directory: Path, commits: Sequence[PlannedCommit], *, head: str = "refs/heads/main"
) -> dict[str, str]:
    """Write the commits into the bare repository at ``directory``, made if need be.

    Returns each commit's id by its key. HEAD will name ``head``. Raises GitError.
    """
    git = bare.make(directory)
    bare.write(directory / "HEAD", f"ref: {head}\n")
    marks = {commit.key: mark for mark, commit in enumerate(commits, 1)}
    stream = b"".join(_stream(commits, marks))
    exported = directory / "import-marks"
    git.run(
        *("fast-import", "--quiet", "--force", "--date-format=raw"),
        f"--export-marks={exported.absolute()}",
        stdin=stream,
    )
    ids = dict(line[1:].split(" ") for line in exported.read_text().splitlines())
    exported.unlink()
    return {key: ids[str(mark)] for key, mark in marks.items()}


def move_refs(directory: Path, refs: Mapping[str, str | None]) -> None:
    """Point each ref at a commit, or delete it where that is None, all at once."""
    lines = [
        f"update {ref}\0{sha}\0\0" if sha else f"delete {ref}\0\0" for ref, sha in refs.items()
    ]
    Git(directory.absolute()).run("update-ref", "--stdin", "-z", stdin="".join(lines).encode())


def _stream(commits: Sequence[PlannedCommit], marks: Mapping[str, int]) -> Iterator[bytes]:
    yield b"feature done\n"
    refs: dict[str, str] = {}
    for commit in commits:
        yield from _commit(commit, marks)
        refs.update(dict.fromkeys(commit.refs, f":{marks[commit.key]}"))
    refs[_SCRATCH] = _NONE
    for ref, target in refs.items():
        yield f"reset {ref}\nfrom {target}\n\n".encode()
    yield b"done\n"


def _commit(commit: PlannedCommit, marks: Mapping[str, int]) -> Iterator[bytes]:
    # Without this, a commit without parents would continue the one written before it.
    yield f"reset {_SCRATCH}\n\ncommit {_SCRATCH}\nmark :{marks[commit.key]}\n".encode()
    committer, committed_at = commit.committer or commit.author, commit.committed_at or commit.at
    yield _signature(b"author", commit.author, commit.at)
    yield _signature(b"committer", committer, committed_at)
    yield _data(commit.message.encode())
    for word, parent in zip(
        ("from", *("merge",) * len(commit.parents)), commit.parents, strict=False
    ):
        yield f"{word} {f':{marks[parent]}' if parent in marks else parent}\n".encode()
    for file in commit.files:
        yield from _file(file)
    yield b"\n"


def _file(file: FileChange) -> Iterator[bytes]:
    path = b'"%s"' % b"".join(b"\\%03o" % byte for byte in file.path)
    if file.content is None:
        yield b"D %s\n" % path
    elif file.mode == SUBMODULE:
        yield b"M 160000 %s %s\n" % (file.content, path)
    else:
        yield b"M %o inline %s\n" % (file.mode, path)
        yield _data(file.content)


def _signature(role: bytes, person: Person, at: datetime) -> bytes:
    name, email = (
        "".join(c for c in text if c not in "<>\n\0").strip().encode()
        for text in (person.name, person.email)
    )
    return b"%s %s <%s> %d +0000\n" % (role, name, email, at.timestamp())


def _data(content: bytes) -> bytes:
    return b"data %d\n%s\n" % (len(content), content)
