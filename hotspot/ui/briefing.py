"""Parts of the Briefing page: a notebook chosen, shown card by card on a projector, or taken away as a file."""

from __future__ import annotations

import html
from dataclasses import replace
from datetime import date
from functools import lru_cache, partial
from pathlib import Path

import streamlit as st
import streamlit.components.v1 as components
from streamlit_folium import st_folium

from hotspot.errors import HotspotError
from hotspot.export import cards
from hotspot.export.briefing import SYNTHETIC_WORDS, Briefing, Slide, for_audience, written
from hotspot.export.briefing_plans import plans_slide
from hotspot.export.cards import CardContent
from hotspot.findings.audience import FORCE, read_audience
from hotspot.maps import folium_map
from hotspot.maps.legend_record import recorded_legend_html
from hotspot.offences.store import Store
from hotspot.records import notebooks, plans
from hotspot.records.database import open_database
from hotspot.records.plan_drafts import Plan
from hotspot.ui import audited, cached, controls, downloads, gate, jobs, links, page, sign_in
from hotspot.ui import notebooks as shown_notebooks
from hotspot.ui.briefing_side import has_picture, side
from hotspot.ui.vendor import asset_url

FORMATS = {
    ".pptx": ("PowerPoint", "application/vnd.openxmlformats-officedocument.presentationml.presentation"),
    ".pdf": ("PDF", "application/pdf"),
    ".html": ("One HTML file", "text/html"),
}
_CHOICE, _LIST, _PRESENT, _CARD = "briefing-chosen", "widget-briefing", "briefing-present", "briefing-card"
_DARK, _SWIPE = "briefing-is-dark", "briefing-swipes"
_CSS = (Path(__file__).parent / "briefing.css").read_text("utf-8")
DARK = (
    ":root{--paper:#0F1A22;--ink:#F4F6F8;--ink2:#B6C2CC;--rule:#3A4853;--accent:#7FB2E5}"
    ".br-legend>div,.br-legend *{color:#14212B!important}"
)
HEADLINES = ((48, 2.1), (68, 1.65), (1_000, 1.42))
"""Fewer letters than the first number stand in one line at the second, in rem."""
_keys = components.declare_component("briefing_keys", path=str(Path(__file__).parent / "keys"))


def show() -> None:
    """Draw the page."""
    listed = notebooks.notebooks(open_database(), viewer=sign_in.viewer())
    names = [one.name for one in listed]
    _read_link(names)
    if not names:
        page.header(
            "Briefing", "There is nothing to present yet", "Pin a view on any page; the notebook that keeps it is shown here."
        )
        return
    presents = st.session_state.get(_PRESENT, False)
    chosen = st.session_state[_CHOICE] if presents else _choose(names)
    briefing = _with_plans(for_audience(_briefing(chosen), controls.present_audience()))
    if presents and briefing.slides:
        _present(briefing)
    else:
        st.session_state[_PRESENT] = False
        _overview(briefing)
        shown_notebooks.hidden(next(one for one in listed if one.name == chosen))
    _write_link(chosen)


def _briefing(name: str) -> Briefing:
    kept = notebooks.cards(open_database(), name, viewer=sign_in.viewer())
    return Briefing(name, date.today(), tuple(Slide(cards.from_record(one.record), one.note) for one in kept))


def _with_plans(briefing: Briefing) -> Briefing:
    """End with the plans that are due, where the force looks and the data that the cards are of are still there."""
    if controls.present_audience() != FORCE or not briefing.slides:
        return briefing
    query, data = briefing.slides[0].card.query, cached.key()
    if (query["source"], query["force"]) not in Store(data.folder).data_sets:
        return briefing
    listed = plans.plans(open_database(), today=briefing.issued, force=query["force"], viewer=sign_in.viewer())
    if not plans.due_of(listed, today=briefing.issued):
        return briefing
    return replace(
        briefing, slides=(*briefing.slides, _plans_slide(data, query["source"], query["force"], listed, briefing.issued))
    )


@lru_cache(maxsize=8)
def _plans_slide(data: cached.DataKey, source: str, force: str, listed: tuple[Plan, ...], today: date) -> Slide:
    store = Store(data.folder)
    facts, described = store.facts(source, force, scope=data.scope), store.force_named(force)
    context = cached.context(data, source, force)
    return plans_slide(
        listed, context, facts, described, lpa=None, today=today, fingerprint=data.fingerprint, areas=data.scope.names
    )


def _read_link(names: list[str]) -> None:
    """Take notebook, card and mode from a link that this session did not write itself."""
    state, link = st.session_state, st.query_params.to_dict()
    if not link:
        state[_PRESENT] = False
    elif link != state.get("url-written"):
        asked = " ".join(link.get("notebook", "").split()).casefold()
        found = next((name for name in names if name.casefold() == asked), None)
        if found is not None:
            state[_CHOICE] = found
            state.pop(_LIST, None)
        if "audience" in link:
            state.setdefault("settings", {})["audience"] = read_audience(link["audience"])
            state.pop("widget-audience", None)
        state[_PRESENT], state[_DARK] = link.get("present") == "1" and (found is not None or not asked), link.get("dark") == "1"
        state[_CARD] = int(link["card"]) - 1 if link.get("card", "").isdigit() else 0
        if asked and found is None:
            state["briefing-fault"] = f"There is no notebook '{link['notebook'][:80]}'; another one is shown."
    if names and state.get(_CHOICE) not in names:
        state[_CHOICE] = names[0]
        state.pop(_LIST, None)


def _write_link(name: str) -> None:
    state = st.session_state
    parameters = {"notebook": name}
    if controls.present_audience() != FORCE:
        parameters["audience"] = controls.present_audience()
    if state.get(_PRESENT):
        parameters |= {"present": "1", "card": str(state.get(_CARD, 0) + 1)}
        if state.get(_DARK):
            parameters["dark"] = "1"
    links.write(parameters)


def _choose(names: list[str]) -> str:
    with st.sidebar:
        st.html('<h2 class="hs-section">Briefing</h2>')
        # A presentation draws no list, and Streamlit forgets what is not drawn.
        st.session_state.setdefault(_LIST, st.session_state[_CHOICE])
        chosen = st.session_state[_CHOICE] = st.selectbox("Notebook", names, key=_LIST)
        controls.audience()
    return chosen


def _overview(briefing: Briefing) -> None:
    """List what will be shown, and offer the presentation and the files."""
    count = len(briefing.slides)
    page.header(
        "Briefing",
        f"{briefing.title}: {count} card{'' if count == 1 else 's'} to present",
        "One card a screen. Keys: arrows go on and back, S swipes between two periods, D darkens, Escape ends.",
    )
    fault = st.session_state.pop("briefing-fault", "")
    page.warnings((*((fault,) if fault else ()), *briefing.refusals))
    if not count:
        st.html('<p class="hs-refused">This notebook has no card that this audience may see. Pin one on any page.</p>')
        return
    if refused := audited.refusal():
        page.warnings((refused,))
    begin, *files = st.columns([1.2, 1, 1, 1.2, 2], gap="small")
    begin.button("Present", type="primary", on_click=_go, args=(0, True), width="stretch")
    for column, (suffix, (words, kind)) in zip(files, FORMATS.items(), strict=False):
        downloads.button(
            column,
            words,
            audited.export("briefing", suffix, partial(written, briefing, suffix), rows=len(briefing.slides)),
            file_name=f"{briefing.title}{suffix}",
            mime=kind,
            disabled=bool(refused),
            key=f"briefing{suffix}",
        )
    for place, slide in enumerate(briefing.slides):
        words, button = st.columns([6, 1], vertical_alignment="center")
        points = " ".join(slide.points)
        words.html(
            f'<div class="hs-kicker">{place + 1}. {html.escape(slide.card.kicker)}</div>'
            f'<h2 class="hs-section">{html.escape(slide.card.headline)}</h2><div class="hs-note">{html.escape(points)}</div>'
        )
        button.button("From here", key=f"briefing-from-{place}", on_click=_go, args=(place, True), width="stretch")
    st.html(f'<div class="hs-footer">{html.escape(" ".join(briefing.licences))} <b>{html.escape(briefing.marking)}</b></div>')


def _go(place: int, presents: bool = True) -> None:
    st.session_state[_CARD], st.session_state[_PRESENT], st.session_state[_SWIPE] = place, presents, False


def _turn(name: str) -> None:
    st.session_state[name] = not st.session_state.get(name, False)


def _present(briefing: Briefing) -> None:
    """Show one card on the whole screen."""
    last = len(briefing.slides) - 1
    place = st.session_state[_CARD] = min(max(st.session_state.get(_CARD, 0), 0), last)
    slide = briefing.slides[place]
    st.html(f"<style>{_CSS}{DARK if st.session_state.get(_DARK) else ''}</style>")
    st.html(_bar(briefing, slide.card, place))
    # A place of its own: the map below must not be mounted anew when a bar comes and goes.
    with st.container():
        seen = _swiped(slide.card)
    st.html(_head(slide.card))
    left, right = st.columns([1.52, 1], gap="medium") if has_picture(slide.card) else (None, st.container())
    if left is not None:
        with left:
            _seen(seen)
    right.html(side(slide.card))
    st.html(_foot(slide))
    _buttons(place, last, is_comparison=slide.card.page == "compare")
    _keys(key="briefing-listener")


def _bar(briefing: Briefing, card: CardContent, place: int) -> str:
    synthetic = f'<span class="hs-synthetic">{SYNTHETIC_WORDS}</span>' if card.synthetic else ""
    return (
        f'<div class="br-bar"><span><b>{html.escape(card.marking.upper())}</b>{synthetic}</span>'
        f'<span class="mid">{html.escape(briefing.title)} · {place + 1} of {len(briefing.slides)}</span>'
        f'<span class="end">{html.escape(briefing.date_words)}</span></div>'
    )


def _head(card: CardContent) -> str:
    size = next(size for most, size in HEADLINES if len(card.headline) < most)
    return (
        f'<h1 class="hs-headline br-headline" style="font-size:{size}rem">{html.escape(card.headline)}</h1>'
        f'<div class="br-subline">{html.escape(card.kicker)}. {html.escape(card.subline)}</div>'
    )


def _swiped(card: CardContent) -> CardContent:
    """Give the card's swipe between its two periods where it was asked for and the data are still the card's."""
    key = cached.key(card.scope)
    if card.page != "compare" or not st.session_state.get(_SWIPE):
        return card
    if card.query.get("view") == "Swipe":
        return card
    if card.fingerprint != key.fingerprint:
        st.html(
            '<p class="br-subline">The data have changed since this was pinned, so its periods cannot be swiped any more.</p>'
        )
        return card
    asked = tuple(sorted((card.query | {"view": "Swipe"}).items()))
    try:
        made = jobs.kept(key, cards.content_of, "compare", asked, label="Drawing both periods")
    except HotspotError as fault:
        st.html(f'<p class="br-subline" role="alert">{html.escape(str(fault))}</p>')
        return card
    return card if made is None else replace(card, base_map=made.base_map, overlay=made.overlay, legend=made.legend)


def _seen(card: CardContent) -> None:
    """Draw the card's own map, live; its picture where it has none."""
    if not (card.base_map and card.overlay):
        gate.picture(card.picture, alt=card.headline)
        return
    base, overlay = folium_map.kept_map(card.base_map, card.overlay, title=f"Map: {card.headline}", asset_url=asset_url())
    st_folium(base, key="briefing-map", height=400, use_container_width=True, returned_objects=[], feature_group_to_add=overlay)
    st.html(f'<div class="br-legend">{recorded_legend_html(card.legend)}</div>')


def _foot(slide: Slide) -> str:
    card = slide.card
    words = f"{slide.counted} {card.licence}"
    return f'<div class="br-foot"><span>{html.escape(words)}</span><b>{html.escape(card.marking.upper())}</b></div>'


def _buttons(place: int, last: int, *, is_comparison: bool) -> None:
    """Draw the buttons that the keys click; they show themselves to whoever comes by the Tab key."""
    with st.container(key="briefing-keys", horizontal=True):
        st.button("Previous", key="briefing-previous", on_click=_go, args=(max(place - 1, 0),))
        st.button("Next", key="briefing-next", on_click=_go, args=(min(place + 1, last),))
        st.button("First", key="briefing-first", on_click=_go, args=(0,))
        st.button("Last", key="briefing-last", on_click=_go, args=(last,))
        if is_comparison:
            st.button("Swipe between periods", key="briefing-swipe", on_click=_turn, args=(_SWIPE,))
        st.button("Dark or light", key="briefing-dark", on_click=_turn, args=(_DARK,))
        st.button("End", key="briefing-end", on_click=_go, args=(place, False))
