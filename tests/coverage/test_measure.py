"""Coverage: k of n over what landed."""

from collections.abc import Callable, Iterable
from dataclasses import replace
from datetime import UTC, datetime

from hypothesis import given, settings
from hypothesis import strategies as st

from reviewqueue.coverage import Coverage, Group, measure
from reviewqueue.domain.attribution import UNATTRIBUTED, Attribution, Certainty
from reviewqueue.domain.change import DatedBy
from reviewqueue.domain.finding import Risk
from reviewqueue.domain.landing import Landing, ReviewClass
from reviewqueue.domain.people import Person

MAKE = Callable[..., Landing]
MECHANICAL = replace(UNATTRIBUTED, mechanical=True)
SUSPECTED = Attribution("codex", Certainty.SUSPECTED, None, ("a branch name",))


def keys(groups: Iterable[Group]) -> dict[str, tuple[int, int]]:
    return {group.key: (group.tally.reviewed, group.tally.n) for group in groups}


def test_it_counts_agents_landings_and_keeps_the_rest_apart(make_landing: MAKE) -> None:
    coverage = measure(
        [
            make_landing(),
            make_landing(review_class=ReviewClass.NONE, attribution=SUSPECTED),
            make_landing(attribution=UNATTRIBUTED, review_class=ReviewClass.UNKNOWN),
            make_landing(attribution=MECHANICAL, review_class=ReviewClass.UNKNOWN),
            make_landing(attribution=replace(SUSPECTED, mechanical=True)),
        ]
    )
    assert (coverage.agents.reviewed, coverage.agents.n) == (2, 3)
    assert coverage.suspected == 2
    assert coverage.unattributed.n == 1
    assert coverage.mechanical.n == 1
    assert keys(coverage.by_agent) == {"claude": (1, 1), "codex": (1, 2)}


def test_it_never_counts_unknown_as_reviewed_and_always_in_n(make_landing: MAKE) -> None:
    coverage = measure([make_landing(), make_landing(review_class=ReviewClass.UNKNOWN)])
    assert (coverage.agents.reviewed, coverage.agents.unknown, coverage.agents.n) == (1, 1, 2)
    assert coverage.agents.share == 0.5


def test_it_groups_by_week_team_repository_and_risk(make_landing: MAKE) -> None:
    coverage = measure(
        [
            make_landing(landed_at=datetime(2026, 11, 15, 23, 59, tzinfo=UTC), team="@acme/tide"),
            make_landing(repository="quay", risk=Risk.HIGH, review_class=ReviewClass.STALE),
            make_landing(risk=None),
            make_landing(risk=Risk.CRITICAL),
        ],
        weeks=("2026-W45",),
    )
    assert keys(coverage.by_week) == {
        "2026-W45": (0, 0),
        "2026-W46": (1, 1),
        "2026-W47": (2, 3),
    }
    assert keys(coverage.by_team) == {"@acme/tide": (1, 1), "no owning team": (2, 3)}
    assert keys(coverage.by_repository) == {"harbor": (3, 3), "quay": (0, 1)}
    assert [group.key for group in coverage.by_risk] == ["not scanned", "critical", "high", "none"]


def test_it_flags_high_risk_and_whatever_was_not_wholly_scanned(make_landing: MAKE) -> None:
    coverage = measure(
        [
            make_landing(risk=Risk.HIGH),
            make_landing(risk=Risk.CRITICAL, review_class=ReviewClass.NONE),
            make_landing(risk=Risk.LOW, unscannable=True, review_class=ReviewClass.UNKNOWN),
            make_landing(risk=None),
            make_landing(risk=Risk.MEDIUM),
        ]
    )
    assert (coverage.flagged.reviewed, coverage.flagged.n) == (2, 4)


def test_it_weighs_by_line_and_sums_findings(make_landing: MAKE) -> None:
    coverage = measure(
        [
            make_landing(added=90, removed=10, findings=3, unanswered=1),
            make_landing(added=5, removed=0, review_class=ReviewClass.STALE, findings=2),
        ]
    )
    assert (coverage.agents.reviewed_lines, coverage.agents.lines) == (100, 105)
    assert (coverage.agents.unanswered, coverage.agents.findings) == (1, 5)


def test_it_names_the_exceptions_worst_first_with_every_reason(make_landing: MAKE) -> None:
    bypass = make_landing(review_class=ReviewClass.BYPASS, risk=Risk.LOW)
    both = make_landing(review_class=ReviewClass.STALE, risk=Risk.CRITICAL)
    unscanned = make_landing(review_class=ReviewClass.UNKNOWN, risk=None)
    plain = make_landing(review_class=ReviewClass.NONE, risk=Risk.MEDIUM)
    coverage = measure([make_landing(risk=Risk.HIGH), plain, bypass, both, unscanned])
    assert [(row.landing.sha, row.why) for row in coverage.exceptions] == [
        (unscanned.sha, ("flagged and not reviewed",)),
        (both.sha, ("flagged and not reviewed", "stale")),
        (bypass.sha, ("bypass",)),
    ]


def test_it_shows_what_the_dates_rest_on(make_landing: MAKE) -> None:
    coverage = measure([make_landing(dated_by=DatedBy.COMMIT), make_landing(), make_landing()])
    assert dict(coverage.dated_by) == {DatedBy.SIGHTING: 2, DatedBy.COMMIT: 1, DatedBy.FORGE: 0}


LANDINGS = st.lists(
    st.builds(
        Landing,
        repository=st.sampled_from(["harbor", "quay"]),
        sha=st.uuids().map(str),
        change=st.none(),
        revision=st.none(),
        landed_at=st.datetimes(datetime(2020, 1, 1), datetime(2027, 1, 1), timezones=st.just(UTC)),  # noqa: DTZ001 -- the bounds are naive by contract
        dated_by=st.sampled_from(DatedBy),
        seen_at=st.just(datetime(2027, 1, 1, tzinfo=UTC)),
        by=st.just(Person("Mo Reed")),
        title=st.text(max_size=5),
        attribution=st.sampled_from([UNATTRIBUTED, MECHANICAL, SUSPECTED]),
        team=st.sampled_from(["", "@acme/tide"]),
        risk=st.none() | st.sampled_from(Risk),
        unscannable=st.booleans(),
        findings=st.integers(0, 9),
        unanswered=st.integers(0, 9),
        added=st.integers(0, 999),
        removed=st.integers(0, 999),
        review_class=st.sampled_from(ReviewClass),
        reason=st.just(""),
    ),
    max_size=30,
)


@settings(max_examples=60)
@given(LANDINGS)
def test_it_sums_every_breakdown_to_the_same_whole(landings: list[Landing]) -> None:
    coverage: Coverage = measure(landings)
    strata = (coverage.agents, coverage.unattributed, coverage.mechanical)
    assert sum(stratum.n for stratum in strata) == len(landings)
    for groups in (
        coverage.by_week,
        coverage.by_repository,
        coverage.by_team,
        coverage.by_agent,
        coverage.by_risk,
    ):
        columns = zip(*(group.tally.counts for group in groups), strict=True)
        assert tuple(map(sum, columns)) in {coverage.agents.counts, ()}
        assert sum(group.tally.lines for group in groups) == coverage.agents.lines
        assert sum(group.tally.n for group in groups) == coverage.agents.n
    assert sum(count for _, count in coverage.dated_by) == coverage.agents.n
