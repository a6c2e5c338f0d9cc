"""A headline that announces something, and the line that it is about."""

import pytest

from reviewqueue.domain.finding import Side
from reviewqueue.scan.effects.announced import Announcement, announcing
from reviewqueue.scan.matcher import Matcher
from reviewqueue.scan.parser import parse
from reviewqueue.scan.rule import Hit, Subject
from reviewqueue.scan.view import ChangeView

OPENS = Announcement(r"\bopens? the (?:door|window)\b", "it is open")
SHUTS = Announcement(r"\bdoor\b", "it is a door")


def changed(path: str, removed: str = "", added: str = "") -> str:
    lines = "".join(f"-{line}\n" for line in removed.splitlines())
    lines += "".join(f"+{line}\n" for line in added.splitlines())
    old, new = len(removed.splitlines()), len(added.splitlines())
    return (
        f"diff --git a/{path} b/{path}\n--- a/{path}\n+++ b/{path}\n"
        f"@@ -{min(old, 1)},{old} +{min(new, 1)},{new} @@\n{lines}"
    )


def hits(title: str, *files: str, paths: str = "") -> list[Hit]:
    patches = parse("".join(files).encode())
    view = ChangeView(patches, Subject(title=title), Matcher([[]]))
    return list(announcing(OPENS, SHUTS, paths=paths)(view))


def test_it_marks_the_line_that_shares_most_with_the_headline() -> None:
    first = changed("a.py", added="x = 1\nkitchen = 2\n")
    second = changed("b.py", removed="kitchen.window = shut\n", added="y\n")
    (hit,) = hits("Open the window of the kitchen", first, second)
    assert (hit.path, hit.line, hit.side, hit.message) == ("b.py", 1, Side.OLD, "it is open")


def test_it_marks_the_first_line_where_none_shares_a_word() -> None:
    (hit,) = hits("Open the window", changed("a.py", added="\nimport os\nx = 1\n"))
    assert (hit.line, hit.text) == (3, "x = 1")


def test_only_the_first_announcement_is_told() -> None:
    (hit,) = hits("Open the door", changed("a.py", added="x\n"))
    assert hit.message == "it is open"


def test_a_file_without_lines_is_marked_as_a_whole() -> None:
    moved = "diff --git a/a.py b/b.py\nsimilarity index 100%\nrename from a.py\nrename to b.py\n"
    (hit,) = hits("Open the door", moved)
    assert (hit.path, hit.line, hit.text) == ("b.py", None, "Open the door")


@pytest.mark.parametrize(
    "title",
    [
        "",
        "Paint the house",
        'Revert "Open the door"',
        "Merge branch 'open the door'",
        "docs: open the door",
        "Do not open the door",
        "No longer open the door",
        "Only open the door at night",
        "Refactor what opens the door",
    ],
)
def test_a_headline_that_says_less_or_the_opposite_is_none(title: str) -> None:
    assert hits(title, changed("a.py", added="x\n")) == []


@pytest.mark.parametrize(
    "path", ["README.md", "tests/test_a.py", "vendor/a.py", "uv.lock", "a.png"]
)
def test_prose_tests_and_what_is_generated_are_not_meant(path: str) -> None:
    assert hits("Open the door", changed(path, added="x\n")) == []


def test_only_files_of_the_place_are_meant() -> None:
    files = changed("a.py", added="door\n"), changed("house/b.py", added="x\n")
    (hit,) = hits("Open the door", *files, paths="^house/")
    assert hit.path == "house/b.py"
    assert hits("Open the door", *files, paths="^garden/") == []


@pytest.mark.parametrize(
    "title", ["open the door " * 10_000, "\udcff open the door \x00", "д" * 9999]
)
def test_a_hostile_headline_costs_little_and_breaks_nothing(title: str) -> None:
    assert len(hits(title, changed("a.py", added="x\n" * 5_000))) <= 1


@pytest.mark.parametrize(
    ("headline", "is_made"), [("open the door", True), ("open the door of a doll's house", False)]
)
def test_what_says_that_it_is_another_thing_takes_it_back(headline: str, is_made: bool) -> None:  # noqa: FBT001 -- a column of the table
    one = Announcement(OPENS.regex, OPENS.message, unless=r"\bdoll")
    assert one.is_made(headline.encode(), is_negated=False) is is_made
