"""What every page needs to know of the installation it belongs to."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import cast

from flask import current_app

from reviewqueue.settings import Settings
from reviewqueue.store import Store

EXTENSION = "reviewqueue"


@dataclass(frozen=True, slots=True)
class Site:
    """One running installation, as its pages see it."""

    store: Store
    settings: Settings
    dev: bool
    """Whether anybody at this machine may act as anybody (``--dev``)."""
    demo: bool
    """Whether the data was made up on the spot."""
    clock: Callable[[], datetime]
    """Gives the present moment, aware, in UTC."""


def site() -> Site:
    """Return the site of the current application."""
    return cast("Site", current_app.extensions[EXTENSION])
