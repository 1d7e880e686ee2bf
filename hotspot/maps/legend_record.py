"""A legend as a card keeps it, and its HTML again: nothing of a record is ever read as HTML."""

from __future__ import annotations

import json
import re

from hotspot.maps.legend import (
    DensityLegend,
    DifferenceLegend,
    Key,
    KeyLegend,
    Legend,
    density_legend,
    difference_legend,
    key_legend,
)

_COLOUR = re.compile(r"#[0-9A-Fa-f]{6}")


def legend_record(legend: Legend) -> str:
    """Write a legend as JSON."""
    kept: dict[str, object] = {"title": legend.title}
    if isinstance(legend, KeyLegend):
        kept["keys"] = [[key.word, key.colour, key.hatched, key.dot] for key in legend.keys]
    else:
        kept["breaks"] = list(legend.breaks)
        kept["difference"] = isinstance(legend, DifferenceLegend)
    return json.dumps(kept, ensure_ascii=False)


def recorded_legend(record: str) -> Legend | None:
    """Read a legend again; None where a card has none."""
    if not record:
        return None
    kept = json.loads(record)
    if "keys" in kept:
        keys = (Key(str(word), colour, bool(hatched), int(dot)) for word, colour, hatched, dot in kept["keys"])
        return KeyLegend(kept["title"], tuple(key for key in keys if _COLOUR.fullmatch(key.colour)))
    kind = DifferenceLegend if kept["difference"] else DensityLegend
    return kind(tuple(float(edge) for edge in kept["breaks"]), kept["title"])


def recorded_legend_html(record: str) -> str:
    """Write a kept legend as HTML; empty where there is none."""
    legend = recorded_legend(record)
    if legend is None:
        return ""
    if isinstance(legend, KeyLegend):
        return key_legend(legend)
    write = difference_legend if isinstance(legend, DifferenceLegend) else density_legend
    return write(legend.breaks, legend.title)
