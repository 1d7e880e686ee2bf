"""Rates by area with the clustering of their months: what is estimated, what is said, and what each audience is told."""

import numpy as np
import pytest
from small_store import EAST, IN_EAST, IN_WEST, LPAS, WEST, force_file, offence, selection, several, small_store

from hotspot.boundaries.force_file import load_force
from hotspot.findings.clustering import monthly_series
from hotspot.findings.rates_per import rates_finding, widened_words
from hotspot.findings.selected import select
from hotspot.methods.dispersion import dispersion
from hotspot.offences.store import EVERYTHING, Store
from hotspot.offences.store_changes import changing, commit
from hotspot.period import Period
from hotspot.selection import REPORTED

MONTHS = [f"{2022 + number // 12}-{number % 12 + 1:02d}" for number in range(30)]
BURSTS = {1, 4, 9, 11, 14, 19, 20, 26}
WEST_COUNTS = [20 if number in BURSTS else 3 for number in range(30)]
"""In no season: φ is far over 1."""
PERIOD = Period.parse("2022-01-01..2024-07-01")


@pytest.fixture(scope="module")
def store(tmp_path_factory):
    """Two LPAs with households: 226 offences in bursts in the west, an even 6 a month in the east; some in neither."""
    folder = tmp_path_factory.mktemp("rates")
    rows = [offence("end", IN_EAST, "2024-06-30 12:00", reported="2024-06-30")]
    for number, (month, count) in enumerate(zip(MONTHS, WEST_COUNTS, strict=True)):
        when = f"{month}-01"
        rows += several(count, f"w{number}-", IN_WEST, f"{when} 12:00", reported=when)
        rows += several(6, f"e{number}-", IN_EAST, f"{when} 12:00", reported=when)
    rows += several(2, "o", (409_000, 292_000), "2023-01-05 12:00", reported="2023-01-05")
    rows += several(3, "n", None, "2023-01-05 12:00", reported="2023-01-05")
    made = small_store(folder, rows)
    path = force_file(folder / "households", LPAS)
    path.write_text(path.read_text() + "\n[premises]\nhouseholds = { Westley = 2000, Eastley = 2000 }\n")
    with changing(made.path) as (manifest, change):
        commit(change, manifest.with_force(load_force(path)))
    return Store(made.path)


def found(store, *, with_series=True):
    chosen = selection(period=PERIOD, date_basis=REPORTED)
    series = monthly_series(store, chosen, scope=EVERYTHING, by_area=True) if with_series else None
    return rates_finding(select(store, chosen, scope=EVERYTHING), series=series)


def test_each_area_gets_the_dispersion_of_its_own_months_and_the_rest_of_the_others(store):
    finding = found(store)
    rows = {row.area: row for row in finding.rates.rows}
    months = np.array(MONTHS, dtype="datetime64[M]")
    assert rows[WEST].dispersion.phi == pytest.approx(dispersion(WEST_COUNTS, months=months).phi)
    assert rows[WEST].dispersion.phi > 5 and not rows[EAST].dispersion.is_clustered
    assert rows[WEST].low < rows[WEST].poisson_low and rows[EAST].low == rows[EAST].poisson_low
    # The east is tested against the west: its test allows for the west's clustering, so both sides read alike.
    assert rows[EAST].p_value == pytest.approx(rows[WEST].p_value)
    assert rows[EAST].p_value > rows[EAST].poisson_p_value
    assert "widened by √φ" in finding.family
    assert finding.rates.total.dispersion.is_known


def test_what_bursts_make_above_the_rest_could_be_chance_once_they_are_known(store):
    poisson, widened = found(store, with_series=False), found(store)
    assert {row.reading for row in poisson.rates.rows} == {"above the rest", "below the rest"}
    assert {row.reading for row in widened.rates.rows} == {"could be chance"}
    assert "do not come in clusters" in poisson.family
    assert widened.headline == "No area's rate of burglaries stands above the rest"


def test_the_poisson_interval_stands_beside_the_widened_one_by_name(store):
    finding = found(store)
    (west,) = [row for row in finding.rates.rows if row.area == WEST]
    said = f"{west.poisson_low:.2f} to {west.poisson_high:.2f}"
    assert widened_words(finding.rates.rows) == (
        f"Intervals widened for clustering: {WEST} (φ {west.dispersion.phi:.1f}; Poisson {said})."
    )
    assert widened_words(found(store, with_series=False).rates.rows) == ""


def test_offences_in_no_rate_are_counted_for_the_force(store):
    finding = found(store)
    assert finding.left_off == "In no rate: 2 outside the LPAs and 3 where no location is known."
    assert finding.selected.count == finding.rates.total.count + 5
    assert finding.notes == ()
