"""What a workflow runs is no longer, or not, pinned to its content.

What it flags
    In CI: an action, reusable workflow or image that was pinned to a commit or digest and
    now follows a tag or branch; a third-party action that newly follows a branch
    (`@main`, `@latest`); an action whose owner is swapped; a third-party action newly
    added by tag into a job that is given secrets.

Why it matters
    A tag can be moved by whoever gets hold of the action's repository, and then runs here
    with this workflow's token; a commit cannot.

How to review it
    Pin to the full commit, with the version in a comment; let a bot raise it.
    Is the owner really the one meant, and does the commit belong to that repository?

Not flagged
    A pin raised to another commit of the same action; versions raised from tag to tag;
    the forge's own actions; actions inside this repository.

Seen in
    tj-actions/changed-files and reviewdog/action-setup (March 2025, CVE-2025-30066 and
    CVE-2025-30154): existing tags moved to malicious commits. OWASP CICD-SEC-3; ATT&CK
    T1195.002.
"""

from collections.abc import Iterator

from reviewqueue.domain.finding import Confidence, Pathway, Severity, Side
from reviewqueue.domain.paths import Label
from reviewqueue.scan.rule import FileView, Hit, Line, Pattern, Rule, Stability, View, expression

_CI = frozenset({Label.CI})
_USED = r"\buses['\"]?\s*:\s*['\"]?([\w.-]+)/([\w./-]+)@([\w./-]+)"
_PINNED = (
    r"\buses['\"]?\s*:\s*['\"]?([\w.-]+/[\w./-]+)@[0-9a-f]{40}\b|"
    r"([\w./-]+(?::[\w.-]+)?)@sha256:[0-9a-f]{64}\b"
)
_IMAGE = r"\bimage:\s*['\"]?([\w./-]+)(?::[\w.-]+)?"
_COMMIT = r"^(?:[0-9a-f]{40}|[0-9a-f]{64})$"
_BRANCH = r"^(?:main|master|latest|dev|develop|trunk|head|HEAD|nightly|edge|canary|next|beta)$"
_OWN = frozenset({b"actions", b"github", b"."})


def check(view: View) -> Iterator[Hit]:
    """Compare what each workflow used and uses."""
    for file in view.where(_USED, _IMAGE, side=Side.NEW):
        if Label.CI in file.labels:
            before = {_pinned(line) for line in file.gone(_PINNED)} - {b""}
            yield from _actions(file, before)
            yield from _images(file, before)


def _actions(file: FileView, before: set[bytes]) -> Iterator[Hit]:
    known = {(m[1], m[2]) for m in expression(_USED).finditer(file.removed)}
    names = {name: owner for owner, name in known}
    for line in file.new(_USED):
        found = expression(_USED).search(line.whole)
        if not found:
            continue
        owner, name, ref = found[1], found[2], found[3]
        told = _judged(owner, name, ref, before, names)
        if told:
            yield Hit.at(file, line, told)
        elif owner not in _OWN and (owner, name) not in known and _is_trusted(file, line):
            yield Hit.at(
                file,
                line,
                "an action of somebody else, not pinned to its content, is given secrets",
                severity=Severity.LOW,
            )


def _judged(
    owner: bytes, name: bytes, ref: bytes, before: set[bytes], names: dict[bytes, bytes]
) -> str:
    if expression(_COMMIT).search(ref):
        swapped = names.get(name, owner) != owner and names[name] in _OWN
        return "an action of the same name by another owner takes its place" if swapped else ""
    if owner + b"/" + name in before:
        return "what runs was pinned to its content, and no longer is"
    if owner not in _OWN and (names.get(name) != owner) and expression(_BRANCH).search(ref):
        return "an action of somebody else runs, whatever its branch holds by then"
    return ""


def _is_trusted(file: FileView, line: Line) -> bool:
    at = file.added.find(line.whole)
    return b"secrets." in file.added[at : at + 400]


def _images(file: FileView, before: set[bytes]) -> Iterator[Hit]:
    for line in file.new(_IMAGE) if before else ():
        found = expression(_IMAGE).search(line.whole)
        is_pinned = expression(_PINNED).search(line.whole) is not None
        bare = {image.partition(b":")[0] for image in before}
        if found and not is_pinned and found[1] in bare:
            yield Hit.at(file, line, "what runs was pinned to its content, and no longer is")


def _pinned(line: Line) -> bytes:
    found = expression(_PINNED).search(line.whole)
    return bytes(found[1] or found[2]) if found else b""


RULE = Rule(
    id="workflow-pin-loosened",
    pathway=Pathway.PERMISSIONS,
    severity=Severity.MEDIUM,
    confidence=Confidence.HIGH,
    stability=Stability.STABLE,
    summary="runs an action or image that is not pinned to its content",
    patterns=(
        Pattern(
            r"^[ \t]*(?:-[ \t]*)?(?:remote|include|project)\s*:[^\n]*https?://[^\n]*\.ya?ml",
            "pipeline steps are read from another server, whatever it holds by then",
            only=_CI,
        ),
    ),
    added_triggers=(_USED, _IMAGE),
    removed_triggers=(_PINNED,),
    check=check,
)
