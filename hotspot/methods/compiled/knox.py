"""Loops of the Knox test: which pairs are near, and how many of them are near in time under many shuffles at once."""

from __future__ import annotations

import numpy as np
from numba import njit

FLUSH = 32_000
"""Pairs after which 16-bit counts are added to the total: one more than a count can hold would be 32,768."""


@njit("float64(float64, float64, boolean)", cache=True, nogil=True)
def _distance(east, north, manhattan):
    return abs(east) + abs(north) if manhattan else np.sqrt(east * east + north * north)


@njit("int64(float64, float64[::1])", cache=True, nogil=True)
def _band(distance, edges):
    """Give the band [a, b) of a distance; −1 beyond the last edge. The first edge is 0."""
    for band in range(edges.size - 1):
        if distance < edges[band + 1]:
            return band
    return -1


@njit(
    "int64[::1](float64[::1], float64[::1], int64[::1], int64[:, ::1], int64[:, ::1], int64, int64, float64[::1], boolean)",
    cache=True,
    nogil=True,
)
def near_counts(x, y, premises, start, stop, begin, end, edges, manhattan):
    """Count the pairs of each distance band among the candidates [start, stop) of each point from ``begin`` to ``end``."""
    counts = np.zeros(edges.size - 1, np.int64)
    for first in range(begin, end):
        for block in range(start.shape[0]):
            for second in range(start[block, first], stop[block, first]):
                if premises[first] >= 0 and premises[first] == premises[second]:
                    continue
                band = _band(_distance(x[first] - x[second], y[first] - y[second], manhattan), edges)
                if band >= 0:
                    counts[band] += 1
    return counts


@njit(
    "void(float64[::1], float64[::1], int64[::1], int64[:, ::1], int64[:, ::1], int64, int64, float64[::1], boolean, int64[::1], "
    "int32[::1], int32[::1])",
    cache=True,
    nogil=True,
)
def near_pairs(x, y, premises, start, stop, begin, end, edges, manhattan, place, firsts, seconds):
    """Write the same pairs, those of each band from its ``place`` on; ``place`` ends behind the last of each."""
    for first in range(begin, end):
        for block in range(start.shape[0]):
            for second in range(start[block, first], stop[block, first]):
                if premises[first] >= 0 and premises[first] == premises[second]:
                    continue
                band = _band(_distance(x[first] - x[second], y[first] - y[second], manhattan), edges)
                if band >= 0:
                    firsts[place[band]] = first
                    seconds[place[band]] = second
                    place[band] += 1


@njit("void(int32[::1], int32[::1], int64[::1], int16[:, ::1], int16[::1], int64[:, :, ::1])", cache=True, nogil=True)
def gaps_under(firsts, seconds, bounds, days, limits, counts):
    """Count the pairs of each band whose gap is under each limit, for every column of ``days`` at once.

    Days are 16-bit and the columns of one offence lie side by side, so that one instruction works on many shuffles.
    """
    columns = days.shape[1]
    gap = np.empty(columns, np.int16)
    held = np.zeros((limits.size, columns), np.int16)
    for band in range(bounds.size - 1):
        for begin in range(bounds[band], bounds[band + 1], FLUSH):
            held[:] = 0
            for pair in range(begin, min(begin + FLUSH, bounds[band + 1])):
                one, other = days[firsts[pair]], days[seconds[pair]]
                for column in range(columns):
                    gap[column] = abs(np.int16(one[column] - other[column]))
                for limit in range(limits.size):
                    row, most = held[limit], limits[limit]
                    for column in range(columns):
                        row[column] += np.int16(gap[column] < most)
            for limit in range(limits.size):
                for column in range(columns):
                    counts[band, limit, column] += held[limit, column]
