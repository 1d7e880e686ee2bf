"""The chart of the Evaluation page: both series on one scale, with the start and the two periods marked."""

from __future__ import annotations

import altair
import numpy as np
import pandas as pd

from hotspot.findings.evaluation import EvaluationFinding
from hotspot.findings.events import Mark, groups_of
from hotspot.maps.evaluation_scene import COMPARED, TREATED
from hotspot.period import add_months
from hotspot.ui import events
from hotspot.ui.charts import INK, TREND_WIDTH, show
from hotspot.ui.event_rules import labels, room_above, rules

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
    first, last = months.min().date(), add_months(months.max().date(), 1)
    found = events.marks(finding.selected.selection, groups=groups_of(finding.selected.selection.crime_type))
    marks = [mark for mark in found.within(first, last) if mark.day != finding.settings.start]
    own = Mark(finding.settings.start, "start", "what was done began")
    placed = labels(sorted([own, *marks], key=lambda mark: mark.day), first, last, width=TREND_WIDTH / 2)
    highest, height = room_above(placed, low=0.0, high=float(frame["offences"].max()), height=height)
    y = altair.Y("offences:Q", title="offences a month", scale=altair.Scale(domain=[0.0, highest]))
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
    start = pd.DataFrame({"day": pd.to_datetime([finding.settings.start])})
    rule = altair.Chart(start).mark_rule(color=INK, strokeWidth=1.5).encode(x="day:T")
    show(
        altair.layer(shaded, lines, *rules(placed, [own, *marks]), rule),
        height=height,
        says=f"Line chart of offences a month: {TREATED_WORD.lower()} and {COMPARED_WORD.lower()}; "
        f"what was done began on {own.day:%-d %B %Y}.",
        figures=frame.pivot(index="month", columns="series", values="offences").reset_index(names="Month"),
    )
    events.told(found, first, last)
