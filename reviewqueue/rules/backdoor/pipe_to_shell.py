"""Running what was just fetched from the network.

What it flags
    Added text that downloads and hands the result straight to an interpreter:
    `curl … | sh`, `bash <(wget …)`, `eval "$(curl …)"`, `python -c "$(curl …)"`,
    `exec(requests.get(…).text)`, `iex (iwr …)`; or that stores the download and runs it in
    the next command, or ends in `| sh` on a line of its own, or makes it executable or runs it
    some lines below, in a script or in a program, followed by its name; and a new script that
    a tool has written and that fetches programs and installs them. High where the address
    is plain http, a bare number, a gist or a paste site, where the output is thrown away, and
    in a build's wrapper script (`mvnw`, `gradlew`, `configure`); medium otherwise.

Why it matters
    The program that runs is not in the diff, is not pinned, and can differ for each
    caller; whoever holds the address holds the build or the machine.

How to review it
    Ask for a pinned version with a checksum, or a package, instead.
    Look at who owns the address, and at where this runs: a build has secrets.

Not flagged
    Downloads that are checked before they run, advice that is only printed, comments.
    In prose it is low; so is what a document names, or a build makes executable, where all that
    is fetched came from the same owner's place before.

Seen in
    ATT&CK T1105 (ingress tool transfer) with T1059; the bash uploader of Codecov
    (January to April 2021); the spotbugs and reviewdog token thefts that led to
    tj-actions/changed-files (CVE-2025-30066), where a build wrapper piped a gist into bash.
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
from reviewqueue.scan.structure.addresses import fetches_as_before
from reviewqueue.scan.structure.flow import FETCHES, RUNS, uses
from reviewqueue.scan.structure.kinds import SAID, Kind, expressions, is_code, is_tested, marked
from reviewqueue.scan.structure.near import lines_in, numbered
from reviewqueue.scan.structure.pairs import finds
from reviewqueue.scan.structure.said import is_value

_FETCH = r"(?:(?:curl|wget|aria2c)\s|\bfetch\s+(?:-|[\"']?(?:https?|ftp):|[\"']?\$))"
_SHELL = (
    r"(?:sudo\s+(?:-\w+\s+)*)?(?:env\s+[^\n|]*)?(?:/\S*/)?"
    r"(?:(?:ba|z|da|k)?sh|\$[({]?SHELL[)}]?|python[\d.]*|perl|ruby|node|php)"
    r"(?:\s+-(?:[^m\n]|\s|$)|\s*$|\s*[;&|)'\"`]|\s+/dev/stdin|\s+\S+=|\s*\d?[<>])"
)
_BARE = r"(?:http://(?:[a-z0-9.-]*\.[a-z]|[^l1\s])|https?://\d{1,3}(?:\.\d{1,3}){3})"
_ANYBODYS = (
    r"(?:gist\.github|pastebin\.|paste\.|hastebin|transfer\.sh|file\.io|ix\.io|0x0\.st|"
    r"termbin|ngrok|trycloudflare|webhook\.site|anonfiles|catbox\.moe|discord)"
)
_KEPT = (
    r"(?:curl|wget)\s[^\n;&|]*(?:-[A-Za-z]*[oO]\b|--output|--remote-name)[^\n;&|]*"
    r"(?:;|&&)\s*(?:chmod\s[^\n;&|]*(?:;|&&)\s*)?(?:sudo\s+)?"
    r"(?:(?:ba|z|da|k)?sh\s|\./|source\s|python[\d.]*\s|node\s|perl\s|/tmp/)"
)
_WRAPPERS = (
    "mvnw",
    "*/mvnw",
    "mvnw.cmd",
    "gradlew",
    "*/gradlew",
    "gradlew.bat",
    "configure",
    "*/configure",
    "*configure.ac",
    "autogen.sh",
    "bootstrap",
    "*.m4",
)

_PIPED = rf"{_FETCH}[^\n|]*\|\s*{_SHELL}"
_KINDS = (
    Kind(
        rf"{_FETCH}[^\n|]*(?:{_BARE}|{_ANYBODYS})[^\n|]*\|\s*{_SHELL}",
        "pipes what an unprotected, bare or anybody's address gives into an interpreter",
        severity=Severity.HIGH,
        unless=SAID,
    ),
    Kind(
        _PIPED,
        "makes a build's wrapper script run a download",
        severity=Severity.HIGH,
        unless=SAID,
        globs=_WRAPPERS,
    ),
    Kind(
        _PIPED,
        "pipes a download into an interpreter and hides what it says",
        severity=Severity.HIGH,
        line=rf"\|\s*{_SHELL}[^\n]*>\s*/dev/null\s+2>&1",
        unless=SAID,
    ),
    Kind(_PIPED, "pipes a download into an interpreter", unless=SAID),
    Kind(
        r"^[ \t]*\|[ \t]*(?:sudo\s+(?:-\w+\s+)*)?(?:/\S*/)?(?:ba|z|da|k)?sh\b"
        r"(?:\s+-[^\n|]*)?[ \t]*(?:\\[ \t]*)?\r?$",
        "pipes what the lines above give into a shell",
        unless=SAID,
        globs=(
            "*.sh",
            "*.bash",
            "*.zsh",
            "*.y*ml",
            "*dockerfile*",
            "*makefile*",
            "*.mk",
            "*.command",
        ),
    ),
    Kind(_KEPT, "stores a download and runs it at once", unless=SAID),
    Kind(
        r"\b(?:curl|wget)\s[^\n|]*\|\s*(?:sudo\s+)?(?:tar|unzip|gunzip|bsdtar|xz)\s[^\n]*(?:;|"
        r"&&)\s*(?:sudo\s+)?(?:nohup\s+|exec\s+)?(?:\./|/tmp/|/var/tmp/|/dev/shm/)",
        "unpacks a download and runs it at once",
        unless=SAID,
    ),
    Kind(
        r"(?i)\bcertutil(?:\.exe)?[\"'\s][^\n]*-urlcache|\bbitsadmin(?:\.exe)?\s[^\n]*/transfer|"
        r"\bStart-BitsTransfer\b[^\n]*https?:|\bmshta(?:\.exe)?\s+[\"']?(?:https?|javascript|"
        r"vbscript):|"
        r"\bregsvr32(?:\.exe)?\s[^\n]*/i:https?:|\brundll32(?:\.exe)?\s+[\"']?javascript:|"
        r"\bmsiexec(?:\.exe)?\s[^\n]*/i\s+[\"']?https?:",
        "makes a tool of Windows fetch or run what lies elsewhere",
        unless=SAID,
    ),
    Kind(
        r"(?i)\b(?:iwr|irm|Invoke-WebRequest|Invoke-RestMethod|DownloadFile)\b[^\n]*;\s*"
        r"(?:Start-Process|Invoke-Item|rundll32|&\s|\.\\|cmd\s+/c|powershell\s)",
        "stores a download and runs it at once",
        unless=SAID,
    ),
    Kind(
        rf"(?:(?:ba|z|da|k)?sh|source|\.|python[\d.]*)\s+<\(\s*{_FETCH}|"
        rf"(?:eval|(?:ba|z|da|k)?sh\s+-c|python[\d.]*\s+-c|node\s+-e)\s+[\"'`]?\$?[(`]\s*{_FETCH}",
        "runs a download in an interpreter",
        unless=SAID,
    ),
    Kind(
        r"(?:^|[^\w\n.]|os\.)(?:exec|eval|system|popen|execSync|"
        r"Function)\s*\(\s*(?:await\s+)?\(?(?:requests\.get|httpx\.get|"
        r"urllib\.request\.urlopen|urlopen|fetch|axios\.get)\s*\(",
        "executes the body of a response",
        severity=Severity.HIGH,
    ),
    Kind(
        r"(?i)(?:\biex\b|\bInvoke-Expression\b)[^\n]*(?:\biwr\b|\birm\b|Invoke-WebRequest|"
        r"Invoke-RestMethod|DownloadString)|"
        r"(?:\biwr\b|\birm\b|DownloadString)[^\n]*\|\s*(?:iex|Invoke-Expression)",
        "runs a download in PowerShell",
        unless=SAID,
    ),
)


_RUNNABLE = (
    r"\bchmod\s+(?:-\w+\s+)*(?:[ugoa]*\+[rw]*x|0?[75][0-7]{2})\b|"
    r"\b(?:os\.[cC]hmod|chmod(?:Sync)?|File\.chmod|FileUtils\.chmod)\s*\([^\n]*"
    r"(?:0o?[75][0-7]{2}|S_IEXEC|S_IXUSR|\+x)|\bsetExecutable\s*\(\s*true|"
    r"\bfrom_mode\s*\(\s*0o7|\bmode['\"]?[ \t]*(?::|=>|=)?[ \t]*['\"]?0?[75][0-7]{2}\b|"
    r"\bmode:[ \t]*['\"]?[ugoa]+\+[rw]*x"
)
_FETCHED = (
    r"\b(?:curl|wget|aria2c)\s[^\n|]*(?:https?:|\$\{?\w|\\\r?$)|^ADD\s+(?:--\S+\s+)*https?:|"
    r"\b(?:get_url|remote_file|win_get_url)\b|"
    r"\bsource['\"]?[ \t]*(?::|=>)?[ \t]*['\"]https?:|\bhttp\.Get\s*\(|\burlopen\s*\(|"
    r"\burlretrieve\s*\(|\brequests\.get\s*\(|\bhttpx\.get\s*\(|\bfetch\s*\(\s*[`'\"\w]|"
    r"\bhttps?\.get\s*\(|\baxios\b[^\n]*\(|\breqwest::|\bDownloadFile\s*\(|\bURI\.open\s*\(|"
    r"\bNet::HTTP\.(?:get|start)\b"
)
_VERIFIED = (
    r"(?i)sha(?:256|512|1)?sum|shasum|\bsha-?(?:256|512)\b|checksum|\bgpg\b[^\n]*--verify|"
    r"cosign\s+verify|minisign|signify|\bdigest\b|hashlib|createHash"
)
_ASKED = (
    r"-X\s*['\"]?(?i:POST|PUT|PATCH|DELETE|HEAD)\b|--request\b|--post-(?:data|file)\b|"
    r"\bcurl\b[^\n]*\s(?:-d|--data\S*|-F|--form|-I|--head)\b"
)
"""What a caller of a service writes, not one who fetches a program."""
_OWN = r"(?i)localhost|127\.0\.0\.1|0\.0\.0\.0|\[::1\]|169\.254\.|\(\s*[\"'`]/"
"""A machine's own addresses, and paths of the same host."""
_NEAR = 30
"""Lines between the fetching and the permission to run that are one deed."""
_STARTS = (
    rf"{RUNS}|(?i:\b(?:exec|spawn|run|start|launch|sh|shell|system|command|process)\w*\s*[(\[!])"
)
_GENERATED = (
    r"(?i)\b(?:generated (?:by|from|with)|do not edit|autogenerated|godownloader|"
    r"binst(?:aller)?|shellspec)\b"
)
_INSTALLS = (
    r"\binstall\s+(?:-\w+\s+)*(?:-m\s*0?7|\"?\$)|\bchmod\s+(?:\S+\s+)*(?:\+x|0?7)|"
    r"\bexec\s+[\"$]|\bmv\s[^\n]*/bin\b"
)
_HEAD = 3_000
"""Bytes of a script that say where it comes from."""


def check(view: View) -> Iterator[Hit]:
    """Mark each place that runs what it fetched, at once or some lines below."""
    told = {file.path for file in view.where(*expressions(_KINDS)) if _is_told_as_before(file)}
    for kind, file, line in marked(view, _KINDS):
        severity = kind.severity
        if _is_shown(file, line.whole, kind.regex):
            severity = Severity.LOW
        elif is_tested(file, line, kind.regex):
            severity = Severity.MEDIUM
        if file.path in told:
            severity = Severity.LOW
        yield Hit.at(file, line, kind.message, severity=severity)
    yield from _written_by_a_tool(view)
    for file in _unverified(view, _RUNNABLE):
        yield from _made_runnable(file)
    for file in _unverified(view, FETCHES):
        yield from _followed(file)


def _is_told_as_before(file: FileView) -> bool:
    """Return whether a document or instructions name the same owner's program as before."""
    found = {Label.DOCS, Label.AGENT_INSTRUCTIONS} & file.labels
    return bool(found) and fetches_as_before(file)


def _unverified(view: View, trigger: str) -> Iterator[FileView]:
    """Yield the files where a trigger matches, and nothing added checks what is fetched."""
    for file in view.where(trigger, side=Side.NEW):
        if is_code(file) and not finds(_VERIFIED)(file.added):
            yield file


def _is_shown(file: FileView, text: bytes, regex: str) -> bool:
    """Return whether a program only holds a command as a text, and newly starts nothing."""
    if {Label.SCRIPT, Label.TEST} & file.labels or Label.SOURCE not in file.labels:
        return False
    found = expression(regex).search(text)
    if found is None or not is_value(text, found.start() + 1):
        return False
    return not expression(_STARTS).search(file.added)


def _written_by_a_tool(view: View) -> Iterator[Hit]:
    """Mark new scripts that a tool has written, and that fetch and install what they fetch."""
    for file in view.where(_FETCHED, side=Side.NEW):
        if file.status != "A" or Label.SCRIPT not in file.labels:
            continue
        if finds(_GENERATED)(file.added[:_HEAD]) and finds(_INSTALLS)(file.added):
            for line in file.new(_FETCHED)[:1]:
                told = "a script that a tool has written fetches programs and installs them"
                yield Hit.at(file, line, told)


def _followed(file: FileView) -> Iterator[Hit]:
    """Mark what runs a value or a file that a fetch above it gave."""
    bare, local = expression(_BARE), expression(_OWN)
    for use in uses(file, FETCHES, RUNS):
        if not local.search(use.origin) and not _is_given(file, use.text):
            yield Hit.on(
                file,
                use.number,
                use.text,
                f"runs what line {use.source} fetches from the network",
                severity=Severity.HIGH if bare.search(use.origin) else None,
            )


def _is_given(file: FileView, text: bytes) -> bool:
    """Return whether a test only writes down what would run, as a text."""
    if Label.TEST not in file.labels:
        return False
    return all(is_value(text, found.start()) for found in expression(RUNS).finditer(text))


def _made_runnable(file: FileView) -> Iterator[Hit]:
    """Mark the nearest of the fetches above what makes a file executable."""
    asks = finds(_ASKED)
    fetched = [one for one in numbered(file.new(_FETCHED)) if not asks(one[1].whole)]
    severity = Severity.LOW if fetched and fetches_as_before(file) else None
    for number, _ in numbered(file.new(_RUNNABLE)) if fetched else ():
        above = lines_in(fetched, range(number - _NEAR, number + 1))
        if above:
            told = "makes executable what it has fetched, unchecked"
            yield Hit.at(file, above[-1][1], told, severity=severity)


RULE = Rule(
    id="pipe-to-shell",
    version=7,
    pathway=Pathway.BACKDOOR,
    severity=Severity.MEDIUM,
    confidence=Confidence.MEDIUM,
    stability=Stability.STABLE,
    summary="runs what it has just fetched from the network",
    capability=Capability.EXECUTES,
    patterns=(
        Pattern(
            _PIPED,
            "tells the reader to pipe a download into an interpreter",
            only=frozenset({Label.DOCS}),
            severity=Severity.LOW,
        ),
    ),
    added_triggers=(*expressions(_KINDS), _RUNNABLE, _FETCHED, FETCHES),
    check=check,
)
