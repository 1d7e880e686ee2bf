"""The near-repeat zones of the Near repeats page on its card: where, until when, their map."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

from hotspot.errors import NotKnowable
from hotspot.export.card_parts import Asked, Drawn, Said, drawn_map
from hotspot.export.cards import Figure
from hotspot.findings.near_repeat_zones import THRESHOLD, ShownZone, ZonesFinding, decay_question, fitted_decay, zones_finding
from hotspot.maps.legend import KeyLegend
from hotspot.maps.series_scene import short_day, zones_scene
from hotspot.selection import COMMITTED

TITLE = "Near-repeat zones"
FOR_THE_FORCE = "Each zone is drawn round a few recent offences, so zones are shown to the force alone."
THRESHOLDS = (1.5, 2.0, 3.0, 5.0)
MOST_ZONES = 9
"""Zones listed: those in view on the page."""


def with_zones(asked: Asked, said: Said, progress: Callable[[float, str], None]) -> tuple[Said, ZonesFinding | None]:
    """Add the zones to what the page says of pairs, or why there are none; give them where they were drawn."""
    if not asked.is_for_force:
        return replace(said, notes=(*said.notes, f"{TITLE}: {FOR_THE_FORCE}")), None
    try:
        question = decay_question(asked.store, asked.selection, scope=asked.scope)
        threshold = asked.setting("threshold", THRESHOLD, float, among=THRESHOLDS)
        fitted = fitted_decay(asked.store.path, question, scope=asked.scope, progress=progress)
    except NotKnowable as unknown:
        return replace(said, notes=(*said.notes, f"{TITLE}: {unknown}")), None
    # As on the page: another period, or another date that counts, draws nothing anew.
    chosen = replace(asked.selection, period=fitted.period, date_basis=COMMITTED)
    finding = zones_finding(asked.store, chosen, fitted, threshold=threshold, scope=asked.scope)
    listed = [Figure(f"Zone {one.number}, {one.name}", _words(one)) for one in finding.zones[:MOST_ZONES]]
    said = replace(
        said,
        figures=(*said.figures, Figure(TITLE, finding.headline), *listed),
        notes=(*said.notes, f"{TITLE}: {finding.subline}", *finding.notes),
    )
    return said, finding if finding.zones else None


def _words(one: ShownZone) -> str:
    """Say a zone as its row of the page's table does."""
    return (
        f"{one.zone.peak:.1f} times the usual risk, ends {short_day(one.expires)}; {one.offences} offences, "
        f"latest {short_day(one.latest)}; {100 * one.zone.area_km2:.1f} hectares"
    )


def drawn_zones(asked: Asked, said: Said, finding: ZonesFinding) -> Drawn:
    """Draw the map of the zones, headed as on the page, with the day until which each holds beside it."""
    headed = replace(
        said,
        kicker=f"{asked.selection.crime_type} in {asked.selection.place}",
        headline=f"{TITLE}: {finding.headline[0].lower()}{finding.headline[1:]}",
        subline=finding.subline,
    )
    scene = zones_scene(finding, asked.context(), None)
    badges = tuple(replace(badge, label=f"{badge.label}; {badge.caption}") for badge in scene.hotspots)
    legend = KeyLegend("Outlines: zones, with the day until which they hold", ())
    return drawn_map(asked, headed, finding.selected, replace(scene, hotspots=badges, badge_word="Zone"), legend)
