"""A protection that is on by default, switched off.

What it flags
    Added text that turns off certificate checks, sandboxes, signature or hash checks,
    safe loading or authentication: `verify=False`, `InsecureSkipVerify: true`,
    `rejectUnauthorized: false`, `--no-sandbox`, `weights_only=False`,
    `trust_remote_code=True`, `csrf_exempt`, a token decoded without its signature; and
    removed lines that held a sandbox or a service's hardening.

Why it matters
    Each of these is a door that somebody had closed; a program behaves the same without
    it until the day somebody comes through.

How to review it
    Ask what fails with the protection on, and repair that instead.
    Check that the switch cannot reach production, whatever its flag is called.

Not flagged
    Switching a protection on; tests and prose weigh one level less.
"""

from reviewqueue.domain.finding import Confidence, Pathway, Severity
from reviewqueue.scan.rule import On, Pattern, Rule, Stability

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
            r"check_hostname\s*=\s*False|_create_unverified_context|InsecureSkipVerify\s*[:=]\s*true|"
            r"rejectUnauthorized['\"]?\s*:\s*false|NODE_TLS_REJECT_UNAUTHORIZED['\"]?\]?\s*[:=]\s*['\"]?0|"
            r"danger_accept_invalid_(?:certs|hostnames)\(\s*true|"
            r"CURLOPT_SSL_VERIFY(?:PEER|HOST)\s*,\s*(?:0|false)|"
            r"http\.sslVerify\s*[= ]\s*['\"]?false|GIT_SSL_NO_VERIFY\s*=\s*['\"]?(?:1|true)|"
            r"ServerCertificateValidationCallback\s*\+?=|strict-ssl\s*[= ]\s*false",
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
            r"weights_only\s*=\s*False|trust_remote_code\s*=\s*True|allow_pickle\s*=\s*True|"
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
    ),
)
