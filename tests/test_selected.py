"""What a selection means: periods, dates, flags, shares, areas; and what the data cannot answer."""

from datetime import date
from pathlib import Path
from tempfile import TemporaryDirectory

import geopandas
import pytest
import shapely
import street_files
from hypothesis import given, settings
from hypothesis import strategies as st
from small_store import BEYOND, EAST, FORCE, IN_EAST, IN_WEST, SOURCE, WEST, offence, selection, several, small_store

from hotspot.boundaries.areas import Areas
from hotspot.errors import BadInput, NotKnowable
from hotspot.findings.selected import NO_LOCATION, select
from hotspot.geography import OUTSIDE, DrawnArea
from hotspot.offences.load import import_sources
from hotspot.offences.store import EVERYTHING, Store
from hotspot.offences.store_changes import add_level
from hotspot.period import Period
from hotspot.selection import KNIFE, MONTH, REPORTED, UNDER_25

WARDS = {"Mill": shapely.box(400_000, 290_000, 402_500, 294_000), "Park": shapely.box(402_500, 290_000, 408_000, 294_000)}
OFFENCES = [
    # The period is 1 April to 30 September 2024.
    offence(1, IN_WEST, "2024-03-31 23:59", reported="2024-04-01 08:00"),
    offence(2, IN_WEST, "2024-04-01 00:00", reported="2024-04-01 08:00", knife="Y", street="High Street"),
    offence(3, IN_EAST, "2024-09-30 23:59", reported="2024-10-01 00:00", knife="N"),
    offence(4, IN_EAST, "2024-10-01 00:00", reported="2024-10-02"),
    offence(5, BEYOND, "2024-05-01 12:00", kind="Business and community burglary", knife="Y"),
    offence(6, None, "2024-05-02 12:00", lpa=WEST),
    offence(7, None, "2024-05-03 12:00"),
    offence(8, (0, 0), "2024-05-04 12:00"),
    offence(9, IN_EAST, "2024-05-05 12:00", kind="Robbery"),
    # One offence with three victims, one of them under 25; and one with a victim of exactly 25.
    offence(10, IN_WEST, "2024-06-01 12:00", victim="a", age=40),
    offence(10, IN_WEST, "2024-06-01 12:00", victim="b", age=24),
    offence(10, IN_WEST, "2024-06-01 12:00", victim="c"),
    offence(11, IN_WEST, "2024-06-01 12:00", victim="d", age=25),
    # Found after a weekend away: Friday 14 June 18:00 to Sunday 16 June 18:00.
    offence(12, IN_EAST, "2024-06-14 18:00", to="2024-06-16 18:00"),
]
IN_PERIOD = {"2", "3", "5", "6", "7", "8", "10", "11", "12"}


@pytest.fixture(scope="module")
def store(tmp_path_factory):
    return small_store(tmp_path_factory.mktemp("selected"), OFFENCES)


@pytest.fixture(scope="module")
def monthly(tmp_path_factory):
    folder = tmp_path_factory.mktemp("monthly")
    path = street_files.street_file(folder, street_files.row("a" * 64), street_files.row("b" * 64, at=("", "")))
    import_sources([path], store=folder / "store", profile="police-uk", today=date(2026, 1, 1))
    return Store(folder / "store")


def find(store, crime_type="Burglary", **limits):
    return select(store, selection(crime_type, **limits), scope=EVERYTHING, extra_columns=("offence_id",))


def references(selected):
    return set(selected.inside["offence_id"])


def test_a_period_holds_its_first_day_and_not_the_day_it_ends_on(store):
    assert references(find(store)) == IN_PERIOD


def test_the_date_that_counts_decides_what_lies_in_the_period(store):
    assert references(find(store, date_basis=REPORTED)) == {"1", "2"}
    assert references(find(store, date_basis=MONTH)) == IN_PERIOD
    assert references(find(store, date_basis=REPORTED, period=Period(date(2024, 10, 1), date(2024, 10, 2)))) == {"3"}


def test_a_group_holds_its_sub_types_and_a_sub_type_itself_alone(store):
    assert references(find(store, "Residential burglary")) == IN_PERIOD - {"5"}
    assert references(find(store, "Business and community burglary")) == {"5"}
    assert references(find(store, "All acquisitive")) == IN_PERIOD | {"9"}
    assert find(store, "Drugs").count == 0


def test_an_unknown_knife_is_neither_a_knife_nor_none(store):
    assert references(find(store, flags=(KNIFE,))) == {"2", "5"}


def test_one_victim_under_25_among_several_is_enough_and_25_is_not_under_25(store):
    assert references(find(store, flags=(UNDER_25,))) == {"10"}
    assert references(find(store, flags=(KNIFE, UNDER_25))) == set()


def test_an_offence_with_several_victims_counts_once(store):
    assert find(store, area=WEST, period=Period(date(2024, 6, 1), date(2024, 6, 2))).count == 2


def test_a_share_of_the_window_is_worked_out_by_hand(store):
    # 48 hours from Friday 18:00: 6 on Friday, 24 on Saturday, 18 on Sunday; 12 of them between 18:00 and 24:00.
    only = {"area": EAST, "period": Period(date(2024, 6, 1), date(2024, 7, 1))}
    assert find(store, **only, weekdays=(4,)).count == pytest.approx(6 / 48)
    assert find(store, **only, weekdays=(5,)).count == pytest.approx(24 / 48)
    assert find(store, **only, weekdays=(5, 6)).count == pytest.approx(42 / 48)
    assert find(store, **only, hours=(18, 24)).count == pytest.approx(12 / 48)
    assert find(store, **only, weekdays=(0,)).frame.empty


@pytest.mark.parametrize("bands", [[{"weekdays": (day,)} for day in range(7)], [{"hours": (h, h + 4)} for h in range(0, 24, 4)]])
def test_shares_of_all_bands_add_up_to_the_offences(store, bands):
    assert sum(find(store, **band).count for band in bands) == pytest.approx(find(store).count)


def test_an_lpa_named_by_the_extract_counts_inside_without_a_location(store):
    west = find(store, area=WEST)
    assert references(west) == {"2", "6", "10", "11"}
    assert (west.without_location, west.unusable, len(west.located_inside)) == (1, 0, 3)


def test_the_located_offences_of_the_force_stay_beyond_the_area(store):
    west = find(store, area=WEST)
    assert set(west.located["offence_id"]) == {"2", "3", "5", "10", "11", "12"}
    assert west.limit.area == 32e6
    assert west.area.area == 16e6


@pytest.mark.parametrize("area", [WEST, EAST, OUTSIDE, None])
def test_who_counts_an_lpa_alone_reads_its_own_offences_alone(store, area):
    whole = find(store, area=area)
    alone = select(store, whole.selection, scope=EVERYTHING, extra_columns=("offence_id",), inside_alone=True)
    assert set(alone.frame["offence_id"]) == references(alone) == references(whole) != set()
    assert len(whole.frame) > len(alone.frame) or area is None


def test_outside_the_lpas_is_an_area(store):
    assert references(find(store, area=OUTSIDE)) == {"5"}
    assert find(store).outside_lpas == 1


def test_what_cannot_be_placed_is_counted_and_the_areas_add_up(store):
    whole = find(store)
    assert (whole.count, whole.without_location, whole.unusable) == (9, 2, 1)
    assert whole.counts_by_area() == {WEST: 4, EAST: 2, OUTSIDE: 1, NO_LOCATION: 2}


def test_a_drawn_area_holds_the_offences_in_it_whatever_lpa_they_name(store):
    ring = ((401_000, 291_000), (403_000, 291_000), (403_000, 293_000), (401_000, 293_000))
    drawn = find(store, drawn=DrawnArea("Market", ring))
    assert references(drawn) == {"2", "10", "11"}
    crossed = ((401_000, 291_000), (403_000, 293_000), (403_000, 291_000), (401_000, 293_000))
    assert find(store, drawn=DrawnArea("Hourglass", crossed)).area.is_valid


def test_wards_are_areas_like_lpas(tmp_path):
    store = small_store(tmp_path, OFFENCES)
    wards = geopandas.GeoDataFrame({"name": list(WARDS)}, geometry=list(WARDS.values()), crs="EPSG:27700")
    add_level(store.path, Areas("ward", wards), force=FORCE)
    store = Store(store.path)
    mill = find(store, level="ward", area="Mill")
    assert references(mill) == {"2", "10", "11"}
    # The extract names an LPA for offence 6 and no ward: without a location it is in none.
    assert mill.counts_by_area() == {"Mill": 3, "Park": 2, OUTSIDE: 1, NO_LOCATION: 3}
    with pytest.raises(BadInput, match="no area 'Westley' among the level 'ward'"):
        find(store, level="ward", area=WEST)


def test_two_sources_are_never_counted_together(tmp_path):
    both = small_store(tmp_path, several(3, "a"), source="One")
    small_store(tmp_path, several(5, "b"), source="Two")
    both = Store(both.path)
    assert [find(both, source=source).count for source in ("One", "Two")] == [3, 5]


def test_each_force_has_its_own_areas(tmp_path):
    north = {"Norley": shapely.box(400_000, 290_000, 408_000, 294_000)}
    small_store(tmp_path, several(3, "a"))
    store = small_store(tmp_path, several(2, "b", BEYOND) + several(4, "c"), lpas=north, force="Othershire")
    assert find(store).counts_by_area() == {WEST: 3, EAST: 0}
    assert find(store, force="Othershire").counts_by_area() == {"Norley": 4, OUTSIDE: 2}
    assert find(store, force="Othershire").areas.names == ("Norley",)


def test_without_boundaries_the_force_is_one_area(tmp_path):
    store = small_store(tmp_path, [*several(3, "a"), offence("n", None)], lpas=None)
    whole = find(store)
    assert (whole.areas, whole.area, whole.limit) == (None, None, None)
    assert whole.counts_by_area() == {FORCE: 4}
    with pytest.raises(BadInput, match="no areas of the level 'LPA'"):
        find(store, area=WEST)


@pytest.mark.parametrize(("limits", "said"), [({"area": "Nowhere"}, "Westley, Eastley"), ({"level": "ward"}, "it has: LPA")])
def test_an_unknown_area_or_level_is_refused_with_what_there_is(store, limits, said):
    with pytest.raises(BadInput, match=said):
        find(store, **limits)


def january(monthly, **limits):
    given = {
        "source": "police.uk",
        "force": "West Midlands",
        "date_basis": MONTH,
        "period": Period(date(2014, 1, 1), date(2014, 2, 1)),
    }
    return select(monthly, selection(**given | limits), scope=EVERYTHING)


def test_monthly_data_answer_in_whole_months(monthly):
    whole = january(monthly)
    assert (whole.count, whole.without_location) == (2, 1)


@pytest.mark.parametrize(
    ("limits", "said"),
    [
        ({"period": Period(date(2014, 1, 1), date(2014, 1, 15))}, "begin and end on the first of a month; 1 to 14 January 2014"),
        ({"hours": (22, 4)}, "not its day or hour"),
        ({"weekdays": (5,)}, "not its day or hour"),
        ({"flags": (KNIFE,)}, "does not record 'knife'"),
        ({"flags": (UNDER_25,)}, "does not record 'victim under 25'"),
        ({"date_basis": "committed"}, "the month alone"),
    ],
)
def test_what_monthly_data_do_not_know_is_refused_in_a_sentence(monthly, limits, said):
    with pytest.raises(NotKnowable, match=said) as refusal:
        january(monthly, **limits)
    assert str(refusal.value).endswith(".")


def test_a_date_that_the_extract_lacks_is_refused(tmp_path):
    store = small_store(tmp_path, several(3, "a"))
    with pytest.raises(NotKnowable, match="has no reported date"):
        find(store, date_basis=REPORTED)


where = st.one_of(st.none(), st.tuples(st.integers(396_000, 414_000), st.integers(286_000, 298_000)))
rows = st.lists(st.tuples(where, st.integers(0, 400), st.sampled_from(("", WEST, EAST))), min_size=1, max_size=25)


@settings(max_examples=12, deadline=None)
@given(rows=rows, weekdays=st.sets(st.integers(0, 6)).map(lambda days: tuple(sorted(days))))
def test_areas_add_up_to_the_force_wherever_offences_are(rows, weekdays):
    start = date(2024, 1, 1).toordinal()
    offences = [
        offence(number, at, f"{date.fromordinal(start + day)} 20:00", to=f"{date.fromordinal(start + day + 2)} 02:00", lpa=lpa)
        for number, (at, day, lpa) in enumerate(rows)
    ]
    with TemporaryDirectory() as folder:
        found = find(small_store(Path(folder), offences), source=SOURCE, weekdays=weekdays)
        by_area = found.counts_by_area()
        assert sum(by_area.values()) == pytest.approx(found.count)
        store = Store(Path(folder) / "store")
        for name in by_area.keys() - {NO_LOCATION}:
            assert find(store, weekdays=weekdays, area=name).count == pytest.approx(by_area[name])


def test_outside_the_lpas_is_an_area_of_its_own_without_the_lpas(tmp_path):
    store = small_store(tmp_path, several(3, "a"))
    found = find(store, area=OUTSIDE)
    assert found.area.intersection(store.areas().union).area == 0
    assert found.limit is None
    assert found.selection.title().startswith("Burglary outside the LPAs,")
