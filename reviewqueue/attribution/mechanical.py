"""When a bot's name is believed: a dependency bot's change goes unread only if it is one.

Anybody can write ``dependabot[bot]`` into a commit, and an agent can push to a bot's
branch. So three things must hold at once, and whatever cannot be known does not.
"""

from collections.abc import Iterable
from dataclasses import dataclass, replace

from reviewqueue.domain.attribution import Attribution, Certainty
from reviewqueue.domain.paths import Label, labels

UNVERIFIED = "unverified-bot"
"""The agent of a change that only calls itself mechanical."""


@dataclass(frozen=True, slots=True)
class Vouched:
    """What a forge itself confirms of a change; nothing, unless it was asked."""

    opened_by_bot: bool = False
    """The opening account is the bot's own, by its id."""
    commits_verified: bool = False
    """Every commit is signed by the forge for that account."""


def settled(attribution: Attribution, vouched: Vouched, paths: Iterable[str]) -> Attribution:
    """Return the attribution, an agent's where a bot's part in it is not certain."""
    if not attribution.mechanical:
        return attribution
    doubts = []
    if not vouched.opened_by_bot:
        doubts.append("no forge confirms who opened it")
    if not vouched.commits_verified:
        doubts.append("no forge confirms who wrote its commits")
    if any(labels(path).isdisjoint({Label.MANIFEST, Label.LOCK}) for path in paths):
        doubts.append("it touches more than manifests and locks")
    if not doubts:
        return attribution
    said = f"claims to be a bot's, but {' and '.join(doubts)} ({UNVERIFIED}, inferred)"
    return replace(
        attribution,
        agent=UNVERIFIED,
        confidence=Certainty.INFERRED,
        evidence=(*attribution.evidence, said),
        mechanical=False,
    )
