"""The card of the Overview page."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace
from pathlib import Path

from hotspot.export.card_compare import change_row, sentence_of
from hotspot.export.card_density import bands, suggested
from hotspot.export.card_parts import Asked, Said, ask, card, drawn_map
from hotspot.export.cards import CardContent, Figure
from hotspot.findings.audience import ShownOverview, shown_counts, shown_overview
from hotspot.findings.change_words import change_words, in_order, short_period
from hotspot.findings.density import DensitySettings, density_finding
from hotspot.findings.overview import (
    OverviewFinding,
    compared_periods,
    group_clustering,
    groups_of,
    overview_finding,
)
from hotspot.findings.shown_density import shown_density
from hotspot.maps.legend import DensityLegend
from hotspot.maps.scenes import DensityView, legend_title
from hotspot.offences.store import Scope


def content(folder: Path, query: Mapping[str, str], *, scope: Scope, progress: Callable[[float, str], None]) -> CardContent:
    """Run the Overview page; parameters as in ``cards.content``."""
    progress(0.1, "Reading the offences")
    asked = ask(folder, query, scope=scope)
    finding = _finding(asked)
    if finding is not None:
        asked.selection = asked.selection.with_period(finding.selection.period)
    selected = asked.select()
    said = _counts_alone(asked) if finding is None else _said(asked, finding)
    progress(0.6, "Drawing the map")
    settings = DensitySettings(bandwidth=suggested(selected).bandwidth)
    finding = shown_density(density_finding(selected, settings), audience=asked.audience)
    view = DensityView(finding, asked.context(), bands(asked, selected, settings))
    legend = DensityLegend(view.breaks, legend_title(asked.selection))
    return card(asked, "overview", selected, said, drawn_map(asked, said, selected, view.surface_only, legend))


def _finding(asked: Asked) -> OverviewFinding | None:
    """Compare the groups; None where the data hold one period alone."""
    selection, store = asked.selection, asked.store
    facts = asked.facts()
    periods = compared_periods(selection, facts)
    if periods is None:
        return None
    pairs, clusterings = {}, {}
    for group in groups_of(facts):
        chosen = replace(selection, crime_type=group)
        now, before = (asked.select(chosen.with_period(period)) for period in periods)
        pairs[group] = (now, before)
        clusterings[group] = group_clustering(store, now.selection, periods[1], scope=asked.scope)
    return overview_finding(pairs, clusterings)


def _said(asked: Asked, finding: OverviewFinding) -> Said:
    shown = shown_overview(finding, audience=asked.audience)
    earlier, period = short_period(finding.baseline), short_period(finding.selection.period)
    return Said(
        kicker=finding.kicker,
        headline=shown.headline,
        subline=shown.subline,
        sentence=_sentence(asked, shown),
        figures=tuple(Figure(group, f"{one.baseline} → {one.count}: {change_words(one)}") for group, one in shown.totals.items()),
        head=("Crime type", "Area", earlier, period, "Change", "95% interval", "Reading"),
        rows=tuple((group, *change_row(one)) for group, rows in shown.rows.items() for one in sorted(rows, key=in_order)),
        notes=("All area and crime type pairs were tested together; the intervals are of each pair by itself.",),
    )


def _sentence(asked: Asked, shown: ShownOverview) -> str:
    return " ".join(sentence_of(group, asked.selection.place, one) for group, one in shown.totals.items())


def _counts_alone(asked: Asked) -> Said:
    """Say the counts where the data hold no earlier period to compare with."""
    by_area, total = shown_counts(asked.select().counts_by_area(), audience=asked.audience)
    headline = f"{total} offences; nothing earlier to compare with"
    return Said(
        kicker=asked.selection.title(),
        headline=headline,
        subline="Import an earlier period to see the change.",
        sentence=f"{asked.selection.title()}: {total} offences.",
        figures=(Figure("Offences", total),),
        head=("Area", "Offences"),
        rows=tuple(by_area.items()),
    )
