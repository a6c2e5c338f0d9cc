"""A workflow that people outside the project can start, or run their code in.

What it flags
    In CI workflows: triggers that run with the repository's own token and secrets on
    behalf of whoever opens a pull request, an issue or a comment (`pull_request_target`,
    `workflow_run`, `issue_comment`, `issues` …); a checkout of the pull request's head
    beside such a trigger; conditions on who asked (`author_association`, the actor, the
    head repository) that are gone, or that others can meet (a bot's name, a part of a text);
    strangers' code on a machine of one's own, or in a pipeline (Azure's `pr:`); credentials
    left in the checkout; commands that a log line may set.

Why it matters
    These triggers exist to write labels and comments. As soon as such a run builds,
    installs or tests what a stranger sent, the stranger holds the token: this is how
    repositories and package registries were taken over.

How to review it
    Does any step check out, build or run what the pull request contains? Then no secrets
    and no write scope may be there: split it into two workflows.
    Who can start it, and which condition holds them back?
    Prefer `pull_request`, which runs without secrets for forks.

Not flagged
    `push`, `pull_request`, schedules and manual starts; a checkout of the head in a
    workflow that visibly runs on `pull_request` alone. Only noted: a workflow kept as the
    data of tests (`tests/fixtures/x.yml`), which no forge starts there.

Seen in
    Ultralytics (December 2024, GHSA-7x29-qqmq-v6qc) and spotbugs / reviewdog / tj-actions
    (March 2025, CVE-2025-30066): tokens taken through `pull_request_target`. Nx
    "s1ngularity" (August 2025, GHSA-cxm3-wv7p-598c). GitHub Security Lab, "Preventing pwn
    requests"; OWASP CICD-SEC-4, Poisoned Pipeline Execution.
"""

from collections.abc import Iterator

from reviewqueue.domain.finding import Confidence, Pathway, Severity, Side
from reviewqueue.domain.paths import Label
from reviewqueue.scan.rule import FileView, Hit, On, Pattern, Rule, Stability, View, expression
from reviewqueue.scan.structure.hunks import shown
from reviewqueue.scan.structure.workflows import is_workflow

_CI = frozenset({Label.CI})
_HEAD = (
    r"github\.event\.pull_request\.head\.(?:sha|ref|repo\.full_name)|github\.head_ref|"
    r"refs/pull/[^\n]{0,80}/(?:head|merge)|"
    r"github\.event\.workflow_run\.head_(?:sha|branch|repository\.full_name)|"
    r"\bgh\s+pr\s+checkout\b|\bgit\s+fetch\s[^\n]{0,40}\bpull/|\bpull_request\.merge_commit_sha\b|"
    r"steps\.[\w-]+\.outputs\.(?:head_?(?:sha|ref)|pr_?(?:sha|ref|head\w*))\b"
)
_TAKEN = (
    r"^[ \t]*-?[ \t]*(?:ref|repository)\s*:|\bgh\s+pr\s+checkout\b|\bgit\s+(?:fetch|checkout)\b"
)
_OPEN = (
    r"pull_request_target|workflow_run|issue_comment|discussion_comment|pull_request_review_comment"
)
_BY_COMMENT = (
    r"^[ \t]{0,6}-?[ \t]*['\"]?(?:issue_comment|issues|discussion(?:_comment)?|"
    r"pull_request_review(?:_comment)?|repository_dispatch)['\"]?[ \t]*(?::[ \t]*(?:#[^\n]*)?)?$|"
    r"^['\"]?on['\"]?\s*:\s*\[?[^\n]*\b(?:issue_comment|issues|discussion(?:_comment)?|"
    r"pull_request_review(?:_comment)?)\b"
)
_POWER = r":[ \t]*['\"]?write\b|\bwrite-all\b|\bsecrets\.|\bgithub\.token\b"
_WHO = (
    r"author_association|\bgithub\.(?:actor|triggering_actor)\s*[=!]=|"
    r"head\.repo\.(?:full_name|fork|owner\.login|id)\b|head_repository\.full_name|"
    r"github\.event\.(?:sender|comment\.user|issue\.user|pull_request\.user)\.login\s*[=!]=|"
    r"getCollaboratorPermissionLevel|collaborators/[^\n]*/permission|check-user-permission|"
    r"^[ \t]*if:[^\n]*github\.(?:repository|repository_owner)\s*=="
)
_ON_REQUEST = r"^pr[ \t]*:[ \t]*(?:$|\[|#)"
"""Azure's way to say that a pull request starts this."""
_RUNS_THEIRS = (
    r"(?:script|bash|powershell|pwsh)\s*:[^\n]*(?:\.(?:sh|ps1|py)\b|\bmake\b|\b(?:npm|yarn|pnpm|pip|gradle|"
    r"mvn|dotnet)\s+(?:install|ci|test|build|run)\b|\bnpm\b)"
)
_JOB = r"^[ \t]*['\"]?runs-on['\"]?[ \t]*:"
_OWN_MACHINE = r"\bruns-on\s*:[^\n]*\bself-hosted\b"


def check(view: View) -> Iterator[Hit]:
    """Mark checkouts of a stranger's code, starts by comment, and conditions that are gone."""
    for file in view.where(_HEAD, side=Side.NEW):
        if is_workflow(file):
            yield from _checkouts(file)
    for file in view.where(_BY_COMMENT, side=Side.NEW):
        if is_workflow(file) and _has_power(file):
            for line in file.new(_BY_COMMENT):
                yield Hit.at(file, line, "anybody who writes a comment or an issue starts this")
    for file in view.where(_OWN_MACHINE, _ON_REQUEST, side=Side.NEW):
        yield from _own_machines(file)
    for file in view.where(_WHO, side=Side.OLD):
        if Label.CI in file.labels and file.status != "D":
            yield from _conditions(file)


def _checkouts(file: FileView) -> Iterator[Hit]:
    """Tell a stranger's code checked out, unless the run visibly starts without secrets."""
    text = shown(file)
    is_open = expression(_OPEN).search(text) is not None
    if not is_open and expression(r"\bpull_request\b\s*(?:[:,\]'\"]|$)").search(text):
        return
    for line in file.new(_HEAD):
        if expression(_TAKEN).search(line.whole):
            message = "the head of a pull request is checked out: what may it reach here?"
            if is_open:
                message = "what a stranger sent is checked out where the repository's token is"
            yield Hit.at(file, line, message, severity=Severity.HIGH if is_open else None)


def _own_machines(file: FileView) -> Iterator[Hit]:
    if is_workflow(file) and expression(r"\bpull_request|\bissue").search(file.added):
        for line in file.new(_OWN_MACHINE):
            yield Hit.at(file, line, "what a stranger sends runs on a machine of one's own")
    if Label.CI in file.labels and expression(_RUNS_THEIRS).search(file.added):
        for line in file.new(_ON_REQUEST):
            yield Hit.at(file, line, "whoever opens a pull request has their code run here")


def _has_power(file: FileView) -> bool:
    """Return whether the run visibly holds secrets or may write; unseen text counts as yes."""
    return file.status != "A" or expression(_POWER).search(file.added) is not None


def _conditions(file: FileView) -> Iterator[Hit]:
    gone, new = file.gone(_WHO), file.new(_WHO)
    if len(gone) <= len(new) or _jobs(file.removed) > _jobs(file.added):
        return
    for line in gone:
        yield Hit.at(file, line, "a condition on who may start this is gone", side=Side.OLD)


def _jobs(text: bytes) -> int:
    return len(expression(_JOB).findall(text))


RULE = Rule(
    id="workflow-open-to-outsiders",
    pathway=Pathway.PERMISSIONS,
    severity=Severity.MEDIUM,
    confidence=Confidence.HIGH,
    stability=Stability.STABLE,
    summary="lets outsiders start a workflow, or run their code in one",
    patterns=(
        Pattern(
            r"\bpull_request_target\b",
            "whoever opens a pull request starts this with the repository's secrets",
            line=r"^[ \t]*(?:['\"]?on['\"]?:|-[ \t]*['\"]?pull|['\"]?pull)",
            globs=("*.yml", "*.yaml"),
            severity=Severity.HIGH,
        ),
        Pattern(
            r"\bworkflow_run\b",
            "starts with the repository's secrets after another workflow, whoever began that",
            line=r"^[ \t]*(?:['\"]?on['\"]?:|-[ \t]*['\"]?workflow_run|['\"]?workflow_run)",
            only=_CI,
        ),
        Pattern(
            r"\bpersist-credentials['\"]?\s*:\s*['\"]?true\b",
            "the token stays in the checkout for every later step",
            globs=("*.yml", "*.yaml"),
        ),
        Pattern(
            r"\bpersist-credentials['\"]?\s*:\s*['\"]?false\b",
            "the token newly stays in the checkout for every later step",
            on=On.REMOVED,
            only=_CI,
        ),
        Pattern(
            r"\bACTIONS_ALLOW_UNSECURE_COMMANDS['\"]?\s*:\s*['\"]?true|"
            r"\binsecure-external-code-execution['\"]?\s*:\s*['\"]?allow|"
            r"\ballow[-_]?(?:forks?|fork[-_]pull[-_]requests?)['\"]?\s*:\s*['\"]?true\b|"
            r"\benable[-_]?(?:fork|external)[-_]?(?:prs?|pipelines?|"
            r"builds?)['\"]?\s*:\s*['\"]?true\b",
            "what a stranger sends may steer the run",
            globs=("*.yml", "*.yaml"),
        ),
        Pattern(
            r"^[ \t]*-?[ \t]*if\s*:\s*['\"]?(?:\$\{\{[^\n]*\}\}[ \t'\"]*(?:[^\s'\"#]|#\S)|"
            r"[^\s$'\"#|>][^\n]*\$\{\{)|"
            r"^[ \t]*-?[ \t]*if\s*:\s*['\"]?[!(][^\n]*\$\{\{[^\n]*\}\}",
            "a condition with text outside of its braces is always met",
            only=_CI,
        ),
        Pattern(
            r"\bgithub\.(?:actor|triggering_actor)\s*==\s*['\"][\w.-]+\[bot\]|"
            r"\bcontains\(\s*['\"][^'\"\n]*['\"]\s*,\s*github\.(?:ref|actor|head_ref|base_ref)",
            "a condition that others can meet, too, decides over who may start this",
            globs=("*.yml", "*.yaml"),
        ),
    ),
    added_triggers=(_HEAD, _BY_COMMENT, _OWN_MACHINE, _ON_REQUEST),
    removed_triggers=(_WHO,),
    check=check,
    version=4,
    in_place=True,
)
