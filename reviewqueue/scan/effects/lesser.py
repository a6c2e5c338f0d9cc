r"""What a line held back by its own words, and holds back less of after the change.

Declarations protect without a condition: a list of hidden fields, a rule of validation, the
right that is asked for, the characters that are escaped. Each is compared with its own kind
on the line that took the line's place, and tells nothing where anything of the kind came.
"""

from collections import Counter
from collections.abc import Iterable
from dataclasses import replace

from reviewqueue.scan.effects.balance import Lost
from reviewqueue.scan.effects.narrower import NARROWING, escapes_less, keeps_out_less
from reviewqueue.scan.rule import expression
from reviewqueue.scan.structure.pairs import Changed, Pair, finds, tokens

DECLARING = (
    r"(?:owner|admin|authed|staff|member|private|secure|restricted|internal)_?(?:[Pp]rocedure|[Aa]ction|"
    r"[Rr]oute|[Qq]uery|[Mm]utation|[Hh]andler|[Rr]esolver)\b|\b(?:checked|saturating)_(?:add|sub|"
    r"mul|div|pow)\b|(?:Unary|Stream)(?:Server)?Interceptor\(|[Aa]uth\w*Interceptor|text/plain|"
    r"\.text\(|textContent|innerText|insertAdjacentText|&(?:lt|quot|#0?39);|%2[EF]|"
    r"(?:[rR]eplace(?:All)?|gsub!?)\([ \t]*(?:/\[?\\?|['\"])[<>&'\"]|[<>&][<>&'\"`]{2}|"
    r"['\"]--['\"][,\])]|(?i:no_?(?:local|private|internal|redirect|follow)[A-Za-z_]*(?:client|"
    r"addr|ip|opener|transport|session|fetch|host)|(?:ssrf|hardened|locked_?down)_?\w*(?:client|"
    r"opener|session|fetch|agent))|\bre\.sub\([ ]*r?['\"]\^?(?:/|\\\.|\.\.|[<>&]|\[\^?[/<>&\\])|"
    r"(?i:roles?_?allowed|has_?any_?(?:role|auth))|\bpreexec_fn\b|\blimit:[ ]*['\"][0-9]|"
    r"\bsafe(?:http|open|url|fetch|dial)\w*|\bresourceLimits\b|"
    r"\b169\.254\.|\b127\.0\.0\.0/8|\b10\.0\.0\.0/8|\bfe80::|\bfc00::|"
    r"\b(?:EmailStr|(?:Any)?HttpUrl|SecretStr)\b|[`\" ](?:validate|binding):\"|"
    r"\b[dD]efault_?(?:[lL]imit|[mM]ax\w*)\b|"
    r"\b(?:Read|Write|Idle|Header)\w*Timeout\b|"
    r"@RequirePOST\b|@JsonIgnore\b|@Valid(?:ated)?\b|\[JsonIgnore\b|"
    r"#\[(?:Locked|Hidden|SensitiveParameter|IsGranted|Guarded)\b|"
    r"\b(?:makeHidden|guarded|hidden|redact_?\w*)\b['\"]?[ \t]*(?:=|:|\()|[mM]iddleware['\"]?[ \t]*"
    r"(?:\(|=>|:)[ \t]*\[?[ \t]*['\"]|['\"|](?:regex|not_regex|max|digits|mimes|exists|between|"
    r"starts_with):|\bnew Valid[A-Z]|\b(?:z|Joi|yup)\.(?:string|number|object|array)\(|->only\(|"
    r"->validated\(|['\"]encrypted['\"]|\b__(?:wakeup|unserialize)\b|\breadResolve\(|"
    r"(?i:expected_?(?:iss|aud|host|origin|state|nonce|"
    r"hash|sig|alg|client|user|tenant|digest|checksum))|" + NARROWING
)
"""Words of declarations that protect, rare enough to be looked for everywhere: a trigger."""
_WEAKER = {
    b"strncpy": (b"strcpy",),
    b"strlcpy": (b"strcpy",),
    b"strncat": (b"strcat",),
    b"snprintf": (b"sprintf",),
    b"vsnprintf": (b"vsprintf",),
    b"fgets": (b"gets",),
    b"memcpy_s": (b"memcpy",),
    b"execFile": (b"exec",),
    b"execFileSync": (b"execSync",),
    b"safe_load": (b"load", b"unsafe_load", b"full_load"),
    b"SafeLoader": (b"Loader", b"UnsafeLoader", b"FullLoader"),
    b"literal_eval": (b"eval",),
    b"defusedxml": (b"xml",),
    b"prepareStatement": (b"createStatement",),
    b"PreparedStatement": (b"Statement",),
    b"protectedProcedure": (b"publicProcedure",),
    b"createHmac": (b"createHash",),
    b"compare_digest": (b"==", b"!="),
    b"ConstantTimeCompare": (b"==", b"!="),
    b"hash_equals": (b"==", b"===", b"!=", b"!=="),
    b"secure_compare": (b"==", b"!="),
    b"timingSafeEqual": (b"==", b"===", b"!=", b"!=="),
    b"OpenInRoot": (b"Open", b"ReadFile"),
    b"SecureJoin": (b"Join",),
    b"safe_join": (b"join", b"joinpath"),
    b"RestrictedUnpickler": (b"Unpickler",),
    b"SafeConstructor": (b"Constructor",),
    b"CSafeLoader": (b"CLoader", b"Loader", b"UnsafeLoader", b"FullLoader"),
    b"createTextNode": (b"innerHTML", b"insertAdjacentHTML", b"outerHTML"),
    b"LocalRedirect": (b"Redirect",),
    b"SandboxedEnvironment": (b"Environment",),
    b"ImmutableSandboxedEnvironment": (b"Environment",),
    b"prepare": (b"query",),
    b"permit": (b"to_unsafe_h",),
    b"EmailStr": (b"str", b"Any"),
    b"HttpUrl": (b"str", b"Any"),
    b"AnyHttpUrl": (b"str", b"Any"),
    b"SecretStr": (b"str",),
    b"SecureRandom": (b"Random",),
    b"textContent": (b"innerHTML", b"outerHTML"),
    b"innerText": (b"innerHTML", b"outerHTML"),
    b"insertAdjacentText": (b"insertAdjacentHTML",),
    b"create_new": (b"create",),
    b"lchown": (b"chown",),
    b"Lchown": (b"Chown",),
    b"lstat": (b"stat",),
    b"lstatSync": (b"statSync",),
    b"Lstat": (b"Stat",),
    b"symlink_metadata": (b"metadata",),
    b"secure_getenv": (b"getenv",),
}
"""Names that hold a limit or a check, and what does the same without."""
_WEAKER_CALLS = {
    b"text": (b"html", b"append", b"prepend", b"before", b"after"),
    b"only": (b"all",),
    b"validated": (b"all",),
    b"safe": (b"all",),
}
"""Likewise, but only where they are called."""
_GUARDED = (
    r"(?i)^(?:safe_?((?:http|fetch|open|url|dial)\w*)|(?:checked|secure|sandboxed|"
    r"authenticated|authorized|verified|restricted|protected|strict)_?(\w{3,})|(?:owner|admin|auth(?:ed)?|member|staff|private|internal|org|team|super|editor|"
    r"manager)_?((?:procedure|action|route|query|mutation|handler|endpoint|middleware|controller|"
    r"resolver|router|loader)\w*))$"
)
_HOLDS_BACK = (
    r"(?i)no_?(?:local|private|internal|redirect|follow)|ssrf|hardened|locked_?down|sandboxed|"
    r"isolated"
)
_CALLER = r"(?i)client|opener|transport|session|fetch|agent|http"
"""What asks another machine."""
_OPEN = (
    r"(?i)^(?:public|open|base|any(?:one|body)?|anonymous|optional|unchecked|raw|plain|no_?auth)_?"
)
_TYPED = r"(?i)content_?-?type|mime_?type|media_?type"
_LITERAL = r"['\"]([\w.:/*@-]+)['\"]"
_KEEPS = (
    r"(?i)\b(?:makeHidden|hidden|guarded|redact\w*|sensitive\w*|filter_parameters|deny\w*|"
    r"disallow\w*|forbid\w*|\w*(?:block|bann|black)\w*|\w*(?:remove|strip|drop)\w*headers\w*|"
    r"danger\w*|unsafe\w*|middleware|guards?|canActivate|preHandler|permission_classes|"
    r"read_?only_?fields|write_?only_?fields|masked?|protected)\b['\"]?[ \t]*(?:=|:|\(|\+=)"
)
"""A list whose every entry holds something back."""
_LEAVES_OUT = r"(?i)\b(?:exclude[ds]?|except|omit|without|ignore_?fields)\b['\"]?[ \t]*(?:=|:|\()"
_SENSITIVE = r"(?i)pass|secret|token|key|hash|salt|mail|phone|ssn|internal|private|admin|credential"
_ASKS = (
    r"(?i)^(?:auth|can\b|can:|throttle|verified|signed|csrf|admin|role|permission|ability|scope)"
)
"""What a middleware is named by that asks who comes."""
_FIELD = r"^[ \t]*['\"]?([\w.-]+)['\"]?[ \t]*(?::|=>)"
"""The field that a rule is for."""
_RULES = (
    r"['\"|](regex|not_regex|max|min|between|exists|mimes|mimetypes|digits|digits_between|size|"
    r"starts_with|dimensions|in|uuid|active_url|current_password|confirmed|integer|"
    r"numeric|alpha(?:_\w+)?)(?:[:'\"|])|\bnew (Valid\w+|\w+Rule)\b|\b(?:Rule|Password)::(\w+)"
)
_CHAINS = (
    r"\.(max|min|length|regex|email|uuid|url|cuid|strict|refine|superRefine|datetime|ip|positive|"
    r"nonnegative|finite|matches|pattern|alphanum|hex)\("
)
_SCHEMA = r"\b(?:z|Joi|yup)\.\w+\("
_RIGHTS = (
    (4, r"(?i)^(?:administ(?:er|rate)|admin|owner|superuser|super_?admin|root|manage|maintainer)$"),
    (3, r"(?i)^(?:delete|destroy|configure|maintain|approve|publish|impersonate)$"),
    (2, r"(?i)^(?:write|update|edit|editor|create|push|modify|member)$"),
    (1, r"(?i)^(?:read|reader|view|viewer|viewany|list|show|get|discover|browse|pull|guest)$"),
    (0, r"(?i)^(?:any|anyone|anybody|public|everyone|anonymous|none)$"),
)
"""What may be done with a thing, from everything down to nothing."""
_MARK = r"(['\"])--['\"]"
_DEMANDED = (
    r"(?i)\b((?:permission|role|scope|guard|middleware|authenticat|authoriz|polic|requir|"
    r"authorit)\w*)['\"]?[ \t]*(?:=>|[:=])"
)
_EMPTY = r"(?:=>|[:=])[ \t]*(?:\([ ]*\)|\[[ ]*\]|None|null|nil|\"\"|''|\{[ ]*\})[ \t]*[,;]?[ \t]*$"
_TAG = r"[`\" ](?:validate|binding):\""
_QUOTED = r"['\"]([^'\"\n]{2,60})['\"]"
_BY_RIGHT = (
    r"(?i)middleware|scopes?['\"]?[ ]*[=:(]|permissions?['\"]?[ ]*[=:(]|roles?['\"]?[ ]*[=:(]"
)
"""A line on which rights are asked for by their names."""
_ANY_CALLER = r"(?i)^(?:auth(?:enticated|[:.]\w+)?|verified|web|api|user|login|session)$"
_OWN_RIGHT = r"(?i)^(?:can|role|permission|ability|scope|scopes|admin|owner)(?:[:.]|$)"
_RIGHT = r"^[A-Z][A-Z_]{3,}$"
_ROLES = (
    r"(?i)(?:roles?_?allowed|has_?(?:any_?)?(?:role|authority)|allowed_?roles?|"
    r"require_?(?:any_?)?roles?|authorize_?roles?|with_?roles?|\broles)\b[ \t]*[=(:]"
)
"""Whom a thing is for, by role."""
_ROLES_MORE = 2
"""Roles that may join a list; one with more is another list."""
_ASKING = (
    r"(?i)\b\w*(?:check|require|has|assert|ensure|authori[sz]e|can|allow|permit|gate)\w*"
    r"(?:permission|access|right|role|scope|ability|privilege)?\w*(?:::\w+)?[ \t]*\("
)


def is_weaker(changed: Changed) -> bool:
    """Return whether a name gave way to its counterpart that protects less."""
    came = frozenset(changed.all_came)
    if any(not came.isdisjoint(_WEAKER.get(word, ())) for word in changed.all_gone):
        return True
    return any(_is_bared(old, new) for old, new in changed.swapped)


def lesser(pair: Pair, changed: Changed, is_lost: Lost) -> str:
    """Return what the new line holds back less of, in words; empty where of nothing.

    ``is_lost`` says that a name stands less often in the whole change than before.
    """
    if _is_weaker_call(pair, changed):
        return "a call that holds a limit or a check is replaced by one that does not"
    for kind, message in (
        (_drops_entry, "an entry of a list that held something back is gone"),
        (_drops_rule, "a rule that a value had to follow is gone"),
        (_drops_right, "another right than before is asked for"),
        (_joins_options, "the mark after which nothing is an option any more is gone"),
        (_empties, "what was demanded of a caller is empty now"),
        (_drops_tag, "a rule that a value had to follow is gone"),
        (_asks_only_who, "another right than before is asked for"),
        (_adds_role, "one more role is let in"),
    ):
        if kind(pair, changed, is_lost):
            return message
    if escapes_less(pair, changed):
        return "fewer characters are escaped or cleaned than before"
    return "an expression keeps out less than before" if keeps_out_less(pair, changed) else ""


def is_no_longer_plain(old: bytes, new: bytes) -> bool:
    """Return whether an answer is no longer said to be plain text, nor anything else."""
    return b"text/plain" in old and b"type" not in new.lower() and finds(_TYPED)(old)


def _is_bared(old: bytes, new: bytes) -> bool:
    """Return whether a name lost the part that says whom it lets in, or what it checks."""
    holds = finds(_HOLDS_BACK)
    if holds(old) and not holds(new) and finds(_CALLER)(new):
        return True
    found = expression(_GUARDED).search(old)
    if not found:
        return False
    rest = (found[1] or found[2] or found[3]).lower().strip(b"_")
    left = expression(_OPEN).sub(b"", new).lower().strip(b"_")
    return bool(rest == left)


def _is_weaker_call(pair: Pair, changed: Changed) -> bool:
    return any(
        new in _WEAKER_CALLS.get(old, ()) and b"." + old + b"(" in pair.old.replace(b"->", b".")
        for old, new in changed.swapped
    )


def _difference(regex: str, pair: Pair) -> tuple[Counter[bytes], Counter[bytes]]:
    """Return what an expression finds more of on the old line, and on the new one."""
    old, new = (
        Counter(map(_first, expression(regex).findall(text))) for text in (pair.old, pair.new)
    )
    return old - new, new - old


def _first(found: bytes | Iterable[bytes]) -> bytes:
    return found if isinstance(found, bytes) else next(filter(None, found), b"")


def _drops_entry(pair: Pair, _: Changed, is_lost: Lost) -> bool:
    """Return whether a list of what is held back lost an entry, and none came."""
    keeps, leaves_out = finds(_KEEPS), finds(_LEAVES_OUT)
    if keeps(pair.old):
        wanted = "" if keeps(pair.new) else _ASKS
    elif leaves_out(pair.old) and leaves_out(pair.new):
        wanted = _SENSITIVE
    else:
        return False
    lost, came = _difference(_LITERAL, pair)
    return not came and any(finds(wanted)(word) and is_lost(_last(word)) for word in lost)


def _last(word: bytes) -> bytes:
    words = tokens(word)
    return next((token for token in reversed(words) if token[:1].isalnum()), words[-1])


def _drops_rule(pair: Pair, _: Changed, is_lost: Lost) -> bool:
    """Return whether a rule of validation is gone, and none came."""
    is_chain = finds(_SCHEMA)(pair.old)
    if not (is_chain or b"=>" in pair.old):
        return False
    old, new = (expression(_FIELD).search(text) for text in (pair.old, pair.new))
    if old and new and old[1] != new[1]:
        return False
    if not is_chain:  # two rules share the mark between them
        old, new = (text.replace(b"|", b"||") for text in (pair.old, pair.new))
        pair = replace(pair, old=old, new=new)
    lost, came = _difference(_CHAINS if is_chain else _RULES, pair)
    return not came and any(map(is_lost, lost))


def _drops_right(pair: Pair, changed: Changed, _: Lost) -> bool:
    """Return whether a lesser right is asked for, or one that cannot be compared."""
    if changed.gone or changed.came or len(changed.swapped) != 1 or not finds(_ASKING)(pair.old):
        return False
    before, after = map(_rank, changed.swapped[0])
    if before is None or after is None:
        return before != after and all(map(finds(_RIGHT), changed.swapped[0]))
    return after < before


def _drops_tag(pair: Pair, changed: Changed, _: Lost) -> bool:
    """Return whether a field keeps its name and its type, and lost its tag of rules."""
    if changed.came or changed.swapped or pair.old.split()[:2] != pair.new.split()[:2]:
        return False
    return finds(_TAG)(pair.old) and not finds(_TAG)(pair.new)


def _asks_only_who(pair: Pair, _: Changed, __: Lost) -> bool:
    """Return whether a right, asked for by its name in quotes, gave way to a lesser one."""
    if not (finds(_BY_RIGHT)(pair.old) and finds(_BY_RIGHT)(pair.new)):
        return False
    lost, came = _difference(_QUOTED, pair)
    if len(lost) != 1 or len(came) != 1:
        return False
    before, after = (next(iter(found)) for found in (lost, came))
    if finds(_ANY_CALLER)(after):
        return finds(_OWN_RIGHT)(before)
    ranks = [
        max((_rank(word) or 0 for word in tokens(text)), default=0) for text in (before, after)
    ]
    return 0 < ranks[1] < ranks[0]


def _joins_options(pair: Pair, changed: Changed, is_lost: Lost) -> bool:
    """Return whether what follows may be taken for an option, since a lone ``--`` is gone."""
    lost, came = _difference(_MARK, pair)
    return bool(lost) and not came and not changed.came and is_lost(b"--")


def _empties(pair: Pair, _: Changed, is_lost: Lost) -> bool:
    """Return whether a key that says what is demanded is given nothing."""
    demands = expression(_DEMANDED)
    old, new = demands.search(pair.old), demands.search(pair.new)
    if not (old and new and old[1] == new[1]) or not finds(_EMPTY)(pair.new):
        return False
    return not finds(_EMPTY)(pair.old) and any(map(is_lost, tokens(pair.old)))


def _adds_role(pair: Pair, changed: Changed, _: Lost) -> bool:
    """Return whether a role came to those that are let in."""
    if changed.gone or changed.swapped or not finds(_ROLES)(pair.old):
        return False
    lost, came = _difference(_LITERAL, pair)
    return not lost and 0 < len(came) <= _ROLES_MORE


def _rank(name: bytes) -> int | None:
    """Return how much the right of a name is, by its last word."""
    last = expression(r"[A-Z]?[a-z]+$|[A-Z]+$").search(name)
    for word in (name, last[0] if last else b""):
        for rank, regex in _RIGHTS:
            if finds(regex)(word):
                return rank
    return None
