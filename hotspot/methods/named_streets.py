"""Streets from their names: one name may belong to many streets, and one street has no length in the data.

Offences with one street name belong to one street where a chain of them, no step longer than 500 m, joins them: the
High Streets of two suburbs are two streets, and a long road with offences all along it is one.
"""

from __future__ import annotations

import numpy as np
import pandas as pd
from numpy.typing import ArrayLike, NDArray
from scipy.sparse import coo_matrix
from scipy.sparse.csgraph import connected_components
from scipy.spatial import cKDTree

STEP_METRES = 500.0
_SQUARE = 50.0
"""Metres: offences of one name are first gathered in squares of this side."""


def streets_of(names: pd.Series, x: ArrayLike, y: ArrayLike) -> NDArray[np.int64]:
    """Number the street of each offence.

    Parameters
    ----------
    names
        Street names; case and blanks at the ends do not count.
    x, y
        Metres; NaN where unknown.

    Returns
    -------
    NDArray
        From 0 on, in the offences' order; −1 without a name or a position.
    """
    east, north = np.asarray(x, dtype=float), np.asarray(y, dtype=float)
    said = names.astype("str").str.strip().str.casefold()
    known = names.notna().to_numpy() & (said != "").to_numpy() & np.isfinite(east) & np.isfinite(north)
    street = np.full(len(names), -1, dtype=np.int64)
    if not known.any():
        return street
    name = pd.factorize(said[known])[0]
    squares = np.column_stack([name, np.floor(east[known] / _SQUARE), np.floor(north[known] / _SQUARE)]).astype(np.int64)
    distinct, square = np.unique(squares, axis=0, return_inverse=True)
    street[known] = _joined(distinct)[square.ravel()]
    return street


def _joined(squares: NDArray[np.int64]) -> NDArray[np.int64]:
    """Number the streets that squares (name, column, row) belong to."""
    # Names lie apart in a third direction, farther than any step.
    places = np.column_stack([squares[:, 0] * 4 * STEP_METRES, squares[:, 1:] * _SQUARE])
    pairs = cKDTree(places).query_pairs(STEP_METRES, output_type="ndarray")
    links = coo_matrix((np.ones(len(pairs), dtype=bool), (pairs[:, 0], pairs[:, 1])), shape=(len(squares),) * 2)
    return connected_components(links, directed=False)[1].astype(np.int64)
