"""CODEOWNERS as GitHub reads it; the cases follow its documentation's examples."""

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from reviewqueue.domain.owners import MAX_BYTES, Owners, parse_owners


@pytest.mark.parametrize(
    ("pattern", "path", "owned"),
    [
        ("*", "a", True),
        ("*", "deep/in/a.txt", True),
        ("/*", "a", True),
        ("/*", "deep/a", False),
        ("**", "deep/a", True),
        ("*.js", "app.js", True),
        ("*.js", "src/app.js", True),
        ("*.js", "src/app.jsx", False),
        ("*.js", "src/folder.js/readme", True),
        ("/build/logs/", "build/logs/today.txt", True),
        ("/build/logs/", "build/logs/deep/today.txt", True),
        ("/build/logs/", "build/logs", False),
        ("/build/logs/", "other/build/logs/today.txt", False),
        ("docs/*", "docs/start.md", True),
        ("docs/*", "docs/build-app/trouble.md", False),
        ("docs/*", "other/docs/start.md", False),
        ("apps/", "apps/a", True),
        ("apps/", "deep/apps/a/b", True),
        ("apps/", "deep/apps", False),
        ("/docs/", "docs/a/b", True),
        ("/docs/", "x/docs/a", False),
        ("/scripts", "scripts/a", True),
        ("/scripts", "scripts", True),
        ("/scripts", "scripts2/a", False),
        ("docs", "docs", True),
        ("docs", "a/docs/b", True),
        ("a/b", "a/b/c", True),
        ("a/b", "x/a/b", False),
        ("**/logs", "logs", True),
        ("**/logs", "build/logs/a", True),
        ("**/logs", "deeply/nested/logs/a", True),
        ("**/logs", "catalogs/a", False),
        ("a/**/b", "a/b", True),
        ("a/**/b", "a/x/y/b", True),
        ("a/**/b", "a/x/y/c", False),
        ("a/**", "a/b/c", True),
        ("a/**", "a", False),
        ("a/**/*.go", "a/x/y.go", True),
        ("a/**/*.go", "a/y.go", True),
        ("a/*/c", "a/b/c/d", True),
        ("a/*/c", "a/b/b/c", False),
        ("/a?c", "abc", True),
        ("/a?c", "ac", False),
        ("/a?c", "a/c", False),
        ("/a*c", "abbbc", True),
        ("/a*c", "ab/c", False),
        ("/a*b*c", "axbxbxc", True),
        (r"/with\ space", "with space", True),
        (r"/a\*c", "a*c", True),
        (r"/a\*c", "abc", False),
        (r"/a\?c", "a?c", True),
        ("/", "a", False),
        ("//", "a/b", False),
        ("/Docs", "docs/a", False),
    ],
)
def test_it_matches_as_github_does(pattern: str, path: str, *, owned: bool) -> None:
    owners = parse_owners(f"{pattern} @o".encode())

    assert owners.problems == ()
    assert owners.of(path) == (("@o",) if owned else ())


def test_it_lets_the_last_matching_line_win() -> None:
    owners = parse_owners(b"* @all\n/src/ @src @more\n/src/free/\n/src/free/kept x@y.org\n")

    assert owners.of("readme") == ("@all",)
    assert owners.of("src/a") == ("@src", "@more")
    assert owners.of("src/free/a") == ()
    assert owners.of("src/free/kept") == ("x@y.org",)


def test_it_names_the_line_that_decided() -> None:
    rule = parse_owners(b"# who\n\n* @all  # everybody\r\n").rule_of("a")

    assert rule is not None
    assert (rule.line, rule.pattern, rule.owners) == (3, "*", ("@all",))


def test_it_ends_a_line_at_a_comment_but_not_inside_a_word() -> None:
    owners = parse_owners(b"/a#b @one # @two\n/only #comment\n")

    assert owners.of("a#b") == ("@one",)
    assert owners.of("only") == ()
    assert owners.rule_of("only") is not None


@pytest.mark.parametrize(
    "line",
    [
        b"!/src @a",
        b"/[ab].txt @a",
        b"\\#file @a",
        b"/a***b @a",
        b"/src nobody",
        b"/src @",
        b"/src @a @@developers",
        b"/src @org/",
        b"/src @a#x",
        b"/lone\\",
    ],
)
def test_it_skips_and_reports_a_line_it_cannot_read(line: bytes) -> None:
    owners = parse_owners(b"* @all\n" + line + b"\n")

    assert len(owners.problems) == 1
    assert owners.problems[0].startswith("line 2: ")
    assert owners.of("src") == ("@all",)


def test_it_reads_the_lines_of_gitlab_sections_with_their_default_owners() -> None:
    owners = parse_owners(b"[Docs] @docs\n*.md\n/x.md @x\n^[Optional][2]\n/free\n")

    assert owners.problems == ()
    assert owners.of("a.md") == ("@docs",)
    assert owners.of("x.md") == ("@x",)
    assert owners.of("free") == ()


def test_it_reads_no_file_over_the_size_limit() -> None:
    owners = parse_owners(b"* @a\n" * (MAX_BYTES // 5 + 1))

    assert owners.of("a") == ()
    assert owners.problems


def test_it_gives_the_team_that_owns_most_changed_lines() -> None:
    owners = parse_owners(b"/a/ @org/two\n/b/ @org/one @person\n/c/ @person\n/d/ @org/one @org/two")

    assert owners.team_of({"a/x": 3, "b/x": 2, "c/x": 90}) == "@org/two"
    assert owners.team_of({"a/x": 2, "b/x": 2}) == "@org/one"
    assert owners.team_of({"d/x": 1, "a/x": 1}) == "@org/two"
    assert owners.team_of({"c/x": 9}) == ""
    assert Owners().team_of({}) == ""


def test_it_answers_again_after_it_forgot() -> None:
    owners = parse_owners(b"/a/ @one\n")

    assert {owners.of(f"a/{n}") for n in range(20_050)} == {("@one",)}
    assert owners.of("a/0") == ("@one",)


def test_it_needs_few_steps_where_a_backtracking_pattern_would_hang() -> None:
    owners = parse_owners(b"/" + b"*a" * 200 + b"b @o\n" + b"/x" + b"/**/a" * 200 + b"/end @p\n")

    assert owners.of("a" * 4_000) == ()
    assert owners.of("x/" + "a/" * 2_000 + "y") == ()


def _reference(pattern: str, path: str) -> bool:
    """Match by a regular expression, written independently and only fit for short input."""
    names = pattern.split("/")
    if names[0] == "":
        names = names[1:]
    elif len(names) == 1 or names[1:] == [""]:
        names = ["**", *names]
    if names[-1] == "":
        names[-1] = "**"
    text = ""
    for place, name in enumerate(names):
        last = place == len(names) - 1
        if name == "**":
            text += ".+" if last else "(?:.+/)?"
            continue
        text += "".join({"*": "[^/]*", "?": "[^/]"}.get(c, re.escape(c)) for c in name)
        if name == "*":
            text = text.removesuffix("[^/]*") + "[^/]+"
        if not last:
            text += "/"
        elif name != "*":
            text += "(?:/.*)?"
    return re.fullmatch(text, path) is not None


_names = st.text("ab*?", min_size=1, max_size=3).filter(lambda n: "**" not in n) | st.just("**")
_patterns = st.builds(
    lambda lead, names, trail: lead + "/".join(names) + trail,
    st.sampled_from(["", "/"]),
    st.lists(_names, min_size=1, max_size=4),
    st.sampled_from(["", "/"]),
)
_paths = st.lists(st.text("ab", min_size=1, max_size=3), min_size=1, max_size=5).map("/".join)


@given(_patterns, _paths)
def test_it_agrees_with_a_regular_expression(pattern: str, path: str) -> None:
    owned = parse_owners(f"{pattern} @o".encode()).of(path) == ("@o",)

    assert owned == _reference(pattern, path)


@given(st.binary(max_size=300), st.text(max_size=30))
def test_it_never_raises(text: bytes, path: str) -> None:
    parse_owners(text).of(path)
