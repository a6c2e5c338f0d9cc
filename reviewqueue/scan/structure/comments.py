"""Which lines do nothing of themselves, in any of the usual languages."""

from reviewqueue.scan.rule import expression
from reviewqueue.scan.structure.pairs import finds

_COMMENT = (
    r"^[ \t\r\f\v]*(?:#(?:[^!\[\n]|$)|//|\*(?:[ \t\r\f/]|$)|--[ \t\r\f]|<!--|;;|"
    r"%(?:[% \t\r\f]|$)|REM[ \t\r\f]|/\*(?:[^*\n]|\*+[^*/\n])*(?:\*+/[ \t\r\f]*)?$|"
    r"\"\"\"[^\"\n]*(?:\"\"\"[ \t\r\f]*)?$|'''[^'\n]*(?:'''[ \t\r\f]*)?$)"
)
"""What follows a comment that ends on its own line is code."""
_OBEYED = r"^[ \t\r\f\v]*#(?:define[ \t]+\w|[ \t]*(?:define[ \t]+\w+\(|include[ \t]*[<\"]))"
"""What the preprocessor of C is told, and no other language says in these words."""
_SPEAK = b"#/*<-;%\"'R"
"""What a comment begins with."""


def is_comment(text: bytes) -> bool:
    """Return whether a line, or each of several, only speaks; not where all are empty."""
    if b"\n" in text:
        lines = [line for line in text.split(b"\n") if line.strip()]
        return bool(lines) and all(map(is_comment, lines))
    if text.lstrip()[:1] not in _SPEAK:
        return False
    return finds(_COMMENT)(text) and not finds(_OBEYED)(text)


def acting(text: bytes) -> int:
    """Return how many lines are neither empty nor comments."""
    lines = sum(map(bool, map(bytes.strip, text.split(b"\n"))))
    speaking, obeyed = (len(expression(regex).findall(text)) for regex in (_COMMENT, _OBEYED))
    return lines - speaking + obeyed


def uncommented(text: bytes) -> bytes:
    """Return a text without the lines that only speak."""
    return b"\n".join([line for line in text.split(b"\n") if not is_comment(line)])


def is_bare(text: bytes) -> bool:
    """Return whether a line is empty, or holds brackets and what parts them alone."""
    return not text.strip(b" \t\r{}()[];,")
