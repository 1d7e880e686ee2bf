"""Import a force extract: upload, first rows, a saved mapping or one built here, check, save, import."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, datetime
from pathlib import Path

import numpy as np
import pandas as pd
import streamlit as st

from hotspot import paths
from hotspot.geography import LPA, Force
from hotspot.limits import SECONDS
from hotspot.methods.suppression import mask_reference
from hotspot.offences.force_extract import Head, read_head
from hotspot.offences.guess import guess_mapping
from hotspot.offences.mapping import Mapping
from hotspot.offences.schema import SENSITIVE
from hotspot.offences.store import Store
from hotspot.offences.tabular import SUFFIXES
from hotspot.ui import downloads, page, sign_in, tables
from hotspot.ui.data import apart, check, forces, running, said, saved_mappings, uploads, wizard
from hotspot.ui.data.uploads import Staged

BUILD = "Match the columns of this file"
_CHECKED = "data-checked"
SLOT = "extract"


def show(store: Store) -> None:
    """Draw the import of a force extract."""
    left, right = st.columns([1, 1.3], gap="medium")
    with left:
        force = forces.choose(store, key="extract")
    with right:
        upload = st.file_uploader(
            "Extract: CSV, XLSX, Parquet, GeoPackage or GeoJSON",
            type=[suffix[1:] for suffix in SUFFIXES],
            key=uploads.box_key(SLOT),
        )
    held = uploads.staged(upload, slot=SLOT)
    if held is None:
        said.note(
            "Upload an extract to see its first rows and to say what its columns mean. Nothing is imported before you ask for it."
        )
        return
    running.forget_last()
    with said.sentences_for_faults(said.UNCHANGED):
        head, part = _head(held)
        _first_rows(head)
        if force is not None:
            _through_mapping(held, head, part, force, store)


def _head(held: Staged) -> tuple[Head, str]:
    head = apart.read(read_head, held.path)
    if len(head.parts) < 2:
        return head, ""
    part = st.selectbox("Sheet or layer", head.parts, key=f"data-part-of-file-{held.file_id}")
    return apart.read(read_head, held.path, part=part), part


def _first_rows(head: Head) -> None:
    page.section(f"First rows: {len(head.columns)} columns")
    tables.data_frame(head.frame.head(5), hide_index=True, row_height=28, height=28 * min(len(head.frame), 5) + 37)


def _through_mapping(held: Staged, head: Head, part: str, force: Force, store: Store) -> None:
    mapping = of_part(_mapping(held, head, part), held.path, part)
    faults = [*mapping.faults(), *mapping.faults_against(head.columns)]
    if "x" not in mapping.columns and not head.has_points:
        said.note("No columns are matched with x and y: the offences will be in tables, not on maps.")
    said.note(
        f"An import replaces the offences of the source '{mapping.name}' for {force.name} in the dates that the file covers, "
        "and touches nothing else."
    )
    if faults:
        said.refused("The mapping is not complete.", *(_for_reader(fault) for fault in faults))
    asked = _buttons(mapping, ready=not faults)
    if asked == "check":
        with st.spinner("Reading the whole file as an import would"):
            areas = store.areas(LPA, force=force.name) if store.exists and LPA in store.levels_of(force.name) else None
            today = date.today()
            found = apart.read(check.check, held.path, mapping, force, areas=areas, today=today, keep_from=force.keep_from(today))
        st.session_state[_CHECKED] = (_fingerprint(held, mapping, force), found)
    elif asked == "save":
        saved_mappings.save(mapping, store_folder=paths.store_folder(), viewer=sign_in.viewer())
        said.done(f"The mapping '{mapping.name}' was saved. It can be chosen for the next extract of this kind.")
    elif asked == "import":
        slots, hide = (SLOT, *forces.SLOTS), [held.path.parent]
        running.run([held.path], forces=(force,), mapping=mapping, slots=slots, hide=hide, seconds=SECONDS.most)
    checked, found = st.session_state.get(_CHECKED, (None, None))
    if found is not None and checked == _fingerprint(held, mapping, force):
        _show_check(found)


def _fingerprint(held: Staged, mapping: Mapping, force: Force) -> tuple[str, str, str]:
    return held.file_id, mapping.to_toml(), force.name


def _mapping(held: Staged, head: Head, part: str) -> Mapping:
    """Choose a saved mapping (the one that fits stands first) or build one from guesses."""
    saved, faults = saved_mappings.saved_mappings(paths.store_folder())
    said.note(*faults)
    fits = saved_mappings.fitting(saved, head.columns)
    choose, change = st.columns([1.3, 1], gap="medium", vertical_alignment="bottom")
    number = choose.selectbox(
        "Mapping",
        range(len(saved) + 1),
        index=saved.index(fits) + 1 if fits else 0,
        format_func=lambda number: saved[number - 1].label if number else BUILD,
        key=f"data-mapping-of-{held.file_id}-{part}",
    )
    chosen = saved[number - 1] if number else None
    start = chosen.mapping if chosen else guess_mapping(head, name=_source_name(held.path))
    if chosen is not None and not change.toggle(
        "Show and change its columns", key=f"data-change-{held.file_id}-{chosen.path.name}"
    ):
        return start
    key = f"{held.file_id}-{part}-{chosen.path.name if chosen else 'guess'}"
    return wizard.form(held.path, head, start, part=part, key=key)


def of_part(mapping: Mapping, path: Path, part: str) -> Mapping:
    """Point a mapping at the sheet or layer whose rows were seen; '' where the file has one alone."""
    is_workbook = path.suffix.lower().startswith(".xls")
    return replace(mapping, sheet=part if is_workbook else "", layer="" if is_workbook else part)


def _source_name(path: Path) -> str:
    words = " ".join("".join(letter if letter.isalnum() else " " for letter in path.stem).split())[: saved_mappings.LONGEST_NAME]
    return f"{words[0].upper()}{words[1:]}" if words else "Force extract"


def _for_reader(fault: str) -> str:
    """Say a fault of a mapping's file as one of this form."""
    return f"{fault[0].upper()}{fault[1:]}".replace("[columns] ", "").replace("[Columns] ", "")


def _buttons(mapping: Mapping, *, ready: bool) -> str:
    columns = st.columns(4, vertical_alignment="center")
    asked = ""
    if columns[0].button("Check", key="data-check", disabled=not ready, width="stretch"):
        asked = "check"
    if columns[1].button("Save the mapping", key="data-save-mapping", disabled=not ready, width="stretch"):
        asked = "save"
    downloads.button(
        columns[2],
        "Download as TOML",
        mapping.to_toml(),
        file_name="mapping.toml",
        mime="application/toml",
        key="data-mapping-toml",
    )
    if columns[3].button("Import", key="data-import-extract", type="primary", disabled=not ready, width="stretch"):
        asked = "import"
    return asked


def _show_check(found: check.Check) -> None:
    left_out = found.rows_read - found.rows_used
    page.section(f"An import would use {found.rows_used:,} of {found.rows_read:,} rows and exclude {left_out:,}")
    counts = (
        f"{found.offences:,} offences; {found.without_location:,} without location, "
        f"{found.location_unusable:,} with a location unusable, {found.outside_lpas:,} outside the LPAs."
    )
    kinds = ", ".join(f"{name} {count:,}" for name, count in found.crime_types.items())
    said.note(counts, f"Crime types: {kinds or 'none'}.", *found.notes)
    if found.excluded:
        rows = [(reason, count, ", ".join(map(str, found.examples[reason]))) for reason, count in found.excluded.items()]
        said.table({"Excluded because of": "", "Rows": "r", "Number of the first": "m"}, rows)
    said.note("The first offences as they would be stored; references are masked.")
    tables.data_frame(masked(found.first_rows), hide_index=True, row_height=28, height=28 * min(len(found.first_rows), 8) + 37)


def masked(offences: pd.DataFrame) -> pd.DataFrame:
    """Write offences for the screen: references, MO and victims masked, dates short."""
    shown = {}
    for name in offences.columns:
        if name in ("source", "force", "rows", "end_before_start", "end_in_future", "lpa_disagrees", "lpa_named"):
            continue
        hide = name in SENSITIVE or name == "offence_id"
        shown[name] = [_cell(value, hide=hide) for value in offences[name]]
    return pd.DataFrame(shown)


def _cell(value: object, *, hide: bool) -> str:
    if isinstance(value, (list, np.ndarray)):
        return ", ".join(_cell(one, hide=hide) for one in value)
    if value is None or pd.isna(value):  # type: ignore[call-overload]
        return ""
    if hide:
        return mask_reference(str(value))
    if isinstance(value, datetime):
        return f"{value:%Y-%m-%d}" if value.time() == datetime.min.time() else f"{value:%Y-%m-%d %H:%M}"
    return f"{value:.0f}" if isinstance(value, float) else str(value)
