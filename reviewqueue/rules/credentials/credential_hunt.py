"""Looking for credentials that were not handed over.

What it flags
    Added text that reads other processes' environments or memory, well-known credential
    files, key chains and browsers' stores, a cloud's metadata address, a job's own tokens, or
    searches the disk for keys and tokens.

Why it matters
    A program that needs a credential is given it. Looking for others is preparing to
    act outside the task; agents have been seen doing exactly this when blocked.

How to review it
    Ask which credential the task needed, and who granted it.
    Look for where the result goes: a log, a file, a request.

Not flagged
    Reading one named variable; a cloud's own library; documentation of where a tool keeps
    its credentials; prose weighs one level less.

Seen in
    ATT&CK T1552.001 (credentials in files), T1552.005 (cloud instance metadata), T1003.007
    (/proc), T1555 (password stores); tj-actions/changed-files (March 2025, CVE-2025-30066)
    read the tokens out of the runner's memory; Capital One (2019), the metadata address.
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
            r"[^\n\s]*/(?:environ|mem)\b|\bgcore\s+-?\w|process_vm_readv|PTRACE_(?:ATTACH|SEIZE|"
            r"PEEK\w*)|"
            r"MiniDumpWriteDump|ReadProcessMemory|/dev/(?:k?mem)\b|/proc/kcore\b|"
            r"\bRunner\.Worker\b|"
            r"\bprocdump(?:64|\.exe)?\s|\bcomsvcs\.dll\b|\blsass\b|task_for_pid\s*\(|"
            r"\bpsutil\b[^\n]*\.environ\(\)|\bps\s+(?:-?\w*e\w*ww|auxe|eww)|"
            r"\.environ\(\)\s+for\s+\w+\s+in\s+psutil",
            "reads another process's environment or memory",
        ),
        Pattern(
            r"(?:^|[^\w])\.(?:aws/credentials|ssh/id_(?:rsa|ed25519|ecdsa|dsa)|git-credentials|"
            r"docker/config\.json|kube/config|netrc|npmrc|pypirc|pgpass|my\.cnf|vault-token|"
            r"terraform\.d/credentials|"
            r"gnupg/(?:secring|private-keys)|boto\b|s3cfg|rclone\.conf|cargo/credentials|"
            r"gem/credentials|"
            r"m2/settings\.xml|composer/auth\.json|gemini/oauth_creds\.json|config/(?:op|hub|doctl|"
            r"fish/fish_history)|"
            r"bash_history|zsh_history|config/gcloud/\w*credential\w*|azure/\w*[tT]oken\w*|"
            r"config/gh/hosts\.yml|claude/\.credentials\.json|codex/auth\.json)\b|"
            r"/etc/(?:shadow|gshadow|sudoers\.d)\b|"
            r"/var/run/secrets/kubernetes\.io/serviceaccount/token",
            "reads a file where credentials are kept",
            line=r"(?i)open|read|cat\b|join|path|expanduser|home|file|cp\s|scp|curl|tar\s|load|"
            r"import|exists|glob|"
            r"source\s|strings|base64|less|head|grep|mount|-v\s|volume|ADD\s|COPY\s|\{|\[",
            never=frozenset({Label.LOCK, Label.DOCS}),
            severity=Severity.MEDIUM,
        ),
        Pattern(
            r"[\"'/ ](?:proc)[\"'/, ]+(?:[\w${}%\[\]().+\"' ,]*)[\"'/, ]+(?:environ|mem|maps)[\"']",
            "reads another process's environment or memory",
            line=r"(?i)open|read|join|path|cat|strings|fs\.|File",
        ),
        Pattern(
            r"\bACTIONS_(?:RUNTIME_TOKEN|ID_TOKEN_REQUEST_TOKEN|RESULTS_URL|CACHE_URL)\b|"
            r"\bAWS_WEB_IDENTITY_TOKEN_FILE\b|\bCI_JOB_(?:TOKEN|JWT)\b|\bSYSTEM_ACCESSTOKEN\b|"
            r"\bhttp\.https://github\.com/\.extraheader\b|\bCIRCLE_OIDC_TOKEN\b",
            "takes a job's own token",
            never=frozenset({Label.LOCK, Label.DOCS}),
            severity=Severity.MEDIUM,
        ),
        Pattern(
            r"[\\/](?:Login Data|Cookies|Web Data|Local State|logins\.json|key[34]\.db|"
            r"cookies\.sqlite)\b|"
            r"[\"'](?:Login Data|logins\.json|key4\.db|cookies\.sqlite|Local State)[\"']|"
            r"\bbrowser_?cookie3\b|"
            r"\bCryptUnprotectData\b|\bwin32crypt\b|\bos_crypt\b|User Data[\\/]+Default|"
            r"\bleveldb\b[^\n]*(?i:discord|slack)|\bProtectedData\.Unprotect\b|"
            r"\bnkbihfbeogaeaoehlefnkodbefgpgknn\b",
            "reads a browser's passwords or cookies",
            never=frozenset({Label.LOCK, Label.DOCS}),
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
            r"\bgh\s+auth\s+token\b|\bgcloud\s+auth\s+(?:print-access-token|"
            r"application-default\s+print)|"
            r"\baz\s+account\s+get-access-token\b|\baws\s+configure\s+(?:get|export-credentials)\b|"
            r"\baws\s+sts\s+(?:get-session-token|assume-role\w*)\b|\bvault\s+(?:kv\s+get|read)\s|"
            r"\baws\s+secretsmanager\s+(?:get-secret-value|list-secrets)|"
            r"\baws\s+ssm\s+get-parameters?[^\n]*decrypt|"
            r"\bgcloud\s+secrets\s+versions\s+access\b|\baz\s+keyvault\s+secret\s+(?:show|list)\b|"
            r"\bkubectl\s[^\n]*get\s+secrets?\b|\bop\s+(?:read|item\s+get)\s|"
            r"\bbw\s+get\s+password\b|"
            r"\bkeyring\.get_(?:password|credential)\s*\(|\bSecItemCopyMatching\b|\bkeytar\.(?:get|"
            r"find)\w+\s*\(|"
            r"\bSecKeychainFindGenericPassword\b|\bCredRead[AW]?\s*\(|"
            r"\bgpg\s+--export-secret-keys\b|"
            r"\bmimikatz\b|sekurlsa|CredEnumerate\w*\(|\b(?:trufflehog|gitleaks|"
            r"noseyparker)\s+(?:filesystem|dir)\b|"
            r"\bLaZagne\b|\bhashdump\b|\bsecretsdump\b",
            "asks a key chain for credentials",
            severity=Severity.MEDIUM,
        ),
        Pattern(
            r"\b(?:grep|rg|ag)\s+-[^\n]*(?:AKIA|BEGIN[^\n]*PRIVATE|id_rsa|"
            r"ghp_|sk-ant|xox[bp]-|\*\.pem|api[_-]?key|secret[_-]?key|passwd|password)[^\n]*"
            r"\s(?:/|~|\$HOME|/home|/root|/etc|/proc)(?:\s|/|$)|"
            r"\bfind\s+(?:/|~|\$HOME|/home|/root)\s[^\n]*(?:\.pem|\.env|id_rsa|credentials|"
            r"\.key)\b",
            "searches the disk for credentials",
        ),
    ),
)
