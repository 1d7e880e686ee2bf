"""Where all offences of a count went: into the units, or out of them and why."""

from __future__ import annotations

from hotspot import crime_types
from hotspot.findings.selected import SelectedOffences
from hotspot.findings.words import quantity


def account(selected: SelectedOffences, in_units: float, *, units: str) -> str:
    """Say how the offences of a selection add up: in units, without a location, in none of the units.

    For the force alone: any of the numbers may be small.

    Parameters
    ----------
    in_units
        Offences counted in the units, before any rounding.
    units
        What they are counted in: 'squares', 'areas (LPA)'.

    Returns
    -------
    str
        A sentence; empty where every offence lies in a unit.
    """
    by_status = selected.inside.groupby("location_status")["weight"].sum()
    absent, unusable = (float(by_status.get(status, 0.0)) for status in ("absent", "unusable"))
    outside = selected.count - absent - unusable - in_units
    parts = [
        f"{_number(count)} {words}"
        for count, words in (
            (absent, "without a location"),
            (unusable, "with a location unusable"),
            (outside, f"in none of the {units}"),
        )
        if round(count, 1)
    ]
    if not parts:
        return ""
    selection = selected.selection
    kind = crime_types.counted(selection.crime_type, selected.count)
    named = f"{_number(selected.count)} {kind}, {selection.period.label_in_days()}"
    return f"{named}: {_number(in_units)} in the {units}, {', '.join(parts)}."


def _number(count: float) -> str:
    return quantity(round(count, 1))
