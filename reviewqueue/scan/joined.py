"""Several patches read as one: a payload in parts is whole again.

Hunks of one path stand one after another, in the order of the patches; a line that one
part adds and a later one removes is on both sides, and so is not net-new.
"""

from collections.abc import Iterable, Sequence
from dataclasses import replace

from reviewqueue.scan.parser import FilePatch


def join(parts: Iterable[Sequence[FilePatch]]) -> tuple[FilePatch, ...]:
    """Return one file for each path of all parts; the last part says how it is now."""
    found: dict[bytes, FilePatch] = {}
    for part in parts:
        for file in part:
            before = found.pop(file.old_path, None) or found.pop(file.new_path, None)
            found[file.path] = _after(before, file) if before else file
    return tuple(found.values())


def _after(before: FilePatch, after: FilePatch) -> FilePatch:
    status = "A" if before.status == "A" and after.status != "D" else after.status
    return replace(
        after,
        status=status,
        old_path=b"" if status == "A" else after.old_path,
        old_mode=before.old_mode,
        binary=before.binary or after.binary,
        hunks=before.hunks + after.hunks,
        added=before.added + after.added,
        removed=before.removed + after.removed,
        added_count=before.added_count + after.added_count,
        removed_count=before.removed_count + after.removed_count,
    )
