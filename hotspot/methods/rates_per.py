"""Offences per 1,000 of what can be a target: households, people, vehicles.

The interval is the exact one of a Poisson count (Garwood), divided by the denominator, which is taken as known. Whether
an area differs from the rest of the areas is the exact conditional test of two Poisson rates, the denominators being the
exposures; all areas are one family. Both assume that offences do not come in clusters. Where the months of an area are
known to vary more than Poisson counts (``dispersion``), its interval is widened by √φ on the logarithmic scale, and its
test by the φ of both sides, each weighed by its share of the variance of the logarithm of the ratio (1/x of a Poisson
count x); the Poisson ones stand beside them.

References
----------
Garwood, F. (1936), Fiducial limits for the Poisson distribution, Biometrika 28: 437–442.
Przyborowski, J. and Wilenski, H. (1940), Homogeneity of results in testing samples from Poisson series,
Biometrika 31: 313–323.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from hotspot.methods.change import COULD_BE_CHANCE, FELL, LEAST_COUNT, LITTLE_CHANGE, ROSE, TOO_FEW, corrected, verdicts
from hotspot.methods.dispersion import Dispersion
from hotspot.methods.rates import RateRatios, garwood, rate_ratios, widened

PER = 1_000
UNKNOWN = Dispersion()
"""Of areas whose months were not looked at."""
ABOVE, BELOW, LIKE = "above the rest", "below the rest", "like the rest"
_READINGS = {ROSE: ABOVE, FELL: BELOW, LITTLE_CHANGE: LIKE, COULD_BE_CHANCE: COULD_BE_CHANCE, TOO_FEW: TOO_FEW}


@dataclass(frozen=True)
class AreaRate:
    """Offences of one area per 1,000."""

    area: str
    count: float
    """Offences: whole, or a sum of aoristic shares, which is rounded for interval and test."""
    denominator: float
    """What could be a target there, such as households."""
    rate: float
    """Offences per 1,000 in the period."""
    low: float
    """Lower end of the 95 % interval, per 1,000: exact, or widened where the area's months cluster."""
    high: float
    ratio: float
    """Rate over that of all other areas together; ∞ where they have no offence, NaN where there is none at all."""
    ratio_low: float
    """Lower end of the ratio's 95 % interval: exact, or widened."""
    ratio_high: float
    p_value: float
    """Two-sided: exact, or widened; NaN for a single area."""
    q_value: float
    """p after correction over all areas; NaN where not tested."""
    reading: str
    """'above the rest', 'below the rest', 'like the rest', 'could be chance' or 'too few to say'."""
    poisson_low: float
    """Lower end of the exact 95 % interval of a Poisson count, per 1,000, which assumes no clustering."""
    poisson_high: float
    poisson_p_value: float
    """Exact, of Poisson counts."""
    dispersion: Dispersion
    """Of the area's months."""


@dataclass(frozen=True)
class TwoSides:
    """How strongly the counts of an area, and of all other areas together, cluster."""

    own: Dispersion = UNKNOWN
    rest: Dispersion = UNKNOWN

    def used(self, count: int, rest: int) -> float:
        """Give the φ that the test of an area against the rest allows for, at least 1."""
        if not count + rest:
            return 1.0
        # (φ/x + φ'/x')/(1/x + 1/x'), without dividing by a count of 0.
        return (self.own.used * rest + self.rest.used * count) / (count + rest)


@dataclass(frozen=True)
class AreaRates:
    """Rates of the areas with a denominator, and those that were left out."""

    rows: tuple[AreaRate, ...]
    """The highest rate first."""
    total: AreaRate
    """All these areas together; it is compared with nothing."""
    left_out: tuple[str, ...]
    """Areas without a denominator."""
    left_out_count: float
    """Offences in them."""
    tested: int
    """Areas in the family of tests."""


def rates_per(
    counts: Mapping[str, float],
    denominators: Mapping[str, float],
    *,
    dispersions: Mapping[str, TwoSides] | None = None,
    total_dispersion: Dispersion = UNKNOWN,
) -> AreaRates:
    """Give offences per 1,000 for each area that has a denominator above 0.

    Every area is tested, or none: none where all areas together hold fewer than ``change.LEAST_COUNT`` offences. An area
    is never left out of the family by its own count, which would favour what is found.

    Parameters
    ----------
    counts
        Offences by area.
    denominators
        Households, people or the like by area; an area that is missing, or has 0, is left out and named.
    dispersions
        Of the months of each area and of the rest; None: not estimated, so that nothing is widened.
    total_dispersion
        Of the months of all these areas together.
    """
    sides = dispersions or {}
    known = {area: float(denominators[area]) for area in counts if denominators.get(area, 0) > 0}
    left_out = tuple(area for area in counts if area not in known)
    offences, targets = math.fsum(counts[area] for area in known), math.fsum(known.values())
    found, poisson = _against_the_rest({area: counts[area] for area in known}, known, sides)
    enough = offences >= LEAST_COUNT and len(known) > 1
    q_value, reading = _read(found, tested=enough)
    columns = [getattr(found, name).tolist() for name in ("ratio", "low", "high", "p_value")]
    tested = zip(*columns, q_value.tolist(), reading, poisson.p_value.tolist(), strict=True)
    rows = [
        _row(area, counts[area], known[area], one, dispersion=sides.get(area, TwoSides()).own)
        for area, one in zip(known, tested, strict=True)
    ]
    return AreaRates(
        rows=tuple(sorted(rows, key=lambda row: -row.rate)),
        total=_row("All areas", offences, targets, (*[math.nan] * 5, "", math.nan), dispersion=total_dispersion),
        left_out=left_out,
        left_out_count=math.fsum(counts[area] for area in left_out),
        tested=int(np.isfinite(q_value).sum()),
    )


def reread(rows: Sequence[AreaRate], *, hidden: Sequence[bool]) -> tuple[AreaRate, ...]:
    """Correct the tests anew, each hidden row as if it were like the rest: no other reading gives it away."""
    found = RateRatios(
        *(np.array([getattr(row, name) for row in rows]) for name in ("ratio", "ratio_low", "ratio_high")),
        np.where(hidden, 1.0, [row.p_value for row in rows]),
    )
    q_value, reading = _read(found, tested=any(math.isfinite(row.q_value) for row in rows))
    return tuple(replace(row, q_value=float(q), reading=said) for row, q, said in zip(rows, q_value, reading, strict=True))


def _read(found: RateRatios, *, tested: bool) -> tuple[NDArray[np.float64], list[str]]:
    q_value = corrected(found.p_value, np.full(len(found.p_value), tested))
    return q_value, [_READINGS[str(verdict)] for verdict in verdicts(found, q_value)]


def _against_the_rest(
    counts: Mapping[str, float], denominators: Mapping[str, float], sides: Mapping[str, TwoSides]
) -> tuple[RateRatios, RateRatios]:
    """Compare each area with all others together: widened where their counts cluster, and as Poisson counts."""
    whole = {area: round(count) for area, count in counts.items()}
    offences, targets = sum(whole.values()), math.fsum(denominators.values())
    found, poisson = [], []
    for area, known in denominators.items():
        if len(denominators) == 1:
            return _nothing(), _nothing()
        rest, exposures = offences - whole[area], {"exposure": known, "baseline_exposure": targets - known}
        exact = rate_ratios([whole[area]], [rest], **exposures)
        poisson.append(exact)
        found.append(widened(exact, sides.get(area, TwoSides()).used(whole[area], rest), **exposures))
    return _joined(found), _joined(poisson)


def _nothing() -> RateRatios:
    return RateRatios(*(np.array([math.nan]) for _ in range(4)))


def _joined(found: Sequence[RateRatios]) -> RateRatios:
    names = ("ratio", "low", "high", "p_value")
    return RateRatios(*(np.array([getattr(one, name)[0] for one in found], dtype=np.float64) for name in names))


def _row(
    area: str,
    count: float,
    denominator: float,
    tested: tuple[float, float, float, float, float, str, float],
    *,
    dispersion: Dispersion,
) -> AreaRate:
    """Give a row; ``tested`` are ratio, its interval, p, q, reading and the Poisson p."""
    scale = PER / denominator if denominator else math.nan
    exact = garwood(round(count))
    low, high = _widened_interval(round(count), exact, dispersion.used)
    *against, poisson_p = tested
    beside = (exact[0] * scale, exact[1] * scale, poisson_p, dispersion)
    return AreaRate(area, count, denominator, count * scale, low * scale, high * scale, *against, *beside)


def _widened_interval(count: int, exact: tuple[float, float], phi: float) -> tuple[float, float]:
    """Widen the interval of a count as ``rates.widened`` widens that of a ratio."""
    if phi == 1:
        return exact
    if not count:
        return 0.0, phi * exact[1]
    root = math.sqrt(phi)
    return count * (exact[0] / count) ** root, count * (exact[1] / count) ** root
