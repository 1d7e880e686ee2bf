"""A briefing as one HTML file: its maps pan and zoom, and it asks no other machine for anything."""

from __future__ import annotations

import base64
import html
import re
from pathlib import Path

from hotspot.export.briefing import SYNTHETIC_WORDS, Briefing, Slide, rows_without_blanks
from hotspot.export.cards import CardContent
from hotspot.maps import served
from hotspot.maps.folium_map import safe_payload
from hotspot.maps.legend_record import recorded_legend_html
from hotspot.maps.typeface import streamlit_font

_OWN = Path(__file__).parent
POLICY = "default-src 'none'; img-src data:; font-src data:; style-src 'unsafe-inline'; script-src 'unsafe-inline'"
"""The browser itself holds the promise: whatever stands in the file, nothing is asked for."""


def document(briefing: Briefing) -> str:
    """Write a briefing as an HTML file."""
    bases = _bases(briefing)
    sections = "".join(_section(briefing, slide, place, bases) for place, slide in enumerate(briefing.slides, start=1))
    payloads = "".join(_payload(f"base-{number}", text) for text, number in bases.items())
    payloads += "".join(
        _payload(f"overlay-{place}", slide.card.overlay)
        for place, slide in enumerate(briefing.slides, start=1)
        if _is_live(slide.card)
    )
    scripts = "".join(f"<script>{_script(text)}</script>" for text in _scripts()) if bases else ""
    return (
        '<!doctype html><html lang="en-GB"><head><meta charset="utf-8">'
        f'<meta http-equiv="Content-Security-Policy" content="{POLICY}">'
        '<meta name="viewport" content="width=device-width, initial-scale=1">'
        f"<title>{html.escape(briefing.title)}</title><style>{_styles()}</style></head><body>"
        f"{_bar('header', briefing)}{_contents(briefing)}<main>{sections}{_closing(briefing)}</main>{_bar('footer', briefing)}"
        f"{payloads}{scripts}</body></html>"
    )


def _bases(briefing: Briefing) -> dict[str, int]:
    """Number the base maps: cards of one force share theirs."""
    texts = dict.fromkeys(slide.card.base_map for slide in briefing.slides if _is_live(slide.card))
    return {text: number for number, text in enumerate(texts)}


def _is_live(card: CardContent) -> bool:
    return bool(card.base_map and card.overlay)


def _payload(name: str, text: str) -> str:
    return f'<script type="application/json" id="{name}">{safe_payload(text)}</script>'


def _scripts() -> list[str]:
    return [*(served.source(name).read_text("utf-8") for name in served.SCRIPTS), (_OWN / "briefing.js").read_text("utf-8")]


def _script(text: str) -> str:
    """Keep a script from ending its element, and the browser's tools from asking for a map of it."""
    return re.sub(r"//# sourceMappingURL=\S+", "", text).replace("</script", "<\\/script")


def _styles() -> str:
    """Join the styles: the typeface goes in, pictures of controls that are not used go out."""
    font = streamlit_font()
    own = "".join(served.source(name).read_text("utf-8") for name in served.STYLES)
    own = re.sub(r"#map_div \{.*?\}", "", own, flags=re.DOTALL)
    data = "" if font is None else base64.b64encode(font.read_bytes()).decode()
    own = own.replace(f'url("{served.FONT}")', f'url("data:font/woff2;base64,{data}")')
    own = re.sub(r"url\((?![\"']?data:)[^)]*\)", "none", own)
    return own + (_OWN / "briefing.css").read_text("utf-8")


def _bar(tag: str, briefing: Briefing) -> str:
    synthetic = f'<span class="synthetic">{SYNTHETIC_WORDS}</span>' if briefing.synthetic else ""
    return (
        f'<{tag} class="marking"><b>{html.escape(briefing.marking)}</b>{synthetic}'
        f'<span class="end">{html.escape(briefing.date_words)}</span></{tag}>'
    )


def _contents(briefing: Briefing) -> str:
    listed = "".join(
        f'<li><a href="#card-{place}">{html.escape(slide.card.headline)}</a></li>'
        for place, slide in enumerate(briefing.slides, start=1)
    )
    return (
        f'<nav aria-label="Cards"><h1>{html.escape(briefing.title)}</h1><ol>{listed}</ol>'
        '<p class="note">The arrow keys go from card to card; in a map they move it, plus and minus zoom.</p></nav>'
    )


def _section(briefing: Briefing, slide: Slide, place: int, bases: dict[str, int]) -> str:
    card = slide.card
    points = "".join(f"<li>{html.escape(point)}</li>" for point in slide.points)
    note = f'<p class="note"><b>Note:</b> {html.escape(slide.note)}</p>' if slide.note else ""
    seen = _seen(card, place, bases)
    synthetic = f'<span class="synthetic">{SYNTHETIC_WORDS}</span> ' if card.synthetic else ""
    return (
        f'<section id="card-{place}" tabindex="-1" aria-label="Card {place} of {len(briefing.slides)}">'
        f'<div class="kicker">{html.escape(card.kicker)}</div><h2>{html.escape(card.headline)}</h2>'
        f'<div class="subline">{html.escape(card.subline)}</div>'
        f'<div class="beside{"" if seen else " alone"}">{f"<div>{seen}</div>" if seen else ""}'
        f'<div><ul class="points">{points}</ul>{note}{_table(card)}</div></div>'
        f'<p class="note">{html.escape(" ".join(card.notes))}</p>'
        f"<details><summary>Parameters</summary>"
        f'<p class="note">{html.escape(slide.parameters)}</p></details>'
        f'<p class="note">{synthetic}<b>{html.escape(card.marking.upper())}</b> {html.escape(briefing.licence_line(slide))}</p>'
        "</section>"
    )


def _seen(card: CardContent, place: int, bases: dict[str, int]) -> str:
    """Write the live map with its legend; the picture where there is no map."""
    picture = base64.b64encode(card.picture).decode() if card.picture else ""
    image = f'<img alt="{html.escape(card.headline)}" src="data:image/png;base64,{picture}">' if picture else ""
    if not _is_live(card):
        return image
    live = (
        f'<div class="map" data-base="base-{bases[card.base_map]}" data-overlay="overlay-{place}" '
        f'data-title="Map {place}: {html.escape(card.headline)}"></div>'
        f"{recorded_legend_html(card.legend)}"
    )
    return live + (f"<details><summary>The same as a picture</summary>{image}</details>" if image else "")


def _table(card: CardContent) -> str:
    head, rows = rows_without_blanks(card.table_head, card.table_rows)
    if not rows:
        head, rows = ("Figure", "Value"), tuple((one.name, one.value) for one in card.figures)
    if not rows:
        return ""
    heads = "".join(f'<th scope="col">{html.escape(cell)}</th>' for cell in head)
    body = "".join(f"<tr>{''.join(f'<td>{html.escape(cell)}</td>' for cell in row)}</tr>" for row in rows)
    return f'<div class="wide"><table><thead><tr>{heads}</tr></thead><tbody>{body}</tbody></table></div>'


def _closing(briefing: Briefing) -> str:
    parts = "".join(
        f"<h3>{html.escape(head)}</h3>" + "".join(f'<p class="note">{html.escape(line)}</p>' for line in lines)
        for head, lines in briefing.closing
    )
    return f'<section id="closing" tabindex="-1"><h2>How this was made</h2>{parts}</section>'
