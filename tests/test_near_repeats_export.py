"""The file of a Knox table: one row for each band, with what was counted; nothing of a hidden band for the public."""

import pandas as pd
import pytest
from small_store import IN_WEST, offence, selection, small_store

from hotspot.export.knox import write_knox
from hotspot.findings.near_repeats import EXTRA_COLUMNS, NearRepeatSettings, near_repeats
from hotspot.findings.selected import select
from hotspot.offences.store import EVERYTHING

X, Y = IN_WEST


@pytest.fixture(scope="module")
def found(tmp_path_factory):
    """Twelve offences in a row, 10 m and a day apart: eleven pairs at 10 m, three at 90 m."""
    rows = [offence(f"S{day}", (X + 10 * day, Y), f"2024-05-{day + 1:02d} 12:00") for day in range(12)]
    selected = select(
        small_store(tmp_path_factory.mktemp("near"), rows), selection(), scope=EVERYTHING, extra_columns=EXTRA_COLUMNS
    )
    settings = NearRepeatSettings((0.0, 15.0, 85.0, 95.0), (0.0, 2.0, 7.0, 10.0), permutations=9)
    return near_repeats(selected, settings, progress=lambda share, sentence: None), selected


def written(found, audience, tmp_path):
    write_knox(*found, audience, tmp_path / "table.csv")
    return pd.read_csv(tmp_path / "table.csv")


def test_each_band_is_a_row_with_its_counts_and_how_it_was_made(found, tmp_path):
    table = written(found, "force", tmp_path)
    assert len(table) == 9
    first = table.iloc[0]
    assert (first["distance"], first["from_metres"], first["to_metres"], first["days"]) == ("0 to 15 m", 0, 15, "0–1 days")
    assert first["observed"] == 11
    assert first["expected"] == pytest.approx(11 * 11 / 66)
    assert first["method"] == "Knox test, euclidean distance"
    assert (first["permutations"], first["seed"], first["offences_used"]) == (9, 1, 12)
    assert first["family"] == "9 bands of distance and time were tested together (Benjamini–Hochberg)."


def test_the_public_file_holds_no_pairs_under_five_and_no_number_of_offences(found, tmp_path):
    table = written(found, "public", tmp_path)
    hidden = table["observed"] == "hidden"
    assert 0 < hidden.sum() < len(table)
    counts = table.loc[~hidden, "observed"].astype(int)
    assert ((counts == 0) | (counts >= 5)).all()
    assert table.loc[hidden, ["ratio", "p_value", "q_value"]].isna().all(axis=None)
    assert not {"offences_used", "without_location", "left_out"} & set(table.columns)
