"""Deliveries from the forge: verified, stored, answered; everything else is the worker's."""

import hashlib
import hmac
import re

from flask import Blueprint, jsonify, request
from werkzeug.wrappers import Response

from reviewqueue.web.site import site

blueprint = Blueprint("webhooks", __name__)

LARGEST = 25 * 1024 * 1024
"""Bytes; GitHub sends nothing larger."""
_ID = re.compile(r"[0-9A-Za-z._:-]{1,100}")
_EVENT = re.compile(r"[a-z0-9_]{1,64}")
_SIGNATURE = re.compile(r"sha256=[0-9a-f]{64}")
_KEPT_HEADERS = (
    "Content-Type",
    "User-Agent",
    "X-GitHub-Delivery",
    "X-GitHub-Event",
    "X-GitHub-Hook-ID",
    "X-GitHub-Hook-Installation-Target-ID",
    "X-GitHub-Hook-Installation-Target-Type",
)


def _answer(code: int, **said: object) -> tuple[Response, int]:
    return jsonify(said), code


def verified(secret: bytes, body: bytes, signature: str) -> bool:
    """Tell whether ``signature`` is the secret's over exactly these bytes."""
    expected = "sha256=" + hmac.new(secret, body, hashlib.sha256).hexdigest()
    return hmac.compare_digest(expected.encode(), signature.encode())


class _Refused(Exception):  # noqa: N818 -- the answer's word
    """A delivery is not taken; the status and the reason."""

    def __init__(self, code: int, reason: str) -> None:
        super().__init__(reason)
        self.code = code


@blueprint.post("/webhooks/github")
def github() -> tuple[Response, int]:
    """Store one delivery. Answers 202 once it is stored, also where it already was."""
    at = site()
    try:
        body = _believed_body(at.settings.github_webhook_secret.get_secret_value())
        delivery = _well_formed("X-GitHub-Delivery", _ID)
        event = _well_formed("X-GitHub-Event", _EVENT)
    except _Refused as error:
        return _answer(error.code, error=str(error))
    headers = {name: request.headers[name] for name in _KEPT_HEADERS if name in request.headers}
    new = at.store.receive(delivery, event, headers, body, at.clock())
    return _answer(202, delivery=delivery, stored=new, duplicate=not new)


def _believed_body(secret: str) -> bytes:
    """Return the body, read only as far as the cap, whose signature is right."""
    if not secret:
        raise _Refused(503, "no webhook secret is set, so nothing can be believed")
    if (request.content_length or 0) > LARGEST:
        raise _Refused(413, "the body is larger than 25 MB")
    signature = request.headers.get("X-Hub-Signature-256", "")
    if not _SIGNATURE.fullmatch(signature):
        raise _Refused(401, "the signature is missing or malformed")
    # A stream of unknown length is cut at the limit without a word: one byte more tells.
    request.max_content_length = LARGEST + 1
    body = request.get_data(cache=False)
    if len(body) > LARGEST:
        raise _Refused(413, "the body is larger than 25 MB")
    if not verified(secret.encode(), body, signature):
        raise _Refused(401, "the signature does not match the body")
    if request.mimetype == "application/x-www-form-urlencoded":
        # Kept, it could never be read: whoever set the webhook up must see it fail.
        raise _Refused(415, "set the webhook's content type to application/json")
    return body


def _well_formed(header: str, form: re.Pattern[str]) -> str:
    value = request.headers.get(header, "")
    if not form.fullmatch(value):
        raise _Refused(400, f"the header {header} is missing or malformed")
    return value
