"""Chart of the Performance page: outcome rates by month."""

from __future__ import annotations

import altair
import pandas as pd

from hotspot.findings.performance import MonthRate
from hotspot.ui.charts import GREY, NAVY, show

SETTLED, IMMATURE = "Outcome rate", "Immature: will rise"


def outcomes_by_month(months: tuple[MonthRate, ...], *, height: int = 130) -> None:
    """Draw the rate of each month with its interval; immature months grey and hollow."""
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
    y = altair.Y("rate:Q", title=None, scale=altair.Scale(zero=True), axis=altair.Axis(format="%", tickCount=4))
    layers = [
        base.mark_rule(strokeWidth=1.5).encode(x=x, y=altair.Y("low:Q"), y2="high:Q", color=stroke),
        base.mark_point(size=34, filled=False, strokeWidth=1.5, opacity=1).encode(
            x=x, y=y, color=stroke, fill=fill, tooltip=tips
        ),
    ]
    show(altair.layer(*layers), height=height)
