"""Access widened: of files, containers, clusters, clouds, databases or networks.

What it flags
    Added text that opens more than before: world-writable or set-user-id modes,
    password-free sudo, privileged containers and host mounts, cluster-admin and `*`
    verbs, IAM statements with `*`, networks open to all, `GRANT ALL`, any origin with
    credentials. A file whose mode newly makes it executable or set-user-id.

Why it matters
    Access is easy to give and hardly ever taken back. The wider one is the one that the
    next mistake, or the next agent, will use.

How to review it
    Ask for the narrowest set that makes the task work.
    Check where this applies: a developer's machine, a build, production.

Not flagged
    Access that is narrowed or unchanged; new scripts that are executable from the start.
"""

from collections.abc import Iterator

from reviewqueue.domain.finding import Confidence, Pathway, Severity
from reviewqueue.domain.paths import Label
from reviewqueue.scan.rule import Hit, Pattern, Rule, Stability, View, Wake

_CONFIG = frozenset({Label.CONFIG, Label.CONTAINER, Label.INFRASTRUCTURE, Label.CI})
_EXECUTABLE = 0o111
_SET_ID = 0o6000
_REGULAR = 0o100000


def check(view: View) -> Iterator[Hit]:
    """Mark files that become executable without being programs, or set-user-id."""
    for file in view.files:
        old, new = file.old_mode, file.new_mode
        if not new & _REGULAR or old == new or not old:
            continue
        if new & _EXECUTABLE & ~old or new & _SET_ID & ~old:
            program = Label.SCRIPT in file.labels or Label.SOURCE in file.labels
            yield Hit(
                message=f"the file's mode is widened from {old:o} to {new:o}",
                text=f"{old:o} -> {new:o}",
                path=file.path,
                severity=Severity.LOW if program else Severity.MEDIUM,
            )


RULE = Rule(
    id="access-widened",
    pathway=Pathway.PERMISSIONS,
    severity=Severity.MEDIUM,
    confidence=Confidence.MEDIUM,
    stability=Stability.STABLE,
    summary="widens access to files, containers, clusters, clouds or databases",
    patterns=(
        Pattern(
            r"\bchmod\s+(?:-\w+\s+)*(?:0?[0-7]?777|a\+rwx|o\+w|ugo\+rwx|[ug]*\+s|0?[4267][0-7]{3})\b|"
            r"os\.chmod\s*\([^\n]*(?:0o777|0o[4267][0-7]{3}|S_IS[UG]ID|S_IWOTH)|"
            r"\bsetcap\s+\S*cap_|(?:os\.Chmod|fs\.chmod(?:Sync)?)\s*\([^\n]*0o?777",
            "opens a file to everybody, or to its owner's rights",
        ),
        Pattern(
            r"\bNOPASSWD\s*:|\busermod\s[^\n]*-a?G\s+\S*(?:sudo|wheel|docker|root)\b",
            "gives administrator's rights without a password",
            severity=Severity.HIGH,
        ),
        Pattern(
            r"(?i)\bprivileged['\"]?\s*[:=]\s*true\b|\s--privileged\b|"
            r"--cap-add[= ]['\"]?(?:ALL|SYS_ADMIN|SYS_PTRACE)|"
            r"allowPrivilegeEscalation['\"]?\s*[:=]\s*true\b",
            "lets a container do what the host may",
        ),
        Pattern(
            r"(?i)^[ \t]*host(?:Network|PID|IPC)\s*:\s*true\b|"
            r"^[ \t]*(?:network_mode|pid)\s*:\s*['\"]?host\b|"
            r"['\"\s-]/(?:var/run|run)/docker\.sock\s*:|"
            r"^[ \t]*hostPath\s*:|^[ \t]*runAsUser\s*:\s*0\s*$|"
            r"(?:-v|--volume)[= ]/:/",
            "opens the host to a container",
            only=_CONFIG | {Label.SCRIPT, Label.BUILD},
        ),
        Pattern(
            r"\bcluster-admin\b|"
            r"(?i)^[ \t]*-?[ \t]*(?:verbs|resources|apiGroups)\s*:\s*\[\s*['\"]\*['\"]",
            "gives every right in a cluster",
            only=_CONFIG | {Label.SCRIPT, Label.SOURCE},
            severity=Severity.HIGH,
        ),
        Pattern(
            r"(?i)['\"]?\bactions?['\"]?\s*[:=]\s*\[?\s*['\"](?:\*|[a-z0-9]+:\*)['\"]|"
            r"['\"]?\bprincipal['\"]?\s*[:=]\s*\{?\s*(?:['\"]?AWS['\"]?\s*[:=]\s*)?['\"]\*['\"]|"
            r"AdministratorAccess\b|roles/(?:owner|editor)\b",
            "gives every right in a cloud account",
            only=_CONFIG | {Label.SCRIPT, Label.SOURCE},
            severity=Severity.HIGH,
        ),
        Pattern(
            r"(?i)\b(?:cidr_(?:blocks?|ip)|source_ranges|CidrIp|source_address_prefix\w*)['\"]?\s*[:=]"
            r"\s*\[?\s*['\"](?:0\.0\.0\.0/0|::/0|\*)['\"]|\bacl\s*=\s*['\"]public-read(?:-write)?['\"]|"
            r"publicly_accessible\s*=\s*true|block_public_\w+\s*=\s*false|--acl\s+public-read",
            "opens a network or a storage to the world",
        ),
        Pattern(
            r"(?i)\bGRANT\s+(?:ALL|SUPERUSER)\b[^\n;]*\bTO\b|\bALTER\s+(?:ROLE|USER)\s[^\n;]*"
            r"\b(?:SUPERUSER|BYPASSRLS)\b|DISABLE\s+ROW\s+LEVEL\s+SECURITY",
            "gives every right in a database",
        ),
        Pattern(
            r"(?i)access-control-allow-origin['\"]?\s*[:,]\s*['\"]?\*|"
            r"allow_origins\s*=\s*\[\s*['\"]\*['\"]|CORS_ALLOW_ALL_ORIGINS\s*=\s*True|"
            r"script-src[^;\n]*'unsafe-(?:inline|eval)'",
            "lets any page use this service",
        ),
    ),
    wakes=frozenset({Wake.MODES}),
    check=check,
)
