"""Parts of the Performance page."""

from __future__ import annotations

import html
import math
from collections.abc import Sequence
from dataclasses import replace
from functools import partial

import streamlit as st

from hotspot.errors import BadInput
from hotspot.export import files
from hotspot.export.performance import write_performance
from hotspot.findings import performance_words as words
from hotspot.findings.audience import COUNTS_HIDDEN, FORCE
from hotspot.findings.board_lines import KIND
from hotspot.findings.change_words import change_of, percent_change, short_period
from hotspot.findings.events import groups_of
from hotspot.findings.peers import PeerComparison, compare_with_peers, parse_peers
from hotspot.findings.performance import BoardSettings, PerformanceFinding, performance_finding
from hotspot.findings.performance_shown import ShownPerformance, ShownRow, board_hides_months, shown_performance
from hotspot.methods.change import LEAST_COUNT, TOO_FEW
from hotspot.methods.outcomes import ASSIGNED, COHORT, DENOMINATORS, SETS, OutcomeRate
from hotspot.methods.suppression import HIDDEN
from hotspot.offences.store import Store
from hotspot.selection import Selection
from hotspot.ui import cached, downloads, events, links, page, performance_charts, tables, when
from hotspot.ui.keeping import kept

GROUPS, AREAS, SHARES, MONTHS, OTHERS = "Offence groups", "Areas", "Shares", "Months", "Other forces"
UPLOAD_MB = 5
ESTIMATED = "As the data say"
_DAYS = ("30", "60", "90", "120", "180", "365")
_DENOMINATOR_WORDS = {ASSIGNED: "Assigned in the period", COHORT: "Cohort, to date"}
_PEERS, _FAULTS, _UPLOAD = "performance-peers", "performance-peers-faults", "peers-file"


def settings(chosen: Selection) -> BoardSettings:
    """Draw what an outcome rate is."""
    facts = cached.facts(chosen.source, chosen.force)
    possible = DENOMINATORS if "outcome_date" in facts.columns else (COHORT,)
    if "outcome_group" not in facts.columns:
        return BoardSettings()
    with st.sidebar:
        outcomes = links.widget(
            st.selectbox,
            "Outcomes that count",
            name="outcomes",
            default=next(iter(SETS)),
            read=str,
            options=list(SETS),
            format_func=lambda name: SETS[name].words[0].upper() + SETS[name].words[1:],
        )
        if len(possible) == 1:
            return BoardSettings(outcomes, ASSIGNED)  # the finding says why the cohort is counted
        denominator = links.widget(
            st.selectbox,
            "Outcome rate of",
            name="denominator",
            default=ASSIGNED,
            read=str,
            options=list(possible),
            format_func=_DENOMINATOR_WORDS.__getitem__,
            help="Outcomes given in the period over offences recorded in it, or those offences and their outcome to date.",
        )
        mature = ESTIMATED
        if denominator == COHORT:
            mature = links.widget(
                st.selectbox,
                "A month is mature after (days)",
                name="mature",
                default=ESTIMATED,
                read=str,
                options=[ESTIMATED, *_DAYS],
            )
    return BoardSettings(outcomes, denominator, None if mature == ESTIMATED else int(mature))


@kept
def found(data: cached.DataKey, selection: Selection, chosen: BoardSettings) -> PerformanceFinding:
    """Keep a board's table."""
    return performance_finding(Store(data.folder), selection, chosen, scope=data.scope)


@kept
def shown(data: cached.DataKey, selection: Selection, chosen: BoardSettings, audience: str) -> ShownPerformance:
    """Keep it as an audience may see it."""
    return shown_performance(found(data, selection, chosen), audience=audience)


def head(finding: PerformanceFinding, told: ShownPerformance) -> None:
    """Head the page with what became of the chosen crime type."""
    place, focus = finding.selection.place, finding.focus.name
    page.header(words.kicker(finding), words.headline(told.told, focus, place), words.subline(told.told, focus, finding.settings))
    page.warnings((*_other_type(finding), *finding.notes))


def _other_type(finding: PerformanceFinding) -> tuple[str, ...]:
    chosen, focus = finding.asked_type, finding.focus.name
    return () if chosen == focus else (f"{chosen} is no line of the board's table: months are shown for {focus}.",)


def view() -> str:
    """Draw which table is shown."""
    return (
        links.widget(
            st.segmented_control,
            "Table",
            name="board",
            default=GROUPS,
            read=str,
            options=[GROUPS, AREAS, SHARES, MONTHS, OTHERS],
            label_visibility="collapsed",
        )
        or GROUPS
    )


def table(finding: PerformanceFinding, told: ShownPerformance, kind: str, audience: str) -> None:
    """Draw the offence groups of the place, or the areas of the chosen line."""
    if kind == AREAS and told.areas:
        rows = (*told.areas[finding.focus.name], *(one for one in told.force if one.row.line == finding.focus))
        names = [one.row.area for one in rows]
        _board(finding, rows, names=names, head="Area")
        notes = [f"{finding.focus.name} by area, the force last. {_reading(rows, names)}"]
    else:
        names = [one.row.line.name for one in told.place]
        _board(finding, told.place, names=names, head="Offence group")
        notes = [_reading(told.place, names)]
    notes += [COUNTS_HIDDEN] if told.hides else []
    notes += [_rate_note(finding, audience)] if any(row.rate is not None for row in finding.place) else []
    for one in filter(None, notes):
        st.html(f'<div class="hs-note">{html.escape(one)}</div>')


def save(finding: PerformanceFinding, audience: str) -> None:
    """Offer the table as a workbook and as CSV, as the audience may see it."""
    peers = _compared(finding)
    makers = {
        label: (suffix, partial(files.as_bytes, partial(write_performance, finding, audience, peers), suffix))
        for label, suffix in (("Excel", ".xlsx"), ("CSV", ".csv"))
    }
    downloads.row("performance", makers)


def _board(finding: PerformanceFinding, rows: Sequence[ShownRow], *, names: Sequence[str], head: str) -> None:
    has_change, has_rate = finding.baseline is not None, any(one.row.rate is not None for one in rows)
    heads = [f"<th>{head}</th>"]
    if finding.baseline is not None:
        heads.append(f'<th class="r">{html.escape(short_period(finding.baseline))}</th>')
    heads.append(f'<th class="r">{html.escape(short_period(finding.period))}</th>')
    if has_change:
        axis = '<div class="axis"><span>½</span><span>same</span><span>×2</span></div>'
        heads.append(f'<th class="r">Change</th><th class="r">95% interval</th><th>{axis}</th><th>Reading</th>')
    if has_rate:
        words_of = ("Outcomes before", "now (95%)") if has_change else ("Outcome rate",)
        heads += [f'<th class="r">{word}</th>' for word in words_of]
    young = finding.settings.denominator == COHORT and finding.immature_months > 0
    body = "".join(
        _line(
            one,
            name,
            has_change=has_change,
            has_rate=has_rate,
            young=young,
            head=head,
            bold=(finding.selection.place, finding.selection.whole),
        )
        for one, name in zip(rows, names, strict=True)
    )
    st.html(f'<table class="hs change board"><thead><tr>{"".join(heads)}</tr></thead><tbody>{body}</tbody></table>')


def _line(one: ShownRow, name: str, *, has_change: bool, has_rate: bool, young: bool, head: str, bold: tuple[str, ...]) -> str:
    is_kind = one.row.line.rank == KIND and head != "Area"
    is_total = one.row.line.rank not in (KIND, "group") if head != "Area" else one.row.area in bold
    indent = ' style="padding-left:14px"' if is_kind else ""
    cells = [f"<td{indent}>{html.escape(name)}</td>"]
    cells += [f'<td class="r">{one.baseline}</td>'] if has_change else []
    cells.append(f'<td class="r">{one.count}</td>')
    cells += [_change(one)] if has_change else []
    if has_rate:
        cells += [_rate(one.baseline_rate, young=False, with_interval=False)] if has_change else []
        cells.append(_rate(one.rate, young=young, with_interval=True))
    return f"<tr{' class=total' if is_total else ''}>{''.join(cells)}</tr>"


def _change(one: ShownRow) -> str:
    if one.change is None:
        return f'<td></td><td></td><td></td><td class="m">{HIDDEN if one.is_hidden else ""}</td>'
    row = one.change.row
    if row.verdict == TOO_FEW:
        return f'<td></td><td></td><td></td><td class="m">{TOO_FEW}</td>'
    kind = tables.emphasis(row)
    interval = f"{percent_change(row.ratio_low)} to {percent_change(row.ratio_high)}"
    return (
        f'<td class="r {kind}">{change_of(row)}</td><td class="r m">{interval}</td><td>{tables.interval_bar(row)}</td>'
        f'<td class="{kind}">{row.verdict}</td>'
    )


def _rate(rate: OutcomeRate | None, *, young: bool, with_interval: bool) -> str:
    """Write a rate with its interval on hover; grey where months of it are immature, as counts where offences are few."""
    if rate is None or math.isnan(rate.rate):
        return '<td class="r m">–</td>'
    if rate.offences < LEAST_COUNT:
        return f'<td class="r m">{rate.outcomes:,} over {rate.offences:,}</td>'
    told = f"{rate.outcomes:,} over {rate.offences:,}; 95% interval {words.rate_words(rate).partition(' ')[2].strip('()')}%"
    interval = f' <small class="m">{100 * rate.low:.1f}–{100 * rate.high:.1f}</small>' if with_interval else ""
    return f'<td class="r{" m" if young else ""}" title="{html.escape(told)}">{100 * rate.rate:.1f}%{interval}</td>'


def _reading(rows: Sequence[ShownRow], names: Sequence[str]) -> str:
    """Name the family of tests, and the rows whose interval was widened."""
    tested = [replace(one.change.row, area=name) for one, name in zip(rows, names, strict=True) if one.change is not None]
    if not tested:
        return ""
    families = [row.family for row in tested if row.family]
    family = f"Tested together: {families[0]}. " if families else ""
    wide = " ".join(tables.clustering_words([row for row in tested if row.verdict != TOO_FEW]))
    return f"{family}Change per day with 95% interval; filled: stands after correction. {wide}".strip()


def charts(data: cached.DataKey, finding: PerformanceFinding, told: ShownPerformance, audience: str) -> None:
    """Draw the outcome rates and the control chart of the chosen line, month by month."""
    selection = replace(finding.selection, crime_type=finding.focus.name)
    rates, usual = st.columns(2, gap="medium")
    with rates:
        page.section(f"{finding.focus.name}: outcome rate by month")
        if not finding.months:
            st.html('<p class="hs-note">These data carry no outcomes.</p>')
        elif audience != FORCE:
            st.html('<p class="hs-note">For the force alone: a month\'s outcomes are often under 5.</p>')
        else:
            marks = events.marks(selection, groups=groups_of(selection.crime_type)).shown
            performance_charts.outcomes_by_month(finding.months, marks, height=250)
            st.html(f'<div class="hs-note">{html.escape(_rate_note(finding, audience))}</div>')
    with usual:
        series = when.series(data, selection)
        when.control_chart(series, audience, hidden=audience != FORCE and board_hides_months(finding, told, series.months))


def _rate_note(finding: PerformanceFinding, audience: str) -> str:
    """Say what a rate is; how the mature months do alone for the force, since their counts may be small."""
    mature = words.maturity_words(finding.maturity, finding.settings, finding.immature_months)
    alone = words.mature_words(finding) if audience == FORCE else ""
    return " ".join(part for part in (words.definition(finding), mature, alone) if part)


def _compared(finding: PerformanceFinding) -> tuple[PeerComparison, ...]:
    kept = st.session_state.get(_PEERS)
    return compare_with_peers(kept, finding.selection.force) if kept is not None else ()


def others(finding: PerformanceFinding) -> None:
    """Compare the force with others, from a table that the reader supplies."""
    st.file_uploader(
        "Table of forces (CSV: force, group, offences, population or households)",
        type=["csv"],
        max_upload_size=UPLOAD_MB,
        key=_UPLOAD,
        on_change=_take_peers,
    )
    for fault in st.session_state.get(_FAULTS, ()):
        st.html(f'<p class="hs-refused" role="alert">{html.escape(fault)}</p>')
    peers, force = _compared(finding), html.escape(finding.selection.force)
    if not peers:
        held = st.session_state.get(_PEERS)
        st.html(
            '<p class="hs-note">The most similar group is yours to choose: give one row for each force and offence group. '
            f"{force} is compared where the table holds it.</p>"
            if held is None
            else f'<p class="hs-note">{html.escape(held.file)} holds no force beside {force}: nothing to compare with.</p>'
        )
        return
    body = "".join(_peer(one) for one in peers)
    st.html(
        '<table class="hs change"><thead><tr><th>Offence group</th><th>per 1,000</th><th class="r">Force</th>'
        '<th class="r">95% interval</th><th class="r">Simple mean</th><th class="r">Weighted mean</th><th class="r">Place</th>'
        f"</tr></thead><tbody>{body}</tbody></table>"
        f'<div class="hs-note">From {html.escape(st.session_state[_PEERS].file)}; its period is not checked. Means of the other '
        "forces: simple, each force counts the same; weighted, all their offences over all their population or households. "
        "Place 1: the highest rate. The interval is of a Poisson count.</div>"
    )


def _take_peers() -> None:
    """Read the table that was given, or forget it where it was taken away."""
    given = st.session_state[_UPLOAD]
    st.session_state.pop(_PEERS, None)
    st.session_state[_FAULTS] = ()
    if given is None:
        return
    try:
        st.session_state[_PEERS] = parse_peers(given.getvalue(), file=given.name)
    except BadInput as fault:
        st.session_state[_FAULTS] = fault.faults


def _peer(one: PeerComparison) -> str:
    own = "–" if one.offences is None else f"{one.rate:.2f}"
    interval = "" if one.offences is None else f"{one.low:.2f} to {one.high:.2f}"
    place = "not in the table" if one.place is None else f"{one.place} of {one.others + 1}"
    return (
        f'<tr><td>{html.escape(one.group)}</td><td>{one.per}</td><td class="r">{own}</td><td class="r m">{interval}</td>'
        f'<td class="r">{one.simple_mean:.2f}</td><td class="r">{one.weighted_mean:.2f}</td><td class="r">{place}</td></tr>'
    )
