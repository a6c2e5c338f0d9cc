"""A title that speaks of words, over a change of behaviour.

What it flags
    A title that says documentation, typo, comment, formatting or white space, on a change
    that adds or removes program lines outside of tests: high where a build, CI or an
    agent's instructions are among them, medium where it is source code.

Why it matters
    A reviewer gives a typo a second's look. The backdoor put into PHP's repository in
    2021 came as "fix typo".

How to review it
    Read the files that are not prose as if the title were missing.
    Ask for a title that says what the change does.

Not flagged
    Comments, docstrings and white space in source; examples and pictures; titles that
    name the code as well.
"""

from collections.abc import Iterator

from reviewqueue.domain.finding import Confidence, Pathway, Severity, Side
from reviewqueue.domain.paths import Label
from reviewqueue.scan.rule import FileView, Hit, Rule, Stability, View, expression

_MILD = (
    r"(?i)^(?:(?:docs?|style|typos?)(?:\([^)]*\))?!?:|(?:chore|fix|ci|minor)(?:\([^)]*\))?!?:\s*(?:fix\s+)?"
    r"(?:a\s+)?typos?\b|(?:fix(?:e[sd])?|correct(?:s|ed)?)\s+(?:a\s+|some\s+|minor\s+|small\s+)?"
    r"(?:typos?|spelling|grammar|white\s?space|indentation|formatting|comments?|docs?|docstrings?)\b|"
    r"(?:update|improve|clean\s?up|reword|add)\s+(?:the\s+)?(?:readme|docs?|documentation|comments?|"
    r"docstrings?|changelog)(?:\s+(?:for|to|of|in|on|about|with)\b|\s*$|\s*[(:])|typos?\b|(?:re)?format(?:ting)?\b|white\s?space\b)"
)
_WIDER = (
    r"(?i)\b(?:and|&|\+)\s+\w|"
    r"\b(?:fix|add|implement|refactor|remove|change)\w*\s+(?:bug|support|api)"
)
_SILENT = (
    r"^[ \t]*(?:#|//|/\*|\*|\*/|<!--|--\s|;|\"\"\"|'''|>>>|\.\.\.)|"
    r"^[ \t]*$|^[ \t]*[{}()\[\],;]*\s*$"
)
_DEED = (
    r"^[ \t]*(?:if|elif|else\s+if|for|while|return|raise|throw|import|from|def|class|func|fn|const|"
    r"let|var|try|except|catch|with|await|assert|del|exec|export|use|pub|public|private|switch|case)\b|"
    r"^[ \t]*[\w.\[\]'\"]+\s*(?:[:+*/|&-]?=)[^=]|^[ \t]*[\w.:]+\([^)\n]*\)\s*;?\s*$|"
    r"^[ \t]*-?[ \t]*(?:run|uses|script|command|entrypoint|env|permissions|on)\s*:"
)
_NO_PROGRAM = frozenset({Label.TEST, Label.DOCS, Label.GENERATED, Label.LOCK, Label.MEDIA})
_PROGRAM = frozenset({Label.SOURCE, Label.SCRIPT, Label.CI, Label.BUILD, Label.HOOK})
_FEW = 3
"""Deeds that a change of wording may contain by accident."""


def check(view: View) -> Iterator[Hit]:
    """Mark program lines under a title that speaks of words only."""
    title = view.subject.headline.encode("utf-8", "replace")
    if not title or not expression(_MILD).search(title) or expression(_WIDER).search(title):
        return
    formatting = b"format" in title.lower() or title.lower().startswith(b"style")
    for file in view.files:
        if _is_program(file):
            yield from _deeds(file, formatting=formatting)


def _is_program(file: FileView) -> bool:
    return file.labels.isdisjoint(_NO_PROGRAM) and not file.labels.isdisjoint(_PROGRAM)


def _deeds(file: FileView, *, formatting: bool) -> Iterator[Hit]:
    """Tell a file whose program changes: its letters too, where formatting was said."""
    added, removed = _program(file.added), _program(file.removed)
    if formatting and b"".join(sorted(added)) == b"".join(sorted(removed)):
        return
    if formatting and _letters(file.added) == _letters(file.removed):
        return
    changed = [text for text in added if text not in set(removed)]
    gone = [text for text in removed if text not in set(added)]
    if len(changed) + len(gone) < _FEW:
        return
    severe = bool(file.labels & {Label.CI, Label.HOOK, Label.BUILD})
    number = next((n for n, text in file.added_lines() if text.strip() in changed), None)
    yield Hit(
        message="the title speaks of words only, but program lines change here",
        text=(changed or gone)[0][:2_000].decode("utf-8", "replace"),
        path=file.path,
        line=number,
        side=Side.NEW if number else Side.NONE,
        severity=Severity.MEDIUM if severe or not formatting else Severity.LOW,
        key=b"\n".join([*changed, *gone]),
    )


def _program(text: bytes) -> list[bytes]:
    """Return the lines that do something, stripped."""
    silent, deed = expression(_SILENT), expression(_DEED)
    starts = (match.start() for match in deed.finditer(text))
    lines = (text[start : text.find(b"\n", start)].strip() for start in starts)
    return [line for line in lines if not silent.search(line)]


def _letters(text: bytes) -> bytes:
    return b"".join(text.split()).translate(None, b"\"',;()")


RULE = Rule(
    id="misleading-title",
    pathway=Pathway.COVERING_TRACKS,
    severity=Severity.MEDIUM,
    confidence=Confidence.MEDIUM,
    stability=Stability.STABLE,
    summary="changes behaviour under a title that speaks of words",
    check=check,
)
