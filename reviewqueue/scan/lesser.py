r"""What a line held back by its own words, and holds back less of after the change.

Declarations protect without a condition: a list of hidden fields, a rule of validation, the
right that is asked for, the characters that are escaped. Each is compared with its own kind
on the line that took the line's place, and tells nothing where anything of the kind came.
"""

from collections import Counter
from collections.abc import Callable, Iterable

from reviewqueue.scan.pairs import Changed, Pair, finds, tokens
from reviewqueue.scan.rule import expression

DECLARING = (
    r"(?:owner|admin|authed|staff|member|private|secure|restricted)_?(?:[Pp]rocedure|[Aa]ction|"
    r"[Rr]oute|[Qq]uery|[Mm]utation|[Hh]andler|[Rr]esolver)\b|\b(?:checked|saturating)_(?:add|sub|mul|div|"
    r"pow)\b|(?:Unary|Stream)(?:Server)?Interceptor\(|[Aa]uth\w*Interceptor|text/plain|\.text\(|"
    r"textContent|innerText|insertAdjacentText|&(?:lt|quot|#0?39);|%2[EF]|"
    r"(?:[rR]eplace(?:All)?|gsub!?)\([ \t]*(?:/\[?\\?|['\"])[<>&'\"]|[<>&][<>&'\"`]{2}|"
    r"@RequirePOST\b|@JsonIgnore\b|@Valid(?:ated)?\b|\[JsonIgnore\b|"
    r"#\[(?:Locked|Hidden|SensitiveParameter|IsGranted|Guarded)\b|"
    r"\b(?:makeHidden|guarded|hidden|redact_?\w*)\b['\"]?[ \t]*(?:=|:|\()|[mM]iddleware['\"]?[ \t]*"
    r"(?:\(|=>|:)[ \t]*\[?[ \t]*['\"]|"
    r"['\"|](?:regex|not_regex|max|digits|mimes|exists|between|starts_with):|\bnew Valid[A-Z]|"
    r"\b(?:z|Joi|yup)\.(?:string|number|object|array)\(|->only\(|->validated\(|['\"]encrypted['\"]|"
    r"\b__(?:wakeup|unserialize)\b|\breadResolve\(|(?i:expected_?(?:iss|aud|host|origin|state|nonce|"
    r"hash|sig|alg))"
)
"""Words of declarations that protect, rare enough to be looked for everywhere: a trigger."""
_WEAKER = {
    b"strncpy": b"strcpy",
    b"strlcpy": b"strcpy",
    b"strncat": b"strcat",
    b"snprintf": b"sprintf",
    b"vsnprintf": b"vsprintf",
    b"fgets": b"gets",
    b"memcpy_s": b"memcpy",
    b"execFile": b"exec",
    b"execFileSync": b"execSync",
    b"safe_load": b"load",
    b"SafeLoader": b"Loader",
    b"literal_eval": b"eval",
    b"defusedxml": b"xml",
    b"prepareStatement": b"createStatement",
    b"PreparedStatement": b"Statement",
    b"protectedProcedure": b"publicProcedure",
    b"createHmac": b"createHash",
    b"compare_digest": b"==",
    b"ConstantTimeCompare": b"!=",
    b"LocalRedirect": b"Redirect",
    b"SandboxedEnvironment": b"Environment",
    b"ImmutableSandboxedEnvironment": b"Environment",
    b"prepare": b"query",
    b"permit": b"to_unsafe_h",
    b"SecureRandom": b"Random",
    b"textContent": b"innerHTML",
    b"innerText": b"innerHTML",
    b"insertAdjacentText": b"insertAdjacentHTML",
}
"""Names that hold a limit or a check, and what does the same without."""
_WEAKER_CALLS = {b"text": b"html", b"only": b"all", b"validated": b"all", b"safe": b"all"}
"""Likewise, but only where they are called."""
_GUARDED = (
    r"(?i)^(?:(?:checked|secure|sandboxed|authenticated|authorized|verified|restricted|protected|"
    r"strict)_?(\w{3,})|(?:owner|admin|auth(?:ed)?|member|staff|private|org|team|super|editor|"
    r"manager)_?((?:procedure|action|route|query|mutation|handler|endpoint|middleware|controller|"
    r"resolver|router|loader)\w*))$"
)
_OPEN = (
    r"(?i)^(?:public|open|base|any(?:one|body)?|anonymous|optional|unchecked|raw|plain|no_?auth)_?"
)
_LITERAL = r"['\"]([\w.:/*@-]+)['\"]"
_KEEPS = (
    r"(?i)\b(?:makeHidden|hidden|guarded|redact\w*|sensitive\w*|filter_parameters|deny\w*|"
    r"disallow\w*|forbid\w*|middleware|guards?|canActivate|preHandler|permission_classes|"
    r"read_?only_?fields|write_?only_?fields|masked?|protected)\b['\"]?[ \t]*(?:=|:|\(|\+=)"
)
"""A list whose every entry holds something back."""
_LEAVES_OUT = r"(?i)\b(?:exclude[ds]?|except|omit|without|ignore_?fields)\b['\"]?[ \t]*(?:=|:|\()"
_SENSITIVE = r"(?i)pass|secret|token|key|hash|salt|mail|phone|ssn|internal|private|admin|credential"
_ASKS = (
    r"(?i)^(?:auth|can\b|can:|throttle|verified|signed|csrf|admin|role|permission|ability|scope)"
)
"""What a middleware is named by that asks who comes."""
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
_REPLACES = (
    r"(?:[rR]eplace(?:All)?|gsub!?)\([ \t]*(/\[?\\?[<>&'\"`.%/\\][^\n/]{0,12}/|"
    r"r?(?:\"[<>&'`.%/\\]{1,2}\"|'[<>&\"`.%/\\]{1,2}'))"
)
_CLASS = r"\[(\^?(?:\\.|[^\]\\\w\s]|\w-\w|_){2,30})\]"
_SPECIAL = frozenset("<>&'\"`/\\;|$%(){}")
_RIGHTS = (
    (
        4,
        (
            r"(?i)^(?:administer|administrate|admin|owner|superuser|super_?admin|root|manage|"
            r"maintainer)$"
        ),
    ),
    (3, r"(?i)^(?:delete|destroy|configure|maintain|approve|publish|impersonate)$"),
    (2, r"(?i)^(?:write|update|edit|editor|create|push|modify|member)$"),
    (1, r"(?i)^(?:read|reader|view|viewer|viewany|list|show|get|discover|browse|pull|guest)$"),
    (0, r"(?i)^(?:any|anyone|anybody|public|everyone|anonymous|none)$"),
)
"""What may be done with a thing, from everything down to nothing."""
_ASKING = (
    r"(?i)\b\w*(?:check|require|has|assert|ensure|authori[sz]e|can|allow|permit|gate)\w*"
    r"(?:permission|access|right|role|scope|ability|privilege)?\w*(?:::\w+)?[ \t]*\("
)


def is_weaker(changed: Changed) -> bool:
    """Return whether a name gave way to its counterpart that protects less."""
    came = frozenset((*changed.came, *(new for _, new in changed.swapped)))
    gone = (*changed.gone, *(old for old, _ in changed.swapped))
    if any(_WEAKER.get(word) in came for word in gone):
        return True
    return any(_is_bared(old, new) for old, new in changed.swapped)


def lesser(pair: Pair, changed: Changed, is_lost: Callable[[bytes], bool]) -> str:
    """Return what the new line holds back less of, in words; empty where of nothing.

    ``is_lost`` says that a name stands less often in the whole change than before.
    """
    if _is_weaker_call(pair, changed):
        return "a call that holds a limit or a check is replaced by one that does not"
    for kind, message in (
        (_drops_entry, "an entry of a list that held something back is gone"),
        (_drops_rule, "a rule that a value had to follow is gone"),
        (_drops_right, "a lesser right than before is asked for"),
        (_drops_escape, "fewer characters are escaped or cleaned than before"),
    ):
        if kind(pair, changed, is_lost):
            return message
    return ""


def _is_bared(old: bytes, new: bytes) -> bool:
    """Return whether a name lost the part that says whom it lets in, or what it checks."""
    found = expression(_GUARDED).search(old)
    if not found:
        return False
    rest = (found[1] or found[2]).lower().strip(b"_")
    left = expression(_OPEN).sub(b"", new).lower().strip(b"_")
    return bool(rest == left)


def _is_weaker_call(pair: Pair, changed: Changed) -> bool:
    return any(
        _WEAKER_CALLS.get(old) == new and b"." + old + b"(" in pair.old.replace(b"->", b".")
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


def _drops_entry(pair: Pair, _: Changed, is_lost: Callable[[bytes], bool]) -> bool:
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
    words = [token for token in tokens(word) if token[:1].isalnum()]
    return words[-1] if words else word


def _drops_rule(pair: Pair, _: Changed, is_lost: Callable[[bytes], bool]) -> bool:
    is_chain = finds(_SCHEMA)(pair.old)
    if not (is_chain or b"=>" in pair.old):
        return False
    lost, came = _difference(_CHAINS if is_chain else _RULES, pair)
    return not came and any(map(is_lost, lost))


def _drops_right(pair: Pair, changed: Changed, _: Callable[[bytes], bool]) -> bool:
    if changed.gone or changed.came or len(changed.swapped) != 1 or not finds(_ASKING)(pair.old):
        return False
    before, after = map(_rank, changed.swapped[0])
    return before is not None and after is not None and after < before


def _rank(name: bytes) -> int | None:
    """Return how much the right of a name is, by its last word."""
    last = expression(r"[A-Z]?[a-z]+$|[A-Z]+$").search(name)
    for word in (name, last[0] if last else b""):
        for rank, regex in _RIGHTS:
            if finds(regex)(word):
                return rank
    return None


def _drops_escape(pair: Pair, _: Changed, __: Callable[[bytes], bool]) -> bool:
    if b"eplace" in pair.old or b"gsub" in pair.old:
        lost, came = _difference(_REPLACES, pair)
        if lost and not came:
            return True
    if b"[" not in pair.old:
        return False
    old, new = (expression(_CLASS).findall(text) for text in (pair.old, pair.new))
    if len(old) != len(new):
        return False
    return any(_accepts(was, now) for was, now in zip(old, new, strict=True) if was != now)


def _accepts(was: bytes, now: bytes) -> bool:
    """Return whether a class of characters to be cleaned shrank, or its opposite grew."""
    if was.startswith(b"^") != now.startswith(b"^"):
        return False
    before, after = frozenset(was.decode("latin-1")), frozenset(now.decode("latin-1"))
    less, more = (after, before) if was.startswith(b"^") else (before, after)
    special = less & _SPECIAL
    return more < less and bool((less - more) & _SPECIAL) and (len(special) > 1 or was[:1] == b"^")
