"""The decay of near repeats with distance, one line for each band of time."""

from __future__ import annotations

import altair
import numpy as np
import pandas as pd
import streamlit as st

from hotspot.findings.near_repeats import seen_by
from hotspot.methods.knox import KnoxTable
from hotspot.ui.charts import INK, SECONDARY, SERIES, show

STANDS, CHANCE = "Stands after correction", "Could be chance"


def decay(table: KnoxTable, audience: str, *, height: int = 280) -> None:
    """Draw times expected by distance; filled where a band stands, hollow where it could be chance; the line is chance.

    The row 'same premises' is left to the table: its ratio would flatten all others.
    """
    points = _points(table, audience)
    if points.empty:
        st.html('<p class="hs-note">No band has an expected number of pairs that can be shown.</p>')
        return
    columns = list(table.time_labels[: len(SERIES)])
    colour = altair.Color(
        "days:N",
        scale=altair.Scale(domain=columns, range=list(SERIES[: len(columns)])),
        sort=columns,
        legend=altair.Legend(columns=4),
    )
    x = altair.X(
        "distance:N", sort=list(table.distance_labels), title=None, axis=altair.Axis(labelAngle=0, labelLimit=110, labelPadding=6)
    )
    y = altair.Y("ratio:Q", title="times expected", scale=altair.Scale(zero=True))
    base = altair.Chart(points)
    lines = base.mark_line(strokeWidth=2).encode(x=x, y=y, color=colour)
    filled = base.transform_filter(altair.datum.reading == STANDS).mark_point(filled=True, size=70, opacity=1)
    hollow = base.transform_filter(altair.datum.reading == CHANCE).mark_point(size=60, opacity=1, fill="white", strokeWidth=2)
    marks = [
        mark.encode(
            x=x,
            y=y,
            color=colour,
            tooltip=["distance:N", "days:N", altair.Tooltip("ratio:Q", format=".2f", title="times expected"), "reading:N"],
        )
        for mark in (hollow, filled)
    ]
    chance = (
        altair.Chart(pd.DataFrame({"ratio": [1.0]})).mark_rule(color=INK, strokeWidth=1.5, strokeDash=[4, 3]).encode(y="ratio:Q")
    )
    said = (
        altair.Chart(pd.DataFrame({"ratio": [1.0], "words": ["chance"]}))
        .mark_text(align="left", baseline="bottom", dy=-2, fontSize=12, color=SECONDARY)
        .encode(y="ratio:Q", x=altair.value(3), text="words:N")
    )
    says = (
        "Lines of times expected by distance, one for each band of days. The table 'Pairs by distance and days apart' has them."
    )
    show(altair.layer(chance, said, lines, *marks), height=height, says=says)


def _points(table: KnoxTable, audience: str) -> pd.DataFrame:
    table, hidden = seen_by(table, audience)
    return pd.DataFrame(
        [
            {
                "distance": table.distance_labels[row],
                "days": table.time_labels[column],
                "ratio": float(table.ratio[row, column]),
                "reading": STANDS if table.stands[row, column] else CHANCE,
            }
            for row, column in np.ndindex(table.observed.shape)
            if row >= table.same_premises
            and not hidden[row, column]
            and np.isfinite(table.ratio[row, column])
            and column < len(SERIES)
        ]
    )
