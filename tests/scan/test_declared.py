"""What a headline says is given up."""

import pytest

from reviewqueue.scan.declared import gives_up
from reviewqueue.scan.rule import Subject

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
        "",
    ],
)
def test_it_hears_nothing_else(title: str) -> None:
    assert not gives_up(Subject(message=title), TESTS)


def test_it_hears_only_the_headline() -> None:
    assert not gives_up(Subject(message="Tidy\n\nskip the tests"), TESTS)
    assert gives_up(Subject(message="Tidy", title="Skip the tests"), TESTS)
