"""What a change says of itself, where that tells what its lines alone do not.

A headline is the author's word, hostile text that proves nothing by its absence: it may add a
finding, and never takes one away. A title that says that a check, a test or a monitor is
switched off is the best reason to look for where. What it names counts only where the change
touches something that runs or is read by machines: a text about cron jobs is not a cron job.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache
from itertools import islice

from reviewqueue.domain.finding import Side
from reviewqueue.domain.paths import Label, runs, set_aside
from reviewqueue.scan.rule import FileView, Hit, Subject, View, expression

_UNDOES = (
    r"(?i)^\W*(?:revert|merge|bump|build\(deps|chore\(deps)\b|\b(?:remov|delet|disabl|drop|stop|"
    r"uninstall|clean|skip|prevent|avoid|deprecat)\w*"
)
_NOT_MEANT = frozenset({Label.LOCK, Label.GENERATED, Label.VENDORED})
_GIVEN_UP = (
    r"(?:disabl|skip|remov|delet|mut(?:e|ing)|silenc|suppress|ignor|bypass|quarantin|exclud|"
    r"stop|unschedul|relax|loosen|lower(?:s|ed|ing)?\b|reduc|weaken|xfail|omit|drop(?:s|ped|"
    r"ping)?\b|"
    r"(?:turn|switch)(?:s|ed|ing)?[ ]off|comment(?:s|ed|ing)?[ ]out|opt(?:s|ed|ing)?[ ]out|"
    r"get(?:s|ting)?[ ]rid|no[ ]longer|don'?t[ ]run)\w*"
)
_TAKEN_BACK = (
    r"\b(?:re-?enabl|un-?skip|un-?mut|un-?ignor|restor|reinstat|revert|accidental|"
    r"(?:stop|no longer|don'?t|do not|not)[ ](?:skip|ignor|disabl|drop|remov|silenc|exclud)|"
    r"stop(?:s|ped|ping)?[ ](?:reset|fail|break|crash|block|leak|spam|flood|hang|los|retry|"
    r"duplicat)|"
    r"fix(?:e[sd]|ing)?[ ](?:a[ ]|the[ ])?(?:skipped|disabled|ignored|dropped))\w*"
)
"""What says the opposite, though the same words are in it."""
_OTHERWISE = (
    r"\b(?:from|in|into|inside|within|during|after|before|by|via|with|without|to|for|"
    r"duplicated?|temporary|unused|unneeded|unnecess?ary|unneccessary|unneccesary|redundant|"
    r"obsolete|stale|dead|noisy|verbose|only)\b|"
    r"(?:,[ ]*(?:and[ ])?|\band|[;&+]|->)[ ]*(?:updat|add|bump|fix|us(?:e|ing)\b|improv|upgrad|"
    r"chang|mak|set|enabl|mov|renam|correct|clarif|clean|adjust|align|replac|simplif|extend|"
    r"rewrit|rework|keep|restor|pin|sync|handl|harden|return|split|merg|expos|tighten|ensur|"
    r"refactor|support|allow|introduc|regen|creat|implement|test|document|run|check)\w*[ ]"
)
"""What, between the two, makes the noun a place, the loss no loss, or begins another clause."""
_DESCRIBES = r"\b(?:when|if|that|where|while|once|unless|report\w*|whether|say\w*)\b"
"""What, before the noun, tells of a state that is met rather than made."""
_OTHER_NOUN = (
    r"^[ ](?:(?:pipeline|job|workflow|suite|run|case|build|log)[ ])?"
    r"(?:helpers?|fixtures?|utils?|output|data|env\w*|db|users?|banner|buckets?|code|vars?|"
    r"variables?|messages?|names?|folders?|director\w+|harness|logs?|noise|warnings?|errors?|"
    r"setup|deps?|dependenc\w+|config\w*|prefix|suffix|duplicat\w+|imports?|times?|duration|"
    r"runtime|latency|overhead|costs?|boilerplate|flak\w+|complexity|memory|verbosity|churn|"
    r"contention|allocations?)\b"
)
"""What, after the noun, is what really goes."""
_CI_WORDS = r"\[(?:skip ci|ci skip|no ci)\]"
"""An order to CI about this commit alone."""
_IMPORTS = r"^[ \t]*(?:import|from|use|using|#include|package|const[^\n]*require\()\b"
_TAKES_AWAY = (
    r"\b(?:remov|drop|delet|avoid|eliminat|prevent|forbid|reject|stop|fix|clos|patch|replac|disabl|"
    r"harden|get(?:s|ting)? rid of)(?:e|es|s|d|ed|ing|ping|ped|ting)?[ ](?:(?:the|an?|all|any|some|"
    r"use of|using|our|its)[ ]){0,3}(?:insecure|unpinned|unsafe|unverified|unvalidated|"
    r"unsaniti[sz]ed|unescaped|unencrypted|unauthenticated|unsigned|unchecked|unrestricted|untrusted|vulnerable|"
    r"exploitable|over-?permissive|overly[ ](?:broad|permissive)|hard-?coded|plain-?text|"
    r"cleartext|leaked|weak)[ ][^:;,&+]*"
)
"""A clause that takes away something bad."""
_HELD_BACK = (
    r"\b(?:check|detect|validat|verif|warn|filter|scan|guard|block|reject|rul|alert|polic|restrict|"
    r"limit|protect|prevent|den(?:y|ied|ial)|ban|test|assert|lint|log|monitor|flag|error|gate|audit|"
    r"confirm|prompt|approv|sandbox(?:ing|ed)?\b|refus|forbid|escap|saniti|redact|mask|quota|"
    r"threshold|throttl|cap\b|\w*list\b|and\b|but\b)"
)
"""What, after it, is what goes: something that kept the bad away, or another thing."""
_WORD = r"[a-z0-9]{3,}"
_BRACKETS = b" \t{}()[];,"
_LINES, _WIDTH = 500, 500
"""How many lines of a side, and bytes of one, are compared with a headline."""


@dataclass(frozen=True, slots=True)
class Place:
    """A changed line, and how much it has in common with a headline."""

    number: int
    text: bytes
    side: Side
    shared: int


def says(subject: Subject, *wanted: str) -> bool:
    """Return whether the headline matches every expression, and undoes nothing.

    The rarest expression comes first, since this is asked of every change.
    """
    headline = subject.headline.encode("utf-8", "surrogatepass")
    if not headline:
        return False
    for regex in wanted:
        if not expression(regex).search(headline):
            return False
    return expression(_UNDOES).search(headline) is None


def meant(view: View, about: str, message: str) -> Iterator[Hit]:
    """Mark each file that the headline can mean: its first added line on the matter.

    Where neither a path nor an added line is on the matter, the first file that runs stands
    for the change.
    """
    first: FileView | None = None
    found = False
    for file in view.files:
        if file.status == "D" or not _can_be_meant(file):
            continue
        first = first or file
        lines = file.new(about)
        if lines:
            found = True
            yield Hit.at(file, lines[0], message)
        elif expression(about).search(file.path.encode("utf-8", "surrogatepass")):
            found = True
            yield _whole(view, file, message)
    if first and not found:
        yield _whole(view, first, message)


def words(text: bytes) -> frozenset[bytes]:
    """Return the words of three letters and more, in lower case."""
    return frozenset(expression(_WORD).findall(text.lower()))


def nearest(
    file: FileView,
    wanted: frozenset[bytes],
    sides: tuple[Side, ...] = (Side.NEW, Side.OLD),
    also: str = "",
) -> Place | None:
    """Return the changed line with most of the words; the first one where none has any.

    The sides are read in that order; a line that matches ``also`` counts as two words
    more. Imports and lone brackets are passed over, and None is what is left of nothing else.
    """
    best: Place | None = None
    for side in sides:
        lines = file.added_lines() if side is Side.NEW else file.removed_lines()
        for number, text in islice(lines, _LINES):
            if not text.strip(_BRACKETS) or expression(_IMPORTS).search(text):
                continue
            shared = len(wanted & words(text[:_WIDTH]))
            if also and expression(also).search(text):
                shared += 2
            if best is None or shared > best.shared:
                best = Place(number, text, side, shared)
    return best


def _whole(view: View, file: FileView, message: str) -> Hit:
    return Hit(message=message, text=view.subject.headline, path=file.path)


def _can_be_meant(file: FileView) -> bool:
    labels = file.labels
    return runs(labels) and not set_aside(labels) and labels.isdisjoint(_NOT_MEANT)


def without_tightening(said: bytes) -> bytes:
    """Return a headline in lower case without the clauses that take away something bad."""
    kept, at = [], 0
    for clause in expression(_TAKES_AWAY).finditer(said):
        if not expression(_HELD_BACK).search(clause[0], clause.start()):
            kept.append(said[at : clause.start()])
            at = clause.end()
    return b"".join((*kept, said[at:]))


def gives_up(subject: Subject, what: str) -> bool:
    """Return whether the headline says that something is taken away, or done less.

    ``what`` is an RE2 alternation of the nouns, in lower case, without flags or groups.
    """
    said = _said(subject.headline[:_WIDTH])
    if not said:
        return False
    after = rf"\b(?:{what})\b[^:;.]{{0,12}}\b(?:off|disabled|skipped|removed|muted)\b"
    stated = expression(after).search(said)
    if stated and not expression(_DESCRIBES).search(said[: stated.start()]):
        return True
    otherwise, other = expression(_OTHERWISE), expression(_OTHER_NOUN)
    return any(
        not otherwise.search(between[1]) and not other.search(said[between.end() :])
        for between in expression(
            rf"\b{_GIVEN_UP}((?:[^:;.]|\.\w){{0,60}}?)\b(?:{what})\b"
        ).finditer(said)
    )


@lru_cache(maxsize=256)
def _said(headline: str) -> bytes:
    """Return the headline in lower case; empty where it gives nothing up, or takes it back."""
    said = expression(_CI_WORDS).sub(b"", headline.lower().encode("utf-8", "replace"))
    said = without_tightening(said)
    gives = expression(rf"\b(?:{_GIVEN_UP}|off|disabled|skipped|removed|muted)").search(said)
    return bytes(said) if gives and not expression(_TAKEN_BACK).search(said) else b""
