r"""Backups, and what guards a machine, withdrawn by the configuration that set them up.

What it flags
    In Puppet, Ansible, Salt, Chef and their like, a state that turns to absent, stopped,
    purged or disabled where the resource, its file or its name speaks of backups, dumps,
    audit, logs, monitoring, a firewall or another guard. In configuration and
    infrastructure, a key or a block that is named for backups, snapshots, replication,
    versioning or retention, and that is deleted or switched off.

Why it matters
    Nothing fails when a backup is no longer made, or when nobody watches a machine. It is
    missed on the day it is needed.

How to review it
    Ask what else keeps a copy, or keeps watch, from now on, and whether that was tried.
    Look for the deletion that the next change makes.

Not flagged
    What another key of the kind in the same file replaces; texts, translations, tests;
    settings of builds and of CI. A state in a new file withdrew nothing (low).

Seen in
    ATT&CK T1490 (inhibit system recovery), T1562.001 (impair defenses: disable or modify
    tools).
"""

from collections.abc import Iterator

from reviewqueue.domain.finding import Confidence, Pathway, Severity, Side
from reviewqueue.domain.paths import Label, set_aside
from reviewqueue.scan.rule import (
    FileView,
    Hit,
    Pattern,
    Rule,
    Stability,
    View,
    expression,
    is_named,
)
from reviewqueue.scan.structure.anew import anew
from reviewqueue.scan.structure.openers import Openers
from reviewqueue.scan.structure.outline import Entry, outline
from reviewqueue.scan.structure.pairs import changed_tokens, pairs_losing

_WITHDRAWN = (
    r"(?i)(?:ensure|state)['\"]?[ \t]*(?:=>|[:=])[ \t]*['\"]?(?:absent|stopped|purged|removed|"
    r"uninstalled|disabled)\b|\bsuspend(?:ed)?['\"]?[ \t]*[:=][ \t]*true\b|\bservice\.(?:dead|"
    r"disabled|masked)\b|\bpkg\.(?:purged|removed)\b|"
    r"\.absent\b|\baction[ \t(]+\[?[ \t]*:(?:stop|disable|remove|purge|delete|nothing)\b"
)
"""A state in which a resource is not there, or does not run."""
_COPIES = (
    r"(?i)back-?_?up|snapshot|dump|bacula|borg|restic|dupl(?:icity|y)|barman|pgbackrest|"
    r"wal[-_ ]?(?:[eg]\b|push|archiv)|audit|osquery|falco|wazuh|ossec|clamav|crowdstrike|fail2ban|"
    r"firewall|iptables|nftables|\bufw\b|selinux|apparmor|tripwire|\baide\b|rkhunter|chkrootkit|"
    r"unattended.?upgrades|replica|secur|harden|logstash|filebeat|fluent|syslog|journald|logrotate"
)
"""What keeps copies, keeps a record, or keeps others out."""
_GUARDS = (
    rf"{_COPIES}|monitor|watchdog|alert|icinga|nagios|nrpe|sensu|zabbix|collectd|diamond|telegraf|"
    r"exporter|prometheus|datadog|newrelic"
)
"""What keeps copies, keeps watch, or keeps others out."""
_STATES = (
    "*.pp",
    "*.epp",
    "*.sls",
    "*.yml",
    "*.yaml",
    "*.rb",
    "*.j2",
    "*.jinja",
    "*.nix",
    "*.json",
)
_KEEPER = (
    r"(?i)(?:back-?_?ups?|snapshots?|versioning|retention|replication|point_?in_?time|pitr|"
    r"soft_?delete|archive_?(?:mode|command)|log_?bin)"
)
_KEEPS = rf"{_KEEPER}\w*['\"]?[ \t]*(?:[:={{]|=>)"
_RUNS = (
    r"(?i)\b(?:enabled?|active|is_active|install(?:ed)?|create|"
    r"deploy)['\"]?[ \t]*[:=][ \t]*['\"]?(?:true|yes|on)\b"
)
"""A switch, of whatever it stands in."""
_OTHERWISE = (
    r"(?i)snapshot_?(?:format|serial|path|resolver|dir\b|name|id|identifier|version|repo|url|"
    r"test)|from_?snapshot|restore|(?:title|label|text|message|description|tooltip|button|icon|"
    r"class|color|component|url|path|command)s?$|^snapshots?$"
)
"""Names with one of these words that keep nothing."""
_OFF = r"(?i)^(?:false|no|off|none|null|nil|~|disabled?|suspended|absent|never|0|\[\]|\{\}|)$"
_SETTING = (
    r"(?i)^(?:true|yes|on|enabled?|present|always|daily|weekly|hourly|monthly|nightly|"
    r"[\d.]+\s?\w{0,8}|P\w+|@\w+|[\d*/,-]+(?: [\d*/,A-Z-]+){4}|\w+://\S+|[\w./:-]{1,40})$"
)
"""A value that sets something, rather than a text that is shown."""
_SAID = r"(?i)locale|i18n|l10n|lang(?:uage)?s?/|translat|messages|\bstrings"
_NO_SETTINGS = frozenset(
    {
        Label.CI,
        Label.BUILD,
        Label.MANIFEST,
        Label.LOCK,
        Label.GENERATED,
        Label.DATA,
        Label.VENDORED,
        Label.HOOK,
        Label.DOCS,
    }
)
_SETTINGS = frozenset({Label.CONFIG, Label.INFRASTRUCTURE})


def check(view: View) -> Iterator[Hit]:
    """Mark states that turn off what guards, and keys of backups that go."""
    for file in view.where(_WITHDRAWN, side=Side.NEW):
        if is_named(file.path, _STATES) and _counts(file):
            yield from _withdrawn(file)
    for file in view.where(_KEEPS, side=Side.OLD):
        if not file.labels.isdisjoint(_SETTINGS) and _counts(file) and _is_setting(file):
            yield from _gone(file)
    for file in view.where(_RUNS, side=Side.OLD):
        if not file.labels.isdisjoint(_SETTINGS) and _counts(file):
            yield from _switched_off(file)


def _counts(file: FileView) -> bool:
    return file.labels.isdisjoint(_NO_SETTINGS) and not set_aside(file.labels)


def _is_setting(file: FileView) -> bool:
    """Return whether a file is there after the change, or was about nothing but copies."""
    path = file.path.encode("utf-8", "replace")
    if expression(_SAID).search(path):
        return False
    return file.status != "D" or expression(_KEEPER).search(path.rpartition(b"/")[2]) is not None


def _withdrawn(file: FileView) -> Iterator[Hit]:
    guards, openers = expression(_GUARDS), Openers(file)
    path = file.path.encode("utf-8", "replace")
    severity = Severity.LOW if file.status == "A" else Severity.MEDIUM
    for line in anew(file, _WITHDRAWN, alike=0.9):
        near = openers.above(line.number) if line.number else b""
        found = next(filter(None, map(guards.search, (line.whole, near, path))), None)
        if found and not line.text.startswith(("#", "//")):
            what = found[0].decode("ascii", "replace").lower()
            message = f"what keeps copies or keeps watch is withdrawn here: {what}"
            yield Hit.at(file, line, message, severity=severity)


def _switched_off(file: FileView) -> Iterator[Hit]:
    """Compare switches of what, by the block they stand in, keeps copies or keeps watch."""
    guards, openers, runs = expression(_COPIES), Openers(file), expression(_RUNS)
    for pair in pairs_losing(file, _RUNS):
        off = any(expression(_OFF).search(new) for _, new in changed_tokens(pair).switches)
        found = guards.search(openers.above(pair.new_line))
        if off and found and runs.search(pair.old):
            what = found[0].decode("ascii", "replace").lower()
            message = f"what keeps copies or keeps watch is switched off: {what}"
            yield Hit.on(file, pair.new_line, pair.new, message)


def _gone(file: FileView) -> Iterator[Hit]:
    """Compare the names that keep copies, before and after."""
    after = [entry for entry in outline(file, Side.NEW) if _keeps(entry)]
    now = {entry.key: entry.value for entry in after}
    replaced = any(entry.is_changed and not _is_off(entry) for entry in after)
    told: set[tuple[str, ...]] = set()
    for entry in outline(file, Side.OLD):
        within = any(entry.under[: at + 1] in told for at in range(len(entry.under)))
        if within or not entry.is_changed or not _keeps(entry) or _is_off(entry):
            continue
        if entry.key not in now and not replaced:
            said = "what keeps copies, or keeps data, is no longer set"
        elif entry.value and entry.key in now and expression(_OFF).search(now[entry.key].encode()):
            said = "what keeps copies, or keeps data, is switched off"
        else:
            continue
        told.add(entry.under)
        message = f"{said}: {entry.key[:60]}"
        yield Hit.on(file, entry.number, entry.line, message, side=Side.OLD)


def _keeps(entry: Entry) -> bool:
    name = entry.key.encode("utf-8", "replace")
    if not expression(_KEEPER).search(name) or expression(_OTHERWISE).search(name):
        return False
    return not entry.value or expression(_SETTING).search(entry.value.encode()) is not None


def _is_off(entry: Entry) -> bool:
    return bool(entry.value) and expression(_OFF).search(entry.value.encode()) is not None


RULE = Rule(
    id="safeguard-withdrawn",
    pathway=Pathway.DESTRUCTION,
    severity=Severity.MEDIUM,
    confidence=Confidence.MEDIUM,
    stability=Stability.STABLE,
    summary="withdraws backups, or what guards a machine, by configuration",
    patterns=(
        Pattern(
            r"^appendonly[ \t]+no\b|"
            r"^[ \t]*(?:fsync|full_page_writes)[ \t]*=[ \t]*['\"]?(?:off|false)|"
            r"\bskip[-_]log[-_]bin\b|--disable-log-bin\b|^save[ \t]+\"\"",
            "a database is told not to keep safe what it was given",
            only=_SETTINGS | {Label.CONTAINER},
            never=frozenset({Label.TEST, Label.DOCS}),
        ),
    ),
    added_triggers=(_WITHDRAWN,),
    removed_triggers=(_KEEPS, _RUNS),
    check=check,
)
