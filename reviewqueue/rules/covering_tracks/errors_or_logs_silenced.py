r"""What goes wrong is no longer said: a log level raised, an error of a check swallowed.

What it flags
    A log level that becomes less talkative, shown old → new; added code that catches an
    error and does nothing with it right beside a verification, an authentication or an
    audit; a verification whose result is thrown away; output of such a command sent to
    nowhere. An error that a message of the log still speaks of, but no longer shows, or
    of which it shows the text alone, or that it tells at a level that few read; one that was
    told, and is now passed over.

Why it matters
    A check that fails in silence looks exactly like one that passed, and what is not
    logged was never there when somebody asks.

How to review it
    Ask what happens next where the check failed: does the program go on?
    For a level: which messages are no longer kept, and did an alarm read them?

Not flagged
    Levels that become more talkative; an error that is told in another way, or raised on;
    swallowed errors of cosmetics and clean-up; tests; a message that shows the error itself where
    it showed a text of it. A message to a console alone that is gone is a low finding, as is one
    below which the error is still dealt with.

Seen in
    ATT&CK T1562.006 (indicator blocking). CWE-390 (error without action), CWE-778
    (insufficient logging).
"""

from collections.abc import Iterator, Sequence

from reviewqueue.domain.finding import Confidence, Pathway, Severity, Side
from reviewqueue.domain.paths import Label, is_own
from reviewqueue.scan.effects.log_calls import ARGUMENT, LOGS_ERROR, hidden
from reviewqueue.scan.rule import FileView, Hit, Line, Pattern, Rule, Stability, View, expression
from reviewqueue.scan.structure.hunks import placed
from reviewqueue.scan.structure.pairs import Bag, bag, blocks, finds, paired, shared

_LEVEL = (
    r"(?i)(?:\blog(?:ging|ger)?[._-]?(?:[\w.]+\.)?level|max_level\(|\bMinimumLevel\.|"
    r"\bsetLevel\s*\(|\bloglevel|\bverbosity|\bLOG_LEVEL|"
    r"\bset_level\s*\(|\blevel\s*=\s*logging\.|<(?:async)?(?:root|logger)\b[^>\n]*\blevel|"
    r"^[ \t]*(?:-[ \t]+)?['\"]?(?:level|default|root|rootlevel|minimumlevel|"
    r"log4j\.rootlogger)['\"]?\s*[:=]|\.level\(|LevelFilter::|"
    r"^[ \t]+[\w-]+(?:\.[\w-]+)+:[ ]*['\"]?|\bauth(?:priv)?[,.]|\b[A-Z]+_LOG['\"]?[ \t]*[:=]|"
    r"\bvalue['\"]?:[ \t]*['\"]?(?:[\w:.-]+=\w+,)*(?:[\w:.-]+=)?|\bSetGlobalLevel\(|"
    r"\blog_min_\w+[ \t]*=|\berror_log[ \t]|\blogger,[ \t]*level:|filter_or\(|"
    r"\b\w*(?:max_?)?level_?filter\w*\()[^\n]*\b(?:Level)?(?:trace|debug|info|"
    r"notice|warn(?:ing)?|error|critical|information|disabled|fatal|panic|off|none|silent|"
    r"requestresponse|request|metadata|verbose|quiet|crit|alert|emerg)(?:Level)?\b"
)
_LEVELS = (
    r"(?i)\b(?:Level)?(trace|debug|info(?:rmation)?|notice|warn(?:ing)?|error|critical|fatal|panic|off|none|"
    r"silent|disabled|requestresponse|request|metadata|verbose|quiet|crit|alert|emerg)(?:Level)?\b"
)
_FILTER = r"(\bvalue['\"]?: ?['\"]?)[\w:.-]+=\w+(?:,[\w:.-]+(?:=\w+)?)*"
"""The levels of several parts, in one value."""
_RANKS = {
    name: rank
    for rank, names in enumerate(
        (
            b"trace",
            b"debug verbose requestresponse",
            b"info information request",
            b"notice",
            b"warn warning metadata",
            b"error",
            b"critical fatal panic crit alert emerg",
        )
    )
    for name in names.split()
} | dict.fromkeys((b"off", b"none", b"silent", b"disabled", b"quiet"), 9)
_LOUD = 3
"""Levels above this say nothing of what went right."""
_TALKS = 1
"""The last level at which a service that runs tells of its single steps."""
_SWALLOWS = (
    r"\bcatch\s*(?:\([^)\n]*\))?\s*\{\s*(?:(?://|/\*)[^\n]*)?\}|"
    r"\bexcept\b[^\n]*:[ \t]*(?:pass|continue)\b|\bexcept\b[^\n]*:[ \t]*\n[ \t]*pass\b|"
    r"\bcatch\s*(?:\([^)\n]*\))?\s*\{[ \t]*\n[ \t]*\}|\brescue\s+nil\b|\brescue\s*=>\s*_\b|"
    r"\bcontextlib\.suppress\s*\(\s*(?:Base)?Exception|\bOn\s+Error\s+Resume\s+Next\b"
)
_DROPS = (
    r"(?i)(?:^|\s)(?:let\s+)?_\s*(?:,\s*_\s*)?:?=\s*[\w.:]*(?:verify|validate|authori[sz]e|"
    r"authenticate|checkPermission|check_permission|check_?signature|audit)\w*\s*\(|(?:verify|"
    r"codesign|gpg|sha256sum|cosign|openssl\s+dgst|shasum|minisign|"
    r"signify)\b[^\n]*(?:>\s*/dev/null\s+2>&1|2>\s*/dev/null|&>\s*/dev/null)\s*\|\|\s*(?:true|:)"
)
_TELLS = r"^[ \t]*(?:throw(?:[ \t]+(?:\w+|new[ \t][^\n]*))?;?|raise(?:[ \t]+\w+)?)[ \t]*$"
_GOES_ON = r"\b(?:raise|throw|reject|panic)\b|\breturn[ ][^\n]*\berr\b|\bnext\(\w|\bErr\("
"""What hands an error on to somebody else."""
_CONSOLE = r"\bconsole\.\w+\("
"""A message for whoever sits before the program, and no log that anybody keeps."""
_DOES = r"^[^/#*\n]*(?:\w\(|[^=!<>]=[^=])"
_LEAVES = r"^[ \t]*(?:return|continue|break|next|pass)\b"
_CAUGHT = r"\bcatch\b|^[ \t]*except\b|^[ \t]*rescue\b"
_IDLE = (
    r"^[ \t]*(?:pass|continue;?|//[^\n]*|#[^\n]*|/\*[^\n]*|[{}\s;]*|\}?[ ]*catch\b[^\n]*|"
    r"except\b[^\n]*|rescue\b[^\n]*)[ \t]*$"
)
"""What does nothing with an error."""
_SHRUGS = (
    r"\.catch\([ ]*(?:\(\w*\)|\w+)[ ]*=>[ ]*(?:\{[ ]*\}|undefined|null|void 0)[ ]*\)|"
    r"\brescue[ ]+nil\b|^[ \t]*@\$\w|2>[ ]*/dev/null[ ]*\|\|[ ]*(?:true|:)"
)
_WATCHED = (
    r"(?i)\bverif|signature|authori[sz]|authenticat|permission|csrf|"
    r"\bvalidate_?(?:token|sig|cert|origin|signature)|sanitiz|audit|checksum|certificate|"
    r"integrity|access_?control|\bjwt\b|\bhmac\b|sandbox|guardrail"
)
_LONG = 1_000
"""Bytes of a line above which it is no longer written by hand."""
_ALIKE = 0.5
"""Likeness from which a line is the old one, changed."""
_MOST = 100
"""Errors swallowed before with which a new one is compared: nobody moves more at once."""
_BLOCK = 40
"""Changed lines in which what takes an error's place may come."""
_NEAR = 5
"""Lines above a swallowed error that tell what it was about."""


def check(view: View) -> Iterator[Hit]:
    """Mark raised levels, and errors swallowed where something was checked."""
    for file in view.where(_LEVEL, side=Side.NEW):
        if is_own(file.labels) and file.gone(_LEVEL):
            yield from _levels(file)
    for file in view.where(_SWALLOWS, side=Side.NEW):
        if is_own(file.labels):
            lines = file.new(_SWALLOWS)
            yield from _swallowed(file, lines) if lines else ()
    for file in view.where(_DROPS, side=Side.NEW):
        if is_own(file.labels):
            for line in file.new(_DROPS):
                yield Hit.at(file, line, "the result of a verification is thrown away")
    yield from _told_before(view)
    for file in view.where(LOGS_ERROR, ARGUMENT, side=Side.OLD):
        if is_own(file.labels) and Label.SOURCE in file.labels and file.status != "D":
            yield from hidden(file)
            yield from _untold(file, LOGS_ERROR)


def _told_before(view: View) -> Iterator[Hit]:
    """Mark errors that the program told of before the change."""
    for file in view.where(_TELLS, side=Side.OLD):
        if is_own(file.labels) and Label.SOURCE in file.labels and file.status != "D":
            yield from _untold(file, _TELLS)
    for file in view.where(_SHRUGS, side=Side.NEW):
        if is_own(file.labels) and file.removed and Label.SOURCE in file.labels:
            yield from _passed_over(file)


def _untold(file: FileView, told_by: str) -> Iterator[Hit]:
    """Tell errors that were raised again, or logged, where now nothing is done with them."""
    tells, caught = expression(told_by), expression(_CAUGHT)
    for start, _, lines in file.hunks():
        number = start - 1
        for at, line in enumerate(lines):
            number += line[:1] != b"+"
            if line[:1] != b"-" or not tells.search(line[1:]):
                continue
            before, after = lines[max(0, at - _NEAR) : at], _until_unchanged(lines, at + 1)
            near = [text for text in (*before, *after) if text[:1] in {b"+", b"-"}]
            catches = [text for text in before[-3:] if caught.search(text[1:])]
            if any(map(expression(_GOES_ON).search, lines[at + 1 : at + 1 + _NEAR])):
                continue
            if not _still_catches(catches, near):
                continue
            if all(text[:1] == b"-" or _is_idle(text[1:]) for text in near):
                told = "an error that was raised or logged is now swallowed"
                is_noted = finds(_CONSOLE)(line[1:]) or _is_handled(lines, at)
                weight = Severity.LOW if is_noted else None
                yield Hit.on(file, number, line[1:], told, side=Side.OLD, severity=weight)
                return


def _until_unchanged(lines: Sequence[bytes], first: int) -> Sequence[bytes]:
    """Return the next few lines, and more as long as all are changed."""
    last = first
    while last < min(len(lines), first + _BLOCK) and lines[last][:1] != b" ":
        last += 1
    return lines[first : max(last, first + _NEAR)]


def _is_handled(lines: Sequence[bytes], at: int) -> bool:
    """Return whether the first unchanged line below a removed one still does something there."""
    below = next((text[1:] for text in lines[at:] if text[:1] == b" " and text.strip()), b"")
    depth = len(lines[at][1:]) - len(lines[at][1:].lstrip())
    return (
        len(below) - len(below.lstrip()) >= depth
        and finds(_DOES)(below)
        and not finds(_LEAVES)(below)
    )


def _still_catches(catches: list[bytes], near: list[bytes]) -> bool:
    """Return whether the error is caught as before: one that nobody catches is not swallowed."""
    if not catches:
        return False
    caught = expression(_CAUGHT)
    return catches[-1][:1] != b"-" or any(
        text[:1] == b"+" and caught.search(text[1:]) for text in near
    )


def _is_idle(text: bytes) -> bool:
    return expression(_IDLE).search(text) is not None


def _passed_over(file: FileView) -> Iterator[Hit]:
    """Tell calls that are the same as before, but for what swallows their errors."""
    lines = {line.number for line in file.new(_SHRUGS)}
    for block in blocks(file) if lines else ():
        for pair in paired(block):
            if pair.new_line in lines and not expression(_SHRUGS).search(pair.old):
                told = "the errors of a call that was made before are now swallowed"
                yield Hit.on(file, pair.new_line, pair.new, told)


def _levels(file: FileView) -> Iterator[Hit]:
    """Compare the levels of lines that differ in nothing else."""
    before = {_skeleton(line): line for line in file.gone(_LEVEL)}
    for line in file.new(_LEVEL):
        old = before.get(_skeleton(line))
        was, now = (_level(old), _level(line)) if old else (b"", b"")
        least = _LOUD if _is_program(file) or was != b"trace" else _TALKS
        if old and _RANKS[now] > max(_RANKS[was], least):
            message = f"less is logged: {was.decode()} → {now.decode()}"
            yield Hit.at(file, line, message)


def _is_program(file: FileView) -> bool:
    """Return whether a level is a program's own, rather than that of a service which runs."""
    return file.labels.isdisjoint({Label.INFRASTRUCTURE, Label.CONTAINER})


def _skeleton(line: Line) -> bytes:
    text = expression(_FILTER).sub(rb"\1?", b" ".join(line.whole.split()))
    return bytes(expression(_LEVELS).sub(b"?", text))


def _level(line: Line) -> bytes:
    """Return the last level a line names: the one that is set, not a constant's type."""
    return bytes(expression(_LEVELS).findall(line.whole)[-1]).lower()


def _swallowed(file: FileView, lines: tuple[Line, ...]) -> Iterator[Hit]:
    """Tell swallowed errors beside what is worth watching."""
    around = _around(file, {line.number for line in lines if line.number})
    before = [_tokens(line) for line in file.gone(_SWALLOWS)[:_MOST]]
    for line in lines:
        if len(line.whole) > _LONG:
            continue
        near = around.get(line.number or 0, b"")
        is_watched = expression(_WATCHED).search(near) or expression(_WATCHED).search(line.whole)
        if is_watched and not _is_like(line, before):
            message = "an error beside a security check is caught, and nothing is done with it"
            yield Hit.at(file, line, message)


def _is_like(line: Line, before: list[Bag]) -> bool:
    """Return whether a line that swallowed an error before the change only says it otherwise."""
    now = _tokens(line) if before else frozenset()
    return any(shared(was, now) >= _ALIKE for was in before)


def _tokens(line: Line) -> Bag:
    """Return what a line says, but for the error that it swallows."""
    return bag(expression(_SWALLOWS).sub(b"", line.whole))


def _around(file: FileView, numbers: set[int]) -> dict[int, bytes]:
    """Return what stands right above some new lines, each joined."""
    found: dict[int, bytes] = {}
    opens = expression(r"^[ \t]*(?:\}?[ \t]*try\b|begin\b)")
    for number, at, lines in placed(file):
        if number in numbers and b"try" not in lines[at]:
            above = [text for text in lines[max(0, at - _NEAR) : at] if text[:1] != b"-"]
            tried = [place for place, text in enumerate(above) if opens.search(text[1:])]
            found[number] = b"\n".join(above[tried[-1] :] if tried else above)
    return found


RULE = Rule(
    id="errors-or-logs-silenced",
    pathway=Pathway.COVERING_TRACKS,
    severity=Severity.MEDIUM,
    confidence=Confidence.MEDIUM,
    stability=Stability.STABLE,
    summary="keeps what goes wrong from being said",
    version=6,
    patterns=(
        Pattern(
            r"(?i)\bignore\w*['\"]?\]?[ \t]*(?:<<|\+=|[=:(.])|\bexcluded_exceptions\b|"
            r"\bdeny_?urls\b",
            "what reports errors is told to pass over some",
            globs=(
                "*honeybadger*",
                "*sentry*",
                "*bugsnag*",
                "*rollbar*",
                "*airbrake*",
                "*newrelic*",
            ),
            never=frozenset({Label.DOCS, Label.LOCK, Label.TEST, Label.VENDORED}),
        ),
    ),
    added_triggers=(_LEVEL, _SWALLOWS, _DROPS, _SHRUGS),
    removed_triggers=(_TELLS, LOGS_ERROR, ARGUMENT),
    check=check,
)
