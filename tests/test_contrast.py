"""The contrast of every colour: text, controls, marks; and what tells bands apart where contrast cannot.

The rules, by WCAG 2.2 AA. Text has 4.5:1 on its ground. Controls, lines and marks that carry a message have 3:1 on theirs.
Six bands of a surface cannot have 3:1 each from the next (3⁵ is over 21): there the second sign is the number under each edge
of the legend, the outline in ink on white, the numbered disc and the ranked table; and neighbouring bands differ by ΔE76 of 14
or more for every sight, each darker than the one before. Pale colours say 'could be chance': they carry no message of their own.
"""

import re

import numpy as np
import pytest
from colours import SIGHT, contrast, distances, lab, laid_over

from hotspot.export import card_near_repeats
from hotspot.maps import evaluation_scene, palette
from hotspot.paths import ROOT
from hotspot.ui import briefing, charts

WHITE, SIDEBAR, FIELD = "#FFFFFF", "#F5F7F9", "#EEF1F4"
INK, SECONDARY, ACCENT, ROSE, FELL, EDGE = "#14212B", "#4A5863", "#1D4E89", "#A84A00", "#5E3C99", "#79858F"
DARK = dict(re.findall(r"--([a-z0-9]+):(#[0-9A-F]{6})", briefing.DARK))
STYLES = (
    "hotspot/ui/style.css",
    "hotspot/ui/briefing.css",
    "hotspot/export/briefing.css",
    "hotspot/maps/assets/map.css",
    "hotspot/maps/legend.py",
    ".streamlit/config.toml",
)
HEAT = tuple(colour for colour in card_near_repeats.COLOURS if colour)
DECORATION = {
    "#C9D0D6": "hairlines between rows and under heads",
    "#8A96A0": "the edge of a map's white buttons and boxes, whose signs are in ink; dusk over the hours",
    "#D5DDE3": "the ground beyond the force",
    "#F3F4F4": "the halo of a neighbour's name",
}
"""Colours of the styles that nothing is read from, and why not."""

TEXT = [
    *[(words, ground) for words in (INK, SECONDARY, ACCENT, ROSE, FELL) for ground in (WHITE, SIDEBAR, FIELD)],
    (palette.SYNTHETIC_INK, palette.SYNTHETIC),
    (WHITE, ACCENT),
    (WHITE, INK),
    ("#34424D", palette.LAND),
    ("#34424D", palette.BUILT_UP[1]),
    ("#5F6C76", palette.OUT_OF_FOCUS),
    *[(INK if step < len(HEAT) - 1 else WHITE, colour) for step, colour in enumerate(HEAT)],
    *[(DARK[words], DARK["paper"]) for words in ("ink", "ink2", "accent")],
    (DARK["paper"], DARK["ink"]),
    (charts.INK, WHITE),
    (charts.SECONDARY, WHITE),
]
"""Words and the ground they stand on, of page, map, presentation and chart."""
MARKS = [
    *[(EDGE, ground) for ground in (WHITE, SIDEBAR, FIELD)],
    *[(line, WHITE) for line in (*charts.SERIES, charts.NAVY, charts.GREY, charts.INK, charts.SECONDARY)],
    *[(line, WHITE) for line in (ACCENT, ROSE, FELL, "#5B6B77")],
    *[(look.colour, ground) for look in palette.CONTEXT for ground in (palette.LAND, palette.BUILT_UP[1], palette.CASING)],
    *[(dot, palette.CASING) for dot in palette.REPEATS],
    (evaluation_scene.COMPARED, palette.LAND),
    (evaluation_scene.TREATED, palette.LAND),
    (palette.OUTLINE, palette.CASING),
    (palette.INK, palette.CASING),
    (palette.OUTLINE, palette.LAND),
    (DARK["accent"], DARK["paper"]),
]
"""Edges, lines, dots and focus rings, and what they stand against."""
STANDS = (palette.FELL, palette.ROSE, palette.FEWER, palette.CLUSTERED)
"""Bands of a map that say what is clear."""


@pytest.mark.parametrize(("words", "ground"), dict.fromkeys(TEXT))
def test_words_have_four_and_a_half_to_one_on_their_ground(words, ground):
    assert contrast(words, ground) >= 4.5


@pytest.mark.parametrize(("mark", "ground"), dict.fromkeys(MARKS))
def test_marks_and_edges_have_three_to_one_on_their_ground(mark, ground):
    assert contrast(mark, ground) >= 3


def test_contrast_is_that_of_the_recommendation():
    assert contrast("#000000", "#FFFFFF") == pytest.approx(21)
    assert contrast("#777777", "#FFFFFF") == pytest.approx(4.48, abs=0.01)
    assert laid_over("#000000", 0.5, "#FFFFFF") in {"#7F7F7F", "#808080"}


@pytest.mark.parametrize("colour", STANDS)
def test_what_stands_on_a_map_has_three_to_one_from_the_land_and_from_what_says_nothing(colour):
    shown = laid_over(colour, palette.RASTER_OPACITY, palette.LAND)
    assert contrast(shown, palette.LAND) >= 3
    assert contrast(shown, laid_over(palette.LITTLE, palette.RASTER_OPACITY, palette.LAND)) >= 3
    assert contrast(shown, laid_over(palette.TOO_FEW, palette.RASTER_OPACITY, palette.LAND)) >= 2.6, "and too few is hatched"


@pytest.mark.parametrize("band", palette.DENSITY)
def test_the_number_in_a_cell_of_the_week_can_be_read_on_its_band(band):
    ink = max((INK, WHITE), key=lambda words: contrast(words, band))
    assert contrast(ink, band) >= 4.5


@pytest.mark.parametrize("sight", SIGHT)
def test_neighbouring_density_bands_can_be_told_apart_whatever_the_sight(sight):
    seen = lab(palette.DENSITY, sight)
    assert np.linalg.norm(np.diff(seen, axis=0), axis=1).min() >= 14
    assert (np.diff(seen[:, 0]) < 0).all(), "each band is darker than the one below it"


PALETTES = {
    "change": palette.CHANGE,
    "difference": palette.DIFFERENCE,
    "Gi*": (palette.FEWER, palette.NOT_CLUSTERED, palette.CLUSTERED),
    "emerging": palette.EMERGING,
    "repeats": palette.REPEATS,
    "near repeats": (WHITE, *HEAT),
    "lines of a chart": (*charts.SERIES, charts.INK),
    "bars of a chart": (charts.NAVY, charts.GREY, WHITE),
    "areas of an evaluation": (evaluation_scene.TREATED, evaluation_scene.COMPARED, evaluation_scene.RING),
}


@pytest.mark.parametrize("sight", SIGHT)
@pytest.mark.parametrize("name", PALETTES)
def test_any_two_classes_of_a_legend_can_be_told_apart_whatever_the_sight(name, sight):
    apart = distances(PALETTES[name], sight)
    assert apart[np.triu_indices(len(apart), 1)].min() >= 14


@pytest.mark.parametrize("sight", SIGHT)
def test_rose_and_fell_are_far_apart_whatever_the_sight(sight):
    assert distances((palette.ROSE, palette.FELL), sight)[0, 1] >= 40


def test_layers_of_context_are_told_apart_by_shape_and_dashes_because_their_quiet_colours_are_not():
    assert (
        len({look.symbol for look in palette.CONTEXT}) == len({look.dashes for look in palette.CONTEXT}) == len(palette.CONTEXT)
    )


@pytest.mark.parametrize("style", STYLES)
def test_no_colour_of_a_style_goes_unjudged(style):
    """A new colour belongs to a pair above, to a palette, or is decoration, and says why."""
    named = {colour.upper() for colour in re.findall(r"#[0-9a-fA-F]{6}\b", (ROOT / style).read_text("utf-8"))}
    judged = {colour.upper() for pair in (*TEXT, *MARKS) for colour in pair}
    judged |= {colour for name in PALETTES.values() for colour in name} | set(palette.DENSITY) | set(DECORATION)
    if style.endswith(".toml"):
        # Scales that Streamlit would take for charts of its own look, of which the product draws none.
        named -= set(re.findall(r"#[0-9A-F]{6}", " ".join(re.findall(r"chart\w+ = .*", (ROOT / style).read_text("utf-8")))))
    assert named <= judged
