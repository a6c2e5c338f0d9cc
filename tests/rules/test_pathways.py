"""Each pathway's page: what it is, how its rules look, examples that hold, what is not seen."""

from collections.abc import Iterator

import pytest

from reviewqueue.domain.finding import Pathway, Scan, Severity
from reviewqueue.rules import catalogue, explained
from reviewqueue.scan.diff import Diff
from reviewqueue.scan.engine import Scanner
from reviewqueue.scan.rule import Subject

HEADINGS = ["", "What it is", "Rules", "Examples", "What it cannot see"]
LEAST_LIMITS = 4
SCANNER = Scanner(catalogue(), b"salt")


def examples() -> Iterator[tuple[Pathway, list[str]]]:
    """Yield each example's lines: perhaps a title, a path, then added and removed lines."""
    for pathway in Pathway:
        for part in explained(pathway)["Examples"].split("\n\n"):
            if part.startswith("    "):
                yield pathway, [line.removeprefix("    ") for line in part.splitlines()]


def scan(lines: list[str]) -> Scan:
    """Scan an example in the middle of a file that has other lines."""
    title = ""
    if lines[0].startswith("Title: "):
        title = lines[0].removeprefix("Title: ")
        lines = lines[1:]
    path, *changed = lines
    old = sum(line.startswith("-") for line in changed) + 2
    new = sum(line.startswith("+") for line in changed) + 2
    body = [f"{line[0]}{line[2:]}" for line in changed]
    patch = [
        f"diff --git a/{path} b/{path}",
        "index 1111111..2222222 100644",
        f"--- a/{path}",
        f"+++ b/{path}",
        f"@@ -20,{old} +20,{new} @@",
        " ",
        *body,
        " ",
    ]
    return SCANNER.scan(Diff("\n".join([*patch, ""]).encode()), Subject(title=title))


@pytest.mark.parametrize("pathway", list(Pathway))
def test_it_has_every_heading_in_order(pathway: Pathway) -> None:
    told = explained(pathway)
    assert list(told) == HEADINGS
    assert all(told.values())
    assert told[""].endswith(".")
    assert "\n" not in told[""]


@pytest.mark.parametrize("pathway", list(Pathway))
def test_it_says_more_than_one_thing_that_it_cannot_see(pathway: Pathway) -> None:
    assert len(explained(pathway)["What it cannot see"].split("\n\n")) >= LEAST_LIMITS


@pytest.mark.parametrize("pathway", list(Pathway))
def test_it_has_two_examples(pathway: Pathway) -> None:
    assert [one for one, _ in examples()].count(pathway) >= 2


@pytest.mark.parametrize(
    ("pathway", "lines"), list(examples()), ids=[f"{one}-{lines[0]}" for one, lines in examples()]
)
def test_each_example_is_flagged_on_its_pathway(pathway: Pathway, lines: list[str]) -> None:
    result = scan(lines)
    assert result.unscannable is None
    found = {finding.rule for finding in result.findings if finding.severity is not Severity.LOW}
    assert found & {rule.id for rule in catalogue() if rule.pathway is pathway}, result.findings
