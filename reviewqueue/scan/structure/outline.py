"""Where each line of a YAML, HCL or JSON fragment hangs: its path of keys.

A diff shows pieces of a file, so nothing is parsed as a document: indentation and
brackets of one side (context and changed lines) give each value the keys it stands
under, as far as the hunk shows them. Templates, comments and odd lines are passed over;
nothing raises, and the cost is linear: a line is read to its limit, and only so many lines.
What is beyond these limits a rule tells with :func:`unread` or :func:`cut`: never as clean.
"""

import re
from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from reviewqueue.domain.finding import Severity, Side
from reviewqueue.scan.rule import FileView, Hit, Line

ITEM = "[]"
"""Stands in a path for a place in a list."""
_LINE = 4_096
"""Bytes of a line that are read."""
_LINES = 50_000
"""Lines of a file's side that are read."""
_DEPTH = 64
"""Keys of a path that are kept."""
_PART = re.compile(
    r"\$?\{\{[^}]*\}\}|\$\{[^}\"]*\}|\"[^\"\\]*\"|'[^'\\]*'|"
    r"(?:(?<=\s)|^)(?:#|//)[\s\S]*|[\[\]{}(),;]|[^\[\]{}(),;\"'$#/\s]+|\s+|[\s\S]"
)
_PAIR = re.compile(
    r"(?:\"(?P<double>[^\"]*)\"|'(?P<single>[^']*)')\s*(?::|=>?)\s*(?P<quoted>[\s\S]*)|"
    r"(?P<bare>[^\s\"'=:?][^\s\"'=:]*(?:::?[^\s\"'=:]+)*)\s*(?::(?=\s|$|[\"'])|=(?![=~])>?)"
    r"\s*(?P<plain>[\s\S]*)"
)
_TEXT = re.compile(r"[|>][+-]?\d?[+-]?\s*(?:#.*)?")
_CONTROL = re.compile(r"\{\{-?[^}]*-?\}\}\s*")
_OPEN, _CLOSE = "[{(", "]})"


@dataclass(frozen=True, slots=True)
class Entry:
    """One value, or one key that holds others, on one side of a file."""

    path: tuple[str, ...]
    """The keys it stands under, the outermost that the hunk shows first, its own last;
    lists are ``[]``."""
    value: str
    """Without quotes; empty where the key holds other entries."""
    number: int
    """The 1-based line on the side."""
    is_changed: bool
    """Whether the line is added (removed, on the old side), not context."""
    line: bytes
    """The line's text, as far as it is read."""

    @property
    def key(self) -> str:
        """The innermost name in lower case: the list's, for an item of a list."""
        return next((key.lower() for key in reversed(self.path) if key != ITEM), "")

    @property
    def under(self) -> tuple[str, ...]:
        """Every name of the path in lower case."""
        return tuple(key.lower() for key in self.path if key != ITEM)

    def hit(
        self,
        file: FileView,
        message: str,
        *,
        severity: Severity | None = None,
        discountable: bool = False,
    ) -> Hit:
        """Return the hit of an entry of the new side."""
        return Hit(
            message=message,
            text=self.line.decode("utf-8", "replace").strip(),
            path=file.path,
            line=self.number,
            side=Side.NEW,
            severity=severity,
            discountable=discountable,
            key="\0".join((*self.under[-3:], self.value)).encode(),
        )


@dataclass(slots=True)
class _Level:
    indent: int
    key: str
    bracket: str = ""


def outline(file: FileView, side: Side) -> Iterator[Entry]:
    """Yield the entries of one side, in order; :func:`unread` has what is beyond the limits."""
    other = b"-" if side is Side.NEW else b"+"
    left = _LINES
    for old_start, new_start, lines in file.hunks():
        reader = _Reader()
        number = (new_start if side is Side.NEW else old_start) - 1
        for line in lines[:left]:
            mark = line[:1]
            if mark in {other, b"\\"}:
                continue
            number += 1
            yield from reader.read(line, number)
        left -= min(left, len(lines))


def unread(file: FileView) -> Iterator[tuple[int, bytes]]:
    """Yield (1-based number, text) of the added lines that are not read, or not to their end."""
    left = _LINES
    for _, start, lines in file.hunks():
        number = start - 1
        for place, line in enumerate(lines):
            number += line[:1] not in {b"-", b"\\"}
            if line[:1] == b"+" and (place >= left or len(line) > _LINE + 1):
                yield number, line[1:]
        left -= min(left, len(lines))


def cut(file: FileView, message: str) -> Iterator[Hit]:
    """Mark the first added line that is not read to its end: from there on nothing is known.

    ``message`` says what was not compared.
    """
    for number, text in unread(file):
        shown = text[: _LINE // 2].decode("utf-8", "replace").strip()
        key = b"cut:" + b" ".join(text[:_LINE].split())
        yield Hit(message=message, text=shown, path=file.path, line=number, side=Side.NEW, key=key)
        return


def beyond(file: FileView, places: Iterable[Line]) -> Iterator[Line]:
    """Yield those of the new side's places that stand in a line that is not read to its end."""
    numbers: frozenset[int] | None = None
    for place in places:
        if numbers is None:
            numbers = frozenset(number for number, _ in unread(file))
        if place.number in numbers:
            yield place


def gained(file: FileView, keys: frozenset[str]) -> list[Entry]:
    """Return the values under one of the names that the new side has more often than the old.

    ``keys`` in lower case. Compared by path and value: what moved is not gained.
    """
    new = [entry for entry in outline(file, Side.NEW) if entry.value and entry.key in keys]
    old = [entry for entry in outline(file, Side.OLD) if entry.value and entry.key in keys]
    return _more(new, old)


def _more(new: Iterable[Entry], old: Iterable[Entry]) -> list[Entry]:
    counted = Counter((entry.under[-3:], entry.value) for entry in new)
    counted.subtract((entry.under[-3:], entry.value) for entry in old)
    found = []
    for entry in new:
        place = (entry.under[-3:], entry.value)
        if entry.is_changed and counted[place] > 0:
            counted[place] -= 1
            found.append(entry)
    return found


class _Reader:
    """Reads one side of one hunk line by line."""

    __slots__ = ("_levels", "_text")

    def __init__(self) -> None:
        self._levels: list[_Level] = []
        self._text: int | None = None
        """The indentation of the key whose block of text is being read."""

    def read(self, line: bytes, number: int) -> Iterator[Entry]:
        text, is_changed = line[1 : _LINE + 1], line[:1] in {b"+", b"-"}
        content = text.decode("utf-8", "replace").rstrip()
        bare = content.lstrip()
        indent = _width(content[: len(content) - len(bare)])
        if not bare or self._is_text(indent):
            if bare:
                yield Entry(self._path(), bare, number, is_changed, text)
            return
        if _CONTROL.fullmatch(bare) or bare[0] in "#%" or bare.startswith("//"):
            return
        if bare.startswith("---"):
            self._levels.clear()
            return
        for path, value in self._content(bare, indent):
            yield Entry(path, value, number, is_changed, text)

    def _is_text(self, indent: int) -> bool:
        if self._text is not None and indent <= self._text:
            self._text = None
        return self._text is not None

    def _content(self, bare: str, indent: int) -> Iterator[tuple[tuple[str, ...], str]]:
        is_item = bare.startswith("- ") or bare == "-"
        self._close(indent, is_item=is_item)
        rest = bare.lstrip(_CLOSE + ",; ")
        while is_item:
            self._push(indent, ITEM, "-")
            inner = rest[1:].lstrip()
            indent += len(rest) - len(inner)
            rest = inner
            is_item = rest.startswith("- ")
        yield from self._pieces(rest, indent)

    def _pieces(self, rest: str, indent: int) -> Iterator[tuple[tuple[str, ...], str]]:
        base = len(self._levels)
        piece: list[str] = []
        for part in _PART.findall(rest):
            if part.startswith(("#", "//")) and (not piece or piece[-1].isspace()):
                break
            if len(part) > 1 or part not in "[]{}(),;":
                piece.append(part)
                continue
            text, piece = "".join(piece).strip(), []
            if part in _OPEN:
                yield from self._opened(text, indent, part)
            else:
                yield from self._piece(text)
                if part in _CLOSE and len(self._levels) > base:
                    self._levels.pop()
        text = "".join(piece).strip()
        if text:
            yield from self._last(text, indent)

    def _opened(
        self, text: str, indent: int, bracket: str
    ) -> Iterator[tuple[tuple[str, ...], str]]:
        pair = _PAIR.fullmatch(text)
        key, value = _split(pair) if pair else (" ".join(text.replace('"', " ").split()), "")
        if not key and bracket == "{" and self._levels and self._levels[-1].bracket == "[":
            key = ITEM
        self._push(indent, key, bracket)
        if key and key != ITEM:
            yield self._path(), value

    def _piece(self, text: str) -> Iterator[tuple[tuple[str, ...], str]]:
        if not text:
            return
        pair = _PAIR.fullmatch(text)
        if pair:
            key, value = _split(pair)
            yield (*self._path(), key), value
            return
        path = self._path()
        yield path if path and path[-1] == ITEM else (*path, ITEM), _unquoted(text)

    def _last(self, text: str, indent: int) -> Iterator[tuple[tuple[str, ...], str]]:
        """Read what ends the line: a value, or a key whose values follow below."""
        pair = _PAIR.fullmatch(text)
        if not pair:
            yield from self._piece(text)
            return
        key, value = _split(pair)
        is_text = _TEXT.fullmatch(value) is not None
        if not value or is_text or value.startswith("<<"):
            self._push(indent, key, "")
            self._text = indent if is_text else None
            yield self._path(), ""
        else:
            yield (*self._path(), key), value

    def _close(self, indent: int, *, is_item: bool) -> None:
        levels = self._levels
        while levels and levels[-1].indent >= indent:
            if is_item and levels[-1].indent == indent and levels[-1].bracket != "-":
                return
            levels.pop()

    def _push(self, indent: int, key: str, bracket: str) -> None:
        if len(self._levels) < _DEPTH:
            self._levels.append(_Level(indent, key, bracket))

    def _path(self) -> tuple[str, ...]:
        return tuple([level.key for level in self._levels if level.key])


def _split(pair: re.Match[str]) -> tuple[str, str]:
    key = pair["double"] or pair["single"] or pair["bare"] or ""
    return key, _unquoted(pair["quoted"] or pair["plain"] or "")


def _unquoted(text: str) -> str:
    text = text.strip().removesuffix("\\").strip()
    return text[1:-1] if len(text) > 1 and text[0] == text[-1] and text[0] in "\"'`" else text


def _width(space: str) -> int:
    return len(space.expandtabs(4))
