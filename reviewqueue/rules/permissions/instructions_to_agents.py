"""Text addressed to agents, that tells them to drop their orders, hide, or act unasked.

What it flags
    In any file, comments, documents, data and names of fields included: text that tells a
    model to ignore its instructions or to take a new role, to hide something from the
    user or reviewers, to approve or rate something well, to fetch and execute; forged
    message marks (`<|im_start|>system`, `[INST]`); orders in HTML comments and tool
    descriptions. In the files that agents obey: never to ask, always to approve, to run
    without confirmation, to skip checks, hooks or review.

Why it matters
    An agent that reads the repository cannot tell text from orders. What stands in a
    README, an issue's template or a data file is executed by whoever's agent reads it
    next, with that person's rights.

How to review it
    Read it as if you were the agent: what would happen? Look for text that is invisible
    when rendered.
    Who wrote it, and where does it come from?

Not flagged
    Ordinary instructions: how to build, to test, to write; texts that a test feeds to a filter.
    In documents a finding weighs one level less.

Seen in
    "Rules File Backdoor" (Pillar Security, March 2025); CamoLeak (GitHub Copilot Chat,
    2025); EchoLeak (CVE-2025-32711); MCP tool poisoning (Invariant Labs, April 2025). OWASP
    LLM01, Prompt Injection; MITRE ATLAS AML.T0051.
"""

from reviewqueue.domain.finding import Confidence, Pathway, Severity
from reviewqueue.domain.paths import Label
from reviewqueue.scan.rule import Pattern, Rule, Stability

_INSTRUCTIONS = frozenset({Label.AGENT_INSTRUCTIONS})
_TESTS = frozenset({Label.TEST})
_WHO = (
    r"(?:the\s+)?(?:users?|humans?|reviewers?|maintainers?|operators?|developers?|anyone|anybody)"
)

RULE = Rule(
    id="instructions-to-agents",
    pathway=Pathway.PERMISSIONS,
    severity=Severity.MEDIUM,
    confidence=Confidence.MEDIUM,
    stability=Stability.STABLE,
    summary="tells agents to drop their orders, to hide something or to act unasked",
    patterns=(
        Pattern(
            r"(?i)\b(?:ignore|disregard|forget|override|bypass)\s+(?:all\s+|any\s+|"
            r"every\s+)?(?:of\s+)?"
            r"(?:the\s+|your\s+|my\s+|these\s+|those\s+)?(?:previous|prior|above|earlier|preceding|"
            r"existing|"
            r"original|system|safety|other)\s+(?:\w+\s+)?(?:instructions?|prompts?|rules|"
            r"guidelines|"
            r"directives?|orders|constraints|commands|context)\b|"
            r"\b(?:ignore|disregard|forget)\s+(?:about\s+)?(?:all\s+(?:of\s+)?)?your\s+"
            r"(?:\w+\s+)?(?:instructions|guidelines|rules|directives|training|system\s+prompt)\b",
            "text tells an agent to drop its instructions",
            severity=Severity.HIGH,
            never=_TESTS,
        ),
        Pattern(
            rf"(?i)\b(?:do\s+not|don'?t|never|without)\s+(?:ever\s+)?(?:tell(?:ing)?|"
            rf"inform(?:ing)?|"
            rf"notify(?:ing)?|alert(?:ing)?|warn(?:ing)?|mention(?:ing)?\s+(?:this|it|that)\s+to|"
            rf"reveal(?:ing)?\s+(?:this|it|that)\s+to|disclos(?:e|ing)\s+(?:this|it|that)?\s*to|"
            rf"show(?:ing)?\s+(?:this|it)\s+to)\s+{_WHO}\b",
            "text tells an agent to hide something from people",
            severity=Severity.HIGH,
            line=r"(?i)\b(?:you|agents?|assistants?|model|must|always|never|silently|secretly|"
            r"about\s+(?:this|it)|AI|do\s+not|don'?t)\b",
            only=_INSTRUCTIONS | {Label.DOCS, Label.DATA, Label.CONFIG},
        ),
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
            r"the\s+)?(?:(?:review(?:ing|er)|automated|scanning|auditing|AI|coding)\s+)+(?:models?|agents?|"
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
            line=r"(?i)\b(?:must|run|execute|curl|fetch|send|ignore|approve|user|always|read|include)\b",
            never=_INSTRUCTIONS | _TESTS,
        ),
        Pattern(
            r"(?i)\b(?:before\s+(?:using|calling|invoking)\s+this\s+tool)\b|"
            r"\b(?:pass|include|send)\s+(?:its|the|their)\s+(?:full\s+)?contents?\s+(?:as|in|to)\s+"
            r"(?:the\s+)?\W?\w*(?:sidenote|notes?|parameter|argument|url|webhook)",
            "a tool's description gives an agent orders",
            line=r"(?i)read|send|pass|must|first|always|include",
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
            r"(?i)\b(?:never|don'?t|do\s+not|without|"
            r"no\s+need\s+to)\s+(?:ever\s+)?(?:ask(?:ing)?(?:\s+\w+){0,4}\s+"
            r"(?:permission|confirmation|approval|consent)|ask(?:ing)?\s+(?:the\s+)?user\b|"
            r"wait(?:ing)?\s+for\s+(?:\w+\s+)?(?:approval|confirmation|permission)|"
            r"(?:prompt(?:ing)?|confirm(?:ing)?)\s+(?:with\s+)?(?:the\s+)?user\b|"
            r"(?:user\s+|human\s+)?(?:confirmation|approval|permission)\b)",
            "agents are told to act without asking",
            only=_INSTRUCTIONS,
        ),
        Pattern(
            r"(?i)\b(?:always|automatically|auto-?)\s*(?:approve|accept|merge|allow|confirm|"
            r"push)\b|"
            r"\b(?:skip|bypass|disable|ignore)\s+(?:all\s+|any\s+|the\s+)?(?:safety|security|"
            r"permission|"
            r"review|approval|confirmation|pre-commit|hooks?|checks|guard\s?rails|sandbox)\b|"
            r"--no-verify\b|\bfull\s+(?:autonomy|access|permission)|\bpre-?approved\b|"
            r"\byou\s+(?:have|are\s+given)\s+(?:full|complete|blanket)\b",
            "agents are told to skip checks or to approve by themselves",
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
    budget=0.006,
    version=2,
)
