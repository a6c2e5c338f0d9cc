"""Which strings are credentials: made up or random, and whether their checksum fits.

GitHub's and npm's tokens end in the CRC-32 of what stands before, in base 62: one that fits
was issued, or made to look issued.
"""

import binascii
import itertools
import math
import re
from collections import Counter

_ALPHABET = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"
_CHECKED = re.compile(r"(?:gh[pousr]|npm)_([A-Za-z0-9]{30})([A-Za-z0-9]{6})", re.ASCII)
_MADE_UP = (
    "example",
    "xxxx",
    "000000",
    "1234567",
    "abcdef",
    "fake",
    "dummy",
    "sample",
    "placeholder",
    "changeme",
    "redacted",
    "notreal",
    "not_real",
    "your",
    "testtest",
    "secret",
    "password",
    "deadbeef",
    "aaaaaa",
    "foobar",
    "invalid",
    "insert",
    "replace",
)
_ALIKE = 8
"""Different characters that a random token of 16 or more surely has."""
_LONG = 16
_ASCENDING = 6
"""Letters or digits in a row, each one more than the one before: typed by hand."""


def is_made_up(text: str) -> bool:
    """Return whether a token is plainly a stand-in: repeated, ascending, or saying so."""
    low = text.lower()
    if len(set(low)) < min(_ALIKE, len(low) // 2) or any(word in low for word in _MADE_UP):
        return True
    run = 1
    for before, after in itertools.pairwise(low):
        run = run + 1 if ord(after) == ord(before) + 1 else 1
        if run >= _ASCENDING:
            return True
    return False


def checksum_fits(token: str) -> bool | None:
    """Return whether a token's own checksum fits; None where its format has none."""
    found = _CHECKED.fullmatch(token)
    if found is None:
        return None
    number = binascii.crc32(found[1].encode())
    digits = ""
    while number:
        number, rest = divmod(number, len(_ALPHABET))
        digits = _ALPHABET[rest] + digits
    return digits.rjust(6, "0") == found[2]


def bits(text: str) -> float:
    """Return the Shannon entropy of the characters, in bits a character."""
    if not text:
        return 0.0
    shares = [count / len(text) for count in Counter(text).values()]
    return -sum(share * math.log2(share) for share in shares)


def is_random(text: str, least: float = 3.5) -> bool:
    """Return whether a value looks drawn: long, mixed, and no words."""
    if len(text) < _LONG or is_made_up(text) or bits(text) < least:
        return False
    digits = sum(letter.isdigit() for letter in text)
    letters = sum(letter.isalpha() for letter in text)
    return (
        digits > 1 and letters > 1 and not re.search(r"[A-Za-z]{14}|[a-z]+[-_.][a-z]+[-_.]", text)
    )
