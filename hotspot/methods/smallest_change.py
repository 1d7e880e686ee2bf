"""The smallest change that two counts could have shown: what 'could be chance' leaves open."""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass
from functools import lru_cache

import numpy as np
from scipy.stats import norm

from hotspot.methods.rates import ALPHA, exact_p_values

STEPS_BACK = 3
"""Counts before the edge that a search by halving looks at again."""


@dataclass(frozen=True)
class SmallestChange:
    """The smallest changes that a baseline could have shown, tested by themselves."""

    rise: float
    """Rate ratio above 1; ∞ where the baseline has no offence."""
    fall: float
    """Rate ratio below 1; NaN where not even a count of 0 would have shown a fall."""


@lru_cache(maxsize=8_192)
def smallest_change(baseline: int, *, days: float, baseline_days: float, dispersion: float = 1.0) -> SmallestChange:
    """Find the smallest rise and fall that would give p < .05 at this baseline.

    The baseline's count is held; the period's count runs up, or down, from what equal rates would give to the
    first count whose own p is under .05 (before any correction for a family): exact, or widened by the dispersion.

    Parameters
    ----------
    dispersion
        φ that the test allows for; 1 for Poisson counts.
    """
    # A widened p is under .05 where the exact one is under this.
    level = ALPHA if dispersion == 1 else 2 * norm.sf(norm.isf(ALPHA / 2) * math.sqrt(dispersion))
    chance = days / (days + baseline_days)

    def shows(count: int) -> bool:
        return bool(exact_p_values(np.array([count]), np.array([count + baseline]), chance)[0] < level)

    expected = baseline * days / baseline_days
    rise = _first_above(shows, math.floor(expected) + 1) / expected if baseline else math.inf
    fall = _first_below(shows, math.ceil(expected) - 1) / expected if baseline and shows(0) else math.nan
    return SmallestChange(rise, fall)


def _first_above(shows: Callable[[int], bool], start: int) -> int:
    """Find the first count from ``start`` up that shows."""
    step = 1
    while not shows(start + step):
        step *= 2
    return _edge(shows, start, start + step)


def _first_below(shows: Callable[[int], bool], start: int) -> int:
    """Find the first count from ``start`` down that shows; 0 does."""
    return -_edge(lambda count: shows(-count), -start, 0)


def _edge(shows: Callable[[int], bool], first: int, last: int) -> int:
    """Find the first count that shows, where the last does.

    p falls with the distance from equal rates but for small steps back, since the sum of the two counts grows
    too: so the halving is followed by a look at the counts just before.
    """
    start = first
    while first < last:
        middle = (first + last) // 2
        first, last = (first, middle) if shows(middle) else (middle + 1, last)
    return min([last, *(count for count in range(max(start, last - STEPS_BACK), last) if shows(count))])
