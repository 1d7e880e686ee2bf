"""How fast the raised risk after an offence fades, with distance and with days, fitted to a force's own Knox table.

A Knox table counts pairs, and not every pair of a series is an offence and the one that it led to: a second near
repeat is also close to the first offence, two followers of one offence are close to each other, and a repeat at the
house next door is close to both. Read off such pairs, the decay comes out too slow. So the pairs are taken for what
they are in a process in which every offence draws followers (Hawkes 1971): on average ``repeats`` of them at its own
place and ``followers`` at others, after gaps that decay exponentially, at distances that decay exponentially. Such
a process has the pair spectrum 1/|1 − K|², K the transform of what one offence adds; with m steps between places the
share of pairs within a distance d is 1 − (d/δ)^(m/2) K_{m/2}(d/δ) / (2^(m/2−1) Γ(m/2)), which for one step is
1 − exp(−d/δ). The pairs that have nothing to do with each other are as many per row as the row needs, and fall into
the columns as all pairs of the table do.

Hawkes, A. G. (1971). Point spectra of some mutually exciting point processes. Journal of the Royal Statistical
Society B 33(3), 438-443 (the spectrum). Mohler, G. O. et al. (2011). Self-exciting point process modeling of crime.
Journal of the American Statistical Association 106(493), 100-108 (the process for near repeats).
White, H. (1982). Maximum likelihood estimation of misspecified models. Econometrica 50(1), 1-25 (intervals: pairs of one
series hang together, so the spread is taken from how the parts of the force differ).
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy.optimize import minimize
from scipy.special import gamma, kv
from scipy.stats import t as student

from hotspot.methods.knox import KnoxTable

Floats = NDArray[np.float64]
MOST_STEPS = 6
"""Steps between places that are told apart: more hold under a thousandth of the pairs."""
STEP_DAYS, LONGEST_DAYS = 0.25, 2_048.0
"""Resolution and length of the lags on which gaps are added up."""
_LAG = np.arange(int(LONGEST_DAYS / STEP_DAYS)) * STEP_DAYS
_FREQUENCY = 2 * math.pi * np.fft.rfftfreq(2 * len(_LAG), STEP_DAYS)
WIDEST = 10.0
"""A limit of an interval more than so many times the other says nothing of how fast risk fades."""
LEAST_REPEATS = 20
"""Pairs on one place within the time bands under which no decay of repeats is fitted."""
_FOLLOWERS, _DAYS, _METRES, _NEAREST, _REPEATS, _REPEAT_DAYS = range(6)
_NEAR = (_FOLLOWERS, _DAYS, _METRES, _NEAREST)
_LIMITS = ((1e-4, 0.9), (0.5, 400.0), (5.0, 5_000.0), (0.02, 20.0), (1e-4, 0.9), (0.5, 1_000.0))


@dataclass(frozen=True)
class Fitted:
    """A fitted figure with its 95 % interval."""

    value: float
    low: float
    high: float


@dataclass(frozen=True, eq=False)
class NearRepeatDecay:
    """What one offence adds to the risk around it, and the risk that is there anyway."""

    followers: Fitted
    """Offences at other places that one offence leads to, directly."""
    days: Fitted
    """τ: the added risk falls to 1/e in so many days."""
    metres: Fitted
    """δ: the number of followers per metre of distance falls to 1/e in so many metres."""
    nearest: float
    """Followers in the nearest band against what the decay of the other bands would give there: at the length of a
    plot of land no smooth law holds, so the band has a level of its own."""
    repeats: float
    """Offences at the same place that one offence leads to, directly; 0 where the table tells none."""
    repeat_days: float
    """Days in which that falls to 1/e; NaN where the table tells none."""
    parts: int
    """Parts of the force whose differences the intervals rest on."""
    edges: tuple[float, ...]
    """Metres: edges of the rows beyond the same place; the decay is not used beyond the last."""
    base: Floats
    """Offences per m² and day that have nothing to do with an offence at the distance of each row: shape (rows,)."""
    reach_days: float
    """Days: the last edge of the table; older offences add nothing."""

    def excess(self, metres: ArrayLike, days: ArrayLike) -> Floats:
        """Give what one offence adds to the risk, in multiples of the usual risk there (0: nothing).

        Nearer than the second edge it is the band's mean; beyond the last edge, before the offence and beyond
        ``reach_days`` it is 0.
        """
        metres, days = np.asarray(metres, dtype=float), np.asarray(days, dtype=float)
        usable = (metres < self.edges[-1]) & (days >= 0) & (days <= self.reach_days)
        pace = np.exp(-np.clip(days, 0, self.reach_days) / self.days.value) / self.days.value
        return usable * self.followers.value * pace * self._per_area(metres) / self._base_at(metres)

    @cached_property
    def _nearest_per_area(self) -> tuple[float, float]:
        """Share of the followers per m² in the nearest band, and what the smooth shares add up to with it."""
        first, second = self.edges[0], self.edges[1]
        smooth = float(np.diff(_share_within(1, np.array([first, second]), self.metres.value))[0])
        whole = 1 - (1 - self.nearest) * smooth
        return self.nearest * smooth / whole / (math.pi * (second**2 - first**2)), whole

    def _per_area(self, metres: Floats) -> Floats:
        """Share of the followers per m² at a distance."""
        nearest, whole = self._nearest_per_area
        beyond = np.maximum(metres, self.edges[1])
        decay = np.exp(-beyond / self.metres.value) / (2 * math.pi * self.metres.value * beyond * whole)
        return np.where(metres < self.edges[1], nearest, decay)

    def _base_at(self, metres: Floats) -> Floats:
        edges = np.asarray(self.edges)
        # Flat in the nearest band, as what is added there is: the risk is highest at the offence.
        return np.interp(metres, np.append(edges[1], (edges[2:] + edges[1:-1]) / 2), self.base)


@dataclass(frozen=True, eq=False)
class _Pairs:
    """A Knox table as it is fitted: the pairs at lags beyond its columns stand in a last column."""

    observed: Floats
    """Shape (rows, columns + 1)."""
    of_time: Floats
    """Share of all pairs in each column, adding up to 1."""
    edges: Floats
    """Metres; the first row reaches up to the first."""
    lags: Floats
    """Days between two moments; the last is the length of the period."""
    offences: int
    has_same_place: bool
    """The first row holds the pairs on one place."""


def fit_decay(table: KnoxTable, parts: Sequence[KnoxTable], *, period_days: float) -> NearRepeatDecay | None:
    """Fit the decay to a table by maximum likelihood, the pairs of each band taken as Poisson.

    Parameters
    ----------
    table
        Of whole days, with fine bands (50 m, 7 days), the first row the same premises or the same place (under 1 m),
        the last edges finite.
    parts
        Tables of the same bands, one for each part of the force (``parts_of``): for the intervals.
    period_days
        Length of the period that the offences are from.

    Returns
    -------
    NearRepeatDecay or None
        None where the pairs do not tell how fast the risk fades: an interval that covers more than a factor of ten.
    """
    pairs = _as_fitted(table, period_days)
    free = [*_NEAR, _REPEATS, _REPEAT_DAYS] if _tells_repeats(pairs) else list(_NEAR)
    start = np.log([0.1, 14.0, 120.0, 0.8, 0.1 if _REPEATS in free else 1e-9, 30.0])
    bounds = [(math.log(low), math.log(high)) for low, high in (_LIMITS[one] for one in free)]
    options = {"xatol": 1e-3, "fatol": 1e-3, "maxiter": 4_000, "maxfev": 4_000}
    best = minimize(
        lambda chosen: _loss(_with(start, free, chosen), pairs),
        start[free],
        method="Nelder-Mead",
        bounds=bounds,
        options=options,
    ).x
    fitted = _with(start, free, best)
    reach = _reach(fitted, pairs, [_as_fitted(part, period_days) for part in parts])
    shown = [_fitted(value, width) for value, width in zip(fitted[:3], reach[:3], strict=True)]
    if any(one.high > WIDEST * one.low for one in shown):
        return None
    has_repeats = _REPEATS in free
    return NearRepeatDecay(
        followers=shown[0],
        days=shown[1],
        metres=shown[2],
        nearest=math.exp(fitted[_NEAREST]),
        repeats=math.exp(fitted[_REPEATS]) if has_repeats else 0.0,
        repeat_days=math.exp(fitted[_REPEAT_DAYS]) if has_repeats else math.nan,
        parts=len(parts),
        edges=tuple(pairs.edges.tolist()),
        base=_base(pairs, _background(fitted, pairs)[0]),
        reach_days=float(table.time_edges[-1]),
    )


def parts_of(x: ArrayLike, y: ArrayLike, *, halvings: int = 4) -> NDArray[np.int64]:
    """Part places into 2^halvings compact parts of as many offences each; give the number of each place's part."""
    places = (np.asarray(x, dtype=float), np.asarray(y, dtype=float))
    part = np.zeros(len(places[0]), dtype=np.int64)
    for level in range(halvings):
        for number in range(2**level):
            rows = np.flatnonzero(part == number)
            order = rows[np.lexsort((places[(level + 1) % 2][rows], places[level % 2][rows]))]
            part[order[len(order) // 2 :]] += 2**level
    return part


def added_pairs(decay: NearRepeatDecay, *, lags: ArrayLike, offences: int) -> Floats:
    """Give the pairs that belong together per row (same place first) and band of time, by the fitted process.

    Parameters
    ----------
    lags
        Days: edges of the bands, the last the length of the period.
    """
    has_repeats = decay.repeats > 0
    parameters = (
        decay.followers.value,
        decay.days.value,
        decay.metres.value,
        decay.nearest,
        decay.repeats if has_repeats else 1e-9,
        decay.repeat_days if has_repeats else 1.0,
    )
    lags = np.asarray(lags, dtype=float)
    rows = np.empty((len(decay.edges), len(lags) - 1))
    pairs = _Pairs(rows, rows[0], np.asarray(decay.edges), lags, offences, True)
    return _added(np.log(parameters), pairs)


def _as_fitted(table: KnoxTable, period_days: float) -> _Pairs:
    has_same_place = table.same_premises or table.distance_edges[1] <= 1.0
    edges = table.distance_edges if table.same_premises or not has_same_place else table.distance_edges[1:]
    beyond = table.n_s - table.observed.sum(axis=1)
    of_time = np.append(table.n_t, table.pairs - table.n_t.sum()) / table.pairs
    if not (math.isfinite(edges[-1]) and math.isfinite(table.time_edges[-1]) and table.time_edges[-1] < period_days):
        raise ValueError("a decay is fitted to bands that end, in time before the period does")
    return _Pairs(
        observed=np.column_stack([table.observed, beyond]).astype(float),
        of_time=of_time,
        edges=np.array(edges, dtype=float),
        # Two moments u days apart lie floor(u) or floor(u) + 1 dates apart: edges of whole days are half a day earlier.
        lags=np.array([*(max(edge - 0.5, 0.0) for edge in table.time_edges), period_days], dtype=float),
        offences=table.n,
        has_same_place=has_same_place,
    )


def _with(start: Floats, free: list[int], chosen: Floats) -> Floats:
    parameters = start.copy()
    parameters[free] = chosen
    return parameters


def _added(parameters: Floats, pairs: _Pairs) -> Floats:
    """Pairs that belong together, per row and column."""
    followers, days, metres, nearest, repeats, repeat_days = np.exp(parameters)
    by_steps = _by_steps(followers, days, repeats, repeat_days, lags=pairs.lags)
    share = np.array([np.diff(_share_within(steps, pairs.edges, metres)) for steps in range(1, MOST_STEPS + 1)])
    share[0] = _share_of_followers(pairs.edges, metres, nearest)
    rows = share.T @ by_steps[1:]
    if pairs.has_same_place:
        rows = np.vstack([by_steps[0], rows])
    return rows * pairs.offences


def _by_steps(followers: float, days: float, repeats: float, repeat_days: float, *, lags: Floats) -> Floats:
    """Pairs per offence by steps between places (0 to ``MOST_STEPS``) and band of time.

    With R = 1/(1 − r), r the transform of the repeats, and z that of the near repeats times R, the part of 1/|1 − K|²
    with m steps is |R|² Σ z^j z̄^(m−j), j = 0 … m, which is 2 Re z times the part before less |z|² times the one before
    that; a lag of u days is lost at the period's ends with u/period.
    """
    own = 1 / (1 - repeats / (1 + 1j * _FREQUENCY * repeat_days))
    near = followers / (1 + 1j * _FREQUENCY * days) * own
    spectra = [np.abs(own) ** 2]
    spectra.append(2 * near.real * spectra[0])
    for _ in range(MOST_STEPS - 1):
        spectra.append(2 * near.real * spectra[-1] - np.abs(near) ** 2 * spectra[-2])
    spectra[0] = spectra[0] - 1
    # The second half of a transform back stands for negative lags.
    density = np.fft.irfft(np.array(spectra), axis=1)[:, : len(_LAG)] * (np.clip(1 - _LAG / lags[-1], 0, None) / STEP_DAYS)
    within = np.zeros_like(density)
    np.cumsum((density[:, 1:] + density[:, :-1]) / 2 * STEP_DAYS, axis=1, out=within[:, 1:])
    return np.diff([np.interp(lags, _LAG, row) for row in within], axis=1)


def _share_within(steps: int, metres: Floats, scale: float) -> Floats:
    """Share of displacements of several steps that are shorter than a distance."""
    order, ratio = steps / 2, np.maximum(metres / scale, 1e-9)
    return 1 - ratio**order * kv(order, ratio) / (2 ** (order - 1) * gamma(order))


def _share_of_followers(edges: Floats, scale: float, nearest: float) -> Floats:
    """Share of direct followers in each band of distance; the nearest band has a level of its own."""
    share = np.diff(_share_within(1, edges, scale))
    whole = 1 - (1 - nearest) * share[0]
    share[0] *= nearest
    return share / whole


def _background(parameters: Floats, pairs: _Pairs) -> tuple[Floats, Floats]:
    """Pairs per row that have nothing to do with each other, most likely (Newton's method), and those that have."""
    added = _added(parameters, pairs)
    observed, share = pairs.observed, pairs.of_time
    level = np.maximum(observed.sum(axis=1) - added.sum(axis=1), 1e-3)
    for _ in range(30):
        expected = level[:, None] * share + added
        slope = (observed / expected * share).sum(axis=1) - 1
        curve = (observed * (share / expected) ** 2).sum(axis=1)
        level = np.maximum(level + slope / np.maximum(curve, 1e-12), level / 10)
        if np.all(np.abs(slope) < 1e-9):
            break
    return level, added


def _loss(parameters: Floats, pairs: _Pairs) -> float:
    """Minus the Poisson log-likelihood, up to a constant; infinite where followers would never end."""
    if np.exp(parameters[_FOLLOWERS]) + np.exp(parameters[_REPEATS]) >= 0.95:
        return 1e300
    level, added = _background(parameters, pairs)
    expected = level[:, None] * pairs.of_time + added
    return float((expected - pairs.observed * np.log(expected / np.maximum(pairs.observed, 1.0))).sum())


def _tells_repeats(pairs: _Pairs) -> bool:
    return pairs.has_same_place and pairs.observed[0, :-1].sum() >= LEAST_REPEATS


def _reach(fitted: Floats, pairs: _Pairs, parts: Sequence[_Pairs], *, step: float = 0.02) -> Floats:
    """Half widths of the 95 % intervals of the logarithms; infinite where the likelihood is flat.

    The curvature is the whole table's; the spread of the slope is that of the parts.
    """
    moves = [np.eye(len(fitted))[one] * step for one in _NEAR]
    curvature, size = np.empty((len(_NEAR), len(_NEAR))), len(_NEAR)
    for i in range(size):
        for j in range(i, size):
            corners = [_loss(fitted + a * moves[i] + b * moves[j], pairs) * a * b for a in (1, -1) for b in (1, -1)]
            curvature[i, j] = curvature[j, i] = sum(corners) / (4 * step**2)
    if not np.linalg.eigvalsh(curvature)[0] > 0 or len(parts) < 2:
        return np.full(size, np.inf)
    slopes = np.array(
        [[(_loss(fitted + move, part) - _loss(fitted - move, part)) / (2 * step) for move in moves] for part in parts]
    )
    spread = np.cov(np.array(slopes).T) * len(parts)
    inverse = np.linalg.inv(curvature)
    return student.ppf(0.975, len(parts) - 1) * np.sqrt(np.diag(inverse @ spread @ inverse))


def _fitted(logarithm: float, width: float) -> Fitted:
    with np.errstate(over="ignore"):
        low, value, high = np.exp([logarithm - width, logarithm, logarithm + width]).tolist()
    return Fitted(value, low, high)


def _base(pairs: _Pairs, background: Floats) -> Floats:
    """Offences per m² and day around an offence that have nothing to do with it, per row beyond the same place."""
    area = math.pi * np.diff(pairs.edges**2)
    return 2 * background[-len(area) :] / (pairs.offences * pairs.lags[-1] * area)
