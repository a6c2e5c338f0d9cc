"""The drawing itself; imports Altair, so it is imported only where a chart is drawn."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

import altair as alt
import vl_convert

from reviewqueue.coverage.rows import ChartRow, Theme
from reviewqueue.coverage.text import percent
from reviewqueue.domain.landing import ReviewClass

_FONT = "Helvetica Neue, Helvetica, Arial, Liberation Sans, sans-serif"
_WIDTH = 778
_TALL = 210
_LOW = 54
_WIDE = 100
"""Landings in a week from which ``k/n`` no longer fits over one bar."""
_NAMES = tuple(f"{item.letter} {item.value}" for item in ReviewClass)


@dataclass(frozen=True, slots=True)
class _Palette:
    ink: str
    faint: str
    paper: str
    classes: tuple[str, ...]
    """A to G, U: blue is reviewed, warm is not, violet came late, grey is unknown."""


_PALETTES: dict[Theme, _Palette] = {
    "light": _Palette(
        ink="#1f2933",
        faint="#d5dbe1",
        paper="#ffffff",
        classes=(
            "#2f6db3",
            "#f2c14e",
            "#e8923a",
            "#b86a2c",
            "#8f6bbd",
            "#c9364f",
            "#6f1330",
            "#aab4be",
        ),
    ),
    "dark": _Palette(
        ink="#e4e9ee",
        faint="#3d4853",
        paper="#14191f",
        classes=(
            "#5b9be0",
            "#f4cc6a",
            "#f0a355",
            "#c58350",
            "#ab8cd6",
            "#e8566d",
            "#ffb3c1",
            "#707c88",
        ),
    ),
}


def draw(rows: Sequence[ChartRow], target: float, theme: Theme) -> str:
    """Return the SVG of shares by class above and of the numbers below, one week a bar."""
    palette = _PALETTES[theme]
    chart = (
        alt.vconcat(_shares(rows, target, palette), _numbers(rows, palette), spacing=8)
        .resolve_scale(x="shared")
        .configure(
            background="transparent",
            font=_FONT,
            padding={"left": 4, "right": 4, "top": 4, "bottom": 4},
        )
        .configure_view(stroke=None)
        .configure_axis(
            labelColor=palette.ink,
            titleColor=palette.ink,
            gridColor=palette.faint,
            domainColor=palette.faint,
            tickColor=palette.faint,
            labelFontSize=11,
            titleFontSize=11,
            titleFontWeight="normal",
        )
        .configure_legend(labelColor=palette.ink, labelFontSize=12, symbolSize=120)
    )
    svg: str = vl_convert.vegalite_to_svg(chart.to_dict())
    return svg


def _x(rows: Sequence[ChartRow], axis: alt.Axis | None) -> alt.X:
    return alt.X(
        "week:N",
        sort=[row.week for row in rows],
        scale=alt.Scale(paddingInner=0.2, paddingOuter=0.1),
        axis=axis,
    )


def _data(values: Iterator[dict[str, Any]]) -> alt.InlineData:
    return alt.InlineData(values=list(values))


def _shares(
    rows: Sequence[ChartRow], target: float, palette: _Palette
) -> alt.LayerChart | alt.FacetChart:
    bars = (
        alt.Chart(_data(_segments(rows)))
        .mark_bar(stroke=palette.paper, strokeWidth=0.75)
        .encode(
            x=_x(rows, None),
            y=alt.Y(
                "low:Q",
                title="share of landings",
                scale=alt.Scale(domain=[0, 1]),
                axis=alt.Axis(format=".0%", values=[0, 0.25, 0.5, 0.75, 1], domain=False),
            ),
            y2="high:Q",
            color=alt.Color(
                "class:N",
                scale=alt.Scale(domain=list(_NAMES), range=list(palette.classes)),
                legend=alt.Legend(title=None, orient="top", columns=8, symbolType="square"),
            ),
        )
    )
    line = _data(iter([{"target": target, "words": f"target {percent(target)}"}]))
    rule = (
        alt.Chart(line)
        .mark_rule(color=palette.ink, strokeDash=[6, 3], strokeWidth=1.5)
        .encode(y="target:Q")
    )
    words = (
        alt.Chart(line)
        .mark_text(align="left", baseline="middle", dx=6, color=palette.ink, fontSize=11)
        .encode(y="target:Q", x=alt.value(_WIDTH), text="words:N")
    )
    return alt.layer(bars, rule, words).properties(width=_WIDTH, height=_TALL)


def _numbers(rows: Sequence[ChartRow], palette: _Palette) -> alt.LayerChart | alt.FacetChart:
    most = max((row.n for row in rows), default=0)
    wide = most >= _WIDE
    base = alt.Chart(_data(_counts(rows, wide=wide)))
    words = alt.Axis(
        title=None,
        labelAngle=0,
        labelPadding=6,
        labelExpr=_week_labels(rows),
        ticks=False,
        domain=False,
    )
    landed = base.mark_bar(color=palette.faint).encode(
        x=_x(rows, words),
        y=alt.Y(
            "n:Q",
            title="landings",
            scale=alt.Scale(domain=[0, max(1.0, most * (2.4 if wide else 1.7))]),
            axis=alt.Axis(labels=False, ticks=False, grid=False, domain=False),
        ),
    )
    label = base.mark_text(
        baseline="bottom", dy=-14 if wide else -3, color=palette.ink, fontSize=10, lineHeight=11
    ).encode(x=_x(rows, words), y="n:Q", text="label:N")
    return alt.layer(landed, label).properties(width=_WIDTH, height=_LOW)


def _week_labels(rows: Sequence[ChartRow]) -> str:
    """Return the expression of a week's label: ``W47``, with the year where one begins."""
    weeks = [row.week for row in rows]
    first = [week for at, week in enumerate(weeks) if at == 0 or week[:4] != weeks[at - 1][:4]]
    with_year = f"indexof({first}, datum.value) >= 0"
    return (
        f"{with_year} ? [slice(datum.value, 5), slice(datum.value, 0, 4)] : slice(datum.value, 5)"
    )


def _counts(rows: Sequence[ChartRow], *, wide: bool) -> Iterator[dict[str, Any]]:
    """Yield each week's reviewed of all, on two lines where one would not fit."""
    for row in rows:
        label: list[str] | str = f"{row.reviewed}/{row.n}" if row.n else ""
        if wide and row.n:
            label = [f"{row.reviewed}/", str(row.n)]
        yield {"week": row.week, "n": row.n, "label": label}


def _segments(rows: Sequence[ChartRow]) -> Iterator[dict[str, Any]]:
    for row in rows:
        below = 0
        for name, count in zip(_NAMES, row.counts, strict=True):
            if count:
                yield {
                    "week": row.week,
                    "class": name,
                    "low": below / row.n,
                    "high": (below + count) / row.n,
                }
            below += count
