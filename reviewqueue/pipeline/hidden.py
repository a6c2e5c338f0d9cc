"""What one diff alone does not show: a payload that comes and goes, or comes in parts.

A commit that enters history can be checked out whatever later commits undo; and what one
operator changes in thirty days is read as one, so that no part is too small to matter.
"""

import re
import threading
from collections import OrderedDict
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta

from reviewqueue.domain.attribution import Attribution
from reviewqueue.domain.change import Change, Commit, DatedBy, Revision
from reviewqueue.domain.finding import (
    Confidence,
    Finding,
    Location,
    Pathway,
    Risk,
    Scan,
    Severity,
    Side,
    fingerprint,
    worst,
)
from reviewqueue.forge.git.command import GitError
from reviewqueue.pipeline.scanner import Scans
from reviewqueue.scan.combine import ordered, severity_rank
from reviewqueue.scan.diff import Diff
from reviewqueue.scan.engine import UNREAD
from reviewqueue.scan.parser import Unscannable, parse
from reviewqueue.scan.rule import Subject

WINDOW = timedelta(days=30)
"""How far back an operator's changes are read together."""
_PARTS = 200
_BYTES = 4 << 20
"""Of an operator's earlier patches, the newest first: a month of one person's work."""
_ROOM = 32 << 20
"""Bytes of earlier patches that are kept from one pull to the next."""
_ENTRY = 300
"""Bytes that keeping a patch costs besides."""
_COMMITS = 100
"""Commits of one change that are scanned one by one."""

_MISSING = "missing object"
_TOO_LARGE = "of the same operator are too large or too many to be read together with this one"
_REVERTS = re.compile(r"\bThis reverts commit ([0-9a-f]{40})\b")

Read = Callable[[str, str], Diff]
"""From base and head to what changed between them."""


@dataclass(frozen=True, slots=True)
class Part:
    """One change of an operator, as it last was."""

    change: Change
    revision: Revision
    attribution: Attribution

    @property
    def at(self) -> datetime:
        """When it was first seen; of a backfilled change, when it says that it was opened."""
        dated = self.change.dated_by is DatedBy.SIGHTING
        return self.revision.seen_at if dated else self.change.opened_at


class Patches:
    """Patches by the commits they lie between, kept from one pull to the next.

    What lies between two commits never changes; the longest unused go first. For any
    thread.
    """

    def __init__(self, room: int = _ROOM) -> None:
        """Keep at most ``room`` bytes."""
        self._room = room
        self._alone = threading.Lock()
        self._kept: OrderedDict[tuple[str, str, str], bytes | None] = OrderedDict()

    def of(self, part: Part, read: Read) -> bytes | None:
        """Return a part's patch, read where it is not kept; None where it is too large."""
        key = _between(part)
        with self._alone:
            if key in self._kept:
                self._kept.move_to_end(key)
                return self._kept[key]
        return self.keep(part, read(part.revision.base, part.revision.sha))

    def keep(self, part: Part, diff: Diff) -> bytes | None:
        """Keep what a part changes, and return it; of what was not all there, nothing."""
        patch = diff.patch if len(diff.patch) <= _BYTES else None
        if diff.problem or any(one.reason == _MISSING for one in diff.unread):
            return patch
        with self._alone:
            self._room += _size(self._kept.pop(_between(part), None))
            self._kept[_between(part)] = patch
            self._room -= _size(patch)
            while self._room < 0:
                self._room += _size(self._kept.popitem(last=False)[1])
        return patch


_PATCHES = Patches()


@dataclass
class Earlier:
    """What each operator changed lately in one repository, read when first asked for."""

    parts: Callable[[], Sequence[Part]]
    kept: Patches = _PATCHES
    _by_operator: dict[str, dict[str, Part]] = field(default_factory=dict)
    _loaded: bool = False

    def of(self, change: Change, attribution: Attribution, now: datetime) -> list[Part]:
        """Return the operator's other changes of the last thirty days, oldest first."""
        if not self._loaded:
            self._loaded = True
            for part in self.parts():
                self.add(part)
        own = self._by_operator.get(_who(attribution), {})
        return sorted(
            (
                part
                for part in own.values()
                if part.change.id != change.id and now - WINDOW <= part.at <= now
            ),
            key=lambda part: (part.at, part.revision.sha),
        )

    def add(self, part: Part, diff: Diff | None = None) -> None:
        """Note a change's latest revision, and what it changes where that is known."""
        self._by_operator.setdefault(_who(part.attribution), {})[part.change.id] = part
        if diff is not None:
            self.kept.keep(part, diff)

    def patches(self, parts: Sequence[Part], read: Read) -> tuple[tuple[bytes, ...], int]:
        """Return the parts' patches in the same order, and how many of them are left out.

        The newest come first where not all can be read; one too large hides none before it.
        """
        found: list[bytes] = []
        size = 0
        for part in reversed(parts[-_PARTS:]):
            known = self.kept.of(part, read)
            if known is not None and size + len(known) <= _BYTES:
                size += len(known)
                found.append(known)
        return tuple(reversed(found)), len(parts) - len(found)


def in_parts(
    scanner: Scans, diff: Diff, patches: Sequence[bytes], own: Scan, left_out: int = 0
) -> list[Finding]:
    """Return what is flagged only together with earlier patches, and in none of them alone.

    ``left_out`` earlier changes were too large, or too many, to be read: that is told.
    """
    untold = [_unread(f"{left_out} earlier changes", _TOO_LARGE)] if left_out else []
    if not patches:
        return untold
    together = scanner.scan(replace(diff, earlier=tuple(patches)), Subject())
    if not _new(together, (own,), Severity.MEDIUM):
        return untold
    without = scanner.scan(Diff(patches[-1], earlier=tuple(patches[:-1])), Subject())
    said = f"only together with {len(patches)} earlier changes of the same operator in 30 days"
    found = _new(together, (own, without), Severity.MEDIUM)
    return [*(_told(finding, said) for finding in found), *untold]


def in_commits(scanner: Scans, commits: Sequence[Commit], read: Read, own: Scan) -> list[Finding]:
    """Return what is high in one commit and no longer in the whole: it enters history."""
    single = [commit for commit in commits if len(commit.parents) == 1]
    if len(commits) < 2 or not single:  # noqa: PLR2004 -- of one commit the whole is the commit
        return []
    found: dict[tuple[str, str], Finding] = {}
    for commit in single[:_COMMITS]:
        diff = read(commit.parents[0], commit.sha)
        scan = scanner.scan(diff, Subject(message=commit.message))
        said = f"in commit {commit.sha[:12]}: it enters history unless the change is squashed"
        for finding in _new(scan, (own,), Severity.HIGH):
            found.setdefault((finding.rule, finding.path), _told(finding, said))
    if len(single) > _COMMITS:
        what = f"{len(single) - _COMMITS} older commits of this change"
        found["", ""] = _unread(what, "were not scanned one by one", Severity.MEDIUM)
    return list(found.values())


def false_revert(
    message: str, diff: Diff, read: Read, parent: Callable[[str], str]
) -> list[Finding]:
    """Return a finding where a change says that it reverts a commit and does not, exactly.

    ``parent`` gives a commit's first parent, and raises GitError where there is no commit.
    """
    found = _REVERTS.search(message)
    if found is None:
        return []
    sha = found[1]
    try:
        inverse = _lines(read(sha, parent(sha)))
    except GitError:
        return [_no_revert(sha, "which is not in this repository")]
    same = inverse is not None and inverse == _lines(diff)
    return [] if same else [_no_revert(sha, "but is not its exact inverse")]


def with_more(scan: Scan, more: Iterable[Finding]) -> Scan:
    """Return the scan with further findings; its risk can only rise."""
    findings = ordered((*scan.findings, *more))
    return replace(scan, findings=findings, risk=worst(findings) if findings else Risk.NONE)


def _new(scan: Scan, known: Iterable[Scan], least: Severity) -> list[Finding]:
    """Return the findings of at least a severity that no known scan has as severe."""
    weights: dict[tuple[str, str], int] = {}
    for finding in (finding for one in known for finding in one.findings):
        key = (finding.rule, finding.path)
        weights[key] = max(weights.get(key, 0), severity_rank(finding.severity))
    return [
        finding
        for finding in scan.findings
        if finding.pathway is not Pathway.GATE
        and severity_rank(finding.severity) >= severity_rank(least)
        and severity_rank(finding.severity) > weights.get((finding.rule, finding.path), -1)
    ]


def _told(finding: Finding, said: str) -> Finding:
    return replace(finding, message=f"{finding.message}; {said}")


def _lines(diff: Diff) -> dict[bytes, tuple[bytes, bytes]] | None:
    """Return what each path gains and loses; None where that cannot be read."""
    if diff.problem or diff.unread:
        return None
    try:
        return {file.path: (file.added, file.removed) for file in parse(diff.patch)}
    except Unscannable:
        return None


def _no_revert(sha: str, why: str) -> Finding:
    where = Location(path="", line=None, side=Side.NONE, evidence=f"This reverts commit {sha}")
    return Finding(
        rule="misleading-title",
        pathway=Pathway.COVERING_TRACKS,
        severity=Severity.MEDIUM,
        confidence=Confidence.HIGH,
        message=f"says that it reverts {sha[:12]}, {why}: read it as any other change",
        locations=(where,),
        fingerprint=fingerprint("misleading-title", [where]),
    )


def _unread(what: str, why: str, severity: Severity = Severity.LOW) -> Finding:
    where = Location(path="", line=None, side=Side.NONE, evidence=what)
    return Finding(
        rule=UNREAD,
        pathway=Pathway.COVERING_TRACKS,
        severity=severity,
        confidence=Confidence.HIGH,
        message=f"{what} {why}",
        locations=(where,),
        fingerprint=fingerprint(UNREAD, [where]),
    )


def _between(part: Part) -> tuple[str, str, str]:
    return part.change.repository, part.revision.base, part.revision.sha


def _size(patch: bytes | None) -> int:
    return len(patch or b"") + _ENTRY


def _who(attribution: Attribution) -> str:
    """Return whose work it is: the operator, else the agent that nobody is known to run."""
    operator = attribution.operator
    if operator is None:
        return f"agent {attribution.agent}"
    return f"operator {(operator.email or operator.name).casefold()}"
