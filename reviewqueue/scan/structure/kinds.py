"""Lines of several kinds in code: prose, locks and generated text are passed over, and comments."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from reviewqueue.domain.finding import Severity, Side
from reviewqueue.domain.paths import Label, read_by_machines
from reviewqueue.scan.rule import FileView, Hit, Line, View, expression, is_named
from reviewqueue.scan.structure.comments import is_comment
from reviewqueue.scan.structure.said import is_value

SAID = (
    r"^\s*(?:echo|e?println?!?|printf?|puts|log\w*|console\.\w+|Write-\w+|fmt\.\w+|"
    r"logger\.\w+|click\.\w+|info|warn|err(?:or)?)\b[\s(]*[\"'`][^|]*\|[^|]*[\"'`]\s*\)?[,;]?\s*$"
)
"""A command line that is only told to somebody."""
_PASSED_OVER = frozenset({Label.LOCK, Label.GENERATED, Label.DATA, Label.MEDIA})
_CODE = frozenset({Label.SOURCE, Label.SCRIPT})


@dataclass(frozen=True, slots=True)
class Kind:
    """One way in which a rule's subject is written."""

    regex: str
    """A rule names it among its added triggers."""
    message: str
    severity: Severity | None = None
    """Instead of the rule's own."""
    line: str = ""
    """The located line must match this, too."""
    unless: str = ""
    """The located line must not match this."""
    globs: tuple[str, ...] = ()
    """Only paths (folded) that match one; empty for all."""
    but: tuple[str, ...] = ()
    """Not paths (folded) that match one of these."""

    def applies(self, path: str) -> bool:
        """Return whether the kind is meant for a path."""
        if is_named(path, self.but):
            return False
        return not self.globs or is_named(path, self.globs)

    def fits(self, text: bytes) -> bool:
        """Return whether a located line is of the kind."""
        if self.line and not expression(self.line).search(text):
            return False
        return not (self.unless and expression(self.unless).search(text))


def is_prose(file: FileView) -> bool:
    """Return whether the file's text is read by people only."""
    if read_by_machines(file.labels):
        return False
    return Label.DOCS in file.labels and file.labels.isdisjoint(_CODE)


def is_code(file: FileView) -> bool:
    """Return whether a kind is looked for in the file."""
    return file.labels.isdisjoint(_PASSED_OVER) and not is_prose(file)


def expressions(kinds: Iterable[Kind]) -> tuple[str, ...]:
    """Return what a rule with these kinds has to name as its triggers."""
    return tuple(dict.fromkeys(kind.regex for kind in kinds))


def marked(view: View, kinds: Iterable[Kind]) -> Iterator[tuple[Kind, FileView, Line]]:
    """Yield every net-new line of one of the kinds; each line of a file once."""
    seen: set[tuple[str, int | None, bytes]] = set()
    for kind in kinds:
        for file in view.where(kind.regex, side=Side.NEW):
            if not is_code(file) or not kind.applies(file.path):
                continue
            for line in file.new(kind.regex):
                place = (file.path, line.number, line.key)
                if place in seen or is_comment(line.whole) or not kind.fits(line.whole):
                    continue
                seen.add(place)
                yield kind, file, line


def hits(view: View, kinds: Iterable[Kind], *, tested: Severity | None = None) -> Iterator[Hit]:
    """Mark every net-new line of one of the kinds.

    ``tested`` is what a mere text between quotes in a test weighs instead.
    """
    for kind, file, line in marked(view, kinds):
        severity = kind.severity
        if tested and is_tested(file, line, kind.regex):
            severity = tested
        yield Hit.at(file, line, kind.message, severity=severity)


def is_tested(file: FileView, line: Line, regex: str) -> bool:
    """Return whether a match is a text between quotes in a test: what a test gives or expects."""
    if Label.TEST not in file.labels or read_by_machines(file.labels):
        return False
    found = expression(regex).search(line.whole)
    return found is not None and is_value(line.whole, found.start())
