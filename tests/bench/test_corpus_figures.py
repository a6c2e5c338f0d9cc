"""From what was measured to tables and bars."""
# ruff: noqa: ANN401 -- fields by name, of several types

import math
from typing import Any

import pytest
from corpora.figures import Bar, Figures, Share, figures
from corpora.items import Item, Kind
from corpora.measured import Measured
from corpora.naming import NAMINGS
from corpora.tables import as_json, as_text, lines, sample_rows, sample_text

from reviewqueue.domain.finding import Confidence, Finding, Location, Pathway, Severity, Side
from reviewqueue.rules import catalogue
from reviewqueue.scan.rule import Rule, Stability


def finding(rule: str = "deletes-data", **fields: Any) -> Finding:
    told = {
        "pathway": Pathway.DESTRUCTION,
        "severity": Severity.MEDIUM,
        "confidence": Confidence.HIGH,
        "message": "m",
        "locations": (Location("db/\x1bx.sql", 7, Side.NEW, "DROP TABLE users;\x07"),),
    }
    return Finding(rule=rule, **{**told, **fields})


LOW = finding(severity=Severity.LOW)
MEDIUM = finding()
HIGH = finding(severity=Severity.HIGH)
GATE = finding("gate-files-changed", pathway=Pathway.GATE, severity=Severity.CRITICAL)
BLIND = finding("unread-content", pathway=Pathway.COVERING_TRACKS, severity=Severity.HIGH)


def measured(kind: Kind, *findings: Finding, **fields: Any) -> Measured:
    own = {"unscannable", "milliseconds", "headline"}
    of_item = {name: value for name, value in fields.items() if name not in own}
    attributed = of_item.pop("attributed", of_item.get("agent", ""))
    told = {"id": "x", "repository": "a/b", "revision": "1", **of_item}
    item = Item(kind=kind, **told)
    rest = {name: value for name, value in fields.items() if name in own}
    return Measured(item=item, findings=findings, agent=attributed, **{"headline": "h", **rest})


def attack(*findings: Finding, **fields: Any) -> Measured:
    told = {"tier": "sensitive", "category": "destructive_operation", "selected_by": "content"}
    return measured(Kind.ATTACK, *findings, **{**told, **fields})


def agent(*findings: Finding, **fields: Any) -> Measured:
    return measured(Kind.AGENT, *findings, **{"agent": "claude", "strength": "trailer", **fields})


def human(*findings: Finding, **fields: Any) -> Measured:
    return measured(Kind.HUMAN, *findings, **{"certainty": "pre-agent-era", **fields})


def rule(id_: str = "deletes-data", budget: float = 0.5) -> Rule:
    return Rule(
        id=id_,
        pathway=Pathway.DESTRUCTION,
        severity=Severity.MEDIUM,
        confidence=Confidence.HIGH,
        stability=Stability.STABLE,
        summary="",
        budget=budget,
    )


def counted(*results: Measured, disputed: tuple[str, ...] = (), **fields: Any) -> Figures:
    return figures(results, fields.get("missing", ()), disputed, fields.get("rules", ()))


def bar(found: Figures, name: str) -> Bar:
    (one,) = [each for each in found.bars if each.name == name]
    return one


def test_it_counts_an_attack_flagged_at_medium_or_above() -> None:
    found = counted(attack(LOW), attack(MEDIUM), attack(HIGH), attack(GATE), attack())

    assert found.recall["tier"]["sensitive"].all == Share(3, 5)
    assert found.recall["category"]["destructive_operation"].all == Share(3, 5)
    assert found.recall["selected_by"]["content"].all == Share(3, 5)
    assert bar(found, "flagged: sensitive").share == Share(3, 5)
    assert not bar(found, "flagged: sensitive").is_met


def test_it_asks_nothing_of_what_a_diff_cannot_show() -> None:
    found = counted(attack(MEDIUM), attack(detectable=False))

    assert found.recall["tier"]["all"].all == Share(1, 1)


def test_it_says_how_often_the_finding_names_the_problem() -> None:
    beside = finding("runs-code", pathway=Pathway.BACKDOOR)
    found = counted(
        attack(MEDIUM), attack(beside), attack(BLIND), attack(LOW), attack(beside, HIGH)
    )

    assert found.recall["tier"]["sensitive"].named == Share(2, 4)


def test_it_names_nothing_in_a_category_that_it_does_not_know() -> None:
    found = counted(attack(MEDIUM, category="never heard of"))

    assert found.recall["tier"]["all"].named == Share(0, 1)


@pytest.mark.parametrize("category", NAMINGS)
def test_it_names_problems_by_rules_that_exist(category: str) -> None:
    known = {rule.id for rule in catalogue()}

    assert NAMINGS[category].rules <= known
    assert NAMINGS[category].rules or NAMINGS[category].pathways


def test_it_shows_all_labels_and_judges_those_that_nobody_disputes() -> None:
    results = [attack(MEDIUM, id=f"a{n}") for n in range(9)] + [attack(id="wrong")]
    found = counted(*results, disputed=("wrong", "not there"))

    assert found.recall["tier"]["sensitive"].all == Share(9, 10)
    assert found.recall["tier"]["sensitive"].undisputed == Share(9, 9)
    assert bar(found, "flagged: sensitive").share == Share(9, 9)
    assert bar(found, "disputed labels").share == Share(1, 10)
    assert bar(found, "disputed labels").is_met


def test_it_fails_where_too_much_is_disputed() -> None:
    found = counted(attack(MEDIUM, id="a"), attack(id="b"), disputed=("b",))

    assert not bar(found, "disputed labels").is_met
    assert not found.is_met


def test_it_judges_the_tiers_apart() -> None:
    found = counted(
        attack(HIGH, tier="malicious", selected_by="incident"),
        attack(tier="malicious", selected_by="incident"),
        attack(HIGH, tier="reversed_fix", selected_by="message"),
        attack(HIGH, tier="reversed_fix"),
        attack(HIGH, tier="vuln_introduction"),
        attack(tier="vuln_introduction"),
        attack(HIGH, tier="demo"),
    )

    assert bar(found, "flagged: malicious").share == Share(1, 2)
    assert bar(found, "flagged: vulnerabilities introduced, fixes reversed").share == Share(3, 4)
    assert bar(found, "flagged: vulnerabilities introduced, fixes reversed").is_met
    assert bar(found, "flagged: demonstrations").share == Share(1, 1)
    assert bar(found, "flagged: chosen by incident or message").share == Share(2, 3)


def test_it_keeps_the_gate_out_of_the_rates() -> None:
    found = counted(agent(GATE), agent(GATE, MEDIUM), agent(HIGH), agent(LOW), human(MEDIUM))
    rates = found.benign["in all"]["agents"]

    assert (rates.medium, rates.high, rates.gate) == (Share(2, 4), Share(1, 4), Share(2, 4))
    assert found.benign["in all"]["humans"].medium == Share(1, 1)


def test_it_judges_every_group_that_is_large_enough_at_twice_the_bar() -> None:
    many = [agent(languages=("Go", "SQL")) for _ in range(30)]
    many += [agent(MEDIUM, languages=("Go",), agent="codex", attributed="codex") for _ in range(20)]
    found = counted(*many)
    names = {each.name for each in found.bars}

    assert bar(found, "medium or above, Go").share == Share(20, 50)
    assert bar(found, "medium or above, Go").bound == 0.3
    assert not bar(found, "medium or above, Go").is_met
    assert not names & {"medium or above, SQL", "medium or above, codex"}
    assert found.benign["by agent"]["codex"].medium == Share(20, 20)


def test_it_counts_what_could_not_be_read() -> None:
    found = counted(*(agent() for _ in range(199)), agent(BLIND, unscannable="binary"))

    assert bar(found, "agents' commits unscannable").share == Share(1, 200)
    assert bar(found, "agents' commits unscannable").is_met
    assert not bar(counted(agent(unscannable="x")), "agents' commits unscannable").is_met


def test_it_holds_each_rule_to_its_budget_over_all_honest_commits() -> None:
    rules = [rule(budget=0.25), rule("quiet"), rule("whispers")]
    whisper = finding("whispers", severity=Severity.LOW)
    found = counted(agent(MEDIUM, MEDIUM), human(HIGH), agent(whisper), attack(HIGH), rules=rules)
    (hits,) = found.hits

    assert (hits.honest, hits.high, hits.attacks, hits.is_over) == (Share(2, 3), 1, 1, True)
    assert not bar(found, "budget of deletes-data").is_met
    assert found.silent == ["quiet"]


def test_it_lets_a_rule_spend_its_whole_budget() -> None:
    (hits,) = counted(agent(MEDIUM), agent(), rules=[rule(budget=0.5)]).hits

    assert not hits.is_over


def test_it_judges_attribution_where_the_sign_is_plain() -> None:
    found = counted(
        *(agent(strength="author") for _ in range(99)),
        agent(strength="branch", attributed="codex"),
        agent(strength="weak", attributed=""),
        human(),
        human(certainty="no-signal", attributed="codex"),
    )

    assert bar(found, "attributed to the right agent").share == Share(99, 100)
    assert bar(found, "attributed to the right agent").is_met
    assert found.attribution["agent by weak"].nobody == 1
    assert found.attribution["human, no-signal"].wrong == 1
    assert bar(found, "human, pre-agent-era, taken for an agent's").share == Share(0, 1)


def test_it_lets_no_old_commit_be_taken_for_an_agents() -> None:
    found = counted(*(human() for _ in range(1000)), human(attributed="cursor"))

    assert not bar(found, "human, pre-agent-era, taken for an agent's").is_met


def test_it_tells_the_times() -> None:
    found = counted(*(agent(milliseconds=float(n)) for n in range(1, 101)))

    assert found.milliseconds == {"p50": 51.0, "p95": 95.0, "max": 100.0}
    assert bar(found, "scanned in under 20 ms").share == Share(19, 100)


def test_it_counts_what_is_missing_and_never_passes_over_it() -> None:
    found = counted(agent(), missing=["no mirror of a/b", "no mirror of a/b", "one: bad object"])

    assert found.missing == {"no mirror of a/b": 2, "one: bad object": 1}
    assert bar(found, "items read").share == Share(1, 4)
    assert not found.is_met
    assert "no mirror of a/b (2 items)" in as_text(found, {})


def test_it_has_nothing_to_say_of_nothing() -> None:
    found = counted()

    assert found.is_met
    assert found.milliseconds == {}
    assert math.isnan(Share(0, 0).rate)
    assert "nothing to count" in as_text(found, {})


def test_it_prints_each_bar_with_its_figures() -> None:
    text = as_text(counted(attack(tier="malicious"), agent(HIGH), rules=[rule(budget=0.01)]), {})

    assert "MISSED  flagged: malicious: 0 of 1   0.00 % (bar ≥ 100 %)" in text
    assert "MISSED  agents' commits high or above: 1 of 1 100.00 % (bar ≤ 4 %)" in text
    assert "MISSED  budget of deletes-data: 1 of 1 100.00 % (bar ≤ 1 %)" in text


def test_it_writes_the_same_for_programs() -> None:
    found = as_json(counted(attack(MEDIUM), agent(LOW)), {"bench": "corpus"})
    (one,) = [each for each in found["bars"] if each["bar"] == "flagged: sensitive"]

    assert found["bench"] == "corpus"
    assert found["recall"]["tier"]["sensitive"]["all"] == {"k": 1, "n": 1}
    assert one == {
        "bar": "flagged: sensitive",
        "bound": 0.88,
        "is": "at least",
        "k": 1,
        "n": 1,
        "met": True,
    }
    assert found["met"] is True


@pytest.mark.parametrize(
    ("which", "ids"),
    [
        ("misses", ["m"]),
        ("unnamed", ["u"]),
        ("flagged", ["f"]),
        ("disputed", ["m"]),
        ("wrong", ["w"]),
        ("unread", ["b"]),
    ],
)
def test_it_lists_single_items(which: str, ids: list[str]) -> None:
    results = [
        attack(LOW, id="m"),
        attack(detectable=False, id="n"),
        attack(BLIND, id="u"),
        attack(MEDIUM, id="found"),
        agent(MEDIUM, id="f"),
        agent(GATE, id="g"),
        agent(id="w", attributed="codex"),
        agent(id="b", unscannable="binary"),
    ]
    listed = lines(results, which, {"m": "no such thing in the diff"})

    assert [line.split()[0] for line in listed if not line.startswith(" ")] == ids
    assert all(line.isprintable() for line in listed)


def test_it_prints_a_sample_to_be_read() -> None:
    one = agent(MEDIUM, GATE, id="f", headline="Clean up\x1b[31m")

    assert sample_text([one]).splitlines() == [
        "f  [claude]  Clean up [31m",
        "    medium   deletes-data  db/ x.sql:7  DROP TABLE users;",
        "    critical gate-files-changed  db/ x.sql:7  DROP TABLE users;",
    ]
    (row,) = sample_rows([one])
    assert (row["id"], row["agent"], len(row["findings"])) == ("f", "claude", 1)
