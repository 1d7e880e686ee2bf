"""The file of a back-test: a row for each method and share, nothing of small counts outside the force."""

from datetime import date

import pandas as pd
import pytest
from small_store import IN_EAST, IN_WEST, offence, selection, several, small_store

from hotspot.export.accuracy import write_accuracy
from hotspot.findings.accuracy import accuracy_finding
from hotspot.findings.audience import FORCE, PUBLIC
from hotspot.findings.backtest_settings import BacktestSettings
from hotspot.findings.selected import select
from hotspot.methods.backtest import Fold
from hotspot.offences.store import EVERYTHING
from hotspot.period import Period

APRIL, MAY = Period(date(2024, 4, 1), date(2024, 5, 1)), Period(date(2024, 5, 1), date(2024, 6, 1))


@pytest.fixture(scope="module")
def judged(tmp_path_factory):
    """April in Westley alone; May with thirty there and three in Eastley."""
    rows = [
        *several(20, "a", IN_WEST, "2024-04-10 12:00"),
        *several(30, "b", IN_WEST),
        *several(3, "c", IN_EAST, "2024-05-20 12:00"),
        offence("last", IN_EAST, "2024-05-31 12:00", kind="Robbery"),
    ]
    store = small_store(tmp_path_factory.mktemp("export"), rows)
    chosen = selection(period=MAY)
    wanted = BacktestSettings(fold=Fold(APRIL, MAY), methods=("density",), cell_size=500.0, resamples=99)
    finding = accuracy_finding(store.path, chosen, wanted, scope=EVERYTHING, progress=lambda share, words: None)
    return finding, select(store, chosen, scope=EVERYTHING)


def written(judged, audience, folder):
    path = folder / f"{audience}.csv"
    write_accuracy(*judged, audience, path)
    return pd.read_csv(path)


def test_the_force_gets_every_row_with_its_design_and_data(judged, tmp_path):
    table = written(judged, FORCE, tmp_path)
    assert len(table) == 3 * 6
    assert set(table["design"]) == {"Judged: May 2024, on maps made from April 2024 alone."}
    assert set(table["interval"]) == {
        "No interval: it comes from resampling whole weeks, and four were judged; at least six are needed."
    }
    last = table[(table["method"] == "last-period") & (table["area_share"] == 0.02)].iloc[0]
    assert last["held"] == pytest.approx(30 + 3 * (0.02 * 128 - 1) / 127)
    assert set(table["offences_used"]) == {33}


def test_the_public_gets_no_row_whose_rest_is_under_five(judged, tmp_path):
    table = written(judged, PUBLIC, tmp_path)
    maps = table[table["method"] != "uniform"]
    assert ((maps["held"] >= 5) & (maps["judged"] - maps["held"] >= 5)).all()
    assert "offences_used" not in table
