"""Results as one JSON document: full precision, and null with a named reason where a number has no JSON form."""

from __future__ import annotations

import json
import math
from collections.abc import Mapping
from datetime import date
from pathlib import Path
from typing import Any

import numpy as np

INFINITE, MINUS_INFINITE, UNDEFINED = "infinite", "minus infinite", "not a number"
"""Why a number becomes null."""
REASONS = "reasons"
"""Key beside the nulls: key of each → why it is null."""


def json_text(document: Mapping[str, Any], *, reasons: Mapping[tuple[str, str], str] | None = None) -> str:
    """Write a document as JSON that any reader takes.

    JSON has no infinity and no NaN (RFC 8259, section 6): each becomes null, and the object that holds it gets a
    key ``reasons`` that names why, such as ``{"ratio_high": "infinite: no offences in the baseline"}``. Floats keep
    every digit; letters beyond ASCII are escaped, so that the text means the same in any encoding.

    Parameters
    ----------
    document
        Mappings, sequences, texts, numbers (numpy's too), dates and paths.
    reasons
        Words for (key, one of ``INFINITE``, ``MINUS_INFINITE``, ``UNDEFINED``); the bare kind where none are given.

    Raises
    ------
    TypeError
        If a value has no JSON form: a fault of the program.
    """
    return json.dumps(_object(document, reasons or {}), allow_nan=False, indent=2)


def _object(mapping: Mapping[Any, Any], words: Mapping[tuple[str, str], str]) -> dict[str, Any]:
    why: dict[str, str] = {}
    plain = {str(key): _plain(value, words, key=str(key), at=str(key), why=why) for key, value in mapping.items()}
    if why:
        plain[REASONS] = {**plain.get(REASONS, {}), **why}
    return plain


def _plain(value: Any, words: Mapping[tuple[str, str], str], *, key: str, at: str, why: dict[str, str]) -> Any:
    """Give the JSON form of a value; ``why`` takes the reason of each null, by its place in the nearest object."""
    if isinstance(value, np.generic | np.ndarray):
        value = value.tolist()
    if isinstance(value, float) and not math.isfinite(value):
        kind = _kind(value)
        why[at] = words.get((key, kind), kind)
        return None
    if value is None or isinstance(value, bool | int | float | str):
        return value
    if isinstance(value, Mapping):
        return _object(value, words)
    if isinstance(value, list | tuple):
        return [_plain(item, words, key=key, at=f"{at}[{place}]", why=why) for place, item in enumerate(value)]
    if isinstance(value, date):
        return value.isoformat()
    if isinstance(value, Path):
        return str(value)
    raise TypeError(f"{at} is a {type(value).__name__}, which JSON cannot hold")


def _kind(value: float) -> str:
    if math.isnan(value):
        return UNDEFINED
    return INFINITE if value > 0 else MINUS_INFINITE
