"""``s-index``: do two patterns lie in the same places."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Annotated, Any

import typer

from hotspot.commands import output, public
from hotspot.commands.change_map import On, PeriodOption, Size, known_units
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
    open_store,
    select_period,
)
from hotspot.commands.provenance import provenance
from hotspot.errors import BadInput
from hotspot.geography import LPA
from hotspot.period import Period

if TYPE_CHECKING:
    from hotspot.findings.s_index import SIndexFinding
    from hotspot.offences.store import Store

READINGS = {-1: "lower", 0: "alike", 1: "higher"}
REASONS = {
    ("size", "not a number"): "none: areas have no size",
    ("robust_s", "not a number"): "undefined: no offence in any unit",
}


def register(app: typer.Typer) -> None:
    """Add the command."""
    app.command("s-index")(s_index)


def s_index(
    store: StoreFolder,
    crime_type: CrimeType,
    period: PeriodOption,
    baseline: Annotated[
        str | None, typer.Option("--baseline", help="The earlier period whose pattern is the base.", metavar="D..D")
    ] = None,
    base_type: Annotated[
        str | None,
        typer.Option("--base-type", help="The crime type of the same period whose pattern is the base.", metavar="TYPE"),
    ] = None,
    on: On = "squares",
    size: Size = 1_000.0,
    seed: Annotated[int, typer.Option("--seed", help="Of the samples.", metavar="S")] = 20090101,
    area: Area = None,
    level: Level = LPA,
    date_basis: DateBasis = None,
    audience: Audience = public.FORCE,
    source: Source = None,
    force: ForceName = None,
    as_json: Json = False,
) -> None:
    """Compare where offences lie: Andresen's S index of two periods, or of two crime types, 0 to 1 (alike everywhere)."""
    is_public = public.is_meant(audience)
    if (baseline is None) == (base_type is None):
        raise BadInput("Give one base to compare with: --baseline for an earlier period, or --base-type for another crime type.")
    opened = open_store(store)
    choice = Choice(crime_type, area, level, date_basis, source, force)
    finding = _finding(opened, choice, period=period, baseline=baseline, base_type=base_type, on=on, size=size, seed=seed)
    document = _document(finding)
    if is_public:
        document = public.s_index(document) | {"notes": document["notes"][len(finding.left_off) :]}
    output.show(document, _lines(document), as_json=as_json, reasons=REASONS)


def _finding(
    store: Store,
    choice: Choice,
    *,
    period: str,
    baseline: str | None,
    base_type: str | None,
    on: str,
    size: float,
    seed: int,
) -> SIndexFinding:
    from hotspot.findings.change_units import units_on
    from hotspot.findings.compare import check_periods
    from hotspot.findings.s_index import s_index_finding
    from hotspot.findings.selected import select
    from hotspot.offences.store import EVERYTHING

    selection = select_period(store, choice, Period.parse(period))
    if baseline is not None:
        before = Period.parse(baseline)
        check_periods(selection.period, before)
        base = selection.with_period(before)
    else:
        base = select_period(store, replace(choice, crime_type=base_type or ""), selection.period)
    test = select(store, selection, scope=EVERYTHING)
    units = units_on(store, test, on=known_units(store, on, selection.force), size=size)
    return s_index_finding(select(store, base, scope=EVERYTHING), test, units, seed=seed)


def _document(finding: SIndexFinding) -> dict[str, Any]:
    from hotspot.findings.s_index import WEAKNESS

    index = finding.index
    rows = [
        {
            "unit": name,
            "base_count": int(base),
            "test_count": int(test),
            "base_share": float(share),
            "test_low": float(low),
            "test_high": float(high),
            "reading": READINGS[int(reading)],
        }
        for name, base, test, share, low, high, reading in zip(
            finding.units.names,
            finding.base_counts,
            finding.test_counts,
            index.base_share,
            index.low,
            index.high,
            index.reading,
            strict=True,
        )
    ]
    return {
        **provenance(finding.test),
        "base": finding.base.selection.title(),
        "on": finding.units.kind,
        "size": finding.units.size,
        "s": index.s,
        "robust_s": index.robust,
        "units": index.units,
        "occupied_units": index.occupied,
        "base_count": index.base_count,
        "test_count": index.test_count,
        "sample": index.sample,
        "repeats": index.repeats,
        "seed": index.seed,
        "sentence": finding.sentence,
        "rows": rows,
        "notes": [*finding.left_off, WEAKNESS],
    }


def _lines(document: dict[str, Any]) -> list[str]:
    return [
        *output.heading(document),
        f"Base: {document['base']}.",
        "",
        document["sentence"],
        *document["notes"],
        f"{document['repeats']} samples of {document['sample']:,} of {document['test_count']:,} located offences, "
        f"seed {document['seed']}; --json lists the units.",
    ]
