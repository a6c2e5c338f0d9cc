"""Infrastructure where nobody looks for it, or more of it.

What it flags
    A new deployment file (Dockerfile, compose file, Terraform, Kubernetes manifest, unit) put
    below tests, documentation, examples, assets or hidden folders of a change that is about
    something else; an existing service's replicas or capacity raised several times.
    Machines, functions and containers that a program or a script starts, and new ones among
    the declared ones.

Why it matters
    A deployment outside the folders that the team watches is one that nobody counts.

How to review it
    Ask who deploys it, from where, and why it does not stand with the others.

Not flagged
    Infrastructure in its own folders, other than new machines and services; small changes of
    capacity. A low finding, unless a copy count is multiplied by ten or more, or something is
    started by a call that did not stand near it before.

Seen in
    ATT&CK T1610 (Deploy Container), T1578 (Modify Cloud Compute Infrastructure), T1535
    (Unused/Unsupported Cloud Regions).
"""

from collections.abc import Iterator

from reviewqueue.domain.finding import Confidence, Pathway, Severity, Side
from reviewqueue.domain.paths import Label
from reviewqueue.scan.rule import FileView, Hit, Line, Rule, Stability, View, expression

_COPIES = (
    r"\b(replicas|replicaCount|minReplicas|maxReplicas|desired_count|desired_capacity|min_size|"
    r"max_size|node_count|instance_count|desiredCount|numInstances|min_instances|max_instances)"
    r"[\"']?\s*[:=]\s*[\"']?(\d+)\b"
)
_ODD_PLACE = (
    r"(?:^|/)(?:tests?|__tests__|docs?|examples?|assets|static|public|fixtures|tmp|\.cache|"
    r"node_modules|\.[a-z]\w*)/"
)
_MANY = 10
"""Times as many copies as before are a medium finding; three times, a low one."""
_SOME = 3
_STARTS = (
    r"\bnew\s+(?:aws\.)?ec2\.(?:Cfn)?Instance\s*\(|\baws\.ec2\.Instance\s*\(|"
    r"\brun_instances\s*\(|\bRunInstances(?:Command|Input|Request|Async)?\s*[({]|\bcreate_instances\s*\(|"
    r"\bcontainers\.(?:run|create)\s*\(|\bDeployments\s*\([^\n]*\)\.Create\s*\(|"
    r"\bcreate_namespaced_(?:deployment|daemon_set|job|pod|cron_job|stateful_set)\s*\(|"
    r"\bgcloud\s[^\n]*\b(?:instances|services|functions|run)\s+(?:create|deploy)\s|"
    r"\baws\s+(?:ec2\s+run-instances|ecs\s+(?:create-service|run-task)|lambda\s+create-function|"
    r"lightsail\s+create-instances)|\baz\s+(?:vm|container|webapp|functionapp)\s+create|"
    r"\b(?:flyctl|fly)\s+(?:deploy|launch|machine\s+run)\b|\bheroku\s+create\b|\bdoctl\s+compute\s+droplet\s+create|"
    r"\bhcloud\s+server\s+create|\blinode-cli\s+linodes\s+create|\bvultr-cli\s+instance\s+create|"
    r"\bkubectl\s+(?:apply|create)\s[^\n]*-f\s*[\"']?https?://|\bhelm\s+(?:install|upgrade)\s[^\n]*(?:https?|oci)://|"
    r"\bkubectl\s+(?:run|create\s+deployment)\s|\brunpod\.create_pod\s*\(|\bCreateFunctionCommand\s*\(|"
    r"\blambda_?client\.create_function\s*\(|\bdocker\s+(?:service\s+create|stack\s+deploy)\b"
)
_RESOURCES = (
    r"^[ \t]*resource\s+\"(?:aws_instance|aws_ecs_service|aws_lambda_function|"
    r"aws_spot_instance_request|aws_spot_fleet_request|google_compute_instance|"
    r"google_cloud_run\w*service|google_container_node_pool|azurerm_\w*virtual_machine|"
    r"azurerm_container_group|digitalocean_droplet|hcloud_server|linode_instance|vultr_instance|"
    r"kubernetes_(?:deployment|daemonset|daemon_set_v1|deployment_v1|job)|helm_release|nomad_job|"
    r"fly_machine)\""
)
_FOREIGN = frozenset({Label.LOCK, Label.GENERATED, Label.VENDORED, Label.DATA, Label.DOCS})


def check(view: View) -> Iterator[Hit]:
    """Mark copies that are multiplied, what is newly started, and deployments in odd places."""
    for file in view.where(_COPIES, side=Side.OLD):
        if file.matches(_COPIES, Side.NEW) and Label.LOCK not in file.labels:
            yield from _multiplied(file)
    for file in view.where(_STARTS, side=Side.NEW):
        yield from _started(file) if file.labels.isdisjoint(_FOREIGN) else ()
    for file in view.where(_RESOURCES, side=Side.NEW):
        for line in file.new(_RESOURCES) if file.labels.isdisjoint(_FOREIGN) else ():
            told = "adds a machine or a service to what is deployed"
            yield Hit.at(file, line, told, severity=Severity.MEDIUM)
    for file in view.labelled(Label.CONTAINER, Label.INFRASTRUCTURE):
        if file.status == "A" and expression(_ODD_PLACE).search(file.path.lower().encode()):
            yield Hit(
                message="a new deployment stands where nobody looks for one",
                text=file.path,
                path=file.path,
                severity=Severity.LOW,
            )


def _started(file: FileView) -> Iterator[Hit]:
    """Mark what is started; less, by a call that stood near it before, too."""
    before = b"\n".join(
        line[1:] for _, _, lines in file.hunks() for line in lines if line[:1] != b"+"
    )
    known = _calls(before)
    for line in file.new(_STARTS):
        is_again = known.issuperset(_calls(line.whole))
        severity = Severity.LOW if is_again else Severity.MEDIUM
        told = "starts a machine, a function or a container from a program or a script"
        yield Hit.at(file, line, told, severity=severity, discountable=True)


def _calls(text: bytes) -> set[bytes]:
    return {bytes(found[0]) for found in expression(_STARTS).finditer(text)}


def _multiplied(file: FileView) -> Iterator[Hit]:
    before: dict[bytes, int] = {}
    for line in file.gone(_COPIES):
        name, count = _count(line)
        before.setdefault(name, count)
    for line in file.new(_COPIES):
        name, count = _count(line)
        was = max(before.get(name, 0), 1)
        if name in before and count >= _SOME * was:
            yield Hit.at(
                file,
                line,
                f"{name.decode()} rises from {before[name]} to {count}",
                severity=Severity.MEDIUM if count >= _MANY * was else Severity.LOW,
            )


def _count(line: Line) -> tuple[bytes, int]:
    found = expression(_COPIES).search(line.whole)
    return (bytes(found[1]), int(found[2][:9])) if found else (b"", 0)


RULE = Rule(
    id="deployment-outside-usual-place",
    pathway=Pathway.ROGUE_DEPLOYMENT,
    severity=Severity.LOW,
    confidence=Confidence.LOW,
    stability=Stability.STABLE,
    summary="deploys where nobody looks, or many times over",
    version=3,
    removed_triggers=(_COPIES,),
    added_triggers=(_STARTS, _RESOURCES),
    wakes=frozenset({Label.CONTAINER, Label.INFRASTRUCTURE}),
    check=check,
)
