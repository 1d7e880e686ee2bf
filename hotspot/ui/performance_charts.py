"""Chart of the Performance page: outcome rates by month."""

from __future__ import annotations

from collections.abc import Sequence

import altair
import pandas as pd

from hotspot.findings.events import Mark
from hotspot.findings.performance import MonthRate
from hotspot.period import add_months
from hotspot.ui.charts import GREY, NAVY, TREND_WIDTH, show
from hotspot.ui.event_rules import labels, room_above, rules

SETTLED, IMMATURE = "Outcome rate", "Immature: will rise"


def outcomes_by_month(months: tuple[MonthRate, ...], marks: Sequence[Mark] = (), *, height: int = 130) -> None:
    """Draw the rate of each month with its interval; immature months grey and hollow; breaks and events marked."""
    told = [one for one in months if one.rate.offences]
    frame = pd.DataFrame(
        {
            "month": pd.to_datetime([one.month for one in told]),
            "rate": [one.rate.rate for one in told],
            "low": [one.rate.low for one in told],
            "high": [one.rate.high for one in told],
            "outcomes": [one.rate.outcomes for one in told],
            "offences": [one.rate.offences for one in told],
            "reading": [IMMATURE if one.is_immature else SETTLED for one in told],
        }
    )
    kinds = [SETTLED, IMMATURE] if any(one.is_immature for one in told) else [SETTLED]
    legend = altair.Legend(symbolType="circle") if len(kinds) > 1 else None
    x = altair.X("month:T", title=None, axis=altair.Axis(format="%b %y", labelOverlap=True, tickCount=min(len(told), 8)))
    base = altair.Chart(frame)
    stroke = altair.Color("reading:N", scale=altair.Scale(domain=kinds, range=[NAVY, GREY][: len(kinds)]), legend=legend)
    fill = altair.Fill("reading:N", scale=altair.Scale(domain=kinds, range=[NAVY, "#FFFFFF"][: len(kinds)]), legend=legend)
    tips = [
        altair.Tooltip("month:T", title="Month", format="%B %Y"),
        altair.Tooltip("rate:Q", title="Rate", format=".1%"),
        altair.Tooltip("low:Q", title="from", format=".1%"),
        altair.Tooltip("high:Q", title="to", format=".1%"),
        altair.Tooltip("outcomes:Q", format=",.0f"),
        altair.Tooltip("offences:Q", format=",.0f"),
        altair.Tooltip("reading:N", title="Reading"),
    ]
    days = [one.month for one in told]
    placed = labels(marks, days[0], add_months(days[-1], 1), width=TREND_WIDTH / 2) if told else ()
    highest, height = room_above(placed, low=0.0, high=float(frame["high"].max()) if told else 1.0, height=height)
    y = altair.Y("rate:Q", title=None, scale=altair.Scale(domain=[0.0, highest]), axis=altair.Axis(format="%", tickCount=4))
    layers = [
        base.mark_rule(strokeWidth=1.5).encode(x=x, y=altair.Y("low:Q"), y2="high:Q", color=stroke),
        base.mark_point(size=34, filled=False, strokeWidth=1.5, opacity=1).encode(
            x=x, y=y, color=stroke, fill=fill, tooltip=tips
        ),
    ]
    percent = {name: frame[name].map("{:.1%}".format) for name in ("rate", "low", "high")}
    show(
        altair.layer(*layers, *rules(placed, marks)),
        height=height,
        says="Outcome rate by month, each with its 95% interval"
        + ("; the latest months are immature." if len(kinds) > 1 else "."),
        figures=frame.assign(**percent).rename(columns={"low": "95% from", "high": "95% to"}),
    )
