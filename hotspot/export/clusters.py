"""Write clusters, emerging hotspots and rates by area to the files an analyst keeps."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

import geopandas
import numpy as np
import pandas as pd

from hotspot.errors import BadInput
from hotspot.export.files import provenance
from hotspot.export.geojson import write_geojson
from hotspot.findings.audience import FORCE
from hotspot.findings.cluster_cells import ClusterSettings
from hotspot.findings.clusters import EmergingFinding, GiFinding
from hotspot.findings.rates_per import RatesFinding, family_for, shown_rates
from hotspot.findings.selected import SelectedOffences
from hotspot.formulas import safe
from hotspot.methods.gi_star import HIGH, joined
from hotspot.methods.units import Units

SUFFIXES = (".geojson", ".json", ".gpkg", ".csv")
_COUNTED = ("offences_used", "without_location", "offences_located", "offences_in_cells")
"""Figures that could be a hidden count."""
_RATE_FIGURES = ("rate", "low", "high", "poisson_low", "poisson_high", "q_value")
_VERDICTS = {1: "more than chance", 0: "could be chance", -1: "fewer than chance"}


def write_gi(finding: GiFinding, selected: SelectedOffences, audience: str, path: Path) -> None:
    """Write the tested cells as .geojson (WGS84), .gpkg or .csv (middles); counts and Z are for the force alone."""
    result = finding.result
    verdict = {"verdict": [_VERDICTS[int(one)] for one in result.verdict]}
    table = _cells(result.units, verdict, crs=selected.force.analysis_crs)
    table["cluster"] = _cluster_of(finding)
    if audience == FORCE:
        table = table.assign(offences=result.count, around=result.around, cells_around=result.size, z=result.z)
        table = table.assign(p_value=result.p_value, q_value=result.q_value)
        if result.p_permutation is not None:
            table = table.assign(p_permutation=result.p_permutation, q_permutation=result.q_permutation)
    said = _said(selected, audience, in_cells=result.count[result.tested].sum())
    said |= _method(finding.settings, "Getis-Ord Gi*", finding.null)
    _write(table[result.tested], said, path, layer="cells")


def write_emerging(finding: EmergingFinding, selected: SelectedOffences, audience: str, path: Path) -> None:
    """Write the tested cells with their category; counts and Z are for the force alone."""
    result = finding.result
    history = {"category": result.category, "slices_hot": result.times_hot}
    table = _cells(result.units, history, crs=selected.force.analysis_crs)
    if audience == FORCE:
        table = table.assign(
            offences=result.counts.sum(axis=1),
            offences_last_slice=result.counts[:, -1],
            z_last_slice=result.z[:, -1],
            trend_z=result.trend_z,
            trend_q=result.trend_q,
        )
    slices = {"slices": str(result.slices), "months_per_slice": str(finding.months_per_slice), "period": finding.period.iso}
    said = _said(selected, audience, in_cells=result.counts[result.tested].sum())
    said |= slices | _method(finding.settings, "emerging hotspots", finding.null)
    _write(table[result.tested], said, path, layer="cells")


def write_rates(finding: RatesFinding, audience: str, path: Path) -> None:
    """Write the areas with a denominator; rates of hidden counts are left out."""
    shown, total, _, _ = shown_rates(finding, audience=audience)
    rows = []
    for one in shown:
        row = one.row
        figures = {name: None if one.is_hidden else getattr(row, name) for name in _RATE_FIGURES}
        figures |= {} if one.is_rest_told else {"q_value": None}
        figures["dispersion"] = None if one.is_hidden else row.dispersion.phi
        rows.append({"area": row.area, "offences": one.count.replace(",", ""), finding.denominator: row.denominator, **figures})
        rows[-1]["reading"] = "hidden" if one.is_hidden else row.reading
    areas = finding.selected.areas
    assert areas is not None
    table = geopandas.GeoDataFrame(rows, geometry=[areas.geometry(row["area"]) for row in rows], crs=areas.frame.crs)
    said = {"method": f"offences {finding.unit}", "level": finding.level, "family": family_for(finding, total)}
    _write(table, _said(finding.selected, audience) | said, path, layer="areas")


def _cells(units: Units, columns: Mapping[str, object], *, crs: str) -> geopandas.GeoDataFrame:
    x, y = units.centres
    named = {"cell": units.names, "x": x, "y": y, "area_km2": units.area_km2}
    return geopandas.GeoDataFrame({**named, **columns}, geometry=units.geometry, crs=crs)


def _cluster_of(finding: GiFinding) -> list[int | None]:
    """Give the rank of the listed cluster that each cell belongs to."""
    label = joined(finding.units, finding.result.verdict == HIGH)
    peaks = finding.units.unit_of(*np.array([(one.x, one.y) for one in finding.clusters]).reshape(-1, 2).T)
    rank_of = {int(label[peak]): one.rank for peak, one in zip(peaks, finding.clusters, strict=True)}
    return [rank_of.get(int(number)) if number >= 0 else None for number in label]


def _said(selected: SelectedOffences, audience: str, *, in_cells: float | None = None) -> dict[str, str]:
    said = provenance(selected)
    if in_cells is not None:
        # The cells' counts add up to fewer than are used: some have no location, and some lie beyond every cell.
        located = float(selected.located_inside["weight"].sum())
        said |= {"offences_located": f"{located:.10g}", "offences_in_cells": f"{in_cells:.10g}"}
    return said if audience == FORCE else {name: value for name, value in said.items() if name not in _COUNTED}


def _method(settings: ClusterSettings, method: str, null: str) -> dict[str, str]:
    return {
        "method": method,
        "cells": settings.shape,
        "cell_size_m": f"{settings.cell_size:g}",
        "neighbourhood_m": f"{settings.reach:g}",
        "permutations": str(settings.permutations),
        "seed": str(settings.seed),
        "null_hypothesis": null,
    }


def _write(table: geopandas.GeoDataFrame, said: dict[str, str], path: Path, *, layer: str) -> None:
    match path.suffix.lower():
        case ".geojson" | ".json":
            write_geojson(table, said, path)
        case ".gpkg":
            table.assign(**said).to_file(path, driver="GPKG", layer=layer)
        case ".csv":
            safe(pd.DataFrame(table.drop(columns="geometry")).assign(**said)).to_csv(path, index=False)
        case other:
            raise BadInput(f"Cells cannot be written as '{other}'. Choose .geojson, .gpkg or .csv.")
