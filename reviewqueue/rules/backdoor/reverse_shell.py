"""A shell handed to somebody on the network.

What it flags
    Added text that connects a shell's input and output to a socket: `/dev/tcp/HOST/PORT`
    with a shell, `nc -e`, `socat EXEC:`, a socket duplicated over the standard streams,
    `pty.spawn` beside a socket; a shell that is started some lines from where a plain
    connection is opened, in any language; a command that came out of a socket and is run.

Why it matters
    Whoever listens at the other end has the machine, with the rights of whoever runs this.

How to review it
    Find out who listens at the address.
    There is next to no honest use outside of security training: ask for the purpose.

Not flagged
    Probing whether a port is open (`</dev/tcp/host/port`), sockets without a shell,
    `pty.spawn` in a terminal program; prose weighs one level less. A question to the
    machine's own port (`exec 3<>/dev/tcp/127.0.0.1/…`) is low.

Seen in
    ATT&CK T1059.004 (Unix shell) with T1095 (non-application layer protocol); UnrealIRCd
    3.2.8.1 (CVE-2010-2075) and vsftpd 2.3.4 (CVE-2011-2523) gave shells to strangers.
"""

from collections.abc import Iterator

from reviewqueue.domain.finding import Confidence, Pathway, Severity, Side
from reviewqueue.domain.paths import Label
from reviewqueue.scan.rule import (
    Capability,
    FileView,
    Hit,
    Pattern,
    Rule,
    Stability,
    View,
    expression,
)
from reviewqueue.scan.structure.comments import is_comment
from reviewqueue.scan.structure.flow import RUNS, uses
from reviewqueue.scan.structure.kinds import is_code
from reviewqueue.scan.structure.near import numbered, stands_in

_STARTS = (
    r"[\"'`](?:/bin/|/usr/bin/)?(?:ba|z|da|k)?sh(?:\s+-l?il?)?[\"'`]|"
    r"(?i)[\"'`\\](?:cmd|powershell)\.exe[\"'`]|\bpty\.spawn\s*\("
)
"""The name of a shell, given to something as a text of its own."""
_COMMAND = (
    r"[\"'`]-(?:c|Command|File)[\"'`]|[\"'`]/[cC][\"'`]|#!|\bSHELL\b|shell\s*[=:]\s*[\"'`]|"
    r"\bdefault"
)
"""The shell is given one command, or only named."""
_CONNECTS = (
    r"\bsocket\.(?:socket|create_connection)\s*\(|\.connect\s*\(\s*\(|\bnet\.(?:Dial\w*|connect|"
    r"createConnection|Socket)\s*\(|\btls\.(?:Dial|connect)\s*\(|\bTcpStream::connect|"
    r"\bnew\s+Socket\s*\(|\bTcpClient\s*\(|\bTCPSocket\.(?:new|open)|\bfsockopen\s*\(|"
    r"\bstream_socket_client\s*\(|\bIO::Socket::INET|\bWSASocket[AW]?\s*\(|\bSOCK_STREAM\b|"
    r"\basyncio\.open_connection\s*\(|\brequire\s*\(?\s*[\"']socket[\"']\s*\)|\bsocket\.tcp\b|"
    r"\bsockaddr_in\b|\bSockets\.TCPClient\b"
)
_GETS = (
    r"\.recv(?:from|_into)?\s*\(|\bclient\.(?:gets|readline)\b|"
    r"\bs(?:ock(?:et)?)?\.(?:gets|readline|readLine|read_line)\b|"
    r"\bconn\.(?:read|Read|gets|recv)\w*\s*\(|\bbufio\.NewReader\s*\(\s*(?:conn|c|sock|s)\s*\)|"
    r":receive\s*\(|\bawait\s+(?:r|reader|conn)\.read(?:line|until)?\s*\(|"
    r"\brecv\s*\(\s*\w+\s*,|\.GetStream\s*\(\s*\)"
)
_TIED = "starts a shell for a network connection"
_NEAR = 12
"""Lines between a connection and a shell that are one deed."""
_LONGEST = 2_000
"""Bytes of a line that somebody wrote."""
_STREAMS = r"\bdup2\s*\(\s*[\w.>-]+(?:\(\))?\s*,\s*(?:[012]|STD(?:IN|OUT|ERR)_FILENO|fd|i)\s*\)"


def check(view: View) -> Iterator[Hit]:
    """Mark shells beside connections, and commands that a connection gave."""
    for file in view.where(_STARTS, side=Side.NEW):
        if is_code(file) and Label.VENDORED not in file.labels:
            yield from _beside(file, _STARTS, "starts a shell", unless=_COMMAND)
    for file in view.where(_STREAMS, side=Side.NEW):
        if is_code(file) and Label.VENDORED not in file.labels:
            yield from _beside(file, _STREAMS, "gives its streams away")
    for file in view.where(_GETS, side=Side.NEW):
        for use in uses(file, _GETS, RUNS) if is_code(file) else ():
            told = f"runs as a command what line {use.source} takes from a connection"
            yield Hit.on(file, use.number, use.text, told)


def _beside(file: FileView, trigger: str, does: str, unless: str = "") -> Iterator[Hit]:
    """Mark what a trigger found, near to what connects."""
    connects, excused = expression(_CONNECTS), expression(unless) if unless else None
    if not connects.search(file.added):
        return
    ends = [at for at, text in file.added_lines() if connects.search(text) and not is_comment(text)]
    for at, line in numbered(file.new(trigger)):
        if len(line.whole) > _LONGEST or (excused and excused.search(line.whole)):
            continue
        if stands_in(ends, range(at - _NEAR, at + _NEAR + 1)) and not is_comment(line.whole):
            yield Hit.at(file, line, f"{does}, beside a connection to elsewhere")


RULE = Rule(
    id="reverse-shell",
    pathway=Pathway.BACKDOOR,
    severity=Severity.HIGH,
    confidence=Confidence.HIGH,
    stability=Stability.STABLE,
    summary="hands a shell to somebody on the network",
    capability=Capability.EXECUTES,
    version=4,
    added_triggers=(_STARTS, _STREAMS, _GETS),
    check=check,
    patterns=(
        Pattern(
            r"[<>&]\s*/dev/(?:tcp|udp)/",
            "ties a shell to a network address",
            line=r"\b(?:ba|z|da|k)?sh\b|\bexec\s+\d*[<>]",
            noted=r"\bexec\s+[3-9]<>\s*/dev/tcp/(?:127\.0\.0\.1|localhost)/",
        ),
        Pattern(
            r"\b(?:nc|ncat|netcat)\b[^\w\n]",
            _TIED,
            line=r"\b(?:nc|ncat|netcat)\b[^\n|;]*\s(?:-\w*[ec]\w*|--exec|--sh-exec)\s+\S*"
            r"(?:sh|cmd|powershell)\b",
        ),
        Pattern(r"\bsocat\b[^\n]*\b(?i:exec|system):", _TIED),
        Pattern(
            r"mkfifo\s[^\n]*\|\s*(?:/bin/)?(?:ba|z|da|k)?sh\b[^\n]*\|\s*(?:nc|ncat|openssl)\b",
            "loops a shell through a pipe to the network",
        ),
        Pattern(
            r"(?i)[\"'](?:nc|ncat|netcat)[\"'][^\n]*[\"']-\w*e\w*[\"']|"
            r"/inet/(?:tcp|udp)/|\bopenssl\s+s_client\b[^\n]*\|\s*(?:/bin/)?(?:ba|z|da|k)?sh\b",
            "ties a shell or a program to a network address",
        ),
        Pattern(
            r"\.Std(?:in|out|err)(?:\s*,\s*\w+\.Std\w+)*\s*=\s*(?:conn|sock\w*|c|s|client)\b(?:\s*,|\s*$)",
            "puts a connection in place of the standard streams of a program",
            globs=("*.go",),
        ),
        Pattern(
            r"\bStdio::from_raw_fd\b|\bFromRawFd\b|\bfrom_raw_fd\s*\(",
            "puts an open connection in place of the standard streams of a program",
            line=r"\bStdio::|\.std(?:in|out|err)\s*\(",
            globs=("*.rs",),
        ),
        Pattern(
            r"\.pipe\s*\(\s*\w+\.stdin\b|\.std(?:out|err)\.pipe\s*\(\s*(?:s|sock\w*|c|client|conn\w*)\s*\)",
            "joins a program's streams with a connection",
            line=r"\b(?:s|sock\w*|c|client|conn\w*)\b\.pipe\s*\(\s*\w+\.stdin|"
            r"\.std(?:out|err)\.pipe\s*\(\s*(?:s|sock\w*|c|client|conn\w*)\s*\)",
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
