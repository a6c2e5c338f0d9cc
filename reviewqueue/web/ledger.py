"""The ledger: every event, newest first, and the head that proves them."""

import re

from flask import Blueprint, render_template, request

from reviewqueue.web.site import site

blueprint = Blueprint("ledger", __name__)

PAGE = 100


def _before() -> int | None:
    given = request.args.get("before", "")
    return int(given) if re.fullmatch("[0-9]{1,15}", given) else None


@blueprint.get("/ledger")
def index() -> str:
    """Show a page of events, or only its rows to htmx."""
    before = _before()
    with site().store.reading() as reader:
        seq, digest = reader.head()
        parked = reader.parked()
        events = reader.events(before_seq=before, limit=PAGE, newest_first=True)
    fragment = request.headers.get("HX-Target") == "events"
    return render_template(
        "ledger/events.html" if fragment else "ledger.html",
        events=events,
        seq=seq,
        digest=digest,
        before=before,
        parked=parked,
    )
