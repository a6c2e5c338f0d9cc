"""Revisions of anybody's repository, scanned and attributed; nothing is recorded."""

from collections.abc import Iterable, Iterator
from pathlib import Path

from reviewqueue.attribution import attribute
from reviewqueue.domain.attribution import Attribution
from reviewqueue.domain.finding import Finding, Scan
from reviewqueue.forge.git.clone import Quarantine, Resolved
from reviewqueue.forge.git.command import GitError
from reviewqueue.pipeline.scanner import Scans
from reviewqueue.scan.combine import ordered
from reviewqueue.scan.diff import Diff
from reviewqueue.scan.rule import Subject


def scan_git(
    directory: Path, revs: Iterable[str], scanner: Scans
) -> Iterator[tuple[str, Scan | str]]:
    """Yield (revision as given, its scan) in order.

    A name that stands for nothing gives the reason in place of a scan; an object that
    cannot be read gives an unscannable scan. Raises GitError where there is no repository.
    """
    with Quarantine(directory) as source:
        for rev in revs:
            try:
                resolved = source.resolve(rev)
            except GitError as error:
                yield rev, str(error)
                continue
            yield rev, _scan(source, resolved, scanner)


def attribute_git(
    directory: Path, revs: Iterable[str], *, branch: str = ""
) -> Iterator[tuple[str, Attribution | str]]:
    """Yield (revision as given, its attribution, or why the name stands for nothing)."""
    with Quarantine(directory) as source:
        for rev in revs:
            try:
                resolved = source.resolve(rev)
            except GitError as error:
                yield rev, str(error)
                continue
            yield rev, attribute(resolved.commits, branch=branch)


def _scan(source: Quarantine, resolved: Resolved, scanner: Scans) -> Scan:
    title = resolved.message.split("\n", 1)[0]
    subject = Subject(message=resolved.message, branch="", title=title)
    scans = []
    for base, head in resolved.diffs:
        try:
            diff = source.diff(base, head)
        except GitError as error:
            diff = Diff(b"", problem=str(error))
        scans.append(scanner.scan(diff, subject))
    return _joined(scans)


def _joined(scans: list[Scan]) -> Scan:
    """Join a merge's scans against each parent; sizes are those against the first."""
    first, *others = scans
    if not others:
        return first
    findings: dict[tuple[str, str], Finding] = {}
    for scan in scans:
        for finding in scan.findings:
            findings.setdefault((finding.rule, finding.fingerprint), finding)
    return Scan(
        risk=max((scan.risk for scan in scans), key=lambda risk: risk.rank),
        findings=ordered(findings.values()),
        unscannable=next((scan.unscannable for scan in scans if scan.unscannable), None),
        files=first.files,
        added=first.added,
        removed=first.removed,
        rules_version=first.rules_version,
    )
