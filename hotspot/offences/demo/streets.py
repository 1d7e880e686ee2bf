"""Invented street names: a block of the lattice has one."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from hotspot.geography import Place
from hotspot.offences.demo.settlement import mixed

_BLOCK = 150
_HIGH_STREET_METRES = 160.0
_TREES = (
    "Alder Ash Beech Birch Bramble Briar Broom Cherry Clover Elm Fern Hazel "
    "Heather Holly Ivy Larch Laurel Linden Maple Oak Poplar Rowan Willow Yew"
)
_ENDINGS = "bank bourne bridge brook combe croft dale den field gate ham hurst ley mead moor ridge stead thorpe wood"
_KINDS = "Avenue Close Crescent Drive Gardens Grove Lane Place Road Street Walk Way"
NAMES = np.array(
    [f"{tree}{ending} {kind}" for tree in _TREES.split() for ending in _ENDINGS.split() for kind in _KINDS.split()], dtype=object
)


def street_names(x: NDArray[np.int64], y: NDArray[np.int64], places: tuple[Place, ...]) -> NDArray[np.object_]:
    """Name the street of each point; around the centre of a place it is the High Street."""
    names = NAMES[(mixed(x // _BLOCK, y // _BLOCK, salt=2) % len(NAMES)).astype(np.int64)]
    for place in places:
        if place.rank < 3:
            near = (np.abs(x - place.x) < _HIGH_STREET_METRES) & (np.abs(y - place.y) < _HIGH_STREET_METRES)
            names[near] = "High Street"
    return names
