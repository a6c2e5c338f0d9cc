"""A bare mirror of a repository, kept by pulling; nothing is read from anywhere else."""

import fcntl
import os
import re
import shutil
import time
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import replace
from datetime import datetime
from functools import cached_property
from itertools import takewhile
from pathlib import Path
from urllib.parse import unquote

from reviewqueue.domain.change import Commit
from reviewqueue.domain.history import Touch
from reviewqueue.forge.git import bare, walk
from reviewqueue.forge.git.borrow import PREFIX, Borrowed, borrow
from reviewqueue.forge.git.command import (
    PULL,
    QUICK,
    Git,
    GitError,
    Progress,
    object_name,
    strip_credentials,
)
from reviewqueue.forge.git.difference import difference
from reviewqueue.forge.git.pending import Ancestry, PendingHead, pending
from reviewqueue.scan.diff import Diff

LARGEST_FILE = 4 << 20
"""Bytes of a file that ``Mirror.read`` gives."""
PATIENCE = 600.0
"""Seconds to wait for another pull of the same mirror."""

_HEADS = re.compile(r"refs/(?:heads/.+|pull/[^/]+/head|merge-requests/[^/]+/head)", re.DOTALL)
_REFSPECS = (
    "+refs/heads/*:refs/heads/*",
    "+refs/pull/*/head:refs/pull/*/head",
    "+refs/merge-requests/*/head:refs/merge-requests/*/head",
)
_GIVING = (
    *("pack-objects", "--revs", "--stdout", "--thin", "--delta-base-offset"),
    *("--missing=allow-any", "--progress", "--all-progress"),
)
_TAKING = ("index-pack", "--stdin", "--fix-thin")
_BRANCH = "refs/heads/"
_ORIGIN = "refs/remotes/origin/"
_MANY_PACKS = 20
_URL = re.compile(r"[A-Za-z][A-Za-z0-9+.-]*://")
_SCP = re.compile(r"(?:[^/:@\s]+@)?[^/:\s]+:(?!//)")


def silent(what: str, done: int, total: int | None) -> None:
    """Report progress to nobody."""


class Mirror:
    """A repository as of one pull; its tip stays the same for this object's life."""

    def __init__(self, directory: Path) -> None:
        """Open the mirror that :func:`sync` keeps in ``directory``."""
        self.directory = directory
        self._git = Git(directory.absolute())

    def default_branch(self) -> str:
        """Return the default branch without ``refs/heads/``; empty if there is none."""
        return _shown(self._default[0].removeprefix(_BRANCH))

    def tip(self) -> str:
        """Return the default branch's commit; empty in an empty repository."""
        return self._default[1]

    @property
    def note(self) -> str:
        """How the default branch was chosen, in words, where HEAD did not say."""
        file = self.directory / "default-branch-note"
        return file.read_text().strip() if file.exists() else ""

    def heads(self) -> dict[str, str]:
        """Return the heads of pull and merge requests and the other branches, by full name.

        Those whose commit the source itself lacked are among them.
        """
        refs = {**_unreadable(self.directory), **self._refs}
        return {
            _shown(ref): sha
            for ref, sha in refs.items()
            if _HEADS.fullmatch(ref) and ref != self._default[0]
        }

    def first_parent(self, after: str | None = None) -> tuple[Commit, ...]:
        """Return the default branch's first-parent chain, oldest first.

        Only what came after the commit ``after``, or after the newest commit of the
        chain that it contains where the branch was rewritten; all of it when ``after``
        is None or no longer known.
        """
        if not self.tip():
            return ()
        chain: list[Commit] = []
        for commit in walk.commits(self._git, "--first-parent", stdin=[self.tip()]):
            if commit.sha == after:
                return tuple(reversed(chain))
            chain.append(commit)
        known = self._ancestors(after) if after else frozenset()
        return tuple(reversed([*takewhile(lambda commit: commit.sha not in known, chain)]))

    def first_parent_dates(self) -> dict[str, datetime]:
        """Return when each commit of the default branch's first-parent chain was committed."""
        return dict(walk.dates(self._git, self.tip())) if self.tip() else {}

    def commits(self, base_exclusive: Sequence[str], sha: str) -> tuple[Commit, ...]:
        """Return what ``sha`` contains and none of ``base_exclusive`` does, newest first."""
        bases = [f"^{object_name(base)}" for base in base_exclusive]
        revisions = [object_name(sha), *bases]
        return tuple(walk.commits(self._git, "--topo-order", stdin=revisions))

    def landed(self, commit: Commit) -> tuple[Commit, ...]:
        """Return the commits that a first-parent commit brought in, itself first."""
        return self.commits(commit.parents[:1], commit.sha)

    def pending(self, heads: Mapping[str, str]) -> dict[str, PendingHead]:
        """Return what each head would bring in, by ref: one walk for all heads."""
        return pending(self._git, self._ancestry, self.tip(), heads, self.cut)

    def diff(self, base: str, sha: str) -> Diff:
        """Return what changed from ``base`` (empty: the empty tree) to ``sha``.

        Raises GitError where the real base is unknown because history was cut off.
        """
        if not base and sha in self.cut:
            raise GitError(f"the parents of {sha[:12]} are missing (shallow clone)")
        return difference(self._git, base, sha)

    def merges_cleanly_to(self, parent: str, head: str, landing: str) -> bool | None:
        """Return whether merging ``head`` into ``parent`` gives exactly ``landing``'s tree.

        None where this git cannot tell.
        """
        if bare.version(self._git) < bare.MERGES:
            return None
        ends = [object_name(name) for name in (parent, head)]
        options = ("--write-tree", "--no-messages", "--allow-unrelated-histories")
        status, out = self._git.status("merge-tree", *options, "--end-of-options", *ends)
        tree = self._git.run("rev-parse", "--verify", f"{object_name(landing)}^{{tree}}")
        return status == 0 and out.split(b"\n", 1)[0] == tree.strip()

    def parent(self, sha: str) -> str:
        """Return a commit's first parent, empty of a root; GitError where there is none such."""
        names = self._git.run("rev-list", "--max-count=1", "--parents", object_name(sha))
        return names.decode().split()[1] if len(names.split()) > 1 else ""

    def contains(self, sha: str) -> bool:
        """Return whether the default branch contains a commit."""
        return sha in self._ancestry

    def read(self, sha: str, path: str) -> bytes | None:
        """Return a regular file's content at a commit; None if there is none.

        Raises GitError where its content is missing or larger than ``LARGEST_FILE``.
        """
        listed = self._git.run("ls-tree", "-z", "--full-tree", object_name(sha), "--", path)
        meta, _, found = listed.removesuffix(b"\0").partition(b"\t")
        if not meta.startswith(b"100") or found != os.fsencode(path):
            return None
        blob = meta.split(b" ")[2].decode()
        return self._git.run("cat-file", "blob", blob, limit=LARGEST_FILE)

    def history(self, limit: int) -> Iterator[Touch]:
        """Yield what the default branch's last commits touched, newest first, no merges."""
        if self.tip():
            yield from walk.touches(self._git, self.tip(), limit)

    @property
    def shallow(self) -> bool:
        """Whether the source's history was cut off."""
        return bool(self.cut)

    @cached_property
    def cut(self) -> frozenset[str]:
        """The commits whose parents are missing because the source was shallow."""
        file = self.directory / "shallow"
        return frozenset(file.read_text().split()) if file.exists() else frozenset()

    @cached_property
    def _refs(self) -> dict[str, str]:
        return _refs(self._git)

    @cached_property
    def _default(self) -> tuple[str, str]:
        # The file is ours: a link to a branch, and nothing else.
        said = (self.directory / "HEAD").read_text(errors="surrogateescape")
        ref = said.removeprefix("ref: ").removesuffix("\n")
        sha = self._refs.get(ref, "")
        return (ref, sha) if sha else ("", "")

    @cached_property
    def _ancestry(self) -> Ancestry:
        return Ancestry(self._git, self.tip())

    def _ancestors(self, sha: str) -> frozenset[str]:
        check = ("cat-file", "--batch-check=%(objecttype)")
        if self._git.run(*check, stdin=[object_name(sha)]) != b"commit\n":
            return frozenset()
        return frozenset(walk.names(self._git, revisions=[sha]))


def sync(address: str, directory: Path, report: Progress = silent) -> Mirror:
    """Make or refresh the mirror of ``address`` in ``directory``.

    ``address`` is a path (working tree, ``.git`` folder or bare) or a URL. Only what is
    new is read. Killed anywhere, it is made whole by the next call; nobody sees a branch
    whose commits are not there. Raises GitError, in one line without credentials.
    """
    path = _local(address)
    try:
        with _locked(directory, report) as lock:
            _sweep(directory)
            git = bare.make(directory, (lock,))
            before = _refs(git)
            if path is None:
                head = _pull_from_afar(git, address, report)
            else:
                with borrow(path, directory.absolute()) as source:
                    head = _pull_from_here(git, source, before, report)
            _settle(git, head, before)
    except OSError as error:
        why = error.strerror or error
        raise GitError(f"cannot keep a mirror in {directory}: {why}") from error
    return Mirror(directory)


def _local(address: str) -> Path | None:
    """Return the path that an address names, or None where it is a URL."""
    if "\0" in address or not address:
        raise GitError("the address of a repository is empty or holds a NUL")
    if address.startswith("file://"):
        return Path(unquote(address.removeprefix("file://"), errors="surrogateescape"))
    path = Path(address)
    if _URL.match(address) or (_SCP.match(address) and not path.exists()):
        return None
    return path


@contextmanager
def _locked(directory: Path, report: Progress) -> Iterator[int]:
    """Hold the mirror's lock; git's processes hold it too, should we die before them."""
    try:
        directory.mkdir(parents=True, exist_ok=True)
        lock = os.open(directory / "pull-lock", os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
    except OSError as error:
        raise GitError(f"cannot keep a mirror in {directory}: {error.strerror}") from error
    try:
        deadline = time.monotonic() + PATIENCE
        while not _taken(lock):
            if time.monotonic() > deadline:
                raise GitError(f"another pull into {directory} is still running")
            report("Waiting for another pull", 0, None)
            time.sleep(0.2)
        yield lock
    finally:
        os.close(lock)


def _taken(lock: int) -> bool:
    try:
        fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    return True


def _sweep(directory: Path) -> None:
    """Remove what a killed pull left behind; the lock says that nobody uses it."""
    for folder in (*directory.glob("objects/*incoming-*"), *directory.glob(f"{PREFIX}*")):
        shutil.rmtree(folder)
    leftovers = [
        *directory.rglob("*.lock"),
        *directory.glob("**/*.new"),
        *directory.glob("objects/pack/tmp_*"),
        *directory.glob("objects/pack/.tmp-*"),
        *directory.glob("objects/??/tmp_obj_*"),
    ]
    for path in leftovers:
        path.unlink(missing_ok=True)


def _pull_from_afar(git: Git, address: str, report: Progress) -> str:
    """Fetch from a URL; return the ref that HEAD names there, empty if none."""
    # The address reaches git by its environment, so that a password in it shows neither
    # in a list of processes nor in a file of the mirror.
    url = {
        "GIT_CONFIG_COUNT": "1",
        "GIT_CONFIG_KEY_0": "remote.source.url",
        "GIT_CONFIG_VALUE_0": address,
    }
    git = replace(git, extra=url, name=strip_credentials(address))
    report("Connecting", 0, None)
    said = git.run("ls-remote", "--symref", "source", "HEAD").decode(errors="surrogateescape")
    git.run(
        *("fetch", "--progress", "--force", "--prune", "--no-tags", "--no-write-fetch-head"),
        *("--no-recurse-submodules", "--update-shallow", "--no-auto-gc"),
        *("--no-show-forced-updates", "--end-of-options", "source", *_REFSPECS),
        timeout=PULL,
        report=report,
    )
    (git.directory / "unreadable-heads").unlink(missing_ok=True)
    git.run("pack-refs", "--all", "--prune")
    named = re.match(r"ref: (?P<ref>.+)\tHEAD\n", said)
    return named["ref"] if named else ""


def _pull_from_here(git: Git, source: Borrowed, before: Mapping[str, str], report: Progress) -> str:
    """Take what is new from a repository on this machine; return what its HEAD names.

    Not ``git fetch``: that would run in the source by the source's own settings, and
    fail where a partial clone lacks a file.
    """
    wanted, head = _wanted(source)
    missing = _missing(source.git, {*wanted.values(), *before.values()})
    there = {ref: sha for ref, sha in wanted.items() if sha not in missing}
    lost = {ref: sha for ref, sha in wanted.items() if sha in missing}
    if head in lost or (lost and not there):
        raise GitError(f"{source.git.name}: has damaged or missing objects (its branches' commits)")
    _transfer(git, source, there.values(), set(before.values()) - missing, report)
    if source.shallow:
        bare.write(git.directory / "shallow", source.shallow.decode())
    else:
        (git.directory / "shallow").unlink(missing_ok=True)
    bare.write(git.directory / "unreadable-heads", _ref_lines(lost))
    bare.write(git.directory / "packed-refs", "# pack-refs with: sorted \n" + _ref_lines(there))
    return head


def _wanted(source: Borrowed) -> tuple[dict[str, str], str]:
    """Return the refs to keep, and the one that stands for the default branch.

    A working clone knows most branches as its origin's; they count where it has no
    branch of its own by that name. What it has checked out says little about which
    branch is the default; its origin's HEAD says it.
    """
    refs = {ref: sha for ref, sha in source.refs.items() if _HEADS.fullmatch(ref)}
    for ref, sha in source.refs.items():
        branch = ref.removeprefix(_ORIGIN)
        if branch not in {ref, "HEAD"}:
            refs.setdefault(_BRANCH + branch, sha)
    named = _BRANCH + source.remote_head
    return refs, named if source.remote_head and named in refs else source.head


def _transfer(
    git: Git, source: Borrowed, wanted: Iterable[str], have: set[str], report: Progress
) -> None:
    """Copy what ``wanted`` needs beyond ``have``, which both sides hold."""
    new = sorted(set(wanted) - have)
    cut = git.directory / "shallow"
    if (cut.read_bytes() if cut.exists() else b"") != source.shallow:
        new, have = sorted(wanted), set()
    if not new:
        return
    source.git.pipe(
        _GIVING,
        git,
        _TAKING,
        stdin=[*new, *(f"^{sha}" for sha in sorted(have))],
        report=report,
    )


def _missing(git: Git, shas: Iterable[str]) -> set[str]:
    out = git.run("cat-file", "--batch-check", stdin=sorted(set(shas)))
    return {line.split()[0].decode() for line in out.splitlines() if line.endswith(b" missing")}


def _settle(git: Git, head: str, before: Mapping[str, str]) -> None:
    """Say which branch is the default, and index the history if it changed."""
    refs = _refs(git)
    ref, note = _default_of(sorted(ref for ref in refs if ref.startswith(_BRANCH)), head)
    bare.write(git.directory / "HEAD", f"ref: {ref or _BRANCH + 'main'}\n")
    bare.write(git.directory / "default-branch-note", note)
    if refs != before:
        git.run("commit-graph", "write", "--reachable", "--no-progress")
    if len(list(git.directory.glob("objects/pack/*.pack"))) > _MANY_PACKS:
        git.run("repack", "-d", "-q", "--geometric=2", timeout=PULL)


def _default_of(branches: Sequence[str], head: str) -> tuple[str, str]:
    """Return the default branch's ref, and how it was chosen where HEAD did not say."""
    if head in branches or not branches:
        return head, ""
    named = "HEAD names no branch" if not head else f"HEAD names {head}, which does not exist"
    for candidate in (_BRANCH + "main", _BRANCH + "master"):
        if candidate in branches:
            return candidate, f"{named}: took {candidate.removeprefix(_BRANCH)}"
    if len(branches) == 1:
        return branches[0], f"{named}: took the only branch"
    return "", f"{named}, and there is neither main nor master: no default branch"


def _refs(git: Git) -> dict[str, str]:
    out = git.run("for-each-ref", "--format=%(objectname) %(refname)", timeout=QUICK)
    lines = out.decode(errors="surrogateescape").split("\n")[:-1]
    return {ref: sha for sha, ref in (line.split(" ", 1) for line in lines)}


def _ref_lines(refs: Mapping[str, str]) -> str:
    return "".join(f"{refs[ref]} {ref}\n" for ref in sorted(refs, key=os.fsencode))


def _unreadable(directory: Path) -> dict[str, str]:
    file = directory / "unreadable-heads"
    if not file.exists():
        return {}
    lines = file.read_bytes().decode(errors="surrogateescape").split("\n")[:-1]
    return {ref: sha for sha, ref in (line.split(" ", 1) for line in lines)}


def _shown(ref: str) -> str:
    return walk.text(os.fsencode(ref))
