r"""The text that says how weaknesses are reported, or that one was found, taken away.

What it flags
    A security policy, a disclosure or incident document, or `security.txt` that is
    deleted, shortened, or names another contact; a project's entry at a service that
    searches it for weaknesses (`primary_contact`, `auto_ccs`) with another address; lines in
    documentation or a change log that named a published weakness (CVE, GHSA) and are gone.

Why it matters
    Who finds a weakness writes where the policy says. A changed contact sends the report
    to somebody else; a removed entry leaves users without the reason to update.

How to review it
    Ask who decided the change: policies are rarely a coding task.
    Check that the new address belongs to the project.

Not flagged
    Policies that are added or grow; entries that move to another file.

Seen in
    RFC 9116, section 5.1: who can write `security.txt` sends the reports to himself; the
    primary contact of xz at OSS-Fuzz, changed in 2023 (before CVE-2024-3094).
"""

from collections.abc import Iterator

from reviewqueue.domain.finding import Confidence, Pathway, Severity, Side
from reviewqueue.domain.paths import Label
from reviewqueue.scan.rule import FileView, Hit, Rule, Stability, View, expression, is_named
from reviewqueue.scan.structure.disappeared import disappeared

_CONTACT = (
    r"[\w.+-]+@[\w-]+\.[\w.]+\w|https?://(?:www\.)?[^\s)>\"'\]]*(?:/security/advisor|/advisories|"
    r"hackerone|bugcrowd|intigriti|huntr|yeswehack|synack|immunefi|report|disclos|vulnerab|"
    r"forms\.gle|/forms?/|contact)[^\s)>\"'\]]*"
)
"""Where a report goes: an address, or a page that takes some."""
_TOLD = r"[\w.+-]@[\w-]+\.\w"
"""Somebody's address: only where findings are sent to lists of them is it asked for."""
_LISTS = ("*projects/*/project.y*ml", "*fuzz*project.y*ml", "*security?insights.y*ml")
_PUBLISHED = r"\bCVE-\d{4}-\d{4,}\b|\bGHSA-[\w-]{14}\b"
_FEW = 3
"""Lines that a policy may lose when it is reworded."""
_REWORDED = 0.3
"""Share of the words of a passage up to which it is only said otherwise."""


def check(view: View) -> Iterator[Hit]:
    """Look at policies by their name, and at lost entries."""
    for file in view.labelled(Label.DISCLOSURE):
        if Label.DOCS in file.labels | file.old_labels:
            yield from _policy(file)
    for file in view.where(_TOLD, side=Side.OLD):
        if file.status == "M" and (
            is_named(file.path, _LISTS) or b"primary_contact" in file.removed
        ):
            yield from _contact(file)
    for found in disappeared(view.where(_PUBLISHED), _PUBLISHED):
        if Label.DOCS in found.file.labels and Label.TEST not in found.file.labels:
            for line in found.lost:
                message = "no longer tells of a published weakness"
                yield Hit.at(found.file, line, message, side=Side.OLD)


def _contact(file: FileView) -> Iterator[Hit]:
    """Mark the address of a list that findings are sent to, where it gives way to another."""
    gone, new = _contacts(file)
    for number, text in file.removed_lines() if new else ():
        if gone.intersection(expression(_CONTACT).findall(text)):
            message = "findings of weaknesses are told to another address"
            yield Hit.on(file, number, text, message, side=Side.OLD)
            return


def _contacts(file: FileView) -> tuple[set[bytes], set[bytes]]:
    """Return the contacts that a change takes away, and those that it brings."""
    before, after = (set(expression(_CONTACT).findall(text)) for text in (file.removed, file.added))
    return before - after, after - before


def _policy(file: FileView) -> Iterator[Hit]:
    lost = [(number, text) for number, text in file.removed_lines() if text.strip()]
    if not lost:
        return
    added = sum(1 for _, text in file.added_lines() if text.strip())
    words = expression(r"\w{3,}")
    said, kept = words.findall(file.removed), frozenset(words.findall(file.added))
    less = sum(word not in kept for word in said)
    gone, new = _contacts(file)
    named = expression(_CONTACT).findall
    number, text = next(((n, t) for n, t in lost if gone.intersection(named(t))), lost[0])
    if file.status == "D":
        message = "how weaknesses are reported and told is deleted"
    elif gone and new:
        message = "reports of weaknesses are to go to another address"
    elif len(lost) - added >= _FEW and less > len(said) * _REWORDED:
        message = "how weaknesses are reported and told becomes shorter"
    else:
        return
    yield Hit.on(file, number, text, message, side=Side.OLD)


RULE = Rule(
    id="security-policy-weakened",
    pathway=Pathway.COVERING_TRACKS,
    severity=Severity.MEDIUM,
    confidence=Confidence.MEDIUM,
    stability=Stability.STABLE,
    summary="takes away how weaknesses are reported, or that one was found",
    removed_triggers=(_PUBLISHED, _TOLD),
    version=3,
    wakes=frozenset({Label.DISCLOSURE}),
    check=check,
)
