import pytest
from hypothesis import given
from hypothesis import strategies as st

from reviewqueue.web.highlight import LANGUAGES, LONGEST_LINE, highlight, language_of
from reviewqueue.web.visible import visible_html


@pytest.mark.parametrize(
    ("path", "language"),
    [
        ("src/main.py", "python"),
        ("Dockerfile", "docker"),
        ("a/Makefile", "make"),
        ("x.rs", "rust"),
        ("no-extension", None),
        ("data.bin", None),
        (".yml", None),
    ],
)
def test_it_knows_a_language_by_its_path(path: str, language: str | None) -> None:
    assert language_of(path) == language


def test_it_marks_tokens_by_class() -> None:
    (line,) = highlight(["def f(): return 'x'  # why"], "python")

    assert '<span class="tok-k">def</span>' in line
    assert '<span class="tok-c"># why</span>' in line


def test_it_keeps_a_token_of_many_lines_on_its_lines() -> None:
    lines = highlight(['"""one', "two", 'three"""'], "python")

    assert [line.striptags() for line in lines] == ['"""one', "two", 'three"""']
    assert all("tok-" in line for line in lines)


def test_it_leaves_a_long_line_plain() -> None:
    (line,) = highlight(["def " + "x" * LONGEST_LINE], "python")

    assert "tok-" not in line


@pytest.mark.parametrize("language", sorted(set(LANGUAGES.values())))
def test_it_has_a_lexer_for_each_language(language: str) -> None:
    assert [line.striptags() for line in highlight(["value = 1", "x"], language)] == [
        "value = 1",
        "x",
    ]


@given(st.lists(st.text(max_size=60).filter(lambda text: "\n" not in text), max_size=6))
def test_it_shows_every_character_whatever_the_text(lines: list[str]) -> None:
    found = highlight(lines, "javascript")

    assert len(found) == len(lines)
    for line, html in zip(lines, found, strict=True):
        assert "<script" not in html
        assert _text(str(html)) == _text(str(visible_html(line)))


def _text(html: str) -> str:
    out, inside = [], False
    for character in html:
        if character == "<":
            inside = True
        elif character == ">":
            inside = False
        elif not inside:
            out.append(character)
    return "".join(out)
