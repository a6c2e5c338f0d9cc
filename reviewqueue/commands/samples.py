"""The diffs beside a rule: what it must flag, and what it must leave alone."""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from reviewqueue.domain.finding import Finding
from reviewqueue.scan.diff import Diff
from reviewqueue.scan.engine import Scanner
from reviewqueue.scan.rule import Rule, Subject

FEWEST = 2
"""Flagged diffs, and clean ones, that each rule needs."""
_FLAGGED, _CLEAN = "flagged", "clean"
_SAID = re.compile(r"^(Expect|Title|Branch): (.+)$", re.MULTILINE)


@dataclass(frozen=True, slots=True)
class Sample:
    """One diff, and what its own first lines say of it."""

    name: str
    patch: bytes
    expected: str
    """``severity path[:line]`` of the first finding; empty for a clean diff."""
    subject: Subject

    @property
    def flagged(self) -> bool:
        """Whether the rule must flag it."""
        return self.name.startswith(_FLAGGED)


def read(folder: Path) -> list[Sample]:
    """Return a rule's samples by name; none where there is no such folder."""
    return [sample(path) for path in sorted(folder.glob("*.diff"))]


def sample(path: Path) -> Sample:
    """Return one diff with what its lines before the first file say."""
    patch = path.read_bytes()
    before = patch.split(b"diff --git ", 1)[0].decode(errors="replace")
    said = dict(_SAID.findall(before))
    subject = Subject(title=said.get("Title", ""), branch=said.get("Branch", ""))
    return Sample(path.name, patch, said.get("Expect", ""), subject)


def problems(rule: Rule, samples: Sequence[Sample]) -> Iterator[str]:
    """Yield in words each sample that the rule, alone, takes for something else."""
    if not samples:
        yield f"has no diffs, where {FEWEST} flagged and {FEWEST} clean ones are wanted"
        return
    scanner = Scanner([rule], b"samples")
    count = {_FLAGGED: 0, _CLEAN: 0}
    for sample in samples:
        kind = sample.name.split("-", 1)[0]
        if kind not in count:
            yield f"{sample.name}: is neither flagged-… nor clean-…"
            continue
        count[kind] += 1
        if problem := _problem(scanner, sample):
            yield f"{sample.name}: {problem}"
    for kind, found in count.items():
        if found < FEWEST:
            yield f"{found} {kind} diff{'s' * (found != 1)}, where {FEWEST} are wanted"


def _problem(scanner: Scanner, sample: Sample) -> str:
    if sample.flagged and not sample.expected:
        return "does not begin with `Expect: severity path[:line]`"
    scan = scanner.scan(Diff(sample.patch), sample.subject)
    if scan.unscannable:
        return f"cannot be read: {scan.unscannable}"
    expected = sample.expected.rstrip() if sample.flagged else ""
    found = _place(scan.findings[0]) if scan.findings else ""
    if found == expected:
        return ""
    message = f" ({scan.findings[0].message})" if scan.findings else ""
    return f"expected {expected or 'nothing'}, found {found or 'nothing'}{message}"


def _place(finding: Finding) -> str:
    at = finding.locations[0]
    place = f"{at.path}:{at.line}" if at.line else at.path
    return f"{finding.severity} {place}".rstrip()
