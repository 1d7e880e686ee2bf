"""``hotspots``: the densest cells of a share of the area, joined, counted and named."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from hotspot.commands import output, public
from hotspot.commands.kernel import (
    Adaptive,
    CellSize,
    Edge,
    KernelOptions,
    NoEdgeCorrection,
    Weights,
    edge_of,
    find_density,
    heading,
    settings_document,
)
from hotspot.commands.options import (
    Area,
    Audience,
    Bandwidth,
    Choice,
    CrimeType,
    DateBasis,
    ForceName,
    From,
    Json,
    Kernel,
    Level,
    Source,
    StoreFolder,
    To,
)
from hotspot.commands.provenance import provenance
from hotspot.errors import BadInput
from hotspot.geography import LPA

if TYPE_CHECKING:
    from hotspot.findings.density import DensityFinding
    from hotspot.findings.nearby import LayerNearby

SUFFIXES = (".geojson", ".json", ".gpkg", ".csv")
_REASONS = {
    ("threshold", "not a number"): "undefined: no cell has any density",
    ("nearest_m", "infinite"): "infinite: the layer has no feature",
    ("half_share", "not a number"): "not asked: half the bandwidth would show the snapping",
    ("twice_share", "not a number"): "not asked: the bandwidth would show the snapping",
}


def register(app: typer.Typer) -> None:
    """Add the command."""
    app.command("hotspots")(hotspots)


def hotspots(
    store: StoreFolder,
    crime_type: CrimeType,
    start: From = None,
    end: To = None,
    area: Area = None,
    level: Level = LPA,
    date_basis: DateBasis = None,
    bandwidth: Bandwidth = None,
    cell_size: CellSize = 100.0,
    kernel: Kernel = "quartic",
    adaptive: Adaptive = False,
    edge: Edge = None,
    no_edge_correction: NoEdgeCorrection = False,
    weights: Weights = None,
    area_share: Annotated[
        float, typer.Option("--area-share", help="Share of the area that the densest cells may cover, 0 to 1.", metavar="SHARE")
    ] = 0.01,
    layer: Annotated[
        str | None, typer.Option("--layer", help="Context layer to count near each hotspot; layers list.", metavar="NAME")
    ] = None,
    within: Annotated[
        float | None, typer.Option("--within", help="Metres from a hotspot's edge, 0 to 2,000; 100 unless said.", metavar="M")
    ] = None,
    out: Annotated[Path | None, typer.Option("--out", help="Hotspots to write: .geojson, .gpkg or .csv.", metavar="FILE")] = None,
    audience: Audience = public.FORCE,
    source: Source = None,
    force: ForceName = None,
    as_json: Json = False,
) -> None:
    """Rank the densest cells that make up a share of the area, joined by edges and named."""
    output.checked_out(out, SUFFIXES)
    is_public = public.is_meant(audience)
    chosen_edge = edge_of(edge, no_edge_correction=no_edge_correction)
    options = KernelOptions(bandwidth, cell_size, kernel, chosen_edge, area_share, adaptive, weights)
    choice = Choice(crime_type, area, level, date_basis, source, force)
    if within is not None and layer is None:
        raise BadInput("--within says how near: name what is counted with --layer.")
    finding, rule = find_density(store, choice, options, start=start, end=end)
    near = None if layer is None else _near(finding, store, layer, within)
    document = _document(finding, rule, out) | ({} if near is None else _near_document(near))
    for row, count, metres in zip(document["hotspots"], near.near.counts, near.near.nearest, strict=True) if near else ():
        row |= {"near": count, "nearest_m": metres}
    if is_public:
        from hotspot.findings.audience import notes_on_density

        document = public.hotspots(document | {"notes": notes_on_density(finding, audience=public.PUBLIC)})
    if out is not None:
        _write(finding, near, out, audience=public.PUBLIC if is_public else public.FORCE, hidden=public.hides(document))
    output.warn(document["notes"])
    output.show(document, _lines(document, finding, near), as_json=as_json, reasons=_REASONS)


def _near(finding: DensityFinding, store: Path, name: str, within: float | None) -> LayerNearby:
    from hotspot.findings.nearby import USUAL, near_hotspots
    from hotspot.offences.context_store import layer_named, open_layer
    from hotspot.offences.store import EVERYTHING

    entry = layer_named(store, name, force=finding.selected.selection.force)
    layer = open_layer(store, entry, scope=EVERYTHING)
    return near_hotspots(finding, layer, within=USUAL if within is None else within)


def _near_document(near: LayerNearby) -> dict[str, Any]:
    return {
        "layer": near.layer.name,
        "layer_features": len(near.layer),
        "layer_fingerprint": near.layer.fingerprint,
        "within_m": near.near.within,
        "without_any": [place + 1 for place in near.near.without],
        "layer_sentence": near.sentence,
    }


def _write(finding: DensityFinding, near: LayerNearby | None, out: Path, *, audience: str, hidden: bool) -> None:
    from hotspot.export.files import write_hotspots

    if hidden:
        raise BadInput(
            f"--out {out} would tell counts under 5, which --audience public suppresses. "
            "Choose a longer period or a larger area, or take the rows that --json prints."
        )
    layers = () if near is None else (near,)
    output.write_file(lambda path: write_hotspots(finding, path, near=layers, audience=audience), out)


def _document(finding: DensityFinding, rule: str, out: Path | None) -> dict[str, Any]:
    from hotspot.findings.sensitivity import sensitivity_of, still_words

    ranking = finding.ranking
    rows = [
        {
            "rank": one.rank,
            "name": name,
            "count": output.whole(one.count),
            "share": one.share,
            "area_km2": one.area_km2,
            "peak_density": one.peak,
            "x": one.x,
            "y": one.y,
            "still_at": still_words(still),
            "still_at_half": still.at_half,
            "still_at_twice": still.at_twice,
            "half_share": still.half_share,
            "twice_share": still.twice_share,
            **({} if finding.harm is None else {"harm": one.harm}),
        }
        for one, name, still in zip(ranking.hotspots, finding.names, sensitivity_of(finding), strict=True)
    ]
    return {
        **provenance(finding.selected),
        **settings_document(finding, rule),
        "headline": finding.headline,
        "subline": finding.subline,
        "area_share": ranking.area_share,
        "minimum": ranking.minimum,
        "threshold": ranking.threshold,
        "located": output.whole(ranking.total),
        "held": output.whole(ranking.held),
        "area_km2": ranking.area_km2,
        "covered_km2": ranking.covered_km2,
        "hotspots": rows,
        "notes": finding.notes,
        "out": out,
    }


def _lines(document: dict[str, Any], finding: DensityFinding, near: LayerNearby | None) -> list[str]:
    rows = document["hotspots"]
    columns: output.Columns = {
        "rank": output.number(0),
        "name": str,
        "count": output.quantity,
        "share": output.percent,
        "area_km2": output.number(2),
        "still_at": str,
    }
    if finding.harm is not None:
        columns = {**columns, "harm": output.number(1)}
    if near is not None:
        rows = [{**row, near.title: cell} for row, cell in zip(rows, near.cells, strict=True)]
        columns = {**columns, near.title: str}
    listed = output.table(rows, columns) if rows else [f"No joined cells hold {finding.ranking.minimum} or more offences."]
    told = (document["headline"], document["subline"], document.get("layer_sentence"))
    said = [line for line in told if line]
    return [*heading(document, finding), *said, "", *listed, *output.written(document["out"])]
