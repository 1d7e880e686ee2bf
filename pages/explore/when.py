"""At what hour and on which day, through the year, and which months stand out."""

import streamlit as st

from hotspot.ui import cached, controls, page, when

chosen = controls.selection()
audience = controls.audience()
key = cached.key()
hours = when.hours(key, chosen)
dark = when.darkness(key, chosen)

when.head(key, chosen, audience)
page.offer_nearest(cached.select(key, chosen))
if hours is not None:
    when.grid(hours, dark, audience)
hidden = when.hides_months(when.series(key, chosen), hours, audience)
left, right = st.columns([1.15, 1], gap="medium")
with left:
    when.over_time(when.series(key, chosen), audience, hidden=hidden)
with right:
    when.sunset(dark, audience)
with left if dark is not None else right:
    when.control_chart(when.series(key, chosen), audience, hidden=hidden)
when.foot(key, chosen, audience)
