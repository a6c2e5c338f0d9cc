"""A constant of an evaluation, a filter or a limit on abuse, changed.

What it flags
    A removed and an added line that are the same but for a number or a switch, where
    the line names a limit, a threshold, a rate, a sample or an enabling switch, and the
    line or the file's name speaks of evaluation, moderation, refusal, classifiers, fraud
    or abuse.

Why it matters
    One digit decides what a classifier lets pass, how often a caller may try, or how many
    cases an evaluation counts; it is the smallest possible sabotage.

How to review it
    The finding names the old and the new value: decide which direction is weaker.
    Ask for the measurement that supports the new value.

Not flagged
    Constants elsewhere; changes of wording; new constants; tests and prose.

Seen in
    ATT&CK T1562.001, impair defenses: disable or modify tools, of which a limit that
    nothing reaches is the quiet form; ATLAS AML.T0015, evade a model.
"""

from collections.abc import Iterator

from reviewqueue.domain.finding import Confidence, Pathway, Severity, Side
from reviewqueue.domain.paths import Label
from reviewqueue.scan.rule import FileView, Hit, Line, Rule, Stability, View, expression

_VALUE = r"-?\b\d[\d_.eE]*\b|\b(?i:true|false|on|off)\b"
_SETTING = (
    r"(?i)(?:threshold|limit|cut_?off|_min|_max|tolerance|confidence|score|(?:sampl\w+|error|false|"
    r"pass)_?(?:rate|ratio|size|frac)|num_(?:samples|cases|trials)|n_samples|enabled?|disabled?|"
    r"strict|block\w*|enforce\w*|fail_(?:open|closed)|max_?attempts|interval)s?['\"]?\]?[ \t]*"
    r"(?::[ \t]*[a-z]\w*[ \t]*=|[:=]+|=>|\()[ \t]*['\"]?(?:-?\.?\d|true\b|false\b|on\b|off\b)|"
    r"\b(?:min|max)(?:imum)?_\w+['\"]?[ \t]*[:=]+[ \t]*-?\.?\d|"
    r"\.default\([ \t]*['\"]?(?:\d|true\b|false\b)"
)
"""A setting with its value, so that the search finds few lines."""
_SAFETY = (
    r"(?i)eval(?:s|uat)|moderat|guardrail|refus|classif|safety|harm|toxic|jailbreak|abuse|spam|"
    r"nsfw|fraud|malware|phish|injection|red_?team|oversight|canary|confidence|content_?filter|"
    r"password|\bmfa|session_?(?:timeout|duration|ttl|lifetime)|token_?(?:ttl|lifetime|expir)|"
    r"rate_?limit|lockout|brute|suspicio|anomal|quarantin|blocklist|denylist|profanity|csam"
)
_ELSEWHERE = frozenset({Label.TEST, Label.DOCS, Label.LOCK, Label.GENERATED, Label.DATA})


def check(view: View) -> Iterator[Hit]:
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


def _values(line: Line) -> list[str]:
    return [found.decode()[:40] for found in expression(_VALUE).findall(line.text.encode())]


def _skeleton(line: Line) -> bytes:
    """Return the line without its values and white space."""
    return b"".join(expression(_VALUE).sub(b"#", line.text.encode()).split())


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
    removed_triggers=(_SETTING,),
    check=check,
    version=2,
)
