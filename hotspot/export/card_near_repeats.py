"""The card of the Near repeats page: the table of bands, and the zones with their map."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from hotspot.export.card_near_repeat_zones import drawn_zones, with_zones
from hotspot.export.card_parts import Asked, Drawn, Said, ask, card, counted_figure, drawn_table, switch
from hotspot.export.cards import CardContent, Figure
from hotspot.findings import near_repeats_words as words
from hotspot.findings.audience import COUNTS_HIDDEN
from hotspot.findings.linkable import check_day_and_place
from hotspot.findings.near_repeats import (
    HEADLINE,
    PLACE_BANDS,
    TIME_BANDS,
    NearRepeatSettings,
    NearRepeatsFinding,
    near_repeats_finding,
    parse_edges,
    seen_by,
)
from hotspot.findings.selected import SelectedOffences
from hotspot.methods.knox import METRICS, KnoxTable, check_bands
from hotspot.methods.knox_table import LEAST_RATIO
from hotspot.offences.store import Scope

USUAL, OWN = "100 m and 7 days", "My own"
OWN_DISTANCES, OWN_TIMES = "0,50,100,150,200", "0,3,7,14,28"
PERMUTATIONS = (999, 9_999)
STEPS = (LEAST_RATIO, 1.5, 2.0)
"""Ratios from which the colour deepens."""
COLOURS = ("", "#CBDAEA", "#9DBBDA", "#1D4E89")
"""Of the page's table: none, then by step."""


def content(folder: Path, query: Mapping[str, str], *, scope: Scope, progress: Callable[[float, str], None]) -> CardContent:
    """Run the Near repeats page; parameters as in ``cards.content``."""
    asked = ask(folder, query, scope=scope)
    check_day_and_place(asked.facts(), headline=HEADLINE)
    finding = near_repeats_finding(folder, asked.selection, _settings(asked), scope=scope, progress=progress)
    selected = asked.select()
    table, hidden = seen_by(finding.table, asked.audience)
    said, zones = with_zones(asked, _said(asked, finding, selected, table, hidden), progress)
    drawn = drawn_zones(asked, said, zones) if zones is not None else _drawn(asked, said, selected, table, hidden)
    return card(asked, "near_repeats", selected, said, drawn)


def _settings(asked: Asked) -> NearRepeatSettings:
    """Read bands, metric and permutations."""
    bands = asked.setting("bands", USUAL, str, among=(USUAL, OWN))
    distances, times = None, TIME_BANDS
    if bands == OWN:
        distances = parse_edges(asked.setting("distances", OWN_DISTANCES, str), what="distance")
        times = parse_edges(asked.setting("times", OWN_TIMES, str), what="time")
    same = asked.setting("premises", True, switch)
    metric = asked.setting("metric", METRICS[0], str, among=METRICS)
    permutations = asked.setting("permutations", PERMUTATIONS[0], int, among=PERMUTATIONS)
    check_bands(distance_edges=distances or PLACE_BANDS, time_edges=times, metric=metric, permutations=permutations)
    return NearRepeatSettings(distances, times, metric, same, permutations)


def _said(
    asked: Asked, finding: NearRepeatsFinding, selected: SelectedOffences, table: KnoxTable, hidden: NDArray[np.bool_]
) -> Said:
    headline, subline = ("Near repeats", COUNTS_HIDDEN) if hidden.any() else (finding.headline, finding.subline)
    sentence = finding.sentence if not hidden.any() else COUNTS_HIDDEN
    counts = () if hidden.any() else (counted_figure(asked, selected), Figure("Nearest block", finding.sentence))
    rows = [
        (label, *(_cell(table, row, column, hidden) for column in range(len(table.time_labels))))
        for row, label in enumerate(table.distance_labels)
    ]
    return Said(
        kicker=f"{asked.selection.title()}: pairs close in space and time",
        headline=headline,
        subline=subline,
        sentence=f"{headline}. {sentence[0].upper()}{sentence[1:].rstrip('.')}.",
        figures=counts,
        head=("Apart by", *table.time_labels),
        rows=tuple(rows),
        notes=(
            "In each band: times expected; pairs observed / expected by chance; p by itself. Coloured: stands after correction.",
            *(() if hidden.any() else finding.warnings),
            *(finding.notes if asked.is_for_force else (words.family(table),)),
        ),
    )


def _cell(table: KnoxTable, row: int, column: int, hidden: NDArray[np.bool_]) -> str:
    if hidden[row, column]:
        return "under 5, or hidden"
    ratio, observed, expected = (float(values[row, column]) for values in (table.ratio, table.observed, table.expected))
    said = "–" if math.isnan(ratio) else f"{ratio:.2f}"
    p_value = words.p_words(float(table.p_value[row, column]), table.permutations)
    return f"{said} ({observed:,.0f} / {expected:,.{0 if expected >= 10 else 1}f}; {p_value})"


def _drawn(asked: Asked, said: Said, selected: SelectedOffences, table: KnoxTable, hidden: NDArray[np.bool_]) -> Drawn:
    """Draw the table, coloured only where a band stands after correction."""
    steps = np.where(table.stands & ~hidden, np.sum([np.round(table.ratio, 2) >= edge for edge in STEPS], axis=0), 0)
    fills = [["", *(COLOURS[step] for step in row)] for row in steps]
    return drawn_table(asked, said, selected, fills=fills)
