"""A protection that is on by default, switched off.

What it flags
    Added text that turns off certificate checks, sandboxes, signature or hash checks,
    safe loading or authentication: `verify=False`, `InsecureSkipVerify: true`,
    `rejectUnauthorized: false`, `--no-sandbox`, `weights_only=False`,
    `trust_remote_code=True`, `csrf_exempt`, a token decoded without its signature,
    `--disable-auth`, `AUTH_ENABLED=false`, `permitAll()`, `AllowAny`, a firewall or a
    defender stopped; and removed lines that held a sandbox, a service's hardening or a
    security scan, where the file puts none back.

Why it matters
    Each of these is a door that somebody had closed; a program behaves the same without
    it until the day somebody comes through.

How to review it
    Ask what fails with the protection on, and repair that instead.
    Check that the switch cannot reach production, whatever its flag is called.

Not flagged
    Switching a protection on; a sandbox or scan that is renamed or moved within its file;
    prose weighs one level less.

Seen in
    ATT&CK T1562 (impair defenses); CWE-295, CWE-306, CWE-347, CWE-693; CVE-2014-1266
    (Apple's skipped certificate check); the Landlock sandbox disabled by one dot
    in xz's build check (CVE-2024-3094).
"""

from collections.abc import Iterator

from reviewqueue.domain.finding import Confidence, Pathway, Severity, Side
from reviewqueue.domain.paths import Label, read_by_machines
from reviewqueue.scan.disappeared import disappeared
from reviewqueue.scan.kinds import is_comment
from reviewqueue.scan.rule import FileView, Hit, On, Pattern, Rule, Stability, View, expression

_AUTH = (
    r"(?:auth(?:n|z|entication|orization)?|login|oauth\d?|oidc|sso|rbac|jwt|csrf|mfa|2fa|"
    r"permissions?)"
)
_SANDBOX = (
    r"(?i)sandbox\w*\s*\(|\bsandbox(?:ed)?['\"]?\s*[:=]\s*(?:true|1)\b|"
    r"\b(?:seccomp|landlock|pledge|unveil|apparmor|chroot|setrlimit|prctl|unshare|isolate|"
    r"no_new_privs|drop_?privileges)\w*\s*\("
)
_SETS_UP = (
    r"(?i)(?:resolve|create|enable|apply|use|init\w*|start|enter|setup|set_up|with|configure|"
    r"build|get|run_?in|wrap_?in|new|make|ensure|require)\w*[ _]?sandbox|sandbox\w*['\"]?\s*[:=]|"
    r"\b(?:seccomp|landlock|pledge|unveil|apparmor|chroot|setrlimit|prctl|unshare|isolate|"
    r"no_new_privs|drop_?privileges)"
)
_SCAN = (
    r"(?i)\b(?:security|vulnerability|malware|virus|secrets?|dependency|code|license)"
    r"[._ -]?(?:scan(?:ner|ning|s)?|audit|check(?:er)?|review)\b|"
    r"\b(?:codeql|semgrep|bandit|trivy|grype|snyk|gitleaks|trufflehog|detect-secrets|tfsec|checkov|"
    r"gosec|brakeman|osv-scanner|dependency-check|clamscan|clamav|zizmor|scorecard-action|"
    r"pip-audit|safety\s+check|npm\s+audit|yarn\s+audit|cargo[ -](?:audit|deny)|govulncheck)\b"
)
_IMPORT = r"^[ \t]*(?:import|from|use|using|package|module|\"[\w./-]+\"$|\w+ \"[\w./-]+\"$)"
"""Lines that only name a module."""
_REMOVED = (
    (_SANDBOX, _SETS_UP, "a sandbox or a hardening is no longer set up"),
    (_SCAN, "", "a security scan is no longer run or offered"),
)


def check(view: View) -> Iterator[Hit]:
    """Mark what no longer sets up a sandbox or runs a security scan."""
    for regex, refined, message in _REMOVED:
        if not view.where(regex, side=Side.OLD):
            continue
        for found in disappeared([file for file in view.where(regex) if _acts(file)], regex):
            if found.file.status == "D" and not read_by_machines(found.file.labels):
                continue
            for line in found.lost:
                if expression(_IMPORT).search(line.whole):
                    continue
                if not is_comment(line.whole) and expression(refined).search(line.whole):
                    yield Hit.at(found.file, line, message, side=Side.OLD)


def _acts(file: FileView) -> bool:
    if file.labels & {Label.GENERATED, Label.VENDORED, Label.DOCS, Label.LOCK, Label.DATA}:
        return False
    return Label.TEST not in file.labels or read_by_machines(file.labels)


RULE = Rule(
    id="protection-switched-off",
    pathway=Pathway.BACKDOOR,
    severity=Severity.MEDIUM,
    confidence=Confidence.MEDIUM,
    stability=Stability.STABLE,
    summary="switches off a protection that is on by default",
    patterns=(
        Pattern(
            r"\bverify(?:_ssl|_certs?)?\s*=\s*False\b|\bssl\s*=\s*False\b|CERT_NONE\b|"
            r"check_hostname\s*=\s*False|_create_unverified_context|"
            r"InsecureSkipVerify\s*[:=]\s*[a-eg-zA-Z]|"
            r"rejectUnauthorized['\"]?\s*:\s*false|NODE_TLS_REJECT_UNAUTHORIZED['\"]?\]?\s*[:=]\s*['\"]?0|"
            r"danger_accept_invalid_(?:certs|hostnames)\(\s*true|"
            r"CURLOPT_SSL_VERIFY(?:PEER|HOST)\s*,\s*(?:0|false)|"
            r"http\.sslVerify\s*[= ]\s*['\"]?false|GIT_SSL_NO_VERIFY\s*=\s*['\"]?(?:1|true)|"
            r"(?:Server|Remote)CertificateValidationCallback\s*\+?=|DangerousAcceptAny\w+|"
            r"strict-ssl\s*[= ]\s*false",
            "switches off the check of certificates",
        ),
        Pattern(
            r"(?i)['\"\s]--no-sandbox\b|--disable-web-security\b|seccomp[=:]\s*unconfined|"
            r"apparmor[=:]\s*unconfined|\bsetenforce\s+0|SELINUX\s*=\s*(?:disabled|permissive)|"
            r"disable_sandbox\s*[:=]\s*true|sandbox\s*[:=]\s*(?:False|false)\b",
            "switches off a sandbox",
        ),
        Pattern(
            r"com\.apple\.security\.app-sandbox|\bseccompProfile\b|\bNoNewPrivileges\s*=|"
            r"\bProtectSystem\s*=|readOnlyRootFilesystem|runAsNonRoot",
            "a sandbox or a hardening is removed",
            on=On.REMOVED,
        ),
        Pattern(
            r"weights_only\s*=\s*False|"
            r"trust_remote_code['\"]?\s*(?::[^=\n]*=|[:=])\s*(?:True|true)\b|"
            r"TRUST_REMOTE_CODE['\"]?\]?\s*=\s*['\"]?(?:1|true|True)|allow_pickle\s*=\s*True|"
            r"yaml\.(?:unsafe_load|full_load)\s*\(|Loader\s*=\s*yaml\.(?:Unsafe)?Loader\b",
            "loads data in a way that can run code in it",
        ),
        Pattern(
            r"['\"]verify_signature['\"]\s*:\s*False|algorithms?['\"]?\s*[:=]\s*\[?\s*['\"]none['\"]|"
            r"@csrf_exempt\b|csrf\.exempt\(|WTF_CSRF_ENABLED['\"]?\]?\s*=\s*False|"
            r"--allow-unauthenticated\b|gpgcheck\s*=\s*0|--no-gpg-check|\[trusted=yes\]|"
            r"--trusted-host\s|--nogpgcheck\b|GOFLAGS\s*=\s*\S*-insecure|"
            r"GON(?:OSUMDB|OSUMCHECK|SUMCHECK)\s*=|GOSUMDB\s*=\s*['\"]?off",
            "accepts what nobody signed",
        ),
        Pattern(
            rf"(?i)--?(?:disable|no|skip|without)-{_AUTH}\b|"
            rf"\b(?:disable|skip|bypass|no|ignore)_?{_AUTH}(?:_?checks?)?['\"]?\s*(?::=|[:=])\s*['\"]?(?:true|1|yes|on)\b|"
            rf"\b(?:require_?|enable_?|use_?|enforce_?)?{_AUTH}_?(?:enabled|required|enforced|enable)?['\"]?\s*"
            r"(?::=|[:=])\s*['\"]?(?:false|0|no|off|disabled|none)\b",
            "lets callers in who have not said who they are",
            never=frozenset({Label.DOCS, Label.LOCK, Label.GENERATED}),
        ),
        Pattern(
            r"\.permitAll\s*\(\)|@PermitAll\b|\[AllowAnonymous\]|\.AllowAnonymous\s*\(|"
            r"\bpermission_classes\s*=\s*[\[(]\s*(?:permissions\.)?AllowAny|\bDEFAULT_PERMISSION_CLASSES"
            r"[^\n]*AllowAny|\bskip_before_action\s+:(?:authenticate|authorize|verify|require)\w*|"
            r"\bauthentication_classes\s*=\s*[\[(]\s*[\])]|\bpermission_classes\s*=\s*[\[(]\s*[\])]|"
            r"\ballow_unauthenticated\b|\bcsrf\(\)\.disable\(\)|\bcsrf\w*\s*->\s*csrf\w*\.disable|"
            r"::disable\s*\)\s*//\s*csrf|\bprotect_from_forgery[^\n]*(?:null_session|except)|"
            r"\bskip_forgery_protection\b|\banonymous_?(?:auth|access)\w*['\"]?\s*[:=]\s*['\"]?(?:true|on)|"
            r"--anonymous-auth=true|\bauthorization-mode=AlwaysAllow|\bhost\s+all\s+all\s[^\n]*\strust\b|"
            r"\bPermitEmptyPasswords\s+yes|\bPermitRootLogin\s+yes|\bStrictHostKeyChecking[\s=]+['\"]?no\b|"
            r"\bAutoAddPolicy\s*\(|\bInsecureIgnoreHostKey\s*\(|\bprotected-mode\s+no\b",
            "lets callers in who have not said who they are",
            never=frozenset({Label.DOCS, Label.LOCK, Label.GENERATED}),
        ),
        Pattern(
            r"(?i)\bufw\s+disable\b|\biptables\s+(?:-F|--flush)\b|\biptables\s+-P\s+\w+\s+ACCEPT|"
            r"\bsystemctl\s+(?:stop|disable|mask)\s[^\n]*(?:firewalld|ufw|apparmor|auditd|fail2ban|"
            r"clamav|falco|crowdstrike|falcon|osquery|iptables|nftables)|\bnetsh\s+advfirewall\s[^\n]*off|"
            r"Set-MpPreference\s[^\n]*-Disable|Add-MpPreference\s[^\n]*-Exclusion|\bDisableAntiSpyware\b|"
            r"\bcsrutil\s+disable|\bspctl\s+--master-disable|\bxattr\s[^\n]*com\.apple\.quarantine|"
            r"\bSet-ExecutionPolicy\s[^\n]*(?:Bypass|Unrestricted)|\baa-(?:disable|complain|teardown)\b|"
            r"\bkernel\.(?:randomize_va_space|yama\.ptrace_scope|kptr_restrict)\s*=\s*0|"
            r"-fno-stack-protector|-z\s*execstack|-D_FORTIFY_SOURCE=0|\bno-pie\b|-Wl,-z,norelro|"
            r"\bcontextIsolation\s*:\s*false|\bnodeIntegration\s*:\s*true|\bwebSecurity\s*:\s*false|"
            r"\bignore-scripts\s*[=:]\s*false|\bdangerouslyDisable\w*|\bno_?verify\s*[:=]\s*true",
            "switches off a defence of the machine or of the program",
            never=frozenset({Label.DOCS, Label.LOCK, Label.GENERATED}),
        ),
    ),
    removed_triggers=tuple(regex for regex, *_ in _REMOVED),
    check=check,
)
