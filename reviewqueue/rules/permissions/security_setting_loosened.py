r"""A setting that held others back, loosened.

What it flags
    In configuration and in settings kept as code, compared before and after: a switch of
    authentication, encryption, signing, rate limits, CSRF, cookies or a sandbox that flips; a
    word that becomes a laxer one (`STRICT` to `PERMISSIVE`, `Enforce` to `Audit`, `Fail` to
    `Ignore`, `block` to `count`, `verify-full` to `prefer`); a security header, a password or
    an authentication line removed; an answer that any cache may keep now, a file shown instead
    of saved, a directive gone from a policy on what pages load; a flag gone that kept links,
    other files or foreign entities out (`O_NOFOLLOW`, `O_EXCL`, `resolve_entities=False`); an
    address that was `https` and is `http`. Added: debug
    modes and error pages for everybody, consoles and endpoints without a password, packages
    fetched without encryption.

Why it matters
    A program's code stays the same, and reviewers pass over its settings: one word decides
    whether a request without a certificate, a signature or a session is answered.

How to review it
    Which callers get through now that did not before, and on which network?
    Is it a developer's own machine, or will the same file reach production?

Not flagged
    Settings that become stricter; switches that are not about security; the profiles by which a
    developer starts a program; tests, prose.

Seen in
    Patreon (October 2015): Werkzeug's debugger open to the world. Log-ins and databases left
    without a password are ATT&CK T1190; T1562 (impair defenses). CWE-489 (active debug code),
    CWE-525 (answers kept in a cache), CWE-59 (links followed), CWE-611 (external entities),
    CWE-319 (cleartext transmission), CWE-1188 (insecure default).
"""

from collections.abc import Iterator
from itertools import chain

from reviewqueue.domain.finding import Confidence, Pathway, Severity, Side
from reviewqueue.domain.paths import Label, set_aside
from reviewqueue.scan.effects.directives import FLAGS, TELLING, held_back_less
from reviewqueue.scan.rule import FileView, Hit, Pattern, Rule, Stability, View, expression
from reviewqueue.scan.structure.disappeared import lost
from reviewqueue.scan.structure.openers import Openers
from reviewqueue.scan.structure.pairs import (
    Pair,
    blocks,
    changed_tokens,
    finds,
    paired,
    pairs_losing,
)

_SETTINGS = frozenset({Label.CONFIG, Label.INFRASTRUCTURE, Label.CONTAINER, Label.CI})
_RUN = _SETTINGS | {Label.BUILD, Label.MANIFEST, Label.SCRIPT, Label.SOURCE, Label.HOOK}
_FETCHED = frozenset({Label.MANIFEST, Label.BUILD, Label.CONTAINER, Label.CONFIG, Label.SCRIPT})
_ASIDE = frozenset(
    {Label.GENERATED, Label.VENDORED, Label.LOCK, Label.DATA, Label.MEDIA, Label.TEST}
)
_NOT_RUN = frozenset({Label.TEST, Label.DOCS})
_STARTED_BY = (
    "*.y*ml",
    "*.tf",
    "*.bicep",
    "*.config",
    "*.pubxml",
    "*.cs",
    "*.env*",
    "*.service",
    "*dockerfile*",
    "*appsettings*",
    "*.sh",
    "*.ps1",
    "*.properties",
    "*.toml",
)
"""What sets up a program that others use; the profiles a developer starts it by are JSON."""
_KEY = (
    r"(?:auth(?:n|z|entication|orization|enticated)?|tls|ssl|https|mfa|2fa|totp|csrf|xsrf|secure|"
    r"security|verif(?:y|ication|ied)|encrypt(?:ed|ion)?|protect(?:ed|ion)?|sandbox|"
    r"rate_?-?limit(?:ing|er)?|throttl(?:e|ing)|firewall|waf|sign(?:ed|ing|ature)s?|hsts|http_?only|"
    r"password|lockout|captcha|login|validat(?:e|ion)|webhooks?_?secret|require[ds]?|enforce\w*|"
    r"hardened_?\w*|(?:virus|malware)_?(?:scan\w*|check\w*)|antivirus|quarantine|private|restrict(?:ed|ions?)?|isolat(?:ed?|ion)|acls?|rbac|guard(?:ed)?|intercept)"
)
_LAX_KEY = (
    r"(?:insecure|anonymous|unauthenticated|unsafe|unsigned|skip|disabled?|bypass|allow|permit|"
    r"trust|pw_?auth|permit_?root|debug|public|guest|plaintext|cleartext|self_?-?signed|ignore|exported|"
    r"shared_?key|embedding|password_?auth\w*|root_?login|"
    r"empty_?password\w*|agent_?forward\w*|challenge_?response\w*)"
)
_SEP = r"[\w.-]*['\"]?\]?\s*(?::=|=>|[:=]|\s)\s*['\"]?"
_ON = rf"(?i)(?:{_KEY}|\benabled?){_SEP}(?:true|on|yes|enabled?|1)\b"
_NAMED = rf"(?i)\b[\w.]*{_KEY}[\w.]*['\"]?\]?\s*(?::=|=>|[:=])"
"""A setting in code whose own name is of security."""
_SECTION_OFF = r"^[ \t]*['\"]?[eE]nabled?['\"]?\s*(?:=>|[:=])\s*['\"]?(?:false|no|off)\b"
"""A switch whose section says of what: of letting guests in, for one."""
_SECTION = r"^[ \t]*['\"]?[eE]nabled?['\"]?\s*(?:=>|[:=])"
_LAX_SECTION = r"(?i)\b[\w.-]*(?:anonymous|guest|insecure|unauthenticated|public_?access|debug)\b"
_NOT_LAX = rf"(?i){_LAX_KEY}{_SEP}(?:false|off|no|disabled?|0)\b"
_STRICT = (
    r"(?i)[:=]\s*['\"]?(?:strict|enforc(?:e|ed|ing)|deny|denied|reject|block|require[ds]?|fail|"
    r"verify-(?:full|ca|peer)|verify_peer|remoteonly|restricted|private|internal|authenticated|"
    r"always|ask|prompt|manual|supervised|encrypt|sasl_ssl|ssl|scram-sha-256|node,rbac|rbac|requestresponse|metadata)"
    r"\b['\"]?[,;)]?[ \t]*(?:$|#|//)"
)
_FEW = 8
"""Words up to which all that went, and all that came, are compared."""
_ACTION = (
    r"\bverify\s+(?:required|full|peer)\b|\b(?:block|deny)\s*\{|=\"(?:RemoteOnly|On)\"|"
    r"\benforcing\b|\(deny\s|^[ \t]*satisfy\s+all\b|^hostssl\s|"
    r"^[ \t]*http_access\s+deny\b|"
    r">(?:CONFIDENTIAL|INTEGRAL)<|\bAUTH_ADMIN(?:_KEEP)?\b|\bguest\s+ok\s*=\s*no\b|,root_squash\b"
)
_SWITCHES = {
    word: is_on
    for is_on, words in (
        (True, "true on yes enabled enable 1"),
        (False, "false off no disabled disable none 0"),
    )
    for word in words.split()
}
_OFF_WORDS = frozenset({"off", "none", "disable", "disabled", "false", "no", "never", "null"})
_LOOSER = {
    strict: _OFF_WORDS | set(lax.split())
    for stricts, lax in (
        ("strict", "permissive lax loose optional prefer warn"),
        ("enforce enforced enforcing", "audit warn dryrun dry permissive evaluate log monitor"),
        (
            "deny denied reject block",
            "allow accept count log monitor detect warn audit pass permit",
        ),
        (
            "require required requires always",
            "optional prefer preferred allow available auto automatic",
        ),
        ("fail", "ignore warn"),
        ("verify-full verify-ca verify", "prefer require allow"),
        ("remoteonly", ""),
        ("private internal restricted", "public external privileged baseline facing all"),
        ("authenticated", "anonymous public everyone"),
        ("node rbac", "alwaysallow"),
        ("scram md5", "trust"),
        ("encrypt sasl_ssl ssl tls", "may plaintext sasl_plaintext"),
        ("ask prompt confirm manual supervised", "auto automatic allow always autonomous"),
        ("requestresponse request metadata", ""),
        ("all", "any"),
        ("hostssl", "host"),
        ("confidential integral", ""),
        ("auth_admin auth_admin_keep", "auth_self auth_self_keep yes"),
        ("root_squash", "no_root_squash"),
    )
    for strict in stricts.split()
}
_SUBJECT = (
    r"(?i)auth|tls|ssl|https|mfa|2fa|csrf|xsrf|secur|verif|encrypt|protect|sandbox|rate_?-?limit|"
    r"throttl|firewall|\bwaf\b|sign(?:ed|ing|ature)|hsts|http_?only|password|lockout|captcha|login|"
    r"polic|webhook|admission|cert|cookie|session|guard|filter|\bacl\b|access|network|mtls|"
    r"admin|trust|ingress|token|secret|privilege|integrity|same_?site|satisfy|anonym|guest|unauth|"
    r"privat|restrict|harden|http_access|selinux|apparmor|fail2ban|seccomp|iptables|\bufw\b|permit|expos|isolat|rbac|vault|consul|export|host|guarantee|action|squash|shared_?key|"
    r"embedding|approv|confirm|consent|virus|malware|quarantine"
)
_FEATURE = r"(?i)\bfeatures?\b|experiment|\bui\b|theme|analytics|telemetry"
_HELD = (
    r"(?i)\badd_header\s+['\"]?(?:x-frame-options|content-security-policy|"
    r"strict-transport-security|x-content-type-options|permissions-policy)|\bauth_(?:basic|request)\s|"
    r"\blimit_(?:req|conn)\s|\bmodsecurity\s+on|\bssl_verify_client\s+on|\brequirepass\s|"
    r"\bpassword_file\s|\brequire\s+valid-user|\bnginx\.ingress\.kubernetes\.io/(?:auth-|whitelist|"
    r"limit-|enable-modsecurity)|\btraefik\.[^\n]*(?:basicauth|forwardauth|ratelimit)|"
    r"\b(?:x-frame-options|content-security-policy|strict-transport-security|"
    r"x-content-type-options|permissions-policy|cross-origin-(?:resource|opener|embedder)-policy|referrer-policy)"
    r"['\"]?\s*[:,=]|\brequire_?(?:mfa|2fa|auth\w*|login|signature)\b|"
    r"\bwebsecurity\b|\bUSE_TLS\s*=|\bSESSION_COOKIE_SECURE\b|\bCSRF_COOKIE_SECURE\b|"
    r"\bresource\s+\"aws_s3_bucket_server_side_encryption_configuration\"|"
    r"\bresource\s+\"aws_(?:waf\w*|shield)_[\w]*\"|"
    r"^[ \t]*(?:deny\s+all\s*;|disallow\s+bind_anon|AllowUsers\s|AllowGroups\s|"
    r"Require\s+(?:ip|host|"
    r"user|group|ldap)\w*[- \t])|\bauthorizer(?:\.class\.name|['\"]?\s*[:=])|"
    r"^[ \t]*-[ \t]*\w*(?:auth|oauth|api_?key)\w*\s*:\s*\[|^[ \t]*(?:auth users|secrets file)\s*=|"
    r"\b(?:force_?ssl|force_?https|ssl_redirect|require_?https)['\"]?\s*[:=]|"
    r"^[ \t]*-?[ \t]*(?:[a-z]+\.[a-z]+\.)?(?:ufw|firewalld|selinux|apparmor|fail2ban)['\"]?\s*:|"
    r"\bmiddlewares['\"]?\s*[:=][^\n]*(?:auth|sso|oidc|white-?list|allow-?list|rate-?limit)|"
    r"\bSECURE_(?:SSL_REDIRECT|HSTS_SECONDS)\b|['\"]django\.middleware\.(?:csrf|security)\b"
)
_PLAIN = (
    r"(?i)(?:url|uri|registry|index|sources?|mirror|repo\w*|endpoint|host|issuer|server|proxy|"
    r"upstream|address|base|location|maven|feed)['\"]?\s*(?:[:={>(]\s*|\s)['\"]?"
    r"http://[\w-]+\.[\w.-]*[a-z][a-z]|\"http://[^\"\s]+\.(?:tgz|tar\.gz|zip|git|whl|jar)\b"
)
_HOST = r"http://([\w.-]+)"
_ENCRYPTED = r"https://([\w.-]+)"
_PACKAGES = (
    r"(?i)registry|index|mirror|maven|repo\w*\b[^\n]*http|\.(?:tgz|tar\.gz|tar\.xz|zip|git|whl|jar)\b|"
    r"<url>|\bfeed\b|packagesource"
)
_NO_SOURCE = (
    r"(?i)homepage|bugs?\b|author|license|xmlns|schema|\bscm\b|organi[sz]ation|developer|"
    r"repository['\"]\s*:\s*['\"]|localhost|\.(?:local|internal|svc|test|example)\b"
)


def check(view: View) -> Iterator[Hit]:
    """Compare settings before and after: only what lets more through is told."""
    triggers = (_ON, _NOT_LAX, _STRICT, _ACTION, _SECTION_OFF)
    for file in view.where(*triggers, side=Side.OLD):
        if _counts(file):
            yield from _changed(file, triggers)
    for file, line in lost(view, _HELD, _counts):
        message = "a header, a password or a question that kept others out is gone"
        yield Hit.at(file, line, message, side=Side.OLD)
    yield from held_back_less(view, _counts)
    for file in view.where(_PLAIN, side=Side.NEW):
        if not set_aside(file.labels):
            yield from _unencrypted(file)


def _counts(file: FileView) -> bool:
    if set_aside(file.labels) or not file.labels.isdisjoint(_ASIDE):
        return False
    return not file.labels.isdisjoint(_SETTINGS | {Label.SOURCE}) and file.status != "D"


def _changed(file: FileView, triggers: tuple[str, ...]) -> Iterator[Hit]:
    openers = Openers(file)
    is_data = not file.labels.isdisjoint(_SETTINGS)
    told: set[int] = set()
    for pair in chain(pairs_losing(file, *triggers), _sections(file) if is_data else ()):
        if pair.new_line in told:
            continue
        for old, new in _swapped(pair):
            was, now = old.decode("latin-1").lower(), new.decode("latin-1").lower()
            subject = _name(pair.new) if was in _SWITCHES or not is_data else pair.new
            if _is_looser(pair, was, now, openers) and _is_about_security(
                file, pair, openers, subject
            ):
                message = f"a setting that held others back is loosened: {was} → {now}"
                told.add(pair.new_line)
                yield Hit.on(file, pair.new_line, pair.new, message)
                break


def _sections(file: FileView) -> Iterator[Pair]:
    """Yield the switches of sections: the same words elsewhere in the file switch another one."""
    for block in blocks(file, _SECTION):
        yield from paired(block, finds(_SECTION))


def _swapped(pair: Pair) -> Iterator[tuple[bytes, bytes]]:
    """Yield what took whose place, and, of a few words that went, all that came instead."""
    changed = changed_tokens(pair)
    yield from changed.swapped
    if len(changed.gone) <= _FEW and len(changed.came) <= _FEW:
        for old in changed.gone:
            yield from ((old, new) for new in changed.came)


def _is_looser(pair: Pair, was: str, now: str, openers: Openers) -> bool:
    if was in _SWITCHES and now in _SWITCHES and _SWITCHES[was] != _SWITCHES[now]:
        named = _name(pair.new)
        is_lax = expression(rf"(?i){_LAX_KEY}").search(named) is not None
        if expression(_SECTION).search(named):
            is_lax = expression(_LAX_SECTION).search(openers.above(pair.new_line)) is not None
        return _SWITCHES[was] != is_lax
    return now in _LOOSER.get(was, ())


def _name(line: bytes) -> bytes:
    """Return what stands before a line's value: its name; of markup, all its attributes."""
    if line.lstrip().startswith(b"<"):
        return line
    found = expression(r"^[^:=]*?[\w.'\"/-]+(?:\s*(?::=|[:=])|\s)").search(line)
    return bytes(found[0]) if found else line


def _is_about_security(file: FileView, pair: Pair, openers: Openers, subject: bytes) -> bool:
    """Return whether a setting's name, what it stands under, or its file is about security.

    In code only its own name counts.
    """
    about, feature = expression(_SUBJECT), expression(_FEATURE)
    if file.labels.isdisjoint(_SETTINGS):
        is_named = expression(_NAMED).search(pair.new) is not None
        return is_named and about.search(subject) is not None
    above = openers.above(pair.new_line)
    if feature.search(above) or feature.search(subject):
        return False
    return any(about.search(text) for text in (subject, above, file.path.encode()))


def _unencrypted(file: FileView) -> Iterator[Hit]:
    """Tell addresses that were encrypted, and packages that come without encryption."""
    hosts, no_source = expression(_HOST), expression(_NO_SOURCE)
    packages = expression(_PACKAGES)
    encrypted = set(expression(_ENCRYPTED).findall(file.removed))
    for line in file.new(_PLAIN):
        host = hosts.search(line.whole)
        if not host or no_source.search(line.whole):
            continue
        if host[1] in encrypted:
            yield Hit.at(file, line, "what was encrypted on its way no longer is")
        elif packages.search(line.whole) and not file.labels.isdisjoint(_FETCHED):
            yield Hit.at(file, line, "what is installed is fetched without encryption")


RULE = Rule(
    id="security-setting-loosened",
    pathway=Pathway.PERMISSIONS,
    severity=Severity.MEDIUM,
    confidence=Confidence.MEDIUM,
    stability=Stability.STABLE,
    summary="loosens a setting that held others back",
    patterns=(
        Pattern(
            r"\bapp\.run\([^\n]*debug\s*=\s*True|\bFLASK_DEBUG['\"]?\s*[:=]\s*['\"]?(?:1|[Tt]rue)|"
            r"\bFLASK_ENV['\"]?\s*[:=]\s*['\"]?development|\bAPP_DEBUG['\"]?\s*[:=]\s*['\"]?true|"
            r"\bDJANGO_DEBUG['\"]?\s*[:=]\s*['\"]?(?:1|[Tt]rue)|\bflask\s+[^\n]*--debug\b|"
            r"\bdisplay_errors\s*=\s*(?:[Oo]n|1)\b|\bcustomErrors\s+mode=\"Off\"|"
            r"<compilation\s[^>\n]*debug=\"true\"|\bAPP_ENV['\"]?\s*[:=]\s*['\"]?dev\b|"
            r"\buse_debugger\s*=\s*True|\bEnableDebugging\b|\bconsider_all_requests_local\s*=\s*true|"
            r"\bweb_console\.permissions\b",
            "errors, or a console, are shown to whoever asks",
            only=_RUN,
            never=_NOT_RUN,
        ),
        Pattern(
            r"\bASPNETCORE_ENVIRONMENT['\"]?\s*[:=]\s*['\"]?Development\b",
            "errors, or a console, are shown to whoever asks",
            globs=_STARTED_BY,
            never=_NOT_RUN,
        ),
        Pattern(
            r"^DEBUG\s*=\s*True\b|^[ \t]*DEBUG['\"]?\s*[:=]\s*['\"]?(?:[Tt]rue|1)['\"]?[ \t]*$",
            "errors, or a console, are shown to whoever asks",
            globs=("*settings*", "*prod*", "*.env", "*config*.py", "*deploy*", "*compose*"),
            never=_NOT_RUN,
        ),
        Pattern(
            r"(?:NotebookApp|ServerApp|IdentityProvider)\.(?:token|password)\s*=\s*(?:''|\"\"|\s|$)|"
            r"\bdisable_check_xsrf\s*=\s*True|\ballowInsecureProtocol\s*=?\s*\(?\s*true|"
            r"\bisAllowInsecureProtocol\s*=\s*true|['\"]secure-http['\"]\s*:\s*false|"
            r"['\"]disable-tls['\"]\s*:\s*true|\ballow_?[iI]nsecure['\"]?\s*[:=]\s*['\"]?true|"
            r"\binsecure_?-?(?:skip_?-?(?:tls_?-?)?verify|registries)['\"]?\s*[:=]\s*['\"]?(?:true|\[)|"
            r"--insecure-registry\b|\btls_?-?verify['\"]?\s*[:=]\s*['\"]?false|"
            r"\busesCleartextTraffic=\"true\"|\bNSAllowsArbitraryLoads\b|"
            r"\bcleartextTrafficPermitted=\"true\"|\ballowedHosts['\"]?\s*:\s*(?:true|['\"]all)|"
            r"\bALLOWED_HOSTS\s*=\s*\[\s*['\"]\*|\bdangerouslyAllowBrowser\s*:\s*true|"
            r"\bdisableHostCheck\s*:\s*true|\bsslmode=(?:disable|allow)\b|\bnopass\b",
            "a check of who asks, or of what arrives, is switched off",
            only=_RUN,
            never=_NOT_RUN,
        ),
        Pattern(
            r"\b(?:storage_encrypted|encrypted|enable_key_rotation|encrypt_at_rest|"
            r"at_rest_encryption_enabled|transit_encryption_enabled|encryption_at_rest|"
            r"enable_log_file_validation|scan_on_push|drop_invalid_header_fields|https_only|"
            r"enable_https_traffic_only|require_ssl|ssl_enforcement_enabled|"
            r"infrastructure_encryption_enabled|enable_rbac_authorization|role_based_access_control_enabled|"
            r"enable_shielded_nodes|enable_secure_boot|enable_integrity_monitoring|"
            r"iam_database_authentication_enabled|client_cert_enabled|private_cluster_enabled|"
            r"supports_?[hH]ttps_?[tT]raffic_?[oO]nly|httpsOnly|StorageEncrypted|EnableKeyRotation|"
            r"encryptionEnabled|storageEncrypted|enableKeyRotation|enforceSSL|validate_certs)['\"]?\s*[:=]\s*"
            r"['\"]?(?:[fF]alse|no)\b|\bhttp_tokens\s*=\s*\"optional\"|\bHttpTokens['\"]?\s*:\s*['\"]?optional|"
            r"\bviewer_protocol_policy\s*=\s*\"allow-all\"|\bViewerProtocolPolicy['\"]?\s*:\s*['\"]?allow-all|"
            r"\bimage_tag_mutability\s*=\s*\"MUTABLE\"|\benable_legacy_abac\s*=\s*true|"
            r"\bmin(?:imum)?_?(?:tls|protocol)_?[vV]ersion['\"]?\s*[:=]\s*['\"](?:TLS_?v?1_?\.?[01]\b|1\.[01]|SSLv3|TLSv1['\"])|"
            r"\bminimumTlsVersion['\"]?\s*:\s*['\"]TLS1_[01]|\bftps_state\s*=\s*\"AllAllowed\"|"
            r"\bdefault_?[aA]ction['\"]?\s*[:=]\s*['\"]Allow['\"]|\bdisable_gpg_check\s*[:=]\s*(?:true|yes)|"
            r"\block_?mode['\"]?\s*[:=]\s*['\"]none|\bELBSecurityPolicy-(?:2015|TLS-1-0)",
            "a protection that a cloud, or a machine's set-up, offers is switched off",
            only=frozenset({Label.INFRASTRUCTURE, Label.CONFIG, Label.SOURCE}),
            never=frozenset({Label.DOCS}),
        ),
        Pattern(
            r"\bmanagement\.endpoints\.web\.exposure\.include\s*=\s*['\"]?\*|"
            r"\binclude\s*:\s*['\"]\*['\"]|\bmanagement\.security\.enabled\s*=\s*false",
            "what a service tells about itself, or lets others steer, is opened",
            globs=("*application*.y*ml", "*application*.properties", "*bootstrap*.y*ml"),
        ),
        Pattern(
            r"\bmode\s*:\s*['\"]?(?:DISABLE|PERMISSIVE)\b|\bfailurePolicy\s*:\s*['\"]?Ignore\b|"
            r"\b(?:validationFailureAction|enforcementAction)\s*:\s*['\"]?(?:[Aa]udit|warn|dryrun)\b|"
            r"\banonymous-auth['\"]?\s*[:=]\s*['\"]?true|"
            r"\bauthorization-mode['\"]?\s*[:=]\s*['\"]?AlwaysAllow",
            "what the cluster would have refused now passes",
            only=frozenset({Label.CONFIG, Label.INFRASTRUCTURE}),
            never=_NOT_RUN,
        ),
    ),
    added_triggers=(_PLAIN,),
    removed_triggers=(_ON, _NOT_LAX, _STRICT, _ACTION, _HELD, _SECTION_OFF, TELLING, FLAGS),
    check=check,
    version=7,
)
