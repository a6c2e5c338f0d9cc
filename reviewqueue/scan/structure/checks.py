"""How a line of CI, of a build or of a script runs what checks the code."""

from reviewqueue.scan.structure.pairs import finds

TOOLS = (
    r"(?:pytest|tox|nox|unittest|jest|vitest|mocha|karma|cypress|playwright|ava|go\s+(?:test|vet)|"
    r"gotestsum|cargo\s+(?:\+\w+\s+)?(?:test|nextest|clippy|audit|deny|fmt)|mvn|gradlew?|ctest|"
    r"rspec|"
    r"rubocop|brakeman|bundle[- ]audit|phpunit|phpstan|psalm|dotnet\s+(?:test|format)|swift\s+test|"
    r"zig\s+build\s+test|mix\s+(?:test|credo)|sbt\s+test|"
    r"(?:npm|yarn|pnpm|bun|deno)\s+(?:run\s+|-[\w-]+\s+)*[\w:.-]*(?:test|lint|audit|check|typecheck|e2e|"
    r"format)\S*|"
    r"(?:make|just|task|rake)\s+\S*(?:test|check|lint|audit|scan|verify)\S*|ruff|flake8|pylint|"
    r"mypy|"
    r"(?:based)?pyright|pyrefly|ty\s+check|black\s+--check|eslint|biome|tsc|stylelint|prettier\s+--check|markdown-?lint\S*|"
    r"golangci-lint|staticcheck|gosec|govulncheck|bandit|semgrep|trivy|grype|snyk|gitleaks|"
    r"trufflehog|"
    r"detect-secrets|pip-audit|safety\s+check|osv-scanner|checkov|tfsec|tflint|kics|hadolint|"
    r"dockle|"
    r"codeql|zizmor|actionlint|shellcheck|yamllint|pre-commit\s+run|sonar\S*|codecov\S*|coveralls|"
    r"dbt\s+(?:test|build)|great_expectations|cosign\s+verify|gpg\s+--verify|sha\d+sum\s+(?:-c|"
    r"--check))"
)
NAMED_TO_CHECK = (
    r"(?:^|[;&|(]|run:|-[ ]|['\"]:[ ]*['\"])[ \t]*(?:(?:npx|bunx|uvx|pnpx|poetry[ ]run|uv[ ]run|"
    r"sudo|bash|sh|bundle[ ]exec|"
    r"python3?(?:[ ]-m)?|go[ ]run|node|docker[ ]run[^;|&\n]*)[ ]+)*[\w@./-]*"
    r"(?:lint|scan|audit|secur|check|verif|validat)[\w.-]*[ ]"
)
"""A command that by its name checks something."""
STEP = (
    rf"(?i)\b{TOOLS}\b|"
    r"\buses:\s*['\"]?\S*(?:codeql|trivy|semgrep|gitleaks|trufflehog|dependency-review|scorecard|"
    r"golangci-lint|snyk|zizmor|lint|codecov|sonar|anchore|checkov|pre-commit|audit)\S*(?:@|:)"
)
RUNS = STEP + (
    r"|\b(?:mvnw|bazel(?:isk)?\s+test|poe|hatch|meson\s+test|prove|bats|busted|Invoke-Pester|"
    r"coverage\s+run|cypress|gradle|lerna\s+run|nx\s+\S+|turbo\s+run|stack\s+test|"
    r"cabal\s+test|flutter\s+test|dart\s+(?:test|analyze)|xcodebuild\b[^\n]*\btest|"
    r"make\b[^|;&\n]*[ ](?:test|check|lint)|run[-_]?tests?\S*|behave|robot|lychee|vulture|"
    r"sphinx-build|mkdocs\s+build)\b"
)
"""What checks, and little else is called; asked only of lines that changed."""
STOPS = (
    r"^[ \t]*(?:-[ \t]+|run:[ \t]*|RUN[ \t]+)?set[ \t]+-(?:[a-df-z]*e|o[ \t]+errexit)|"
    r"^[ \t]*\$ErrorActionPreference[ \t]*=[ \t]*['\"]?[sS]top"
)
"""What makes a script stop at the first failure."""
_INSTALLS = r"^(?:-[ ]+)?(?:run:[ ]*)?[\w. -]*\b(?:install|add)[ ][^&;|\n]*$"
"""A command that only brings the tools."""
_PINNED = r"^[\w.-]+(?:\[[\w,-]+\])?[ ]*(?:[=~<>!]=|$)"
"""A dependency, in a list of them."""
_IS_RUN = (
    rf"(?i)^(?:&&[ ]*|\|\|[ ]*|;[ ]*)?(?:[A-Z_]+=\S*[ ]+)*(?:(?:[\w.-]+/)*{TOOLS}(?:[ ;|&]|$)|"
    rf"(?:(?:npx|bunx|uvx|poetry run|uv run|bundle exec|sudo|time|"
    r"exec|bash|sh|source|\.|call|python3?(?: -m)?|node|run|if|if !|!|[A-Z_]+=\S*)[ ]+)*"
    r"[\w./${}\"\\-]*(?:test|lint|scan|audit|check|verif|validat)[\w./-]*\"?(?:[ ;|&]|$))"
)
"""A line of a script that starts what checks."""


def installs(text: bytes) -> bool:
    """Return whether a command only brings tools."""
    return finds(_INSTALLS)(text)


def is_pinned(text: bytes) -> bool:
    """Return whether a line is a dependency, in a list of them."""
    return finds(_PINNED)(text)


def is_run(text: bytes) -> bool:
    """Return whether a line of a script starts a check: no dependency, and no installation."""
    return finds(_IS_RUN)(text) and not finds(_PINNED)(text) and not finds(_INSTALLS)(text)
