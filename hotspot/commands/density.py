"""``density``: a surface of a store's offences, or the exact kernel sum of points at places."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from hotspot.commands import output
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
    STORE_OPTION,
    Area,
    Bandwidth,
    Choice,
    DateBasis,
    ForceName,
    From,
    Json,
    Kernel,
    Level,
    Source,
    To,
)
from hotspot.commands.provenance import provenance
from hotspot.errors import BadInput
from hotspot.geography import LPA

if TYPE_CHECKING:
    from hotspot.findings.density import DensityFinding

SUFFIXES = (".tif", ".tiff", ".gpkg", ".csv")


def register(app: typer.Typer) -> None:
    """Add the command."""
    app.command("density")(density)


def density(
    store: Annotated[Path | None, typer.Option("--store", **STORE_OPTION)] = None,
    crime_type: Annotated[
        str | None,
        typer.Option("--crime-type", help="Group or sub-type, in any case; crime-types lists them.", metavar="TYPE"),
    ] = None,
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
    """Give the density of offences per km²: a store's offences on a grid, or points exactly at places."""
    if points is not None or at is not None:
        given = {"--store": store, "--crime-type": crime_type, "--from": start, "--to": end, "--lpa": area, "--out": out}
        corrected = edge_of(edge, no_edge_correction=no_edge_correction) if edge is not None else "none"
        given["--edge, which needs the limit of the data,"] = edge if corrected != "none" else None
        _density_at(points, at, bandwidth=bandwidth, kernel=kernel, adaptive=adaptive, weights=weights, given=given)
        return
    if store is None or crime_type is None:
        raise BadInput("density needs --store DIR and --crime-type TYPE, or --points FILE.csv and --at POINTS.csv.")
    output.checked_out(out, SUFFIXES)
    chosen_edge = edge_of(edge, no_edge_correction=no_edge_correction)
    options = KernelOptions(bandwidth, cell_size, kernel, chosen_edge, adaptive=adaptive, weights=weights)
    choice = Choice(crime_type, area, level, date_basis, source, force)
    finding, rule = find_density(store, choice, options, start=start, end=end)
    if out is not None:
        from hotspot.export.files import write_surface

        output.write_file(lambda path: write_surface(finding, path), out)
    document = _document(finding, rule, out)
    output.warn(finding.notes)
    output.show(document, _lines(document, finding), as_json=as_json)


def _density_at(
    points: Path | None,
    at: Path | None,
    *,
    bandwidth: float | None,
    kernel: str,
    adaptive: bool,
    weights: Path | None,
    given: Mapping[str, object],
) -> None:
    """Print the exact kernel sum; it is one JSON document with and without ``--json``."""
    from hotspot.commands.points import read_harm, read_points
    from hotspot.methods.density import adaptive_kernel_sum, kernel_sum

    faults = [f"{name} goes with --store, not with --points." for name, value in given.items() if value is not None]
    if points is None or at is None:
        faults.append("--points FILE.csv and --at POINTS.csv go together: the points, and the places to evaluate at.")
    if bandwidth is None:
        faults.append(
            "--points needs --bandwidth M: metres, the radius h (quartic, epanechnikov) or the standard deviation σ (gaussian)."
        )
    if faults or points is None or at is None or bandwidth is None:
        raise BadInput(*faults)
    x, y = read_points(points)
    at_x, at_y = read_points(at)
    summed = adaptive_kernel_sum if adaptive else kernel_sum
    weight = read_harm(points, weights) if weights is not None else None
    values = summed(x, y, at_x=at_x, at_y=at_y, bandwidth=bandwidth, kernel=kernel.strip().lower(), weight=weight)
    output.show({"values": values}, (), as_json=True)


def _document(finding: DensityFinding, rule: str, out: Path | None) -> dict[str, Any]:
    surface = finding.surface
    return {
        **provenance(finding.selected),
        **settings_document(finding, rule),
        "headline": finding.headline,
        "rows": surface.grid.rows,
        "columns": surface.grid.columns,
        "bounds": surface.grid.bounds,
        "crs": finding.selected.force.analysis_crs,
        "highest_density": float(surface.values.max()),
        "notes": finding.notes,
        "out": out,
    }


def _lines(document: dict[str, Any], finding: DensityFinding) -> list[str]:
    unit = "per km²" if finding.harm is None else "of harm per km²"
    return [
        *heading(document, finding),
        document["headline"],
        f"Grid: {document['rows']:,} rows by {document['columns']:,} columns.",
        f"Highest density: {document['highest_density']:,.1f} {unit}.",
        *output.written(document["out"]),
    ]
