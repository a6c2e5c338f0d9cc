"""What every head has that the default branch lacks, found in one walk for all heads."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from reviewqueue.domain.change import Commit
from reviewqueue.forge.git import walk
from reviewqueue.forge.git.command import Git, GitError

MOST_COMMITS = 2000
"""A head with more commits of its own is another history, not a change."""


@dataclass(frozen=True, slots=True)
class PendingHead:
    """One head ref, and what it would bring into the default branch."""

    ref: str
    sha: str
    base: str
    """The merge base with the default branch; empty where there is none."""
    commits: tuple[Commit, ...]
    """Newest first; none where the default branch contains the head."""
    problem: str = ""
    """Why the commits could not be told; empty if they could."""


class Ancestry:
    """The default branch's ancestors: which they are, and how deep each lies."""

    def __init__(self, git: Git, tip: str) -> None:
        """Start from ``tip``; nothing is walked before it is asked for."""
        self._git = git
        self._tip = tip
        self._depths: dict[str, int] = {}

    def __contains__(self, sha: str) -> bool:
        """Return whether the default branch contains a commit."""
        return sha in self._known()

    def deepest(self, shas: Sequence[str]) -> str:
        """Return the one farthest from a root: none of the others descends from it."""
        return max(shas, key=lambda sha: (self._known()[sha], sha)) if shas else ""

    def _known(self) -> Mapping[str, int]:
        if not self._depths and self._tip:
            options = ("--topo-order", "--reverse", "--parents")
            out = self._git.run("rev-list", *options, "--stdin", stdin=[self._tip])
            depths = self._depths
            for line in out.decode().splitlines():
                sha, *parents = line.split(" ")
                depths[sha] = 1 + max((depths.get(parent, 0) for parent in parents), default=0)
        return self._depths


@dataclass(frozen=True, slots=True)
class _Walked:
    """A commit outside the default branch; parents inside it are where it was forked."""

    commit: Commit
    own: tuple[str, ...]
    forks: tuple[str, ...]


def pending(
    git: Git, ancestry: Ancestry, tip: str, heads: Mapping[str, str], cut: frozenset[str]
) -> dict[str, PendingHead]:
    """Return what each head would bring in, by ref.

    ``cut`` names the commits whose parents a shallow repository lacks.
    """
    tips = sorted(set(heads.values()))
    kinds = git.run("cat-file", "--batch-check=%(objecttype)", stdin=tips).splitlines()
    kind_of = dict(zip(tips, kinds, strict=True))
    readable = [sha for sha in tips if kind_of[sha] == b"commit" and sha not in ancestry]
    walked: dict[str, _Walked] = {}
    problems = dict(_walk(git, ancestry, tip, readable, walked))
    deep = _deep(walked)
    found: dict[str, PendingHead] = {}
    for ref, sha in heads.items():
        if kind_of[sha] != b"commit":
            problem = f"names no commit ({kind_of[sha].decode(errors='replace').split()[-1]})"
            found[ref] = PendingHead(ref, sha, "", (), problem)
        elif sha in problems:
            found[ref] = PendingHead(ref, sha, "", (), problems[sha])
        elif sha in deep:
            found[ref] = _other_history(ref, sha)
        else:
            found[ref] = _head(ref, sha, walked, ancestry, cut)
    return found


def _walk(
    git: Git, ancestry: Ancestry, tip: str, shas: Sequence[str], walked: dict[str, _Walked]
) -> Iterator[tuple[str, str]]:
    """Fill ``walked``; yield each tip whose history cannot be read, and why."""
    if not shas:
        return
    revisions = [*shas, f"^{tip}"] if tip else shas
    try:
        for commit in walk.commits(git, "--topo-order", stdin=revisions):
            # git trusts dates to end a walk; forged ones make it run into the default
            # branch, never stop too soon.
            if commit.sha not in ancestry and commit.sha not in walked:
                own = tuple(parent for parent in commit.parents if parent not in ancestry)
                forks = tuple(parent for parent in commit.parents if parent in ancestry)
                walked[commit.sha] = _Walked(commit, own, forks)
    except GitError as error:
        if len(shas) == 1:
            yield shas[0], str(error)
            return
        middle = len(shas) // 2
        yield from _walk(git, ancestry, tip, shas[:middle], walked)
        yield from _walk(git, ancestry, tip, shas[middle:], walked)


def _head(
    ref: str, sha: str, walked: Mapping[str, _Walked], ancestry: Ancestry, cut: frozenset[str]
) -> PendingHead:
    if sha in ancestry:
        return PendingHead(ref, sha, sha, ())
    own = _own(sha, walked)
    if len(own) > MOST_COMMITS:
        return _other_history(ref, sha)
    if not cut.isdisjoint(own):
        problem = "the history is cut off (shallow clone) before the default branch is reached"
        return PendingHead(ref, sha, "", (), problem)
    forks = {fork: None for name in own for fork in walked[name].forks}
    commits = tuple(walked[name].commit for name in own)
    return PendingHead(ref, sha, ancestry.deepest(tuple(forks)), commits)


def _other_history(ref: str, sha: str) -> PendingHead:
    problem = f"more than {MOST_COMMITS} commits that the default branch lacks"
    return PendingHead(ref, sha, "", (), problem)


def _deep(walked: Mapping[str, _Walked]) -> frozenset[str]:
    """Return commits below which there are too many, without counting for each of them.

    Thousands of heads on one long line would else be walked thousands of times.
    """
    depths: dict[str, int] = {}
    for sha in reversed(list(walked)):
        depths[sha] = 1 + max((depths.get(own, 0) for own in walked[sha].own), default=0)
    return frozenset(sha for sha, depth in depths.items() if depth > MOST_COMMITS)


def _own(sha: str, walked: Mapping[str, _Walked]) -> list[str]:
    """Return a head's own commits, no parent before its child; at most one too many."""
    found: dict[str, int] = {sha: 0}
    frontier = [sha]
    while frontier and len(found) <= MOST_COMMITS:
        name = frontier.pop()
        for parent in walked[name].own:
            if parent not in found:
                frontier.append(parent)
            found[parent] = found.get(parent, 0) + 1
    if len(found) > MOST_COMMITS:
        return list(found)
    order, ready = [], [sha]
    while ready:
        name = ready.pop()
        order.append(name)
        for parent in reversed(walked[name].own):
            found[parent] -= 1
            if not found[parent]:
                ready.append(parent)
    return order
