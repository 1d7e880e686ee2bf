"""Loops of kernel density: kernels added to cells, positions shared among cells, cells smoothed, equal positions joined."""

from __future__ import annotations

import math

import numpy as np
from numba import njit

_SCATTER = "void(float64[::1], float64[::1], float64[::1], float64[::1], float64, float64, float64, {}, float64[:, ::1])"


@njit(_SCATTER.format("boolean"), cache=True, nogil=True)
def add_finite(x, y, height, bandwidth, west, north, size, squared, cells):
    """Add a finite kernel of each position to the cells' centres; ``bandwidth`` holds one value, or one for each position.

    ``height`` is the kernel's height at its centre; ``squared`` tells quartic, (1 − u²)², from epanechnikov, 1 − u².
    """
    rows, columns = cells.shape
    east = np.empty(columns)
    each = 0 if bandwidth.size == 1 else 1
    for i in range(x.size):
        step = size / bandwidth[i * each]
        across = (x[i] - west) / size - 0.5
        down = (north - y[i]) / size - 0.5
        first_column = max(0, math.ceil(across - 1 / step))
        width = min(columns - 1, math.floor(across + 1 / step)) - first_column + 1
        if width <= 0:
            continue
        for k in range(width):
            offset = (first_column + k - across) * step
            east[k] = offset * offset
        for row in range(max(0, math.ceil(down - 1 / step)), min(rows - 1, math.floor(down + 1 / step)) + 1):
            offset = (row - down) * step
            left = 1.0 - offset * offset
            line = cells[row, first_column : first_column + width]
            if squared:
                for k in range(width):
                    ratio = max(left - east[k], 0.0)
                    line[k] += height[i] * ratio * ratio
            else:
                for k in range(width):
                    line[k] += height[i] * max(left - east[k], 0.0)


@njit(_SCATTER.format("float64"), cache=True, nogil=True)
def add_gaussian(x, y, height, bandwidth, west, north, size, tail, cells):
    """Add a gaussian of each position to a square of cells that reaches ``tail`` standard deviations."""
    rows, columns = cells.shape
    east = np.empty(columns)
    each = 0 if bandwidth.size == 1 else 1
    for i in range(x.size):
        step = size / bandwidth[i * each]
        across = (x[i] - west) / size - 0.5
        down = (north - y[i]) / size - 0.5
        reach = math.ceil(tail / step + 0.5) - 1
        column, row = math.floor((x[i] - west) / size), math.floor((north - y[i]) / size)
        first_column = max(0, column - reach)
        width = min(columns - 1, column + reach) - first_column + 1
        if width <= 0:
            continue
        first_row, last_row = max(0, row - reach), min(rows - 1, row + reach)
        if last_row < first_row:
            continue
        for k in range(width):
            offset = (first_column + k - across) * step
            east[k] = math.exp(-0.5 * offset * offset)
        for line_number in range(first_row, last_row + 1):
            offset = (line_number - down) * step
            here = height[i] * math.exp(-0.5 * offset * offset)
            line = cells[line_number, first_column : first_column + width]
            for k in range(width):
                line[k] += here * east[k]


@njit("void(float64[::1], float64[::1], float64[::1], float64, float64, float64, float64[:, ::1])", cache=True, nogil=True)
def share(x, y, weight, west, north, size, cells):
    """Share each position among the 4 × 4 nearest cell centres, by cubic interpolation; one without all 16 is left out."""
    rows, columns = cells.shape
    for i in range(x.size):
        across = (x[i] - west) / size - 0.5
        down = (north - y[i]) / size - 0.5
        column, row = math.floor(across) - 1, math.floor(down) - 1
        if column < 0 or row < 0 or column + 3 >= columns or row + 3 >= rows:
            continue
        t = across - column - 1
        first = -t * (t - 1) * (t - 2) / 6
        second = (t + 1) * (t - 1) * (t - 2) / 2
        third = -(t + 1) * t * (t - 2) / 2
        fourth = (t + 1) * t * (t - 1) / 6
        t = down - row - 1
        for k in range(4):
            if k == 0:
                part = -t * (t - 1) * (t - 2) / 6
            elif k == 1:
                part = (t + 1) * (t - 1) * (t - 2) / 2
            elif k == 2:
                part = -(t + 1) * t * (t - 2) / 2
            else:
                part = (t + 1) * t * (t - 1) / 6
            part *= weight[i]
            cells[row + k, column] += part * first
            cells[row + k, column + 1] += part * second
            cells[row + k, column + 2] += part * third
            cells[row + k, column + 3] += part * fourth


@njit("void(float64[:, ::1], float64[::1], float64[:, ::1], int64, int64)", cache=True, nogil=True)
def smooth(cells, profile, smoothed, begin, end):
    """Smooth rows and columns by a symmetric profile, rows [begin, end) of the result; the profile's reach is cropped."""
    reach = profile.size // 2
    columns = cells.shape[1]
    line = np.empty(columns)
    for row in range(begin, end):
        for k in range(columns):
            line[k] = profile[reach] * cells[row + reach, k]
        for offset in range(1, reach + 1):
            above, below = cells[row + reach - offset], cells[row + reach + offset]
            for k in range(columns):
                line[k] += profile[reach + offset] * (above[k] + below[k])
        out = smoothed[row]
        for k in range(out.size):
            out[k] = profile[reach] * line[k + reach]
        for offset in range(1, reach + 1):
            left, right = line[reach - offset :], line[reach + offset :]
            for k in range(out.size):
                out[k] += profile[reach + offset] * (left[k] + right[k])


@njit("int64(float64[::1], float64[::1], float64[::1], float64[::1], float64[::1], float64[::1])", cache=True, nogil=True)
def join(x, y, weight, joined_x, joined_y, joined_weight):
    """Join equal positions into one with their weights' sum, in order of first appearance; give how many are left.

    An open-addressed table of twice the positions; the multipliers are those of common 64-bit mixers.
    """
    size = 16
    while size < 2 * x.size:
        size *= 2
    table = np.full(size, -1, np.int32)
    # −0.0 equals 0.0 but not bit by bit: adding 0.0 makes it the same.
    bits_x, bits_y = (x + 0.0).view(np.uint64), (y + 0.0).view(np.uint64)
    left = 0
    for i in range(x.size):
        mixed = (bits_x[i] * np.uint64(0x9E3779B97F4A7C15)) ^ (bits_y[i] * np.uint64(0xC2B2AE3D27D4EB4F))
        mixed = (mixed ^ (mixed >> np.uint64(29))) * np.uint64(0xBF58476D1CE4E5B9)
        slot = np.int64((mixed >> np.uint64(32)) & np.uint64(size - 1))
        while table[slot] >= 0 and not (joined_x[table[slot]] == x[i] and joined_y[table[slot]] == y[i]):
            slot = (slot + 1) & (size - 1)
        if table[slot] < 0:
            table[slot] = left
            joined_x[left], joined_y[left], joined_weight[left] = x[i], y[i], weight[i]
            left += 1
        else:
            joined_weight[table[slot]] += weight[i]
    return left


@njit(
    "void(float64[:, ::1], float64, float64, float64, float64[::1], float64[::1], float64[::1])",
    cache=True,
    nogil=True,
)
def look_up(cells, west, north, size, x, y, found):
    """Interpolate between the 4 × 4 nearest cell centres, cubically; 0 at a place without all 16."""
    rows, columns = cells.shape
    across_shares, down_shares = np.empty(4), np.empty(4)
    for i in range(x.size):
        across = (x[i] - west) / size - 0.5
        down = (north - y[i]) / size - 0.5
        column, row = math.floor(across) - 1, math.floor(down) - 1
        found[i] = 0.0
        if column < 0 or row < 0 or column + 3 >= columns or row + 3 >= rows:
            continue
        for shares, t in ((across_shares, across - column - 1), (down_shares, down - row - 1)):
            shares[0] = -t * (t - 1) * (t - 2) / 6
            shares[1] = (t + 1) * (t - 1) * (t - 2) / 2
            shares[2] = -(t + 1) * t * (t - 2) / 2
            shares[3] = (t + 1) * t * (t - 1) / 6
        for k in range(4):
            line = cells[row + k]
            for m in range(4):
                found[i] += down_shares[k] * across_shares[m] * line[column + m]
