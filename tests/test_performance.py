"""The board's table by hand: periods, lines that add up, outcomes by both denominators, shares, small counts."""

import math
from datetime import date

import pytest
from board_store import ALL, board_selection, board_store, file_row
from small_store import IN_EAST, WEST

from hotspot.errors import BadInput, NotKnowable
from hotspot.findings import performance_words as words
from hotspot.findings.peers import compare_with_peers, parse_peers
from hotspot.findings.performance import BoardSettings, performance_finding
from hotspot.findings.performance_shown import shown_performance
from hotspot.methods.change import compare
from hotspot.methods.outcomes import COHORT
from hotspot.offences.store import EVERYTHING
from hotspot.period import Period

MONTHS = [f"{year}-{month:02d}" for year in (2022, 2023) for month in range(1, 13)] + [f"2024-{m:02d}" for m in range(1, 7)]


def rows():
    """Each month 6 residential and 2 business burglaries in the west; from April 2024 twice as many residential."""
    for month in MONTHS:
        for number in range(12 if month >= "2024-04" else 6):
            yield file_row(f"r{month}{number}", f"{month}-{number + 1:02d}")
        for number in range(2):
            yield file_row(
                f"b{month}{number}", f"{month}-03", "Business burglary", outcome="1 - Charged", outcome_date=f"{month}-20"
            )
    # Robbery: ages and knives known of some.
    for number, (age, knife) in enumerate([(19, "Y"), (24, "N"), (25, ""), ("", "N"), (60, "Y")]):
        yield file_row(f"k{number}", "2024-05-06", "Personal robbery", IN_EAST, victim_age=age, knife=knife)
    yield file_row("late", "2024-03-30", "Personal robbery", IN_EAST, outcome="Caution", outcome_date="2024-04-02")
    yield file_row("v1", "2024-05-06", "Theft of a vehicle", IN_EAST, outcome="22", outcome_date="2024-05-07")
    yield file_row("v2", "2024-06-30", "Vehicle interference", IN_EAST, outcome="Under investigation")


@pytest.fixture(scope="module")
def store(tmp_path_factory):
    return board_store(tmp_path_factory.mktemp("board"), rows())


def find(store, crime_type="Burglary", settings=None, **limits):
    return performance_finding(store, board_selection(crime_type, **limits), settings or BoardSettings(), scope=EVERYTHING)


def counted(rows):
    return {row.line.name: (row.baseline_count, row.count) for row in rows}


def test_the_year_to_date_is_set_against_the_same_months_of_last_year(store):
    finding = find(store)
    assert (finding.period, finding.baseline) == (Period.parse("2024-04-01..2024-07-01"), Period.parse("2023-04-01..2023-07-01"))
    assert counted(finding.place) == {
        "All acquisitive": (24, 49), "Burglary": (24, 42), "Residential burglary": (18, 36),
        "Business and community burglary": (6, 6), "Robbery": (0, 5), "Personal robbery": (0, 5), "Vehicle crime": (0, 2),
        "Theft of a vehicle": (0, 1), "Vehicle interference": (0, 1),
    }  # fmt: skip


def test_only_full_months_count_and_in_april_the_year_before_is_told_whole(store):
    assert find(store, period="2024-01-01..2024-06-20").period == Period.parse("2024-04-01..2024-06-01")
    april = find(store, period="2024-01-01..2024-04-15")
    assert (april.period, april.baseline) == (Period.parse("2023-04-01..2024-04-01"), Period.parse("2022-04-01..2023-04-01"))


def test_changes_are_those_of_compare_with_the_same_counts(store):
    row = next(one for one in find(store).place if one.line.name == "Residential burglary")
    plain = compare(["x"], [36], [18], days=91, baseline_days=91, family="one").rows[0]
    assert (row.change.ratio, row.change.poisson_low, row.change.poisson_high) == (2.0, plain.ratio_low, plain.ratio_high)
    assert row.change.dispersion.months == len(MONTHS)


def test_areas_add_up_to_the_force_and_a_place_is_its_row(store):
    finding = find(store, area=WEST)
    for line in finding.lines:
        force = next(row for row in finding.force if row.line == line)
        assert sum(row.count for row in finding.areas[line.name]) == force.count
    assert finding.place == tuple(row for line in finding.lines for row in finding.areas[line.name] if row.area == WEST)


def test_assigned_outcomes_belong_to_the_day_they_were_given_and_cohorts_to_the_offence(store):
    assigned = next(row for row in find(store, "Robbery").place if row.line.name == "Robbery")
    assert (assigned.rate.outcomes, assigned.rate.offences) == (1, 5)  # of an offence of March
    cohort = next(row for row in find(store, settings=BoardSettings(denominator=COHORT)).place if row.line.name == "Robbery")
    assert (cohort.rate.outcomes, cohort.rate.offences) == (0, 5)


def test_an_outcome_given_after_the_day_looked_at_is_not_known_yet(store):
    settings = BoardSettings(denominator=COHORT)
    rate = {
        end: find(store, settings=settings, period=f"2024-01-01..{end}").months[-1].rate for end in ("2024-06-01", "2024-06-20")
    }
    assert [one.outcomes for one in rate.values()] == [2, 2]
    early = find(store, settings=settings, period="2023-01-01..2023-06-10")
    assert early.months[-1].month == date(2023, 5, 1)


def test_outcome_22_counts_only_in_the_set_that_names_it(store):
    of = {
        name: next(
            r for r in find(store, settings=BoardSettings(name)).place if r.line.name == "Theft of a vehicle"
        ).rate.outcomes
        for name in ("positive", "positive22", "charged")
    }
    assert of == {"positive": 0, "positive22": 1, "charged": 0}


def test_a_stated_maturity_greys_the_months_that_are_younger(store):
    finding = find(store, settings=BoardSettings(denominator=COHORT, mature_days=40))
    # As at 1 July: May ended 30 days before, April 61.
    assert [one.month.month for one in finding.months if one.is_immature] == [5, 6]
    assert finding.immature_months == 2
    assert "40 days" in words.maturity_words(finding.maturity, finding.settings, finding.immature_months)


def test_what_is_missing_is_unknown_and_never_false(store):
    ages, knives = find(store).shares[""]
    assert (ages.now.count, ages.now.of, ages.unknown) == (2, 4, 1)  # 25 is not under 25
    assert (knives.now.count, knives.now.of, knives.unknown) == (2, 4, 1)


def test_vehicle_crime_is_split_into_the_kinds_that_the_data_hold(store):
    assert [(kind, now.count, now.of) for kind, now, _ in find(store).split] == [
        ("Theft of a vehicle", 1, 2),
        ("Vehicle interference", 1, 2),
    ]


def test_the_headline_says_the_change_and_the_definition_is_printed(store):
    finding = find(store, "Residential burglary", area=WEST)
    assert words.headline(finding.place, "Residential burglary", "Westley").startswith("Residential burglary")
    assert "over offences recorded in it" in words.definition(finding)
    assert "reported date" in words.kicker(finding)


def test_data_without_a_year_before_show_counts_and_no_change(store):
    finding = find(store, period="2022-04-01..2022-07-01")
    assert finding.baseline is None
    assert {row.change for row in finding.place} == {None}
    assert "no earlier year" in words.headline(finding.place, "Burglary", "Testshire")
    assert any("do not reach a year back" in note for note in finding.notes)


def test_no_whole_month_of_the_year_is_refused_in_a_sentence(store):
    with pytest.raises(NotKnowable, match="no whole month"):
        find(store, period="2021-01-01..2021-06-01")
    with pytest.raises(BadInput, match="no set of outcomes"):
        find(store, settings=BoardSettings("detected"))


def test_outcomes_without_dates_are_counted_by_cohort_and_said(tmp_path):
    fields = tuple(name for name in ALL if name != "outcome_date")
    finding = find(board_store(tmp_path, rows(), fields=fields))
    assert finding.settings.denominator == COHORT
    assert any("without its date" in note for note in finding.notes)
    assert next(row for row in finding.place if row.line.name == "Burglary").rate.outcomes == 6


def test_data_without_outcomes_have_no_rates(tmp_path):
    fields = ("offence_id", "crime_description", "committed_from", "x", "y")
    finding = find(board_store(tmp_path, rows(), fields=fields))
    assert {row.rate for row in finding.place} == {None}
    assert (finding.months, finding.shares) == ((), {})
    assert any("committed date counts" in note for note in finding.notes)


def test_the_public_sees_no_small_count_and_nothing_that_tells_one(store):
    shown = shown_performance(find(store), audience="public")
    force = {one.row.line.name: one for one in shown.force}
    assert force["Vehicle crime"].count == "hidden"  # 2
    assert force["Theft of a vehicle"].count == force["Vehicle interference"].count == "hidden"
    # One hidden group could be worked out from the total: another cell of the column is hidden too.
    assert sum(force[name].is_hidden for name in ("Burglary", "Robbery", "Vehicle crime", "All acquisitive")) >= 2
    kinds = [one for rows in shown.areas.values() for one in rows if one.row.line.rank == "kind"]
    assert all(one.is_hidden and one.change is None and one.rate is None for one in kinds)
    assert shown.shares[""] == ()
    assert shown_performance(find(store), audience="force").hides is False


PEERS = b"""force,group,offences,population,households
Testshire,Burglary,300,100000,
Alpha,burglary,100,100000,
Beta,Burglary,900,300000,
"""


def test_simple_and_weighted_means_differ_and_leave_the_force_out():
    (found,) = compare_with_peers(parse_peers(PEERS, file="f.csv"), "testshire")
    assert (found.rate, found.others, found.place) == (3.0, 2, 1)
    assert found.simple_mean == (1 + 3) / 2
    assert found.weighted_mean == 1000 * 1000 / 400_000
    assert found.against.ratio == pytest.approx(3 / 2.5)
    (other,) = compare_with_peers(parse_peers(PEERS, file="f.csv"), "Elsewhere")
    assert (other.offences, other.place, other.others) == (None, None, 3) and math.isnan(other.rate)


WRONG = {
    "other columns": (b"a,b\n1,2\n", "needs the columns force, group, offences and population or households. It has: a, b."),
    "semicolons": (b"force;group;offences;population\nA;Burglary;1;5\n", "needs the columns"),
    "no denominator": (b"force,group,offences\nA,Burglary,1\n", "needs the columns"),
    "empty": (b" \n", "is empty"),
    "a header alone": (b"force,group,offences,population\n", "holds no force"),
    "a workbook": (b"PK\x03\x04\x00\x00\x08", "Save the table as CSV"),
    "Unicode text": ("force,group,offences,population\n".encode("utf-16"), "Save the table as CSV"),
    "a cell without end": (b'force,group,offences,population\n"' + b"x" * 200_000, "f.csv"),
    "a group unknown": (b"force,group,offences,population\nA,Nonsense,1,5\n", "row 2: 'Nonsense' is no offence group"),
    "half an offence": (b"force,group,offences,population\nA,Burglary,1.5,5\n", "'1.5' is no whole number"),
    "below nought": (b"force,group,offences,population\nA,Burglary,-1,5\n", "'-1' is no whole number"),
    "endless": (b"force,group,offences,population\nA,Burglary,1e300,5\n", "is no whole number from 0 to"),
    "nobody": (b"force,group,offences,population\nA,Burglary,1,0\n", "neither households nor population"),
    "unnamed": (b"force,group,offences,population\n,Burglary,1,5\n", "no force is named"),
    "twice": (b"force,group,offences,population\nB,Burglary,1,5\nb,burglary,1,5\n", "has b twice for Burglary"),
}  # fmt: skip


@pytest.mark.parametrize("kind", WRONG)
def test_each_wrong_table_of_forces_earns_a_sentence(kind):
    content, said = WRONG[kind]
    with pytest.raises(BadInput) as fault:
        parse_peers(content, file="f.csv")
    assert all(one.startswith("f.csv") for one in fault.value.faults)
    assert said in " ".join(fault.value.faults)


def test_many_faults_are_told_in_part_and_the_rest_counted():
    rows = b"".join(b"A,Nonsense,x,0\n" for _ in range(9))
    with pytest.raises(BadInput) as fault:
        parse_peers(b"force,group,offences,population\n" + rows, file="f.csv")
    assert len(fault.value.faults) == 13
    assert fault.value.faults[-1] == "f.csv has 15 more faults."


def test_numbers_with_thousands_and_a_table_of_excel_in_windows_1252_are_read():
    found = parse_peers('force,group,offences,population\nDyfed–Powys,Burglary,"1,200",510 000\n'.encode("cp1252"), file="f.csv")
    assert [(one.force, one.offences, one.population) for one in found.rows] == [("Dyfed–Powys", 1200, 510_000.0)]


def test_a_cohorts_mature_months_are_told_alone(store):
    finding = find(store, settings=BoardSettings(denominator=COHORT, mature_days=40))
    # Of April alone: 12 residential without an outcome, 2 business burglaries charged.
    assert (finding.mature_rate.outcomes, finding.mature_rate.offences) == (2, 14)
    assert words.mature_words(finding).startswith("Burglary in the mature months alone: 14.3%")
    assert find(store).mature_rate is None


AROUND = [file_row("first", "2024-03-31", "Drugs"), file_row("last", "2024-06-30", "Drugs", officer_ref="OFFICER-1")]


@pytest.mark.parametrize("kind", ["Residential burglary", "Shoplifting"])
def test_one_offence_is_a_table_of_one_and_too_few_to_say(tmp_path, kind):
    finding = find(board_store(tmp_path, [*AROUND, file_row("one", "2024-05-01", kind)]), kind)
    assert finding.place[0].count == 1
    assert all(one.is_hidden for one in shown_performance(finding, audience="public").place)
    assert words.headline((), kind, "Testshire") == "Counts of this place are for the force alone"


def test_data_without_acquisitive_crime_are_refused_in_a_sentence(tmp_path):
    with pytest.raises(NotKnowable, match="hold none of them, but Drugs"):
        find(board_store(tmp_path, AROUND))
