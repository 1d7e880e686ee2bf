"""``brief``: a notebook, or a template for each LPA, as PowerPoint, PDF or one HTML file."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from hotspot.commands import output, public
from hotspot.commands.options import Audience, Choice, ForceName, Json, Scheduler, Source, StoreFolder, open_store, select_options
from hotspot.errors import BadInput

if TYPE_CHECKING:
    from hotspot.export.briefing import Briefing
    from hotspot.offences.store import Store
    from hotspot.selection import Selection

SUFFIXES = (".pptx", ".pdf", ".html")


def register(app: typer.Typer) -> None:
    """Add the command."""
    app.command("brief")(brief)


def brief(
    store: StoreFolder,
    out: Annotated[
        Path, typer.Option("--out", help="FILE.pptx, .pdf or .html; a folder where several are made.", metavar="FILE|FOLDER")
    ],
    notebook: Annotated[
        str | None, typer.Option("--notebook", help="Notebook whose pinned cards are written as they are.", metavar="NAME")
    ] = None,
    template: Annotated[
        str | None, typer.Option("--template", help="weekly: one briefing per LPA, made from the data.", metavar="weekly")
    ] = None,
    lpa: Annotated[str, typer.Option("--lpa", help="With --template: one LPA, or all.", metavar="NAME|all")] = "all",
    crime_type: Annotated[
        str, typer.Option("--crime-type", help="With --template: group or sub-type, in any case.", metavar="TYPE")
    ] = "Burglary",
    suffix: Annotated[
        str, typer.Option("--format", help="With a folder: format of its files.", metavar="pptx|pdf|html")
    ] = "pptx",
    scheduler: Scheduler = None,
    audience: Audience = public.FORCE,
    source: Source = None,
    force: ForceName = None,
    as_json: Json = False,
) -> None:
    """Write a briefing: title, one card a slide, and how it was made; with marking, licence, N and exclusions on each."""
    if (notebook is None) == (template is None):
        raise BadInput("Say which cards: --notebook NAME for pinned ones, or --template weekly.")
    audience = public.PUBLIC if public.is_meant(audience) else public.FORCE
    if notebook is not None:
        written = [_of_notebook(store, notebook, out, audience)]
    else:
        choice = Choice(crime_type, source=source, force=force)
        ending = f".{suffix.lower().lstrip('.')}"
        written = _of_template(store, template or "", out, ending, choice, lpa=lpa, audience=audience, scheduler=scheduler)
    output.show({"briefings": written}, [_line(row) for row in written], as_json=as_json)


def _of_notebook(folder: Path, name: str, out: Path, audience: str) -> dict[str, Any]:
    from datetime import date

    from hotspot import paths
    from hotspot.export import cards
    from hotspot.export.briefing import Briefing, Slide, for_audience
    from hotspot.export.briefing_plans import with_plans
    from hotspot.offences.store import EVERYTHING
    from hotspot.records import notebooks
    from hotspot.records.database import open_database

    output.checked_out(out, SUFFIXES)
    opened, database = open_store(folder), open_database(paths.records_url(folder))
    kept = notebooks.cards(database, name)
    if not kept:
        raise BadInput(f"The notebook '{name}' has no cards yet. Pin one on any page.")
    slides = tuple(Slide(cards.from_record(one.record), one.note) for one in kept)
    briefing = for_audience(Briefing(kept[0].notebook, date.today(), slides), audience)
    named = (slides[0].card.query["source"], slides[0].card.query["force"])
    # A notebook may outlive the data that it was pinned from.
    if named in opened.data_sets:
        briefing = with_plans(briefing, opened, database, source=named[0], force=named[1], audience=audience, scope=EVERYTHING)
    output.progress(f"Writing {len(briefing.slides)} cards")
    return _write(briefing, out)


def _of_template(
    folder: Path, template: str, out: Path, suffix: str, choice: Choice, *, lpa: str, audience: str, scheduler: str | None
) -> list[dict[str, Any]]:
    from dataclasses import replace
    from datetime import date

    from hotspot import paths
    from hotspot.export.briefing_plans import with_plans
    from hotspot.export.briefing_template import TEMPLATES, lpas_of, weekly, weekly_of
    from hotspot.geography import slug
    from hotspot.offences import manifest
    from hotspot.offences.store import EVERYTHING
    from hotspot.records.database import open_database
    from hotspot.tasks import as_done

    if template not in TEMPLATES:
        raise BadInput(f"There is no template '{template}'. It can be: {', '.join(TEMPLATES)}.")
    opened = open_store(folder)
    selection = select_options(opened, choice, start=None, end=None)
    names = lpas_of(opened, selection.force, lpa)
    files = _files(out, [slug(name) for name in names], suffix)
    cards = len(weekly(selection, opened.facts(selection.source, selection.force, scope=EVERYTHING), audience=audience))
    about = {"source": selection.source, "force": selection.force, "audience": audience, "scope": EVERYTHING}
    selections = [replace(selection, area=name) for name in names]
    database, rows = open_database(paths.records_url(folder)), {}
    with typer.progressbar(length=len(names) * cards, label="Briefings", file=sys.stderr) as bar:
        if scheduler is None:
            made = _made_here(opened, selections, audience, bar)
        else:
            tasks = [(folder.resolve(), one, audience, date.today()) for one in selections]
            made = as_done(weekly_of, tasks, scheduler=scheduler, reads=[folder / manifest.NAME], said=output.progress)
        for place, shown in made:
            briefing = with_plans(shown, opened, database, lpa=names[place], **about)
            rows[place] = {"lpa": names[place], **_write(briefing, files[place])}
            if scheduler is not None:
                bar.update(cards)
                output.progress(f"{len(rows)} of {len(names)} LPAs: {names[place]}")
    return [rows[place] for place in range(len(names))]


def _made_here(opened: Store, selections: list[Selection], audience: str, bar: Any) -> Iterator[tuple[int, Briefing]]:
    """Make one briefing after another; the bar moves with each card."""
    from datetime import date

    from hotspot.export.briefing_template import template_briefing
    from hotspot.offences.store import EVERYTHING

    for place, selection in enumerate(selections):
        step = f"LPA {place + 1} of {len(selections)}, {selection.area}"
        bar.label = f"Briefings, {step}"
        # A bar says nothing where it cannot move, as in a log.
        if not sys.stderr.isatty():
            output.progress(step)
        shown = template_briefing(
            opened, selection, audience=audience, issued=date.today(), scope=EVERYTHING, done=lambda: bar.update(1)
        )
        yield place, shown


def _files(out: Path, names: list[str], suffix: str) -> list[Path]:
    """Say which file each briefing goes into: the one that is named, or one per LPA in a folder, which is made."""
    if suffix not in SUFFIXES:
        raise BadInput(f"--format {suffix.lstrip('.')} is none of {', '.join(one.lstrip('.') for one in SUFFIXES)}.")
    if out.suffix.lower() in SUFFIXES and not out.is_dir():
        if len(names) > 1:
            raise BadInput(f"--out {out} is one file, and {len(names)} briefings are made. Name a folder, or one LPA.")
        output.checked_out(out, SUFFIXES)
        return [out]
    if out.is_file() or not out.parent.is_dir():
        raise BadInput(f"--out {out} cannot be written: name a folder, or a file ending in {', '.join(SUFFIXES)}.")
    out.mkdir(exist_ok=True)
    return [out / f"{name}{suffix}" for name in names]


def _write(briefing: Briefing, file: Path) -> dict[str, Any]:
    from hotspot.export.briefing import write_briefing

    output.write_file(lambda path: write_briefing(briefing, path), file)
    return {
        "title": briefing.title,
        "file": str(file),
        "cards": len(briefing.slides),
        "not_shown": list(briefing.refusals),
        "marking": briefing.marking,
        "synthetic": briefing.synthetic,
    }


def _line(row: dict[str, Any]) -> str:
    left_out = "".join(f"\n  Not shown. {sentence}" for sentence in row["not_shown"])
    return f"{row['title']}: {row['cards']} cards, written to {row['file']}.{left_out}"
