"""What a change says of itself counts only where something that runs is touched."""

import pytest

from reviewqueue.scan.headline import says
from reviewqueue.scan.rule import Subject

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
