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
    Prose, which weighs one level less; lists of such hosts that block them read the
    same as uses: answer them as false positives.
"""

from reviewqueue.domain.finding import Confidence, Pathway, Severity
from reviewqueue.domain.paths import Label
from reviewqueue.scan.rule import Capability, Pattern, Rule, Stability

RULE = Rule(
    id="paste-or-tunnel-host",
    pathway=Pathway.EXFILTRATION,
    severity=Severity.MEDIUM,
    confidence=Confidence.MEDIUM,
    stability=Stability.STABLE,
    summary="names a paste site, a file drop or a tunnel",
    capability=Capability.SENDS,
    patterns=(
        Pattern(
            r"(?i)\b(?:pastebin\.com|paste\.ee|hastebin\.com|dpaste\.(?:com|org)|ghostbin\.\w+|"
            r"rentry\.co|paste\.rs|ix\.io|sprunge\.us|termbin\.com|0x0\.st|transfer\.sh|file\.io|"
            r"gofile\.io|anonfiles\.com|catbox\.moe|bashupload\.com|temp\.sh|oshi\.at|tmpfiles\.org|"
            r"pixeldrain\.com|controlc\.com|privatebin\.\w+)\b",
            "names a paste site or an anonymous file drop",
            never=frozenset({Label.LOCK}),
        ),
        Pattern(
            r"(?i)\b(?:webhook\.site|requestbin\.\w+|pipedream\.net|requestcatcher\.com|beeceptor\.com|"
            r"hookbin\.com|oastify\.com|oast\.(?:pro|live|site|online|fun|me)|interact\.sh|"
            r"burpcollaborator\.net|canarytokens\.(?:com|org)|dnslog\.cn|ceye\.io|requestrepo\.com)\b",
            "names a request catcher",
            severity=Severity.HIGH,
            never=frozenset({Label.LOCK}),
        ),
        Pattern(
            r"(?i)\b(?:ngrok(?:-free)?\.(?:io|app|dev)|trycloudflare\.com|loca\.lt|"
            r"localhost\.run|serveo\.net|pagekite\.me|localtunnel\.me|bore\.pub|devtunnels\.ms)\b|"
            r"\bngrok\s+(?:http|tcp|start)\b|\bcloudflared\s+tunnel\b|\bssh\s[^\n]*-R\s*\S*\d+:",
            "opens a tunnel from outside",
            never=frozenset({Label.LOCK}),
        ),
        Pattern(
            r"(?i)discord(?:app)?\.com/api/webhooks/\d|api\.telegram\.org/bot|"
            r"hooks\.slack\.com/services/T[A-Z0-9]{6}",
            "sends to a chat's webhook",
            never=frozenset({Label.LOCK}),
        ),
        Pattern(
            r"\bgh\s+gist\s+create\b|api\.github\.com/gists\b",
            "creates a gist",
        ),
    ),
)
