"""Which offences hang together: the list from which one officer can be given a series."""

import streamlit as st

from hotspot.findings.audience import FORCE
from hotspot.selection import COMMITTED
from hotspot.ui import cached, controls, plan_source, series, style

chosen = controls.selection(bases=(COMMITTED,))
settings = series.settings(chosen)
audience = controls.audience()
key = cached.key()
finding = series.found(key, chosen, settings)

style.map_size(whole_force=chosen.is_whole_force, rest="24rem")
chance = series.head(key, finding, audience)
if audience == FORCE and finding.selected.count:
    map_side, table_side = st.columns([1, 1.5], gap="medium")
    with table_side:
        picked = series.listed(finding, chance)
        series.save(finding)
        plan_source.from_chain(finding, picked)
    with map_side:
        series.map_of(key, finding, picked)
    if picked is not None:
        series.offences(key, finding, picked)
elif finding.selected.count:
    series.counts(finding, audience)
series.foot(finding, chance, audience)
