"""``density`` and ``hotspots``: where offences concentrate."""

from __future__ import annotations

import math
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from hotspot.commands import output
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
    checked_audience,
    open_store,
    select_options,
)
from hotspot.commands.provenance import provenance
from hotspot.errors import BadInput
from hotspot.geography import LPA

if TYPE_CHECKING:
    from hotspot.findings.density import DensityFinding, DensitySettings
    from hotspot.findings.selected import SelectedOffences

WIDEST = 50_000.0
"""Metres: a bandwidth or cell beyond this is a slip of the keyboard, and its grid would fill the memory."""
SURFACE_SUFFIXES, HOTSPOT_SUFFIXES = (".tif", ".tiff", ".gpkg", ".csv"), (".geojson", ".json", ".gpkg", ".csv")
CellSize = Annotated[float, typer.Option("--cell-size", help="Metres.", metavar="M")]
NoEdgeCorrection = Annotated[
    bool, typer.Option("--no-edge-correction", help="Do not correct for the kernel's mass beyond the limit of the data.")
]


def register(app: typer.Typer) -> None:
    """Add the commands."""
    app.command("density")(density)
    app.command("hotspots")(hotspots)


def density(
    store: Annotated[Path | None, typer.Option("--store", help="Folder of the store.", metavar="DIR")] = None,
    crime_type: Annotated[
        str | None, typer.Option("--crime-type", help="Group or sub-type, in any case; crime-types lists them.", metavar="TYPE")
    ] = None,
    start: From = None,
    end: To = None,
    area: Area = None,
    level: Level = LPA,
    date_basis: DateBasis = None,
    bandwidth: Bandwidth = None,
    cell_size: CellSize = 100.0,
    kernel: Kernel = "quartic",
    no_edge_correction: NoEdgeCorrection = False,
    out: Annotated[Path | None, typer.Option("--out", help="Surface to write: .tif, .gpkg or .csv.", metavar="FILE")] = None,
    source: Source = None,
    force: ForceName = None,
    points: Annotated[
        Path | None,
        typer.Option("--points", help="CSV of points, columns x,y in metres; takes the place of --store.", metavar="FILE"),
    ] = None,
    at: Annotated[
        Path | None, typer.Option("--at", help="CSV of the places to evaluate at, columns x,y in metres.", metavar="FILE")
    ] = None,
    as_json: Json = False,
) -> None:
    """Write the density of offences per km²: of a store's offences on a grid, or of points exactly at places."""
    if points is not None or at is not None:
        given = {"--store": store, "--crime-type": crime_type, "--from": start, "--to": end, "--lpa": area, "--out": out}
        _density_at(points, at, bandwidth=bandwidth, kernel=kernel, given=given)
        return
    if store is None or crime_type is None:
        raise BadInput("density needs --store DIR and --crime-type TYPE, or --points FILE.csv and --at POINTS.csv.")
    output.checked_out(out, SURFACE_SUFFIXES)
    choice = Choice(crime_type, area, level, date_basis, source, force)
    selected = _selected(store, choice, start, end)
    settings, rule = _settings(
        selected, bandwidth=bandwidth, kernel=kernel, cell_size=cell_size, edge_correction=not no_edge_correction
    )
    finding = _finding(selected, settings)
    if out is not None:
        from hotspot.export.files import write_surface

        output.write_file(lambda path: write_surface(finding, path), out)
    document = _surface_document(finding, rule) | {"out": out}
    output.warn(finding.notes)
    output.show(document, _surface_lines(finding, rule, out), as_json=as_json)


def _density_at(
    points: Path | None, at: Path | None, *, bandwidth: float | None, kernel: str, given: Mapping[str, object]
) -> None:
    """Print the exact kernel sum; it is one JSON document with and without ``--json``."""
    from hotspot.commands.points import read_points
    from hotspot.methods.density import kernel_sum

    strangers = [name for name, value in given.items() if value is not None]
    faults = [f"{name} goes with --store, not with --points." for name in strangers]
    if points is None or at is None:
        faults.append("--points FILE.csv and --at POINTS.csv go together: the points, and the places to evaluate at.")
    if bandwidth is None:
        faults.append("--points needs --bandwidth M: metres, the radius h (quartic) or the standard deviation σ (gaussian).")
    if faults or points is None or at is None or bandwidth is None:
        raise BadInput(*faults)
    x, y = read_points(points)
    at_x, at_y = read_points(at)
    values = kernel_sum(x, y, at_x=at_x, at_y=at_y, bandwidth=bandwidth, kernel=kernel.lower())
    output.show({"values": values}, (), as_json=True)


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
    no_edge_correction: NoEdgeCorrection = False,
    area_share: Annotated[
        float, typer.Option("--area-share", help="Share of the area that the densest cells may cover, 0 to 1.", metavar="SHARE")
    ] = 0.01,
    out: Annotated[Path | None, typer.Option("--out", help="Hotspots to write: .geojson, .gpkg or .csv.", metavar="FILE")] = None,
    audience: Audience = "force",
    source: Source = None,
    force: ForceName = None,
    as_json: Json = False,
) -> None:
    """Rank the densest cells that make up a share of the area, joined by edges and named."""
    output.checked_out(out, HOTSPOT_SUFFIXES)
    checked_audience(audience)
    choice = Choice(crime_type, area, level, date_basis, source, force)
    selected = _selected(store, choice, start, end)
    settings, rule = _settings(
        selected,
        bandwidth=bandwidth,
        kernel=kernel,
        cell_size=cell_size,
        edge_correction=not no_edge_correction,
        area_share=area_share,
    )
    finding = _finding(selected, settings)
    if out is not None:
        from hotspot.export.files import write_hotspots

        output.write_file(lambda path: write_hotspots(finding, path), out)
    output.warn(finding.notes)
    document = _hotspot_document(finding, rule) | {"out": out}
    output.show(document, _hotspot_lines(finding, rule, out), as_json=as_json, reasons=_NO_CELLS)


_NO_CELLS = {("threshold", "not a number"): "no cell has any density"}


def _selected(folder: Path, choice: Choice, start: str | None, end: str | None) -> SelectedOffences:
    from hotspot.findings.selected import select
    from hotspot.offences.store import EVERYTHING

    opened = open_store(folder)
    return select(opened, select_options(opened, choice, start=start, end=end), scope=EVERYTHING)


def _settings(
    selected: SelectedOffences,
    *,
    bandwidth: float | None,
    kernel: str,
    cell_size: float,
    edge_correction: bool,
    area_share: float = 0.01,
) -> tuple[DensitySettings, str]:
    """Give the settings, and the rule of the bandwidth where it was suggested."""
    from hotspot.findings.density import DensitySettings

    kernel = kernel.strip().lower()
    for name, value in (("--bandwidth", bandwidth), ("--cell-size", cell_size)):
        if value is not None and (not math.isfinite(value) or value > WIDEST):
            raise BadInput(f"{name} {value:g} is no number of metres up to {WIDEST:,.0f}.")
    rule = "as given"
    if bandwidth is None:
        bandwidth, rule = _suggested(selected, kernel)
    settings = DensitySettings(
        bandwidth=bandwidth, cell_size=cell_size, kernel=kernel, edge_correction=edge_correction, area_share=area_share
    )
    return settings, rule


def _suggested(selected: SelectedOffences, kernel: str) -> tuple[float, str]:
    """Suggest a bandwidth as the Density page does, in the kernel's own measure."""
    from hotspot.methods.density import QUARTIC, equal_variance, suggested_bandwidth

    located = selected.located_inside
    suggestion = suggested_bandwidth(
        located["x"].to_numpy(dtype=float),
        located["y"].to_numpy(dtype=float),
        snapped=selected.facts.location_precision == "snapped",
    )
    width = equal_variance(suggestion.bandwidth, source=QUARTIC, target=kernel)
    return width, f"suggested as a quartic radius of {suggestion.sentence.rstrip('.')}"


def _finding(selected: SelectedOffences, settings: DensitySettings) -> DensityFinding:
    from hotspot.findings.density import density_finding

    return density_finding(selected, settings)


def _settings_document(finding: DensityFinding, rule: str) -> dict[str, Any]:
    settings = finding.settings
    return {
        "kernel": settings.kernel,
        "bandwidth": settings.bandwidth,
        "bandwidth_rule": rule,
        "cell_size": settings.cell_size,
        "edge_correction": finding.surface.edge_corrected,
    }


def _surface_document(finding: DensityFinding, rule: str) -> dict[str, Any]:
    surface = finding.surface
    west, south, east, north = surface.grid.bounds
    return {
        **provenance(finding.selected),
        **_settings_document(finding, rule),
        "rows": surface.grid.rows,
        "columns": surface.grid.columns,
        "bounds": [west, south, east, north],
        "crs": finding.selected.force.analysis_crs,
        "highest_density": float(surface.values.max()),
        "notes": list(finding.notes),
    }


def _surface_lines(finding: DensityFinding, rule: str, out: Path | None) -> list[str]:
    surface = finding.surface
    return [
        *_heading(finding, rule),
        f"Grid: {surface.grid.rows:,} rows by {surface.grid.columns:,} columns.",
        f"Highest density: {surface.values.max():,.1f} per km².",
        *_written(out),
    ]


def _hotspot_document(finding: DensityFinding, rule: str) -> dict[str, Any]:
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
        }
        for one, name in zip(ranking.hotspots, finding.names, strict=True)
    ]
    return {
        **provenance(finding.selected),
        **_settings_document(finding, rule),
        "headline": finding.headline,
        "area_share": ranking.area_share,
        "minimum": ranking.minimum,
        "threshold": ranking.threshold,
        "located": output.whole(ranking.total),
        "held": output.whole(ranking.held),
        "area_km2": ranking.area_km2,
        "covered_km2": ranking.covered_km2,
        "hotspots": rows,
        "notes": list(finding.notes),
    }


def _hotspot_lines(finding: DensityFinding, rule: str, out: Path | None) -> list[str]:
    rows = _hotspot_document(finding, rule)["hotspots"]
    columns: output.Columns = {
        "rank": output.number(0),
        "name": str,
        "count": output.quantity,
        "share": output.percent,
        "area_km2": output.number(2),
    }
    listed = output.table(rows, columns) if rows else [f"No joined cells hold {finding.ranking.minimum} or more offences."]
    return [*_heading(finding, rule), finding.headline, finding.subline, "", *listed, *_written(out)]


def _heading(finding: DensityFinding, rule: str) -> list[str]:
    settings = finding.settings
    edge = "with edge correction" if finding.surface.edge_corrected else "without edge correction"
    said = provenance(finding.selected)
    return [
        finding.selected.selection.title(),
        f"{output.quantity(said['count'])} offences; {said['without_location']:,} without a location.",
        f"Source: {said['source']}. {said['marking']}.",
        f"{settings.kernel.capitalize()} kernel, bandwidth {settings.bandwidth:,.0f} m ({rule}).",
        f"Cells of {settings.cell_size:g} m, {edge}.",
    ]


def _written(out: Path | None) -> list[str]:
    return [f"Written to {out}."] if out is not None else []
