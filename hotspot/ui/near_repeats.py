"""Parts of the Near repeats page."""

from __future__ import annotations

import html
import itertools
import math

import numpy as np
import streamlit as st
from numpy.typing import NDArray

from hotspot.findings import near_repeats_words as words
from hotspot.findings.audience import COUNTS_HIDDEN, FORCE
from hotspot.findings.linkable import check_day_and_place
from hotspot.findings.near_repeats import (
    HEADLINE,
    PLACE_BANDS,
    TIME_BANDS,
    NearRepeatSettings,
    NearRepeatsFinding,
    hidden_cells,
    near_repeats_finding,
    parse_edges,
)
from hotspot.findings.selected import SelectedOffences
from hotspot.methods.knox import METRICS, KnoxTable, check_bands
from hotspot.methods.knox_table import ALPHA, LEAST_RATIO
from hotspot.selection import Selection
from hotspot.ui import cached, jobs, links, page

USUAL, OWN = "100 m and 7 days", "My own"
PERMUTATIONS = (999, 9_999)
STEPS = (LEAST_RATIO, 1.5, 2.0)
"""Ratios from which the colour deepens."""


def settings(chosen: Selection) -> NearRepeatSettings:
    """Draw the bands, the metric and the permutations; refuse data that cannot tell before anything is drawn.

    Raises
    ------
    NotKnowable
        If the data know months or snapped points alone.
    BadInput
        If the bands written down mean nothing.
    """
    check_day_and_place(cached.store().facts(chosen.source, chosen.force), headline=HEADLINE)
    with st.sidebar:
        bands = links.widget(st.selectbox, "Bands", name="bands", default=USUAL, read=str, options=[USUAL, OWN])
        distances, times = (None, TIME_BANDS) if bands == USUAL else _own_bands()
        with st.expander("How pairs are counted", key="near-repeat-test"):
            same = links.widget(
                st.checkbox,
                "Same premises by themselves",
                name="premises",
                default=True,
                read=lambda text: text == "True",
                help="Pairs on one premises reference make a row of their own, whatever their coordinates.",
            )
            metric = links.widget(
                st.selectbox, "Distance", name="metric", default=METRICS[0], read=str, options=METRICS, format_func=str.capitalize
            )
            permutations = links.widget(
                st.selectbox,
                "Permutations",
                name="permutations",
                default=PERMUTATIONS[0],
                read=int,
                options=PERMUTATIONS,
                format_func="{:,}".format,
            )
    check_bands(distance_edges=distances or PLACE_BANDS, time_edges=times, metric=metric, permutations=permutations)
    return NearRepeatSettings(distances, times, metric, same, permutations)


def found(
    data: cached.DataKey, selected: SelectedOffences, chosen: NearRepeatSettings, audience: str
) -> NearRepeatsFinding | None:
    """Head the page with the finding; None while it is computed, and where there is nothing to pair."""
    selection = selected.selection
    head = st.container()
    finding = None
    if selected.count:
        finding = jobs.kept(data, near_repeats_finding, selection, chosen, label="Near repeats")
    with head:
        _head(selected, finding, audience)
    return finding


def _head(selected: SelectedOffences, finding: NearRepeatsFinding | None, audience: str) -> None:
    kicker = f"{selected.selection.title()}: pairs close in space and time"
    if finding is None:
        page.header(kicker, "Near repeats" if selected.count else "No offence to pair in this selection")
        page.offer_nearest(selected)
    elif audience != FORCE and hidden_cells(finding.table).any():
        page.header(kicker, "Near repeats", COUNTS_HIDDEN)
    else:
        page.header(kicker, finding.headline, finding.subline)
        page.warnings(finding.warnings)


def heat_table(table: KnoxTable, audience: str) -> None:
    """Show each band: ratio, pairs observed and expected, p; coloured only where it stands after correction."""
    hidden = hidden_cells(table) if audience != FORCE else np.zeros(table.observed.shape, dtype=bool)
    head = "".join(f'<th class="r">{html.escape(label)}</th>' for label in table.time_labels)
    body = ""
    for row, label in enumerate(table.distance_labels):
        cells = "".join(_cell(table, row, column, hidden) for column in range(len(table.time_labels)))
        body += f"<tr><td>{html.escape(label)}</td>{cells}</tr>"
    st.html(f'<table class="hs heat"><thead><tr><th>Apart by</th>{head}</tr></thead><tbody>{body}</tbody></table>{_key()}')
    st.html(
        f'<div class="hs-note">{html.escape(words.family(table))} In each band: times expected; pairs observed, expected by '
        "chance; p by itself.</div>"
    )


def _cell(table: KnoxTable, row: int, column: int, hidden: NDArray[np.bool_]) -> str:
    if hidden[row, column]:
        return "<td><small>under 5, or hidden</small></td>"
    ratio, observed = float(table.ratio[row, column]), int(table.observed[row, column])
    step = sum(ratio >= edge for edge in STEPS) if table.stands[row, column] else 0
    said = "–" if math.isnan(ratio) else f"{ratio:.2f}"
    expected = float(table.expected[row, column])
    p_value = words.p_words(float(table.p_value[row, column]), table.permutations)
    counts = f"{observed:,} of {expected:,.0f}" if expected >= 10 else f"{observed:,} of {expected:.1f}"
    return f'<td class="s{step}"><b>{said}</b><small>{counts}; {p_value}</small></td>'


def _key() -> str:
    edges = [*(f"{edge:g}" for edge in STEPS), ""]
    steps = "".join(
        f'<span><i class="s{step}"></i>{low}{f" to {high}" if high else " times or more"}</span>'
        for step, (low, high) in enumerate(itertools.pairwise(edges), start=1)
    )
    return (
        f'<div class="heat-key"><span>Stands after correction (q &lt; {ALPHA:g}):</span>{steps}'
        "<span><i></i>could be chance, or little more than expected</span></div>"
    )


def foot(selected: SelectedOffences, finding: NearRepeatsFinding | None, audience: str) -> None:
    """Close the page: how it was counted, what was left out."""
    if finding is not None and audience == FORCE:
        page.method_notes(finding.notes)
    page.footer(selected)


def _own_bands() -> tuple[tuple[float, ...], tuple[float, ...]]:
    usual = {"distances": "0,50,100,150,200", "times": "0,3,7,14,28"}
    asked = {"distances": "Distances (m)", "times": "Days"}
    read = {
        name: links.widget(
            st.text_input,
            label,
            name=name,
            default=usual[name],
            read=str,
            help="Edges of half-open bands, with commas between them; the last may be inf.",
        )
        for name, label in asked.items()
    }
    return parse_edges(read["distances"], what="distance"), parse_edges(read["times"], what="time")
