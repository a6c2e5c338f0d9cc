"""What a path's name says about the file: a table of labels, no file is opened.

A label may raise what a finding weighs anywhere, but lower it only where
:func:`discountable` says so, or where it is a specimen: what a build, a hook or an
agent reads is never discounted, whatever folder it hides in.
"""

import re
import unicodedata
from enum import StrEnum
from fnmatch import fnmatchcase, translate
from functools import lru_cache
from itertools import dropwhile

from reviewqueue.domain import learning


class Label(StrEnum):
    """One thing that a path's name says of the file."""

    # Enum's own is written in Python, and these are looked up for every file of every diff.
    __hash__ = str.__hash__

    TEST = "test"
    DOCS = "docs"
    BUILD = "build"
    """Read or run by a build, an installer or a test run's set-up."""
    CI = "ci"
    HOOK = "hook"
    """Run by git, an editor or a container as soon as somebody works in the checkout."""
    OWNERS = "owners"
    BRANCH_RULES = "branch-rules"
    """What a forge, or a bot on it, demands before a change may land."""
    APPROVALS = "approvals"
    """Decides what an agent may do without being asked."""
    RIGHTS = "rights"
    """Says who may do what: roles, bindings, policies."""
    MEMBERS = "members"
    """Says, as data, who belongs to a project or an organisation, and with what rights."""
    POLICY = "policy"
    """reviewqueue's own policy."""
    AGENT_INSTRUCTIONS = "agent-instructions"
    """What a coding agent reads as orders or permissions."""
    MANIFEST = "manifest"
    LOCK = "lock"
    VENDORED = "vendored"
    GENERATED = "generated"
    DATA = "data"
    MEDIA = "media"
    """Pictures, fonts, sound, print: nothing runs them."""
    BINARY = "binary"
    """Compiled or packed code, by its suffix."""
    CONTAINER = "container"
    INFRASTRUCTURE = "infrastructure"
    MIGRATION = "migration"
    BUILT = "built"
    """Made by a build, and kept beside its source: bundles, minified files."""
    DISCLOSURE = "disclosure"
    """Says how weaknesses are reported and told."""
    PIPELINE = "pipeline"
    """Decides which rows of data there are: models of a warehouse, extraction, loading."""
    TRAINING = "training"
    """Decides which examples a model learns from: filters, deduplication, sampling, mixing."""
    DATASETS = "datasets"
    """Reads or holds what a model learns from, among other things."""
    EVALUATION = "evaluation"
    """Decides how good something is told to be: evaluations, benchmarks, graders, rewards."""
    TRAIL = "trail"
    """Writes the record of who did what."""
    SPECIMEN = "specimen"
    """A setting kept as the data of a test, where no machine looks for settings."""
    CONFIG = "config"
    SCRIPT = "script"
    SOURCE = "source"


Labels = frozenset[Label]


def _table(*rows: tuple[str | Label, ...]) -> dict[str, list[Label]]:
    """Return the labels of each name, from rows of (names apart by spaces, labels …)."""
    table: dict[str, list[Label]] = {}
    for names, *given in rows:
        for name in names.split():
            table.setdefault(name, []).extend(Label(label) for label in given)
    return table


_NAMES = _table(
    (
        (
            ".reviewqueue.yml .reviewqueue.yaml .reviewqueue.toml .reviewqueue.json "
            "reviewqueue.yml reviewqueue.yaml reviewqueue.toml"
        ),
        Label.POLICY,
        Label.CONFIG,
    ),
    ("codeowners", Label.OWNERS),
    ("owners", Label.OWNERS),
    ("owners_aliases", Label.OWNERS),
    (
        (
            ".mergify.yml .mergify.yaml mergify.yml .kodiak.toml .bulldozer.yml .policy.yml "
            "bors.toml .prow.yaml .sentinel.yml safe-settings.yml branch-protection.yml "
            "branch-protection.yaml branch_protection.tf branch-protection.tf .palantir-policy.yml"
        ),
        Label.BRANCH_RULES,
        Label.CONFIG,
    ),
    (".gitattributes", Label.CONFIG, Label.BUILD),
    (".gitmodules", Label.CONFIG, Label.BUILD),
    (
        (
            "claude.md claude.local.md agents.md agents.override.md agent.md gemini.md codex.md "
            "warp.md jules.md skill.md copilot-instructions.md copilot-setup-steps.yml "
            ".cursorrules .windsurfrules .clinerules .roorules .goosehints .aider.conf.yml "
            ".mcp.json mcp.json .cursorignore .aiderignore .claude.json opencode.json "
            "opencode.jsonc crush.json .crush.json .aider.conf.yaml .roomodes .kilocodemodes "
            "cline_mcp_settings.json mcp_settings.json claude_desktop_config.json"
        ),
        Label.AGENT_INSTRUCTIONS,
    ),
    (
        (
            ".gitlab-ci.yml .gitlab-ci.yaml jenkinsfile .travis.yml bitbucket-pipelines.yml "
            ".drone.yml appveyor.yml .appveyor.yml cloudbuild.yaml cloudbuild.yml "
            ".drone.yaml .woodpecker.yaml .azure-pipelines.yml .azure-pipelines.yaml buildspec.yml "
            "buildspec.yaml circle.yml "
            "azure-pipelines.yml azure-pipelines.yaml .woodpecker.yml .cirrus.yml "
            "codecov.yml .codecov.yml"
        ),
        Label.CI,
        Label.CONFIG,
    ),
    (
        (
            "action.yml action.yaml dependabot.yml dependabot.yaml renovate.json renovate.json5 "
            ".renovaterc .renovaterc.json"
        ),
        Label.CI,
        Label.CONFIG,
    ),
    ("sudoers", Label.INFRASTRUCTURE, Label.CONFIG),
    ("exports sshd_config ssh_config sshd_config.j2 sshd_config.erb", Label.CONFIG),
    (".htaccess .htpasswd caddyfile", Label.CONFIG),
    ("vagrantfile tiltfile earthfile dangerfile fastfile", Label.BUILD, Label.SOURCE),
    (
        (
            "makefile gnumakefile cmakelists.txt configure configure.ac configure.in bootstrap "
            "autogen.sh setup.py conftest.py noxfile.py fabfile.py build.rs gradlew gradlew.bat "
            "mvnw build.bazel workspace workspace.bazel module.bazel meson.build sconstruct "
            "sconscript rakefile justfile .justfile procfile magefile.go gulpfile.js gruntfile.js "
            "sitecustomize.py usercustomize.py build.xml wscript build.sbt"
        ),
        Label.BUILD,
        Label.SOURCE,
    ),
    (
        (
            "setup.cfg tox.ini pytest.ini .coveragerc build.gradle build.gradle.kts "
            "settings.gradle settings.gradle.kts gradle.properties taskfile.yml taskfile.yaml "
            ".npmrc .yarnrc .yarnrc.yml .pnpmfile.cjs pip.conf pip.ini .pypirc bunfig.toml "
            ".goreleaser.yml .goreleaser.yaml tsconfig.json directory.build.props "
            "directory.build.targets nuget.config config.toml.cargo .bazelrc lerna.json nx.json "
            "turbo.json"
        ),
        Label.BUILD,
        Label.CONFIG,
    ),
    (
        (
            "package.json pyproject.toml cargo.toml go.mod gemfile composer.json pom.xml pipfile "
            "build.zig.zon mix.exs deno.json deno.jsonc environment.yml environment.yaml "
            "pubspec.yaml package.swift podfile conanfile.txt conanfile.py vcpkg.json"
        ),
        Label.MANIFEST,
        Label.BUILD,
    ),
    (
        (
            "package-lock.json npm-shrinkwrap.json yarn.lock pnpm-lock.yaml poetry.lock uv.lock "
            "pipfile.lock cargo.lock go.sum gemfile.lock composer.lock bun.lock bun.lockb pdm.lock "
            "flake.lock mix.lock pubspec.lock package.resolved podfile.lock gradle.lockfile "
            "packages.lock.json deno.lock"
        ),
        Label.LOCK,
        Label.GENERATED,
    ),
    (
        (
            ".pre-commit-config.yaml .pre-commit-config.yml .pre-commit-hooks.yaml lefthook.yml "
            "lefthook.yaml .lefthook.yml .huskyrc .overcommit.yml devcontainer.json "
            ".devcontainer.json .envrc .gitconfig"
        ),
        Label.HOOK,
        Label.CONFIG,
    ),
    (
        (
            "dockerfile containerfile docker-compose.yml docker-compose.yaml compose.yml "
            "compose.yaml .dockerignore"
        ),
        Label.CONTAINER,
    ),
    (
        "chart.yaml helmfile.yaml kustomization.yaml kustomization.yml skaffold.yaml",
        Label.INFRASTRUCTURE,
        Label.CONFIG,
    ),
    (
        "serverless.yml serverless.yaml vercel.json netlify.toml fly.toml render.yaml",
        Label.INFRASTRUCTURE,
        Label.CONFIG,
    ),
    (
        (
            "readme license licence changelog contributing authors security notice copying "
            "changes news install todo"
        ),
        Label.DOCS,
    ),
)

_SUFFIXES = _table(
    (
        (
            "py pyi pyx js jsx mjs cjs ts tsx mts cts go rs java kt kts scala cs fs vb c h cc cpp "
            "cxx hpp hh m mm swift rb php pl pm lua r jl hs ml mli ex exs erl clj cljs groovy dart "
            "zig nim v sv vhd asm s sol vue svelte astro elm cr d pas tcl ipynb proto thrift "
            "graphql html htm css scss jinja jinja2 j2 erb ejs hbs tmpl tpl phtml jsp jspx jspf "
            "twig haml slim cshtml aspx ascx liquid ftl mustache heex eex leex njk pug mako jelly "
            "ftlh vm latte gsp xhtml gohtml razor marko jsf tt tt2 ep"
        ),
        Label.SOURCE,
    ),
    ("sh bash zsh fish ksh ps1 psm1 bat cmd vbs awk applescript", Label.SCRIPT, Label.SOURCE),
    ("sql", Label.SOURCE),
    ("nix jsonnet libsonnet rego cue dhall rake ru", Label.SOURCE),
    ("rules acl config cf cnf sb", Label.CONFIG),
    ("md mdx rst adoc txt asciidoc org tex pod textile wiki", Label.DOCS),
    ("mdc", Label.AGENT_INSTRUCTIONS),
    (
        (
            "csv tsv jsonl ndjson parquet arrow feather avro orc npz npy h5 hdf5 tfrecord pkl "
            "pickle joblib safetensors pt pth_weights onnx gguf ckpt sqlite sqlite3 db"
        ),
        Label.DATA,
    ),
    (
        (
            "png jpg jpeg gif webp bmp ico icns svgz tif tiff avif woff woff2 ttf otf eot mp3 mp4 "
            "wav ogg webm mov avi flac pdf psd ai sketch fig"
        ),
        Label.MEDIA,
    ),
    (
        (
            "so dll exe jar war ear whl egg pyc pyo wasm o a class node dylib ko apk deb rpm msi "
            "bin com sys"
        ),
        Label.BINARY,
    ),
    ("yml yaml json json5 jsonc toml ini cfg conf properties env xml plist", Label.CONFIG),
    ("tf tfvars tftpl hcl bicep", Label.INFRASTRUCTURE, Label.CONFIG),
    ("service timer socket crontab cron", Label.INFRASTRUCTURE, Label.CONFIG),
    ("pp epp sls", Label.INFRASTRUCTURE, Label.CONFIG),
    (
        (
            "mk mak cmake m4 am in bzl bazel gradle csproj vcxproj vbproj fsproj sln targets props "
            "gemspec podspec cabal pth nimble spec"
        ),
        Label.BUILD,
    ),
    ("lock", Label.LOCK, Label.GENERATED),
    ("snap", Label.TEST, Label.GENERATED),
    ("map", Label.GENERATED),
    ("dockerfile", Label.CONTAINER),
)

_FOLDERS = _table(
    (
        (
            "test tests testing __tests__ spec specs e2e testdata test_data test-data fixtures "
            "__mocks__ __snapshots__ testcases integration_tests integration-tests unit_tests"
        ),
        Label.TEST,
    ),
    ("doc docs documentation website examples_docs", Label.DOCS),
    ("dist bundle bundles", Label.BUILT),
    (
        (
            ".claude .cursor .codex .gemini .windsurf .openhands .amp .devin .roo .clinerules "
            ".continue .junie .kiro .agents .jules .opencode .goose .aider .factory .crush .qwen "
            ".kilocode .augment .trae .qoder .codebuddy .claude-plugin .warp .rovodev .amazonq"
        ),
        Label.AGENT_INSTRUCTIONS,
    ),
    (".reviewqueue", Label.POLICY),
    (
        (
            ".circleci .buildkite .ci .woodpecker .tekton .teamcity .semaphore .azure-pipelines "
            ".pipelines"
        ),
        Label.CI,
    ),
    (".husky .githooks .git-hooks .devcontainer .vscode", Label.HOOK),
    (
        "vendor vendored _vendor node_modules third_party third-party bower_components",
        Label.VENDORED,
    ),
    ("terraform k8s kubernetes helm ansible pulumi cookbooks hieradata", Label.INFRASTRUCTURE),
    ("migrations migrate alembic", Label.MIGRATION),
    (
        (
            "warehouse dbt etl elt dags airflow dagster prefect data_pipeline data_pipelines "
            "data-pipeline data-pipelines datapipeline bigquery snowflake redshift databricks "
            "sqlmesh dataform data_processing data-processing preprocessing preprocess"
        ),
        Label.PIPELINE,
    ),
    (
        (
            "eval evals evaluation evaluations evaluator evaluators grader graders grading reward "
            "rewards reward_functions scoring scorer scorers benchmark benchmarks benchmarking "
            "leaderboard judge judges rubrics eval_harness evaluation_harness"
        ),
        Label.EVALUATION,
    ),
    (".cargo", Label.BUILD),
    ("sudoers.d", Label.INFRASTRUCTURE, Label.CONFIG),
    (".allstar otterdog safe-settings peribolos", Label.BRANCH_RULES),
)

_GLOBS: tuple[tuple[str, tuple[Label, ...]], ...] = (
    ("*.github/workflows/*", (Label.CI,)),
    ("*.github/actions/*", (Label.CI,)),
    ("*.github/codeql/*", (Label.CI,)),
    ("*.github/instructions/*", (Label.AGENT_INSTRUCTIONS,)),
    ("*.github/settings.y*ml", (Label.BRANCH_RULES,)),
    ("*.github/rulesets/*", (Label.BRANCH_RULES,)),
    ("*.github/mergify.y*ml", (Label.BRANCH_RULES,)),
    ("*.github/branch-protection*", (Label.BRANCH_RULES,)),
    ("*.github/auto-approve*.y*ml", (Label.BRANCH_RULES,)),
    ("*.github/prompts/*", (Label.AGENT_INSTRUCTIONS,)),
    ("*.github/agents/*", (Label.AGENT_INSTRUCTIONS,)),
    ("*.github/chatmodes/*", (Label.AGENT_INSTRUCTIONS,)),
    ("*.github/hooks/*", (Label.AGENT_INSTRUCTIONS,)),
    ("*.github/skills/*", (Label.AGENT_INSTRUCTIONS,)),
    ("*.gitea/workflows/*", (Label.CI,)),
    ("*.forgejo/workflows/*", (Label.CI,)),
    ("*.gitlab/*.yml", (Label.CI,)),
)

_BASENAME_GLOBS: tuple[tuple[str, tuple[Label, ...]], ...] = (
    ("*auto*approv*.*", (Label.APPROVALS,)),
    ("*approval*.*", (Label.APPROVALS,)),
    ("*permission*.*", (Label.APPROVALS,)),
    ("*safety*.*", (Label.APPROVALS,)),
    ("*tool*polic*.*", (Label.APPROVALS,)),
    ("*sandbox*polic*.*", (Label.APPROVALS,)),
    ("*exec*polic*.*", (Label.APPROVALS,)),
    ("*command*polic*.*", (Label.APPROVALS,)),
    ("*safe*command*.*", (Label.APPROVALS,)),
    ("*danger*command*.*", (Label.APPROVALS,)),
    ("*danger*pattern*.*", (Label.APPROVALS,)),
    ("*allow*list*.*", (Label.APPROVALS,)),
    ("*deny*list*.*", (Label.APPROVALS,)),
    ("*block*list*.*", (Label.APPROVALS,)),
    ("*.conf.erb", (Label.CONFIG,)),
    ("*.conf.j2", (Label.CONFIG,)),
    ("*.conf.t*pl", (Label.CONFIG,)),
    ("*.y*ml.erb", (Label.CONFIG,)),
    ("*.y*ml.j2", (Label.CONFIG,)),
    ("*.y*ml.t*pl", (Label.CONFIG,)),
    ("*.ini.j2", (Label.CONFIG,)),
    ("*.service.j2", (Label.CONFIG,)),
    ("*.service.erb", (Label.CONFIG,)),
    ("*.json.t*pl", (Label.CONFIG,)),
    ("*.json.j2", (Label.CONFIG,)),
    ("*rbac*.*", (Label.RIGHTS,)),
    ("*role.y*ml", (Label.RIGHTS,)),
    ("*roles.y*ml", (Label.RIGHTS,)),
    ("*role*binding*.y*ml", (Label.RIGHTS,)),
    ("*ruleset*.json", (Label.BRANCH_RULES,)),
    ("test_*", (Label.TEST,)),
    ("*_test.*", (Label.TEST,)),
    ("*.test.*", (Label.TEST,)),
    ("*.spec.*", (Label.TEST,)),
    ("*.*test.ts", (Label.TEST,)),
    ("*.*test.tsx", (Label.TEST,)),
    ("*_spec.rb", (Label.TEST,)),
    ("*tests.cs", (Label.TEST,)),
    ("dockerfile*", (Label.CONTAINER,)),
    ("docker-compose*", (Label.CONTAINER,)),
    ("requirements*.txt", (Label.MANIFEST, Label.BUILD)),
    ("constraints*.txt", (Label.MANIFEST, Label.BUILD)),
    ("requirements*.in", (Label.MANIFEST, Label.BUILD)),
    ("azure-pipelines*", (Label.CI,)),
    ("*.config.js", (Label.BUILD,)),
    ("*.config.ts", (Label.BUILD,)),
    ("*.config.mjs", (Label.BUILD,)),
    ("*.config.cjs", (Label.BUILD,)),
    (".eslintrc*", (Label.BUILD, Label.CONFIG)),
    (".babelrc*", (Label.BUILD, Label.CONFIG)),
    ("makefile.*", (Label.BUILD,)),
    ("*.min.js", (Label.GENERATED, Label.BUILT)),
    ("*.min.css", (Label.GENERATED, Label.BUILT)),
    ("*.bundle.js", (Label.BUILT,)),
    ("*_pb2.py", (Label.GENERATED, Label.BUILT)),
    ("*_pb2_grpc.py", (Label.GENERATED, Label.BUILT)),
    ("*.pb.go", (Label.GENERATED, Label.BUILT)),
    ("*_snapshot.json", (Label.GENERATED,)),
    ("*.pb.gw.go", (Label.GENERATED, Label.BUILT)),
    ("*.connect.go", (Label.GENERATED, Label.BUILT)),
    ("*.generated.*", (Label.GENERATED, Label.BUILT)),
    ("*_generated.*", (Label.GENERATED, Label.BUILT)),
    ("security*.md", (Label.DISCLOSURE,)),
    ("security*.txt", (Label.DISCLOSURE,)),
    ("security*.rst", (Label.DISCLOSURE,)),
    ("security*.adoc", (Label.DISCLOSURE,)),
    ("*disclosure*", (Label.DISCLOSURE,)),
    ("incident*response*", (Label.DISCLOSURE,)),
    ("security?insights*", (Label.DISCLOSURE,)),
    ("threat*model*", (Label.DISCLOSURE,)),
    ("zz_generated*", (Label.GENERATED,)),
    ("reward*.*", (Label.EVALUATION,)),
    ("*_reward*.*", (Label.EVALUATION,)),
    ("scorer*.*", (Label.EVALUATION,)),
    ("scoring*.*", (Label.EVALUATION,)),
    ("*_scor[ei]*.py", (Label.EVALUATION,)),
    ("grader*.*", (Label.EVALUATION,)),
    ("*_grader*.*", (Label.EVALUATION,)),
    ("evaluat*.py", (Label.EVALUATION,)),
    ("eval_*.py", (Label.EVALUATION,)),
    ("*_eval.py", (Label.EVALUATION,)),
    ("*_yaml", (Label.CONFIG,)),
    ("*dedup*.*", (Label.PIPELINE,)),
    ("*decontamin*.*", (Label.PIPELINE,)),
    ("dbt_project.y*ml", (Label.PIPELINE,)),
    ("*_dag.py", (Label.PIPELINE,)),
    ("*.dbt.sql", (Label.PIPELINE,)),
    (".env*", (Label.CONFIG,)),
    ("*audit*.*", (Label.TRAIL,)),
    ("*activity*log*.*", (Label.TRAIL,)),
    ("*access*log*.*", (Label.TRAIL,)),
    ("*event*log*.*", (Label.TRAIL,)),
)

_OF_MODELS = frozenset(
    {
        "models",
        "marts",
        "mart",
        "staging",
        "intermediate",
        "macros",
        "snapshots",
        "transform",
        "transforms",
        "transformation",
        "transformations",
        "views",
        "analytics",
        "warehouse",
        "reporting",
        "sql",
        "queries",
        "etl",
        "elt",
        "dags",
        "aggregates",
        "bigquery",
        "snowflake",
        "redshift",
        "datasets",
    }
)
"""Folders whose SQL decides what rows a warehouse shows."""
_DERIVED = re.compile(r"[_-](?:derived|aggregates?|external|staging|marts?)(?:/|$)")
"""Likewise, by the end of a data set's name."""
_OF_A_QUERY = re.compile(
    r"\.sql(?:\.j2|\.jinja2?)?$|\.sqlx$|^query\.py$|^(?:metadata|backfill|sources|properties)\.ya?ml$|^schema\.yml$|_(?:models|sources)\.ya?ml$"
)
"""Queries, and what says beside them how long, how often and for whom their rows are kept."""
_LISTS_PEOPLE = re.compile(
    r"(?:^|/)(?:access|acls?|permissions|members|memberships?|collaborators|maintainers|admins|"
    r"teams|people|orgs?|organi[sz]ations?|groups|users)/(?:[^/]+/){0,3}[^/]+$|"
    r"(?:^|[/_.-])(?:members(?:hips?)?|maintainers|collaborators|admins?|owners|approvers|people|"
    r"access|permissions|teams?|users|org|organi[sz]ation|stewards|botmeta|"
    r"committers)\.(?:ya?ml|json5?|toml|csv|cfg|conf|ini)$"
)
"""Files of data that are named for people, teams or what they may reach."""
_OF_SCRIPTS = frozenset({"bin", "sbin", "scripts", "script", "hack", "libexec"})
"""Folders whose files without a suffix are programs."""
_ANY_BASENAME = re.compile("|".join(translate(glob) for glob, _ in _BASENAME_GLOBS))
"""Whether one of them matches at all: most names match none."""

_OF_TESTS = frozenset({"test", "tests", "testing", "__tests__", "spec", "specs", "e2e"})
_OF_SPECIMENS = frozenset(
    {"test-data", "test_data", "testdata", "fixture", "fixtures", "corpus", "corpora"}
)
"""Folders within those of tests, for what the tests read as data."""

_GIT_HOOKS = _table(
    (
        (
            "pre-commit pre-push pre-receive post-checkout post-merge post-commit commit-msg "
            "prepare-commit-msg pre-rebase post-rewrite update post-receive"
        ),
        Label.HOOK,
        Label.SCRIPT,
    ),
)
_OTHERS: Labels = frozenset({Label.LOCK, Label.GENERATED, Label.VENDORED, Label.DATA})
_RUN_BY_OTHERS: Labels = frozenset(
    {
        Label.BUILD,
        Label.CI,
        Label.HOOK,
        Label.OWNERS,
        Label.BRANCH_RULES,
        Label.POLICY,
        Label.AGENT_INSTRUCTIONS,
        Label.MANIFEST,
        Label.CONTAINER,
        Label.INFRASTRUCTURE,
    }
)
_NO_EXAMPLES: Labels = frozenset(
    {
        Label.TEST,
        Label.DOCS,
        Label.LOCK,
        Label.VENDORED,
        Label.MIGRATION,
        Label.CI,
        Label.MANIFEST,
        Label.HOOK,
    }
)
"""Files that hold no examples, whatever their names say."""
ACTED_ON: Labels = frozenset(
    {
        Label.SCRIPT,
        Label.SOURCE,
        Label.CI,
        Label.BUILD,
        Label.HOOK,
        Label.CONTAINER,
        Label.INFRASTRUCTURE,
        Label.AGENT_INSTRUCTIONS,
        Label.CONFIG,
        Label.MANIFEST,
    }
)
"""Programs, and what sets them up: where a command in the text is one that is given."""
_CODE: Labels = frozenset({Label.SOURCE, Label.SCRIPT, Label.BINARY})
_NOT_PROSE_IN_DOCS = frozenset({"conf.py"})


def fold(path: str) -> str:
    """Return the path as a lax file system would find it.

    Lower case, compatible characters made equal, invisible ones dropped, ``./`` and
    doubled slashes removed: a name that only looks or resolves like a protected one
    is taken for it.
    """
    if not path.isascii():
        path = unicodedata.normalize("NFKC", path)
        path = "".join(char for char in path if unicodedata.category(char) != "Cf")
    parts = [part for part in path.casefold().split("/") if part not in {"", "."}]
    return "/".join(part.rstrip(" .") or part for part in parts)


@lru_cache(maxsize=1 << 16)
def labels(path: str) -> Labels:
    """Return every label of a ``/``-separated path; an unknown name has none."""
    folded = fold(path)
    folders, _, base = folded.rpartition("/")
    found: set[Label] = set()
    for folder in folders.split("/"):
        found.update(_FOLDERS.get(folder, ()))
    found.update(_NAMES.get(base, ()))
    found.update(_SUFFIXES.get(base.rpartition(".")[2], ()) if "." in base else ())
    if _ANY_BASENAME.match(base):
        for glob, given in _BASENAME_GLOBS:
            if fnmatchcase(base, glob):
                found.update(given)
    if ".git" in folders:
        for glob, given in _GLOBS:
            if fnmatchcase(folded, glob):
                found.update(given)
    return _settled(found, folders, base)


def _settled(found: set[Label], folders: str, base: str) -> Labels:
    """Resolve what two tables say of one path."""
    if base in _GIT_HOOKS and "." not in base and folders.endswith(("hooks", ".husky")):
        found.update(_GIT_HOOKS[base])
    if base in _NOT_PROSE_IN_DOCS and Label.DOCS in found:
        found.add(Label.BUILD)
    if Label.MANIFEST in found or base == "cmakelists.txt":
        found.discard(Label.DOCS)
    _of_learning(found, folders, base)
    if "." not in base and not found and folders.rpartition("/")[2] in _OF_SCRIPTS:
        found.update((Label.SCRIPT, Label.SOURCE))
    if Label.CONFIG in found and _LISTS_PEOPLE.search(f"{folders}/{base}"):
        found.add(Label.MEMBERS)
    is_query = _OF_A_QUERY.search(base) and not found & {Label.MIGRATION, Label.TEST}
    if is_query and (
        not _OF_MODELS.isdisjoint(learning.words(folders)) or _DERIVED.search(folders)
    ):
        found.add(Label.PIPELINE)
    if Label.CONFIG in found and Label.TEST in found and not read_by_machines(frozenset(found)):
        within = dropwhile(lambda folder: folder not in _OF_TESTS, folders.split("/"))
        if not _OF_SPECIMENS.isdisjoint(within):
            found.add(Label.SPECIMEN)
    return frozenset(found)


def _of_learning(found: set[Label], folders: str, base: str) -> None:
    """Add what the words of a path say of what a model learns from, and is measured by."""
    plain = found.isdisjoint(_NO_EXAMPLES)
    if learning.measures(folders, base, is_program=plain and Label.SOURCE in found):
        found.add(Label.EVALUATION)
    said = learning.prepares(folders, base) if plain else ""
    if said:
        found.add(Label(said))


def read_by_machines(found: Labels) -> bool:
    """Return whether a build, CI, a hook, a deployment or an agent acts on the file."""
    return not found.isdisjoint(_RUN_BY_OTHERS)


def runs(found: Labels) -> bool:
    """Return whether the file's content is executed, or decides what is executed."""
    return read_by_machines(found) or not found.isdisjoint(_CODE)


def discountable(found: Labels) -> bool:
    """Return whether a pattern weighs one level less here: in prose.

    A program in a documentation folder is a program, and a test is one that CI runs with
    CI's rights; what machines read is never discounted.
    """
    if read_by_machines(found):
        return False
    return Label.DOCS in found and not found & (_CODE | {Label.TEST})


def set_aside(found: Labels) -> bool:
    """Return whether a file is prose, or a test that nothing but a test run reads.

    For what only matters in a program that people use: its checks, its deletions, its logs.
    """
    return discountable(found) or (Label.TEST in found and not read_by_machines(found))


def is_own(found: Labels) -> bool:
    """Return whether a project's people wrote a file for use: no prose, data, or mere test."""
    return found.isdisjoint(_OTHERS) and not set_aside(found)
