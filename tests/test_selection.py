"""A selection goes to a URL and back, and says itself in words."""

from datetime import date, timedelta

import pytest
import shapely
from hypothesis import given
from hypothesis import strategies as st

from hotspot import crime_types
from hotspot.errors import BadInput
from hotspot.geography import DrawnArea
from hotspot.period import Period
from hotspot.selection import COMMITTED, DATE_BASES, FLAGS, MONTH, Selection

BURGLARY = Selection("extract", "West Midlands", "Burglary", Period.parse("2024-04-01..2024-10-01"), COMMITTED, area="Coventry")
NAMES = [kind.name for kind in crime_types.CRIME_TYPES] + [crime_types.ACQUISITIVE]


def selections():
    period = st.builds(
        lambda start, days: Period(start, start + timedelta(days=days)),
        st.dates(date(2000, 1, 1), date(2035, 1, 1)),
        st.integers(1, 900),
    )
    corner = st.tuples(st.integers(0, 700_000).map(float), st.integers(0, 1_200_000).map(float))
    name = st.text(min_size=1, max_size=40).map(str.strip).filter(lambda text: text and text.isprintable())
    ring = st.lists(corner, min_size=3, max_size=9).filter(lambda ring: shapely.make_valid(shapely.Polygon(ring)).area > 0)
    drawn = st.builds(DrawnArea, name, ring.map(tuple))
    area = st.one_of(st.none(), st.text(min_size=1, max_size=40))
    made = st.builds(
        Selection,
        source=st.text(min_size=1, max_size=20),
        force=st.text(min_size=1, max_size=20),
        crime_type=st.sampled_from(NAMES),
        period=period,
        date_basis=st.sampled_from(DATE_BASES),
        area=area,
        weekdays=st.sets(st.integers(0, 6)).map(sorted).map(tuple),
        hours=st.one_of(st.none(), st.tuples(st.integers(0, 23), st.integers(0, 24)).filter(lambda band: band[0] != band[1])),
        flags=st.sets(st.sampled_from(FLAGS)).map(lambda picked: tuple(flag for flag in FLAGS if flag in picked)),
    )
    return st.one_of(
        made, st.builds(lambda chosen, shape: chosen.__class__(**{**chosen.__dict__, "area": None, "drawn": shape}), made, drawn)
    )


@given(selections())
def test_a_link_means_the_selection_it_was_made_from(chosen):
    start = Selection("other", "other", "Robbery", Period.parse("2020-01-01..2020-02-01"))
    again, faults = start.updated_from(chosen.to_query())
    assert (again, faults) == (chosen, ())


def test_the_title_says_type_place_date_basis_and_both_days():
    assert BURGLARY.title() == "Burglary in Coventry, committed 1 April to 30 September 2024"


def test_monthly_data_are_titled_by_their_months():
    monthly = Selection("police.uk", "West Midlands", "Burglary", Period.parse("2014-01-01..2014-03-01"), MONTH)
    assert monthly.title() == "Burglary in West Midlands, January and February 2014"


@pytest.mark.parametrize(
    "query",
    [
        {"type": "Witchcraft"},
        {"from": "2024-13-01", "to": "2024-14-01"},
        {"from": "2024-05-01", "to": "2024-04-01"},
        {"basis": "guessed"},
        {"days": "79"},
        {"hours": "25-26"},
        {"hours": "3-3"},
        {"flags": "<script>"},
        {"drawn": "[1"},
        {"drawn": '["x", [[1, 2]]]'},
        {"drawn": '[["x"], [[1, 2], [2, 3], [3, 1]]]'},
        {"drawn": '["x", [[1, "a"], [2, 3], [3, 1]]]'},
    ],
)
def test_a_broken_parameter_leaves_the_selection_and_earns_a_sentence(query):
    again, faults = BURGLARY.updated_from(query)
    assert again == BURGLARY
    assert len(faults) == 1 and faults[0].endswith((".", "crime-types"))


@pytest.mark.parametrize(
    ("written", "name"),
    [("48", "Theft of a vehicle"), ("48/1", "Theft of a vehicle"), ("048/01", "Theft of a vehicle"), ("037/02", "Theft of a vehicle"),
     ("37.2", "Theft of a vehicle"), ("28A", "Residential burglary"), ("028e", "Residential burglary"), ("30c", "Business and community burglary"),
     ("34B", "Personal robbery"), ("34/A", "Business robbery"), ("126", "Vehicle interference"), ("45", "Theft from a vehicle"), ("37/1", None), ("99", None)],
)  # fmt: skip
def test_home_office_codes_are_read_however_they_are_written(written, name):
    found = crime_types.by_code(written)
    assert (found.name if found else None) == name


def test_a_group_means_its_sub_types_and_the_union_means_its_groups():
    assert set(crime_types.names_within("robbery")) == {"Robbery", "Personal robbery", "Business robbery"}
    union = set(crime_types.names_within("ALL ACQUISITIVE"))
    assert union == {name for group in crime_types.ACQUISITIVE_GROUPS for name in crime_types.names_within(group)}


def test_an_unknown_crime_type_says_how_to_list_them():
    with pytest.raises(BadInput, match="crime-types"):
        crime_types.names_within("Witchcraft")


def test_older_names_of_police_uk_are_understood():
    assert crime_types.by_name("Violent crime").name == "Violence and sexual offences"
    assert crime_types.by_name("Public disorder and weapons").name == "Possession of weapons"


@pytest.mark.parametrize(
    ("name", "count", "words"),
    [
        ("Burglary", 2, "burglaries"),
        ("Violence and sexual offences", 2, "violence and sexual offences"),
        ("Vehicle crime", 1, "vehicle crime offence"),
        ("All acquisitive", 3, "acquisitive offences"),
    ],
)
def test_offences_of_a_type_are_counted_in_words(name, count, words):
    assert crime_types.counted(name, count) == words
