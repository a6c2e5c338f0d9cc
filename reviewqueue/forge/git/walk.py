"""Walks over history: commits as nouns, streamed, whatever bytes they hold."""

from collections.abc import Iterable, Iterator
from datetime import UTC, datetime
from itertools import islice

from reviewqueue.domain.change import Commit
from reviewqueue.domain.history import Touch
from reviewqueue.domain.people import Person
from reviewqueue.forge.git.command import Git, Input

EPOCH = datetime.fromtimestamp(0, UTC)
"""The date of a commit whose own cannot be read."""

# Neither names, dates nor messages can hold a NUL, so one after each field is safe.
_FIELDS = ("%H", "%P", "%an", "%ae", "%at", "%cn", "%ce", "%ct", "%B")
_FORMAT = "--format=tformat:" + "%x00".join(_FIELDS)
_LOG = ("log", "-z", "--no-notes", "--no-mailmap", "--no-show-signature", "--encoding=UTF-8")
_SHAPED = (*_LOG, "--no-patch", _FORMAT)


def commits(git: Git, *options: str, stdin: Input = b"") -> Iterator[Commit]:
    """Yield the commits of a walk whose revisions come from ``stdin``, one a line."""
    yield from _parsed(git.records(*_SHAPED, *options, "--stdin", stdin=stdin))


def named(git: Git, revision: str) -> Iterator[Commit]:
    """Yield the one commit that a revision, whatever it looks like, names."""
    ends = ("--end-of-options", f"{revision}^{{commit}}", "--")
    yield from _parsed(git.records(*_SHAPED, "--no-walk", *ends))


def _parsed(records: Iterable[bytes]) -> Iterator[Commit]:
    fields: list[bytes] = []
    for field in records:
        fields.append(field)
        if len(fields) == len(_FIELDS):
            yield _commit([text(value) for value in fields])
            fields.clear()


def _commit(fields: list[str]) -> Commit:
    sha, parents, author, author_mail, authored, committer, committer_mail, committed, message = (
        fields
    )
    return Commit(
        sha=sha,
        parents=tuple(parents.split()),
        author=Person(author, author_mail),
        committer=Person(committer, committer_mail),
        authored_at=_date(authored),
        committed_at=_date(committed),
        message=message,
    )


def touches(git: Git, tip: str, limit: int) -> Iterator[Touch]:
    """Yield what the last ``limit`` commits before ``tip`` touched, newest first.

    Merges are left out: what they bring in counts for those who wrote it.
    """
    if limit <= 0:
        return
    shape = "--format=tformat:%x00%H%x00%an%x00%ae%x00%at%x00%B%x00"
    options = ("--no-merges", f"--max-count={limit}", "--name-only", "--no-renames")
    fields = git.records(*_LOG, shape, *options, "--ignore-submodules=none", "--stdin", stdin=[tip])
    yield from _touches(fields)


def _touches(fields: Iterator[bytes]) -> Iterator[Touch]:
    # A commit is an empty field, its five fields and an empty one, then its paths up to
    # the next empty field: no path is empty. A line break stands before the first path.
    for field in fields:
        header = [text(field or next(fields, b"")), *map(text, islice(fields, 4))]
        next(fields, None)
        paths = list(iter(lambda: next(fields, b""), b""))
        if paths:
            paths[0] = paths[0].removeprefix(b"\n")
        sha, name, mail, at, message = header
        yield Touch(sha, Person(name, mail), _date(at), tuple(map(text, paths)), message)


def text(raw: bytes) -> str:
    r"""Decode what git gave; bytes that are not UTF-8 show as ``\xff``."""
    return raw.decode("utf-8", "backslashreplace")


def _date(seconds: str) -> datetime:
    try:
        return datetime.fromtimestamp(int(seconds), UTC)
    except (ValueError, OverflowError, OSError):
        return EPOCH


def dates(git: Git, tip: str) -> Iterator[tuple[str, datetime]]:
    """Yield the ids of a first-parent chain, newest first, and when each was committed."""
    shape = ("--no-patch", "--format=tformat:%H%x00%ct", "--first-parent")
    fields = git.records(*_LOG, *shape, "--stdin", stdin=[tip])
    for sha in fields:
        yield text(sha), _date(text(next(fields, b"")))


def names(git: Git, *options: str, revisions: Iterable[str]) -> Iterator[str]:
    """Yield the ids of a walk without reading its commits."""
    out = git.run("rev-list", *options, "--stdin", stdin=revisions)
    yield from out.decode().split()
