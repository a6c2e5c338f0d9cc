"""Looking for credentials that were not handed over.

What it flags
    Added text that reads other processes' environments or memory, well-known credential
    files, key chains and browsers' stores, a cloud's metadata address, a job's own tokens, or
    searches the disk for keys and tokens; the wallets and the browser's history of whoever
    runs the program. One secret read by its name from the cloud's own store is low.
    Also the accounts of the machine (`/etc/passwd`), the stored credentials of Windows, and
    lists of several such files.

Why it matters
    A program that needs a credential is given it. Looking for others is preparing to
    act outside the task; agents have been seen doing exactly this when blocked.

How to review it
    Ask which credential the task needed, and who granted it.
    Look for where the result goes: a log, a file, a request.

Not flagged
    Reading one named variable; a cloud's own library; documents, comments and docstrings. A text
    that a test hands to what it tests is low.

Seen in
    ATT&CK T1552.001 (credentials in files), T1552.005 (cloud instance metadata), T1003.007
    (/proc), T1555 (password stores); tj-actions/changed-files (March 2025, CVE-2025-30066)
    read the tokens out of the runner's memory; Capital One (2019), the metadata address.
"""

from collections.abc import Iterator

from reviewqueue.domain.finding import Confidence, Pathway, Severity, Side
from reviewqueue.domain.paths import Label, read_by_machines
from reviewqueue.scan.rule import (
    Capability,
    FileView,
    Hit,
    Line,
    Rule,
    Stability,
    View,
    expression,
    is_named,
)
from reviewqueue.scan.structure.comments import is_comment
from reviewqueue.scan.structure.kinds import Kind, expressions, is_code, is_tested, marked
from reviewqueue.scan.structure.said import is_sentence
from reviewqueue.scan.structure.values import values

_ACCOUNTS = (
    r"\b(?:open|fopen|cat|read\w*|File\w*|Path|get_contents|file_get_contents|ReadFile|ReadAllText|readlines|head|less|"
    r"tail|more|awk|grep|cp|scp|load|include|getent\s+passwd|Get-Content|type)\b[\s('\"\[,b+-]{1,8}(?:file://)?/etc/(?:passwd|shadow|"
    r"group|sudoers|master\.passwd|security/passwd)\b|\bgetent\s+(?:passwd|shadow)\s*(?:$|[|>;&])|\bpwd\.getpwall\s*\(|"
    r"\bunshadow\s|\bdscl\s+\.\s+-?(?:list|read|ls)\w*\s+/Users|\bnet\s+(?:user|localgroup)\s*(?:/domain)?\s*(?:$|[|>;&])"
)
_HIVES = (
    r"(?i)\breg(?:\.exe)?\s+(?:save|export|query)\s+[^\n]*\\(?:sam|security|system)\b|\bntdsutil\b|\bvssadmin\s+create\s+shadow|"
    r"\bcmdkey\s+/list|\bvaultcmd\s+/list|\bInvoke-Mimikatz\b|\bnltest\s+/|\bdsquery\s|\bkerberoast\w*|\brubeus\b|"
    r"\bGet-Credential\w*\s+-|\bnetsh\s+wlan\s+show\s+profile[^\n]*key=clear|\bfindstr\s[^\n]*(?:password|cpassword)|"
    r"\bsecurity\s+dump-trust|\bchainbreaker\b|\bpypykatz\b|\bntds\.dit\b|\bnanodump\b"
)
_SEARCHES = (
    r"(?i)\b(?:grep|rg|ag|findstr|egrep)\s[^\n]*(?:AKIA|aws_secret|private_key|id_rsa|passw(?:or)?d|api[_-]?key|secret)[^\n]*"
    r"\s(?:/|~|\$\{?HOME\}?|/home|/root|/etc|/var|/opt|C:)(?:\S*)(?:\s|$)"
)
_MACHINE = (
    (_ACCOUNTS, "reads the accounts of the machine", Severity.MEDIUM),
    (_HIVES, "takes the stored credentials of Windows", Severity.HIGH),
    (_SEARCHES, "searches the disk for credentials", Severity.MEDIUM),
)

_METADATA = "asks the cloud's metadata service, which hands out credentials"
_ASKS = (
    r"(?i)\bget\s*\(|\bpost\s*\(|\bput\s*\(|fetch\w*\s*\(|\bcurl\b|\bwget\b|urlopen|"
    r"Invoke-|\brequest\s*\("
)
_DOES = (
    r"(?i)\b(?:subprocess|os\.system|popen|exec\w*|spawn\w*|system|check_output|getoutput|open|fopen|"
    r"read\w*|path|file|sh|bash|curl|cat|requests?|get|post|put|fetch\w*|urlopen)\s*[.(]"
)
_LONGEST = 2_000
"""Bytes of a line that somebody wrote."""
_CHAINS = (
    r"\bsecurity\s+(?:find-(?:generic|internet)-password|dump-keychain)\b|"
    r"\bsecret-tool\s+(?:lookup|search)\b|\bpass\s+show\s|\bgit\s+credential\s+fill\b|"
    r"\bgh\s+auth\s+token\b|\bgcloud\s+auth\s+(?:print-access-token|application-default\s+print)|"
    r"\baz\s+account\s+get-access-token\b|\baws\s+configure\s+(?:get|export-credentials)\b|"
    r"\baws\s+sts\s+(?:get-session-token|assume-role\w*)\b|\bvault\s+(?:kv\s+get|read)\s|"
    r"\baws\s+secretsmanager\s+(?:get-secret-value|list-secrets)|"
    r"\baws\s+ssm\s+get-parameters?[^\n]*decrypt|"
    r"\bgcloud\s+secrets\s+versions\s+access\b|\baz\s+keyvault\s+secret\s+(?:show|list)\b|"
    r"\bkubectl\s[^\n]*get\s+secrets?\b|\bop\s+(?:read|item\s+get)\s|\bbw\s+get\s+password\b|"
    r"\bkeyring\.get_(?:password|credential)\s*\(|\bSecItemCopyMatching\b|\bkeytar\.(?:get|"
    r"find)\w+\s*\(|\bSecKeychainFindGenericPassword\b|\bCredRead[AW]?\s*\(|"
    r"\bgpg\s+--export-secret-keys\b|"
    r"\bmimikatz\b|sekurlsa|CredEnumerate\w*\(|\b(?:trufflehog|gitleaks|"
    r"noseyparker)\s+(?:filesystem|dir)\b|\bLaZagne\b|\bhashdump\b|\bsecretsdump\b"
)
_BY_NAME = (
    r"\baws\s+secretsmanager\s+get-secret-value\b|\bgcloud\s+secrets\s+versions\s+access\b|"
    r"\baz\s+keyvault\s+secret\s+show\b|\baws\s+ssm\s+get-parameters?\b|\bvault\s+(?:kv\s+get|read)\s"
)
_BESIDES = (
    r"\b(?:curl|wget|nc|ncat|base64)\b|\blist-secrets\b|--recursive|\bfor\s|\bsecurity\s+find|"
    r"\bkeyring\b"
)
_KINDS = (
    Kind(
        r"/proc/(?:\*|\d+|\$\{?\w+\}?|\{\w*\}|%[ds]|self|[\"']?\s*\+\s*\w+[^\n]*)"
        r"[^\n\s]*/(?:environ|mem)\b|\bgcore\s+-?\w|process_vm_readv|PTRACE_(?:ATTACH|SEIZE|"
        r"PEEK\w*)|MiniDumpWriteDump|ReadProcessMemory|/dev/(?:k?mem)\b|/proc/kcore\b|"
        r"\bRunner\.Worker\b|"
        r"\bprocdump(?:64|\.exe)?\s|\bcomsvcs\.dll\b|\blsass\b|task_for_pid\s*\(|"
        r"\bpsutil\b[^\n]*\.environ\(\)|\bps\s+(?:-?\w*e\w*ww|auxe|eww)|"
        r"\.environ\(\)\s+for\s+\w+\s+in\s+psutil",
        "reads another process's environment or memory",
    ),
    Kind(
        r"(?:^|[^\w\n])\.(?:aws/credentials|ssh/id_(?:rsa|ed25519|ecdsa|dsa)|git-credentials|"
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
        unless=r"^\s*(?:assert|expect)\b|\.\./etc/|\bid_(?:rsa|ed25519|ecdsa|dsa)\.pub\b",
        line=r"(?i)open|read|cat\b|join|path|expanduser|home|file|cp\s|scp|curl|tar\s|load|"
        r"import|exists|glob|"
        r"source\s|strings|base64|less|head|grep|mount|-v\s|volume|ADD\s|COPY\s|\{|\[",
        severity=Severity.MEDIUM,
    ),
    Kind(
        r"[\"']/proc/?[\"'][^\n]*(?:environ|/mem|maps)\b|\b(?:glob|iglob|rglob|readdir\w*|scandir|listdir)"
        r"\s*\([^\n]*/proc/[^\n]*(?:environ|mem|maps)|\bdump\s+(?:binary\s+)?memory\b|\bOpenProcess\s*\([^\n]*lsass|"
        r"\bgdb\s[^\n]*(?:-p|--pid|attach)[^\n]*(?:dump|gcore)|\bNtReadVirtualMemory\b|\bvm_read(?:_overwrite)?\s*\(",
        "reads another process's environment or memory",
    ),
    Kind(
        r"[\"'/ ](?:proc)[\"'/, ]+(?:[\w${}%\[\]().+\"' ,]*)[\"'/, ]+(?:environ|mem|maps)[\"']",
        "reads another process's environment or memory",
        line=r"(?i)open|read|join|path|cat|strings|fs\.|File",
    ),
    Kind(
        r"[\"'][^\"'\n]*(?:id_rsa|id_ed25519|wallet\.dat|\.netrc|\.git-credentials|\.pgpass|logins\.json|key4\.db|"
        r"\.aws/credentials|exodus\.wallet)[\"']",
        "names several files where credentials are kept",
        line=r"(?:id_rsa|id_ed25519|wallet\.dat|netrc|npmrc|\.env|credentials|pgpass|logins\.json|key4\.db|\.pem|kube/config|wallet)"
        r"[\"']\s*,\s*[\"'][^\"'\n]*(?:id_rsa|id_ed25519|wallet|netrc|npmrc|\.env|credentials|pgpass|logins\.json|key4\.db|\.pem|kube/config)",
        severity=Severity.MEDIUM,
    ),
    Kind(
        r"['\"/]\.(?:ssh|aws|gnupg|kube|docker|azure)['\"]\)?\s*(?:/\s*['\"]|\.(?:glob|iterdir|rglob)\b|,\s*['\"](?:id_|credentials|"
        r"config\.json|accessTokens|private-keys))",
        "reads a folder where credentials are kept",
        severity=Severity.MEDIUM,
    ),
    Kind(
        r"\bACTIONS_(?:RUNTIME_TOKEN|ID_TOKEN_REQUEST_TOKEN|RESULTS_URL|CACHE_URL)\b|"
        r"\bAWS_WEB_IDENTITY_TOKEN_FILE\b|\bCI_JOB_(?:TOKEN|JWT)\b|\bSYSTEM_ACCESSTOKEN\b|"
        r"\bhttp\.https://github\.com/\.extraheader\b|\bCIRCLE_OIDC_TOKEN\b",
        "takes a job's own token",
        severity=Severity.MEDIUM,
    ),
    Kind(
        r"[\\/](?:Login Data|Cookies|Web Data|Local State|logins\.json|key[34]\.db|"
        r"cookies\.sqlite)\b|"
        r"[\"'](?:Login Data|logins\.json|key4\.db|cookies\.sqlite|Local State)[\"']|"
        r"\bbrowser_?cookie3\b|"
        r"\bCryptUnprotectData\b|\bwin32crypt\b|\bos_crypt\b|User Data[\\/]+Default|"
        r"\bleveldb\b[^\n]*(?i:discord|slack)|\bProtectedData\.Unprotect\b|"
        r"\bnkbihfbeogaeaoehlefnkodbefgpgknn\b",
        "reads a browser's passwords or cookies",
    ),
    Kind(
        r"(?i)\bexodus\.wallet\b|\belectrum[\\/'\", ]+wallets\b|\bethereum[\\/'\", ]+keystore\b|"
        r"[\\/'\"~]\.config[\\/'\", ]+solana\b|\batomic[\\/'\", ]+Local Storage\b|"
        r"\bbitcoin[\\/'\", ]+wallets?\b|"
        r"\b(?:Coinomi|Guarda|com\.liberty\.jaxx|Ledger Live|Trezor Suite)[\\/'\", ]+"
        r"(?:wallets?|Local Storage|IndexedDB)\b",
        "opens the wallet of whoever runs this",
        severity=Severity.MEDIUM,
    ),
    Kind(
        r"[\\/'\"]Default[\\/'\", ]+History\b|\bplaces\.sqlite\b|\bSafari[\\/'\", ]+History\.db\b",
        "reads the history of a browser",
        severity=Severity.MEDIUM,
    ),
    Kind(
        r"\b169\.254\.169\.254\b|\bmetadata\.google\.internal\b|\b169\.254\.170\.2\b|"
        r"AWS_CONTAINER_CREDENTIALS_\w+_URI",
        _METADATA,
        severity=Severity.MEDIUM,
    ),
    Kind(
        _CHAINS,
        "reads a secret by its name from the cloud's own store",
        line=_BY_NAME,
        unless=_BESIDES,
        severity=Severity.LOW,
    ),
    Kind(
        _CHAINS,
        "asks a key chain for credentials",
        severity=Severity.MEDIUM,
    ),
    Kind(
        r"\b(?:grep|rg|ag)\s+-[^\n]*(?:AKIA|BEGIN[^\n]*PRIVATE|id_rsa|"
        r"ghp_|sk-ant|xox[bp]-|\*\.pem|api[_-]?key|secret[_-]?key|passwd|password)[^\n]*"
        r"\s(?:/|~|\$HOME|/home|/root|/etc|/proc)(?:\s|/|$)|"
        r"\bfind\s+(?:/|~|\$HOME|/home|/root)\s[^\n]*(?:\.pem|\.env|id_rsa|credentials|\.key)\b",
        "searches the disk for credentials",
    ),
)


def check(view: View) -> Iterator[Hit]:
    """Mark each look for credentials; less, where a test only speaks of it."""
    yield from _of_the_machine(view)
    for kind, file, line in marked(view, _KINDS):
        if is_sentence(file, line.whole):
            continue
        if kind.message == _METADATA and _is_only_named(file, line):
            continue
        weighs = Severity.MEDIUM if is_tested(file, line, kind.regex) else kind.severity
        if _is_only_given(file, line, kind.regex):
            weighs = Severity.LOW
        yield Hit.at(file, line, kind.message, severity=weighs)


def _of_the_machine(view: View) -> Iterator[Hit]:
    """Mark what takes a machine's accounts or searches it; in tests, too, where it is done."""
    for regex, message, severity in _MACHINE:
        for file in view.where(regex, side=Side.NEW):
            for line in file.new(regex) if is_code(file) else ():
                if not is_comment(line.whole) and len(line.whole) < _LONGEST:
                    weighs = Severity.LOW if _is_only_given(file, line, regex) else severity
                    yield Hit.at(file, line, message, severity=weighs)


def _is_only_given(file: FileView, line: Line, regex: str) -> bool:
    """Return whether a test hands a text to what is tested, and neither reads nor runs it."""
    if Label.TEST not in file.labels or read_by_machines(file.labels):
        return False
    text = line.whole[:_LONGEST]
    code = values(text)
    if expression(regex).search(code) or not expression(regex).search(text):
        return False
    return expression(_DOES).search(code) is None


def _is_only_named(file: FileView, line: Line) -> bool:
    """Return whether a test or an instruction names the address, and asks nothing itself."""
    said = is_named(file.path, ("*.md", "*.mdx", "*.mdc", "*.txt", "*.rst"))
    if not said and (Label.TEST not in file.labels or read_by_machines(file.labels)):
        return False
    return expression(_ASKS).search(line.whole) is None


RULE = Rule(
    id="credential-hunt",
    pathway=Pathway.CREDENTIALS,
    severity=Severity.HIGH,
    confidence=Confidence.MEDIUM,
    stability=Stability.STABLE,
    summary="looks for credentials that were not handed over",
    capability=Capability.READS_SECRETS,
    version=5,
    added_triggers=(*(regex for regex, *_ in _MACHINE), *expressions(_KINDS)),
    check=check,
)
