"""Commits to attribute."""

from collections.abc import Callable
from datetime import UTC, datetime

import pytest

from reviewqueue.attribution.trailers import person_in
from reviewqueue.domain.change import Commit
from reviewqueue.domain.people import Person

MakeCommit = Callable[..., Commit]


def _person(text: str) -> Person:
    person = person_in(text)
    assert person is not None
    return person


@pytest.fixture(name="commit")
def _commit() -> MakeCommit:
    """Make a commit from texts as git shows them."""

    def make(
        message: str = "Do it",
        author: str = "Ann Lee <ann@corp.io>",
        committer: str = "",
        sha: str = "c0ffee" * 7,
    ) -> Commit:
        at = datetime(2026, 1, 2, tzinfo=UTC)
        return Commit(
            sha=sha[:40],
            parents=(),
            author=_person(author),
            committer=_person(committer or author),
            authored_at=at,
            committed_at=at,
            message=message,
        )

    return make
