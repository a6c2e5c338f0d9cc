"""The review class of a landing."""

import itertools
from collections import Counter
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from reviewqueue.coverage import Classified, claims_in, classify, later_class, measure
from reviewqueue.domain.attribution import UNATTRIBUTED, Attribution, Certainty
from reviewqueue.domain.change import Change, DatedBy, RepositoryKind, Revision
from reviewqueue.domain.landing import Landing, ReviewClass
from reviewqueue.domain.people import Person
from reviewqueue.domain.review import Decision, DecisionKind, Source

DEMO, PLAIN, GITHUB = RepositoryKind.DEMO, RepositoryKind.PLAIN, RepositoryKind.GITHUB
SEEN = datetime(2026, 11, 18, 12, tzinfo=UTC)
HOUR = timedelta(hours=1)
OPERATOR = Person("Olga Operator", "olga@example.org", "olga")
MO = Person("Mo Reed", "mo@example.org", "mo")
ANN = Person("Ann Vale", "ann@example.org", "ann")
ROBOT = Person("reviewer[bot]", "", "reviewer[bot]")
AGENT = Person("Claude", "noreply@anthropic.com")
BY_AGENT = Attribution("claude", Certainty.DECLARED, OPERATOR, ("a trailer says so",))
CHANGE = Change(
    id="c0ffee000001",
    repository="harbor",
    ref="refs/heads/claude/tides",
    branch="claude/tides",
    number=None,
    title="Tides",
    author=AGENT,
    opened_at=SEEN - 9 * HOUR,
    dated_by=DatedBy.SIGHTING,
)


def revision(sha: str, content: str, *, pusher: Person | None = None) -> Revision:
    return Revision(
        change=CHANGE.id,
        number=1,
        sha=sha,
        base="b" * 40,
        seen_at=SEEN - 8 * HOUR,
        message="Tides",
        authors=(AGENT,),
        pusher=pusher,
        commits=(sha,),
        content_id=content,
    )


FIRST, HEAD, REBASED = (
    revision("1" * 40, "one"),
    revision("2" * 40, "two"),
    revision("3" * 40, "two"),
)
_ids = itertools.count()


def decision(
    reviewer: Person,
    at: Revision = HEAD,
    kind: DecisionKind = DecisionKind.APPROVE,
    *,
    hours: float = -1,
    development: bool = False,
    dismissed: bool = False,
) -> Decision:
    return Decision(
        id=f"d{next(_ids)}",
        change=CHANGE.id,
        revision=at.sha,
        reviewer=reviewer,
        kind=kind,
        body="",
        at=SEEN + hours * HOUR,
        source=Source.PAGE,
        development=development,
        dismissed=dismissed,
    )


def class_of(
    *decisions: Decision,
    kind: RepositoryKind = DEMO,
    **facts: Any,  # noqa: ANN401 -- any argument of classify
) -> Classified:
    known: dict[str, Any] = {
        "change": CHANGE,
        "landed_revision": HEAD,
        "attribution": BY_AGENT,
        "revisions": (FIRST, HEAD, REBASED),
        "content_matches": True,
        "landed_at": SEEN,
        "seen_at": SEEN,
    }
    return classify(kind, decisions=decisions, **(known | facts))


REFUSE = DecisionKind.REQUEST_CHANGES
COMMENT = DecisionKind.COMMENT
TABLE: dict[str, tuple[tuple[Decision, ...], dict[str, Any], str]] = {
    "approved at head": ((decision(MO),), {}, "AAA"),
    "approved at equal content": ((decision(MO, REBASED),), {}, "AAA"),
    "approved at an earlier revision": ((decision(MO, FIRST),), {}, "BBB"),
    "approved, then other content landed": ((decision(MO),), {"content_matches": False}, "BBB"),
    "approved, landed revision not known": ((decision(MO),), {"landed_revision": None}, "BBB"),
    "approved by the operator": ((decision(OPERATOR),), {}, "CCC"),
    "approved by the operator earlier": ((decision(OPERATOR, FIRST),), {}, "CCC"),
    "approved by the agent that wrote it": ((decision(AGENT),), {}, "DDD"),
    "approved by a co-author": (
        (decision(MO),),
        {"landed_revision": replace(HEAD, authors=(AGENT, MO)), "revisions": ()},
        "CCC",
    ),
    "approved by who opened it": (
        (decision(MO),),
        {"change": replace(CHANGE, author=MO)},
        "CCC",
    ),
    "approved by the pusher": (
        (decision(MO),),
        {"landed_revision": replace(HEAD, pusher=MO), "revisions": ()},
        "CCC",
    ),
    "approved by a machine": ((decision(ROBOT),), {}, "DDD"),
    "operator before machine": ((decision(ROBOT), decision(OPERATOR)), {}, "CCC"),
    "stale before operator": ((decision(MO, FIRST), decision(OPERATOR)), {}, "BBB"),
    "head before stale": ((decision(MO, FIRST), decision(ANN)), {}, "AAA"),
    "nobody": ((), {}, "FUU"),
    "a comment": ((decision(MO, kind=COMMENT),), {}, "FUU"),
    "an approval and a comment": (
        (decision(MO, hours=-2), decision(MO, kind=COMMENT)),
        {},
        "AAA",
    ),
    "approved after it was seen": ((decision(MO, hours=1),), {}, "FUU"),
    "a dismissed approval": ((decision(MO, dismissed=True),), {}, "FUU"),
    "development sign-in": ((decision(MO, development=True),), {}, "AAU"),
    "stale development sign-in": ((decision(MO, FIRST, development=True),), {}, "BBU"),
    "changes requested": ((decision(MO, kind=REFUSE),), {}, "FFF"),
    "changes requested against an approval": (
        (decision(ANN), decision(MO, kind=REFUSE)),
        {},
        "FFF",
    ),
    "changes requested against a stale approval": (
        (decision(ANN, FIRST), decision(MO, kind=REFUSE)),
        {},
        "FFF",
    ),
    "changes requested, then approved": (
        (decision(MO, kind=REFUSE, hours=-2), decision(MO)),
        {},
        "AAA",
    ),
    "approved, then changes requested": (
        (decision(MO, hours=-2), decision(MO, kind=REFUSE)),
        {},
        "FFF",
    ),
    "changes requested earlier, dismissed": (
        (decision(ANN), decision(MO, kind=REFUSE, dismissed=True)),
        {},
        "AAA",
    ),
    "changes requested by the operator": (
        (decision(MO), decision(OPERATOR, kind=REFUSE)),
        {},
        "AAA",
    ),
    "changes requested by a machine": ((decision(MO), decision(ROBOT, kind=REFUSE)), {}, "AAA"),
    "changes requested at an earlier revision": (
        (decision(ANN), decision(MO, FIRST, REFUSE)),
        {},
        "AAA",
    ),
    "no change stood for it": ((), {"change": None}, "GUU"),
    "a change made of the landing itself": (
        (decision(MO),),
        {"change": replace(CHANGE, ref="2" * 40)},
        "GUU",
    ),
    "no agent": ((decision(MO),), {"attribution": UNATTRIBUTED}, "UUU"),
    "unreadable content on both": (
        (decision(MO, FIRST),),
        {
            "landed_revision": replace(HEAD, content_id=""),
            "revisions": (replace(FIRST, content_id=""),),
        },
        "BBB",
    ),
}


@pytest.mark.parametrize("case", TABLE)
def test_it_gives_exactly_one_class_and_a_sentence(case: str) -> None:
    decisions, facts, letters = TABLE[case]
    for kind, letter in zip((DEMO, PLAIN, GITHUB), letters, strict=True):
        found = class_of(*decisions, kind=kind, **facts)
        assert found.review_class.letter == letter, f"{case} in {kind}: {found.reason}"
        assert found.reason.endswith(".")


def test_it_covers_every_class_but_post_merge_in_the_table() -> None:
    assert {letter for _, _, letters in TABLE.values() for letter in letters} == set("ABCDFGU")


def test_it_names_who_approved_and_says_when_the_operator_is_not_known() -> None:
    assert class_of(decision(MO)).reason == "Approved by Mo Reed at the content that landed."
    nobody = replace(BY_AGENT, operator=None)
    assert class_of(decision(MO), attribution=nobody).reason == (
        "Approved by Mo Reed at the content that landed; who ran the agent is not known."
    )


def test_it_keeps_the_lines_that_changed_after_a_stale_approval() -> None:
    asked: list[str] = []

    def changed_since(sha: str) -> int:
        asked.append(sha)
        return 12

    found = class_of(decision(MO, FIRST), changed_since=changed_since)
    assert found.reason == (
        "Approved by Mo Reed at 111111111111, then 12 lines changed before it landed."
    )
    assert asked == [FIRST.sha]
    assert "1 line changed" in class_of(decision(MO, FIRST), changed_since=lambda _: 1).reason
    assert "not known" in class_of(decision(MO, FIRST), changed_since=lambda _: None).reason


def test_it_believes_the_forges_clock_but_no_commit_date() -> None:
    between = decision(MO, hours=-1)
    early = {"landed_at": SEEN - 2 * HOUR}
    assert class_of(between, **early, dated_by=DatedBy.COMMIT).review_class.letter == "A"
    assert class_of(between, **early, dated_by=DatedBy.FORGE).review_class.letter == "F"


@pytest.fixture
def landed(make_landing: Callable[..., Landing]) -> Callable[[ReviewClass], Landing]:
    def make(review_class: ReviewClass) -> Landing:
        return make_landing(
            review_class=review_class, revision=HEAD.sha, sha="9" * 40, attribution=BY_AGENT
        )

    return make


@pytest.mark.parametrize("before", ReviewClass)
def test_it_raises_a_landing_reviewed_later_to_post_merge_at_most(
    before: ReviewClass, landed: Callable[[ReviewClass], Landing]
) -> None:
    later = decision(MO, hours=5)
    found = later_class(landed(before), later, kind=DEMO, change=CHANGE, revision=HEAD)
    if before.letter in "FGUCD":
        assert found is not None
        assert found.review_class is ReviewClass.POST_MERGE
        assert "Mo Reed" in found.reason
    else:
        assert found is None


@pytest.mark.parametrize(
    ("later", "kind"),
    [
        (decision(OPERATOR, hours=5), DEMO),
        (decision(ROBOT, hours=5), DEMO),
        (decision(MO, kind=REFUSE, hours=5), DEMO),
        (decision(MO, kind=COMMENT, hours=5), DEMO),
        (decision(MO, development=True, hours=5), GITHUB),
        (decision(MO, dismissed=True, hours=5), DEMO),
    ],
)
def test_it_leaves_the_class_after_a_later_decision_that_does_not_count(
    later: Decision, kind: RepositoryKind, landed: Callable[[ReviewClass], Landing]
) -> None:
    landing = landed(ReviewClass.NONE)
    assert later_class(landing, later, kind=kind, change=CHANGE, revision=HEAD) is None


def test_it_takes_a_later_review_only_of_what_landed(
    landed: Callable[[ReviewClass], Landing],
) -> None:
    landing = landed(ReviewClass.NONE)

    def given_at(at: Revision, content_id: str = "") -> Classified | None:
        return later_class(
            landing,
            decision(MO, at, hours=5),
            kind=DEMO,
            change=CHANGE,
            revision=at,
            content_id=content_id,
        )

    assert given_at(FIRST) is None
    assert given_at(REBASED) is None
    assert given_at(REBASED, "two") is not None
    assert given_at(replace(HEAD, sha=landing.sha)) is not None
    assert given_at(replace(FIRST, content_id="")) is None


def test_it_keeps_what_a_commit_claims_of_its_own_review() -> None:
    message = (
        "Fix the tides (r=drew,kim)\n\nBody r=nobody\n\n"
        "Reviewed-by: Pat Lee <pat@example.org>\n  acked-by : Kim\r\n"
        "Signed-off-by: Sam\nReviewed-by: Pat Lee <pat@example.org>\nApproved-by:\n"
    )
    assert claims_in(message) == (
        "Reviewed-by: Pat Lee <pat@example.org>",
        "acked-by : Kim",
        "r=drew,kim",
    )
    assert claims_in("") == ()
    assert len(claims_in("\n".join(f"Acked-by: {n}" for n in range(10_000)))) == 20


PEOPLE = st.sampled_from([MO, ANN, OPERATOR, ROBOT, AGENT])
DECISIONS = st.lists(
    st.builds(
        decision,
        PEOPLE,
        st.sampled_from([FIRST, HEAD, REBASED]),
        st.sampled_from(DecisionKind),
        hours=st.integers(-5, 2),
        development=st.booleans(),
        dismissed=st.booleans(),
    ),
    max_size=6,
)
KINDS = st.sampled_from(RepositoryKind)
WITHOUT: tuple[dict[str, Any], ...] = (
    {},
    {"content_matches": False},
    {"landed_revision": None},
    {"change": None},
    {"attribution": UNATTRIBUTED},
    {"revisions": ()},
)


@given(DECISIONS, KINDS, st.sampled_from(WITHOUT), st.data())
def test_it_never_makes_a_landing_reviewed_by_removing_evidence(
    decisions: list[Decision],
    kind: RepositoryKind,
    without: dict[str, Any],
    data: st.DataObject,
) -> None:
    if class_of(*decisions, kind=kind).review_class is ReviewClass.REVIEWED:
        return
    in_favour = [
        d for d in decisions if d.kind is DecisionKind.APPROVE and not d.dismissed and d.at <= SEEN
    ]
    gone = data.draw(st.sets(st.sampled_from(in_favour))) if in_favour else set()
    rest = [d for d in decisions if d not in gone]
    assert class_of(*rest, kind=kind, **without).review_class is not ReviewClass.REVIEWED


@given(st.lists(st.tuples(DECISIONS, KINDS, st.sampled_from(WITHOUT)), max_size=8))
def test_it_always_sums_the_classes_to_what_landed(
    cases: list[tuple[list[Decision], RepositoryKind, dict[str, Any]]],
) -> None:
    landings = [
        Landing(
            repository="harbor",
            sha=f"{number:040x}",
            change=None,
            revision=None,
            landed_at=SEEN - number * 20 * HOUR,
            dated_by=DatedBy.SIGHTING,
            seen_at=SEEN,
            by=MO,
            title="",
            attribution=facts.get("attribution", BY_AGENT),
            team="ab"[number % 2],
            risk=None,
            unscannable=False,
            findings=0,
            unanswered=0,
            added=1,
            removed=1,
            review_class=found.review_class,
            reason=found.reason,
        )
        for number, (decisions, kind, facts) in enumerate(cases)
        for found in (class_of(*decisions, kind=kind, **facts),)
    ]
    coverage = measure(landings)
    strata = (coverage.agents, coverage.unattributed, coverage.mechanical)
    assert sum(stratum.n for stratum in strata) == len(landings)
    for groups in (coverage.by_week, coverage.by_team, coverage.by_agent, coverage.by_risk):
        assert sum(group.tally.n for group in groups) == coverage.agents.n
        summed = Counter[int]()
        for group in groups:
            summed.update(dict(enumerate(group.tally.counts)))
        assert tuple(summed[at] for at in range(8)) == coverage.agents.counts
