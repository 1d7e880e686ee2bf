"""Clusters as partners or the public may see them: no count under 5, and nothing that would tell one."""

from __future__ import annotations

from hotspot.findings.audience import COUNTS_HIDDEN, FORCE, is_small
from hotspot.findings.clusters import GiFinding
from hotspot.findings.selected import SelectedOffences

PLAIN_HEADLINE = "Where offences cluster"


def clusters_give_away(finding: GiFinding, selected: SelectedOffences) -> bool:
    """Say whether the clusters' counts would tell a number under 5: of the rest, or of those left off the map."""
    return any(is_small(number) for number in (selected.count, selected.count - finding.total, finding.total - finding.held))


def told_of_clusters(finding: GiFinding, selected: SelectedOffences, *, audience: str) -> tuple[str, str]:
    """Give headline and sub-line, without their figures where those would tell a small count."""
    if audience == FORCE or not clusters_give_away(finding, selected):
        return finding.headline, finding.subline
    return PLAIN_HEADLINE, COUNTS_HIDDEN
