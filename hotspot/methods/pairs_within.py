"""Pairs of offences within a distance, some at a time: what the compiled loops over pairs do, without them."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
from numpy.typing import NDArray
from scipy.spatial import cKDTree

PAIRS_AT_ONCE = 2_000_000
"""Pairs held in memory at once."""
Floats = NDArray[np.float64]


def pairs_within(x: Floats, y: Floats, farthest: float) -> Iterator[tuple[NDArray[np.int64], NDArray[np.int64], Floats]]:
    """List ordered pairs of different offences within a distance, some at a time: both indices and the distance.

    Parameters
    ----------
    x, y
        Metres, shape (n,).
    farthest
        Metres, inclusive.

    Yields
    ------
    tuple
        First and second of each pair, and how far apart they are: arrays of one length, some ``PAIRS_AT_ONCE`` long.
    """
    order = np.lexsort((x, np.floor(y / max(farthest, 1e-9))))
    points = np.column_stack([x, y])[order]
    tree = cKDTree(points)
    upto = np.cumsum(tree.query_ball_point(points, farthest, return_length=True))
    start = 0
    while start < len(points):
        before = upto[start - 1] if start else 0
        end = max(start + 1, int(np.searchsorted(upto, before + PAIRS_AT_ONCE, side="right")))
        found = cKDTree(points[start:end]).sparse_distance_matrix(tree, farthest, output_type="ndarray")
        others = found[found["i"] + start != found["j"]]
        yield order[others["i"] + start], order[others["j"]], others["v"]
        start = end
