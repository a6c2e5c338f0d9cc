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
    given. Monitoring that is moved away from where something waits for it ("off the hot path"),
    and tests to which only lines are added that leave nothing out, are low findings.

Seen in
    ATT&CK T1562.001, impair defenses: disable or modify tools; CICD-SEC-1, insufficient
    flow control mechanisms, of OWASP's top ten of CI/CD risks.
"""

from collections.abc import Callable, Iterator
from dataclasses import replace
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
_FROM_A_PLACE = (
    r"(?i)\b(?:keep|kept|mov(?:e|es|ed|ing)|run|shift|offload|push|defer)\w*\b[^:;,.]{0,60}"
    r"(\boff (?:of )?(?:the |our |its |every )?(?:[\w-]+ ){0,3}(?:path|thread|loop|goroutine|tick|"
    r"queue|timeline)s?\b)"
)
"""What says where something is moved away from, to go on elsewhere."""
_LEAVES_OUT = (
    r"(?i)skip|ignor|exclu|only|todo|pending|fixme|xfail|disab|mute|fals|return|exit|throw|raise|"
    r"continue|break|abort|cancel|kill|clear|\bpop|delet|del\b|remov|drop|empty|splice|filter|"
    r"deselect|=|/\*|<!--|\"\"\"|'''|^[ \t]*#[ \t]*(?:if|else|endif)|"
    r"\b(?:describe|suite|it|test|fn|func|def)\b"
)
"""What an added line has by which a test is left out, or ends before it has asked."""
_SAID_ONLY = r"^[ \t]*(?://|#[^!])"
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
        moved = not gives_up(_in_its_place(said), _MONITORS)
        yield from _told(view, "monitoring is given up", _is_code, is_mild=moved)
    elif gives_up(said, _CHECKS):
        yield from _told(view, "a check is given up", _is_ci)
    elif gives_up(said, _GUARDS):
        yield from _told(view, "a protection is given up", _is_code)


def _runs_fewer(said: Subject) -> bool:
    title = said.headline[:500].lower().encode("utf-8", "replace")
    return finds(_FEWER)(title) and not finds(_AS_MANY)(title)


def _in_its_place(said: Subject) -> Subject:
    """Return a title without the words that say where something is moved away from."""
    title = said.headline[:500]
    found = expression(_FROM_A_PLACE).search(title.encode("utf-8", "replace"))
    if not found:
        return said
    text = found.string
    kept = bytes(text[: found.start(1)] + text[found.end(1) :])
    return replace(said, title=kept.decode("utf-8", "replace"))


def _only_gains(file: FileView) -> bool:
    """Return whether a program of tests only gets lines, none of which can leave a test out."""
    if file.status != "M" or file.removed or Label.SOURCE not in file.labels or _is_ci(file):
        return False
    leaves, said = expression(_LEAVES_OUT), expression(_SAID_ONLY)
    return not any(leaves.search(text) for _, text in file.added_lines() if not said.search(text))


def _is_test(file: FileView) -> bool:
    if expression(_GIVEN_TO_TESTS).search(file.path.encode("utf-8", "replace")):
        return False
    return Label.TEST in file.labels or "test" in fold(file.path) or _is_ci(file)


def _is_ci(file: FileView) -> bool:
    return not file.labels.isdisjoint(_CI)


def _is_code(file: FileView) -> bool:
    return Label.TEST not in file.labels


def _told(
    view: View, what: str, wanted: Callable[[FileView], bool], *, is_mild: bool = False
) -> Iterator[Hit]:
    is_tests = wanted is _is_test
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
                severity=Severity.LOW if is_mild or (is_tests and _only_gains(file)) else None,
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
    version=6,
    check=check,
)
