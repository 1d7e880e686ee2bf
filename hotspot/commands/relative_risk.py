"""``relative-risk``: where one group of offences lies denser than an earlier period or another crime type, beyond chance."""

from __future__ import annotations

from pathlib import Path
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
    Scheduler,
    Source,
    StoreFolder,
    To,
    open_store,
    select_options,
    shared_out,
)
from hotspot.commands.provenance import provenance
from hotspot.errors import BadInput
from hotspot.geography import LPA

if TYPE_CHECKING:
    from hotspot.findings.selected import SelectedOffences
    from hotspot.findings.two_surfaces import Against, StandingPlace, TwoSurfacesFinding

SUFFIXES = (".csv", ".geojson", ".json", ".gpkg")
_NONE = "No place stands out from chance."
REASONS = {
    ("global_p_value", "not a number"): "not tested: too few offences near each other",
    ("critical", "not a number"): "not tested: too few offences near each other",
    ("relative_risk", "infinite"): "infinite: none of the other group there",
    ("chance_high", "infinite"): "infinite: chance can leave none of the other group there",
}


def register(app: typer.Typer) -> None:
    """Add the command."""
    app.command("relative-risk")(relative_risk)


def relative_risk(
    store: StoreFolder,
    crime_type: CrimeType,
    start: From = None,
    end: To = None,
    against: Annotated[
        str | None, typer.Option("--against", help="Compare with another crime type in the same period.", metavar="TYPE")
    ] = None,
    baseline: Annotated[
        str | None,
        typer.Option("--baseline", help="Compare with an earlier period: start..end, the end not included.", metavar="D..D"),
    ] = None,
    null: Annotated[
        str,
        typer.Option(
            "--null", help="What chance leaves alike: pattern, or rate (per day, with --baseline).", metavar="pattern|rate"
        ),
    ] = "pattern",
    area: Area = None,
    level: Level = LPA,
    date_basis: DateBasis = None,
    bandwidth: Annotated[
        float, typer.Option("--bandwidth", help="Metres, of both surfaces: the radius of a quartic kernel.", metavar="M")
    ] = 1_500.0,
    simulations: Annotated[int, typer.Option("--simulations", help="Random labellings, from 19.", metavar="N")] = 999,
    seed: Annotated[int, typer.Option("--seed", help="Of the labellings.", metavar="S")] = 0,
    scheduler: Scheduler = None,
    out: Annotated[
        Path | None, typer.Option("--out", help="Cells to write (.csv), or places that stand (.geojson, .gpkg).", metavar="FILE")
    ] = None,
    audience: Audience = public.FORCE,
    source: Source = None,
    force: ForceName = None,
    as_json: Json = False,
) -> None:
    """Compare two groups on one bandwidth: where one lies denser than the other, beyond chance over the whole map."""
    from hotspot.findings.selected import select
    from hotspot.findings.two_surfaces import TwoSurfacesSettings, check_groups, two_surfaces_finding
    from hotspot.offences.store import EVERYTHING
    from hotspot.tasks import here

    output.checked_out(out, SUFFIXES)
    is_public = public.is_meant(audience)
    if is_public and out is not None:
        raise BadInput("--out goes with --audience force: cells and places tell small counts.")
    other, settings = _against(against, baseline, null), TwoSurfacesSettings(bandwidth, simulations=simulations, seed=seed)
    opened = open_store(store)
    choice = Choice(crime_type, area, level, date_basis, source, force)
    selection = select_options(opened, choice, start=start, end=end)
    check_groups(selection, other)
    selected = select(opened, selection, scope=EVERYTHING)
    earlier = select(opened, other.of(selection), scope=EVERYTHING)
    run = shared_out(scheduler, "blocks of labellings") or here
    finding = two_surfaces_finding(selected, earlier, other, settings, run=run)
    document = _document(finding, selected, audience=audience, out=out)
    if out is not None:
        from hotspot.export.two_surfaces import write_two_surfaces

        output.write_file(lambda path: write_two_surfaces(finding, selected, path), out)
    output.show(document, _lines(document), as_json=as_json, reasons=REASONS)


def _against(crime_type: str | None, baseline: str | None, null: str) -> Against:
    from hotspot.crime_types import canonical_name
    from hotspot.findings.two_surfaces import Against
    from hotspot.period import Period

    if (crime_type is None) == (baseline is None):
        raise BadInput("relative-risk needs --against TYPE or --baseline D..D, and not both.")
    period = Period.parse(baseline) if baseline is not None else None
    return Against(period, canonical_name(crime_type) if crime_type is not None else None, null.strip().lower())


def _document(finding: TwoSurfacesFinding, selected: SelectedOffences, *, audience: str, out: Path | None) -> dict[str, Any]:
    from hotspot.findings.two_surfaces_words import told

    surfaces, settings = finding.surfaces, finding.settings
    headline, subline = told(finding, audience=audience)
    document = {
        **provenance(selected),
        "against": finding.other.title(),
        "null": finding.against.null,
        "headline": headline,
        "subline": subline,
        "kernel": settings.kernel,
        "bandwidth": settings.bandwidth,
        "cell_size": settings.cell_size,
        "simulations": settings.simulations,
        "seed": settings.seed,
        "located": finding.count,
        "other_located": finding.other_count,
        "tested_cells": int(surfaces.tested.sum()),
        "standing_cells": int((surfaces.stands != 0).sum()),
        "global_p_value": surfaces.global_p_value,
        "critical": surfaces.critical,
        "places": [_place(place, rank) for rank, place in enumerate(finding.places, start=1)],
        "notes": finding.notes,
        "out": out,
    }
    return document if audience.strip().lower() == public.FORCE else public.two_surfaces(document)


def _place(place: StandingPlace, rank: int) -> dict[str, Any]:
    return {
        "rank": rank,
        "name": place.name,
        "verdict": "denser" if place.is_denser else "thinner",
        "count": output.whole(place.count),
        "other_count": output.whole(place.other_count),
        "relative_risk": place.relative_risk,
        "difference": place.difference,
        "chance_low": place.chance_low,
        "chance_high": place.chance_high,
        "map_p_value": place.map_p_value,
        "area_km2": place.area_km2,
        "x": place.x,
        "y": place.y,
    }


def _lines(document: dict[str, Any]) -> list[str]:
    columns: output.Columns = {
        "rank": output.number(0),
        "name": str,
        "verdict": str,
        "count": output.quantity,
        "other_count": output.quantity,
        "relative_risk": output.number(2),
        "map_p_value": output.probability,
    }
    heads = {"relative_risk": "relative risk at peak"}
    listed = output.table(document["places"], columns, heads=heads) if document["places"] else [_NONE]
    return [
        *output.heading(document),
        f"Against: {document['against']}.",
        document["headline"],
        document["subline"],
        "",
        *listed,
        "",
        *document["notes"],
        *output.written(document["out"]),
    ]
