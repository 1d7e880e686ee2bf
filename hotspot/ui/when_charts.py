"""Charts of the When page: the series, the control chart, and burglaries against the sunset."""

from __future__ import annotations

import math
from datetime import date, timedelta

import altair
import numpy as np
import pandas as pd

from hotspot.findings.darkness import Darkness
from hotspot.findings.events import Mark
from hotspot.findings.when import BANDS, bands_of_hours, breaks_of_hours
from hotspot.findings.when_series import Series, SeriesFinding
from hotspot.maps import palette
from hotspot.methods.control_chart import RATIO
from hotspot.period import add_months
from hotspot.ui.charts import GREY, INK, NAVY, SECONDARY, show
from hotspot.ui.event_rules import labels, room_above, rules

OBSERVED, NOT_COMPLETE = "Offences", "Provisional"
STANDS_OUT, USUAL, PROVISIONAL = "Outside the usual", "Usual", "Provisional"


WIDTH = 400
"""Pixels across a chart of the page's narrower column, on the smallest screen."""


def series(found: Series, marks: tuple[Mark, ...], *, height: int = 160) -> None:
    """Draw offences by month or week, zero at the base, with the expected line; the last, not complete yet, are hollow."""
    frame = pd.DataFrame(
        {
            "start": pd.to_datetime(list(found.start)),
            "offences": found.counts,
            "expected": found.expected,
            "reading": np.where(found.provisional, NOT_COMPLETE, OBSERVED),
        }
    )
    x = _time(found.start)
    placed = labels(marks, found.start[0], found.end, width=WIDTH) if found.start else ()
    usual = found.expected[np.isfinite(found.expected)]
    highest = max([1.0, *found.counts, *usual])
    highest, height = room_above(placed, low=0.0, high=highest, height=height)
    domain = [0.0, highest]
    y = altair.Y("offences:Q", title=f"offences a {found.unit}", scale=altair.Scale(domain=domain, nice=True))
    tips = [
        altair.Tooltip("start:T", title=f"{found.unit.capitalize()} of", format="%-d %B %Y"),
        altair.Tooltip("offences:Q", format=",.0f"),
        altair.Tooltip("expected:Q", format=",.1f"),
    ]
    base = altair.Chart(frame)
    size = 26 if found.unit == "month" else 12
    layers = [
        base.mark_line(color=NAVY, strokeWidth=1.5).encode(x=x, y=y),
        base.transform_filter("isValid(datum.expected)")
        .mark_line(color=INK, strokeWidth=1.5, strokeDash=[5, 3])
        .encode(x=x, y="expected:Q"),
        _points(base, x, y, tips, domain=[OBSERVED, NOT_COMPLETE], fill=[NAVY, "#FFFFFF"], size=size),
    ]
    figures = frame.rename(columns={"start": f"{found.unit.capitalize()} of", "reading": "complete?"})
    figures["complete?"] = np.where(found.provisional, "provisional", "yes")
    show(
        altair.layer(*layers, *rules(placed, marks)),
        height=height,
        says=f"Line chart of offences a {found.unit}, with a dashed line for what is usual.",
        figures=figures,
    )


def control(finding: SeriesFinding, marks: tuple[Mark, ...], *, height: int = 210) -> None:
    """Draw the charted months with mean and limits: navy where a rule marks them, grey where not, hollow where provisional."""
    chart = finding.chart
    months = [month for month in chart.months if np.isfinite(month.value)]
    readings = [PROVISIONAL if one.provisional else STANDS_OUT if one.signal else USUAL for one in months]
    frame = pd.DataFrame(
        {
            "start": pd.to_datetime([one.month for one in months]),
            "value": [one.value for one in months],
            "offences": [one.count for one in months],
            "reading": readings,
            "rule": [one.signal or "none" for one in months],
        }
    )
    limits = pd.DataFrame(
        {
            "from": pd.to_datetime([one.first for one in chart.limits]),
            "to": pd.to_datetime([add_months(one.last, 1) - timedelta(days=1) for one in chart.limits]),
            **{name: [getattr(one, name) for one in chart.limits] for name in ("mean", "low", "high")},
        }
    )
    starts = tuple(one.month for one in months)
    x = _time(starts)
    title = "ratio to earlier years" if chart.measure == RATIO else "offences per day"
    placed = labels(marks, starts[0], add_months(starts[-1], 1), width=WIDTH)
    spread = [*frame["value"], *limits["low"], *limits["high"]]
    lowest, highest = min(spread), max(spread)
    highest, height = room_above(placed, low=lowest, high=highest, height=height)
    domain = [lowest, highest]
    y = altair.Y("value:Q", title=title, scale=altair.Scale(zero=False, domain=domain, nice=True))
    tips = [
        altair.Tooltip("start:T", title="Month", format="%B %Y"),
        altair.Tooltip("value:Q", format=".3f"),
        altair.Tooltip("offences:Q", format=",.0f"),
        "rule:N",
    ]
    spans = altair.Chart(limits)
    base = altair.Chart(frame)
    layers = [
        spans.mark_rect(color="#EEF1F4").encode(x="from:T", x2="to:T", y="low:Q", y2="high:Q"),
        *(
            spans.mark_rule(color=INK, strokeDash=dash).encode(x="from:T", x2="to:T", y=f"{name}:Q")
            for name, dash in (("mean", [1, 0]), ("low", [4, 3]), ("high", [4, 3]))
        ),
        base.mark_line(color=GREY, strokeWidth=1.5).encode(x=x, y=y),
        _points(base, x, y, tips, domain=[STANDS_OUT, USUAL, PROVISIONAL], fill=[NAVY, GREY, "#FFFFFF"], size=48),
    ]
    show(
        altair.layer(*layers, *rules(placed, marks)),
        height=height,
        says=f"Control chart, {title} by month, with the mean and the limits of the usual; {readings.count(STANDS_OUT)} outside.",
        figures=_control_figures(frame, limits).rename(columns={"start": "Month of", "value": title}),
    )


def _control_figures(months: pd.DataFrame, limits: pd.DataFrame) -> pd.DataFrame:
    """Put the limits beside the months that lie between them."""
    beside = pd.merge_asof(months, limits.astype({"from": months["start"].dtype}), left_on="start", right_on="from")
    beside.loc[~(beside["start"] <= beside["to"]), ["mean", "low", "high"]] = np.nan
    return beside.drop(columns=["from", "to"])


def darkness(found: Darkness, *, with_hours: bool, height: int = 230) -> None:
    """Draw sunset and sunrise through the period, over the hours of burglaries by month."""
    y = altair.Y(
        "hour:Q",
        title=None,
        scale=altair.Scale(domain=[0, 24], reverse=True),
        axis=altair.Axis(values=[0, 6, 12, 18, 24], labelExpr="datum.value + ':00'"),
    )
    layers = [_hours_by_month(found, y)] if with_hours and found.months else []
    days = range(0, len(found.sun.sunset), max(1, len(found.sun.sunset) // 180))
    lines = pd.DataFrame(
        [
            {"day": pd.Timestamp(found.sun.first_day + timedelta(days=day)), "hour": values[day] / 3_600, "what": what}
            for what, values in (("Sunrise", found.sun.sunrise), ("Sunset", found.sun.sunset))
            for day in days
        ]
    )
    x = altair.X("day:T", title=None, axis=altair.Axis(format="%b %y", labelOverlap=True, tickCount=6))
    for width, colour in ((4.5, "#FFFFFF"), (2, INK)):
        layers.append(
            altair.Chart(lines).mark_line(color=colour, strokeWidth=width).encode(x=x, y=y, detail="what:N", tooltip=["what:N"])
        )
    show(
        altair.layer(*layers),
        height=height,
        says="Lines of sunset and sunrise through the period"
        + (", over burglaries by month and hour." if len(layers) > 2 else "."),
        figures=_dark_figures(found, with_hours=with_hours),
    )


def _dark_figures(found: Darkness, *, with_hours: bool) -> pd.DataFrame:
    """Give sunrise and sunset at the start of each month, and the burglaries of each hour."""
    last = found.sun.first_day + timedelta(days=len(found.sun.sunset) - 1)
    starts = [found.sun.first_day]
    while (following := add_months(starts[-1].replace(day=1), 1)) <= last:
        starts.append(following)
    days = [(start - found.sun.first_day).days for start in starts]
    rows = {"From": pd.to_datetime(starts)}
    for name, seconds in (("Sunrise", found.sun.sunrise), ("Sunset", found.sun.sunset)):
        rows[name] = [f"{int(seconds[day]) // 3_600:02d}:{int(seconds[day]) % 3_600 // 60:02d}" for day in days]
    if with_hours:
        by_month = dict(zip(found.months, found.by_month, strict=True))
        none = np.full(24, np.nan)
        hours = np.array([by_month.get(start.replace(day=1), none) for start in starts])
        rows |= {f"{hour:02d}": hours[:, hour] for hour in range(24)}
    return pd.DataFrame(rows)


def _hours_by_month(found: Darkness, y: altair.Y) -> altair.Chart:
    bands = bands_of_hours(found.by_month, breaks_of_hours(found.by_month))
    cells = pd.DataFrame(
        [
            {
                "from": pd.Timestamp(month),
                "to": pd.Timestamp(add_months(month, 1)),
                "hour": hour,
                "until": hour + 1,
                "burglaries": count,
                "band": max(int(bands[row, hour]), 0),
            }
            for row, month in enumerate(found.months)
            for hour, count in enumerate(found.by_month[row])
        ]
    )
    colour = altair.Color("band:O", legend=None, scale=altair.Scale(domain=list(range(BANDS)), range=list(palette.DENSITY)))
    tips = [altair.Tooltip("from:T", title="Month", format="%B %Y"), "hour:Q", altair.Tooltip("burglaries:Q", format=".1f")]
    return altair.Chart(cells).mark_rect().encode(x="from:T", x2="to:T", y=y, y2="until:Q", color=colour, tooltip=tips)


def _time(starts: tuple[date, ...]) -> altair.X:
    months = sorted({start.replace(day=1) for start in starts})
    named = months[:: max(1, math.ceil(len(months) / 6))]
    values = [altair.DateTime(year=month.year, month=month.month, date=1) for month in named]
    axis = altair.Axis(format="%b %Y", values=values, labelOverlap=True)
    return altair.X("start:T", title=None, axis=axis, scale=altair.Scale(padding=8))


def _points(
    base: altair.Chart, x: altair.X, y: altair.Y, tips: list, *, domain: list[str], fill: list[str], size: int
) -> altair.Chart:
    return base.mark_point(filled=True, size=size, stroke=SECONDARY, strokeWidth=1, opacity=1).encode(
        x=x, y=y, tooltip=tips, fill=altair.Fill("reading:N", scale=altair.Scale(domain=domain, range=fill))
    )
