"""``reviewqueue rules`` as people call it."""

import json
import shutil
import subprocess
import sys
from importlib.util import module_from_spec, spec_from_file_location
from pathlib import Path

import pytest
from click.testing import CliRunner

from reviewqueue.commands import rules as command
from reviewqueue.commands import samples
from reviewqueue.commands.rules import rules
from reviewqueue.domain.finding import Pathway
from reviewqueue.rules import catalogue, load
from reviewqueue.scan.rule import HEADINGS, Rule, sections

ROOT = Path(__file__).parents[2]
RULES = {rule.id: rule for rule in catalogue()}
SHELL = "reverse-shell"


def test_it_lists_every_rule_with_its_facts() -> None:
    done = CliRunner().invoke(rules, ["list"])
    assert done.exit_code == 0
    for rule in catalogue():
        line = next(line for line in done.output.splitlines() if line.startswith(f"{rule.id} "))
        facts = [rule.id, rule.pathway, rule.severity, rule.confidence, rule.stability]
        assert line.split()[:5] == facts
        assert line.endswith(rule.summary)
    assert f"{len(catalogue())} rules." in done.output


def test_it_lists_as_json() -> None:
    done = CliRunner().invoke(rules, ["list", "--format", "json"])
    listed = json.loads(done.output)
    assert {row["id"] for row in listed} == {rule.id for rule in catalogue()}
    assert set(listed[0]) == {
        "id",
        "pathway",
        "severity",
        "confidence",
        "stability",
        "summary",
        "version",
        "budget",
    }


@pytest.mark.parametrize("rule", ["guard-removed", "unscannable"])
def test_it_explains_a_rule(rule: str) -> None:
    done = CliRunner().invoke(rules, ["show", rule])
    assert done.exit_code == 0
    assert done.output.startswith(f"{rule}\n")
    told = sections(next(one.docs for one in catalogue() if one.id == rule))
    assert all(f"\n{heading}\n  " in done.output for heading in HEADINGS if told.get(heading))
    assert all(f"\n{heading}\n  " in done.output for heading in HEADINGS[:4])
    assert " · version " in done.output
    assert "budget: at most 1.00% of honest commits at medium or above\n" in done.output


def test_it_explains_a_rule_as_json() -> None:
    done = CliRunner().invoke(rules, ["show", "pipe-to-shell", "--format", "json"])
    told = json.loads(done.output)
    assert told["pathway"] == "backdoor"
    assert set(HEADINGS[:4]) < set(told["docs"])
    assert told["docs"].get("Seen in", "") == sections(RULES["pipe-to-shell"].docs).get(
        "Seen in", ""
    )
    assert (told["version"], told["budget"]) == (RULES["pipe-to-shell"].version, 0.01)


def test_it_helps_with_a_name_that_is_nearly_right() -> None:
    done = CliRunner().invoke(rules, ["show", "guard-remvd"])
    assert done.exit_code == 2
    assert done.output == "Error: no rule is called 'guard-remvd'; did you mean guard-removed?\n"


# --- rules test


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """The samples of one rule, to break."""
    shutil.copytree(ROOT / "tests/rules/backdoor" / SHELL, tmp_path / "backdoor" / SHELL)
    return tmp_path


def tried(folder: Path, *names: str) -> tuple[int, list[str]]:
    done = CliRunner().invoke(rules, ["test", "--folder", str(folder), *names])
    return done.exit_code, done.output.splitlines()


def edit(folder: Path, name: str, old: str, new: str) -> None:
    path = folder / "backdoor" / SHELL / name
    text = path.read_text()
    assert old in text
    path.write_text(text.replace(old, new))


def test_it_runs_a_rule_over_its_diffs(folder: Path) -> None:
    count = len(list(folder.glob("*/*/*.diff")))
    assert tried(folder, SHELL) == (0, [f"1 rule, {count} diffs: all as expected"])
    assert tried(folder, SHELL, SHELL)[0] == 0


def test_it_says_what_is_expected_and_what_was_found(folder: Path) -> None:
    edit(folder, "flagged-1.diff", "health.sh:3\n", "health.sh:4\n")
    edit(folder, "flagged-2.diff", "os.dup2", "os.dup3")
    edit(folder, "flagged-2.diff", "/bin/sh", "/bin/true")
    source = (folder / "backdoor" / SHELL / "flagged-1.diff").read_text()
    (folder / "backdoor" / SHELL / "clean-1.diff").write_text(source)
    message = "ties a shell to a network address"
    status, said = tried(folder, SHELL)
    assert status == 1
    assert said[:-1] == [
        f"{SHELL}: clean-1.diff: expected nothing, found high scripts/health.sh:3 ({message})",
        (
            f"{SHELL}: flagged-1.diff: expected high scripts/health.sh:4,"
            f" found high scripts/health.sh:3 ({message})"
        ),
        f"{SHELL}: flagged-2.diff: expected high tools/console.py:10, found nothing",
    ]
    assert said[-1].endswith("diffs: 3 not as expected")


def test_it_takes_no_sample_that_says_or_is_nothing(folder: Path) -> None:
    edit(folder, "flagged-1.diff", "Expect:", "Expected:")
    edit(folder, "flagged-2.diff", "+1,13", "+1,14")
    (folder / "backdoor" / SHELL / "odd-1.diff").write_text("")
    status, said = tried(folder, SHELL)
    assert status == 1
    assert f"{SHELL}: flagged-1.diff: does not begin with `Expect: severity path[:line]`" in said
    assert any(line.startswith(f"{SHELL}: flagged-2.diff: cannot be read: ") for line in said) or (
        "found nothing" in said[1]
    )
    assert f"{SHELL}: odd-1.diff: is neither flagged-… nor clean-…" in said


def test_it_wants_two_of_each(folder: Path) -> None:
    for name in ("flagged-1.diff", "clean-1.diff", "clean-2.diff"):
        (folder / "backdoor" / SHELL / name).unlink()
    for more in (folder / "backdoor" / SHELL).glob("*-[3-9].diff"):
        more.unlink()
    assert tried(folder, SHELL)[1][:2] == [
        f"{SHELL}: 1 flagged diff, where 2 are wanted",
        f"{SHELL}: 0 clean diffs, where 2 are wanted",
    ]


def test_it_finds_diffs_without_a_rule_and_rules_without_diffs(folder: Path) -> None:
    (folder / "backdoor" / SHELL).rename(folder / "backdoor" / "no-such-rule")
    status, said = tried(folder)
    assert status == 1
    assert said[0].startswith("no-such-rule: ")
    assert said[0].endswith(" belongs to no rule")
    missing = "has no diffs, where 2 flagged and 2 clean ones are wanted"
    assert f"{SHELL}: {missing}" in said
    assert not any(line.startswith("unscannable: ") for line in said)


def test_it_reads_what_a_sample_says_of_its_change(tmp_path: Path) -> None:
    text = "Expect: high a.py:1\nTitle: Fix typo\nBranch: a/b\ndiff --git a/a b/a\n+Title: not\n"
    (tmp_path / "flagged-1.diff").write_text(text)
    (one,) = samples.read(tmp_path)
    assert (one.expected, one.subject.title, one.subject.branch) == (
        "high a.py:1",
        "Fix typo",
        "a/b",
    )


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["guard-remvd"], "no rule is called 'guard-remvd'; did you mean guard-removed?"),
        (["--folder", "no-such-folder"], "no-such-folder is no folder"),
    ],
)
def test_it_cannot_test_what_is_not_there(arguments: list[str], message: str) -> None:
    done = CliRunner().invoke(rules, ["test", *arguments])
    assert (done.exit_code, message in done.output) == (2, True)


# --- rules new


@pytest.fixture
def checkout(tmp_path: Path) -> Path:
    for pathway in Pathway:
        (tmp_path / "reviewqueue/rules" / pathway).mkdir(parents=True)
    return tmp_path


def begun(checkout: Path, *arguments: str) -> tuple[int, str]:
    done = CliRunner().invoke(rules, ["new", *arguments, "--root", str(checkout)])
    return done.exit_code, done.output


def made(checkout: Path, pathway: str, rule_id: str) -> Rule:
    """Load a rule of the checkout as the catalogue does."""
    stem = rule_id.replace("-", "_")
    path = checkout / "reviewqueue/rules" / pathway / f"{stem}.py"
    spec = spec_from_file_location(f"reviewqueue.rules.{pathway}.{stem}", path)
    assert spec is not None
    assert spec.loader is not None
    module = module_from_spec(spec)
    spec.loader.exec_module(module)
    return load(module)


@pytest.mark.parametrize("pathway", [str(one) for one in Pathway])
def test_what_it_begins_is_a_rule_that_holds(
    checkout: Path, pathway: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    status, output = begun(checkout, pathway, "a-new-rule")
    assert status == 0
    assert f"rules/{pathway}/a_new_rule.py" in output
    rule = made(checkout, pathway, "a-new-rule")
    monkeypatch.setattr(command, "catalogue", lambda: (rule,))
    assert tried(checkout / "tests/rules") == (0, ["1 rule, 4 diffs: all as expected"])


def test_what_it_begins_is_well_formed(checkout: Path) -> None:
    begun(checkout, "backdoor", "a-new-rule")
    tool = Path(sys.executable).with_name("ruff")
    config = str(ROOT / "pyproject.toml")
    for words in (["check", "--ignore", "INP001"], ["format", "--check"]):
        done = subprocess.run(
            [tool, *words, "--no-cache", "--config", config, checkout],
            capture_output=True,
            text=True,
            check=False,
        )
        assert done.returncode == 0, done.stdout


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["backdoors", "a-rule"], "'backdoors' is not one of"),
        (["backdoor", "A-Rule"], "'A-Rule' is no name for a rule"),
        (["backdoor", "a_rule"], "'a_rule' is no name for a rule"),
        (["backdoor", "../a-rule"], "'../a-rule' is no name for a rule"),
        (["backdoor", SHELL], f"a rule is called {SHELL} already"),
    ],
)
def test_it_refuses_a_bad_name(checkout: Path, arguments: list[str], message: str) -> None:
    before = sorted(checkout.rglob("*"))
    status, output = begun(checkout, *arguments)
    assert (status, message in output) == (2, True)
    assert sorted(checkout.rglob("*")) == before


def test_it_overwrites_nothing(checkout: Path) -> None:
    assert begun(checkout, "backdoor", "a-new-rule")[0] == 0
    files = {path: path.read_bytes() for path in checkout.rglob("*") if path.is_file()}
    for pathway in ("backdoor", "gate"):
        status, output = begun(checkout, pathway, "a-new-rule")
        assert (status, output.endswith("exists\n")) == (2, True)
    (checkout / "reviewqueue/rules/backdoor/a_new_rule.py").unlink()
    assert begun(checkout, "backdoor", "a-new-rule")[0] == 2
    assert {path for path in checkout.rglob("*") if path.is_file()} < set(files)


def test_it_writes_into_a_checkout_only(tmp_path: Path) -> None:
    status, output = begun(tmp_path, "backdoor", "a-new-rule")
    assert (status, "is no checkout of reviewqueue" in output) == (2, True)
    assert not list(tmp_path.iterdir())


def test_the_catalogue_holds_over_its_own_diffs() -> None:
    done = CliRunner().invoke(rules, ["test", "--folder", str(Path(__file__).parent)])
    assert done.exit_code == 0, done.output
