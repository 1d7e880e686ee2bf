"""A force is one TOML file; all its faults are told at once."""

import pytest

from hotspot import paths
from hotspot.boundaries.areas import read_areas
from hotspot.boundaries.force_file import force_from_toml, load_force
from hotspot.errors import BadInput


def written(folder, text):
    path = folder / "force.toml"
    path.write_text(text, encoding="utf-8")
    return path


def faults_of(folder, text):
    with pytest.raises(BadInput) as refused:
        load_force(written(folder, text))
    return refused.value.faults


def test_only_the_name_is_required(tmp_path):
    force = load_force(written(tmp_path, 'name = "Leicestershire"'))
    assert (force.name, force.slug, force.analysis_crs) == ("Leicestershire", "leicestershire", "EPSG:27700")
    assert force.bounds is None and force.boundaries_file is None and force.premises == {} and force.tiles_url == ""
    assert force.believes(0, 0)


def test_every_key_reaches_the_force(tmp_path):
    (tmp_path / "sectors.gpkg").touch()
    text = """
        name = "Testshire"
        analysis_crs = "EPSG:2157"
        bounds = [1000, 2000, 3000, 4000.5]
        licence = "Ours"
        [boundaries]
        file = "sectors.gpkg"
        name_column = "label"
        [premises]
        source = "Census 2021, TS003"
        households = { North = 1200, "South and East" = 3400 }
        [tiles]
        url = "https://tiles.force.example/{z}/{x}/{y}.png"
    """
    force = load_force(written(tmp_path, text))
    assert force.analysis_crs == "EPSG:2157" and force.bounds == (1000.0, 2000.0, 3000.0, 4000.5) and force.licence == "Ours"
    assert force.boundaries_file == tmp_path / "sectors.gpkg" and force.name_column == "label"
    assert force.premises == {"North": 1200, "South and East": 3400} and force.premises_source == "Census 2021, TS003"
    assert force.tiles_url == "https://tiles.force.example/{z}/{x}/{y}.png"
    assert force.toml == text


def test_the_west_midlands_ship_with_their_seven_lpas():
    force = load_force(paths.WEST_MIDLANDS)
    areas = read_areas(force.boundaries_file, level="LPA", crs=force.analysis_crs, name_column=force.name_column)
    west, south, east, north = areas.frame.total_bounds
    assert force.name == "West Midlands" and len(areas.names) == 7
    assert force.bounds[0] <= west and force.bounds[1] <= south and force.bounds[2] >= east and force.bounds[3] >= north
    assert "Contains OS data © Crown copyright and database right 2025" in force.licence


def test_the_remembered_text_gives_the_same_force_though_the_boundaries_are_gone(tmp_path):
    force = load_force(paths.WEST_MIDLANDS)
    assert force_from_toml(force.toml, paths.FORCES) == force
    assert force_from_toml(force.toml, tmp_path).name == "West Midlands"


def test_all_faults_of_a_file_are_told_at_once(tmp_path):
    text = """
        nmae = "Testshire"
        analysis_crs = "EPSG:4326"
        bounds = [3000, 2000, 1000, 4000]
        [boundaries]
        fiel = "sectors.gpkg"
        [premises]
        households = { North = -5, South = "many" }
        [tiles]
        url = "https://tiles.force.example/"
    """
    faults = "\n".join(faults_of(tmp_path, text))
    for expected in (
        "nmae is not known; did you mean 'name'?",
        "name is required",
        "'EPSG:4326' is not in metres",
        "enclose nothing",
        "[boundaries] fiel is not known; did you mean 'file'?",
        "[boundaries] needs a file",
        "households of North must be a whole number above 0",
        "households of South must be a whole number above 0",
        "lacks {z}, {x}, {y}",
    ):
        assert expected in faults
    assert all("force.toml" in fault for fault in faults.split("\n"))


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ('name = "A"\nbounds = [1, 2, 3]', "bounds must be four numbers"),
        ('name = "A"\nbounds = [1, 2, 3, nan]', "bounds must be four numbers"),
        ('name = "A"\nbounds = "everywhere"', "bounds must be four numbers"),
        ('name = "A"\nanalysis_crs = "British"', "is not a coordinate system"),
        ('name = "A"\nanalysis_crs = 27700', "is not a coordinate system"),
        ('name = "A"\nanalysis_crs = "EPSG:2225"', "is not in metres"),
        ('name = "A"\nboundaries = "lpa.geojson"', "[boundaries] must be a table"),
        ('name = "A"\npremises = 5', "[premises] must be a table"),
        ('name = "A"\n[premises]\nhouseholds = 5', "households must be a table"),
        ('name = "A"\ntiles = []', "[tiles] must be a table"),
        ('name = "A"\n[boundaries]\nfile = "absent.gpkg"', "there is no file"),
        ('name = "A"\nlicence = 5', "licence must be text"),
        ('name = "A"\nanything = 5', "anything is not known; known are name, analysis_crs"),
        ("name = 5", "name is required"),
        ('name = " "', "name is required"),
        ("name", "is not valid TOML"),
    ],
)
def test_each_fault_is_a_sentence(tmp_path, text, expected):
    assert any(expected in fault for fault in faults_of(tmp_path, text))


def test_a_folder_of_tiles_needs_no_placeholders(tmp_path):
    assert load_force(written(tmp_path, 'name = "A"\n[tiles]\nurl = "/srv/tiles"')).tiles_url == "/srv/tiles"


def test_a_missing_force_file_is_a_sentence(tmp_path):
    with pytest.raises(BadInput, match="cannot be read"):
        load_force(tmp_path / "absent.toml")
