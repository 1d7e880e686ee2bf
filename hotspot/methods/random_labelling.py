"""Random labelling: the offences of two groups keep their places, and chance says anew which group each is of."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy.sparse import csr_array
from scipy.spatial import cKDTree

from hotspot.grid import Grid
from hotspot.methods.kernels import radius_of, scale_of, shape_of
from hotspot.tasks import Run, block_seed, block_sizes, here

LEAST_TOGETHER = 20.0
"""Effective offences of both groups under a cell's kernel from which the cell is tested."""
LEAST_EXPECTED = 5.0
"""Effective offences of each group that chance must expect there."""
BLOCK = 64
"""Simulations of one seed of their own. The draws of a test's seed depend on it."""
AT_ONCE = 3_000_000
"""Labels drawn at once."""
ROUNDING = 1e-9
"""Deviations that differ by less are equal: sums in another order round differently."""
Floats = NDArray[np.float64]
Progress = Callable[[float], None]


@dataclass(frozen=True, eq=False)
class Group:
    """One group of offences and the time it was counted over."""

    x: Floats
    """Metres."""
    y: Floats
    weight: Floats | None = None
    """Weight of each offence (aoristic share); 1 where None."""
    exposure: float = 1.0
    """What the difference is taken per: days of the period, in the other group's unit; 1 for two crime types."""

    @property
    def weights(self) -> Floats:
        return np.ones(len(self.x)) if self.weight is None else np.asarray(self.weight, dtype=np.float64)


@dataclass(frozen=True, eq=False)
class Pooled:
    """Both groups together, in order of position."""

    x: Floats
    """Of the distinct positions."""
    y: Floats
    starts: NDArray[np.int64]
    """Index of each position's first offence."""
    weight: Floats
    """Of each offence."""
    is_first: NDArray[np.bool_]
    """Of each offence."""

    def sums(self, labels: NDArray[np.bool_]) -> Floats:
        """Sum the weights of labelled offences by position: (draws, offences) → (draws, positions)."""
        return np.add.reduceat(labels * self.weight, self.starts, axis=1) if len(self.starts) else np.zeros((len(labels), 0))


@dataclass(frozen=True, eq=False)
class Moments:
    """What chance expects of the first group's surface at each cell, without edge correction."""

    both: Floats
    mean: Floats
    spread: Floats
    effective: Floats
    """Kish's number of offences of both groups under the kernel: (Σv)² / Σv²."""
    share: float
    """Of the offences that are of the first group by chance."""

    @property
    def tested(self) -> NDArray[np.bool_]:
        """Cells with enough offences to be tested."""
        expected = self.effective * min(self.share, 1 - self.share)
        return (self.effective >= LEAST_TOGETHER) & (expected >= LEAST_EXPECTED) & (self.spread > 0)


@dataclass(frozen=True, eq=False)
class Labelling:
    """Two groups on a grid, ready for labels to be drawn; pickled as what it is made from, which is far smaller."""

    pooled: Pooled
    kernels: csr_array
    """Per km², shape (cells, positions)."""
    moments: Moments
    observed: Floats
    """The first group's surface at each cell, without edge correction."""
    chance: float | None
    made_from: tuple[Any, ...]
    """Arguments of ``prepared``."""

    @cached_property
    def tested(self) -> NDArray[np.bool_]:
        return self.moments.tested

    @cached_property
    def tested_kernels(self) -> csr_array:
        return self.kernels[np.flatnonzero(self.tested)]

    @property
    def deviation(self) -> Floats:
        """Of each tested cell as it was observed, in standard deviations."""
        return ((self.observed - self.moments.mean)[self.tested]) / self.moments.spread[self.tested]

    def __reduce__(self) -> tuple[Any, ...]:
        return prepared, self.made_from


@dataclass(frozen=True, eq=False)
class Tally:
    """What the simulations gave."""

    deviation: Floats
    """Of each tested cell as it was observed, in standard deviations."""
    exceeding: NDArray[np.int64]
    """Simulations, by tested cell, with a deviation as large as the observed one."""
    largest: Floats
    """Largest deviation on the map, by simulation."""


def pooled_groups(first: Group, second: Group) -> Pooled:
    """Put both groups into one, in order of position."""
    x, y = np.concatenate([first.x, second.x]), np.concatenate([first.y, second.y])
    weight = np.concatenate([first.weights, second.weights])
    is_first = np.arange(len(x)) < len(first.x)
    order = np.lexsort((x, y))
    x, y = x[order].astype(np.float64), y[order].astype(np.float64)
    new = np.ones(len(x), dtype=bool)
    new[1:] = (np.diff(x) != 0) | (np.diff(y) != 0)
    starts = np.flatnonzero(new)
    return Pooled(x[starts], y[starts], starts, weight[order], is_first[order])


def kernels_at(grid: Grid, shown: NDArray[np.bool_], pooled: Pooled, bandwidth: float, kernel: str) -> csr_array:
    """Give the kernel's height of each position at each shown cell, per km², shape (cells, positions)."""
    row, column = np.nonzero(shown)
    shape = (len(row), len(pooled.x))
    if not all(shape):
        return csr_array(shape)
    cells = cKDTree(np.column_stack([grid.x[column], grid.y[row]]))
    positions = cKDTree(np.column_stack([pooled.x, pooled.y]))
    near = cells.sparse_distance_matrix(positions, float(radius_of(bandwidth, kernel)), output_type="ndarray")
    height = scale_of(bandwidth, kernel) * shape_of((near["v"] / bandwidth) ** 2, kernel)
    return csr_array((height, (near["i"], near["j"])), shape=shape)


def moments_of(kernels: csr_array, pooled: Pooled, *, first: int, chance: float | None) -> Moments:
    """Give mean and standard deviation of Σ v·label: labels drawn without replacement, or each with its own chance."""
    count = len(pooled.weight)
    share = (first / count if count else 0.0) if chance is None else chance
    everyone = np.ones((1, count), dtype=bool)
    both = kernels @ pooled.sums(everyone)[0]
    weight_squares = np.add.reduceat(pooled.weight**2, pooled.starts) if count else np.zeros(0)
    squares = kernels.power(2) @ weight_squares if count else np.zeros(kernels.shape[0])
    if chance is None:
        variance = share * (1 - share) * count / max(count - 1, 1) * (squares - both**2 / max(count, 1))
    else:
        variance = share * (1 - share) * squares
    effective = np.divide(both**2, squares, out=np.zeros_like(both), where=squares > 0)
    spread = np.sqrt(np.maximum(variance, 0.0))
    return Moments(both, share * both, np.where(spread > ROUNDING * both, spread, 0.0), effective, share)


def prepared(
    first: Group,
    second: Group,
    grid: Grid,
    shown: NDArray[np.bool_],
    bandwidth: float,
    kernel: str,
    chance: float | None,
) -> Labelling:
    """Lay two groups on a grid, ready for labels to be drawn.

    Parameters
    ----------
    shown
        Cells that are computed, shape ``grid.shape``.
    chance
        With which an offence is of the first group, each by itself; None: as many as there are, shuffled.
    """
    pooled = pooled_groups(first, second)
    kernels = kernels_at(grid, shown, pooled, bandwidth=bandwidth, kernel=kernel)
    return Labelling(
        pooled=pooled,
        kernels=kernels,
        moments=moments_of(kernels, pooled, first=len(first.x), chance=chance),
        observed=kernels @ pooled.sums(pooled.is_first[None, :])[0],
        chance=chance,
        made_from=(first, second, grid, shown, bandwidth, kernel, chance),
    )


def simulated(labelling: Labelling, *, simulations: int, seed: int, progress: Progress, run: Run = here) -> Tally:
    """Draw labels, block by block, and count what their maps show.

    Parameters
    ----------
    seed
        Each block of ``BLOCK`` simulations has a seed of its own made from it: where and in which order blocks are done changes
        nothing.
    run
        Has the blocks done.
    """
    cells = int(labelling.tested.sum())
    exceeding, largest = np.zeros(cells, dtype=np.int64), np.zeros(simulations)
    sizes = block_sizes(simulations, BLOCK) if cells else []
    done = 0
    for exceeded, of_block in run(simulated_block, [(seed, *one) for one in enumerate(sizes)], shared=(labelling,)):
        exceeding += exceeded
        largest[done : done + len(of_block)] = of_block
        done += len(of_block)
        progress(done / simulations)
    return Tally(labelling.deviation, exceeding, largest)


def simulated_block(labelling: Labelling, seed: int, block: int, simulations: int) -> tuple[NDArray[np.int64], Floats]:
    """Draw the labels of one block: by tested cell the simulations as far out as observed, and each one's largest deviation."""
    pooled, seen = labelling.pooled, np.abs(labelling.deviation)[:, None] * (1 - ROUNDING) - ROUNDING
    mean, spread = (of[labelling.tested][:, None] for of in (labelling.moments.mean, labelling.moments.spread))
    exceeding, largest = np.zeros(len(seen), dtype=np.int64), np.zeros(simulations)
    generator = np.random.default_rng(block_seed(seed, block))
    # Each simulation takes its labels from the block's stream in turn: how many are drawn at once changes nothing.
    step = max(1, min(simulations, AT_ONCE // max(len(pooled.weight), 1)))
    for start in range(0, simulations, step):
        labels = _labels(generator, pooled.is_first, labelling.chance, draws=min(step, simulations - start))
        deviation = np.abs(labelling.tested_kernels @ np.ascontiguousarray(pooled.sums(labels).T) - mean) / spread
        exceeding += (deviation >= seen).sum(axis=1)
        largest[start : start + len(labels)] = deviation.max(axis=0)
    return exceeding, largest


def _labels(
    generator: np.random.Generator, is_first: NDArray[np.bool_], chance: float | None, *, draws: int
) -> NDArray[np.bool_]:
    if chance is None:
        return generator.permuted(np.broadcast_to(is_first, (draws, len(is_first))), axis=1)
    return generator.random((draws, len(is_first)), dtype=np.float32) < chance
