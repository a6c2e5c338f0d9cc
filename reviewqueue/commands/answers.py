"""How the result of a scan is told: as text, and as a JSON object."""

import os
from dataclasses import dataclass
from typing import Any

from reviewqueue.domain.finding import Finding, Scan
from reviewqueue.scan.parser import display


@dataclass(frozen=True, slots=True)
class Answer:
    """One scan, and what was asked for."""

    source: str
    """The file's name or the revision as given, safe to print."""
    scan: Scan


def plain(name: str) -> str:
    """Return a name from the command line or from input, safe to print on one line."""
    return name if name.isprintable() else display(os.fsencode(name))


def row(answer: Answer) -> dict[str, Any]:
    """Return the JSON object of one answer."""
    scan = answer.scan
    return {
        "source": answer.source,
        "risk": str(scan.risk),
        "findings": [_finding(finding) for finding in scan.findings],
        "unscannable": scan.unscannable,
        "files": scan.files,
        "added": scan.added,
        "removed": scan.removed,
        "rules_version": scan.rules_version,
    }


def _finding(finding: Finding) -> dict[str, Any]:
    first = finding.locations[0]
    return {
        "rule": finding.rule,
        "pathway": str(finding.pathway),
        "severity": str(finding.severity),
        "confidence": str(finding.confidence),
        "path": first.path,
        "line": first.line,
        "side": str(first.side),
        "message": finding.message,
        "evidence": first.evidence,
        "places": len(finding.locations),
        "fingerprint": finding.fingerprint,
    }


def told(answer: Answer) -> str:
    """Return one answer as lines for people."""
    scan = answer.scan
    size = f"{_count(scan.files, 'file')}, +{scan.added} -{scan.removed}"
    found = _count(len(scan.findings), "finding")
    lines = [f"{answer.source}: risk {scan.risk}, {found} ({size})"]
    if scan.unscannable is not None:
        lines.append(f"  NOT READ: {scan.unscannable}")
    for finding in scan.findings:
        first = finding.locations[0]
        place = first.path or "the whole change"
        if first.line is not None:
            place += f":{first.line}" + (" (removed)" if first.side == "old" else "")
        if len(finding.locations) > 1:
            place += f" and {_count(len(finding.locations) - 1, 'more place')}"
        lines.append(f"  {finding.severity:<8}  {finding.rule}  {place}")
        lines.append(f"            {finding.message} [{finding.pathway}]")
        if first.evidence:
            lines.append(f"            > {first.evidence}")
    return "\n".join(lines)


def _count(number: int, noun: str) -> str:
    return f"{number} {noun}" if number == 1 else f"{number} {noun}s"
