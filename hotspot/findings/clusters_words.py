"""What is said of clusters and of emerging hotspots: headlines, figures, the null hypothesis, cautions."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from hotspot import crime_types
from hotspot.findings.cluster_cells import COARSE, LEAST_HELD, USED, USED_MONTHS, ClusterSettings
from hotspot.findings.selected import SelectedOffences
from hotspot.findings.words import number_word, quantity
from hotspot.methods.emerging import HISTORICAL, Emerging
from hotspot.methods.gi_star import GiStar
from hotspot.methods.rates import ALPHA
from hotspot.methods.units import Units
from hotspot.period import Period, add_months
from hotspot.selection import join_words

LONGEST = 80
"""Characters of a headline."""
MANY_TOGETHER = 5
"""So few permutations that more cells than this must stand out together earn a note."""


@dataclass(frozen=True, eq=False)
class GiFigures:
    """What the words of a map of clusters are made of."""

    selected: SelectedOffences
    settings: ClusterSettings
    result: GiStar
    listed: int
    smaller: int
    held: float
    total: float


def gi_headline(said: GiFigures, largest: str) -> str:
    """Say how many clusters stand after correction, and where the largest is."""
    what = crime_types.counted(said.selected.selection.crime_type, 2)
    if said.selected.count == 0:
        return f"No {what} in this selection"
    if not said.listed:
        return _nothing_listed(said, what)
    clusters = f"{number_word(said.listed)} cluster{'' if said.listed == 1 else 's'}"
    share = (
        f"{clusters[0].upper()}{clusters[1:]} hold{'s' if said.listed == 1 else ''} {_percent(said.held / said.total)} of {what}"
    )
    long = f"{share}, {'' if said.listed == 1 else 'most '}in {largest.split(',')[0]}"
    return long if len(long) <= LONGEST else share


def _nothing_listed(said: GiFigures, what: str) -> str:
    """Tell an absence of clusters from a test that could not have shown one, and from clusters too small to be listed."""
    if said.smaller:
        return f"No cluster of {LEAST_HELD} or more {what} stands out from chance"
    if needed_together(said.settings.permutations, said.result.n) > MANY_TOGETHER:
        return f"{said.settings.permutations:,} permutations are too few to say where {what} cluster"
    return f"No cluster of {what} stands out from chance"


def needed_together(permutations: int, tested: int) -> int:
    """Count the cells that must have the least possible p for any to stand after correction; 0 by the normal curve."""
    return math.ceil(2 * tested / ((permutations + 1) * ALPHA)) if permutations else 0


def gi_subline(said: GiFigures) -> str:
    """Say the counts behind the headline and what was tested at once."""
    tested = f"{said.result.n:,} {said.settings.shape} of {said.settings.cell_size:g} m tested together"
    if not said.listed:
        found = f"{said.smaller} smaller ones are on the map alone" if said.smaller else "none stands after correction"
        return f"{quantity(said.total)} offences with a location; {tested}, {found}."
    area = f"{quantity(said.held)} of {quantity(said.total)} offences with a location"
    smaller = f"; {said.smaller} smaller ones are on the map alone" if said.smaller else ""
    return f"{area} lie in them; {tested}{smaller}."


def gi_null(said: GiFigures) -> str:
    """State n, the null hypothesis and how p was found."""
    result, settings = said.result, said.settings
    return (
        f"{tested_words(said.selected, settings, result.units, result.n)} were tested together (Benjamini–Hochberg, "
        f"q < {ALPHA:g}), {neighbours_words(settings)}, {how_words(settings)}. "
        "Null hypothesis: the counts lie among these cells in any order. This tells clustering of counts, not risk."
    )


def tested_words(selected: SelectedOffences, settings: ClusterSettings, units: Units, tested: int) -> str:
    """Say which cells were tested, and how many: 'All 17,214 hexagons', '4,512 of 17,214 hexagons, those with …'."""
    cells = f"{settings.shape} of {settings.cell_size:g} m"
    if tested == len(units) and settings.cells != USED:
        return f"All {tested:,} {cells}"
    end = min(selected.selection.period.end, selected.facts.end)
    start = max(add_months(selected.selection.period.end, -USED_MONTHS), selected.facts.first_day)
    since = f" from {Period(start, end).label_in_days()}" if start < end else ""
    return f"{tested:,} of {len(units):,} {cells}, those with any recorded offence{since},"


def neighbours_words(settings: ClusterSettings) -> str:
    """Say what a cell's neighbours are."""
    return f"each with the cells whose middle lies within {settings.reach:,.10g} m"


def how_words(settings: ClusterSettings) -> str:
    """Say how p was found."""
    if settings.permutations == 0:
        return "by the normal curve"
    return f"by {settings.permutations:,} permutations (seed {settings.seed})"


def emerging_headline(selected: SelectedOffences, places: Mapping[str, int]) -> str:
    """Say how many places are hotspots of which kind at the end."""
    what = crime_types.counted(selected.selection.crime_type, 2)
    if selected.count == 0:
        return f"No {what} in this selection"
    current = {category: count for category, count in places.items() if category != HISTORICAL}
    if not current:
        return f"No place is a hotspot of {what} at the end of the period"
    parts = [f"{count:,} {category}" for category, count in current.items()]
    listed = f"Hotspots of {what}: {join_words(parts)}"
    if len(listed) <= LONGEST:
        return listed
    few = sorted(current, key=lambda category: -current[category])[:3]
    return f"Hotspots of {what}: {join_words([part for part in parts if part.split()[1] in few])}"[:LONGEST]


def emerging_subline(result: Emerging, slices: Sequence[Period]) -> str:
    """Say through how many slices, and how many cells were ever a hotspot."""
    ever, last = int((result.times_hot > 0).sum()), int((result.verdict[:, -1] == 1).sum())
    return (
        f"{len(slices)} time slices of {slices[0].length()}, {Period(slices[0].start, slices[-1].end).label()}: "
        f"{ever:,} of {int(result.tested.sum()):,} cells were a hotspot at some time, {last:,} in the last slice; "
        f"{result.formerly:,} that no longer are have no kind."
    )


def emerging_null(settings: ClusterSettings, result: Emerging, months: int) -> str:
    """State the space-time neighbourhood, the families of tests and the null hypothesis."""
    length = "one month" if months == 1 else f"{number_word(months)} months"
    return (
        f"Each slice of {length} is a map of its own: {int(result.tested.sum()):,} {settings.shape} of {settings.cell_size:g} m "
        f"tested together (Benjamini–Hochberg, q < {ALPHA:g}), {neighbours_words(settings)} in the same slice, "
        f"{how_words(settings)}. "
        "Trends: Mann–Kendall on Z, corrected over the cells that were hotspots in at least nine of ten slices. "
        "A trend is relative to the rest of the map. Clustering of counts, not risk."
    )


def left_off_words(count: int) -> str:
    """Say how many offences with a location are on no map; nothing where all are."""
    return f"{count:,} located {'offence lies' if count == 1 else 'offences lie'} in no cell of the area." if count else ""


def notes(selected: SelectedOffences, settings: ClusterSettings, tested: int) -> tuple[str, ...]:
    """List the cautions that the settings and the data call for."""
    found = []
    if selected.is_beyond_the_data:
        found.append(f"The data cover {selected.covered.label_in_days()}: this period lies outside them.")
    if selected.facts.location_precision == "snapped":
        fine = settings.cell_size < COARSE
        found.append(
            f"Locations are snapped to street points, so an offence may lie in the next cell: {settings.shape} "
            f"under {COARSE:g} m show the snapping, not the offences."
            if fine
            else "Locations are snapped to street points, so an offence may lie in the next cell: read the cluster, not its edge."
        )
    if selected.area is None:
        found.append("No boundaries are loaded: only cells with any recorded offence are tested.")
    if settings.permutations == 0 and selected.count:
        found.append("By the normal curve, too many places are called clusters where offences are few; permutations are exact.")
    together = needed_together(settings.permutations, tested)
    if together > MANY_TOGETHER:
        found.append(
            f"With {settings.permutations:,} permutations no cell can stand out after correction unless {together:,} do: "
            "take more."
        )
    return tuple(found)


def empty_slices(result: Emerging, slices: Sequence[Period]) -> tuple[str, ...]:
    """Name the slices without any offence: a gap in the data looks like peace."""
    empty = [one.label() for one, count in zip(slices, result.counts.sum(axis=0), strict=True) if count == 0]
    return (f"No offence at all in {join_words(empty)}: perhaps the data lack it.",) if empty else ()


def _percent(share: float) -> str:
    return "under 1%" if 0 < share < 0.005 else f"{100 * share:.0f}%"
