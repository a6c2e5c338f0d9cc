"""The roster that a repository's own history gives, until a policy names one."""

from collections.abc import Iterable
from datetime import datetime, timedelta

from reviewqueue.domain.history import Touch
from reviewqueue.domain.machines import is_machine
from reviewqueue.domain.people import people
from reviewqueue.domain.review import RosterMember

WINDOW = timedelta(days=90)
"""Long enough for a holiday, short enough that who has left is not asked."""


def derive_roster(touches: Iterable[Touch], now: datetime) -> tuple[RosterMember, ...]:
    """Return the human authors of the default branch's last 90 days, most commits first.

    ``touches`` in any order; those after ``now`` do not count. Bots and agents that sign
    as authors are left out; somebody known under several names is one member, under the
    newest.
    """
    recent = [
        touch
        for touch in sorted(touches, key=lambda touch: (touch.at, touch.sha))
        if now - WINDOW <= touch.at <= now and not is_machine(touch.author)
    ]
    count: dict[str, int] = {}
    for touch in recent:
        key = repr(touch.author)
        count[key] = count.get(key, 0) + 1
    groups = people(dict.fromkeys(touch.author for touch in recent))
    newest = {repr(touch.author): place for place, touch in enumerate(recent)}
    members = [
        (
            sum(count[repr(person)] for person in group),
            max(group, key=lambda person: newest[repr(person)]),
        )
        for group in groups
    ]
    members.sort(key=lambda member: (-member[0], member[1].handle))
    return tuple(
        RosterMember(
            person=person,
            source=f"derived: {commits} commit{'s' if commits > 1 else ''} on the default"
            f" branch in the last {WINDOW.days} days",
        )
        for commits, person in members
    )
