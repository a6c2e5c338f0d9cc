"""A diff as a reviewer sees it: every file, its lines, and the findings beside them.

The strict parser that the scanner used decides which files there are; no file is ever
left out. unidiff numbers the lines of each file, and where it disagrees with the strict
parser on a single line, the strict parser's hunks are shown instead.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from io import StringIO

from markupsafe import Markup
from unidiff.errors import UnidiffParseError
from unidiff.patch import PatchSet

from reviewqueue.domain.finding import Finding, Location, Side
from reviewqueue.scan.diff import Diff, FileFacts
from reviewqueue.scan.parser import FilePatch, Hunk, Unscannable, display, parse
from reviewqueue.web.highlight import highlight, language_of
from reviewqueue.web.visible import visible_html

PAGE_LINES = 3000
"""Lines shown on a change's page at first; the files beyond are opened one by one."""
FOLDED_LINES = 400
"""A file with more lines starts folded, unless something was found in it."""
FILE_LINES = 10_000
"""Lines shown of one file at most; the rest is named, not shown."""
LINE_CHARACTERS = 2000
_STATUS = {
    "A": "added",
    "C": "copied",
    "D": "deleted",
    "M": "modified",
    "R": "renamed",
    "T": "type changed",
}
_RETURN = Markup('<span class="return" title="The line ends with a carriage return">␍</span>')
_SYMLINK, _SUBMODULE, _EXECUTABLE = 0o120000, 0o160000, 0o100755


@dataclass(frozen=True, slots=True)
class Beside:
    """A finding shown beside a line, or at the head of its file."""

    finding: Finding
    location: Location


@dataclass(frozen=True, slots=True)
class Line:
    """One line of a hunk."""

    mark: str
    """A blank, ``+``, ``-``, or a backslash for a remark of git's."""
    old: int | None
    new: int | None
    html: Markup
    beside: tuple[Beside, ...] = ()


@dataclass(frozen=True, slots=True)
class HunkView:
    """One hunk, ready to print."""

    heading: str
    lines: tuple[Line, ...]

    def pairs(self) -> Iterator[tuple[Line | None, Line | None]]:
        """Give the lines side by side: old and new, None where one side has none."""
        old: list[Line] = []
        new: list[Line] = []
        for line in self.lines:
            if line.mark == "-" and not new:
                old.append(line)
            elif line.mark == "+":
                new.append(line)
            else:
                yield from _zipped(old, new)
                old, new = [], []
                if line.mark == "-":
                    old = [line]
                else:
                    yield line, line
        yield from _zipped(old, new)


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


@dataclass(frozen=True, slots=True)
class DiffView:
    """The whole diff, ready to print."""

    files: tuple[FileView, ...]
    problem: str = ""
    """Why (part of) the diff could not be read, or empty."""
    raw: tuple[Markup, ...] = ()
    """The patch's first lines, where they could not be parsed."""
    raw_cut: int = 0
    elsewhere: tuple[Beside, ...] = ()
    """Findings about the whole change, or on a path that is not in the diff."""
    places: Mapping[tuple[str, Side, int], str] = field(default_factory=dict)
    """Anchor of each line that has a finding."""

    def place(self, location: Location) -> str | None:
        """Return the anchor of a location's line, else of its file, else None."""
        if location.line is not None:
            found = self.places.get((location.path, location.side, location.line))
            if found:
                return found
        files = (f"file-{x.number}" for x in self.files if location.path in (x.path, x.old_path))
        return next(files, None) if location.path else None


@dataclass(frozen=True, slots=True)
class _Raw:
    """A line before it is made HTML."""

    mark: str
    old: int | None
    new: int | None
    text: str


def _zipped(old: list[Line], new: list[Line]) -> Iterator[tuple[Line | None, Line | None]]:
    for at in range(max(len(old), len(new))):
        yield old[at] if at < len(old) else None, new[at] if at < len(new) else None


def view(diff: Diff, findings: Sequence[Finding], only: int | None = None) -> DiffView:
    """Return the diff ready to print, with each finding's places beside their lines.

    ``only`` is the number of the one file whose lines are wanted in full.
    """
    spots = _by_path(findings)
    try:
        patches = parse(diff.patch)
    except Unscannable as error:
        return _unparsed(diff, spots, diff.problem or str(error))
    files = _files(diff, patches, spots, only)
    paths = {path for file in files for path in (file.path, file.old_path) if path}
    elsewhere = tuple(spot for path, found in spots.items() if path not in paths for spot in found)
    return DiffView(files, diff.problem, elsewhere=elsewhere, places=_anchors(files))


def _by_path(findings: Iterable[Finding]) -> dict[str, list[Beside]]:
    spots: dict[str, list[Beside]] = {}
    for finding in findings:
        for location in finding.locations:
            spots.setdefault(location.path, []).append(Beside(finding, location))
    return spots


def _files(
    diff: Diff,
    patches: Sequence[FilePatch],
    spots: Mapping[str, list[Beside]],
    only: int | None,
) -> tuple[FileView, ...]:
    unread = {display(file.path): file.reason for file in diff.unread}
    lengths = [sum(len(hunk.lines) for hunk in patch.hunks) for patch in patches]
    shown = _within_budget(patches, lengths, spots) if only is None else {only}
    files = []
    for number, (patch, length) in enumerate(zip(patches, lengths, strict=True), 1):
        reason = unread.pop(display(patch.path), None)
        deferred = number not in shown
        files.append(_file(number, patch, length, spots, reason, deferred=deferred))
    listed = {file.path for file in files} | {file.old_path for file in files}
    for facts in diff.files or ():
        if display(facts.new_path or facts.old_path) not in listed:
            path = display(facts.new_path or facts.old_path)
            files.append(_listed_only(len(files) + 1, facts, spots, unread.pop(path, None)))
    known = {file.path for file in files}
    files.extend(
        _never_read(len(files) + at, path, reason, spots)
        for at, (path, reason) in enumerate(unread.items(), 1)
        if path not in known
    )
    return tuple(files)


def _within_budget(
    patches: Sequence[FilePatch], lengths: Sequence[int], spots: Mapping[str, list[Beside]]
) -> frozenset[int]:
    """Choose the files whose lines fit on the page, those with findings first."""
    order = sorted(range(len(patches)), key=lambda at: display(patches[at].path) not in spots)
    left = PAGE_LINES
    shown = set()
    for at in order:
        if lengths[at] <= left:
            shown.add(at + 1)
            left -= lengths[at]
    return frozenset(shown)


def _file(  # noqa: PLR0913 -- a file, and what is known of it
    number: int,
    patch: FilePatch,
    length: int,
    spots: Mapping[str, list[Beside]],
    unread: str | None,
    *,
    deferred: bool,
) -> FileView:
    path = display(patch.path)
    old_path = display(patch.old_path) if patch.status in {"R", "C"} else ""
    found = [*spots.get(path, ()), *(spots.get(old_path, ()) if old_path else ())]
    hunks = () if deferred else _hunk_views(patch, found)
    placed = {spot for hunk in hunks for line in hunk.lines for spot in line.beside}
    return FileView(
        number=number,
        path=path,
        old_path=old_path,
        status=_STATUS.get(patch.status, patch.status),
        added=patch.added_count,
        removed=patch.removed_count,
        length=length,
        remarks=tuple(_remarks(patch, unread)),
        hunks=hunks,
        beside=tuple(spot for spot in found if spot not in placed),
        cut=0 if deferred else max(0, length - FILE_LINES),
        deferred=deferred,
        found=len(found),
    )


def _listed_only(
    number: int, facts: FileFacts, spots: Mapping[str, list[Beside]], unread: str | None
) -> FileView:
    path = display(facts.new_path or facts.old_path)
    remark = f"Its content was not read: {unread}." if unread else "git gives no text for it."
    return FileView(
        number=number,
        path=path,
        old_path="",
        status=_STATUS.get(facts.status, facts.status),
        added=facts.added or 0,
        removed=facts.removed or 0,
        length=0,
        remarks=(remark,),
        beside=tuple(spots.get(path, ())),
        found=len(spots.get(path, ())),
    )


def _never_read(number: int, path: str, reason: str, spots: Mapping[str, list[Beside]]) -> FileView:
    return FileView(
        number=number,
        path=path,
        old_path="",
        status="not read",
        added=0,
        removed=0,
        length=0,
        remarks=(f"Its content was not read: {reason}.",),
        beside=tuple(spots.get(path, ())),
        found=len(spots.get(path, ())),
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


def _raw_lines(hunk: Hunk) -> list[_Raw]:
    """Return the strict parser's lines, each with its numbers."""
    old, new = hunk.old_start, hunk.new_start
    lines = []
    for line in hunk.lines:
        mark, text = chr(line[0]) if line else " ", _text(line[1:])
        lines.append(_Raw(mark, old if mark in " -" else None, new if mark in " +" else None, text))
        old += mark in " -"
        new += mark in " +"
    return lines


def _text(line: bytes) -> str:
    return line.removesuffix(b"\n").decode("utf-8", "surrogateescape")


def _numbered(patch: FilePatch) -> list[list[_Raw]]:
    """Return each hunk's lines by unidiff, or by the strict parser where they differ."""
    strict = [_raw_lines(hunk) for hunk in patch.hunks]
    numbered = _by_unidiff(strict)
    return numbered if numbered == strict else strict


def _by_unidiff(strict: Sequence[Sequence[_Raw]]) -> list[list[_Raw]]:
    text = "--- a/file\n+++ b/file\n" + "".join(_hunk_text(lines) for lines in strict if lines)
    try:
        files = PatchSet(StringIO(text, newline="\n"))
    except (UnidiffParseError, ValueError):
        return []
    return [
        [
            _Raw(
                line.line_type,
                line.source_line_no,
                line.target_line_no,
                line.value.removesuffix("\n"),
            )
            for line in hunk
        ]
        for file in files
        for hunk in file
    ]


def _hunk_text(lines: Sequence[_Raw]) -> str:
    old = [line.old for line in lines if line.old is not None]
    new = [line.new for line in lines if line.new is not None]
    head = f"@@ -{old[0] if old else 0},{len(old)} +{new[0] if new else 0},{len(new)} @@\n"
    return head + "".join(f"{line.mark}{line.text}\n" for line in lines)


def _hunk_views(patch: FilePatch, found: Sequence[Beside]) -> tuple[HunkView, ...]:
    """Return the hunks to show, as far as the limit on a file's lines."""
    language = language_of(display(patch.path))
    at: dict[tuple[Side, int], list[Beside]] = {}
    for spot in found:
        if spot.location.line is not None:
            at.setdefault((spot.location.side, spot.location.line), []).append(spot)
    left = FILE_LINES
    views = []
    for lines in _numbered(patch):
        shown = lines[:left]
        left -= len(shown)
        if shown:
            views.append(HunkView(_heading(lines), _lines(shown, language, at)))
    return tuple(views)


def _heading(lines: Sequence[_Raw]) -> str:
    old = [line.old for line in lines if line.old is not None]
    new = [line.new for line in lines if line.new is not None]
    return f"@@ -{_span(old)} +{_span(new)} @@"


def _span(numbers: Sequence[int]) -> str:
    return f"{numbers[0] if numbers else 0},{len(numbers)}"


def _lines(
    lines: Sequence[_Raw], language: str | None, at: Mapping[tuple[Side, int], list[Beside]]
) -> tuple[Line, ...]:
    old = iter(_side(lines, " -", language))
    new = iter(_side(lines, " +", language))
    views = []
    for line in lines:
        html = visible_html(line.text.removesuffix("\r"))
        if line.mark in " -":
            html = next(old)
        if line.mark in " +":
            html = next(new)
        beside = [
            *(at.get((Side.OLD, line.old), ()) if line.mark == "-" and line.old else ()),
            *(at.get((Side.NEW, line.new), ()) if line.mark == "+" and line.new else ()),
            *(_on_context(line, at) if line.mark == " " else ()),
        ]
        html += _RETURN if line.text.endswith("\r") else Markup()
        views.append(Line(line.mark, line.old, line.new, html, tuple(beside)))
    return tuple(views)


def _on_context(line: _Raw, at: Mapping[tuple[Side, int], list[Beside]]) -> Iterator[Beside]:
    if line.new is not None:
        yield from at.get((Side.NEW, line.new), ())
    if line.old is not None:
        yield from at.get((Side.OLD, line.old), ())


def _side(lines: Sequence[_Raw], marks: str, language: str | None) -> list[Markup]:
    texts = [line.text.removesuffix("\r") for line in lines if line.mark in marks]
    if all(len(text) <= LINE_CHARACTERS for text in texts):
        return highlight(texts, language)
    return [_cut_line(text) for text in texts]


def _cut_line(text: str) -> Markup:
    if len(text) <= LINE_CHARACTERS:
        return visible_html(text)
    return visible_html(text[:LINE_CHARACTERS]) + Markup(
        ' <span class="unseen">{:,} more characters, not shown</span>'
    ).format(len(text) - LINE_CHARACTERS)


def _anchors(files: Iterable[FileView]) -> dict[tuple[str, Side, int], str]:
    anchors: dict[tuple[str, Side, int], str] = {}
    for file in files:
        for hunk in file.hunks:
            for line in hunk.lines:
                for spot in line.beside:
                    place = spot.location
                    if place.line is not None:
                        anchors[place.path, place.side, place.line] = anchor(file, line)
    return anchors


def anchor(file: FileView, line: Line) -> str:
    """Return the id of a line's row: by its new number, else by its old one."""
    if line.new is not None:
        return f"file-{file.number}-n{line.new}"
    return f"file-{file.number}-o{line.old}"


def _unparsed(diff: Diff, spots: Mapping[str, list[Beside]], problem: str) -> DiffView:
    """Show what there is of a diff that could not be parsed: git's list, and the text."""
    listed = [
        _listed_only(number, facts, spots, None) for number, facts in enumerate(diff.files or (), 1)
    ]
    paths = {file.path for file in listed}
    lines = diff.patch[: 4 * LINE_CHARACTERS * 100].split(b"\n")
    raw = tuple(_cut_line(_text(line)) for line in lines[:1000])
    total = diff.patch.count(b"\n") + 1
    return DiffView(
        tuple(listed),
        problem,
        raw,
        total - len(raw),
        tuple(spot for path, found in spots.items() if path not in paths for spot in found),
    )
