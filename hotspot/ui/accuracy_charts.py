"""The share of offences that each map held, by the share of the area, on one picture."""

from __future__ import annotations

import altair
import pandas as pd

from hotspot.findings.accuracy_words import LAST_PERIOD, METHOD_WORDS, UNIFORM, AccuracyRow, percent
from hotspot.ui.charts import GREY, INK, SERIES, show

_MAPS = (SERIES[0], SERIES[4], SERIES[5])
"""Colours of the maps judged, in their order; neither the orange of a rise nor the violet of a fall."""


def curve(rows: tuple[AccuracyRow, ...], *, share: float, height: int = 270) -> None:
    """Draw a line for each method with its 95 % interval as a band; the even spread is dashed, the tested share marked."""
    methods = list(dict.fromkeys(row.method for row in rows))
    maps = [method for method in methods if method not in (LAST_PERIOD, UNIFORM)]
    colours = dict(zip(maps, _MAPS, strict=False)) | {LAST_PERIOD: SERIES[2], UNIFORM: INK}
    names = [METHOD_WORDS[method] for method in methods]
    frame = pd.DataFrame([_point(row) for row in rows])
    shares = sorted(frame["area"].unique().tolist())
    ticks = "{" + ",".join(f"'{one:g}':'{percent(one)}'" for one in shares) + "}[datum.value]"
    x = altair.X(
        "area:Q",
        title="share of the area",
        scale=altair.Scale(type="log", nice=False, domain=[0.93 * shares[0], 1.04 * shares[-1]]),
        axis=altair.Axis(values=shares, labelExpr=ticks, labelAngle=0),
    )
    colour = altair.Color(
        "method:N",
        scale=altair.Scale(domain=names, range=[colours[method] for method in methods]),
        legend=altair.Legend(symbolOpacity=1, symbolType="stroke", symbolStrokeWidth=3, columns=3),
    )
    base = altair.Chart(frame)
    marked = altair.Chart(pd.DataFrame({"area": [share]})).mark_rule(color=GREY, strokeWidth=1).encode(x=x)
    band = base.mark_area(opacity=0.18).encode(x=x, y=altair.Y("low:Q"), y2="high:Q", color=colour)
    dash = altair.condition(altair.datum.method == METHOD_WORDS[UNIFORM], altair.value([4, 3]), altair.value([1, 0]))
    line = base.mark_line(strokeWidth=2.2, point=True).encode(
        x=x,
        y=altair.Y("held:Q", title="share of offences held", axis=altair.Axis(format="%"), scale=altair.Scale(zero=True)),
        color=colour,
        strokeDash=dash,
        tooltip=[
            altair.Tooltip("method:N", title="Map"),
            altair.Tooltip("area:Q", format=".1%", title="Area"),
            altair.Tooltip("held:Q", format=".1%", title="Offences held"),
            altair.Tooltip("interval:N", title="95% interval"),
        ],
    )
    says = (
        "Lines of the share of offences that each map held, by the share of the area. 'By share of the area' is the table of it."
    )
    show(altair.layer(marked, band, line), height=height, says=says)


def _point(row: AccuracyRow) -> dict[str, object]:
    interval = "none" if pd.isna(row.low) else f"{100 * row.low:.1f} to {100 * row.high:.1f}%"
    return {
        "method": METHOD_WORDS[row.method],
        "area": row.area_share,
        "held": row.hit_rate,
        "low": row.low,
        "high": row.high,
        "interval": interval,
    }
