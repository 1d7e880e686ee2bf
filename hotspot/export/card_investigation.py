"""The card of the Investigation page: how files are handled in each area, or one of its lists; every reference is masked."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import date
from pathlib import Path

from hotspot.export.card_parts import Asked, Said, ask, card, drawn_table
from hotspot.export.cards import CardContent, Figure
from hotspot.findings import investigation_words as words
from hotspot.findings.audience import COUNTS_HIDDEN
from hotspot.findings.investigation import FileRow, InvestigationFinding, Spread, investigation_finding
from hotspot.findings.investigation_shown import PLAIN_HEADLINE, ShownHandling, headline_for, shown_handling
from hotspot.methods.change import LEAST_COUNT
from hotspot.methods.repeats import Proportion
from hotspot.methods.suppression import HIDDEN
from hotspot.offences.store import Scope

BY_AREA, AWAITED, CHAINS, PREMISES, OPEN = "By area", "Filed while CCTV was awaited", "Chains", "Repeat premises", "Open files"
VIEWS = (BY_AREA, AWAITED, CHAINS, PREMISES, OPEN)
MOST_ROWS = 10
Table = tuple[tuple[str, ...], list[tuple[str, ...]]]


def content(folder: Path, query: Mapping[str, str], *, scope: Scope, progress: Callable[[float, str], None]) -> CardContent:
    """Run the Investigation page; parameters as in ``cards.content``."""
    progress(0.1, "Reading the files")
    asked = ask(folder, query, scope=scope)
    finding = investigation_finding(asked.store, asked.selection, scope=scope)
    progress(0.7, "Drawing the table")
    said = _said(asked, finding)
    return card(asked, "investigation", finding.selected, said, drawn_table(asked, said, finding.selected))


def _said(asked: Asked, finding: InvestigationFinding) -> Said:
    shown = shown_handling(finding, audience=asked.audience)
    headline, subline = _told(asked, finding)
    view = asked.setting("list", BY_AREA, str, among=VIEWS)
    head, rows = _list(finding, view) if asked.is_for_force and view != BY_AREA else _by_area(asked, finding, shown)
    return Said(
        kicker=f"{finding.selected.selection.title()}: investigation",
        headline=headline,
        subline=subline,
        sentence=f"{headline}. {subline}".strip(),
        figures=_figures(asked, finding, shown[-1]),
        head=head if rows else (),
        rows=tuple(rows),
        notes=(*finding.notes, _list_note(finding, view) if asked.is_for_force else "", "Officers are masked."),
    )


def _told(asked: Asked, finding: InvestigationFinding) -> tuple[str, str]:
    """Say what the page says; to the public figures only where none is small."""
    if asked.is_for_force:
        return words.headline(finding), words.subline(finding)
    said = headline_for(finding, audience=asked.audience)
    return said, COUNTS_HIDDEN if said == PLAIN_HEADLINE else ""


def _figures(asked: Asked, finding: InvestigationFinding, total: ShownHandling) -> tuple[Figure, ...]:
    figures = [Figure("Files", total.offences)]
    if finding.has_filing:
        figures += [Figure("Filed", total.filed), Figure("Open", total.open)]
        figures.append(Figure("Days to filing, median (quartiles)", words.quartiles_words(total.days_to_filing)))
    if finding.has_cctv:
        figures.append(Figure("Filed while CCTV was awaited", _of(total.awaited)))
    spreads = (("Chains with several officers", total.chains), ("Repeat premises with several", total.premises))
    return (*figures, *(Figure(name, _several(spread)) for name, spread in spreads if spread is not None))


def _by_area(asked: Asked, finding: InvestigationFinding, rows: tuple[ShownHandling, ...]) -> Table:
    heads = ["Area", "Files"]
    heads += ["Filed", "Days to filing: median (quartiles)", "Open", "Open age: median (quartiles)"] if finding.has_filing else []
    heads += ["Filed while CCTV awaited", "95% interval"] if finding.has_cctv else []
    with_officers = asked.is_for_force
    heads += ["Chains with several officers"] if with_officers and finding.total.chains is not None else []
    heads += ["Repeat premises with several"] if with_officers and finding.total.premises is not None else []
    return tuple(heads), [_row(one, finding) for one in rows]


def _row(one: ShownHandling, finding: InvestigationFinding) -> tuple[str, ...]:
    cells = [one.area, one.offences]
    if finding.has_filing:
        cells += [one.filed, words.quartiles_words(one.days_to_filing), one.open, words.quartiles_words(one.open_age)]
    if finding.has_cctv:
        cells += [_of(one.awaited), _interval(one.awaited)]
    return (*cells, *(_several(spread) for spread in (one.chains, one.premises) if spread is not None))


def _several(spread: Spread) -> str:
    return f"{spread.several:,} of {spread.of:,}" if spread.of else "–"


def _of(share: Proportion | None) -> str:
    if share is None:
        return HIDDEN
    if share.of < LEAST_COUNT:
        return f"{share.count:,} of {share.of:,}" if share.of else "–"
    return f"{100 * share.share:.0f}% ({share.count:,} of {share.of:,})"


def _interval(share: Proportion | None) -> str:
    return f"{100 * share.low:.0f} to {100 * share.high:.0f}%" if share is not None and share.of >= LEAST_COUNT else ""


def _list(finding: InvestigationFinding, view: str) -> Table:
    """Give the first rows of a list; without crime numbers, since a card may be shown to a room."""
    rows: list[tuple[str, ...]]
    if view == CHAINS:
        head = ("Place", "Area", "Offences", "Officers", "Last")
        rows = [
            (one.chain.place, one.area, f"{one.chain.size:,}", f"{one.chain.officers:,}", _day(one.chain.last))
            for one in finding.chains
        ]
    elif view == PREMISES:
        head = ("Premises", "Crime group", "Offences", "Officers", "Last")
        rows = [
            (one.reference, one.crime_group, f"{one.offences:,}", f"{one.officers:,}", _day(one.last)) for one in finding.premises
        ]
    else:
        files, days = (finding.awaited, "Days early") if view == AWAITED else (finding.open_files, "Age (days)")
        head = ("Crime type", "Area", "Officer", "Reported", days)
        rows = [_file(one) for one in files]
    return ("No.", *head), [(str(number), *row) for number, row in enumerate(rows[:MOST_ROWS], start=1)]


def _file(one: FileRow) -> tuple[str, ...]:
    return one.crime_type, one.area, one.officer, _day(one.reported), f"{one.days:,}"


def _day(day: date | None) -> str:
    return "–" if day is None else f"{day.day} {day:%b %y}"


def _list_note(finding: InvestigationFinding, view: str) -> str:
    total = finding.total
    counts = {
        AWAITED: total.awaited.count,
        OPEN: total.open,
        CHAINS: total.chains.several if total.chains is not None else 0,
        PREMISES: total.premises.several if total.premises is not None else 0,
    }
    return f"{view}: {counts[view]:,} in all, the first {MOST_ROWS} of them here." if view in counts else ""
