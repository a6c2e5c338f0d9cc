"""Lines of one kind that a change brings or takes, each told as changed or removed."""

from collections.abc import Callable, Iterator

from reviewqueue.domain.finding import Side
from reviewqueue.scan.rule import FileView, Hit

QUIET = (
    r"^[ \t]*(?:--|#|//|/\*|\*|\{#|import\b|from\s+[\w.]+\s+import\b|$|\"\"\")|\blog(?:ger|"
    r"ging)?\.|\bprint\("
)
"""Lines of a query or of a program about data that decide nothing: comments, imports, messages."""


def turnover(
    file: FileView, wanted: str, told: str, is_passed_over: Callable[[bytes], bool]
) -> Iterator[Hit]:
    """Mark the net-new lines of a trigger as changed, then the lost ones as removed.

    ``told`` has braces for that word; a line that is passed over is not marked.
    """
    for word, side, lines in (
        ("changed", Side.NEW, file.new(wanted)),
        ("removed", Side.OLD, file.gone(wanted)),
    ):
        for line in lines:
            if not is_passed_over(line.whole):
                yield Hit.at(file, line, told.format(word), side=side)
