"""``change-map``: where it changed, in discs, squares, hexagons or the areas of a level."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from hotspot.commands import output, public
from hotspot.commands.change import REASONS, change_numbers
from hotspot.commands.options import (
    Area,
    Audience,
    Choice,
    CrimeType,
    DateBasis,
    ForceName,
    Json,
    Level,
    Source,
    StoreFolder,
    known_level,
    open_store,
    select_period,
)
from hotspot.commands.provenance import provenance
from hotspot.errors import BadInput
from hotspot.geography import LPA
from hotspot.period import Period

if TYPE_CHECKING:
    from hotspot.findings.change_units import UnitChangeFinding
    from hotspot.offences.store import Store

SUFFIXES = (".geojson", ".json", ".gpkg", ".csv")
LISTED = 20
"""Units that the readable table shows; the rest are counted."""
_PERIOD = "start..end, year-month-day, the end not included."
PeriodOption = Annotated[str, typer.Option("--period", help=f"The period: {_PERIOD}", metavar="D..D")]
BaselineOption = Annotated[str, typer.Option("--baseline", help=f"What it is compared with: {_PERIOD}", metavar="D..D")]
On = Annotated[
    str,
    typer.Option(
        "--on", help="discs, squares, hexagons, or a level of areas such as LPA or ward.", metavar="discs|squares|hexagons|LEVEL"
    ),
]
Size = Annotated[
    float, typer.Option("--size", help="Metres: side of a square, width of a hexagon; discs and areas have none.", metavar="M")
]


def register(app: typer.Typer) -> None:
    """Add the command."""
    app.command("change-map")(change_map)


def change_map(
    store: StoreFolder,
    crime_type: CrimeType,
    period: PeriodOption,
    baseline: BaselineOption,
    on: On = "discs",
    size: Size = 1_000.0,
    area: Area = None,
    level: Level = LPA,
    date_basis: DateBasis = None,
    out: Annotated[Path | None, typer.Option("--out", help="Units to write: .geojson, .gpkg or .csv.", metavar="FILE")] = None,
    audience: Audience = public.FORCE,
    source: Source = None,
    force: ForceName = None,
    as_json: Json = False,
) -> None:
    """Compare two periods in discs of 1.5 km, squares, hexagons or areas: one family of tests, one verdict for each."""
    output.checked_out(out, SUFFIXES)
    is_public = public.is_meant(audience)
    now, before = Period.parse(period), Period.parse(baseline)
    opened = open_store(store)
    choice = Choice(crime_type, area, level, date_basis, source, force)
    finding = _finding(opened, choice, now, before, on=on, size=size)
    document = _document(finding, out)
    if is_public:
        document = public.change_map(document, finding)
    if out is not None:
        _write(finding, out, hidden=is_public)
    output.warn(document["notes"])
    output.show(document, _lines(document, now, before), as_json=as_json, reasons=REASONS)


def known_units(store: Store, on: str, force: str) -> str:
    """Give a kind of units as findings name it: squares, hexagons, or a level as the store writes it."""
    from hotspot.findings.change_units import CELLS

    wanted = on.strip().lower()
    return wanted if wanted in CELLS else known_level(store, on, force)


def _finding(store: Store, choice: Choice, now: Period, before: Period, *, on: str, size: float) -> UnitChangeFinding:
    from hotspot.findings.change_units import DISCS, disc_change_finding, unit_change_finding, units_on
    from hotspot.findings.clustering import monthly_positions
    from hotspot.findings.compare import check_periods
    from hotspot.findings.selected import select
    from hotspot.offences.store import EVERYTHING

    check_periods(now, before)
    selection = select_period(store, choice, now)
    selected, earlier = (select(store, selection.with_period(one), scope=EVERYTHING) for one in (now, before))
    positions = monthly_positions(store, selection, scope=EVERYTHING)
    if on.strip().lower() == DISCS:
        return disc_change_finding(selected, earlier, positions=positions)
    units = units_on(store, selected, on=known_units(store, on, selection.force), size=size)
    return unit_change_finding(selected, earlier, units, positions=positions)


def _write(finding: UnitChangeFinding, out: Path, *, hidden: bool) -> None:
    from hotspot.export.unit_changes import write_unit_changes

    if hidden:
        raise BadInput(
            f"--out {out} would tell counts under 5, which --audience public suppresses. Take the rows that --json prints."
        )
    output.write_file(lambda path: write_unit_changes(finding, path), out)


def _document(finding: UnitChangeFinding, out: Path | None) -> dict[str, Any]:
    changes = finding.changes
    period, baseline = finding.selected.selection.period, finding.baseline.selection.period
    x, y = changes.units.centres
    places = zip(changes.rows, x.tolist(), y.tolist(), changes.units.area_km2.tolist(), strict=True)
    return {
        **provenance(finding.selected),
        "headline": finding.headline,
        "period": {"from": period.start, "to": period.end, "days": period.days},
        "baseline": {"from": baseline.start, "to": baseline.end, "days": baseline.days},
        "on": changes.units.kind,
        "size": changes.units.size,
        "units": len(changes.units),
        "tested": changes.table.tested,
        "family_sentence": changes.family,
        "outside_units": output.whole(changes.outside),
        "rows": [
            {"unit": row.area, "x": east, "y": north, "area_km2": km2, **change_numbers(row), "verdict": row.verdict}
            for row, east, north, km2 in places
        ],
        "notes": [*finding.left_off, *finding.notes],
        "out": out,
    }


def _lines(document: dict[str, Any], now: Period, before: Period) -> list[str]:
    from hotspot.findings.compare import length_words

    columns: output.Columns = {
        "unit": str,
        "baseline_count": output.quantity,
        "count": output.quantity,
        "ratio": output.number(2),
        "ratio_low": output.number(2),
        "ratio_high": output.number(2),
        "q_value": output.probability,
        "verdict": str,
    }
    order = {"rose": 0, "fell": 1, "could be chance": 2, "little change": 3}
    ranked = sorted(document["rows"], key=lambda row: (order.get(row["verdict"], 4), row["q_value"] or 0.0))
    rows = [row | {"verdict": row["verdict"] or "hidden"} for row in ranked[:LISTED]]
    more = [f"and {len(ranked) - LISTED:,} more, which --json or --out give."] if len(ranked) > LISTED else []
    return [
        *output.heading(document),
        f"Compared with {before.label_in_days()}.{length_words(now, before)}",
        *([document["headline"]] if document["headline"] else []),
        "",
        *output.table(rows, columns, heads={"ratio": "ratio per day"}),
        *more,
        "",
        *([document["family_sentence"]] if document["family_sentence"] else []),
        *output.written(document["out"]),
    ]
