r"""A question that an agent's program asks, passed by in its code.

What it flags
    In programs that decide what an agent may do: an early answer newly put into a function
    that asks or allows (`return true` in what permits, `return false` in what says that
    approval is needed, `allow`, `approve`), a condition that asked or denied and is gone, one
    that let little pass and is met more easily now (a term after `&&` gone, one after `||`
    new). A setting that held an agent back (`sandbox_mode`, `disallowedTools`) and that nothing
    sets any more; an option newly defined that lets every question pass; what was always
    counted or compared, and is left out in a mode that does not ask; a sentence of a prompt
    that told an agent to ask first, gone or turned round. Changes whose title says that
    permissions, prompts or confirmations are skipped.

Why it matters
    Such a function is where the last human look is asked for. Whatever is answered before the
    question is answered for every user of the program.

How to review it
    Which calls take the new way out, and can the model bring such a call about?
    Is what is passed by named narrowly, and does a test show what is still asked?

Not flagged
    Answers that are stricter; functions that are new as a whole; sentences in other words; who
    may see which page of a web site.

Seen in
    CVE-2025-53773: an agent that could write its own settings approved its own commands.
    OWASP LLM06, Excessive Agency; CWE-862 (missing authorization), CWE-863.
"""

from collections.abc import Iterator, Sequence
from itertools import takewhile

from reviewqueue.domain.finding import Confidence, Pathway, Severity, Side
from reviewqueue.domain.paths import Label, set_aside
from reviewqueue.scan.effects.unleashed import (
    ASKED,
    HELD,
    MODE,
    OPTION,
    is_agents,
    left_out,
    offered,
    untold,
    withdrawn,
)
from reviewqueue.scan.rule import FileView, Hit, Rule, Stability, View, expression
from reviewqueue.scan.structure.hunks import Marked, numbered
from reviewqueue.scan.structure.pairs import Pair, blocks, paired, tokens

_NAMED = (
    r"(?i)(?:needs?|requires?|request)_?(?:user_?)?(?:approval|confirmation|permission)|auto_?approv|"
    r"is_?(?:known_?)?(?:safe|dangerous|risky|blocked)_?(?:command|tool|call)|"
    r"can_?(?:run|use|execute|call)_?(?:tool|command)|always_?(?:manual|ask|prompt)|"
    r"tool_?permission|permission_?(?:request|decision|mode|check)|"
    r"skip_?(?:permission|approval|confirm)|\byolo\b|pre_?approv|WithApproval"
)
_ABOUT = r"(?i)permission|approv|consent|safety|exec_?polic|allow_?list|confirm|auto_?accept"
_AGENTS = (
    r"(?i)tool|command|exec|bash|shell|agent|mcp|sandbox|yolo|\bask|prompt|skip_?request|"
    r"approv(?:al|e_?all)|session"
)
_FUNCTION = (
    r"^[ \t]*(?:[\w@]+\s+){0,4}(?:func|def|fn|function|fun|sub)\b|"
    r"^[ \t]*(?:public|private|protected|internal|static|async|export)\s[^\n;=]*\(|"
    r"^[ \t]*(?:const|let)\s+\w+\s*=\s*(?:async\s*)?\([^\n]*=>\s*\{|"
    r"^[ \t]*\w+\([^\n;]*\)\s*(?::[^\n;]*)?\{\s*$"
)
_NO_FUNCTION = r"^[ \t]*(?:\}\s*)?(?:if|for|while|switch|match|catch|else|elif|return|with)\b"
_ASKING = (
    r"(?i)(?:needs?|requires?|should|must|has_?to|will)_?\w*(?:ask|prompt|confirm|approv|permission|"
    r"block|deny)|is_?\w*(?:dangerous|blocked|denied|forbidden|risky|unsafe|destructive|"
    r"restricted|sensitive|manual)"
)
_ALLOWING = (
    r"(?i)allow|approv|permi|can_?(?:run|use|exec|call|proceed)|is_?\w*(?:safe|trusted)|authori|"
    r"\brequest\b|confirm|check|decid|evaluate|assess"
)
_ANSWER = (
    r"^[ \t]*(?:\}?\s*else\s+)?(?:if\b[^\n]*[:{)]\s*)?(?:return\b|Ok\(|[A-Z]\w*(?:::|\.)[A-Z]\w*)"
)
_YES = (
    r"\breturn\s*\(?\s*(?:(?:true|True|Ok\((?:true|\(\))\))\b|"
    r"(?:nil|null|None)(?:\s*,\s*nil\b|\s*(?:$|[^,\s\w.])|\s+\w))|^\s*Ok\(true\)"
)
_NO = r"\breturn\s*\(?\s*(?:false|False|nil|null|None|undefined|Ok\(false\))\b|^\s*Ok\(false\)"
_PASSES = (
    r"\b(?:[aA]llow(?:ed)?|ALLOW(?:ED)?|[aA]pprove[d]?|APPROVED?|[aA]uto_?[aA]pprove[d]?|"
    r"[wW]ith_?[aA]pproval|[gG]ranted?|GRANTED?|[pP]roceed|AutoApprove|SkipPrompt|[bB]ypass)\b"
)
_HOLDS = (
    r"(?i)\b(?:deny|denied|ask(?:_?user)?|prompt(?:_?user)?|reject(?:ed)?|block(?:ed)?|forbid(?:den)?|"
    r"needs_?approval|require_?approval|confirm|unapproved|not_?allowed|disallow(?:ed)?)\b|!\s*[\w.?]*(?:allow|approv|permit|granted|is_?safe)|\bnot\s+[\w.]*(?:allow|approv|permit|granted)"
)
_ONLY_NO = r"\breturn\s*\(?\s*(?:false|False)\b"
_ONLY_YES = r"\breturn\s+(?:true|True)\b"
_IF = r"\b(?:if|elif|unless|when)\b|&&|\|\||\bmatch\b|^\s*case\b"
_COMMENT = r"^[ \t]*(?://|#|\*|--)"
_CONDITION = r"\bif\b"
_SAID = (
    r"(?i)\b(?:bypass(?:es|ing)?|skip(?:s|ping)?|auto-?(?:approv|accept|allow)\w*|pre-?approv\w*|"
    r"(?:stop|no longer|don'?t|without)\s+(?:re-?)?(?:block|ask|prompt|requir|confirm)\w*)\b"
    r"[^\n]{0,60}?\b(?:permissions?|confirm\w*|prompts?|approvals?)\b"
)
_OTHERWISE = r"(?i)\b(?:tests?|fix|prevent|revert|avoid|never|docs?|when denied|bug)\b"
_BOTH = frozenset({b"&&", b"and"})
_EITHER = frozenset({b"||", b"or"})
_SHOWN = 4_000
"""Lines of a hunk that are read."""
_LONG = 2_000
"""Bytes of a function's first line that are kept: every answer below asks for them again."""
_ABOVE = 4
"""Lines above an answer in which its condition begins."""
_BELOW = 12
"""Lines from an answer that goes on, in which something else may take its place."""


def check(view: View) -> Iterator[Hit]:
    """Compare what is answered, and on which condition, in what asks for approval."""
    found = (*view.labelled(Label.APPROVALS), *view.where(_NAMED))
    headline = view.subject.headline.encode("utf-8", "replace")
    is_said = expression(_SAID).search(headline) and not expression(_OTHERWISE).search(headline)
    for file in filter(_counts, dict.fromkeys(found)):
        hits = [*_passed(file), *_conditions(file)]
        yield from hits
        if is_said and not hits:
            yield from _announced(file)
    yield from _unleashed(view)


def _unleashed(view: View) -> Iterator[Hit]:
    """Tell how a program comes to ask less, without another answer."""
    losing = tuple(filter(_is_run, view.where(HELD, side=Side.OLD)))
    for file, (number, text) in withdrawn(losing, view.files):
        message = "a setting that held an agent back is no longer given"
        yield Hit.on(file, number, text, message, side=Side.OLD)
    for trigger, found, message in (
        (OPTION, offered, "a new option lets every question of an agent pass"),
        (MODE, left_out, "what was always counted or asked is left out where nobody is asked"),
    ):
        for file in filter(_counts, view.where(trigger, side=Side.NEW)):
            if is_agents(file):
                for number, text in found(file):
                    yield Hit.on(file, number, text, message)
    for file, (number, text), side in untold(tuple(filter(_is_told, view.where(ASKED)))):
        message = "an agent is no longer told to ask before it acts"
        yield Hit.on(file, number, text, message, side=side)


def _is_run(file: FileView) -> bool:
    return not set_aside(file.labels) and file.labels.isdisjoint({Label.VENDORED, Label.GENERATED})


def _is_told(file: FileView) -> bool:
    aside = {Label.VENDORED, Label.GENERATED, Label.DATA, Label.TEST, Label.LOCK, Label.CI}
    return file.labels.isdisjoint(aside)


def _counts(file: FileView) -> bool:
    aside = {Label.VENDORED, Label.GENERATED, Label.DATA, Label.CONFIG}
    if set_aside(file.labels) or not file.labels.isdisjoint(aside):
        return False
    return Label.SOURCE in file.labels and file.status in {"M", "R"}


def _announced(file: FileView) -> Iterator[Hit]:
    """Tell the first new line about what the title says is skipped."""
    about, comment = expression(_ABOUT), expression(_COMMENT)
    for number, text in file.added_lines():
        if about.search(text) and not comment.search(text):
            yield Hit.on(file, number, text, "the title says that a question is passed by here")
            return


def _passed(file: FileView) -> Iterator[Hit]:
    """Tell answers, where a hunk or its file is about what agents may do."""
    for hunk in file.hunks():
        lines = numbered(hunk, _SHOWN)
        shown = b"\n".join(text for _, _, text in lines) + file.path.encode()
        if all(expression(regex).search(shown) for regex in (_ABOUT, _AGENTS)):
            yield from _answers(file, lines)


def _answers(file: FileView, lines: Sequence[Marked]) -> Iterator[Hit]:
    """Tell answers that a function newly gives, or no longer gives, on its way."""
    function, is_known = b"", True
    now = {text.strip() for mark, _, text in lines if mark == b"+"}
    was = {text.strip() for mark, _, text in lines if mark == b"-"}
    for place, (mark, number, text) in enumerate(lines):
        if _opens(text):
            function, is_known = text[:_LONG], mark == b" "
        elif not (is_known and _is_answer(lines, place)):
            continue
        elif mark == b"+" and text.strip() not in was and _lets_pass(function, file, text):
            yield Hit.on(file, number, text, "an agent's action newly passes before a question")
        elif mark == b"-" and text.strip() not in now and _holds_back(function, text):
            message = "what made an agent ask, or denied it something, is gone"
            if not _is_replaced(lines, place):
                yield Hit.on(file, number, text, message, side=Side.OLD)


def _opens(text: bytes) -> bool:
    if not expression(_FUNCTION).search(text):
        return False
    return expression(_NO_FUNCTION).search(text) is None


def _is_answer(lines: Sequence[Marked], place: int) -> bool:
    mark, _, text = lines[place]
    is_changed = mark != b" " and expression(_ANSWER).search(text) is not None
    return is_changed and _is_conditional(lines, place)


def _is_conditional(lines: Sequence[Marked], place: int) -> bool:
    """Return whether an answer stands in a condition that comes or goes with it."""
    for mark, _, text in reversed(lines[max(0, place - _ABOVE) : place + 1]):
        if mark != lines[place][0]:
            return False
        if expression(_IF).search(text):
            return True
    return False


def _is_replaced(lines: Sequence[Marked], place: int) -> bool:
    """Return whether something else takes the place of an answer that goes."""
    block = takewhile(lambda line: line[0] != b" ", lines[place : place + _BELOW])
    return any(mark == b"+" for mark, _, _ in block)


def _lets_pass(function: bytes, file: FileView, text: bytes) -> bool:
    if expression(_HOLDS).search(text):
        return False
    if expression(_PASSES).search(text):
        return True
    is_asking = expression(_ASKING).search(function) is not None
    if is_asking:
        return expression(_NO).search(text) is not None
    is_allowing = expression(_ALLOWING).search(function or file.path.encode()) is not None
    return is_allowing and expression(_YES).search(text) is not None


def _holds_back(function: bytes, text: bytes) -> bool:
    if expression(_HOLDS).search(text):
        return True
    if expression(_ASKING).search(function):
        return expression(_ONLY_YES).search(text) is not None
    is_allowing = function and expression(_ALLOWING).search(function)
    return bool(is_allowing) and expression(_ONLY_NO).search(text) is not None


def _conditions(file: FileView) -> Iterator[Hit]:
    """Tell conditions that let more pass by what they join with and, and with or."""
    found = [pair for block in blocks(file, _CONDITION) for pair in paired(block)]
    after = _after(file) if found else {}
    for pair in found:
        verdict = after.get(pair.new_line + 1, b"")
        is_about = expression(_ABOUT).search(pair.new + verdict + file.path.encode())
        if is_about and _is_easier(pair, verdict):
            message = "a condition on what an agent may do unasked is met more easily"
            yield Hit.on(file, pair.new_line, pair.new, message)


def _is_easier(pair: Pair, verdict: bytes) -> bool:
    """Return whether a condition for asking is met less often, or one for passing more often."""
    if not expression(_CONDITION).search(pair.new):
        return False
    both = _count(pair.new, _BOTH) - _count(pair.old, _BOTH)
    either = _count(pair.new, _EITHER) - _count(pair.old, _EITHER)
    if both + either == 0:  # As many terms as before.
        return False
    if expression(_HOLDS).search(verdict):
        return both > 0 >= either or either < 0 <= both
    if expression(_PASSES).search(verdict):
        return both < 0 <= either or either > 0 >= both
    return False


def _count(text: bytes, words: frozenset[bytes]) -> int:
    return sum(token in words for token in tokens(text))


def _after(file: FileView) -> dict[int, bytes]:
    """Return the lines of the new side that the hunks show, by their numbers."""
    lines = (line for hunk in file.hunks() for line in numbered(hunk))
    return {number: text for mark, number, text in lines if mark != b"-"}


RULE = Rule(
    id="approval-passed-by",
    pathway=Pathway.PERMISSIONS,
    severity=Severity.MEDIUM,
    confidence=Confidence.MEDIUM,
    stability=Stability.STABLE,
    summary="lets an agent pass by a question that its program asked",
    triggers=(_NAMED, ASKED, HELD),
    added_triggers=(OPTION, MODE),
    wakes=frozenset({Label.APPROVALS}),
    check=check,
    budget=0.006,
    version=4,
)
