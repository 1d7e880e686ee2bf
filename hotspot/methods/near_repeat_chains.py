"""Near-repeat labels and chains: which offences lie close to another in space and time, and which hang together.

Two offences are linked where at most so many metres lie between them and at most so many days of the calendar, or
where they are at the same premises within those days. A chain is everything that can be reached from link to link,
except through two positions of one premises over a kilometre apart: one of them is wrong, and would join two towns.
Where offences lie dense, chance alone makes chains; so the chains of the same places with their dates dealt out anew
stand beside those that were found (a permutation test, p = (m + 1)/(R + 1)).

Haberman, C. P. and Ratcliffe, J. H. (2012). The predictive policing challenges of near repeat armed street robberies.
Policing 6(2), 151-166 (chains). Johnson, S. D. et al. (2009). Offender as forager? Journal of Quantitative Criminology
25(2), 181-200 (series in near repeats). Davison, A. C. and Hinkley, D. V. (1997). Bootstrap methods, section 4.2 (p).
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy.sparse import coo_array
from scipy.sparse.csgraph import connected_components
from scipy.spatial import cKDTree

from hotspot.errors import BadInput

ORIGINATOR, REPEAT, NEAR_REPEAT, ISOLATED = "originator", "repeat", "near repeat", "isolated"
LABELS = (ORIGINATOR, REPEAT, NEAR_REPEAT, ISOLATED)
MOST_PAIRS = 20_000_000
"""More pairs within the distance than this are refused: they fill the memory, and such chains span a town."""
MOST_APART = 1_000.0
"""Metres between two positions of one premises; more, and one of them is wrong: the pair joins no chain."""
LARGEST_TOLD = 60
"""Chance is told for chains of at least 2 up to so many offences."""


@dataclass(frozen=True, eq=False)
class ClosePairs:
    """Pairs of offences close in space, whatever their dates: found once, used for every shuffle of the dates."""

    first: NDArray[np.int64]
    second: NDArray[np.int64]
    same_premises: NDArray[np.bool_]
    too_far: NDArray[np.bool_]
    """At one premises, but placed over ``MOST_APART`` and the distance of a link apart: a repeat that joins no chain."""
    offences: int

    def linked(self, moment: NDArray[np.datetime64], *, days: int) -> NDArray[np.bool_]:
        """Say which pairs lie at most so many days of the calendar apart."""
        day = moment.astype("datetime64[D]").astype(np.int64)
        return np.abs(day[self.first] - day[self.second]) <= days

    def components(self, linked: NDArray[np.bool_]) -> NDArray[np.int64]:
        """Number the chains: offences with the same number hang together."""
        joined = linked & ~self.too_far
        first, second = self.first[joined], self.second[joined]
        graph = coo_array((np.ones(len(first), dtype=np.int8), (first, second)), shape=(self.offences, self.offences))
        return connected_components(graph, directed=False)[1].astype(np.int64)


@dataclass(frozen=True, eq=False)
class NearRepeatChains:
    """What each offence is to those around it, and the chains."""

    metres: float
    days: int
    label: NDArray[np.object_]
    """'originator', 'repeat', 'near repeat' or 'isolated', shape (offences,)."""
    chain: NDArray[np.int64]
    """Number of the chain of each offence; an offence by itself is a chain of one."""
    links: int
    """Pairs linked."""
    too_far: int
    """Of them, pairs at one premises whose positions lie too far apart to join a chain."""

    def of_at_least(self, minimum: int) -> tuple[NDArray[np.int64], ...]:
        """List the rows of each chain of so many offences or more, the longest first."""
        order = np.argsort(self.chain, kind="stable")
        ends = np.flatnonzero(np.diff(self.chain[order])) + 1
        found = [rows for rows in np.split(order, ends) if len(rows) >= minimum]
        return tuple(sorted(found, key=lambda rows: (-len(rows), int(rows[0]))))


@dataclass(frozen=True, eq=False)
class ChanceChains:
    """Chains that the same places give when their dates are dealt out anew."""

    counts: NDArray[np.int64]
    """Chains of at least 2, 3, … offences, shape (permutations, sizes)."""
    seed: int

    @property
    def permutations(self) -> int:
        return len(self.counts)

    def expected(self, minimum: int) -> float:
        """Chains of at least so many offences, on average."""
        return float(self._of(minimum).mean())

    def interval(self, minimum: int) -> tuple[int, int]:
        """Range that 95 of 100 shuffles stay in."""
        low, high = np.quantile(self._of(minimum), [0.025, 0.975], method="closest_observation")
        return int(low), int(high)

    def p_value(self, observed: int, minimum: int) -> float:
        """Chance of so many chains of at least so many offences, or more."""
        return float(((self._of(minimum) >= observed).sum() + 1) / (self.permutations + 1))

    def _of(self, minimum: int) -> NDArray[np.int64]:
        if minimum < 2:
            raise ValueError("chance is told for chains of two offences or more")
        return self.counts[:, min(minimum, LARGEST_TOLD) - 2]


def close_pairs(x: ArrayLike, y: ArrayLike, *, metres: float, premises: ArrayLike | None = None) -> ClosePairs:
    """Find the pairs at most so many metres apart (Euclidean), and those at the same premises.

    Parameters
    ----------
    x, y
        Metres; NaN where unknown: such an offence is paired by its premises alone.
    premises
        A number per premises, negative where unknown; None: nowhere known.

    Raises
    ------
    BadInput
        If more than ``MOST_PAIRS`` pairs lie within the distance.
    """
    x, y = np.asarray(x, dtype=float), np.asarray(y, dtype=float)
    known = np.full(len(x), -1, dtype=np.int64) if premises is None else np.asarray(premises, dtype=np.int64)
    located = np.flatnonzero(np.isfinite(x) & np.isfinite(y))
    tree = cKDTree(np.column_stack([x[located], y[located]]))
    if len(located) and (tree.count_neighbors(tree, metres) - len(located)) // 2 > MOST_PAIRS:
        raise BadInput(
            f"Over {MOST_PAIRS:,} pairs of offences lie within {metres:g} m. "
            "Choose a shorter distance or period, or one crime type."
        )
    pairs = located[tree.query_pairs(metres, output_type="ndarray")].reshape(-1, 2)
    apart = _pairs_of_premises(known)
    distance = np.hypot(x[apart[:, 0]] - x[apart[:, 1]], y[apart[:, 0]] - y[apart[:, 1]])
    pairs = np.concatenate([pairs, apart[~(distance <= metres)]])
    same = (known[pairs[:, 0]] == known[pairs[:, 1]]) & (known[pairs[:, 0]] >= 0)
    apart_by = np.hypot(x[pairs[:, 0]] - x[pairs[:, 1]], y[pairs[:, 0]] - y[pairs[:, 1]])
    return ClosePairs(pairs[:, 0], pairs[:, 1], same, apart_by > max(MOST_APART, metres), len(x))


def _pairs_of_premises(premises: NDArray[np.int64]) -> NDArray[np.int64]:
    """List all pairs on one premises, however far apart their positions."""
    order = np.argsort(premises, kind="stable")
    order = order[premises[order] >= 0]
    groups = np.split(order, np.flatnonzero(np.diff(premises[order])) + 1)
    pairs = [np.column_stack([rows[i] for i in np.triu_indices(len(rows), k=1)]) for rows in groups if len(rows) > 1]
    return np.concatenate(pairs).astype(np.int64) if pairs else np.empty((0, 2), dtype=np.int64)


def near_repeat_chains(pairs: ClosePairs, moment: ArrayLike, *, metres: float, days: int) -> NearRepeatChains:
    """Label each offence and join the chains.

    The first that holds: *repeat*, an earlier offence at the same premises within the days; *near repeat*, an earlier
    one elsewhere within distance and days (an unknown premises counts as elsewhere, even at the same spot);
    *originator*, none earlier but another linked; *isolated*. Of two at the same moment neither is the earlier.

    Parameters
    ----------
    moment
        When each was committed.
    """
    when = np.asarray(moment, dtype="datetime64[s]")
    linked = pairs.linked(when, days=days)
    first, second, same = pairs.first[linked], pairs.second[linked], pairs.same_premises[linked]
    ordered = when[first] != when[second]
    later = np.where(when[first] < when[second], second, first)
    repeat, near, any_link = (np.zeros(pairs.offences, dtype=bool) for _ in range(3))
    repeat[later[ordered & same]] = True
    near[later[ordered & ~same]] = True
    any_link[first], any_link[second] = True, True
    label = np.select([repeat, near, any_link], [REPEAT, NEAR_REPEAT, ORIGINATOR], ISOLATED).astype(object)
    too_far = int((linked & pairs.too_far).sum())
    return NearRepeatChains(metres, days, label, pairs.components(linked), int(linked.sum()), too_far)


def sizes_at_least(chain: NDArray[np.int64], looked_at: NDArray[np.bool_]) -> NDArray[np.int64]:
    """Count the chains of at least 2, 3, … offences that hold an offence looked at, shape (sizes,)."""
    size = np.bincount(chain)
    of_interest = np.zeros(len(size), dtype=bool)
    of_interest[chain[looked_at]] = True
    counts = np.bincount(np.minimum(size[of_interest], LARGEST_TOLD), minlength=LARGEST_TOLD + 1)
    return counts[::-1].cumsum()[::-1][2:]


def chance_chains(
    pairs: ClosePairs,
    moment: ArrayLike,
    *,
    days: int,
    inside: ArrayLike,
    since: np.datetime64,
    permutations: int,
    seed: int,
    told: Callable[[float], None] = lambda share: None,
) -> ChanceChains:
    """Deal the dates out anew among the places, and count the chains each time.

    Parameters
    ----------
    inside
        Offences whose place is looked at: a chain counts where it holds one of them from ``since`` on.
    told
        Is told the share that is done.
    """
    random = np.random.default_rng(seed)
    when, place = np.asarray(moment, dtype="datetime64[s]"), np.asarray(inside, dtype=bool)
    counts = np.empty((permutations, LARGEST_TOLD - 1), dtype=np.int64)
    for number in range(permutations):
        shuffled = random.permutation(when)
        chain = pairs.components(pairs.linked(shuffled, days=days))
        counts[number] = sizes_at_least(chain, place & (shuffled >= since))
        told((number + 1) / permutations)
    return ChanceChains(counts, seed)
