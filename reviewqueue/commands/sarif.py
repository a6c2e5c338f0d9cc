"""Scans as SARIF 2.1.0, the format that code-scanning pages read."""

import re
from collections.abc import Iterable, Sequence
from typing import Any
from urllib.parse import quote

from reviewqueue import __version__
from reviewqueue.commands.answers import Answer
from reviewqueue.domain.finding import Confidence, Finding, Location, Severity, Side
from reviewqueue.scan.rule import Rule, sections

_SCHEMA = (
    "https://docs.oasis-open.org/sarif/sarif/v2.1.0/errata01/os/schemas/sarif-schema-2.1.0.json"
)
_LEVELS = {
    Severity.LOW: "note",
    Severity.MEDIUM: "warning",
    Severity.HIGH: "error",
    Severity.CRITICAL: "error",
}
_SCORES = {
    Severity.LOW: "3.0",
    Severity.MEDIUM: "5.5",
    Severity.HIGH: "8.0",
    Severity.CRITICAL: "9.5",
}
"""Where code-scanning pages put the borders of their four levels."""
_PRECISION = {
    Confidence.LOW: "low",
    Confidence.MEDIUM: "medium",
    Confidence.HIGH: "high",
}
_ESCAPED = re.compile(r"(%[0-9A-Fa-f]{2})")


def log(
    answers: Sequence[Answer], rules: Sequence[Rule], problems: Sequence[str]
) -> dict[str, Any]:
    """Return one SARIF log with one run over all answers.

    ``problems`` are what was asked for and could not be answered. These, and diffs that
    could not be read, make the run unsuccessful, so that nobody takes it for clean.
    """
    index = {rule.id: number for number, rule in enumerate(rules)}
    notes = [*problems, *_unread(answers)]
    run: dict[str, Any] = {
        "tool": {
            "driver": {
                "name": "reviewqueue",
                "version": __version__,
                "rules": [_rule(rule) for rule in rules],
            }
        },
        "invocations": [
            {
                "executionSuccessful": not notes,
                "toolExecutionNotifications": [
                    {"level": "error", "message": {"text": note}} for note in notes
                ],
            }
        ],
        "columnKind": "unicodeCodePoints",
        "results": [
            _result(answer, finding, index)
            for answer in answers
            for finding in answer.scan.findings
        ],
        "properties": {
            "scans": [
                {
                    "source": answer.source,
                    "risk": str(answer.scan.risk),
                    "rules_version": answer.scan.rules_version,
                }
                for answer in answers
            ]
        },
    }
    return {"$schema": _SCHEMA, "version": "2.1.0", "runs": [run]}


def _unread(answers: Iterable[Answer]) -> list[str]:
    return [
        f"{answer.source}: not read: {answer.scan.unscannable}"
        for answer in answers
        if answer.scan.unscannable is not None
    ]


def _rule(rule: Rule) -> dict[str, Any]:
    docs = sections(rule.docs)
    help_text = "\n\n".join(f"{name}\n{text}" for name, text in docs.items() if name and text)
    described: dict[str, Any] = {
        "id": rule.id,
        "shortDescription": {"text": docs.get("") or rule.summary or rule.id},
        "defaultConfiguration": {"level": _LEVELS[rule.severity]},
        "properties": {
            "tags": ["security", str(rule.pathway)],
            "precision": _PRECISION[rule.confidence],
            "security-severity": _SCORES[rule.severity],
            "stability": str(rule.stability),
        },
    }
    if help_text:
        described["help"] = {"text": help_text}
    return described


def _result(answer: Answer, finding: Finding, index: dict[str, int]) -> dict[str, Any]:
    result: dict[str, Any] = {
        "ruleId": finding.rule,
        "level": _LEVELS[finding.severity],
        "message": {"text": finding.message or finding.rule},
        "locations": [_location(at) for at in finding.locations[:1] if at.path],
        "relatedLocations": [
            {"id": number, **_location(at)}
            for number, at in enumerate(finding.locations[1:], 1)
            if at.path
        ],
        "properties": {
            "source": answer.source,
            "pathway": str(finding.pathway),
            "severity": str(finding.severity),
            "confidence": str(finding.confidence),
            "side": str(finding.locations[0].side),
            "line": finding.locations[0].line,
            "evidence": finding.locations[0].evidence,
        },
    }
    if finding.fingerprint:
        result["partialFingerprints"] = {"reviewqueue/v1": finding.fingerprint}
    if finding.rule in index:
        result["ruleIndex"] = index[finding.rule]
    return result


def _location(at: Location) -> dict[str, Any]:
    physical: dict[str, Any] = {"artifactLocation": {"uri": _uri(at.path)}}
    # A removed line has no place in the file as it is now; its number is a property.
    if at.line is not None and at.side is Side.NEW:
        physical["region"] = {"startLine": at.line, "snippet": {"text": at.evidence}}
    return {"physicalLocation": physical}


def _uri(path: str) -> str:
    """Return a relative reference that decodes to the path's own bytes."""
    parts = _ESCAPED.split(path)
    return "".join(part if _ESCAPED.fullmatch(part) else quote(part) for part in parts)
