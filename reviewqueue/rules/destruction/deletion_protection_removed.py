r"""Protection against deletion, a backup or a time of keeping, taken away or shortened.

What it flags
    Deletion and termination protection, `prevent_destroy`, finalizers, object lock,
    versioning, soft delete, final snapshots and confirmations switched off or removed;
    backup jobs and restore steps removed; a time of keeping (retention, TTL, expiry,
    history limit, the age in a deletion's condition) that becomes shorter, shown old → new;
    storage told to delete what it did not delete before; a refusal that is a comment now.

Why it matters
    The protection is what turns a mistake into an error message. It is taken away first,
    and the deletion that it would have stopped comes later, in another change.

How to review it
    Ask which deletion is planned, and whether the protection comes back after it.
    For a shorter time of keeping: whose records end earlier, and does anybody have to
    keep them?

Not flagged
    Comments; copies that an editor or a merge left behind; protection that moves within its file;
    times that become longer; tests and prose.

Seen in
    ATT&CK T1490 (inhibit system recovery), T1485.001 (lifecycle-triggered deletion).
"""

from collections.abc import Iterator

from reviewqueue.domain.finding import Confidence, Pathway, Severity, Side
from reviewqueue.domain.paths import Label, is_own
from reviewqueue.scan.rule import FileView, Hit, Line, Pattern, Rule, Stability, View, expression
from reviewqueue.scan.structure.commented import commented_out
from reviewqueue.scan.structure.comments import is_comment
from reviewqueue.scan.structure.disappeared import disappeared
from reviewqueue.scan.structure.hunks import shown
from reviewqueue.scan.structure.openers import Openers
from reviewqueue.scan.structure.pairs import Pair, pairs_losing

_GUARDS = (
    r"(?i)\bresource\s+\"aws_s3_bucket_(?:versioning|replication_configuration|object_lock\w*)\"|"
    r"\bprevent_destroy\s*=\s*true|"
    r"deletion_?protection(?:_enabled)?['\"]?\s*[:=]\s*['\"]?(?:true|enabled)|"
    r"termination_?protection['\"]?\s*[:=]\s*['\"]?true|disable_api_termination\s*=\s*true|"
    r"\bDeletionPolicy['\"]?\s*:\s*['\"]?(?:Retain|Snapshot)|reclaimPolicy:\s*Retain|"
    r"RemovalPolicy\.(?:RETAIN|SNAPSHOT)|\bobject_lock|\bmfa_delete|\bimmutability_?polic|"
    r"point_in_time_recovery|\bpoint_?in_?time_?recovery_?enabled|\bsoft_?delete|"
    r"\bpurge_protection|\bbackup_retention|\bretention_(?:policy|period|in_days)\b|"
    r"final_snapshot_identifier|helm\.sh/resource-policy['\"]?\s*:\s*['\"]?keep|"
    r"(?-i:Prune|Delete)=(?:false|confirm)|\bcascade\s*=\s*False|on_delete\s*=\s*models\.PROTECT|"
    r"ON\s+DELETE\s+RESTRICT"
)
_FINALIZERS = (
    r"(?i)\bfinalizers?\s*:|(?:Add|Contains|Set|Has)Finalizers?\s*\(|foregroundDeletion|"
    r"controllerutil\.AddFinalizer"
)
_BACKUPS = (
    r"\bpg_dump(?:all)?\b|\bmysqldump\b|\bmongodump\b|\bvelero\s+(?:backup|schedule)|"
    r"\brestic\s+backup|\bborg\s+create|\bpg_basebackup\b|\bxtrabackup\b|\bwal-g\s+backup|"
    r"\bpgbackrest\b|\baws_backup_(?:plan|vault|selection)\b|\bbackup_window\b|"
    r"\bsnapshot_schedule|\bdlm_lifecycle|"
    r"(?i:\b(?:create|make|take|run|schedule|write)_?(?:backup|snapshot)\w*\s*\()|"
    r"kind:\s*VolumeSnapshot|\bvelero\.io/|\bkind:\s*(?:ScheduledBackup|BackupSchedule)\b"
)
_CONFIRMS = (
    r"(?i)\b(?:confirm|require_?confirm\w*|ask_?(?:for_?)?confirm\w*|prompt_?confirm\w*|"
    r"are_?you_?sure|promptYes\w*|confirm_?(?:delet|destr|remov|prun|drop|reset)\w*|(?:delet|prun|"
    r"destr|remov)\w*_?confirm\w*|\w*Confirm(?:ed|ation)\b)\s*\(|Are you sure|--dry-run\b|"
    r"dry_run\s*=\s*True|requires? confirmation|\binput\b[ (]+(?:message:[ ]*)?['\"]|"
    r"\b(?:prune|delete|deletion|destroy|remove|drop)_?(?:confirm|approv|protect)\w*"
)
_ASKS = r"[\"'`](Are you sure[^\"'`\n]*)[\"'`]"
"""A question among the texts of a program."""
_DANGER = r"(?i)delet|clean-?_?up|destr|remov|prun|drop|wip|purg|reset|trunc|erase|sure|overwrit"
_KEPT = (
    r"(?i)\b(?:[\w.-]*retention[\w.-]*|[\w-]*(?:history|backup|snapshot|log|audit|"
    r"archive)s?[_-]?(?:limit|ttl|days|max[_-]?age|keep|count|period)[\w-]*|keep[_-]?(?:last|days|"
    r"daily|weekly|monthly|count|n)[\w-]*|(?:successful|failed)JobsHistoryLimit|"
    r"revisionHistoryLimit|expire_?(?:after|in|days)[\w-]*|expiration[_-]?(?:days|period)|"
    r"retentionDays|maxAgeDays|prune[_-]?after[\w-]*|purge[_-]?after[\w-]*|max_?history|"
    r"max_?backups|MaxRetentionSec|SystemMaxUse|--keep-\w+)['\"]?\s*(?:[:=,]|"
    r"\s)\s*(?:\w+\s*[:=]\s*)?['\"(]*(?:timedelta\(\w+=)?-?\d+"
)
_TRIED = r"[ \t]--(?:dry-?run|check|whatif|plan-only|no-apply)(?:[= ]true)?\b"
_NUMBER = r"(\d[\d_]*)\s*([A-Za-z]*)"
_NAME = r"^\W*([\w.-]+)"
_COPIES = (".bak", ".orig", ".old", ".rej", "~")
"""What an editor or a merge leaves behind."""
_UNIT_LENGTH = 32
"""Bytes after a number in which its unit ends."""
_UNIT = {
    b"ms": 0.001,
    b"s": 1,
    b"m": 60,
    b"h": 3_600,
    b"d": 86_400,
    b"w": 604_800,
    b"mo": 2_592_000,
    b"y": 31_536_000,
}
"""Seconds, by how the name of a unit begins."""
_AGE = (
    r"(?i)\b(?:sub|minus|add|of|from)?_?(?:days|weeks|months|hours)['\"]?\s*[(=:]\s*-?\d|"
    r"\b\d+\.(?:days?|weeks?|months?|years?)\b|\bINTERVAL\s+'?-?\d|\bAddDate\(|\b(?:delet|purg|"
    r"prun|clean|expir|remov|keep|retain)\w*_?(?:old|expired|stale|before|last)\w*\(|"
    r"-mtime[ \t]+\+?\d|\bage['\"]?[ \t]*(?:=>|[:=])[ \t]*['\"]?\d|"
    r"\*[ \t]*(?:time\.Hour|\d+[ \t]*\*[ \t]*\d+)|^[ \t]*rotate[ \t]+\d|<max_?(?:history|age)>|"
    r"\bRetentionDays\.|\b\d+[ \t]+(?:days?|weeks?|months?|years?)\b|"
    r"\bolder_?(?:than)?\w*['\"]?\s*[(=:]\s*['\"]?\d|"
    r"\b\w*(?:expir|ttl|time_?to_?live|m(?:ax|in)_?age|retain|keep)\w*['\"]?\s*[(=:,]\s*['\"]?P?T?\d|"
    r"\bmax[-_]?(?:files?|backups?)['\"]?[ \t]*[:=][ \t]*['\"]?\d|Rollover\w*[ ]max=['\"]\d"
)
_PURGES = (
    r"(?i)audit|delet|purg|prun|clean|retain|retention|\bkeep|expir|older|archiv|backup|snapshot|"
    r"time_?to_?live|sweep|vacuum|cutoff|histor|log_?rotate|\btidy\b|"
    r"(?:event|log|record|message|data|index|segment)s?_?max_?age|roll_?over|"
    r"\blog(?:s|ging)?\b|\bTTL\b[^\n]*\binterval"
)
_SPAN = (
    r"(?i)(\d+|\b(?:one|two|three|four|five|six|seven|eight|nine|ten|thirteen|eighteen)_|"
    r"\binfinite\b)(?:[ ._]{0,2}(milli\w*|seconds?|minutes?|hours?|days?|weeks?|months?|years?|ms|"
    r"mo|[smhdwy])\b)?"
)
"""A span of time, in figures or in words."""
_IN_WORDS = {
    word: number
    for number, word in enumerate(
        b"_ one two three four five six seven eight nine ten _ _ thirteen _ _ _ _ eighteen".split()
    )
} | {b"infinite": 1 << 40}
_REFUSAL = (
    r"^[ \t]*(?://|#|--)+[ \t]*(?:if\b|throw\b|raise\b|return\b|die\b|abort\b|panic\b|exit\b|"
    r"confirm|assert|require|unless\b)"
)
_REFUSES = (
    r"(?i)\b(?:throw|raise|panic|abort|die|exit|confirm\w*|bail|errorf?|new\s+\w*(?:error|"
    r"exception)|fail\w*)\b|\berr(?:or)?s?\.\w+\("
)
_LOST = (
    (_GUARDS, "a protection against deletion is removed"),
    (_FINALIZERS, "a finalizer, which holds back deletion until something is done, is removed"),
    (_BACKUPS, "a backup is no longer made"),
)


def check(view: View) -> Iterator[Hit]:
    """Mark the protections that are lost, and the times of keeping that became shorter."""
    texts = {
        text
        for file in view.where(_CONFIRMS, side=Side.NEW)
        for text in expression(_ASKS).findall(file.added)
    }
    for regex, message in (*_LOST, (_CONFIRMS, "a question before something is lost is removed")):
        if not view.where(regex, side=Side.OLD):
            continue
        for found in disappeared([file for file in view.where(regex) if _counts(file)], regex):
            if found.file.status == "D" and regex != _BACKUPS:
                continue
            for line in found.lost:
                if _is_lost(regex, line, texts):
                    yield Hit.at(found.file, line, message, side=Side.OLD)
    for trigger, side, told in (
        (_KEPT, Side.NEW, _shorter),
        (_TRIED, Side.OLD, _in_earnest),
        (_AGE, Side.OLD, _sooner),
        (_REFUSAL, Side.NEW, _silenced),
    ):
        for file in view.where(trigger, side=side):
            if _counts(file):
                yield from told(file)


def _is_lost(regex: str, line: Line, texts: set[bytes]) -> bool:
    """Return whether a line protected; a question, of what is lost, and is no longer a text."""
    if is_comment(line.whole):
        return False
    if regex != _CONFIRMS:
        return True
    return expression(_DANGER).search(line.whole) is not None and line.whole.strip() not in texts


def _silenced(file: FileView) -> Iterator[Hit]:
    """Tell refusals that are still there, as a comment."""
    if Label.SOURCE not in file.labels:
        return
    refuses, danger = expression(_REFUSES), expression(_DANGER)
    around = shown(file) + file.path.encode()
    for number, text, _ in commented_out(file):
        if refuses.search(text) and danger.search(around):
            message = "what refused to go on before something is lost is now a comment"
            yield Hit.on(file, number, text, message)
            return


def _sooner(file: FileView) -> Iterator[Hit]:
    """Tell numbers of days and the like that became smaller where old things are deleted."""
    if Label.TEST in file.labels:
        return
    openers, purges, age = Openers(file), expression(_PURGES), expression(_AGE)
    for pair in pairs_losing(file, _AGE):
        spans = _fewer(pair) if age.search(pair.new) and not is_comment(pair.new) else None
        places = (pair.new, openers.above(pair.new_line), file.path.encode())
        if spans and any(map(purges.search, places)):
            message = f"what is kept is kept for less: {spans[0]} → {spans[1]}"
            yield Hit.on(file, pair.new_line, pair.new, message)


def _fewer(pair: Pair) -> tuple[str, str] | None:
    """Return the first span that became shorter, where nothing else of a line changed."""
    span = expression(_SPAN)
    if span.sub(b"#", pair.old) != span.sub(b"#", pair.new):
        return None
    both = zip(span.finditer(pair.old), span.finditer(pair.new), strict=True)
    changed = [(old, new) for old, new in both if old[0] != new[0]]
    if not changed or any(_lasts(new[1], new[2]) >= _lasts(old[1], old[2]) for old, new in changed):
        return None
    was, now = changed[0]
    return was[0].decode(), now[0].decode()


def _lasts(figure: bytes, unit: bytes) -> float:
    """Return the seconds of a span, or its bare number."""
    number, unit = figure.lower().rstrip(b"_"), (unit or b"s").lower()
    amount = int(number[:18]) if number.isdigit() else _IN_WORDS[number]
    return amount * _UNIT.get(unit[:2], _UNIT.get(unit[:1], 1))


def _in_earnest(file: FileView) -> Iterator[Hit]:
    """Tell commands that are still there, only no longer as a rehearsal."""
    now = {b"".join(text.split()): number for number, text in file.added_lines()}
    for line in file.gone(_TRIED):
        bare = b"".join(expression(_TRIED).sub(b"", line.whole).split())
        if number := now.get(bare):
            text = line.text
            message = "what was only rehearsed is now done"
            yield Hit(message=message, text=text, path=file.path, line=number, side=Side.NEW)


def _counts(file: FileView) -> bool:
    return is_own(file.labels) and not file.path.endswith(_COPIES)


def _shorter(file: FileView) -> Iterator[Hit]:
    """Compare each time of keeping with what stood under the same name."""
    before: dict[bytes, tuple[float, bytes]] = {}
    for line in file.gone(_KEPT):
        for name, amount, text in _amounts(line.whole):
            before[name] = (amount, text)
    for line in file.new(_KEPT):
        for name, amount, text in _amounts(line.whole):
            if name in before and 0 <= amount < before[name][0]:
                was, now = before[name][1].decode(), text.decode()
                message = f"what is kept is kept for less: {was} → {now}"
                yield Hit.at(file, line, message)


def _amounts(text: bytes) -> Iterator[tuple[bytes, float, bytes]]:
    """Yield (name, seconds or a bare number, as it is written) of each time of keeping."""
    for found in expression(_KEPT).finditer(text):
        name = expression(_NAME).search(found[0])
        digits = expression(r"\d[\d_]*$").search(found[0])
        if name and digits:
            tail = text[found.end() - len(digits[0]) : found.end() + _UNIT_LENGTH]
            number = expression(_NUMBER).match(tail)
            unit = number[2].lower() if number else b""
            seconds = _UNIT.get(unit[:2], _UNIT.get(unit[:1], 1))
            amount = float(digits[0].replace(b"_", b"")) * seconds
            yield name[1], amount, number[0].strip() if number else digits[0]


RULE = Rule(
    id="deletion-protection-removed",
    pathway=Pathway.DESTRUCTION,
    severity=Severity.MEDIUM,
    confidence=Confidence.MEDIUM,
    stability=Stability.STABLE,
    summary="takes away what protects data from deletion, or shortens how long it is kept",
    patterns=(
        Pattern(
            r"(?i)\bprevent_destroy\s*=\s*false|"
            r"deletion_?protection(?:_enabled)?['\"]?\s*[:=]\s*['\"]?(?:false|disabled|inactive)|"
            r"--no-deletion-protection|termination_?protection['\"]?\s*[:=]\s*['\"]?false|"
            r"--no-(?:enable-)?termination-protection|disable_api_termination\s*=\s*false|"
            r"skip_final_(?:snapshot|backup)\s*=\s*true|--skip-final-snapshot|"
            r"\bforce_destroy\s*=\s*true|force_delete\s*=\s*true|"
            r"delete_automated_backups\s*=\s*true|"
            r"deletion_policy['\"]?\s*[:=]\s*['\"]?(?:delete|abandon)|"
            r"DeletionPolicy['\"]?\s*:\s*['\"]?Delete|reclaimPolicy:\s*Delete|"
            r"RemovalPolicy\.DESTROY|autoDeleteObjects:\s*true|auto_delete_objects\s*=\s*True|"
            r"purge_protection_enabled\s*=\s*false|purge_soft_delete_on_destroy\s*=\s*true|"
            r"recovery_window_in_days\s*=\s*0\b|--force-delete-without-recovery|"
            r"backup_retention_period\s*=\s*0\b|point_in_time_recovery[^\n]*false|"
            r"delete_contents_on_destroy\s*=\s*true|protect:\s*false",
            "a protection against deletion is switched off",
            never=frozenset({Label.TEST, Label.DOCS}),
        ),
        Pattern(
            r"metadata/finalizers|[\"']?finalizers[\"']?\s*:\s*(?:\[\s*\]|null)|"
            r"RemoveFinalizer\s*\(|--grace-period[= ]0\b|--cascade[= ]orphan",
            "a finalizer or a grace period is skipped, so that deletion waits for nothing",
            never=frozenset({Label.TEST, Label.DOCS}),
        ),
        Pattern(
            r"\bresource\s+\"(?:aws_s3_bucket_lifecycle_configuration|aws_ecr_lifecycle_policy)\"|"
            r"^[ \t]*(?:expiration|lifecycle_rule|ttl)\s*\{|"
            r"^[ \t]*['\"]?ExpirationInDays['\"]?\s*:|\bTimeToLiveSpecification\b|"
            r"^[ \t]*-?[ \t]*['\"]?(?:partition_)?expiration_(?:days|ms)['\"]?\s*[:=]\s*[\d.]|"
            r"\bdefault_(?:table|partition)_expiration_ms\s*=|"
            r"\b(?:partition_expiration_days|expiration_timestamp)\s*=\s*[\w'\"]",
            "what is stored is newly deleted by itself when it gets old",
            only=frozenset({Label.INFRASTRUCTURE, Label.CONFIG, Label.PIPELINE}),
            never=frozenset({Label.TEST, Label.DOCS}),
        ),
        Pattern(
            r"\bput-bucket-versioning\b|\bput-bucket-lifecycle|\bAbortIncomplete\b|"
            r"\bnoncurrent_version_expiration\b|\bDaysSinceNoncurrentTime\b",
            "object storage keeps fewer versions, or deletes by itself",
            line=r"(?i)suspend|disabled|expiration|Delete|lifecycle",
            never=frozenset({Label.TEST, Label.DOCS}),
        ),
        Pattern(
            r"[vV]ersioning\b|\b[sS]tatus['\"]?[ \t]*[:=][ \t]*['\"]?Suspended\b|"
            r"\btype:\s*[\"']?Delete\b",
            "object storage keeps fewer versions, or deletes by itself",
            line=r"\bsuspend\w*[vV]ersioning|Suspended|[vV]ersioning[^\n]*(?i:suspended|disabled)|"
            r"type:\s*[\"']?Delete\b[^\n]*(?i:age)",
            never=frozenset({Label.TEST, Label.DOCS}),
        ),
    ),
    added_triggers=(_REFUSAL,),
    removed_triggers=(_GUARDS, _FINALIZERS, _BACKUPS, _CONFIRMS, _KEPT, _TRIED, _AGE),
    check=check,
    version=6,
)
