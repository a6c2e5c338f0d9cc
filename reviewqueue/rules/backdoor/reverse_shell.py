"""A shell handed to somebody on the network.

What it flags
    Added text that connects a shell's input and output to a socket: `/dev/tcp/HOST/PORT`
    with a shell, `nc -e`, `socat EXEC:`, a socket duplicated over the standard streams,
    `pty.spawn` beside a socket.

Why it matters
    Whoever listens at the other end has the machine, with the rights of whoever runs this.

How to review it
    Find out who listens at the address.
    There is next to no honest use outside of security training: ask for the purpose.

Not flagged
    Probing whether a port is open (`</dev/tcp/host/port`), sockets without a shell,
    `pty.spawn` in a terminal program.

Seen in
    ATT&CK T1059.004 (Unix shell) with T1095 (non-application layer protocol); UnrealIRCd
    3.2.8.1 (CVE-2010-2075) and vsftpd 2.3.4 (CVE-2011-2523) gave shells to strangers.
"""

from reviewqueue.domain.finding import Confidence, Pathway, Severity
from reviewqueue.scan.rule import Capability, Pattern, Rule, Stability

RULE = Rule(
    id="reverse-shell",
    pathway=Pathway.BACKDOOR,
    severity=Severity.HIGH,
    confidence=Confidence.HIGH,
    stability=Stability.STABLE,
    summary="hands a shell to somebody on the network",
    capability=Capability.EXECUTES,
    patterns=(
        Pattern(
            r"[<>&]\s*/dev/(?:tcp|udp)/",
            "ties a shell to a network address",
            line=r"\b(?:ba|z|da|k)?sh\b|\bexec\s+\d*[<>]",
        ),
        Pattern(
            r"\b(?:nc|ncat|netcat)\b[^\n|;]*\s(?:-\w*[ec]\w*|--exec|--sh-exec)\s+\S*"
            r"(?:sh|cmd|powershell)\b|\bsocat\b[^\n]*\b(?:EXEC|SYSTEM):",
            "starts a shell for a network connection",
        ),
        Pattern(
            r"mkfifo\s[^\n]*\|\s*(?:/bin/)?(?:ba|z|da|k)?sh\b[^\n]*\|\s*(?:nc|ncat|openssl)\b",
            "loops a shell through a pipe to the network",
        ),
        Pattern(
            r"dup2\s*\(\s*\w+(?:\.fileno\(\))?\s*,\s*[012]\s*\)[^;\n]*(?:\n[^;\n]*){0,4}"
            r"(?:/bin/(?:ba|z|da|k)?sh|pty\.spawn|subprocess|execve?)",
            "puts a socket in place of the standard streams of a program",
        ),
        Pattern(
            r"\.connect\s*\(\([^\n]*pty\.spawn|"
            r"net\.Socket\(\)[^\n]*(?:/bin/(?:ba|z|da|k)?sh|cmd\.exe)",
            "connects out and starts a terminal on the connection",
        ),
    ),
)
