"""Is it worse, and is that real."""

from hotspot.findings.audience import told_of_change
from hotspot.ui import cached, compare, controls, downloads, maps, page, style, tables

chosen = controls.selection()
chosen, baseline, by_area = compare.against(chosen)
compare.map_units(chosen)
audience = controls.audience()
key = cached.key()
finding = cached.comparison(key, chosen, baseline, by_area)

style.map_size(whole_force=chosen.is_whole_force, rest="25.4rem")
page.header(compare.kicker(finding), *told_of_change(finding, audience=audience))
page.warnings((*compare.moved(), *finding.notes))
page.offer_nearest(finding.selected)
kind = compare.view()
map_side, table_side = compare.sides(kind)
with map_side:
    maps.comparison(key, finding, kind)
    compare.likeness(key, finding)
with table_side:
    page.section("Change per day by area, with 95% interval")
    tables.changes(finding, highlight=chosen.area, audience=audience)
    downloads.comparison(finding, audience)
page.footer(finding.selected, *compare.remarks(key, finding, kind))
