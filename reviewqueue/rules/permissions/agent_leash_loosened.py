"""An agent told to act without asking, or given everything.

What it flags
    Added flags and settings that make a coding agent skip its permission questions, run
    without a sandbox or approve its own tools, in any file; and text addressed to
    agents that tells them to ignore their instructions or to hide something.

Why it matters
    The question an agent asks before it acts is the last human look. A change that
    takes it away is a change to everything that agent will do.

How to review it
    Ask in which environment this runs, and what that environment can reach.
    Prefer a list of named, narrow permissions.

Not flagged
    Narrow allow-lists; prose and tests weigh one level less. Changes to the agents'
    instruction files themselves are found by gate-files-changed.
"""

from reviewqueue.domain.finding import Confidence, Pathway, Severity
from reviewqueue.scan.rule import Pattern, Rule, Stability

RULE = Rule(
    id="agent-leash-loosened",
    pathway=Pathway.PERMISSIONS,
    severity=Severity.MEDIUM,
    confidence=Confidence.HIGH,
    stability=Stability.STABLE,
    summary="lets an agent act without asking",
    patterns=(
        Pattern(
            r"--dangerously-(?:skip-permissions|bypass-approvals-and-sandbox)\b|"
            r"\bbypassPermissions\b|dangerouslySkipPermissions|--permission-mode[= ]bypass\w*|"
            r"danger-full-access\b|approval_policy\s*=\s*['\"]never['\"]|"
            r"--ask-for-approval[= ]never\b|--full-auto\b|['\"\s]--yolo\b|"
            r"--allow-all-tools\b|enableAllProjectMcpServers['\"]?\s*:\s*true|"
            r"['\"](?:autoApprove|alwaysAllow)['\"]\s*:\s*(?:true|\[\s*['\"]\*)|"
            r"['\"]Bash\((?:\*|:\*|\*:\*)?\)['\"]",
            "an agent may act without asking",
        ),
        Pattern(
            r"(?i)\b(?:ignore|disregard|forget)\s+(?:all\s+|any\s+)?(?:of\s+)?(?:the\s+|your\s+)?"
            r"(?:previous|prior|above|earlier|system|safety)\s+(?:instructions?|prompts?|rules|"
            r"guidelines)|\bdo\s+not\s+(?:tell|inform|mention\s+(?:this|it)\s+to|reveal\s+(?:this|it)\s+to|"
            r"alert|notify)\s+(?:the\s+)?(?:users?|humans?|reviewers?|maintainers?|operators?)\b",
            "text tells an agent to drop its instructions or to hide something",
        ),
    ),
)
