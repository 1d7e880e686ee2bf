"""What a viewer who is limited to some LPAs gets: nothing of the others, whichever way he asks."""

import json
from dataclasses import fields, replace
from datetime import date, datetime

import geopandas
import numpy as np
import pytest
import shapely
from signed_in import ANN, COVENTRY, FORCE, HIDDEN, IAN, OTHER, OTHERS, OWN, QUERY, SOURCE, store_of, write_records

from hotspot.boundaries.areas import Areas
from hotspot.boundaries.context import ContextLayer
from hotspot.errors import BadInput, NotAllowed
from hotspot.export import cards
from hotspot.export.cards import from_record, to_record
from hotspot.findings.counted import counted_words
from hotspot.findings.selected import select
from hotspot.geography import OUTSIDE, DrawnArea
from hotspot.offences.context_store import keep_layer, open_layer
from hotspot.offences.scope import EVERYTHING, Scope
from hotspot.offences.store import Store, read
from hotspot.offences.store_changes import add_level
from hotspot.period import Period
from hotspot.records import notebooks, plans
from hotspot.records.events import Event, add_event, change_event, kept_events, remove_event
from hotspot.selection import Selection
from hotspot.viewer import LOCAL

TWO = Scope(frozenset({OWN, "Solihull"}))
DATA = {"source": SOURCE, "force": FORCE}
NOW = datetime(2024, 10, 2, 9)
SQUARE = {"drawn": '["City centre",[[432500,278500],[434000,278500],[434000,280000],[432500,280000]]]'}
"""In the viewer's own LPA: an evaluation lays its comparison areas round it."""


@pytest.fixture(scope="module")
def stores(tmp_path_factory) -> tuple[Store, Store]:
    """Two stores that differ in the offences of other LPAs alone."""
    folder = tmp_path_factory.mktemp("scope")
    return store_of(folder / "all"), store_of(folder / "fewer", fewer_elsewhere=True)


@pytest.fixture(scope="module")
def store(stores) -> Store:
    return stores[0]


@pytest.fixture(scope="module")
def database(store, tmp_path_factory):
    return write_records(store, f"sqlite:///{tmp_path_factory.mktemp('records')}/records.sqlite")


def selection(**more) -> Selection:
    return Selection(SOURCE, FORCE, "Vehicle crime", Period(date(2024, 1, 1), date(2024, 10, 1)), **more)


def test_a_scope_gives_the_offences_of_its_lpas_and_no_other(store):
    everything, own = (read(store, scope=scope, **DATA, columns=["offence_id", "lpa"]) for scope in (EVERYTHING, COVENTRY))
    assert set(own["lpa"]) == {OWN} and len(own) == (everything["lpa"] == OWN).sum() > 0
    assert {OUTSIDE, OTHER} <= set(everything["lpa"].dropna()) and everything["lpa"].isna().any()
    assert set(read(store, scope=TWO, **DATA, columns=["lpa"])["lpa"]) == {OWN, "Solihull"}


def test_a_scope_of_no_lpa_cannot_be_made():
    with pytest.raises(ValueError, match="at least one"):
        Scope(frozenset())


def test_facts_count_the_scope_and_cover_the_days_of_all_data(store):
    everything, own = (store.facts(SOURCE, FORCE, scope=scope) for scope in (EVERYTHING, COVENTRY))
    frame = read(store, scope=COVENTRY, **DATA, columns=["crime_type"])
    assert own.crime_types == frame["crime_type"].value_counts().to_dict()
    assert own.rows_used == len(frame) < everything.rows_used and everything.excluded and own.excluded == {}
    assert (own.first_day, own.end, own.months) == (everything.first_day, everything.end, everything.months)


@pytest.mark.parametrize("page", cards.PAGES)
def test_a_card_is_the_same_whatever_happened_in_other_lpas(stores, page):
    """Counts, words, tables, pictures and maps: one bit of another LPA's offences in any of them would differ."""
    first, second = (made(store, page) for store in stores)
    assert first == second
    assert first["areas"] == (OWN,) and not any(name in str(first["table_rows"]) for name in OTHERS)


def made(store: Store, page: str) -> dict[str, object]:
    query = QUERY | (SQUARE if page == "evaluation" else {})
    content = cards.content(store.path, page, query, scope=COVENTRY, progress=lambda *_: None)
    return {one.name: getattr(content, one.name) for one in fields(content) if one.name != "fingerprint"}


def test_the_stores_differ_for_who_sees_all(stores):
    rows = [store.facts(SOURCE, FORCE, scope=EVERYTHING).rows_used for store in stores]
    assert rows[0] > 1.5 * rows[1]
    counts = [select(store, selection(), scope=EVERYTHING).count for store in stores]
    assert counts[0] > 1.5 * counts[1]


def test_a_selection_says_to_what_it_is_limited(store):
    whole = select(store, selection(), scope=COVENTRY)
    assert whole.selection.title().startswith("Vehicle crime in Coventry")
    assert set(whole.counts_by_area()) == {OWN} and whole.limit.equals(store.areas(scope=COVENTRY).union)
    assert "Limited to Coventry" in counted_words(whole, audience="force") and "Limited to" in counted_words(
        whole, audience="public"
    )
    assert "Limited" not in counted_words(select(store, selection(), scope=EVERYTHING), audience="force")
    assert select(store, selection(), scope=TWO).selection.place == "Coventry and Solihull"


@pytest.mark.parametrize("area", [OTHER, OUTSIDE])
def test_an_area_of_others_cannot_be_asked_for(store, area):
    with pytest.raises(BadInput):
        select(store, selection(area=area), scope=COVENTRY)


def test_a_drawn_area_elsewhere_holds_no_offence(store):
    west, south, east, north = store.areas().geometry(OTHER).bounds
    ring = ((west, south), (east, south), (east, north), (west, north))
    drawn = selection(drawn=DrawnArea("Birmingham by hand", ring))
    assert select(store, drawn, scope=EVERYTHING).count > 100
    assert select(store, drawn, scope=COVENTRY).count == 0


def test_lpas_that_the_data_do_not_have_are_named_in_a_sentence(store):
    with pytest.raises(BadInput, match=r"None of the LPAs that you may see.*Leeds"):
        select(store, selection(), scope=Scope(frozenset({"Leeds"})))


def test_of_a_further_level_there_are_the_areas_that_lie_in_the_scope(stores):
    store = Store(stores[1].path)
    own = store.areas().geometry(OWN)
    west, south, _, north = own.bounds
    inside, across = own.representative_point().buffer(500), shapely.box(west - 9_000, south, west + 900, north)
    frame = geopandas.GeoDataFrame({"name": ["Inner", "Across"]}, geometry=[inside, across], crs="EPSG:27700")
    add_level(store.path, Areas("ward", frame), force=FORCE)
    changed = Store(store.path)
    assert changed.areas("ward", scope=COVENTRY).names == ("Inner",)
    assert changed.levels_of(FORCE, scope=COVENTRY) == ("LPA", "ward")
    assert changed.levels_of(FORCE, scope=Scope(frozenset({"Walsall"}))) == ("LPA",)


def test_a_context_layer_shows_what_stands_in_the_scope(stores):
    store = Store(stores[1].path)
    points = np.array([store.areas().geometry(name).representative_point() for name in (OWN, OTHER, "Dudley")])
    entry = keep_layer(store.path, ContextLayer("CCTV", points, "EPSG:27700"), force=FORCE, today=date(2024, 1, 1), replace=False)
    own, everything = (open_layer(store.path, entry, scope=scope) for scope in (COVENTRY, EVERYTHING))
    assert (len(own), len(everything)) == (1, 3) and own.fingerprint != everything.fingerprint


def test_a_notebook_shows_a_scoped_viewer_his_cards_and_counts_the_others(database):
    (listed,) = notebooks.notebooks(database, viewer=ANN)
    assert (listed.cards, listed.hidden) == (1, 1) and "1 card made from offences" in notebooks.hidden_words(listed.hidden)
    (own,) = notebooks.cards(database, "Weekly", viewer=ANN)
    assert from_record(own.record).areas == (OWN,) and own.note == "ours"
    assert [one.hidden for one in notebooks.notebooks(database)] == [0] and len(notebooks.cards(database, "Weekly")) == 2


def test_a_card_that_may_not_be_seen_cannot_be_touched(database):
    hidden = notebooks.cards(database, "Weekly")[1]
    for act in (
        lambda: notebooks.card(database, hidden.number, viewer=ANN),
        lambda: notebooks.write_note(database, hidden.number, "mine", revision=hidden.revision, viewer=ANN),
        lambda: notebooks.move(database, hidden.number, by=-1, now=NOW, viewer=ANN),
        lambda: notebooks.delete_card(database, hidden.number, now=NOW, viewer=ANN),
    ):
        with pytest.raises(BadInput, match="There is no card"):
            act()
    with pytest.raises(NotAllowed, match="holds 1 card made"):
        notebooks.delete(database, "Weekly", viewer=ANN)
    assert [one.note for one in notebooks.cards(database, "Weekly")] == ["ours", hidden.note]


def test_a_card_of_an_older_version_counts_as_made_from_all_offences(database):
    record = notebooks.cards(database, "Weekly")[0].record
    document = {name: value for name, value in json.loads(record.document).items() if name != "areas"}
    older = type(record)(json.dumps(document), record.picture, record.base_map, record.overlay)
    assert from_record(older).scope == EVERYTHING
    notebooks.pin(database, "Old", older, now=NOW)
    assert notebooks.cards(database, "Old", viewer=ANN) == ()
    notebooks.delete(database, "Old")


def test_a_card_of_two_lpas_is_not_shown_to_who_may_see_one(store):
    content = cards.content(store.path, "investigation", QUERY, scope=TWO, progress=lambda *_: None)
    assert from_record(to_record(content)).areas == (OWN, "Solihull")
    assert not ANN.sees_all_of(content.areas) and LOCAL.sees_all_of(content.areas)


def test_plans_of_other_lpas_are_not_there(database):
    everyone = plans.plans(database, today=NOW.date())
    other = next(one for one in everyone if one.draft.lpa == OTHER)
    assert [one.draft.lpa for one in plans.plans(database, today=NOW.date(), viewer=IAN)] == [OWN]
    assert plans.plans(database, today=NOW.date(), lpa=OTHER, viewer=IAN) == ()
    for act in (
        lambda: plans.plan(database, other.number, viewer=IAN),
        lambda: plans.history(database, other.number, viewer=IAN),
        lambda: plans.save(database, other.number, replace(other.draft, lpa=OWN), revision=1, who="Ian", now=NOW, viewer=IAN),
    ):
        with pytest.raises(BadInput, match="There is no plan"):
            act()
    assert plans.plan(database, other.number).draft.title.startswith(HIDDEN)


def test_a_plan_cannot_be_written_into_another_lpa(database):
    own = next(one for one in plans.plans(database, today=NOW.date()) if one.draft.lpa == OWN)
    moved = replace(own.draft, lpa=OTHER)
    with pytest.raises(NotAllowed, match="must concern an LPA that you may see: Coventry"):
        plans.save(database, own.number, moved, revision=own.revision, who="Ian", now=NOW, viewer=IAN)
    with pytest.raises(NotAllowed, match="must concern"):
        plans.create(database, moved, own.area, who="Ian", now=NOW, viewer=IAN)
    kept = plans.save(database, own.number, own.draft, revision=own.revision, who="Ian", now=NOW, viewer=IAN)
    assert kept.draft == own.draft


def test_events_of_the_whole_force_are_seen_and_those_of_other_lpas_are_not(database):
    day, lpas = date(2024, 3, 1), (OWN, OTHER)
    other = add_event(database, Event(day, f"{HIDDEN} began", OTHER), lpas=lpas)
    add_event(database, Event(day, "Recording changed"), lpas=lpas)
    own = add_event(database, Event(day, "A pilot began", OWN), lpas=lpas, viewer=ANN)
    assert {one.label for one in kept_events(database, viewer=ANN)} == {"Recording changed", "A pilot began"}
    with pytest.raises(BadInput, match="no event number"):
        remove_event(database, other.number, viewer=ANN)
    with pytest.raises(NotAllowed):
        change_event(database, Event(day, "Mine now", OWN, "", other.number, other.revision), lpas=lpas, viewer=ANN)
    with pytest.raises(NotAllowed, match="must concern an LPA"):
        add_event(database, Event(day, "For all"), lpas=lpas, viewer=ANN)
    assert remove_event(database, own.number, viewer=ANN).label == "A pilot began"
