"""The card of the When page: the hours of the week, else the months."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from pathlib import Path

import numpy as np

from hotspot.errors import NotKnowable
from hotspot.export.card_parts import Asked, Drawn, Said, ask, card, counted_figure, drawn_table
from hotspot.export.cards import CardContent, Figure
from hotspot.findings.audience import COUNTS_HIDDEN, is_small
from hotspot.findings.darkness import Darkness, darkness
from hotspot.findings.selected import SelectedOffences
from hotspot.findings.when import (
    COLUMNS,
    HoursFinding,
    ShownHours,
    bands_of_hours,
    breaks_of_hours,
    difference_note,
    hours_finding,
    shown_hours,
    told_of_hours,
)
from hotspot.findings.when_series import SeriesFinding, series_finding
from hotspot.findings.words import quantity
from hotspot.maps import palette
from hotspot.methods.aoristic import AORISTIC, WAYS
from hotspot.offences.store import Scope
from hotspot.selection import WEEKDAYS

MOST_MONTHS = 24
WAY_NAMES = {AORISTIC: "Spread (aoristic)", "midpoint": "Midpoint", "start": "Start", "end": "End"}


def content(folder: Path, query: Mapping[str, str], *, scope: Scope, progress: Callable[[float, str], None]) -> CardContent:
    """Run the When page; parameters as in ``cards.content``."""
    progress(0.1, "Reading the offences")
    asked = ask(folder, query, scope=scope)
    selected = asked.select(extra_columns=COLUMNS)
    months = series_finding(asked.store, asked.selection, scope=scope)
    progress(0.5, "Counting the hours")
    try:
        hours = hours_finding(selected)
    except NotKnowable as refusal:
        said = _said_of_months(asked, months, (refusal.headline, str(refusal)))
        return card(asked, "when", selected, said, drawn_table(asked, said, selected))
    way = asked.setting("way", AORISTIC, str, among=tuple(WAYS))
    shown = shown_hours(hours.ways[way].weights, public=not asked.is_for_force)
    said = _said_of_hours(asked, hours, shown, way, _notes_on_months(asked, months), darkness(selected))
    return card(asked, "when", selected, said, _drawn(asked, said, selected, hours, shown, way))


def _said_of_hours(
    asked: Asked, hours: HoursFinding, shown: ShownHours, way: str, months: tuple[str, ...], dark: Darkness | None
) -> Said:
    headline, subline = told_of_hours(hours, public=not asked.is_for_force)
    quarters = ((0, 6), (6, 12), (12, 18), (18, 24))
    tells = shown.tells
    rows = [(name, str(shown.by_day[day])) for day, name in enumerate(WEEKDAYS)] if tells else []
    figures = [counted_figure(asked, hours.selected)] if asked.is_for_force else []
    if asked.is_for_force:
        by_hour = hours.ways[way].weights.reshape(7, 24).sum(axis=0)
        figures += [
            Figure(f"{first:02d}:00 to {end:02d}:00", quantity(round(by_hour[first:end].sum(), 1))) for first, end in quarters
        ]
    if dark is not None and not (not asked.is_for_force and _is_dark_small(dark)):
        months = (*months, dark.sentence)
    return Said(
        kicker=asked.selection.title(),
        headline=headline,
        subline=subline,
        sentence=f"{headline}. {subline}",
        figures=tuple(figures),
        head=("Day", f"Offences, {WAY_NAMES[way].lower()}") if rows else (),
        rows=tuple(rows),
        notes=(difference_note(hours, way), *(hours.notes if asked.is_for_force else ()), *months),
    )


def _is_dark_small(dark: Darkness) -> bool:
    share = dark.share
    unsure = share.offences - share.surely_dark - share.surely_light
    return any(is_small(count) for count in (share.surely_dark, share.surely_light, unsure))


def _drawn(asked: Asked, said: Said, selected: SelectedOffences, hours: HoursFinding, shown: ShownHours, way: str) -> Drawn:
    """Draw the hours of the week in the colours of the page; nothing where nothing of it may be told."""
    weights = hours.ways[way].weights
    if not weights.any() or not shown.tells:
        return Drawn()
    visible = np.where(shown.visible, weights.reshape(7, 24), 0.0)
    bands = bands_of_hours(weights, breaks_of_hours(visible)).reshape(7, 24)
    chosen, rows, fills = hours.chosen, [], []
    for day, name in enumerate(WEEKDAYS):
        cells = [_short(str(shown.cells[day, hour])) if chosen[day, hour] else "" for hour in range(24)]
        rows.append([name, *cells, _short(str(shown.by_day[day]))])
        coloured = [
            palette.DENSITY[bands[day, hour]] if shown.visible[day, hour] and chosen[day, hour] and bands[day, hour] >= 0 else ""
            for hour in range(24)
        ]
        fills.append(["", *coloured, ""])
    rows.append(["All days", *(_short(str(total)) for total in shown.by_hour), shown.total])
    fills.append([""] * 26)
    head = ["", *(f"{hour:02d}" for hour in range(24)), "All"]
    return drawn_table(asked, said, selected, head=head, rows=rows, fills=fills)


def _short(text: str) -> str:
    return "·" if text == "hidden" else text


def _notes_on_months(asked: Asked, months: SeriesFinding) -> tuple[str, ...]:
    """Say which months stand out; to the public only where no month holds a small count."""
    if not asked.is_for_force and any(is_small(count) for count in months.months.counts):
        return ()
    return (f"By month: {months.headline}.",)


def _said_of_months(asked: Asked, months: SeriesFinding, refused: tuple[str, str]) -> Said:
    """Say the months where the hour is not known."""
    hidden = not asked.is_for_force and any(is_small(count) for count in months.months.counts)
    counted = list(zip(months.months.start, months.months.counts, strict=True))[-MOST_MONTHS:]
    told = COUNTS_HIDDEN if hidden else f"{months.headline}."
    return Said(
        kicker=asked.selection.title(),
        headline=refused[0],
        subline=refused[1],
        sentence=f"{refused[1]} By month: {told}",
        head=() if hidden else ("Month", "Offences"),
        rows=() if hidden else tuple((f"{month:%B %Y}", quantity(count)) for month, count in counted),
        notes=(told, *(() if hidden else months.notes)),
    )
