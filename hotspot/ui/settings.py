"""The sidebar's settings that belong to one method."""

from __future__ import annotations

import html
from datetime import date

import streamlit as st

from hotspot.errors import HotspotError, StoreError
from hotspot.findings.density import AREA_SHARES, BANDWIDTHS, DensitySettings
from hotspot.methods.density import DIGGLE, EDGES, FACTORS, KERNELS, NONE, UNIFORM, equal_variance
from hotspot.offences.weights import HarmTable, keep_table, kept_table, parse_table
from hotspot.selection import Selection
from hotspot.ui import cached, links

_EDGE_WORDS = {UNIFORM: "Uniform", DIGGLE: "Diggle", NONE: "None"}
_ONE, _HARM = "one", "harm"
_OLDER_LINKS = {"True": UNIFORM, "False": NONE}
"""What links said of edge correction while it was a switch."""


def density(chosen: Selection) -> DensitySettings:
    """Draw bandwidth, kernel, cell size, edge correction, weights and area share; keep them in the link."""
    suggestion = cached.suggested_bandwidth(cached.key(), chosen)
    with st.sidebar:
        # The slider is the quartic radius; the gaussian gets the deviation of equal variance, so the picture keeps its scale.
        radius = links.widget(
            st.slider,
            "Bandwidth (metres)",
            name="bandwidth",
            default=int(round(suggestion.bandwidth / 25) * 25),
            read=lambda text: int(float(text)),
            min_value=BANDWIDTHS[0],
            max_value=BANDWIDTHS[1],
            step=25,
            help=suggestion.sentence,
        )
        adaptive = links.widget(
            st.toggle,
            "Adaptive bandwidth",
            name="adaptive",
            default=False,
            read=lambda text: text == "True",
            help="Narrow where offences are dense, wide where they are sparse: Abramson's rule, between a third and "
            f"{FACTORS[1]:g} times the bandwidth.",
        )
        share = links.widget(
            st.slider,
            "Hotspots: share of the area (%)",
            name="share",
            default=1.0,
            read=float,
            min_value=100 * AREA_SHARES[0],
            max_value=100 * AREA_SHARES[1],
            step=0.5,
            format="%.1f",
            help="The densest cells that make up this share of the area are the hotspots.",
        )
        with st.expander("Kernel, cells, edge, weights", key="method"):
            kernel, cell_size, edge = _kernel(chosen)
            weights = _weights()
    return DensitySettings(
        bandwidth=equal_variance(radius, source="quartic", target=kernel),
        cell_size=float(cell_size),
        kernel=kernel,
        edge_correction=edge,
        area_share=share / 100,
        adaptive=adaptive,
        weights=weights,
    )


def _kernel(chosen: Selection) -> tuple[str, int, str]:
    """Draw kernel, cell size and edge correction."""
    kernel = links.widget(
        st.selectbox, "Kernel", name="kernel", default="quartic", read=str, options=list(KERNELS), format_func=str.capitalize
    )
    cell_size = links.widget(
        st.select_slider,
        "Cell size (metres)",
        name="cell",
        default=100 if chosen.area is None and chosen.drawn is None else 50,
        read=int,
        options=[25, 50, 100, 150, 200, 250],
    )
    edge = links.widget(
        st.selectbox,
        "Edge correction",
        name="edge",
        default=UNIFORM,
        read=lambda text: _OLDER_LINKS.get(text, text),
        options=list(EDGES),
        format_func=_EDGE_WORDS.__getitem__,
        help="At the limit of the data. Uniform divides each value by the share of the kernel that lies inside; Diggle divides "
        "each offence's kernel by its own share, so that the surface adds up to the number of offences.",
    )
    return kernel, cell_size, edge


def _weights() -> HarmTable | None:
    """Draw what an offence counts: one, or its weight in the table that the store keeps; and where to give a table."""
    table = _kept()
    wanted = links.widget(
        st.selectbox,
        "Each offence counts",
        name="weights",
        default=_ONE,
        read=str,
        options=[_ONE, _HARM] if table is not None else [_ONE],
        format_func=lambda name: "One" if name == _ONE or table is None else f"Harm: {table.name}",
        help="Harm needs a table of weights. None is shipped: give one below.",
    )
    given = st.file_uploader(
        "Table of harm weights",
        type=["csv", "toml"],
        key="harm-table",
        help="Columns crime_type (or a Home Office code), weight, valid_from (2023-04-01) and source. It is kept with the data, "
        "in place of the table before it.",
    )
    if given is not None and st.session_state.get("harm-table-kept") != given.file_id:
        _keep(given.name, given.getvalue(), file_id=given.file_id)
    elif table is not None:
        said = f"{table.title}: {len(table.weights)} weights. Source: {table.sources}. From {table.file}, {table.imported}."
        st.html(f'<div class="hs-note">{html.escape(said)}</div>')
    return table if wanted == _HARM else None


def _kept() -> HarmTable | None:
    """Give the store's table; a damaged one is told, and another can be given in its place."""
    try:
        return kept_table(cached.store().path)
    except StoreError as fault:
        st.html(f'<p class="hs-refused" role="alert">{html.escape(str(fault))}</p>')
        return None


def _keep(name: str, content: bytes, *, file_id: str) -> None:
    """Keep an uploaded table in the store and count by it, or say what is wrong with it."""
    try:
        keep_table(cached.store().path, parse_table(content, file=name), today=date.today())
    except HotspotError as fault:
        for sentence in str(fault).splitlines():
            st.html(f'<p class="hs-refused" role="alert">{html.escape(sentence)}</p>')
        return
    st.session_state["harm-table-kept"] = file_id
    st.session_state.pop("widget-weights", None)
    links.keep("weights", _HARM)
    st.rerun()


def show_points() -> bool:
    """Draw the switch for single offences on the map."""
    with st.sidebar:
        return links.widget(st.toggle, "Show offence points", name="points", default=False, read=lambda text: text == "True")
