"""Counts that cluster by a known dispersion, for the tests of change."""

import numpy as np


def clustered(mean, phi, size, random):
    """Counts of a mean whose variance is φ times it: negative binomial, Poisson at φ = 1."""
    mean = np.broadcast_to(mean, size)
    return random.poisson(mean) if phi == 1 else random.negative_binomial(mean / (phi - 1), 1 / phi)


def with_season(length, level=40.0):
    """Expected counts with a yearly wave of a fifth and a trend that grows them by a third in a year."""
    month = np.arange(length)
    return level * (1 + 0.2 * np.cos(2 * np.pi * month / 12)) * np.exp(0.024 * month)
