"""A notebook of findings as an executable Jupyter notebook, so that analysts can show their working."""

from __future__ import annotations

import html
import json
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from hotspot import __version__
from hotspot.export.cards import PAGES, CardContent

_MARKUP = frozenset("\\`*_[]!#$~|")
_FIRST = '''"""Every card below is computed anew from the store, by the same functions as the application's pages."""
import os
from pathlib import Path

from hotspot import paths
from hotspot.export.cards import changes_of, content
from hotspot.offences.store import Scope, Store

STORE = paths.store_folder() if "HOTSPOT_STORE" in os.environ else Path({folder!r})
print("Data:", Store(STORE).fingerprint)


def run(page, query, areas=()):
    """Compute a card of some LPAs, of all offences where none is named, and print its words, figures and table."""
    scope = Scope(frozenset(areas) or None)
    card = content(STORE, page, query, scope=scope, progress=lambda share, words: None)
    print(f"{{card.marking}}{{'  SYNTHETIC DATA' if card.synthetic else ''}}")
    print(card.kicker, card.headline, card.subline, sep="\\n")
    for figure in card.figures:
        print(f"  {{figure.name}}: {{figure.value}}")
    if card.table_rows:
        print(" | ".join(card.table_head))
    for row in card.table_rows:
        print(" | ".join(row))
    return card


def compare(card, figures):
    """Say which figures differ from those that were pinned."""
    now = {{figure.name: figure.value for figure in card.figures}}
    changed = {{name: (value, now.get(name)) for name, value in figures.items() if now.get(name) != value}}
    print("Same figures as when it was pinned." if not changed else f"Changed since it was pinned: {{changed}}")
    return changed
'''


def notebook_json(name: str, contents: Sequence[CardContent], *, notes: Sequence[str], folder: Path) -> bytes:
    """Write cards as a Jupyter notebook (nbformat 4.5) that needs this package and the store alone.

    Parameters
    ----------
    notes
        The analyst's note of each card.
    folder
        Of the store, where the environment names no other.
    """
    cells = [
        _text(f"# {plain(name)}\n\nMade by the hotspot package, version {__version__}. Run all cells to compute every card anew.")
    ]
    cells.append(_code(_FIRST.format(folder=str(folder))))
    for number, (content, note) in enumerate(zip(contents, notes, strict=True), start=1):
        cells += _card(number, content, note)
    for place, cell in enumerate(cells):
        cell["id"] = f"cell-{place}"
    kernel = {"display_name": "Python 3", "language": "python", "name": "python3"}
    document = {
        "cells": cells,
        "metadata": {"kernelspec": kernel, "language_info": {"name": "python"}},
        "nbformat": 4,
        "nbformat_minor": 5,
    }
    return json.dumps(document, ensure_ascii=False, indent=1).encode()


def _card(number: int, content: CardContent, note: str) -> list[dict[str, Any]]:
    synthetic = " **SYNTHETIC DATA.**" if content.synthetic else ""
    words = [
        f"## {number}. {plain(content.headline)}",
        f"{PAGES[content.page]}: {plain(content.kicker)}. **{plain(content.marking)}**.{synthetic}",
        plain(content.sentence),
        *([f"Note: {plain(note)}"] if note else []),
        plain(" ".join(content.notes)),
        f"Pinned from data {content.fingerprint}, version {plain(content.version)}. "
        f"Source: {plain(content.source)}. {plain(content.licence)}",
    ]
    figures = {figure.name: figure.value for figure in content.figures}
    areas = f", areas={content.areas!r}" if content.areas else ""
    code = [
        f"card_{number} = run({content.page!r}, {_literal(content.query)}{areas})",
        f"changed_{number} = compare(card_{number}, {_literal(figures)})",
    ]
    if content.picture:
        code += ["from IPython.display import Image", f"Image(card_{number}.picture, width=960)"]
    return [_text("\n\n".join(words)), _code("\n".join(code))]


def plain(words: str) -> str:
    """Take from words what Markdown would read as markup: a name could else be a picture that asks another computer."""
    marked = "".join(f"\\{letter}" if letter in _MARKUP else letter for letter in html.escape(words, quote=False))
    return " ".join(marked.split())


def _literal(mapping: dict[str, str]) -> str:
    """Write a mapping as Python reads it, one entry a line."""
    return "{\n" + "".join(f"    {key!r}: {value!r},\n" for key, value in mapping.items()) + "}"


def _text(source: str) -> dict[str, Any]:
    return {"cell_type": "markdown", "metadata": {}, "source": source.splitlines(keepends=True)}


def _code(source: str) -> dict[str, Any]:
    return {
        "cell_type": "code",
        "execution_count": None,
        "metadata": {},
        "outputs": [],
        "source": source.splitlines(keepends=True),
    }
