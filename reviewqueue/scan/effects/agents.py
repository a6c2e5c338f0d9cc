"""The settings of coding agents, before and after: what they newly let an agent do.

Read as sets of values, each under its path of keys, whatever the file's format; so what is
moved, or written in another order, is not new. Nothing here knows one product's schema: what
a key is called, and to what value it changes, says whether an agent is held back less.
"""

from collections.abc import Iterator
from dataclasses import dataclass

from reviewqueue.domain.finding import Side
from reviewqueue.domain.paths import Label
from reviewqueue.scan.rule import FileView, Hit, expression
from reviewqueue.scan.structure.outline import ITEM, Entry, cut, outline

_HELPERS = frozenset({"apikeyhelper", "awsauthrefresh", "awscredentialexport", "otelheadershelper"})
_RUNS_AT = frozenset({"command", "bash", "run", "powershell", "script", "notify", *_HELPERS})
_COMPARED = r"(?i)\.(?:json[c5]?|toml|ya?ml|hook)$|(?:^|/)\.(?:roomodes|kilocodemodes)$"
_EDITOR = r"(?:^|/)\.(?:vscode|zed)/\w+\.json$"
_HELD = (
    r"(?i)\b(?:deny|denied|ask|block\w*|disallow\w*|forbid\w*|exclude\w*|matcher|deny_?list|"
    r"never\w*)\b"
)
"""Keys under which stands what an agent may not do, or has to ask for."""
_GIVEN = (
    r"(?i)\b(?:allow|allowed|\w*allow(?:ed)?_?-?(?:list|tools|commands|paths|urls|domains)|always_?allow\w*|"
    r"auto_?-?(?:approv|allow|run|accept)\w*|trusted\w*|core_?tools|tools|permissions?|writable_?roots|"
    r"additional_?directories|add_?dirs?|cascadecommandsallowlist|enabledmcpjsonservers|network_?domains)\b"
)
_STRONG = (
    r"(?i)^(?:\.?\*+|/|~/?|\.\.?/?|/\*+|\w+\(:?\*+(?::\*)?\))$|^(?:write|edit|\w*edit)\([~/]|"
    r"^[\w.-]*(?:bash|shell|exec\w*|terminal|write|edit|patch|delete|remove|create|update|merge|push|"
    r"publish|deploy|run|command|computer|fetch)[\w.-]*$|"
    r"(?:^|\()(?:curl|wget|rm|sudo|ssh|scp|docker|kubectl|terraform|chmod|eval|python3?|node|npx|ba?sh|"
    r"gh|aws|git push|npm publish)(?:[^a-z(-]|$)"
)
"""Tools that change or run things, commands that do anything, places that are everything."""
_HOOKS = (
    r"(?i)\bhooks?\b|\bpre_?tool\w*|\bpost_?tool\w*|\bsession_?(?:start|end)\b|\bnotify\b|\bthen\b"
)
_SERVERS = frozenset(
    {
        "mcpservers",
        "mcp_servers",
        "servers",
        "mcp",
        "context_servers",
        "amp.mcpservers",
        "extensions",
        "mcp.servers",
    }
)
_PROGRAM = frozenset({"command", "url", "httpurl", "serverurl", "cmd", "uri", "baseurl"})
_LET = (
    r"(?i)\bpermissions?\b|\ballow_?list\b|\baction\b|\btools?\b|\bmode\b|\brules?\b|\bpolicy\b",
    r"(?i)^(?:allow(?:ed|_?all|_?always)?|always|auto(?:matic)?|yolo|bypass\w*|full\w*|acceptedits|dontask)$",
)
_BARS = (
    r"(?i)(?:sandbox\w*|confirm\w*|approval\w*|(?:\b|_|always)ask\w*)(?: enabled)?$",
    r"(?i)^(?:false|off|none|never|no|disabled|danger\S*|auto\w*|yolo)$",
)
_REACH = (
    (
        r"(?i)(?:network_?access|allow_?network\w*|\w*host_?network|trust(?:_?level)?|\w*(?:always_?allow|"
        r"auto_?(?:approv|accept|run|allow|exec)|skip_?(?:perm|conf)|dangerously|yes_?-?always|"
        r"unsandboxed|yolo|allow_?(?:all|list))\S*)(?: \S+)?$"
    ),
    r"(?i)^(?:true|on|yes|enabled|trusted|all|full|always|\*)$",
)
_AUTONOMY = (r"(?i)autonomy\w*|exec\w*polic\w*$", r"(?i)high|full|turbo|unrestricted|\boff$")
_SWITCHES = (
    (*_LET, "what an agent had to ask for is allowed"),
    (*_BARS, "what holds an agent back is switched off"),
    (*_REACH, "an agent may do something unasked, or reaches further"),
    (*_AUTONOMY, "an agent newly works without asking"),
)
"""The keys of a setting, the values that loosen it, and what that means."""
_HEAD = r"^(tools|allowed-tools|allowedTools)[ \t]*:[ \t]*([^\n]+)"
_HEAD_LINES = 30
"""Lines at the top of a document that may be its settings."""


def loosened(file: FileView) -> Iterator[Hit]:
    """Mark what an agent's settings, or the head of its description, allow and did not."""
    if file.status != "D" and _is_settings(file):
        yield from _compared(file)
    if file.status == "M" and file.path.endswith((".md", ".mdc")):
        yield from _headed(file)


def _is_settings(file: FileView) -> bool:
    path = file.path.encode()
    is_agents = Label.AGENT_INSTRUCTIONS in file.labels or expression(_EDITOR).search(path)
    return bool(is_agents) and expression(_COMPARED).search(path) is not None


@dataclass(frozen=True, slots=True)
class _Before:
    """What an agent's settings said before the change."""

    values: dict[tuple[str, ...], str]
    servers: set[str]
    """Their names; one that is new joins them once it is told."""
    is_of_servers: bool
    """Whether the file holds nothing but tool servers."""

    def server(self, entry: Entry) -> str:
        """Return the name of the tool server of which an entry says what it is."""
        if entry.key not in _PROGRAM or len(entry.under) < 2:  # noqa: PLR2004 -- name and key
            return ""
        above = entry.under[-3:-2]
        is_listed = above[0] in _SERVERS if above else self.is_of_servers
        return entry.under[-2] if is_listed else ""


def _compared(file: FileView) -> Iterator[Hit]:
    """Tell what the settings of an agent allow, and did not."""
    old, new = (list(outline(file, side)) for side in (Side.OLD, Side.NEW))
    had = {(entry.under[-2:], entry.value) for entry in old}
    values = {entry.under[-2:]: entry.value for entry in old if entry.path[-1:] != (ITEM,)}
    before = _Before(values, set(), b"mcp" in file.path.encode())
    before.servers.update(before.server(entry) for entry in old)
    told: set[int] = set()
    for entry in new:
        if not entry.is_changed or not entry.value or (entry.under[-2:], entry.value) in had:
            continue
        message = _what(entry, before)
        if message and entry.number not in told:
            told.add(entry.number)
            yield entry.hit(file, message)
    yield from cut(file, "an agent's settings are not read to the end of a line as long as this")
    has = {(entry.key, entry.value) for entry in new}
    for entry in old:
        if entry.is_changed and entry.value and (entry.key, entry.value) not in has:
            yield from _no_longer(file, entry)


def _what(entry: Entry, before: _Before) -> str:
    """Return what is wrong with a value that the settings gained."""
    keys = " ".join(entry.under).encode()
    if expression(_HELD).search(keys):
        return ""
    server = before.server(entry)
    if server and server not in before.servers:
        before.servers.add(server)
        return "an agent newly has the tools of a server"
    if server:
        is_other = before.values.get(entry.under[-2:], entry.value) != entry.value
        return "the server whose tools an agent has is another program" if is_other else ""
    if entry.key in _HELPERS or (entry.key in _RUNS_AT and expression(_HOOKS).search(keys)):
        return "a command newly runs by itself whenever an agent works"
    return _allowed(keys, entry.value.encode())


def _allowed(keys: bytes, value: bytes) -> str:
    if expression(_GIVEN).search(keys) and expression(_STRONG).search(value):
        return "an agent's list of what it may do without asking grows"
    for key, lax, message in _SWITCHES:
        if expression(key).search(keys) and expression(lax).search(value):
            return message
    return ""


def _no_longer(file: FileView, entry: Entry) -> Iterator[Hit]:
    if expression(_HELD).search(" ".join(entry.under).encode()) and entry.path[-1:] == (ITEM,):
        message = "what an agent could not do, or had to ask for, is taken off its list"
        yield Hit.on(file, entry.number, entry.line, message, side=Side.OLD)


def _headed(file: FileView) -> Iterator[Hit]:
    """Tell tools that the head of an agent's, or a command's, description newly names."""
    head = expression(_HEAD)
    had = [found[2] for found in head.finditer(file.removed)]
    for number, text in file.added_lines() if had else ():
        found = head.search(text) if number <= _HEAD_LINES else None
        gained = _listed(found[2]) - _listed(b",".join(had)) if found else set()
        if any(expression(_STRONG).search(tool) for tool in gained):
            message = "an agent's list of what it may do without asking grows"
            yield Hit.on(file, number, text, message)


def _listed(text: bytes) -> set[bytes]:
    return {part.strip(b" \t[]\"'") for part in text.split(b",")}
