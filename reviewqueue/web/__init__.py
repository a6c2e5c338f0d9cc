"""The pages: a queue to work from, a change to decide on, figures to be held to.

Server-rendered; every page works by plain links and forms, and htmx swaps fragments of
the same templates where there is a script. Nothing is written here but through the
pipeline, and only for somebody who signed in.
"""

import hashlib
import json
from datetime import UTC, datetime
from functools import cache
from pathlib import Path
from typing import Any

from flask import Flask, Response, jsonify, request, url_for
from flask_bootstrap import Bootstrap5
from flask_htmx import HTMX
from flask_wtf.csrf import CSRFProtect
from jinja2 import StrictUndefined

import reviewqueue
from reviewqueue.settings import Settings, read_settings
from reviewqueue.store import Store
from reviewqueue.web import (
    changes,
    coverage,
    ledger,
    look,
    queue,
    rules,
    signin,
    webhooks,
)
from reviewqueue.web.errors import init_errors
from reviewqueue.web.filters import init_filters
from reviewqueue.web.headers import init_headers
from reviewqueue.web.signin import visitor
from reviewqueue.web.site import EXTENSION, Site, site
from reviewqueue.web.visible import shown

LARGEST_FORM = 256 * 1024
"""Bytes of any request but a delivery."""
_PACKAGE = Path(reviewqueue.__file__).parent
_HTMX = {
    "includeIndicatorStyles": False,
    "allowEval": False,
    "allowScriptTags": False,
    "historyCacheSize": 0,
    "historyRestoreAsHxRequest": False,
    "selfRequestsOnly": True,
    "scrollIntoViewOnBoost": False,
    "responseHandling": [
        {"code": "204", "swap": False},
        {"code": "[23]..", "swap": True},
        {"code": "[45]..", "swap": True, "error": True},
    ],
}
_BLUEPRINTS = (
    queue.blueprint,
    changes.blueprint,
    coverage.blueprint,
    rules.blueprint,
    ledger.blueprint,
    look.blueprint,
    signin.blueprint,
    webhooks.blueprint,
)


def create_app(settings: Settings | None = None, *, dev: bool = False, demo: bool = False) -> Flask:
    """Return the WSGI application.

    ``dev`` opens the development sign-in to requests from this very machine; ``demo``
    says on every page that the data is made up. Opens no database before a request.
    """
    settings = settings or read_settings()
    app = Flask(__name__, template_folder=str(_templates()))
    app.jinja_options = {
        "finalize": shown,
        "undefined": StrictUndefined,
        "trim_blocks": True,
        "lstrip_blocks": True,
    }
    app.config.from_mapping(
        SECRET_KEY=settings.key("session"),
        SESSION_COOKIE_NAME="reviewqueue",
        SESSION_COOKIE_HTTPONLY=True,
        SESSION_COOKIE_SAMESITE="Lax",
        MAX_CONTENT_LENGTH=LARGEST_FORM,
        WTF_CSRF_TIME_LIMIT=None,
        BOOTSTRAP_SERVE_LOCAL=True,
    )
    app.extensions[EXTENSION] = Site(
        store=Store(settings.store_url, settings.anchor),
        settings=settings,
        dev=dev,
        demo=demo,
        clock=lambda: datetime.now(UTC),
    )
    Bootstrap5(app)
    HTMX(app)
    CSRFProtect(app).exempt(webhooks.blueprint)
    for blueprint in _BLUEPRINTS:
        app.register_blueprint(blueprint)
    app.add_url_rule("/healthz", view_func=healthz)
    app.context_processor(_every_page)
    init_filters(app)
    init_headers(app)
    init_errors(app)
    return app


def _templates() -> Path:
    """Return the templates' folder: in the package of a wheel, beside it in a checkout."""
    inside = _PACKAGE / "templates"
    return inside if inside.is_dir() else _PACKAGE.parent / "templates"


@cache
def _digest(name: str) -> str:
    return hashlib.sha256((Path(__file__).parent / "static" / name).read_bytes()).hexdigest()[:12]


def asset(name: str) -> str:
    """Return a static file's address, which changes with its content."""
    return url_for("static", filename=name, v=_digest(name))


def healthz() -> tuple[Response, int]:
    """Say whether the pages can be served: the database answers."""
    with site().store.reading() as reader:
        seq, _ = reader.head()
    return jsonify(status="ok", events=seq), 200


def _here() -> str:
    """Return the address of this page, to come back to; the change's for a form of its own."""
    if request.method != "GET":
        return _change_path()
    return request.full_path if request.query_string else request.path


def _change_path() -> str:
    change = (request.view_args or {}).get("change_id")
    return url_for("changes.show", change_id=change) if change else url_for("queue.index")


def _every_page() -> dict[str, Any]:
    at = site()
    return {
        "asset": asset,
        "change_path": _change_path(),
        "demo": at.demo,
        "dev": at.dev,
        "here": _here(),
        "htmx_config": json.dumps(_HTMX),
        "next_theme": look.next_theme(),
        "section": "",
        "theme": look.theme(),
        "version": reviewqueue.__version__,
        "visitor": visitor(),
    }
