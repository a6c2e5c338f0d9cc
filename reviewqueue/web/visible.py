"""Makes what text hides visible: bidi controls, zero-width and control characters.

Whatever a page shows was written by somebody who may want the reader to see something
else than what a machine will run.
"""

import re
import unicodedata

from markupsafe import Markup, escape

_HIDDEN = re.compile(
    "\r(?!\n)|["
    "\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f"  # control characters
    "\xad\u034f\u061c\u115f\u1160\u17b4\u17b5\u180b-\u180f"  # soft hyphen, fillers
    "\u200b-\u200f\u2028-\u202e\u2060-\u206f"  # zero width, bidi, separators
    "\u2800\u3164\ufe00-\ufe0f\ufeff\uffa0\ufff0-\ufffb"  # blanks, variation selectors
    "\ud800-\udfff"  # bytes that were no UTF-8, and lone surrogates
    "\U0001bca0-\U0001bca3\U0001d173-\U0001d17a\U000e0000-\U000e0fff"  # invisible tags
    "]"
)
_EMOJI = ("So", "Sk")
_RAW_BYTE = range(0xDC80, 0xDD00)
_JOINER, _EMOJI_STYLE = "\u200d", "\ufe0f"


def name_of(character: str) -> str:
    """Return how one hidden character is written: ``U+202E``, or ``x9F`` for a raw byte."""
    code = ord(character)
    if code in _RAW_BYTE:
        return f"x{code - 0xDC00:02X}"
    return f"U+{code:04X}"


def _described(character: str) -> str:
    if ord(character) in _RAW_BYTE:
        return f"byte 0x{ord(character) - 0xDC00:02X}, not UTF-8"
    return f"{name_of(character)} {unicodedata.name(character, 'control character')}".strip()


def _harmless(text: str, at: int) -> bool:
    """Tell whether the character only joins or colours an emoji."""
    before = text[at - 1] if at else ""
    if before and text[at] == _EMOJI_STYLE:
        return unicodedata.category(before) in _EMOJI
    if before and text[at] == _JOINER and at + 1 < len(text):
        emoji = before if before != _EMOJI_STYLE else text[at - 2 : at - 1]
        return bool(emoji) and all(
            unicodedata.category(near) in _EMOJI for near in (emoji, text[at + 1])
        )
    return False


def visible(text: str) -> str:
    """Return the text with each hidden character spelt out, as in ``⟨U+202E⟩``."""
    if text.isascii() and text.isprintable():
        return text

    def spell(found: re.Match[str]) -> str:
        if _harmless(text, found.start()):
            return found[0]
        return f"⟨{name_of(found[0])}⟩"

    return _HIDDEN.sub(spell, text)


def visible_html(text: str) -> Markup:
    """Return the text escaped, each hidden character as a marked element with its name."""
    parts: list[Markup] = []
    end = 0
    for found in _HIDDEN.finditer(text):
        parts.append(escape(text[end : found.start()]))
        parts.append(
            Markup('<span class="unseen" title="{}">{}</span>').format(
                _described(found[0]), name_of(found[0])
            )
        )
        end = found.end()
    parts.append(escape(text[end:]))
    return Markup("").join(parts)


def shown(value: object) -> object:
    """Spell out hidden characters in anything a template prints (Jinja's ``finalize``)."""
    if isinstance(value, str) and not isinstance(value, Markup):
        return visible(value)
    return value
