"""Charts with one look: no frame, no vertical grid, zero base, numbers on the axis."""

from __future__ import annotations

import math
from datetime import date

import altair
import numpy as np
import pandas as pd
import streamlit as st

from hotspot.findings.events import Mark
from hotspot.methods.concentration import LorenzCurve, RandomBaseline
from hotspot.methods.time_course import TimeCourse
from hotspot.period import add_months
from hotspot.ui.event_rules import labels, room_above, rules

INK, SECONDARY, HAIRLINE, NAVY, GREY = "#14212B", "#4A5863", "#E1E5E9", "#1D4E89", "#B4BEC6"
SERIES = ("#1D4E89", "#C75B00", "#5B6B77", "#5E3C99", "#2A7F86", "#8A6D1B")


def show(chart: altair.Chart | altair.LayerChart, *, height: int) -> None:
    """Draw a chart in the product's own look."""
    looked = (
        chart.properties(height=height)
        .configure(font="Source Sans, Source Sans Pro, sans-serif", background="#FFFFFF")
        .configure_view(strokeWidth=0)
        .configure_axis(
            labelFontSize=13,
            titleFontSize=13,
            labelColor=SECONDARY,
            titleColor=SECONDARY,
            titleFontWeight="normal",
            tickColor=SECONDARY,
        )
        .configure_axisX(grid=False, domainColor=INK)
        .configure_axisY(gridColor=HAIRLINE, domain=False, ticks=False)
        .configure_legend(labelFontSize=13, title=None, orient="top", direction="horizontal", labelColor=INK)
    )
    st.altair_chart(looked, theme=None, width="stretch")


TREND_WIDTH = 780
"""Pixels across the chart of a trend over the whole page, on the smallest screen."""


def monthly(counts: pd.DataFrame, groups: tuple[str, ...], marks: tuple[Mark, ...] = (), *, height: int = 190) -> None:
    """Draw offences per month, one line per crime group, zero at the base, and the marked days."""
    frame = counts.assign(month=pd.to_datetime(counts["month"]))
    months = frame["month"].nunique()
    days = [day.date() for day in frame["month"]] or [date.min]
    placed = labels(marks, min(days), add_months(max(days), 1), width=TREND_WIDTH)
    highest, height = room_above(placed, low=0.0, high=float(frame["offences"].max()) if months else 1.0, height=height)
    lines = (
        altair.Chart(frame)
        .mark_line(point=months < 40, strokeWidth=2)
        .encode(
            x=altair.X("month:T", title=None, axis=altair.Axis(format="%b %Y", labelOverlap=True, tickCount=min(months, 12))),
            y=altair.Y("offences:Q", title="offences a month", scale=altair.Scale(domain=[0, highest], nice=True)),
            color=altair.Color("crime_group:N", scale=altair.Scale(domain=list(groups), range=list(SERIES[: len(groups)]))),
            tooltip=[
                altair.Tooltip("month:T", format="%B %Y", title="Month"),
                altair.Tooltip("crime_group:N", title="Type"),
                "offences:Q",
            ],
        )
    )
    show(altair.layer(lines, *rules(placed, marks)), height=height)


def time_course(course: TimeCourse, *, height: int = 230) -> None:
    """Draw pairs by the weeks between them: navy where clearly more than chance, else grey; the line is chance."""
    frame = pd.DataFrame(
        {
            "week": [band.upper / 7 for band in course.bands],
            "pairs": [band.observed for band in course.bands],
            "expected": [band.expected for band in course.bands],
            "observed / expected": [
                "no pair expected" if math.isnan(band.ratio) else f"{band.ratio:.1f} ({band.low:.1f} to {band.high:.1f})"
                for band in course.bands
            ],
            "reading": ["More than chance" if band.above_chance else "Within chance" for band in course.bands],
        }
    )
    x = altair.X("week:O", title="weeks since the last offence", axis=altair.Axis(values=[1, 4, 8, 12, 16, 20, 26], labelAngle=0))
    bars = (
        altair.Chart(frame)
        .mark_bar(size=8)
        .encode(
            x=x,
            y=altair.Y("pairs:Q", title=None, scale=altair.Scale(zero=True)),
            color=altair.Color("reading:N", scale=altair.Scale(domain=["More than chance", "Within chance"], range=[NAVY, GREY])),
            tooltip=["week:O", "pairs:Q", altair.Tooltip("expected:Q", format=".1f"), "observed / expected:N", "reading:N"],
        )
    )
    line = altair.Chart(frame).mark_line(color=INK, strokeWidth=2).encode(x=x, y="expected:Q")
    show(bars + line, height=height)


def lorenz(curve: LorenzCurve | None, baseline: RandomBaseline | None, *, places: str, height: int = 260) -> None:
    """Draw the share of offences that the most offended places hold, with what chance gives."""
    if curve is None:
        st.html('<p class="hs-note">No offence of this selection carries a reference.</p>')
        return
    # Beyond the last place with an offence the curve is flat: with every household at risk that is nearly all of the chart.
    last = min(1.0, 1.25 * float(curve.share_of_places[np.argmax(curve.share_of_offences >= 0.999)]))
    x = altair.X(
        "places:Q",
        title=f"share of {places}, most offences first",
        axis=altair.Axis(format=".1%"),
        scale=altair.Scale(domain=[0, last]),
    )
    y = altair.Y("offences:Q", title="share of offences", axis=altair.Axis(format="%"), scale=altair.Scale(domain=[0, 1]))
    at = np.linspace(0.0, last, 200)
    observed = pd.DataFrame({"places": at, "offences": curve.held_by(at)})
    layers = [altair.Chart(observed).mark_line(color=NAVY, strokeWidth=2.5).encode(x=x, y=y)]
    if baseline is not None:
        band = {name: np.interp(at, baseline.share_of_places, getattr(baseline, name)) for name in ("low", "high", "mean")}
        chance = altair.Chart(pd.DataFrame({"places": at, **band}))
        layers.insert(0, chance.mark_line(color=INK, strokeDash=[4, 3]).encode(x=x, y="mean:Q"))
        layers.insert(0, chance.mark_area(color=GREY, opacity=0.8).encode(x=x, y="low:Q", y2="high:Q"))
    show(altair.layer(*layers), height=height)
