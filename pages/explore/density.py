"""Where offences concentrate."""

import streamlit as st

from hotspot.ui import cached, controls, downloads, maps, page, settings, tables

chosen = controls.selection()
density_settings = settings.density(chosen)
finding = cached.density(cached.key(), chosen, density_settings)

page.header(chosen.title(), finding.headline, finding.subline)
page.warnings(finding.notes)
map_side, table_side = st.columns([1.3, 1], gap="medium")
with table_side:
    picked = tables.hotspots(finding)
    downloads.density(finding)
with map_side:
    maps.density(cached.key(), finding, picked=picked, show_points=settings.show_points())
page.footer(finding.selected)
