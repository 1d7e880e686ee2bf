"""Series: which chains are listed, what is said of them, and what is told to whom, on a small extract worked by hand."""

import json
import math
from datetime import date

import numpy as np
import pandas as pd
import pytest
from series_store import SOURCE, row, stored
from small_store import EAST, FORCE, WEST, offence, small_store
from typer.testing import CliRunner

from hotspot.cli import app
from hotspot.errors import BadInput, NotKnowable
from hotspot.export.near_repeats import write_chains
from hotspot.findings import series_words as words
from hotspot.findings.linkable import check_day_and_place
from hotspot.findings.series import ChainSettings, chance_of_chains, series_finding
from hotspot.methods.near_repeat_chains import ChanceChains
from hotspot.offences.store import EVERYTHING
from hotspot.period import Period
from hotspot.selection import COMMITTED, Selection

PERIOD = Period(date(2024, 4, 1), date(2024, 10, 1))
BORDER = 404_000.0
ROWS = [
    # A chain of four across the border of the LPAs, begun before the period; its third is a repeat at the second's premises.
    row("burglary-0001", (BORDER - 150, 292_000), "2024-03-25 21:00", MO="Rear door", Officer="officer-0001"),
    row(
        "burglary-0002", (BORDER - 50, 292_000), "2024-04-02 22:00", MO="Rear door", Officer="officer-0002", UPRN="premises-0002"
    ),
    row("burglary-0003", (BORDER - 50, 292_000), "2024-04-05 22:00", MO="Window", Officer="officer-0002", UPRN="premises-0002"),
    row("burglary-0004", (BORDER + 90, 292_000), "2024-04-12 23:30", Knife="Y"),
    # An open chain of three in the east.
    row("burglary-0005", (406_000, 291_000), "2024-09-20 10:00", Officer="officer-0001"),
    row("burglary-0006", (406_100, 291_000), "2024-09-24 10:00", Officer="officer-0001"),
    row("burglary-0007", (406_200, 291_000), "2024-09-30 10:00", Officer="officer-0001"),
    # By itself, without a place, and with a window of a month.
    row("burglary-0008", (401_000, 293_000), "2024-07-01 10:00"),
    row("burglary-0009", None, "2024-07-01 10:00", LPA=WEST),
    row("burglary-0010", (401_000, 293_100), "2024-07-01 10:00", To="2024-08-01 10:00"),
]
for number, one in enumerate(ROWS):
    one["UPRN"] = one["UPRN"] or f"premises-1{number:03d}"


@pytest.fixture(scope="module")
def store(tmp_path_factory):
    return stored(tmp_path_factory.mktemp("series"), ROWS)


def selection(**limits):
    given = {"crime_type": "Residential burglary", "period": PERIOD, "date_basis": COMMITTED} | limits
    return Selection(SOURCE, FORCE, **given)


def find(store, *, minimum=3, metres=200.0, days=14, **limits):
    return series_finding(store, selection(**limits), ChainSettings(metres, days, minimum), scope=EVERYTHING)


def test_open_chains_come_first_then_the_longest(store):
    finding = find(store)
    assert [(one.number, one.size, one.is_open) for one in finding.listed] == [(1, 3, True), (2, 4, False)]
    assert (finding.chains, finding.open_chains, finding.offences_in_chains) == (2, 1, 6)
    assert finding.as_at == date(2024, 10, 1)


def test_a_chain_says_span_extent_areas_mo_and_officers(store):
    chain = find(store).listed[1]
    assert (chain.first, chain.last, chain.span_days) == (date(2024, 3, 25), date(2024, 4, 12), 18)
    assert chain.extent == pytest.approx(240)
    assert chain.lpas == (WEST, EAST)
    assert (chain.mo, chain.mo_count, chain.mo_known, chain.agreement) == ("Rear door", 2, 3, pytest.approx(2 / 3))
    assert (chain.officers, chain.officers_known, chain.knives) == (2, 3, 1)
    assert [one.label for one in chain.offences] == ["originator", "near repeat", "repeat", "near repeat"]
    assert [one.is_earlier for one in chain.offences] == [True, False, False, False]


def test_one_premises_with_two_positions_far_apart_joins_no_chain_and_is_said(tmp_path):
    far = [
        row("burglary-0001", (401_000, 292_000), "2024-05-01 10:00", UPRN="premises-1"),
        row("burglary-0002", (401_050, 292_000), "2024-05-02 10:00", UPRN="premises-2"),
        row("burglary-0003", (407_000, 292_000), "2024-05-03 10:00", UPRN="premises-2"),
        row("burglary-0004", (407_050, 292_000), "2024-05-04 10:00", UPRN="premises-3"),
    ]
    finding = find(stored(tmp_path, [*far, ROWS[6]]), minimum=2)
    assert sorted(chain.size for chain in finding.listed) == [2, 2]
    assert max(chain.extent for chain in finding.listed) == pytest.approx(50)
    said = "1 pair of offences at one premises is placed over 1 km apart: one position is wrong, so they join no chain."
    assert said in finding.notes
    assert not any("join no chain" in note for note in find(stored(tmp_path / "near", ROWS)).notes)


def test_agreement_of_mo_is_unknown_where_fewer_than_two_are_known(store):
    chain = find(store).listed[0]
    assert chain.mo is None
    assert math.isnan(chain.agreement)
    assert words.agreement_words(chain.agreement, chain.mo_count, chain.mo_known) == "not known"


def test_offences_have_their_crime_number_and_neither_premises_nor_officer_is_named(store):
    said = str(find(store).listed)
    assert "burglary-0004" in said
    assert not any(reference in said for reference in ("officer-0", "premises-0"))


def test_a_chain_too_long_to_be_a_series_earns_a_caution(tmp_path):
    crowd = [row(f"crowd-{day:04d}", (401_000 + day, 291_000), f"2024-05-{1 + day % 28:02d} 10:00") for day in range(60)]
    finding = find(stored(tmp_path, [*ROWS, *crowd]))
    assert words.cautions(finding) == (
        "One chain joins 60 offences: offences lie too dense for this reach. Shorten the distance or the days.",
    )
    assert words.cautions(find(stored(tmp_path / "again", ROWS))) == ()


def test_labels_count_the_offences_of_the_selection_alone(store):
    finding = find(store)
    assert finding.labels == {"originator": 1, "repeat": 1, "near repeat": 4, "isolated": 1}
    assert finding.left_out == {"without a usable location": 1, "that can have happened on any of more than 14 days": 1}
    assert sum(finding.labels.values()) + sum(finding.left_out.values()) == finding.selected.count


def test_a_chain_that_touches_an_area_counts_whole(store):
    east = find(store, area=EAST)
    assert [(one.size, len(one.lpas)) for one in east.listed] == [(3, 1), (4, 2)]
    assert sum(east.labels.values()) == 4
    assert east.offences_in_chains == 4


def test_a_shorter_reach_finds_no_chain_and_says_so(store):
    finding = find(store, metres=50.0)
    assert finding.listed == ()
    assert words.headline(finding, None) == "No chain of 3 or more residential burglaries"
    assert find(store, days=5).chains == 0


def test_a_period_that_ends_before_the_data_judges_openness_at_its_own_end(store):
    finding = find(store, period=Period(date(2024, 4, 1), date(2024, 4, 20)))
    assert [one.is_open for one in finding.listed] == [True]
    assert "to 19 April 2024" in finding.subline


def test_chance_is_counted_for_the_same_offences_and_told_in_a_sentence(store):
    told = []
    chance = chance_of_chains(
        store.path,
        selection(),
        ChainSettings(200.0, 14, 3),
        scope=EVERYTHING,
        progress=lambda share, said: told.append((share, said)),
        permutations=50,
    )
    assert chance.permutations == 50
    assert told[-1] == (1.0, "50 of 50 shuffles of the dates")
    assert "dealt out anew 50 times" in words.chance_sentence(chance, find(store))


@pytest.mark.parametrize(
    "counts, said",
    [
        ([[0, 0]] * 99, "2 chains of 3 or more residential burglaries; by chance under 1"),
        ([[9, 1]] * 99, "2 chains of 3 or more residential burglaries; by chance about 1.0"),
        ([[9, 2]] * 99, "2 chains of 3 or more residential burglaries; could be chance (2.0 expected)"),
    ],
)
def test_the_headline_stands_beside_chance_and_is_short(store, counts, said):
    finding = find(store)
    headline = words.headline(finding, ChanceChains(np.array(counts), seed=1))
    assert headline == said
    assert len(headline) <= words.LONGEST_HEADLINE


def test_without_premises_no_offence_is_called_a_repeat(tmp_path):
    finding = find(stored(tmp_path, [one | {"UPRN": None} for one in ROWS]))
    assert finding.labels["repeat"] == 0
    assert "repeats, 0" not in finding.subline
    assert any("Premises are not known here" in note for note in finding.notes)


def test_a_selection_without_offences_and_with_one_end_in_words(store):
    nothing = find(store, period=Period(date(2020, 1, 1), date(2020, 2, 1)))
    assert nothing.subline == "No offence of this selection has a place and a day."
    one = find(store, period=Period(date(2024, 6, 1), date(2024, 7, 30)))
    assert one.labels["isolated"] == 1


def test_months_and_snapped_points_are_refused_with_the_reason(store):
    facts = store.facts(SOURCE, FORCE, scope=EVERYTHING)
    for change in ({"time_precision": "month"}, {"location_precision": "snapped"}):
        with pytest.raises(NotKnowable, match="cannot be told from them"):
            check_day_and_place(type(facts)(**(vars(facts) | change)), headline="Series cannot be known")


@pytest.mark.parametrize("wrong", [{"metres": 0.5}, {"days": 0}, {"minimum": 1}])
def test_settings_that_mean_nothing_are_refused(store, wrong):
    with pytest.raises(BadInput):
        find(store, **wrong)


def test_partners_and_the_public_read_counts_alone(store):
    assert words.told_publicly(find(store)) == (
        "<5 chains of 3 or more residential burglaries",
        "Chains and their offences are shown to the force alone.",
    )


def test_files_hold_the_chains_with_crime_numbers_and_masked_officers(store, tmp_path):
    finding = find(store)
    write_chains(finding, tmp_path / "chains.csv")
    rows = pd.read_csv(tmp_path / "chains.csv")
    assert rows.groupby("chain").size().tolist() == [3, 4]
    text = (tmp_path / "chains.csv").read_text("utf-8")
    assert "burglary-0004" in text
    assert not any(reference in text for reference in ("officer-0", "premises-0"))
    write_chains(finding, tmp_path / "chains.geojson")
    document = json.loads((tmp_path / "chains.geojson").read_text("utf-8"))
    assert [len(one["geometry"]["coordinates"]) for one in document["features"]] == [3, 4]
    assert "200 m and 14 days" in document["properties"]["method"]
    with pytest.raises(BadInput, match=r"Choose \.csv or \.geojson"):
        write_chains(finding, tmp_path / "chains.txt")


@pytest.mark.parametrize("suffix", [".csv", ".geojson"])
def test_a_file_without_a_chain_still_says_what_it_is(store, tmp_path, suffix):
    write_chains(find(store, metres=50.0), tmp_path / f"none{suffix}")
    assert (tmp_path / f"none{suffix}").stat().st_size > 0
    if suffix == ".geojson":
        assert json.loads((tmp_path / "none.geojson").read_text("utf-8"))["features"] == []


def run(*arguments):
    return CliRunner().invoke(app, [str(one) for one in arguments])


def asked(store, *more):
    given = ("--crime-type", "residential burglary", "--from", "2024-04-01", "--minimum", 3, "--permutations", 20)
    return run("chains", "--store", store.path, *given, *more)


def test_the_command_prints_chains_beside_chance(store, tmp_path):
    result = asked(store, "--json", "--out", tmp_path / "out.geojson")
    document = json.loads(result.stdout)
    assert [one["size"] for one in document["listed"]] == [3, 4]
    assert document["listed"][0]["mo_agreement"] is None
    assert document["chance"]["permutations"] == 20
    assert document["labels"]["isolated"] == 1
    assert (tmp_path / "out.geojson").exists()
    assert "open" in asked(store).stdout


def test_the_command_tells_the_public_no_chain_and_writes_it_no_file(store, tmp_path):
    document = json.loads(asked(store, "--json", "--audience", "public").stdout)
    assert (document["listed"], document["chains"], document["chance"]) == (None, None, None)
    refused = asked(store, "--audience", "public", "--out", tmp_path / "out.csv")
    assert refused.exit_code == 2
    assert "force alone" in refused.output


def test_data_without_a_committed_date_are_refused(tmp_path):
    rows = [offence(number, committed="", reported="2024-05-01 10:00") for number in range(3)]
    small = small_store(tmp_path, rows)
    with pytest.raises(NotKnowable, match="does not say when an offence was committed"):
        series_finding(small, Selection("Extract", FORCE, "Burglary", PERIOD), ChainSettings(), scope=EVERYTHING)
