"""Does the map work: what is judged on what, nothing from later, true figures in the sentences."""

import pickle
from dataclasses import replace
from datetime import date, datetime, timedelta

import numpy as np
import pytest
from small_store import IN_EAST, WEST, offence, selection, several, small_store

from hotspot.errors import BadInput, NotKnowable
from hotspot.findings.accuracy import accuracy_finding
from hotspot.findings.accuracy_words import ADAPTIVE, DENSITY, GI_STAR, LAST_PERIOD, UNIFORM, percent, shown_rows
from hotspot.findings.audience import COUNTS_HIDDEN, FORCE, PUBLIC
from hotspot.findings.backtest_settings import BacktestSettings, beside_clusters, beside_density, usual_settings
from hotspot.findings.cluster_cells import ClusterSettings
from hotspot.findings.density import DensitySettings
from hotspot.methods.backtest import BETTER, COULD_BE_CHANCE, NOT_SAID, WORSE, Fold
from hotspot.methods.units import HEXAGONS
from hotspot.offences import demo as demo_data
from hotspot.offences.demo.extract import MAPPING
from hotspot.offences.load import import_sources
from hotspot.offences.store import EVERYTHING, Store
from hotspot.period import Period
from hotspot.selection import COMMITTED, MONTH, REPORTED, Selection

IN_WEST = (402_250, 292_250)
"""In the middle of a square."""
FIRST = date(2024, 1, 1)
JUDGED = Period(date(2024, 3, 11), date(2024, 5, 6))
"""Eight weeks after ten."""
SETTINGS = BacktestSettings(train=70, judge=56, origins=1, cell_size=500.0, bandwidth=600.0, resamples=499)


def weekly(place, count, *, weeks, first=FIRST, prefix="w"):
    """``count`` offences at a place in each week, on different days."""
    days = [first + timedelta(days=7 * week + number % 7) for week in range(weeks) for number in range(count)]
    return [offence(f"{prefix}{i}", place, f"{day} 12:00") for i, day in enumerate(days)]


def scattered(count, *, seed, first=FIRST, days=126, prefix="s"):
    """Offences anywhere in the two squares, on any of so many days."""
    random = np.random.default_rng(seed)
    spots = zip(random.uniform(400_000, 408_000, count), random.uniform(290_000, 294_000, count), strict=True)
    dates = [first + timedelta(days=int(day)) for day in random.integers(0, days, count)]
    return [offence(f"{prefix}{i}", spot, f"{day} 12:00") for i, (spot, day) in enumerate(zip(spots, dates, strict=True))]


def made(folder, rows, **options):
    """A store whose data reach from 1 January to 31 May."""
    ends = [offence(day, IN_WEST, f"{day} 12:00", kind="Robbery") for day in (FIRST, date(2024, 5, 31))]
    return small_store(folder, [*rows, *ends], **options)


def find(store, chosen=SETTINGS, *, period=JUDGED, **limits):
    return accuracy_finding(
        store.path, selection(period=period, **limits), chosen, scope=EVERYTHING, progress=lambda share, words: None
    )


@pytest.fixture(scope="module")
def store(tmp_path_factory):
    """Eighteen weeks: five a week in one place of Westley, two in Eastley, and ten a week anywhere."""
    rows = [*weekly(IN_WEST, 5, weeks=18), *weekly(IN_EAST, 2, weeks=18, prefix="e"), *scattered(180, seed=1)]
    return made(tmp_path_factory.mktemp("accuracy"), rows)


def test_a_planted_place_is_found_again_and_beats_an_even_spread(store):
    finding = find(store)
    assert finding.folds == (Fold(Period(FIRST, JUDGED.start), JUDGED),)
    row = finding.row(DENSITY, 0.02)
    assert row.low > finding.row(UNIFORM, 0.02).hit_rate == pytest.approx(0.02)
    # 32 km² in squares of 500 m are 128: two of a hundred are 2.56 squares, the planted one among them, with 40 offences.
    assert finding.units == 128
    assert row.held >= 40
    assert row.pai == pytest.approx(row.hit_rate / 0.02)
    assert 0 < row.pei <= 1


def test_hits_counted_one_by_one_agree(store):
    """The slow version: squares ranked by their training counts alone, the last one in part, ties shared."""
    finding = find(store)
    offences = store_offences(store)
    counts, judged = ({}, {})
    for x, y, day in offences:
        square = (x // 500, y // 500)
        if FIRST <= day < JUDGED.start:
            counts[square] = counts.get(square, 0) + 1
        elif JUDGED.start <= day < JUDGED.end:
            judged[square] = judged.get(square, 0) + 1
    squares = [(x, y) for x in range(800, 816) for y in range(580, 588)]
    for share in (0.005, 0.02, 0.2):
        left, held = share * len(squares), 0.0
        for value in sorted({counts.get(one, 0) for one in squares}, reverse=True):
            tied = [one for one in squares if counts.get(one, 0) == value]
            part = min(1.0, left / len(tied))
            held += part * sum(judged.get(one, 0) for one in tied)
            left -= part * len(tied)
        assert finding.row(LAST_PERIOD, share).held == pytest.approx(held)
    assert finding.result.judged == sum(judged.values())


def store_offences(store):
    from hotspot.offences.store import read

    frame = read(store, scope=EVERYTHING, source="Extract", force="Testshire", columns=["x", "y", "committed_from"],
                 crime_types=["Residential burglary"])  # fmt: skip
    return [(x, y, moment.date()) for x, y, moment in frame.itertuples(index=False)]


def test_the_sentences_say_what_the_rows_say(store):
    finding = find(store)
    row, last = finding.row(DENSITY, 0.02), finding.row(LAST_PERIOD, 0.02)
    assert finding.headline.startswith(f"The densest 2% held {100 * row.hit_rate:.0f}% of the next burglaries")
    assert f"{100 * last.hit_rate:.0f}%" in finding.headline or "times last period's counts" in finding.headline
    assert len(finding.headline) <= 80
    assert f"{row.held:,.0f} of {row.judged:,.0f} offences" in finding.subline
    assert f"95% interval {100 * row.low:.1f} to {100 * row.high:.1f}%" in finding.subline
    assert finding.design == "Judged: 11 March to 5 May 2024, on maps made from 1 January to 10 March 2024 alone."


def test_one_share_is_tested_and_the_baselines_are_not(store):
    verdicts = {(row.method, row.area_share): row.verdict for row in find(store).rows}
    assert {at for at, verdict in verdicts.items() if verdict} == {(DENSITY, 0.02), (GI_STAR, 0.02)}
    assert set(filter(None, verdicts.values())) <= {BETTER, WORSE, COULD_BE_CHANCE}


@pytest.mark.parametrize("seed", [7, 8])
def test_nothing_that_happens_after_an_origin_changes_what_it_said(tmp_path, seed):
    """The first origin's result is the same whatever was committed after its judged period."""
    known = [*weekly(IN_WEST, 3, weeks=12), *scattered(60, seed=5, days=84)]
    later = scattered(80, seed=seed, first=FIRST + timedelta(days=84), days=42, prefix="later")
    chosen = BacktestSettings(train=56, judge=28, origins=1, cell_size=500.0, resamples=99)
    period = Period(FIRST + timedelta(days=56), FIRST + timedelta(days=84))
    before = find(made(tmp_path / "before", known), chosen, period=period)
    after = find(made(tmp_path / "after", [*known, *later]), chosen, period=period)
    assert [repr(row) for row in before.rows] == [repr(row) for row in after.rows]
    assert before.bandwidths == after.bandwidths


def test_the_maps_do_not_change_with_what_they_are_judged_by(tmp_path):
    """Bandwidth and ranking come from training: with the judged offences moved, last period's counts hold others."""
    train = [*weekly(IN_WEST, 4, weeks=10), *scattered(50, seed=6, days=70)]
    chosen = replace(SETTINGS, bandwidth=None)
    same, moved = [
        find(made(tmp_path / name, [*train, *weekly(place, 6, weeks=8, first=JUDGED.start, prefix="j")]), chosen)
        for name, place in (("same", IN_WEST), ("moved", IN_EAST))
    ]
    assert same.bandwidths == moved.bandwidths
    assert same.trained == moved.trained == (90,)
    assert same.row(DENSITY, 0.02).hit_rate == pytest.approx(1)
    assert moved.row(DENSITY, 0.02).hit_rate < 0.1


def test_what_was_reported_later_was_not_known_to_the_map(tmp_path):
    late = several(7, "late", IN_EAST, "2024-02-01 12:00", reported="2024-03-20 09:00")
    in_time = several(3, "soon", IN_EAST, "2024-02-01 12:00", reported="2024-03-10 23:00")
    rows = [*weekly(IN_WEST, 5, weeks=18), *late, *in_time]
    finding = find(made(tmp_path, rows))
    assert finding.reported_late == 7
    assert finding.trained == (53,)
    assert finding.left_out[0].startswith("7 offences were reported only after")
    by_report = find(made(tmp_path / "reported", [*rows, *scattered_reports()]), date_basis=REPORTED)
    assert by_report.reported_late == 0


def scattered_reports():
    moments = [datetime(2024, 1, 2) + timedelta(days=2 * number) for number in range(60)]
    return [offence(f"r{i}", IN_WEST, f"{at:%Y-%m-%d} 10:00", reported=f"{at:%Y-%m-%d} 11:00") for i, at in enumerate(moments)]


def test_fixed_and_adaptive_density_and_gi_star_are_judged_on_the_same_weeks(store):
    finding = find(store, replace(SETTINGS, methods=(ADAPTIVE, DENSITY, GI_STAR)))
    rows = [finding.row(method, 0.02) for method in (ADAPTIVE, DENSITY, GI_STAR)]
    assert len({row.judged for row in rows}) == 1 and len({row.held for row in rows}) > 1
    assert finding.result.compared == 3
    assert finding.headline.startswith(f"The densest 2% held {percent(rows[0].hit_rate)}")


def test_an_area_is_judged_by_its_own_offences(store):
    west = find(store, area=WEST)
    assert west.units == 64
    assert west.area_km2 == pytest.approx(16)
    assert west.result.judged < find(store).result.judged


def test_rolling_origins_judge_periods_that_follow_each_other(store):
    finding = find(store, replace(SETTINGS, train=42, judge=14, origins=9), period=Period(FIRST, JUDGED.end))
    assert len(finding.folds) == 6
    assert finding.result.blocks == 12
    assert finding.design.startswith(
        "Six periods of 14 days judged, 12 February to 5 May 2024, each on maps made from the 42 days"
    )
    one_by_one = [find(store, replace(SETTINGS, fold=fold), period=JUDGED).row(DENSITY, 0.05).held for fold in finding.folds]
    assert finding.row(DENSITY, 0.05).held == pytest.approx(sum(one_by_one))


def test_few_weeks_give_figures_and_no_interval(store):
    finding = find(store, replace(SETTINGS, judge=28))
    row = finding.row(DENSITY, 0.02)
    assert (finding.result.blocks, row.verdict) == (4, NOT_SAID)
    assert np.isnan(row.low) and np.isfinite(row.hit_rate)
    assert finding.cautions == (
        "No interval: it comes from resampling whole weeks, and four were judged; at least six are needed.",
    )
    assert "cannot be said" in finding.subline and len(finding.headline) <= 80


def test_a_period_without_offences_ends_in_a_sentence(store):
    finding = find(store, crime_type="Drugs")
    assert finding.headline == "No drugs offences to judge a map by"
    assert find(store_of_few(store.path.parent)).headline == "Too few burglaries to judge a map by"


def store_of_few(folder):
    return made(folder / "few", [*weekly(IN_WEST, 1, weeks=18), *several(2, "x", None, "2024-03-12 12:00")])


def test_offences_without_a_location_are_counted_apart(store):
    finding = find(store_of_few(store.path.parent / "again"))
    assert (finding.off_the_map, finding.result.judged) == (2, 8)


def test_lengths_that_do_not_fit_are_refused_with_what_the_data_cover(store):
    with pytest.raises(NotKnowable, match="they cover 1 January to "):
        find(store, replace(SETTINGS, train=200))
    with pytest.raises(NotKnowable, match="nothing to learn from in January to December 2023"):
        find(store, replace(SETTINGS, fold=Fold(Period(date(2023, 1, 1), date(2024, 1, 1)), JUDGED)))


def test_a_map_is_never_judged_on_days_that_it_was_made_from():
    with pytest.raises(BadInput, match="made from"):
        BacktestSettings(fold=Fold(Period(FIRST, date(2024, 3, 12)), JUDGED))


@pytest.mark.parametrize(
    "wrong",
    [{"train": 0}, {"judge": 99_999}, {"origins": 0}, {"cell_size": 0}, {"resamples": 9}, {"methods": ("guess",)},
     {"methods": ()}, {"edge": "frayed"}, {"shape": "rings"}, {"seed": -1}, {"area_share": 0.3}, {"shares": (0.0, 0.02)}],
)  # fmt: skip
def test_settings_that_mean_nothing_are_refused(wrong):
    with pytest.raises(BadInput):
        BacktestSettings(**wrong)


def test_too_many_squares_are_refused(store):
    with pytest.raises(BadInput, match="Choose a larger cell size"):
        find(store, replace(SETTINGS, cell_size=1.0))


def test_without_boundaries_the_area_is_drawn_before_anything_is_judged(tmp_path):
    rows = [*weekly(IN_WEST, 3, weeks=18), *weekly((412_000, 292_000), 2, weeks=8, first=JUDGED.start, prefix="far")]
    finding = find(made(tmp_path, rows, lpas=None))
    # A square of 2 km round the one trained place.
    assert finding.area_km2 == pytest.approx(4)
    assert finding.result.judged == 24
    assert any("rectangle" in note for note in finding.cautions)


def test_the_back_test_beside_a_map_has_the_maps_own_settings(store):
    shown = DensitySettings(bandwidth=400.0, cell_size=250.0, area_share=0.015)
    finding = find(store, beside_density(selection(period=JUDGED), shown))
    assert finding.folds == (Fold(JUDGED.previous(), JUDGED),)
    assert finding.bandwidths == (400.0,)
    assert {row.area_share for row in finding.rows} == {0.015}
    assert finding.headline.startswith("The densest 1.5% held")
    adaptive = find(store, beside_density(selection(period=JUDGED), replace(shown, adaptive=True, edge_correction="diggle")))
    assert (adaptive.settings.methods, adaptive.settings.edge) == ((ADAPTIVE,), "diggle")
    clusters = find(store, beside_clusters(selection(period=JUDGED), ClusterSettings(cell_size=500.0)))
    assert clusters.headline.startswith("The top 2% by Gi* held")
    assert clusters.folds == finding.folds
    assert (clusters.settings.shape, clusters.settings.reach) == (HEXAGONS, 1_000.0)
    assert clusters.area_km2 == pytest.approx(32)


def test_partners_and_the_public_see_no_row_of_a_small_count(store):
    finding = find(store)
    small = [row for row in finding.rows if 0 < row.held < 5 and row.method != UNIFORM]
    assert small, "the case must occur"
    shown = shown_rows(finding.rows, audience=PUBLIC)
    assert not set(small) & set(shown) and shown_rows(finding.rows, audience=FORCE) == finding.rows
    assert finding.told(audience=PUBLIC) == finding.told(audience=FORCE)
    few = find(store_of_few(store.path.parent / "public"))
    few = replace(few, rows=tuple(replace(row, judged=4.0) for row in few.rows))
    assert few.told(audience=PUBLIC)[1] == COUNTS_HIDDEN


def test_a_result_travels_between_processes(store):
    finding = find(store)
    assert pickle.loads(pickle.dumps(finding)).headline == finding.headline


def test_days_of_the_week_limit_training_and_judging_alike(store):
    monday = find(store, weekdays=(0,))
    days = [day for _, _, day in store_offences(store) if day.weekday() == 0]
    assert monday.result.judged == sum(JUDGED.start <= day < JUDGED.end for day in days)
    assert monday.trained == (sum(FIRST <= day < JUDGED.start for day in days),)


def test_periods_that_reach_beyond_the_data_are_said_to(store):
    beyond = Fold(Period(date(2023, 12, 1), date(2024, 3, 1)), Period(date(2024, 3, 1), date(2024, 7, 1)))
    assert find(store, replace(SETTINGS, fold=beyond)).cautions == (
        "The data cover 1 January to 31 May 2024 only: part of the periods lies outside them.",
    )


def test_what_counts_by_month_begins_with_a_month():
    assert usual_settings(COMMITTED) == BacktestSettings()
    assert (usual_settings(MONTH).train, usual_settings(MONTH).judge) == (1, 1)


def test_the_demonstration_datas_planted_streets_beat_an_even_spread(tmp_path):
    """The invented extract at a twentieth of its size: burglaries concentrate in the same places through all its months."""
    demo = demo_data.generate(scale=0.05)
    path = demo_data.write_extract(demo, tmp_path / "extract.parquet")
    import_sources([path], store=tmp_path / "store", mapping=MAPPING, source=demo.parameters.source, synthetic=True)
    opened = Store(tmp_path / "store")
    facts = opened.facts(*opened.data_sets[0], scope=EVERYTHING)
    chosen = Selection(facts.source, facts.force, "Residential burglary", Period(facts.first_day, facts.end))
    wanted = BacktestSettings(train=182, judge=84, origins=3, cell_size=500.0, resamples=499)
    finding = accuracy_finding(opened.path, chosen, wanted, scope=EVERYTHING, progress=lambda share, words: None)
    for method in (DENSITY, GI_STAR):
        assert finding.row(method, 0.1).low > 0.15 > finding.row(UNIFORM, 0.1).hit_rate
