r"""Traces removed: audit trails, logs or history switched off, emptied or deleted.

What it flags
    Added commands that empty or delete logs, switch off auditing or logging, that of a
    firewall too, or clear a shell's history. Lines that wrote an audit trail, a security
    event or an activity record, or declared one (call, event, field, middleware,
    dependency, setting, whole file), where the change writes fewer than before; a record
    that no longer says who did it; a logged security event that no longer says who it was or
    from where; an event that leaves the list of what is recorded.

Why it matters
    After an incident the trail is what tells what happened. Removing it is rarely part
    of a task, and is the first thing somebody does who does not want to be found.

How to review it
    Ask which record now no longer exists, and who relied on it.
    Look at what the change does besides: what would the trail have shown?
    For a record that is only written otherwise: does it still say who, what and when?

Not flagged
    Logs rotated or moved; log lines of debugging removed; audit calls that move within
    their file; dependency audits (`npm audit` and the like); tests and documents; the tags that
    an interface is described by; what functions without a name are given; examples that are
    deleted, and files of which nothing but comments spoke of audits. An audit call that is
    changed, or moved to another file, is a low finding.

Seen in
    ATT&CK T1070 (indicator removal), T1562.001, T1562.008 and T1562.012 (disable tools,
    cloud logs, Linux audit system). CWE-778 (insufficient logging).
"""

from collections.abc import Iterable, Iterator

from reviewqueue.domain.finding import Confidence, Pathway, Severity, Side
from reviewqueue.domain.paths import Label, read_by_machines
from reviewqueue.scan.effects.recorded import LISTED, WRITTEN, unlisted, unwritten
from reviewqueue.scan.rule import (
    Capability,
    FileView,
    Hit,
    Line,
    Pattern,
    Rule,
    Stability,
    View,
    expression,
)
from reviewqueue.scan.structure.disappeared import Disappeared, disappeared
from reviewqueue.scan.structure.pairs import finds
from reviewqueue.scan.structure.said import is_sentence
from reviewqueue.scan.structure.values import values

_AUDIT = r"(?i)audit"
_NO_TRAIL = (
    r"(?i)(?:npm|pnpm|yarn|pip|cargo|bundler?|composer|nuget|bun|uv)[\s\"',_-]*(?:run\s+)?audit|"
    r"audit-(?:ci|level)|security[ ]audits?\b|"
    r"audit\w*tags?\b|lighthouse|audit\s+(?:fix|signatures)|cargo[ -]auditable\b|a11y|"
    r"license.?audit|cargo.deny"
)
_TRAIL = (
    r"(?i:\b(?:security|activity|access|admin|login|operation)[_-]?(?:log(?:ger|s)?|events?|trail|"
    r"journal)\w*\s*(?:[.(]|->)|\b_?(?:log|record|emit|write|publish|dispatch|insert|track|"
    r"raise)_?\w*(?:security|user|admin|login|access|organi[sz]ation\w*|activity|permission|auth|"
    r"member|role|team|tenant|project|resource)_?\w*event(?:s|async)?\s*\(|"
    r"\bactivity(?:::(?:add|log|record|create)\w*\(|\([^)\n]*\)\s*(?:->|\.))|"
    r"\b(?:log|record|track|write|register|save)_?\w*(?:login|sign_?in|auth|access|permission|"
    r"password)\w*(?:attempt|success|failure|change|activity|action)s?\s*\(|\blog_event\s*\()|"
    r"\bSecurity(?:Field|CWE\w*|Event\w*|Severity)\b|\bsecurity_(?:event|field|severity|log)\w*|"
    r"\b[rR]ecorder\.(?:AnnotatedEventf|Eventf|Event)\s*\(|\bJournalEntry[ ]*(?:[(.]|::)|"
    r"\b(?:EventRecorder|LogEntry\.objects|StaffActionLogger|HistoricalRecords|has_paper_trail|acts_as_versioned|"
    r"reversion\.register|ActivityLog|EventLog)\b|\blog_action\s*\(|"
    r"\brecord_(?:event|action|login|access)\s*\(|"
    r"\b(?:eventService|_eventService|EventService)\.Log\w+\(|"
    r"\b(?:request|org|user|file|project)\w*\.record_event\s*\("
)
_SECURITY = (
    r"(?i:SecurityField|security_?event|permission denied|access denied|unauthori[sz]ed|"
    r"verification failed|invalid (?:token|signature|password|credentials?|session)|"
    r"(?:login|authentication|authorization|auth) (?:failed|failure|attempt|succe|error|denied)|"
    r"failed (?:login|auth)|suspicious|brute.?force|tamper|logged (?:in|out)\b|lock(?:ed)? ?out|"
    r"privileg|impersonat)"
)
_LOGS = (
    r"(?i)\b(?:log|logger|logging|slog|klog|logrus|zap|console|syslog|tracing|winston|pino|"
    r"_logger|_log)\w*(?:\([^)\n]*\))?\s*(?:\.|::|->|!)\s*\(?\w*|\b(?:info|warn|error|debug)!\s*\("
)
_SETUP = (
    r"\bmorgan\s*\(|\bexpressWinston\b|\brequestLogger\b|\bUseSerilogRequestLogging\b|"
    r"\bUseHttpLogging\b|\bgin\.Logger\s*\(|\bAccessLogValve\b|\bLoggingMiddleware\b|"
    r"\bRequestLogging\w*\b|\bmiddleware\.Logger\b|\baws_cloudtrail\b|\baws_flow_log\b|"
    r"\bgoogle_logging_\w+sink\b|\bazurerm_monitor_diagnostic_setting\b|\baws_s3_bucket_logging\b|"
    r"\benable_log_file_validation\b|\benabled_cloudwatch_logs_exports\b|"
    r"\benabled_cluster_log_types\b|\baccess_logs\s*[{=]|\blog_config\s*\{|\baccess_log\s+/|"
    r"^[ \t]*module\s+\"[\w-]*(?:logging|flow[-_]logs?|firehose|log[-_](?:group|bucket|"
    r"archive))[\w-]*\"|^[ \t]*(?:auth|authpriv|security|audit|local\d)[,.\w]*\.[*\w]+[ \t]+[-@/]|"
    r"^[ \t]*\*\.[*\w]+[ \t]+[-@/]|\bafter_\w+[ (]+:(?:log|record|audit|track)_|"
    r"^[ \t]*-w[ \t]+/\S+[ \t]+-p[ \t]+[rwxa]+\b|^[ \t]*-a[ \t]+(?:always|exit),\w+|"
    r"^[^#\n]*[ ](?:-A|-I|--append|--insert)[ ][^\n]*-j[ ]+(?:NF|U)?LOG\b|"
    r"\bDefaults\b[^\n]*\b(?:logfile|log_output|log_input|iolog_dir)\b|"
    r"\blog_statement\s*=|\bpgaudit\b|\blog_connections\s*=\s*on"
)
_WHO = (
    r"(?i)\b\w*(?:user(?:_?name|_?id)?|actor|principal|operator|account(?:_?id)?|caller|"
    r"performed_?by|created_?by|updated_?by|deleted_?by|e_?mail|ip_?address|remote_?addr|"
    r"client_?ip|remote_?ip|user_?agent|session(?:_?id)?|api_?key(?:_?id)?|org(?:anization)?_?id|subject|"
    r"identity|timestamp|before|after)\b|\bip\b"
)
_NAMED = r"(?i)audit|activity_?-?log|access_?-?log|security_?-?log|event_?-?log"
_COMMENT = r"^\s*(?:#|//|/\*|\*|--|<!--)"
_MAKES = r"^[ \t]*(?:async[ ]+)?(?:def|class|func|fn|function|import|from|use|using)[ ]"
"""What only defines or names a record: a call that goes is another line."""
_NAMELESS = r"\b(?:function|fn)[ ]*\("
"""The head of a function without a name: what it is given, and nothing that is written."""
_EXAMPLE = r"(?i)/examples?/"
"""Folders of what shows how a program is used, and serves nobody."""
_WRITES = r"(?i)audit\w*(?:\.|->|::|\()"
"""A record, or what writes it, that is called."""
_LONGEST = 1_000
"""Bytes of a line above which it is no longer written by hand."""
_KINDS = (
    (_TRAIL, "a record of who did what is no longer written"),
    (_SETUP, "the logging of requests, or of a cloud account, is taken out"),
)


def check(view: View) -> Iterator[Hit]:
    """Mark records that are lost; less, those replaced or moved."""
    files = [file for file in view.files if _counts(file)]
    yield from _audit(files)
    for regex, message in _KINDS:
        for found in disappeared(files, regex):
            yield from _gone(found.file, found.lost, message)
    for found in disappeared(files, _SECURITY):
        told = [line for line in found.lost if expression(_LOGS).search(line.whole)]
        yield from _gone(found.file, told, "a security event is no longer logged")
        yield from _less_told(found)
    for file in files:
        yield from _gone(file, unlisted(file), "an event leaves the list of what is recorded")
        yield from _gone(file, unwritten(file), "a record of who did what is no longer written")
    for file in files:
        yield from _trail_file(file)


def _less_told(found: Disappeared) -> Iterator[Hit]:
    """Mark logged security events that no longer say who it was, or from where."""
    logs = expression(_LOGS)
    old = [line for line in found.replaced if logs.search(line.whole)]
    lost = _words(old) - _words(found.file.new(_SECURITY)) if old else frozenset()
    for line in old:
        if less := sorted(lost & _words([line])):
            told = f"a logged security event no longer says {less[0].decode()}"
            yield Hit.at(found.file, line, told, side=Side.OLD)


def _audit(files: list[FileView]) -> Iterator[Hit]:
    for found in disappeared(files, _AUDIT):
        yield from _gone(found.file, _real(found), "an audit record is no longer written")
        changed = [line for line in found.replaced if not expression(_NO_TRAIL).search(line.whole)]
        gained = found.file.new(_AUDIT)
        lost = _words(changed) - _words(gained) if changed else frozenset()
        for line in (*changed, *found.moved):
            if finds(_NAMELESS)(line.whole) and not finds(_WRITES)(line.whole):
                continue
            less = sorted(lost & _words([line]))
            yield Hit.at(
                found.file,
                line,
                f"an audit record no longer says {less[0].decode()}"
                if less
                else "an audit record is written otherwise",
                side=Side.OLD,
                severity=Severity.MEDIUM if less else Severity.LOW,
            )


def _real(found: Disappeared) -> list[Line]:
    """Leave out dependency audits, and comments where nothing else is lost with them."""
    if Label.CI in found.file.labels:
        return []
    lines = [
        line
        for line in found.lost
        if not expression(_NO_TRAIL).search(line.whole)
        and len(line.whole) <= _LONGEST
        and not _is_text(found.file, line)
    ]
    comment = expression(_COMMENT)
    file = found.file
    if file.status == "D" and all(comment.search(line.whole) for line in lines):
        return []
    shrinks = file.removed.count(b"\n") >= file.added.count(b"\n") + 3
    return lines if shrinks else [line for line in lines if not comment.search(line.whole)]


def _is_text(file: FileView, line: Line) -> bool:
    """Return whether a line only speaks of audits: prose, or a value among others."""
    if is_sentence(file, line.whole):
        return True
    shown = values(line.whole[:_LONGEST])
    return expression(_AUDIT).search(shown) is None and b"(" not in shown and b"[" in shown


def _gone(file: FileView, lines: Iterable[Line], message: str) -> Iterator[Hit]:
    makes = expression(_MAKES)
    return (
        Hit.at(file, line, message, side=Side.OLD)
        for line in lines
        if len(line.whole) <= _LONGEST and (file.status == "D" or not makes.search(line.whole))
    )


def _words(lines: Iterable[Line]) -> frozenset[bytes]:
    """Return what lines say of who did it and when."""
    who = expression(_WHO)
    return frozenset(word.lower() for line in lines for word in who.findall(line.whole))


def _trail_file(file: FileView) -> Iterator[Hit]:
    """Look at what a file that is named for its records no longer writes into them."""
    name = file.path.rpartition("/")[2].encode("utf-8", "replace")
    if file.status == "D" or not expression(_NAMED).search(name):
        return
    who = expression(_WHO)
    kept = frozenset(word.lower() for word in who.findall(file.added))
    for number, text in file.removed_lines():
        less = [word for word in who.findall(text) if word.lower() not in kept]
        if less and not expression(_COMMENT).search(text):
            yield Hit.on(
                file,
                number,
                text,
                f"what writes the records no longer names {less[0].decode()}",
                side=Side.OLD,
            )


def _counts(file: FileView) -> bool:
    found = file.labels
    if file.status == "D" and finds(_EXAMPLE)(f"/{file.path}".encode("utf-8", "replace")):
        return False
    if found & {Label.GENERATED, Label.LOCK, Label.DATA, Label.VENDORED, Label.MEDIA}:
        return False
    if not found.isdisjoint({Label.TEST, Label.DOCS}) and not read_by_machines(found):
        return False
    return bool(found & {Label.SOURCE, Label.CONFIG, Label.MANIFEST, Label.INFRASTRUCTURE})


RULE = Rule(
    id="log-or-audit-removed",
    pathway=Pathway.COVERING_TRACKS,
    severity=Severity.MEDIUM,
    confidence=Confidence.MEDIUM,
    stability=Stability.STABLE,
    summary="removes traces: audit trails, logs or history",
    version=9,
    capability=Capability.HIDES,
    patterns=(
        Pattern(
            r"\bunset\s+HISTFILE\b|\bHISTFILE=(?:/dev/null|['\"]{2}|\s|$)|\bHIST(?:FILE)?SIZE=0\b|"
            r"\bset\s+\+o\s+history\b|\bhistory\s+-[cd]\b|\bHISTCONTROL=ignore|\bSAVEHIST=0\b|"
            r"\bClear-EventLog\b|\bwevtutil(?:\.exe)?\s+cl\b|\bClear-History\b|"
            r"\bRemove-EventLog\b|\bSet-PSReadLine\w*\s[^\n]*SaveNothing|"
            r"\bfish_history\s+['\"]{2}|\bDOTNET_CLI_HISTORY\b",
            "clears the history of commands, or the record of events",
            severity=Severity.HIGH,
        ),
        Pattern(
            r"\.(?:bash|zsh|sh|python|node_repl|psql|mysql)_history\b|ConsoleHost_history",
            "clears the history of commands",
            line=r"\brm\s|>\s*\S*_history|\bshred\s|\btruncate\s|\bunlink\b|\bremove\b|\bln\s+-s|"
            r"Remove-Item",
            severity=Severity.HIGH,
        ),
        Pattern(
            r"\b(?:rm|shred|truncate|unlink)\s[^\n]*/var/log\b|"
            r"(?:^|[^>\w])>\s*/var/log/\w[\w./-]*\s*$|\bcat\s+/dev/null\s*>\s*\S*log\b|"
            r"\bauditctl\s+-[eD]|\baugenrules\b[^\n]*-D|\bsystemctl\s[^\n]*(?:stop|disable|"
            r"mask)\s[^\n]*(?:auditd|rsyslog|syslog|journald|osquery|falco|wazuh|crowdstrike|"
            r"falcon-sensor)|\bservice\s+(?:auditd|rsyslog)\s+stop|"
            r"\bjournalctl\s[^\n]*--(?:vacuum|rotate)|\bStopLogging\b|\bstop-logging\b|"
            r"\bstop_logging\s*\(|\bdelete-(?:trail|flow-logs|log-group|log-stream)\b|"
            r"\bdelete_(?:trail|log_group|flow_logs)\s*\(|\bgcloud\s+logging\s[^\n]*delete|"
            r"\bupdate-trail\s[^\n]*--no-|\bauditpol\b[^\n]*(?:/clear|disable)|"
            r"\bSet-MpPreference\b[^\n]*-Disable|\bdmesg\s+(?:-C|--clear)|\butmpdump\b|"
            r"/var/run/utmp|\bwtmp\b[^\n]*>",
            "empties or switches off a system's log",
            severity=Severity.HIGH,
        ),
        Pattern(
            r"\bufw[ \t]+logging[ \t]+off\b|\bufw:[^\n]*\blogging=['\"]?(?:off|no|false)\b|"
            r"^LOGLEVEL=['\"]?off\b|--set-log-denied[= ]off\b|^LogDenied=off\b|"
            r"^[ \t]*(?:-[ \t]+)?['\"]?no[ \t]+logging(?:[ \t]+(?:on|enable|host|server|buffered|"
            r"trap|monitor|console|history|source-interface|\d)\b|['\"]?[ \t]*$)|"
            r"^[ \t]*(?:-[ \t]+)?['\"]?set[ \t][^\n]{1,200}[ \t]log(?:ging|traffic)?[ \t]+"
            r"(?:off|disabled?)\b|\b(?:ip6?tables|nft)[ \t][^\n]*(?:-D|--delete|delete)[ \t][^\n]*"
            r"(?:-j|--jump)[ \t]+(?:NF|U)?LOG\b|"
            r"\badvfirewall[ \t][^\n]*\blogging[ \t][^\n]*\bdisable\b|"
            r"-Log(?:Blocked|Allowed|Ignored)[ \t]+(?:\$?[Ff]alse)\b",
            "switches off the log of a firewall or a device",
            never=frozenset({Label.TEST, Label.DOCS}),
        ),
        Pattern(
            r"^[ \t]*logging:[ \t]*['\"]?(?:off|no|false)['\"]?[ \t]*(?:#[^\n]*)?$",
            "switches off a log",
            only=frozenset({Label.CONFIG, Label.INFRASTRUCTURE}),
            never=frozenset({Label.TEST, Label.DOCS}),
            globs=("*.yml", "*.yaml"),
        ),
        Pattern(
            r"(?i)(?:audit|activity|action|history|journal|event)_?(?:logs?|trails?|entries|events|"
            r"records)['\"]\s*\)[^;]{0,400}(?:->|\.)(?:delete|truncate)(?:_?(?:many|all|one))?\(",
            "deletes records of who did what",
            line=r"(?i)\b(?:table|from|collection)\(",
            never=frozenset({Label.TEST, Label.DOCS}),
        ),
        Pattern(
            r"\blogging\.disable\s*\(\s*(?:logging\.)?(?:CRITICAL|50|\))|(?i:\b(?:enable_?|"
            r"disable_?)?(?:audit|access|security|flow|request|event|query|"
            r"command)[_-]?log(?:ging|s)?(?:_?enabled)?['\"]?\s*[:=]\s*['\"]?(?:false|off|none|0|"
            r"disabled)\b)|(?i:\bdisable[_-]?(?:audit|access|security|event|"
            r"request)?[_-]?log(?:ging|s)?['\"]?\s*[:=]\s*['\"]?(?:true|yes|1|on)\b)|"
            r"(?i:\baudit(?:ing)?(?:[._-]?enabled)?['\"]?\s*[:=]\s*['\"]?(?:false|off|none|0|"
            r"disabled)\b)|\benable_log_file_validation\s*=\s*false|(?i:\b(?:enabled?|get|keep|"
            r"stream|write|save|require|include|use|collect|create|send|ship|store|retain|"
            r"activate)_?(?:\w+_)??(?:logs?|logging|audit\w*|"
            r"trails?)(?:_\w+)?['\"]?\s*[:=]\s*['\"]?(?:false|off|none|disabled)\b)|(?i:\b(?:skip|"
            r"bypass|omit|suppress)_?(?:\w+_)??(?:access_?logs?|audit\w*|trails?|"
            r"logging)(?:_\w+)?['\"]?\s*[:=]\s*['\"]?(?:true|yes|on)\b)|"
            r"(?i:\b\w*logging_?enabled['\"]?\s*[:=]\s*['\"]?(?:false|off|0)\b)|"
            r"(?i:\b(?:max_log_file_action|space_left_action|"
            r"admin_space_left_action)\s*=\s*(?:ignore|suspend))|(?i:\b(?:drop|"
            r"disable)\s+trigger\s+(?:if\s+exists\s+)?\S*(?:audit|_log|history|track))|"
            r"\bName[ \t]+null[ \t]*$|\baccess_log\s+off\b|\blog_statement\s*=\s*'?none|"
            r"\bSET\s+(?:sql_log_bin|GLOBAL\s+general_log)\s*=\s*0",
            "switches off a log",
            line=r"^[^\n]{0,400}$",
            never=frozenset({Label.TEST, Label.DOCS}),
        ),
    ),
    removed_triggers=(_AUDIT, _TRAIL, _SECURITY, _SETUP, LISTED, WRITTEN),
    wakes=frozenset({Label.TRAIL}),
    check=check,
)
