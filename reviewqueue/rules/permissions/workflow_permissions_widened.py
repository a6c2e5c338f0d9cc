"""A workflow that may do more than before, or for more people.

What it flags
    In CI workflows, only what is new in a file: `permissions: write-all`, a scope
    raised to write, `pull_request_target` and `workflow_run` triggers, text that
    outsiders control put into a script (`${{ github.event.… }}`), a third party's action that is
    not pinned to a commit where it was, all secrets inherited.

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
    r"^[ \t]*(actions|attestations|checks|contents|deployments|id-token|issues|models|"
    r"discussions|packages|pages|pull-requests|repository-projects|security-events|statuses)"
    r"\s*:\s*['\"]?write\b"
)
_PINNED = r"^[ \t]*-?[ \t]*uses:\s*['\"]?([\w.-]+/[\w./-]+)@[0-9a-f]{40}\b"
_LOOSE = r"^[ \t]*-?[ \t]*uses:\s*['\"]?([\w.-]+/[\w./-]+)@([\w./-]+)"
_COMMIT = 40
_MILD = frozenset({b"checks", b"statuses", b"security-events", b"models", b"discussions"})


def check(view: View) -> Iterator[Hit]:
    """Compare scopes and pins of each workflow as sets: only what widened is told."""
    for file in view.where(_SCOPE, _LOOSE, side=Side.NEW):
        if Label.CI in file.labels:
            yield from _scopes(file)
            yield from _pins(file)


def _group(regex: str, line: Line, group: int = 1) -> bytes:
    found = expression(regex).search(line.text.encode())
    return bytes(found[group]) if found else b""


def _scopes(file: FileView) -> Iterator[Hit]:
    before = {_group(_SCOPE, line) for line in file.gone(_SCOPE)}
    for line in file.new(_SCOPE):
        scope = _group(_SCOPE, line)
        if scope not in before:
            yield Hit.at(
                file,
                line,
                f"the workflow's token may newly write {scope.decode()}",
                severity=Severity.LOW if scope in _MILD else Severity.MEDIUM,
            )


def _pins(file: FileView) -> Iterator[Hit]:
    before = {_group(_PINNED, line) for line in file.gone(_PINNED)}
    for line in file.new(_LOOSE):
        ref = _group(_LOOSE, line, 2)
        if len(ref) != _COMMIT and _group(_LOOSE, line) in before:
            yield Hit.at(file, line, "an action was pinned to a commit, and no longer is")


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
    triggers=(_SCOPE, _PINNED, _LOOSE),
    check=check,
)
