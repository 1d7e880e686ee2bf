"""Charts of Performance, Evaluation and Accuracy: events are marked on their months, and no name of a legend is cut."""

import json
import math
from datetime import date
from types import SimpleNamespace

import numpy as np
import pytest
from small_store import selection

from hotspot.findings.accuracy_words import METHOD_WORDS, AccuracyRow
from hotspot.findings.events import Mark, Marks
from hotspot.findings.performance import MonthRate
from hotspot.methods.outcomes import cohort_rate
from hotspot.period import Period
from hotspot.ui import accuracy_charts, evaluation_charts, performance_charts

PILOT = Mark(date(2024, 2, 10), "Pilot starts", "Pilot starts (Coventry)")
BEFORE, AFTER = Period(date(2024, 1, 1), date(2024, 3, 1)), Period(date(2024, 3, 1), date(2024, 5, 1))


@pytest.fixture
def drawn(monkeypatch):
    """Collect what the charts would show, as Vega-Lite."""
    kept = []
    for module in (performance_charts, evaluation_charts, accuracy_charts):
        monkeypatch.setattr(module, "show", lambda chart, *, height, says, figures=None: kept.append((chart.to_dict(), height)))
    return kept


def words_of(chart):
    return {row["word"] for rows in chart["datasets"].values() for row in rows if "word" in row}


def test_outcome_rates_by_month_carry_the_events_above_the_highest_interval(drawn):
    months = tuple(MonthRate(date(2024, month, 1), cohort_rate(8, 20), month > 3) for month in (1, 2, 3, 4))
    performance_charts.outcomes_by_month(months, (PILOT,), height=130)
    performance_charts.outcomes_by_month(months, height=130)
    (marked, tall), (plain, usual) = drawn
    assert words_of(marked) == {"Pilot starts"}
    assert words_of(plain) == set()
    assert tall > usual
    assert "Pilot starts (Coventry)" in json.dumps(marked)


def test_an_evaluation_marks_its_start_and_the_events_around_it(drawn, monkeypatch):
    told = []
    monkeypatch.setattr(evaluation_charts.events, "marks", lambda chosen, *, groups: Marks((PILOT,), ()))
    monkeypatch.setattr(evaluation_charts.events, "told", lambda found, first, last: told.append(found.sentence(first, last)))
    evaluation_charts.both_series(
        SimpleNamespace(
            months=np.array(["2024-01", "2024-02", "2024-03", "2024-04"], dtype="datetime64[M]"),
            treated=SimpleNamespace(monthly=np.array([30.0, 28, 20, 18])),
            comparison=SimpleNamespace(monthly=np.array([60.0, 62, 61, 58]), counts=SimpleNamespace(area_weight=0.5)),
            before=BEFORE,
            after=AFTER,
            settings=SimpleNamespace(start=AFTER.start),
            selected=SimpleNamespace(selection=selection()),
        )
    )
    assert words_of(drawn[0][0]) == {"start", "Pilot starts"}
    assert told == ["Marked: 10 February 2024: Pilot starts (Coventry)."]


def test_the_legend_of_accuracy_has_three_names_to_a_line(drawn):
    def row(method, share):
        return AccuracyRow(method, share, 10, 100, 0.1, 5.0, 0.5, 0.08, 0.12, math.nan, math.nan, math.nan, "")

    rows = tuple(row(method, share) for method in METHOD_WORDS for share in (0.01, 0.05))
    accuracy_charts.curve(rows[:12], share=0.01)
    legends = [layer["encoding"]["color"]["legend"] for layer in drawn[0][0]["layer"] if "color" in layer["encoding"]]
    assert legends and all(one["columns"] == 3 for one in legends)
