"""A workflow whose token may do more than before.

What it flags
    In CI workflows, only what is new in a file: `permissions: write-all`, a scope raised to
    write (`id-token: write` too) or moved from one job to all, a permissions block removed, all
    secrets inherited or turned into one text, GitLab's identity tokens; an application's or a
    stored token in place of the job's own, another stored key or another role in the cloud than
    before, a job's protected environment or a manual go-ahead gone; a context of secrets, a
    service account, a token left in the checkout or a debug trace; a deciding key written as an
    alias, with a tag or a question mark; secrets newly handed to what a pull request or a test
    runs, in other CI systems to any job. A new file elsewhere that reads like a workflow counts
    as one.

Why it matters
    A workflow runs with the repository's own token and secrets; what the workflow may do,
    every action, dependency and test it runs may do as well.

How to review it
    Compare the scopes with what the job really does; write scopes belong on one job.
    `id-token: write` lets the job act in whatever cloud trusts this repository.
    Pass the secrets that are needed by name.

Not flagged
    Scopes that are narrowed, moved or read only; a job's block that goes where the workflow's
    own gives nothing to write; the first limits of an application's token that had none;
    workflows without a change to them. Only noted: all secrets for a workflow of the same
    repository that is newly called, and that no outsider starts; in a new workflow, and in one
    that so far named no scope at all, scopes that reach neither code nor releases (comments,
    checks, pages); a workflow kept as data of tests.

Seen in
    tj-actions/changed-files (March 2025, CVE-2025-30066): every workflow that used the
    action gave it what its token could do. GhostAction (September 2025): workflows added
    that send secrets out. OWASP CICD-SEC-5, Insufficient PBAC; ATT&CK T1098.
"""

from collections import Counter
from collections.abc import Iterator

from reviewqueue.domain.finding import Confidence, Pathway, Severity, Side
from reviewqueue.domain.paths import Label
from reviewqueue.scan.effects.token_limits import (
    APPLICATION,
    BLOCK,
    LIMIT,
    first_limits,
    in_first_blocks,
    reads_at_most,
)
from reviewqueue.scan.rule import (
    FileView,
    Hit,
    Line,
    On,
    Pattern,
    Rule,
    Stability,
    View,
    expression,
)
from reviewqueue.scan.structure.hunks import numbered, shown
from reviewqueue.scan.structure.pairs import exchanged, finds, pairs_losing
from reviewqueue.scan.structure.workflows import is_workflow

_CI = frozenset({Label.CI})
_SCOPE = (
    r"^([ \t]*)['\"]?(actions|administration|artifact-metadata|attestations|checks|contents|"
    r"deployments|discussions|environments|id-token|issues|members|models|packages|pages|"
    r"pull-requests|"
    r"repository-projects|organization-[a-z-]+|secrets|security-events|statuses|workflows)"
    r"['\"]?\s*:\s*(?:!!?\w*\s+)?['\"]?write\b"
)
_INHERIT = r"^[ \t]*['\"]?secrets['\"]?\s*:\s*['\"]?inherit\b"
_OWN = r"\bsecrets\.GITHUB_TOKEN\b|\bgithub\.token\b"
_STORED = (
    r"(?i)\b\w*(?:token|password|access_?key(?:_?id)?|secret(?:_?access)?_?key|credentials?|private_?key|"
    r"client_?secret|api_?key)['\"]?\s*:\s*\$\{\{\s*secrets\."
)
_SIGNS_IN = r"(?i)\b\w*(?:token|password)['\"]?\s*:"
"""What takes the place of a job's own token, among what is stored."""
_ROLE = (
    r"(?i)^[ \t]*(?:role-to-assume|role_?arn|assume_?role|service_account|"
    r"workload_identity_provider|"
    r"client-id)['\"]?\s*:\s*\S"
)
"""Whom a job is in a cloud."""
_ENVIRONMENT = r"^ {2,8}environment\s*:"
_JOB = r"^[ \t]*['\"]?runs-on['\"]?[ \t]*:"
_HANDED = r"\$\{\{\s*secrets\.(\w+)"
_ON_REQUEST = r"^[ \t]*-?[ \t]*pull_request\s*(?::|$)|^['\"]?on['\"]?\s*:[^\n]*\bpull_request\b"
_TESTS = (
    r"(?i)\b(?:pytest|tox|nox|rspec|phpunit|jest|vitest|mocha|cypress|ctest)\b|"
    r"\b(?:npm|pnpm|yarn|bun|go|cargo|make|dotnet|mvnw?|gradlew?|mix|swift|deno|uv run)\s+"
    r"(?:run\s+|-\S+\s+)*(?:test|check|lint|verify|e2e)\b"
)
"""What runs the code of whoever opened the pull request."""
_CALLED = r"\buses:[ \t]*['\"]?\./"
_STARTED_BY_OTHERS = (
    r"^[ \t]*(?:-[ \t]*)?['\"]?(?:pull_request(?:_target)?|issue_comment|issues|"
    r"discussion(?:_comment)?)['\"]?[ \t]*(?::|$)|"
    r"^['\"]?on['\"]?\s*:[^\n]*\b(?:pull_request|issue_comment)"
)
_AROUND = 8
"""Lines above, and from it on, around a secret that may run tests."""
_GRANTED = rf"{LIMIT}\s*['\"]?(?:write|admin)\b"
_NARROW = frozenset(
    {
        b"pull-requests",
        b"issues",
        b"checks",
        b"statuses",
        b"pages",
        b"deployments",
        b"discussions",
        b"security-events",
    }
)
_INLINE = r"\bpermissions['\"]?\s*:\s*\{[^}\n]*:\s*['\"]?write\b"


def check(view: View) -> Iterator[Hit]:
    """Compare each workflow before and after: only what widened is told."""
    for trigger, side, told in (
        (_SCOPE, Side.NEW, _scopes),
        (_INHERIT, Side.NEW, _inherited),
        (_OWN, Side.OLD, _tokens),
        (_STORED, Side.OLD, _others),
        (_ROLE, Side.OLD, _roles),
        (_ENVIRONMENT, Side.OLD, _environments),
        (BLOCK, Side.OLD, _blocks),
        (APPLICATION, Side.NEW, _applications),
        (LIMIT, Side.OLD, _limits),
        (_GRANTED, Side.NEW, _granted),
        (_HANDED, Side.NEW, _handed),
    ):
        for file in view.where(trigger, side=side):
            if file.status != "D" and is_workflow(file):
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
    first = _first(file) if wider else set()
    for number, text in file.added_lines() if wider else ():
        found = expression(_SCOPE).search(text)
        if found and wider.get(found[2]) == len(found[1]):
            del wider[found[2]]
            message = f"the workflow's token may newly write {found[2].decode()}"
            is_noted = number in first and _is_narrow(found[2], file)
            severity = Severity.LOW if is_noted else None
            yield Hit.on(file, number, text, message, severity=severity)


def _first(file: FileView) -> set[int]:
    """Return the lines of the scopes that a workflow has first, new or without any so far."""
    if Label.CI not in file.labels:
        return set()
    if file.status == "A":
        return {number for number, _ in file.added_lines()}
    return in_first_blocks(file)


def _is_narrow(scope: bytes, file: FileView) -> bool:
    """Return whether a scope changes neither code nor what is released."""
    return scope in _NARROW or (scope == b"id-token" and b"actions/deploy-pages@" in file.added)


def _inherited(file: FileView) -> Iterator[Hit]:
    """Tell every secret handed on; to a workflow of the same repository it is a note."""
    local = _local(file)
    is_wider = _is_handed_more(file) if local else False
    for line in file.new(_INHERIT):
        severity = Severity.LOW if line.number in local and not is_wider else None
        message = "a called workflow newly receives every secret"
        yield Hit.at(file, line, message, severity=severity)


def _is_handed_more(file: FileView) -> bool:
    """Return whether a call that was there gets all secrets, or one that an outsider starts."""
    if file.status != "M":
        return False
    called = expression(_CALLED).findall
    is_old = len(called(file.added)) <= len(called(file.removed))
    return is_old or expression(_STARTED_BY_OTHERS).search(shown(file)) is not None


def _applications(file: FileView) -> Iterator[Hit]:
    """Tell an application's token that is newly asked for, not one of another version."""
    new = file.new(APPLICATION)
    for line in new[len(file.gone(APPLICATION)) :]:
        message = "the job newly acts with an application's rights instead of its own"
        yield Hit.at(file, line, message)


def _handed(file: FileView) -> Iterator[Hit]:
    """Tell secrets that what a pull request brings, or a test run, newly can read."""
    if file.status != "M":
        return
    before = set(expression(_HANDED).findall(file.removed))
    on_request = expression(_ON_REQUEST).search(shown(file)) is not None
    places = {} if on_request else _near(file)
    for line in file.new(_HANDED):
        names = expression(_HANDED).findall(line.whole)
        is_new = any(name not in before and name != b"GITHUB_TOKEN" for name in names)
        around = places.get(line.number or 0, b"")
        if is_new and (on_request or expression(_TESTS).search(around)):
            message = "a secret is newly within reach of what a pull request runs"
            yield Hit.at(file, line, message)


def _near(file: FileView) -> dict[int, bytes]:
    """Return what stands around each added line that hands a secret over."""
    found: dict[int, bytes] = {}
    for hunk in file.hunks():
        lines = [line for line in numbered(hunk) if line[0] != b"-"]
        for place, (mark, number, text) in enumerate(lines):
            if mark == b"+" and b"secrets." in text:
                around = lines[max(0, place - _AROUND) : place + _AROUND]
                found[number] = b"\n".join(near for _, _, near in around)
    return found


def _limits(file: FileView) -> Iterator[Hit]:
    """Tell limits of an application's token that go while the token is still asked for."""
    gone = file.gone(LIMIT)
    if len(file.gone(APPLICATION)) > len(file.new(APPLICATION)):
        return
    if gone and len(gone) > len(file.new(LIMIT)):
        message = "an application's token is no longer limited to what was named"
        yield Hit.at(file, gone[0], message, side=Side.OLD)


def _granted(file: FileView) -> Iterator[Hit]:
    """Tell what an application's token may newly write, unless so far it had no limit."""
    new = file.new(_GRANTED) if Label.CI in file.labels else ()
    first = first_limits(file) if new else set()
    for line in new:
        if line.number not in first:
            message = "the application's token may newly write"
            yield Hit.at(file, line, message, discountable=True)


def _environments(file: FileView) -> Iterator[Hit]:
    """Tell environments that go while their jobs stay."""
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
    for hunk in file.hunks():
        for mark, number, text in numbered(hunk):
            called = uses.search(text) if mark != b"-" else None
            is_local = called[1].startswith(b"./") if called else is_local
            if is_local and mark != b"-":
                found.add(number)
    return found


def _indents(text: bytes) -> dict[bytes, Counter[int]]:
    """Return, of each scope that is written, how often at which indentation."""
    found: dict[bytes, Counter[int]] = {}
    for match in expression(_SCOPE).finditer(text):
        found.setdefault(match[2], Counter())[len(match[1])] += 1
    return found


def _blocks(file: FileView) -> Iterator[Hit]:
    """Tell blocks that are gone, unless their jobs are, or fall to one that only reads."""
    gone = file.matches(BLOCK, Side.OLD) - file.matches(BLOCK, Side.NEW)
    if gone > max(_jobs_gone(file), 0):
        is_kept = reads_at_most(file)
        for line in file.gone(BLOCK):
            if is_kept and line.whole[:1].isspace():
                continue
            yield Hit.at(file, line, "the token falls back to the default", side=Side.OLD)


def _stored(line: Line) -> tuple[bytes, bytes]:
    """Return what stands before the name of a stored token, and the name; the job's own is none."""
    place, _, rest = line.whole.partition(b"secrets.")
    found = expression(r"^\w+").search(rest)
    is_own = expression(_OWN).search(line.whole) is not None
    return b"".join(place.split()), found[0] if found and not is_own else b""


def _others(file: FileView) -> Iterator[Hit]:
    """Tell a stored token in another one's place."""
    was = dict(map(_stored, file.gone(_STORED)))
    for line in file.new(_STORED):
        place, name = _stored(line)
        if name and was.get(place, name) != name and was[place]:
            yield Hit.at(file, line, "a job acts with another stored token than before")


def _roles(file: FileView) -> Iterator[Hit]:
    """Tell a role in another one's place."""
    for pair in pairs_losing(file, _ROLE):
        old, new = (text.partition(b":") for text in (pair.old.strip(), pair.new.strip()))
        if old[0] == new[0] and finds(_ROLE)(pair.new) and old[2].strip() != new[2].strip():
            yield exchanged(file, pair, "a job acts as somebody else in the cloud than before")


def _tokens(file: FileView) -> Iterator[Hit]:
    """Tell a token that outlives the job, where the job's own was used."""
    if file.gone(_OWN):
        for line in file.new(_STORED):
            is_token = expression(_SIGNS_IN).search(line.whole)
            if not is_token or expression(_OWN).search(line.whole):
                continue
            yield Hit.at(file, line, "a stored token takes the place of the job's own")


def _jobs_gone(file: FileView) -> int:
    job = expression(_JOB)
    return len(job.findall(file.removed)) - len(job.findall(file.added))


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
            r"^[ \t]*id_tokens\s*:",
            "the job may newly sign in to a cloud as this project",
            only=_CI,
        ),
        Pattern(
            r"^[ \t]*(?:-[ \t]*)?context\s*:\s*(?:\[|['\"]?[\w-]|$)",
            "the job newly receives the secrets of a context",
            globs=("*.circleci/*",),
        ),
        Pattern(
            r"\baddSpnToEnvironment\s*:\s*true|\bpersistCredentials\s*:\s*['\"]?true|"
            r"\$\(System\.AccessToken\)|"
            r"\bSYSTEM_ACCESSTOKEN\b|\bcheckout_token\s*:|"
            r"\bpropagate-(?:environment|aws-auth-tokens)['\"]?\s*:\s*true|"
            r"\b(?:CI_DEBUG_TRACE|CI_DEBUG_SERVICES|ACTIONS_(?:STEP|RUNNER)_DEBUG)['\"]?\s*[:=]\s*"
            r"['\"]?true",
            "the pipeline's token or secrets stay within reach of what the job runs",
            only=_CI,
        ),
        Pattern(
            r"^[ \t]*(?:-[ \t]*)?when\s*:\s*['\"]?manual\b|^[ \t]*type\s*:\s*approval\b|"
            r"\btask\s*:\s*ManualValidation@|^[ \t]*(?:-[ \t]*)?block\s*:\s*['\"\w]|"
            r"\binput\s+message\s*:",
            "a person's go-ahead is no longer asked for",
            on=On.REMOVED,
            only=_CI,
        ),
        Pattern(
            r"\bfrom_secret\s*:|\b(?:secretEnv|availableSecrets)\s*:|\bsecrets\s*:[ \t]*(?:\[|#|$)|"
            r"\bgroup\s*:\s*['\"]?[\w. -]*(?i:prod|secret|cred|vault|keys?\b|deploy)",
            "a job newly receives a secret",
            globs=(
                "*.drone.y*ml",
                "*.woodpecker*",
                "*gitlab-ci*.y*ml",
                "*.gitlab/*.y*ml",
                "*.buildkite/*",
                "*cloudbuild*",
                "*azure-pipeline*",
                "*.semaphore/*",
            ),
        ),
        Pattern(
            r"^[ \t]*serviceAccount(?:Name)?\s*:\s*['\"]?[\w-]",
            "the job newly acts with a service account's rights",
            only=_CI,
        ),
        Pattern(
            r"\bfromJSON\(\s*secrets\.|\bsecrets\[[^'\]\n]|\bsecrets\[['\"][\w-]*['\"][^\]\n]",
            "secrets are taken apart, or chosen, by a computed name: they are no longer masked",
            globs=("*.yml", "*.yaml"),
        ),
    ),
    triggers=(_SCOPE, BLOCK, _INHERIT, _OWN, _STORED, _ENVIRONMENT, APPLICATION),
    added_triggers=(_HANDED, _GRANTED),
    removed_triggers=(LIMIT, _ROLE),
    check=check,
    version=10,
    in_place=True,
)
