"""The sidebar's settings that belong to one method."""

from __future__ import annotations

import streamlit as st

from hotspot.findings.density import AREA_SHARES, BANDWIDTHS, DensitySettings
from hotspot.methods.density import KERNELS, equal_variance
from hotspot.selection import Selection
from hotspot.ui import cached, links


def density(chosen: Selection) -> DensitySettings:
    """Draw bandwidth, kernel, cell size, edge correction and area share; keep them in the link."""
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
        kernel = links.widget(st.selectbox, "Kernel", name="kernel", default="quartic", read=str, options=list(KERNELS))
        cell_size = links.widget(
            st.select_slider,
            "Cell size (metres)",
            name="cell",
            default=100 if chosen.area is None and chosen.drawn is None else 50,
            read=int,
            options=[25, 50, 100, 150, 200, 250],
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
        edge = links.widget(
            st.toggle,
            "Edge correction",
            name="edge",
            default=True,
            read=lambda text: text == "True",
            help="At the limit of the data, divides by the share of the kernel that lies inside it.",
        )
    bandwidth = equal_variance(radius, source="quartic", target=kernel)
    return DensitySettings(
        bandwidth=bandwidth, cell_size=float(cell_size), kernel=kernel, edge_correction=edge, area_share=share / 100
    )


def show_points() -> bool:
    """Draw the switch for single offences on the map."""
    with st.sidebar:
        return links.widget(st.toggle, "Show offence points", name="points", default=False, read=lambda text: text == "True")
