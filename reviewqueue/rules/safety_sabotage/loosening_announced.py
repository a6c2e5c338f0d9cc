r"""A title that says that a protection, an alert or a limit is loosened.

What it flags
    A change whose own title disables, removes or skips authentication, encryption, certificates,
    network policies, a second factor; that mutes, raises or lowers alerts, monitors and
    thresholds; or that raises or lifts a limit. It marks the changed line that shares most with
    the title.

Why it matters
    The author knows what is given up and says so. In a tool's own words the title may be the
    only thing that shows it.

How to review it
    Ask what replaces it, who decided, and when it comes back.

Not flagged
    Titles that bring such a thing back or make it stricter; merges, reverts, and changes of
    documentation and tests alone.

Seen in
    ATT&CK T1562 (impair defenses).
"""

from reviewqueue.domain.finding import Confidence, Pathway, Severity
from reviewqueue.scan.announced import Announcement, announcing
from reviewqueue.scan.rule import Rule, Stability

_OFF = (
    r"\b(?:disabl|remov|skip|drop|stop|turn(?:s|ed|ing)? off|switch(?:es|ed|ing)? off|relax|"
    r"loosen|weaken|no longer)(?:e|es|s|ed|ing|ping|ped)?\b"
)
_LOOSENS = (
    Announcement(
        rf"{_OFF}[^:;]{{0,40}}\b(?:basic auth|auth(?:entication|orization)?\b|login\b|https\b|"
        r"tls\b|ssl\b|x509|encryption|network polic\w+|firewall|acls?\b|csp\b|content.security|2fa|"
        r"mfa|host key|certificates?\b|signatures?\b|csrf|xss|sanitiz\w+|escaping|integrity|"
        r"sandbox|isolation|rate.?limit\w*|captcha|waf)",
        "the title says that a protection is given up",
    ),
    Announcement(
        r"\b(?:disabl|remov|mut|silenc|drop|delet|relax|rais|increas|lower|snooz|"
        r"downgrad|adjust|tun|quiet)(?:e|es|s|ed|ing|ping|ped|ling)?\b[^:;]{0,40}\b(?:alerts?|"
        r"alerting|alarms?|monitors?|monitoring|pagers?|paging|pagerduty|health ?checks?|probes?|"
        r"nagios|icinga|prometheus|grafana|datadog|sentry|(?:alert\w*|latency|error|warning|"
        r"critical|detection|score|security|coverage|audit) thresholds?)\b",
        "the title says that less is watched, or later",
    ),
    Announcement(
        r"\b(?:rais|increas|doubl|lift|remov|relax|loosen|disabl)(?:e|es|s|ed|ing)?\b[^:;]{0,40}"
        r"\b(?:(?:memory|size|rate|request|upload|body|file|length|depth|attempts?|retry|token|"
        r"session|approval|query|connection|recursion) (?:limits?|quotas?)|thresholds?|"
        r"rate.?limit\w*|max[-_ ]?(?:size|length|lengths|depth|attempts)|retention)\b",
        "the title says that a limit is raised or lifted",
    ),
)


RULE = Rule(
    id="loosening-announced",
    pathway=Pathway.SAFETY_SABOTAGE,
    severity=Severity.MEDIUM,
    confidence=Confidence.MEDIUM,
    stability=Stability.STABLE,
    summary="says that a protection, an alert or a limit is loosened",
    check=announcing(*_LOOSENS),
)
