"""Erosion: whether the reviewed share is falling below the policy target.

Two tiers. The *alarm* is a weekly betting Shiryaev-Roberts e-detector (Shin, Ramdas,
Rinaldo): each week the share X meeting policy is bet against the target m with a few
stakes, and the accumulated evidence is compared with a threshold c. While the expected
share, whatever came before, is at least the target in every week, the average run
length to a false alarm is at least c weeks: no independence, no volume model. One chart
a team; the threshold of each is 52 times the charts running, so that the page as a
whole keeps 52 weeks. There is no chart for the whole: it would repeat the teams'
evidence and raise every team's threshold.

The *watch* is a CUSUM of the counts: faster, near-optimal if landings are independent,
and without that guarantee. It pages nobody.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from enum import StrEnum
from itertools import dropwhile
from math import log, prod
from statistics import fmean as mean
from statistics import median

from reviewqueue.coverage.text import percent

ARL_WEEKS = 52
"""Average run length to a false alarm, in weeks, that the page as a whole keeps."""
UNKNOWN_LIMIT = 0.02
"""Above this share of unknown landings nothing is called ok."""
FEWEST = 20
"""Landings in the window below which nothing is called ok."""
WINDOW = 26
"""Weeks over which unknown and few are judged."""
_STAKES = (0.1, 0.3, 0.6, 0.9)
_FALL = 0.10
_SMALL_WEEK = 15
_CUSUM_SMALL = 1.93
_CUSUM_LARGE = 2.17


class ErosionState(StrEnum):
    """What a chart says of a team, worst first."""

    ALARM = "alarm"
    WATCH = "watch"
    NOT_ENOUGH_DATA = "not enough data"
    OK = "ok"


@dataclass(frozen=True, slots=True)
class WeekCount:
    """One week of one chart."""

    week: str
    n: int
    """Agents' landings."""
    reviewed: int
    """Class A."""
    unknown: int = 0
    """Class U: in n, not in reviewed."""


@dataclass(frozen=True, slots=True)
class Point:
    """A chart after one week."""

    count: WeekCount
    evidence: float
    """The mean over the stakes of the detector's M; 0 at the start."""
    threshold: float
    """The evidence at which the alarm is raised in this week."""
    cusum: float
    """The watch tier's statistic."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Erosion:
    """One team's chart, and what it says now."""

    name: str
    state: ErosionState
    sentence: str
    target: float
    points: tuple[Point, ...]
    charts: int
    """Charts running on the page, this one included."""
    evidence: float
    """Frozen at the alarm."""
    threshold: float
    cusum: float
    cusum_threshold: float
    alarm_week: str | None
    likely_began: str | None
    """The week from which the evidence up to the alarm is strongest."""
    n: int
    """Agents' landings in the last 26 weeks of the chart."""
    reviewed: int
    unknown: int


def stakes(target: float) -> tuple[float, ...]:
    """Return the bets' sizes for a target share in (0, 1)."""
    if not 0 < target < 1:
        raise ValueError(f"a target is a share between 0 and 1: {target}")
    return tuple(stake / (1 - target) for stake in _STAKES)


def payoffs(share: float, target: float) -> tuple[float, ...]:
    """Return one week's e-value for each stake; above 1 where the share is below target."""
    return tuple(max(0.0, 1 + stake * (target - share)) for stake in stakes(target))


def step(evidence: Sequence[float], share: float, target: float) -> tuple[float, ...]:
    """Return the detector's M for each stake after one more week with landings."""
    return tuple(
        (before + 1) * payoff
        for before, payoff in zip(evidence, payoffs(share, target), strict=True)
    )


def start() -> tuple[float, ...]:
    """Return the detector's M for each stake before the first week."""
    return (0.0,) * len(_STAKES)


def watch(counts: Mapping[str, Sequence[WeekCount]], target: float) -> tuple[Erosion, ...]:
    """Return one chart for each name, the worst state first.

    ``counts`` gives each chart's weeks, oldest first, on the same weeks. A chart runs
    from its first week with a landing; how many run so far sets every threshold, which
    depends on the past alone: an alarm, once raised, stays.
    """
    running = _running(counts)
    charts = [_chart(name, weeks, target, running) for name, weeks in counts.items()]
    order = list(ErosionState)
    return tuple(sorted(charts, key=lambda chart: (order.index(chart.state), chart.name)))


def _running(counts: Mapping[str, Sequence[WeekCount]]) -> dict[str, int]:
    """Return how many charts had begun by each week."""
    began = sorted(
        next((count.week for count in weeks if count.n), "") for weeks in counts.values()
    )
    every = sorted({count.week for weeks in counts.values() for count in weeks})
    return {week: max(1, sum(bool(first) and first <= week for first in began)) for week in every}


@dataclass(frozen=True, slots=True)
class _Run:
    """A chart while it runs."""

    measured: tuple[float, ...]
    """The detector's M where an unknown landing is not reviewed."""
    spared: tuple[float, ...]
    """The same where every unknown landing is taken as reviewed."""
    points: tuple[Point, ...] = ()
    alarm: int | None = None
    """The index of the alarm's point."""


def _chart(
    name: str, weeks: Sequence[WeekCount], target: float, running: Mapping[str, int]
) -> Erosion:
    run = _Run(start(), start())
    for count in dropwhile(lambda count: count.n == 0, weeks):
        run = _advance(run, count, target, float(ARL_WEEKS * running[count.week]))
    return _conclude(name, run, target, max(running.values(), default=1))


def _advance(run: _Run, count: WeekCount, target: float, threshold: float) -> _Run:
    """Return the run after one week; one without landings moves no evidence."""
    before = run.points[-1] if run.points else Point(count, 0.0, threshold, 0.0)
    cusum = _cusum(before.cusum, count, target)
    if run.alarm is not None:
        frozen = Point(count, before.evidence, before.threshold, cusum)
        return replace(run, points=(*run.points, frozen))
    measured, spared = run.measured, run.spared
    if count.n:
        measured = step(measured, count.reviewed / count.n, target)
        spared = step(spared, (count.reviewed + count.unknown) / count.n, target)
    points = (*run.points, Point(count, mean(measured), threshold, cusum))
    crossed = bool(count.n) and mean(measured) >= threshold
    # Unknown landings alone raise no alarm, and hide none that stands without them.
    raised = crossed and (mean(spared) >= threshold or _known(points, target))
    return _Run(measured, spared, points, len(points) - 1 if raised else None)


def _known(points: Sequence[Point], target: float) -> bool:
    """Return whether few enough landings are unknown where the evidence comes from."""
    began = _began(points, target)
    since = [point.count for point in points if point.count.week >= began]
    recent = [point.count for point in points[-WINDOW:]]
    return not (_too_unknown(since) or _too_unknown(recent))


def _too_unknown(counts: Sequence[WeekCount]) -> bool:
    return sum(x.unknown for x in counts) > UNKNOWN_LIMIT * sum(x.n for x in counts)


def _began(points: Sequence[Point], target: float) -> str:
    """Return the start that maximises the mean over the stakes of the e-values' product.

    Of equal ones the latest: a week exactly at the target is no sign of a change.
    """
    weeks = [point.count for point in points if point.count.n]
    products = (1.0,) * len(_STAKES)
    best, began = 0.0, weeks[-1].week
    for count in reversed(weeks):
        payoff = payoffs(count.reviewed / count.n, target)
        products = tuple(map(prod, zip(products, payoff, strict=True)))
        if mean(products) > best:
            best, began = mean(products), count.week
    return began


def _cusum(before: float, count: WeekCount, target: float) -> float:
    """Return the watch tier's statistic after one week: the log likelihood of a fall."""
    fallen = _fallen(target)
    missed = count.n - count.reviewed
    gain = missed * log((1 - fallen) / (1 - target)) + count.reviewed * log(fallen / target)
    return max(0.0, before + gain)


def _fallen(target: float) -> float:
    """Return the share that the watch tier looks for: ten points below the target."""
    return target - _FALL if target > 2 * _FALL else target / 2


def _cusum_threshold(counts: Sequence[WeekCount]) -> float:
    typical = median([count.n for count in counts if count.n] or [0])
    return _CUSUM_SMALL if typical < _SMALL_WEEK else _CUSUM_LARGE


def _conclude(name: str, run: _Run, target: float, charts: int) -> Erosion:
    last = run.points[-1] if run.points else Point(WeekCount("", 0, 0), 0.0, float(ARL_WEEKS), 0.0)
    recent = [point.count for point in run.points[-WINDOW:]]
    at = None if run.alarm is None else run.points[run.alarm]
    chart = Erosion(
        name=name,
        state=ErosionState.OK,
        sentence="",
        target=target,
        points=run.points,
        charts=charts,
        evidence=last.evidence,
        threshold=last.threshold,
        cusum=last.cusum,
        cusum_threshold=_cusum_threshold(recent),
        alarm_week=at.count.week if at else None,
        likely_began=_began(run.points[: run.alarm + 1], target) if run.alarm is not None else None,
        n=sum(count.n for count in recent),
        reviewed=sum(count.reviewed for count in recent),
        unknown=sum(count.unknown for count in recent),
    )
    state, sentence = _judge(chart)
    return replace(chart, state=state, sentence=sentence)


def _judge(chart: Erosion) -> tuple[ErosionState, str]:
    """Return the chart's state and the sentence that says why."""
    if chart.alarm_week:
        return ErosionState.ALARM, _alarm_sentence(chart)
    short = _shortfall(chart)
    if short:
        return ErosionState.NOT_ENOUGH_DATA, short
    if chart.cusum >= chart.cusum_threshold:
        return ErosionState.WATCH, _watch_sentence(chart)
    return ErosionState.OK, (
        f"No sign of a share below the target of {percent(chart.target)}: evidence "
        f"{chart.evidence:.1f} of {chart.threshold:.0f}. {_guarantee(chart)}"
    )


def _shortfall(chart: Erosion) -> str:
    """Return why nothing can be said of the chart, or an empty text."""
    if chart.n == 0:
        return f"No agent's landing in the last {WINDOW} weeks: nothing to judge."
    if chart.unknown > UNKNOWN_LIMIT * chart.n:
        share = percent(chart.unknown / chart.n)
        return (
            f"{chart.unknown} of {chart.n} landings are unknown ({share}, more than "
            f"{percent(UNKNOWN_LIMIT)}): their reviews, if any, happened where we cannot see, "
            "so this is neither ok nor an alarm."
        )
    if chart.evidence >= chart.threshold:
        return (
            "The evidence of a share below the target rests on weeks in which too many landings "
            "were unknown, so this is neither ok nor an alarm."
        )
    if chart.n < FEWEST:
        return f"Too few: {chart.n} landings in the last {WINDOW} weeks, fewer than {FEWEST}."
    return ""


def _alarm_sentence(chart: Erosion) -> str:
    return (
        f"The reviewed share fell below the target of {percent(chart.target)}: raised in "
        f"{chart.alarm_week}, likely began in {chart.likely_began}; evidence "
        f"{chart.evidence:.1f} reached {chart.threshold:.0f}. The chart is frozen since. "
        f"{_guarantee(chart)}"
    )


def _watch_sentence(chart: Erosion) -> str:
    return (
        f"Watch, no guaranteed false-alarm rate: the CUSUM for a fall from {percent(chart.target)} "
        f"to {percent(_fallen(chart.target))} stands at {chart.cusum:.2f}, above "
        f"{chart.cusum_threshold:.2f}; the alarm's own evidence is {chart.evidence:.1f} of "
        f"{chart.threshold:.0f}."
    )


def _guarantee(chart: Erosion) -> str:
    charts = "1 chart" if chart.charts == 1 else f"{chart.charts} charts"
    return (
        f"Over {charts} a false alarm comes on average no sooner than every {ARL_WEEKS} weeks, "
        "as long as the expected share is at least the target in every week whatever came "
        "before; persistent swings below it are outside that promise."
    )
