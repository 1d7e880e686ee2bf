"""Write two compared surfaces to the files an analyst keeps: every cell, or the places that stand."""

from __future__ import annotations

from pathlib import Path

import geopandas
import numpy as np
import pandas as pd

from hotspot.errors import BadInput
from hotspot.export.files import provenance
from hotspot.export.geojson import write_geojson
from hotspot.findings.selected import SelectedOffences
from hotspot.findings.two_surfaces import RATE, TwoSurfacesFinding
from hotspot.findings.two_surfaces_words import null_sentence
from hotspot.formulas import safe

SUFFIXES = (".csv", ".geojson", ".json", ".gpkg")
_PLACE = (
    "name",
    "count",
    "other_count",
    "relative_risk",
    "difference",
    "chance_low",
    "chance_high",
    "map_p_value",
    "area_km2",
    "x",
    "y",
)


def cell_table(finding: TwoSurfacesFinding) -> pd.DataFrame:
    """Give the cells of the region, one row each: both surfaces, what is compared, its envelope and its p-values."""
    surfaces = finding.surfaces
    is_rate = finding.against.null == RATE
    low, high = surfaces.difference_envelope if is_rate else surfaces.relative_risk_envelope
    x, y = np.meshgrid(surfaces.grid.x, surfaces.grid.y)
    columns = {
        "x": x,
        "y": y,
        "density": surfaces.first,
        "other_density": surfaces.second,
        "difference": surfaces.difference,
        "relative_risk": surfaces.relative_risk,
        "envelope_low": np.where(surfaces.tested, low, np.nan),
        "envelope_high": np.where(surfaces.tested, high, np.nan),
        "p_value": surfaces.p_value,
        "q_value": surfaces.q_value,
        "map_p_value": surfaces.map_p_value,
        "tested": surfaces.tested,
        "stands": surfaces.stands,
    }
    shown = np.isfinite(surfaces.first)
    return pd.DataFrame({name: values[shown] for name, values in columns.items()})


def place_table(finding: TwoSurfacesFinding, selected: SelectedOffences) -> geopandas.GeoDataFrame:
    """Give the places that stand, one row each, in the analysis CRS."""
    rows = [
        {"rank": rank, "verdict": "denser" if place.is_denser else "thinner", **{name: getattr(place, name) for name in _PLACE}}
        for rank, place in enumerate(finding.places, start=1)
    ]
    geometry = [place.geometry for place in finding.places]
    table = pd.DataFrame(rows, columns=["rank", "verdict", *_PLACE])
    return geopandas.GeoDataFrame(table, geometry=geometry, crs=selected.force.analysis_crs)


def write_two_surfaces(finding: TwoSurfacesFinding, selected: SelectedOffences, path: Path) -> None:
    """Write every cell as .csv, or the places that stand as .geojson (WGS84) or .gpkg, by the file's ending."""
    said = _said(finding, selected)
    match path.suffix.lower():
        case ".csv":
            safe(cell_table(finding).assign(**said)).to_csv(path, index=False)
        case ".geojson" | ".json":
            write_geojson(place_table(finding, selected), said, path)
        case ".gpkg":
            place_table(finding, selected).assign(**said).to_file(path, driver="GPKG", layer="places")
        case other:
            raise BadInput(f"Two surfaces cannot be written as '{other}'. Choose .csv (cells), .geojson or .gpkg (places).")


def _said(finding: TwoSurfacesFinding, selected: SelectedOffences) -> dict[str, str]:
    settings, surfaces = finding.settings, finding.surfaces
    return {
        "against": finding.other.title(),
        "null": null_sentence(finding),
        "method": f"{settings.kernel} kernel density, random labelling",
        "bandwidth_m": f"{settings.bandwidth:g}",
        "simulations": str(settings.simulations),
        "seed": str(settings.seed),
        "global_p_value": f"{surfaces.global_p_value:.4g}",
        **provenance(selected),
    }
