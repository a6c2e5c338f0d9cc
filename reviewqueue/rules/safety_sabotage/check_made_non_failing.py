"""A check that no longer runs, or that can no longer fail.

What it flags
    In CI, build files and scripts: a test, lint, scan or audit step followed by `|| true`;
    `continue-on-error: true`, `allow_failure: true`, `if: false`; an exit code ignored, or
    a script that goes on after a failure; tests excluded by a setting or an option; a
    command that checks fewer paths or parts than before, or that became one which does
    nothing; a system or a processor on which nothing is tested any more; a CI file, a job,
    a trigger, or a test, lint or scan step in one, or a line of a script that runs one,
    removed or commented out; a hook skipped.

Why it matters
    The check stays green and on the page, so that nobody misses it; it only no longer
    stops anything.

How to review it
    Ask which failure this hides today, and where that is followed up.
    Ask who may switch it back on, and when.

Not flagged
    `|| true` after clean-up commands; what was there before; jobs of a new workflow, and
    the lines of a new script (low); a run that is split into several; scripts written
    anew; versions of a platform.

Seen in
    CICD-SEC-1, insufficient flow control mechanisms, of OWASP's top ten of CI/CD risks;
    ATT&CK T1562.001, impair defenses: disable or modify tools.
"""

from collections.abc import Iterator

from reviewqueue.domain.finding import Confidence, Pathway, Severity, Side
from reviewqueue.domain.paths import Label
from reviewqueue.scan.effects.platforms import no_longer_tested, platforms
from reviewqueue.scan.effects.runs import LESS, narrowed
from reviewqueue.scan.rule import FileView, Hit, Line, Pattern, Rule, Stability, View, expression
from reviewqueue.scan.structure.checks import (
    NAMED_TO_CHECK,
    RUNS,
    STEP,
    STOPS,
    TOOLS,
    installs,
    is_pinned,
    is_run,
)
from reviewqueue.scan.structure.commented import commented_out
from reviewqueue.scan.structure.disappeared import disappeared
from reviewqueue.scan.structure.hunks import shown_after
from reviewqueue.scan.structure.openers import Openers
from reviewqueue.scan.structure.pairs import finds

_WHERE = frozenset({Label.CI, Label.BUILD, Label.HOOK, Label.SCRIPT, Label.CONTAINER})
_READ = _WHERE | {Label.MANIFEST, Label.CONFIG}
"""What a check's settings stand in."""
_YAML = (".yml", ".yaml")
_WORDS = ("name:", "- name:", "#", "path:", "key:", "tox:", "allowed_tools:")
"""What a line begins with that only speaks of a check."""
_SWALLOWED = r"\|\|[ \t]*(?:true\b|:|exit[ \t]+0|echo\b)|;[ \t]*(?:true|exit[ \t]+0)[ \t]*$"
_CHECKED = rf"(?i)\b{TOOLS}\b|{NAMED_TO_CHECK}"
_CLEARED = (
    r"^[ \t]*(?:-[ \t]+)?(?:(?:run|script)[ \t]*:[ \t]*)?(?:sudo[ ]+)?(?:kill|pkill|killall|rm|"
    r"rmdir|unlink|umount|(?:docker|podman)[ ]+(?:(?:container|network|volume|compose)[ ]+)?"
    r"(?:rm|rmi|stop|kill|down)|docker-compose[ ]+(?:rm|stop|kill|down))(?:[ ](?:[^|;&`$]|\$[^(]|"
    r"[0-9&]*>[>&]*)*)?\|\|[ \t]*(?:true|:)[ \t]*$"
)
"""What ends or clears away something, which may be gone: it checks nothing."""
_TASK_OFF = (
    r"\b(?:enabled|isEnabled)[ \t]*=[ \t]*false\b|\bonlyIf[ \t]*\{[ \t]*false\b|"
    r"^[ \t]*(?:doc)?test[ \t]*=[ \t]*false\b"
)
"""A task, or the tests of a package, switched off."""
_JOB = (
    r"^[ \t]{2,4}([\w-]+):[ \t]*(?:#[^\n]*)?$|^[ \t]*-[ \t]+(?:name|run|uses|script):|"
    r"^[ \t]*-[ \t]+[\w-]+:?[ \t]*$"
)
_CHECKING = (
    r"(?i)\btests?\b|[-_]tests?\b|\btests?[-_]|lint|\bscan|check|audit|verif|valid|secur|coverage|"
    r"^[ \t]*(?:pull_request|merge_group):|codeql|sast|e2e|integration|typecheck|format|quality|"
    r"clippy|dependabot|renovate"
)
_NO_CHECK = (
    r"(?i)check-?out\b|\bname:[ \t]*['\"]?(?:install|set ?up|download|upload|cache|restore|"
    r"wait)\b[^\n]*|"
    r"check[-_]?(?:labels?|changes|paths|skip|run-on)|actions/(?:cache|upload|download)\S*"
)
_DELIVERS = r"(?i)releas|publish|deploy|docker|image|package|wheel|nightly|dependabot|renovate"
"""Files of CI that bring something out, where what is left out is only not delivered."""
_NO_STOP = (
    r"(?i)^[ \t]*-?[ \t]*['\"]?"
    r"(?:continue-on-error|allow_failure|ignore_errors|continueOnError|"
    r"soft_fail|DISABLE_ERRORS)['\"]?\s*:\s*(?:!!?\w*\s+)?['\"]?"
    r"(?:true\b|\$\{\{\s*(?:true|always\(\)|!\s*false)\b)"
)
_SELDOM = (
    r"^[ \t]*-?[ \t]*when:[ \t]*['\"]?(?:manual|never)\b|"
    r"^[ \t]*-?[ \t]*if:[^\n]*(?:workflow_dispatch|==[ ]*['\"]schedule)|"
    r"^[ \t]*triggers?:[ \t]*(?:none|manual)\b"
)
"""A step or a job that runs only where somebody asks for it."""
_NEWS = r"^[ \t]*-?[ \t]*(?:name|uses|steps|runs-on|stage)[ \t]*:"
"""What begins a whole new step or job."""
_COMMITS = r"\bgit\b[^\n]*\b(?:commit|push)\b[^\n]*--no-verify"
"""No hook is there in CI that it could skip."""
_EXCLUDED = (
    r"testPathIgnorePatterns|coveragePathIgnorePatterns|modulePathIgnorePatterns|collect_ignore|"
    r"\bnorecursedirs\b|--deselect|--ignore(?:-glob)?[= ][\"']?\S*tests?|--testPathIgnorePatterns|"
    r"[ ]-k[ =]?[\"'](?:not|[^\"'\n]*\bnot)[ ]|[ ]-m[ =]?[\"']not[ ]|--exclude-(?:group|tag|task)|"
    r"--filter[ =]\S*(?:!=|FullyQualifiedName!~)|[ ]-skip[ =]|[ ]--skip[ =]\S|--skip-tests?\b|"
    r"-Dtest=!|<excludedGroups>|excludeTags|exclude[Gg]roups|<skip(?:Tests|ITs)>[ \t]*[^f \t\n]|"
    r"-DskipITs|"
    r"--no-verify\b|HUSKY\s*=\s*['\"]?0|\bSKIP\s*=\s*['\"]?[a-z][\w,-]+|--no-fail(?:[^\w-]|$)|--exit-zero\b|"
    r"--no-fail-on|--exit-code[ =]0\b|\bexit-code:\s*['\"]?0\b|--soft-fail\b|"
    r"\bfail_ci_if_error:\s*false|\bfail-on-severity:\s*critical|--no-coverage\b|--coverage=false|"
    r"\binformational:\s*true|\bskip_(?:tests?|checks?|lint):\s*true|\bdoCheck\s*=\s*false|"
    r"\brequire_ci_to_pass:\s*(?:false|no)\b|^[ \t]*(?:project|patch):[ \t]*(?:off|false|no)\b|"
    r"\bif_(?:not_found|ci_failed|no_uploads):\s*success|\bsonar\.(?:coverage\.|"
    r"test\.)?exclusions\s*=|"
    r"\btags[ ]*=[ ]*\[[^\]\n]*\"(?:manual|notap|no_ci|broken|disabled)\"|"
    r"^[ \t]*target:[ \t]*auto\b|\bqualitygate\.wait[ ]*=[ ]*false|"
    r"^[ \t]*omit[ ]*=|\ballow_failures:|\ballow-unsafe-[\w-]+:\s*true|"
    r"\b(?:skip|disable|bypass|ignore|no)[_-](?:\w+[_-])??(?:tests?|lint\w*|scans?|coverage|"
    r"evals?|evaluations?|"
    r"typecheck|audits?|sast|codeql|quality_?gates?)(?:[_-]\w+)?['\"]?\s*[:=]\s*['\"]?true\b|"
    r"\b(?:run|enable|require|enforce|with)[_-](?:\w+[_-])??(?:tests?|lint\w*|scans?|coverage|"
    r"evals?|"
    r"evaluations?|typecheck|audits?|sast|codeql|"
    r"quality_?gates?)(?:[_-]\w+)?['\"]?\s*[:=]\s*['\"]?false\b|"
    r"\bautotests[ \t]*=[ \t]*false\b|\bfilter_run_excluding\b|\bBUILD_TESTING\b[^\n]*\bOFF\b|"
    r"<exclude>[^<\n]*(?:Tests?|IT|Spec)\b[^<\n]*</exclude>|"
    r"\benforce\w*:\s*false|\bfail-fast:\s*true[ ]*#[ ]*skip"
)
"""An option or a setting by which some tests or findings no longer count."""

_LONGEST = 1_000
"""Bytes of a line in which such options are read one by one."""


def check(view: View) -> Iterator[Hit]:
    """Mark checks that no longer run, run less, or can no longer fail."""
    yield from _swallowed(view)
    yield from _removed(view)
    yield from _excluded(view)
    yield from _no_stop(view)
    yield from _seldom(view)
    yield from _commented(view)
    yield from _narrowed(view)
    yield from _platforms(view)
    yield from _tasks_off(view)
    yield from _goes_on(view)


def _swallowed(view: View) -> Iterator[Hit]:
    """Mark checks whose failure is swallowed; less in a new file, where none stopped before."""
    for file in view.where(_SWALLOWED, side=Side.NEW):
        if file.labels.isdisjoint(_WHERE | {Label.MANIFEST}):
            continue
        severity = Severity.LOW if file.status == "A" else None
        for line in file.new(_SWALLOWED):
            if finds(_CHECKED)(line.whole) and not finds(_CLEARED)(line.whole):
                message = "the check's failure is swallowed"
                yield Hit.at(file, line, message, severity=severity, discountable=True)


def _tasks_off(view: View) -> Iterator[Hit]:
    """Mark tasks of a build that check, and are switched off."""
    for file in view.where(_TASK_OFF, side=Side.NEW):
        if Label.BUILD not in file.labels or file.status == "A":
            continue
        openers = Openers(file)
        for line in file.new(_TASK_OFF):
            above = openers.above(line.number) if line.number else b""
            if expression(_CHECKING).search(above + line.whole):
                yield Hit.at(file, line, "a task that checks never runs")


def _platforms(view: View) -> Iterator[Hit]:
    """Mark systems and processors on which CI newly runs nothing."""
    files = [file for file in view.labelled(Label.CI) if not finds(_DELIVERS)(file.path.encode())]
    losing = [file for file in files if file.status == "M" and file.removed]
    came = frozenset(
        name
        for file in (files if losing else ())
        for _, text in file.added_lines()
        for name in platforms(text)
    )
    for file in losing:
        for (number, text), name in no_longer_tested(file, came):
            told = f"CI no longer runs on {name}"
            yield Hit.on(file, number, text, told, side=Side.OLD)


def _narrowed(view: View) -> Iterator[Hit]:
    """Mark commands that check, and newly leave something out of what they look at."""
    for file in view.labelled(Label.CI, Label.HOOK, Label.BUILD, Label.SCRIPT):
        if file.status == "A" or not (file.added and file.removed) or Label.DOCS in file.labels:
            continue
        for (number, text), told in narrowed(file):
            yield Hit.on(file, number, text, told)


def _no_stop(view: View) -> Iterator[Hit]:
    """Mark steps whose failure stops nothing; less in a new workflow, where none did before."""
    for file in view.where(_NO_STOP, side=Side.NEW):
        if Label.CI in file.labels:
            severity = Severity.LOW if file.status == "A" else Severity.MEDIUM
            for line in file.new(_NO_STOP):
                message = "the step's failure no longer stops the run"
                yield Hit.at(file, line, message, severity=severity, discountable=True)


def _goes_on(view: View) -> Iterator[Hit]:
    """Mark scripts that check, and no longer stop at the first failure."""
    for file in view.where(STOPS, side=Side.OLD):
        if file.status != "M" or file.labels.isdisjoint(_WHERE) or file.matches(STOPS, Side.NEW):
            continue
        if finds(RUNS)(shown_after(file)) or finds(_CHECKING)(file.path.encode()):
            for line in file.gone(STOPS):
                told = "the failure of what follows no longer stops the run"
                yield Hit.at(file, line, told, side=Side.OLD)


def _seldom(view: View) -> Iterator[Hit]:
    """Mark jobs and steps that check, and newly run only where somebody asks for them."""
    for file in view.where(_SELDOM, side=Side.NEW):
        if Label.CI not in file.labels or file.status != "M" or _brings_steps(file):
            continue
        openers, checks = Openers(file), expression(_CHECKING)
        for line in file.new(_SELDOM):
            above = openers.above(line.number) if line.number else b""
            if checks.search(_bare(above)):
                yield Hit.at(file, line, "a check newly runs only where somebody asks for it")


def _excluded(view: View) -> Iterator[Hit]:
    """Mark settings by which tests or findings newly do not count."""
    for file in view.where(_EXCLUDED, side=Side.NEW):
        if file.status == "A" or Label.DOCS in file.labels or file.labels.isdisjoint(_READ):
            continue
        before = _excluded_before(file)
        severity = None if _replaces(file) else Severity.LOW
        for line in file.new(_EXCLUDED):
            if line.text.startswith(("#", "//", "*")) or _is_old(line, before):
                continue
            if Label.CI in file.labels and expression(_COMMITS).search(line.whole):
                continue
            yield Hit.at(file, line, LESS, severity=severity)


def _is_old(line: Line, before: frozenset[bytes]) -> bool:
    """Return whether a line has no option that was not there before: never of a long one."""
    return len(line.whole) <= _LONGEST and _options(line.whole) <= before


def _options(text: bytes) -> frozenset[bytes]:
    """Return the options of a line by which something does not count."""
    # Of long lines the beginning, as each search that ends early may have read all of a line.
    cut = b"\n".join([line[:_LONGEST] for line in text.split(b"\n")])
    return frozenset(b"".join(found[0].split()) for found in expression(_EXCLUDED).finditer(cut))


def _excluded_before(file: FileView) -> frozenset[bytes]:
    """Return the options that were there before, or still are, near the change."""
    lines = (line[1:] for _, _, lines in file.hunks() for line in lines if line[:1] != b"+")
    return _options(b"\n".join(lines))


def _replaces(file: FileView) -> bool:
    """Return whether anything but whole new steps comes: those only run less than they could."""
    return bool(file.removed) or not _brings_steps(file)


def _brings_steps(file: FileView) -> bool:
    """Return whether whole new steps or jobs come."""
    return expression(_NEWS).search(file.added) is not None


def _commented(view: View) -> Iterator[Hit]:
    """Mark jobs and steps of CI, hooks, and lines of scripts that check, that are comments now."""
    for file in view.labelled(Label.CI, Label.HOOK, Label.BUILD, Label.SCRIPT):
        if not (file.added and file.removed) or Label.LOCK in file.labels:
            continue
        is_script = file.labels.isdisjoint({Label.CI, Label.HOOK, Label.BUILD})
        for number, text, _ in commented_out(file):
            if is_pinned(text) or (is_script and not is_run(text)):
                continue
            if expression(_CHECKING).search(text) or expression(STEP).search(text):
                yield Hit.on(file, number, text, "a step that checks is commented out")


def _removed(view: View) -> Iterator[Hit]:
    """Mark files, checks and jobs that CI no longer runs."""
    ours = view.labelled(Label.CI)
    for file in ours:
        if Label.CI in file.old_labels and not _still_runs(file):
            yield Hit(message="a part of CI is removed", text=file.old_path, path=file.path)
    files = [file for file in ours if file.status == "M"]
    losing = [file for file in files if file.removed]
    for found in disappeared(files, STEP) if losing else ():
        for line in found.lost:
            if not installs(line.text.encode()) and not line.text.startswith(_WORDS):
                yield Hit.at(found.file, line, "CI no longer runs this check", side=Side.OLD)
    for file in losing:
        yield from _jobs(file)
    yield from _lines(view)


def _shrinks(file: FileView) -> bool:
    """Return whether a file loses lines, and was not merely written anew."""
    lost = file.removed.count(b"\n") if file.status == "M" else 0
    return lost > 0 and lost > file.added.count(b"\n")


def _lines(view: View) -> Iterator[Hit]:
    """Mark lines of scripts, hooks and build files that ran a check, and are gone."""
    files = [
        file
        for file in view.labelled(Label.HOOK, Label.BUILD, Label.SCRIPT)
        if Label.CI not in file.labels
    ]
    for found in disappeared(files, STEP) if any(map(_shrinks, files)) else ():
        for line in found.lost if _shrinks(found.file) else ():
            if is_run(line.text.encode()):
                yield Hit.at(found.file, line, "a script no longer runs this check", side=Side.OLD)


def _still_runs(file: FileView) -> bool:
    """Return whether a file of CI has kept the place, and the suffix, by which CI finds it."""
    was_yaml = file.old_path.endswith(_YAML)
    if "/.github/" in file.old_path:
        return True  # a forge reads none but the one at the root
    if file.status == "D":
        return False
    return Label.CI in file.labels and (not was_yaml or file.path.endswith(_YAML))


def _jobs(file: FileView) -> Iterator[Hit]:
    """Tell jobs, and steps by name, that go and by their name check something."""
    checks = expression(_CHECKING)
    if not checks.search(file.removed):
        return
    gone = [line for line in file.gone(_JOB) if checks.search(_bare(line.whole))]
    if len(gone) <= len(file.new(_JOB)):
        return
    for line in gone:
        yield Hit.at(file, line, "CI no longer runs this check", side=Side.OLD)


def _bare(text: bytes) -> bytes:
    """Return a line without what has a checking word in it, and checks nothing."""
    return bytes(expression(_NO_CHECK).sub(b"", text))


RULE = Rule(
    id="check-made-non-failing",
    pathway=Pathway.SAFETY_SABOTAGE,
    severity=Severity.MEDIUM,
    confidence=Confidence.MEDIUM,
    stability=Stability.STABLE,
    summary="lets a check run on without being able to fail",
    patterns=(
        Pattern(
            r"\bcatchError\([^\n]*(?:buildResult|stageResult):[ \t]*['\"](?:SUCCESS|UNSTABLE)|"
            r"\bset[ \t]+\+e\b|\breturnStatus:[ \t]*true",
            "the failure of what follows no longer stops the run",
            line=r"^[ \t]*(?:set[ \t]+\+e[ \t]*$|catchError|sh\b)",
            only=_WHERE,
            globs=(
                "*jenkinsfile*",
                "*ci/*",
                "ci/*",
                "*check*",
                "*test*",
                "*lint*",
                "*/ci.*",
                "*ci.sh",
            ),
        ),
        Pattern(
            r"^[ \t]*(?:commands[ \t]*=[ \t]*)?-[ ]?(?:pytest|python|flake8|mypy|ruff|coverage|"
            r"bandit|pylint)\b|\bignore_outcome[ \t]*=[ \t]*[Tt]rue\b",
            "the failure of what follows no longer stops the run",
            globs=("tox.ini", "*/tox.ini"),
        ),
        Pattern(
            r"^[ \t]*-?[ \t]*if:\s*['\"]?(?:\$\{\{\s*)?false\b",
            "the step never runs",
            only=frozenset({Label.CI}),
        ),
        Pattern(
            r"(?i)maven\.test\.skip\s*[=>]\s*true|-DskipTests\b|"
            r"<(?:skipTests|testFailureIgnore)>\s*true\s*<|<failOnError>\s*false\s*<|"
            r"ignoreFailures\s*=\s*true|--passWithNoTests\b|"
            r"^\t-[ \t]*(?:pytest|go (?:test|vet)|cargo|npm|ruff|mypy|flake8|eslint|"
            r"golangci-lint|tox|"
            r"ctest|make|mvn|dotnet|bandit|trivy)\b",
            "the build no longer fails with its tests",
            only=frozenset({Label.BUILD}),
        ),
    ),
    added_triggers=(_SWALLOWED, _EXCLUDED, _NO_STOP, _SELDOM, _TASK_OFF),
    wakes=frozenset({Label.CI, Label.HOOK, Label.BUILD, Label.SCRIPT}),
    removed_triggers=(STOPS,),
    check=check,
    version=8,
)
