r"""A safety filter, a classifier or a refusal taken out of the way.

What it flags
    A model's safety setting that blocks nothing (`BLOCK_NONE`, a safety checker that is
    `None`, moderation switched off); a call of moderation, a guardrail, a toxicity or
    jailbreak classifier, an injection scan or a secret redaction that goes without
    another in its place, or is only a comment now; rules of refusal deleted from a system
    prompt.

Why it matters
    These filters are the only thing between what a model can say and what it says. One
    removed line lets everything through, and no test of features notices.

How to review it
    Ask for the evaluation that was run without the filter.
    Look at whether the text still passes some check on the way out.

Not flagged
    Filters added or replaced, or taken away together with what they were given; words in
    tests, in prose, in comments.

Seen in
    Diffusion models shipped with `safety_checker=None`; ATLAS AML.T0054 (jailbreak) and
    AML.T0051 (prompt injection) are what such filters are there for.
"""

from bisect import bisect_right
from collections.abc import Iterable, Iterator
from itertools import groupby

from reviewqueue.domain.finding import Confidence, Pathway, Severity, Side
from reviewqueue.domain.paths import Label
from reviewqueue.scan.rule import FileView, Hit, Line, Pattern, Rule, Stability, View, expression
from reviewqueue.scan.structure.commented import commented_out
from reviewqueue.scan.structure.disappeared import disappeared
from reviewqueue.scan.structure.pairs import tokens

_FILTER = (
    r"(?i)(?:moderat(?:e|ion)\w*|guard_?rails?\w*|llama_?guard\w*|content_?filter\w*|"
    r"toxicity\w*|detoxify|(?:is_|check_|detect_|classify_|filter_)(?:toxic|harm|nsfw|abus|unsafe|"
    r"jailbreak|injection|pii|spam|phish|malicious|prompt_injection|profan)\w*|safety_?(?:check\w*|"
    r"filter\w*|classif\w*|settings?|guard\w*|layer|policy|eval\w*)|nsfw_?\w*filter\w*|"
    r"prompt_?(?:guard|shield)\w*|output_?(?:filter|guard)\w*|input_?guard\w*|refusal_?\w*|"
    r"red_?team\w*|scan_?(?:prompt|output|for_pii|for_injection)\w*|redact\w*|anonymi[sz]er?|"
    r"presidio\w*|lakera\w*|nemoguardrails|constitutional\w*|harm_?classif\w*)(?:\.\w+)?\s*\("
)
_OFF = (
    r"\bBLOCK_NONE\b|\bHARM_BLOCK_THRESHOLD_UNSPECIFIED\b|HarmBlockThreshold\.OFF|"
    r"\bsafety_checker\s*[:=]\s*(?:None|null)|\brequires_safety_checker\s*[:=]\s*False|"
    r"(?i)\b(?:disable|skip|bypass|no|without|ignore)_?(?:moderation|guard_?rails?|safety|"
    r"content_?filter|"
    r"toxicity|jailbreak|refusals?)\w*['\"]?\s*[:=(]\s*(?:true|1|\))|"
    r"\b(?:moderation|guard_?rails?|content_?filter(?:ing)?|safety_?(?:filter|check|mode|"
    r"settings?)|"
    r"toxicity_?\w*|prompt_?(?:guard|shield)|pii_?\w*|red_?team\w*)(?:_?enabled)?['\"]?\s*[:=]+\s*"
    r"['\"]?(?:false|off|none|null|disabled|0|\[\]|\{\})\b"
)
_REFUSAL = (
    r"(?i)\b(?:refuse|decline|must not|do not|don'?t|never)\b[^\n]*\b(?:harm\w*|weapon\w*|"
    r"malware|"
    r"illegal|self-harm|csam|minors|exploit\w*|personal data|credentials|secrets?|medical advice|"
    r"hate|violen\w+|explicit|dangerous|destructive|system prompt|follow instructions)\b"
)
_PROMPT = r"(?i)prompt|system|policy|persona|constitution|guideline|safety|instruction|agent"
_WHOLE = 12
"""Removed lines of a hunk from which a filter may have gone with all that it was for."""
_SHORT = 3
"""Letters of a name that is shared by chance."""
_ELSEWHERE = frozenset({Label.TEST, Label.LOCK, Label.GENERATED, Label.VENDORED, Label.DATA})
_NOT_CODE = _ELSEWHERE | {Label.DOCS}
_QUIET = (
    "#",
    "//",
    "*",
    "/*",
    "--",
    '"""',
    "def ",
    "fn ",
    "func ",
    "import ",
    "from ",
    "function ",
)


def check(view: View) -> Iterator[Hit]:
    """Mark filters that go, are commented out, and refusals that a prompt loses."""
    files = [file for file in view.where(_FILTER) if file.labels.isdisjoint(_NOT_CODE)]
    for found in disappeared(files, _FILTER):
        file = found.file
        calls = [line for line in found.lost if not line.text.startswith(_QUIET)]
        for line in _bypassed(file, calls) if file.status != "D" else ():
            yield Hit.at(file, line, "a safety filter is no longer called", side=Side.OLD)
    for file in files:
        for number, text, _ in commented_out(file):
            if expression(_FILTER).search(text):
                yield Hit.on(file, number, text, "a safety filter is commented out")
    yield from _refusals(view)


def _bypassed(file: FileView, calls: Iterable[Line]) -> Iterator[Line]:
    """Yield the calls without which what they were given is still there."""
    hunks = list(file.hunks())
    starts = [start for start, _, _ in hunks]
    for at, of in groupby(calls, lambda line: bisect_right(starts, line.number or 0) - 1):
        lines = hunks[at][2] if at >= 0 else []
        gone = sum(text[:1] == b"-" for text in lines)
        if gone < _WHOLE:
            yield from of
        else:
            kept = {name for text in lines if text[:1] != b"-" for name in tokens(text[1:])}
            yield from (line for line in of if not kept.isdisjoint(_given(line)))


def _given(line: Line) -> Iterator[bytes]:
    """Yield the names on a line."""
    return (name for name in tokens(line.whole) if len(name) > _SHORT and name[:1].isalpha())


def _refusals(view: View) -> Iterator[Hit]:
    prompt = expression(_PROMPT)
    files = [
        file
        for file in view.where(_REFUSAL, side=Side.OLD)
        if file.labels.isdisjoint(_ELSEWHERE)
        and file.status != "D"
        and prompt.search(file.path.encode())
    ]
    for found in disappeared(files, _REFUSAL):
        for line in found.lost:
            yield Hit.at(found.file, line, "a prompt loses a refusal", side=Side.OLD)


RULE = Rule(
    id="safety-filter-bypassed",
    pathway=Pathway.SAFETY_SABOTAGE,
    severity=Severity.MEDIUM,
    confidence=Confidence.MEDIUM,
    stability=Stability.STABLE,
    version=3,
    summary="takes a safety filter, a classifier or a refusal out of the way",
    patterns=(Pattern(_OFF, "a safety filter is switched off", never=_NOT_CODE),),
    triggers=(_FILTER, _REFUSAL),
    check=check,
)
