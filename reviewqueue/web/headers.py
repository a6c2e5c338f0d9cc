"""The headers of every answer: nothing runs here but our own files."""

from http import HTTPStatus

from flask import Flask, Response, request

CONTENT_SECURITY_POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; "
    "font-src 'self'; connect-src 'self'; form-action 'self'; frame-ancestors 'none'; "
    "base-uri 'none'"
)

_HEADERS = {
    "Content-Security-Policy": CONTENT_SECURITY_POLICY,
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
    "Referrer-Policy": "same-origin",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Permissions-Policy": "camera=(), geolocation=(), microphone=()",
}


def _secured(response: Response) -> Response:
    response.headers.update(_HEADERS)
    if request.endpoint in {"static", "bootstrap.static"} and response.status_code == HTTPStatus.OK:
        response.headers["Cache-Control"] = "public, max-age=86400"
    elif response.get_etag()[0]:
        response.headers["Cache-Control"] = "private, no-cache"
    else:
        response.headers["Cache-Control"] = "private, no-store"
        response.vary.update(["Cookie", "HX-Request"])
    return response


def init_headers(app: Flask) -> None:
    """Put the security and cache headers on every answer, errors included."""
    app.after_request(_secured)
