"""Evidence without secrets: four characters and a salted hash stand for each.

What is masked is gone before anything is stored, printed or logged; the same secret
masks alike, so that it can be recognised without being known. Masking errs on the side
of hiding: a reviewer has the diff itself.
"""

import hashlib
import re
import unicodedata
from collections.abc import Callable
from itertools import pairwise

from reviewqueue.scan.tokens import bits

LENGTH = 200
"""Characters of evidence that are kept."""
_READ = 8192
"""Characters of a text that are looked at; what comes after is never shown."""
_SHOWN = 4
_HASH = 6
_PASSES = 6
_RUN = 20
"""Shortest run of letters and digits that can be a secret by its randomness alone."""

_MASK = r"…\[[0-9a-f]{6}\]"
_MASKED_INSIDE = re.compile(_MASK)
_ONE_MASK = re.compile(rf"[^…]{{0,{_SHOWN}}}{_MASK}")
_TOKENS = re.compile(
    r"(?:AKIA|ASIA|ABIA|ACCA|AROA|AIDA)[0-9A-Z]{12,}"
    r"|gh[pousr]_[A-Za-z0-9]{16,}|github_pat_\w{16,}|gl(?:pat|ptt|rt|dt|cbt|soat)-[\w-]{16,}"
    r"|xox[a-z](?:\.xox[a-z])?-[\w-]{8,}|xapp-[\w-]{10,}"
    r"|sk-(?:proj|ant|or|svcacct)-[\w-]{8,}|(?<![A-Za-z0-9])sk-[\w-]{16,}|(?:sk|rk|pk|whsec)_(?:live_|test_)?[A-Za-z0-9]{16,}"
    r"|AIza[\w-]{20,}|ya29\.[\w-]{16,}|GOCSPX-[\w-]{16,}|1//[\w-]{30,}"
    r"|npm_[A-Za-z0-9]{20,}|pypi-[\w-]{20,}|hf_[A-Za-z0-9]{20,}|rubygems_[0-9a-f]{20,}"
    r"|SG\.[\w-]{16,}\.[\w-]{16,}|key-[0-9a-f]{32}|dop_v1_[0-9a-f]{32,}|dckr_pat_[\w-]{16,}"
    r"|shp(?:at|ss|ca|pa)_[0-9a-fA-F]{16,}|hv[sbr]\.[\w-]{16,}|AGE-SECRET-KEY-1[0-9A-Z]{16,}"
    r"|eyJ[\w-]{8,}\.[\w-]{4,}(?:\.[\w-]*)*",
    re.ASCII,
)
_NAME = (
    r"(?:pass(?:word|wd|phrase|code)?|pwd|secrets?|tokens?|api_?key|access_?key|private_?key"
    r"|secret_?key|auth_?key|signing_?key|encryption_?key|credentials?|client_?secret"
    r"|account_?key|shared_?key|bearer|authorization|cookie|auth)"
)
_QUOTED_VALUE = r"""(?P<quote>["'`])(?P<quoted>(?:\\.|(?!(?P=quote)).)*)(?:(?P=quote)|\Z)"""
_ASSIGNED = re.compile(
    rf"(?P<name>(?-i:(?<![A-Za-z])|(?<=[a-z])(?=[A-Z])){_NAME}\d*(?-i:(?![a-z]))[\w-]*)"
    r"""(?P<between>["'`\])}]*\s*(?::=|=>|->|[=!]==?|[=:,])\s*(?:[fbru]{0,2}(?=["'`]))?"""
    r"(?:(?:Bearer|Basic|Token)\s+)?)"
    rf"(?:{_QUOTED_VALUE}|(?P<bare>[^\s\"'`,;(){{}}\[\]<>]+)(?P<after>[(\[.{{]?))",
    re.IGNORECASE | re.DOTALL,
)
_FLAG = re.compile(
    rf"(?P<keep>--?[\w-]{{0,40}}{_NAME}[= ]\s*[\"']?|\b(?:Bearer|Basic)\s+"
    r"|\s-u\s{0,4}[\"']?[^\s:\"']{1,80}:)"
    r"(?P<secret>[^\s\"'`]{6,})",
    re.IGNORECASE,
)
_ADDRESS = re.compile(
    r"(?P<keep>[a-z][a-z0-9+.-]{0,20}://[^\s/:@\"']{0,200}:)(?P<secret>[^\s/@\"'][^\s@\"']*)(?=@)",
    re.IGNORECASE,
)
_HOOK = re.compile(
    r"(?P<keep>hooks\.slack\.com/(?:services|workflows)/|/api/webhooks/|api\.telegram\.org/bot"
    r"|[?&](?:sig|sv|key|token|signature|X-Amz-Signature|access_token)=)(?P<secret>[^\s\"'&]{8,})",
    re.IGNORECASE,
)
_PAIR = re.compile(
    r"(?P<keep>\bauth\s*=\s*\(\s*[\"'][^\"']*[\"']\s*,\s*[\"'])(?P<secret>[^\"']+)", re.IGNORECASE
)
_PEM = re.compile(
    r"(?P<keep>-----BEGIN [A-Z0-9 ]*PRIVATE KEY(?: BLOCK)?-----)"
    r"(?P<secret>.+?)(?P<end>-----END [A-Z0-9 ]*PRIVATE KEY(?: BLOCK)?-----|\Z)",
    re.DOTALL,
)
_RANDOM = re.compile(rf"[A-Za-z0-9+/_-]{{{_RUN},}}={{0,2}}")
_HARMLESS = re.compile(
    r"\$\{\{[^}]*\}\}|\$\{[A-Z0-9_]+\}|\$\(?[A-Z_][A-Z0-9_]*\)?|\{\{[\s\w.-]*\}\}|\{\w*\}|%\(\w+\)s|%s"
    r"|<[a-z _-]+>|<[A-Z _-]+>|\*+|x+|X+|\.+|",
)
_WORD = re.compile(
    r"none|null|nil|true|false|undefined|str|string|bytes|int|integer|number|bool|boolean|any"
    r"|object|self|this|await|new|not|optional|secretstr|required|default|env|os|process|config"
    r"|settings|return|yield|lambda|async|function|const|let|var|if|else|in|is|and|or",
    re.IGNORECASE,
)
_KINDS = str.maketrans(
    "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789",
    "a" * 26 + "A" * 26 + "0" * 10,
)
_MIXED = 0.25
_SPREAD = 3.0
_VISIBLE = {"\n": " ", "\t": " "}


def mask(text: str, salt: bytes) -> str:
    """Return at most 200 characters of ``text``, secrets masked, control characters escaped.

    A secret becomes its first four characters, ``…`` and six hex digits keyed by ``salt``.
    Masked text stays as it is when masked again.
    """
    text = _escaped(_head(text))
    for _ in range(_PASSES):
        masked = _cut(_masked(text, salt))
        if masked == text:
            break
        text = masked
    return text


def _head(text: str) -> str:
    """Cut an overlong text at the last white space, so that no part of a word is judged."""
    if len(text) <= _READ:
        return text
    head = text[:_READ]
    end = max(head.rfind(" "), head.rfind("\t"), head.rfind("\n"))
    return head[: end if end > LENGTH else _SHOWN] + " …"


def _escaped(text: str) -> str:
    if text.isprintable():
        return text
    return "".join([_visible(letter) for letter in text])


def _visible(letter: str) -> str:
    if letter.isprintable() or unicodedata.category(letter) not in {"Cc", "Cf", "Cs", "Zl", "Zp"}:
        return letter
    return _VISIBLE.get(letter) or letter.encode("unicode_escape", "surrogatepass").decode()


def _cut(text: str) -> str:
    if len(text) <= LENGTH:
        return text
    end = LENGTH - 1
    for found in _ONE_MASK.finditer(text):
        if found.start() < end < found.end():
            end = found.start()
    return text[:end] + "…"


def _masked(text: str, salt: bytes) -> str:
    def hidden(secret: str) -> str:
        return secret if _ONE_MASK.fullmatch(secret) else _stand_in(secret, salt)

    for pattern in (_PEM, _ADDRESS, _HOOK, _PAIR):
        text = pattern.sub(lambda found: _keeping(found, hidden), text)
    text = _TOKENS.sub(lambda found: hidden(found[0]), text)
    text = _ASSIGNED.sub(lambda found: _assigned(found, hidden), text)
    text = _FLAG.sub(lambda found: _flagged(found, hidden), text)
    return _RANDOM.sub(lambda found: hidden(found[0]) if _random(found[0]) else found[0], text)


def _stand_in(secret: str, salt: bytes) -> str:
    digest = hashlib.blake2b(
        secret.encode("utf-8", "surrogatepass"),
        key=hashlib.sha256(salt).digest(),
        digest_size=_HASH // 2,
    )
    shown = secret[: min(_SHOWN, len(secret) // 2)].replace("…", ".")
    return f"{shown}…[{digest.hexdigest()}]"


def _keeping(found: re.Match[str], hidden: Callable[[str], str]) -> str:
    secret = found["secret"]
    end = found.groupdict().get("end") or ""
    if not secret.strip(" \\nr\"'+,;"):
        return found[0]
    return found["keep"] + hidden(secret) + end


def _assigned(found: re.Match[str], hidden: Callable[[str], str]) -> str:
    value = found["quoted"] if found["quote"] else found["bare"]
    start = found[0][: found.start("quoted" if found["quote"] else "bare") - found.start()]
    rest = found[0][len(start) + len(value) :]
    if found["quote"]:
        named = "," in found["between"] and not found["name"].isupper()
        harmless = named or _HARMLESS.fullmatch(value) is not None
    else:
        code = bool(found["after"]) or _is_code(value)
        harmless = code or "," in found["between"] or _is_count(found["name"], value)
    return found[0] if harmless else start + hidden(value) + rest


def _is_count(name: str, value: str) -> bool:
    return value.replace("_", "").isdigit() and (len(value) < _SHOWN or name[-1:] in "sS")


def _is_code(value: str) -> bool:
    """Return whether a bare value is an expression or a type rather than a literal."""
    if _HARMLESS.fullmatch(value) or _WORD.fullmatch(value):
        return True
    if value[:1] in "=&|!?*/+~" or not value.strip("-_=.:|!?&*/+~^%$#@\\"):
        return True
    dotted = re.fullmatch(r"[A-Za-z_]\w{0,30}(?:\.[A-Za-z_]\w{0,30}){1,5}", value, re.ASCII)
    if dotted and not _random(value.replace(".", "")):
        return True
    return re.search(_NAME, value, re.IGNORECASE) is not None and value.isidentifier()


def _flagged(found: re.Match[str], hidden: Callable[[str], str]) -> str:
    secret = found["secret"]
    if _HARMLESS.fullmatch(secret) or secret[0] in "$<{-" or _MASKED_INSIDE.search(secret):
        return found[0]
    return found["keep"] + hidden(secret)


def _random(run: str) -> bool:
    """Return whether a run of letters and digits looks drawn rather than written.

    Drawn text has letters and digits, changes often between kinds of characters, and
    repeats few of them; words, paths and identifiers do not.
    """
    kinds = re.sub(r"[^aA0]", "", run.translate(_KINDS))
    if "0" not in kinds or not ("a" in kinds or "A" in kinds):
        return False
    changes = sum(one != other for one, other in pairwise(kinds))
    if changes < _MIXED * len(run):
        return False
    return bits(run) >= _SPREAD
