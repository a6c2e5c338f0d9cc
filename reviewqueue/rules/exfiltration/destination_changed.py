"""The destination of an existing call or setting, moved to another host.

What it flags
    A removed and an added line that are the same but for the host they name: `requests.post`,
    `fetch`, `curl`, a webhook, an endpoint, a DSN, a telemetry or update address, a proxy or a
    registry, a base URL with its default, the bucket that something is put into. A call that
    sends, whose address was given by name and is written out now.

Why it matters
    The call is old, so nothing that looks for calls sees it; all that it ever sent now goes to
    somebody else. One changed word is easily read over.

How to review it
    Find who owns the new host, and since when.
    List what is sent there: with which token, which headers, which content?

Not flagged
    Another path, version or sub-domain of the same domain; links, schemas, licences and
    comments; prose, tests and lock files.

Seen in
    ATT&CK T1565.002 (Transmitted Data Manipulation), T1557; postmark-mcp (npm, 2025), whose
    one-line change sent a copy of every mail to another domain; Codecov's bash uploader
    (2021), where one added line sent the environment to a host of the attackers'.
"""

from collections import defaultdict
from collections.abc import Iterator
from typing import Any

from reviewqueue.domain.finding import Confidence, Pathway, Severity, Side
from reviewqueue.domain.paths import Label, is_own, set_aside
from reviewqueue.scan.rule import FileView, Hit, Line, Rule, Stability, View, expression
from reviewqueue.scan.structure.pairs import exchanged, finds, pairs_losing

_ADDRESSED = (
    r"(?:[=:(,]|\?\?|\|\||\bcurl\s[^\n]*|\bwget\s[^\n]*|\breturn)\s*[bfru]?[\"'`]?(?:https?|wss?|"
    r"ftp|grpc|amqps?|redis|postgres(?:ql)?|mongodb(?:\+srv)?)://|(?i:host|hostname|domain|"
    r"endpoint|server|collector|webhook|smtp|relay|proxy|bcc|cc|recipient|mail_?to|"
    r"email)\w*[\"']?\s*(?::=|[:=])\s*[bfru]?[\"'`][\w.+@-]*[\w-]+\.[a-z]{2,}[\"'`:]"
)
_HOST = (
    r"(?:://(?:[^\s/@\"'`]*@)?|[\"'`@])([A-Za-z0-9][\w-]*(?:\.[\w-]+)*\.[A-Za-z]{2,}|"
    r"\d+(?:\.\d+){3})"
)
_OTHERWISE = r"\.\w+\s*(?:\|\||\?\?|\bor)\s*[\"'`]https?://"
"""A setting that still says where, if it says anything."""
_WRITTEN = r"[\"'`]https?://([A-Za-z0-9][\w-]*(?:\.[\w-]+)*\.[A-Za-z]{2,}|\d+(?:\.\d+){3})"
"""A host in the text of an address."""
_LINK = (
    r"(?i)xmlns|\$schema|\$id\b|homepage|repository|\bbugs\b|licen[cs]e|docs?_?(?:url|link|site)|"
    r"<meta\b|property=|documentation|href\s*=|<a\s|\bsee\b|^\s*(?:#|//|\*|<!--|--|;)|"
    r"\[[^\]]*\]\(|@see|\bsource:|\bsrc\s*=|social|twitter|avatar|image|logo|favicon|badge|"
    r"funding|thumbnail|example|\buses:|\bid\s*[:=]|namespace|"
    r"^\s*(?:echo|print\w*|puts)\b[^\n]*\b(?:see|read|visit|more|docs?)\b"
)
_LOCAL = (b"localhost", b"127.0.0.1", b"0.0.0.0", b"example.com", b"example.org", b"example.net")
_NEVER = frozenset({Label.LOCK, Label.GENERATED, Label.VENDORED, Label.DATA, Label.MEDIA})
_SECOND_LEVEL = frozenset(
    {b"co", b"com", b"org", b"net", b"ac", b"gov", b"edu", b"github", b"pages"}
)
_STORED = (
    r"(?i)bucket\w*[\"']?\]?\s*(?::=|=>|[:=,])\s*[\"'`]?(?:[a-z0-9]+://)?[\w.-]{3,}|"
    r"\b(?:s3a?|gs|gcs|abfss?|wasbs?)://[\w.-]+"
)
_BUCKET = (
    r"(?i)(?:bucket\w*[\"']?\]?\s*(?::=|=>|[:=,])\s*[\"'`]?(?:[a-z0-9]+://)?|"
    r"\b(?:s3a?|gs|gcs|abfss?|wasbs?)://)([\w.-]{3,})"
)
_SENDS = (
    r"\b(?:[pP]ost|[pP]ut|[pP]atch|[sS]end|[uU]pload|[sS]ubmit|[pP]ublish|[rR]eport|urlopen|"
    r"fetch|axios|sendBeacon)\w*\s*\([^\n]*[,)]"
)
"""A call that sends: a trigger."""
_LONGEST = 4_096
"""Bytes of a line that are compared."""
_READS = (
    r"(?i)\b(?:download|get_object|model|weights|dataset|cache|terraform|backend|state|pull|"
    r"fetch|read)"
)


def check(view: View) -> Iterator[Hit]:
    """Pair the removed and the added lines that differ only in their host."""
    both = frozenset(view.where(_ADDRESSED, side=Side.NEW))
    for file in view.where(_ADDRESSED, side=Side.OLD) if both else ():
        if file in both and file.labels.isdisjoint(_NEVER) and not set_aside(file.labels):
            yield from _moved(file)
    for file in view.where(_SENDS, side=Side.OLD):
        if is_own(file.labels) and Label.SOURCE in file.labels and file.new(_SENDS):
            yield from _fixed(file)
    for file in view.where(_STORED, side=Side.OLD):
        if file.labels.isdisjoint(_NEVER) and not set_aside(file.labels):
            yield from _stored(file)


def _fixed(file: FileView) -> Iterator[Hit]:
    """Mark calls that went wherever the settings said, and go to a host of the code's now."""
    sends = expression(_SENDS)
    for pair in pairs_losing(file, _SENDS):
        old, new = sends.search(pair.old[:_LONGEST]), sends.search(pair.new[:_LONGEST])
        hosts = [found[1].lower() for found in expression(_WRITTEN).finditer(pair.new[:_LONGEST])]
        if not (old and new and hosts) or b"://" in pair.old or finds(_OTHERWISE)(pair.new):
            continue
        if old[0].partition(b"(")[0] == new[0].partition(b"(")[0] and hosts[0] not in _LOCAL:
            named = hosts[0].decode("latin-1")
            told = f"what goes out went where the settings said, and goes to {named} now"
            yield exchanged(file, pair, told)


def _moved(file: FileView) -> Iterator[Hit]:
    before: defaultdict[bytes, list[list[bytes]]] = defaultdict(list)
    new = file.new(_ADDRESSED)
    for line in file.gone(_ADDRESSED) if new else ():
        before[_frame(line)].append(_hosts(line))
    for line in new if before else ():
        frame = _frame(line)
        if not before.get(frame) or expression(_LINK).search(line.whole):
            continue
        for was, now in zip(before[frame].pop(0), _hosts(line), strict=False):
            if _is_another(was, now):
                yield _hit(file, line, "destination", was, now)
                break


def _stored(file: FileView) -> Iterator[Hit]:
    """Mark the lines that are the same but for the bucket they name."""
    name = expression(_BUCKET)
    before: dict[bytes, bytes] = {}
    for line in file.gone(_STORED):
        if found := name.search(line.whole[:_LONGEST]):
            before[_without(line, found)] = found[1].lower()
    for line in file.new(_STORED) if before else ():
        found = name.search(line.whole[:_LONGEST])
        was = before.get(_without(line, found)) if found else None
        if not was or was == found[1].lower() or expression(_READS).search(line.whole):
            continue
        yield _hit(file, line, "bucket", was, found[1])


def _without(line: Line, found: Any) -> bytes:  # noqa: ANN401 -- re2 ships no types
    """Return the line without the bucket that was found in it, its white space folded."""
    text = line.whole[:_LONGEST]
    return b" ".join((text[: found.start(1)] + b"\0" + text[found.end(1) :]).split())


def _hit(file: FileView, line: Line, what: str, was: bytes, now: bytes) -> Hit:
    names = f"{was.decode('latin-1')} before, {now.decode('latin-1')} now"
    return Hit.at(file, line, f"only the {what} of an existing line changes: {names}")


def _frame(line: Line) -> bytes:
    """Return the line without its hosts, its white space folded."""
    return bytes(expression(_HOST).sub(b"://", b" ".join(line.whole[:_LONGEST].split())))


def _hosts(line: Line) -> list[bytes]:
    return [found[1].lower() for found in expression(_HOST).finditer(line.whole[:_LONGEST])]


def _is_another(was: bytes, now: bytes) -> bool:
    if now in _LOCAL or was in _LOCAL:
        return False
    return _domain(was) != _domain(now)


def _domain(host: bytes) -> bytes:
    """Return the part of a host that somebody registers, about."""
    parts = host.split(b".")
    if parts[-1].isdigit():
        return host
    keep = 3 if len(parts) > 2 and parts[-2] in _SECOND_LEVEL else 2  # noqa: PLR2004 -- a.b.c
    return b".".join(parts[-keep:])


RULE = Rule(
    id="destination-changed",
    pathway=Pathway.EXFILTRATION,
    severity=Severity.MEDIUM,
    confidence=Confidence.MEDIUM,
    stability=Stability.STABLE,
    summary="sends what was already sent to another host",
    version=3,
    removed_triggers=(_ADDRESSED, _SENDS, _STORED),
    check=check,
)
