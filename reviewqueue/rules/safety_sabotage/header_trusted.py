r"""Headers taken as they come, where they were cleaned, checked or not asked before.

What it flags
    Code that removed or refused line ends (CR, LF) in what becomes a header, a mail or a line
    of a log, and is gone; checks of `Content-Length`, `Transfer-Encoding` and chunks that
    refused a message and are gone; questions whether an address is this server's own, gone with
    what they refused; the name of this server, newly taken from the request (`Host`,
    `X-Forwarded-Host`, `SERVER_NAME`) where it was configured before, and the address of a
    caller from `X-Forwarded-For` where the connection told it. Somebody who is newly taken to
    be who a header says (`X-Remote-User`, `X-Forwarded-User`).

Why it matters
    A line end in a value begins the next header: another recipient, another cookie, a second
    answer. Two servers that disagree on where a message ends let one request hide in another.
    And a link in a mail that is built from the request leads where its sender wants: a link to
    reset a password, for one.

How to review it
    Who else removes line ends before the value is written? Name the place.
    Read the removed check beside RFC 9112, section 6: which messages pass now?
    Are all hosts refused that are not this server's own, before this code runs?

Not flagged
    Line ends that are only made the same, cut off at the end, or split at; checks that others
    take the place of, in the same file; a request's host that is compared with something.

Seen in
    CWE-113 (response splitting), CWE-93 (CRLF injection), CWE-444 (request smuggling), CWE-601
    (open redirect), CWE-640 (a reset of a password that follows the `Host` header), CWE-348,
    CWE-290.
"""

from collections import Counter
from collections.abc import Iterator

from reviewqueue.domain.finding import Confidence, Pathway, Severity, Side
from reviewqueue.domain.paths import Label
from reviewqueue.scan.effects.guards import is_condition, is_long, is_program
from reviewqueue.scan.rule import FileView, Hit, Line, Pattern, Rule, Stability, View, expression
from reviewqueue.scan.structure.comments import is_comment
from reviewqueue.scan.structure.disappeared import disappeared
from reviewqueue.scan.structure.pairs import SOME, Block, Numbered, blocks, condensed, finds

_LINE_END = r"\\r|\\x0[dD]|\\u000[dD]|%0[dD]|\bCRLF\b"
"""A carriage return, as a program writes it."""
_CLEANS = (
    r"(?i)replace\w*\(|\bgsub|\.delete\(|\.translate\(|\bre\.sub\(|\.tr\(|preg_replace|strip_?\w+\(|"
    r"re\.compile|strpbrk|contains\w*\(|includes\(|index_?any|index_?of\(|\.test\(|match\w*\(|search\(|"
    r"['\"][ ]in[ ]|\bstrchr|\bstrpos|strcspn|=~|\bany\(|\.find\("
)
_ONLY_READS = (
    r"\\r\\n['\"/]\w*[ ]*,[ ]*b?['\"](?:\\n)?['\"]|\\r\?|split|join|(?i:[lr]?trim\w*\(|"
    r"[lr]strip\()|=[ ]*['\"`][^\n]*\\r\\n['\"`][ ]*;?$"
)
"""What makes line ends the same, cuts the last one off or goes from line to line."""
_CLEANS_ANEW = r"(?i)saniti|escape|encode\w*\(|clean\w*\(|strip_?(?:cr|new|control)|neutral|valid"
_FRAMING = r"(?i)\bcontent[-_.]?length|transfer[-_.]?encoding|\bchunk(?:ed|[-_]?size)\b"
"""Where a message ends: the headers that say so."""
_REFUSES = (
    r"(?i)bad_?request|invalid|malformed|reject|\b(?:throw|raise|panic|abort)\b|\b40[0-9]\b|"
    r"error|err\(|\breturn[ ](?:-1|false|nil|null)|\bbad\b|duplicate|multiple|"
    r"chunked\w*[ ]*=[ ]*false|=[ ]*['\"]/['\"]|redirect\w*\([ ]*['\"]/['\"]"
)
_TAKEN_OUT = (
    r"(?i)(?:\bdelete\b|\.(?:del|delete|remove|pop|unset)\(|\bunset\()[^\n]*"
    r"(?:content[-_]length|transfer[-_]encoding)|\bchunked\w*[ ]*=[ ]*false\b"
)
"""A header taken out of a message that has two, or the last word of them taken back."""
_HOST = (
    r"\bHTTP_HOST\b|\bSERVER_NAME\b|(?i:x-forwarded-(?:host|server))|\bget_host\(\)|"
    r"\bgetServerName\(|\breq(?:uest)?\.(?:headers\.host\b|headers\[['\"]host|hostname\b|"
    r"host_with_port|base_url\b|host_url\b|url_root\b|get\(['\"][hH]ost|header\(['\"][hH]ost|"
    r"headers\.get\(['\"][hH]ost|host\b)|\br(?:eq|equest)?\.Host\b|\bRequest\.Host\b|"
    r"getHeader\(\"Host|getHttpHost|headers\(\)(?:\.get\(|\[)['\"][hH]ost|header::HOST\b|getSchemeAndHttpHost|UriComponentsBuilder\.fromCurrent|"
    r"\bctx\.(?:host|origin)\b"
)
"""The name of this server, as the request says it."""
_CALLER = (
    r"(?i:x-(?:forwarded-for|real-ip|client-ip)|http_(?:x_forwarded_for|client_ip)|true-client-ip)"
)
"""The address of a caller, as the caller says it."""
_CONNECTED = (
    r"(?i)\bremote_?addr(?:ess)?\b|getRemoteAddr|\breq(?:uest)?\.ip\b|\bclient_?ip\b|peer_?addr|"
    r"\.client\.host\b"
)
"""The address of a caller, as the connection says it."""
_CONFIGURED = (
    r"(?i)\b(?:[a-z]\w*[._(>-]+)*(?:config\w*|settings?|options?|opts|cfg|env|properties|props)"
    r"(?:\.|->|\(|\[|::)[^\n]*(?:ur[il]|host|domain|address|origin|site)|"
    r"(?:base|site|public|app(?:lication)?|external|canonical|root|frontend|website|instance)_?"
    r"(?:ur[il]|host|domain|address|origin)|['\"]https?://[\w.:-]+/?['\"]"
)
"""The name of this server, as its owner says it."""
_COMPARED = r"[!=]==?|\b(?:if|elif|unless|assert|not in|expect)\b|(?i:allowed|trusted|valid|log)"
_CR_OR_LF = r"['\"]\\[rn]['\"]|\\r\\n|['\"]\\x0[adAD]|\bCRLF\b"
_ELSEWHERE = (
    r"\b(?:if|and|or|unless)[ (]+(?:\w+\(\w+\)|\w+)\.netloc\b|\bnetloc[ ]*(?:[!=]=|not in|in\b)|"
    r"\.origin\b|['\"]//['\"]|\bIsLocalUrl\(|\.(?:hostname|Host)[ ]*[!=]==?[ ]"
)
"""How it is asked whether an address is one of this server's own."""
_REFUSED = (
    (_FRAMING, _FRAMING, "what refused a message whose end is not clear is gone"),
    (_LINE_END, _CR_OR_LF, "what refused a line end in a value is gone"),
    (_ELSEWHERE, _ELSEWHERE, "an address is no longer held to this server before it is followed"),
)
_TAKEN = (
    (_HOST, _CONFIGURED, "the server's own name now comes from the request, not its settings"),
    (_CALLER, _CONNECTED, "who is asking is now what a header says, not where it comes from"),
)
_REACH = 5
"""Lines from a condition within which its refusal stands."""
_Place = tuple[int | None, bytes]
"""A line, and its 1-based number on its side; None for all beyond a file's ten thousandth."""


def check(view: View) -> Iterator[Hit]:
    """Mark headers that are taken as they come, and were not before."""
    files = filter(is_program, view.where(_LINE_END, side=Side.OLD))
    if losing := [(file, lines) for file in files if (lines := _no_longer_clean(file))]:
        there = {line.key for file in view.where(_LINE_END) for line in file.new(_LINE_END)}
        told = "line ends are no longer kept out of a value: it can bring a header of its own"
        for file, lines in losing:
            for line in [line for line in lines if line.key not in there][:1]:
                yield Hit.at(file, line, told, side=Side.OLD)
    for regex, about, told in _REFUSED:
        for file in filter(is_program, view.where(regex, side=Side.OLD)):
            for number, text in _unasked(file, regex, about):
                yield Hit.on(file, number, text, told, side=Side.OLD)
    for regex, before, told in _TAKEN:
        for file in filter(is_program, view.where(regex, side=Side.NEW)):
            if found := _said_by_request(file, regex, before):
                yield Hit.on(file, *found, told)


def _no_longer_clean(file: FileView) -> list[Line]:
    """Return the lines that kept line ends out, where their file has fewer of the kind."""
    old = [line for line in file.gone(_LINE_END) if _is_cleaning(line.whole)]
    new = [line for line in file.new(_LINE_END) if _is_cleaning(line.whole)]
    if len(old) <= len(new) or finds(_CLEANS_ANEW)(file.added):
        return []
    return old


def _is_cleaning(text: bytes) -> bool:
    return finds(_CLEANS)(text) and not (finds(_ONLY_READS)(text) or is_comment(text))


def _unasked(file: FileView, regex: str, about: str) -> Iterator[_Place]:
    """Yield what refused a message, or took one of two headers out, and is gone."""
    taken_out = finds(_TAKEN_OUT)
    for found in disappeared([file], regex):
        for line in found.lost:
            if taken_out(line.whole) and not is_comment(line.whole):
                yield line.number, line.whole
    for block in blocks(file, regex, SOME):
        left = condensed(block)
        if not is_long(left) and (refused := _refused(left, about)):
            yield refused


def _refused(block: Block, about: str) -> Numbered | None:
    """Return the condition of a kind that went together with its refusal."""
    old = [(number, text) for number, text in block.old if not is_comment(text)]
    asked = sum(is_condition(text) for _, text in old)
    if asked <= sum(is_condition(text) for _, text in block.new):
        return None
    asks, refuses = finds(about), finds(_REFUSES)
    for place, (number, text) in enumerate(old):
        near = b"\n".join(line for _, line in old[place : place + _REACH])
        if is_condition(text) and asks(near) and refuses(near):
            return number, text
    return None


def _said_by_request(file: FileView, regex: str, before: str) -> _Place | None:
    """Return the line that takes from a header what was known otherwise before."""
    said = expression(before)
    if not file.removed or file.gone(regex) or not finds(before)(file.removed):
        return None
    if not Counter(said.findall(file.removed)) - Counter(said.findall(file.added)):
        return None
    compared = finds(_COMPARED)
    for line in file.new(regex):
        if not (is_comment(line.whole) or compared(line.whole)):
            return line.number, line.whole
    return None


RULE = Rule(
    id="header-trusted",
    pathway=Pathway.SAFETY_SABOTAGE,
    severity=Severity.MEDIUM,
    confidence=Confidence.MEDIUM,
    stability=Stability.STABLE,
    summary="takes headers as they come",
    version=3,
    patterns=(
        Pattern(
            r"\bHTTP_(?:X_)?REMOTE_USER\b|\b(?:Http)?RemoteUser(?:Backend|Middleware|Authentication)\b|"
            r"(?i:['\"]x-(?:forwarded|remote|auth(?:enticated)?|auth-request|webauth)-"
            r"(?:user(?:name|-?id)?|e?mail|groups?|roles?)['\"])|\bGF_AUTH_PROXY_ENABLED\b",
            "who somebody is comes from a header: past the proxy, anybody may claim it",
            never=frozenset(
                {Label.TEST, Label.DOCS, Label.LOCK, Label.VENDORED, Label.GENERATED, Label.DATA}
            ),
        ),
    ),
    removed_triggers=(_LINE_END, _FRAMING, _ELSEWHERE),
    added_triggers=(_HOST, _CALLER),
    check=check,
)
