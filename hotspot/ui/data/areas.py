"""The Areas part: polygons drawn on the map or uploaded, named, and then a choice in the sidebar of every page."""

from __future__ import annotations

import html
from dataclasses import replace
from pathlib import Path

import shapely
import streamlit as st
from streamlit_folium import st_folium

from hotspot import paths
from hotspot.boundaries.areas import read_areas
from hotspot.boundaries.geo_files import columns_of
from hotspot.boundaries.places import read_places
from hotspot.errors import BadInput
from hotspot.geography import LPA, OUTSIDE, DrawnArea, Force
from hotspot.given_text import one_line
from hotspot.maps import folium_map
from hotspot.maps.scene import Scene, drawn_outline, outlines
from hotspot.offences.store import Store
from hotspot.ui import context, controls, page, style
from hotspot.ui.data import apart, boundaries, said, uploads
from hotspot.ui.vendor import asset_url, tiles_url

SLOT = "areas"
LONGEST_NAME = 40
MOST_CORNERS = 200
"""A drawn area is part of the link to a page: more corners would make links too long to send."""
_COARSEST = 5_000.0


def show(store: Store) -> None:
    """Draw the map to draw on, the upload, and the named areas."""
    if not store.exists or not store.forces:
        said.note(
            "An area is drawn on the map of a force, and a store learns its force with the first import. Import offences first."
        )
        return
    force = store.force
    style.map_size(rest="19rem", whole_force=True)
    map_side, list_side = st.columns([1.3, 1], gap="medium")
    with map_side:
        ring = _map(store, force)
    with list_side:
        _name_drawn(ring, store)
        _upload(force, store)
        _named(store)


def drawn_areas() -> tuple[DrawnArea, ...]:
    """Give the areas named in this session."""
    return st.session_state.get("drawn-areas", ())


def _map(store: Store, force: Force) -> tuple[tuple[float, float], ...] | None:
    lpas = outlines(store.areas(LPA, force=force.name)) if LPA in store.levels_of(force.name) else ()
    known = {outline.name for outline in lpas}
    places = tuple(place for place in read_places() if place.lpa in known)
    shown = st.session_state.get("data-area-shown")
    scene = Scene(crs=force.analysis_crs, areas=lpas, places=places, view=None if lpas else _view(store, force))
    scene = replace(scene, layers=context.shapes(force.name))
    chosen = next((area for area in drawn_areas() if area.name == shown), None)
    returned = st_folium(
        folium_map.base_map(scene, asset_url=asset_url(), tiles_url=tiles_url(force), drawing=True),
        key="data-draw",
        height=700,
        use_container_width=True,
        returned_objects=["last_active_drawing"],
        feature_group_to_add=folium_map.overlay(
            scene if chosen is None else replace(scene, drawn=drawn_outline(chosen)), title=f"Map to draw areas on: {force.name}"
        ),
    )
    said.note("Press the shape under the zoom buttons, click each corner, and close the area with Enter or a double click.")
    return folium_map.drawn_ring(returned, crs=force.analysis_crs)


def _view(store: Store, force: Force) -> tuple[float, float, float, float]:
    if force.bounds is not None:
        return force.bounds
    levels = store.levels_of(force.name)
    return tuple(store.areas(levels[0], force=force.name).union.bounds) if levels else (0.0, 0.0, 100_000.0, 100_000.0)


def _name_drawn(ring: tuple[tuple[float, float], ...] | None, store: Store) -> None:
    page.section("Name the drawn area")
    if ring is None or ring == st.session_state.get("data-ring-named"):
        said.note("Nothing is drawn yet.")
        return
    said.note(f"An area of {shapely.make_valid(shapely.Polygon(ring)).area / 1e6:,.2f} km² with {len(ring)} corners is drawn.")
    box, button = st.columns([1.6, 1], vertical_alignment="bottom")
    name = box.text_input("Name", max_chars=LONGEST_NAME, key="data-area-name", placeholder="Night-time economy zone")
    if button.button("Keep the area", type="primary", disabled=not name.strip(), key="data-keep-area", width="stretch"):
        with said.sentences_for_faults():
            keep([DrawnArea(checked_name(name, store), fewer_corners(ring))])
            st.session_state["data-ring-named"] = ring
            del st.session_state["data-area-name"]
            said.done(f"The area '{name.strip()}' can be chosen as the area on every page of this session.")


def keep(new: list[DrawnArea]) -> None:
    """Remember areas for the sidebar; one of the same name is replaced."""
    names = {area.name for area in new}
    st.session_state["drawn-areas"] = (*(area for area in drawn_areas() if area.name not in names), *new)
    st.session_state["data-area-shown"] = new[-1].name


def checked_name(name: str, store: Store) -> str:
    """Give the name without surplus blanks.

    Raises
    ------
    BadInput
        If it is empty, or the name of an area that can already be chosen.
    """
    wanted = " ".join(one_line(name).split())[:LONGEST_NAME]
    taken = {area for level in store.levels for area in store.areas(level).names} | {OUTSIDE, controls.WHOLE_FORCE}
    if not wanted:
        raise BadInput("The area needs a name.")
    if wanted.lower() in {one.lower() for one in taken}:
        raise BadInput(f"There is an area '{wanted}' already. Give the drawn area another name.")
    return wanted


def fewer_corners(ring: tuple[tuple[float, float], ...]) -> tuple[tuple[float, float], ...]:
    """Simplify a ring until it has no more corners than a link can carry (Douglas and Peucker's algorithm)."""
    polygon, tolerance = shapely.Polygon(ring), 5.0
    simple = polygon
    while len(simple.exterior.coords) - 1 > MOST_CORNERS and tolerance < _COARSEST:
        simple = polygon.simplify(tolerance)
        tolerance *= 1.5
    return tuple((float(round(x)), float(round(y))) for x, y in simple.exterior.coords[:-1])


def areas_of_file(path: Path, force: Force, store: Store, *, name_column: str | None) -> tuple[list[DrawnArea], list[str]]:
    """Read the polygons of a file as named areas, with a sentence for whatever was left away.

    Raises
    ------
    BadInput
        With one sentence for each fault of the file.
    """
    try:
        read = apart.read(read_areas, path, level="area", crs=force.analysis_crs, name_column=name_column)
    except BadInput as fault:
        raise BadInput(*(sentence.replace(f"{path.parent}/", "") for sentence in fault.faults)) from fault
    found, notes = [], []
    for name in read.names:
        whole = read.geometry(name)
        largest = max(shapely.get_parts(whole), key=lambda part: part.area)
        ring = fewer_corners(tuple(largest.exterior.coords[:-1]))
        found.append(DrawnArea(checked_name(name, store), ring))
        kept = shapely.make_valid(shapely.Polygon(ring)).symmetric_difference(whole).area / whole.area
        if kept > 0.005:
            notes.append(f"'{name}' was simplified to one outline without holes: {100 * kept:.1f}% of its area differs.")
    return found, [*read.notes, *notes]


def _upload(force: Force, store: Store) -> None:
    page.section("Or upload polygons")
    upload = st.file_uploader(
        "GeoPackage, GeoJSON, zipped shapefile or KML", type=boundaries.FILE_TYPES, key=uploads.box_key(SLOT)
    )
    held = uploads.staged(upload, slot=SLOT)
    if held is None:
        return
    box, button = st.columns([1.6, 1], vertical_alignment="bottom")
    options = [boundaries.BY_ITSELF, *apart.read(columns_of, held.path)]
    column = box.selectbox("Column with the names", options, key=f"data-area-column-{held.file_id}")
    if button.button("Keep the areas", type="primary", key="data-keep-upload", width="stretch"):
        with said.sentences_for_faults("No area was kept."):
            found, notes = areas_of_file(held.path, force, store, name_column=None if column == boundaries.BY_ITSELF else column)
            keep(found)
            uploads.forget(SLOT)
            named = found[0].name if len(found) == 1 else f"{len(found)} areas"
            said.done(f"Kept: {named}. Choose it as the area on any page of this session.", *notes)


def _named(store: Store) -> None:
    areas = drawn_areas()
    page.section("Named areas")
    if not areas:
        said.note("None yet. A named area lasts as long as this session; a link to a page that shows it carries it along.")
        return
    names = [area.name for area in areas]
    if st.session_state.get("data-area-shown") not in names:
        st.session_state["data-area-shown"] = names[-1]
    name = st.selectbox("Area", names, key="data-area-shown")
    area = areas[names.index(name)]
    st.html(
        f'<div class="hs-note">{html.escape(name)}: {shapely.make_valid(shapely.Polygon(area.ring)).area / 1e6:,.2f} km².</div>'
    )
    to_map, away = st.columns(2)
    if to_map.button("Show its density", key="data-area-density", width="stretch", disabled=not store.data_sets):
        _show_density(area, store)
    if away.button("Remove the area", key="data-area-remove", width="stretch"):
        st.session_state["drawn-areas"] = tuple(one for one in areas if one.name != name)
        del st.session_state["data-area-shown"]
        said.done(f"The area '{name}' was removed.")


def _show_density(area: DrawnArea, store: Store) -> None:
    chosen = st.session_state.get("selection") or controls.default_selection(store)
    st.session_state["selection"] = replace(chosen, area=None, drawn=area)
    st.session_state.pop("pick-area", None)
    st.switch_page(paths.ROOT / "pages" / "explore" / "density.py")
