"""Did it work: an area before and after a start, beside areas that were left alone."""

from dataclasses import replace

import streamlit as st

from hotspot.findings import evaluation_words as words
from hotspot.ui import cached, controls, evaluation, page, style

chosen = controls.selection()
audience = controls.audience()
evaluation.stop_without_area(chosen)
key = cached.key()
settings = evaluation.settings(chosen)
suggested = evaluation.found(key, chosen, settings)
compared = evaluation.comparison(suggested)
finding = evaluation.found(key, chosen, replace(settings, comparison=compared)) if compared else suggested

style.map_size(whole_force=False, rest="31rem")
page.header(words.kicker(finding), *words.told(finding, audience=audience))
page.warnings(words.cautions(finding))
map_side, table_side = st.columns([1, 1.35], gap="medium")
with map_side:
    evaluation.map_of(key, finding)
    evaluation.chart(finding, audience)
with table_side:
    evaluation.counts(finding, audience)
evaluation.foot(finding, audience)
