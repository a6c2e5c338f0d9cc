"""A way in from outside: somebody else may steer this machine.

What it flags
    Added SSH keys for logging in, reverse tunnels, remote desktops (VNC, RDP, TeamViewer,
    AnyDesk, RustDesk), shells over the web or the network (ttyd, gotty, tmate, sshx), overlay
    networks joined with a key (Tailscale, ZeroTier, Netbird), an SSH server or debug session
    in CI, a command-and-control agent's name; code that runs as a command what a message of a
    chat, a socket or a request brings.

Why it matters
    It turns one merge into a door that stays open, and everything done through it leaves no
    change to review.

How to review it
    Ask who may connect, from where, and how it is switched off again.
    A key: whose is it? Compare its comment and fingerprint with the team's list.

Not flagged
    Ordinary SSH clients; host keys; documentation weighs one level less.

Seen in
    ATT&CK T1098.004 (SSH Authorized Keys), T1219 (Remote Access Tools), T1021 (Remote
    Services), T1572 (Protocol Tunneling), T1133 (External Remote Services).
"""

from collections.abc import Iterator

from reviewqueue.domain.finding import Confidence, Pathway, Severity, Side
from reviewqueue.domain.paths import Label
from reviewqueue.scan.rule import Capability, Hit, Pattern, Rule, Stability, View, expression
from reviewqueue.scan.structure.flow import uses
from reviewqueue.scan.structure.kinds import is_code

_NEVER = frozenset({Label.LOCK, Label.GENERATED, Label.VENDORED, Label.DATA})

_COMES_IN = (
    r"\.onmessage\s*=|\.on\s*\(\s*[\"'`](?:message|msg|cmd|command|exec|data|run|shell|task|order|"
    r"input|job)[\"'`]|\baddEventListener\s*\(\s*[\"'`]message[\"'`]|@(?:bot|client|tree)\.(?:command|event)\b|"
    r"\bcontext\.args\b|\basync\s+def\s+\w+\s*\(\s*(?:ctx|update|message)\b|@(?:Post|Get|Request)Mapping\b|@RequestBody\b|"
    r"\brequest\.(?:json|form|args|data|values|get_json|GET|POST|body|query_params)\b|"
    r"\breq(?:uest)?\.(?:body|query|params)\b|\b(?:r|req)\.(?:FormValue|PostFormValue|URL\.Query|Body)\b|"
    r"\bc\.(?:Query|PostForm|Param)\s*\(|\bon_message\b|\bwebsocket\.(?:recv|receive\w*)\s*\(|"
    r"\bws\.(?:recv|receive|ReadMessage|next)\w*\s*\(|\bReadMessage\s*\(\s*\)|\bgetParameter\s*\(|"
    r"\bparams\[:|\$_(?:GET|POST|REQUEST|COOKIE)\b|\bmsg\.payload\b|\bupdate\.message\.text\b|\bRequest\.Query\b"
)
"""What brings in a text from somebody elsewhere."""
_SHELLS = (
    r"\b(?:os\.system|os\.popen|subprocess\.(?:run|call|Popen|check_output|getoutput|getstatusoutput|"
    r"check_call)|execSync|spawnSync|shell_exec|passthru|exec\.Command(?:Context)?|Command::new|"
    r"ProcessBuilder|getRuntime\(\)\.exec|Process\.Start|IO\.popen|Open3\.\w+|create_subprocess_shell)\s*\(|"
    r"(?:^|[^\w\n.])(?:exec|execAsync|execPromise|spawn|system|popen)\s*\(|\b(?:child_process|childProcess|cp)\.(?:exec|spawn|fork)\w*\s*\("
)
_OWN_CHILD = r"(?i)\bstd(?:out|err)\??\.on\b|\bchild\w*\.on\b|\b(?:file|read)_?stream\.on\b"
"""What a program says that was started here is not somebody elsewhere's."""
_AROUND = 6
"""Lines within which a text that comes in is followed."""


def check(view: View) -> Iterator[Hit]:
    """Mark what runs as a command a text that somebody elsewhere sent."""
    for file in view.where(_COMES_IN, side=Side.NEW):
        if is_code(file) and Label.VENDORED not in file.labels:
            for use in uses(file, _COMES_IN, _SHELLS, _AROUND):
                if expression(_OWN_CHILD).search(use.origin):
                    continue
                told = f"runs as a command what line {use.source} takes from somebody elsewhere"
                yield Hit.on(file, use.number, use.text, told)


RULE = Rule(
    id="remote-control-opened",
    pathway=Pathway.ROGUE_DEPLOYMENT,
    severity=Severity.MEDIUM,
    confidence=Confidence.MEDIUM,
    stability=Stability.STABLE,
    summary="lets somebody steer the machine from outside",
    capability=Capability.PERSISTS,
    version=3,
    added_triggers=(_COMES_IN,),
    check=check,
    patterns=(
        Pattern(
            r"\bauthorized_keys\b",
            "adds a key that lets somebody log in",
            line=r">>?[ \t]*[\"']?\S*authorized_keys|\btee\s|\bopen\(|[aA]ppend\w*\(|[wW]rite\w*\(|"
            r"\bcopy\w*[ (]|\bcp\s|\becho\s|\bmv\s|\binstall\s|\bdest:|"
            r"^\s*[\"']?authorized_keys[\"']?\s*[:=]|\bcat\s[^\n]*>",
            severity=Severity.HIGH,
            never=_NEVER,
        ),
        Pattern(
            r"\bssh-(?:rsa|ed25519|dss)\s+AAAA|\becdsa-sha2-nistp\d+\s+AAAA|"
            r"\bsk-ssh-ed25519@openssh\.com\s+AAAA",
            "adds a key that lets somebody log in",
            line=r"^[^.\n]*(?:ssh-|ecdsa-|sk-)[^\n]*AAAA[\w+/=]{40}",
            never=_NEVER | {Label.DOCS, Label.TEST},
        ),
        Pattern(
            r"\bssh_authorized_keys\b|\bssh-authorized-keys\b|\bssh-import-id\b|\bssh-copy-id\s|"
            r"\b(?:enable-oslogin|block-project-ssh-keys)\b[^\n]*(?i:false)|"
            r"\bPermitRootLogin\s+yes\b|\bPasswordAuthentication\s+yes\b",
            "lets somebody log in",
            never=_NEVER,
        ),
        Pattern(
            r"\b(?:x11vnc|vncserver|tigervnc|tightvncserver|xrdp|novnc|teamviewer|anydesk|"
            r"rustdesk|meshagent|meshcentral|screenconnect|atera|splashtop|dwagent|"
            r"remotely_agent)\b",
            "installs a remote desktop",
            line=r"(?i)\binstall\b|\bstart|\bexec\b|\bRUN\b|\benable\b|\bcurl\b|\bwget\b|"
            r"subprocess|spawn|Popen|^\s*(?:x11vnc|vncserver|xrdp)\s|\bapt|\bapk\b|\bdnf\b",
            never=_NEVER | {Label.DOCS},
        ),
        Pattern(
            r"\b(?:ttyd|gotty|tmate|sshx|upterm|wetty|shellinabox\w*|teleconsole)\b",
            "opens a shell to others",
            line=r"(?i)uses:|\binstall\b|\bRUN\b|\bcurl\b|\bexec\b|^\s*(?:ttyd|gotty|tmate|sshx|"
            r"upterm)\s|\s-p\s|spawn|Popen|subprocess",
            never=_NEVER | {Label.DOCS},
        ),
        Pattern(
            r"\btailscale\s+up\b|\btailscale/github-action\b|\bzerotier-cli\s+join\b|"
            r"\bnetbird\s+up\b|\bfrpc\s+-c\b|\bchisel\s+(?:client|server)\b|\bnps\s+start\b|"
            r"\bligolo\b|\bwstunnel\s|\brathole\s|"
            r"\bcloudflared\s+(?:tunnel|service)\s+(?:run|install|--)|\bautossh\s+-|\bfxTunnel\b|"
            r"\bngrok\s+service\b",
            "joins a network or tunnel that reaches in from outside",
            never=_NEVER | {Label.DOCS},
        ),
        Pattern(
            r"\b(?:meterpreter|cobalt_?strike|sliver-(?:server|client)|mythic_(?:c2|container)|"
            r"havoc\s+client|empire\s+agent|merlinAgent|villain\.py|pupyrat|pupy\.)\b",
            "names a tool for controlling other machines",
            severity=Severity.HIGH,
            never=_NEVER | {Label.DOCS},
        ),
        Pattern(
            r"(?i)\bset-itemproperty\b[^\n]*fDenyTSConnections|"
            r"\breg\s+add\b[^\n]*fDenyTSConnections|"
            r"\bsystemsetup\s+-setremotelogin\s+on\b|\bkickstart\b[^\n]*-activate|"
            r"\bEnable-PSRemoting\b|\bwinrm\s+(?:quickconfig|set)\b|"
            r"\bufw\s+allow\s+(?:ssh|22|3389|5900)\b|\bnetsh\s+advfirewall\b[^\n]*(?:action=allow|"
            r"state off)",
            "switches remote access on",
            never=_NEVER | {Label.DOCS},
        ),
    ),
)
