"""A secret in the open.

What it flags
    Added text in the shape of a well-known credential: cloud keys, forge and package
    registry tokens, chat and payment tokens, private keys. Shapes that are plainly made
    up (repeated characters, "example") are left out.

Why it matters
    What is in history stays in history and in every clone; bots find it within minutes.

How to review it
    Revoke it first; removing it from the next commit changes nothing.
    Then ask how it got here, and what it could reach.

Not flagged
    Names of variables that hold secrets, hashes, public keys, made-up values; tests and
    prose weigh one level less.
"""

from collections.abc import Iterator

from reviewqueue.domain.finding import Confidence, Pathway, Severity, Side
from reviewqueue.domain.paths import Label
from reviewqueue.scan.rule import Hit, Rule, Stability, View, expression

_CREDENTIAL = (
    r"\b(?:AKIA|ASIA)[0-9A-Z]{16}\b|"
    r"\bgh[pousr]_[A-Za-z0-9]{36}|\bgithub_pat_[A-Za-z0-9_]{60}|\bglpat-[A-Za-z0-9_-]{20}|"
    r"\bxox[abprs]-[0-9]{8,}-[A-Za-z0-9-]{16}|\bsk-ant-[a-z0-9]{4,6}-[A-Za-z0-9_-]{60}|"
    r"\bsk-proj-[A-Za-z0-9_-]{40}|\bAIza[0-9A-Za-z_-]{35}|\b[sr]k_live_[0-9a-zA-Z]{24}|"
    r"\bnpm_[A-Za-z0-9]{36}\b|\bpypi-AgEIcHlwaS5vcmc[A-Za-z0-9_-]{50}|\bhf_[A-Za-z0-9]{34}\b|"
    r"\bSG\.[A-Za-z0-9_-]{22}\.[A-Za-z0-9_-]{43}|\bdop_v1_[a-f0-9]{64}"
)
_KEY = (
    r"-----BEGIN (?:RSA |EC |DSA |OPENSSH |ENCRYPTED |PGP )?PRIVATE KEY(?: BLOCK)?-----"
    r"(?:\\n|\s)+[A-Za-z0-9+/=\s\\n:,-]{100}"
)
_ALIKE = 10
"""Different characters that a random token of 16 or more surely has."""
_FAKE = ("example", "xxxx", "0000", "1234567", "abcdef", "fake", "dummy", "sample", "placeholder")


def check(view: View) -> Iterator[Hit]:
    """Mark tokens that are not plainly made up, and private keys with a body."""
    token = expression(_CREDENTIAL)
    for file in view.where(_CREDENTIAL, _KEY, side=Side.NEW):
        if Label.LOCK in file.labels:
            continue
        for line in file.new(_CREDENTIAL):
            found = token.search(line.text.encode())
            if found and not _is_made_up(found[0].decode("latin-1")):
                yield Hit.at(file, line, "a credential is committed", discountable=True)
        for line in file.new(_KEY):
            yield Hit.at(file, line, "a private key is committed", discountable=True)


def _is_made_up(text: str) -> bool:
    low = text.lower()
    return len(set(text)) < _ALIKE or any(word in low for word in _FAKE)


RULE = Rule(
    id="secret-committed",
    pathway=Pathway.CREDENTIALS,
    severity=Severity.HIGH,
    confidence=Confidence.HIGH,
    stability=Stability.STABLE,
    summary="commits a secret",
    triggers=(_CREDENTIAL, _KEY),
    check=check,
)
