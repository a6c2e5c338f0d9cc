"""Which lines do nothing of themselves, in any of the usual languages."""

from reviewqueue.scan.pairs import finds

_COMMENT = (
    r"^\s*(?:#(?:[^!\[]|$)|//|\*(?:[\s/]|$)|--\s|<!--|;;|%(?:[%\s]|$)|REM\s|"
    r"/\*(?:[^*]|\*+[^*/])*(?:\*+/\s*)?$|\"\"\"[^\"]*(?:\"\"\"\s*)?$|'''[^']*(?:'''\s*)?$)"
)
"""What follows a comment that ends on its own line is code."""
_OBEYED = r"^\s*#(?:define[ \t]+\w|[ \t]*(?:define[ \t]+\w+\(|include[ \t]*[<\"]))"
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
    lines = [line for line in map(bytes.lstrip, text.split(b"\n")) if line]
    return len(lines) - sum([is_comment(line) for line in lines if line[:1] in _SPEAK])


def is_bare(text: bytes) -> bool:
    """Return whether a line is empty, or holds brackets and what parts them alone."""
    return not text.strip(b" \t\r{}()[];,")
