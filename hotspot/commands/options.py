"""Options that several commands share, and the selection they mean."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from hotspot import crime_types
from hotspot.commands import output
from hotspot.database_address import is_address
from hotspot.errors import BadInput, NotKnowable, StoreError
from hotspot.geography import LPA, OUTSIDE, slug
from hotspot.period import FIRST_YEAR, LAST_YEAR, Period, parse_date
from hotspot.selection import COMMITTED, DATE_BASES, MONTH, REPORTED, Selection

if TYPE_CHECKING:
    from hotspot.offences.store import DataFacts, DataSet, Store
    from hotspot.tasks import Run

Json = Annotated[bool, typer.Option("--json", help="Print one JSON document on stdout and nothing else.")]


def store_path(text: str) -> Path:
    """Give the folder of a store; of one whose offences stay in a database the folder that stands for it, up to date."""
    if not is_address(text):
        return Path(text)
    from hotspot.offences.postgresql.opened import opened

    return opened(text, say=output.progress)


STORE_OPTION: dict[str, Any] = {
    "help": "Folder of the store, or the address of a database.",
    "metavar": "DIR|postgresql://…",
    "parser": store_path,
}
StoreFolder = Annotated[Path, typer.Option("--store", **STORE_OPTION)]
CrimeType = Annotated[
    str, typer.Option("--crime-type", help="Group or sub-type, in any case; crime-types lists them.", metavar="TYPE")
]
From = Annotated[
    str | None, typer.Option("--from", help="First day, year-month-day; left out, the first of the data.", metavar="DATE")
]
To = Annotated[
    str | None, typer.Option("--to", help="First day after the period; left out, the first after the data.", metavar="DATE")
]
Area = Annotated[
    str | None, typer.Option("--lpa", "--area", help="One area, in any case; left out, the whole force.", metavar="NAME")
]
Level = Annotated[str, typer.Option("--level", help="Level of --area: LPA or one that boundaries import added.", metavar="LEVEL")]
DateBasis = Annotated[
    str | None,
    typer.Option(
        "--date-basis", help="Which date counts: committed, reported or month; left out, committed where known.", metavar="BASIS"
    ),
]
Source = Annotated[str | None, typer.Option("--source", help="Source to count, where the store holds several.", metavar="NAME")]
ForceName = Annotated[
    str | None, typer.Option("--force-name", help="Force to count, where the store holds several.", metavar="NAME")
]
Audience = Annotated[
    str,
    typer.Option(
        "--audience", help="force; for partner or public counts under 5 are suppressed.", metavar="force|partner|public"
    ),
]
Kernel = Annotated[
    str, typer.Option("--kernel", help="quartic, gaussian or epanechnikov.", metavar="quartic|gaussian|epanechnikov")
]
Bandwidth = Annotated[
    float | None,
    typer.Option(
        "--bandwidth",
        help="Metres: radius h (quartic, epanechnikov) or standard deviation σ (gaussian); left out, suggested.",
        metavar="M",
    ),
]
Scheduler = Annotated[
    str | None,
    typer.Option(
        "--scheduler",
        help="Dask scheduler that shares the work out: tcp://HOST:PORT, or local for this machine's processes.",
        metavar="ADDRESS|local",
    ),
]
Memory = Annotated[
    float | None,
    typer.Option(
        "--memory", help="MB that pairs and shuffles may take; left out, HOTSPOT_MEMORY or 1,024.", metavar="MB", min=1.0
    ),
]


@dataclass(frozen=True)
class Choice:
    """What the options of a command say of the offences to count; the period apart."""

    crime_type: str
    area: str | None = None
    level: str = LPA
    date_basis: str | None = None
    source: str | None = None
    force: str | None = None


def shared_out(scheduler: str | None, what: str, *, reads: Sequence[Path] = ()) -> Run | None:
    """Have tasks done on the cluster that ``--scheduler`` names, which says how many of ``what`` are done; None without one."""
    if scheduler is None:
        return None
    from hotspot.tasks import run_tasks

    def told(done: int, of: int) -> None:
        output.progress(f"{done} of {of} {what}")

    return partial(run_tasks, scheduler=scheduler, reads=reads, said=output.progress, told=told)


def open_store(folder: Path) -> Store:
    """Open a store; raise ``StoreError`` if there is none."""
    from hotspot.offences.store import Store

    store = Store(folder)
    if not store.exists:
        raise StoreError(f"There is no store at {folder}. Make one with: python -m hotspot import SOURCE --store {folder}")
    return store


def select_options(store: Store, choice: Choice, *, start: str | None, end: str | None) -> Selection:
    """Make the selection that the options mean.

    Raises
    ------
    BadInput
        With one sentence for each option that cannot be used.
    """
    crime_type = crime_types.canonical_name(choice.crime_type)
    facts = chosen_facts(store, choice)
    first = parse_date(start) if start else facts.first_day
    period = Period(first, parse_date(end) if end else facts.end)
    return _selection(store, facts, choice, crime_type=crime_type, period=period)


def select_period(store: Store, choice: Choice, period: Period) -> Selection:
    """Make the selection that the options mean in a period given as a whole."""
    crime_type = crime_types.canonical_name(choice.crime_type)
    return _selection(store, chosen_facts(store, choice), choice, crime_type=crime_type, period=period)


def _selection(store: Store, facts: DataFacts, choice: Choice, *, crime_type: str, period: Period) -> Selection:
    _check_told(crime_type, facts)
    if period.start.year < FIRST_YEAR or period.end.year > LAST_YEAR:
        raise BadInput(f"The period {period.iso} must lie within the years {FIRST_YEAR} to {LAST_YEAR}.")
    level = known_level(store, choice.level, facts.force)
    return Selection(
        source=facts.source,
        force=facts.force,
        crime_type=crime_type,
        period=period,
        date_basis=_date_basis(choice.date_basis, facts),
        level=level,
        area=_known_area(store, choice.area, level, facts.force),
    )


def _check_told(crime_type: str, facts: DataFacts) -> None:
    """Refuse to count a sub-type as nought in data that know its group alone, as police.uk's do."""
    kind = crime_types.by_name(crime_type)
    if kind is not None and not kind.is_group and kind.name not in facts.crime_types and kind.group in facts.crime_types:
        raise NotKnowable(
            f"The source {facts.source} does not tell {kind.name[0].lower()}{kind.name[1:]} from the rest of its group. "
            f"Ask for {kind.group}."
        )


def chosen_facts(store: Store, choice: Choice) -> DataFacts:
    """Give the facts of the one data set that ``--source`` and ``--force-name`` leave.

    Where neither is given and the store holds several, the only one of the store's own force is meant.

    Raises
    ------
    BadInput
        If none or several are left; the sentence lists them.
    """
    from hotspot.offences.store import EVERYTHING

    held = store.data_sets
    left = [one for one in held if _matches(one, choice)]
    if len(left) > 1 and choice.source is None and choice.force is None:
        own = [one for one in left if slug(one.force) == store.force.slug]
        left = own if len(own) == 1 else left
    if len(left) == 1:
        return store.facts(left[0].source, left[0].force, scope=EVERYTHING)
    listed = "; ".join(f'--source "{one.source}" --force-name "{one.force}"' for one in (left or held))
    if not held:
        raise BadInput(f"The store {store.path} holds no offences. Import some first.")
    if not left:
        raise BadInput(f"The store has no such offences. It has: {listed}.")
    raise BadInput(f"The store holds {len(left)} sets of offences, which are never counted together. Choose one: {listed}.")


def _matches(one: DataSet, choice: Choice) -> bool:
    source = choice.source is None or one.source.lower() == choice.source.strip().lower()
    return source and (choice.force is None or slug(one.force) == slug(choice.force))


def known_level(store: Store, level: str, force: str) -> str:
    """Give a level of areas as the store writes it; LPA stands even where the store has no boundaries."""
    levels = store.levels_of(force)
    found = next((one for one in (*levels, LPA) if one.lower() == level.strip().lower()), None)
    if found is None:
        raise BadInput(
            f"The store has no areas of the level '{level}'. It has: {', '.join(levels) or 'none'}. "
            "Add some with: boundaries import"
        )
    return found


def _known_area(store: Store, area: str | None, level: str, force: str) -> str | None:
    if area is None:
        return None
    if level not in store.levels_of(force):
        raise BadInput(f"The store has no boundaries of {force}, so no area can be chosen. Add some with: boundaries import")
    names = (*store.areas(level, force=force).names, OUTSIDE)
    found = next((name for name in names if name.lower() == area.strip().lower()), None)
    if found is None:
        raise BadInput(f"There is no {level} '{area}'. There are: {', '.join(names[:20])}{' …' if len(names) > 20 else ''}.")
    return found


def _date_basis(wanted: str | None, facts: DataFacts) -> str:
    if wanted is None:
        if facts.time_precision == MONTH:
            return MONTH
        return COMMITTED if "committed_from" in facts.columns else REPORTED
    basis = wanted.strip().lower()
    if basis not in DATE_BASES:
        raise BadInput(f"--date-basis '{wanted}' is none of {', '.join(DATE_BASES)}.")
    return basis
