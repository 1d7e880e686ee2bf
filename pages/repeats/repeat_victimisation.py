"""How often the same premises, victim or vehicle, and how soon; how unequally offences fall on places and people."""

import streamlit as st

from hotspot.selection import COMMITTED
from hotspot.ui import cached, controls, downloads, page, repeats, style

chosen = controls.selection(bases=(COMMITTED,))
by, window_days = repeats.measure(chosen)
audience = controls.audience()
key = cached.key()


def draw() -> None:
    """Draw the page where the data can tell repeats."""
    finding = cached.repeats(key, chosen, by, window_days)

    style.map_size(whole_force=chosen.is_whole_force, rest="30rem")
    repeats.head(finding, audience)
    page.offer_nearest(finding.selected)
    time_side, times_side, map_side = st.columns([1.05, 0.95, 1], gap="medium")
    with time_side:
        page.section("Time to the next offence", "Pairs by weeks between them; line: expected by chance")
        repeats.course(finding, audience)
    with times_side:
        page.section("How many times", repeats.times_note(finding))
        repeats.times(finding, audience)
    with map_side:
        page.section("Where repeats were", "Each moved by up to 200 m")
        repeats.places(key, finding, audience)
    list_side, curve_side = st.columns([1.3, 1], gap="medium")
    with list_side:
        page.section("Most repeats")
        repeats.most(key, finding, audience)
        downloads.repeats(finding, audience)
    with curve_side:
        repeats.concentration(key, chosen, audience)
    repeats.foot(finding, audience)


if not repeats.refused(key, chosen, audience):
    draw()
