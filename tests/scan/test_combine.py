"""Scrutiny only tightens: the worst decides, place and company shift by one level."""

from dataclasses import replace

from hypothesis import given
from hypothesis import strategies as st

from reviewqueue.domain.finding import (
    Confidence,
    Finding,
    Location,
    Pathway,
    Risk,
    Severity,
    Side,
    worst,
)
from reviewqueue.domain.paths import Label
from reviewqueue.scan.combine import co_occur, lowered, ordered, raised, severity_rank, weigh
from reviewqueue.scan.rule import Capability, Hit, Rule, Stability

CAPABILITIES = {
    "hunts": Capability.READS_SECRETS,
    "sends": Capability.SENDS,
    "runs": Capability.EXECUTES,
    "stays": Capability.PERSISTS,
    "hides": Capability.HIDES,
}


def finding(rule: str, severity: Severity, path: str = "a.py") -> Finding:
    place = Location(path=path, line=1, side=Side.NEW, evidence="x")
    return Finding(rule, Pathway.BACKDOOR, severity, Confidence.HIGH, "told", (place,))


def rule(severity: Severity = Severity.HIGH, pathway: Pathway = Pathway.BACKDOOR) -> Rule:
    return Rule(
        id="r",
        pathway=pathway,
        severity=severity,
        confidence=Confidence.HIGH,
        stability=Stability.STABLE,
        summary="does",
    )


def hit(*, discountable: bool = True, severity: Severity | None = None) -> Hit:
    return Hit(message="m", text="t", discountable=discountable, severity=severity)


FINDINGS = st.lists(
    st.builds(
        finding,
        st.sampled_from([*CAPABILITIES, "plain"]),
        st.sampled_from(Severity),
        st.sampled_from(["a.py", "b.py"]),
    ),
    max_size=8,
)


@given(FINDINGS, FINDINGS)
def test_it_never_lowers_the_risk_by_one_more_finding(
    some: list[Finding], more: list[Finding]
) -> None:
    before = worst(co_occur(some, CAPABILITIES))
    after = worst(co_occur([*some, *more], CAPABILITIES))
    assert after.rank >= before.rank


@given(FINDINGS)
def test_it_never_lowers_a_finding_by_its_company(some: list[Finding]) -> None:
    for alone, beside in zip(some, co_occur(some, CAPABILITIES), strict=True):
        assert severity_rank(beside.severity) >= severity_rank(alone.severity)
        assert beside.rule == alone.rule


def test_it_raises_what_fits_together_in_one_file_and_says_why() -> None:
    hunts, sends = finding("hunts", Severity.MEDIUM), finding("sends", Severity.MEDIUM)
    one, other = co_occur([hunts, sends], CAPABILITIES)
    assert (one.severity, other.severity) == (Severity.HIGH, Severity.HIGH)
    assert one.message == "told; raised: the same file sends data out (sends)"
    assert worst([one, other]) is Risk.HIGH


def test_it_raises_nothing_over_two_files() -> None:
    apart = [finding("hunts", Severity.MEDIUM), finding("sends", Severity.MEDIUM, "b.py")]
    assert co_occur(apart, CAPABILITIES) == tuple(apart)


def test_it_raises_nothing_that_does_not_fit() -> None:
    alike = [finding("hunts", Severity.MEDIUM), finding("runs", Severity.MEDIUM)]
    assert co_occur(alike, CAPABILITIES) == tuple(alike)


def test_it_discounts_prose_by_one_level() -> None:
    assert weigh(rule(), hit(), frozenset({Label.TEST})) is Severity.HIGH
    assert weigh(rule(), hit(), frozenset({Label.DOCS})) is Severity.MEDIUM
    assert weigh(rule(), hit(), frozenset({Label.SOURCE})) is Severity.HIGH
    assert weigh(rule(), hit(severity=Severity.LOW), frozenset({Label.DOCS})) is Severity.LOW


def test_it_discounts_nothing_that_a_build_reads() -> None:
    for label in (Label.BUILD, Label.CI, Label.HOOK, Label.MANIFEST, Label.AGENT_INSTRUCTIONS):
        assert weigh(rule(), hit(), frozenset({Label.DOCS, label})) is Severity.HIGH


def test_it_discounts_neither_what_a_check_decided_nor_critical_nor_the_gate() -> None:
    prose = frozenset({Label.DOCS})
    assert weigh(rule(), hit(discountable=False), prose) is Severity.HIGH
    assert weigh(rule(Severity.CRITICAL), hit(), prose) is Severity.CRITICAL
    assert weigh(rule(Severity.HIGH, Pathway.GATE), hit(), prose) is Severity.HIGH


def test_it_stays_within_the_levels() -> None:
    assert [lowered(level) for level in Severity] == ["low", "low", "medium", "high"]
    assert [raised(level) for level in Severity] == ["medium", "high", "critical", "critical"]


def test_it_orders_the_worst_first() -> None:
    some = [finding("b", Severity.LOW), finding("c", Severity.HIGH), finding("a", Severity.HIGH)]
    assert [one.rule for one in ordered(some)] == ["a", "c", "b"]


def test_it_raises_nothing_in_prose() -> None:
    told = [
        finding("hunts", Severity.LOW, "README.md"),
        finding("sends", Severity.LOW, "README.md"),
    ]
    assert [one.severity for one in co_occur(told, CAPABILITIES)] == [Severity.LOW, Severity.LOW]
    read = [
        finding("hunts", Severity.LOW, "CLAUDE.md"),
        finding("sends", Severity.LOW, "CLAUDE.md"),
    ]
    assert {one.severity for one in co_occur(read, CAPABILITIES)} == {Severity.MEDIUM}


def test_what_works_only_in_its_place_is_noted_in_a_specimen() -> None:
    specimen = frozenset({Label.TEST, Label.CONFIG, Label.SPECIMEN})
    placed = replace(rule(), in_place=True)
    assert weigh(placed, hit(discountable=False), specimen) is Severity.LOW
    assert weigh(placed, hit(), frozenset({Label.TEST, Label.CONFIG})) is Severity.HIGH
    assert weigh(rule(), hit(), specimen) is Severity.HIGH
