"""Where a program asks where it runs, and no longer does."""

import pytest

from reviewqueue.scan.effects.balance import Balance
from reviewqueue.scan.effects.surroundings import ungated
from reviewqueue.scan.parser import parse
from reviewqueue.scan.view import ChangedFile


def found(old: list[str], new: list[str]) -> list[int]:
    """Return the old lines of the conditions that are gone from a file."""
    head = "diff --git a/app.x b/app.x\nindex 1111111..2222222 100644\n--- a/app.x\n+++ b/app.x\n"
    head += f"@@ -1,{len(old) + 1} +1,{len(new) + 1} @@\n same\n"
    body = "".join(f"-{line}\n" for line in old) + "".join(f"+{line}\n" for line in new)
    (patch,) = parse((head + body).encode())
    file = ChangedFile(patch)
    return [number for number, _ in ungated(file, Balance([file]))]


@pytest.mark.parametrize(
    ("old", "new"),
    [
        (["if (PHP_SAPI === 'cli' && getenv('X')) {"], ["if (getenv('X')) {"]),
        (["if env == 'dev' and user:"], ["if user:"]),
        (["if Rails.env.development?", "  mount Web", "end"], ["mount Web"]),
        (['@Profile("dev")'], []),
        (['docs = "/docs" if settings.env == "dev" else None'], ['docs = "/docs"']),
    ],
)
def test_what_was_meant_for_one_place_is_everywhere(old: list[str], new: list[str]) -> None:
    assert found(old, new) == [2]


@pytest.mark.parametrize(
    ("old", "new"),
    [
        (["if env == 'production' and user:"], ["if user:"]),
        (["if Rails.env.development?", "  mount Web", "end"], []),
        (["if env == 'dev' and user:"], ["if env == 'local' and user:"]),
        (["if Rails.env.development?", "  mount Web", "end"], ["mount Other"]),
        (["if wide and user:"], ["if user:"]),
    ],
)
def test_what_went_or_was_kept_away_otherwise_is_not(old: list[str], new: list[str]) -> None:
    assert not found(old, new)
