"""What was counted and what was left out: the words that every footer begins with."""

from __future__ import annotations

from hotspot.findings.audience import FORCE
from hotspot.findings.selected import SelectedOffences, outside_words
from hotspot.findings.words import quantity


def counted_words(selected: SelectedOffences, *, audience: str) -> str:
    """Say N used, excluded, without location, as an audience may read it."""
    facts = selected.facts
    excluded = sum(facts.excluded.values())
    parts = [f"{excluded:,} rows excluded on import" if excluded else "0 excluded"] if not selected.selection.within else []
    if audience == FORCE:
        parts = [f"{quantity(selected.count)} offences used", *parts, f"{selected.without_location:,} without location"]
        parts += [f"{selected.unusable:,} with a location unusable"] if selected.unusable else []
        parts += [f"{selected.outside_lpas:,} outside the LPAs"] if selected.outside_lpas else []
    else:
        # A count here could be one that the table hides to protect another.
        parts.append("counts under 5, and those that would give them away, are hidden")
    precision = {"month": "month precision", "day": "day precision"}.get(facts.time_precision)
    if precision:
        parts.append(precision)
    if facts.location_precision == "snapped":
        parts.append("locations snapped to streets")
    limited = outside_words(selected.selection).removesuffix(".")
    return " · ".join([*parts, limited] if limited else parts)
