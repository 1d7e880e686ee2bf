"""Which bandwidth to begin with."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.spatial import cKDTree

LEAST, MOST = 150.0, 1_000.0
"""Metres: the range of radii that is offered."""
SNAPPED_LEAST = 300.0
"""Metres: under this radius, snapped points show the anchor points rather than the offences."""
NEIGHBOURS = 10
"""The suggestion looks for the tenth nearest other offence."""
RULE = f"mean distance to the {NEIGHBOURS}th nearest offence"


@dataclass(frozen=True)
class Suggestion:
    """A bandwidth to begin with."""

    bandwidth: float
    """Metres: radius of the quartic kernel, whole tens."""
    rule: str
    """Name of the rule."""
    raw: float
    """Metres: what the rule gives before rounding and limits; NaN with too few offences."""
    sentence: str
    """The value, its rule and any limit in words."""
    warning: str
    """Empty, or why the value that the rule gives is not suggested as it is."""


def suggested_bandwidth(x: NDArray[np.float64], y: NDArray[np.float64], *, snapped: bool) -> Suggestion:
    """Suggest a quartic radius: the mean distance from an offence to its tenth nearest other.

    So the circle around a typical offence holds about ten others. Rules built on the spread of all points
    (Scott, Silverman) answer for one bell-shaped cluster and give kilometres over a whole force.

    Parameters
    ----------
    snapped
        True where points were moved to anchor points (police.uk).

    References
    ----------
    Williamson, D., McLafferty, S., Goldsmith, V., Mollenkopf, J. and McGuire, P. (1999), A better method to
    smooth crime incident data, ArcUser January–March 1999: the mean distance to the k-th nearest neighbour.
    """
    least = SNAPPED_LEAST if snapped else LEAST
    if len(x) <= NEIGHBOURS:
        sentence = f"{MOST:,.0f} m, the widest: the offences are too few for the {RULE}."
        return Suggestion(MOST, RULE, math.nan, sentence, sentence)
    raw = _mean_distance(x, y)
    bandwidth = float(min(max(round(raw, -1), least), MOST))
    warning = _limited(raw, bandwidth, snapped=snapped)
    return Suggestion(bandwidth, RULE, raw, warning or f"{bandwidth:,.0f} m: {RULE}.", warning)


def _mean_distance(x: NDArray[np.float64], y: NDArray[np.float64]) -> float:
    points = np.column_stack([x, y])
    # Of offences at one place each has the same distance: where points are snapped there are far fewer places.
    places, times = np.unique(points, axis=0, return_counts=True)
    distance, _ = cKDTree(points).query(places, k=[NEIGHBOURS + 1])
    return float(np.average(distance[:, 0], weights=times))


def _limited(raw: float, bandwidth: float, *, snapped: bool) -> str:
    """Say that a limit took the place of the rule's value; empty where it did not."""
    if round(raw, -1) < bandwidth:
        why = "the points are snapped to anchor points" if snapped else "it is the least offered"
        return f"{bandwidth:,.0f} m: the {RULE} is {raw:,.0f} m, raised because {why}."
    if round(raw, -1) > bandwidth:
        return f"{bandwidth:,.0f} m: the {RULE} is {raw:,.0f} m, lowered to the most offered."
    return ""
