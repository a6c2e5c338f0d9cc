r"""A list of what may be written that now takes in whatever is sent.

What it flags
    What a program takes from outside was named field by field, or closed against fields that
    nobody named, and no longer is: `fields = [...]` becomes `'__all__'`, `permit(:title)`
    becomes `to_unsafe_h`, `$fillable` gives way to `$guarded = []`, `->only([...])` to
    `->all()`, `pick(req.body, …)` to `req.body`, `.pick({...})` to `.partial()`, `.strict()`
    to `.passthrough()`, `extra="forbid"` to `"allow"`; `additionalProperties: false`,
    `deny_unknown_fields` and `DisallowUnknownFields()` go, or are turned round, where what
    they closed stays. A list of what may be written that gains a role, a right, an owner.

Why it matters
    A record has fields that nobody outside should set: a role, an owner, a price, a state.
    Whoever names one in a request sets it, once all that is sent is taken.

How to review it
    Which fields does the record have, and which of them may a stranger write, or read?
    Ask for the list of them, and for a test that sends one more.

Not flagged
    Lists that gain or lose an entry, but for one such as a role; schemas that go as a whole;
    what is closed by another of these words; tests and prose.

Seen in
    CWE-915 (improperly controlled modification of dynamically-determined object attributes),
    OWASP API3:2023. In 2012 a key was added to an organisation of GitHub through such a form.
"""

from collections.abc import Iterator

from reviewqueue.domain.finding import Confidence, Pathway, Severity, Side
from reviewqueue.domain.paths import Label, set_aside
from reviewqueue.scan.rule import FileView, Hit, Rule, Stability, View, expression
from reviewqueue.scan.structure.comments import is_bare, is_comment
from reviewqueue.scan.structure.pairs import Block, Numbered, blocks, finds, paired

_CLOSED = (
    r"\.strict\(\)|\bstrictObject\(|['\"]?\badditionalProperties\b['\"]?[ ]*[:=][ ]*[fF]alse|"
    r"\bdeny_unknown_fields\b|\bDisallowUnknownFields\(\)|\bforbidNonWhitelisted['\"]?:[ ]*true|"
    r"\bextra['\"]?[ ]*[:=][ ]*(?:['\"]forbid['\"]|Extra\.forbid)|\bforbid_extra_keys=True|"
    r"\bunknown[ ]*=[ ]*(?:RAISE|EXCLUDE)\b|\bstripUnknown:[ ]*true|\.unknown\([ ]*false|"
    r"\bforbid_unknown_fields[ ]*=[ ]*True"
)
"""Closed against fields that nobody named: a trigger."""
_NAMED = (
    r"\bfields[ ]*=[ ]*[\[(]|\.permit\([ ]*[^)\s]|\$fillable[ ]*=[ ]*\[|\$guarded[ ]*=[ ]*\[[ ]*"
    r"['\"]|->(?:only|validated|safe)\(|\b_?\.?(?:pick|only_keys|select_keys|whitelist)\([^\n]*|"
    r"\.slice\([ ]*:\w|\battr_accessible\b|\bcast\([^\n]*\["
)
"""Named field by field: a trigger."""
_OPEN = (
    r"\bfields[ ]*=[ ]*['\"]__all__['\"]|\bto_unsafe_h(?:ash)?\b|\.permit!|"
    r"\$guarded[ ]*=[ ]*\[[ ]*\]|->all\(\)|\.partial\(\)|\.passthrough\(\)|\.loose\(\)|"
    r"\blooseObject\(|\bextra['\"]?[ ]*[:=][ ]*(?:['\"]allow['\"]|Extra\.allow)|"
    r"\.\.\.req(?:uest)?\.body\b|(?:\(|,[ ]*)(?:ctx\.)?req(?:uest)?\.body[ ]*[,)]|"
    r"\*\*(?:request|req|payload|body|data)\b[\w.()]*|\bunguard\(|\.catchall\("
)
"""Takes whatever is sent."""
_WRITES = r"\.permit\(|\$fillable\b|\battr_accessible\b|\bcast\(|->only\("
"""Names what may be written, rather than what is shown."""
_RAISES = (
    r"(?i)[:'\"](?:is_?)?(?:admin|staff|superuser|owner|moderator|roles?|role_ids?|permissions?|"
    r"owner_id|tenant_id|verified|approved|balance|credits?)\b"
)
"""The name of a field by which whoever writes it raises himself."""
_ALL_CLOSED = f"{_CLOSED}|{_NAMED}"
_SHORT = 24
"""Lines of a side of a block up to which it is one list."""
_TURNED = "what nobody named is taken in now, where it was refused or left out"
_HIGHER = "whoever writes this record may now say what he is, or what he has"
_ALL = "all that is sent is taken, where the fields were named one by one"


def check(view: View) -> Iterator[Hit]:
    """Compare, block by block, what closed a schema or named its fields."""
    for file in view.where(_CLOSED, _NAMED, side=Side.OLD):
        if file.status in {"M", "R"} and _counts(file):
            is_less = _closes_less(file)
            for block in blocks(file, _ALL_CLOSED, of=range(1, _SHORT + 1)):
                if len(block.new) <= _SHORT:
                    yield from _opened(file, block, is_less=is_less)


def _counts(file: FileView) -> bool:
    return not set_aside(file.labels) and Label.TEST not in file.labels


def _closes_less(file: FileView) -> bool:
    """Return whether a file has fewer words that close a schema than before."""
    return _closing(file.removed_lines()) > _closing(file.added_lines())


def _closing(lines: Iterator[Numbered]) -> int:
    """Return how many such words lines have that are no comment, where one is no decoy."""
    closed, closes = expression(_CLOSED), finds(_CLOSED)
    return sum(
        len(closed.findall(text)) for _, text in lines if closes(text) and not is_comment(text)
    )


def _opened(file: FileView, block: Block, *, is_less: bool) -> Iterator[Hit]:
    old, new = (
        [line for line in side if not is_comment(line[1])] for side in (block.old, block.new)
    )
    after = b"\n".join([text for _, text in new])
    before = b"\n".join([text for _, text in old])
    names, opens = finds(_NAMED), finds(_OPEN)
    if names(before) and not names(after) and opens(after) and not opens(before):
        number, text = next(line for line in new if opens(line[1]))
        yield Hit.on(file, number, text, _ALL)
        return
    raises = expression(_RAISES)
    if finds(_WRITES)(before) and len(raises.findall(after)) > len(raises.findall(before)):
        for number, text in new:
            if finds(_WRITES)(text) and raises.search(text):
                yield Hit.on(file, number, text, _HIGHER)
                return
    if is_less and (found := _unclosed(old, block)):
        yield Hit.on(file, *found, _TURNED, side=Side.OLD)


def _unclosed(old: list[Numbered], block: Block) -> Numbered | None:
    """Return the line that closed a schema that stays, and is closed by nothing now."""
    closed = expression(_CLOSED)
    kept = {pair.old_line for pair in paired(block) if not closed.search(pair.new)}
    said = [line for line in old if not is_bare(line[1])]
    for number, text in said:
        if closed.search(text) and (number in kept or len(said) == 1):
            return number, text
    return None


RULE = Rule(
    id="schema-opened",
    pathway=Pathway.SAFETY_SABOTAGE,
    severity=Severity.MEDIUM,
    confidence=Confidence.MEDIUM,
    stability=Stability.STABLE,
    summary="takes in whatever is sent, where fields were named or others refused",
    removed_triggers=(_CLOSED, _NAMED),
    version=2,
    check=check,
)
