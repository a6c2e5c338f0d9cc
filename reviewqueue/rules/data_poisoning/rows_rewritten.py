r"""Rows of an existing table rewritten in bulk.

What it flags
    In migrations and SQL scripts, an added statement that changes rows that are already
    there (`UPDATE … SET`, `MERGE INTO`, `REPLACE INTO`, `INSERT OVERWRITE`, `RunPython`,
    `update_all`, `.update(`). One that only fills what was empty, or that has a way back, weighs
    less; so does a constraint that goes, which changes no row. Anywhere in a program: what was
    appended to a table or a file, and now takes the place of what is there (`append` to
    `overwrite`, `WRITE_APPEND` to `WRITE_TRUNCATE`, `O_APPEND` to `O_TRUNC`); a copy that
    newly deletes at its target what the source does not have.

Why it matters
    A migration runs once, in production, with nobody watching, and what the rows said
    before is gone. A wrong value spreads into every model and report below.

How to review it
    Run it on a copy and count what changed, by the groups that matter.
    Ask for the way back, and for the condition that says which rows are meant.
    For a new way of writing: what is in the target already, and does each run bring all of it?

Not flagged
    New tables and columns; queries of an application; tests.

Seen in
    ATT&CK T1565.001, stored data manipulation.
"""

from bisect import bisect_left
from collections.abc import Iterator, Sequence

from reviewqueue.domain.finding import Confidence, Pathway, Severity, Side
from reviewqueue.domain.paths import Label, fold, set_aside
from reviewqueue.scan.rule import FileView, Hit, Line, Rule, Stability, View, expression
from reviewqueue.scan.structure.comments import is_comment
from reviewqueue.scan.structure.pairs import exchanged, likeness, pairs_losing

_REWRITES = (
    r"(?i)\bupdate[ \t]+(?:only[ \t]+)?[\w.\"'`\[\]{}$]+[ \t]+(?:as[ \t]+\w+[ \t]+|"
    r"\w[ \t]+)?set\b|^[ \t]*update[ \t]+[\w.\"`\[\]]+[ \t]*$|\bmerge[ \t]+into\b|\bRunPython\(|"
    r"\.update_all[\s(]|\breplace[ \t]+into\b|\bALTER[ \t]+TABLE[ \t]+\S+[ \t]+UPDATE\b|"
    r"\.bulk_update\(|\binsert[ \t]+overwrite\b|"
    r"\b(?:where|filter|objects|all\(\)|knex)\b[^\n]*\.update\("
)
_LOOSENS = r"(?i)\bdrop[ \t]+constraint\b|\bdrop[ \t]+not[ \t]+null\b|\bnocheck[ \t]+constraint\b"
_CHANGES = f"{_REWRITES}|{_LOOSENS}"
_LOOSENED = "what every row had to meet is asked for no longer"
_ADDS = (
    r"(?i)[\"'`](?:append|errorifexists|a[bt+]{0,2})[\"'`]|\bWRITE_(?:APPEND|EMPTY)\b|"
    r"\b\w*Mode\.(?:Append|ErrorIfExists)\b|\bO_APPEND\b|\b\w*OpenOption\.APPEND\b|"
    r"\bappend\s*[:=]\s*T(?:RUE)?\b|"
    r"(?:mode|strategy|disposition)['\"]?[ \t]*[:=][ \t]*append\b|"
    r"--noreplace\b|\binsert[ \t]+into\b|\bFILE_APPEND\b|"
    r"\.append\(true\)|\bFileMode\.Append\b|\bappendFile(?:Sync)?\b|\bAdd-Content\b|"
    r"--append\b"
)
_REPLACES = (
    r"(?i)[\"'`](?:overwrite|replace|truncate|wb?\+?|w[bt+]{1,2}|delete_rows)[\"'`]|"
    r"\bWRITE_TRUNCATE\w*\b|\b\w*Mode\.(?:Overwrite|Create|Truncate)\b|\bO_TRUNC\b|"
    r"\bTRUNCATE_EXISTING\b|\boverwrite\s*[:=]\s*T(?:RUE)?\b|"
    r"\bappend\s*[:=]\s*F(?:ALSE)?\b|(?:mode|strategy|disposition)['\"]?[ \t]*[:=][ \t]*"
    r"(?:insert_overwrite|overwrite|replace|truncate)\b|\bfile_put_contents\([^,\n]*,[^,\n]*\);|"
    r"--replace\b|--overwrite\b|"
    r"\binsert[ \t]+overwrite\b|\.truncate\(true\)|\bwriteFile(?:Sync)?\b|\bSet-Content\b"
)
"""How a thing is written: behind what is there; in its place."""
_COPIES = (
    r"\b(?:rsync|s3[ \t]+sync|storage[ \t]+rsync|blob[ \t]+sync|robocopy|pg_restore|azcopy[ \t]+"
    r"sync|rclone[ \t]+(?:copy|sync))[ \t]"
)
_MIRRORS = (
    r"--delete(?:-(?:after|before|during|excluded|destination|"
    r"unmatched-destination-objects)\S*)?(?:[ \t=]|$)|(?i:/mir\b|/purge\b)|--clean\b|"
    r"\brclone[ \t]+sync\b"
)
"""What makes a copy delete at its target."""
_CONDITION = r"(?i)\bwhere\b|\bon\b|RunPython\.noop|\breverse_code\b"
_MISSING = r"(?i)\bis null\b|isnull=True|:[ ]*nil\b|RunPython\.noop|=[ ]*''"
"""A condition that only fills what was empty; a step with a way back."""
_WRITES = (
    (_ADDS, _REPLACES, "what was added to is written over"),
    (_COPIES, _MIRRORS, "a copy newly deletes what is at its target"),
)
_ALIKE = 0.6
"""Likeness from which a line is the old one, changed."""
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
            rewrites = expression(_REWRITES).search(line.whole) is not None
            told = _told(limited=limited) if rewrites else _LOOSENED
            severity = Severity.LOW if fills or not rewrites else Severity.MEDIUM
            yield Hit.at(file, line, told, severity=severity)
    for trigger, result, told in _WRITES:
        for file in view.where(trigger, side=Side.OLD):
            if file.labels.isdisjoint(_ELSEWHERE) and not set_aside(file.labels):
                yield from _otherwise(file, trigger, result, told)


def _otherwise(file: FileView, trigger: str, result: str, told: str) -> Iterator[Hit]:
    """Tell lines that wrote behind what is there, or only copied, and now take something away."""
    adds, replaces = expression(trigger), expression(result)
    for pair in pairs_losing(file, trigger):
        turned = adds.search(pair.old) and replaces.search(pair.new)
        if not turned or replaces.search(pair.old) or is_comment(pair.new):
            continue
        if likeness(pair) >= _ALIKE:
            yield exchanged(file, pair, told)


def _told(*, limited: bool) -> str:
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
    version=5,
    added_triggers=(_CHANGES,),
    removed_triggers=(_ADDS, _COPIES),
    check=check,
)
