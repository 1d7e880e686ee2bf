"""The mapping wizard: every column matched by hand on a form that guesses have filled in."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import streamlit as st

from hotspot.crime_types import CRIME_TYPES
from hotspot.offences.coordinates import LONGITUDE_LATITUDE
from hotspot.offences.force_extract import Head
from hotspot.offences.guess import NATIONAL_GRID
from hotspot.offences.mapping import DATES, Mapping
from hotspot.offences.schema import EXACT, SNAPPED
from hotspot.ui import page
from hotspot.ui.data import fields, said, type_table

NOT_THERE = "not in this file"
BY_ROW = "By the code or description of each row"
_CRS_WORDS = {
    "": "The file's own, else the force's",
    NATIONAL_GRID: "British National Grid (EPSG:27700)",
    LONGITUDE_LATITUDE: "Longitude and latitude (EPSG:4326)",
}
_WIDE, _MOST = 4, 6
"""Boxes beside each other: usually, and at most where that saves a row."""


def form(path: Path, head: Head, start: Mapping, *, part: str, key: str) -> Mapping:
    """Draw the form, filled in from a mapping to start from, and give the mapping that it says.

    Parameters
    ----------
    path, head
        The uploaded file, and its first rows.
    start
        A guess, or a saved mapping.
    part
        The sheet or layer; '' where the file has one.
    key
        Differs by file and by start, so that another of either fills the form anew.
    """
    name, crs, location, day_first = _settings(start, head, key)
    crime_type = _crime_type(start, key)
    columns: dict[str, tuple[str, ...]] = {}
    for group, names in fields.GROUPS.items():
        page.section(group, fields.NOTES.get(group, ""))
        asked = [one for one in names if not (crime_type and one in ("crime_code", "crime_description"))]
        columns |= _group(asked, start, head, key)
    kinds = start.crime_types
    if not crime_type:
        kinds = type_table.edit(path, part=part, columns=columns, start=start, key=key)
    return replace(
        start,
        name=name.strip(),
        columns={one: columns[one] for names in fields.GROUPS.values() for one in names if one in columns},
        crs=crs,
        location=location,
        crime_type=crime_type,
        crime_types=kinds,
        day_first=day_first,
    )


def _settings(start: Mapping, head: Head, key: str) -> tuple[str, str, str, bool]:
    page.section("The file")
    boxes = st.columns(_WIDE, vertical_alignment="bottom")
    name = boxes[0].text_input("Name of the source and mapping", start.name, max_chars=60, key=f"wizard-name-{key}")
    options = list(dict.fromkeys([start.crs, *_CRS_WORDS]))
    crs = boxes[1].selectbox(
        "Coordinate system of x and y",
        options,
        format_func=lambda code: _CRS_WORDS.get(code, code),
        accept_new_options=True,
        key=f"wizard-crs-{key}",
        help="Choose, or write a code such as EPSG:32618.",
    )
    location = boxes[2].selectbox(
        "Positions are",
        [EXACT, SNAPPED],
        index=int(start.location == SNAPPED),
        format_func={EXACT: "Exact: the address", SNAPPED: "Snapped: moved to anchor points"}.__getitem__,
        key=f"wizard-location-{key}",
    )
    order = boxes[3].selectbox(
        "03/04/2024 is",
        [True, False],
        index=int(not start.day_first),
        format_func={True: "3 April: day first", False: "4 March: month first"}.__getitem__,
        key=f"wizard-day-first-{key}",
        help="Concerns ambiguous forms alone: 2024-04-03 is always 3 April.",
    )
    if head.crs:
        said.note(f"The file has points of its own, in {head.crs}.")
    return name, (crs or "").strip(), location, order


def _crime_type(start: Mapping, key: str) -> str:
    options = [BY_ROW, *(kind.name for kind in CRIME_TYPES)]
    present = options.index(start.crime_type) if start.crime_type in options else 0
    box, _ = st.columns([1, 1])
    picked = box.selectbox("Crime type", options, index=present, key=f"wizard-crime-type-{key}")
    return "" if picked == BY_ROW else picked


def _group(names: list[str], start: Mapping, head: Head, key: str) -> dict[str, tuple[str, ...]]:
    """Draw one box for each canonical column, and one for the time beside a date; give what was matched."""
    wanted = [(name, position) for name in names for position in ((0, 1) if name in fields.TIMED else (0,))]
    wide = len(wanted) if len(wanted) <= _MOST else _WIDE
    picked: dict[str, list[str]] = {}
    for first in range(0, len(wanted), wide):
        for box, (name, position) in zip(st.columns(wide), wanted[first : first + wide], strict=False):
            with box:
                column = _box(name, position, start, head, key)
            if column and (position == 0 or picked.get(name)):
                picked.setdefault(name, []).append(column)
    return {name: _with_kept_time(name, tuple(columns), start) for name, columns in picked.items()}


def _box(name: str, position: int, start: Mapping, head: Head, key: str) -> str:
    options = ["", *(column for column in head.columns if column)]
    before = start.columns.get(name, ())
    present = before[position] if position < len(before) and before[position] in options else ""
    words = fields.WORDS[name] if position == 0 else f"{fields.WORDS[name]}: time"
    blank = NOT_THERE if position == 0 else "with the date"
    return st.selectbox(
        words,
        options,
        index=options.index(present),
        format_func=lambda column: column or blank,
        key=f"wizard-{name}-{position}-{key}",
    )


def _with_kept_time(name: str, columns: tuple[str, ...], start: Mapping) -> tuple[str, ...]:
    """Keep the time column of a date for which the form has no box, as long as its date column stays."""
    before = start.columns.get(name, ())
    return before if name in DATES and name not in fields.TIMED and before[:1] == columns else columns
