"""Offences per 1,000 of what can be a target: households, people, vehicles.

The interval is the exact one of a Poisson count (Garwood), divided by the denominator, which is taken as known. Whether
an area differs from the rest of the areas is the exact conditional test of two Poisson rates, the denominators being the
exposures; all areas are one family. Both assume that offences do not come in clusters.

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
from hotspot.methods.rates import RateRatios, garwood, rate_ratio

PER = 1_000
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
    """Lower end of the exact 95 % interval, per 1,000."""
    high: float
    ratio: float
    """Rate over that of all other areas together; ∞ where they have no offence, NaN where there is none at all."""
    ratio_low: float
    """Lower end of the ratio's exact 95 % interval."""
    ratio_high: float
    p_value: float
    """Exact, two-sided; NaN for a single area."""
    q_value: float
    """p after correction over all areas; NaN where not tested."""
    reading: str
    """'above the rest', 'below the rest', 'like the rest', 'could be chance' or 'too few to say'."""


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


def rates_per(counts: Mapping[str, float], denominators: Mapping[str, float]) -> AreaRates:
    """Give offences per 1,000 for each area that has a denominator above 0.

    Every area is tested, or none: none where all areas together hold fewer than ``change.LEAST_COUNT`` offences. An area
    is never left out of the family by its own count, which would favour what is found.

    Parameters
    ----------
    counts
        Offences by area.
    denominators
        Households, people or the like by area; an area that is missing, or has 0, is left out and named.
    """
    known = {area: float(denominators[area]) for area in counts if denominators.get(area, 0) > 0}
    left_out = tuple(area for area in counts if area not in known)
    offences, targets = math.fsum(counts[area] for area in known), math.fsum(known.values())
    found = _against_the_rest({area: counts[area] for area in known}, known)
    enough = offences >= LEAST_COUNT and len(known) > 1
    q_value, reading = _read(found, tested=enough)
    rows = [
        _row(area, counts[area], known[area], found, index, q=float(q_value[index]), reading=reading[index])
        for index, area in enumerate(known)
    ]
    return AreaRates(
        rows=tuple(sorted(rows, key=lambda row: -row.rate)),
        total=_alone("All areas", offences, targets),
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


def _against_the_rest(counts: Mapping[str, float], denominators: Mapping[str, float]) -> RateRatios:
    whole = {area: round(count) for area, count in counts.items()}
    offences, targets = sum(whole.values()), math.fsum(denominators.values())
    found = [
        rate_ratio(whole[area], offences - whole[area], exposure=known, baseline_exposure=targets - known)
        if len(denominators) > 1
        else None
        for area, known in denominators.items()
    ]
    values = ([math.nan if one is None else getattr(one, name) for one in found] for name in ("ratio", "low", "high", "p_value"))
    return RateRatios(*(np.array(column, dtype=np.float64) for column in values))


def _row(area: str, count: float, denominator: float, found: RateRatios, index: int, *, q: float, reading: str) -> AreaRate:
    low, high = garwood(round(count))
    scale = PER / denominator
    against = (float(getattr(found, name)[index]) for name in ("ratio", "low", "high", "p_value"))
    return AreaRate(area, count, denominator, count * scale, low * scale, high * scale, *against, q, reading)


def _alone(area: str, count: float, denominator: float) -> AreaRate:
    low, high = garwood(round(count))
    scale = PER / denominator if denominator else math.nan
    return AreaRate(area, count, denominator, count * scale, low * scale, high * scale, *[math.nan] * 5, "")
