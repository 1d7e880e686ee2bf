"""Whether linked offences lie with one officer, and whether files wait for their CCTV."""

import streamlit as st

from hotspot.findings.investigation import check
from hotspot.ui import cached, controls, investigation, page

chosen = controls.selection()
audience = controls.audience()
check(cached.facts(chosen.source, chosen.force))
key = cached.key()
finding = investigation.found(key, chosen)

investigation.head(finding, audience)
if finding.total.offences:
    view_side, area_side = st.columns([2.6, 1], vertical_alignment="bottom")
    with view_side:
        shown = investigation.view(finding, audience)
    if shown == investigation.BY_AREA:
        investigation.by_area(finding, audience)
    else:
        with area_side:
            area = investigation.list_area(finding)
        investigation.one_list(key, finding, shown, area)
page.method_notes(finding.notes)
page.footer(finding.selected)
