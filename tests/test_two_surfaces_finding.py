"""Two surfaces of a store: finding, words, picture, files and command."""

import json
import pickle
from dataclasses import replace
from io import BytesIO

import geopandas
import numpy as np
import pandas as pd
import pytest
from PIL import Image
from small_store import BEFORE, PERIOD, WEST, offence, selection, small_store
from typer.testing import CliRunner

from hotspot.cli import app
from hotspot.errors import BadInput
from hotspot.export.two_surfaces import cell_table, write_two_surfaces
from hotspot.findings.audience import FORCE, PUBLIC
from hotspot.findings.selected import select
from hotspot.findings.two_surfaces import RATE, Against, TwoSurfacesSettings, check_groups, two_surfaces_finding, two_surfaces_of
from hotspot.findings.two_surfaces_words import shown_places, told
from hotspot.maps import palette
from hotspot.maps.scenes import PICTURE_SIZE, MapContext
from hotspot.maps.two_surfaces_scene import categories, limits, two_surfaces_legend, two_surfaces_picture, two_surfaces_scene
from hotspot.methods.change_map import BEYOND, CELL_FELL, CELL_ROSE, CELL_TOO_FEW
from hotspot.offences.store import EVERYTHING

NEAR, FAR = (402_000, 292_000), (406_000, 292_000)
QUICK = TwoSurfacesSettings(bandwidth=900.0, simulations=99, seed=4)


def round_a(place, count, prefix, committed, *, seed, kind="Residential burglary"):
    generator = np.random.default_rng(seed)
    points = generator.normal(place, 400, (count, 2)).round()
    return [offence(f"{prefix}{number}", tuple(point), committed, kind=kind) for number, point in enumerate(points)]


@pytest.fixture(scope="module")
def store(tmp_path_factory):
    """Burglary moved from Eastley to Westley; vehicle crime lies in both."""
    rows = [
        *round_a(NEAR, 120, "a", "2024-05-01 12:00", seed=1),
        *round_a(FAR, 40, "b", "2024-05-01 12:00", seed=2),
        *round_a(NEAR, 40, "c", "2023-05-01 12:00", seed=3),
        *round_a(FAR, 120, "d", "2023-05-01 12:00", seed=4),
        *round_a(NEAR, 80, "e", "2024-05-01 12:00", seed=5, kind="Theft of a vehicle"),
        *round_a(FAR, 80, "f", "2024-05-01 12:00", seed=6, kind="Theft of a vehicle"),
    ]
    return small_store(tmp_path_factory.mktemp("two"), rows)


def found(store, against, settings=QUICK, **limits_):
    chosen = selection(**limits_)
    groups = (select(store, one, scope=EVERYTHING) for one in (chosen, against.of(chosen)))
    return two_surfaces_finding(*groups, against, settings)


@pytest.fixture(scope="module")
def moved(store):
    return found(store, Against(baseline=BEFORE))


def test_what_moved_stands_on_both_sides_and_the_headline_says_so(moved):
    assert [place.is_denser for place in moved.places] == [True, False]
    first, second = moved.places
    assert abs(first.x - NEAR[0]) < 1_000 and abs(second.x - FAR[0]) < 1_000
    assert first.count > 2 * first.other_count and second.other_count > 2 * second.count
    assert first.relative_risk > first.chance_high and second.relative_risk < second.chance_low
    assert "rose" in moved.headline and "fell" in moved.headline and len(moved.headline) <= 80
    assert "160 burglaries with a location, 160 in April to September 2023. The whole map by chance: p = .010" in moved.subline


def test_a_difference_is_per_day_and_stands_by_its_own_envelope(store):
    rate = found(store, Against(baseline=BEFORE, null=RATE))
    surfaces = rate.surfaces
    assert surfaces.chance == pytest.approx(PERIOD.days / (PERIOD.days + BEFORE.days))
    assert surfaces.exposure == PERIOD.days and rate.places[0].difference > rate.places[0].chance_high > 0
    assert rate.headline.startswith("Burglary per day rose ")


def test_another_crime_type_is_compared_in_the_same_period(store):
    against = found(store, Against(crime_type="Vehicle crime"))
    assert against.count == 160 and against.other_count == 160
    assert against.headline.startswith("Burglary against vehicle crime: denser ")
    assert against.other.period == PERIOD


def test_an_area_crops_the_map_and_keeps_the_offences(store, moved):
    west = found(store, Against(baseline=BEFORE), area=WEST)
    assert west.count == moved.count
    assert west.surfaces.tested.sum() < moved.surfaces.tested.sum()
    assert [place.is_denser for place in west.places] == [True]


def test_little_data_and_none_end_in_a_sentence(store):
    nothing = found(store, Against(baseline=BEFORE.shifted(-12)), period=PERIOD.shifted(-36))
    assert nothing.headline == "Too few offences lie near each other to compare the two maps" and nothing.places == ()
    assert told(nothing, audience=PUBLIC)[1] == ""


def test_without_boundaries_one_grid_holds_both_groups_and_nothing_is_corrected(tmp_path):
    rows = [*round_a(NEAR, 60, "a", "2024-05-01 12:00", seed=1), *round_a(FAR, 60, "b", "2023-05-01 12:00", seed=2)]
    bare = found(small_store(tmp_path, rows, lpas=None), Against(baseline=BEFORE))
    assert [place.is_denser for place in bare.places] == [True, False]
    west, _, east, _ = bare.surfaces.grid.bounds
    assert west < NEAR[0] - 1_000 and east > FAR[0] + 1_000
    assert "no edge correction" in bare.notes[0] and not bare.surfaces.edge_corrected


def test_days_of_the_week_count_by_their_shares(store):
    weekday = found(store, Against(baseline=BEFORE), weekdays=(2,))
    assert weekday.surfaces.total == pytest.approx(160.0)  # 1 May 2024 was a Wednesday; 1 May 2023 a Monday
    assert weekday.other_count == 0 and weekday.places == ()


def test_groups_that_share_offences_or_days_are_refused():
    with pytest.raises(BadInput, match="share offences"):
        check_groups(selection("Burglary"), Against(crime_type="Residential burglary"))
    with pytest.raises(BadInput, match="share days"):
        check_groups(selection(), Against(baseline=PERIOD.shifted(-3)))
    for fault in ({}, {"baseline": BEFORE, "crime_type": "Robbery"}, {"crime_type": "Robbery", "null": RATE}):
        with pytest.raises(BadInput):
            Against(**fault)
    with pytest.raises(BadInput, match=r"bandwidth must.*\n.*5 simulations"):
        TwoSurfacesSettings(bandwidth=0.0, simulations=5)


def test_the_job_opens_the_store_itself_and_its_result_travels(store, moved):
    steps = []
    result = two_surfaces_of(
        store.path,
        selection(),
        Against(baseline=BEFORE),
        QUICK,
        scope=EVERYTHING,
        progress=lambda share, words: steps.append(share),
    )
    assert steps == sorted(steps) and steps[-1] == 1.0
    again = pickle.loads(pickle.dumps(result))
    assert again.headline == moved.headline and np.array_equal(again.surfaces.stands, moved.surfaces.stands)


def test_the_public_gets_no_totals_and_no_small_counts(moved):
    assert told(moved, audience=FORCE) == (moved.headline, moved.subline)
    assert "160" not in told(moved, audience=PUBLIC)[1]
    place = moved.places[0]
    few = replace(moved, places=(replace(place, other_count=3.0),))
    shown = shown_places(few, audience=PUBLIC)[0]
    assert shown.other_count == "<5" and shown.value == "" and shown.by_chance == ""
    assert shown_places(few, audience=FORCE)[0].value.endswith("times")


def test_the_map_is_in_full_colour_only_where_the_difference_stands(moved, store):
    category = categories(moved)
    surfaces = moved.surfaces
    assert np.array_equal(category == CELL_ROSE, surfaces.stands == 1)
    assert np.array_equal(category == CELL_FELL, surfaces.stands == -1)
    assert ((category == CELL_TOO_FEW) == (np.isfinite(surfaces.first) & ~surfaces.tested)).all()
    assert ((category == BEYOND) == np.isnan(surfaces.first)).all()
    selected = select(store, selection(), scope=EVERYTHING)
    scene = two_surfaces_scene(moved, selected, MapContext("EPSG:27700", (), (), None))
    drawn = {scene.raster.colours[band] for band in np.unique(scene.raster.bands)}
    assert {(*palette.rgb(palette.ROSE), 224), (*palette.rgb(palette.FELL), 224)} <= drawn
    assert [badge.rank for badge in scene.hotspots] == [1, 2]


def test_the_picture_is_a_png_of_the_usual_size(moved, store):
    selected = select(store, selection(), scope=EVERYTHING)
    drawn = Image.open(BytesIO(two_surfaces_picture(moved, selected, MapContext("EPSG:27700", (), (), None))))
    assert drawn.format == "PNG" and drawn.size == PICTURE_SIZE


def test_the_legend_has_its_limits_in_numbers(moved, store):
    assert [key.word for key in two_surfaces_legend(moved).keys][1] == "0.8 or less, could be chance"
    rate = found(store, Against(baseline=BEFORE, null=RATE))
    low, high = limits(rate)
    assert low == -high and f"+{high:g} or more, could be chance" in [key.word for key in two_surfaces_legend(rate).keys]


def test_files_hold_every_cell_or_the_places(moved, store, tmp_path):
    selected = select(store, selection(), scope=EVERYTHING)
    write_two_surfaces(moved, selected, tmp_path / "cells.csv")
    cells = pd.read_csv(tmp_path / "cells.csv")
    assert (
        len(cells) == np.isfinite(moved.surfaces.first).sum()
        and (cells["stands"] != 0).sum() == (moved.surfaces.stands != 0).sum()
    )
    assert cells["relative_risk"].to_numpy() == pytest.approx(cell_table(moved)["relative_risk"].to_numpy(), nan_ok=True)
    write_two_surfaces(moved, selected, tmp_path / "places.geojson")
    document = json.loads((tmp_path / "places.geojson").read_text())
    assert [feature["properties"]["verdict"] for feature in document["features"]] == ["denser", "thinner"]
    assert document["properties"]["simulations"] == "99"
    assert {"chance_low", "chance_high"} < set(document["features"][0]["properties"])
    write_two_surfaces(moved, selected, tmp_path / "places.gpkg")
    assert len(geopandas.read_file(tmp_path / "places.gpkg")) == 2
    with pytest.raises(BadInput, match="cannot be written"):
        write_two_surfaces(moved, selected, tmp_path / "places.tif")


def run(store, *arguments):
    return CliRunner().invoke(app, ["relative-risk", "--store", str(store.path), "--crime-type", "burglary", *arguments])


BY_PERIOD = ("--from", "2024-04-01", "--to", "2024-10-01", "--baseline", BEFORE.iso, "--bandwidth", "900", "--simulations", "99")


def test_the_command_prints_what_the_finding_says(store, moved):
    result = run(store, *BY_PERIOD, "--seed", "4", "--json")
    document = json.loads(result.stdout)
    assert result.exit_code == 0 and document["headline"] == moved.headline
    assert [place["count"] for place in document["places"]] == [place.count for place in moved.places]
    assert document["global_p_value"] == moved.surfaces.global_p_value
    assert [place["chance_high"] for place in document["places"]] == [place.chance_high for place in moved.places]
    assert not {"low", "high"} & set(document["places"][0])
    assert "relative risk at peak" in run(store, *BY_PERIOD, "--seed", "4").stdout
    assert json.loads(run(store, *BY_PERIOD, "--seed", "4", "--json").stdout) == document
    public = json.loads(run(store, *BY_PERIOD, "--audience", "public", "--json").stdout)
    assert public["count"] is None and public["located"] is None and "160" not in public["subline"]


@pytest.mark.parametrize(
    "arguments, said",
    [
        ((), "needs --against TYPE or --baseline"),
        (("--against", "burglary"), "share offences"),
        (("--against", "vehicle crime", "--null", "rate"), "between two periods alone"),
        ((*BY_PERIOD, "--out", "places.png"), "none of .csv"),
        ((*BY_PERIOD, "--audience", "public", "--out", "places.csv"), "--audience force"),
    ],
)
def test_the_command_refuses_in_a_sentence(store, arguments, said):
    result = run(store, *arguments)
    assert result.exit_code == 2 and said in result.stderr
