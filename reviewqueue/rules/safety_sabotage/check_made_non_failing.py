"""A check that still runs, and can no longer fail.

What it flags
    In CI, build files and scripts: a test, lint, scan or audit step followed by
    `|| true`; `continue-on-error: true`, `allow_failure: true`, `if: false`; an exit code
    ignored; a coverage floor or a quality threshold lowered or removed; a CI file, or a
    test, lint or scan step in one, removed.

Why it matters
    The check stays green and on the page, so that nobody misses it; it only no longer
    stops anything.

How to review it
    Ask which failure this hides today, and where that is followed up.
    A floor that goes down needs the same sign-off as the code it lets through.

Not flagged
    `|| true` after clean-up commands; floors that rise; what was there before.
"""

from collections.abc import Iterator

from reviewqueue.domain.finding import Confidence, Pathway, Severity, Side
from reviewqueue.domain.paths import Label
from reviewqueue.scan.disappeared import disappeared
from reviewqueue.scan.rule import Hit, Line, Pattern, Rule, Stability, View, expression

_WHERE = frozenset({Label.CI, Label.BUILD, Label.HOOK, Label.SCRIPT, Label.CONTAINER})
_TOOLS = (
    r"(?:pytest|tox|nox|unittest|jest|vitest|mocha|go\s+(?:test|vet)|cargo\s+(?:test|clippy|audit|"
    r"deny)|mvn|gradlew?|ctest|rspec|phpunit|dotnet\s+test|(?:npm|yarn|pnpm|bun)\s+(?:run\s+)?(?:test|"
    r"lint|audit|check)\S*|make\s+(?:test|check|lint)|ruff|flake8|pylint|mypy|pyright|eslint|tsc|"
    r"golangci-lint|bandit|semgrep|trivy|grype|snyk|gitleaks|trufflehog|pip-audit|safety\s+check|"
    r"codeql|zizmor|shellcheck|cosign\s+verify|gpg\s+--verify|sha\d+sum\s+(?:-c|--check))"
)
_STEP = (
    rf"(?i)\b{_TOOLS}\b|"
    r"\buses:\s*['\"]?\S*(?:codeql|trivy|semgrep|gitleaks|trufflehog|dependency-review|scorecard|"
    r"golangci-lint|snyk|zizmor)\S*@"
)
_WORDS = ("name:", "- name:", "#", "path:", "key:", "tox:")
"""What a line begins with that only speaks of a check."""
_FLOOR = (
    r"(?i)\b(?:fail[_-]under|cov-fail-under|min(?:imum)?[_-]?(?:coverage|score|accuracy|"
    r"pass[_-]?rate)|coverage[_-]?threshold|fail_ci_if_error|max[_-]warnings|"
    r"(?:lines|branches|functions|statements))['\"]?\s*[:= ]\s*['\"]?(\d+(?:\.\d+)?)"
)


def check(view: View) -> Iterator[Hit]:
    """Mark checks that CI no longer runs, and demands that are loosened."""
    yield from _removed(view)
    yield from _floors(view)


def _removed(view: View) -> Iterator[Hit]:
    for file in view.labelled(Label.CI):
        if Label.CI in file.old_labels and (file.status == "D" or Label.CI not in file.labels):
            yield Hit(message="a part of CI is removed", text=file.old_path, path=file.path)
    files = [file for file in view.where(_STEP) if Label.CI in file.labels and file.status != "D"]
    for found in disappeared(files, _STEP):
        for line in found.lost:
            if not line.text.startswith(_WORDS):
                yield Hit.at(found.file, line, "CI no longer runs this check", side=Side.OLD)


def _floors(view: View) -> Iterator[Hit]:
    """Tell floors that go down or away, and ceilings of warnings that go up."""
    for file in view.where(_FLOOR, side=Side.OLD):
        if Label.DOCS in file.labels or Label.LOCK in file.labels:
            continue
        if file.labels.isdisjoint(_WHERE | {Label.MANIFEST, Label.CONFIG}):
            continue
        new = {_name(line): line for line in file.new(_FLOOR)}
        for old in file.gone(_FLOOR):
            yield from (
                Hit.at(file, line, message, side=side)
                for line, message, side in _loosened(old, new.get(_name(old)))
            )


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
        if not _name(old).startswith(("lines", "branches", "functions", "statements", '"')):
            yield old, "a floor that a check held is removed", Side.OLD
    elif (_value(new) < _value(old)) != ("warnings" in _name(old)) and _value(new) != _value(old):
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
            rf"(?i)\b{_TOOLS}\b[^\n]*"
            r"(?:\|\|\s*(?:true|:|exit\s+0|echo\b)|;\s*(?:true|exit\s+0)\s*$)",
            "the check's failure is swallowed",
            only=_WHERE | {Label.MANIFEST},
        ),
        Pattern(
            r"(?i)^[ \t]*-?[ \t]*(?:continue-on-error|allow_failure|ignore_errors|continueOnError|"
            r"soft_fail)\s*:\s*['\"]?true\b",
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
    triggers=(_FLOOR, _STEP),
    wakes=frozenset({Label.CI}),
    check=check,
)
