"""The weekly report: one value from which every form of it is rendered."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime

from reviewqueue.coverage.erosion import (
    ARL_WEEKS,
    FEWEST,
    UNKNOWN_LIMIT,
    WINDOW,
    Erosion,
    ErosionState,
    WeekCount,
    watch,
)
from reviewqueue.coverage.measure import (
    Coverage,
    Exceptional,
    Tally,
    by_agent,
    measure,
    team_of,
)
from reviewqueue.coverage.weeks import (
    ReportError,
    last_closed_week,
    week_end,
    week_of,
    week_start,
    weeks_between,
    weeks_up_to,
)
from reviewqueue.domain.change import DatedBy, Jump, Repository
from reviewqueue.domain.event import Pulled
from reviewqueue.domain.landing import Landing, ReviewClass

EVERYTHING = "all repositories"

CANNOT_SEE = (
    "Reviews given anywhere but here: without evidence a landing is unknown (U), never reviewed.",
    "Agents' work that carries no sign of an agent: it is counted with people's.",
    "Whether an approval was a reading: how long or how well anybody looked is not measured.",
    "Whether reviewers would have caught a planted change: no canaries, no random audit.",
    "Which lines were generated, vendored or locked: all changed lines are weighted alike.",
    "Lines that landed unreviewed before these weeks and are still live.",
    "Deliveries that were never sent to us, and how long a repository's protection was off.",
)

DEFINITIONS = (
    ("A", "reviewed at head: an eligible person approved the content that landed, before it did"),
    ("B", "stale: an eligible person approved, then the content changed"),
    ("C", "requester only: approved only by somebody who had a part in the change"),
    ("D", "bot only: approved only by machines"),
    ("E", "post-merge: approved only after it had landed; never counted as reviewed"),
    ("F", "none: it landed without a standing approval"),
    ("G", "bypass: it reached the default branch without ever standing in our queue"),
    ("U", "unknown: no evidence either way; counted in n, never as reviewed"),
    ("eligible", "neither author, co-author, last pusher nor operator, and no machine"),
    ("coverage", "A of all agents' landings, every class in n: a census, exact"),
    ("flagged", "at high or critical risk, or not (wholly) scanned"),
    ("by line", "lines added and removed in A, of those in all agents' landings"),
    ("unanswered", "findings that had no disposition when the change landed"),
    ("week", "ISO week in UTC of the landing; dated by its first sighting unless said otherwise"),
    (
        "alarm",
        f"weekly betting e-detector of A of n, a chart a team, threshold {ARL_WEEKS} x charts",
    ),
    ("watch", "CUSUM of the counts for a fall of ten points; no guaranteed false-alarm rate"),
)


@dataclass(frozen=True, slots=True)
class LeftOut:
    """What the last reading of a repository left out, by reason; nothing is silent."""

    repository: str
    """The repository's name."""
    reason: str
    count: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Health:
    """How far the figures can be trusted."""

    n: int
    """Agents' landings in the 26 weeks."""
    unknown: int
    backfilled: int
    """Agents' landings dated by what their commit claims."""
    suspected: int
    """Agents' landings attributed by a weak sign only."""
    jumps: tuple[Jump, ...]
    """Dates and histories that jumped, newest first."""
    left_out: tuple[LeftOut, ...]
    notes: tuple[str, ...]
    later: int
    """Landings after the report's week, in no figure of it."""

    @property
    def poor(self) -> bool:
        """Whether so much is unknown that every other figure is to be read as grey."""
        return self.unknown > UNKNOWN_LIMIT * self.n


@dataclass(frozen=True, slots=True)
class Row:
    """One row of a breakdown: the week and the 26 weeks that end with it."""

    key: str
    week: Tally
    window: Tally

    @property
    def few(self) -> bool:
        """Whether the week's figure rests on too few landings to be judged."""
        return self.week.n < FEWEST


@dataclass(frozen=True, slots=True)
class Breakdown:
    """Coverage by one property of the landings."""

    title: str
    rows: tuple[Row, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Report:
    """One week's report, ready to be rendered."""

    week: str
    begins_at: datetime
    ends_at: datetime
    """Exclusive."""
    closed: bool
    """False while the week still runs: its figures will change."""
    made_at: datetime
    scope: str
    """The repository's name, or ``all repositories``."""
    target: float
    state: ErosionState
    """The worst of the charts."""
    summary: str
    """The verdict in a sentence."""
    charts: tuple[Erosion, ...]
    health: Health
    this_week: Coverage
    window: Coverage
    """The 26 weeks that end with this one."""
    breakdowns: tuple[Breakdown, ...]
    cannot_see: tuple[str, ...]
    definitions: tuple[tuple[str, str], ...]
    head: tuple[int, str]
    """The ledger's length and last hash when the report was made."""

    @property
    def exceptions(self) -> tuple[Exceptional, ...]:
        """The week's landings listed by name."""
        return self.this_week.exceptions


def build_report(  # noqa: PLR0913, PLR0917 -- all the report states is given
    landings: Iterable[Landing],
    jumps: Iterable[Jump],
    pulls: Iterable[Pulled],
    week: str,
    target: float,
    head: tuple[int, str],
    now: datetime,
    *,
    scope: str = "",
    repositories: Iterable[Repository] | None = None,
) -> Report:
    """Build the report of one ISO week, such as ``2026-W47``.

    ``landings`` are all there ever were (the charts run from the first one), with
    later reviews applied; ``pulls`` the last of each repository. ``scope`` is a
    repository's id, or empty for all; ``repositories`` gives the names. Raises
    ReportError with one line for a week that is malformed or has not begun, and for a
    repository that is not known.
    """
    begins_at, ends_at = _bounds(week, now)
    names = {repository.id: repository.name for repository in repositories or ()}
    if scope and repositories is not None and scope not in names:
        raise ReportError(f"no such repository: {scope[:80]!r}")
    inside = [x for x in landings if not scope or x.repository == scope]
    seen = [landing for landing in inside if landing.landed_at < ends_at]
    window_weeks = weeks_up_to(week, WINDOW)
    window = measure((x for x in seen if x.landed_at >= week_start(window_weeks[0])), window_weeks)
    this_week = measure((x for x in seen if x.landed_at >= begins_at), (week,))
    charts = watch(_chart_counts(seen, min(week, last_closed_week(now))), target)
    listed = (x for x in jumps if (not scope or x.repository == scope) and x.seen_at < ends_at)
    read = [x for x in pulls if not scope or x.repository == scope]
    return Report(
        week=week,
        begins_at=begins_at,
        ends_at=ends_at,
        closed=ends_at <= now,
        made_at=now,
        scope=names.get(scope, scope) or EVERYTHING,
        target=target,
        state=charts[0].state if charts else ErosionState.NOT_ENOUGH_DATA,
        summary=_summary(charts),
        charts=charts,
        health=_health(window, listed, read, names, later=len(inside) - len(seen)),
        this_week=this_week,
        window=window,
        breakdowns=_breakdowns(this_week, window, names),
        cannot_see=CANNOT_SEE,
        definitions=DEFINITIONS,
        head=head,
    )


def _bounds(week: str, now: datetime) -> tuple[datetime, datetime]:
    begins_at, ends_at = week_start(week), week_end(week)
    if begins_at > now:
        raise ReportError(f"week {week} has not begun: it is {week_of(now)}")
    return begins_at, ends_at


def _chart_counts(landings: Iterable[Landing], last: str) -> dict[str, tuple[WeekCount, ...]]:
    """Return each team's weeks up to the last closed one, all on the same weeks."""
    found: dict[str, dict[str, list[Landing]]] = {}
    for landing in filter(by_agent, landings):
        week = week_of(landing.landed_at)
        if week <= last:
            found.setdefault(team_of(landing), {}).setdefault(week, []).append(landing)
    if not found:
        return {}
    weeks = weeks_between(min(min(of_team) for of_team in found.values()), last)
    return {
        team: tuple(_week_count(week, of_team.get(week, ())) for week in weeks)
        for team, of_team in sorted(found.items())
    }


def _week_count(week: str, landings: Sequence[Landing]) -> WeekCount:
    classes = [landing.review_class for landing in landings]
    return WeekCount(
        week=week,
        n=len(classes),
        reviewed=classes.count(ReviewClass.REVIEWED),
        unknown=classes.count(ReviewClass.UNKNOWN),
    )


def _summary(charts: Sequence[Erosion]) -> str:
    if not charts:
        return "No agent's landing was ever seen in a closed week: there is nothing to judge yet."
    parts = []
    for state in ErosionState:
        count = sum(chart.state is state for chart in charts)
        if count:
            parts.append(f"{count} {state}")
    teams = "1 team" if len(charts) == 1 else f"{len(charts)} teams"
    return f"Of {teams}: {', '.join(parts)}."


def _health(
    window: Coverage,
    jumps: Iterable[Jump],
    pulls: Iterable[Pulled],
    names: dict[str, str],
    *,
    later: int,
) -> Health:
    pulls = sorted(pulls, key=lambda pulled: pulled.repository)
    return Health(
        n=window.agents.n,
        unknown=window.agents.unknown,
        backfilled=dict(window.dated_by)[DatedBy.COMMIT],
        suspected=window.suspected,
        jumps=tuple(sorted(jumps, key=lambda jump: (jump.seen_at, jump.sha), reverse=True)),
        left_out=tuple(
            LeftOut(names.get(pulled.repository, pulled.repository), reason, count)
            for pulled in pulls
            for reason, count in sorted(pulled.left_out.items())
            if count
        ),
        notes=tuple(
            f"{names.get(pulled.repository, pulled.repository)}: {note}"
            for pulled in pulls
            for note in pulled.notes
        ),
        later=later,
    )


def _breakdowns(week: Coverage, window: Coverage, names: dict[str, str]) -> tuple[Breakdown, ...]:
    parts = (
        ("team", week.by_team, window.by_team),
        ("agent", week.by_agent, window.by_agent),
        ("risk", week.by_risk, window.by_risk),
        ("repository", week.by_repository, window.by_repository),
    )
    empty = measure(()).agents
    found = []
    for title, now, over in parts:
        tallies = {group.key: group.tally for group in now}
        rows = (
            Row(_label(title, group.key, names), tallies.get(group.key, empty), group.tally)
            for group in over
        )
        found.append(Breakdown(title, tuple(rows)))
    return tuple(found)


def _label(title: str, key: str, names: dict[str, str]) -> str:
    return names.get(key, key) if title == "repository" else key
