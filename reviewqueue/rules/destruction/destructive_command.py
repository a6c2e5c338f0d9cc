"""A command that destroys what cannot be brought back.

What it flags
    Added commands that delete or overwrite beyond one's own work: `rm -rf` on a
    variable, a home or a root; dropped or truncated tables, deletes without a
    condition; forced pushes and rewritten history; infrastructure, clusters, volumes and
    backups destroyed without a question; disks overwritten.

Why it matters
    A destructive step is right only where it runs and only at what it names; an empty
    variable or a wrong context makes it everything.

How to review it
    Ask what the variable holds when it is empty, and in which account this runs.
    Ask for a backup, a dry run, or a narrower name.

Not flagged
    Removing named build folders and temporary directories; deletes with a condition;
    prose and tests weigh one level less.
"""

from reviewqueue.domain.finding import Confidence, Pathway, Severity
from reviewqueue.domain.paths import Label
from reviewqueue.scan.rule import Pattern, Rule, Stability

_RUNS = frozenset(
    {
        Label.SCRIPT,
        Label.SOURCE,
        Label.CI,
        Label.BUILD,
        Label.HOOK,
        Label.CONTAINER,
        Label.INFRASTRUCTURE,
        Label.AGENT_INSTRUCTIONS,
        Label.CONFIG,
        Label.MANIFEST,
    }
)
_RM = r"\brm\s+(?:-\w+\s+|--\S+\s+)*-\w*(?:[rR]\w*f|f\w*[rR])\w*\s+(?:-\S+\s+)*[\"']?"

RULE = Rule(
    id="destructive-command",
    pathway=Pathway.DESTRUCTION,
    severity=Severity.MEDIUM,
    confidence=Confidence.MEDIUM,
    stability=Stability.STABLE,
    summary="destroys what cannot be brought back",
    patterns=(
        Pattern(
            rf"{_RM}(?:/(?:\s|\*|$|[\"'])|/(?:etc|usr|var|home|root|bin|lib|opt|srv|boot)(?:/\*|/?"
            r"(?:[\s\"']|$))|(?:~|\$\{?HOME\}?)[\"']?/?(?:\*|[\s\"';]|$))|\brm\s[^\n]*--no-preserve-root",
            "deletes everything below a root or a home",
            severity=Severity.HIGH,
            only=_RUNS,
        ),
        Pattern(
            rf"{_RM}\$\{{?\w+\}}?[\"']?/(?:\*|[\s\"';]|\$|$)",
            "deletes everything below a variable: below the root where it is empty",
            only=_RUNS,
        ),
        Pattern(
            rf"{_RM}\$\{{?\w+\}}?[\"']?(?:\s|;|&|$)",
            "deletes what a variable names",
            severity=Severity.LOW,
            only=_RUNS,
        ),
        Pattern(
            r"shutil\.rmtree\s*\(\s*(?:['\"]/(?:['\"]|home|etc|var|usr)|os\.path\.expanduser\(\s*['\"]~/?"
            r"['\"]|Path\.home\(\)\s*[,)]|os\.environ)|"
            r"(?:rmSync|rimraf(?:\.sync)?)\s*\(\s*(?:['\"]/['\"]|os\.homedir\(\)\s*[,)])|"
            r"os\.RemoveAll\s*\(\s*(?:\"/\"|os\.Getenv)",
            "deletes everything below a root or a home",
            severity=Severity.HIGH,
            only=_RUNS,
        ),
        Pattern(
            r"(?i)\bDROP\s+(?:DATABASE|SCHEMA)\b|\bDROP\s+TABLE\b|\bTRUNCATE\s+(?:TABLE\s+)?[\w\"'`.]+\s*"
            r"(?:;|CASCADE|RESTART)|\bDROP\s+COLUMN\b",
            "drops or empties a table",
            only=frozenset({Label.SOURCE, Label.SCRIPT, Label.MIGRATION, Label.CI}),
        ),
        Pattern(
            r"(?:\bDELETE\s+FROM|(?:^|['\"`(])\s*(?i:delete\s+from))\s+[\w\"'`.]+\s*(?:;|['\"`]\s*[),;]|$)|"
            r"\bdelete_many\s*\(\s*\{\s*\}\s*\)|\.objects\.all\(\)\.delete\(|"
            r"\bFLUSH(?:ALL|DB)\b|\.drop_(?:database|all)\s*\(|dropDatabase\s*\(",
            "deletes all rows",
            only=frozenset({Label.SOURCE, Label.SCRIPT, Label.MIGRATION, Label.CI}),
        ),
        Pattern(
            r"\bgit\s+push\s[^\n]*(?:--force(?:\s|$|['\"])|\s-f\b|--mirror\b|\s\+\S+:)|"
            r"\bgit\s+(?:filter-branch|filter-repo)\b|\bgit\s+push\s[^\n]*--delete\b",
            "rewrites or deletes shared history",
            only=_RUNS,
        ),
        Pattern(
            r"\b(?:terraform|tofu|terragrunt|pulumi|cdk)\s+(?:\S+\s+){0,3}destroy\b|"
            r"\bterraform\s+apply\b[^\n]*-destroy\b|"
            r"\bkubectl\s+delete\s+(?:ns|namespaces?|pvc|pv|crd|nodes?|all|--all|-A)\b|"
            r"\bhelm\s+uninstall\b|\baws\s+s3\s+r[mb]\s[^\n]*(?:--recursive|--force)|"
            r"\baws\s+\w+\s+(?:delete-(?:db-\w+|bucket|snapshot|stack|table)|terminate-instances)\b|"
            r"\bgcloud\s[^\n]*\sdelete\b[^\n]*(?:--quiet|-q)\b|"
            r"\bdocker\s+(?:system|volume)\s+prune\b[^\n]*-\w*f|\bdocker\s+volume\s+rm\b|"
            r"skip_final_snapshot\s*=\s*true|deletion_protection\s*=\s*false|prevent_destroy\s*=\s*false|"
            r"force_destroy\s*=\s*true",
            "destroys infrastructure or its backups",
            only=_RUNS,
        ),
        Pattern(
            r"\bdd\s[^\n]*\bof=/dev/(?:sd|nvme|vd|disk|mmc)|\bmkfs(?:\.\w+)?\s+[^\n]*/dev/|"
            r"\bwipefs\b|\bshred\s[^\n]*/|>\s*/dev/sd[a-z]\b",
            "overwrites a disk",
            severity=Severity.HIGH,
            only=_RUNS,
        ),
        Pattern(
            r"\bkillall\s|\bpkill\s+(?:-\w+\s+)*(?:-f\s+)?[\"']?(?:python|node|java|\.|sh)\b[\"']?\s*$|"
            r"\bkill\s+-9\s+-1\b|\bscancel\s+(?:-u|--user)",
            "kills more than its own processes",
            only=frozenset({Label.SCRIPT, Label.CI, Label.AGENT_INSTRUCTIONS, Label.BUILD}),
            severity=Severity.LOW,
        ),
    ),
)
