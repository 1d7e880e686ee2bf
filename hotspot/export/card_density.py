"""The card of the Density page."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace
from pathlib import Path

from hotspot.export.card_parts import Asked, Said, ask, card, counted_figure, drawn_map, percent_words, switch
from hotspot.export.cards import CardContent, Figure
from hotspot.findings.audience import FORCE, hotspots_give_away, notes_on_density, told_of_density
from hotspot.findings.density import AREA_SHARES, BANDWIDTHS, DensityFinding, DensitySettings, density_finding, method_words
from hotspot.findings.harm import COLUMNS as HARM_COLUMNS
from hotspot.findings.selected import SelectedOffences
from hotspot.findings.shown_density import shown_density
from hotspot.findings.words import quantity
from hotspot.maps.legend import DensityLegend
from hotspot.maps.scene import Scene
from hotspot.maps.scenes import DensityView, breaks_of, legend_title
from hotspot.methods.density import EDGES, KERNELS, NONE, QUARTIC, UNIFORM, Suggestion, equal_variance, suggested_bandwidth
from hotspot.offences.store import Scope
from hotspot.offences.weights import HarmTable, kept_table

MOST_ROWS = 10
_OLDER_LINKS = {"True": UNIFORM, "False": NONE}
_ONE, _HARM = "one", "harm"


def content(folder: Path, query: Mapping[str, str], *, scope: Scope, progress: Callable[[float, str], None]) -> CardContent:
    """Run the Density page; parameters as in ``cards.content``."""
    progress(0.1, "Reading the offences")
    asked = ask(folder, query, scope=scope)
    plain = asked.select()
    settings = _settings(asked, suggested(plain))
    selected = asked.select(extra_columns=HARM_COLUMNS) if settings.weights is not None else plain
    progress(0.3, "Computing the surface")
    finding = density_finding(selected, settings)
    said = _said(asked, finding)
    progress(0.8, "Drawing the map")
    view = DensityView(shown_density(finding, audience=asked.audience), asked.context(), bands(asked, selected, settings))
    show_points = asked.setting("points", False, switch) and asked.audience == FORCE
    legend = DensityLegend(view.breaks, legend_title(asked.selection, settings.weights))
    scene = _counts_hidden(view.with_hotspots(show_points=show_points), hidden=_is_hidden(asked, finding))
    return card(asked, "density", selected, said, drawn_map(asked, said, selected, scene, legend))


def suggested(selected: SelectedOffences) -> Suggestion:
    """Give the bandwidth that the named rule suggests."""
    x, y = (selected.located_inside[axis].to_numpy(dtype=float) for axis in ("x", "y"))
    return suggested_bandwidth(x, y, snapped=selected.facts.location_precision == "snapped")


def bands(asked: Asked, selected: SelectedOffences, settings: DensitySettings) -> tuple[float, ...]:
    """Give the bands of a selection: those of the suggested bandwidth, so that maps of one selection share a scale."""
    usual = replace(settings, bandwidth=suggested(selected).bandwidth, kernel=QUARTIC)
    return breaks_of(shown_density(density_finding(selected, usual), audience=asked.audience).surface, selected)


def _settings(asked: Asked, suggestion: Suggestion) -> DensitySettings:
    """Read what the page's sidebar offers."""
    usual = min(max(round(suggestion.bandwidth / 25) * 25, BANDWIDTHS[0]), BANDWIDTHS[1])
    radius = asked.setting("bandwidth", usual, lambda text: int(float(text)))
    kernel = asked.setting("kernel", QUARTIC, str, among=tuple(KERNELS))
    whole = asked.selection.area is None and asked.selection.drawn is None
    share = asked.setting("share", 1.0, float)
    if not BANDWIDTHS[0] <= radius <= BANDWIDTHS[1]:
        radius = min(max(radius, BANDWIDTHS[0]), BANDWIDTHS[1])
        asked.read["bandwidth"] = str(radius)
    return DensitySettings(
        bandwidth=equal_variance(radius, source=QUARTIC, target=kernel),
        cell_size=float(asked.setting("cell", 100 if whole else 50, int)),
        kernel=kernel,
        edge_correction=asked.setting("edge", UNIFORM, lambda text: _OLDER_LINKS.get(text, text), among=EDGES),
        area_share=min(max(share / 100, AREA_SHARES[0]), AREA_SHARES[1]),
        adaptive=asked.setting("adaptive", False, switch),
        weights=_weights(asked),
    )


def _weights(asked: Asked) -> HarmTable | None:
    """Give the store's table of harm where the link asks for it; the page falls back to one where there is none."""
    table = kept_table(asked.store.path)
    wanted = asked.setting("weights", _ONE, str, among=(_ONE, _HARM))
    if table is None:
        asked.read["weights"] = _ONE
    return table if wanted == _HARM else None


def _is_hidden(asked: Asked, finding: DensityFinding) -> bool:
    return asked.audience != FORCE and hotspots_give_away(finding)


def _said(asked: Asked, finding: DensityFinding) -> Said:
    headline, subline = told_of_density(finding, audience=asked.audience)
    hidden, ranking = _is_hidden(asked, finding), finding.ranking
    figures = [] if hidden else [counted_figure(asked, finding.selected)]
    figures.append(Figure("Hotspots", str(len(ranking.hotspots))))
    if ranking.hotspots and not hidden:
        figures += [
            Figure("Offences in hotspots", quantity(ranking.held)),
            Figure("Share of offences", percent_words(ranking.share)),
            Figure("Share of the area", percent_words(ranking.covered_km2 / ranking.area_km2)),
        ]
    rows = [
        (str(one.rank), name, *(() if hidden else (quantity(one.count), percent_words(one.share))))
        for one, name in zip(ranking.hotspots[:MOST_ROWS], finding.names, strict=False)
    ]
    return Said(
        kicker=asked.selection.title(),
        headline=headline,
        subline=subline,
        sentence=f"{headline}. {subline}",
        figures=tuple(figures),
        head=("No.", "Nearest place, street", *(() if hidden else ("Offences", "Share"))),
        rows=tuple(rows),
        notes=(
            *notes_on_density(finding, audience=asked.audience),
            method_words(finding.surface, weights=finding.settings.weights),
        ),
    )


def _counts_hidden(scene: Scene, *, hidden: bool) -> Scene:
    return replace(scene, hotspots=tuple(replace(one, count=None) for one in scene.hotspots)) if hidden else scene
