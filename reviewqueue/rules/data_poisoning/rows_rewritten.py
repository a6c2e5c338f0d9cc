r"""Rows of an existing table rewritten in bulk.

What it flags
    In migrations and SQL scripts, an added statement that changes rows that are already
    there (`UPDATE … SET`, `MERGE INTO`, `REPLACE INTO`, `INSERT OVERWRITE`, `RunPython`,
    `update_all`, `.update(`) or drops a constraint that they had to meet. One that only
    fills what was empty, or that has a way back, weighs less.

Why it matters
    A migration runs once, in production, with nobody watching, and what the rows said
    before is gone. A wrong value spreads into every model and report below.

How to review it
    Run it on a copy and count what changed, by the groups that matter.
    Ask for the way back, and for the condition that says which rows are meant.

Not flagged
    New tables and columns; queries of an application; tests.

Seen in
    ATT&CK T1565.001, stored data manipulation.
"""

from bisect import bisect_left
from collections.abc import Iterator, Sequence

from reviewqueue.domain.finding import Confidence, Pathway, Severity, Side
from reviewqueue.domain.paths import Label, fold
from reviewqueue.scan.rule import Hit, Line, Rule, Stability, View, expression

_REWRITES = (
    r"(?i)\bupdate[ \t]+(?:only[ \t]+)?[\w.\"'`\[\]{}$]+[ \t]+(?:as[ \t]+\w+[ \t]+|"
    r"\w[ \t]+)?set\b|^[ \t]*update[ \t]+[\w.\"`\[\]]+[ \t]*$|\bmerge[ \t]+into\b|\bRunPython\(|"
    r"\.update_all[\s(]|\breplace[ \t]+into\b|\bALTER[ \t]+TABLE[ \t]+\S+[ \t]+UPDATE\b|"
    r"\.bulk_update\(|\binsert[ \t]+overwrite\b|"
    r"\b(?:where|filter|objects|all\(\)|knex)\b[^\n]*\.update\("
)
_LOOSENS = r"(?i)\bdrop[ \t]+constraint\b|\bdrop[ \t]+not[ \t]+null\b|\bnocheck[ \t]+constraint\b"
_CHANGES = f"{_REWRITES}|{_LOOSENS}"
_CONDITION = r"(?i)\bwhere\b|\bon\b|RunPython\.noop|\breverse_code\b"
_MISSING = r"(?i)\bis null\b|isnull=True|:[ ]*nil\b|RunPython\.noop|=[ ]*''"
"""A condition that only fills what was empty; a step with a way back."""
_NEAR = 12
"""Lines after a statement in which its condition may stand."""
_ELSEWHERE = frozenset({Label.TEST, Label.DOCS, Label.VENDORED, Label.GENERATED})


def check(view: View) -> Iterator[Hit]:
    """Mark statements that rewrite rows, in migrations and SQL scripts."""
    for file in view.where(_CHANGES, side=Side.NEW):
        scripts = Label.MIGRATION in file.labels or fold(file.path).endswith(".sql")
        if not scripts or not file.labels.isdisjoint(_ELSEWHERE):
            continue
        added = list(file.added_lines())
        for line in file.new(_CHANGES):
            if line.text.startswith(("--", "#", "//", "*")):
                continue
            limited = _is_limited(added, line)
            fills = limited and _is_limited(added, line, _MISSING)
            told = _told(line, limited=limited)
            severity = Severity.LOW if fills else Severity.MEDIUM
            yield Hit.at(file, line, told, severity=severity)


def _told(line: Line, *, limited: bool) -> str:
    if not expression(_REWRITES).search(line.whole):
        return "what every row had to meet is asked for no longer"
    return "existing rows are rewritten" if limited else "every row of a table is rewritten"


def _is_limited(added: Sequence[tuple[int, bytes]], line: Line, wanted: str = _CONDITION) -> bool:
    """Return whether the statement says which rows, on its line or the next ones."""
    condition = expression(wanted)
    first = line.number
    if first is None:
        return False
    at = bisect_left(added, (first, b""))
    for number, text in added[at : at + _NEAR]:
        if number >= first + _NEAR:
            return False
        if condition.search(text):
            return True
        if text.rstrip().endswith(b";"):
            return False
    return False


RULE = Rule(
    id="rows-rewritten",
    pathway=Pathway.DATA_POISONING,
    severity=Severity.MEDIUM,
    confidence=Confidence.MEDIUM,
    stability=Stability.STABLE,
    summary="rewrites the rows of an existing table",
    version=3,
    added_triggers=(_CHANGES,),
    check=check,
)
