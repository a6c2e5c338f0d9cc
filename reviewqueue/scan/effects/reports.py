"""What a product tells its makers: reports that tell more, new kinds of them, new senders.

Known by the product's own words rather than by a brand: a call or a class that is named for
telemetry, analytics or usage, and a new program whose name says that it counts its users.
"""

from collections.abc import Iterator

from reviewqueue.domain.finding import Severity
from reviewqueue.scan.rule import FileView, Hit, expression
from reviewqueue.scan.structure.call_spans import changed_calls
from reviewqueue.scan.structure.comments import is_comment
from reviewqueue.scan.structure.flow import REACHES, abroad
from reviewqueue.scan.structure.pairs import finds
from reviewqueue.scan.structure.values import values

CALLS = (
    r"(?i)\b\w*(?:telemetry|analytics|usage_?(?:stats?|statistics|events?|report|metrics))\w*"
    r"(?:\(\))?(?:(?:\??\.|::|->)\w+)?[ ]*\(|\b(?:posthog|mixpanel|amplitude|segment|rudder\w*|"
    r"heap)(?:\(\))?\??\.(?:track|capture|identify|record|page|group)\w*[ ]*\(|"
    r"\btrack_?(?:event|usage|action|page)\w*[ ]*\("
)
"""A call that reports: a trigger of both sides."""
KINDS = r"(?:Telemetry|UsageStat\w*|UsageReport\w*|UsageCollector|UsagePing|AnalyticsEvent)"
"""What a new kind of report may descend from: a trigger of what is added."""
SENDERS = (
    r"(?i)usage[_ -]?(?:stats|statistics|ping|report)|phone[_-]?home|telemetry|analytics|"
    r"install(?:ation)?_?id\b|instance_?id\b|machine_?id\b|anonymous(?:ly)?[_ ]"
)
"""What a program that counts its users speaks of: likewise."""
_DEFINES = (
    r"^[ \t]*(?:(?:export|public|private|protected|static|async|pub|override|abstract|final)[ ]+)*"
    r"(?:def|func|fn|fun|function|class|interface|type|struct|import|from|use)\b"
)
_READS = (
    r"(?i)\b(?:is|has|should|can|get|read|load|init|configure|setup|enable|disable|use|with|create|"
    r"new|build|make|start|stop|opt\w*|format|render|parse|test|assert|mock|query|fetch|clear|"
    r"reset|delete|analy[sz]e|calculate|compute|print|show|display|describe)_?\w*(?:telemetry|analytics|"
    r"usage)\w*[ ]*\($|open_?telemetry|flush|loop|worker|spawn|handler?\b|queue|config"
)
"""A call of such a name that asks, sets up or carries, and adds nothing to a report."""
_CLASS = (
    r"^[^\n\"']*\b(?:class|struct|object|record)[ ]+\w+[^\n\"']*"
    rf"(?:\bextends|\bimplements|[:<(])[ ]*(?:[\w.:]+,[ ]*)*(?:\w+[.:])*{KINDS}\b"
)
_NOTHING = (
    r"(?i)\b(?:class|struct|object)[ ]+(?:no_?op|null|fake|mock|dummy|stub|disabled|test)|"
    r"\babstract\b|\b\w*exception\b"
)
_SENDER = (
    r"(?i)(?:telemetry|usage[_-]?(?:stats?|statistics|report\w*|tracker|ping)|phone[_-]?home|"
    r"call[_-]?home|analytics|stats[_-]?report\w*|version[_-]?ping|user[_-]?count\w*)[^/]*$"
)
_OF = (
    r"(?i)version|platform|machine|install|uuid|anonymous|instance_?id|client_?id|\bos\.|runtime|"
    r"arch\b|country|locale"
)
"""What such a program tells of whoever runs it."""
_CONTENT = (
    r"(?i)text|notes?(?:$|_)|contents?|bod(?:y|ies)|messages?|prompts?|quer(?:y|ies)|paths?|url|"
    r"inputs?|outputs?|address|mail|titles?|(?:user|full|file|host)_?name"
)
"""What somebody wrote, or where they are: more than a number or a kind."""


def tells_more(file: FileView) -> Iterator[Hit]:
    """Mark reports that were sent before, and tell one thing more now."""
    if file.status != "M":
        return
    for old, new in changed_calls(file, CALLS):
        name = new.text.partition(b"(")[0] + b"("
        if not new.changed or finds(_READS)(name):
            continue
        was, now = (_told(call.text.partition(b"(")[2]) for call in (old, new))
        if now > was and not any(finds(_DEFINES)(line) for _, line in new.changed):
            more = now - was
            said = next((one for one in new.changed if more & _told(one[1])), new.changed[-1])
            told = "a report of how the product is used tells more"
            severity = None if any(map(finds(_CONTENT), more)) else Severity.LOW
            yield Hit.on(file, *said, told, severity=severity)


def new_kinds(file: FileView) -> Iterator[Hit]:
    """Mark kinds of reports that were not collected before."""
    if len(file.new(KINDS)) <= len(file.gone(KINDS)):
        return
    for line in file.new(KINDS):
        is_one = finds(_CLASS)(line.whole[:1_000]) and not finds(_NOTHING)(line.whole[:1_000])
        if is_one and not is_comment(line.whole):
            told = "a new kind of report about how the product is used"
            yield Hit.at(file, line, told, severity=Severity.LOW)


def new_sender(file: FileView) -> Iterator[Hit]:
    """Mark a new program that tells somebody elsewhere who runs the product."""
    if file.status != "A" or not finds(_SENDER)(file.path.encode("utf-8", "replace")):
        return
    reaches, tells = expression(REACHES), expression(_OF)
    if not (reaches.search(file.added) and tells.search(file.added) and abroad(file)):
        return
    for number, text in file.added_lines():
        if reaches.search(text) and not is_comment(text):
            yield Hit.on(
                file, number, text, "a new program tells elsewhere how the product is used"
            )
            return


def _told(text: bytes) -> frozenset[bytes]:
    """Return the names in a call's arguments, and those of its fields."""
    told = b"\n".join([line for line in text.split(b"\n") if not is_comment(line)])
    fields = expression(r"[\"']([A-Za-z_]\w*)[\"'][ ]*(?::|=>|,)").findall(told)
    return frozenset(expression(r"[A-Za-z_]\w*").findall(values(told))) | frozenset(fields)
