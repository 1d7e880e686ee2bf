"""The card of the Series page."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace
from pathlib import Path

from hotspot.export.card_parts import Asked, Drawn, Said, ask, card, drawn_map, drawn_table
from hotspot.export.cards import CardContent, Figure
from hotspot.findings import series_words as words
from hotspot.findings.audience import shown_count, shown_counts
from hotspot.findings.linkable import check_day_and_place
from hotspot.findings.series import ChainSettings, ListedChain, SeriesFinding, chance_of_chains, series_finding
from hotspot.maps.legend import KeyLegend
from hotspot.maps.series_scene import series_scene
from hotspot.methods.near_repeat_chains import ChanceChains
from hotspot.offences.store import Scope

HEADLINE = "Series cannot be known from these data"
MOST_ROWS = 10


def content(folder: Path, query: Mapping[str, str], *, scope: Scope, progress: Callable[[float, str], None]) -> CardContent:
    """Run the Series page; parameters as in ``cards.content``."""
    asked = ask(folder, query, scope=scope)
    check_day_and_place(asked.facts(), headline=HEADLINE)
    usual = ChainSettings()
    settings = ChainSettings(
        float(asked.setting("reach", int(usual.metres), int)),
        asked.setting("gap", usual.days, int),
        asked.setting("least", usual.minimum, int),
    )
    progress(0.05, "Linking the offences")
    finding = series_finding(asked.store, asked.selection, settings, scope=scope)
    if not asked.is_for_force:
        said = _said_publicly(asked, finding)
        return card(asked, "series", finding.selected, said, drawn_table(asked, said, finding.selected))
    chance = None
    if finding.chains:
        chance = chance_of_chains(folder, asked.selection, finding.settings, scope=scope, progress=progress)
    said = _said(asked, finding, chance)
    return card(asked, "series", finding.selected, said, _drawn(asked, said, finding))


def _drawn(asked: Asked, said: Said, finding: SeriesFinding) -> Drawn:
    legend = KeyLegend("Outlines: chains, numbered as in the list", ())
    scene = replace(series_scene(finding, asked.context(), None), badge_word="Chain")
    return drawn_map(asked, said, finding.selected, scene, legend)


def _said(asked: Asked, finding: SeriesFinding, chance: ChanceChains | None) -> Said:
    headline = words.headline(finding, chance)
    against = words.chance_sentence(chance, finding) if chance is not None else ""
    return Said(
        kicker=f"{asked.selection.title()}: chains of near repeats",
        headline=headline,
        subline=finding.subline,
        sentence=f"{headline}. {against}".strip(),
        figures=(
            Figure("Chains", f"{finding.chains:,}"),
            Figure("Open chains", f"{finding.open_chains:,}"),
            Figure("Offences in chains", f"{finding.offences_in_chains:,}"),
        ),
        head=("No.", "Place", "Offences", "By chance", "Days", "Last", "Open", "Officers", "LPAs"),
        rows=tuple(_row(chain, chance) for chain in finding.listed[:MOST_ROWS]),
        notes=(*words.cautions(finding), against, *finding.notes),
    )


def _row(chain: ListedChain, chance: ChanceChains | None) -> tuple[str, ...]:
    return (
        str(chain.number),
        chain.place,
        str(chain.size),
        "" if chance is None else words.quantity(chance.expected(chain.size)),
        str(chain.span_days),
        words.day_words(chain.last),
        "open" if chain.is_open else "",
        str(chain.officers) if chain.officers_known else "",
        ", ".join(chain.lpas),
    )


def _said_publicly(asked: Asked, finding: SeriesFinding) -> Said:
    """Say counts alone: chains and their offences are for the force."""
    headline, subline = words.told_publicly(finding)
    shown, total = shown_counts(finding.labels, audience=asked.audience)
    return Said(
        kicker=f"{asked.selection.title()}: chains of near repeats",
        headline=headline,
        subline=subline,
        sentence=f"{headline}. {subline}",
        figures=(Figure("Chains", shown_count(finding.chains, audience=asked.audience)),),
        head=("Label", "Offences"),
        rows=(*shown.items(), ("Total", total)),
    )
