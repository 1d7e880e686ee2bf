"""Did it work: before and after in a treated area, beside comparison areas and a displacement ring.

Two answers of two kinds. The weighted displacement difference counts offences: how many fewer than the comparison
leads one to expect. The ratio of ratios compares rates: it does not mind how large the comparison is. Each area's
counts may vary φ times as much as Poisson's (``dispersion``); then each of its terms of a variance is φ times as large,
and what Poisson counts would give stands beside it.

References
----------
Wheeler, A. P. and Ratcliffe, J. H. (2018), A simple weighted displacement difference test to evaluate place based crime
interventions, Crime Science 7: 11.
Woolf, B. (1955), On estimating the relation between blood group and disease, Annals of Human Genetics 19: 251–253 (the
variance of the logarithm of a ratio of counts is the sum of their inverses).
Haldane, J. B. S. (1956), The estimation and significance of the logarithm of a ratio of frequencies, Annals of Human
Genetics 20: 309–311 (half an offence more in each count where one is 0).
McCullagh, P. and Nelder, J. A. (1989), Generalized Linear Models, 2nd edition, 4.5.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass, replace

from scipy.optimize import brentq, minimize_scalar
from scipy.stats import norm

from hotspot.methods.rates import ALPHA, rate_ratios, widened

POWER = 0.80
"""Chance to show a change that is there, from which it counts as one that could have been detected."""


@dataclass(frozen=True)
class BeforeAfter:
    """Counts of one area, or of several together, in the two periods."""

    before: float
    after: float
    before_weight: float = 1.0
    """What an offence of the before period counts in a difference: length of the after period over that of the before."""
    area_weight: float = 1.0
    """What the area's offences count in a difference: brings a larger comparison to the treated area's size."""
    dispersion: float = 1.0
    """φ of its counts, at least 1; 1 for Poisson counts."""

    @property
    def difference(self) -> float:
        """After − before, in weighted offences."""
        return self.area_weight * (self.after - self.before_weight * self.before)

    @property
    def variance(self) -> float:
        """Of the difference: φ · Σ weight² · count."""
        return self.dispersion * self.area_weight**2 * (self.after + self.before_weight**2 * self.before)

    @property
    def smallest(self) -> float:
        return min(self.before, self.after)


@dataclass(frozen=True)
class Difference:
    """A weighted difference of counts with its normal interval."""

    value: float
    """Offences; negative: fewer than the comparison leads one to expect."""
    error: float
    """Standard error, offences."""
    low: float
    high: float
    level: float
    """Of the interval, such as 0.95."""

    @property
    def z(self) -> float:
        """Value over error; NaN where no offence was counted at all."""
        return self.value / self.error if self.error else math.nan

    @property
    def stands(self) -> bool:
        """True where the interval leaves out 0."""
        return self.low > 0 or self.high < 0


@dataclass(frozen=True)
class Displacement:
    """The weighted displacement difference and its two parts."""

    total: Difference
    """The treated area and its ring together."""
    local: Difference
    """The treated area alone."""
    ring: Difference | None
    """The ring alone: above 0 speaks for displacement, below for a diffusion of benefits; None without a ring."""


@dataclass(frozen=True)
class Ratio:
    """A ratio of rates with its interval."""

    value: float
    """Below 1: the treated area fared better; NaN where nothing can be said."""
    low: float
    high: float

    @property
    def stands(self) -> bool:
        """True where the interval leaves out 1."""
        return self.low > 1 or self.high < 1


def displacement_difference(
    treated: BeforeAfter,
    comparison: BeforeAfter,
    *,
    ring: BeforeAfter | None = None,
    ring_comparison: BeforeAfter | None = None,
    level: float = 1 - ALPHA,
) -> Displacement:
    """Compute the weighted displacement difference (Wheeler and Ratcliffe 2018).

    WDD = Δtreated − Δcomparison + Δring − Δring comparison, each Δ = area weight · (after − period weight · before), and
    its variance the sum of φ · weight² · count over all counts; with weights and φ of 1 that is the sum of the counts.
    Weights are taken as known.

    Parameters
    ----------
    ring, ring_comparison
        The displacement ring, and what it is compared with; None: left out.
    level
        Of the interval.
    """
    local = _difference((treated,), (comparison,), level)
    if ring is None:
        return Displacement(local, local, None)
    against = () if ring_comparison is None else (ring_comparison,)
    return Displacement(_difference((treated, ring), (comparison, *against), level), local, _difference((ring,), against, level))


def _difference(plus: Sequence[BeforeAfter], minus: Sequence[BeforeAfter], level: float) -> Difference:
    value = sum(one.difference for one in plus) - sum(one.difference for one in minus)
    error = math.sqrt(sum(one.variance for one in (*plus, *minus)))
    reach = float(norm.isf((1 - level) / 2)) * error
    return Difference(value, error, value - reach, value + reach, level)


def change_ratio(counts: BeforeAfter, *, days: float, before_days: float) -> Ratio:
    """Compare the rates of two periods: the exact interval of Poisson counts, widened by φ."""
    exact = rate_ratios([round(counts.after)], [round(counts.before)], exposure=days, baseline_exposure=before_days)
    found = widened(exact, counts.dispersion, exposure=days, baseline_exposure=before_days)
    return Ratio(float(found.ratio[0]), float(found.low[0]), float(found.high[0]))


def ratio_of_ratios(treated: BeforeAfter, comparison: BeforeAfter) -> Ratio:
    """Divide the treated area's change by the comparison's: lengths of periods and sizes of areas cancel.

    The interval is normal on the logarithmic scale with the variance Σ φ/count; where a count is 0 each has half an
    offence added, in value and interval alike. NaN without limits where an area has no offence at all.
    """
    counts = [treated.before, treated.after, comparison.before, comparison.after]
    if treated.before + treated.after == 0 or comparison.before + comparison.after == 0:
        return Ratio(math.nan, 0.0, math.inf)
    if min(counts) == 0:
        counts = [count + 0.5 for count in counts]
    before, after, other_before, other_after = counts
    value = after / before / (other_after / other_before)
    error = math.sqrt(
        treated.dispersion * (1 / before + 1 / after) + comparison.dispersion * (1 / other_before + 1 / other_after)
    )
    reach = math.exp(float(norm.isf(ALPHA / 2)) * error)
    return Ratio(value, value / reach, value * reach)


def detectable_fall(treated: BeforeAfter, comparison: BeforeAfter, *, power: float = POWER) -> float:
    """Give the smallest fall that could have been detected: as a ratio of ratios, NaN where no fall could.

    The before count and the comparison are held. A ratio r leaves after = r · before · (comparison's change) offences,
    whose ratio of ratios has the standard error s(r) of ``ratio_of_ratios``; r is the largest below 1 with
    −ln r = (z of α/2 + z of the power) · s(r). An approximation: good where some ten offences are left.
    """
    if min(treated.before, comparison.before, comparison.after) <= 0:
        return math.nan
    without = treated.before * comparison.after / comparison.before
    others = comparison.dispersion * (1 / comparison.before + 1 / comparison.after) + treated.dispersion / treated.before
    deviates = norm.isf(ALPHA / 2) + norm.ppf(power)

    def short_of(log_ratio: float) -> float:
        return deviates * math.sqrt(others + treated.dispersion * math.exp(-log_ratio) / without) + log_ratio

    # Convex: as ever fewer offences are left, the error comes to grow faster than the fall does.
    lowest = minimize_scalar(short_of, bounds=(-math.log(max(without, 1.0)) - 1.0, 0.0), method="bounded").x
    if short_of(lowest) > 0:
        return math.nan
    return math.exp(brentq(short_of, lowest, 0.0))


def poisson(counts: BeforeAfter) -> BeforeAfter:
    """Take the same counts as Poisson's."""
    return replace(counts, dispersion=1.0)
