"""A private value handed to a machine that the code names.

What it flags
    Added code that puts one of these into a request whose host is written beside it, as
    body, address or header: a private key, a mnemonic or a seed of a wallet; a password that
    was encoded first; the address of the page that somebody has open, the browser's history;
    the clipboard; the text in an editor; a session's token that the page keeps; everything
    that a form holds. What listens to keys, to visits or to a page's own requests, and just
    below tells such a host.
    Also a header that is given an encoded secret, other than the one meant for it.

Why it matters
    One request is enough. A header named like a session's or an advertisement's, or an
    address with one more parameter, looks like any other call; no library is taken in and
    no right is asked for.

How to review it
    Find who owns the host, and since when the project speaks with it.
    Ask why that machine needs the value itself, and not a signature or a hash of it.

Not flagged
    Hosts that come from the settings or are the machine's own; `Authorization` headers;
    signatures; signing in, where a password goes to an address that says so; prose and tests.

Seen in
    ATT&CK T1041, T1567, T1217 (Browser Information Discovery), T1115 (clipboard); xrpl.js (npm,
    April 2025, CVE-2025-32965), where a header carried each seed; @solana/web3.js (npm,
    December 2024); Stylish (2018), which sent the address of every visited page; VestaCP
    (2018), whose installer sent the server's password to its maker's machine.
"""

from collections.abc import Iterator
from dataclasses import dataclass

from reviewqueue.domain.finding import Confidence, Pathway, Severity, Side
from reviewqueue.domain.paths import set_aside
from reviewqueue.scan.rule import Capability, FileView, Hit, Rule, Stability, View, expression
from reviewqueue.scan.structure.comments import is_comment
from reviewqueue.scan.structure.flow import REACHES, SENDS, Use, abroad, uses
from reviewqueue.scan.structure.kinds import is_code
from reviewqueue.scan.structure.near import stands_in

_SINKS = (
    rf"{REACHES}|\b(?:body|data|params|json|headers?|files|form|payload)[\"']?\s*(?:=>|[:=])\s*[^=]|"
    r"\.send\s*\("
)
_NEAR = 6
"""Lines around a sending within which its host is written."""
_FAR = 20
"""Lines below it within which a value is followed."""
_ENCODES = (
    r"\b(?:b64encode|urlsafe_b64encode|btoa|base64_encode|(?:url_?safe_|strict_)?encode64|hexlify|"
    r"bin2hex|EncodeToString|encodeToString|ToBase64String|base64::encode|bs58\.encode|b58encode|"
    r"base58\.encode)\s*\(|\btoString\s*\(\s*['\"](?:base64|hex)|\b(?:URLEncoder\.encode|"
    r"encodeURIComponent|QueryEscape|urlencode)\s*\(\s*[\w.$>-]*(?i:passw|pwd|secret)|"
    r"\bencode_base64\s*\(|\|\s*(?:openssl\s+)?(?:base64|enc\s+-base64|xxd)\b"
)
_WORDS = (
    r"(?i)(?:passw(?:or)?d|passphrase|\b\w*_?pass\b|\bpwd\b|secret|private_?key|mnemonic|"
    r"credential)"
)
_LOCK_WORD = (
    r"[:=>]\s*\$?(?:\w+(?:\.|->|\[[\"':]+))*\w*(?i:password|passwd|"
    r"passphrase)\b[\"']?\]*\s*[,})&\"]|[?&]\w+=(?:%s|\$?\{)[^\n]*\bpassw(?:or)?d\b"
)
_KEYS = (
    r"\b(?i:mnemonic|seed_?phrase|(?:secret_?)?recovery_?phrase|private_?key(?:_?(?:hex|pem|wif|bytes|b58))?|"
    r"priv_?key|wallet_?secret|xprv)\b|\b(?i:key_?pair|wallet|account|signer)\w*\.(?:secret|priv|to_(?:base58|bytes)|toBytes)\w*|"
    r"\b[Pp]riv\.D\b|\b(?i:key_?pair)(?:::|\.)from\w+\s*\(|\bfrom_?(?i:mnemonic|seed|secret_?key|private_?key)\s*\("
)
_OWN = (
    r"\b(?i:secret_key(?:_base)?|jwt_?secret|session_?secret|signing_?key|encryption_?key|"
    r"master_?key)\b"
)
_SEED = (
    r"\b(?:seed|secret|secretSeed|walletSeed|entropy)\b\s*(?::\s*(?:string|str|&str|Uint8Array|"
    r"Buffer|bytes)|[,)\]}])"
)
_LEDGER = (
    r"(?i)wallet|ledger|bip-?39|key_?pair|xrp|ethereum|solana|bitcoin|stellar|crypto|"
    r"ed25519|secp256k1|signer"
)
_VISITED = (
    r"\b(?:tab|details|changeInfo|tabs\[0\])\.url\b|\bhistory\.(?:search|getVisits)\s*\(|"
    r"\bcaptureVisibleTab\b|\b(?:window|document|parent|top)\.location\b(?:\.href)?\s*[,)}+;\]]|"
    r"\blocation\.(?:href\b|toString\s*\()|\bdocument\.(?:URL|referrer)\b|"
    r"\b(?i:web_?view)\.(?:getUrl\s*\(|url\b)"
)
_COPIED = (
    r"\bclipboard\.read(?:Text)?\s*\(|\bclipboard_get\s*\(|\bpyperclip\.paste\s*\(|"
    r"\bGetClipboardData\s*\(|\bUIPasteboard\.general\.string\b|\bNSPasteboard\b[^\n]*string|"
    r"\bgetPrimaryClip\s*\(|\bprimaryClip\b|\bClipboard\.GetText\s*\("
)
_EDITED = (
    r"\beditor\.(?:getText|getValue|getPath|document)\b|"
    r"\b(?:document|doc|textDocument)\.(?:getText\s*\(|fileName\b)|\batom\.project\.getPaths\s*\(|"
    r"\bgetBuffer\s*\(\s*\)\.getText|\bworkspace\.textDocuments\b|\bnvim_buf_get_lines\b|"
    r"\bview\.substr\s*\(|\bbuffer-(?:string|substring)\b"
)
_FORM = (
    r"\bnew\s+FormData\s*\(\s*(?:this|\w*[fF]orm|e\.target|event\.target)\b|\bserializeArray\s*\("
)
_KEPT = (
    r"\b(?:local|session)Storage\.getItem\s*\(\s*[\"'`][\w.:-]*(?i:token|jwt|session|secret|auth)"
)
_HOME = r"[~/\"'`](?:Documents|Desktop|Pictures)[\"'`/]"
_DEFINES = (
    r"\bfunction\s+\w+\s*\(|\b(?:def|fn|func|fun)\s+(?:\([^)\n]*\)\s*)?\w+\s*[(<]|"
    r"\b(?:const|let|var)\s+\w+\s*=\s*(?:async\s*)?(?:function\b|\(?[\w\s,:]*\)?\s*=>)|"
    r"^\s*(?:(?:public|private|protected|static|async|final|override|void|Task|string|"
    r"bool)\s+)+\w+\s*\("
)
_CALLED = (
    r"(?:function|def|fn|func|fun|const|let|var)\s+(?:\([^)\n]*\)\s*)?(\w+)|"
    r"^\s*(?:\w+\s+)+(\w+)\s*\("
)
_MOST = 5
"""Functions of a file that may hand a value on."""
_LISTENS = (
    r"\b(?:webNavigation|tabs|webRequest|history)\.on(?:Completed|Committed|Updated|Activated|"
    r"Visited|BeforeRequest|BeforeSendHeaders|BeforeNavigate|"
    r"HistoryStateUpdated)\.addListener\s*\(|\b(?:addEventListener\s*\(\s*[\"'](?:key(?:down|"
    r"press|up)|paste)[\"']|onkey(?:down|press|up)\s*=)|"
    r"\bXMLHttpRequest\.prototype\.(?:send|open)\s*=|\bwindow\.fetch\s*=|"
    r"\binput\[type=\\?[\"']?password"
)
_TELLS = (
    r"\bsendBeacon\s*\(|(?:\bfetch|\baxios)\b[^\n]*(?:POST|body|post\s*\()|\.src\s*=|"
    r"\bpost\s*\(|\bopen\s*\(\s*[\"']POST|\bWebSocket\s*\("
)
_HEADER = (
    r"(?i)\b(?:headers?[\"']?\]?\s*(?:\[|=>|[:=]|\.)|set_?(?:request_?)?header\s*\(|"
    r"add_?header\s*\(|setRequestProperty\s*\(|forHTTPHeaderField|req(?:uest)?\[[\"'])"
)
_MEANT = (
    r"(?i)authoriz|basic\b|bearer|\bauth\b|sign(?:ature|ed)?\b|hmac|digest|sha\d|md5|x-api-key|"
    r"sec-websocket|customer-key|registry-auth|pub(?:lic)?_?key|\.address\b|token_?url"
)
_SIGNS_IN = (
    r"(?i)authoriz|\bbasic\b|\bbearer|://[^/\s\"'`]+/[^\s\"'`]*(?:log-?in|sign-?(?:in|up)|auth|"
    r"token|session|regist|account|passw|users?\b|cred|connect|join)"
)
_ON_PURPOSE = (
    r"(?i)new\s+url\s*\(\s*(?:window\.|document\.)?location|"
    r"redirect|return_?(?:to|url)|share|callback|login|oauth|referer[\"']?\s*[:\]]"
)


@dataclass(frozen=True, slots=True)
class _Value:
    """What nobody else should have, and where it may go all the same."""

    source: str
    told: str
    unless: str = _MEANT
    severity: Severity | None = None
    sinks: str = _SINKS


_VALUES = (
    _Value(_KEYS, "a private key or a wallet's words go", severity=Severity.HIGH),
    _Value(_SEED, "the seed of a wallet goes", severity=Severity.HIGH),
    _Value(_ENCODES, "a secret that was encoded first goes", rf"{_MEANT}|{_SIGNS_IN}"),
    _Value(_LOCK_WORD, "a password goes", _SIGNS_IN),
    _Value(_VISITED, "the address or the picture of a visited page goes", _ON_PURPOSE),
    _Value(_COPIED, "what somebody copied goes"),
    _Value(_EDITED, "what somebody edits, or its place, goes"),
    _Value(_OWN, "a key of the program's own goes"),
    _Value(_HOME, "what somebody keeps in the own folders goes", sinks=SENDS),
    _Value(_KEPT, "what a page keeps for its session goes"),
    _Value(
        _FORM,
        "all that a form holds goes",
        sinks=r"\bsendBeacon\s*\(|\bnew\s+Image\b|\.src\s*=|\bno-cors\b|\bnew\s+WebSocket\b",
    ),
)


_Senders = dict[tuple[int, str], list[Use]]
"""By file and kind of sending, where its functions send."""


def check(view: View) -> Iterator[Hit]:
    """Follow each private value into a request whose host is written beside it."""
    senders: _Senders = {}
    for value in _VALUES:
        for file in view.where(value.source, side=Side.NEW):
            if is_code(file) and not set_aside(file.labels):
                yield from _sent(file, value, senders)
    for file in view.where(_LISTENS, side=Side.NEW):
        if is_code(file) and not set_aside(file.labels):
            yield from _overheard(file)
    for file in view.where(_ENCODES, side=Side.NEW):
        if is_code(file) and not set_aside(file.labels):
            yield from _in_headers(file)


def _sent(file: FileView, value: _Value, senders: _Senders) -> Iterator[Hit]:
    """Mark the sendings of a value beside which a host is written, in a function's own, too."""
    hosts = abroad(file)
    lines = [line.number or 0 for line in file.new(value.source)] if hosts else []
    if not any(stands_in(hosts, range(at - 2 * _FAR, at + 2 * _FAR)) for at in lines):
        return
    if value.source == _SEED and not expression(_LEDGER).search(file.path.encode() + file.added):
        return
    for use in uses(file, value.source, value.sinks, _FAR):
        if _is_beside(hosts, use) and _fits(use, value):
            told = f"{value.told} to a machine that is named here (line {use.source} has it)"
            yield Hit.on(file, use.number, use.text, told, severity=value.severity)
    for use in _handed_on(file, value, _sending(file, value.sinks, hosts, senders)):
        told = f"{value.told} to a function that tells a machine which is named there"
        yield Hit.on(file, use.number, use.text, told, severity=value.severity)


def _sending(file: FileView, sinks: str, hosts: list[int], known: _Senders) -> list[Use]:
    """Return where functions of the file send what they are given, looked for once."""
    if (id(file), sinks) not in known:
        found = [use for use in uses(file, _DEFINES, sinks) if _is_beside(hosts, use)]
        known[id(file), sinks] = found
    return known[id(file), sinks]


def _handed_on(file: FileView, value: _Value, sending: list[Use]) -> Iterator[Use]:
    """Yield where a value is given to a function of the file that sends what it is given."""
    senders: dict[bytes, None] = {}
    for use in sending:
        if not expression(value.unless).search(use.text):
            found = expression(_CALLED).search(use.origin)
            senders.update(dict.fromkeys(name for name in found.groups() if name) if found else {})
    names = b"|".join(list(senders)[:_MOST]).decode("latin-1")
    for use in uses(file, value.source, rf"\b(?:{names})\s*\(", _FAR) if names else ():
        if not expression(_DEFINES).search(use.text) and _fits(use, value):
            yield use


def _is_beside(hosts: list[int], use: Use) -> bool:
    return stands_in(hosts, range(use.number - _NEAR, use.number + _NEAR + 1))


def _fits(use: Use, value: _Value) -> bool:
    """Return whether a sending gets the value itself, and not where it is meant to go."""
    if expression(value.unless).search(use.text) or expression(value.unless).search(use.origin):
        return False
    return value.source != _ENCODES or expression(_WORDS).search(use.origin) is not None


def _overheard(file: FileView) -> Iterator[Hit]:
    """Mark the requests to a host that is written in them, just below what listens."""
    listens = [line.number for line in file.new(_LISTENS) if line.number is not None]
    hosts = frozenset(abroad(file)) if listens else frozenset()
    for number, text in file.added_lines() if hosts else ():
        if number not in hosts or not expression(_TELLS).search(text):
            continue
        if stands_in(listens, range(number - _NEAR, number + 1)):
            told = "tells a machine that is named here what somebody visits, types or sends"
            yield Hit.on(file, number, text, told)


def _in_headers(file: FileView) -> Iterator[Hit]:
    """Mark headers that are given an encoded secret."""
    for line in file.new(_ENCODES):
        text = line.whole[:1000]
        if is_comment(text) or expression(_MEANT).search(text):
            continue
        if expression(_HEADER).search(text) and expression(_WORDS).search(text):
            yield Hit.at(file, line, "a header carries a secret that was encoded first")


RULE = Rule(
    id="private-value-sent",
    pathway=Pathway.EXFILTRATION,
    severity=Severity.MEDIUM,
    confidence=Confidence.MEDIUM,
    stability=Stability.STABLE,
    summary="hands a private value to a machine that the code names",
    capability=Capability.SENDS,
    added_triggers=(*(value.source for value in _VALUES), _LISTENS),
    version=2,
    check=check,
)
