r"""What protects infrastructure or a service, switched off, made optional or dropped.

What it flags
    In Terraform and other declared infrastructure, and in settings and scripts that set a
    service up: a switch whose name says that a protection is left out and that is on
    (`skip_access_logging = true`, `disable_ssl_verification`), or that one is asked for and that
    is off (`require_tls = false`, also as a variable's default); in any settings, and where a
    program passes one on, a protection that newly comes switched off under its own name or as
    a section (`basic_auth: false`, `security:` with `enabled: false`), or a way around it that
    is on (`allow_anonymous true`), a setting by whose own words more is allowed and that is newly
    on (`allow_all: true`, `allowUnverifiedUsers(true)`); a resource that protects (logging,
    encryption, backup, firewall for web requests, policy, lock) that is no longer declared, or
    only under a new condition (`count`, `for_each`); rules of such a firewall that only count,
    or that are no longer kept as declared (`ignore_changes`); exceptions from the
    protection against forged requests. In programs: a variable of the environment that leaves
    a protection out, and an option that protects and is no longer on by default.

Why it matters
    What others build on this module or chart gets the protection as its default, and loses it
    the same way: nobody of them reads this change.

How to review it
    Which environments end up without the protection, and who decided that for them?
    An option for one place should be set there, and stay on everywhere else.

Not flagged
    Protections that are new, or newly on; tests, examples and prose; options of a chart that
    are off at first; switches that flip, which security-setting-loosened compares.

Seen in
    ATT&CK T1562.001 (disable or modify tools), T1562.007 (cloud firewall), T1562.008 (cloud
    logs); CWE-1188 (insecure default). Capital One, 2019: a web application firewall with
    wide rights, set up too openly.
"""

from collections.abc import Iterator

from reviewqueue.domain.finding import Confidence, Pathway, Severity, Side
from reviewqueue.domain.paths import Label, set_aside
from reviewqueue.scan.effects.defaults import ON_BY_DEFAULT, no_longer_on
from reviewqueue.scan.rule import FileView, Hit, Pattern, Rule, Stability, View, expression
from reviewqueue.scan.structure.disappeared import disappeared
from reviewqueue.scan.structure.openers import Openers
from reviewqueue.scan.structure.outline import outline

_INFRA = frozenset({Label.INFRASTRUCTURE})
_SETTINGS = frozenset({Label.INFRASTRUCTURE, Label.CONFIG, Label.CONTAINER, Label.CI})
_ASIDE = frozenset(
    {Label.TEST, Label.DOCS, Label.GENERATED, Label.VENDORED, Label.LOCK, Label.DATA}
)
_NOUN = (
    r"(?:encrypt\w*|tls|https|ssl|mtls|verif\w*|auth\w*|audit\w*|access_?log\w*|flow_?log\w*|"
    r"cloud_?trail|protect\w*|enforce\w*|polic(?:y|ies)|signatures?|signing|csrf|waf|firewall|"
    r"integrity|secure_?transport|hsts|mfa|2fa|backups?|versioning|kms|cert\w*|acl|rate_?limit\w*|"
    r"host_?key\w*|guardrails?|admission\w*|sandbox\w*|private_?(?:link|endpoint|network)\w*|"
    r"network_?polic\w*|pod_?security\w*|rbac|shield|scan(?:ning)?)"
)
_LEFT_OUT = (
    r"(?:disabled?|skip|bypass|ignore|exclude|no|without|omit|suppress|turn_?off|allow_?no|"
    r"allow_?un\w*|allow_?insecure)"
)
_ASKED_FOR = (
    r"(?:enabled?|require[ds]?|enforced?|include|use|allow_?only|only_?allow|force|with|create|"
    r"attach|is|has)"
)
_SKIPPED = rf"(?i)\b{_LEFT_OUT}[_-](?:\w*[_-])?{_NOUN}\w*['\"]?\s*[:=]\s*['\"]?(?:true|yes|1|on)\b"
_NOT_ASKED = (
    rf"(?i)\b(?:{_ASKED_FOR}[_-](?:\w*[_-])?{_NOUN}\w*|(?:\w+[_-])?{_NOUN}[_-](?:enabled|required|"
    r"enforced))['\"]?\s*[:=]\s*['\"]?(?:false|no|0|off)\b"
)
_GUARD = (
    r"(?:basic_?-?auth|auth(?:n|z|entication|orization)?|login|sign_?in|mfa|2fa|totp|m?tls|ssl|"
    r"https|"
    r"csrf|xsrf|protected|protection|acls?|verif(?:y|ication)|verify_?(?:ssl|tls|peer|"
    r"host(?:name)?|"
    r"certs?)|(?:ssl|tls)_?verif(?:y|ication)(?:_?(?:peer|host))?|check_?hostname|secure|"
    r"http_?only|"
    r"firewall|waf|hsts|rbac|encrypt(?:ed|ion)|signature|signed|sandbox|captcha|"
    r"rate_?limit(?:ing)?|host_?key_?checking)(?:[_-]?(?:enabled?|required|checks?|checking|mode|"
    r"validation|verification|protection))?"
)
_GUARD_OFF = (
    rf"(?i)(?:^|[\s\"'{{,:.])(?:[\w.-]*[_.-])?{_GUARD}['\"]?\s*(?:=>|[:=])\s*['\"]?"
    r"(?:false|off|no|disabled?|none)\b"
)
"""A protection under its own name, off."""
_LET_IN = (
    r"(?i)\b(?:\w+[_.-])?(?:anonymous(?:_?-?(?:access|auth|login|users?))?|insecure|"
    r"unauthenticated|"
    r"guest_?(?:access|login)|no_?auth|tls_?disabled?|disable_?(?:auth(?:[nz]|_\w+|\w*tion\w*)?|tls|ssl|csrf|mfa|"
    r"verif\w*|"
    r"acls?|firewall|signature\w*)|skip_?(?:auth\w*|verif\w*|tls\w*|ssl\w*|csrf|signature\w*|"
    r"login)|"
    r"(?:disable|skip|bypass|ignore)_(?:[a-z0-9]+_){1,3}(?:verif\w*|validation|auth(?:n|z|\w+tion)?|"
    r"(?:signature|cert\w*|tls|ssl|host_?key|permission)(?:_?check\w*)?)|"
    r"(?:disable|skip|bypass|ignore)(?-i:[A-Z])\w*(?-i:Verif\w*|Validation|Auth(?:\w+tion)?|"
    r"(?:Cert\w*|Tls|TLS|Ssl|SSL|Signature|HostKey|Permission)(?:Check\w*)?)|"
    r"trust_?(?:all|any)\w*|bypass_?\w*auth\w*|(?:auth|tls|ssl|csrf)_?disabled)['\"]?"
    r"\s*(?:=>|[:=]|[ ])\s*['\"]?(?:true|on|yes|1|enabled)\b"
)
_LETS = (
    r"(?i)\b(?:[\w-]+[_.-])?(?:allow(?:s|ed)?|permit)[_-]?(?:all|any(?:one|body)?|anonymous|"
    r"guests?|every(?:one|body)|"
    r"public|insecure|un(?:authenticated|authorized|verified|trusted|signed|safe|restricted|"
    r"confirmed|encrypted)|self[_-]?signed|external|root|empty[_-]?passw\w*|sign[_-]?ups?|"
    r"registrations?|no[_-]?auth|privileged|impersonat\w*|code[_-]?exec\w*|shell|arbitrary|"
    r"danger\w*|plain\w*|weak|legacy[_-]?auth\w*|bypass|override[_-]?auth\w*)\w*(?:[_-]\w+)*['\"]?"
    r"\s*(?:=>|:=|[:=(])\s*['\"]?(?:true|yes|on|1|enabled)\b"
)
"""That more is allowed, by a setting's own words, on."""
_ONLY_SET = (
    r"^[ \t]*(?:[\w.]+\.|\.|['\"]|(?:export|const|let|var|self|static|final)\b[\w. ]*)?"
    r"[\w-]+['\"]?\s*(?:=>|:=|[:=(])\s*\w+['\"]?\)?[,;]?\s*(?:(?:#|//)[^\n]*)?$"
)
_SENSE_TURNED = (
    r"(?i)(?:^|[\W_])(?:no|not|non|skip|disabled?|is|has|was|without|ignore|exclude|deletion|can|"
    r"self\._?)[_-]?[\w.-]*['\"]?\s*(?:=>|[:=])"
)
"""Names that a `false` makes stricter, that only say how something is, or others' subject."""
_IN_A_CALL = (
    r"(?i)(?:\w[_-](?:auth\w*|login|protected)|csrf|xsrf|verify|verification|ssl|tls|https|secure|"
    r"hostname|http_?only|hsts|mfa|2fa|rbac|required|firewall|checking)['\"]?\s*(?::|=>|=)\s*"
    r"(?:false|False|nil|:none|none|None)\s*[,)}]|\b(?:config|settings|options|opts|server|"
    r"client|app)\."
    r"[\w.]*\s*=\s*(?:false|False)\b"
)
"""How a program passes a setting on."""
_DEFAULT = r"^[ \t]*default\s*[:=]\s*['\"]?(?:true|false)\b"
_LEAVES_OUT = rf"(?i)^{_LEFT_OUT}[_-](?:\w*[_-])?{_NOUN}"
_ASKS_FOR = (
    rf"(?i)^(?:{_ASKED_FOR}[_-](?:\w*[_-])?{_NOUN}|"
    rf"(?:\w+[_-])?{_NOUN}[_-](?:enabled|required|enforced))"
)
_PROTECTS = (
    r"(?:waf\w*|shield\w*|guardduty\w*|cloudtrail\w*|\w*flow_log\w*|\w*logging\w*|\w*encryption\w*|"
    r"\w*public_access_block\w*|\w*ownership_controls\w*|\w*versioning\w*|backup\w*|"
    r"\w*bucket_policy|"
    r"\w*_lock\w*|securityhub\w*|inspector\w*|macie\w*|accessanalyzer\w*|config_(?:config|rule|"
    r"delivery)\w*|network_acl\w*|\w*diagnostic_setting\w*|security_center\w*|"
    r"\w*organizations?_policy\w*|"
    r"\w*security_policy\w*|\w*network_policy\w*|\w*object_lock\w*|\w*branch_protection\w*|"
    r"\w*ruleset\w*|"
    r"\w*scanning\w*|\w*password_policy\w*|\w*policy_assignment\w*|\w*audit\w*)"
)
_RESOURCE = (
    rf"^[ \t]*resource\s+\"(?:aws|google|azurerm|github|gitlab|cloudflare|kubernetes|oci|alicloud|"
    rf"datadog|okta)_{_PROTECTS}\""
)
_DECLARED = r"^[ \t]*resource\s+\""
_OPTION = r"^[ \t]*(?:count|for_each)\s*="
_SECTION_OFF = r"^[ \t]+['\"]?[eE]nabled?['\"]?\s*(?:=>|[:=])\s*(?:false|no|off)\b"
_SECTIONS = (
    r"(?i)(?:^|[\w.-]*[_.-])?(?:security|basic_?auth|auth(?:n|z|entication|orization)?|m?tls|"
    r"csrf|rbac|"
    r"acls?|firewall|waf|mfa|encryption|network_?polic(?:y|ies)|pod_?security\w*|rate_?limit\w*)$"
)
_DEFAULTS = (
    r"(?i)(?:^|/)(?:values[\w.-]*\.ya?ml|charts/|[\w.-]*(?:default|example|sample|template)[\w.-]*)"
)
"""Where an option that is new is off for everybody at first."""
_IGNORED = (
    r"\bignore_changes\s*=\s*(?:all\b|\[[^\]\n]*\b(?:rules?|policy|ingress|egress|statement|"
    r"default_action|acl|permissions|bindings|server_side_encryption_configuration|logging)\b)"
)
_COMMENT = r"^[ \t]*(?:#|//|\*|;|--)"
_PATH_LIST = r"^[ \t]*['\"][\w./*{}:-]+['\"],?[ \t]*$"
_FORGED = r"(?i)csrf|xsrf"


def check(view: View) -> Iterator[Hit]:
    """Mark what newly has no protection by default, or none at all."""
    for file in view.labelled(Label.INFRASTRUCTURE):
        if _counts(file) and file.added:
            yield from _switched(file)
            yield from _options(file)
            yield from _defaults(file)
    yield from _named(view)
    if view.where(_DECLARED, side=Side.OLD):
        yield from _undeclared(view)
    for file in view.where(ON_BY_DEFAULT, side=Side.OLD):
        for pair in no_longer_on(file) if _counts(file) else ():
            told = "a protection that was on where nothing was said is off now"
            yield Hit.on(file, pair.new_line, pair.new, told)
    for file in view.where(_PATH_LIST, side=Side.NEW):
        if _is_program(file) and expression(_FORGED).search(file.path.encode()):
            yield from _exempted(file)


def _undeclared(view: View) -> Iterator[Hit]:
    """Tell protections that no file declares any more."""
    for found in disappeared(view.where(_DECLARED), _DECLARED):
        for line in found.lost if _is_declaration(found.file) else ():
            if expression(_RESOURCE).search(line.whole):
                message = "what protected the infrastructure is no longer declared"
                yield Hit.at(found.file, line, message, side=Side.OLD)


def _named(view: View) -> Iterator[Hit]:
    """Tell protections that are off by their own name, or by that of their section."""
    for file in view.where(_GUARD_OFF, _LET_IN, side=Side.NEW):
        if _counts(file):
            yield from _weak(file)
    for file in view.where(_LETS, side=Side.NEW):
        if _counts(file):
            yield from _let_more(file)
    for file in view.where(_SECTION_OFF, side=Side.NEW):
        is_data = not file.labels.isdisjoint(_SETTINGS)
        if _counts(file) and is_data and not expression(_DEFAULTS).search(file.path.encode()):
            yield from _section_off(file)


def _counts(file: FileView) -> bool:
    return file.status in {"M", "A", "R"} and file.labels.isdisjoint(_ASIDE)


def _is_declaration(file: FileView) -> bool:
    return _counts(file) and Label.INFRASTRUCTURE in file.labels


def _is_program(file: FileView) -> bool:
    return file.status == "M" and not set_aside(file.labels) and Label.DOCS not in file.labels


def _switched(file: FileView) -> Iterator[Hit]:
    """Tell switches that leave a protection out, or do not ask for it."""
    lax = expression(rf"{_SKIPPED}|{_NOT_ASKED}")
    if not lax.search(file.added):
        return
    before = {b"".join(text.split()) for _, text in file.removed_lines()}
    for number, text in file.added_lines():
        if lax.search(text) and b"".join(text.split()) not in before:
            message = "a protection is left out by its own switch"
            yield Hit.on(file, number, text, message)


def _weak(file: FileView) -> Iterator[Hit]:
    """Tell protections that come switched off by their own names, and ways around them."""
    is_data = not file.labels.isdisjoint(_SETTINGS)
    turned, in_a_call = expression(_SENSE_TURNED), expression(_IN_A_CALL)
    before = _weak_before(file)
    for regex, message in (
        (_GUARD_OFF, "a protection is switched off under its own name"),
        (_LET_IN, "a way around a protection is switched on"),
    ):
        for line in file.new(regex):
            text = line.whole
            if _key(text) in before or expression(_COMMENT).search(text):
                continue
            is_off = regex is _LET_IN or not turned.search(text)
            if is_off and (is_data or in_a_call.search(text)):
                yield Hit.at(file, line, message, discountable=True)


def _let_more(file: FileView) -> Iterator[Hit]:
    """Tell settings that newly say that more is allowed."""
    lets, set_alone = expression(_LETS), expression(_ONLY_SET)
    before = {_key(text) for _, text in file.removed_lines() if lets.search(text)}
    is_data = not file.labels.isdisjoint(_SETTINGS)
    for line in file.new(_LETS):
        text = line.whole
        if _key(text) in before or expression(_COMMENT).search(text):
            continue
        if is_data or set_alone.search(text):
            yield Hit.at(file, line, "more is allowed by a setting's own words", discountable=True)


def _section_off(file: FileView) -> Iterator[Hit]:
    """Tell sections named for a protection that come with it switched off."""
    lines = {line.number for line in file.new(_SECTION_OFF)}
    section = expression(_SECTIONS)
    for entry in outline(file, Side.NEW):
        is_switch = entry.number in lines and len(entry.under) > 1
        if is_switch and section.search(entry.under[-2].encode()):
            yield entry.hit(file, f"a protection is switched off: {entry.under[-2]}")


def _weak_before(file: FileView) -> frozenset[bytes]:
    """Return the names of the removed settings that were as weak: they only move."""
    weak = expression(f"{_GUARD_OFF}|{_LET_IN}")
    return frozenset(_key(text) for _, text in file.removed_lines() if weak.search(text))


def _key(text: bytes) -> bytes:
    """Return the name of the last setting on a line."""
    names = expression(r"([\w.-]+)['\"]?\s*(?:=>|[:=]|[ ])\s*['\"]?\w+").findall(text)
    return bytes(names[-1]).lower() if names else text


def _options(file: FileView) -> Iterator[Hit]:
    """Tell protections that were always there, and hang on a condition now."""
    option, resource, openers = expression(_OPTION), expression(_RESOURCE), Openers(file)
    for number, text in file.added_lines():
        found = resource.search(openers.above(number)) if option.search(text) else None
        if found and bytes(found[0]) not in file.added and b"count" not in file.removed:
            message = "what protected the infrastructure becomes an option"
            yield Hit.on(file, number, text, message)


def _defaults(file: FileView) -> Iterator[Hit]:
    """Tell variables whose default leaves a protection out."""
    if not expression(_DEFAULT).search(file.added):
        return
    for entry in outline(file, Side.NEW):
        if not (entry.is_changed and entry.key == "default" and len(entry.under) > 1):
            continue
        name = entry.under[-2].removeprefix("variable").strip().encode()
        left_out = entry.value == "true" and expression(_LEAVES_OUT).search(name)
        not_asked = entry.value == "false" and expression(_ASKS_FOR).search(name)
        # A new option that is off adds nothing; one that was on, or leaves something out, does.
        if left_out or (not_asked and file.status == "M" and b"true" in file.removed):
            yield entry.hit(file, "a protection is left out unless somebody asks for it")


def _exempted(file: FileView) -> Iterator[Hit]:
    """Tell paths that are newly let past the protection against forged requests."""
    for line in file.new(_PATH_LIST):
        yield Hit.at(file, line, "a path is newly let past the protection against forged requests")


RULE = Rule(
    id="protection-made-optional",
    pathway=Pathway.PERMISSIONS,
    severity=Severity.MEDIUM,
    confidence=Confidence.MEDIUM,
    stability=Stability.STABLE,
    summary="switches off, drops or makes optional what protects infrastructure",
    patterns=(
        Pattern(
            _IGNORED,
            "what was declared of a protection may differ from what is there",
            only=_INFRA,
            never=_ASIDE,
        ),
        Pattern(
            r"\$\{[A-Z_]*(?:DISABLE|SKIP|BYPASS|INSECURE|IGNORE|ALLOW)_[A-Z_]*:?-(?:true|1|yes|\*)|"
            r"\$\{[A-Z_]*(?:AUTH|TLS|SSL|CSRF|VERIFY|RATE_LIMIT|SECURE)[A-Z_]*:?-(?:false|0|no|"
            r"off)|"
            r"\$\{[A-Z_]*(?:CORS|ORIGIN|ALLOWED_HOST)[A-Z_]*:?-\*",
            "a protection is left out unless somebody asks for it",
            only=_SETTINGS | {Label.SCRIPT},
            never=_ASIDE,
        ),
        Pattern(
            r"(?i)(?:getenv|lookup_?env|environ\b|process\.env|env::var|\bENV\[|EnvironmentVariable)[^\n]"
            r"{0,12}?['\"\.\[]\w*(?:insecure|disable|skip|bypass|unsafe|no)_\w*(?:validat|verif|check|auth|"
            r"secur|tls|ssl|sandbox|csrf|signature|encrypt|approval|permission|guard|cert)\w*",
            "whoever sets a variable of the environment leaves a protection out",
            only=frozenset({Label.SOURCE}),
            never=_ASIDE,
        ),
        Pattern(
            r"\brule_action_override\b|\bexcluded_rules?\b|\bExcludedRules\b|"
            r"\bRuleActionOverrides\b|"
            r"\bSecRuleRemoveBy\w+|\bSecRuleEngine\s+(?:Off|DetectionOnly)|\bctl:ruleRemove|"
            r"^[ \t]*count\s*\{\s*\}|\bmanaged_rule_exclusion\b|\bmodsecurity\s+off\b",
            "a rule that refused web requests only counts them, or is left out",
            only=_SETTINGS,
            never=_ASIDE,
        ),
    ),
    added_triggers=(_PATH_LIST, _GUARD_OFF, _LET_IN, _LETS, _SECTION_OFF),
    removed_triggers=(_DECLARED, ON_BY_DEFAULT),
    wakes=_INFRA,
    check=check,
    budget=0.005,
    version=5,
)
