"""Errors in the same design as every other page, each with the next thing to do."""

from http import HTTPStatus

from flask import Flask, current_app, render_template, request
from flask_wtf.csrf import CSRFError
from werkzeug.exceptions import HTTPException, ServiceUnavailable

from reviewqueue.store import StoreError
from reviewqueue.web.site import site

_TITLES = {
    400: "That request could not be understood",
    401: "Say first who you are",
    403: "Not allowed here",
    404: "Nothing here",
    405: "Nothing here",
    409: "Something changed while you were reading",
    413: "Too much at once",
    500: "Something broke on our side",
    503: "Not available",
}
_SENTENCES = {
    404: "No page, change or rule has this address. It may have been mistyped.",
    405: "This address takes a form, and cannot be opened by itself.",
    413: "The request is larger than anything this page takes.",
    500: "Nothing was written. The server's log has the details.",
}
_GENERIC = frozenset({404, 405, 413, 500})


def _sentence(error: HTTPException, code: int) -> str:
    default = type(error).description
    if code in _GENERIC and error.description in {default, None}:
        return _SENTENCES[code]
    return error.description or ""


def _page(error: HTTPException) -> tuple[str, int, dict[str, str]] | HTTPException:
    code = error.code or HTTPStatus.INTERNAL_SERVER_ERROR
    if code < HTTPStatus.BAD_REQUEST:
        return error
    if isinstance(error, CSRFError):
        sentence = (
            "The form did not carry this browser's token: it was sent from another site, or the "
            "page was open since before the server's key changed. Reload the page, and try again."
        )
    else:
        sentence = _sentence(error, code)
    headers: dict[str, str] = {}
    fragment = request.headers.get("HX-Request") == "true"
    template = "error/notice.html" if fragment else "error.html"
    if fragment:
        headers = {"HX-Retarget": "#notice", "HX-Reswap": "innerHTML"}
    body = render_template(
        template,
        code=code,
        title=_TITLES.get(code, HTTPStatus(code).phrase),
        sentence=sentence,
        dev=site().dev,
    )
    return body, code, headers


def _unavailable(error: StoreError) -> tuple[str, int, dict[str, str]] | HTTPException:
    current_app.logger.error("the database does not answer: %s", error)
    return _page(
        ServiceUnavailable(
            "The database does not answer. Nothing was written: try again in a moment. If it was "
            "never set up, `reviewqueue db upgrade` does that; the server's log has the details."
        )
    )


def init_errors(app: Flask) -> None:
    """Show every error, foreseen or not, as a page (or as a notice in one)."""
    app.register_error_handler(StoreError, _unavailable)
    app.register_error_handler(HTTPException, _page)
