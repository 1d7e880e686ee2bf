"""Change between two periods in units of analysis: squares, hexagons or named areas, one family of tests.

The same test as in the table of areas (``change``): each unit's own offences, and none of its neighbours'.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy import sparse, spatial
from scipy.sparse.csgraph import connected_components

from hotspot.methods.change import LEAST_COUNT, AreaChange, ChangeTable, compare, tested_of
from hotspot.methods.change_map import categories
from hotspot.methods.dispersion import Dispersions
from hotspot.methods.rates import ALPHA
from hotspot.methods.units import Units

Floats = NDArray[np.float64]


@dataclass(frozen=True, eq=False)
class UnitChanges:
    """What may be said of the change in each unit."""

    units: Units
    table: ChangeTable
    """One row for each unit, in the units' order; the total is of all units."""
    outside: float
    """Offences of both periods that lie in none of the units."""

    @property
    def rows(self) -> tuple[AreaChange, ...]:
        return self.table.rows

    @property
    def family(self) -> str:
        """What was tested together, in one sentence."""
        few = f"; the others have under {LEAST_COUNT} in both periods together" if self.table.tested < len(self.units) else ""
        units = f"{len(self.units):,} {kind_words(self.units)}"
        return f"{self.table.tested:,} of {units} were tested together (Benjamini–Hochberg, q < {ALPHA:g}){few}."


def change_in_units(
    units: Units,
    count: Floats,
    baseline_count: Floats,
    *,
    days: float,
    baseline_days: float,
    outside: float = 0.0,
    dispersions: Dispersions | None = None,
) -> UnitChanges:
    """Test the change in each unit, all tested units as one family.

    Parameters
    ----------
    count, baseline_count
        Offences of each unit in the two periods, shape ``(units,)``; sums of shares are rounded for the test.
    outside
        Offences of both periods that lie in none.
    dispersions
        Of each unit's months and, last, of all units together; None: the tests assume no clustering.
    """
    known = {}
    if dispersions is not None:
        each = [dispersions[place] for place in range(len(units) + 1)]
        known = {"dispersions": each[:-1], "total_dispersion": each[-1]}
    table = compare(
        units.names,
        count.tolist(),
        baseline_count.tolist(),
        days=days,
        baseline_days=baseline_days,
        family=f"{tested_of(zip(count, baseline_count, strict=True)):,} {kind_words(units)}",
        **known,
    )
    return UnitChanges(units, table, outside)


def kind_words(units: Units) -> str:
    """Say what units are: 'squares', 'areas (ward)'."""
    return units.kind if math.isfinite(units.size) else f"areas ({units.kind})"


def places_with(changes: UnitChanges, verdict: str) -> int:
    """Count the places where a verdict stands: discs that touch or overlap, directly or through others, are one place.

    Only for discs, whose ``size`` is their radius.
    """
    x, y = changes.units.centres
    stands = np.array([row.verdict == verdict for row in changes.rows], dtype=bool)
    if not stands.any():
        return 0
    tree = spatial.cKDTree(np.column_stack([x[stands], y[stands]]))
    pairs = tree.query_pairs(2 * changes.units.size * (1 + 1e-9), output_type="ndarray")
    joined = sparse.coo_array((np.ones(len(pairs)), (pairs[:, 0], pairs[:, 1])), shape=(tree.n, tree.n))
    return int(connected_components(joined, directed=False)[0])


def category_of(rows: Sequence[AreaChange]) -> NDArray[np.int8]:
    """Give the colour of each row on a map: ``change_map.CELL_FELL`` to ``CELL_TOO_FEW``."""
    return categories(np.array([row.verdict for row in rows], dtype=str), np.array([row.ratio for row in rows]))
