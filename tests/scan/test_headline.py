"""What a change says of itself counts only where something that runs is touched."""

import pytest

from reviewqueue.scan.rule import Subject
from reviewqueue.scan.structure.headline import gives_up, says, without_tightening

CRON = r"(?i)\bcron\b"


@pytest.mark.parametrize("title", ["Add optional cron support", "feat(image): cron", "CRON: new"])
def test_it_hears_what_a_headline_says(title: str) -> None:
    assert says(Subject(title=title), CRON)


@pytest.mark.parametrize(
    "title",
    ["Remove the cron job", 'Revert "add cron"', "Merge cron", "stop using cron", "acronym"],
)
def test_it_does_not_hear_what_is_undone(title: str) -> None:
    assert not says(Subject(title=title), CRON)


def test_it_wants_every_expression() -> None:
    subject = Subject(message="export orders\n\nto the bucket")
    assert says(subject, r"export")
    assert not says(subject, r"export", r"bucket")


TESTS = "tests?|specs?"


@pytest.mark.parametrize(
    "title",
    [
        "Skip the flaky upload tests",
        "test: disable spec on Windows",
        "ci: comment out integration tests for now",
        "Turn off the slow test",
        "temporarily: tests are skipped",
        "Tests disabled until the runner is back",
        "Remove slow, flaky and heavy tests",
    ],
)
def test_it_hears_that_something_is_given_up(title: str) -> None:
    assert gives_up(Subject(message=f"{title}\n\nbody"), TESTS)


@pytest.mark.parametrize(
    "title",
    [
        "Add tests for uploads",
        "Re-enable the skipped tests",
        "Stop skipping tests on Windows",
        "chore: release 1.2 [skip ci] with tests",
        "Remove the upload button. It has tests",
        "Remove the upload button, update tests",
        "Drop the old override, and correct the note on tests",
        "Reduce test duration",
        "Remove noisy warnings of the parser, and align the tests",
        "Lower specs runtime",
        "Drop the old parser and add tests",
        "Stop failing on an empty folder of tests",
        "Report that tests are disabled",
        "",
    ],
)
def test_it_hears_nothing_else(title: str) -> None:
    assert not gives_up(Subject(message=title), TESTS)


def test_it_hears_only_the_headline() -> None:
    assert not gives_up(Subject(message="Tidy\n\nskip the tests"), TESTS)
    assert gives_up(Subject(message="Tidy", title="Skip the tests"), TESTS)


@pytest.mark.parametrize(
    ("title", "left"),
    [
        ("fix: remove unpinned till source", "fix: "),
        ("drop the unsafe cookies; disable tls", "; disable tls"),
        ("remove the insecure login check", "remove the insecure login check"),
        ("skip unverified certificates", "skip unverified certificates"),
        ("remove weak keys and the login", "remove weak keys and the login"),
    ],
)
def test_it_drops_the_clauses_that_take_away_what_is_insecure(title: str, left: str) -> None:
    assert without_tightening(title.encode()) == left.encode()
