"""One line that stands for all that changes in a file."""

from dataclasses import replace

from reviewqueue.domain.finding import Severity, Side
from reviewqueue.scan.rule import FileView, Hit


def as_a_whole(file: FileView, message: str, severity: Severity | None = None) -> Hit:
    """Return the hit of a file in which any change counts; its identity covers all of them.

    It shows the first added line, or else the first removed one; the path where no line changed.
    """
    side = Side.NEW if file.added else Side.OLD if file.removed else Side.NONE
    lines = file.added_lines() if file.added else file.removed_lines()
    number, text = next(lines, (None, file.path.encode()))
    hit = Hit.on(file, number, text or file.path.encode(), message, side=side, severity=severity)
    return replace(hit, key=b"\0".join((file.old_path.encode(), file.added, file.removed)))
