"""The canonical columns as an analyst calls them, grouped as the wizard asks for them."""

from __future__ import annotations

from hotspot.offences.mapping import COLUMNS

GROUPS: dict[str, tuple[str, ...]] = {
    "What": ("offence_id", "crime_code", "crime_description", "mo", "knife"),
    "When": ("committed_from", "committed_to", "reported"),
    "Where": ("x", "y", "lpa", "street", "beat", "premises_ref"),
    "Who, and which vehicle": (
        *("victim_ref", "victim_age", "suspect_ref", "officer_ref"),
        *("vehicle_ref", "vehicle_make", "vehicle_model"),
    ),
    "Outcome and handling": ("outcome", "outcome_date", "filed_date", "cctv_requested", "cctv_received"),
}
"""Every canonical column that a mapping can name, once; what an import needs comes first."""
WORDS: dict[str, str] = {
    "offence_id": "Crime reference",
    "crime_code": "Home Office code",
    "crime_description": "Offence description",
    "mo": "MO",
    "knife": "Knife used",
    "committed_from": "Committed from",
    "committed_to": "Committed to",
    "reported": "Reported",
    "x": "x (easting, longitude)",
    "y": "y (northing, latitude)",
    "lpa": "LPA",
    "street": "Street",
    "beat": "Beat",
    "premises_ref": "Premises reference",
    "victim_ref": "Victim reference",
    "victim_age": "Victim age",
    "suspect_ref": "Suspect reference",
    "officer_ref": "Officer reference",
    "vehicle_ref": "Vehicle reference",
    "vehicle_make": "Vehicle make",
    "vehicle_model": "Vehicle model",
    "outcome": "Outcome",
    "outcome_date": "Outcome date",
    "filed_date": "Filed date",
    "cctv_requested": "CCTV requested",
    "cctv_received": "CCTV received",
}
NOTES: dict[str, str] = {
    "What": "An import needs the code or the description, unless one crime type is set for all rows.",
    "When": "An import needs when the offence was committed (from), or when it was reported. "
    "A time column is chosen only where dates and times stand apart.",
    "Where": "Without x and y the offences have no location, and no map.",
}
TIMED = ("committed_from", "committed_to", "reported")
"""Dates beside which the wizard offers a time column."""
assert set(WORDS) == set(COLUMNS) == {name for names in GROUPS.values() for name in names}
