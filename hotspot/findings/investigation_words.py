"""What may be said of investigation quality."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

from hotspot.methods.change import LEAST_COUNT
from hotspot.offences.store import DataFacts

if TYPE_CHECKING:
    from hotspot.findings.investigation import InvestigationFinding

NOT_KNOWABLE = (
    "These data say neither when a file was closed nor which officer had it. A force extract with the filing date, the officer "
    "in the case, and the dates at which CCTV was requested and received can tell."
)


def headline(finding: InvestigationFinding) -> str:
    """Say the share filed while CCTV was awaited, or how long filing takes."""
    found = finding.total
    if not found.offences:
        return "No file in this selection"
    if finding.has_cctv and found.awaited.of:
        few = found.awaited.of < LEAST_COUNT
        share = f"{found.awaited.count} of {found.awaited.of}" if few else f"{100 * found.awaited.share:.0f}% of"
        return f"{share} files with CCTV requested were filed before it came"
    if finding.has_filing and math.isfinite(found.days_to_filing[1]):
        return f"Half of the files are filed within {found.days_to_filing[1]:.0f} days"
    if found.premises is not None and found.premises.of:
        return f"{found.premises.several:,} of {found.premises.of:,} repeat premises lie with several officers"
    return "No CCTV request, filing or repeat premises to judge in this selection"


def subline(finding: InvestigationFinding) -> str:
    """Say the numbers behind it."""
    found = finding.total
    parts = []
    if found.awaited.of:
        low, high = 100 * found.awaited.low, 100 * found.awaited.high
        parts.append(f"{found.awaited.count:,} of {found.awaited.of:,} (95% interval {low:.1f} to {high:.1f}%)")
    if finding.has_filing:
        parts.append(f"{found.open:,} of {found.offences:,} files open")
    for what, spread in (("chains", found.chains), ("repeat premises", found.premises)):
        if spread is not None and spread.of:
            parts.append(f"{spread.several:,} of {spread.of:,} {what} with several officers")
    return f"{'; '.join(parts)}." if parts else ""


def quartiles_words(quartiles: tuple[float, float, float], *, dash: str = "–") -> str:
    """Write a median with its quartiles: '34 (15 to 65)'."""
    low, middle, high = quartiles
    if math.isnan(middle):
        return dash
    written = ["over half open" if math.isinf(middle) else f"{middle:,.0f}", *(_days(one) for one in (low, high))]
    return f"{written[0]} ({written[1]} to {written[2]})"


def _days(value: float) -> str:
    return "not yet" if math.isinf(value) else f"{value:,.0f}"


def notes(facts: DataFacts, refusal: str, *, has_filing: bool, has_cctv: bool, has_officers: bool) -> tuple[str, ...]:
    """Say how it was counted and what the data lack."""
    said = []
    if has_filing:
        start = "report" if "reported" in facts.columns else "offence"
        said.append(
            f"Days to filing count from {start}; open files count as waiting (Kaplan–Meier), so new ones do not look quick."
        )
    else:
        said.append("These data have no filing date.")
    if not has_cctv:
        said.append("These data do not say when CCTV was requested.")
    else:
        said.append(
            "Of the latest offences those that wait for CCTV are not filed yet, so the share filed before it came is high there."
        )
    if has_officers:
        said.append(
            "Chains: 4 or more offences linked at 200 m and 14 days; every chain with two or more known officers in the case is "
            "judged. Repeat premises: 2 or more offences of a crime group in the "
            "period. Several officers may be right: it is a list to look at, not a fault found."
        )
    else:
        said.append("These data do not name the officer in the case.")
    return (*said, *([refusal] if refusal else []))
