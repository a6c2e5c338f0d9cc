"""Whether a line of a program is only said: words of a docstring, or text between quotes.

Both are proved, not guessed. Python lets no two names stand side by side, so a line in which
they do is prose; what stands between the quotes of one line is a value, until something
outside of them runs it.
"""

from reviewqueue.domain.paths import fold
from reviewqueue.scan.rule import FileView, expression
from reviewqueue.scan.structure.values import values

_SIDE_BY_SIDE = r"(?:^|[\s(])([A-Za-z][a-z]+) ([A-Za-z][a-z]+)(?:[\s.,;:)]|$)"
_GRAMMAR = frozenset(
    b"and as assert async await break case class continue def del elif else except exec finally "
    b"for from global if import in is lambda match nonlocal not or pass print raise return try "
    b"type while with yield cdef cpdef ctypedef cimport inline extern include public struct enum "
    b"union const unsigned signed long short int char float double void object".split()
)
"""Words that a name may stand beside, in Python and its relatives."""
_RUNS = (
    r"(?i)\b(?:system|popen|exec\w*|eval|spawn\w*|run\w*|call|check_\w+|getoutput|subprocess\S*|"
    r"shell\w*|command|invoke\w*|start|popen3|open3\S*|passthru|sh|bash|cmd|query|script)\s*[!.(\[`]"
)
_QUOTES = b"\"'`"
_ESCAPE = b"\\"[0]
_LONGEST = 4_096
"""Bytes of a line that are read."""


def is_sentence(file: FileView, text: bytes) -> bool:
    """Return whether a line of a Python file is prose: two names side by side."""
    if not fold(file.path).endswith((".py", ".pyi", ".pyx")):
        return False
    shown = values(text[:_LONGEST].replace(b'"""', b" ").replace(b"'''", b" "))
    code = shown.partition(b"#")[0]
    at = 0
    while found := expression(_SIDE_BY_SIDE).search(code, at):
        if found[1] not in _GRAMMAR and found[2] not in _GRAMMAR:
            return True
        at = found.end(1)
    return False


def is_value(text: bytes, at: int) -> bool:
    """Return whether a place of a line stands between quotes, and nothing around them runs it."""
    if at > _LONGEST or not _is_quoted(text, at):
        return False
    return expression(_RUNS).search(values(text[:_LONGEST])) is None


def _is_quoted(text: bytes, at: int) -> bool:
    quote = place = 0
    while place < at:
        letter = text[place]
        if letter == _ESCAPE:
            place += 1
        elif quote:
            quote = 0 if letter == quote else quote
        elif letter in _QUOTES:
            quote = letter
        place += 1
    return bool(quote) and text.find(quote, at) > 0
