"""Legends: one description for both renderers, and its HTML for under a map. Every edge has its number."""

from __future__ import annotations

import html
from collections.abc import Sequence
from dataclasses import dataclass

from hotspot.maps import palette
from hotspot.maps.context import ContextShapes

BAND = 36
"""Pixels across one band: seven fit beside their title under the narrowest map."""
GROUND, UNDER = 52, 38
"""Pixels across the ground before the first edge, and across the word under it."""
DIGIT = 8
"""Pixels across a digit and its share of the gap to the next number; a band of long numbers is as wide as they are."""


@dataclass(frozen=True)
class DensityLegend:
    """Bands of a density surface."""

    breaks: tuple[float, ...]
    """Lower edges; the last band is open."""
    title: str
    """Unit and length of the period."""

    @property
    def colours(self) -> tuple[str, ...]:
        return palette.DENSITY[: len(self.breaks)]

    @property
    def edges(self) -> tuple[str, ...]:
        return edge_numbers(self.breaks)


@dataclass(frozen=True)
class DifferenceLegend:
    """Bands of a difference between two surfaces."""

    breaks: tuple[float, ...]
    """Inner edges, rising and symmetric about 0; the first and the last band are open."""
    title: str

    @property
    def colours(self) -> tuple[str, ...]:
        return palette.DIFFERENCE

    @property
    def edges(self) -> tuple[str, ...]:
        return tuple(
            f"+{edge}" if value > 0 else edge for value, edge in zip(self.breaks, edge_numbers(self.breaks), strict=True)
        )


@dataclass(frozen=True)
class Key:
    """One swatch and its word."""

    word: str
    colour: str
    hatched: bool = False
    dot: int = 0
    """Diameter in pixels where the swatch is a dot; 0: a box."""


@dataclass(frozen=True)
class KeyLegend:
    """Classes without an order of numbers: verdicts, sizes of dots."""

    title: str
    keys: tuple[Key, ...]


CHANGE_KEYS = (
    Key("fell", palette.FELL),
    Key("lower, could be chance", palette.FELL_CHANCE),
    Key("little change", palette.LITTLE),
    Key("higher, could be chance", palette.ROSE_CHANCE),
    Key("rose", palette.ROSE),
    Key("too few to say", palette.TOO_FEW, hatched=True),
)
REPEAT_KEYS = tuple(
    Key(word, colour, dot=dot) for word, colour, dot in zip(("2", "3", "4 or more"), palette.REPEATS, (9, 12, 15), strict=True)
)
TRAIL_KEYS = (
    Key("first", palette.CASING, dot=13),
    Key("between", palette.REPEATS[1], dot=13),
    Key("last", palette.INK, dot=13),
)
OFFENCE_KEY = Key("one offence", palette.INK, dot=7)

Legend = DensityLegend | DifferenceLegend | KeyLegend


def edge_numbers(breaks: tuple[float, ...]) -> tuple[str, ...]:
    """Write band edges, with no more decimals than they need and a true minus sign."""
    return tuple(f"{edge:,.10g}".replace("-", "−") for edge in breaks)


def density_legend(breaks: tuple[float, ...], title: str) -> str:
    """Write the legend of a density surface as HTML; the ground under the first edge stands before it."""
    legend = DensityLegend(tuple(breaks), title)
    bands = _bands(legend.colours, legend.edges, first_closed=True)
    return _frame(title, f'<div style="display:flex">{_ground(legend.edges)}{bands}</div>')


def table_legend(breaks: tuple[float, ...], title: str) -> str:
    """Write the legend of a coloured table as HTML: bands from the first edge, 0, on."""
    legend = DensityLegend(tuple(breaks), title)
    return _frame(title, _bands(legend.colours, legend.edges, first_closed=True))


def difference_legend(breaks: tuple[float, ...], title: str) -> str:
    """Write the legend of a difference of two surfaces as HTML."""
    legend = DifferenceLegend(tuple(breaks), title)
    return _frame(title, _bands(legend.colours, legend.edges, first_closed=False))


def change_legend(title: str) -> str:
    """Write the legend of a change map as HTML: its five verdicts, in the table's words."""
    return _keys(KeyLegend(title, CHANGE_KEYS))


def repeats_legend(title: str) -> str:
    """Write the legend of a map of repeats as HTML."""
    return _keys(KeyLegend(title, REPEAT_KEYS))


def trail_legend(title: str) -> str:
    """Write the legend of one chain's offences, joined in order of time, as HTML."""
    return _keys(KeyLegend(title, TRAIL_KEYS))


def rates_legend(legend: DensityLegend) -> str:
    """Write the legend of rates by area as HTML: every rate has a colour, so no ground stands before the first edge."""
    return _frame(legend.title, _bands(legend.colours, legend.edges, first_closed=True))


def key_legend(legend: KeyLegend) -> str:
    """Write a legend of classes as HTML."""
    return _keys(legend)


def context_legend(layers: Sequence[ContextShapes]) -> str:
    """Write the key of the context layers as HTML: symbol or line, name and number of features."""
    keys = "".join(
        '<span style="display:inline-flex;align-items:center;gap:6px;color:#4A5863">'
        f"{_context_swatch(layer)}{html.escape(layer.words)}</span>"
        for layer in layers
    )
    return f'<div style="display:flex;flex-wrap:wrap;gap:2px 16px;font-size:13px;line-height:1.3">{keys}</div>'


_SYMBOLS = {"square": "■", "triangle": "▲", "diamond": "◆", "inverted": "▼"}


def _context_swatch(layer: ContextShapes) -> str:
    look = layer.look
    style = "dashed" if look.dashes else "solid"
    line = f'<span style="width:18px;border-top:2px {style} {look.colour}"></span>' if layer.lines else ""
    return line + (f'<span style="color:{look.colour}">{_SYMBOLS[look.symbol]}</span>' if len(layer.x) else "")


def points_legend(title: str, *, shown: int, total: int) -> str:
    """Write the legend of offence points as HTML; it says where only some are drawn."""
    word = OFFENCE_KEY.word if shown == total else f"one offence; {shown:,} of {total:,} are drawn, chosen evenly"
    return _keys(KeyLegend(title, (Key(word, OFFENCE_KEY.colour, dot=OFFENCE_KEY.dot),)))


def _frame(title: str, content: str) -> str:
    return (
        '<div style="display:flex;flex-wrap:wrap;align-items:flex-start;gap:6px 0;'
        'font-size:13px;line-height:1.25;color:#14212B">'
        f'<div style="font-weight:600;max-width:8rem;padding-right:14px">{html.escape(title)}</div>{content}</div>'
    )


def _bands(colours: tuple[str, ...], edges: tuple[str, ...], *, first_closed: bool) -> str:
    """Write coloured boxes with a number under each edge; an open first band has no number at its left."""
    width = max(BAND, DIGIT * max(map(len, edges), default=0))
    box = f"width:{width}px;height:14px;opacity:.94;box-shadow:inset 0 0 0 .5px rgba(20,33,43,.35)"
    number = "position:absolute;top:18px;transform:translateX(-50%)"
    first = 0 if first_closed else 1
    boxes = "".join(f'<span style="{box};background:{colour}"></span>' for colour in colours)
    numbers = "".join(
        f'<span style="{number};left:{width * (place + first)}px">{edge}</span>' for place, edge in enumerate(edges)
    )
    return (
        f'<div style="position:relative;height:36px;width:{width * len(colours)}px;'
        f'font-variant-numeric:tabular-nums"><div style="display:flex">{boxes}</div>{numbers}</div>'
    )


def _ground(edges: tuple[str, ...]) -> str:
    """Write the ground without colour: 'under', before the first edge's number, of which half stands below it."""
    width = max(GROUND, UNDER + DIGIT * len(edges[0]) // 2) if edges else GROUND
    boxes = "".join(f'<span style="flex:1;background:{colour}"></span>' for colour in (palette.LAND, palette.BUILT_UP[1]))
    return (
        f'<div style="width:{width}px"><div style="display:flex;height:14px;box-shadow:inset 0 0 0 1px #C9D0D6">'
        f'{boxes}</div><div style="padding-top:4px;color:#4A5863">under</div></div>'
    )


def _keys(legend: KeyLegend) -> str:
    swatches = "".join(
        f'<span style="display:inline-flex;align-items:center;gap:6px;color:#4A5863">{_swatch(key)}{html.escape(key.word)}</span>'
        for key in legend.keys
    )
    return (
        '<div style="display:flex;flex-wrap:wrap;align-items:center;gap:6px 16px;font-size:13px;line-height:1.3;color:#14212B">'
        f'<b style="font-weight:600">{html.escape(legend.title)}</b>{swatches}</div>'
    )


def _swatch(key: Key) -> str:
    if key.dot:
        return (
            f'<span style="width:{key.dot}px;height:{key.dot}px;border-radius:50%;background:{key.colour};'
            'box-shadow:0 0 0 1px #fff,0 0 0 1.5px #8A96A0"></span>'
        )
    fill = f"repeating-linear-gradient(135deg,{palette.HATCH} 0 1.5px,{key.colour} 1.5px 6px)" if key.hatched else key.colour
    return f'<span style="width:18px;height:13px;background:{fill};box-shadow:inset 0 0 0 1px rgba(20,33,43,.3)"></span>'
