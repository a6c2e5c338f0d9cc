r"""A title that says that a protection, an alert or a limit is loosened.

What it flags
    A change whose own title disables, removes or skips authentication, encryption, certificates,
    network policies, a second factor, or makes them optional; that stops requiring or verifying
    something, relaxes a check or lets it fail, passes over a known weakness; that mutes, raises
    or lowers alerts, monitors and thresholds, logs less or keeps it for less time; that raises
    or lifts a limit, or no longer asks for confirmation. It marks the changed line that shares
    most with the title.

Why it matters
    The author knows what is given up and says so. In a tool's own words the title may be the
    only thing that shows it.

How to review it
    Ask what replaces it, who decided, and when it comes back.

Not flagged
    Titles that bring such a thing back or make it stricter, that speak of what nobody uses or
    of a tool's own limit (memory, a line, a page), or that take away what is insecure, and no
    check of it; merges, reverts, and changes of
    documentation and tests alone. A scanner that passes over single lines of a program, by marks in
    them alone, is a low finding.

Seen in
    ATT&CK T1562 (impair defenses).
"""

from reviewqueue.domain.finding import Confidence, Pathway, Severity
from reviewqueue.scan.effects.announced import OF_IT, Announcement, announcing
from reviewqueue.scan.rule import Rule, Stability

_OFF = (
    r"\b(?:disabl|remov|skip|drop|stop|turn(?:s|ed|ing)? off|switch(?:es|ed|ing)? off|relax|"
    r"loosen|weaken|exclud|exempt|no longer)(?:e|es|s|ed|ing|ping|ped)?\b"
)
_CAN_BE = (
    r"\b(?:allow(?:s|ed|ing)?|option|flag|setting|var(?:iable)?s?|ability|support|possib\w+|way)\b"
)
_GUARDS = (
    r"(?:auth\w*|verif\w*|checks?|validat\w*|limits?|tls|ssl|cert\w*|sandbox\w*|security|login|"
    r"permissions?|csrf|encrypt\w*|signatures?|signing|approvals?|polic\w+|protect\w*|guards?|"
    r"scans?|audit\w*|logging|passwords?|api[- ]?keys?)\b"
)
_NOBODY = (
    r"\b(?:remov|delet|drop|clean)\w* (?:up )?(?:the |some |an? |all )?(?:\w+ )?(?:deprecated|"
    r"unused|unneeded|redundant|obsolete|duplicated?|dead|orphan(?:ed)?|left-?over)\b"
)
"""What nobody uses protects nobody."""
_OF_A_TOOL = (
    r"\b(?:memory|heap|stack|ram|node(?:\.?js)?|branch|compil\w*|comptime|recursion|line|bundle|"
    r"chunk|display\w*|pagination|page|list|title|name|label|comment|description|text|character)s?"
    r"(?:[- ](?:size|length))?[- ](?:limit|quota|threshold)s?\b|\bbranch quota\b"
)
"""Limits of what a tool takes, or a page shows: nobody is kept out by them."""
_ASKED = (
    r"(?:origin|referr?er|host(?: ?name)?|permission|access|owner(?:ship)?|role|scope|tenant|"
    r"domain|"
    r"signature|integrity|checksum|hash|license|security|safety|trust|identity|e-?mail|password|"
    r"consent|polic(?:y|ies)|content|xsrf|csrf|ssl|tls|cert\w*|auth\w*|token|request|input|ip|age|"
    r"fraud|virus|malware|spam)s?[- ]"
    r"(?:checks?|checking|verification|validation|confirmations?|guards?|enforcement|"
    r"filter(?:s|ing)?|gates?|scan(?:s|ning)?)\b"
)
"""What is asked before something goes on, by what is asked and how."""
_SCANNERS = (
    r"(?:code scanning|waf|selinux|gosec|nosec|bandit|semgrep|codeql|gitleaks|checkov|tfsec|kics|"
    r"sast|secret scanning|dependency review|host ?key|gpg|hsts|csp|aslr|relro|stack protector)\b"
)
_FAILS = (
    r"\b(?:fix\w*|fail\w*|crash\w*|error\w*|reject\w*|detect\w*|warn\w*|prevent\w*|block\w*|"
    r"null|nil|type|test\w*|found|vuln\w*)\b"
)
"""What says that something goes wrong without, rather than that it is to be so."""
_NO_CHANGE = (
    r"\b(?:docs?|readme|test|tests|testing|fix(?:es|ed)?|bug|ui|page|typo|lint|prevent\w*)\b"
)
"""What says that the words tell of something else than a change of that."""
_WATCHERS = (
    r"(?:statsd|\w*[ -]?exporters?|new ?relic|crowdstrike|falco|fail2ban|\w+beat|osquery|wazuh|"
    r"ossec|"
    r"clamav|sysdig|telegraf|collectd|zabbix|cloudwatch|x-?ray|jaeger|honeycomb|opsgenie|victorops|"
    r"loki|promtail|fluentd?|fluent-?bit|otel\w*|opentelemetry|instana|dynatrace|splunk|guardduty|"
    r"security hub|macie|defender|watchdog|aide|tripwire|rkhunter|suricata|snort|zeek|apparmor|"
    r"auditd|kube-?bench|bugsnag|rollbar|uptime (?:checks?|robot)|pingdom|statuscake)\b"
)
"""What watches machines, by its name."""
_OF_A_SCANNER = (
    r"(?i)\.(?:ya?ml|toml|ini|cfg|json\w*|xml|conf\w*|properties|tf|hcl|rego|sh|te|spec|"
    r"\w*ignore|gradle|mk|service|h|c|cc|cpp)$|(?:^|/)(?:makefile|dockerfile|jenkinsfile)|"
    r"\bsetenforce|csp|security.policy|hsts|strict.transport|host_?key|\bgpg|\bwaf\b|firewall"
)
"""Where it is set what a scanner looks at; a mark in a program covers one line of it."""
_LOOSENS = (
    Announcement(
        rf"{_OFF}[^:;]{{0,40}}\b(?:basic auth|auth(?:entication|orization)?\b|login\b|https\b|"
        r"tls\b|ssl\b|x509|encryption|network polic\w+|firewall|acls?\b|csp\b|content.security|2fa|"
        r"mfa|host key|certificates?\b|signatures?\b|csrf|xss|"
        r"sanitiz\w+|escaping|integrity|"
        r"sandbox|isolation|rate.?limit\w*|throttl\w*|captcha|waf|(?:code[- ]?|"
        r"gpg[- ]?)?sign(?:ing|ed)\b|"
        r"gpg[- ]?check\w*|hashing\b)|\bno-(?:verify|gpg-sign)\b|"
        r"\bignor\w*[ _](?:\w+[ _]){0,2}(?:ssl|tls|https|cert\w*)\b",
        "the title says that a protection is given up",
        unless=_NOBODY + r"|\b(?:login|logout|auth\w*) (?:commands?|pages?|screens?|buttons?)\b|"
        r"\bthrottl\w* (?:errors?|exceptions?)\b|\bexclud\w* (?:[\w-]+ ){0,3}certificates\b",
    ),
    Announcement(
        r"\b(?:don'?t|doesn'?t|stop(?:s|ped|ping)?|no longer|never|not)(?: \w+)?? "
        r"(?:requir|verif|validat|enforc|escap|saniti[sz]|encrypt|authenticat|restrict|confirm)\w*",
        "the title says that something is not asked for, or not checked, any more",
        negated=True,
        unless=r"\brequir\w* [^:;]{0,40}\b(?:to exist|files?|reports?|restarts?|reloads?|docker|"
        r"python|node|install\w*|plugins?|dependenc\w+|config\w*)\b",
    ),
    Announcement(
        rf"{_CAN_BE}(?: \w+){{0,2}}? (?:disabl|skip|bypass|turn(?:ing)? off|opt(?:ing)? out|ignor)"
        rf"\w*[^:;]{{0,40}}\b{_GUARDS}|\b(?:mak(?:e|es|ing)|turn\w*|set\w*)\b[^:;]{{0,40}}\b"
        rf"{_GUARDS}[^:;]{{0,20}}\b(?:optional|opt-(?:in|out))\b|\boptional {_GUARDS}",
        "the title says that a protection can be switched off",
    ),
    Announcement(
        r"\b(?:relax|loosen|weaken|soften)\w*\b[^:;]{0,40}\b(?:check\w*|validat\w*|rules?|"
        r"constraints?|requirements?|restrictions?|polic\w+|verification|filters?|guards?|"
        r"thresholds?|security|permissions?|to warn\w*)|"
        r"\b(?:less strict|more (?:lenient|permissive))\b",
        "the title says that a check becomes laxer",
    ),
    Announcement(
        r"\b(?:check|test|lint\w*|ci|scan\w*|job|step|gate|audit|coverage|build)s?\b[^:;]{0,40}"
        r"\b(?:non-?blocking|non-?fatal|optional|advisory|informational|best[- ]effort|"
        r"warn(?:ing)?[- ]only)\b|\b(?:allow(?:s|ed|ing)?|let|permit|toler)\w*\b[^:;]{0,40}\b(?:to "
        r"fail|failures?|failing)\b|\b(?:add|us|set)(?:s|es|e|ed|ing)?\b[^:;]{0,20}"
        r"\bcontinue[- ]on[- ](?:error|fail\w*)",
        "the title says that a check may fail",
    ),
    Announcement(
        r"\b(?:ignor|suppress|allow|dismiss|exclud|skip|mut|baselin|waiv|white-?list|"
        r"accept)\w*\b[^:;]{0,40}\b(?:cve\b|cve-\d|vulnerab\w*|advisor(?:y|ies)|rustsec|ghsa\w*|"
        r"snyk|trivy|semgrep|bandit|security (?:warning|finding|alert|issue)s?)|\b(?:exclud|ignor|"
        r"omit|skip)(?:e|es|ed|ing|ping|ped)?\b[^:;]{0,60}\b(?:from|in|during|for|"
        r"by) (?:the )?(?:\w+ )?(?:scan\w*|sonar\w*|codeql|audits?)\b",
        "the title says that a known weakness is passed over",
    ),
    Announcement(
        r"\b(?:disabl|silenc|suppress|stop|mut|reduc|turn(?:s|ed|ing)? off)(?:e|es|s|ed|ing|ping|"
        r"ped)?\b[^:;]{0,30}\b(?:logg(?:ing|er)|logs|stack ?traces?|tracebacks?|log (?:level|"
        r"output|lines?|messages?)|verbosity)\b|\b(?:reduc|shorten|lower|decreas|cut|drop|shrink|"
        r"disabl)(?:e|es|s|ed|ing)?\b[^:;]{0,40}\b(?:retention|days to keep|history)\b|"
        r"\blog(?:ging)? ?levels?\b[^:;]{0,30}\b(?:to|as|=) ?(?:warn\w*|error|critical|fatal|off|"
        r"none)\b|\b(?:omit|skip|exclud|drop)\w*\b[^:;]{0,30}\bfrom (?:the )?(?:\w+ )?logs?\b|"
        r"\b(?:rewrit|scrub|backdat|squash)\w*\b[^:;]{0,20}\b(?:git |commit )?(?:history|authors?|"
        r"dates)\b",
        "the title says that less is kept of what happens",
    ),
    Announcement(
        r"\b(?:remov|skip|disabl|drop|bypass|delet|without)(?:e|es|s|ed|ing|ping|ped)?\b[^:;]{0,20}"
        r"\b(?:confirmations?|human (?:review|approval|in the loop)|approval (?:steps?|prompts?)|"
        r"security polic(?:y|ies)|security\.md|provenance|attestations?|checksums?|"
        r"lock ?files?|version pins?|pinned \w+)\b|\bunpin(?:s|ning)?\b|"
        r"\b(?:us|leav|keep|mak|allow|left)\w* \w* ?unpinned\b",
        "the title says that somebody is no longer asked, or something no longer vouched for",
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
        r"\b(?:rais|increas|doubl|lift|remov|relax|loosen|disabl|bump|unlimit)(?:e|es|s|ed|ing)?\b"
        r"[^:;]{0,40}\b(?:limits?|quotas?|thresholds?|"
        r"rate.?limit\w*|throttl\w*|max[-_ ]?(?:size|length|lengths|depth|attempts)|retention)\b",
        "the title says that a limit is raised or lifted",
        unless=_OF_A_TOOL,
    ),
    Announcement(
        r"\badd(?:s|ed|ing)?\b[^:;]{0,40}\b(?:verification|validation|approval|auth\w*|check|"
        r"review|login|permission|mfa|2fa|sso|limit) bypass\w*|\b(?:reset|clear)\w*\b[^:;]{0,20}\b"
        r"(?:2fa|mfa|two-factor|passkeys?|authenticators?)\b|\ballow\w*\b[^:;]{0,50}\bwhen\b"
        r"[^:;]{0,30}\b(?:disabled|locked|expired|unverified|not (?:allowed|verified|signed))\b",
        "the title says that there is a way past a protection",
        unless=_FAILS,
    ),
    Announcement(
        r"\b(?:skip|bypass|disabl|omit|circumvent|short-?circuit|turn(?:s|ed|ing)? off|"
        r"comment(?:s|ed|ing)? out|avoid|remov|drop)(?:e|es|s|d|ed|ing|ping|ped)?\b"
        rf"[^:;]{{0,30}}\b{_ASKED}",
        "the title says that something is no longer asked before it goes on",
        unless=_NOBODY,
    ),
    Announcement(
        r"\b(?:skip|bypass|disabl|remov|drop|stop|ignor|silenc|suppress|turn(?:s|ed|ing)? off|"
        rf"exclud|white-?list|allow)(?:e|es|s|d|ed|ing|ping|ped)?\b[^:;]{{0,30}}\b{_SCANNERS}|"
        r"\b(?:add|insert|us)(?:e|s|es|ed|ing)?\b[^:;]{0,20}\b(?:nosec|nosemgrep|trivyignore|"
        r"rubocop:disable|checkov:skip)\b",
        "the title says that what searches for weaknesses passes something over",
        shown=_OF_A_SCANNER,
    ),
    Announcement(
        r"\b(?:disabl|remov|drop|stop|suppress|delet|clear|wip|purg|omit|turn(?:s|ed|ing)? off)\w*"
        r"\b[^:;]{0,20}\b(?:audit|access|admin|security|command|shell|bash|login|event|query|sql|"
        r"request|activity|action|change|system|journal) ?(?:logs?|logging|trails?|history|"
        r"events)\b",
        "the title says that less is kept of who did what",
        unless=r"\b(?:duplicate|debug|noisy|old|stale)\b",
    ),
    Announcement(
        r"\b(?:do not|don'?t|does not|doesn'?t|stop(?:s|ped|ping)?|no longer|never) (?:be )?"
        r"(?:\w+ )?(?:log|audit)(?:s|ged|ging|ed|ing)?\b",
        "the title says that less is kept of what happens",
        negated=True,
        unless=r"\b(?:secret|password|token|credential|sensitive|pii|personal|key|body|bodies|twice|"
        r"duplicate|cancel\w*|expected|false|noise|logs|error (?:for|when|on|if))s?\b",
    ),
    Announcement(
        r"\b(?:lower|reduc|decreas|shorten|relax|remov|drop)\w*\b[^:;]{0,20}\bpassword (?:length|"
        r"strength|complexity|requirements?|polic\w+|rules?)\b|\b(?:accept|allow|toler|honou?r)\w*"
        r"\b[^:;]{0,20}\bexpired\b|\bweak(?:er)? (?:password|cipher|key|hash)\w*",
        "the title says that less proof of identity is asked for",
        unless=r"\b(?:reject|warn|detect)\w*",
    ),
    Announcement(
        r"\bwithout (?:an? |the |any )?(?:\w+ )?(?:verification|verifying|validation|validating|"
        r"csrf|xsrf|authentication|authorization|signatures?|encryption|approvals?|reviews?|"
        r"escaping|saniti[sz]\w*|checks?|checking)\b",
        "the title says that something goes on without a check",
        unless=_FAILS,
    ),
    Announcement(
        r"\b(?:remov|drop|delet|disabl|skip|omit|bypass|eliminat)(?:e|es|s|d|ed|ing|ping|ped)?\b"
        r"(?: [\w./&'-]+){0,5} (?:checks?|verification|verifier|validation|validator|guards?|"
        r"assertions?|enforcement|linter|scanner|snyk|fossa|codecov)\b",
        "the title says that something is no longer checked",
        unless=_NOBODY + r"|\b(?:redundant|unnecessary|needless|useless|extra|temporary|badges?|"
        r"reports?|types?|null|nil|none|bounds|check ?(?:out|box|mark|list|in)|health|spell|debug|"
        r"duplicat\w*|issues?|stale|outdated?|flags?|if|nan|empty|fix\w*|bug)\b",
    ),
    Announcement(
        r"\b(?:silenc|quiet|mut|swallow|suppress)(?:e|es|s|ed|ing|en|s down)?\b(?: [\w./'-]+){0,5} "
        r"(?:logs?|logging|errors?|exceptions?|noise|spam|alerts?|failures?)\b|"
        r"\b(?:disabl|turn(?:s|ed|ing)? off|stop)(?:e|es|s|ed|ing|ping|ped)?\b(?: [\w./'-]+){0,5} "
        r"(?:\w+_logs?|logs?|tracing|traces|auditd?|metrics|syslog|journald)\b",
        "the title says that less is told of what happens",
        unless=r"\b(?:lint\w*|clippy|compil\w*|deprecat\w*|mypy|pyright|types?|typescript|unused|"
        r"console|ui|test\w*|docs?|build|catalog|dialog|fix\w*|debug|sass|scss|npm|pip)\b",
    ),
    Announcement(
        r"\b(?:disabl|remov|drop|delet|uninstall|stop|kill|turn(?:s|ed|ing)? off|"
        rf"decommission)(?:e|es|s|ed|ing|ping|ped)?\b(?: [\w./'-]+){{0,3}} {_WATCHERS}",
        "the title says that what watches is taken away",
        unless=_NO_CHANGE,
    ),
    Announcement(
        r"\b(?:don'?t|do not|stop|no longer|never|without) (?:\w+ )?(?:pag|alert|notif|monitor|"
        r"send(?:ing)? (?:\w+ )?(?:alert|notification|page|warning))(?:e|s|y|ing|ying|ifying)?\b|"
        r"\bless (?:frequent|often)\w*\b[^:;]{0,20}\b(?:check|scan|test|backup|audit|poll)\w*|"
        r"\b(?:bump|widen|increas|lengthen)(?:s|e|es|ed|ing)?\b[^:;]{0,20}\b(?:alert\w*|alarm|monitor\w*)"
        r"\b[^:;]{0,20}\b(?:threshold|window|interval|delay|duration)s?\b|"
        r"\bretention\b[^:;]{0,20}\bto \d+ ?(?:d|h|w|days?|hours?|weeks?)\b",
        "the title says that less is watched, or later",
        negated=True,
        unless=_NO_CHANGE,
    ),
    Announcement(
        r"\b(?:allow|let|accept|permit|us)(?:s|e|es|ed|ing)?\b(?: [\w./'-]+){0,6} (?:unverified|"
        r"unsigned|"
        r"untrusted|insecure|expired|any (?:client )?(?:cert\w*|origin|host|ip|user|domain))\b|"
        r"\bbypass(?:es|ed|ing)? (?:sso|saml|oidc|ldap|proxy|vpn)\b|"
        r"\b(?:tokens?|credentials?|secrets?|passwords?) (?:in|to) (?:local ?storage|the url|urls?|"
        r"query|plain ?text|cookies?)\b|\b(?:not|non|un)[- ]?(?:httponly|http-only|"
        r"secure cookies?)\b|"
        r"\blong(?:er)?[- ]lived\b[^:;]{0,20}\b(?:token|session|cookie|cred|key|cert)",
        "the title says that less is asked of who comes in",
        unless=_NO_CHANGE + r"|\b(?:reject|warn|detect|short)\w*",
    ),
    Announcement(
        r"\b(?:disabl|skip|ignor|bypass|silenc|mut|comment(?:s|ed|ing)? out|turn(?:s|ed|"
        r"ing)? off|remov)"
        r"(?:e|es|s|ed|ing|ping|ped)?\b[^;]{0,60}\b(?:for now|temporar(?:y|ily)|"
        r"for the time being|until "
        r"\w|for the moment|again later)",
        "the title says that something is switched off for a time, which nobody may end",
        unless=r"\b(?:docs?|fix\w*|temporary (?:file|dir\w*|folder|workaround|"
        r"code|script)s?|ui|page)\b",
    ),
    Announcement(
        r"\bcontinue[- ]on[- ]error\b|\bauto[- ]?merg(?:e|es|ed|ing)\b|\b(?:allow|"
        r"enabl|run|let)"
        r"(?:s|e|es|ed|ing)?\b[^:;]{0,30}\bfork(?:s|ed)?(?:'s)? (?:prs?|pull requests?)\b|"
        r"\b(?:pin|track|follow|switch|point)(?:s|ed|ning|ing|es)? to (?:the )?(?:main|master|"
        r"latest|"
        r"head|a branch|nightly)\b",
        "the title says that changes get in with less asked",
        unless=_NO_CHANGE + rf"|\bconflict\w*|\brefs?\b|\bauto[- ]?merg\w*{OF_IT}|"
        r"\b(?:remov|drop|delet|without|no longer|get(?:s|ting)? rid of)\w*\b[^:;]{0,30}"
        r"\bcontinue[- ]on[- ]error\b",
    ),
    Announcement(
        r"\bauto[- ]?(?:accept|approv|confirm|trust|execut)(?:e|es|s|ed|ing|al)?\b|"
        r"\b(?:trust|approv|accept|confirm)(?:s|e|es|ed|ing)? (?:\w+ ){0,3}automatically\b|"
        r"\bautomatically (?:trust|approv|accept|confirm|execut|run)\w*|"
        r"\bhid(?:e|es|ing|den)\b[^:;]{0,30}\bfrom (?:the )?(?:users?|humans?|reviewers?|"
        r"operators?)\b|"
        r"\b(?:increas|rais|bump|lift|remov)\w*\b[^:;]{0,20}\bmax(?:imum)?[ _-]?(?:turns|steps|"
        r"iterations|tool ?calls)\b",
        "the title says that an agent, or a step, goes on unasked or unseen",
        unless=_NO_CHANGE + r"|\b(?:suggest|complet|scroll|css|button|icon|column|field|menu)\w*",
    ),
)


RULE = Rule(
    id="loosening-announced",
    pathway=Pathway.SAFETY_SABOTAGE,
    severity=Severity.MEDIUM,
    confidence=Confidence.MEDIUM,
    stability=Stability.STABLE,
    summary="says that a protection, an alert or a limit is loosened",
    version=8,
    check=announcing(*_LOOSENS),
)
