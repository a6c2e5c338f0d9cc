r"""What an expression, a charset or a name keeps out less of than before.

An expression that finds what must not pass is a list written as one word: every alternative is
an entry, every optional piece a disguise that is seen through. A separator has two forms, and
so has the address of another server; who looks for one of them lets the other pass.
"""

from collections import Counter

from reviewqueue.scan.rule import expression
from reviewqueue.scan.structure.pairs import Changed, Pair, finds, tokens

NARROWING = (
    r"(?i:(?:javascript|vbscript|script|iframe|srcdoc|authorization|set-cookie|cookie|phtml|phar|"
    r"onerror|passwd|secret|token|password)\w*\)?\|[\w(]|[\w)]\|\(?(?:javascript|vbscript|script|"
    r"iframe|srcdoc|authorization|set-cookie|cookie|phtml|phar|onerror|passwd|secret|token|"
    r"password))|\[?\^?\[?/\\\\|\\\\\\?/|['\"]//['\"]|\bnoopener\b|\bcreate_new\(|\b[lL]chown\(|"
    r"\b(?:os|fs|File|std::fs|FileUtils|fsp)(?:\.|::)(?:lstat(?:Sync)?|Lstat|symlink_metadata)\(|"
    r"secure_getenv\(|(?i:has_allowed_host|is_safe_url|\burl_from\()|(?i:_?(?:unsafe|bad|danger\w*|"
    r"evil|malicious|forbid\w*|suspicious|blocked|illegal)\w*[ ]*(?::?=|\()[^\n]*(?:re\.compile|"
    r"[rR]egex|Pattern|%r|/))|(?i:\w*(?:block|bann|forbidd|disallow|strip|danger|unsafe|den(?:y|"
    r"ied))\w*(?:[ ]*:[^=\n]*)?[ ]*=[ ]*(?:new[ ])?(?:\w+\()?[\[{(])"
)
"""What such lines are written in: a part of a trigger."""
_ALTERNATIVES = r"[\w:*+?\\.)\]-]\|[\w:(\\.\[-]"
_KEEPS_OUT = (
    r"(?i)block|den(?:y|ied)|forbid|forbidden|\bbad|_bad|unsafe|danger|strip|remov|reject|sensitive|redact|"
    r"invalid|illegal|malicious|evil|suspicious|disallow|exclude|filter|scrub|clean|sanit|drop|"
    r"javascript|vbscript|<script|authorization|cookie|passw|secret|phtml|onerror|iframe|hidden|"
    r"private|mask|hop_?by_?hop|traversal|inject"
)
_LETS_IN = r"(?i)allow|permit|accept|whitelist|\bvalid\w|safe_\w*(?:re|pattern|tags|attr)|\btrusted"
_LITERAL = r"/(?:\\.|[^/\n\\])+/[a-z]*|\"(?:\\.|[^\"\n\\])*\"|'(?:\\.|[^'\n\\])*'|`[^`\n]*`"
_PIECES = r"\\.|[\w-]+|[^\s\w]"
_WHOLE = (
    r"(?i)re\.|regex|Regexp?|pattern|preg_|/[a-z]{0,4}[ ]*[,;).]|/[a-z]{0,4}$|test\(|match|replace|"
    r"remove|strip|drop|block|deny|denied|redact|sensitive|forbid|reject|mask|scrub|secret|danger|"
    r"unsafe"
)
"""What tells a line that holds an expression, or says what is taken away, or refused."""
_CASELESS = (
    r"/[gmsuy]*i[gmsuy]*\b|\(\?[a-z]*i[a-z]*[):]|\bre\.I(?:GNORECASE)?\b|"
    r"IGNORECASE|CASE_INSENSITIVE|IgnoreCase"
)
_BOTH_SLASHES = r"/\\\\|\\\\\\?/"
_CUTS = r"(?i)trim\w*\(|replace\w*\(|\bsub\(|gsub|strip\(|starts_?with|HasPrefix|match|test\(|\[0\]"
_LEADS = (
    r"(?i)redirect|location|ur[il]\b|href|\bnext\b|path|return_?to|back|link|target|\bto\b|\bp\b"
)
_PROTOCOL_RELATIVE = r"['\"]//['\"]"
_FEW = 6
"""Pieces of an expression that may go, and it is still the same."""
_SAME = 12
"""Bytes, but for spaces, that begin two lines which are one, changed."""
_REPLACES = (
    r"(?:\bre\.sub\(|preg_replace\()[ \t]*(r?['\"][#/]?\^?(?:/|\\\.|\.\.|[<>&]|\[\^?[<>&\\]))|"
    r"(?:[rR]eplace(?:All)?|gsub!?)\([ \t]*(/\[?\\?[<>&'\"`.%/\\][^\n/]{0,12}/|"
    r"r?(?:\"[<>&'`.%/\\]{1,2}\"|'[<>&\"`.%/\\]{1,2}'))"
)
"""What is replaced, with the quote or the slash before it."""
_CLEANING = r"(?i)escape|sanit|quote|encode|clean|stringify|dumps|safe"
"""Names of what escapes or cleans instead."""
_CLASS = r"\[(\^?(?:\\.|[^\]\\\w\s]|\w-\w|_){2,30})\]"
_SPECIAL = frozenset("<>&'\"`/\\;|$%(){}")
_OF_CLASS = frozenset({b"[", b"]", b"\\", b"<", b">", b"&", b"'", b'"', b"/"})
"""What a class of characters loses that becomes one of them."""


def keeps_out_less(pair: Pair, changed: Changed) -> bool:
    """Return whether what a line finds or cuts off, to keep it out, is less than before."""
    return (
        _loses_alternative(pair)
        or _minds_case(pair)
        or _one_slash(pair)
        or _is_opener(pair, changed)
    )


def escapes_less(pair: Pair, changed: Changed) -> bool:
    """Return whether fewer marks are replaced, or a class of characters shrank."""
    if any(map(finds(_CLEANING), changed.all_came)):
        return False
    was, now = _replaced(pair.old), _replaced(pair.new)
    if was - now and not now - was:
        return True
    if b"[" not in pair.old:
        return False
    old, new = (expression(_CLASS).findall(text) for text in (pair.old, pair.new))
    if len(old) == len(new) + 1 and not changed.all_came:
        return not frozenset(changed.gone) - _OF_CLASS and b"re.sub" in pair.old
    if len(old) != len(new):
        return False
    return any(_accepts(was, now) for was, now in zip(old, new, strict=True) if was != now)


def loses_replacements(old: bytes, new: bytes) -> bool:
    """Return whether lines that cleaned a text replace fewer of its marks than before."""
    lost = _replaced(old) - _replaced(new)
    return bool(lost) and not finds(_CLEANING)(new) and (b"eplace" in new or b"sub" in new)


def _replaced(text: bytes) -> Counter[bytes]:
    """Return what is replaced in a text, and how often, without what it is written between."""
    if b"eplace" not in text and b"sub" not in text:
        return Counter()
    found = (one or other for one, other in expression(_REPLACES).findall(text))
    bare = (mark.removeprefix(b"r") for mark in found)
    return Counter(mark.strip(mark[:1]) for mark in bare)


def _accepts(was: bytes, now: bytes) -> bool:
    """Return whether a class of characters to be cleaned shrank, or its opposite grew."""
    if was.startswith(b"^") != now.startswith(b"^"):
        return False
    before, after = frozenset(was.decode("latin-1")), frozenset(now.decode("latin-1"))
    less, more = (after, before) if was.startswith(b"^") else (before, after)
    special = less & _SPECIAL
    return more < less and bool((less - more) & _SPECIAL) and (len(special) > 1 or was[:1] == b"^")


def _loses_alternative(pair: Pair) -> bool:
    """Return whether an expression that keeps out is the same but for pieces that are gone."""
    if not (finds(_ALTERNATIVES)(pair.old) and finds(_KEEPS_OUT)(pair.old)):
        return False
    if finds(_LETS_IN)(pair.old) or not finds(_WHOLE)(pair.old):
        return False
    literals = expression(_LITERAL)
    old, new = literals.findall(pair.old), literals.findall(pair.new)
    changes = [(was, now) for was, now in zip(old, new, strict=False) if was != now]
    if len(old) != len(new) or len(changes) != 1:
        return False
    pieces = expression(_PIECES)
    was, now = (Counter(pieces.findall(text)) for text in changes[0])
    gone, came = was - now, now - was
    is_less = not came and gone.total() > 0 and now.total() * 2 >= was.total()
    return is_less and (gone[b"|"] > 0 or gone.total() <= _FEW)


def _minds_case(pair: Pair) -> bool:
    """Return whether an expression that keeps out no longer sees the other case."""
    caseless = finds(_CASELESS)
    if not caseless(pair.old) or caseless(pair.new) or finds(_LETS_IN)(pair.old):
        return False
    begins = (text.replace(b" ", b"")[:_SAME] for text in (pair.old, pair.new))
    return finds(_KEEPS_OUT)(pair.old) and len(set(begins)) == 1


def _one_slash(pair: Pair) -> bool:
    """Return whether one of the two slashes that begin a foreign address is not looked for."""
    if not (finds(_LEADS)(pair.old) and finds(_CUTS)(pair.old) and finds(_CUTS)(pair.new)):
        return False
    both, other = finds(_BOTH_SLASHES), finds(_PROTOCOL_RELATIVE)
    if both(pair.old):
        return b"\\\\" not in pair.new
    return other(pair.old) and b"//" not in pair.new


def _is_opener(pair: Pair, changed: Changed) -> bool:
    """Return whether a page opened from a link may steer the one that it came from."""
    if b"noopener" not in changed.gone or b"noopener" in tokens(pair.new):
        return False
    return b"_blank" in pair.new
