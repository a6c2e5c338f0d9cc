"""A delivery from GitHub: go and look, by git; then its one effect.

A payload says where to look and what the forge vouches for: who opened a change, who
reviewed which commit. Content, and the address it is fetched from, never come from it.
"""

import json
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from reviewqueue.domain.change import Repository, RepositoryKind
from reviewqueue.domain.event import Handled
from reviewqueue.domain.people import Person
from reviewqueue.domain.review import Decision, DecisionKind, Source
from reviewqueue.pipeline.decide import record_decision
from reviewqueue.pipeline.heads import ForgeFacts
from reviewqueue.pipeline.pull import pull
from reviewqueue.settings import Settings
from reviewqueue.store import Delivery, Store, Writer

_TAKEN = frozenset({"pull_request", "pull_request_review", "push"})
_KINDS = {
    "approved": DecisionKind.APPROVE,
    "changes_requested": DecisionKind.REQUEST_CHANGES,
    "commented": DecisionKind.COMMENT,
}
_TEXT = 20_000
_SHA = 40


@dataclass(frozen=True, slots=True)
class Payload:
    """A delivery's body, read tolerantly: what is missing or odd is empty."""

    body: Any

    def at(self, *path: str) -> Any:  # noqa: ANN401 -- JSON of any shape
        """Return what is at a path of keys; None where there is nothing."""
        found = self.body
        for key in path:
            found = found.get(key) if isinstance(found, dict) else None
        return found

    def text(self, *path: str) -> str:
        """Return the text at a path; empty where there is none."""
        found = self.at(*path)
        return found[:_TEXT] if isinstance(found, str) else ""

    def number(self, *path: str) -> int | None:
        """Return the whole number at a path."""
        found = self.at(*path)
        return found if isinstance(found, int) and not isinstance(found, bool) else None

    def person(self, *path: str) -> Person | None:
        """Return the account at a path, as the forge names it."""
        login = self.text(*path, "login")
        return Person(name=login, login=login) if login else None


class Looks:
    """When each repository was last looked at, so that one look serves many deliveries."""

    def __init__(self) -> None:
        """Remember nothing yet."""
        self._at: dict[str, tuple[datetime, dict[str, ForgeFacts]]] = {}

    def serves(self, name: str, received_at: datetime, facts: dict[str, ForgeFacts]) -> bool:
        """Return whether a look at the repository since then saw all that it could see."""
        at, told = self._at.get(name, (None, {}))
        return at is not None and at > received_at and facts.items() <= told.items()

    def remember(self, name: str, at: datetime, facts: dict[str, ForgeFacts]) -> None:
        """Note a look that began at ``at`` with these facts."""
        self._at[name] = (at, facts)


def handle(
    store: Store, settings: Settings, delivery: Delivery, now: datetime, looks: Looks
) -> str:
    """Give a delivery its effect, once; return what became of it, in words.

    Raises PullError where the repository cannot be read now: to be tried again.
    """
    payload = _read(delivery.body)
    outcome = _nothing_to_do(settings, delivery, payload)
    if outcome or payload is None:
        with store.writing() as writer:
            writer.handle(delivery.id, _handled(delivery, outcome), now)
        return outcome
    name = payload.text("repository", "full_name")
    _look(store, settings, delivery, payload, now, looks)
    with store.writing() as writer:
        known = writer.delivery(delivery.id)
        if known is None or known.handled:
            return "handled before"
        outcome = "read again"
        if delivery.event == "pull_request_review":
            repository = next(
                one
                for one in writer.repositories()
                if one.kind is RepositoryKind.GITHUB and one.name == name
            )
            outcome = _review(writer, repository, payload, now)
        writer.handle(delivery.id, _handled(delivery, outcome), now)
    return outcome


def _nothing_to_do(settings: Settings, delivery: Delivery, payload: Payload | None) -> str:
    if payload is None:
        return "not JSON"
    if delivery.event not in _TAKEN:
        return f"nothing to do for {delivery.event}"
    if payload.text("repository", "full_name") not in settings.github_repositories:
        return "a repository that is not configured here"
    return ""


def _look(  # noqa: PLR0913, PLR0917 -- the delivery, and where it leads
    store: Store,
    settings: Settings,
    delivery: Delivery,
    payload: Payload,
    now: datetime,
    looks: Looks,
) -> None:
    """Read the repository again, for this and all waiting deliveries at once."""
    name = payload.text("repository", "full_name")
    facts = _facts(payload)
    if looks.serves(name, delivery.received_at, facts):
        return
    for other in store.pending():
        waiting = _read(other.body)
        if waiting and waiting.text("repository", "full_name") == name:
            facts.update(_facts(waiting))
    address = settings.github_repositories[name]
    pull(store, settings, address, now=now, kind=RepositoryKind.GITHUB, name=name, facts=facts)
    looks.remember(name, now, facts)


def _read(body: bytes) -> Payload | None:
    try:
        return Payload(json.loads(body))
    except (ValueError, RecursionError):
        return None


def _handled(delivery: Delivery, outcome: str) -> Handled:
    return Handled(
        delivery=delivery.id, event=delivery.event, digest=delivery.digest, outcome=outcome
    )


def _ref(payload: Payload) -> str:
    number = payload.number("pull_request", "number")
    return f"refs/pull/{number}/head" if number else ""


def _facts(payload: Payload) -> dict[str, ForgeFacts]:
    """Return what the forge vouches for, by head ref; nothing for what is no pull request."""
    ref = _ref(payload)
    if not ref:
        return {}
    merged = payload.at("pull_request", "merged") or payload.text("pull_request", "merged_at")
    labels = payload.at("pull_request", "labels")
    names = [Payload(one).text("name") for one in labels] if isinstance(labels, list) else []
    facts = ForgeFacts(
        title=payload.text("pull_request", "title"),
        body=payload.text("pull_request", "body"),
        branch=payload.text("pull_request", "head", "ref"),
        opener=payload.person("pull_request", "user"),
        labels=tuple(name for name in names if name),
        closed=payload.text("pull_request", "state") == "closed" and not merged,
    )
    return {ref: facts}


def _review(writer: Writer, repository: Repository, payload: Payload, now: datetime) -> str:
    """Record a person's review on the commit that it names; return what became of it."""
    reviewer = payload.person("review", "user")
    number = payload.number("review", "id")
    sha = payload.text("review", "commit_id")
    if reviewer is None or number is None or len(sha) != _SHA:
        return "a review without account, id or commit: not counted"
    if payload.text("review", "user", "type") != "User":
        return f"a review by {reviewer.login}, which is no person's account: not counted"
    change = writer.change_of_head(repository.id, _ref(payload))
    landed = [] if change else writer.revisions_with(repository.id, sha=sha)
    if change is None and landed:
        change = writer.change(landed[0].change)
    if change is None:
        return "a review of what is no agent's change here"
    id_ = f"github-{repository.id}-{number}"
    known = writer.decision(id_)
    kind, dismissed = _kind(payload, known)
    if kind is None:
        return "a review of an unknown state: not counted"
    decision = Decision(
        id=id_,
        change=change.id,
        revision=sha,
        reviewer=reviewer,
        kind=kind,
        body=payload.text("review", "body"),
        at=_submitted(payload, now),
        source=Source.GITHUB,
        dismissed=dismissed,
    )
    if known == decision or (known and known.dismissed):
        return "a review that is known"
    record_decision(writer, decision, now)
    return f"a review by {reviewer.login}"


def _kind(payload: Payload, known: Decision | None) -> tuple[DecisionKind | None, bool]:
    """Return what a review decided, and whether that was taken back."""
    state = payload.text("review", "state").lower()
    if state == "dismissed" or payload.text("action") == "dismissed":
        return known.kind if known else DecisionKind.APPROVE, True
    return _KINDS.get(state), False


def _submitted(payload: Payload, now: datetime) -> datetime:
    """Return when the forge says that a review was given; never after we received it."""
    try:
        at = datetime.fromisoformat(payload.text("review", "submitted_at"))
    except ValueError:
        return now
    return min(at.astimezone(UTC), now) if at.tzinfo else now
