"""An agent let to act without asking, or given everything.

What it flags
    Added flags and settings that make a coding agent skip its permission questions, run
    without a sandbox or approve its own tools, in any file; entries of its allow-lists
    and hooks; new tool servers; denied tools that no longer are. In the code of agent
    products: a default that flips to automatic approval, a decision that was to ask or to
    deny and now allows, a confirmation no longer asked, a list of safe commands that grows
    and one of dangerous commands that shrinks.

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

from collections.abc import Iterator, Sequence

from reviewqueue.domain.finding import Confidence, Pathway, Severity, Side
from reviewqueue.domain.paths import Label, set_aside
from reviewqueue.scan.openers import Openers
from reviewqueue.scan.outline import outline
from reviewqueue.scan.pairs import Numbered, Pair, blocks_losing, changed_tokens, paired
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
    r"1\b|['\"](?:all|always|on|true|\*)['\"])"
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
_STRICTER = (
    r"(?i)(?:[.:=(,|'\"?]|=>|\breturn|\bcase)[ \t]*['\"]?(?:ask(?:_?user|_?first|_?always)?|"
    r"prompt(?:_?user)?|deny|denied|forbid(?:den)?|read_?-?only|on_?-?request|untrusted|on_?-?failure|"
    r"workspace_?-?write|needs?_?approval|requires?_?(?:approval|confirmation)|confirm|"
    r"reject(?:ed)?|block(?:ed)?|sandboxed|restricted|supervised|manual)\b|"
    r"=[ \t]*[\w.:]*(?-i:[a-z](?:Prompt|Ask|Deny|Denied|ReadOnly|OnRequest|Confirm|Manual))\b"
)
_ASKS = (
    r"(?i)^['\"]?(?:ask|prompt|deny|denied|forbid|read_?-?only|on_?-?request|untrusted|on_?-?failure|"
    r"workspace|needs?_?approval|requires?_?(?:approval|confirm)|confirm|reject|block|sandboxed|"
    r"restricted|supervised|manual)|"
    r"(?-i:[a-z](?:Prompt|Ask|Deny|Denied|ReadOnly|OnRequest|Confirm|Manual)$)"
)
_PASSES = (
    r"(?i)^['\"]?(?:allow(?:ed|_?all|_?always)?|auto|automatic|approved?|never|bypass\w*|yolo|full\w*|"
    r"danger\w*|always|unrestricted|accept\w*|skip\w*|trusted|autonomous|unsafe\w*|granted?|"
    r"permit\w*|proceed\w*|auto_?\w+)$|"
    r"(?-i:[a-z](?:Auto\w*|Allow\w*|Approved?|Never|Bypass\w*|Full\w*|Always\w*|Yolo)$)"
)
_AGENTS = (
    r"(?i)agent|approv|permission|sandbox|polic|tool|exec|mcp|assistant|codex|claude|gemini|copilot|"
    r"safety|confirm|shell|command|config|settings|default"
)
_ABOUT = (
    r"(?i)approv|permission|sandbox|confirm|consent|exec_?polic|decision|behaviou?r|autonomy|"
    r"trust|(?:tool|command|shell|agent)\w*(?:polic|mode|access)|safe_?command"
)
_QUESTION = (
    r"(?i)[.\s](?:prompt|ask|confirm|request)\w*(?:approval|permission|user|confirmation)?\w*\s*\(|"
    r"(?i:needs?|requires?)_?(?i:approval|confirmation)"
)
_ANSWER = (
    r"(?i)(?:^|=>)\s*(?:return\s+(?:true|ok\(true\)|['\"]?(?:allow|approved?)\w*)|ok\(true\)|true|"
    r"[\w.:]*approved?)\b"
)
_LIST = r"[\[{(]\s*$|=\s*new\s+\w+\(|=\s*\{|=\s*\["
_ITEM = r"^[ \t]*(?:-[ \t]*)?['\"`/][^'\"`\n]{1,80}['\"`/]i?[ \t]*,?[ \t]*(?:(?://|#)[^\n]*)?$"
_SAFE = (
    r"(?i)safe|allow|trusted|approved|permitted|white_?-?list|auto_?-?(?:run|exec|appr)|read_?only"
)
_COMMAND = (
    r"^[ \t]*(?:-[ \t]*)?['\"`](?:git|npm|pnpm|yarn|go|cargo|pip|docker|kubectl|curl|wget|ssh|scp|"
    r"rm|mv|cp|cat|find|sed|awk|make|python3?|node|bash|sh|chmod|sudo|systemctl|brew|apt(?:-get)?|nc|dd)"
    r"\b[^'\"`\n]*['\"`],?[ \t]*$"
)
"""A command on a line of its own: of which list, stands above it."""
_BAD = (
    r"(?i)danger|deny|denied|block|forbid|unsafe|black_?-?list|banned|destructive|disallow|risky|"
    r"sensitive"
)
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
_SETTINGS = r"(?i)(?:\.(?:claude|cursor)/.*|settings[^/]*)\.json$|\.(?:codex|gemini)/"
_NOT_GIVEN = r"(?i)deny|denied|\bask|block|disallow|forbid|exclude|matcher"
_LISTS = (
    r"(?i)auto[^/]*approv|approval|permission[^/]*(?:mode|polic|setting)|(?:tool|sandbox|exec|"
    r"command)[^/]*polic|safe[^/]*command|danger[^/]*(?:command|pattern)|"
    r"(?:allow|deny|block)[^/]*list"
)
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
    for file in view.where(_FLAG, side=Side.NEW):
        yield from _flags(file)
    for file in view.where(_TOOL, side=Side.NEW):
        if expression(_SETTINGS).search(file.path.encode()):
            yield from _tools(file)
    for file in view.labelled(Label.APPROVALS):
        if expression(_LISTS).search(file.path.encode()) and not _is_aside(file):
            yield from _flipped(file)
            yield from _listed(file)
    yield from _in_code(view)


def _in_code(view: View) -> Iterator[Hit]:
    """Mark what programs that start agents newly let pass."""
    for file in view.where(_COMMAND):
        is_code = Label.SOURCE in file.labels and file.status == "M"
        if is_code and Label.APPROVALS not in file.labels and not _is_aside(file):
            yield from _listed(file, by_path=False)
    for file in view.where(_STRICTER, side=Side.OLD):
        if Label.SOURCE in file.labels and not _is_aside(file):
            yield from _decided(file)


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
    """Tell flags that are given; one that a program's comment or help speaks of is a note."""
    is_code = Label.SOURCE in file.labels and Label.SCRIPT not in file.labels
    told = expression(_SPOKEN_OF)
    for line in file.new(_FLAG):
        severity = Severity.LOW if is_code and told.search(line.whole) else None
        message = "an agent may act without asking"
        yield Hit.at(file, line, message, severity=severity, discountable=True)


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


def _decided(file: FileView) -> Iterator[Hit]:
    """Tell decisions that were to ask or to deny, and now let pass."""
    openers = Openers(file)
    is_agents = expression(_AGENTS).search(file.path.encode()) is not None
    for block in blocks_losing(file, _STRICTER):
        pairs = list(paired(block))
        found = next((pair for pair in pairs if _is_softer(pair)), None)
        if found is None and not block.new:
            continue
        number, text = (found.new_line, found.new) if found else block.new[0]
        if found is None and not _answers_itself(block.old, block.new):
            continue
        places = (text, openers.above(number))
        about = any(expression(_ABOUT).search(place) for place in places)
        if is_agents and (about or expression(_ABOUT).search(file.path.encode())):
            message = "what was asked or denied before an agent acts is now let through"
            yield Hit.on(file, number, text, message)


def _is_softer(pair: Pair) -> bool:
    changed = changed_tokens(pair)
    went = [*changed.gone, *(old for old, _ in changed.swapped)]
    came = [*changed.came, *(new for _, new in changed.swapped)]
    strict, lax = expression(_ASKS), expression(_PASSES)
    return any(strict.search(word) for word in went) and any(lax.search(word) for word in came)


def _answers_itself(old: Sequence[Numbered], new: Sequence[Numbered]) -> bool:
    """Return whether a question gives way to a fixed answer."""
    asked = any(expression(_QUESTION).search(text) for _, text in old)
    return asked and len(new) == 1 and expression(_ANSWER).search(new[0][1]) is not None


def _listed(file: FileView, *, by_path: bool = True) -> Iterator[Hit]:
    """Tell what a list of what is safe gains, and one of what is dangerous loses."""
    item = _ITEM if by_path else _COMMAND
    for _, starts, lines in ((old, new, lines) for old, new, lines in file.hunks()):
        texts = [line[1:] for line in lines]
        now = {
            text.strip(b" \t,") for line, text in zip(lines, texts, strict=True) if line[:1] != b"-"
        }
        was = {
            text.strip(b" \t,") for line, text in zip(lines, texts, strict=True) if line[:1] != b"+"
        }
        name, number = b"", starts - 1
        for line, text in zip(lines, texts, strict=True):
            number += line[:1] != b"-"
            if expression(_LIST).search(text):
                name = text
            elif expression(item).search(text) and line[:1] != b" ":
                place = name or (file.path.encode() if by_path else b"")
                is_safe = expression(_SAFE).search(place) is not None
                is_bad = expression(_BAD).search(place) is not None
                bare = text.strip(b" \t,")
                if line[:1] == b"+" and is_safe and not is_bad and bare not in was:
                    yield Hit.on(file, number, text, "what an agent may do unasked grows")
                elif line[:1] == b"-" and is_bad and bare not in now:
                    message = "what an agent had to ask for, or could not do, is taken off its list"
                    yield Hit.on(file, None, text, message, side=Side.OLD)


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
        ),
        Pattern(
            r"(?i)\ballowed_?-?tools\b|\bautoApprove['\"]?\s*:\s*\[|\btrusted_?tools\b",
            "an agent's list of what it may do without asking grows",
            line=r"(?i)\b(?:\w*bash|shell|execute\w*|\w*write\w*|edit\w*|command|run_\w+)\b|['\"]\*",
            only=frozenset({Label.AGENT_INSTRUCTIONS, Label.CONFIG, Label.CI}),
        ),
        Pattern(
            r"\byolo['\"]?\s*[:=]\s*(?:true|True|1)\b|\bapprovalMode['\"]?\s*[:=]\s*['\"](?:yolo|auto)",
            "an agent may act without asking",
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
    triggers=(_COMMAND,),
    added_triggers=(_ON, _OFF, _FLAG, _TOOL),
    removed_triggers=(_STRICTER,),
    wakes=frozenset({Label.APPROVALS}),
    check=check,
    version=3,
)
