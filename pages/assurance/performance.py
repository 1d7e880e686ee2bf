"""The board's table: year to date against last year, with outcome rates."""

import streamlit as st

from hotspot.ui import cached, controls, page, performance

chosen = controls.selection()
settings = performance.settings(chosen)
audience = controls.audience()
key = cached.key()
finding = performance.found(key, chosen, settings)
told = performance.shown(key, chosen, settings, audience)

performance.head(finding, told)
table_side, chart_side = st.columns([2.5, 1], gap="medium")
with table_side:
    performance.table(finding, told, performance.view(), audience)
    performance.definitions(finding, told)
with chart_side:
    performance.charts(key, finding, audience)
page.footer(finding.selected)
