"""A check that no longer runs, or that can no longer fail.

What it flags
    In CI, build files and scripts: a test, lint, scan or audit step followed by
    `|| true`; `continue-on-error: true`, `allow_failure: true`, `if: false`; an exit code
    ignored; tests excluded by a setting or an option; a coverage floor or a quality
    threshold lowered or removed; a CI file, a job, a trigger, or a test, lint or scan step
    in one, removed or commented out; a hook skipped.

Why it matters
    The check stays green and on the page, so that nobody misses it; it only no longer
    stops anything.

How to review it
    Ask which failure this hides today, and where that is followed up.
    A floor that goes down needs the same sign-off as the code it lets through.

Not flagged
    `|| true` after clean-up commands; floors that rise; what was there before.

Seen in
    CICD-SEC-1, insufficient flow control mechanisms, of OWASP's top ten of CI/CD risks;
    ATT&CK T1562.001, impair defenses: disable or modify tools.
"""

from collections.abc import Iterator

from reviewqueue.domain.finding import Confidence, Pathway, Severity, Side
from reviewqueue.domain.paths import Label
from reviewqueue.scan.commented import commented_out
from reviewqueue.scan.disappeared import disappeared
from reviewqueue.scan.rule import FileView, Hit, Line, Pattern, Rule, Stability, View, expression

_WHERE = frozenset({Label.CI, Label.BUILD, Label.HOOK, Label.SCRIPT, Label.CONTAINER})
_READ = _WHERE | {Label.MANIFEST, Label.CONFIG}
"""What a check's settings stand in."""
_TOOLS = (
    r"(?:pytest|tox|nox|unittest|jest|vitest|mocha|karma|cypress|playwright|ava|go\s+(?:test|vet)|"
    r"gotestsum|cargo\s+(?:\+\w+\s+)?(?:test|nextest|clippy|audit|deny|fmt)|mvn|gradlew?|ctest|"
    r"rspec|"
    r"rubocop|brakeman|bundle[- ]audit|phpunit|phpstan|psalm|dotnet\s+(?:test|format)|swift\s+test|"
    r"zig\s+build\s+test|mix\s+(?:test|credo)|sbt\s+test|"
    r"(?:npm|yarn|pnpm|bun|deno)\s+(?:run\s+|-[\w-]+\s+)*(?:test|lint|audit|check|typecheck|e2e|"
    r"format)\S*|"
    r"(?:make|just|task|rake)\s+\S*(?:test|check|lint|audit|scan|verify)\S*|ruff|flake8|pylint|"
    r"mypy|"
    r"pyright|black\s+--check|eslint|biome|tsc|stylelint|prettier\s+--check|markdown-?lint\S*|"
    r"golangci-lint|staticcheck|gosec|govulncheck|bandit|semgrep|trivy|grype|snyk|gitleaks|"
    r"trufflehog|"
    r"detect-secrets|pip-audit|safety\s+check|osv-scanner|checkov|tfsec|tflint|kics|hadolint|"
    r"dockle|"
    r"codeql|zizmor|actionlint|shellcheck|yamllint|pre-commit\s+run|sonar\S*|codecov\S*|coveralls|"
    r"dbt\s+(?:test|build)|great_expectations|cosign\s+verify|gpg\s+--verify|sha\d+sum\s+(?:-c|"
    r"--check))"
)
_STEP = (
    rf"(?i)\b{_TOOLS}\b|"
    r"\buses:\s*['\"]?\S*(?:codeql|trivy|semgrep|gitleaks|trufflehog|dependency-review|scorecard|"
    r"golangci-lint|snyk|zizmor|lint|codecov|sonar|anchore|checkov|pre-commit|audit)\S*(?:@|:)"
)
_YAML = (".yml", ".yaml")
_WORDS = ("name:", "- name:", "#", "path:", "key:", "tox:")
"""What a line begins with that only speaks of a check."""
_FLOOR = (
    r"(?i)\b(?:fail[_-]under|cov-fail-under|min(?:imum)?(?:[_-]?(?:coverage|score|accuracy|"
    r"pass[_-]?rate|covered[_-]?ratio|msi))?|coverage[_-]?threshold|fail_ci_if_error|"
    r"max[_-]warnings|"
    r"threshold|target|"
    r"(?:lines|branches|functions|statements))['\"]?\s*(?:[:=]|[ ])\s*['\"]?(\d+(?:\.\d+)?)"
)
_CEILINGS = ("warnings", "threshold")
_LOOSE_FLOOR = ("lines", "branches", "functions", "statements", '"', "min", "threshold", "target")
"""Names that are common elsewhere: told only where both values are there."""
_VAGUE = ("min", "threshold", "target", "lines", "branches", "functions", "statements")
"""Names that mean a floor only where the file is about checks."""
_COVERAGE = r"(?i)cov(?:erage)?|codecov|vitest|jest|nyc|c8|sonar|lint|quality|mutation|lighthouse"
_JOB = r"^[ \t]{2,4}([\w-]+):[ \t]*(?:#[^\n]*)?$|^[ \t]*-[ \t]+(?:name|run|uses|script):"
_CHECKING = (
    r"(?i)\btests?\b|[-_]tests?\b|\btests?[-_]|lint|\bscan|check|audit|verif|valid|secur|coverage|"
    r"codeql|sast|e2e|integration|typecheck|format|quality|clippy|dependabot|renovate"
)
_EXCLUDED = (
    r"testPathIgnorePatterns|coveragePathIgnorePatterns|modulePathIgnorePatterns|collect_ignore|"
    r"\bnorecursedirs\b|--deselect|--ignore(?:-glob)?[= ][\"']?\S*tests?|--testPathIgnorePatterns|"
    r"[ ]-k[ =]?[\"'](?:not|[^\"'\n]*\bnot)[ ]|[ ]-m[ =]?[\"']not[ ]|--exclude-(?:group|tag|task)|"
    r"--filter[ =]\S*(?:!=|FullyQualifiedName!~)|[ ]-skip[ =]|[ ]--skip[ =]?\S|--skip-tests?\b|"
    r"-Dtest=!|<excludedGroups>|excludeTags|exclude[Gg]roups|<skipTests>|<skipITs>|-DskipITs|"
    r"--no-verify\b|HUSKY\s*=\s*['\"]?0|\bSKIP\s*=\s*['\"]?[a-z][\w,-]+|--no-fail\b|--exit-zero\b|"
    r"--no-fail-on|--exit-code[ =]0\b|\bexit-code:\s*['\"]?0\b|--soft-fail\b|"
    r"\bfail_ci_if_error:\s*false|\bfail-on-severity:\s*critical|--no-coverage\b|--coverage=false|"
    r"\binformational:\s*true|\bskip_(?:tests?|checks?|lint):\s*true|\bdoCheck\s*=\s*false|"
    r"\benforce\w*:\s*false|\bfail-fast:\s*true[ ]*#[ ]*skip"
)
"""An option or a setting by which some tests or findings no longer count."""


def check(view: View) -> Iterator[Hit]:
    """Mark checks that CI no longer runs, and demands that are loosened."""
    yield from _removed(view)
    yield from _floors(view)
    yield from _excluded(view)
    yield from _commented(view)


def _excluded(view: View) -> Iterator[Hit]:
    """Mark settings by which tests or findings newly do not count."""
    for file in view.where(_EXCLUDED, side=Side.NEW):
        if file.status == "A" or Label.DOCS in file.labels or file.labels.isdisjoint(_READ):
            continue
        for line in file.new(_EXCLUDED):
            if not line.text.startswith(("#", "//", "*")):
                yield Hit.at(file, line, "tests or findings no longer count")


def _commented(view: View) -> Iterator[Hit]:
    """Mark jobs and steps of CI, and hooks, that are comments now."""
    for file in view.labelled(Label.CI, Label.HOOK, Label.BUILD):
        if not (file.added and file.removed) or Label.LOCK in file.labels:
            continue
        for number, text, _ in commented_out(file):
            if expression(_CHECKING).search(text) or expression(_STEP).search(text):
                yield Hit.on(file, number, text, "a step that checks is commented out")


def _removed(view: View) -> Iterator[Hit]:
    ours = view.labelled(Label.CI)
    for file in ours:
        if Label.CI in file.old_labels and (file.status == "D" or not _still_runs(file)):
            yield Hit(message="a part of CI is removed", text=file.old_path, path=file.path)
    files = [file for file in ours if file.status == "M"]
    losing = [file for file in files if file.removed]
    for found in disappeared(files, _STEP) if losing else ():
        for line in found.lost:
            if not line.text.startswith(_WORDS):
                yield Hit.at(found.file, line, "CI no longer runs this check", side=Side.OLD)
    for file in losing:
        yield from _jobs(file)


def _still_runs(file: FileView) -> bool:
    """Return whether a file of CI has kept the place, and the suffix, by which CI finds it."""
    was_yaml = file.old_path.endswith(_YAML)
    return Label.CI in file.labels and (not was_yaml or file.path.endswith(_YAML))


def _jobs(file: FileView) -> Iterator[Hit]:
    """Tell jobs, and steps by name, that go and by their name check something."""
    checks = expression(_CHECKING)
    if not checks.search(file.removed):
        return
    gone = [line for line in file.gone(_JOB) if checks.search(line.whole)]
    if len(gone) <= len(file.new(_JOB)):
        return
    for line in gone:
        yield Hit.at(file, line, "CI no longer runs this check", side=Side.OLD)


def _floors(view: View) -> Iterator[Hit]:
    """Tell floors that go down or away, and ceilings of warnings that go up."""
    for file in view.where(_FLOOR, side=Side.OLD):
        if Label.DOCS in file.labels or Label.LOCK in file.labels:
            continue
        if file.labels.isdisjoint(_READ):
            continue
        new = {_name(line): line for line in file.new(_FLOOR)}
        clear = _is_about_checks(file)
        for old in file.gone(_FLOOR):
            if not clear and _name(old).startswith(_VAGUE):
                continue
            yield from (
                Hit.at(file, line, message, side=side)
                for line, message, side in _loosened(old, new.get(_name(old)))
            )


def _is_about_checks(file: FileView) -> bool:
    """Return whether the file, by its name or its changed lines, speaks of such figures."""
    text = f"{file.path}\n".encode() + file.removed + file.added
    return expression(_COVERAGE).search(text) is not None


def _is_ceiling(line: Line) -> bool:
    return any(word in _name(line) for word in _CEILINGS) and "coverage" not in _name(line)


def _name(line: Line) -> str:
    found = expression(_FLOOR).search(line.text.encode())
    return (
        line.text.encode()[: found.start(1)].decode("utf-8", "replace").strip().lower()
        if found
        else ""
    )


def _value(line: Line) -> float:
    found = expression(_FLOOR).search(line.text.encode())
    return float(found[1]) if found else 0.0


def _loosened(old: Line, new: Line | None) -> Iterator[tuple[Line, str, Side]]:
    if new is None:
        if not _name(old).startswith(_LOOSE_FLOOR):
            yield old, "a floor that a check held is removed", Side.OLD
    elif _value(new) != _value(old) and (_value(new) < _value(old)) != _is_ceiling(old):
        told = f"what a check demands is loosened from {_value(old):g} to {_value(new):g}"
        yield new, told, Side.NEW


RULE = Rule(
    id="check-made-non-failing",
    pathway=Pathway.SAFETY_SABOTAGE,
    severity=Severity.MEDIUM,
    confidence=Confidence.MEDIUM,
    stability=Stability.STABLE,
    summary="lets a check run on without being able to fail",
    patterns=(
        Pattern(
            r"\|\|[ \t]*(?:true\b|:|exit[ \t]+0|echo\b)|;[ \t]*(?:true|exit[ \t]+0)[ \t]*$",
            "the check's failure is swallowed",
            line=rf"(?i)\b{_TOOLS}\b",
            only=_WHERE | {Label.MANIFEST},
        ),
        Pattern(
            r"(?i)^[ \t]*-?[ \t]*['\"]?"
            r"(?:continue-on-error|allow_failure|ignore_errors|continueOnError|"
            r"soft_fail|DISABLE_ERRORS)['\"]?\s*:\s*(?:!!?\w*\s+)?['\"]?"
            r"(?:true\b|\$\{\{\s*(?:true|always\(\)|!\s*false)\b)",
            "the step's failure no longer stops the run",
            only=frozenset({Label.CI}),
        ),
        Pattern(
            r"^[ \t]*-?[ \t]*if:\s*['\"]?(?:\$\{\{\s*)?false\b",
            "the step never runs",
            only=frozenset({Label.CI}),
        ),
        Pattern(
            r"(?i)maven\.test\.skip\s*[=>]\s*true|-DskipTests\b|"
            r"<(?:skipTests|testFailureIgnore|failOnError)>\s*(?:true|false)\s*<|"
            r"ignoreFailures\s*=\s*true|--passWithNoTests\b|"
            r"^[ \t]*-(?:\t| )*(?:pytest|go test|cargo test|npm test)\b",
            "the build no longer fails with its tests",
            only=frozenset({Label.BUILD}),
        ),
    ),
    added_triggers=(_EXCLUDED,),
    removed_triggers=(_FLOOR,),
    wakes=frozenset({Label.CI, Label.HOOK, Label.BUILD}),
    check=check,
    version=2,
)
