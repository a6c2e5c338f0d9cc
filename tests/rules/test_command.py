"""``reviewqueue rules`` as people call it."""

import json

import pytest
from click.testing import CliRunner

from reviewqueue.commands.rules import rules
from reviewqueue.rules import catalogue
from reviewqueue.scan.rule import HEADINGS


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
    }


@pytest.mark.parametrize("rule", ["guard-removed", "unscannable"])
def test_it_explains_a_rule(rule: str) -> None:
    done = CliRunner().invoke(rules, ["show", rule])
    assert done.exit_code == 0
    assert done.output.startswith(f"{rule}\n")
    assert all(f"\n{heading}\n  " in done.output for heading in HEADINGS)


def test_it_explains_a_rule_as_json() -> None:
    done = CliRunner().invoke(rules, ["show", "pipe-to-shell", "--format", "json"])
    told = json.loads(done.output)
    assert told["pathway"] == "backdoor"
    assert set(HEADINGS) < set(told["docs"])


def test_it_helps_with_a_name_that_is_nearly_right() -> None:
    done = CliRunner().invoke(rules, ["show", "guard-remvd"])
    assert done.exit_code == 2
    assert done.output == "Error: no rule is called 'guard-remvd'; did you mean guard-removed?\n"
