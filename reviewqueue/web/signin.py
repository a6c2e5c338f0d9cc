"""Who asks: the development sign-in, and what it takes to be believed.

Anybody may act as anybody, so it is open only to a person at this very machine: the
bind, the Host header and the peer must all be loopback, and no header may say that the
request was forwarded from elsewhere.
"""

import ipaddress
import re
from collections.abc import Mapping
from urllib.parse import urlsplit

from flask import (
    Blueprint,
    abort,
    flash,
    g,
    redirect,
    render_template,
    request,
    session,
    url_for,
)
from werkzeug.exceptions import Forbidden, Unauthorized
from werkzeug.wrappers import Response

from reviewqueue.domain.people import Person
from reviewqueue.web.people import reviewers
from reviewqueue.web.site import Site, site

blueprint = Blueprint("signin", __name__)

_FORWARDED = re.compile(
    r"HTTP_(X_FORWARDED.*|FORWARDED.*|X_REAL_IP|VIA|X_CLIENT_IP|X_CLUSTER_CLIENT_IP"
    r"|TRUE_CLIENT_IP|CF_.*|X_ORIGINAL_.*|X_REWRITE_URL|FLY_.*|X_PROXYUSER_IP)"
)
_OTHER = "somebody else"
_LONGEST = 100
_EMAIL = re.compile(r"[!-~]+@[!-~]+")
_NO_SIGN_IN = (
    "This installation has no sign-in, so its pages can be read and nothing can be written. "
    "On your own machine, start it with `--dev` to act as a person on the roster."
)
_ADVICE = (
    "The development sign-in works only on the machine that runs reviewqueue: "
    "open http://127.0.0.1 with the port it listens on, without a proxy in between."
)


def _loopback(host: str) -> bool:
    if host.lower() == "localhost":
        return True
    try:
        address = ipaddress.ip_address(host.strip("[]"))
    except ValueError:
        return False
    mapped = getattr(address, "ipv4_mapped", None)
    return bool((mapped or address).is_loopback)


def _host_name(header: str) -> str:
    """Return a Host header without its port, or nothing where it is malformed."""
    found = re.fullmatch(r"(\[[0-9A-Fa-f:.]+\]|[A-Za-z0-9.-]+)(:\d{1,5})?", header)
    return found[1] if found else ""


def refusal(at: Site, environ: Mapping[str, object]) -> str | None:
    """Return why a request may not use the development sign-in, or None.

    ``environ`` is the request's WSGI environment.
    """
    if not at.dev:
        return _NO_SIGN_IN
    if not _loopback(at.settings.host):
        return f"This server listens on {at.settings.host}, which others can reach. {_ADVICE}"
    host = str(environ.get("HTTP_HOST", ""))
    if not _loopback(_host_name(host)):
        return f"The request came for the host “{host[:80]}”. {_ADVICE}"
    if not _loopback(str(environ.get("REMOTE_ADDR", ""))):
        return f"The request came from another machine. {_ADVICE}"
    forwarded = sorted(key for key in environ if _FORWARDED.fullmatch(key))
    if forwarded:
        header = forwarded[0].removeprefix("HTTP_").replace("_", "-").title()
        return f"The request was forwarded: it carries the header {header}. {_ADVICE}"
    return None


def people() -> tuple[Person, ...]:
    """Return everybody who may be acted as: the people of the database, by name."""
    with site().store.reading() as reader:
        return reviewers(reader)


def visitor() -> Person | None:
    """Return who asks, or None where nobody signed in or the request is not believed."""
    if "visitor" not in g:
        g.visitor = _visitor()
    found: Person | None = g.visitor
    return found


def _visitor() -> Person | None:
    if not site().dev or refusal(site(), request.environ) is not None:
        return None
    match session.get("person"):
        case {"name": str(name), "email": str(email), "login": str(login)}:
            return Person(name, email, login)
        case _:
            return None


def required_visitor() -> Person:
    """Return who asks.

    Raises Forbidden where nobody can sign in here, Unauthorized where nobody has.
    """
    why = refusal(site(), request.environ)
    if why:
        raise Forbidden(why)
    person = visitor()
    if person is None:
        raise Unauthorized("Say first who you act as: nothing was written.")
    return person


def safe_path(path: str) -> str:
    """Return a path on this site to go back to: the queue for anything else."""
    parts = urlsplit(path)
    if parts.scheme or parts.netloc or not re.fullmatch(r"/(?![/\\])[\x21-\x5b\x5d-\x7e]*", path):
        return url_for("queue.index")
    return path


@blueprint.get("/sign-in")
def choose() -> str:
    """Show whom one may act as."""
    why = refusal(site(), request.environ)
    if why:
        abort(403, why)
    return render_template(
        "sign_in.html", people=people(), next=safe_path(request.args.get("next", "/"))
    )


@blueprint.post("/sign-in")
def act_as() -> Response:
    """Act as one of the people from now on."""
    why = refusal(site(), request.environ)
    if why:
        abort(403, why)
    handle = request.form.get("person", "")
    person = _somebody_else() if handle == _OTHER else None
    person = person or next((one for one in people() if one.handle == handle), None)
    if person is None:
        abort(400, "Nobody of that name is on the roster.")
    session["person"] = {"name": person.name, "email": person.email, "login": person.login}
    flash(f"You now act as {person.name or person.handle}.")
    return redirect(safe_path(request.form.get("next", "/")), 303)


def _somebody_else() -> Person:
    """Return the person whose name and address were typed in: nobody was asked yet, say."""
    name = " ".join(request.form.get("name", "").split())
    email = request.form.get("email", "").strip().lower()
    if not (0 < len(name) <= _LONGEST and name.isprintable()):
        abort(400, "Give a name of at most 100 characters.")
    if len(email) > _LONGEST or not _EMAIL.fullmatch(email):
        abort(400, "Give an e-mail address: it is what tells people apart.")
    return Person(name, email)


@blueprint.post("/sign-out")
def leave() -> Response:
    """Act as nobody from now on."""
    session.pop("person", None)
    return redirect(url_for("queue.index"), 303)
