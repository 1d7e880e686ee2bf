"""Ranked hotspots: the densest cells that make up a share of the area, joined and counted.

References
----------
Chainey, S., Tompson, L. and Uhlig, S. (2008), The utility of hotspot mapping for predicting spatial patterns of
crime, Security Journal 21: 4–28 (hotspots as the densest cells; hit rate over area share).
"""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd
import shapely
from numpy.typing import NDArray
from scipy import ndimage
from shapely.geometry.base import BaseGeometry

from hotspot.boundaries.places import name_of
from hotspot.geography import Place
from hotspot.grid import Grid
from hotspot.methods.coverage import cell_fractions
from hotspot.methods.density import DensitySurface

Floats = NDArray[np.float64]
ROUNDING = 1e-9
"""Sums of fractions and of weights are equal to a limit but for rounding within this."""


@dataclass(frozen=True, eq=False)
class Hotspot:
    """Densest cells that touch along their edges."""

    rank: int
    """1 holds most offences, or most harm where it is given."""
    geometry: BaseGeometry
    """Polygon or multipolygon in metres: the cells, clipped to the area."""
    count: float
    """Offences in its cells: whole, or a sum of weights."""
    area_km2: float
    share: float
    """Of all offences in the area, or of all harm where it is given, 0 to 1."""
    peak: float
    """Highest density, offences per km²."""
    x: float
    """Metres east of the peak, always inside the geometry."""
    y: float
    """Metres north of the peak."""
    harm: float = math.nan
    """Sum of the harm weights of its offences; NaN where every offence counts one."""


@dataclass(frozen=True, eq=False)
class HotspotRanking:
    """Hotspots by number of offences (by harm where it is given), and what they were chosen from."""

    hotspots: tuple[Hotspot, ...]
    threshold: float
    """Density of the least dense chosen cell, offences per km²; NaN where no cell was chosen."""
    total: float
    """Offences in the area."""
    area_km2: float
    """The area itself."""
    covered_km2: float
    """Sum of the hotspots' areas."""
    held: float
    """Sum of the hotspots' offences."""
    area_share: float
    """Share of the area that was asked for, 0 to 1."""
    minimum: int
    """Fewest offences of a hotspot."""
    harm_total: float = math.nan
    """Harm in the area; NaN where every offence counts one."""
    harm_held: float = math.nan
    """Sum of the hotspots' harm."""

    @property
    def share(self) -> float:
        """Share of the area's offences, or of its harm, that the hotspots hold, 0 to 1."""
        return self.held / self.total if math.isnan(self.harm_total) else self.harm_held / self.harm_total


@dataclass(frozen=True, eq=False)
class _Patch:
    """Cells that touch along their edges."""

    row: NDArray[np.int64]
    column: NDArray[np.int64]
    count: float
    peak: float
    peak_row: int
    peak_column: int
    harm: float = math.nan


def rank_hotspots(
    surface: DensitySurface,
    x: Floats,
    y: Floats,
    *,
    area: BaseGeometry | None,
    area_share: float = 0.01,
    minimum: int = 5,
    weight: Floats | None = None,
    harm: Floats | None = None,
) -> HotspotRanking:
    """Rank the joined patches of the densest cells that make up a share of the area.

    Cells are taken from the densest down until their parts inside the area reach the share, so that the share
    is passed by less than one cell. Equal densities are taken from north to south, then west to east. Cells
    without density are never taken.

    Parameters
    ----------
    x, y
        Offences of the area, metres; they are counted by cell.
    area
        Polygon in metres; None: the whole grid.
    weight
        Weight of each offence; 1 where None.
    harm
        Harm of each offence, its weight included. Given, patches are ranked by it; the minimum is still of offences.
    """
    grid = surface.grid
    fractions = np.ones(grid.shape) if area is None else cell_fractions(grid, area)
    chosen, threshold = _densest(surface.values, fractions, area_share)
    labels, _ = ndimage.label(chosen)
    weight = np.ones(len(x)) if weight is None else np.asarray(weight, dtype=np.float64)
    counts = _counts(grid, labels, x, y, weight)
    total, harm_total = float(weight.sum()), math.nan if harm is None else float(np.sum(harm))
    harms = np.full(len(counts), math.nan) if harm is None else _counts(grid, labels, x, y, harm)
    patches = [patch for patch in _patches(surface.values, labels, counts, harms) if patch.count >= minimum - ROUNDING]
    patches.sort(key=lambda patch: (-patch.count if harm is None else -patch.harm, -patch.peak))
    hotspots = tuple(
        _hotspot(grid, patch, area, rank=rank, share=patch.count / total if harm is None else patch.harm / harm_total)
        for rank, patch in enumerate(patches, start=1)
    )
    return HotspotRanking(
        hotspots=hotspots,
        threshold=threshold,
        total=total,
        area_km2=(fractions.size * grid.cell_area_km2) if area is None else area.area / 1e6,
        covered_km2=math.fsum(hotspot.area_km2 for hotspot in hotspots),
        held=math.fsum(hotspot.count for hotspot in hotspots),
        area_share=area_share,
        minimum=minimum,
        harm_total=harm_total,
        harm_held=math.nan if harm is None else math.fsum(hotspot.harm for hotspot in hotspots),
    )


def named(ranking: HotspotRanking, frame: pd.DataFrame, places: Sequence[Place]) -> tuple[str, ...]:
    """Name each hotspot as a person would: nearest place, with the most frequent street of its offences.

    Parameters
    ----------
    frame
        Offences with columns ``x``, ``y`` (metres) and, where the data have them, ``street`` and ``lpa``.

    Returns
    -------
    tuple
        'Erdington, around High Street', one per hotspot.
    """
    x, y = frame["x"].to_numpy(dtype=float), frame["y"].to_numpy(dtype=float)
    eastward = np.argsort(x)
    names = []
    for hotspot in ranking.hotspots:
        held = frame.iloc[_held(hotspot.geometry, x, y, eastward)]
        lpas, streets = (held[name].tolist() if name in held else [] for name in ("lpa", "street"))
        there = Counter(name for name in lpas if isinstance(name, str))
        lpa = min(there, key=lambda name, there=there: (-there[name], name), default=None)
        names.append(name_of(places, hotspot.x, hotspot.y, streets, lpa=lpa))
    return tuple(names)


def _held(geometry: BaseGeometry, x: Floats, y: Floats, eastward: NDArray[np.int64]) -> NDArray[np.int64]:
    """Find the offences in a polygon among those in its box: of a large force hardly any other need be asked for."""
    west, south, east, north = geometry.bounds
    first, last = np.searchsorted(x, west, "left", sorter=eastward), np.searchsorted(x, east, "right", sorter=eastward)
    near = eastward[first:last]
    near = near[(y[near] >= south) & (y[near] <= north)]
    return near[shapely.intersects_xy(geometry, x[near], y[near])]


def _densest(values: Floats, fractions: Floats, area_share: float) -> tuple[NDArray[np.bool_], float]:
    """Choose the densest cells up to a share of the area; give also the least density chosen."""
    target = area_share * fractions.sum() * (1 - ROUNDING)
    cell = np.flatnonzero((values > 0) & (fractions > 0))
    cell = _leading(cell, values.flat[cell], fractions.flat[cell], target)
    cell = cell[np.argsort(-values.ravel()[cell], kind="stable")]
    before = np.cumsum(fractions.flat[cell]) - fractions.flat[cell]
    taken = cell[before < target]
    chosen = np.zeros(values.shape, dtype=bool)
    chosen.flat[taken] = True
    return chosen, float(values.flat[taken[-1]]) if len(taken) else math.nan


def _leading(cell: NDArray[np.int64], value: Floats, fraction: Floats, target: float) -> NDArray[np.int64]:
    """Leave out cells that are certainly too thin, in grid order: sorting a whole force takes longest."""
    generous = 2 * math.ceil(target) + 100
    if generous >= len(cell):
        return cell
    leading = value >= np.partition(value, len(cell) - generous)[len(cell) - generous]
    return cell[leading] if fraction[leading].sum() >= target else cell


def _counts(grid: Grid, labels: NDArray[np.int32], x: Floats, y: Floats, weight: Floats) -> Floats:
    """Sum the weights of the offences in the cells of each label; index 0 is everywhere else."""
    row, column, on_grid = grid.cell_of(x, y)
    label = labels[row[on_grid], column[on_grid]]
    counts = np.zeros(int(labels.max(initial=0)) + 1)
    counts += np.bincount(label, weights=weight[on_grid], minlength=len(counts))
    return counts


def _patches(values: Floats, labels: NDArray[np.int32], counts: Floats, harms: Floats) -> list[_Patch]:
    """Gather the cells of each label, labels ascending (from north to south)."""
    row, column = np.nonzero(labels)
    label = labels[row, column]
    order = np.argsort(label, kind="stable")
    starts = np.flatnonzero(np.diff(label[order], prepend=0))
    patches = []
    for number, cells in enumerate(np.split(order, starts[1:]) if len(starts) else (), start=1):
        highest = cells[np.argmax(values[row[cells], column[cells]])]
        patches.append(
            _Patch(
                row=row[cells],
                column=column[cells],
                count=float(counts[number]),
                peak=float(values[row[highest], column[highest]]),
                peak_row=int(row[highest]),
                peak_column=int(column[highest]),
                harm=float(harms[number]),
            )
        )
    return patches


def _hotspot(grid: Grid, patch: _Patch, area: BaseGeometry | None, *, rank: int, share: float) -> Hotspot:
    geometry = _outline(grid, patch.row, patch.column, area)
    x, y = float(grid.x[patch.peak_column]), float(grid.y[patch.peak_row])
    if not shapely.intersects_xy(geometry, x, y):
        inside = geometry.representative_point()
        x, y = inside.x, inside.y
    return Hotspot(rank, geometry, patch.count, geometry.area / 1e6, share, patch.peak, x, y, patch.harm)


def _outline(grid: Grid, row: NDArray[np.int64], column: NDArray[np.int64], area: BaseGeometry | None) -> BaseGeometry:
    """Join cells into one shape and clip it to the area."""
    west = grid.west + column * grid.cell_size
    north = grid.north - row * grid.cell_size
    joined = shapely.coverage_union_all(shapely.box(west, north - grid.cell_size, west + grid.cell_size, north))
    if area is None:
        return joined
    parts = shapely.get_parts(shapely.intersection(joined, area))
    return shapely.union_all(parts[shapely.get_dimensions(parts) == 2])
