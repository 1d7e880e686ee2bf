"""What may be said of chains of near repeats, in words."""

from __future__ import annotations

import math
from collections.abc import Mapping
from datetime import timedelta
from typing import TYPE_CHECKING

from hotspot import crime_types
from hotspot.findings.audience import PUBLIC, shown_count
from hotspot.findings.selected import SelectedOffences
from hotspot.methods.near_repeat_chains import ISOLATED, MOST_APART, NEAR_REPEAT, ORIGINATOR, REPEAT, ChanceChains
from hotspot.period import day_words

if TYPE_CHECKING:
    from hotspot.findings.series import ChainSettings, SeriesFinding

LONGEST_HEADLINE = 80
ALPHA = 0.05
LONGEST_SERIES = 50
"""Offences from which a chain is said to be no series."""
NOT_AN_OFFENDER = "A chain says that offences lie close in space and time, not that one offender is behind them."


def headline(finding: SeriesFinding, chance: ChanceChains | None) -> str:
    """Say how many chains there are, and how many chance alone gives, in at most 80 characters."""
    minimum, chains = finding.settings.minimum, finding.chains
    for what in (crime_types.counted(finding.selected.selection.crime_type, 2), "offences"):
        found = f"{chains:,} chain{'' if chains == 1 else 's'} of {minimum} or more {what}"
        if not chains:
            found = f"No chain of {minimum} or more {what}"
        said = f"{found}{_against_chance(chance, chains, minimum)}"
        if len(said) <= LONGEST_HEADLINE:
            break
    return said


def _against_chance(chance: ChanceChains | None, chains: int, minimum: int) -> str:
    if chance is None:
        return ""
    expected = quantity(chance.expected(minimum))
    if chains and chance.p_value(chains, minimum) > ALPHA:
        return f"; could be chance ({expected} expected)"
    return f"; by chance about {expected}" if chance.expected(minimum) >= 1 else f"; by chance {expected}"


def chance_sentence(chance: ChanceChains, finding: SeriesFinding) -> str:
    """Say what chance gives, with its range and p."""
    minimum = finding.settings.minimum
    low, high = chance.interval(minimum)
    p = chance.p_value(finding.chains, minimum)
    said = "p < .001" if p < 0.001 else f"p = {p:.3f}".replace("0.", ".", 1)
    expected = chance.expected(minimum)
    mean = f"{expected:.1f}" if expected < 10 else f"{expected:,.0f}"
    times = f"{mean} chains of {minimum} or more (95 in 100 times {low:,} to {high:,})"
    shuffled = f"the same places with their dates dealt out anew {chance.permutations} times"
    return f"By chance: {shuffled} give {times}; {said}, one test."


def quantity(count: float) -> str:
    """Write an expected number: 'under 1', '2.4', '54'."""
    return "under 1" if count < 1 else f"{count:.1f}" if count < 10 else f"{count:,.0f}"


def subline(finding: SeriesFinding) -> str:
    """Say which are open, what the offences are, and how they were linked."""
    labels, settings = finding.labels, finding.settings
    total = sum(labels.values())
    if not total:
        return "No offence of this selection has a place and a day."
    count = finding.open_chains
    is_open = "1 is open" if count == 1 else f"{count:,} are open" if count else "None is open"
    repeats = f"{labels[REPEAT]:,} repeats, " if finding.premises_known else ""
    return (
        f"{is_open}: an offence in the {settings.days} days to {day_words(finding.as_at - timedelta(days=1))}. "
        f"Of {total:,} offences {labels[NEAR_REPEAT]:,} were near repeats, {repeats}"
        f"{labels[ORIGINATOR]:,} originators, {labels[ISOLATED]:,} isolated."
    )


def told_publicly(finding: SeriesFinding) -> tuple[str, str]:
    """Give headline and sub-line as partners and the public may read them: counts alone, none under 5."""
    minimum = finding.settings.minimum
    count = shown_count(finding.chains, audience=PUBLIC)
    what = crime_types.counted(finding.selected.selection.crime_type, 2)
    found = f"{count} chains of {minimum} or more {what}" if finding.chains else f"No chain of {minimum} or more {what}"
    return found, "Chains and their offences are shown to the force alone."


def link_words(settings: ChainSettings, *, premises: bool) -> str:
    """Say when two offences are linked."""
    same = f" (up to {MOST_APART / 1000:g} km where the premises are the same)" if premises else ""
    return f"Linked: at most {settings.metres:g} m and {settings.days} days apart{same}."


def notes(
    selected: SelectedOffences, settings: ChainSettings, left_out: Mapping[str, int], *, premises_known: bool, too_far: int = 0
) -> tuple[str, ...]:
    """Say what the chains rest on and what was left out, one sentence each."""
    said = [
        link_words(settings, premises=premises_known),
        "Label: repeat, an earlier offence at the same premises within those days; else near repeat, an earlier one within "
        "distance and days; else originator, a later one; else isolated.",
        f"Offences of the {settings.days} days before the period are looked at too; a chain that touches the area counts whole.",
        NOT_AN_OFFENDER,
    ]
    if not premises_known:
        said.append("Premises are not known here: no offence can be labelled a repeat, and the same spot counts as near.")
    if too_far:
        pairs = "1 pair of offences at one premises is" if too_far == 1 else f"{too_far:,} pairs of offences at one premises are"
        said.append(f"{pairs} placed over {MOST_APART / 1000:g} km apart: one position is wrong, so they join no chain.")
    if left_out:
        parts = [f"{count:,} {reason}" for reason, count in left_out.items()]
        said.append(f"Left out: {'; '.join(parts)}.")
    if selected.selection.is_timed:
        said.append("Each offence that can have happened in the chosen days and hours counts whole here.")
    return tuple(said)


def usual_mo(finding: SeriesFinding) -> str:
    """Say how common the commonest MO is anyway: agreement in a chain means more where that is rare."""
    if math.isnan(finding.usual_mo):
        return "No MO is known here."
    return f"Among all these offences the commonest MO is that of {finding.usual_mo:.0%}."


def cautions(finding: SeriesFinding) -> tuple[str, ...]:
    """Warn where a chain is so long that it is no series: links join whatever lies dense."""
    longest = max((chain.size for chain in finding.listed), default=0)
    if longest < LONGEST_SERIES:
        return ()
    return (f"One chain joins {longest:,} offences: offences lie too dense for this reach. Shorten the distance or the days.",)


def agreement_words(agreement: float, count: int, known: int) -> str:
    """Say how many of the offences with a known MO share the commonest: '4 of 5'."""
    return "not known" if math.isnan(agreement) else f"{count} of {known}"
