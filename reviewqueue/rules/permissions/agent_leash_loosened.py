"""An agent let to act without asking, or given everything.

What it flags
    Added flags and settings that make a coding agent skip its permission questions, run
    without a sandbox or approve its own tools, in any file. In the settings of agents
    (`.claude/`, `.codex/`, `.gemini/`, `.cursor/`, `opencode.json`, `.vscode/settings.json` and
    others), before and after: what newly may be done unasked, what no longer is denied or
    asked, a sandbox opened, a tool server that is new or is another program, a command that
    runs by itself. In programs: calls that approve all that an agent asks for.

Why it matters
    The question an agent asks before it acts is the last human look. A change that
    takes it away is a change to everything that agent will do.

How to review it
    Ask in which environment this runs, and what that environment can reach.
    Prefer a list of named, narrow permissions; a new server runs with the user's rights.

Not flagged
    Settings made stricter; settings that are deleted with all that they allow. Prose, and
    examples of settings that no agent reads, weigh one level less; settings kept as data of
    tests, where no agent looks for them, and conditions that only ask whether a flag was
    given, are only noted. Changes to the agents'
    instruction files themselves are found by gate-files-changed as well, an agent's own
    program by agent-product-loosened.

Seen in
    Amazon Q (July 2025, CVE-2025-8217) and Nx (August 2025, GHSA-cxm3-wv7p-598c): malware
    started the victim's agents with `--dangerously-skip-permissions`, `--yolo` and
    `--trust-all-tools`. CVE-2025-53773: an agent set `chat.tools.autoApprove` itself.
    CVE-2025-54136 (MCPoison): a tool server's command changed after it was approved.
    OWASP LLM06, Excessive Agency.
"""

from collections.abc import Iterator

from reviewqueue.domain.finding import Confidence, Pathway, Severity, Side
from reviewqueue.domain.paths import Label, discountable, set_aside
from reviewqueue.scan.effects.agents import loosened
from reviewqueue.scan.rule import FileView, Hit, Line, Pattern, Rule, Stability, View, expression
from reviewqueue.scan.structure.kinds import is_prose
from reviewqueue.scan.structure.outline import outline
from reviewqueue.scan.structure.pairs import finds
from reviewqueue.scan.structure.said import is_value

_FLAG = (
    r"--dangerously-[a-z-]+|--permission-mode[= ](?:bypass\w*|acceptEdits|dontAsk)|"
    r"--ask-for-approval[= ]never\b|--full-auto\b|['\"\s]--yolo\b|"
    r"--allow-all-(?:tools|paths|urls)\b|--trust-all-tools\b|--yes-always\b|"
    r"--approval-mode[= ](?:yolo|auto|full)\w*"
)
_SPOKEN_OF = (
    r"^[ \t]*(?://|#|\*|--|<!--|/\*|\"\"\")|['\"`](?:[\w(,.]+[ ]+){3,}[`(]?--[a-z]|"
    r"--[a-z-]+[`)]?(?:[ ]+[a-z(,.']+){3,}|^[ \t]*[a-z][\w-]*(?:[ ][\w.-]+)*[ ]--[a-z]"
)
"""A comment, or a sentence that a flag is part of."""
_TOOL = (
    r"['\"](?:Bash|Write|Edit|MultiEdit|WebFetch|Read|Skill|PowerShell|Shell)(?:['\"]|"
    r"\([^\n\"']*\)['\"]),?[ \t]*$|['\"]mcp__\w+['\"],?[ \t]*$"
)
_ASKED_FOR = (
    r"^[ \t]*(?:(?:\}[ ]*)?(?:else[ ]+)?(?:if|elif)\b|&&|\|\||and\b|or\b)(?:[^\"'`{}]*"
    r"(?:[!=]==?|\b(?:contains|includes|(?:starts|ends)_?[wW]ith|matches|(?:is|has)_?\w*)\()[ ]*"
    r"[\"'`][^\"'`]*[\"'`])+[)\] ]*(?:\{|:)?[ \t]*$"
)
"""A condition, and nothing else, in which each text between quotes is only asked for."""
_SETTINGS = r"(?i)(?:\.(?:claude|cursor)/.*|settings[^/]*)\.json$|\.(?:codex|gemini)/"
_SERVER = (
    r"\bmcpServers['\"]?\s*:|\[mcp_servers\.|\bcontext_servers['\"]?\s*:|"
    r"\b(?:claude|codex|gemini|qwen|droid|auggie|amp|goose|copilot|opencode)\s+mcp\s+add\b"
)
_READ = frozenset({Label.CONFIG, Label.SCRIPT, Label.CI, Label.HOOK, Label.CONTAINER})
_EXAMPLE = (
    r"example|sample|demo|template|fixture|/docs?/|(?:^|[^a-z])tests?(?:[^a-z]|$)|\.lock\.yml$"
)
_SAID = r"^\s*(?:#|echo\b|printf\b|(?:console|logger|log)\.|print\(|Write-Host)"
_ASKED = frozenset({Label.AGENT_INSTRUCTIONS, Label.CI})
_STOOD = (
    r"['\"](?:PreToolUse|beforeShellExecution|beforeMCPExecution|permissionDecision)['\"]\s*:|"
    r"['\"]?\bdeny['\"]?\s*:\s*(?:\[\s*)?(?:[^\[\s\]]|$)|\bexcludeTools\b|\bdisableBypassPermissionsMode\b|\bdisallowed_?[tT]ools\b"
)
_NOT_GIVEN = r"(?i)deny|denied|\bask|block|disallow|forbid|exclude|matcher"


def check(view: View) -> Iterator[Hit]:
    """Mark flags that take the question away, and compare agents' settings as sets."""
    for file in view.where(_FLAG, side=Side.NEW):
        yield from _flags(file)
    for file in view.where(_TOOL, side=Side.NEW):
        if expression(_SETTINGS).search(file.path.encode()):
            yield from _tools(file)
    for file in view.where(_SERVER, side=Side.NEW):
        yield from _servers(file)
    for file in view.labelled(Label.AGENT_INSTRUCTIONS, Label.HOOK):
        yield from loosened(file)
    for file in view.where(_STOOD, side=Side.OLD):
        if not file.labels.isdisjoint(_ASKED):
            yield from _fallen(file)


def _fallen(file: FileView) -> Iterator[Hit]:
    """Tell what denied or asked, and is not there in any other line."""
    if file.status == "D" and b'"allow"' in file.removed:
        return
    word = expression(r"[\w*./:-]+")
    now = {bytes(found[0]) for found in word.finditer(file.added)}
    for line in file.gone(_STOOD):
        if any(bytes(found[0]) not in now for found in word.finditer(line.whole)):
            message = "what stood between an agent and an action is gone"
            yield Hit.at(file, line, message, side=Side.OLD)


def _servers(file: FileView) -> Iterator[Hit]:
    """Tell servers added by a command or in a file that is not an agent's own."""
    if discountable(file.labels) or file.labels.isdisjoint(_READ):
        return
    is_example = expression(_EXAMPLE).search(file.path.lower().encode()) is not None
    for line in file.new(_SERVER):
        is_told = is_example or expression(_SAID).search(line.whole)
        message = "an agent newly has the tools of a server"
        yield Hit.at(file, line, message, severity=Severity.LOW if is_told else None)


def _tools(file: FileView) -> Iterator[Hit]:
    """Tell tools that are newly on a list, unless it is one of what is asked or denied."""
    lines = file.new(_TOOL)
    held = {
        entry.number
        for entry in (outline(file, Side.NEW) if lines else ())
        if expression(_NOT_GIVEN).search(" ".join(entry.under).encode())
    }
    for line in lines:
        if line.number not in held:
            message = "an agent's list of what it may do without asking grows"
            yield Hit.at(file, line, message, discountable=True)


def _flags(file: FileView) -> Iterator[Hit]:
    """Tell flags that are given; one that is only spoken of, or tested, is a note."""
    is_code = Label.SOURCE in file.labels and Label.SCRIPT not in file.labels
    told = expression(_SPOKEN_OF)
    for line in file.new(_FLAG):
        is_said = is_code and (told.search(line.whole) or _is_given_to_test(file, line))
        is_said = is_said or finds(_ASKED_FOR)(line.whole)
        severity = Severity.LOW if is_said or is_prose(file) else None
        message = "an agent may act without asking"
        yield Hit.at(file, line, message, severity=severity, discountable=not is_prose(file))


def _is_given_to_test(file: FileView, line: Line) -> bool:
    """Return whether a flag is a text between quotes in a test."""
    found = expression(_FLAG).search(line.whole) if set_aside(file.labels) else None
    # One of the flags is found from the quote before it on.
    return found is not None and is_value(line.whole, found.start() + 1)


RULE = Rule(
    id="agent-leash-loosened",
    pathway=Pathway.PERMISSIONS,
    severity=Severity.MEDIUM,
    confidence=Confidence.HIGH,
    stability=Stability.STABLE,
    summary="lets an agent act without asking",
    patterns=(
        Pattern(
            r"\bdangerouslySkipPermissions\b|"
            r"\bdangerously_skip_permissions\b|"
            r"\bdangerouslyDisableSandbox\b|\bdangerously(?:_a|A)llow(?:_a|A)ll\b|"
            r"\bbypassPermissions\b|"
            r"\bdanger-full-access\b|\bapproval_policy\s*=\s*['\"]never|"
            r"\bGOOSE_MODE['\"]?\s*[:=]\s*['\"]?auto\b|"
            r"\benableAllProjectMcpServers['\"]?\s*:\s*true|"
            r"\bskipDangerousModePermissionPrompt\b|\ballowUnsandboxedCommands['\"]?\s*:\s*true|"
            r"\bCODEX_UNSAFE_ALLOW_NO_SANDBOX\b|"
            r"\bchat\.tools\.(?:global\.)?autoApprove['\"]?\s*:\s*true|"
            r"['\"](?:autoApprove|alwaysAllow|trustedCommands|autoAllow)['\"]\s*:\s*(?:true|"
            r"\[\s*['\"]\*)|"
            r"\bdefaultMode['\"]\s*:\s*['\"](?:bypassPermissions|acceptEdits|dontAsk)|"
            r"['\"]Bash\((?:\*|:\*|\*:\*)?\)['\"]|\bhuman_input_mode\s*=\s*['\"]NEVER|"
            r"\brequire_approval['\"]?\s*[:=]\s*['\"]never|"
            r"\bcode_execution_mode\s*=\s*['\"]unsafe|\ballow_dangerous_(?:code|requests|"
            r"deserialization)"
            r"['\"]?\s*[:=]\s*[Tt]rue|\badditional_authorized_imports\s*=\s*\[\s*['\"]\*|"
            r"\bpermission_mode\s*=\s*['\"](?:bypassPermissions|acceptEdits)|"
            r"\bautoApprovalSettings\b|\bexecuteAllCommands\b|\b(?:roo-)?cline\.(?:allowed\w*|autoApproval\w*|"
            r"alwaysAllow\w*)|\bautoExecutionPolicy['\"]?\s*:\s*['\"](?:turbo|auto)|"
            r"\balwaysAllow(?:Execute|Write|ReadOnly\w*|Mcp|Browser|\w*OutsideWorkspace)\w*['\"]?\s*:\s*true",
            "an agent may act without asking",
            noted=_ASKED_FOR,
        ),
        Pattern(
            r"(?i)\ballowed_?-?tools\b|\bautoApprove['\"]?\s*:\s*\[|\btrusted_?tools\b",
            "an agent's list of what it may do without asking grows",
            line=r"(?i)\b(?:\w*bash|shell|execute\w*|\w*write\w*|edit\w*|command|run_\w+)\b|['\"]\*",
            only=frozenset({Label.AGENT_INSTRUCTIONS, Label.CONFIG, Label.CI}),
        ),
        Pattern(
            r"(?:\.|->|::)(?:[aA]uto_?[aA]pprove|[sS]et_?[sS]kip_?(?:[rR]equests|[pP]ermission|[aA]pproval)|"
            r"[aA]llow_?[aA]ll_?(?:[tT]ool|[cC]ommand)|[bB]ypass_?[pP]ermission)\w*\s*\(",
            "an agent's calls are let pass without asking",
            only=frozenset({Label.SOURCE}),
            never=frozenset({Label.TEST, Label.DOCS, Label.VENDORED, Label.GENERATED}),
        ),
        Pattern(
            r"\byolo['\"]?\s*[:=]\s*(?:true|True|1)\b|\bapprovalMode['\"]?\s*[:=]\s*['\"](?:yolo|auto)",
            "an agent may act without asking",
            noted=_ASKED_FOR,
        ),
        Pattern(
            r"['\"](?:PreToolUse|PostToolUse|UserPromptSubmit|SessionStart|Stop|SubagentStop|"
            r"PreCompact|Notification|beforeShellExecution|afterFileEdit|"
            r"beforeMCPExecution)['\"]\s*:",
            "a command newly runs whenever an agent acts",
            globs=("*.json", "*.toml", "*.yml", "*.yaml"),
        ),
    ),
    added_triggers=(_FLAG, _TOOL, _SERVER),
    removed_triggers=(_STOOD,),
    wakes=frozenset({Label.AGENT_INSTRUCTIONS, Label.HOOK}),
    check=check,
    version=7,
    in_place=True,
)
