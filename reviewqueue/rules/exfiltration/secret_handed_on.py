"""A secret handed on: to one more output, one more server of CI, one more log.

What it flags
    Terraform outputs, exports of Pulumi and outputs of CloudFormation that carry a password
    or a private key, `sensitive` or not; switches that make a command show secrets
    (`--show-secrets`, `kubectl get secret -o yaml`, `terraform output -json` in CI), debug
    modes that print a job's variables or a client's headers; credentials newly given to a CI
    server or one of its jobs (Jenkins, TeamCity, Concourse, Azure, Buildkite), steps that
    fetch secrets, secrets as arguments of an image's build.

Why it matters
    Each place that holds a secret is one more from which it leaks. Outputs stand in plain
    text in the state; what a CI server holds, every job on it can use; what a log holds,
    everybody who may read the log has.

How to review it
    Who reads this output, this log, this server's jobs? Does each of them need it?
    Prefer a reference that is read where it is needed; a credential of its own for each use,
    with no more rights than that use has.

Not flagged
    Secrets of a workflow that GitHub runs, which another rule compares by the run's occasion;
    values that an application reads from its own environment.

Seen in
    CWE-532, CWE-214 (Invocation of Process Using Visible Sensitive Information), ATT&CK
    T1552.001 and T1552.007; CircleCI's breach of January 2023, after which every secret that
    its customers had given it had to be replaced.
"""

from collections.abc import Iterator

from reviewqueue.domain.finding import Confidence, Pathway, Severity, Side
from reviewqueue.domain.paths import Label, set_aside
from reviewqueue.scan.rule import FileView, Hit, Rule, Stability, View, expression, is_named
from reviewqueue.scan.structure.kinds import Kind, expressions, marked

_OUTPUT = r"^[ \t]*output[ \t]+(?:\"[\w-]+\"|\w+[ \t]+(?:string|object)[ \t]*=)"
_ENDS = r"^(?:\}|(?:resource|data|locals|module|variable|provider)\b)"
_CARRIES = (
    r"(?i)\blist(?:Account)?(?:Keys|Credentials|Secrets|AccountSas)\(|"
    r"\brandom_(?:password|bytes)\.|\btls_private_key\.[\w.\[\]*]*private|\baws_iam_access_key\.|"
    r"\.(?:\w*passw(?:or)?d|\w*secret(?:_id|_string|_value|_key|_access_key)?|private_key\w*|"
    r"(?:primary|secondary)_\w*(?:key|connection_string)|client_secret|access_token|auth_token|"
    r"\w*connection_strings?|kube_(?:admin_)?config\w*|master_auth|api_?key|token|"
    r"credentials?)(?:\s*[\n\"})\],]|\[|$)|"
    r"\bvar\.\w*(?:passw(?:or)?d|secret|api_?key|private_key|token)\b"
)
_SCOPE = r"^[ \t]*(?:-[ \t]+)?scope:[ \t]*[\"']?(?:GLOBAL|SYSTEM)\b|\bsecretBytes:[ \t]*[\"']?\$\{"
_GIVEN = (
    r"^[ \t]*(?:-[ \t]+)?(?:secret|secretBytes|password|privateKey|passphrase|apiToken|accessKey|"
    r"secretKey|token|secretText|fileContents?)[ \t]*:[ \t]*[\"']?(?:\$\{|\{\{|AQ)"
)
_NEAR = 8
"""Lines around a credential's scope within which its value stands."""
_SERVED = "a CI server newly gets a credential: every job within the credential's scope can use it"
_OUT = (
    r"\bpulumi\.export\s*\(|\bctx\.Export\s*\(|\bnew\s+(?:cdk\.)?CfnOutput\s*\(|"
    r"\.SecretAccessKey\b|^export\s+const\s+\w*(?i:passw|secret|private_?key|token)\w*\s*="
)
_SWITCH = (
    r"--show-sensitive\b|--show-secrets?\b|--show-secret-values?\b|--reveal(?:-secrets?)?\b|"
    r"--unmask\w*|--no-mask(?:ing)?\b|--no-redact\w*|--disable-(?:masking|redaction)\b|"
    r"\bterraform\s+output\s+-(?:json|raw)|\btofu\s+output\s+-(?:json|raw)|"
    r"\bkubectl\s[^\n]*\bget\s+secrets?\s[^\n]*-o\s*[=\"']?(?:yaml|json|go-template)|"
    r"\bhelm\s+get\s+(?:values|all|manifest)\b|\bgpg\s[^\n]*--export-secret|"
    r"\bansible-vault\s+view\b|\bdocker[\x20-]compose\s+config\b"
)
_DEBUG = (
    r"\bCI_DEBUG_(?:TRACE|SERVICES)\b|\bACTIONS_(?:STEP|RUNNER)_DEBUG\b|\bsystem\.debug\b|"
    r"\bSYSTEM_DEBUG\b|\bTF_LOG(?:_CORE|_PROVIDER)?\b|\bGIT_TRACE_CURL\b|\bGIT_CURL_VERBOSE\b|"
    r"\bset_debuglevel\s*\(\s*[1-9]|\bHTTPConnection\.debuglevel\s*=\s*[1-9]|"
    r"\bHttpLoggingInterceptor\.Level\.(?:BODY|HEADERS)|\bLogger\.Level\.(?:FULL|HEADERS)\b"
)
_PRINTED = (
    r"^[ \t]*(?:-[ \t]+)?(?:ansible\.builtin\.)?(?:var|"
    r"debug):[ \t]*(?:var=)?[\"']?(?:\w+\.)*\w*(?:passw(?:or)?d|secret|api_?key|private_key|token|"
    r"credentials?)\w*(?:\.\w+)*[\"']?[ \t]*$"
)
_BAKED = (
    r"--build-arg[=\x20]\"?'?\w*(?:TOKEN|SECRET|PASSWORD|PASSWD|API_?KEY|PRIVATE_KEY|"
    r"CREDENTIALS?)\w*(?:=|\s|$)"
)
_SHOWN = f"{_OUT}|{_SWITCH}|{_DEBUG}|{_PRINTED}|{_BAKED}"
_SERVER = (
    r"\bcredentialsJSON:[0-9a-f]|\bwithCredentials\s*\(\s*\[|\bcredentialsBinding\s*\{|"
    r"=\s*credentials\s*\(\s*['\"]"
)
_NAMED = (
    r"\(\([\w./:-]*(?i:secret|token|key|passw|cred|kubeconfig)[\w./:-]*\)\)|"
    r"\bfrom_secret:[ \t]*\S"
)
_AZURE = (
    r"^[ \t]*\w*(?:SECRET|TOKEN|KEY|PASSWORD|PASSWD|CREDENTIALS?|PAT)\w*[ \t]*:[ \t]*"
    r"['\"]?\$\([\w.-]+\)"
)
_FETCHED = (
    r"\b(?:seek-oss/aws-sm|vault-secrets|s3-secrets|hashicorp/vault-action|"
    r"aws-secretsmanager-get-secrets|get-secretmanager-secrets|load-secrets-action|"
    r"secrets-fetch-action|get-keyvault-secrets|AzureKeyVault|bitwarden/sm-action|"
    r"Infisical/secrets-action|akeyless-github-action|gcp-secret-manager)[@#]"
)
_TO_A_JOB = f"{_SERVER}|{_NAMED}|{_AZURE}|{_FETCHED}"
_JOBS = ("*.yml", "*.yaml", "*jenkins*", "*.groovy", "*.kts", "*.json", "*.tf", "*.hcl")
_YAML = ("*.yml", "*.yaml")
_PIPELINES = ("*azure*pipeline*", "*.azure*", "*/pipelines/*", "pipelines/*", "*devops*")
_KINDS = (
    Kind(
        _SHOWN,
        "hands a secret out with what the infrastructure puts out",
        line=r"(?i)(?:pulumi\.export|ctx\.Export|CfnOutput)\s*\([^\n]*(?:passw|secret|"
        r"private_?key|token|credential)|GetAtt[^\n]*SecretAccessKey|"
        r"^export\s+const\b[^\n]*\.(?:result|value|privateKey\w*|secret)\b",
        unless=r"(?i)secret_?(?:arn|name)|\.arn\b|process\.env|=>",
    ),
    Kind(
        _SHOWN,
        "makes a command show secrets, in what a log keeps",
        line=_SWITCH,
        unless=r"[^|]\|[^|]|>>?\s*[^&\s=]|\$\(|`|--quiet|-q\b|--services|--format|no-interpolate",
    ),
    Kind(
        _SHOWN,
        "a debug mode prints variables or headers, and the credentials in them",
        line=rf"(?:{_DEBUG})[\"']?\s*[:=]\s*[\"']?(?i:true|1|yes|on|trace|debug)\b|debuglevel|\bLevel\.",
    ),
    Kind(_SHOWN, "shows a secret among a playbook's messages", line=_PRINTED, globs=_YAML),
    Kind(
        _SHOWN,
        "a secret becomes an argument of an image's build, and stays in the image's history",
        line=_BAKED,
    ),
    Kind(
        _TO_A_JOB,
        "a job newly gets a credential of the CI server",
        line=_SERVER,
        globs=_JOBS,
    ),
    Kind(
        _TO_A_JOB,
        "a job newly gets a credential of the CI server",
        line=r"^[ \t]*(?:-[ \t]+)?[\w.-]+[ \t]*:[ \t]*[\"']?\(\(|\bfrom_secret:",
        globs=_YAML,
    ),
    Kind(_TO_A_JOB, "a job newly gets a secret of the pipeline", line=_AZURE, globs=_PIPELINES),
    Kind(_TO_A_JOB, "a job newly fetches secrets from the store", line=_FETCHED, globs=_YAML),
)


def check(view: View) -> Iterator[Hit]:
    """Mark outputs, switches and credentials that are given."""
    for file in view.where(_OUTPUT, side=Side.NEW):
        if is_named(file.path, ("*.tf", "*.hcl", "*.tofu", "*.bicep")):
            yield from _outputs(file)
    for file in view.where(_SCOPE, side=Side.NEW):
        if is_named(file.path, ("*.yml", "*.yaml", "*.tpl", "*.j2", "*.erb", "*.jsonnet", "*.tf")):
            yield from _given(file)
    for kind, file, line in marked(view, _KINDS):
        if not set_aside(file.labels) and Label.VENDORED not in file.labels:
            yield Hit.at(file, line, kind.message, severity=kind.severity)


def _outputs(file: FileView) -> Iterator[Hit]:
    """Mark the outputs whose value is a secret, at the line that says so."""
    opened = False
    for number, text in file.added_lines():
        if expression(_OUTPUT).search(text):
            opened = True
        elif expression(_ENDS).search(text):
            opened = False
        if opened and b"=" in text and expression(_CARRIES).search(text):
            told = "a secret is put out: it stands in the state, for everybody who may read that"
            yield Hit.on(file, number, text, told)
            opened = False


def _given(file: FileView) -> Iterator[Hit]:
    """Mark the values of credentials that stand beside the scope of a CI server's."""
    scopes = {line.number or 0 for line in file.new(_SCOPE)}
    for number, text in file.added_lines():
        near = range(number - _NEAR, number + _NEAR + 1)
        if expression(_GIVEN).search(text) and not scopes.isdisjoint(near):
            yield Hit.on(file, number, text, _SERVED)


RULE = Rule(
    id="secret-handed-on",
    pathway=Pathway.EXFILTRATION,
    severity=Severity.MEDIUM,
    confidence=Confidence.MEDIUM,
    stability=Stability.STABLE,
    summary="hands a secret on to one more place",
    added_triggers=(_OUTPUT, _SCOPE, *expressions(_KINDS)),
    check=check,
)
