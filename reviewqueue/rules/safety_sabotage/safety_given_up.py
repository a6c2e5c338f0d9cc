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
    Titles that bring such a thing back, that speak of unused, duplicated or insecure parts, of its
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
from reviewqueue.scan.rule import FileView, Hit, Rule, Stability, Subject, View, expression
from reviewqueue.scan.structure.headline import gives_up, nearest, words
from reviewqueue.scan.structure.pairs import finds

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
_FEWER = (
    r"\bonly (?:run|test|execut|lint)(?:s|e|es|ing|ning)?\b[^:;]{0,40}\b(?:tests?|specs?|"
    r"suites?|e2e|"
    r"lint\w*|checks?|ci|on|for)\b|\b(?:run|execute)(?:s|ning)? (?:only|"
    r"just) (?:the )?(?:\w+ ){0,2}"
    r"(?:tests?|specs?|suites?)\b|\bmark(?:s|ed|ing)? [^:;]{0,40}\b(?:skip\w*|x-?fail\w*|flaky|"
    r"pending|ignored|(?:expected|allowed)[- ](?:to fail|failures?))\b|\bx-?fail(?:s|ed|ing)?\b|"
    r"\bskip(?:s|ped|ping)? (?:on|under|for|in) (?:windows|mac\w*|linux|arm\w*|ci|32-?bit|musl|"
    r"alpine|forks?|prs?)\b|\b(?:drop|remov|exclud|disabl|skip)\w* [^:;]{0,30}\b(?:macos|windows|"
    r"linux|ubuntu|arm\w*|tests?|specs?|e2e|suites?|benchmarks?|fuzz\w*|lint\w*|jobs?)\b[^:;]{0,15}"
    r"\b(?:from|on|in) (?:the )?(?:\w+ ){0,2}(?:matrix|ci|pipelines?|workflows?)\b|\bmov\w* "
    r"[^:;]{0,30}\b(?:tests?|specs?|checks?|e2e)\b[^:;]{0,20}\b(?:to|into) (?:the )?(?:nightly|"
    r"weekly|manual|separate|optional) (?:runs?|jobs?|workflows?|pipelines?|builds?)\b|"
    r"\b(?:do not|don'?t|no longer|stop(?:s|ped)?) (?:run|execut|test|lint|check|fail|block)\w*\b"
    r"[^:;]{0,40}\b(?:tests?|e2e|specs?|lint\w*|checks?|builds?|ci|jobs?|pipelines?|warnings?|"
    r"merges?)\b"
)
"""How a title says that fewer tests run, or fail, than before."""
_AS_MANY = (
    r"\b(?:re-?enabl\w*|revert\w*|un-?skip\w*|fix\w*|python|py|node|ruby|go|golang|php|java|jdk|"
    r"django|rails|eol|deprecated|end[- ]of[- ]life|unused|duplicate\w*|redundant|dead|twice|"
    r"\d+\.\d\w*)\b"
)
"""What of such a title says that nothing is given up: versions that nobody uses, for one."""
_MONITORS = (
    r"monitor\w*|alert\w*|alarms?|watchdogs?|health[ -]?checks?|healthchecks?|telemetry\w*|sentry|"
    r"datadog|dd-?trac\w+|prometheus|grafana|metrics|probes?|liveness|tracing|traces|observability|"
    r"otel|opentelemetry|sampling|sample rate|heartbeats?|pagerduty|newrelic|guardduty|cloudtrail|"
    r"insights|instrumentation|new relic|rollbar|bugsnag|honeycomb|jaeger|zipkin|pingdom|apm|"
    r"scraping|error tracking|error reporting|crash reporting|uptime|audit\w*"
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
    if gives_up(said, _TESTS) or _runs_fewer(said):
        yield from _told(view, "tests are given up", _is_test)
    elif gives_up(said, _MONITORS):
        yield from _told(view, "monitoring is given up", _is_code)
    elif gives_up(said, _CHECKS):
        yield from _told(view, "a check is given up", _is_ci)
    elif gives_up(said, _GUARDS):
        yield from _told(view, "a protection is given up", _is_code)


def _runs_fewer(said: Subject) -> bool:
    title = said.headline[:500].lower().encode("utf-8", "replace")
    return finds(_FEWER)(title) and not finds(_AS_MANY)(title)


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
    version=5,
    check=check,
)
