"""The people whom the database knows as reviewers."""

from reviewqueue.domain.people import Person
from reviewqueue.store import Reader

_CHANGES = 1000


def reviewers(reader: Reader) -> tuple[Person, ...]:
    """Return everybody who was asked to review one of the most urgent changes, by name."""
    open_rows, _ = reader.queue(limit=_CHANGES)
    landed_rows, _ = reader.queue(state="landed", limit=_CHANGES)
    found = {
        one.reviewer.handle: one.reviewer
        for row in (*open_rows, *landed_rows)
        for one in row.assignments
    }
    return tuple(sorted(found.values(), key=lambda person: (person.name.lower(), person.handle)))
