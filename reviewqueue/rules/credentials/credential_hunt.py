"""Looking for credentials that were not handed over.

What it flags
    Added text that reads other processes' environments or memory, well-known credential
    files, key chains and browsers' stores, a cloud's metadata address, or searches the
    disk for keys and tokens.

Why it matters
    A program that needs a credential is given it. Looking for others is preparing to
    act outside the task; agents have been seen doing exactly this when blocked.

How to review it
    Ask which credential the task needed, and who granted it.
    Look for where the result goes: a log, a file, a request.

Not flagged
    Reading one named variable; a cloud's own library; prose and tests weigh one level
    less; documentation of where a tool keeps its credentials.
"""

from reviewqueue.domain.finding import Confidence, Pathway, Severity
from reviewqueue.domain.paths import Label
from reviewqueue.scan.rule import Capability, Pattern, Rule, Stability

RULE = Rule(
    id="credential-hunt",
    pathway=Pathway.CREDENTIALS,
    severity=Severity.HIGH,
    confidence=Confidence.MEDIUM,
    stability=Stability.STABLE,
    summary="looks for credentials that were not handed over",
    capability=Capability.READS_SECRETS,
    patterns=(
        Pattern(
            r"/proc/(?:\*|\d+|\$\{?\w+\}?|\{\w*\}|%[ds]|self|[\"']?\s*\+\s*\w+[^\n]*)"
            r"[^\n\s]*/(?:environ|mem)\b|\bgcore\s+-|process_vm_readv|PTRACE_(?:ATTACH|PEEK)|"
            r"MiniDumpWriteDump|/dev/mem\b",
            "reads another process's environment or memory",
        ),
        Pattern(
            r"(?:^|[^\w])\.(?:aws/credentials|ssh/id_(?:rsa|ed25519|ecdsa|dsa)|git-credentials|"
            r"docker/config\.json|kube/config|config/gcloud/\w*credential\w*|azure/\w*[tT]oken\w*|"
            r"config/gh/hosts\.yml|claude/\.credentials\.json|codex/auth\.json)\b|"
            r"/etc/shadow\b|\bLogin Data['\"]|/var/run/secrets/kubernetes\.io/serviceaccount/token",
            "reads a file where credentials are kept",
            never=frozenset({Label.LOCK, Label.DOCS}),
            severity=Severity.MEDIUM,
        ),
        Pattern(
            r"\b169\.254\.169\.254\b|\bmetadata\.google\.internal\b|\b169\.254\.170\.2\b|"
            r"AWS_CONTAINER_CREDENTIALS_\w+_URI",
            "asks the cloud's metadata service, which hands out credentials",
            severity=Severity.MEDIUM,
        ),
        Pattern(
            r"\bsecurity\s+(?:find-(?:generic|internet)-password|dump-keychain)\b|"
            r"\bsecret-tool\s+(?:lookup|search)\b|\bpass\s+show\s|\bgit\s+credential\s+fill\b|"
            r"\bgh\s+auth\s+token\b|\bgcloud\s+auth\s+(?:print-access-token|application-default\s+print)|"
            r"\bmimikatz\b|sekurlsa|CredEnumerate\w*\(",
            "asks a key chain for credentials",
            severity=Severity.MEDIUM,
        ),
        Pattern(
            r"\b(?:grep|rg|ag)\s+-[^\n]*(?:AKIA|BEGIN[^\n]*PRIVATE|id_rsa|"
            r"ghp_|sk-ant|xox[bp]-|\*\.pem|api[_-]?key|secret[_-]?key|passwd|password)[^\n]*"
            r"\s(?:/|~|\$HOME|/home|/root|/etc|/proc)(?:\s|/|$)|"
            r"\bfind\s+(?:/|~|\$HOME|/home|/root)\s[^\n]*(?:\.pem|\.env|id_rsa|credentials|\.key)\b",
            "searches the disk for credentials",
        ),
    ),
)
