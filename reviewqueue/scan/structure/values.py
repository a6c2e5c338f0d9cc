"""What a call really shows: code, without the words of its string literals.

``log("no token given")`` speaks of a token, ``log("token", token)`` shows one. Read by
characters, so that no input can make it slow; it errs on the side of taking text for code.
"""

_QUOTES = b"\"'`"
_OPEN, _CLOSE, _DOLLAR, _ESCAPE = b"{"[0], b"}"[0], b"$"[0], b"\\"[0]


def values(text: bytes) -> bytes:
    r"""Return one line's code, and what its strings interpolate, apart by spaces.

    In strings ``{…}`` (f-strings, templates, format macros), ``$NAME`` and ``\\(…)`` are
    taken for interpolation. A quote that is never closed ends nothing.
    """
    shown = bytearray()
    at = 0
    while at < len(text):
        if text[at] in _QUOTES and (end := _closing(text, at)) > at:
            shown += b" " + _interpolated(text[at + 1 : end]) + b" "
            at = end + 1
        else:
            shown.append(text[at])
            at += 1
    return bytes(shown)


def _closing(text: bytes, at: int) -> int:
    """Return where the string that opens at ``at`` ends; -1 where it does not."""
    quote = text[at]
    place = at + 1
    while place < len(text):
        if text[place] == _ESCAPE:
            place += 1
        elif text[place] == quote:
            return place
        place += 1
    return -1


def _interpolated(text: bytes) -> bytes:
    """Return what stands in braces or after a dollar sign, each ended by a comma."""
    shown = bytearray()
    depth = 0
    named = False
    for place, letter in enumerate(text):
        named = letter == _DOLLAR or (named and _is_word(letter))
        if letter == _OPEN or text[place : place + 2] == b"\\(":
            depth += 1
            shown += b" "
        elif depth and (letter == _CLOSE or (letter == b")"[0] and b"\\(" in text)):
            depth -= 1
            shown += b","
        elif depth or named:
            shown.append(letter)
        elif shown and shown[-1] not in b", ":
            shown += b","
    return bytes(shown) + b"," if shown else b""


def _is_word(letter: int) -> bool:
    return chr(letter).isalnum() or letter == b"_"[0]
