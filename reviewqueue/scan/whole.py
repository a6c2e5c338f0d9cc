"""Changes in the midst of their whole files, where place decides what a line means.

A hunk shows three lines around a change. Whose permission a line is, which list it stands
in, often stands further up: where the files are at hand, the same changes are read again
with every line around them. What was added and removed stays what the patch says.
"""

from collections.abc import Sequence
from dataclasses import replace

from reviewqueue.scan.parser import FilePatch, Unscannable, parse


def widened(patches: Sequence[FilePatch], whole: bytes) -> tuple[FilePatch, ...]:
    """Return the files with all their lines, those of which ``whole`` shows the same change."""
    if not whole:
        return tuple(patches)
    try:
        wide = {file.path: file for file in parse(whole)}
    except Unscannable:
        return tuple(patches)
    return tuple(_with_hunks(file, wide.get(file.path)) for file in patches)


def _with_hunks(file: FilePatch, wide: FilePatch | None) -> FilePatch:
    if wide is None or (file.old_path, file.added, file.removed) != (
        wide.old_path,
        wide.added,
        wide.removed,
    ):
        return file
    return replace(file, hunks=wide.hunks)
