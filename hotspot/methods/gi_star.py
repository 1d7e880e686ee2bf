"""Where counts cluster: Getis–Ord Gi* of each cell, with p-values for the whole map.

Gi* asks of a cell and its neighbours whether they hold more or fewer offences than any so many of the tested cells
would. Weights are binary and the cell itself is a neighbour. Cells are clustered by their counts alone: nothing is
said of risk, for which each cell's people or premises would have to be known.

The sum around a cell follows the normal curve where counts are many. Offences in small cells are few and skewed,
and the normal p-value calls too many places clusters; the permutation p-value holds the cell's own count and
shuffles the others (conditional randomisation), and needs no curve.

Cells of one map share neighbours, so their tests depend on each other; see ``change_map`` on the correction then.

References
----------
Getis, A. and Ord, J. K. (1992), The analysis of spatial association by use of distance statistics, Geographical
Analysis 24: 189–206.
Ord, J. K. and Getis, A. (1995), Local spatial autocorrelation statistics, Geographical Analysis 27: 286–306 (Gi*,
equation 14).
Anselin, L. (1995), Local indicators of spatial association: LISA, Geographical Analysis 27: 93–115 (conditional
randomisation).
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy import sparse, special
from scipy.sparse import csgraph

from hotspot.methods.rates import ALPHA, benjamini_hochberg
from hotspot.methods.units import SQUARES, Lattice, Units
from hotspot.tasks import Run, block_seed, block_sizes, here

Floats = NDArray[np.float64]
Integers = NDArray[np.int64]
Flags = NDArray[np.bool_]
HIGH, CHANCE, LOW = 1, 0, -1
"""What stands after correction: more than chance, neither, fewer than chance."""
ROUNDING = 1e-9
"""Sums of weights that differ by less are equal."""
BLOCK = 50_000
"""Permutations of one seed of their own. The draws of a test's seed depend on it."""
CHUNK = 10_000
"""Permutations that are drawn by shuffling all positions, and that are corrected, at once."""


@dataclass(frozen=True, eq=False)
class GiStar:
    """Gi* of each unit; arrays of shape ``(units,)``, NaN where a unit was not tested."""

    units: Units
    tested: Flags
    count: Floats
    """Offences in the unit, tested or not."""
    around: Floats
    """Offences in the unit and its tested neighbours."""
    size: Floats
    """Units that were added up, the unit itself included."""
    z: Floats
    p_value: Floats
    """Two-sided, by the normal curve."""
    q_value: Floats
    """``p_value`` after correction over all tested units."""
    p_permutation: Floats | None
    """Two-sided, from permutations; None where there were none."""
    q_permutation: Floats | None
    distance: float
    """Metres between the middles of neighbours, at most."""
    permutations: int
    seed: int

    @property
    def n(self) -> int:
        """Tested units: one family."""
        return int(self.tested.sum())

    @property
    def q(self) -> Floats:
        """The q-value that verdicts rest on: of the permutations where there were any."""
        return self.q_value if self.q_permutation is None else self.q_permutation

    @property
    def verdict(self) -> NDArray[np.int8]:
        """``HIGH``, ``LOW``, or ``CHANCE``, after correction over the whole map; ``CHANCE`` where not tested."""
        clear = np.nan_to_num(self.q, nan=1.0) < ALPHA
        return (clear * np.sign(np.nan_to_num(self.z))).astype(np.int8)


def gi_star(
    units: Units,
    count: Floats,
    *,
    distance: float | None = None,
    tested: Flags | None = None,
    permutations: int = 0,
    seed: int = 0,
    run: Run = here,
) -> GiStar:
    """Compute Gi* of squares or hexagons.

    Parameters
    ----------
    count
        Offences in each unit, whole or sums of weights.
    distance
        Metres: cells whose middles are at most so far apart are neighbours; None: cells that share an edge or a corner.
    tested
        Units that count: the others are neither tested nor anybody's neighbours; None: all.
    permutations
        How often the counts of the other units are shuffled; 0: the normal curve alone.
    run
        Has the blocks of permutations done, here or on other machines: the result is the same.
    """
    if units.lattice is None or units.cells is None:
        raise ValueError("Gi* is computed on squares or hexagons")
    count = np.asarray(count, dtype=np.float64)
    tested = np.ones(len(units), dtype=bool) if tested is None else np.asarray(tested, dtype=bool)
    reach = units.lattice.adjoining if distance is None else distance
    around, size = sums_around(units, count, distance=reach, tested=tested)
    z = z_scores(count[tested], around[tested], size[tested])
    p_value = 2 * special.ndtr(-np.abs(z))
    p_shuffled = permutation_p(count[tested], around[tested], size[tested], permutations=permutations, seed=seed, run=run)
    return GiStar(
        units=units,
        tested=tested,
        count=count,
        around=np.where(tested, around, np.nan),
        size=np.where(tested, size, np.nan),
        z=_spread(z, tested),
        p_value=_spread(p_value, tested),
        q_value=_spread(benjamini_hochberg(p_value), tested),
        p_permutation=None if p_shuffled is None else _spread(p_shuffled, tested),
        q_permutation=None if p_shuffled is None else _spread(benjamini_hochberg(p_shuffled), tested),
        distance=reach,
        permutations=permutations,
        seed=seed,
    )


def sums_around(units: Units, count: Floats, *, distance: float, tested: Flags) -> tuple[Floats, Floats]:
    """Add up each cell and its tested neighbours: their offences, and how many they are."""
    assert units.lattice is not None and units.cells is not None
    lattice, cells = units.lattice, units.cells
    laid = np.zeros((2, lattice.rows * lattice.columns))
    laid[0, cells] = np.where(tested, count, 0.0)
    laid[1, cells] = tested
    summed = [lattice_sums(lattice, one.reshape(lattice.rows, lattice.columns), distance=distance).ravel()[cells] for one in laid]
    return summed[0], summed[1]


def lattice_sums(lattice: Lattice, values: Floats, *, distance: float) -> Floats:
    """Add up, for each cell, all cells whose middle is within a distance; cells beyond the lattice hold nothing.

    In each row the neighbours are one run of cells: the difference of two running sums.

    Parameters
    ----------
    values
        Shape ``(rows, columns)``, rows south to north.
    """
    even, odd = (_runs(steps) for steps in lattice.steps_within(distance))
    rows = max(abs(north) for north, _, _ in even)
    columns = max(max(-west, east) for _, west, east in (*even, *odd))
    running = np.zeros((lattice.rows + 2 * rows, lattice.columns + 2 * columns + 1))
    inner = running[rows : rows + lattice.rows, 1:]
    inner[:, columns : columns + lattice.columns] = values
    np.cumsum(inner, axis=1, out=inner)
    summed = np.zeros(values.shape)
    # Rows of squares are all alike; those of hexagons stand half a cell farther east every second time.
    patterns = (
        [(0, 1, even)] if lattice.kind == SQUARES else [(lattice.first_row % 2, 2, even), (1 - lattice.first_row % 2, 2, odd)]
    )
    for first, every, runs in patterns:
        target = summed[first::every]
        for north, west, east in runs:
            source = running[rows + north + first : rows + north + lattice.rows : every]
            target += source[:, columns + east + 1 : columns + east + 1 + lattice.columns]
            target -= source[:, columns + west : columns + west + lattice.columns]
    return summed


def _runs(steps: tuple[tuple[int, int], ...]) -> list[tuple[int, int, int]]:
    """Give, for each row, the westernmost and the easternmost step, the cell itself included."""
    reach: dict[int, list[int]] = {0: [0]}
    for north, east in steps:
        reach.setdefault(north, []).append(east)
    return [(north, min(easts), max(easts)) for north, easts in sorted(reach.items())]


def z_scores(count: Floats, around: Floats, size: Floats) -> Floats:
    """Standardise sums around cells (Ord and Getis 1995, equation 14, binary weights); 0 where nothing could vary.

    Parameters
    ----------
    count
        Offences in each tested cell.
    around, size
        Offences in the cell and its neighbours, and how many cells these are.
    """
    n = len(count)
    if n < 2:
        return np.zeros(n)
    mean = count.mean()
    deviation = np.sqrt(max(np.mean(count**2) - mean**2, 0.0))
    spread = deviation * np.sqrt(size * np.maximum(n - size, 0.0) / (n - 1))
    z = np.zeros(n)
    np.divide(around - mean * size, spread, out=z, where=spread > ROUNDING)
    return z


def permutation_p(count: Floats, around: Floats, size: Floats, *, permutations: int, seed: int, run: Run = here) -> Floats | None:
    """Give two-sided p-values by shuffling the other cells' counts; None without permutations.

    A shuffle deals a cell as many neighbours as it has, drawn from all other cells without putting back. One set of
    draws serves all cells: they are positions among all cells but the last, and where a draw meets the cell itself,
    the last cell stands in for it. So a cell costs two searches among sorted sums and the few draws that met it.
    p = (sums at least as far out + 1) / (permutations + 1), for the nearer tail, doubled. Each block of ``BLOCK``
    permutations has a seed of its own, so that blocks can be done anywhere and in any order.
    """
    if permutations == 0:
        return None
    n, others = len(count), size.astype(np.int64) - 1
    if others.max(initial=0) == 0:
        return np.ones(n)
    blocks = [(seed, *one) for one in enumerate(block_sizes(permutations, BLOCK))]
    above, below = np.zeros(n), np.zeros(n)
    for more, less in run(shuffled_block, blocks, shared=(count, others, around - count)):
        above, below = above + more, below + less
    p_value = np.minimum(2 * (np.minimum(above, below) + 1) / (permutations + 1), 1.0)
    p_value[others == 0] = 1.0
    return p_value


def shuffled_block(
    count: Floats, others: Integers, target: Floats, seed: int, block: int, permutations: int
) -> tuple[Floats, Floats]:
    """Count, for each cell, one block's draws whose sum is at least, and at most, what its neighbours hold (``target``)."""
    drawn = _draws(np.random.default_rng(block_seed(seed, block)), len(count) - 1, int(others.max()), permutations)
    slack = ROUNDING * np.maximum(1.0, np.abs(target))
    return _tails(count, others, drawn, low=target - slack, high=target + slack)


def _tails(count: Floats, others: Integers, drawn: NDArray[np.int32], *, low: Floats, high: Floats) -> tuple[Floats, Floats]:
    """Count, for each cell, the draws whose sum is at least as large, and at most as large, as what its neighbours hold."""
    sums = np.cumsum(count[drawn], axis=1)
    above, below = np.zeros(len(count)), np.zeros(len(count))
    for number in np.unique(others[others > 0]):
        here = others == number
        ordered = np.sort(sums[:, number - 1])
        above[here] = len(drawn) - np.searchsorted(ordered, low[here], side="left")
        below[here] = np.searchsorted(ordered, high[here], side="right")
    for first in range(0, len(drawn), CHUNK):
        part = slice(first, first + CHUNK)
        cell, had = _meetings(drawn[part], sums[part], others)
        has = had - count[cell] + count[-1]
        above += np.bincount(cell, (has >= low[cell]).astype(float) - (had >= low[cell]), minlength=len(count))
        below += np.bincount(cell, (has <= high[cell]).astype(float) - (had <= high[cell]), minlength=len(count))
    return above, below


def _meetings(drawn: NDArray[np.int32], sums: Floats, others: Integers) -> tuple[NDArray[np.int32], Floats]:
    """List the draws in which a cell was dealt to itself: the cell, and the sum that it got."""
    place = np.arange(drawn.shape[1])
    meets = place[None, :] < others[drawn]
    draw = np.nonzero(meets)[0]
    cell = drawn[meets]
    return cell, sums[draw, others[cell] - 1]


def _draws(random: np.random.Generator, pool: int, number: int, rows: int) -> NDArray[np.int32]:
    """Draw positions below ``pool`` without putting back, ``number`` in each of so many rows, in random order."""
    if number * number > pool:
        return np.concatenate([_shuffled(random, pool, number, part) for part in block_sizes(rows, CHUNK)])
    drawn = random.integers(0, pool, size=(rows, number), dtype=np.int32)
    wrong = np.arange(rows)
    while True:
        ordered = np.sort(drawn[wrong], axis=1)
        wrong = wrong[(ordered[:, 1:] == ordered[:, :-1]).any(axis=1)]
        if not len(wrong):
            return drawn
        drawn[wrong] = random.integers(0, pool, size=(len(wrong), number), dtype=np.int32)


def _shuffled(random: np.random.Generator, pool: int, number: int, rows: int) -> NDArray[np.int32]:
    everything = np.tile(np.arange(pool, dtype=np.int32), (rows, 1))
    return random.permuted(everything, axis=1, out=everything)[:, :number].copy()


def joined(units: Units, chosen: Flags) -> Integers:
    """Number the patches of chosen cells that share an edge or a corner, from 0; −1 where not chosen."""
    starts, others = units.neighbours()
    together = sparse.csr_array((np.ones(len(others), dtype=np.int8), others, starts), shape=(len(units), len(units)))
    kept = np.flatnonzero(chosen)
    label = np.full(len(units), -1, dtype=np.int64)
    label[kept] = csgraph.connected_components(together[kept][:, kept], directed=False)[1]
    return label


def _spread(values: Floats, tested: Flags) -> Floats:
    """Put the values of the tested units back among all, NaN elsewhere."""
    spread = np.full(len(tested), np.nan)
    spread[tested] = values
    return spread
