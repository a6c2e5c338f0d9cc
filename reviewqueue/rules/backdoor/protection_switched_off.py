"""A protection that is on by default, switched off.

What it flags
    Added text that turns off certificate checks, sandboxes, signature or hash checks,
    safe loading or authentication: `verify=False`, `InsecureSkipVerify: true`,
    `rejectUnauthorized: false`, `--no-sandbox`, `weights_only=False`,
    `trust_remote_code=True`, `csrf_exempt`, a token decoded without its signature,
    `--disable-auth`, `AUTH_ENABLED=false`, `permitAll()`, `AllowAny`, a firewall or a
    defender stopped; and removed lines that held a sandbox, a service's hardening or a
    security scan, where the file puts none back.
    A test of a build (CMake, autoconf, Meson) whose answer decides on a sandbox or a hardening.
    A reachable debugger, escaping or entity loading of a parser set loose, cookies and
    redirects without their protection, apps that talk in the clear, stores unencrypted.

Why it matters
    Each of these is a door that somebody had closed; a program behaves the same without
    it until the day somebody comes through.

How to review it
    Ask what fails with the protection on, and repair that instead.
    Check that the switch cannot reach production, whatever its flag is called.

Not flagged
    Switching a protection on; a sandbox or scan that is renamed or moved within its file. Most
    switches are not looked for in documents; the others weigh one level less there. Who is let in
    by a test weighs low. Names of headers are no options of a command. A browser's sandbox that
    a test switches off weighs low, and so does a switch that hands on, under its own name, what
    a caller chose.

Seen in
    ATT&CK T1562 (impair defenses); CWE-295, CWE-306, CWE-347, CWE-693; CVE-2014-1266
    (Apple's skipped certificate check); the Landlock sandbox disabled by one dot
    in xz's build check (CVE-2024-3094).
"""

from collections.abc import Iterator

from reviewqueue.domain.finding import Confidence, Pathway, Severity, Side
from reviewqueue.domain.paths import Label, read_by_machines
from reviewqueue.scan.rule import FileView, Hit, On, Pattern, Rule, Stability, View, expression
from reviewqueue.scan.structure.comments import is_comment
from reviewqueue.scan.structure.disappeared import disappeared
from reviewqueue.scan.structure.hunks import numbered
from reviewqueue.scan.structure.pairs import finds
from reviewqueue.scan.structure.said import is_sentence

_AUTH = (
    r"(?:auth(?:n|z|entication|orization)?|login|oauth\d?|oidc|sso|rbac|jwt|csrf|mfa|2fa|"
    r"permissions?)"
)
_HARDENS = (
    r"\b(?:seccomp|landlock|pledge|unveil|apparmor|chroot|setrlimit|prctl|unshare|isolate|"
    r"no_new_privs|drop_?privileges)"
)
_SANDBOX = rf"(?i)sandbox\w*\s*\(|\bsandbox(?:ed)?['\"]?\s*[:=]\s*(?:true|1)\b|{_HARDENS}\w*\s*\("
_SETS_UP = (
    r"(?i)(?:resolve|create|enable|apply|use|init\w*|start|enter|setup|set_up|with|configure|"
    r"build|get|run_?in|wrap_?in|new|make|ensure|require)\w*[ _]?sandbox|sandbox\w*['\"]?\s*[:=]|"
    + _HARDENS
)
_SCAN = (
    r"(?i)\b(?:security|vulnerability|malware|virus|secrets?|dependency|code|license)"
    r"[._ -]?(?:scan(?:ner|ning|s)?|audit|check(?:er)?|review)\b|"
    r"\b(?:codeql|semgrep|bandit|trivy|grype|snyk|gitleaks|trufflehog|detect-secrets|tfsec|checkov|"
    r"gosec|brakeman|osv-scanner|dependency-check|clamscan|clamav|zizmor|scorecard-action|"
    r"pip-audit|safety\s+check|npm\s+audit|yarn\s+audit|cargo[ -](?:audit|deny)|govulncheck)\b"
)
_NEVER = frozenset({Label.DOCS, Label.LOCK, Label.GENERATED})
_TESTED = frozenset({Label.TEST})
"""Where callers are let in so that something else can be tried."""
_HANDED_ON = r"(?i)\btrust_remote_code\s*=\s*(?:self\.)?_?trust_remote_code\b"
"""A switch that only hands on what the caller chose, under the same name."""
_COMMENT = r"^[ \t]*//"
"""A comment to the end of its line, in every language that has such a sign."""
_IMPORT = r"^[ \t]*(?:import|from|use|using|package|module|\"[\w./-]+\"$|\w+ \"[\w./-]+\"$)"
"""Lines that only name a module."""
_SHOWN = r"\"[A-Z][^\"\n]* [^\"\n]* [^\"\n]*\"|'[A-Z][^'\n]* [^'\n]* [^'\n]*'"
"""A text of several words that begins like a sentence."""
_REMOVED = (
    (_SANDBOX, _SETS_UP, "a sandbox or a hardening is no longer set up"),
    (_SCAN, _SCAN, "a security scan is no longer run or offered"),
)
_FEATURE_TEST = (
    r"(?i)\bcheck_(?:c|cxx)_source_(?:compiles|runs)\b|\bA[CX]_(?:COMPILE|LINK|RUN|TRY)_IFELSE\b|"
    r"\bAC_TRY_(?:COMPILE|LINK|RUN)\b|\bAC_LANG_(?:PROGRAM|SOURCE)\b|\btry_(?:compile|run)\b|"
    r"\.(?:compiles|links|has_function|has_header_symbol)\s*\(|\bcheck_(?:symbol|"
    r"function)_exists\b|\bAC_CHECK_(?:FUNC|DECL|HEADER)S?\b"
)
_PROTECTS = (
    r"(?i)landlock|seccomp|\bpledge\b|capsicum|\bcap_(?:rights|enter)\w*|sandbox|hardening|"
    r"stack.?protector|\brelro\b|\bpie\b|fortify|\bunveil\b|prctl|no_new_privs|apparmor|\bcet\b|"
    r"shadow.?stack|safe.?stack"
)
_STRAY = r"^[ \t]*[.,;:!?@~^`'-][ \t]*\r?$"
_DIRECTIVE = r"^[ \t]*#[ \t]*(?:include|define|undef|if|else|endif|error|pragma)"
_INCLUDE = r"^[ \t]*#[ \t]*include[ \t]*[<\"]"
_TESTED_IN = ("cmakelists.txt", ".cmake", "configure.ac", "configure.in", ".m4", "meson.build")


def check(view: View) -> Iterator[Hit]:
    """Mark what no longer sets up a sandbox or scans, and tests of a build that decide on one."""
    yield from _tested_at_build(view)
    for regex, refined, message in _REMOVED:
        if not view.where(regex, side=Side.OLD):
            continue
        for found in disappeared([file for file in view.where(regex) if _acts(file)], regex):
            if found.file.status == "D" and not read_by_machines(found.file.labels):
                continue
            for line in found.lost:
                if finds(refined)(_acting(found.file, line.whole)):
                    yield Hit.at(found.file, line, message, side=Side.OLD)


def _acts(file: FileView) -> bool:
    """Return whether people run the file, or machines act on it."""
    if file.labels & {Label.GENERATED, Label.VENDORED, Label.DOCS, Label.LOCK, Label.DATA}:
        return False
    return Label.TEST not in file.labels or read_by_machines(file.labels)


def _acting(file: FileView, text: bytes) -> bytes:
    """Return what of a line acts: not words that only name a module, explain, or are shown."""
    if finds(_IMPORT)(text) or is_comment(text) or is_sentence(file, text):
        return b""
    is_program = Label.SOURCE in file.labels and not read_by_machines(file.labels)
    return expression(_SHOWN).sub(b'""', text) if is_program else text


def _tested_at_build(view: View) -> Iterator[Hit]:
    """Mark tests of a build that decide whether a protection is built in."""
    for file in view.labelled(Label.BUILD):
        if not file.path.casefold().endswith(_TESTED_IN) or Label.VENDORED in file.labels:
            continue
        for hunk in file.hunks():
            shown = b"\n".join(line[1:] for line in hunk[2])
            is_test = finds(_FEATURE_TEST)(shown) or _has_stray_sign(hunk[2])
            if is_test and finds(_PROTECTS)(shown):
                yield from _test_changed(file, hunk)


def _has_stray_sign(lines: list[bytes]) -> bool:
    """Return whether a lone sign is added to what includes a header: a program of a test."""
    is_stray = any(line[:1] == b"+" and finds(_STRAY)(line[1:]) for line in lines)
    return is_stray and any(line[:1] != b"-" and finds(_INCLUDE)(line[1:]) for line in lines)


def _test_changed(file: FileView, hunk: tuple[int, int, list[bytes]]) -> Iterator[Hit]:
    """Mark a stray sign in a test, or else the first added line of it that acts."""
    directive = finds(_DIRECTIVE)
    acting = [
        (number, text)
        for mark, number, text in numbered(hunk)
        if mark == b"+" and text.strip() and (directive(text) or not is_comment(text))
    ]
    for number, text in acting:
        if finds(_STRAY)(text):
            told = "a stray sign in a build's test, which then fails: a protection is left out"
            yield Hit.on(file, number, text, told, severity=Severity.HIGH)
            return
    if acting:
        told = "a test of the build, whose answer decides on a protection, is written or changed"
        yield Hit.on(file, *acting[0], told)


RULE = Rule(
    id="protection-switched-off",
    pathway=Pathway.BACKDOOR,
    severity=Severity.MEDIUM,
    confidence=Confidence.MEDIUM,
    stability=Stability.STABLE,
    version=7,
    summary="switches off a protection that is on by default",
    patterns=(
        Pattern(
            r"\bverify(?:_ssl|_certs?)?\s*=\s*False\b|\bssl\s*=\s*False\b|CERT_NONE\b|"
            r"check_hostname\s*=\s*False|_create_unverified_context|"
            r"InsecureSkipVerify\s*[:=]\s*[a-eg-zA-Z]|rejectUnauthorized['\"]?\s*:\s*false|"
            r"NODE_TLS_REJECT_UNAUTHORIZED['\"]?\]?\s*[:=]\s*['\"]?0|"
            r"danger_accept_invalid_(?:certs|hostnames)\(\s*true|CURLOPT_SSL_VERIFY(?:PEER|"
            r"HOST)\s*,\s*(?:0|false)|http\.sslVerify\s*[= ]\s*['\"]?false|"
            r"GIT_SSL_NO_VERIFY\s*=\s*['\"]?(?:1|true)|\.hostnameVerifier\s*[({][^\n]*true|"
            r"\bset_certificate_verifier\s*\(|\bdangerous\(\)\s*\.|\bDangerousClientConfig\w*|"
            r"\bsetDefaultHostnameVerifier\s*\(|\b(?:Noop|AllowAll|Null)HostnameVerifier\b|"
            r"\bALLOW_ALL_HOSTNAME_VERIFIER\b|\bTrustAll(?:Certs?|Strategy)?\b|"
            r"\bSSL_VERIFY_NONE\b|\bOpenSSL::SSL::VERIFY_NONE\b|\bverify_peer['\"]?\s*=>\s*false|"
            r":verify_none\b|(?:Server|Remote)Certificate(?:Custom)?ValidationCallback\s*\+?=|DangerousAcceptAny\w+|"
            r"strict-ssl\s*[= ]\s*false",
            "switches off the check of certificates",
        ),
        Pattern(
            r"(?i)['\"\s]--no-sandbox\b|--disable-web-security\b|"
            r"seccomp(?:-profile)?['\"]?\s*[=:]\s*['\"]?unconfined|apparmor[=:]\s*unconfined|"
            r"\bsetenforce\s+0|SELINUX\s*=\s*(?:disabled|permissive)|"
            r"disable_sandbox\s*[:=]\s*true|sandbox\s*[:=]\s*false\b",
            "switches off a sandbox",
            never=frozenset({Label.DOCS}),
            slight=_TESTED,
        ),
        Pattern(
            r"com\.apple\.security\.app-sandbox|\bseccompProfile\b|\bNoNewPrivileges\s*=|"
            r"\bProtectSystem\s*=|readOnlyRootFilesystem|runAsNonRoot",
            "a sandbox or a hardening is removed",
            line=r"app-sandbox|seccompProfile|"
            r"(?:NoNewPrivileges|ProtectSystem|readOnlyRootFilesystem|"
            r"runAsNonRoot)\W*(?:[^fFnN0\W]|$)",
            on=On.REMOVED,
        ),
        Pattern(
            r"\b(?:app|application|server|flask_app|socketio)\.run\s*\([^\n]*\bdebug\s*=\s*True|"
            r"\brun_simple\s*\([^\n]*use_debugger\s*=\s*True|"
            r"\bFLASK_DEBUG['\"]?\]?\s*[:=]\s*['\"]?(?:1|[tT]rue)|"
            r"\bDebuggedApplication\s*\(|\bconfig\[['\"]DEBUG['\"]\]\s*=\s*True",
            "opens a debugger that runs what anybody sends",
            never=_NEVER,
        ),
        Pattern(
            r"^ALLOWED_HOSTS\s*=\s*\[\s*['\"]\*|\ballowRunningInsecureContent\s*:\s*true|"
            r"^DEBUG\s*=\s*True\b|\b(?:SECURE_SSL_REDIRECT|(?:SESSION|CSRF|REMEMBER)_COOKIE_SECURE|"
            r"SESSION_COOKIE_HTTPONLY|SECURE_CONTENT_TYPE_NOSNIFF|SECURE_BROWSER_XSS_FILTER|"
            r"SECURE_HSTS_INCLUDE_SUBDOMAINS)['\"]?\]?\s*[:=]\s*False\b|"
            r"\bSECURE_HSTS_SECONDS\s*=\s*0\b|\bconsider_all_requests_local\s*=\s*true|"
            r"\bforce_ssl\s*=\s*false|\bAPP_DEBUG\s*=\s*true",
            "switches off a protection of the site, or shows its inside to visitors",
            never=_NEVER | {Label.TEST},
        ),
        Pattern(
            r"\b(?:RequireSignedTokens|ValidateIssuer(?:SigningKey)?|ValidateAudience|"
            r"ValidateLifetime|RequireExpirationTime|RequireHttpsMetadata)\s*=\s*false\b|"
            r"\bXMLParseNoEnt\b|\b(?:AddDirectoryBrowser|UseDirectoryBrowser|serveIndex)\s*\(|"
            r"^[ \t]*autoindex\s+on\b|^[ \t]*Options\s[^\n]*\+?Indexes\b|"
            r"\bpostMessage\s*\([^\n]*,\s*['\"]\*['\"]|(?:^[ \t]*|"
            r"import\s+)_\s+\"net/http/pprof\"|\bset(?:HttpOnly|Secure)\s*\(\s*false|"
            r"\b(?:[hH]ttpOnly|httponly|HTTPOnly)\s*[:=]\s*[fF]alse\b|\.permit!|"
            r"\bwithout_protection['\"]?\s*(?:=>|:)\s*true|"
            r"\bmb_ereg_replace\s*\([^\n]*['\"]\w*e\w*['\"]\s*\)|\bIgnoreEntities\s*=\s*false|"
            r"\bProhibitDtd\s*=\s*false|\bsetExpandEntityReferences\s*\(\s*true|"
            r"\btemplate\.(?:HTML|JS|URL|CSS|HTMLAttr|Srcset)\s*\(\s*(?:fmt\.Sprintf|\w+\s*\+)|"
            r"\bMarkup\s*\(\s*(?:f['\"]|['\"][^'\"\n]*['\"]\s*(?:\.format|%))|"
            r"\btempfile\.mktemp\s*\(",
            "leaves out a protection that the library offers",
            never=_NEVER | {Label.TEST},
        ),
        Pattern(
            r"['\"]autoescape['\"]\s*:\s*False\b|\bautoescape\s*=\s*False\b|"
            r"\bautoescape\s+(?:off|false)\b|\bselect_autoescape\s*\(\s*\[?\s*\]?\s*\)\s*if\b|"
            r"\bautoEscape\s*[:=]\s*false|\bdisable_?escap\w*\s*[:=]\s*true|\bnoEscape\s*:\s*true|"
            r"\bescapeMarkup\s*[:=]\s*false|\bSetEscapeHTML\s*\(\s*false",
            "no longer escapes what it puts into a page",
            never=_NEVER,
        ),
        Pattern(
            r"\b(?:AbstractHttpConfigurer|[A-Z]\w*Configurer|[A-Z]\w*Spec)::disable\b|"
            r"\b(?:csrf|frameOptions|headers|xssProtection|httpStrictTransportSecurity|"
            r"contentTypeOptions)\s*\(\s*\)\s*\.\s*disable\s*\(|\b(?:csrf|frameOptions|headers|"
            r"hsts)\w*\s*->\s*\w+\.disable\s*\(",
            "switches off a protection of the site",
            globs=("*.java", "*.kt", "*.groovy", "*.scala"),
            line=r"(?i)csrf|frameOptions|headers|xss|hsts|StrictTransport|contentType|\w::disable",
        ),
        Pattern(
            r"disallow-doctype-decl[\"']\s*,\s*false|external-(?:general|"
            r"parameter)-entities[\"']\s*,\s*true|\bresolve_entities\s*=\s*True\b|"
            r"\bXMLResolver\s*=\s*new\b|\bXmlUrlResolver\s*\(|\bDtdProcessing\.Parse\b|"
            r"\bLIBXML_(?:NOENT|DTDLOAD)\b|\blibxml_disable_entity_loader\s*\(\s*false|"
            r"\b(?:SUPPORT_DTD|IS_SUPPORTING_EXTERNAL_ENTITIES)[\"']?\s*,\s*(?:true|Boolean\.TRUE)|"
            r"\bXMLParser\s*\([^\n]*(?:resolve_entities|load_dtd|no_network\s*=\s*False)|"
            r"\bnoent['\"]?\s*[:=]\s*true",
            "lets XML name files and addresses that are read in",
            never=_NEVER,
        ),
        Pattern(
            r"disallow-doctype-decl|external-(?:general|parameter)-entities|"
            r"\bFEATURE_SECURE_PROCESSING\b|\bdefusedxml\b|\bapp\.use\s*\(\s*helmet\b|"
            r"\bautoescape\s*=\s*True\b|<iframe\s[^>\n]*\bsandbox=",
            "a protection is removed",
            line=r"(?:disallow-doctype-decl|FEATURE_SECURE_PROCESSING)\W*(?:[^fF\W]|$)|"
            r"external-(?:general|parameter)-entities\W*(?:[^tT\W]|$)|"
            r"defusedxml|helmet|autoescape|<iframe",
            on=On.REMOVED,
            never=_NEVER | {Label.TEST},
        ),
        Pattern(
            r"\busesCleartextTraffic\s*=\s*\"true\"|\bandroid:debuggable\s*=\s*\"true\"|"
            r"\bcleartextTrafficPermitted\s*=\s*\"true\"|\bNSAllowsArbitraryLoads\w*\b|"
            r"\bNSExceptionAllowsInsecureHTTPLoads\b|\bsetAllow(?:Universal|"
            r"File)AccessFromFileURLs\s*\(\s*true|\bsetWebContentsDebuggingEnabled\s*\(\s*true|"
            r"\bcom\.apple\.security\.cs\.(?:disable-library-validation|"
            r"allow-unsigned-executable-memory|allow-dyld-environment-variables)\b",
            "lets an app talk in the clear, be debugged or load what nobody signed",
            never=_NEVER,
        ),
        Pattern(
            r"(?i)\b(?:storage_encrypted|at_rest_encryption_enabled|transit_encryption_enabled|"
            r"encryption_at_rest|enable_key_rotation|kms_encrypted|encrypt_at_rest|"
            r"disk_encryption_enabled|infrastructure_encryption_enabled|enable_https_traffic_only|"
            r"https_traffic_only_enabled|require_ssl|ssl_enforcement_enabled|enable_secure_boot|"
            r"enable_shielded_nodes|imds_?v2_required)[\"']?\s*[:=]\s*(?:false|\"false\"|0)\b|"
            r"\bhttp_tokens\s*=\s*\"optional\"",
            "stores or sends data unencrypted",
            never=_NEVER,
        ),
        Pattern(
            r"weights_only\s*=\s*False|trust_remote_code['\"]?\]?\s*(?::[^=\n]*=|[:=])\s*(?:True|"
            r"true)\b|trust_remote_code\s*=\s*(?:\w+[.(\[]|[a-z_]\w*\s*(?:,|\)|$))|"
            r"TRUST_REMOTE_CODE['\"]?\]?\s*=\s*['\"]?(?:1|true|True)|allow_pickle\s*=\s*True|"
            r"yaml\.(?:unsafe_load|full_load)\s*\(|Loader\s*=\s*yaml\.(?:Unsafe)?Loader\b",
            "loads data in a way that can run code in it",
            noted=_HANDED_ON,
        ),
        Pattern(
            r"['\"]verify_signature['\"]\s*:\s*False|"
            r"algorithms?['\"]?\s*[:=]\s*\[?\s*['\"]none['\"]|@csrf_exempt\b|csrf\.exempt\(|"
            r"WTF_CSRF_ENABLED['\"]?\]?\s*=\s*False|--allow-unauthenticated\b",
            "accepts what nobody signed",
            slight=_TESTED,
        ),
        Pattern(
            rf"(?i)(?:^|[^\w-])-(?:-(?:\w+-)*)?(?:disable|no|skip|without)-{_AUTH}\b|\b(?:disable|skip|bypass|no|"
            rf"ignore)_?{_AUTH}(?:_?checks?)?['\"]?\s*(?::=|[:=])\s*['\"]?(?:true|1|yes|on)\b|"
            rf"\b(?:require_?|enable_?|use_?|enforce_?)?{_AUTH}_?(?:enabled|required|enforced|"
            rf"enable)?['\"]?\s*"
            r"(?::=|[:=])\s*['\"]?(?:false|0|no|off|disabled|(?-i:none|NONE))\b",
            "lets callers in who have not said who they are",
            never=_NEVER,
            noted=_COMMENT,
            slight=_TESTED,
        ),
        Pattern(
            r"\.permitAll\s*\(\)|@PermitAll\b|\[AllowAnonymous\]|\.AllowAnonymous\s*\(|"
            r"\bpermission_classes\s*=\s*[\[(]\s*(?:permissions\.)?AllowAny|"
            r"\bDEFAULT_PERMISSION_CLASSES[^\n]*AllowAny|\bskip_before_action\s+:(?:authenticate|"
            r"authorize|verify|require)\w*|\b(?:authentication|"
            r"permission)_classes\s*=\s*[\[(]\s*[\])]|\ballow_unauthenticated\b|"
            r"\bprotect_from_forgery[^\n]*(?:null_session|except)|\bskip_forgery_protection\b|"
            r"\bset\s+:protection,\s*(?:false|\{?\s*:?except)|\banonymous_?(?:auth|"
            r"access)\w*['\"]?\s*[:=]\s*['\"]?(?:true|on)|--anonymous-auth=true|"
            r"\bauthorization-mode=AlwaysAllow|\bhost\s+all\s+all\s[^\n]*\strust\b|"
            r"\bPermitEmptyPasswords\s+yes|\bPermitRootLogin\s+yes|"
            r"\bStrictHostKeyChecking[\s=]+['\"]?no\b|\bAutoAddPolicy\s*\(|"
            r"\bInsecureIgnoreHostKey\s*\(|\bprotected-mode\s+no\b",
            "lets callers in who have not said who they are",
            never=_NEVER,
            noted=_COMMENT,
            slight=_TESTED,
        ),
        Pattern(
            r"(?i)\bufw\s+disable\b|\biptables\s+(?:-F|--flush)\b|\biptables\s+-P\s+\w+\s+ACCEPT|"
            r"\bsystemctl\s+(?:stop|disable|mask)\s[^\n]*(?:firewalld|ufw|apparmor|auditd|"
            r"fail2ban|clamav|falco|crowdstrike|falcon|osquery|iptables|nftables)|"
            r"\bnetsh\s+advfirewall\s[^\n]*off|Set-MpPreference\s[^\n]*-Disable|"
            r"Add-MpPreference\s[^\n]*-Exclusion|\bDisableAntiSpyware\b|\bcsrutil\s+disable|"
            r"\bspctl\s+--master-disable|\bxattr\s[^\n]*com\.apple\.quarantine|"
            r"\bSet-ExecutionPolicy\s[^\n]*(?:Bypass|Unrestricted)|\baa-(?:disable|complain|"
            r"teardown)\b|\bkernel\.(?:randomize_va_space|yama\.ptrace_scope|"
            r"kptr_restrict)\s*=\s*0|-fno-stack-protector|-z\s*execstack|-D_FORTIFY_SOURCE=0|"
            r"\bno-pie\b|-Wl,-z,norelro|\bcontextIsolation\s*:\s*false|"
            r"\bnodeIntegration\s*:\s*true|\bwebSecurity\s*:\s*false|"
            r"\bignore-scripts\s*[=:]\s*false|\bdangerouslyDisable\w*",
            "switches off a defence of the machine or of the program",
            never=_NEVER,
        ),
    ),
    wakes=frozenset({Label.BUILD}),
    removed_triggers=tuple(regex for regex, *_ in _REMOVED),
    check=check,
)
