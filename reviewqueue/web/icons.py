"""The icons of the pages: each beside a word, never instead of one."""

from functools import lru_cache

from lucide.jinja import lucide
from markupsafe import Markup

ICONS = {
    "critical": "octagon-alert",
    "high": "triangle-alert",
    "medium": "circle-alert",
    "low": "info",
    "none": "circle-dashed",
    "unscannable": "eye-off",
    "satisfied": "circle-check",
    "unsatisfied": "circle-x",
    "overridden": "shield-off",
    "bypassed": "corner-up-right",
    "not applicable": "circle-minus",
    "error": "triangle-alert",
    "approve": "check",
    "request changes": "x",
    "comment": "message-square",
    "light": "sun",
    "dark": "moon",
    "auto": "monitor",
    "agent": "bot",
    "person": "user",
    "people": "users",
    "landed": "git-merge",
    "open": "git-pull-request",
    "closed": "circle-x",
    "revision": "git-commit-horizontal",
    "queue": "list-checks",
    "coverage": "chart-column-stacked",
    "report": "file-text",
    "rules": "book-open",
    "ledger": "scroll-text",
    "keys": "keyboard",
    "search": "search",
    "next": "chevron-right",
    "empty": "inbox",
    "unified": "rows-3",
    "split": "columns-2",
    "file": "file",
    "repository": "folder-git-2",
    "link": "link",
    "time": "clock",
    "enter": "log-in",
    "leave": "log-out",
    "brand": "shield-check",
}


@lru_cache(maxsize=256)
def icon(name: str, size: int = 16) -> Markup:
    """Return an inline SVG; decoration only, so screen readers skip it."""
    return Markup(  # noqa: S704 -- the package's own drawing, no text from outside
        lucide(
            ICONS[name],
            size=size,
            stroke_width="2",
            aria_hidden="true",
            **{"class": f"icon icon-{name.replace(' ', '-')}"},
        )
    )
