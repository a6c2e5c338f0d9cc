"""The difference between two trees: content from blobs, whatever a repository says of it."""

import os
import re
from collections import Counter
from collections.abc import Container, Iterable, Iterator, Mapping, Sequence
from dataclasses import replace

from reviewqueue.domain.paths import Label, labels
from reviewqueue.forge.git.command import (
    EMPTY_TREE,
    Git,
    GitError,
    OversizeError,
    object_name,
)
from reviewqueue.scan.diff import Diff, FileFacts, Unread
from reviewqueue.scan.parser import MAX_BYTES, Unscannable, display, parse

LARGEST_PATCH = MAX_BYTES
"""Bytes of one difference; beyond it no file counts as read."""
LARGEST_BLOB = 32 << 20
"""Bytes of one file; git is told the same as ``core.bigFileThreshold``."""

_SUBMODULE = 0o160000
_SHOWN = ("--raw", "--numstat", "--unified=3")
"""The list, the counts and, with any ``--unified``, the patch."""
_OPTIONS = (
    *("diff-tree", "-r", "-z", "--no-abbrev", "--full-index", "--submodule=short"),
    *("--ignore-submodules=none", "--no-ext-diff", "--no-textconv", "--no-color"),
    *("--no-color-moved", "--no-relative", "--inter-hunk-context=0"),
    *("--diff-algorithm=myers", "--indent-heuristic", "--src-prefix=a/", "--dst-prefix=b/"),
)
_RENAMES = ("--find-renames=50%", "-l1000")
_NUL = "NUL in source"
_SECTION = b"\ndiff --git "
_DIFFER = re.compile(rb"^Binary files .+ differ\n", re.MULTILINE)
_POINTER = b"version https://git-lfs.github.com/spec/"
_LARGEST_POINTER = 1024
_MAGIC = (
    *(b"\x7fELF", b"\x89PNG", b"GIF8", b"\xff\xd8\xff", b"PK\x03\x04", b"\x1f\x8b", b"%PDF-"),
    *(b"BZh", b"\xfd7zXZ", b"SQLite format 3\0", b"wOFF", b"wOF2", b"OggS", b"RIFF", b"fLaC"),
    *(b"\x80\x02", b"\x80\x03", b"\x80\x04", b"\x80\x05"),
)
_STARTS_OF_TEXT = (b"#!", b"<?", b"\xff\xfe", b"\xfe\xff")
_SOURCE = frozenset(
    b"bash bat c cc cfg cmake conf cpp cs css env go gradle h hcl hpp html ini ipynb java js json"
    b" jsx kt lock lua m md mjs mk php pl pm ps1 py pyi pyx r rb rs rst scala sh sql svelte swift"
    b" tf toml ts tsx txt vue xml yaml yml zsh".split()
)
_UNPRINTED = bytes(range(9)) + bytes(range(14, 32)) + bytes(range(127, 256))
_MOSTLY = 0.8
_LOOKED_AT = 1 << 16
_PATHS_AT_ONCE = 200
"""Paths on one command line: 200 of the longest still fit."""
_PLACED = frozenset(
    {
        Label.AGENT_INSTRUCTIONS,
        Label.APPROVALS,
        Label.CI,
        Label.CONFIG,
        Label.CONTAINER,
        Label.INFRASTRUCTURE,
        Label.RIGHTS,
    }
)
"""Files whose lines mean what they stand under."""
_NOT_PLACED = frozenset({Label.DATA, Label.GENERATED, Label.LOCK, Label.VENDORED})
_WHOLE = 1 << 17
"""Bytes of such a file that is shown as a whole, and so more than it has lines."""
_WHOLE_PATCH = 8 << 20
"""Bytes of all of them together."""


def difference(git: Git, base: str, sha: str) -> Diff:
    """Return what changed from ``base`` (empty: the empty tree) to ``sha``.

    Files whose content cannot be shown are listed in ``unread``. Raises GitError when
    a commit or tree is missing or damaged.
    """
    ends = (object_name(base) if base else EMPTY_TREE, object_name(sha))
    try:
        out = git.run(*_OPTIONS, *_RENAMES, *_SHOWN, "--end-of-options", *ends, limit=LARGEST_PATCH)
    except OversizeError:
        return _too_large(git, ends)
    except GitError as error:
        return _around_missing(git, ends, error)
    listed, patch = _parse(out)
    reasons = _opaque(git, listed)
    files, patch = _with_text(git, ends, listed, patch, reasons)
    unread = tuple(_unread(git, files, patch, reasons))
    return Diff(patch, files, unread, whole=_whole(git, ends, listed))


def _with_text(
    git: Git,
    ends: tuple[str, str],
    files: tuple[FileFacts, ...],
    patch: bytes,
    reasons: Mapping[bytes, str],
) -> tuple[tuple[FileFacts, ...], bytes]:
    """Show the lines of files that git calls binary for a NUL, though they read as source.

    What runs them does not mind the NUL, so somebody has to read them. Those that were
    renamed, and all of them where their lines would be too many, stay as git shows them.
    """
    source = {_path(f) for f in files if f.status in "AMD" and reasons.get(_path(f)) == _NUL}
    if not 0 < len(source) <= _PATHS_AT_ONCE:
        return files, patch
    options = (*_OPTIONS, "--no-renames", "--text", "--unified=3", "--end-of-options", *ends, "--")
    left = LARGEST_PATCH - len(patch)
    try:
        text = git.run(*options, *map(os.fsdecode, sorted(source)), limit=left)
        shown = {file.path: file for file in parse(text)}
    except (OversizeError, Unscannable):
        return files, patch
    # git counts no line of such a file, not even where it shows them.
    counted = (
        replace(file, added=shown[path].added_count, removed=shown[path].removed_count)
        if (path := _path(file)) in shown
        else file
        for file in files
    )
    return tuple(counted), _without_binary(patch, shown) + text


def _without_binary(patch: bytes, paths: Container[bytes]) -> bytes:
    """Cut out the sections that say of these files no more than that they differ."""
    kept, end = [], 0
    for found in _DIFFER.finditer(patch):
        start = max(patch.rfind(_SECTION, 0, found.start()) + 1, 0)
        if parse(patch[start : found.end()])[0].path in paths:
            kept.append(patch[end:start])
            end = found.end()
    return b"".join((*kept, patch[end:]))


def _whole(git: Git, ends: tuple[str, str], files: Sequence[FileFacts]) -> bytes:
    """Return the changes of small files in which place decides, with every line around them.

    There is none of it where it would be much: what the patch shows is scanned all the same.
    """
    placed = [file for file in files if file.status == "M" and file.added is not None]
    placed = [file for file in placed if _is_placed(file)]
    if not placed:
        return b""
    sizes = _sizes(git, placed)
    small = [f for f in placed if all((sizes.get(b) or 0) <= _WHOLE for b in _blobs(f))]
    paths = [os.fsdecode(_path(file)) for file in small[:_PATHS_AT_ONCE]]
    options = (*_OPTIONS, "--no-renames", f"--unified={_WHOLE}", "--end-of-options", *ends, "--")
    try:
        return git.run(*options, *paths, limit=_WHOLE_PATCH) if paths else b""
    except OversizeError:
        return b""


def _is_placed(file: FileFacts) -> bool:
    found = labels(display(_path(file)))
    return not found.isdisjoint(_PLACED) and found.isdisjoint(_NOT_PLACED)


def _too_large(git: Git, ends: tuple[str, str]) -> Diff:
    """Return the list of files only, none of them read."""
    files = _listing(git, ends)
    return Diff(b"", files, tuple(Unread(_path(file), "too large") for file in files))


def _around_missing(git: Git, ends: tuple[str, str], error: GitError) -> Diff:
    """Return the difference of those files whose content is all there."""
    files = _listing(git, ends)
    sizes = _sizes(git, files)
    missing = {file for file in files if any(sizes.get(blob) is None for blob in _blobs(file))}
    if not missing:
        raise error
    there = [file for file in files if file not in missing]
    read, patch = _limited(git, ends, there)
    unread = [Unread(_path(file), "missing object") for file in files if file in missing]
    everything = tuple(file if file in missing else read[_path(file)] for file in files)
    shown = tuple(read.values())
    return Diff(patch, everything, (*unread, *_unread(git, shown, patch, _opaque(git, shown))))


def _limited(
    git: Git, ends: tuple[str, str], files: Sequence[FileFacts]
) -> tuple[dict[bytes, FileFacts], bytes]:
    read: dict[bytes, FileFacts] = {}
    patches = []
    for start in range(0, len(files), _PATHS_AT_ONCE):
        paths = [os.fsdecode(_path(file)) for file in files[start : start + _PATHS_AT_ONCE]]
        options = (*_OPTIONS, "--no-renames", *_SHOWN, "--end-of-options", *ends, "--")
        some, patch = _parse(git.run(*options, *paths, limit=LARGEST_PATCH))
        read |= {_path(file): file for file in some}
        patches.append(patch)
    return read, b"".join(patches)


def _listing(git: Git, ends: tuple[str, str]) -> tuple[FileFacts, ...]:
    out = _Fields(git.run(*_OPTIONS, "--no-renames", "--raw", "--end-of-options", *ends))
    return tuple(_raw(out))


def _parse(out: bytes) -> tuple[tuple[FileFacts, ...], bytes]:
    """Split git's answer into its list, joined with the counts, and the patch."""
    fields = _Fields(out)
    files = tuple(_counted(fields, file) for file in _raw(fields))
    if files and fields.next():
        raise GitError("git's list of changed files does not match its counts")
    return files, fields.rest()


class _Fields:
    """Reads NUL-ended fields off the front of git's answer."""

    def __init__(self, out: bytes) -> None:
        self._out = out
        self._at = 0

    def at_record(self) -> bool:
        return self._out.startswith(b":", self._at)

    def next(self) -> bytes:
        end = self._out.find(b"\0", self._at)
        if end < 0:
            raise GitError("git's list of changed files is cut short")
        start, self._at = self._at, end + 1
        return self._out[start:end]

    def rest(self) -> bytes:
        return self._out[self._at :]


def _raw(fields: _Fields) -> list[FileFacts]:
    files = []
    while fields.at_record():
        old_mode, new_mode, old_blob, new_blob, status = fields.next()[1:].decode().split(" ")
        path = fields.next()
        paths = (path, fields.next()) if status[0] in "CR" else (path, path)
        files.append(
            FileFacts(
                status=status[0],
                old_path=b"" if status == "A" else paths[0],
                new_path=b"" if status == "D" else paths[1],
                old_mode=int(old_mode, 8),
                new_mode=int(new_mode, 8),
                old_blob=old_blob,
                new_blob=new_blob,
                added=None,
                removed=None,
            )
        )
    return files


def _counted(fields: _Fields, file: FileFacts) -> FileFacts:
    added, removed, path = fields.next().split(b"\t", 2)
    if not path:
        fields.next()
        path = fields.next()
    if path != _path(file):
        raise GitError("git's list of changed files does not match its counts")
    if added == b"-":
        return file
    return replace(file, added=int(added), removed=int(removed))


def _path(file: FileFacts) -> bytes:
    return file.new_path or file.old_path


def _blobs(file: FileFacts) -> Iterator[str]:
    for mode, blob in ((file.old_mode, file.old_blob), (file.new_mode, file.new_blob)):
        if mode not in {0, _SUBMODULE}:
            yield blob


def _unread(
    git: Git, files: Sequence[FileFacts], patch: bytes, reasons: Mapping[bytes, str]
) -> Iterator[Unread]:
    """Yield the files of a patch whose content it does not show, each once."""
    submodules = {file for file in files if _SUBMODULE in {file.old_mode, file.new_mode}}
    yield from (Unread(_path(file), "submodule") for file in files if file in submodules)
    rest = [file for file in files if file not in submodules]
    # A tree may name one path twice; which of the two a checkout writes is anybody's guess.
    seen = Counter(map(_path, files))
    yield from (Unread(path, "named twice in one tree") for path in seen if seen[path] > 1)
    opaque = [_path(file) for file in rest if file.added is None]
    yield from (Unread(path, reasons[path]) for path in opaque)
    if _POINTER in patch:
        yield from _pointers(git, [file for file in rest if file.added is not None])


def _opaque(git: Git, files: Sequence[FileFacts]) -> dict[bytes, str]:
    """Return the paths of which git shows no line, each with why."""
    opaque = [file for file in files if file.added is None]
    opaque = [file for file in opaque if _SUBMODULE not in {file.old_mode, file.new_mode}]
    if not opaque:
        return {}
    sizes = _sizes(git, opaque)
    large = [f for f in opaque if any((sizes.get(b) or 0) >= LARGEST_BLOB for b in _blobs(f))]
    reasons = {_path(file): "too large" for file in large}
    for group in _groups([file for file in opaque if file not in large], sizes):
        contents = _contents(git, sorted({blob for file in group for blob in _blobs(file)}))
        for file in group:
            source = any(_like_source(_path(file), contents[blob]) for blob in _blobs(file))
            reasons[_path(file)] = _NUL if source else "binary"
    return reasons


def _groups(
    files: Sequence[FileFacts], sizes: Mapping[str, int | None]
) -> Iterator[list[FileFacts]]:
    """Yield files in groups that fit into memory together."""
    group: list[FileFacts] = []
    size = 0
    for file in files:
        more = sum(sizes[blob] or 0 for blob in _blobs(file))
        if group and size + more > 2 * LARGEST_BLOB:
            yield group
            group, size = [], 0
        group.append(file)
        size += more
    if group:
        yield group


def _pointers(git: Git, files: Sequence[FileFacts]) -> Iterator[Unread]:
    sizes = _sizes(git, files)
    small = {blob for blob, size in sizes.items() if size and size <= _LARGEST_POINTER}
    contents = _contents(git, sorted(small))
    for file in files:
        if any(contents.get(blob, b"").startswith(_POINTER) for blob in _blobs(file)):
            yield Unread(_path(file), "LFS")


def _sizes(git: Git, files: Iterable[FileFacts]) -> dict[str, int | None]:
    """Return each blob's size, None where the blob is missing."""
    blobs = sorted({blob for file in files for blob in _blobs(file)})
    out = git.run("cat-file", "--batch-check=%(objecttype) %(objectsize)", stdin=blobs)
    words = [line.split() for line in out.splitlines()]
    return {
        blob: int(said[1]) if said[0] == b"blob" else None
        for blob, said in zip(blobs, words, strict=True)
    }


def _contents(git: Git, blobs: Sequence[str]) -> dict[str, bytes]:
    out = git.run("cat-file", "--batch=%(objectsize)", stdin=blobs)
    contents, at = {}, 0
    for blob in blobs:
        line = out.index(b"\n", at) + 1
        size = int(out[at:line])
        contents[blob] = out[line : line + size]
        at = line + size + 1
    return contents


def _like_source(path: bytes, content: bytes) -> bool:
    """Return whether a file with a NUL may still be read as source by what runs it."""
    if b"\0" not in content:
        return False
    name = path.rsplit(b"/", 1)[-1].lower()
    suffix = name.rsplit(b".", 1)[-1] if b"." in name else b""
    if suffix in _SOURCE or content.startswith(_STARTS_OF_TEXT):
        return True
    if content.startswith(_MAGIC):
        return False
    start = content[:_LOOKED_AT]
    return len(start.translate(None, _UNPRINTED)) >= _MOSTLY * len(start)
