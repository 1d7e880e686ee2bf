"""Memory that is freed goes back to the machine."""

import json
import subprocess
import sys
import threading

import pytest

from hotspot.paths import ROOT
from hotspot.ui import heaps

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


def test_it_is_given_back_once_in_a_while_however_many_ask(monkeypatch):
    given_back = []
    monkeypatch.setattr(heaps, "_function", lambda name: given_back.append)
    monkeypatch.setattr(heaps, "_turn", heaps._Turn(3_600))
    many = [threading.Thread(target=heaps.give_back) for _ in range(8)]
    for one in many:
        one.start()
    for one in many:
        one.join()
    assert len(given_back) == 1
    monkeypatch.setattr(heaps, "_turn", heaps._Turn(0))
    heaps.give_back()
    heaps.give_back()
    assert len(given_back) == 3
