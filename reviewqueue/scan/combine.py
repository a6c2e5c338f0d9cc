"""From what the rules found to what it weighs: deterministic, and only ever tightening.

A hit weighs one level less where it only stands in prose; it never does where a build, a
hook or an agent reads the file, nor when it is critical or about the gate. A test is no
prose: CI runs it, with CI's rights. A workflow that is kept as a test's data starts nothing, so
that what only a workflow does is low there. Findings whose capabilities fit together in one file
weigh one level more, unless the file is prose, which does nothing. The worst decides;
nothing is averaged, so that one more finding can never lower the risk.
"""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace

from reviewqueue.domain.finding import Finding, Pathway, Severity
from reviewqueue.domain.paths import Label, Labels, discountable
from reviewqueue.domain.paths import labels as labels_of
from reviewqueue.scan.rule import Capability, Hit, Rule

_ORDER = tuple(Severity)
_FIT: frozenset[frozenset[Capability]] = frozenset(
    frozenset(pair)
    for pair in (
        (Capability.DECODES, Capability.EXECUTES),
        (Capability.READS_SECRETS, Capability.SENDS),
        (Capability.SENDS, Capability.EXECUTES),
        (Capability.PERSISTS, Capability.EXECUTES),
        (Capability.PERSISTS, Capability.SENDS),
        (Capability.HIDES, Capability.EXECUTES),
        (Capability.HIDES, Capability.SENDS),
        (Capability.HIDES, Capability.READS_SECRETS),
        (Capability.HIDES, Capability.PERSISTS),
    )
)


def raised(severity: Severity) -> Severity:
    """Return the next worse level; critical stays."""
    return _ORDER[min(severity_rank(severity) + 1, len(_ORDER) - 1)]


def lowered(severity: Severity) -> Severity:
    """Return the next milder level; low stays."""
    return _ORDER[max(severity_rank(severity) - 1, 0)]


def weigh(rule: Rule, hit: Hit, labels: Labels) -> Severity:
    """Return what one hit weighs at its place."""
    severity = hit.severity or rule.severity
    if rule.in_place and Label.SPECIMEN in labels:
        return Severity.LOW
    fixed = severity is Severity.CRITICAL or rule.pathway is Pathway.GATE
    if hit.discountable and not fixed and discountable(labels):
        return lowered(severity)
    return severity


def severity_rank(severity: Severity) -> int:
    """Return the place in the order low, medium, high, critical, from 0."""
    return _ORDER.index(severity)


def co_occur(
    findings: Sequence[Finding], capabilities: Mapping[str, Capability]
) -> tuple[Finding, ...]:
    """Raise findings whose capabilities fit another's in the same file.

    ``capabilities`` maps rule ids. The message says which other rule it was.
    """
    by_path: defaultdict[str, list[Finding]] = defaultdict(list)
    for finding in findings:
        if finding.rule in capabilities and finding.path:
            by_path[finding.path].append(finding)
    return tuple(_raise(finding, by_path[finding.path], capabilities) for finding in findings)


def _raise(
    finding: Finding, beside: Sequence[Finding], capabilities: Mapping[str, Capability]
) -> Finding:
    own = capabilities.get(finding.rule)
    partners = sorted(
        {
            f"{capabilities[other.rule].value} ({other.rule})"
            for other in beside
            if own is not None and frozenset({own, capabilities[other.rule]}) in _FIT
        }
    )
    if not partners or discountable(labels_of(finding.path)):
        return finding
    return replace(
        finding,
        severity=raised(finding.severity),
        message=f"{finding.message}; raised: the same file {' and '.join(partners)}",
    )


def ordered(findings: Iterable[Finding]) -> tuple[Finding, ...]:
    """Return the findings, most severe first, then by rule and path."""
    return tuple(sorted(findings, key=lambda f: (-severity_rank(f.severity), f.rule, f.path)))
