"""Which offences can be linked with others in space and time, and which cannot, with the reason."""

from __future__ import annotations

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from hotspot.errors import NotKnowable
from hotspot.offences.store import DataFacts

LEAST_KNOWN_PREMISES = 0.9
"""Share of offences whose premises must be known for 'the same premises' to be told from 'the same spot'."""
NOT_KNOWABLE = (
    "These data give the month of each offence and a position moved to the nearest of a set of points, which many "
    "offences share. Which offence came within days of another, and within metres, cannot be told from them. A force "
    "extract with dates and positions can tell; from these data the density of offences and the comparison of periods "
    "can be shown."
)


def check_day_and_place(facts: DataFacts, *, headline: str) -> None:
    """Refuse what needs days and positions where the data have months or snapped points.

    Raises
    ------
    NotKnowable
        With the reason, and what can be shown instead.
    """
    if facts.time_precision == "month" or facts.location_precision == "snapped":
        raise NotKnowable(NOT_KNOWABLE, headline=headline)
    if "committed_from" not in facts.columns:
        raise NotKnowable(
            f"The source {facts.source} does not say when an offence was committed, so what came close after what is not "
            "known. Import it again with the column of the committed date.",
            headline=headline,
        )


def linkable(frame: pd.DataFrame, *, longest_window: int) -> tuple[NDArray[np.bool_], dict[str, NDArray[np.bool_]]]:
    """Say which offences have a place and a day; give those that have not by reason, each under its first reason.

    Parameters
    ----------
    longest_window
        Days of the calendar between the first and the last moment at which it can have been committed.
    """
    window = frame["committed_to"].dt.normalize() - frame["committed_from"].dt.normalize()
    too_long = (window > pd.Timedelta(days=longest_window)).fillna(False).to_numpy(dtype=bool)
    unlocated = (frame["location_status"] != "usable").to_numpy(dtype=bool)
    undated = frame["committed_from"].isna().to_numpy(dtype=bool)
    reasons = {
        "without a usable location": unlocated,
        "without a committed date": undated & ~unlocated,
        f"that can have happened on any of more than {longest_window} days": too_long & ~unlocated & ~undated,
    }
    return ~(unlocated | undated | too_long), reasons


def premises_numbers(frame: pd.DataFrame) -> NDArray[np.int64] | None:
    """Number the premises, −1 where unknown; None where too few are known to tell them from the spot."""
    if frame["premises_ref"].notna().mean() < LEAST_KNOWN_PREMISES or frame.empty:
        return None
    return pd.factorize(frame["premises_ref"])[0].astype(np.int64)
