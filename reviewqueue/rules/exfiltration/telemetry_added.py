"""Telemetry: what happens inside, told to somebody new.

What it flags
    Added set-up of an analytics, error-reporting or session-recording service (PostHog,
    Sentry, Mixpanel, Amplitude, Segment, Google Analytics, Datadog, Hotjar, LogRocket,
    OpenTelemetry exporters …), a DSN or a collector's address with its key, telemetry or
    personal data in reports switched on by default, session replay.

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

from reviewqueue.domain.finding import Confidence, Pathway, Severity
from reviewqueue.domain.paths import Label
from reviewqueue.scan.rule import Pattern, Rule, Stability

_NEVER = frozenset({Label.LOCK, Label.GENERATED, Label.VENDORED, Label.DATA, Label.DOCS})

RULE = Rule(
    id="telemetry-added",
    pathway=Pathway.EXFILTRATION,
    severity=Severity.MEDIUM,
    confidence=Confidence.MEDIUM,
    stability=Stability.STABLE,
    summary="reports what happens inside to a service",
    patterns=(
        Pattern(
            r"\b[pP]ost[hH]og\.init\s*\(|\bnew\s+PostHog\s*\(|\bPosthog\s*\(|"
            r"\b[sS]entry\w*\.[iI]nit\s*\(|"
            r"\bsentry_sdk\.init\s*\(|\bsentry::init\s*\(|\bSentrySdk\.Init|\bSentrySDK\.start|"
            r"\bmixpanel\.init\s*\(|\bMixpanel(?:\.init)?\s*\(\s*[\"'\w]|\bamplitude\.(?:init|"
            r"getInstance)\s*\(|"
            r"\bnew\s+Analytics\s*\(\s*\{|\banalytics\.load\s*\(|\bgtag\s*\(\s*['\"](?:config|js)|"
            r"\bga_tracking\b|\bgoogle_?analytics\b\W+[A-Z]|['\" ]G-[A-Z0-9]{8,12}\b|"
            r"\bgoogletagmanager\.com/g|\bgoogle-analytics\.com/|\bdatadogRum\.init|"
            r"\bdatadogLogs\.init|"
            r"\bLogRocket\.init|\bFullStory\.init|\bhotjar\.initialize|\bstatic\.hotjar\.com|"
            r"\bclarity\.ms/|"
            r"\bBugsnag\.start\s*\(|\bRollbar\s*\(\s*\{|\brollbar\.init\s*\(|\bplausible\.io/js|"
            r"\bstatsig\.initialize|\bLangfuse\s*\(\s*(?:public_key|\{\s*publicKey)|"
            r"\bnewrelic\.agent\.initialize|"
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
            r"[\"'](?:@vercel/(?:analytics|speed-insights)|fathom-client|plausible-tracker|posthog-(?:js|node)|"
            r"@amplitude/[\w-]+|mixpanel(?:-browser)?|@segment/analytics[\w-]*|@datadog/browser-\w+|"
            r"@sentry/[\w-]+|logrocket|react-ga4?|@opentelemetry/exporter-[\w-]+|@fullstory/browser|"
            r"@microsoft/applicationinsights[\w-]*|@openreplay/tracker)[\"'/]",
            "takes in a library that reports to a service",
            line=r"[\"']\s*:\s*[\"'][\^~\d>=*w]",
            only=frozenset({Label.MANIFEST}),
        ),
        Pattern(
            r"<script\s[^>\n]*(?:data-(?:domain|website-id|project|token|site-id)\b|"
            r"(?:analytics|insights|tracker|matomo|umami|piwik|usefathom|simpleanalytics)[\w.-]*[./])",
            "loads a script that counts and reports visitors",
            line=r"https?://|src=",
            never=_NEVER,
        ),
        Pattern(
            r"\bslackapi/slack-github-action@|\b(?:8398a7/action-slack|rtCamp/action-slack-notify|"
            r"sarisia/actions-status-discord|appleboy/(?:telegram|discord)-action|dawidd6/action-send-mail|"
            r"tsickert/discord-webhook)@",
            "a workflow newly sends messages to a chat or by mail",
            line=r"\buses:",
        ),
        Pattern(
            r"https://[0-9a-f]{32}@[\w.-]+/\d+",
            "reports to an error service's address with its key",
            never=_NEVER,
        ),
        Pattern(
            r"(?i)\b(?:send_?default_?pii|capture_?(?:request_?)?(?:body|bodies)|record_?(?:inputs|"
            r"outputs|"
            r"prompts?)|session_?replay|replays_?session_?sample_?rate|max_?request_?body_?size|"
            r"trace_?(?:content|prompts?)|capture_?message_?content)\b[\"']?\s*[:=]\s*"
            r"(?:true|1\b|1\.0|0\.[1-9]|[\"'](?:always|true))",
            "sends content or personal data with each report",
            never=_NEVER,
        ),
        Pattern(
            r"(?i)\b(?:\w*telemetry|\w*analytics|usage_?(?:stats|reporting|statistics)|"
            r"crash_?report(?:ing|s)?)"
            r"_?(?:enabled|level|opt_?in|default)?[\"']?\s*[:=]\s*(?:true|on|[\"'](?:true|on|all|"
            r"full|1)[\"'])",
            "switches telemetry on",
            never=_NEVER | {Label.TEST},
        ),
    ),
)
