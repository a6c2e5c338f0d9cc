"""An agent let to act without asking, or given everything.

What it flags
    Added flags and settings that make a coding agent skip its permission questions, run
    without a sandbox or approve its own tools, in any file; entries of its allow-lists
    and hooks; new tool servers; denied tools that no longer are. In the code of agent
    products: a default that flips to automatic approval, a confirmation no longer asked.

Why it matters
    The question an agent asks before it acts is the last human look. A change that
    takes it away is a change to everything that agent will do.

How to review it
    Ask in which environment this runs, and what that environment can reach.
    Prefer a list of named, narrow permissions; a new server runs with the user's rights.

Not flagged
    Settings made stricter; prose weighs one level less. Changes to the agents'
    instruction files themselves are found by gate-files-changed as well.

Seen in
    Amazon Q (July 2025, CVE-2025-8217) and Nx (August 2025, GHSA-cxm3-wv7p-598c): malware
    started the victim's agents with `--dangerously-skip-permissions`, `--yolo` and
    `--trust-all-tools`. CVE-2025-53773: an agent set `chat.tools.autoApprove` itself.
    OWASP LLM06, Excessive Agency.
"""

from collections.abc import Iterator

from reviewqueue.domain.finding import Confidence, Pathway, Severity, Side
from reviewqueue.domain.paths import Label, set_aside
from reviewqueue.scan.rule import (
    FileView,
    Hit,
    Line,
    On,
    Pattern,
    Rule,
    Stability,
    View,
    expression,
)

_RUN = frozenset(
    {
        Label.CONFIG,
        Label.CI,
        Label.SCRIPT,
        Label.SOURCE,
        Label.BUILD,
        Label.CONTAINER,
        Label.INFRASTRUCTURE,
        Label.HOOK,
        Label.AGENT_INSTRUCTIONS,
    }
)
_ON = (
    r"(?i)\b(?:is_?|tool_?|auto_?)?approved['\"]?\s*[:=]\s*(?:true|True)\b|"
    r"\b\w*(?:auto_?-?(?:approv|accept|confirm|allow|execut|run)|always_?-?(?:allow|approv)|"
    r"skip_?-?(?:permission|confirm|approv)|bypass_?-?(?:permission|approv|sandbox)|"
    r"trust_?-?all|allow_?-?all_?-?(?:tool|command))\w*['\"]?\s*(?::\s*\w+\s*)?[:=]\s*(?:true|True|"
    r"1\b|['\"](?:all|always|on|true|\*))"
)
_OFF = (
    r"(?i)\b\w*(?:(?:require|need|ask)s?_?-?(?:for_?)?(?:user_?|human_?)?(?:approval|confirm\w*|"
    r"permission|consent)|confirm_?(?:before|command|tool|action)\w*|(?:approval|confirmation|"
    r"permission)s?_?(?:required|needed|mode|policy)|human_?in_?the_?loop|human_?input(?:_mode)?|"
    r"sandbox(?:ed|_?enabled|_?mode)?)['\"]?\s*(?::\s*\w+\s*)?[:=]\s*['\"]?(?:false|none|never|off|"
    r"no|disabled?|auto|yolo|bypass\w*|full_?-?auto|NEVER)\b"
)
_LONG = 400
_STRICT = (
    r"(?i)(?:require|need|ask)s?_?-?(?:for_?)?(?:user_?|human_?)?(?:approval|permission|consent)"
)
_SWITCH = r"\b(\w+)['\"]?\s*(?::\s*bool(?:ean)?\s*)?[:=]\s*(true|True|false|False)\b"
_TRUE = frozenset({b"true", b"True"})


def check(view: View) -> Iterator[Hit]:
    """Mark approvals that newly come by themselves, and questions that are not asked."""
    for file in view.where(_ON, _OFF, side=Side.NEW):
        if not file.labels.isdisjoint(_RUN) and not _is_aside(file):
            for line in file.new(_ON):
                yield _told(file, line, "an agent's action is newly approved by itself", None)
            for line in file.new(_OFF):
                severity = None if _is_loosened(file, line) else Severity.LOW
                yield _told(file, line, "a question that an agent asks is switched off", severity)
    for file in view.labelled(Label.APPROVALS):
        if not _is_aside(file):
            yield from _flipped(file)


def _is_aside(file: FileView) -> bool:
    aside = {Label.VENDORED, Label.GENERATED, Label.DATA}
    return set_aside(file.labels) or not file.labels.isdisjoint(aside)


def _told(file: FileView, line: Line, message: str, severity: Severity | None) -> Hit:
    is_setting = len(line.text) < _LONG and not line.text.startswith(("//", "#", "*"))
    severity = severity if is_setting else Severity.LOW
    return Hit.at(file, line, message, severity=severity, discountable=True)


def _is_loosened(file: FileView, line: Line) -> bool:
    """Return whether the same setting was stricter, or its name leaves no doubt."""
    key = expression(r"\w+").search(line.whole)
    was_there = key is not None and bytes(key[0]) in file.removed
    return was_there or expression(_STRICT).search(line.whole) is not None


def _flipped(file: FileView) -> Iterator[Hit]:
    were = {bytes(m[1]) for m in expression(_SWITCH).finditer(file.removed) if m[2] not in _TRUE}
    for number, text in file.added_lines() if were else ():
        found = expression(_SWITCH).search(text)
        if found and found[1] in were and found[2] in _TRUE:
            yield Hit(
                message="a setting of what an agent may do unasked is switched on",
                text=text.decode("utf-8", "replace").strip(),
                path=file.path,
                line=number,
                side=Side.NEW,
                key=b" ".join(text.split()),
            )


RULE = Rule(
    id="agent-leash-loosened",
    pathway=Pathway.PERMISSIONS,
    severity=Severity.MEDIUM,
    confidence=Confidence.HIGH,
    stability=Stability.STABLE,
    summary="lets an agent act without asking",
    patterns=(
        Pattern(
            r"--dangerously-[a-z-]+|\bdangerouslySkipPermissions\b|"
            r"\bdangerously_skip_permissions\b|"
            r"\bdangerouslyDisableSandbox\b|\bdangerously(?:_a|A)llow(?:_a|A)ll\b|"
            r"\bbypassPermissions\b|--permission-mode[= ](?:bypass\w*|acceptEdits|dontAsk)|"
            r"\bdanger-full-access\b|\bapproval_policy\s*=\s*['\"]never|"
            r"--ask-for-approval[= ]never\b|--full-auto\b|['\"\s]--yolo\b|"
            r"--allow-all-(?:tools|paths|urls)\b|--trust-all-tools\b|--yes-always\b|"
            r"--approval-mode[= ](?:yolo|auto|full)\w*|\bGOOSE_MODE['\"]?\s*[:=]\s*['\"]?auto\b|"
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
            r"\bpermission_mode\s*=\s*['\"](?:bypassPermissions|acceptEdits)",
            "an agent may act without asking",
        ),
        Pattern(
            r"['\"](?:Bash|Write|Edit|MultiEdit|WebFetch|Read|Skill|PowerShell|Shell|mcp__\w+)"
            r"(?:\([^\n\"']*\))?['\"],?\s*$",
            "an agent's list of what it may do without asking grows",
            line=r"\(|mcp__|^\s*['\"]",
            globs=(
                "*.claude/*.json",
                "*.codex/*",
                "*.gemini/*",
                "*settings*.json",
                "*.cursor/*.json",
            ),
        ),
        Pattern(
            r"\bmcpServers['\"]?\s*:|\[mcp_servers\.|\bcontext_servers['\"]?\s*:|"
            r"\b(?:claude|codex|gemini)\s+mcp\s+add\b",
            "an agent newly has the tools of a server",
            only=frozenset({Label.CONFIG, Label.SCRIPT, Label.CI, Label.HOOK, Label.CONTAINER}),
        ),
        Pattern(
            r"['\"](?:PreToolUse|PostToolUse|UserPromptSubmit|SessionStart|Stop|SubagentStop|"
            r"PreCompact|Notification|beforeShellExecution|afterFileEdit|"
            r"beforeMCPExecution)['\"]\s*:",
            "a command newly runs whenever an agent acts",
            globs=("*.json", "*.toml", "*.yml", "*.yaml"),
        ),
        Pattern(
            r"['\"](?:PreToolUse|beforeShellExecution|beforeMCPExecution|"
            r"permissionDecision)['\"]\s*:|"
            r"['\"]?\bdeny['\"]?\s*:|\bexcludeTools\b|\bdisallowed_?[tT]ools\b",
            "what stood between an agent and an action is gone",
            on=On.REMOVED,
            only=frozenset({Label.AGENT_INSTRUCTIONS, Label.CI}),
        ),
    ),
    triggers=(_ON, _OFF),
    wakes=frozenset({Label.APPROVALS}),
    check=check,
    version=2,
)
