"""The changes planted in the demo data are found again, with the dispersion of the demo's own months."""

import numpy as np
import pandas as pd
import pytest

from hotspot.methods.change import compare
from hotspot.methods.dispersion import dispersions
from hotspot.offences import demo as demo_data

VEHICLE = ["Theft of a vehicle", "Theft from a vehicle", "Vehicle interference"]
ROBBERY = ["Personal robbery", "Business robbery"]
FORCE_WIDE = {
    "robbery": (ROBBERY, -0.12),
    "residential burglary": (["Residential burglary"], -0.16),
    "theft from the person": (["Theft from the person"], -0.25),
    "vehicle crime": (VEHICLE, -0.06),
}


@pytest.fixture(scope="module")
def demo():
    return demo_data.generate(scale=0.5)


@pytest.fixture(scope="module")
def offences(demo):
    return demo.extract.drop_duplicates("Crime Number")


def changes(demo, offences, types):
    """Compare the LPAs as the product does: monthly series, dispersion, one family."""
    chosen = offences[offences["Offence Description"].isin(types) & offences["LPA"].notna()]
    months = np.arange("2022-04", "2024-10", dtype="datetime64[M]")
    month = chosen["Reported Date"].to_numpy("datetime64[M]")
    counts = pd.crosstab(chosen["LPA"], month).reindex(columns=months.astype("datetime64[s]"), fill_value=0)
    now, before = demo.parameters.year_to_date, demo.parameters.baseline
    compared = [(np.datetime64(one.start), np.datetime64(one.end)) for one in (now, before)]
    found = dispersions(np.vstack([counts, counts.sum()]), months=months, compared=compared)
    held = [((months >= np.datetime64(one.start)) & (months < np.datetime64(one.end))) for one in (now, before)]
    return compare(
        list(counts.index),
        *(counts.loc[:, one].sum(axis=1).tolist() for one in held),
        days=now.days,
        baseline_days=before.days,
        family="7 areas",
        dispersions=[found[place] for place in range(len(counts))],
        total_dispersion=found[len(counts)],
    )


def test_planted_changes_of_single_lpas_lie_in_their_intervals_and_stand_out(demo, offences):
    assert {one.lpa for one in demo.parameters.lpa_changes} == {"Walsall", "Coventry", "Birmingham"}
    for planted in demo.parameters.lpa_changes:
        table = changes(demo, offences, planted.types)
        row = next(row for row in table.rows if row.area == planted.lpa)
        assert row.ratio_low <= 1 + planted.change <= row.ratio_high
        assert row.verdict == ("rose" if planted.change > 0 else "fell")
        assert row.dispersion.months == 30


@pytest.mark.parametrize("name", FORCE_WIDE)
def test_changes_of_the_whole_force_lie_in_their_intervals(demo, offences, name):
    types, change = FORCE_WIDE[name]
    total = changes(demo, offences, types).total
    assert total.ratio_low <= 1 + change <= total.ratio_high
    assert total.verdict in ("fell", "little change")


def test_the_demo_has_repeats_and_near_repeats_but_months_nearly_as_even_as_poissons(demo, offences):
    # Chains of a few offences among thousands: φ of an LPA stays near 1, whatever trend, season and planted change.
    known = [row.dispersion.phi for types, _ in FORCE_WIDE.values() for row in changes(demo, offences, types).rows]
    assert 0.8 < np.nanmean(known) < 1.5
