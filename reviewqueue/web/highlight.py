"""Syntax highlighting into a few classes, line by line, for well-known languages only.

The text is hostile and lexers are made of backtracking patterns: what is long is left
plain, and only the languages named here are lexed.
"""

from collections.abc import Sequence
from functools import lru_cache
from pathlib import PurePosixPath

from markupsafe import Markup
from pygments.lexer import Lexer  # type: ignore[import-untyped]  # ships no types
from pygments.lexers import get_lexer_by_name  # type: ignore[import-untyped]  # ships no types
from pygments.token import (  # type: ignore[import-untyped]  # ships no types
    Comment,
    Keyword,
    Literal,
    Name,
    Operator,
    String,
    _TokenType,
)

from reviewqueue.web.visible import visible_html

LONGEST_LINE = 800
"""Characters; a hunk with a longer line is left plain."""
LONGEST_TEXT = 40_000

LANGUAGES = {
    ".bash": "bash",
    ".c": "c",
    ".cc": "cpp",
    ".cpp": "cpp",
    ".cs": "csharp",
    ".css": "css",
    ".cfg": "ini",
    ".go": "go",
    ".h": "c",
    ".hpp": "cpp",
    ".ini": "ini",
    ".java": "java",
    ".js": "javascript",
    ".json": "json",
    ".jsx": "javascript",
    ".kt": "kotlin",
    ".lua": "lua",
    ".mjs": "javascript",
    ".php": "php",
    ".pl": "perl",
    ".py": "python",
    ".pyi": "python",
    ".rb": "ruby",
    ".rs": "rust",
    ".scala": "scala",
    ".sh": "bash",
    ".sql": "sql",
    ".swift": "swift",
    ".tf": "terraform",
    ".toml": "toml",
    ".ts": "typescript",
    ".tsx": "typescript",
    ".yaml": "yaml",
    ".yml": "yaml",
}
_NAMES = {"dockerfile": "docker", "makefile": "make", "gemfile": "ruby", "jenkinsfile": "groovy"}

_CLASSES: dict[_TokenType, str] = {
    Comment: "c",
    Keyword: "k",
    Operator.Word: "k",
    String: "s",
    Literal.Number: "m",
    Name.Function: "f",
    Name.Class: "f",
    Name.Tag: "f",
    Name.Decorator: "d",
    Name.Attribute: "d",
    Name.Builtin: "d",
}


def language_of(path: str) -> str | None:
    """Return the lexer's name for a path, or None where we highlight nothing."""
    name = PurePosixPath(path).name.lower()
    return _NAMES.get(name) or LANGUAGES.get(PurePosixPath(name).suffix)


@lru_cache(maxsize=64)
def _lexer(language: str) -> Lexer:
    return get_lexer_by_name(language)


@lru_cache(maxsize=512)
def _class_of(token: _TokenType) -> str | None:
    kind: _TokenType | None = token
    while kind is not None:
        if kind in _CLASSES:
            return _CLASSES[kind]
        kind = kind.parent
    return None


def highlight(lines: Sequence[str], language: str | None) -> list[Markup]:
    """Return each line as escaped HTML, hidden characters visible, tokens in classes.

    ``lines`` are consecutive lines of one file without their line ends.
    """
    plain = [visible_html(line) for line in lines]
    text = "\n".join(lines)
    if (
        language is None
        or len(text) > LONGEST_TEXT
        or any(len(line) > LONGEST_LINE for line in lines)
    ):
        return plain
    marked = _marked(text, language)
    return marked if len(marked) == len(plain) else plain


def _marked(text: str, language: str) -> list[Markup]:
    lines: list[list[Markup]] = [[]]
    seen = 0
    for start, token, value in _lexer(language).get_tokens_unprocessed(text):
        if start != seen:
            return []
        seen += len(value)
        kind = _class_of(token)
        for number, part in enumerate(value.split("\n")):
            if number:
                lines.append([])
            if part:
                html = visible_html(part)
                lines[-1].append(
                    Markup('<span class="tok-{}">{}</span>').format(kind, html) if kind else html
                )
    return [Markup("").join(line) for line in lines] if seen == len(text) else []
