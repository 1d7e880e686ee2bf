"""The force at a glance."""

import streamlit as st

from hotspot.findings.audience import shown_overview
from hotspot.ui import cached, controls, maps, overview, page, style, tables

chosen = controls.selection()
audience = controls.audience()
key = cached.key()
finding = cached.overview(key, chosen)

style.map_size(whole_force=chosen.is_whole_force, rest="27.5rem")
shown = None
if finding is None:
    overview.single_period(chosen, audience)
else:
    shown = shown_overview(finding, audience=audience)
    page.header(finding.kicker, shown.headline, overview.subline(chosen, finding, shown))
    overview.metrics(shown)
    map_side, table_side = st.columns([1, 1.3], gap="medium")
    with map_side:
        maps.overview(key, overview.compared(chosen, finding))
    with table_side:
        page.section("Change by area, per day")
        tables.compact_changes(shown, highlight=chosen.area)
page.section("Trend", "Offences per month in the chosen area, over all the data.")
monthly, groups = cached.monthly(key, chosen)
overview.trend(chosen, monthly, groups, audience, hidden=overview.hides_months(chosen, finding, shown, monthly))
new_side, loaded_side = st.columns(2, gap="medium")
with new_side:
    overview.new(cached.store(), audience)
with loaded_side:
    overview.loaded(cached.store())
page.footer(cached.select(key, overview.compared(chosen, finding)))
