"""The screen's map: nothing leaves the machine, nothing is read as HTML, and the base stays the same."""

import json
import re
import shutil
import subprocess
from pathlib import Path

import numpy as np
import pytest
import shapely
from streamlit_folium import _get_feature_group_string, _get_map_string, generate_js_hash

from hotspot.geography import DrawnArea, Place
from hotspot.maps import folium_map, legend, palette, served
from hotspot.maps.folium_map import base_map, drawn_ring, overlay
from hotspot.maps.placing import Box, badge_centre
from hotspot.maps.projection import to_degrees, transformer
from hotspot.maps.raster import built_up_raster
from hotspot.maps.scene import Badge, Outline, Scene, Trail, drawn_outline, innermost, points_of, simplified, smoothed

BNG = "EPSG:27700"
WEST, EAST = shapely.box(400_000, 280_000, 410_000, 290_000), shapely.box(410_000, 280_000, 420_000, 290_000)
AREAS = (Outline("Westley", WEST), Outline("Eastley", EAST))
PLACES = (Place("Westley Cross", "Westley", 405_000.0, 285_000.0, 1),)
EVIL = "</script><img src=x onerror=alert(1)>{{ 7*7 }}\"'&\u2028"


def scene(**layers) -> Scene:
    return Scene(**{"crs": BNG, "areas": AREAS, "places": PLACES} | layers)


def scripts(shown: Scene, **options) -> tuple[str, str]:
    """Give what streamlit-folium sends to the frame: the base's script and the overlay's."""
    made = base_map(shown, asset_url="../assets")
    made.get_root().render()
    base = _get_map_string(made)
    return base, _get_feature_group_string(overlay(shown, **options), made)


def payload(script: str, call: str) -> dict:
    text = script[script.index(call) + len(call) :]
    text = text[text.index("{") :]
    return (
        json.JSONDecoder().decode(text[: text.rindex(")")].rsplit(")", 1)[0]) if False else json.JSONDecoder().raw_decode(text)[0]
    )


def base_payload(shown: Scene) -> dict:
    return payload(scripts(shown)[0], "Hotspots.base(")


def overlay_payload(shown: Scene, **options) -> dict:
    return payload(scripts(shown, **options)[1], "new Hotspots.Overlay(")


def test_a_map_asks_for_files_of_this_server_only():
    made = base_map(scene(), asset_url="../hotspot.ui.vendor.assets")
    links = [url for _, url in (*made.default_js, *made.default_css)]
    assert all(url.startswith("../hotspot.ui.vendor.assets/") for url in links)
    page = made.get_root().render()
    assert "//" not in re.sub(r"/\*.*?\*/", "", "".join(scripts(scene()))).replace("data:image/png;base64,", "")
    assert not re.findall(r"(?:src|href)=[\"']?(?:https?:)?//", page)


def test_no_own_script_or_style_names_another_machine():
    for name in served.SCRIPTS + served.STYLES:
        if (served.OWN / name).exists():
            text = (served.OWN / name).read_text().replace("http://www.w3.org/2000/svg", "")
            assert "http://" not in text and "https://" not in text, name


def test_every_file_that_a_map_asks_for_is_served(tmp_path: Path):
    served.write_missing(tmp_path)
    made = base_map(scene(), asset_url="..")
    for _, url in (*made.default_js, *made.default_css):
        assert (tmp_path / url.removeprefix("../").split("?")[0]).stat().st_size > 0


def test_the_address_of_a_script_changes_with_its_content(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    before = dict(served.links("..", served.SCRIPTS))
    shutil.copytree(served.OWN, tmp_path / "assets")
    (tmp_path / "assets" / "map.js").write_text("changed")
    monkeypatch.setattr(served, "OWN", tmp_path / "assets")
    after = dict(served.links("..", served.SCRIPTS))
    assert {name for name in before if before[name] != after[name]} == {"map.js"}


def test_own_scripts_never_write_html():
    for path in served.OWN.glob("*.js"):
        assert not re.search(r"innerHTML|outerHTML|insertAdjacentHTML|document\.write|bindPopup|bindTooltip", path.read_text()), (
            path.name
        )


def test_names_cannot_end_the_script_or_begin_a_tag():
    areas = (Outline(EVIL, WEST),)
    places = (Place(EVIL, EVIL, 405_000.0, 285_000.0, 1),)
    badges = (Badge(1, shapely.box(404_000, 284_000, 404_500, 284_500), EVIL, 404_200.0, 284_200.0),)
    shown = scene(areas=areas, places=places, hotspots=badges, focus=EVIL)
    base, changing = scripts(shown, caption=EVIL, swipe=(EVIL, EVIL))
    assert "<" not in base.split("Hotspots.base(")[1] and "<" not in changing.split("Overlay(")[1]
    assert payload(base, "Hotspots.base(")["places"][0]["name"] == EVIL
    assert overlay_payload(shown, caption=EVIL)["caption"] == EVIL


def test_legends_escape_their_words():
    for written in (
        legend.density_legend((1.0, 2.0), EVIL),
        legend.change_legend(EVIL),
        legend.difference_legend((-1.0, 1.0), EVIL),
    ):
        assert "<img" not in written and "</script>" not in written


def test_the_base_is_the_same_whatever_is_selected():
    raster = built_up_raster(np.array([405_000.0]), np.array([285_000.0]), crs=BNG, bounds=WEST.bounds)
    badge = Badge(1, shapely.box(404_000, 284_000, 404_500, 284_500), "Westley Cross", 404_200.0, 284_200.0)
    bases = [
        scripts(shown)[0]
        for shown in (
            scene(),
            scene(focus="Westley"),
            scene(raster=raster, hotspots=(badge,), chosen=1, view=(0.0, 0.0, 1.0, 1.0)),
        )
    ]
    assert len({generate_js_hash(base, "map") for base in bases}) == 1


def test_the_same_scene_gives_the_same_overlay_and_another_chosen_row_another():
    assert scripts(scene())[1] == scripts(scene())[1]
    assert scripts(scene())[1] != scripts(scene(chosen=1))[1]


def test_the_base_holds_the_areas_with_their_names_where_they_have_most_room():
    areas = base_payload(scene())["areas"]
    assert [area["name"] for area in areas] == ["Westley", "Eastley"]
    latitude, longitude = areas[0]["label"]
    x, y = transformer("EPSG:4326", BNG).transform(longitude, latitude)
    assert (x, y) == pytest.approx((405_000.0, 285_000.0), abs=150)


def test_positions_travel_as_latitude_and_longitude_to_a_metre():
    assert to_degrees(406_689.0, 286_822.0, crs=BNG) == pytest.approx((52.479, -1.903), abs=0.001)
    shape = base_payload(scene())["areas"][0]["shape"]
    corners = np.array(shape[0][0])
    x, y = transformer("EPSG:4326", BNG).transform(corners[:, 1], corners[:, 0])
    assert np.abs(np.sort(x) - [400_000, 400_000, 410_000, 410_000]).max() < 1.5
    assert np.abs(np.sort(y) - [280_000, 280_000, 290_000, 290_000]).max() < 1.5


def test_neighbours_keep_one_border_when_outlines_are_simplified():
    wavy = [(410_000 + 15 * np.sin(step / 3), 280_000 + 100 * step) for step in range(101)]
    west = shapely.Polygon([*wavy, (400_000, 290_000), (400_000, 280_000)])
    east = shapely.Polygon([*wavy, (420_000, 290_000), (420_000, 280_000)])
    simple = simplified((west, east))
    assert shapely.get_num_coordinates(simple[0]) < shapely.get_num_coordinates(west)
    assert simple[0].intersection(simple[1]).area == pytest.approx(0.0, abs=1e-6)
    assert shapely.union_all(simple).area == pytest.approx(shapely.union_all([west, east]).area, rel=1e-6)


def test_the_view_holds_the_chosen_area_and_a_margin():
    (south, west), (north, east) = overlay_payload(scene(focus="Eastley"))["view"]
    assert (south, west) < to_degrees(410_000, 280_000, crs=BNG) and (north, east) > to_degrees(420_000, 290_000, crs=BNG)
    assert scene(focus="Eastley").fitted == (409_800.0, 279_800.0, 420_200.0, 290_200.0)


def test_a_drawn_area_is_shown_with_what_lies_beyond_it():
    drawn = drawn_outline(DrawnArea("Patch", ((409_000.0, 284_000.0), (411_000.0, 284_000.0), (411_000.0, 286_000.0))))
    sent = overlay_payload(scene(drawn=drawn))["drawn"]
    assert sent["name"] == "Patch"
    assert sent["within"] == ["Westley", "Eastley"]
    assert len(sent["shape"][0][0]) == 3


def test_a_ring_drawn_on_the_map_comes_back_in_metres():
    x, y = np.array([404_000.0, 406_000.0, 405_000.0]), np.array([284_000.0, 284_000.0, 286_000.0])
    longitude, latitude = transformer(BNG, "EPSG:4326").transform(x, y)
    ring = [[a, b] for a, b in zip([*longitude, longitude[0]], [*latitude, latitude[0]], strict=True)]
    returned = {"last_active_drawing": {"type": "Feature", "geometry": {"type": "Polygon", "coordinates": [ring]}}}
    assert drawn_ring(returned, crs=BNG) == tuple(zip(x, y, strict=True))


@pytest.mark.parametrize(
    "returned", [None, {}, {"last_active_drawing": None}, {"last_active_drawing": {"geometry": {"type": "Point"}}}]
)
def test_nothing_drawn_is_nothing(returned):
    assert drawn_ring(returned, crs=BNG) is None


def test_points_are_thinned_evenly_and_say_how_many_there_were():
    points = points_of(np.append(np.arange(12_000.0), np.nan), np.zeros(12_001), most=5_000)
    assert len(points.x) <= 5_000 and points.total == 12_000
    assert "4,000 of 12,000" in legend.points_legend("Burglaries", shown=len(points.x), total=points.total)


def test_a_rounded_hotspot_stays_where_it_was():
    cells = shapely.union_all(
        [shapely.box(x, y, x + 100, y + 100) for x, y in ((0, 0), (100, 0), (100, 100), (200, 100), (200, 200))]
    )
    rounded = smoothed(cells)
    assert rounded.is_valid
    assert rounded.intersection(cells).area / shapely.union_all([rounded, cells]).area > 0.6
    assert rounded.centroid.distance(cells.centroid) < 25


def test_a_hotspot_of_one_cell_is_still_drawn():
    assert smoothed(shapely.box(0, 0, 100, 100)).area > 8_000


def test_the_innermost_point_of_a_ring_shaped_area_lies_in_it():
    area = shapely.box(0, 0, 10_000, 10_000).difference(shapely.box(2_000, 2_000, 8_000, 8_000))
    assert area.contains(shapely.Point(innermost(area)))


def test_a_badge_stands_beside_its_hotspot_and_clear_of_others():
    own, other, frame = Box(190, 190, 230, 230), Box(235, 190, 280, 230), Box(0, 0, 500, 500)
    x, y = badge_centre((210, 210), own, 12, spots=[own, other], taken=[], frame=frame, scale=1)
    badge = Box.around(x, y, 24, 24)
    assert not badge.meets(own) and not badge.meets(other) and badge.beyond(frame) == 0


def test_a_badge_at_the_frames_edge_stands_inside_the_frame():
    own, frame = Box(480, 200, 500, 220), Box(0, 0, 500, 500)
    x, y = badge_centre((490, 210), own, 12, spots=[own], taken=[], frame=frame, scale=1)
    assert Box.around(x, y, 24, 24).beyond(frame) == 0


def test_legend_numbers_equal_the_breaks():
    breaks = (8.0, 12.0, 16.0, 20.0, 24.0, 1_028.5)
    written = legend.density_legend(breaks, "Burglaries per km²")
    numbers = re.findall(r">([\d.,]+)</span>", written)
    assert [float(number.replace(",", "")) for number in numbers] == list(breaks)
    assert written.index(">under<") < written.index(">8<"), "the ground without colour stands before the first edge"
    assert [written.index(colour) for colour in palette.DENSITY] == sorted(written.index(colour) for colour in palette.DENSITY)


def test_a_difference_legend_has_true_minus_signs_and_says_plus():
    written = legend.difference_legend((-4.0, -2.0, 2.0, 4.0), "Difference")
    assert all(f">{number}</span>" in written for number in ("−4", "−2", "+2", "+4"))


def test_a_change_legend_says_the_five_verdicts_and_the_too_few():
    written = legend.change_legend("Per day")
    for word in ("fell", "rose", "little change", "could be chance", "too few to say"):
        assert word in written


def test_the_colours_of_the_scripts_are_those_of_the_palette():
    text = (served.OWN / "map.js").read_text()
    for colour in (palette.INK, palette.OUTLINE, palette.LAND, palette.OUT_OF_FOCUS, palette.CASING, *palette.REPEATS):
        assert colour in text
    assert palette.BEYOND.lower() in (served.OWN / "map.css").read_text()


def test_a_scene_without_boundaries_is_fitted_to_its_points():
    x, y = np.array([405_000.0, 407_000.0]), np.array([285_000.0, 286_000.0])
    shown = Scene(crs=BNG, points=points_of(x, y))
    west, south, east, north = shown.fitted
    assert west < 405_000 and east > 407_000 and south < 285_000 and north > 286_000
    assert folium_map.overlay(shown) is not None and base_map(shown, asset_url="..") is not None


@pytest.mark.parametrize("name", [name for name in served.SCRIPTS if (served.OWN / name).exists()])
def test_every_own_script_parses(name: str):
    node = shutil.which("node")
    if node is None:
        from playwright._impl._driver import compute_driver_executable

        node = compute_driver_executable()[0]
    checked = subprocess.run([node, "--check", served.OWN / name], capture_output=True, text=True, timeout=60)
    assert checked.returncode == 0, checked.stderr


def test_a_chain_travels_in_order_of_time_and_a_caption_as_text():
    trail = Trail(np.array([405_000.0, 405_100.0, 405_000.0]), np.array([285_000.0, 285_000.0, 285_200.0]))
    badge = Badge(1, shapely.box(404_000, 284_000, 404_200, 284_200), "Westley", 404_100.0, 284_100.0, caption=EVIL)
    shown = scene(trail=trail, hotspots=(badge,))
    _, script = scripts(shown)
    sent = overlay_payload(shown)
    assert sent["trail"] == [list(to_degrees(x, y, crs=BNG)) for x, y in zip(trail.x, trail.y, strict=True)]
    assert sent["hotspots"][0]["caption"] == EVIL
    assert "<img" not in script
    assert overlay_payload(scene())["trail"] is None
