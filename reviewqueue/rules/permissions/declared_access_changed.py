r"""What declared infrastructure says of access, secrets, networks or safekeeping, changed.

What it flags
    In declared infrastructure (Terraform, Kubernetes, Helm, Ansible, Puppet, Salt, units of
    systemd): changed lines that speak of roles, policies, principals, secrets and keys, networks
    and ports, encryption, confinement, back-ups and retention, audit and alerts. One finding a
    file, with each of its lines.

Why it matters
    Such a file is carried out against what runs, often by a robot with every right, and whether
    a line widens or narrows can hang on a module, a variable or a cluster that the diff does not
    show. Agents seldom have to change it.

How to review it
    Read the plan, not only the lines: what is created, replaced, opened or destroyed?
    Rules that know the direction speak beside this one; where none does, find it out.

Not flagged
    Lines that only move or are indented otherwise, whole blocks that move to another file of
    their folder, comments, documentation, tests; versions, sizes, names and images; programs
    that only lie in such a folder.

Seen in
    ATT&CK T1578 (modify cloud compute infrastructure), T1098.003 (additional cloud roles).
"""

import re
from collections import Counter
from collections.abc import Iterator, Mapping
from itertools import islice

from reviewqueue.domain.finding import Confidence, Pathway, Severity, Side
from reviewqueue.domain.paths import Label
from reviewqueue.scan.rule import FileView, Hit, Rule, Stability, View, expression, is_named
from reviewqueue.scan.structure.moved_blocks import Place, moved_blocks

_SPEAKS_OF = (
    r"(?i)(?:\biam|rbac|\brole|_role|[^a-z]polic|permission|access|principal|\bmember|owner|admin|"
    r"\broot\b|sudo|privileg|capabilit|\bgrant|allow|\bdeny|trust|\bauth|_auth|\bacl|\bmfa|oidc|"
    r"service_?account|secret|credential|passw|token|(?:ssh|api|kms|private|deploy|signing)_?key|"
    r"certificate|encrypt|\btls|\bssl|cidr|ingress|egress|firewall|security_?group|network_?polic|"
    r"public|[^a-z]ports?\b|node_?port|load_?balancer|peering|host_?(?:network|path|pid|ipc)|"
    r"security_?context|seccomp|sandbox|run_?as|backup|retention|retain|snapshot|destroy|deletion|"
    r"versioning|lifecycle|force|audit|alert|alarm|monitor|\blog(?:s|ging|_))"
)
_NO_CODE = r"^[ \t]*(?:#|//|\{\{-?[ ]*/\*|description\b|title\b|summary\b|name\b)"
_ELSEWHERE = frozenset(
    {Label.TEST, Label.DOCS, Label.VENDORED, Label.GENERATED, Label.LOCK, Label.MEDIA}
)
_PROGRAMS = ("*.go", "*.rs", "*.java", "*.kt", "*.cs", "*.c", "*.cpp")
"""What reads declarations, in a folder named for them, and declares nothing."""
_OF_A_PACKAGE = re.compile(
    r"(?:^|/)src/(?:.+/)?(?:helm|kubernetes|k8s|terraform|ansible|pulumi)/.*"
    r"\.(?:py|[jt]sx?|conf|cfg|ini|txt)$"
)
"""A program that is named for what it is about."""
_LINES = 2_000
"""Lines of each side that are read."""
_LONG = 2_000
"""Bytes of a line that are read."""
_PLACES = 40
"""Places of a file that are told."""


def check(view: View) -> Iterator[Hit]:
    """Mark the changed lines that speak of such a thing."""
    for file in view.labelled(Label.INFRASTRUCTURE):
        is_program = is_named(file.path, _PROGRAMS) or _OF_A_PACKAGE.search(file.path)
        if file.labels.isdisjoint(_ELSEWHERE) and not is_program:
            yield from islice(_told(file, view.once(moved_blocks)), _PLACES)


def _told(file: FileView, moved: Mapping[Place, frozenset[int]]) -> Iterator[Hit]:
    added, removed = _kept(file.added_lines()), _kept(file.removed_lines())
    new, old = Counter(_folded(text) for _, text in added), Counter(_folded(t) for _, t in removed)
    for side, lines, other in ((Side.NEW, added, old), (Side.OLD, removed, new)):
        elsewhere = moved.get((file.path, side), frozenset())
        for number, text in lines:
            if other[_folded(text)] == 0 and number not in elsewhere:
                message = "what declared infrastructure says of access or safekeeping is changed"
                yield Hit.on(file, number, text, message, side=side)


def _kept(lines: Iterator[tuple[int, bytes]]) -> list[tuple[int, bytes]]:
    speaks, no_code = expression(_SPEAKS_OF), expression(_NO_CODE)
    return [
        (number, text)
        for number, text in islice(lines, _LINES)
        if speaks.search(text[:_LONG]) and not no_code.search(text[:_LONG])
    ]


def _folded(text: bytes) -> bytes:
    return b" ".join(text.split())


RULE = Rule(
    id="declared-access-changed",
    pathway=Pathway.PERMISSIONS,
    severity=Severity.MEDIUM,
    confidence=Confidence.LOW,
    stability=Stability.STABLE,
    summary="changes what declared infrastructure says of access or safekeeping",
    wakes=frozenset({Label.INFRASTRUCTURE}),
    version=3,
    check=check,
)
