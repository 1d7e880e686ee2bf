"""Where offences cluster, and how hotspots came and went: Gi* over one period, and through its months."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
import pandas as pd
import shapely
from numpy.typing import NDArray

from hotspot.boundaries.places import name_of, read_places
from hotspot.findings import cluster_cells as cells_of
from hotspot.findings import clusters_words as words
from hotspot.findings.cluster_cells import LEAST_HELD, ClusterSettings
from hotspot.findings.selected import SelectedOffences, select
from hotspot.geography import Place
from hotspot.methods import emerging as through_time
from hotspot.methods import gi_star as statistic
from hotspot.methods.emerging import CATEGORIES, HISTORICAL, Emerging
from hotspot.methods.gi_star import HIGH, GiStar
from hotspot.methods.units import Units
from hotspot.offences.store import Scope, Store
from hotspot.period import Period
from hotspot.selection import Selection
from hotspot.tasks import Run, here

Progress = Callable[[float, str], None]


@dataclass(frozen=True, eq=False)
class Cluster:
    """Cells that touch and say the same."""

    rank: int
    name: str
    geometry: shapely.Geometry
    """The cells joined, metres."""
    cells: int
    count: float
    """Offences in them, of the period; of an emerging hotspot, of the last slice."""
    area_km2: float
    peak_z: float
    """Highest Gi* Z of its cells (of an emerging hotspot, in the last slice)."""
    least_q: float
    """Smallest corrected p of its cells; NaN for an emerging hotspot."""
    x: float
    """Metres: middle of the cell with the highest Z, of equals the one with most offences."""
    y: float
    category: str = ""
    """Of an emerging hotspot."""
    times_hot: int = 0
    """Of an emerging hotspot: slices in which its cell with the highest Z was one."""


@dataclass(frozen=True, eq=False)
class GiFinding:
    """Clusters of one period, and what may be said of them."""

    settings: ClusterSettings
    result: GiStar
    clusters: tuple[Cluster, ...]
    """Of ``LEAST_HELD`` or more offences, most offences first."""
    smaller: int
    """Clusters with fewer."""
    held: float
    """Offences in the listed clusters."""
    total: float
    """Offences in the cells."""
    headline: str
    subline: str
    null: str
    """What was tested, against what, and how many at once."""
    notes: tuple[str, ...]
    left_off: str
    """How many located offences lie in no cell, in words; empty where none."""

    @property
    def units(self) -> Units:
        return self.result.units


@dataclass(frozen=True, eq=False)
class EmergingFinding:
    """Hotspots through time, and what may be said of them."""

    settings: ClusterSettings
    result: Emerging
    period: Period
    """From the first slice to the end of the last."""
    months_per_slice: int
    slices: tuple[Period, ...]
    clusters: tuple[Cluster, ...]
    """Of ``LEAST_HELD`` or more offences in the last slice, or historical; by category, then most offences first."""
    headline: str
    subline: str
    null: str
    notes: tuple[str, ...]
    left_off: str

    @property
    def units(self) -> Units:
        return self.result.units


def gi_finding(
    folder: Path, selection: Selection, settings: ClusterSettings, *, scope: Scope, progress: Progress, run: Run = here
) -> GiFinding:
    """Find the clusters of a selection; ``run`` has the permutations done, here or elsewhere."""
    store = Store(folder)
    progress(0.0, "Laying out the cells")
    selected = select(store, selection, scope=scope)
    units = cells_of.units_of(selected, settings)
    count = cells_of.counts(units, selected)
    tested = cells_of.tested_cells(store, selected, settings, units, count, scope=scope)
    progress(0.3, f"Gi* of {int(tested.sum()):,} cells")
    result = statistic.gi_star(
        units, count, distance=settings.reach, tested=tested, permutations=settings.permutations, seed=settings.seed, run=run
    )
    progress(0.9, "Naming the clusters")
    label = statistic.joined(units, result.verdict == HIGH)
    found = _clusters(selected, units, label, count=count, z=result.z, q=result.q)
    listed = tuple(_ranked([one for one in found if one.count >= LEAST_HELD]))
    total, held = float(count.sum()), float(sum(one.count for one in listed))
    said = words.GiFigures(selected, settings, result, len(listed), len(found) - len(listed), held, total)
    progress(1.0, "Done")
    return GiFinding(
        settings=settings,
        result=result,
        clusters=listed,
        smaller=len(found) - len(listed),
        held=held,
        total=total,
        headline=words.gi_headline(said, listed[0].name if listed else ""),
        subline=words.gi_subline(said),
        null=words.gi_null(said),
        notes=words.notes(selected, settings, int(tested.sum())),
        left_off=words.left_off_words(cells_of.left_off(units, selected)),
    )


def emerging_finding(
    folder: Path,
    selection: Selection,
    settings: ClusterSettings,
    months_per_slice: int,
    *,
    scope: Scope,
    progress: Progress,
    run: Run = here,
) -> EmergingFinding:
    """Follow the hotspots of a selection through its whole months; ``run`` has the slices done, here or elsewhere.

    Raises
    ------
    NotKnowable
        If the period has fewer than ``emerging.LEAST_SLICES`` slices.
    """
    store = Store(folder)
    slices = cells_of.slices_of(selection.period, months_per_slice)
    if len(slices) < through_time.LEAST_SLICES:
        raise through_time.too_few_slices(len(slices))
    period = Period(slices[0].start, slices[-1].end)
    selected = select(store, selection.with_period(period), scope=scope)
    units = cells_of.units_of(selected, settings)
    counts = cells_of.counts_by_slice(units, selected, months_per_slice, len(slices))
    tested = cells_of.tested_cells(store, selected, settings, units, counts.sum(axis=1), scope=scope)
    result = through_time.emerging(
        units,
        counts,
        distance=settings.reach,
        tested=tested,
        permutations=settings.permutations,
        seed=settings.seed,
        progress=lambda share: progress(0.95 * share, f"Gi* of time slice {round(share * len(slices))} of {len(slices)}"),
        run=run,
    )
    listed = _emerging_clusters(selected, result)
    progress(1.0, "Done")
    return EmergingFinding(
        settings=settings,
        result=result,
        period=period,
        months_per_slice=months_per_slice,
        slices=slices,
        clusters=listed,
        headline=words.emerging_headline(selected, Counter(one.category for one in listed)),
        subline=words.emerging_subline(result, slices),
        null=words.emerging_null(settings, result, months_per_slice),
        notes=(*words.notes(selected, settings, int(tested.sum())), *words.empty_slices(result, slices)),
        left_off=words.left_off_words(cells_of.left_off(units, selected)),
    )


def _clusters(
    selected: SelectedOffences,
    units: Units,
    label: NDArray[np.int64],
    *,
    count: NDArray[np.float64],
    z: NDArray[np.float64],
    q: NDArray[np.float64] | None = None,
) -> list[Cluster]:
    """Describe each patch of cells, in the order of its number."""
    inside = selected.located_inside
    patch_of_offence = np.append(label, -1)[units.unit_of(inside["x"].to_numpy(dtype=float), inside["y"].to_numpy(dtype=float))]
    places = read_places()
    x, y = units.centres
    found = []
    for number in range(int(label.max(initial=-1)) + 1):
        cells = np.flatnonzero(label == number)
        peak = cells[np.lexsort((count[cells], z[cells]))[-1]]
        there = inside[patch_of_offence == number]
        found.append(
            Cluster(
                rank=0,
                name=_name(places, float(x[peak]), float(y[peak]), there),
                geometry=shapely.union_all(units.geometry[cells], grid_size=0.01),
                cells=len(cells),
                count=float(count[cells].sum()),
                area_km2=float(units.area_km2[cells].sum()),
                peak_z=float(z[peak]),
                least_q=float(np.min(q[cells])) if q is not None else float("nan"),
                x=float(x[peak]),
                y=float(y[peak]),
            )
        )
    return found


def _ranked(found: list[Cluster]) -> list[Cluster]:
    ordered = sorted(found, key=lambda one: (-one.count, -one.peak_z))
    return [replace(one, rank=rank) for rank, one in enumerate(ordered, start=1)]


def _name(places: tuple[Place, ...], x: float, y: float, there: pd.DataFrame) -> str:
    streets = there["street"].tolist() if "street" in there else []
    lpas = Counter(name for name in there["lpa"] if isinstance(name, str))
    return name_of(places, x, y, streets, lpa=min(lpas, key=lambda name: (-lpas[name], name), default=None))


def _emerging_clusters(selected: SelectedOffences, result: Emerging) -> tuple[Cluster, ...]:
    """Join what is hot in the last slice, and what was hot throughout and is no more; rank by category and size.

    A cluster has the category of its cell with the highest Z: at its edge cells come and go, and what was hot there
    throughout is no hotspot of its own.
    """
    last, found = result.counts[:, -1], []
    hot, over = result.verdict[:, -1] == HIGH, result.category == HISTORICAL
    together = statistic.joined(result.units, hot | over)
    for chosen in (hot, over & ~np.isin(together, together[hot])):
        patches = _clusters(selected, result.units, statistic.joined(result.units, chosen), count=last, z=result.z[:, -1])
        peaks = result.units.unit_of([one.x for one in patches], [one.y for one in patches])
        found += [
            replace(one, category=str(result.category[peak]), times_hot=int(result.times_hot[peak]))
            for one, peak in zip(patches, peaks, strict=True)
        ]
    kept = [one for one in found if one.count >= LEAST_HELD or one.category == HISTORICAL]
    ordered = sorted(kept, key=lambda one: (CATEGORIES.index(one.category), -one.count, -one.peak_z))
    return tuple(replace(one, rank=rank) for rank, one in enumerate(ordered, start=1))
