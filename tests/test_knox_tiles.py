"""Near pairs found tile by tile: the same table for any tiles, memory that is kept to, and a test that can be stopped."""

import re
import subprocess
import sys

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from test_knox_properties import CASE, TABLE, brute_force, compiled_loops, offences, table_of

from hotspot import paths
from hotspot.errors import BadInput
from hotspot.methods import knox as module
from hotspot.methods.knox import knox
from hotspot.methods.knox_passes import Plan, planned
from hotspot.methods.near_pairs import candidates, in_order, in_tiles


def tiled(case, *, most, columns, permutations, **bands):
    """Force tiles of so many candidates and so many shuffles side by side."""

    def plan(ordered, **_):
        return Plan(columns, tuple(in_tiles(ordered, most=most)))

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(module, "planned", plan)
        return table_of(case, permutations=permutations, seed=5, **bands)


@pytest.mark.parametrize("compiled_from", [0, 10**9])
@settings(max_examples=25, deadline=None)
@given(most=st.integers(1, 60), columns=st.integers(1, 140), permutations=st.sampled_from([1, 20, 150]), **CASE)
def test_any_tiles_and_any_width_of_a_pass_give_the_same_table(compiled_from, most, columns, permutations, case, **bands):
    """The same counts and the same p to the last bit, and the pairs of looking at every pair."""
    compiled_loops()
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(module, "COMPILED_FROM", compiled_from)
        whole = table_of(case, permutations=permutations, seed=5, **bands)
        in_parts = tiled(case, most=most, columns=columns, permutations=permutations, **bands)
    assert all(getattr(whole, name).tobytes() == getattr(in_parts, name).tobytes() for name in TABLE)
    observed, n_s, _ = brute_force(case, in_parts)
    assert (in_parts.observed.tolist(), in_parts.n_s.tolist()) == (observed.tolist(), n_s.tolist())


@given(case=offences(), reach=st.sampled_from([1.0, 35.0, 500.0]), most=st.integers(1, 400))
def test_tiles_hold_every_offence_once_in_order_and_no_more_candidates_than_said(case, reach, most):
    ordered = in_order(*case[:3], premises=case[3], reach=reach)
    tiles, held = in_tiles(ordered, most=most), candidates(ordered)
    assert [number for tile in tiles for number in tile] == list(range(len(held)))
    assert all(held[tile].sum() <= most or len(tile) == 1 for tile in tiles)


def dense(count, *, seed=2, side=3_000):
    random = np.random.default_rng(seed)
    return *random.uniform(0, side, (2, count)), random.integers(0, 365, count)


def test_less_memory_gives_smaller_tiles_and_the_same_table():
    compiled_loops()
    x, y, day = dense(12_000)
    bands = {"distance_edges": (0, 200, 400), "time_edges": (0, 7, 28), "permutations": 40}
    ordered = in_order(x, y, day, premises=None, reach=400.0)
    assert len(planned(ordered, permutations=40, memory=1_024).tiles) == 1
    assert len(planned(ordered, permutations=40, memory=32).tiles) > 2
    roomy, tight = knox(x, y, day, **bands), knox(x, y, day, memory=32, **bands)
    assert all(getattr(roomy, name).tobytes() == getattr(tight, name).tobytes() for name in TABLE)


def test_a_limit_too_small_for_the_least_of_work_is_refused_with_the_least_that_is_enough():
    x, y, day = dense(12_000)
    bands = {"distance_edges": (0, 400), "time_edges": (0, 7), "permutations": 9}
    with pytest.raises(BadInput, match=r"12,000 offences need at least .* and the limit is 5 MB") as refused:
        knox(x, y, day, memory=5, **bands)
    least = int(re.search(r"at least (\d+) MB", str(refused.value))[1])
    assert knox(x, y, day, memory=least, **bands).n == 12_000
    with pytest.raises(BadInput):
        knox(x, y, day, memory=least - 1, **bands)


MEASURED = """
import re, sys
import numpy as np
from hotspot.methods import compiled
from hotspot.methods.knox import knox
compiled.warm("knox"); compiled.loaded("knox")
random = np.random.default_rng(2)
def run(count, **more):
    x, y, day = *random.uniform(0, 5_000, (2, count)), random.integers(0, 365, count)
    knox(x, y, day, distance_edges=(0, 200, 400), time_edges=(0, 7, 28), **more)
run(1_500, permutations=9)
def peak(): return int(re.search(r"VmHWM:\\s+(\\d+)", open("/proc/self/status").read())[1]) / 1000
before = peak()
run(40_000, permutations=8, memory=float(sys.argv[1]))
print(peak() - before)
"""


@pytest.mark.skipif(not sys.platform.startswith("linux"), reason="the peak of a process is read from /proc")
def test_a_run_keeps_to_its_memory():
    """40,000 offences in 25 km² have 45 million candidates: 360 MB of pairs at once, were they held."""
    compiled_loops()
    taken = subprocess.run([sys.executable, "-c", MEASURED, "60"], cwd=paths.ROOT, capture_output=True, text=True, check=True)
    assert float(taken.stdout) <= 60


class Enough(Exception):
    """A person has seen enough."""


def test_a_run_is_stopped_from_its_progress_and_begins_no_further_tile(monkeypatch):
    begun, tiles = [], []
    find = module.near_pairs

    def plan(ordered, **_):
        tiles.extend(in_tiles(ordered, most=100))
        return Plan(8, tuple(tiles))

    monkeypatch.setattr(module, "planned", plan)
    monkeypatch.setattr(module, "near_pairs", lambda offences, part, **more: begun.append(part) or find(offences, part, **more))

    def stop(share):
        raise Enough

    with pytest.raises(Enough):
        knox(*dense(900), distance_edges=(0, 400), time_edges=(0, 7), permutations=999, progress=stop)
    assert 0 < len(begun) < len(tiles) / 2


def test_progress_grows_tile_by_tile_to_the_whole(monkeypatch):
    monkeypatch.setattr(module, "planned", lambda ordered, **_: Plan(8, tuple(in_tiles(ordered, most=20_000))))
    shares = []
    knox(*dense(900), distance_edges=(0, 400), time_edges=(0, 7), permutations=20, progress=shares.append)
    assert len(shares) > 5 and shares == sorted(shares) and shares[-1] == 1.0
