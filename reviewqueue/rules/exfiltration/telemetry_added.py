"""Telemetry: what happens inside, told to somebody new.

What it flags
    Added set-up of an analytics, error-reporting or session-recording service (PostHog,
    Sentry, Mixpanel, Amplitude, Segment, Google Analytics, Datadog, Hotjar, LogRocket,
    OpenTelemetry exporters …), a DSN or a collector's address with its key, telemetry
    switched on by default; the number of another account in a call that was there.
    What people ask a language model and what it answers, handed to a service that keeps
    traces: its decorators, wrappers, callbacks and processors, and models that are called
    through it.
    A new program that is named for telemetry, usage or analytics, and reaches a host elsewhere.
    Also somebody's host or user name that goes into a request, and a collector's address
    that is newly written in the program or in a collector's settings.

Why it matters
    It sends from every machine, for ever, to a host that nobody reviews again; prompts, paths
    and names travel in events and stack traces.

How to review it
    Who receives it, is there consent, and can it be switched off?
    Look for what each event carries; default settings often include addresses and bodies.

Not flagged
    Use of a service that the file already sets up; prose weighs one level less;
    telemetry switched off.

Seen in
    ATT&CK T1020 (Automated Exfiltration), T1567 (Exfiltration Over Web Service); the telemetry
    disputes around Audacity (2021) and Moq's SponsorLink (2023), which sent hashed addresses.
"""

from collections.abc import Iterator

from reviewqueue.domain.finding import Confidence, Pathway, Severity, Side
from reviewqueue.domain.paths import Label, set_aside
from reviewqueue.scan.effects.reports import SENDERS, new_sender
from reviewqueue.scan.rule import (
    FileView,
    Hit,
    Pattern,
    Rule,
    Stability,
    View,
    expression,
    is_named,
)
from reviewqueue.scan.structure.flow import SENDS, uses
from reviewqueue.scan.structure.kinds import is_code

_NEVER = frozenset({Label.LOCK, Label.GENERATED, Label.VENDORED, Label.DATA, Label.DOCS})

_IDENTITY = (
    r"\bplatform\.(?:node|uname|platform|machine)\s*\(|\bsocket\.gethostname\s*\(|"
    r"\bgetpass\.getuser\s*\(|\buuid\.getnode\s*\(|"
    r"\bos\.(?:hostname|userInfo|networkInterfaces|getlogin|uname|Hostname)\s*\(|"
    r"\bhostname::get\s*\(|\bwhoami::\w+\s*\(|\buser\.Current\s*\(|"
    r"\bEnvironment\.(?:UserName|MachineName)\b|\bmachineIdSync\s*\(|\bmachine_?id\b|"
    r"\bgetLocalHost\s*\(|\bSocket\.gethostname\b|\bEtc\.getlogin\b|\b(?:api\.)?ipify\.org\b|"
    r"\bifconfig\.me\b|\bicanhazip\.com\b|\bipinfo\.io\b|\bcheckip\.amazonaws\.com\b"
)
_ENDPOINT = (
    r"(?i)\b\w*(?:telemetry|analytics|metrics|tracking|tracker|events?|stats|usage|beacon|otlp|"
    r"otel|collector|exporter|ingest\w*|logs?)_?(?:url|endpoint|host|server|dsn|"
    r"addr\w*)\w*[\"']?\]?\s*(?::\s*&?(?:'static\s+)?str\s*)?[:=]\s*[\"'`]https?://|"
    r"\bWithEndpoint(?:URL)?\s*\(\s*\"|IngestionEndpoint=https?:"
)
_LOCAL = (
    r"(?i)localhost|127\.0\.0\.1|0\.0\.0\.0|://[\w-]+(?::\d+)?(?:[/\"'`]|$)|\.local\b|"
    r"\.internal\b|\.svc\b|example\.(?:com|org)\b|\"[\w-]+:\d+\"|://(?:\$\{|\{\{)|host\.docker|"
    r"(?:change|cata|dia|back|^[ \t]*b|_b)log_?(?:url|endpoint|host|server)"
)
_EXPORTERS = (
    r"^[ \t]*-?[ \t]*(?:endpoint|host|"
    r"url):\s*[\"']?(?:https?://)?[\w-]+(?:\.[\w-]+)+\.?[a-z]{2,}(?::\d+)?(?:/\S*)?[\"']?\s*$"
)
_COLLECTOR = (
    "*otel*",
    "*collector*",
    "*fluent*",
    "*vector*",
    "*telegraf*",
    "*promtail*",
    "*filebeat*",
    "*logstash*",
    "*alloy*",
)


_LIBRARY = (
    r"[\"']((?:langfuse(?:-langchain)?|@langfuse/[\w-]+|@traceloop/[\w-]+|@helicone/[\w-]+|"
    r"@vercel/(?:analytics|speed-insights)|fathom-client|plausible-tracker|"
    r"posthog-(?:js|node)|@amplitude/[\w-]+|mixpanel(?:-browser)?|"
    r"@segment/analytics[\w-]*|@datadog/browser-\w+|@sentry/[\w-]+|logrocket|react-ga4?|"
    r"@opentelemetry/exporter-[\w-]+|@fullstory/browser|"
    r"@microsoft/applicationinsights[\w-]*|@openreplay/tracker)[\"'/])"
)
_ASKED_FOR = r"[\"']\s*:\s*[\"'][\^~\d>=*w]"


def check(view: View) -> Iterator[Hit]:
    """Mark where somebody's identity is told, and to which new place reports go."""
    for file in view.where(_IDENTITY, side=Side.NEW):
        for use in uses(file, _IDENTITY, SENDS) if is_code(file) else ():
            told = f"tells somebody elsewhere who and where this is, as line {use.source} finds it"
            yield Hit.on(file, use.number, use.text, told, discountable=True)
    for file in view.where(_ENDPOINT, side=Side.NEW):
        if is_code(file) and not set_aside(file.labels):
            for line in file.new(_ENDPOINT):
                if not expression(_LOCAL).search(line.whole):
                    yield Hit.at(file, line, "reports to an address that is written in the program")
    for file in view.where(SENDERS, side=Side.NEW):
        if is_code(file) and not set_aside(file.labels) and Label.SOURCE in file.labels:
            yield from new_sender(file)
    yield from _collected(view)
    yield from _libraries(view)


def _libraries(view: View) -> Iterator[Hit]:
    """Mark libraries that a manifest did not ask for before, in whatever version."""
    for file in view.where(_LIBRARY, side=Side.NEW):
        if Label.MANIFEST in file.labels:
            yield from _taken_in(file)


def _taken_in(file: FileView) -> Iterator[Hit]:
    name = expression(_LIBRARY)
    for line in file.new(_LIBRARY):
        found = name.search(line.whole)
        if expression(_ASKED_FOR).search(line.whole) and found and found[1] not in file.removed:
            yield Hit.at(file, line, "takes in a library that reports to a service")


def _collected(view: View) -> Iterator[Hit]:
    """Mark new places in a collector's own settings."""
    for file in view.where(_EXPORTERS, side=Side.NEW):
        named = is_named(file.path, _COLLECTOR)
        for line in file.new(_EXPORTERS) if named and is_code(file) else ():
            if not expression(_LOCAL).search(line.whole):
                yield Hit.at(file, line, "sends logs, traces or metrics to a new place")


RULE = Rule(
    id="telemetry-added",
    pathway=Pathway.EXFILTRATION,
    severity=Severity.MEDIUM,
    confidence=Confidence.MEDIUM,
    stability=Stability.STABLE,
    summary="reports what happens inside to a service",
    version=7,
    added_triggers=(_IDENTITY, _ENDPOINT, _EXPORTERS, _LIBRARY, SENDERS),
    check=check,
    patterns=(
        Pattern(
            r"(?i)\b\w*(?:telemetry|analytics)_?(?:write_?)?(?:key|host|token|dsn|endpoint)\b['\"]?"
            r"[ \t]*[:=][ \t]*\S",
            "names where, or as whom, reports are made",
            only=frozenset({Label.CI, Label.CONTAINER, Label.BUILD, Label.SCRIPT, Label.CONFIG}),
            never=_NEVER,
        ),
        Pattern(
            r"\b[pP]ost[hH]og\.init\s*\(|\bnew\s+PostHog\s*\(|\bPosthog\s*\(|"
            r"\b[sS]entry\w*\.[iI]nit\s*(?:\(|\{|do\b)|\bsentry_sdk\.init\s*\(|\bsentry::init\s*\(|"
            r"\bSentrySdk\.Init|\bSentrySDK\.start|\bmixpanel\.init\s*\(|"
            r"\bMixpanel(?:\.init)?\s*\(\s*[\"'\w]|\bamplitude\.(?:init|getInstance)\s*\(|"
            r"\bnew\s+Analytics\s*\(\s*\{|\banalytics\.load\s*\(|\bgtag\s*\(\s*['\"](?:config|js)|"
            r"\bga_tracking\b|\bgoogle_?analytics\b\W+[A-Z]|['\" ]G-[A-Z0-9]{8,12}\b|"
            r"\bUA-\d{4,10}-\d{1,2}\b|['\"]GTM-[A-Z0-9]{5,8}\b|['\"]phc_[A-Za-z0-9]{30}|"
            r"\bgoogletagmanager\.com/g|\bgoogle-analytics\.com/|\bdatadogRum\.init|"
            r"\bdatadogLogs\.init|\bLogRocket\.init|\bFullStory\.init|\bhotjar\.initialize|"
            r"\bstatic\.hotjar\.com|\bclarity\.ms/|\bBugsnag\.start\s*\(|\bRollbar\s*\(\s*\{|"
            r"\brollbar\.init\s*\(|\bplausible\.io/js|\bstatsig\.initialize|"
            r"\bLangfuse\s*\(\s*(?:public_key|\{\s*publicKey)|\bnewrelic\.agent\.initialize|"
            r"\bapplicationinsights?\.setup\s*\(|\bRaygun\w*\.init",
            "sets up a service that is told what happens inside",
            never=_NEVER,
        ),
        Pattern(
            r"\b(?:OTLP\w*Exporter|otlp\w+http\.New|otlp\w+grpc\.New|"
            r"opentelemetry_otlp::new_exporter)\s*\(",
            "exports traces, logs or metrics to a collector",
            line=r"https?://|[\w-]+\.[a-z]{2,}:\d|endpoint",
            never=_NEVER,
        ),
        Pattern(
            r"<script\s[^>\n]*(?:data-(?:domain|website-id|project|token|site(?:-id)?|cf-beacon|"
            r"id)\b|(?:analytics|insights|tracker|matomo|umami|piwik|usefathom|"
            r"simpleanalytics)[\w.-]*[./])",
            "loads a script that counts and reports visitors",
            line=r"https?://|src=",
            never=_NEVER,
        ),
        Pattern(
            r"(?i:\bfrom[ ]+(?:langfuse|langsmith|helicone|traceloop|phoenix|arize|weave|opik|"
            r"agentops|lunary|literalai|braintrust|logfire|honeyhive|galileo|langtrace\w*|"
            r"trulens\w*|mlflow)(?:\.\w+)*[ ]+import[ ]+\S)|"
            r"\b(?:Traceloop|agentops|weave|lunary|logfire|langtrace|AgentOps|LangWatch|Laminar|"
            r"openlit)\.(?:init|configure|initialize|setup)\s*\(|"
            r"\b(?:OpenAI|Anthropic|LangChain|Llama_?Index|LlamaIndex|Bedrock|VertexAI|"
            r"Mistral\w*|Groq|LiteLLM|CrewAI|DSPy|Cohere|GoogleGenerativeAI)Instrument(?:or|"
            r"ation)\s*\(|\bLangfuse\w*\s*\(\s*[{)]|\bobserve(?:OpenAI)?\(\s*new[ ]|"
            r"\bwrap_?(?:openai|anthropic|OpenAI|AISDK\w*|traced)\s*\(|"
            r"^[ \t]*@(?:observe|traceable|weave\.op|opik\.track|agentops\.\w+|track_llm\w*)\b|"
            r"\b(?:Langfuse|LangSmith|OpenInference|Braintrust|Laminar)(?:Span(?:Processor|"
            r"Exporter)|Exporter|Callback\w*|Tracer)\s*\(|"
            r"\.autolog\s*\(|\bLLMObs\.enable\s*\(|\bset_global_handler\s*\(|\blitellm\.callbacks\s*=|"
            r"\b(?:success|failure|input|async_success)_callbacks?\s*=\s*\[\s*[\"']|"
            r"[\"'](?:Helicone|x-portkey|X-Portkey|x-lunary|X-Langfuse)-[\w-]+[\"']",
            "what people ask a model and are answered is kept by a service of traces",
            line=r"^[ \t]*[^\s#/*]",
            never=_NEVER | {Label.TEST},
        ),
        Pattern(
            r"<(?:PostHog|Mixpanel|Amplitude|Segment|Statsig|Analytics|Telemetry|Sentry|Datadog|"
            r"LogRocket|Rollbar|Bugsnag|Intercom)Provider\b|"
            r"\bAdd(?:ApplicationInsights|OpenTelemetry|Raygun|Bugsnag)\w*\s*\(|\bUseSentry\s*\(|"
            r"\bnew\s+PostHog\.Builder|\bposthog\.New(?:WithConfig)?\s*\(|"
            r"\bnew\s+(?:Mixpanel|Amplitude|Segment|Rudder\w*)\w*\s*\(",
            "sets up a service that is told what happens inside",
            never=_NEVER | {Label.TEST},
        ),
        Pattern(
            r"\bslackapi/slack-github-action@|\b(?:8398a7/action-slack|rtCamp/action-slack-notify|"
            r"sarisia/actions-status-discord|appleboy/(?:telegram|discord)-action|"
            r"dawidd6/action-send-mail|tsickert/discord-webhook)@",
            "a workflow newly sends messages to a chat or by mail",
            line=r"\buses:",
        ),
        Pattern(
            r"https://[0-9a-f]{32}@[\w.-]+/\d+",
            "reports to an error service's address with its key",
            never=_NEVER,
        ),
        Pattern(
            r"(?i)\b(?:\w*telemetry|\w*analytics|usage_?(?:stats|reporting|statistics)|"
            r"crash_?report(?:ing|s)?)_?(?:enabled|level|opt_?in|default)?[\"']?\s*[:=]\s*(?:true|"
            r"on|[\"'](?:true|on|all|full|1)[\"'])",
            "switches telemetry on",
            never=_NEVER | {Label.TEST},
        ),
        Pattern(
            r"(?i)\b\w*(?:telemetry|"
            r"analytics)\w*[\"']?\s*[:=(]\s*(?:\w+\s*)?[({]\s*[\"']?(?:is_?)?(?:enabled|active|"
            r"on)[\"']?\s*[:=]\s*(?:true|True)\b",
            "switches telemetry on",
            never=_NEVER | {Label.TEST},
        ),
    ),
)
