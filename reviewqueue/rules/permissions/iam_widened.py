r"""Rights in a cloud account, given or widened.

What it flags
    Newly named rights and who gets them, compared as sets within a file: AWS actions and
    managed policies, policy documents and role attachments, GCP roles and bindings, Azure
    role assignments and definitions, Vault and directory roles; trust relations that more
    can assume; `*` as action, principal or member. In Terraform, CloudFormation, CDK,
    Pulumi, Bicep, JSON, commands and SDK calls of any language. In other settings a name that
    is put, with a level (`write`, `admin`), beside others in a section of access.

Why it matters
    A right in a cloud is what an intruder, or an agent, can do with everything that runs
    there. Rights are given in a hurry and hardly ever taken back.

How to review it
    Who gets it: a person, a group, a build, everybody? For which resources?
    Is there a narrower role or action that makes the task work?
    Rights to change rights (`iam:*`, `…iam.*Admin`, Owner) are the whole account.

Not flagged
    Rights that are removed, moved or reordered within a file. Only noted: settings kept as the
    data of tests, where no cloud reads them.

Seen in
    ATT&CK T1098.003 (additional cloud roles) and T1484 (domain or tenant policy
    modification); Capital One, 2019: a role that could read every bucket. CWE-732, CWE-266.
"""

from collections import Counter
from collections.abc import Collection, Iterator

from reviewqueue.domain.finding import Confidence, Pathway, Severity, Side
from reviewqueue.domain.paths import Label, set_aside
from reviewqueue.scan.effects.granted import LEVEL, granted
from reviewqueue.scan.rule import (
    FileView,
    Hit,
    Line,
    On,
    Pattern,
    Rule,
    Stability,
    View,
    expression,
)
from reviewqueue.scan.structure.hunks import shown
from reviewqueue.scan.structure.outline import cut, gained, outline

_TESTED = frozenset({Label.TEST})
_PLACES = frozenset(
    {
        Label.CONFIG,
        Label.INFRASTRUCTURE,
        Label.SCRIPT,
        Label.SOURCE,
        Label.CI,
        Label.BUILD,
        Label.CONTAINER,
    }
)
_SERVICES = (
    "access-analyzer|acm|amplify|apigateway|appsync|athena|autoscaling|backup|batch|bedrock|"
    "bedrock-agentcore|cloudformation|cloudfront|cloudtrail|cloudwatch|codeartifact|codebuild|"
    "codecommit|codedeploy|codepipeline|cognito-identity|cognito-idp|config|dax|dms|ds|dynamodb|"
    "ebs|ec2|ecr|ecr-public|ecs|eks|elasticache|elasticfilesystem|elasticloadbalancing|"
    "elasticmapreduce|es|events|execute-api|firehose|glue|guardduty|iam|iot|kafka|kafka-cluster|"
    "kinesis|kms|lakeformation|lambda|license-manager|logs|mq|opensearch|aoss|organizations|"
    "pipes|quicksight|ram|rds|rds-data|rds-db|redshift|resource-groups|route53|s3|s3-object-lambda|"
    "sagemaker|scheduler|secretsmanager|securityhub|ses|sns|sqs|ssm|ssmmessages|sso|states|sts|"
    "support|tag|textract|transcribe|transfer|waf|wafv2|workspaces|xray"
)
_ACTION = rf"\b((?:{_SERVICES}):(?:\*|\*?[A-Z][A-Za-z0-9*?]*))(?:['\",\]]|\s*$)"
_OTHER = (
    r"^[ \t]*(?:-[ \t]+|(?:not_?)?[aA]ctions?['\"]?\s*[:=]\s*\[?\s*)?['\"]?"
    r"([a-z][a-z0-9-]+:\*?[A-Z][A-Za-z0-9*?]*[a-z*])['\"]?\]?,?[ \t]*$"
)
"""A right of any service, alone on its line: for files that hold policies."""
_POLICY = (
    r"(?i)\bactions?['\"]?\s*[:=]|\beffect['\"]?\s*[:=]|\bstatements?\b|\bpolic(?:y|ies)\b|"
    r"\biam\b"
)
_ROLE = (
    r"\b(roles/(?:owner|editor|viewer|browser|[a-z][a-zA-Z0-9]*\.[a-zA-Z][a-zA-Z0-9.]*))\b|"
    r"\barn:aws[a-z-]*:iam::(?:aws|\d{12}):(policy/[\w/+=,.@-]+)"
)
_PERMISSION = (
    r"(?:^[ \t]*-?[ \t]*['\"]?((?:accesscontextmanager|aiplatform|appengine|artifactregistry|"
    r"bigquery|cloudbuild|cloudfunctions|cloudkms|cloudsql|composer|compute|container|dataflow|"
    r"dataproc|datastore|dns|eventarc|firebase\w*|iam|logging|monitoring|pubsub|redis|"
    r"resourcemanager|run|secretmanager|serviceusage|spanner|storage|workflows)"
    r"\.[a-zA-Z]+\.[a-zA-Z]+)['\"]?,?[ \t]*$)|"
    r"['\"](Microsoft\.[A-Z]\w+/(?:\*|[\w/*]+/(?:read|write|delete|action|\*)))['\"]"
)
_HOST = (
    r"^[a-z]+\.[a-z-]+\.(?:com|net|org|io|dev|app|cloud|ai|co|sh|run|local|internal|svc|eu|de|uk|"
    r"yaml|yml|json|md|txt|html|ts|js|py|go)$"
)
"""Three words that are a machine's or a file's name rather than a permission."""
_STATEMENT = (
    r"(?i)\b(?:actions?|principals?|identifiers|members)['\"]?\s*[:=]\s*\[[^\]\n]*['\"]\*['\"]|"
    r"['\"]?\b(?:not_?)?(?:actions?|principals?|identifiers|members?|data_?actions)['\"]?\s*"
    r"[:=]\s*[\[{]?\s*(?:['\"]?(?:AWS|Federated)['\"]?\s*[:=]\s*)?\[?\s*['\"](?:\*|(?-i:allUsers|"
    r"allAuthenticatedUsers))['\"]|['\"]AWS['\"]\s*:\s*\[?\s*['\"]\*['\"]|"
    r"(?-i:\ballUsers\b|\ballAuthenticatedUsers\b)"
)
_STAR = r"^[ \t]*-?[ \t]*['\"]\*['\"],?[ \t]*$"
"""Everything, on a line of its own: the line above says of what."""
_STARRED = frozenset(["action", "actions", "principal", "principals", "aws", "identifiers"])
_MEMBER = r"^[ \t]*(?:members?|principal_ids?|principal|project|scope|folder|org_id)[ \t]*="
_HOLDERS = frozenset(
    ["member", "members", "principal_id", "principal_ids", "principal", "project", "scope"]
)
_BINDING = (r"\brole\w*\s*=", r"\b(?:members?|principal_ids?|principal)\s*=")
_READS = r"(?i)^roles/[\w.]*viewer$"
"""Roles that only read: what is new as a whole says with them who may look at it."""
_WORST = r"^(?:roles/(?:owner|editor)|policy/(?:AdministratorAccess|IAMFullAccess)|iam:\*)$"
_NO_PART = rf"{_WORST}|(?i)admin|token|\*"
"""Rights that stay wide where one to everything goes."""


def check(view: View) -> Iterator[Hit]:
    """Compare the named rights, and who gets them where, of each file as sets."""
    for file in view.where(_MEMBER, side=Side.NEW):
        if Label.INFRASTRUCTURE in file.labels and file.status == "M" and _is_binding(file):
            for entry in gained(file, _HOLDERS):
                yield entry.hit(file, f"a role reaches further: {entry.key} is {entry.value}")
            yield from cut(file, "who gets the roles is not compared from here on: too long")
    for file in view.where(_STAR, side=Side.NEW):
        yield from _starred(file)
    for regex, told in (
        (_ACTION, "a right is newly given"),
        (_ROLE, "a role is newly given"),
        (_PERMISSION, "a permission is newly given"),
    ):
        for file in view.where(regex, side=Side.NEW):
            if _is_place(file):
                yield from _rights(file, regex, told)
    yield from _levels(view)
    for file in view.labelled(Label.INFRASTRUCTURE, Label.CONFIG):
        is_other = file.added and expression(_OTHER).search(file.added)
        if is_other and _is_place(file) and _is_of_policies(file):
            yield from _others(file)


def _levels(view: View) -> Iterator[Hit]:
    """Tell names that settings newly give a level of access."""
    for file in view.where(LEVEL, side=Side.NEW):
        if file.status == "M" and Label.CONFIG in file.labels and Label.CI not in file.labels:
            for number, text in granted(file) if _is_place(file) else ():
                yield Hit.on(file, number, text, "a name is newly given a level of access")


def _starred(file: FileView) -> Iterator[Hit]:
    for entry in outline(file, Side.NEW) if _is_place(file) else ():
        if entry.is_changed and entry.value == "*" and entry.key in _STARRED:
            message = "everybody, or every action, is allowed"
            yield entry.hit(file, message, severity=Severity.HIGH, discountable=True)


def _is_of_policies(file: FileView) -> bool:
    """Return whether a file of settings shows a policy around what it names."""
    if file.labels.isdisjoint({Label.INFRASTRUCTURE, Label.CONFIG}):
        return False
    return expression(_POLICY).search(shown(file) + file.path.encode()) is not None


def _is_binding(file: FileView) -> bool:
    text = shown(file)
    return all(expression(regex).search(text) for regex in _BINDING)


def _is_place(file: FileView) -> bool:
    if file.labels.isdisjoint(_PLACES) or file.labels & {Label.GENERATED, Label.VENDORED}:
        return False
    return not (Label.DOCS in file.labels and set_aside(file.labels))


def _rights(file: FileView, regex: str, told: str) -> Iterator[Hit]:
    """Tell the names that a file has more often than before, unless a wider one covered them."""
    left = Counter(_names(regex, file.added))
    before = Counter(_names(regex, file.removed))
    left.subtract(before)
    was_everything = any(expression(_WORST).search(name.encode()) for name in before)
    for line in file.new(regex):
        names = [
            name
            for name in _names(regex, line.whole)
            if left[name] > 0 and not _is_part(name, before, was_everything=was_everything)
        ]
        left.subtract(names)
        if names:
            yield _right(file, line, names, told)


def _others(file: FileView) -> Iterator[Hit]:
    """Tell rights of services that are not named here, each alone on its line."""
    known, before = expression(_ACTION), set(_names(_OTHER, file.removed))
    for number, text in file.added_lines():
        names = [] if known.search(text) else _names(_OTHER, text)
        if names and before.isdisjoint(names):
            message = f"a right is newly given: {names[0]}"
            yield Hit.on(file, number, text, message, discountable=True)


def _is_part(name: str, before: Collection[str], *, was_everything: bool) -> bool:
    """Return whether a right is part of a wider one that was there, and goes."""
    whole = f"{name.partition(':')[0]}:*"
    if whole in before and name != whole:
        return True
    return was_everything and not expression(_NO_PART).search(name.encode())


def _right(file: FileView, line: Line, names: list[str], told: str) -> Hit:
    is_worst = any(expression(_WORST).search(name.encode()) for name in names)
    is_new = file.status == "A" and Label.INFRASTRUCTURE not in file.labels
    only_reads = is_new and all(expression(_READS).search(name.encode()) for name in names)
    return Hit.at(
        file,
        line,
        f"{told}: {', '.join(sorted(set(names))[:6])}",
        severity=Severity.HIGH if is_worst else Severity.LOW if only_reads else None,
        discountable=True,
    )


def _names(regex: str, text: bytes) -> list[str]:
    found = [
        next(group for group in match.groups() if group).decode()
        for match in expression(regex).finditer(text)
    ]
    host = expression(_HOST)
    return [name for name in found if not host.search(name.encode())]


RULE = Rule(
    id="iam-widened",
    pathway=Pathway.PERMISSIONS,
    severity=Severity.MEDIUM,
    confidence=Confidence.MEDIUM,
    stability=Stability.STABLE,
    summary="gives or widens rights in a cloud account",
    patterns=(
        Pattern(
            _STATEMENT,
            "everybody, or every action, is allowed",
            only=_PLACES,
            severity=Severity.HIGH,
        ),
        Pattern(
            r"\bresource\s+['\"]?(?:aws_iam_\w*(?:policy|attachment|user|membership)\w*|"
            r"aws_\w+_policy_attachment|aws_organizations_policy\w*|aws_ssoadmin_\w+|"
            r"aws_iam_openid_connect_provider|aws_eks_access_\w+|aws_\w+_permission|aws_ram_\w+|"
            r"aws_kms_grant|aws_lakeformation_permissions|aws_\w+_resource_policy|google_\w*iam_(?:member|binding|policy|custom_role)|"
            r"google_service_account(?:_key|_iam\w*)?|google_iam_workload_identity\w*|"
            r"azurerm_(?:\w*role_assignment|role_definition|federated_identity_credential)|"
            r"azuread_(?:\w*role_\w+|application_password|service_principal\w*)|vault_policy|"
            r"okta_\w*(?:admin_role|role_)\w*|github_(?:repository_collaborators?|team_repository|"
            r"membership|organization_role\w*)|digitalocean_token|snowflake_\w*grant\w*|"
            r"oci_identity_policy|alicloud_ram_\w*policy\w*|ibm_iam_\w*policy)\b",
            "an identity, a policy or an assignment of rights is newly there",
            only=_PLACES,
        ),
        Pattern(
            r"\b(?:attach|put)-(?:user|role|group)-policy\b|\bcreate-policy(?:-version)?\b|"
            r"\badd-user-to-group\b|\bupdate-assume-role-policy\b|"
            r"\b(?:add|set)-iam-policy(?:-binding)?\b|\biam\s+roles\s+(?:create|update)\b|"
            r"\baz\s+(?:role\s+(?:assignment|definition)\s+create|ad\s+sp\s+create-for-rbac|"
            r"keyvault\s+set-policy)|\bNew-AzRole(?:Assignment|Definition)\b|"
            r"\bgsutil\s+iam\s+ch\b|\boc\s+adm\s+policy\s+add-|\bvault\s+policy\s+write\b|"
            r"\bcreate-(?:iamidentitymapping|access-entry)\b|\bassociate-access-policy\b",
            "a command gives rights in a cloud account",
            only=_PLACES,
        ),
        Pattern(
            r"\b(?:[Pp]ut|[Aa]ttach)_?(?:[Uu]ser|[Rr]ole|[Gg]roup)_?[Pp]olicy(?:Command|Input|"
            r"Request|Async)?\s*[({]|\b(?:set_?iam_?policy|setIamPolicy|SetIamPolicy(?:Request)?|"
            r"add_iam_policy_binding)\s*[({]|\baddToRolePolicy\s*\(|"
            r"\baddTo(?:Principal|Resource)Policy\s*\(|\badd_to_(?:role|principal|"
            r"resource)_policy\s*\(|"
            r"\biam\.(?:New)?(?:ManagedPolicy|PolicyStatement|RolePolicy\w*|UserPolicy\w*|Policy|"
            r"AccountRootPrincipal|AnyPrincipal|StarPrincipal|IAMMember|IAMBinding)\s*\(|"
            r"\b(?:projects|serviceaccount|storage)\.(?:New)?(?:Project|Bucket)?IAM(?:Member|"
            r"Binding|Policy)\w*\s*\(|\bRoleAssignmentCreateParameters\b|\.fromAwsManagedPolicyName\s*\(|"
            r"\bfrom_aws_managed_policy_name\s*\(|"
            r"\bauthorization\.(?:New)?RoleAssignment\w*\s*\(",
            "code gives rights in a cloud account",
            only=_PLACES,
            slight=_TESTED,
        ),
        Pattern(
            r"\bgrant(?:Read(?:Write)?(?:Data)?|Write(?:Data)?|FullAccess|Invoke|Put\w*|Delete|"
            r"SendMessages|Publish|Encrypt\w*|PullPush|Pull|Connect)\s*\(",
            "code gives rights in a cloud account",
            line=r"\.grant",
            only=frozenset({Label.SOURCE}),
            severity=Severity.LOW,
        ),
        Pattern(
            r"\bMicrosoft\.Authorization/role(?:Assignments|Definitions)\b|"
            r"(?i)\b(?:role_definition_name|roleDefinitionName)['\"]?\s*[:=]|"
            r"\b(?:8e3af657-a8ff-443c-a75c-2fe8c4bcb635|b24988ac-6180-42a0-ab88-20f7382dd24c|"
            r"18d7d88d-d35e-4fb5-a5c3-7773c20a72d9)\b|\bAWS::IAM::(?:\w*Policy|User|"
            r"UserToGroupAddition|OIDCProvider)\b|\bAWS::(?:S3|SQS|SNS|Lambda)::(?:BucketPolicy|"
            r"QueuePolicy|TopicPolicy|Permission)\b|\baws_lambda_permission\b|"
            r"\biamRoleStatements\s*:|\bIAMPolicyMember\b",
            "rights in a cloud account are newly assigned",
            only=_PLACES,
            slight=_TESTED,
        ),
        Pattern(
            r"AdministratorAccess\b|PowerUserAccess\b|IAMFullAccess\b|\bcertificate-manager:\*|"
            r"['\"]User Access Administrator['\"]|"
            r"role(?:_definition_name|DefinitionName)?['\"]?\s*[:=]\s*['\"]Owner['\"]|"
            r"--role[= ]['\"]?Owner\b",
            "gives every right in a cloud account",
            only=_PLACES,
            slight=_TESTED,
            severity=Severity.HIGH,
        ),
        Pattern(
            r"(?i)['\"]?\beffect['\"]?\s*[:=]\s*['\"]Deny['\"]|\bpermissions_?boundary['\"]?\s*[:=]",
            "what was denied, or kept within bounds, no longer is",
            on=On.REMOVED,
            only=frozenset({Label.INFRASTRUCTURE, Label.CONFIG}),
        ),
        Pattern(
            r"['\"]arn:aws[\w-]*:iam::[^\s*]*:(?:role|user|root)\b",
            "another identity is newly named in a policy",
            line=r"^[ \t]*(?:['\"]?(?:AWS|identifiers|principals?)['\"]?\s*[:=]\s*\[?\s*)?"
            r"['\"]arn:[^\n]*['\"]\]?,?\s*$|\b(?:AWS|identifiers|principals?)['\"]?\s*[:=][^\n]*arn:",
            only=frozenset({Label.INFRASTRUCTURE}),
        ),
        Pattern(
            r"token\.actions\.githubusercontent\.com:sub\b|\bassertion\.(?:repository|sub)\b|"
            r"\battribute_condition\b",
            "which builds may act in the cloud account is changed",
            only=_PLACES,
        ),
        Pattern(
            r"\bAllow\s+(?:any-user|any-group|dynamic-group|group|service)\b",
            "rights in a cloud account are newly given",
            line=r"\bAllow\s+\S[^\n]*\sto\s+(?:manage|use|read|inspect)\s",
            only=_PLACES,
        ),
        Pattern(
            r"\bcapabilities\s*=\s*\[[^\n]*\"(?:create|update|delete|patch|sudo|root)\"|"
            r"\b(?:secret|key|certificate|storage)_permissions\s*=\s*\[|"
            r"\b(?:secrets|keys|certificates)\s*:\s*\[[^\n]*'(?i:set|delete|purge|all|get)'|"
            r"^path\s+\"[*/+]*\"|\bpolicy\s*=\s*\"write\"",
            "somebody may newly read or write what is kept secret",
            only=frozenset({Label.INFRASTRUCTURE}),
        ),
        Pattern(
            r"\beks\.amazonaws\.com/role-arn['\"]?\s*[:=]\s*['\"]?(?:arn:|\$|\{\{|<|[\w.]+\.\w*arn\b)|"
            r"\biam\.gke\.io/gcp-service-account['\"]?\s*[:=]\s*['\"]?\S*(?:@|\$|\{\{)|"
            r"\bazure\.workload\.identity/client-id['\"]?\s*[:=]",
            "a workload newly acts with an identity of the cloud account",
            only=_PLACES,
        ),
    ),
    added_triggers=(LEVEL,),
    triggers=(_ACTION, _ROLE, _PERMISSION, _MEMBER, _STAR),
    wakes=frozenset({Label.INFRASTRUCTURE, Label.CONFIG}),
    check=check,
    budget=0.005,
    version=6,
    in_place=True,
)
