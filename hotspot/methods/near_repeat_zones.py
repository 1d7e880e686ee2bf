"""Near-repeat zones: where the risk is raised now because of recent offences, and until when.

The risk at a place and on a day, in multiples of the usual risk there, is 1 + Σ what each recent offence adds. The
decay is that of direct followers (see ``near_repeat_decay``), so the sum over all recent offences counts nothing
twice, and a maximum would be too low: each offence draws its own followers. A zone is made of joined cells at or
above a threshold. What every offence adds fades by the same exp(−days/τ), so a zone whose highest risk is 1 + e
falls below the threshold after τ·ln(e / (threshold − 1)) days without a further offence: that is its expiry.

Mohler, G. O. et al. (2011). Self-exciting point process modeling of crime. Journal of the American Statistical
Association 106(493), 100-108.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
import shapely
from numpy.typing import ArrayLike, NDArray
from scipy import ndimage
from scipy.spatial import cKDTree

from hotspot.grid import Grid
from hotspot.methods.near_repeat_decay import NearRepeatDecay

CELL_SIZE = 25.0
"""Metres: half of the nearest band."""
LEAST_PART = 0.05
"""Share of the added risk at a zone's highest cell from which an offence is counted as one of its makers."""
_QUEEN = np.ones((3, 3), dtype=int)


@dataclass(frozen=True)
class Zone:
    """A place at raised risk."""

    rank: int
    """1: the highest risk."""
    geometry: shapely.MultiPolygon
    """Joined cells, metres."""
    area_km2: float
    peak: float
    """Highest risk in it, in multiples of the usual risk there."""
    x: float
    """Metres: middle of the cell with the highest risk."""
    y: float
    makers: tuple[int, ...]
    """Offences that raise the risk there, as rows of what was given, the strongest first."""
    expires: np.datetime64
    """First day on which no cell of it is at the threshold any more, if no further offence comes."""


@dataclass(frozen=True, eq=False)
class NearRepeatZones:
    """All zones of one day."""

    as_at: np.datetime64
    """The day whose first moment the risk is of; offences from then on are not known yet."""
    threshold: float
    """Risk in multiples of the usual from which a cell belongs to a zone."""
    offences: int
    """Recent offences that add to the risk."""
    zones: tuple[Zone, ...]
    area_km2: float
    """Of all zones together."""


def near_repeat_zones(
    decay: NearRepeatDecay, x: ArrayLike, y: ArrayLike, moment: ArrayLike, *, as_at: np.datetime64, threshold: float
) -> NearRepeatZones:
    """Draw the zones of a day.

    Parameters
    ----------
    x, y
        Metres, of each offence; all of them known.
    moment
        When each was committed; offences from ``as_at`` on, and older ones than the decay reaches, add nothing.
    threshold
        Above 1.
    """
    if not threshold > 1:
        raise ValueError("a zone's risk is more than the usual")
    x, y = np.asarray(x, dtype=float), np.asarray(y, dtype=float)
    days = (as_at.astype("datetime64[s]") - np.asarray(moment, dtype="datetime64[s]")).astype(float) / 86_400
    recent = np.flatnonzero((days > 0) & (days <= decay.reach_days))
    day = as_at.astype("datetime64[D]")
    if not recent.size:
        return NearRepeatZones(day, threshold, 0, (), 0.0)
    offences = _Recent(x[recent], y[recent], days[recent], recent)
    zones = _zones(decay, offences, day, threshold)
    return NearRepeatZones(day, threshold, len(recent), zones, sum(zone.area_km2 for zone in zones))


@dataclass(frozen=True, eq=False)
class _Recent:
    x: NDArray[np.float64]
    y: NDArray[np.float64]
    days: NDArray[np.float64]
    """Since each offence."""
    row: NDArray[np.int64]
    """Of what was given."""


@dataclass(frozen=True, eq=False)
class _Patch:
    """Joined cells at or above the threshold."""

    row: NDArray[np.int64]
    column: NDArray[np.int64]
    peak: float
    at: tuple[int, int]
    """Row and column of the highest cell."""


def _zones(decay: NearRepeatDecay, recent: _Recent, day: np.datetime64, threshold: float) -> tuple[Zone, ...]:
    x, y, reach = recent.x, recent.y, decay.edges[-1]
    grid = Grid.covering((x.min() - reach, y.min() - reach, x.max() + reach, y.max() + reach), cell_size=CELL_SIZE)
    risk = 1.0 + added_risk(decay, x, y, recent.days, grid)
    patches = sorted(_patches(risk, threshold), key=lambda patch: (-patch.peak, patch.at))
    tree = cKDTree(np.column_stack([x, y]))
    zones = []
    for rank, patch in enumerate(patches, start=1):
        place = (float(grid.x[patch.at[1]]), float(grid.y[patch.at[0]]))
        lasting = decay.days.value * math.log((patch.peak - 1) / (threshold - 1))
        zones.append(
            Zone(
                rank=rank,
                geometry=_joined(grid, patch.row, patch.column),
                area_km2=len(patch.row) * grid.cell_area_km2,
                peak=patch.peak,
                x=place[0],
                y=place[1],
                makers=_makers(decay, recent, tree, place),
                expires=day + np.timedelta64(math.floor(lasting) + 1, "D"),
            )
        )
    return tuple(zones)


def _patches(risk: NDArray[np.float64], threshold: float) -> list[_Patch]:
    label, _ = ndimage.label(risk >= threshold, structure=_QUEEN)
    patches = []
    for number, window in enumerate(ndimage.find_objects(label), start=1):
        row, column = np.nonzero(label[window] == number)
        row, column = row + window[0].start, column + window[1].start
        highest = int(np.argmax(risk[row, column]))
        patches.append(_Patch(row, column, float(risk[row[highest], column[highest]]), (int(row[highest]), int(column[highest]))))
    return patches


def _makers(decay: NearRepeatDecay, recent: _Recent, tree: cKDTree, place: tuple[float, float]) -> tuple[int, ...]:
    near = np.array(sorted(tree.query_ball_point(place, decay.edges[-1])), dtype=np.int64)
    part = decay.excess(np.hypot(recent.x[near] - place[0], recent.y[near] - place[1]), recent.days[near])
    strongest = np.argsort(-part, kind="stable")
    return tuple(recent.row[near[strongest]][part[strongest] >= LEAST_PART * part.sum()].tolist())


def added_risk(
    decay: NearRepeatDecay, x: NDArray[np.float64], y: NDArray[np.float64], days: NDArray[np.float64], grid: Grid
) -> NDArray[np.float64]:
    """Add up, at the middle of each cell, what offences add to the risk.

    Parameters
    ----------
    days
        Since each offence.

    Returns
    -------
    ndarray
        Multiples of the usual risk, shape ``grid.shape``.
    """
    total = np.zeros(grid.shape)
    steps = math.ceil(decay.edges[-1] / grid.cell_size)
    row, column, _ = grid.cell_of(x, y)
    for one in range(len(x)):
        rows = slice(max(row[one] - steps, 0), row[one] + steps + 1)
        columns = slice(max(column[one] - steps, 0), column[one] + steps + 1)
        away = np.hypot(grid.x[columns][None, :] - x[one], grid.y[rows][:, None] - y[one])
        total[rows, columns] += decay.excess(away, days[one])
    return total


def _joined(grid: Grid, row: NDArray[np.int64], column: NDArray[np.int64]) -> shapely.MultiPolygon:
    half = grid.cell_size / 2
    x, y = grid.x[column], grid.y[row]
    joined = shapely.union_all(shapely.box(x - half, y - half, x + half, y + half))
    return shapely.MultiPolygon([part for part in shapely.get_parts(joined) if part.geom_type == "Polygon"])
