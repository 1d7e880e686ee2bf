"""Measure the shipped LPA outlines and place names against real data; SOURCES.md has the figures.

    python bench/boundaries.py ../shared/data

The folder holds boundaries/wm_lad_2025_bgc.geojson, boundaries/wm_wards_2013.geojson and the two months of
police-uk/2014-01 and 2014-02 for the West Midlands.
"""

from __future__ import annotations

import re
import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

import numpy as np
import pandas
import shapely
from pyproj import Transformer

from hotspot import paths
from hotspot.boundaries.areas import Areas, assign, read_areas
from hotspot.boundaries.places import GENERIC_STREETS, read_places
from hotspot.geography import OUTSIDE, Place

CRS = "EPSG:27700"


def main(folder: Path) -> None:
    lpas = read_areas(paths.BOUNDARIES / "lpa.geojson", level="LPA", crs=CRS)
    full = read_areas(folder / "boundaries" / "wm_lad_2025_bgc.geojson", level="LPA", crs=CRS)
    wards = read_areas(folder / "boundaries" / "wm_wards_2013.geojson", level="ward", crs=CRS)
    offences = real_offences(folder)
    compare_outlines(lpas, full, offences)
    check_places(full, wards, offences)
    reach_of_places(lpas, offences)


def real_offences(folder: Path) -> pandas.DataFrame:
    files = sorted(folder.glob("police-uk/2014-0[12]/*-west-midlands-street.csv"))
    table = pandas.concat([pandas.read_csv(file, usecols=["Longitude", "Latitude", "Location"]) for file in files])
    metres = Transformer.from_crs("EPSG:4326", CRS, always_xy=True)
    x, y = metres.transform(table["Longitude"].to_numpy(), table["Latitude"].to_numpy())
    street = table["Location"].str.replace("On or near ", "", regex=False).str.strip()
    return pandas.DataFrame({"x": x, "y": y, "street": street})


def compare_outlines(lpas: Areas, full: Areas, offences: pandas.DataFrame) -> None:
    for title, points in (("offences", offences), ("different points", offences.drop_duplicates(["x", "y"]))):
        name, exact = assign(lpas, points["x"], points["y"]), assign(full, points["x"], points["y"])
        same = np.count_nonzero(name == exact)
        print(f"{len(points):,} {title}: {same:,} given the same LPA ({same / len(points):.2%})")
        outside, exactly_outside = np.count_nonzero(name == OUTSIDE), np.count_nonzero(exact == OUTSIDE)
        print(f"  outside: {outside} by the outlines, {exactly_outside} by the full file")
        inside = (name != OUTSIDE) & (exact != OUTSIDE)
        print(f"  given another LPA: {np.count_nonzero(name[inside] != exact[inside])}")


def check_places(full: Areas, wards: Areas, offences: pandas.DataFrame) -> None:
    places = read_places()
    x, y = np.array([(place.x, place.y) for place in places]).T
    print(
        f"{len(places)} places; {np.count_nonzero(assign(full, x, y) == [p.lpa for p in places])} in their LPA by the full file"
    )
    middle = shapely.point_on_surface(wards.frame.geometry.to_numpy())
    lpa_of_ward = assign(full, shapely.get_x(middle), shapely.get_y(middle))
    streets = offences[~offences["street"].str.lower().isin(GENERIC_STREETS)]
    found: dict[str, list[str]] = {}
    for place in places:
        found.setdefault(evidence(place, wards, lpa_of_ward, streets), []).append(place.name)
    for kind, names in found.items():
        print(f"  {kind}: {len(names)}{'' if kind.startswith('ward') else ' (' + ', '.join(names) + ')'}")


def evidence(place: Place, wards: Areas, lpa_of_ward: np.ndarray, streets: pandas.DataFrame) -> str:
    """Say what real data confirm a place: a ward or a street of its name within 1 km."""
    word = rf"\b{re.escape(place.name.removesuffix(' city centre').removesuffix(' Centre'))}\b"
    namesakes = np.array([bool(re.search(word, name)) for name in wards.names]) & (lpa_of_ward == place.lpa)
    point = shapely.Point(place.x, place.y)
    if wards.frame.geometry[namesakes].distance(point).lt(1000).any():
        return "ward of the name within 1 km"
    named = streets[streets["street"].str.contains(word, regex=True)]
    if (np.hypot(named["x"] - place.x, named["y"] - place.y) < 1000).any():
        return "street of the name within 1 km"
    return "ward of the name farther off" if namesakes.any() else "neither"


def reach_of_places(lpas: Areas, offences: pandas.DataFrame) -> None:
    places = read_places()
    tree = shapely.STRtree([shapely.Point(place.x, place.y) for place in places])
    points = shapely.points(offences["x"], offences["y"])
    (_, index), distance = tree.query_nearest(points, return_distance=True, all_matches=False)
    same = np.array([place.lpa for place in places], dtype=object)[index] == assign(lpas, offences["x"], offences["y"])
    print(f"nearest place in the same LPA: {same.mean():.1%} of offences; median distance {np.median(distance):.0f} m")
    print(f"farther than 2.5 km: {np.count_nonzero(distance > 2500)} offences; farthest {distance.max():.0f} m")


if __name__ == "__main__":
    main(Path(sys.argv[1]))
