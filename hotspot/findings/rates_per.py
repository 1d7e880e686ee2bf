"""Offences per 1,000 households or people by area: where they are known, and what may be said."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np

from hotspot import crime_types
from hotspot.boundaries.areas import Areas
from hotspot.errors import NotKnowable
from hotspot.findings.audience import FORCE, shown_counts
from hotspot.findings.clustering import MonthlySeries
from hotspot.findings.selected import NO_LOCATION, SelectedOffences
from hotspot.findings.words import number_word, quantity
from hotspot.geography import LPA, OUTSIDE, Force
from hotspot.methods.dispersion import CLUSTERED, LEAST_MEAN, Dispersion, dispersions
from hotspot.methods.rates import ALPHA
from hotspot.methods.rates_per import ABOVE, PER, AreaRate, AreaRates, TwoSides, rates_per, reread
from hotspot.methods.suppression import HIDDEN, UNDER_5
from hotspot.offences.store import Scope, Store
from hotspot.selection import join_words

HOUSEHOLDS = "households"
"""What the force file counts by LPA."""
LONGEST = 80
"""Characters of a headline."""
NOT_COMPARED = "not compared"
NAMED = 5
"""So many areas without a denominator are named; the rest are counted."""


@dataclass(frozen=True, eq=False)
class RatesFinding:
    """Rates of the areas of one level, and what may be said of them."""

    selected: SelectedOffences
    """Of the whole force, by the areas of the level."""
    level: str
    denominator: str
    """What the denominators count: 'households'."""
    denominator_source: str
    """Where they come from; empty where that is not told."""
    rates: AreaRates
    headline: str
    subline: str
    family: str
    """What was tested together, against what."""
    left_off: str
    """How many of the selection's offences are in no rate; for the force alone."""
    notes: tuple[str, ...]

    @property
    def unit(self) -> str:
        """'per 1,000 households'."""
        return f"per {PER:,} {self.denominator}"


@dataclass(frozen=True)
class ShownRate:
    """One rate as an audience sees it."""

    row: AreaRate
    count: str
    """The count, '<5' or 'hidden'."""
    is_hidden: bool
    """The count is hidden, so no rate is shown: it would give it away."""
    is_rest_told: bool = True
    """False where the count of all areas is hidden: whatever compares an area with the rest would tell of it."""


def denominators_of(areas: Areas, force: Force) -> tuple[str, dict[str, float], str]:
    """Give what is counted, its number by area, and where it comes from: the areas' own, else the force file's."""
    if areas.denominators:
        return areas.denominator_name or "", areas.denominators, ""
    if areas.level == LPA and force.premises:
        return HOUSEHOLDS, {area: float(number) for area, number in force.premises.items()}, force.premises_source
    return "", {}, ""


def levels_with_denominators(store: Store, force: str, *, scope: Scope) -> tuple[str, ...]:
    """List the levels whose areas have denominators, the LPAs first."""
    known = store.force_named(force)
    levels = store.levels_of(force, scope=scope)
    return tuple(level for level in levels if denominators_of(store.areas(level, force=force, scope=scope), known)[1])


def rates_finding(selected: SelectedOffences, *, series: MonthlySeries | None = None) -> RatesFinding:
    """Compute the rates of the areas of the selection's level.

    Parameters
    ----------
    selected
        Offences of the whole force, by the areas of a level.
    series
        Offences of all the data by month, for the same areas: each area's dispersion comes from them. None: counts are
        taken as Poisson's.

    Raises
    ------
    NotKnowable
        If none of the areas has a denominator.
    """
    level = selected.selection.level
    name, denominators, source = denominators_of(selected.areas, selected.force) if selected.areas else ("", {}, "")
    counts = selected.counts_by_area()
    sides, total = _clustering(series, [area for area in counts if denominators.get(area, 0) > 0])
    rates = rates_per(counts, denominators, dispersions=sides, total_dispersion=total)
    if not rates.rows:
        raise NotKnowable(
            f"The number of households or people is not known for any {level}, so offences can be counted, but not set against "
            "what could be a target. Import a level of areas with its numbers (boundaries import --denominator COLUMN), or name "
            "[premises] households in the force file.",
            headline="A rate per 1,000 cannot be known without a denominator",
        )
    return RatesFinding(
        selected=selected,
        level=level,
        denominator=name,
        denominator_source=source,
        rates=rates,
        headline=headline(rates, selected, name),
        subline=subline(rates, selected, name),
        family=_family(rates, level),
        left_off=_left_off(rates, counts, level),
        notes=(*_notes(rates, selected, name), *(_clustering_notes(rates) if series is not None else ())),
    )


def _clustering(series: MonthlySeries | None, areas: Sequence[str]) -> tuple[dict[str, TwoSides], Dispersion]:
    """Estimate the dispersion of each area, of all the others together, and of all, from their months."""
    if series is None or not areas:
        return {}, Dispersion()
    row_of = {area: row for row, area in enumerate(series.areas)}
    never = np.zeros(len(series.months))
    own = np.vstack([series.counts[row_of[area]] if area in row_of else never for area in areas])
    total = own.sum(axis=0)
    found = dispersions(np.vstack([own, total - own, total]), months=series.months)
    number = len(areas)
    return {area: TwoSides(found[row], found[number + row]) for row, area in enumerate(areas)}, found[2 * number]


def headline(rates: AreaRates, selected: SelectedOffences, denominator: str) -> str:
    """Say the highest rate that stands above the rest, in at most 80 characters."""
    kind = selected.selection.crime_type
    above = [row for row in rates.rows if row.reading == ABOVE]
    if not selected.count:
        return f"No {crime_types.counted(kind, 2)} in this selection"
    if not above:
        return f"No area's rate of {crime_types.counted(kind, 2)} stands above the rest"
    top = above[0]
    said = f"{top.area}: {top.rate:.1f} {crime_types.counted(kind, 2)} per {PER:,} {denominator}, above the rest"
    short = f"{top.area}: {top.rate:.1f} per {PER:,} {denominator}, above the rest"
    many = f"{number_word(len(above)).capitalize()} areas' rates stand above the rest"
    return next((one for one in (said, short) if len(one) <= LONGEST), many)


def subline(rates: AreaRates, selected: SelectedOffences, denominator: str) -> str:
    """Say N, the denominator and the interval of all areas together."""
    total = rates.total
    return (
        f"{quantity(total.count)} {crime_types.counted(selected.selection.crime_type, total.count)} among "
        f"{total.denominator:,.0f} {denominator} in {selected.selection.period.length()}: {total.rate:.2f} per {PER:,} "
        f"(95% interval {total.low:.2f} to {total.high:.2f})."
    )


def shown_rates(finding: RatesFinding, *, audience: str) -> tuple[tuple[ShownRate, ...], str, str, str]:
    """Give rows, the total's count, headline and sub-line as an audience may see them.

    Rows whose count is hidden come last and stand in the family of tests with p = 1, so that nothing gives them away. Where
    the count of all areas is hidden no area is read: that they were tested at all would say that it is large enough.
    """
    rows, rates = finding.rates.rows, finding.rates
    if audience == FORCE:
        plain = tuple(ShownRate(row, quantity(row.count), False) for row in rows)
        return plain, quantity(rates.total.count), finding.headline, finding.subline
    texts, total = shown_counts({row.area: row.count for row in rows}, audience=audience)
    hidden, is_told = [texts[row.area] in (UNDER_5, HIDDEN) for row in rows], total not in (UNDER_5, HIDDEN)
    anew = zip(reread(rows, hidden=hidden), hidden, strict=True)
    shown = [
        ShownRate(row if is_told else replace(row, reading=NOT_COMPARED), texts[row.area], hides, is_told) for row, hides in anew
    ]
    visible = AreaRates(tuple(one.row for one in shown if not one.is_hidden), rates.total, (), 0.0, rates.tested)
    words = subline(rates, finding.selected, finding.denominator) if is_told else ""
    ordered = sorted(shown, key=lambda one: (one.is_hidden, one.row.area if one.is_hidden else ""))
    return tuple(ordered), total, headline(visible, finding.selected, finding.denominator), words


def family_for(finding: RatesFinding, total: str) -> str:
    """Say what was tested together, beside the text that is shown for the count of all areas."""
    return finding.family if total not in (UNDER_5, HIDDEN) else "The count of all areas is hidden, so none is compared with it."


def _family(rates: AreaRates, level: str) -> str:
    if not rates.tested:
        return "No area was tested against the rest: one area alone, or too few offences."
    together = (
        f"{rates.tested} areas of the level {level} were each tested against all the others, as one family (Benjamini–Hochberg, "
        f"q < {ALPHA:g})"
    )
    if not rates.total.dispersion.is_known:
        return f"{together}; exact intervals of Poisson counts, which assume that offences do not come in clusters."
    return f"{together}; intervals and tests are widened by √φ where the months cluster (φ over {CLUSTERED:g})."


def widened_words(rows: Sequence[AreaRate]) -> str:
    """Name the areas whose interval is widened, with φ and the Poisson interval; empty where none is."""
    named = [
        f"{row.area} (φ {row.dispersion.phi:.1f}; Poisson {row.poisson_low:.2f} to {row.poisson_high:.2f})"
        for row in rows
        if row.dispersion.is_clustered
    ]
    if not named:
        return ""
    more = [f"{len(named) - NAMED} more"] if len(named) > NAMED else []
    return f"Intervals widened for clustering: {join_words([*named[:NAMED], *more])}."


def _left_off(rates: AreaRates, counts: dict[str, float], level: str) -> str:
    """Say how many offences are in no rate: outside the areas, without a location, or in areas without a denominator."""
    outside, nowhere = (counts.get(name, 0.0) for name in (OUTSIDE, NO_LOCATION))
    unknown = rates.left_out_count - outside - nowhere
    parts = [
        f"{quantity(round(count, 1))} {words}"
        for count, words in (
            (outside, "outside the LPAs" if level == LPA else f"outside the areas of the level {level}"),
            (nowhere, "where no location is known"),
            (unknown, "in areas without a denominator"),
        )
        if round(count, 1)
    ]
    return f"In no rate: {join_words(parts)}." if parts else ""


def _notes(rates: AreaRates, selected: SelectedOffences, denominator: str) -> tuple[str, ...]:
    found = []
    if selected.is_beyond_the_data:
        found.append(f"The data cover {selected.covered.label_in_days()}: this period lies outside them.")
    areas = [area for area in rates.left_out if area not in (OUTSIDE, NO_LOCATION)]
    if areas:
        named = ", ".join(areas[:NAMED]) + (f" and {len(areas) - NAMED} more" if len(areas) > NAMED else "")
        found.append(f"Left out, because their {denominator} are not known: {named}.")
    return tuple(found)


def _clustering_notes(rates: AreaRates) -> tuple[str, ...]:
    """Say where the intervals have to take offences for independent."""
    total = rates.total.dispersion
    if not total.is_known:
        return (f"{total.sentence}.",)
    sparse = sum(not row.dispersion.is_known for row in rates.rows)
    if not sparse:
        return ()
    few = f"{sparse:,} of {len(rates.rows):,} areas have under {LEAST_MEAN:g} offence a month, or too few months with any"
    return (f"{few}, to estimate clustering: their intervals are Poisson's.",)
