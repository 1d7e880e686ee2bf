"""scikit-learn's KernelDensity, gaussian, rtol 1e-4: POINTS.npy GRID.json BANDWIDTH OUT.npy REPEATS → seconds as JSON."""

import json
import statistics
import sys
import time
from pathlib import Path

import numpy as np
from sklearn.neighbors import KernelDensity

points, grid_file, bandwidth, out, repeats = sys.argv[1:]
points, grid = np.load(points), json.loads(Path(grid_file).read_text())
x = grid["west"] + (np.arange(grid["columns"]) + 0.5) * grid["cell_size"]
y = grid["north"] - (np.arange(grid["rows"]) + 0.5) * grid["cell_size"]
at = np.stack([axis.ravel() for axis in np.meshgrid(x, y)], axis=1)
seconds = []
for _ in range(int(repeats)):
    start = time.perf_counter()
    found = np.exp(KernelDensity(bandwidth=float(bandwidth), kernel="gaussian", rtol=1e-4).fit(points).score_samples(at))
    seconds.append(time.perf_counter() - start)
np.save(out, found.reshape(grid["rows"], grid["columns"]) * len(points) * 1e6)
print(json.dumps(statistics.median(seconds)))
