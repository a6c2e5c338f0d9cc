"""The lines of one file as a reviewer sees them, with the findings beside them.

unidiff numbers the lines of each file; where it disagrees with the strict parser, that
the scanner used, on a single line, the strict parser's own numbers are shown.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from io import StringIO

from markupsafe import Markup
from unidiff.errors import UnidiffParseError
from unidiff.patch import PatchSet

from reviewqueue.domain.finding import Finding, Location, Side
from reviewqueue.scan.parser import FilePatch, Hunk, display
from reviewqueue.web.highlight import highlight, language_of
from reviewqueue.web.visible import visible_html

FILE_LINES = 10_000
"""Lines shown of one file at most; the rest is named, not shown."""
LINE_CHARACTERS = 2000
_RETURN = Markup('<span class="return" title="The line ends with a carriage return">␍</span>')


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


def _raw_lines(hunk: Hunk) -> list[_Raw]:
    """Return the strict parser's lines, each with its numbers."""
    old, new = hunk.old_start, hunk.new_start
    lines = []
    for line in hunk.lines:
        mark, text = chr(line[0]) if line else " ", text_of(line[1:])
        lines.append(_Raw(mark, old if mark in " -" else None, new if mark in " +" else None, text))
        old += mark in " -"
        new += mark in " +"
    return lines


def text_of(line: bytes) -> str:
    """Return a line as text; bytes that are no UTF-8 survive as surrogates."""
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


def hunk_views(patch: FilePatch, found: Sequence[Beside]) -> tuple[HunkView, ...]:
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
    return [cut_line(text) for text in texts]


def cut_line(text: str) -> Markup:
    """Return a line as HTML, cut where it is too long, saying so."""
    if len(text) <= LINE_CHARACTERS:
        return visible_html(text)
    return visible_html(text[:LINE_CHARACTERS]) + Markup(
        ' <span class="unseen">{:,} more characters, not shown</span>'
    ).format(len(text) - LINE_CHARACTERS)
