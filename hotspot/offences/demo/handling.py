"""What became of each offence: outcome, CCTV and filing, as far as known when the extract was taken."""

from __future__ import annotations

import numpy as np
import pandas as pd
from numpy.random import Generator
from numpy.typing import NDArray

from hotspot.offences.demo.parameters import Parameters

_DAY = 86_400
_POSITIVE = (
    ("1 - Charged", 0.80),
    ("3 - Caution", 0.05),
    ("4 - Taken into consideration", 0.06),
    ("8 - Community resolution", 0.09),
)
_OTHER = (
    ("18 - Investigation complete; no suspect identified", 0.80),
    ("14 - No suspect identified, victim does not support", 0.05),
    ("15 - Suspect identified, evidential difficulties", 0.08),
    ("16 - Suspect identified, victim does not support", 0.07),
)
POSITIVE_OUTCOMES = tuple(words for words, _ in _POSITIVE)


def add_handling(random: Generator, offences: pd.DataFrame, parameters: Parameters) -> pd.DataFrame:
    """Add outcome, suspect, CCTV and filing.

    Each offence is decided some weeks after its report; the planted rate is that of the day of decision, so
    that outcomes given in a period over offences recorded in it show the rate of that period. What lies after
    the extract is not known yet: the latest offences are under investigation.
    """
    reported = offences["reported"].to_numpy()
    decided = reported + (random.gamma(1.3, parameters.handling["decision_days"] / 1.3, len(offences)) * _DAY).astype(np.int64)
    positive = random.random(len(offences)) < _rates(offences["kind"], decided, parameters)
    outcome = np.where(positive, _draw(random, len(offences), _POSITIVE), _draw(random, len(offences), _OTHER)).astype(object)
    suspect = positive | (random.random(len(offences)) < parameters.particulars["suspect_share"])
    last = int(np.datetime64(parameters.period.end, "s").astype(np.int64))
    open_file = decided >= last
    outcome[open_file] = "Under investigation"
    handled = {
        "Outcome": outcome,
        "Outcome Date": _days(decided, ~open_file),
        "Suspect Ref": np.where(suspect & ~open_file, offences["offender"], None),
        **_cctv_and_filing(random, offences["kind"], reported, decided, last=last, parameters=parameters),
    }
    return offences.drop(columns="offender").assign(**handled)


def _rates(kind: pd.Series, decided: NDArray[np.int64], parameters: Parameters) -> NDArray[np.float64]:
    step = int(np.datetime64(parameters.year_to_date.start, "s").astype(np.int64))
    before = kind.map({planted.name: planted.outcomes[0] for planted in parameters.types}).to_numpy(dtype=float)
    after = kind.map({planted.name: planted.outcomes[1] for planted in parameters.types}).to_numpy(dtype=float)
    return np.where(decided < step, before, after)


def _draw(random: Generator, count: int, words: tuple[tuple[str, float], ...]) -> NDArray[np.object_]:
    cumulated = np.cumsum([share for _, share in words])
    index = np.searchsorted(cumulated / cumulated[-1], random.random(count)).clip(0, len(words) - 1)
    return np.array([word for word, _ in words], dtype=object)[index]


def _cctv_and_filing(
    random: Generator,
    kind: pd.Series,
    reported: NDArray[np.int64],
    decided: NDArray[np.int64],
    *,
    last: int,
    parameters: Parameters,
) -> dict[str, NDArray[np.datetime64]]:
    """A file waits for its CCTV, but for the planted share, which is filed at the decision before it comes."""
    count, planted = len(kind), parameters.handling
    requested = random.random(count) < kind.map(planted["cctv_requested"]).to_numpy(dtype=float)
    request = reported + random.integers(0, 6, count) * _DAY
    receipt = request + ((1 + random.gamma(1.5, planted["cctv_days"] / 1.5, count)) * _DAY).astype(np.int64)
    hasty = requested & (random.random(count) < planted["filed_while_awaited"])
    filed = (
        np.where(requested & ~hasty, np.maximum(decided, receipt), np.maximum(decided, request))
        + random.integers(0, 3, count) * _DAY
    )
    receipt = np.where(hasty, np.maximum(receipt, filed + 2 * _DAY), receipt)
    return {
        "CCTV Requested": _days(request, requested & (request < last)),
        "CCTV Received": _days(receipt, requested & (receipt < last)),
        "Filed Date": _days(filed, filed < last),
    }


def _days(seconds: NDArray[np.int64], known: NDArray[np.bool_]) -> NDArray[np.datetime64]:
    days = seconds.astype("datetime64[s]").astype("datetime64[D]").astype("datetime64[s]")
    return np.where(known, days, np.datetime64("NaT", "s"))
