"""What a change says of itself, where that tells what its lines alone do not.

A headline is the author's word: it may add a finding, and never takes one away. It counts
only where the change touches something that runs or is read by machines, so that a text
about cron jobs is not a cron job.
"""

from collections.abc import Iterator

from reviewqueue.domain.paths import Label, runs, set_aside
from reviewqueue.scan.rule import FileView, Hit, Subject, View, expression

_UNDOES = (
    r"(?i)^\W*(?:revert|merge|bump|build\(deps|chore\(deps)\b|\b(?:remov|delet|disabl|drop|stop|"
    r"uninstall|clean|skip|prevent|avoid|deprecat)\w*"
)
_NOT_MEANT = frozenset({Label.LOCK, Label.GENERATED, Label.VENDORED})


def says(subject: Subject, *wanted: str) -> bool:
    """Return whether the headline matches every expression, and undoes nothing.

    The rarest expression comes first, since this is asked of every change.
    """
    headline = subject.headline.encode("utf-8", "surrogatepass")
    if not headline:
        return False
    for regex in wanted:
        if not expression(regex).search(headline):
            return False
    return expression(_UNDOES).search(headline) is None


def meant(view: View, about: str, message: str) -> Iterator[Hit]:
    """Mark each file that the headline can mean: its first added line on the matter.

    Where neither a path nor an added line is on the matter, the first file that runs stands
    for the change.
    """
    first: FileView | None = None
    found = False
    for file in view.files:
        if file.status == "D" or not _can_be_meant(file):
            continue
        first = first or file
        lines = file.new(about)
        if lines:
            found = True
            yield Hit.at(file, lines[0], message)
        elif expression(about).search(file.path.encode("utf-8", "surrogatepass")):
            found = True
            yield _whole(view, file, message)
    if first and not found:
        yield _whole(view, first, message)


def _whole(view: View, file: FileView, message: str) -> Hit:
    return Hit(message=message, text=view.subject.headline, path=file.path)


def _can_be_meant(file: FileView) -> bool:
    labels = file.labels
    return runs(labels) and not set_aside(labels) and labels.isdisjoint(_NOT_MEANT)
