"""Where people live, shop and go out: invented, around the real district centres of the seven LPAs.

Premises stand on a lattice of 15 m, each moved within its cell by a hash of the cell, so that a position
and a premises reference belong together without a register of a million addresses.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
import shapely
from numpy.random import Generator
from numpy.typing import NDArray

from hotspot.boundaries.areas import Areas
from hotspot.geography import Place

CELL = 15
"""Metres between neighbouring premises."""
BORDER_METRES = 30.0
"""No offence is placed nearer to the border of its LPA."""
FAMILIES = ("home", "vehicle", "street")
# By the rank of a place: estates around it, how far they spread (m), their weight, shops, weight of the centre,
# spread of the centre (m).
_ESTATES = {1: (26, 1300.0), 2: (18, 850.0), 3: (9, 480.0)}
_ESTATE_WEIGHT = {1: 1.2, 2: 1.1, 3: 0.75}
_SHOPS = {1: (150, 230.0), 2: (40, 130.0), 3: (12, 80.0)}
_CENTRE_WEIGHT = {1: 30.0, 2: 5.0, 3: 1.0}
_CITY_CENTRE_FACTOR = 3.0

Points = tuple[NDArray[np.int64], NDArray[np.int64]]
"""Eastings and northings in whole metres."""


@dataclass(frozen=True, eq=False)
class Cluster:
    """Round clusters that offences are drawn around: estates, shops or centres."""

    lpa: NDArray[np.object_]
    place: NDArray[np.object_]
    x: NDArray[np.float64]
    y: NDArray[np.float64]
    spread: NDArray[np.float64]
    """Metres: standard deviation in each direction; 0: the point itself."""
    weight: NDArray[np.float64]


@dataclass(frozen=True, eq=False)
class Settlement:
    """The invented built-up area."""

    polygons: dict[str, shapely.Geometry]
    """LPAs less a strip along their border."""
    estates: dict[str, Cluster]
    """Per family of offences ('home', 'vehicle', 'street'): the same estates with risks of their own."""
    shops: Cluster
    centres: Cluster

    def contains(self, lpa: str, x: NDArray[np.int64], y: NDArray[np.int64]) -> NDArray[np.bool_]:
        return shapely.contains_xy(self.polygons[lpa], x, y)

    def draw(
        self, random: Generator, count: int, *, clusters: Cluster, lpa: str, only: str | None, without: tuple[str, ...]
    ) -> Points:
        """Draw premises around the clusters of an LPA, of one place or of all but some."""
        allowed = (clusters.lpa == lpa) & ~np.isin(clusters.place, list(without))
        if only is not None:
            allowed &= clusters.place == only
        chosen = np.flatnonzero(allowed)
        cumulated = np.cumsum(clusters.weight[chosen])

        def propose(number: int) -> Points:
            index = chosen[np.searchsorted(cumulated, random.random(number) * cumulated[-1]).clip(0, len(chosen) - 1)]
            x = clusters.x[index] + clusters.spread[index] * random.standard_normal(number)
            y = clusters.y[index] + clusters.spread[index] * random.standard_normal(number)
            return snap(x, y)

        return draw_until_inside(propose, count, lambda x, y: self.contains(lpa, x, y))


def draw_until_inside(
    propose: Callable[[int], Points], count: int, accept: Callable[[NDArray[np.int64], NDArray[np.int64]], NDArray[np.bool_]]
) -> Points:
    """Draw points anew until each is accepted."""
    x, y = np.zeros(count, dtype=np.int64), np.zeros(count, dtype=np.int64)
    left = np.arange(count)
    while left.size:
        x[left], y[left] = propose(left.size)
        left = left[~accept(x[left], y[left])]
    return x, y


def build_settlement(random: Generator, areas: Areas, places: tuple[Place, ...]) -> Settlement:
    """Scatter estates and shops around the places."""
    polygons = {name: areas.geometry(name).buffer(-BORDER_METRES) for name in areas.names}
    for polygon in polygons.values():
        shapely.prepare(polygon)
    estates = _estates(random, places, polygons)
    by_family = {family: _with_risk(random, estates) for family in FAMILIES}
    return Settlement(polygons, by_family, _shops(random, places, polygons), _centres(places))


def _estates(random: Generator, places: tuple[Place, ...], polygons: dict[str, shapely.Geometry]) -> Cluster:
    number = np.array([_ESTATES[place.rank][0] for place in places])
    reach = np.array([_ESTATES[place.rank][1] for place in places])
    x, y, index = _scattered(random, places, number, reach, polygons)
    rank_weight = np.array([_ESTATE_WEIGHT[place.rank] for place in places])[index]
    spread = random.uniform(110, 240, len(index))
    return _cluster(places, index, x, y, spread, rank_weight)


def _with_risk(random: Generator, estates: Cluster) -> Cluster:
    risk = np.exp(0.9 * random.standard_normal(len(estates.x)))
    return Cluster(estates.lpa, estates.place, estates.x, estates.y, estates.spread, estates.weight * risk)


def _shops(random: Generator, places: tuple[Place, ...], polygons: dict[str, shapely.Geometry]) -> Cluster:
    number = np.array([_SHOPS[place.rank][0] for place in places])
    reach = np.array([_SHOPS[place.rank][1] for place in places])
    x, y, index = _scattered(random, places, number, reach, polygons)
    order = np.concatenate([np.arange(n) for n in number])
    weight = _centre_weights(places)[index] / (order + 3) ** 0.8
    return _cluster(places, index, x, y, np.zeros(len(index)), weight)


def _centres(places: tuple[Place, ...]) -> Cluster:
    index = np.arange(len(places))
    x, y = np.array([place.x for place in places]), np.array([place.y for place in places])
    spread = np.array([_SHOPS[place.rank][1] for place in places]) * 1.3
    return _cluster(places, index, x, y, spread, _centre_weights(places))


def _centre_weights(places: tuple[Place, ...]) -> NDArray[np.float64]:
    return np.array([_CENTRE_WEIGHT[p.rank] * (_CITY_CENTRE_FACTOR if "city centre" in p.name else 1.0) for p in places])


def _scattered(
    random: Generator,
    places: tuple[Place, ...],
    number: NDArray[np.int64],
    reach: NDArray[np.float64],
    polygons: dict[str, shapely.Geometry],
) -> tuple[NDArray[np.int64], NDArray[np.int64], NDArray[np.int64]]:
    """Scatter so many premises around each place, inside its LPA; x, y and the index of the place."""
    index = np.repeat(np.arange(len(places)), number)
    x, y = np.zeros(len(index), dtype=np.int64), np.zeros(len(index), dtype=np.int64)
    place_x, place_y = np.array([place.x for place in places]), np.array([place.y for place in places])
    lpa = np.array([place.lpa for place in places], dtype=object)
    left = np.arange(len(index))
    while left.size:
        at = index[left]
        x[left], y[left] = snap(
            place_x[at] + reach[at] * random.standard_normal(left.size),
            place_y[at] + reach[at] * random.standard_normal(left.size),
        )
        inside = np.zeros(left.size, dtype=bool)
        for name, polygon in polygons.items():
            there = lpa[at] == name
            inside[there] = shapely.contains_xy(polygon, x[left][there], y[left][there])
        left = left[~inside]
    return x, y, index


def _cluster(
    places: tuple[Place, ...],
    index: NDArray[np.int64],
    x: NDArray[np.generic],
    y: NDArray[np.generic],
    spread: NDArray[np.float64],
    weight: NDArray[np.float64],
) -> Cluster:
    lpa = np.array([place.lpa for place in places], dtype=object)[index]
    name = np.array([place.name for place in places], dtype=object)[index]
    return Cluster(lpa, name, x.astype(float), y.astype(float), spread, weight)


def snap(x: NDArray[np.floating], y: NDArray[np.floating]) -> Points:
    """Move points to the premises of their lattice cell."""
    column, row = np.floor_divide(x, CELL).astype(np.int64), np.floor_divide(y, CELL).astype(np.int64)
    noise = mixed(column, row, salt=1)
    return column * CELL + 2 + (noise % 12).astype(np.int64), row * CELL + 2 + (noise // 12 % 12).astype(np.int64)


def premises_number(x: NDArray[np.int64], y: NDArray[np.int64]) -> NDArray[np.int64]:
    """Give the number of the premises at a point that ``snap`` gave."""
    return x // CELL * 100_000 + y // CELL


def mixed(first: NDArray[np.int64], second: NDArray[np.int64], *, salt: int) -> NDArray[np.uint64]:
    """Mix two numbers into one that looks random and is the same on every machine (a splitmix64 step)."""
    value = first.astype(np.uint64) * np.uint64(0x9E3779B97F4A7C15) + second.astype(np.uint64) + np.uint64(salt)
    for shift, factor in ((30, 0xBF58476D1CE4E5B9), (27, 0x94D049BB133111EB)):
        value = (value ^ (value >> np.uint64(shift))) * np.uint64(factor)
    return value ^ (value >> np.uint64(31))
