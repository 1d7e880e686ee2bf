"""The Boundaries part: what is loaded, full resolution from the configured service, further levels from files."""

from __future__ import annotations

import streamlit as st

from hotspot import paths
from hotspot.boundaries.areas import read_areas
from hotspot.boundaries.fetch import BoundaryService, fetch_lpas, load_service
from hotspot.boundaries.geo_files import columns_of
from hotspot.errors import BadInput
from hotspot.geography import LPA, Force
from hotspot.offences.store import Store
from hotspot.offences.store_changes import add_level, remove_level, replace_lpas
from hotspot.ui import page, sign_in
from hotspot.ui.data import apart, said, uploads

SLOT = "boundaries"
FILE_TYPES = ["gpkg", "geojson", "json", "zip", "kml"]
BY_ITSELF = "found by its name"
KEPT = "The boundaries in use are unchanged."


def show(store: Store) -> None:
    """Draw what is loaded, and the ways to change it."""
    if not store.exists or not store.forces:
        said.note(
            "Boundaries belong to a force, and a store learns its force with the first import. Import offences first: "
            "the LPAs of West Midlands come with the product."
        )
        return
    force = chosen_force(store, key="data-boundaries-force")
    left, right = st.columns([1.15, 1], gap="medium")
    with left:
        page.section("Levels of areas")
        _levels(store, force)
        _fetch(force)
    with right:
        _import(force)
        _remove(store, force)


def chosen_force(store: Store, *, key: str) -> Force:
    """Give the store's force; where it has several, let the reader choose."""
    if len(store.forces) == 1:
        return store.force
    box, _ = st.columns(2)
    return box.selectbox("Force", store.forces, format_func=lambda one: one.name, key=key)


def _levels(store: Store, force: Force) -> None:
    levels = store.levels_of(force.name)
    if not levels:
        said.note(
            f"No boundaries are loaded for {force.name}: nothing is outside, and no LPA can be chosen. Import a file of areas."
        )
        return
    rows = [
        (level, len(areas.names), _listed(areas.names)) for level in levels for areas in [store.areas(level, force=force.name)]
    ]
    said.table({"Level": "", "Areas": "r", "Names": "m"}, rows)
    said.note(
        f"Licence of the force's boundaries: {force.licence or 'not stated in the force file'}.",
        "Where the LPAs of West Midlands come from, and how accurate they are: data/boundaries/SOURCES.md.",
    )


def _listed(names: tuple[str, ...]) -> str:
    return ", ".join(names[:7]) + (f" and {len(names) - 7:,} more" if len(names) > 7 else "")


def _fetch(force: Force) -> None:
    page.section("Full-resolution LPAs")
    with said.sentences_for_faults():
        service = load_service()
        codes = service.codes_of(force)
        said.note(f"This button asks one address outside this machine, and only when it is pressed: {service.url}")
        if st.button("Fetch full resolution", key="data-fetch"):
            _fetch_now(force, service, codes)


def _fetch_now(force: Force, service: BoundaryService, codes: tuple[str, ...]) -> None:
    with said.sentences_for_faults(KEPT):
        with st.spinner("Asking for the boundaries"):
            areas = fetch_lpas(service, codes=codes, crs=force.analysis_crs)
            replace_lpas(paths.store_folder(), areas, force=force.name, viewer=sign_in.viewer())
        said.done(
            f"{len(areas.names)} LPAs in full resolution are in use now; each offence has its LPA anew.", change="boundaries"
        )


def _import(force: Force) -> None:
    page.section("Import areas", "LPAs of another origin, or a further level such as sector, ward or LSOA.")
    upload = st.file_uploader("GeoPackage, GeoJSON, zipped shapefile or KML", type=FILE_TYPES, key=uploads.box_key(SLOT))
    held = uploads.staged(upload, slot=SLOT)
    if held is None:
        return
    name_box, column_box = st.columns(2)
    level = name_box.text_input(
        "Level", placeholder="ward", max_chars=30, key="data-level-name", help="LPA replaces the LPAs."
    ).strip()
    column = column_box.selectbox(
        "Column with the names", [BY_ITSELF, *apart.read(columns_of, held.path)], key=f"data-level-column-{held.file_id}"
    )
    if not st.button("Import areas", type="primary", disabled=not level, key="data-import-level"):
        return
    name_column = None if column == BY_ITSELF else column
    with said.sentences_for_faults(KEPT):
        try:
            areas = apart.read(read_areas, held.path, level=_level_name(level), crs=force.analysis_crs, name_column=name_column)
        except BadInput as fault:
            raise BadInput(*(sentence.replace(f"{held.path.parent}/", "") for sentence in fault.faults)) from fault
        add_level(paths.store_folder(), areas, force=force.name, viewer=sign_in.viewer())
        uploads.forget(SLOT)
        said.done(
            f"{len(areas.names):,} areas of the level '{areas.level}' are loaded for {force.name}.",
            *areas.notes,
            change="boundaries",
        )


def _level_name(level: str) -> str:
    """Write LPA one way, whatever the case; refuse what is no name."""
    if not any(letter.isalnum() for letter in level):
        raise BadInput(f"'{level}' is no name for a level. Write for example 'ward'.")
    return LPA if level.upper() == LPA else level


def _remove(store: Store, force: Force) -> None:
    further = [level for level in store.levels_of(force.name) if level != LPA]
    if not further:
        return
    page.section("Remove a further level")
    box, button = st.columns(2, vertical_alignment="bottom")
    level = box.selectbox("Level to remove", further, key="data-remove-level")
    if button.button("Remove the level", key="data-remove-level-button"):
        with said.sentences_for_faults(KEPT):
            remove_level(paths.store_folder(), level, force=force.name, viewer=sign_in.viewer())
            st.session_state.pop("data-remove-level", None)
            said.done(f"The level '{level}' was removed. Offences and LPAs are as they were.", change="boundaries")
