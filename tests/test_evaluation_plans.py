"""A 4P plan's frozen area as what is evaluated, the start and periods that stand until others are set."""

from dataclasses import replace
from datetime import date, datetime

import numpy as np
import pytest
import shapely
from hypothesis import given, settings
from hypothesis import strategies as st
from small_store import SOURCE, selection

from hotspot.errors import BadInput
from hotspot.findings.evaluation_periods import is_possible, just_before, usual_start
from hotspot.findings.evaluation_plans import area_of_plan, one_ring, plan_query
from hotspot.period import Period
from hotspot.records.plan_drafts import DRAWN, HOTSPOT, Draft, FrozenArea, Plan

DATA = Period.parse("2022-04-01..2024-10-01")
SQUARE = shapely.box(401_000, 291_000, 402_000, 292_000)
VIEW = "type=Burglary&from=2023-10-01&to=2024-04-01&basis=reported&bandwidth=300"


def plan(*, kind=HOTSPOT, geometry=SQUARE, made=datetime(2024, 4, 1, 9), view=VIEW):
    area = FrozenArea(
        kind, "Mill Lane", shapely.to_geojson(geometry), "EPSG:27700", "Testshire", SOURCE, False, "density", view, 1, "abc"
    )
    return Plan(7, 1, Draft("Burglars", "West", "Burglary"), area, made, "a", made, None)


def shown(query):
    return selection("Shoplifting").updated_from(query)[0]


def mended(ring):
    found = shapely.make_valid(shapely.Polygon(np.round(ring)))
    return shapely.union_all([part for part in shapely.get_parts(found) if shapely.get_dimensions(part) == 2])


def test_a_plan_is_evaluated_in_its_frozen_area_from_the_day_it_was_made():
    query = plan_query(plan(), covered=DATA)
    chosen = shown(query)
    assert (chosen.crime_type, chosen.date_basis) == ("Burglary", "reported")
    assert chosen.period == Period.parse("2024-04-01..2024-10-01")
    assert chosen.drawn.name == "plan 7, Mill Lane"
    assert shapely.equals(shapely.Polygon(chosen.drawn.ring), SQUARE)
    assert (query["start"], query["chosen"]) == ("2024-04-01", "2023-10-01..2024-04-01")


def test_a_drawn_area_was_not_chosen_by_its_count_and_a_view_without_dates_says_no_period():
    assert "chosen" not in plan_query(plan(kind=DRAWN), covered=DATA)
    assert "chosen" not in plan_query(plan(view="type=Burglary&from=sometime"), covered=DATA)


def test_a_plan_made_after_the_data_shows_their_last_year_and_keeps_its_start():
    query = plan_query(plan(made=datetime(2026, 11, 23, 9)), covered=DATA)
    assert (query["from"], query["to"], query["start"]) == ("2023-10-01", "2024-10-01", "2026-11-23")


def test_months_of_police_uk_count_from_the_month_after_the_plan_was_made():
    view = VIEW.replace("reported", "month")
    assert plan_query(plan(made=datetime(2024, 4, 11, 9), view=view), covered=DATA)["start"] == "2024-05-01"
    assert plan_query(plan(view=view), covered=DATA)["start"] == "2024-04-01"


@given(st.sets(st.tuples(st.integers(0, 5), st.integers(0, 5)), min_size=1))
@settings(max_examples=40)
def test_one_ring_says_any_cells_with_their_holes_and_parts(cells):
    area = shapely.union_all([shapely.box(100 * x, 100 * y, 100 * x + 100, 100 * y + 100) for x, y in cells])
    assert shapely.equals(mended(one_ring(area)), area)


def test_an_area_of_many_corners_is_simplified_and_one_that_is_none_is_refused():
    circle = shapely.buffer(shapely.Point(400_000, 290_000), 800, quad_segs=300)
    ring = one_ring(circle)
    assert len(ring) <= 500
    assert mended(ring).area == pytest.approx(circle.area, rel=0.01)
    with pytest.raises(BadInput, match="too intricate"):
        one_ring(shapely.LineString([(0, 0), (1, 1)]))
    broken = plan()
    with pytest.raises(BadInput, match="area of plan 7 cannot be read"):
        area_of_plan(replace(broken, area=replace(broken.area, geometry="{")))


def test_the_start_is_the_period_s_where_as_much_lies_before_it():
    assert usual_start(Period.parse("2024-04-01..2024-10-01"), DATA) == date(2024, 4, 1)


def test_else_it_leaves_half_of_the_period_at_most_a_year():
    months = Period.parse("2014-01-01..2014-03-01")
    assert usual_start(months, months) == date(2014, 2, 1)
    assert usual_start(DATA, DATA) == date(2023, 10, 1)
    assert usual_start(Period.parse("2026-01-01..2026-03-01"), DATA) == date(2026, 1, 1)
    assert usual_start(Period.parse("2022-04-01..2022-05-01"), DATA) == date(2022, 4, 1)


def test_the_period_just_before_ends_where_what_was_done_began():
    september = Period.parse("2024-09-01..2024-10-01")
    assert just_before(september, september.start) == Period.parse("2024-08-01..2024-09-01")
    assert just_before(september, date(2024, 7, 1)) == Period.parse("2024-06-01..2024-07-01")
    assert just_before(september, date(2024, 7, 16)) == Period.parse("2024-06-16..2024-07-16")


def test_a_period_can_be_compared_with_if_it_ends_before_the_start_and_lies_in_the_data():
    start = date(2024, 4, 1)
    assert is_possible(Period.parse("2023-04-01..2023-10-01"), start, DATA)
    assert not is_possible(Period.parse("2023-11-01..2024-05-01"), start, DATA)
    assert not is_possible(Period.parse("2022-01-01..2022-06-01"), start, DATA)
