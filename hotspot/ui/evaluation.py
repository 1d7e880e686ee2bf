"""Parts of the Evaluation page."""

from __future__ import annotations

import html

import streamlit as st

from hotspot.findings import evaluation_words as words
from hotspot.findings.audience import COUNTS_HIDDEN, FORCE
from hotspot.findings.evaluation import SUGGESTED, EvaluationFinding, evaluation_finding
from hotspot.findings.evaluation_periods import EvaluationSettings
from hotspot.maps import evaluation_scene, legend
from hotspot.methods.evaluation import Difference
from hotspot.offences.store import Store
from hotspot.selection import Selection
from hotspot.ui import cached, links, maps, page, tables
from hotspot.ui.evaluation_charts import both_series
from hotspot.ui.evaluation_plans import worked_example
from hotspot.ui.keeping import kept

_SUGGESTED = "evaluation-suggested"


@kept
def found(data: cached.DataKey, selection: Selection, settings: EvaluationSettings) -> EvaluationFinding:
    """Keep an evaluation."""
    return evaluation_finding(Store(data.folder), selection, settings, scope=data.scope)


def comparison(suggested: EvaluationFinding, audience: str) -> tuple[str, ...]:
    """Draw which areas it is compared with; empty: those suggested. A score would tell the public an area's count."""
    scores = {name: one for name, one in suggested.candidates}
    usual = [name for name, _ in suggested.candidates[:SUGGESTED]]
    stored = [name for name in links.listed(links.setting("comparison", "", read=str)) if name in scores]
    key, state = "widget-comparison", st.session_state
    if key not in state:
        state[key] = stored or usual
    elif state[key] == state.get(_SUGGESTED) or not set(state[key]) <= set(scores):
        state[key] = usual  # what was only suggested follows the suggestion
    state[_SUGGESTED] = usual

    def told(name: str) -> str:
        place = suggested.places.get(name, name)
        return f"{place} ({scores[name].score:.2f})" if audience == FORCE else place

    said = "In brackets the score: 0 is alike in level and trend before the start, 0.1 about 10% apart."
    with st.sidebar:
        picked = st.multiselect(
            "Comparison areas",
            list(scores),
            key=key,
            format_func=told,
            help=said if audience == FORCE else "The most alike in level and trend before the start come first.",
        )
    names = () if not picked or picked == usual else tuple(picked)
    links.keep("comparison", links.SEPARATOR.join(names))
    return names


def map_of(data: cached.DataKey, finding: EvaluationFinding) -> None:
    """Draw the treated area, its ring and the comparison areas."""
    selection = finding.selection
    scene, shows = _scene(data, selection, finding), "the treated area and its comparison"
    maps.show(scene, finding.selected, key="evaluation", shows=shows, of=selection.title())
    st.html(legend.key_legend(evaluation_scene.legend_of(finding)))


@kept
def _scene(data: cached.DataKey, selection: Selection, finding: EvaluationFinding) -> evaluation_scene.Scene:
    return evaluation_scene.evaluation_scene(finding, cached.context(data, selection.source, selection.force))


def chart(finding: EvaluationFinding, audience: str) -> None:
    """Draw both series with the start marked."""
    page.section("Offences a month, the start marked")
    if words.hides_months(finding, audience=audience):
        st.html(f'<p class="hs-note">{COUNTS_HIDDEN}</p>')
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
    if words.is_hidden(finding, audience=audience) or words.is_too_few(finding):
        return
    page.section("Beside the comparison")
    st.html(_beside(finding))


def readings(finding: EvaluationFinding, audience: str) -> None:
    """Say how the measures are read, what could have been detected, and what being chosen high does by itself."""
    if words.is_hidden(finding, audience=audience) or words.is_too_few(finding):
        return
    said = [words.detectable_words(finding), "Negative: fewer offences than the comparison leads one to expect."]
    if any(arm.dispersion.is_clustered for arm in (finding.treated, finding.comparison)):
        said.append("Widened for clustering; the thick middle is the Poisson interval.")
    st.html(f'<div class="hs-note">{html.escape(" ".join((*said, words.rule_words(finding, audience=audience))))}</div>')


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
        f"<th>Drawn</th><th>Reading</th></tr></thead><tbody>{''.join(rows)}</tbody></table>"
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
    return tables.axis(
        f'<i class="zero"></i>{poisson}<i class="line {kind}" style="left:{low:.1f}%;width:{max(high - low, 1):.1f}%"></i>'
        f'<i class="dot {kind}" style="left:{middle:.1f}%"></i>',
        title,
    )


def foot(finding: EvaluationFinding, audience: str) -> None:
    """Close the page: how the figures were made, and what was left out."""
    if not words.is_hidden(finding, audience=audience):
        page.method_notes(words.notes(finding))
    if example := worked_example(finding.selection):
        st.html(f'<div class="hs-note">{example}</div>')
    page.footer(finding.selected)
