"""Write chains of near repeats and near-repeat zones to the files an analyst keeps: crime numbers, officers masked."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import geopandas
import numpy as np
import pandas as pd
import shapely

from hotspot.errors import BadInput
from hotspot.export.files import provenance
from hotspot.export.geojson import write_geojson
from hotspot.findings.near_repeat_zones import ZonesFinding
from hotspot.findings.series import ListedChain, SeriesFinding
from hotspot.formulas import safe
from hotspot.geography import Force


def write_chains(finding: SeriesFinding, path: Path) -> None:
    """Write the listed chains as .csv (a row for each offence) or .geojson (a line through each chain, in order of time)."""
    settings = finding.settings
    method = {"method": f"near-repeat chains: at most {settings.metres:g} m and {settings.days} days apart"}
    said = provenance(finding.selected) | method
    match path.suffix.lower():
        case ".csv":
            rows = [_chain(chain) | row for chain in finding.listed for row in _offences(chain)]
            safe(pd.DataFrame(rows).assign(**said)).to_csv(path, index=False)
        case ".geojson" | ".json":
            lines = [_line(chain) for chain in finding.listed]
            write_geojson(_table([_chain(chain) for chain in finding.listed], lines, finding.selected.force), said, path)
        case other:
            raise BadInput(f"Chains cannot be written as '{other}'. Choose .csv or .geojson.")


def write_zones(finding: ZonesFinding, path: Path) -> None:
    """Write the zones as .geojson (WGS84) with the day they expire and the decay that drew them."""
    if path.suffix.lower() not in {".geojson", ".json"}:
        raise BadInput(f"Zones cannot be written as '{path.suffix}'. Choose .geojson.")
    rows = [
        {
            "rank": one.number,
            "name": one.name,
            "lpa": one.lpa,
            "highest_risk": round(one.zone.peak, 2),
            "offences": one.offences,
            "latest": one.latest.isoformat(),
            "expires": one.expires.isoformat(),
            "area_km2": one.zone.area_km2,
        }
        for one in finding.zones
    ]
    shapes = [one.zone.geometry for one in finding.zones]
    write_geojson(_table(rows, shapes, finding.selected.force), provenance(finding.selected) | _decay(finding), path)


def _decay(finding: ZonesFinding) -> dict[str, str]:
    decay, question = finding.fitted.decay, finding.fitted.question
    said = {"as_at": question.as_at.isoformat(), "threshold": f"{finding.threshold:g}"}
    if decay is None:
        return said | {"method": "near-repeat zones", "reason": finding.fitted.reason}
    figures = {
        name: f"{one.value:.1f} ({one.low:.1f} to {one.high:.1f})"
        for name, one in (("decay_days", decay.days), ("decay_m", decay.metres))
    }
    return said | {"method": "near-repeat zones, decay fitted to the force's own pairs"} | figures


def _chain(chain: ListedChain) -> dict[str, Any]:
    return {
        "chain": chain.number,
        "size": chain.size,
        "first": chain.first.isoformat(),
        "last": chain.last.isoformat(),
        "span_days": chain.span_days,
        "open": chain.is_open,
        "place": chain.place,
        "extent_m": round(chain.extent),
        "lpas": "; ".join(chain.lpas),
        "commonest_mo": chain.mo,
        "offences_with_it": chain.mo_count,
        "mo_known": chain.mo_known,
        "officers": chain.officers,
        "officers_known": chain.officers_known,
        "knives": chain.knives,
    }


def _offences(chain: ListedChain) -> list[dict[str, Any]]:
    return [
        {
            "order": order,
            "reference": one.reference,
            "label": one.label,
            "committed": str(one.moment),
            "mo": one.mo,
            "officer": one.officer,
            "lpa": one.lpa,
            "x": round(one.x, 1),
            "y": round(one.y, 1),
        }
        for order, one in enumerate(chain.offences, start=1)
    ]


def _line(chain: ListedChain) -> shapely.Geometry:
    places = np.array([[one.x, one.y] for one in chain.offences])
    return shapely.LineString(places) if chain.extent > 0 else shapely.Point(places[0])


def _table(rows: list[dict[str, Any]], shapes: list[shapely.Geometry], force: Force) -> geopandas.GeoDataFrame:
    return geopandas.GeoDataFrame(pd.DataFrame(rows), geometry=shapes, crs=force.analysis_crs)
