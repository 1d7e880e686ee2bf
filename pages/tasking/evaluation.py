"""Did it work: an area before and after a start, beside areas that were left alone."""

from dataclasses import replace
from datetime import date

import streamlit as st

from hotspot.findings import evaluation_words as words
from hotspot.ui import cached, controls, evaluation, evaluation_plans, evaluation_settings, page, style

chosen = controls.selection()
audience = controls.audience()
evaluation_plans.choose(chosen, audience, today=date.today())
evaluation_plans.stop_without_area(chosen)
key = cached.key()
settings = evaluation_settings.settings(chosen)
suggested = evaluation.found(key, chosen, settings)
compared = evaluation.comparison(suggested, audience)
finding = evaluation.found(key, chosen, replace(settings, comparison=compared)) if compared else suggested

style.map_size(whole_force=False, rest="22rem")
page.header(words.kicker(finding), *words.told(finding, audience=audience))
page.warnings(words.cautions(finding))
evaluation_settings.offer_baseline(finding)
map_side, table_side = st.columns([1, 1.35], gap="medium")
with map_side:
    evaluation.map_of(key, finding)
with table_side:
    evaluation.counts(finding, audience)
    evaluation.chart(finding, audience)
    evaluation.readings(finding, audience)
evaluation.foot(finding, audience)
