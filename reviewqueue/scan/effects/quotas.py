"""Quotas, rate limits and limits of cost in settings, that grow to a multiple.

Somebody set aside so much for somebody else. A little more is care for the place; twice as much
is another decision. Only where nothing on the line changed but figures.
"""

from collections.abc import Iterator

from reviewqueue.domain.paths import Label
from reviewqueue.scan.rule import FileView, Hit, expression
from reviewqueue.scan.structure.openers import Openers
from reviewqueue.scan.structure.pairs import Pair, changed_tokens, exchanged, finds, pairs_losing

QUOTAS = (
    r"(?i)(?:rate_?-?limit|quota|throttl|cost_?-?limit|spend(?:ing)?_?-?limit|max_?-?cost|"
    r"requests?_?-?per_?-?(?:second|minute|hour|day))[\w.-]*['\"]?\]?[ \t]*(?:=>|[:=,]|:-)"
    r"[^\n\d]{0,40}\d|\bvalue['\"]?[ ]*[:=][ ]*['\"]?\d"
)
"""A figure of what somebody may use: a trigger of what is removed."""
_NAMED = (
    r"(?i)rate_?-?limit|quota|throttl|cost_?-?limit|spend(?:ing)?_?-?limit|max_?-?cost|"
    r"requests?_?-?per_?-?(?:second|minute|hour|day)"
)
_OTHERWISE = (
    r"(?i)alarm|alert|remaining|used\b|window|interval|retry|back_?off|reset|timeout|period|\bttl"
)
"""Figures beside a limit: of time, or of what watches it."""
_VALUE = r"^[ \t]*-?[ \t]*['\"]?value['\"]?[ ]*[:=]"
_MUCH = 2
_SETTINGS = frozenset({Label.CONFIG, Label.INFRASTRUCTURE, Label.CONTAINER})


def raised(file: FileView) -> Iterator[Hit]:
    """Mark the quotas of a file of settings that come to at least twice as much."""
    if file.labels.isdisjoint(_SETTINGS) or Label.SOURCE in file.labels:
        return
    openers = Openers(file)
    for pair in pairs_losing(file, QUOTAS):
        if not _is_multiple(pair) or finds(_OTHERWISE)(pair.new):
            continue
        name = pair.new
        if finds(_VALUE)(pair.new):
            name = openers.beside(pair.new_line, 1).split(b"\n", 1)[0]
        if finds(_NAMED)(name):
            yield exchanged(file, pair, "a quota or a rate limit grows to a multiple")


def _is_multiple(pair: Pair) -> bool:
    """Return whether nothing but figures changed, and each is at least twice what it was."""
    if not finds(QUOTAS)(pair.old):
        return False
    changed = changed_tokens(pair)
    numbers = changed.numbers
    if changed.gone or changed.came or not numbers or len(numbers) < len(changed.swapped):
        return False
    figures = [(_figure(old), _figure(new)) for old, new in numbers]
    return all(0 < old * _MUCH <= new for old, new in figures)


def _figure(text: bytes) -> float:
    found = expression(r"^\d{1,15}(?:\.\d{1,9})?$").search(text.replace(b"_", b""))
    return float(found[0]) if found else 0.0
