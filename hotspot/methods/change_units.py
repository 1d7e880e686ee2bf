"""Change between two periods in units of analysis: squares, hexagons or named areas, one family of tests.

The same test as in the table of areas (``change``): each unit's own offences, and none of its neighbours'.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from hotspot.methods.change import LEAST_COUNT, ChangeFamily, change_family
from hotspot.methods.change_map import categories
from hotspot.methods.dispersion import Dispersions
from hotspot.methods.rates import ALPHA
from hotspot.methods.units import Units

Floats = NDArray[np.float64]


@dataclass(frozen=True, eq=False)
class UnitChanges:
    """What may be said of the change in each unit; arrays of shape ``(units,)``."""

    units: Units
    count: Floats
    """Offences in the period: whole, or sums of aoristic shares, which are rounded for the test."""
    baseline_count: Floats
    tests: ChangeFamily
    dispersions: Dispersions | None
    """Of each unit's months; None: not estimated."""
    category: NDArray[np.int8]
    """``change_map.CELL_FELL`` to ``CELL_TOO_FEW``."""
    outside: float
    """Offences of both periods that lie in none of the units."""

    @property
    def family(self) -> str:
        """What was tested together, in one sentence."""
        few = f"; the others have under {LEAST_COUNT} in both periods together" if self.tests.tested < len(self.units) else ""
        what = self.units.kind if np.isfinite(self.units.size) else f"areas ({self.units.kind})"
        return (
            f"{self.tests.tested:,} of {len(self.units):,} {what} were tested together (Benjamini–Hochberg, q < {ALPHA:g}){few}."
        )


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
        Offences of each unit in the two periods, shape ``(units,)``.
    outside
        Offences of both periods that lie in none.
    dispersions
        Of each unit's months; None: the tests assume no clustering.
    """
    rounded, baseline_rounded = np.rint(count).astype(np.int64), np.rint(baseline_count).astype(np.int64)
    used = 1.0 if dispersions is None else dispersions.used
    tests = change_family(rounded, baseline_rounded, days=days, baseline_days=baseline_days, dispersion=used)
    return UnitChanges(units, count, baseline_count, tests, dispersions, categories(tests), outside)
