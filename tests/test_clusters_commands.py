"""``gi-star``, ``emerging`` and ``rates`` from the command line, their files, and what the public is told."""

import json
from datetime import date

import geopandas
import numpy as np
import pandas as pd
import pytest
import shapely
from small_store import EAST, LPAS, WEST, force_file, offence, selection, several, small_store
from typer.testing import CliRunner

from hotspot.boundaries.areas import read_areas
from hotspot.boundaries.force_file import load_force
from hotspot.cli import app
from hotspot.errors import BadInput, NotKnowable
from hotspot.findings.audience import PUBLIC
from hotspot.findings.compare import without_area
from hotspot.findings.rates_per import levels_with_denominators, rates_finding, shown_rates
from hotspot.findings.selected import select
from hotspot.offences.store import EVERYTHING, Store
from hotspot.offences.store_changes import add_level
from hotspot.ui import clusters as clusters_page

QUICK = ("--permutations", "19999")


def run(*arguments):
    return CliRunner().invoke(app, [str(argument) for argument in arguments])


def document(*arguments):
    result = run(*arguments, "--json")
    assert result.exit_code == 0, result.stderr
    return json.loads(result.stdout)


def beats(path, numbers=(400, 0, 1_000, None)):
    """Four columns of the force, each 2 by 4 km."""
    frame = geopandas.GeoDataFrame(
        {"name": list("ABCD"), "homes": numbers},
        geometry=[shapely.box(400_000 + 2_000 * i, 290_000, 402_000 + 2_000 * i, 294_000) for i in range(4)],
        crs="EPSG:27700",
    )
    frame.to_file(path, driver="GPKG")
    return path


def heap(count, prefix, at, *more, spread=350):
    """Offences around a place: one cell by itself is no cluster, however many it holds."""
    moved = np.random.default_rng(count).integers(-spread, spread, (count, 2))
    return [offence(f"{prefix}{n}", (at[0] + int(x), at[1] + int(y)), *more) for n, (x, y) in enumerate(moved)]


@pytest.fixture(scope="module")
def store(tmp_path_factory):
    """A heap of 90 in beat A, 60 in C, 3 in D, and 100 anywhere."""
    folder = tmp_path_factory.mktemp("commands")
    random = np.random.default_rng(4)
    rows = heap(90, "a", (401_000, 292_000)) + heap(60, "c", (405_000, 292_000)) + several(3, "d", (407_000, 292_000))
    at = np.column_stack([random.uniform(400_000, 407_999, 100), random.uniform(290_000, 293_999, 100)])
    rows += [offence(f"x{number}", (round(x), round(y)), kind="Robbery") for number, (x, y) in enumerate(at)]
    made = small_store(folder, rows)
    file = beats(folder / "beats.gpkg")
    found = document(
        "boundaries", "import", file, "--level", "beat", "--denominator", "homes", "--denominator-name", "households",
        "--store", made.path,
    )  # fmt: skip
    assert found["denominator_name"] == "households"
    assert [row["denominator"] for row in found["areas"]] == [400, None, 1_000, None]
    return made.path


@pytest.fixture
def gi(store):
    return ("gi-star", "--store", store, "--crime-type", "burglary", "--cell-size", 250, *QUICK)


def test_gi_star_prints_clusters_with_everything_that_made_them(gi):
    found = document(*gi)
    assert found["n"] <= found["cells_in_area"]
    assert (found["shape"], found["cell_size"], found["distance"], found["seed"]) == ("hexagons", 250, 500, 1)
    assert {row["name"].split(",")[0] for row in found["clusters"]} != set()
    assert found["held"] == sum(row["count"] for row in found["clusters"])
    assert found["clusters"][0]["least_q"] < 0.05
    assert "Null hypothesis" in found["null_hypothesis"]


def test_gi_star_reads_well_without_json(gi):
    said = run(*gi)
    assert said.exit_code == 0
    assert "peak z" in said.stdout
    found = document(*gi)
    left_out = found["without_location"] + found["location_unusable"]
    assert f"{found['count']} offences; {found['without_location']} without a location" in said.stdout
    assert found["count"] == found["located"] + left_out
    assert "Null hypothesis" in said.stdout


@pytest.mark.parametrize("suffix", [".geojson", ".gpkg", ".csv"])
def test_gi_star_writes_each_tested_cell(gi, tmp_path, suffix):
    found = document(*gi, "--out", tmp_path / f"cells{suffix}")
    if suffix == ".csv":
        cells = pd.read_csv(tmp_path / "cells.csv")
        assert {"x", "y", "null_hypothesis", "marking"} <= set(cells.columns)
    else:
        cells = geopandas.read_file(tmp_path / f"cells{suffix}")
        assert cells.geometry.is_valid.all()
    assert len(cells) == found["n"]
    assert {"cell", "verdict", "cluster", "offences", "z", "q_value", "q_permutation"} <= set(cells.columns)
    assert cells["offences"].sum() == found["located"]
    if suffix != ".geojson":
        assert set(cells["offences_in_cells"].astype(float)) == {cells["offences"].sum()}
    assert (cells["verdict"] == "more than chance").sum() == found["cells_more_than_chance"]
    assert cells.loc[cells["cluster"] == 1, "offences"].sum() == found["clusters"][0]["count"]


def test_the_public_gets_no_count_of_a_cell_and_no_figure_that_tells_a_small_one(tmp_path):
    made = small_store(tmp_path, heap(80, "a", (401_300, 291_200), spread=220) + several(3, "d", (407_000, 292_000)))
    base = ("gi-star", "--store", made.path, "--crime-type", "burglary", "--cell-size", 250, "--cells", "all", *QUICK)
    assert document(*base)["held"] > 78
    found = document(*base, "--audience", "public", "--out", tmp_path / "cells.csv")
    cells = pd.read_csv(tmp_path / "cells.csv")
    told = {"offences", "around", "z", "offences_used", "offences_located", "offences_in_cells"}
    assert told.isdisjoint(cells.columns)
    assert found["located"] is None
    assert found["clusters"][0]["count"] is None
    assert found["headline"] == "Where offences cluster"
    assert "suppressed" in found["reasons"]["count"]


def test_the_file_of_cells_says_how_many_offences_are_in_none(tmp_path):
    heaped = heap(80, "a", (401_300, 291_200), spread=220)
    made = small_store(tmp_path, heaped + several(3, "o", (409_000, 292_000)) + several(2, "n", None))
    out = tmp_path / "cells.csv"
    document("gi-star", "--store", made.path, "--crime-type", "burglary", "--cell-size", 250, "--out", out, *QUICK)
    cells = pd.read_csv(out)
    said = {name: set(cells[name]) for name in ("offences_used", "offences_located", "offences_in_cells", "without_location")}
    assert said == {"offences_used": {85}, "offences_located": {83}, "offences_in_cells": {80}, "without_location": {2}}
    assert cells["offences"].sum() == 80


@pytest.mark.parametrize(
    "wrong, words",
    [
        (("--shape", "stars"), "stars"),
        (("--distance", "9000"), "one to 5 cells"),
        (("--permutations", "7"), "0, or 99"),
        (("--out", "x.tif"), "is none of"),
        (("--audience", "press"), "press"),
    ],
)
def test_options_that_cannot_be_end_in_a_sentence(gi, wrong, words):
    said = run(*gi, *wrong)
    assert said.exit_code == 2
    assert words in said.stderr
    assert "Traceback" not in said.stderr


def test_emerging_refuses_half_a_year_and_follows_a_whole_one(tmp_path):
    rows = []
    for month in range(1, 13):
        day = f"2024-{month:02d}-05 12:00"
        rows += heap(30, f"h{month}-", (401_000, 292_000), day)
        random = np.random.default_rng(month)
        rows += [
            offence(f"s{month}-{n}", (400_000 + int(x), 290_000 + int(y)), day)
            for n, (x, y) in enumerate(random.integers(0, 3_999, (40, 2)))
        ]
    made = small_store(tmp_path, rows)
    base = ("emerging", "--store", made.path, "--crime-type", "burglary", "--cell-size", 250, "--permutations", 4999)
    few = run(*base, "--from", "2024-07-01", "--to", "2025-01-01")
    assert few.exit_code == 2
    assert "6 time slices" in few.stderr
    found = document(*base, "--from", "2024-01-01", "--to", "2025-01-01", "--out", tmp_path / "cells.geojson")
    assert [row["category"] for row in found["hotspots"]] == ["persistent"]
    assert found["hotspots"][0]["slices_hot"] >= 11
    assert len(found["slices"]) == 12
    cells = geopandas.read_file(tmp_path / "cells.geojson")
    assert (cells["category"] == "persistent").sum() == found["categories"]["persistent"]
    public = document(*base, "--from", "2024-01-01", "--to", "2025-01-01", "--audience", "public", "--out", tmp_path / "p.csv")
    assert public["without_location"] is None
    assert "offences" not in pd.read_csv(tmp_path / "p.csv").columns


def test_rates_are_those_of_the_areas_with_households_and_the_others_are_named(store):
    found = document("rates", "--store", store, "--crime-type", "burglary")
    assert found["by"] == "beat"
    assert found["unit"] == "per 1,000 households"
    assert [(row["area"], row["count"], row["rate"]) for row in found["rows"]] == [("A", 90, 225.0), ("C", 60, 60.0)]
    assert [row["reading"] for row in found["rows"]] == ["above the rest", "below the rest"]
    assert set(found["left_out"]) == {"B", "D"}
    assert found["left_out_count"] == 3
    assert found["notes"] == [
        "In no rate: 3 in areas without a denominator.",
        "Left out, because their households are not known: B, D.",
        "Poisson interval; assumes no clustering: 0 months are too few to estimate it.",
    ]
    assert found["rows"][0]["reasons"]["dispersion"].startswith("not estimated: under 24 months")
    public = document("rates", "--store", store, "--crime-type", "burglary", "--audience", "public")
    assert not any("In no rate" in note for note in public["notes"])
    assert found["headline"] == "A: 225.0 burglaries per 1,000 households, above the rest"


def test_rates_can_be_written(store, tmp_path):
    for suffix in (".csv", ".geojson", ".gpkg"):
        said = run("rates", "--store", store, "--crime-type", "burglary", "--out", tmp_path / f"rates{suffix}")
        assert said.exit_code == 0
        assert "above the rest" in said.stdout
    assert pd.read_csv(tmp_path / "rates.csv")["offences"].tolist() == [90, 60]
    assert geopandas.read_file(tmp_path / "rates.geojson")["rate"].tolist() == [225, 60]


def test_a_small_count_hides_its_rate_from_the_public_and_nothing_gives_it_away(store, tmp_path):
    file = beats(tmp_path / "beats.gpkg", (400, 300, 1_000, 500))
    document("boundaries", "import", file, "--level", "patch", "--denominator", "homes", "--store", store)
    found = document("rates", "--store", store, "--crime-type", "burglary", "--by", "patch", "--audience", "public")
    by_area = {row["area"]: row for row in found["rows"]}
    assert by_area["D"]["count"] is None
    assert by_area["D"]["rate"] is None
    hidden = [row for row in found["rows"] if row["count"] is None]
    assert len(hidden) > 1 or found["total"] is None
    assert found["left_out_count"] is None
    run(
        "rates",
        "--store",
        store,
        "--crime-type",
        "burglary",
        "--by",
        "patch",
        "--audience",
        "public",
        "--out",
        tmp_path / "r.csv",
    )
    assert pd.read_csv(tmp_path / "r.csv").set_index("area")["reading"]["D"] == "hidden"


def test_rates_without_a_denominator_say_what_is_missing_and_how_to_give_it(tmp_path):
    made = small_store(tmp_path, several(30, "a"))
    said = run("rates", "--store", made.path, "--crime-type", "burglary")
    assert said.exit_code == 2
    assert "boundaries import --denominator" in said.stderr
    assert levels_with_denominators(made, "Testshire", scope=EVERYTHING) == ()
    with pytest.raises(NotKnowable) as refusal:
        rates_finding(select(made, selection(), scope=EVERYTHING))
    assert len(refusal.value.headline) <= 80


def test_the_force_files_households_serve_the_lpas(tmp_path):
    path = force_file(tmp_path / "force", LPAS)
    path.write_text(path.read_text() + '\n[premises]\nsource = "Census"\nhouseholds = { Westley = 2000, Eastley = 1000 }\n')
    rows = several(40, "w") + several(40, "e", (406_000, 292_000))
    made = small_store(tmp_path, rows)
    from hotspot.offences.store_changes import changing, commit

    with changing(made.path) as (manifest, change):
        commit(change, manifest.with_force(load_force(path)))
    finding = rates_finding(select(Store(made.path), selection(), scope=EVERYTHING))
    assert finding.denominator_source == "Census"
    assert [(row.area, row.rate) for row in finding.rates.rows] == [(EAST, 40.0), (WEST, 20.0)]


def test_the_page_shows_every_area_whichever_is_chosen(store):
    opened = Store(store)
    chosen = without_area(selection(area=WEST), "beat")
    finding = rates_finding(select(opened, chosen, scope=EVERYTHING))
    rows, total, headline, subline = shown_rates(finding, audience=PUBLIC)
    assert [one.row.area for one in rows] == ["A", "C"]
    assert total == "150"
    assert "per 1,000 households" in headline
    assert "150 burglaries among 1,400 households in six months" in subline
    assert clusters_page.VIEWS == ("Clusters", "Emerging hotspots", "Rates")


@pytest.mark.parametrize(
    "column, name, words",
    [
        ("flats", None, "no column 'flats'"),
        ("name", "households", "no number of 0 or more in rows 1, 2, 3, 4"),
        ("homes", "geometry", "cannot be called"),
    ],
)
def test_a_denominator_that_cannot_be_read_is_refused_in_a_sentence(tmp_path, column, name, words):
    file = beats(tmp_path / "beats.gpkg")
    with pytest.raises(BadInput, match=words):
        read_areas(file, level="beat", crs="EPSG:27700", denominator=column, denominator_name=name)


def test_a_name_for_no_column_is_refused(store, tmp_path):
    file = beats(tmp_path / "beats.gpkg")
    said = run("boundaries", "import", file, "--level", "x", "--denominator-name", "homes", "--store", store)
    assert said.exit_code == 2
    assert "--denominator" in said.stderr


def test_rows_of_one_name_add_their_denominators_and_the_store_keeps_them(tmp_path):
    made = small_store(tmp_path, [offence("a")])
    frame = geopandas.GeoDataFrame(
        {"name": ["A", "B", "A", "C"], "homes": [100, None, 50, 0]},
        geometry=[shapely.box(400_000 + 500 * i, 290_000, 400_500 + 500 * i, 294_000) for i in range(4)],
        crs="EPSG:27700",
    )
    frame.to_file(tmp_path / "beats.gpkg", driver="GPKG")
    areas = read_areas(tmp_path / "beats.gpkg", level="beat", crs="EPSG:27700", denominator="homes")
    assert areas.denominators == {"A": 150.0}
    add_level(made.path, areas)
    kept = Store(made.path).areas("beat")
    assert (kept.denominator_name, kept.denominators) == ("homes", {"A": 150.0})
    assert Store(made.path).areas("LPA").denominators == {}
    assert made.facts("Extract", "Testshire", scope=EVERYTHING).first_day == date(2024, 5, 1)
