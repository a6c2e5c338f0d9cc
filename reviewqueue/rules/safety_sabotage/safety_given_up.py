r"""A title that says that tests, checks or monitoring are given up.

What it flags
    A change whose own title says that it disables, skips, removes, mutes, ignores or
    loosens a test, a check of CI, a scan, an alert, a monitor, telemetry, a guard or a
    verification. It marks the lines in each file that speak of the same thing; whatever
    form the change takes, somebody should have agreed to it.

Why it matters
    Less is checked or seen from here on, and the author knows it. Such a change is often
    right, and it is never routine: the temporary ones are the ones that stay.

How to review it
    Ask what replaces it, who decided, and when it comes back.
    See whether the title tells all: it may mention the harmless half.

Not flagged
    Titles that bring such a thing back, that speak of unused or duplicated parts, of its
    time, cost or noise, or that name it only as the place of another change; what tests are
    given.

Seen in
    ATT&CK T1562.001, impair defenses: disable or modify tools; CICD-SEC-1, insufficient
    flow control mechanisms, of OWASP's top ten of CI/CD risks.
"""

from collections.abc import Callable, Iterator
from itertools import islice

from reviewqueue.domain.finding import Confidence, Pathway, Severity, Side
from reviewqueue.domain.paths import Label, fold
from reviewqueue.scan.headline import gives_up, nearest, words
from reviewqueue.scan.rule import FileView, Hit, Rule, Stability, View, expression

_TESTS = (
    r"tests?|testing|specs?|e2e|test suites?|unit tests?|testcases?|tests? cases?|assertions?|"
    r"test steps?|test jobs?|smoke|fuzz\w*|doctests?|snapshots?|rspec|pytest"
)
_CHECKS = (
    r"lint\w*|linter|ci|scans?|scanning|scanner|codeql|coverage|codecov|sast|security checks?|"
    r"type-?check\w*|clippy|eslint|mypy|workflows?|jobs?|gates?|pre-?commit|hooks?|dependabot|"
    r"renovate|trivy|snyk|sonar\w*|travis|jscpd|audits?|quality|max-warnings|matrix|"
    r"frozen-?lockfile|checks?"
)
_GUARDS = (
    r"security (?:checks?|scans?)|permission (?:checks?|validation)|"
    r"auth\w* (?:checks?|validation)|auth check|enforcement(?: check)?|validation|verification|"
    r"entitlement check|integrity checks?|sandbox\w*|rate.?limit\w*|csrf|cors checks?|"
    r"signature checks?|2fa|mfa|captcha|rbac|safety checks?|guardrails?|moderation|access control"
)
_MONITORS = (
    r"monitor\w*|alert\w*|alarms?|watchdogs?|health[ -]?checks?|healthchecks?|telemetry\w*|sentry|"
    r"datadog|dd-?trac\w+|prometheus|grafana|metrics|probes?|liveness|tracing|traces|observability|"
    r"otel|opentelemetry|sampling|sample rate|heartbeats?|pagerduty|newrelic|guardduty|cloudtrail|"
    r"insights|instrumentation|error tracking|error reporting|crash reporting|uptime|audit\w*"
)
_CI = frozenset({Label.CI, Label.HOOK, Label.BUILD, Label.MANIFEST, Label.CONTAINER, Label.SCRIPT})
_PROSE = frozenset({Label.DOCS, Label.LOCK, Label.MEDIA, Label.DATA})
_COMMON = frozenset(
    b"disable disabled disables skip skips skipped remove removed removes removing delete deleted "
    b"drop drops dropped temporarily temporary from with that this when until they them into chore "
    b"feat perf refactor build test tests check checks fails failing flaky some only more because "
    b"ignore ignored stop turn lower reduce commit unused".split()
)
"""Words of a title that say nothing of the thing."""
_SHORT = 3
_OFF = r"(?i)skip|disab|xfail|ignore|mute|fals|todo|temporar|flaky|cfg\(|continue-on-error"
"""What a line that switches something off often says."""
_NO_LOSS = (
    r"(?i)\b\w+-only\b|\bwhen (?:it is |it's )?(?:disabled|not|no|off|unset|unused|already|"
    r"empty)\b|"
    r"\b(?:expected|spurious|duplicate|false[ -]positives?|mistaken|legacy)\b|"
    r"\b(?:verification|validation|permission|audit|telemetry|test|tracing) (?:tokens?|"
    r"codes?|emails?|links?|rows?|"
    r"records?|entry|entries|events? from)\b"
)
"""What of a title says that nothing is lost: a limit, an error that is none, another thing."""
_GIVEN_TO_TESTS = r"(?i)(?:^|/)(?:test[_-]?data|fixtures?|__fixtures__|mocks?|__mocks__|samples?)/"
"""What tests are given, which are no tests."""
_FILES = 10
"""Files in which it is told."""


def check(view: View) -> Iterator[Hit]:
    """Mark the lines that the title speaks of."""
    said = view.subject
    if not said.headline or expression(_NO_LOSS).search(
        said.headline[:500].encode("utf-8", "replace")
    ):
        return
    if gives_up(said, _TESTS):
        yield from _told(view, "tests are given up", _is_test)
    elif gives_up(said, _MONITORS):
        yield from _told(view, "monitoring is given up", _is_code)
    elif gives_up(said, _CHECKS):
        yield from _told(view, "a check is given up", _is_ci)
    elif gives_up(said, _GUARDS):
        yield from _told(view, "a protection is given up", _is_code)


def _is_test(file: FileView) -> bool:
    if expression(_GIVEN_TO_TESTS).search(file.path.encode("utf-8", "replace")):
        return False
    return Label.TEST in file.labels or "test" in fold(file.path) or _is_ci(file)


def _is_ci(file: FileView) -> bool:
    return not file.labels.isdisjoint(_CI)


def _is_code(file: FileView) -> bool:
    return Label.TEST not in file.labels


def _told(view: View, what: str, wanted: Callable[[FileView], bool]) -> Iterator[Hit]:
    files = (file for file in view.files if wanted(file) and file.labels.isdisjoint(_PROSE))
    said = words(view.subject.headline.encode("utf-8", "replace")) - _COMMON
    telling = frozenset(word for word in said if len(word) > _SHORT)
    for file in islice(files, _FILES):
        if place := nearest(file, telling, (Side.OLD, Side.NEW), _OFF):
            yield Hit.on(
                file,
                place.number,
                place.text,
                f"the title says that {what}, and this is changed",
                side=place.side,
            )
        elif file.status in {"D", "R"}:
            yield Hit(
                message=f"the title says that {what}, and this is moved away",
                text=file.old_path,
                path=file.path,
            )


RULE = Rule(
    id="safety-given-up",
    pathway=Pathway.SAFETY_SABOTAGE,
    severity=Severity.MEDIUM,
    confidence=Confidence.MEDIUM,
    stability=Stability.STABLE,
    summary="says that tests, checks or monitoring are given up",
    version=3,
    check=check,
)
