"""Does the map work: maps of one period, judged by the next."""

import streamlit as st

from hotspot.findings.accuracy_words import percent
from hotspot.ui import accuracy, cached, controls, page

chosen = controls.selection()
audience = controls.audience()
settings = accuracy.settings(chosen)
key = cached.key()
finding = accuracy.found(key, chosen, settings, audience)

if finding is not None:
    chart_side, table_side = st.columns([1, 1.12], gap="medium")
    with chart_side:
        accuracy.picture(finding, audience)
    with table_side:
        page.section(f"On {percent(settings.area_share)} of the area")
        accuracy.tested(finding, audience)
    page.section("By share of the area")
    accuracy.by_share(finding, audience)
    accuracy.foot(key, finding, audience)
