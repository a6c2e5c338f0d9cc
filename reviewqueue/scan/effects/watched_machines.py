"""What a machine declared in Nix is watched by: agents, exporters, collectors.

A module that is no longer enabled, or no longer imported, leaves no trace on the machine; one
that another watcher takes the place of, or that stands elsewhere now, does.
"""

from collections import Counter
from collections.abc import Iterator, Sequence

from reviewqueue.domain.finding import Severity, Side
from reviewqueue.scan.effects.guards import lines
from reviewqueue.scan.rule import FileView, Hit, View, expression
from reviewqueue.scan.structure.comments import is_comment
from reviewqueue.scan.structure.openers import Openers
from reviewqueue.scan.structure.pairs import finds

_AGENT = (
    r"(?:prometheus|alertmanager|grafana|loki|promtail|alloy|telegraf|datadog|dd-agent|zabbix|"
    r"nagios|icinga|netdata|collectd|munin|monit\b|fluentd|fluent-bit|opentelemetry|thanos|"
    r"cadvisor|smartd|auditd?\b|journalbeat|filebeat|metricbeat|heartbeat|osquery|ossec|wazuh|"
    r"falco|uptime|gatus|healthchecks|scrutiny|sentry|newrelic|statsd|riemann|vmagent|vmalert|"
    r"victorialogs|mackerel|do-agent|sysstat|kapacitor|journald?\.(?:upload|remote)|rsyslogd?|"
    r"syslog-ng|suricata|snmpd|rasdaemon|watchdog|exporters?\b|monitoring|alerting|"
    r"observability)"
)
_ITS_OWN = b"settings", b"analytics", b"reporting", b"debug"
"""Keys below a watcher that are about how it works."""
_ENABLED = r"\benable[ ]*=[ ]*(?:(?:lib\.)?mk\w+[ ]+)?"
_IMPORT = (
    rf"^[ \t]*(?:imports[ ]*=[ ]*)?\[?[ \t]*(?:\.{{1,2}}/|<|inputs\.|self\.)[\w./+-]*(?i:{_AGENT})"
    r"[\w./+-]*>?[ \t]*\]?;?[ \t]*(?:#[^\n]*)?$"
)
WATCHES = rf"{_ENABLED}(?:true|false)\b|{_IMPORT}"
"""A trigger of either side."""
_KEY = r"^[ \t]*([\w.\"'-]+)[ ]*="
_REACH = 40
_OTHER = 12
"""Lines that may go with each watcher, beyond its own, before more went than what watched."""

Watcher = tuple[FileView, int, bytes]
"""The file, the line's number on its side, and its text."""


def unwatched_machines(view: View) -> Iterator[Hit]:
    """Mark the watchers that a machine has no longer."""
    files = [file for file in view.where(WATCHES) if file.path.endswith(".nix")]
    off: set[bytes] = set()
    for file in files:
        found = _enabled(file, Side.NEW, "false") if file.status != "A" else {}
        off.update(found)
        for _, number, text in found.values():
            yield Hit.on(file, number, text, "what watches a machine is switched off")
    was = [_standing(file, Side.OLD) for file in files]
    now = [_standing(file, Side.NEW) for file in files]
    came = Counter(name for found in now for name in found)
    gone = [(name, place) for found in was for name, place in found.items()]
    gone = [(name, place) for name, place in gone if name not in came and name not in off]
    fresh = len(came.keys() - {name for found in was for name in found})
    if len(gone) <= fresh:
        return
    yield from _told(view, [place for _, place in gone])


def _told(view: View, gone: Sequence[Watcher]) -> Iterator[Hit]:
    """Tell watchers that went; less, where whole machines or more went with them."""
    most = _OTHER * len(gone)
    is_alone = lines((file.removed for file in view.files), most) <= most
    severity = Severity.MEDIUM if is_alone else Severity.LOW
    for file, number, text in gone:
        told = "a machine is no longer watched by this"
        weighs = severity if file.status == "D" else Severity.MEDIUM
        yield Hit.on(file, number, text, told, side=Side.OLD, severity=weighs)


def _standing(file: FileView, side: Side) -> dict[bytes, Watcher]:
    """Return the watchers that changed lines of a side enable or import, by name."""
    changed = file.added_lines() if side is Side.NEW else file.removed_lines()
    imported = finds(_IMPORT)
    found = {
        text.split(b"#")[0].strip(b" \t[];<>").rpartition(b"/")[2]: (file, number, text)
        for number, text in changed
        if imported(text) and not is_comment(text)
    }
    return {**found, **_enabled(file, side, "true")}


def _enabled(file: FileView, side: Side, value: str) -> dict[bytes, Watcher]:
    """Return the watchers that changed lines of a side give a value, by the name of each."""
    changed = file.added_lines() if side is Side.NEW else file.removed_lines()
    given, agent, openers = finds(rf"{_ENABLED}{value}\b"), expression(rf"(?i){_AGENT}"), None
    found: dict[bytes, Watcher] = {}
    for number, text in changed:
        if not given(text) or is_comment(text):
            continue
        openers = openers or Openers(file, side, reach=_REACH)
        chain = [text, *openers.above(number).split(b"\n")]
        name = b".".join(_key(line) for line in reversed(chain))
        named = agent.search(name)
        if named and not any(key in name[named.start() :] for key in _ITS_OWN):
            found[name[named.start() :]] = file, number, text
    return found


def _key(line: bytes) -> bytes:
    found = expression(_KEY).search(line)
    return bytes(found[1]).strip(b"\"'") if found else b""
