"""What is only said is told from what runs by proof, so that no code can pass for prose."""

import pytest

from reviewqueue.scan.parser import FilePatch
from reviewqueue.scan.structure.said import is_sentence, is_value
from reviewqueue.scan.view import ChangedFile


def file(path: bytes) -> ChangedFile:
    return ChangedFile(FilePatch(old_path=b"", new_path=path))


@pytest.mark.parametrize(
    "line",
    [
        b'"""Verify eval() completes successfully with caches."""',
        b"    *args: Additional arguments passed to pickle.loads()",
        b"        the shortcut is safe when redacted reasoning is present.",
    ],
)
def test_a_sentence_in_a_docstring_is_prose(line: bytes) -> None:
    assert is_sentence(file(b"a/b.py"), line)
    assert not is_sentence(file(b"a/b.sh"), line)


@pytest.mark.parametrize(
    "line",
    [
        b"return eval(x) if y else eval(z)",
        b"value = not eval(text) and not other or lambda: eval(that)",
        b"eval(text)  # runs the very text",
        b'log("nothing here runs", eval(text))',
        b"from os import system as other",
        b"async def eval(text): await other",
        b'"""""" ; eval(text)',
        b"print eval(text)",
        b"",
    ],
)
def test_code_is_no_prose(line: bytes) -> None:
    assert not is_sentence(file(b"a/b.py"), line)


@pytest.mark.parametrize(
    ("line", "found"),
    [
        (b'("eval(x)",)', True),
        (b'case("\\"", "eval(x)")', True),
        (b'case("a", eval(x))', False),
        (b'os.system("eval(x)")', False),
        (b'subprocess.run(["sh", "-c", "eval(x)"])', False),
        (b"don't eval(x)", False),
    ],
)
def test_what_stands_between_quotes_is_a_value(line: bytes, *, found: bool) -> None:
    assert is_value(line, line.index(b"eval(x")) is found


def test_it_is_quick_on_long_lines() -> None:
    assert not is_sentence(file(b"a.py"), b"a b " * 100_000)
    assert not is_value(b'"' * 400_000, 399_999)
