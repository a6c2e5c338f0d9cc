"""A password in plain among settings.

What it flags
    Passwords that are written into what describes machines and services: a database's master
    password, a parameter of a template with its default and shown to everybody, a variable's
    default, the environment of a container or an image, a chart's values, a playbook's task,
    the data of a Secret, which is only encoded or not even that. In a program: a default or a
    fallback for a password, a secret or a key (`DEFAULT_API_KEY = …`, `getenv(…) or …`), one that
    is hashed or written for a first account.

Why it matters
    What is described so is deployed so, with the password that everybody who may read the
    repository knows; defaults are never changed where nothing demands it.

How to review it
    Is this deployed anywhere? Then change the password there, and read it from a store of
    secrets here; let a parameter have no default and show nothing (`NoEcho`, `sensitive`).

Not flagged
    References, templates and placeholders; empty values; usual words in the settings of a
    developer's own containers; translations, schemas and prose.

Seen in
    CWE-798 (Use of Hard-coded Credentials), CWE-1393 (Use of Default Password), CWE-259,
    ATT&CK T1552.001, T1078.001 (Default Accounts); the default credentials that Mirai (2016)
    tried one after the other.
"""

from collections.abc import Iterator

from reviewqueue.domain.finding import Confidence, Pathway, Severity, Side
from reviewqueue.domain.paths import Label, set_aside
from reviewqueue.scan.rule import FileView, Hit, Rule, Stability, View, expression, is_named
from reviewqueue.scan.structure.comments import is_comment
from reviewqueue.scan.structure.kinds import is_prose
from reviewqueue.scan.structure.outline import Entry, outline
from reviewqueue.scan.structure.pairs import finds
from reviewqueue.scan.structure.said import is_sentence

_TRIGGER = (
    r"(?i)(?:passw(?:or)?d|passphrase|secret|api_?key|(?:auth|"
    r"access)_?token)\w*[\"']?[ \t]*(?:$|=>|[:=])|"
    r"^(?:ENV|ARG)[ \t]+\w*(?:PASSW|SECRET|TOKEN|API_?KEY)\w*[= \t]"
)
_NAME = (
    r"(?i)(?:^|[^a-z])(?:\w*passw(?:or)?d|passphrase|secret|\w+_secret|secret_\w+|"
    r"\w*client_?secret|\w*secret_?key|\w*api_?key|"
    r"\w*(?:auth|access)_?token|\w*private_?key)$"
)
_NOT_NAME = (
    r"(?i)policy|length|hash|(?:^|_)name|name$|type|reset|forgot|confirm|field|label|placeholder|"
    r"file|path|url|arn|ref$|enable|disable|require|(?:^|_)m(?:in|ax)_|expir|rotat|auto|generate|"
    r"(?:^|_)(?:has|is|use)_|allow|public|^from|existing|store|provider|version|pull_?secret"
)
_LITERAL = r"^[A-Za-z0-9!@#%^&*+_.,~/=-]{4,80}$"
_REFERENCE = (
    r"(?i)^(?:true|false|null|none|nil|string|object|boolean|number|integer|required|optional|"
    r"yes|no|~|undefined|var\.|local\.|data\.|module\.|env\.|vault|file|\w+\.\w+\.\w+)|"
    r"your|change[-_ ]?me|replace|placeholder|redacted|xxx|\*\*\*|\.\.\.|dummy|todo|insert|^\$|"
    r"\.(?:ya?ml|json|pem|txt|key)$|"
    r"^/|://|:latest|(?-i:^[A-Z][A-Z0-9_]+$)|^(?:System|Build|Agent|Release|Pipeline)\.\w+$|secretsmanager|ssm:|_here$|^<"
)
_COMPUTED = r"[!=]=|\? "
_USUAL = frozenset((
    "postgres", "password", "passwd", "root", "admin", "test", "testing", "dev", "development",
    "example", "secret", "mysql", "mariadb", "rabbitmq", "guest", "minio", "minioadmin",
    "redis", "mongo", "elastic", "user", "app", "pass", "local", "sa", "demo", "django",
    "rails", "airflow", "password123", "admin123", "mypassword", "keycloak", "grafana",
    "default", "placeholder",
))  # fmt: skip
"""Words that the containers of a developer are given."""
_OWN = ("*compose*", "*.devcontainer*", "*devcontainer*")
_DESCRIBES = ("*.yml", "*.yaml", "*.json", "*.tf", "*.hcl", "*.template", "*.bicep", "*.tfvars")
_ELSEWHERE = (
    "*/locale*/*",
    "*i18n*",
    "*/lang/*",
    "*/langs/*",
    "*translation*",
    "*/messages/*",
    "*schema*",
    "*openapi*",
    "*swagger*",
    "*/cassettes/*",
    "*snap*",
    "*package.json",
    "*.lock*",
    "*/_locales/*",
    "*example*.json",
    "*.vscode/*",
    "*postman*",
)
_IMAGE = (
    r"^(?:ENV|ARG)[ \t]+\w*(?:PASSW(?:OR)?D|SECRET|AUTH_TOKEN|ACCESS_TOKEN|"
    r"API_?KEY)\w*[= \t][ \t]*[\"']?([^\s\"'$<{]{4,})"
)
_TEMPLATE = (
    r"AWS::\w+::|^[ \t]*resource[ \t]+\"\w+\"|^apiVersion:|^[ \t]*(?:-[ \t]+)?hosts:|^services:|"
    r"Microsoft\.\w+/|^[ \t]*variable[ \t]+\"|^\w+:[ \t]*$"
)
_WORDS = (
    r"(?:passw(?:or)?d|_pass\b|passphrase|secret|jwt|(?:signing|encryption|session|cookie|"
    r"private|app|auth|"
    r"master)_?key|(?:admin|auth|access|root|bearer)_?token)"
)
_KEYS = rf"(?:{_WORDS}|api_?key|token)"
_IN_CODE = (
    (
        rf"(?i)\b(?:default|fallback|initial)_?\w*{_KEYS}['\"]?[ \t]*(?::[ \t]*[&\w' ]+)?(?::=|=|"
        rf":)[ \t]*"
        r"['\"`]([^'\"`\n]{3,80})['\"`]"
    ),
    (
        rf"(?i)(?:getenv|environ|env::var|process\.env|ENV\[|ENV\.fetch|\benv\(|LookupEnv|"
        rf"System\.get_env|"
        rf"configuration\[|import\.meta\.env)[^\n]*{_WORDS}[^\n]*(?:\|\||\?\?|\?:|\bor\b|,|"
        rf"unwrap_or\w*\()[ \t]*"
        r"(?:\|_?\|[ \t]*)?['\"`]([^'\"`\n]{4,80})['\"`]"
    ),
    (
        rf"(?i)['\"]--[\w-]*(?:{_WORDS}|"
        rf"api[_-]?key)['\"][^\n]*\bdefault[ \t]*[=:][ \t]*['\"]([^'\"\n]{{4,80}})['\"]"
    ),
    (
        r"(?i)\b(?:\w*(?:encoder|passw\w*)(?:\(\))?\.encode|hash(?:pw|_password|Sync|Password)|"
        r"bcrypt\.hash|bcrypt|make_password|generate_password_hash|"
        r"set_?password|GenerateFromPassword)\([ \t]*(?:\[\]byte\()?b?['\"]([^'\"\n]{4,40})['\"]"
    ),
    (
        r"(?i)\b(?:secret_?key(?:_?base)?|jwt_?(?:secret|key)|signing_?key|session_?secret|"
        r"encryption_?key|"
        r"cookie_?secret)['\"]?[ \t]*(?::[ \t]*\w+[ \t]*)?(?:=>|:=|=|"
        r":)[ \t]*['\"]([^'\"\n]{8,80})['\"]"
    ),
    (
        r"(?i)(?:SetDefault|set_default|\.String(?:Var)?|\boption|"
        r"default)\([^\n]*['\"][\w.-]*(?:passw(?:or)?d|secret|"
        r"api_?key)['\"][ \t]*,[ \t]*['\"]([^'\"\n]{4,40})['\"]"
    ),
    (
        r"(?i)\b(?:admin|root|default|db|database|master|superuser|"
        r"initial)_?pass(?:w(?:or)?d)?['\"]?[ \t]*"
        r"(?::[ \t]*[&\w' ]+)?(?::=|=|:)[ \t]*['\"]([^'\"\n]{4,40})['\"]"
    ),
    r"(?i)\$\{\w*(?:PASS(?:W(?:OR)?D)?|SECRET|ADMIN_TOKEN|AUTH_TOKEN)\w*:?[=-]([^}\s\"'$]{4,80})\}",
)
"""How a program falls back to a password, or a key, that stands in it."""
_SEEDED = r"(?i)\bpassword['\"]?[ \t]*(?:=>|=|:)[ \t]*['\"]([^'\"\n]{4,40})['\"]"
_SEEDS = ("*seed*", "*bootstrap*", "*init*", "*migrat*", "*setup*", "*default*")
_CODE_TRIGGER = (
    r"(?i)(?:default|fallback|initial)_?\w*(?:passw|secret|api_?key|token)|"
    r"(?:environ|env::var|process\.env|getenv|\benv[(\[]|env\.fetch|lookupenv|get_env|"
    r"configuration\[|meta\.env)[^\n]*"
    r"(?:pass|secret|jwt|_key|_token)[^\n]*['\"`]|"
    r"--[\w-]*(?:passw|secret|api[_-]?key|token)[^\n]*default|"
    r"(?:secret|jwt|signing|session|encryption|cookie)_?(?:key|secret)\w*['\"]?[ \t]*[:=]|"
    r"(?:encoder(?:\(\))?\.encode|hash\w*|set_?password|bcrypt)\([ \t]*(?:\[\]byte\()?b?['\"]|"
    r"(?:default|string(?:var)?|option)\([^\n]*(?:passw|secret|api_?key)|"
    r"(?:admin|root|db|database|master|superuser)_?pass\w*['\"]?[ \t]*[:=]|"
    r"\$\{\w*(?:PASS|SECRET|TOKEN)\w*:?[=-]|\bpassword['\"]?[ \t]*(?:=>|=|:)[ \t]*['\"]"
)
_LONG = 600
"""Bytes of a line from which nobody wrote it."""
_NEVER = frozenset({Label.LOCK, Label.GENERATED, Label.VENDORED, Label.MEDIA, Label.CI})
_CODE = frozenset({Label.SOURCE, Label.SCRIPT})
_UNREAL = frozenset({Label.TEST, Label.DOCS, Label.DATA, Label.EVALUATION})
_UNLIKELY = (
    r"(?i)^(?:[a-z_.-]*(?:password|passwd|secret|token|key)|utf-?8|ascii|base64|hex|sha\d+|md5|"
    r"none|no[_-]?\w*|"
    r"not[_-]\w*|empty|unset|missing|auto|dev|local\w*|ollama|lm[-_]?studio|vllm|llama\w*|"
    r"fake\w*|mock\w*|x-[\w-]+|[\w-]+[._](?:key|token|secret|password)\w*)$|"
    r"^(?-i:[a-z]+(?:[A-Z][a-z]+)+)$|^--|\s"
)
_TOLD = "a password stands in plain in what is deployed"


def check(view: View) -> Iterator[Hit]:
    """Mark each password that stands in plain."""
    for file in view.where(_CODE_TRIGGER, side=Side.NEW):
        is_run = not file.labels.isdisjoint(_CODE) and file.labels.isdisjoint(_NEVER | _UNREAL)
        if is_run and not set_aside(file.labels):
            yield from _fallen_back(file)
    for file in view.where(_TRIGGER, side=Side.NEW):
        if not file.labels.isdisjoint(_NEVER) or is_prose(file):
            continue
        if Label.CONTAINER in file.labels and not is_named(file.path, _DESCRIBES):
            yield from _built(file)
        elif is_named(file.path, _DESCRIBES) and not is_named(file.path, _ELSEWHERE):
            yield from _described(file)


def _fallen_back(file: FileView) -> Iterator[Hit]:
    """Mark passwords and keys that a program takes where it is given none."""
    kinds = (*_IN_CODE, _SEEDED) if is_named(file.path, _SEEDS) else _IN_CODE
    for line in file.new(_CODE_TRIGGER):
        if len(line.whole) > _LONG or is_comment(line.whole) or is_sentence(file, line.whole):
            continue
        found = next(filter(None, (expression(kind).search(line.whole) for kind in kinds)), None)
        if found and _is_password(found[1].decode("latin-1")):
            told = "a program uses a password, or a key, that everybody can read in it"
            yield Hit.at(file, line, told)


def _is_password(value: str) -> bool:
    """Return whether a text between quotes is a password, and no name of one, or address."""
    return _is_literal(value) and not finds(_UNLIKELY)(value.encode("utf-8", "replace"))


def _built(file: FileView) -> Iterator[Hit]:
    """Mark the passwords of an image's environment."""
    for line in file.new(_TRIGGER):
        found = expression(_IMAGE).search(line.whole)
        if found and _is_literal(found[1].decode("latin-1")):
            told = "a password stands in plain in the image, for everybody who has the image"
            yield Hit.at(file, line, told)


def _described(file: FileView) -> Iterator[Hit]:
    """Mark the passwords among the entries of a description of machines and services."""
    if set_aside(file.labels) and not _describes_machines(file):
        return
    entries = list(outline(file, Side.NEW))
    hidden = {entry.path[:-1] for entry in entries if entry.key in {"noecho", "sensitive"}}
    encoded = any(entry.key == "kind" and entry.value == "Secret" for entry in entries)
    own = is_named(file.path, _OWN)
    last = ""
    for entry in entries:
        name = _given_name(entry, last)
        last = entry.value if entry.key == "name" else last
        if not entry.is_changed or entry.path[:-1] in hidden or not _is_literal(entry.value):
            continue
        if expression(_COMPUTED).search(entry.line) or (own and entry.value.lower() in _USUAL):
            continue
        if _is_secret(name):
            yield entry.hit(file, _TOLD)
        elif encoded and len(entry.under) > 1 and entry.under[-2] in {"data", "stringdata"}:
            told = "a Secret's value is in the repository, in plain or only encoded"
            yield entry.hit(file, told)


def _describes_machines(file: FileView) -> bool:
    """Return whether a test's file is itself a template of a cloud or a cluster."""
    return file.status == "A" and expression(_TEMPLATE).search(file.added) is not None


def _given_name(entry: Entry, last: str) -> str:
    """Return what an entry's value is the value of; ``last`` is the last name given above it."""
    if entry.key in {"default", "defaultvalue", "value"}:
        if entry.key == "value" and last:
            return last
        return entry.under[-2] if len(entry.under) > 1 else ""
    return entry.key


def _is_secret(name: str) -> bool:
    """Return whether a name is that of a secret, and not of something about one."""
    text = name.encode("utf-8", "replace")
    return finds(_NAME)(text) and not finds(_NOT_NAME)(text)


def _is_literal(value: str) -> bool:
    """Return whether a value is written out: no reference, no placeholder, nothing empty."""
    text = value.encode("utf-8", "replace")
    return finds(_LITERAL)(text) and not finds(_REFERENCE)(text)


RULE = Rule(
    id="plain-password",
    pathway=Pathway.CREDENTIALS,
    severity=Severity.MEDIUM,
    confidence=Confidence.MEDIUM,
    stability=Stability.STABLE,
    summary="writes a password in plain into settings",
    version=4,
    added_triggers=(_TRIGGER, _CODE_TRIGGER),
    check=check,
)
