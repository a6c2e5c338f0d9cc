r"""Monitoring, alerts or health checks taken away or switched off.

What it flags
    An alert rule, a health check, a liveness probe, a watchdog, an error reporter, a
    tracer, a metrics endpoint or a detector of a cloud (GuardDuty, Security Hub, audit
    trails) that goes without another in its place, or is only a comment now; a switch that
    turns one off, in code, configuration, an environment variable or Terraform; muted and
    paused alerts, alerts that call nobody; a condition under which a watcher no longer
    starts, or is not there at all, also one of a template around settings that report. A
    bot that watches the dependencies or the code (Dependabot, Renovate, code scanning,
    coverage) whose settings go, or that has an entry less, or is told to do nothing. A
    counter, a gauge or a histogram that a program no longer keeps, while what it counted
    stays. A part of what a monitoring tool looks at that is switched off below it; an
    agent, an exporter or a collector that a machine declared in Nix no longer enables or
    imports; a job, a service or a host that it looked at and no longer does; a watcher's
    column that is off by default now. What only speaks later or more softly is told by
    `alert-loosened`.

Why it matters
    What is not watched fails, or is abused, in silence. Switching the watcher off before
    doing something else is an attack's ordinary first step.

How to review it
    Ask who was paged by it, and what tells them now.
    Look at what else the change does in the hour in which nobody looks.
    For usage data that leaves the product this may be what users want: say so.

Not flagged
    Monitoring added, renamed, or replaced by another tool in the same file; words in prose,
    in tests, in comments; an import that goes alone. A development tool that is told not to
    report its own use, a new watcher that can be stopped, and the health check of a composed
    service that goes as a whole, with none in its place, are low findings.

Seen in
    ATT&CK T1562.001 and T1562.008, impair defenses: disable or modify tools, and cloud
    logs.
"""

from collections.abc import Iterator

from reviewqueue.domain.finding import Confidence, Pathway, Severity, Side
from reviewqueue.domain.paths import Label
from reviewqueue.scan.effects.instruments import COUNTS, MADE, unmeasured
from reviewqueue.scan.effects.watched_code import ENTRIES, unwatched
from reviewqueue.scan.effects.watched_machines import WATCHES, unwatched_machines
from reviewqueue.scan.effects.watched_parts import DEFAULT, OFF, off_by_default, parts_off
from reviewqueue.scan.effects.watched_places import CONDITION, only_elsewhere
from reviewqueue.scan.effects.watched_things import BEGINS, THINGS, unseen
from reviewqueue.scan.effects.whole_services import goes_whole
from reviewqueue.scan.rule import FileView, Hit, Line, Rule, Stability, View, expression
from reviewqueue.scan.structure.commented import commented_out
from reviewqueue.scan.structure.disappeared import disappeared
from reviewqueue.scan.structure.headline import gives_up
from reviewqueue.scan.structure.openers import Openers
from reviewqueue.scan.structure.pairs import Pair, changed_tokens, pairs_losing

_WATCHER = (
    r"\b[sS]entry(?:_sdk)?\.(?:init|capture\w*|set_\w+)\s*\(|\bSentry\b[^\n]*\binit\s*\(|"
    r"\b(?:init|setup|start|configure|register|enable|install|new|"
    r"create)_?(?:[A-Za-z]*_?)(?:Sentry|"
    r"Telemetry|Tracing|Tracer\w*|Monitor\w*|Metrics|Watchdog|Alert\w*|Heartbeat|Health\w*|Otel|"
    r"OpenTelemetry|Observability|Datadog|NewRelic|sentry|telemetry|tracing|monitoring|metrics|"
    r"watchdog|alerts?|heartbeat|health_?checks?|otel|observability)\w*\s*\(|"
    r"\b(?:liveness|readiness|startup)Probe\b|\bhealth_?check\b\s*[:{]|^HEALTHCHECK\b|"
    r"\bprom(?:http|auto|etheus)\.(?:Handler|MustRegister|Register|New\w+)|\bMustRegister\(|"
    r"\bkind:\s*(?:PrometheusRule|ServiceMonitor|PodMonitor|Probe|AlertmanagerConfig)\b|"
    r"^[ \t]*-[ \t]*alert:[ \t]*\S|"
    r"\b(?:resource|module)\s+\"[^\"\n]*(?:alarm|alert|monitor|guardduty|cloudtrail|securityhub|"
    r"flow_log|log_metric|uptime|health_check|inspector|macie|detector|diagnostic_setting|"
    r"sentinel|pagerduty|opsgenie|datadog|newrelic|grafana|statuscake|security_center|"
    r"scc_|config_configuration_recorder|config_rule|budget)\w*\"|"
    r"\b(?:ddtrace|dd-trace|newrelic|applicationinsights|bugsnag|rollbar|honeybadger|airbrake|"
    r"elastic-apm|prometheus_client|opentelemetry|opencensus)\b[^\n]*(?:init|start|patch|tracer|"
    r"instrument|setup|agent|import)|\b(?:Instrumentator|FastAPIInstrumentor|PrometheusMetrics)\b|"
    r"\bcapture(?:Exception|Message)\s*\(|\bcapture_(?:exception|message)\s*\(|"
    r"\btelemetry\w*\.(?:capture|record|track|send|emit)\w*\s*\(|"
    r"\bWatchdog\w*\s*\(|\bwatchdog\w*\.(?:start|run|ping|notify)|\bsd_notify\b|\bWatchdogSec\b|"
    r"(?i:\bpager(?:duty)?\w*\.\w+\(|\bopsgenie\w*\.\w+\(|\bescalat\w+\(|@(?:pagerduty|opsgenie|"
    r"slack|"
    r"oncall)[-\w]+)|\b(?:HealthIndicator|ObservedAspect|MeterRegistry)\b|"
    r"^[ \t]*(?:include|contain|require)[ ]+(?:::)?(?:\w+::)*(?:icinga|nagios|nrpe|collectd|sensu|"
    r"zabbix|monit\w*|datadog\w*|telegraf|prometheus|auditd|filebeat)\b|"
    r"[\"'`]/(?:healthz?|livez|readyz|health-?check|metrics)[\"'`]|"
    r"\bAddHealthChecks\(|\bMapHealthChecks\(|\bmanagement\.endpoint\w*\.|\bTrackException\("
)
"""What watches, or starts to watch."""
_OFF = (
    r"(?i)\b(?:OTEL_SDK_DISABLED|DD_TRACE_ENABLED|\w*DISABLE_?(?:TELEMETRY|MONITOR\w*|METRICS|"
    r"SENTRY|"
    r"TRACING|ALERT\w*|WATCHDOG|HEALTH\w*|OTEL)\w*|\w*(?:TELEMETRY|TRACING|SENTRY|METRICS|"
    r"MONITORING|"
    r"ALERTS?|ALERTING|WATCHDOG|HEALTH_?CHECKS?|OTEL|OBSERVABILITY)_(?:DISABLED?|ENABLED?|"
    r"OPT_?OUT)|"
    r"OTEL_(?:TRACES|METRICS|LOGS)_EXPORTER|SENTRY_DSN|anonymized_telemetry|DisableTelemetry|"
    r"telemetry\.\w+|NEW_RELIC_ENABLED|DO_NOT_TRACK|(?:[a-z]+_)?telemetry_?enabled)['\"]?\]?\s*"
    r"(?:[:=]+|,)[ \t]*['\"]?(?:true|false|0|1|none|off|no|yes|null|\"\"|'')(?:\b|['\"]|\s|$)|"
    r"\b(?:disable|stop|silence|mute|pause|unregister|remove)_?(?:Telemetry|Sentry|Monitor\w*|"
    r"Metrics|"
    r"Alert\w*|Watchdog|Tracing|Heartbeat|Health_?Check\w*|Otel)\w*\s*\(|"
    r"\bamtool\s+silence\s+add|\bcreate_?silence\b|\bis_paused['\"]?\s*[:=]\s*true|"
    r"\bnotify_no_data['\"]?\s*[:=]\s*false|--no-health-?checks?\b|--disable-?(?:telemetry|metrics|"
    r"monitoring|health)\S*|\bWithout(?:Tracing|Telemetry|Metrics)\b|\bdelete-(?:detector|alarms|"
    r"trail|flow-logs|insight)\b|\breceiver:[ \t]*['\"]?(?:null|none|blackhole|devnull|silent)\b|"
    r"\b(?:alarm_actions|insufficient_data_actions|notification_(?:channels|endpoints?)|"
    r"contact_points|"
    r"escalation_\w+|on_?call\w*)['\"]?[ \t]*[:=][ \t]*(?:\[[ \t]*\]|null\b|\"\"|\{[ \t]*\})|"
    r"\bactions_enabled['\"]?[ \t]*[:=][ \t]*false|\bis_?paused['\"]?[ \t]*[:=][ \t]*true|"
    r"\bnoDataState['\"]?:[ \t]*['\"]?OK\b|\bexecErrState['\"]?:[ \t]*['\"]?OK\b|"
    r"^[ \t]*-?[ \t]*['\"]?(?:muted?|silenced?)['\"]?:[ \t]*true\b|"
    r"^HEALTHCHECK[ \t]+NONE\b|\b(?:email|notify|alert|page|slack)_on_(?:fail\w*|error\w*)"
    r"['\"\]]*[ \t]*[:=]+[ \t]*['\"]?(?:false|none|0)\b|"
    r"\bstop-logging\b|\bsystemctl\s+(?:stop|disable|"
    r"mask)[^\n]*(?:monitor|"
    r"agent|audit|watchdog|exporter|osquery|falco|wazuh|crowdstrike|fluent|telegraf)"
)
_STOPS = r"(?i)\b(?:disable|stop|pause|unregister|remove)_?([a-z]\w*)[ \t]*\("
_STARTS = r"(?i)\b(?:enable|start|resume|register|add)_?([a-z]\w*)[ \t]*\("
"""A call that takes back what another does, and the other."""
_WATCHES = (
    r"(?:monitor\w*|alert\w*|alarms?|telemetry|metrics?|tracing|watchdog|health_?-?checks?|"
    r"heartbeat|"
    r"observability|instrument\w*|insights|guardduty|cloudtrail|flow_?logs?|security_?hub|"
    r"inspector|"
    r"detectors?|anomaly\w*|probes?|sentry|datadog|prometheus|apm|otel|profiler|uptime\w*|"
    r"crash_?report\w*|error_?report\w*)"
)
_OWN_SWITCH = (
    rf"(?i)\b(?:disable|skip|bypass|ignore|suppress|mute|omit|"
    rf"silence)[_-]?(?:\w+[_-])??{_WATCHES}(?:_\w+)?"
    r"['\"]?\s*[:=]\s*['\"]?(?:true|yes|on|1)\b|"
    rf"\b(?:enabled?|require|enforce|include|use|with|collect|create|install|deploy|activate)[_-]?"
    rf"(?:\w+[_-])??{_WATCHES}(?:_\w+)?['\"]?\s*[:=]\s*['\"]?(?:false|no|off|0)\b|"
    rf"\b(?:\w+[_-])?{_WATCHES}_?(?:enabled|required|active)['\"]?\s*[:=]\s*['\"]?(?:false|no|"
    rf"off|0)\b"
)
"""A program's own switch, by the grammar of its name."""
_OPTIONAL = r"^[ \t]*(?:count|for_each)[ \t]*=[ \t]*(?:0\b|!?(?:var|local)\.|\(?!?(?:var|local)\.)"
"""Makes a resource one that need not be there."""
_PHONES_HOME = (
    r"(?i)\b(?:NEXT|ASTRO|GATSBY|NUXT|STORYBOOK|TURBO|VERCEL|EXPO|NG|DOTNET_CLI|POWERSHELL|"
    r"AZURE_CORE|SAM_CLI|"
    r"HF_HUB|HF|VLLM|GRADIO|MEM0|CHROMA|ANONYMIZED|CREWAI|HOMEBREW|CHECKPOINT|HASURA|PRISMA|"
    r"WRANGLER|"
    r"STRAPI|MEDUSA|CLAUDE_CODE|DISABLE_NON_ESSENTIAL|CARGO|POETRY|DBT_SEND)\w*"
    r"(?:TELEMETRY|ANALYTICS|USAGE_STATS|COLLECT)\w*|\bDO_NOT_TRACK\b|anonymi[sz]ed_telemetry|"
    r"\b[A-Z][A-Z\d]*(?:_[A-Z\d]+)?_TELEMETRY_(?:DISABLED|OPT_?OUT)\b|"
    r"--(?:disable|no)-telemetry\b|\.env\([ \t]*\"\w*TELEMETRY\w*\""
)
"""A tool's word home about how it is used: nothing of the product's own is watched by it."""
_TURNED_ON = (
    r"(?i)(?:enabled?|SENTRY_DSN|_EXPORTER)['\"]?\]?\s*(?:[:=]+|,)[ \t]*['\"]?(?:true|1|yes|"
    r"on|https?:)"
)
_DISABLES_FALSE = (
    r"(?i)(?:disabled?\w*|opt_?out|not_track)['\"]?\]?\s*(?:[:=]+|,)[ \t]*['\"]?(?:false|0|no)"
)
_NAMED = (
    r"(?i)(?:^[ \t]*(?:-[ \t]+)?|[\[,][ \t]*)['\"`][\w.-]*(?:alerts?|monitor(?:ing)?|watchdog|"
    r"health-?check|telemetry|audit)[\w.-]*['\"`]"
)
"""The name of a watcher in a list of what is on."""
_START = (
    r"(?i)(?:watchdog|monitor(?:ing)?|alert(?:s|ing)?|telemetry|heartbeat|health_?check|"
    r"tracing|"
    r"sentry)\w*\s*(?::=|=)\s*[^=\n]"
)
_NARROWED = r"\band\b|&&|\bnot\b|!|\bfalse\b|\bFalse\b"
_NOUNS = (
    r"monitor\w*|alert\w*|alarms?|watchdogs?|health[ -]?checks?|healthchecks?|telemetry|sentry|"
    r"datadog|dd-?trac\w+|prometheus|grafana|metrics?|probes?|liveness|tracing|traces|"
    r"observability|otel|opentelemetry|sampling|sample rate|heartbeats?|pagerduty|newrelic|"
    r"guardduty|cloudtrail|posthog|insights|analytics|instrumentation|error tracking|"
    r"error reporting|crash reporting|usage alerts?|uptime|safecount"
)
_ELSEWHERE = frozenset(
    {Label.TEST, Label.DOCS, Label.LOCK, Label.GENERATED, Label.VENDORED, Label.DATA, Label.MEDIA}
)
_DEPLOYED = frozenset({Label.INFRASTRUCTURE, Label.CONTAINER, Label.CI})
_QUIET = ("#", "//", "*", "/*", "--", '"""')
_IMPORTS = ("import ", "from ", "use ", "using ", "#include", "extern crate")
"""Names a watcher, which something else starts."""
_SERVICES = 50
"""Lost watchers of one file up to which it is asked whether their services go, too."""
_AROUND = 8
"""Lines before a switch that may name the block it stands in."""


def check(view: View) -> Iterator[Hit]:
    """Mark watchers that go, switches that turn them off, and what the title admits."""
    told = gives_up(view.subject, _NOUNS)
    yield from _gone(view, told=told)
    yield from unwatched(view)
    yield from unmeasured(view, _counts)
    yield from unseen(view, _counts)
    yield from unwatched_machines(view)
    for regex, tells in (
        (_OFF, _turned_off),
        (_OWN_SWITCH, _own),
        (_OPTIONAL, _optional),
        (OFF, parts_off),
        (DEFAULT, off_by_default),
        (CONDITION, only_elsewhere),
    ):
        for file in filter(_counts, view.where(regex, side=Side.NEW)):
            yield from tells(file)
    for file in view.where(_NAMED, _WATCHER, _START, side=Side.OLD):
        if _counts(file) and file.added:
            if file.gone(_WATCHER) or file.gone(_NAMED):
                yield from _commented(file)
            yield from _narrowed(file)


def _counts(file: FileView) -> bool:
    return file.labels.isdisjoint(_ELSEWHERE)


def _gone(view: View, *, told: bool) -> Iterator[Hit]:
    """Tell watchers that go with nothing in their place; code moves about more."""
    files = [file for file in view.where(_WATCHER) if _counts(file)]
    for found in disappeared(files, _WATCHER):
        file = found.file
        lines = [line for line in found.lost if not line.text.startswith(_QUIET)]
        if file.status != "D":
            lines = [line for line in lines if not line.text.startswith(_IMPORTS)]
        weighs = told or not file.labels.isdisjoint(_DEPLOYED) or _starts(lines)
        for line in lines:
            whole = len(lines) <= _SERVICES and not told and _goes_whole(file, line)
            counts = weighs and not whole
            yield Hit.at(
                file,
                line,
                "what watched is taken away",
                side=Side.OLD,
                severity=Severity.MEDIUM if counts else Severity.LOW,
            )


def _goes_whole(file: FileView, line: Line) -> bool:
    return line.number is not None and goes_whole(file, line.number)


def _own(file: FileView) -> Iterator[Hit]:
    """Tell the program's own switches; one in a new file switched nothing off."""
    for line in file.new(_OWN_SWITCH):
        home = expression(_PHONES_HOME).search(line.whole)
        if line.text.startswith(_QUIET) or home or expression(_OFF).search(line.whole):
            continue
        severity = Severity.LOW if file.status == "A" else Severity.MEDIUM
        yield Hit.at(file, line, "monitoring is switched off", severity=severity)


def _optional(file: FileView) -> Iterator[Hit]:
    """Tell resources that watch, and are only there on a condition now."""
    if file.status != "M":
        return
    watcher, openers = expression(_WATCHER), Openers(file, reach=_AROUND)
    lines = file.new(_OPTIONAL)
    added = {text for _, text in file.added_lines()} if lines else set()
    for line in lines:
        around = openers.above(line.number) if line.number else b""
        if watcher.search(around) and around not in added:
            yield Hit.at(file, line, "what watches is only there on a condition now")


def _starts(lines: list[Line]) -> bool:
    """Return whether a watcher's very start is among the lines, rather than one report."""
    start = expression(
        r"(?i)(?:sentry|telemetry|tracer|monitor\w*|metrics|watchdog|otel)\w*\.?(?:init|start|"
        r"setup)?\s*\("
    )
    kinds = expression(
        r"(?i:pager|opsgenie|escalat)|HealthIndicator|MustRegister|Probe\b|HEALTHCHECK|"
        r"kind:|- alert:|resource\s|HealthChecks\(|Instrument"
    )
    report = expression(r"(?i)capture|record|track|send|emit|set_|register|import|\bnew\w*\(")
    begins = expression(BEGINS)
    return any(
        kinds.search(line.whole)
        or begins.search(line.whole)
        or (start.search(line.whole) and not report.search(line.whole))
        for line in lines
    )


def _turned_off(file: FileView) -> Iterator[Hit]:
    on, kept = expression(_TURNED_ON), expression(_DISABLES_FALSE)
    begun = _begun(file) if expression(_STOPS).search(file.added) else frozenset()
    for line in file.new(_OFF):
        quiet = line.text.startswith(_QUIET)
        if quiet or on.search(line.whole) or kept.search(line.whole):
            continue
        home = expression(_PHONES_HOME).search(line.whole)
        severity = Severity.LOW if home or _is_half(line, begun) else Severity.MEDIUM
        yield Hit.at(file, line, "monitoring is switched off", severity=severity)


def _begun(file: FileView) -> frozenset[bytes]:
    """Return what new lines start, enable, resume, register or add, without its underscores."""
    found = expression(_STARTS).findall(file.added)
    return frozenset(name.lower().replace(b"_", b"") for name in found)


def _is_half(line: Line, begun: frozenset[bytes]) -> bool:
    """Return whether the same change also starts what a call stops: a watcher that is new."""
    found = expression(_STOPS).search(line.whole)
    return found is not None and found[1].lower().replace(b"_", b"") in begun


def _commented(file: FileView) -> Iterator[Hit]:
    watcher = expression(f"{_WATCHER}|{_NAMED}")
    for number, text, _ in commented_out(file):
        if watcher.search(text):
            yield Hit.on(file, number, text, "what watched is commented out")


def _narrowed(file: FileView) -> Iterator[Hit]:
    """Tell watchers that start under one more condition, or left the list of what is on."""
    for pair in pairs_losing(file, _START, _NAMED):
        if _asks_more(pair):
            told = "a watcher starts under fewer circumstances"
        elif _is_left_out(pair):
            told = "a watcher is no longer in the list"
        else:
            continue
        yield Hit.on(file, pair.new_line, pair.new, told)


def _asks_more(pair: Pair) -> bool:
    """Return whether what starts a watcher got a condition, and lost nothing."""
    start, changed = expression(_START), changed_tokens(pair)
    more = b" ".join((*changed.came, *(new for _, new in changed.swapped)))
    if changed.gone or not expression(_NARROWED).search(more):
        return False
    return bool(start.search(pair.old) and start.search(pair.new))


def _is_left_out(pair: Pair) -> bool:
    """Return whether the new line names no watcher, nor the same one in another way."""
    code, name = _code(pair.new), expression(_NAMED)
    named = name.search(pair.old)
    return bool(named) and not name.search(code) and named[0].strip(b" \t-[,") not in code


def _code(line: bytes) -> bytes:
    """Return a line without its trailing comment."""
    for marker in (b"//", b" #"):
        line = line.split(marker, 1)[0]
    return line


RULE = Rule(
    id="monitoring-switched-off",
    pathway=Pathway.SAFETY_SABOTAGE,
    severity=Severity.MEDIUM,
    confidence=Confidence.MEDIUM,
    stability=Stability.STABLE,
    summary="takes monitoring, alerts or health checks away, or switches them off",
    version=8,
    triggers=(ENTRIES, WATCHES),
    wakes=frozenset({Label.CI}),
    added_triggers=(_OFF, _OWN_SWITCH, _OPTIONAL, OFF, DEFAULT, CONDITION),
    removed_triggers=(_WATCHER, _NAMED, _START, MADE, COUNTS, THINGS),
    check=check,
)
