"""Switches, options and limits that a line gave, and gives otherwise or no longer.

A switch that only changed its sense says by its name which side protects less; an option that
is no longer given held back what its name says, and a limit that nothing reaches is none.
"""

from reviewqueue.scan.effects.balance import Lost
from reviewqueue.scan.structure.pairs import SWITCHES, Changed, Pair, finds, tokens

_OPENS = (
    r"(?i)auto|allow|skip|insecure|trust|public|unsafe|bypass|disable_?\w*(?:auth|check|verif|valid|"
    r"secur|sandbox|protect)|execut|anonymous|no_?(?:auth|verif|check)|ignore|expose|debug|yolo|"
    r"danger|sensitive|record_?(?:in|out|content|messages?|prompts?|bod)|capture_?(?:in|out|content|"
    r"messages?|bod|prompt|request|response)|log_?\w*(?:bod|prompt|content|request|headers)|"
    r"stack_?trace|\bshare\b|sign_?up|accept_?invalid|follow_?(?:sym|link|redir)|introspection|graphiql|playground|swagger"
)
_HOLDS = (
    r"(?i)verif|requir|secure|strict|enforc|protect|safe|validat|sandbox|saniti|escape|auth|"
    r"http_?only|csrf|confirm|approv|restrict|encrypt|mask|redact|private|read_?only|audit|ssl|tls|https"
)
_OPTIONS = (
    r"(?i)^(?:filter|check\w*|verif\w*|validat\w*|safe|strict\w*|algorithms?|audience|issuer|"
    r"auto_?escape|escape|timeout|limit|max_?\w+|min_?\w+|allowed_?\w*|expected_?\w*|secure|"
    r"http_?only|same_?site|gt|ge|lt|le|pattern|regex|sandbox|permission\w*|scopes?|required_\w+|"
    r"content_?type|mime_?type|media_?type|rel|csrf\w*|integrity|checksum|sha256|roles?|policy|"
    r"preexec_fn|resource_?limits?|rlimits?|weights_only)$"
)
"""Names of options that hold a value, or a caller, back."""
_BOUNDLESS = frozenset(
    b"MAX MaxInt MaxInt64 MaxInt32 MaxUint64 MaxUint32 MAX_VALUE MAX_SAFE_INTEGER maxsize Infinity "
    b"inf INT_MAX SIZE_MAX ULONG_MAX UINT_MAX INFINITY".split()
)
"""What no value ever exceeds."""
_NOUGHT = r"(?i)(?:timeout|max\w*|limit)['\"]?[ ]*(?::|=)[ ]*0[ ]*(?:[,;)}]|$)"
_GIVEN = r"(?i)(?:timeout|max\w*|limit)['\"]?[ ]*(?::|=)[ ]*[1-9]"
_GIVES = frozenset({b"=", b":"})
"""What stands between an option and its value."""
_BEFORE = frozenset({b"(", b",", b"{", b"a"})
"""What stands before an option: of a call, of an object, of a link in HTML."""
_LIMITS = r"(?i)^[ \t]*(?:\}?[ \t]*else[ \t]+)?(?:if|elif|while|unless|guard)\b|limit|max|quota"


def flips(pair: Pair, changed: Changed) -> bool:
    """Return whether only a switch changed, to the side that protects less."""
    if changed.gone or changed.came or len(changed.swapped) != 1:
        return False
    opens = finds(_OPENS)(pair.old)
    holds = not opens and finds(_HOLDS)(pair.old)
    return any(opens if SWITCHES[new.lower()] else holds for _, new in changed.switches)


def drops_option(pair: Pair, changed: Changed, is_lost: Lost) -> bool:
    """Return whether an option that holds something back is no longer given, nor anything else."""
    if changed.came or len(changed.swapped) > 1 or not changed.gone:
        return False
    old, holds = tokens(pair.old), finds(_OPTIONS)
    given = {
        word
        for before, word, mark in zip(old, old[1:], old[2:], strict=False)
        if mark in _GIVES and before in _BEFORE and holds(word)
    }
    there = frozenset(tokens(pair.new))
    if b"text/plain" not in pair.old:  # Of all types, only this one keeps text from being a page.
        given = {word for word in given if b"type" not in word.lower()}
    lost = [word for word in changed.gone if word in given and word not in there]
    return any(map(is_lost, lost))


def unbounds(pair: Pair, changed: Changed) -> bool:
    """Return whether a limit became one that nothing reaches."""
    nought = finds(_NOUGHT)
    if nought(pair.new) and not nought(pair.old) and finds(_GIVEN)(pair.old):
        return tokens(pair.old)[:1] == tokens(pair.new)[:1]
    if _BOUNDLESS.isdisjoint(changed.all_came) or not _BOUNDLESS.isdisjoint(tokens(pair.old)):
        return False
    return finds(_LIMITS)(pair.old)
