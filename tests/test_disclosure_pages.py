"""What each page and command tells partners and the public beside its tables, attacked as ``test_disclosure`` attacks exports.

Whatever a reader can work out for certain must be no count of 1 to 4: neither a cell that is hidden, nor what is left over
between two numbers that are told.
"""

import csv
import math
import re
from dataclasses import replace
from datetime import date, timedelta
from itertools import pairwise, product
from types import SimpleNamespace

import numpy as np
import pytest
import shapely
from attack import Attack
from evaluation_store import SQUARE, evaluation_store
from hypothesis import Phase, example, given, settings
from hypothesis import strategies as st
from small_store import PERIOD, selection, several, small_store

from hotspot.commands import evaluate, investigation, public, rates
from hotspot.export.clusters import write_rates
from hotspot.findings import evaluation_words, when
from hotspot.findings.accuracy_words import LAST_PERIOD, AccuracyRow, shown_rows
from hotspot.findings.audience import COUNTS_HIDDEN, PUBLIC, shown_times, shown_units
from hotspot.findings.evaluation import EvaluationSettings, evaluation_finding
from hotspot.findings.investigation import Handling
from hotspot.findings.rates_per import family_for, rates_finding, shown_rates
from hotspot.findings.repeats import TimesCount
from hotspot.findings.selected import select
from hotspot.findings.slivers import months_tell
from hotspot.methods.aoristic import AORISTIC, WAYS
from hotspot.methods.change import compare
from hotspot.methods.dispersion import Dispersion
from hotspot.methods.evaluation import BeforeAfter, change_ratio, displacement_difference, ratio_of_ratios
from hotspot.methods.rates import rate_ratio
from hotspot.methods.rates_per import rates_per
from hotspot.methods.regression_to_mean import SameRule
from hotspot.methods.repeats import wilson
from hotspot.offences.store import EVERYTHING
from hotspot.period import Period, add_months
from hotspot.selection import REPORTED

AREAS = ("Ashley", "Birley", "Cawley", "Dudley", "Eastley")
SQUARES = {name: shapely.box(400_000 + 1_000 * n, 290_000, 401_000 + 1_000 * n, 294_000) for n, name in enumerate(AREAS)}
HOUSEHOLDS = dict(zip(AREAS, (1_000.0, 2_500.0, 777.0, 1_300.0, 4_000.0), strict=True))
counts = st.one_of(st.integers(0, 5), st.integers(0, 40))
quick = settings(max_examples=30, phases=[Phase.explicit, Phase.reuse, Phase.generate])
"""Without shrinking: each example asks a solver."""


def small_ones(attack, true):
    """Name what a reader is certain of and should not be: a count of 1 to 4."""
    attack.hidden = set(attack.number)
    return {name for name in attack.determined() if 1 <= true[name] <= 4}


# Rates: counts with their total, and whatever is made of them: rate, intervals, ratio to the rest, p, q, readings, words.


@pytest.fixture(scope="module")
def rated(tmp_path_factory):
    store = small_store(tmp_path_factory.mktemp("rated"), several(9, "a", (400_500, 292_000)), lpas=SQUARES)
    selected = select(store, selection(), scope=EVERYTHING)
    known = replace(selected.force, premises=HOUSEHOLDS, premises_source="invented")
    finding = rates_finding(replace(selected, force=known))
    return lambda: finding


@given(table=st.lists(counts, min_size=2, max_size=5))
@example(table=[4, 4, 4, 4, 4])
@example(table=[4, 4, 4, 4, 0])
@example(table=[4, 4, 0])
@example(table=[1, 5])
@quick
def test_rates_give_no_hidden_count_away(rated, tmp_path_factory, table):
    true = dict(zip(AREAS, table, strict=False))
    finding = replace(rated(), rates=rates_per(true, HOUSEHOLDS))
    shown, total, headline, subline = shown_rates(finding, audience=PUBLIC)
    attack = Attack()
    attack.adds_up("all", true)
    attack.adds_up("all", list(true))
    texts = {one.row.area: one.count for one in shown} | {"all": total}
    for name, text in texts.items():
        attack.read(name, text)
    for one in shown:
        document = rates._rate(one)
        told = [value for name, value in document.items() if name in (*rates._FIGURES, "dispersion")]
        if one.is_hidden:
            assert document["count"] is None and not any(told)
        elif document["ratio"] is not None and math.isfinite(document["ratio"]) and document["ratio"]:
            others = sum(HOUSEHOLDS[area] for area in true) - HOUSEHOLDS[one.row.area]
            attack.adds_up("all", [one.row.area, ("rest", one.row.area)])
            attack.ratio(one.row.area, ("rest", one.row.area), document["ratio"], times=others / HOUSEHOLDS[one.row.area])
    assert attack.determined() == set()
    if not total[:1].isdigit():  # whatever compares an area with the rest would tell of the sum
        assert subline == "" and not any(row["q_value"] for row in rate_rows(finding, tmp_path_factory))
        assert {one.row.reading for one in shown if not one.is_hidden} <= {"not compared"}
        assert all(rates._rate(one)[name] is None for one in shown for name in rates._AGAINST_THE_REST)
        assert "hidden" in family_for(finding, total) and headline == "No area's rate of burglaries stands above the rest"


def rate_rows(finding, tmp_path_factory):
    path = tmp_path_factory.mktemp("rates") / "rates.csv"
    write_rates(finding, PUBLIC, path)
    with path.open(encoding="utf-8") as file:
        return [row for row in csv.DictReader(file) if row["offences"] != "0"]


# Investigation: files by what became of them, those filed by their CCTV, by area and for the whole.

PARTS = ("awaited", "received", "not asked", "open", "neither")


def handling(area, parts):
    awaited, received, unasked, still_open, neither = parts
    filed, nothing = awaited + received + unasked, (math.nan,) * 3
    share = wilson(awaited, awaited + received)
    return Handling(area, filed + still_open + neither, filed, nothing, still_open, nothing, share)


@given(table=st.lists(st.tuples(*[counts] * 5), min_size=1, max_size=4))
@example(table=[(20, 30, 2, 30, 0), (20, 30, 40, 30, 0)])
@quick
def test_investigation_gives_no_small_count_of_files_away(table):
    areas = tuple(handling(area, parts) for area, parts in zip(AREAS, table, strict=False))
    total = handling("All", np.sum(table, axis=0).tolist())
    finding = SimpleNamespace(
        areas=areas, total=total, selected=SimpleNamespace(selection=selection()), has_cctv=True, has_filing=True
    )
    attack, true = Attack(), {}
    for one, parts in zip((*areas, total), (*table, np.sum(table, axis=0).tolist()), strict=True):
        true |= {(one.area, name): number for name, number in zip(PARTS, parts, strict=True)}
        true |= {(one.area, "filed"): one.filed, (one.area, "asked"): one.awaited.of, (one.area, "files"): one.offences}
        attack.adds_up((one.area, "asked"), [(one.area, name) for name in PARTS[:2]])
        attack.adds_up((one.area, "filed"), [(one.area, name) for name in PARTS[:3]])
        attack.adds_up((one.area, "files"), [(one.area, name) for name in ("filed", *PARTS[3:])])
    for name in PARTS:
        attack.adds_up(("All", name), [(area.area, name) for area in areas])
    for row in map(investigation._row, investigation_rows(finding)):
        told = {"files": row["files"], "filed": row["filed"], "open": row["open"]}
        share = row["filed_while_awaited"]
        told |= {} if share is None else {"awaited": share["count"], "asked": share["of"]}
        for name, text in told.items():
            attack.read((row["area"], name), text, least_hidden=0)
    assert small_ones(attack, true) == set()


def investigation_rows(finding):
    from hotspot.findings.investigation_shown import shown_handling

    return shown_handling(finding, audience=PUBLIC)


# Evaluation: counts of both periods beside the months, which a period may cut, a ring that is hidden by itself, the same rule.

FIRST = date(2023, 1, 1)
TENTHS = (0, 10, 20)
"""Days of a month at which its thirds begin."""


@pytest.fixture(scope="module")
def evaluated(tmp_path_factory):
    store = evaluation_store(tmp_path_factory.mktemp("evaluated"))
    chosen = selection(drawn=SQUARE, date_basis=REPORTED)
    finding = evaluation_finding(store, chosen, EvaluationSettings(date(2024, 4, 1)), scope=EVERYTHING)
    return lambda: finding


def thirds(data, months):
    """Draw the offences of each third of a month."""
    each = st.one_of(st.just(0), st.integers(1, 9), st.integers(5, 12))
    return data.draw(st.lists(each, min_size=3 * months, max_size=3 * months))


def day_of(third):
    return add_months(FIRST, third // 3) + timedelta(days=TENTHS[third % 3])


@given(data=st.data())
@quick
def test_an_evaluation_gives_no_small_count_away(evaluated, data):
    finding = evaluated()
    starts, half = [add_months(FIRST, number) for number in range(6)], data.draw(st.integers(4, 9))
    edges = (data.draw(st.integers(0, 3)), half, data.draw(st.integers(half, 12)), data.draw(st.integers(14, 18)))
    before, after = Period(day_of(edges[0]), day_of(edges[1])), Period(day_of(edges[2]), day_of(edges[3]))
    held = {name: thirds(data, 6) for name in ("treated", "comparison", "ring")}
    arms = {name: arm_of(getattr(finding, name), held[name], edges, (before, after)) for name in held}
    finding = replace(finding, **arms, before=before, after=after, months=np.array(starts, dtype="datetime64[M]"))
    finding = recomputed(finding)
    document = evaluate._document(finding, audience=PUBLIC)
    attack, true = Attack(), {}
    for name in ("treated", "comparison"):
        thirds_of = [(name, number) for number in range(18)]
        true |= dict(zip(thirds_of, held[name], strict=True))
        for number, start in enumerate(starts):
            attack.adds_up((name, start), thirds_of[3 * number : 3 * number + 3])
            true[name, start] = sum(held[name][3 * number : 3 * number + 3])
        for period, (first, end) in (("before", edges[:2]), ("after", edges[2:])):
            parts = {
                period: range(first, end),
                f"{period} cut off": [*range(first - first % 3, first), *range(end, end + -end % 3)],
                f"{period} cut in": [*range(first, first + -first % 3), *range(end - end % 3, end)],
            }
            for part, numbers in parts.items():
                attack.adds_up((name, part), [(name, number) for number in numbers])
                true[name, part] = sum(held[name][number] for number in numbers)
        if not evaluation_words.hides_months(finding, audience=PUBLIC):
            for start in starts:
                attack.read((name, start), true[name, start])
        for arm in document.get("areas", ()):
            if arm["name"] == arms[name].name:
                for period in ("before", "after"):
                    attack.read((name, period), arm[period])
    if document.get("count") is not None:
        attack.adds_up("all", [(name, number) for name in ("treated",) for number in range(18)])
        attack.read("all", document["count"])
        true["all"] = sum(held["treated"])
    # The months of a hidden chart, and single thirds, are read only as far as they are told.
    assert {name for name in small_ones(attack, true) if name[0] in ("treated", "comparison")} == set()
    lines = " ".join(evaluate._lines(finding, document, audience=PUBLIC))
    ring = arms["ring"].counts
    if evaluation_words.has_small_count(arms["ring"]) or "suppressed" in document:
        assert not re.search(rf"Ring of 500 m +{ring.before:.0f} +{ring.after:.0f}\b", lines)
        assert all(not arm["name"].startswith("Ring of") for arm in document.get("areas", ()))


def arm_of(arm, held, edges, periods):
    before, after = sum(held[edges[0] : edges[1]]), sum(held[edges[2] : edges[3]])
    weight = periods[1].days / periods[0].days
    found = BeforeAfter(float(before), float(after), before_weight=weight)
    days = {"days": periods[1].days, "before_days": periods[0].days}
    monthly = np.array(held, dtype=float).reshape(-1, 3).sum(axis=1)
    ratio = change_ratio(found, **days)
    return replace(arm, counts=found, monthly=monthly, dispersion=Dispersion(), change=ratio, poisson_change=ratio)


def recomputed(finding):
    """Make the measures anew of the arms' counts, as ``evaluation_finding`` does; a ring of few offences is in none."""
    pair, ring = (finding.treated.counts, finding.comparison.counts), finding.ring.counts
    with_ring = ring.before + ring.after >= 20
    found = displacement_difference(*pair, ring=ring if with_ring else None)
    ratio = ratio_of_ratios(*pair)
    measures = {"difference": found, "poisson_difference": found, "ratio": ratio, "poisson_ratio": ratio}
    return replace(finding, ring_comparison=None, same_rule=None, **measures)


@given(before=st.integers(0, 8), after=st.integers(0, 8))
@quick
def test_what_the_same_rule_says_gives_no_small_count_away(evaluated, before, after):
    finding = evaluated()

    def said(first, then):
        rule = SameRule(np.arange(5), float(first), float(then), rate_ratio(then, first, exposure=183, baseline_exposure=183))
        return evaluation_words.rule_words(replace(finding, same_rule=rule), audience=PUBLIC)

    words = said(before, after)
    if words:
        alike = {pair for pair in product(range(12), repeat=2) if said(*pair) == words}
        assert len(alike) > 1 or not (1 <= before <= 4 or 1 <= after <= 4)


def test_the_months_of_an_evaluation_are_not_drawn_where_a_period_cuts_few_offences_off(evaluated):
    finding = evaluated()
    months = finding.months.astype("datetime64[D]").tolist()
    assert not evaluation_words.hides_months(finding, audience=PUBLIC)
    cut = replace(finding.treated, counts=replace(finding.treated.counts, after=finding.treated.counts.after - 3))
    shorter = replace(finding, treated=cut, after=Period(finding.after.start + timedelta(days=9), finding.after.end))
    assert evaluation_words.hides_months(shorter, audience=PUBLIC) and months[0] < finding.after.start


# Hours: the ways of counting differ by the offences known to the day alone; the words name three nested numbers.


@given(parts=st.tuples(counts, counts, counts, counts))
@example(parts=(2_000, 2, 0, 0))
@example(parts=(2_000, 20, 3, 30))
@example(parts=(3, 20, 30, 30))
@quick
def test_the_ways_of_counting_hours_give_no_small_count_away(parts):
    moment, day_alone, days, week = parts
    true = {"moment": moment, "alone": day_alone, "days": days, "week": week}
    true |= {"day": days + week, "all": sum(parts), "whole": moment + days + week}
    hour = np.eye(1, 168)[0]  # all in one hour, so that nothing is rounded
    ways = {way: SimpleNamespace(weights=hour * true["all" if way == AORISTIC else "whole"]) for way in WAYS}
    ways[AORISTIC].counted = true["all"]
    finding = when.HoursFinding(
        selected=SimpleNamespace(selection=selection()), ways=ways, moved={}, span=None, over_a_day=days + week, over_a_week=week,
        day_alone=day_alone, headline="", subline="", notes=(),
    )  # fmt: skip
    finding = replace(finding, subline=when.subline(finding))
    attack = Attack()
    attack.adds_up("all", ["moment", "alone", "days", "week"])
    attack.adds_up("whole", ["moment", "days", "week"])
    attack.adds_up("day", ["days", "week"])
    for way in when.ways_told(finding, public=True):
        attack.read("all" if way == AORISTIC else "whole", when.shown_hours(ways[way].weights, public=True).total)
    words = when.told_of_hours(finding, public=True)[1]
    if words != COUNTS_HIDDEN and true["all"]:
        attack.read("all", words.split()[0])
        for name, text in zip(("day", "week"), re.findall(r": ([\d,]+) \(", words) or ("0", "0"), strict=True):
            attack.read(name, text)
    assert small_ones(attack, true) == set()


# Months beside the counts of a period that cuts them.


@given(held=st.lists(counts, min_size=18, max_size=18), edges=st.tuples(st.integers(0, 8), st.integers(9, 18)))
@quick
def test_months_that_may_be_told_beside_a_period_give_no_few_days_away(held, edges):
    first, end = edges
    starts = [add_months(FIRST, number) for number in range(6)]
    monthly = np.array(held).reshape(-1, 3).sum(axis=1)
    inside, period = sum(held[first:end]), Period(day_of(first), day_of(end))
    if months_tell([(inside, period)], starts, monthly):
        return
    attack, true = Attack(), {}
    for number, start in enumerate(starts):
        attack.adds_up(start, range(3 * number, 3 * number + 3))
        attack.read(start, int(monthly[number]))
    attack.adds_up("period", range(first, end))
    attack.read("period", inside)
    for name, numbers in (("off", [*range(first - first % 3, first), *range(end, end + -end % 3)]),
                          ("in", [*range(first, first + -first % 3), *range(end - end % 3, end)])):  # fmt: skip
        attack.adds_up(name, numbers)
        true[name] = sum(held[number] for number in numbers)
    attack.hidden = {"off", "in"}
    assert {name for name in attack.determined() if 1 <= true[name] <= 4} == set()


def test_two_periods_that_leave_a_few_days_of_a_month_between_them_tell_them():
    june, before, after = (
        date(2024, 6, 1),
        Period(date(2024, 5, 1), date(2024, 6, 11)),
        Period(date(2024, 6, 21), date(2024, 8, 1)),
    )
    counted, months = [(30.0, before), (40.0, after)], [date(2024, 5, 1), june, date(2024, 7, 1)]
    # May 20 and July 30: ten of June in each period. Of the ten days between them 3, or 9.
    assert months_tell(counted, months, [20, 23, 30]) and not months_tell(counted, months, [20, 29, 30])


def test_weeks_are_not_told_to_the_public_beside_months():
    months = [{"count": 100}, {"count": 90}]
    document = {"months": months, "weeks": [{"count": 20}], "limits": [], "headline": "", "notes": []}
    assert public.series(document)["weeks"] is None and public.series(document)["months"] == months


# Repeats: targets by how often they were hit, beside the number of offences and what concentration says.


@given(targets=st.lists(counts, min_size=4, max_size=4), more=st.integers(0, 10))
@example(targets=[2, 20, 1, 0], more=0)
@example(targets=[30, 9, 2, 0], more=0)
@quick
def test_targets_by_number_of_offences_give_no_small_number_away(targets, more):
    more = more if targets[3] else 0
    each = np.repeat([1, 2, 3, 4], targets)
    if more:
        each[-1] += more
    labels = ("2 times", "3 times", "4 or more")
    times = tuple(TimesCount(n + 2, label, targets[n + 1], math.nan) for n, label in enumerate(labels))
    shown = shown_times(SimpleNamespace(times=times, result=SimpleNamespace(times=each)), audience=PUBLIC)
    true = dict(zip(("once", *labels), targets, strict=True))
    attack = Attack()
    for label, text in shown.items():
        attack.read(label, text, least_hidden=0)
    # Every offence has a target: those of the four or more times are at least four each.
    coefficients = {attack.variable(name): number for name, number in zip(true, (1, 2, 3, 4), strict=True)}
    if each.sum() >= 5:  # else their number is hidden too
        attack.rows.append((coefficients | {attack.variable("more"): 1.0}, float(each.sum()), float(each.sum())))
    attack.rows.append(({attack.variable("more"): 1.0, attack.variable("4 or more"): -100.0}, -math.inf, 0.0))
    attack.hidden = set(true)
    assert {name for name in attack.determined() if 1 <= true[name] <= 4} == set()


# Units, whose totals are not told with them, but may be known.


@given(pairs=st.lists(st.tuples(counts, counts), min_size=2, max_size=6))
@quick
def test_a_map_of_change_in_units_gives_no_hidden_count_away_to_who_knows_the_sums(pairs):
    now, before = zip(*pairs, strict=True)
    names = [f"unit {number}" for number in range(len(pairs))]
    table = compare(names, now, before, days=PERIOD.days, baseline_days=PERIOD.days, family="units")
    shown = shown_units(table.rows, audience=PUBLIC)
    for texts, true in (([one.count for one in shown], now), ([one.baseline for one in shown], before)):
        attack = Attack()
        attack.adds_up("all", names)
        attack.read("all", sum(true))
        for name, text in zip(names, texts, strict=True):
            attack.read(name, text)
        spare = any(count > 5 for count in true)
        assert attack.determined() == set() or not spare


# Accuracy: shares of the area lie within each other, and one method is set against the other.


@given(table=st.lists(st.integers(0, 30), min_size=6, max_size=6), judged=st.integers(20, 60))
@quick
def test_a_back_test_gives_no_small_number_of_hits_away(table, judged):
    held = {"density": np.cumsum(table[:3]), LAST_PERIOD: np.cumsum(table[3:])}
    shares = (0.01, 0.02, 0.05)
    rows = [
        AccuracyRow(
            method=method, area_share=share, held=float(hits[n]), judged=float(judged), verdict="", hit_rate=hits[n] / judged,
            pai=hits[n] / judged / share, pei=0.5, low=math.nan, high=math.nan,
            difference=(held["density"][n] - held[LAST_PERIOD][n]) / judged, difference_low=0.0, difference_high=0.0,
        )
        for method, hits in held.items()
        for n, share in enumerate(shares)
        if hits[-1] <= judged
    ]  # fmt: skip
    attack, true = Attack(), {"judged": judged}
    for row in rows:
        true[row.method, row.area_share] = round(row.held)
        true[row.method, row.area_share, "rest"] = judged - round(row.held)
        attack.adds_up("judged", [(row.method, row.area_share), (row.method, row.area_share, "rest")])
    for method, _ in {(row.method, 0) for row in rows}:
        for small, large in pairwise(shares):
            true[method, small, large] = true[method, large] - true[method, small]
            attack.adds_up((method, large), [(method, small), (method, small, large)])
        true[method, "first and last"] = true[method, shares[2]] - true[method, shares[0]]
        attack.adds_up((method, shares[2]), [(method, shares[0]), (method, "first and last")])
    attack.read("judged", judged)  # of an even spread it is always told
    shown = shown_rows(rows, audience=PUBLIC)
    for row in shown:
        attack.read((row.method, row.area_share), round(row.held))
        other = (LAST_PERIOD, row.area_share)
        if row.method == "density" and other in true and math.isfinite(row.difference):
            attack.read(other, round(row.held - row.difference * judged))
    attack.hidden = set(true) - {"judged"}
    assert {name for name in attack.determined() if 1 <= true[name] <= 4} == set()
