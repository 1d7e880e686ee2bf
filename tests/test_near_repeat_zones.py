"""Zones at raised risk: by hand, against a slow version, and by what an expiry day means."""

import math

import numpy as np
import pytest
import shapely
from hypothesis import given, settings
from hypothesis import strategies as st

from hotspot.grid import Grid
from hotspot.methods.near_repeat_decay import Fitted, NearRepeatDecay
from hotspot.methods.near_repeat_zones import CELL_SIZE, added_risk, near_repeat_zones

AS_AT = np.datetime64("2024-10-01", "s")
EDGES = (0.0, 50.0, 100.0, 200.0, 400.0)


def decay(*, followers=0.14, days=11.0, metres=110.0):
    one = [Fitted(value, value, value) for value in (followers, days, metres)]
    return NearRepeatDecay(*one, 0.5, 0.1, 25.0, 16, EDGES, np.array([1.2, 1.1, 1.0, 0.8]) * 1e-7, 56.0)


def days_before(days):
    return AS_AT - (np.asarray(days, dtype=float) * 86_400).astype("timedelta64[s]")


def zones(x, y, days, *, as_at=AS_AT, threshold=2.0, fitted=None):
    return near_repeat_zones(fitted or decay(), x, y, days_before(days), as_at=as_at, threshold=threshold)


recent = st.lists(
    st.tuples(st.floats(400_000, 401_000), st.floats(290_000, 291_000), st.floats(0.1, 30.0)), min_size=1, max_size=12
)


def columns(rows):
    return (np.array(column) for column in zip(*rows, strict=True))


def test_one_fresh_offence_makes_one_zone_whose_risk_and_end_are_worked_by_hand():
    fitted = decay()
    found = zones([400_012.5], [290_012.5], [1.0])
    (zone,) = found.zones
    # In the nearest band: 0.14·e^(−1/11)/11 followers a day, their share there over π·50², over 1.2e−7.
    smooth = 1 - math.exp(-50 / 110)
    share = 0.5 * smooth / (1 - 0.5 * smooth)
    added = 0.14 * math.exp(-1 / 11) / 11 * share / (math.pi * 2_500) / 1.2e-7
    assert zone.peak == pytest.approx(1 + added)
    assert (zone.x, zone.y) == pytest.approx((400_012.5, 290_012.5), abs=50)
    assert zone.makers == (0,)
    assert zone.expires == np.datetime64("2024-10-01") + math.floor(11 * math.log(added)) + 1
    assert zone.geometry.contains(shapely.Point(400_012.5, 290_012.5))
    assert zone.area_km2 == pytest.approx(zone.geometry.area / 1e6)
    assert fitted.excess(0.0, 1.0) == pytest.approx(added)


def test_offences_not_yet_known_and_those_of_long_ago_add_nothing():
    found = zones([400_000.0, 400_000.0], [290_000.0, 290_000.0], [-0.5, 57.0])
    assert (found.offences, found.zones, found.area_km2) == (0, (), 0.0)


def test_without_offences_there_is_no_zone():
    assert zones([], [], []).zones == ()


def test_two_offences_add_up_and_are_named_the_strongest_first():
    apart = zones([400_000.0, 405_000.0], [290_000.0] * 2, [20.0, 20.0], threshold=1.2)
    together = zones([400_000.0, 400_040.0], [290_000.0] * 2, [20.0, 2.0], threshold=1.2)
    assert len(apart.zones) == 2
    (zone,) = together.zones
    assert zone.makers == (1, 0)
    assert zone.peak > apart.zones[0].peak


def test_a_threshold_that_the_usual_risk_reaches_is_refused():
    with pytest.raises(ValueError, match="more than the usual"):
        zones([400_000.0], [290_000.0], [1.0], threshold=1.0)


@settings(max_examples=25, deadline=None)
@given(recent)
def test_added_risk_is_the_sum_over_all_offences_at_each_cell(rows):
    x, y, days = columns(rows)
    grid = Grid.covering((399_600, 289_600, 401_400, 291_400), cell_size=100.0)
    fast = added_risk(decay(), x, y, days, grid)
    slow = np.zeros(grid.shape)
    for row, north in enumerate(grid.y):
        for column, east in enumerate(grid.x):
            slow[row, column] = decay().excess(np.hypot(x - east, y - north), days).sum()
    np.testing.assert_allclose(fast, slow, rtol=1e-12, atol=1e-12)


@settings(max_examples=25, deadline=None)
@given(recent, st.floats(1.3, 4.0))
def test_a_zone_holds_until_the_day_before_it_expires_and_not_on_that_day(rows, threshold):
    x, y, days = columns(rows)
    days = np.minimum(days, 10.0)
    for zone in zones(x, y, days, threshold=threshold).zones[:3]:
        left = int((zone.expires - np.datetime64("2024-10-01")).astype(int))
        if left + days.max() > 56:
            continue
        place = shapely.Point(zone.x, zone.y)
        last = zones(x, y, days, as_at=AS_AT + np.timedelta64(left - 1, "D"), threshold=threshold)
        assert any(other.geometry.covers(place) for other in last.zones)
        over = zones(x, y, days, as_at=AS_AT + np.timedelta64(left, "D"), threshold=threshold)
        assert not any(other.geometry.intersects(zone.geometry.buffer(-1)) for other in over.zones)


@settings(max_examples=25, deadline=None)
@given(recent, st.randoms())
def test_zones_are_apart_hold_only_cells_at_the_threshold_and_do_not_depend_on_the_order(rows, random):
    x, y, days = columns(rows)
    found = zones(x, y, days)
    shapes = [zone.geometry for zone in found.zones]
    assert shapely.union_all(shapes).area == pytest.approx(sum(shape.area for shape in shapes))
    assert all(zone.peak >= 2.0 and len(zone.makers) >= 1 for zone in found.zones)
    assert [zone.peak for zone in found.zones] == sorted((zone.peak for zone in found.zones), reverse=True)
    assert found.area_km2 == pytest.approx(sum(shape.area for shape in shapes) / 1e6)
    order = list(range(len(rows)))
    random.shuffle(order)
    again = zones(x[order], y[order], days[order])
    assert shapely.union_all([zone.geometry for zone in again.zones]).equals(shapely.union_all(shapes))


@settings(max_examples=20, deadline=None)
@given(recent, st.floats(1.2, 3.0), st.floats(0.0, 2.0))
def test_a_higher_threshold_draws_smaller_zones_within_the_others(rows, threshold, higher):
    x, y, days = columns(rows)
    wide = shapely.union_all([zone.geometry for zone in zones(x, y, days, threshold=threshold).zones])
    narrow = shapely.union_all([zone.geometry for zone in zones(x, y, days, threshold=threshold + higher).zones])
    assert narrow.difference(wide).area < CELL_SIZE**2 / 100
