"""Back-test: units scored from one period, fixed, then judged by the offences of the next, from a rolling origin.

Each origin gives its scores from its own training period alone; what was observed after it comes in whole weeks (whole
months where the data know no more). The hits of all origins are added up, and the weeks are resampled with replacement:
every method is judged on the same weeks, so that differences between methods are paired.

References
----------
Tashman, L. J. (2000), Out-of-sample tests of forecasting accuracy, International Journal of Forecasting 16: 437–450
(rolling origin). Efron, B. and Tibshirani, R. J. (1993), An Introduction to the Bootstrap, chapters 8 and 13. Hesterberg,
T. C. (2015), What teachers should know about the bootstrap, The American Statistician 69: 371–386, section 4 (percentile
intervals are too narrow for few observations; expanded percentiles).
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy import stats

from hotspot.methods.accuracy import best_held, ratio, taken
from hotspot.period import Period, add_months

Floats = NDArray[np.float64]
SHARES = (0.005, 0.01, 0.02, 0.05, 0.1, 0.2)
"""Shares of the area at which a ranking is judged."""
LEAST_BLOCKS = 6
"""Weeks or months without which no interval is given: of five, even the range from the least to the greatest would hold
the truth in 94 of 100 cases only (1 − 2/2⁵)."""
LEAST_JUDGED = 20
"""Offences without which nothing is said of accuracy, as nothing is said of change."""
LEVEL = 0.95
EDGE = 0.0005
"""A difference whose interval comes nearer to 0 than this (it would be shown as 0.0 points) rests on the luck of the draws."""
BETTER, WORSE, COULD_BE_CHANCE, NOT_SAID = "better", "worse", "could be chance", "cannot be said"


@dataclass(frozen=True, order=True)
class Fold:
    """A period to learn from, and the one right after it to be judged on."""

    train: Period
    judge: Period


@dataclass(frozen=True, eq=False)
class Origin:
    """What was said before an origin, and what happened after it."""

    scores: Mapping[str, Floats]
    """Method → one score per unit, higher taken sooner, from the training period alone."""
    observed: Floats
    """Offences of the judged period by week (or month) and unit, shape (blocks, units)."""


@dataclass(frozen=True, eq=False)
class Backtest:
    """Hits of each method over all origins, with intervals; shapes are (methods, shares) unless said."""

    methods: tuple[str, ...]
    baseline: str
    """The method that the others are compared with."""
    shares: tuple[float, ...]
    blocks: int
    """Whole weeks (or months) judged, of all origins."""
    judged: float
    """N: offences judged, of all origins."""
    held: Floats
    """n: those in the chosen units."""
    best: Floats
    """Those that the best possible choice of the same area would have held at each origin, shape (shares,)."""
    low: Floats
    """Lower end of the 95 % interval of the hit rate; NaN where none can be given."""
    high: Floats
    difference: Floats
    """Hit rate less the baseline's on the same weeks."""
    difference_low: Floats
    """Of the interval at 1 − .05/compared, so that those of all compared methods hold together in 95 of 100 cases."""
    difference_high: Floats
    compared: int
    """Methods that are compared with the baseline."""
    resamples: int
    seed: int

    @property
    def hit_rate(self) -> Floats:
        """n/N; NaN without offences."""
        return ratio(self.held, self.judged)

    @property
    def pai(self) -> Floats:
        """Hit rate over area share."""
        return self.hit_rate / np.array(self.shares)

    @property
    def pei(self) -> Floats:
        """PAI over the best possible PAI, 0 to 1."""
        return ratio(self.held, self.best)

    def verdict(self, method: str, share: float) -> str:
        """Say whether a method held more than the baseline at a share: better, worse, could be chance, cannot be said."""
        at = self.methods.index(method), self.shares.index(share)
        if math.isnan(self.difference_low[at]):
            return NOT_SAID
        return BETTER if self.difference_low[at] >= EDGE else WORSE if self.difference_high[at] <= -EDGE else COULD_BE_CHANCE


def rolling_folds(judged: Period, *, data: Period, train: int, judge: int, origins: int, whole_months: bool) -> tuple[Fold, ...]:
    """Lay periods of equal length back from the end of a period, each judged on the map of the days before it.

    Parameters
    ----------
    judged
        Where the judged periods must lie; they do not overlap.
    data
        What the data cover: training reaches back no further.
    train, judge
        Lengths in days, or in months with ``whole_months``.
    origins
        At most so many.

    Returns
    -------
    tuple
        The earliest first; empty where not even one fits.
    """
    folds: list[Fold] = []
    end = min(judged.end, data.end)
    while len(folds) < origins:
        start = _back(end, judge, whole_months)
        first = _back(start, train, whole_months)
        if start < judged.start or first < data.start:
            break
        folds.append(Fold(Period(first, start), Period(start, end)))
        end = start
    return tuple(reversed(folds))


def _back(day: date, length: int, whole_months: bool) -> date:
    return add_months(day, -length) if whole_months else day - timedelta(days=length)


def block_starts(judge: Period, *, whole_months: bool) -> tuple[date, ...]:
    """Give the first day of each whole week (or month) of a judged period; days left over belong to the last week."""
    if whole_months:
        return tuple(add_months(judge.start, month) for month in range(len(judge.months())))
    return tuple(judge.start + timedelta(days=7 * week) for week in range(max(1, judge.days // 7)))


def backtest(
    origins: Sequence[Origin],
    area: ArrayLike,
    *,
    baseline: str,
    uniform: str | None = None,
    shares: Sequence[float] = SHARES,
    resamples: int = 49_999,
    seed: int = 0,
) -> Backtest:
    """Judge the methods of all origins at each share of the area.

    Parameters
    ----------
    origins
        All with the same methods and units.
    area
        Area of each unit in any one measure.
    baseline
        The method that the others are compared with.
    uniform
        A method that is a yardstick alone, and not compared with the baseline.
    resamples
        Times that as many weeks as there are, are drawn with replacement.
    """
    methods = tuple(origins[0].scores)
    held, best = _hits(origins, np.asarray(area, dtype=np.float64), methods, shares)
    judged = np.concatenate([one.observed.sum(axis=1) for one in origins])
    rates = _resampled(held, judged, resamples=resamples, seed=seed)
    own = methods.index(baseline)
    compared = sum(method not in (baseline, uniform) for method in methods)
    low, high = _interval(rates, blocks=len(judged), level=LEVEL)
    below, above = _interval(rates - rates[:, own : own + 1], blocks=len(judged), level=1 - (1 - LEVEL) / max(compared, 1))
    total = held.sum(axis=0)
    return Backtest(
        methods=methods,
        baseline=baseline,
        shares=tuple(shares),
        blocks=len(judged),
        judged=float(judged.sum()),
        held=total,
        best=best,
        low=low,
        high=high,
        difference=ratio(total - total[own], judged.sum()),
        difference_low=below,
        difference_high=above,
        compared=compared,
        resamples=resamples,
        seed=seed,
    )


def _hits(origins: Sequence[Origin], area: Floats, methods: tuple[str, ...], shares: Sequence[float]) -> tuple[Floats, Floats]:
    """Count the offences held by each block, method and share, and those that the best choices held by share."""
    held, best = [], np.zeros(len(shares))
    for one in origins:
        by_method = [one.observed @ taken(one.scores[method], area, shares=shares).T for method in methods]
        held.append(np.stack(by_method, axis=1))
        best += best_held(one.observed.sum(axis=0), area, shares=shares)
    return np.concatenate(held), best


def _resampled(held: Floats, judged: Floats, *, resamples: int, seed: int) -> Floats:
    """Draw the blocks with replacement; give the hit rates of each draw, shape (resamples, methods, shares).

    Too few blocks or offences give NaN throughout, and so no interval.
    """
    blocks, *shape = held.shape
    if blocks < LEAST_BLOCKS or judged.sum() < LEAST_JUDGED:
        return np.full((1, *shape), np.nan)
    times = np.random.default_rng(seed).multinomial(blocks, np.full(blocks, 1 / blocks), size=resamples)
    drawn = times @ judged
    # A draw of weeks without any offence has no hit rate.
    times, drawn = times[drawn > 0], drawn[drawn > 0]
    return (times @ held.reshape(blocks, -1) / drawn[:, None]).reshape(-1, *shape)


def _interval(rates: Floats, *, blocks: int, level: float) -> tuple[Floats, Floats]:
    """Give percentile intervals, expanded for few blocks as Student's t expands the normal's."""
    if blocks < LEAST_BLOCKS:
        return rates[0], rates[0]
    reach = math.sqrt(blocks / (blocks - 1)) * stats.t.ppf((1 + level) / 2, blocks - 1)
    tail = float(stats.norm.cdf(-reach))
    low, high = np.quantile(rates, [tail, 1 - tail], axis=0)
    return low, high
