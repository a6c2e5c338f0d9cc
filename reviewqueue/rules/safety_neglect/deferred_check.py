r"""A note that a check is to come, where the check should be.

What it flags
    An added comment (TODO, FIXME, XXX, HACK, "for now", "skip … until") that speaks of a
    check of safety or security (authentication, permission, validation, escaping,
    signatures, rate limits, encryption, redaction) in code that newly goes on without it:
    beside lines that took such a check away, or right before an unconditional yes, an
    empty branch, or a value that is only passed on. A note alone, beside new code, is a
    lower finding.

Why it matters
    The note reads like diligence, and the code runs without the check from today. Such
    notes outlive their authors.

How to review it
    Ask for the check now, or for a default that says no until it is there.
    Look at who can reach the code in the meantime.

Not flagged
    Notes about anything else; notes that were there before, be it behind another comment
    mark; tests and prose. Code that says no until the check is there is a low finding.

Seen in
    CWE-546, suspicious comment; CWE-306, missing authentication, is what it leads to.
"""

from collections.abc import Iterator

from reviewqueue.domain.finding import Confidence, Pathway, Severity, Side
from reviewqueue.domain.paths import Label
from reviewqueue.scan.rule import FileView, Hit, Line, Rule, Stability, View, expression
from reviewqueue.scan.structure.pairs import Block, blocks

_NOTE = (
    r"\b(?:TODO|FIXME|XXX|HACK|[fF]or now|[tT]emporar(?:y|ily)|"
    r"[iI]mplement (?:later|me)|[lL]ater:)"
)
_SPEAKS = (b"#", b"//", b"*", b"/*")
_COMMENT = r"#|//|/\*|^[ \t]*\*|--|<!--"
_ABOUT = (
    r"(?i)(?:\b|_)(?:auth(?:entic\w+|ori[sz]\w+|z|n)?|permission\w*|access control|acl|rbac|"
    r"validat\w+|"
    r"verif(?:y|ies|ication|ied)|saniti[sz]\w+|escap(?:e|ing)|signature|sign(?:ed|ing)|encrypt\w*|"
    r"csrf|xss|ssrf|injection|rate.?limit\w*|throttl\w+|redact\w*|audit|integrity|certificate|tls|"
    r"password|secret|token check|bounds|safety|moderat\w+|guardrail\w*|security|check (?:that|"
    r"if|whether)|ownership|tenant)\b"
)
_CHECKS = (
    r"(?i)\b(?:if|assert|require\w*|verify\w*|validate\w*|check\w*|ensure\w*|authori[sz]e\w*|"
    r"authenticate\w*|raise|throw|return\s+err|panic|sanitize\w*|escape\w*|enforce\w*|"
    r"@\w*auth\w*)\b"
)
_NOTHING = (
    r"^[ \t]*(?:return[ \t]+(?:Ok\(\(\)\)|\w+)|pass|Ok\(\(\)\)|true|\.\.\.|"
    r"continue|next\(\)|\}|return|resolve\(.*\))[ \t]*;?[ \t]*$"
)
"""A yes, a value as it came, or nothing."""
_NO = r"^[ \t]*return[ \t]+(?i:false|no)\b"
_OMITS = (
    r"(?i)\b(?:verify|check|enforce|validate|authenticate|authori[sz]e|sanitize|escape|skip|without|"
    r"trust|disable|bypass|not yet|add|implement|require)\w*\b"
)
_MARKS = b" \t/*#!-<>"
"""What a comment begins and ends with."""
_LONGEST = 400
"""Bytes of a line that somebody wrote; a longer one is packed code."""
_NEAR = 30
"""Lines after the note in which the first line of code is looked for."""
_ELSEWHERE = frozenset({Label.TEST, Label.DOCS, Label.GENERATED, Label.VENDORED, Label.LOCK})


def check(view: View) -> Iterator[Hit]:
    """Mark notes about checks; what goes on without one weighs more."""
    for file in view.where(_NOTE, side=Side.NEW):
        if Label.SOURCE not in file.labels or not file.labels.isdisjoint(_ELSEWHERE):
            continue
        wanted = {line.number for line in file.new(_NOTE) if _is_note(line)}
        if wanted:
            yield from _told(file, wanted)


def _is_note(line: Line) -> bool:
    whole = line.whole
    if len(whole) > _LONGEST or not expression(_COMMENT).search(whole):
        return False
    return expression(_ABOUT).search(whole) is not None


def _told(file: FileView, wanted: set[int | None]) -> Iterator[Hit]:
    before: frozenset[bytes] | None = None
    for block in blocks(file):
        notes = [at for at, (number, _) in enumerate(block.new) if number in wanted]
        gone = bool(notes) and _takes_a_check(block)
        if notes and not gone:
            before = _said_before(file) if before is None else before
            notes = [at for at in notes if block.new[at][1].strip(_MARKS) not in before]
        alone = bool(notes) and file.status == "M" and _only_speaks(block)
        omits = expression(_OMITS)
        for place in notes:
            number, text = block.new[place]
            without = gone or _goes_on(block, place) or (alone and omits.search(text))
            told = "a check is taken away and promised for later" if gone else "a check is put off"
            yield Hit.on(
                file, number, text, told, severity=Severity.MEDIUM if without else Severity.LOW
            )


def _said_before(file: FileView) -> frozenset[bytes]:
    """Return the words of the notes that the file had, without their comment marks."""
    note, comment = expression(_NOTE), expression(_COMMENT)
    return frozenset(
        text.strip(_MARKS)
        for _, text in file.removed_lines()
        if len(text) <= _LONGEST and note.search(text) and comment.search(text)
    )


def _takes_a_check(block: Block) -> bool:
    """Return whether the lines that the note stands for checked something."""
    checks, about = expression(_CHECKS), expression(_ABOUT)
    gone = [text for _, text in block.old if checks.search(text) and about.search(text)]
    kept = b"\n".join(text for _, text in block.new if not expression(_NOTE).search(text))
    return bool(gone) and not (checks.search(kept) and about.search(kept))


def _only_speaks(block: Block) -> bool:
    """Return whether a program only gets comments here: it runs without the check."""
    comment = expression(_COMMENT)
    return all(not text.strip() or comment.search(text) for _, text in block.new)


def _goes_on(block: Block, place: int) -> bool:
    """Return whether right after the note the code says yes, or nothing."""
    after = (text for _, text in block.new[place + 1 : place + 1 + _NEAR])
    code = (text for text in after if text.strip() and not text.lstrip().startswith(_SPEAKS))
    first = next(code, b"")
    return bool(expression(_NOTHING).search(first)) and not expression(_NO).search(first)


RULE = Rule(
    id="deferred-check",
    pathway=Pathway.SAFETY_NEGLECT,
    severity=Severity.MEDIUM,
    confidence=Confidence.MEDIUM,
    stability=Stability.STABLE,
    summary="puts a check off, and goes on without it",
    version=4,
    added_triggers=(_NOTE,),
    check=check,
)
