"""What may be said of two surfaces and of the places that stand."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from hotspot import crime_types
from hotspot.findings.audience import FORCE, is_small, shown_count
from hotspot.findings.words import number_word
from hotspot.methods.random_labelling import LEAST_EXPECTED, LEAST_TOGETHER
from hotspot.methods.rates import ALPHA
from hotspot.selection import join_words

if TYPE_CHECKING:
    from hotspot.findings.two_surfaces import StandingPlace, TwoSurfacesFinding

LONGEST = 80
"""Characters of a headline."""
PER_DAYS = 30
"""Differences of two periods are shown per 30 days."""
REPEATS_COUNT = (
    "Each offence counts by itself: repeats and series lie together more than the test's chance gives, "
    "so that a single series can stand."
)


def headline(finding: TwoSurfacesFinding) -> str:
    """Say where the first group is denser or thinner beyond chance, in at most 80 characters."""
    if not finding.surfaces.tested.any():
        return "Too few offences lie near each other to compare the two maps"
    what, other = finding.selection.crime_type, finding.against.crime_type
    is_rate = finding.against.null == "rate"
    if other is not None:
        begin, verbs, none = (
            f"{what} against {_small(other)}: ",
            ("denser", "thinner"),
            "no place stands out from chance",
        )
    elif is_rate:
        begin, verbs, none = f"{what} per day ", ("rose", "fell"), "changed nowhere beyond chance"
    else:
        begin, verbs, none = f"Share of all {_small(what)} ", ("rose", "fell"), "changed nowhere beyond chance"
    if not finding.places:
        return _fitting(begin + none, f"{what}: no place stands out from chance")
    sides = [
        (verb, [place.name.split(",")[0] for place in finding.places if place.is_denser == denser])
        for verb, denser in zip(verbs, (True, False), strict=True)
    ]
    named = join_words([f"{verb} around {join_words(list(dict.fromkeys(names)))}" for verb, names in sides if names])
    counted = join_words([f"{verb} in {_places(len(names))}" for verb, names in sides if names])
    return _fitting(begin + named, begin + counted, f"{what}: {counted}")


def _fitting(*sentences: str) -> str:
    return next((sentence for sentence in sentences if len(sentence) <= LONGEST), sentences[-1])


def _places(count: int) -> str:
    return f"{number_word(count)} {'place' if count == 1 else 'places'}"


def _small(crime_type: str) -> str:
    return crime_type[0].lower() + crime_type[1:]


def other_words(finding: TwoSurfacesFinding) -> str:
    """Name the other group: 'April to September 2023' or 'burglary'."""
    if finding.against.baseline is not None:
        return finding.against.baseline.label()
    return _small(finding.against.crime_type or "")


def subline(finding: TwoSurfacesFinding) -> str:
    """Say N of both groups and the test of the whole map."""
    surfaces = finding.surfaces
    what = crime_types.counted(finding.selection.crime_type, finding.count)
    where = "with a location" if finding.selection.is_whole_force else "with a location in the whole force"
    preposition = "in" if finding.against.baseline is not None else "of"
    counts = f"{finding.count:,} {what} {where}, {finding.other_count:,} {preposition} {other_words(finding)}"
    if not surfaces.tested.any():
        return f"{counts}."
    return f"{counts}. {_test_sentence(finding)}"


def _test_sentence(finding: TwoSurfacesFinding) -> str:
    surfaces = finding.surfaces
    return f"The whole map by chance: p = {probability(surfaces.global_p_value)} ({surfaces.simulations:,} random labellings)."


def probability(value: float) -> str:
    """Write a probability as '.002'."""
    return f"{value:.3f}".lstrip("0") if value < 1 else "1"


def notes(finding: TwoSurfacesFinding) -> tuple[str, ...]:
    """Say how the surfaces were made, what chance means here, what was tested together and what stands."""
    surfaces, settings = finding.surfaces, finding.settings
    shown, tested = int(np.isfinite(surfaces.first).sum()), int(surfaces.tested.sum())
    width = "standard deviation" if settings.kernel == "gaussian" else "radius"
    how = (
        f"{settings.kernel.capitalize()} kernel, {width} {settings.bandwidth:,.0f} m for both, "
        f"cells of {settings.cell_size:g} m, {'uniform' if surfaces.edge_corrected else 'no'} edge correction."
    )
    few = (
        f"{tested:,} of {shown:,} cells were tested together; the others have under {LEAST_TOGETHER:g} offences of both groups "
        f"under the kernel (effective number), or would expect under {LEAST_EXPECTED:g} of one."
    )
    whole = () if finding.selection.is_whole_force else ("The offences of the whole force take part; the cells are the area's.",)
    return (how, null_sentence(finding), *whole, few, *([_standing(finding)] if tested else []), REPEATS_COUNT)


def null_sentence(finding: TwoSurfacesFinding) -> str:
    """Say what chance is taken to be."""
    if finding.against.null == "rate":
        return (
            "By chance each offence falls into one of the two periods in proportion to their days: "
            "the test asks whether the rate per day changed."
        )
    if finding.against.baseline is not None:
        return (
            "By chance the offences keep their places and both periods their totals: the test asks whether the pattern changed, "
            "whatever the change of the whole."
        )
    return (
        "By chance the offences keep their places and both crime types their totals: the test asks whether the two patterns "
        "differ, not whether either is frequent."
    )


def _standing(finding: TwoSurfacesFinding) -> str:
    surfaces = finding.surfaces
    alone = int((surfaces.q_value < ALPHA).sum())
    return (
        f"Full colour: beyond the {surfaces.critical:.1f} standard deviations within which 95% of whole maps stay by chance. "
        f"Cell by cell with Benjamini–Hochberg {alone:,} would stand at q < {ALPHA:g}, where no p is under "
        f"{probability(1 / (surfaces.simulations + 1))}."
    )


@dataclass(frozen=True)
class ShownPlace:
    """A place that stands, as an audience may see it."""

    rank: int
    name: str
    reading: str
    """'rose', 'fell', 'denser' or 'thinner'."""
    is_denser: bool
    count: str
    other_count: str
    value: str
    """What is compared, at the peak: '2.3 times', '+3.4'; empty where a count is hidden."""
    by_chance: str
    """Within which it lies by chance: '0.5 to 2.0'."""
    p: str
    """Corrected for the whole map."""


def shown_places(finding: TwoSurfacesFinding, *, audience: str) -> tuple[ShownPlace, ...]:
    """Give the places that stand; small counts, and the values that would give them away, are hidden from the public."""
    return tuple(_shown(finding, rank, place, audience) for rank, place in enumerate(finding.places, start=1))


def _shown(finding: TwoSurfacesFinding, rank: int, place: StandingPlace, audience: str) -> ShownPlace:
    hidden = audience != FORCE and (is_small(place.count) or is_small(place.other_count))
    verbs = ("denser", "thinner") if finding.against.crime_type is not None else ("rose", "fell")
    if finding.against.null == "rate":
        value = signed(place.difference * PER_DAYS)
        chance = f"{signed(place.chance_low * PER_DAYS)} to {signed(place.chance_high * PER_DAYS)}"
    else:
        value = f"{times(place.relative_risk)} times" if math.isfinite(place.relative_risk) else "from none"
        chance = f"{times(place.chance_low)} to {times(place.chance_high)}"
    return ShownPlace(
        rank=rank,
        name=place.name,
        reading=verbs[0] if place.is_denser else verbs[1],
        is_denser=place.is_denser,
        count=shown_count(place.count, audience=audience),
        other_count=shown_count(place.other_count, audience=audience),
        value="" if hidden else value,
        by_chance="" if hidden else chance,
        p=probability(place.map_p_value),
    )


def times(ratio: float) -> str:
    """Write a ratio: '0.48', '2.3', '12', '∞'."""
    if not math.isfinite(ratio):
        return "∞"
    if ratio < 0.005:
        return "0"
    return f"{ratio:.2f}" if ratio < 1 else f"{ratio:.1f}" if ratio < 10 else f"{ratio:.0f}"


def signed(value: float) -> str:
    """Write a difference with its sign: '+3.4', '−0.8'."""
    return f"{'−' if value < 0 else '+'}{abs(value):.{0 if abs(value) >= 10 else 1}f}"


def told(finding: TwoSurfacesFinding, *, audience: str) -> tuple[str, str]:
    """Give headline and sub-line as an audience may read them: the public gets no totals, which could tell a hidden count."""
    if audience == FORCE:
        return finding.headline, finding.subline
    if not finding.surfaces.tested.any():
        return finding.headline, ""
    return finding.headline, _test_sentence(finding)
