"""Parts of the Density page: how much a hotspot depends on the bandwidth, and what the rules say of it."""

from __future__ import annotations

import html

import altair
import numpy as np
import pandas as pd
import streamlit as st

from hotspot.findings.bandwidth import DIGGLE, RULE_WORDS, BandwidthFinding, RuleValue, bandwidth_of
from hotspot.findings.density import DensityFinding, DensitySettings
from hotspot.findings.sensitivity import sensitivity_of
from hotspot.methods.bandwidth_choice import BandwidthChoice
from hotspot.methods.density import GAUSSIAN, QUARTIC, equal_variance
from hotspot.methods.sensitivity import Sensitivity
from hotspot.selection import Selection
from hotspot.ui import cached, charts, jobs, links, page
from hotspot.ui.keeping import kept


@kept
def _sensitivity(data: cached.DataKey, selection: Selection, settings: DensitySettings) -> tuple[Sensitivity, ...]:
    finding = cached.density(data, selection, settings)
    return sensitivity_of(finding, found=lambda other: cached.density(data, selection, other))


def sensitivity(data: cached.DataKey, finding: DensityFinding) -> tuple[Sensitivity, ...]:
    """Keep whether the hotspots of a finding are still hotspots at half and at twice the bandwidth."""
    return _sensitivity(data, finding.selected.selection, finding.settings)


def choosing(data: cached.DataKey, chosen: Selection) -> None:
    """Draw what each rule says of the bandwidth, once it is asked for: cross-validation takes seconds.

    For the force alone: reasons and notes tell small counts.
    """
    is_asked = links.setting("rules", False, read=_is_true)
    with st.expander("Choosing the bandwidth", expanded=is_asked):
        wanted = links.widget(
            st.toggle,
            "Compare the rules for these offences",
            name="rules",
            default=False,
            read=_is_true,
            help="The distance to the tenth nearest offence, likelihood cross-validation and Diggle's. It takes some seconds.",
        )
        if not wanted:
            return
        finding = jobs.kept(data, bandwidth_of, chosen, label="Cross-validation")
        if finding is not None:
            _draw(finding)


def _is_true(text: str) -> bool:
    return text == "True"


def _draw(finding: BandwidthFinding) -> None:
    st.html(f'<div class="hs-section">{html.escape(finding.headline)}</div>')
    rows = "".join(_row(value) for value in finding.values)
    st.html(
        '<table class="hs"><thead><tr><th>Rule</th><th class="r">Radius, quartic</th><th class="r">σ, gaussian</th></tr></thead>'
        f"<tbody>{rows}</tbody></table>"
    )
    for refusal in dict.fromkeys(value.refusal for value in finding.values if value.refusal):
        st.html(f'<p class="hs-refused">{html.escape(refusal)}</p>')
    page.warnings(tuple(f"{RULE_WORDS[value.rule]}: {value.warning}" for value in finding.values if value.warning))
    for side, curve in zip(st.columns(max(len(finding.curves), 1)), finding.curves, strict=False):
        with side:
            _curve(curve)
    least, most = finding.searched
    page.method_notes((f"Radii from {least:,.0f} to {most:,.0f} m were tried on {finding.count:,} offences.", *finding.notes))


def _row(value: RuleValue) -> str:
    words = f"<td>{html.escape(RULE_WORDS[value.rule])}</td>"
    if value.refusal:
        return f'<tr>{words}<td class="r m" colspan="2">cannot be used here</td></tr>'
    return f'<tr>{words}<td class="r">{value.radius:,.0f} m</td><td class="r">{value.sigma:,.0f} m</td></tr>'


def _curve(curve: BandwidthChoice) -> None:
    """Draw a rule's score by radius, its best width marked; widths whose score is far from the best are cut off."""
    radius = np.array([equal_variance(float(sigma), source=GAUSSIAN, target=QUARTIC) for sigma in curve.sigmas])
    loss = curve.scores - curve.scores.min() if curve.rule == DIGGLE else curve.scores.max() - curve.scores
    frame = pd.DataFrame({"radius": radius, "loss": loss / max(float(np.quantile(loss, 0.75)), 1e-300)})
    frame = frame[frame["loss"] <= 1.0]
    best = frame.loc[[frame["loss"].idxmin()]]
    x = altair.X(
        "radius:Q", title="radius, metres", scale=altair.Scale(type="log"), axis=altair.Axis(values=[50, 100, 300, 1_000, 3_000])
    )
    y = altair.Y("loss:Q", title=None, scale=altair.Scale(domain=[0, 1]), axis=altair.Axis(labels=False))
    line = altair.Chart(frame).mark_line(color=charts.NAVY, strokeWidth=2, clip=True).encode(x=x, y=y)
    dot = altair.Chart(best).mark_point(color=charts.INK, filled=True, size=70).encode(x=x, y=y)
    st.html(f'<div class="hs-note">{html.escape(RULE_WORDS[curve.rule])}: how much worse than the best</div>')
    charts.show(
        line + dot,
        height=150,
        says=f"Curve of how much worse each radius is than the best by {RULE_WORDS[curve.rule]}: "
        f"the best is {best['radius'].iloc[0]:,.0f} m.",
        figures=frame.rename(columns={"radius": "Radius, metres", "loss": "Worse than the best, of the scale drawn"}),
    )
