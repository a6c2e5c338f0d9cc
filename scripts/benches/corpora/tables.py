"""Figures as a person reads them, and as a program does."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict
from typing import Any

from corpora.figures import Bar, Figures, Hits, Rates, Share, is_misattributed, is_named
from corpora.items import Kind
from corpora.measured import Measured
from reviewqueue.domain.finding import Finding

LISTS = ("misses", "unnamed", "flagged", "disputed", "wrong", "unread")
"""What ``--list`` can show: attacks not flagged, attacks flagged for another reason than
theirs, honest commits flagged, labels disputed, commits misattributed, items not read."""
_SHOWN = 120
"""Characters of hostile text that a line shows."""


def as_json(found: Figures, about: Mapping[str, Any]) -> dict[str, Any]:
    """Return everything as plain values; a share is ``{"k", "n"}``."""
    bars = [
        {
            "bar": bar.name,
            "bound": bar.bound,
            "is": "at least" if bar.at_least else "at most",
            **_share(bar.share),
            "met": bar.is_met,
        }
        for bar in found.bars
    ]
    return {**about, **_plain(asdict(found)), "bars": bars, "met": found.is_met}


def _plain(value: Any) -> Any:  # noqa: ANN401 -- whatever a table holds
    if isinstance(value, dict):
        if value.keys() == {"part", "whole"}:
            return {"k": value["part"], "n": value["whole"]}
        return {key: _plain(each) for key, each in value.items()}
    return [_plain(each) for each in value] if isinstance(value, list) else value


def _share(share: Share) -> dict[str, int]:
    return {"k": share.part, "n": share.whole}


def as_text(found: Figures, about: Mapping[str, Any]) -> str:
    """Return the tables and, last, the bars."""
    parts = [
        "\n".join(f"{name:<10} {value}" for name, value in about.items()),
        *_recall(found),
        *_benign(found),
        _hits(found.hits),
        _list("never fires on any item", found.silent),
        _attribution(found),
        _times(found),
        _missing(found),
        _bars(found.bars),
    ]
    return "\n\n".join(part for part in parts if part)


def _recall(found: Figures) -> Iterable[str]:
    for table, groups in found.recall.items():
        rows = [
            (group, _told(each.all), _told(each.undisputed), _told(each.named))
            for group, each in groups.items()
        ]
        heads = (f"attacks by {table}", "flagged", "undisputed", "of these, named")
        yield _table(heads, rows)


def _benign(found: Figures) -> Iterable[str]:
    for table, groups in found.benign.items():
        heads = (f"honest {table}", "n", "medium+", "high+", "gate", "unscannable")
        yield _table(heads, [_rates_row(group, rates) for group, rates in groups.items()])


def _rates_row(group: str, rates: Rates) -> tuple[str, ...]:
    shares = (rates.medium, rates.high, rates.gate, rates.unscannable)
    return (group, str(rates.medium.whole), *(_told(share, of=False) for share in shares))


def _hits(hits: Sequence[Hits]) -> str:
    rows = [
        (
            one.rule,
            _told(one.honest, of=False),
            str(one.high),
            f"{one.budget:.2%}",
            "OVER" if one.is_over else "",
            str(one.attacks),
            "" if one.stability == "stable" else one.stability,
        )
        for one in hits
    ]
    heads = ("rule at medium+", "honest", "high+", "budget", "", "attacks", "")
    return _table(heads, rows)


def _attribution(found: Figures) -> str:
    rows = [
        (name, str(each.whole), str(each.right), str(each.wrong), str(each.nobody))
        for name, each in found.attribution.items()
    ]
    return _table(("attribution", "n", "right", "wrong", "to nobody"), rows) if rows else ""


def _times(found: Figures) -> str:
    times = ", ".join(f"{name} {value:.2f}" for name, value in found.milliseconds.items())
    return f"ms a commit: {times}" if times else ""


def _missing(found: Figures) -> str:
    return _list("not measured", [f"{why} ({n} items)" for why, n in found.missing.items()])


def _bars(bars: Sequence[Bar]) -> str:
    """Return every bar; of many alike only those that are missed, and how many there are."""
    shown = [bar for bar in bars if not bar.is_detail or not bar.is_met]
    lines = [f"{'met   ' if bar.is_met else 'MISSED'}  {_bar(bar)}" for bar in shown]
    alike = [bar for bar in bars if bar.is_detail]
    held = sum(1 for bar in alike if bar.is_met)
    lines.append(f"of groups and rules: {held} of {len(alike)} bars met")
    return "\n".join(lines)


def _bar(bar: Bar) -> str:
    if not bar.share.whole:
        return f"{bar.name}: nothing to count"
    sign = "≥" if bar.at_least else "≤"
    return f"{bar.name}: {_told(bar.share)} (bar {sign} {bar.bound * 100:.4g} %)"


# --- single items


def lines(results: Iterable[Measured], which: str, disputed: Mapping[str, str]) -> list[str]:
    """Return the lines of one of :data:`LISTS`."""
    listed = [one for one in results if _is_listed(one, which, disputed)]
    return [line for one in listed for line in _item(one, disputed)]


def _is_listed(one: Measured, which: str, disputed: Mapping[str, str]) -> bool:
    attack = one.item.kind is Kind.ATTACK
    if which == "misses":
        return attack and one.item.detectable and not one.flagged
    if which == "unnamed":
        return attack and bool(one.flagged) and not is_named(one)
    if which == "flagged":
        return not attack and bool(one.counted)
    if which == "disputed":
        return one.item.id in disputed
    if which == "wrong":
        return is_misattributed(one)
    return bool(one.unscannable)


def sample_text(chosen: Iterable[Measured]) -> str:
    """Return flagged commits for a person to judge."""
    return "\n\n".join("\n".join(_item(one, {})) for one in chosen)


def sample_rows(chosen: Iterable[Measured]) -> list[dict[str, Any]]:
    """Return flagged commits as plain values."""
    return [
        {
            "id": one.item.id,
            "agent": one.item.agent,
            "headline": one.headline,
            "findings": [asdict(found) for found in one.counted],
        }
        for one in chosen
    ]


def _item(one: Measured, disputed: Mapping[str, str]) -> Iterable[str]:
    item = one.item
    label = " ".join(filter(None, (item.tier, item.category, item.agent, item.certainty)))
    yield f"{item.id}  [{label}]  {_line(one.headline)}"
    if item.why:
        yield f"    label: {_line(item.why)}"
    if item.id in disputed:
        yield f"    disputed: {_line(disputed[item.id])}"
    if one.agent != item.agent:
        yield f"    attributed to {one.agent or 'nobody'}"
    if one.unscannable:
        yield f"    unscannable: {_line(one.unscannable)}"
    yield from (f"    {_finding(found)}" for found in one.flagged)


def _finding(found: Finding) -> str:
    at = found.locations[0]
    place = at.path if at.line is None else f"{at.path}:{at.line}"
    more = f" (+{len(found.locations) - 1})" if len(found.locations) > 1 else ""
    return f"{found.severity:<8} {found.rule}  {_line(place)}{more}  {_line(at.evidence)}"


def _line(text: str) -> str:
    """Return hostile text fit for one line of a terminal."""
    plain = "".join(char if char.isprintable() else " " for char in text[: _SHOWN * 2])
    plain = " ".join(plain.split())
    return plain if len(plain) <= _SHOWN else f"{plain[: _SHOWN - 1]}…"


# --- text


def _told(share: Share, *, of: bool = True) -> str:
    if not share.whole:
        return "-"
    count = f"{share.part} of {share.whole}" if of else f"{share.part}"
    return f"{count} {share.rate * 100:6.2f} %"


def _list(title: str, entries: Sequence[str]) -> str:
    return "\n".join([f"{title}:", *(f"  {entry}" for entry in entries)]) if entries else ""


def _table(heads: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    """Return lines with aligned columns: the first to the left, the others to the right."""
    every = [tuple(heads), *map(tuple, rows)]
    widths = [max(len(row[at]) for row in every) for at in range(len(heads))]
    return "\n".join(
        "  ".join(
            cell.rjust(width) if at else cell.ljust(width)
            for at, (cell, width) in enumerate(zip(row, widths, strict=True))
        ).rstrip()
        for row in every
    )
