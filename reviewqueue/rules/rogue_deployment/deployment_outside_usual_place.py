"""Infrastructure where nobody looks for it, or more of it.

What it flags
    A new deployment file (Dockerfile, compose file, Terraform, Kubernetes manifest, unit) put
    below tests, documentation, examples, assets or hidden folders of a change that is about
    something else; an existing service's replicas or capacity raised several times.

Why it matters
    A deployment outside the folders that the team watches is one that nobody counts.

How to review it
    Ask who deploys it, from where, and why it does not stand with the others.

Not flagged
    Infrastructure in its own folders; small changes of capacity. Always a low finding, unless
    a copy count is multiplied by ten or more.

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


def check(view: View) -> Iterator[Hit]:
    """Mark copies that are multiplied, and new deployment files in odd places."""
    for file in view.where(_COPIES, side=Side.OLD):
        if file.matches(_COPIES, Side.NEW) and Label.LOCK not in file.labels:
            yield from _multiplied(file)
    for file in view.labelled(Label.CONTAINER, Label.INFRASTRUCTURE):
        if file.status == "A" and expression(_ODD_PLACE).search(file.path.lower().encode()):
            yield Hit(
                message="a new deployment stands where nobody looks for one",
                text=file.path,
                path=file.path,
                severity=Severity.LOW,
            )


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
    triggers=(_COPIES,),
    wakes=frozenset({Label.CONTAINER, Label.INFRASTRUCTURE}),
    check=check,
)
