"""An agent that a workflow starts, and what it is given there.

What it flags
    In CI: a coding agent that newly runs (an action, or its command); tools that change
    things given to it (`Bash`, `Write`, `Edit`, `run_shell_command`, tools of a server, `*`),
    or every command of the shell where some were named; people without write access who may
    start it (`allowed_non_write_users`), bots that may; a sandbox or a safety strategy that
    is switched off; a limit on its turns that is gone.

Why it matters
    An agent in CI reads issues, comments and code that anybody may have written, with the
    workflow's token and secrets at hand. Text is enough to take it over.

How to review it
    Who can write the text that it reads? What can its tools, token and network reach?
    Give it reading tools only, and let a second job, without a model, act on its answer.

Not flagged
    An agent's action raised to another version; narrower tools. Only noted: a workflow
    kept as data of tests.

Seen in
    "Clinejection" (February 2026): an issue's title took over a triage agent that had
    `Bash`, up to the project's release. "PromptPwnd" (Aikido, December 2025): the same in
    Gemini CLI, Claude Code and Codex actions. OWASP LLM01 and LLM06 (excessive agency).
"""

from collections.abc import Iterator

from reviewqueue.domain.finding import Confidence, Pathway, Severity, Side
from reviewqueue.domain.paths import Label
from reviewqueue.scan.rule import FileView, Hit, Line, Pattern, Rule, Stability, View, expression
from reviewqueue.scan.structure.hunks import ChangedLines

_CI = frozenset({Label.CI})
_AGENT = (
    r"(?i)\b(?:anthropics/claude-code(?:-base)?-action|google-github-actions/run-gemini-cli|"
    r"google-gemini/gemini-cli-action|openai/codex-action|All-Hands-AI/OpenHands|sst/opencode|"
    r"anomalyco/opencode|cursor/\w*agent\w*|Codium-ai/pr-agent|qodo-ai/pr-agent|"
    r"the-pr-agent/pr-agent|"
    r"coderabbitai/\w[\w-]*|actions/ai-inference|grll/claude-code-action|warpdotdev/\w*agent\w*|"
    r"augmentcode/[\w-]*agent[\w-]*|github/copilot-[\w-]+|sourcegraph/amp[\w-]*|block/goose[\w-]*|"
    r"Factory-AI/droid-[\w-]+|google-labs-code/jules-[\w-]+|continuedev/[\w-]*agent[\w-]*)"
    r"(?:/[\w./-]+)?@|"
    r"\b(?:claude\s+(?:-p|--print)|codex\s+exec|gemini\s+(?:-p|--prompt|--yolo)|cursor-agent\s+-|"
    r"opencode\s+run|aider\s+--|copilot\s+(?:-p|--prompt)|goose\s+run|amp\s+-x|qwen\s+-p|"
    r"openhands\s+(?:-t|--task|--headless)|droid\s+exec|auggie\s+(?:-p|--print)|crush\s+run)|"
    r"@anthropic-ai/claude-code\b|@openai/codex\b|@google/gemini-cli\b"
)
_TOOLS = r"(?i)\b(?:allowed_?-?tools|include_?-?tools|core_?tools|available_?-?tools|allow-tool)\b"
_TURNS = r"--max-turns\b|\bmax_turns\b|\bmax-iterations\b|\bmax_iterations\b"
_POWERFUL = (
    r"\b(?:Bash|Write|Edit|MultiEdit|NotebookEdit|Task|WebFetch|Computer|shell|run_shell_command|"
    r"write_file|replace|execute_command|mcp__\w+)\b|['\"=:\s,]\*(?:['\"\s,\]]|$)"
)
_ANY_SHELL = r"\b(?:Bash|run_shell_command|shell)\b(?:[^(\w]|$)|\bBash\(:?\*\)"
_GOES_ON = (b":", b"|", b"[", b">", b"=", b"\\")
"""How a line ends whose list stands below."""
_BELOW = 40
_LONG = 600
"""Lines, and bytes, of such a list that are read."""


def check(view: View) -> Iterator[Hit]:
    """Mark agents that are newly started, and what they are newly given."""
    for trigger, side, told in (
        (_AGENT, Side.NEW, _started),
        (_TOOLS, Side.NEW, _given),
        (_TURNS, Side.OLD, _unlimited),
    ):
        for file in view.where(trigger, side=side):
            if Label.CI in file.labels:
                yield from told(file)


def _started(file: FileView) -> Iterator[Hit]:
    known = {_name(line) for line in file.gone(_AGENT)}
    for line in file.new(_AGENT):
        if _name(line) not in known and not line.text.startswith("#"):
            yield Hit.at(file, line, "a coding agent newly runs in CI")


def _unlimited(file: FileView) -> Iterator[Hit]:
    gone = file.gone(_TURNS)
    if gone and file.status != "D" and not file.new(_TURNS):
        yield Hit.at(file, gone[0], "an agent may newly go on as long as it likes", side=Side.OLD)


def _name(line: Line) -> bytes:
    """Return the agent's name without its version."""
    found = expression(_AGENT).search(line.whole)
    return bytes(found[0]).lower() if found else b""


def _given(file: FileView) -> Iterator[Hit]:
    """Tell the lists that name what no list named before: the whole shell, or a strong tool."""
    old, new, any_shell = ChangedLines(file, Side.OLD), ChangedLines(file), expression(_ANY_SHELL)
    before = [_list(old, line) for line in file.gone(_TOOLS)]
    had = {tool for tools in before for tool in _powerful(tools)}
    had_shell = any(any_shell.search(tools) for tools in before)
    for line in file.new(_TOOLS):
        tools = _list(new, line)
        if any_shell.search(tools) and not had_shell:
            message = "an agent in CI is given any command of the shell"
            yield Hit.at(file, line, message, severity=Severity.HIGH)
        elif not _powerful(tools) <= had:
            yield Hit.at(file, line, "an agent in CI is given tools that change things")


def _powerful(tools: bytes) -> set[bytes]:
    return {bytes(tool[0]) for tool in expression(_POWERFUL).finditer(tools)}


def _list(lines: ChangedLines, line: Line) -> bytes:
    """Return the line, and what follows it where the list is below."""
    at = line.number
    if at is None or not line.whole.rstrip().endswith(_GOES_ON):
        return line.whole
    return lines.within(range(at, at + _BELOW))[:_LONG]


RULE = Rule(
    id="agent-in-workflow",
    pathway=Pathway.PERMISSIONS,
    severity=Severity.MEDIUM,
    confidence=Confidence.HIGH,
    stability=Stability.STABLE,
    summary="starts an agent in CI, or gives it more there",
    patterns=(
        Pattern(
            r"\b(?:allowed_non_write_users|allow-users|allowed_users)['\"]?\s*:",
            "people without write access may start an agent",
            line=r"\*|non_write",
            only=_CI,
            severity=Severity.HIGH,
        ),
        Pattern(
            r"\b(?:allowed_bots|allow-bots)['\"]?\s*:\s*['\"]?\*|"
            r"\bsafety-strategy['\"]?\s*:\s*['\"]?unsafe|"
            r"\bsandbox['\"]?\s*:\s*['\"]?(?:danger-full-access|false|none)\b|"
            r"\broles['\"]?\s*:\s*\[?\s*['\"]?all\b|\bbash['\"]?\s*:\s*\[\s*['\"]:?\*|"
            r"\bCOPILOT_AGENT_FIREWALL_ENABLED['\"]?\s*:\s*['\"]?false|"
            r"\binclude_comments_by_actor['\"]?\s*:\s*['\"]?\*|\ballow_unsafe_\w+\s*:\s*['\"]?true",
            "what holds an agent in CI back is switched off",
            only=_CI,
            severity=Severity.HIGH,
        ),
    ),
    triggers=(_AGENT, _TOOLS),
    removed_triggers=(_TURNS,),
    check=check,
    version=4,
    in_place=True,
)
