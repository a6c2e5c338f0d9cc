"""What a watcher is told to look at, one by one: jobs it scrapes, services and hosts it checks.

A check that goes together with what it checked is housekeeping; a check that goes alone leaves
something running that nobody looks at.
"""

from collections.abc import Callable, Iterable, Iterator

from reviewqueue.domain.finding import Severity, Side
from reviewqueue.scan.effects.guards import lines
from reviewqueue.scan.rule import FileView, Hit, View
from reviewqueue.scan.structure.comments import is_comment
from reviewqueue.scan.structure.disappeared import disappeared

THINGS = (
    r"\bjob_name['\"]?:[ \t]*\S|^[ \t]*define[ \t]+(?:service|host)\b|"
    r"^[ \t]*(?:object|apply)[ \t]+(?:Service|Host)\b|"
    r"\b(?:icinga2?|nagios|sensu|zabbix|monit|monitoring|nrpe|collectd|telegraf|datadog_agent)::"
    r"[a-z_:]+[ ]*\{|"
    r"\b(?:nagios|icinga2?|sensu|zabbix)_(?:check|service|host|object|item|trigger)\b"
)
"""A thing that is watched: a trigger of both sides."""
BEGINS = (
    r"^[ \t]*(?:(?:await|go|defer|_[ ]*=)[ ]+)?(?:[\w.]+[.:>])?(?i:start|run|spawn|launch|begin|"
    r"schedule|setup)_?(?:\w*_)?(?i:heart_?beat|health_?check|watchdog|alert|monitor)\w*[ ]*\("
)
"""A statement that does nothing but start a watcher."""
_OTHER = 12
"""Lines that may go with each thing, beyond its own, before more went than the check."""


def _came(files: Iterable[FileView]) -> int:
    lines_of = (line for file in files for line in file.new(THINGS))
    return sum(not is_comment(line.whole) for line in lines_of)


def unseen(view: View, counts: Callable[[FileView], bool]) -> Iterator[Hit]:
    """Mark the things that nobody looks at any more."""
    if not view.where(THINGS, side=Side.OLD):
        return
    files = [file for file in view.where(THINGS) if counts(file)]
    gone = [
        (found.file, line)
        for found in disappeared(files, THINGS)
        for line in found.lost
        if not is_comment(line.whole)
    ]
    came = _came(files) if gone else 0
    if len(gone) <= came:
        return
    most = _OTHER * len(gone)
    alone = lines((file.removed for file in view.files if file.status != "D"), most) <= most
    stays = alone and all(file.status != "D" for file in view.files)
    for file, line in gone:
        told = "a thing that was watched is no longer looked at"
        severity = Severity.MEDIUM if stays else Severity.LOW
        yield Hit.at(file, line, told, side=Side.OLD, severity=severity)
