"""Parts of the Near repeats page."""

from __future__ import annotations

import html
import itertools
import math
from functools import partial

import numpy as np
import streamlit as st
from numpy.typing import NDArray
from streamlit.delta_generator import DeltaGenerator

from hotspot.export import files
from hotspot.export.knox import write_knox
from hotspot.findings import near_repeats_words as words
from hotspot.findings.audience import COUNTS_HIDDEN, FORCE
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
from hotspot.methods.knox_table import ALPHA, LEAST_RATIO
from hotspot.selection import Selection
from hotspot.ui import cached, downloads, jobs, links, page

USUAL, OWN = "100 m and 7 days", "My own"
PERMUTATIONS = (999, 9_999)
STEPS = (LEAST_RATIO, 1.5, 2.0)
"""Ratios from which the colour deepens."""
MOST_BESIDE = 4
"""Bands of time whose columns leave room for the chart beside them."""


def settings(chosen: Selection) -> NearRepeatSettings:
    """Draw the bands, the metric and the permutations; refuse data that cannot tell before anything is drawn.

    Raises
    ------
    NotKnowable
        If the data know months or snapped points alone.
    BadInput
        If the bands written down mean nothing.
    """
    check_day_and_place(cached.facts(chosen.source, chosen.force), headline=HEADLINE)
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
    elif seen_by(finding.table, audience)[1].any():
        page.header(kicker, "Near repeats", COUNTS_HIDDEN)
    else:
        page.header(kicker, finding.headline, finding.subline)
        page.warnings(finding.warnings)


def sides(table: KnoxTable) -> tuple[DeltaGenerator, DeltaGenerator]:
    """Give where table and chart stand: beside each other, or, where many bands need the width, the chart below."""
    if len(table.time_labels) > MOST_BESIDE:
        return st.container(), st.container()
    table_side, chart_side = st.columns([1.3, 1], gap="medium")
    return table_side, chart_side


def heat_table(table: KnoxTable, audience: str) -> None:
    """Show each band: ratio, pairs observed / expected, p; coloured only where it stands after correction."""
    table, hidden = seen_by(table, audience)
    head = "".join(f'<th class="r">{html.escape(label)}</th>' for label in table.time_labels)
    body = ""
    for row, label in enumerate(table.distance_labels):
        cells = "".join(_cell(table, row, column, hidden) for column in range(len(table.time_labels)))
        body += f"<tr><td>{html.escape(label)}</td>{cells}</tr>"
    rows = f"<thead><tr><th>Apart by</th>{head}</tr></thead><tbody>{body}</tbody>"
    st.html(f'<div class="wide"><table class="hs heat">{rows}</table></div>{_key()}')


def _cell(table: KnoxTable, row: int, column: int, hidden: NDArray[np.bool_]) -> str:
    if hidden[row, column]:
        return "<td><small>under 5, or hidden</small></td>"
    ratio, observed = float(table.ratio[row, column]), int(table.observed[row, column])
    step = sum(round(ratio, 2) >= edge for edge in STEPS) if table.stands[row, column] else 0
    said = "–" if math.isnan(ratio) else f"{ratio:.2f}"
    expected = float(table.expected[row, column])
    p_value = words.p_words(float(table.p_value[row, column]), table.permutations)
    counts = f"{observed:,} / {expected:,.0f}" if expected >= 10 else f"{observed:,} / {expected:.1f}"
    return f'<td class="s{step}"><b>{said}</b><small><span>{counts};</span> <span>{p_value}</span></small></td>'


def _key() -> str:
    edges = [*(f"{edge:g}" for edge in STEPS), ""]
    steps = "".join(
        f'<span><i class="s{step}"></i>{low}{f" to {high}" if high else " times or more"}</span>'
        for step, (low, high) in enumerate(itertools.pairwise(edges), start=1)
    )
    return (
        f'<div class="heat-key"><span>Stands, corrected (q &lt; {ALPHA:g}):</span>{steps}<span><i></i>does not stand</span></div>'
    )


def download(selected: SelectedOffences, finding: NearRepeatsFinding, audience: str) -> None:
    """Offer the table as a file, as the audience may see it."""
    table = partial(files.as_bytes, partial(write_knox, finding, selected, audience), ".csv")
    downloads.row("near-repeats", {"CSV": (".csv", table)})


def notes(finding: NearRepeatsFinding, audience: str) -> None:
    """Say how pairs were counted and what was left out; to the public, which numbers could be small, the family alone."""
    page.method_notes(finding.notes if audience == FORCE else (words.family(finding.table),))


def chart_note(table: KnoxTable) -> str:
    """Say how to read the chart."""
    others = "Different premises. " if table.same_premises else ""
    return f"{others}Filled: stands. Hollow: could be chance."


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
