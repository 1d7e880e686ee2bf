"""Where offences concentrate."""

import streamlit as st

from hotspot.findings.audience import FORCE, notes_on_density, told_of_density
from hotspot.findings.density import method_words
from hotspot.ui import accuracy, bandwidth, cached, context, controls, downloads, maps, page, plan_source, settings, style, tables

chosen = controls.selection()
density_settings = settings.density(chosen)
show_points = settings.show_points()
metres = context.within(chosen.force)
audience = controls.audience()
key = cached.key()
finding = cached.density(key, chosen, density_settings)

style.map_size(whole_force=chosen.is_whole_force)
page.header(chosen.title(), *told_of_density(finding, audience=audience))
page.warnings(notes_on_density(finding, audience=audience))
map_side, table_side = st.columns([1, 1.12], gap="medium")
with map_side:
    # A point is a count of one: single offences are for the force alone.
    maps.density(key, finding, picked=tables.picked_hotspot(finding), show_points=show_points and audience == FORCE)
    if audience == FORCE:
        bandwidth.choosing(key, chosen)
with table_side:
    # After the map: two more surfaces are made for it.
    near = context.near(key, finding, metres)
    tables.hotspots(finding, bandwidth.sensitivity(key, finding), audience=audience)
    tables.near_hotspots(finding, near)
    context.near_words(near)
    downloads.density(finding, audience, near)
    plan_source.from_hotspot(finding, tables.picked_hotspot(finding))
    accuracy.beside_density(key, chosen, density_settings, audience=audience)
page.footer(finding.selected, method_words(finding.surface, weights=density_settings.weights))
