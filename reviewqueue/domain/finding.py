"""What a rule found, how bad it is, and what the worst of it makes the risk."""

import hashlib
from collections.abc import Iterable
from dataclasses import dataclass
from enum import StrEnum


class Pathway(StrEnum):
    """The sabotage pathway that a rule serves; the folders of the catalogue."""

    BACKDOOR = "backdoor"
    SAFETY_SABOTAGE = "safety_sabotage"
    SAFETY_NEGLECT = "safety_neglect"
    DATA_POISONING = "data_poisoning"
    EXFILTRATION = "exfiltration"
    ROGUE_DEPLOYMENT = "rogue_deployment"
    PERMISSIONS = "permissions"
    CREDENTIALS = "credentials"
    DESTRUCTION = "destruction"
    COVERING_TRACKS = "covering_tracks"
    GATE = "gate"


class Severity(StrEnum):
    """How bad a finding is if it is real."""

    LOW = "low"
    MEDIUM = "medium"
    HIGH = "high"
    CRITICAL = "critical"


class Confidence(StrEnum):
    """How likely a finding is to be what it says."""

    LOW = "low"
    MEDIUM = "medium"
    HIGH = "high"


class Risk(StrEnum):
    """The risk of a revision: its worst finding after combination."""

    NONE = "none"
    LOW = "low"
    MEDIUM = "medium"
    HIGH = "high"
    CRITICAL = "critical"

    @property
    def rank(self) -> int:
        """The place in the order none, low, medium, high, critical, from 0."""
        return list(Risk).index(self)


class Side(StrEnum):
    """Which side of the diff a location is on; none for a fact about the whole file."""

    OLD = "old"
    NEW = "new"
    NONE = "none"


@dataclass(frozen=True, slots=True)
class Location:
    """One place of a finding."""

    path: str
    """The path, percent-escaped where it is not UTF-8; empty for the whole change."""
    line: int | None
    """1-based line on ``side``, or None where the finding is not about one line."""
    side: Side
    evidence: str
    """The text that was found, secrets masked, at most 200 characters."""


@dataclass(frozen=True, slots=True)
class Finding:
    """One rule's result in one file (or on the change as a whole), with its places."""

    rule: str
    pathway: Pathway
    severity: Severity
    confidence: Confidence
    message: str
    """One sentence: what was found and why it matters here."""
    locations: tuple[Location, ...]
    """At least one; the first is the one shown."""
    fingerprint: str = ""
    """Stable when code moves: no line numbers; see :func:`fingerprint`."""

    @property
    def path(self) -> str:
        """The path of the first location."""
        return self.locations[0].path


@dataclass(frozen=True, slots=True)
class Scan:
    """All that scanning one revision gave."""

    risk: Risk
    findings: tuple[Finding, ...]
    """Most severe first."""
    unscannable: str | None
    """Why (part of) the diff could not be read, or None. Never the same as clean."""
    files: int
    added: int
    """Added lines."""
    removed: int
    """Removed lines."""
    rules_version: str


def fingerprint(rule: str, locations: Iterable[Location]) -> str:
    """Return 16 hex digits that stay when code moves within its file.

    Covers the rule, the paths and every place's text with white space folded, so
    that one added or altered place makes another fingerprint: a disposition covers
    only the places that were seen.
    """
    places = sorted(f"{at.path}\0{at.side}\0{' '.join(at.evidence.split())}" for at in locations)
    return hashlib.sha256("\1".join([rule, *places]).encode()).hexdigest()[:16]


def worst(findings: Iterable[Finding]) -> Risk:
    """Return the risk of the worst finding; risks are never averaged."""
    return max((Risk(f.severity) for f in findings), key=lambda risk: risk.rank, default=Risk.NONE)
