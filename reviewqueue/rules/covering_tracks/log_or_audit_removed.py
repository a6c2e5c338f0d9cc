"""Traces removed: audit trails, logs or history switched off, emptied or deleted.

What it flags
    Added commands that empty or delete logs, switch off auditing or logging, clear a
    shell's history, expire git's reflog or set back a file's times. Removed lines that
    wrote an audit trail, where the change writes none elsewhere.

Why it matters
    After an incident the trail is what tells what happened. Removing it is rarely part
    of a task, and is the first thing somebody does who does not want to be found.

How to review it
    Ask which record now no longer exists, and who relied on it.
    Look at what the change does besides: what would the trail have shown?

Not flagged
    Logs rotated or moved; log lines of debugging removed; audit calls that move within
    their file; tests. An audit call that is changed, or moved to another file, is a low
    finding.
"""

from collections.abc import Iterator

from reviewqueue.domain.finding import Confidence, Pathway, Severity, Side
from reviewqueue.domain.paths import Label, read_by_machines
from reviewqueue.scan.disappeared import disappeared
from reviewqueue.scan.rule import Capability, FileView, Hit, Pattern, Rule, Stability, View

_AUDIT = (
    r"(?i)(?:audit|security)_?(?:log(?:ger)?|trail|event|record)\w*\s*[.(]|"
    r"\b(?:log|record|emit|write|track)_?(?:audit|security)\w*\s*\(|\baudit\s*\.\s*\w+\s*\("
)


def check(view: View) -> Iterator[Hit]:
    """Mark audit calls that are lost; less, those replaced or moved."""
    if not view.where(_AUDIT, side=Side.OLD):
        return
    files = [file for file in view.where(_AUDIT) if _is_program(file)]
    for found in disappeared(files, _AUDIT):
        if found.file.status == "D":
            continue
        for line in found.lost:
            yield Hit.at(found.file, line, "an audit record is no longer written", side=Side.OLD)
        for line in (*found.replaced, *found.moved):
            yield Hit.at(
                found.file,
                line,
                "an audit record is written otherwise",
                side=Side.OLD,
                severity=Severity.LOW,
            )


def _is_program(file: FileView) -> bool:
    if Label.TEST in file.labels and not read_by_machines(file.labels):
        return False
    return Label.SOURCE in file.labels and Label.GENERATED not in file.labels


RULE = Rule(
    id="log-or-audit-removed",
    pathway=Pathway.COVERING_TRACKS,
    severity=Severity.MEDIUM,
    confidence=Confidence.MEDIUM,
    stability=Stability.STABLE,
    summary="removes traces: audit trails, logs or history",
    capability=Capability.HIDES,
    patterns=(
        Pattern(
            r"\bunset\s+HISTFILE\b|\bHISTFILE=(?:/dev/null|['\"]{2}|\s|$)|\bHISTSIZE=0\b|"
            r"\bset\s+\+o\s+history\b|\bhistory\s+-c\b|"
            r"Clear-EventLog\b|wevtutil\s+cl\b",
            "clears the history of commands",
            severity=Severity.HIGH,
        ),
        Pattern(
            r"\.(?:bash|zsh)_history\b",
            "clears the history of commands",
            line=r"\brm\s|>\s*\S*_history|\bshred\s|\btruncate\s|\bunlink\b|\bremove\b",
            severity=Severity.HIGH,
        ),
        Pattern(
            r"\b(?:rm|shred|truncate)\s[^\n]*/var/log/|(?:^|[^>\w])>\s*/var/log/\w[\w./-]*\s*$|"
            r"\bauditctl\s+-[eD]|\bsystemctl\s+(?:stop|disable|mask)\s+(?:auditd|rsyslog|systemd-"
            r"journald)|\bjournalctl\s+--vacuum|\bStopLogging\b|\bstop-logging\b|"
            r"\bdelete-(?:trail|flow-logs|log-group)\b",
            "empties or switches off a system's log",
            severity=Severity.HIGH,
        ),
        Pattern(
            r"\bgit\s+reflog\s+(?:expire|delete)\b|core\.logAllRefUpdates\s*[= ]\s*false|"
            r"\bGIT_(?:AUTHOR|COMMITTER)_(?:NAME|EMAIL|DATE)\s*=|"
            r"\bgit\s+commit\s[^\n]*--(?:date|author)[= ]",
            "makes git's record say something else",
            never=frozenset({Label.TEST}),
            severity=Severity.LOW,
        ),
        Pattern(
            r"\blogging\.disable\s*\(\s*(?:logging\.)?(?:CRITICAL|50|\))|"
            r"(?i)\b(?:enable_?)?(?:audit|access|security)_?log(?:ging|s)?(?:_enabled)?['\"]?\s*[:=]\s*"
            r"['\"]?(?:false|off|none|0|disabled)\b",
            "switches off a log",
            never=frozenset({Label.TEST, Label.DOCS}),
        ),
        Pattern(
            r"\btouch\s+(?:-\w+\s+)*(?:-[dtr]|--date|--reference)\b|\bos\.utime\s*\([^\n]*\(\s*\d",
            "sets back a file's times",
            severity=Severity.LOW,
            never=frozenset({Label.TEST}),
        ),
    ),
    triggers=(_AUDIT,),
    check=check,
)
