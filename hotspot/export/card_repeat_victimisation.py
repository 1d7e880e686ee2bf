"""The card of the Repeat victimisation page."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from dataclasses import replace
from pathlib import Path

import numpy as np

from hotspot.errors import NotKnowable
from hotspot.export.card_parts import Asked, Drawn, Said, ask, card, counted_figure, drawn_map, drawn_table, percent_words
from hotspot.export.cards import CardContent, Figure
from hotspot.findings.audience import COUNTS_HIDDEN, repeats_give_away, shown_times
from hotspot.findings.concentration import (
    CELL,
    CELL_SIZE,
    PLURALS,
    ConcentrationFinding,
    concentration_job,
    gives_away,
    kinds,
    percent,
)
from hotspot.findings.repeats import RepeatsFinding, measures, refusal, repeats_finding
from hotspot.maps.legend import REPEAT_KEYS, KeyLegend
from hotspot.maps.scenes import repeats_scene
from hotspot.offences.store import Scope

MOST_ROWS = 10
READ_AT = (0.01, 0.02, 0.05, 0.1, 0.2, 0.5)
"""Shares of the places at which the curve of concentration is written down."""
Progress = Callable[[float, str], None]


def content(folder: Path, query: Mapping[str, str], *, scope: Scope, progress: Progress) -> CardContent:
    """Run the Repeat victimisation page; parameters as in ``cards.content``.

    Where the data cannot tell repeats the page shows how offences concentrate instead, and so does the card.
    """
    progress(0.1, "Matching the references")
    asked = ask(folder, query, scope=scope)
    facts = asked.facts()
    possible = measures(facts)
    if not possible:
        return _instead(asked, refusal(facts), progress)
    by = asked.setting("by", possible[0], str, among=possible)
    finding = repeats_finding(asked.store, asked.selection, by=by, window_days=asked.setting("window", 365, int), scope=scope)
    said = _with_concentration(asked, _said(asked, finding), progress)
    progress(0.8, "Drawing the map")
    return card(asked, "repeat_victimisation", finding.selected, said, _drawn(asked, said, finding))


def _instead(asked: Asked, unknown: NotKnowable, progress: Progress) -> CardContent:
    """Say that repeats cannot be known, and how unequally offences fall on what can be told.

    Raises
    ------
    NotKnowable
        If concentration cannot be known either.
    """
    finding = _concentration(asked, progress)
    selected = asked.select()
    kicker = f"{asked.selection.title()}: concentration on {PLURALS[finding.by]}"
    notes = (f"{unknown.headline}. {unknown}", *finding.notes)
    if not asked.is_for_force and gives_away(finding):
        said = Said(kicker, "Concentration", COUNTS_HIDDEN, COUNTS_HIDDEN, notes=notes[:1])
        return card(asked, "repeat_victimisation", selected, said, Drawn())
    rows = _curve_rows(asked, finding)
    said = Said(
        kicker=kicker,
        headline=finding.headline,
        subline=finding.subline,
        sentence=f"{finding.headline}. {finding.subline}",
        figures=(counted_figure(asked, selected), *_figures_of(finding)),
        head=(PLURALS[finding.by].capitalize(), "Share of offences", "By chance") if rows else (),
        rows=rows,
        notes=notes,
    )
    return card(asked, "repeat_victimisation", selected, said, drawn_table(asked, said, selected))


def _figures_of(finding: ConcentrationFinding) -> tuple[Figure, ...]:
    """Give what the page's lines say, in figures."""
    if finding.baseline is None:
        return ()
    units = PLURALS[finding.by]
    return (
        Figure(f"{units.capitalize()} with an offence", f"{finding.hit:,}"),
        Figure(f"Share of {units} with half of the offences", percent(finding.half_share)),
        Figure("The same by chance", percent(finding.baseline.half)),
    )


def _curve_rows(asked: Asked, finding: ConcentrationFinding) -> tuple[tuple[str, ...], ...]:
    """Read the page's curve at a few shares; its ends tell of single places, so it is for the force alone."""
    if not asked.is_for_force or finding.curve is None or finding.baseline is None:
        return ()
    held = finding.curve.held_by(READ_AT)
    chance = np.interp(READ_AT, finding.baseline.share_of_places, finding.baseline.mean)
    return tuple(
        (f"Most offended {share:.0%}", percent_words(of_all), percent_words(by_chance))
        for share, of_all, by_chance in zip(READ_AT, held.tolist(), chance.tolist(), strict=True)
    )


def _concentration(asked: Asked, progress: Progress) -> ConcentrationFinding:
    """Measure concentration on what the page's reader chose."""
    possible = tuple(kinds(asked.facts()))
    by = asked.setting("of", possible[0], str, among=possible)
    size = float(asked.setting("squares", int(CELL_SIZE), int)) if by == CELL else CELL_SIZE
    return concentration_job(asked.store.path, asked.selection, by, size, scope=asked.scope, progress=progress)


def _with_concentration(asked: Asked, said: Said, progress: Progress) -> Said:
    """Add how unequally offences fall, where it can be known and told."""
    try:
        finding = _concentration(asked, progress)
    except NotKnowable as unknown:
        return replace(said, notes=(*said.notes, str(unknown)))
    if not asked.is_for_force and gives_away(finding):
        return said
    figure = Figure(f"Concentration on {PLURALS[finding.by]}", finding.headline)
    return replace(said, figures=(*said.figures, figure), notes=(*said.notes, finding.subline, *finding.notes))


def _drawn(asked: Asked, said: Said, finding: RepeatsFinding) -> Drawn:
    """Draw where repeats were; single places are for the force alone."""
    if not asked.is_for_force:
        return drawn_table(asked, said, finding.selected)
    scene = repeats_scene(finding, asked.context())
    return drawn_map(asked, said, finding.selected, scene, KeyLegend("Offences, each place moved by up to 200 m", REPEAT_KEYS))


def _said(asked: Asked, finding: RepeatsFinding) -> Said:
    hidden = not asked.is_for_force and repeats_give_away(finding)
    headline = "Repeat victimisation" if hidden else finding.headline
    subline = COUNTS_HIDDEN if hidden else f"{finding.subline} {finding.forward}"
    left_out = f"{finding.result.without_reference:,} without a {finding.by} reference, left out."
    head, rows = _listed(finding) if asked.is_for_force else _times(asked, finding)
    return Said(
        kicker=finding.kicker,
        headline=headline,
        subline=subline,
        sentence=f"{headline}. {subline}",
        figures=() if hidden else _figures(asked, finding),
        head=head,
        rows=rows,
        notes=(*finding.notes, left_out) if asked.is_for_force else (),
    )


def _figures(asked: Asked, finding: RepeatsFinding) -> tuple[Figure, ...]:
    """Give both measures; where they are told, neither count nor rest is under 5."""
    shares = (("Repeats", finding.result.repeats), ("Followed by another", finding.result.followed))
    told = [
        Figure(name, f"{share.count:,} of {share.of:,}, {100 * share.count / share.of:.1f}%" if share.of else "none")
        for name, share in shares
    ]
    return (counted_figure(asked, finding.selected), *told)


def _listed(finding: RepeatsFinding) -> tuple[tuple[str, ...], tuple[tuple[str, ...], ...]]:
    rows = [
        (
            f"{finding.by.capitalize()} {one.masked}",
            one.place,
            str(one.count),
            f"{one.last.day} {one.last:%B %Y}",
            f"{one.shortest_gap} {'day' if one.shortest_gap == 1 else 'days'}",
        )
        for one in finding.listed[:MOST_ROWS]
    ]
    return ("Most repeats (masked)", "Place", "Offences", "Last", "Shortest gap"), tuple(rows)


def _times(asked: Asked, finding: RepeatsFinding) -> tuple[tuple[str, ...], tuple[tuple[str, ...], ...]]:
    shown = shown_times(finding, audience=asked.audience)
    expected = {one.label: "" if math.isnan(one.expected) else f"{one.expected:,.0f}" for one in finding.times}
    return ("Times", "Observed", "By chance"), tuple((label, count, expected[label]) for label, count in shown.items())
