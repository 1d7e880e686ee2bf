"""How unequally offences fall on places: Gini coefficients and Lorenz curves against chance.

With few offences on many places most places have none, and any index looks concentrated. So each curve
stands beside the one that as many offences would give if every place at risk were equally likely. Where nobody
knows how many places are at risk the baseline is conditional: as many offences on as many places hit, each hit at
least once. Given which places were hit, that is what equal chances give, however many more there may be.

Gini with few offences: Bernasco, W. and Steenbeek, W. (2017). More places than crimes: implications for
evaluating the law of crime concentration at place. Journal of Quantitative Criminology 33, 451-467.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
from numpy.random import PCG64, Generator
from numpy.typing import ArrayLike, NDArray
from scipy.optimize import brentq
from scipy.stats import binom, poisson

SIMULATIONS = 199
_DRAWN_AT_ONCE = 2_048


@dataclass(frozen=True, eq=False)
class LorenzCurve:
    """Share of offences that the most offended places hold, cumulated from the most downwards."""

    share_of_places: NDArray[np.float64]
    """From 0 to 1, ascending, shape (points,)."""
    share_of_offences: NDArray[np.float64]
    """From 0 to 1, shape (points,)."""
    places: int
    """Places that the curve covers, those without an offence included where they were given."""
    offences: int

    def held_by(self, share_of_places: ArrayLike) -> NDArray[np.float64]:
        """Give the share of offences that this share of places holds."""
        return np.interp(np.asarray(share_of_places, dtype=float), self.share_of_places, self.share_of_offences)

    def holding(self, share_of_offences: float) -> float:
        """Give the share of places, from the most offended down, that holds this share of the offences."""
        # Beyond the last place with an offence the curve is flat: the first point that reaches the share counts.
        reaching = int(np.argmax(self.share_of_offences >= share_of_offences))
        rising = slice(0, reaching + 1)
        return float(np.interp(share_of_offences, self.share_of_offences[rising], self.share_of_places[rising]))


@dataclass(frozen=True, eq=False)
class RandomBaseline:
    """What chance alone gives: each offence falls on any place with equal probability."""

    share_of_places: NDArray[np.float64]
    """Where the curves are read, shape (points,)."""
    mean: NDArray[np.float64]
    """Share of offences, shape (points,)."""
    low: NDArray[np.float64]
    """2.5 % of the simulations lie below, shape (points,)."""
    high: NDArray[np.float64]
    """2.5 % of the simulations lie above, shape (points,)."""
    gini: float
    """Mean of the simulations."""
    gini_low: float
    """2.5 % of the simulations lie below."""
    gini_high: float
    half: float
    """Share of places that holds half of the offences, mean of the simulations."""
    simulations: int
    seed: int


def gini(counts: ArrayLike, *, places: int | None = None) -> float:
    """Give the Gini coefficient, G = Σ(2i − n − 1)xᵢ / (nΣx) with x ascending.

    Parameters
    ----------
    counts
        Offences per place.
    places
        Number of places; those beyond ``counts`` have no offence. None: as many as ``counts``.

    Raises
    ------
    ValueError
        If there is no offence, or a count is negative.
    """
    ascending = _ascending(counts)
    number = _number_of_places(ascending, places)
    rank = np.arange(number - len(ascending) + 1, number + 1)
    return float(((2 * rank - number - 1) * ascending).sum() / (number * ascending.sum()))


def generalised_gini(counts: ArrayLike, *, places: int | None = None) -> float:
    """Give the Gini coefficient made comparable where there are fewer offences than places.

    G′ = max(1, n/c)(G − 1) + 1 with c offences on n places: 0 where no place has more than one.
    """
    ascending = _ascending(counts)
    number = _number_of_places(ascending, places)
    return generalised(gini(ascending, places=number), offences=int(ascending.sum()), places=number)


def generalised(coefficient: float, *, offences: int, places: int) -> float:
    """Bring a Gini coefficient to the scale that allows for fewer offences than places."""
    return max(1.0, places / offences) * (coefficient - 1) + 1


def lorenz(counts: ArrayLike, *, places: int | None = None) -> LorenzCurve:
    """Cumulate offences over places, from the place with most downwards; arguments as in ``gini``."""
    ascending = _ascending(counts)
    number = _number_of_places(ascending, places)
    descending = ascending[::-1][: np.count_nonzero(ascending)]
    # Places with equal counts make a straight piece: its ends are enough to draw it.
    ends = np.flatnonzero(np.append(np.diff(descending) != 0, True)) + 1
    held = np.cumsum(descending)[ends - 1] / descending.sum()
    share_of_places = np.concatenate(([0.0], ends / number, [1.0] if ends[-1] < number else []))
    share_of_offences = np.concatenate(([0.0], held, [1.0] if ends[-1] < number else []))
    return LorenzCurve(share_of_places, share_of_offences, number, int(ascending.sum()))


def random_baseline(
    offences: int,
    places: int,
    *,
    at: ArrayLike,
    seed: int,
    simulations: int = SIMULATIONS,
    relative_chance: ArrayLike | None = None,
) -> RandomBaseline:
    """Simulate the Lorenz curve of offences that fall on places by chance alone.

    Parameters
    ----------
    offences, places
        How many offences fall on how many places, each equally likely (a multinomial draw).
    at
        Shares of places at which the curve is read.
    relative_chance
        Chance of each place relative to the others, shape (places,): the area of cells that a border cuts.
    """
    random = Generator(PCG64(seed))
    chance = None if relative_chance is None else np.asarray(relative_chance, dtype=float)
    drawn = [_counts_by_chance(random, offences, places, chance) for _ in range(simulations)]
    return _baseline(drawn, places, at=at, seed=seed)


def baseline_of_places_hit(
    offences: int, hit: int, *, at: ArrayLike, seed: int, simulations: int = SIMULATIONS
) -> RandomBaseline:
    """Simulate the same where only the places hit are known: offences by chance, given that each has at least one.

    Exact: a multinomial draw over the places given that none is empty. With many offences for each place it is drawn
    and drawn again until none is; with few, the numbers of places with 1, 2, 3 ... offences are drawn from Poisson
    counts without 0 until they add up to the offences (Poisson counts given their sum are multinomial).
    """
    if not 1 <= hit <= offences:
        raise ValueError(f"{offences} offences cannot hit {hit} places")
    random = Generator(PCG64(seed))
    rarely_empty = hit * math.exp(-offences / hit) < 1
    draw = _none_empty if rarely_empty else _without_nought
    return _baseline(draw(random, offences, hit, simulations), hit, at=at, seed=seed)


def _baseline(drawn: list[NDArray[np.int64]], places: int, *, at: ArrayLike, seed: int) -> RandomBaseline:
    shares = np.asarray(at, dtype=float)
    curves = [lorenz(counts, places=places) for counts in drawn]
    held = np.array([curve.held_by(shares) for curve in curves])
    low, high = np.quantile(held, [0.025, 0.975], axis=0)
    ginis = [gini(counts, places=places) for counts in drawn]
    gini_low, gini_high = np.quantile(ginis, [0.025, 0.975])
    half = float(np.mean([curve.holding(0.5) for curve in curves]))
    mean_gini = float(np.mean(ginis))
    return RandomBaseline(
        shares, held.mean(axis=0), low, high, mean_gini, float(gini_low), float(gini_high), half, len(drawn), seed
    )


def expected_places(offences: int, places: int, *, times: ArrayLike) -> NDArray[np.float64]:
    """Give how many places chance alone would give exactly ``times`` offences: places × Binomial(offences, 1/places)."""
    return places * binom.pmf(np.asarray(times), offences, 1 / places)


def expected_places_with_at_least(offences: int, places: int, *, times: int) -> float:
    """Give how many places chance alone would give ``times`` offences or more."""
    return float(places * binom.sf(times - 1, offences, 1 / places))


def _counts_by_chance(random: Generator, offences: int, places: int, chance: NDArray[np.float64] | None) -> NDArray[np.int64]:
    """Offences per place with any: only those are kept, as there may be a million places."""
    if chance is not None:
        counts = random.multinomial(offences, chance / chance.sum())
        return counts[counts > 0]
    return np.unique(random.integers(places, size=offences), return_counts=True)[1]


def _none_empty(random: Generator, offences: int, hit: int, simulations: int) -> list[NDArray[np.int64]]:
    drawn: list[NDArray[np.int64]] = []
    while len(drawn) < simulations:
        counts = np.bincount(random.integers(hit, size=offences), minlength=hit)
        drawn += [counts] if counts.all() else []
    return drawn


def _without_nought(random: Generator, offences: int, hit: int, simulations: int) -> list[NDArray[np.int64]]:
    if offences == hit:
        return [np.ones(hit, dtype=np.int64)] * simulations
    # The rate whose Poisson counts without 0 have the mean that is seen: the sum is then met most often.
    rate = brentq(lambda rate: rate / -math.expm1(-rate) - offences / hit, 1e-12, offences / hit)
    times = np.arange(1, int(poisson.isf(1e-15, rate)) + 2)
    chance = poisson.pmf(times, rate)
    drawn: list[NDArray[np.int64]] = []
    while len(drawn) < simulations:
        places = random.multinomial(hit, chance / chance.sum(), size=_DRAWN_AT_ONCE)
        drawn += [np.repeat(times, row) for row in places[places @ times == offences]]
    return drawn[:simulations]


def _ascending(counts: ArrayLike) -> NDArray[np.int64]:
    ascending = np.sort(np.asarray(counts, dtype=np.int64))
    if not ascending.size or ascending[0] < 0 or not ascending.sum():
        raise ValueError("a concentration needs counts of 0 or more, at least one of them above 0")
    return ascending


def _number_of_places(ascending: NDArray[np.int64], places: int | None) -> int:
    if places is not None and places < len(ascending):
        raise ValueError(f"{len(ascending)} counts cannot lie on {places} places")
    return places if places is not None else len(ascending)
