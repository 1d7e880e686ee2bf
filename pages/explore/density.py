"""Where offences concentrate."""

import streamlit as st

from hotspot.ui import cached, controls, downloads, maps, page, settings, style, tables

chosen = controls.selection()
density_settings = settings.density(chosen)
show_points = settings.show_points()
audience = controls.audience()
key = cached.key()
finding = cached.density(key, chosen, density_settings)

style.map_size(whole_force=chosen.is_whole_force)
page.header(chosen.title(), *page.told_of_density(finding, audience))
page.warnings(finding.notes)
map_side, table_side = st.columns([1.08, 1], gap="medium")
with table_side:
    picked = tables.hotspots(finding, audience=audience)
    downloads.density(finding, audience)
with map_side:
    maps.density(key, finding, picked=picked, show_points=show_points and page.may_see_points(audience))
page.footer(finding.selected, page.how(finding))
