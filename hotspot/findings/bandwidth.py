"""Which width suits these offences: each rule's value, its curve, and where a rule cannot say."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import shapely
from numpy.typing import NDArray

from hotspot.errors import NotKnowable
from hotspot.findings.selected import SelectedOffences, select
from hotspot.findings.words import number_word
from hotspot.methods import bandwidth_choice
from hotspot.methods.bandwidth_choice import DIGGLE, LIKELIHOOD, BandwidthChoice
from hotspot.methods.density import GAUSSIAN, QUARTIC, equal_variance, suggested_bandwidth
from hotspot.offences.store import Scope, Store
from hotspot.selection import Selection

NEAREST = "nearest"
RULES = (NEAREST, LIKELIHOOD, DIGGLE)
RULE_WORDS = {
    NEAREST: "Mean distance to the tenth nearest offence",
    LIKELIHOOD: "Likelihood cross-validation",
    DIGGLE: "Diggle's cross-validation",
}
SEARCHED = (25.0, 3_000.0)
"""Metres: the quartic radii that cross-validation searches; wider than the slider, so that an end is no accident."""
STEPS = 24
TIES_MATTER = 0.05
"""Share of tied offences from which the values are said to be drawn down by them."""
Progress = Callable[[float, str], None]


@dataclass(frozen=True)
class RuleValue:
    """What one rule gives."""

    rule: str
    """One of ``RULES``."""
    radius: float
    """Metres: radius of the quartic kernel; NaN where the rule was refused."""
    sigma: float
    """Metres: standard deviation of the gaussian kernel that smooths as much; NaN where the rule was refused."""
    warning: str = ""
    refusal: str = ""


@dataclass(frozen=True, eq=False)
class BandwidthFinding:
    """The values of the rules for one selection."""

    title: str
    headline: str
    values: tuple[RuleValue, ...]
    curves: tuple[BandwidthChoice, ...]
    """Of the rules of cross-validation that were not refused."""
    count: int
    """Offences with a location inside the limit of the data."""
    left_out: int
    """Offences with a location beyond it: cross-validation knows nothing of the ground there."""
    tied_share: float
    """Share of the offences at exactly another's position."""
    scott: tuple[float, float]
    """Metres: Scott's standard deviations, east and north, for the record: they suppose one bell-shaped cluster."""
    notes: tuple[str, ...]

    @property
    def searched(self) -> tuple[float, float]:
        """Metres: least and largest quartic radius that cross-validation tried."""
        return SEARCHED


def bandwidth_of(folder: Path, selection: Selection, *, scope: Scope, progress: Progress) -> BandwidthFinding:
    """Compute every rule for a selection of a store."""
    return bandwidth_finding(select(Store(folder), selection, scope=scope), progress=progress)


def bandwidth_finding(
    selected: SelectedOffences, *, rules: Sequence[str] = RULES, progress: Progress = lambda share, words: None
) -> BandwidthFinding:
    """Compute the chosen rules for the offences of the chosen area."""
    located = selected.located_inside
    x, y = located["x"].to_numpy(dtype=float), located["y"].to_numpy(dtype=float)
    window = _window(selected, x, y)
    inside = bandwidth_choice.within(window, x, y)
    values, curves = [], []
    for number, rule in enumerate(rules):
        progress(number / len(rules), RULE_WORDS[rule])
        if rule == NEAREST:
            values.append(_nearest(selected, x, y))
            continue
        value, curve = _cross_validated(selected, rule, x[inside], y[inside], window)
        values.append(value)
        curves += [curve] if curve is not None else []
    tied = bandwidth_choice.tied_share(x[inside], y[inside])
    return BandwidthFinding(
        title=selected.selection.title(),
        headline=_headline(values),
        values=tuple(values),
        curves=tuple(curves),
        count=int(inside.sum()),
        left_out=int((~inside).sum()),
        tied_share=tied,
        scott=bandwidth_choice.scott(x[inside], y[inside]) if inside.sum() > 1 else (math.nan, math.nan),
        notes=_notes(selected, tied=tied, cross_validated=bool(curves), left_out=int((~inside).sum())),
    )


def _window(selected: SelectedOffences, x: NDArray[np.float64], y: NDArray[np.float64]) -> shapely.Geometry:
    """Give the ground on which offences could be counted: the chosen area within the data's limit, else a box round them."""
    if selected.area is not None:
        return selected.area if selected.limit is None else shapely.intersection(selected.area, selected.limit)
    if selected.limit is not None:
        return selected.limit
    return shapely.box(x.min(), y.min(), x.max() + 1.0, y.max() + 1.0) if len(x) else shapely.box(0.0, 0.0, 1.0, 1.0)


def _nearest(selected: SelectedOffences, x: NDArray[np.float64], y: NDArray[np.float64]) -> RuleValue:
    suggestion = suggested_bandwidth(x, y, snapped=selected.facts.location_precision == "snapped")
    sigma = equal_variance(suggestion.bandwidth, source=QUARTIC, target=GAUSSIAN)
    return RuleValue(NEAREST, suggestion.bandwidth, sigma, warning=suggestion.warning)


def _cross_validated(
    selected: SelectedOffences, rule: str, x: NDArray[np.float64], y: NDArray[np.float64], window: shapely.Geometry
) -> tuple[RuleValue, BandwidthChoice | None]:
    try:
        bandwidth_choice.check_cross_validation(x, y, snapped=selected.facts.location_precision == "snapped")
    except NotKnowable as refusal:
        return RuleValue(rule, math.nan, math.nan, refusal=str(refusal)), None
    least, most = (equal_variance(radius, source=QUARTIC, target=GAUSSIAN) for radius in SEARCHED)
    choose = bandwidth_choice.by_likelihood if rule == LIKELIHOOD else bandwidth_choice.by_diggle
    chosen = choose(x, y, window=window, sigmas=np.geomspace(least, most, STEPS))
    radius = equal_variance(chosen.sigma, source=GAUSSIAN, target=QUARTIC)
    return RuleValue(rule, radius, chosen.sigma, warning=chosen.warning), chosen


def _headline(values: Sequence[RuleValue]) -> str:
    """Say the range that the rules leave, in at most 80 characters."""
    usable = sorted((value for value in values if not value.refusal), key=lambda value: value.radius)
    if not usable:
        return "No rule can choose a bandwidth for these offences"
    least, most = (f"{round(value.radius, -1):,.0f}" for value in (usable[0], usable[-1]))
    if len(usable) == 1:
        return f"{RULE_WORDS[usable[0].rule]}: a radius of {least} m"
    return f"{number_word(len(usable)).capitalize()} rules give radii from {least} to {most} m"


def _notes(selected: SelectedOffences, *, tied: float, cross_validated: bool, left_out: int) -> tuple[str, ...]:
    notes = []
    if cross_validated and tied > TIES_MATTER:
        notes.append(f"{100 * tied:.0f}% of the offences share their exact position with another: they draw these values down.")
    if left_out:
        notes.append(f"{left_out:,} with a location beyond the limit of the data took no part in cross-validation.")
    if selected.selection.is_timed:
        notes.append("Each offence that can lie in the chosen days and hours counts whole, whatever its share.")
    if selected.areas is None:
        notes.append("No boundaries are loaded: the box round the offences stands for the limit of the data.")
    return tuple(notes)
