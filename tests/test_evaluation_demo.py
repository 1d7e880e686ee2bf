"""The pilot planted in the demo data: the effect is found again in the polygon that ships, and one month says less."""

import numpy as np
import pytest
import shapely

from hotspot.findings.evaluation_areas import area_of_file
from hotspot.methods.evaluation import BeforeAfter, change_ratio, detectable_fall, displacement_difference, ratio_of_ratios
from hotspot.offences import demo as demo_data
from hotspot.paths import ROOT
from hotspot.period import Period

QUARTER, SEPTEMBER = Period.parse("2024-07-01..2024-10-01"), Period.parse("2024-09-01..2024-10-01")


@pytest.fixture(scope="module")
def demo():
    return demo_data.generate(scale=0.5)


@pytest.fixture(scope="module")
def zone(demo):
    return next(zone for zone in demo.parameters.zones if zone.place == "Wolverhampton city centre")


def counted(demo, chosen, period):
    """Count a period and the same months a year before, by reported date."""
    day = demo.extract["Reported Date"].to_numpy("datetime64[D]")[chosen]
    return [
        int(((day >= np.datetime64(one.start)) & (day < np.datetime64(one.end))).sum()) for one in (period.shifted(-12), period)
    ]


def pilot_and_other_lpas(demo, zone, period):
    polygon = shapely.Polygon(area_of_file(ROOT / "data" / "demo-pilot.geojson", crs="EPSG:27700").ring)
    extract = demo.extract
    kinds = extract["Offence Description"].isin(zone.types).to_numpy() & ~extract["Crime Number"].duplicated().to_numpy()
    inside = shapely.contains_xy(polygon, extract["Easting"].to_numpy(float), extract["Northing"].to_numpy(float))
    other = extract["LPA"].notna().to_numpy() & (extract["LPA"] != zone.lpa).to_numpy()
    return BeforeAfter(*counted(demo, kinds & inside, period)), BeforeAfter(*counted(demo, kinds & other, period))


def test_the_planted_effect_lies_in_the_interval_of_the_polygon_s_change(demo, zone):
    treated, _ = pilot_and_other_lpas(demo, zone, QUARTER)
    found = change_ratio(treated, days=QUARTER.days, before_days=QUARTER.days)
    assert found.low <= zone.factor <= found.high
    assert found.stands


def test_beside_the_other_lpas_the_fall_stands_and_the_planted_one_lies_in_both_intervals(demo, zone):
    treated, others = pilot_and_other_lpas(demo, zone, QUARTER)
    ratio = ratio_of_ratios(treated, others)
    without = others.after / others.before
    assert ratio.low <= zone.factor / without <= ratio.high
    assert ratio.high < 1
    weighted = BeforeAfter(others.before, others.after, area_weight=treated.before / others.before)
    local = displacement_difference(treated, weighted).local
    assert local.low <= treated.before * (zone.factor - without) <= local.high
    assert local.high < 0


def test_one_september_against_the_next_could_only_have_shown_a_larger_fall_than_the_quarter(demo, zone):
    """The published pilot compared single months: a fall of 30 % is then more than the counts can show."""
    september, quarter = (detectable_fall(*pilot_and_other_lpas(demo, zone, one)) for one in (SEPTEMBER, QUARTER))
    assert september < zone.factor
    assert september < quarter
    treated, _ = pilot_and_other_lpas(demo, zone, SEPTEMBER)
    found = change_ratio(treated, days=SEPTEMBER.days, before_days=SEPTEMBER.days)
    assert found.low <= zone.factor <= found.high
