"""Charts with one look: no frame, no vertical grid, zero base, numbers on the axis; each is also said in words and as a table."""

from __future__ import annotations

import html
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

INK, SECONDARY, HAIRLINE, NAVY, GREY = "#14212B", "#4A5863", "#E1E5E9", "#1D4E89", "#8A96A0"
SERIES = ("#1D4E89", "#C75B00", "#734465", "#5621A5", "#4D9D87", "#9A512A")
"""Lines of a chart: any two can be told apart whatever the sight, and each from ink (held by a test)."""


def show(chart: altair.Chart | altair.LayerChart, *, height: int, says: str, figures: pd.DataFrame | None = None) -> None:
    """Draw a chart in the product's own look, with what it shows for whoever does not see it.

    Parameters
    ----------
    says
        What is drawn, and where the figures are if not under the chart.
    figures
        The figures of the chart, as a table that opens under it; None where a table of the page has them.
    """
    looked = (
        chart.properties(height=height, description=says)
        .configure(font="Source Sans, Source Sans Pro, sans-serif", background="#FFFFFF")
        .configure_view(strokeWidth=0)
        # One picture with one description: two hundred points read out say nothing, and their figures are in the table.
        .configure_mark(aria=False)
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
    if figures is not None:
        st.html(_opening_table(figures))


def _opening_table(figures: pd.DataFrame) -> str:
    head = "".join(f'<th class="r">{html.escape(str(name))}</th>' for name in figures)
    body = "".join(
        "<tr>" + "".join(f'<td class="r">{html.escape(_cell(value))}</td>' for value in row) + "</tr>"
        for row in figures.itertuples(index=False)
    )
    return (
        '<details class="hs-figures"><summary>The figures of this chart</summary>'
        f'<table class="hs compact"><thead><tr>{head}</tr></thead><tbody>{body}</tbody></table></details>'
    )


def _cell(value: object) -> str:
    if isinstance(value, pd.Timestamp):
        return f"{value:%-d %b %Y}"
    if isinstance(value, float):
        return f"{value:,.2f}".removesuffix("0").removesuffix(".0") if math.isfinite(value) else "–"
    return str(value)


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
    show(
        altair.layer(lines, *rules(placed, marks)),
        height=height,
        says=f"Line chart of offences a month, {min(days):%B %Y} to {max(days):%B %Y}: {', '.join(groups)}.",
        figures=frame.pivot(index="month", columns="crime_group", values="offences").reset_index(names="Month"),
    )


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
    show(
        bars + line,
        height=height,
        says="Bar chart of pairs of offences by the weeks between them, with a line for what chance gives.",
        figures=frame.rename(columns={"week": "Weeks, up to"}),
    )


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
    show(
        altair.layer(*layers),
        height=height,
        says=f"Curve of the share of offences that each share of {places} holds"
        + ("." if baseline is None else ", with a band for what chance gives."),
        figures=_lorenz_figures(curve, baseline, places=places, last=last),
    )


def _lorenz_figures(curve: LorenzCurve, baseline: RandomBaseline | None, *, places: str, last: float) -> pd.DataFrame:
    at = np.linspace(0.0, last, 11)[1:]
    shares = {f"Share of {places}": at, "Share of offences": curve.held_by(at)}
    if baseline is not None:
        by_chance = (("from", baseline.low), ("mean", baseline.mean), ("to", baseline.high))
        shares |= {f"By chance, {name}": np.interp(at, baseline.share_of_places, values) for name, values in by_chance}
    return pd.DataFrame({name: [f"{share:.1%}" for share in values] for name, values in shares.items()})
