"""Outcome rates: a named set of outcomes over one of two denominators, with an interval.

There is no single official positive outcome, and two ways to count are in use. 'Assigned': outcomes given in a period over
offences recorded in it; most of these outcomes belong to offences recorded earlier, so the rate is no proportion and its
interval is that of a ratio of two Poisson counts. 'Cohort': the offences recorded in a period, and how many of them have such an
outcome by now; a proportion, with Wilson's interval, too low while the cohort is young.

References
----------
Wilson, E. B. (1927), Probable inference, the law of succession, and statistical inference, Journal of the American Statistical
Association 22: 209–212.
Przyborowski, J. and Wilenski, H. (1940), Homogeneity of results in testing samples from Poisson series, Biometrika 31: 313–323.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

from hotspot.errors import BadInput
from hotspot.methods.rates import rate_ratio
from hotspot.methods.repeats import wilson
from hotspot.offences import outcomes

ASSIGNED, COHORT = "assigned", "cohort"
DENOMINATORS = (ASSIGNED, COHORT)
WILSON, POISSON = "Wilson", "ratio of two Poisson counts"


@dataclass(frozen=True)
class OutcomeSet:
    """A named set of outcomes."""

    name: str
    words: str
    """With the Home Office codes that it holds."""
    groups: tuple[str, ...]
    """Of ``offences.outcomes``: what its codes and police.uk's words are sorted into."""


_CHARGED = OutcomeSet("charged", "charged or summonsed (outcomes 1, 1A)", (outcomes.CHARGED,))
_POSITIVE = OutcomeSet(
    "positive",
    "positive outcomes (1–4, 6–8)",
    (outcomes.CHARGED, outcomes.RESOLVED, outcomes.TAKEN_INTO_CONSIDERATION),
)
_WITH_22 = OutcomeSet("positive22", "positive outcomes (1–4, 6–8, 22)", (*_POSITIVE.groups, outcomes.DIVERTED))
SETS = {one.name: one for one in (_POSITIVE, _CHARGED, _WITH_22)}
"""Name → set; nothing else is called a positive outcome."""


@dataclass(frozen=True)
class OutcomeRate:
    """Outcomes over offences."""

    outcomes: int
    offences: int
    rate: float
    """NaN without an offence; 'assigned' may exceed 1."""
    low: float
    """Lower end of the 95 % interval."""
    high: float
    interval: str
    """``WILSON`` or ``POISSON``."""


def set_named(name: str) -> OutcomeSet:
    """Find a set by name; raise ``BadInput`` if there is none."""
    found = SETS.get(name.strip().lower())
    if found is None:
        raise BadInput(f"'{name}' is no set of outcomes. Choose {', '.join(SETS)}.")
    return found


def cohort_rate(with_outcome: int, offences: int) -> OutcomeRate:
    """Give the share of a cohort that has such an outcome by now, with Wilson's 95 % interval."""
    found = wilson(with_outcome, offences)
    return OutcomeRate(with_outcome, offences, found.share, found.low, found.high, WILSON)


def assigned_rate(given: int, offences: int) -> OutcomeRate:
    """Give outcomes over offences of the same period, with the exact 95 % interval of the ratio of two Poisson counts."""
    if not offences:
        return OutcomeRate(given, 0, math.nan, math.nan, math.nan, POISSON)
    found = rate_ratio(given, offences)
    return OutcomeRate(given, offences, found.ratio, found.low, found.high, POISSON)


def outcome_rate(with_outcome: int, offences: int, *, denominator: str) -> OutcomeRate:
    """Give the rate by either denominator."""
    return (cohort_rate if denominator == COHORT else assigned_rate)(with_outcome, offences)
