"""Regression to the mean: an area chosen because it was high falls by itself.

A count is a level and chance. Who takes the highest counts takes good part of the chance, which does not come again: the
places fall though nothing was done. How much they fall can be seen in places that were as high and left alone.

References
----------
Galton, F. (1886), Regression towards mediocrity in hereditary stature, Journal of the Anthropological Institute 15:
246–263. Morton, V. and Torgerson, D. J. (2003), Effect of regression to the mean on decision making in health care, BMJ
326: 1083–1084.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray

from hotspot.methods.rates import RateRatio, rate_ratio

HIGHEST = 10
"""So many units are taken by the rule, unless another number is said."""


@dataclass(frozen=True, eq=False)
class SameRule:
    """What became of untreated units that were chosen because they were high."""

    units: NDArray[np.int64]
    """Their numbers, the highest first."""
    before: float
    """Offences in them."""
    after: float
    ratio: RateRatio
    """Of the rates per day, after over before; Poisson interval."""


def highest_untreated(
    before: ArrayLike,
    after: ArrayLike,
    *,
    untreated: ArrayLike,
    chosen_by: ArrayLike | None = None,
    days: float = 1.0,
    before_days: float = 1.0,
    highest: int = HIGHEST,
) -> SameRule:
    """Follow the untreated units with most offences; of equal counts the first numbers are taken.

    Parameters
    ----------
    before, after
        Offences of each unit.
    untreated
        True for units that touch neither the treated area nor its ring.
    chosen_by
        Offences of each unit in the period that chose them; None: those before.
    days, before_days
        Lengths of the periods.
    highest
        How many units are taken; units without offences are never taken.
    """
    before, after = np.asarray(before, dtype=np.float64), np.asarray(after, dtype=np.float64)
    by = before if chosen_by is None else np.asarray(chosen_by, dtype=np.float64)
    possible = np.flatnonzero(np.asarray(untreated, dtype=bool) & (by > 0))
    units = possible[np.argsort(-by[possible], kind="stable")][:highest]
    first, then = float(before[units].sum()), float(after[units].sum())
    ratio = rate_ratio(round(then), round(first), exposure=days, baseline_exposure=before_days)
    return SameRule(units, first, then, ratio)
