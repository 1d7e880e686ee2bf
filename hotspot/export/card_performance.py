"""The card of the Performance page: the board's table, or the view of it that was chosen."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from pathlib import Path

from hotspot.export.card_compare import p_words
from hotspot.export.card_parts import Asked, Said, ask, card, drawn_table
from hotspot.export.cards import CardContent, Figure
from hotspot.findings import performance_words as words
from hotspot.findings.audience import COUNTS_HIDDEN, FORCE
from hotspot.findings.board_lines import KIND
from hotspot.findings.change_words import change_of, interval_words, short_period
from hotspot.findings.performance import BoardSettings, MonthRate, PerformanceFinding, performance_finding
from hotspot.findings.performance_shares import OF
from hotspot.findings.performance_shown import ShownPerformance, ShownRow, shown_performance
from hotspot.methods.change import LEAST_COUNT, TOO_FEW
from hotspot.methods.outcomes import ASSIGNED, COHORT, DENOMINATORS, SETS, OutcomeRate
from hotspot.methods.repeats import Proportion
from hotspot.methods.suppression import HIDDEN
from hotspot.offences.store import Scope

GROUPS, AREAS, SHARES, MONTHS, OTHERS = "Offence groups", "Areas", "Shares", "Months", "Other forces"
VIEWS = (GROUPS, AREAS, SHARES, MONTHS, OTHERS)
ESTIMATED = "As the data say"
MATURE_AFTER = ("30", "60", "90", "120", "180", "365")
NOT_KEPT = (
    "The table of other forces is the reader's own file, which a card does not keep; the offence groups stand in its place."
)
MOST_MONTHS = 24
Table = tuple[tuple[str, ...], list[tuple[str, ...]]]


def content(folder: Path, query: Mapping[str, str], *, scope: Scope, progress: Callable[[float, str], None]) -> CardContent:
    """Run the Performance page; parameters as in ``cards.content``."""
    progress(0.1, "Reading the offences")
    asked = ask(folder, query, scope=scope)
    view = asked.setting("board", GROUPS, str, among=VIEWS)
    finding = performance_finding(asked.store, asked.selection, _settings(asked), scope=scope)
    # The page counts by a date and a definition of its own where the link's would not do: the card says those that were used.
    asked.selection = replace(asked.selection, date_basis=finding.selection.date_basis)
    asked.read |= {"denominator": finding.settings.denominator} if "denominator" in asked.read else {}
    progress(0.7, "Drawing the table")
    said = _said(asked, finding, shown_performance(finding, audience=asked.audience), view)
    return card(asked, "performance", finding.selected, said, drawn_table(asked, said, finding.selected))


def _settings(asked: Asked) -> BoardSettings:
    """Read what an outcome rate is."""
    if "outcome_group" not in asked.facts().columns:
        return BoardSettings()
    outcomes = asked.setting("outcomes", next(iter(SETS)), str, among=tuple(SETS))
    denominator = asked.setting("denominator", ASSIGNED, str, among=DENOMINATORS)
    mature = ESTIMATED
    if denominator == COHORT:
        mature = asked.setting("mature", ESTIMATED, str, among=(ESTIMATED, *MATURE_AFTER))
    return BoardSettings(outcomes, denominator, None if mature == ESTIMATED else int(mature))


def _said(asked: Asked, finding: PerformanceFinding, shown: ShownPerformance, view: str) -> Said:
    focus, place = finding.focus.name, finding.selection.place
    head, rows = _table(finding, shown, view, asked.audience)
    row = next((one for one in shown.place if one.row.line == finding.focus), None)
    return Said(
        kicker=words.kicker(finding),
        headline=words.headline(shown.told, focus, place),
        subline=words.subline(shown.told, focus, finding.settings),
        sentence=sentence_of(finding, row),
        figures=_figures(finding, row),
        head=head,
        rows=tuple(rows),
        notes=_notes(asked, finding, shown, view),
    )


def sentence_of(finding: PerformanceFinding, shown: ShownRow | None) -> str:
    """Say the chosen line as a person would, and never more than its test allows."""
    where = f"{finding.focus.name} in {finding.selection.place}"
    if shown is None or shown.is_hidden:
        return f"{where}: small counts are hidden."
    if shown.change is None:
        return f"{where}: {shown.count} offences in the year to date, no earlier year to compare with."
    row = shown.change.row
    said = f"{where}: {shown.baseline} → {shown.count} offences in the year to date: {row.verdict}"
    if row.verdict == TOO_FEW:
        return f"{said}."
    corrected = f", corrected for {row.family}" if row.family else ""
    return f"{said} ({p_words(row.q_value)}{corrected})."


def _figures(finding: PerformanceFinding, shown: ShownRow | None) -> tuple[Figure, ...]:
    if shown is None:
        return ()
    baseline = finding.baseline
    before = [] if baseline is None else [Figure(f"Offences, {short_period(baseline)}", shown.baseline)]
    figures = [*before, Figure(f"Offences, {short_period(finding.period)}", shown.count)]
    if shown.change is not None:
        figures.append(Figure("Change", _change(shown)[0] or TOO_FEW))
    if shown.rate is not None:
        figures.append(Figure("Outcome rate", _rate(shown.rate, with_interval=True)))
    if shown.baseline_rate is not None:
        figures.append(Figure("Outcome rate a year before", _rate(shown.baseline_rate, with_interval=True)))
    return tuple(figures)


def _table(finding: PerformanceFinding, shown: ShownPerformance, view: str, audience: str) -> Table:
    """Give the table of a view as the page has it."""
    if view == AREAS and shown.areas:
        rows = (*shown.areas[finding.focus.name], *(one for one in shown.force if one.row.line == finding.focus))
        return _board(finding, rows, [one.row.area for one in rows], head="Area")
    if view == SHARES:
        return _shares(finding, shown)
    if view == MONTHS:
        return _months(finding.months if audience == FORCE else ())
    return _board(finding, shown.place, [_line_name(one) for one in shown.place], head="Offence group")


def _line_name(one: ShownRow) -> str:
    return f"– {one.row.line.name}" if one.row.line.rank == KIND else one.row.line.name


def _board(finding: PerformanceFinding, rows: Sequence[ShownRow], names: Sequence[str], *, head: str) -> Table:
    has_change, has_rate = finding.baseline is not None, any(one.row.rate is not None for one in rows)
    heads = [head]
    heads += [short_period(finding.baseline)] if finding.baseline is not None else []
    heads.append(short_period(finding.period))
    heads += ["Change", "95% interval", "Reading"] if has_change else []
    heads += ["Outcomes before"] if has_change and has_rate else []
    heads += ["Outcomes now (95%)" if has_change else "Outcome rate"] if has_rate else []
    body = []
    for one, name in zip(rows, names, strict=True):
        cells = [name, *([one.baseline] if has_change else []), one.count]
        cells += _change(one) if has_change else ()
        cells += [_rate(one.baseline_rate, with_interval=False)] if has_change and has_rate else []
        cells += [_rate(one.rate, with_interval=True)] if has_rate else []
        body.append(tuple(cells))
    return tuple(heads), body


def _change(one: ShownRow) -> tuple[str, str, str]:
    """Write change, interval and reading."""
    if one.change is None:
        return "", "", HIDDEN if one.is_hidden else ""
    row = one.change.row
    return ("", "", TOO_FEW) if row.verdict == TOO_FEW else (change_of(row), interval_words(row), row.verdict)


def _rate(rate: OutcomeRate | None, *, with_interval: bool) -> str:
    if rate is None or math.isnan(rate.rate):
        return "–"
    if rate.offences < LEAST_COUNT:
        return f"{rate.outcomes:,} over {rate.offences:,}"
    counts = f"{rate.outcomes:,} over {rate.offences:,}"
    return f"{words.rate_words(rate)}, {counts}" if with_interval else f"{100 * rate.rate:.1f}%, {counts}"


def _shares(finding: PerformanceFinding, shown: ShownPerformance) -> Table:
    """List the kinds of vehicle crime and the shares of robbery in the place."""
    rows = [(f"{kind}, of vehicle crime", _share(before), _share(now), _interval(now), "–") for kind, now, before in shown.split]
    rows += [
        (f"{one.name}, of {OF[one.name]}", _share(one.before), _share(one.now), _interval(one.now), f"{one.unknown:,}")
        for one in shown.shares.get("", ())
    ]
    return (("Share", "Last year", "This year", "95% interval", "Not known of"), rows) if rows else ((), [])


def _share(found: Proportion | None) -> str:
    if found is None or not found.of:
        return "–"
    counts = f"{found.count:,} of {found.of:,}"
    return counts if found.of < LEAST_COUNT else f"{100 * found.share:.0f}% ({counts})"


def _interval(found: Proportion) -> str:
    return f"{100 * found.low:.0f} to {100 * found.high:.0f}%" if found.of >= LEAST_COUNT else "–"


def _months(months: Sequence[MonthRate]) -> Table:
    rows = [
        (f"{one.month:%B %Y}", _rate(one.rate, with_interval=True), "immature" if one.is_immature else "")
        for one in months[-MOST_MONTHS:]
    ]
    return (("Month", "Outcome rate", "Settled"), rows) if rows else ((), [])


def _notes(asked: Asked, finding: PerformanceFinding, shown: ShownPerformance, view: str) -> tuple[str, ...]:
    has_rate = any(row.rate is not None for row in finding.place)
    alone = words.mature_words(finding) if asked.is_for_force else ""
    return (
        *finding.notes,
        NOT_KEPT if view == OTHERS else "",
        "A month's outcomes are often under 5: they are for the force alone."
        if view == MONTHS and not asked.is_for_force
        else "",
        f"Shown for {finding.focus.name}." if view in (AREAS, MONTHS) else "",
        _family(shown, view, finding),
        COUNTS_HIDDEN if shown.hides else "",
        words.definition(finding) if has_rate else "",
        words.maturity_words(finding.maturity, finding.settings, finding.immature_months) if has_rate else "",
        alone if has_rate else "",
    )


def _family(shown: ShownPerformance, view: str, finding: PerformanceFinding) -> str:
    """Name the tests that were corrected together."""
    rows = shown.areas.get(finding.focus.name, ()) if view == AREAS else shown.place
    families = [one.change.row.family for one in rows if one.change is not None and one.change.row.family]
    return f"Tested together: {families[0]}. Intervals are each of a change by itself." if families else ""
