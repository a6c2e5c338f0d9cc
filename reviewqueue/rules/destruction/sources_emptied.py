r"""A package whose program is deleted by the change that publishes it.

What it flags
    A change that gives a package another version, deletes or empties its sources (the file
    it starts with, or several others), and puts hardly anything in their place.

Why it matters
    Everybody who takes the next version in gets nothing, or breaks. An owner in anger or a
    thief of the account does that; a release does not.

How to review it
    Ask who wants the package gone, and whether its users were told.
    Compare with a deprecation: that keeps the program, and says so.

Not flagged
    Sources that move or are replaced; deletions without a new version; tests, documents
    and generated files.

Seen in
    faker.js 6.6.6 (January 2022: the repository was emptied, "endgame"); left-pad (2016)
    shows what the loss of a small package does; ATT&CK T1485 (data destruction).
"""

import re
from collections.abc import Iterator, Sequence

from reviewqueue.domain.finding import Confidence, Pathway, Severity, Side
from reviewqueue.domain.paths import Label, fold
from reviewqueue.scan.rule import FileView, Hit, Rule, Stability, View

_VERSION = (
    r"^[ \t]*(?:(?:export |pub )?(?:const|let|var) )?['\"]?"
    r"(?:__version__|[vV]ersion|VERSION|spec\.version|s\.version|versionName)['\"]?"
    r"[ \t]*(?::=|=>|[:=])[ \t]*['\"]?\d+\.\d|^[ \t]*<version>\d"
)
_ASIDE = frozenset(
    {
        Label.TEST,
        Label.DOCS,
        Label.GENERATED,
        Label.VENDORED,
        Label.BUILT,
        Label.LOCK,
        Label.DATA,
        Label.BUILD,
        Label.CI,
        Label.SCRIPT,
    }
)
_START = re.compile(r"(?:^|/)(?:(?:index|main|mod|lib|app)\.\w+|__init__\.py|[\w-]+\.gemspec)$")
_SEVERAL = 2
"""Deleted sources that are a package's program, though none of them is what it starts with."""
_MANY = 30
"""Lines that a file loses which is emptied, and stays."""
_KEPT = 10
"""The added lines of program are fewer than a so-many-th of the deleted."""


def check(view: View) -> Iterator[Hit]:
    """Mark the first deleted source of a package that is published empty."""
    raised = view.where(_VERSION, side=Side.NEW)
    if not any(file.status == "M" for file in raised):
        return
    sources = [file for file in view.files if _is_source(file)]
    deleted = [file for file in sources if _is_emptied(file)]
    if not deleted or not _leaves_nothing(deleted, sources) or not any(map(_is_raised, raised)):
        return
    starts = [file for file in deleted if _START.search(fold(file.path))]
    if not starts and len(deleted) < _SEVERAL:
        return
    first = (starts or deleted)[0]
    message = (
        f"the change that gives a new version deletes {len(deleted)} of its sources and puts "
        "nothing in their place"
    )
    number, text = next(iter(first.removed_lines()), (None, b""))
    yield Hit.on(first, number, text, message, side=Side.OLD)


def _is_source(file: FileView) -> bool:
    return Label.SOURCE in file.labels | file.old_labels and not file.old_labels & _ASIDE


def _is_emptied(file: FileView) -> bool:
    """Return whether a file is deleted, or loses far more than it keeps or gains."""
    if file.status == "D":
        return True
    lost = file.removed.count(b"\n")
    kept = sum(line[:1] == b" " for _, _, lines in file.hunks() for line in lines)
    return lost >= _MANY and (kept + file.added.count(b"\n")) * _KEPT < lost


def _is_raised(file: FileView) -> bool:
    if file.status != "M" or Label.LOCK in file.labels:
        return False
    return bool(file.new(_VERSION)) and bool(file.gone(_VERSION))


def _leaves_nothing(deleted: Sequence[FileView], sources: Sequence[FileView]) -> bool:
    """Return whether hardly anything is written, and nothing moved, in the place of the deleted."""
    if any(file.status in {"R", "C"} for file in sources):
        return False
    lost = sum(file.removed.count(b"\n") for file in deleted)
    added = sum(_written(file) for file in sources)
    return lost > 0 and added * _KEPT < lost


def _written(file: FileView) -> int:
    """Return how many lines a file gains, the version apart."""
    return sum(1 for _, text in file.added_lines() if text.strip()) - len(file.new(_VERSION))


RULE = Rule(
    id="sources-emptied",
    pathway=Pathway.DESTRUCTION,
    severity=Severity.MEDIUM,
    confidence=Confidence.MEDIUM,
    stability=Stability.STABLE,
    summary="publishes a package without its program",
    added_triggers=(_VERSION,),
    check=check,
)
