"""The real month of January 2014: each page's method shows a true result or says in a sentence why there is none."""

from datetime import date

import numpy as np
import pytest
import shapely

from hotspot.errors import NotKnowable
from hotspot.findings import when
from hotspot.findings.concentration import CELL, concentration_finding
from hotspot.findings.selected import select
from hotspot.findings.when_series import series_finding
from hotspot.offences.load import import_sources
from hotspot.offences.store import EVERYTHING, Store
from hotspot.period import Period
from hotspot.selection import MONTH, Selection

SELECTION = Selection("police.uk", "West Midlands", "Burglary", Period(date(2014, 1, 1), date(2014, 2, 1)), date_basis=MONTH)


@pytest.fixture(scope="module")
def store(shared_data, tmp_path_factory):
    folder = tmp_path_factory.mktemp("real") / "store"
    import_sources([shared_data / "police-uk" / "2014-01"], store=folder, today=date(2026, 1, 1))
    return Store(folder)


def test_hours_are_refused_and_the_month_is_counted(store):
    with pytest.raises(NotKnowable, match="its hour and its day of the week are not known"):
        when.hours_finding(select(store, SELECTION, scope=EVERYTHING, extra_columns=when.COLUMNS))
    finding = series_finding(store, SELECTION, scope=EVERYTHING)
    assert finding.months.counts.tolist() == [2_169]
    assert finding.weeks is None
    assert finding.headline == "Too few months to say what is usual"


def test_cells_of_two_kilometres_agree_with_counting_squares_one_by_one(store):
    selected = select(store, SELECTION, scope=EVERYTHING)
    located = selected.located_inside
    x, y = (located[name].to_numpy(dtype=float) for name in ("x", "y"))
    inside = shapely.contains_xy(selected.area, x, y)
    squares = {}
    west, south, east, north = (int(edge // 2_000) for edge in selected.area.bounds)
    for column in range(west, east + 1):
        for row in range(south, north + 1):
            square = shapely.box(column * 2_000, row * 2_000, (column + 1) * 2_000, (row + 1) * 2_000)
            if shapely.intersection(square, selected.area).area > 0:
                squares[column, row] = 0
    for place in zip((x[inside] // 2_000).astype(int), (y[inside] // 2_000).astype(int), strict=True):
        squares[place] += 1
    counts = np.array(list(squares.values()))
    finding = concentration_finding(store, SELECTION, by=CELL, cell_size=2_000, scope=EVERYTHING)
    assert (finding.offences, finding.hit, finding.places) == (counts.sum(), (counts > 0).sum(), len(counts))
    by_pairs = np.abs(counts[:, None] - counts[None, :]).mean() / (2 * counts.mean())
    assert finding.gini == pytest.approx(by_pairs)
    assert finding.gini > finding.baseline.gini_high
