"""Loops over the pairs of offences within a distance: kernels of many widths summed, K counted with its edge correction.

Offences come sorted by x, so that those within a distance of one stand beside it.
"""

from __future__ import annotations

import math

from numba import njit


@njit("void(float64[::1], float64[::1], float64[::1], float64, int64, int64, float64[:, ::1])", cache=True, nogil=True)
def kernel_sums(x, y, sigmas, reach, begin, end, sums):
    """Add exp(−d²/2σ²) of each pair to both of its offences; pairs whose first is one of [begin, end).

    ``sigmas`` fall; a kernel ends at ``reach`` of them. ``sums`` has the shape (offences, widths).
    """
    within, shrink = (reach * sigmas) ** 2, -0.5 / sigmas**2
    farthest = reach * sigmas[0]
    for first in range(begin, end):
        for second in range(first + 1, x.size):
            east = x[second] - x[first]
            if east >= farthest:
                break
            north = y[second] - y[first]
            squared = east * east + north * north
            for width in range(sigmas.size):
                if squared >= within[width]:
                    break
                kernel = math.exp(squared * shrink[width])
                sums[first, width] += kernel
                sums[second, width] += kernel


@njit("void(float64[::1], float64[::1], float64, float64[:, ::1], int64, float64, float64[::1])", cache=True, nogil=True)
def rises(x, y, farthest, overlap, middle, size, found):
    """Add 2 / overlap of each pair to its step of distance; ``overlap`` has the unshifted window at row ``middle``, column 0."""
    for first in range(x.size):
        for second in range(first + 1, x.size):
            east = x[second] - x[first]
            if east > farthest:
                break
            north = y[second] - y[first]
            squared = east * east + north * north
            if squared > farthest * farthest:
                continue
            across, down = east / size, middle - north / size
            column, row = int(across), int(down)
            right, below = across - column, down - row
            upper = overlap[row, column] + right * (overlap[row, column + 1] - overlap[row, column])
            lower = overlap[row + 1, column] + right * (overlap[row + 1, column + 1] - overlap[row + 1, column])
            step = min(int(math.sqrt(squared) / farthest * found.size), found.size - 1)
            found[step] += 2.0 / (upper + below * (lower - upper))
