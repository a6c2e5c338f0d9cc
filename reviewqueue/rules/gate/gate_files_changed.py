"""A change to what decides over changes.

What it flags
    Any change to reviewqueue's own policy, to code owners, to the files that coding
    agents read as instructions or permissions, and to CI that names reviewqueue, in
    its path or in a changed or neighbouring line; also when such a file is deleted,
    or renamed away.

Why it matters
    Whoever can change the rules by a change needs no other way around them. The gate
    judges a change by what was merged before, and holds a change to itself for two
    people.

How to review it
    Read every line: there is no routine change to these files.
    Ask who is affected, and whether the owner of the policy has agreed.

Not flagged
    CI that has nothing to do with the gate, as far as the diff shows it: a job that runs
    the gate without naming it nearby is not recognised.

Seen in
    "Rules File Backdoor" (Pillar Security, March 2025) and CVE-2025-53773: agents' own
    instruction and settings files as the way in. OWASP CICD-SEC-1 (insufficient flow
    control); ATT&CK T1562 (impair defences).
"""

from collections.abc import Iterator

from reviewqueue.domain.finding import Confidence, Pathway, Severity
from reviewqueue.domain.paths import Label
from reviewqueue.scan.rule import FileView, Hit, Rule, Stability, View
from reviewqueue.scan.structure.first import as_a_whole

_KINDS = (
    (Label.POLICY, "reviewqueue's own policy is changed"),
    (Label.OWNERS, "who owns which files is changed"),
    (Label.AGENT_INSTRUCTIONS, "what agents read as instructions or permissions is changed"),
)
_SEEN = (Label.POLICY, Label.OWNERS, Label.AGENT_INSTRUCTIONS, Label.CI)
_GATE = b"reviewqueue"


def check(view: View) -> Iterator[Hit]:
    """Mark each such file once, before and after a rename."""
    for file in view.labelled(*_SEEN):
        if message := _told(file):
            yield as_a_whole(file, message)


def _told(file: FileView) -> str:
    found = file.labels | file.old_labels
    for label, message in _KINDS:
        if label in found:
            return message
    if Label.CI in found and _names_the_gate(file):
        return "CI that runs the gate is changed"
    return ""


def _names_the_gate(file: FileView) -> bool:
    if _GATE in f"{file.path}\n{file.old_path}".lower().encode():
        return True
    return any(_GATE in b"\n".join(lines).lower() for _, _, lines in file.hunks())


RULE = Rule(
    id="gate-files-changed",
    pathway=Pathway.GATE,
    severity=Severity.CRITICAL,
    confidence=Confidence.HIGH,
    stability=Stability.STABLE,
    budget=0.05,
    summary="changes what decides over changes",
    wakes=frozenset(_SEEN),
    check=check,
)
