"""What every result says of its data."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from hotspot.commands.output import whole

if TYPE_CHECKING:
    from hotspot.findings.selected import SelectedOffences


def provenance(selected: SelectedOffences) -> dict[str, Any]:
    """List what was counted, of which data, and what was left out."""
    selection, facts = selected.selection, selected.facts
    return {
        "title": selection.title(),
        "source": facts.source,
        "force": facts.force,
        "crime_type": selection.crime_type,
        "from": selection.period.start,
        "to": selection.period.end,
        "date_basis": selection.date_basis,
        "level": selection.level,
        "area": selection.area,
        "count": whole(selected.count),
        "without_location": selected.without_location,
        "location_unusable": selected.unusable,
        "outside_lpas": selected.outside_lpas,
        "excluded": facts.excluded,
        "data_from": facts.first_day,
        "data_to": facts.end,
        "synthetic": facts.synthetic,
        "marking": facts.marking,
    }
