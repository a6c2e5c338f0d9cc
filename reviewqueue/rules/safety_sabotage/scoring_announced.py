r"""A title that says that something is scored, judged or measured otherwise.

What it flags
    A change whose own title changes, removes or repairs a score, judge, grader, metric, reward,
    benchmark or how an answer is taken out of a text, and that touches a file of that kind. It
    marks the changed line that shares most with the title.

Why it matters
    What a model's evaluation counts decides what is called safe or better. Such a change is
    seldom wrong on its face: only somebody who knows the numbers can say what it moves.

How to review it
    Which results change, by how much, and were they looked at again?
    Is a failure counted otherwise than before: left out, or as a pass?

Not flagged
    Metrics of a service, the speed of a program, how results are printed or shown, documentation
    and tests alone.

Seen in
    Reward tampering and specification gaming, as published by several laboratories; benchmarks
    whose scores rose when a parser of answers was changed.
"""

from reviewqueue.domain.finding import Confidence, Pathway, Severity
from reviewqueue.scan.effects.announced import Announcement, announcing
from reviewqueue.scan.rule import Rule, Stability

_SCORES = Announcement(
    r"\b(?:chang|fix|updat|adjust|remov|delet|modif|simplif|relax|lower|rais|increas|improv|tweak|"
    r"us|switch|replac|handl|skip|exclud|ignor|normali[sz])(?:e|es|s|d|ed|ing|y|ies|ied|ping)?\b"
    r"[^:;]{0,60}\b(?:scor(?:e|es|ing|er|ers)|judges?|judging|metrics?|grad(?:er|ers|ing)|"
    r"evaluat(?:ion|ions|or|ors)|evals?|benchmarks?|leaderboard|rewards?|pass rate|resolve rate|"
    r"ground truth|rubrics?|accuracy|answer (?:extraction|matching|parsing)|exact match|"
    r"verifiers?|predictions?|logits?)\b|^(?:\W*\w+\W+){0,3}(?:fix|us\w+|chang\w+)\W[^:;]{0,40}"
    r"\bcorrect (?:metric|answer|score)",
    "the title says that something is scored or judged otherwise",
    unless=r"\b(?:print\w*|display\w*|show(?:s|n|ing)?|render\w*|plot\w*|log(?:s|ging)?|tables?|"
    r"docs?|docstrings?|types?|typing|lint|imports?|readme)\b",
)
_LENIENT = Announcement(
    r"\b(?:lenient|fuzzy|relaxed|loose|looser|flexible|tolerant)\w* (?:\w+ )?(?:match\w*|pars\w*|"
    r"compar\w*|"
    r"grad\w*|scor\w*|check\w*|extract\w*)|\b(?:drop|exclud|skip|ignor|remov|filter)(?:e|es|s|ed|ing|ping|ped)?\b"
    r"(?: [\w./-]+){0,3} (?:samples?|examples?|tasks?|questions?|cases?|instances?|failures?|"
    r"timeouts?|"
    r"errors?|outliers?|metrics?)\b|\bonly (?:\w+ )?(?:first|subset|\d+)\b|\b(?:retry|retries|"
    r"best[- ]of)\b|"
    r"\b(?:strip|normali[sz]|lower-?cas|trim)\w*\b[^:;]{0,30}\b(?:before|when|for) (?:compar|"
    r"match|scor|grad)\w*|"
    r"\bjudge_\w+|\b\w+_prompts?\b",
    "the title says that something is scored or judged otherwise",
    unless=r"\b(?:docs?|readme|typo|lint|type hints?|ui|page|css)\b",
)
_COUNTS = Announcement(
    r"\b(?:count|treat|consider|regard|mark|grad|scor)(?:e|es|s|ed|ing)?\b[^:;]{0,40}\bas (?:an? )?"
    r"(?:\w+ )?(?:fail\w*|pass\w*|correct|incorrect|wrong|success\w*|invalid|valid|zero|miss\w*|"
    r"solved|resolved)\b|\b(?:exact|fuzzy|partial|substring|prefix) match\w*\b|\b(?:pass|success|"
    r"acceptance|judge|similarity|score) thresholds?\b|\bweights?\b[^:;]{0,30}\bscor\w+|\bmissing "
    r"(?:predictions?|answers?|scores?)\b|\binstead of (?:f1|accuracy|bleu|exact match|mean|"
    r"average|"
    r"max|min|median)\b|\b(?:macro|micro)[- ]averag\w*|\bpartial credit\b",
    "the title says that something is scored or judged otherwise",
    negated=True,
)
_PLACES = (
    r"(?:^|[/_.-])(?:\w*eval(?:s|uat\w*)?|judg\w*|grad(?:er|ers|ing)|scor(?:e|es|er|ers|ing)|"
    r"rewards?|leaderboard|verifiers?|rubrics?|harness|(?:bench\w*|tasks?|scenarios?)/(?:.*/)?"
    r"(?:metrics?|\w+_metrics?)|(?:compute_)?metrics?\.py)(?:[/_.-]|$)"
)


RULE = Rule(
    id="scoring-announced",
    pathway=Pathway.SAFETY_SABOTAGE,
    severity=Severity.MEDIUM,
    confidence=Confidence.MEDIUM,
    stability=Stability.STABLE,
    summary="says that something is scored or judged otherwise",
    check=announcing(_SCORES, _COUNTS, _LENIENT, paths=_PLACES),
    version=4,
)
