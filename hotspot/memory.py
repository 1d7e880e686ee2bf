"""How much memory the pairs of an analysis may take: a setting of the machine, which changes no result."""

from __future__ import annotations

import math
import os

from hotspot.errors import BadInput

VARIABLE = "HOTSPOT_MEMORY"
USUAL = 1_024.0
"""MB, beyond what the program holds."""


def memory_limit(wanted: float | None = None) -> float:
    """Give the limit in MB: the one that is wanted, else ``HOTSPOT_MEMORY``, else the usual one.

    Raises
    ------
    BadInput
        If it is no number above 0.
    """
    said = os.environ.get(VARIABLE, "") if wanted is None else str(wanted)
    if not said.strip():
        return USUAL
    try:
        limit = float(said)
    except ValueError:
        limit = math.nan
    if not 0 < limit < math.inf:
        raise BadInput(f"The memory limit '{said}' is no number of MB above 0. Set {VARIABLE} or --memory to one, such as 1024.")
    return limit
