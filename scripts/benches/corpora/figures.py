"""From what was measured to tables and bars: counts, never estimates."""

import math
from collections import Counter, defaultdict
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field

from corpora.items import Item, Kind
from corpora.measured import Measured
from corpora.naming import NAMINGS
from reviewqueue.domain.finding import Finding, Severity
from reviewqueue.scan.rule import Rule

ENOUGH = 50
"""Commits that a group needs before a bar holds for it."""
_MOST_DISPUTED = 0.15
_PLAIN = frozenset({"trailer", "author", "branch"})
_UNMARKED = "pre-agent-era"
"""The certainty of human commits that no agent can have had a part in."""
_FAIR = frozenset({"incident", "message"})
"""How an item was chosen without looking for what rules look for."""
_MILLISECONDS = 20.0


@dataclass(frozen=True, slots=True)
class Share:
    """So many of so many."""

    part: int
    whole: int

    @property
    def rate(self) -> float:
        """The share from 0 to 1; not a number where there is nothing to count."""
        return self.part / self.whole if self.whole else math.nan


@dataclass(frozen=True, slots=True)
class Bar:
    """What a figure has to be, and what it is."""

    name: str
    bound: float
    share: Share
    at_least: bool = False
    """The bound is a floor rather than a ceiling."""
    is_detail: bool = False
    """One of many alike: of one group, or of one rule."""

    @property
    def is_met(self) -> bool:
        """Whether it holds; a bar without anything to count does."""
        if not self.share.whole:
            return True
        rate = self.share.rate
        return rate >= self.bound if self.at_least else rate <= self.bound


@dataclass(frozen=True, slots=True, kw_only=True)
class Recall:
    """How much of one group of attacks was noticed."""

    all: Share
    """Flagged, of all labels."""
    undisputed: Share
    """Flagged, of the labels that nobody disputes."""
    named: Share
    """Of the undisputed that are flagged: those whose finding names the problem."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Rates:
    """How much of one group of commits presumed benign carries what."""

    medium: Share
    high: Share
    gate: Share
    """A column of its own, outside both."""
    unscannable: Share


@dataclass(frozen=True, slots=True, kw_only=True)
class Hits:
    """How often one rule speaks at medium or above."""

    rule: str
    stability: str
    honest: Share
    high: int
    """Honest commits where it is high or critical."""
    attacks: int
    budget: float

    @property
    def is_over(self) -> bool:
        """Whether honest commits carry it more often than it may cost."""
        return self.honest.part > self.budget * self.honest.whole


@dataclass(frozen=True, slots=True, kw_only=True)
class Attributed:
    """To whom one group of commits was attributed."""

    right: int
    wrong: int
    nobody: int

    @property
    def whole(self) -> int:
        """All commits of the group."""
        return self.right + self.wrong + self.nobody


@dataclass(frozen=True, slots=True, kw_only=True)
class Figures:
    """All tables and bars of one run."""

    recall: dict[str, dict[str, Recall]]
    """By tier, selected_by and category."""
    benign: dict[str, dict[str, Rates]]
    """All, by agent, by language, and the human commits."""
    hits: list[Hits]
    silent: list[str]
    """Rules that no item of any kind carries at any severity."""
    attribution: dict[str, Attributed]
    """By strength of an agent's sign, and by certainty of a human's commit."""
    milliseconds: dict[str, float]
    missing: dict[str, int]
    """Items that could not be had, by reason."""
    bars: list[Bar] = field(default_factory=list)

    @property
    def is_met(self) -> bool:
        """Whether every bar holds."""
        return all(bar.is_met for bar in self.bars)


def figures(
    results: Sequence[Measured],
    missing: Iterable[str],
    disputed: Collection[str],
    rules: Sequence[Rule],
) -> Figures:
    """Count everything there is to count."""
    attacks = [one for one in results if one.item.kind is Kind.ATTACK and one.item.detectable]
    agents = [one for one in results if one.item.kind is Kind.AGENT]
    humans = [one for one in results if one.item.kind is Kind.HUMAN]
    found = Figures(
        recall=_recall_tables(attacks, disputed),
        benign=_benign_tables(agents, humans),
        hits=_hits(rules, [*agents, *humans], attacks),
        silent=_silent(rules, results),
        attribution=_attribution(agents, humans),
        milliseconds=_times(results),
        missing=dict(Counter(missing).most_common()),
    )
    found.bars.append(_read_bar(found, len(results)))
    found.bars.extend(_recall_bars(attacks, disputed))
    found.bars.extend(_benign_bars(found.benign))
    found.bars.extend(_budget_bars(found.hits))
    found.bars.extend(_attribution_bars(found.attribution))
    found.bars.append(_time_bar(results))
    return found


# --- how much is noticed


def is_named(one: Measured) -> bool:
    """Return whether a finding at medium or above names the item's problem."""
    naming = NAMINGS.get(one.item.category)
    return naming is not None and any(naming.accepts(found) for found in one.flagged)


def _recall_tables(
    attacks: Sequence[Measured], disputed: Collection[str]
) -> dict[str, dict[str, Recall]]:
    keys: dict[str, Callable[[Item], str]] = {
        "tier": lambda item: item.tier,
        "selected_by": lambda item: item.selected_by,
        "category": lambda item: item.category,
    }
    tables = {}
    for name, key in keys.items():
        groups: defaultdict[str, list[Measured]] = defaultdict(list)
        for one in attacks:
            groups[key(one.item) or "-"].append(one)
        tables[name] = {
            group: _recall(ones, disputed)
            for group, ones in [*sorted(groups.items()), ("all", list(attacks))]
        }
    return tables


def _recall(attacks: Sequence[Measured], disputed: Collection[str]) -> Recall:
    agreed = [one for one in attacks if one.item.id not in disputed]
    noticed = [one for one in agreed if one.flagged]
    return Recall(
        all=_count(attacks, lambda one: bool(one.flagged)),
        undisputed=Share(len(noticed), len(agreed)),
        named=_count(noticed, is_named),
    )


def _recall_bars(attacks: Sequence[Measured], disputed: Collection[str]) -> Iterable[Bar]:
    agreed = [one for one in attacks if one.item.id not in disputed]
    yield Bar("disputed labels", _MOST_DISPUTED, Share(len(attacks) - len(agreed), len(attacks)))
    tiers: dict[str, tuple[float, frozenset[str]]] = {
        "malicious": (1.0, frozenset({"malicious"})),
        "vulnerabilities introduced, fixes reversed": (
            0.75,
            frozenset({"vuln_introduction", "reversed_fix"}),
        ),
        "demonstrations": (0.94, frozenset({"demo"})),
        "sensitive": (0.88, frozenset({"sensitive"})),
    }
    for name, (bound, group) in tiers.items():
        chosen = [one for one in agreed if one.item.tier in group]
        yield _noticed_bar(f"flagged: {name}", bound, chosen)
    fair = [one for one in agreed if one.item.selected_by in _FAIR]
    yield _noticed_bar("flagged: chosen by incident or message", 0.85, fair)
    sensitive = [one for one in fair if one.item.tier == "sensitive"]
    yield _noticed_bar("flagged: sensitive, chosen by incident or message", 0.85, sensitive)


def _noticed_bar(name: str, bound: float, chosen: Sequence[Measured]) -> Bar:
    return Bar(name, bound, _count(chosen, lambda one: bool(one.flagged)), at_least=True)


# --- how much honest work is stopped

_BENIGN_BARS = {"medium": 0.15, "high": 0.04, "unscannable": 0.005}
_WORDS = {"medium": "medium or above", "high": "high or above", "unscannable": "unscannable"}


def _benign_tables(
    agents: Sequence[Measured], humans: Sequence[Measured]
) -> dict[str, dict[str, Rates]]:
    by_agent: defaultdict[str, list[Measured]] = defaultdict(list)
    by_language: defaultdict[str, list[Measured]] = defaultdict(list)
    for one in agents:
        by_agent[one.item.agent].append(one)
        for language in one.item.languages:
            by_language[language].append(one)
    return {
        "in all": {"agents": _rates(agents), "humans": _rates(humans)},
        "by agent": _by_size(by_agent),
        "by language": _by_size(by_language),
    }


def _by_size(groups: Mapping[str, Sequence[Measured]]) -> dict[str, Rates]:
    ordered = sorted(groups.items(), key=lambda group: (-len(group[1]), group[0]))
    return {name: _rates(ones) for name, ones in ordered}


def _rates(commits: Sequence[Measured]) -> Rates:
    return Rates(
        medium=_count(commits, lambda one: bool(one.counted)),
        high=_count(commits, lambda one: one.is_high),
        gate=_count(commits, lambda one: one.is_gate),
        unscannable=_count(commits, lambda one: bool(one.unscannable)),
    )


def _benign_bars(tables: Mapping[str, Mapping[str, Rates]]) -> Iterable[Bar]:
    """Yield a bar for each rate: in all, and twice that in each group that is large enough."""
    for rate, bound in _BENIGN_BARS.items():
        word = _WORDS[rate]
        yield Bar(f"agents' commits {word}", bound, getattr(tables["in all"]["agents"], rate))
        for table in ("by agent", "by language"):
            for group, rates in tables[table].items():
                share: Share = getattr(rates, rate)
                if share.whole >= ENOUGH:
                    yield Bar(f"{word}, {group}", 2 * bound, share, is_detail=True)


# --- what each rule costs and gives


def _hits(
    rules: Sequence[Rule], honest: Sequence[Measured], attacks: Sequence[Measured]
) -> list[Hits]:
    """Return the rules that speak at medium or above, the most costly first."""
    costs = _by_rule((one.flagged for one in honest), frozenset())
    stops = _by_rule((one.flagged for one in honest), frozenset({Severity.MEDIUM}))
    gains = _by_rule((one.flagged for one in attacks), frozenset())
    found = [
        Hits(
            rule=rule.id,
            stability=rule.stability,
            honest=Share(costs[rule.id], len(honest)),
            high=stops[rule.id],
            attacks=gains[rule.id],
            budget=rule.budget,
        )
        for rule in rules
        if costs[rule.id] or gains[rule.id]
    ]
    return sorted(found, key=lambda one: (-one.honest.part, -one.attacks, one.rule))


def _by_rule(findings: Iterable[Iterable[Finding]], without: frozenset[Severity]) -> Counter[str]:
    return Counter(
        rule
        for each in findings
        for rule in {found.rule for found in each if found.severity not in without}
    )


def _silent(rules: Sequence[Rule], results: Iterable[Measured]) -> list[str]:
    heard = {found.rule for one in results for found in one.findings}
    return [rule.id for rule in rules if rule.id not in heard]


def _budget_bars(hits: Iterable[Hits]) -> Iterable[Bar]:
    return [Bar(f"budget of {one.rule}", one.budget, one.honest, is_detail=True) for one in hits]


# --- who wrote it


def _attribution(agents: Iterable[Measured], humans: Iterable[Measured]) -> dict[str, Attributed]:
    groups: defaultdict[str, Counter[str]] = defaultdict(Counter)
    for one in agents:
        groups[f"agent by {one.item.strength or '-'}"][_verdict(one, one.item.agent)] += 1
    for one in humans:
        groups[f"human, {one.item.certainty or '-'}"][_verdict(one, "")] += 1
    return {
        name: Attributed(right=seen["right"], wrong=seen["wrong"], nobody=seen["nobody"])
        for name, seen in sorted(groups.items())
    }


def _verdict(one: Measured, agent: str) -> str:
    if one.agent == agent:
        return "right"
    return "wrong" if one.agent else "nobody"


def is_misattributed(one: Measured) -> bool:
    """Return whether a commit went to an agent that did not write it, or its agent was missed."""
    return one.item.kind is not Kind.ATTACK and one.agent != one.item.agent


def _attribution_bars(groups: Mapping[str, Attributed]) -> Iterable[Bar]:
    plain = [groups[name] for word in _PLAIN if (name := f"agent by {word}") in groups]
    right, whole = sum(each.right for each in plain), sum(each.whole for each in plain)
    yield Bar("attributed to the right agent", 0.99, Share(right, whole), at_least=True)
    old = groups.get(f"human, {_UNMARKED}")
    if old is not None:
        yield Bar(f"human, {_UNMARKED}, taken for an agent's", 0.0, Share(old.wrong, old.whole))


# --- how long it takes, and what could not be had


def _times(results: Sequence[Measured]) -> dict[str, float]:
    times = sorted(one.milliseconds for one in results)
    if not times:
        return {}
    return {
        "p50": times[len(times) // 2],
        "p95": times[min(len(times) - 1, math.ceil(len(times) * 0.95) - 1)],
        "max": times[-1],
    }


def _time_bar(results: Sequence[Measured]) -> Bar:
    quick = _count(results, lambda one: one.milliseconds < _MILLISECONDS)
    return Bar(f"scanned in under {_MILLISECONDS:.0f} ms", 0.95, quick, at_least=True)


def _read_bar(found: Figures, read: int) -> Bar:
    return Bar("items read", 1.0, Share(read, read + sum(found.missing.values())), at_least=True)


def _count(of: Sequence[Measured], holds: Callable[[Measured], bool]) -> Share:
    return Share(sum(1 for one in of if holds(one)), len(of))
