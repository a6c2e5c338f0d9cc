"""Lines that are still there, as a comment: switched off rather than removed."""

from collections.abc import Iterator

from reviewqueue.scan.rule import FileView, expression

_COMMENT = r"^[ \t]*(?:(?://+|#+|--+|;+|%+|<!--|/\*+|\*)[ \t]*|\{\{?[#/!*]-*[ \t]*)([^\n]*)$"
_CLOSING = b" \t\r*/-->}"
_LEAST = 6
"""Characters that a line must have, so that brackets alone are no coincidence."""

Commented = tuple[int, bytes, int]
"""New line number, the text without its marker, old line number."""


def commented_out(file: FileView) -> Iterator[Commented]:
    """Yield the lines that were code before the change, and are a comment after it."""
    if not (file.added and file.removed):
        return
    comment = expression(_COMMENT)
    if not comment.search(file.added):
        return
    before: dict[bytes, int] = {}
    for number, text in file.removed_lines():
        before.setdefault(_bare(text), number)
    for number, text in file.added_lines():
        found = comment.search(text)
        bare = _bare(found[1]) if found else b""
        if len(bare) >= _LEAST and bare in before:
            yield number, bytes(found[1]).strip(), before[bare]


def _bare(text: bytes) -> bytes:
    return b" ".join(text.split()).rstrip(_CLOSING + b",;")
