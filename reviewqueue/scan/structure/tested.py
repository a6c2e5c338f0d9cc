"""What a test looks like in the languages that have one."""

from reviewqueue.domain.paths import Label, read_by_machines
from reviewqueue.scan.rule import FileView, Line, expression
from reviewqueue.scan.structure.comments import is_comment

TEST = (
    r"^[ \t]*(?:async\s+)?def\s+test\w*\s*\(|^[ \t]*func\s+(?:\([^)\n]*\)\s*)?(?:Test|Fuzz|"
    r"Benchmark)\w*\s*\(|^[ \t]*(?:it|test|specify|QUnit\.test|"
    r"Deno\.test)(?:\.\w+)?(?:\.each\([^\n]*\))?\s*\(\s*['\"`]|"
    r"^[ \t]*(?:it|test|scenario|specify)\s+['\"][^\n]*(?:\bdo\b|\{)|"
    r"^[ \t]*#\[(?:\w+::)?test(?:_case)?\b|^[ \t]*@(?:Parameterized|Repeated)?Test\b|"
    r"^[ \t]*\[(?:Fact|Theory|Test|TestMethod|TestCase)\b|"
    r"^[ \t]*(?:TEST|TEST_F|TEST_P|TYPED_TEST|BOOST_AUTO_TEST_CASE|TEST_CASE)\s*\(|"
    r"^[ \t]*(?:public\s+)?function\s+test\w+\s*\(|^[ \t]*func\s+test\w+\s*\(\)"
)
"""The line that begins a test."""
_ASSERTS = (
    r"^[ \t]*(?:self\.)?assert\w*[ (!]|\bassert(?:That|Equals|True|_eq!)\(|\bexpect\(|"
    r"\.(?:should|to)\b|\b(?:t|b)\.(?:Error|Fatal)f?\(|\brequire\.\w+\(t\b|\bpytest\.raises\("
)
"""What a test expects."""
_READ = 1 << 16
ANY_NAME = r"\b(?:def|func|fn|function|void|fun)\s+(?:\([^)\n]*\)\s*)?(\w{6,})\s*\("
NEAR = 400
"""Lines around a mark in which its test is looked for: a longer body hides no other."""


def is_trial(file: FileView) -> bool:
    """Return whether a file is a program of tests: by its name, and as it expects something."""
    if Label.TEST not in file.labels or read_by_machines(file.labels):
        return False
    return expression(_ASSERTS).search(file.added[:_READ]) is not None


def bare(line: bytes) -> bytes:
    """Return a line as it stays when it is moved or indented anew."""
    return b" ".join(line.split())


def is_quiet(text: bytes) -> bool:
    """Return whether a line is empty, or a comment."""
    return not text.strip() or is_comment(text)


def names_of(line: Line) -> list[bytes]:
    """Return the name of a test that a line begins, where it says one."""
    found: list[bytes] = expression(ANY_NAME).findall(line.whole)
    return found
