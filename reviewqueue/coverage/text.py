"""Words of the report, and text that others chose made harmless to look at."""

import unicodedata

_HIDDEN = frozenset({"Cc", "Cf", "Cs", "Co", "Cn", "Zl", "Zp"})
_LONGEST = 200
_FEWEST = 20
MOST = 20
"""Rows of a list before the rest is only counted."""


def visible(text: str, longest: int = _LONGEST) -> str:
    r"""Return the text on one line, with what cannot be seen written out.

    Control, bidirectional and zero-width characters become ``\u202e`` and the like, so
    that none of them can reorder, hide or end a line of what surrounds the text.
    """
    text = " ".join(text[: longest * 4].split())
    shown = "".join(_written_out(character) for character in text)
    return shown if len(shown) <= longest else shown[: longest - 1] + "…"


def k_of_n(k: int, n: int) -> str:
    """Return ``18 of 20``, or ``none landed``."""
    return f"{k} of {n}" if n else "none landed"


def ratio(k: int, n: int) -> str:
    """Return ``18 of 20 (90 %)``; below 20 no percentage, which would say too much."""
    return f"{k_of_n(k, n)} ({percent(k / n)})" if n >= _FEWEST else k_of_n(k, n)


def percent(share: float | None) -> str:
    """Return a share as a percentage, rounded down so that 99.9 % is not called 100 %."""
    return "–" if share is None else f"{int(share * 100 + 1e-9)} %"  # noqa: RUF001 -- no figure


def _written_out(character: str) -> str:
    if unicodedata.category(character) not in _HIDDEN:
        return character
    number = ord(character)
    return f"\\u{number:04x}" if number <= 0xFFFF else f"\\U{number:08x}"  # noqa: PLR2004 -- BMP
