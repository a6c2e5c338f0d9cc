"""Docstrings as pages show them: paragraphs, lists, code; all of it escaped."""

import re
from collections.abc import Iterator

from markupsafe import Markup

from reviewqueue.web.visible import visible_html

Block = tuple[str, str | list[str]]
"""``text``, ``list`` or ``code``, and what it holds: text that is still to be escaped."""

_CODE = re.compile("`([^`]+)`")
_BULLETS = ("- ", "* ")
_ENDS = (".", "?", "!")


def inline(text: str) -> Markup:
    """Return the text escaped, what stands in backticks as ``<code>``."""
    parts: list[Markup] = []
    end = 0
    for found in _CODE.finditer(text):
        parts.append(visible_html(text[end : found.start()]))
        parts.append(Markup("<code>{}</code>").format(visible_html(found[1])))
        end = found.end()
    parts.append(visible_html(text[end:]))
    return Markup("").join(parts)


def blocks(text: str) -> Iterator[Block]:
    """Split a section's text into paragraphs, lists and code."""
    for kind, lines in _parts(text):
        yield _block(kind, lines)


def steps(text: str) -> Iterator[Block]:
    """Split a section that says what to do: a sentence that begins a line is a step."""
    for kind, lines in _parts(text):
        begun = list(_sentences(lines)) if kind == "text" else []
        yield ("list", begun) if len(begun) > 1 else _block(kind, lines)


def _parts(text: str) -> Iterator[tuple[str, list[str]]]:
    """Yield what each paragraph is, and its lines; a list may follow a text at once."""
    for part in text.split("\n\n"):
        lines = [line for line in part.split("\n") if line.strip()]
        if not lines:
            continue
        if all(line.startswith("    ") for line in lines):
            yield "code", lines
            continue
        first = next((at for at, line in enumerate(lines) if _is_item(line)), len(lines))
        if first:
            yield "text", lines[:first]
        if lines[first:]:
            yield "list", lines[first:]


def _block(kind: str, lines: list[str]) -> Block:
    if kind == "code":
        return kind, "\n".join(line[4:] for line in lines)
    return kind, list(_items(lines)) if kind == "list" else _joined(lines)


def _sentences(lines: list[str]) -> Iterator[str]:
    begun: list[str] = []
    for line in lines:
        if begun and begun[-1].endswith(_ENDS):
            yield _joined(begun)
            begun = []
        begun.append(line)
    yield _joined(begun)


def _is_item(line: str) -> bool:
    return line.lstrip().startswith(_BULLETS)


def _joined(lines: list[str]) -> str:
    return " ".join(line.strip() for line in lines)


def _items(lines: list[str]) -> Iterator[str]:
    item: list[str] = []
    for line in lines:
        if _is_item(line) and item:
            yield _joined(item)
            item = []
        item.append(line.lstrip()[2:] if _is_item(line) else line)
    yield _joined(item)
