"""Whether linked offences lie with one officer, and whether files wait for their CCTV."""

from hotspot.findings.investigation import check
from hotspot.ui import cached, controls, investigation, page

chosen = controls.selection()
audience = controls.audience()
check(cached.store().facts(chosen.source, chosen.force))
finding = investigation.found(cached.key(), chosen)

investigation.head(finding, audience)
if finding.total.offences:
    investigation.by_area(finding, audience)
    investigation.lists(finding, audience)
page.method_notes(finding.notes)
page.footer(finding.selected)
