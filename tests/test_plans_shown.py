"""What plans say together, their areas on the map, their table as a file, and their command."""

import json
from dataclasses import replace
from datetime import timedelta

import pandas as pd
import pytest
import shapely
from typer.testing import CliRunner

from hotspot.cli import app
from hotspot.errors import BadInput
from hotspot.export.plans import write_plans
from hotspot.findings import plan_words as words
from hotspot.maps.folium_map import overlay_payload
from hotspot.maps.plans_scene import plans_scene, shape_of
from hotspot.maps.scene import Outline, Scene
from hotspot.records import plans
from hotspot.records.database import open_database
from tests.plan_records import AREA, NOW, TODAY, action, draft

LATE = TODAY - timedelta(3)


@pytest.fixture
def url(tmp_path):
    return f"sqlite:///{tmp_path}/records.sqlite"


@pytest.fixture
def listed(url):
    database = open_database(url)

    def make(title, *actions, **more):
        plans.create(database, draft(title, *actions, **more), AREA, who="DC Patel", now=NOW)

    make("First", action(due=LATE), action("Brief", group="Prepare", owner=""), lpa="Westley")
    make("=1+1", lpa="Eastley")
    make("<b>Third</b>", action(due=LATE), lpa="Eastley", status="closed")
    yield plans.plans(database, today=TODAY)
    database.engine.dispose()


def ran(*arguments):
    return CliRunner().invoke(app, [str(one) for one in arguments])


def test_the_headline_counts_open_actions_and_those_overdue(listed):
    assert words.headline(listed, today=TODAY) == "1 of 2 open actions in two plans is overdue"
    assert words.headline(listed, today=LATE) == "2 open actions in two plans, none overdue"
    assert words.headline(listed[1:2], today=TODAY) == "One open plan, no open action"
    assert words.headline(listed[2:], today=TODAY) == "No open plan"
    assert words.headline((), today=TODAY) == "No plan yet"
    assert words.subline(listed, today=TODAY) == "The longest overdue: 3 days. Closed plans: 1. As at 23 Nov 2026."


def test_plans_are_counted_by_lpa_most_overdue_first(listed):
    assert [(one.lpa, one.plans, one.actions, one.overdue, one.closed) for one in words.by_lpa(listed, today=TODAY)] == [
        ("Westley", 1, 2, 1, 0),
        ("Eastley", 1, 0, 0, 1),
    ]


def test_the_rows_of_a_briefing_say_who_does_what_by_when_and_how_late(listed):
    assert words.plan_rows(plans.due_of(listed, today=TODAY), today=TODAY) == (
        ("Westley", "First", "Protect: Visit repeat victims", "Neighbourhood sergeant", "20 Nov 2026", "overdue 3 days"),
        ("Westley", "First", "Prepare: Brief", "no owner", "no date", "open"),
    )


def test_a_plan_says_where_its_area_came_from(listed):
    assert words.area_words(listed[0]) == "Hotspot 1 of the density page: Westley, around High Street"
    drawn = replace(listed[0], area=replace(AREA, kind="drawn area", name="Market", rank=None))
    assert words.area_words(drawn) == "Drawn area: Market"


def test_the_map_numbers_plans_as_the_list_does_with_their_status(listed):
    scene = plans_scene(listed, Scene("EPSG:27700"), today=TODAY)
    assert [(one.rank, one.caption) for one in scene.hotspots] == [(1, "overdue"), (2, "open"), (3, "closed")]
    assert scene.hotspots[0].geometry.equals(shapely.box(402_000, 292_000, 402_500, 292_250))
    near = plans_scene(listed, Scene("EPSG:27700"), today=TODAY, chosen=2)
    assert near.view == (401_600, 291_600, 402_900, 292_650)


def test_without_boundaries_the_map_looks_at_the_plans(listed):
    ground = Scene("EPSG:27700")
    assert plans_scene(listed, ground, today=TODAY).view == (401_600, 291_600, 402_900, 292_650)
    assert plans_scene((), ground, today=TODAY).view is None
    with_land = replace(ground, areas=(Outline("Westley", shapely.box(400_000, 290_000, 404_000, 294_000)),))
    assert plans_scene(listed, with_land, today=TODAY).view is None


def test_an_area_frozen_in_another_crs_is_drawn_where_it_lies():
    degrees = replace(AREA, crs="EPSG:4326", geometry=shapely.to_geojson(shapely.Point(-1.9, 52.48).buffer(0.001)))
    west, south, east, north = shape_of(degrees, crs="EPSG:27700").bounds
    assert (west + east) / 2 == pytest.approx(406_890, abs=30)
    assert (south + north) / 2 == pytest.approx(286_800, abs=300)


def test_a_hostile_name_cannot_leave_the_script_that_draws_it(listed):
    hostile = replace(listed[0], area=replace(AREA, name="</script><script>alert(1)</script>"))
    assert "<" not in overlay_payload(plans_scene((hostile,), Scene("EPSG:27700"), today=TODAY))


def test_the_table_has_a_row_for_each_action_and_no_formula_in_it(listed, tmp_path):
    write_plans(listed, tmp_path / "plans.csv", today=TODAY)
    table = pd.read_csv(tmp_path / "plans.csv", keep_default_na=False)
    assert list(table["action"]) == ["Visit repeat victims", "Brief", "", "Visit repeat victims"]
    assert list(table["overdue"]) == [True, False, False, False]
    assert not table["title"].str.startswith("=").any()
    assert shapely.from_geojson(table["area_geojson"][0]).area == 500 * 250
    with pytest.raises(BadInput, match=r"Choose \.csv"):
        write_plans(listed, tmp_path / "plans.xls", today=TODAY)


def test_the_command_lists_shows_and_exports(listed, url, tmp_path):
    place = ("--store", tmp_path / "store", "--records", url, "--as-at", "2026-11-23")
    document = json.loads(ran("plans", "list", "--overdue", "--json", *place).stdout)
    assert [(one["title"], one["overdue"], one["next_due"]) for one in document["plans"]] == [("First", 1, "2026-11-20")]
    assert [one["title"] for one in json.loads(ran("plans", "list", "--lpa", "EASTLEY", "--json", *place).stdout)["plans"]] == [
        "=1+1",
        "<b>Third</b>",
    ]
    shown = json.loads(ran("plans", "show", listed[0].number, "--json", *place).stdout)
    assert (shown["area"]["fingerprint"], shown["actions"][0]["state"]) == ("abc123", "overdue")
    assert (shown["history"][0]["field"], shown["history"][0]["new"], shown["history"][0]["who"]) == (
        "title",
        "First",
        "DC Patel",
    )
    assert "overdue 3 days" in ran("plans", "show", listed[0].number, *place).stdout
    assert "1 of 2 open actions" in ran("plans", "list", *place).stdout
    assert json.loads(ran("plans", "export", "--out", tmp_path / "all.csv", "--json", *place).stdout)["plans"] == 3
    assert len(pd.read_csv(tmp_path / "all.csv")) == 4


def test_the_command_tells_an_unknown_plan_or_lpa_and_an_empty_list_in_a_sentence(listed, url, tmp_path):
    place = ("--store", tmp_path / "store", "--records", url)
    told = ran("plans", "show", "99", *place)
    assert (told.exit_code, told.stderr.strip()) == (2, "There is no plan 99. The list of 4P plans shows those there are.")
    told = ran("plans", "list", "--lpa", "Nowhere", *place)
    assert (told.exit_code, "There are plans for: Eastley, Westley." in told.stderr) == (2, True)
    assert "No plan has an overdue action." in ran("plans", "list", "--overdue", "--as-at", "2020-01-01", *place).stdout
    empty = ran("plans", "list", "--store", tmp_path / "store", "--records", f"sqlite:///{tmp_path}/empty.sqlite")
    assert "There is no plan here yet." in empty.stdout
