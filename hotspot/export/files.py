"""Write results to the files an analyst keeps: GeoPackage, GeoJSON, CSV and GeoTIFF.

Every file says what it is: selection, method, parameters, N, source, marking, licence and, where it is
so, that the data are synthetic.
"""

from __future__ import annotations

import tempfile
from collections.abc import Callable, Sequence
from dataclasses import asdict
from pathlib import Path

import geopandas
import numpy as np
import pandas as pd
import rasterio

from hotspot import __version__
from hotspot.errors import BadInput
from hotspot.export.geojson import write_geojson
from hotspot.findings.audience import FORCE, ShownChange, shown_changes, shown_family_sentence
from hotspot.findings.compare import CompareFinding
from hotspot.findings.density import DensityFinding
from hotspot.findings.nearby import LayerNearby
from hotspot.findings.repeats import RepeatsFinding
from hotspot.findings.selected import SelectedOffences
from hotspot.findings.sensitivity import sensitivity_of, still_words
from hotspot.formulas import safe

SYNTHETIC = "SYNTHETIC DATA"


def provenance(selected: SelectedOffences) -> dict[str, str]:
    """List what every exported file says of its data."""
    facts = selected.facts
    return {
        "title": selected.selection.title(),
        "offences_used": f"{selected.count:.10g}",
        "excluded_on_import": str(sum(facts.excluded.values())),
        "without_location": str(selected.without_location),
        "source": f"{SYNTHETIC} ({facts.source})" if facts.synthetic else facts.source,
        "marking": facts.marking,
        "licence": selected.force.licence,
        "software": f"hotspot {__version__}",
    }


def parameters(finding: DensityFinding) -> dict[str, str]:
    """List the method and its parameters as text."""
    settings = finding.settings
    said = {
        "method": f"{settings.kernel} kernel density{', adaptive bandwidth' if settings.adaptive else ''}",
        "bandwidth_m": f"{settings.bandwidth:g}",
        "cell_size_m": f"{settings.cell_size:g}",
        "edge_correction": finding.surface.edge,
    }
    if settings.weights is not None:
        said |= {"weights": settings.weights.title, "weights_source": settings.weights.sources}
    return said


def hotspot_table(finding: DensityFinding, near: Sequence[LayerNearby] = ()) -> geopandas.GeoDataFrame:
    """Give the ranked hotspots, one row each, in the analysis CRS, with how many features of context layers stand near."""
    rows = [
        {
            "rank": hotspot.rank,
            "name": name,
            "offences": hotspot.count,
            "share_of_offences": hotspot.share,
            "area_km2": hotspot.area_km2,
            "peak_density_per_km2": hotspot.peak,
            "still_at": still_words(still),
            "geometry": hotspot.geometry,
        }
        for hotspot, name, still in zip(finding.ranking.hotspots, finding.names, sensitivity_of(finding), strict=True)
    ]
    columns = ["rank", "name", "offences", "share_of_offences", "area_km2", "peak_density_per_km2", "still_at", "geometry"]
    if finding.settings.weights is not None:
        rows = [_of_harm(row, hotspot.harm) for row, hotspot in zip(rows, finding.ranking.hotspots, strict=True)]
        columns = ["rank", "name", "offences", "harm", "share_of_harm", "area_km2", "peak_harm_per_km2", "still_at", "geometry"]
    table = geopandas.GeoDataFrame(rows, columns=columns, geometry="geometry", crs=finding.selected.force.analysis_crs)
    counts = {one.title: list(one.near.counts) for one in near}
    return table.assign(**counts)[[*columns[:-1], *counts, "geometry"]]


def _of_harm(row: dict[str, object], harm: float) -> dict[str, object]:
    """Name what a row weighed by harm holds: it is not mixed up with counts."""
    renamed = {"share_of_offences": "share_of_harm", "peak_density_per_km2": "peak_harm_per_km2"}
    return {renamed.get(name, name): value for name, value in row.items()} | {"harm": harm}


def write_hotspots(finding: DensityFinding, path: Path, *, near: Sequence[LayerNearby] = (), audience: str = FORCE) -> None:
    """Write the hotspots as .geojson (WGS84), .gpkg or .csv (centres), by the file's ending.

    Parameters
    ----------
    near
        Context layers counted near the hotspots: a column for each.
    """
    table = hotspot_table(finding, near)
    said = provenance(finding.selected) if audience == FORCE else _without_count(provenance(finding.selected))
    said |= parameters(finding)
    if near:
        said |= {"layers": "; ".join(one.said for one in near)}
    match path.suffix.lower():
        case ".geojson" | ".json":
            write_geojson(table, said, path)
        case ".gpkg":
            _with_said(table, said).to_file(path, driver="GPKG", layer="hotspots")
        case ".csv":
            centres = pd.DataFrame(table.drop(columns="geometry"))
            centres["x"] = [hotspot.x for hotspot in finding.ranking.hotspots]
            centres["y"] = [hotspot.y for hotspot in finding.ranking.hotspots]
            safe(_with_said(centres, said)).to_csv(path, index=False)
        case other:
            raise BadInput(f"Hotspots cannot be written as '{other}'. Choose .geojson, .gpkg or .csv.")


def write_surface(finding: DensityFinding, path: Path) -> None:
    """Write the surface as .tif (GeoTIFF, offences per km²), .gpkg (cells) or .csv (cell centres)."""
    match path.suffix.lower():
        case ".tif" | ".tiff":
            _write_geotiff(finding, path)
        case ".gpkg":
            cells = _cells(finding)
            half = finding.surface.grid.cell_size / 2
            squares = geopandas.GeoSeries.from_xy(cells["x"], cells["y"], crs=finding.selected.force.analysis_crs).buffer(
                half, cap_style="square"
            )
            said = provenance(finding.selected) | parameters(finding)
            table = geopandas.GeoDataFrame(_with_said(cells, said), geometry=squares)
            table.to_file(path, driver="GPKG", layer="density")
        case ".csv":
            safe(_with_said(_cells(finding), provenance(finding.selected) | parameters(finding))).to_csv(path, index=False)
        case other:
            raise BadInput(f"A surface cannot be written as '{other}'. Choose .tif, .gpkg or .csv.")


def write_changes(finding: CompareFinding, audience: str, path: Path) -> None:
    """Write the table of changes as .csv, with small counts hidden where the audience calls for it."""
    rows, total = shown_changes(finding.table.rows, finding.table.total, audience=audience)
    table = pd.DataFrame([_change(shown) for shown in (*rows, total)])
    family = shown_family_sentence(finding.table, audience=audience)
    said = provenance(finding.selected) if audience == FORCE else _without_count(provenance(finding.selected))
    periods = {"period": finding.selected.selection.period.iso, "baseline": finding.baseline.selection.period.iso}
    safe(_with_said(table, {"family": family, **periods, **said})).to_csv(path, index=False)


def _change(shown: ShownChange) -> dict[str, object]:
    row = shown.row
    if shown.is_hidden:
        counts = {"baseline_count": _figure(shown.baseline), "count": _figure(shown.count)}
        return {"area": row.area, **counts, **dict.fromkeys((*_CHANGE_NUMBERS, "dispersion")), "verdict": "hidden"}
    counts = {"baseline_count": f"{row.baseline_count:.10g}", "count": f"{row.count:.10g}"}
    numbers = {name: getattr(row, name) for name in _CHANGE_NUMBERS} | {"dispersion": row.dispersion.phi}
    return {"area": row.area, **counts, **numbers, "verdict": row.verdict}


def _figure(shown: str) -> str:
    """Write a shown count without the commas that a spreadsheet would not take for a number."""
    return shown.replace(",", "")


_CHANGE_NUMBERS = ("ratio", "ratio_low", "ratio_high", "poisson_low", "poisson_high", "p_value", "q_value")


def _without_count(said: dict[str, str]) -> dict[str, str]:
    """Leave out the number of offences: for a small area it may be a hidden count."""
    return {name: value for name, value in said.items() if name not in {"offences_used", "without_location"}}


def write_repeats(finding: RepeatsFinding, path: Path) -> None:
    """Write the list of most repeats as .csv; references are masked."""
    table = pd.DataFrame([asdict(listed) for listed in finding.listed])
    safe(_with_said(table, {"same": finding.by, **provenance(finding.selected)})).to_csv(path, index=False)


def as_bytes(write: Callable[[Path], None], suffix: str) -> bytes:
    """Run a writer on a file that is not kept, and give what it wrote."""
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / f"export{suffix}"
        write(path)
        return path.read_bytes()


def _write_geotiff(finding: DensityFinding, path: Path) -> None:
    surface = finding.surface
    grid = surface.grid
    with rasterio.open(
        path,
        "w",
        driver="GTiff",
        height=grid.rows,
        width=grid.columns,
        count=1,
        dtype="float64",
        crs=finding.selected.force.analysis_crs,
        transform=rasterio.Affine(grid.cell_size, 0.0, grid.west, 0.0, -grid.cell_size, grid.north),
        compress="deflate",
        nodata=float("nan"),
    ) as raster:
        raster.write(surface.values, 1)
        unit = "offences" if finding.settings.weights is None else "harm"
        raster.set_band_description(1, f"{unit} per square kilometre")
        raster.update_tags(**provenance(finding.selected), **parameters(finding))


def _cells(finding: DensityFinding) -> pd.DataFrame:
    grid = finding.surface.grid
    x, y = np.meshgrid(grid.x, grid.y)
    unit = "density_per_km2" if finding.settings.weights is None else "harm_per_km2"
    cells = pd.DataFrame({"x": x.ravel(), "y": y.ravel(), unit: finding.surface.values.ravel()})
    return cells[cells[unit] > 0].reset_index(drop=True)


def _with_said(table: pd.DataFrame, said: dict[str, str]) -> pd.DataFrame:
    return table.assign(**said)
