"""Telemetry widened: reports that already exist tell more, or a tracker gets to know who it is.

What it flags
    Options of analytics and error-reporting clients that collect more: autocapture, recorded
    sessions, screenshots, bodies, local variables, prompts, personal data; masking, consent
    or an anonymous address switched off; a report that was off unless somebody asked for it,
    and is on. Somebody's name, mail, organisation or machine newly
    in what a telemetry module sends; one more field in a report that was sent before, where it
    is what somebody wrote; a tracker made with the user's
    identity; a package that installs, counts or tracks, newly taken in and used in the same change.
    Low, since every product's reports grow so: a user's or a team's number in a report, one more
    field that is a number or a kind, and a new kind of report, below the product's own class.

Why it matters
    The client was agreed to for what it sent then. One option later the same address gets
    what people type, what is on their screen, or the values of variables when a call fails.

How to review it
    Read what the option collects by default, in the client's own documentation.
    Was the user asked for this, or for less? What is masked before it leaves?

Not flagged
    Options that switch collecting off; the same words away from a reporting client; tests.

Seen in
    ATT&CK T1020 (Automated Exfiltration), T1119 (Automated Collection), T1113; the editor
    packages minimap and autocomplete-python (2016 and 2017), which came to carry an
    installer and a tracker of a company that had bought them.
"""

from collections.abc import Callable, Iterator

from reviewqueue.domain.finding import Confidence, Pathway, Severity, Side
from reviewqueue.domain.paths import Label, set_aside
from reviewqueue.scan.effects.reports import CALLS, KINDS, new_kinds, tells_more
from reviewqueue.scan.rule import (
    FileView,
    Hit,
    Line,
    Rule,
    Stability,
    View,
    expression,
    is_named,
)
from reviewqueue.scan.structure.comments import is_comment
from reviewqueue.scan.structure.hunks import ChangedLines, on_side
from reviewqueue.scan.structure.kinds import is_code
from reviewqueue.scan.structure.openers import Openers
from reviewqueue.scan.structure.pairs import (
    changed_tokens,
    exchanged,
    finds,
    holding,
    pairs_losing,
)

_ON = r"[ \t]*[\"']?(?i:true|yes|on\b|all\b|always|allow|[1-9]\d*%?\b|0\.[1-9]|medium|small|raw)"
_OFF = r"[ \t]*[\"']?(?i:false|off|no\b|0\b|null|nil|None|allow\b|undefined)"
_OPTION = (
    r"(?i)\b(?:enable_?|is_?|with_?|set_?)?(?:(?:exception_?)?auto_?capture\w*|auto_?track\w*|"
    r"auto_?session_?track\w*|record_?sessions?_?(?:percent|rate)?|session_?(?:recording|replay)\w*|"
    r"replays?_?(?:session|on_?error)?_?sample_?rate|session_?replay_?sample_?rate|"
    r"attach_?(?:screenshot|view_?hierarchy|request|body|user)\w*|include_?local_?variables|"
    r"local_?variables?_?(?:integration)?|send_?default_?pii|send_?personal\w*|"
    r"capture_?(?:request_?)?(?:body|bodies|headers|cookies|message_?content|content|params|sql|console\w*|network\w*|"
    r"keystrokes|text|inputs?|prompts?|messages|screenshots?|clipboard|personal\w*|user\w*)|"
    r"record_?(?:sql|params|inputs?|outputs?|prompts?|content|messages|console|network|text|body|bodies|headers|canvas)|"
    r"collect_?(?:user|personal|device|ip|location|usage|content|body|headers|cookies|input|prompt)\w*|"
    r"include_?(?:prompts?|content|bod\w+|headers|cookies|user\w*|pii)|trace_?(?:content|prompts?|inputs?|outputs?)|max_?request_?body_?size|log_?(?:prompts|request_?bod\w+)|"
    r"track_?user_?interactions|enable_?sql_?command_?text_?instrumentation|db_?statement_?\w*|"
    r"upload_?(?:crash|usage|diagnostic)\w*)[\"']?[ \t]*(?::=|=>|[:=])"
)
_HIDING = (
    r"(?i)\b(?:mask_?all_?\w+|block_?all_?media|mask_?(?:text|inputs?|user_?input|content)\w*|"
    r"anonymi[sz]e_?ip|ip_?anonymi[sz]ation|anonymi[sz]e\w*|respect_?(?:dnt|do_?not_?track)|"
    r"default_?privacy_?level|privacy_?level|scrub_?(?:data|ip\w*|pii|fields?)?|"
    r"opt_?out\w*by_?default|require_?consent|wait_?for_?consent|sanitize_?(?:properties|"
    r"urls?))[\"']?[ \t]*(?::=|=>|[:=])"
)
_NAMED = (
    r"CAPTURE_MESSAGE_CONTENT\b|\bTRACELOOP_TRACE_CONTENT\b|\bLANG(?:CHAIN|SMITH)_TRACING(?:_V2)?\b"
)
_SWITCHED = (
    r"(?i)\b\w*(?:telemetry|analytics|usage_?(?:stats|statistics|report\w*|data)|crash_?report|"
    r"diagnostics|error_?report)\w*\b[^\n]*\b(?:off|false|no|0|disabled?|opt_?out|opt_?in)\b"
)
"""A switch of what reports, that is off: a trigger."""
_TO_ON = {
    b"off": b"on",
    b"false": b"true",
    b"no": b"yes",
    b"0": b"1",
    b"disabled": b"enabled",
    b"disable": b"enable",
    b"optin": b"optout",
    b"opt_in": b"opt_out",
}
_SETTING = f"{_OPTION}|{_HIDING}|{_NAMED}"
_ITS_OWN = (
    r"(?i)auto_?capture|record_?sessions|replays?_?|session_?(?:replay|recording)|default_?pii|"
    r"local_?variables|attach_?(?:screenshot|view)|mask_?all|block_?all_?media|message_?content|"
    r"request_?body_?size|privacy_?level"
)
"""Options that nothing but a reporting client has."""
_CLIENT = (
    r"(?i)posthog|sentry|mixpanel|amplitude|segment\b|rudder|datadog|dd_?rum|dd-trace|newrelic|"
    r"new_relic|bugsnag|rollbar|hotjar|logrocket|fullstory|clarity|\bheap\b|analytics|telemetry|"
    r"otel|opentelemetry|insights|instana|honeycomb|langfuse|langsmith|statsig|matomo|snowplow|"
    r"raygun|appcenter|crashlytics|firebase|braze|intercom|pendo|smartlook|openreplay|highlight\.|"
    r"track(?:er|ing)|monitoring|elastic_?apm|\bapm\b|gtag|\brum\b"
)
_PLACE = (
    "*telemetry*",
    "*analytics*",
    "*tracking*",
    "*tracker*",
    "*segment*",
    "*posthog*",
    "*mixpanel*",
    "*amplitude*",
    "*usage_stats*",
    "*usage-stats*",
    "*sentry*",
)
_FIELD = (
    r"(?i)(?:^|[{(,])[ \t]*(?:payload|event|props|properties|data|body|params|self|this|context|"
    r"traits|attributes)?[.\[]?[\"':]?(?:user_?(?:id|name|email)|uid|e_?mail(?:_?address)?|"
    r"org(?:anization)?_?(?:id|name)|machine_?id|device_?id|host_?name|ip_?addr(?:ess)?|"
    r"account_?(?:id|name)|tenant_?id|distinct_?id|team_?id|customer_?id|full_?name|"
    r"repo(?:sitory)?_?url|git_?(?:remote|user)|mac_?addr\w*|serial_?number)[\"']?\]?[ \t]*(?:=>|"
    r":|=)[ \t]*[^=\s:]"
)
_NO_VALUE = (
    r"(?i)(?:[:=>][ \t]*[\"']?(?:nil|null|none|undefined|string|str|int|number|any|\"\"|"
    r"'')\b[^\n(]*$|[:=][ \t]*(?:Optional|option|varchar|text|z\.|field\(|column)|\bhash|anonym|"
    r"redact|mask|process\.argv|\b(?:type|interface|def|fn|func|function|class|public|private|"
    r"static)\b|^\s*@|invalid)"
)
_REPORTS = (
    r"(?i)\b\w*(?:telemetry|analytics|posthog|segment|mixpanel|amplitude|rudder\w*|heap|tracker|"
    r"statsig|sentry|logrocket|fullstory|smartlook|clarity|pendo|intercom|braze|openreplay|"
    r"bugsnag|datadog|dd_?rum|appinsights|umami|plausible|event_?logger|"
    r"usage_?logger)\w*(?:\(\))?\??(?:\.|::|->)(?:track|capture|identify|log|record|send|emit|"
    r"event|page|group|people|set_?user|register|set_?(?:tag|context|property|properties|"
    r"global\w*)|alias|report|add_?prop\w*|push)\w*\s*[(<]|"
    r"\b(?:track|capture|log|record|send|report)_?(?:telemetry|analytics|usage)\w*\s*\(|"
    r"\b(?:track|capture)_?event\w*\s*\("
)
_WHO = (
    r"(?i)(?:^[ \t]*|[{(,][ \t]*)[\"':]?(?:user_?(?:id|name|email|info)?|uid|"
    r"e?_?mail(?:_?address)?|org(?:anization)?_?(?:id|name)?|machine_?id|device_?id|host_?name|"
    r"ip_?addr(?:ess)?|account_?(?:id|name)|tenant_?id|workspace_?id|distinct_?id|team_?id|"
    r"customer_?id|login|full_?name|phone|repo(?:sitory)?_?(?:url|name)|git_?(?:remote|user)|"
    r"mac_?addr\w*|serial_?number|prompt|file_?path)[\"']?\]?[ \t]*(?:[:=][^=:]|,[ \t]*[\"'\w])"
)
_PERSONAL = (
    r"(?i)e?_?mail|name|phone|login|ip_?addr|mac_?addr|machine_?id|device_?id|serial|repo|git_|"
    r"prompt|path"
)
"""What tells more of somebody than a number that stands for them."""
_WITHIN = 8
"""Lines of a report's call in which its fields stand."""
_TRACKS = (
    r"(?:Tracker|Metrics\w*|Analytics\w*|Telemetry\w*)(?:\.(?:new|create|init|start))?[ \t]*\(|"
    r"\b(?:Metrics|Tracker|Analytics)\.(?:\w+\.)*(?:track\w*|identify|capture\w*|sendEvent|"
    r"logEvent)\b|[\"'/][\w@/-]*(?:installer|tracker|tracking|metrics|analytics|telemetry|"
    r"insights|beacon|sponsor\w*)[\"'][ \t]*(?:\)|$|:[ \t]*\"[\^~\d>=*])"
)
_BY_USER = (
    r"(?:(?:\b|Usage|Event|User|Activity|Behaviou?r|Click|Session|Install|Page|Stats|"
    r"Product)Tracker|Metrics\w*|Analytics\w*|"
    r"Telemetry\w*)(?:\.\w+)?[ \t]*\([^\n]*(?i:user\.?_?id|account\w*\(?\)?\.?\w*id|e_?mail|"
    r"machine_?id|uuid|distinct_?id|user\.?name|host_?name)"
)
_CALLED = (
    r"\b(?:Metrics|Tracker|Analytics)\.(?:\w+\.)*(?:track\w*|identify|capture\w*|sendEvent|"
    r"logEvent)\b"
)
_TAKES = r"\b(?:require|import|from|use|load)\b"
_DEPENDENCY = (
    r"\"([\w@/-]*(?:installer|tracker|tracking|metrics|analytics|telemetry|insights|beacon|"
    r"sponsor\w*))\"[ \t]*:[ \t]*\"[\^~\d>=*]"
)
_TRUE = r"(?i)[:=][ \t]*[\"']?(?:true|1)\b"
_ABOVE = 20
"""Lines above an option within which its client is named."""
_LONGEST = 1_000


def check(view: View) -> Iterator[Hit]:
    """Mark options that collect more, identities in reports, and trackers."""
    for file in view.where(_SETTING, side=Side.NEW):
        if _is_read(file):
            yield from _collected(file)
    told = [
        hit
        for file in view.where(_WHO, side=Side.NEW)
        if _is_read(file) and Label.SOURCE in file.labels
        for hit in _identified(file)
    ]
    if told:
        gone = {line.key for file in view.where(_WHO) for line in file.gone(_WHO)}
        yield from (hit for hit in told if hit.key not in gone)
    yield from _tracked(view)
    for file in filter(_is_read, view.where(_SWITCHED, side=Side.OLD)):
        for pair in pairs_losing(file, _SWITCHED):
            changed = changed_tokens(pair)
            turned = [_TO_ON.get(old.lower()) == new.lower() for old, new in changed.swapped]
            if turned and all(turned) and not (changed.gone or changed.came):
                yield exchanged(
                    file, pair, "what reports is on now unless somebody switches it off"
                )
    for regex, tells in ((CALLS, tells_more), (KINDS, new_kinds)):
        for file in view.where(regex, side=Side.NEW):
            if _is_read(file) and Label.SOURCE in file.labels:
                yield from tells(file)


def _is_read(file: FileView) -> bool:
    return is_code(file) and not set_aside(file.labels) and Label.VENDORED not in file.labels


def _collected(file: FileView) -> Iterator[Hit]:
    """Mark options of a reporting client that collect more or hide less."""
    near = _Near(file)
    for line in file.new(_SETTING):
        text = line.whole
        if is_comment(text) or len(text) > _LONGEST:
            continue
        if told := _collects(near, line):
            yield Hit.at(file, line, told)


class _Near:
    """What stands beside the new lines of a file, taken out once."""

    def __init__(self, file: FileView) -> None:
        self._openers = Openers(file, reach=_ABOVE)
        self._added = ChangedLines(file)
        self.is_clients = finds(_CLIENT)(file.path.encode())

    def is_on(self, number: int) -> bool:
        """Return whether a variable is set to true, on its line or on the next."""
        return finds(_TRUE)(self._added.within(range(number, number + 2)))

    def names_client(self, number: int) -> bool:
        """Return whether a reporting client is named on a line, or shortly above it."""
        return finds(_CLIENT)(self._openers.before(number))


def _collects(near: _Near, line: Line) -> str:
    """Return what a setting does; empty where it does nothing, or is no reporting client's."""
    number = line.number or 0
    if expression(_NAMED).search(line.whole):
        return "what people ask and are answered goes into the traces" * near.is_on(number)
    if not (finds(_ITS_OWN)(line.whole) or near.is_clients or near.names_client(number)):
        return ""
    if expression(_OPTION + _ON).search(line.whole):
        return "a reporting client newly collects more: what people do, type or see"
    if expression(_HIDING + _OFF).search(line.whole):
        return "a reporting client no longer hides what it collects"
    return ""


def _identified(file: FileView) -> Iterator[Hit]:
    """Mark who somebody is, where it newly stands in a report, or in a module that reports."""
    told = list(_told(file))
    yield from told
    if told or file.status == "A" or not is_named(file.path, _PLACE):
        return
    for line in file.new(_WHO):
        text = line.whole[:_LONGEST]
        if is_comment(text) or not expression(_FIELD).search(text):
            continue
        if not expression(_NO_VALUE).search(text):
            yield Hit.at(file, line, "what is reported newly says who or where the user is")


def _told(file: FileView) -> Iterator[Hit]:
    """Mark who somebody is, within the call of a report."""
    fields = {line.number for line in file.new(_WHO)}
    for _, start, lines in file.hunks():
        shown = on_side(lines, Side.NEW)
        opened = None
        for at, line in enumerate(shown):
            if found := expression(_REPORTS).search(line):
                opened = (at, line[found.end() :])
            if opened is None or at - opened[0] > _WITHIN or line[:1] != b"+":
                continue
            if start + at not in fields or (at == opened[0] and not _says(opened[1])):
                continue
            # Cut, as a long line would be read again for each of those after it.
            between = [opened[1][:_LONGEST]]
            between += [text[1:][:_LONGEST] for text in shown[opened[0] + 1 : at]]
            if at == opened[0] or _is_open(b"\n".join(between)):
                yield _who(file, start + at, line[1:])
                opened = None


def _who(file: FileView, number: int, text: bytes) -> Hit:
    """Return a field that says who somebody is: a number for them is what reports go by."""
    said = b" ".join(found[0] for found in expression(_WHO).finditer(b" " + text[:_LONGEST]))
    severity = None if finds(_PERSONAL)(said) else Severity.LOW
    told = "tells a service who or where the user is, with each report"
    return Hit.on(file, number, text, told, severity=severity)


def _says(text: bytes) -> bool:
    return expression(_WHO).search(b" " + text) is not None


def _is_open(text: bytes) -> bool:
    """Return whether what follows is still within the call."""
    depth = 1
    for letter in text:
        depth += (letter in b"([{") - (letter in b")]}")
        if depth <= 0:
            return False
    return True


def _tracked(view: View) -> Iterator[Hit]:
    """Mark trackers that know the user, and packages that count, taken in and used at once."""
    files = [file for file in view.where(_TRACKS, side=Side.NEW) if _is_read(file)]
    names = {
        found[1]
        for file in files
        if Label.MANIFEST in file.labels
        for line in file.new(_TRACKS)
        if (found := expression(_DEPENDENCY).search(line.whole))
    }
    named = holding(names, _LONGEST)
    for file in files:
        for line in file.new(_TRACKS) if Label.MANIFEST not in file.labels else ():
            text = line.whole[:_LONGEST]
            if told := "" if is_comment(text) else _knows(text, named):
                yield Hit.at(file, line, told)


def _knows(text: bytes, named: Callable[[bytes], bool]) -> str:
    if expression(_TAKES).search(text) and named(text):
        return "a package that installs, counts or tracks is newly taken in, and used at once"
    if expression(_BY_USER).search(text):
        return "a tracker newly gets to know who the user is"
    if expression(_CALLED).search(text):
        return "what the user does is newly reported to a tracker"
    return ""


RULE = Rule(
    id="telemetry-widened",
    pathway=Pathway.EXFILTRATION,
    severity=Severity.MEDIUM,
    confidence=Confidence.MEDIUM,
    stability=Stability.STABLE,
    summary="lets telemetry tell more, or know who it tells of",
    triggers=(_WHO,),
    added_triggers=(_SETTING, _TRACKS, CALLS, KINDS),
    removed_triggers=(_SWITCHED,),
    version=5,
    check=check,
)
