"""Did it work: an area before and after a start, beside comparison areas and a displacement ring."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass, replace

import numpy as np
import shapely
from numpy.typing import NDArray
from shapely.geometry.base import BaseGeometry

from hotspot.boundaries.places import name_of, read_places
from hotspot.errors import BadInput, NotKnowable
from hotspot.findings.evaluation_areas import Ground, ground, possible_candidates, ring_of
from hotspot.findings.evaluation_periods import EvaluationSettings, compared_periods
from hotspot.findings.selected import SelectedOffences
from hotspot.methods.change import LEAST_COUNT
from hotspot.methods.comparison_areas import Similarity, check_apart, similarities
from hotspot.methods.dispersion import Dispersion, dispersion
from hotspot.methods.evaluation import (
    BeforeAfter,
    Displacement,
    Ratio,
    change_ratio,
    detectable_fall,
    displacement_difference,
    poisson,
    ratio_of_ratios,
)
from hotspot.methods.regression_to_mean import HIGHEST, SameRule, highest_untreated
from hotspot.offences.store import Scope, Store
from hotspot.period import Period, add_months
from hotspot.selection import Selection

SUGGESTED = 5
"""Comparison areas that are suggested: several, so that no single one decides."""
LISTED = 30
"""Candidates that are listed with their score."""
LEAST_LEVEL_MONTHS = 12
"""Months before the start from which comparison counts are brought to the treated area's level."""
LEAST_OF_RULE = 2 * HIGHEST
"""Untreated candidates from which 'the highest of them' says something."""
WIDEST_RING = 5_000.0


@dataclass(frozen=True, eq=False)
class Arm:
    """One side of the comparison: its ground, counts, months and change."""

    name: str
    geometry: BaseGeometry
    counts: BeforeAfter
    monthly: NDArray[np.float64]
    """Offences of each covered month, not weighted."""
    dispersion: Dispersion
    change: Ratio
    """Of the rates per day, widened where the counts cluster."""
    poisson_change: Ratio


@dataclass(frozen=True, eq=False)
class EvaluationFinding:
    """An evaluation and what it rests on."""

    selected: SelectedOffences
    settings: EvaluationSettings
    before: Period
    after: Period
    months: NDArray[np.datetime64]
    treated: Arm
    comparison: Arm
    """All comparison areas together."""
    compared: tuple[str, ...]
    candidates: tuple[tuple[str, Similarity], ...]
    """Those that may be chosen, the most alike first."""
    places: Mapping[str, str]
    """Where squares among the candidates lie, in words, by name; empty for named areas."""
    is_suggested: bool
    ring: Arm | None
    ring_comparison: Arm | None
    difference: Displacement
    poisson_difference: Displacement
    ratio: Ratio
    """Change of the treated area over that of the comparison."""
    poisson_ratio: Ratio
    detectable: float
    """Ratio of ratios of the smallest fall that could have been detected; NaN: none could."""
    same_rule: SameRule | None
    rule_side: float
    """Metres: side of the squares that the rule chose among; NaN for named areas."""
    outside: float
    """Share of the treated area beyond the limit of the data, where nothing is counted."""
    is_levelled: bool
    """True where the weights of comparison counts come from the months before the start, not from the before period."""

    @property
    def selection(self) -> Selection:
        return self.selected.selection

    @property
    def arms(self) -> tuple[Arm, ...]:
        return tuple(arm for arm in (self.treated, self.comparison, self.ring, self.ring_comparison) if arm is not None)

    @property
    def overlaps_choice(self) -> bool:
        """True where the before period shares days with the one that had the area chosen."""
        chosen = self.settings.chosen_in
        return chosen is not None and chosen.start < self.before.end and self.before.start < chosen.end


def evaluation_finding(store: Store, selection: Selection, settings: EvaluationSettings, *, scope: Scope) -> EvaluationFinding:
    """Evaluate one area.

    Raises
    ------
    NotKnowable
        If no area is chosen, or nothing lies before or after the start.
    BadInput
        If the periods or the comparison areas cannot be used.
    """
    if not 0 <= settings.ring <= WIDEST_RING:
        raise BadInput(f"A displacement ring of {settings.ring:g} metres cannot be used: choose 0 (none) to {WIDEST_RING:g}.")
    lain = ground(store, selection, scope=scope)
    before, after = compared_periods(lain, settings)
    ring = ring_of(lain, settings.ring)
    inside = lain.selected.frame["inside"].to_numpy(dtype=bool)
    earlier = lain.months < np.datetime64(settings.start, "M")
    candidates = _candidates(lain, ring, lain.monthly(inside), earlier)
    names = settings.comparison or tuple(name for name, _ in candidates[:SUGGESTED])
    areas = _compared(lain, names, ring)
    levelled = int(earlier.sum()) >= LEAST_LEVEL_MONTHS
    weigher = _Weigher(lain, before, after, earlier if levelled else None)
    treated = weigher.arm(selection.place, lain.treated, inside)
    together = np.logical_or.reduce([held for _, held in areas])
    union = shapely.union_all([geometry for geometry, _ in areas])
    comparison = weigher.arm(_compared_words(names), union, together, like=treated)
    ring_arm = None if ring is None else weigher.arm(f"Ring of {settings.ring:g} m", ring, lain.inside(ring) & ~inside)
    ring_comparison = _ring_comparison(lain, weigher, settings.ring, ring_arm, union, inside | together)
    pairs = (treated.counts, comparison.counts)
    rings = [arm.counts if arm is not None and _is_told(ring_arm) else None for arm in (ring_arm, ring_comparison)]
    return EvaluationFinding(
        selected=lain.selected,
        settings=settings,
        before=before,
        after=after,
        months=lain.months,
        treated=treated,
        comparison=comparison,
        compared=tuple(names),
        candidates=candidates,
        places=_places(lain),
        is_suggested=not settings.comparison,
        ring=ring_arm,
        ring_comparison=ring_comparison,
        difference=displacement_difference(*pairs, ring=rings[0], ring_comparison=rings[1]),
        poisson_difference=displacement_difference(
            *map(poisson, pairs),
            ring=None if rings[0] is None else poisson(rings[0]),
            ring_comparison=None if rings[1] is None else poisson(rings[1]),
        ),
        ratio=ratio_of_ratios(*pairs),
        poisson_ratio=ratio_of_ratios(*map(poisson, pairs)),
        detectable=detectable_fall(*pairs),
        same_rule=_same_rule(lain, ring, settings, before, after),
        rule_side=lain.units.size,
        outside=lain.outside,
        is_levelled=levelled,
    )


def _is_told(arm: Arm | None) -> bool:
    """Say whether an area holds enough offences to be tested: the variance of next to none is next to nothing."""
    return arm is not None and arm.counts.before + arm.counts.after >= LEAST_COUNT


def long_baseline(finding: EvaluationFinding) -> Period | None:
    """Give the year before the area was chosen (before the start, where that is not told); None where the data do not reach."""
    chosen = finding.settings.chosen_in
    end = min(chosen.start if chosen is not None else finding.settings.start, finding.settings.start)
    year = Period(add_months(end, -12), end)
    return year if year.start >= finding.selected.covered.start else None


def _candidates(
    lain: Ground, ring: BaseGeometry | None, monthly: NDArray[np.float64], earlier: NDArray[np.bool_]
) -> tuple[tuple[str, Similarity], ...]:
    possible = np.flatnonzero(possible_candidates(lain, ring))
    units = lain.monthly_of_units()[possible][:, earlier]
    ordered = similarities(monthly[earlier], units)[:LISTED]
    return tuple((lain.units.names[possible[one.candidate]], one) for one in ordered)


def _places(lain: Ground) -> dict[str, str]:
    """Name squares by the nearest place: nobody knows an area by its coordinates."""
    if not lain.is_cells:
        return {}
    x, y = lain.units.centres
    known = read_places()
    return {name: name_of(known, east, north, ()) for name, east, north in zip(lain.units.names, x, y, strict=True)}


def _compared(lain: Ground, names: tuple[str, ...], ring: BaseGeometry | None) -> list[tuple[BaseGeometry, NDArray[np.bool_]]]:
    if not names:
        raise NotKnowable(
            "Every other area touches this one or its displacement ring, so none is left to compare it with. "
            "Choose a narrower ring, or a smaller area.",
            headline="No area to compare with",
        )
    areas = [lain.named(name) for name in names]
    for name, (geometry, _) in zip(names, areas, strict=True):
        check_apart(geometry, name=name, treated=lain.treated, ring=ring)
    return areas


def _compared_words(names: tuple[str, ...]) -> str:
    return names[0] if len(names) == 1 else f"{len(names)} comparison areas"


def _ring_comparison(
    lain: Ground,
    weigher: _Weigher,
    width: float,
    ring: Arm | None,
    compared: BaseGeometry,
    counted: NDArray[np.bool_],
) -> Arm | None:
    """Take the rings around the comparison areas, without what is counted already."""
    if not _is_told(ring):
        return None
    around = ring_of(replace(lain, treated=compared), width)
    if around is None:
        return None
    around = shapely.difference(around, shapely.union_all([lain.treated, ring.geometry]))
    if shapely.is_empty(around):
        return None
    held = lain.inside(around) & ~counted & ~lain.inside(ring.geometry)
    return weigher.arm("Rings of the comparison", around, held, like=ring)


@dataclass(frozen=True, eq=False)
class _Weigher:
    """Makes the sides of one evaluation alike."""

    lain: Ground
    before: Period
    after: Period
    earlier: NDArray[np.bool_] | None
    """Months that levels are taken from; None: too few."""

    def arm(self, name: str, geometry: BaseGeometry, inside: NDArray[np.bool_], *, like: Arm | None = None) -> Arm:
        monthly = self.lain.monthly(inside)
        compared = tuple((np.datetime64(one.start), np.datetime64(one.end)) for one in (self.before, self.after))
        found = dispersion(monthly, months=self.lain.months, compared=compared)
        before = self.lain.counts(inside, self.before)
        counts = BeforeAfter(
            before,
            self.lain.counts(inside, self.after),
            before_weight=self.after.days / self.before.days,
            area_weight=1.0 if like is None else self._weight(like, monthly, before),
            dispersion=found.used,
        )
        days = {"days": self.after.days, "before_days": self.before.days}
        return Arm(name, geometry, counts, monthly, found, change_ratio(counts, **days), change_ratio(poisson(counts), **days))

    def _weight(self, like: Arm, monthly: NDArray[np.float64], counted: float) -> float:
        """Give the treated area's level over this one's: before the start, or in the before period where months are few."""
        if self.earlier is None:
            return like.counts.before / counted if like.counts.before and counted else 1.0
        own, other = monthly[self.earlier].sum(), like.monthly[self.earlier].sum()
        return float(other / own) if own and other else 1.0


def _same_rule(
    lain: Ground, ring: BaseGeometry | None, settings: EvaluationSettings, before: Period, after: Period
) -> SameRule | None:
    """Follow the untreated areas that the same rule would have chosen; None where too few are left to choose among."""
    possible = possible_candidates(lain, ring)
    chosen = settings.chosen_in
    if possible.sum() < LEAST_OF_RULE:
        return None
    found = highest_untreated(
        lain.counts_of_units(before),
        lain.counts_of_units(after),
        untreated=possible,
        chosen_by=None if chosen is None else lain.counts_of_units(chosen),
        days=after.days,
        before_days=before.days,
    )
    return found if len(found.units) == HIGHEST and math.isfinite(found.ratio.ratio) else None
