"""Two groups of offences on one bandwidth: where one lies denser than the other, beyond what chance would do.

The test keeps every place and shuffles which group each offence is of. At a cell the surface A of the first group then
varies round its expectation, while that of both together stays: difference, ratio and log relative risk all rise with A, so
that one test holds for all of them. Its statistic is the deviation of A in units of its own standard deviation under that
shuffling, which is known exactly; the largest deviation over the map gives the envelope within which a whole map lies by
chance.

References
----------
Kelsall, J. E. and Diggle, P. J. (1995), Non-parametric estimation of spatial variation in relative risk, Statistics in Medicine
14: 2335–2342 (log relative risk, common bandwidth, random labelling).
Davies, T. M. and Hazelton, M. L. (2010), Adaptive kernel estimation of spatial relative risk, Statistics in Medicine
29: 2423–2437.
Westfall, P. H. and Young, S. S. (1993), Resampling-Based Multiple Testing, section 2.5 (largest statistic over a family).
Myllymäki, M., Mrkvička, T., Grabarnik, P., Seijo, H. and Hahn, U. (2017), Global envelope tests for spatial processes, JRSS B 79:
381–404 (studentised largest deviation).
Kish, L. (1965), Survey Sampling, section 11.7 (effective number of weighted cases).
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray
from shapely.geometry.base import BaseGeometry

from hotspot.grid import Grid
from hotspot.methods.coverage import cell_fractions
from hotspot.methods.density import LEAST_MASS
from hotspot.methods.kernels import checked_kernel
from hotspot.methods.random_labelling import (
    ROUNDING,
    Group,
    Progress,
    Tally,
    prepared,
    simulated,
)
from hotspot.methods.rates import ALPHA, benjamini_hochberg
from hotspot.tasks import Run, here

SIMULATIONS = 999
Floats = NDArray[np.float64]


@dataclass(frozen=True, eq=False)
class TwoSurfaces:
    """Two surfaces and what may be said of their difference; arrays of shape ``grid.shape``, rows north to south."""

    grid: Grid
    first: Floats
    """Offences per km² at the cell centres, divided by the kernel's mass inside the limit; NaN beyond the region."""
    second: Floats
    bandwidth: float
    """Metres, of both: radius h of a finite kernel, standard deviation σ of a gaussian."""
    kernel: str
    total: float
    """Sum of the first group's weights."""
    other_total: float
    exposure: float
    other_exposure: float
    chance: float | None
    """With which an offence is of the first group, each by itself; None: as many as there are, shuffled."""
    tested: NDArray[np.bool_]
    """Cells with enough offences to be tested."""
    expected: Floats
    """What chance expects of ``first``, per km²."""
    deviation: Floats
    """(first − expected) / spread; NaN where not tested."""
    spread: Floats
    """Standard deviation of ``first`` by chance, per km²."""
    p_value: Floats
    """Two-sided, of the cell by itself, (m + 1) / (simulations + 1); NaN where not tested."""
    q_value: Floats
    """Those p-values after correction over the map (Benjamini–Hochberg)."""
    map_p_value: Floats
    """Of the largest deviation on a map of chance against this cell's: corrected for every cell looked at."""
    global_p_value: float
    """Of the whole map: its largest deviation against that of each simulated map; NaN where nothing was tested."""
    critical: float
    """The envelope: a deviation beyond it stands, at 5 % over the whole map; NaN where nothing was tested."""
    edge_corrected: bool
    simulations: int
    seed: int

    @property
    def stands(self) -> NDArray[np.int8]:
        """1 where the first group is denser beyond the envelope, −1 where it is thinner, else 0."""
        beyond = np.nan_to_num(self.map_p_value, nan=1.0) <= ALPHA
        return (beyond * np.sign(np.nan_to_num(self.deviation))).astype(np.int8)

    @property
    def difference(self) -> Floats:
        """Offences per km² and unit of exposure: first less second."""
        return self.first / self.exposure - self.second / self.other_exposure

    @property
    def relative_risk(self) -> Floats:
        """The first group's share of its offences per km² over the second's: 1 where both lie alike; ∞ and NaN over nothing."""
        return self._ratio(self.first, self.second)

    @property
    def difference_envelope(self) -> tuple[Floats, Floats]:
        """Lower and upper difference within which chance leaves 95 % of whole maps."""
        both = self.first + self.second
        return tuple(first / self.exposure - (both - first) / self.other_exposure for first in self._ends)  # type: ignore[return-value]

    @property
    def relative_risk_envelope(self) -> tuple[Floats, Floats]:
        """Lower and upper relative risk within which chance leaves 95 % of whole maps."""
        both = self.first + self.second
        return tuple(self._ratio(first, both - first) for first in self._ends)  # type: ignore[return-value]

    @property
    def _ends(self) -> tuple[Floats, Floats]:
        reach = self.critical * self.spread
        both = self.first + self.second
        return np.maximum(self.expected - reach, 0.0), np.minimum(self.expected + reach, both)

    def _ratio(self, first: Floats, second: Floats) -> Floats:
        with np.errstate(divide="ignore", invalid="ignore"):
            return (first / self.total) / (second / self.other_total)


def two_surfaces(
    first: Group,
    second: Group,
    *,
    grid: Grid,
    bandwidth: float,
    kernel: str,
    region: BaseGeometry | None,
    mass: Floats | None = None,
    chance: float | None = None,
    simulations: int = SIMULATIONS,
    seed: int,
    progress: Progress = lambda share: None,
    run: Run = here,
) -> TwoSurfaces:
    """Compare two groups at each cell centre of a region, with a test by random labelling.

    Parameters
    ----------
    region
        Polygon in metres: cells whose middle lies in it are computed; None: all cells.
    mass
        The kernel's mass inside the limit of the data (``edge_mass``), by which surfaces are divided; None: uncorrected.
    chance
        Null hypothesis. None: the offences keep their places and both groups their sizes, but which offence is of which group is
        shuffled: does the *pattern* differ? A number: each offence by itself is of the first group with that chance (for two
        periods, its share of all days): does the *rate* differ anywhere?
    run
        Has the blocks of simulations done, here or on other machines: the result is the same.
    """
    checked_kernel(kernel, bandwidth)
    if simulations < 19:
        raise ValueError("fewer than 19 simulations cannot show anything at 5 %")
    if chance is not None and not 0 < chance < 1:
        raise ValueError("a chance lies between 0 and 1")
    shown = np.ones(grid.shape, dtype=bool) if region is None else cell_fractions(grid, region) >= 0.5
    labelling = prepared(first, second, grid, shown, bandwidth, kernel, chance)
    moments, observed = labelling.moments, labelling.observed
    tally = simulated(labelling, simulations=simulations, seed=seed, progress=progress, run=run)
    inside = np.ones(len(observed)) if mass is None else np.maximum(mass[shown], LEAST_MASS)
    return TwoSurfaces(
        grid=grid,
        first=_on_grid(observed / inside, shown),
        second=_on_grid((moments.both - observed).clip(min=0.0) / inside, shown),
        bandwidth=bandwidth,
        kernel=kernel,
        total=float(first.weights.sum()),
        other_total=float(second.weights.sum()),
        exposure=first.exposure,
        other_exposure=second.exposure,
        chance=chance,
        expected=_on_grid(moments.mean / inside, shown),
        spread=_on_grid(moments.spread / inside, shown),
        edge_corrected=mass is not None,
        simulations=simulations,
        seed=seed,
        **_read(tally, _cells(shown, moments.tested)),
    )


def _read(tally: Tally, tested: NDArray[np.bool_]) -> dict[str, Any]:
    """Turn a tally into p-values of cells and of the map, on the grid."""
    if not tested.any():
        nothing = dict.fromkeys(("deviation", "p_value", "q_value", "map_p_value"), np.full(tested.shape, np.nan))
        return {**nothing, "tested": tested, "global_p_value": math.nan, "critical": math.nan}
    drawn = len(tally.largest) + 1
    p_value = (tally.exceeding + 1) / drawn
    map_p_value = (_as_large(tally.largest, np.abs(tally.deviation)) + 1) / drawn
    return {
        "tested": tested,
        "deviation": _on_grid(tally.deviation, tested),
        "p_value": _on_grid(p_value, tested),
        "q_value": _on_grid(benjamini_hochberg(p_value), tested),
        "map_p_value": _on_grid(map_p_value, tested),
        "global_p_value": float(map_p_value.min()),
        "critical": _critical(tally.largest),
    }


def _on_grid(values: Floats, cells: NDArray[np.bool_]) -> Floats:
    """Put the values of some cells back on the grid, NaN elsewhere."""
    surface = np.full(cells.shape, np.nan)
    surface[cells] = values
    return surface


def _cells(shown: NDArray[np.bool_], chosen: NDArray[np.bool_]) -> NDArray[np.bool_]:
    """Mark the chosen ones of the shown cells on the grid."""
    cells = np.zeros(shown.shape, dtype=bool)
    cells[shown] = chosen
    return cells


def _as_large(largest: Floats, deviation: Floats) -> NDArray[np.int64]:
    """Count the simulated maps whose largest deviation is at least each observed one."""
    ordered = np.sort(largest)
    return len(ordered) - np.searchsorted(ordered, deviation * (1 - ROUNDING) - ROUNDING, side="left")


def _critical(largest: Floats) -> float:
    """Give the deviation that a cell must pass for its ``map_p_value`` to be at most 5 %."""
    allowed = math.floor(ALPHA * (len(largest) + 1) + ROUNDING) - 1
    return float(np.sort(largest)[::-1][allowed])
