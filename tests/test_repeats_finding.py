"""Findings on repeats: what is read, what is counted, what is said, on a small extract worked by hand."""

import math
from datetime import date

import numpy as np
import pandas as pd
import pytest

from hotspot.boundaries.force_file import load_force
from hotspot.errors import BadInput, NotKnowable
from hotspot.findings import repeats_words
from hotspot.findings.repeats import measures, repeats_finding
from hotspot.methods.concentration import expected_places
from hotspot.methods.repeats import RepeatResult, wilson
from hotspot.methods.time_course import TimeBand, TimeCourse
from hotspot.offences.load import import_sources
from hotspot.offences.store import EVERYTHING, Store
from hotspot.paths import MAPPINGS, WEST_MIDLANDS
from hotspot.period import Period
from hotspot.selection import COMMITTED, MONTH, Selection

PERIOD = Period(date(2023, 4, 1), date(2023, 10, 1))
COVENTRY, BIRMINGHAM = (433_400, 279_000), (406_900, 286_800)
HOUSEHOLDS = {
    "Birmingham": 1_000,
    "Coventry": 500,
    "Dudley": 400,
    "Sandwell": 400,
    "Solihull": 300,
    "Walsall": 300,
    "Wolverhampton": 300,
}


def offence(number, committed, uprn, *, place=COVENTRY, victim=None, kind="Residential burglary"):
    moment = pd.Timestamp(committed)
    return {
        "Crime Number": f"T{number}",
        "Offence Description": kind,
        "Committed From": moment,
        "Committed To": moment,
        "Reported Date": moment,
        "Easting": float(place[0]),
        "Northing": float(place[1]),
        "LPA": "Coventry" if place == COVENTRY else "Birmingham",
        "UPRN": uprn,
        "Victim Ref": victim or f"person-{number}",
    }


OFFENCES = [
    # The data begin here, and end on 31 December 2024.
    offence(1, "2022-01-01", "premises-0001"),
    # Before the period, and again in it after 31 days: one repeat.
    offence(2, "2023-03-01", "premises-0002"),
    offence(3, "2023-04-01", "premises-0002"),
    # In the period, and again 100 days after its end: followed, though not in the period.
    offence(4, "2023-09-01", "premises-0003"),
    offence(5, "2023-12-10", "premises-0003"),
    # Three in the period, in Birmingham: two repeats, two followed.
    offence(6, "2023-05-01", "premises-0004", place=BIRMINGHAM, victim="person-A"),
    offence(7, "2023-05-08", "premises-0004", place=BIRMINGHAM, victim="person-B"),
    offence(7, "2023-05-08", "premises-0004", place=BIRMINGHAM, victim="person-A"),
    offence(8, "2023-06-08", "premises-0004", place=BIRMINGHAM, victim="person-C"),
    # Alone, without premises, and of another type on the same premises.
    offence(9, "2023-07-01", "premises-0005"),
    offence(10, "2023-07-02", None),
    offence(11, "2023-07-03", "premises-0005", kind="Theft of a vehicle"),
    offence(12, "2024-12-31", "premises-0006", kind="Theft of a vehicle"),
]


@pytest.fixture(scope="module")
def store(tmp_path_factory):
    return stored(tmp_path_factory.mktemp("repeats"), WEST_MIDLANDS)


def stored(folder, force_file):
    path = folder / "extract.parquet"
    pd.DataFrame(OFFENCES).to_parquet(path, index=False)
    mapping = folder / "mapping.toml"
    known = [line for line in (MAPPINGS / "typical-extract.toml").read_text(encoding="utf-8").splitlines()]
    kept = {f'"{column}"' for column in OFFENCES[0]}
    columns = [line for line in known[known.index("[columns]") + 1 : known.index("[dates]")] if line.split("= ")[-1] in kept]
    head, tail = known[: known.index("[columns]") + 1], known[known.index("[dates]") :]
    mapping.write_text("\n".join([*head, *columns, *tail]), encoding="utf-8")
    import_sources([path], store=folder / "store", mapping=mapping, forces=[load_force(force_file)], source="Test")
    return Store(folder / "store")


def find(store, *, by="premises", window_days=365, **limits):
    given = {"crime_type": "Residential burglary", "period": PERIOD, "date_basis": COMMITTED} | limits
    return repeats_finding(store, Selection("Test", "West Midlands", **given), by=by, window_days=window_days, scope=EVERYTHING)


def fraction(proportion):
    return proportion.count, proportion.of


def test_repeats_are_traced_back_before_the_period_and_followed_beyond_it(store):
    result = find(store).result
    # In the period: 3, 4, 6, 7, 8, 9 and, without premises, 10.
    assert (result.offences, result.without_reference) == (7, 1)
    assert fraction(result.repeats) == (3, 6)
    # 6, 7 and 4 were followed; 3, 8 and 9 were not.
    assert fraction(result.followed) == (3, 6)
    assert (result.look_back_censored, result.follow_up_censored) == (0, 0)


def test_a_shorter_window_finds_fewer(store):
    assert fraction(find(store, window_days=31).result.repeats) == (3, 6)
    assert fraction(find(store, window_days=30).result.repeats) == (1, 6)


def test_an_area_counts_its_own_offences(store):
    finding = find(store, area="Coventry")
    assert fraction(finding.result.repeats) == (1, 3)
    assert finding.listed == ()
    assert math.isnan(finding.times[0].expected)


def test_offences_too_near_the_ends_of_the_data_are_censored(store):
    whole = find(store, period=Period(date(2022, 1, 1), date(2025, 1, 1))).result
    # Only 1 January 2022 has no full year before it; the data end on 31 December 2024.
    assert whole.look_back_censored == 1
    assert whole.follow_up_censored == 0
    late = find(store, crime_type="Theft of a vehicle", period=Period(date(2024, 6, 1), date(2025, 1, 1)))
    assert late.result.follow_up_censored == 1
    assert "cannot be followed up in full" in " ".join(late.notes)


def test_victims_of_one_offence_count_once(store):
    result = find(store, by="victim").result
    assert fraction(result.repeats) == (1, 7)
    assert [(target.reference, target.count) for target in result.targets] == [("•••n-A", 2)]


def test_the_list_is_masked_and_named_by_place(store):
    (first,) = find(store).listed
    assert (first.masked, first.count, first.shortest_gap) == ("•••004", 3, 7)
    assert first.last == date(2023, 6, 8)
    assert first.place == "Birmingham city centre"


def test_positions_on_the_map_are_moved_by_up_to_200_metres_and_always_alike(store):
    first, again = find(store).positions, find(store).positions
    assert first.times.tolist() == [3]
    assert 0 < math.hypot(first.x[0] - BIRMINGHAM[0], first.y[0] - BIRMINGHAM[1]) <= 200
    assert (first.x.tolist(), first.y.tolist()) == (again.x.tolist(), again.y.tolist())


def test_time_course_holds_the_pairs_whose_later_offence_is_in_the_selection(store):
    course = find(store).course
    # 6-7 after 7 days, 7-8 and 2-3 after 31, 6-8 after 38; 4-5 ends after the period.
    assert course.pairs == 4
    weeks = {band.lower / 7: band.observed for band in course.bands if band.observed}
    assert weeks == {0: 1, 4: 2, 5: 1}


def test_where_the_number_at_risk_is_unknown_nothing_is_expected_by_chance(store):
    vehicles = find(store, crime_type="Theft of a vehicle")
    assert vehicles.at_risk is None
    assert math.isnan(vehicles.times[0].expected)
    assert "nothing is expected by chance" in " ".join(vehicles.notes)


def test_households_of_the_area_are_the_premises_at_risk_of_residential_burglary(tmp_path):
    text = WEST_MIDLANDS.read_text(encoding="utf-8").split("[premises]")[0]
    boundaries = (WEST_MIDLANDS.parent / "../boundaries/lpa.geojson").resolve()
    households = ", ".join(f"{area} = {number}" for area, number in HOUSEHOLDS.items())
    force_file = tmp_path / "force.toml"
    force_file.write_text(
        text.replace("../boundaries/lpa.geojson", str(boundaries))
        + f'\n[premises]\nhouseholds = {{ {households} }}\nsource = "a census"\n',
        encoding="utf-8",
    )
    store = stored(tmp_path, force_file)
    whole, coventry = find(store), find(store, area="Coventry")
    assert (whole.at_risk, coventry.at_risk) == (sum(HOUSEHOLDS.values()), 500)
    assert coventry.times[0].expected == pytest.approx(float(expected_places(3, 500, times=2)))
    assert "500 households (a census)" in " ".join(coventry.notes)
    assert find(store, crime_type="Burglary").at_risk is None


def test_few_offences_are_counted_not_rated(store):
    finding = find(store)
    assert finding.headline == "Three of 6 burglaries were repeats"
    assert finding.subline.startswith(
        "3 of 6 offences (50.0%, interval 18.8 to 81.2%) were at premises with another in the 12 months before"
    )
    assert finding.forward.startswith("3 of 6 offences (50.0%")


def test_a_measure_that_the_source_does_not_carry_is_refused_with_what_it_can(store):
    facts = store.facts("Test", "West Midlands", scope=EVERYTHING)
    assert measures(facts) == ("premises", "victim")
    with pytest.raises(NotKnowable, match=r"names no vehicle.*premises or victim"):
        find(store, by="vehicle")


@pytest.mark.parametrize("options", [{"by": "street"}, {"window_days": 0}, {"window_days": 366}])
def test_options_that_mean_nothing_are_refused(store, options):
    with pytest.raises(BadInput):
        find(store, **options)


def test_police_uk_data_are_refused_in_three_sentences_with_an_offer(tmp_path):
    folder = tmp_path / "2014-01"
    folder.mkdir()
    header = (
        "Crime ID,Month,Reported by,Falls within,Longitude,Latitude,Location,LSOA code,LSOA name,"
        "Crime type,Last outcome category,Context"
    )
    force = "West Midlands Police"
    row = f"a1,2014-01,{force},{force},-1.9,52.48,On or near High Street,E01,Birmingham 001A,Burglary,Under investigation,"
    (folder / "2014-01-west-midlands-street.csv").write_text(f"{header}\n{row}\n", encoding="utf-8")
    import_sources([folder], store=tmp_path / "store", profile="police-uk")
    store = Store(tmp_path / "store")
    source, force_name = store.data_sets[0]
    selection = Selection(source, force_name, "Burglary", Period(date(2014, 1, 1), date(2014, 2, 1)), date_basis=MONTH)
    with pytest.raises(NotKnowable) as refusal:
        repeats_finding(store, selection, scope=EVERYTHING)
    message = str(refusal.value)
    assert message.count(". ") + message.endswith(".") == 3
    assert "density" in message
    assert "comparison" in message


def course_of(*ratios):
    return TimeCourse(
        tuple(TimeBand(7 * i, 7 * i + 7, 10, 5, ratio, 1, 9, 0.01, 0.01 if ratio > 1 else 0.5) for i, ratio in enumerate(ratios)),
        99,
        400,
    )


def result_of(count, of):
    nothing = wilson(0, 0)
    return RepeatResult(365, of, of, 0, 0, nothing, 0, wilson(count, of), 0, np.array([1]), ())


@pytest.mark.parametrize(
    ("count", "of", "ratios", "headline"),
    [
        (268, 2_412, (8, 7, 6, 4, 2, 1), "One burglary in nine was a repeat; the risk is highest in the first four weeks"),
        (268, 2_412, (8, 3, 1), "One burglary in nine was a repeat; the risk is highest in the first week"),
        (268, 2_412, (1, 8), "One burglary in nine was a repeat"),
        (0, 2_412, (1,), "None of 2,412 burglaries was a repeat"),
        (1_000, 2_000, (1,), "50% of burglaries were repeats"),
        (1_990, 2_000, (1,), "Nearly all burglaries were repeats"),
        (1, 12, (1,), "One of 12 burglaries was a repeat"),
        (0, 0, (1,), "Too early to say how many burglaries were repeats"),
    ],
)
def test_headline_says_the_share_and_when_the_risk_is_highest(count, of, ratios, headline):
    result = result_of(count, of) if of else RepeatResult(365, 5, 5, 0, 0, wilson(0, 0), 5, wilson(0, 0), 5, np.array([1]), ())
    assert repeats_words.headline(result, course_of(*ratios), "Residential burglary") == headline


@pytest.mark.parametrize(
    "kind", ["All acquisitive", "Violence and sexual offences", "Theft from a vehicle", "Criminal damage and arson"]
)
def test_headline_stays_within_80_characters(kind):
    assert len(repeats_words.headline(result_of(37, 990), course_of(8, 7, 6, 5), kind)) <= 80
