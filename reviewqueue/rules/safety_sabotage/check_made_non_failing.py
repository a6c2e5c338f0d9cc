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
    anew; versions of a platform; a step that goes and only showed something, or could not fail.
    Low: a step, or a line, that is new as a whole and may fail, where no check goes; a check that
    a new script, or another workflow, now starts; what is no longer looked at since its file is
    deleted here; a platform that leaves the list of a workflow that only builds.

Seen in
    CICD-SEC-1, insufficient flow control mechanisms, of OWASP's top ten of CI/CD risks;
    ATT&CK T1562.001, impair defenses: disable or modify tools.
"""

from collections.abc import Iterable, Iterator, Sequence

from reviewqueue.domain.finding import Confidence, Pathway, Severity, Side
from reviewqueue.domain.paths import Label
from reviewqueue.scan.effects.platforms import no_longer_tested, platforms
from reviewqueue.scan.effects.runs import LESS, narrowed, words
from reviewqueue.scan.rule import (
    FileView,
    Hit,
    Line,
    Pattern,
    Rule,
    Stability,
    View,
    expression,
    is_named,
)
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
from reviewqueue.scan.structure.hunks import shown, shown_after
from reviewqueue.scan.structure.openers import Openers
from reviewqueue.scan.structure.pairs import blocks, finds

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

_UNSTOPPED = r"\bset[ \t]+\+e\b|\breturnStatus:[ \t]*true|\bcatchError\("
_GOES_ON = (
    r"^[ \t]*(?:set[ \t]+\+e[ \t]*$|sh\b[^\n]*\breturnStatus:[ \t]*true|"
    r"catchError\([^\n]*(?:buildResult|stageResult):[ \t]*['\"](?:SUCCESS|UNSTABLE))"
)
_OF_CHECKS = ("*jenkinsfile*", "*ci/*", "ci/*", "*check*", "*test*", "*lint*", "*/ci.*", "*ci.sh")
_RUN = r"^[ \t]*(?:-[ \t]+)?run:[ \t]*[^|>\s]"
_BUILDS = r"(?i)^[ \t]*uses:[ \t]*\S*workflows/\S*(?:build|releas|publish|deploy|packag)"
"""A workflow of its own that brings something out."""
_BEGINS = r"^[ \t]*-[ \t]"
_COMMAND = r"^[ \t]*-?[ \t]*(?:[\w-]+:(?:[ \t]|$)|#|$)"
"""A key of a step, which runs nothing; so do remarks and empty lines."""
_TELLS = (
    r"^[ \t]*-?[ \t]*(?:run:[ \t]*)?(?:echo|printf|ls|cat|pwd|env|printenv|Write-(?:Host|Output))\b"
    r"[^;&|`]*$"
)
"""A command that only shows something."""
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
    yield from _unstopped(view)


class _Inserted:
    """The lines that are put between others in a file that loses nothing that checks."""

    def __init__(self, file: FileView) -> None:
        """Look through the file once."""
        self.lines: set[int | None] = set()
        """Those lines, which stopped nothing before."""
        self.in_steps: set[int | None] = set()
        """Those of them that came with the whole step they stand in."""
        if finds(RUNS)(file.removed) or finds(_CHECKING)(file.removed):
            return
        begins = finds(_BEGINS)
        for block in blocks(file):
            least: int | None = None
            for number, text in () if block.old else block.new:
                self.lines.add(number)
                if least is not None and least < _indent(text):
                    self.in_steps.add(number)
                if begins(text):
                    least = _indent(text) if least is None else min(least, _indent(text))


def _indent(text: bytes) -> int:
    return len(text) - len(text.lstrip())


def _unstopped(view: View) -> Iterator[Hit]:
    """Mark scripts that newly go on after a failure; less in a step that is new as a whole."""
    for file in view.where(_UNSTOPPED, side=Side.NEW):
        if file.labels.isdisjoint(_WHERE) or not is_named(file.path, _OF_CHECKS):
            continue
        inserted = _Inserted(file)
        for line in file.new(_UNSTOPPED):
            if expression(_GOES_ON).search(line.whole):
                message = "the failure of what follows no longer stops the run"
                severity = Severity.LOW if line.number in inserted.in_steps else None
                yield Hit.at(file, line, message, severity=severity, discountable=True)


def _swallowed(view: View) -> Iterator[Hit]:
    """Mark checks whose failure is swallowed; less in a new file, where none stopped before."""
    for file in view.where(_SWALLOWED, side=Side.NEW):
        if file.labels.isdisjoint(_WHERE | {Label.MANIFEST}):
            continue
        inserted = _Inserted(file)
        for line in file.new(_SWALLOWED):
            is_new = file.status == "A" or line.number in inserted.lines
            severity = Severity.LOW if is_new else None
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
            severity = Severity.LOW if _only_builds(file) else None
            yield Hit.on(file, number, text, told, side=Side.OLD, severity=severity)


def _only_builds(file: FileView) -> bool:
    """Return whether what is shown of a file of CI calls what builds, and nothing that checks."""
    text = shown(file)
    return bool(expression(_BUILDS).search(text)) and not finds(RUNS)(text)


def _narrowed(view: View) -> Iterator[Hit]:
    """Mark commands that check, and newly leave something out of what they look at."""
    for file in view.labelled(Label.CI, Label.HOOK, Label.BUILD, Label.SCRIPT):
        if file.status == "A" or not (file.added and file.removed) or Label.DOCS in file.labels:
            continue
        severity = Severity.LOW if _leaves_with(view, file) else None
        for (number, text), told in narrowed(file):
            yield Hit.on(file, number, text, told, severity=severity)


def _leaves_with(view: View, file: FileView) -> bool:
    """Return whether all that commands no longer name are files that this change deletes."""
    run = expression(RUNS)
    old, new = (
        {word for _, text in lines if run.search(text) for word in words(text)}
        for lines in (file.removed_lines(), file.added_lines())
    )
    gone = [word.removeprefix(b"./") for word in old - new]
    deleted = [other.old_path.encode() for other in view.files if other.status == "D"]
    return bool(gone) and all(
        b"." in word and any((b"/" + path).endswith(b"/" + word) for path in deleted)
        for word in gone
    )


def _no_stop(view: View) -> Iterator[Hit]:
    """Mark steps whose failure stops nothing; less in a new workflow, where none did before."""
    for file in view.where(_NO_STOP, side=Side.NEW):
        if Label.CI in file.labels:
            inserted = _Inserted(file)
            for line in file.new(_NO_STOP):
                is_new = file.status == "A" or line.number in inserted.in_steps
                severity = Severity.LOW if is_new else Severity.MEDIUM
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
            yield Hit(
                message="a part of CI is removed",
                text=file.old_path,
                path=file.path,
                severity=Severity.LOW if _taken_over(file, ours) else None,
            )
    files = [file for file in ours if file.status == "M"]
    losing = [file for file in files if file.removed]
    scripts = _scripts(view, files) if losing else b""
    for found in disappeared(files, STEP) if losing else ():
        for line in found.lost:
            if not installs(line.text.encode()) and not line.text.startswith(_WORDS):
                tool = expression(rf"(?i)\b{TOOLS}\b").search(line.whole)
                severity = Severity.LOW if tool and tool[0] in scripts else None
                message = "CI no longer runs this check"
                yield Hit.at(found.file, line, message, side=Side.OLD, severity=severity)
    for file in losing:
        yield from _jobs(file)
    yield from _lines(view)


def _taken_over(file: FileView, ours: Sequence[FileView]) -> bool:
    """Return whether each check that a lost file ran is run in another, for as much or for more.

    A command that says nothing but what another said, in fewer words, looks at no less.
    """
    ran = list(_commands(file.removed_lines()))
    others = (other for other in ours if other is not file)
    runs = [found for other in others for found in _commands(other.added_lines())]
    return bool(ran) and all(any(new <= old for new in runs) for old in ran)


def _commands(lines: Iterable[tuple[int, bytes]]) -> Iterator[set[bytes]]:
    """Yield the words of the commands that by their look check something."""
    checks = expression(_CHECKING)
    for _, text in lines:
        if expression(_RUN).search(text) and checks.search(_bare(text)):
            yield {word for word in words(text) if word not in {b"-", b"run:"}}


def _scripts(view: View, files: Sequence[FileView]) -> bytes:
    """Return the lines of the new scripts that these files newly run."""
    new = (file for file in view.labelled(Label.SCRIPT) if file.status == "A")
    calls = b"\n".join([file.added for file in files])
    return b"\n".join([file.added for file in new if file.path.encode() in calls])


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
    if "/.github/" in file.old_path or Label.DOCS in file.old_labels:
        return True  # a forge reads none but the one at the root, and no prose
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
    idle = _idle(file)
    for line in gone:
        if line.number not in idle:
            yield Hit.at(file, line, "CI no longer runs this check", side=Side.OLD)


def _idle(file: FileView) -> frozenset[int]:
    """Return the removed lines that began a step which could not fail, or only showed something."""
    begins, keys, tells = expression(_BEGINS), expression(_COMMAND), expression(_TELLS)
    found = set()
    for block in blocks(file):
        starts = [at for at, (_, text) in enumerate(block.old) if begins.search(text)]
        for start, end in zip(starts, (*starts[1:], len(block.old)), strict=False):
            step = [text for _, text in block.old[start:end]]
            commands = [text for text in step if tells.search(text) or not keys.search(text)]
            shows = bool(commands) and all(map(tells.search, commands))
            if shows or any(map(expression(_NO_STOP).search, step)):
                found.add(block.old[start][0])
    return frozenset(found)


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
    added_triggers=(_SWALLOWED, _EXCLUDED, _NO_STOP, _SELDOM, _TASK_OFF, _UNSTOPPED),
    wakes=frozenset({Label.CI, Label.HOOK, Label.BUILD, Label.SCRIPT}),
    removed_triggers=(STOPS,),
    check=check,
    version=9,
)
