"""The verdict tree: who counts, what blocks, and that nothing ever loosens it."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from reviewqueue.domain.attribution import UNATTRIBUTED, Attribution, Certainty
from reviewqueue.domain.change import Change, DatedBy, Revision
from reviewqueue.domain.finding import (
    Confidence,
    Finding,
    Location,
    Pathway,
    Risk,
    Scan,
    Severity,
    Side,
    worst,
)
from reviewqueue.domain.people import Person, people
from reviewqueue.domain.review import Answer, Decision, DecisionKind, Disposition, Source
from reviewqueue.domain.verdict import Verdict, VerdictStatus
from reviewqueue.gate import evaluate

NOW = datetime(2026, 3, 9, tzinfo=UTC)
HEAD, OLD = "2" * 40, "1" * 40
ANN = Person("Ann Lee", "ann@corp.io", "annlee")
BOB = Person("Bob Ray", "bob@corp.io", "bob")
EVE = Person("Eve Fox", "eve@corp.io", "eve")
OPERATOR = Person("Oper Ator", "oper@corp.io", "oper")
AUTHOR = Person("Au Thor", "au@corp.io", "author")
AGENT = Person("Claude", "noreply@anthropic.com")
BOT = Person("helper[bot]", "", "helper[bot]")
CHANGE = Change(
    id="c" * 12,
    repository="r",
    ref="refs/pull/1/head",
    branch="claude/fix",
    number=1,
    title="Fix",
    author=AUTHOR,
    opened_at=NOW,
    dated_by=DatedBy.FORGE,
)
REVISION = Revision(
    change=CHANGE.id,
    number=2,
    sha=HEAD,
    base="0" * 40,
    seen_at=NOW,
    message="Fix",
    authors=(AGENT, AUTHOR),
    pusher=AUTHOR,
    commits=(HEAD,),
    content_id="x",
)
CLAUDE = Attribution("claude", Certainty.DECLARED, OPERATOR, ("author",))
CLEAN = Scan(Risk.NONE, (), None, 1, 1, 0, "rules-1")


def finding(severity: Severity = Severity.HIGH, fingerprint: str = "f1") -> Finding:
    place = Location("a/b.py", 3, Side.NEW, "evidence")
    return Finding(
        rule="decode-and-execute",
        pathway=Pathway.BACKDOOR,
        severity=severity,
        confidence=Confidence.HIGH,
        message="It runs what it decodes.",
        locations=(place,),
        fingerprint=fingerprint,
    )


def scan(*findings: Finding, unscannable: str | None = None) -> Scan:
    return replace(CLEAN, risk=worst(findings), findings=findings, unscannable=unscannable)


def decision(
    reviewer: Person,
    kind: DecisionKind = DecisionKind.APPROVE,
    sha: str = HEAD,
    hour: int = 0,
    *,
    development: bool = False,
) -> Decision:
    return Decision(
        id=f"{reviewer.handle}-{hour}",
        change=CHANGE.id,
        revision=sha,
        reviewer=reviewer,
        kind=kind,
        body="",
        at=NOW - timedelta(days=1) + timedelta(hours=hour),
        source=Source.PAGE,
        development=development,
    )


def answer(
    reviewer: Person = ANN,
    kind: Answer = Answer.FALSE_POSITIVE,
    fingerprint: str = "f1",
    hour: int = 0,
    *,
    reason: str = "checked by hand",
    development: bool = False,
) -> Disposition:
    return Disposition(
        change=CHANGE.id,
        revision=HEAD,
        fingerprint=fingerprint,
        rule="decode-and-execute",
        answer=kind,
        reason=reason,
        reviewer=reviewer,
        at=NOW - timedelta(days=1) + timedelta(hours=hour),
        development=development,
    )


def judge(
    *decisions: Decision,
    answers: tuple[Disposition, ...] = (),
    attribution: Attribution | None = CLAUDE,
    found: Scan | None = CLEAN,
    revision: Revision = REVISION,
    development_counts: bool = False,
) -> Verdict:
    return evaluate(
        CHANGE,
        revision,
        attribution,
        found,
        decisions,
        answers,
        development_counts=development_counts,
        now=NOW,
    )


def nodes(verdict: Verdict) -> list[Verdict]:
    return [verdict, *(node for child in verdict.children for node in nodes(child))]


def node(verdict: Verdict, requirement: str) -> Verdict:
    return next(it for it in nodes(verdict) if it.requirement == requirement)


SATISFIED, UNSATISFIED = VerdictStatus.SATISFIED, VerdictStatus.UNSATISFIED
ERROR, NOT_APPLICABLE = VerdictStatus.ERROR, VerdictStatus.NOT_APPLICABLE
HIGH = scan(finding())


def test_it_wants_one_human_for_any_agents_change() -> None:
    blocked = judge()

    assert blocked.status is UNSATISFIED
    assert judge(decision(ANN)).status is SATISFIED
    assert "Au Thor" in blocked.sentence
    assert "Oper Ator" in blocked.sentence


@pytest.mark.parametrize(
    "attribution",
    [
        replace(CLAUDE, confidence=Certainty.SUSPECTED, operator=None),
        replace(UNATTRIBUTED, mechanical=True),
        replace(UNATTRIBUTED, confidence=Certainty.SUSPECTED),
    ],
)
def test_it_wants_one_for_a_suspected_agent_and_for_a_bot(attribution: Attribution) -> None:
    assert judge(attribution=attribution).status is UNSATISFIED
    assert judge(decision(ANN), attribution=attribution).status is SATISFIED


def test_it_asks_nothing_where_no_agent_was_seen_and_claims_nothing() -> None:
    verdict = judge(attribution=UNATTRIBUTED, found=None)

    assert verdict.status is NOT_APPLICABLE
    assert "proves nothing" in verdict.sentence


def test_it_is_an_error_where_a_fact_is_missing() -> None:
    approvals = [decision(ANN), decision(BOB)]

    assert judge(*approvals, attribution=None).status is ERROR
    assert judge(*approvals, found=None).status is ERROR
    assert judge(*approvals, revision=replace(REVISION, authors=())).status is ERROR
    nameless = scan(finding(fingerprint=""))
    assert judge(*approvals, answers=(answer(),), found=nameless).status is ERROR


@pytest.mark.parametrize(
    ("reviewer", "why"),
    [
        (AUTHOR, "Au Thor opened the change"),
        (OPERATOR, "Oper Ator is the operator who ran the agent"),
        (AGENT, "Claude is a machine"),
        (BOT, "helper[bot] is a machine"),
    ],
)
def test_it_says_who_did_not_count_and_why(reviewer: Person, why: str) -> None:
    verdict = judge(decision(reviewer))

    assert verdict.status is UNSATISFIED
    assert why in verdict.sentence


def test_it_lists_approvals_of_another_revision_with_who_gave_them() -> None:
    verdict = judge(decision(ANN, sha=OLD))

    assert verdict.status is UNSATISFIED
    assert "Ann Lee approved another revision, 111111111111" in verdict.sentence


@pytest.mark.parametrize(
    "found", [HIGH, scan(finding(Severity.CRITICAL)), replace(HIGH, risk=Risk.NONE)]
)
def test_it_wants_two_humans_and_every_finding_answered_at_high_risk(found: Scan) -> None:
    two = [decision(ANN), decision(BOB)]

    assert judge(decision(ANN), answers=(answer(),), found=found).status is UNSATISFIED
    assert judge(*two, found=found).status is UNSATISFIED
    assert judge(*two, answers=(answer(),), found=found).status is SATISFIED


def test_it_wants_two_where_something_could_not_be_read_and_says_so() -> None:
    unread = replace(CLEAN, unscannable="NUL in source")
    verdict = judge(decision(ANN), decision(BOB), found=unread)

    assert judge(decision(ANN), found=unread).status is UNSATISFIED
    assert verdict.status is SATISFIED
    assert any("NUL in source" in it.sentence for it in nodes(verdict))
    assert "no finding to answer" not in " ".join(it.sentence for it in nodes(verdict))


def test_it_leaves_findings_below_high_to_the_one_reviewer() -> None:
    verdict = judge(decision(ANN), found=scan(finding(Severity.MEDIUM)))

    assert verdict.status is SATISFIED
    assert NOT_APPLICABLE in {it.status for it in nodes(verdict)}


def test_it_does_not_count_one_person_twice() -> None:
    again = Person("Ann Lee", "ann@home.org")
    verdict = judge(decision(ANN), decision(again, hour=1), answers=(answer(),), found=HIGH)

    assert verdict.status is UNSATISFIED
    assert "1 more is wanted" in verdict.sentence


@pytest.mark.parametrize(
    ("given", "status"),
    [
        ((answer(kind=Answer.ACCEPTED_RISK),), SATISFIED),
        ((answer(kind=Answer.CONFIRMED),), UNSATISFIED),
        ((answer(), answer(BOB, Answer.CONFIRMED)), UNSATISFIED),
        ((answer(kind=Answer.CONFIRMED), answer(hour=1)), SATISFIED),
        ((answer(), answer(kind=Answer.CONFIRMED, hour=1)), UNSATISFIED),
        ((answer(BOB, Answer.CONFIRMED), answer(Person("Bob Ray"), hour=1)), UNSATISFIED),
        ((answer(OPERATOR),), UNSATISFIED),
        ((answer(AUTHOR),), UNSATISFIED),
        ((answer(BOT),), UNSATISFIED),
        ((answer(BOT, Answer.CONFIRMED), answer()), SATISFIED),
        ((answer(OPERATOR, Answer.CONFIRMED), answer()), UNSATISFIED),
        ((answer(fingerprint="f2"),), UNSATISFIED),
        ((answer(reason="  "),), UNSATISFIED),
        ((answer(development=True),), UNSATISFIED),
        ((replace(answer(), change="another"),), UNSATISFIED),
        ((answer(hour=48),), UNSATISFIED),
        ((answer(BOB, Answer.CONFIRMED, development=True), answer()), SATISFIED),
    ],
)
def test_it_judges_the_answers_to_a_finding(
    given: tuple[Disposition, ...], status: VerdictStatus
) -> None:
    verdict = judge(decision(ANN), decision(BOB), answers=given, found=HIGH)

    assert verdict.status is status


def test_it_counts_an_answer_given_at_an_earlier_revision_for_the_same_places() -> None:
    earlier = replace(answer(), revision=OLD)

    assert judge(decision(ANN), decision(BOB), answers=(earlier,), found=HIGH).status is SATISFIED


def test_it_explains_what_must_be_fixed() -> None:
    verdict = judge(answers=(answer(kind=Answer.CONFIRMED, reason="it is real"),), found=HIGH)
    sentence = node(verdict, "decode-and-execute in a/b.py").sentence

    assert "Must be fixed" in sentence
    assert "it is real" in sentence


@pytest.mark.parametrize("who", [EVE, AUTHOR, OPERATOR])
def test_it_blocks_on_a_request_for_changes(who: Person) -> None:
    request = decision(who, DecisionKind.REQUEST_CHANGES, OLD)
    verdict = judge(decision(ANN), decision(BOB), request)

    assert verdict.status is UNSATISFIED
    assert who.name in verdict.sentence
    assert "Only they can take that back" in verdict.sentence


def test_it_does_not_block_on_a_machines_request_or_on_one_taken_back() -> None:
    requests = [
        decision(BOT, DecisionKind.REQUEST_CHANGES),
        decision(EVE, DecisionKind.REQUEST_CHANGES),
        decision(EVE, hour=1),
    ]

    assert judge(*requests).status is SATISFIED


def test_it_counts_development_decisions_only_where_told() -> None:
    decisions = [decision(ANN, development=True), decision(BOB, development=True)]
    answers = (answer(development=True),)

    assert judge(*decisions, answers=answers, found=HIGH).status is UNSATISFIED
    assert (
        judge(*decisions, answers=answers, found=HIGH, development_counts=True).status is SATISFIED
    )


def test_it_does_not_look_into_the_future() -> None:
    assert judge(decision(ANN, hour=48)).status is UNSATISFIED


def test_it_says_something_on_every_node() -> None:
    for verdict in (judge(), judge(decision(ANN), found=HIGH), judge(found=None)):
        assert all(it.sentence.endswith(".") for it in nodes(verdict))


def test_it_lists_the_findings_that_block_first_and_counts_all() -> None:
    findings = tuple(finding(fingerprint=f"f{n}") for n in range(500))
    answers = tuple(answer(fingerprint=f"f{n}") for n in range(499))
    verdict = judge(decision(ANN), decision(BOB), answers=answers, found=scan(*findings))
    listed = node(verdict, "every finding answered").children

    assert verdict.status is UNSATISFIED
    assert len(listed) == 200
    assert listed[0].status is UNSATISFIED
    assert "1 of 500 findings" in verdict.sentence


_people = st.sampled_from(
    [ANN, BOB, EVE, OPERATOR, AUTHOR, AGENT, BOT, Person("Ann Lee", "ann@home.org"), Person("Eve")]
)
_decisions = st.lists(
    st.builds(
        decision,
        _people,
        st.sampled_from(DecisionKind),
        st.sampled_from([HEAD, HEAD, OLD]),
        st.integers(0, 12),
        development=st.sampled_from([False, False, True]),
    ),
    max_size=6,
)
_answers = st.lists(
    st.builds(
        answer,
        _people,
        st.sampled_from([Answer.FALSE_POSITIVE, *Answer]),
        st.sampled_from(["f1", "f2"]),
        st.integers(0, 12),
    ),
    max_size=6,
).map(tuple)
_severities = st.sampled_from(Severity)
_findings = st.lists(
    st.builds(finding, _severities, st.sampled_from(["f1", "f2", "f3"])), max_size=3
)
_attributions = st.builds(
    Attribution,
    st.sampled_from(["claude", "codex"]),
    st.sampled_from([Certainty.SUSPECTED, Certainty.INFERRED, Certainty.DECLARED]),
    st.sampled_from([None, OPERATOR, ANN, EVE]),
    st.just(("sign",)),
)


@given(_decisions, _answers, _findings, _severities, _attributions)
def test_it_never_passes_for_one_more_finding(
    decisions: list[Decision],
    answers: tuple[Disposition, ...],
    findings: list[Finding],
    severity: Severity,
    attribution: Attribution,
) -> None:
    before = judge(*decisions, answers=answers, found=scan(*findings), attribution=attribution)
    more = scan(*findings, finding(severity, "f2"))
    after = judge(*decisions, answers=answers, found=more, attribution=attribution)

    assert not (before.status is not SATISFIED and after.status is SATISFIED)


@given(_decisions, _answers, _findings, st.data())
def test_it_never_passes_for_a_worse_finding(
    decisions: list[Decision],
    answers: tuple[Disposition, ...],
    findings: list[Finding],
    data: st.DataObject,
) -> None:
    assume(findings)
    place = data.draw(st.integers(0, len(findings) - 1))
    order = list(Severity)
    lighter = findings[place].severity
    heavier = data.draw(st.sampled_from(order[order.index(lighter) :]))
    worse = [*findings]
    worse[place] = replace(findings[place], severity=heavier)
    before = judge(*decisions, answers=answers, found=scan(*findings))
    after = judge(*decisions, answers=answers, found=scan(*worse))

    assert not (before.status is not SATISFIED and after.status is SATISFIED)


@given(_decisions, _answers, _findings, _attributions, st.sampled_from([OPERATOR, ANN, EVE]))
def test_it_never_passes_for_a_stronger_attribution(
    decisions: list[Decision],
    answers: tuple[Disposition, ...],
    findings: list[Finding],
    attribution: Attribution,
    operator: Person,
) -> None:
    found = scan(*findings)
    weaker = [
        replace(attribution, operator=None),
        replace(attribution, operator=None, confidence=Certainty.SUSPECTED),
        UNATTRIBUTED,
    ]
    stronger = replace(attribution, operator=operator, confidence=Certainty.DECLARED)
    after = judge(*decisions, answers=answers, found=found, attribution=stronger)

    for attribution_before in weaker:
        before = judge(*decisions, answers=answers, found=found, attribution=attribution_before)
        assert not (before.status is UNSATISFIED and after.status is SATISFIED)


@given(_decisions, _answers, _findings, _people)
def test_it_never_passes_for_one_more_named_co_author(
    decisions: list[Decision],
    answers: tuple[Disposition, ...],
    findings: list[Finding],
    named: Person,
) -> None:
    found = scan(*findings)
    revision = replace(REVISION, authors=(*REVISION.authors, named))
    before = judge(*decisions, answers=answers, found=found)
    after = judge(*decisions, answers=answers, found=found, revision=revision)

    assert not (before.status is UNSATISFIED and after.status is SATISFIED)


@given(
    decisions=_decisions,
    answers=_answers,
    findings=_findings,
    attribution=_attributions,
    unread=st.booleans(),
)
def test_it_passes_only_with_enough_distinct_humans_who_had_no_part(
    decisions: list[Decision],
    answers: tuple[Disposition, ...],
    findings: list[Finding],
    attribution: Attribution,
    *,
    unread: bool,
) -> None:
    found = scan(*findings, unscannable="too large" if unread else None)
    verdict = judge(*decisions, answers=answers, found=found, attribution=attribution)
    strict = unread or found.risk.rank >= Risk.HIGH.rank
    parties = [AUTHOR, *([attribution.operator] if attribution.operator else [])]
    humans = [
        it.reviewer
        for it in decisions
        if it.kind is DecisionKind.APPROVE
        and it.revision == HEAD
        and not it.development
        and it.reviewer not in (AGENT, BOT, *parties)
    ]

    if verdict.status is SATISFIED:
        assert len(people(dict.fromkeys(humans))) >= (2 if strict else 1)


@given(_decisions, _answers)
def test_it_never_passes_what_is_unknown(
    decisions: list[Decision], answers: tuple[Disposition, ...]
) -> None:
    assert judge(*decisions, answers=answers, found=None).status is ERROR
    assert judge(*decisions, answers=answers, attribution=None).status is ERROR
