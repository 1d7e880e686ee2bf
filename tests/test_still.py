"""Still pictures: the size asked for, the same layers and colours as on the screen, marks that cannot be missed."""

import io
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace

import numpy as np
import pytest
import shapely
from PIL import Image

from hotspot.geography import Place
from hotspot.grid import Grid
from hotspot.maps import legend, palette
from hotspot.maps.placing import AREA, MINOR, SUBURB, TOWN, Box, Label, label_box, wanted
from hotspot.maps.raster import density_raster
from hotspot.maps.scene import Badge, Outline, Scene, points_of
from hotspot.maps.still import picture, wrapped
from hotspot.maps.still_map import _round_length
from hotspot.maps.still_periods import Periods
from hotspot.maps.typeface import BOLD, text_width
from hotspot.methods.density import density

BNG = "EPSG:27700"
BREAKS = (2.0, 4.0, 6.0, 8.0, 10.0, 12.0)
AREAS = (
    Outline("Westley", shapely.box(400_000, 280_000, 410_000, 290_000)),
    Outline("Eastley", shapely.box(410_000, 280_000, 420_000, 290_000)),
)
PLACES = (
    Place("Westley Cross", "Westley", 405_000.0, 285_000.0, 1),
    Place("Old Mill", "Westley", 407_500.0, 287_500.0, 2),
    Place("Far End", "Westley", 402_000.0, 282_000.0, 3),
)


def scene(x: float = 404_000.0, **layers) -> Scene:
    grid = Grid.covering(AREAS[0].geometry.bounds, cell_size=100.0)
    surface = density(np.full(12, x), np.full(12, 284_000.0), grid=grid, bandwidth=900.0, kernel="quartic")
    raster = density_raster(surface, BREAKS, crs=BNG, area=AREAS[0].geometry)
    return Scene(**{"crs": BNG, "areas": AREAS, "places": PLACES, "focus": "Westley", "raster": raster} | layers)


def drawn(shown: Scene, *, width: int = 900, height: int = 600, synthetic: bool = False, **words) -> Image.Image:
    said = {
        "title": "Burglary in Westley",
        "subline": "12 offences.",
        "marking": "Official",
        "licence": "Licence.",
        "footer": "Footer.",
    } | words
    key = words.pop("legend", legend.DensityLegend(BREAKS, "Burglaries per km²"))
    png = picture(shown, width=width, height=height, synthetic=synthetic, **said | {"legend": key})
    return Image.open(io.BytesIO(png)).convert("RGB")


def share_of(image: Image.Image, colour: str) -> float:
    return float((np.array(image) == palette.rgb(colour)).all(axis=2).mean())


@pytest.mark.parametrize("size", [(1200, 800), (1920, 1080), (640, 480)])
def test_a_picture_has_the_size_asked_for(size):
    assert drawn(scene(), width=size[0], height=size[1]).size == size


def test_other_offences_give_another_picture_and_the_same_give_the_same():
    assert np.array_equal(drawn(scene()), drawn(scene()))
    assert not np.array_equal(drawn(scene()), drawn(scene(x=407_000.0)))


def differing(one: np.ndarray, other: np.ndarray) -> float:
    """Give the share of pixels that differ by more than what smooths an edge."""
    return float((np.abs(one.astype(int) - other).max(axis=2) > 12).mean())


def test_two_periods_are_drawn_beside_each_other_or_divided_with_the_earlier_one_left():
    """Swapping the surfaces swaps the halves; where both are the same, a divided map is the map."""
    earlier, later = (scene(x=x, places=()).raster for x in (402_000.0, 407_000.0))
    how = {"width": 1200, "height": 800, "periods": Periods("2023", "2023", beside=True)}
    once = np.array(drawn(scene(places=(), raster=later, baseline_raster=earlier), **how))[140:690]
    swapped = np.array(drawn(scene(places=(), raster=earlier, baseline_raster=later), **how))[140:690]
    left, right = slice(40, 590), slice(614, 1164)
    assert differing(once[:, left], swapped[:, right]) < 0.002 > differing(once[:, right], swapped[:, left])
    assert differing(once[:, left], once[:, right]) > 0.02
    divided = {**how, "periods": Periods("2023", "2024", beside=False)}
    one = np.array(drawn(scene(places=(), raster=later, baseline_raster=later), **divided))[140:690]
    two = np.array(drawn(scene(places=(), raster=later, baseline_raster=earlier), **divided))[140:690]
    assert np.array_equal(one[:, 605:], two[:, 605:]) and not np.array_equal(one[:, :595], two[:, :595])


def test_the_raster_lies_where_its_offences_are():
    """The map is fitted to Westley: the darkest pixels lie as far from its edges as the offences do."""
    image = np.array(drawn(scene(places=()), width=1200, height=800)).astype(int)[100:695, 40:1160]
    from_ink = np.abs(image - palette.rgb(palette.INK)).sum(axis=2)
    left, right = np.flatnonzero((from_ink < 12).sum(axis=0) > 200)[[0, -1]]
    upper, lower = np.flatnonzero(from_ink[:, (left + right) // 2] < 150)[[0, -1]]
    opacity = palette.RASTER_OPACITY
    peak = np.array(palette.rgb(palette.DENSITY[-1])) * opacity + np.array(palette.rgb(palette.LAND)) * (1 - opacity)
    rows, columns = (np.abs(image - peak).sum(axis=2) < 40).nonzero()
    assert (columns.mean() - left) / (right - left) == pytest.approx(0.4, abs=0.02)
    assert (lower - rows.mean()) / (lower - upper) == pytest.approx(0.4, abs=0.02)


def test_synthetic_data_carry_a_yellow_mark_and_real_data_none():
    assert share_of(drawn(scene(), synthetic=True), palette.SYNTHETIC) > 0.001
    assert share_of(drawn(scene(), synthetic=False), palette.SYNTHETIC) == 0.0


def test_the_legend_shows_every_band_and_its_numbers_change_with_the_breaks():
    image = drawn(scene(raster=None))
    assert all(share_of(image, colour) > 0.0005 for colour in palette.DENSITY)
    other = drawn(scene(raster=None), legend=legend.DensityLegend(tuple(2 * edge for edge in BREAKS), "Burglaries per km²"))
    assert not np.array_equal(image, other)


def test_marking_licence_and_footer_are_drawn():
    plain = np.array(drawn(scene(), marking="", licence="", footer=""))
    for words in ({"marking": "Official"}, {"licence": "Contains OS data"}, {"footer": "Recorded offences only"}):
        marked = np.array(drawn(scene(), **{"marking": "", "licence": "", "footer": ""} | words))
        assert not np.array_equal(plain, marked), words


@pytest.mark.parametrize(
    "key",
    [
        legend.KeyLegend("Per day", legend.CHANGE_KEYS),
        legend.KeyLegend("Burglaries", legend.REPEAT_KEYS),
        legend.DifferenceLegend((-4.0, -2.0, 2.0, 4.0), "Per km²"),
    ],
)
def test_every_kind_of_legend_can_be_drawn(key):
    assert drawn(scene(raster=None), legend=key).size == (900, 600)


def test_text_with_dollars_and_markup_is_drawn_as_it_is():
    """Matplotlib would read $…$ as mathematics and fail on bad mathematics."""
    assert drawn(scene(), title="Cost $\\frac{1 and $ more <b>", subline="$x^{", footer="\\alpha $").size == (900, 600)


def test_hotspots_are_listed_beside_the_map_and_those_left_out_are_counted():
    many = tuple(
        Badge(
            rank,
            shapely.box(401_000 + 400 * rank, 284_000, 401_200 + 400 * rank, 284_200),
            f"Place {rank}, around Street",
            401_100.0 + 400 * rank,
            284_100.0,
            30.0 - rank,
        )
        for rank in range(1, 21)
    )
    some, none = drawn(scene(hotspots=many)), drawn(scene())
    right = (slice(80, 480), slice(680, 880))
    assert share_of(Image.fromarray(np.array(some)[right]), palette.INK) > 0.005
    assert not np.array_equal(np.array(some), np.array(none))


def test_points_and_repeats_are_drawn_in_their_sizes():
    x, y = np.linspace(402_000, 408_000, 9), np.full(9, 287_000.0)
    repeats = drawn(scene(raster=None, points=points_of(x, y, counts=np.array([2, 2, 2, 3, 3, 3, 4, 5, 9]))))
    blue, darkest = np.array(palette.rgb(palette.REPEATS[1])), np.array(palette.rgb(palette.REPEATS[2]))
    pixels = np.array(repeats).astype(int)[100:420]
    near = [(np.abs(pixels - (0.9 * colour + 0.1 * 240)).sum(axis=2) < 45).sum() for colour in (blue, darkest)]
    assert near[1] > near[0] > 50, "three of each; four or more are larger than three"


def test_several_sessions_can_draw_at_once():
    alone = np.array(drawn(scene()))
    with ThreadPoolExecutor(3) as pool:
        together = list(pool.map(lambda _: np.array(drawn(scene())), range(3)))
    assert all(np.array_equal(alone, each) for each in together)


def test_a_scene_without_boundaries_or_names_can_be_drawn():
    empty = Scene(crs=BNG, points=points_of(np.array([405_000.0]), np.array([285_000.0])))
    assert drawn(empty).size == (900, 600)


def test_names_appear_by_zoom_and_those_of_hotspots_always():
    def names(shown: Scene, zoom: float) -> list[str]:
        return [label.name for label in wanted(shown, zoom, lambda name: (0.0, 0.0))]

    assert names(scene(focus=None), 9.0) == ["Westley", "Eastley"]
    assert names(scene(), 10.0) == ["Westley Cross", "Eastley"]
    assert names(scene(), 10.4) == ["Westley Cross", "Old Mill", "Eastley"]
    assert set(names(scene(), 12.0)) == {"Westley Cross", "Old Mill", "Far End", "Eastley"}
    badge = Badge(1, shapely.box(402_000, 282_000, 402_500, 282_500), "Far End, around Mill Lane", 402_200.0, 282_200.0)
    assert names(scene(hotspots=(badge,)), 10.0) == ["Westley Cross", "Far End", "Eastley"]


def test_a_town_keeps_its_name_off_its_hotspot_and_a_suburb_without_room_has_none():
    frame, spot = Box(0, 0, 400, 300), Box(150, 130, 250, 170)
    town = label_box(Label("Town", 0, 0, TOWN), (200, 150), (60, 20), taken=[], spots=[spot], frame=frame, inside=lambda box: 1.0)
    assert town is not None and not town.meets(spot)
    everything = [Box(0, 0, 400, 300)]
    for kind in (AREA, SUBURB, MINOR):
        label = Label("Name", 0, 0, kind)
        assert label_box(label, (200, 150), (60, 20), taken=everything, spots=[], frame=frame, inside=lambda box: 1.0) is None


def test_an_areas_name_moves_up_or_down_until_it_lies_in_the_area():
    inside = shapely.box(0, 0, 400, 100)

    def share(box: Box) -> float:
        return shapely.box(box.left, box.top, box.right, box.bottom).intersection(inside).area / (60 * 20)

    found = label_box(
        Label("Area", 0, 0, AREA), (200, 120), (60, 20), taken=[], spots=[], frame=Box(0, 0, 400, 300), inside=share
    )
    assert found is not None and found.bottom <= 100.5
    assert (found.left + found.right) / 2 == 200


@pytest.mark.parametrize(("longest", "length"), [(999.0, 500.0), (1_000.0, 1_000.0), (4_999.0, 3_000.0), (7_000.0, 5_000.0)])
def test_the_scale_bar_has_a_round_length_that_fits(longest, length):
    assert _round_length(longest) == length


def test_lines_fit_their_width_and_what_is_cut_ends_in_an_ellipsis():
    words = "Two hotspots hold 57 of Coventry's 556 burglaries in January and February " * 3
    lines = wrapped(words, size=26, width=500, most=2, weight=BOLD)
    assert len(lines) == 2 and lines[-1].endswith("…")
    assert all(text_width(line, 26, BOLD) <= 530 for line in lines)
    assert wrapped("", size=12, width=100, most=1) == []


def test_a_chosen_hotspot_does_not_change_a_still_picture():
    assert np.array_equal(drawn(scene()), drawn(replace(scene(), chosen=1)))
