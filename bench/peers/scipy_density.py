"""scipy's gaussian_kde with a round kernel: POINTS.npy GRID.json BANDWIDTH OUT.npy REPEATS → seconds as JSON."""

import json
import statistics
import sys
import time
from pathlib import Path

import numpy as np
from scipy.stats import gaussian_kde

points, grid_file, bandwidth, out, repeats = sys.argv[1:]
points, grid, deviation = np.load(points), json.loads(Path(grid_file).read_text()), float(bandwidth)


class Round(gaussian_kde):
    """By itself the kernel takes the shape of the data's covariance."""

    def _compute_covariance(self):
        self.factor = 1.0
        self._data_covariance, self._data_cho_cov = np.eye(2), np.eye(2)
        self.covariance, self.cho_cov = np.eye(2) * deviation**2, np.eye(2) * deviation
        self.log_det = 2 * np.log(2 * np.pi * deviation**2)


x = grid["west"] + (np.arange(grid["columns"]) + 0.5) * grid["cell_size"]
y = grid["north"] - (np.arange(grid["rows"]) + 0.5) * grid["cell_size"]
at = np.stack([axis.ravel() for axis in np.meshgrid(x, y)])
seconds = []
for _ in range(int(repeats)):
    start = time.perf_counter()
    found = Round(points.T)(at)
    seconds.append(time.perf_counter() - start)
np.save(out, found.reshape(grid["rows"], grid["columns"]) * len(points) * 1e6)
print(json.dumps(statistics.median(seconds)))
