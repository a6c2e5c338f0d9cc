# ruff: noqa: ANN401 -- a fixture's type lives in conftest; some only set the scene
from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

import pytest
from flask import Flask

from reviewqueue.domain.finding import Confidence, Finding, Location, Pathway, Severity, Side
from reviewqueue.domain.people import Person
from reviewqueue.domain.review import Answer, DecisionKind
from reviewqueue.domain.verdict import VerdictStatus

ADA = Person("Ada Lovelace", "ada@harbour.example")
GRACE = Person("Grace Hopper", "grace@harbour.example")


def field(text: str, name: str) -> str:
    return text.split(f'name="{name}" value="')[1].split('"', maxsplit=1)[0]


def form(visitor: Any, made: Any) -> dict[str, str]:
    text = visitor.get(f"/changes/{made.id}").text
    return {"revision": field(text, "revision"), "seen": field(text, "seen")}


def decide(visitor: Any, made: Any, decision: str, **fields: str) -> Any:
    return visitor.post(
        f"/changes/{made.id}/decisions", decision=decision, **form(visitor, made) | fields
    )


def answer(visitor: Any, made: Any, finding: Finding, **fields: str) -> Any:
    given = {"revision": made.sha, "answer": "false positive", "reason": "It is a test key."}
    path = f"/changes/{made.id}/findings/{finding.fingerprint}"
    return visitor.post(path, **given | fields)


@pytest.fixture
def findings(seeded: Any, store: Any) -> tuple[Finding, ...]:
    with store.reading() as reader:
        found: tuple[Finding, ...] = reader.scan(seeded.dangerous.id, seeded.dangerous.sha).findings
    return found


def test_it_records_an_approval_pinned_to_the_revision(
    seeded: Any, visitor: Any, store: Any
) -> None:
    visitor.act_as(ADA)

    done = decide(visitor, seeded.plain, "approve")

    assert done.status_code == 303
    assert "Recorded: approve at revision" in visitor.get(done.location).text
    with store.reading() as reader:
        (decision,) = reader.decisions(seeded.plain.id)
        verdict = reader.verdict(seeded.plain.id).verdict
    assert (decision.kind, decision.revision) == (DecisionKind.APPROVE, seeded.plain.sha)
    assert (decision.reviewer, decision.development) == (ADA, True)
    assert verdict.status is VerdictStatus.SATISFIED


def test_it_shows_what_follows_from_a_decision(seeded: Any, visitor: Any) -> None:
    visitor.act_as(ADA)
    decide(visitor, seeded.plain, "approve", body="Read it all.")

    text = visitor.get(f"/changes/{seeded.plain.id}").text

    assert "Enforcing would let this merge." in text
    assert "<blockquote" in text
    assert "Read it all." in text
    assert "development</span>" in text


def test_it_holds_while_changes_are_requested(seeded: Any, visitor: Any, store: Any) -> None:
    decide(visitor.act_as(ADA), seeded.plain, "request changes", body="Name the key.")

    with store.reading() as reader:
        assert reader.verdict(seeded.plain.id).verdict.status is VerdictStatus.UNSATISFIED


@pytest.mark.parametrize("decision", ["request changes", "comment"])
def test_it_asks_for_words_where_they_are_needed(
    seeded: Any, visitor: Any, store: Any, decision: str
) -> None:
    visitor.act_as(ADA)

    assert decide(visitor, seeded.plain, decision, body="  ").status_code == 400
    with store.reading() as reader:
        assert reader.decisions(seeded.plain.id) == ()


@pytest.mark.parametrize("decision", ["", "merge", "APPROVE"])
def test_it_takes_no_other_decision(seeded: Any, visitor: Any, decision: str) -> None:
    visitor.act_as(ADA)

    assert decide(visitor, seeded.plain, decision).status_code == 400


def test_it_answers_409_where_a_newer_revision_came(seeded: Any, visitor: Any, store: Any) -> None:
    visitor.act_as(ADA)
    seen = form(visitor, seeded.plain)
    seeded.corpus.revision(
        seeded.plain.change, 2, seen_at=datetime(2026, 11, 21, 9, tzinfo=UTC), message="more"
    )

    done = visitor.post(f"/changes/{seeded.plain.id}/decisions", decision="approve", **seen)

    assert done.status_code == 409
    assert "newer revision" in done.text
    assert f'href="/changes/{seeded.plain.id}"' in done.text
    with store.reading() as reader:
        assert reader.decisions(seeded.plain.id) == ()


def test_it_answers_409_where_the_findings_changed(seeded: Any, visitor: Any, store: Any) -> None:
    visitor.act_as(ADA)
    seen = form(visitor, seeded.plain)
    places = (Location("docs/sessions.md", 1, Side.NEW, "# Sessions"),)
    late = Finding(
        "late", Pathway.GATE, Severity.HIGH, Confidence.HIGH, "found later", places, "1" * 16
    )
    seeded.corpus.scan(seeded.plain, (late,))

    done = visitor.post(f"/changes/{seeded.plain.id}/decisions", decision="approve", **seen)

    assert done.status_code == 409
    assert "findings changed" in done.text
    with store.reading() as reader:
        assert reader.decisions(seeded.plain.id) == ()


def test_it_answers_409_to_a_forged_token(seeded: Any, visitor: Any) -> None:
    visitor.act_as(ADA)

    assert decide(visitor, seeded.plain, "approve", seen="0" * 16).status_code == 409


def test_it_records_an_answer_with_its_reason(
    seeded: Any, visitor: Any, store: Any, findings: tuple[Finding, ...]
) -> None:
    done = answer(visitor.act_as(ADA), seeded.dangerous, findings[0])

    assert (done.status_code, done.location.endswith(f"#finding-{findings[0].fingerprint}")) == (
        303,
        True,
    )
    with store.reading() as reader:
        (kept,) = reader.dispositions(seeded.dangerous.id)
    assert (kept.answer, kept.reason, kept.development) == (
        Answer.FALSE_POSITIVE,
        "It is a test key.",
        True,
    )
    text = visitor.get(f"/changes/{seeded.dangerous.id}").text
    assert "It is a test key." in text
    assert "3 findings, 2 without an answer" in text


def test_it_gives_htmx_the_answer_the_verdict_and_the_timeline(
    seeded: Any, visitor: Any, findings: tuple[Finding, ...]
) -> None:
    visitor.act_as(ADA)

    done = answer(visitor, seeded.dangerous, findings[0], headers={"HX-Request": "true"})

    assert done.status_code == 200
    assert "<html" not in done.text
    for part in ('id="verdict"', 'id="timeline"', 'id="open-findings"', "It is a test key."):
        assert part in done.text
    assert done.text.count('hx-swap-oob="true"') == 3


@pytest.mark.parametrize(
    "wrong",
    [{"reason": ""}, {"reason": " \n "}, {"reason": "x" * 4001}, {"answer": ""}, {"answer": "ok"}],
)
def test_it_takes_no_answer_without_a_reason_or_kind(
    seeded: Any, visitor: Any, store: Any, findings: tuple[Finding, ...], wrong: dict[str, str]
) -> None:
    visitor.act_as(ADA)

    assert answer(visitor, seeded.dangerous, findings[0], **wrong).status_code == 400
    with store.reading() as reader:
        assert reader.dispositions(seeded.dangerous.id) == ()


def test_it_answers_409_to_an_answer_to_a_finding_that_is_gone(
    seeded: Any, visitor: Any, findings: tuple[Finding, ...]
) -> None:
    visitor.act_as(ADA)
    seeded.corpus.scan(seeded.dangerous, findings[1:])

    done = answer(visitor, seeded.dangerous, findings[0], headers={"HX-Request": "true"})

    assert done.status_code == 409
    assert done.headers["HX-Retarget"] == "#notice"
    assert "<html" not in done.text


def test_it_keeps_each_persons_latest_answer(
    seeded: Any, visitor: Any, findings: tuple[Finding, ...]
) -> None:
    visitor.act_as(ADA)
    answer(visitor, seeded.dangerous, findings[0], reason="First thought.")
    answer(visitor, seeded.dangerous, findings[0], reason="Second thought.", answer="confirmed")
    visitor.act_as(GRACE)
    answer(visitor, seeded.dangerous, findings[0], reason="Another view.")

    text = visitor.get(f"/changes/{seeded.dangerous.id}").text
    answers = text.split('class="answer"')[1:]

    assert len(answers) == 2
    assert "Second thought." in answers[0]
    assert "Another view." in answers[1]


def test_it_goes_all_the_way_by_plain_forms(
    seeded: Any, visitor: Any, store: Any, findings: tuple[Finding, ...]
) -> None:
    for person in (ADA, GRACE):
        visitor.act_as(person)
        for finding in findings:
            answer(visitor, seeded.dangerous, finding)
        assert decide(visitor, seeded.dangerous, "approve").status_code == 303

    with store.reading() as reader:
        verdict = reader.verdict(seeded.dangerous.id).verdict
    assert verdict.status is VerdictStatus.SATISFIED


@pytest.mark.parametrize("path", ["decisions", "findings/0000000000000000"])
def test_it_writes_nothing_for_somebody_who_did_not_sign_in(
    seeded: Any, visitor: Any, store: Any, path: str
) -> None:
    before = store.head()

    done = visitor.post(f"/changes/{seeded.plain.id}/{path}", decision="approve")

    assert done.status_code == 401
    assert "Act as …" in done.text
    assert store.head() == before


@pytest.mark.parametrize("path", ["decisions", "findings/0000000000000000"])
def test_it_writes_nothing_where_there_is_no_sign_in(
    seeded: Any, make_app: Callable[..., Flask], visit: Any, store: Any, path: str
) -> None:
    before = store.head()

    done = visit(make_app().test_client()).post(
        f"/changes/{seeded.plain.id}/{path}", decision="approve"
    )

    assert done.status_code == 403
    assert "start it with `--dev`" in done.text
    assert store.head() == before


def test_it_writes_nothing_for_a_forwarded_request(seeded: Any, visitor: Any, store: Any) -> None:
    visitor.act_as(ADA)
    before = store.head()

    done = decide(visitor, seeded.plain, "approve", headers={"X-Forwarded-For": "127.0.0.1"})

    assert done.status_code == 403
    assert store.head() == before


@pytest.mark.parametrize(
    "path",
    ["/changes/{id}/decisions", "/changes/{id}/findings/0", "/sign-in", "/sign-out", "/theme"],
)
@pytest.mark.parametrize("token", ["", "forged"])
def test_it_takes_no_form_without_this_browsers_token(
    seeded: Any, visitor: Any, store: Any, path: str, token: str
) -> None:
    visitor.act_as(ADA)
    before = store.head()

    done = visitor.client.post(
        path.format(id=seeded.plain.id),
        data={
            "csrf_token": token,
            "decision": "approve",
            "theme": "dark",
            **form(visitor, seeded.plain),
        },
        base_url="http://localhost:8000",
    )

    assert done.status_code == 400
    assert "token" in done.text
    assert store.head() == before


def test_it_takes_no_oversized_form(seeded: Any, visitor: Any) -> None:
    visitor.act_as(ADA)

    assert decide(visitor, seeded.plain, "approve", body="x" * 300_000).status_code == 413
