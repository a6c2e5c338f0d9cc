"""Coverage: of what agents landed, how much had a human reviewed.

A census, not a sample: every figure is k of n over the landings given.
"""

from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass

from reviewqueue.coverage.weeks import week_of
from reviewqueue.domain.attribution import Certainty
from reviewqueue.domain.change import DatedBy
from reviewqueue.domain.finding import Risk
from reviewqueue.domain.landing import Landing, ReviewClass

NO_TEAM = "no owning team"
NOT_SCANNED = "not scanned"
_CLASSES = tuple(ReviewClass)
_RISKS = (NOT_SCANNED, *(risk.value for risk in reversed(Risk)))


@dataclass(frozen=True, slots=True)
class Tally:
    """Landings by review class; the classes always sum to ``n``."""

    counts: tuple[int, ...]
    """One count for each ReviewClass, in the order A to G, U."""
    lines: int = 0
    """Lines added and removed."""
    reviewed_lines: int = 0
    """Those of landings reviewed at head."""
    findings: int = 0
    unanswered: int = 0
    """Findings without a disposition when they landed."""

    @property
    def n(self) -> int:
        """All landings."""
        return sum(self.counts)

    @property
    def reviewed(self) -> int:
        """Landings reviewed at head: class A alone."""
        return self.counts[0]

    @property
    def unknown(self) -> int:
        """Landings of which we know nothing: in ``n``, never reviewed."""
        return self.counts[-1]

    @property
    def share(self) -> float | None:
        """Reviewed of all in [0, 1], or None where nothing landed."""
        return self.reviewed / self.n if self.n else None

    def of(self, review_class: ReviewClass) -> int:
        """Return the landings of one class."""
        return self.counts[_CLASSES.index(review_class)]


@dataclass(frozen=True, slots=True)
class Group:
    """One row of a breakdown."""

    key: str
    tally: Tally


@dataclass(frozen=True, slots=True)
class Exceptional:
    """A landing listed by name, and every reason why it is."""

    landing: Landing
    why: tuple[str, ...]
    """``flagged and not reviewed``, ``bypass``, ``stale``."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Coverage:
    """What landed in a window, by how it had been reviewed.

    Agents' landings are the denominator of every figure but the two strata at the end.
    """

    agents: Tally
    flagged: Tally
    """Those at high or critical risk, or that could not be (wholly) scanned."""
    by_week: tuple[Group, ...]
    """Oldest first."""
    by_repository: tuple[Group, ...]
    by_team: tuple[Group, ...]
    by_agent: tuple[Group, ...]
    by_risk: tuple[Group, ...]
    """Worst first."""
    exceptions: tuple[Exceptional, ...]
    """Worst risk first, then newest."""
    dated_by: tuple[tuple[DatedBy, int], ...]
    """What the dates of agents' landings rest on."""
    suspected: int
    """Agents' landings attributed by a weak sign only."""
    unattributed: Tally
    """Landings in which no sign of an agent was seen."""
    mechanical: Tally
    """Landings of dependency and release bots."""


def by_agent(landing: Landing) -> bool:
    """Return whether a coding agent had a part in it, by any sign however weak."""
    return landing.attribution.agent is not None


def is_flagged(landing: Landing) -> bool:
    """Return whether it was at high risk or worse, or not (wholly) scanned."""
    unread = landing.unscannable or landing.risk is None
    return unread or (landing.risk is not None and landing.risk.rank >= Risk.HIGH.rank)


def team_of(landing: Landing) -> str:
    """Return the owning team's name as the report prints it."""
    return landing.team or NO_TEAM


def tally(landings: Iterable[Landing]) -> Tally:
    """Count landings by class, with their lines and findings."""
    landings = tuple(landings)
    classes = Counter(landing.review_class for landing in landings)
    return Tally(
        counts=tuple(classes[review_class] for review_class in _CLASSES),
        lines=sum(map(_lines, landings)),
        reviewed_lines=sum(
            _lines(landing) for landing in landings if landing.review_class is ReviewClass.REVIEWED
        ),
        findings=sum(landing.findings for landing in landings),
        unanswered=sum(landing.unanswered for landing in landings),
    )


def measure(landings: Iterable[Landing], weeks: Sequence[str] = ()) -> Coverage:
    """Measure the coverage of the landings given.

    ``weeks`` are shown in ``by_week`` even where nothing landed in them.
    """
    landings = tuple(landings)
    agents = tuple(filter(by_agent, landings))
    rest = tuple(landing for landing in landings if not by_agent(landing))
    risks = {group.key: group for group in _groups(agents, _risk)}
    dates = Counter(landing.dated_by for landing in agents)
    return Coverage(
        agents=tally(agents),
        flagged=tally(filter(is_flagged, agents)),
        by_week=_groups(agents, lambda landing: week_of(landing.landed_at), weeks),
        by_repository=_groups(agents, lambda landing: landing.repository),
        by_team=_groups(agents, team_of),
        by_agent=_groups(agents, lambda landing: landing.attribution.agent or ""),
        by_risk=tuple(risks[key] for key in _RISKS if key in risks),
        exceptions=_exceptions(agents),
        dated_by=tuple((dated_by, dates[dated_by]) for dated_by in DatedBy),
        suspected=sum(landing.attribution.confidence is Certainty.SUSPECTED for landing in agents),
        unattributed=tally(x for x in rest if not x.attribution.mechanical),
        mechanical=tally(x for x in rest if x.attribution.mechanical),
    )


def _lines(landing: Landing) -> int:
    return landing.added + landing.removed


def _risk(landing: Landing) -> str:
    return NOT_SCANNED if landing.risk is None else landing.risk.value


def _groups(
    landings: Iterable[Landing], key: Callable[[Landing], str], always: Sequence[str] = ()
) -> tuple[Group, ...]:
    found: dict[str, list[Landing]] = {name: [] for name in always}
    for landing in landings:
        found.setdefault(key(landing), []).append(landing)
    return tuple(Group(name, tally(found[name])) for name in sorted(found))


def _exceptions(landings: Iterable[Landing]) -> tuple[Exceptional, ...]:
    listed = [
        Exceptional(landing, why) for landing in landings if (why := _why_exceptional(landing))
    ]
    listed.sort(key=lambda row: (row.landing.landed_at, row.landing.sha), reverse=True)
    return tuple(sorted(listed, key=lambda row: _RISKS.index(_risk(row.landing))))


def _why_exceptional(landing: Landing) -> tuple[str, ...]:
    reviewed = landing.review_class is ReviewClass.REVIEWED
    found = []
    if is_flagged(landing) and not reviewed:
        found.append("flagged and not reviewed")
    if landing.review_class is ReviewClass.BYPASS:
        found.append("bypass")
    if landing.review_class is ReviewClass.STALE:
        found.append("stale")
    return tuple(found)
