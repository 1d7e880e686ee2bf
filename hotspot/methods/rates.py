"""Exact comparison of Poisson counts, and the correction of a family of tests.

References
----------
Przyborowski, J. and Wilenski, H. (1940), Homogeneity of results in testing samples from Poisson series,
Biometrika 31: 313–323 (given their sum, two Poisson counts are binomial).
Clopper, C. J. and Pearson, E. S. (1934), The use of confidence or fiducial limits, Biometrika 26: 404–413.
Garwood, F. (1936), Fiducial limits for the Poisson distribution, Biometrika 28: 437–442.
Benjamini, Y. and Hochberg, Y. (1995), Controlling the false discovery rate, JRSS B 57: 289–300.
McCullagh, P. and Nelder, J. A. (1989), Generalized Linear Models, 2nd edition, 4.5 (standard errors times √φ where
counts vary φ times as much as Poisson's).
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy import special, stats

ALPHA = 0.05
TIE = 1 + 1e-7
"""Outcomes whose probability is within this factor of the observed one's count as equally probable."""
Floats = NDArray[np.float64]


@dataclass(frozen=True)
class RateRatio:
    """Rate of a period over the rate of its baseline."""

    ratio: float
    """∞ where the baseline has no offence, NaN where neither has."""
    low: float
    """Lower end of the exact 95 % interval."""
    high: float
    p_value: float
    """Two-sided, exact."""


@dataclass(frozen=True, eq=False)
class RateRatios:
    """Many rate ratios: arrays of equal length, fields as in ``RateRatio``."""

    ratio: Floats
    low: Floats
    high: Floats
    p_value: Floats


def rate_ratio(count: int, baseline: int, *, exposure: float = 1.0, baseline_exposure: float = 1.0) -> RateRatio:
    """Compare two Poisson counts exactly, given their sum.

    Under equal rates ``count`` is binomial with n = count + baseline and p₀ = exposure / (both exposures). The
    p-value sums the probabilities of all outcomes that are no more probable than the observed one; the interval
    is that of Clopper and Pearson for p, turned into a ratio.

    Parameters
    ----------
    exposure, baseline_exposure
        Lengths of the periods, in any one unit.
    """
    found = rate_ratios([count], [baseline], exposure=exposure, baseline_exposure=baseline_exposure)
    return RateRatio(float(found.ratio[0]), float(found.low[0]), float(found.high[0]), float(found.p_value[0]))


def rate_ratios(counts: ArrayLike, baselines: ArrayLike, *, exposure: float = 1.0, baseline_exposure: float = 1.0) -> RateRatios:
    """Compare many pairs of counts; see ``rate_ratio``. Each distinct pair is computed once."""
    if not (exposure > 0 and baseline_exposure > 0):
        raise ValueError("exposures are above 0")
    pairs = np.column_stack([np.asarray(counts), np.asarray(baselines)]).astype(np.int64)
    if (pairs < 0).any() or (pairs != np.column_stack([counts, baselines])).any():
        raise ValueError("counts are whole numbers and not negative")
    distinct, back = np.unique(pairs, axis=0, return_inverse=True)
    count, total = distinct[:, 0], distinct.sum(axis=1)
    p_value = exact_p_values(count, total, exposure / (exposure + baseline_exposure))
    low, high = _clopper_pearson(count, total)
    scale = baseline_exposure / exposure
    with np.errstate(divide="ignore", invalid="ignore"):
        ratio = count / distinct[:, 1] * scale
        low, high = low / (1 - low) * scale, high / (1 - high) * scale
    back = back.reshape(-1)
    return RateRatios(ratio[back], low[back], high[back], p_value[back])


def widened(found: RateRatios, dispersion: ArrayLike, *, exposure: float = 1.0, baseline_exposure: float = 1.0) -> RateRatios:
    """Allow for counts that vary φ times as much as Poisson counts; at φ = 1 nothing changes.

    On the logarithmic scale both arms of the interval are √φ times as long, and the normal deviate of p is divided by
    √φ. Where a count is 0 one end has no arm: there the other end is that of counts of 1/φ as many offences, since a
    count over φ varies as a Poisson count does.

    Parameters
    ----------
    found
        Exact ratios, intervals and p.
    dispersion
        φ, at least 1: one, or one for each ratio.
    exposure, baseline_exposure
        As they were given to ``rate_ratios``.
    """
    phi = np.broadcast_to(np.asarray(dispersion, dtype=np.float64), found.ratio.shape)
    if (phi < 1).any():
        raise ValueError("a dispersion under 1 does not widen")
    scale = baseline_exposure / exposure
    root = np.sqrt(phi)
    with np.errstate(divide="ignore", invalid="ignore", over="ignore"):
        low = found.ratio * (found.low / found.ratio) ** root
        high = found.ratio * (found.high / found.ratio) ** root
        all_since = (found.low / scale / (1 + found.low / scale)) ** phi
        low = np.where(np.isinf(found.ratio), scale * all_since / (1 - all_since), np.where(found.ratio == 0, 0.0, low))
        high = np.where(found.ratio == 0, scale * np.expm1(phi * np.log1p(found.high / scale)), high)
        high = np.where(np.isinf(found.ratio), np.inf, high)
    nothing = np.isnan(found.ratio)
    deviate = stats.norm.isf(np.maximum(found.p_value, np.finfo(float).tiny) / 2) / root
    return RateRatios(
        ratio=found.ratio,
        low=np.where(phi == 1, found.low, np.where(nothing, 0.0, low)),
        high=np.where(phi == 1, found.high, np.where(nothing, np.inf, high)),
        p_value=np.where(phi == 1, found.p_value, 2 * stats.norm.sf(deviate)),
    )


def garwood(count: int) -> tuple[float, float]:
    """Give the exact 95 % interval of the mean of a Poisson count (Garwood 1936)."""
    low = float(stats.chi2.ppf(ALPHA / 2, 2 * count) / 2) if count else 0.0
    return low, float(stats.chi2.ppf(1 - ALPHA / 2, 2 * count + 2) / 2)


def benjamini_hochberg(p: ArrayLike) -> Floats:
    """Correct a family of p-values for its size: q = min over larger p of p·m/rank, at most 1."""
    values = np.asarray(p, dtype=np.float64)
    if np.isnan(values).any():
        raise ValueError("a family of tests has no missing p-value; leave the untested out")
    order = np.argsort(values)
    scaled = values[order] * len(values) / np.arange(1, len(values) + 1)
    corrected = np.empty(len(values))
    corrected[order] = np.minimum.accumulate(scaled[::-1])[::-1]
    return np.minimum(corrected, 1.0)


def exact_p_values(count: NDArray[np.int64], total: NDArray[np.int64], chance: float) -> Floats:
    """Sum, for each count of a binomial total, the probabilities that do not exceed its own: its tail and the one beyond.

    Probabilities fall on either side of the mean, so where the far tail begins is found by halving, for all counts at once.

    Parameters
    ----------
    chance
        Probability of each offence to fall in the period: its share of both exposures.
    """
    # A count over the mean is its complement under the mean of the complement.
    over = count > total * chance
    near = np.where(over, total - count, count)
    share = np.where(over, 1 - chance, chance)
    most = stats.binom.pmf(near, total, share) * TIE
    begin, end = np.ceil(total * share).astype(np.int64), total + 1
    while (begin < end).any():
        middle = (begin + end) // 2
        is_far = stats.binom.pmf(middle, total, share) <= most
        begin, end = np.where(is_far | (begin >= end), begin, middle + 1), np.where(is_far, middle, end)
    tails = stats.binom.cdf(near, total, share) + stats.binom.sf(begin - 1, total, share)
    return np.where(count == total * chance, 1.0, np.minimum(tails, 1.0))


def _clopper_pearson(count: NDArray[np.int64], total: NDArray[np.int64]) -> tuple[Floats, Floats]:
    """Give the exact 95 % interval of a binomial share; 0 and 1 where nothing bounds it."""
    low, high = np.zeros(len(count)), np.ones(len(count))
    some, not_all = count > 0, count < total
    low[some] = special.betaincinv(count[some], (total - count + 1)[some], ALPHA / 2)
    high[not_all] = special.betaincinv((count + 1)[not_all], (total - count)[not_all], 1 - ALPHA / 2)
    return low, high
