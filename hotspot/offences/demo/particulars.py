"""Who and what: victims, vehicles, suspects, officers, MO and the knife flag, all of them invented."""

from __future__ import annotations

import numpy as np
import pandas as pd
from numpy.random import Generator
from numpy.typing import NDArray

from hotspot.offences.demo import vehicles
from hotspot.offences.demo.contagion import REPEAT, first_of_series
from hotspot.offences.demo.parameters import Parameters
from hotspot.offences.demo.settlement import premises_number

VEHICLE_TYPES = ("Theft of a vehicle", "Theft from a vehicle", "Vehicle interference")
SHOP_TYPES = ("Shoplifting", "Business and community burglary", "Business robbery")
PREMISES_TYPES = (*SHOP_TYPES, "Residential burglary")
_OFFENDER_SKEW = 1.15
_MO = {
    "Residential burglary": (
        "Rear door forced with bodily pressure",
        "Euro cylinder lock snapped",
        "Rear window smashed",
        "Insecure door or window",
        "Letterbox fishing for keys",
        "Patio door lifted off runners",
        "Distraction of occupant",
        "Garage or shed forced",
    ),
    "Business and community burglary": (
        "Shutter cut or lifted",
        "Front glass smashed",
        "Roof entry",
        "Rear fire door forced",
        "Vehicle driven into front",
        "Insecure",
    ),
    "Personal robbery": (
        "Phone snatched by rider",
        "Approached by group, threats",
        "Knife shown, phone demanded",
        "Pushed to ground, bag taken",
        "Bank card and PIN demanded",
        "E-bike or bicycle demanded",
    ),
    "Business robbery": (
        "Till demanded, weapon shown",
        "Staff threatened at closing",
        "Delivery driver threatened",
        "Staff assaulted on leaving",
    ),
    "Theft of a vehicle": (
        "Keyless relay",
        "Keys taken in burglary",
        "Left running unattended",
        "CAN or OBD device",
        "Towed or lifted",
        "Method not known",
    ),
    "Theft from a vehicle": (
        "Window smashed, property on view",
        "Insecure vehicle searched",
        "Catalytic converter cut",
        "Van door peeled, tools taken",
        "Number plates taken",
        "Wheels or parts taken",
    ),
    "Vehicle interference": ("Door handles tried", "Lock damaged, no entry", "Searched, nothing taken"),
    "Theft from the person": (
        "Dipped from bag",
        "Phone taken from table",
        "Distraction in street",
        "Necklace snatched",
    ),
    "Shoplifting": (
        "Concealed and walked out",
        "Bag or trolley filled, walked out",
        "Alcohol taken",
        "Meat or baby milk taken",
        "Self-checkout not scanned",
        "Threats to staff on leaving",
    ),
}


def add_particulars(random: Generator, offences: pd.DataFrame, parameters: Parameters) -> pd.DataFrame:
    """Add references, vehicle, MO, officer, knife flag and victim age; rows keep their order.

    ``offences`` has kind, lpa, x, y, origin and parent (an index into the rows; -1 where alone).
    """
    planted = parameters.particulars
    parent = offences["parent"].to_numpy()
    same_target = first_of_series(np.where(offences["origin"] == REPEAT, parent, -1))
    keeps_mo = (parent >= 0) & (random.random(len(offences)) < planted["same_mo"])
    series = first_of_series(np.where(keeps_mo, parent, -1))
    added = {
        **_premises_and_victims(offences, same_target),
        **_vehicles(random, offences, same_target),
        "MO": _mo(random, offences)[series],
        "offender": _offenders(random, offences, int(planted["suspects_per_lpa"]))[series],
        "OIC": _officers(random, offences, int(planted["officers_per_lpa"])),
        "Knife": _knife(random, offences["kind"].to_numpy(), planted),
        "Victim Age": _ages(random, offences["kind"].to_numpy(), same_target, planted),
    }
    return offences.assign(**added)


def _premises_and_victims(offences: pd.DataFrame, same_target: NDArray[np.int64]) -> dict[str, NDArray[np.object_]]:
    kind = offences["kind"]
    premises = premises_number(offences["x"].to_numpy(), offences["y"].to_numpy())
    at_premises, in_shop = kind.isin(PREMISES_TYPES).to_numpy(), kind.isin(SHOP_TYPES).to_numpy()
    uprn = np.full(len(offences), None, dtype=object)
    uprn[at_premises] = [f"SYN{number:010d}" for number in premises[at_premises]]
    victim = np.full(len(offences), None, dtype=object)
    victim[at_premises] = [
        f"SYN-{'B' if shop else 'H'}{n:010d}" for shop, n in zip(in_shop[at_premises], premises[at_premises], strict=True)
    ]
    victim[~at_premises] = [f"SYN-P{number:07d}" for number in same_target[~at_premises]]
    return {"UPRN": uprn, "Victim Ref": victim}


def _vehicles(random: Generator, offences: pd.DataFrame, same_target: NDArray[np.int64]) -> dict[str, NDArray[np.object_]]:
    count = len(offences)
    is_vehicle = offences["kind"].isin(VEHICLE_TYPES).to_numpy()
    stolen = (offences["kind"] == "Theft of a vehicle").to_numpy()
    draw = random.random(count)
    parked = np.searchsorted(np.cumsum(vehicles.PARKED) / vehicles.PARKED.sum(), draw).clip(0, len(vehicles.MAKES) - 1)
    taken = np.searchsorted(np.cumsum(vehicles.STOLEN) / vehicles.STOLEN.sum(), draw).clip(0, len(vehicles.MAKES) - 1)
    model = np.where(stolen, taken, parked)[same_target]
    reference = np.full(count, None, dtype=object)
    reference[is_vehicle] = [f"SYN-V{number:07d}" for number in same_target[is_vehicle]]
    make, name = vehicles.MAKES[model], vehicles.MODELS[model]
    make[~is_vehicle], name[~is_vehicle] = None, None
    return {"Vehicle Ref": reference, "Vehicle Make": make, "Vehicle Model": name}


def _mo(random: Generator, offences: pd.DataFrame) -> NDArray[np.object_]:
    chosen = np.full(len(offences), None, dtype=object)
    draw = random.random(len(offences))
    for kind, words in _MO.items():
        rows = np.flatnonzero(offences["kind"] == kind)
        # The square lets the first ways of working be the common ones.
        chosen[rows] = np.array(words, dtype=object)[(draw[rows] ** 1.5 * len(words)).astype(int)]
    return chosen


def _offenders(random: Generator, offences: pd.DataFrame, per_lpa: int) -> NDArray[np.object_]:
    """An offender per offence, known or not; a few of them do much: the k-th has weight k^-1.15."""
    weight = np.cumsum(np.arange(1, per_lpa + 1) ** -_OFFENDER_SKEW)
    number = np.searchsorted(weight / weight[-1], random.random(len(offences))).clip(0, per_lpa - 1)
    return np.array([f"SYN-S-{lpa[:3].upper()}{n:04d}" for lpa, n in zip(offences["lpa"], number, strict=True)], dtype=object)


def _officers(random: Generator, offences: pd.DataFrame, per_lpa: int) -> NDArray[np.object_]:
    """Files are allotted without regard to series, as a duty desk does: a series lies with several officers."""
    number = random.integers(1, per_lpa + 1, len(offences))
    return np.array([f"SYN-O-{lpa[:3].upper()}{n:03d}" for lpa, n in zip(offences["lpa"], number, strict=True)], dtype=object)


def _knife(random: Generator, kind: NDArray[np.object_], planted: dict[str, float]) -> NDArray[np.object_]:
    share = np.where(kind == "Personal robbery", planted["knife_personal"], planted["knife_business"])
    flag = np.where(random.random(len(kind)) < share, "Y", "N").astype(object)
    known = np.isin(kind, ["Personal robbery", "Business robbery"]) & (random.random(len(kind)) < planted["knife_known"])
    flag[~known] = None
    return flag


def _ages(
    random: Generator, kind: NDArray[np.object_], same_target: NDArray[np.int64], planted: dict[str, float]
) -> NDArray[np.float64]:
    """Age in years; NaN where the victim is a business or the age is unknown."""
    count = len(kind)
    adult = 25 + 60 * random.beta(1.3, 2.2, count)
    young = 12 + 13 * random.beta(2.2, 1.8, count)
    share_young = np.where(kind == "Personal robbery", planted["robbery_victims_under_25"], 0.07)
    age = np.floor(np.where(random.random(count) < share_young, young, adult))
    age[random.random(count) < planted["age_unknown"]] = np.nan
    age = age[same_target]
    age[np.isin(kind, SHOP_TYPES)] = np.nan
    return age
