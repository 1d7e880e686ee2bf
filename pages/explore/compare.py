"""Is it worse, and is that real."""

import streamlit as st

from hotspot.findings.audience import told_of_change
from hotspot.ui import cached, compare, controls, downloads, events, maps, page, style, tables, two_surfaces

chosen = controls.selection()
chosen, baseline, by_area = compare.against(chosen)
compare.map_units(chosen)
audience = controls.audience()
key = cached.key()
finding = cached.comparison(key, chosen, baseline, by_area)

style.map_size(whole_force=chosen.is_whole_force, rest="25.4rem")
head = st.container()
page.warnings((*compare.moved(), *finding.notes, *events.between(finding.selected.selection, baseline)))
page.offer_nearest(finding.selected)
kind = compare.view()
map_side, table_side = compare.sides(kind)
with map_side:
    tested = two_surfaces.kept(key, finding.selected.selection, baseline, kind)
    if tested is not None:
        two_surfaces.draw(key, tested)
    elif kind != compare.RELATIVE:
        maps.comparison(key, finding, kind)
        compare.likeness(key, finding)
with head:
    if tested is not None:
        two_surfaces.head(tested, audience)
    else:
        page.header(finding.kicker, *told_of_change(finding, audience=audience))
with table_side:
    if tested is not None:
        two_surfaces.places(key, tested, audience)
    else:
        page.section("Change per day by area, with 95% interval")
        tables.changes(finding, highlight=chosen.area, audience=audience)
        downloads.comparison(finding, audience)
page.footer(finding.selected, *(tested.notes[:1] if tested is not None else compare.remarks(key, finding, kind)))
