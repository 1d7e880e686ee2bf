"""Cards: the same words and figures as the page's own finding, as the audience may see them, with all parameters."""

import json
from dataclasses import replace
from datetime import date

import numpy as np
import pytest
from small_store import BEFORE, EAST, IN_EAST, PERIOD, SOURCE, WEST, offence, selection, several, small_store

from hotspot.errors import BadInput, NotKnowable
from hotspot.export import card_near_repeats, cards
from hotspot.export.card_compare import p_words, sentence_of
from hotspot.findings.accuracy import accuracy_finding
from hotspot.findings.audience import ShownChange
from hotspot.findings.backtest_settings import BacktestSettings
from hotspot.findings.clusters import gi_finding
from hotspot.findings.concentration import CELL_SIZE, PLURALS, concentration_job
from hotspot.findings.density import DensitySettings, density_finding
from hotspot.findings.near_repeats import NearRepeatSettings, near_repeats_finding
from hotspot.findings.repeats import repeats_finding
from hotspot.findings.selected import select
from hotspot.findings.series import ChainSettings, series_finding
from hotspot.findings.when import COLUMNS, hours_finding
from hotspot.methods.change import compare
from hotspot.methods.suppression import mask_reference
from hotspot.offences.store import EVERYTHING
from hotspot.period import Period

QUICK = {"shuffles": "999"}


def scattered(count, prefix, year, middle, *, seed):
    """Offences around a middle, over the six months of the period in a year."""
    random = np.random.default_rng(seed)
    places = random.normal(middle, 350, (count, 2)).round()
    days = random.integers(0, 183, count)
    when = (np.datetime64(f"{year}-04-01") + days).astype(str)
    return [
        offence(
            f"{prefix}{number}", tuple(place), f"{day} {number % 24:02d}:00", uprn=f"100{number % 60:04d}", street="Mill Lane"
        )
        for number, (place, day) in enumerate(zip(places.tolist(), when, strict=True))
    ]


@pytest.fixture(scope="module")
def store(tmp_path_factory):
    rows = [
        *scattered(90, "w24-", 2024, (402_000, 292_000), seed=1),
        *scattered(60, "e24-", 2024, (406_000, 292_000), seed=2),
        *scattered(140, "w23-", 2023, (402_000, 292_000), seed=3),
        *scattered(61, "e23-", 2023, (406_000, 292_000), seed=4),
        *several(3, "few", IN_EAST, "2024-06-01 10:00", kind="Business robbery"),
    ]
    return small_store(tmp_path_factory.mktemp("cards"), rows)


def content(store, page, chosen=None, **parameters):
    query = (chosen or selection()).to_query() | parameters
    return cards.content(store.path, page, query, scope=EVERYTHING, progress=lambda share, words: None)


def figures(card):
    return {figure.name: figure.value for figure in card.figures}


def test_a_density_card_says_what_the_finding_says_and_keeps_every_parameter(store):
    card = content(store, "density", bandwidth="400", cell="100")
    finding = density_finding(select(store, selection(), scope=EVERYTHING), DensitySettings(bandwidth=400, cell_size=100))
    assert (card.headline, card.subline) == (finding.headline, finding.subline)
    assert figures(card)["Offences"] == "150"
    assert figures(card)["Hotspots"] == str(len(finding.ranking.hotspots)) == str(len(card.table_rows))
    assert card.picture.startswith(b"\x89PNG")
    assert json.loads(card.base_map)["areas"][0]["name"] in (WEST, EAST)
    assert json.loads(card.overlay)["raster"]["url"].startswith("data:image/png")
    assert card.query == selection().to_query() | {
        "audience": "force", "bandwidth": "400", "kernel": "quartic", "cell": "100", "edge": "uniform", "share": "1",
        "adaptive": "False", "weights": "one", "points": "False",
    }  # fmt: skip
    assert (card.fingerprint, card.source, card.audience) == (store.fingerprint, SOURCE, "force")
    assert "150 offences used" in " ".join(card.notes)


def test_a_card_asked_for_by_its_own_parameters_is_the_same_card(store):
    first = content(store, "density")
    again = cards.content(store.path, "density", first.query, scope=EVERYTHING, progress=lambda share, words: None)
    assert again.query == first.query
    assert cards.changes_of(first, again) and not any(one.is_changed for one in cards.changes_of(first, again))
    assert again.picture == first.picture


def test_a_compare_card_says_the_counts_of_the_chosen_area_and_never_more_than_the_test(store):
    card = content(store, "compare", selection(area=EAST), against=BEFORE.iso)
    assert list(figures(card).values())[:2] == ["61", "60"]
    assert card.sentence.startswith(f"Burglary in {EAST}: 61 → 60 offences: ")
    assert "could be chance (p = " in card.sentence or "little change (p = " in card.sentence
    west = next(row for row in card.table_rows if row[0] == WEST)
    assert west[1:3] == ("140", "90") and west[-1] == "fell"
    assert card.query["against"] == BEFORE.iso and card.query["view"] == "Change"


def test_a_compare_card_chooses_what_the_page_would_compare_with(store):
    card = content(store, "compare", view="Swipe")
    assert card.query["against"] == BEFORE.iso
    assert json.loads(card.overlay)["swipe"] == [BEFORE.label(), PERIOD.label()]


def test_a_picture_of_two_periods_is_of_the_view_that_was_pinned(store):
    pictures = {content(store, "compare", view=view).picture for view in ("Change", "Swipe", "Side by side")}
    assert len(pictures) == 3


def test_a_comparison_with_nothing_before_it_is_refused_in_words(store):
    early = selection(period=Period(date(2023, 4, 1), date(2023, 4, 20)))
    with pytest.raises(NotKnowable, match="lies before them"):
        content(store, "compare", early, against="2021-01-01..2021-02-01")


@pytest.mark.parametrize(
    "p_value, words", [(0.26, "p = .26"), (0.0312, "p = .031"), (0.0004, "p < .001"), (1.0, "p = 1.00"), (0.099, "p = .099")]
)
def test_a_probability_is_written_as_a_talking_point_has_it(p_value, words):
    assert p_words(p_value) == words


def test_thirty_to_twenty_one_could_be_chance():
    """Exact: given 51 offences in equal periods, 21 or fewer has p = .262 (binomial, two-sided)."""
    row = compare(["Coventry"], [21], [30], days=30, baseline_days=30, family="").rows[0]
    shown = ShownChange(row, "30", "21", False)
    assert sentence_of("Burglary", "Coventry", shown) == "Burglary in Coventry: 30 → 21 offences: could be chance (p = .26)."


def test_an_overview_card_has_each_group_and_area(store):
    card = content(store, "overview")
    assert figures(card)["Burglary"].startswith("201 → 150: ")
    assert ("Burglary", WEST, "140", "90") in [row[:4] for row in card.table_rows]


def test_cluster_cards_say_what_the_findings_say(store):
    card = content(store, "clusters", **QUICK)
    assert card.query["shuffles"] == "999"
    from hotspot.findings.cluster_cells import ClusterSettings

    size = float(card.query["size"])
    settings = ClusterSettings(card.query["shape"], size, 2 * size, card.query["tested"], 999)
    finding = gi_finding(store.path, selection(), settings, scope=EVERYTHING, progress=lambda share, words: None)
    assert (card.headline, card.subline, len(card.table_rows)) == (finding.headline, finding.subline, len(finding.clusters[:10]))


def test_a_near_repeats_card_has_the_cells_of_the_table(store):
    card = content(store, "near_repeats")
    finding = near_repeats_finding(store.path, selection(), NearRepeatSettings(), scope=EVERYTHING, progress=lambda a, b: None)
    assert card.headline == finding.headline
    assert [row[0] for row in card.table_rows] == list(finding.table.distance_labels)
    assert f"({int(finding.table.observed[0, 0]):,} / " in card.table_rows[0][1]
    assert card.picture.startswith(b"\x89PNG") and card.base_map == ""


def test_a_when_card_has_the_days_and_a_picture_of_the_hours(store):
    card = content(store, "when")
    finding = hours_finding(select(store, selection(), scope=EVERYTHING, extra_columns=COLUMNS))
    assert card.headline == finding.headline
    assert [row[0] for row in card.table_rows][::6] == ["Monday", "Sunday"]
    assert sum(float(row[1]) for row in card.table_rows) == pytest.approx(150, abs=4)
    assert card.picture.startswith(b"\x89PNG")


def test_a_series_card_counts_chains_and_names_no_premises(store):
    card = content(store, "series", least="3")
    finding = series_finding(store, selection(), ChainSettings(minimum=3), scope=EVERYTHING)
    assert figures(card)["Chains"] == str(finding.chains)
    assert "uprn" not in str(card.table_rows).lower()


def test_an_accuracy_card_says_what_the_back_test_says(store):
    card = content(store, "accuracy", square="500", maps="density", train="56")
    settings = BacktestSettings(train=56, methods=("density",), cell_size=500.0)
    finding = accuracy_finding(store.path, selection(), settings, scope=EVERYTHING, progress=lambda share, words: None)
    assert (card.headline, card.subline) == (finding.headline, finding.subline)
    assert [row[0] for row in card.table_rows] == ["Density map", "Last period's counts", "Even spread"]


def test_a_repeats_card_masks_every_reference(store):
    card = content(store, "repeat_victimisation")
    finding = repeats_finding(store, selection(), scope=EVERYTHING)
    assert card.headline == finding.headline
    assert card.table_rows[0][0] == f"Premises {finding.listed[0].masked}"
    whole = {f"100{number:04d}" for number in range(60)}
    said = str([card.table_rows, card.figures, card.notes, card.overlay])
    assert not any(reference in said for reference in whole)
    unequal = concentration_finding_of(store, card)
    assert figures(card)[f"Concentration on {PLURALS[card.query['of']]}"] == unequal.headline
    assert unequal.subline in card.notes
    assert card.table_rows[0][0].removeprefix("Premises ") in {mask_reference(one) for one in whole}


def concentration_finding_of(store, card):
    how = (selection(), card.query["of"], CELL_SIZE)
    return concentration_job(store.path, *how, scope=EVERYTHING, progress=lambda share, words: None)


@pytest.mark.parametrize("page", ["density", "compare", "overview", "clusters"])
def test_partners_and_the_public_see_no_count_under_five(store, page):
    robbery = selection("Business robbery")
    extra = {"against": BEFORE.iso} if page == "compare" else {}
    if page == "clusters":
        extra = QUICK
    card = content(store, page, robbery, audience="public", **extra)
    robbed = [row for row in card.table_rows if row[0] != "Burglary"]
    told = [cell for row in robbed for cell in row[1:]] + [one.value for one in card.figures if one.name not in NUMBERS]
    assert "3" not in told
    assert "3 offences" not in " ".join((card.headline, card.subline, card.sentence, *card.notes))
    assert card.audience == "public" and "offences used" not in " ".join(card.notes)


NUMBERS = ("Hotspots", "Clusters")


def test_the_public_is_shown_no_chain_and_no_place_of_a_repeat(store):
    chains, repeats = content(store, "series", audience="public"), content(store, "repeat_victimisation", audience="public")
    assert chains.overlay == repeats.overlay == ""
    assert [row[0] for row in chains.table_rows][-1] == "Total"
    assert repeats.table_head == ("Times", "Observed", "By chance")


@pytest.mark.parametrize("page", ["density", "clusters", "when", "near_repeats", "series", "accuracy", "repeat_victimisation"])
def test_an_empty_selection_ends_in_words(store, page):
    empty = selection("Personal robbery")
    try:
        card = content(store, page, empty, **QUICK)
    except (BadInput, NotKnowable) as refusal:
        assert str(refusal).endswith(".")
    else:
        assert card.headline and "nan" not in str([card.figures, card.table_rows])


def test_a_query_that_means_nothing_is_refused_with_every_fault(store):
    with pytest.raises(BadInput, match="does not say type, basis"):
        given = {name: value for name, value in selection().to_query().items() if name not in ("type", "basis")}
        cards.content(store.path, "density", given, scope=EVERYTHING, progress=lambda share, words: None)
    for parameters, sentence in (
        ({"source": "Elsewhere"}, "no offences of"),
        ({"kernel": "sharp"}, "kernel 'sharp' is not possible here"),
        ({"bandwidth": "wide"}, "bandwidth 'wide' cannot be read"),
        ({"days": "9"}, "days '9' cannot be read"),
        ({"audience": "all"}, "audience 'all'"),
    ):
        with pytest.raises(BadInput, match=sentence):
            content(store, "density", **parameters)
    with pytest.raises(BadInput, match="shows no finding"):
        content(store, "data")


def test_a_card_comes_back_from_its_record_as_it_was(store):
    card = content(store, "when")
    back = cards.from_record(cards.to_record(card))
    assert {name: getattr(back, name) for name in vars(card)} == vars(card)


def test_what_changed_is_told_figure_by_figure(store):
    card = content(store, "when")
    figure = card.figures[0]
    other = replace(card, figures=(replace(figure, value="151"), *card.figures[1:]), table_rows=card.table_rows[1:])
    changed = [one for one in cards.changes_of(card, other) if one.is_changed]
    assert [(one.name, one.now) for one in changed] == [("Offences", "151"), ("Row: Monday", "")]
    assert changed[0].before == "150"


def test_the_pages_settings_have_the_same_usual_values_as_their_cards():
    from hotspot.export import card_clusters, card_compare
    from hotspot.ui import accuracy, clusters, compare, near_repeats, two_surfaces

    assert near_repeats.PERMUTATIONS == card_near_repeats.PERMUTATIONS
    assert (near_repeats.USUAL, near_repeats.OWN, near_repeats.STEPS) == (
        card_near_repeats.USUAL, card_near_repeats.OWN, card_near_repeats.STEPS,
    )  # fmt: skip
    assert compare.VIEWS == card_compare.VIEWS and two_surfaces.EARLIER == card_compare.EARLIER
    assert clusters.VIEWS == card_clusters.VIEWS
    assert accuracy.MAPS[0] == ",".join(BacktestSettings().methods)
