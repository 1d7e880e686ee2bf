"""For each hotspot of a density finding: is it still one at half and at twice the bandwidth, and how to say it."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace

from hotspot.findings.density import DensityFinding, DensitySettings, density_finding
from hotspot.methods.bandwidth import SNAPPED_LEAST
from hotspot.methods.density import QUARTIC, equal_variance
from hotspot.methods.hotspots import HotspotRanking
from hotspot.methods.sensitivity import FACTORS, Sensitivity, sensitivity

BOTH, HALF, TWICE, NEITHER = "½, 2×", "½", "2×", "no other"
"""With which other bandwidths a hotspot is still one."""
RULE = (
    "Still a hotspot at half (½) or twice (2×) the bandwidth: at least a third of its area lies in the hotspots found there, "
    "which cover the same share of the area. One that holds with no other is weak."
)


def sensitivity_of(
    finding: DensityFinding, *, found: Callable[[DensitySettings], DensityFinding] | None = None
) -> tuple[Sensitivity, ...]:
    """Look the hotspots of a finding up at half and at twice its bandwidth.

    Parameters
    ----------
    found
        Gives a finding for other settings, where a caller keeps them; computed where None.
    """
    if not finding.ranking.hotspots:
        return ()
    compute = found or (lambda settings: density_finding(finding.selected, settings))

    def at(factor: float) -> HotspotRanking | None:
        settings = replace(finding.settings, bandwidth=finding.settings.bandwidth * factor)
        return None if _shows_snapping(finding, settings) else compute(settings).ranking

    with ThreadPoolExecutor(len(FACTORS)) as threads:
        half, twice = threads.map(at, FACTORS)
    return sensitivity(finding.ranking, half, twice)


def _shows_snapping(finding: DensityFinding, settings: DensitySettings) -> bool:
    """Say whether a surface would be a picture of the anchor points that offences were snapped to."""
    radius = equal_variance(settings.bandwidth, source=settings.kernel, target=QUARTIC)
    return finding.selected.facts.location_precision == "snapped" and radius < SNAPPED_LEAST


def still_words(one: Sensitivity) -> str:
    """Say with which bandwidths a hotspot is still one: '½, 2×', '2×', 'no other'; '–' where none was asked."""
    if one.at_half is None and one.at_twice is None:
        return "–"
    return {(True, True): BOTH, (True, False): HALF, (False, True): TWICE, (False, False): NEITHER}[
        bool(one.at_half), bool(one.at_twice)
    ]
