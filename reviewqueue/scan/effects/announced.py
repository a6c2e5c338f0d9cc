"""What a headline announces outright, and the line of the change that it is about.

The words that rules look for are hostile text like the rest: they may add a finding, and
their absence proves nothing. One finding stands for the announcement, at the line that
shares most with it.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache
from itertools import islice

from reviewqueue.domain.finding import Severity
from reviewqueue.domain.paths import Label, fold
from reviewqueue.scan.rule import Check, FileView, Hit, View, expression
from reviewqueue.scan.structure.headline import Place, nearest, without_tightening, words

_NOT_IT = frozenset(
    {
        Label.DOCS,
        Label.TEST,
        Label.LOCK,
        Label.MEDIA,
        Label.GENERATED,
        Label.VENDORED,
        Label.BINARY,
    }
)
_OTHERWISE = (
    r"^\W*(?:reverts?|merge[sd]?|docs?|test|tests|style|typo|bump\w*|build\(deps[^)]*\)|"
    r"chore\(deps[^)]*\))\b|\b(?:false[ -]positives?|dead code|renam\w+|refactor\w*|typos?|"
    r"non-root|tests? (?:for|that)|redact\w*|mask(?:s|ed|ing)?|dialogs?|modals?|buttons?|tooltips?|"
    r"layouts?|dropdowns?|sidebar|scroll\w*|overflow\w*|styling|css|icons?|avatars?|spinners?|"
    r"animations?|colou?rs?|fonts?|emojis?)\b"
)
"""What says that the words mean another thing."""
_CAMEL = (r"([a-z])([A-Z])", r"([A-Z])([A-Z][a-z])")
"""Where a word begins within a name."""
_IN_PLACE_OF = r"\b(?:instead of|rather than|in place of)\b"
"""Before it stands what is to be, after it what was."""
_REPLACED = r"\b(replac(?:e|es|ed|ing))\b[^:;]*?\b(?:with|by)\b"
"""What was, too: only what stands behind it is to be."""
NOT_COMPOUND = (
    r"(?:$|[^\w -]|[ ](?:for|of|on|to|in|into|from|by|with|via|at|after|before|when|if|while|until|"
    r"so|and|or|but|as|is|are|feature|support|mode|option|setting|mechanism|functionality)\b|"
    r"[ ](?:the|an?|all|any|every|each|our|its|this|these)\b)"
)
"""What follows a noun that is meant itself, and does not only tell of what kind another is."""
OF_IT = (
    r"[ ](?:notif\w*|banners?|messages?|badges?|labels?|comments?|status\w*|texts?|"
    r"indicators?|progress|panels?|dialogs?|toasts?|tooltips?|highlights?|lock ?files?|"
    r"lock dir\w*|locks?|logs?|docs?|errors?|warnings?|reasons?)\b"
)
"""What follows where not the thing is meant, but what is shown of it, or what it needs."""
_ASKS = (
    r"\b(?:approval|permission|confirm(?:ation)?|consent|trust|warning|security) "
    r"(?:dialogs?|modals?|buttons?|tooltips?)"
)
"""A piece of a page that asks somebody, and is not only looked at."""
_OPPOSITE = (
    r"\b(?:no longer|not|(?:do|does|did|ca|wo|should|could|would|is|are|was|were|"
    r"has|have|must|need)n'?t|never|only|dis-?allow\w*|stop(?:s|ped|ping)? (?:allow|giv|grant|"
    r"expos)\w*|prevent\w*|den(?:y|ies|ied)|forbid\w*|restrict(?:s|ed|ing)?|reject\w*)\b"
)
"""What turns it into its opposite."""
_RECORDS = r"\.(?:jsonl|ndjson|csv|tsv)$"
"""Files of records, of which the words do nothing."""
_COMMON = frozenset(
    b"the and for with that this from into onto when until they them chore feat fix add adds "
    b"allow allows remove removes make use using all any new some more only also give let".split()
)
_HEADLINE = 500
_FILES = 50
"""How many files are compared with the headline."""


@dataclass(frozen=True, slots=True)
class Announcement:
    """What a headline may say, in RE2 on lower case, and what it tells a reviewer."""

    regex: str
    message: str
    negated: bool = False
    """It is a negation itself: one does not turn it into its opposite."""
    unless: str = ""
    """What says that it is another thing, in RE2 on lower case."""
    shown: str = ""
    """What changed lines, or paths in lower case, show where it is done, in RE2: without that the
    words are only noted. Empty where they say enough."""

    def is_made(self, said: bytes, *, is_negated: bool) -> bool:
        """Return whether a headline in lower case says it."""
        if is_negated > self.negated or not expression(self.regex).search(said):
            return False
        return not self.unless or not expression(self.unless).search(said)


def announcing(*announcements: Announcement, paths: str = "") -> Check:
    """Return a check for the first of these that the headline makes: one hit, at its line.

    ``paths`` is RE2 on a path in lower case, where only such files can be meant.
    """

    def check(view: View) -> Iterator[Hit]:
        said, is_negated = _said(view.subject.headline[:_HEADLINE])
        for one in announcements:
            if said and one.is_made(said, is_negated=is_negated):
                yield from _told(view, said, one, paths)
                return

    return check


@lru_cache(maxsize=256)
def _said(headline: str) -> tuple[bytes, bool]:
    """Return the headline in lower case, and whether it is negated; empty where it is not meant."""
    parted = said = headline.encode("utf-8", "replace")
    for joint in _CAMEL:
        parted = expression(joint).sub(rb"\1 \2", parted)
    # Names are heard whole, too; no phrase goes on beyond a semicolon.
    said = said.lower() if said == parted else b"; ".join([said, parted]).lower()
    if unless := expression(_IN_PLACE_OF).search(said):
        said = said[: unless.start()]
    said = bytes(expression(_REPLACED).sub(rb"\1 with", said))
    said = without_tightening(said)
    is_negated = expression(_OPPOSITE).search(said) is not None
    is_meant = not expression(_OTHERWISE).search(expression(_ASKS).sub(b"", said))
    return said if is_meant else b"", is_negated


def _told(view: View, said: bytes, one: Announcement, paths: str) -> Iterator[Hit]:
    wanted = words(said) - _COMMON
    meant = [
        file
        for file in view.files
        if file.labels.isdisjoint(_NOT_IT) and (not paths or expression(paths).search(_path(file)))
    ]
    places = ((file, nearest(file, wanted)) for file in islice(meant, _FILES))
    best = max(
        places,
        key=lambda two: (Label.DATA not in two[0].labels, _shared(two[0], two[1], wanted)),
        default=None,
    )
    if best is None:
        return
    file, place = best
    is_done = not one.shown or any(_shows(other, one.shown) for other in meant)
    severity = None if is_done else Severity.LOW
    if place is None:
        text = view.subject.headline
        yield Hit(message=one.message, text=text, path=file.path, severity=severity)
    else:
        yield Hit.on(
            file, place.number, place.text, one.message, side=place.side, severity=severity
        )


def _shows(file: FileView, shown: str) -> bool:
    """Return whether a file is of such a kind by its path, or by one of its changed lines."""
    if expression(_RECORDS).search(_path(file)):
        return False
    find = expression(shown)
    return any(find.search(text) for text in (_path(file), file.added, file.removed))


def _shared(file: FileView, place: Place | None, wanted: frozenset[bytes]) -> int:
    """Return how many of the words a path and a line have; a path without a line has one less."""
    return len(wanted & words(_path(file))) + (place.shared if place else -1)


def _path(file: FileView) -> bytes:
    return fold(file.path).encode("utf-8", "replace")
