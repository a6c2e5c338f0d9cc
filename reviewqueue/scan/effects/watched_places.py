"""Lines of a template that report, stay as they are, and apply only in some places now.

Only a condition comes, and its end: what stands between is the same as before, so that every
line of it still reads as if it were on.
"""

from collections.abc import Iterator
from dataclasses import dataclass

from reviewqueue.domain.finding import Severity
from reviewqueue.domain.paths import Label
from reviewqueue.scan.rule import FileView, Hit
from reviewqueue.scan.structure.comments import is_comment
from reviewqueue.scan.structure.hunks import numbered
from reviewqueue.scan.structure.pairs import finds

_GO = r"\{\{-?[ \t]*(?:#[ ]?)?(?:if|with|unless|range|define|block)\b[^}\n]*\}\}"
_JINJA = r"\{%-?[ \t]*(?:if|unless)\b[^}\n]*%\}"
_ERB = r"<%-?[ \t]*(?:(?:if|unless|case)\b[^>\n]*|[^=#>\n][^>\n]*\bdo\b[^>\n]*)%>"
_OPENS = rf"^[ \t]*(?:{_GO}|{_JINJA}|{_ERB})[ \t]*$"
_ENDS = (
    r"^[ \t]*(?:\{\{-?[ \t]*(?:end|/(?:if|with|unless))[ \t]*-?\}\}|"
    r"\{%-?[ \t]*end(?:if|unless)\b[^\n]*%\}|<%-?[ \t]*end[ \t]*-?%>)[^\n{<]*$"
)
CONDITION = r"^[ \t]*(?:\{\{-?[ \t]*(?:#[ ]?)?|\{%-?[ \t]*|<%-?[ \t]*)(?:if|with|unless)\b"
"""A condition of a template: a trigger of what is added."""
_ELSEWHERE = (
    r"(?i)\b(?:ne|eq|not)\b|[!=]=|(?:^|[^\w])!|\bunless\b|env\b|environment|stage|\bprod|production|"
    r"staging|\bdev|region|cluster|tier\b"
)
"""A condition that asks where, or for the opposite: more than a watcher's own switch."""
_REPORTS = (
    r"(?i)^[ \t]*(?:-[ \t]+)?(?:export[ \t]+)?(?:name:[ \t]*)?[\"']?[\w./-]*(?:otel|"
    r"open_?telemetry|sentry|datadog|\bdd[_-](?:agent|trace|env|apm|site)|new_?relic|prometheus|telemetry|tracing|"
    r"metrics|monitor|alert|\baudit|logstash|statsd|jaeger|zipkin|honeycomb|pagerduty|opsgenie|"
    r"fluent|filebeat|promtail|rollbar|bugsnag|honeybadger|airbrake|appinsights|"
    r"instrumentation_key|liveness_?probe|readiness_?probe|health_?check|watchdog|syslog)[\w./-]*[\"']?"
    r"[ \t]*(?:[:={]|$)|"
    r"^[ \t]*kind:[ \t]*(?:PrometheusRule|ServiceMonitor|PodMonitor|Probe|AlertmanagerConfig)\b"
)
_TEMPLATES = (".tpl", ".j2", ".tmpl", ".erb", ".epp", ".gotmpl", ".ctmpl")


@dataclass(slots=True)
class _Opened:
    """What opens a block, and whether a line below it, that was there, reports."""

    mark: bytes
    number: int
    text: bytes
    reports: bool = False


def only_elsewhere(file: FileView) -> Iterator[Hit]:
    """Mark conditions that newly stand around lines that report; less, a mere switch of theirs."""
    if file.status not in {"M", "R"} or not _is_template(file):
        return
    for found in _around(file):
        where = finds(_ELSEWHERE)(found.text)
        told = "what reports is only on under a new condition"
        severity = Severity.MEDIUM if where else Severity.LOW
        yield Hit.on(file, found.number, found.text, told, severity=severity)


def _is_template(file: FileView) -> bool:
    return Label.CONFIG in file.labels or file.path.endswith(_TEMPLATES)


def _around(file: FileView) -> Iterator[_Opened]:
    """Yield the new conditions with a new end, between which something reported before.

    One that the hunk does not end waits for the end that a later hunk shows alone.
    """
    condition, opens, ends, reports = map(finds, (CONDITION, _OPENS, _ENDS, _REPORTS))
    before = {text.strip() for _, text in file.removed_lines()}
    waiting: list[_Opened] = []
    for hunk in file.hunks():
        stack: list[_Opened] = []
        for mark, number, text in numbered(hunk):
            if mark == b"-":
                continue
            if opens(text):
                stack.append(_Opened(mark, number, text))
            elif ends(text):
                closed = stack.pop() if stack else waiting.pop() if waiting else None
                if closed and stack:
                    stack[-1].reports |= closed.reports
                is_new = closed and closed.mark == mark == b"+" and text.strip() not in before
                if closed and is_new and closed.reports and condition(closed.text):
                    yield closed
            elif stack and (mark == b" " or text.strip() in before) and not stack[-1].reports:
                stack[-1].reports = reports(text) and not is_comment(text)
        waiting.extend(found for found in stack if found.mark == b"+")
