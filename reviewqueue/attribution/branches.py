"""Signs in a branch's name, given or named by a merge's subject."""

import re

from reviewqueue.attribution.evidence import Sign, quoted
from reviewqueue.domain.agents import AGENTS
from reviewqueue.domain.attribution import Certainty

_PULL = re.compile(r"Merge pull request \S+ from (?P<fork>[^/\s]+)/(?P<branch>\S+)")
_MERGE = re.compile(
    r"Merge (?:remote-tracking )?branch(?:es)? '(?P<branch>[^']+)'(?:.{0,500}? into (?P<into>\S+))?"
)
_REF = re.compile(r"refs/(?:heads|remotes/[^/]+)/|origin/|upstream/")


def merged_branches(subject: str) -> tuple[str, ...]:
    """Return the branches that a merge commit's subject names: merged, and merged into."""
    if found := _PULL.match(subject):
        return (found["branch"],)
    found = _MERGE.match(subject)
    return tuple(filter(None, (found["branch"], found["into"]))) if found else ()


def branch_sign(branch: str, where: str) -> Sign | None:
    """Return what a branch's name says: its first word before ``/`` or ``-``.

    Inferred for an agent's own folder (``claude/…``); suspected for short and common
    words and for the form ``claude-…``, which also names what a branch is about.
    """
    bare = branch.strip().lower()
    bare = bare[found.end() :] if (found := _REF.match(bare)) else bare
    for machine in AGENTS:
        for word in (*machine.branches, *machine.weak_branches):
            certainty = _certainty(bare, word, weak=word in machine.weak_branches)
            if certainty is not None:
                return Sign(machine.id, certainty, f"{where} {quoted(branch)}")
    return None


def _certainty(branch: str, word: str, *, weak: bool) -> Certainty | None:
    if branch.startswith(f"{word}/"):
        return Certainty.SUSPECTED if weak else Certainty.INFERRED
    return Certainty.SUSPECTED if branch.startswith(f"{word}-") else None
