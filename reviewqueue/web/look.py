"""Light, dark, or as the system says: a cookie, so that it needs no script."""

from flask import Blueprint, abort, redirect, request
from werkzeug.wrappers import Response

from reviewqueue.web.signin import safe_path

blueprint = Blueprint("look", __name__)

THEMES = ("auto", "light", "dark")
_COOKIE = "theme"
_YEAR = 365 * 24 * 3600


def theme() -> str:
    """Return the visitor's theme."""
    chosen = request.cookies.get(_COOKIE, THEMES[0])
    return chosen if chosen in THEMES else THEMES[0]


def next_theme() -> str:
    """Return the theme that the toggle leads to."""
    return THEMES[(THEMES.index(theme()) + 1) % len(THEMES)]


@blueprint.post("/theme")
def choose() -> Response:
    """Keep the chosen theme in a cookie, and go back to where the visitor was."""
    chosen = request.form.get("theme", "")
    if chosen not in THEMES:
        abort(400, "There is no such theme.")
    response = redirect(safe_path(request.form.get("next", "/")), 303)
    response.set_cookie(_COOKIE, chosen, max_age=_YEAR, httponly=True, samesite="Lax")
    return response
