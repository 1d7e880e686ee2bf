"""Andresen's S index: how alike two patterns of offences are, over units such as squares or wards.

Each unit's share of the base pattern is compared with what 85 % samples of the test pattern, drawn without
replacement, give the unit: it is alike where its share lies in the middle 95 % of the samples. S is the share of units
that are alike, from 0 to 1 (1: alike everywhere). The test is of shares, so that a rise everywhere by a fifth changes
nothing.

The samples are drawn as counts of units (multivariate hypergeometric), which is drawing the points themselves.

Two weaknesses are told with every result. Units where neither pattern has an offence are alike for no reason and raise
S: the robust S leaves them out. And samples of 85 % vary less (by a factor of .42) than another period of the same
process would, so that two periods without any change stay well under 1.

References
----------
Andresen, M. A. (2009), Testing for similarity in area-based spatial patterns: a nonparametric Monte Carlo approach,
Applied Geography 29: 333–345.
Andresen, M. A. (2016), An area-based nonparametric spatial point pattern test: the test, its applications, and the
future, Methodological Innovations 9: 1–11.
Wheeler, A. P., Steenbeek, W. and Andresen, M. A. (2018), Testing for similarity in area-based spatial patterns:
alternative methods to Andresen's spatial point pattern test, Transactions in GIS 22: 760–774.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray

SHARE, REPEATS = 0.85, 200
"""Of the test pattern in each sample, and samples: Andresen's own."""
COVERED = 0.95
LOWER, ALIKE, HIGHER = -1, 0, 1
Floats = NDArray[np.float64]


@dataclass(frozen=True, eq=False)
class SIndex:
    """Likeness of two patterns; arrays of shape ``(units,)``."""

    s: float
    """Share of all units that are alike, 0 to 1; NaN without units."""
    robust: float
    """The same of the units where either pattern has an offence; NaN where neither has any."""
    units: int
    occupied: int
    """Units where either pattern has an offence."""
    reading: NDArray[np.int8]
    """The test pattern's share of the unit against the base's: lower (−1), alike (0), higher (1)."""
    base_share: Floats
    """Of the base pattern's offences, 0 to 1."""
    low: Floats
    """Ends of the middle 95 % of the samples' shares of the test pattern."""
    high: Floats
    base_count: int
    test_count: int
    sample: int
    """Offences in each sample."""
    repeats: int
    seed: int


def s_index(base: ArrayLike, test: ArrayLike, *, seed: int, share: float = SHARE, repeats: int = REPEATS) -> SIndex:
    """Compare two patterns over the same units.

    Parameters
    ----------
    base, test
        Whole counts of each unit, shape ``(units,)``; both patterns have an offence.
    share
        Of the test pattern's offences that each sample draws, above 0 and at most 1.
    repeats
        Samples, 40 or more: fewer have no middle 95 %.
    """
    base, test = _whole(base), _whole(test)
    if base.shape != test.shape or base.ndim != 1:
        raise ValueError("both patterns are counted over the same units")
    if not (base.sum() and test.sum()):
        raise ValueError("both patterns have an offence")
    if not 0 < share <= 1 or repeats < 40:
        raise ValueError("a sample is a share of up to 1, and 40 or more are drawn")
    sample = max(1, round(share * int(test.sum())))
    occupied = np.flatnonzero(test)
    drawn = np.zeros((repeats, len(test)))
    draw = np.random.default_rng(seed).multivariate_hypergeometric
    drawn[:, occupied] = draw(test[occupied], sample, size=repeats, method="marginals")
    low, high = middle(drawn / sample)
    return read(base, test, low, high, sample=sample, repeats=repeats, seed=seed)


def middle(shares: Floats) -> tuple[Floats, Floats]:
    """Give the ends of the middle 95 % of samples, shape ``(repeats, units)``: 5 of 200 are left off at each end."""
    off = math.floor((1 - COVERED) / 2 * len(shares) + 1e-9)
    ordered = np.sort(shares, axis=0)
    return ordered[off], ordered[len(shares) - 1 - off]


def read(
    base: NDArray[np.int64], test: NDArray[np.int64], low: Floats, high: Floats, *, sample: int, repeats: int, seed: int
) -> SIndex:
    """Count the units whose base share lies in their interval, its ends included."""
    base_share = base / base.sum()
    # Shares that are equal on paper may differ in the last digit.
    slack = 1e-12
    reading = np.where(base_share > high + slack, LOWER, np.where(base_share < low - slack, HIGHER, ALIKE)).astype(np.int8)
    occupied = (base > 0) | (test > 0)
    alike = reading == ALIKE
    return SIndex(
        s=float(alike.mean()) if len(alike) else math.nan,
        robust=float(alike[occupied].mean()) if occupied.any() else math.nan,
        units=len(base),
        occupied=int(occupied.sum()),
        reading=reading,
        base_share=base_share,
        low=low,
        high=high,
        base_count=int(base.sum()),
        test_count=int(test.sum()),
        sample=sample,
        repeats=repeats,
        seed=seed,
    )


def _whole(counts: ArrayLike) -> NDArray[np.int64]:
    values = np.asarray(counts, dtype=np.float64)
    if (values < 0).any() or (values != np.rint(values)).any():
        raise ValueError("counts are whole numbers and not negative")
    return values.astype(np.int64)
