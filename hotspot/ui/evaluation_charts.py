"""The chart of the Evaluation page: both series on one scale, with the start and the two periods marked."""

from __future__ import annotations

import altair
import numpy as np
import pandas as pd

from hotspot.findings.evaluation import EvaluationFinding
from hotspot.maps.evaluation_scene import COMPARED, TREATED
from hotspot.ui.charts import INK, SECONDARY, show

TREATED_WORD, COMPARED_WORD = "Treated area", "Comparison, weighted"


def both_series(finding: EvaluationFinding, *, height: int = 150) -> None:
    """Draw offences a month in the treated area and in the comparison, weighted to its level."""
    months = pd.to_datetime(finding.months.astype("datetime64[D]"))
    frame = pd.concat(
        [
            pd.DataFrame({"month": months, "offences": values, "series": name})
            for name, values in (
                (TREATED_WORD, finding.treated.monthly),
                (COMPARED_WORD, finding.comparison.counts.area_weight * finding.comparison.monthly),
            )
        ]
    )
    x = altair.X("month:T", title=None, axis=altair.Axis(format="%b %Y", labelOverlap=True, tickCount=8))
    y = altair.Y("offences:Q", title="offences a month", scale=altair.Scale(zero=True))
    colour = altair.Color("series:N", scale=altair.Scale(domain=[TREATED_WORD, COMPARED_WORD], range=[TREATED, COMPARED]))
    dash = altair.StrokeDash("series:N", scale=altair.Scale(domain=[TREATED_WORD, COMPARED_WORD], range=[[1, 0], [5, 3]]))
    tips = [
        altair.Tooltip("month:T", format="%B %Y", title="Month"),
        "series:N",
        altair.Tooltip("offences:Q", format=",.1f"),
    ]
    lines = (
        altair.Chart(frame)
        .mark_line(strokeWidth=2, point=len(months) < 3)
        .encode(x=x, y=y, color=colour, strokeDash=dash, tooltip=tips)
    )
    spans = pd.DataFrame(
        {
            "from": pd.to_datetime([finding.before.start, finding.after.start]),
            "to": pd.to_datetime([finding.before.end, finding.after.end]) - np.timedelta64(1, "D"),
        }
    )
    shaded = altair.Chart(spans).mark_rect(color="#EEF1F4").encode(x="from:T", x2="to:T")
    start = pd.DataFrame({"day": pd.to_datetime([finding.settings.start]), "word": [" start"]})
    rule = altair.Chart(start).mark_rule(color=INK, strokeWidth=1.5).encode(x="day:T")
    word = altair.Chart(start).mark_text(align="left", color=SECONDARY, fontSize=12, y=6).encode(x="day:T", text="word:N")
    show(altair.layer(shaded, lines, rule, word), height=height)
