"""Guess what the columns of an extract mean: by the names police systems use, then by what is in them.

A guess fills in a form that a person then checks; nothing is imported on a guess alone.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Sequence
from itertools import pairwise

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from hotspot.offences.coordinates import LONGITUDE_LATITUDE, read_numbers
from hotspot.offences.dates import DateRules, ambiguous_parts, read_clock, read_moment
from hotspot.offences.force_extract import Head
from hotspot.offences.mapping import DATES, Mapping

NATIONAL_GRID = "EPSG:27700"
_GRID_EAST, _GRID_NORTH = (1_000.0, 700_000.0), (1_000.0, 1_300_000.0)
"""Metres: the reach of the National Grid."""
_UK_LONGITUDE, _UK_LATITUDE = (-9.0, 2.5), (49.0, 61.5)

# Names as police record systems and their exports write them, without case, blanks and marks; the best first.
NAMES: dict[str, str] = {
    "offence_id": "crimenumber crimeno crimenum crimeref crimereference crimereferencenumber crimerefno crimeid offenceid "
    "offenceno offencenumber offenceref offencereference occurrencenumber occurrenceno occurrenceid crn urn uniqueid "
    "referencenumber reference recordid caseid uid ref id",
    "crime_code": "hocode homeofficecode hooffencecode homeofficeoffencecode hoclass hoclasscode homeofficeclass hocrimecode "
    "offencecode crimecode classcode",
    "crime_description": "offencedescription offencedesc hodescription homeofficedescription hooffencedescription crimetype "
    "crimedescription offencetype offencetitle recordedoffence offencesubtype crimesubtype offence crime offencecategory "
    "crimecategory category offencegroup",
    "committed_from": "committedfrom committedfromdate committedfromdatetime datecommittedfrom datetimecommittedfrom "
    "committeddatefrom firstcommitted firstcommitteddate firstcommitteddatetime datefirstcommitted occurredfrom "
    "occurredfromdate occurreddatefrom offencefrom offencedatefrom offencefromdate offencestartdate earliestdate datefrom "
    "fromdate datetimefrom fromdatetime committedstart committedstartdate startdatetime startdate datestart "
    "committeddate datecommitted committedon offencedate dateofoffence occurreddate from start",
    "committed_to": "committedto committedtodate committedtodatetime datecommittedto datetimecommittedto committeddateto "
    "lastcommitted lastcommitteddate lastcommitteddatetime datelastcommitted occurredto occurredtodate occurreddateto "
    "offenceto offencedateto offencetodate offenceenddate latestdate dateto todate datetimeto todatetime committedend "
    "committedenddate enddatetime enddate dateend to end",
    "reported": "reporteddate datereported reporteddatetime datetimereported reported reportedon reportdate recordeddate "
    "daterecorded recordeddatetime recorded recordedon crimerecordeddate createddate datecreated dateentered",
    "x": "easting eastings oseasting locationeasting gridx xcoord xcoordinate coordx xco mapx x longitude lon lng long",
    "y": "northing northings osnorthing locationnorthing gridy ycoord ycoordinate coordy yco mapy y latitude lat",
    "lpa": "lpa lpaname localpolicingarea policingarea localpolicingunit lpu npu district localauthority borough",
    "street": "street streetname road roadname thoroughfare offencestreet locationstreet address fulladdress offenceaddress "
    "locationaddress offencelocation locationname location",
    "premises_ref": "uprn uniquepropertyreferencenumber uniquepropertyreference premisesref premisesreference premisesid "
    "propertyref propertyid addressref addressid locationid premises",
    "victim_ref": "victimref victimreference victimid victimurn victimno victimnumber vicref aggrievedref aggrievedid "
    "complainantref",
    "victim_age": "victimage ageofvictim victimageatoffence vicage agevictim aggrievedage victimagenumber",
    "vehicle_ref": "vehicleref vehiclereference vehicleid vrm vrn vehiclevrm vehicleregistration vehicleregistrationmark "
    "vehiclereg registrationnumber registrationmark registration regno",
    "vehicle_make": "vehiclemake make vehmake makeofvehicle",
    "vehicle_model": "vehiclemodel model vehmodel modelofvehicle",
    "suspect_ref": "suspectref suspectreference suspectid suspecturn offenderref offenderreference offenderid",
    "officer_ref": "oic officerincase officerincharge oicref oicnumber oiccollar oiccollarnumber investigatingofficer "
    "officerref officerid officer collarnumber collarno",
    "mo": "mo modusoperandi mocode mocodes mokeyword mokeywords",
    "beat": "beat beatcode beatname beatid sector sectorcode sectorname neighbourhood neighbourhoodname",
    "outcome": "outcome outcomedescription outcomedesc outcometype outcomecategory crimeoutcome lastoutcomecategory "
    "outcomecode disposal",
    "outcome_date": "outcomedate dateofoutcome dateoutcome outcomedatetime disposaldate finaliseddate",
    "filed_date": "fileddate datefiled filingdate filed closeddate dateclosed closuredate",
    "cctv_requested": "cctvrequested cctvrequesteddate cctvrequestdate datecctvrequested cctvrequestedon",
    "cctv_received": "cctvreceived cctvreceiveddate cctvreceiptdate datecctvreceived cctvreceivedon",
    "knife": "knife knifeused knifeflag knifeenabled knifecrime knifeindicator knifeinvolved knifeyn bladedweapon",
}


def guess(columns: Sequence[str], sample: pd.DataFrame) -> dict[str, str]:
    """Guess the column of each canonical column that the file seems to have.

    Parameters
    ----------
    columns
        Names in the file.
    sample
        Some rows as text, '' where blank (see ``read_head``).
    """
    found = _by_name([column for column in columns if column], sample)
    for extra in (_dates_by_content, _positions_by_content):
        left = [column for column in columns if column in sample and column not in found.values()]
        found |= extra(found, left, sample)
    return {name: found[name] for name in NAMES if name in found}


def guess_mapping(head: Head, *, name: str) -> Mapping:
    """Build the mapping that a person starts from: columns, coordinate system, order of day and month."""
    found = guess(head.columns, head.frame)
    times = guess_times(head.columns, found, head.frame)
    if head.has_points:
        found = {key: column for key, column in found.items() if key not in ("x", "y")}
    return Mapping(
        name=name,
        columns={key: (column, times[key]) if key in times else (column,) for key, column in found.items()},
        crs=head.crs or guess_crs(found, head.frame),
        day_first=guess_day_first(found, head.frame),
    )


def guess_crs(found: dict[str, str], sample: pd.DataFrame) -> str:
    """Guess the coordinate system of the guessed x and y; '' where the numbers fit none that is known."""
    if not {"x", "y"} <= found.keys():
        return ""
    x, y = _numbers(sample[found["x"]]), _numbers(sample[found["y"]])
    if _within(x, (-180.0, 180.0)) and _within(y, (-90.0, 90.0)):
        return LONGITUDE_LATITUDE
    return NATIONAL_GRID if _within(x, _GRID_EAST) and _within(y, _GRID_NORTH) else ""


def guess_day_first(found: dict[str, str], sample: pd.DataFrame) -> bool:
    """Guess the order of day and month; day-first unless the sample has dates that only month-first fits."""
    cells = pd.concat([sample[found[name]] for name in DATES if name in found] or [pd.Series(dtype="str")])
    pairs = [pair for text in cells.unique() if (pair := ambiguous_parts(text)) is not None]
    month_first_alone = any(second > 12 for _, second in pairs)
    return not month_first_alone or any(first > 12 for first, _ in pairs)


def guess_times(columns: Sequence[str], found: dict[str, str], sample: pd.DataFrame) -> dict[str, str]:
    """Guess the time column beside each guessed date column ('Date From' and 'Time From')."""
    by_name = {_plain(column): column for column in columns if column in sample and column not in found.values()}
    times = {}
    for name in DATES:
        plain = _plain(found.get(name, ""))
        wanted = (plain.replace("date", "time"), plain.replace("date", "") + "time", "time" + plain.replace("date", ""))
        match = next((by_name[word] for word in wanted if word in by_name), None) if plain else None
        if match and _share(sample[match], lambda text: read_clock(text) is not None) > 0.5:
            times[name] = match
    return times


def _plain(name: str) -> str:
    return re.sub(r"[\W_]+", "", name.lower())


def _by_name(columns: Iterable[str], sample: pd.DataFrame) -> dict[str, str]:
    """Match names that are known; where the sample contradicts a name, the next one is tried."""
    by_plain: dict[str, str] = {}
    for column in columns:
        by_plain.setdefault(_plain(column), column)
    found: dict[str, str] = {}
    for name, known in NAMES.items():
        candidates = (by_plain[word] for word in known.split() if word in by_plain)
        match = next((c for c in candidates if c not in found.values() and _plausible(name, c, sample)), None)
        if match:
            found[name] = match
    return found


def _plausible(name: str, column: str, sample: pd.DataFrame) -> bool:
    if column not in sample or not (sample[column] != "").any():
        return True
    cells = sample[column]
    if name in DATES:
        return _share(cells, _is_date) > 0.5
    if name in ("x", "y", "victim_age"):
        return bool(np.isfinite(_numbers(cells)).mean() > 0.5)
    return True


def _dates_by_content(found: dict[str, str], left: list[str], sample: pd.DataFrame) -> dict[str, str]:
    """Take the first column of dates as the start, and the next that is never before it as the end."""
    if {"committed_from", "reported"} & found.keys():
        return {}
    dated = [column for column in left if _share(sample[column], _looks_dated) > 0.8]
    if not dated:
        return {}
    start = _moments(sample[dated[0]])
    for other in dated[1:]:
        end = _moments(sample[other])
        if not (end < start).any():
            return {"committed_from": dated[0], "committed_to": other}
    return {"committed_from": dated[0]}


def _positions_by_content(found: dict[str, str], left: list[str], sample: pd.DataFrame) -> dict[str, str]:
    """Take neighbouring columns as x and y where their numbers fit the country, in degrees or in metres."""
    if {"x", "y"} & found.keys():
        return {}
    for first, second in pairwise(left):
        one, other = _numbers(sample[first]), _numbers(sample[second])
        if _within(one, _UK_LONGITUDE) and _within(other, _UK_LATITUDE) and _has_fractions(one, other):
            return {"x": first, "y": second}
        if _within(one, _UK_LATITUDE) and _within(other, _UK_LONGITUDE) and _has_fractions(one, other):
            return {"x": second, "y": first}
        if _within(one, (80_000.0, _GRID_EAST[1])) and _within(other, (5_000.0, _GRID_NORTH[1])) and _is_regional(one, other):
            return {"x": first, "y": second}
    return {}


def _numbers(cells: pd.Series) -> NDArray[np.float64]:
    """Give the numbers of the cells that are not blank; infinite where a cell is no number."""
    return read_numbers(cells[cells != ""], geographic=False)


def _within(values: NDArray[np.float64], limits: tuple[float, float]) -> bool:
    """Say whether nearly all values lie within limits; zeros, which stand for nowhere, do not count."""
    values = values[values != 0]
    return len(values) > 0 and float(((values >= limits[0]) & (values <= limits[1])).mean()) > 0.9


def _has_fractions(one: NDArray[np.float64], other: NDArray[np.float64]) -> bool:
    return bool((one % 1 != 0).mean() > 0.5 and (other % 1 != 0).mean() > 0.5)


def _is_regional(one: NDArray[np.float64], other: NDArray[np.float64]) -> bool:
    """Say whether the middle nine tenths fit into one region; running numbers and counts do not look so."""
    spreads = [float(np.ptp(np.quantile(values[np.isfinite(values) & (values != 0)], (0.05, 0.95)))) for values in (one, other)]
    return all(100.0 < spread < 150_000.0 for spread in spreads)


def _share(cells: pd.Series, fits: Callable[[str], bool]) -> float:
    """Give the share of the written cells that fit; 0 where nothing is written."""
    written = [text for text in cells if text]
    return sum(map(fits, written)) / len(written) if written else 0.0


def _moment(text: str) -> np.datetime64:
    found = read_moment(text, DateRules(True)) or read_moment(text, DateRules(False))
    return np.datetime64(found.at, "s") if found else np.datetime64("NaT", "s")


def _moments(cells: pd.Series) -> NDArray[np.datetime64]:
    return np.array([_moment(text) for text in cells], dtype="datetime64[s]")


def _is_date(text: str) -> bool:
    return not np.isnat(_moment(text))


def _looks_dated(text: str) -> bool:
    """Say whether a text is a date by its marks too; bare digits may as well be a reference."""
    return bool(re.search(r"[-/. :]", text)) and not re.fullmatch(r"[\d.]+", text) and _is_date(text)
