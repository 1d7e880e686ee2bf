"""Ways in which a hidden count once could be had, each closed: worked cases."""

import html
import math
from dataclasses import replace
from datetime import date
from types import SimpleNamespace

import numpy as np
import pandas as pd
import pytest
from board_store import board_selection, board_store, file_row
from small_store import IN_EAST, IN_WEST, selection, several, small_store
from streamlit.testing.v1 import AppTest

from hotspot.commands import public
from hotspot.export.clusters import write_rates
from hotspot.export.files import write_hotspots
from hotspot.findings.accuracy_words import AccuracyRow, shown_rows
from hotspot.findings.audience import COUNTS_HIDDEN, FORCE, PUBLIC
from hotspot.findings.density import DensitySettings, density_finding
from hotspot.findings.investigation import Handling, investigation_finding
from hotspot.findings.investigation_shown import PLAIN_HEADLINE, headline_for, shown_handling
from hotspot.findings.near_repeats import EXTRA_COLUMNS, NearRepeatSettings, near_repeats, seen_by
from hotspot.findings.performance_shown import board_hides_months
from hotspot.findings.rates_per import rates_finding, shown_rates
from hotspot.findings.selected import select
from hotspot.findings.shown_density import shown_density
from hotspot.methods.rates_per import rates_per
from hotspot.methods.repeats import wilson
from hotspot.offences.store import EVERYTHING
from hotspot.period import Period
from hotspot.ui import overview


@pytest.fixture(scope="module")
def store(tmp_path_factory):
    lone = [row for place in range(3) for row in several(1, f"lone{place}", (405_000 + 900 * place, 291_000), "2024-05-01 10:00")]
    rows = [*several(40, "w", IN_WEST, "2024-05-01 10:00"), *several(12, "e", IN_EAST, "2024-05-02 10:00"), *lone]
    rows += several(2, "nowhere", None, "2024-05-01 10:00", lpa="Westley")
    return small_store(tmp_path_factory.mktemp("holes"), rows)


@pytest.mark.parametrize("kernel", ["quartic", "gaussian"])
def test_a_density_map_for_the_public_has_no_colour_where_a_lone_offence_lies(store, kernel):
    settings = DensitySettings(bandwidth=300.0 if kernel == "quartic" else 106.0, cell_size=50.0, kernel=kernel)
    finding = density_finding(select(store, selection(), scope=EVERYTHING), settings)
    shown = shown_density(finding, audience=PUBLIC).surface
    row, column, _ = shown.grid.cell_of(np.array([405_000.0, 402_000.0]), np.array([291_000.0, 292_000.0]))
    at_lone, at_many = zip(row, column, strict=True)
    assert finding.surface.values[at_lone] > 0 and shown.values[at_lone] == 0
    assert shown.values[at_many] == finding.surface.values[at_many] > 0
    assert shown_density(finding, audience=FORCE) is finding


def test_files_of_hotspots_for_the_public_do_not_tell_how_many_have_no_location(store, tmp_path):
    finding = density_finding(select(store, selection(), scope=EVERYTHING), DensitySettings(bandwidth=300.0))
    write_hotspots(finding, tmp_path / "force.csv")
    write_hotspots(finding, tmp_path / "public.csv", audience=PUBLIC)
    assert "without_location" in (tmp_path / "force.csv").read_text()
    assert not {"without_location", "offences_used"} & set((tmp_path / "public.csv").read_text().splitlines()[0].split(","))


def test_a_rate_is_not_set_against_the_rest_where_the_total_is_hidden(store, tmp_path):
    # 4 + 4 + 0: both under 5 and 8 in all would have one reading alone, so the total is hidden; p of the 0 would tell it.
    rates = rates_per({"Westley": 4, "Eastley": 4, "Mid": 0}, {"Westley": 1_000, "Eastley": 1_000, "Mid": 1_000})
    selected = select(store, selection(), scope=EVERYTHING)
    finding = SimpleNamespace(rates=rates, selected=selected, denominator="households", headline="", subline="")
    shown, total, _, _ = shown_rates(finding, audience=PUBLIC)
    visible = next(one for one in shown if not one.is_hidden)
    assert (visible.row.area, total, visible.is_rest_told) == ("Mid", "hidden", False)
    assert all(one.is_rest_told for one in shown_rates(finding, audience=FORCE)[0])


def test_a_share_that_holds_few_more_than_the_one_before_is_left_out():
    def row(share, held, method="density"):
        nothing = dict.fromkeys(("hit_rate", "pai", "pei", "low", "high", "difference", "difference_low", "difference_high"), 0.0)
        return AccuracyRow(method=method, area_share=share, held=held, judged=100.0, verdict="", **nothing)

    rows = [row(0.01, 10.0), row(0.02, 12.5), row(0.05, 16.0), row(0.01, 96.0, "other")]
    shown = [(one.method, one.area_share) for one in shown_rows(rows, audience=PUBLIC)]
    assert shown == [("density", 0.01), ("density", 0.05)]
    assert shown_rows(rows, audience=FORCE) == tuple(rows)


def test_files_of_neither_kind_are_a_count_too():
    def handling(area, offences, filed, still_open):
        nothing = (math.nan,) * 3
        return Handling(area, offences, filed, nothing, still_open, nothing, wilson(0, 0))

    areas = (handling("A", 30, 20, 8), handling("B", 40, 20, 20), handling("C", 60, 30, 30))
    finding = SimpleNamespace(areas=areas, total=handling("All", 130, 70, 58), selected=SimpleNamespace(selection=selection()))
    rows = shown_handling(finding, audience=PUBLIC)
    assert rows[0].offences == "hidden"  # 30 files less 20 filed less 8 open: 2
    assert sum(one.offences == "hidden" for one in rows) >= 2


def test_the_public_is_told_nothing_of_officers_in_a_headline(tmp_path):
    rows = [file_row(f"{n}", "2024-05-01", officer_ref=f"OFFICER-{n % 3}", premises_ref="PREMISES-1") for n in range(6)]
    fields = ("offence_id", "crime_description", "committed_from", "reported", "x", "y", "officer_ref", "premises_ref")
    finding = investigation_finding(board_store(tmp_path, rows, fields=fields), board_selection(), scope=EVERYTHING)
    assert "officers" in headline_for(finding, audience=FORCE)
    assert headline_for(finding, audience=PUBLIC) == PLAIN_HEADLINE


def test_a_share_is_hidden_where_few_of_all_offences_are_left_out_of_it():
    share = {"count": 20, "of": 97, "share": 20 / 97, "low": 0.1, "high": 0.3}
    counts = dict.fromkeys(("with_reference", "without_reference", "without_date", "follow_up_censored", "look_back_censored"), 0)
    left_out = dict.fromkeys(("without_location", "location_unusable", "outside_lpas"), 0)
    document = {"times": [], "course": [], "followed": share, "repeats": share | {"of": 100}, "count": 100, "offences": 100}
    document |= (
        counts | left_out | {"generalised_gini": 0.1, "targets": [], "notes": [], "headline": "h", "subline": "s", "forward": "f"}
    )
    finding = SimpleNamespace(times=(), result=SimpleNamespace(times=np.array([1])))
    told = public.repeats(document, finding)
    assert told["followed"]["of"] is None and told["forward"] is None
    assert told["repeats"]["of"] == 100


BARS = """
import numpy as np
from types import SimpleNamespace
from hotspot.findings.repeats import TimesCount
from hotspot.ui import repeats
times = (TimesCount(2, "2 times", 20, 5.0), TimesCount(3, "3 times", 2, 1.0), TimesCount(4, "4 or more", 40, 1.0))
repeats.times(SimpleNamespace(times=times, result=SimpleNamespace(times=np.array([1]))), "public")
"""
TREND = """
import pandas as pd
from hotspot.ui import overview
months = pd.DataFrame({"month": ["2024-04-01", "2024-05-01"], "offences": [20, 30], "group": ["Burglary"] * 2})
overview.trend(None, months, ("Burglary",), "public", hidden=True)
"""


def drawn(script):
    page = AppTest.from_string(script, default_timeout=30).run()
    assert not page.exception
    return html.unescape(" ".join(element.proto.body for element in page.get("html")))


def test_no_bar_is_as_long_as_a_hidden_count_makes_it():
    body = drawn(BARS)
    assert body.count("hidden, by chance") == 3 and "20," not in body
    assert [part.split("%")[0] for part in body.split('<i style="width:')[1:]] == ["0.0", "0.0", "0.0"]


def test_months_are_not_drawn_where_they_add_up_to_a_hidden_count():
    assert drawn(TREND).count(COUNTS_HIDDEN) == 1


def test_the_rates_file_of_a_hidden_total_has_no_q(tmp_path, store):
    described = replace(store.force, premises={"Westley": 1_000, "Eastley": 1_000}, premises_source="invented")
    selected = replace(select(store, selection(), scope=EVERYTHING), force=described)
    finding = rates_finding(selected)
    rates = rates_per({"Westley": 4, "Eastley": 4}, {"Westley": 1_000, "Eastley": 1_000})
    write_rates(replace(finding, rates=rates), PUBLIC, tmp_path / "rates.csv")
    text = (tmp_path / "rates.csv").read_text()
    assert "<5" in text
    assert np.isnan([float(line.split(",")[8] or "nan") for line in text.splitlines()[1:]]).all()


JUNE = [date(2024, 4, 1), date(2024, 5, 1), date(2024, 6, 1)]


@pytest.mark.parametrize("in_june, hides", [(3, True), (9, False)])
def test_months_are_not_drawn_beside_a_count_whose_period_ends_in_the_midst_of_one(monkeypatch, in_june, hides):
    period, focus = Period(date(2024, 4, 1), date(2024, 6, 16)), SimpleNamespace(name="Burglary")
    row = SimpleNamespace(line=focus, count=20 + in_june, baseline_count=None)
    board = SimpleNamespace(focus=focus, period=period, baseline=None)
    months = SimpleNamespace(start=JUNE, counts=np.array([10.0, 10.0, 40.0]))
    shown = SimpleNamespace(place=[SimpleNamespace(row=row, is_hidden=False)])
    assert board_hides_months(board, shown, months) is hides
    chosen = selection(period=period)
    chart = pd.DataFrame({"month": JUNE, "crime_group": "Burglary", "offences": months.counts})
    alone = SimpleNamespace(count=20.0 + in_june, counts_by_area=lambda: {"Westley": 20.0 + in_june})
    monkeypatch.setattr(overview.cached, "key", lambda: None)
    monkeypatch.setattr(overview.cached, "select", lambda key, chosen: alone)
    assert overview.hides_months(chosen, None, None, chart) is hides
    row = SimpleNamespace(count=20.0 + in_june, baseline_count=0.0)
    compared = SimpleNamespace(selection=chosen, baseline=period.shifted(-12))
    found = SimpleNamespace(hides=False, totals={"Burglary": SimpleNamespace(row=row)})
    assert overview.hides_months(chosen, compared, found, chart) is hides


def test_months_are_not_drawn_where_the_only_count_is_hidden(monkeypatch):
    alone = SimpleNamespace(count=8.0, counts_by_area=lambda: {"Westley": 4.0, "Eastley": 4.0})
    monkeypatch.setattr(overview.cached, "key", lambda: None)
    monkeypatch.setattr(overview.cached, "select", lambda key, chosen: alone)
    chart = pd.DataFrame({"month": JUNE[:1], "crime_group": "Burglary", "offences": [8.0]})
    assert overview.hides_months(selection(), None, None, chart)


def test_nothing_is_told_of_the_pairs_of_under_five_offences(tmp_path):
    rows = [row for n in range(3) for row in several(1, f"n{n}", (401_000 + 900 * n, 291_000), f"2024-05-0{1 + n} 10:00")]
    selected = select(small_store(tmp_path, rows), selection(), scope=EVERYTHING, extra_columns=EXTRA_COLUMNS)
    table = near_repeats(selected, NearRepeatSettings(permutations=19), progress=lambda share, words: None).table
    assert table.n == 3 and not table.observed.any()
    assert seen_by(table, PUBLIC)[1].all() and not seen_by(table, FORCE)[1].any()
