"""``notebook list``, ``show``, ``export`` and ``run-again``: the notebooks of findings, headless."""

from __future__ import annotations

from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from hotspot.commands import output
from hotspot.commands.options import Json, StoreFolder, open_store

if TYPE_CHECKING:
    from hotspot.export.cards import CardContent
    from hotspot.records.database import Database
    from hotspot.records.notebooks import KeptCard

Name = Annotated[str, typer.Argument(metavar="NAME", help="Of the notebook, in any case.")]
Records = Annotated[
    str | None,
    typer.Option(
        "--records", help="Database of the notebooks; left out, HOTSPOT_RECORDS, else the file beside the store.", metavar="URL"
    ),
]


def register(app: typer.Typer) -> None:
    """Add the commands."""
    notebook = typer.Typer(help="Notebooks of findings.", no_args_is_help=True, rich_markup_mode=None)
    notebook.command("list")(list_notebooks)
    notebook.command("show")(show)
    notebook.command("export")(export)
    notebook.command("run-again")(run_again)
    app.add_typer(notebook, name="notebook")


def list_notebooks(store: StoreFolder, records: Records = None, as_json: Json = False) -> None:
    """List the notebooks, the one changed last first."""
    from hotspot.records.notebooks import notebooks

    rows = [
        {"name": one.name, "cards": one.cards, "changed": f"{one.changed:%Y-%m-%d %H:%M}"}
        for one in notebooks(_database(store, records))
    ]
    columns = {"name": str, "cards": output.number(0), "changed": str}
    lines = output.table(rows, columns) if rows else ["There is no notebook yet. Pin on any page makes one."]
    output.show({"notebooks": rows}, lines, as_json=as_json)


def show(name: Name, store: StoreFolder, records: Records = None, as_json: Json = False) -> None:
    """Print the cards of a notebook: words, figures, note, parameters, data and version."""
    kept = _cards(name, store, records)
    documents = [_document(one, content) for one, content in kept]
    lines = [line for number, (one, content) in enumerate(kept, start=1) for line in _lines(number, one, content)]
    output.show({"notebook": name, "cards": documents}, lines or ["This notebook is empty."], as_json=as_json)


def export(
    name: Name,
    out: Annotated[Path, typer.Option("--out", help="Jupyter notebook to write.", metavar="FILE.ipynb")],
    store: StoreFolder,
    records: Records = None,
    as_json: Json = False,
) -> None:
    """Write a notebook as an executable Jupyter notebook: it computes every card anew and compares the figures."""
    from hotspot.export.jupyter import notebook_json

    output.checked_out(out, (".ipynb",))
    open_store(store)
    kept = _cards(name, store, records)
    contents = [content for _, content in kept]
    written = notebook_json(name, contents, notes=[one.note for one, _ in kept], folder=store.resolve())
    output.write_file(lambda path: path.write_bytes(written) and None, out)
    said = f"{len(kept)} card{'' if len(kept) == 1 else 's'} written to {out}."
    output.show({"notebook": name, "cards": len(kept), "file": out}, [said], as_json=as_json)


def run_again(
    name: Name,
    store: StoreFolder,
    keep: Annotated[bool, typer.Option("--keep", help="Keep each card that changed as a new one, at the end.")] = False,
    records: Records = None,
    as_json: Json = False,
) -> None:
    """Compute the cards of a notebook on the present data, and say what changed, figure by figure."""
    from hotspot.errors import HotspotError
    from hotspot.export import cards
    from hotspot.records.notebooks import pin

    open_store(store)
    documents, lines = [], []
    for number, (one, before) in enumerate(_cards(name, store, records), start=1):
        output.progress(f"Card {number}: {before.headline}")
        try:
            now = cards.content(store, before.page, before.query, scope=before.scope, progress=_silent)
        except HotspotError as fault:
            documents.append({"card": one.number, "headline": before.headline, "fault": str(fault)})
            lines += [f"{number}. {before.headline}", f"   Cannot be computed now: {fault}"]
            continue
        changed = [change for change in cards.changes_of(before, now) if change.is_changed]
        if changed and keep:
            pin(_database(store, records), one.notebook, cards.to_record(now), note=one.note, now=datetime.now())
        documents.append(_rerun(one, before, now, changed))
        lines += _rerun_lines(number, before, now, changed)
    output.show({"notebook": name, "cards": documents}, lines or ["This notebook is empty."], as_json=as_json)


def _database(store: Path, records: str | None) -> Database:
    from hotspot import paths
    from hotspot.records.database import open_database

    return open_database(records or paths.records_url(store))


def _silent(share: float, words: str) -> None:
    """Take a page's progress: one line for each card is enough."""


def _cards(name: str, store: Path, records: str | None) -> list[tuple[KeptCard, CardContent]]:
    from hotspot.export.cards import from_record
    from hotspot.records.notebooks import cards

    return [(one, from_record(one.record)) for one in cards(_database(store, records), name)]


def _document(one: KeptCard, content: CardContent) -> dict[str, Any]:
    return {
        "card": one.number,
        "page": content.page,
        "kicker": content.kicker,
        "headline": content.headline,
        "subline": content.subline,
        "sentence": content.sentence,
        "figures": {figure.name: figure.value for figure in content.figures},
        "table": [dict(zip(content.table_head, row, strict=True)) for row in content.table_rows],
        "notes": content.notes,
        "note": one.note,
        "pinned": f"{one.pinned:%Y-%m-%d %H:%M}",
        "parameters": content.query,
        "audience": content.audience,
        "source": content.source,
        "synthetic": content.synthetic,
        "marking": content.marking,
        "fingerprint": content.fingerprint,
        "version": content.version,
    }


def _lines(number: int, one: KeptCard, content: CardContent) -> list[str]:
    return [
        f"{number}. {content.headline}",
        f"   {content.page}: {content.kicker}",
        f"   {content.sentence}",
        *(f"   {figure.name}: {figure.value}" for figure in content.figures),
        *([f"   Note: {one.note}"] if one.note else []),
        f"   Pinned {one.pinned:%Y-%m-%d %H:%M}, data {content.fingerprint}, version {content.version}. {content.marking}.",
        "",
    ]


def _rerun(one: KeptCard, before: CardContent, now: CardContent, changed: list[Any]) -> dict[str, Any]:
    return {
        "card": one.number,
        "headline": now.headline,
        "same_data": before.fingerprint == now.fingerprint,
        "fingerprint": now.fingerprint,
        "version": now.version,
        "changed": [{"figure": change.name, "pinned": change.before, "now": change.now} for change in changed],
    }


def _rerun_lines(number: int, before: CardContent, now: CardContent, changed: list[Any]) -> list[str]:
    data = "The data are the same" if before.fingerprint == now.fingerprint else "The data have changed"
    count = f"{len(changed)} figure{'' if len(changed) == 1 else 's'} changed" if changed else "every figure is the same"
    return [
        f"{number}. {before.headline}",
        f"   {data}: {count}.",
        *(f"   {change.name}: {change.before or '–'} → {change.now or '–'}" for change in changed),
    ]
