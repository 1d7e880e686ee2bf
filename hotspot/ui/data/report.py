"""The load report on screen and as JSON."""

from __future__ import annotations

import html
import json
from collections.abc import Sequence

import pandas as pd
import streamlit as st

from hotspot.offences.report import LoadReport, RowReference, runs
from hotspot.offences.store import EVERYTHING, Store
from hotspot.period import day_words
from hotspot.selection import join_words
from hotspot.ui import audited, cached, downloads, page, tables
from hotspot.ui.data import said

_HEADER, _ROW = 38, 32
"""Pixels of the header, its rules included, and of a row of a list."""


def show_reports(store: Store) -> None:
    """Show the report of the latest import, or of an earlier one that is chosen."""
    if cached.scope() != EVERYTHING:
        said.note("A load report counts the offences of the whole force, so it is for those who may see all LPAs.")
        return
    reports = tuple(reversed(store.reports)) if store.exists else ()
    if not reports:
        said.note("Nothing has been imported yet, so there is no load report.")
        return
    chosen = reports[0]
    if len(reports) > 1:
        box, _ = st.columns(2)
        number = box.selectbox(
            "Import", range(len(reports)), format_func=lambda index: title(reports[index]), key="data-which-report"
        )
        chosen = reports[number]
    show(chosen, key="chosen", titled=len(reports) == 1)
    aged = (one for one in store.forces if one.retention_months is not None)
    said.note(*(f"{one.name} keeps offences for {one.retention_words}; older ones leave with each import." for one in aged))


def title(report: LoadReport) -> str:
    """Name an import: source, forces, when."""
    forces = join_words(list(report.forces)) or "no force"
    return f"{report.source}, {forces}, {report.deed} {day_words(report.imported_at)} at {report.imported_at:%H:%M}"


def show(report: LoadReport, *, key: str, titled: bool = True) -> None:
    """Show one report whole."""
    said.note(f"{title(report)}. {_coverage(report)}" if titled else _coverage(report))
    _figures(report)
    left, right = st.columns([1.35, 1], gap="medium")
    with left:
        _rows(report)
        _oddities(report)
    with right:
        _before_and_after(report)
        _crime_types(report)
    if report.removed:
        page.section("Removed from the store", "Older than the retention age of their force.")
        said.table(
            {"Source": "", "Force": "", "Offences": "r", "From before": ""},
            [(one.source, one.force, one.offences, day_words(one.keep_from)) for one in report.removed],
        )
    if report.passed_over:
        passed = (f"{name} ({count:,})" for name, count in sorted(report.passed_over.items()))
        said.note(f"Files passed over: {join_words(list(passed))}.")
    said.note(*report.notes)
    narrow, _ = st.columns([1, 3])
    downloads.button(
        narrow,
        "Download the report as JSON",
        audited.export("load-report", ".json", lambda: json.dumps(report.to_dict(), indent=1, ensure_ascii=False)),
        file_name="load-report.json",
        mime="application/json",
        key=f"data-report-json-{key}",
    )


def _coverage(report: LoadReport) -> str:
    if not report.months:
        return "No month has an offence."
    missing = f"Missing months: {runs(report.missing_months)}." if report.missing_months else "No month between them is missing."
    return f"Months: {runs(report.months)}. {missing}"


def _figures(report: LoadReport) -> None:
    left_out = sum(report.excluded.values())
    joined = report.rows_used - report.offences
    figures = (
        ("Rows read", report.rows_read, ""),
        ("Rows used", report.rows_used, said.counted(report.offences, "offence") + (", victims joined" if joined else "")),
        ("Rows excluded", left_out, _share(left_out, report.rows_read, "of the rows")),
        ("Without location", report.without_location, _share(report.without_location, report.offences, "of the offences")),
    )
    for column, (name, count, words) in zip(st.columns(4), figures, strict=True):
        column.html(
            f'<div class="hs-metric hs-slim"><h2>{html.escape(name)}</h2><div class="n">{count:,}</div>'
            f'<div class="t">{html.escape(words)}</div></div>'
        )


def _share(part: int, whole: int, of_what: str) -> str:
    return f"{100 * part / whole:.1f}% {of_what}" if whole else ""


def _rows(report: LoadReport) -> None:
    page.section("Rows excluded, and why")
    if not report.excluded:
        said.note("No row was excluded.")
        return
    rows = [(reason, count, first_rows(report.examples.get(reason, ()))) for reason, count in report.excluded.items()]
    said.table({"Reason": "", "Rows": "r", "File and row of the first": "m"}, rows)


def first_rows(examples: Sequence[RowReference]) -> str:
    """Name rows by file: 'march.csv rows 3, 8; april.csv row 1'."""
    by_file: dict[str, list[str]] = {}
    for one in examples:
        by_file.setdefault(one.file, []).append(str(one.row))
    return "; ".join(f"{file} row{'s' if len(rows) > 1 else ''} {', '.join(rows)}" for file, rows in by_file.items())


def _oddities(report: LoadReport) -> None:
    """Show every count, the zeros too: a reader sees what was looked for."""
    odd = report.suspicious
    midnight = f"suspicious: about {odd.midnight_expected:,.0f} would be usual" if odd.midnight_flagged else "as usual"
    piles = "; ".join(f"{pile.count:,} at {pile.street or f'{pile.x:.0f}, {pile.y:.0f}'}" for pile in odd.pile_ups[:3])
    pile_words = "suspicious: a police station, or a default?" if odd.pile_ups_flagged else "no more than usual"
    rows = (
        ("Without location", report.without_location, "in tables, not on maps"),
        ("Location unusable", report.location_unusable, "zero, unreadable or far beyond the force: in tables, not on maps"),
        ("Outside the LPAs", report.outside_lpas, "inside the force's bounds, in no LPA"),
        ("End before start", report.end_before_start, "kept, window unknown"),
        ("End in the future", report.end_in_future, "kept, window unknown"),
        ("LPA disagreements", report.lpa_disagreements, "the file's own LPA was believed, not the polygon"),
        ("At 00:00 or 00:01", odd.midnight, midnight if odd.midnight else ""),
        ("Most at one place", odd.pile_ups[0].count if odd.pile_ups else 0, f"{pile_words}: {piles}" if piles else ""),
        (
            "Window over 7 days",
            odd.windows_over_7_days,
            "suspicious: a window so long says little" if odd.windows_over_7_days else "",
        ),
    )
    page.section("Offences kept, and what to know of them")
    said.table({"Found": "", "Offences": "r", "What it means": "m"}, rows)


def _before_and_after(report: LoadReport) -> None:
    page.section("In the store before and after this import")
    frame = pd.DataFrame(
        {
            "Force": [change.force for change in report.replaced],
            "Month": [change.month for change in report.replaced],
            "Before": [change.before for change in report.replaced],
            "After": [change.after for change in report.replaced],
        }
    )
    if frame.empty:
        said.note("No month changed: the import held no offence.")
        return
    if frame["Force"].nunique() == 1:
        frame = frame.drop(columns="Force")
    _list(frame, most=6)
    said.note(f"Together {frame['Before'].sum():,} offences before, {frame['After'].sum():,} after.")


def _crime_types(report: LoadReport) -> None:
    page.section("Crime types, as the source names them")
    ranked = sorted(report.crime_types.items(), key=lambda item: -item[1].count)
    frame = pd.DataFrame(
        {
            "Crime type": [name for name, _ in ranked],
            "Rows used": [count.count for _, count in ranked],
            "Without location": [count.without_location for _, count in ranked],
        }
    )
    _list(frame, most=8)


def _list(frame: pd.DataFrame, *, most: int) -> None:
    """Show a list that scrolls beyond so many rows, its numbers with separators."""
    numbers = {name: st.column_config.NumberColumn(format="localized") for name in frame.columns if frame[name].dtype.kind == "i"}
    height = _HEADER + _ROW * min(len(frame), most)
    tables.data_frame(frame, hide_index=True, row_height=_ROW, height=height, column_config=numbers)
