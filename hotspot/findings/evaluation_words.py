"""What may be said of an evaluation, and to whom."""

from __future__ import annotations

import math
from dataclasses import dataclass

from hotspot.findings.audience import COUNTS_HIDDEN, FORCE, is_small
from hotspot.findings.compare import LONGEST
from hotspot.findings.evaluation import Arm, EvaluationFinding, long_baseline
from hotspot.findings.slivers import months_tell
from hotspot.findings.words import number_word, quantity
from hotspot.methods.change import LEAST_COUNT
from hotspot.methods.evaluation import Difference, Ratio
from hotspot.period import Period

LEAST_OUTSIDE = 0.01
"""Share of an area beyond the data from which it is said."""
ONE_MONTH = 31
"""Days up to which a period is one month or less."""
LITTLE_DATA_MONTHS = 24
"""Months of data under which neither season nor clustering is known."""
STANDS, CHANCE, TOO_FEW = "stands", "could be chance", "too few to say"
HIDDEN = "hidden"


@dataclass(frozen=True)
class ShownArm:
    """One row of the table of counts as an audience may read it."""

    name: str
    before: str
    after: str
    weight: str
    """What its offences count in the difference."""
    change: str
    interval: str
    arm: Arm | None
    """None where nothing but the counts may be told."""


def kicker(finding: EvaluationFinding) -> str:
    """Say what is evaluated and which periods are compared."""
    what = f"{finding.selection.crime_type} in {finding.selection.place}{finding.selection.limits()}"
    return f"{what}: {finding.after.label()} against {finding.before.label()}"


def told(finding: EvaluationFinding, *, audience: str) -> tuple[str, str]:
    """Give headline, at most 80 characters, and sub-line as an audience may read them."""
    if is_hidden(finding, audience=audience):
        return _fitting(f"{finding.selection.crime_type} in {{}}: too few offences to say", finding), COUNTS_HIDDEN
    return headline(finding), subline(finding)


def is_hidden(finding: EvaluationFinding, *, audience: str) -> bool:
    """Say whether a count under 5 is among those that the figures are made of; then none of them is told.

    A ring with too few offences to be tested is part of no figure: its own row is hidden by itself.
    """
    told = finding.arms if finding.difference.ring is not None else (finding.treated, finding.comparison)
    return audience != FORCE and any(has_small_count(arm) for arm in told)


def has_small_count(arm: Arm) -> bool:
    """Say whether a count of an area is hidden from partners and the public."""
    return is_small(arm.counts.before) or is_small(arm.counts.after)


def hides_months(finding: EvaluationFinding, *, audience: str) -> bool:
    """Say whether the months of the two series tell a small count: their own, or that of the days by which a period cuts one."""
    if audience == FORCE:
        return False
    return is_hidden(finding, audience=audience) or any(
        _months_tell(arm, finding) for arm in (finding.treated, finding.comparison)
    )


def _months_tell(arm: Arm, finding: EvaluationFinding) -> bool:
    counted = ((arm.counts.before, finding.before), (arm.counts.after, finding.after))
    months = finding.months.astype("datetime64[D]").tolist()
    return any(is_small(count) for count in arm.monthly) or months_tell(counted, months, arm.monthly)


def headline(finding: EvaluationFinding) -> str:
    """Say the change, beside the comparison's, and whether it stands."""
    what = finding.selection.crime_type
    change, ratio = finding.treated.change.value, finding.ratio.value
    if is_too_few(finding) or not (math.isfinite(change) and math.isfinite(ratio)):
        return _fitting(f"{what} in {{}}: too few offences to say", finding)
    beside = _beside(change, ratio)
    reading = STANDS if finding.ratio.stands else CHANCE
    return _fitting(f"{what} {_verb(change)} in {{}}, {beside}: {reading}", finding)


def _fitting(sentence: str, finding: EvaluationFinding) -> str:
    """Name the place where there is room for its name."""
    for place in (finding.selection.place, "the area"):
        for said in (sentence.format(place), sentence.format(place).replace("in comparison areas", "elsewhere")):
            if len(said) <= LONGEST:
                return said
    return sentence.format("the area").replace("in comparison areas", "elsewhere")


def _verb(ratio: float) -> str:
    percent = round(100 * abs(ratio - 1))
    return f"{'rose' if ratio > 1 else 'fell'} {percent}%" if percent else "did not change"


def _beside(change: float, ratio: float) -> str:
    percent = round(100 * abs(ratio - 1))
    if not percent:
        return "as in comparison areas"
    if change < 1:
        return f"{percent}% {'more' if ratio < 1 else 'less'} than in comparison areas"
    return f"{percent}% {'less' if ratio < 1 else 'more'} than in comparison areas"


def subline(finding: EvaluationFinding) -> str:
    """Say the counts, the ratio of ratios and the difference, each with its interval."""
    counts = finding.treated.counts
    pair = f"{quantity(counts.before)} → {quantity(counts.after)}"
    if is_too_few(finding):
        return f"{pair}: under {LEAST_COUNT} offences in both periods together."
    lengths = f" ({finding.before.days} and {finding.after.days} days)" if finding.before.days != finding.after.days else ""
    beside = f"{percent(finding.ratio.value)} beside the comparison ({ratio_interval(finding)})"
    local = finding.difference.local
    return f"{pair}{lengths}; {beside}; {offences_words(local)} ({difference_interval(local)})."


def offences_words(found: Difference) -> str:
    """Say a difference in offences: '62 offences fewer than expected'."""
    number = round(abs(found.value))
    noun = "offence" if number == 1 else "offences"
    return f"{number:,} {noun} {'fewer' if found.value < 0 else 'more'} than expected"


def percent(ratio: float) -> str:
    """Write a ratio as a change: '−25%'."""
    if not math.isfinite(ratio):
        return "–"
    number = round(100 * (ratio - 1))
    return f"+{number:,}%" if number > 0 else f"−{-number}%" if number < 0 else "0%"


def interval(ratio: Ratio) -> str:
    """Write the interval of a ratio: '−39% to −8%'."""
    return f"{percent(ratio.low)} to {percent(ratio.high) if math.isfinite(ratio.high) else 'no limit'}"


def ratio_interval(finding: EvaluationFinding) -> str:
    """Write the interval of the ratio of ratios, and the Poisson one beside a widened one."""
    used, plain = interval(finding.ratio), interval(finding.poisson_ratio)
    return f"95% interval {used}" + (f"; Poisson {plain}" if used != plain else "")


def difference_interval(found: Difference) -> str:
    """Write the interval of a difference in offences."""
    return f"{100 * found.level:.0f}% interval {signed(found.low)} to {signed(found.high)}"


def signed(value: float) -> str:
    """Write a number of offences with its sign: '−62'."""
    number = round(value)
    return f"+{number:,}" if number > 0 else f"−{-number:,}" if number < 0 else "0"


def log_position(ratio: float) -> float:
    """Place a ratio on an axis from a half (0 %) to double (100 %), logarithmic; beyond the ends at the ends."""
    if not ratio > 0:
        return 0.0
    return 100.0 if math.isinf(ratio) else min(max(50 + 50 * math.log2(ratio), 0.0), 100.0)


def arm_interval(arm: Arm) -> str:
    """Write the interval of an area's change, and the Poisson one beside a widened one."""
    used = interval(arm.change)
    return f"{used}; Poisson {interval(arm.poisson_change)}" if arm.dispersion.is_clustered else used


def shown_arms(finding: EvaluationFinding, *, audience: str) -> tuple[ShownArm, ...]:
    """Give the rows of the table of counts as an audience may read them: where one count is small, all are hidden."""
    hidden = is_hidden(finding, audience=audience)
    return tuple(_hidden(arm) if hidden or (audience != FORCE and has_small_count(arm)) else _shown(arm) for arm in finding.arms)


def _hidden(arm: Arm) -> ShownArm:
    return ShownArm(arm.name, HIDDEN, HIDDEN, "", "", "small counts hidden", None)


def _shown(arm: Arm) -> ShownArm:
    counts = arm.counts
    texts = (arm.name, quantity(counts.before), quantity(counts.after), f"{counts.area_weight:.3g}")
    if counts.before + counts.after < LEAST_COUNT:
        return ShownArm(*texts, "", TOO_FEW, None)
    return ShownArm(*texts, percent(arm.change.value), arm_interval(arm), arm)


def differences(finding: EvaluationFinding) -> tuple[tuple[str, Difference, Difference], ...]:
    """List the difference and its parts, each with the Poisson one."""
    used, plain = finding.difference, finding.poisson_difference
    if used.ring is None or plain.ring is None:
        return (("Treated area", used.local, plain.local),)
    return (
        ("Treated area", used.local, plain.local),
        ("Ring", used.ring, plain.ring),
        ("Together", used.total, plain.total),
    )


def detectable_words(finding: EvaluationFinding) -> str:
    """Say the smallest fall that could have been detected."""
    if math.isnan(finding.detectable):
        return "With so few offences no fall, however large, could have been shown with 80% power."
    return (
        f"With these counts a fall of {round(100 * (1 - finding.detectable))}% or more beside the comparison would have been "
        "shown in 80 of 100 cases; a smaller one mostly not."
    )


def cautions(finding: EvaluationFinding) -> tuple[str, ...]:
    """Say what a reader must know before the figures are used."""
    said = []
    if finding.outside >= LEAST_OUTSIDE:
        said.append(f"{finding.outside:.0%} of the area lies outside the ground that these data cover: nothing is counted there.")
    if min(finding.before.days, finding.after.days) <= ONE_MONTH:
        said.append(
            "One month against one month says little: a month's count also moves with weather, paydays and recording, and "
            "an early effect may not last. Look again over three months or more."
        )
    if not _is_like_with_like(finding):
        said.append(
            "The periods are not the same months of the year, so season is part of both changes; it cancels only as far as "
            "the comparison areas share it."
        )
    if len(finding.months) < LITTLE_DATA_MONTHS:
        months = number_word(len(finding.months))
        said.append(
            f"The data cover {months} {'month' if len(finding.months) == 1 else 'months'}: neither season nor clustering can be "
            "told, and comparison areas cannot be checked for like trends, so little can be said of an effect."
        )
    return (*said, *_selection_cautions(finding))


def _selection_cautions(finding: EvaluationFinding) -> tuple[str, ...]:
    if not finding.overlaps_choice:
        return ()
    chosen, baseline = finding.settings.chosen_in, long_baseline(finding)
    offer = f" Compare with {baseline.label()} instead." if baseline is not None else " The data hold no earlier year instead."
    return (
        f"The area was chosen by its count in {chosen.label()}, which the before period overlaps: an area chosen because it was "
        f"high falls by itself.{offer}",
    )


def rule_words(finding: EvaluationFinding, *, audience: str) -> str:
    """Say what became of untreated areas that the same rule would have chosen; empty where there are too few.

    A change with its interval gives the two counts away where one of them is small.
    """
    rule = finding.same_rule
    if rule is None or (audience != FORCE and (is_small(rule.before) or is_small(rule.after))):
        return ""
    side = finding.rule_side
    what = f"squares of {side:,.0f} m" if math.isfinite(side) else f"areas of the level {finding.selection.level}"
    by = finding.settings.chosen_in or finding.before
    ratio = Ratio(rule.ratio.ratio, rule.ratio.low, rule.ratio.high)
    return (
        f"Left alone, the {len(rule.units)} untreated {what} with most offences in {by.label()} changed by "
        f"{percent(ratio.value)} per day ({interval(ratio)}, Poisson): what being chosen because it was high does by itself."
    )


def notes(finding: EvaluationFinding) -> tuple[str, ...]:
    """Say how the figures were made."""
    comparison = "suggested by level and trend before the start" if finding.is_suggested else "chosen by hand"
    said = [f"Comparison, {comparison}: {'; '.join(place_words(finding, name) for name in finding.compared)}."]
    if finding.is_levelled:
        said.append("Their offences are weighted to the treated area's level in the months before the start, taken as known.")
    else:
        said.append("Under 12 months before the start: their weight to the treated area's level is that of the before period.")
    said += [f"{arm.name}: {arm.dispersion.sentence.rstrip('.')}." for arm in (finding.treated, finding.comparison)]
    if finding.ring is not None and finding.difference.ring is None:
        said.append(f"The ring holds under {LEAST_COUNT} offences: too few to say whether any moved there.")
    if finding.settings.chosen_in is None:
        said.append("If the area was chosen because it was high, say in which period: such an area falls by itself.")
    return tuple(said)


def place_words(finding: EvaluationFinding, name: str) -> str:
    """Name a comparison area: a square by the nearest place and its centre."""
    return f"{finding.places[name]} ({name})" if name in finding.places else name


def _is_like_with_like(finding: EvaluationFinding) -> bool:
    return _months(finding.before) == _months(finding.after)


def _months(period: Period) -> frozenset[str]:
    return frozenset(month[-2:] for month in period.months())


def is_too_few(finding: EvaluationFinding) -> bool:
    """Say whether the treated area holds too few offences for any measure."""
    counts = finding.treated.counts
    return counts.before + counts.after < LEAST_COUNT
