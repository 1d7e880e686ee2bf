"""esda's analytic Gi*, binary weights, self included: COUNTS.npy OUT.npy REPEATS → seconds of weights and of Gi* as JSON."""

import json
import statistics
import sys
import time
import warnings

import numpy as np
from esda.getisord import G_Local
from libpysal.weights import lat2W

warnings.simplefilter("ignore")
counts_file, out, repeats = sys.argv[1:]
counts = np.load(counts_file)
start = time.perf_counter()
weights = lat2W(*counts.shape, rook=False)
building = time.perf_counter() - start
seconds = []
for _ in range(int(repeats)):
    start = time.perf_counter()
    found = G_Local(counts.ravel().astype(float), weights, transform="B", star=True, permutations=0)
    seconds.append(time.perf_counter() - start)
np.save(out, np.asarray(found.Zs).reshape(counts.shape))
print(json.dumps([building, statistics.median(seconds)]))
