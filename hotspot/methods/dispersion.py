"""How much more the months of an area vary than Poisson counts would: the dispersion φ.

Offences cluster (series, repeats, weather), so monthly counts vary more than independent offences would. φ is the
variance over the mean: 1 for Poisson counts. It is estimated from the months of the same crime type and area about a
log-linear model, so that neither trend nor season count as clustering:

    log E[count of month m] = log(days of m) + year(m) + month of the year(m) + compared period(m)

Years are blocks of twelve months counted back from the last, so that each is complete but the first. A trend inside a
year repeats in each block and goes to the months of the year. A compared period has a level of its own: the change
that is to be tested cannot pass for clustering. The model is fitted by maximum likelihood (proportional fitting of the
margins), and φ is Pearson's χ² over the degrees of freedom that are left.

References
----------
McCullagh, P. and Nelder, J. A. (1989), Generalized Linear Models, 2nd edition: 4.5 and 6.2.4 (φ by Pearson's χ²).
Deming, W. E. and Stephan, F. F. (1940), On a least squares adjustment of a sampled frequency table when the expected
marginal totals are known, Annals of Mathematical Statistics 11: 427–444 (proportional fitting).
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy import special

LEAST_MONTHS = 24
"""Months from which φ is estimated: fewer do not tell season from clustering."""
LEAST_MEAN = 1.0
"""Offences a month from which φ is estimated: χ² of smaller counts says little."""
LEAST_FREEDOM = 6
"""Degrees of freedom from which φ is told: months of the year without any offence take theirs away."""
CLUSTERED = 1.2
"""φ above which intervals are widened."""
CONVERGED, MOST_ROUNDS = 1e-6, 300
Floats = NDArray[np.float64]
Months = NDArray[np.datetime64]


@dataclass(frozen=True)
class Dispersion:
    """φ of one area, or why there is none."""

    phi: float = math.nan
    """Variance over mean of a month's count, 1 for Poisson counts; NaN where it was not estimated."""
    low: float = math.nan
    """Lower end of the 95 % interval of φ."""
    high: float = math.nan
    months: int = 0
    """Months of the series, also where they are too few."""
    freedom: int = 0
    """Degrees of freedom left after trend, season and the compared periods."""

    @property
    def is_known(self) -> bool:
        return not math.isnan(self.phi)

    @property
    def is_clustered(self) -> bool:
        """True where intervals are widened."""
        return self.phi > CLUSTERED

    @property
    def used(self) -> float:
        """The φ that a test allows for: 1 where counts are not clustered, or φ is not known."""
        return self.phi if self.is_clustered else 1.0

    @property
    def sentence(self) -> str:
        """Say φ with its interval and months, or why the counts are taken as Poisson's."""
        if self.is_known:
            return f"φ {self.phi:.1f} ({self.low:.1f} to {self.high:.1f}, {self.months} months)"
        return f"Poisson interval; assumes no clustering: {self.reason}"

    @property
    def reason(self) -> str:
        """Say why φ is not known; empty where it is."""
        if self.is_known:
            return ""
        if self.months < LEAST_MONTHS:
            unit = "month is" if self.months == 1 else "months are"
            return f"{self.months} {unit} too few to estimate it"
        if self.freedom:
            return "too few months hold offences to estimate it"
        return f"under {LEAST_MEAN:g} offence a month is too few to estimate it"


@dataclass(frozen=True, eq=False)
class Dispersions:
    """φ of many areas; arrays of shape ``(areas,)``, fields as in ``Dispersion``."""

    phi: Floats
    low: Floats
    high: Floats
    freedom: NDArray[np.int64]
    months: int

    def __getitem__(self, area: int) -> Dispersion:
        return Dispersion(
            float(self.phi[area]), float(self.low[area]), float(self.high[area]), self.months, int(self.freedom[area])
        )

    def taken(self, areas: NDArray[np.int64]) -> Dispersions:
        """Give some of the areas."""
        return Dispersions(self.phi[areas], self.low[areas], self.high[areas], self.freedom[areas], self.months)

    def followed_by(self, others: Dispersions) -> Dispersions:
        """Put other areas of the same months behind these."""
        joined = [np.concatenate([getattr(one, name) for one in (self, others)]) for name in ("phi", "low", "high", "freedom")]
        return Dispersions(*joined, self.months)

    @property
    def used(self) -> Floats:
        """The φ that each test allows for; see ``Dispersion.used``."""
        return np.where(self.phi > CLUSTERED, self.phi, 1.0)


def dispersion(counts: ArrayLike, *, months: Months, compared: Sequence[tuple[np.datetime64, np.datetime64]] = ()) -> Dispersion:
    """Estimate φ of one area; see ``dispersions``."""
    return dispersions(np.asarray(counts, dtype=np.float64)[None, :], months=months, compared=compared)[0]


def dispersions(
    counts: ArrayLike, *, months: Months, compared: Sequence[tuple[np.datetime64, np.datetime64]] = ()
) -> Dispersions:
    """Estimate φ of each area from its monthly counts.

    φ is NaN where there are under 24 months, under one offence a month on average, or under six degrees of freedom
    left. Its interval is that of χ² with those degrees of freedom.

    Parameters
    ----------
    counts
        Offences, shape ``(areas, months)``.
    months
        First days of consecutive whole months, ``datetime64[M]`` or finer.
    compared
        First day and end of each compared period, half-open: months that it touches have a level of their own.
    """
    counts = np.asarray(counts, dtype=np.float64)
    start = np.asarray(months, dtype="datetime64[M]")
    if counts.shape[1:] != start.shape or (len(start) > 1 and (np.diff(start).astype(int) != 1).any()):
        raise ValueError("each area has one count for each of consecutive months")
    unknown = np.full(len(counts), math.nan)
    found = Dispersions(unknown, unknown.copy(), unknown.copy(), np.zeros(len(counts), dtype=np.int64), len(start))
    if len(start) < LEAST_MONTHS:
        return found
    enough = np.flatnonzero(counts.mean(axis=1) >= LEAST_MEAN)
    groups = _groups(start, compared)
    days = (start + 1).astype("datetime64[D]") - start.astype("datetime64[D]")
    expected = fitted(counts[enough], exposure=days.astype(np.float64), groups=groups)
    found.freedom[enough] = _freedom(expected > 0, groups)
    positive = np.where(expected > 0, expected, 1.0)
    pearson = np.where(expected > 0, (counts[enough] - positive) ** 2 / positive, 0.0).sum(axis=1)
    tested = found.freedom[enough] >= LEAST_FREEDOM
    enough, pearson = enough[tested], pearson[tested]
    freedom = found.freedom[enough]
    found.phi[enough] = pearson / freedom
    found.low[enough] = pearson / special.chdtri(freedom, 0.025)
    found.high[enough] = pearson / special.chdtri(freedom, 0.975)
    return found


def fitted(counts: Floats, *, exposure: Floats, groups: Sequence[NDArray[np.int64]]) -> Floats:
    """Fit the log-linear model of main effects: expected counts whose sums over each group are the observed ones.

    Parameters
    ----------
    counts
        Shape ``(areas, months)``; each area is a model of its own.
    exposure
        Days of each month.
    groups
        Labels of the months, 0 to n − 1, one array for each factor.
    """
    members = [[np.flatnonzero(labels == label) for label in range(labels.max() + 1)] for labels in groups]
    # Months lead, so that sums run over whole rows of areas: matrix products would wake a pool of threads for little.
    observed = np.ascontiguousarray(counts.T)
    expected = np.repeat(np.asarray(exposure, dtype=np.float64)[:, None], len(counts), axis=1)
    enough = CONVERGED * np.maximum(1.0, observed.max(axis=0, initial=0.0))
    moving = np.arange(len(counts))
    for _ in range(MOST_ROUNDS):
        now = _one_round(expected[:, moving], observed[:, moving], members)
        still = np.abs(now - expected[:, moving]).max(axis=0, initial=0.0) > enough[moving]
        expected[:, moving] = now
        moving = moving[still]
        if not len(moving):
            break
    return expected.T


def _one_round(expected: Floats, observed: Floats, members: Sequence[Sequence[NDArray[np.int64]]]) -> Floats:
    """Scale the expected counts, shape ``(months, areas)``, to the observed sums of each group in turn."""
    expected = expected.copy()
    for group in (months for factor in members for months in factor):
        held = expected[group].sum(axis=0)
        wanted = observed[group].sum(axis=0)
        expected[group] *= np.divide(wanted, held, out=np.zeros_like(held), where=held > 0)
    return expected


def _groups(months: Months, compared: Sequence[tuple[np.datetime64, np.datetime64]]) -> list[NDArray[np.int64]]:
    """Label each month's year (counted back from the last), month of the year, and compared period."""
    back = np.arange(len(months))[::-1]
    level = np.zeros(len(months), dtype=np.int64)
    first, after = months.astype("datetime64[D]"), (months + 1).astype("datetime64[D]")
    for number, (start, end) in enumerate(compared, start=1):
        level[(first < np.datetime64(end, "D")) & (after > np.datetime64(start, "D"))] = number
    return [back // 12, months.astype(np.int64) % 12, np.unique(level, return_inverse=True)[1]]


def _freedom(positive: NDArray[np.bool_], groups: Sequence[NDArray[np.int64]]) -> NDArray[np.int64]:
    """Count months with an expectation less parameters, for each area; months without one tell nothing."""
    design = np.hstack([labels[:, None] == np.arange(labels.max() + 1) for labels in groups]).astype(np.float64)
    patterns, back = np.unique(positive, axis=0, return_inverse=True)
    freedom = [int(used.sum()) - (np.linalg.matrix_rank(design[used]) if used.any() else 0) for used in patterns]
    return np.array(freedom, dtype=np.int64)[back.reshape(-1)]
