"""Parts of what is watched that are switched off: below a monitoring tool, or by a new default.

The switch itself need not speak of monitoring: what it stands in does. And a column or a
setting that everybody starts with switches off more than any one line of configuration.
"""

from collections.abc import Iterator

from reviewqueue.domain.paths import Label
from reviewqueue.scan.rule import FileView, Hit, Line, expression
from reviewqueue.scan.structure.comments import is_comment
from reviewqueue.scan.structure.openers import Openers
from reviewqueue.scan.structure.pairs import finds

OFF = r"[:=][ \t]*['\"]?(?:false|\"off\"|off)['\"]?,?[ \t]*(?:#[^\n]*)?$"
"""A switch that is off: a trigger of what is added."""
DEFAULT = (
    r"(?i)->default\([ ]*(?:false|true|[01])[ ]*\)[^\n]*->change\(|\bchange_column_default\b|"
    r"\bSET[ ]DEFAULT[ ]+\(?'?(?:false|true|[01]|off|on)\b|\bserver_default[ ]*=|"
    r"\bBooleanField\([^\n]*default=(?:False|True)"
)
"""The default of a column that was there: likewise."""
_TOOL = (
    r"(?i)datadog|newrelic|new_relic|prometheus|grafana|alertmanager|opsgenie|pagerduty|zabbix|"
    r"nagios|icinga|sensu|statuscake|guardduty|securityhub|security_hub|inspector|macie|defender|"
    r"sentinel|monitor(?:ing)?\b|\bmonitor|observability|telegraf|watchdog|falco|wazuh|sysdig|"
    r"dynatrace|instana|elastic_?agent|crowdstrike"
)
"""What watches, as a tool or a module is called."""
_PARTS = (
    r"(?i)(?:rules?|namespaces?|integrations?|checks|collectors?|scrapers?|exporters?|detectors?|"
    r"sensors?|alerts|monitors|probes|data_?sources|default_?rules|resources?_collected|"
    r"watched|monitored|services|metric_?streams?)['\"]?[ \t]*(?:[:={(]|=>)"
)
"""What holds the things that are watched, one by one."""
_SWITCH = r"^[ \t]*['\"]?([\w.-]+)['\"]?[ \t]*[:=]"
_MAY_BE = r"(?i)^(?:enabled?|create|active|install|deploy|is_?enabled|on)$"
"""A switch of what its parent names."""
_PART = (
    r"(?i)(?:monitor|exporter|alert|rules\b|probe|scrape|detector|kube-?(?:etcd|proxy|scheduler|"
    r"controller|state|dns|let|api)\w*|coredns|health|audit|_?logs\b|protection|"
    r"malware)\w*['\"]?[ \t]*(?:[:={]|=>)"
)
_NEVER = (
    r"(?i)disabl|mute|skip|ignore|silenc|exclu|hide|lock|paus|draft|require|strict|debug|verbose|"
    r"include|renotify|honor|follow|insecure|verify|tls|auth|public|expose|dry|managed|"
    r"override|ingress|persist|default|labels?\b|name|sort|split|multi|sticky|resolved"
)
"""Switches that say how, or what is left alone."""
_NAME = (
    r"['\"`.: ]((?i:\w*(?:health_?check|alert|alarm|monitor|audit|watchdog|heartbeat|anomaly|"
    r"uptime|incident)\w*))"
)
_TURNED = (
    r"(?i)\bto:[ ]*false|,[ ]*(?:false|0)[ )]*$|->default\([ ]*(?:false|0)|"
    r"SET[ ]DEFAULT[ ]+\(?'?(?:false|0|off)\b|server_default[ ]*=[^\n]*(?:false|['\"(]0)|"
    r"default=False"
)
_REACH = 40
_BESIDE = 3


def parts_off(file: FileView) -> Iterator[Hit]:
    """Mark parts of a monitoring tool's settings that are switched off."""
    if file.status != "M" or Label.SOURCE in file.labels:
        return
    lines = [line for line in file.new(OFF) if line.number]
    if not lines:
        return
    openers = Openers(file, reach=_REACH)
    added = {text for _, text in file.added_lines()}
    of_tool = finds(_TOOL)(file.path.encode("utf-8", "replace"))
    for line in lines:
        if _is_part(line, openers.above(line.number or 0), added, of_tool=of_tool):
            yield Hit.at(file, line, "a part of what was watched is switched off")


def _is_part(line: Line, above: bytes, added: set[bytes], *, of_tool: bool) -> bool:
    """Return whether a switch is one of a tool that watches, and was there before."""
    name = expression(_SWITCH).search(line.whole)
    if not (name and above) or is_comment(line.whole) or finds(_NEVER)(name[1]):
        return False
    chain = above.split(b"\n")
    there = b"\n".join(text for text in chain if text not in added)
    is_within = bool(there) or chain[-1][:1].isspace()
    if not (finds(_TOOL)(there) or (of_tool and is_within)):
        return False
    if finds(_MAY_BE)(name[1]):
        return chain[0] not in added and finds(_PART)(chain[0])
    return finds(_PARTS)(chain[0])


def off_by_default(file: FileView) -> Iterator[Hit]:
    """Mark columns that turn a watcher on, and newly start without it."""
    first: set[bytes] = set()
    openers = Openers(file)
    for line in file.new(DEFAULT):
        text = line.whole
        if b"BooleanField" in text:
            text = openers.beside(line.number or 0, _BESIDE)
            if b"AlterField" not in text:
                continue
        name = expression(_NAME).search(text)
        if not name or finds(r"(?i)disabl|mute|skip|silenc")(name[1]) or name[1] in first:
            continue
        first.add(name[1])
        if finds(_TURNED)(line.whole):
            yield Hit.at(file, line, "a watcher is off by default from now on")
