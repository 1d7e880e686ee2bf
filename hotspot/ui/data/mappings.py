"""The Mappings part: every mapping that can be chosen, to read, download, upload and take away."""

from __future__ import annotations

import streamlit as st

from hotspot import paths
from hotspot.errors import HotspotError
from hotspot.offences.mapping import Mapping
from hotspot.offences.store import Store
from hotspot.ui import downloads, page, sign_in
from hotspot.ui.data import fields, said, saved_mappings, uploads
from hotspot.ui.data.saved_mappings import SavedMapping


def show(_store: Store) -> None:
    """List the mappings and show one."""
    saved, faults = saved_mappings.saved_mappings(paths.store_folder())
    if faults:
        said.refused(*faults)
    left, right = st.columns([1, 1.35], gap="medium")
    with left:
        page.section(
            "Mappings", "A mapping says what the columns of a force extract mean. Build one under Import, with the file at hand."
        )
        number = st.selectbox("Mapping", range(len(saved)), format_func=lambda index: saved[index].label, key="data-mapping")
        _upload()
    if number is None:
        return
    with right:
        _describe(saved[number])


def _upload() -> None:
    upload = st.file_uploader("Add a mapping (TOML)", type="toml", key=uploads.box_key("mapping"))
    held = uploads.staged(upload, slot="mapping")
    if held is None:
        return
    try:
        mapping = Mapping.from_toml(held.path)
        saved_mappings.save(mapping, store_folder=paths.store_folder(), viewer=sign_in.viewer())
    except HotspotError as fault:
        said.refused(*str(fault).replace(f"{held.path.parent}/", "").splitlines(), "The mapping was not added.")
        return
    uploads.forget("mapping")
    said.done(f"The mapping '{mapping.name}' was added.")


def _describe(chosen: SavedMapping) -> None:
    mapping = chosen.mapping
    page.section(mapping.name, mapping.description)
    said.table(
        {"Meaning": "", "Column of the file": ""},
        [(fields.WORDS[name], " and ".join(columns)) for name, columns in mapping.columns.items()],
    )
    kinds = (
        f"one crime type, {mapping.crime_type}"
        if mapping.crime_type
        else f"{len(mapping.crime_types)} lines of its own for crime types"
    )
    order = "day before month" if mapping.day_first else "month before day"
    crs = mapping.crs or "the file's or the force's coordinate system"
    said.note(f"Positions: {crs}, {mapping.location}. Ambiguous dates: {order}. {kinds[0].upper()}{kinds[1:]}.")
    download, remove, _ = st.columns([1, 1, 1])
    downloads.button(
        download,
        "Download TOML",
        mapping.to_toml(),
        file_name=chosen.path.name,
        mime="application/toml",
        key="data-saved-mapping-toml",
    )
    if not chosen.shipped and remove.button("Remove", key="data-remove-mapping", width="stretch"):
        saved_mappings.remove(chosen, viewer=sign_in.viewer())
        st.session_state.pop("data-mapping", None)
        said.done(f"The mapping '{mapping.name}' was removed.")
