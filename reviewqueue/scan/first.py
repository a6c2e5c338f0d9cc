"""One line that stands for all that changes in a file."""

from reviewqueue.domain.finding import Side
from reviewqueue.scan.rule import FileView, Hit

_SHOWN = 2_000
"""Bytes of the line that are kept."""


def first_changed(file: FileView) -> tuple[int | None, str, Side]:
    """Return (1-based number, text, side) of the first added line, or else the first removed one.

    Where no line changed: None, an empty text and no side.
    """
    lines = file.added_lines() if file.added else file.removed_lines()
    number, text = next(lines, (None, b""))
    side = (Side.NEW if file.added else Side.OLD) if number else Side.NONE
    return number, text[:_SHOWN].decode("utf-8", "replace"), side


def as_a_whole(file: FileView, message: str) -> Hit:
    """Return the hit of a file in which any change counts; its identity covers all of them."""
    number, text, side = first_changed(file)
    return Hit(
        message=message,
        text=text or file.path,
        path=file.path,
        line=number,
        side=side,
        key=b"\0".join((file.old_path.encode(), file.added, file.removed)),
    )
