"""What templates need to print a noun: dates, people, counts."""

from collections.abc import Mapping
from datetime import UTC, datetime

from flask import Flask
from markupsafe import Markup

from reviewqueue.domain.agents import AGENTS
from reviewqueue.domain.people import Person
from reviewqueue.web.icons import icon
from reviewqueue.web.narration import HUMAN, narrate, words
from reviewqueue.web.prose import inline
from reviewqueue.web.site import site
from reviewqueue.web.visible import visible, visible_html

_TITLES: Mapping[str, str] = {machine.id: machine.title for machine in AGENTS}
_MOMENT = 45
"""Seconds."""
_STEPS = ((60, 1, "s"), (3600, 60, "min"), (86400, 3600, "h"), (86400 * 60, 86400, "d"))


def ago(moment: datetime, now: datetime) -> str:
    """Return how long ago (or how soon) a moment is, in the largest fitting unit."""
    seconds = int((now - moment).total_seconds())
    size = abs(seconds)
    if size < _MOMENT:
        return "just now"
    for below, unit, name in _STEPS:
        if size < below:
            text = f"{size // unit} {name}"
            break
    else:
        text = f"{size // (86400 * 30)} mo" if size < 86400 * 720 else f"{size // 31557600} y"
    return f"in {text}" if seconds < 0 else f"{text} ago"


def when(moment: datetime) -> Markup:
    """Return a ``<time>`` that reads relative, with the absolute UTC time as its title."""
    moment = moment.astimezone(UTC)
    return Markup('<time datetime="{}" title="{} UTC">{}</time>').format(
        moment.isoformat(timespec="seconds").replace("+00:00", "Z"),
        moment.strftime("%Y-%m-%d %H:%M:%S"),
        ago(moment, site().clock()),
    )


def due(moment: datetime) -> Markup:
    """Return when something is due, and whether that has passed."""
    if moment >= site().clock():
        return Markup("due {}").format(when(moment))
    return Markup('<span class="ink-warn">was due {}</span>').format(when(moment))


def day(moment: datetime) -> Markup:
    """Return a ``<time>`` that reads as a date in UTC."""
    moment = moment.astimezone(UTC)
    return Markup('<time datetime="{}" title="{} UTC">{}</time>').format(
        moment.isoformat(timespec="seconds").replace("+00:00", "Z"),
        moment.strftime("%Y-%m-%d %H:%M:%S"),
        moment.strftime("%Y-%m-%d"),
    )


def person(who: Person) -> Markup:
    """Return a person's name, with everything known of them as its title."""
    full = f"{who.name} <{who.email}>" if who.email else who.name
    full = f"{full} (@{who.login})" if who.login else full
    return Markup('<span class="hostile" title="{}">{}</span>').format(
        visible(full), visible_html(who.name or who.login or who.email)
    )


def agent_title(agent: str | None) -> str:
    """Return the name people know an agent by."""
    return _TITLES.get(agent or "", agent or "no agent seen")


def plural(count: int, one: str, many: str = "") -> str:
    """Return ``1 file`` or ``2 files``."""
    return f"{count:,} {one}" if count == 1 else f"{count:,} {many or one + 's'}"


def is_human(fact: object) -> bool:
    """Tell whether a person made this fact."""
    return isinstance(fact, HUMAN)


def init_filters(app: Flask) -> None:
    """Give the templates these filters."""
    app.jinja_env.filters |= {
        "ago": when,
        "agent": agent_title,
        "day": day,
        "due": due,
        "hidden": visible_html,
        "human": is_human,
        "inline": inline,
        "narrate": narrate,
        "person": person,
        "plural": plural,
        "words": words,
    }
    app.jinja_env.globals["icon"] = icon
