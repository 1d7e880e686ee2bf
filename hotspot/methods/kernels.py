"""The shapes of kernels: their height, their scale, how wide one must be to smooth as much as another.

References
----------
Silverman, B. W. (1986), Density Estimation for Statistics and Data Analysis, section 4.2 (kernels, equation 4.5).
"""

from __future__ import annotations

import math

import numpy as np
from numpy.typing import NDArray
from scipy.special import erf

from hotspot.errors import BadInput

QUARTIC, GAUSSIAN, EPANECHNIKOV = "quartic", "gaussian", "epanechnikov"
KERNELS = (QUARTIC, GAUSSIAN, EPANECHNIKOV)
FINITE = (QUARTIC, EPANECHNIKOV)
"""Kernels that end at their bandwidth; a gaussian's bandwidth is its standard deviation."""
PER_KM2 = 1e6
TAIL = 5.0
"""Standard deviations after which a gaussian on a grid is cut; 4 in 1,000,000 of its mass lie beyond."""
_DEVIATIONS = {QUARTIC: math.sqrt(8.0), GAUSSIAN: 1.0, EPANECHNIKOV: math.sqrt(6.0)}
"""Bandwidth of each kernel whose standard deviation on each axis is 1: the variance is h²/8, σ² and h²/6."""
_PEAKS = {QUARTIC: 3.0 / math.pi, GAUSSIAN: 0.5 / math.pi, EPANECHNIKOV: 2.0 / math.pi}
"""Height at the centre of each kernel of bandwidth 1 that holds 1."""
Floats = NDArray[np.float64]


def checked_kernel(kernel: str, bandwidth: float) -> None:
    """Raise ``BadInput`` for a kernel that does not exist or a bandwidth that is no width."""
    faults = []
    if kernel not in KERNELS:
        faults.append(f"'{kernel}' is not a kernel. Choose quartic, gaussian or epanechnikov.")
    if not (math.isfinite(bandwidth) and bandwidth > 0):
        faults.append(f"A bandwidth of {bandwidth} m is no width. Give a number of metres above 0.")
    if faults:
        raise BadInput(*faults)


def equal_variance(bandwidth: float, *, source: str, target: str) -> float:
    """Give the bandwidth with which another kernel smooths as much: h = σ√8 (quartic), h = σ√6 (epanechnikov).

    On each axis a quartic kernel of radius h has the variance h²/8, an epanechnikov h²/6, a gaussian σ².

    Parameters
    ----------
    bandwidth
        Metres: radius h of a finite kernel, standard deviation σ of a gaussian.
    """
    checked_kernel(source, bandwidth)
    checked_kernel(target, bandwidth)
    return bandwidth if source == target else bandwidth * _DEVIATIONS[target] / _DEVIATIONS[source]


def radius_of(bandwidth: float | Floats, kernel: str) -> Floats:
    """Give the distance beyond which a kernel is left out, metres."""
    return np.asarray(bandwidth, dtype=np.float64) * (1.0 if kernel in FINITE else TAIL)


def shape_of(ratio: Floats, kernel: str) -> Floats:
    """Give the kernel's height, 1 at its centre, at squared distances in units of the squared bandwidth."""
    if kernel == GAUSSIAN:
        return np.exp(-0.5 * ratio)
    height = np.maximum(1.0 - ratio, 0.0)
    return height * height if kernel == QUARTIC else height


def scale_of(bandwidth: float | Floats, kernel: str) -> Floats:
    """Give the height at the centre with which a kernel holds one offence, per km²."""
    return PER_KM2 * _PEAKS[kernel] / np.square(np.asarray(bandwidth, dtype=np.float64))


def cell_weights(bandwidth: float, kernel: str) -> Floats:
    """Integrate a kernel (bandwidth in cells) at a cell's centre over each cell around it; the sum is 1."""
    if kernel == GAUSSIAN:
        reach = math.ceil(6.0 * bandwidth)
        edges = np.arange(-reach, reach + 2) - 0.5
        profile = np.diff(erf(edges / (math.sqrt(2.0) * bandwidth)))
        weights = profile[:, None] * profile
    else:
        reach = math.ceil(bandwidth + 0.5) - 1
        nodes, node_weights = np.polynomial.legendre.leggauss(8)
        places = (np.arange(-reach, reach + 1)[:, None] + nodes / 2).ravel()
        heights = shape_of((places[:, None] ** 2 + places**2) / bandwidth**2, kernel)
        shares = np.tile(node_weights, 2 * reach + 1)
        side = 2 * reach + 1
        weights = (heights * shares[:, None] * shares).reshape(side, 8, side, 8).sum(axis=(1, 3))
    return weights / weights.sum()
