"""Text addressed to agents, that tells them to drop their orders, hide, or act unasked.

What it flags
    In any file, comments, documents, data and names of fields included: text that tells a
    model to ignore its instructions or to take a new role, to hide something from the
    user or reviewers, to approve or rate something well, to fetch and execute; forged
    message marks (`<|im_start|>system`, `[INST]`); orders in HTML comments and tool
    descriptions, also where a program replaces a description while it runs. In the files
    that agents obey: never to ask, always to approve, to run without confirmation, to do
    something silently, to skip checks, hooks or review. In prompts of programs: an order that
    held the model back (never push, ask the user) and is gone.

Why it matters
    An agent that reads the repository cannot tell text from orders. What stands in a
    README, an issue's template or a data file is executed by whoever's agent reads it
    next, with that person's rights.

How to review it
    Read it as if you were the agent: what would happen? Look for text that is invisible
    when rendered.
    Who wrote it, and where does it come from?

Not flagged
    Ordinary instructions: how to build, to test, to write; orders that forbid, or that hold
    under a condition; texts that a test feeds to a filter; words that a text only speaks of.
    In documents a finding weighs one level less.

Seen in
    "Rules File Backdoor" (Pillar Security, March 2025); CamoLeak (GitHub Copilot Chat,
    2025); EchoLeak (CVE-2025-32711); MCP tool poisoning (Invariant Labs, April 2025). OWASP
    LLM01, Prompt Injection; MITRE ATLAS AML.T0051.
"""

from collections.abc import Iterator

from reviewqueue.domain.finding import Confidence, Pathway, Severity, Side
from reviewqueue.domain.paths import Label, set_aside
from reviewqueue.scan.rule import FileView, Hit, Line, Pattern, Rule, Stability, View, expression
from reviewqueue.scan.structure.hunks import ChangedLines

_INSTRUCTIONS = frozenset({Label.AGENT_INSTRUCTIONS})
_TESTS = frozenset({Label.TEST})
_READ_BY_AGENTS = _INSTRUCTIONS | {Label.DOCS, Label.DATA, Label.CONFIG}
_GIVEN_TO_A_MODEL = frozenset({Label.DOCS, Label.DATA, Label.CONFIG, Label.SOURCE})
_WHO = (
    r"(?:the\s+)?(?:users?|humans?|reviewers?|maintainers?|operators?|developers?|anyone|anybody)"
)

_DROP = (
    r"(?i)\b(?:ignore|disregard|forget|override|bypass)\s+(?:all\s+|any\s+|"
    r"every\s+)?(?:of\s+)?"
    r"(?:the\s+|your\s+|my\s+|these\s+|those\s+)?(?:previous|prior|above|earlier|preceding|"
    r"existing|"
    r"original|system|safety|other)\s+(?:\w+\s+)?(?:instructions?|prompts?|rules|"
    r"guidelines|"
    r"directives?|orders|constraints|commands|context)\b|"
    r"\b(?:ignore|disregard|forget)\s+(?:about\s+)?(?:all\s+(?:of\s+)?)?your\s+"
    r"(?:\w+\s+)?(?:instructions|guidelines|rules|directives|training|system\s+prompt)\b"
)
_REPORTED = (
    r"(?i)\b(?:attempt\w*|tr(?:y|ies|ied|ying)|seek\w*|aim\w*|tells?|telling|asks?|asking|instruct\w*|"
    r"order\w*|designed|used|meant|able|urg\w+|trick\w*|caus\w+|coax\w*)\s+(?:\S+\s+){0,3}to\s+$|"
    r"(?:^|['\"`:#*-]\s*)(?:detect|match|flag|block|catch)\w*\s+[^.\n]*$"
)
"""What stands before words that are only spoken of."""
_HIDE = (
    rf"(?i)\b(?:do\s+not|don'?t|never|without)\s+(?:ever\s+)?(?:tell(?:ing)?|"
    rf"inform(?:ing)?|"
    rf"notify(?:ing)?|alert(?:ing)?|warn(?:ing)?|mention(?:ing)?\s+(?:this|it|that)\s+to|"
    rf"reveal(?:ing)?\s+(?:this|it|that)\s+to|disclos(?:e|ing)\s+(?:this|it|that)?\s*to|"
    rf"show(?:ing)?\s+(?:this|it)\s+to)\s+{_WHO}\b|"
    r"\b(?:do\s+not|don'?t|never)\s+(?:mention|reveal|disclose|report|say|acknowledge|admit)\s+(?:this|it|that|"
    r"these|anything|the\s+(?:tool|call|instruction|step)s?)\b|"
    r"\b(?:users?|humans?|reviewers?)\s+(?:must|should|need|may|can)\s*(?:not|never)\s+(?:be\s+(?:told|informed|"
    r"notified)|know\s+(?:about|of|that)|notice|find\s+out)\b|\bnever\s+reveal\s+th(?:is|ese)\s+instruction"
)
_TO_AN_AGENT = (
    r"(?i)<\W?(?:important|system|instructions?|secret|critical)\W?>|\b(?:mcp|server|agent)\w*\.(?:tool|prompt|"
    r"resource)\b|@(?:Tool|ToolParam|ToolHint)\b|\bdescription['\"]?\s*[:=(]|\bdescription\s+<<|__doc__|"
    r"\bregister_?tool\b|\b(?:tool|agent|assistant)s?\b[^\n]*\b(?:must|call|invoke)|\byou\s+must\b"
)
_RENAMED = r"\b(?:__doc__|\w+\.(?:tool_)?description)\s*=[^=]"
_ORDER = (
    r"(?i)<important>|\b(?:do\s+not|don'?t|never)\s+(?:tell|mention|notify|reveal|inform)|\bmust\b|\balways\b|"
    r"\bwhen\b[^\n]*\b(?:called|invoked|used)\b|\bbefore\s+(?:using|calling|answering|any)\b|\b[a-z]\w*\s+first\b"
)
_UNNOTICED = (
    r"\b(?:silently|secretly|covertly|quietly)\s+(?:run|execute|send|post|upload|read|add|install|"
    r"include|append|fetch|call|copy|commit|push)\b"
)
_SENT = (
    r"\b(?:post|send|upload|forward|report)\s+(?:the\s+|all\s+|your\s+|its\s+|any\s+)*(?:outputs?|"
    r"contents?|results?|env\w*|logs?|transcripts?|conversation|history|diffs?|secrets?|tokens?|keys?)\b"
)
_ORDERED = (
    r"(?i)\b(?:you|agents?|assistants?|model|must|always|never|silently|secretly|"
    r"about\s+(?:this|it)|AI|do\s+not|don'?t)\b"
)
_UNASKED = (
    r"(?i)\b(?:never|don'?t|do\s+not|without|"
    r"no\s+need\s+to)\s+(?:ever\s+)?(?:ask(?:ing)?(?:\s+\w+){0,4}\s+"
    r"(?:permission|confirmation|approval|consent)|ask(?:ing)?\s+(?:the\s+)?user\b|"
    r"wait(?:ing)?\s+for\s+(?:\w+\s+)?(?:approval|confirmation|permission)|"
    r"(?:prompt(?:ing)?|confirm(?:ing)?)\s+(?:with\s+)?(?:the\s+)?user\b|"
    r"(?:user\s+|human\s+)?(?:confirmation|approval|permission)\b)"
)
_SKIPS = (
    r"(?i)\b(?:always|automatically|auto-?)\s*(?:approve|accept|merge|allow|confirm|"
    r"push)\b|"
    r"\b(?:skip|bypass|disable|ignore)\s+(?:all\s+|any\s+|the\s+)?(?:safety|security|"
    r"permission|"
    r"review|approval|confirmation|pre-commit|hooks?|checks|guard\s?rails|sandbox)\b|"
    r"--no-verify\b|\bfull\s+(?:autonomy|access|permission)|\bpre-?approved\b|"
    r"\byou\s+(?:have|are\s+given)\s+(?:full|complete|blanket)\b"
)
_NEGATED = (
    r"(?i)\b(?:never|not|don'?t|doesn'?t|won'?t|can'?t|cannot|avoid|nor|unless|only|if|instead\s+of|forbid\w*|"
    r"prohibit\w*|rather\s+than|refuse|no)\b[^.;\n]*$"
)
"""What stands before an order that is not given, or given with a condition."""
_CONDITION = (
    r"(?i)^[^.;\n]*\b(?:if|unless|only\s+when|is\s+(?:not|never|forbidden)|are\s+(?:not|never))\b"
)
_FORBIDS = (
    r"(?i)\b(?:never|must\s+not|do\s+not|don'?t)\s+(?:ever\s+)?(?:run|execute|delete|remove|overwrite|push|"
    r"force|commit|deploy|publish|install|expose|reveal|share|print|log|store|send|modify|access|read)\b|"
    r"\bask\s+(?:the\s+)?(?:user|human)\b|\b(?:explicit|user|human)(?:'s)?\s+(?:approval|permission|"
    r"confirmation|consent)\b"
)
_GRAVE = (
    r"(?i)secret|credential|passw|token|api[ _]?key|\.env\b|private|personal|destructive|"
    r"irreversibl|production|permission|confirm|approv|consent|sudo|rm\s+-|force[- ]push|push\b|"
    r"delet|overwrit|deploy|publish|untrusted|install"
)
_PROMPT = (
    r"(?i)prompt|system_?message|persona|instructions?|guardrail|"
    r"agent[^/]*\.(?:md|txt|ya?ml|j2|jinja)"
)
"""Files whose text is given to a model."""
_WORD = r"[A-Za-z]{4,}"
_ALIKE = 0.6
"""Share of an order's words that the new text must have for it to be there still."""
_ABOVE, _BELOW = 6, 12
"""Lines above an order, and from it on, that may say whom it is given to."""


def check(view: View) -> Iterator[Hit]:
    """Mark orders that are given, not those that a text speaks of."""
    for told, side, triggers in (
        (_dropped, Side.NEW, (_DROP,)),
        (_hidden, Side.NEW, (_HIDE,)),
        (_unheld, Side.NEW, (_UNASKED, _SKIPS)),
        (_allowed, Side.OLD, (_FORBIDS,)),
        (_replaced, Side.NEW, (_RENAMED,)),
    ):
        for file in view.where(*triggers, side=side):
            yield from told(file)


def _dropped(file: FileView) -> Iterator[Hit]:
    """Tell orders to drop the orders; one that is only spoken of is a note."""
    if Label.TEST in file.labels:
        return
    for line in file.new(_DROP):
        found = expression(_DROP).search(line.whole)
        before = line.whole[: found.start()] if found else b""
        severity = Severity.LOW if expression(_REPORTED).search(before) else Severity.HIGH
        message = "text tells an agent to drop its instructions"
        yield Hit.at(file, line, message, severity=severity, discountable=True)


def _replaced(file: FileView) -> Iterator[Hit]:
    """Tell orders that take the place of a tool's description."""
    if Label.SOURCE not in file.labels or set_aside(file.labels):
        return
    lines = ChangedLines(file)
    for line in file.new(_RENAMED):
        if expression(_ORDER).search(_near(lines, line, above=0)):
            message = "a tool's description is replaced while it runs, by orders"
            yield Hit.at(file, line, message, severity=Severity.HIGH)


def _unheld(file: FileView) -> Iterator[Hit]:
    """Tell orders to act unasked or unchecked, but not those that forbid it."""
    if _INSTRUCTIONS.isdisjoint(file.labels):
        return
    for trigger, message in (
        (_UNASKED, "agents are told to act without asking"),
        (_SKIPS, "agents are told to skip checks or to approve by themselves"),
    ):
        for line in file.new(trigger):
            found = expression(trigger).search(line.whole)
            before = line.whole[: found.start()] if found else b""
            after = line.whole[found.end() :] if found else b""
            if not expression(_NEGATED).search(before) and not expression(_CONDITION).search(after):
                yield Hit.at(file, line, message)


def _allowed(file: FileView) -> Iterator[Hit]:
    """Tell orders that held an agent back, and that the new text no longer has."""
    if file.status == "D" or file.labels.isdisjoint(_GIVEN_TO_A_MODEL):
        return
    path = file.path.encode()
    if not expression(_PROMPT).search(path) or not _INSTRUCTIONS.isdisjoint(file.labels):
        return
    word = expression(_WORD)
    now = {bytes(found[0]).lower() for found in word.finditer(file.added)}
    for line in file.gone(_FORBIDS):
        words = {bytes(found[0]).lower() for found in word.finditer(line.whole)}
        is_kept = len(words & now) >= _ALIKE * len(words)
        if expression(_GRAVE).search(line.whole) and not is_kept:
            yield Hit.at(file, line, "an order that held an agent back is gone", side=Side.OLD)


def _hidden(file: FileView) -> Iterator[Hit]:
    """Tell orders to hide something, in programs only where an agent is spoken to."""
    is_read = not file.labels.isdisjoint(_READ_BY_AGENTS)
    if Label.TEST in file.labels and not is_read:
        return
    lines = ChangedLines(file)
    for line in file.new(_HIDE):
        if is_read:
            is_order = expression(_ORDERED).search(line.whole)
        else:
            is_order = expression(_TO_AN_AGENT).search(_near(lines, line, above=_ABOVE))
        if is_order:
            message = "text tells an agent to hide something from people"
            yield Hit.at(file, line, message, severity=Severity.HIGH, discountable=True)


def _near(lines: ChangedLines, line: Line, *, above: int) -> bytes:
    """Return the added lines near a place."""
    at = line.number or 0
    return lines.within(range(at - above, at + _BELOW))


RULE = Rule(
    id="instructions-to-agents",
    pathway=Pathway.PERMISSIONS,
    severity=Severity.MEDIUM,
    confidence=Confidence.MEDIUM,
    stability=Stability.STABLE,
    summary="tells agents to drop their orders, to hide something or to act unasked",
    patterns=(
        Pattern(
            r"<\|im_start\|>\s*system|<\|system\|>|\[/?INST\]\s*<<SYS>>|"
            r"<\|start_header_id\|>system|"
            r"<system-reminder>|(?i)\byou\s+are\s+now\s+(?:in\s+)?(?:DAN|developer\s+mode|jailbr|"
            r"unrestricted|an?\s+unfiltered)|\bnew\s+(?:system\s+)?instructions?\s*:\s*(?:you|"
            r"ignore)|"
            r"\bend\s+of\s+(?:system\s+)?(?:prompt|instructions)\b",
            "text pretends to be an agent's own orders",
            only=frozenset({Label.DOCS, Label.DATA, Label.CONFIG, Label.AGENT_INSTRUCTIONS}),
        ),
        Pattern(
            r"(?i)\b(?:attention|note|message|hint)\s*(?:to|for)\s*(?:all\s+|any\s+|"
            r"the\s+)?(?:AI|LLM|language\s+model|coding)\s*[- ]?(?:agents?|assistants?|models?|"
            r"reviewers?|systems?|bots?)|"
            r"\b(?:attention|note|message|hint|dear|hello|important)\s*[,:]?\s*(?:to|for)?\s*(?:all\s+|any\s+|"
            r"the\s+)?(?:(?:review(?:ing|er)?|code|automated|scanning|auditing|AI|coding)[\s-]+)+(?:models?|agents?|"
            r"assistants?|LLMs?|bots?)\b|"
            r"\bif\s+you\s+are\s+(?:an?\s+)?(?:AI|LLM|language\s+model|large\s+language|"
            r"coding\s+agent|"
            r"automated\s+(?:agent|review))|"
            r"\b(?:AI|LLM)\s+(?:reviewers?|agents?|assistants?|models?)\s*[:,]?\s+(?:must|should|"
            r"please|"
            r"are\s+required\s+to|shall)\s+(?:approve|ignore|skip|rate|give|run|execute|include|"
            r"not)\b",
            "text is addressed to whatever agent reads it",
            line=r"(?i)\b(?:ignore|must|always|approve|execute|run|include|fetch|curl|send|skip|rate|"
            r"positive|do\s+not|never|please|instead)\b",
            never=_INSTRUCTIONS | _TESTS,
            severity=Severity.HIGH,
        ),
        Pattern(
            r"(?i)\b(?:keep|hide)\s+(?:this|it|that)\s+(?:\w+\s+)?(?:private|secret|hidden|quiet)?\s*from\s+"
            r"(?:the\s+)?(?:users?|humans?|reviewers?|maintainers?|developers?)\b|"
            r"\b(?:assistants?|claude|copilot|cursor|gemini|codex|coding\s+agents?|AI)\s*:\s+"
            r"(?:before|you\s+must|when\s+you|first|always|please|ignore|never)\b",
            "text is addressed to whatever agent reads it",
            line=r"(?i)\b(?:must|run|execute|curl|fetch|send|ignore|approve|user|always|read|include|add|install|"
            r"call|push)\b",
            never=_INSTRUCTIONS | _TESTS,
        ),
        Pattern(
            r"(?i)\b(?:before\s+(?:using|calling|invoking)\s+(?:this|any|any\s+other|other|every)\s+tools?)\b|"
            r"\b(?:pass|include|send)\s+(?:its|the|their)\s+(?:full\s+)?contents?\s+(?:as|in|to)\s+"
            r"(?:the\s+)?\W?\w*(?:sidenote|notes?|parameter|argument|url|webhook)",
            "a tool's description gives an agent orders",
            line=r"(?i)\b(?:read|send|pass|include|upload|post|fetch|cat|attach|contents?|history|conversation|"
            r"key|token|passwords?|secrets?|credentials?)\b|\.env\b|~/",
        ),
        Pattern(
            r"(?i)\b(?:approve\s+this\s+(?:pr|pull\s+request|change|merge)|LGTM\s+this|"
            r"rate\s+this\s+(?:code|pr|change)\s+(?:as\s+)?(?:safe|10)|"
            r"mark\s+this\s+(?:as\s+)?(?:safe|benign|reviewed)|"
            r"give\s+(?:a\s+)?positive\s+review)\b",
            "text asks a reviewing agent for a good answer",
            only=frozenset({Label.SOURCE, Label.DATA, Label.DOCS, Label.CONFIG}),
            line=r"(?i)\b(?:AI|LLM|agent|assistant|model|you|bot|copilot|claude|gpt|gemini|reviewer)\b",
            severity=Severity.HIGH,
        ),
        Pattern(
            rf"(?i){_UNNOTICED}|{_SENT}|\b(?:do\s+not|don'?t|never)\s+(?:show|display|print|include|ask)\s",
            "agents are told to do something that nobody is to notice",
            line=rf"(?i){_UNNOTICED}|{_SENT}[^\n]*(?:https?://|webhook)|"
            r"\b(?:do\s+not|don'?t|never)\s+(?:(?:show|display|print|include)\s+[^\n]*\bto\s+the\s+user\b|"
            r"ask\s+[^\n]*\bbefore\s+(?:delet|overwrit|push|merg|deploy|publish|runn)\w+)",
            only=_INSTRUCTIONS,
        ),
        Pattern(
            r"<!--[^\n]*\b(?i:AI|LLM|agents?|assistants?|copilot|claude|gpt|gemini|cursor)\b",
            "an order to agents stands in a comment that is not shown",
            line=r"(?i)<!--[^\n]*\b(?:AI|LLM|agents?|assistants?|copilot|claude|gpt|gemini|cursor)\b"
            r"[^\n]*\b(?:must|always|ignore|execute|run|curl|fetch|install|approve|never|do\s+not|"
            r"include|secretly|silently|merge|push|deploy|publish|delete|send|forward)\b",
            only=frozenset({Label.DOCS, Label.AGENT_INSTRUCTIONS, Label.CONFIG}),
            severity=Severity.HIGH,
        ),
    ),
    added_triggers=(_DROP, _HIDE, _RENAMED, _UNASKED, _SKIPS),
    removed_triggers=(_FORBIDS,),
    check=check,
    budget=0.006,
    version=3,
)
