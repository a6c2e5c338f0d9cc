"""What a call shows is its code, not the words of its messages."""

import pytest

from reviewqueue.scan.structure.values import values


@pytest.mark.parametrize(
    "line",
    [
        b'log.info("x", token)',
        b'print(f"got {token}")',
        b"console.log(`got ${token}`)",
        b'echo "got $token"',
        b'println!("{token}")',
        b'print("it\'s", token)',
        b'print("\\(token)")',
    ],
)
def test_it_shows_values(line: bytes) -> None:
    assert b"token" in values(line)


@pytest.mark.parametrize(
    "line", [b'log.info("no token")', b"print('the token', 3)", b'print("a \\" token")']
)
def test_it_leaves_out_the_words_of_strings(line: bytes) -> None:
    assert b"token" not in values(line)


def test_a_quote_that_is_never_closed_hides_nothing() -> None:
    assert b"token" in values(b"puts 'oops token")


def test_it_is_quick_on_many_quotes() -> None:
    assert values(b"'" * 100_001)
