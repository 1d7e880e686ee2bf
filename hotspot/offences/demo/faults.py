"""Faults as extracts have them, in planted numbers, each on offences of its own."""

from __future__ import annotations

import numpy as np
import pandas as pd
import shapely
from numpy.random import Generator

from hotspot.boundaries.areas import Areas
from hotspot.geography import Force
from hotspot.offences.demo.settlement import draw_until_inside, snap

_LEAST_WINDOW_SECONDS = 600
_FAR_METRES = 20_000


def plant_faults(random: Generator, extract: pd.DataFrame, *, faults: dict[str, int], force: Force, areas: Areas) -> pd.DataFrame:
    """Spoil rows of the extract; duplicates are added at the end."""
    spoiled = extract.copy()
    rows = _rows_of_each(random, spoiled, faults)
    spoiled.loc[rows["without_location"], ["Easting", "Northing"]] = np.nan
    spoiled.loc[rows["zero_zero"], ["Easting", "Northing"]] = 0.0
    _move_beyond(spoiled, rows["beyond_bounds"], force)
    _move_outside(random, spoiled, rows["outside_lpas"], force, areas)
    window = rows["end_before_start"]
    spoiled.loc[window, ["Committed From", "Committed To"]] = spoiled.loc[window, ["Committed To", "Committed From"]].to_numpy()
    return pd.concat([spoiled, spoiled.loc[rows["duplicate_rows"]]], ignore_index=True)


def _rows_of_each(random: Generator, extract: pd.DataFrame, faults: dict[str, int]) -> dict[str, pd.Index]:
    """Choose rows for each fault; windows need one to turn round, and no row gets two faults."""
    order = extract.index[random.permutation(len(extract))]
    alone = ~extract["Crime Number"].duplicated(keep=False)
    long = (extract["Committed To"] - extract["Committed From"]).dt.total_seconds() >= _LEAST_WINDOW_SECONDS
    with_window = order[(alone & long)[order].to_numpy()][: faults["end_before_start"]]
    rest = order[(alone[order] & ~order.isin(with_window)).to_numpy()]
    rows, begin = {"end_before_start": with_window}, 0
    for name, count in faults.items():
        if name != "end_before_start":
            rows[name] = rest[begin : begin + count]
            begin += count
    return rows


def _move_beyond(extract: pd.DataFrame, rows: pd.Index, force: Force) -> None:
    assert force.bounds is not None
    extract.loc[rows, "Easting"] += force.bounds[2] - force.bounds[0] + _FAR_METRES


def _move_outside(random: Generator, extract: pd.DataFrame, rows: pd.Index, force: Force, areas: Areas) -> None:
    assert force.bounds is not None
    west, south, east, north = force.bounds
    union = areas.union

    x, y = draw_until_inside(
        lambda count: snap(random.uniform(west + 20, east - 20, count), random.uniform(south + 20, north - 20, count)),
        len(rows),
        lambda x, y: ~shapely.intersects_xy(union, x, y),
    )
    extract.loc[rows, "Easting"], extract.loc[rows, "Northing"] = x.astype(float), y.astype(float)
    extract.loc[rows, "LPA"] = None
