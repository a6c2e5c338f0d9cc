"""Pages of a list, numbered from 1 in the address."""

import re

from flask import request


def page_number() -> int:
    """Return the page that the address asks for; the first for anything that is no number."""
    given = request.args.get("page", "")
    return max(1, int(given)) if re.fullmatch("[0-9]{1,6}", given) else 1
