"""Parts of the Evaluation page."""

from __future__ import annotations

import html
from dataclasses import replace
from datetime import date, timedelta

import streamlit as st

from hotspot import paths
from hotspot.errors import NotKnowable
from hotspot.findings import evaluation_words as words
from hotspot.findings.evaluation import (
    SUGGESTED,
    WIDEST_RING,
    EvaluationFinding,
    evaluation_finding,
    long_baseline,
)
from hotspot.findings.evaluation_areas import NO_AREA, area_of_file
from hotspot.findings.evaluation_periods import EvaluationSettings
from hotspot.maps import evaluation_scene, legend
from hotspot.methods.comparison_areas import RING
from hotspot.methods.evaluation import Difference
from hotspot.offences.store import Store
from hotspot.period import Period
from hotspot.selection import Selection
from hotspot.ui import cached, links, maps, page
from hotspot.ui.evaluation_charts import both_series
from hotspot.ui.keeping import kept

LAST_YEAR, PREVIOUS, LONG, CUSTOM = "Same months last year", "The period just before", "The year before", "Dates of my choice"
NOT_SAID, BY_BEFORE = "Not because it was high", "The before period's count"
PILOT = paths.ROOT / "data" / "demo-pilot.geojson"
SEPARATOR = "|"
PILOT_MONTHS = Period(date(2024, 7, 1), date(2024, 10, 1))


@kept
def found(data: cached.DataKey, selection: Selection, settings: EvaluationSettings) -> EvaluationFinding:
    """Keep an evaluation."""
    return evaluation_finding(Store(data.folder), selection, settings, scope=data.scope)


def stop_without_area(chosen: Selection) -> None:
    """Where no area is chosen say so, and offer the worked example where the data are the demonstration's."""
    if not chosen.is_whole_force:
        return
    facts = cached.store().facts(chosen.source, chosen.force)
    if not facts.synthetic:
        raise NotKnowable(
            "An evaluation asks what became of one area beside others. Choose an area in the sidebar, or draw or upload one on "
            "the Data page.",
            headline=NO_AREA,
        )
    crs = cached.store().force_named(chosen.force).analysis_crs
    query = chosen.with_period(PILOT_MONTHS).to_query() | {"type": "Shoplifting", "basis": "reported"}
    pilot, _ = chosen.updated_from(query)
    example = page.link(
        "shoplifting in Wolverhampton city centre",
        replace(pilot, area=None, drawn=area_of_file(PILOT, crs=crs)),
        page="evaluation",
    )
    page.header(chosen.title(), NO_AREA, "An evaluation asks what became of one area beside others.")
    st.html(
        '<p class="hs-refused">Choose an area in the sidebar, or draw or upload one on the Data page. '
        f"A worked example: {example}.</p>"
    )
    st.stop()


def settings(chosen: Selection) -> EvaluationSettings:
    """Draw when it began, what it is compared with, the ring, and how the area was chosen."""
    with st.sidebar:
        st.html('<h2 class="hs-section">What was done</h2>')
        start = links.widget(
            st.date_input,
            "Start",
            name="start",
            default=chosen.period.start,
            read=date.fromisoformat,
            format="DD/MM/YYYY",
            help="First day of what was done. The period after is the period above, from this day on.",
        )
        start = start if isinstance(start, date) else chosen.period.start
        after = _after(chosen, start)
        before = _before(after, start)
        ring = links.widget(
            st.slider, "Displacement ring (m)", name="ring", default=int(RING), read=int, min_value=0, max_value=2_000, step=100
        )
        reasons = [NOT_SAID, BY_BEFORE]
        why = links.widget(
            st.selectbox, "Chosen because it was high in", name="chosen", default=NOT_SAID, read=str, options=reasons
        )
    return EvaluationSettings(
        start, before=before, after=after, ring=float(min(ring, WIDEST_RING)), chosen_in=before if why == BY_BEFORE else None
    )


def _after(chosen: Selection, start: date) -> Period:
    if start >= chosen.period.end:
        raise NotKnowable(
            f"The start, {start.day} {start:%B %Y}, lies after the period {chosen.period.label_in_days()}. "
            "Choose a later period in the sidebar, or an earlier start.",
            headline="Nothing after the start is shown",
        )
    return Period(max(start, chosen.period.start), chosen.period.end)


def _before(after: Period, start: date) -> Period:
    year_before = Period(start.replace(year=start.year - 1, day=min(start.day, 28)), start)
    usual = {LAST_YEAR: after.shifted(-12), PREVIOUS: after.previous(), LONG: year_before}
    stored = links.setting("before", "", read=lambda text: Period.parse(text).iso)
    options = [*usual, CUSTOM]
    if st.session_state.get("widget-before-kind") not in options:
        named = next((name for name, period in usual.items() if period.iso == stored), None)
        st.session_state["widget-before-kind"] = named or (CUSTOM if stored else LAST_YEAR)
    kind = st.selectbox("Compared with", options, key="widget-before-kind")
    before = usual[kind] if kind in usual else _custom(after, stored)
    links.keep("before", before.iso)
    return before


def _custom(after: Period, stored: str) -> Period:
    key = "widget-before-dates"
    if key not in st.session_state:
        first = Period.parse(stored) if stored else after.shifted(-12)
        st.session_state[key] = (first.start, first.last_day)
    picked = st.date_input("First and last day before", key=key, format="DD/MM/YYYY")
    if not isinstance(picked, tuple) or len(picked) != 2:
        return after.shifted(-12)
    return Period(picked[0], picked[1] + timedelta(days=1))


def comparison(suggested: EvaluationFinding) -> tuple[str, ...]:
    """Draw which areas it is compared with; empty: those suggested."""
    scores = {name: one for name, one in suggested.candidates}
    usual = [name for name, _ in suggested.candidates[:SUGGESTED]]
    stored = [name for name in links.setting("comparison", "", read=str).split(SEPARATOR) if name in scores]
    key = "widget-comparison"
    if key not in st.session_state or not set(st.session_state[key]) <= set(scores):
        st.session_state[key] = stored or usual
    with st.sidebar:
        picked = st.multiselect(
            "Comparison areas",
            list(scores),
            key=key,
            format_func=lambda name: f"{suggested.places.get(name, name)} ({scores[name].score:.2f})",
            help="In brackets the score: 0 is alike in level and trend before the start, 0.1 about 10% apart.",
        )
    names = () if not picked or picked == usual else tuple(picked)
    links.keep("comparison", SEPARATOR.join(names))
    return names


def map_of(data: cached.DataKey, finding: EvaluationFinding) -> None:
    """Draw the treated area, its ring and the comparison areas."""
    selection = finding.selection
    maps.show(_scene(data, selection, finding), finding.selected, key="evaluation")
    st.html(legend.key_legend(evaluation_scene.legend_of(finding)))


@kept
def _scene(data: cached.DataKey, selection: Selection, finding: EvaluationFinding) -> evaluation_scene.Scene:
    return evaluation_scene.evaluation_scene(finding, cached.context(data, selection.source, selection.force))


def chart(finding: EvaluationFinding, audience: str) -> None:
    """Draw both series with the start marked."""
    page.section("Offences a month, the start marked")
    if words.is_hidden(finding, audience=audience):
        st.html('<p class="hs-note">Counts are hidden: a number under 5 could be worked out from them.</p>')
        return
    both_series(finding)


def counts(finding: EvaluationFinding, audience: str) -> None:
    """Show the counts of each side with their change, then what the difference and the ratio say."""
    page.section("Counts, and the change per day with 95% interval")
    body = "".join(_row(one) for one in words.shown_arms(finding, audience=audience))
    st.html(
        '<table class="hs change"><thead><tr><th>Area</th>'
        '<th class="r">Before</th><th class="r">After</th><th class="r">Weight</th><th class="r">Change</th>'
        '<th><div class="axis"><span>half</span><span>same</span><span>twice</span></div></th></tr></thead>'
        f"<tbody>{body}</tbody></table>"
    )
    if words.is_hidden(finding, audience=audience):
        return
    page.section("Beside the comparison")
    st.html(_beside(finding))
    said = [words.detectable_words(finding), "Negative: fewer offences than the comparison leads one to expect."]
    if any(arm.dispersion.is_clustered for arm in (finding.treated, finding.comparison)):
        said.append("Widened for clustering; the thick middle is the Poisson interval.")
    st.html(f'<div class="hs-note">{html.escape(" ".join(said))}</div>')


def _row(one: words.ShownArm) -> str:
    cells = f'<td>{html.escape(one.name)}</td><td class="r">{one.before}</td><td class="r">{one.after}</td>'
    if one.arm is None:
        return f'<tr>{cells}<td class="r">{one.weight}</td><td class="m" colspan="2">{html.escape(one.interval)}</td></tr>'
    arm = one.arm
    drawn = _drawn(
        words.log_position(arm.change.low),
        words.log_position(arm.change.value),
        words.log_position(arm.change.high),
        (words.log_position(arm.poisson_change.low), words.log_position(arm.poisson_change.high)),
        title=one.interval,
        stands=arm.change.stands,
        falls=arm.change.value < 1,
    )
    return f'<tr>{cells}<td class="r">{one.weight}</td><td class="r">{one.change}</td><td>{drawn}</td></tr>'


def _beside(finding: EvaluationFinding) -> str:
    """Write the ratio of ratios and the differences as a table, intervals drawn."""
    ratio, plain = finding.ratio, finding.poisson_ratio
    rows = [
        _told(
            "Ratio to the comparison",
            words.percent(ratio.value),
            words.interval(ratio),
            _drawn(
                *(words.log_position(value) for value in (ratio.low, ratio.value, ratio.high)),
                (words.log_position(plain.low), words.log_position(plain.high)),
                title=words.ratio_interval(finding),
                stands=ratio.stands,
                falls=ratio.value < 1,
            ),
            stands=ratio.stands,
        )
    ]
    parts = words.differences(finding)
    reach = max(max(abs(used.low), abs(used.high)) for _, used, _ in parts) or 1.0
    rows += [_difference_row(name, used, plain_one, reach) for name, used, plain_one in parts]
    return (
        '<table class="hs change"><thead><tr><th>Measure</th><th class="r">Estimate</th><th class="r">95% interval</th>'
        f"<th></th><th>Reading</th></tr></thead><tbody>{''.join(rows)}</tbody></table>"
    )


def _difference_row(name: str, used: Difference, plain: Difference, reach: float) -> str:
    drawn = _drawn(
        *(50 + 50 * value / reach for value in (used.low, used.value, used.high)),
        (50 + 50 * plain.low / reach, 50 + 50 * plain.high / reach),
        title=f"{words.difference_interval(used)}; Poisson {words.signed(plain.low)} to {words.signed(plain.high)}",
        stands=used.stands,
        falls=used.value < 0,
    )
    interval = f"{words.signed(used.low)} to {words.signed(used.high)}"
    return _told(f"Offences, {name[0].lower()}{name[1:]}", words.signed(used.value), interval, drawn, stands=used.stands)


def _told(name: str, estimate: str, interval: str, drawn: str, *, stands: bool) -> str:
    reading = words.STANDS if stands else words.CHANCE
    return (
        f'<tr><td>{html.escape(name)}</td><td class="r">{estimate}</td><td class="r">{interval}</td><td>{drawn}</td>'
        f'<td class="{"" if stands else "m"}">{reading}</td></tr>'
    )


def _drawn(low: float, middle: float, high: float, plain: tuple[float, float], *, title: str, stands: bool, falls: bool) -> str:
    """Draw an interval with spans (Streamlit strips inline SVG), in per cent of the axis; Poisson: thick."""
    low, middle, high, start, end = (min(max(value, 0.0), 100.0) for value in (low, middle, high, *plain))
    kind = ("fell" if falls else "rose") if stands else "hollow"
    poisson = ""
    if (start, end) != (low, high):
        poisson = f'<i class="line poisson {kind}" style="left:{start:.1f}%;width:{max(end - start, 1):.1f}%"></i>'
    return (
        f'<div class="axis" title="{html.escape(title)}"><i class="zero"></i>{poisson}'
        f'<i class="line {kind}" style="left:{low:.1f}%;width:{max(high - low, 1):.1f}%"></i>'
        f'<i class="dot {kind}" style="left:{middle:.1f}%"></i></div>'
    )


def foot(finding: EvaluationFinding, audience: str) -> None:
    """Close the page: how the figures were made, and what was left out."""
    if not words.is_hidden(finding, audience=audience):
        page.method_notes(_named(finding))
    page.footer(finding.selected)


def _named(finding: EvaluationFinding) -> tuple[str, ...]:
    """Add to the notes a longer baseline, where one is there to be had."""
    longer = long_baseline(finding)
    offer = () if longer is None else (f"A longer baseline is there: {longer.label()}.",)
    return (*words.notes(finding), *offer)
