"""An evaluation from a store: periods, comparison areas, counts, words, and what is refused."""

from dataclasses import replace
from datetime import date

import pytest
from evaluation_store import AFTER, BEFORE, SQUARE, START, evaluation_store
from small_store import EAST, SOURCE, WEST, selection

from hotspot.errors import BadInput, NotKnowable
from hotspot.findings import evaluation_words as words
from hotspot.findings.audience import COUNTS_HIDDEN, FORCE, PUBLIC
from hotspot.findings.evaluation import evaluation_finding, long_baseline
from hotspot.findings.evaluation_areas import area_of_file
from hotspot.findings.evaluation_periods import EvaluationSettings
from hotspot.maps.evaluation_scene import evaluation_scene, legend_of
from hotspot.maps.scenes import context_of
from hotspot.methods.evaluation import BeforeAfter, displacement_difference, ratio_of_ratios
from hotspot.offences.store import EVERYTHING
from hotspot.period import Period

LIKE = ("E 404,500 N 291,500", "E 405,500 N 293,500", "E 406,500 N 290,500")
AROUND_RING = ((402_100, 291_400), (402_300, 291_400), (402_300, 291_600), (402_100, 291_600))
"""Around the four offences a month beside the square."""
HERE = selection("Residential burglary", drawn=SQUARE, date_basis="reported", period=AFTER)


@pytest.fixture(scope="module")
def store(tmp_path_factory):
    return evaluation_store(tmp_path_factory.mktemp("evaluation"))


def found(store, chosen=HERE, start=START, **settings):
    return evaluation_finding(store, chosen, EvaluationSettings(start, **settings), scope=EVERYTHING)


def test_the_planted_fall_is_counted_by_hand(store):
    """72 → 36 in the square, 216 → 216 in the three like it; their weight is a third."""
    finding = found(store, comparison=LIKE)
    assert (finding.before, finding.after) == (BEFORE, AFTER)
    treated, compared = finding.treated.counts, finding.comparison.counts
    assert (treated.before, treated.after, compared.before, compared.after) == (72, 36, 216, 216)
    assert compared.area_weight == pytest.approx(1 / 3)
    assert finding.difference.local.value == pytest.approx(-36)
    assert finding.difference.local.error**2 == pytest.approx(108 + 432 / 9)
    assert finding.ratio == ratio_of_ratios(BeforeAfter(72, 36), BeforeAfter(216, 216))
    assert finding.ratio.stands


def test_the_ring_and_the_rings_of_the_comparison_enter_the_total(store):
    finding = found(store, comparison=LIKE)
    assert (finding.ring.counts.before, finding.ring.counts.after) == (24, 24)
    assert finding.difference.ring.value == pytest.approx(0)
    assert (
        finding.difference.total
        == displacement_difference(
            finding.treated.counts,
            finding.comparison.counts,
            ring=finding.ring.counts,
            ring_comparison=None if finding.ring_comparison is None else finding.ring_comparison.counts,
        ).total
    )


def test_squares_as_busy_as_the_treated_one_are_suggested_first(store):
    finding = found(store)
    assert set(finding.compared[:3]) == set(LIKE)
    assert finding.is_suggested
    scores = [one.score for _, one in finding.candidates]
    assert scores == sorted(scores)
    assert scores[0] == pytest.approx(0)
    assert finding.places[LIKE[0]]


def test_the_headline_says_change_comparison_and_reading_in_eighty_characters(store):
    finding = found(store, comparison=LIKE)
    headline, subline = words.told(finding, audience=FORCE)
    assert headline == "Residential burglary fell 50% in Mill Lane, 50% more than elsewhere: stands"
    assert subline.startswith("72 → 36; −50% beside the comparison (95% interval ")
    assert "36 offences fewer than expected" in subline
    long = replace(finding.selected, selection=replace(HERE, drawn=replace(SQUARE, name="A very long name of an area " * 2)))
    assert len(words.headline(replace(finding, selected=long))) <= 80


def test_named_areas_are_compared_with_areas_of_their_level(store):
    west = replace(HERE, drawn=None, area=WEST)
    with pytest.raises(NotKnowable, match="touches this one"):
        found(store, west)
    with pytest.raises(BadInput, match="overlaps the displacement ring"):
        found(store, west, comparison=(EAST,))
    finding = found(store, west, comparison=(EAST,), ring=0)
    assert finding.ring is None
    assert finding.treated.counts == BeforeAfter(96, 60)
    assert finding.comparison.name == EAST
    assert finding.difference.ring is None
    assert finding.same_rule is None


def test_an_overlapping_or_unknown_comparison_area_is_refused(store):
    with pytest.raises(BadInput, match="overlaps the displacement ring"):
        found(store, comparison=("E 402,500 N 291,500",))
    with pytest.raises(BadInput, match="no area 'Nowhere'"):
        found(store, comparison=("Nowhere",))


def test_a_before_period_that_chose_the_area_earns_a_warning_and_another_is_offered(store):
    finding = found(store, comparison=LIKE, chosen_in=BEFORE)
    assert finding.overlaps_choice
    assert any("falls by itself. Compare with April 2022 to March 2023 instead." in one for one in words.cautions(finding))
    assert long_baseline(finding) == Period(date(2022, 4, 1), date(2023, 4, 1))
    fair = found(store, comparison=LIKE, chosen_in=Period(date(2022, 4, 1), date(2022, 7, 1)))
    assert not fair.overlaps_choice
    assert words.cautions(fair) == ()
    early = found(store, comparison=LIKE, chosen_in=Period(date(2022, 6, 1), date(2023, 5, 1)))
    assert long_baseline(early) is None


def test_one_month_against_the_next_year_s_carries_its_warning(store):
    finding = found(store, comparison=LIKE, after=Period(START, date(2024, 5, 1)))
    assert finding.before == Period(date(2023, 4, 1), date(2023, 5, 1))
    assert words.cautions(finding)[0].startswith("One month against one month says little")
    assert words.headline(finding) == "Residential burglary in Mill Lane: too few offences to say"


def test_other_months_of_the_year_are_no_like_with_like(store):
    finding = found(store, comparison=LIKE, before=Period(date(2023, 10, 1), START))
    assert any("season is part of both changes" in one for one in words.cautions(finding))
    assert finding.treated.counts.before_weight == pytest.approx(AFTER.days / 183)


def test_periods_that_cannot_be_used_are_refused_in_a_sentence(store):
    with pytest.raises(BadInput, match="must lie between the periods"):
        found(store, before=Period(date(2023, 10, 1), date(2024, 4, 15)), after=Period(date(2024, 5, 1), date(2024, 6, 1)))
    with pytest.raises(NotKnowable, match="reaches beyond them"):
        found(store, before=Period(date(2021, 4, 1), date(2021, 10, 1)))
    with pytest.raises(NotKnowable, match="before the start"):
        found(store, start=date(2024, 11, 1))
    with pytest.raises(NotKnowable, match="too little lies before the start"):
        found(store, start=date(2022, 6, 1))
    with pytest.raises(BadInput, match="ring of 9000 metres"):
        found(store, ring=9_000.0)


def test_the_whole_force_has_nothing_beside_it(store):
    with pytest.raises(NotKnowable) as refusal:
        found(store, replace(HERE, drawn=None))
    assert refusal.value.headline == "Choose the area to evaluate"


def test_for_the_public_one_small_count_hides_all_figures(store):
    small = replace(HERE, drawn=replace(SQUARE, ring=AROUND_RING))
    finding = found(store, small, ring=0, after=Period(START, date(2024, 5, 1)))
    assert (finding.treated.counts.before, finding.treated.counts.after) == (4, 4)
    headline, subline = words.told(finding, audience=PUBLIC)
    assert headline.endswith("too few offences to say") and subline == COUNTS_HIDDEN
    assert all(row.before == "hidden" and row.arm is None for row in words.shown_arms(finding, audience=PUBLIC))
    assert words.told(found(store, comparison=LIKE), audience=PUBLIC)[0].endswith("stands")


def test_months_of_few_offences_are_not_drawn_for_the_public_though_the_periods_are_told(store):
    finding = found(store, replace(HERE, drawn=replace(SQUARE, ring=AROUND_RING)), ring=0)
    assert (finding.treated.counts.before, set(finding.treated.monthly)) == (24, {4.0})
    assert words.hides_months(finding, audience=PUBLIC) and not words.hides_months(finding, audience=FORCE)
    assert words.shown_arms(finding, audience=PUBLIC)[0].before == "24"


def test_an_area_beyond_the_data_or_without_extent_cannot_be_evaluated(store):
    beyond = replace(SQUARE, ring=((300_000, 100_000), (301_000, 100_000), (301_000, 101_000)))
    with pytest.raises(NotKnowable, match="lies outside the ground that these data cover"):
        found(store, replace(HERE, drawn=beyond))
    flat = replace(SQUARE, ring=((401_000, 291_000), (401_500, 291_000), (402_000, 291_000)))
    with pytest.raises(NotKnowable, match="its corners lie on one line"):
        found(store, replace(HERE, drawn=flat))


def test_an_area_that_crosses_itself_is_mended_and_one_half_outside_says_so(store):
    bow = replace(SQUARE, ring=((401_000, 291_000), (402_000, 292_000), (402_000, 291_000), (401_000, 292_000)))
    assert found(store, replace(HERE, drawn=bow)).treated.geometry.area == pytest.approx(500_000)
    west, south, *_ = found(store).selected.limit.bounds
    half = replace(SQUARE, ring=((west - 500, south), (west + 500, south), (west + 500, south + 800), (west - 500, south + 800)))
    cautions = words.cautions(found(store, replace(HERE, drawn=half)))
    assert cautions[0].startswith("50% of the area lies outside the ground")


def test_a_type_without_offences_is_too_few_to_say(store):
    finding = found(store, replace(HERE, crime_type="Vehicle crime"))
    assert words.told(finding, audience=FORCE)[0] == "Vehicle crime in Mill Lane: too few offences to say"
    assert words.is_too_few(finding)


def test_the_map_shows_the_three_kinds_of_area(store):
    finding = found(store, comparison=LIKE)
    context = context_of(store, source=SOURCE, force="Testshire", scope=EVERYTHING)
    scene = evaluation_scene(finding, context)
    assert scene.raster is not None
    west, south, east, north = scene.view
    assert west < 400_500 and east > 407_000 and south < 290_000 and north > 294_000
    assert [key.word for key in legend_of(finding).keys] == ["treated", "displacement ring", "comparison"]
    assert [key.word for key in legend_of(found(store, comparison=LIKE, ring=0)).keys] == ["treated", "comparison"]


def test_a_file_with_two_separate_polygons_is_no_area(tmp_path):
    file = tmp_path / "two.geojson"
    square = "[[[{w},52],[{e},52],[{e},52.1],[{w},52.1],[{w},52]]]"
    shapes = ",".join(
        f'{{"type":"Feature","properties":{{}},"geometry":{{"type":"Polygon","coordinates":{square.format(w=w, e=w + 0.1)}}}}}'
        for w in (-2.0, -1.5)
    )
    file.write_text(f'{{"type":"FeatureCollection","features":[{shapes}]}}')
    with pytest.raises(BadInput, match="holds 2 separate polygons"):
        area_of_file(file, crs="EPSG:27700")
