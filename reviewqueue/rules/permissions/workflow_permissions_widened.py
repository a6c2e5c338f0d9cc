"""A workflow that may do more than before, or for more people.

What it flags
    In CI workflows, only what is new in a file: `permissions: write-all`, a scope raised
    to write or moved from one job to all, a permissions block removed,
    `pull_request_target` and `workflow_run` triggers, text that outsiders control put
    into a script (`${{ github.event.… }}`), an action or image no longer pinned to its
    content, all secrets inherited.

Why it matters
    A workflow runs with the repository's own token and secrets. `pull_request_target`
    gives them to whoever opens a pull request, and a template in a script runs
    whatever is written in a title.

How to review it
    Compare the scopes with what the job really does; write scopes belong on one job.
    With `pull_request_target`: does any step check out or run the pull request's code?
    Move templates into `env:` and quote them in the script.

Not flagged
    Scopes that are narrowed, moved or read only; workflows without a change to them.
"""

from collections.abc import Iterator

from reviewqueue.domain.finding import Confidence, Pathway, Severity, Side
from reviewqueue.domain.paths import Label
from reviewqueue.scan.rule import FileView, Hit, Line, Pattern, Rule, Stability, View, expression

_CI = frozenset({Label.CI})
_SCOPE = (
    r"^([ \t]*)(actions|attestations|checks|contents|deployments|id-token|issues|models|"
    r"discussions|packages|pages|pull-requests|repository-projects|security-events|statuses)"
    r"\s*:\s*['\"]?write\b"
)
_BLOCK = r"^permissions\s*:"
_PINNED = (
    r"^[ \t]*-?[ \t]*uses:\s*['\"]?([\w.-]+/[\w./-]+)@[0-9a-f]{40}\b|"
    r"([\w./-]+(?::[\w.-]+)?)@sha256:[0-9a-f]{64}\b"
)
_LOOSE = (
    r"^[ \t]*-?[ \t]*uses:\s*['\"]?([\w.-]+/[\w./-]+)@([\w./-]+)|"
    r"image:\s*['\"]?([\w./-]+(?::[\w.-]+)?)"
)
_MILD = frozenset({b"checks", b"statuses", b"security-events", b"models", b"discussions"})


def check(view: View) -> Iterator[Hit]:
    """Compare scopes and pins of each workflow as sets: only what widened is told."""
    scoped = frozenset(view.where(_SCOPE, side=Side.NEW))
    for file in view.where(_SCOPE, _LOOSE, side=Side.NEW):
        if Label.CI in file.labels:
            if file in scoped:
                yield from _scopes(file)
            yield from _pins(file)
    for file in view.where(_BLOCK, side=Side.OLD):
        blocks = file.matches(_BLOCK, Side.OLD) - file.matches(_BLOCK, Side.NEW)
        if Label.CI in file.labels and file.status != "D" and blocks > 0:
            for line in file.gone(_BLOCK):
                yield Hit.at(file, line, "the token falls back to the default", side=Side.OLD)


def _scopes(file: FileView) -> Iterator[Hit]:
    """Tell scopes that are newly written, or that now hold for more: less indented."""
    before = _indents(file.removed)
    after = _indents(file.added)
    wider = {name for name, indent in after.items() if indent < before.get(name, indent + 1)}
    for number, text in file.added_lines() if wider else ():
        found = expression(_SCOPE).search(text)
        if found and found[2] in wider and len(found[1]) == after[found[2]]:
            wider.discard(found[2])
            yield Hit(
                message=f"the workflow's token may newly write {found[2].decode()}",
                text=text.decode("utf-8", "replace").strip(),
                path=file.path,
                line=number,
                side=Side.NEW,
                severity=Severity.LOW if found[2] in _MILD else Severity.MEDIUM,
                key=b" ".join(text.split()),
            )


def _indents(text: bytes) -> dict[bytes, int]:
    """Return each scope that is written, with the least indentation it is written at."""
    found: dict[bytes, int] = {}
    for match in expression(_SCOPE).finditer(text):
        found[match[2]] = min(len(match[1]), found.get(match[2], len(match[1])))
    return found


def _pins(file: FileView) -> Iterator[Hit]:
    before = {_pinned(line) for line in file.gone(_PINNED)}
    for line in file.new(_LOOSE) if before else ():
        found = expression(_LOOSE).search(line.whole)
        loose = found and (found[1] or found[3])
        is_pinned = expression(_PINNED).search(line.whole) is not None
        if loose in before and not is_pinned:
            yield Hit.at(file, line, "what runs was pinned to its content, and no longer is")


def _pinned(line: Line) -> bytes:
    found = expression(_PINNED).search(line.whole)
    return bytes(found[1] or found[2]) if found else b""


RULE = Rule(
    id="workflow-permissions-widened",
    pathway=Pathway.PERMISSIONS,
    severity=Severity.MEDIUM,
    confidence=Confidence.HIGH,
    stability=Stability.STABLE,
    summary="lets a workflow do more, or for more people",
    patterns=(
        Pattern(
            r"^[ \t]*permissions:\s*['\"]?write-all\b",
            "the workflow's token may newly write everything",
            only=_CI,
            severity=Severity.HIGH,
        ),
        Pattern(
            r"\bpull_request_target\b",
            "whoever opens a pull request starts this with the repository's secrets",
            line=r"^[ \t]*(?:['\"]?on['\"]?:|-[ \t]*['\"]?pull|['\"]?pull)",
            only=_CI,
            severity=Severity.HIGH,
        ),
        Pattern(
            r"\bworkflow_run\b",
            "starts with the repository's secrets after another workflow, whoever began that",
            line=r"^[ \t]*(?:['\"]?on['\"]?:|-[ \t]*['\"]?workflow_run|['\"]?workflow_run)",
            only=_CI,
        ),
        Pattern(
            r"\$\{\{\s*(?:github\.event\.(?:issue|"
            r"pull_request|comment|review|review_comment|discussion|head_commit|commits|pages|"
            r"workflow_run)\.[\w.\[\]*]*(?:title|body|message|name|email|ref|label|head_branch)|"
            r"github\.head_ref)\b",
            "text that outsiders control is put into a script",
            line=r"\brun:|\becho\b|\w=|\bscript:|\bcurl\b|\bgit\s|\bgh\s|\bpython|\bnode\b|\bif\s+\[|`",
            only=_CI,
            severity=Severity.HIGH,
        ),
        Pattern(
            r"^[ \t]*secrets:\s*['\"]?inherit\b",
            "a called workflow newly receives every secret",
            only=_CI,
        ),
    ),
    triggers=(_SCOPE, _BLOCK, _PINNED, _LOOSE),
    check=check,
)
