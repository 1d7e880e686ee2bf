"""Maps on the page: the base stays mounted, the overlay changes."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import streamlit as st
from streamlit_folium import st_folium

from hotspot.findings.compare import CompareFinding
from hotspot.findings.density import DensityFinding
from hotspot.findings.repeats import RepeatsFinding
from hotspot.findings.selected import SelectedOffences
from hotspot.maps import folium_map, legend, scenes
from hotspot.maps.scene import Scene
from hotspot.selection import Selection
from hotspot.ui import cached, compare, context, controls
from hotspot.ui.vendor import asset_url, tiles_url

HEIGHT = 400
"""Pixels asked of the component; the page's CSS sets the height that is seen."""


def show(scene: Scene, selected: SelectedOffences, *, key: str, shows: str, of: str = "", **options: Any) -> None:
    """Draw a scene and the chosen context layers: the base map is the same on every run, so the frame and the zoom stay.

    Parameters
    ----------
    shows
        What the map shows, as the frame's title says it: 'change', 'clusters'.
    of
        Of what, where not of the selection.
    """
    layers = context.shapes(selected.selection.force)
    scene = replace(scene, layers=layers)
    title = f"Map of {shows}: {of or selected.selection.title()}"
    overlay = folium_map.overlay(scene, title=title, **options)
    base = folium_map.base_map(scene, asset_url=asset_url(), tiles_url=tiles_url(selected.force))
    st_folium(base, key=key, height=HEIGHT, use_container_width=True, returned_objects=[], feature_group_to_add=overlay)
    if layers:
        st.html(legend.context_legend(layers))


def density(data: cached.DataKey, finding: DensityFinding, *, picked: int | None, show_points: bool) -> None:
    """Draw the surface, its hotspots and, on demand, the offences, with the legend under the map."""
    view = cached.density_view(data, finding.selected.selection, finding.settings, controls.present_audience())
    scene = view.with_hotspots(show_points=show_points, chosen=picked)
    show(scene, finding.selected, key="density", shows="density and ranked hotspots")
    st.html(legend.density_legend(view.breaks, scenes.legend_title(finding.selected.selection, finding.settings.weights)))
    if scene.points is not None:
        st.html(legend.points_legend("Points", shown=len(scene.points.x), total=scene.points.total))


def overview(data: cached.DataKey, chosen: Selection) -> None:
    """Draw the density of the chosen crime type, small, without hotspots."""
    view = cached.overview_view(data, chosen, controls.present_audience())
    show(view.surface_only, view.finding.selected, key="overview", shows="density")
    st.html(legend.density_legend(view.breaks, scenes.legend_title(chosen)))


def repeats(data: cached.DataKey, finding: RepeatsFinding) -> None:
    """Draw where repeats were, with the key of the dots."""
    show(cached.repeats_scene(data, finding), finding.selected, key="repeats", shows="repeats")
    st.html(legend.repeats_legend("Offences"))


def comparison(data: cached.DataKey, finding: CompareFinding, kind: str) -> None:
    """Draw two periods: the change, a swipe, two maps side by side, or the difference of the surfaces."""
    selection, baseline = finding.selected.selection, finding.baseline.selection.period
    view = cached.comparison_view(data, selection, baseline, controls.present_audience())
    words = (baseline.label(), selection.period.label())
    if kind == compare.SWIPE:
        show(view.swipe, finding.selected, key="compare-swipe", shows=f"density in {words[0]} and in {words[1]}", swipe=words)
    elif kind == compare.SIDE_BY_SIDE:
        sides = st.columns(2)
        for side, scene, caption, name in zip(sides, view.sides, words, ("earlier", "later"), strict=True):
            with side:
                shows = f"density in the {name} period, {caption}"
                show(scene, finding.selected, key=f"compare-{name}", shows=shows, channel="compare", caption=caption)
    elif kind == compare.DIFFERENCE:
        show(view.difference, finding.selected, key="compare-difference", shows=f"difference from {words[0]}")
        st.html(legend.difference_legend(view.difference_breaks, scenes.per_day_title(selection)))
        return
    else:
        if view.change is None:
            st.html(
                '<p class="hs-note">No boundaries are loaded, so the change cannot be mapped by place. The other views can.</p>'
            )
            return
        audience = controls.present_audience()
        scene, title = compare.change_scene(view, compare.in_units(data, finding), audience=audience)
        show(scene, finding.selected, key="compare-change", shows=f"change since {words[0]}")
        st.html(legend.change_legend(title))
        return
    st.html(legend.density_legend(view.breaks, scenes.per_day_title(selection)))
