"""Near repeats of a selection: which offences can be paired, what is refused, and what is said."""

import math
from dataclasses import replace

import numpy as np
import pytest
from small_store import EAST, IN_WEST, WEST, offence, selection, several, small_store

from hotspot import crime_types
from hotspot.errors import BadInput, NotKnowable
from hotspot.findings import near_repeats_words as words
from hotspot.findings.near_repeats import (
    EXTRA_COLUMNS,
    NearRepeatSettings,
    longest_window,
    near_repeats,
    near_repeats_finding,
    parse_edges,
    seen_by,
)
from hotspot.findings.selected import select
from hotspot.methods.knox import KnoxTable
from hotspot.offences.store import EVERYTHING

X, Y = IN_WEST
OFFENCES = [
    # One home twice, its positions 150 m apart; two days by the calendar, though not 30 hours.
    offence("A", (X, Y), "2024-05-01 20:00", to="2024-05-01 23:00", uprn="home-0001"),
    offence("B", (X, Y + 150), "2024-05-03 01:30", uprn="home-0001"),
    # 100 m from A, three days after it: the second band of distance.
    offence("C", (X + 100, Y), "2024-05-04 12:00", uprn="home-0002"),
    # Away over a fortnight; over exactly a week; end before start, which keeps its start.
    offence("D", (X, Y), "2024-05-01 12:00", to="2024-05-15 12:00", uprn="home-0003"),
    offence("E", (X + 1_000, Y), "2024-06-01 12:00", to="2024-06-08 23:00", uprn="home-0004"),
    offence("F", (X + 1_050, Y), "2024-06-03 12:00", to="2024-06-02 12:00", uprn="home-0005"),
    # Nowhere; in the other LPA, 80 m over the border from G.
    offence("N", None, "2024-05-01 12:00", lpa=WEST, uprn="home-0006"),
    offence("G", (403_960, Y), "2024-07-01 12:00", uprn="home-0007"),
    offence("H", (404_040, Y), "2024-07-02 12:00", uprn="home-0008"),
    # Another type on the first home.
    offence("O", (X, Y), "2024-05-02 12:00", kind="Theft of a vehicle", uprn="home-0001"),
]


def silent(share, sentence):
    """Take progress and say nothing."""


@pytest.fixture(scope="module")
def store(tmp_path_factory):
    return small_store(tmp_path_factory.mktemp("near"), OFFENCES)


def find(store, settings=NearRepeatSettings(permutations=19), **limits):  # noqa: B008
    return near_repeats(
        select(store, selection(**limits), scope=EVERYTHING, extra_columns=EXTRA_COLUMNS), settings, progress=silent
    )


def cell(finding, distance, days):
    table = finding.table
    return int(table.observed[table.distance_labels.index(distance), table.time_labels.index(days)])


def test_pairs_are_those_worked_out_by_hand(store):
    finding = find(store)
    # A, B, C, E, F, G and H: 21 pairs. D's window is too long, N has no place, O is another type.
    assert (finding.table.n, finding.table.pairs) == (7, 21)
    assert cell(finding, "Same premises", "0–6 days") == 1
    # E and F at 50 m, G and H at 80 m; A and C at 100 m; B and C at 180 m.
    assert cell(finding, "0 to 100 m", "0–6 days") == 2
    assert cell(finding, "100 to 200 m", "0–6 days") == 2
    assert finding.table.observed.sum() == 5
    assert finding.table.left_out == (("without a usable location", 1), ("that can have happened on any of more than 7 days", 1))


def test_days_are_counted_by_the_calendar_from_the_first_moment(store):
    """A on the evening of the 1st and B on the night of the 3rd are two days apart, not one."""
    bands = NearRepeatSettings((0.0, 200.0), (0.0, 2.0, 3.0), permutations=9)
    assert cell(find(store, bands, period=selection().period), "Same premises", "2 days") == 1


def test_a_window_may_be_as_long_as_the_narrowest_band_and_no_longer(store):
    assert longest_window((0, 7, 14)) == 7
    assert longest_window((0, 3, 30)) == 3
    assert longest_window((0, 14, math.inf)) == 14
    assert longest_window((0, math.inf)) == math.inf
    # With bands of a fortnight D can be paired too; with bands of three days E cannot.
    assert find(store, NearRepeatSettings(time_edges=(0.0, 14.0), permutations=9)).table.n == 8
    assert find(store, NearRepeatSettings(time_edges=(0.0, 3.0, 6.0), permutations=9)).table.n == 6
    assert find(store, NearRepeatSettings(time_edges=(0.0, math.inf), permutations=9)).table.n == 8


def test_without_the_row_of_same_premises_pairs_go_by_distance(store):
    finding = find(store, NearRepeatSettings(same_premises=False, permutations=9))
    assert finding.table.distance_labels[:3] == ("Same place (under 1 m)", "1 to 100 m", "100 to 200 m")
    assert cell(finding, "100 to 200 m", "0–6 days") == 3


def test_offences_without_premises_make_no_row_of_same_premises(tmp_path):
    store = small_store(tmp_path, [offence(name, IN_WEST, f"2024-05-0{day} 12:00") for day, name in enumerate("ABC", 1)])
    finding = find(store)
    assert not finding.table.same_premises
    assert cell(finding, "Same place (under 1 m)", "0–6 days") == 3
    assert any("Too few offences here have a premises reference" in note for note in finding.notes)


def test_an_area_pairs_its_own_offences_and_says_that_its_border_cuts_pairs(store):
    """G and H lie on either side of the border: the whole force pairs them, the western LPA does not."""
    finding = find(store, area=WEST)
    assert (finding.table.n, cell(finding, "0 to 100 m", "0–6 days")) == (6, 1)
    assert "Pairs across the border of the area are not counted." in finding.notes


def test_too_few_to_pair_are_said_to_be_few_and_not_how_few(store, tmp_path):
    nowhere = small_store(tmp_path, several(3, "N", None, lpa=WEST))
    for one, area in ((store, EAST), (nowhere, None)):
        with pytest.raises(BadInput, match="Under two offences of this selection have both a place and a day") as refused:
            find(one, area=area)
        assert not any(letter.isdigit() for letter in str(refused.value))


def test_the_job_reads_the_store_itself_and_gives_the_same(store):
    settings = NearRepeatSettings(permutations=19)
    told = []
    found = near_repeats_finding(
        store.path, selection(), settings, scope=EVERYTHING, progress=lambda share, sentence: told.append((share, sentence))
    )
    assert np.array_equal(found.table.observed, find(store).table.observed)
    assert told[-1] == (1.0, "19 permutations of the dates of 7 offences")


@pytest.mark.parametrize("facts", [{"time_precision": "month"}, {"location_precision": "snapped"}])
def test_months_and_snapped_points_are_refused_with_the_reason(store, facts):
    selected = select(store, selection(), scope=EVERYTHING, extra_columns=EXTRA_COLUMNS)
    with pytest.raises(NotKnowable, match="cannot be told from them") as refusal:
        near_repeats(replace(selected, facts=replace(selected.facts, **facts)), NearRepeatSettings(), progress=silent)
    assert refusal.value.headline == "Near repeats cannot be known from these data"


def test_an_offence_known_to_the_month_among_others_is_left_out_and_counted(store):
    selected = select(store, selection(), scope=EVERYTHING, extra_columns=EXTRA_COLUMNS)
    frame = selected.frame.assign(time_precision=["month", *selected.frame["time_precision"][1:]])
    finding = near_repeats(replace(selected, frame=frame), NearRepeatSettings(permutations=9), progress=silent)
    assert finding.table.left_out[0] == ("known to the month alone", 1)


@pytest.mark.parametrize("text, edges", [("0,1,100", (0, 1, 100)), (" 0; 7 ;inf ", (0, 7, math.inf)), ("", ())])
def test_edges_are_read_as_people_write_them(text, edges):
    assert parse_edges(text, what="distance") == edges


def test_an_edge_that_is_not_a_number_is_told():
    with pytest.raises(BadInput, match="The time bands hold '7d', which is not a number"):
        parse_edges("0,7d", what="time")


def made(observed, ratio, *, n=970, p_value=0.001, p_within=0.001, edges=(0.0, 100.0, 200.0), premises=False):
    observed, ratio = np.array(observed), np.array(ratio, dtype=float)
    return KnoxTable(
        distance_edges=edges, time_edges=(0.0, 7.0, 14.0), metric="euclidean", same_premises=premises, observed=observed,
        expected=observed / ratio, ratio=ratio, p_value=np.where(ratio > 1.2, p_value, 0.6),
        p_within=np.full((len(edges) - 1, 2), p_within), n_s=observed.sum(axis=1), n_t=observed.sum(axis=0), n=n,
        pairs=n * (n - 1) // 2, permutations=999, seed=1,
    )  # fmt: skip


def test_the_sentence_says_days_metres_ratio_and_p():
    """48 pairs of 30 and 112 of 70: 160 of 100 within 7 days and 200 m."""
    table = made([[48, 30], [112, 70]], [[1.6, 1.0], [1.6, 1.0]])
    assert words.sentence(table) == "within 7 days and 200 m: 1.6 times expected, p = .001"
    assert words.headline(table, "Burglary") == "Burglaries cluster within 7 days and 200 m: 1.6 times expected"
    assert words.subline(table, "Burglary").startswith(
        "Within 7 days and 200 m: 1.6 times expected, p = .001 (160 pairs, 100.0 expected; 999 permutations). 970 burglaries."
    )


def test_the_sentence_reaches_no_farther_than_the_bands_stand():
    table = made([[48, 30], [70, 70]], [[1.6, 1.0], [1.0, 1.0]])
    assert words.sentence(table).startswith("within 7 days and 100 m: 1.6 times")
    table = made([[48, 30], [70, 70]], [[1.6, 1.0], [1.0, 1.0]], edges=(1.0, 100.0, 200.0))
    assert words.sentence(table).startswith("within 7 days and 1 to 100 m: 1.6 times")


def test_where_nothing_stands_the_headline_says_so():
    table = made([[48, 30], [70, 70]], [[1.1, 1.0], [1.0, 0.9]], p_within=0.31)
    assert words.headline(table, "Robbery") == "No near repeats stand out among 970 robberies"
    assert words.sentence(table) == "within 7 days and 100 m: 1.1 times expected, p = .310"


def test_repeats_alone_are_not_called_near_repeats():
    table = made([[30, 20], [48, 30], [70, 70]], [[3.0, 2.0], [1.0, 1.0], [1.0, 0.9]], premises=True)
    assert words.headline(table, "Burglary") == "Burglaries repeat on the same premises, not nearby"
    assert words.sentence(table).startswith("within 7 days and 100 m: 1.0 times expected")


def test_a_later_band_alone_is_not_called_a_cluster():
    table = made([[48, 30], [70, 70]], [[1.0, 1.8], [1.0, 1.0]])
    assert words.headline(table, "Burglary") == "1 of 4 bands hold more pairs than chance, not the nearest"


@pytest.mark.parametrize("kind", [kind.name for kind in crime_types.CRIME_TYPES])
def test_no_headline_is_longer_than_a_title(kind):
    tables = [made([[48, 30], [70, 70]], ratio, n=123_456) for ratio in ([[1.6, 1], [1.6, 1]], [[1, 1], [1, 1]])]
    tables.append(made([[9, 9], [48, 30], [70, 70]], [[3, 2], [1, 1], [1, 1]], premises=True))
    assert all(len(words.headline(table, kind)) <= 80 for table in tables)


def test_open_bands_are_said_in_words():
    table = replace(made([[48, 30]], [[1.6, 1.0]], edges=(0.0, math.inf)), time_edges=(0.0, math.inf, 99.0))
    assert words.sentence(table).startswith("at any time and at any distance: 1.6 times")


def test_few_offences_and_few_pairs_earn_a_warning():
    assert words.warnings(made([[48, 30]], [[1.6, 1.0]], edges=(0.0, 100.0))) == ()
    (few,) = words.warnings(made([[48, 30]], [[1.6, 1.0]], edges=(0.0, 100.0), n=43))
    assert few.startswith("Only 43 offences")
    (sparse,) = words.warnings(made([[4, 30]], [[1.6, 1.0]], edges=(0.0, 100.0)))
    assert sparse.startswith("In 1 of 2 bands fewer than 5 pairs are expected")


@pytest.mark.parametrize(
    "p_value, permutations, said", [(0.001, 999, "p = .001"), (1.0, 999, "p = 1"), (0.0001, 9_999, "p = .0001")]
)
def test_p_is_written_with_the_digits_that_the_shuffles_give(p_value, permutations, said):
    assert words.p_words(p_value, permutations) == said


def test_partners_see_no_pairs_under_five_and_nothing_that_depends_on_them():
    table = made([[3, 30, 40], [20, 70, 80]], [[3.0, 1.0, 1.0], [1.3, 1.0, 1.0]], p_value=0.012)
    table = replace(table, time_edges=(0.0, 7.0, 14.0, 21.0))
    seen, hidden = seen_by(table, "public")
    assert hidden[0, 0]
    # One hidden cell alone could be worked out from its row.
    assert hidden[0].sum() >= 2
    assert hidden[:, 0].sum() == 2
    other = replace(table, p_value=np.where(hidden, 0.9, table.p_value))
    assert np.array_equal(seen.q_value, seen_by(other, "public")[0].q_value)
    whole, none = seen_by(table, "force")
    assert whole is table
    assert not none.any()
