r"""What an expression, a charset or a name keeps out less of than before.

An expression that finds what must not pass is a list written as one word: every alternative is
an entry, every optional piece a disguise that is seen through. A separator has two forms, and
so has the address of another server; who looks for one of them lets the other pass.
"""

from collections import Counter

from reviewqueue.scan.pairs import Changed, Pair, finds, tokens
from reviewqueue.scan.rule import expression

NARROWING = (
    r"(?i:(?:javascript|vbscript|script|iframe|srcdoc|authorization|set-cookie|cookie|phtml|phar|"
    r"onerror|passwd|secret|token|password)\w*\)?\|[\w(]|[\w)]\|\(?(?:javascript|vbscript|script|"
    r"iframe|srcdoc|authorization|set-cookie|cookie|phtml|phar|onerror|passwd|secret|token|"
    r"password))|\[?\^?\[?/\\\\|\\\\\\?/|['\"]//['\"]|\bnoopener\b|\bcreate_new\(|\b[lL]chown\(|"
    r"\b(?:os|fs|File|std::fs|FileUtils|fsp)(?:\.|::)(?:lstat(?:Sync)?|Lstat|symlink_metadata)\(|"
    r"secure_getenv\(|(?i:has_allowed_host|is_safe_url|\burl_from\()|"
    r"(?i:_?(?:unsafe|bad|danger\w*|evil|malicious|forbid\w*|suspicious|blocked|illegal)\w*[ ]*"
    r"(?::?=|\()[^\n]*(?:re\.compile|[rR]egex|Pattern|%r|/))|"
    r"(?i:\w*(?:block|bann|forbidd|disallow|strip|danger|unsafe|den(?:y|ied))\w*(?:[ ]*:[^=\n]*)?"
    r"[ ]*=[ ]*(?:new[ ])?(?:\w+\()?[\[{(])"
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
    r"(?i)re\.|regex|Regexp?|pattern|preg_|/[a-z]{0,4}[ ]*[,;).]|/[a-z]{0,4}$|test\(|match|replace"
)
"""What tells a line that holds an expression."""
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


def keeps_out_less(pair: Pair, changed: Changed) -> bool:
    """Return whether what a line finds or cuts off, to keep it out, is less than before."""
    return (
        _loses_alternative(pair)
        or _minds_case(pair)
        or _one_slash(pair)
        or _is_opener(pair, changed)
    )


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
    letters = pair.old.replace(b" ", b"")[:40]
    return finds(_KEEPS_OUT)(pair.old) and letters[:12] == pair.new.replace(b" ", b"")[:12]


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
