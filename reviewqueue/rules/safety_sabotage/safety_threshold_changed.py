"""A constant of an evaluation, a filter or a limit on abuse, changed.

What it flags
    A removed and an added line that are the same but for a number or a switch, where
    the line names a limit, a threshold, a rate, a sample or an enabling switch, and the
    line or the file's name speaks of evaluation, moderation, refusal, classifiers, fraud
    or abuse. Anywhere in programs and settings: a bound (limit, maximum, quota, size, depth)
    that grows to four times its value or more, or is none now; a comparison with a bound
    that leaves out an addend; a condition that compares a score with another figure than
    before, and refuses, blocks or flags something right below.

Why it matters
    One digit decides what a classifier lets pass, how often a caller may try, or how many
    cases an evaluation counts; it is the smallest possible sabotage.

How to review it
    The finding names the old and the new value: decide which direction is weaker.
    Ask for the measurement that supports the new value.

Not flagged
    Other constants elsewhere; how much of a history is fetched; connections kept open, sizes of a
    page or a batch; versions, revisions and epochs; the memory that something asks for; changes of
    wording; new constants; tests and prose. How much a language model may read or write at once is
    a low finding, unless the file or the line speaks of throttling or of abuse.

Seen in
    ATT&CK T1562.001, impair defenses: disable or modify tools, of which a limit that
    nothing reaches is the quiet form; ATLAS AML.T0015, evade a model.
"""

from collections.abc import Iterator
from itertools import islice
from math import inf

from reviewqueue.domain.finding import Confidence, Pathway, Severity, Side
from reviewqueue.domain.paths import Label
from reviewqueue.scan.rule import FileView, Hit, Line, Rule, Stability, View, expression
from reviewqueue.scan.structure.hunks import on_side
from reviewqueue.scan.structure.openers import Openers
from reviewqueue.scan.structure.pairs import (
    Pair,
    changed_tokens,
    exchanged,
    finds,
    pairs_losing,
    tokens,
)

_VALUE = r"-?\b\d[\d_.eE]*(?:[smhdw]\b|\b)|\b(?i:true|false|on|off)\b"
_SETTING = (
    r"(?i)(?:threshold|limit|cut_?off|_min|_max|tolerance|confidence|score|(?:sampl\w+|error|false|"
    r"pass)_?(?:rate|ratio|size|frac)|num_(?:samples|cases|trials)|n_samples|enabled?|disabled?|"
    r"strict|block\w*|enforce\w*|fail_(?:open|closed)|max_?attempts|interval)s?['\"]?\]?[ \t]*"
    r"(?::[ \t]*[a-z]\w*[ \t]*=|[:=]+|=>|\()[ \t]*['\"]?(?:-?\.?\d|true\b|false\b|on\b|off\b)|"
    r"\b(?:min|max)(?:imum)?_\w+['\"]?[ \t]*[:=]+[ \t]*-?\.?\d|"
    r"\.default\([ \t]*['\"]?(?:\d|true\b|false\b)|"
    r"(?:\b(?:MIN|MAX)_\w+|attempts|timeout|lifetime|_age|required_?length|rounds|iterations|"
    r"confirmations|delay|expires?_?in|review_above)['\"]?(?:[ \t]*:[ \t]*\w+)?[ \t]*[:=]+[ \t]*"
    r"(?:new[ \t]+\w+\()?['\"]?\d|['\"]\w+['\"]:[ \t]*0?\.\d"
)
"""A setting with its value, so that the search finds few lines."""
_SAFETY = (
    r"(?i)eval(?:s|uat)|moderat|guardrail|refus|classif|safety|harm|toxic|jailbreak|abuse|spam|"
    r"nsfw|fraud|malware|phish|injection|red_?team|oversight|canary|confidence|content_?filter|"
    r"password|\bmfa|session_?(?:timeout|duration|ttl|lifetime)|token_?(?:ttl|lifetime|expir)|"
    r"rate_?limit|brute|suspicio|anomal|quarantin|lock_?out|required_?length|"
    r"failed_?access|bcrypt|kdf|pbkdf|"
    r"confirmations|time_?lock|session_?cookie|login|violence|weapons|blocklist|"
    r"denylist|profanity|csam|anonymi[sz]|[/_]pii|(?:input|output|prompt|secrets?)_?scanner"
)
_LIMIT = (
    r"(?i)(?:limit|max|quota|capacity|size|length|depth|ceiling|attempts|retries|_cap|_ttl|"
    r"concurrency|burst|budget|bound|throttle|per_(?:second|minute|hour|day)|memory)"
    r"\w*['\"]?\)?(?:[ \t]*:[ \t]*[\w<>\[\]]+)?[ \t]*(?::=|=>|[:=(]|"
    r"[<>]=?)[ \t]*['\"]?"
    r"(-?\d|none\b|null\b|nil\b|unlimited\b|inf\w*\b|(?:\w+\.)*max(?:int|value|_safe|_value)\w*|"
    r"usize::max|"
    r"u\d+::max|math\.max|sys\.maxsize|float\()"
)
"""What bounds something, with its value."""
_NO_LIMIT = (
    r"(?i)@setEvalBranchQuota|\w*_?idle_?\w*(?:max|per_|size|conn|limit)|max_?idle|"
    r"(?:generation|gen|chunk|page|batch|buffer)_?size|\bfetch-?depth|"
    r"\b(?:limit|pageSize|page_size|per_?page|count)\??[ ]*:[ ]*(?:number|int|usize|Int)\b|"
    r"^[ \t]*(?:-[ \t]+)?[\"']?[\w.-]*(?:version|revision|epoch|release|serial|pkgrel|build_?num)"
    r"[\w.-]*[\"']?[ \t]*[:=]"
)
"""A compiler's own bound; how much of a history is fetched; connections kept open; how much is
handled at once, or shown; which version of a thing it is."""
_OF_A_MODEL = (
    r"(?i)(?:^|[^\w-])['\"]?(?:max_?(?:imum_?)?(?:(?:completion|output|new|context|input|response|"
    r"prompt)_?)?tokens?(?:_?allowed)?|context_?(?:window|length|size))['\"]?[ \t]*"
    r"(?::[ \t]*\w+[ \t]*=|=>|[:=])[ \t]*(\d[\d_]*)"
)
"""How much a language model may read or write at once."""
_METERS = (
    r"(?i)bucket|throttl|quota|budget|limiter|per_(?:user|minute|day|key)|session|api_?tokens?"
)
"""What makes tokens something that is counted, or handed out."""
_ONE_ANSWER = 1_000
"""Tokens from which a figure is that of a model, rather than of what is handed out."""
_ASKED_FOR = r"^[ \t]*(?:memory|cpu)[ \t]*:"
_ASKING = r"^[ \t]*(?:-[ \t]+)?(?:requests|(?:\w+-)?resources)[ \t]*:"
"""What something asks of the machine it runs on, which is no limit of what it may take."""
_BOUNDS = r"(?i)(?:limit|max|quota|capacity|ceiling|size|length|depth|attempts|retries|burst|bound)"
_NO_BOUND = (
    r"(?i)^(?:none|null|nil|unlimited|inf\w*|(?:\w+(?:\.|::))*(?:maxint\w*|maxsize|maxvalue|"
    r"max_\w+|max)|-1|"
    r"float\(['\"]inf['\"]\))\b"
)
_AMOUNT = r"\b\d[\d_]*(?:\.\d+)?"
_MUCH = 4.0
"""Times its old value from which a bound is another one."""
_SHIFTED = r"<<[ ]*(\d+)"
_UNITS = {
    b"k": 1e3,
    b"kb": 1e3,
    b"kib": 1e3,
    b"m": 1e6,
    b"mb": 1e6,
    b"mib": 1e6,
    b"g": 1e9,
    b"gb": 1e9,
    b"gib": 1e9,
}
_LONGEST = 500
"""Bytes of a line that somebody wrote."""
_COMPARED = (
    r"(?i)(?:[<>]=?)[ \t]*(?:\(?\w+[ ]as[ ])?(?:[\w:]+(?:\.|->|::))*\w*(?:max|limit|quota|"
    r"capacity|remaining)\w*"
)
"""A comparison with a bound."""
_SCORED = r"(?i)\b(?:if|elif|unless|when|return)\b[^\n]*[<>]=?[ \t]*0?\.\d"
"""A condition on a score: a trigger."""
_REFUSES = (
    r"(?i)refus|\bblock|\bden(?:y|ied)|reject|unsafe|moderat|redact|quarantin|escalat|flagged|"
    r"forbid|suspicious|\bharm"
)
_BELOW = 3
"""Lines from a condition on which what it does stands."""
_PAIRS = 50
"""Conditions of one file that are looked at."""
_ELSEWHERE = frozenset({Label.TEST, Label.DOCS, Label.LOCK, Label.GENERATED, Label.DATA})


def check(view: View) -> Iterator[Hit]:
    """Mark settings of safety that have another value, and bounds that no longer bound."""
    yield from _set_otherwise(view)
    for file in filter(_may_bound, view.where(_SCORED, side=Side.OLD)):
        if file.new(_SCORED):
            yield from _scored(file)
    for regex, tells in ((_LIMIT, _raised), (_COMPARED, _uncounted)):
        for file in filter(_may_bound, view.where(regex, side=Side.OLD)):
            if file.added and file.gone(regex) and file.new(regex):
                yield from tells(file)


def _set_otherwise(view: View) -> Iterator[Hit]:
    """Pair lines that differ by their values only, and tell old and new."""
    for file in view.where(_SETTING, side=Side.OLD):
        if not file.labels.isdisjoint(_ELSEWHERE):
            continue
        new = [line for line in file.new(_SETTING) if _is_safety(file, line)]
        if not new:
            continue
        old = {_skeleton(line): line for line in file.gone(_SETTING)}
        for line in new:
            before = old.get(_skeleton(line))
            if before:
                for was, now in zip(_values(before), _values(line), strict=True):
                    if was != now:
                        told = f"a safety setting is changed from {was} to {now}"
                        yield Hit.at(file, line, told)


def _scored(file: FileView) -> Iterator[Hit]:
    """Tell scores from which something is refused, where nothing else of the line changed."""
    pairs = [pair for pair in islice(pairs_losing(file, _SCORED), _PAIRS) if _is_same(pair)]
    if not pairs:
        return
    after = {
        start + at: line[1:]
        for _, start, lines in file.hunks()
        for at, line in enumerate(on_side(lines, Side.NEW))
    }
    refuses = finds(_REFUSES)
    for pair in pairs:
        near = [after.get(pair.new_line + at, b"")[:_LONGEST] for at in range(_BELOW)]
        if refuses(b"\n".join(near)):
            told = "the score from which something is refused is another"
            yield exchanged(file, pair, told)


def _is_same(pair: Pair) -> bool:
    """Return whether the lines of a pair differ by their figures only."""
    value = expression(_VALUE)
    return bool(value.sub(b"0", pair.old.strip()) == value.sub(b"0", pair.new.strip()))


def _raised(file: FileView) -> Iterator[Hit]:
    """Tell bounds that grow so much that they bound something else, or nothing."""
    openers = Openers(file)
    for pair in pairs_losing(file, _LIMIT):
        if expression(_ASKED_FOR).search(pair.new) and _is_request(openers, pair):
            continue
        if not expression(_LIMIT).search(pair.new) or expression(_NO_LIMIT).search(pair.new):
            continue
        was, now = _amount(pair.old), _amount(pair.new)
        alike = expression(_BOUNDS).findall(pair.old) == expression(_BOUNDS).findall(pair.new)
        if (
            alike
            and was is not None
            and now is not None
            and 0 < was < inf
            and (now >= was * _MUCH or now == 0)
        ):
            shown = "no bound" if now == inf else f"{now:g}"
            told = f"a bound is raised from {was:g} to {shown}"
            if now == 0:
                told = f"a bound of {was:g} is 0 now, which often means none"
            severity = Severity.LOW if now and _is_of_a_model(file, pair, was) else None
            yield Hit.on(file, pair.new_line, pair.new, told, severity=severity)


def _is_of_a_model(file: FileView, pair: Pair, was: float) -> bool:
    """Return whether a bound is what a model can take, in a place that meters nobody."""
    place = f"{file.path}\n".encode() + pair.old + b"\n" + pair.new
    if was < _ONE_ANSWER or finds(f"{_METERS}|{_SAFETY}")(place):
        return False
    limit, model = expression(_LIMIT), expression(_OF_A_MODEL)
    found = [(limit.search(line), model.search(line)) for line in (pair.old, pair.new)]
    return all(bound and size and bound.start(1) == size.start(1) for bound, size in found)


def _is_request(openers: Openers, pair: Pair) -> bool:
    """Return whether a line says how much is asked for, by the line that it stands below."""
    opener = openers.above(pair.new_line).split(b"\n", 1)[0]
    return expression(_ASKING).search(opener) is not None


def _amount(line: bytes) -> float | None:
    """Return what a bound comes to, infinity where it is none; None where it says no figure."""
    line = line[:_LONGEST]
    found = expression(_LIMIT).search(line)
    value = line[found.start(1) :].split(b"#", 1)[0].split(b"//", 1)[0] if found else b""
    if expression(_NO_BOUND).search(value):
        return inf
    numbers = expression(_AMOUNT).findall(value)
    if not numbers:
        return None
    total = 1.0
    for number in numbers[:4] if b"*" in value else numbers[:1]:
        total *= float(number.replace(b"_", b""))
    shift = expression(_SHIFTED).search(value)
    unit = expression(r"(?i)\d[ ]?([kmg]i?b?)\b").search(value)
    total *= 2.0 ** min(int(shift[1]), 64) if shift else 1.0
    return total * (_UNITS.get(unit[1].lower(), 1.0) if unit else 1.0)


def _uncounted(file: FileView) -> Iterator[Hit]:
    """Tell comparisons with a bound in which less is counted than before."""
    for pair in pairs_losing(file, _COMPARED):
        if not expression(_COMPARED).search(pair.new):
            continue
        went = changed_tokens(pair).gone
        if b"+" in went and b"+" not in tokens(pair.new):
            told = "less is counted against a bound than before"
            yield Hit.on(file, pair.new_line, pair.new, told)


def _values(line: Line) -> list[str]:
    return [found.decode()[:40] for found in expression(_VALUE).findall(line.text.encode())]


def _skeleton(line: Line) -> tuple[bytes, ...]:
    """Return what stands before, between and after the line's values, without white space."""
    parts = expression(_VALUE).split(line.text.encode())
    return tuple(b"".join(part.split()) for part in parts)


def _may_bound(file: FileView) -> bool:
    return file.labels.isdisjoint(_ELSEWHERE) and file.status != "D"


def _is_safety(file: FileView, line: Line) -> bool:
    text = f"{file.path}\n{line.text}".encode()
    return expression(_SAFETY).search(text) is not None


RULE = Rule(
    id="safety-threshold-changed",
    pathway=Pathway.SAFETY_SABOTAGE,
    severity=Severity.MEDIUM,
    confidence=Confidence.MEDIUM,
    stability=Stability.STABLE,
    summary="changes a constant of an evaluation, a filter or a limit on abuse",
    removed_triggers=(_SETTING, _LIMIT, _COMPARED, _SCORED),
    check=check,
    version=10,
)
