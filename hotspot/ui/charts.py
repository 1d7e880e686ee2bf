"""Charts with one look: no frame, no vertical grid, zero base, numbers on the axis."""

from __future__ import annotations

import altair
import pandas as pd
import streamlit as st

INK, SECONDARY, HAIRLINE, NAVY, GREY = "#14212B", "#4A5863", "#E1E5E9", "#1D4E89", "#B4BEC6"
SERIES = ("#1D4E89", "#C75B00", "#5B6B77", "#5E3C99", "#2A7F86", "#8A6D1B")


def show(chart: altair.Chart | altair.LayerChart, *, height: int) -> None:
    """Draw a chart in the product's own look."""
    looked = (
        chart.properties(height=height)
        .configure(font="Source Sans, Source Sans Pro, sans-serif", background="#FFFFFF")
        .configure_view(strokeWidth=0)
        .configure_axis(labelFontSize=13, titleFontSize=13, labelColor=SECONDARY, titleColor=SECONDARY, titleFontWeight="normal", tickColor=SECONDARY)
        .configure_axisX(grid=False, domainColor=INK)
        .configure_axisY(gridColor=HAIRLINE, domain=False, ticks=False)
        .configure_legend(labelFontSize=13, title=None, orient="top", direction="horizontal", labelColor=INK)
    )
    st.altair_chart(looked, theme=None, width="stretch")


def monthly(counts: pd.DataFrame, groups: tuple[str, ...], *, height: int = 190) -> None:
    """Draw offences per month, one line per crime group, zero at the base."""
    frame = counts.assign(month=pd.to_datetime(counts["month"]))
    months = frame["month"].nunique()
    lines = (
        altair.Chart(frame)
        .mark_line(point=months < 40, strokeWidth=2)
        .encode(
            x=altair.X("month:T", title=None, axis=altair.Axis(format="%b %Y", labelOverlap=True, tickCount=min(months, 12))),
            y=altair.Y("offences:Q", title="offences a month", scale=altair.Scale(zero=True)),
            color=altair.Color("crime_group:N", scale=altair.Scale(domain=list(groups), range=list(SERIES[: len(groups)]))),
            tooltip=[altair.Tooltip("month:T", format="%B %Y", title="Month"), altair.Tooltip("crime_group:N", title="Type"), "offences:Q"],
        )
    )
    show(lines, height=height)
