"""A drop-off or a tunnel: hosts made for taking what anybody sends.

What it flags
    The added name of a paste site, an anonymous file drop, a request catcher, a chat
    webhook, a tunnel out of the network or a call-back service of penetration testers,
    in anything but prose; a gist created from a program.

Why it matters
    Data sent there is public or somebody's, needs no account, and passes most outgoing
    filters. An agent that publishes its own sandbox's content does it here.

How to review it
    Ask what is sent, and why not to a place that you own.
    Open the address only where it can do no harm.

Not flagged
    Prose, which weighs one level less; lists of such hosts, as what blocks them has; what a
    test asserts.

Seen in
    ATT&CK T1567.003 (Exfiltration to Text Storage Sites), T1567.004 (over Webhook), T1102 (Web
    Service), T1572 (Protocol Tunneling); W4SP and its many copies on PyPI use Discord
    webhooks; Shai-Hulud (npm, 2025) used webhook.site and new public repositories.
"""

from collections.abc import Iterator

from reviewqueue.domain.finding import Confidence, Pathway, Severity, Side
from reviewqueue.domain.paths import Label
from reviewqueue.scan.rule import Capability, Hit, Pattern, Rule, Stability, View, expression

_PUBLIC = (
    r"(?:[1-9]|1[1-9]|[2-9]\d|1[013-58]\d|12[0-689]|16[0-8]|17[013-9]|19[013-9]|2[0-4]\d|25[0-5])"
    r"(?:\.\d{1,3}){3}\b"
)
"""The number of a machine that is not one's own nor in one's own network."""

_PASTES = (
    r"(?i)\b(?:pastebin\.com|paste\.ee|hastebin\.com|dpaste\.(?:com|org)|ghostbin\.\w+|rentry\.co|"
    r"paste\.rs|ix\.io|sprunge\.us|termbin\.com|0x0\.st|transfer\.sh|file\.io|gofile\.io|"
    r"anonfiles\.com|catbox\.moe|bashupload\.com|temp\.sh|oshi\.at|tmpfiles\.org|pixeldrain\.com|"
    r"controlc\.com|privatebin\.\w+|paste\.(?:mozilla|debian|ubuntu|opendev|centos)\.\w+|"
    r"justpaste\.it|write\.as|telegra\.ph|ufile\.io|wetransfer\.com|send\.vis\.ee|filebin\.net|"
    r"litterbox\.\w+|upload\.ee|mediafire\.com|mega\.(?:nz|io)|sendspace\.com|paste\.c-net\.org|"
    r"clbin\.com|vpaste\.net|bpa\.st|nekobin\.com|textbin\.net)\b"
)
_CATCHERS = (
    r"(?i)\b(?:webhook\.site|requestbin\.\w+|pipedream\.net|requestcatcher\.com|beeceptor\.com|"
    r"hookbin\.com|oastify\.com|oast\.(?:pro|live|site|online|fun|me)|interact\.sh|"
    r"burpcollaborator\.net|canarytokens\.(?:com|org)|dnslog\.cn|ceye\.io|requestrepo\.com|"
    r"pipedream\.com|m\.pipedream|webhook\.cool|mockbin\.\w+|requestinspector\.com|postb\.in|"
    r"hookdeck\.com|interactsh\.com|bxss\.\w+|xss\.ht|ptsv[23]?\.com|webhookrelay\.com|"
    r"typedwebhook\.tools|smee\.io)\b"
)
_TUNNELS = (
    r"(?i)\b(?:ngrok(?:-free)?\.(?:io|app|dev)|trycloudflare\.com|loca\.lt|"
    r"localhost\.run|serveo\.net|pagekite\.me|localtunnel\.me|bore\.pub|devtunnels\.ms|"
    r"tunnelto\.dev|zrok\.io|pinggy\.io|telebit\.cloud)\b|"
    r"\bngrok\s+(?:http|tcp|start)\b|\bcloudflared\s+(?:tunnel|access)\b|"
    r"\bngrok\.(?:connect|forward|set_auth_token)\s*\(|\bpyngrok\b|"
    r"\b(?:from|require\()\s*['\"](?:@ngrok/ngrok|ngrok|localtunnel)['\"]|"
    r"\b(?:npx\s+localtunnel|lt\s+--port|frpc\s+-c|bore\s+local|chisel\s+client|"
    r"tailscale\s+(?:up|funnel|serve)|code\s+tunnel|devtunnel\s+host)\b|"
    r"\bssh\s[^\n]*-R\s*\S*\d+:|\bautossh\s"
)
_LISTED = (
    r"^[ \t]*(?:-[ \t]+)?(?:[\"'][\w.*-]+[\"'],?[ \t]*(?:(?:#|//)[^\n]*)?)+$|"
    r"(?:[\"'][\w.-]+\.[a-z]{2,}[\"'][ \t]*,[ \t]*){2}"
)
"""Names of hosts in a list, as programs that look for them have."""
_PROSE = r"(?:^|\s)`[\w.-]+`(?:\s|[,.])|^[ \t]*(?:\{/\*|\"\"\")|\bassert\b|\bexpect\s*\("
_LONGEST = 2_000
_HOSTS = (
    (_PASTES, "names a paste site or an anonymous file drop", Severity.MEDIUM),
    (_CATCHERS, "names a request catcher", Severity.HIGH),
    (_TUNNELS, "opens a tunnel from outside", Severity.MEDIUM),
)


def check(view: View) -> Iterator[Hit]:
    """Mark the hosts that are named to be used, not in a list or in a sentence."""
    for regex, told, severity in _HOSTS:
        for file in view.where(regex, side=Side.NEW):
            for line in file.new(regex) if Label.LOCK not in file.labels else ():
                if not _is_only_named(line.whole[:_LONGEST]):
                    yield Hit.at(file, line, told, severity=severity, discountable=True)


def _is_only_named(text: bytes) -> bool:
    """Return whether a host is one of a list of hosts, or a word of a sentence or of a test."""
    if expression(_LISTED).search(text) and b"://" not in text:
        return True
    return expression(_PROSE).search(text) is not None


RULE = Rule(
    id="paste-or-tunnel-host",
    pathway=Pathway.EXFILTRATION,
    severity=Severity.MEDIUM,
    confidence=Confidence.MEDIUM,
    stability=Stability.STABLE,
    version=3,
    summary="names a paste site, a file drop or a tunnel",
    capability=Capability.SENDS,
    patterns=(
        Pattern(
            r"(?i)discord(?:app)?\.com/api/webhooks/\d|api\.telegram\.org/bot|"
            r"hooks\.slack\.com/(?:services|workflows|triggers)/[TE][A-Z0-9]{6}|"
            r"webhook\.office\.com/|chat\.googleapis\.com/v1/spaces/|"
            r"open\.(?:feishu|larksuite)\.\w+/open-apis/bot|oapi\.dingtalk\.com/robot|"
            r"qyapi\.weixin\.qq\.com/cgi-bin/webhook|maker\.ifttt\.com/trigger|"
            r"hooks\.zapier\.com/hooks|api\.pushover\.net|ntfy\.sh/\w",
            "sends to a chat's webhook",
            never=frozenset({Label.LOCK}),
        ),
        Pattern(
            r"(?i)(?:https?|wss?|ftp)://[\w.-]*(?:attacker|\bevil\b|malicious|malware|exfil|"
            r"hacker|adversary|\bc2\b|pwned)[\w-]*\.[a-z]{2,}",
            "talks to a host that calls itself an attacker's",
            line=r"(?i)\b(?:curl|wget|fetch|axios|requests?|http|urlopen|urllib|sendBeacon|Invoke-\w+|iwr|irm|nc|"
            r"net\.\w+|got|post|get|send|XMLHttpRequest|WebSocket|socket|image|uri|open|"
            r"\w*(?:endpoint|url|host|server|webhook|collector))\b\W",
            never=frozenset({Label.LOCK, Label.DOCS, Label.TEST}),
        ),
        Pattern(
            rf"https?://{_PUBLIC}",
            "sends to a machine that is named by nothing but its number",
            line=rf"(?i)(?:\bpost\b|\.put\(|urlopen\([^\n]*,|\bsend|upload|--data|\s-d\s|\s-F\s)"
            rf"[^\n]*{_PUBLIC}|{_PUBLIC}[^\n]*(?i:\bpost\b|\bput\b|\bbody\b|upload)",
            severity=Severity.HIGH,
            never=frozenset({Label.LOCK, Label.DOCS, Label.GENERATED}),
        ),
        Pattern(
            r"\bgh\s+gist\s+create\b|api\.github\.com/gists\b|\bgists\.create\s*\(|"
            r"\bcreate_gist\s*\(|['\"]gist['\"]\s*,\s*['\"]create['\"]|/api/v4/snippets\b",
            "creates a gist",
            line=r"(?i)\bgh\s+gist\s|create|post\b|publish|new|upload|save|send|method|data|requests?\.",
        ),
    ),
    added_triggers=(_PASTES, _CATCHERS, _TUNNELS),
    check=check,
)
