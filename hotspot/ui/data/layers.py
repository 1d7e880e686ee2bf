"""The Context layers part: files of cameras, schools, stations and the like, imported under a name."""

from __future__ import annotations

from datetime import date

import streamlit as st

from hotspot import paths
from hotspot.boundaries.context import LONGEST_NAME, checked_name, read_layer
from hotspot.geography import Force
from hotspot.offences.context_store import LayerEntry, bounds_of, keep_layer, kept_layers, remove_layer
from hotspot.offences.store import Store
from hotspot.ui import page, sign_in
from hotspot.ui.data import apart, boundaries, said, uploads

SLOT = "layers"
FILE_TYPES = [*boundaries.FILE_TYPES, "csv"]
KEPT = "The layers in the store are unchanged."


def show(store: Store) -> None:
    """Draw what is loaded, and the ways to change it."""
    if not store.exists or not store.forces:
        said.note("A context layer lies on the map of a force, and a store learns its force with the first import.")
        return
    force = boundaries.chosen_force(store, key="data-layers-force")
    left, right = st.columns([1.15, 1], gap="medium")
    with left:
        page.section("Context layers")
        with said.sentences_for_faults():
            entries = kept_layers(store.path, force=force.name)
            _table(entries)
            _remove(entries, force)
    with right:
        _import(store, force)


def _table(entries: tuple[LayerEntry, ...]) -> None:
    if not entries:
        said.note("None yet. A layer is a choice in the sidebar of every page, and is counted near hotspots on Density.")
        return
    rows = [(entry.name, entry.kinds, entry.origin, f"{date.fromisoformat(entry.imported):%-d %B %Y}") for entry in entries]
    said.table({"Layer": "", "Features": "", "File": "m", "Imported": "m"}, rows)
    said.note("Imports of offences leave layers alone. A layer is not part of the data's fingerprint: it has one of its own.")


def _import(store: Store, force: Force) -> None:
    page.section("Import a layer", "Points, lines or polygons. A CSV needs the columns x and y, or lon and lat.")
    upload = st.file_uploader("GeoPackage, GeoJSON, zipped shapefile, KML or CSV", type=FILE_TYPES, key=uploads.box_key(SLOT))
    held = uploads.staged(upload, slot=SLOT)
    # It stays while one file takes the place of another: what was typed would be forgotten with the box.
    name = st.text_input(
        "Name of the layer", max_chars=LONGEST_NAME, key="data-layer-name", autocomplete="off", disabled=held is None
    )
    if held is None:
        return
    with said.sentences_for_faults(KEPT):
        known = {entry.name.casefold() for entry in kept_layers(store.path, force=force.name)}
        is_known = name.strip().casefold() in known
        label = "Replace the layer" if is_known else "Import the layer"
        if st.button(label, type="primary", disabled=not name.strip(), key="data-layer-import"):
            bounds = bounds_of(store, force)
            layer = apart.read(read_layer, held.path, name=checked_name(name), crs=force.analysis_crs, bounds=bounds)
            entry = keep_layer(
                paths.store_folder(), layer, force=force.name, today=date.today(), replace=is_known, viewer=sign_in.viewer()
            )
            uploads.forget(SLOT)
            said.done(
                f"The layer {entry.name} is in the store: {entry.kinds}. Choose it under Context layers on any page.",
                change="context layers",
            )


def _remove(entries: tuple[LayerEntry, ...], force: Force) -> None:
    if not entries:
        return
    box, button = st.columns([1.6, 1], vertical_alignment="bottom")
    name = box.selectbox("Layer", [entry.name for entry in entries], key="data-layer-which")
    if button.button("Remove the layer", key="data-layer-remove", width="stretch"):
        with said.sentences_for_faults(KEPT):
            gone = remove_layer(paths.store_folder(), name, force=force.name, viewer=sign_in.viewer())
            st.session_state.pop("data-layer-which", None)
            said.done(f"The layer {gone.name} was removed.", change="context layers")
