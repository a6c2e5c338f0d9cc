"""A delivery from GitHub: go and look, by git; then its one effect.

A payload says where to look and what the forge vouches for: who opened a change, who
reviewed which commit. Content, and the address it is fetched from, never come from it.
"""

import json
import re
import time
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from reviewqueue.domain.change import Repository, RepositoryKind
from reviewqueue.domain.event import Handled
from reviewqueue.domain.people import Person
from reviewqueue.domain.review import Decision, DecisionKind, Source
from reviewqueue.forge.git.command import strip_credentials
from reviewqueue.pipeline.decide import record_decision
from reviewqueue.pipeline.heads import ForgeFacts
from reviewqueue.pipeline.pull import PullError, address_of, pull
from reviewqueue.settings import Settings
from reviewqueue.store import Delivery, Reader, Store, Writer

_TAKEN = frozenset({"pull_request", "pull_request_review", "push"})
_KINDS = {
    "approved": DecisionKind.APPROVE,
    "changes_requested": DecisionKind.REQUEST_CHANGES,
    "commented": DecisionKind.COMMENT,
}
_TEXT = 20_000
_SHA = re.compile(r"[0-9a-f]{40}")
_NEVER = ("", datetime.min.replace(tzinfo=UTC), "")
_REST = 30.0
"""Seconds for which a repository that could not be read is let alone."""


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
    """What the last look at each repository served, so that one serves many deliveries."""

    def __init__(self) -> None:
        """Remember nothing yet."""
        self._served: dict[str, frozenset[str]] = {}
        self._failed: dict[str, tuple[float, str]] = {}

    def serves(self, name: str, delivery: str) -> bool:
        """Return whether a look that began after the delivery was received has been had."""
        return delivery in self._served.get(name, frozenset())

    def remember(self, name: str, deliveries: Iterable[str]) -> None:
        """Note a look, and the deliveries that were waiting when it began."""
        self._served[name] = frozenset(deliveries)
        self._failed.pop(name, None)

    def failed(self, name: str, reason: str) -> None:
        """Note that a repository could not be read."""
        self._failed[name] = (time.monotonic() + _REST, reason)

    def problem(self, name: str) -> str:
        """Return why a repository could not be read just now; empty where it may be tried.

        One that does not answer costs its time-out once, not once for each delivery.
        """
        until, reason = self._failed.get(name, (0.0, ""))
        return reason if time.monotonic() < until else ""


def handle(
    store: Store, settings: Settings, delivery: Delivery, now: datetime, looks: Looks
) -> str:
    """Give a delivery its effect, once; return what became of it, in words.

    Raises PullError where the repository cannot be read now: to be tried again.
    """
    payload = _read(delivery.body)
    name = _configured(settings, payload) if payload else ""
    outcome = _nothing_to_do(delivery, payload, name)
    if outcome or payload is None:
        with store.writing() as writer:
            writer.handle(delivery.id, _handled(delivery, outcome), now)
        return outcome
    if not looks.serves(name, delivery.id):
        _look(store, settings, name, delivery, now, looks)
    with store.writing() as writer:
        known = writer.delivery(delivery.id)
        if known is None or known.handled:
            return "handled before"
        outcome = "read again"
        if delivery.event == "pull_request_review":
            outcome = _review(writer, _repository(writer, settings, name), payload, now)
        writer.handle(delivery.id, _handled(delivery, outcome), now)
    return outcome


def _configured(settings: Settings, payload: Payload) -> str:
    """Return the configured name of a payload's repository; empty where it has none.

    The forge takes a name in any case, and so may whoever configured it.
    """
    told = payload.text("repository", "full_name").casefold()
    names = (name for name in settings.github_repositories if name.casefold() == told)
    return next(names, "")


def _nothing_to_do(delivery: Delivery, payload: Payload | None, name: str) -> str:
    if payload is None:
        return "not JSON"
    if delivery.event not in _TAKEN:
        return f"nothing to do for {delivery.event}"
    return "" if name else "a repository that is not configured here"


def _repository(reader: Reader, settings: Settings, name: str) -> Repository:
    """Return the repository of a configured name; its address is what it is known by."""
    address = strip_credentials(address_of(settings.github_repositories[name]))
    for one in reader.repositories():
        if one.kind is RepositoryKind.GITHUB and one.address == address:
            return one
    raise PullError(f"{name}: it was not read yet")


def _look(  # noqa: PLR0913, PLR0917 -- the delivery, and where it leads
    store: Store, settings: Settings, name: str, delivery: Delivery, now: datetime, looks: Looks
) -> None:
    """Read the repository again, for this and all waiting deliveries at once."""
    if problem := looks.problem(name):
        raise PullError(problem)
    address = settings.github_repositories[name]
    waiting = {one.id: one for one in (delivery, *store.pending())}
    facts = _facts(settings, name, waiting, store.recent())
    kind = RepositoryKind.GITHUB
    try:
        pull(store, settings, address, now=now, kind=kind, name=name, facts=facts)
    except PullError as error:
        looks.failed(name, str(error))
        raise
    looks.remember(name, waiting)


def _facts(
    settings: Settings, name: str, waiting: Mapping[str, Delivery], recent: Iterable[Delivery]
) -> dict[str, ForgeFacts]:
    """Return the forge's newest word on each change that a waiting delivery is about.

    Deliveries come in any order, and one may be tried again long after a later one had
    its effect: the forge's own date of what it says decides, not when it reached us.
    """
    told: dict[str, tuple[tuple[str, datetime, str], ForgeFacts]] = {}
    asked: set[str] = set()
    for one in {**{one.id: one for one in recent}, **waiting}.values():
        payload = _read(one.body)
        ref = _ref(payload) if payload and one.event in _TAKEN else ""
        if not payload or not ref or _configured(settings, payload) != name:
            continue
        if one.id in waiting:
            asked.add(ref)
        dated = (payload.text("pull_request", "updated_at"), one.received_at, one.id)
        if payload.text("pull_request", "state") and dated > told.get(ref, (_NEVER,))[0]:
            told[ref] = (dated, _told(payload))
    return {ref: facts for ref, (_, facts) in told.items() if ref in asked}


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


def _told(payload: Payload) -> ForgeFacts:
    """Return what the forge vouches for of a pull request."""
    merged = payload.at("pull_request", "merged") or payload.text("pull_request", "merged_at")
    labels = payload.at("pull_request", "labels")
    names = [Payload(one).text("name") for one in labels] if isinstance(labels, list) else []
    return ForgeFacts(
        title=payload.text("pull_request", "title"),
        body=payload.text("pull_request", "body"),
        branch=payload.text("pull_request", "head", "ref"),
        opener=payload.person("pull_request", "user"),
        labels=tuple(name for name in names if name),
        closed=payload.text("pull_request", "state") == "closed" and not merged,
    )


def _review(writer: Writer, repository: Repository, payload: Payload, now: datetime) -> str:
    """Record a person's review on the commit that it names; return what became of it."""
    reviewer = payload.person("review", "user")
    number = payload.number("review", "id")
    sha = payload.text("review", "commit_id")
    if reviewer is None or number is None or not _SHA.fullmatch(sha):
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
    # Late, a review's first delivery would undo what was edited or dismissed since.
    late = known is not None and (known.dismissed or payload.text("action") == "submitted")
    if known == decision or late:
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
        return min(at.astimezone(UTC), now) if at.tzinfo else now
    except (ValueError, OverflowError):
        return now
