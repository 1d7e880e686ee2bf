"""Whether a short series rises or falls throughout: the Mann–Kendall test, with ties.

References
----------
Mann, H. B. (1945), Nonparametric tests against trend, Econometrica 13: 245–259.
Kendall, M. G. (1975), Rank correlation methods, 4th edition, chapter 4 (variance with ties, continuity correction).
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy import special

Floats = NDArray[np.float64]
CHUNK = 4_096
"""Series worked on at once."""


@dataclass(frozen=True, eq=False)
class Trend:
    """The trend of each series; arrays of equal length."""

    s: NDArray[np.int64]
    """Pairs that rise less pairs that fall."""
    variance: Floats
    """Of ``s`` under no trend, with ties."""
    z: Floats
    """Standardised, with continuity correction; above 0 where the series rises; 0 where all values are equal."""
    p_value: Floats
    """Two-sided, by the normal curve."""


def mann_kendall(series: ArrayLike) -> Trend:
    """Test each row for a trend.

    Parameters
    ----------
    series
        Shape ``(series, times)``, times at equal steps, the earliest first; a single series may be flat.
    """
    rows = np.atleast_2d(np.asarray(series, dtype=np.float64))
    parts = [_tested(rows[first : first + CHUNK]) for first in range(0, len(rows), CHUNK)] or [_tested(rows)]
    s, variance = (np.concatenate(values) for values in zip(*parts, strict=True))
    z = np.zeros(len(s))
    np.divide(s - np.sign(s), np.sqrt(variance), out=z, where=variance > 0)
    return Trend(s, variance, z, 2 * special.ndtr(-np.abs(z)))


def _tested(rows: Floats) -> tuple[NDArray[np.int64], Floats]:
    times = rows.shape[1]
    earlier, later = np.triu_indices(times, k=1)
    s = np.sign(rows[:, later] - rows[:, earlier]).sum(axis=1).astype(np.int64)
    # A value that t share adds (t − 1)(2t + 5) for each of them: t(t − 1)(2t + 5) for the tie.
    sharing = (rows[:, :, None] == rows[:, None, :]).sum(axis=2)
    ties = ((sharing - 1) * (2 * sharing + 5)).sum(axis=1)
    return s, (times * (times - 1) * (2 * times + 5) - ties) / 18
