"""The row of downloads under a table; nothing is computed before it is asked for."""

from __future__ import annotations

import html
from collections.abc import Callable
from functools import partial
from typing import Any

import streamlit as st
from streamlit.delta_generator import DeltaGenerator

from hotspot.export import files, unit_changes
from hotspot.findings.audience import FORCE, hotspots_give_away
from hotspot.findings.compare import CompareFinding
from hotspot.findings.density import DensityFinding
from hotspot.findings.nearby import LayerNearby
from hotspot.findings.repeats import RepeatsFinding
from hotspot.maps import scenes
from hotspot.ui import audited, cached, compare, context, gate, sign_in
from hotspot.viewer import EXPORT, Viewer, may, require

MIME = {
    ".gpkg": "application/geopackage+sqlite3",
    ".geojson": "application/geo+json",
    ".csv": "text/csv",
    ".png": "image/png",
    ".tif": "image/tiff",
    ".json": "application/json",
    ".xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
}


def row(name: str, makers: dict[str, tuple[str, Callable[[], bytes]]]) -> None:
    """Draw one button per format; each file is logged before anybody has it.

    Parameters
    ----------
    name
        Stem of the file's name.
    makers
        Label → (ending, function without arguments that gives the bytes).
    """
    if refused := audited.refusal():
        st.html(f'<p class="hs-refused" role="alert">{html.escape(refused)}</p>')
        return
    columns = st.columns(len(makers))
    for column, (label, (suffix, make)) in zip(columns, makers.items(), strict=True):
        key = f"download-{name}-{label}"
        button(column, label, audited.export(name, suffix, make), file_name=f"{name}{suffix}", mime=MIME[suffix], key=key)


def button(
    place: DeltaGenerator,
    label: str,
    content: object,
    *,
    file_name: str,
    mime: str,
    key: str,
    help: str | None = None,
    disabled: bool = False,
) -> None:
    """Draw the one kind of button by which a file leaves; nothing for a viewer who may not take files away.

    Parameters
    ----------
    content
        Text or bytes, or a function without arguments that gives them when it is asked for.
    """
    who = sign_in.viewer()
    if may(who, EXPORT):
        how = {"file_name": file_name, "mime": mime, "key": key, "help": help, "disabled": disabled}
        place.download_button(label, partial(_made, who, content), on_click="ignore", width="stretch", **how)


def _made(viewer: Viewer, content: Any) -> str | bytes:
    require(viewer, EXPORT)
    return gate.made_for(viewer, lambda: content() if callable(content) else content)


def density(finding: DensityFinding, audience: str, near: tuple[LayerNearby, ...] = ()) -> None:
    """Offer the hotspots as files and the map as a picture; nothing where that would tell a small count."""
    if audience != FORCE and hotspots_give_away(finding):
        return
    view = cached.density_view(cached.key(), finding.selected.selection, finding.settings, audience)
    layers = context.shapes(finding.selected.selection.force)

    def hotspots(suffix: str) -> bytes:
        return files.as_bytes(partial(files.write_hotspots, finding, near=near, audience=audience), suffix)

    row(
        "hotspots",
        {
            "GeoPackage": (".gpkg", partial(hotspots, ".gpkg")),
            "GeoJSON": (".geojson", partial(hotspots, ".geojson")),
            "CSV": (".csv", partial(hotspots, ".csv")),
            "Picture": (".png", lambda: scenes.density_picture(view, audience=audience, layers=layers)),
        },
    )


def comparison(finding: CompareFinding, audience: str) -> None:
    """Offer the table of changes, as the audience may see it, and the map of change."""
    data, selection, baseline = cached.key(), finding.selected.selection, finding.baseline.selection.period

    in_units = compare.in_units(data, finding)
    layers = context.shapes(selection.force)

    def still() -> bytes:
        # A file is made without the session: whatever is its own was asked for above.
        view = cached.comparison_view(data, selection, baseline, audience)
        scene = compare.change_scene(view, in_units, audience=audience) if in_units is not None else None
        return scenes.change_picture(view, finding, audience=audience, in_units=scene, layers=layers)

    table = partial(files.as_bytes, partial(files.write_changes, finding, audience), ".csv")
    makers: dict[str, tuple[str, Callable[[], bytes]]] = {"CSV": (".csv", table), "Picture": (".png", still)}
    if in_units is not None and audience == FORCE:
        units = partial(files.as_bytes, partial(unit_changes.write_unit_changes, in_units), ".gpkg")
        makers["Units"] = (".gpkg", units)
    row("change", makers)


def repeats(finding: RepeatsFinding, audience: str) -> None:
    """Offer the masked list; it is for the force alone."""
    if audience == FORCE and finding.listed:
        row("repeats", {"CSV": (".csv", partial(files.as_bytes, partial(files.write_repeats, finding), ".csv"))})
