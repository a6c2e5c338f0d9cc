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
    Titles of documentation, tests and dependencies; what stops being sent, or stays here.

Seen in
    ATT&CK T1567 (exfiltration over web service), T1537 (transfer data to cloud account).
"""

from reviewqueue.domain.finding import Confidence, Pathway, Severity
from reviewqueue.scan.announced import Announcement, announcing
from reviewqueue.scan.rule import Rule, Stability

_SENDS = Announcement(
    r"\b(?:export|upload|sync|dump|send|ship|push|copy|copi|mirror|archiv|publish|forward|collect|"
    r"captur|report|stream|replicat)(?:s|es|e|ed|ing)?\b[^:;]{0,40}\b(?:to|in|into|with|"
    r"via) (?:\w+ ){0,2}(?:s3|buckets?|gcs|blob storage|telemetry|analytics|posthog|segment|"
    r"mixpanel|amplitude|datadog|bigquery|third[- ]party|warehouse|snowflake|dropbox|"
    r"google drive)\b|\b(?:exception|error|session|keystroke|screen|user|usage|"
    r"prompt)s? (?:auto-?)?(?:capture|recording|replay|collection)\b|\b(?:add|integrat|introduc|"
    r"enabl)(?:e|es|s|ed|ing)?\b(?:[^:;]{0,30}|[^:;]{0,60}\bto )\b(?:telemetry|analytics|(?:usage|"
    r"user|event) tracking|posthog|mixpanel|amplitude|google analytics|gtag|matomo|hotjar|"
    r"fullstory|langsmith|langfuse|helicone)\b|\blog(?:s|ging|ged)?\b[^:;]{0,30}\b(?:(?:request|"
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
    version=4,
    check=announcing(_SENDS),
)
