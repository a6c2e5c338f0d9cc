"""Lines that are still there, as a comment: switched off rather than removed."""

from collections.abc import Container, Iterator

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
    now = {_bare(found[1]) for found in expression(_COMMENT).finditer(file.added)}
    now = {bare for bare in now if len(bare) >= _LEAST}
    if now and any(_bare(text) in now for text in file.removed.split(b"\n")):
        yield from _paired(file, now)


def _paired(file: FileView, now: Container[bytes]) -> Iterator[Commented]:
    """Yield the comments that were code, with where they stood."""
    before: dict[bytes, int] = {}
    for number, text in file.removed_lines():
        bare = _bare(text)
        if bare in now:
            before.setdefault(bare, number)
    comment = expression(_COMMENT)
    for number, text in file.added_lines():
        found = comment.search(text)
        bare = _bare(found[1]) if found else b""
        if bare in before:
            yield number, bytes(found[1]).strip(), before[bare]


def _bare(text: bytes) -> bytes:
    return b" ".join(text.split()).rstrip(_CLOSING + b",;")
