"""Made-up tokens are told from drawn ones, and checksums are verified."""

import binascii

import pytest

from reviewqueue.scan.tokens import bits, checksum_fits, is_made_up, is_random

LETTERS = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"
BODY = "q7RtW2mZx9LdV4bNc1KsY8hJf3PgT6"


def issued(prefix: str) -> str:
    number, digits = binascii.crc32(BODY.encode()), ""
    while number:
        number, rest = divmod(number, 62)
        digits = LETTERS[rest] + digits
    return f"{prefix}_{BODY}{digits.rjust(6, '0')}"


@pytest.mark.parametrize("prefix", ["ghp", "gho", "ghs", "npm"])
def test_a_checksum_that_fits_is_known(prefix: str) -> None:
    assert checksum_fits(issued(prefix))
    assert checksum_fits(issued(prefix)[:-1] + "_") is None
    assert checksum_fits(f"{prefix}_{BODY}zzzzzz") is False


@pytest.mark.parametrize(
    "text", ["x" * 40, "AKIAIOSFODNN7EXAMPLE", "abcdefghijklmnop", "1234567890", "your-key-here"]
)
def test_it_knows_a_made_up_token(text: str) -> None:
    assert is_made_up(text)
    assert not is_random(text)


@pytest.mark.parametrize("text", [BODY, "t7Gw2kPz9xQ4Lm8vR1", "9f86d081884c7d659a2feaa0c55ad015"])
def test_it_knows_a_drawn_value(text: str) -> None:
    assert not is_made_up(text)
    assert is_random(text)


@pytest.mark.parametrize(
    "text", ["short1a", "correct-horse-battery-staple", "settingsBackgroundColour1"]
)
def test_words_are_not_drawn(text: str) -> None:
    assert not is_random(text)


def test_bits_are_measured_a_character() -> None:
    assert bits("") == 0
    assert bits("aaaa") == 0
    assert bits("abcd") == 2
