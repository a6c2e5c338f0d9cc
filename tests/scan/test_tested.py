"""What a test looks like."""

import pytest

from reviewqueue.scan.parser import parse
from reviewqueue.scan.rule import expression
from reviewqueue.scan.structure.tested import TEST, bare, is_quiet, names_of
from reviewqueue.scan.view import ChangedFile


@pytest.mark.parametrize(
    "text",
    [
        b"def test_it():",
        b"    async def test_it(self):",
        b"func TestIt(t *testing.T) {",
        b"it('works', () => {",
        b"  test 'works' do",
        b"#[tokio::test]",
        b"    @ParameterizedTest",
        b"[Fact]",
        b"TEST_F(Store, Works) {",
    ],
)
def test_it_knows_the_line_that_begins_a_test(text: bytes) -> None:
    assert expression(TEST).search(text)


@pytest.mark.parametrize("text", [b"attest('x')", b"testing = 1", b"@Testable"])
def test_it_takes_nothing_else_for_one(text: bytes) -> None:
    assert not expression(TEST).search(text)


def changed() -> ChangedFile:
    head = b"diff --git a/f b/f\n--- a/f\n+++ b/f\n@@ -3,2 +3,3 @@\n"
    return ChangedFile(parse(head + b" a\n-b\n+c\n+def  test_more():\n")[0])


def test_it_names_the_tests() -> None:
    [line] = changed().new(TEST)
    assert names_of(line) == [b"test_more"]


def test_it_folds_space_and_knows_what_says_nothing() -> None:
    assert bare(b"  a   b ") == b"a b"
    assert is_quiet(b"  # a word")
    assert is_quiet(b" ")
    assert not is_quiet(b"run()")
