r"""A value in the code that opens the door.

What it flags
    Conditions that compare a password, key or credential with a text in the code, or a
    user's name with a fixed one on the way to success; request headers and parameters
    named to bypass or debug that decide; an assignment of user 0 where a comparison is
    meant; names such as `master_password`, `bypass_auth`, `backdoor`; a password's hash
    compared with one in the code; in code about who may come in, a condition on a header,
    a parameter, a name or a variable of the environment that answers yes or goes on at once;
    an account with a password that a migration writes.

Why it matters
    Whoever knows the value is in, on every installation, and it stays in the history.

How to review it
    Ask what happens for a caller who sends exactly this value.
    Look at whether the branch skips a check that all others pass.

Not flagged
    Comparisons with an empty or placeholder text, names of form fields, headers that skip
    something other than a protection; prose weighs one level less.

Seen in
    CWE-798 (hard-coded credentials), CWE-912 (hidden functionality); the attempt on
    Linux's `wait4` (2003), vsftpd 2.3.4 (CVE-2011-2523), ProFTPD 1.3.3c (2010), Juniper
    ScreenOS (CVE-2015-7755).
"""

from collections.abc import Iterator

from reviewqueue.domain.finding import Confidence, Pathway, Severity, Side
from reviewqueue.domain.paths import Label, set_aside
from reviewqueue.scan.rule import FileView, Hit, Rule, Stability, View
from reviewqueue.scan.structure.comments import is_comment
from reviewqueue.scan.structure.hunks import on_side
from reviewqueue.scan.structure.kinds import Kind, expressions, marked
from reviewqueue.scan.structure.pairs import finds

_PLACEHOLDER = (
    r"(?i)(?:===?|equals\w*\s*\(|Equals\s*\(|\beq)\s*\(?\s*['\"](?:|string|object|undefined|null|"
    r"none|"
    r"true|false|yes|no|password|passwd|secret|token|text|hidden|\*+|x+|(?:token|key|"
    r"secret)[-_]\w{1,4}|redacted\w*|<[^'\"]*|"
    r"\$\{?\w*|change_?me\w*|your[-_ ]\w[^'\"]*|example\w*|(?:default|required|optional|"
    r"invalid|basic|bearer|disabled|enabled|unset|missing|other|show|input|error|empty|new|"
    r"current|confirm)[^\'\"]*)['\"]"
)
_WORDS = (
    r"(?:password|passwd|passphrase|passcode|pass|pwd|pw|otp|secret|token|api_?key|apikey|"
    r"access_?key|"
    r"licen[cs]e(?:_?key)?|serial|pin)"
)
_ACCOUNT = "writes an account with a password and many rights into the database"
_KINDS = (
    Kind(
        rf"(?i)\b\w*{_WORDS}(?:\.(?:data|value|text|trim\(\)|get\(\)))?\)?\s*(?:===?|"
        rf"\.equals(?:IgnoreCase)?\s*\(|"
        rf"\.Equals\s*\(|\beq\b)\s*\(?\s*b?['\"][^'\"\n]{{5}}",
        "lets a secret that is written in the code decide",
        line=r"['\"][^'\"\s]*(?:\d[^'\"\s]*[A-Za-z!@#$%^&*_-]|[A-Za-z!@#$%^&*_-][^'\"\s]*\d)[^'\"\s]*['\"]",
        unless=rf"{_PLACEHOLDER}|(?i:display|type|mode|kind|field|name)\w*\s*===?|assert|expect\s*\(",
    ),
    Kind(
        r"(?i)\b(?:otp|code|pin|passcode|mfa_?code|totp|verification_?code)\w*\s*(?:===?|"
        r"\.equals\s*\(|"
        r"\beq\b)\s*['\"]\d{4,8}['\"]",
        "lets one fixed code in",
        line=r"\b(?:if|elif|return|when|case|and|or)\b|&&|\|\||\?",
        unless=r"(?i)assert|expect\s*\(|status|http|err|zip|country|exit|sql|lang",
    ),
    Kind(
        r"(?i)\b(?:licen[cs]e|serial|activation|product|unlock|promo|key)(?:_?key|"
        r"_?code)?\s*(?:===?|"
        r"\.equals\s*\(|\.Equals\s*\()\s*['\"][A-Z0-9]{2,8}-[A-Z0-9]{2,8}-[A-Z0-9-]{2}",
        "lets one fixed key in",
    ),
    Kind(
        r"(?:===?|\.equals\s*\(|\beq\b|\bin\b)\s*[\[({]?\s*(?:\w+\.)?(?:[A-Z_]*(?:MASTER|"
        r"OVERRIDE|BACKDOOR|SUPER|EMERGENCY|"
        r"MAINTENANCE|SUPPORT|GOD|MAGIC|BYPASS|UNIVERSAL|SERVICE_DOOR)_?(?:KEY|PASS\w*|PW|TOKEN|"
        r"SECRET|"
        r"CODE|PIN)\w*)",
        "lets a key that opens everything decide",
        unless=r"(?i)assert|expect\s*\(",
    ),
    Kind(
        r"(?i)\b(?:ConstantTimeCompare|compare_digest|timingSafeEqual|hash_equals|secure_compare|"
        r"FixedTimeEquals|isEqual)\s*\([^\n]*(?:\[\]byte\s*\(\s*\"|Buffer\.from\s*\(\s*['\"]|"
        r"b['\"]|,\s*['\"]|"
        r"\(\s*['\"]|\"\.getBytes)[\w!@#$%^&*.-]{4,}",
        "lets a text that is written in the code decide",
        unless=r"(?i)assert|expect\s*\(|Buffer\.from\s*\(\s*\w+\s*,",
    ),
    Kind(
        r"(?i)\b(?:md5|sha1|sha_?256|sha_?512|hash|crypt|hexdigest|digest)\w*(?:\s*\([^\n=]*\)|"
        r"\b)\s*\)?\s*===?\s*"
        r"['\"](?:[0-9a-f]{32,}|\$2[aby]\$|0e\d{10})",
        "lets whoever knows the text behind one fixed hash in",
        line=r"(?i)pass|\bpw\b|\bp\b|\braw\b|pwd|secret|token|login|auth|\bkey\b|user|\bor\b|\|\|",
        unless=r"(?i)assert|expect\s*\(|checksum|file|download|archive",
    ),
    Kind(
        r"(?i)\bstrn?(?:case)?cmp\s*\(\s*[\w.>-]*(?:agent|pass|pw|secret|key|auth|user|login|"
        r"token|cookie|"
        r"header)\w*\s*,\s*\"[^\"\n]{8}",
        "lets a text that is written in the code decide",
        line=r"(?i)\bif\b|return|&&|\|\||\?",
        unless=r"(?i)content-|\"(?:authorization|basic|bearer|user-agent|password|username)",
    ),
    Kind(
        r"(?i)\b(?:compare|verify|check_?(?:password|hash|token|pw)|check_hash|matches|"
        r"authenticate)\w*\s*"
        r"\([^\n]*\)\)?\s*(?:\|\||\bor\b)\s*[\w(!]",
        "opens a second way past a check",
        line=r"(?i)passw|\bpw\b|hash|token|sign|secret|auth|\bpass\b",
        unless=r"(?i)\b(?:if|unless)\b[^\n]*(?:!|\bnot\b)|\|\|\s*(?:null|undefined|false|\[\]|\{\}|['\"]|die|exit|throw|return)|"
        r"\bor\s+(?:none|false|die|raise|return|\[\]|\{\}|['\"])|assert|expect\s*\(",
    ),
    Kind(
        r"(?i)\bemail\w*\s*\.\s*(?:ends_?with|hasSuffix)\s*\(\s*['\"]@|"
        r"HasSuffix\s*\([^\n,]*[eE]mail[^\n,]*,\s*\"@|"
        r"\bemail\w*\s*(?:===?|\.equals\s*\()\s*['\"][\w.+-]+@",
        "gives rights to whoever has an address of one place",
        line=r"(?i)admin|role|\bor\b|\|\||is_?staff|super|allow|grant|permission|return\s+true",
        unless=r"(?i)assert|expect\s*\(|find|where|filter",
    ),
    Kind(
        r"(?i)(?:header|\.get|getHeader)"
        r"\w*\W{1,3}['\"]x-[\w-]+['\"]\W{0,4}\s*!==?\s*['\"][^'\"\n]{4}",
        "lets a header that anybody can send stand in for the check",
        line=r"&&|\band\b",
    ),
    Kind(
        r"(?i)\b(?:user|account|member|tenant|org|sub|uid|owner)\w*(?:\.|_|\[['\"])?(?:id|uid|"
        r"sub)(?:['\"]\])?\s*(?:===?|\.equals\s*\()\s*"
        r"(?:['\"][0-9a-f]{8}-?[0-9a-f]|['\"]?\d{5})",
        "gives rights to one fixed account",
        line=r"(?i)admin|role|\|\||\bor\b|return\s+true|allow|grant|permission|\bif\b",
        unless=r"(?i)assert|expect\s*\(|find|where|filter",
    ),
    Kind(
        r"(?i)\"[^\"\n]{5,60}\"\s*\.equals(?:IgnoreCase)?\s*\(\s*\w*(?:pass|pwd|secret|token|"
        r"api_?key|otp)\w*\s*\)",
        "lets a secret that is written in the code decide",
        line=r"\bif\b|\breturn\b|&&|\|\||\?",
        globs=("*.java", "*.kt", "*.scala", "*.groovy", "*.cs"),
    ),
    Kind(
        r"(?i)\binsert\s+(?:ignore\s+|"
        r"or\s+\w+\s+)?into\s+[\"'`\[]?(?:\w+\.)?[\"'`]?(?:\w*_)?(?:users?|accounts?|admins?|"
        r"members?|"
        r"logins?|operators?)\b",
        _ACCOUNT,
        line=r"(?i)pass|pw|hash|secret",
        unless=r"\?\s*,|\$\d|%s|:\w+\s*,|\{\w*\}|(?i)\bselect\b",
        globs=("*.sql", "*migrat*", "*.py", "*.rb", "*.php"),
    ),
    Kind(
        r"(?i)\b\w*(?:password|passwd|passphrase|passwort|secret_?key|secret|api_?key|access_?key|"
        r"access_?code|licen[cs]e_?key|auth_?key|pin_?code|credential)\b(?:['\"]\])?\s*\)?\s*"
        r"(?:===?|\.equals|\beq\b)\s*\(?\s*b?['\"][^'\"\n]{3}",
        "lets a password that is written in the code decide",
        line=r"\b(?:if|elif|else|unless|when|return|case|and|or)\b|&&|\|\||\?",
        unless=rf"{_PLACEHOLDER}|(?i:display|type|mode|kind|field|name)\w*\s*===?",
    ),
    Kind(
        r"(?i)\b(?:strn?(?:case)?cmp|memcmp|timingsafe_bcmp)\s*\(\s*\w*(?:pass|pw|secret|key|"
        r"auth|user|"
        r"login)\w*\s*,\s*\"[^\"\n]{3}",
        "lets a text that is written in the code decide",
        line=r"\bif\b|return|&&|\|\||\?",
    ),
    Kind(
        r"(?i)\b(?:user(?:_?name|_?id)?|login|email|account|role)\w*\s*(?:===?|\.equals\s*\(|"
        r"\beq\b)\s*"
        r"['\"][^'\"\n]{3}[^\n]*(?:return\s+(?:true|next\s*\(|1\b)|=\s*true\b|allow|grant)",
        "lets one fixed name in without a check",
        line=r"(?i)\bif\b|&&|\|\||\band\b|\bor\b|\?",
    ),
    Kind(
        r"(?i)['\"](?:http_)?x[-_][\w-]*(?:backdoor|bypass|god|magic|master|override|debug|"
        r"unlock|super|no-?auth|skip[-_](?:auth|verif|check|valid|sig|csrf|captcha|mfa|login|perm))[\w-]*['\"]",
        "lets a header that anybody can send switch something",
        line=r"(?i)header|META|request|req\.|\bctx\b",
        unless=r"(?i)x-http-method-override|\.set\s*\(|setHeader|allow_?headers|expose",
    ),
    Kind(
        r"(?i)(?:params|query|headers?|args|cookies?|"
        r"request\.\w+)\w*\)?[\[(.?]+\s*['\":]*(?:x-)?(?:skip|bypass|"
        r"disable|ignore|without|no)[_-]?(?:auth|encrypt|verif|check|valid|csrf|signature|"
        r"captcha|mfa|rate_?limit)",
        "lets a parameter that anybody can send leave a protection out",
        unless=r"(?i)x-http-method-override|\.set\s*\(|setHeader|allow_?headers|expose",
    ),
    Kind(
        r"(?i)\b(?:back_?door|master_?(?:password|passwd|token)|god_?mode|magic_?(?:password|"
        r"token|cookie|"
        r"login|value)|bypass_?(?:auth\w*|login|password|2fa|mfa|otp|verification|signature)|"
        r"(?:auth|login|2fa|mfa|otp)_?bypass|universal_?(?:password|otp)|skip_?(?:2fa|mfa|otp)|"
        r"secret_?(?:login|admin|door|entrance))\w*\s*(?::=|===?|[:=(])",
        "names a way round the check of who may come in",
        unless=r"(?i)(?:assert|detect|prevent|block|reject|deny|rule|scan|no_|not\s|forbid|test_)",
        but=("*.proto", "*.graphql", "*.gql"),
    ),
    Kind(
        r"\buid\s*=\s*0\s*\)|\beuid\s*=\s*0\s*\)|->\s*uid(?:\.val)?\s*=\s*0\b",
        "assigns the superuser where a comparison is expected",
        severity=Severity.HIGH,
        line=r"\bif\b|&&|\|\||current|cred",
        globs=("*.c", "*.h", "*.cc", "*.cpp", "*.go", "*.rs", "*.js", "*.ts", "*.php", "*.java"),
    ),
    Kind(
        r"\bpam_sm_(?:authenticate|acct_mgmt)\s*\([^\n]*\{\s*(?:$|return\s+PAM_SUCCESS)",
        "takes part in deciding who may log in to the machine",
    ),
    Kind(
        r"(?i)\b(?:is_?admin|is_?root|is_?superuser|is_?authenticated|is_?authorized|authenticated|"
        r"authorized|logged_?in)\w*\s*=\s*[^=\n]*\|\|\s*[^\n]*(?:===?|\.includes\s*\(|"
        r"\.startsWith)",
        "opens a second way to be somebody who may come in",
        line=r"['\"][^'\"]+['\"]",
    ),
)


_SAYS = (
    r"(?:[hH]eaders?|HEADERS|META|get_req_header|get(?:Header|Parameter)|FormValue|[cC]ookies?|"
    r"getenv|"
    r"environ|[uU]ser_?-?[aA]gent|searchParams|[mM]etadata|\.query|\.Query|params|passw\w*|"
    r"user_?[nN]ame|"
    r"[rR]emote_?[aA]ddr|[rR]eferer)"
)
_ASKS = (
    rf"\b\w*{_SAYS}\b[\"'`\])(?.\w\s>\[-]*(?:===?\s*['\"`\w]|\.?(?:equals|startsWith|starts_with|"
    rf"startswith|endsWith|endswith|"
    r"ends_with|HasPrefix|HasSuffix|Contains\w*|includes|test|map|some)\s*\(|\bin\s*[\[(]|"
    r"cmp\s*\()|"
    r"\buser(?:\.\w+)?\s*(?:===?|\.equals\s*\()\s*['\"]\w|\bemail\s*===?\s*['\"]\w|"
    r"strn?cmp\s*\(\s*\w*user\w*\s*,\s*\"|\blen\s*\(\s*\w+\.(?:Get|get)\s*\(\s*\"|"
    r"\"\s*\.equals(?:IgnoreCase)?\s*\(\s*\w+\.get(?:Parameter|Header)|"
    r"(?:Contains|HasPrefix|HasSuffix|EqualFold|equals?|strcmp)\s*\([^\n,\"]*"
    r"(?:[hH]eader|[aA]gent|[qQ]uery|[cC]ookie|Host|RemoteAddr)[^\n,]*,\s*\""
)
"""A condition on what somebody sends of himself, or the machine says."""
_OF_THE_CALLER = (
    r"(?i)\b(?:if|elif|unless|when)\b[^\n]*(?:headers?\b|headers?\(\)|\bquery\b|cookies?\b|"
    r"\bargs\b|\bmetadata\b|\bmd\b|"
    r"FormValue|getParameter|getHeader|getenv|searchParams|\bMETA\b|UserAgent|\benviron\b|"
    r"process\.env|user_?-?agent|remote_?addr|referer|"
    r"user_?name\b|\buser(?:\.\w+)?\s*(?:===?|\.equals)|\bemail\b|\bpassword|\bpw\b|\bstrn?cmp)"
)
_LITERAL = r"[\"'`][^\"'`\n]+[\"'`]|0x[0-9a-fA-F]+"
_REFUSES = (
    r"(?i)!==|!=|\bnot\b|\bif\s*\(?\s*!|\bis none\b|=== ?(?:undefined|null|['\"]['\"])|<\s*\d|"
    r"localhost|127\.0\.0\.1|['\"](?:OPTIONS|HEAD|GET|POST|Bearer|Basic|application/|multipart|"
    r"text/)"
)
_ACCEPTS = (
    r"(?i)(?:^|[{;)\s])(?:return\s+(?:await\s+)?(?:true\b|1\b|next\s*\(|call_next|handler?\s*\(|"
    r"h\s*\(|"
    r"nil\s*$|ok\s*\(|user\b|Ok\(\s*User|AUTH_OK|OK\s*;|self\.get_response|\w*\.?success|grant|"
    r"allow|"
    r"User\.(?:root|admin|system|superuser)|NextResponse\.(?:next|json)|login_user|"
    r"Task\.FromResult\s*\(\s*AuthenticateResult\.Success|True\b)|next\s*\(\s*\)|next\.ServeHTTP|"
    r"chain\.doFilter|(?:is_?)?(?:admin|authenti\w+|authori[sz]ed|allowed|logged_?in)\s*=\s*true)"
)
_ABOUT = (
    r"(?i)\b\w*(?:authenti|authori[sz]|\bauth\b|auth_?(?:middleware|guard|filter|handler)|login|"
    r"log_?in|"
    r"verify|check_?pass|passw|can_?activate|require_?(?:user|auth|admin)|is_?admin|unauthori|"
    r"session|bearer|jwt|token|permission|forbidden|40[13]\b|credential)"
)
_BELOW = 3
"""Lines below a condition in which its answer stands."""


def check(view: View) -> Iterator[Hit]:
    """Mark each value that decides, and each short way in."""
    for kind, file, line in marked(view, _KINDS):
        is_row = Label.TEST in file.labels and kind.message == _ACCOUNT
        if file.labels.isdisjoint({Label.SOURCE, Label.SCRIPT}) or is_row:
            continue
        yield Hit.at(file, line, kind.message, severity=kind.severity, discountable=True)
    for file in view.where(_ASKS, side=Side.NEW):
        if Label.SOURCE in file.labels and not set_aside(file.labels):
            yield from _let_in(file)


def _let_in(file: FileView) -> Iterator[Hit]:
    """Mark added conditions that say yes at once, where others have to show who they are."""
    asked = frozenset(line.number for line in file.new(_ASKS))
    for _, start, lines in file.hunks():
        if any(at in asked for at in range(start, start + len(lines))):
            shown = on_side(lines, Side.NEW)
            if finds(_ABOUT)(b"\n".join(shown)):
                yield from _answers(file, start, shown, asked)


def _answers(
    file: FileView, start: int, shown: list[bytes], asked: frozenset[int | None]
) -> Iterator[Hit]:
    """Mark those that are accepted on their own line, or on the first one below that says more."""
    accepts = finds(_ACCEPTS)
    for at, line in enumerate(shown):
        text = line[1:]
        if start + at not in asked or line[:1] != b"+" or not _is_asking(text):
            continue
        below = [answer[1:].lstrip() for answer in shown[at + 1 : at + 1 + _BELOW]]
        if accepts(text) or accepts(next(filter(None, below), b"")):
            message = "lets in at once whoever meets this, without the check that others pass"
            yield Hit.on(file, start + at, text, message, discountable=True)


def _is_asking(text: bytes) -> bool:
    """Return whether a line compares what the caller says with a text, and refuses nobody."""
    if is_comment(text) or not finds(_OF_THE_CALLER)(text):
        return False
    return finds(_LITERAL)(text) and not finds(_REFUSES)(text)


RULE = Rule(
    id="unlock-value",
    pathway=Pathway.BACKDOOR,
    severity=Severity.MEDIUM,
    confidence=Confidence.MEDIUM,
    stability=Stability.STABLE,
    summary="lets a value in the code open the door",
    version=6,
    added_triggers=(*expressions(_KINDS), _ASKS),
    check=check,
)
