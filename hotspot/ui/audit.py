"""Parts of the Audit page: the audit log, filtered, with whether it is whole; for administrators."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, timedelta
from functools import partial
from pathlib import Path

import pandas as pd
import streamlit as st

from hotspot import paths
from hotspot.errors import HotspotError
from hotspot.export.files import safe
from hotspot.records import audit
from hotspot.records.audit_anchors import Anchor, anchors
from hotspot.records.audit_reading import Line, Verification, lines, matching, verify, what_words
from hotspot.records.database import open_database
from hotspot.ui import downloads, page, sign_in, tables
from hotspot.ui.keeping import kept
from hotspot.viewer import AUDIT, Viewer, require

EVERYBODY, EVERY_ACT = "Everybody", "Every act"
USUAL_DAYS = 7
SHOWN_ROWS = 14
MOST_SHOWN = 2_000
"""Lines on screen; the CSV has all."""
_HEAD = ("Number", "When", "Who", "Role", "Act", "Where", "What", "Data", "Version")


def show() -> None:
    """Draw the page.

    Raises
    ------
    NotAllowed
        If the person is no administrator.
    """
    require(sign_in.viewer(), AUDIT)
    folder = paths.audit_folder()
    found = _verified(folder)
    last = f" Last line {found.last:,}, hash {found.hash}." if found.lines else ""
    page.header("Audit log", found.headline, f"{_anchored_words(found)}{last}")
    page.warnings((*found.faults, *found.notes))
    chosen = _filtered(folder)
    _table(chosen)
    downloads.row("audit", {"CSV": (".csv", partial(_csv, chosen))})
    page.method_notes((f"What the log can and cannot show: docs/audit.md. It lies in {folder}.",))


def _anchored_words(found: Verification) -> str:
    if not found.lines:
        return "Whatever is done from now on is written here."
    if not found.anchored:
        return "The database of records holds none of its hashes."
    return f"The database of records holds the hash of line {found.anchored:,}."


def _verified(folder: Path) -> Verification:
    """Go through the log anew whenever a file of it was touched; what the system says of that cannot be set by hand."""
    try:
        known = anchors(open_database(), viewer=sign_in.viewer())
    except HotspotError as fault:
        page.warnings((f"The hashes in the database of records cannot be compared. {fault}",))
        known = ()
    files = [file for file in (*audit.files_of(folder), folder / audit.HEAD) if file.exists()]
    stats = ((file.name, file.stat()) for file in files)
    state = tuple((name, found.st_ino, found.st_size, found.st_mtime_ns, found.st_ctime_ns) for name, found in stats)
    return _verification(folder, state, known, sign_in.viewer())


@kept
def _verification(
    folder: Path, _state: tuple[tuple[str | int, ...], ...], known: tuple[Anchor, ...], viewer: Viewer
) -> Verification:
    return verify(folder, known, viewer=viewer)


def _filtered(folder: Path) -> list[Line]:
    """Draw the filters and give the lines that they leave, the latest first."""
    days_box, who_box, act_box = st.columns([1.2, 1, 1])
    today = date.today()
    days = days_box.date_input(
        "First and last day", (today - timedelta(days=USUAL_DAYS - 1), today), format="DD/MM/YYYY", key="audit-days"
    )
    since, last = days if isinstance(days, tuple) and len(days) == 2 else (today - timedelta(days=USUAL_DAYS - 1), today)
    found = list(lines(folder, since=since, until=last + timedelta(days=1), viewer=sign_in.viewer()))
    who = _choice(who_box, "Person", EVERYBODY, sorted({one.who for one in found}), key="audit-who")
    act = _choice(act_box, "Act", EVERY_ACT, sorted({one.act for one in found}), key="audit-act")
    return list(matching(found, who=who, act=act))


def _choice(box: st.delta_generator.DeltaGenerator, label: str, all_of: str, names: list[str], *, key: str) -> str | None:
    if st.session_state.get(key) not in names:
        st.session_state.pop(key, None)
    picked = box.selectbox(label, [all_of, *names], key=key)
    return None if picked == all_of else picked


def _table(chosen: Sequence[Line]) -> None:
    count = f"{len(chosen):,} line{'' if len(chosen) == 1 else 's'}, the latest first."
    more = f" The latest {MOST_SHOWN:,} are shown; the CSV has all." if len(chosen) > MOST_SHOWN else ""
    page.section("What was done", count + more)
    if not chosen:
        return
    rows = pd.DataFrame([_row(one) for one in chosen[:MOST_SHOWN]], columns=_HEAD)
    height = tables.ROW_HEIGHT * (min(len(rows), SHOWN_ROWS) + 1) + 3
    tables.data_frame(
        rows.drop(columns=["Data", "Version"]),
        hide_index=True,
        row_height=tables.ROW_HEIGHT,
        height=height,
        column_config={
            "Number": st.column_config.NumberColumn(width=64),
            "When": st.column_config.TextColumn(width=140),
            "Who": st.column_config.TextColumn(width=130),
            "Role": st.column_config.TextColumn(width=96),
            "Act": st.column_config.TextColumn(width=96),
            "Where": st.column_config.TextColumn(width=130),
        },
    )


def _row(one: Line) -> tuple[str | int, ...]:
    moment = f"{one.moment.astimezone():%Y-%m-%d %H:%M:%S}"
    return one.number, moment, one.who, one.role, one.act, one.way, what_words(one), one.data, one.version


def _csv(chosen: Sequence[Line]) -> bytes:
    return safe(pd.DataFrame([_row(one) for one in chosen], columns=_HEAD)).to_csv(index=False).encode("utf-8")
