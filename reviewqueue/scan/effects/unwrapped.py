"""What cleaned or checked a value, and is gone from around it while the value stays.

A name that escapes, quotes, cleans, masks or checks holds back only what is handed to it: it
counts where it was called, piped to or handed over by name, and where what it was called
with is on the new line still. A place that a path had to stay below is a guard of the same
kind: the call that no longer gets it takes any path.
"""

from collections.abc import Sequence

from reviewqueue.scan.effects.balance import Lost
from reviewqueue.scan.effects.guards import is_harmless
from reviewqueue.scan.rule import expression
from reviewqueue.scan.structure.pairs import Changed, Pair, finds, tokens

WRAPPING = (
    r"->e\(|\$e\(|<c:out\b|\|[ ]?(?:e|h|escapejs|force_escape|esc)[ ]?(?:\}|\||\()|"
    r"<%[=-]?[ ]?h[ (]|[ ,(]h\(@?\w[\w.@]*\)|(?i:quote)_?\w+\(|\besc(?:_\w+|Html|Attr)?\(|"
    r"(?i:(?:en|de)code(?:_?ur[il]|"
    r"_?html|_?attr|_?entit|_?xml|_?for_?\w))|(?i:escape_?data)|\$esc\.|\?(?:html|xhtml|xml|"
    r"js_string|url)[})?]|<%:[ ]|encodeAs[A-Z]|[:.]for(?:Html|Uri|Java|Css|Xml|CDATA)\w*\(|"
    r"has_allowed_host|\burl_from\(|is_safe_url|percent_encode|(?i:(?:html|url|uri|xml|attr|"
    r"filter)(?:_|::|\.)?(?:en|de)code)|\bIsLocal(?:Url)?\(|\|[ ]?(?:html|xml|uri)[ ]?%\]|"
    r"\b(?:nh3|bleach|ammonia|DOMPurify|lxml\.html\.clean)\.\w+\(|(?i:xss)\w*\(|\.xss\b|\bbasename\(|Path\.GetFileName\(|filepath\.Base\(|OpenInRoot|"
    r"\bstrip_?(?:tags|newlines|html|control)|_required\(|(?i:neutrali[sz]|scrub|anonymi[sz]e|"
    r"obfuscate|confine|defang|censor)\w*\(|(?i:(?:resolve|join|open|path|read|load)_?(?:inside|"
    r"within|under|beneath|in_?root))\w*\(|[,(\[][ ]?\w+(?:Auth|Guard|Csrf)\(|\b(?i:admin|owner|"
    r"member|staff|auth|user|local|internal)_?[Oo]nly\b|[,(][ ]*\$?(?:this->|self\.|s\.)?(?:root|"
    r"base|jail)(?:_?(?:dir|path))?\)|(?:[,(\[][ ]?:?|plug :|action :)(?:req|require|ensure|must|"
    r"only|enforce)(?:[A-Z_]\w*)"
)
"""What such names are written in where no word of protection says so: a trigger."""
_CLEANS = (
    r"(?i)^\w*(?:escap(?:e|ed|ing|ejs)|quote|quoted|saniti[sz]|redact|purif(?:y|ied)|encode|safe_|"
    r"_safe|clean_|_clean|secure|canonical|realpath|validat|verif|filter_format|bleach|clamp|"
    r"restrict|authori[sz]|csrf|signature|mask_|protected\w|is_?relative|checked_|summarize|"
    r"special_?chars|MaxBytesReader|LimitReader|LimitedReader|Sandboxed|noopener|xss|"
    r"strip_?(?:tags|newlines|html|control)|neutrali|scrub|anonymi[sz]|obfuscat|confine|defang|"
    r"has_allowed|is_?local|is_safe_url|url_from|"
    r"censor|inside|within|beneath|filter_?(?:html|input|sensitive)|decode_?(?:ur|html|entit|"
    r"for))\w*$|^(?:clean|e|h|for(?:html|uri|java|css|xml|cdata)\w*|safe(?-i:[A-Z])\w*|mask|min|"
    r"take|constr|conint|confloat|condecimal|Depends|permit|own_?property|has_?own|(?:html|raw_?url|url|uri|xml|attr)_?decode|hasOwn\w*|"
    r"basename|GetFileName|esc|esc_\w+|OpenInRoot|(?:login|auth|admin|staff|member|permission|user|"
    r"staff_member|superuser|otp|mfa)\w*_required)$"
)
_CLEANED = (
    r"(?i)^(?:saniti[sz]ed|escaped|safe|redacted|quoted|purified|masked|validated)_?\w+$|"
    r"^(?:require|ensure|check|verify|is)_?(?:auth|login|logged|signed|admin|perm|role|owner|"
    r"member|csrf)\w*$|^(?:authenticate|auth(?:orize|entication)?_?(?:middleware|guard|required|"
    r"handler)|csrf_?protection|rate_?limit(?:er)?|requires_auth|only(?-i:[A-Z])\w+|nonReentrant|"
    r"whenNotPaused|current_(?:user|account|tenant|team|organi[sz]ation|member))$|"
    r"^auth\w*interceptor$|^(?:expected|permitted|trusted)_?(?:iss|aud|host|origin|state|nonce|"
    r"hash|sig|alg)\w*$|^(?-i:Authenticated|Authorized|Verified|Require)\w*$|^(?-i:(?:req|require|"
    r"ensure|must|only|enforce)[A-Z_]\w*)$|^\w+_?(?:auth|authn|authz|authentication|authorization|"
    r"guard)$|^\w*(?:csrf_?(?:protect\w*|guard|check)?|rate_?limit(?:er)?)$|^(?:admin|owner|member|"
    r"staff|auth|user|local|internal)s?_?only$"
)
"""Values that were cleaned, and guards handed over by name; the others must be called."""
_RAW = (
    r"(?i)pre_?escaped|^safe_?(?:html|js|css|url|attr|str)|mark_?safe|html_?safe|unescape|no_?esc"
)
"""Names that say of a value that it is clean, and clean nothing."""
_AS_GIVEN = (
    r"(?i)^_*(?:original|raw|unsafe|untrusted|unsaniti[sz]ed|unescaped|unchecked|unverified|"
    r"unvalidated|requested)(?:_\w+|(?-i:[A-Z])\w*)?$|^\w+(?:_|(?-i:[a-z]))(?-i:(?:_o|O)riginal|(?:_r|R)aw|"
    r"(?:_u|U)nsafe|(?:_u|U)ntrusted|(?:_r|R)equested)$"
)
"""Names of a value as somebody gave it."""
_ASKED_FOR = frozenset(b"html xhtml xml js_string url".split())
"""What a value is escaped for, where that is asked after it."""
_ASKS = frozenset({b"?", b"|"})
"""What stands between a value and what it is escaped for."""
_ENDS = frozenset({b"}", b")", b"?", b"%"})
"""What follows a value in a template."""
_COERCES = frozenset(b"int float Number parseInt UUID uuid intval Atoi ParseInt Integer".split())
"""Names that let nothing but a number or an identifier through."""
_OUTSIDE = r"(?i)request|\bparams?\b|\bquery|\bGET\b|\bPOST\b|\bargs\b|\binput\b|\bargv\b"
"""Where a value comes from outside."""
_BY_NAME = (
    r"(?i)^\w*(?:escape|saniti[sz]e|purify|redact|encode|htmlspecialchars|strip_tags)\w*$|"
    r"^(?:encrypted|hashed)$|^(?:req|require|ensure|must|only|enforce)_?(?-i:[A-Z_])\w*$"
)
"""What cleans, or asks who comes, wherever it is handed over by name."""
_HANDS = frozenset({b"(", b",", b"'", b'"', b"&", b":", b"["})
_TAKES = frozenset({b")", b",", b"'", b'"', b"]"})
"""What stands before and after a name that is handed over."""
_CALLS = frozenset({b"(", b"!"})
"""What follows a name that is called."""
_MAKES = frozenset({b"def", b"func", b"function", b"fn", b"class"})
"""What stands before a name that is only defined here."""
_QUOTES = frozenset({b"'", b'"'})
_IS_GIVEN = frozenset({b":", b"=>"})
"""What follows the key of an entry."""
_ASSIGNS = frozenset({b"=", b":=", b":", b"+="})
"""What follows a name that is only given its value here."""
_DEMANDS = frozenset({b"Valid", b"Validated", b"NotNull", b"NotBlank", b"Size", b"Pattern"})
"""Marks that demand something of a value."""
_STILL = (
    r"(?i)saturat|overflowing|admin|auth|owner|secur|protect|restrict|permi|^safe|verif|^filtered|"
    r"^(?:is_?)?allowed|permitted|visib|^strip_?(?-i:[A-Z_])|^(?:check|ensure|require|assert|can|enforce|validate)_?\w|"
    r"^(?:norm|abs|real)path|^resolve|^Clean$|^try_[a-z]"
)
"""New names that speak of a protection of their own."""
_BELOW = r"(?i)^\$?(?:root|base|jail|sandbox)(?:_?(?:dir|path|directory))?$"
_OPENS = r"(?i)open|exist|file|path|join|read|load|resolve|include|stat\b|write|dir"
_TAGS = r"<c:out\b|<s:property\b|<bean:write\b|<h:outputText\b"
_INSERTED = r"[$#]\{[^}\n]+\}"
_FEW = 3
"""New tokens up to which a line that loses protection was not simply written anew."""
_REACH = 200
"""Tokens of a call that are read."""


def is_unwrapped(pair: Pair, changed: Changed, is_lost: Lost) -> bool:
    """Return whether a cleaning or checking name is gone, and nothing like it came."""
    gone, came = changed.all_gone, changed.all_came
    lost = _fewer(pair, gone)
    named = [word for word in came if word[:1].isalpha()]
    if not lost or len(named) > max(_FEW, len(gone)):
        return False
    lost = _used(pair.old, lost, pair.new)
    if not lost or any(map(finds(f"{_STILL}|{_CLEANS}"), came)):
        return False
    return any(map(is_lost, lost))


def is_let_out(pair: Pair, changed: Changed, is_lost: Lost) -> bool:
    """Return whether a call no longer gets the place that a path had to stay below."""
    there = frozenset(tokens(pair.new))
    below = finds(_BELOW)
    lost = [word for word in changed.gone if word not in there and below(word)]
    if not lost or len(changed.all_came) > _FEW or b"(" not in there:
        return False
    return finds(_OPENS)(pair.old) and finds(_OPENS)(pair.new) and any(map(is_lost, lost))


def is_untagged(pair: Pair) -> bool:
    """Return whether a value is no longer written by the tag that escapes it."""
    if b"<%:" in pair.old and b"<%=" in pair.new and b"<%:" not in pair.new:
        return True
    tag, inserted = finds(_TAGS), expression(_INSERTED)
    if not tag(pair.old) or tag(pair.new):
        return False
    return not frozenset(inserted.findall(pair.old)).isdisjoint(inserted.findall(pair.new))


def _fewer(pair: Pair, names: Sequence[bytes]) -> frozenset[bytes]:
    """Return those names that stand less often on the new line than on the old one."""
    old, new = tokens(pair.old), tokens(pair.new)
    return frozenset(name for name in frozenset(names) if new.count(name) < old.count(name))


def _used(text: bytes, lost: frozenset[bytes], new: bytes) -> frozenset[bytes]:
    """Return which names clean or check on a line: called, piped to, or cleaned values.

    What they were called with must be on the new line still, and where it was put into a text,
    as what is put there: a value that went, too, lets nothing through.
    """
    there = frozenset(tokens(new))
    words = (b"", *tokens(text), b"")
    outside = finds(_OUTSIDE)(text)
    inserted = frozenset(
        word for part in expression(_INSERTED).findall(new) for word in tokens(part)
    )
    return frozenset(
        word
        for at, word in enumerate(words)
        if word in lost
        and not is_harmless(word)
        and _holds(words, at, from_outside=outside)
        and (
            words[at - 1] == b"|"
            or _stays(words, at, inserted if _is_inserted(words, at) else there)
        )
    )


def _holds(words: Sequence[bytes], at: int, *, from_outside: bool) -> bool:
    """Return whether a name cleans or checks where it stands, or says that it was cleaned."""
    before, word, after = words[at - 1 : at + 2]
    if before in _MAKES or finds(_RAW)(word):
        return False
    return (
        (after not in _ASSIGNS and finds(_CLEANED)(word))
        or ((after in _CALLS or before == b"|") and finds(_CLEANS)(word))
        or (word in _COERCES and after == b"(" and from_outside)
        or (word in _ASKED_FOR and before in _ASKS and after in _ENDS)
        or word == b"$esc"
        or (before == b"@" and word in _DEMANDS)
        or (before in _HANDS and after in _TAKES and _is_handed(words, at))
    )


def _is_inserted(words: Sequence[bytes], at: int) -> bool:
    """Return whether a name begins what is put into a text."""
    return words[at - 1] == b"{" and words[at - 2] == b"$"


def _is_handed(words: Sequence[bytes], at: int) -> bool:
    """Return whether a name is what cleans, and between quotes no key of an entry."""
    is_key = words[at - 1] in _QUOTES and (words[at - 2] == b"[" or words[at + 2] in _IS_GIVEN)
    return not is_key and finds(_BY_NAME)(words[at])


def _stays(words: Sequence[bytes], at: int, there: frozenset[bytes]) -> bool:
    """Return whether one of the names that a call was made with is on the new line, too.

    True for a call without a name between its brackets.
    """
    depth, is_bare = 0, True
    for word in words[at + 1 : at + 1 + _REACH]:
        depth += (word == b"(") - (word == b")")
        if depth <= 0:
            break
        if word[:1].isalpha() or word.startswith((b"_", b"$")):
            if word in there:
                return True
            is_bare = False
    return is_bare


def takes_as_given(pair: Pair, changed: Changed) -> bool:
    """Return whether a value as it was given takes the place of another one."""
    as_given = finds(_AS_GIVEN)
    return any(
        as_given(new) and old[:1].isalpha() and not as_given(old) for old, new in changed.swapped
    ) and not any(map(as_given, tokens(pair.old)))
