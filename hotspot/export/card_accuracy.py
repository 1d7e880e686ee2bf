"""The card of the Accuracy page."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from pathlib import Path

from hotspot.export.card_parts import Asked, Said, ask, card, drawn_table
from hotspot.export.cards import CardContent, Figure
from hotspot.findings.accuracy import AccuracyFinding, accuracy_finding
from hotspot.findings.accuracy_words import (
    LAST_PERIOD,
    METHOD_WORDS,
    UNIFORM,
    AccuracyRow,
    family,
    figure_words,
    held_words,
    percent,
    reading,
    shown_rows,
)
from hotspot.findings.backtest_settings import BacktestSettings, usual_settings
from hotspot.methods.backtest import SHARES
from hotspot.offences.store import Scope
from hotspot.selection import MONTH

MOST_SQUARE = (50, 1_000)
"""Metres: the squares that may be ranked."""


def content(folder: Path, query: Mapping[str, str], *, scope: Scope, progress: Callable[[float, str], None]) -> CardContent:
    """Run the Accuracy page; parameters as in ``cards.content``."""
    asked = ask(folder, query, scope=scope)
    finding = accuracy_finding(folder, asked.selection, _settings(asked), scope=scope, progress=progress)
    selected = asked.select(asked.selection.with_period(finding.judged))
    said = _said(asked, finding)
    return card(asked, "accuracy", selected, said, drawn_table(asked, said, selected))


def _settings(asked: Asked) -> BacktestSettings:
    """Read lengths, number of periods, squares, share and maps."""
    usual = usual_settings(asked.selection.date_basis)
    months = "-months" if asked.selection.date_basis == MONTH else ""
    return BacktestSettings(
        train=asked.setting(f"train{months}", usual.train, int),
        judge=asked.setting(f"judge{months}", usual.judge, int),
        origins=asked.setting("origins", usual.origins, int),
        methods=tuple(asked.setting("maps", ",".join(usual.methods), str).split(",")),
        cell_size=float(asked.setting("square", int(usual.cell_size), int, among=range(MOST_SQUARE[0], MOST_SQUARE[1] + 1))),
        area_share=asked.setting("at", usual.area_share, float, among=SHARES),
    )


def _said(asked: Asked, finding: AccuracyFinding) -> Said:
    headline, subline = finding.told(audience=asked.audience)
    rows = shown_rows([row for row in finding.rows if row.area_share == finding.settings.area_share], audience=asked.audience)
    figures = [
        Figure(f"{METHOD_WORDS[row.method]}: {name}", value)
        for row in rows
        if row.method in finding.settings.methods
        for name, value in (("of all", held_words(row)), ("PAI", figure_words(row.pai)), ("PEI", figure_words(row.pei, 2)))
    ]
    return Said(
        kicker=finding.kicker,
        headline=headline,
        subline=subline,
        sentence=f"{headline}. {subline}",
        figures=(*figures, Figure("Share of the area", percent(finding.settings.area_share))),
        head=("Map", "Held", "Of all", "PAI", "PEI", "Beats last counts?"),
        rows=tuple(_row(row) for row in rows),
        notes=(
            finding.design,
            *finding.cautions,
            "" if finding.no_interval else family(finding.result),
            *(finding.left_out if asked.is_for_force else ()),
            f"{finding.made[0].upper()}{finding.made[1:]}",
        ),
    )


def _row(row: AccuracyRow) -> tuple[str, ...]:
    answer = "" if row.method in (LAST_PERIOD, UNIFORM) else reading(row)
    return METHOD_WORDS[row.method], f"{row.held:,.0f}", held_words(row), figure_words(row.pai), figure_words(row.pei, 2), answer
