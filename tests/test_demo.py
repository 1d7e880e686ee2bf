"""The demo data: every planted figure of data/demo.toml is found again in the extract."""

from functools import partial

import numpy as np
import pandas as pd
import pytest
import shapely
from scipy.spatial import cKDTree
from scipy.stats import binomtest

from hotspot.boundaries.areas import assign, read_areas
from hotspot.boundaries.places import read_places
from hotspot.geography import LPA
from hotspot.grid import Grid
from hotspot.methods.random_labelling import Group
from hotspot.methods.repeats import repeat_victimisation
from hotspot.methods.two_surfaces import two_surfaces
from hotspot.offences import demo as demo_data
from hotspot.offences.demo import contagion, extract
from hotspot.offences.demo.handling import POSITIVE_OUTCOMES
from hotspot.offences.demo.strata import strata
from hotspot.offences.load import import_sources
from hotspot.offences.store import EVERYTHING, Store
from hotspot.paths import BOUNDARIES

VEHICLE = ["Theft of a vehicle", "Theft from a vehicle", "Vehicle interference"]
ROBBERY = ["Personal robbery", "Business robbery"]
BURGLARY = ["Residential burglary", "Business and community burglary"]
ACQUISITIVE = [*BURGLARY, *ROBBERY, *VEHICLE, "Theft from the person"]
# The changes that the force's board paper gives (reference/domain.md), in per cent.
BOARD_PAPER = [
    (ACQUISITIVE, -10.6),
    (ROBBERY, -12),
    (["Residential burglary"], -16),
    (["Theft from the person"], -25),
    (VEHICLE, -6),
]
SURE = 0.9999
"""Many figures are tested at once: an interval of 95 % would miss one in twenty true ones."""


@pytest.fixture(scope="module")
def demo():
    return demo_data.generate()


@pytest.fixture(scope="module")
def offences(demo):
    """One row per offence."""
    return demo.extract.drop_duplicates("Crime Number").set_index("Crime Number")


@pytest.fixture(scope="module")
def small():
    return demo_data.generate(scale=0.02)


def reported_in(offences, period):
    day = offences["Reported Date"]
    return (day >= pd.Timestamp(period.start)) & (day < pd.Timestamp(period.end))


def year_to_date(demo, offences, chosen):
    """Counts now and in the baseline."""
    return tuple(
        int((chosen & reported_in(offences, period)).sum()) for period in (demo.parameters.year_to_date, demo.parameters.baseline)
    )


def interval_of_change(now, before):
    """Of now over before, less one: given their sum, ``now`` is binomial."""
    interval = binomtest(now, now + before).proportion_ci(SURE)
    return interval.low / (1 - interval.low) - 1, interval.high / (1 - interval.high) - 1


def holds(count, of, planted):
    interval = binomtest(int(count), int(of)).proportion_ci(SURE)
    return interval.low <= planted <= interval.high


def test_there_are_about_200_000_offences_of_every_type_in_all_seven_lpas(demo, offences):
    assert 190_000 <= len(offences) <= 210_000
    assert set(offences["Offence Description"]) == set(demo.parameters.type_names)
    shares = offences["LPA"].value_counts(normalize=True)
    assert shares.to_dict() == pytest.approx(demo.parameters.lpa_shares, abs=0.01)


@pytest.mark.parametrize(("types", "change"), BOARD_PAPER)
def test_expected_changes_are_those_of_the_board_paper(types, change):
    parameters = demo_data.read_parameters()
    days = np.arange(np.datetime64(parameters.period.start), np.datetime64(parameters.period.end))
    total = sum(stratum.daily for stratum in strata(parameters) if stratum.kind.name in types)
    now, before = (
        total[(days >= np.datetime64(p.start)) & (days < np.datetime64(p.end))].sum()
        for p in (parameters.year_to_date, parameters.baseline)
    )
    assert 100 * (now / before - 1) == pytest.approx(change, abs=0.1)


@pytest.mark.parametrize(("types", "change"), BOARD_PAPER)
def test_changes_of_the_board_paper_are_found(demo, offences, types, change):
    low, high = interval_of_change(*year_to_date(demo, offences, offences["Offence Description"].isin(types)))
    assert low <= change / 100 <= high


def test_planted_changes_of_single_lpas_are_found_and_clear(demo, offences):
    for planted in demo.parameters.lpa_changes:
        chosen = offences["Offence Description"].isin(planted.types) & (offences["LPA"] == planted.lpa)
        now, before = year_to_date(demo, offences, chosen)
        low, high = interval_of_change(now, before)
        assert low <= planted.change <= high
        assert binomtest(now, now + before).pvalue < 0.01


def test_zones_take_their_own_course(demo, offences):
    places = {place.name: place for place in read_places()}
    for zone in demo.parameters.zones:
        place, kinds = places[zone.place], offences["Offence Description"].isin(zone.types)
        around = np.hypot(offences["Easting"] - place.x, offences["Northing"] - place.y) < 1_000
        day = offences["Reported Date"]
        now = kinds & around & (day >= pd.Timestamp(zone.first_day))
        year_before = (day >= pd.Timestamp(zone.first_day) - pd.DateOffset(years=1)) & (day < pd.Timestamp("2023-10-01"))
        low, high = interval_of_change(int(now.sum()), int((kinds & around & year_before).sum()))
        assert low <= zone.factor - 1 <= high


def test_the_new_cluster_around_bloxwich_is_the_one_place_that_relative_risk_finds(demo, offences):
    """Vehicle crime since the zone began, against the same months a year before, shuffled over the force."""
    zone = next(zone for zone in demo.parameters.zones if zone.place == "Bloxwich")
    kinds = offences["Offence Description"].isin(VEHICLE) & (offences["Easting"] > 0)
    day = offences["Committed From"]
    groups = [
        offences[kinds & (day >= start) & (day < end)]
        for start, end in (
            (pd.Timestamp(zone.first_day), pd.Timestamp("2024-10-01")),
            (pd.Timestamp(zone.first_day) - pd.DateOffset(years=1), pd.Timestamp("2023-10-01")),
        )
    ]
    force = read_areas(BOUNDARIES / "lpa.geojson", name_column="name", level=LPA, crs="EPSG:27700").union
    found = two_surfaces(
        *(Group(rows["Easting"].to_numpy(), rows["Northing"].to_numpy()) for rows in groups),
        grid=Grid.covering(force.bounds, cell_size=500.0),
        bandwidth=1_500.0,
        kernel="quartic",
        region=force,
        simulations=199,
        seed=1,
    )
    row, column = np.nonzero(found.stands)
    place = next(place for place in read_places() if place.name == "Bloxwich")
    away = np.hypot(found.grid.x[column] - place.x, found.grid.y[row] - place.y)
    assert len(row) >= 3 and (found.stands[row, column] == 1).all() and away.max() < 2_500


def test_vehicle_crime_splits_45_41_14(offences):
    kinds = offences.loc[offences["Reported Date"] >= "2023-04-01", "Offence Description"].value_counts()[VEHICLE]
    assert all(holds(kinds[kind], kinds.sum(), share) for kind, share in zip(VEHICLE, (0.45, 0.41, 0.14), strict=True))


@pytest.mark.parametrize(("types", "before", "now"), [(ACQUISITIVE, 0.049, 0.07), (ROBBERY, 0.093, 0.13)])
def test_outcomes_given_over_offences_recorded_are_those_of_the_board_paper(demo, offences, types, before, now):
    of_types = offences["Offence Description"].isin(types)
    positive = offences["Outcome"].isin(POSITIVE_OUTCOMES) & of_types
    for period, planted in ((demo.parameters.baseline, before), (demo.parameters.year_to_date, now)):
        given = offences["Outcome Date"].between(pd.Timestamp(period.start), pd.Timestamp(period.last_day))
        assert holds((positive & given).sum(), (of_types & reported_in(offences, period)).sum(), planted)


def test_outcome_rates_of_decided_offences_are_those_planted(demo, offences):
    decided = offences["Outcome Date"].notna()
    late = offences["Outcome Date"] >= pd.Timestamp(demo.parameters.year_to_date.start)
    for kind in demo.parameters.types:
        for chosen, planted in ((decided & ~late, kind.outcomes[0]), (decided & late, kind.outcomes[1])):
            rows = offences[chosen & (offences["Offence Description"] == kind.name)]
            assert holds(rows["Outcome"].isin(POSITIVE_OUTCOMES).sum(), len(rows), planted)


def test_recent_offences_are_still_under_investigation(offences):
    is_open = offences["Outcome"] == "Under investigation"
    month = offences["Reported Date"].dt.to_period("M").astype(str)
    assert is_open[month == "2024-09"].mean() > 0.6
    assert is_open[month == "2022-04"].mean() < 0.001
    assert offences.loc[is_open, ["Outcome Date", "Suspect Ref"]].isna().all(axis=None)


def test_planted_shares_follow_an_earlier_offence(demo):
    truth = demo.truth
    for kind in demo.parameters.types:
        origin = truth.loc[(truth["kind"] == kind.name), "origin"].to_numpy()
        # The first months have nothing to follow.
        origin = origin[len(origin) // 2 :]
        # Where a type is rare in an LPA, an offence may find none early enough to follow.
        assert (origin == contagion.REPEAT).mean() == pytest.approx(kind.repeat_share, abs=0.012)
        assert (origin == contagion.NEAR).mean() == pytest.approx(kind.near_share, abs=0.01)


@pytest.mark.parametrize(
    ("kind", "column"),
    [
        ("Residential burglary", "UPRN"),
        ("Residential burglary", "Victim Ref"),
        ("Theft from a vehicle", "Vehicle Ref"),
        ("Theft of a vehicle", "Vehicle Ref"),
        ("Personal robbery", "Victim Ref"),
    ],
)
def test_measured_repeats_are_those_planted_and_few_by_chance(demo, offences, kind, column):
    rows = offences[offences["Offence Description"] == kind]
    result = repeat_victimisation(
        rows[column],
        rows["Committed From"],
        counted=np.ones(len(rows), dtype=bool),
        window_days=365,
        first_day=np.datetime64(demo.parameters.period.start),
        end=np.datetime64(demo.parameters.period.end),
    )
    planted = demo.parameters.type_named(kind).repeat_share
    by_chance = 0.015 if kind == "Residential burglary" else 0.0
    assert result.repeats.low <= planted + by_chance
    assert result.repeats.high >= planted


def test_gaps_of_repeats_and_near_repeats_decay_as_planted(demo, offences):
    start = offences["Committed From"]
    children = demo.truth[demo.truth["followed"].notna() & (demo.truth["lpa"] == "Birmingham")]
    gap = (start.loc[children["Crime Number"]].to_numpy() - start.loc[children["followed"]].to_numpy()) / np.timedelta64(1, "D")
    for name, origin, longest in (("Residential burglary", contagion.REPEAT, 364), ("Theft from a vehicle", contagion.NEAR, 60)):
        kind = demo.parameters.type_named(name)
        mean = kind.repeat_days if origin == contagion.REPEAT else kind.near_days
        chosen = gap[(children["kind"] == name) & (children["origin"] == origin)]
        # Of the exponential distribution cut off at the longest gap.
        expected = mean - longest / np.expm1(longest / mean)
        # The offence followed is the last one before the gap, in Birmingham a few hours earlier.
        assert (
            expected - 4 * chosen.std() / len(chosen) ** 0.5
            < chosen.mean()
            < expected + 4 * chosen.std() / len(chosen) ** 0.5 + 0.5
        )


def test_near_repeats_lie_within_400_metres_and_their_distance_decays(demo, offences):
    near = demo.truth[demo.truth["origin"] == contagion.NEAR]
    position = offences[["Easting", "Northing"]]
    there, here = position.loc[near["followed"]].to_numpy(), position.loc[near["Crime Number"]].to_numpy()
    distance = np.hypot(*(here - there).T)
    distance = distance[np.isfinite(distance) & (distance < 5_000)]
    assert (distance < 405).mean() > 0.995
    counts = np.histogram(distance, bins=[25, 100, 175, 250, 325, 400])[0]
    assert (np.diff(counts) < 0).all()


@pytest.mark.parametrize(
    ("kind", "contagious"), [("Residential burglary", True), ("Theft from a vehicle", True), ("Theft of a vehicle", False)]
)
def test_close_pairs_come_soon_after_each_other_only_where_contagion_is_planted(offences, kind, contagious):
    rows = offences[(offences["Offence Description"] == kind) & (offences["LPA"] == "Coventry")].dropna(subset=["Easting"])
    day = rows["Committed From"].to_numpy("datetime64[s]").astype(float) / 86_400
    pairs = cKDTree(rows[["Easting", "Northing"]].to_numpy()).query_pairs(100, output_type="ndarray")
    apart = np.hypot(
        *(rows[["Easting", "Northing"]].to_numpy()[pairs[:, 0]] - rows[["Easting", "Northing"]].to_numpy()[pairs[:, 1]]).T
    )
    gap = np.abs(day[pairs[:, 0]] - day[pairs[:, 1]])[apart > 20]
    all_gaps = np.abs(day[:, None] - day[None, :])[np.triu_indices(len(day), 1)]

    def ratio(first, last):
        """Close pairs with such a gap over those expected if place and time had nothing to do with each other."""
        return ((gap >= first) & (gap < last)).sum() / (len(gap) * ((all_gaps >= first) & (all_gaps < last)).mean())

    soon, late = ratio(0, 14), ratio(180, 400)
    assert (soon > 1.5) == contagious
    assert 0.8 < late < 1.15
    assert contagious or 0.85 < soon < 1.15


def test_series_share_their_mo_and_lie_with_several_officers(demo, offences):
    children = demo.truth[demo.truth["followed"].notna()]
    first, then = offences.loc[children["followed"]], offences.loc[children["Crime Number"]]
    # Some of those that do not keep the MO draw the same one by chance.
    assert 0.85 < (first["MO"].to_numpy() == then["MO"].to_numpy()).mean() < 0.92
    assert (first["OIC"].to_numpy() == then["OIC"].to_numpy()).mean() < 0.03


def test_victims_knives_and_cctv_are_as_planted(demo, offences):
    planted, kind = demo.parameters.particulars, offences["Offence Description"]
    ages = offences.loc[kind == "Personal robbery", "Victim Age"].dropna()
    assert (ages < 25).mean() == pytest.approx(planted["robbery_victims_under_25"], abs=0.02)
    knife = offences.loc[kind == "Personal robbery", "Knife"]
    assert holds((knife == "Y").sum(), knife.notna().sum(), planted["knife_personal"])
    assert holds(knife.notna().sum(), len(knife), planted["knife_known"])
    assert offences.loc[~kind.isin(ROBBERY), "Knife"].isna().all()
    filed = offences[offences["Filed Date"].notna() & offences["CCTV Requested"].notna()]
    filed = filed[filed["Reported Date"] < pd.Timestamp("2024-04-01")]
    awaited = ~(filed["CCTV Received"] <= filed["Filed Date"])
    assert holds(awaited.sum(), len(filed), demo.parameters.handling["filed_while_awaited"])


def test_every_reference_says_that_it_is_synthetic(demo):
    for column in ("Crime Number", "UPRN", "Victim Ref", "Vehicle Ref", "Suspect Ref", "OIC"):
        assert demo.extract[column].dropna().str.startswith("SYN").all()


def test_every_located_offence_lies_in_its_lpa_and_faults_are_as_many_as_planted(demo, offences):
    faults = demo.parameters.faults
    absent, zero = offences["Easting"].isna(), offences["Easting"] == 0
    beyond = offences["Easting"] > 445_000
    located = offences[~absent & ~zero & ~beyond]
    areas = read_areas(BOUNDARIES / "lpa.geojson", level=LPA, crs="EPSG:27700")
    named = located["LPA"].notna()
    names = assign(areas, located["Easting"], located["Northing"])
    assert (names[named] == located.loc[named, "LPA"].to_numpy(dtype=object)).all()
    outside = located[~named]
    assert not shapely.intersects_xy(areas.union, outside["Easting"], outside["Northing"]).any()
    backwards = offences["Committed To"] < offences["Committed From"]
    found = [
        absent.sum(),
        zero.sum(),
        beyond.sum(),
        len(outside),
        backwards.sum(),
        demo.extract.duplicated(["Crime Number", "Victim Ref"]).sum(),
    ]
    assert dict(zip(faults, found, strict=True)) == faults


def test_a_second_victim_is_a_further_row_of_the_same_reference(demo):
    rows = demo.extract.drop_duplicates(["Crime Number", "Victim Ref"])
    per_offence = rows.groupby("Crime Number").size()
    homes = (demo.truth["kind"] == "Residential burglary").sum()
    assert set(per_offence) == {1, 2}
    assert holds((per_offence == 2).sum(), homes, demo.parameters.particulars["second_victim"])


def test_nothing_is_known_from_after_the_extract(demo):
    dates = ["Committed From", "Reported Date", "Outcome Date", "Filed Date", "CCTV Requested", "CCTV Received"]
    assert (demo.extract[dates].max() < pd.Timestamp(demo.parameters.period.end)).all()
    assert demo.extract["Committed From"].min() >= pd.Timestamp(demo.parameters.period.start)


def test_the_countryside_of_solihull_has_few_offences(offences):
    # The gap between Meriden and Knowle: 12 km² of fields without a place.
    fields = offences["Easting"].between(420_500, 423_500) & offences["Northing"].between(278_000, 280_500)
    assert fields.sum() < 50


def test_the_same_seed_gives_the_same_bytes_and_another_does_not(small, tmp_path):
    first = demo_data.write_extract(small, tmp_path / "first.parquet").read_bytes()
    again = demo_data.write_extract(demo_data.generate(scale=0.02), tmp_path / "again.parquet").read_bytes()
    other = demo_data.write_extract(demo_data.generate(scale=0.02, seed=7), tmp_path / "other.parquet").read_bytes()
    assert first == again != other


def test_the_extract_is_imported_with_its_faults_counted(small, tmp_path):
    path = demo_data.write_extract(small, tmp_path / "extract.parquet")
    report = import_sources([path], store=tmp_path / "store", mapping=extract.MAPPING, source="Synthetic", synthetic=True)
    planted = {name: max(1, round(count * 0.02)) for name, count in small.parameters.faults.items()}
    assert report.rows_read == len(small.extract)
    assert report.excluded == {"duplicate reference": planted["duplicate_rows"]}
    assert report.offences == len(small.truth)
    assert report.without_location == planted["without_location"]
    assert report.location_unusable == planted["zero_zero"] + planted["beyond_bounds"]
    assert report.outside_lpas == planted["outside_lpas"]
    assert report.end_before_start == planted["end_before_start"]
    assert report.lpa_disagreements == 0


def test_write_demo_makes_a_store_that_says_it_is_synthetic(monkeypatch, tmp_path):
    monkeypatch.setattr(extract, "generate", partial(demo_data.generate, scale=0.005))
    steps = []
    demo_data.write_demo(tmp_path / "store", seed=3, progress=lambda share, words: steps.append(share))
    store = Store(tmp_path / "store")
    facts = store.facts(*store.data_sets[0], scope=EVERYTHING)
    assert facts.synthetic
    assert facts.source == "Synthetic demo"
    assert facts.time_precision == "minute"
    assert steps == sorted(steps)
    assert 0 <= min(steps) <= max(steps) <= 1
