"""The queue: every change that waits for a human, most urgent first."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from flask import Blueprint, Response, make_response, render_template, request, url_for

from reviewqueue.domain.agents import AGENTS
from reviewqueue.domain.change import Repository
from reviewqueue.domain.finding import Risk
from reviewqueue.store import QueueRow, Reader
from reviewqueue.web.paging import page_number
from reviewqueue.web.signin import visitor
from reviewqueue.web.site import site

blueprint = Blueprint("queue", __name__)

PAGE = 50
STATES = ("open", "landed", "all")
MINE = "mine"


@dataclass(frozen=True, slots=True)
class Filters:
    """What the address asks for; an empty field asks for everything."""

    repository: str = ""
    risk: str = ""
    agent: str = ""
    reviewer: str = ""
    """A person's handle, or ``mine``."""
    state: str = "open"

    @classmethod
    def asked(cls) -> "Filters":
        """Read the filters of the current request; what makes no sense asks for nothing."""
        given = request.args
        return cls(
            repository=given.get("repository", ""),
            risk=given.get("risk", "") if given.get("risk") in list(Risk) else "",
            agent=given.get("agent", ""),
            reviewer=given.get("reviewer", ""),
            state=given.get("state", "open") if given.get("state") in STATES else "open",
        )

    @property
    def narrowed(self) -> bool:
        """Whether any of them leaves something out of the open changes."""
        return bool(self.repository or self.risk or self.agent or self.reviewer)

    def address(self, **other: object) -> dict[str, Any]:
        """Return the query of a link that keeps these filters but for ``other``."""
        kept: dict[str, Any] = {
            "repository": self.repository,
            "risk": self.risk,
            "agent": self.agent,
            "reviewer": self.reviewer,
            "state": "" if self.state == "open" else self.state,
        }
        return {key: value for key, value in (kept | other).items() if value}


@dataclass(frozen=True, slots=True)
class Page:
    """One page of the queue."""

    rows: tuple[QueueRow, ...]
    total: int
    number: int

    @property
    def first(self) -> int:
        """The place of its first row, from 1."""
        return (self.number - 1) * PAGE + 1

    @property
    def last(self) -> int:
        """The place of its last row."""
        return self.first + len(self.rows) - 1


def _rows(
    reader: Reader, filters: Filters, *, limit: int, offset: int
) -> tuple[tuple[QueueRow, ...], int]:
    person = visitor()
    reviewer = filters.reviewer
    if reviewer == MINE:
        reviewer = person.handle if person else ""
    return reader.queue(
        repository=filters.repository or None,
        risk=Risk(filters.risk) if filters.risk else None,
        agent=filters.agent or None,
        reviewer=reviewer or None,
        state=filters.state,
        limit=limit,
        offset=offset,
    )


def _counts(reader: Reader, filters: Filters) -> dict[str, int]:
    """Count the rows of each risk under the other filters."""
    counts = {}
    for risk in ("", *reversed(Risk)):
        asked = Filters(
            filters.repository, str(risk), filters.agent, filters.reviewer, filters.state
        )
        counts[str(risk)] = _rows(reader, asked, limit=1, offset=0)[1]
    return counts


def _reviewers(reader: Reader, rows: Iterable[QueueRow]) -> dict[str, str]:
    """Return who has open changes to review: name (where known from the rows) by handle."""
    names = {one.reviewer.handle: one.reviewer.name for row in rows for one in row.assignments}
    load = reader.load()
    return {
        handle: f"{names.get(handle) or handle} ({load.get(handle, 0)})"
        for handle in sorted(
            load.keys() | names.keys(), key=lambda one: (names.get(one) or one).lower()
        )
    }


def _older(reader: Reader, repositories: Iterable[Repository]) -> int:
    """Count the heads that the first readings left out for their age."""
    pulls = (reader.last_pull(one.id) for one in repositories)
    return sum(pull.left_out.get("heads: older", 0) for pull in pulls if pull)


@blueprint.get("/")
def index() -> Response:
    """Show the queue, or only its rows to htmx."""
    filters = Filters.asked()
    number = page_number()
    with site().store.reading() as reader:
        rows, total = _rows(reader, filters, limit=PAGE, offset=(number - 1) * PAGE)
        counts = _counts(reader, filters)
        repositories = reader.repositories()
        reviewers = _reviewers(reader, rows)
        older = _older(reader, repositories)
    fragment = request.headers.get("HX-Target") == "queue"
    page = render_template(
        "queue/rows.html" if fragment else "queue.html",
        page=Page(rows, total, number),
        filters=filters,
        counts=counts,
        repositories={one.id: one for one in repositories},
        reviewers=reviewers,
        older=older,
        agents=[machine for machine in AGENTS if machine.id != "other"],
        risks=tuple(reversed(Risk)),
    )
    response = make_response(page)
    if fragment:
        response.headers["HX-Push-Url"] = url_for("queue.index", **filters.address())
    return response
