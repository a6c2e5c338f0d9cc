r"""A title that says that data is sent out.

What it flags
    A change whose own title exports, uploads, sends, copies or forwards to object storage, a
    warehouse, telemetry, analytics or a third party, brings in such a service, or logs requests,
    headers or secrets. It marks the changed line that shares most with the title.

Why it matters
    Where data goes is decided once and looked at never again. A title that names the place is
    the one moment when somebody can ask what goes there.

How to review it
    What exactly is sent, who can read it there, and do the people whose data it is know?

Not flagged
    Titles of documentation, tests and dependencies; what stops being sent, or stays here. One more
    event for a service that is in use is a low finding, unless the change shows of whom or of what
    it tells (an address, a name, a prompt), where it goes, or a new way for it; so is a name or a
    number that nothing in the change takes out of the program.

Seen in
    ATT&CK T1567 (exfiltration over web service), T1537 (transfer data to cloud account).
"""

from reviewqueue.domain.finding import Confidence, Pathway, Severity
from reviewqueue.scan.effects.announced import NOT_COMPOUND, Announcement, announcing
from reviewqueue.scan.rule import Rule, Stability

_WHO_OR_WHAT = (
    r"(?i)\b(?:[a-z]+_)*(?:e-?mails?|user_?(?:id|name|email)s?|distinct_?id|host_?name|ip_?addr\w*|"
    r"mac_?addr\w*|machine_?id|device_?id|prompts?|clipboard|screenshots?|recording|replays?\w*|"
    r"keystrokes?|cookies?|message_?(?:text|content|body)|(?:request|response)_?bod\w*|"
    r"stack_?traces?|environ)\b|(?-i:[a-z](?:Email|UserId|UserName|HostName|IpAddress|DeviceId)\b)|"
    r"https?://|\bidentify\(|\brecord(?:s|er|ing)?['\"]?[ ]*[:=]|"
    r"\b(?:def|func|fn|function|class|interface|struct)[ ]+\w*(?:telemetry|analytics|"
    r"send_?\w*(?:event|usage|stat|report|crash))"
)
"""Of whom, or of what, something newly goes out, where to, or a new way for it."""
_GOES = (
    r"(?i)telemetr|analytics|sentry|posthog|segment|mixpanel|amplitude|datadog|langfuse|langsmith|"
    r"honeycomb|crash|webhook|https?://|\bhttp\w*\.|\bfetch\(|\brequests?\.|axios|\bsend\w*\(|"
    r"upload|\btrack\w*\(|\bcapture\w*\(|\breport\w*\(|\blog\w*[.(]|\bprint\w*\(|bucket|\bs3\b|"
    r"gcs|\bpush|mirror|publish|prompt|header"
)
"""What takes something out of the program."""
_USE = Announcement(
    r"\b(?:export|upload|sync|dump|send|ship|push|copy|copi|mirror|archiv|publish|forward|collect|"
    r"captur|report|stream|replicat)(?:s|es|e|ed|ing)?\b[^:;]{0,40}\b(?:to|in|into|with|"
    r"via) (?:\w+ ){0,2}(?:telemetry|analytics|posthog|segment|mixpanel|amplitude|datadog)\b|"
    r"\b(?:exception|error|session|keystroke|screen|user|usage|"
    rf"prompt)s? (?:auto-?)?(?:capture{NOT_COMPOUND}|(?:recording|replay|collection)\b)|"
    r"\b(?:add|integrat|introduc|"
    r"enabl)(?:e|es|s|ed|ing)?\b(?:[^:;]{0,30}|[^:;]{0,60}\bto )\b(?:telemetry|analytics|(?:usage|"
    r"user|event) tracking|posthog|mixpanel|amplitude|google analytics|gtag|matomo|hotjar|"
    r"fullstory|langsmith|langfuse|helicone)\b|"
    r"\b(?:add|send|collect|report|enabl|gather|introduc|record|emit|submit|track)(?:s|es|e|ed|ing)?"
    r"\b[^:;]{0,30}\b(?:usage|crash|diagnostics?|install\w*|adoption|feature[- ]usage)(?: |-)"
    r"(?:stat\w*|reports?|reporting|data|metrics|events?|pings?|tracking|analytics)\b",
    "the title says that data is sent out",
    unless=r"\b(?:local ?storage|token usage|usage limits?|locally|offline|on[- ]device|"
    r"in[- ]memory|opt[- ]?outs?|disabl\w*|dashboards? for)\b",
    shown=_WHO_OR_WHAT,
)
_REACHES = Announcement(
    r"\b(?:send|post|forward|report|sync|upload|push|export|ship|pip|stream|emit|copy|copi|mirror|"
    r"publish|submit|deliver)(?:s|es|e|ed|ing|t)?\b[^:;]{0,40}\bto (?:the |an? |our )?(?:\w+ ){0,2}"
    r"(?:sentry|slack|discord|telegram|webhooks?|hubspot|salesforce|intercom|zendesk|zapier|"
    r"pastebin|gist|rollbar|bugsnag|honeycomb|new ?relic|loki|splunk|sheets?|airtable|notion|"
    r"external \w+|remote (?:server|storage|host|endpoint)|third[- ]part\w+|cloud storage)\b|"
    r"\b(?:includ|attach|embed|add|dump|print|expos|leak|log|show|return|write|writ)\w*\b[^:;]{0,25}"
    r"\b(?:env(?:ironment)?(?: variables?| vars?)|process env|secrets?|tokens?|credentials|"
    r"system prompts?|api keys?|passwords?)\b[^:;]{0,20}\b(?:in|into|to|with) (?:the )?(?:\w+ )?"
    r"(?:bug reports?|logs?|errors?|reports?|responses?|issues?|telemetry|crash\w*|output|stdout|"
    r"payloads?|prompts?)\b|\b(?:collect|captur|record|sav|stor|log|keep|retain|harvest)\w*\b"
    r"[^:;]{0,25}\b(?:prompts?|conversations?|chats?|keystrokes|screens?|screenshots?|clipboard|"
    r"user (?:input|data|messages)|completions|messages|emails|contacts|locations?)\b[^:;]{0,30}\b"
    r"for (?:\w+ )?(?:training|improv\w+|analy\w+|research|fine-?tun\w+|marketing)\b",
    "the title says that data is sent out",
    unless=r"\b(?:bug-?fix\w*|fix\w*|test\w*|prevent\w*|redact\w*|instead|cpu|memory|disk|api|llm|cost|"
    r"billing|resource|page|view|panel|docs?|coverage|mask\w*|remov\w*|avoid\w*|stop\w*)\b|"
    r"\btoken usage\b",
)
_TELLS = Announcement(
    r"\b(?:report|send|includ|attach|track|collect|captur|upload|log|add|record)(?:s|es|e|ed|ing|t)?\b"
    r"(?: [\w./'-]+){0,4} (?:host ?names?|user ?(?:ips?|emails?|names?|ids?)|e-?mails?|"
    r"ip addresses|"
    r"machine ids?|mac addresses|crash ?dumps?|core ?dumps?|prompts?|environment|env vars?|"
    r"stack ?traces?|full logs?|install logs?)\b(?: (?:in|to|with|into|as)\b|$)|"
    r"\b(?:send|export|forward|emit|ship)(?:s|ed|ing)?\b[^:;]{0,30}\bto (?:langfuse|langsmith|"
    r"segment|"
    r"helicone|arize|wandb|weights (?:and|&) biases|sentry|posthog)\b|"
    r"\b(?:mirror|publish|push|sync|copy|replicat|upload|releas)(?:s|es|e|ed|"
    r"ing)?\b[^:;]{0,30}\b(?:to|on) "
    r"(?:the )?(?:gitlab|bitbucket|hugging ?face|(?:hf )?hub|kaggle|gist|public (?:bucket|"
    r"repo\w*)|s3|gcs)\b",
    "the title says that data is sent out",
    unless=r"\b(?:fix\w*|test\w*|docs?|ui|page|form|stop\w*|redact\w*|mask\w*|no longer|don'?t|"
    r"template|field|column|docker hub|image)\b",
    shown=_GOES,
)
_SENDS = Announcement(
    r"\b(?:export|upload|sync|dump|send|ship|push|copy|copi|mirror|archiv|publish|forward|collect|"
    r"captur|report|stream|replicat)(?:s|es|e|ed|ing)?\b[^:;]{0,40}\b(?:to|in|into|with|"
    r"via) (?:\w+ ){0,2}(?:s3|buckets?|gcs|blob storage|bigquery|third[- ]party|warehouse|"
    r"snowflake|dropbox|google drive)\b|\blog(?:s|ging|ged)?\b[^:;]{0,30}\b(?:(?:request|"
    r"response) (?:bod|payload|header)\w*|headers|passwords?|secrets?|credentials|user (?:data|"
    r"input))\b",
    "the title says that data is sent out",
    unless=r"\b(?:local ?storage|token usage|usage limits?|locally|offline|on[- ]device|"
    r"in[- ]memory|opt[- ]?outs?|disabl\w*|dashboards? for)\b",
)


RULE = Rule(
    id="outflow-announced",
    pathway=Pathway.EXFILTRATION,
    severity=Severity.MEDIUM,
    confidence=Confidence.MEDIUM,
    stability=Stability.STABLE,
    summary="says that data is sent out",
    version=7,
    check=announcing(_SENDS, _REACHES, _USE, _TELLS),
)
