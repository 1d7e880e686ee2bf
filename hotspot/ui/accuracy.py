"""Parts of the Accuracy page, and the back-test beside every hotspot map."""

from __future__ import annotations

import html
from functools import partial

import streamlit as st

from hotspot.errors import HotspotError
from hotspot.export.accuracy import write_accuracy
from hotspot.export.files import as_bytes
from hotspot.findings import backtest_settings
from hotspot.findings.accuracy import AccuracyFinding, accuracy_finding
from hotspot.findings.accuracy_words import (
    ADAPTIVE,
    DENSITY,
    GI_STAR,
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
from hotspot.findings.audience import COUNTS_HIDDEN, FORCE
from hotspot.findings.backtest_settings import BacktestSettings, usual_settings
from hotspot.findings.density import DensitySettings
from hotspot.methods.backtest import SHARES
from hotspot.selection import MONTH, Selection
from hotspot.ui import accuracy_charts, cached, downloads, jobs, links, page

DAYS, MONTHS = (7, 14, 28, 56, 84, 182, 364), (1, 2, 3, 6, 12)
SQUARES = (100, 150, 200, 250, 500)
MAPS = (
    f"{DENSITY},{GI_STAR}",
    f"{GI_STAR},{DENSITY}",
    f"{DENSITY},{ADAPTIVE},{GI_STAR}",
    DENSITY,
    ADAPTIVE,
    GI_STAR,
)
"""Which maps are judged; the first named is the one that the title tells of."""
TITLE = "How well do maps of one period hold in the next?"


def settings(chosen: Selection) -> BacktestSettings:
    """Draw lengths, number of periods, squares, share and maps; keep them in the link."""
    usual = usual_settings(chosen.date_basis)
    months = chosen.date_basis == MONTH
    with st.sidebar:
        train = _length("Maps made from", "train", usual.train, months=months)
        judge = _length("Judged by the next", "judge", usual.judge, months=months)
        share = links.widget(
            st.selectbox,
            "Share of the area in the title",
            name="at",
            default=usual.area_share,
            read=float,
            options=list(SHARES),
            format_func=percent,
        )
        maps = links.widget(
            st.selectbox, "Maps judged", name="maps", default=MAPS[0], read=str, options=list(MAPS), format_func=_maps_words
        )
        with st.expander("Periods and squares", key="accuracy-more"):
            origins = links.widget(
                st.slider,
                "Periods judged, at most",
                name="origins",
                default=usual.origins,
                read=int,
                min_value=1,
                max_value=24,
                help="Counted back from the end of the chosen period, as far as they lie in it and training is in the data.",
            )
            square = links.widget(
                st.select_slider,
                "Squares ranked (metres)",
                name="square",
                default=int(usual.cell_size),
                read=int,
                options=list(SQUARES),
            )
    return BacktestSettings(
        train=train, judge=judge, origins=origins, methods=tuple(maps.split(",")), cell_size=float(square), area_share=share
    )


def _length(label: str, name: str, default: int, *, months: bool) -> int:
    unit, options = ("months", MONTHS) if months else ("days", DAYS)
    # Days and months are two settings: a length in one means nothing in the other.
    return links.widget(
        st.selectbox,
        label,
        name=f"{name}-months" if months else name,
        default=default,
        read=int,
        options=list(options),
        format_func=lambda count: f"{count} {unit[:-1] if count == 1 else unit}",
    )


def _maps_words(methods: str) -> str:
    return ", ".join(METHOD_WORDS[method] for method in methods.split(","))


def found(data: cached.DataKey, chosen: Selection, wanted: BacktestSettings, audience: str) -> AccuracyFinding | None:
    """Head the page with the finding; None while it is computed."""
    head = st.container()
    finding = jobs.kept(data, accuracy_finding, chosen, wanted, label="Back-test")
    with head:
        if finding is None:
            page.header(chosen.title(), TITLE)
        else:
            page.header(finding.kicker, *finding.told(audience=audience))
            page.second_line(finding.design)
            page.warnings(finding.cautions)
    return finding


def tested(finding: AccuracyFinding, audience: str) -> None:
    """Show each method at the one share that is tested against last period's counts."""
    share = finding.settings.area_share
    rows = shown_rows([row for row in finding.rows if row.area_share == share], audience=audience)
    body = "".join(
        f'<tr><td>{METHOD_WORDS[row.method]}</td><td class="r">{row.held:,.0f}</td><td class="r">{held_words(row)}</td>'
        f'<td class="r">{figure_words(row.pai)}</td><td class="r">{figure_words(row.pei, 2)}</td><td>{_reading(row)}</td></tr>'
        for row in rows
    )
    of_all = "Of all" if finding.no_interval else "Of all (95%)"
    st.html(
        f'<table class="hs compact"><thead><tr><th>Map</th><th class="r">Held</th><th class="r">{of_all}</th>'
        '<th class="r">PAI</th><th class="r">PEI</th><th>Beats last counts?</th></tr></thead>'
        f"<tbody>{body}</tbody></table>"
    )
    counted = f"{finding.result.judged:,.0f} offences with a location were judged. " if audience == FORCE else ""
    tests = "" if finding.no_interval else f"{family(finding.result)} Beside each answer: the difference in points. "
    measures = "PAI: share of offences over share of area. PEI: PAI over the best possible."
    st.html(f'<div class="hs-note">{counted}{html.escape(tests)}{measures} {_hidden_words(finding, audience)}</div>')


def by_share(finding: AccuracyFinding, audience: str) -> None:
    """Show every share of the area: hit rate with its interval, PAI and PEI of each method."""
    shown = {(row.method, row.area_share): row for row in shown_rows(finding.rows, audience=audience)}
    methods = [*finding.settings.methods, LAST_PERIOD]
    head = "".join(f'<th class="r" colspan="3">{METHOD_WORDS[method]}</th>' for method in methods)
    held = "Held" if finding.no_interval else "Held (95%)"
    under = f'<th class="r">{held}</th><th class="r">PAI</th><th class="r">PEI</th>' * len(methods)
    limits = "" if finding.no_interval else "Intervals tell how the weeks judged differ, not how another training period would."
    body = ""
    for share in finding.settings.shares:
        cells = "".join(_cells(shown.get((method, share))) for method in methods)
        strong = " class=total" if share == finding.settings.area_share else ""
        body += f"<tr{strong}><td>{percent(share)}</td>{cells}</tr>"
    st.html(
        f'<table class="hs compact"><thead><tr><td></td>{head}</tr><tr><th>Area</th>{under}</tr></thead>'
        f"<tbody>{body}</tbody></table>"
        f'<div class="hs-note">An even spread holds the share of the area exactly: PAI 1. {limits}</div>'
    )


def _cells(row: AccuracyRow | None) -> str:
    if row is None:
        return '<td class="r m">hidden</td><td></td><td></td>'
    cells = (held_words(row), figure_words(row.pai), figure_words(row.pei, 2))
    return "".join(f'<td class="r">{cell}</td>' for cell in cells)


def _reading(row: AccuracyRow) -> str:
    if row.method in (LAST_PERIOD, UNIFORM):
        return ""
    answer, _, points = reading(row).partition(" (")
    return f'{answer} <span class="m">{points.partition(" points")[0]}</span>'


def _hidden_words(finding: AccuracyFinding, audience: str) -> str:
    hidden = len(finding.rows) - len(shown_rows(finding.rows, audience=audience))
    return "Rows whose hits, or the rest, are under 5 are hidden." if hidden else ""


def picture(finding: AccuracyFinding, audience: str) -> None:
    """Draw all methods on one picture."""
    whole = "months" if finding.selection.date_basis == MONTH else "weeks"
    page.section(
        "Offences held, by share of the area",
        "" if finding.no_interval else f"Band: 95% interval from resampling whole {whole}.",
    )
    rows = shown_rows(finding.rows, audience=audience)
    if not finding.result.judged:
        st.html('<p class="hs-note">No offence was judged, so there is nothing to draw.</p>')
        return
    if not rows:
        st.html(f'<p class="hs-note">{COUNTS_HIDDEN}</p>')
        return
    accuracy_charts.curve(rows, share=finding.settings.area_share)


def foot(data: cached.DataKey, finding: AccuracyFinding, audience: str) -> None:
    """Offer the rows as a file; say how the maps were made and what was left out."""
    selected = cached.select(data, finding.selection.with_period(finding.judged))
    write = partial(as_bytes, partial(write_accuracy, finding, selected, audience), ".csv")
    narrow, _ = st.columns([1, 5])
    with narrow:
        downloads.row("accuracy", {"CSV": (".csv", write)})
    left_out = finding.left_out if audience == FORCE else ()
    page.footer(selected, *left_out, finding.made)


def beside(data: cached.DataKey, chosen: Selection, wanted: BacktestSettings, *, audience: str, remark: str = "") -> None:
    """Say, on demand, how a map made alike from the previous equal period held up in the chosen one.

    Nothing is computed until it is opened, so that the map's own controls stay quick.

    Parameters
    ----------
    remark
        What the back-test leaves aside of the map beside it.
    """
    box = st.expander("Did such a map hold up?", key="beside-map", on_change="rerun")
    if not box.open:
        return
    with box:
        try:
            finding = jobs.kept(data, accuracy_finding, chosen, wanted, label="Back-test of this map")
        except HotspotError as fault:
            st.html(f'<div class="hs-note">{html.escape(str(fault))}</div>')
            return
        if finding is not None:
            further = page.link("All maps and shares", chosen, page="accuracy")
            st.html(f'<div class="hs-note">{_beside_words(finding, audience)} {remark} {further}</div>')


def beside_density(data: cached.DataKey, chosen: Selection, shown: DensitySettings, *, audience: str) -> None:
    """Say how a density map made alike held up."""
    remark = "Each offence counts one here, without its weight." if shown.weights is not None else ""
    beside(data, chosen, backtest_settings.beside_density(chosen, shown), audience=audience, remark=remark)


def _beside_words(finding: AccuracyFinding, audience: str) -> str:
    headline, subline = finding.told(audience=audience)
    return html.escape(" ".join((f"{headline}.", subline, finding.design, *finding.cautions)))
