"""The board's table as a workbook and as CSV: figures an analyst can go on with, and what they are, on a sheet of their own."""

from __future__ import annotations

import math
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pandas as pd
from openpyxl import Workbook
from openpyxl.cell.cell import ILLEGAL_CHARACTERS_RE
from openpyxl.styles import Alignment, Border, Font, Side
from openpyxl.utils import get_column_letter
from openpyxl.worksheet.worksheet import Worksheet

from hotspot.errors import BadInput
from hotspot.export.files import provenance
from hotspot.findings import performance_words as words
from hotspot.findings.audience import FORCE
from hotspot.findings.board_lines import KIND
from hotspot.findings.peers import PeerComparison
from hotspot.findings.performance import PerformanceFinding
from hotspot.findings.performance_shown import ShownPerformance, ShownRow, shown_performance
from hotspot.formulas import harmless, safe
from hotspot.methods.outcomes import COHORT, OutcomeRate
from hotspot.methods.repeats import Proportion
from hotspot.methods.suppression import HIDDEN

_FORMATS = {"count": "#,##0", "percent": "0.0%", "rate": "0.00"}
_SECONDARY, _HAIRLINE, _INK = "4A5863", "C9D0D6", "14212B"
_WIDEST = 44


def board_rows(rows: Sequence[ShownRow]) -> list[dict[str, Any]]:
    """Give the table's rows as plain values; a hidden count is the word 'hidden', what it would tell is empty."""
    return [_row(one) for one in rows]


def _row(one: ShownRow) -> dict[str, Any]:
    row = one.row
    change = one.change.row if one.change is not None else None
    return {
        "area": row.area,
        "offence_group": row.line.name,
        "rank": row.line.rank,
        "last_year": HIDDEN if one.is_hidden and row.baseline_count is not None else row.baseline_count,
        "this_year": HIDDEN if one.is_hidden else row.count,
        "change_per_day": _finite(change.ratio - 1) if change is not None else None,
        "change_low": _finite(change.ratio_low - 1) if change is not None else None,
        "change_high": _finite(change.ratio_high - 1) if change is not None else None,
        "reading": HIDDEN if one.is_hidden else change.verdict if change is not None else None,
        "dispersion": _finite(change.dispersion.phi) if change is not None else None,
        "poisson_low": _finite(change.poisson_low - 1) if change is not None else None,
        "poisson_high": _finite(change.poisson_high - 1) if change is not None else None,
        **_rate("last_year_outcome", one.baseline_rate),
        **_rate("outcome", one.rate),
    }


def _rate(name: str, rate: OutcomeRate | None) -> dict[str, Any]:
    return {
        f"{name}s": rate.outcomes if rate is not None else None,
        f"{name}_rate": _finite(rate.rate) if rate is not None else None,
        f"{name}_rate_low": _finite(rate.low) if rate is not None else None,
        f"{name}_rate_high": _finite(rate.high) if rate is not None else None,
    }


def _finite(value: float) -> float | None:
    return value if math.isfinite(value) else None


def share_rows(shown: ShownPerformance) -> list[dict[str, Any]]:
    """Give the kinds of vehicle crime and the shares of robbery, with what they are shares of."""
    rows = [
        {"area": "", "share_of": f"{kind}, of vehicle crime", **_share(now, before), "unknown": None}
        for kind, now, before in shown.split
    ]
    for place, shares in shown.shares.items():
        rows += [
            {"area": place, "share_of": f"{one.name}, robbery", **_share(one.now, one.before), "unknown": one.unknown}
            for one in shares
        ]
    return rows


def _share(now: Proportion, before: Proportion | None) -> dict[str, Any]:
    return {
        "last_year_count": before.count if before is not None else None,
        "last_year_of": before.of if before is not None else None,
        "last_year_share": _finite(before.share) if before is not None else None,
        "count": now.count,
        "of": now.of,
        "share": _finite(now.share),
        "share_low": _finite(now.low),
        "share_high": _finite(now.high),
    }


def peer_rows(peers: Sequence[PeerComparison]) -> list[dict[str, Any]]:
    """Give the comparison with other forces as plain values."""
    return [
        {
            "offence_group": one.group,
            "per_1000": one.per,
            "offences": one.offences,
            "rate": _finite(one.rate),
            "rate_low": _finite(one.low),
            "rate_high": _finite(one.high),
            "other_forces": one.others,
            "simple_mean": one.simple_mean,
            "weighted_mean": one.weighted_mean,
            "place": one.place,
            "ratio_to_weighted_mean": _finite(one.against.ratio) if one.against is not None else None,
            "ratio_low": _finite(one.against.low) if one.against is not None else None,
            "ratio_high": _finite(one.against.high) if one.against is not None else None,
        }
        for one in peers
    ]


def said(finding: PerformanceFinding, *, audience: str) -> dict[str, str]:
    """Say what the figures are: periods, definitions, source, marking; no name is one of a table's columns."""
    facts = provenance(finding.selected)
    if audience != FORCE:
        facts = {name: text for name, text in facts.items() if name not in {"offences_used", "without_location"}}
    baseline = finding.baseline
    alone = words.mature_words(finding) if audience == FORCE else ""
    mature = words.maturity_words(finding.maturity, finding.settings, finding.immature_months)
    return {
        **facts,
        "title": words.kicker(finding),
        "as_at": finding.as_at.isoformat(),
        "period": finding.period.iso,
        "period_last_year": baseline.iso if baseline is not None else "not in the data",
        "outcome_rate_is": words.definition(finding),
        **({"maturity": mature} if mature else {}),
        **({"mature_months": alone} if alone else {}),
        "change": "Rate per day over last year's, less one; 95% interval widened where counts cluster, Poisson's beside it.",
        "audience": audience,
        **({"notes": " ".join(finding.notes)} if finding.notes else {}),
    }


def write_performance(finding: PerformanceFinding, audience: str, peers: Sequence[PeerComparison], path: Path) -> None:
    """Write the table as .xlsx or .csv, as the audience may see it."""
    shown = shown_performance(finding, audience=audience)
    match path.suffix.lower():
        case ".xlsx":
            _workbook(finding, shown, audience, peers).save(path)
        case ".csv":
            every = (*shown.force, *(row for rows in shown.areas.values() for row in rows)) if shown.areas else shown.place
            rows = [*every, *(shown.place if finding.selection.drawn is not None and shown.areas else ())]
            safe(pd.DataFrame(board_rows(rows)).assign(**said(finding, audience=audience))).to_csv(path, index=False)
        case other:
            raise BadInput(f"The board's table cannot be written as '{other}'. Choose .xlsx or .csv.")


def _workbook(finding: PerformanceFinding, shown: ShownPerformance, audience: str, peers: Sequence[PeerComparison]) -> Workbook:
    book = Workbook()
    front = said(finding, audience=audience)
    marking = f"{front['marking']}   {front['source']}   {front['title']}"
    sheets = [("Board table", board_rows(shown.place)), ("Force", board_rows(shown.force))]
    by_area = [row for rows in shown.areas.values() for row in rows]
    sheets += [("By area", board_rows(by_area))] if by_area else []
    sheets += [("Shares", share_rows(shown))] if share_rows(shown) else []
    sheets += [("Outcomes by month", _months(finding, audience))] if _months(finding, audience) else []
    sheets += [("Other forces", peer_rows(peers))] if peers else []
    book.remove(book.active)
    for name, rows in sheets:
        _fill(book.create_sheet(name), rows, marking)
    _provenance(book.create_sheet("What this is"), front)
    return book


def _months(finding: PerformanceFinding, audience: str) -> list[dict[str, Any]]:
    """Give the outcome rates by month; for the force alone, since a month's outcomes are often under 5."""
    if audience != FORCE:
        return []
    return [
        {
            "month": one.month,
            "offence_group": finding.focus.name,
            "offences": one.rate.offences,
            **_rate("outcome", one.rate),
            "immature": one.is_immature if finding.settings.denominator == COHORT else None,
        }
        for one in finding.months
    ]


def _fill(sheet: Worksheet, rows: Sequence[dict[str, Any]], marking: str) -> None:
    """Write a heading, and rows with number formats that keep every digit."""
    sheet.append([_text(marking)])
    sheet["A1"].font = Font(bold=True, color=_INK)
    heads = [name for name in rows[0] if name != "rank"]
    sheet.append([])
    sheet.append([name.replace("_", " ").capitalize() for name in heads])
    for row in rows:
        sheet.append([_text(row[name]) for name in heads])
        for name, cell in zip(heads, sheet[sheet.max_row], strict=True):
            _look(cell, name, row)
    _finish(sheet, heads)


def _look(cell: Any, name: str, row: dict[str, Any]) -> None:
    value = row[name]
    if isinstance(value, str) or value is None:
        cell.alignment = Alignment(indent=1 if name == "offence_group" and row.get("rank") == KIND else 0)
        cell.data_type = "s" if isinstance(value, str) else cell.data_type
    elif isinstance(value, int) and not isinstance(value, bool):
        cell.number_format = _FORMATS["count"]
    elif isinstance(value, float):
        is_share = name.startswith(("change", "poisson", "share", "last_year_share")) or "outcome" in name
        cell.number_format = _FORMATS["percent" if is_share else "rate"]
    if row.get("rank") not in (None, KIND):
        cell.font = Font(bold=True, color=_INK)


def _finish(sheet: Worksheet, heads: Sequence[str]) -> None:
    for cell in sheet[3]:
        cell.font = Font(bold=True, color=_SECONDARY)
        cell.alignment = Alignment(wrap_text=True, vertical="bottom")
        cell.border = Border(bottom=Side("medium", color=_HAIRLINE))
    for number, name in enumerate(heads, start=1):
        longest = max(len(str(cell.value)) for cell in sheet[get_column_letter(number)][3:] or [sheet.cell(3, number)])
        sheet.column_dimensions[get_column_letter(number)].width = min(max(11, longest + 2 if name in _NAMES else 11), _WIDEST)
    sheet.freeze_panes = "C4"
    sheet.page_setup.orientation = "landscape"
    sheet.page_setup.fitToHeight = 0
    sheet.sheet_properties.pageSetUpPr.fitToPage = True
    sheet.print_title_rows = "1:3"


_NAMES = ("area", "offence_group", "reading", "share_of")


def _provenance(sheet: Worksheet, front: dict[str, str]) -> None:
    for name, text in front.items():
        sheet.append([name.replace("_", " ").capitalize(), _text(text)])
        sheet.cell(sheet.max_row, 1).font = Font(bold=True, color=_SECONDARY)
        sheet.cell(sheet.max_row, 2).alignment = Alignment(wrap_text=True, vertical="top")
        sheet.cell(sheet.max_row, 2).data_type = "s"
    sheet.column_dimensions["A"].width, sheet.column_dimensions["B"].width = 24, 110


def _text(value: Any) -> Any:
    """Keep text that begins like a formula from being one, and control characters out: a workbook cannot hold them."""
    return ILLEGAL_CHARACTERS_RE.sub(" ", harmless(value)) if isinstance(value, str) else value
