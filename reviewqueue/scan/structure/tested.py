"""What a test looks like in the languages that have one."""

from reviewqueue.scan.rule import Line, expression
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
ANY_NAME = r"\b(?:def|func|fn|function|void|fun)\s+(?:\([^)\n]*\)\s*)?(\w{6,})\s*\("
NEAR = 400
"""Lines around a mark in which its test is looked for: a longer body hides no other."""


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
