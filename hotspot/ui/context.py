"""Context layers on the pages: their choice in the sidebar, on every map, and what stands near the hotspots."""

from __future__ import annotations

import html

import streamlit as st

from hotspot.errors import StoreError
from hotspot.findings.density import DensityFinding, DensitySettings
from hotspot.findings.nearby import DISTANCES, NOTE, USUAL, LayerNearby, near_hotspots
from hotspot.maps.context import MOST_LAYERS, ContextShapes, shapes_of
from hotspot.offences.context_store import LayerEntry, kept_layers, open_layer
from hotspot.selection import Selection
from hotspot.ui import cached, links
from hotspot.ui.keeping import kept

SETTING = "layers"
_STEP = 50


def choose(force: str) -> None:
    """Draw the choice of layers where the store has any; it holds on every page and is part of the link."""
    entries = _entries(force)
    if entries or links.setting(SETTING, "", read=str):
        links.several(
            "Context layers",
            name=SETTING,
            options=[entry.name for entry in entries],
            most=MOST_LAYERS,
            placeholder="None on the map",
        )


def shapes(force: str) -> tuple[ContextShapes, ...]:
    """Give what the maps draw of the chosen layers."""
    layers = [open_layer(cached.store().path, entry, scope=cached.scope()) for entry in _chosen(force)]
    return tuple(shapes_of(layer, style) for style, layer in enumerate(layers))


def within(force: str) -> int:
    """Draw how near a feature must stand to a hotspot, where a layer is chosen."""
    if not _chosen(force):
        return USUAL
    with st.sidebar:
        return links.widget(
            st.number_input,
            "Near a hotspot (metres)",
            name="within",
            default=USUAL,
            read=lambda text: int(float(text)),
            min_value=DISTANCES[0],
            max_value=DISTANCES[1],
            step=_STEP,
            help=NOTE,
        )


def near(data: cached.DataKey, finding: DensityFinding, metres: int) -> tuple[LayerNearby, ...]:
    """Count the chosen layers near the hotspots of a finding."""
    selection = finding.selected.selection
    return tuple(_near(data, selection, finding.settings, entry, metres) for entry in _chosen(selection.force))


def near_words(found: tuple[LayerNearby, ...]) -> None:
    """Say which hotspots have none."""
    sentences = [one.sentence for one in found if one.sentence]
    if sentences:
        st.html(f'<div class="hs-note">{html.escape(" ".join([*sentences, NOTE]))}</div>')


@kept
def _near(data: cached.DataKey, selection: Selection, settings: DensitySettings, entry: LayerEntry, metres: int) -> LayerNearby:
    return near_hotspots(
        cached.density(data, selection, settings), open_layer(data.folder, entry, scope=data.scope), within=metres
    )


def _chosen(force: str) -> list[LayerEntry]:
    by_name = {entry.name: entry for entry in _entries(force)}
    names = links.listed(links.setting(SETTING, "", read=str))
    return [by_name[name] for name in names if name in by_name][:MOST_LAYERS]


def _entries(force: str) -> tuple[LayerEntry, ...]:
    """List the layers; a damaged list keeps no page from being drawn, and the Data page says what is wrong with it."""
    try:
        return kept_layers(cached.store().path, force=force)
    except StoreError:
        return ()
