"""Put the synthetic extract together, with the column names of data/mappings/typical-extract.toml."""

from __future__ import annotations

import itertools
import tempfile
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq
from numpy.random import PCG64, Generator
from numpy.typing import NDArray

from hotspot.boundaries.areas import Areas, read_areas
from hotspot.boundaries.force_file import force_from_toml, load_force
from hotspot.boundaries.places import read_places
from hotspot.geography import LPA, Force, Place
from hotspot.offences.demo import contagion, placing, timing
from hotspot.offences.demo.faults import plant_faults
from hotspot.offences.demo.handling import add_handling
from hotspot.offences.demo.parameters import Parameters, read_parameters
from hotspot.offences.demo.particulars import add_particulars
from hotspot.offences.demo.settlement import Settlement, build_settlement
from hotspot.offences.demo.strata import Stratum, strata
from hotspot.offences.demo.streets import street_names
from hotspot.offences.load import import_sources
from hotspot.offences.report import LoadReport
from hotspot.paths import MAPPINGS, WEST_MIDLANDS
from hotspot.viewer import IMPORT, LOCAL, Viewer, require

Progress = Callable[[float, str], None]
"""Told the share done (0 to 1) and a sentence."""
_GENERATING = 0.3
"""Share of the time that inventing takes; the import, whose number of steps is its own, takes the rest."""
MAPPING = MAPPINGS / "typical-extract.toml"
COLUMNS = (
    "Crime Number", "HO Code", "Offence Description", "Committed From", "Committed To", "Reported Date", "Easting", "Northing",
    "LPA", "Beat", "Street", "UPRN", "Victim Ref", "Victim Age", "Vehicle Ref", "Vehicle Make", "Vehicle Model", "Suspect Ref",
    "OIC", "MO", "Knife", "CCTV Requested", "CCTV Received", "Filed Date", "Outcome", "Outcome Date",
)  # fmt: skip
_CODES = {
    "Business and community burglary": "30C",
    "Personal robbery": "034B",
    "Business robbery": "034A",
    "Theft of a vehicle": "048/01",
    "Theft from a vehicle": "045/10",
    "Vehicle interference": "126/00",
    "Theft from the person": "039",
    "Shoplifting": "046",
}
_HOME_BURGLARY = ("28A", "28E")
"""Residential burglary before and from 1 April 2023, when the class was split."""
_DAYS = ("CCTV Requested", "CCTV Received", "Filed Date", "Outcome Date")
"""Columns that know the day alone."""
_SPLIT = np.datetime64("2023-04-01")


@dataclass(frozen=True, eq=False)
class Demo:
    """The synthetic extract and the truth behind it."""

    extract: pd.DataFrame
    """One row per offence and victim, the columns of a typical force extract, in the order of reporting."""
    truth: pd.DataFrame
    """One row per offence: Crime Number, kind, lpa, ``origin`` (0 alone, 1 repeat, 2 near repeat) and
    ``followed`` (Crime Number of the offence followed)."""
    parameters: Parameters
    seed: int
    scale: float


def generate(*, seed: int | None = None, scale: float = 1.0, progress: Progress | None = None) -> Demo:
    """Invent the extract.

    Parameters
    ----------
    seed
        None: the seed of data/demo.toml.
    scale
        Of the number of offences; rates and shares stay the same.
    progress
        Called with the share done (0 to 1) and a sentence at each step.
    """
    parameters = read_parameters()
    seed = parameters.seed if seed is None else seed
    say = progress or (lambda share, words: None)
    force = load_force(WEST_MIDLANDS)
    areas, places = _geography(force)
    random = Generator(PCG64(seed))
    say(0.0, "Laying out invented estates, shops and streets")
    settlement = build_settlement(random, areas, places)
    say(0.05, "Placing invented offences in time and space")
    offences = _in_order_of_report(_offences(random, parameters, settlement, scale=scale))
    say(0.5, "Adding victims, vehicles and outcomes")
    offences = add_handling(random, add_particulars(random, offences, parameters), parameters)
    clean = _as_extract(offences, places)
    clean = _with_second_victims(random, clean, parameters)
    faults = {name: max(1, round(count * scale)) for name, count in parameters.faults.items()}
    extract = plant_faults(random, clean, faults=faults, force=force, areas=areas)
    return Demo(extract[list(COLUMNS)], _truth(offences, clean), parameters, seed, scale)


def _geography(force: Force) -> tuple[Areas, tuple[Place, ...]]:
    assert force.boundaries_file is not None
    areas = read_areas(force.boundaries_file, level=LPA, crs=force.analysis_crs, name_column=force.name_column)
    return areas, read_places()


def _offences(random: Generator, parameters: Parameters, settlement: Settlement, *, scale: float) -> pd.DataFrame:
    parts, before = [], 0
    for stratum in strata(parameters):
        part = _offences_of(random, stratum, parameters, settlement, scale=scale)
        part["parent"] = np.where(part["parent"] < 0, -1, part["parent"] + before)
        parts.append(part)
        before += len(part)
    return pd.concat(parts, ignore_index=True)


def _offences_of(
    random: Generator, stratum: Stratum, parameters: Parameters, settlement: Settlement, *, scale: float
) -> pd.DataFrame:
    times = timing.draw_times(random, stratum, parameters.period, scale=scale)
    links = contagion.draw_links(random, times.start, stratum.kind)
    x, y = placing.place(random, stratum, links, settlement)
    columns = {
        "start": times.start,
        "end": times.end,
        "reported": times.reported,
        "x": x,
        "y": y,
        "origin": links.origin,
        "parent": links.parent,
    }
    part = pd.DataFrame(columns)
    part["kind"], part["lpa"] = stratum.kind.name, stratum.lpa
    return part


def _in_order_of_report(offences: pd.DataFrame) -> pd.DataFrame:
    order = np.argsort(offences["reported"].to_numpy(), kind="stable")
    rank = np.empty(len(order), dtype=np.int64)
    rank[order] = np.arange(len(order))
    ordered = offences.iloc[order].reset_index(drop=True)
    parent = ordered["parent"].to_numpy()
    return ordered.assign(parent=np.where(parent < 0, -1, rank[np.maximum(parent, 0)]))


def _as_extract(offences: pd.DataFrame, places: tuple[Place, ...]) -> pd.DataFrame:
    reported = offences["reported"].to_numpy().astype("datetime64[s]")
    extract = offences.drop(columns=["start", "end", "reported", "kind", "origin", "parent", "x", "y", "lpa"])
    x, y = offences["x"].to_numpy(), offences["y"].to_numpy()
    return extract.assign(
        **{
            "Crime Number": _crime_numbers(reported),
            "HO Code": _codes(offences["kind"], reported),
            "Offence Description": offences["kind"].to_numpy(dtype=object),
            "Committed From": offences["start"].to_numpy().astype("datetime64[s]"),
            "Committed To": offences["end"].to_numpy().astype("datetime64[s]"),
            "Reported Date": reported,
            "Easting": x.astype(float),
            "Northing": y.astype(float),
            "LPA": offences["lpa"].to_numpy(dtype=object),
            "Beat": _beats(offences["lpa"], x, y),
            "Street": street_names(x, y, places),
        }
    )


def _crime_numbers(reported: NDArray[np.datetime64]) -> list[str]:
    years = reported.astype("datetime64[Y]").astype(int) + 1970
    return [f"SYN/{number:06d}/{year % 100:02d}" for number, year in enumerate(years.tolist(), start=1)]


def _codes(kind: pd.Series, reported: NDArray[np.datetime64]) -> NDArray[np.object_]:
    codes = kind.map(_CODES).to_numpy(dtype=object)
    home = (kind == "Residential burglary").to_numpy()
    codes[home] = np.where(reported[home] < _SPLIT, *_HOME_BURGLARY)
    return codes


def _beats(lpa: pd.Series, x: NDArray[np.int64], y: NDArray[np.int64]) -> list[str]:
    """Beats are squares of 3 km: invented, as the force's own are not public."""
    squares = zip(lpa, (x // 3_000 % 100).tolist(), (y // 3_000 % 100).tolist(), strict=True)
    return [f"{name[:3].upper()}-{column:02d}{row:02d}" for name, column, row in squares]


def _with_second_victims(random: Generator, extract: pd.DataFrame, parameters: Parameters) -> pd.DataFrame:
    """Repeat some burglaries' rows with another victim of the household, each just below its first row."""
    homes = (extract["Offence Description"] == "Residential burglary").to_numpy()
    chosen = homes & (random.random(len(extract)) < parameters.particulars["second_victim"])
    second = extract[chosen].copy()
    second["Victim Ref"] = second["Victim Ref"] + "B"
    second["Victim Age"] = (second["Victim Age"] + random.integers(-3, 4, len(second))).clip(lower=16)
    return pd.concat([extract, second]).sort_index(kind="stable").reset_index(drop=True)


def _truth(offences: pd.DataFrame, extract: pd.DataFrame) -> pd.DataFrame:
    numbers = extract["Crime Number"].drop_duplicates().to_numpy(dtype=object)
    parent = offences["parent"].to_numpy()
    truth = offences[["kind", "lpa", "origin"]].copy()
    truth.insert(0, "Crime Number", numbers)
    truth["followed"] = np.where(parent < 0, None, numbers[np.maximum(parent, 0)])
    return truth


def write_extract(demo: Demo, path: Path) -> Path:
    """Write the extract as Parquet; the same seed gives the same bytes."""
    typed = demo.extract.assign(**{"Victim Age": demo.extract["Victim Age"].astype("Int16")})
    table = pa.Table.from_pandas(typed, preserve_index=False).replace_schema_metadata(None)
    for name in _DAYS:
        table = table.set_column(table.schema.get_field_index(name), name, table[name].cast(pa.date32()))
    pq.write_table(table, path, compression="zstd")
    return path


def _force_with_households(parameters: Parameters) -> Force:
    """Give the force with invented households at risk, so that repeats have something to be measured against."""
    households = ", ".join(f'"{name}" = {count}' for name, count in parameters.households.items())
    premises = f'[premises]\nsource = "invented for the demonstration data"\nhouseholds = {{ {households} }}\n'
    return force_from_toml(f"{load_force(WEST_MIDLANDS).toml}\n{premises}", WEST_MIDLANDS.parent)


def write_demo(
    store_path: Path, *, seed: int | None = None, progress: Progress | None = None, viewer: Viewer = LOCAL
) -> LoadReport:
    """Invent the extract and import it into a store as any other extract, marked as synthetic.

    Returns
    -------
    LoadReport
        What the import used, excluded and found suspicious.
    """
    require(viewer, IMPORT)
    say = progress or (lambda share, words: None)
    steps = itertools.count()
    demo = generate(seed=seed, progress=lambda share, words: say(_GENERATING * share, words))
    with tempfile.TemporaryDirectory() as folder:
        path = write_extract(demo, Path(folder) / "synthetic-extract.parquet")
        return import_sources(
            [path],
            store=Path(store_path),
            mapping=MAPPING,
            forces=(_force_with_households(demo.parameters),),
            source=demo.parameters.source,
            synthetic=True,
            viewer=viewer,
            progress=lambda words: say(_GENERATING + (1 - _GENERATING) * (1 - 0.7 ** next(steps)), words),
        )
