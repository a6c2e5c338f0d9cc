r"""Whether a changed line of a program says the same in another spelling.

Only what can be proved on the line is taken for the same: a value that is given a name where
it is asked for first (``if (n := self.many()) is not None``) and called by it afterwards, a
mark for a text with nothing to put into it, an index by a list of places written as a call,
and brackets around a comparison that nothing but ``and`` or ``or`` touches.
"""

import re
from collections.abc import Mapping

from reviewqueue.scan.rule import FileView

_NAMED = re.compile(rb"\((\w+) := ")
_WORD = re.compile(rb"(?<![\w.])[A-Za-z_]\w*")
_NO_PLACE = re.compile(rb"(?<![\w'\"])[fF]((\")[^\"{}\\]*\"|(')[^'{}\\]*')")
_PLACES = re.compile(rb"\[([A-Za-z_]\w*), ?\.\.\.\]")
_TAKEN = re.compile(rb"\.index_select\(0, ?([A-Za-z_]\w*)\)")
_BRACKETED = re.compile(
    rb"((?:^|\s)(?:if|and|or|elif|while) )\(([\w.]+ (?:is not|is|[<>]=?|[!=]=) [\w.]+)\)"
    rb"(?= (?:and|or)\b|:|$)"
)
_LONGEST = 600
"""Bytes of a line that somebody wrote."""
_MOST = 20
"""Names that a change gives so; with more of them it is to be read as a whole."""
_SHOWN = 100_000
"""Bytes of a side of a file in which names are looked for."""


def named(file: FileView) -> dict[bytes, bytes]:
    """Return the names that a file newly gives to values within a condition, and the values.

    A name that it also gives otherwise, or had before, is none of them.
    """
    text = file.added[:_SHOWN]
    found: dict[bytes, bytes] = {}
    for begins in _NAMED.finditer(text):
        value = _value(text, begins.end())
        if begins[1] in found or not value or len(found) == _MOST:
            return {}
        found[begins[1]] = value
    return {name: value for name, value in found.items() if _is_once(file, name)}


def is_respelt(old: bytes, new: bytes, names: Mapping[bytes, bytes]) -> bool:
    """Return whether two lines are one, spelt in two ways."""
    if max(len(old), len(new)) > _LONGEST:
        return False
    return _plain(old, {}) == _plain(new, names)


def _plain(text: bytes, names: Mapping[bytes, bytes]) -> bytes:
    text = b" ".join(text.split())
    for name, value in names.items():
        text = text.replace(b"(" + name + b" := " + value + b")", value)
    if names:
        text = _WORD.sub(lambda word: names.get(word[0], word[0]), text)
    text = _NO_PLACE.sub(rb"\1", text)
    text = _TAKEN.sub(rb"[\1, ...]", _PLACES.sub(rb"[\1, ...]", text))
    return _BRACKETED.sub(rb"\1\2", text)


def _value(text: bytes, at: int) -> bytes:
    """Return what stands from a place up to the bracket that closes there, on its line."""
    depth = 1
    for end in range(at, min(len(text), at + _LONGEST)):
        letter = text[end : end + 1]
        depth += (letter == b"(") - (letter == b")")
        if letter == b"\n":
            return b""
        if depth == 0:
            return text[at:end]
    return b""


def _is_once(file: FileView, name: bytes) -> bool:
    """Return whether a name is given to a value once, and by the added lines."""
    given = re.compile(rb"\b" + name + rb"\b[ ]*(?::?=(?!=)|[-+*/|&]=|,[\w ,]{0,40}=(?!=)| in )")
    if re.search(rb"\b" + name + rb"\b", file.removed[:_SHOWN]):
        return False
    return len(given.findall(file.added[:_SHOWN])) == 1
