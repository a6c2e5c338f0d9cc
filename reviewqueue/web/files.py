"""A diff as a reviewer sees it: every file, its lines, and the findings beside them.

The strict parser that the scanner used decides which files there are. No file is ever
left out: what does not fit is opened one by one, and what was not read says so.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field

from markupsafe import Markup

from reviewqueue.domain.finding import Finding, Location, Side
from reviewqueue.scan.diff import Diff, FileFacts
from reviewqueue.scan.parser import FilePatch, Unscannable, display, parse
from reviewqueue.web.hunks import (
    FILE_LINES,
    LINE_CHARACTERS,
    Beside,
    HunkView,
    Line,
    cut_line,
    hunk_views,
    text_of,
)

PAGE_LINES = 3000
"""Lines shown on one page at first; the files beyond are opened one by one."""
PAGE_FILES = 300
"""Files on one page."""
FOLDED_LINES = 400
"""A file with more lines starts folded, unless something was found in it."""
_RAW_LINES = 1000
_STATUS = {
    "A": "added",
    "C": "copied",
    "D": "deleted",
    "M": "modified",
    "R": "renamed",
    "T": "type changed",
}
_SYMLINK, _SUBMODULE, _EXECUTABLE = 0o120000, 0o160000, 0o100755

Spots = Mapping[str, list[Beside]]
"""Findings' places by path."""


@dataclass(frozen=True, slots=True, kw_only=True)
class FileView:
    """One file of the diff, ready to print."""

    number: int
    path: str
    old_path: str
    """The former path of a rename or copy, else empty."""
    status: str
    added: int
    removed: int
    length: int
    """Lines of all its hunks, shown or not."""
    remarks: tuple[str, ...] = ()
    """What is not in the lines: modes, links, content that was not read."""
    hunks: tuple[HunkView, ...] = ()
    beside: tuple[Beside, ...] = ()
    """Findings that belong to no line shown here."""
    cut: int = 0
    """Lines not shown at the end."""
    deferred: bool = False
    """Whether its lines are left for a page of their own."""
    found: int = 0
    """Places of findings in it."""

    @property
    def open(self) -> bool:
        """Whether it starts unfolded."""
        return not self.deferred and (bool(self.found) or self.length <= FOLDED_LINES)


@dataclass(frozen=True, slots=True, kw_only=True)
class DiffView:
    """A diff, or one page of its files, ready to print."""

    files: tuple[FileView, ...] = ()
    total: int = 0
    """All files of the diff."""
    page: int = 1
    problem: str = ""
    """Why (part of) the diff could not be read, or empty."""
    raw: tuple[Markup, ...] = ()
    """The patch's first lines, where they could not be parsed."""
    raw_cut: int = 0
    elsewhere: tuple[Beside, ...] = ()
    """Findings about the whole change, or on a path that is not in the diff."""
    anchors: Mapping[tuple[str, Side, int], str] = field(default_factory=dict)
    """The id of each line here that has a finding."""
    numbers: Mapping[str, int] = field(default_factory=dict)
    """The number of each file that has a finding, by path, here or not."""

    @property
    def pages(self) -> int:
        """How many pages of files there are."""
        return max(1, -(-self.total // PAGE_FILES))

    def anchor(self, location: Location) -> str | None:
        """Return the id on this page of a location's line, else of its file, else None."""
        if location.line is not None:
            found = self.anchors.get((location.path, location.side, location.line))
            if found:
                return found
        number = self.numbers.get(location.path)
        here = number is not None and any(file.number == number for file in self.files)
        return f"file-{number}" if here else None


@dataclass(frozen=True, slots=True, kw_only=True)
class _Entry:
    """One file before it is made ready: from the patch, git's list, or what was not read."""

    number: int
    path: str
    old_path: str = ""
    patch: FilePatch | None = None
    facts: FileFacts | None = None
    unread: str | None = None
    length: int = 0


def view(
    diff: Diff, findings: Sequence[Finding], *, only: int | None = None, page: int = 1
) -> DiffView:
    """Return a page of the diff, with each finding's places beside their lines.

    ``only`` is the number of the one file whose lines are wanted in full.
    """
    spots = _by_path(findings)
    patches: tuple[FilePatch, ...] = ()
    problem, raw_cut = diff.problem, 0
    raw: tuple[Markup, ...] = ()
    try:
        patches = parse(diff.patch)
    except Unscannable as error:
        problem = problem or str(error)
        raw, raw_cut = _raw(diff.patch)
    entries = tuple(_entries(diff, patches))
    numbers = _numbers(entries, spots)
    page = min(page, max(1, -(-len(entries) // PAGE_FILES)))
    here = entries[(page - 1) * PAGE_FILES : page * PAGE_FILES] if only is None else ()
    shown = _within_budget(here, spots)
    if only is not None:
        here, shown = entries[only - 1 : only], frozenset({only})
    files = tuple(_file(one, spots, deferred=one.number not in shown) for one in here)
    return DiffView(
        files=files,
        total=len(entries),
        page=page,
        problem=problem,
        raw=raw,
        raw_cut=raw_cut,
        elsewhere=tuple(
            spot for path, found in spots.items() if path not in numbers for spot in found
        ),
        anchors=_anchors(files),
        numbers=numbers,
    )


def _by_path(findings: Iterable[Finding]) -> dict[str, list[Beside]]:
    spots: dict[str, list[Beside]] = {}
    for finding in findings:
        for location in finding.locations:
            spots.setdefault(location.path, []).append(Beside(finding, location))
    return spots


def _entries(diff: Diff, patches: Sequence[FilePatch]) -> Iterator[_Entry]:
    """Give every file: of the patch first, then those that only git or nobody could read."""
    unread = {display(file.path): file.reason for file in diff.unread}
    number = 0
    known: set[str] = set()
    for number, patch in enumerate(patches, 1):
        path = display(patch.path)
        old_path = display(patch.old_path) if patch.status in {"R", "C"} else ""
        known.update((path, display(patch.old_path)))
        yield _Entry(
            number=number,
            path=path,
            old_path=old_path,
            patch=patch,
            unread=unread.get(path),
            length=sum(len(hunk.lines) for hunk in patch.hunks),
        )
    for facts in diff.files or ():
        path = display(facts.new_path or facts.old_path)
        if path not in known:
            known.add(path)
            number += 1
            yield _Entry(number=number, path=path, facts=facts, unread=unread.get(path))
    for path, reason in unread.items():
        if path not in known:
            number += 1
            yield _Entry(number=number, path=path, unread=reason)


def _numbers(entries: Iterable[_Entry], spots: Spots) -> dict[str, int]:
    """Return the number of each file with a finding, by the path that the finding names."""
    numbers: dict[str, int] = {}
    for entry in entries:
        for path in (entry.path, entry.old_path):
            if path and path in spots:
                numbers.setdefault(path, entry.number)
    return numbers


def _within_budget(entries: Sequence[_Entry], spots: Spots) -> frozenset[int]:
    """Choose the files whose lines fit on the page, those with findings first."""
    left = PAGE_LINES
    shown = set()
    for entry in sorted(entries, key=lambda one: one.path not in spots):
        if entry.length <= left:
            shown.add(entry.number)
            left -= entry.length
    return frozenset(shown)


def _file(entry: _Entry, spots: Spots, *, deferred: bool) -> FileView:
    found = [spot for path in (entry.path, entry.old_path) if path for spot in spots.get(path, ())]
    if entry.patch is None:
        return _without_lines(entry, found)
    hunks = () if deferred else hunk_views(entry.patch, found)
    placed = {spot for hunk in hunks for line in hunk.lines for spot in line.beside}
    return FileView(
        number=entry.number,
        path=entry.path,
        old_path=entry.old_path,
        status=_STATUS.get(entry.patch.status, entry.patch.status),
        added=entry.patch.added_count,
        removed=entry.patch.removed_count,
        length=entry.length,
        remarks=tuple(_remarks(entry.patch, entry.unread)),
        hunks=hunks,
        beside=tuple(spot for spot in found if spot not in placed),
        cut=0 if deferred else max(0, entry.length - FILE_LINES),
        deferred=deferred,
        found=len(found),
    )


def _without_lines(entry: _Entry, found: Sequence[Beside]) -> FileView:
    facts, unread = entry.facts, entry.unread
    remark = f"Its content was not read: {unread}." if unread else "No text of it could be shown."
    return FileView(
        number=entry.number,
        path=entry.path,
        old_path="",
        status=_STATUS.get(facts.status, facts.status) if facts else "not read",
        added=(facts.added or 0) if facts else 0,
        removed=(facts.removed or 0) if facts else 0,
        length=0,
        remarks=(remark,),
        beside=tuple(found),
        found=len(found),
    )


def _kind(mode: int) -> str:
    if mode == _SYMLINK:
        return "a symbolic link"
    if mode == _SUBMODULE:
        return "a submodule"
    return "executable" if mode == _EXECUTABLE else ""


def _remarks(patch: FilePatch, unread: str | None) -> Iterator[str]:
    if unread:
        yield f"Its content was not read: {unread}."
    elif patch.binary:
        yield "Binary: its content is not shown."
    if patch.old_mode and patch.new_mode and patch.old_mode != patch.new_mode:
        yield f"Mode changed from {patch.old_mode:o} to {patch.new_mode:o}."
    if kind := _kind(patch.new_mode or patch.old_mode):
        yield f"It is {kind}."
    if not patch.hunks and not patch.binary and not unread:
        yield "No line of it changed."


def _anchors(files: Iterable[FileView]) -> dict[tuple[str, Side, int], str]:
    return {
        (spot.location.path, spot.location.side, spot.location.line): _anchor(file, line)
        for file in files
        for hunk in file.hunks
        for line in hunk.lines
        for spot in line.beside
        if spot.location.line is not None
    }


def _anchor(file: FileView, line: Line) -> str:
    """Return the id of a line's row: by its new number, else by its old one."""
    if line.new is not None:
        return f"file-{file.number}-n{line.new}"
    return f"file-{file.number}-o{line.old}"


def _raw(patch: bytes) -> tuple[tuple[Markup, ...], int]:
    """Return the first lines of what could not be parsed, and how many are left out."""
    lines = patch[: _RAW_LINES * LINE_CHARACTERS].split(b"\n")[:_RAW_LINES]
    total = patch.count(b"\n") + 1
    return tuple(cut_line(text_of(line)) for line in lines), total - len(lines)
