"""Write a map of change in units to the files an analyst keeps."""

from __future__ import annotations

from pathlib import Path

import geopandas
import pandas as pd

from hotspot.errors import BadInput
from hotspot.export.files import provenance
from hotspot.export.geojson import write_geojson
from hotspot.findings.change_units import UnitChangeFinding
from hotspot.formulas import safe
from hotspot.methods.change import AreaChange


def unit_change_table(finding: UnitChangeFinding) -> geopandas.GeoDataFrame:
    """Give the units, one row each, in the analysis CRS."""
    changes = finding.changes
    rows = [
        {"unit": row.area, **_numbers(row), "area_km2": area}
        for row, area in zip(changes.rows, changes.units.area_km2.tolist(), strict=True)
    ]
    return geopandas.GeoDataFrame(rows, geometry=list(changes.units.geometry), crs=finding.selected.force.analysis_crs)


def write_unit_changes(finding: UnitChangeFinding, path: Path) -> None:
    """Write the units as .geojson (WGS84), .gpkg or .csv (a point inside each), by the file's ending."""
    table, said = unit_change_table(finding), _said(finding)
    match path.suffix.lower():
        case ".geojson" | ".json":
            write_geojson(table, said, path)
        case ".gpkg":
            table.assign(**said).to_file(path, driver="GPKG", layer="change")
        case ".csv":
            x, y = finding.changes.units.centres
            safe(pd.DataFrame(table.drop(columns="geometry")).assign(x=x, y=y, **said)).to_csv(path, index=False)
        case other:
            raise BadInput(f"Units cannot be written as '{other}'. Choose .geojson, .gpkg or .csv.")


def _numbers(row: AreaChange) -> dict[str, object]:
    names = ("baseline_count", "count", "ratio", "ratio_low", "ratio_high", "poisson_low", "poisson_high", "p_value", "q_value")
    return {**{name: getattr(row, name) for name in names}, "dispersion": row.dispersion.phi, "verdict": row.verdict}


def _said(finding: UnitChangeFinding) -> dict[str, str]:
    period, baseline = finding.selected.selection.period, finding.baseline.selection.period
    return {"family": finding.changes.family, "period": period.iso, "baseline": baseline.iso, **provenance(finding.selected)}
