"""Repeats and near repeats: which offence follows which, and how far away.

Each offence is either on its own or follows an earlier one of its stratum. The dates are drawn first, so
that contagion changes who follows whom and never how many offences a day has. An offence that follows gets
a gap from a truncated exponential distribution, and the offence committed last before that gap is its
parent.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.random import Generator
from numpy.typing import NDArray

from hotspot.offences.demo.parameters import PlantedType

ALONE, REPEAT, NEAR = 0, 1, 2
LONGEST_REPEAT_DAYS, LONGEST_NEAR_DAYS = 365.0, 60.0
LEAST_METRES, FARTHEST_METRES = 25.0, 400.0
_DAY = 86_400


@dataclass(frozen=True, eq=False)
class Links:
    """Which offence each offence follows."""

    origin: NDArray[np.int8]
    """ALONE, REPEAT or NEAR."""
    parent: NDArray[np.int64]
    """Index of the offence followed, always a smaller one; -1 where alone."""


def draw_links(random: Generator, starts: NDArray[np.int64], kind: PlantedType) -> Links:
    """Let planted shares of the offences (sorted by start) follow an earlier one."""
    count = len(starts)
    chance = random.random(count)
    origin = np.where(chance < kind.repeat_share, REPEAT, ALONE)
    origin = np.where((origin == ALONE) & (chance < kind.repeat_share + kind.near_share), NEAR, origin)
    repeat_gap = truncated_exponential(random, count, mean=kind.repeat_days, longest=LONGEST_REPEAT_DAYS - 1)
    near_gap = truncated_exponential(random, count, mean=kind.near_days, longest=LONGEST_NEAR_DAYS)
    gap = np.where(origin == REPEAT, repeat_gap, near_gap)
    parent = np.searchsorted(starts, starts - gap * _DAY, side="right") - 1
    # In a small stratum the offence before may lie far back: too far is no repeat.
    limit = np.where(origin == REPEAT, LONGEST_REPEAT_DAYS - 1, LONGEST_NEAR_DAYS) * _DAY
    too_early = (parent < 0) | (starts - starts[np.maximum(parent, 0)] > limit)
    origin = np.where(too_early, ALONE, origin).astype(np.int8)
    return Links(origin, np.where(origin == ALONE, -1, parent))


def truncated_exponential(random: Generator, count: int, *, mean: float, longest: float) -> NDArray[np.float64]:
    """Draw from an exponential distribution cut off at ``longest``, by its inverse."""
    return -mean * np.log1p(-random.random(count) * -np.expm1(-longest / mean))


def draw_displacements(random: Generator, count: int, *, metres: float) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Draw how far east and north a near repeat lies of the offence it follows."""
    distance = LEAST_METRES + truncated_exponential(random, count, mean=metres, longest=FARTHEST_METRES - LEAST_METRES - 20)
    angle = random.uniform(0, 2 * np.pi, count)
    return distance * np.cos(angle), distance * np.sin(angle)


def first_of_series(parent: NDArray[np.int64]) -> NDArray[np.int64]:
    """Give the offence at which the chain of parents of each offence begins (itself where alone)."""
    root = np.where(parent < 0, np.arange(len(parent)), parent)
    while not np.array_equal(root[root], root):
        root = root[root]
    return root


def generations(parent: NDArray[np.int64]) -> NDArray[np.int64]:
    """Count the offences before each one in its chain: 0 where alone."""
    depth = np.zeros(len(parent), dtype=np.int64)
    follows = parent >= 0
    while True:
        deeper = np.where(follows, depth[np.maximum(parent, 0)] + 1, 0)
        if np.array_equal(deeper, depth):
            return depth
        depth = deeper
