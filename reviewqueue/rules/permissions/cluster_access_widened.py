"""Rights in a Kubernetes or OpenShift cluster, given or widened.

What it flags
    Roles, cluster roles, bindings, service accounts and security context constraints that
    are newly there; verbs, resources, API groups, names, subjects and non-resource URLs
    added to a rule, compared as sets; `*` and `cluster-admin`; in YAML, Helm templates,
    JSON, Terraform, commands, RBAC marks of operators and client code; Argo CD's and
    other tools' own role policies. Values of a chart by which it gets such rights
    (`clusterAdminEnabled: true`, `rbac: create: true`, `namespaced: false`), and a service
    account that is strong by its name.

Why it matters
    Whoever gets hold of a pod has its service account's token. Reading secrets, creating
    pods, binding or impersonating is, in effect, the whole cluster.

How to review it
    Which pod uses this account, and which requests does it really send?
    Prefer a Role in one namespace over a ClusterRole, names over `*`.
    Look twice at `secrets`, `pods/exec`, `escalate`, `bind`, `impersonate`, `create pods`.

Not flagged
    Verbs and resources that are removed, moved or reordered; names and labels; groups that only
    get another domain; what a webhook is asked about.

Seen in
    Microsoft's threat matrix for Kubernetes (cluster-admin binding); ATT&CK T1098.006
    (additional container cluster roles); CWE-269, CWE-732.
"""

from collections.abc import Iterator

from reviewqueue.domain.finding import Confidence, Pathway, Severity, Side
from reviewqueue.domain.paths import Label, set_aside
from reviewqueue.scan.rule import FileView, Hit, Pattern, Rule, Stability, View, expression
from reviewqueue.scan.structure.hunks import shown
from reviewqueue.scan.structure.outline import Entry, cut, gained, outline

_PLACES = frozenset(
    {Label.CONFIG, Label.CONTAINER, Label.INFRASTRUCTURE, Label.SCRIPT, Label.SOURCE, Label.CI}
)
_RULE_WORDS = (
    r"\bverbs\b['\"]?\s*[:=]|\b(?:apiGroups|api_groups|nonResourceURLs|resourceNames|"
    r"resource_names)\b['\"]?\s*[:=]|"
    r"^[ \t]*-[ \t]*['\"]?(?:get|list|watch|create|update|patch|delete|deletecollection|"
    r"impersonate|bind|escalate|approve|sign)['\"]?[ \t]*(?:#[^\n]*)?$|"
    r"^[ \t]*-[ \t]*['\"]?(?:secrets|configmaps|pods|nodes|namespaces|events|endpoints|services|"
    r"leases|serviceaccounts|deployments|daemonsets|statefulsets|replicasets|jobs|cronjobs|"
    r"ingresses|"
    r"persistentvolumeclaims|persistentvolumes|customresourcedefinitions|networkpolicies|roles|"
    r"rolebindings|clusterroles|clusterrolebindings|certificatesigningrequests|tokenreviews|"
    r"subjectaccessreviews|applications|[a-z]{3,30}/(?:status|exec|log|proxy|scale|token|"
    r"finalizers|ephemeralcontainers|attach|portforward|eviction|approval))['\"]?[ \t]*$|"
    r"^[ \t]*-[ \t]*['\"]?[a-z0-9-]+(?:\.[a-z0-9-]+){1,4}\.(?:io|com|dev|sh|org)['\"]?[ \t]*$"
)
_KEYS = frozenset(
    [
        "",
        "verbs",
        "resources",
        "apigroups",
        "nonresourceurls",
        "resourcenames",
        "api_groups",
        "resource_names",
        "non_resource_urls",
    ]
)
_GROUPS = frozenset({"", "apigroups", "api_groups"})
_NAMED = r"\bresource_?[nN]ames\b['\"]?\s*[:=]"
_VERBS_NAMED = r"\bverbs\b['\"]?\s*[:=]"
_WEBHOOK = r"\b\w*WebhookConfiguration\b|\bclientConfig\b"
_CONTEXT = r"\bverbs\b|\bapi_?[gG]roups\b"
_GROUP = r"[-\['\", ]([a-z0-9-]+(?:\.[a-z0-9-]+){1,4})\b"
_VERBS = frozenset(
    [
        "get",
        "list",
        "watch",
        "create",
        "update",
        "patch",
        "delete",
        "deletecollection",
        "impersonate",
        "bind",
        "escalate",
        "*",
    ]
)
"""What a list without its name is known by, where a hunk begins below the name."""
_WORST = frozenset({"*", "escalate", "bind", "impersonate", "cluster-admin"})
_CREATES = r"^[ \t]*create['\"]?[ \t]*:[ \t]*true\b"
_CHARTED = frozenset({"rbac", "clusterrole", "clusterrbac", "clusterrolebinding", "role"})
_EVERYTHING = (
    r"\bcluster-admin\b|\bsystem:masters\b|\bsystem:(?:anonymous|unauthenticated|authenticated|"
    r"serviceaccounts['\"]?[ \t]*$)|--clusterrole[= ]['\"]?(?:cluster-)?admin\b|"
    r"\badd-(?:cluster-role|scc)-to-(?:user|group)\b"
)


def check(view: View) -> Iterator[Hit]:
    """Compare the rules of each file as sets: verbs, resources, groups."""
    for file in view.where(_CREATES, side=Side.NEW):
        if file.status == "M" and Label.CONFIG in file.labels and _is_place(file):
            yield from _charted(file)
    for file in _candidates(view):
        text = shown(file)
        if expression(_CONTEXT).search(text):
            if not _is_webhook(text):
                yield from _covered(file)
            yield from _unbound(file)
            yield from cut(file, "the cluster's rules are not compared from here on: too long")


def _charted(file: FileView) -> Iterator[Hit]:
    """Tell rights that a chart newly makes: what it calls them says so."""
    for entry in outline(file, Side.NEW):
        is_made = entry.is_changed and entry.key == "create" and entry.value == "true"
        if is_made and not _CHARTED.isdisjoint(entry.under):
            yield entry.hit(file, "a chart newly makes rights in the cluster for what it runs")


def _is_webhook(text: bytes) -> bool:
    """Return whether rules only say what a webhook is asked about."""
    return bool(expression(_WEBHOOK).search(text)) and not expression(r"\bverbs\b").search(text)


def _covered(file: FileView) -> Iterator[Hit]:
    """Tell what rules newly cover, but not groups that only took another domain."""
    were = {bytes(name).split(b".")[0] for name in expression(_GROUP).findall(file.removed)}
    for entry in gained(file, _KEYS):
        first, dot, _ = entry.value.partition(".")
        is_renamed = dot and entry.key in _GROUPS and first.encode() in were
        if not is_renamed and (entry.key or entry.value in _VERBS):
            yield _told(file, entry)


def _unbound(file: FileView) -> Iterator[Hit]:
    """Tell rules that stay, and no longer hold for named objects only."""
    names = file.gone(_NAMED)[len(file.new(_NAMED)) :]
    for line in names[len(file.gone(_VERBS_NAMED)) :]:
        message = "a rule of the cluster is no longer limited to named objects"
        yield Hit.at(file, line, message, side=Side.OLD, discountable=True)


def _candidates(view: View) -> Iterator[FileView]:
    changed = (*view.where(_RULE_WORDS, side=Side.NEW), *view.where(_NAMED, side=Side.OLD))
    return filter(_is_place, dict.fromkeys((*changed, *view.labelled(Label.RIGHTS))))


def _is_place(file: FileView) -> bool:
    if file.labels.isdisjoint(_PLACES) or Label.VENDORED in file.labels or file.status == "D":
        return False
    return not (Label.DOCS in file.labels and set_aside(file.labels))


def _told(file: FileView, entry: Entry) -> Hit:
    is_worst = entry.value in _WORST
    message = f"a rule of the cluster newly covers {entry.key or 'verbs'}: {entry.value}"
    severity = Severity.HIGH if is_worst else None
    return entry.hit(file, message, severity=severity, discountable=True)


RULE = Rule(
    id="cluster-access-widened",
    pathway=Pathway.PERMISSIONS,
    severity=Severity.MEDIUM,
    confidence=Confidence.MEDIUM,
    stability=Stability.STABLE,
    summary="gives or widens rights in a cluster",
    patterns=(
        Pattern(
            r"\bkind['\"]?\s*[:=]\s*['\"]?(?:Cluster)?Role(?:Binding)?\b|"
            r"\bkind['\"]?\s*[:=]\s*['\"]?(?:SecurityContextConstraints|PodSecurityPolicy|"
            r"ClusterRoleTemplateBinding|AppProject|RoleTemplate|"
            r"(?:Cluster)?PolicyException)\b|"
            r"\bresource\s+['\"]kubernetes_(?:cluster_)?role(?:_binding)?\w*['\"]",
            "a role, or a binding to one, is newly there",
            only=_PLACES,
        ),
        Pattern(
            r"^\s*-?\s*['\"]?kind['\"]?\s*:\s*['\"]?ServiceAccount\b|"
            r"\bresource\s+['\"]kubernetes_service_account\w*['\"]|"
            r"\bautomountServiceAccountToken['\"]?\s*:\s*true\b",
            "a pod's identity in the cluster is newly there",
            only=_PLACES,
        ),
        Pattern(
            _EVERYTHING,
            "gives every right in a cluster, or rights to everybody",
            only=_PLACES - {Label.SOURCE, Label.SCRIPT},
            severity=Severity.HIGH,
        ),
        Pattern(
            _EVERYTHING,
            "gives every right in a cluster, or rights to everybody",
            only=frozenset({Label.SOURCE}),
            never=frozenset({Label.TEST}) | (_PLACES - {Label.SOURCE, Label.SCRIPT}),
            severity=Severity.HIGH,
        ),
        Pattern(
            r"(?i)\bcluster_?-?(?:admin|wide|scoped?|role)\w*['\"]?\s*[:=]\s*['\"]?true\b|"
            r"\b(?:namespaced|single_?namespace\w*|namespace_?scoped|disable_?local_?accounts?|"
            r"local_?accounts?_?disabled)['\"]?\s*[:=]\s*['\"]?false\b|"
            r"\bname['\"]?\s*[:=]\s*['\"]?[\w.]*(?:cluster_?admin|cluster_?wide|"
            r"rbac\.\w)[\w.]*['\"]?[ \t]*$|"
            r"--set(?:-string)?[ =][^\n]*rbac\.\w[\w.]*=(?:true|false)",
            "by a value of its chart, an application has rights in the whole cluster",
            only=frozenset({Label.CONFIG, Label.INFRASTRUCTURE, Label.SCRIPT, Label.CI}),
            never=frozenset({Label.TEST, Label.DOCS}),
        ),
        Pattern(
            r"(?i)\bservice_?account(?:_?name)?['\"]?\s*[:=]\s*['\"]?[\w-]*(?:admin|root|cluster|"
            r"operator|"
            r"deploy|system|super|privileg|owner|master)[\w-]*['\"]?[ \t]*,?[ \t]*$",
            "what runs here newly has the rights of a strong service account",
            only=frozenset({Label.CONFIG, Label.INFRASTRUCTURE}),
            never=frozenset({Label.TEST, Label.DOCS}),
        ),
        Pattern(
            r"\b(?:cluster|namespace)ResourceWhitelist['\"]?\s*:|^[ \t]*-[ \t]*\{\}[ \t]*$",
            "everything, or everybody, is let in where some were named",
            only=frozenset({Label.CONFIG, Label.INFRASTRUCTURE}),
        ),
        Pattern(
            r"\bkubectl\s+create\s+(?:cluster)?role(?:binding)?\b|"
            r"\bkubectl\s+(?:create\s+)?(?:serviceaccount|sa|token)\s|"
            r"\boc\s+(?:adm\s+)?policy\s+add-",
            "a command gives rights in a cluster",
            only=_PLACES,
        ),
        Pattern(
            r"\+kubebuilder:rbac:",
            "the operator asks for more rights in the cluster",
            only=_PLACES,
        ),
        Pattern(
            r"\brbacv1(?:beta1)?\.(?:PolicyRule|(?:Cluster)?Role(?:Binding)?)\{|"
            r"\bV1(?:Cluster)?Role(?:Binding)?\(|\bV1PolicyRule\(",
            "code gives rights in a cluster",
            only=frozenset({Label.SOURCE}),
        ),
        Pattern(
            r"(?i)\bpolicy\.(?:default|csv)['\"]?\s*:|^\s*[pg],\s*(?:role:|proj:|\*)[^\n]*,|"
            r"\brole:admin\b|\benable_legacy_abac\s*=\s*true|"
            r"--authorization-mode[= ]\S*AlwaysAllow|"
            r"--anonymous-auth[= ]true|--authentication-mode[= ]\S*none|--enable-skip-login\b",
            "who may do what in the cluster, or in a tool that acts on it, is opened",
            only=frozenset({Label.CONFIG, Label.INFRASTRUCTURE, Label.SCRIPT}),
        ),
    ),
    triggers=(_RULE_WORDS, _NAMED),
    added_triggers=(_CREATES,),
    wakes=frozenset({Label.RIGHTS}),
    check=check,
    budget=0.005,
    version=4,
)
