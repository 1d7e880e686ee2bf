"""A hostile reader: he has every table of one export, knows how they add up, and solves for what is hidden (milp)."""

from __future__ import annotations

import math
from collections.abc import Hashable, Iterable, Sequence

import numpy as np
from scipy.optimize import Bounds, LinearConstraint, milp
from scipy.sparse import coo_array

LEAST_VALUES = 2
"""So many values at least must be possible for whatever is hidden."""
MOST = 100_000
"""No count is larger, as far as the reader knows."""


class Attack:
    """Counts that are told, hidden, or known to lie in a range, and how they hang together."""

    def __init__(self) -> None:
        self.number: dict[Hashable, int] = {}
        self.low: list[float] = []
        self.high: list[float] = []
        self.rows: list[tuple[dict[int, float], float, float]] = []
        self.hidden: set[Hashable] = set()

    def variable(self, name: Hashable) -> int:
        if name not in self.number:
            self.number[name] = len(self.low)
            self.low.append(0)
            self.high.append(MOST)
        return self.number[name]

    def read(self, name: Hashable, text: object, *, least_hidden: int = 1) -> None:
        """Take in one cell: a number, '<5', or 'hidden', which is not 0 where 0 is always told."""
        place = self.variable(name)
        if text in ("<5", "hidden"):
            self.hidden.add(name)
            low, high = (1, 4) if text == "<5" else (least_hidden, MOST)
        else:
            low = high = float(str(text).replace(",", ""))
        self.low[place], self.high[place] = max(self.low[place], low), min(self.high[place], high)

    def adds_up(self, total: Hashable, parts: Iterable[Hashable], *, at_most: bool = False) -> None:
        """The parts are the total, or (``at_most``) a part of it."""
        coefficients = {self.variable(part): 1.0 for part in parts} | {self.variable(total): -1.0}
        self.rows.append((coefficients, -math.inf if at_most else 0.0, 0.0))

    def ratio(self, above: Hashable, below: Hashable, value: float, *, times: float = 1.0, rounding: float = 1e-9) -> None:
        """``times`` · above / below is the value, within its rounding."""
        a, b = self.variable(above), self.variable(below)
        self.rows.append(({a: times, b: -(value - rounding)}, 0.0, math.inf))
        self.rows.append(({a: times, b: -(value + rounding)}, -math.inf, 0.0))

    def determined(self, *, seed: int = 1) -> set[Hashable]:
        """Name what is hidden and can have fewer than ``LEAST_VALUES`` values."""
        left, random = set(self.hidden), np.random.default_rng(seed)
        seen = {name: set() for name in left}
        for _ in range(8):  # many at once: whoever differs between two tables that are possible is not determined
            if not left:
                break
            ordered = sorted(left, key=self.number.__getitem__)
            self._note(seen, self._solve(dict(zip(ordered, random.choice([-1.0, 1.0], len(ordered)), strict=True))))
            left = {name for name in left if len(seen[name]) < LEAST_VALUES}
        for name in left:
            for direction in (1.0, -1.0):
                self._note(seen, self._solve({name: direction}))
        return {name for name in left if len(seen[name]) < LEAST_VALUES}

    def _note(self, seen: dict[Hashable, set[int]], values: Sequence[float]) -> None:
        for name in seen:
            seen[name].add(round(values[self.number[name]]))

    def _solve(self, goal: dict[Hashable, float]) -> Sequence[float]:
        size = len(self.low)
        objective = np.zeros(size)
        for name, direction in goal.items():
            objective[self.number[name]] = direction
        entries = [(row, column, value) for row, (held, _, _) in enumerate(self.rows) for column, value in held.items()]
        row, column, value = zip(*entries, strict=True) if entries else ((), (), ())
        matrix = coo_array((value, (row, column)), shape=(len(self.rows), size)).tocsr()
        limits = LinearConstraint(matrix, [low for _, low, _ in self.rows], [high for _, _, high in self.rows])
        bounds = Bounds(np.array(self.low), np.array(self.high))
        found = milp(objective, constraints=limits if self.rows else (), bounds=bounds, integrality=np.ones(size))
        assert found.success, f"the tables contradict each other: {found.message}"
        return found.x
