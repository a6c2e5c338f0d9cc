r"""A comparison that accepts more than before: between the old line and the new one.

Some ways to compare are stricter than others, in any language: the whole text before its
beginning, its beginning before any place in it; a path as it is on the disk before the path as
it was given; a name whatever its case before the name as it is written. And a list of what is
let in or kept out means what its one comparison makes of it, so that every other way to ask
it is worth a look.
"""

from collections import Counter
from collections.abc import Sequence

from reviewqueue.scan.structure.pairs import Changed, Pair, finds, parts, tokens

COMPARING = (
    r"fullmatch|fullMatch|\\A|[sS]eparator\)?\)|\b(?:os|path)\.sep\b|['\"]\.\.[/\\]{0,2}['\"]|"
    r"(?:[tT]oken|[hH]ash|[pP]assword|[sS]ignature|[hH]mac|[dD]igest|"
    r"[sS]ecret)['\"\])]*[ ]*[!=]==[ ]|[!=]==[ ]\$?(?:this->)?\w*(?:[tT]oken|[hH]ash|[pP]assword|"
    r"[sS]ignature|[hH]mac|[dD]igest|[sS]ecret)\b|\borigin[ ]?[!=]==?[ ]|[!=]==?[ ]origin\b|"
    r"lower\(\)[ ]+(?:not[ ]+)?in\b|EqualFold|OrdinalIgnoreCase|\bhas\(\w+\.toLowerCase|\b(?:abs|"
    r"norm)path\(|\.absolute\(|\.resolve\(\)|filepath\.(?:Abs|Clean)\(|(?i:(?:block|bann|forbidd|"
    r"restrict)(?:ed|en)?_?(?:-?[a-z]+)*(?:commands?|lists?|patterns?|paths?|tools?|hosts?|"
    r"domains?|modules?|ranges?|ips?|verbs?|extensions?|names?|words?|types?|re)\b)|\.(?:strip|"
    r"trim|Trim)\(\w*,?[ ]?['\"][/.\\]|\b[lL]isten(?:AndServe\w*)?\(|127\.0\.0\.1|"
    r"(?i:\b\w*(?:remove|strip|block|drop|hop_by_hop|sensitive|redact)_?\w*headers)|"
    r"scope\w*\.split\(|\.split\(['\"][@./:]['\"]\)[^\n]*[!=]==?|\b(?:scheme|hostname|netloc|"
    r"protocol)(?:\.\w+\(\))?\)?[ ]*(?:[!=]==?|(?:not[ ]+)?in\b)|[<>]=?[ ]*(?:this\.#?|self\.|"
    r"\w+[.>-]+)?_?(?i:max)_?[A-Za-z]\w*|[hH]ash_equals|FixedTimeEquals"
)
"""What strict comparisons are written in: a trigger."""
_WIDER = frozenset(
    b"includes startswith startsWith endswith endsWith contains indexOf HasPrefix HasSuffix "
    b"Contains search StartsWith EndsWith starts_with ends_with hasPrefix hasSuffix find".split()
)
_EXACT = frozenset(
    b"== === != !== equals Equals Equal fullmatch match is_relative_to isPathInDir eql "
    b"in_array".split()
)
_PLACED = frozenset(b"indexOf strpos stripos IndexOf find search".split())
"""What tells a place, so that an equality beside it asks only whether there is one."""
_EITHER = frozenset({b"||", b"or"})
"""What several equalities are joined by, that a look into a list replaces."""
PROTECTION = (
    r"(?i)permi|author|auth|forbid|acl|rbac|csrf|trust|sanit|escap|redact|allow|deny|reject|"
    r"restrict|sign|verif|valid|secur|safe|owner|tenant|admin|access|priv|token|password|secret|"
    r"role|member|limit|max|expire|revok|disabled|internal|confirm|protect|guard|sandbox|ident|"
    r"scope|namespace|\blen\b|size|host|origin|scheme|path|user|team|org|symlink|\.\.|public|"
    r"provider|cookie|mail|domain|ur[il]\b|proto|header|sensitive|block|bann|black|white|danger"
)
_ANCHORED = r"['\"/`]\^|[^\s(,=?:{\[!]\$['\"/`]"
"""An expression's end; behind a space or a bracket, a dollar and a quote begin a text."""
_LAXER = {
    b"fullmatch": (b"match", b"search", b"findall"),
    b"fullMatch": (b"match", b"search"),
    b"strip": (b"rstrip", b"lstrip", b"removeprefix", b"removesuffix"),
    b"trim": (b"rtrim", b"ltrim", b"trimEnd", b"trimStart", b"trimRight", b"trimLeft"),
    b"Trim": (b"TrimLeft", b"TrimRight", b"TrimPrefix", b"TrimSuffix", b"TrimEnd", b"TrimStart"),
    b"===": (b"==",),
    b"!==": (b"!=",),
}
"""Ways to compare or to cut, and those that do less of it."""
_TRIMS = frozenset({b"strip", b"trim", b"Trim"})
_CUT = r"(?i)\.?trim\(\w*,?[ ]?['\"][/.\\]|\.strip\(['\"][/.\\]"
_PLACE = r"(?i)path|ur[il]\b|host|redirect|file|origin|\.\./|dir"
_KEY = r"(?i)token|hash|password|signature|hmac|digest|secret|\bmac\b|\bnonce"
_LOOSE = r"(?i)\b(?:null|undefined|None|nil|typeof|length)\b"
_FOLDS = frozenset(
    b"lower casefold toLowerCase toLocaleLowerCase ToLower ToLowerInvariant downcase strtolower "
    b"mb_strtolower lowercase lowercased to_lowercase to_ascii_lowercase eq_ignore_ascii_case "
    b"EqualFold equalsIgnoreCase OrdinalIgnoreCase IgnoreCase casecmp upper toUpperCase".split()
)
_RESOLVES = frozenset(
    b"resolve realpath realpathSync abspath normpath normalize Clean EvalSymlinks Abs absolute "
    b"canonicalize canonical getCanonicalPath toRealPath GetFullPath expand_path cleanpath".split()
)
"""What makes of a path the one place it means."""
_PATHS = r"(?i)path|file|\bdir|root|folder|\.\."
_CUTS = frozenset(b"split Split explode Fields split_whitespace".split())
_SEPARATOR = r"(?i)\bsep\b|separator|with_?slash|trailing_?slash|\+[ ]?['\"]/['\"]"
_BEGINS = r"(?i)starts_?with|HasPrefix|strpos|indexOf|substr"
_LISTED = (
    r"(?i)^\w*(?:block|den(?:y|ied)|allow|white|black|restrict|forbid|bann|disallow|permit|danger|"
    r"reject|trusted|untrusted|exclu)\w*$"
)
_MANY = (
    r"(?i)^(?:block|allow|bann|forbidd?|deni|restrict|trust|permitt)(?:ed|en|ed_re)$|lists?$|"
    r"(?:ed|en)_?\w*s$|_RE$|pattern|regex|(?:ed|en)_?[A-Za-z]*(?:extension|prefix)$"
)
_ASKS = (
    frozenset(
        b"startswith startsWith starts_with start_with endswith endsWith ends_with end_with "
        b"StartsWith EndsWith HasPrefix HasSuffix hasPrefix hasSuffix in == === =~ != !== has "
        b"includes include contains Contains contains_key containsKey test search match matches "
        b"Match MatchString fullmatch equals Equals any anyMatch allMatch some every all Any All "
        b"ContainsAny preg_match in_array fnmatch glob indexOf find split startsWithAny "
        b"hasAnyPrefix is_match".split()
    )
    | _FOLDS
)
"""With what a list is asked whether it holds a thing."""
_TRAVERSAL = r"['\"]\.\.[/\\]{0,2}['\"]"
_PARTS = r"(?i)split|explode|\bparts?\b|segments?|components?|for(?:each)?\b|\bany\b|\.some\("
_STRONG = frozenset(
    b"startswith startsWith starts_with start_with endswith endsWith ends_with end_with HasPrefix "
    b"HasSuffix hasPrefix hasSuffix StartsWith EndsWith contains Contains search fullmatch "
    b"preg_match MatchString fnmatch Match regex".split()
)
_LINES = 6
"""Lines of either side up to which a list's questions are compared as a whole."""
_SAME = 16
"""Tokens up to which a comparison may change, and be the same one."""
_MAXIMUM = r"(?i)[<>]=?[ ]*[\w.#>()-]*(?:max|limit|quota)"
_FEW = 12
"""Tokens up to which what is asked of a list may change, and be the same question."""
_MORE = frozenset(
    b"or any public optional all anonymous machine maybe guest anyone everyone readonly "
    b"unauthenticated".split()
)
"""Words that make of a guard's name the name of one that lets more in."""
_DEMANDS = frozenset(b"require required requires must only strict ensure mandatory admin".split())
_GUARDS = (
    r"(?i)^(?:require|requires|ensure|must|only|is|can|has|need|authori[sz]e|get_?current|verify|"
    r"check)_?\w+$|^\w*(?:proc(?:edure)?|middleware|guard|authenticat\w*|_?auth|admin_?user|"
    r"current_user|action|only|policy|permission|required|login)$"
)
_SERVES = r"(?i)listen(?:AndServe\w*)?\(|\bbind\b|\bserve\w*\(|Server\(|\baddr\w*\b|\.run\("
_HERE = r"127|localhost|\bHOST(?:NAME)?\b|\bhost(?:name)?\b|\b[bB]ind_?[aA]ddr\w*|\b[lL]oopback\w*"
WIDENED = (
    r"(?:Or|And)(?:Admin|User|Member|ReadOnly|Owner|Editor|Any|Anonymous|Guest|Service|Operator|"
    r"Public|Self|Viewer|Machine|Bot|Token|Internal|Staff|Support|ApiKey)[A-Za-z]*|_or_(?:admin|"
    r"user|member|read|owner|editor|any|anonymous|guest|service|operator|public|self|viewer|"
    r"machine|bot|token|internal|staff|support|api)\w*|\b(?:optional|maybe)_?(?i:auth|login|user|"
    r"session|admin|token|member)\w*|\bAny(?:User|Role|Member|Caller)\b"
)
"""What a guard's name is widened by: a trigger of what is added."""


_AS = dict.fromkeys(b"authenticated authenticate authentication authed".split(), b"auth")
"""Words of guards' names that mean the same."""


def is_laxer(pair: Pair, changed: Changed) -> bool:
    """Return whether a comparison accepts more than before."""
    gone, came = frozenset(changed.all_gone), frozenset(changed.all_came)
    if _is_lesser_way(pair, gone, came) or _is_by_line(pair):
        return True
    if len(gone) + len(came) > _SAME or not finds(PROTECTION)(pair.old):
        return False
    exact = frozenset() if came & _PLACED else came & _EXACT
    if came & _WIDER and gone & _EXACT and not (gone & _WIDER or exact):
        return _EITHER.isdisjoint(gone)
    return _is_unanchored(pair, gone, came) or _is_as_given(pair, gone, came)


def _is_unanchored(pair: Pair, gone: frozenset[bytes], came: frozenset[bytes]) -> bool:
    """Return whether an expression no longer begins or ends with the whole text."""
    if (gone & {b"^", b"$"}) and not came & {b"^", b"$"}:
        return finds(_ANCHORED)(pair.old)
    return False


def _is_by_line(pair: Pair) -> bool:
    """Return whether an expression that began with the text now begins with any of its lines."""
    old, new = pair.old, pair.new
    return old.count(b"\\A") > new.count(b"\\A") and new.count(b"^") > old.count(b"^")


def _is_as_given(pair: Pair, gone: frozenset[bytes], came: frozenset[bytes]) -> bool:
    """Return whether a path, or a name in capitals, is now taken as it was given."""
    if (gone & _RESOLVES) and not came:
        return finds(_PATHS)(pair.old)
    begins, sep = finds(_BEGINS), finds(_SEPARATOR)
    if sep(pair.old) and not sep(pair.new) and begins(pair.old) and begins(pair.new):
        return True
    cut = gone & _CUTS and not came
    return bool(cut or (gone & _FOLDS and len(came) <= 1)) and _asks(pair.new)


def _asks(text: bytes) -> bool:
    return not _ASKS.isdisjoint(tokens(text))


def _is_lesser_way(pair: Pair, gone: frozenset[bytes], came: frozenset[bytes]) -> bool:
    """Return whether a way to compare or to cut gave way to one that does less of it."""
    return any(
        _matters(word, pair.old)
        for word in gone.intersection(_LAXER)
        if not came.isdisjoint(_LAXER[word])
    )


def _matters(word: bytes, old: bytes) -> bool:
    """Return whether such a word held something back on the old line."""
    if word in _TRIMS:
        return finds(_PLACE)(old) and finds(_CUT)(old)
    if word[-1:] == b"=":
        return finds(_KEY)(old) and not finds(_LOOSE)(old)
    return True


def is_asked_otherwise(pair: Pair, changed: Changed) -> bool:
    """Return whether a list of what is let in or kept out is compared in another way."""
    moved = (*changed.all_gone, *changed.all_came)
    if len(moved) > max(_FEW, len(tokens(pair.old))) or _ASKS.isdisjoint(moved):
        return False
    there = frozenset(tokens(pair.new))
    listed, many = finds(_LISTED), finds(_MANY)
    names = {w for w in tokens(pair.old) if w in there and listed(w) and many(w)}
    return _asks(pair.old) and bool(names - _ASKS)


def is_widened(changed: Changed) -> bool:
    """Return whether a guard's name became the name of one that lets more in."""
    return any(_is_more(old, new) for old, new in changed.swapped)


def _is_more(old: bytes, new: bytes) -> bool:
    if not finds(_GUARDS)(old) or old.isupper():
        return False
    before, after = (Counter([_AS.get(part, part) for part in parts(name)]) for name in (old, new))
    more = after - before
    if not (more.keys() & _MORE) or before.keys() & more.keys() & _MORE:
        return False
    less = (before - after).keys()
    return less <= _DEMANDS and bool(before & after)


def is_asked_of_less(pair: Pair, changed: Changed) -> bool:
    """Return whether a comparison with a limit lost a part of what it was about."""
    if changed.came or changed.swapped or b"+" not in changed.gone:
        return False
    return finds(_MAXIMUM)(pair.old) and finds(_MAXIMUM)(pair.new)


def is_another_question(old: Sequence[bytes], new: Sequence[bytes]) -> bool:
    """Return whether some lines ask a list of what is let in or kept out in another way."""
    if max(len(old), len(new)) > _LINES or not (old and new):
        return False
    before, after = (frozenset(w for text in side for w in tokens(text)) for side in (old, new))
    names = [w for w in before & after if finds(_LISTED)(w) and finds(_MANY)(w)]
    ways = (before & _STRONG) ^ (after & _STRONG)
    return bool(names and ways)


def is_bound_wider(pair: Pair, changed: Changed) -> bool:
    """Return whether a server no longer names the one address that it listens on."""
    if len(changed.came) > len(changed.gone) + 2 or not finds(_SERVES)(pair.old):
        return False
    here = finds(_HERE)
    return here(b" ".join(changed.all_gone)) and not here(pair.new) and finds(_SERVES)(pair.new)


def is_prefix_only(old: bytes, new: bytes) -> bool:
    """Return whether lines looked for a way up in every part of a path, and now in one place."""
    up, parts = finds(_TRAVERSAL), finds(_PARTS)
    if not (up(old) and parts(old)) or parts(new):
        return False
    return finds(_BEGINS)(new) and b".." in new
