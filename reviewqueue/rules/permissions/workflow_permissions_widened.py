"""A workflow whose token may do more than before.

What it flags
    In CI workflows, only what is new in a file: `permissions: write-all`, a scope raised
    to write (`id-token: write` too) or moved from one job to all, a permissions block
    removed, all secrets inherited or turned into one text, GitLab's identity tokens; an
    application's or a stored token in place of the job's own, a job's protected
    environment gone; a deciding key written as an alias, with a tag or a question mark.

Why it matters
    A workflow runs with the repository's own token and secrets; what the workflow may do,
    every action, dependency and test it runs may do as well.

How to review it
    Compare the scopes with what the job really does; write scopes belong on one job.
    `id-token: write` lets the job act in whatever cloud trusts this repository.
    Pass the secrets that are needed by name.

Not flagged
    Scopes that are narrowed, moved or read only; workflows without a change to them. All
    secrets for a workflow of the same repository are only noted.

Seen in
    tj-actions/changed-files (March 2025, CVE-2025-30066): every workflow that used the
    action gave it what its token could do. GhostAction (September 2025): workflows added
    that send secrets out. OWASP CICD-SEC-5, Insufficient PBAC; ATT&CK T1098.
"""

from collections import Counter
from collections.abc import Iterator

from reviewqueue.domain.finding import Confidence, Pathway, Severity, Side
from reviewqueue.domain.paths import Label
from reviewqueue.scan.rule import FileView, Hit, Pattern, Rule, Stability, View, expression

_CI = frozenset({Label.CI})
_SCOPE = (
    r"^([ \t]*)['\"]?(actions|administration|artifact-metadata|attestations|checks|contents|"
    r"deployments|discussions|environments|id-token|issues|members|models|packages|pages|pull-requests|"
    r"repository-projects|organization-[a-z-]+|secrets|security-events|statuses|workflows)"
    r"['\"]?\s*:\s*(?:!!?\w*\s+)?['\"]?write\b"
)
_BLOCK = r"^[ \t]*['\"]?permissions['\"]?\s*:"
_INHERIT = r"^[ \t]*['\"]?secrets['\"]?\s*:\s*['\"]?inherit\b"
_OWN = r"\bsecrets\.GITHUB_TOKEN\b|\bgithub\.token\b"
_STORED = r"(?i)\b\w*(?:token|password)['\"]?\s*:\s*\$\{\{\s*secrets\."
_ENVIRONMENT = r"^ {2,8}environment\s*:"
_INLINE = r"\bpermissions['\"]?\s*:\s*\{[^}\n]*:\s*['\"]?write\b"


def check(view: View) -> Iterator[Hit]:
    """Compare each workflow before and after: only what widened is told."""
    for trigger, side, told in (
        (_SCOPE, Side.NEW, _scopes),
        (_INHERIT, Side.NEW, _inherited),
        (_OWN, Side.OLD, _tokens),
        (_ENVIRONMENT, Side.OLD, _environments),
        (_BLOCK, Side.OLD, _blocks),
    ):
        for file in view.where(trigger, side=side):
            if Label.CI in file.labels and file.status != "D":
                yield from told(file)


def _scopes(file: FileView) -> Iterator[Hit]:
    """Tell scopes that are newly written, or that now hold for more: less indented."""
    before, after = _indents(file.removed), _indents(file.added)
    wider = {
        name: min(indents)
        for name, indents in after.items()
        if min(indents) < min(before.get(name, [min(indents) + 1]))
        or indents.total() > before.get(name, Counter()).total()
    }
    for number, text in file.added_lines() if wider else ():
        found = expression(_SCOPE).search(text)
        if found and wider.get(found[2]) == len(found[1]):
            del wider[found[2]]
            yield Hit(
                message=f"the workflow's token may newly write {found[2].decode()}",
                text=text.decode("utf-8", "replace").strip(),
                path=file.path,
                line=number,
                side=Side.NEW,
                key=b" ".join(text.split()),
            )


def _inherited(file: FileView) -> Iterator[Hit]:
    local = _local(file)
    for line in file.new(_INHERIT):
        severity = Severity.LOW if line.number in local else None
        message = "a called workflow newly receives every secret"
        yield Hit.at(file, line, message, severity=severity)


def _environments(file: FileView) -> Iterator[Hit]:
    gone = file.gone(_ENVIRONMENT)
    if _jobs_gone(file) <= 0 and len(gone) > len(file.new(_ENVIRONMENT)):
        for line in gone:
            message = "the job's environment, and who must approve its use, is gone"
            yield Hit.at(file, line, message, side=Side.OLD)


def _local(file: FileView) -> set[int]:
    """Return the new lines below a call of one of this repository's own workflows."""
    found: set[int] = set()
    uses = expression(r"\buses:\s*['\"]?(\S+)")
    is_local = False
    for _, start, lines in file.hunks():
        for at, line in enumerate((line for line in lines if line[:1] in {b" ", b"+"}), start):
            called = uses.search(line)
            is_local = called[1].startswith(b"./") if called else is_local
            if is_local:
                found.add(at)
    return found


def _indents(text: bytes) -> dict[bytes, Counter[int]]:
    """Return, of each scope that is written, how often at which indentation."""
    found: dict[bytes, Counter[int]] = {}
    for match in expression(_SCOPE).finditer(text):
        found.setdefault(match[2], Counter())[len(match[1])] += 1
    return found


def _blocks(file: FileView) -> Iterator[Hit]:
    """Tell blocks that are gone, unless their jobs are gone with them."""
    gone = file.matches(_BLOCK, Side.OLD) - file.matches(_BLOCK, Side.NEW)
    if gone > max(_jobs_gone(file), 0):
        for line in file.gone(_BLOCK):
            yield Hit.at(file, line, "the token falls back to the default", side=Side.OLD)


def _tokens(file: FileView) -> Iterator[Hit]:
    """Tell a token that outlives the job, where the job's own was used."""
    if file.gone(_OWN):
        for line in file.new(_STORED):
            if expression(_OWN).search(line.whole):
                continue
            yield Hit.at(file, line, "a stored token takes the place of the job's own")


def _jobs_gone(file: FileView) -> int:
    return file.removed.count(b"runs-on:") - file.added.count(b"runs-on:")


RULE = Rule(
    id="workflow-permissions-widened",
    pathway=Pathway.PERMISSIONS,
    severity=Severity.MEDIUM,
    confidence=Confidence.HIGH,
    stability=Stability.STABLE,
    summary="lets a workflow's token do more",
    patterns=(
        Pattern(
            r"^[ \t]*['\"]?permissions['\"]?\s*:\s*(?:[&!]\S*\s+)*['\"]?write-all\b",
            "the workflow's token may newly write everything",
            globs=("*.yml", "*.yaml"),
            severity=Severity.HIGH,
        ),
        Pattern(
            r"^[ \t]*(?:-[ \t]+)?(?:\?[ \t]+\S|['\"]?(?:permissions|on|secrets|run|uses|if|"
            r"continue-on-error)['\"]?\s*:\s*(?:\*|!!?)\w)",
            "what decides here stands elsewhere, or in a form that reads as something else",
            only=_CI,
        ),
        Pattern(_INLINE, "the workflow's token may newly write", only=_CI),
        Pattern(
            r"(?i)\btojson\(\s*(?:secrets|github)\s*\)",
            "every secret, or the token, becomes one text",
            line=r"(?i)secrets|run:|echo|token|curl",
            only=_CI,
            severity=Severity.HIGH,
        ),
        Pattern(
            r"(?i)\buses:[^\n]*(?:create-github-app-token|github-app-token|"
            r"workflow-application-token|"
            r"app-token-action)@",
            "the job newly acts with an application's rights instead of its own",
            only=_CI,
        ),
        Pattern(
            r"^[ \t]*id_tokens\s*:",
            "the job may newly sign in to a cloud as this project",
            only=_CI,
        ),
    ),
    triggers=(_SCOPE, _BLOCK, _INHERIT, _OWN, _STORED, _ENVIRONMENT),
    check=check,
    version=3,
)
