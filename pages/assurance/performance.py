"""The board's table: year to date against last year, with outcome rates."""

import streamlit as st

from hotspot.ui import cached, controls, page, performance, performance_shares

chosen = controls.selection()
settings = performance.settings(chosen)
audience = controls.audience()
key = cached.key()
finding = performance.found(key, chosen, settings)
told = performance.shown(key, chosen, settings, audience)

performance.head(finding, told)
view_side, save_side = st.columns([2.4, 1], vertical_alignment="bottom")
with view_side:
    view = performance.view()
with save_side:
    performance.save(finding, audience)
if view == performance.SHARES:
    performance_shares.shares(finding, told)
elif view == performance.MONTHS:
    performance.charts(key, finding, told, audience)
elif view == performance.OTHERS:
    performance.others(finding)
else:
    performance.table(finding, told, view, audience)
page.footer(finding.selected)
