"""Findings on concentration: what is counted and what is at risk, by hand on small extracts; refusals on snapped data."""

import json
from datetime import date

import numpy as np
import pandas as pd
import pytest
from small_store import EAST, IN_EAST, IN_WEST, WEST, offence, selection, several, small_store
from street_files import row, street_file
from typer.testing import CliRunner

from hotspot.boundaries.force_file import load_force
from hotspot.cli import app
from hotspot.errors import BadInput, NotKnowable
from hotspot.findings import concentration
from hotspot.findings.concentration import CELL, PREMISES, STREET, SUSPECT, VEHICLE, VICTIM, concentration_finding, kinds
from hotspot.methods.concentration import RandomBaseline, gini
from hotspot.offences.load import import_sources
from hotspot.offences.store import EVERYTHING, Store
from hotspot.paths import MAPPINGS, WEST_MIDLANDS
from hotspot.period import Period
from hotspot.selection import COMMITTED, MONTH, Selection

PERIOD = Period(date(2014, 1, 1), date(2014, 2, 1))
DATA = [
    # High Street in the west: fourteen burglaries in one cell; five on another High Street 2 km away.
    *several(14, "a", IN_WEST, street="High Street", uprn="premises-0001", victim="victim-00001"),
    *several(5, "b", (403_900, 293_900), street="High Street", uprn="premises-0002", victim="victim-00002"),
    *several(3, "c", IN_EAST, street="Mill Lane", uprn="premises-0003", victim="victim-00003"),
    offence("d", None, street="Mill Lane"),
    # Streets known by other offences: one in the east, far from the other Mill Lane.
    *several(2, "e", (407_900, 290_100), kind="Robbery", street="Mill Lane"),
]


@pytest.fixture(scope="module")
def store(tmp_path_factory):
    return small_store(tmp_path_factory.mktemp("concentration"), DATA)


@pytest.fixture(scope="module")
def snapped(tmp_path_factory):
    folder = tmp_path_factory.mktemp("snapped")
    file = street_file(folder, *(row(f"a{number:063d}") for number in range(30)))
    import_sources([file], store=folder / "store", forces=[load_force(WEST_MIDLANDS)], today=date(2026, 1, 1))
    return Store(folder / "store")


def find(store, by, **limits):
    size = {"cell_size": limits.pop("cell_size")} if "cell_size" in limits else {}
    return concentration_finding(store, selection(**limits), by=by, scope=EVERYTHING, **size)


def find_snapped(store, by, **size):
    chosen = Selection("police.uk", "West Midlands", "Burglary", PERIOD, date_basis=MONTH)
    return concentration_finding(store, chosen, by=by, scope=EVERYTHING, **size)


def test_cells_without_an_offence_are_all_at_risk(store):
    finding = find(store, CELL, cell_size=1_000)
    # Two squares of 4 by 4 km.
    assert (finding.offences, finding.hit, finding.places, finding.without_unit) == (22, 3, 32, 1)
    assert finding.gini == pytest.approx(gini([14, 5, 3], places=32))
    assert finding.half_share == pytest.approx(11 / 14 / 32)
    assert finding.baseline.gini_high < finding.gini
    assert finding.headline.startswith("Half of burglaries fall on 2.5% of cells; by chance ")


def test_an_area_has_its_own_cells(store):
    finding = find(store, CELL, cell_size=1_000, area=WEST)
    assert (finding.offences, finding.hit, finding.places) == (19, 2, 16)


def test_streets_of_one_name_far_apart_are_two_and_streets_of_any_offence_are_at_risk(store):
    finding = find(store, STREET)
    # High Street twice and Mill Lane twice, the second by its robberies alone.
    assert (finding.offences, finding.hit, finding.places, finding.without_unit) == (22, 3, 4, 1)
    assert find(store, STREET, area=EAST).places == 2


def test_where_only_those_hit_are_known_chance_is_drawn_over_them(store):
    finding = find(store, PREMISES)
    assert (finding.offences, finding.hit, finding.places) == (22, 3, None)
    assert finding.gini == pytest.approx(gini([14, 5, 3]))
    assert finding.generalised_gini == pytest.approx(finding.gini)
    assert "not known: chance means as many offences on as many premises hit" in " ".join(finding.notes)


def test_an_offence_with_two_victims_counts_for_both(tmp_path):
    rows = [offence("a", victim="victim-00001"), offence("a", victim="victim-00002"), offence("b", victim="victim-00001")]
    finding = find(small_store(tmp_path, rows), VICTIM)
    assert (finding.offences, finding.hit) == (3, 2)
    assert finding.headline == "Too few burglaries to say how they concentrate"


def test_suspects_by_pseudonym_leave_offences_without_one_out(tmp_path):
    rows = pd.DataFrame(
        {
            "Crime Number": [f"S{number}" for number in range(30)],
            "Offence Description": "Residential burglary",
            "Committed From": pd.Timestamp("2024-05-01 12:00"),
            "Easting": 433_400.0,
            "Northing": 279_000.0,
            "Suspect Ref": ["suspect-0001"] * 20 + ["suspect-0002"] * 4 + [None] * 6,
        }
    )
    extract, mapping = tmp_path / "extract.parquet", tmp_path / "mapping.toml"
    rows.to_parquet(extract, index=False)
    known = (MAPPINGS / "typical-extract.toml").read_text(encoding="utf-8").splitlines()
    start, end = known.index("[columns]") + 1, known.index("[dates]")
    columns = [line for line in known[start:end] if any(f'"{name}"' in line for name in rows.columns)]
    columns = [*columns, 'suspect_ref = "Suspect Ref"'] if not any("Suspect Ref" in line for line in columns) else columns
    mapping.write_text("\n".join([*known[:start], *columns, *known[end:]]), encoding="utf-8")
    import_sources([extract], store=tmp_path / "store", mapping=mapping, forces=[load_force(WEST_MIDLANDS)], source="Test")
    period = Period(date(2024, 4, 1), date(2024, 10, 1))
    chosen = Selection("Test", "West Midlands", "Residential burglary", period, date_basis=COMMITTED)
    finding = concentration_finding(Store(tmp_path / "store"), chosen, by=SUSPECT, scope=EVERYTHING)
    assert (finding.offences, finding.hit, finding.without_unit) == (24, 2, 6)
    assert finding.gini == pytest.approx(1 / 3)
    assert "suspect-0001" not in " ".join([finding.headline, finding.subline, *finding.notes])


def baseline(gini_low, gini_high, half):
    nothing = np.zeros(1)
    return RandomBaseline(nothing, nothing, nothing, nothing, (gini_low + gini_high) / 2, gini_low, gini_high, half, 199, 1)


@pytest.mark.parametrize(
    ("coefficient", "half", "said"),
    [
        (0.8, 0.07, "Half of business burglaries fall on 7.0% of streets; by chance 19%"),
        (0.8, 0.191, "Business burglaries lie on streets less evenly than by chance"),
        (0.5, 0.19, "Business burglaries lie on streets as chance would put them"),
        (0.2, 0.4, "Business burglaries lie on streets more evenly than by chance"),
    ],
)
def test_headline_says_concentrated_only_beyond_what_chance_gives(coefficient, half, said):
    found = concentration.headline("Business and community burglary", STREET, 500, coefficient, half, baseline(0.4, 0.6, 0.19))
    assert found == said
    assert len(found) <= 80


def test_without_a_reference_it_is_said(store):
    finding = find(store, PREMISES, crime_type="Robbery")
    assert finding.headline == "None of these robberies has a known premises"
    assert finding.curve is None
    assert finding.subline == ""


def test_what_the_data_name_is_what_can_be_chosen(store, snapped):
    assert kinds(store.facts("Extract", "Testshire", scope=EVERYTHING)) == (PREMISES, VICTIM, STREET, CELL)
    assert kinds(snapped.facts("police.uk", "West Midlands", scope=EVERYTHING)) == (CELL,)


def test_snapped_points_are_no_streets_and_no_small_cells(snapped):
    with pytest.raises(NotKnowable, match="a name is not the street of the offence"):
        find_snapped(snapped, STREET)
    with pytest.raises(NotKnowable, match="Choose 300 m or more"):
        find_snapped(snapped, CELL, cell_size=250)
    finding = find_snapped(snapped, CELL, cell_size=500)
    assert (finding.offences, finding.hit) == (30, 1)
    assert finding.places > 3_000
    assert concentration.SNAPPED_POINTS in finding.notes


@pytest.mark.parametrize("by", [PREMISES, VEHICLE, SUSPECT])
def test_a_unit_that_the_data_do_not_name_is_refused_with_what_they_do(snapped, by):
    with pytest.raises(NotKnowable, match="It can be measured by cell"):
        find_snapped(snapped, by)


def test_a_unit_or_a_size_that_does_not_exist_is_refused(store):
    with pytest.raises(BadInput, match="not by 'house'"):
        find(store, "house")
    with pytest.raises(BadInput, match="it must be 50 to 2000 m"):
        find(store, CELL, cell_size=10)


def test_without_boundaries_the_cells_are_not_known(tmp_path):
    store = small_store(tmp_path, several(25, "a"), lpas=None)
    with pytest.raises(NotKnowable, match="number of cells without an offence is not known"):
        find(store, CELL)


def test_small_counts_are_known_to_give_away(store):
    assert concentration.gives_away(find(store, STREET))


def run(store, *arguments):
    return CliRunner().invoke(app, ["concentration", "--store", str(store.path), "--crime-type", "burglary", *arguments])


def test_command_prints_the_curve_and_chance(store):
    found = json.loads(run(store, "--by", "cell", "--cell-size", "1000", "--json").stdout)
    assert found["count"] == 23
    assert found["curve"]["share_of_places"] == pytest.approx([0, 1 / 32, 2 / 32, 3 / 32, 1])
    assert found["curve"]["share_of_offences"] == pytest.approx([0, 14 / 22, 19 / 22, 1, 1])
    assert found["by_chance"]["given"] == "all places"
    assert found["by_chance"]["simulations"] == 199


def test_command_hides_the_curve_and_small_counts_from_the_public(store):
    found = json.loads(run(store, "--by", "street", "--audience", "public", "--json").stdout)
    assert found["curve"] is None
    assert found["hit"] is None
    assert "suppressed" in found["reasons"]["gini"]


def test_command_says_what_cannot_go_together(store):
    result = run(store, "--by", "street", "--cell-size", "500")
    assert result.exit_code == 2
    assert "--cell-size goes with --by cell" in result.stderr
