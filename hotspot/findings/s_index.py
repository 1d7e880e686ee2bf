"""Do two patterns lie in the same places: Andresen's S index over units, in words."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from hotspot.errors import NotKnowable
from hotspot.findings.accounting import account
from hotspot.findings.selected import SelectedOffences
from hotspot.methods.s_index import HIGHER, LOWER, SIndex, s_index
from hotspot.methods.units import Units

SEED = 20090101
"""Of the samples, unless another is given: the same two patterns give the same S on every run."""
LEAST_OFFENCES = 20
"""In each pattern: the samples of fewer say nothing."""
WEAKNESS = (
    "Empty units count as alike in S and not in the robust S. Two periods without any change stay well under 1, "
    "because samples of 85% vary less than another period does: compare S with that of other pairs, not with 1."
)


@dataclass(frozen=True, eq=False)
class SIndexFinding:
    """Likeness of two patterns over units."""

    base: SelectedOffences
    test: SelectedOffences
    units: Units
    base_counts: NDArray[np.int64]
    """Located offences of each unit; sums of shares are rounded."""
    test_counts: NDArray[np.int64]
    index: SIndex
    left_off: tuple[str, ...]
    """How the offences of each pattern add up where some lie in no unit; for the force alone."""

    @property
    def sentence(self) -> str:
        """Say S and what it counts."""
        index = self.index
        if not index.occupied:
            return "S cannot be told: neither pattern has an offence in any unit."
        alike = f"in {100 * index.robust:.0f}% of the {index.occupied:,} {_kind(self.units)} with any offence"
        moved = f"higher in {index_number(self, HIGHER)}, lower in {index_number(self, LOWER)}"
        values = f"S {index.s:.2f}, robust S {index.robust:.2f}"
        return f"{values}: {alike} the two patterns have like shares ({moved}). 1 is alike everywhere."


def index_number(finding: SIndexFinding, reading: int) -> str:
    """Count the units of a reading."""
    return f"{int((finding.index.reading == reading).sum()):,}"


def s_index_finding(base: SelectedOffences, test: SelectedOffences, units: Units, *, seed: int = SEED) -> SIndexFinding:
    """Compare where the offences of two selections lie.

    Raises
    ------
    NotKnowable
        If either has too few located offences in the units.
    """
    in_units = [_counts(selected, units) for selected in (base, test)]
    counts = [np.rint(held).astype(np.int64) for held in in_units]
    for selected, held in zip((base, test), counts, strict=True):
        if held.sum() < LEAST_OFFENCES:
            raise NotKnowable(
                # The number itself is not said: partners and the public may read this.
                f"{selected.selection.title()}: under {LEAST_OFFENCES} located offences, too few to compare patterns.",
                headline="Too few offences to compare patterns",
            )
    pairs = zip((base, test), in_units, strict=True)
    accounts = (account(selected, float(held.sum()), units=_kind(units)) for selected, held in pairs)
    return SIndexFinding(base, test, units, *counts, s_index(*counts, seed=seed), tuple(filter(None, accounts)))


def _counts(selected: SelectedOffences, units: Units) -> NDArray[np.float64]:
    located = selected.located_inside
    x, y, weight = (located[name].to_numpy(dtype=float) for name in ("x", "y", "weight"))
    return units.counts(x, y, weight)


def _kind(units: Units) -> str:
    return units.kind if np.isfinite(units.size) else f"areas ({units.kind})"
