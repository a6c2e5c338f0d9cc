"""The settings of what checks the code, removed or loosened.

What it flags
    A file deleted or emptied that configures linters, type checkers, scanners or hooks
    before a commit, where nothing comes for it; a hook that leaves such a file; a rule that
    leaves the list of those a linter goes by; several rules of a linter newly switched off
    at once.

Why it matters
    Each tool still runs, and finds less, or is no longer asked at all. No line of the code
    shows what it would have said.

How to review it
    Ask what the tool found that it no longer does: run it with the old settings.
    Ask what checks the same from now on.

Not flagged
    Settings that move, or whose tool another one replaces; settings that go with the code
    they are about; single rules switched off, and those switched off for some files; the
    settings of a tool that is new.

Seen in
    CICD-SEC-1, insufficient flow control mechanisms, of OWASP's top ten of CI/CD risks.
"""

from bisect import bisect_left
from collections.abc import Iterator

from reviewqueue.domain.finding import Confidence, Pathway, Severity, Side
from reviewqueue.domain.paths import Label
from reviewqueue.scan.effects.linters import TOOL, has_settings, is_checker, lost_hooks, switched
from reviewqueue.scan.rule import FileView, Hit, Rule, Stability, View
from reviewqueue.scan.structure.pairs import finds

_ELSEWHERE = frozenset({Label.DOCS, Label.VENDORED, Label.GENERATED, Label.TEST})
_MANY = 3
"""Rules switched off at once that are more than one annoyance."""


def check(view: View) -> Iterator[Hit]:
    """Mark settings of checks that go, or ask for less."""
    files = [
        file for file in view.files if file.labels.isdisjoint(_ELSEWHERE) and has_settings(file)
    ]
    yield from _deleted(view, [file for file in files if is_checker(file.old_path or file.path)])
    for file in files:
        if file.status in {"M", "R"}:
            yield from _switched(file)


def _deleted(view: View, files: list[FileView]) -> Iterator[Hit]:
    """Mark settings that are gone with nothing for them, while the code they are about stays."""
    gone = [file for file in files if file.removed and _is_emptied(file)]
    if not gone or any(map(_replaces, view.files)):
        return
    emptied = sorted(
        {
            file.path.rpartition("/")[0]
            for file in view.files
            if file.status == "D" and Label.SOURCE in file.labels
        }
    )
    for file in gone:
        folder = file.path.rpartition("/")[0]
        if not _is_emptied_below(folder, emptied):
            number, text = next(file.removed_lines())
            told = "the settings of what checks the code are removed"
            yield Hit.on(file, number, text, told, side=Side.OLD)


def _is_emptied_below(folder: str, emptied: list[str]) -> bool:
    """Return whether a folder, or one below it, is among some that are in order."""
    if not folder:
        return bool(emptied)
    places = (bisect_left(emptied, start) for start in (folder, f"{folder}/"))
    found = [f"{emptied[at]}/" for at in places if at < len(emptied)]
    return any(path.startswith(f"{folder}/") for path in found)


def _is_emptied(file: FileView) -> bool:
    """Return whether nothing of a file stays."""
    if file.status == "D":
        return True
    if file.status != "M" or file.added:
        return False
    return all(line[:1] != b" " for _, _, lines in file.hunks() for line in lines)


def _replaces(file: FileView) -> bool:
    """Return whether a file gains settings of checks, or calls of what checks."""
    if file.status == "D" or not file.added:
        return False
    if is_checker(file.path):
        return True
    return (Label.CI in file.labels or has_settings(file)) and finds(TOOL)(file.added)


def _switched(file: FileView) -> Iterator[Hit]:
    """Mark hooks and rules that no longer count."""
    for number, text in lost_hooks(file) if Label.HOOK in file.labels else ():
        told = "a hook no longer checks what is committed"
        yield Hit.on(file, number, text, told, side=Side.OLD)
    old, new = switched(file, Side.OLD), switched(file, Side.NEW)
    if new.chosen.keys() - old.chosen.keys():
        return
    for name, (number, text) in old.chosen.items():
        if name not in new.chosen and name not in new.left and name in old.kept:
            told = "a rule is no longer among those that a check goes by"
            yield Hit.on(file, number, text, told, side=Side.OLD)
    came = [name for name in new.left if name not in old.left]
    went = [name for name in old.left if name not in new.left]
    if len(came) - len(went) >= _MANY:
        number, text = new.left[came[0]]
        yield Hit.on(file, number, text, "several rules of a check are switched off at once")


RULE = Rule(
    id="check-settings-weakened",
    pathway=Pathway.SAFETY_SABOTAGE,
    severity=Severity.MEDIUM,
    confidence=Confidence.MEDIUM,
    stability=Stability.STABLE,
    summary="removes or loosens the settings of what checks the code",
    wakes=frozenset({Label.CONFIG, Label.HOOK, Label.BUILD, Label.MANIFEST}),
    check=check,
)
