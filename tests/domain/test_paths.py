"""Labels by name: what a path promises, and what it only pretends."""

import pytest

from reviewqueue.domain.paths import (
    Label,
    discountable,
    fold,
    is_own,
    labels,
    read_by_machines,
    runs,
)


@pytest.mark.parametrize(
    ("path", "label"),
    [
        ("src/app.py", Label.SOURCE),
        ("cmd/main.go", Label.SOURCE),
        ("scripts/run.sh", Label.SCRIPT),
        ("tests/test_app.py", Label.TEST),
        ("pkg/store_test.go", Label.TEST),
        ("web/src/cart.test.ts", Label.TEST),
        ("web/src/__tests__/cart.ts", Label.TEST),
        ("README.md", Label.DOCS),
        ("docs/guide.rst", Label.DOCS),
        ("LICENSE", Label.DOCS),
        ("Makefile", Label.BUILD),
        ("setup.py", Label.BUILD),
        ("tests/conftest.py", Label.BUILD),
        ("docs/conf.py", Label.BUILD),
        ("m4/build-to-host.m4", Label.BUILD),
        ("app/build.gradle.kts", Label.BUILD),
        ("native/build.rs", Label.BUILD),
        ("lib/site.pth", Label.BUILD),
        (".github/workflows/test.yml", Label.CI),
        ("sub/.github/actions/setup/action.yml", Label.CI),
        (".gitlab-ci.yml", Label.CI),
        (".circleci/config.yml", Label.CI),
        (".ci/run", Label.CI),
        ("bin/release", Label.SCRIPT),
        ("etc/sudoers.d/deploy", Label.INFRASTRUCTURE),
        ("access/projects/web.json", Label.MEMBERS),
        ("org/people.yaml", Label.MEMBERS),
        ("src/tools/dangerousPatterns.ts", Label.APPROVALS),
        ("Jenkinsfile", Label.CI),
        (".husky/pre-commit", Label.HOOK),
        ("tools/hooks/pre-push", Label.HOOK),
        (".vscode/tasks.json", Label.HOOK),
        (".devcontainer/devcontainer.json", Label.HOOK),
        ("CODEOWNERS", Label.OWNERS),
        (".github/CODEOWNERS", Label.OWNERS),
        (".reviewqueue.yml", Label.POLICY),
        (".reviewqueue/policy.yml", Label.POLICY),
        ("CLAUDE.md", Label.AGENT_INSTRUCTIONS),
        ("packages/web/AGENTS.md", Label.AGENT_INSTRUCTIONS),
        (".claude/settings.json", Label.AGENT_INSTRUCTIONS),
        (".cursor/rules/style.mdc", Label.AGENT_INSTRUCTIONS),
        (".mcp.json", Label.AGENT_INSTRUCTIONS),
        (".github/copilot-instructions.md", Label.AGENT_INSTRUCTIONS),
        (".github/instructions/python.instructions.md", Label.AGENT_INSTRUCTIONS),
        ("package.json", Label.MANIFEST),
        ("requirements-dev.txt", Label.MANIFEST),
        ("go.mod", Label.MANIFEST),
        ("web/package-lock.json", Label.LOCK),
        ("Cargo.lock", Label.LOCK),
        ("vendor/lib/a.go", Label.VENDORED),
        ("web/app.min.js", Label.GENERATED),
        ("api/v1_pb2.py", Label.GENERATED),
        ("data/train.jsonl", Label.DATA),
        ("logo.png", Label.MEDIA),
        ("lib/native.so", Label.BINARY),
        ("Dockerfile.dev", Label.CONTAINER),
        ("docker-compose.prod.yml", Label.CONTAINER),
        ("infra/main.tf", Label.INFRASTRUCTURE),
        ("packaging/worker.service", Label.INFRASTRUCTURE),
        ("db/migrations/0001.sql", Label.MIGRATION),
        ("linter/tests/fixtures/triggers/x.yml", Label.SPECIMEN),
    ],
)
def test_it_labels_by_name(path: str, label: Label) -> None:
    assert label in labels(path)


@pytest.mark.parametrize(
    ("path", "label"),
    [
        (".GitHub/Workflows/Test.YML", Label.CI),
        ("./.github/workflows/x.yml", Label.CI),
        (".github//workflows/x.yml", Label.CI),
        (".github/workflows/é.yml", Label.CI),
        (".github/workflows/x b/y.yml", Label.CI),
        ("claude.MD", Label.AGENT_INSTRUCTIONS),
        ("CLAUDE\u200b.md", Label.AGENT_INSTRUCTIONS),
        ("ＣＬＡＵＤＥ.md", Label.AGENT_INSTRUCTIONS),  # noqa: RUF001 -- that it looks alike is the point
        (".claude./settings.json", Label.AGENT_INSTRUCTIONS),
        ("x b/CODEOWNERS", Label.OWNERS),
        (".ReviewQueue.yml", Label.POLICY),
    ],
)
def test_it_takes_a_name_that_looks_protected_for_protected(path: str, label: Label) -> None:
    assert label in labels(path)


@pytest.mark.parametrize(
    ("path", "label"),
    [
        ("src/contest.py", Label.TEST),
        ("src/latest/a.py", Label.TEST),
        ("docs-app/main.py", Label.DOCS),
        ("src/github/workflows/a.py", Label.CI),
        ("notes/claude.md.py", Label.AGENT_INSTRUCTIONS),
        ("requirements.txt", Label.DOCS),
        ("CMakeLists.txt", Label.DOCS),
        ("testdata/x.yml", Label.SPECIMEN),
        ("fixtures/tests/x.yml", Label.SPECIMEN),
        ("tests/x.yml", Label.SPECIMEN),
        ("tests/fixtures/.github/workflows/x.yml", Label.SPECIMEN),
        ("tests/fixtures/.claude/settings.json", Label.SPECIMEN),
        ("tests/fixtures/docker-compose.yml", Label.SPECIMEN),
        ("tests/fixtures/conftest.py", Label.SPECIMEN),
    ],
)
def test_it_gives_no_label_for_a_part_of_a_name(path: str, label: Label) -> None:
    assert label not in labels(path)


def test_it_gives_an_unknown_name_no_label() -> None:
    assert labels("lib/thing") == frozenset()
    assert labels("") == frozenset()


@pytest.mark.parametrize("path", ["docs/guide.md", "README.md"])
def test_it_discounts_prose(path: str) -> None:
    assert discountable(labels(path))


@pytest.mark.parametrize(
    "path",
    [
        "tests/test_app.py",
        "tests/conftest.py",
        "tests/setup.py",
        "tests/Makefile",
        "tests/package.json",
        "tests/.github/workflows/x.yml",
        "docs/conf.py",
        "docs/build.sh",
        "docs/tool.py",
        "docs/requirements.txt",
        "docs/CLAUDE.md",
        "tests/Dockerfile",
        "src/app.py",
        "unknown",
    ],
)
def test_it_never_discounts_what_is_run_or_read_by_machines(path: str) -> None:
    assert not discountable(labels(path))


def test_it_knows_what_runs() -> None:
    assert runs(labels("lib/native.so"))
    assert runs(labels("src/app.py"))
    assert runs(labels(".github/workflows/x.yml"))
    assert not runs(labels("logo.png"))
    assert read_by_machines(labels("CLAUDE.md"))
    assert not read_by_machines(labels("src/app.py"))


def test_it_folds_a_path_as_a_lax_file_system_would() -> None:
    assert fold("./A//B./c.TXT ") == "a/b/c.txt"
    assert fold("..") == ".."


def test_what_a_project_writes_for_use_is_its_own() -> None:
    assert is_own(frozenset({Label.SOURCE}))
    assert is_own(frozenset({Label.TEST, Label.CI}))
    for label in (Label.DOCS, Label.TEST, Label.LOCK, Label.DATA, Label.GENERATED, Label.VENDORED):
        assert not is_own(frozenset({label}))
