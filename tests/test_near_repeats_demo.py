"""The near repeats planted in the demo data are found where they were planted, and nowhere else."""

import numpy as np
import pandas as pd
import pytest

from hotspot.methods.knox import knox
from hotspot.offences import demo

DISTANCES, TIMES = (0, 100, 200, 1_000, 2_000), (0, 7, 14, 60, 90)
"""Planted: distances decay within 400 m (mean 110 to 130), gaps within 60 days (mean 9 to 12)."""


@pytest.fixture(scope="module")
def offences():
    extract = demo.generate(scale=0.1).extract.drop_duplicates("Crime Number")
    return extract[extract["Easting"] > 0]


def table_of(offences, kind):
    chosen = offences[offences["Offence Description"] == kind]
    premises = pd.factorize(chosen["UPRN"])[0] if chosen["UPRN"].notna().any() else None
    day = chosen["Committed From"].to_numpy("datetime64[D]").astype(np.int64)
    return knox(chosen["Easting"], chosen["Northing"], day, distance_edges=DISTANCES, time_edges=TIMES, premises=premises, seed=1)


@pytest.mark.parametrize("kind", ["Residential burglary", "Theft from a vehicle"])
def test_planted_near_repeats_stand_near_and_soon_and_not_far_or_late(offences, kind):
    table = table_of(offences, kind)
    near = table.ratio[table.same_premises :]
    stands = table.stands[table.same_premises :]
    assert stands[:2, :2].all()
    assert not stands[2:].any()
    assert not stands[:, 3].any()
    # It decays with distance and with time.
    assert (np.diff(near[:3, 0]) < 0).all()
    assert near[0, :2].min() > near[0, 2] > near[0, 3]
    assert near[0, 0] > 3


def test_same_premises_stand_most_of_all_where_repeats_were_planted(offences):
    table = table_of(offences, "Residential burglary")
    assert table.distance_labels[0] == "Same premises"
    assert table.stands[0, :3].all()


def test_nothing_stands_where_nothing_was_planted(offences):
    table = table_of(offences, "Theft of a vehicle")
    assert not table.stands.any()
    assert table.ratio[:, 0] == pytest.approx(np.ones(4), abs=0.35)
