"""KDEpy's FFTKDE: POINTS.npy GRID.json KERNEL BANDWIDTH OUT.npy REPEATS → seconds as JSON."""

import json
import statistics
import sys
import time
from pathlib import Path

import numpy as np
from KDEpy import FFTKDE

points, grid_file, kernel, bandwidth, out, repeats = sys.argv[1:]
points, grid, bandwidth = np.load(points), json.loads(Path(grid_file).read_text()), float(bandwidth)
# A unit of the grid's cell: in metres its gaussian loses 6 % of its mass. Its bandwidth is a standard deviation per axis.
unit = grid["cell_size"]
deviation = bandwidth / unit / (7**0.5 if kernel == "quartic" else 1.0)
west, south = grid["west"] / unit + 0.5, grid["north"] / unit - grid["rows"] + 0.5
# Every point must lie within the grid's centres: one cell more on each side.
x = west - 1 + np.arange(grid["columns"] + 2)
y = south - 1 + np.arange(grid["rows"] + 2)
at = np.stack([axis.ravel() for axis in np.meshgrid(x, y, indexing="ij")], axis=1)
name = {"quartic": "biweight", "gaussian": "gaussian"}[kernel]
seconds = []
for _ in range(int(repeats) + 1):
    start = time.perf_counter()
    found = FFTKDE(kernel=name, bw=deviation, norm=2).fit(points / unit).evaluate(at)
    seconds.append(time.perf_counter() - start)
surface = found.reshape(len(x), len(y)).T[::-1][1:-1, 1:-1] * len(points) / (unit / 1000) ** 2
np.save(out, surface)
print(json.dumps(statistics.median(seconds[1:])))
