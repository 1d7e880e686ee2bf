"""Near repeats of a selection: which pairs of offences can be counted, the Knox table, and what may be said of it."""

from __future__ import annotations

import itertools
import math
from collections.abc import Callable
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from hotspot.errors import BadInput
from hotspot.findings import near_repeats_words as words
from hotspot.findings.audience import FORCE, is_small
from hotspot.findings.linkable import check_day_and_place, linkable, premises_numbers
from hotspot.findings.selected import SelectedOffences, select
from hotspot.memory import memory_limit
from hotspot.methods.knox import EUCLIDEAN, KnoxTable, check_bands, knox
from hotspot.methods.suppression import suppress
from hotspot.offences.store import Scope, Store
from hotspot.selection import Selection
from hotspot.tasks import Run

PREMISES_BANDS = (0.0, 100.0, 200.0, 300.0, 400.0)
"""Metres: the usual bands beside 'same premises'."""
PLACE_BANDS = (0.0, 1.0, 100.0, 200.0, 300.0, 400.0)
"""Metres: the usual bands where no premises are known; offences under a metre apart are at one place."""
TIME_BANDS = (0.0, 7.0, 14.0, 21.0, 28.0)
"""Days."""
SEED = 1
EXTRA_COLUMNS = ("time_precision", "premises_ref")
"""Columns that a selection needs beside the usual ones."""
HEADLINE = "Near repeats cannot be known from these data"
_NO_LIMIT = 36_500
"""Days: no window is longer."""
Progress = Callable[[float, str], None]


@dataclass(frozen=True)
class NearRepeatSettings:
    """Bands, metric and permutations of a Knox table."""

    distance_edges: tuple[float, ...] | None = None
    """Metres, half-open; None: the usual bands."""
    time_edges: tuple[float, ...] = TIME_BANDS
    """Days."""
    metric: str = EUCLIDEAN
    same_premises: bool = True
    """Count pairs on one premises reference by themselves, where references are known."""
    permutations: int = 999
    seed: int = SEED


@dataclass(frozen=True, eq=False)
class NearRepeatsFinding:
    """The Knox table of a selection, and what may be said of it."""

    selection: Selection
    settings: NearRepeatSettings
    """As used: with its distance bands."""
    table: KnoxTable
    headline: str
    sentence: str
    """'within 7 days and 200 m: 1.6 times expected, p = .001'."""
    subline: str
    warnings: tuple[str, ...]
    """What makes the table weak: few offences, few pairs."""
    notes: tuple[str, ...]
    """How it was counted, and what was left out."""


@dataclass(frozen=True, eq=False)
class PairedOffences:
    """Offences whose place and day are known well enough for pairs, and why the others are not among them."""

    x: NDArray[np.float64]
    """Metres."""
    y: NDArray[np.float64]
    day: NDArray[np.int64]
    """Days since 1970, of the first moment at which the offence can have happened."""
    premises: NDArray[np.int64] | None
    """Number of the premises, −1 without a reference; None where too few have one."""
    left_out: tuple[tuple[str, int], ...]
    """Reason → offences."""


def parse_edges(text: str, *, what: str) -> tuple[float, ...]:
    """Read the edges of bands: '0,100,200,inf'.

    Raises
    ------
    BadInput
        If one of them is not a number.
    """
    cells = [cell.strip() for cell in text.replace(";", ",").split(",") if cell.strip()]
    edges = []
    for cell in cells:
        try:
            edges.append(float(cell))
        except ValueError:
            raise BadInput(
                f"The {what} bands hold '{cell}', which is not a number. Write edges with commas between them, as in 0,100,200."
            ) from None
    return tuple(edges)


def near_repeats_finding(
    folder: Path, selection: Selection, settings: NearRepeatSettings, *, scope: Scope, progress: Progress
) -> NearRepeatsFinding:
    """Read a selection from the store and test it for near repeats; parameters as in ``near_repeats``."""
    store = Store(folder)
    check_day_and_place(store.facts(selection.source, selection.force, scope=scope), headline=HEADLINE)
    progress(0.0, "reading the offences")
    return near_repeats(select(store, selection, scope=scope, extra_columns=EXTRA_COLUMNS), settings, progress=progress)


def near_repeats(
    selected: SelectedOffences,
    settings: NearRepeatSettings,
    *,
    progress: Progress,
    memory: float | None = None,
    run: Run | None = None,
) -> NearRepeatsFinding:
    """Test the offences of a selection, made with ``EXTRA_COLUMNS``, for near repeats.

    Parameters
    ----------
    memory
        MB that the pairs may take; None: as the machine is set (``hotspot.memory``).
    run
        Has batches of permutations done elsewhere; None: here.

    Raises
    ------
    NotKnowable
        If the data know the month alone, no committed date, or places moved to common points.
    BadInput
        If the bands mean nothing, or fewer than two offences can be paired.
    """
    check_day_and_place(selected.facts, headline=HEADLINE)
    check_bands(
        distance_edges=settings.distance_edges or PLACE_BANDS,
        time_edges=settings.time_edges,
        metric=settings.metric,
        permutations=settings.permutations,
    )
    paired = paired_offences(selected, longest_window=longest_window(settings.time_edges))
    premises = paired.premises if settings.same_premises else None
    used = replace(settings, distance_edges=settings.distance_edges or usual_bands(premises is not None))
    _check_enough(paired)
    table = knox(
        paired.x,
        paired.y,
        paired.day,
        distance_edges=used.distance_edges,
        time_edges=used.time_edges,
        metric=used.metric,
        premises=premises,
        permutations=used.permutations,
        seed=used.seed,
        memory=memory_limit(memory),
        progress=lambda share: progress(share, f"{used.permutations:,} permutations of the dates of {len(paired.x):,} offences"),
        run=run,
    )
    return _said(selected, used, replace(table, left_out=paired.left_out), premises)


def usual_bands(knows_premises: bool) -> tuple[float, ...]:
    """Give the usual distance bands; they begin with one place where premises cannot tell repeats."""
    return PREMISES_BANDS if knows_premises else PLACE_BANDS


def longest_window(time_edges: tuple[float, ...]) -> float:
    """Give the longest window in days with which an offence is placed in a band: the width of the narrowest band.

    An offence that can have happened on more days than the narrowest band has could lie in two bands or more on
    either side, so its pairs would be put into a band by chance.
    """
    return min(after - before for before, after in itertools.pairwise(time_edges))


def paired_offences(selected: SelectedOffences, *, longest_window: float) -> PairedOffences:
    """Choose the offences that can be paired: a place, a day, and a window over at most ``longest_window`` calendar days.

    Parameters
    ----------
    selected
        Made with ``EXTRA_COLUMNS``.
    """
    offences = selected.inside
    months = (offences["time_precision"] == "month").to_numpy(dtype=bool)
    days = offences[~months]
    known, faults = linkable(days, longest_window=int(min(longest_window, _NO_LIMIT)))
    left_out = {"known to the month alone": int(months.sum())} | {reason: int(rows.sum()) for reason, rows in faults.items()}
    used = days[known]
    return PairedOffences(
        x=used["x"].to_numpy(dtype=float),
        y=used["y"].to_numpy(dtype=float),
        day=used["committed_from"].to_numpy("datetime64[D]").astype(np.int64),
        premises=premises_numbers(used),
        left_out=tuple((reason, count) for reason, count in left_out.items() if count),
    )


def seen_by(table: KnoxTable, audience: str) -> tuple[KnoxTable, NDArray[np.bool_]]:
    """Give a table as an audience may read it, and which of its cells are hidden.

    Partners and the public see no number of pairs under 5, nor what would give one away, and nothing of under 5 offences,
    whose pairs may all be 0. A hidden cell stands in the
    family with p = 1, so that no other cell's correction depends on it.
    """
    if audience == FORCE:
        return table, np.zeros(table.observed.shape, dtype=bool)
    hidden = suppress(table.observed).hidden | is_small(table.n)
    return replace(table, p_value=np.where(hidden, 1.0, table.p_value)), hidden


def _check_enough(paired: PairedOffences) -> None:
    if len(paired.x) > 1:
        return
    # The number itself is not said: partners and the public may read this.
    raise BadInput(
        "Under two offences of this selection have both a place and a day. Near repeats need two or more: choose a longer period "
        "or a larger area."
    )


def _said(
    selected: SelectedOffences, settings: NearRepeatSettings, table: KnoxTable, premises: NDArray[np.int64] | None
) -> NearRepeatsFinding:
    without_reference = 0 if premises is None else int((premises < 0).sum())
    limit = longest_window(settings.time_edges)
    return NearRepeatsFinding(
        selection=selected.selection,
        settings=settings,
        table=table,
        headline=words.headline(table, selected.selection.crime_type),
        sentence=words.sentence(table),
        subline=words.subline(table, selected.selection.crime_type),
        warnings=words.warnings(table),
        notes=words.notes(
            table,
            selected,
            window_limit=None if math.isinf(limit) else limit,
            without_reference=without_reference,
            asked_for_premises=settings.same_premises,
        ),
    )
