r"""How long a token, a session or a key lives, read from any way to write a time down.

A time is a number with a unit (`30m`, `"7 days"`, `P7D`), a call (`timedelta(hours=1)`,
`Duration.ofDays(7)`, `7.days`, `24 * time.Hour`), or a product of plain numbers.
"""

import re
from collections.abc import Callable, Iterator

from reviewqueue.scan.rule import FileView, expression
from reviewqueue.scan.structure.comments import is_comment
from reviewqueue.scan.structure.openers import Openers
from reviewqueue.scan.structure.pairs import Pair, finds, pairs_losing, tokens

LIVES = (
    r"(?i)(?:ttl|life_?-?time|life_?-?span|expir(?:y|es?|ation|ing)?|max_?-?age|validity|valid_?for|"
    r"not_?after|duration|timeout|remember_?for|idle_?time)\w*['\"]?[\])]?[ \t]*(?:=>|:=|[:=(]|[ ])"
    r"[ \t]*\S|[ ]-days[ ]+\d"
)
"""A name of how long something lives, and a value: a trigger."""
_NAME = (
    r"(?i)([\w.-]*(?:ttl|life_?-?time|life_?-?span|expir(?:y|es?|ation|ing)?|max_?-?age|validity|"
    r"valid_?for|not_?after|duration|timeout|remember_?for|idle_?time)\w*)['\"]?[\])]?[ \t]*"
    r"(?:=>|:=|:[ \t]*[a-z][\w.<>]*[ \t]*=|[:=(]|[ ])[ \t]*|([ ]-days)[ ]+"
)
_WHO = (
    r"(?i)token|session|cookie|jwt|credential|secret|api_?key|passw|\botp\b|invit|magic|\blease|"
    r"oauth|oidc|saml|\bsso|auth(?:[^o]|$|ori[sz]|oken)|log_?in|sign_?in|remember|certificate|"
    r"x509|pre_?sign|signed_?url|devise|refresh|access_?key"
)
"""What lets somebody in while it lives."""
_WEAK_NAME = r"(?i)duration|timeout|idle"
"""What is said of much else."""
_OF_ITSELF = (
    r"(?i)\btimeout_in$|session|token|credential|log_?in|inactiv|idle|cookie|jwt|remember|"
    r"sign_?in|sso"
)
_OTHERWISE = (
    r"(?i)cache|dns|record|\bjob|task|metric|\blog_|logs|retention|request|connect|pool|queue|read_|"
    r"write_|fetch|retry|poll|debounce|toast|anim|test|lock|blacklist|revo|deny|ban|file|"
    r"max_?tokens|clock|skew|grace|throttl|rate|stream|heartbeat|ping|warn|notify|notice|alert"
)
_UNITS = {
    b"ms": 0.001,
    b"s": 1.0,
    b"m": 60.0,
    b"h": 3600.0,
    b"d": 86400.0,
    b"w": 604800.0,
    b"mo": 2592000.0,
    b"y": 31536000.0,
}
_WORD = rb"(milli|ms\b|mo\b|month|min|m\b|sec|s\b|hour|hr|h\b|day|d\b|week|w\b|year|yr|y\b)"
_PRODUCT = rb"(\d[\d_]{0,15}(?:\.\d+)?(?:[ ]?\*[ ]?\d[\d_]{0,15}){0,5})"
_KEYWORD = re.compile(rb"(?i)\b" + _WORD + rb"[a-z]*[ ]?=[ ]?" + _PRODUCT)
_CALL = re.compile(rb"(?i)(?:[._]|of|from|in|::)_?" + _WORD + rb"[a-z]*\([ ]?" + _PRODUCT)
_TIMES = re.compile(rb"(?i)" + _PRODUCT + rb"[ ]?\*[ ]?(?:time\.|chrono::|Duration\.)?" + _WORD)
_TIMED = re.compile(rb"(?i)\btime\." + _WORD + rb"[a-z]*[ ]?\*[ ]?" + _PRODUCT)
_SUFFIX = re.compile(rb"(?i)" + _PRODUCT + rb"[ .]?" + _WORD)
_ISO = re.compile(rb"\bP(?:(\d+)D)?(?:T(?:(\d+)H)?(?:(\d+)M)?(?:(\d+)S)?)?(?=['\"\s,;)]|$)")
_PLAIN = re.compile(_PRODUCT)
_NEVER = r"(?i)^['\"]?(?:never|none|null|nil|infinity|-1|forever|unlimited|undefined)\b"
_VALUE = 120
"""Bytes of a value that are read."""
_BY = 3
"""How many times as long is another kind of time."""


def longer(file: FileView) -> Iterator[tuple[Pair, str]]:
    """Yield the pairs after which somebody is let in for much longer, or for ever, and how long."""
    openers = Openers(file)
    is_named: bool | None = None
    for pair in pairs_losing(file, LIVES):
        old = _timed(pair.old)
        if old is None or is_comment(pair.new) or not _lets_in(file, pair, old[0], openers.above):
            continue
        new = _timed(pair.new)
        if new is None:
            if _is_cut(pair):
                is_named = finds(LIVES)(file.added) if is_named is None else is_named
                if not is_named:
                    yield pair, "for ever"
            continue
        was, now = _seconds(old[1]), _seconds(new[1])
        if old[0].lower() == new[0].lower() and was and _is_endless(new[1]):
            yield pair, "for ever"
        elif was and now and now >= was * _BY and _is_same(old[0], new[0]):
            yield pair, f"{now / was:.0f} times as long"


def _is_same(old: bytes, new: bytes) -> bool:
    """Return whether two names have the same unit, as far as names have one."""
    return old.lower() == new.lower() or not finds(r"(?i)sec|min|hour|day|_ms\b")(old + b" " + new)


def _is_cut(pair: Pair) -> bool:
    """Return whether a line says nothing that it did not say, and less."""
    return set(tokens(pair.new)) < set(tokens(pair.old))


def _lets_in(file: FileView, pair: Pair, name: bytes, above: Callable[[int], bytes]) -> bool:
    """Return whether what lives that long lets somebody in."""
    if finds(_WEAK_NAME)(name) and not finds(_OF_ITSELF)(name):
        return False
    if finds(_WHO)(name):
        return not finds(r"(?i)max_?tokens|cache|lock|blacklist|revo|deny|skew|grace")(name)
    if finds(_OTHERWISE)(pair.new):
        return False
    around = above(pair.new_line)
    if finds(r"(?i)cache|dns|record|queue|retention")(around):
        return False
    return finds(_WHO)(b"\n".join((pair.new, around, file.path.encode("utf-8", "replace"))))


def _timed(text: bytes) -> tuple[bytes, bytes] | None:
    """Return the name and the value of a time on a line."""
    found = expression(_NAME).search(text)
    if found is None:
        return None
    return bytes(found[1] or found[2]), text[found.end() : found.end() + _VALUE]


def _is_endless(value: bytes) -> bool:
    return finds(_NEVER)(value)


def _seconds(value: bytes) -> float:
    """Return how long a value says; 0 for none."""
    if iso := _ISO.search(value):
        parts = zip(iso.groups(), (86400, 3600, 60, 1), strict=True)
        return float(sum(int(part) * unit for part, unit in parts if part))
    for pattern, unit, number in ((_KEYWORD, 1, 2), (_CALL, 1, 2), (_TIMES, 2, 1), (_TIMED, 1, 2)):
        found = [_product(match[number]) * _unit(match[unit]) for match in pattern.finditer(value)]
        if found:
            return sum(found)
    if match := _SUFFIX.search(value):
        return _product(match[1]) * _unit(match[2])
    plain = _PLAIN.search(value)
    return _product(plain[1]) if plain else 0.0


def _unit(word: bytes) -> float:
    word = word.lower()
    short = {b"milli": b"ms", b"ms": b"ms", b"month": b"mo", b"mo": b"mo"}.get(word, word[:1])
    return _UNITS[short]


def _product(text: bytes) -> float:
    found = 1.0
    for factor in text.replace(b"_", b"").split(b"*"):
        found *= float(factor)
    return found
