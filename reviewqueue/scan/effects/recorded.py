"""Records of who did what, that tell of fewer events, or less of each."""

from collections.abc import Iterator

from reviewqueue.domain.finding import Side
from reviewqueue.scan.rule import FileView, Line, expression
from reviewqueue.scan.structure.comments import is_comment
from reviewqueue.scan.structure.openers import Openers

LISTED = (
    r"^[ \t]*['\"][\w-]+[.:/][\w.:/-]+['\"],?[ \t\r]*$|^[ \t]*['\"]?[A-Z][A-Z_]{4,}['\"]?,[ \t\r]*$"
)
"""An entry of a list of events: a trigger."""
_OF_EVENTS = r"(?i)audit|(?:logged|recorded|tracked|security|activity)_?(?:event|action|operation)"
"""What the name of such a list says."""
WRITTEN = (
    r"(?i)\b(?:insert\w*|create|add|save|append|push|write|emit|publish|record|track)\s*\([^\n]*"
    r"\b(?:by|actor\w*|user_?id|who|principal|performed_?by|changed_?by)['\"]?\s*[:=]"
)
"""A record that somebody's name goes into: a trigger."""
_WHEN_OR_WHAT = (
    r"(?i)\b(?:at|timestamp|when|date|time|action|event|type|reason|kind)['\"]?\s*[:=]|"
    r"['\"][a-z_]+[.:](?:creat|updat|delet|rotat|revok|grant|remov|add|chang|login|disabl|enabl)\w*['\"]"
)
_READ = 2_000
"""Bytes of a line that are read."""


def unlisted(file: FileView) -> Iterator[Line]:
    """Yield the entries that a list of what is recorded no longer has."""
    lost = file.gone(LISTED)
    if not lost or len(lost) <= len(file.new(LISTED)):
        return
    openers = Openers(file, Side.OLD, reach=200)
    names = expression(_OF_EVENTS)
    for line in lost:
        if line.number and names.search(openers.above(line.number)):
            yield line


def unwritten(file: FileView) -> Iterator[Line]:
    """Yield the records of who did what, and when, that are no longer made."""
    lost = file.gone(WRITTEN)
    if not lost or len(lost) <= len(file.new(WRITTEN)):
        return
    told = expression(_WHEN_OR_WHAT)
    for line in lost:
        if told.search(line.whole[:_READ]) and not is_comment(line.whole):
            yield line
