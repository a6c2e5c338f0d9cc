"""What a workflow runs is no longer, or not, pinned to its content.

What it flags
    In CI: an action, reusable workflow or image that was pinned to a commit or digest and
    now follows a tag or branch; a third-party action that newly follows a branch
    (`@main`, `@latest`) or nothing at all; an action whose owner is swapped; a pin that keeps
    its version and changes its commit, or that replaces a tag and names no version; a
    third-party action newly added by tag into a job that is given secrets. Likewise images,
    included pipelines, orbs, modules of infrastructure and hooks that were fixed and follow
    a branch now.

Why it matters
    A tag can be moved by whoever gets hold of the action's repository, and then runs here
    with this workflow's token; a commit cannot.

How to review it
    Pin to the full commit, with the version in a comment; let a bot raise it.
    Is the owner really the one meant, and does the commit belong to that repository?

Not flagged
    A pin raised to another commit of the same action; versions raised from tag to tag;
    the forge's own actions; actions inside this repository. Only noted: an action of the one
    repository that a job says it runs in; a workflow kept as data of tests.

Seen in
    tj-actions/changed-files and reviewdog/action-setup (March 2025, CVE-2025-30066 and
    CVE-2025-30154): existing tags moved to malicious commits. OWASP CICD-SEC-3; ATT&CK
    T1195.002.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from reviewqueue.domain.finding import Confidence, Pathway, Severity, Side
from reviewqueue.domain.paths import Label
from reviewqueue.scan.effects.runs_only_in import runs_only_in
from reviewqueue.scan.rule import FileView, Hit, Line, Pattern, Rule, Stability, View, expression
from reviewqueue.scan.structure.near import stands_in
from reviewqueue.scan.structure.pairs import Block, Pair, blocks, paired
from reviewqueue.scan.structure.workflows import is_like_workflow, is_workflow

_CI = frozenset({Label.CI})
_PLACES = frozenset(
    {Label.CI, Label.BUILD, Label.CONTAINER, Label.HOOK, Label.INFRASTRUCTURE, Label.CONFIG}
)
_ASIDE = frozenset({Label.LOCK, Label.GENERATED, Label.DATA, Label.VENDORED, Label.DOCS})
_USED = r"\buses['\"]?\s*:\s*['\"]?([\w.-]+)/([\w./-]+)@([\w./-]+)"
_BARE = (
    r"\buses['\"]?\s*:\s*['\"]?(?:[\w-]+/[\w./-]+['\"]?[ \t]*$|"
    r"docker://[\w./-]+(?::(?:latest|main|edge))?['\"]?[ \t]*$|"
    r"[\w.-]+/[^\s@]*(?://|/\.{1,2}/)[^\s@]*@)"
)
_PINNED = r"\buses['\"]?\s*:\s*['\"]?([\w.-]+/[\w./-]+)@([0-9a-f]{40})\b"
_FIXED = (
    r"@sha256:[0-9a-f]{64}\b|[?&]ref=(?:v?\d|[0-9a-f]{7,40}\b)|\bdigest['\"]?\s*:\s*['\"]?sha256:|"
    r"\b(?:ref|rev|revision|commit)['\"]?\s*[:=]\s*['\"]?(?:[0-9a-f]{40}\b|refs/tags/)|"
    r"://[\w./-]+@[0-9a-f]{40}\b"
)
"""What is fixed to its content, or by a version that nobody moves."""
_WAS_FIXED = (
    rf"{_FIXED}|\b(?:ref|rev|revision|tag|version)['\"]?\s*[:=]\s*['\"]?v?\d|"
    r"@Library\(\s*['\"][\w.-]+@v?\d|:\s*[\w-]+/[\w-]+@\d+\.\d+(?:\.\d+)?\b|^FROM\s+[\w./-]+:v?\d|\bimage\s*:\s*['\"]?[\w./-]+:v?\d"
)
_FOLLOWS = (
    r"\b(?:ref|rev|revision|tag|version)['\"]?\s*[:=]\s*['\"]?(?:refs/heads/|(?:main|master|develop|dev|"
    r"trunk|head|HEAD|latest|nightly|edge|canary)\b)|@(?:volatile|dev:)|"
    r"@Library\(\s*['\"][\w.-]+@(?:main|master|develop|HEAD)\b|"
    r"^FROM\s+[\w./-]+:(?:latest|edge|nightly|main)\b|"
    r"\bimage\s*:\s*['\"]?[\w./-]+:(?:latest|edge|nightly|main)\b"
)
_CONTENT = r"\b[0-9a-f]{40}\b|sha256:[0-9a-f]{64}\b"
_MOVING = (
    r"(?i)(?:[:@/=]|[:=]\s*['\"]?)(?:latest|main|master|develop|dev|trunk|head|nightly|edge|canary|"
    r"volatile)\b|@dev:|refs/heads/"
)
_SOURCE = r"(?i)^\W*(?:from|source|image|uses|ref|rev|revision|[\w-]+\s*:\s*[\w.-]+/)\b|@"
_FIRST = r"^[\s-]*['\"]?[A-Za-z][\w.-]*"
_COMMIT = r"^(?:[0-9a-f]{40}|[0-9a-f]{64})$"
_BRANCH = (
    r"^(?:main|master|latest|dev|develop|trunk|head|HEAD|nightly|edge|canary|next|beta|"
    r"release/\S+)$"
)
_VERSION = r"#[^\n]*?(v?\d[\w.]*)"
_FOLLOWED = "an action of somebody else runs, whatever its branch holds by then"
_OWN = frozenset({b"actions", b"github", b"."})
_STEP = 12
"""Lines below an action that are still about it."""


def check(view: View) -> Iterator[Hit]:
    """Compare what each workflow used and uses, and what was fixed elsewhere."""
    for file in view.where(_USED, _BARE, side=Side.NEW):
        if is_workflow(file):
            yield from _actions(file)
            for line in file.new(_BARE):
                yield Hit.at(file, line, "what runs is whatever its address holds by then")
    changed = (*view.where(_FIXED, side=Side.OLD), *view.where(_FOLLOWS, side=Side.NEW))
    for file in dict.fromkeys(changed):
        if not file.labels.isdisjoint(_PLACES) and file.labels.isdisjoint(_ASIDE):
            for block in blocks(file, _WAS_FIXED):
                pairs = list(paired(block))
                for pair in (*pairs, *_alike(block, {pair.old_line for pair in pairs})):
                    yield from _loosened(file, pair)


@dataclass(frozen=True, slots=True)
class _Before:
    """What a workflow used before the change."""

    pinned: set[bytes]
    """The actions that were used at a commit."""
    moving: set[bytes]
    """The actions that followed a branch."""
    owners: dict[bytes, bytes]
    """Of each name, its owner."""
    versions: dict[bytes, tuple[bytes, bytes]]
    """Of each action, its reference and the version in its comment."""


def _before(text: bytes) -> _Before:
    before = _Before(set(), set(), {}, _versions(text))
    commit, moves = expression(_COMMIT), expression(_BRANCH)
    for found in expression(_USED).finditer(text):
        before.owners[found[2]] = found[1]
        action = found[1] + b"/" + found[2]
        if commit.search(found[3]):
            before.pinned.add(action)
        if moves.search(found[3]):
            before.moving.add(action)
    return before


def _actions(file: FileView) -> Iterator[Hit]:
    before, homes = _before(file.removed), runs_only_in(file)
    secrets = [number for number, text in file.added_lines() if b"secrets." in text]
    for line in file.new(_USED):
        found = expression(_USED).search(line.whole)
        if not found:
            continue
        owner, name, ref = found[1], found[2], found[3]
        told = _judged(owner, name, ref, before) or _repinned(line, before.versions)
        if told:
            home = homes.get(line.number or 0)
            is_own = home == owner + b"/" + name.partition(b"/")[0]
            is_noted = is_own and told == _FOLLOWED
            yield Hit.at(file, line, told, severity=Severity.LOW if is_noted else None)
        elif owner not in _OWN and owner + b"/" + name not in before.versions:
            yield from _added(file, line, ref, secrets)


def _added(file: FileView, line: Line, ref: bytes, secrets: Sequence[int]) -> Iterator[Hit]:
    """Tell an action of somebody else that is newly there and not fixed."""
    if expression(_COMMIT).search(ref):
        return
    is_example = is_like_workflow(file)
    at = line.number or 0
    if is_example or stands_in(secrets, range(at, at + _STEP)):
        message = "an action of somebody else is not pinned to its content"
        severity = None if is_example else Severity.LOW
        yield Hit.at(file, line, message, severity=severity)


def _judged(owner: bytes, name: bytes, ref: bytes, before: _Before) -> str:
    commit, moves = expression(_COMMIT), expression(_BRANCH)
    action = owner + b"/" + name
    if commit.search(ref):
        was = before.owners.get(name, owner)
        swapped = was != owner and was in _OWN
        return "an action of the same name by another owner takes its place" if swapped else ""
    if action in before.pinned:
        return "what runs was pinned to its content, and no longer is"
    if owner not in _OWN and moves.search(ref) and action not in before.moving:
        return _FOLLOWED
    return ""


def _versions(text: bytes) -> dict[bytes, tuple[bytes, bytes]]:
    """Return of each action that was used its reference and the version in its comment."""
    found = {}
    for line in text.split(b"\n"):
        for used in expression(_USED).finditer(line) if b"uses" in line else ():
            said = expression(_VERSION).search(line)
            found[used[1] + b"/" + used[2]] = (used[3], bytes(said[1]) if said else b"")
    return found


def _repinned(line: Line, versions: dict[bytes, tuple[bytes, bytes]]) -> str:
    """Tell a pin that changes its commit alone, or that replaces a tag and names none."""
    used = expression(_PINNED).search(line.whole)
    if not used or used[1] not in versions or used[1].split(b"/")[0] in _OWN:
        return ""
    was, said = versions[used[1]]
    now = expression(_VERSION).search(line.whole)
    is_whole = said.count(b".") > 1
    if not used[2].startswith(was) and is_whole and now and now[1] == said:
        return "the commit changes, and the version that it claims to be does not"
    if not expression(_COMMIT).search(was) and b"#" not in line.whole:
        return "a version gives way to a commit, and nothing says of which version it is"
    return ""


def _alike(block: Block, known: set[int]) -> Iterator[Pair]:
    """Pair by their first word lines that share little else: a digest is most of its line."""
    first = expression(_FIRST)
    names: dict[bytes, tuple[int, bytes]] = {}
    for number, text in block.new:
        found = first.search(text)
        if found and not expression(_CONTENT).search(text):
            names.setdefault(bytes(found[0]), (number, text))
    for number, text in block.old:
        found = first.search(text) if number not in known else None
        if found and expression(_CONTENT).search(text) and bytes(found[0]) in names:
            new, line = names[bytes(found[0])]
            yield Pair(number, new, text, line)


def _loosened(file: FileView, pair: Pair) -> Iterator[Hit]:
    """Tell what was fixed, and is not in the line that takes its place."""
    if expression(_USED).search(pair.new) and is_workflow(file):
        return
    if not (expression(_WAS_FIXED).search(pair.old) and expression(_SOURCE).search(pair.new)):
        return
    is_content = expression(_CONTENT).search(pair.old) and not expression(_CONTENT).search(pair.new)
    is_fixed = expression(_WAS_FIXED).search(pair.new) is not None
    moves = expression(_MOVING).search(pair.new) and not expression(_MOVING).search(pair.old)
    if is_content or moves or (not is_fixed and b"source" in pair.new):
        message = "what runs was fixed, and no longer is"
        yield Hit.on(file, pair.new_line, pair.new, message)


RULE = Rule(
    id="workflow-pin-loosened",
    pathway=Pathway.PERMISSIONS,
    severity=Severity.MEDIUM,
    confidence=Confidence.HIGH,
    stability=Stability.STABLE,
    summary="runs an action or image that is not pinned to its content",
    patterns=(
        Pattern(
            r"^[ \t]*(?:-[ \t]*)?(?:remote|include|project)\s*:",
            "pipeline steps are read from another server, whatever it holds by then",
            line=r":[^\n]*https?://[^\n]*\.ya?ml",
            only=_CI,
        ),
    ),
    added_triggers=(_USED, _BARE, _FOLLOWS),
    removed_triggers=(_FIXED,),
    check=check,
    version=4,
    in_place=True,
)
