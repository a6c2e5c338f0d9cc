r"""A list of what is let through, made longer.

What it flags
    Lists that were there and gained an entry: the tokens of a frame's `sandbox`, what of a
    visitor's machine a page or a frame may use (`Permissions-Policy`, `allow="camera"`), the
    sources of a content security policy, the tags, attributes and schemes that HTML is cleaned
    to, the origins, hosts and issuers that are trusted, the ciphers of a connection (only weak
    ones); a line that adds to a list of what is allowed or trusted while the program runs. A
    security policy of pages switched off (`content_security_policy false`, `csp: null`), or
    with `unsafe-inline`, `unsafe-eval` or `*`, or only reported. A least version or a list of
    ciphers that a program or a server demanded and no longer names.

Why it matters
    The check stays, and its code is unchanged: what passes it is decided by a word in a list.
    One more token lets a page in a frame leave it, one more host run its scripts in yours.

How to review it
    What can somebody hostile do with exactly this entry? `allow-scripts` together with
    `allow-same-origin` is no sandbox; `*` and `data:` are no lists.
    Can the entry be given to the one page, or to the one client, that needs it?

Not flagged
    Lists that are new as a whole, but for scripts in cleaned HTML, for devices that a frame may use
    and for what makes a policy of pages none; entries that are moved or go, strong ciphers, the
    packages that a file of such a name imports, tests, prose. Only noted: fields that a program
    newly takes for valid keys of a record, and that decide nothing about anybody.

Seen in
    CWE-942 (permissive cross-domain policy), CWE-79 behind cleaned HTML: CVE-2022-23515 (an
    allow-list of attributes and schemes, in loofah), CVE-2015-4000 (Logjam: weak ciphers that a
    server still offered).
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import islice
from typing import Any

from reviewqueue.domain.finding import Confidence, Pathway, Severity, Side
from reviewqueue.domain.paths import Label, set_aside
from reviewqueue.scan.effects.exempted import ELEMENT, is_of_markup
from reviewqueue.scan.rule import FileView, Hit, Pattern, Rule, Stability, View, expression
from reviewqueue.scan.structure.disappeared import lost
from reviewqueue.scan.structure.hunks import Marked, numbered, shown_after

_RUN = frozenset(
    {
        Label.CONFIG,
        Label.INFRASTRUCTURE,
        Label.CONTAINER,
        Label.SOURCE,
        Label.SCRIPT,
        Label.BUILD,
    }
)
_ASIDE = frozenset(
    {
        Label.TEST,
        Label.DOCS,
        Label.GENERATED,
        Label.VENDORED,
        Label.LOCK,
        Label.DATA,
        Label.BUILT,
        Label.AGENT_INSTRUCTIONS,
    }
)
_COMMENT = r"^[ \t]*(?:#|//|/?\*|;|--|<!--)"
_FRAME = (
    r"\ballow-(?:scripts|same-origin|popups(?:-to-escape-sandbox)?|forms|modals|downloads|"
    r"top-navigation(?:-by-user-activation)?|pointer-lock|presentation|storage-access)\b"
)
_DEVICE = (
    r"(?:camera|microphone|geolocation|clipboard-read|display-capture|usb|serial|hid|bluetooth|"
    r"payment|midi|local-fonts|publickey-credentials-(?:get|create)|storage-access|"
    r"identity-credentials-get|window-management|idle-detection|screen-wake-lock|camera-\w+)"
)
_LENT = rf"\ballow['\"]?[ \t]*[=:,][ \t]*\{{?[ \t]*['\"`][^\n>]*\b{_DEVICE}\b"
"""What a frame may use that was asked of the page."""
_PERMITS = r"(?i)\b(?:permissions|feature)[-_]?policy\b"
_PERMITTED = (
    rf"\b{_DEVICE}(?:=(?:\([^)\n]*[^)\s][^)\n]*\)|\*)|[ ]+(?:\*|'self'|https://[^\s;'\"]+))"
)
_SRC = (
    r"(?i)\b(?:script|default|connect|frame|object|style|child|worker)"
    r"[-_]?src(?:[-_]?(?:elem|attr))?\b|\b(?:frame|form)[-_]?(?:ancestors|action)\b"
)
_UNSAFE = (
    r"'unsafe-(?:inline|eval|hashes)'|\bunsafe-eval\b|"
    r"\b(?:script|default|connect|frame|object)-src\s+(?:'\w+'\s+)?\*(?:[\s;'\"]|$)|"
    r"\bframe-ancestors\s+\*"
)
_OF_A_PAGE = r"-src\b|(?i)csp|security.?policy|frame-ancestors|\w+src['\"]?\s*[:=]"
_DIRECTIVE = (
    r"\b(?:default-src|script-src|object-src|frame-src|child-src|connect-src|form-action|"
    r"frame-ancestors|base-uri|require-trusted-types-for)\b"
)
_REPORTED = (
    r"(?i)\bcontent[-_]?security[-_]?policy[-_]?report[-_]?only\b|"
    r"\breport_?-?only['\"]?[ ]*[:=][ ]*true"
)
_KEPT = (
    r"(?i)\bcontent[-_]?security[-_]?policy(?:['\"\])\s:=,(]|$)|"
    r"\breport_?-?only['\"]?[ ]*[:=][ ]*false"
)
_ORIGIN = (
    r"(?i)\b(?:https?|wss?)://[\w*.${}:-]+|(?:^|[\s'\"])\*\.[\w-]+\.[\w.-]+|"
    r"'?\bunsafe-(?:inline|eval|hashes)\b|\b(?:data|blob):(?:[\s;'\"]|$)"
)
_OF_HTML = r"^[ \t]*r?['\"][\w:*-]+['\"]"
"""A tag, an attribute or a scheme: no path of a package."""
_CLEANED = (
    r"(?i)(?:allow|safe|permit|accept|white_?list|sanitiz)(?:ed|listed|ers?|es?)?[_-]?(?:html|url|svg|uri|"
    r"safe)?[_-]?(?:tags|attrs?|attributes?|elements?|schemes?|protocols)\b|"
    r"\bADD_(?:TAGS|ATTR|URI_SAFE_ATTR)\b|\.Allow(?:Attrs|Elements|URLSchemes|DataURIImages)\b|"
    r"^[ \t]*tag\(\""
)
_RISKY = (
    r"(?i)['\":\s,\[{(](i?frame|script|object|embed|applet|style|form|svg|math|base|meta|link|input|"
    r"srcdoc|srcset|xlink:href|formaction|javascript|vbscript|data|file|on(?:[a-z]{4,12}|\*)|"
    r"\*)(?:['\":\s,\]})]|$)"
)
_TRUSTED = (
    r"(?i)\b(?:\w+_)?(?:trusted|allowed|permitted|valid|accepted)_?(?:origins?|issuers?|audiences?|"
    r"hosts|redirect\w*|domains|referr?ers|clients|signers|certs?|keys|proxies)\b['\"]?\s*"
    r"(?::[^=\n]*)?(?:=>|[:=])"
)
_ADMITS = r"^[ \t]*(?:line:\s*['\"])?Allow(?:Users|Groups)\s|['\"]Allow(?:Users|Groups)\s"
_WORD = r"[ \t]([\w@.*-]+)"
_GRANT = r"(?i)\bgrant_?types?\b|\bresponse_?types?\b|\bpkce_?method"
_UNWISE = r"(?i)\b(implicit|password|plain|token|client_credentials)\b"
_NAME = r"['\"]([\w*.:/@${}-]{2,200})['\"]"
_CIPHER = r"(?i)cipher|ssl_?protocol|tls_?protocol|enabled_?protocols|\bkex|\bmacs?\b"
_WEAK = (
    r"(?i)\b(?:[\w-]*RC4[\w-]*|\w*3DES\w*|DES[-_]CBC[\w-]*|\w*_DES_\w*|\w*[-_]?MD5|(?-i:[ae]NULL|NULL[:'\"+]|"
    r"EXP(?:ORT)?\d*|LOW)|AN?DH|AECDH|SSLv[23]|TLSv1(?:\.[01])?|\w*AES_?-?\d*[-_](?:CBC[-_])?SHA|\w+_CBC_SHA|"
    r"aes\d+-cbc|arcfour\w*|diffie-hellman-group(?:1|14)-sha1|hmac-sha1(?:-96)?|hmac-md5\S*|"
    r"SECLEVEL=[01])(?:[^\w.-]|$)"
)
_LEAST = (
    r"(?i)\b(?:min_?version|minimum_?(?:tls_?)?version|tls_?min_?version|min_?tls_?version|"
    r"ssl_?min_?protocol|cipher_?suites|ssl_?ciphers|ssl_?protocols|sslprotocol|sslciphersuite)\b"
    r"['\"]?\s*(?:=>|[:=]|[ ])\s*['\"\[{]?[^\n]*(?:tls|ssl|1\.[0-3]|uint16|cipher|HIGH|ECDHE)"
)
_FIELDS = r"(?i)\bvalid_keys\b['\"]?\s*(?::[^=\n]*)?="
_PLAIN = r"^[a-z]\w{1,40}$"
_WEIGHTY = (
    r"(?i)admin|super|staff|owner|role|perm|scope|priv|grant|trust|token|secret|passw|cred|auth|"
    r"key|user|account|group|org|tenant|status|state|verif|approv|active"
)
"""Fields that decide who somebody is, or what somebody may."""
_WORST = r"(?i)^(?:i?frame|script|object|embed|srcdoc|javascript|vbscript|on[a-z*]+)$"
"""Entries that no list of cleaned HTML should ever have, be it new."""
_LONG = 1_000
"""Bytes of a line from which it is no list that somebody keeps."""
_SHOWN = 2_000
"""Lines of a hunk that are read."""


@dataclass(frozen=True, slots=True)
class _List:
    line: str
    """What each line of the list shows: a trigger."""
    entry: str
    message: str
    worst: str = ""
    """Entries that are told even where the list is new; empty for none."""


_LISTS = (
    _List(_FRAME, _FRAME, "what stands in a frame may do more: {}"),
    _List(_LENT, _DEVICE, "what stands in a frame may use more: {}", worst=_DEVICE),
    _List(_PERMITS, _PERMITTED, "a page may use more of its visitor's machine: {}"),
    _List(_SRC, _ORIGIN, "a page may load or send to more places: {}"),
    _List(_CLEANED, _RISKY, "cleaned HTML may hold more: {}", worst=_WORST),
    _List(_TRUSTED, _NAME, "more are trusted than before: {}"),
    _List(_ADMITS, _WORD, "another may sign in: {}"),
    _List(_GRANT, _UNWISE, "clients may sign in in a weaker way: {}"),
    _List(_CIPHER, _WEAK, "a weak cipher or protocol is let in: {}"),
)


def check(view: View) -> Iterator[Hit]:
    """Compare the entries of each list before and after: only what it gained is told."""
    for listed in _LISTS:
        for file in view.where(listed.line, side=Side.NEW):
            if _counts(file):
                yield from _gained(file, listed)
    for trigger, side, counts, told in (
        (_UNSAFE, Side.NEW, _is_run, _unsafe),
        (_DIRECTIVE, Side.OLD, _counts, _undirected),
        (ELEMENT, Side.NEW, _counts, _entries),
    ):
        for file in filter(counts, view.where(trigger, side=side)):
            yield from told(file)
    for file in filter(_counts, view.where(_REPORTED, side=Side.NEW)):
        yield from _only_reported(file)
    for file, line in lost(view, _LEAST, _counts):
        message = "the least that a connection had to have is no longer demanded"
        yield Hit.at(file, line, message, side=Side.OLD)


def _only_reported(file: FileView) -> Iterator[Hit]:
    """Tell a policy of pages that was kept to, and of which breaches are only reported now."""
    was, kept = expression(_REPORTED).search(file.removed), expression(_KEPT)
    if was or not kept.search(file.removed) or kept.search(file.added):
        return
    for line in file.new(_REPORTED)[:1]:
        yield Hit.at(file, line, "breaches of a policy of pages are only reported")


def _unsafe(file: FileView) -> Iterator[Hit]:
    """Tell words of a policy of pages that the file did not have, with which it is none."""
    unsafe, page = expression(_UNSAFE), expression(_OF_A_PAGE)
    before = {bytes(word[0]) for word in unsafe.finditer(file.removed)}
    for line in file.new(_UNSAFE):
        came = {bytes(word[0]) for word in unsafe.finditer(line.whole)} - before
        if came and len(line.whole) <= _LONG and page.search(line.whole):
            yield Hit.at(file, line, "a page may run or load more than before", discountable=True)


def _undirected(file: FileView) -> Iterator[Hit]:
    """Tell directives that a policy of pages lost while the rest of it stays."""
    directive = expression(_DIRECTIVE)
    left = {bytes(word) for word in directive.findall(shown_after(file))}
    for line in file.gone(_DIRECTIVE) if left else ():
        lost = {bytes(word) for word in directive.findall(line.whole)} - left
        if lost and not expression(_COMMENT).search(line.whole):
            message = f"a policy of pages no longer has {min(lost).decode()}"
            yield Hit.at(file, line, message, side=Side.OLD)
            return


def _is_run(file: FileView) -> bool:
    return not set_aside(file.labels) and not file.labels.isdisjoint(_RUN)


def _counts(file: FileView) -> bool:
    return _is_run(file) and file.status in {"M", "R"} and file.labels.isdisjoint(_ASIDE)


def _gained(file: FileView, listed: _List) -> Iterator[Hit]:
    """Tell the first entry of each hunk's lists that the old side did not have."""
    for hunk in file.hunks():
        lines = [line for line in numbered(hunk, _SHOWN) if _is_of(line[2], listed)]
        for number, text, entry in islice(_came(lines, listed), 1):
            shown = entry.decode("utf-8", "replace")[:80]
            severity = Severity.LOW if _is_of_fields(file, text, entry) else None
            yield Hit.on(file, number, text, listed.message.format(shown), severity=severity)


def _is_of_fields(file: FileView, text: bytes, entry: bytes) -> bool:
    """Return whether a program lists the names that a record's fields may have, of no weight."""
    if Label.SOURCE not in file.labels or not expression(_FIELDS).search(text):
        return False
    return expression(_PLAIN).search(entry) is not None and not expression(_WEIGHTY).search(entry)


def _came(lines: Sequence[Marked], listed: _List) -> Iterator[tuple[int, bytes, bytes]]:
    """Yield (line number, its text, entry) of what the lines of one list newly have."""
    entry, worst = expression(listed.entry), expression(listed.worst)
    old = [text for mark, _, text in lines if mark != b"+"]
    before = {word for text in old for word in _entries_of(entry, text)}
    for mark, number, text in lines if old or listed.worst else ():
        for word in _entries_of(entry, text) if mark == b"+" else ():
            if word not in before and (old or worst.search(word)):
                yield number, text, word


def _is_of(text: bytes, listed: _List) -> bool:
    """Return whether a line belongs to a list of the kind."""
    if len(text) > _LONG or expression(_COMMENT).search(text):
        return False
    return expression(listed.line).search(text) is not None


def _entries_of(entry: Any, text: bytes) -> Iterator[bytes]:  # noqa: ANN401 -- re2 has no types
    for match in entry.finditer(text):
        if text[match.start() - 1 : match.start()] == b"!":  # Kept out by name.
            continue
        group = next(filter(None, match.groups()), match[0])
        yield bytes(group).strip(b" '\"\t;,:+").lower()


def _entries(file: FileView) -> Iterator[Hit]:
    """Tell the first entry that a file gained which is a list of what HTML is cleaned to."""
    named = [line for line in file.new(ELEMENT) if expression(_OF_HTML).search(line.whole)]
    for line in named[:1] if is_of_markup(file) else ():
        yield Hit.at(file, line, "cleaned HTML may hold more")


RULE = Rule(
    id="allow-list-widened",
    pathway=Pathway.PERMISSIONS,
    severity=Severity.MEDIUM,
    confidence=Confidence.MEDIUM,
    stability=Stability.STABLE,
    summary="lets through what a list held back",
    patterns=(
        Pattern(
            r"(?i)\b\w*(?:allow(?:ed)?|trusted|permitted|white_?list\w*)_?(?:list|hosts?|endpoints?|origins?|domains?|"
            r"ips?|users?|urls?|commands?|tools?|networks?|cidrs?|issuers?|keys?|callers?|paths?)?\.(?:add|append|push|"
            r"insert|extend|update|unshift)\(",
            "somebody or something is let in while the program runs",
            line=r"\((?:[^)\n]*\w)",
            only=frozenset({Label.SOURCE}),
            never=frozenset({Label.TEST, Label.DOCS, Label.GENERATED, Label.VENDORED}),
        ),
        Pattern(
            r"\bhostname['\"]?\s*:\s*['\"]\*\*?['\"]|\bredirect_?[uU]ris?['\"]?\s*[:=]\s*\[?\s*['\"](?:\*|https?://[^'\"\s]*\*)|"
            r"['\"]?csp['\"]?\s*:\s*(?:null|false|['\"]{2})|\bcontentSecurityPolicy\s*:\s*false",
            "a page may run or load more than before",
            only=_RUN,
        ),
        Pattern(
            r"\bcontent_security_policy(?:_report_only)?(?:\s+|\s*\(\s*|\s*=\s*)(?:false|None|nil)\b|"
            r"\bcsp\s*\(\s*false|\b(?:frameguard|hsts|noSniff|xssFilter|crossOriginOpenerPolicy|"
            r"crossOriginResourcePolicy|frame_options|force_https|content_type_options)\s*[:=]\s*"
            r"(?:false|None)\b|\bskip_content_security_policy\b|\.(?:frameOptions|contentSecurityPolicy|"
            r"httpStrictTransportSecurity|headers)\(\s*(?:\w+\s*->\s*\w+|\w*)\.disable\b",
            "a protection of pages is switched off by a call",
            only=_RUN,
            never=frozenset({Label.TEST, Label.DOCS}),
        ),
    ),
    added_triggers=(
        _REPORTED,
        _FRAME,
        _LENT,
        _PERMITS,
        _SRC,
        _CLEANED,
        _TRUSTED,
        _CIPHER,
        _ADMITS,
        _GRANT,
        ELEMENT,
        _UNSAFE,
    ),
    removed_triggers=(_LEAST, _DIRECTIVE),
    check=check,
    budget=0.005,
    version=8,
)
