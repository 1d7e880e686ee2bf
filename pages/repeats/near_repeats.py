"""Whether offences are followed by others close by, how near and how soon."""

import streamlit as st

from hotspot.selection import COMMITTED, REPORTED
from hotspot.ui import cached, controls, near_repeats, near_repeats_charts, page

chosen = controls.selection(bases=(COMMITTED, REPORTED))
audience = controls.audience()
settings = near_repeats.settings(chosen)
key = cached.key()
selected = cached.select(key, chosen)
finding = near_repeats.found(key, selected, settings, audience)

if finding is not None:
    table_side, chart_side = st.columns([1.3, 1], gap="medium")
    with table_side:
        page.section("Pairs by distance and days apart")
        near_repeats.heat_table(finding.table, audience)
    with chart_side:
        page.section("How it decays with distance", "Filled: stands after correction. Hollow: could be chance.")
        near_repeats_charts.decay(finding.table, audience)
near_repeats.foot(selected, finding, audience)
