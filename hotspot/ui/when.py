"""Parts of the When page."""

from __future__ import annotations

import html
from collections.abc import Sequence

import numpy as np
import streamlit as st
from numpy.typing import NDArray

from hotspot.errors import NotKnowable
from hotspot.findings import when as when_findings
from hotspot.findings import when_series
from hotspot.findings.audience import COUNTS_HIDDEN, FORCE, is_small
from hotspot.findings.darkness import Darkness
from hotspot.findings.darkness import darkness as find_darkness
from hotspot.findings.events import Marks, groups_of
from hotspot.findings.slivers import months_tell
from hotspot.findings.when import (
    HoursFinding,
    ShownHours,
    bands_of_hours,
    breaks_of_hours,
    difference_note,
    shown_hours,
    ways_told,
)
from hotspot.findings.when_series import Series, SeriesFinding
from hotspot.maps import legend, palette
from hotspot.methods.aoristic import AORISTIC
from hotspot.offences.store import Store
from hotspot.selection import WEEKDAYS, Selection
from hotspot.ui import cached, events, links, page, when_charts
from hotspot.ui.keeping import kept

MONTHS, WEEKS = "By month", "By week"
_WAY_NAMES = {AORISTIC: "Spread (aoristic)", "midpoint": "Midpoint", "start": "Start", "end": "End"}
_DARK_BANDS = 3
"""Bands of the palette from here on need white figures."""


@kept
def hours(data: cached.DataKey, selection: Selection) -> HoursFinding | None:
    """Keep the hours of a selection; None where the data do not know them."""
    try:
        return when_findings.hours_finding(cached.select(data, selection, when_findings.COLUMNS))
    except NotKnowable:
        return None


@kept
def darkness(data: cached.DataKey, selection: Selection) -> Darkness | None:
    """Keep how many burglaries fell in the dark; None for other offences and where the hours are not known."""
    if hours(data, selection) is None:
        return None
    return find_darkness(cached.select(data, selection, when_findings.COLUMNS))


@kept
def series(data: cached.DataKey, selection: Selection) -> SeriesFinding:
    """Keep the months and weeks of a selection's place; every period has the same."""
    return when_series.series_finding(Store(data.folder), selection, scope=data.scope)


def head(data: cached.DataKey, chosen: Selection, audience: str) -> None:
    """Say at what hours offences fall, or in one sentence why that is not known."""
    finding = hours(data, chosen)
    if finding is not None:
        page.header(chosen.title(), *when_findings.told_of_hours(finding, public=audience != FORCE))
        return
    try:
        when_findings.check_hours(cached.select(data, chosen, when_findings.COLUMNS))
    except NotKnowable as refusal:
        page.header(chosen.title(), refusal.headline, str(refusal))


def grid(finding: HoursFinding, dark: Darkness | None, audience: str) -> None:
    """Draw the hours of the week as a table, with what another way of counting would do to it."""
    switch_side, note_side = st.columns([1, 1.15], gap="medium", vertical_alignment="center")
    with switch_side:
        way = _way(ways_told(finding, public=audience != FORCE))
    note_side.html(f'<div class="hs-note">{html.escape(difference_note(finding, way))}</div>')
    weights = finding.ways[way].weights
    if not weights.any():
        return
    shown = shown_hours(weights, public=audience != FORCE)
    breaks = breaks_of_hours(np.where(shown.visible, weights.reshape(shown.visible.shape), 0.0))
    if not shown.tells:
        st.html(f'<p class="hs-note">{COUNTS_HIDDEN}</p>')
        return
    st.html(_table(shown, bands_of_hours(weights, breaks), finding.chosen, _WAY_NAMES[way], dark))
    key_side, dark_side = st.columns([1, 1.15], gap="medium")
    if shown.visible.any():
        key_side.html(legend.table_legend(breaks, "Offences an hour of the week, over the period"))
    else:
        key_side.html(f'<div class="hs-note">{COUNTS_HIDDEN}</div>')
    if dark is not None:
        dark_side.html(f'<div class="hs-note">{html.escape(_dark_words(dark))}</div>')


def _way(ways: Sequence[str]) -> str:
    chosen = links.widget(
        st.segmented_control,
        "Each offence counts",
        name="way",
        default=AORISTIC,
        read=str,
        options=list(ways),
        format_func=_WAY_NAMES.__getitem__,
        label_visibility="collapsed",
    )
    return chosen or AORISTIC


def _table(shown: ShownHours, bands: NDArray[np.int64], chosen: NDArray[np.bool_], way: str, dark: Darkness | None) -> str:
    heads = "".join(f'<th scope="col">{hour:02d}</th>' for hour in range(24))
    rows = ""
    for day, name in enumerate(WEEKDAYS):
        cells = "".join(
            _cell(str(shown.cells[day, hour]), int(bands[day, hour]), bool(shown.visible[day, hour]))
            if chosen[day, hour]
            else "<td></td>"
            for hour in range(24)
        )
        rows += f'<tr><th scope="row">{name}</th>{cells}<td class="all">{shown.by_day[day]}</td></tr>'
    by_hour = "".join(
        f"<td>{_short(str(total)) if is_chosen else ''}</td>"
        for total, is_chosen in zip(shown.by_hour, chosen.any(axis=0), strict=True)
    )
    return (
        f'<table class="hs-hours"><caption>Offences by day and hour, {html.escape(way.lower())}</caption>'
        f'<thead>{_strip(dark)}<tr><td></td>{heads}<th class="all">All</th></tr></thead><tbody>{rows}'
        f'<tr class="total"><th scope="row">All days</th>{by_hour}<td class="all">{shown.total}</td></tr></tbody></table>'
    )


def _cell(text: str, band: int, visible: bool) -> str:
    if not visible:
        return f'<td class="hidden" title="hidden">{_short(text)}</td>'
    if band < 0:
        return "<td>0</td>"
    ink = "#FFFFFF" if band >= _DARK_BANDS else palette.INK
    return f'<td style="background:{palette.DENSITY[band]};color:{ink}">{text}</td>'


def _short(text: str) -> str:
    return "·" if text == "hidden" else html.escape(text)


def _strip(dark: Darkness | None) -> str:
    """Draw the hours of darkness above those of the clock: dark throughout the period, and dark for a part of it."""
    if dark is None:
        return ""
    first_rise, last_rise, first_set, last_set = dark.band
    pieces = ((0.0, first_rise, "dark"), (first_rise, last_rise, "part"), (first_set, last_set, "part"), (last_set, 24.0, "dark"))
    bars = "".join(
        f'<i class="{kind}" style="left:{100 * start / 24:.2f}%;width:{100 * (end - start) / 24:.2f}%"></i>'
        for start, end, kind in pieces
    )
    return f'<tr class="sun"><th scope="row">Dark</th><td colspan="24"><div>{bars}</div></td><td></td></tr>'


def _dark_words(dark: Darkness) -> str:
    rise, last_rise, first_set, last_set = (_minute(hour) for hour in dark.band)
    return (
        f"Dark: black throughout the period, grey for a part of it. Sunset from {first_set} to {last_set}, sunrise from {rise} "
        f"to {last_rise}, by the local clock at the centre of the area."
    )


def _minute(hour: float) -> str:
    minutes = round(60 * hour)
    return f"{minutes // 60:02d}:{minutes % 60:02d}"


def hides_months(finding: SeriesFinding, hours: HoursFinding | None, audience: str) -> bool:
    """Say whether the months tell the audience a small count: their own, or that of the days by which the period cuts one."""
    if audience == FORCE:
        return False
    counted = [] if hours is None else [(hours.counted, hours.selected.selection.period)]
    return _has_small(finding.months) or months_tell(counted, finding.months.start, finding.months.counts)


def over_time(finding: SeriesFinding, audience: str, *, hidden: bool) -> None:
    """Draw the months, or for the force the weeks, of all the data with what would be usual.

    Weeks beside months would tell the public the offences of the days by which the two differ.
    """
    title_side, switch_side = st.columns([1.7, 1], vertical_alignment="center")
    with title_side:
        page.section("Over time", f"All the data. {finding.expected_words}")
    unit = MONTHS
    if finding.weeks is not None and audience == FORCE:
        with switch_side:
            unit = links.widget(
                st.segmented_control,
                "Unit",
                name="series",
                default=MONTHS,
                read=str,
                options=[MONTHS, WEEKS],
                label_visibility="collapsed",
            )
    found = finding.weeks if unit == WEEKS and finding.weeks is not None else finding.months
    if hidden:
        st.html(f'<p class="hs-note">{COUNTS_HIDDEN}</p>')
        return
    marks = _marks(finding)
    when_charts.series(found, marks.shown)
    if found.start:
        events.told(marks, found.start[0], found.end)


def _marks(finding: SeriesFinding) -> Marks:
    chosen = finding.selection
    return events.marks(chosen, groups=groups_of(chosen.crime_type), breaks=finding.breaks)


def sunset(dark: Darkness | None, audience: str) -> None:
    """Say how many burglaries fell in the dark, and draw the sunset through the period."""
    if dark is None:
        return
    share = dark.share
    unsure = share.offences - share.surely_dark - share.surely_light
    hidden = audience != FORCE and any(is_small(count) for count in (share.surely_dark, share.surely_light, unsure))
    page.section("Sunset and sunrise", COUNTS_HIDDEN if hidden else dark.sentence)
    with_hours = bool(dark.months) and (audience == FORCE or not any(is_small(count) for count in dark.by_month.ravel()))
    when_charts.darkness(dark, with_hours=with_hours)
    if with_hours:
        st.html(legend.table_legend(breaks_of_hours(dark.by_month), "Burglaries an hour of the clock, by month"))
    detail = "" if hidden else html.escape(dark.detail)
    st.html(f'<div class="hs-note">Lines: sunrise and sunset. {detail}</div>')


def control_chart(finding: SeriesFinding, audience: str, *, hidden: bool) -> None:
    """Draw which months lie outside their usual variation, or say what that needs.

    Parameters
    ----------
    hidden
        A table beside it hides a count that the months would add up to, or tells one that they would take apart.
    """
    if hidden or (audience != FORCE and _has_small(finding.months)):
        page.section("Control chart", COUNTS_HIDDEN)
        return
    page.section("Control chart", f"{finding.headline}.")
    if finding.chart.limits:
        when_charts.control(finding, _marks(finding).shown)
    st.html(f'<div class="hs-note">{html.escape(" ".join(finding.notes))}</div>')


def _has_small(found: Series) -> bool:
    return any(is_small(count) for count in found.counts)


def foot(data: cached.DataKey, chosen: Selection, audience: str) -> None:
    """Close the page: how it was counted, what was left out."""
    finding = hours(data, chosen)
    if finding is not None and audience == FORCE:
        page.method_notes(finding.notes)
    page.footer(cached.select(data, chosen, when_findings.COLUMNS))
