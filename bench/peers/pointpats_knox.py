"""pointpats' Knox test of one pair of bands, 999 permutations: EVENTS.npy (x, y, day) DISTANCE DAYS REPEATS → seconds as JSON."""

import json
import statistics
import sys
import time

import numpy as np
from pointpats import knox

events, distance, days, repeats = sys.argv[1:]
events = np.load(events)
seconds = []
for _ in range(int(repeats)):
    start = time.perf_counter()
    knox(events[:, :2], events[:, 2].reshape(-1, 1), float(distance), float(days), permutations=999)
    seconds.append(time.perf_counter() - start)
print(json.dumps(statistics.median(seconds)))
