"""The house keeps its floors, and the habits that no linter knows."""

import ast
import io
import os
import re
import shutil
import subprocess
import sys
import tokenize
from collections.abc import Iterator
from html.parser import HTMLParser
from importlib.metadata import packages_distributions
from pathlib import Path

import click
import pytest

from reviewqueue.commands import cli
from reviewqueue.settings import Settings

ROOT = Path(__file__).parents[1]
PACKAGE = ROOT / "reviewqueue"
SKIPPED = {".git", ".venv", ".data", "dist", "node_modules", "test-results", "__pycache__"}

FLOORS = "Floors: entry points, flow, adapters and engines, scan, nouns"
SCAN = "Floors of the scan: effects, structure, engine"
PURE = "Engines are pure: no web, database, git or network"
RULES = "Rules do not know each other"
STORE = "Only store opens sessions"
FORGE = "Only the pipeline touches the outside"
CYCLES = "No cycles between siblings"

PLANTED = {
    FLOORS: {"gate/planted.py": "import reviewqueue.routing\n"},
    SCAN: {"scan/combine.py": "\nimport reviewqueue.scan.structure.near\n"},
    PURE: {"coverage/planted.py": "import socket\n"},
    RULES: {
        "rules/backdoor/planted_one.py": "import reviewqueue.rules.backdoor.planted_other\n",
        "rules/backdoor/planted_other.py": "",
    },
    STORE: {"__main__.py": "\nimport reviewqueue.store\n"},
    FORGE: {"web/planted.py": "import reviewqueue.forge\n"},
    CYCLES: {
        "coverage/planted_one.py": "import reviewqueue.coverage.planted_other\n",
        "coverage/planted_other.py": "import reviewqueue.coverage.planted_one\n",
    },
}


def files(*suffixes: str, under: Path = ROOT) -> Iterator[Path]:
    for folder, names, found in os.walk(under):
        names[:] = [name for name in names if name not in SKIPPED and not name.endswith("_cache")]
        for name in found:
            if not suffixes or name.endswith(suffixes):
                yield Path(folder) / name


def lint_imports(directory: Path) -> dict[str, bool]:
    """Each contract's name, and whether it is kept."""
    config = directory / ".importlinter.toml"
    shutil.copy(ROOT / "pyproject.toml", config)
    tool = Path(sys.executable).with_name("lint-imports")
    done = subprocess.run(
        [tool, "--no-cache", "--no-logo", "--config", config],
        cwd=directory,
        capture_output=True,
        text=True,
        check=False,
        env={**os.environ, "COLUMNS": "200", "NO_COLOR": "1", "PYTHONPATH": str(directory)},
    )
    found = re.findall(r"^(.+?) (KEPT|BROKEN)\b", done.stdout, re.MULTILINE)
    assert found, done.stdout + done.stderr
    return {name: state == "KEPT" for name, state in found}


@pytest.fixture
def house(tmp_path: Path) -> Path:
    """A copy of the package, to break."""
    ignored = shutil.ignore_patterns("__pycache__", "static", "*.mako")
    shutil.copytree(PACKAGE, tmp_path / "reviewqueue", ignore=ignored)
    return tmp_path


def test_it_keeps_its_contracts(house: Path) -> None:
    assert lint_imports(house) == dict.fromkeys(PLANTED, True)


@pytest.mark.parametrize("contract", PLANTED)
def test_it_notices_a_planted_violation_of(contract: str, house: Path) -> None:
    for path, text in PLANTED[contract].items():
        with (house / "reviewqueue" / path).open("a", encoding="utf-8") as file:
            file.write(text)
    assert lint_imports(house) == {name: name != contract for name in PLANTED}


def test_it_names_no_registry() -> None:
    hosts = [
        "py" + "pi.org",
        "python" + "hosted.org",
        "registry.npm" + "js",
        "proxy.golang" + ".org",
    ]
    named = [
        str(path.relative_to(ROOT))
        for path in files()
        if any(host.encode() in path.read_bytes() for host in hosts)
    ]
    assert named == []


def test_its_scripts_are_short_and_can_be_run() -> None:
    scripts = [path for path in files(under=ROOT / "scripts") if not path.suffix]
    scripts += [ROOT / ".ci/run"]
    assert {"install", "run", "test", "check", "lock"} <= {path.name for path in scripts}
    scripts += [
        path for path in files(".py", under=ROOT / "scripts") if b"#!" in path.read_bytes()[:2]
    ]
    for path in scripts:
        lines = path.read_text().splitlines()
        assert os.access(path, os.X_OK), path
        assert lines[0].startswith("#!"), path
        if "sh" in lines[0]:
            assert any(line.startswith("set -eu") for line in lines), path
            assert len(lines) <= 70, path


def comments(path: Path) -> Iterator[str]:
    with path.open("rb") as file:
        for token in tokenize.tokenize(io.BytesIO(file.read()).readline):
            if token.type == tokenize.COMMENT:
                yield token.string


IGNORE = re.compile(r"#\s*(?:noqa|type:\s*ignore|ruff:\s*noqa|pragma:)")
REASONED = re.compile(
    r"#\s*(?:ruff:\s*)?(?:noqa:\s*[A-Z]+\d+(?:,\s*[A-Z]+\d+)*|type:\s*ignore\[[\w, -]+\])"
    r"\s*(?:--|#)\s*\S.*"
)


def test_every_ignore_in_the_code_has_a_reason() -> None:
    bare = [
        f"{path.relative_to(ROOT)}: {comment}"
        for path in files(".py")
        for comment in comments(path)
        if IGNORE.search(comment) and not REASONED.search(comment)
    ]
    assert bare == [], "\n".join(bare)


def test_every_ignore_in_the_settings_has_a_reason() -> None:
    text = (ROOT / "pyproject.toml").read_text()
    linter = text[text.index("[tool.ruff") :]
    ignored = [
        line
        for line in linter.splitlines()
        if re.match(r'\s+"[A-Z]+\d*"', line) or "ignore_missing_imports" in line
    ]
    assert len(ignored) > 10
    assert [line for line in ignored if not re.search(r"#\s*\w+", line)] == []


class Page(HTMLParser):
    """Everything in a template that a strict content policy would refuse."""

    def __init__(self) -> None:
        super().__init__()
        self.refused: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        names = dict(attrs)
        # Data is not run: only a script of another type may stand in a page.
        if tag == "style" or (tag == "script" and "src" not in names):
            self.refused.append(f"<{tag}>")
        for name, value in attrs:
            if name == "style" or name.startswith(("on", "hx-on")):
                self.refused.append(f"{tag} {name}=")
            if (value or "").strip().lower().startswith(("javascript:", "js:")):
                self.refused.append(f"{tag} {name}={value}")


def test_its_templates_hold_no_inline_script_or_style() -> None:
    refused = {}
    for path in files(".html", under=ROOT / "templates"):
        page = Page()
        text = re.sub(r"\{#.*?#\}", "", path.read_text(encoding="utf-8"), flags=re.DOTALL)
        page.feed(re.sub(r"\{%.*?%\}|\{\{.*?\}\}", "", text, flags=re.DOTALL))
        if page.refused:
            refused[path.name] = page.refused
    assert refused == {}


def _distribution(name: str) -> str:
    return re.sub(r"[-_.]+", "-", name).lower()


def imports(path: Path) -> Iterator[str]:
    for node in ast.walk(ast.parse(path.read_bytes())):
        if isinstance(node, ast.Import):
            yield from (name.name for name in node.names)
        elif isinstance(node, ast.ImportFrom):
            yield node.module or ""


def test_it_imports_only_what_is_locked_for_running() -> None:
    lock = (ROOT / "scripts/requirements.txt").read_text()
    locked = {_distribution(one) for one in re.findall(r"^([\w.-]+)(?=\[|==)", lock, re.MULTILINE)}
    providers = packages_distributions()
    missing = {
        f"{path.relative_to(ROOT)}: {name}"
        for path in files(".py", under=PACKAGE)
        for name in {one.split(".")[0] for one in imports(path)}
        if name not in {*sys.stdlib_module_names, "reviewqueue"}
        and locked.isdisjoint(_distribution(one) for one in providers.get(name, [name]))
    }
    assert missing == set()


def test_the_readme_names_every_command_and_setting() -> None:
    readme = (ROOT / "README.md").read_text(encoding="utf-8")
    names = [
        "DATABASE_URL" if name == "database_url" else f"REVIEWQUEUE_{name.upper()}"
        for name in Settings.model_fields
    ]
    commands = [f"reviewqueue {name}" for name in cli.list_commands(click.Context(cli))]
    assert len(commands) > 5
    assert [name for name in [*names, *commands] if name not in readme] == []
