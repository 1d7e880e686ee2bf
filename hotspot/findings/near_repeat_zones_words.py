"""What may be said of near-repeat zones, in words."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

from hotspot import crime_types
from hotspot.findings.selected import SelectedOffences
from hotspot.methods.near_repeat_decay import Fitted
from hotspot.period import day_words
from hotspot.selection import Selection

if TYPE_CHECKING:
    from hotspot.findings.near_repeat_zones import DecayQuestion, FittedDecay, ShownZone

NO_EFFECT = (
    "No zone can be drawn: within 200 m and two weeks there are not clearly more pairs of offences than the same places with "
    "their dates dealt out anew give."
)
NO_DECAY = (
    "No zone can be drawn: there are more close pairs than chance gives, but too few to tell how fast the risk falls with "
    "distance and with days."
)


def headline(
    zones: Sequence[ShownZone], selected: SelectedOffences, question: DecayQuestion, threshold: float, *, drawn: bool
) -> str:
    """Say how many zones there are, in at most 80 characters."""
    if not drawn:
        return "No near-repeat zone can be drawn for this crime type"
    if not zones:
        return f"No place is at {times(threshold)} the usual risk on {day_words(question.as_at)}"
    count = f"{len(zones):,} place{'' if len(zones) == 1 else 's'}"
    return f"{count} at {times(threshold)} the usual risk or more on {day_words(question.as_at)}"


def subline(fitted: FittedDecay, zones: Sequence[ShownZone], threshold: float) -> str:
    """Say how the decay was found and what the zones cover."""
    if fitted.decay is None:
        return fitted.reason
    decay = fitted.decay
    covered = sum(one.zone.area_km2 for one in zones)
    of_what = crime_types.counted(fitted.question.crime_type, 2)
    pairs_of = f"{fitted.table.n:,} {of_what} from {fitted.period.label_in_days()}"
    return (
        f"Together {covered:,.2f} km². Fitted to {pairs_of}: the added risk falls to 37% in {_interval(decay.days)} days "
        f"and {_interval(decay.metres)} m."
    )


def notes(fitted: FittedDecay, left_out: Mapping[str, int], selection: Selection) -> tuple[str, ...]:
    """Say what the zones rest on, one sentence each."""
    said = [
        "Risk: 1, the usual at such places, and what each offence of the last eight weeks adds, fading with distance and days; "
        "offences that were not reported by the day are not used.",
        "A zone ends when no cell of 25 m of it is at the threshold any more, if no further offence comes.",
        "How many homes or vehicles stand in a zone is not known. Where risk was raised like this, most days nothing happened.",
    ]
    if fitted.decay is not None:
        decay = fitted.decay
        said.append(
            f"One offence leads to {decay.followers.value:.2f} others nearby (interval {decay.followers.low:.2f} to "
            f"{decay.followers.high:.2f}); followers of followers are not counted twice. "
            f"Intervals: 95%, from how {decay.parts} parts of the force differ."
        )
    if left_out:
        said.append(
            f"Left out of the last eight weeks: {'; '.join(f'{count:,} {reason}' for reason, count in left_out.items())}."
        )
    if selection.is_timed or selection.flags:
        said.append("Days, hours and flags of the selection are left aside here.")
    return tuple(said)


def times(threshold: float) -> str:
    """Say a multiple: 'twice', '1.5 times'."""
    return "twice" if threshold == 2 else f"{threshold:g} times"


def _interval(fitted: Fitted) -> str:
    return f"{fitted.value:.0f} ({fitted.low:.0f} to {fitted.high:.0f})"
