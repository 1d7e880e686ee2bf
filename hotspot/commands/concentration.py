"""``concentration``: how unequally offences fall on premises, victims, vehicles, streets, cells or suspects."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Any

import typer

from hotspot.commands import output, public
from hotspot.commands.options import (
    Area,
    Audience,
    Choice,
    CrimeType,
    DateBasis,
    ForceName,
    From,
    Json,
    Level,
    Source,
    StoreFolder,
    To,
    open_store,
    select_options,
)
from hotspot.commands.provenance import provenance
from hotspot.errors import BadInput
from hotspot.geography import LPA

if TYPE_CHECKING:
    from hotspot.findings.concentration import ConcentrationFinding

_NONE = "undefined: no offence has a unit"
_REASONS = {
    ("cell_size", "not a number"): "not by cells",
    **{(name, "not a number"): _NONE for name in ("gini", "generalised_gini", "half_share")},
}


def register(app: typer.Typer) -> None:
    """Add the command."""
    app.command("concentration")(concentration)


def concentration(
    store: StoreFolder,
    crime_type: CrimeType,
    by: Annotated[
        str, typer.Option("--by", help="What offences concentrate on.", metavar="premises|victim|vehicle|street|cell|suspect")
    ] = "premises",
    cell_size: Annotated[
        float | None, typer.Option("--cell-size", help="Metres, with --by cell; left out, 300.", metavar="M")
    ] = None,
    start: From = None,
    end: To = None,
    area: Area = None,
    level: Level = LPA,
    date_basis: DateBasis = None,
    audience: Audience = public.FORCE,
    source: Source = None,
    force: ForceName = None,
    as_json: Json = False,
) -> None:
    """Give Gini, generalised Gini and the Lorenz curve, each beside what chance alone would give."""
    from hotspot.findings.concentration import CELL, CELL_SIZE, concentration_finding, gives_away
    from hotspot.findings.selected import select
    from hotspot.offences.store import EVERYTHING

    is_public = public.is_meant(audience)
    kind = by.strip().lower()
    if cell_size is not None and kind != CELL:
        raise BadInput("--cell-size goes with --by cell.")
    opened = open_store(store)
    selection = select_options(opened, Choice(crime_type, area, level, date_basis, source, force), start=start, end=end)
    size = CELL_SIZE if cell_size is None else cell_size
    finding = concentration_finding(opened, selection, by=kind, cell_size=size, scope=EVERYTHING)
    document = {**provenance(select(opened, selection, scope=EVERYTHING)), **_document(finding)}
    if is_public:
        document = public.concentration(document, hides=gives_away(finding))
    output.show(document, _lines(document), as_json=as_json, reasons=_REASONS)


def _document(finding: ConcentrationFinding) -> dict[str, Any]:
    curve, baseline = finding.curve, finding.baseline
    return {
        "by": finding.by,
        "cell_size": finding.cell_size,
        "headline": finding.headline,
        "subline": finding.subline,
        "offences": finding.offences,
        "without_unit": finding.without_unit,
        "hit": finding.hit,
        "places": finding.places,
        "gini": finding.gini,
        "generalised_gini": finding.generalised_gini,
        "half_share": finding.half_share,
        "curve": None
        if curve is None
        else {"share_of_places": curve.share_of_places, "share_of_offences": curve.share_of_offences},
        "by_chance": None
        if baseline is None
        else {
            "given": "all places" if finding.places is not None else "the places hit",
            "gini": baseline.gini,
            "gini_low": baseline.gini_low,
            "gini_high": baseline.gini_high,
            "half_share": baseline.half,
            "share_of_places": baseline.share_of_places,
            "mean": baseline.mean,
            "low": baseline.low,
            "high": baseline.high,
            "simulations": baseline.simulations,
            "seed": baseline.seed,
        },
        "notes": finding.notes,
    }


def _lines(document: dict[str, Any]) -> list[str]:
    measures = [
        {
            "measure": name.replace("_", " "),
            "observed": document[name],
            "by_chance": (document["by_chance"] or {}).get(name, float("nan")),
        }
        for name in ("gini", "half_share")
    ]
    columns: output.Columns = {"measure": str, "observed": output.number(3), "by_chance": output.number(3)}
    said = [line for line in (document["headline"], document["subline"]) if line]
    return [*output.heading(document), *said, "", *output.table(measures, columns), "", *(document["notes"] or ())]
