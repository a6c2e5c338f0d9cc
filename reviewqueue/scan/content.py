"""The identity of a diff's content, wherever it applies."""

import hashlib
from collections.abc import Iterator

from reviewqueue.scan.diff import Diff, FileFacts
from reviewqueue.scan.parser import FilePatch, Unscannable, cross_check, parse

_NO_BLOB = "0"


def content_id(diff: Diff) -> str:
    """Return SHA-256 hex over all that a diff does; empty where it cannot be read.

    Equal for equal changes on another base: it covers paths, modes and every hunk's lines
    verbatim, white space and context included, but no line numbers and no blob ids. A file
    whose content was not seen counts by its blobs; without these there is no identity.
    """
    if diff.problem:
        return ""
    try:
        patches = parse(diff.patch)
    except Unscannable:
        return ""
    if diff.files is not None and cross_check(patches, diff.files):
        return ""
    digest = hashlib.sha256()
    blobs = {path: facts for facts in diff.files or () for path in _paths(facts)}
    unread = {unread.path for unread in diff.unread}
    if any(path not in blobs for path in unread):
        return ""
    for patch in sorted(patches, key=lambda one: (one.new_path, one.old_path)):
        unseen = patch.binary or not unread.isdisjoint((patch.old_path, patch.new_path))
        facts = blobs.get(patch.path)
        if unseen and (facts is None or not _known(facts)):
            return ""
        for part in _parts(patch, facts if unseen else None):
            digest.update(b"%d:" % len(part))
            digest.update(part)
    return digest.hexdigest()


def _paths(facts: FileFacts) -> tuple[bytes, ...]:
    return tuple(path for path in (facts.old_path, facts.new_path) if path)


def _known(facts: FileFacts) -> bool:
    """Return whether git named a blob on each side where there is a file."""
    old = facts.status == "A" or facts.old_blob.strip(_NO_BLOB) != ""
    return old and (facts.status == "D" or facts.new_blob.strip(_NO_BLOB) != "")


def _parts(patch: FilePatch, facts: FileFacts | None) -> Iterator[bytes]:
    """Yield everything that tells one file's change from another, in order."""
    yield patch.status.encode()
    yield patch.old_path
    yield patch.new_path
    yield b"%o %o" % (patch.old_mode, patch.new_mode)
    yield b"%d" % len(patch.hunks)
    for hunk in patch.hunks:
        yield b"\n".join(hunk.lines)
    yield b"" if facts is None else f"{facts.old_blob} {facts.new_blob}".encode()
