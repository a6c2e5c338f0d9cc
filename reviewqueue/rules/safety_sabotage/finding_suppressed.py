"""A security scanner told not to look here.

What it flags
    An added mark that makes a security scanner pass over a line, a file or a weakness:
    `#nosec`, `nolint:gosec`, `checkov:skip`, `tfsec:ignore`, `trivy:ignore`, `nosemgrep`,
    `NOSONAR`, `codeql[…]`, `brakeman:ignore`, `noqa: S…`, `zizmor: ignore`; and added
    entries of the lists of what is ignored (`.trivyignore`, `.snyk`, `.gitleaksignore`,
    `osv-scanner.toml`, `audit.toml`, `deny.toml`).

Why it matters
    The scanner stays green, and nobody is told again. That is right for a false alarm,
    and just as convenient for a real one.

How to review it
    Ask for the reason next to the mark, and check it against the code it covers.
    Ask for a date after which the mark is looked at again.

Not flagged
    Marks about style; marks that only move.

Seen in
    ATT&CK T1562.001 (impair defenses: disable or modify tools).
"""

from collections.abc import Iterator

from reviewqueue.domain.finding import Confidence, Pathway, Severity, Side
from reviewqueue.domain.paths import Label
from reviewqueue.scan.rule import Hit, Pattern, Rule, Stability, View, expression

_MARK = (
    r"(?i)#[ \t]*nosec\b|//[ \t]*#?nosec\b|nolint:[\w,]*gosec|checkov:skip=|tfsec:ignore|"
    r"trivy:ignore|kics-scan\s+(?:ignore|disable)|nosemgrep|\bNOSONAR\b|\blgtm\[|"
    r"(?://|#)[ \t]*codeql\[|brakeman:ignore|zizmor:\s*ignore|gitleaks:allow|"
    r"pragma:\s*allowlist\s+secret|trufflehog:ignore|DevSkim:\s*ignore|snyk:ignore|"
    r"phpcs:ignore\s+\w*Security|terrascan:ignore|hadolint\s+ignore=|noqa:[^\n]*\bS\d{3}\b|"
    r"@SuppressFBWarnings|detect-secrets:\s*allow"
)
_IN_CODE = r"(?i)nosec\b|gosec|noqa|NOSONAR|allowlist\s+secret|SuppressFBWarnings"
"""Marks that are common in code, and cover one line."""
_MANY = 6
"""Marks of that kind in one change that are worth a look together."""
_LISTS = (
    ".trivyignore*",
    "*/.trivyignore*",
    ".snyk",
    "*/.snyk",
    "*.gitleaksignore",
    "*.grype.yaml",
    "*osv-scanner.toml",
    "*audit.toml",
    "*.nsprc",
    "*audit-ci.json*",
    "*brakeman.ignore",
    "*.zizmor.yml",
    "*zizmor.yml",
)
_ELSEWHERE = frozenset({Label.DOCS, Label.LOCK, Label.GENERATED, Label.VENDORED, Label.DATA})


def check(view: View) -> Iterator[Hit]:
    """Mark what a scanner is newly told to pass over; a mark that moves is not new."""
    found = [
        (file, line)
        for file in view.where(_MARK, side=Side.NEW)
        if file.labels.isdisjoint(_ELSEWHERE) and Label.TEST not in file.labels
        for line in file.new(_MARK)[len(file.gone(_MARK)) :]
    ]
    in_code = expression(_IN_CODE)
    few = sum(in_code.search(line.whole) is not None for _, line in found) < _MANY
    for file, line in found:
        severity = Severity.LOW if few and in_code.search(line.whole) else None
        message = "a security scanner is told to pass over this line"
        yield Hit.at(file, line, message, severity=severity)


RULE = Rule(
    id="finding-suppressed",
    pathway=Pathway.SAFETY_SABOTAGE,
    severity=Severity.MEDIUM,
    confidence=Confidence.MEDIUM,
    stability=Stability.STABLE,
    summary="tells a security scanner not to look",
    patterns=(
        Pattern(
            r"\b(?:CVE-\d{4}-\d{4,}|GHSA-[\w-]{14}|RUSTSEC-\d{4}-\d{4}|AVD-\w+-\d+|SNYK-[\w-]+)",
            "a known weakness is put on the list of what is ignored",
            globs=_LISTS,
        ),
    ),
    added_triggers=(_MARK,),
    check=check,
)
