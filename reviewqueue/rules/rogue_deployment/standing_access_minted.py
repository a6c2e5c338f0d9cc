"""A key or token minted, or made to last.

What it flags
    Added commands, code and resources that create an access key, a service account's key, a
    personal or deploy token, a user; tokens without an expiry, or with one of many months;
    an account added to a forge or a cluster.

Why it matters
    A credential outlives the task, the session and often the person. One that a change mints
    for itself is a way back in.

How to review it
    Who will hold it, where is it stored, when does it end, and who can revoke it?
    Would a short-lived identity (OIDC, a role, a workload identity) do?

Not flagged
    Exchanges for short-lived tokens; rotation that deletes the old key; prose weighs
    one level less.

Seen in
    ATT&CK T1098.001 (Additional Cloud Credentials), T1136 (Create Account), T1550.001
    (Application Access Token).
"""

from reviewqueue.domain.finding import Confidence, Pathway, Severity
from reviewqueue.domain.paths import Label
from reviewqueue.scan.rule import Capability, Pattern, Rule, Stability

_NEVER = frozenset({Label.LOCK, Label.GENERATED, Label.VENDORED, Label.DATA, Label.DOCS})
_FOR_EVER = "makes a credential or a session last for a year or for ever"
_A_YEAR = (
    r"(?:timedelta\s*\(\s*(?:days\s*=\s*(?:36[5-9]|[4-9]\d\d|\d{4,})|weeks\s*=\s*\d{3,})|MaxValue\b|"
    r"\d{3,}\s*,\s*(?:ChronoUnit\.|TimeUnit\.)?DAYS|AddDate\s*\(\s*[1-9]|AddYears\s*\(|plusYears\s*\(|"
    r"plus(?:Days)?\s*\(\s*\d{3,}|\d{4,}\s*\*\s*time\.Hour|8760\d?h|\d{5,}h\b|'infinity'|365\s*\*\s*24|"
    r"24\s*\*\s*365|LocalDate\.MAX|Instant\.MAX|Date\(9999)"
)
"""A year or more."""
_OF_A_CREDENTIAL = (
    r"(?i)token|session|key|cred|jwt|cookie|auth|access|login|password|cert|exp\w*\b|"
    r"duration|ttl|lifetime|valid|timedelta"
)


RULE = Rule(
    id="standing-access-minted",
    pathway=Pathway.ROGUE_DEPLOYMENT,
    severity=Severity.MEDIUM,
    confidence=Confidence.MEDIUM,
    stability=Stability.STABLE,
    version=3,
    summary="mints a key or token, or makes one last",
    capability=Capability.PERSISTS,
    patterns=(
        Pattern(
            r"\biam\s+create-(?:access-key|user|login-profile|service-specific-credential)\b|"
            r"\bcreate_access_key\s*\(|\bcreate_login_profile\s*\(|"
            r"\bCreateAccessKey(?:Command|Input|Request|Async)?\s*\(|"
            r"\bservice-accounts\s+keys\s+create\b|\bserviceAccounts\.keys\.create\b|"
            r"\bad\s+(?:sp\s+create(?:-for-rbac)?|app\s+credential\s+reset)\b|"
            r"\bkubectl\s+(?:-n\s+\S+\s+)?create\s+(?:token|serviceaccount)\b|"
            r"\bgh\s+ssh-key\s+add\b|\bgh\s+repo\s+deploy-key\s+add\b|\bnpm\s+token\s+create\b|"
            r"\bvault\s+token\s+create\b|\bdoctl\s+auth\s+\w+|\bcreate_personal_access_token\b|"
            r"\bpersonal_access_tokens?\.(?:create|new)|\bargocd\s+account\s+generate-token\b|"
            r"\bheroku\s+authorizations:create\b|\bfly\s+tokens\s+create\b|"
            r"\bvercel\s+tokens\s+add\b|\bcargo\s+owner\s+--add\b|\bnpm\s+owner\s+add\b|"
            r"\bgem\s+owner\s+-a|\bgh\s+api\b[^\n]*/keys\b|\bssh-keygen\s[^\n]*-N\s+(?:''|\"\")|"
            r"\bgcloud\s+(?:alpha\s+|beta\s+)?services\s+api-keys\s+create|"
            r"\baws\s+ec2\s+create-key-pair|\bgenerate_?sas\b|\bgenerate-sas\b|"
            r"\bCreateServiceAccountKey\w*\s*\(|\bcreate_service_account_key\s*\(|"
            r"\bcreate_key_pair\s*\(|\bCreateKeyPairCommand\s*\(|\.[cC]reateDeployKey\s*\(|"
            r"\bcreate_deploy_key\s*\(|\bglab\s+token\s+create|"
            r"\bgcloud\s+iam\s+service-accounts\s+create\b|\bcreate_service_account\s*\(|"
            r"\baccesscontextmanager\b[^\n]*create|\bAddKeyCommand\s*\(",
            "mints a credential that lasts",
            never=_NEVER,
        ),
        Pattern(
            r"\bresource\s+\"(?:aws_iam_access_key|aws_iam_user|aws_iam_user_login_profile|"
            r"google_service_account_key|azuread_application_password|"
            r"azuread_service_principal_password|github_repository_deploy_key|"
            r"gitlab_personal_access_token|gitlab_\w+_access_token|tls_private_key|aws_key_pair|"
            r"kubernetes_token_request_v1|vault_token)\"|\bkubernetes\.io/service-account-token\b|"
            r"\bAWS::IAM::(?:AccessKey|User)\b|\b(?:google_api_gateway_api_key|google_apikeys_key|"
            r"aws_iam_service_specific_credential|azurerm_storage_account_sas|"
            r"azuread_service_principal_certificate|github_actions_secret|cloudflare_api_token|"
            r"digitalocean_token|datadog_api_key|confluent_api_key|mongodbatlas_project_api_key|"
            r"okta_api_token|snowflake_user|postgresql_role|mysql_user)\"|"
            r"\bnew\s+iam\.(?:AccessKey|CfnAccessKey|User)\s*\(",
            "creates a credential or a user that lasts",
            never=_NEVER,
        ),
        Pattern(
            r"(?i)\b(?:verify_exp|validate_?lifetime|require_?expiration_?time|"
            r"ignore_?expiration)\b",
            "lets tokens be used after their end",
            line=r"(?i)(?:verify_exp|lifetime|expiration_?time)\b[\"']?\s*[:=]\s*false|"
            r"ignore_?expiration[\"']?\s*[:=]\s*true",
            severity=Severity.HIGH,
            never=_NEVER,
        ),
        Pattern(
            r"(?i)expires?_?(?:in|at|after|on)?(?:_?(?:days|seconds|delta|minutes|"
            r"hours))?[\"']?\s*[:=]\s*(?:[\"'](?:never|0|[1-9]\d*\s?y(?:ears?)?|(?:36[5-9]|"
            r"[4-9]\d\d|\d{4,})\s?d(?:ays?)?)[\"']|timedelta\(\s*(?:days\s*=\s*)?(?:36[5-9]|"
            r"[4-9]\d\d|\d{4,})|(?:\w+\.)?(?:AddYears|plusYears|addYears)\(|3153600\d\d?\b|"
            r"86400\s*\*\s*36[5-9])|\bexp\b[\"']?\s*[:=][^\n]*(?:years\s*=|days\s*=\s*\d{4,})|"
            r"\bVALID\s+UNTIL\s+'infinity'|"
            r"\bend_date_relative\s*=\s*\"\d{5,}h|--(?:no-expir\w*|expires?[= ](?:never|0)\b|"
            r"duration[= ](?:8760|\d{5,})h|ttl[= ](?:0|8760h|\d{4,}d)\b)|"
            r"\bnever_?expires?[\"']?\s*[:=]\s*true",
            _FOR_EVER,
            line=_OF_A_CREDENTIAL,
            never=_NEVER | {Label.TEST},
        ),
        Pattern(
            rf"(?i){_A_YEAR}",
            _FOR_EVER,
            line=r"(?i)\b\w*(?:lifetime|expir\w*|ttl|valid(?:ity|_until|_for)?|"
            r"(?:token|session|key|cred|jwt|cookie|auth|access|login|password|cert)[^\n]{0,80}max_?age)"
            rf"\w*[\"']?\]?\s*[:=(]\s*[^\n]{{0,40}}{_A_YEAR}",
            never=_NEVER | {Label.TEST},
        ),
        Pattern(
            r"(?i)(?:token\w*|"
            r"key)\W[^\n]*\bexpires?_?(?:at|in|on)?[\"']?\s*[:=]\s*(?:None|null|nil|undefined)\b|"
            r"\b(?:exp|maxAge|max_age)\b[^\n]*(?:weeks\s*=\s*\d{3,}|\d{2,}\s*\*\s*365|"
            r"365\s*\*\s*\d{2,}|\d+\s*\*\s*365\s*\*\s*24)",
            _FOR_EVER,
            line=_OF_A_CREDENTIAL,
            never=_NEVER | {Label.TEST},
        ),
        Pattern(
            r"(?i)\bcreate\s+(?:or\s+replace\s+)?(?:user|role|login)\s[^\n;]*(?:password|identified\s+by|superuser)",
            "creates a user of the database with a password",
            line=r"(?i)['\"][^'\"$%:{}?]{3,}['\"]|superuser",
            never=_NEVER | {Label.TEST},
        ),
        Pattern(
            r"\buseradd\s|\badduser\s|\bnet\s+user\s+\S+\s+\S+\s+/add\b|\bNew-LocalUser\b|"
            r"\bnet\s+localgroup\s+administrators\s[^\n]*/add|\bdscl\s+\.\s+-create\s+/Users",
            "creates a user on the machine",
            line=r"(?i)sudo|wheel|admin|/add|New-LocalUser|-u\s*0\b|-o\s|dscl|\bsu\b",
            never=_NEVER,
        ),
    ),
)
