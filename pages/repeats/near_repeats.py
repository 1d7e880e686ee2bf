"""Whether offences are followed by others close by, how near and how soon."""

from hotspot.selection import COMMITTED, REPORTED
from hotspot.ui import cached, controls, near_repeat_zones, near_repeats, near_repeats_charts, page

chosen = controls.selection(bases=(COMMITTED, REPORTED))
audience = controls.audience()
settings = near_repeats.settings(chosen)
key = cached.key()
selected = cached.select(key, chosen)
finding = near_repeats.found(key, selected, settings, audience)

if finding is not None:
    table_side, chart_side = near_repeats.sides(finding.table)
    with table_side:
        page.section(
            "Pairs by distance and days apart", "In each band: times expected; pairs observed / expected by chance; p by itself."
        )
        near_repeats.heat_table(finding.table, audience)
    with chart_side:
        page.section("How it decays with distance", near_repeats.chart_note(finding.table))
        near_repeats_charts.decay(finding.table, audience)
        near_repeats.download(selected, finding, audience)
    near_repeats.notes(finding, audience)
near_repeat_zones.section(key, chosen, audience)
page.footer(selected)
