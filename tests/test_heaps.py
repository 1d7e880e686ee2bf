"""Memory that is freed goes back to the machine."""

import json
import subprocess
import sys

import pytest

from hotspot.paths import ROOT

FREED = """
import json
from hotspot.ui import heaps

def taken():
    return int(open("/proc/self/statm").read().split()[1]) * 4096 / 1e6

heaps.share()
import numpy as np
before = taken()
pieces = [np.ones(4_000) for _ in range(5_000)]  # 160 MB
kept = pieces[::50]
full, pieces = taken(), None
freed = taken()
heaps.give_back()
print(json.dumps([before, full, freed, taken()]))
"""


@pytest.mark.skipif(sys.platform != "linux", reason="the C library of Linux alone keeps freed memory so")
def test_what_is_freed_between_pieces_in_use_is_given_back():
    told = subprocess.run([sys.executable, "-c", FREED], cwd=ROOT, capture_output=True, check=True)
    before, full, freed, given_back = json.loads(told.stdout)
    assert full - before > 150
    assert freed - before > 100, "the C library gave it back by itself: nothing is tested"
    assert given_back - before < 20
